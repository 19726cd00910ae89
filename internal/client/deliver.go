package client

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/crowsnest-sec/crowsnest/internal/wire/connected"
	"github.com/crowsnest-sec/crowsnest/internal/wire/delivery"
)

// Deliver sends what was found in an image, or asks whether that is needed.
func (c *Client) Deliver(ctx context.Context, d delivery.Delivery) (r delivery.Receipt, err error) {
	return r, c.post(ctx, "/deliveries", c.patience.work, d, &r)
}

// DeliveredTags lists what the server knows of the tags of a repository.
func (c *Client) DeliveredTags(ctx context.Context, repository string) ([]connected.TagInterval, error) {
	return pages[connected.TagInterval](ctx, c, "/deliveries/tags", url.Values{"repository": {repository}})
}

// tagsAtOnce is how many tags one request may name.
const tagsAtOnce = 1000

// DeliverTags says what tags name of which no image is delivered.
func (c *Client) DeliverTags(ctx context.Context, tags []delivery.Tag) error {
	for part := range slices.Chunk(tags, tagsAtOnce) {
		if err := c.send(ctx, http.MethodPost, "/deliveries/tags", delivery.Tags{Tags: part}, nil); err != nil {
			return err
		}
	}
	return nil
}
