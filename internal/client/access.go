package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Session says who the token speaks for and what it may do.
func (c *Client) Session(ctx context.Context) (s wire.Session, err error) {
	return s, c.get(ctx, "/session", nil, &s)
}

// Tokens lists one's own tokens, or, for an owner, those of the organisation.
func (c *Client) Tokens(ctx context.Context) (list []wire.Token, err error) {
	return list, c.get(ctx, "/tokens", nil, &list)
}

// CreateToken makes a token; its secret comes only with this answer.
func (c *Client) CreateToken(ctx context.Context, request wire.TokenRequest) (t wire.Token, err error) {
	return t, c.post(ctx, "/tokens", request, &t)
}

// RevokeToken ends a token at once.
func (c *Client) RevokeToken(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodDelete, "/tokens/"+url.PathEscape(id), nil, "", nil, nil)
}
