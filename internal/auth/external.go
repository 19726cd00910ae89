package auth

import (
	"context"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// External is somebody whom a provider of identities vouches for. What is in it must have
// been verified, the e-mail address too; the protocol is the caller's business.
type External struct {
	Provider, Subject string
	Email, Name       string
	Groups            []string
}

// Grant makes people of a provider's group members of an organisation; an empty group is
// that of everybody.
type Grant struct {
	Group        string
	Organisation store.OrgID
	Role         crowsnest.Role
}

// ExternalLife is how long somebody may take to sign in at a provider.
const ExternalLife = 10 * time.Minute

// perBegin bounds what one address begins at a provider and does not finish: each is a
// row until it expires. A whole company may come from one address.
var perBegin = store.AttemptLimit{Free: 60, Delay: time.Second, Most: 5 * time.Minute, Forget: time.Hour}

// BeginExternal remembers a sign-in at a provider under a secret of the browser, and where
// it leads. The address it is counted under is that of the context's actor.
func (d *Door) BeginExternal(ctx context.Context, secret, next string) error {
	from := network(store.ActorOf(ctx).Address)
	wait, err := d.Store.Attempt(ctx, under(perBegin, "begin", from))
	if err != nil {
		return err
	}
	if wait > 0 {
		d.Log.Warn("too many attempts to sign in", "address", from, "wait", wait)
		return &TooManyError{"sign in", wait}
	}
	return d.Store.BeginSignIn(ctx, HashToken(secret), next, ExternalLife)
}

// TakeExternal returns where a sign-in leads that was begun under the secret. It works
// once; a sign-in that was taken, has expired or was never begun is NotFound.
func (d *Door) TakeExternal(ctx context.Context, secret string) (next string, err error) {
	return d.Store.TakeSignIn(ctx, HashToken(secret))
}

// SignInExternal lets in a person whom a provider vouches for. What the person may do
// follows from the grants of the groups, from open invitations of the address, and from
// what was granted before.
func (d *Door) SignInExternal(ctx context.Context, e External, grants []Grant) (store.Membership, error) {
	email, err := Email(e.Email)
	if err != nil {
		return store.Membership{}, err
	}
	derived := map[store.OrgID]crowsnest.Role{}
	for _, g := range grants {
		if g.Group == "" || slices.Contains(e.Groups, g.Group) {
			derived[g.Organisation] = max(derived[g.Organisation], g.Role)
		}
	}
	person, err := d.Store.EnterExternal(ctx, store.Identity{Provider: e.Provider, Subject: e.Subject, Email: email, Name: e.Name}, derived)
	if err != nil {
		return store.Membership{}, err
	}
	if err := d.Store.TakeBackAttempt(ctx, attemptKey("begin", network(store.ActorOf(ctx).Address))); err != nil {
		return store.Membership{}, err
	}
	return d.enter(ctx, person.ID, "")
}
