package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/google/go-cmp/cmp"
)

// accessTests are those of who may come in.
var accessTests = map[string]func(*testing.T, Fixture){
	"NoCallShowsWhatIsAnothers":       testIsolation,
	"FirstOrganisationIsMadeOnce":     testFirstOrganisation,
	"OrganisationsAreNamedOnce":       testOrganisations,
	"FirstOwnerIsOne":                 testFirstOwner,
	"OneLinkMakesOnePerson":           testOneLink,
	"LinksExpireAndAreUsedOnce":       testLinks,
	"InvitationsOfKnownPeople":        testKnownPeople,
	"ResetLinksStayInTheOrganisation": testResetLinks,
	"LastOwnerStays":                  testLastOwner,
	"OwnersCannotAllGoAtOnce":         testOwnersAtOnce,
	"RemovedPeopleAreOut":             testRemoved,
	"TokensExpireAndAreRevoked":       testTokens,
	"UseOfTokensIsNotedByTheMinute":   testTokenUse,
	"SessionsEnd":                     testSessions,
	"AuditIsWrittenWithTheChange":     testAudit,
	"AuditPages":                      testAuditPages,
	"AttemptsAreSlowedDown":           testAttempts,
	"AttemptsAtOnceAreCounted":        testAttemptsAtOnce,
	"SecretsAreSealedAnew":            testReseal,
	"WhatExpiredGoes":                 testForget,
}

// now is the store's time: that of an entry in the audit log.
func (f Fixture) now(t testing.TB, org store.OrgID) time.Time {
	t.Helper()
	must(t, f.Store.RecordAudit(ctx, org, "test.now", "", nil))
	log, err := f.Store.AuditLog(ctx, org, store.AuditFilter{Action: "test.now"}, store.Page{Limit: 1})
	must(t, err)
	return log.Items[0].Time
}

// Link makes a link that lasts an hour and returns its hash.
func (f Fixture) Link(t testing.TB, link store.Link) []byte {
	t.Helper()
	hash := []byte(fmt.Sprintf("hash of %s %s %s", link.Kind, link.Organisation.ID, link.Email))
	link.Expires = f.now(t, link.Organisation.ID).Add(time.Hour)
	_, err := f.Store.CreateLink(store.WithActor(ctx, machine), link, hash)
	must(t, err)
	return hash
}

var machine = store.Actor{Kind: store.ActorMachine, Name: "machine"}

// Person makes a member with a password hash of "hash".
func (f Fixture) Person(t testing.TB, org store.OrgID, email string, role crowsnest.Role) store.PersonID {
	t.Helper()
	hash := f.Link(t, store.Link{Kind: store.InvitationLink, Organisation: store.Organisation{ID: org}, Email: email, Role: role})
	_, id, err := f.Store.RedeemLink(ctx, hash, store.Redemption{Name: "Name of " + email, Password: "hash"})
	must(t, err)
	return id
}

func testFirstOrganisation(t *testing.T, f Fixture) {
	var wg sync.WaitGroup
	ids := make([]store.OrgID, 8)
	for i := range ids {
		wg.Go(func() {
			org, err := f.Store.FirstOrganisation(ctx, "default")
			if err != nil {
				t.Error(err)
			}
			ids[i] = org.ID
		})
	}
	wg.Wait()
	if len(slices.Compact(ids)) != 1 {
		t.Errorf("several that started at once made %v", ids)
	}
	must(t, f.Store.RenameOrganisation(ctx, ids[0], "acme"))
	f.Advance(time.Second)
	f.Organisation(t, "another")
	again, err := f.Store.FirstOrganisation(ctx, "default")
	must(t, err)
	if diff := cmp.Diff(store.Organisation{ID: ids[0], Name: "acme"}, again); diff != "" {
		t.Errorf("after it was renamed (-want +got):\n%s", diff)
	}
}

