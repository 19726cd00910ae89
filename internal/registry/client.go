package registry

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/image/network"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Connector makes clients that share connections, and tokens that are made of keys.
type Connector struct {
	Transport http.RoundTripper // guarded; to registries
	API       *http.Client      // guarded; to their own APIs
	// Trusting returns both for a registry whose certificates other authorities vouch for as well.
	Trusting func(ca string) (http.RoundTripper, *http.Client, error)
	// Identity is who this program is; nil if registries are not to be told.
	Identity Identity
	// Otherwise signs in where no credentials are given; nil is not at all.
	Otherwise authn.Keychain

	passwords passwords
}

// Client asks one registry with one account. It is for one goroutine at a time.
type Client struct {
	cfg      Config
	kind     Kind
	registry name.Registry
	auth     authn.Authenticator
	patience *Patience
	api      *http.Client
	signed   map[string]*http.Client // by scope
}

// New makes a client of a configuration that is complete.
func (c *Connector) New(ctx context.Context, cfg Config) (*Client, error) {
	kind, err := KindOf(cfg.Kind)
	if err != nil {
		return nil, err
	}
	reg, err := name.NewRegistry(cfg.Host)
	if err != nil {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "connect registry", Field: "host", Hint: "write it as registry.example.com", Err: errors.New("this is not an address of a registry")}
	}
	auth, err := c.Authenticator(ctx, cfg)
	if err != nil {
		return nil, err
	}
	rt, api, err := c.clients(cfg)
	if err != nil {
		return nil, err
	}
	if c.Otherwise != nil && cfg.Secret == "" && !cfg.Identity { // what signs in to the registry does so to its own API
		if given, err := authn.Authorization(ctx, auth); err == nil {
			cfg.Username, cfg.Secret = given.Username, given.Password
		}
	}
	return &Client{cfg: cfg, kind: kind, registry: reg, auth: auth, api: api, patience: Patient(network.TLSOnly{Next: rt}), signed: map[string]*http.Client{}}, nil
}

// clients returns what carries requests to a registry and to its API.
func (c *Connector) clients(cfg Config) (http.RoundTripper, *http.Client, error) {
	if cfg.CA == "" {
		return c.Transport, c.API, nil
	}
	rt, api, err := c.Trusting(cfg.CA)
	return rt, api, crowsnest.InField("ca", err)
}

// Transporting returns what carries requests to the registry of a configuration.
func (c *Connector) Transporting(cfg Config) (http.RoundTripper, error) {
	rt, _, err := c.clients(cfg)
	return rt, err
}

// Authenticator returns what signs in to the registry of a configuration.
func (c *Connector) Authenticator(ctx context.Context, cfg Config) (authn.Authenticator, error) {
	switch {
	case cfg.Identity || cfg.Kind == "ecr" && cfg.Secret != "":
		if _, err := c.made(ctx, cfg); err != nil { // so that it is said at once
			return nil, err
		}
		return renewing{c, cfg}, nil
	case cfg.Secret == "" && c.Otherwise != nil:
		reg, err := name.NewRegistry(cfg.Host)
		if err != nil {
			return nil, err
		}
		return authn.Resolve(ctx, c.Otherwise, reg)
	case cfg.Secret == "":
		return authn.Anonymous, nil
	}
	return &authn.Basic{Username: cfg.Username, Password: cfg.Secret}, nil
}

// Keychain signs in to the registry of a configuration, and to no other.
func (c *Connector) Keychain(ctx context.Context, cfg Config) (authn.Keychain, error) {
	reg, err := name.NewRegistry(cfg.Host)
	if err != nil {
		return nil, err
	}
	auth, err := c.Authenticator(ctx, cfg)
	return keychain{reg.RegistryStr(), auth}, err
}

type keychain struct {
	host string
	auth authn.Authenticator
}

// Resolve implements authn.Keychain.
func (k keychain) Resolve(r authn.Resource) (authn.Authenticator, error) {
	if r.RegistryStr() == k.host {
		return k.auth, nil
	}
	return authn.Anonymous, nil
}

