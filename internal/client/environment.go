package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// send calls with a body in JSON.
func (c *Client) send(ctx context.Context, method, path string, body, into any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.call(ctx, request{method: method, path: path, contentType: "application/json", body: bytes.NewReader(b), wait: c.patience.work}, into)
}

func environmentPath(name string) string { return "/environments/" + url.PathEscape(name) }

// AssignImages says that images run in an environment.
func (c *Client) AssignImages(ctx context.Context, environment string, images []wire.ImageKey) (a wire.Assigned, err error) {
	return a, c.send(ctx, http.MethodPost, environmentPath(environment)+"/images", wire.AssignRequest{Images: images}, &a)
}

// ReplaceImages says which images run in an environment, in the place of all that was said before. An empty
// list, which takes out everything, is refused unless empty says that it is meant.
func (c *Client) ReplaceImages(ctx context.Context, environment string, images []wire.ImageKey, empty bool) (a wire.Assigned, err error) {
	if images == nil {
		images = []wire.ImageKey{} // the API takes no null for a list
	}
	return a, c.send(ctx, http.MethodPut, environmentPath(environment)+"/images", wire.ReplaceRequest{Images: images, AllowEmpty: empty}, &a)
}

// UnknownImages returns the positions of the images that AssignImages and ReplaceImages refused because nothing is known of them.
func UnknownImages(err error) (at []int) {
	var refused *answered
	if errors.As(err, &refused) && refused.kind == crowsnest.NotFound {
		for _, place := range refused.about {
			if n, ok := wire.ParseUnknownImage(place); ok {
				at = append(at, n)
			}
		}
	}
	return at
}

// UnassignImages takes images out of an environment that were said to run there.
func (c *Client) UnassignImages(ctx context.Context, environment string, images []wire.ImageKey) (u wire.Unassigned, err error) {
	return u, c.send(ctx, http.MethodDelete, environmentPath(environment)+"/images", wire.AssignRequest{Images: images}, &u)
}

// Occurrences lists what runs and ran in an environment, newest first, narrowed by a query; most of it at most, or all if that is 0.
func (c *Client) Occurrences(ctx context.Context, environment string, query url.Values, most int) ([]wire.Occurrence, error) {
	return pagesUpTo[wire.Occurrence](ctx, c, "/environments/"+url.PathEscape(environment)+"/occurrences", query, most)
}

// ChangeEnvironment renames or describes an environment.
func (c *Client) ChangeEnvironment(ctx context.Context, name string, change wire.EnvironmentChange) (e wire.EnvironmentSummary, err error) {
	return e, c.send(ctx, http.MethodPatch, environmentPath(name), change, &e)
}

// DeleteEnvironment removes an environment.
func (c *Client) DeleteEnvironment(ctx context.Context, name string) error {
	return c.call(ctx, request{method: http.MethodDelete, path: environmentPath(name)}, nil)
}

// KnownRegistries returns the registries that the organisation runs images from.
func (c *Client) KnownRegistries(ctx context.Context) (k wire.KnownRegistries, err error) {
	return k, c.get(ctx, "/settings/registries", nil, &k)
}

// SetKnownRegistries replaces them, and returns them as they are kept.
func (c *Client) SetKnownRegistries(ctx context.Context, registries []string) (k wire.KnownRegistries, err error) {
	if registries == nil {
		registries = []string{} // the API takes no null for a list
	}
	return k, c.send(ctx, http.MethodPut, "/settings/registries", wire.KnownRegistries{Registries: registries}, &k)
}

// AddRegistries adds to the known registries, and returns them all.
func (c *Client) AddRegistries(ctx context.Context, registries []string) (wire.KnownRegistries, error) {
	known, err := c.KnownRegistries(ctx)
	if err != nil {
		return known, err
	}
	return c.SetKnownRegistries(ctx, append(known.Registries, registries...))
}

// RemoveRegistries takes out what is named in any way that means what is on the list, and returns the rest. One that is not on
// it is NotFound, and nothing is changed.
func (c *Client) RemoveRegistries(ctx context.Context, registries []string) (wire.KnownRegistries, error) {
	known, err := c.KnownRegistries(ctx)
	if err != nil {
		return known, err
	}
	gone, err := crowsnest.ParseKnownRegistries(registries)
	if err != nil {
		return known, err
	}
	for _, r := range gone {
		if !slices.Contains(known.Registries, r) {
			return known, &crowsnest.Error{Kind: crowsnest.NotFound, Op: "remove known registry", Subject: r, Hint: "it is not on the list, which crowsnest registry list shows; nothing was changed"}
		}
	}
	return c.SetKnownRegistries(ctx, slices.DeleteFunc(known.Registries, func(r string) bool { return slices.Contains(gone, r) }))
}

// CheckRegistries compares what runs in an environment with the known registries.
func (c *Client) CheckRegistries(ctx context.Context, environment string) (r wire.RegistryCheck, err error) {
	return r, c.get(ctx, environmentPath(environment)+"/registries", nil, &r)
}

// DeletedEnvironments lists the environments that were deleted.
func (c *Client) DeletedEnvironments(ctx context.Context) (list []wire.DeletedEnvironment, err error) {
	return list, c.get(ctx, "/deleted-environments", nil, &list)
}
