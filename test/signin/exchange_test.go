package signin

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/oidckit"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/pgkit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/trust"
)

// onEachEngineWithJobs gives the installation an issuer of the tokens of jobs.
func onEachEngineWithJobs(t *testing.T, test func(t *testing.T, s *site)) {
	t.Parallel()
	for name, database := range map[string]func(testing.TB) string{"sqlite": func(testing.TB) string { return "" }, "postgres": pgkit.Database} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			issuer := oidckit.Start(t)
			test(t, open(t, issuer, database(t), settings{"oidc.issuer": "", "base_path": "/crowsnest", "exchange.issuers": []string{issuer.URL}}))
		})
	}
}

// job are the claims that GitHub gives a job of acme/shop on main.
func job(more oidckit.Claims) oidckit.Claims {
	out := oidckit.Claims{
		"sub": "repo:acme/shop:ref:refs/heads/main", "repository": "acme/shop", "repository_owner": "acme", "repository_id": "42",
		"ref": "refs/heads/main", "ref_type": "branch", "environment": "production", "actor": "ada", "run_id": "7", "sha": "0123abc",
	}
	maps.Copy(out, more)
	return out
}

// exchange brings a token and returns the answer's code, and the token or what was said.
func (s *site) exchange(token string, more trust.ExchangeRequest) (int, string) {
	s.t.Helper()
	more.Token = token
	return s.browser().do(http.MethodPost, "/api/v1/token-exchange", more)
}

func (s *site) trust(r trust.TrustRequest) trust.Trust {
	s.t.Helper()
	if r.Issuer == "" {
		r.Issuer = s.issuer.URL
	}
	return read[trust.Trust](s.api(), http.MethodPost, "/api/v1/trusts", r)
}

var uploads = []crowsnest.Scope{crowsnest.ScopeUpload}

func TestJobExchangesItsToken(t *testing.T) {
	onEachEngineWithJobs(t, func(t *testing.T, s *site) {
		made := s.trust(trust.TrustRequest{Name: "shop", Repository: "acme/shop", Ref: "refs/heads/main", Environment: "production", Scopes: []crowsnest.Scope{crowsnest.ScopeRead, crowsnest.ScopeUpload}, Minutes: 15})
		if list := read[[]trust.Trust](s.api(), http.MethodGet, "/api/v1/trusts", nil); len(list) != 1 || list[0].ID != made.ID || list[0].Minutes != 15 || !list[0].LastUsed.IsZero() {
			t.Errorf("trusts %+v", list)
		}
		raw := s.issuer.Sign(s.issuer.Standard(s.url, job(nil)))
		b := s.browser()
		got := read[trust.ExchangedToken](b, http.MethodPost, "/api/v1/token-exchange", trust.ExchangeRequest{Token: raw})
		if life := time.Until(got.Expires); life > 15*time.Minute || life < 14*time.Minute || len(got.Scopes) != 2 {
			t.Errorf("token %+v", got)
		}
		b.bearer = got.Token
		if who := b.session(); who == nil || who.Token == nil || who.Token.Name != "acme/shop@refs/heads/main" || slices.Contains(who.Permissions, "manage-tokens") || !slices.Contains(who.Permissions, "upload") {
			t.Errorf("who am I: %+v", who)
		}
		if code, body := b.do(http.MethodPost, "/api/v1/analyses", map[string]string{"reference": "registry.example.com/shop:1"}); code/100 != 2 {
			t.Errorf("upload: %d %s", code, body)
		}
		for path, body := range map[string]any{"/api/v1/tokens": wire.TokenRequest{Name: "x", Kind: "organisation", Scopes: uploads}, "/api/v1/trusts": trust.TrustRequest{Name: "x", Issuer: s.issuer.URL, Repository: "a/b", Scopes: uploads}} {
			if code, said := b.do(http.MethodPost, path, body); code != http.StatusForbidden {
				t.Errorf("a job makes %s: %d %s", path, code, said)
			}
		}
		log := s.audit("token.exchange")
		if len(log) != 1 || log[0].Actor.Name != "acme/shop@refs/heads/main" || log[0].Detail["by"] != "ada" || log[0].Detail["run"] != "7" || log[0].Detail["commit"] != "0123abc" || log[0].Detail["issuer"] != s.issuer.URL {
			t.Errorf("audit log %+v", log)
		}
		// Fewer scopes, if it asks for fewer; never more.
		if got := read[trust.ExchangedToken](s.browser(), http.MethodPost, "/api/v1/token-exchange", trust.ExchangeRequest{Token: raw, Scopes: uploads}); !slices.Equal(got.Scopes, uploads) {
			t.Errorf("token %+v", got)
		}
		if code, body := s.exchange(raw, trust.ExchangeRequest{Scopes: []crowsnest.Scope{crowsnest.ScopeWrite}}); code != http.StatusForbidden {
			t.Errorf("more scopes: %d %s", code, body)
		}
		if code, _ := s.api().do(http.MethodDelete, "/api/v1/trusts/"+made.ID, nil); code != http.StatusNoContent {
			t.Errorf("delete: %d", code)
		}
		if b.session() != nil {
			t.Error("the token outlives its trust")
		}
		if strings.Contains(s.log.String(), raw) || strings.Contains(s.log.String(), got.Token) {
			t.Error("a token is in the log")
		}
	})
}

