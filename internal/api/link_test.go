package api

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/egress"
	"github.com/crowsnest-sec/crowsnest/internal/sysdig"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Whatever the server gives away as a link leads to where people reach it, and nobody but a trusted proxy
// has a say in that.
func TestLinksLeadToWhereTheRequestCame(t *testing.T) {
	proxy := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} // httptest's address is in it
	for name, c := range map[string]struct {
		change Deps
		proto  string
		want   string
	}{
		"nobody said":          {Deps{}, "", "http://example.com"},
		"a client claims":      {Deps{}, "https", "http://example.com"},
		"a trusted proxy says": {Deps{TrustedProxies: proxy}, "https", "https://example.com"},
		"it says plain":        {Deps{TrustedProxies: proxy}, "http", "http://example.com"},
		"below a path":         {Deps{TrustedProxies: proxy, BasePath: "/crow"}, "https", "https://example.com/crow"},
		"a public address":     {Deps{TrustedProxies: proxy, PublicURL: "https://crow.example.org"}, "http", "https://crow.example.org"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, func(deps *Deps) {
				deps.TrustedProxies, deps.BasePath, deps.PublicURL = c.change.TrustedProxies, c.change.BasePath, c.change.PublicURL
			})
			d.fill()
			send := func(path, body string) *httptest.ResponseRecorder {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
				r.Header.Set("Authorization", "Bearer "+d.token)
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("X-Forwarded-Host", "elsewhere.example.com")
				if c.proto != "" {
					r.Header.Set("X-Forwarded-Proto", c.proto)
				}
				w := httptest.NewRecorder()
				d.handler.ServeHTTP(w, r)
				return w
			}
			if hook := read[wire.Hook](t, send("/api/v1/integrations/eu/hook", "")); hook.URL != c.want+"/api/v1/hooks/eu" {
				t.Errorf("webhook %s, want below %s", hook.URL, c.want)
			}
			in := read[wire.Invitation](t, send("/api/v1/invitations", body("email", "new@example.com", "role", "editor")))
			if at, _, _ := strings.Cut(in.URL, "#"); at != c.want+LinkPath {
				t.Errorf("invitation %s, want below %s", at, c.want)
			}
		})
	}
}

// The wizard counts down to when Sysdig allows again: the answer says when, and comes at once.
func TestLimitOfSysdigIsPassedOn(t *testing.T) {
	d := newDesk(t)
	kit := sysdigkit.New("token")
	srv := httptest.NewServer(kit)
	t.Cleanup(srv.Close)
	hc, err := egress.New(egress.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	if err != nil {
		t.Fatal(err)
	}
	client, err := sysdig.New(sysdig.Config{Region: sysdig.Custom, URL: srv.URL, Token: "token"}, hc, sysdig.WithPatience(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	d.clusters = func() ([]string, error) {
		list, err := client.Clusters(t.Context())
		return list.Names, err
	}
	ask := func() *httptest.ResponseRecorder {
		return d.post("/api/v1/sysdig/clusters", body("region", "custom", "url", srv.URL, "token", "token"))
	}
	kit.Inject(sysdigkit.TooManyRequests("42", time.Time{}))
	w := ask()
	wantCode(t, w, http.StatusServiceUnavailable, "too many requests")
	if got := w.Header().Get("Retry-After"); got != "42" {
		t.Errorf("Retry-After %q", got)
	}
	kit.Inject(sysdigkit.Fault{Status: http.StatusUnauthorized})
	w = ask()
	if got := w.Header().Get("Retry-After"); got != "" {
		t.Errorf("Retry-After %q of what no time mends", got)
	}
	if !strings.Contains(w.Body.String(), `"errors":[{"location":"body.token"}]`) {
		t.Errorf("the field to correct is not named: %s", w.Body)
	}
}
