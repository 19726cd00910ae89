package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Tokens lists one's own tokens, or, for an owner, those of the organisation.
func (c *Client) Tokens(ctx context.Context) (list []wire.Token, err error) {
	return list, c.get(ctx, "/tokens", nil, &list)
}

// CreateToken makes a token; its secret comes only with this answer.
func (c *Client) CreateToken(ctx context.Context, token wire.TokenRequest) (t wire.Token, err error) {
	return t, c.post(ctx, "/tokens", 0, token, &t)
}

// RevokeToken ends a token at once.
func (c *Client) RevokeToken(ctx context.Context, id string) error {
	return c.call(ctx, request{method: http.MethodDelete, path: "/tokens/" + url.PathEscape(id)}, nil)
}
