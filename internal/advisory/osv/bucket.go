package osv

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

const (
	maxDownload  = 4 << 30 // bytes of one archive
	maxList      = 1 << 20 // bytes of ecosystems.txt
	attempts     = 4       // of one request
	firstPause   = time.Second
	longestPause = 30 * time.Second
	idleTimeout  = time.Minute // without a byte
)

// bucket is OSV's layout behind a URL, or a single archive if the URL's path ends in ".zip".
type bucket struct {
	base   *url.URL
	shown  string
	client *http.Client
	wait   func(context.Context, time.Duration) error
}

func (b *bucket) single() bool { return strings.HasSuffix(strings.ToLower(b.base.Path), ".zip") }

// at returns the URL of a file below the base, for requests and for messages.
func (b *bucket) at(elements ...string) (request, shown string) {
	u := *b.base
	if len(elements) > 0 {
		u = *b.base.JoinPath(elements...)
	}
	request = u.String()
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return request, u.String()
}

func (b *bucket) archive(ecosystem string) (request, shown string, err error) {
	if b.single() {
		request, shown = b.at()
		return request, shown, nil
	}
	if !ecosystemName(ecosystem) {
		return "", "", setError(crowsnest.Invalid, printable(ecosystem), "", errors.New("it is not the name of an ecosystem"))
	}
	request, shown = b.at(url.PathEscape(ecosystem), "all.zip")
	return request, shown, nil
}

// ecosystemName refuses what would lead elsewhere on the server.
func ecosystemName(s string) bool {
	if s == "" || len(s) > 100 || strings.Contains(s, "..") {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || strings.IndexByte(`/\?#%`, s[i]) >= 0 {
			return false
		}
	}
	return true
}

