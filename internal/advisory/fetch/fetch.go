// Package fetch gets what feeds publish over HTTP: it asks again when that may help, asks only for what changed,
// and hands out nothing that did not come whole. What servers send is hostile; sizes are capped.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

const (
	// Attempts is how often a request is made at most.
	Attempts   = 4
	firstPause = time.Second
	// LongestPause between two attempts.
	LongestPause = 30 * time.Second
	idleTimeout  = time.Minute // without a byte
)

// Client makes requests.
type Client struct {
	HTTP *http.Client
	// Wait pauses between attempts; nil is to sleep.
	Wait func(context.Context, time.Duration) error
}

// Request is what to ask for.
type Request struct {
	Method    string // GET if empty
	URL       string
	Shown     string // the same for messages, without secrets
	Token     string // a bearer token, if not empty
	Validator string // what an answer said of itself before; then an unchanged one is ErrUnchanged
}

// ErrUnchanged says that there is nothing newer than what the validator is of.
var ErrUnchanged = errors.New("unchanged")

// Get returns a request for a URL that a person gave.
func Get(location string) (Request, error) {
	u, err := url.Parse(strings.TrimSpace(location))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return Request{}, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "open advisories", Hint: "give an http or https URL", Err: errors.New("the URL cannot be used")}
	}
	return Request{URL: u.String(), Shown: Show(*u)}, nil
}

// Show writes a URL without what may hold a secret.
func Show(u url.URL) string {
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// Error is about a place that advisories are read from.
func Error(kind crowsnest.Kind, place, hint string, err error) error {
	return &crowsnest.Error{Kind: kind, Op: "read advisories from", Subject: place, Hint: hint, Err: err}
}

// Again marks an error after which another attempt may help.
func Again(err error) error { return again{err} }

type again struct{ err error }

func (a again) Error() string { return a.err.Error() }

// Do makes a request up to Attempts times and hands the first good answer to use. It pauses longer each
// time, or as long as the server asks for within reason.
func (c Client) Do(ctx context.Context, r Request, use func(*http.Response) error) error {
	pause := firstPause
	for n := 1; ; n++ {
		asked, err := c.once(ctx, r, use)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return Error(crowsnest.Canceled, r.Shown, "", ctx.Err())
		}
		var retry again
		if !errors.As(err, &retry) {
			return err
		}
		if n == Attempts {
			return retry.err
		}
		wait := c.Wait
		if wait == nil {
			wait = sleep
		}
		if err := wait(ctx, max(pause, min(asked, LongestPause))); err != nil {
			return Error(crowsnest.Canceled, r.Shown, "", err)
		}
		pause *= 2
	}
}

// sleep sleeps unless the context ends first.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// once makes one request. asked is the pause the server asks for.
func (c Client) once(ctx context.Context, r Request, use func(*http.Response) error) (asked time.Duration, err error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	stalled := time.AfterFunc(idleTimeout, func() { stop(errStalled) })
	defer stalled.Stop()
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, nil)
	if err != nil {
		return 0, Error(crowsnest.Invalid, r.Shown, "check the URL", errors.New("the URL cannot be used"))
	}
	if r.Token != "" {
		req.Header.Set("Authorization", "Bearer "+r.Token)
	}
	if tag, ok := strings.CutPrefix(r.Validator, byTag); ok {
		req.Header.Set("If-None-Match", tag)
	} else if changed, ok := strings.CutPrefix(r.Validator, byTime); ok {
		req.Header.Set("If-Modified-Since", changed)
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		if refused := (*crowsnest.Error)(nil); errors.As(err, &refused) {
			// The client's own rules; no use in asking again. Their hint is said once.
			inner := *refused
			inner.Hint = ""
			return 0, Error(refused.Kind, r.Shown, refused.Hint, &inner)
		}
		return 0, again{Error(crowsnest.Unavailable, r.Shown, "check the URL and the network", unreached(ctx, err))}
	}
	defer resp.Body.Close()
	resp.Body = &watched{resp.Body, func() { stalled.Reset(idleTimeout) }}
	switch {
	case resp.StatusCode == http.StatusOK:
		return 0, use(resp)
	case resp.StatusCode == http.StatusNotModified && r.Validator != "":
		return 0, ErrUnchanged
	case r.Method == http.MethodHead && (resp.StatusCode == http.StatusMethodNotAllowed || resp.StatusCode == http.StatusNotImplemented):
		return 0, nil // a server that only hands files out
	}
	answer := fmt.Errorf("the server answers %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
		asked = time.Duration(min(s, 3600)) * time.Second
	}
	switch code := resp.StatusCode; {
	case code == http.StatusNotFound || code == http.StatusGone:
		return 0, Error(crowsnest.NotFound, r.Shown, "check the URL and the name of the ecosystem", answer)
	case code == http.StatusUnauthorized:
		return 0, Error(crowsnest.Unauthorized, r.Shown, "check the credentials", answer)
	case code == http.StatusForbidden:
		return 0, Error(crowsnest.Forbidden, r.Shown, "check the URL and the rights to it", answer)
	case code == http.StatusTooManyRequests:
		return asked, again{Error(crowsnest.RateLimited, r.Shown, "try again later", answer)}
	case code >= 500 || code == http.StatusRequestTimeout:
		return asked, again{Error(crowsnest.Unavailable, r.Shown, "try again later", answer)}
	}
	return 0, Error(crowsnest.Invalid, r.Shown, "check the URL", answer)
}

