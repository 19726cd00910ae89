package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/connected"
	"github.com/crowsnest-sec/crowsnest/internal/wire/delivery"
)

// appImage has one package of an application, above a layer that all of them share.
func appImage(t *testing.T, version string) v1.Image {
	t.Helper()
	return imagekit.Build(t, imagekit.Image{Labels: map[string]string{"api-token": "hunter2", "team": "shop"}, Layers: []imagekit.Layer{
		{Files: []imagekit.File{imagekit.Text("etc/os-release", "ID=debian\nVERSION_ID=12\n")}},
		{Files: []imagekit.File{imagekit.Text("app/node_modules/left-pad/package.json", `{"name":"left-pad","version":"`+version+`"}`)}},
	}})
}

// scoped returns a token with a scope.
func scoped(t *testing.T, p *person, scope string) string {
	t.Helper()
	var token wire.Token
	if err := json.Unmarshal([]byte(p.ok("token", "create", scope, "--scope", scope, "--format", "json")), &token); err != nil {
		t.Fatal(err)
	}
	return token.Secret
}

// Whatever the CLI reads can be pushed with a token that may do nothing else, and the answer is what the server finds.
func TestPush(t *testing.T) {
	address, owner := realServer(t)
	p := newPerson(t)
	as := func(token string) { p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token} }
	as(owner)
	_, advisories := leftPad(t)
	p.ok("advisory", "import", advisories)
	uploader, reader := scoped(t, p, "upload"), scoped(t, p, "read")

	img := appImage(t, "1.0.0")
	host := imagekit.Registry(t)
	digest := imagekit.Push(t, host+"/shop/web:1.0", img)
	sbom := filepath.Join(t.TempDir(), "bom.json")
	p.ok("sbom", "oci-dir://"+imagekit.Layout(t, imagekit.Tag("bom:1", appImage(t, "1.0.2"))), "--format", "cyclonedx", "--output", sbom)
	folder := t.TempDir()
	if err := errors.Join(os.MkdirAll(filepath.Join(folder, "node_modules/left-pad"), 0o700), os.WriteFile(filepath.Join(folder, "node_modules/left-pad/package.json"), []byte(`{"name":"left-pad","version":"0.9.0"}`), 0o600)); err != nil {
		t.Fatal(err)
	}
	as(reader)
	p.refused([]string{"push", host + "/shop/web:1.0"}, "upload")
	as(uploader)
	p.refused([]string{"cves", string(digest)}, "read")
	for source, findings := range map[string]int{
		host + "/shop/web:1.0": 1,
		"archive://" + imagekit.DockerArchive(t, imagekit.Tag("docker.io/shop/packed:1", appImage(t, "0.1.0"))): 1,
		"oci-dir://" + imagekit.Layout(t, imagekit.Tag("fixed:1", appImage(t, "1.0.1"))):                        0,
		"fs://" + folder: 1,
		"sbom://" + sbom: 0,
	} {
		var code cli.ExitCode
		stdout, stderr, err := p.run("push", source, "--format", "json", "--exit-code")
		var report wire.CVEs
		if json.Unmarshal([]byte(stdout), &report) != nil || len(report.Findings) != findings || !strings.Contains(stderr, "delivered") {
			t.Errorf("%s: %d findings, want %d: %v, %s\n%s", source, len(report.Findings), findings, err, stderr, stdout)
		}
		if found := errors.As(err, &code) && code == cli.FoundVulnerabilities; found != (findings > 0) {
			t.Errorf("%s: %v", source, err)
		}
	}
	p.refused([]string{"push", "sbom://" + sbom, "--platform", "linux/arm64"}, "one image")

	// What would be sent has no secrets and no files in it, and is not sent.
	stdout, _, err := p.run("push", "oci-dir://"+imagekit.Layout(t, imagekit.Tag("dry:1", appImage(t, "3.0.0"))), "--dry-run", "--format", "json", "--name", "shop/dry:1")
	var dry delivery.Delivery
	if err != nil || json.Unmarshal([]byte(stdout), &dry) != nil || dry.Image.Name != "shop/dry:1" || len(dry.Content.Packages) != 1 || strings.Contains(stdout, "hunter2") || strings.Contains(stdout, "VERSION_ID") {
		t.Errorf("dry run: %v\n%s", err, stdout)
	}

	as(owner)
	if out := p.ok("cves", host+"/shop/web:1.0", "--format", "json"); !strings.Contains(out, "CVE-2099-0001") {
		t.Errorf("read back: %s", out)
	}
	got := fetched[wire.Image](t, address, owner, "/images/"+string(digest))
	if got.Name != host+"/shop/web:1.0" || got.State != "analysed" || got.Packages != 1 || got.Config == nil || got.Config.Labels["team"] != "shop" || got.Config.Labels["api-token"] == "hunter2" {
		t.Errorf("image %+v", got)
	}
	if tags := fetched[wire.Page[connected.TagInterval]](t, address, owner, "/repository/tags?name="+host+"/shop/web"); len(tags.Items) != 1 || tags.Items[0].Tag != "1.0" || tags.Items[0].Target != digest {
		t.Errorf("tags %+v", tags)
	}
	if all := fetched[wire.Page[wire.Image]](t, address, owner, "/images"); len(all.Items) != 5 {
		t.Errorf("%d images", len(all.Items))
	}
}

