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
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/osv"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/sysdig"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
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
	t             *testing.T
	store         *sqlstore.Store
	handler       http.Handler
	queue         *queue
	fixture       storetest.Fixture
	org, otherOrg store.OrgID
	token, other  string // of the two organisations
	log           bytes.Buffer

	clusters func() ([]string, error)
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "crowsnest.db"), sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	d := &desk{t: t, store: s, queue: &queue{}, fixture: storetest.Fixture{Store: s}}
	s.SetEnqueuer(d.queue)
	d.org, d.token = d.organisation("one")
	d.otherOrg, d.other = d.organisation("two")
	d.clusters = func() ([]string, error) { return []string{"eu", "us"}, nil }
	d.handler = New(Deps{
		Store: s, Version: wire.Version{Version: "1.2.3", Go: "go"}, Log: slog.New(slog.NewTextHandler(&d.log, nil)),
		Clusters: func(context.Context, sysdig.Config) ([]string, error) { return d.clusters() },
		Seal:     func(_ context.Context, secret string) ([]byte, error) { return []byte("sealed"), nil },
		Import: func(ctx context.Context, location string, ecosystems []string) ([]advisory.Result, error) {
			src, err := osv.Open(ctx, location, nil)
			if err != nil {
				return nil, err
			}
			return advisory.Importer{Store: s}.Import(ctx, src, ecosystems, nil)
		},
		DefaultInterval: 5 * time.Minute,
		Evaluate: func(_ context.Context, _ store.OrgID, request wire.EvaluationRequest) (wire.CVEs, error) {
			return wire.NewCVEs(request.Image, nil, nil), nil
		},
	})
	return d
}

func (d *desk) organisation(name string) (store.OrgID, string) {
	d.t.Helper()
	org := d.fixture.Organisation(d.t, name)
	token, hash := auth.NewToken()
	if _, err := d.store.CreateToken(d.t.Context(), org, "test", hash); err != nil {
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
func detail(t *testing.T, w *httptest.ResponseRecorder) string {
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
type route struct{ method, path string }

// routes lists every operation of the OpenAPI document.
func routes(t *testing.T) []route {
	t.Helper()
	raw, err := OpenAPI("test")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	var out []route
	for path, item := range doc.Paths {
		for method := range item {
			out = append(out, route{strings.ToUpper(method), path})
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
	d.fixture.Sweep(d.t, in, store.Snapshot{Runs: []store.ObservedRun{storetest.Run("web", img.ImageID, ""), storetest.Run("lost", storetest.Digest("lost"), "")}})
	request, err := d.store.RequestAnalysis(d.t.Context(), d.org, "registry.example.com/shop/web:1", crowsnest.DefaultPlatform.String())
	if err != nil {
		d.t.Fatal(err)
	}
	return map[string]string{"/images/{digest}": string(img.Digest), "/environments/{name}": "production", "/integrations/{name}": "eu", "/analyses/{id}": request.ID}
}

// at puts values into the path of a route.
func (r route) at(values map[string]string) string {
	for prefix, value := range values {
		if rest, ok := strings.CutPrefix(r.path, "/api/v1"+prefix); ok {
			return "/api/v1" + prefix[:strings.Index(prefix, "{")] + value + rest
		}
	}
	return r.path
}
