package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"net/netip"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Door lets people in.
type Door struct {
	Store store.Store
	Log   *slog.Logger
	// NoPasswords lets nobody in with a password: a provider of identities does. Links made
	// at the server still open the door.
	NoPasswords bool
}

// How long links last.
const (
	FirstOwnerLife = 24 * time.Hour
	InvitationLife = 7 * 24 * time.Hour
	ResetLife      = time.Hour
	SignInLife     = time.Hour
)

// trustLife is how long an address counts as known to an account it signed in to.
const trustLife = 90 * 24 * time.Hour

// Limits of attempts. One address may try many accounts, a few times freely. One account
// may be tried from one address a few times before delays grow. Over all addresses an
// account is slowed down too, but only for addresses it never signed in from: a stranger
// who keeps trying must not lock its owner out.
var (
	perAddress = store.AttemptLimit{Free: 30, Delay: time.Second, Most: 15 * time.Minute, Forget: time.Hour}
	perPair    = store.AttemptLimit{Free: 5, Delay: time.Second, Most: 15 * time.Minute, Forget: time.Hour}
	perAccount = store.AttemptLimit{Free: 20, Delay: time.Second, Most: time.Minute, Forget: time.Hour}
)

// under returns a limit for what its parts name.
func under(l store.AttemptLimit, parts ...string) store.AttemptLimit {
	l.Key = attemptKey(parts...)
	return l
}

// attemptKey hashes what is counted: people type passwords into the wrong field.
func attemptKey(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// network is what counts as one caller: an IPv6 customer has a whole /64.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	a = a.Unmap()
	if a.Is6() {
		p, err := a.Prefix(64)
		if err != nil {
			return address
		}
		return p.String()
	}
	return a.String()
}

// Email returns an e-mail address in the form it is kept in.
func Email(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 || !strings.Contains(s, "@") {
		return "", &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read e-mail address", Hint: "write it as somebody@example.com"}
	}
	return s, nil
}

// refused is what anybody learns of an attempt that failed.
func refused() error {
	return &crowsnest.Error{Kind: crowsnest.Unauthorized, Op: "sign in", Hint: "check e-mail address and password", Err: errors.New("they do not belong together")}
}

// TooManyError refuses an attempt because of those before.
type TooManyError struct {
	Op   string // what was tried
	Wait time.Duration
}

// Error implements error.
func (e *TooManyError) Error() string {
	return fmt.Sprintf("%s: too many attempts (try again in %s)", e.Op, e.Wait.Round(time.Second)+time.Second)
}

// Unwrap gives the kind to crowsnest.KindOf.
func (e *TooManyError) Unwrap() error {
	return &crowsnest.Error{Kind: crowsnest.RateLimited, Op: e.Op}
}

// attempt counts an attempt on an account from an address and refuses it if there were too many.
func (d *Door) attempt(ctx context.Context, account, address string) error {
	from := network(address)
	limits := []store.AttemptLimit{under(perAddress, "address", from), under(perPair, "pair", account, from)}
	known, err := d.Store.Trusted(ctx, attemptKey("trust", account, from))
	if err != nil {
		return err
	}
	if !known {
		limits = append(limits, under(perAccount, "account", account))
	}
	wait, err := d.Store.Attempt(ctx, limits...)
	if err != nil {
		return err
	}
	if wait > 0 {
		d.Log.Warn("too many attempts to sign in", "address", address, "wait", wait)
		return &TooManyError{"sign in", wait}
	}
	return nil
}

// succeeded forgets what was counted, and remembers the address. What the address tried
// in vain on other accounts, and others on this one, stays counted; this attempt does
// not, since a whole company may come from one address.
func (d *Door) succeeded(ctx context.Context, account, address string) error {
	from := network(address)
	if err := d.Store.TakeBackAttempt(ctx, attemptKey("address", from), attemptKey("account", account)); err != nil {
		return err
	}
	if err := d.Store.ForgetAttempts(ctx, attemptKey("pair", account, from)); err != nil {
		return err
	}
	return d.Store.Trust(ctx, attemptKey("trust", account, from), trustLife)
}

