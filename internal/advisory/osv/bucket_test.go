package osv

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/fetch"
)

// serve starts a server and a source on it that does not pause between attempts but notes
// how long it would have.
func serve(t *testing.T, path string, h http.HandlerFunc) (*Source, *[]time.Duration) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	s, err := Open(t.Context(), srv.URL+path, srv.Client())
	if err != nil {
		t.Fatal(err)
	}
	pauses := new([]time.Duration)
	s.place.(*bucket).get.Wait = func(ctx context.Context, d time.Duration) error {
		*pauses = append(*pauses, d)
		return ctx.Err()
	}
	return s, pauses
}

func TestEachURL(t *testing.T) {
	set := zipOf(t, "A-1.json", rec("A-1"), "A-2.json", rec("A-2"))
	s, _ := serve(t, "/base/", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.EscapedPath() {
		case "/base/ecosystems.txt":
			io.WriteString(w, "npm\nDebian\n[EMPTY]\nDebian:12\n\nRocky Linux\n../x\nUbuntu:22.04:LTS\n")
		case "/base/Rocky%20Linux/all.zip", "/base/npm/all.zip":
			w.Header().Set("ETag", `"v1"`)
			w.Write(set)
		default:
			http.NotFound(w, r)
		}
	})
	got, err := s.Ecosystems(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Debian", "Rocky Linux", "Ubuntu:22.04:LTS", "npm"}, got); diff != "" {
		t.Errorf("ecosystems (-want +got):\n%s", diff)
	}
	for _, e := range []string{"npm", "Rocky Linux"} {
		ids, _, err := read(t, s, e)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"A-1", "A-2"}, ids); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
	}
	if f, err := s.Fingerprint(t.Context(), "npm"); f != `etag:"v1"` || err != nil {
		t.Errorf("fingerprint %q, %v", f, err)
	}
	if _, _, err := read(t, s, "Debian"); crowsnest.KindOf(err) != crowsnest.NotFound || err == nil {
		t.Errorf("a missing archive gives %v", err)
	}
	for _, e := range []string{"../secret", "a/b", "", "a?b", "a%2e"} {
		if _, _, err := read(t, s, e); crowsnest.KindOf(err) != crowsnest.Invalid || err == nil {
			t.Errorf("the ecosystem %q gives %v, want invalid", e, err)
		}
	}
}

func TestEachURLOfOneArchive(t *testing.T) {
	set := zipOf(t, "A-1.json", rec("A-1"))
	s, _ := serve(t, "/sets/all.zip?token=hush", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("token") != "hush" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set("Last-Modified", "Tue, 02 Jan 2024 03:04:05 GMT")
		w.Write(set)
	})
	ids, _, err := read(t, s, "")
	if err != nil || len(ids) != 1 {
		t.Errorf("%q and %v, want one record", ids, err)
	}
	want := fmt.Sprintf("modified:Tue, 02 Jan 2024 03:04:05 GMT size:%d", len(set))
	if f, err := s.Fingerprint(t.Context(), ""); f != want || err != nil {
		t.Errorf("fingerprint %q, %v; want %q", f, err, want)
	}
	if strings.Contains(s.Location(), "hush") {
		t.Errorf("the location shows the token: %s", s.Location())
	}
}

