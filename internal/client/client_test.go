package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

const token = "crowsnest_secret"

// serve runs a server that answers with handler, and returns a client of it.
func serve(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return dial(t, s.URL)
}

func dial(t *testing.T, address string) *Client {
	t.Helper()
	c, err := New(address, token)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.http.CloseIdleConnections)
	return c
}

// answers is a handler that always says the same.
func answers(code int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(code)
		io.WriteString(w, body)
	}
}

func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"crowsnest.example.com":          "https://crowsnest.example.com",
		"crowsnest.example.com:8443":     "https://crowsnest.example.com:8443",
		"http://127.0.0.1:8080":          "http://127.0.0.1:8080",
		"https://example.com/crowsnest/": "https://example.com/crowsnest",
		"https://example.com?x=1#y":      "https://example.com",
		"https://example.com/a%20b/":     "https://example.com/a%20b",
		"https://example.com/a%2Fb//":    "https://example.com/a%2Fb",
	} {
		c, err := New(address, token)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if got := c.base.String(); got != want {
			t.Errorf("%s is called as %s, want %s", address, got, want)
		}
	}
	for _, address := range []string{"", "https://", "ftp://example.com", "oci-dir://x", "https://user:pass@example.com", "http://[::1", "unix:///run/x", "https:// example.com"} {
		_, err := New(address, token)
		if crowsnest.KindOf(err) != crowsnest.Invalid || err == nil || strings.Contains(err.Error(), "pass") {
			t.Errorf("%q gives %v, want a plain refusal", address, err)
		}
	}
	if _, err := New("example.com", ""); crowsnest.KindOf(err) != crowsnest.Unauthorized || !strings.Contains(err.Error(), "crowsnest login") {
		t.Errorf("without a token: %v", err)
	}
}

func TestRefusalsReadWell(t *testing.T) {
	const problem = "application/problem+json"
	for name, c := range map[string]struct {
		code       int
		kind, body string
		want       crowsnest.Kind
		says       []string
	}{
		"a problem": {404, problem, `{"status":404,"detail":"find image x: not found (analyse it first)"}`, crowsnest.NotFound, []string{"find image x: not found (analyse it first)"}},
		"a problem with fields": {422, problem, `{"detail":"validation failed","errors":[{"message":"expected string","location":"body.reference"},{"message":"unexpected property","location":"body"}]}`,
			crowsnest.Invalid, []string{"validation failed", "reference expected string", "unexpected property"}},
		"a wrong token":   {401, problem, `{"detail":"the token is not known here"}`, crowsnest.Unauthorized, []string{"the token is not known here", "crowsnest login"}},
		"conflict":        {409, problem, `{"detail":"create integration eu: it exists already"}`, crowsnest.Conflict, []string{"exists already"}},
		"too large":       {413, problem, `{"detail":"too large"}`, crowsnest.TooLarge, nil},
		"a proxy's page":  {502, "text/html", "<html><h1>Bad Gateway</h1>" + strings.Repeat("x", 1<<20), crowsnest.Unavailable, []string{"502 Bad Gateway", "proxy"}},
		"a proxy's login": {403, "text/html", "<html>sign in</html>", crowsnest.Forbidden, []string{"403 Forbidden", "proxy"}},
		"busy":            {429, "text/plain", "slow down", crowsnest.RateLimited, []string{"429"}},
		"a slow backend":  {504, "text/html", "<html>", crowsnest.Unavailable, []string{"504"}},
		"nothing":         {503, "", "", crowsnest.Unavailable, []string{"503 Service Unavailable"}},
		"another API":     {404, "application/json", `{"error":"no such route"}`, crowsnest.NotFound, []string{"404 Not Found", "check the address"}},
		"a list":          {500, "application/json", `[]`, crowsnest.Internal, []string{"500"}},
		"a server fault":  {500, problem, `{"detail":"something went wrong inside the server; its log says what"}`, crowsnest.Internal, []string{"its log says what"}},
	} {
		t.Run(name, func(t *testing.T) {
			client := serve(t, answers(c.code, c.kind, c.body))
			_, err := client.Version(t.Context())
			wantError(t, err, c.want, c.says...)
		})
	}
}

