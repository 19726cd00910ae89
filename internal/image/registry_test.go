package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/image/network"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
)

// quick makes retries immediate and leaves the waits long enough never to matter.
var quick = patience{open: time.Minute, stall: time.Minute, retry: time.Microsecond}

// front is a registry that holds one image as team/app:1 behind handlers a test chooses.
type front struct {
	host   string
	digest crowsnest.Digest

	mu       sync.Mutex
	handle   func(w http.ResponseWriter, r *http.Request, next http.Handler)
	requests []string
}

func newFront(t *testing.T, img imagekit.Image) *front {
	t.Helper()
	registry := imagekit.RegistryHandler()
	f := &front{}
	f.host = imagekit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		handle := f.handle
		f.requests = append(f.requests, r.Method+" "+r.URL.Path)
		f.mu.Unlock()
		if handle != nil {
			handle(w, r, registry)
			return
		}
		registry.ServeHTTP(w, r)
	}))
	f.digest = imagekit.Push(t, f.host+"/team/app:1", imagekit.Build(t, img))
	return f
}

func (f *front) set(handle func(w http.ResponseWriter, r *http.Request, next http.Handler)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.handle, f.requests = handle, nil
}

// answer makes every request for a path that contains part end with status and body.
func (f *front) answer(part string, status int, body string) {
	f.set(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.Contains(r.URL.Path, part) {
			next.ServeHTTP(w, r)
			return
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	})
}

func TestRegistryAnswers(t *testing.T) {
	f := newFront(t, app(crowsnest.DefaultPlatform))
	const secret = "hunter2"
	body := func(code string) string {
		return fmt.Sprintf(`{"errors":[{"code":%q,"message":%q,"detail":%q}]}`, code, secret, secret)
	}
	for _, tt := range []struct {
		name   string
		part   string
		status int
		body   string
		kind   crowsnest.Kind
		words  []string
	}{
		{"no such tag", "/manifests/", 404, body("MANIFEST_UNKNOWN"), crowsnest.NotFound, []string{"check the name and the tag"}},
		{"wrong credentials", "/manifests/", 401, body("UNAUTHORIZED"), crowsnest.Unauthorized, []string{"docker login " + f.host, "UNAUTHORIZED"}},
		{"not allowed", "/manifests/", 403, body("DENIED"), crowsnest.Forbidden, []string{"docker login " + f.host, "DENIED"}},
		{"too many requests", "/manifests/", 429, body("TOOMANYREQUESTS"), crowsnest.RateLimited, []string{"try again later"}},
		{"registry fails", "/manifests/", 503, "<html>" + secret, crowsnest.Unavailable, []string{"503", "try again later"}},
		{"bad request", "/manifests/", 400, body("NAME_INVALID"), crowsnest.Invalid, []string{"NAME_INVALID"}},
		{"odd status", "/manifests/", 418, secret, crowsnest.Unavailable, []string{"418"}},
		{"a code that is none", "/manifests/", 403, body(secret), crowsnest.Forbidden, nil},
		{"no registry", "/v2/", 404, secret, crowsnest.Unavailable, []string{"not as a registry"}},
		{"no configuration", "/blobs/", 404, body("BLOB_UNKNOWN"), crowsnest.Corrupt, []string{"only a part", "push the image again"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f.answer(tt.part, tt.status, tt.body)
			_, err := Open(t.Context(), f.host+"/team/app:1", Options{patience: quick})
			fails(t, err, tt.kind, append(tt.words, "open image "+f.host+"/team/app:1: ")...)
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the registry's own words are in: %v", err)
			}
		})
	}
}

