package sysdig

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/egress"
)

// The paths of Risk Spotlight, version 2, and of the list of runtime results of the
// Vulnerability Management API, version 1.
const (
	clustersPath = "/api/scanning/eveintegration/v2/runtimeclusters"
	imagesPath   = "/api/scanning/eveintegration/v2/runtimeimages"
	resultsPath  = "/secure/vulnerability/v1/runtime-results"
)

// Config says which account to read.
type Config struct {
	Region string // a name of Regions, or one that LookupRegion accepts
	URL    string // only with the region "custom": a host or an https URL
	Token  string // of Integrations > Risk Spotlight Integrations; its form is not checked, it is opaque

	// APIToken opens the Vulnerability Management API, where Token does not; empty to try with that.
	APIToken string

	// CA holds certificates in PEM form that whoever makes the client of New trusts for this
	// account alone; only with the region "custom". New checks no more than that.
	CA string
}

// String leaves the token out.
func (cfg Config) String() string { return "Sysdig " + cfg.Region + " " + cfg.URL }

// GoString leaves the token out.
func (cfg Config) GoString() string { return cfg.String() }

// LogValue leaves the token out.
func (cfg Config) LogValue() slog.Value {
	return slog.GroupValue(slog.String("region", cfg.Region), slog.String("url", cfg.URL))
}

// Clock is the time a Client waits by.
type Clock interface {
	Now() time.Time
	// Sleep returns after d, or with ctx's error when ctx ends before.
	Sleep(ctx context.Context, d time.Duration) error
}

// Option changes a Client.
type Option func(*Client)

// WithClock replaces the clock of the machine.
func WithClock(c Clock) Option { return func(cl *Client) { cl.clock = c } }

// WithMaxPages bounds the pages of one list; what has more is an error. The default is DefaultMaxPages.
func WithMaxPages(n int) Option { return func(cl *Client) { cl.maxPages = n } }

// WithMaxBody bounds the bytes of one page, after decompression. The default is DefaultMaxBody.
func WithMaxBody(n int64) Option { return func(cl *Client) { cl.maxBody = n } }

// WithUserAgent replaces the User-Agent, "crowsnest".
func WithUserAgent(s string) Option { return func(cl *Client) { cl.userAgent = s } }

// WithPatience bounds how long a request waits inside a call to be sent again. The default is
// DefaultPatience; somebody who looks on should rather be told.
func WithPatience(d time.Duration) Option { return func(cl *Client) { cl.patience = d } }

// WithWaiting has f told before a request waits because Sysdig limits their rate, and for how long.
func WithWaiting(f func(ctx context.Context, d time.Duration)) Option {
	return func(cl *Client) { cl.waiting = f }
}

// Defaults of a Client.
const (
	DefaultMaxPages = 20_000 // two million containers even at 100 a page
	DefaultMaxBody  = 256 << 20
)

// Client reads one Sysdig account. It is safe for concurrent use.
type Client struct {
	base      *url.URL
	region    string
	http      *http.Client
	clock     Clock
	maxPages  int
	maxBody   int64
	userAgent string
	patience  time.Duration
	waiting   func(context.Context, time.Duration) // nil is nobody

	paces [2]pace // of the two tokens

	authorize func(http.Header)       // holds the token, out of reach of anything that prints the struct
	apiToken  func(http.Header)       // the same of the one for the Vulnerability Management API
	redact    func(string) string     // takes the token out of a text of the other side's
	jitter    func(n int64) (m int64) // 0 ≤ m < n
}

// New checks cfg and returns a client that sends through hc, which should come
// from package egress. Redirects are not followed, whatever hc says: the API has none, and a
// token must not travel. Nothing is sent yet. An unusable cfg is Invalid.
func New(cfg Config, hc *http.Client, opts ...Option) (*Client, error) {
	base, region, err := cfg.base()
	if err != nil {
		return nil, err
	}
	if cfg.CA != "" && region != Custom {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "configure Sysdig", Field: "ca", Hint: "leave the certificates out, or use the region " + Custom, Err: errors.New("a region of Sysdig's own needs no certificates")}
	}
	token, apiToken := strings.TrimSpace(cfg.Token), strings.TrimSpace(cfg.APIToken)
	if token == "" {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "configure Sysdig", Field: "token", Hint: "create one in Sysdig under Integrations > Risk Spotlight Integrations", Err: errors.New("the token is missing")}
	}
	if apiToken == "" {
		apiToken = token
	}
	for _, secret := range []struct{ field, text string }{{"token", token}, {"apiToken", apiToken}} {
		if strings.ContainsFunc(secret.text, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "configure Sysdig", Field: secret.field, Hint: "copy the token again, without quotes and line breaks", Err: errors.New("the token holds characters that no token has")}
		}
	}
	own := *hc
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c := &Client{
		base: base, region: region, http: &own, clock: realClock{},
		maxPages: DefaultMaxPages, maxBody: DefaultMaxBody, userAgent: "crowsnest", patience: DefaultPatience,
		authorize: func(h http.Header) { h.Set("Authorization", "Bearer "+token) },
		apiToken:  func(h http.Header) { h.Set("Authorization", "Bearer "+apiToken) },
		redact: func(s string) string {
			return strings.NewReplacer(token, "[token]", url.QueryEscape(token), "[token]", apiToken, "[token]", url.QueryEscape(apiToken), "[token]").Replace(s)
		},
		jitter: rand.Int64N,
	}
	for _, o := range opts {
		o(c)
	}
	return c, nil
}

