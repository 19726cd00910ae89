package client

import (
	"context"
	"net/url"

	"github.com/crowsnest-sec/crowsnest/internal/api/advice"
)

// Recommendations says what to build an image on, and which packages to upgrade.
func (c *Client) Recommendations(ctx context.Context, digest string, q advice.Question) (r advice.Recommendations, err error) {
	return r, c.get(ctx, "/images/"+url.PathEscape(digest)+"/recommendations", given(map[string]string{"environment": q.Environment, "reference": q.Reference, "tag": q.Tag}), &r)
}

// RecommendSent says the same of an image that the server does not keep.
func (c *Client) RecommendSent(ctx context.Context, sent advice.Sent) (r advice.Recommendations, err error) {
	return r, c.post(ctx, "/evaluations/recommendations", c.patience.work, sent, &r)
}
