package auth

import (
	"slices"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
)

func TestTheTableIsInOrder(t *testing.T) {
	if len(Rules()) != int(permissions) {
		t.Fatalf("%d rules for %d permissions", len(Rules()), permissions)
	}
	seen := map[string]bool{}
	for i, r := range Rules() {
		if int(r.Permission) != i || r.Name == "" || seen[r.Name] {
			t.Errorf("rule %d is %+v", i, r)
		}
		seen[r.Name] = true
		if r.Permission != Public && r.Role == crowsnest.NoRole {
			t.Errorf("%s is open to those without a role", r.Name)
		}
	}
}

// Each role may do what those before it may, and no scope more than an owner.
func TestRolesGrow(t *testing.T) {
	for _, home := range []bool{true, false} {
		before := Permissions(0)
		for _, role := range []crowsnest.Role{crowsnest.Member, crowsnest.Editor, crowsnest.Owner} {
			now := ForRole(role, home)
			if before&^now != 0 || now == before {
				t.Errorf("%s may do %v, the role before %v", role, now.Names(), before.Names())
			}
			before = now
		}
		if ForRole(crowsnest.NoRole, home) != 0 {
			t.Error("no role may do something")
		}
		if more := ForScopes(crowsnest.Scopes(), home) &^ before; more != 0 {
			t.Errorf("scopes permit what no owner may: %v", more.Names())
		}
		if ForScopes(crowsnest.Scopes(), home).Has(Account) {
			t.Error("a token may change a password")
		}
		if before.Has(Operate) != home {
			t.Errorf("an owner with home %v may do what all organisations share: %v", home, before.Has(Operate))
		}
	}
}

func TestNobodyGivesMoreThanTheyHave(t *testing.T) {
	for role, want := range map[crowsnest.Role][]crowsnest.Scope{
		crowsnest.NoRole: {},
		crowsnest.Member: {crowsnest.ScopeRead, crowsnest.ScopeUpload},
		crowsnest.Editor: {crowsnest.ScopeRead, crowsnest.ScopeUpload, crowsnest.ScopeWrite},
		crowsnest.Owner:  crowsnest.Scopes(),
	} {
		for _, home := range []bool{true, false} {
			if got := Grantable(ForRole(role, home), home); !slices.Equal(got, want) {
				t.Errorf("%s with home %v may give %v, want %v", role, home, got, want)
			}
		}
	}
	for _, scope := range crowsnest.Scopes() {
		mine := ForScopes([]crowsnest.Scope{scope}, true)
		for _, given := range Grantable(mine, true) {
			if more := ForScopes([]crowsnest.Scope{given}, true) &^ mine; more != 0 {
				t.Errorf("a token for %s may give %s, which permits %v more", scope, given, more.Names())
			}
		}
	}
}
