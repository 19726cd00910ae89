package api

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/osv"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/auth/oidc"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego"
	"github.com/crowsnest-sec/crowsnest/internal/registry"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
	"github.com/crowsnest-sec/crowsnest/internal/sysdig"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/litekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// queue remembers the work that was enqueued.
type queue struct{ work []store.Work }

func (q *queue) Enqueue(_ context.Context, _ *sql.Tx, w store.Work) error {
	q.work = append(q.work, w)
	return nil
}

// desk is the API on a real store with two organisations. What lies beyond the
// installation, Sysdig and the sealing of secrets, is scripted.
type desk struct {
	t             testing.TB
	deps          Deps
	dir           string                    // of the database
	frozen        atomic.Pointer[time.Time] // the store's time; nil for the system's
	store         *sqlstore.Store
	handler       http.Handler
	queue         *queue
	fixture       storetest.Fixture
	org, otherOrg store.OrgID
	token, other  string // of the two organisations
	log           bytes.Buffer

	clusters func() ([]string, error)
	refused  error // why those are of another list than that of the token
	probe    func() error

	tryRegistry func(cfg registry.Config) error
}

// listing is what clusters and refused say, as an account does.
func (d *desk) listing() (sysdig.Listing, error) {
	names, err := d.clusters()
	out := sysdig.Listing{Names: names, By: sysdig.RiskSpotlight, Refused: d.refused}
	switch {
	case d.refused != nil && len(names) > 0:
		out.By = sysdig.DataSources
	case d.refused != nil:
		out.By = ""
	}
	return out, err
}

