package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/google/go-cmp/cmp"
)

func testSessions(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	id, other := f.Person(t, org, "a@example.com", crowsnest.Member), f.Person(t, org, "b@example.com", crowsnest.Member)
	begin := f.now(t, org)
	start := func(hash string, person store.PersonID) store.Session {
		t.Helper()
		v, err := f.Store.StartSession(ctx, hash, store.Session{Person: person, Organisation: org, Address: "192.0.2.1", Agent: "browser", Deadline: begin.Add(24 * time.Hour), Expires: begin.Add(time.Hour)})
		must(t, err)
		return v
	}
	first, second, theirs := start("one", id), start("two", id), start("three", other)
	got, err := f.Store.Session(ctx, "one")
	must(t, err)
	if diff := cmp.Diff(first, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	must(t, f.Store.TouchSession(ctx, "one", begin.Add(2*time.Hour))) // within the minute: nothing is written
	f.Advance(time.Minute)
	must(t, f.Store.TouchSession(ctx, "two", begin.Add(3*time.Hour)))
	got, err = f.Store.Session(ctx, "one")
	must(t, err)
	if !got.Expires.Equal(begin.Add(time.Hour)) {
		t.Errorf("expires %s", got.Expires)
	}
	list, err := f.Store.PersonSessions(ctx, id)
	must(t, err)
	if len(list) != 2 || list[0].ID != second.ID || !list[0].Used.Equal(begin.Add(time.Minute)) {
		t.Errorf("sessions %+v", list)
	}
	wantKind(t, f.Store.EndPersonSession(ctx, id, theirs.ID), crowsnest.NotFound)
	f.Advance(time.Hour)
	_, err = f.Store.Session(ctx, "one")
	wantKind(t, err, crowsnest.NotFound) // idle too long
	_, err = f.Store.Session(ctx, "two")
	must(t, err)
	// A new password ends all but the one it was changed in.
	start("four", id)
	password := "other hash"
	must(t, f.Store.ChangePerson(ctx, id, store.PersonChange{Password: &password}, second.ID))
	_, err = f.Store.Session(ctx, "two")
	must(t, err)
	_, err = f.Store.Session(ctx, "four")
	wantKind(t, err, crowsnest.NotFound)
	must(t, f.Store.EndPersonSession(ctx, id, second.ID))
	must(t, f.Store.EndSession(ctx, "two"))
	must(t, f.Store.EndSession(ctx, "never was"))
	_, err = f.Store.Session(ctx, "two")
	wantKind(t, err, crowsnest.NotFound)
	name := "Name"
	wantKind(t, f.Store.ChangePerson(ctx, "nobody", store.PersonChange{Name: &name}, ""), crowsnest.NotFound)
}

func testAudit(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	owner := store.Actor{Kind: store.ActorPerson, ID: "1", Name: "o@example.com", Address: "192.0.2.7"}
	as := store.WithActor(ctx, owner)
	id := f.Person(t, org, "a@example.com", crowsnest.Member)
	f.Person(t, org, "b@example.com", crowsnest.Owner)
	last := func() store.AuditEntry {
		t.Helper()
		log, err := f.Store.AuditLog(ctx, org, store.AuditFilter{}, store.Page{Limit: 1})
		must(t, err)
		return log.Items[0]
	}
	name := "A"
	token := store.Token{Organisation: org, Name: "ci", Scopes: []crowsnest.Scope{crowsnest.ScopeRead}}
	for _, c := range []struct {
		action, subject string
		do              func() error
	}{
		{"person.role", "a@example.com", func() error { return f.Store.SetRole(as, org, id, crowsnest.Editor) }},
		{"person.change", "a@example.com", func() error { return f.Store.ChangePerson(as, id, store.PersonChange{Name: &name}, "") }},
		{"session.start", "a@example.com", func() error { return f.Store.SignedIn(as, org, id) }},
		{"token.create", "ci", func() (err error) { token, err = f.Store.CreateToken(as, token, []byte("ci")); return err }},
		{"token.revoke", "ci", func() error { return f.Store.RevokeToken(as, org, "", token.ID) }},
		{"integration.create", "prod", func() error {
			_, err := f.Store.CreateIntegration(as, store.Integration{Org: org, Name: "prod", Kind: "sysdig", Region: "us1", Cluster: "c", Environment: "production", Secret: []byte("sealed"), Interval: time.Minute})
			return err
		}},
		{"integration.delete", "prod", func() error { return f.Store.DeleteIntegration(as, org, "prod") }},
		{"organisation.rename", "acme two", func() error { return f.Store.RenameOrganisation(as, org, "acme two") }},
		{"person.remove", "a@example.com", func() error { return f.Store.RemoveMember(as, org, id) }},
		{"advisory.import", "Debian", func() error { return f.Store.RecordAudit(as, org, "advisory.import", "Debian", nil) }},
	} {
		f.Advance(time.Second)
		must(t, c.do())
		got := last()
		if got.Action != c.action || got.Subject != c.subject || got.Actor != owner || got.Detail == nil {
			t.Errorf("%s is recorded as %+v", c.action, got)
		}
	}
	// What does not happen is not recorded.
	before := last()
	f.Advance(time.Second)
	wantKind(t, f.Store.RevokeToken(as, org, "", token.ID), crowsnest.NotFound)
	_, err := f.Store.CreateToken(as, store.Token{Organisation: org, Name: "twin", Scopes: token.Scopes}, []byte("ci"))
	wantKind(t, err, crowsnest.Conflict)
	if diff := cmp.Diff(before, last()); diff != "" {
		t.Errorf("a failed change is recorded (-want +got):\n%s", diff)
	}
}

func testAuditPages(t *testing.T, f Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	begin := f.now(t, other)
	for i := range 7 {
		if i%3 == 0 { // some share a moment
			f.Advance(time.Second)
		}
		as := store.WithActor(ctx, store.Actor{Kind: store.ActorPerson, Name: fmt.Sprintf("p%d", i%2)})
		must(t, f.Store.RecordAudit(as, org, []string{"token.create", "token.revoke", "tokens.other"}[i%3], fmt.Sprint(i), map[string]string{"i": fmt.Sprint(i)}))
		must(t, f.Store.RecordAudit(as, other, "token.create", "theirs", nil))
	}
	list := func(filter store.AuditFilter) (got []string) {
		page := store.Page{Limit: 2}
		for {
			part, err := f.Store.AuditLog(ctx, org, filter, page)
			must(t, err)
			for _, e := range part.Items {
				got = append(got, e.Subject)
			}
			if page.Cursor = part.Next; page.Cursor == "" {
				return got
			}
		}
	}
	for name, c := range map[string]struct {
		filter store.AuditFilter
		want   []string
	}{
		"all":    {store.AuditFilter{}, []string{"6", "5", "4", "3", "2", "1", "0"}},
		"actor":  {store.AuditFilter{Actor: "p1"}, []string{"5", "3", "1"}},
		"action": {store.AuditFilter{Action: "token.revoke"}, []string{"4", "1"}},
		"family": {store.AuditFilter{Action: "token."}, []string{"6", "4", "3", "1", "0"}},
		"from":   {store.AuditFilter{From: begin.Add(2 * time.Second)}, []string{"6", "5", "4", "3"}},
		"until":  {store.AuditFilter{Until: begin.Add(2 * time.Second)}, []string{"2", "1", "0"}},
		"mixed":  {store.AuditFilter{Actor: "p0", Action: "token.", From: begin, Until: begin.Add(3 * time.Second)}, []string{"4", "0"}},
		"none":   {store.AuditFilter{Actor: "p"}, nil},
	} {
		if diff := cmp.Diff(c.want, list(c.filter)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	_, err := f.Store.AuditLog(ctx, org, store.AuditFilter{}, store.Page{Cursor: "!"})
	wantKind(t, err, crowsnest.Invalid)
}

func testAttempts(t *testing.T, f Fixture) {
	limit := store.AttemptLimit{Key: "pair", Free: 3, Delay: time.Second, Most: 5 * time.Second, Forget: time.Hour}
	wait := func(l ...store.AttemptLimit) time.Duration {
		t.Helper()
		d, err := f.Store.Attempt(ctx, l...)
		must(t, err)
		return d
	}
	for i := range 3 {
		if d := wait(limit); d != 0 {
			t.Fatalf("attempt %d waits %s", i, d)
		}
	}
	for _, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second} {
		if d := wait(limit); d != want {
			t.Errorf("waits %s, want %s", d, want)
		}
		if d := wait(limit); d != want { // asking while one has to wait makes it no longer
			t.Errorf("then waits %s, want %s", d, want)
		}
		f.Advance(want)
		if d := wait(limit); d != 0 {
			t.Errorf("after the wait: %s", d)
		}
	}
	// One that must wait is not counted under the other limits.
	other := store.AttemptLimit{Key: "other", Free: 1, Delay: time.Second, Most: time.Second, Forget: time.Hour}
	if d := wait(limit, other); d != 5*time.Second {
		t.Errorf("waits %s", d)
	}
	if d := wait(other); d != 0 {
		t.Errorf("the other was counted: %s", d)
	}
	// One that succeeded does not count, however many there are.
	nat := store.AttemptLimit{Key: "nat", Free: 2, Delay: time.Second, Most: time.Second, Forget: time.Hour}
	for i := range 10 {
		if d := wait(nat); d != 0 {
			t.Fatalf("attempt %d waits %s although all before succeeded", i, d)
		}
		must(t, f.Store.TakeBackAttempt(ctx, "nat", "never was"))
	}
	wait(nat)
	wait(nat)
	if d := wait(nat); d != time.Second {
		t.Errorf("waits %s", d)
	}
	must(t, f.Store.ForgetAttempts(ctx, "pair", "never was"))
	if d := wait(limit); d != 0 {
		t.Errorf("after it was forgotten: %s", d)
	}
	long := store.AttemptLimit{Key: "long", Free: 1, Delay: 2 * time.Hour, Most: 2 * time.Hour, Forget: time.Hour}
	wait(long)
	if d := wait(long); d != 2*time.Hour {
		t.Errorf("waits %s", d)
	}
	f.Advance(time.Hour)
	if d := wait(long); d != 0 {
		t.Errorf("after the time to forget: %s", d)
	}

	trusted := func() bool {
		ok, err := f.Store.Trusted(ctx, "address")
		must(t, err)
		return ok
	}
	if trusted() {
		t.Error("trusted from the start")
	}
	must(t, f.Store.Trust(ctx, "address", time.Hour))
	if !trusted() {
		t.Error("not trusted")
	}
	f.Advance(time.Hour)
	if trusted() {
		t.Error("trusted for ever")
	}
}

// Many attempts at once must not all pass before one of them is counted.
func testAttemptsAtOnce(t *testing.T, f Fixture) {
	limits := []store.AttemptLimit{
		{Key: "b", Free: 5, Delay: time.Hour, Most: time.Hour, Forget: 2 * time.Hour},
		{Key: "a", Free: 50, Delay: time.Hour, Most: time.Hour, Forget: 2 * time.Hour},
	}
	var mu sync.Mutex
	passed := 0
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			d, err := f.Store.Attempt(ctx, limits...)
			if err != nil {
				t.Error(err)
			}
			if d == 0 {
				mu.Lock()
				defer mu.Unlock()
				passed++
			}
		})
	}
	wg.Wait()
	if passed != 5 {
		t.Errorf("%d attempts passed, want 5", passed)
	}
}

func testReseal(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	f.Connect(t, org, "one", "production")
	f.Connect(t, org, "two", "production")
	f.Connect(t, f.Organisation(t, "other"), "three", "production")
	must(t, f.Store.DeleteIntegration(ctx, org, "two"))
	all, err := f.Store.SealedSecrets(ctx)
	must(t, err)
	if len(all) != 2 {
		t.Fatalf("secrets %+v, want those of the two that are there", all)
	}
	done, err := f.Store.Reseal(ctx, all[0], []byte("anew"))
	must(t, err)
	again, err := f.Store.Reseal(ctx, all[0], []byte("twice"))
	must(t, err)
	if !done || again {
		t.Errorf("sealed anew %v, then %v; the second knew an old form", done, again)
	}
	_, err = f.Store.Reseal(ctx, store.SealedSecret{Kind: "person", ID: all[0].ID}, nil)
	wantKind(t, err, crowsnest.NotFound)
}

func testForget(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	id := f.Person(t, org, "a@example.com", crowsnest.Owner)
	soon := f.now(t, org).Add(time.Hour)
	_, err := f.Store.StartSession(ctx, "session", store.Session{Person: id, Organisation: org, Deadline: soon, Expires: soon})
	must(t, err)
	token, err := f.Store.CreateToken(ctx, store.Token{Organisation: org, Name: "ci", Scopes: []crowsnest.Scope{crowsnest.ScopeRead}}, []byte("ci"))
	must(t, err)
	_, err = f.Store.CreateToken(ctx, store.Token{Organisation: org, Name: "kept", Scopes: []crowsnest.Scope{crowsnest.ScopeRead}}, []byte("kept"))
	must(t, err)
	must(t, f.Store.RevokeToken(ctx, org, "", token.ID))
	must(t, f.Store.ForgetExpired(ctx))
	_, err = f.Store.Session(ctx, "session")
	must(t, err)
	f.Advance(30 * 24 * time.Hour)
	must(t, f.Store.ForgetExpired(ctx))
	_, err = f.Store.UseToken(ctx, []byte("kept"))
	must(t, err)
	// A token that was revoked stays so: nobody can bring its secret in again.
	_, err = f.Store.CreateToken(ctx, store.Token{Organisation: org, Name: "ci", Scopes: token.Scopes}, []byte("ci"))
	wantKind(t, err, crowsnest.Conflict)
	_, err = f.Store.UseToken(ctx, []byte("ci"))
	wantKind(t, err, crowsnest.NotFound)
}