// ecosystems reads ecosystems.txt: a name a line. Names that are not one, as OSV's own
// "[EMPTY]", are left out.
func (b *bucket) ecosystems(ctx context.Context) ([]string, error) {
	if b.single() {
		return []string{""}, nil
	}
	request, shown := b.at("ecosystems.txt")
	var names []string
	err := b.try(ctx, http.MethodGet, request, shown, func(resp *http.Response) error {
		names = nil
		body := &io.LimitedReader{R: resp.Body, N: maxList + 1}
		lines := bufio.NewScanner(body)
		for lines.Scan() {
			if name := strings.TrimSpace(lines.Text()); ecosystemName(name) && !strings.HasPrefix(name, "[") {
				names = append(names, name)
			}
		}
		if body.N <= 0 || errors.Is(lines.Err(), bufio.ErrTooLong) {
			return readError(crowsnest.TooLarge, shown, "check the URL", errors.New("it is too long for a list of ecosystems"))
		}
		if err := lines.Err(); err != nil {
			return again{readError(crowsnest.Unavailable, shown, "", broken(err))}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, readError(crowsnest.Corrupt, shown, "check the URL", errors.New("it lists no ecosystem"))
	}
	return names, nil
}

func (b *bucket) fingerprint(ctx context.Context, ecosystem string) (string, error) {
	request, shown, err := b.archive(ecosystem)
	if err != nil {
		return "", err
	}
	print := ""
	err = b.try(ctx, http.MethodHead, request, shown, func(resp *http.Response) error {
		switch tag, changed := resp.Header.Get("ETag"), resp.Header.Get("Last-Modified"); {
		case tag != "":
			print = "etag:" + printable(tag)
		case changed != "" && resp.ContentLength >= 0:
			print = fmt.Sprintf("modified:%s size:%d", printable(changed), resp.ContentLength)
		}
		return nil
	})
	return print, err
}

func (b *bucket) each(ctx context.Context, ecosystem string, fn func(*crowsnest.Advisory) error) (Stats, error) {
	request, shown, err := b.archive(ecosystem)
	if err != nil {
		return Stats{}, err
	}
	f, err := os.CreateTemp("", "osv-*.zip")
	if err != nil {
		return Stats{}, readError(crowsnest.Unavailable, shown, "make room for temporary files", cause(err))
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if err := b.try(ctx, http.MethodGet, request, shown, func(resp *http.Response) error { return download(f, resp, shown) }); err != nil {
		return Stats{}, err
	}
	return eachInArchive(ctx, f.Name(), shown, fn)
}

// download writes a body to f from its beginning; every byte announced must come.
func download(f *os.File, resp *http.Response, shown string) error {
	tooLarge := readError(crowsnest.TooLarge, shown, "", fmt.Errorf("it has more than %d bytes", int64(maxDownload)))
	if resp.ContentLength > maxDownload {
		return tooLarge
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return readError(crowsnest.Unavailable, shown, "", cause(err))
	}
	if err := f.Truncate(0); err != nil {
		return readError(crowsnest.Unavailable, shown, "", cause(err))
	}
	out := &writer{f: f}
	n, err := io.Copy(out, io.LimitReader(resp.Body, maxDownload+1))
	switch {
	case out.err != nil:
		return readError(crowsnest.Unavailable, shown, "make room for temporary files", cause(out.err))
	case err != nil:
		return again{readError(crowsnest.Unavailable, shown, "try again later", broken(err))}
	case n > maxDownload:
		return tooLarge
	case resp.ContentLength >= 0 && n != resp.ContentLength:
		return again{readError(crowsnest.Unavailable, shown, "try again later", broken(io.ErrUnexpectedEOF))}
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

// again marks an error after which another attempt may help.
type again struct{ err error }

func (a again) Error() string { return a.err.Error() }

// try makes a request up to attempts times and hands the first good answer to use. It
// pauses longer each time, or as long as the server asks for within reason.
func (b *bucket) try(ctx context.Context, method, request, shown string, use func(*http.Response) error) error {
	pause := firstPause
	for n := 1; ; n++ {
		asked, err := b.once(ctx, method, request, shown, use)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return canceled(shown, ctx.Err())
		}
		var retry again
		if !errors.As(err, &retry) {
			return err
		}
		if n == attempts {
			return retry.err
		}
		if err := b.wait(ctx, max(pause, min(asked, longestPause))); err != nil {
			return canceled(shown, err)
		}
		pause *= 2
	}
}

// once makes one request. asked is the pause the server asks for.
func (b *bucket) once(ctx context.Context, method, request, shown string, use func(*http.Response) error) (asked time.Duration, err error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	stalled := time.AfterFunc(idleTimeout, func() { stop(errStalled) })
	defer stalled.Stop()
	req, err := http.NewRequestWithContext(ctx, method, request, nil)
	if err != nil {
		return 0, readError(crowsnest.Invalid, shown, "check the URL", errors.New("the URL cannot be used"))
	}
	resp, err := b.client.Do(req)
	if err != nil {
		if refused := (*crowsnest.Error)(nil); errors.As(err, &refused) {
			// The client's own rules; no use in asking again. Their hint is said once.
			inner := *refused
			inner.Hint = ""
			return 0, readError(refused.Kind, shown, refused.Hint, &inner)
		}
		return 0, again{readError(crowsnest.Unavailable, shown, "check the URL and the network", unreached(ctx, err))}
	}
	defer resp.Body.Close()
	resp.Body = &watched{resp.Body, func() { stalled.Reset(idleTimeout) }}
	if resp.StatusCode == http.StatusOK {
		return 0, use(resp)
	}
	if method == http.MethodHead && (resp.StatusCode == http.StatusMethodNotAllowed || resp.StatusCode == http.StatusNotImplemented) {
		return 0, nil // a server that only hands files out
	}
	answer := fmt.Errorf("the server answers %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
		asked = time.Duration(min(s, 3600)) * time.Second
	}
	switch code := resp.StatusCode; {
	case code == http.StatusNotFound || code == http.StatusGone:
		return 0, readError(crowsnest.NotFound, shown, "check the URL and the name of the ecosystem", answer)
	case code == http.StatusUnauthorized:
		return 0, readError(crowsnest.Unauthorized, shown, "check the credentials", answer)
	case code == http.StatusForbidden:
		return 0, readError(crowsnest.Forbidden, shown, "check the URL and the rights to it", answer)
	case code == http.StatusTooManyRequests:
		return asked, again{readError(crowsnest.RateLimited, shown, "try again later", answer)}
	case code >= 500 || code == http.StatusRequestTimeout:
		return asked, again{readError(crowsnest.Unavailable, shown, "try again later", answer)}
	}
	return 0, readError(crowsnest.Invalid, shown, "check the URL", answer)
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

func broken(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the connection ended before the end of the file")
	}
	return fmt.Errorf("the connection broke: %w", err)
}