// fetched asks the API.
func fetched[T any](t *testing.T, address, token, path string) (out T) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/api/v1"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", path, res.Status, err)
	}
	return out
}

// yard is a registry that counts what is asked of it and can have enough of it.
type yard struct {
	host  string
	blobs atomic.Int64 // downloads of layers and configurations
	full  atomic.Int64 // requests that are refused with 429 from now on
	busy  atomic.Int64 // how many were
}

func newYard(t *testing.T) *yard {
	t.Helper()
	y, next := &yard{}, imagekit.RegistryHandler()
	y.host = imagekit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead
		if reads && y.full.Load() > 0 {
			y.full.Add(-1)
			y.busy.Add(1)
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/sha256:") {
			y.blobs.Add(1)
		}
		next.ServeHTTP(w, r)
	}))
	return y
}

// spoken is what a command says, safe to be read while it runs.
type spoken struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *spoken) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *spoken) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// has waits until the command said something so often.
func (s *spoken) has(t *testing.T, times int, text string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); strings.Count(s.String(), text) < times; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it never said %q %d times:\n%s", text, times, s)
		}
	}
}

// start runs a command line until stop, which returns how it ended.
func (p *person) start(args ...string) (said *spoken, stop func() error) {
	ctx, cancel := context.WithCancel(p.t.Context())
	said = &spoken{}
	root := newRoot(said, said, p.environ)
	root.SetArgs(args)
	ended := make(chan error, 1)
	go func() { ended <- root.ExecuteContext(ctx) }()
	stop = sync.OnceValue(func() error { cancel(); return <-ended })
	p.t.Cleanup(func() { stop() })
	return said, stop
}

