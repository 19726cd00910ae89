package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

func (s *server) tokens(api huma.API) {
	const tag = "Tokens"
	huma.Register(api, operation(http.MethodGet, "/tokens", tag, "list-tokens", "List one's own tokens; an owner sees all of the organisation"),
		func(ctx context.Context, _ *struct{}) (*answer[[]wire.Token], error) {
			list, err := s.Store.Tokens(ctx, orgOf(ctx), tokensOf(callerOf(ctx)))
			return reply(s, wire.Each(list, wire.NewToken), err)
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
