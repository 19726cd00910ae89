package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/client"
)

// served is a server that the command runs in a process of its own.
type served struct {
	*client.Client
	url, token string
	link       string  // of the first owner, if it was shown
	machine    machine // told of the server
	stop       func() int
	kill       func() // as the kernel does that is out of memory
}

var (
	linkLine  = regexp.MustCompile(`^    (http://\S+/link#crowsnestlink_[a-z2-7]+)$`)
	readyLine = regexp.MustCompile(`msg=ready url=(\S+)`)
)

// serve runs "crowsnest serve" on a machine until the test ends. known is the token of an
// installation that is there already.
func serve(t testing.TB, m machine, known ...string) *served {
	t.Helper()
	// Its end is the test's, however long parallel subtests wait for their turn.
	cmd := m.command(t, context.Background(), "serve", "--listen", "127.0.0.1:0", "--data", filepath.Join(m.home, "data"), "--egress-allow", "127.0.0.1")
	stderr := got(cmd.StderrPipe())(t)
	must(t, cmd.Start())
	s := &served{}
	if len(known) > 0 {
		s.token = known[0]
	}
	ended := make(chan int, 1)
	code, stopped := 0, false
	end := func(signal os.Signal) int {
		if !stopped {
			stopped = true
			_ = cmd.Process.Signal(signal) // fails only where it has ended already
			code = <-ended
		}
		return code
	}
	s.stop = func() int { return end(syscall.SIGTERM) }
	s.kill = func() { end(syscall.SIGKILL) }
	t.Cleanup(func() { s.stop() })
	ready := make(chan bool, 1)
	var said strings.Builder
	go func() {
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			said.WriteString(lines.Text() + "\n")
			if m := linkLine.FindStringSubmatch(lines.Text()); m != nil {
				s.link = m[1]
			}
			if m := readyLine.FindStringSubmatch(lines.Text()); m != nil {
				s.url = m[1]
				break
			}
		}
		ready <- s.url != ""
		_, _ = io.Copy(io.Discard, stderr) // a full pipe would stop the server
		_ = cmd.Wait()
		ended <- cmd.ProcessState.ExitCode()
	}()
	select {
	case ok := <-ready:
		if !ok {
			t.Fatalf("the server does not start:\n%s", said.String())
		}
	case <-time.After(patience):
		t.Fatalf("the server is not ready after %s", patience)
	}
	if s.link != "" {
		s.token = firstOwner(t, s.url, s.link)
	}
	var err error
	s.Client, err = client.New(s.url, s.token)
	must(t, err)
	s.machine = newMachine(t, "CROWSNEST_SERVER="+s.url, "CROWSNEST_TOKEN="+s.token)
	return s
}

// firstOwner becomes the first owner with the link, as the dashboard does, and makes a token.
func firstOwner(t testing.TB, url, link string) string {
	t.Helper()
	jar := got(cookiejar.New(nil))(t)
	browser := &http.Client{Jar: jar, Timeout: patience}
	post := func(path string, body, into any) {
		t.Helper()
		b := got(json.Marshal(body))(t)
		res := got(browser.Post(url+path, "application/json", bytes.NewReader(b)))(t)
		defer res.Body.Close()
		answer := got(io.ReadAll(res.Body))(t)
		if res.StatusCode >= 300 {
			t.Fatalf("%s: %s %s", path, res.Status, answer)
		}
		must(t, json.Unmarshal(answer, into))
	}
	_, secret, _ := strings.Cut(link, "#")
	var session struct {
		Role string `json:"role"`
	}
	post("/api/v1/links/redeem", obj{"secret": secret, "email": "owner@example.com", "name": "Owner", "password": "a boat with nine masts"}, &session)
	if session.Role != "owner" {
		t.Errorf("the first link made a person of role %q", session.Role)
	}
	var token struct {
		Secret string `json:"secret"`
	}
	post("/api/v1/tokens", obj{"name": "test", "kind": "personal", "scopes": []string{"owner"}}, &token)
	return token.Secret
}

// repairAccess works on the database of a server that runs.
func repairAccess(t testing.TB, m machine, s *served) {
	t.Helper()
	data := "--data=" + filepath.Join(m.home, "data")
	if out := m.ok(t, "admin", "people", data); !strings.Contains(out, "owner@example.com") {
		t.Errorf("people:\n%s", out)
	}
	var token struct{ Secret string }
	must(t, json.Unmarshal([]byte(m.ok(t, "admin", "token", "create", "--scope", "read", "--expires", "1h", "--format", "json", data)), &token))
	got(got(client.New(s.url, token.Secret))(t).Environments(ctx(t)))(t)
	var link struct{ URL string }
	must(t, json.Unmarshal([]byte(m.ok(t, "admin", "reset-password", "owner@example.com", "--format", "json", data)), &link))
	if !strings.Contains(link.URL, "/link#crowsnestlink_") {
		t.Errorf("link %q", link.URL)
	}
	m.ok(t, "admin", "rotate-key", data)
}

// TestServe runs the server as people do: it shows its first link until it is used, keeps its files to its
// owner, stops when told to, and is the same installation at the next start.
func TestServe(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	first := serve(t, m)
	if first.link == "" {
		t.Fatal("the first start shows no link")
	}
	got(first.Version(ctx(t)))(t)
	repairAccess(t, m, first)
	for _, name := range []string{"crowsnest.db", "key"} {
		info := got(os.Stat(filepath.Join(m.home, "data", name)))(t)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want it to be its owner's alone", name, info.Mode())
		}
	}
	if code := first.stop(); code != 0 {
		t.Errorf("a server that is told to stop ends with code %d", code)
	}
	second := serve(t, m, first.token)
	if second.link != "" {
		t.Error("the second start shows a link although there is an owner")
	}
	got(second.Version(ctx(t)))(t)
}

// TestLoginIsRemembered logs in, asks without further words, and logs out.
func TestLoginIsRemembered(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	m := newMachine(t)
	must(t, os.WriteFile(filepath.Join(m.home, "token"), []byte(s.token+"\n"), 0o600))
	o := m.run(t, "login", s.url, "--token", "@token")
	if o.code != 0 || strings.Contains(o.stderr, s.token) {
		t.Fatalf("login: code %d: %s", o.code, o.stderr)
	}
	stored := filepath.Join(m.home, "config", "crowsnest", "login.json")
	if info := got(os.Stat(stored))(t); info.Mode().Perm() != 0o600 {
		t.Errorf("the login has mode %v, want it to be its owner's alone", info.Mode())
	}
	if out := m.ok(t, "environment", "--format", "json"); strings.TrimSpace(out) != "[]" {
		t.Errorf("environments after login: %s", out)
	}
	m.fails(t, []string{"crowsnest login"}, "environment", "--server", "http://127.0.0.1:9") // the token is not for others
	m.ok(t, "logout")
	m.fails(t, []string{"a server is needed"}, "environment")

	must(t, os.WriteFile(filepath.Join(m.home, "token"), []byte("crowsnest_wrong"), 0o600))
	m.fails(t, []string{"not known here"}, "login", s.url, "--token", "@token")
	if _, err := os.Stat(stored); err == nil {
		t.Error("a login that failed was stored")
	}
}
