package advisory

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/epss"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/fetch"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/kev"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// FeedOf tells by what a file begins with, or by the end of a URL's path, whether it is CISA's catalogue or FIRST's scores;
// empty if it is neither.
func FeedOf(location string) string {
	if u, err := url.Parse(location); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		switch name := path.Base(u.Path); {
		case strings.HasSuffix(name, ".csv"), strings.HasSuffix(name, ".csv.gz"):
			return store.EPSSFeed
		case strings.HasSuffix(name, ".json"):
			return store.KEVFeed
		}
		return ""
	}
	f, err := os.Open(location)
	if err != nil {
		return "" // whoever opens it next says why
	}
	defer f.Close()
	head := make([]byte, 4<<10)
	n, _ := io.ReadFull(f, head)
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}), bytes.HasPrefix(head, []byte("#model_version")), bytes.HasPrefix(head, []byte("cve,epss")):
		return store.EPSSFeed
	case bytes.Contains(head, []byte(`"catalogVersion"`)), bytes.Contains(head, []byte(`"cveID"`)):
		return store.KEVFeed
	}
	return ""
}

// taken is what a feed of threats brought.
type taken struct {
	records int
	asOf    time.Time
	older   bool // than what is held; then nothing was taken
	changes store.Changes
}

// take stores what a reader has of a feed of threats, unless what is held is newer or Accept refuses how many there are.
func (im Importer) take(ctx context.Context, held store.Feed, r io.Reader) (taken, error) {
	var out taken
	var err error
	var put func() (store.Changes, error)
	if held.Name == store.KEVFeed {
		var list []crowsnest.Exploited
		list, out.asOf, err = kev.Read(r)
		out.records, put = len(list), func() (store.Changes, error) { return im.Store.PutExploited(ctx, list) }
	} else {
		var list []crowsnest.EPSS
		list, out.asOf, err = epss.Read(r)
		out.records, put = len(list), func() (store.Changes, error) { return im.Store.PutEPSS(ctx, list) }
	}
	if err == nil && out.asOf.Before(held.AsOf) {
		out.older = true
		return out, nil
	}
	if err == nil && im.Accept != nil {
		err = im.Accept(held.Name, out.records)
	}
	if err == nil {
		out.changes, err = put()
	}
	return out, err
}

// maxThreats bounds what is downloaded of a feed of threats.
func maxThreats(feed string) int64 {
	if feed == store.KEVFeed {
		return kev.MaxBytes
	}
	return epss.MaxBytes
}

// Threats takes CISA's catalogue or FIRST's scores from a file or a URL: all of it, or nothing.
func (im Importer) Threats(ctx context.Context, feed, location string, hc *http.Client) (Result, error) {
	result := Result{Feed: feed}
	var in io.Reader
	if strings.Contains(location, "://") {
		request, err := fetch.Get(location)
		if err != nil {
			return result, err
		}
		f, _, remove, err := fetch.Client{HTTP: hc}.Temporary(ctx, request, maxThreats(feed))
		if err != nil {
			return result, err
		}
		defer remove()
		in = f
	} else {
		f, err := os.Open(location)
		if err != nil {
			return result, fetch.Error(crowsnest.NotFound, location, "check the path", err)
		}
		defer f.Close()
		in = f
	}
	return im.ReadThreats(ctx, feed, bufio.NewReader(in))
}

// ReadThreats is Threats of what a reader has.
func (im Importer) ReadThreats(ctx context.Context, feed string, r io.Reader) (Result, error) {
	result := Result{Feed: feed}
	held, err := im.Store.StartFeed(ctx, feed)
	if err != nil {
		return result, err
	}
	got, err := im.take(ctx, held, r)
	if err != nil {
		return result, err
	}
	if got.older {
		result.Unchanged = true
		result.Problems = []string{"it is of " + got.asOf.Format(time.DateOnly) + ", and what is held is of " + held.AsOf.Format(time.DateOnly)}
		return result, nil
	}
	result.Records, result.Changed = got.records, got.changes.Added+got.changes.Changed+got.changes.Withdrawn
	result.Unchanged = !got.changes.Any() && got.asOf.Equal(held.AsOf)
	// The validator is not kept: it would be that of another place than the one that is asked for updates.
	return result, im.Store.FinishFeed(ctx, feed, store.FeedOutcome{Changed: true, Records: got.records, AsOf: got.asOf, Checked: im.Checked, Next: time.Until(held.Next)})
}
