package sysdig

import (
	"bufio"
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/egress"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
)

func TestOverTLS(t *testing.T) {
	kit := sysdigkit.New(token)
	kit.SetCluster("prod", items(3)...)
	srv := httptest.NewUnstartedServer(kit)
	srv.EnableHTTP2 = true
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	policy := egress.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	ask := func(p egress.Policy) ([]string, error) {
		hc, err := egress.New(p)
		if err != nil {
			t.Fatal(err)
		}
		defer hc.CloseIdleConnections()
		c, err := New(Config{URL: srv.URL, Token: token}, hc)
		if err != nil {
			t.Fatal(err)
		}
		list, err := c.Clusters(context.Background())
		return list.Names, err
	}

	_, err := ask(policy)
	wantError(t, err, crowsnest.Unavailable, "list clusters at Sysdig", "not signed by a trusted authority", "CA file")
	if kit.Count() != 0 {
		t.Error("a request came through without a trusted certificate")
	}
	policy.CAFile = ca
	got, err := ask(policy)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"prod"}, got); diff != "" {
		t.Error(diff)
	}
	policy.Allow = nil
	_, err = ask(policy)
	wantError(t, err, crowsnest.Forbidden, "loopback", "egress.allow")
}

func TestRefusals(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fault sysdigkit.Fault
		kind  crowsnest.Kind
		want  []string
		sent  int
	}{
		{"bad request", sysdigkit.Fault{Status: 400}, crowsnest.Invalid, []string{"400", "bad request", "does not accept the request"}, 1},
		{"unauthorized", sysdigkit.Fault{Status: 401}, crowsnest.Unauthorized, []string{"token is not accepted", "cannot verify credentials", "expired", "another account or installation", "Risk Spotlight Integrations"}, 1},
		{"forbidden", sysdigkit.Fault{Status: 403}, crowsnest.Forbidden, []string{"may not read", "forbidden", "enable"}, 1},
		{"not found", sysdigkit.Fault{Status: 404}, crowsnest.NotFound, []string{"does not have this API", "region", "api."}, 1},
		{"not found as HTML", sysdigkit.Fault{Status: 404, Body: "<html>"}, crowsnest.NotFound, []string{"with an HTML page"}, 1},
		{"newer form of errors", sysdigkit.Fault{Status: 403, Body: `{"type":"forbidden","message":"no permission","details":[]}`}, crowsnest.Forbidden, []string{"no permission"}, 1},
		{"several reasons", sysdigkit.Fault{Status: 400, Body: `{"errors":[{"reason":"r1","message":"m1"},{"reason":"r2"}]}`}, crowsnest.Invalid, []string{"m1; r2"}, 1},
		{"text", sysdigkit.Fault{Status: 403, Body: "go\naway\x00\x1b[31m"}, crowsnest.Forbidden, []string{"words: go away[31m"}, 1},
		{"redirect", sysdigkit.Fault{Status: 302, Header: map[string]string{"Location": "https://sso.example.com/login?next=hidden"}}, crowsnest.NotFound, []string{"redirect to https://sso.example.com", "custom"}, 1},
		{"proxy password", sysdigkit.Fault{Status: 407}, crowsnest.Unavailable, []string{"proxy"}, 1},
		{"internal error", sysdigkit.Fault{Status: 500}, crowsnest.Unavailable, []string{"500", "Sysdig's side", "as sweeps do by themselves"}, 4},
		{"not implemented", sysdigkit.Fault{Status: 501}, crowsnest.Unavailable, []string{"501"}, 1},
		{"rate limit", sysdigkit.TooManyRequests("7", time.Time{}), crowsnest.RateLimited, []string{"too many requests", "less often"}, 4},
		{"bad gateway", sysdigkit.Fault{Status: 502}, crowsnest.Unavailable, []string{"502"}, 4},
		{"unavailable", sysdigkit.Fault{Status: 503}, crowsnest.Unavailable, []string{"503"}, 4},
		{"gateway timeout", sysdigkit.Fault{Status: 504, Body: "<html>"}, crowsnest.Unavailable, []string{"504", "HTML page"}, 4},
		{"cut", sysdigkit.Fault{Drop: true}, crowsnest.Unavailable, []string{"cut", "try again"}, 4},
		{"cut in the body", sysdigkit.Fault{CutAfter: 20}, crowsnest.Unavailable, []string{"cut"}, 4},
		{"login page", sysdigkit.LoginPage(), crowsnest.Corrupt, []string{"HTML page and not JSON", "sign-in", "region"}, 1},
		{"garbage", sysdigkit.Fault{Body: "%&garbage"}, crowsnest.Corrupt, []string{"not JSON", "region"}, 2},
		{"half a document", sysdigkit.Fault{Body: `{"page":{"returned":1},"data":[{"clu`}, crowsnest.Corrupt, []string{"ends in the middle"}, 2},
		{"empty", sysdigkit.Fault{Status: 204, Body: ""}, crowsnest.Corrupt, []string{"empty"}, 2},
		{"deep", sysdigkit.Fault{Body: `{"data":` + strings.Repeat("[", 20_000)}, crowsnest.Corrupt, []string{"nested"}, 1},
		{"more than one document", sysdigkit.Fault{Body: `{"page":{},"data":[]}{}`}, crowsnest.Corrupt, []string{"something follows"}, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSite(t)
			s.SetCluster("prod", items(2)...)
			tc.fault.Times = -1
			s.Inject(tc.fault)
			_, err := s.Clusters(context.Background())
			wantError(t, err, tc.kind, append(tc.want, "list clusters at Sysdig "+s.Host()+": ")...)
			if n := s.asked(sysdigkit.Clusters); n != tc.sent {
				t.Errorf("%d requests were sent, want %d", n, tc.sent)
			}
			if strings.Contains(err.Error(), "name of the cluster") {
				t.Errorf("no cluster was asked for: %v", err)
			}
			if strings.Contains(err.Error(), "hidden") {
				t.Errorf("a query is shown: %v", err)
			}

			_, stats, err := s.sweep("prod")
			sent := tc.sent
			if tc.fault.Status == 400 {
				sent = len(limits)
				wantError(t, err, tc.kind, "check the name of the cluster")
			}
			wantError(t, err, tc.kind, append(tc.want, `read running images at Sysdig `+s.Host()+`, cluster "prod", page 1: `)...)
			if stats.Requests != sent || stats.Pages != 0 {
				t.Errorf("stats = %+v, want %d requests", stats, sent)
			}
		})
	}
}

