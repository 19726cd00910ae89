package imagekit

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

// RegistryHandler is an empty registry in memory, for tests that put something in front of it.
func RegistryHandler() http.Handler {
	return registry.New(registry.Logger(log.New(io.Discard, "", 0)))
}

// Registry starts an empty registry in memory and returns its host:port. It
// speaks plain HTTP on loopback and ends with the test.
func Registry(t testing.TB) string { return Serve(t, RegistryHandler()) }

// Serve serves h on loopback until the test ends and returns host:port.
func Serve(t testing.TB, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// The line with which the registry says that it accepts connections, and where.
var listening = regexp.MustCompile(`msg="listening on ([^" ,]+)`)

// DockerRegistry starts the CNCF registry ("distribution"), as Debian packages
// it, with its storage in a directory of the test, and returns its host:port. The process
// ends with the test. Where the program is missing the test is skipped, except
// in CI (environment variable CI=true), where it fails.
func DockerRegistry(t testing.TB) string {
	t.Helper()
	return Distributed(t).Host
}

// Distribution is DockerRegistry as a test steers it.
type Distribution struct {
	Host string // does not change

	t            testing.TB
	program, dir string
	more         string // settings
	stop         func()
}

// Distributed is DockerRegistry, steered by the test.
func Distributed(t testing.TB) *Distribution {
	t.Helper()
	program, err := exec.LookPath("docker-registry")
	if err != nil {
		const message = "docker-registry is missing: apt-get install docker-registry"
		if os.Getenv("CI") == "true" {
			t.Fatal(message)
		}
		t.Skip(message)
	}
	d := &Distribution{t: t, program: program, dir: t.TempDir(), Host: "127.0.0.1:0"}
	// The kernel chooses the port and the registry tells it, so no other process can take it in between.
	d.Start()
	t.Cleanup(func() { d.Stop() })
	return d
}

// Stop ends the registry as a kill does. What was pushed stays.
func (d *Distribution) Stop() { d.stop() }

// Start starts the registry again where it was.
func (d *Distribution) Start() {
	d.t.Helper()
	d.Host, d.stop = startDistribution(d.t, d.program, d.dir, d.Host, d.more)
}

// Notify has the registry notify an address of what happens, with a value for the header Authorization: it is started
// again for that.
func (d *Distribution) Notify(url, authorization string) {
	d.t.Helper()
	d.Stop()
	d.more = fmt.Sprintf("notifications: {endpoints: [{name: crowsnest, url: %q, headers: {Authorization: [%q]}, timeout: 5s, threshold: 3, backoff: 500ms}]}\n", url, authorization)
	d.Start()
}

// startDistribution starts the registry on an address and returns the one it listens on.
func startDistribution(t testing.TB, program, dir, listen, more string) (host string, stop func()) {
	t.Helper()
	config := filepath.Join(dir, "config.yml")
	text := fmt.Sprintf("version: 0.1\nlog: {level: info, formatter: text}\nstorage: {filesystem: {rootdirectory: %q}, delete: {enabled: true}}\nhttp: {addr: %q}\n",
		filepath.Join(dir, "storage"), listen) + more
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatalf("docker-registry: %v", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatalf("docker-registry: %v", err)
	}
	defer w.Close()
	cmd := exec.Command(program, "serve", config)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "OTEL_TRACES_EXPORTER=none"}
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		r.Close()
		t.Fatalf("docker-registry: %v", err)
	}
	stop = sync.OnceFunc(func() {
		if err := cmd.Process.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Errorf("stop docker-registry: %v", err)
		}
		_ = cmd.Wait() // says only that it was killed
		r.Close()
	})

	address := make(chan string, 1)
	go func() {
		defer close(address)
		for lines := bufio.NewScanner(r); lines.Scan(); {
			if m := listening.FindStringSubmatch(lines.Text()); m != nil {
				address <- m[1]
				break
			}
		}
		_, _ = io.Copy(io.Discard, r) // a full pipe would stop the registry
	}()
	const patience = 30 * time.Second
	select {
	case host, ok := <-address:
		if !ok {
			stop()
			t.Fatal("docker-registry ended before it accepted connections")
		}
		return host, stop
	case <-time.After(patience):
		stop()
		t.Fatalf("docker-registry accepts no connections after %s", patience)
	}
	return "", nil
}