// What GitLab says of its jobs, in its own words.
func TestJobOfGitLab(t *testing.T) {
	onEachEngineWithJobs(t, func(t *testing.T, s *site) {
		s.trust(trust.TrustRequest{Name: "tags", Repository: "group/sub/shop", Ref: "refs/tags/v*", Scopes: uploads})
		claims := func(ref, kind string) oidckit.Claims {
			return oidckit.Claims{"sub": "project_path:group/sub/shop:ref_type:tag:ref:" + ref, "project_path": "group/sub/shop", "project_id": "22", "ref": ref, "ref_type": kind, "user_login": "ada", "job_id": "9", "sha": "0123abc"}
		}
		for name, c := range map[string]struct {
			ref, kind string
			want      int
		}{
			"tag":                      {"v1.0", "tag", http.StatusOK},
			"another tag":              {"nightly", "tag", http.StatusForbidden},
			"branch with a tag's name": {"v1.0", "branch", http.StatusForbidden},
			"branch called like a tag": {"refs/tags/v1", "branch", http.StatusForbidden},
			"neither":                  {"refs/tags/v1", "other", http.StatusUnauthorized},
			"no ref":                   {"", "tag", http.StatusUnauthorized},
		} {
			if code, body := s.exchange(s.issuer.Sign(s.issuer.Standard(s.url, claims(c.ref, c.kind))), trust.ExchangeRequest{}); code != c.want {
				t.Errorf("%s: %d, want %d: %s", name, code, c.want, body)
			}
		}
		if log := s.audit("token.exchange"); len(log) != 1 || log[0].Actor.Name != "group/sub/shop@refs/tags/v1.0" || log[0].Detail["by"] != "ada" || log[0].Detail["run"] != "9" {
			t.Errorf("audit log %+v", log)
		}
	})
}

