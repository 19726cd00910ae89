// Package identitytest is the part of the store's suite about identities of others: people
// whom a provider vouches for.
package identitytest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// Suite runs every test against fresh stores that open makes.
func Suite(t *testing.T, open func(t *testing.T) storetest.Fixture) {
	for name, test := range map[string]func(*testing.T, fixture){
		"PeopleAreFoundBySubject":       testExternal,
		"RolesFollowGroups":             testDerived,
		"LastOwnerStaysDespiteGroups":   testDerivedOwner,
		"AccountsAreTakenOverByAddress": testTakeOver,
		"BegunSignInsAreTakenOnce":      testSignIns,
		"JobsGetTokens":                 testTrusts,
		"RepositoriesAreKnownByID":      testTrustAtOnce,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, fixture{open(t)})
		})
	}
}

var ctx = context.Background()

var must, wantKind = storetest.Must, storetest.WantKind

type fixture struct{ storetest.Fixture }

// now is the store's time: that of an entry in the audit log.
func (f fixture) now(t testing.TB, org store.OrgID) time.Time {
	t.Helper()
	must(t, f.Store.RecordAudit(ctx, org, "test.now", "", nil))
	log, err := f.Store.AuditLog(ctx, org, store.AuditFilter{Action: "test.now"}, store.Page{Limit: 1})
	must(t, err)
	return log.Items[0].Time
}

// roles is what follows from groups.
type roles = map[store.OrgID]crowsnest.Role

// external is somebody at the provider "idp", known there by name.
func external(name string) store.Identity {
	return store.Identity{Provider: "https://idp.example.com", Subject: "subject of " + name, Email: name + "@example.com", Name: name}
}

// actions lists what the audit log says of a person, oldest first.
func (f fixture) actions(t *testing.T, org store.OrgID, email string) (out []string) {
	t.Helper()
	log, err := f.Store.AuditLog(ctx, org, store.AuditFilter{}, store.Page{Limit: 1000})
	must(t, err)
	for _, e := range slices.Backward(log.Items) {
		if e.Subject == email {
			out = append(out, e.Action)
		}
	}
	return out
}

func testExternal(t *testing.T, f fixture) {
	org := f.Organisation(t, "acme")
	a := external("a")
	var wg sync.WaitGroup
	ids := make([]store.PersonID, 4)
	for i := range ids {
		wg.Go(func() {
			// Of several that come at once some may be asked to try again, but there is one person.
			if p, err := f.Store.EnterExternal(ctx, a, roles{org: crowsnest.Member}); err == nil {
				ids[i] = p.ID
			}
		})
	}
	wg.Wait()
	renamed := a
	renamed.Email = "renamed@example.com"
	p, err := f.Store.EnterExternal(ctx, renamed, roles{org: crowsnest.Member})
	must(t, err)
	if p.Email != "a@example.com" || p.HasPassword || !p.External {
		t.Errorf("person %+v", p)
	}
	for _, id := range ids {
		if id != "" && id != p.ID {
			t.Errorf("one subject is two people: %v", ids)
		}
	}
	// An address that passed on to somebody else at the same provider leads nowhere.
	heir := external("b")
	heir.Email = a.Email
	_, err = f.Store.EnterExternal(ctx, heir, roles{org: crowsnest.Member})
	wantKind(t, err, crowsnest.Conflict)
	// Nobody is made who would belong nowhere.
	_, err = f.Store.EnterExternal(ctx, external("c"), nil)
	wantKind(t, err, crowsnest.Forbidden)
	_, err = f.Store.CredentialsByEmail(ctx, "c@example.com")
	wantKind(t, err, crowsnest.NotFound)
	_, err = f.Store.EnterExternal(ctx, external("c"), roles{"no such organisation": crowsnest.Member})
	wantKind(t, err, crowsnest.NotFound)

	must(t, f.Store.SignedIn(ctx, org, p.ID))
	if p, err = f.Store.Person(ctx, p.ID); err != nil || p.Seen.IsZero() || !p.External {
		t.Errorf("person %+v, %v", p, err)
	}
	wantKind(t, f.Store.SignedIn(ctx, f.Organisation(t, "other"), p.ID), crowsnest.NotFound)
	// There is no password to reset.
	_, err = f.Store.CreateLink(ctx, store.Link{Kind: store.ResetLink, Organisation: store.Organisation{ID: org}, Person: p.ID, Expires: f.now(t, org).Add(time.Hour)}, []byte("reset"))
	wantKind(t, err, crowsnest.Conflict)
}

