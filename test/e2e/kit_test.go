package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/app"
	"github.com/crowsnest-sec/crowsnest/internal/client"
	"github.com/crowsnest-sec/crowsnest/internal/config"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/pgkit"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// patience ends a test that waits for what does not come. It is no measure of speed.
const patience = 2 * time.Minute

// sysdigToken is what the Sysdig-compatible servers of the tests accept. Nothing
// else looks like it, so that it can be searched for.
const sysdigToken = "5ec2e7a1-0f0e-4b1d-9c1e-e2ec0ffee123"

// sysdigAPIToken is the second token of the test Sysdig, which servers take for the names of images.
const sysdigAPIToken = "a91b7e5c-4d20-49c5-8f43-7d0c5e1c0de9"

// engines are the databases each test of them runs on; the value is that of the
// setting "database".
var engines = map[string]func(t testing.TB) string{
	"sqlite":   func(testing.TB) string { return "" },
	"postgres": pgkit.Database,
}

// onEachEngine runs a test on both engines at once, on the servers that all such
// tests share: starting one costs more than most tests do. They hold advisories, and whatever other
// tests put there, so a test looks only at what goes by names of its own.
func onEachEngine(t *testing.T, test func(t *testing.T, s *server)) {
	t.Parallel()
	for name := range engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, shared(t, name))
		})
	}
}

// onNewServers runs a test on both engines at once, on servers of its own.
func onNewServers(t *testing.T, test func(t *testing.T, s *server)) {
	t.Parallel()
	for name, database := range engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, start(t, database(t)))
		})
	}
}

// sharedServers are the servers of onEachEngine by engine.
var sharedServers = map[string]*sharedServer{"sqlite": {}, "postgres": {}}

type sharedServer struct {
	once     sync.Once
	server   *server
	cleanups []func()
}

// shared returns the server that tests of an engine share.
func shared(t *testing.T, engine string) *server {
	t.Helper()
	one := sharedServers[engine]
	one.once.Do(func() {
		keep := &keeper{TB: t, into: one}
		s := start(keep, engines[engine](keep))
		s.upload(t, advisories()...)
		one.server = s
	})
	if one.server == nil {
		t.Skip("there is no shared server; the first test that wanted it says why")
	}
	own := *one.server
	own.t = t
	logged, said := own.log.size(), own.said.size()
	t.Cleanup(func() {
		own.keepsSecrets(t, logged, said)
		if t.Failed() {
			t.Logf("the server's log meanwhile:\n%s", own.log.from(logged))
		}
	})
	return &own
}

// stop ends what the shared server needs.
func (s *sharedServer) stop() {
	for _, clean := range slices.Backward(s.cleanups) {
		clean()
	}
}

// keeper is the test that starts a shared server, but for what must last until all tests have ended.
type keeper struct {
	testing.TB
	into *sharedServer
}

func (k *keeper) Cleanup(f func()) { k.into.cleanups = append(k.into.cleanups, f) }

func (k *keeper) TempDir() string {
	k.Helper()
	dir, err := os.MkdirTemp(built, "shared-*")
	must(k, err)
	return dir
}

// Failed reports nothing: the log of a shared server is written by the tests that failed.
func (k *keeper) Failed() bool { return false }

// Errorf writes what goes wrong after the test.
func (k *keeper) Errorf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// server is a running Crowsnest.
type server struct {
	*client.Client
	t     testing.TB
	cfg   config.Config
	app   *app.App
	http  *httptest.Server
	url   string
	token string
	log   *buffer // everything logged since the first start
	said  *buffer // every answer since the first start
}

// start starts a server on an empty database, "" for SQLite, that may reach loopback.
func start(t testing.TB, database string) *server {
	t.Helper()
	return startWith(t, map[string]any{"database": database, "egress.allow": []string{"127.0.0.1"}})
}

