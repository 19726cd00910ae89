package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/config"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Admin repairs access from the machine itself: whoever can read the configuration and
// the database may do anything anyway. It works beside a running server.
type Admin struct {
	cfg   config.Config
	store *sqlstore.Store
	door  *auth.Door
	org   store.Organisation
}

// OpenAdmin opens the server's database and the organisation of that name, the first one
// if it is empty. Close must follow.
func OpenAdmin(ctx context.Context, cfg config.Config, organisation string, log *slog.Logger) (*Admin, error) {
	s, err := sqlstore.Open(ctx, cfg.Database, sqldb.Options{})
	if err != nil {
		return nil, err
	}
	a := &Admin{cfg: cfg, store: s, door: &auth.Door{Store: s, Log: log}}
	if organisation == "" {
		a.org, err = s.FirstOrganisation(ctx, Organisation)
	} else {
		a.org, err = s.OrganisationByName(ctx, organisation)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return a, nil
}

// Close closes the database.
func (a *Admin) Close() error { return a.store.Close() }

// as names the machine in the audit log.
func (a *Admin) as(ctx context.Context) context.Context {
	return store.WithActor(ctx, store.Actor{Kind: store.ActorMachine, Name: "crowsnest admin"})
}

func (a *Admin) link(ctx context.Context, link store.Link, life time.Duration) (wire.OneTimeLink, error) {
	link.Organisation = a.org
	secret, made, err := a.door.MakeLink(a.as(ctx), link, life)
	if err != nil {
		return wire.OneTimeLink{}, err
	}
	return wire.OneTimeLink{URL: linkURL(a.cfg, a.cfg.Listen, secret), Email: made.Email, Expires: made.Expires}, nil
}

// OwnerLink makes a one-time link with which whoever has it becomes an owner.
func (a *Admin) OwnerLink(ctx context.Context) (wire.OneTimeLink, error) {
	return a.link(ctx, store.Link{Kind: store.InvitationLink, Role: crowsnest.Owner}, auth.FirstOwnerLife)
}

// ResetPassword makes a one-time link with which a person sets a new password.
func (a *Admin) ResetPassword(ctx context.Context, email string) (wire.OneTimeLink, error) {
	email, err := auth.Email(email)
	if err != nil {
		return wire.OneTimeLink{}, err
	}
	person, err := a.store.CredentialsByEmail(ctx, email)
	if err != nil {
		return wire.OneTimeLink{}, err
	}
	places, err := a.store.Memberships(ctx, person.ID)
	if err != nil {
		return wire.OneTimeLink{}, err
	}
	if len(places) == 0 {
		return wire.OneTimeLink{}, &crowsnest.Error{Kind: crowsnest.NotFound, Op: "reset password of", Subject: email, Hint: "invite the person again", Err: errors.New("the person belongs to no organisation")}
	}
	a.org = places[0].Organisation
	return a.link(ctx, store.Link{Kind: store.ResetLink, Person: person.ID}, auth.ResetLife)
}

// Unlink unties a person from the identity provider, for an account that was made anew there.
func (a *Admin) Unlink(ctx context.Context, email string) error {
	email, err := auth.Email(email)
	if err != nil {
		return err
	}
	person, err := a.store.CredentialsByEmail(ctx, email)
	if err != nil {
		return err
	}
	if !person.External {
		return &crowsnest.Error{Kind: crowsnest.NotFound, Op: "unlink", Subject: email, Hint: "crowsnest admin people lists who there is", Err: errors.New("no identity provider vouches for this person")}
	}
	return a.store.ForgetIdentities(a.as(ctx), person.ID)
}

// People lists the people of the organisation.
func (a *Admin) People(ctx context.Context) ([]wire.Person, error) {
	list, err := a.store.Members(ctx, a.org.ID)
	return wire.Each(list, func(m store.Membership) wire.Person { return wire.NewPerson(m, "") }), err
}

// CreateToken makes a token of the organisation. It lasts for a time, for ever if that is zero.
func (a *Admin) CreateToken(ctx context.Context, name string, scopes []crowsnest.Scope, life time.Duration) (wire.Token, error) {
	token := store.Token{Organisation: a.org.ID, Name: name, Scopes: scopes}
	if life > 0 {
		token.Expires = time.Now().Add(life)
	}
	secret, hash := auth.NewToken()
	made, err := a.store.CreateToken(a.as(ctx), token, hash)
	out := wire.NewToken(made)
	out.Secret = secret
	return out, err
}

// RotateKey seals all stored secrets anew and returns how many.
func (a *Admin) RotateKey(ctx context.Context) (int, error) {
	keeper, err := openKeeper(ctx, a.cfg)
	if err != nil {
		return 0, err
	}
	defer keeper.Close()
	n, err := keeper.Rotate(ctx, a.store)
	if err != nil {
		return n, err
	}
	return n, a.store.RecordAudit(a.as(ctx), a.org.ID, "key.rotate", "", nil)
}
