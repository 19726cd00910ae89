package api

import (
	"context"
	"net/http"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	exporting "github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// Identifier names a row in a path.
type Identifier struct {
	ID string `path:"id" maxLength:"64"`
}

var personColumns = []exporting.Column[wire.Person]{
	{Name: "email", Value: func(p wire.Person) any { return p.Email }}, {Name: "name", Value: func(p wire.Person) any { return p.Name }}, {Name: "role", Value: func(p wire.Person) any { return string(p.Role) }},
	{Name: "joined", Value: func(p wire.Person) any { return p.Joined }}, {Name: "lastSeen", Value: func(p wire.Person) any { return p.LastSeen }},
}

func (s *server) people(api huma.API) {
	const tag = "People"
	huma.Register(api, operation(http.MethodGet, "/people", tag, "list-people", "List the people of the organisation"),
		func(ctx context.Context, _ *struct{}) (*answer[[]wire.Person], error) {
			list, err := s.Store.Members(ctx, orgOf(ctx))
			return reply(s, wire.Each(list, func(m store.Membership) wire.Person { return wire.NewPerson(m, callerOf(ctx).Person) }), err)
		})
	huma.Register(api, base.ExportOperation("/people", "export-people", "Export the people of the organisation"), func(ctx context.Context, in *base.ExportFormat) (*huma.StreamResponse, error) {
		org, caller := orgOf(ctx), callerOf(ctx).Person
		return serve(ctx, s, in.Format, base.Export[wire.Person]{List: "people", Columns: personColumns,
			Rows: base.Paged(func(ctx context.Context, _ store.Page) (store.List[store.Membership], error) {
				list, err := s.Store.Members(ctx, org)
				return store.List[store.Membership]{Items: list}, err
			}, func(m store.Membership) wire.Person { return wire.NewPerson(m, caller) })})
	})
	huma.Register(api, operation(http.MethodPatch, "/people/{id}", tag, "change-person", "Change a person's role; the last owner's stays"),
		func(ctx context.Context, in *struct {
			Identifier
			Body wire.PersonChange
		}) (*answer[wire.Person], error) {
			if err := s.Store.SetRole(ctx, orgOf(ctx), store.PersonID(in.ID), in.Body.Role); err != nil {
				return nil, s.fail(err)
			}
			m, err := s.Store.Member(ctx, orgOf(ctx), store.PersonID(in.ID))
			return reply(s, wire.NewPerson(m, callerOf(ctx).Person), err)
		})
	huma.Register(api, operation(http.MethodDelete, "/people/{id}", tag, "remove-person", "Remove a person from the organisation; sessions and personal tokens end at once"),
		func(ctx context.Context, in *Identifier) (*struct{}, error) {
			return nil, s.fail(s.Store.RemoveMember(ctx, orgOf(ctx), store.PersonID(in.ID)))
		})
	reset := operation(http.MethodPost, "/people/{id}/password-link", tag, "reset-password", "Make a one-time link with which a person sets a new password")
	reset.DefaultStatus = http.StatusCreated
	huma.Register(api, reset, func(ctx context.Context, in *Identifier) (*answer[wire.OneTimeLink], error) {
		secret, link, err := s.door.MakeLink(ctx, store.Link{Kind: store.ResetLink, Organisation: store.Organisation{ID: orgOf(ctx)}, Person: store.PersonID(in.ID)}, auth.ResetLife)
		return reply(s, wire.OneTimeLink{URL: s.linkURL(ctx, secret), Email: link.Email, Expires: link.Expires}, err)
	})

	huma.Register(api, operation(http.MethodGet, "/invitations", tag, "list-invitations", "List open invitations"),
		func(ctx context.Context, _ *struct{}) (*answer[[]wire.Invitation], error) {
			list, err := s.Store.Invitations(ctx, orgOf(ctx))
			return reply(s, wire.Each(list, wire.NewInvitation), err)
		})
	invite := operation(http.MethodPost, "/invitations", tag, "invite-person", "Make a one-time link with which somebody joins; it replaces the one before")
	invite.DefaultStatus = http.StatusCreated
	huma.Register(api, invite, func(ctx context.Context, in *struct{ Body wire.InvitationRequest }) (*answer[wire.Invitation], error) {
		email, err := auth.Email(in.Body.Email)
		if err != nil {
			return nil, s.fail(err)
		}
		if err := s.notMember(ctx, email); err != nil {
			return nil, s.fail(err)
		}
		secret, link, err := s.door.MakeLink(ctx, store.Link{Kind: store.InvitationLink, Organisation: store.Organisation{ID: orgOf(ctx)}, Email: email, Role: in.Body.Role}, auth.InvitationLife)
		body := wire.NewInvitation(link)
		body.URL = s.linkURL(ctx, secret)
		return reply(s, body, err)
	})
	huma.Register(api, operation(http.MethodDelete, "/invitations/{id}", tag, "revoke-invitation", "Withdraw an invitation"),
		func(ctx context.Context, in *Identifier) (*struct{}, error) {
			return nil, s.fail(s.Store.RevokeInvitation(ctx, orgOf(ctx), in.ID))
		})
}

// notMember refuses an address that belongs to the organisation already. Whether it is
// known to another organisation is not told.
func (s *server) notMember(ctx context.Context, email string) error {
	members, err := s.Store.Members(ctx, orgOf(ctx))
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.Person.Email == email {
			return &crowsnest.Error{Kind: crowsnest.Conflict, Op: "invite", Subject: email, Hint: "this person belongs to the organisation already; change the role instead"}
		}
	}
	return nil
}

// linkURL writes a one-time link. Without a public address it leads to where the caller
// reached the server.
func (s *server) linkURL(ctx context.Context, secret string) string {
	return s.address(ctx) + s.BasePath + LinkPath + "#" + secret
}

// address is where the server is reached, without a path: what it was told, or else what the caller used.
func (s *server) address(ctx context.Context) string {
	if s.PublicURL != "" {
		return s.PublicURL
	}
	return base.OriginOf(ctx)
}
