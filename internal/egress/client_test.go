package egress

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func client(t *testing.T, p Policy) *http.Client {
	t.Helper()
	c, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func loopback(t *testing.T) Policy { return Policy{Allow: prefixes(t, "127.0.0.1/32")} }

// get returns the body, or the classified error.
func get(c *http.Client, address string) (string, error) {
	res, err := c.Get(address)
	if err != nil {
		return "", Classify("fetch", "page", err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return "", Classify("fetch", "page", err)
	}
	return string(b), nil
}

var hello = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") })

func wantError(t *testing.T, err error, kind crowsnest.Kind, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if got := crowsnest.KindOf(err); got != kind {
		t.Errorf("kind = %v, want %v: %v", got, kind, err)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("%q does not say %q", err, p)
		}
	}
}

func TestLoopbackRefusedUnlessAllowed(t *testing.T) {
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer srv.Close()
	_, err := get(client(t, Policy{}), srv.URL)
	wantError(t, err, crowsnest.Forbidden, "fetch page", "loopback", "egress.allow", "127.0.0.1/32")
	if asked != 0 {
		t.Error("the server was reached")
	}
	if _, err := get(client(t, loopback(t)), srv.URL); err != nil {
		t.Error(err)
	}
	if asked != 1 {
		t.Errorf("the server was asked %d times", asked)
	}
}

func TestLocalhostByName(t *testing.T) {
	srv := httptest.NewServer(hello)
	defer srv.Close()
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	_, err := get(client(t, Policy{}), "http://localhost:"+port)
	wantError(t, err, crowsnest.Forbidden, "loopback")
}

func TestPrivateAuthority(t *testing.T) {
	ca := newAuthority(t)
	srv := serveTLS(t, hello, &tls.Config{Certificates: []tls.Certificate{ca.sign(t, nil)}})
	p := loopback(t)
	_, err := get(client(t, p), srv.URL)
	wantError(t, err, crowsnest.Unavailable, "not signed by a trusted authority", "CA file")
	p.CAFile = ca.file
	got, err := get(client(t, p), srv.URL)
	if err != nil || got != "hello" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestCAFileUnusable(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := New(Policy{CAFile: empty})
	wantError(t, err, crowsnest.Invalid, "read CA file", empty, "no certificate")
	missing := filepath.Join(t.TempDir(), "missing.pem")
	_, err = New(Policy{CAFile: missing})
	wantError(t, err, crowsnest.NotFound, "read CA file", missing)
	if strings.Count(err.Error(), missing) != 1 {
		t.Errorf("the path is repeated: %v", err)
	}
}

// A name may change its address after it was looked up once: each connection is judged by itself.
func TestRebinding(t *testing.T) {
	srv := httptest.NewServer(hello)
	defer srv.Close()
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	var dns names
	dns.set("service.test", "127.0.0.1")
	p := loopback(t)
	p.resolver = dns.resolver()
	c := client(t, p)
	address := "http://service.test:" + port
	if _, err := get(c, address); err != nil {
		t.Fatalf("before the change: %v", err)
	}
	c.CloseIdleConnections()
	for _, addr := range []string{"127.0.0.2", "169.254.169.254", "10.0.0.1"} {
		dns.set("service.test", addr)
		_, err := get(c, address)
		wantError(t, err, crowsnest.Forbidden, "connect to "+addr)
	}
}

func TestUnknownScheme(t *testing.T) {
	_, err := get(client(t, Policy{}), "ftp://files.test/x")
	wantError(t, err, crowsnest.Unsupported, "ftp", "https://")
}

func TestRedirects(t *testing.T) {
	ca := newAuthority(t)
	plainSrv := httptest.NewServer(hello)
	defer plainSrv.Close()

	var seen http.Header
	other := serveTLS(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header.Clone()
		if back := r.URL.Query().Get("back"); back != "" {
			http.Redirect(w, r, back, http.StatusFound)
			return
		}
		io.WriteString(w, "other")
	}), &tls.Config{Certificates: []tls.Certificate{ca.sign(t, nil)}})

	var first *httptest.Server
	first = serveTLS(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/n":
			var n int
			fmt.Sscan(r.URL.RawQuery, &n)
			if n > 0 {
				http.Redirect(w, r, fmt.Sprintf("/n?%d", n-1), http.StatusFound)
			}
		case "/plain":
			http.Redirect(w, r, plainSrv.URL, http.StatusFound)
		case "/other":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/other-307":
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		case "/there-and-back":
			http.Redirect(w, r, other.URL+"?back="+url.QueryEscape(first.URL+"/end"), http.StatusFound)
		case "/private":
			http.Redirect(w, r, "https://10.0.0.1/", http.StatusFound)
		case "/end":
			seen = r.Header.Clone()
		}
	}), &tls.Config{Certificates: []tls.Certificate{ca.sign(t, nil)}})

	p := loopback(t)
	p.CAFile = ca.file
	c := client(t, p)

	do := func(method, path, body string) error {
		req, err := http.NewRequest(method, first.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer secret")
		req.Header.Set("Cookie", "a=secret")
		req.Header.Set("X-Own-Token", "secret")
		req.Header.Set("Accept", "application/json")
		res, err := c.Do(req)
		if err != nil {
			return Classify("fetch", "page", err)
		}
		return res.Body.Close()
	}

	t.Run("as many as permitted", func(t *testing.T) {
		if err := do("GET", fmt.Sprintf("/n?%d", MaxRedirects), ""); err != nil {
			t.Error(err)
		}
	})
	t.Run("one too many", func(t *testing.T) {
		wantError(t, do("GET", fmt.Sprintf("/n?%d", MaxRedirects+1), ""), crowsnest.Forbidden, "more than 5 redirects")
	})
	t.Run("https to http", func(t *testing.T) {
		wantError(t, do("GET", "/plain", ""), crowsnest.Forbidden, "leaves https")
	})
	t.Run("to a private address", func(t *testing.T) {
		wantError(t, do("GET", "/private", ""), crowsnest.Forbidden, "connect to 10.0.0.1", "private")
	})
	for _, path := range []string{"/other", "/there-and-back"} {
		t.Run("secrets"+path, func(t *testing.T) {
			seen = nil
			if err := do("GET", path, ""); err != nil {
				t.Fatal(err)
			}
			if seen.Get("Accept") != "application/json" {
				t.Errorf("Accept is lost: %v", seen)
			}
			for name, values := range seen {
				if strings.Contains(strings.Join(values, " "), "secret") {
					t.Errorf("%s went to another host", name)
				}
			}
		})
	}
	t.Run("same host keeps the headers", func(t *testing.T) {
		seen = nil
		req, _ := http.NewRequest("GET", first.URL+"/end", nil)
		req.Header.Set("Authorization", "Bearer secret")
		if err := checkRedirect(req, []*http.Request{{URL: mustURL(first.URL + "/start")}}); err != nil {
			t.Fatal(err)
		}
		if req.Header.Get("Authorization") == "" {
			t.Error("Authorization is lost on the same host")
		}
	})
	t.Run("body to another host", func(t *testing.T) {
		wantError(t, do("POST", "/other-307", "password=x"), crowsnest.Forbidden, "another host")
	})
}