func testDerived(t *testing.T, f fixture) {
	acme, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	f.Person(t, acme, "owner@example.com", crowsnest.Owner)
	f.Person(t, other, "owner2@example.com", crowsnest.Owner)
	a := external("a")
	enter := func(derived roles) store.PersonID {
		t.Helper()
		p, err := f.Store.EnterExternal(ctx, a, derived)
		must(t, err)
		return p.ID
	}
	id := enter(roles{acme: crowsnest.Editor, other: crowsnest.Member})
	want := func(org store.OrgID, role crowsnest.Role) {
		t.Helper()
		m, err := f.Store.Member(ctx, org, id)
		if role == crowsnest.NoRole {
			wantKind(t, err, crowsnest.NotFound)
			return
		}
		must(t, err)
		if m.Role != role {
			t.Errorf("role %s, want %s", m.Role, role)
		}
	}
	want(acme, crowsnest.Editor)
	want(other, crowsnest.Member)
	// What follows from groups is not lowered here, and may be raised.
	wantKind(t, f.Store.SetRole(ctx, acme, id, crowsnest.Member), crowsnest.Conflict)
	must(t, f.Store.SetRole(ctx, other, id, crowsnest.Editor))
	_, err := f.Store.CreateToken(ctx, store.Token{Organisation: acme, Person: id, Name: "mine", Scopes: []crowsnest.Scope{crowsnest.ScopeRead}}, []byte("mine"))
	must(t, err)
	_, err = f.Store.StartSession(ctx, "in acme", store.Session{Person: id, Organisation: acme, Provider: a.Provider, Deadline: f.now(t, acme).Add(time.Hour), Expires: f.now(t, acme).Add(time.Hour)})
	must(t, err)
	if v, err := f.Store.Session(ctx, "in acme"); err != nil || v.Provider != a.Provider {
		t.Errorf("session %+v, %v", v, err)
	}

	enter(roles{acme: crowsnest.Member})
	want(acme, crowsnest.Member)
	want(other, crowsnest.Editor) // granted here
	enter(nil)
	want(acme, crowsnest.NoRole)
	want(other, crowsnest.Editor)
	_, err = f.Store.UseToken(ctx, []byte("mine"))
	wantKind(t, err, crowsnest.NotFound)
	_, err = f.Store.Session(ctx, "in acme")
	wantKind(t, err, crowsnest.NotFound)

	// A role granted here is kept below a higher one that follows, and comes back.
	must(t, f.Store.Join(ctx, acme, id, crowsnest.Member))
	enter(roles{acme: crowsnest.Owner})
	want(acme, crowsnest.Owner)
	must(t, f.Store.Join(ctx, acme, id, crowsnest.Editor))
	want(acme, crowsnest.Owner)
	enter(nil)
	want(acme, crowsnest.Editor)
	must(t, f.Store.Join(ctx, acme, id, crowsnest.Member))
	want(acme, crowsnest.Editor)
	enter(nil) // nothing changes, and nothing is recorded
	got := f.actions(t, acme, "a@example.com")
	if want := []string{"person.join", "person.role", "person.remove", "person.join", "person.role", "person.join", "person.role"}; !slices.Equal(got, want) {
		t.Errorf("audit log %v, want %v", got, want)
	}
}

