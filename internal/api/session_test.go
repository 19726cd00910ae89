package api

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/google/go-cmp/cmp"
)

// read reads an answer that must be a success.
func read[T any](t *testing.T, w *httptest.ResponseRecorder) (v T) {
	t.Helper()
	if w.Code >= 300 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return v
}

// wantCode wants an answer with a code that says something.
func wantCode(t *testing.T, w *httptest.ResponseRecorder, code int, says string) {
	t.Helper()
	if w.Code != code || !strings.Contains(w.Body.String(), says) {
		t.Errorf("got %d %s, want %d with %q", w.Code, w.Body, code, says)
	}
}

// link makes a one-time link and returns its secret.
func (d *desk) link(link store.Link) string {
	d.t.Helper()
	secret, hash := auth.NewLink()
	if link.Expires.IsZero() {
		link.Expires = time.Now().Add(time.Hour)
	}
	if _, err := d.store.CreateLink(d.t.Context(), link, hash); err != nil {
		d.t.Fatal(err)
	}
	return secret
}

func body(pairs ...string) string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestFirstOwner(t *testing.T) {
	d := newDesk(t)
	secret := d.link(store.Link{Kind: store.FirstOwnerLink, Organisation: store.Organisation{ID: d.org}, Role: crowsnest.Owner})
	b := d.browser()
	link := read[wire.Link](t, b.do(http.MethodPost, "/api/v1/links/inspect", body("secret", secret)))
	if diff := cmp.Diff([]string{"email", "name", "password"}, link.Needs); diff != "" || link.Kind != "first-owner" {
		t.Errorf("link %+v", link)
	}
	redeem := func(pairs ...string) *httptest.ResponseRecorder {
		return b.do(http.MethodPost, "/api/v1/links/redeem", body(append(pairs, "secret", secret)...))
	}
	wantCode(t, redeem("email", "o@example.com", "name", "O", "password", "short"), http.StatusUnprocessableEntity, "at least 12")
	wantCode(t, redeem("email", "nobody", "name", "O", "password", password), http.StatusUnprocessableEntity, "somebody@example.com")
	if b.cookie != nil {
		t.Error("a refused link begins a session")
	}
	s := read[wire.Session](t, redeem("email", " O@Example.com ", "name", "O", "password", password))
	if s.Person == nil || s.Person.Email != "o@example.com" || s.Role != crowsnest.Owner || !s.Organisation.Home || len(s.Permissions) < 10 {
		t.Errorf("session %+v", s)
	}
	if c := b.cookie; c == nil || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("cookie %+v", b.cookie)
	}
	wantCode(t, redeem("email", "p@example.com", "name", "P", "password", password), http.StatusNotFound, "used")
	other := d.link(store.Link{Kind: store.FirstOwnerLink, Organisation: store.Organisation{ID: d.org}, Role: crowsnest.Owner})
	secret = other
	wantCode(t, redeem("email", "p@example.com", "name", "P", "password", password), http.StatusConflict, "one already")
	if got := read[wire.Session](t, b.do(http.MethodGet, "/api/v1/session", "")); got.Person.ID != s.Person.ID {
		t.Errorf("who am I: %+v", got)
	}
	wantCode(t, b.do(http.MethodDelete, "/api/v1/session", ""), http.StatusOK, "")
	wantCode(t, b.do(http.MethodGet, "/api/v1/session", ""), http.StatusUnauthorized, "sign in")
	d.signIn("o@example.com")
}

// Over TLS the cookie is bound to TLS and to the host.
func TestCookieOverTLS(t *testing.T) {
	d := newDesk(t, func(deps *Deps) { deps.PublicURL = "https://crowsnest.example.com" })
	d.person(d.org, "a@example.com", crowsnest.Member)
	if c := d.signIn("a@example.com").cookie; c.Name != "__Host-crowsnest_session" || !c.Secure || c.Path != "/" || c.Domain != "" {
		t.Errorf("cookie %+v", c)
	}
}

