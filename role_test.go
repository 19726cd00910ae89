package crowsnest

import (
	"slices"
	"testing"
)

func TestRolesAreOrderedAndReadBack(t *testing.T) {
	if !(NoRole < Member && Member < Editor && Editor < Owner) {
		t.Error("roles are not in order")
	}
	for _, r := range []Role{Member, Editor, Owner} {
		b, err := r.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back Role
		if err := back.UnmarshalText(b); err != nil || back != r {
			t.Errorf("%s came back as %s, %v", r, back, err)
		}
	}
	if r, err := ParseRole(" OWNER "); err != nil || r != Owner {
		t.Errorf("got %s, %v", r, err)
	}
	for _, word := range []string{"", "none", "admin", "role(1)", "owner,member"} {
		if r, err := ParseRole(word); KindOf(err) != Invalid || r != NoRole {
			t.Errorf("ParseRole(%q) = %s, %v", word, r, err)
		}
	}
}

func TestScopes(t *testing.T) {
	for words, want := range map[string][]Scope{
		"read":               {ScopeRead},
		"write,read":         {ScopeRead, ScopeWrite},
		" Upload  upload, ":  {ScopeUpload},
		"metrics owner,read": {ScopeRead, ScopeOwner, ScopeMetrics},
	} {
		if got, err := ParseScopes(words); err != nil || !slices.Equal(got, want) {
			t.Errorf("ParseScopes(%q) = %v, %v; want %v", words, got, err, want)
		}
	}
	for _, words := range []string{"", " , ", "admin", "read,all"} {
		if got, err := ParseScopes(words); KindOf(err) != Invalid || err == nil {
			t.Errorf("ParseScopes(%q) = %v, %v", words, got, err)
		}
	}
}