func startWith(t testing.TB, settings map[string]any) *server {
	t.Helper()
	settings["data"] = t.TempDir()
	if _, said := settings["advisories.update"]; !said {
		settings["advisories.update"] = false // nothing may be asked of the public feeds
	}
	cfg, err := config.Load("", nil, settings)
	must(t, err)
	s := &server{t: t, cfg: cfg, log: &buffer{}, said: &buffer{}}
	s.open()
	t.Cleanup(func() {
		s.shut()
		s.keepsSecrets(t, 0, 0)
		if t.Failed() {
			t.Logf("the server's log:\n%s", s.log.String())
		}
	})
	return s
}

// open starts the server on whatever its database and data folder hold.
func (s *server) open() {
	s.t.Helper()
	var err error
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.app, err = app.New(context.Background(), s.cfg, "test", log)
	must(s.t, err)
	if s.token == "" {
		s.token, err = s.app.OwnerToken(context.Background(), "test")
		must(s.t, err)
	}
	must(s.t, s.app.Start(context.Background()))
	s.http = httptest.NewServer(recorded(s.app.Handler(), s.said))
	s.url = s.http.URL
	s.Client, err = client.New(s.url, s.token)
	must(s.t, err)
}

// shut stops the server.
func (s *server) shut() {
	s.t.Helper()
	if s.app == nil {
		return
	}
	s.http.Close()
	if err := s.app.Stop(context.Background()); err != nil {
		s.t.Errorf("stop: %v", err)
	}
	if err := s.app.Close(); err != nil {
		s.t.Errorf("close: %v", err)
	}
	s.app = nil
}

// restart stops the server and starts a new one on the same database and data folder.
func (s *server) restart() {
	s.t.Helper()
	s.shut()
	s.open()
}

// recorded keeps the headers and bodies of all answers.
func recorded(next http.Handler, into *buffer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&recorder{w, into}, r)
		_ = w.Header().Write(into) // into memory: cannot fail
	})
}

type recorder struct {
	http.ResponseWriter
	into *buffer
}

func (r *recorder) Write(b []byte) (int, error) {
	r.into.Write(b)
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

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

func (b *buffer) size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Len()
}

// from returns what was written after the first n bytes.
func (b *buffer) from(n int) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.b.Bytes()[n:])
}

// keepsSecrets looks for the tokens that a server was given in every line that it logged and every answer that it gave, from
// those sizes on: whatever a test does, none may come out.
func (s *server) keepsSecrets(t testing.TB, logged, said int) {
	t.Helper()
	for place, text := range map[string]string{"log": s.log.from(logged), "answers": s.said.from(said)} {
		for what, secret := range map[string]string{"Sysdig token": sysdigToken, "API token": sysdigAPIToken, "bearer token": s.token} {
			if i := strings.Index(text, secret); i >= 0 {
				t.Errorf("the %s stands in the %s: …%q…", what, place, text[max(0, i-80):i+len(secret)])
			}
		}
	}
}

