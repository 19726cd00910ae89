package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/connected"
)

func registryPath(name string) string { return "/registries/" + url.PathEscape(name) }

// ConnectedRegistries lists connected registries.
func (c *Client) ConnectedRegistries(ctx context.Context) (list []connected.RegistryIntegration, err error) {
	return list, c.get(ctx, "/registries", nil, &list)
}

// ConnectedRegistry returns one of them.
func (c *Client) ConnectedRegistry(ctx context.Context, name string) (in connected.RegistryIntegration, err error) {
	return in, c.get(ctx, registryPath(name), nil, &in)
}

// TestRegistry asks a registry for its repositories; nothing is saved.
func (c *Client) TestRegistry(ctx context.Context, connection connected.RegistryConnection) (t connected.RegistryTrial, err error) {
	return t, c.send(ctx, http.MethodPost, "/registries/test", connection, &t)
}

// ConnectRegistry connects a registry.
func (c *Client) ConnectRegistry(ctx context.Context, request connected.RegistryIntegrationRequest) (in connected.RegistryIntegration, err error) {
	return in, c.send(ctx, http.MethodPost, "/registries", request, &in)
}

// ChangeRegistry changes a connected registry.
func (c *Client) ChangeRegistry(ctx context.Context, name string, change connected.RegistryIntegrationChange) (in connected.RegistryIntegration, err error) {
	return in, c.send(ctx, http.MethodPatch, registryPath(name), change, &in)
}

// RegistryImpact tells what goes if a registry were disconnected.
func (c *Client) RegistryImpact(ctx context.Context, name string) (impact connected.RegistryImpact, err error) {
	return impact, c.get(ctx, registryPath(name)+"/impact", nil, &impact)
}

// DisconnectRegistry forgets a registry.
func (c *Client) DisconnectRegistry(ctx context.Context, name string) error {
	return c.call(ctx, request{method: http.MethodDelete, path: registryPath(name)}, nil)
}

// CreateRegistryHook makes the secret of the webhook of a registry.
func (c *Client) CreateRegistryHook(ctx context.Context, name string) (hook wire.Hook, err error) {
	return hook, c.send(ctx, http.MethodPost, registryPath(name)+"/hook", struct{}{}, &hook)
}

// DeleteRegistryHook ends it.
func (c *Client) DeleteRegistryHook(ctx context.Context, name string) error {
	return c.call(ctx, request{method: http.MethodDelete, path: registryPath(name) + "/hook"}, nil)
}

// Repositories lists the repositories of connected registries: those of one, in one state, or with a part of the
// name, unless these are empty.
func (c *Client) Repositories(ctx context.Context, registry, state, part string) ([]connected.Repository, error) {
	query := url.Values{}
	for name, value := range map[string]string{"registry": registry, "state": state, "q": part} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return pages[connected.Repository](ctx, c, "/repositories", query)
}

// KnownRepository returns what is known of a repository, such as registry.example.com/shop/web.
func (c *Client) KnownRepository(ctx context.Context, name string) (known connected.KnownRepository, err error) {
	return known, c.get(ctx, "/repository", url.Values{"name": {name}}, &known)
}

// TagIntervals lists what the tags of a repository name, and with past also what they named before.
func (c *Client) TagIntervals(ctx context.Context, repository string, past bool) ([]connected.TagInterval, error) {
	query := url.Values{"name": {repository}}
	if past {
		query.Set("past", "true")
	}
	return pages[connected.TagInterval](ctx, c, "/repository/tags", query)
}

// EnableRepositories enables repositories, or disables them, and returns how many changed.
func (c *Client) EnableRepositories(ctx context.Context, scope connected.RepositoryScope, enable bool) (int, error) {
	path := "/repositories/disable"
	if enable {
		path = "/repositories/enable"
	}
	var changed connected.RepositoryChange
	err := c.send(ctx, http.MethodPost, path, scope, &changed)
	return changed.Changed, err
}

// PreviewBackfill counts what Backfill would have analysed.
func (c *Client) PreviewBackfill(ctx context.Context, scope connected.RepositoryScope) (b connected.Backfill, err error) {
	return b, c.send(ctx, http.MethodPost, "/repositories/backfill/preview", scope, &b)
}

// Backfill has everything in enabled repositories analysed, after everything else.
func (c *Client) Backfill(ctx context.Context, scope connected.RepositoryScope) (b connected.Backfill, err error) {
	return b, c.send(ctx, http.MethodPost, "/repositories/backfill", scope, &b)
}

// Lanes counts what waits for its analysis and what is analysed.
func (c *Client) Lanes(ctx context.Context) (list []connected.Lane, err error) {
	return list, c.get(ctx, "/analysis-lanes", nil, &list)
}
