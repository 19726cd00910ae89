package crowsnest

import (
	"fmt"
	"slices"
	"strings"
)

// Role says what a person may do in an organisation. Roles are ordered: each may do
// what those before it may. The zero value is none.
type Role uint8

// The roles.
const (
	NoRole Role = iota
	Member      // reads, compares and uploads
	Editor      // also enables repositories and decides exceptions
	Owner       // also environments, integrations, people and tokens
)

var roleNames = [...]string{"none", "member", "editor", "owner"}

// String returns the lower-case name.
func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return fmt.Sprintf("role(%d)", uint8(r))
}

// ParseRole reads the name of a role; none is no role a person can have.
func ParseRole(word string) (Role, error) {
	if i := slices.Index(roleNames[:], strings.ToLower(strings.TrimSpace(word))); i > 0 {
		return Role(i), nil
	}
	return NoRole, &Error{Kind: Invalid, Op: "read role", Subject: word, Hint: "use member, editor or owner"}
}

// MarshalText writes the name.
func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the name.
func (r *Role) UnmarshalText(b []byte) (err error) {
	*r, err = ParseRole(string(b))
	return err
}

// Scope says what a token is for. Scopes are not ordered: a token has those it was
// given and no other.
type Scope string

// The scopes.
const (
	ScopeRead    Scope = "read"    // reads everything a member sees
	ScopeUpload  Scope = "upload"  // has images analysed and follows that
	ScopeWrite   Scope = "write"   // what an editor may do
	ScopeOwner   Scope = "owner"   // what an owner may do
	ScopeMetrics Scope = "metrics" // reads metrics
)

// Scopes lists all of them.
func Scopes() []Scope { return []Scope{ScopeRead, ScopeUpload, ScopeWrite, ScopeOwner, ScopeMetrics} }

// ParseScopes reads names separated by commas or spaces; the result is ordered as
// Scopes and names each once. No scope at all is an error.
func ParseScopes(words string) ([]Scope, error) {
	given := map[Scope]bool{}
	for word := range strings.FieldsFuncSeq(words, func(r rune) bool { return r == ',' || r == ' ' }) {
		s := Scope(strings.ToLower(word))
		if !slices.Contains(Scopes(), s) {
			return nil, &Error{Kind: Invalid, Op: "read scope", Subject: word, Hint: "use read, upload, write, owner or metrics"}
		}
		given[s] = true
	}
	if len(given) == 0 {
		return nil, &Error{Kind: Invalid, Op: "read scopes", Hint: "give at least one of read, upload, write, owner and metrics"}
	}
	return slices.DeleteFunc(Scopes(), func(s Scope) bool { return !given[s] }), nil
}