func TestRegistryIsAskedAgain(t *testing.T) {
	f := newFront(t, app(crowsnest.DefaultPlatform))
	var failures atomic.Int32
	f.set(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.Contains(r.URL.Path, "/manifests/") && failures.Add(1) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
	mustOpen(t, f.host+"/team/app:1", Options{patience: quick})
	if n := failures.Load(); n != 3 {
		t.Errorf("the manifest was asked for %d times, want 3", n)
	}
	f.answer("/manifests/", http.StatusServiceUnavailable, "")
	if _, err := Open(t.Context(), f.host+"/team/app:1", Options{patience: quick}); crowsnest.KindOf(err) != crowsnest.Unavailable {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var asked int
	for _, r := range f.requests {
		if strings.Contains(r, "/manifests/") {
			asked++
		}
	}
	if asked != 3 {
		t.Errorf("a registry that stays down was asked %d times, want 3", asked)
	}
}

func TestTagIsResolvedOnce(t *testing.T) {
	f := newFront(t, app(crowsnest.DefaultPlatform))
	f.set(nil)
	img := mustOpen(t, f.host+"/team/app:1", Options{})
	for i := range img.Layers {
		if _, err := readLayer(t, img, i); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"GET /v2/", "GET /v2/team/app/manifests/1", "GET /v2/team/app/blobs/" + string(img.ImageID),
	}
	for _, l := range img.Layers {
		want = append(want, "GET /v2/team/app/blobs/"+string(l.Digest))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	// On loopback the first contact is tried with TLS as well, which does not reach a handler.
	if got := strings.Join(f.requests, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("requests:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
}

func TestRegistryGivesOtherBytes(t *testing.T) {
	f := newFront(t, app(crowsnest.DefaultPlatform))
	img := mustOpen(t, f.host+"/team/app:1", Options{})
	first := img.Layers[0]
	for _, tt := range []struct {
		name  string
		write func(w http.ResponseWriter, b []byte)
		words []string
	}{
		{"changed", func(w http.ResponseWriter, b []byte) { b[len(b)-1] ^= 1; w.Write(b) }, []string{"digest does not match"}},
		{"truncated", func(w http.ResponseWriter, b []byte) { w.Write(b[:len(b)-10]) }, []string{"push the image again"}},
		{"truncated without a length", func(w http.ResponseWriter, b []byte) {
			w.(http.Flusher).Flush()
			w.Write(b[:len(b)-10])
		}, []string{"cut off", "10 of its"}},
		{"longer", func(w http.ResponseWriter, b []byte) {
			w.(http.Flusher).Flush()
			w.Write(append(b, 0))
		}, []string{"more than its"}},
		{"gone", func(w http.ResponseWriter, b []byte) { w.WriteHeader(404) }, []string{"not this layer", "push the image again"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f.set(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if !strings.HasSuffix(r.URL.Path, string(first.Digest)) {
					next.ServeHTTP(w, r)
					return
				}
				rec := httptest.NewRecorder()
				next.ServeHTTP(rec, r)
				tt.write(w, rec.Body.Bytes())
			})
			_, err := readLayer(t, img, 0)
			fails(t, err, crowsnest.Corrupt, append(tt.words, "read layer 1 of 3", first.Digest.Short(), f.host+"/team/app:1")...)
		})
	}
	t.Run("manifest", func(t *testing.T) {
		f.answer("/manifests/", 200, `{"schemaVersion":2}`)
		_, err := Open(t.Context(), f.host+"/team/app@"+string(f.digest), Options{})
		fails(t, err, crowsnest.Corrupt, "digest of its manifest does not match")
	})
	t.Run("configuration", func(t *testing.T) {
		f.answer(string(img.ImageID), 200, "{}")
		_, err := Open(t.Context(), f.host+"/team/app:1", Options{})
		fails(t, err, crowsnest.Corrupt, "its configuration has 2 bytes")
	})
	t.Run("manifest without end", func(t *testing.T) {
		f.answer("/manifests/", 200, strings.Repeat(" ", maxManifest+1))
		_, err := Open(t.Context(), f.host+"/team/app:1", Options{})
		fails(t, err, crowsnest.TooLarge, "more than 4 MiB")
	})
}

func TestRegistryBreaksOff(t *testing.T) {
	f := newFront(t, app(crowsnest.DefaultPlatform))
	img := mustOpen(t, f.host+"/team/app:1", Options{})
	f.set(func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		w.Header().Set("Content-Length", fmt.Sprint(img.Layers[0].Size))
		w.Write([]byte("some"))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	_, err := readLayer(t, img, 0)
	fails(t, err, crowsnest.Unavailable, "broke the connection off", "read layer 1 of 3")
}

func TestRegistryStalls(t *testing.T) {
	f := newFront(t, app(crowsnest.DefaultPlatform))
	impatient := quick
	impatient.stall = 20 * time.Millisecond
	img := mustOpen(t, f.host+"/team/app:1", Options{patience: impatient})
	f.set(func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		w.Header().Set("Content-Length", fmt.Sprint(img.Layers[0].Size))
		w.Write([]byte("some"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	_, err := readLayer(t, img, 0)
	fails(t, err, crowsnest.Unavailable, "stopped sending")

	impatient.open = 20 * time.Millisecond
	f.set(func(_ http.ResponseWriter, r *http.Request, _ http.Handler) { <-r.Context().Done() })
	_, err = Open(t.Context(), f.host+"/team/app:1", Options{patience: impatient})
	fails(t, err, crowsnest.Unavailable, "does not answer in time")
}

func TestCallerGivesUp(t *testing.T) {
	f := newFront(t, app(crowsnest.DefaultPlatform))
	ctx, cancel := context.WithCancel(t.Context())
	f.set(func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		cancel()
		<-r.Context().Done()
	})
	_, err := Open(ctx, f.host+"/team/app:1", Options{})
	fails(t, err, crowsnest.Canceled)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v does not say that the context ended", err)
	}
}

// tokens is the token service of a registry: it gives one to user:password only.
func tokens(host *string, fetched *atomic.Int32) func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	const token = "secret-token"
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		switch user, password, _ := r.BasicAuth(); {
		case r.URL.Path == "/token" && user == "user" && password == "hunter2":
			fetched.Add(1)
			fmt.Fprintf(w, `{"token":%q}`, token)
		case r.URL.Path == "/token":
			w.WriteHeader(http.StatusUnauthorized)
			io.WriteString(w, `{"errors":[{"code":"UNAUTHORIZED"}]}`)
		case r.Header.Get("Authorization") == "Bearer "+token:
			next.ServeHTTP(w, r)
		default:
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/token",service="registry"`, *host))
			w.WriteHeader(http.StatusUnauthorized)
		}
	}
}

func TestCredentials(t *testing.T) {
	f := newFront(t, app(crowsnest.DefaultPlatform))
	var fetched atomic.Int32
	f.set(tokens(&f.host, &fetched))
	img := mustOpen(t, f.host+"/team/app:1", Options{Keychain: keychain{f.host, "user", "hunter2"}})
	if _, err := readLayer(t, img, 0); err != nil {
		t.Error(err)
	}
	if n := fetched.Load(); n != 1 {
		t.Errorf("%d tokens were fetched, want 1", n)
	}
	for _, k := range []authn.Keychain{keychain{f.host, "user", "wrong-password"}, keychain{"other.example.org", "user", "hunter2"}} {
		_, err := Open(t.Context(), f.host+"/team/app:1", Options{Keychain: k})
		fails(t, err, crowsnest.Unauthorized, "docker login "+f.host)
		for _, secret := range []string{"wrong-password", "hunter2", "secret-token"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s is in: %v", secret, err)
			}
		}
	}
}

// keychain knows the credentials of one registry.
type keychain struct{ host, user, password string }

func (k keychain) Resolve(r authn.Resource) (authn.Authenticator, error) {
	if r.RegistryStr() != k.host {
		return authn.Anonymous, nil
	}
	return authn.FromConfig(authn.AuthConfig{Username: k.user, Password: k.password}), nil
}

func TestDockerConfigIsRead(t *testing.T) {
	f := newFront(t, app(crowsnest.DefaultPlatform))
	var fetched atomic.Int32
	f.set(tokens(&f.host, &fetched))
	dir := t.TempDir()
	write(t, dir+"/config.json", fmt.Sprintf(`{"auths":{%q:{"username":"user","password":"hunter2"}}}`, f.host))
	t.Setenv("DOCKER_CONFIG", dir)
	mustOpen(t, f.host+"/team/app:1", Options{})
}

func TestRedirects(t *testing.T) {
	f := newFront(t, app(crowsnest.DefaultPlatform))
	img := mustOpen(t, f.host+"/team/app:1", Options{patience: quick})
	blob, err := readLayer(t, img, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got http.Header
	storage := imagekit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		if r.URL.Query().Get("signature") != "hunter2" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Write(blob)
	}))
	redirect := func(target string) {
		f.set(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if strings.HasSuffix(r.URL.Path, string(img.Layers[0].Digest)) {
				http.Redirect(w, r, target, http.StatusTemporaryRedirect)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	redirect("http://" + storage + "/blob?signature=hunter2")
	if b, err := readLayer(t, img, 0); err != nil || !bytes.Equal(b, blob) {
		t.Errorf("got %d bytes and %v", len(b), err)
	}
	if got.Get("Authorization") != "" {
		t.Error("credentials followed the redirect")
	}
	redirect("http://" + storage + "/blob?signature=hunter2-old")
	_, err = readLayer(t, img, 0)
	fails(t, err, crowsnest.Forbidden)
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the signed URL is in: %v", err)
	}
	redirect("http://storage.example.org/blob?signature=hunter2")
	_, err = readLayer(t, img, 0)
	fails(t, err, crowsnest.Unavailable, "plain HTTP is spoken to loopback only")
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the signed URL is in: %v", err)
	}
	redirect("/v2/team/app/blobs/" + string(img.Layers[0].Digest))
	_, err = readLayer(t, img, 0)
	fails(t, err, crowsnest.Forbidden, "redirects", "more than 5 times")
}

func TestRedirectsIntoTheNetwork(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		ok       bool
	}{
		{"https://registry.example.org/x", "https://storage.example.org/x", true},
		{"https://registry.example.org/x", "https://registry.example.org/y", true},
		{"https://10.0.0.1/x", "https://10.0.0.2/x", true},
		{"https://registry.example.org/x", "https://10.0.0.2/x", false},
		{"https://registry.example.org/x", "https://169.254.169.254/latest", false},
		{"https://registry.example.org/x", "https://[::1]/x", false},
		{"https://registry.example.org/x", "https://localhost/x", false},
	} {
		from, to := httptest.NewRequest("GET", tt.from, nil), httptest.NewRequest("GET", tt.to, nil)
		if err := network.CheckRedirect(to, []*http.Request{from}); (err == nil) != tt.ok {
			t.Errorf("%s to %s: %v", tt.from, tt.to, err)
		}
	}
}

// roundTrip is a transport of one function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestUnreachable(t *testing.T) {
	closed := imagekit.Serve(t, http.NotFoundHandler())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refusing := listener.Addr().String()
	listener.Close()
	selfSigned := httptest.NewUnstartedServer(imagekit.RegistryHandler())
	selfSigned.Config.ErrorLog = log.New(io.Discard, "", 0) // the handshakes fail, as they should
	selfSigned.StartTLS()
	defer selfSigned.Close()

	failing := func(err error) http.RoundTripper {
		return roundTrip(func(*http.Request) (*http.Response, error) { return nil, err })
	}
	toClosed := roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.URL.Scheme != "https" {
			t.Errorf("plain HTTP was tried: %s", r.URL)
		}
		r = r.Clone(r.Context())
		r.URL.Host = closed
		return http.DefaultTransport.RoundTrip(r)
	})
	for _, tt := range []struct {
		name, ref string
		transport http.RoundTripper
		kind      crowsnest.Kind
		words     []string
	}{
		{"connection refused", refusing + "/app:1", nil, crowsnest.Unavailable, []string{"refuses connections", refusing}},
		{"certificate not trusted", strings.TrimPrefix(selfSigned.URL, "https://") + "/app:1", nil, crowsnest.Unavailable, []string{"not trusted", "install the authority"}},
		{"no such host", "registry.example.org/app:1", failing(&net.DNSError{Err: "no such host", Name: "registry.example.org", IsNotFound: true}), crowsnest.Unavailable, []string{"no host registry.example.org"}},
		{"Docker Hub", "docker.io/library/app:1", failing(syscall.ECONNREFUSED), crowsnest.Unavailable, []string{": docker.io refuses connections"}},
		{"no name server", "registry.example.org/app:1", failing(&net.DNSError{Err: "server misbehaving"}), crowsnest.Unavailable, []string{"name servers"}},
		{"no route", "registry.example.org/app:1", failing(&net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}), crowsnest.Unavailable, []string{"cannot be reached"}},
		{"plain HTTP in a private network", "10.1.2.3:5000/app:1", toClosed, crowsnest.Unavailable, []string{"10.1.2.3:5000", "HTTPS"}},
		{"plain HTTP outside", "registry.example.org/app:1", toClosed, crowsnest.Unavailable, []string{"does not speak HTTPS"}},
		{"anything else", "registry.example.org/app:1", failing(errors.New(`proxy https://user:hunter2@proxy/?token=hunter2 said "no"`)), crowsnest.Unavailable, []string{"went wrong", "proxy"}},
		{"refused by the transport", "registry.example.org/app:1", failing(&crowsnest.Error{Kind: crowsnest.Forbidden, Op: "connect", Hint: "allow it in the configuration", Err: errors.New("the address is private")}), crowsnest.Forbidden, []string{"open image registry.example.org/app:1: the address is private (allow it"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Open(t.Context(), tt.ref, Options{Transport: tt.transport, patience: quick})
			fails(t, err, tt.kind, append(tt.words, "open image "+tt.ref)...)
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("a secret is in: %v", err)
			}
		})
	}
}
