package auth

import (
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// Permission is something a caller may do. The table below says who may.
type Permission uint8

// The permissions.
const (
	Public       Permission = iota // needs no credentials
	Greet                          // ask who answers and who one is
	Read                           // see what the organisation knows
	Upload                         // have images analysed, follow that
	Write                          // enable repositories, decide exceptions
	Approve                        // what others decided, and who is trusted to
	Connect                        // environments and integrations
	ManagePeople                   // people, their roles, invitations
	ManageTokens                   // tokens of the organisation, and of others
	OwnTokens                      // one's own personal tokens
	Account                        // one's own name, password and sessions
	ReadAudit                      // read and export the audit log
	Administer                     // the organisation itself
	Operate                        // what all organisations share: advisories, organisations
	Metrics                        // read metrics
	permissions                    // how many there are
)

// Rule says who has a permission: a person with at least the role, in a session; a
// token with one of the scopes, if it is personal and its person has the role as well.
type Rule struct {
	Permission Permission
	Name       string
	Role       crowsnest.Role
	Scopes     []crowsnest.Scope
	// Home is for owners of the installation's first organisation alone, since it
	// touches what all organisations share.
	Home bool
}

const (
	read   = crowsnest.ScopeRead
	upload = crowsnest.ScopeUpload
	write  = crowsnest.ScopeWrite
	owner  = crowsnest.ScopeOwner
	metric = crowsnest.ScopeMetrics
)

// rules is the one place that says who may do what.
var rules = [...]Rule{
	{Permission: Public, Name: "public"},
	{Greet, "greet", crowsnest.Member, []crowsnest.Scope{read, upload, write, owner, metric}, false},
	{Read, "read", crowsnest.Member, []crowsnest.Scope{read, write, owner}, false},
	{Upload, "upload", crowsnest.Member, []crowsnest.Scope{upload, write, owner}, false},
	{Write, "write", crowsnest.Editor, []crowsnest.Scope{write, owner}, false},
	{Approve, "approve", crowsnest.Owner, []crowsnest.Scope{owner}, false},
	{Connect, "connect", crowsnest.Owner, []crowsnest.Scope{owner}, false},
	{ManagePeople, "manage-people", crowsnest.Owner, []crowsnest.Scope{owner}, false},
	{ManageTokens, "manage-tokens", crowsnest.Owner, []crowsnest.Scope{owner}, false},
	// A token that leaked must not make others: only one for owners can.
	{OwnTokens, "own-tokens", crowsnest.Member, []crowsnest.Scope{owner}, false},
	// A token must not become a password.
	{Account, "account", crowsnest.Member, nil, false},
	{ReadAudit, "read-audit", crowsnest.Owner, []crowsnest.Scope{owner}, false},
	{Administer, "administer", crowsnest.Owner, []crowsnest.Scope{owner}, false},
	{Operate, "operate", crowsnest.Owner, []crowsnest.Scope{owner}, true},
	{Metrics, "metrics", crowsnest.Owner, []crowsnest.Scope{metric, owner}, false},
}

// Rules lists who may do what, in the order of the permissions.
func Rules() []Rule { return rules[:] }

// Rule returns the rule of a permission.
func (p Permission) Rule() Rule { return rules[p] }

// String returns the name.
func (p Permission) String() string { return rules[p].Name }

// Permissions is a set of them.
type Permissions uint32

// Has reports whether the set holds a permission. Public is in every set.
func (s Permissions) Has(p Permission) bool { return p == Public || s&(1<<p) != 0 }

// Names lists the names in order, without Public.
func (s Permissions) Names() []string {
	names := []string{}
	for p := Greet; p < permissions; p++ {
		if s.Has(p) {
			names = append(names, p.String())
		}
	}
	return names
}

// ForRole returns what a role permits in a session. home says that the organisation is
// the installation's first.
func ForRole(role crowsnest.Role, home bool) (s Permissions) {
	for _, r := range rules[Greet:] {
		if role >= r.Role && (home || !r.Home) {
			s |= 1 << r.Permission
		}
	}
	return s
}

// ForScopes returns what the scopes of an organisation's token permit.
func ForScopes(scopes []crowsnest.Scope, home bool) (s Permissions) {
	for _, r := range rules[Greet:] {
		if slices.ContainsFunc(scopes, func(v crowsnest.Scope) bool { return slices.Contains(r.Scopes, v) }) && (home || !r.Home) {
			s |= 1 << r.Permission
		}
	}
	return s
}

// Grantable returns the scopes that somebody with these permissions may give to a token:
// those that permit nothing more.
func Grantable(s Permissions, home bool) []crowsnest.Scope {
	return slices.DeleteFunc(crowsnest.Scopes(), func(v crowsnest.Scope) bool {
		return ForScopes([]crowsnest.Scope{v}, home)&^s != 0
	})
}

// Need says what a permission asks for, for somebody who lacks it. token says that the
// caller came with a token.
func (p Permission) Need(token bool) string {
	r := p.Rule()
	words := make([]string, len(r.Scopes))
	for i, s := range r.Scopes {
		words[i] = string(s)
	}
	var need string
	switch {
	case !token:
		need = "this needs the role " + r.Role.String()
	case len(words) == 0:
		return "this cannot be done with a token; sign in to the dashboard"
	default:
		need = "this needs a token with the scope " + strings.Join(words, " or ") + ", and of a person the role " + r.Role.String()
	}
	if r.Home {
		need += " in the first organisation of the installation, since all organisations share it"
	}
	return need
}