func TestAFieldAloneAddsNoWords(t *testing.T) {
	const detail = "configure Sysdig: the token is missing"
	client := serve(t, answers(422, "application/problem+json", `{"detail":"`+detail+`","errors":[{"location":"body.token"}]}`))
	if _, err := client.Version(t.Context()); err == nil || err.Error() != detail {
		t.Errorf("%v, want %s", err, detail)
	}
}

func wantError(t *testing.T, err error, kind crowsnest.Kind, says ...string) {
	t.Helper()
	if err == nil || crowsnest.KindOf(err) != kind {
		t.Fatalf("got %v of kind %s, want kind %s", err, crowsnest.KindOf(err), kind)
	}
	text := err.Error()
	for _, s := range says {
		if !strings.Contains(text, s) {
			t.Errorf("%q does not say %q", text, s)
		}
	}
	if strings.Contains(text, token) || strings.Contains(text, "<h") || strings.Contains(text, "\n") || len(text) > 1000 {
		t.Errorf("no clear sentence: %q", text)
	}
}

func TestAnswersThatAreNotCrowsnests(t *testing.T) {
	for name, body := range map[string]string{"a page": "<html>welcome</html>", "nothing": "", "another type": `{"version":7}`, "cut JSON": `{"version":"1`} {
		t.Run(name, func(t *testing.T) {
			_, err := serve(t, answers(200, "text/html", body)).Version(t.Context())
			wantError(t, err, crowsnest.Unavailable, "not Crowsnest's JSON", "check the address")
		})
	}
}

// A connection that is cut, or a caller that gives up, is not a wrong address.
func TestAnswersThatBreakOff(t *testing.T) {
	cut := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, `{"version":"1`)
	})
	_, err := cut.Version(t.Context())
	wantError(t, err, crowsnest.Unavailable, "cut")
	if strings.Contains(err.Error(), "check the address") {
		t.Errorf("a cut connection is taken for a wrong address: %v", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	slow := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"version":"1`)
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
	})
	_, err = slow.Version(ctx)
	wantError(t, err, crowsnest.Canceled)
}

func TestUnreachableServer(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	_, err := dial(t, s.URL).Version(t.Context())
	wantError(t, err, crowsnest.Unavailable, "call server", strings.TrimPrefix(s.URL, "http://"), "refused")
}

func TestTokenIsSentToTheServerAndNoOther(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	t.Cleanup(other.Close)
	for _, code := range []int{301, 302, 303, 307, 308} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if got := r.Header.Get("Authorization"); got != "Bearer "+token {
				t.Errorf("authorization %q", got)
			}
			http.Redirect(w, r, other.URL+"/api/v1/version", code)
		})
		_, err := c.Version(t.Context())
		wantError(t, err, crowsnest.Internal, fmt.Sprint(code), "check the address")
		if _, err := c.RequestAnalysis(t.Context(), "x", ""); err == nil {
			t.Errorf("%d: a redirected request succeeds", code)
		}
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("%d requests were sent elsewhere", n)
	}
}