func testOrganisations(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	owner := f.Person(t, org, "o@example.com", crowsnest.Owner)
	made, err := f.Store.CreateOrganisation(ctx, "branch", owner)
	must(t, err)
	_, err = f.Store.CreateOrganisation(ctx, "acme", owner)
	wantKind(t, err, crowsnest.Conflict)
	wantKind(t, f.Store.RenameOrganisation(ctx, made.ID, "acme"), crowsnest.Conflict)
	wantKind(t, f.Store.RenameOrganisation(ctx, "none", "other"), crowsnest.NotFound)
	places, err := f.Store.Memberships(ctx, owner)
	must(t, err)
	var got []string
	for _, p := range places {
		got = append(got, p.Organisation.Name+" "+p.Role.String())
	}
	if diff := cmp.Diff([]string{"acme owner", "branch owner"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err = f.Store.Organisation(ctx, "none")
	wantKind(t, err, crowsnest.NotFound)
}

func testFirstOwner(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	if has, err := f.Store.HasPeople(ctx); err != nil || has {
		t.Errorf("people %v, %v; want none yet", has, err)
	}
	link := store.Link{Kind: store.FirstOwnerLink, Organisation: store.Organisation{ID: org}, Role: crowsnest.Owner, Expires: f.now(t, org).Add(time.Hour)}
	// Two replicas start together and each shows a link.
	hashes := [][]byte{[]byte("one"), []byte("two")}
	for _, h := range hashes {
		_, err := f.Store.CreateLink(ctx, link, h)
		must(t, err)
	}
	errs := make([]error, len(hashes))
	var wg sync.WaitGroup
	for i, h := range hashes {
		wg.Go(func() {
			_, _, errs[i] = f.Store.RedeemLink(ctx, h, store.Redemption{Email: fmt.Sprintf("o%d@example.com", i), Password: "hash"})
		})
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("of two first owners one must win: %v", errs)
	}
	for _, err := range errs {
		if err != nil {
			wantKind(t, err, crowsnest.Conflict)
		}
	}
	members, err := f.Store.Members(ctx, org)
	must(t, err)
	if len(members) != 1 || members[0].Role != crowsnest.Owner || !members[0].Person.HasPassword {
		t.Errorf("members %+v", members)
	}
}

func testOneLink(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	hash := f.Link(t, store.Link{Kind: store.InvitationLink, Organisation: store.Organisation{ID: org}, Role: crowsnest.Editor})
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			_, _, errs[i] = f.Store.RedeemLink(ctx, hash, store.Redemption{Email: fmt.Sprintf("p%d@example.com", i), Password: "hash"})
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		wantKind(t, err, crowsnest.NotFound)
	}
	members, err := f.Store.Members(ctx, org)
	must(t, err)
	if won != 1 || len(members) != 1 || members[0].Role != crowsnest.Editor {
		t.Errorf("%d won, members %+v", won, members)
	}
}

func testLinks(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	invite := store.Link{Kind: store.InvitationLink, Organisation: store.Organisation{ID: org}, Email: "a@example.com", Role: crowsnest.Member}
	hash := f.Link(t, invite)
	got, err := f.Store.LinkByHash(ctx, hash)
	must(t, err)
	if got.Organisation.Name != "acme" || got.Role != crowsnest.Member || got.Known || got.CreatedBy != "machine" {
		t.Errorf("link %+v", got)
	}
	// Another invitation of the same address takes the place of the one before.
	second := invite
	second.Expires, second.Role = f.now(t, org).Add(time.Hour), crowsnest.Editor
	_, err = f.Store.CreateLink(ctx, second, []byte("second"))
	must(t, err)
	_, err = f.Store.LinkByHash(ctx, hash)
	wantKind(t, err, crowsnest.NotFound)
	open, err := f.Store.Invitations(ctx, org)
	must(t, err)
	if len(open) != 1 || open[0].Role != crowsnest.Editor {
		t.Errorf("open invitations %+v", open)
	}
	_, _, err = f.Store.RedeemLink(ctx, []byte("second"), store.Redemption{})
	wantKind(t, err, crowsnest.Invalid) // without a password; the link is still good
	f.Advance(time.Hour)
	for _, h := range [][]byte{hash, []byte("second"), []byte("unknown")} {
		_, err = f.Store.LinkByHash(ctx, h)
		wantKind(t, err, crowsnest.NotFound)
		_, _, err = f.Store.RedeemLink(ctx, h, store.Redemption{Password: "hash"})
		wantKind(t, err, crowsnest.NotFound)
	}
	third := f.Link(t, store.Link{Kind: store.InvitationLink, Organisation: store.Organisation{ID: org}, Email: "b@example.com", Role: crowsnest.Member})
	open, err = f.Store.Invitations(ctx, org)
	must(t, err)
	if len(open) != 1 {
		t.Fatalf("open invitations %+v", open)
	}
	other := f.Organisation(t, "other")
	wantKind(t, f.Store.RevokeInvitation(ctx, other, open[0].ID), crowsnest.NotFound)
	must(t, f.Store.RevokeInvitation(ctx, org, open[0].ID))
	_, err = f.Store.LinkByHash(ctx, third)
	wantKind(t, err, crowsnest.NotFound)
}

func testKnownPeople(t *testing.T, f Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	id := f.Person(t, org, "a@example.com", crowsnest.Member)
	invite := store.Link{Kind: store.InvitationLink, Organisation: store.Organisation{ID: other}, Email: "a@example.com", Role: crowsnest.Editor}
	hash := f.Link(t, invite)
	link, err := f.Store.LinkByHash(ctx, hash)
	must(t, err)
	if !link.Known {
		t.Error("a person who is known is not")
	}
	// A new password would take the account over.
	_, _, err = f.Store.RedeemLink(ctx, hash, store.Redemption{Password: "another hash"})
	wantKind(t, err, crowsnest.Conflict)
	c, err := f.Store.CredentialsByEmail(ctx, "a@example.com")
	must(t, err)
	if c.Password != "hash" {
		t.Error("the password changed")
	}
	_, got, err := f.Store.RedeemLink(ctx, hash, store.Redemption{Person: id})
	must(t, err)
	if got != id {
		t.Errorf("redeemed by %s, want %s", got, id)
	}
	// A role is never lowered by an invitation.
	must(t, f.Store.SetRole(ctx, other, id, crowsnest.Owner))
	hash = f.Link(t, store.Link{Kind: store.InvitationLink, Organisation: store.Organisation{ID: other}, Role: crowsnest.Member})
	_, _, err = f.Store.RedeemLink(ctx, hash, store.Redemption{Email: "a@example.com", Person: id})
	must(t, err)
	m, err := f.Store.Member(ctx, other, id)
	must(t, err)
	if m.Role != crowsnest.Owner {
		t.Errorf("role %s", m.Role)
	}
}

// Who resets a password takes the account over, in every organisation it belongs to.
func testResetLinks(t *testing.T, f Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	f.Person(t, org, "o@example.com", crowsnest.Owner)
	id := f.Person(t, org, "a@example.com", crowsnest.Member)
	reset := store.Link{Kind: store.ResetLink, Organisation: store.Organisation{ID: org}, Person: id, Expires: f.now(t, org).Add(time.Hour)}
	_, err := f.Store.StartSession(ctx, "session", store.Session{Person: id, Organisation: org, Deadline: reset.Expires, Expires: reset.Expires})
	must(t, err)
	made, err := f.Store.CreateLink(ctx, reset, []byte("reset"))
	must(t, err)
	if made.Email != "a@example.com" {
		t.Errorf("link %+v", made)
	}
	_, got, err := f.Store.RedeemLink(ctx, []byte("reset"), store.Redemption{Password: "new hash"})
	must(t, err)
	c, err := f.Store.CredentialsByEmail(ctx, "a@example.com")
	must(t, err)
	if got != id || c.Password != "new hash" {
		t.Errorf("redeemed by %s, password %q", got, c.Password)
	}
	_, err = f.Store.Session(ctx, "session")
	wantKind(t, err, crowsnest.NotFound)

	_, err = f.Store.CreateLink(ctx, reset, []byte("before"))
	must(t, err)
	must(t, f.Store.Join(ctx, other, id, crowsnest.Owner))
	_, err = f.Store.LinkByHash(ctx, []byte("before"))
	wantKind(t, err, crowsnest.NotFound) // it would open the other organisation now
	_, err = f.Store.CreateLink(ctx, reset, []byte("after"))
	wantKind(t, err, crowsnest.Conflict)
	_, err = f.Store.CreateLink(store.WithActor(ctx, machine), reset, []byte("from the machine"))
	must(t, err)
	reset.Person = f.Person(t, other, "theirs@example.com", crowsnest.Member)
	_, err = f.Store.CreateLink(store.WithActor(ctx, machine), reset, []byte("theirs"))
	wantKind(t, err, crowsnest.NotFound)
}

func testLastOwner(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	first := f.Person(t, org, "a@example.com", crowsnest.Owner)
	second := f.Person(t, org, "b@example.com", crowsnest.Member)
	wantKind(t, f.Store.SetRole(ctx, org, first, crowsnest.Editor), crowsnest.Conflict)
	wantKind(t, f.Store.RemoveMember(ctx, org, first), crowsnest.Conflict)
	must(t, f.Store.SetRole(ctx, org, first, crowsnest.Owner))
	must(t, f.Store.SetRole(ctx, org, second, crowsnest.Owner))
	must(t, f.Store.SetRole(ctx, org, first, crowsnest.Editor))
	must(t, f.Store.RemoveMember(ctx, org, first))
	wantKind(t, f.Store.RemoveMember(ctx, org, first), crowsnest.NotFound)
	wantKind(t, f.Store.SetRole(ctx, org, first, crowsnest.Owner), crowsnest.NotFound)
	wantKind(t, f.Store.RemoveMember(ctx, "nowhere", second), crowsnest.NotFound)
}

func testOwnersAtOnce(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	var owners []store.PersonID
	for i := range 6 {
		owners = append(owners, f.Person(t, org, fmt.Sprintf("o%d@example.com", i), crowsnest.Owner))
	}
	var wg sync.WaitGroup
	for i, id := range owners {
		wg.Go(func() {
			if i%2 == 0 {
				_ = f.Store.RemoveMember(ctx, org, id) // all but one succeed, and that is looked at below
			} else {
				_ = f.Store.SetRole(ctx, org, id, crowsnest.Member)
			}
		})
	}
	wg.Wait()
	members, err := f.Store.Members(ctx, org)
	must(t, err)
	left := 0
	for _, m := range members {
		if m.Role == crowsnest.Owner {
			left++
		}
	}
	if left != 1 {
		t.Errorf("%d owners are left, want 1", left)
	}
}

func testRemoved(t *testing.T, f Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	f.Person(t, org, "o@example.com", crowsnest.Owner)
	id := f.Person(t, org, "a@example.com", crowsnest.Editor)
	must(t, f.Store.Join(ctx, other, id, crowsnest.Member))
	later := f.now(t, org).Add(time.Hour)
	for _, o := range []store.OrgID{org, other} {
		_, err := f.Store.CreateToken(ctx, store.Token{Organisation: o, Person: id, Name: "mine", Scopes: []crowsnest.Scope{crowsnest.ScopeRead}}, []byte("token "+o))
		must(t, err)
		_, err = f.Store.StartSession(ctx, "session "+string(o), store.Session{Person: id, Organisation: o, Deadline: later, Expires: later})
		must(t, err)
	}
	must(t, f.Store.RemoveMember(ctx, org, id))
	_, err := f.Store.UseToken(ctx, []byte("token "+org))
	wantKind(t, err, crowsnest.NotFound)
	_, err = f.Store.Session(ctx, "session "+string(org))
	wantKind(t, err, crowsnest.NotFound)
	_, err = f.Store.Member(ctx, org, id)
	wantKind(t, err, crowsnest.NotFound)
	// A request that was under way does not bring the session back.
	must(t, f.Store.TouchSession(ctx, "session "+string(org), later.Add(time.Hour)))
	_, err = f.Store.Session(ctx, "session "+string(org))
	wantKind(t, err, crowsnest.NotFound)
	// What belongs to the other organisation stays.
	_, err = f.Store.UseToken(ctx, []byte("token "+other))
	must(t, err)
	_, err = f.Store.Session(ctx, "session "+string(other))
	must(t, err)
}

func testTokens(t *testing.T, f Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	id := f.Person(t, org, "a@example.com", crowsnest.Editor)
	scopes := []crowsnest.Scope{crowsnest.ScopeRead, crowsnest.ScopeUpload}
	ours, err := f.Store.CreateToken(store.WithActor(ctx, store.Actor{Kind: store.ActorPerson, Name: "a@example.com"}), store.Token{Organisation: org, Name: "ci", Scopes: scopes, Expires: f.now(t, org).Add(time.Hour)}, []byte("ours"))
	must(t, err)
	mine, err := f.Store.CreateToken(ctx, store.Token{Organisation: org, Person: id, Name: "mine", Scopes: scopes}, []byte("mine"))
	must(t, err)
	_, err = f.Store.CreateToken(ctx, store.Token{Organisation: other, Person: id, Name: "not a member", Scopes: scopes}, []byte("none"))
	wantKind(t, err, crowsnest.NotFound)
	_, err = f.Store.CreateToken(ctx, store.Token{Organisation: org, Name: "twin", Scopes: scopes}, []byte("ours"))
	wantKind(t, err, crowsnest.Conflict)

	got, err := f.Store.UseToken(ctx, []byte("mine"))
	must(t, err)
	if got.Role != crowsnest.Editor || got.Person != id || got.Email != "a@example.com" || !slices.Equal(got.Scopes, scopes) {
		t.Errorf("personal token %+v", got)
	}
	must(t, f.Store.SetRole(ctx, org, id, crowsnest.Member))
	if got, err = f.Store.UseToken(ctx, []byte("mine")); err != nil || got.Role != crowsnest.Member {
		t.Errorf("after the role changed: %+v, %v", got, err)
	}
	list := func(person store.PersonID) (names []string) {
		tokens, err := f.Store.Tokens(ctx, org, person)
		must(t, err)
		for _, v := range tokens {
			names = append(names, v.Name+" by "+v.CreatedBy)
		}
		slices.Sort(names)
		return names
	}
	if diff := cmp.Diff([]string{"ci by a@example.com", "mine by crowsnest"}, list("")); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"mine by crowsnest"}, list(id)); diff != "" {
		t.Errorf("of the person (-want +got):\n%s", diff)
	}
	wantKind(t, f.Store.RevokeToken(ctx, org, id, ours.ID), crowsnest.NotFound)
	wantKind(t, f.Store.RevokeToken(ctx, other, "", ours.ID), crowsnest.NotFound)
	must(t, f.Store.RevokeToken(ctx, org, id, mine.ID))
	wantKind(t, f.Store.RevokeToken(ctx, org, id, mine.ID), crowsnest.NotFound)
	_, err = f.Store.UseToken(ctx, []byte("mine"))
	wantKind(t, err, crowsnest.NotFound)
	f.Advance(59 * time.Minute)
	_, err = f.Store.UseToken(ctx, []byte("ours"))
	must(t, err)
	f.Advance(time.Minute)
	_, err = f.Store.UseToken(ctx, []byte("ours"))
	wantKind(t, err, crowsnest.NotFound)
}

func testTokenUse(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	_, err := f.Store.CreateToken(ctx, store.Token{Organisation: org, Name: "ci", Scopes: []crowsnest.Scope{crowsnest.ScopeRead}}, []byte("ci"))
	must(t, err)
	used := func() time.Time {
		list, err := f.Store.Tokens(ctx, org, "")
		must(t, err)
		return list[0].Used
	}
	if !used().IsZero() {
		t.Error("a new token was used already")
	}
	begin := f.now(t, org)
	for _, c := range []struct {
		after time.Duration
		want  time.Duration
	}{{0, 0}, {59 * time.Second, 0}, {time.Second, time.Minute}, {time.Hour, time.Hour + time.Minute}} {
		f.Advance(c.after)
		_, err := f.Store.UseToken(ctx, []byte("ci"))
		must(t, err)
		if got := used().Sub(begin); got != c.want {
			t.Errorf("used at %s, want %s", got, c.want)
		}
	}
}