// The kinds of validators.
const byTag, byTime = "etag:", "modified:"

// maxValidator bounds what is kept of a server's words.
const maxValidator = 300

// Validator returns what an answer says of itself, for asking again; empty if it says nothing that can be used.
func Validator(h http.Header) string {
	if tag := h.Get("ETag"); tag != "" && printable(tag) {
		return byTag + tag
	}
	if changed := h.Get("Last-Modified"); changed != "" && printable(changed) {
		return byTime + changed
	}
	return ""
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return len(s) <= maxValidator
}

// Temporary downloads to a temporary file, which the caller closes and removes with the function that is
// returned. It is ErrUnchanged if the validator still holds. Every byte announced must come, and most at the most.
func (c Client) Temporary(ctx context.Context, r Request, most int64) (f *os.File, validator string, remove func(), err error) {
	f, err = os.CreateTemp("", "crowsnest-feed-*")
	if err != nil {
		return nil, "", nil, Error(crowsnest.Unavailable, r.Shown, "make room for temporary files", cause(err))
	}
	remove = func() {
		f.Close()
		os.Remove(f.Name())
	}
	err = c.Do(ctx, r, func(resp *http.Response) error {
		validator = Validator(resp.Header)
		return Download(f, resp, r.Shown, most)
	})
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		remove()
		return nil, "", nil, err
	}
	return f, validator, remove, nil
}

// Download writes a body to f from its beginning; every byte announced must come, and most at the most.
func Download(f *os.File, resp *http.Response, shown string, most int64) error {
	tooLarge := Error(crowsnest.TooLarge, shown, "", fmt.Errorf("it has more than %d bytes", most))
	if resp.ContentLength > most {
		return tooLarge
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Error(crowsnest.Unavailable, shown, "", cause(err))
	}
	if err := f.Truncate(0); err != nil {
		return Error(crowsnest.Unavailable, shown, "", cause(err))
	}
	out := &writer{f: f}
	n, err := io.Copy(out, io.LimitReader(resp.Body, most+1))
	switch {
	case out.err != nil:
		return Error(crowsnest.Unavailable, shown, "make room for temporary files", cause(out.err))
	case err != nil:
		return again{Error(crowsnest.Unavailable, shown, "try again later", Broken(err))}
	case n > most:
		return tooLarge
	case resp.ContentLength >= 0 && n != resp.ContentLength:
		return again{Error(crowsnest.Unavailable, shown, "try again later", Broken(io.ErrUnexpectedEOF))}
	}
	return nil
}

// writer remembers its own error, to tell a full disk from a lost connection.
type writer struct {
	f   *os.File
	err error
}

func (w *writer) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	w.err = err
	return n, err
}

var errStalled = errors.New("the server stopped sending")

// watched tells of every read, so that a silent connection ends and a slow one does not.
type watched struct {
	io.ReadCloser
	alive func()
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if n > 0 {
		w.alive()
	}
	return n, err
}

// unreached drops the URL from a client's error: it may hold a secret, and is in the message already.
func unreached(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errStalled) {
		return errStalled
	}
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// Broken says in words that a connection ended too early.
func Broken(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the connection ended before the end of the file")
	}
	return fmt.Errorf("the connection broke: %w", err)
}

// cause strips a path error to its reason.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