// A token with a line break, as one pasted may have, must not reach the message.
func TestTokenNeverInErrors(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	for _, bad := range []string{token + "\n", token + "\x00", token + "\r\nX: y"} {
		c, err := New(s.URL, bad)
		if err == nil {
			_, err = c.Version(t.Context())
		}
		if err == nil || strings.Contains(fmt.Sprintf("%v %+v", err, err), token) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestNothingIsCalledLikeAPartOfPaths(t *testing.T) {
	c := dial(t, "http://127.0.0.1:1") // which must not be asked
	for _, name := range []string{"", ".", ".."} {
		if _, err := c.Integration(t.Context(), name); crowsnest.KindOf(err) != crowsnest.NotFound || !strings.Contains(err.Error(), "nothing is called so") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestNamesAreEscapedInPaths(t *testing.T) {
	for _, base := range []string{"", "/crowsnest", "/a%20b", "/a%2Fb"} {
		for _, name := range []string{"plain", "a/b", "a b", "a%2Fb", "?x=1", "#", "ä…", "...", "a+b", "a;b"} {
			var got string
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got = r.RequestURI
				io.WriteString(w, "{}")
			}))
			c := dial(t, s.URL+base)
			if _, err := c.Integration(t.Context(), name); err != nil {
				t.Errorf("%q: %v", name, err)
			}
			if want := base + "/api/v1/integrations/" + url.PathEscape(name); got != want {
				t.Errorf("%q below %q is asked for as %s, want %s", name, base, got, want)
			}
			s.Close()
		}
	}
}

func TestPagesAreFollowedToTheEnd(t *testing.T) {
	var asked []string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.RequestURI())
		page := wire.Page[wire.Gap]{Items: []wire.Gap{{Name: "gap " + r.FormValue("cursor")}}}
		switch r.FormValue("cursor") {
		case "":
			page.Next = "a+b/c="
		case "a+b/c=":
			page.Next = "last"
			page.Items = nil // a page may be empty and not the last
		}
		json.NewEncoder(w).Encode(page)
	})
	got, err := c.Gaps(t.Context(), "pro duction")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]wire.Gap{{Name: "gap "}, {Name: "gap last"}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want := []string{
		"/api/v1/coverage/gaps?environment=pro+duction&limit=500",
		"/api/v1/coverage/gaps?cursor=a%2Bb%2Fc%3D&environment=pro+duction&limit=500",
		"/api/v1/coverage/gaps?cursor=last&environment=pro+duction&limit=500",
	}
	if !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
}