func TestTokensThatAreNotExchanged(t *testing.T) {
	onEachEngineWithJobs(t, func(t *testing.T, s *site) {
		s.trust(trust.TrustRequest{Name: "shop", Repository: "acme/shop", Ref: "refs/heads/release/*", Environment: "production", Scopes: uploads})
		right := job(oidckit.Claims{"ref": "refs/heads/release/1"})
		sign := func(more oidckit.Claims) string {
			c := s.issuer.Standard(s.url, right)
			maps.Copy(c, more)
			return s.issuer.Sign(c)
		}
		if code, body := s.exchange(sign(nil), trust.ExchangeRequest{}); code != http.StatusOK {
			t.Fatalf("the right one: %d %s", code, body)
		}
		foreign := oidckit.Start(t)
		std := s.issuer.Standard(s.url, right)
		const no, nothing = http.StatusUnauthorized, http.StatusForbidden
		for name, c := range map[string]struct {
			token string
			want  int
		}{
			"for another audience":     {sign(oidckit.Claims{"aud": "https://github.com/acme"}), no},
			"for our host alone":       {sign(oidckit.Claims{"aud": strings.TrimSuffix(s.url, "/crowsnest")}), no},
			"without an audience":      {sign(oidckit.Claims{"aud": nil}), no},
			"expired":                  {sign(oidckit.Claims{"exp": time.Now().Add(-time.Second).Unix()}), no},
			"not valid yet":            {sign(oidckit.Claims{"nbf": time.Now().Add(time.Hour).Unix()}), no},
			"of an unknown key":        {s.issuer.SignStrange(std), no},
			"of the key as a secret":   {s.issuer.SignConfused(std), no},
			"without a signature":      {s.issuer.SignNot(std), no},
			"of another issuer":        {foreign.Sign(foreign.Standard(s.url, right)), no},
			"in the name of ours":      {foreign.Sign(std), no},
			"nonsense":                 {"a.b.c", no},
			"no token":                 {"x", no},
			"cut off":                  {sign(nil)[:100], no},
			"without a repository":     {sign(oidckit.Claims{"repository": ""}), no},
			"of another repository":    {sign(oidckit.Claims{"repository": "acme/other"}), nothing},
			"of another owner":         {sign(oidckit.Claims{"repository": "evil/shop", "repository_owner": "acme"}), nothing},
			"of a longer name":         {sign(oidckit.Claims{"repository": "acme/shop/x"}), nothing},
			"of another spelling":      {sign(oidckit.Claims{"repository": "Acme/shop"}), nothing},
			"of another branch":        {sign(oidckit.Claims{"ref": "refs/heads/main"}), nothing},
			"of a branch below":        {sign(oidckit.Claims{"ref": "refs/heads/release/1/x"}), nothing},
			"of a tag of that name":    {sign(oidckit.Claims{"ref": "refs/tags/release/1"}), nothing},
			"of a pull request":        {sign(oidckit.Claims{"ref": "refs/pull/1/merge"}), nothing},
			"of another environment":   {sign(oidckit.Claims{"environment": "staging"}), nothing},
			"of no environment":        {sign(oidckit.Claims{"environment": ""}), nothing},
			"of a repository in place": {sign(oidckit.Claims{"repository_id": "43"}), nothing},
			"that hides which it is":   {sign(oidckit.Claims{"repository_id": ""}), nothing},
		} {
			code, body := s.exchange(c.token, trust.ExchangeRequest{})
			if code != c.want {
				t.Errorf("%s: %d, want %d: %s", name, code, c.want, body)
			}
			if strings.Contains(body, "crowsnest_") {
				t.Errorf("%s: a token all the same", name)
			}
		}
		if n := len(s.audit("token.exchange")); n != 1 {
			t.Errorf("%d exchanges in the audit log, want 1", n)
		}
		// Whom the server asks is the operator's choice, not a token's.
		if foreign.Visits("/keys")+foreign.Visits("/.well-known/openid-configuration") > 0 {
			t.Error("an issuer that only the token names was asked")
		}
		var code int
		for range 100 {
			if code, _ = s.exchange("a.b.c", trust.ExchangeRequest{}); code == http.StatusTooManyRequests {
				break
			}
		}
		if code != http.StatusTooManyRequests {
			t.Errorf("130 tries in vain: %d", code)
		}
	})
}

// What keeps a token from being read is said, and is not the token's fault.
func TestExchangeThatCannotBe(t *testing.T) {
	t.Parallel()
	issuer := oidckit.Start(t)
	s := open(t, issuer, "", settings{"oidc.issuer": "", "exchange.issuers": []string{issuer.URL}})
	s.trust(trust.TrustRequest{Name: "shop", Repository: "acme/shop", Scopes: uploads})
	issuer.Down()
	if code, body := s.exchange(issuer.Sign(issuer.Standard(s.url, job(nil))), trust.ExchangeRequest{}); code != http.StatusServiceUnavailable {
		t.Errorf("an issuer that is down: %d %s", code, body)
	}
	s = open(t, issuer, "", settings{"oidc.issuer": "", "public_url": "", "exchange.issuers": []string{issuer.URL}})
	if code, body := s.exchange(issuer.Sign(issuer.Standard(s.url, job(nil))), trust.ExchangeRequest{}); code != http.StatusUnprocessableEntity || !strings.Contains(body, "exchange.audience") {
		t.Errorf("a server without an audience: %d %s", code, body)
	}
}

