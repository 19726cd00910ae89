package app

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/egress"
)

// Download reads a text of limit bytes at most from a URL, for somebody on their own machine.
func Download(ctx context.Context, op, location string, limit int64) ([]byte, error) {
	u, err := url.Parse(location)
	if err != nil || u.Host == "" {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: op, Hint: "write it as https://example.com/name", Err: fmt.Errorf("this is no URL")}
	}
	subject := u.Scheme + "://" + u.Host + u.EscapedPath() // a user and a query may be secrets
	fail := func(kind crowsnest.Kind, format string, args ...any) ([]byte, error) {
		return nil, &crowsnest.Error{Kind: kind, Op: op, Subject: subject, Hint: "check the URL, or download the file and give its path", Err: fmt.Errorf(format, args...)}
	}
	hc, err := egress.New(egress.Policy{Allow: private, ProxyFromEnvironment: true})
	if err != nil {
		return nil, err
	}
	defer hc.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, location, nil)
	if err != nil {
		return fail(crowsnest.Invalid, "this is no URL")
	}
	res, err := hc.Do(req)
	if err != nil {
		return nil, here(egress.Classify(op, subject, err))
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fail(crowsnest.Unavailable, "the server answered %s", crowsnest.Text(res.Status))
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	switch {
	case err != nil:
		return nil, here(egress.Classify(op, subject, err))
	case int64(len(b)) > limit:
		return fail(crowsnest.TooLarge, "it has more than %d bytes", limit)
	}
	return b, nil
}