// Wait is how long the registry last asked to be left alone; zero if it did not.
func (c *Client) Wait() time.Duration { return c.patience.Wait() }

// Pulls is how much of a limit on pulls is left, as the registry last said; zero if it did not.
func (c *Client) Pulls() store.Pulls { return c.patience.Pulls() }

// Patience carries requests and notes how long a registry asks to be left alone, and how much it says that may still be pulled.
type Patience struct {
	next  http.RoundTripper
	mu    sync.Mutex
	asked time.Duration
	pulls store.Pulls
}

// Patient returns what carries requests by next.
func Patient(next http.RoundTripper) *Patience { return &Patience{next: next} }

// RoundTrip implements http.RoundTripper.
func (p *Patience) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := p.next.RoundTrip(req)
	if err == nil && res.Header.Get("RateLimit-Limit") != "" {
		p.mu.Lock()
		p.pulls = pullsOf(res.Header, time.Now())
		p.mu.Unlock()
	}
	if err == nil && (res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusServiceUnavailable) {
		p.mu.Lock()
		p.asked = max(p.asked, retryAfter(res.Header.Get("Retry-After"), time.Now()))
		p.mu.Unlock()
	}
	return res, err
}

// Wait is how long the registry last asked to be left alone; zero if it did not.
func (p *Patience) Wait() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// Pulls is how much of a limit on pulls is left, as the registry last said; zero if it did not.
func (p *Patience) Pulls() store.Pulls {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pulls
}

// pullsOf reads what Docker Hub says of its limit with each manifest: "100;w=21600" for a hundred in six hours. What it is
// not said of has none.
func pullsOf(h http.Header, now time.Time) store.Pulls {
	read := func(name string) (n, seconds int, ok bool) {
		number, rest, _ := strings.Cut(h.Get(name), ";")
		n, err := strconv.Atoi(strings.TrimSpace(number))
		seconds, werr := strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(rest), "w="))
		return n, min(seconds, 86400*31), err == nil && werr == nil && n >= 0 && seconds > 0
	}
	limit, seconds, ok := read("RateLimit-Limit")
	left, _, known := read("RateLimit-Remaining")
	if !ok || !known || limit == 0 {
		return store.Pulls{}
	}
	return store.Pulls{Limit: limit, Left: min(left, limit), Window: time.Duration(seconds) * time.Second, At: now.UTC().Truncate(time.Microsecond)}
}

// retryAfter reads the header: seconds or a date. A day is the most.
func retryAfter(header string, now time.Time) time.Duration {
	var d time.Duration
	if n, err := strconv.Atoi(strings.TrimSpace(header)); err == nil {
		d = time.Duration(min(max(n, 0), 86400)) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), 24*time.Hour)
}

// client signs in for a scope, once.
func (c *Client) client(ctx context.Context, scope string) (*http.Client, error) {
	if hc := c.signed[scope]; hc != nil {
		return hc, nil
	}
	signed, err := transport.NewWithContext(ctx, c.registry, c.auth, transport.NewUserAgent(c.patience, "crowsnest"), []string{scope})
	if err != nil {
		return nil, c.fail(err)
	}
	if len(c.signed) > 50 { // of repositories that were looked at before
		clear(c.signed)
	}
	hc := &http.Client{Transport: signed, CheckRedirect: network.CheckRedirect, Timeout: time.Minute}
	c.signed[scope] = hc
	return hc, nil
}

// fail puts a failure into words, with the hint that is right for whoever connected the registry.
func (c *Client) fail(err error) error {
	if errors.Is(err, errMissing) {
		return err
	}
	return Explain(network.Explain(err, c.cfg.Host), c.cfg)
}