func TestWrongToken(t *testing.T) {
	s := newSite(t)
	s.SetTokens("another")
	_, err := s.Clusters(context.Background())
	wantError(t, err, crowsnest.Unauthorized, "cannot verify credentials", "check the address")
	s.SetTokens("another", token)
	if _, err := s.Clusters(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	clock := &fakeClock{}
	c, err := New(Config{URL: "http://" + address, Token: token}, http.DefaultClient, WithClock(clock))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Clusters(context.Background())
	wantError(t, err, crowsnest.Unavailable, "the connection is refused", address)
	if len(clock.slept) != maxAttempts-1 {
		t.Errorf("tried again after %v", clock.slept)
	}
}

func TestUnknownHost(t *testing.T) {
	dialer := net.Dialer{Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.DNSError{Err: "no such host", Name: "sysdig.test", IsNotFound: true}
	}}}
	c, err := New(Config{URL: "sysdig.test", Token: token}, &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}, WithClock(&fakeClock{}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Clusters(context.Background())
	wantError(t, err, crowsnest.Unavailable, "DNS", "sysdig.test")
}

// A server that hangs ends the call when the client's time is up; it is asked once more and not for ever.
func TestTimeout(t *testing.T) {
	s := newSite(t)
	s.Inject(sysdigkit.Fault{Hold: make(chan struct{}), Times: -1})
	s.Client.http.Timeout = time.Millisecond
	_, err := s.Clusters(context.Background())
	wantError(t, err, crowsnest.Unavailable, "no answer in time", "proxy")
	if len(s.clock.slept) != 1 {
		t.Errorf("it was tried again after %v", s.clock.slept)
	}
}

func TestCanceledWhileHanging(t *testing.T) {
	s := newSite(t)
	s.SetCluster("prod", items(1)...)
	arrived := make(chan struct{})
	s.Inject(sysdigkit.Fault{Arrived: arrived, Hold: make(chan struct{})})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-arrived
		cancel()
	}()
	_, err := s.RuntimeImages(ctx, "prod", func([]crowsnest.Observation) error { return nil })
	wantError(t, err, crowsnest.Canceled, "stopped")
}

func TestReleasedAfterHanging(t *testing.T) {
	s := newSite(t)
	s.SetCluster("prod", items(1)...)
	arrived, release := make(chan struct{}), make(chan struct{})
	s.Inject(sysdigkit.Fault{Arrived: arrived, Hold: release})
	go func() {
		<-arrived
		close(release)
	}()
	got, _, err := s.sweep("prod")
	if err != nil || len(got) != 1 {
		t.Errorf("%d items, %v", len(got), err)
	}
}

// Whatever hc does with redirects, the token does not follow one.
func TestRedirectsAreNotFollowed(t *testing.T) {
	asked := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer other.Close()
	s := newSite(t)
	s.Inject(sysdigkit.Fault{Status: 307, Header: map[string]string{"Location": other.URL}})
	_, err := s.Clusters(context.Background())
	wantError(t, err, crowsnest.NotFound, "redirect to "+other.URL)
	if asked {
		t.Error("the redirect was followed")
	}
}