func mustURL(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

func TestHostPort(t *testing.T) {
	for in, want := range map[string]string{
		"https://Host/x": "host:443", "https://host:443": "host:443", "http://host": "host:80", "https://[::1]": "[::1]:443", "https://host:8443": "host:8443",
	} {
		if got := hostPort(mustURL(in)); got != want {
			t.Errorf("hostPort(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestHeaderTooLarge(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Large", strings.Repeat("x", maxResponseHeader))
	}))
	defer srv.Close()
	_, err := get(client(t, loopback(t)), srv.URL)
	wantError(t, err, crowsnest.Unavailable, "header")
}

// tunnel is a proxy that connects every CONNECT to one server, or answers with a status.
func tunnel(t *testing.T, to string, status int) (address string, connects *[]string) {
	t.Helper()
	connects = new([]string)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*connects = append(*connects, r.Method+" "+r.Host)
		if status != http.StatusOK {
			w.WriteHeader(status)
			return
		}
		up, err := net.Dial("tcp", to)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusOK)
		down, sent, err := http.NewResponseController(w).Hijack()
		if err != nil {
			up.Close()
			return
		}
		go func() { io.Copy(up, sent); up.Close() }() // the server may have read the first byte already
		go func() { io.Copy(down, up); down.Close() }()
	}))
	t.Cleanup(srv.Close)
	return srv.URL, connects
}

func TestProxy(t *testing.T) {
	ca := newAuthority(t)
	srv := serveTLS(t, hello, &tls.Config{Certificates: []tls.Certificate{ca.sign(t, nil)}})
	proxy, connects := tunnel(t, srv.Listener.Addr().String(), http.StatusOK)
	t.Setenv("HTTPS_PROXY", proxy)
	t.Setenv("HTTP_PROXY", proxy)
	t.Setenv("NO_PROXY", "")
	var dns names // service.test is not known here: only the proxy can resolve it

	t.Run("ignored unless configured", func(t *testing.T) {
		_, err := get(client(t, Policy{CAFile: ca.file, resolver: dns.resolver()}), "https://service.test")
		wantError(t, err, crowsnest.Unavailable, "service.test is not known to DNS")
	})
	c := client(t, Policy{CAFile: ca.file, ProxyFromEnvironment: true, resolver: dns.resolver()})
	t.Run("used", func(t *testing.T) {
		got, err := get(c, "https://service.test")
		if err != nil || got != "hello" {
			t.Errorf("got %q, %v", got, err)
		}
		if diff := cmp.Diff([]string{"CONNECT service.test:443"}, *connects); diff != "" {
			t.Error(diff)
		}
	})
	for _, host := range []string{"10.0.0.1", "[::ffff:169.254.169.254]"} {
		t.Run("address "+host, func(t *testing.T) {
			_, err := get(c, "https://"+host)
			wantError(t, err, crowsnest.Forbidden, "egress.allow")
		})
	}
	for _, host := range []string{"2130706433", "0x7f.1", "127.1.", "0x7f000001"} {
		t.Run("numeric name "+host, func(t *testing.T) {
			_, err := get(c, "https://"+host)
			if err == nil {
				t.Fatal("no error")
			}
			if len(*connects) != 1 {
				t.Errorf("the proxy was asked: %q", *connects)
			}
		})
	}
	t.Run("plain http stays out", func(t *testing.T) {
		_, err := get(c, "http://service.test")
		wantError(t, err, crowsnest.Unavailable, "not known to DNS")
	})
}

func TestProxyRefuses(t *testing.T) {
	for status, hint := range map[int]string{http.StatusProxyAuthRequired: "password", http.StatusForbidden: "NO_PROXY", http.StatusBadGateway: "HTTPS_PROXY"} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			proxy, _ := tunnel(t, "", status)
			t.Setenv("HTTPS_PROXY", strings.Replace(proxy, "http://", "http://user:hidden@", 1))
			t.Setenv("NO_PROXY", "")
			_, err := get(client(t, Policy{ProxyFromEnvironment: true}), "https://service.test")
			wantError(t, err, crowsnest.Unavailable, "proxy", fmt.Sprint(status), hint)
			if strings.Contains(err.Error(), "hidden") {
				t.Errorf("the password is shown: %v", err)
			}
		})
	}
}

func TestProxyVariableUnusable(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://user:hidden@[::1")
	_, err := New(Policy{ProxyFromEnvironment: true})
	wantError(t, err, crowsnest.Invalid, "HTTPS_PROXY")
	if strings.Contains(err.Error(), "hidden") {
		t.Errorf("the password is shown: %v", err)
	}
	var own *crowsnest.Error
	if !errors.As(err, &own) {
		t.Error("not a Crowsnest error")
	}
}