// ctx ends with the test, or when it has waited too long.
func ctx(t testing.TB) context.Context {
	t.Helper()
	c, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return c
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// got returns a result that must not have failed.
func got[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// analyse has an image of a registry analysed and returns its digest.
func (s *server) analyse(t testing.TB, reference string) crowsnest.Digest {
	t.Helper()
	return got(s.tryAnalyse(t, reference))(t).Digest
}

func (s *server) tryAnalyse(t testing.TB, reference string) (wire.Analysis, error) {
	t.Helper()
	request, err := s.RequestAnalysis(ctx(t), reference, "")
	must(t, err)
	return s.WaitAnalysis(ctx(t), request.ID, func(string) {})
}

// names makes names of things on a shared server that are this test's own.
func names(t testing.TB, parts ...string) string {
	return strings.NewReplacer("/", ".", " ", "-").Replace(strings.TrimPrefix(t.Name(), "Test")) + "." + strings.Join(parts, "-")
}

// connect connects a cluster and waits for the first sweep.
func (s *server) connect(t testing.TB, sysdig *sysdig, name, environment string) wire.Integration {
	t.Helper()
	got(s.CreateIntegration(ctx(t), sysdig.request(name, environment)))(t)
	return got(s.WaitFirstSweep(ctx(t), name))(t)
}

// sync sweeps a cluster.
func (s *server) sync(t testing.TB, name string) wire.Integration {
	t.Helper()
	return got(s.SyncIntegration(ctx(t), name))(t)
}

// get asks the API for what the client has no call for.
func get[T any](t testing.TB, s *server, path string) T {
	t.Helper()
	var v T
	status, body := s.call(t, http.MethodGet, path, nil)
	if status != http.StatusOK {
		t.Fatalf("GET %s: %d: %s", path, status, body)
	}
	must(t, json.Unmarshal(body, &v))
	return v
}

// call sends one request with the server's token.
func (s *server) call(t testing.TB, method, path string, body io.Reader) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx(t), method, s.url+"/api/v1"+path, body)
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+s.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	must(t, err)
	return res.StatusCode, b
}

// sysdig is a Sysdig-compatible server on loopback.
type sysdig struct {
	*sysdigkit.Server
	url string
}

func newSysdig(t testing.TB) *sysdig {
	t.Helper()
	server := sysdigkit.New(sysdigToken)
	return &sysdig{server, "http://" + imagekit.Serve(t, server)}
}

// request connects the cluster of the integration's name to an environment.
func (s *sysdig) request(name, environment string) wire.IntegrationRequest {
	return wire.IntegrationRequest{Name: name, Kind: "sysdig", Region: "custom", URL: s.url, Token: sysdigToken, Cluster: name, Environment: environment}
}

// runs is a container of a deployment that runs an image.
func runs(name string, image crowsnest.Digest, loaded ...sysdigkit.Package) sysdigkit.Item {
	return sysdigkit.Item{Namespace: "shop", WorkloadKind: "deployment", WorkloadName: name, Container: "main", ImageID: string(image), Packages: loaded}
}

// many runs an image in n workloads, w-0 and so on.
func many(n int, image crowsnest.Digest) []sysdigkit.Item {
	items := make([]sysdigkit.Item, n)
	for i := range items {
		items[i] = runs(fmt.Sprintf("w-%d", i), image)
	}
	return items
}

// gate stands in front of a registry: it counts what is asked for and can change answers.
type gate struct {
	mu     sync.Mutex
	next   http.Handler
	counts map[string]int // GET requests by path
	change func(w http.ResponseWriter, r *http.Request) (done bool)
}

// newGate starts an in-process registry behind a gate and returns both.
func newGate(t testing.TB) (*gate, string) {
	t.Helper()
	g := &gate{next: imagekit.RegistryHandler(), counts: map[string]int{}}
	return g, imagekit.Serve(t, g)
}

// ServeHTTP implements http.Handler.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	if r.Method == http.MethodGet {
		g.counts[r.URL.Path]++
	}
	change := g.change
	g.mu.Unlock()
	if change != nil && change(w, r) {
		return
	}
	g.next.ServeHTTP(w, r)
}

// set makes change look at each request first; nil ends that.
func (g *gate) set(change func(w http.ResponseWriter, r *http.Request) bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.change = change
}

// reset begins to count anew.
func (g *gate) reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.counts)
}

// count returns how often something with this text in its path was asked for.
func (g *gate) count(text string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := 0
	for path, times := range g.counts {
		if strings.Contains(path, text) {
			n += times
		}
	}
	return n
}

// named returns the environment of that name in a list, and whether there is one.
func named[E any](list []E, nameOf func(E) string, name string) (E, bool) {
	i := slices.IndexFunc(list, func(e E) bool { return nameOf(e) == name })
	if i < 0 {
		var none E
		return none, false
	}
	return list[i], true
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	return b
}
