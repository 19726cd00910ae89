package signin

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/oidckit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// ada is somebody the provider vouches for.
func ada(groups ...string) oidckit.Claims {
	return oidckit.Claims{"sub": "1", "email": "Ada@example.com", "email_verified": true, "name": "Ada", "groups": groups}
}

var grants = settings{"oidc.grants": []string{"member:default:devs", "editor::leads", "owner:default:cn=admins:x"}}

func with(more settings) settings {
	out := settings{}
	for _, m := range []settings{grants, more} {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

func TestSignInWithProvider(t *testing.T) {
	onEachEngine(t, with(settings{"base_path": "/crowsnest"}), func(t *testing.T, s *site) {
		s.firstOwner("owner@example.com")
		ways := read[wire.SignInWays](s.browser(), http.MethodGet, "/api/v1/sign-in", nil)
		if ways.Provider == nil || ways.Provider.Name != "Example" || !ways.Provider.Available || !ways.Password {
			t.Errorf("ways %+v", ways)
		}
		s.issuer.SignIn(ada("others", "leads", "devs"))
		b := s.browser()
		if to := b.signIn("/images?q=a%26b"); to != s.url+"/images?q=a%26b" {
			t.Errorf("came to %s", to)
		}
		who := b.session()
		if who == nil || who.Person.Email != "ada@example.com" || who.Person.Name != "Ada" || who.Person.HasPassword || who.Role != crowsnest.Editor {
			t.Fatalf("session %+v", who)
		}
		first := b.cookies()
		if len(first) != 1 {
			t.Errorf("the cookie of the attempt is still there: %v", first)
		}
		// A second sign-in in the same browser is another session, and the first is over.
		b.signIn("/")
		if now := b.cookies()["crowsnest_session"]; now == "" || now == first["crowsnest_session"] {
			t.Error("the session kept its secret")
		}
		old := s.browser()
		u, err := url.Parse(s.url)
		must(t, err)
		old.client.Jar.SetCookies(u, []*http.Cookie{{Name: "crowsnest_session", Value: first["crowsnest_session"], Path: "/"}})
		if who := old.session(); who != nil {
			t.Errorf("the session before is still open: %+v", who)
		}
		out := read[wire.SignedOut](b, http.MethodDelete, "/api/v1/session", nil)
		end, err := url.Parse(out.ProviderURL)
		must(t, err)
		if q := end.Query(); end.Path != "/end" || q.Get("tenant") != "1" || q.Get("client_id") != oidckit.ClientID || q.Get("post_logout_redirect_uri") != s.url+"/sign-in" {
			t.Errorf("signing out leads to %s", out.ProviderURL)
		}
		if b.session() != nil {
			t.Error("still signed in")
		}
		if code, body := b.do(http.MethodPost, "/api/v1/session", wire.SignIn{Email: "owner@example.com", Password: password}); code != http.StatusOK {
			t.Errorf("with a password: %d %s", code, body)
		}
		if out := read[wire.SignedOut](b, http.MethodDelete, "/api/v1/session", nil); out.ProviderURL != "" {
			t.Errorf("a session of a password ends at the provider: %s", out.ProviderURL)
		}
		if starts := s.audit("session.start"); !slices.ContainsFunc(starts, func(e wire.AuditEntry) bool {
			return e.Subject == "ada@example.com" && e.Actor.Name == "ada@example.com"
		}) {
			t.Errorf("audit log %+v", starts)
		}
		if strings.Contains(s.log.String(), oidckit.ClientSecret) {
			t.Error("the secret of the client is in the log")
		}
	})
}

func TestRolesFollowGroups(t *testing.T) {
	onEachEngine(t, grants, func(t *testing.T, s *site) {
		s.firstOwner("owner@example.com")
		b := s.browser()
		for _, step := range []struct {
			groups []string
			want   crowsnest.Role
		}{{[]string{"devs"}, crowsnest.Member}, {[]string{"cn=admins:x"}, crowsnest.Owner}, {[]string{"leads"}, crowsnest.Editor}} {
			s.issuer.SignIn(ada(step.groups...))
			b.signIn("/")
			if who := b.session(); who == nil || who.Role != step.want {
				t.Fatalf("in %v: %+v", step.groups, who)
			}
		}
		s.issuer.SignIn(ada())
		if got := problem(t, b.signIn("/")); got != "no-place" {
			t.Errorf("without a group: %s", got)
		}
		if who := b.session(); who != nil {
			t.Errorf("the session of the role that is gone: %+v", who)
		}
		var got []string
		for _, e := range s.audit("person.") {
			if e.Subject == "ada@example.com" {
				got = append(got, e.Action+" "+e.Detail["role"])
			}
		}
		if want := []string{"person.join member", "person.role owner", "person.role editor", "person.remove none"}; !slices.Equal(got, want) {
			t.Errorf("audit log %v, want %v", got, want)
		}
		// Somebody the provider knows, and nobody here does, is not even kept.
		s.issuer.SignIn(oidckit.Claims{"sub": "2", "email": "eve@example.com", "email_verified": true})
		if got := problem(t, s.browser().signIn("/")); got != "no-place" {
			t.Errorf("a stranger: %s", got)
		}
	})
}

// An invitation to a verified address counts at the provider, and an account that has the
// address becomes that of the identity, without the password nobody proved to own it by.
func TestInvitedAndKnownPeople(t *testing.T) {
	onEachEngine(t, nil, func(t *testing.T, s *site) {
		s.firstOwner("ada@example.com")
		local := s.browser()
		if code, body := local.do(http.MethodPost, "/api/v1/session", wire.SignIn{Email: "ada@example.com", Password: password}); code != http.StatusOK {
			t.Fatalf("with a password: %d %s", code, body)
		}
		s.issuer.SignIn(ada())
		b := s.browser()
		b.signIn("/")
		if who := b.session(); who == nil || who.Role != crowsnest.Owner || who.Person.HasPassword {
			t.Fatalf("the account with the address: %+v", who)
		}
		ada0 := b.session().Person.ID
		if local.session() != nil {
			t.Error("a session of the password is still open")
		}
		if code, _ := local.do(http.MethodPost, "/api/v1/session", wire.SignIn{Email: "ada@example.com", Password: password}); code != http.StatusUnauthorized {
			t.Errorf("the password still opens the account: %d", code)
		}
		if code, body := b.do(http.MethodPatch, "/api/v1/account", wire.AccountChange{Password: &wire.PasswordChange{New: "another boat with masts"}}); code != http.StatusConflict {
			t.Errorf("a password beside the provider: %d %s", code, body)
		}
		heir := ada()
		heir["sub"] = "another"
		s.issuer.SignIn(heir)
		if got := problem(t, s.browser().signIn("/")); got != "taken" {
			t.Errorf("another identity with the address: %s", got)
		}
		s.unlink("ada@example.com")
		again := s.browser()
		again.signIn("/")
		if who := again.session(); who == nil || who.Person.ID != ada0 {
			t.Errorf("after both were said to be one: %+v", who)
		}
		if b.session() != nil {
			t.Error("a session of the identity before is still open")
		}
		if code, body := s.api().do(http.MethodPost, "/api/v1/invitations", wire.InvitationRequest{Email: "bob@example.com", Role: crowsnest.Member}); code != http.StatusCreated {
			t.Fatalf("invite: %d %s", code, body)
		}
		s.issuer.SignIn(oidckit.Claims{"sub": "bob", "email": "bob@example.com", "email_verified": false})
		if got := problem(t, s.browser().signIn("/")); got != "unverified" {
			t.Errorf("the invited address, unverified: %s", got)
		}
		s.issuer.SignIn(oidckit.Claims{"sub": "bob", "email": "bob@example.com", "email_verified": "true"})
		b = s.browser()
		b.signIn("/")
		if who := b.session(); who == nil || who.Role != crowsnest.Member {
			t.Errorf("invited: %+v", who)
		}
	})
}

// Nothing the provider, the network or another site does lets anybody in who should not be.
func TestAnswersThatDoNotHold(t *testing.T) {
	onEachEngine(t, with(settings{"oidc.email_domains": []string{"@Example.com"}}), func(t *testing.T, s *site) {
		s.firstOwner("owner@example.com")
		claim := func(name string, value any) func() func() {
			return func() func() {
				return s.issuer.Change(func(c oidckit.Claims) {
					if c[name] = value; value == nil {
						delete(c, name)
					}
				})
			}
		}
		for name, c := range map[string]struct {
			fault func() (undo func())
			want  string
		}{
			"foreign audience":          {claim("aud", "another client"), "refused"},
			"made for another client":   {claim("azp", "another client"), "refused"},
			"several audiences, no azp": {claim("aud", []string{oidckit.ClientID, "another"}), "refused"},
			"foreign issuer":            {claim("iss", "https://evil.example.com"), "refused"},
			"expired token":             {claim("exp", time.Now().Add(-time.Minute).Unix()), "refused"},
			"no expiry":                 {claim("exp", nil), "refused"},
			"wrong nonce":               {claim("nonce", "another"), "refused"},
			"no nonce":                  {claim("nonce", nil), "refused"},
			"nobody":                    {claim("sub", ""), "refused"},
			"wrong hash of access":      {claim("at_hash", "AAAA"), "refused"},
			"unverified address":        {claim("email_verified", false), "unverified"},
			"verified as a word":        {claim("email_verified", "no"), "unverified"},
			"broken address":            {claim("email", "ada"), "unverified"},
			"address of elsewhere":      {claim("email", "ada@evil.example.com"), "domain"},
			"address of a lookalike":    {claim("email", "ada@evilexample.com"), "domain"},
			"groups of another shape":   {claim("groups", map[string]any{"devs": true}), "refused"},
			"groups left out":           {claim("_claim_names", map[string]any{"groups": "src1"}), "refused"},
			"unknown key":               {func() func() { return s.issuer.SignWith(s.issuer.SignStrange) }, "refused"},
			"public key as a secret":    {func() func() { return s.issuer.SignWith(s.issuer.SignConfused) }, "refused"},
			"no signature":              {func() func() { return s.issuer.SignWith(s.issuer.SignNot) }, "refused"},
			"no token":                  {func() func() { return s.issuer.SignWith(func(oidckit.Claims) string { return "" }) }, "refused"},
			"the person says no":        {func() func() { return s.issuer.Refuse("access_denied") }, "denied"},
		} {
			s.issuer.SignIn(ada("devs"))
			undo := c.fault()
			b := s.browser()
			if got := problem(t, b.signIn("/")); got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
			if who := b.session(); who != nil {
				t.Errorf("%s: came in as %+v", name, who)
			}
			undo()
		}
		change := func(callback, name, value string) string {
			u, err := url.Parse(callback)
			must(t, err)
			q := u.Query()
			q.Set(name, value)
			u.RawQuery = q.Encode()
			return u.String()
		}
		b := s.browser()
		callback := b.begin("/")
		// An answer that another browser began: the victim would be signed in as somebody else.
		if got := problem(t, s.browser().get(callback)); got != "expired" {
			t.Errorf("without the cookie: %s", got)
		}
		if got := problem(t, b.get(change(callback, "state", "another"))); got != "expired" {
			t.Errorf("with another state: %s", got)
		}
		other := s.browser()
		other.begin("/")
		if got := problem(t, other.get(callback)); got != "expired" {
			t.Errorf("with the cookie of another attempt: %s", got)
		}
		// None of these ended what the browser began, and it works once.
		kept := b.cookies()
		if to := b.get(callback); to != s.url+"/" {
			t.Errorf("the right answer leads to %s", to)
		}
		if got := problem(t, b.get(callback)); got != "expired" {
			t.Errorf("a second time: %s", got)
		}
		thief := s.browser()
		u, err := url.Parse(s.url)
		must(t, err)
		thief.client.Jar.SetCookies(u, []*http.Cookie{{Name: "crowsnest_sign_in", Value: kept["crowsnest_sign_in"], Path: "/"}})
		if got := problem(t, thief.get(callback)); got != "expired" || thief.session() != nil {
			t.Errorf("a second time with the cookie: %s", got)
		}
		b = s.browser()
		if got := problem(t, b.get(change(b.begin("/"), "iss", "https://evil.example.com"))); got != "refused" {
			t.Errorf("answered by another issuer: %s", got)
		}
		b = s.browser()
		if got := problem(t, b.get(change(b.begin("/"), "code", "guessed"))); got != "refused" {
			t.Errorf("with a code of nobody's: %s", got)
		}
		for _, path := range []string{"/auth/oidc/login", "/auth/oidc/callback"} {
			if code, _ := s.browser().do(http.MethodPost, path, nil); code != http.StatusMethodNotAllowed {
				t.Errorf("POST %s: %d", path, code)
			}
		}
	})
}

// The way back leads to pages of this server only.
func TestNoOpenRedirect(t *testing.T) {
	onEachEngine(t, grants, func(t *testing.T, s *site) {
		s.firstOwner("owner@example.com")
		s.issuer.SignIn(ada("devs"))
		for _, next := range []string{
			"https://evil.example.com/", "//evil.example.com/", "/\\evil.example.com", "/\t/evil.example.com", "\\\\evil.example.com", "evil.example.com",
			"/%2Fevil.example.com", "/%5Cevil.example.com", "javascript:alert(1)", "/\r\nSet-Cookie: a=b", "http:/evil.example.com", "/" + strings.Repeat("a", 3000), "/a\x00b",
		} {
			if to := s.browser().signIn(next); to != s.url+"/" {
				t.Errorf("%q leads to %s", next, to)
			}
		}
		if to := s.browser().signIn("/images/sha256:ab?q=//x#part"); to != s.url+"/images/sha256:ab?q=//x" {
			t.Errorf("a page leads to %s", to)
		}
	})
}

// A server starts without its provider, says so, and goes on with passwords.
func TestProviderThatDoesNotAnswer(t *testing.T) {
	onEachEngine(t, grants, func(t *testing.T, s *site) {
		undo := s.issuer.Down()
		s.firstOwner("owner@example.com")
		ways := func() wire.SignInWays {
			return read[wire.SignInWays](s.browser(), http.MethodGet, "/api/v1/sign-in", nil)
		}
		if w := ways(); w.Provider == nil || w.Provider.Available || !w.Password {
			t.Errorf("ways %+v", w)
		}
		asked := s.issuer.Visits("/.well-known/openid-configuration")
		for range 10 {
			ways()
		}
		if again := s.issuer.Visits("/.well-known/openid-configuration"); again > asked+2 {
			t.Errorf("a provider that is down was asked %d times more", again-asked)
		}
		if got := problem(t, s.browser().get(s.url+"/auth/oidc/login?next=/images")); got != "unavailable" {
			t.Errorf("begin: %s", got)
		}
		b := s.browser()
		if code, body := b.do(http.MethodPost, "/api/v1/session", wire.SignIn{Email: "owner@example.com", Password: password}); code != http.StatusOK {
			t.Errorf("with a password: %d %s", code, body)
		}
		undo()
		s.issuer.SignIn(ada("devs"))
		for end := time.Now().Add(time.Minute); !ways().Provider.Available; time.Sleep(100 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("the provider answers again, and is not asked")
			}
		}
		// It goes away between the two halves.
		b = s.browser()
		callback := b.begin("/")
		undo = s.issuer.Down()
		if got := problem(t, b.get(callback)); got != "refused" && got != "unavailable" {
			t.Errorf("down in between: %s", got)
		}
		undo()
		b = s.browser()
		if to := b.signIn("/"); to != s.url+"/" || b.session() == nil {
			t.Errorf("up again: %s", to)
		}
	})
}

// A provider that keeps its tokens small is asked for the rest.
func TestSmallTokens(t *testing.T) {
	onEachEngine(t, grants, func(t *testing.T, s *site) {
		s.firstOwner("owner@example.com")
		s.issuer.Small()
		s.issuer.SignIn(ada("leads"))
		b := s.browser()
		b.signIn("/")
		if who := b.session(); who == nil || who.Role != crowsnest.Editor || who.Person.Name != "Ada" {
			t.Errorf("session %+v", who)
		}
	})
}

func TestWithoutPasswords(t *testing.T) {
	onEachEngine(t, with(settings{"password_sign_in": false, "oidc.default_role": "member"}), func(t *testing.T, s *site) {
		s.firstOwner("owner@example.com") // with the link the server printed
		if w := read[wire.SignInWays](s.browser(), http.MethodGet, "/api/v1/sign-in", nil); w.Password {
			t.Errorf("ways %+v", w)
		}
		if code, body := s.browser().do(http.MethodPost, "/api/v1/session", wire.SignIn{Email: "owner@example.com", Password: password}); code != http.StatusForbidden || !strings.Contains(body, "identity provider") {
			t.Errorf("with a password: %d %s", code, body)
		}
		s.issuer.SignIn(ada())
		b := s.browser()
		b.signIn("/")
		if who := b.session(); who == nil || who.Role != crowsnest.Member {
			t.Fatalf("default role: %+v", who)
		}
		people := read[[]wire.Person](s.api(), http.MethodGet, "/api/v1/people", nil)
		for _, p := range people {
			if code, body := s.api().do(http.MethodPost, "/api/v1/people/"+p.ID+"/password-link", nil); code != http.StatusConflict {
				t.Errorf("a link for the password of %s: %d %s", p.Email, code, body)
			}
		}
		invited := read[wire.Invitation](s.api(), http.MethodPost, "/api/v1/invitations", wire.InvitationRequest{Email: "bob@example.com", Role: crowsnest.Editor})
		_, secret, _ := strings.Cut(invited.URL, "#")
		if code, body := s.browser().do(http.MethodPost, "/api/v1/links/redeem", wire.LinkRedemption{LinkSecret: wire.LinkSecret{Secret: secret}, Name: "Bob", Password: password}); code != http.StatusForbidden {
			t.Errorf("an invitation with a password: %d %s", code, body)
		}
		s.issuer.SignIn(oidckit.Claims{"sub": "bob", "email": "bob@example.com", "email_verified": true})
		b = s.browser()
		b.signIn("/")
		if who := b.session(); who == nil || who.Role != crowsnest.Editor {
			t.Errorf("invited: %+v", who)
		}
	})
}

// Who begins again and again without an end has to wait; who signs in does not.
func TestBeginningsAreLimited(t *testing.T) {
	onEachEngine(t, grants, func(t *testing.T, s *site) {
		s.issuer.SignIn(ada("cn=admins:x"))
		for range 70 {
			if b := s.browser(); b.signIn("/") != s.url+"/" {
				t.Fatal("signing in counts")
			}
		}
		var got string
		for range 70 {
			if to := s.browser().get(s.url + "/auth/oidc/login"); strings.HasPrefix(to, s.url) {
				got = problem(t, to)
				break
			}
		}
		if got != "too-many" {
			t.Errorf("70 beginnings: %s", got)
		}
	})
}

// An organisation that the configuration names and nobody has is a mistake, not a reason
// to take people's roles away.
func TestGrantsOfNoOrganisation(t *testing.T) {
	onEachEngine(t, settings{"oidc.grants": []string{"member::devs", "member:renamed:devs"}}, func(t *testing.T, s *site) {
		s.firstOwner("owner@example.com")
		s.issuer.SignIn(ada("devs"))
		if got := problem(t, s.browser().signIn("/")); got != "server-error" || !strings.Contains(s.log.String(), "oidc.grants") {
			t.Errorf("%s; log %s", got, s.log)
		}
	})
}