func TestEachURLFailures(t *testing.T) {
	set := zipOf(t, "A-1.json", rec("A-1"), "A-2.json", rec("A-2"))
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	half := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(set)))
		w.Write(set[:len(set)/2])
		panic(http.ErrAbortHandler)
	}
	short := func(w http.ResponseWriter, _ *http.Request) { w.Write(set[:len(set)/2]) }
	tests := []struct {
		name     string
		answer   http.HandlerFunc
		kind     crowsnest.Kind
		requests int32
	}{
		{"not found", status(404), crowsnest.NotFound, 1},
		{"unauthorized", status(401), crowsnest.Unauthorized, 1},
		{"forbidden", status(403), crowsnest.Forbidden, 1},
		{"teapot", status(418), crowsnest.Invalid, 1},
		{"server error every time", status(503), crowsnest.Unavailable, fetch.Attempts},
		{"too many requests every time", status(429), crowsnest.RateLimited, fetch.Attempts},
		{"connection lost every time", half, crowsnest.Unavailable, fetch.Attempts},
		{"half a file as if it were whole", short, crowsnest.Corrupt, 1},
		{"a page of HTML", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>sign in</html>") }, crowsnest.Corrupt, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var requests atomic.Int32
			s, _ := serve(t, "", func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				tt.answer(w, r)
			})
			ids, _, err := read(t, s, "npm")
			if err == nil || crowsnest.KindOf(err) != tt.kind {
				t.Errorf("error %v, want kind %s", err, tt.kind)
			}
			if len(ids) > 0 {
				t.Errorf("%q were handed out", ids)
			}
			if n := requests.Load(); n != tt.requests {
				t.Errorf("%d requests, want %d", n, tt.requests)
			}
		})
	}
}

func TestEachURLTriesAgain(t *testing.T) {
	set := zipOf(t, "A-1.json", rec("A-1"))
	var n atomic.Int32
	s, pauses := serve(t, "", func(w http.ResponseWriter, _ *http.Request) {
		switch n.Add(1) {
		case 1:
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
		case 2:
			w.Header().Set("Content-Length", "1000000")
			w.Write(make([]byte, 5000)) // longer than what comes in the end: none of it may stay
			panic(http.ErrAbortHandler)
		case 3:
			w.Header().Set("Retry-After", "86400")
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			w.Write(set)
		}
	})
	ids, _, err := read(t, s, "npm")
	if err != nil || len(ids) != 1 {
		t.Fatalf("%q and %v, want one record", ids, err)
	}
	if diff := cmp.Diff([]time.Duration{7 * time.Second, 2 * time.Second, fetch.LongestPause}, *pauses); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
}

func TestURLSecretsStayOut(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	location := strings.Replace(srv.URL, "http://", "http://user:hush@", 1) + "/x?token=hush"
	s, err := Open(t.Context(), location, srv.Client())
	if err != nil {
		t.Fatal(err)
	}
	s.place.(*bucket).get.Wait = func(context.Context, time.Duration) error { return nil }
	_, _, notFound := read(t, s, "npm")
	srv.Close()
	_, _, unreachable := read(t, s, "npm")
	if crowsnest.KindOf(unreachable) != crowsnest.Unavailable {
		t.Errorf("a server that is gone gives %v", unreachable)
	}
	for _, err := range []error{notFound, unreachable} {
		if err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("error %v, want one without the secret", err)
		}
	}
}

// refusing is a client's transport with rules of its own.
type refusing struct{ asked *int }

func (r refusing) RoundTrip(*http.Request) (*http.Response, error) {
	*r.asked++
	return nil, &crowsnest.Error{Kind: crowsnest.Forbidden, Op: "connect", Subject: "10.0.0.1", Hint: "allow the address"}
}

func TestEachURLRefusedByTheClient(t *testing.T) {
	asked := 0
	s, err := Open(t.Context(), "http://internal.example", &http.Client{Transport: refusing{&asked}})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = read(t, s, "npm")
	if crowsnest.KindOf(err) != crowsnest.Forbidden || asked != 1 {
		t.Errorf("%d requests and %v, want one and kind forbidden", asked, err)
	}
	if want := "read advisories from http://internal.example/npm/all.zip: connect 10.0.0.1: forbidden (allow the address)"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %q, with its hint once", err, want)
	}
}

func TestEachURLEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, _ := serve(t, "", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
	})
	_, err := s.Each(ctx, "npm", func(*crowsnest.Advisory) error { return nil })
	if crowsnest.KindOf(err) != crowsnest.Canceled || err == nil {
		t.Errorf("error %v, want kind canceled", err)
	}
}

func TestFingerprintOfASilentServer(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"no headers": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) },
		"no HEAD":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusMethodNotAllowed) },
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := serve(t, "", h)
			if f, err := s.Fingerprint(t.Context(), "npm"); f != "" || err != nil {
				t.Errorf("fingerprint %q, %v; want none", f, err)
			}
		})
	}
}