// SignIn checks an e-mail address and a password, and returns the membership to begin
// with. Whether the address or the password is wrong cannot be told from the answer, nor
// from its time.
func (d *Door) SignIn(ctx context.Context, email, password string) (store.Membership, error) {
	if d.NoPasswords {
		return store.Membership{}, noPasswords()
	}
	person, err := d.Authenticate(ctx, email, password)
	if err != nil {
		return store.Membership{}, err
	}
	return d.enter(ctx, person.ID, "")
}

// Authenticate checks an e-mail address and a password. The address that attempts are
// counted under is that of the context's actor.
func (d *Door) Authenticate(ctx context.Context, email, password string) (store.Person, error) {
	account := strings.ToLower(strings.TrimSpace(email))
	address := store.ActorOf(ctx).Address
	if err := d.attempt(ctx, account, address); err != nil {
		return store.Person{}, err
	}
	c, err := d.Store.CredentialsByEmail(ctx, account)
	if err != nil && crowsnest.KindOf(err) != crowsnest.NotFound {
		return store.Person{}, err
	}
	ok, err := VerifyPassword(ctx, password, c.Password)
	if err != nil {
		return store.Person{}, err
	}
	if !ok {
		d.Log.Warn("sign-in refused", "address", address, "known", c.ID != "")
		if err := d.recordRefusal(ctx, c.Person); err != nil {
			return store.Person{}, err
		}
		return store.Person{}, refused()
	}
	return c.Person, d.succeeded(ctx, account, address)
}

// noPasswords refuses what a password is needed for.
func noPasswords() error {
	return &crowsnest.Error{Kind: crowsnest.Forbidden, Op: "sign in", Hint: "sign in with the identity provider; an invitation to your address counts there", Err: errors.New("passwords are switched off here")}
}

// recordRefusal notes in the organisations of a person that somebody gave a wrong
// password. The limits bound how many of these entries a stranger can cause.
func (d *Door) recordRefusal(ctx context.Context, p store.Person) error {
	if p.ID == "" {
		return nil
	}
	places, err := d.Store.Memberships(ctx, p.ID)
	if err != nil {
		return err
	}
	ctx = store.WithActor(ctx, store.Actor{Kind: store.ActorPerson, Name: "unknown", Address: store.ActorOf(ctx).Address})
	for _, m := range places {
		if err := d.Store.RecordAudit(ctx, m.Organisation.ID, "session.refuse", p.Email, nil); err != nil {
			return err
		}
	}
	return nil
}

// enter chooses the organisation to begin with: the one asked for, or the first by name.
func (d *Door) enter(ctx context.Context, person store.PersonID, org store.OrgID) (store.Membership, error) {
	places, err := d.Store.Memberships(ctx, person)
	if err != nil {
		return store.Membership{}, err
	}
	for _, m := range places {
		if org == "" || m.Organisation.ID == org {
			ctx = store.WithActor(ctx, store.Actor{Kind: store.ActorPerson, ID: string(person), Name: m.Person.Email, Address: store.ActorOf(ctx).Address})
			return m, d.Store.SignedIn(ctx, m.Organisation.ID, person)
		}
	}
	return store.Membership{}, &crowsnest.Error{Kind: crowsnest.Forbidden, Op: "sign in", Hint: "ask an owner for an invitation", Err: errors.New("you belong to no organisation here")}
}

// MakeLink stores a link and returns its secret, which is shown once.
func (d *Door) MakeLink(ctx context.Context, link store.Link, life time.Duration) (secret string, made store.Link, err error) {
	if d.NoPasswords && link.Kind == store.ResetLink {
		return "", store.Link{}, &crowsnest.Error{Kind: crowsnest.Conflict, Op: "make link", Hint: "passwords are switched off here; crowsnest admin at the server can make one"}
	}
	secret, hash := NewLink()
	link.Expires = time.Now().Add(life)
	made, err = d.Store.CreateLink(ctx, link, hash)
	return secret, made, err
}