// Explain gives a failure at a connected registry the hint that is right for whoever connected it.
func Explain(err error, cfg Config) error {
	var e *crowsnest.Error
	if !errors.As(err, &e) {
		return err
	}
	kind, kerr := KindOf(cfg.Kind)
	if kerr != nil {
		return err
	}
	out := *e
	switch e.Kind {
	case crowsnest.Unauthorized, crowsnest.Forbidden:
		if cfg.Identity {
			out.Field, out.Hint = "identity", "give the server's own identity in the cloud the right to read this registry"
			break
		}
		if e.Kind == crowsnest.Forbidden {
			out.Hint = "give the account more rights: " + kind.Secret
			break
		}
		out.Field = "secret"
		if out.Hint = "replace the credentials of the registry: the user is " + kind.Username + "; the password is " + kind.Secret; cfg.Secret == "" {
			out.Field, out.Hint = "username", "give the registry credentials: the user is "+kind.Username+"; the password is "+kind.Secret
		}
	case crowsnest.RateLimited:
		out.Hint = "it is asked again later by itself"
	case crowsnest.Unavailable:
		out.Field = "host"
	}
	return &out
}

const maxAnswer = 8 << 20 // of one page of a list

// get asks the registry; the answer is closed by the caller.
func (c *Client) get(ctx context.Context, scope, method, path string) (*http.Response, error) {
	hc, err := c.client(ctx, scope)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, c.registry.Scheme()+"://"+c.registry.RegistryStr()+path, nil)
	if err != nil {
		return nil, err
	}
	if strings.Contains(path, "/manifests/") {
		req.Header.Set("Accept", image.Accepted)
	}
	res, err := hc.Do(req)
	if err != nil {
		return nil, c.fail(err)
	}
	return res, nil
}

// pages reads a list of the registry page by page.
func (c *Client) pages(ctx context.Context, scope, path string, each func(body []byte) error) error {
	for range 10_000 {
		res, err := c.get(ctx, scope, http.MethodGet, path)
		if err != nil {
			return err
		}
		body, err := readAnswer(res)
		if err != nil {
			return c.fail(err)
		}
		if err := each(body); err != nil {
			return err
		}
		next := nextPage(res, path)
		if next == "" {
			return nil
		}
		path = next
	}
	return &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "list", Subject: c.cfg.Host, Err: errors.New("the list does not end")}
}

// readAnswer reads the body of an answer that is right, up to a limit.
func readAnswer(res *http.Response) ([]byte, error) {
	defer res.Body.Close()
	if res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusMethodNotAllowed {
		return nil, errMissing
	}
	if err := transport.CheckError(res, http.StatusOK); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		err = &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "read list", Err: errors.New("one page of it is longer than 8 MiB")}
	}
	return body, err
}

// nextPage returns the path of the page after an answer, nothing on the last. It may not lead to another host, nor where it came from.
func nextPage(res *http.Response, path string) string {
	link := res.Header.Get("Link")
	from, to := strings.IndexByte(link, '<'), strings.IndexByte(link, '>')
	if from < 0 || to < from || !strings.Contains(link[to:], "next") {
		return ""
	}
	u, err := url.Parse(link[from+1 : to])
	if err != nil || u.Host != "" && res.Request != nil && u.Host != res.Request.URL.Host {
		return ""
	}
	if !strings.HasPrefix(u.Path, "/v2/") {
		return ""
	}
	if next := u.EscapedPath() + "?" + u.RawQuery; next != path {
		return next
	}
	return ""
}

var missingRepository = &crowsnest.Error{Kind: crowsnest.NotFound, Op: "read tags", Hint: "check its name, and that the account may read it", Err: errors.New("the registry has no such repository, or does not show it")}

func (c *Client) scope(repository string) string {
	return c.registry.Repo(strings.Split(repository, "/")...).Scope(transport.PullScope)
}

// Tags lists the tags of a repository that may be images. NotFound says that there is no such repository.
func (c *Client) Tags(ctx context.Context, repository string) ([]string, error) {
	tags, seen := []string{}, map[string]bool{}
	err := c.pages(ctx, c.scope(repository), "/v2/"+repository+"/tags/list?n=1000", func(body []byte) error {
		var page struct {
			Tags []string `json:"tags"`
		}
		if err := json.Unmarshal(body, &page); err != nil {
			return c.strange("tags")
		}
		for _, t := range page.Tags {
			if isTag(t) && !seen[t] {
				seen[t] = true
				tags = append(tags, t)
			}
		}
		if len(tags) > MaxTags {
			return &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "list tags of", Subject: repository, Err: fmt.Errorf("it has more than %d tags", MaxTags)}
		}
		return nil
	})
	if errors.Is(err, errMissing) {
		return nil, missingRepository
	}
	return tags, err
}

