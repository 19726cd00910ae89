package api

import (
	"context"
	"net/http"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

func (s *server) account(api huma.API) {
	const tag = "Account"
	huma.Register(api, operation(http.MethodPatch, "/account", tag, "change-account", "Change one's own name, language or password"),
		func(ctx context.Context, in *struct{ Body wire.AccountChange }) (*answer[wire.Account], error) {
			c := callerOf(ctx)
			p, err := s.Store.Person(ctx, c.Person)
			if err != nil {
				return nil, s.fail(err)
			}
			// The password first: where it is refused, nothing is changed.
			if change := in.Body.Password; change != nil {
				if err := s.door.ChangePassword(ctx, p, change.Current, change.New, c.Session); err != nil {
					return nil, s.failAccess(wrongPassword(err))
				}
			}
			if in.Body.Name != nil || in.Body.Language != nil {
				if err := s.Store.ChangePerson(ctx, c.Person, store.PersonChange{Name: in.Body.Name, Language: in.Body.Language}, c.Session); err != nil {
					return nil, s.fail(err)
				}
			}
			p, err = s.Store.Person(ctx, c.Person)
			return reply(s, wire.NewAccount(p), err)
		})
	huma.Register(api, operation(http.MethodGet, "/account/sessions", tag, "list-sessions", "List one's own sessions"),
		func(ctx context.Context, _ *struct{}) (*answer[[]wire.AccountSession], error) {
			c := callerOf(ctx)
			list, err := s.Store.PersonSessions(ctx, c.Person)
			return reply(s, wire.Each(list, func(v store.Session) wire.AccountSession { return wire.NewAccountSession(v, c.Session) }), err)
		})
	huma.Register(api, operation(http.MethodDelete, "/account/sessions/{id}", tag, "end-session", "End one of one's own sessions"),
		func(ctx context.Context, in *Identifier) (*struct{}, error) {
			return nil, s.fail(s.Store.EndPersonSession(ctx, callerOf(ctx).Person, in.ID))
		})
}

func (s *server) organisations(api huma.API) {
	const tag = "Organisations"
	huma.Register(api, operation(http.MethodGet, "/organisations", tag, "list-organisations", "List the organisations the caller can act in"),
		func(ctx context.Context, _ *struct{}) (*answer[[]wire.Organisation], error) {
			list, err := s.organisationsOf(ctx, callerOf(ctx))
			return reply(s, list, err)
		})
	create := operation(http.MethodPost, "/organisations", tag, "create-organisation", "Make another organisation, with the caller as its owner")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, func(ctx context.Context, in *struct{ Body wire.OrganisationRequest }) (*answer[wire.Organisation], error) {
		c := callerOf(ctx)
		if c.Person == "" {
			return nil, s.fail(&crowsnest.Error{Kind: crowsnest.Invalid, Op: "make organisation", Subject: in.Body.Name, Hint: "somebody must own it: sign in, or use a personal token"})
		}
		org, err := s.Store.CreateOrganisation(ctx, in.Body.Name, c.Person)
		return reply(s, wire.Organisation{ID: string(org.ID), Name: org.Name, Role: crowsnest.Owner}, err)
	})
	huma.Register(api, operation(http.MethodPatch, "/organisations/{id}", tag, "rename-organisation", "Rename the caller's organisation"),
		func(ctx context.Context, in *struct {
			Identifier
			Body wire.OrganisationRequest
		}) (*answer[wire.Organisation], error) {
			c := callerOf(ctx)
			if store.OrgID(in.ID) != c.Org {
				return nil, s.fail(&crowsnest.Error{Kind: crowsnest.NotFound, Op: "rename organisation", Hint: "switch to it first"})
			}
			err := s.Store.RenameOrganisation(ctx, c.Org, in.Body.Name)
			return reply(s, wire.Organisation{ID: string(c.Org), Name: in.Body.Name, Home: c.Org == s.Home, Role: c.Role}, err)
		})
}