// FirstLink makes the link for the first owner, or returns "" where there are people already.
func (d *Door) FirstLink(ctx context.Context, org store.Organisation) (string, error) {
	if has, err := d.Store.HasPeople(ctx); err != nil || has {
		return "", err
	}
	secret, _, err := d.MakeLink(ctx, store.Link{Kind: store.FirstOwnerLink, Organisation: org, Role: crowsnest.Owner}, FirstOwnerLife)
	return secret, err
}

// Inspect returns a link that can be redeemed.
func (d *Door) Inspect(ctx context.Context, secret string) (store.Link, error) {
	link, err := d.Store.LinkByHash(ctx, HashToken(secret))
	return link, linkError(err)
}

// linkError says what a link that is not found may mean.
func linkError(err error) error {
	if err != nil && crowsnest.KindOf(err) == crowsnest.NotFound {
		return &crowsnest.Error{Kind: crowsnest.NotFound, Op: "open link", Hint: "ask for a new one", Err: errors.New("it was used, has expired or was withdrawn")}
	}
	return err
}

// Answer is what the holder of a link says.
type Answer struct {
	Email, Name, Password string
	Person                store.PersonID // who is signed in already, if anybody
}

// Redeem does what a link is for and returns the membership to begin with. A link to
// somebody who is known here needs the password of that account, or that person's session.
func (d *Door) Redeem(ctx context.Context, secret string, a Answer) (store.Membership, error) {
	link, err := d.Inspect(ctx, secret)
	if err != nil {
		return store.Membership{}, err
	}
	r := store.Redemption{Name: a.Name}
	switch link.Kind {
	case store.FirstOwnerLink, store.InvitationLink:
		if err := d.identify(ctx, link, a, &r); err != nil {
			return store.Membership{}, err
		}
	case store.ResetLink:
		if r.Password, err = newPassword(ctx, a.Password, link.Email); err != nil {
			return store.Membership{}, err
		}
	}
	link, person, err := d.Store.RedeemLink(ctx, HashToken(secret), r)
	if err != nil {
		return store.Membership{}, linkError(err)
	}
	return d.enter(ctx, person, link.Organisation.ID)
}

// identify finds out who redeems an invitation.
func (d *Door) identify(ctx context.Context, link store.Link, a Answer, r *store.Redemption) error {
	if a.Person != "" {
		p, err := d.Store.Person(ctx, a.Person)
		if err != nil {
			return err
		}
		if link.Email == "" || link.Email == p.Email {
			r.Email, r.Person = p.Email, p.ID
			return nil
		}
	}
	r.Email = link.Email
	if r.Email == "" {
		var err error
		if r.Email, err = Email(a.Email); err != nil {
			return err
		}
	}
	if d.NoPasswords && link.Email != "" {
		return noPasswords() // one without an address was made at the server
	}
	_, err := d.Store.CredentialsByEmail(ctx, r.Email)
	switch {
	case err == nil:
		p, err := d.Authenticate(ctx, r.Email, a.Password)
		r.Person = p.ID
		return err
	case crowsnest.KindOf(err) != crowsnest.NotFound:
		return err
	}
	r.Password, err = newPassword(ctx, a.Password, r.Email)
	return err
}

func newPassword(ctx context.Context, password, email string) (string, error) {
	if err := CheckPassword(password, email); err != nil {
		return "", err
	}
	return HashPassword(ctx, password)
}

// ChangePassword sets a new password for somebody who knows the one before, and ends all
// of the person's sessions but the one kept. Attempts count as those of signing in do.
func (d *Door) ChangePassword(ctx context.Context, person store.Person, before, password, keep string) error {
	switch {
	case d.NoPasswords:
		return noPasswords()
	case person.External && !person.HasPassword:
		// Whoever is no longer known to the provider must find no other way in.
		return &crowsnest.Error{Kind: crowsnest.Conflict, Op: "set password", Subject: person.Email, Hint: "the identity provider vouches for you; sign in there"}
	case person.HasPassword:
		if _, err := d.Authenticate(ctx, person.Email, before); err != nil {
			return err
		}
	}
	hash, err := newPassword(ctx, password, person.Email)
	if err != nil {
		return err
	}
	return d.Store.ChangePerson(ctx, person.ID, store.PersonChange{Password: &hash}, keep)
}