// A cookie that was there before signing in is worth nothing afterwards, nor is one of
// before a switch or a new password.
func TestSessionsAreRenewed(t *testing.T) {
	d := newDesk(t)
	id := d.person(d.org, "a@example.com", crowsnest.Member)
	if err := d.store.Join(t.Context(), d.otherOrg, id, crowsnest.Owner); err != nil {
		t.Fatal(err)
	}
	b := d.browser()
	b.cookie = &http.Cookie{Name: "crowsnest_session", Value: "laid-there-before"}
	signIn := body("email", "a@example.com", "password", password)
	read[wire.Session](t, b.do(http.MethodPost, "/api/v1/session", signIn))
	if b.cookie.Value == "laid-there-before" {
		t.Error("the session has the secret that somebody laid there")
	}
	dead := func(name string, c *http.Cookie) {
		t.Helper()
		old := d.browser()
		old.cookie = c
		if w := old.do(http.MethodGet, "/api/v1/session", ""); w.Code != http.StatusUnauthorized {
			t.Errorf("%s: the old cookie still gives %d", name, w.Code)
		}
	}
	first := b.cookie
	read[wire.Session](t, b.do(http.MethodPost, "/api/v1/session", signIn))
	dead("signing in again", first)
	second := b.cookie
	s := read[wire.Session](t, b.do(http.MethodPut, "/api/v1/session/organisation", body("id", string(d.otherOrg))))
	if s.Organisation.ID != string(d.otherOrg) || s.Role != crowsnest.Owner || s.Organisation.Home || slices.Contains(s.Permissions, "operate") || len(s.Organisations) != 2 {
		t.Errorf("after the switch: %+v", s)
	}
	dead("a switch", second)
	wantCode(t, b.do(http.MethodPut, "/api/v1/session/organisation", body("id", "nowhere")), http.StatusNotFound, "")

	elsewhere := d.signIn("a@example.com")
	list := read[[]wire.AccountSession](t, b.do(http.MethodGet, "/api/v1/account/sessions", ""))
	if len(list) != 2 || list[0].Current == list[1].Current {
		t.Fatalf("sessions %+v", list)
	}
	change := `{"password":{"current":"` + password + `","new":"another boat with masts"}}`
	wantCode(t, b.do(http.MethodPatch, "/api/v1/account", `{"password":{"current":"wrong","new":"another boat with masts"}}`), http.StatusUnprocessableEntity, "not right")
	wantCode(t, b.do(http.MethodPatch, "/api/v1/account", `{"password":{"new":"another boat with masts"}}`), http.StatusUnprocessableEntity, "not right")
	account := read[wire.Account](t, b.do(http.MethodPatch, "/api/v1/account", `{"name":"New name","language":"de-CH"}`))
	if account.Name != "New name" || account.Language != "de-CH" {
		t.Errorf("account %+v", account)
	}
	read[wire.Account](t, b.do(http.MethodPatch, "/api/v1/account", change))
	dead("a new password", elsewhere.cookie)
	wantCode(t, b.do(http.MethodGet, "/api/v1/session", ""), http.StatusOK, "")
	list = read[[]wire.AccountSession](t, b.do(http.MethodGet, "/api/v1/account/sessions", ""))
	if len(list) != 1 {
		t.Fatalf("sessions %+v", list)
	}
	wantCode(t, b.do(http.MethodDelete, "/api/v1/account/sessions/"+list[0].ID, ""), http.StatusNoContent, "")
	dead("ending it by its ID", b.cookie)
}

func TestWrongPasswordsTellNothing(t *testing.T) {
	d := newDesk(t)
	d.person(d.org, "a@example.com", crowsnest.Member)
	var said []string
	for _, try := range []string{
		body("email", "a@example.com", "password", "wrong"), body("email", "nobody@example.com", "password", "wrong"),
		body("email", "nobody@example.com", "password", password), body("email", "no address", "password", password),
		body("email", "a@example.com", "password", strings.Repeat("x", 1000)),
	} {
		b := d.browser()
		w := b.do(http.MethodPost, "/api/v1/session", try)
		if w.Code != http.StatusUnauthorized || b.cookie != nil {
			t.Errorf("%s: %d, cookie %v", try, w.Code, b.cookie)
		}
		said = append(said, w.Body.String())
	}
	if len(slices.Compact(said)) != 1 {
		t.Errorf("the answers differ: %v", said)
	}
	if log, err := d.store.AuditLog(t.Context(), d.org, store.AuditFilter{Action: "session.refuse"}, store.Page{}); err != nil || len(log.Items) != 2 || log.Items[0].Actor.Address != "192.0.2.1" {
		t.Errorf("audit log %+v, %v", log, err)
	}
}

