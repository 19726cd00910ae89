package osv

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/fetch"
)

const (
	maxListing = 512 << 20 // bytes of modified_id.csv: npm's, the largest, has some 10 MB
	maxEntry   = 1024      // bytes of a line of it
	getters    = 8         // single records fetched at a time
)

// Listing is what the bucket says of the records of an ecosystem, in modified_id.csv: when each was
// last changed, the newest first.
type Listing struct {
	Validator string    // for asking again
	Records   int       // how many there are in all
	Newest    time.Time // when the newest was changed
	Changed   []string  // IDs of those changed at or after the time asked for, the newest first; up to as many as asked for
	More      bool      // there are more of them
}

// Listing reads the listing of an ecosystem. It is fetch.ErrUnchanged where the validator of an earlier one still
// holds, and of kind NotFound where the place has none, as any but a URL. Only the newest up to most are named of
// what changed since then.
func (s *Source) Listing(ctx context.Context, ecosystem, validator string, since time.Time, most int) (Listing, error) {
	b, ok := s.place.(*bucket)
	if !ok || b.single() {
		return Listing{}, setError(crowsnest.NotFound, ecosystem, "", errors.New("there is no list of changes"))
	}
	if !ecosystemName(ecosystem) {
		return Listing{}, setError(crowsnest.Invalid, printable(ecosystem), "", errors.New("it is not the name of an ecosystem"))
	}
	request, shown := b.at(url.PathEscape(ecosystem), "modified_id.csv")
	f, validator, remove, err := b.get.Temporary(ctx, fetch.Request{URL: request, Shown: shown, Validator: validator}, maxListing)
	if err != nil {
		return Listing{}, err
	}
	defer remove()
	out, err := readListing(f, since, most)
	if err != nil {
		return Listing{}, readError(crowsnest.Corrupt, shown, "", err)
	}
	out.Validator = validator
	return out, nil
}

// readListing reads lines of time and ID. A line that is none ends it with an error: half a list must not pass for a whole one.
func readListing(r io.Reader, since time.Time, most int) (Listing, error) {
	var out Listing
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, maxEntry), maxEntry)
	last := time.Time{}
	for lines.Scan() {
		text, id, ok := strings.Cut(lines.Text(), ",")
		changed, err := time.Parse(time.RFC3339Nano, text)
		if !ok || err != nil || identifier(id) != nil || strings.ContainsAny(id, `/\?#%`) || strings.Contains(id, "..") {
			return out, fmt.Errorf("line %d is not the time and the ID of a record", out.Records+1)
		}
		if !last.IsZero() && changed.After(last) {
			return out, fmt.Errorf("line %d is newer than the one before it", out.Records+1)
		}
		last = changed
		if out.Records++; out.Records > maxEntries {
			return out, fmt.Errorf("it has more than %d lines", maxEntries)
		}
		if out.Records == 1 {
			out.Newest = changed.UTC()
		}
		if !changed.Before(since) {
			if len(out.Changed) < most {
				out.Changed = append(out.Changed, id)
			} else {
				out.More = true
			}
		}
	}
	switch err := lines.Err(); {
	case err != nil:
		return out, errors.New("a line is too long")
	case out.Records == 0:
		return out, errors.New("it names no record")
	}
	return out, nil
}

// Records fetches single records of an ecosystem and hands them to fn, in the order of the IDs. All must be
// there: a list of changes of which one record is missing is not done. A record that cannot be used is counted in Stats.
func (s *Source) Records(ctx context.Context, ecosystem string, ids []string, fn func(*crowsnest.Advisory) error) (Stats, error) {
	b, ok := s.place.(*bucket)
	if !ok || b.single() || !ecosystemName(ecosystem) {
		return Stats{}, setError(crowsnest.NotFound, printable(ecosystem), "", errors.New("there are no single records"))
	}
	type got struct {
		body []byte
		err  error
	}
	inner, stop := context.WithCancel(ctx)
	defer stop()
	answers := make([]chan got, len(ids))
	for i := range answers {
		answers[i] = make(chan got, 1)
	}
	// A slot is given back when the record was taken, so that no more than these are in memory.
	slots := make(chan struct{}, getters)
	go func() {
		for i, id := range ids {
			select {
			case slots <- struct{}{}:
			case <-inner.Done():
				return
			}
			go func() {
				body, err := b.record(inner, ecosystem, id)
				answers[i] <- got{body, err}
			}()
		}
	}()
	var lost error
	_, shown := b.at(url.PathEscape(ecosystem))
	stats, err := decodeAll(inner, shown, func(_ context.Context, put func(item) bool) error {
		for i, id := range ids {
			var g got
			select {
			case g = <-answers[i]:
				<-slots
			case <-inner.Done():
				return canceled(shown, inner.Err())
			}
			if g.err != nil {
				lost = g.err
				return g.err
			}
			if !put(item{name: id, size: uint64(len(g.body)), read: func() ([]byte, error) { return g.body, nil }}) {
				break
			}
		}
		return nil
	}, fn)
	if lost != nil {
		return stats, lost
	}
	return stats, err
}

// record fetches one record.
func (b *bucket) record(ctx context.Context, ecosystem, id string) ([]byte, error) {
	request, shown := b.at(url.PathEscape(ecosystem), url.PathEscape(id+".json"))
	var body []byte
	err := b.get.Do(ctx, fetch.Request{URL: request, Shown: shown}, func(resp *http.Response) (err error) {
		limited := &io.LimitedReader{R: resp.Body, N: MaxRecord + 1}
		if body, err = io.ReadAll(limited); err != nil {
			return fetch.Again(readError(crowsnest.Unavailable, shown, "try again later", fetch.Broken(err)))
		}
		if limited.N <= 0 {
			return readError(crowsnest.TooLarge, shown, "", fmt.Errorf("the record has more than %d bytes", MaxRecord))
		}
		if resp.ContentLength >= 0 && int64(len(body)) != resp.ContentLength {
			return fetch.Again(readError(crowsnest.Unavailable, shown, "try again later", fetch.Broken(io.ErrUnexpectedEOF)))
		}
		return nil
	})
	return body, err
}

// SetWait replaces what pauses between the attempts of a request to a URL.
func (s *Source) SetWait(wait func(context.Context, time.Duration) error) {
	if b, ok := s.place.(*bucket); ok {
		b.get.Wait = wait
	}
}
