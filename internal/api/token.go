package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	exporting "github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

var tokenColumns = []exporting.Column[wire.Token]{
	{Name: "name", Value: func(t wire.Token) any { return t.Name }}, {Name: "kind", Value: func(t wire.Token) any { return t.Kind }}, {Name: "email", Value: func(t wire.Token) any { return t.Email }},
	{Name: "scopes", Value: func(t wire.Token) any {
		return joined(wire.Each(t.Scopes, func(s crowsnest.Scope) string { return string(s) }))
	}},
	{Name: "createdBy", Value: func(t wire.Token) any { return t.CreatedBy }}, {Name: "created", Value: func(t wire.Token) any { return t.Created }},
	{Name: "expires", Value: func(t wire.Token) any { return t.Expires }}, {Name: "lastUsed", Value: func(t wire.Token) any { return t.LastUsed }},
}

func (s *server) tokens(api huma.API) {
	const tag = "Tokens"
	huma.Register(api, operation(http.MethodGet, "/tokens", tag, "list-tokens", "List one's own tokens; an owner sees all of the organisation"),
		func(ctx context.Context, _ *struct{}) (*answer[[]wire.Token], error) {
			list, err := s.Store.Tokens(ctx, orgOf(ctx), tokensOf(callerOf(ctx)))
			return reply(s, wire.Each(list, wire.NewToken), err)
		})
	huma.Register(api, base.ExportOperation("/tokens", "export-tokens", "Export one's own tokens, without their secrets; an owner all of the organisation"), func(ctx context.Context, in *base.ExportFormat) (*huma.StreamResponse, error) {
		org, of := orgOf(ctx), tokensOf(callerOf(ctx))
		return serve(ctx, s, in.Format, base.Export[wire.Token]{List: "tokens", Columns: tokenColumns,
			Rows: base.Paged(func(ctx context.Context, _ store.Page) (store.List[store.Token], error) {
				list, err := s.Store.Tokens(ctx, org, of)
				return store.List[store.Token]{Items: list}, err
			}, wire.NewToken)})
	})
	create := operation(http.MethodPost, "/tokens", tag, "create-token", "Make a token; its secret is shown only now")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, func(ctx context.Context, in *struct{ Body wire.TokenRequest }) (*answer[wire.Token], error) {
		token, err := s.newToken(ctx, callerOf(ctx), in.Body)
		return reply(s, token, err)
	})
	huma.Register(api, operation(http.MethodDelete, "/tokens/{id}", tag, "revoke-token", "Revoke a token at once"),
		func(ctx context.Context, in *Identifier) (*struct{}, error) {
			return nil, s.fail(s.Store.RevokeToken(ctx, orgOf(ctx), tokensOf(callerOf(ctx)), in.ID))
		})
}

// tokensOf returns whose tokens a caller may see and revoke: empty for everybody's.
func tokensOf(c Caller) store.PersonID {
	if c.Permissions.Has(auth.ManageTokens) {
		return ""
	}
	return c.Person
}

func (s *server) newToken(ctx context.Context, c Caller, in wire.TokenRequest) (wire.Token, error) {
	refuse := func(hint string) (wire.Token, error) {
		return wire.Token{}, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "make token", Subject: in.Name, Hint: hint}
	}
	token := store.Token{Organisation: c.Org, Name: in.Name, Scopes: in.Scopes, Expires: in.Expires}
	switch {
	case in.Kind == "personal" && c.Person == "":
		return refuse("a token of the organisation has no person; make one of kind organisation")
	case in.Kind == "personal":
		token.Person = c.Person
	case !c.Permissions.Has(auth.ManageTokens):
		return refuse("only owners make tokens of the organisation; make one of kind personal")
	}
	grantable := auth.Grantable(c.Permissions, c.Org == s.Home)
	for _, scope := range in.Scopes {
		if !slices.Contains(grantable, scope) {
			return refuse("the scope " + string(scope) + " permits more than you may")
		}
	}
	if !in.Expires.IsZero() && !in.Expires.After(time.Now()) {
		return refuse("it would have expired already")
	}
	secret, hash := auth.NewToken()
	made, err := s.Store.CreateToken(ctx, token, hash)
	out := wire.NewToken(made)
	out.Secret = secret
	return out, err
}