func TestAttemptsAreLimited(t *testing.T) {
	d := newDesk(t)
	d.person(d.org, "owner@example.com", crowsnest.Owner)
	now := time.Now()
	d.frozen.Store(&now)                  // however slow the machine is, no delay ends
	home := d.signIn("owner@example.com") // its address is known from now on
	for range 40 {                        // a whole company behind one address
		d.signIn("owner@example.com")
	}
	try := func(address, email, password string) *httptest.ResponseRecorder {
		b := d.browser()
		b.address = address
		return b.do(http.MethodPost, "/api/v1/session", body("email", email, "password", password))
	}
	refusedAfter := func(address func(i int) string) int {
		for i := range 100 {
			if w := try(address(i), "owner@example.com", "wrong"); w.Code == http.StatusTooManyRequests {
				if w.Header().Get("Retry-After") == "" || !strings.Contains(detail(t, w), "try again in") {
					t.Errorf("refused with %v %s", w.Header(), w.Body)
				}
				return i
			}
		}
		return -1
	}
	if n := refusedAfter(func(int) string { return "198.51.100.1:99" }); n != 5 {
		t.Errorf("one address is slowed down after %d attempts, want 5", n)
	}
	// The right password does not help an address that tried too often.
	wantCode(t, try("198.51.100.1:100", "owner@example.com", password), http.StatusTooManyRequests, "")
	if n := refusedAfter(func(i int) string { return fmt.Sprintf("[2001:db8:0:%x::%x]:99", i, i) }); n < 10 || n > 20 {
		t.Errorf("many addresses are slowed down after %d attempts", n)
	}
	wantCode(t, try("203.0.113.5:99", "owner@example.com", password), http.StatusTooManyRequests, "")
	// Who came in from an address before is not locked out by strangers.
	wantCode(t, try(home.address, "owner@example.com", password), http.StatusOK, "")
	// Other accounts go on, until the address itself tried too much.
	wantCode(t, try("198.51.100.1:99", "other@example.com", "wrong"), http.StatusUnauthorized, "")
	last := 0
	for i := range 100 {
		last = try("198.51.100.2:99", fmt.Sprintf("p%d@example.com", i), "wrong").Code
		if last == http.StatusTooManyRequests {
			if i != 30 {
				t.Errorf("an address that tries accounts is slowed down after %d", i)
			}
			break
		}
	}
	if last != http.StatusTooManyRequests {
		t.Error("an address may try accounts without end")
	}
	// One /64 is one caller.
	for i := range 6 {
		try(fmt.Sprintf("[2001:db8:1::%x]:99", i+1), "third@example.com", "wrong")
	}
	wantCode(t, try("[2001:db8:1::ffff]:99", "third@example.com", "wrong"), http.StatusTooManyRequests, "")
}