func newDesk(t testing.TB, change ...func(*Deps)) *desk {
	t.Helper()
	d := &desk{t: t, queue: &queue{}}
	path := litekit.Database(t)
	d.dir = filepath.Dir(path)
	s, err := sqlstore.Open(t.Context(), path, sqldb.Options{Clock: func() time.Time {
		if now := d.frozen.Load(); now != nil {
			return *now
		}
		return time.Now()
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	d.store, d.fixture = s, storetest.Fixture{Store: s}
	s.SetEnqueuer(d.queue)
	d.org, d.token = d.organisation("one")
	d.otherOrg, d.other = d.organisation("two")
	d.clusters = func() ([]string, error) { return []string{"eu", "us"}, nil }
	d.probe = func() error { return nil }
	d.tryRegistry = func(registry.Config) error { return nil }
	d.deps = Deps{
		Store: s, Version: wire.Version{Version: "1.2.3", Go: "go"}, Log: slog.New(slog.NewTextHandler(&d.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		SignIn:   SignIn{Jobs: oidc.NewJobs([]string{"https://ci.example.com"}, "https://crowsnest.example.com", http.DefaultClient)},
		Clusters: func(context.Context, sysdig.Config) (sysdig.Listing, error) { return d.listing() },
		FullName: image.FullName,
		TryCluster: func(_ context.Context, _ sysdig.Config, cluster string) (trial sysdig.Trial, err error) {
			listed, err := d.listing()
			if err != nil {
				return trial, err
			}
			trial.By, trial.Refused = listed.By, listed.Refused
			if len(listed.Names) > 0 && !slices.Contains(listed.Names, cluster) {
				trial.Others = listed.Names
			}
			trial.Empty = cluster == "empty"
			return trial, d.probe()
		},
		Stopping: ended(),
		TryRegistry: func(_ context.Context, cfg registry.Config, admits func(string) bool) (registry.Trial, error) {
			return registry.Trial{Repositories: slices.DeleteFunc(slices.Clone(cfg.Repositories), func(n string) bool { return !admits(n) })}, d.tryRegistry(cfg)
		},
		Unseal: func(_ context.Context, sealed []byte) (string, error) { return "token of " + string(sealed), nil },
		Seal:   func(_ context.Context, secret string) ([]byte, error) { return []byte("sealed"), nil },
		Import: func(ctx context.Context, location string, ecosystems []string) ([]advisory.Result, error) {
			src, err := osv.Open(ctx, location, nil)
			if err != nil {
				return nil, err
			}
			return advisory.Importer{Store: s}.Import(ctx, src, ecosystems, nil)
		},
		DefaultInterval: 5 * time.Minute, Home: d.org,
		Evaluate: func(_ context.Context, _ store.OrgID, request wire.EvaluationRequest) (wire.CVEs, error) {
			return wire.NewCVEs(request.Image, nil, store.Omissions{}), nil
		},
		Language: rego.New(rego.Limits{}),
		TryPolicies: func(_ context.Context, _ store.OrgID, image string, _ compliance.TrialRequest) (compliance.Trial, error) {
			return compliance.Trial{ImagePolicies: compliance.ImagePolicies{Image: wire.Target{Name: image}, Policies: []compliance.ImagePolicy{}}, Outcomes: []compliance.TrialOutcome{}}, nil
		},
	}
	for _, c := range change {
		c(&d.deps)
	}
	d.handler = New(d.deps)
	return d
}

func (d *desk) organisation(name string) (store.OrgID, string) {
	d.t.Helper()
	org := d.fixture.Organisation(d.t, name)
	token, hash := auth.NewToken()
	if _, err := d.store.CreateToken(d.t.Context(), store.Token{Organisation: org, Name: "test", Scopes: []crowsnest.Scope{crowsnest.ScopeOwner}}, hash); err != nil {
		d.t.Fatal(err)
	}
	return org, token
}

// do sends a request; an empty token sends no header.
func (d *desk) do(token, method, path string, body io.Reader) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequestWithContext(d.t.Context(), method, path, body)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return w
}

func (d *desk) get(path string) *httptest.ResponseRecorder {
	d.t.Helper()
	return d.do(d.token, http.MethodGet, path, nil)
}

func (d *desk) post(path, body string) *httptest.ResponseRecorder {
	d.t.Helper()
	return d.do(d.token, http.MethodPost, path, strings.NewReader(body))
}

// detail is what an answer says for people.
func detail(t testing.TB, w *httptest.ResponseRecorder) string {
	t.Helper()
	var problem struct {
		Status int    `json:"status"`
		Detail string `json:"detail"`
		Errors []struct{ Message, Location string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || problem.Status != w.Code || problem.Detail == "" {
		t.Fatalf("answer %d is no problem document: %v: %s", w.Code, err, w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("a problem comes as %s", got)
	}
	out := problem.Detail
	for _, e := range problem.Errors {
		out += "; " + e.Location + " " + e.Message
	}
	return out
}

// route is an operation of the document.
type route struct{ method, path, id string }

// routes lists every operation of the OpenAPI document.
func routes(t testing.TB) []route {
	t.Helper()
	raw, err := OpenAPI("test")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			ID string `json:"operationId"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	var out []route
	for path, item := range doc.Paths {
		for method, op := range item {
			out = append(out, route{strings.ToUpper(method), path, op.ID})
		}
	}
	slices.SortFunc(out, func(a, b route) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	if len(out) < 20 {
		t.Fatalf("the document has only %d routes", len(out))
	}
	return out
}

// fill puts something of every sort into the first organisation and returns the
// values that name it in paths.
func (d *desk) fill() (values map[string]string) {
	d.t.Helper()
	img := d.fixture.Analysed(d.t, d.org, "registry.example.com/shop/web:1", storetest.Package("libc6", "2.36-9", "glibc"))
	in := d.fixture.Connect(d.t, d.org, "eu", "production")
	d.fixture.Sweep(d.t, in, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", img.ImageID, ""), storetest.Run("lost", storetest.Digest("lost"), "")}})
	request, err := d.store.RequestAnalysis(d.t.Context(), d.org, "registry.example.com/shop/web:1", crowsnest.DefaultPlatform.String())
	if err != nil {
		d.t.Fatal(err)
	}
	_, err = d.store.RecordImage(d.t.Context(), d.org, img, &store.Tag{Repository: "registry.example.com/shop/web", Name: "1", Target: img.Digest}, storetest.Analyser)
	storetest.Must(d.t, err)
	adv := storetest.Advisory("1", "glibc", "3", time.Unix(1, 0))
	if _, err := d.store.PutAdvisories(d.t.Context(), store.Update{ID: 1, Feed: store.OSVFeed("Debian")}, []*crowsnest.Advisory{adv}); err != nil {
		d.t.Fatal(err)
	}
	d.fixture.Match(d.t, storetest.AllAffected)
	// Under the digest of the image, so that one value names both.
	storetest.Must(d.t, d.store.SaveAttestations(d.t.Context(), d.org, img.Digest, []crowsnest.Attestation{{Digest: img.Digest, Kind: crowsnest.AttestedProvenance, Statement: []byte("{}"),
		Provenance: &crowsnest.Provenance{Bases: []crowsnest.ImageName{{Name: "registry.example.com/base:1", Digest: storetest.Digest("base")}}}}}))
	d.fixture.ConnectRegistry(d.t, d.org, "hub", "registry.example.com", "shop/api")
	_, err = d.store.CreatePolicy(d.t.Context(), d.org, subject.Policy{Name: "ours", Type: "default-non-root-user", Parameters: []byte("{}"), Enabled: true})
	storetest.Must(d.t, err)
	x, err := d.store.CreateException(d.t.Context(), d.org, decided.Draft{Vulnerability: "CVE-2099-777", Kind: crowsnest.AcceptedRisk, Text: "ours"}, true)
	storetest.Must(d.t, err)
	doc, err := d.store.PutVEX(d.t.Context(), d.org, decided.Document{Format: decided.OpenVEX, Author: "ours", Name: "ours"})
	storetest.Must(d.t, err)
	return map[string]string{"/exceptions/{id}": x.ID, "/vex-documents/{id}": doc.ID, "/policies/{name}": "ours", "/packages/{type}": "deb", "/vulnerabilities/{id}": "CVE-2099-1", "/advisories/records/{id}": adv.ID, "/images/{digest}": string(img.Digest), "/environments/{name}": "production", "/integrations/{name}": "eu", "/analyses/{id}": request.ID, "/registries/{name}": "hub"}
}

// at puts values into the path of a route.
func (r route) at(values map[string]string) string {
	switch r.path { // what is compared is in the query
	case "/api/v1/compare", "/api/v1/export/compare", "/api/v1/export/compare/packages":
		return r.path + "?image=" + values["/images/{digest}"] + "&to=" + values["/images/{digest}"]
	case "/api/v1/repository", "/api/v1/repository/tags", "/api/v1/export/repository/tags": // as is a repository, whose name has slashes
		return r.path + "?name=registry.example.com/shop/web"
	case "/api/v1/deliveries/tags":
		return r.path + "?repository=registry.example.com/shop/web"
	case "/api/v1/compare/environments", "/api/v1/compare/environments/policies", "/api/v1/export/compare/environments":
		return r.path + "?environment=production&toEnvironment=production&at=2020-01-31T12:00:00Z"
	}
	for prefix, value := range values {
		base := "/api/v1"
		if strings.HasPrefix(r.path, base+"/export") {
			base += "/export"
		}
		if rest, ok := strings.CutPrefix(r.path, base+prefix); ok {
			path := base + prefix[:strings.Index(prefix, "{")] + value + strings.Replace(rest, "{attestation}", value, 1)
			if prefix == "/packages/{type}" { // the name may hold slashes, and is in the query
				path += "?name=libc6"
			}
			if strings.HasSuffix(path, "/why") {
				path += "?vulnerability=CVE-2099-0001"
			}
			return path
		}
	}
	return r.path
}

const password = "a boat with nine masts"

// passwordHash is made once: each one costs what a password must cost.
var passwordHash = sync.OnceValues(func() (string, error) { return auth.HashPassword(context.Background(), password) })

// person makes a member of an organisation who has the password of all tests.
func (d *desk) person(org store.OrgID, email string, role crowsnest.Role) store.PersonID {
	d.t.Helper()
	hash, err := passwordHash()
	if err != nil {
		d.t.Fatal(err)
	}
	_, secret := auth.NewLink()
	if _, err := d.store.CreateLink(d.t.Context(), store.Link{Kind: store.InvitationLink, Organisation: store.Organisation{ID: org}, Email: email, Role: role, Expires: time.Now().Add(time.Hour)}, secret); err != nil {
		d.t.Fatal(err)
	}
	known, err := d.store.CredentialsByEmail(d.t.Context(), email)
	if err != nil && crowsnest.KindOf(err) != crowsnest.NotFound {
		d.t.Fatal(err)
	}
	_, id, err := d.store.RedeemLink(d.t.Context(), secret, store.Redemption{Name: "Somebody", Password: hash, Person: known.ID})
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

// browser is a person's browser: it keeps the cookie and says where a request comes from.
type browser struct {
	d       *desk
	cookie  *http.Cookie
	address string
	headers map[string]string
}

func (d *desk) browser() *browser {
	return &browser{d: d, address: "192.0.2.1:1234", headers: map[string]string{"Sec-Fetch-Site": "same-origin"}}
}

func (b *browser) do(method, path, body string) *httptest.ResponseRecorder {
	b.d.t.Helper()
	var r *http.Request
	if body == "" {
		r = httptest.NewRequestWithContext(b.d.t.Context(), method, path, nil)
	} else {
		r = httptest.NewRequestWithContext(b.d.t.Context(), method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
	}
	r.RemoteAddr = b.address
	for k, v := range b.headers {
		r.Header.Set(k, v)
	}
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	w := httptest.NewRecorder()
	b.d.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if b.cookie = c; c.MaxAge < 0 {
			b.cookie = nil
		}
	}
	return w
}

// signIn signs a person in, who must exist.
func (d *desk) signIn(email string) *browser {
	d.t.Helper()
	b := d.browser()
	if w := b.do(http.MethodPost, "/api/v1/session", `{"email":"`+email+`","password":"`+password+`"}`); w.Code != http.StatusOK || b.cookie == nil {
		d.t.Fatalf("sign in as %s: %d %s", email, w.Code, w.Body)
	}
	return b
}

// newToken makes a token with the scopes, personal if there is a person.
func (d *desk) newToken(org store.OrgID, person store.PersonID, scopes ...crowsnest.Scope) string {
	d.t.Helper()
	token, hash := auth.NewToken()
	if _, err := d.store.CreateToken(d.t.Context(), store.Token{Organisation: org, Person: person, Name: "test", Scopes: scopes}, hash); err != nil {
		d.t.Fatal(err)
	}
	return token
}

// databaseFiles returns what is in the files of the database.
func (d *desk) databaseFiles() (files []string) {
	d.t.Helper()
	entries, err := os.ReadDir(d.dir)
	if err != nil || len(entries) == 0 {
		d.t.Fatalf("no database: %v", err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(d.dir, e.Name()))
		if err != nil {
			d.t.Fatal(err)
		}
		files = append(files, string(b))
	}
	return files
}

// ended is closed: a server that stops ends its streams, which tests of all routes wait for.
func ended() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}
