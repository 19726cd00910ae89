package store

import (
	"context"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// Access is every role that says who may come in, and what they did.
type Access interface {
	People
	Tokens
	Trusts
	Sessions
	SignIns
	Links
	Audit
	Attempts
	Secrets
}

// PersonID identifies a person; one person may belong to several organisations.
type PersonID string

// Person is somebody who signs in. The hash of the password comes with Credentials alone.
type Person struct {
	ID          PersonID
	Email       string // lower case; unique in the installation
	Name        string
	Language    string // of the dashboard, as a language tag; empty is the browser's
	HasPassword bool
	External    bool // a provider of identities vouches for the person
	Created     time.Time
	Seen        time.Time // last signed in; zero for never
}

// Identity is somebody as a provider of identities knows that person.
type Identity struct {
	Provider, Subject string
	Email, Name       string // the address must be verified, and in lower case
}

// Credentials are what a password is checked against.
type Credentials struct {
	Person
	Password string // encoded hash; empty for a person without one
}

// Membership is a person's place in an organisation.
type Membership struct {
	Organisation Organisation
	Person       Person
	Role         crowsnest.Role
	Joined       time.Time
}

// PersonChange changes what is not nil.
type PersonChange struct {
	Name, Language *string
	Password       *string // encoded hash
}

// People keeps people and their membership of organisations.
type People interface {
	// Person returns a person by ID.
	Person(ctx context.Context, id PersonID) (Person, error)
	// CredentialsByEmail finds a person by e-mail address, in lower case.
	CredentialsByEmail(ctx context.Context, email string) (Credentials, error)
	// ChangePerson changes a person. A new password ends all of the person's sessions
	// but the one kept, which may be empty.
	ChangePerson(ctx context.Context, id PersonID, change PersonChange, keep string) error
	// SignedIn notes that a person came in to an organisation.
	SignedIn(ctx context.Context, org OrgID, person PersonID) error
	// EnterExternal returns the person whom a provider knows by subject, after it gave that
	// person the roles that follow from the provider's groups and no others: what followed
	// before and does not now is taken away. Roles granted here stay, and open invitations of
	// the address are accepted. All of it is recorded.
	//
	// Who is not known by subject is the person with that address, if the provider knows
	// nobody else who is; the password of that account and its sessions end then, since an
	// address is proved by nobody before. Else the person is new; one who would belong to no
	// organisation is not made, and Forbidden. An address whose person the provider knows by
	// another subject is a Conflict. The last owner of an organisation stays one, and that is
	// recorded.
	EnterExternal(ctx context.Context, id Identity, derived map[OrgID]crowsnest.Role) (Person, error)

	// ForgetIdentities unties a person from all identities, and ends the person's sessions.
	// The next identity with the person's address becomes that person's. One without any is
	// NotFound.
	ForgetIdentities(ctx context.Context, person PersonID) error

	// Members lists the people of an organisation by e-mail address.
	Members(ctx context.Context, org OrgID) ([]Membership, error)
	// Member returns one of them.
	Member(ctx context.Context, org OrgID, person PersonID) (Membership, error)
	// Memberships lists the organisations of a person by name.
	Memberships(ctx context.Context, person PersonID) ([]Membership, error)
	// Join makes a person a member with at least the role. It never lowers one.
	Join(ctx context.Context, org OrgID, person PersonID, role crowsnest.Role) error
	// SetRole changes a member's role. The last owner's is a Conflict, and so is one below
	// what follows from the groups of a provider.
	SetRole(ctx context.Context, org OrgID, person PersonID, role crowsnest.Role) error
	// RemoveMember ends a membership, and with it the person's sessions and personal
	// tokens there. The last owner's is a Conflict.
	RemoveMember(ctx context.Context, org OrgID, person PersonID) error
}

// Token is a bearer token's record; the token itself is never stored.
type Token struct {
	ID           string
	Organisation OrgID
	Person       PersonID // whose personal token it is; empty for one of the organisation
	Email        string   // of that person
	Role         crowsnest.Role
	Name         string
	Scopes       []crowsnest.Scope
	CreatedBy    string // name of who made it
	Created      time.Time
	Expires      time.Time // zero for never
	Used         time.Time // to the minute; zero for never
}

// Tokens keeps bearer tokens.
type Tokens interface {
	// CreateToken stores a token with the hash of its secret. Organisation, Person, Name,
	// Scopes and Expires are the caller's; a secret that was stored before is a Conflict.
	CreateToken(ctx context.Context, token Token, hash []byte) (Token, error)
	// Tokens lists the tokens that are not revoked, newest first, without those that a trust
	// gave and that have expired: those of the organisation
	// and of all of its members, or, with a person, the personal ones of that person.
	Tokens(ctx context.Context, org OrgID, person PersonID) ([]Token, error)
	// RevokeToken ends a token at once; with a person, only a personal one of that person.
	RevokeToken(ctx context.Context, org OrgID, person PersonID, id string) error
	// UseToken finds a token by the hash of what a caller presented, and notes its use at
	// most once a minute, and later if the database is busy. One that is revoked or expired, or whose person is no longer a
	// member, is not found. A personal token comes with the role its person has now.
	UseToken(ctx context.Context, hash []byte) (Token, error)
}

// Session is a browser's way in after signing in.
type Session struct {
	ID           string // for lists; says nothing about the secret
	Person       PersonID
	Organisation OrgID
	Address      string // where it began
	Agent        string // what the browser calls itself
	Provider     string // of identities, that vouched for the person; empty for a password or a link
	Created      time.Time
	Used         time.Time // to the minute
	Deadline     time.Time // absolute end
	Expires      time.Time // end unless it is used
}

// Sessions keeps sessions by a hash of their secret.
type Sessions interface {
	// Session returns one that has not expired.
	Session(ctx context.Context, hash string) (Session, error)
	// StartSession stores a new one and gives it its ID.
	StartSession(ctx context.Context, hash string, session Session) (Session, error)
	// TouchSession notes a use and moves the expiry, at most once a minute, and later if the
	// database is busy. It never brings back one that was ended.
	TouchSession(ctx context.Context, hash string, expires time.Time) error
	// EndSession ends one by its hash; one that is not there is no error.
	EndSession(ctx context.Context, hash string) error
	// PersonSessions lists a person's sessions, the last used first.
	PersonSessions(ctx context.Context, person PersonID) ([]Session, error)
	// EndPersonSession ends one of a person's sessions by its ID.
	EndPersonSession(ctx context.Context, person PersonID, id string) error
}

// SignIns keeps what was begun at a provider of identities until the browser comes back,
// for whichever replica it comes to.
type SignIns interface {
	// BeginSignIn remembers one by a hash of the browser's secret, and where to go after it.
	BeginSignIn(ctx context.Context, hash []byte, next string, life time.Duration) error
	// TakeSignIn returns where to go and forgets the sign-in: of several that ask one is
	// answered, and the others find nothing.
	TakeSignIn(ctx context.Context, hash []byte) (next string, err error)
}

// LinkKind says what a one-time link does.
type LinkKind string

// The kinds of links.
const (
	FirstOwnerLink LinkKind = "first-owner"    // makes the first person of the installation
	InvitationLink LinkKind = "invitation"     // makes a member
	ResetLink      LinkKind = "password-reset" // sets a new password
	SignInLink     LinkKind = "sign-in"        // signs in
)

// Link is the record of a one-time link; its secret is never stored.
type Link struct {
	ID           string
	Kind         LinkKind
	Organisation Organisation
	Person       PersonID // whom it is for, with ResetLink and SignInLink
	Email        string   // whom it is for; empty where the person says
	Role         crowsnest.Role
	CreatedBy    string
	Created      time.Time
	Expires      time.Time
	Known        bool // somebody with this e-mail address is known already
}

// Redemption is what the holder of a link says.
type Redemption struct {
	Email    string   // used only where the link names none
	Name     string   // of a person who is new
	Password string   // encoded hash, of a person who is new or resets theirs
	Person   PersonID // who proved to be the person known by the address, with InvitationLink
}

// Links keeps one-time links.
type Links interface {
	// CreateLink stores a link with the hash of its secret. Kind, Organisation.ID, Person,
	// Email, Role and Expires are the caller's. Other open invitations of that address end.
	CreateLink(ctx context.Context, link Link, hash []byte) (Link, error)
	// Invitations lists the open invitations of an organisation, newest first.
	Invitations(ctx context.Context, org OrgID) ([]Link, error)
	// RevokeInvitation ends one.
	RevokeInvitation(ctx context.Context, org OrgID, id string) error
	// LinkByHash returns a link that can be redeemed now.
	LinkByHash(ctx context.Context, hash []byte) (Link, error)
	// RedeemLink does what the link is for and uses it up, in one transaction: of several
	// that try at once one succeeds. A person who is known and did not prove to be that
	// person is a Conflict.
	RedeemLink(ctx context.Context, hash []byte, r Redemption) (Link, PersonID, error)
	// HasPeople reports whether anybody was ever made a person here.
	HasPeople(ctx context.Context) (bool, error)
}

// Actor is who does something.
type Actor struct {
	Kind    ActorKind
	ID      string // of the person or token
	Name    string // e-mail address, or the token's name
	Address string // network address of the caller
}

// ActorKind is a sort of actor.
type ActorKind string

// The kinds of actors.
const (
	ActorSystem  ActorKind = "system"  // the server by itself
	ActorPerson  ActorKind = "person"  // in a session or with a personal token
	ActorToken   ActorKind = "token"   // an organisation's token
	ActorMachine ActorKind = "machine" // crowsnest admin, at the server
)

type actorKey struct{}

// WithActor says who is behind the calls made with the context. What they change is
// recorded under that name.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf returns who is behind a call: the server itself unless WithActor said otherwise.
func ActorOf(ctx context.Context) Actor {
	if a, ok := ctx.Value(actorKey{}).(Actor); ok {
		return a
	}
	return Actor{Kind: ActorSystem, Name: "crowsnest"}
}

// AuditEntry records one change.
type AuditEntry struct {
	ID      int64
	Time    time.Time
	Actor   Actor
	Action  string            // "token.create"
	Subject string            // what was changed, by the name people know
	Detail  map[string]string // what else is to be known; never a secret
}

// AuditFilter narrows the audit log.
type AuditFilter struct {
	Actor       string // the name of the actor, exactly
	Action      string // exactly, or with a dot at its end all that begin with it
	From, Until time.Time
}

// Audit keeps who did what. Entries are only ever added. A change that the store makes
// is recorded in its own transaction, under the actor of the context.
type Audit interface {
	// RecordAudit adds an entry for what is not one change of the store.
	RecordAudit(ctx context.Context, org OrgID, action, subject string, detail map[string]string) error
	// AuditLog lists entries, newest first.
	AuditLog(ctx context.Context, org OrgID, filter AuditFilter, page Page) (List[AuditEntry], error)
}

// AttemptLimit bounds attempts under one key.
type AttemptLimit struct {
	Key    string        // hash of what is counted; never a plain address or name
	Free   int           // attempts without delay
	Delay  time.Duration // after the first one beyond; doubles with each further one
	Most   time.Duration // the delay at most
	Forget time.Duration // after the last attempt everything is forgotten
}

// Attempts counts attempts to sign in, for all replicas together.
type Attempts interface {
	// Attempt counts one attempt under each limit, before it is known whether it succeeds:
	// so that many at once cannot all pass. If one of them demands a delay nothing is
	// counted, and it returns how long to wait.
	Attempt(ctx context.Context, limits ...AttemptLimit) (wait time.Duration, err error)
	// TakeBackAttempt counts one attempt less under the keys, and ends their delay: it
	// succeeded.
	TakeBackAttempt(ctx context.Context, keys ...string) error
	// ForgetAttempts forgets what was counted under the keys.
	ForgetAttempts(ctx context.Context, keys ...string) error
	// Trust remembers a key for a time; Trusted reports whether it is remembered.
	Trust(ctx context.Context, key string, d time.Duration) error
	Trusted(ctx context.Context, key string) (bool, error)
	// ForgetExpired removes sessions, links, shares and attempts that count no more.
	ForgetExpired(ctx context.Context) error
}

// SealedSecret is a stored secret in its sealed form.
type SealedSecret struct {
	Kind   string // the table it is in
	ID     string
	Sealed []byte
}

// Secrets goes over all sealed secrets of the installation, so that they can be sealed anew.
type Secrets interface {
	// SealedSecrets lists them all.
	SealedSecrets(ctx context.Context) ([]SealedSecret, error)
	// Reseal puts another sealed form in the place of the one given, and reports whether
	// that was still there.
	Reseal(ctx context.Context, secret SealedSecret, sealed []byte) (bool, error)
}