// Host returns the host the client asks, with a port if one was given.
func (c *Client) Host() string { return c.base.Host }

// String leaves the token out.
func (c *Client) String() string { return "Sysdig " + c.region + " " + c.base.Host }

// GoString leaves the token out.
func (c *Client) GoString() string { return c.String() }

// request is one GET with its name for errors.
type request struct {
	op      string // "list clusters at Sysdig"
	subject string // the host, with what is read there
	path    string
	query   url.Values
	maxBody int64
	tally   *tally
	api     bool // of the Vulnerability Management API, with its token
}

// tally counts what went over the wire.
type tally struct{ requests, retries int }

// get sends r until it is answered, and hands the body of a 2xx to read. What read
// returns is final, unless the body broke off or may have been damaged: then the request is sent again.
func (c *Client) get(ctx context.Context, r request, read func(io.Reader) error) error {
	if err := c.slowDown(ctx, r); err != nil {
		return err
	}
	began, waited := c.clock.Now(), time.Duration(0)
	for attempt := 1; ; attempt++ {
		r.tally.requests++
		again, err := c.try(ctx, r, read)
		if err == nil {
			return nil
		}
		if attempt >= again.tries || ctx.Err() != nil {
			return err
		}
		d := again.wait(attempt)
		if spent := max(c.clock.Now().Sub(began), waited); d > c.patience || !again.asked && spent+d > c.patience {
			return err
		}
		if c.waiting != nil && crowsnest.KindOf(err) == crowsnest.RateLimited {
			c.waiting(ctx, d)
		}
		if c.clock.Sleep(ctx, d) != nil {
			if errors.Is(ctx.Err(), context.Canceled) {
				return egress.Classify(r.op, r.subject, ctx.Err())
			}
			return err // what went wrong says more than that time ran out meanwhile
		}
		waited += d
		r.tally.retries++
	}
}

// slowDown waits while the token has little of its allowance left, so that the limit is not hit. Where that takes longer than
// a call spends, what is left is used, and where nothing is, the request is not sent.
func (c *Client) slowDown(ctx context.Context, r request) error {
	d, spent := c.paceOf(r).wait(c.clock.Now())
	switch {
	case d == 0, d > c.patience && !spent:
		return nil
	case d > c.patience:
		return heldBack(r, d)
	}
	if c.waiting != nil {
		c.waiting(ctx, d)
	}
	if err := c.clock.Sleep(ctx, d); err != nil {
		return egress.Classify(r.op, r.subject, err)
	}
	return nil
}

func (c *Client) paceOf(r request) *pace {
	if r.api {
		return &c.paces[1]
	}
	return &c.paces[0]
}

// try sends r once, and says whether it makes sense to try again.
func (c *Client) try(ctx context.Context, r request, read func(io.Reader) error) (again retry, err error) {
	u := *c.base
	u.Path += r.path
	u.RawQuery = r.query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return again, &crowsnest.Error{Kind: crowsnest.Invalid, Op: r.op, Subject: r.subject, Err: errors.New("the address makes no request")}
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	if r.api {
		c.apiToken(req.Header)
	} else {
		c.authorize(req.Header)
	}

	res, err := c.http.Do(req)
	if err != nil {
		return c.passes(err), crowsnest.InField(c.unreached(err), c.classify(r, err))
	}
	defer res.Body.Close()
	body := &cappedReader{r: res.Body, left: r.maxBody}
	if res.StatusCode/100 != 2 {
		err := c.refusal(r, res, body)
		if retryable(res.StatusCode) {
			again = c.waitFor(res)
			if d := again.wait(1); d > c.patience {
				err = postpone(err, d)
			}
		}
		return again, err
	}
	c.paceOf(r).note(res, c.clock.Now())
	err = read(body)
	var damaged *damagedError
	switch {
	case body.err != nil:
		// Whatever a parser made of the broken end, the connection is the cause.
		return c.passes(body.err), c.classify(r, body.err)
	case body.full:
		return again, &crowsnest.Error{Kind: crowsnest.TooLarge, Op: r.op, Subject: r.subject, Err: errTooLarge}
	case errors.As(err, &damaged):
		return retry{tries: slowAttempts, wait: c.backoff}, c.unreadable(r, err)
	case err != nil:
		return again, c.unreadable(r, err)
	}
	return again, nil
}

// cappedReader keeps apart how a body ended: of itself, by an error of the connection, or at the cap.
type cappedReader struct {
	r    io.Reader
	left int64
	err  error // of the connection
	full bool
}

var errTooLarge = errors.New("the answer is larger than is read")

func (c *cappedReader) Read(p []byte) (int, error) {
	if c.full || len(p) == 0 {
		return 0, errTooLarge
	}
	// One byte more than is left shows whether there is more.
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.r.Read(p)
	if int64(n) > c.left {
		c.full = true
		return int(c.left), errTooLarge
	}
	c.left -= int64(n)
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}
