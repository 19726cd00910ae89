package signin

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/crowsnest-sec/crowsnest/internal/app"
	"github.com/crowsnest-sec/crowsnest/internal/config"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/oidckit"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/pgkit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

const password = "a boat with nine masts"

// settings are those of the configuration.
type settings = map[string]any

// site is an installation: on PostgreSQL two replicas that take turns with each request,
// on SQLite one server.
type site struct {
	t      *testing.T
	url    string // with the base path
	issuer *oidckit.Issuer
	apps   []*app.App
	owner  string // a token
	log    *buffer
	cfg    config.Config
}

// onEachEngine runs a test on an installation of its own for each engine.
func onEachEngine(t *testing.T, more settings, test func(t *testing.T, s *site)) {
	t.Parallel()
	for name, database := range map[string]func(testing.TB) string{"sqlite": func(testing.TB) string { return "" }, "postgres": pgkit.Database} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t, oidckit.Start(t), database(t), more))
		})
	}
}

func open(t *testing.T, issuer *oidckit.Issuer, database string, more settings) *site {
	t.Helper()
	s := &site{t: t, issuer: issuer, log: &buffer{}}
	var turn atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.apps[int(turn.Add(1))%len(s.apps)].Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	with := settings{
		"data": t.TempDir(), "database": database, "egress.allow": []string{"127.0.0.1"}, "public_url": front.URL, "advisories.update": false,
		"oidc.issuer": issuer.URL, "oidc.client_id": oidckit.ClientID, "oidc.client_secret": oidckit.ClientSecret, "oidc.name": "Example",
	}
	for k, v := range more {
		with[k] = v
	}
	cfg, err := config.Load("", nil, with)
	must(t, err)
	s.cfg, s.url = cfg, front.URL+cfg.BasePath
	replicas := 1
	if database != "" {
		replicas = 2
	}
	for range replicas {
		a, err := app.New(t.Context(), cfg, "test", slog.New(slog.NewTextHandler(s.log, nil)))
		must(t, err)
		s.apps = append(s.apps, a)
		t.Cleanup(func() { a.Close() })
	}
	s.owner, err = s.apps[0].OwnerToken(t.Context(), "test")
	must(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the servers' log:\n%s", s.log)
		}
	})
	return s
}

// firstOwner makes a person who signs in with a password.
func (s *site) firstOwner(email string) {
	s.t.Helper()
	link := s.apps[0].FirstLink(listening("127.0.0.1:1"))
	_, secret, _ := strings.Cut(link, "#")
	b := s.browser()
	if code, body := b.do(http.MethodPost, "/api/v1/links/redeem", wire.LinkRedemption{LinkSecret: wire.LinkSecret{Secret: secret}, Email: email, Name: "Owner", Password: password}); code != http.StatusOK {
		s.t.Fatalf("first owner: %d %s", code, body)
	}
}

// unlink does what crowsnest admin unlink does.
func (s *site) unlink(email string) {
	s.t.Helper()
	admin, err := app.OpenAdmin(s.t.Context(), s.cfg, "", slog.New(slog.DiscardHandler))
	must(s.t, err)
	defer admin.Close()
	must(s.t, admin.Unlink(s.t.Context(), email))
}

type listening string

func (listening) Network() string  { return "tcp" }
func (l listening) String() string { return string(l) }

// browser keeps cookies and follows redirects only when told.
type browser struct {
	s      *site
	client *http.Client
	bearer string
}

func (s *site) browser() *browser {
	jar, err := cookiejar.New(nil)
	must(s.t, err)
	return &browser{s: s, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// api calls with the token of an owner.
func (s *site) api() *browser {
	b := s.browser()
	b.bearer = s.owner
	return b
}

// get asks for an address and returns where it leads.
func (b *browser) get(address string) (location string) {
	b.s.t.Helper()
	res, err := b.client.Get(address)
	must(b.s.t, err)
	defer res.Body.Close()
	location = res.Header.Get("Location")
	if location == "" {
		body, err := io.ReadAll(res.Body)
		must(b.s.t, err)
		b.s.t.Fatalf("%s leads nowhere: %s %s", address, res.Status, body)
	}
	at, err := res.Request.URL.Parse(location)
	must(b.s.t, err)
	return at.String()
}

// do calls the API.
func (b *browser) do(method, path string, body any) (int, string) {
	b.s.t.Helper()
	var in io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		must(b.s.t, err)
		in = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(b.s.t.Context(), method, b.s.url+path, in)
	must(b.s.t, err)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if b.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+b.bearer)
	}
	res, err := b.client.Do(req)
	must(b.s.t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	must(b.s.t, err)
	return res.StatusCode, string(raw)
}

// read calls the API for something that must be there.
func read[T any](b *browser, method, path string, body any) (v T) {
	b.s.t.Helper()
	code, raw := b.do(method, path, body)
	if code/100 != 2 {
		b.s.t.Fatalf("%s %s: %d %s", method, path, code, raw)
	}
	must(b.s.t, json.Unmarshal([]byte(raw), &v))
	return v
}

// begin goes to the provider and returns the address it sends the browser back to.
func (b *browser) begin(next string) (callback string) {
	b.s.t.Helper()
	return b.get(b.get(b.s.url + "/auth/oidc/login?" + url.Values{"next": {next}}.Encode()))
}

// signIn signs in with the provider and returns where that leads.
func (b *browser) signIn(next string) (location string) {
	b.s.t.Helper()
	return b.get(b.begin(next))
}

// session says who is signed in; nil for nobody.
func (b *browser) session() *wire.Session {
	b.s.t.Helper()
	code, raw := b.do(http.MethodGet, "/api/v1/session", nil)
	if code == http.StatusUnauthorized {
		return nil
	}
	var v wire.Session
	must(b.s.t, json.Unmarshal([]byte(raw), &v))
	return &v
}

// cookies are those of the site by name.
func (b *browser) cookies() map[string]string {
	u, err := url.Parse(b.s.url)
	must(b.s.t, err)
	out := map[string]string{}
	for _, c := range b.client.Jar.Cookies(u) {
		out[c.Name] = c.Value
	}
	return out
}

// problem is the word the sign-in page is given.
func problem(t *testing.T, location string) string {
	t.Helper()
	u, err := url.Parse(location)
	must(t, err)
	if !strings.HasSuffix(u.Path, "/sign-in") {
		return "none: " + location
	}
	return u.Query().Get("problem")
}

// audit lists what the audit log says, oldest first.
func (s *site) audit(action string) (out []wire.AuditEntry) {
	s.t.Helper()
	type page struct{ Items []wire.AuditEntry }
	list := read[page](s.api(), http.MethodGet, "/api/v1/audit?limit=1000&action="+action, nil).Items
	for i := len(list) - 1; i >= 0; i-- {
		out = append(out, list[i])
	}
	return out
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// buffer is a bytes.Buffer for several writers.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
