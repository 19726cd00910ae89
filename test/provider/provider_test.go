package provider

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/app"
	"github.com/crowsnest-sec/crowsnest/internal/config"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/pgkit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// people are the provider's storage with groups, and with where our client may sign out to.
type people struct {
	*storage.Storage
	groups    []string
	signedOut string
}

// SetUserinfoFromRequest puts groups into identity tokens.
func (p *people) SetUserinfoFromRequest(ctx context.Context, info *oidc.UserInfo, request op.IDTokenRequest, scopes []string) error {
	info.AppendClaims("groups", p.groups)
	return p.Storage.SetUserinfoFromRequest(ctx, info, request, scopes)
}

// GetClientByClientID implements op.Storage.
func (p *people) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	c, err := p.Storage.GetClientByClientID(ctx, id)
	return client{c, p.signedOut}, err
}

type client struct {
	op.Client
	signedOut string
}

// PostLogoutRedirectURIs implements op.Client.
func (c client) PostLogoutRedirectURIs() []string { return []string{c.signedOut} }

func TestSignInAndOut(t *testing.T) {
	for name, database := range map[string]func(testing.TB) string{"sqlite": func(testing.TB) string { return "" }, "postgres": pgkit.Database} {
		t.Run(name, func(t *testing.T) { signInAndOut(t, database(t)) })
	}
}

func signInAndOut(t *testing.T, database string) {
	var provider, handler http.Handler
	idp := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { provider.ServeHTTP(w, r) }))
	defer idp.Close()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	defer site.Close()

	storage.RegisterClients(storage.WebClient("crowsnest", "s3cret", site.URL+"/auth/oidc/callback"))
	known := &people{storage.NewStorage(storage.NewUserStore(idp.URL)), []string{"security"}, site.URL + "/sign-in"}
	provider = exampleop.SetupServer(idp.URL, known, slog.New(slog.DiscardHandler), false)

	cfg, err := config.Load("", nil, map[string]any{
		"data": t.TempDir(), "database": database, "egress.allow": []string{"127.0.0.1"}, "public_url": site.URL, "advisories.update": false,
		"oidc.issuer": idp.URL, "oidc.client_id": "crowsnest", "oidc.client_secret": "s3cret", "oidc.grants": []string{"editor::security"},
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), cfg, "test", slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	handler = a.Handler()

	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	var visited []string
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		visited = append(visited, r.URL.String())
		return nil
	}}
	// The provider shows its own page, where the person signs in.
	page, err := browser.Get(site.URL + "/auth/oidc/login?next=/images")
	if err != nil {
		t.Fatal(err)
	}
	page.Body.Close()
	if page.StatusCode != http.StatusOK || page.Request.URL.Path != "/login/username" {
		t.Fatalf("the provider answers %s at %s", page.Status, page.Request.URL)
	}
	back, err := browser.PostForm(idp.URL+"/login/username", url.Values{
		"id": {page.Request.URL.Query().Get("authRequestID")}, "username": {"test-user2"}, "password": {"verysecure"},
	})
	if err != nil {
		t.Fatal(err)
	}
	back.Body.Close()
	if back.Request.URL.String() != site.URL+"/images" {
		t.Fatalf("came back to %s by way of %s", back.Request.URL, strings.Join(visited, "\n"))
	}
	var who wire.Session
	call(t, browser, http.MethodGet, site.URL, &who)
	if who.Person == nil || who.Person.Email != "test-user2@zitadel.ch" || who.Person.Name != "Test User2" || who.Role != crowsnest.Editor {
		t.Errorf("session %+v", who)
	}
	// The answer that the browser brought counts once.
	for _, address := range visited {
		if strings.HasPrefix(address, site.URL+"/auth/oidc/callback") {
			again, err := browser.Get(address)
			if err != nil {
				t.Fatal(err)
			}
			again.Body.Close()
			if again.Request.URL.Query().Get("problem") != "expired" {
				t.Errorf("a second time it leads to %s", again.Request.URL)
			}
		}
	}
	var out wire.SignedOut
	call(t, browser, http.MethodDelete, site.URL, &out)
	end, err := browser.Get(out.ProviderURL)
	if err != nil {
		t.Fatal(err)
	}
	end.Body.Close()
	if end.Request.URL.String() != site.URL+"/sign-in" {
		t.Errorf("signing out at %s leads to %s", out.ProviderURL, end.Request.URL)
	}
}

func call(t *testing.T, browser *http.Client, method, site string, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, site+"/api/v1/session", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %s, %v", method, res.Status, body, err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatal(err)
	}
}
