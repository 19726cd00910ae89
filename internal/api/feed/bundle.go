package feed

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/bundle"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

const (
	// buildTimeout bounds the making of a bundle, which goes on when whoever asked for it has gone: the next one takes it.
	buildTimeout = 30 * time.Minute
	// ageStep is how exactly a bundle tells how old its parts are, while none of them changes: more exactly would make another one
	// with every check.
	ageStep = 12 * time.Hour
	// chunk is how much is written before the client must have taken it.
	chunk = 1 << 20
)

// bundler makes bundles, one at a time, and keeps the last.
type bundler struct {
	store Store
	by    string
	mu    sync.Mutex
	last  *built
}

// built is a bundle that is made or being made.
type built struct {
	tag  string
	done chan struct{}
	file *os.File // without a name; it goes when nobody reads it any more
	size int64
	err  error
}

// tag names what a bundle would have in it now.
func (b *bundler) tag(ctx context.Context) (string, error) {
	sum := sha256.New()
	statuses, err := b.store.AdvisoryStatuses(ctx)
	if err != nil {
		return "", err
	}
	for _, s := range statuses {
		fmt.Fprintln(sum, s.Ecosystem, s.Records, s.Imported.UnixMicro(), s.Checked.Truncate(ageStep).Unix())
	}
	feeds, err := b.store.Feeds(ctx)
	if err != nil {
		return "", err
	}
	for _, f := range feeds {
		if f.Name == store.KEVFeed || f.Name == store.EPSSFeed {
			fmt.Fprintln(sum, f.Name, f.Imported.UnixMicro(), f.Checked.Truncate(ageStep).Unix())
		}
	}
	updates, err := b.store.AdvisoryUpdates(ctx, store.UpdateFilter{Changed: true}, store.Page{Limit: 1})
	for _, u := range updates.Items {
		fmt.Fprintln(sum, u.ID, u.At.UnixMicro())
	}
	return `"` + hex.EncodeToString(sum.Sum(nil)[:16]) + `"`, err
}

// get returns the bundle of a tag, made if it is not the last one.
func (b *bundler) get(ctx context.Context, tag string) (*built, error) {
	b.mu.Lock()
	one := b.last
	if one == nil || one.tag != tag || one.failed() {
		if one != nil && !one.ended() {
			b.mu.Unlock()
			select { // one at a time: it reads all that is held
			case <-one.done:
				return b.get(ctx, tag)
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		one = &built{tag: tag, done: make(chan struct{})}
		b.last = one
		go one.make(context.WithoutCancel(ctx), b.store, b.by)
	}
	b.mu.Unlock()
	select {
	case <-one.done:
		return one, one.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (o *built) ended() bool {
	select {
	case <-o.done:
		return true
	default:
		return false
	}
}

func (o *built) failed() bool { return o.ended() && o.err != nil }

func (o *built) make(ctx context.Context, s Store, by string) {
	defer close(o.done)
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	f, err := os.CreateTemp("", "crowsnest-bundle-*")
	if err != nil {
		o.err = &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "make bundle of advisories", Err: err}
		return
	}
	defer os.Remove(f.Name()) // what is open can still be read
	if _, o.err = bundle.Write(ctx, f, s, bundle.Options{By: by, Created: time.Now()}); o.err != nil {
		f.Close()
		return
	}
	o.file = f
	o.size, o.err = f.Seek(0, io.SeekEnd)
}

// serve registers the route.
func (b *bundler) serve(api huma.API, log *slog.Logger) {
	op := base.Operation(http.MethodGet, advisory.BundlePath, "Advisories", "get-advisory-bundle",
		"Download all advisories, CISA's catalogue and EPSS as one file, for crowsnest advisory import or another server; with If-None-Match only if it changed")
	file := &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	op.Responses = map[string]*huma.Response{
		"200": {Description: "The bundle", Content: map[string]*huma.MediaType{"application/zip": file}},
		"304": {Description: "It is the one that the caller has"},
	}
	huma.Register(api, op, func(ctx context.Context, in *struct {
		Have string `header:"If-None-Match" maxLength:"256" doc:"ETag of the bundle that the caller has"`
	}) (*huma.StreamResponse, error) {
		tag, err := b.tag(ctx)
		if err != nil {
			return nil, base.Fail(log, err)
		}
		if in.Have == tag {
			return &huma.StreamResponse{Body: func(c huma.Context) {
				c.SetHeader("ETag", tag)
				c.SetStatus(http.StatusNotModified)
			}}, nil
		}
		one, err := b.get(ctx, tag)
		if err != nil {
			if ctx.Err() != nil {
				err = &crowsnest.Error{Kind: crowsnest.Canceled, Op: "make bundle of advisories", Err: ctx.Err()}
			}
			return nil, base.Fail(log, err)
		}
		return &huma.StreamResponse{Body: func(c huma.Context) {
			_, w := humago.Unwrap(c)
			h := w.Header()
			h.Set("Content-Type", "application/zip")
			h.Set("Content-Disposition", `attachment; filename="advisories.bundle"`)
			h.Set("Content-Length", strconv.FormatInt(one.size, 10))
			h.Set("ETag", tag)
			w.WriteHeader(http.StatusOK)
			control, from := http.NewResponseController(w), io.NewSectionReader(one.file, 0, one.size)
			for {
				if err := control.SetWriteDeadline(time.Now().Add(base.WriteTimeout)); err != nil {
					log.Debug("no deadline for a bundle", "error", err)
				}
				if _, err := io.CopyN(w, from, chunk); err != nil {
					return // at its end, or the client has gone, who knows the length
				}
			}
		}}, nil
	})
}