// A request that another site makes a browser send is refused, whatever it would do; a bearer token
// is never sent so.
func TestOtherSites(t *testing.T) {
	d := newDesk(t)
	d.person(d.org, "a@example.com", crowsnest.Owner)
	b := d.signIn("a@example.com")
	for name, headers := range map[string]map[string]string{
		"cross-site": {"Sec-Fetch-Site": "cross-site"}, "same-site": {"Sec-Fetch-Site": "same-site"}, "old browser": {"Origin": "https://evil.example"}, "sandbox": {"Origin": "null"},
	} {
		b.headers = headers
		for _, r := range routes(t) {
			if r.method == http.MethodGet || r.id == "call-hook" || r.id == "call-registry-hook" { // no session counts there, only a secret that no browser knows
				continue
			}
			w := b.do(r.method, strings.NewReplacer("{id}", "x", "{name}", "x").Replace(r.path), "{}")
			if wantCode(t, w, http.StatusForbidden, "another site"); b.cookie == nil {
				t.Fatalf("%s: %s ended the session", name, r.id)
			}
		}
	}
	b.headers = map[string]string{"Origin": "http://example.com"} // httptest's host
	wantCode(t, b.do(http.MethodPatch, "/api/v1/account", `{"name":"A"}`), http.StatusOK, "")
	b.headers = nil // no browser at all
	wantCode(t, b.do(http.MethodPatch, "/api/v1/account", `{"name":"B"}`), http.StatusOK, "")
	b.cookie, b.headers = nil, map[string]string{"Sec-Fetch-Site": "cross-site", "Authorization": "Bearer " + d.token}
	wantCode(t, b.do(http.MethodPost, "/api/v1/integrations/none/sync", ""), http.StatusNotFound, "")
	// A cookie counts for nothing beside a token.
	b = d.signIn("a@example.com")
	b.headers = map[string]string{"Authorization": "Bearer crowsnest_wrong"}
	wantCode(t, b.do(http.MethodGet, "/api/v1/images", ""), http.StatusUnauthorized, "not known")
}

func TestPeople(t *testing.T) {
	d := newDesk(t)
	d.person(d.org, "owner@example.com", crowsnest.Owner)
	owner := d.signIn("owner@example.com")
	in := read[wire.Invitation](t, owner.do(http.MethodPost, "/api/v1/invitations", body("email", "New@example.com", "role", "editor")))
	at, secret, _ := strings.Cut(in.URL, "#")
	if at != "http://example.com/link" || in.Email != "new@example.com" || in.CreatedBy != "owner@example.com" {
		t.Errorf("invitation %+v", in)
	}
	wantCode(t, owner.do(http.MethodPost, "/api/v1/invitations", body("email", "owner@example.com", "role", "editor")), http.StatusConflict, "already")
	wantCode(t, owner.do(http.MethodPost, "/api/v1/invitations", body("email", "nobody", "role", "editor")), http.StatusUnprocessableEntity, "")
	wantCode(t, owner.do(http.MethodPost, "/api/v1/invitations", body("email", "x@example.com", "role", "admin")), http.StatusUnprocessableEntity, "")
	if list := read[[]wire.Invitation](t, owner.do(http.MethodGet, "/api/v1/invitations", "")); len(list) != 1 || list[0].URL != "" {
		t.Errorf("invitations %+v", list)
	}
	editor := d.browser()
	s := read[wire.Session](t, editor.do(http.MethodPost, "/api/v1/links/redeem", body("secret", secret, "name", "New", "password", password, "email", "ignored@example.com")))
	if s.Person.Email != "new@example.com" || s.Role != crowsnest.Editor {
		t.Errorf("session %+v", s)
	}
	token := read[wire.Token](t, editor.do(http.MethodPost, "/api/v1/tokens", `{"name":"mine","kind":"personal","scopes":["write"]}`))
	if token.Kind != "personal" || token.Email != "new@example.com" || token.Secret == "" {
		t.Errorf("token %+v", token)
	}
	people := read[[]wire.Person](t, owner.do(http.MethodGet, "/api/v1/people", ""))
	if len(people) != 2 || people[0].You || !people[1].You || people[0].LastSeen.IsZero() {
		t.Fatalf("people %+v", people)
	}
	path := "/api/v1/people/" + people[0].ID
	// A role counts from the next request on.
	changed := read[wire.Person](t, owner.do(http.MethodPatch, path, body("role", "owner")))
	if changed.Role != crowsnest.Owner {
		t.Errorf("changed %+v", changed)
	}
	wantCode(t, editor.do(http.MethodGet, "/api/v1/audit", ""), http.StatusOK, "")
	read[wire.Person](t, owner.do(http.MethodPatch, path, body("role", "member")))
	wantCode(t, editor.do(http.MethodGet, "/api/v1/audit", ""), http.StatusForbidden, "yours is member")
	wantCode(t, owner.do(http.MethodPatch, "/api/v1/people/"+people[1].ID, body("role", "member")), http.StatusConflict, "last owner")
	wantCode(t, owner.do(http.MethodDelete, "/api/v1/people/"+people[1].ID, ""), http.StatusConflict, "last owner")

	reset := read[wire.OneTimeLink](t, owner.do(http.MethodPost, path+"/password-link", ""))
	_, secret, _ = strings.Cut(reset.URL, "#")
	again := d.browser()
	read[wire.Session](t, again.do(http.MethodPost, "/api/v1/links/redeem", body("secret", secret, "password", "another boat with masts")))
	wantCode(t, editor.do(http.MethodGet, "/api/v1/session", ""), http.StatusUnauthorized, "")
	wantCode(t, owner.do(http.MethodPost, "/api/v1/people/nobody/password-link", ""), http.StatusNotFound, "")

	wantCode(t, d.do(token.Secret, http.MethodGet, "/api/v1/images", nil), http.StatusOK, "")
	wantCode(t, owner.do(http.MethodDelete, path, ""), http.StatusNoContent, "")
	wantCode(t, again.do(http.MethodGet, "/api/v1/session", ""), http.StatusUnauthorized, "")
	wantCode(t, d.do(token.Secret, http.MethodGet, "/api/v1/images", nil), http.StatusUnauthorized, "")
	wantCode(t, d.browser().do(http.MethodPost, "/api/v1/session", body("email", "new@example.com", "password", "another boat with masts")), http.StatusForbidden, "no organisation")
}

