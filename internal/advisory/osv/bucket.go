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

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/fetch"
)

const (
	maxDownload = 4 << 30 // bytes of one archive
	maxList     = 1 << 20 // bytes of ecosystems.txt
)

// bucket is OSV's layout behind a URL, or a single archive if the URL's path ends in ".zip".
type bucket struct {
	base  *url.URL
	shown string
	get   fetch.Client
}

func (b *bucket) single() bool { return strings.HasSuffix(strings.ToLower(b.base.Path), ".zip") }

// at returns the URL of a file below the base, for requests and for messages.
func (b *bucket) at(elements ...string) (request, shown string) {
	u := *b.base
	if len(elements) > 0 {
		u = *b.base.JoinPath(elements...)
	}
	request = u.String()
	return request, fetch.Show(u)
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
	err := b.get.Do(ctx, fetch.Request{URL: request, Shown: shown}, func(resp *http.Response) error {
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
			return fetch.Again(readError(crowsnest.Unavailable, shown, "", fetch.Broken(err)))
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
	err = b.get.Do(ctx, fetch.Request{Method: http.MethodHead, URL: request, Shown: shown}, func(resp *http.Response) error {
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

func (b *bucket) each(ctx context.Context, ecosystem string, accept func(records int) error, fn func(*crowsnest.Advisory) error) (Stats, error) {
	request, shown, err := b.archive(ecosystem)
	if err != nil {
		return Stats{}, err
	}
	f, _, remove, err := b.get.Temporary(ctx, fetch.Request{URL: request, Shown: shown}, maxDownload)
	if err != nil {
		return Stats{}, err
	}
	defer remove()
	return eachInArchive(ctx, f.Name(), shown, accept, fn)
}