// A peer that sends the token back in every place it can.
func TestTokenIsNeverShown(t *testing.T) {
	var logs bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&logs, nil))
	padded := strings.Repeat("x", maxMessage-10) + token // a cut must not leave a part of it
	bodies := []string{
		token, padded, `{"message":"` + token + `"}`, `{"message":"` + padded + `"}`, `{"errors":[{"message":"bad ` + token + `"}]}`,
		`{"message":"` + token[:5] + `\u0000` + token[5:] + `"}`, `{"error":"Bearer ` + token + `"}`, `"` + token + `"`,
		`{"page":{"returned":0},"data":"` + token + `"}`, `{"page":{"returned":1},"data":[{"namespace":"` + token + `","imageID":"` + token + `"}]}`,
		`{"page":{"next":"` + token + `"},"data":[]}`,
	}
	show := func(t *testing.T, what ...any) {
		t.Helper()
		for _, w := range what {
			logger.Error("shown", "value", w)
			text := fmt.Sprintf("%v %+v %#v %s", w, w, w, w)
			if err, ok := w.(error); ok {
				text += crowsnest.Reason(err)
			}
			for i := 0; i+8 <= len(token); i++ {
				if strings.Contains(text, token[i:i+8]) {
					t.Fatalf("%q shows %q of the token", text, token[i:i+8])
				}
			}
		}
	}
	for _, status := range []int{200, 302, 400, 401, 403, 404, 429, 500, 503} {
		for i, body := range bodies {
			t.Run(fmt.Sprintf("%d body %d", status, i), func(t *testing.T) {
				s := newSite(t, WithMaxPages(3))
				s.Inject(sysdigkit.Fault{Status: status, Body: body, Times: -1, Header: map[string]string{
					"Location": "https://" + token + ".example.com/" + token, "Retry-After": token, "Date": token,
				}})
				_, err := s.Clusters(context.Background())
				if err != nil {
					show(t, err.Error(), crowsnest.Reason(err))
				}
				_, stats, err := s.sweep("prod")
				show(t, stats)
				if err != nil {
					show(t, err.Error())
				}
				show(t, s.Client)
			})
		}
	}
	show(t, Config{Region: "us1", Token: token}, &Config{Region: "us1", Token: token})
	if strings.Contains(logs.String(), token) {
		t.Error("the token is in the log")
	}
	if logs.Len() == 0 {
		t.Error("nothing was logged, so nothing was tested")
	}
}

// Only what the other side says may hold a secret that was sent to it; a token that is a word leaves our own alone.
func TestOwnWordsStayAsTheyAre(t *testing.T) {
	for word, fault := range map[string]sysdigkit.Fault{
		"wrong": {Status: 401, Body: `{"message":"wrong it is"}`}, "answer": {Body: `{"page":{},"data":7}`}, "Sysdig": {Status: 503}, "middle": {Body: `{"page":`},
		"connection": {Drop: true}, "containers": {RepeatCursor: true},
	} {
		text := func(token string) string {
			kit := sysdigkit.New(token)
			fault.Times = -1
			kit.Inject(fault)
			s := newSiteOf(t, kit, kit)
			c, err := New(Config{Region: Custom, URL: s.url, Token: token}, http.DefaultClient, WithClock(s.clock))
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.RuntimeImages(t.Context(), "prod", func([]crowsnest.Observation) error { return nil })
			if err == nil {
				t.Fatal("no error")
			}
			return strings.ReplaceAll(err.Error(), s.Host(), "host")
		}
		want := strings.ReplaceAll(text(token), "words: wrong", "words: [token]")
		if got := text(word); got != want {
			t.Errorf("with the token %s:\n%s\nwant\n%s", word, got, want)
		}
	}
}

// What comes in place of HTTP is theirs too.
func TestNoHTTPIsRedacted(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			// Answered before the question is in, it may not be read at all.
			http.ReadRequest(bufio.NewReader(conn))
			io.WriteString(conn, "HTTP/1.1 20"+token+" fine\r\n\r\n")
			conn.Close()
		}
	}()
	c, err := New(Config{Region: Custom, URL: "http://" + l.Addr().String(), Token: token}, http.DefaultClient, WithClock(&fakeClock{}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Clusters(t.Context())
	wantError(t, err, crowsnest.Unavailable, "20[token]")
}

func TestHeaders(t *testing.T) {
	var got http.Header
	s := newSiteOf(t, nil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		io.WriteString(w, `[]`)
	}), WithUserAgent("crowsnest/1.2"))
	if _, err := s.Clusters(context.Background()); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"Authorization": "Bearer " + token, "Accept": "application/json", "User-Agent": "crowsnest/1.2"}
	for name, value := range want {
		if got.Get(name) != value {
			t.Errorf("%s = %q, want %q", name, got.Get(name), value)
		}
	}
}