// Somebody who is known joins another organisation with the password of the account, or
// from a session; with neither the invitation is worth nothing.
func TestInvitationOfSomebodyKnown(t *testing.T) {
	d := newDesk(t)
	d.person(d.org, "a@example.com", crowsnest.Owner)
	invite := func() string {
		return d.link(store.Link{Kind: store.InvitationLink, Organisation: store.Organisation{ID: d.otherOrg}, Email: "a@example.com", Role: crowsnest.Member})
	}
	secret := invite()
	b := d.browser()
	link := read[wire.Link](t, b.do(http.MethodPost, "/api/v1/links/inspect", body("secret", secret)))
	if !link.Known || !slices.Equal(link.Needs, []string{"password"}) {
		t.Errorf("link %+v", link)
	}
	wantCode(t, b.do(http.MethodPost, "/api/v1/links/redeem", body("secret", secret, "name", "A", "password", "a password of my own")), http.StatusUnprocessableEntity, "not right")
	s := read[wire.Session](t, b.do(http.MethodPost, "/api/v1/links/redeem", body("secret", secret, "password", password)))
	if s.Organisation.ID != string(d.otherOrg) || s.Role != crowsnest.Member {
		t.Errorf("session %+v", s)
	}
	s = read[wire.Session](t, d.signIn("a@example.com").do(http.MethodPost, "/api/v1/links/redeem", body("secret", invite())))
	if s.Organisation.ID != string(d.otherOrg) {
		t.Errorf("from a session: %+v", s)
	}
	// Another person's session is no proof.
	d.person(d.org, "b@example.com", crowsnest.Member)
	wantCode(t, d.signIn("b@example.com").do(http.MethodPost, "/api/v1/links/redeem", body("secret", invite())), http.StatusUnprocessableEntity, "not right")
}

// One link that two replicas redeem at once makes one person.
func TestOneLinkOnTwoReplicas(t *testing.T) {
	d := newDesk(t)
	replicas := []http.Handler{d.handler, New(d.deps)}
	secret := d.link(store.Link{Kind: store.InvitationLink, Organisation: store.Organisation{ID: d.org}, Role: crowsnest.Member})
	codes := make([]int, 6)
	var wg sync.WaitGroup
	for i := range codes {
		wg.Go(func() {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/links/redeem", strings.NewReader(body("secret", secret, "email", fmt.Sprintf("p%d@example.com", i), "name", "P", "password", password)))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			replicas[i%2].ServeHTTP(w, r)
			codes[i] = w.Code
		})
	}
	wg.Wait()
	slices.Sort(codes)
	members, err := d.store.Members(t.Context(), d.org)
	if err != nil || len(members) != 1 || codes[0] != http.StatusOK || codes[1] != http.StatusNotFound {
		t.Errorf("answers %v, members %+v, %v", codes, members, err)
	}
}

