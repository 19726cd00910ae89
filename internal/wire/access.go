package wire

import (
	"strconv"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// SignIn is what a person signs in with.
type SignIn struct {
	Email    string `json:"email" minLength:"1" maxLength:"254"`
	Password string `json:"password" minLength:"1" maxLength:"1024"`
}

// SignInWays says in which ways people sign in.
type SignInWays struct {
	Password bool            `json:"password" doc:"With e-mail address and password"`
	Provider *SignInProvider `json:"provider,omitempty" doc:"A provider of identities; absent where there is none"`
}

// SignInProvider is a provider of identities.
type SignInProvider struct {
	Name      string `json:"name" doc:"What people call it"`
	Path      string `json:"path" doc:"Where a browser begins, below the server's own path; next=PATH says where it goes afterwards"`
	Available bool   `json:"available" doc:"It answered within the last minute"`
}

// SignedOut says what is left to do after signing out.
type SignedOut struct {
	ProviderURL string `json:"providerUrl,omitempty" doc:"Where the browser signs out of the provider of identities as well; absent where it need not or cannot"`
}

// Session says who the caller is and what the caller may do.
type Session struct {
	Person        *Account       `json:"person,omitempty" doc:"Absent for a token of the organisation"`
	Token         *SessionToken  `json:"token,omitempty" doc:"Absent in a browser's session"`
	Organisation  Organisation   `json:"organisation" doc:"What the caller's requests are about"`
	Role          crowsnest.Role `json:"role,omitempty" enum:"member,editor,owner" doc:"Absent for a token of the organisation"`
	Permissions   []string       `json:"permissions" doc:"What the caller may do; each operation names the one it needs as x-permission"`
	Organisations []Organisation `json:"organisations" doc:"Those the person can switch to"`
}

// Account is a person's own account.
type Account struct {
	ID          string `json:"id"`
	Email       string `json:"email"`
	Name        string `json:"name"`
	Language    string `json:"language" doc:"Of the dashboard, as a language tag; empty is the browser's"`
	HasPassword bool   `json:"hasPassword"`
}

// NewAccount converts a person.
func NewAccount(p store.Person) Account {
	return Account{ID: string(p.ID), Email: p.Email, Name: p.Name, Language: p.Language, HasPassword: p.HasPassword}
}

// AccountChange changes what is present.
type AccountChange struct {
	Name     *string         `json:"name,omitempty" minLength:"1" maxLength:"128"`
	Language *string         `json:"language,omitempty" maxLength:"35" pattern:"^([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?$"`
	Password *PasswordChange `json:"password,omitempty" doc:"Ends all other sessions"`
}

// PasswordChange is a new password and the one before.
type PasswordChange struct {
	Current string `json:"current,omitempty" maxLength:"1024" doc:"Needed by those who have one"`
	New     string `json:"new" minLength:"1" maxLength:"1024" doc:"12 to 256 characters"`
}

// AccountSession is one of a person's sessions.
type AccountSession struct {
	ID       string    `json:"id"`
	Current  bool      `json:"current" doc:"This request came in it"`
	Address  string    `json:"address" doc:"Where it began"`
	Agent    string    `json:"agent" doc:"What the browser calls itself"`
	Created  time.Time `json:"created"`
	LastUsed time.Time `json:"lastUsed" doc:"To the minute"`
	Expires  time.Time `json:"expires" doc:"Unless it is used before"`
}

// NewAccountSession converts a session; current is the ID of the caller's.
func NewAccountSession(s store.Session, current string) AccountSession {
	return AccountSession{ID: s.ID, Current: s.ID == current, Address: s.Address, Agent: s.Agent, Created: s.Created, LastUsed: s.Used, Expires: s.Expires}
}

// SessionToken is the token a caller came with.
type SessionToken struct {
	Name    string            `json:"name"`
	Scopes  []crowsnest.Scope `json:"scopes"`
	Expires time.Time         `json:"expires,omitzero"`
}

// Organisation is an organisation and the caller's place in it.
type Organisation struct {
	ID   string         `json:"id"`
	Name string         `json:"name"`
	Home bool           `json:"home" doc:"The installation's first; its owners look after what all organisations share"`
	Role crowsnest.Role `json:"role,omitempty" enum:"member,editor,owner" doc:"Absent for a token of the organisation"`
}

// OrganisationRequest names an organisation.
type OrganisationRequest struct {
	Name string `json:"name" minLength:"1" maxLength:"64" pattern:"^[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]*$" doc:"Unique in the installation"`
}

// OrganisationChoice chooses the organisation of a session.
type OrganisationChoice struct {
	ID string `json:"id" minLength:"1" maxLength:"64"`
}

// Person is a member of an organisation.
type Person struct {
	ID       string         `json:"id"`
	Email    string         `json:"email"`
	Name     string         `json:"name"`
	Role     crowsnest.Role `json:"role" enum:"member,editor,owner"`
	You      bool           `json:"you" doc:"The caller"`
	Joined   time.Time      `json:"joined"`
	LastSeen time.Time      `json:"lastSeen,omitzero" doc:"Last signed in, to any organisation"`
}

// NewPerson converts a membership; caller is who asks.
func NewPerson(m store.Membership, caller store.PersonID) Person {
	return Person{ID: string(m.Person.ID), Email: m.Person.Email, Name: m.Person.Name, Role: m.Role, You: m.Person.ID == caller, Joined: m.Joined, LastSeen: m.Person.Seen}
}

// PersonChange changes a member.
type PersonChange struct {
	Role crowsnest.Role `json:"role" enum:"member,editor,owner"`
}

// Invitation is an open invitation.
type Invitation struct {
	ID        string         `json:"id"`
	Email     string         `json:"email" doc:"Empty where whoever has the link may say"`
	Role      crowsnest.Role `json:"role" enum:"member,editor,owner"`
	CreatedBy string         `json:"createdBy"`
	Created   time.Time      `json:"created"`
	Expires   time.Time      `json:"expires"`
	URL       string         `json:"url,omitempty" doc:"The one-time link; only in the answer that makes it"`
}

// NewInvitation converts a link.
func NewInvitation(l store.Link) Invitation {
	return Invitation{ID: l.ID, Email: l.Email, Role: l.Role, CreatedBy: l.CreatedBy, Created: l.Created, Expires: l.Expires}
}

// InvitationRequest invites somebody.
type InvitationRequest struct {
	Email string         `json:"email" minLength:"3" maxLength:"254"`
	Role  crowsnest.Role `json:"role" enum:"member,editor,owner"`
}

// OneTimeLink is a link just made.
type OneTimeLink struct {
	URL     string    `json:"url" doc:"Shown only now"`
	Email   string    `json:"email"`
	Expires time.Time `json:"expires"`
}

// LinkSecret is the part of a one-time link after the #.
type LinkSecret struct {
	Secret string `json:"secret" minLength:"1" maxLength:"128"`
}

// Link says what a one-time link does and what it asks for.
type Link struct {
	Kind         string         `json:"kind" enum:"first-owner,invitation,password-reset,sign-in"`
	Organisation string         `json:"organisation"`
	Email        string         `json:"email" doc:"Whom it is for; empty where the person says"`
	Role         crowsnest.Role `json:"role,omitempty" enum:"member,editor,owner" doc:"What the person becomes"`
	Expires      time.Time      `json:"expires"`
	Known        bool           `json:"known" doc:"Somebody with this address is known: the password asked for is that account's"`
	Needs        []string       `json:"needs" enum:"email,name,password" doc:"What is to be sent with it. Who is signed in with the address needs nothing"`
}

// NewLink converts a link.
func NewLink(l store.Link) Link {
	out := Link{Kind: string(l.Kind), Organisation: l.Organisation.Name, Email: l.Email, Role: l.Role, Expires: l.Expires, Known: l.Known, Needs: []string{}}
	switch l.Kind {
	case store.FirstOwnerLink, store.InvitationLink:
		if l.Email == "" {
			out.Needs = append(out.Needs, "email")
		}
		if !l.Known {
			out.Needs = append(out.Needs, "name")
		}
		out.Needs = append(out.Needs, "password")
	case store.ResetLink:
		out.Needs = append(out.Needs, "password")
	}
	return out
}

// LinkRedemption is the answer to a link.
type LinkRedemption struct {
	LinkSecret
	Email    string `json:"email,omitempty" maxLength:"254"`
	Name     string `json:"name,omitempty" maxLength:"128"`
	Password string `json:"password,omitempty" maxLength:"1024" doc:"12 to 256 characters if it is a new one"`
}

// Token is a bearer token without its secret.
type Token struct {
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	Kind      string            `json:"kind" enum:"personal,organisation"`
	Email     string            `json:"email,omitempty" doc:"Whose personal token it is"`
	Scopes    []crowsnest.Scope `json:"scopes" enum:"read,upload,write,owner,metrics"`
	CreatedBy string            `json:"createdBy"`
	Created   time.Time         `json:"created"`
	Expires   time.Time         `json:"expires,omitzero" doc:"Absent for never"`
	LastUsed  time.Time         `json:"lastUsed,omitzero" doc:"To the minute; absent for never"`
	Secret    string            `json:"secret,omitempty" doc:"The token; only in the answer that makes it"`
}

// NewToken converts a token.
func NewToken(t store.Token) Token {
	out := Token{ID: t.ID, Name: t.Name, Kind: "organisation", Email: t.Email, Scopes: List(t.Scopes), CreatedBy: t.CreatedBy, Created: t.Created, Expires: t.Expires, LastUsed: t.Used}
	if t.Person != "" {
		out.Kind = "personal"
	}
	return out
}

// TokenRequest asks for a token.
type TokenRequest struct {
	Name    string            `json:"name" minLength:"1" maxLength:"128" doc:"What it is for"`
	Kind    string            `json:"kind" enum:"personal,organisation" doc:"A personal one ends with its person's membership"`
	Scopes  []crowsnest.Scope `json:"scopes" minItems:"1" maxItems:"5" enum:"read,upload,write,owner,metrics"`
	Expires time.Time         `json:"expires,omitzero" doc:"Absent for never"`
}

// AuditEntry records one change.
type AuditEntry struct {
	ID      string            `json:"id"`
	Time    time.Time         `json:"time"`
	Actor   AuditActor        `json:"actor"`
	Action  string            `json:"action" doc:"Such as token.create"`
	Subject string            `json:"subject" doc:"What was changed, by the name people know"`
	Detail  map[string]string `json:"detail"`
}

// AuditActor is who made a change.
type AuditActor struct {
	Kind    string `json:"kind" enum:"person,token,machine,system"`
	ID      string `json:"id,omitempty"`
	Name    string `json:"name"`
	Address string `json:"address,omitempty"`
}

// NewAuditEntry converts an entry.
func NewAuditEntry(e store.AuditEntry) AuditEntry {
	return AuditEntry{
		ID: strconv.FormatInt(e.ID, 10), Time: e.Time, Action: e.Action, Subject: e.Subject, Detail: e.Detail,
		Actor: AuditActor{Kind: string(e.Actor.Kind), ID: e.Actor.ID, Name: e.Actor.Name, Address: e.Actor.Address},
	}
}