// A watch delivers what is pushed, and the newest of what was there; whatever stops it, the next one goes on, and nothing
// is downloaded twice.
func TestWatch(t *testing.T) {
	address, owner := realServer(t)
	p := newPerson(t)
	p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + owner}
	p.environ[1] = "CROWSNEST_TOKEN=" + scoped(t, p, "upload")
	y := newYard(t)
	push := func(ref, version string) crowsnest.Digest {
		t.Helper()
		return imagekit.Push(t, y.host+ref, appImage(t, version))
	}
	web := y.host + "/shop/web"
	push("/shop/web:1.0", "1.0.0")
	push("/shop/web:1.1", "1.1.0")
	push("/shop/web:dev", "9.0.0")
	push("/other/tool:1", "5.0.0")
	once := func(args ...string) string {
		t.Helper()
		out, stderr, err := p.run(append([]string{"watch", "--once", "--registry", "registry=" + y.host + ",include=shop/*"}, args...)...)
		if err != nil || out != "" {
			t.Errorf("watch %q: %v, %q\n%s", args, err, out, stderr)
		}
		return stderr
	}
	states := func(repository string) map[string]string {
		t.Helper()
		out := map[string]string{}
		for _, i := range fetched[wire.Page[connected.TagInterval]](t, address, owner, "/repository/tags?name="+repository).Items {
			out[i.Tag] = string(i.State)
		}
		return out
	}
	is := func(repository, want string) {
		t.Helper()
		if got := fmt.Sprint(states(repository)); got != "map["+want+"]" {
			t.Errorf("%s: %s, want %s", repository, got, want)
		}
	}
	p.refused([]string{"watch"}, "--repository")
	p.refused([]string{"watch", "--repository", "shop/web:1@x"}, "without a tag")
	p.refused([]string{"watch", "--registry", "type=tape,registry=" + y.host}, "no such kind")

	if said := once("--dry-run"); strings.Count(said, "would be delivered") != 1 || !strings.Contains(said, "shop/web:1.1") {
		t.Errorf("dry run:\n%s", said)
	}
	is(web, "")
	once()
	is(web, "1.0: 1.1:analysed dev:")
	blobs := y.blobs.Load()
	once()
	if n := y.blobs.Load() - blobs; n != 0 {
		t.Errorf("%d blobs of what is known were downloaded", n)
	}

	// What was pushed meanwhile, with a layer that is known; a tag that moved; one that is gone, as a complete list has it no more.
	push("/shop/web:1.2", "1.2.0")
	moved := push("/shop/web:1.0", "1.0.5")
	if said := once("--tag", `1\..*`); strings.Count(said, "delivered 1 packages") != 2 {
		t.Errorf("pushed meanwhile:\n%s", said)
	}
	is(web, "1.0:analysed 1.1:analysed 1.2:analysed dev:")
	if n := y.blobs.Load() - blobs; n > 4 { // of each the configuration and the upper layer
		t.Errorf("%d blobs were downloaded", n)
	}
	if got := fetched[wire.Image](t, address, owner, "/images/"+string(moved)); got.State != "analysed" {
		t.Errorf("moved to %+v", got)
	}
	// The same image by another name is not downloaded, and everything is only what is missing.
	blobs = y.blobs.Load()
	push("/shop/copy:1", "1.2.0")
	if said := once("--all-images"); strings.Count(said, "delivered 1 packages") != 1 || strings.Count(said, "msg=known") != 1 {
		t.Errorf("all:\n%s", said)
	}
	is(web, "1.0:analysed 1.1:analysed 1.2:analysed dev:analysed")
	is(y.host+"/shop/copy", "1:analysed")
	is(y.host+"/other/tool", "")
	if n := y.blobs.Load() - blobs; n > 3 { // the configurations of both, and a layer
		t.Errorf("%d blobs were downloaded", n)
	}

	// It goes on, told of a push by polling, while the registry has enough of it for a while.
	said, stop := p.start("watch", "--repository", web, "--interval", "5s")
	said.has(t, 1, "repositories listed")
	if err := stop(); err != nil || !strings.Contains(said.String(), "stopped") {
		t.Errorf("stopped: %v\n%s", err, said)
	}
	push("/shop/web:2.0", "2.0.0")
	y.full.Store(3)
	said, stop = p.start("watch", "--repository", web, "--interval", "5s")
	said.has(t, 1, "delivered 1 packages")
	if err := stop(); err != nil || y.busy.Load() != 3 || !strings.Contains(said.String(), "again in") {
		t.Errorf("with 429: %v, %d refused\n%s", err, y.busy.Load(), said)
	}
	is(web, "1.0:analysed 1.1:analysed 1.2:analysed 2.0:analysed dev:analysed")

	// Told of a push by the registry itself, long before it is looked at again; who knows no secret tells nothing.
	secret, port := filepath.Join(t.TempDir(), "secret"), freePort(t)
	if err := os.WriteFile(secret, []byte("of the hook\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	said, stop = p.start("watch", "--interval", "1h", "--registry", fmt.Sprintf("registry=%s,include=shop/*,port=%d,hook-secret=@%s", y.host, port, secret))
	said.has(t, 1, "repositories listed")
	push("/shop/web:3.0", "3.0.0")
	push("/shop/new:1", "4.0.0")
	for _, event := range []struct {
		proof, repository, tag string
		want                   int
	}{{"wrong", "shop/web", "3.0", http.StatusUnauthorized}, {"of the hook", "shop/web", "3.0", http.StatusAccepted}, {"of the hook", "shop/new", "1", http.StatusAccepted}, {"of the hook", "other/tool", "1", http.StatusAccepted}} {
		body := fmt.Sprintf(`{"events":[{"action":"push","target":{"repository":%q,"tag":%q}}]}`, event.repository, event.tag)
		if code := tell(t, fmt.Sprintf("http://127.0.0.1:%d/", port), event.proof, body); code != event.want {
			t.Errorf("told of %s: %d", event.repository, code)
		}
	}
	if code := tell(t, fmt.Sprintf("http://127.0.0.1:%d/", port), "of the hook", "{}"); code != http.StatusUnprocessableEntity {
		t.Errorf("told of nothing: %d", code)
	}
	said.has(t, 2, "delivered 1 packages")
	if err := stop(); err != nil || strings.Contains(said.String(), "other/tool") {
		t.Errorf("told of pushes: %v\n%s", err, said)
	}
	is(y.host+"/shop/new", "1:analysed")
}

// freePort returns a port that nobody listened on a moment ago.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func tell(t *testing.T, address, secret, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+secret)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// A server that is busy is asked again, one that lets nobody in ends the watch, and what cannot be analysed is told.
func TestWatchAndTheServer(t *testing.T) {
	address, owner := realServer(t)
	p := newPerson(t)
	to, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	var refuse, busy atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refuse.Load() > 0 {
			refuse.Add(-1)
			busy.Add(1)
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	p.environ = []string{"CROWSNEST_SERVER=" + front.URL, "CROWSNEST_TOKEN=" + owner}
	y := newYard(t)
	imagekit.Push(t, y.host+"/shop/web:1", appImage(t, "1.0.0"))
	cut, err := mutate.AppendLayers(appImage(t, "1.0.0"), static.NewLayer([]byte("no archive"), types.OCILayer))
	if err != nil {
		t.Fatal(err)
	}
	broken := imagekit.Push(t, y.host+"/shop/broken:1", cut)
	refuse.Store(2)
	_, stderr, err := p.run("watch", "--once", "--repository", y.host+"/shop/web", "--repository", y.host+"/shop/broken")
	if err == nil || busy.Load() != 2 || !strings.Contains(stderr, "delivered 1 packages") || !strings.Contains(stderr, "could not be analysed") {
		t.Errorf("%v, %d refused\n%s", err, busy.Load(), stderr)
	}
	if got := fetched[wire.Image](t, address, owner, "/images/"+string(broken)); got.State != "failed" || got.Reason == "" {
		t.Errorf("broken: %+v", got)
	}
	p.environ[1] = "CROWSNEST_TOKEN=cn_unknown"
	if _, stderr, err := p.run("watch", "--repository", y.host+"/shop/web"); err == nil || crowsnest.KindOf(err) != crowsnest.Unauthorized {
		t.Errorf("with an unknown token: %v\n%s", err, stderr)
	}
}

// What the edge finds of VEX documents in an image counts as if the server had found it, until the server reads the image itself.
func TestPushedDocuments(t *testing.T) {
	address, owner := realServer(t)
	p := newPerson(t)
	p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + owner}
	_, advisories := leftPad(t)
	p.ok("advisory", "import", advisories)
	p.ok("exception", "settings", "--vex-author", "builder@example.com")
	stated := func(status string) v1.Image {
		return imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{
			{Files: []imagekit.File{imagekit.Text("etc/os-release", "ID=debian\nVERSION_ID=12\n")}},
			{Files: []imagekit.File{
				imagekit.Text("app/node_modules/left-pad/package.json", `{"name":"left-pad","version":"1.0.0"}`),
				imagekit.Text("usr/share/broken.vex.json", "{"),
				imagekit.Text("usr/share/shop.vex.json", `{"@context":"https://openvex.dev/ns/v0.2.0","@id":"shop","author":"builder@example.com","timestamp":"2026-01-02T03:04:05Z","version":1,
					"statements":[{"vulnerability":{"name":"CVE-2099-0001"},"status":"`+status+`","justification":"component_not_present"}]}`),
			}},
		}})
	}
	img := stated("not_affected")
	host := imagekit.Registry(t)
	name := host + "/shop/web:1.0"
	digest := imagekit.Push(t, name, img)
	p.ok("push", name)
	seen := func() (cves wire.CVEs, paths []string) {
		t.Helper()
		cves = read[wire.CVEs](t, p.ok("cves", string(digest), "--format", "json"))
		for _, problem := range fetched[wire.Image](t, address, owner, "/images/"+string(digest)).Problems {
			paths = append(paths, problem.Path)
		}
		return cves, paths
	}
	delivered, problems := seen()
	if len(delivered.Findings) != 0 || len(delivered.Suppressed) != 1 || len(problems) != 1 || problems[0] != "usr/share/broken.vex.json" {
		t.Errorf("delivered are %+v, %v", delivered, problems)
	}
	p.ok("push", name) // again; nothing changes
	if again, _ := seen(); len(again.Suppressed) != 1 {
		t.Errorf("delivered again it is %+v", again)
	}
	p.ok("cves", name) // the server reads it itself
	if here, problems := seen(); len(here.Suppressed) != 1 || len(here.Findings) != 0 || len(problems) != 1 {
		t.Errorf("analysed by the server it is %+v, %v", here, problems)
	}
	if list := p.ok("vex", "list"); strings.Count(list, "builder@example.com") != 1 {
		t.Errorf("documents are\n%s", list)
	}
}