func TestTokens(t *testing.T) {
	d := newDesk(t)
	d.person(d.org, "owner@example.com", crowsnest.Owner)
	d.person(d.org, "member@example.com", crowsnest.Member)
	owner, member := d.signIn("owner@example.com"), d.signIn("member@example.com")
	create := func(b *browser, kind, scopes, expires string) *httptest.ResponseRecorder {
		return b.do(http.MethodPost, "/api/v1/tokens", `{"name":"`+kind+" "+scopes+`","kind":"`+kind+`","scopes":["`+strings.ReplaceAll(scopes, " ", `","`)+`"]`+expires+`}`)
	}
	wantCode(t, create(member, "personal", "write", ""), http.StatusUnprocessableEntity, "more than you may")
	wantCode(t, create(member, "personal", "read owner", ""), http.StatusUnprocessableEntity, "scope owner")
	wantCode(t, create(member, "organisation", "read", ""), http.StatusUnprocessableEntity, "only owners")
	wantCode(t, create(owner, "organisation", "everything", ""), http.StatusUnprocessableEntity, "")
	wantCode(t, create(owner, "organisation", "read", `,"expires":"2020-01-01T00:00:00Z"`), http.StatusUnprocessableEntity, "expired already")
	mine := read[wire.Token](t, create(member, "personal", "read upload", ""))
	ours := read[wire.Token](t, create(owner, "organisation", "owner", `,"expires":"`+time.Now().Add(time.Hour).Format(time.RFC3339)+`"`))
	names := func(b *browser) (out []string) {
		for _, v := range read[[]wire.Token](t, b.do(http.MethodGet, "/api/v1/tokens", "")) {
			if v.Secret != "" {
				t.Errorf("the list shows a secret: %+v", v)
			}
			out = append(out, v.Name)
		}
		slices.Sort(out)
		return out
	}
	if diff := cmp.Diff([]string{"personal read upload"}, names(member)); diff != "" {
		t.Errorf("a member sees (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"organisation owner", "personal read upload", "test"}, names(owner)); diff != "" {
		t.Errorf("an owner sees (-want +got):\n%s", diff)
	}
	who := read[wire.Session](t, d.do(mine.Secret, http.MethodGet, "/api/v1/session", nil))
	if diff := cmp.Diff([]string{"greet", "read", "upload"}, who.Permissions); diff != "" || who.Person.Email != "member@example.com" || who.Token.Name != mine.Name || who.Role != crowsnest.Member {
		t.Errorf("who am I: %+v\n%s", who, diff)
	}
	who = read[wire.Session](t, d.do(ours.Secret, http.MethodGet, "/api/v1/session", nil))
	if who.Person != nil || who.Role != crowsnest.NoRole || len(who.Organisations) != 1 || who.Organisation.Name != "one" {
		t.Errorf("who am I: %+v", who)
	}
	wantCode(t, member.do(http.MethodDelete, "/api/v1/tokens/"+ours.ID, ""), http.StatusNotFound, "")
	wantCode(t, d.do(d.other, http.MethodDelete, "/api/v1/tokens/"+ours.ID, nil), http.StatusNotFound, "")
	wantCode(t, owner.do(http.MethodDelete, "/api/v1/tokens/"+mine.ID, ""), http.StatusNoContent, "")
	wantCode(t, d.do(mine.Secret, http.MethodGet, "/api/v1/images", nil), http.StatusUnauthorized, "revoked")
}

func TestOrganisations(t *testing.T) {
	d := newDesk(t)
	d.person(d.org, "owner@example.com", crowsnest.Owner)
	owner := d.signIn("owner@example.com")
	made := read[wire.Organisation](t, owner.do(http.MethodPost, "/api/v1/organisations", body("name", "branch")))
	wantCode(t, owner.do(http.MethodPost, "/api/v1/organisations", body("name", "branch")), http.StatusConflict, "")
	wantCode(t, d.do(d.token, http.MethodPost, "/api/v1/organisations", strings.NewReader(body("name", "third"))), http.StatusUnprocessableEntity, "personal token")
	wantCode(t, owner.do(http.MethodPatch, "/api/v1/organisations/"+made.ID, body("name", "x")), http.StatusNotFound, "switch")
	list := read[[]wire.Organisation](t, owner.do(http.MethodGet, "/api/v1/organisations", ""))
	if len(list) != 2 || list[0].Name != "branch" || list[0].Home || list[0].Role != crowsnest.Owner || !list[1].Home {
		t.Errorf("organisations %+v", list)
	}
	read[wire.Session](t, owner.do(http.MethodPut, "/api/v1/session/organisation", body("id", made.ID)))
	renamed := read[wire.Organisation](t, owner.do(http.MethodPatch, "/api/v1/organisations/"+made.ID, body("name", "Filiale Zürich")))
	if renamed.Name != "Filiale Zürich" {
		t.Errorf("renamed %+v", renamed)
	}
	wantCode(t, owner.do(http.MethodPost, "/api/v1/advisories/import", body("url", "https://example.com")), http.StatusForbidden, "first organisation")
}

func TestAuditExport(t *testing.T) {
	d := newDesk(t)
	const entries = 2*store.MaxLimit + 5
	for i := range entries {
		if err := d.store.RecordAudit(t.Context(), d.org, "test.entry", fmt.Sprintf("=SUM(%d)", i), map[string]string{"i": fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	page := read[wire.Page[wire.AuditEntry]](t, d.get("/api/v1/audit?action=test.&limit=3"))
	if len(page.Items) != 3 || page.Next == "" || page.Items[0].Subject != fmt.Sprintf("=SUM(%d)", entries-1) {
		t.Errorf("page %+v", page)
	}
	w := d.get("/api/v1/audit/export?action=test.entry&format=csv")
	if got := w.Header().Get("Content-Type"); got != "text/csv; charset=utf-8" {
		t.Errorf("comes as %s", got)
	}
	if head := w.Body.String(); !strings.HasPrefix(head, "# Crowsnest audit") || !strings.Contains(head, "# filter: action=test.entry\n") {
		t.Errorf("begins with %.200s", head)
	}
	reader := csv.NewReader(strings.NewReader(w.Body.String()))
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	if err != nil || len(rows) != entries+1 || rows[1][5] != fmt.Sprintf("'=SUM(%d)", entries-1) {
		t.Fatalf("%d rows, %v, first %v", len(rows), err, rows[min(1, len(rows)-1)])
	}
	if strings.Contains(w.Body.String(), "audit.export") {
		t.Error("the export tells of itself")
	}
	w = d.get("/api/v1/audit/export?action=test.entry&format=ndjson")
	lines := strings.Split(strings.TrimSpace(w.Body.String()), "\n")
	if len(lines) != entries+2 || !strings.Contains(lines[0], `"filter":{"action":"test.entry"}`) || lines[entries+1] != fmt.Sprintf(`{"end":true,"rows":%d}`, entries) {
		t.Fatalf("%d lines, from %s to %s", len(lines), lines[0], lines[len(lines)-1])
	}
	for n, line := range lines[1 : entries+1] {
		var e wire.AuditEntry
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Detail["i"] != fmt.Sprint(entries-1-n) {
			t.Fatalf("line %d is %+v, %v", n, e, err)
		}
	}
	wantCode(t, d.get("/api/v1/audit?action=audit.export"), http.StatusOK, `"subject":"csv"`)
	if page := read[wire.Page[wire.AuditEntry]](t, d.do(d.other, http.MethodGet, "/api/v1/audit?action=test.", nil)); len(page.Items) != 0 {
		t.Errorf("another organisation reads %+v", page)
	}
	wantCode(t, d.get("/api/v1/audit?cursor=x"), http.StatusUnprocessableEntity, "cursor")
}