func TestTrustsThatAreNotMade(t *testing.T) {
	onEachEngineWithJobs(t, func(t *testing.T, s *site) {
		right := trust.TrustRequest{Name: "shop", Issuer: s.issuer.URL, Repository: "acme/shop", Ref: "refs/heads/main", Scopes: uploads}
		for name, change := range map[string]func(*trust.TrustRequest){
			"any repository":       func(r *trust.TrustRequest) { r.Repository = "*" },
			"any of an owner":      func(r *trust.TrustRequest) { r.Repository = "acme/*" },
			"of any owner":         func(r *trust.TrustRequest) { r.Repository = "*/shop" },
			"of owners alike":      func(r *trust.TrustRequest) { r.Repository = "acme?/shop" },
			"an owner alone":       func(r *trust.TrustRequest) { r.Repository = "acme" },
			"short ref":            func(r *trust.TrustRequest) { r.Ref = "main" },
			"broken pattern":       func(r *trust.TrustRequest) { r.Ref = "refs/heads/[" },
			"what owners may":      func(r *trust.TrustRequest) { r.Scopes = []crowsnest.Scope{crowsnest.ScopeOwner} },
			"metrics":              func(r *trust.TrustRequest) { r.Scopes = []crowsnest.Scope{crowsnest.ScopeMetrics} },
			"nothing":              func(r *trust.TrustRequest) { r.Scopes = nil },
			"for a day":            func(r *trust.TrustRequest) { r.Minutes = 24 * 60 },
			"an issuer of nowhere": func(r *trust.TrustRequest) { r.Issuer = "https://evil.example.com" },
		} {
			r := right
			change(&r)
			if code, body := s.api().do(http.MethodPost, "/api/v1/trusts", r); code != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d %s", name, code, body)
			}
		}
		if made := s.trust(right); made.Minutes != 30 {
			t.Errorf("made %+v", made)
		}
		if code, _ := s.api().do(http.MethodPost, "/api/v1/trusts", right); code != http.StatusConflict {
			t.Errorf("twice: %d", code)
		}
	})
}

// Where several organisations trust a repository, its job says for which it works.
func TestJobOfSeveralOrganisations(t *testing.T) {
	onEachEngineWithJobs(t, func(t *testing.T, s *site) {
		s.firstOwner("owner@example.com")
		owner := s.browser()
		read[wire.Session](owner, http.MethodPost, "/api/v1/session", wire.SignIn{Email: "owner@example.com", Password: password})
		other := read[wire.Organisation](owner, http.MethodPost, "/api/v1/organisations", wire.OrganisationRequest{Name: "other"})
		s.trust(trust.TrustRequest{Name: "shop", Repository: "acme/shop", Scopes: uploads})
		read[wire.Session](owner, http.MethodPut, "/api/v1/session/organisation", wire.OrganisationChoice{ID: other.ID})
		read[trust.Trust](owner, http.MethodPost, "/api/v1/trusts", trust.TrustRequest{Name: "shop", Issuer: s.issuer.URL, Repository: "acme/shop", Scopes: uploads})

		raw := s.issuer.Sign(s.issuer.Standard(s.url, job(nil)))
		if code, body := s.exchange(raw, trust.ExchangeRequest{}); code != http.StatusUnprocessableEntity || !strings.Contains(body, "several organisations") {
			t.Errorf("without a name: %d %s", code, body)
		}
		if code, body := s.exchange(raw, trust.ExchangeRequest{Organisation: "nowhere"}); code != http.StatusForbidden {
			t.Errorf("with the name of none: %d %s", code, body)
		}
		b := s.browser()
		b.bearer = read[trust.ExchangedToken](b, http.MethodPost, "/api/v1/token-exchange", trust.ExchangeRequest{Token: raw, Organisation: "other"}).Token
		if who := b.session(); who == nil || who.Organisation.ID != other.ID {
			t.Errorf("who am I: %+v", who)
		}
	})
}