func TestPagesEndWithAnErrorOrAServerThatTurnsInCircles(t *testing.T) {
	circles := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"items":[],"next":"again"}`) })
	_, err := circles.Images(t.Context())
	wantError(t, err, crowsnest.Internal, "same page")

	first := true
	breaks := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if first {
			first = false
			io.WriteString(w, `{"items":[{"name":"a"}],"next":"x"}`)
			return
		}
		answers(503, "text/plain", "")(w, r)
	})
	got, err := breaks.Images(t.Context())
	if wantError(t, err, crowsnest.Unavailable); got != nil {
		t.Errorf("half a list is handed out: %v", got)
	}
}

func TestWaitAnalysis(t *testing.T) {
	states := []string{"queued", "running", "done"}
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/analyses/id-1" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		json.NewEncoder(w).Encode(wire.Analysis{State: states[0], Digest: "sha256:x"})
		states = states[1:]
	})
	var seen []string
	got, err := c.WaitAnalysis(t.Context(), "id-1", func(s string) { seen = append(seen, s) })
	if err != nil || got.Digest != "sha256:x" || !slices.Equal(seen, []string{"queued", "running"}) {
		t.Errorf("got %+v, %v after %v", got, err, seen)
	}

	failed := serve(t, answers(200, "application/json", `{"state":"failed","reason":"open image x: not found (check the name)"}`))
	_, err = failed.WaitAnalysis(t.Context(), "id", func(string) {})
	if wantError(t, err, crowsnest.Invalid); err.Error() != "open image x: not found (check the name)" {
		t.Errorf("the reason is wrapped: %q", err)
	}
}

// A wait ends when its caller gives up, and says that the work goes on.
func TestWaitsEndWithTheirContext(t *testing.T) {
	for name, wait := range map[string]func(*Client, context.Context) error{
		"analysis": func(c *Client, ctx context.Context) error {
			_, err := c.WaitAnalysis(ctx, "id", func(string) {})
			return err
		},
		"first sweep": func(c *Client, ctx context.Context) error { _, err := c.WaitFirstSweep(ctx, "eu"); return err },
		"sync":        func(c *Client, ctx context.Context) error { _, err := c.SyncIntegration(ctx, "eu"); return err },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			asked := 0
			c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				io.WriteString(w, `{"state":"running"}`)
				if asked++; asked == 4 {
					cancel()
				}
			})
			if err := wait(c, ctx); crowsnest.KindOf(err) != crowsnest.Canceled || err == nil {
				t.Errorf("got %v, want an error of kind canceled", err)
			}
		})
	}
}

func TestPollingSlowsDownToASecond(t *testing.T) {
	last := time.Duration(0)
	for attempt := range 100 {
		d := pollInterval(attempt)
		if d < last || d > time.Second || d <= 0 {
			t.Fatalf("attempt %d waits %s after %s", attempt, d, last)
		}
		last = d
	}
	if pollInterval(0) > 100*time.Millisecond || last != time.Second {
		t.Errorf("from %s to %s", pollInterval(0), last)
	}
}

// A sync waits for the end of a sweep that began after it was asked for, or of the one
// that was under way then.
func TestSyncWaitsForItsOwnSweep(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 1, 1, 0, minute, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		answers []wire.Integration // first the one before the sync
		want    time.Time          // end of the sweep that was waited for
	}{
		"idle":      {[]wire.Integration{{LastAttempt: at(1), LastEnd: at(2)}, {LastAttempt: at(1), LastEnd: at(2)}, {LastAttempt: at(3), LastEnd: at(2)}, {LastAttempt: at(3), LastEnd: at(4)}}, at(4)},
		"under way": {[]wire.Integration{{LastAttempt: at(3), LastEnd: at(2)}, {LastAttempt: at(3), LastEnd: at(2)}, {LastAttempt: at(3), LastEnd: at(5)}}, at(5)},
		"never":     {[]wire.Integration{{}, {}, {LastAttempt: at(1)}, {LastAttempt: at(1), LastEnd: at(2)}}, at(2)},
	} {
		t.Run(name, func(t *testing.T) {
			synced := 0
			client := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					synced++
					w.WriteHeader(http.StatusAccepted)
					io.WriteString(w, "{}")
					return
				}
				json.NewEncoder(w).Encode(c.answers[0])
				c.answers = c.answers[1:]
			})
			got, err := client.SyncIntegration(t.Context(), "eu")
			if err != nil || !got.LastEnd.Equal(c.want) || synced != 1 || len(c.answers) != 0 {
				t.Errorf("got %+v, %v after %d requests for a sweep, %d answers unread", got, err, synced, len(c.answers))
			}
		})
	}
	gone := serve(t, answers(404, "application/problem+json", `{"detail":"find integration eu: not found"}`))
	if _, err := gone.SyncIntegration(t.Context(), "eu"); crowsnest.KindOf(err) != crowsnest.NotFound {
		t.Errorf("got %v", err)
	}
}

func TestUploadsAreStreamed(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != "zip" || r.URL.RequestURI() != "/api/v1/advisories?ecosystem=Rocky+Linux" || r.Header.Get("Content-Type") != "application/zip" {
			t.Errorf("%s %s %q %v", r.URL.RequestURI(), r.Header.Get("Content-Type"), body, err)
		}
		io.WriteString(w, `[{"ecosystem":"Rocky Linux","records":3}]`)
	})
	got, err := c.UploadAdvisories(t.Context(), "Rocky Linux", strings.NewReader("zip"))
	if err != nil || len(got) != 1 || got[0].Records != 3 {
		t.Errorf("got %+v, %v", got, err)
	}
	taken := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, "[]")
	})
	if _, err := taken.UploadAdvisories(t.Context(), "", failing{}); err == nil || !strings.Contains(err.Error(), "the disk is gone") {
		t.Errorf("a file that cannot be read gives %v", err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }
