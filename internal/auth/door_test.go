package auth_test

import (
	"log/slog"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/litekit"
)

func door(t *testing.T) (*auth.Door, store.Organisation) {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), litekit.Database(t), sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	org, err := s.FirstOrganisation(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	return &auth.Door{Store: s, Log: slog.New(slog.DiscardHandler)}, org
}

func TestPeopleFromElsewhere(t *testing.T) {
	d, org := door(t)
	first, err := d.FirstLink(t.Context(), org)
	if err != nil || first == "" {
		t.Fatalf("link %q, %v", first, err)
	}
	if _, err := d.Redeem(t.Context(), first, auth.Answer{Email: "owner@example.com", Name: "O", Password: "a boat with nine masts"}); err != nil {
		t.Fatal(err)
	}
	if link, err := d.FirstLink(t.Context(), org); err != nil || link != "" {
		t.Errorf("a first link %q although there is an owner, %v", link, err)
	}
	grants := []auth.Grant{{"devs", org.ID, crowsnest.Member}, {"leads", org.ID, crowsnest.Editor}}
	person := auth.External{Provider: "idp", Subject: "1", Email: "A@example.com", Name: "A"}

	// Who is vouched for belongs nowhere by that alone.
	if m, err := d.SignInExternal(t.Context(), person, grants); crowsnest.KindOf(err) != crowsnest.Forbidden {
		t.Errorf("without a group: %+v, %v", m, err)
	}
	person.Groups = []string{"others", "devs"}
	m, err := d.SignInExternal(t.Context(), person, grants)
	if err != nil || m.Role != crowsnest.Member || m.Person.Email != "a@example.com" || m.Person.HasPassword {
		t.Errorf("in a group: %+v, %v", m, err)
	}
	person.Groups = []string{"leads", "devs"}
	if m, err = d.SignInExternal(t.Context(), person, grants); err != nil || m.Role != crowsnest.Editor {
		t.Errorf("in two groups: %+v, %v", m, err)
	}
	// There is no password to guess, and none can be set beside the provider.
	if _, err := d.SignIn(t.Context(), "a@example.com", ""); crowsnest.KindOf(err) != crowsnest.Unauthorized {
		t.Errorf("with an empty password: %v", err)
	}
	if err := d.ChangePassword(t.Context(), m.Person, "", "a boat with nine masts", ""); crowsnest.KindOf(err) != crowsnest.Conflict {
		t.Errorf("set a password: %v", err)
	}
	person.Groups = nil
	if m, err := d.SignInExternal(t.Context(), person, append(grants, auth.Grant{Organisation: org.ID, Role: crowsnest.Member})); err != nil || m.Role != crowsnest.Member {
		t.Errorf("with a role for everybody: %+v, %v", m, err)
	}
	log, err := d.Store.AuditLog(t.Context(), org.ID, store.AuditFilter{Action: "session.start", Actor: "a@example.com"}, store.Page{})
	if err != nil || len(log.Items) != 3 {
		t.Errorf("audit log %+v, %v", log.Items, err)
	}
}

func TestEmail(t *testing.T) {
	for given, want := range map[string]string{
		" A@Example.com ": "a@example.com", "a+b@example.com": "a+b@example.com",
		"": "", "a": "", "a@": "", "@b": "", "A <a@example.com>": "", "a@example.com, b@example.com": "", "a b@example.com": "", "a@exa\x00mple.com": "",
	} {
		got, err := auth.Email(given)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("Email(%q) = %q, %v; want %q", given, got, err, want)
		}
	}
}