// errMissing is a list that is not there. NetworkError would take it for an answer of something that is no registry.
var errMissing = errors.New("not found")

func (c *Client) strange(what string) error {
	return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "list " + what, Subject: c.cfg.Host, Field: "host", Hint: "check that this is the address of the registry", Err: errors.New("its answer is not the JSON of a registry")}
}

// Target asks what a tag names: a manifest or an index. It is empty if there is no such tag.
func (c *Client) Target(ctx context.Context, repository, tag string) (crowsnest.Digest, error) {
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		res, err := c.get(ctx, c.scope(repository), method, "/v2/"+repository+"/manifests/"+tag)
		if err != nil {
			return "", err
		}
		if res.StatusCode == http.StatusNotFound {
			res.Body.Close()
			return "", nil
		}
		body, err := readAnswer(res)
		if err != nil {
			return "", c.fail(err)
		}
		if method == http.MethodGet {
			return crowsnest.DigestOf(body), nil
		}
		// Who cannot say it is asked for the manifest itself.
		if d, err := crowsnest.ParseDigest(res.Header.Get("Docker-Content-Digest")); err == nil {
			return d, nil
		}
	}
	return "", nil
}

// Repositories lists the repositories of the registry, or gives those that people gave.
func (c *Client) Repositories(ctx context.Context) ([]string, error) {
	var all []string
	err := c.list(ctx, func(names []string) error {
		if all = append(all, names...); len(all) > MaxRepositories {
			return &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "list repositories of", Subject: c.cfg.Host, Hint: "give the repositories", Err: fmt.Errorf("there are more than %d", MaxRepositories)}
		}
		return nil
	})
	return all, err
}

var errEnough = errors.New("enough")

// Trial is what a test of the connection saw.
type Trial struct {
	Repositories []string // the first of them
	More         bool
}

// Test asks the registry for its repositories, and for the tags of one: an account may list what it may not pull.
func (c *Client) Test(ctx context.Context, admits func(string) bool) (Trial, error) {
	const most = 20
	var trial Trial
	err := c.list(ctx, func(names []string) error {
		for _, n := range names {
			if !admits(n) {
				continue
			}
			if len(trial.Repositories) == most {
				trial.More = true
				return errEnough
			}
			trial.Repositories = append(trial.Repositories, n)
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return trial, err
	}
	if len(trial.Repositories) == 0 {
		if len(c.cfg.Repositories) > 0 {
			return trial, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "list repositories of", Subject: c.cfg.Host, Field: "include", Hint: "change the patterns", Err: errors.New("they let none of the given repositories in")}
		}
		res, err := c.get(ctx, "", http.MethodGet, "/v2/") // that it answers at all
		if err == nil {
			if _, err = readAnswer(res); err != nil {
				err = c.fail(err)
			}
		}
		return trial, describe(err, "ask", c.cfg.Host)
	}
	ask := trial.Repositories[:1]
	if len(c.cfg.Repositories) > 0 {
		ask = trial.Repositories[:min(len(trial.Repositories), 5)]
	}
	for _, repository := range ask {
		if _, err := c.Tags(ctx, repository); err != nil {
			return trial, describe(err, "read tags of", c.cfg.Host+"/"+repository)
		}
	}
	return trial, nil
}

// describe completes err with what was being done.
func describe(err error, op, subject string) error {
	var e *crowsnest.Error
	if errors.Is(err, errMissing) {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: op, Subject: subject, Field: "host", Hint: "check that this is the address of a registry", Err: errors.New("it answers, but not as a registry")}
	}
	if !errors.As(err, &e) {
		return err
	}
	out := *e
	out.Op, out.Subject = op, cmp.Or(subject, e.Subject)
	return &out
}

// post is a call of an API with a body in JSON.
func post(ctx context.Context, address string, body any) (*http.Request, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(raw))
	if err == nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, err
}