func testDerivedOwner(t *testing.T, f fixture) {
	org := f.Organisation(t, "acme")
	a, b := external("a"), external("b")
	p, err := f.Store.EnterExternal(ctx, a, roles{org: crowsnest.Owner})
	must(t, err)
	for _, derived := range []roles{{org: crowsnest.Member}, nil} {
		_, err = f.Store.EnterExternal(ctx, a, derived)
		must(t, err)
		if m, err := f.Store.Member(ctx, org, p.ID); err != nil || m.Role != crowsnest.Owner {
			t.Errorf("the last owner is %+v, %v", m, err)
		}
	}
	if got := f.actions(t, org, a.Email); !slices.Equal(got, []string{"person.join", "person.keep-owner", "person.keep-owner"}) {
		t.Errorf("audit log %v", got)
	}
	// Of two owners that lose the role at the same moment one stays.
	q, err := f.Store.EnterExternal(ctx, b, roles{org: crowsnest.Owner})
	must(t, err)
	var wg sync.WaitGroup
	for _, id := range []store.Identity{a, b} {
		wg.Go(func() {
			if _, err := f.Store.EnterExternal(ctx, id, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	members, err := f.Store.Members(ctx, org)
	must(t, err)
	if len(members) != 1 || members[0].Role != crowsnest.Owner || members[0].Person.ID != p.ID && members[0].Person.ID != q.ID {
		t.Errorf("members %+v", members)
	}
}

func testTakeOver(t *testing.T, f fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	id := f.Person(t, org, "a@example.com", crowsnest.Owner)
	f.Person(t, other, "owner@example.com", crowsnest.Owner)
	end := f.now(t, org).Add(time.Hour)
	_, err := f.Store.StartSession(ctx, "before", store.Session{Person: id, Organisation: org, Deadline: end, Expires: end})
	must(t, err)
	reset := f.Link(t, store.Link{Kind: store.ResetLink, Organisation: store.Organisation{ID: org}, Person: id})
	f.Link(t, store.Link{Kind: store.InvitationLink, Organisation: store.Organisation{ID: other}, Email: "a@example.com", Role: crowsnest.Editor})
	f.Link(t, store.Link{Kind: store.InvitationLink, Organisation: store.Organisation{ID: other}, Email: "new@example.com", Role: crowsnest.Member})

	p, err := f.Store.EnterExternal(ctx, external("a"), nil)
	must(t, err)
	if p.ID != id || p.HasPassword || !p.External {
		t.Errorf("person %+v, want %s without a password", p, id)
	}
	// Whoever had the account before the address was proved has it no more.
	c, err := f.Store.CredentialsByEmail(ctx, "a@example.com")
	must(t, err)
	if c.Password != "" {
		t.Error("the password is still there")
	}
	_, err = f.Store.Session(ctx, "before")
	wantKind(t, err, crowsnest.NotFound)
	_, _, err = f.Store.RedeemLink(ctx, reset, store.Redemption{Password: "theirs"})
	wantKind(t, err, crowsnest.NotFound)
	if got := f.actions(t, org, "a@example.com"); !slices.Contains(got, "person.link") {
		t.Errorf("audit log %v", got)
	}
	m, err := f.Store.Member(ctx, other, id)
	must(t, err)
	if m.Role != crowsnest.Editor {
		t.Errorf("invited as editor, came in as %s", m.Role)
	}
	if p, err = f.Store.EnterExternal(ctx, external("new"), nil); err != nil || p.HasPassword {
		t.Errorf("with an invitation alone: %+v, %v", p, err)
	}
	open, err := f.Store.Invitations(ctx, other)
	must(t, err)
	if len(open) != 0 {
		t.Errorf("invitations that were accepted are open: %+v", open)
	}
	// An account that was made anew at the provider is somebody else, until it is said that it is not.
	again := external("a")
	again.Subject = "made anew"
	_, err = f.Store.EnterExternal(ctx, again, nil)
	wantKind(t, err, crowsnest.Conflict)
	_, err = f.Store.StartSession(ctx, "of the old one", store.Session{Person: id, Organisation: org, Deadline: end, Expires: end})
	must(t, err)
	must(t, f.Store.ForgetIdentities(ctx, id))
	_, err = f.Store.Session(ctx, "of the old one")
	wantKind(t, err, crowsnest.NotFound)
	wantKind(t, f.Store.ForgetIdentities(ctx, id), crowsnest.NotFound)
	if p, err = f.Store.EnterExternal(ctx, again, nil); err != nil || p.ID != id {
		t.Errorf("made anew: %+v, %v", p, err)
	}
	_, err = f.Store.EnterExternal(ctx, external("a"), nil)
	wantKind(t, err, crowsnest.Conflict)
	if got := f.actions(t, org, "a@example.com"); !slices.Contains(got, "person.unlink") {
		t.Errorf("audit log %v", got)
	}
	// Another provider may know the same person, say after a move from one to the other.
	moved := external("a")
	moved.Provider = "https://new.example.com"
	if p, err = f.Store.EnterExternal(ctx, moved, nil); err != nil || p.ID != id {
		t.Errorf("at another provider: %+v, %v", p, err)
	}
}

func testSignIns(t *testing.T, f fixture) {
	must(t, f.Store.BeginSignIn(ctx, []byte("one"), "/images?x=1", time.Minute))
	must(t, f.Store.BeginSignIn(ctx, []byte("two"), "", time.Minute))
	_, err := f.Store.TakeSignIn(ctx, []byte("three"))
	wantKind(t, err, crowsnest.NotFound)
	var wg sync.WaitGroup
	got := make(chan string, 4)
	for range cap(got) {
		wg.Go(func() {
			if next, err := f.Store.TakeSignIn(ctx, []byte("one")); err == nil {
				got <- next
			}
		})
	}
	wg.Wait()
	if n, next := len(got), <-got; n != 1 || next != "/images?x=1" {
		t.Errorf("%d took it, %q", n, next)
	}
	f.Advance(time.Minute)
	_, err = f.Store.TakeSignIn(ctx, []byte("two"))
	wantKind(t, err, crowsnest.NotFound)
	must(t, f.Store.ForgetExpired(ctx))
}
