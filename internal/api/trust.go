package api

import (
	"context"
	"net/http"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/trust"
	"github.com/danielgtaylor/huma/v2"
)

func (s *server) trusts(api huma.API) {
	const tag = "Trusts"
	huma.Register(api, operation(http.MethodGet, "/trusts", tag, "list-trusts", "List whose jobs of CI may have tokens"),
		func(ctx context.Context, _ *struct{}) (*answer[[]trust.Trust], error) {
			list, err := s.Store.Trusts(ctx, orgOf(ctx))
			return reply(s, wire.Each(list, trust.NewTrust), err)
		})
	create := operation(http.MethodPost, "/trusts", tag, "create-trust", "Let jobs of a repository have short-lived tokens")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, func(ctx context.Context, in *struct{ Body trust.TrustRequest }) (*answer[trust.Trust], error) {
		b := in.Body
		asked := store.Trust{
			Organisation: orgOf(ctx), Name: b.Name, Issuer: b.Issuer, Repository: b.Repository, Ref: b.Ref, Environment: b.Environment,
			Scopes: b.Scopes, Life: time.Duration(b.Minutes) * time.Minute,
		}
		if err := auth.CheckTrust(asked); err != nil {
			return nil, s.fail(err)
		}
		if !s.SignIn.Jobs.Knows(b.Issuer) {
			return nil, s.fail(&crowsnest.Error{Kind: crowsnest.Invalid, Op: "make trust", Subject: b.Issuer, Hint: "the server takes no tokens of this issuer; its operator lists issuers in exchange.issuers"})
		}
		made, err := s.Store.CreateTrust(ctx, asked)
		return reply(s, trust.NewTrust(made), err)
	})
	huma.Register(api, operation(http.MethodDelete, "/trusts/{id}", tag, "delete-trust", "Delete a trust; the tokens it gave end at once"),
		func(ctx context.Context, in *Identifier) (*struct{}, error) {
			return nil, s.fail(s.Store.DeleteTrust(ctx, orgOf(ctx), in.ID))
		})
	huma.Register(api, operation(http.MethodPost, "/token-exchange", tag, "exchange-token", "Exchange the identity token of a job of CI for a short-lived token"),
		func(ctx context.Context, in *struct{ Body trust.ExchangeRequest }) (*answer[trust.ExchangedToken], error) {
			e := auth.Exchange{Organisation: in.Body.Organisation, Scopes: in.Body.Scopes}
			secret, token, err := s.door.Exchange(ctx, e, func(ctx context.Context) (store.Job, error) { return s.SignIn.Jobs.Read(ctx, in.Body.Token) })
			if err != nil {
				return nil, s.failAccess(err)
			}
			return &answer[trust.ExchangedToken]{Body: trust.ExchangedToken{Token: secret, Scopes: token.Scopes, Expires: token.Expires}}, nil
		})
}
