package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/auth/oidc"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// Agent is what a browser calls itself.
type Agent struct {
	Agent string `header:"User-Agent" hidden:"true"`
}

// LinkPath is the dashboard's page that opens one-time links. The secret follows after a
// "#", so that it is in no server's log.
const LinkPath = "/link"

func (s *server) session(api huma.API) {
	const tag = "Session"
	huma.Register(api, operation(http.MethodPost, "/session", tag, "sign-in", "Sign in with e-mail address and password; the session is a cookie"),
		func(ctx context.Context, in *struct {
			Agent
			Body wire.SignIn
		}) (*answer[wire.Session], error) {
			m, err := s.door.SignIn(ctx, in.Body.Email, in.Body.Password)
			return s.enter(ctx, m, in.Agent.Agent, err)
		})
	huma.Register(api, operation(http.MethodGet, "/session", tag, "get-session", "Say who the caller is and what the caller may do"),
		func(ctx context.Context, _ *struct{}) (*answer[wire.Session], error) {
			body, err := s.whoAmI(ctx, callerOf(ctx))
			return reply(s, body, err)
		})
	huma.Register(api, operation(http.MethodDelete, "/session", tag, "sign-out", "End the session"),
		func(ctx context.Context, _ *struct{}) (*answer[wire.SignedOut], error) {
			session, _ := s.sessions.Current(ctx)
			if err := s.sessions.End(ctx); err != nil {
				return nil, s.fail(err)
			}
			return &answer[wire.SignedOut]{Body: wire.SignedOut{ProviderURL: s.SignIn.Provider.SignOut(ctx, session.Provider)}}, nil
		})
	huma.Register(api, operation(http.MethodGet, "/sign-in", tag, "get-sign-in", "Say in which ways people sign in"),
		func(ctx context.Context, _ *struct{}) (*answer[wire.SignInWays], error) {
			ways := wire.SignInWays{Password: !s.SignIn.NoPasswords}
			if p := s.SignIn.Provider; p != nil {
				ways.Provider = &wire.SignInProvider{Name: s.SignIn.Name, Path: oidc.LoginPath, Available: p.Available(ctx) == nil}
			}
			return &answer[wire.SignInWays]{Body: ways}, nil
		})
	huma.Register(api, operation(http.MethodPut, "/session/organisation", tag, "switch-organisation", "Choose another of one's organisations; the session is renewed"),
		func(ctx context.Context, in *struct {
			Agent
			Body wire.OrganisationChoice
		}) (*answer[wire.Session], error) {
			m, err := s.Store.Member(ctx, store.OrgID(in.Body.ID), callerOf(ctx).Person)
			return s.enter(ctx, m, in.Agent.Agent, err)
		})

	huma.Register(api, operation(http.MethodPost, "/links/inspect", tag, "inspect-link", "Say what a one-time link does and what it asks for"),
		func(ctx context.Context, in *struct{ Body wire.LinkSecret }) (*answer[wire.Link], error) {
			link, err := s.door.Inspect(ctx, in.Body.Secret)
			return reply(s, wire.NewLink(link), err)
		})
	huma.Register(api, operation(http.MethodPost, "/links/redeem", tag, "redeem-link", "Use a one-time link and sign in with it"),
		func(ctx context.Context, in *struct {
			Agent
			Body wire.LinkRedemption
		}) (*answer[wire.Session], error) {
			m, err := s.door.Redeem(ctx, in.Body.Secret, auth.Answer{Email: in.Body.Email, Name: strings.TrimSpace(in.Body.Name), Password: in.Body.Password, Person: callerOf(ctx).Person})
			return s.enter(ctx, m, in.Agent.Agent, wrongPassword(err))
		})
}

// wrongPassword makes a password that is wrong a mistake in the request, where it says
// nothing of who the caller is: a 401 would tell the dashboard that the session is over.
func wrongPassword(err error) error {
	if err != nil && crowsnest.KindOf(err) == crowsnest.Unauthorized {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "check password", Hint: "give the password of the account", Err: errors.New("it is not right")}
	}
	return err
}

// enter begins a session of a member and says who that is.
func (s *server) enter(ctx context.Context, m store.Membership, agent string, err error) (*answer[wire.Session], error) {
	if err != nil {
		return nil, s.failAccess(err)
	}
	if err := s.sessions.Start(ctx, store.Session{Person: m.Person.ID, Organisation: m.Organisation.ID, Address: addressOf(ctx), Agent: agent}); err != nil {
		return nil, s.fail(err)
	}
	body, err := s.whoAmI(ctx, Caller{Org: m.Organisation.ID, Role: m.Role, Person: m.Person.ID, Permissions: auth.ForRole(m.Role, m.Organisation.ID == s.Home)})
	return reply(s, body, err)
}

// failAccess is fail for errors about the caller's own credentials.
func (s *server) failAccess(err error) error {
	var many *auth.TooManyError
	switch {
	case errors.As(err, &many):
		after := http.Header{"Retry-After": {strconv.Itoa(int(many.Wait.Seconds()) + 1)}}
		return huma.ErrorWithHeaders(huma.NewError(http.StatusTooManyRequests, err.Error()), after)
	case crowsnest.KindOf(err) == crowsnest.Unauthorized:
		return huma.NewError(http.StatusUnauthorized, crowsnest.Reason(err))
	case crowsnest.KindOf(err) == crowsnest.Forbidden:
		return huma.NewError(http.StatusForbidden, crowsnest.Reason(err))
	}
	return s.fail(err)
}

func (s *server) whoAmI(ctx context.Context, c Caller) (wire.Session, error) {
	out := wire.Session{Role: c.Role, Permissions: c.Permissions.Names()}
	if c.Token != nil {
		out.Token = &wire.SessionToken{Name: c.Token.Name, Scopes: c.Token.Scopes, Expires: c.Token.Expires}
	}
	organisations, err := s.organisationsOf(ctx, c)
	if err != nil {
		return out, err
	}
	out.Organisations = organisations
	for _, o := range organisations {
		if o.ID == string(c.Org) {
			out.Organisation = o
		}
	}
	if c.Person != "" {
		p, err := s.Store.Person(ctx, c.Person)
		if err != nil {
			return out, err
		}
		account := wire.NewAccount(p)
		out.Person = &account
	}
	return out, nil
}

// organisationsOf lists the organisations a caller can act in: a person in a session in
// all of the person's, a token in its own.
func (s *server) organisationsOf(ctx context.Context, c Caller) ([]wire.Organisation, error) {
	if c.Person == "" {
		org, err := s.Store.Organisation(ctx, c.Org)
		return []wire.Organisation{{ID: string(org.ID), Name: org.Name, Home: org.ID == s.Home}}, err
	}
	places, err := s.Store.Memberships(ctx, c.Person)
	out := []wire.Organisation{}
	for _, m := range places {
		if c.Token == nil || m.Organisation.ID == c.Org {
			out = append(out, wire.Organisation{ID: string(m.Organisation.ID), Name: m.Organisation.Name, Home: m.Organisation.ID == s.Home, Role: m.Role})
		}
	}
	return out, err
}
