// Package push is the room of the API about connected registries: how they are reached, which of their repositories
// are enabled, and how they tell of pushes.
package push

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/api/runtime"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/registry"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/connected"
	"github.com/danielgtaylor/huma/v2"
)

// Deps is what the routes need.
type Deps struct {
	Store store.Store
	Log   *slog.Logger
	// Address is how other programs reach the server, with its base path but without a slash at the end.
	Address func(ctx context.Context) string
	// Try asks a registry for its repositories.
	Try func(ctx context.Context, cfg registry.Config, admits func(string) bool) (registry.Trial, error)
	// Seal encrypts a secret, and Unseal is its reverse.
	Seal   func(ctx context.Context, secret string) ([]byte, error)
	Unseal func(ctx context.Context, sealed []byte) (string, error)
}

// Name names a connected registry in a path.
type Name struct {
	Name string `path:"name" maxLength:"128"`
}

const tag = "Registries"

// Register adds the routes to the API, which checks who may call them.
func Register(api huma.API, s Deps) {
	huma.Register(api, base.Operation(http.MethodGet, "/registry-kinds", tag, "list-registry-kinds", "List the kinds of registries that can be connected, and what each asks for"),
		func(context.Context, *struct{}) (*base.Answer[[]connected.RegistryKind], error) {
			return base.Reply(s.Log, wire.Each(registry.Kinds(), newKind), nil)
		})
	huma.Register(api, base.Operation(http.MethodGet, "/registries", tag, "list-registries", "List connected registries"),
		func(ctx context.Context, _ *struct{}) (*base.Answer[[]connected.RegistryIntegration], error) {
			list, err := s.Store.ConnectedRegistries(ctx, base.OrgOf(ctx))
			return base.Reply(s.Log, wire.Each(list, connected.NewRegistryIntegration), err)
		})
	huma.Register(api, base.Operation(http.MethodGet, "/registries/{name}", tag, "get-registry", "Get a connected registry and how it goes with it"),
		func(ctx context.Context, in *Name) (*base.Answer[connected.RegistryIntegration], error) {
			return s.registry(ctx, in.Name, nil)
		})
	huma.Register(api, base.Operation(http.MethodPost, "/registries/test", tag, "test-registry", "Ask a registry for its repositories: the test of a connection; nothing is saved"),
		func(ctx context.Context, in *struct{ Body connected.RegistryConnection }) (*base.Answer[connected.RegistryTrial], error) {
			out, err := s.read(in.Body)
			if err != nil {
				return nil, base.Fail(s.Log, err)
			}
			trial, err := s.Try(ctx, out.cfg, out.in.Admits)
			return base.Reply(s.Log, connected.RegistryTrial{Host: out.cfg.Host, Repositories: append([]string{}, trial.Repositories...), More: trial.More}, err)
		})
	create := base.Operation(http.MethodPost, "/registries", tag, "connect-registry", "Connect a registry; nothing is saved unless it answers")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, func(ctx context.Context, in *struct {
		Body connected.RegistryIntegrationRequest
	}) (*base.Answer[connected.RegistryIntegration], error) {
		return s.registry(ctx, in.Body.Name, s.connect(ctx, in.Body))
	})
	huma.Register(api, base.Operation(http.MethodPatch, "/registries/{name}", tag, "change-registry", "Change a connected registry, pause or resume it; nothing is saved unless it answers"),
		func(ctx context.Context, in *struct {
			Name
			Body connected.RegistryIntegrationChange
		}) (*base.Answer[connected.RegistryIntegration], error) {
			return s.registry(ctx, in.Name.Name, s.change(ctx, in.Name.Name, in.Body))
		})
	huma.Register(api, base.Operation(http.MethodGet, "/registries/{name}/impact", tag, "get-registry-impact", "Tell what goes if a registry were disconnected, and what stays"),
		func(ctx context.Context, in *Name) (*base.Answer[connected.RegistryImpact], error) {
			impact, err := s.Store.RegistryImpact(ctx, base.OrgOf(ctx), in.Name)
			return base.Reply(s.Log, connected.NewRegistryImpact(impact), err)
		})
	huma.Register(api, base.Operation(http.MethodDelete, "/registries/{name}", tag, "disconnect-registry", "Forget a registry, its credentials and its repositories; what was analysed stays"),
		func(ctx context.Context, in *Name) (*struct{}, error) {
			return nil, base.Fail(s.Log, s.Store.DisconnectRegistry(ctx, base.OrgOf(ctx), in.Name))
		})
	s.hooks(api)
	s.repositories(api)
	s.exports(api)
}

func newKind(k registry.Kind) connected.RegistryKind {
	return connected.RegistryKind{Name: k.Name, Title: k.Title, Host: k.Host, Example: k.Example, Listing: string(k.Listing), Namespace: k.Namespace, API: k.API, Username: k.Username, Secret: k.Secret, Identity: k.Identity, Hook: k.Hook}
}

// registry answers with a connected registry, unless something failed before.
func (s Deps) registry(ctx context.Context, name string, err error) (*base.Answer[connected.RegistryIntegration], error) {
	if err != nil {
		return nil, base.Fail(s.Log, err)
	}
	in, err := s.Store.ConnectedRegistry(ctx, base.OrgOf(ctx), name)
	return base.Reply(s.Log, connected.NewRegistryIntegration(in), err)
}

// connection is a request that was read.
type connection struct {
	cfg registry.Config
	in  store.RegistryIntegration
}

func (s Deps) read(body connected.RegistryConnection) (out connection, err error) {
	if out.cfg, err = registry.Complete(registry.Config{
		Kind: body.Kind, Host: body.Host, Namespace: body.Namespace, API: body.API, Username: body.Username, Secret: body.Secret, Repositories: body.Repositories, CA: body.CA, Identity: body.Identity,
	}); err != nil {
		return out, err
	}
	out.in = store.RegistryIntegration{Kind: out.cfg.Kind, Host: out.cfg.Host, Namespace: out.cfg.Namespace, API: out.cfg.API, Username: out.cfg.Username, Repositories: out.cfg.Repositories, CA: out.cfg.CA, Identity: out.cfg.Identity}
	if out.in.Include, err = globs("include", body.Include); err != nil {
		return out, err
	}
	out.in.Exclude, err = globs("exclude", body.Exclude)
	return out, err
}

func globs(field string, list []string) (crowsnest.Globs, error) {
	out, err := crowsnest.ParseGlobs(list)
	return out, crowsnest.InField(field, err)
}

// The time between two readings of a repository's tags: what is usual, and what keeps a mistyped one from using up a
// registry's patience.
const (
	usualInterval = 5 * time.Minute
	leastInterval = 10 * time.Second
	mostInterval  = 24 * time.Hour
)

func interval(text string) (time.Duration, error) {
	if text == "" {
		return usualInterval, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < leastInterval || d > mostInterval {
		return 0, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read interval", Subject: text, Field: "interval", Hint: "write it as 5m or 30s, from 10s to 24h"}
	}
	return d, nil
}

func (s Deps) connect(ctx context.Context, body connected.RegistryIntegrationRequest) error {
	c, err := s.read(body.RegistryConnection)
	if err != nil {
		return err
	}
	c.in.Name = body.Name
	if c.in.Enabling, err = globs("enable", body.Enable); err != nil {
		return err
	}
	if c.in.Interval, err = interval(body.Interval); err != nil {
		return err
	}
	if _, err := s.Try(ctx, c.cfg, c.in.Admits); err != nil {
		return err
	}
	if c.in.Secret, err = s.seal(ctx, c.cfg.Secret); err != nil {
		return err
	}
	_, err = s.Store.ConnectRegistry(ctx, base.OrgOf(ctx), c.in)
	return err
}

// seal encrypts a secret; none is no bytes.
func (s Deps) seal(ctx context.Context, secret string) ([]byte, error) {
	if secret == "" {
		return []byte{}, nil
	}
	return s.Seal(ctx, secret)
}

func (s Deps) change(ctx context.Context, name string, body connected.RegistryIntegrationChange) error {
	org := base.OrgOf(ctx)
	was, err := s.Store.ConnectedRegistry(ctx, org, name)
	if err != nil {
		return err
	}
	invalid := func(field, hint string) error {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "change registry", Subject: name, Field: field, Hint: hint}
	}
	if body == (connected.RegistryIntegrationChange{}) {
		return invalid("", "say what is to change")
	}
	if body == (connected.RegistryIntegrationChange{Paused: body.Paused}) { // of what changes nothing else nothing is asked
		return s.Store.ChangeRegistry(ctx, org, name, store.RegistryChange{Paused: body.Paused})
	}
	elsewhere := body.API != nil && *body.API != was.API || body.CA != nil && strings.TrimSpace(*body.CA) != was.CA
	if body.Secret == nil && elsewhere && len(was.Secret) > 0 && !or(body.Identity, false) {
		return invalid("secret", "give the password or token too; one is never sent to a place it was not given for")
	}
	whole := connected.RegistryConnection{
		Kind: was.Kind, Host: was.Host, Namespace: or(body.Namespace, was.Namespace), API: or(body.API, was.API), Username: or(body.Username, was.Username),
		Repositories: or(body.Repositories, was.Repositories), Include: or(body.Include, []string(was.Include)), Exclude: or(body.Exclude, []string(was.Exclude)),
	}
	// The server's own identity takes the place of a user and a password, and they that of the identity.
	whole.CA, whole.Identity = or(body.CA, was.CA), or(body.Identity, was.Identity && or(body.Secret, "") == "")
	if whole.Identity && body.Secret == nil {
		body.Secret = new(string)
		whole.Username = or(body.Username, "")
	}
	if body.Secret != nil {
		whole.Secret = *body.Secret
	} else if len(was.Secret) > 0 {
		if whole.Secret, err = s.Unseal(ctx, was.Secret); err != nil {
			return err
		}
	}
	c, err := s.read(whole)
	if err != nil {
		return err
	}
	change := store.RegistryChange{Username: &c.cfg.Username, Namespace: &c.cfg.Namespace, API: &c.cfg.API, Repositories: &c.cfg.Repositories, Include: &c.in.Include, Exclude: &c.in.Exclude, Paused: body.Paused}
	if c.cfg.CA != was.CA {
		change.CA = &c.cfg.CA
	}
	if c.cfg.Identity != was.Identity {
		change.Identity = &c.cfg.Identity
	}
	if body.Enable != nil {
		enabling, err := globs("enable", *body.Enable)
		if err != nil {
			return err
		}
		change.Enabling = &enabling
	}
	if body.Interval != nil {
		d, err := interval(*body.Interval)
		if err != nil {
			return err
		}
		change.Interval = &d
	}
	if _, err := s.Try(ctx, c.cfg, c.in.Admits); err != nil {
		return err
	}
	if body.Secret != nil {
		if change.Secret, err = s.seal(ctx, c.cfg.Secret); err != nil {
			return err
		}
	}
	return s.Store.ChangeRegistry(ctx, org, name, change)
}

// or returns what a pointer points to, or else the other value.
func or[T any](given *T, was T) T {
	if given != nil {
		return *given
	}
	return was
}

func (s Deps) hooks(api huma.API) {
	create := base.Operation(http.MethodPost, "/registries/{name}/hook", tag, "create-registry-hook", "Make the secret of the webhook of a registry, in place of the one before")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, func(ctx context.Context, in *Name) (*base.Answer[wire.Hook], error) {
		secret, _ := auth.NewHook()
		sealed, err := s.Seal(ctx, secret)
		if err != nil {
			return nil, base.Fail(s.Log, err)
		}
		if err := s.Store.SetRegistryHook(ctx, base.OrgOf(ctx), in.Name, sealed); err != nil {
			return nil, base.Fail(s.Log, err)
		}
		row, err := s.Store.ConnectedRegistry(ctx, base.OrgOf(ctx), in.Name)
		return base.Reply(s.Log, wire.Hook{URL: s.Address(ctx) + hookPath + url.PathEscape(row.ID), Secret: secret}, err)
	})
	huma.Register(api, base.Operation(http.MethodDelete, "/registries/{name}/hook", tag, "delete-registry-hook", "End the webhook of a registry"),
		func(ctx context.Context, in *Name) (*struct{}, error) {
			return nil, base.Fail(s.Log, s.Store.SetRegistryHook(ctx, base.OrgOf(ctx), in.Name, nil))
		})
	call := base.Operation(http.MethodPost, "/hooks/registries/{id}", tag, "call-registry-hook", "Tell of pushes, as registries do, with the secret of the hook; the registry is asked what is true of it")
	call.DefaultStatus = http.StatusAccepted
	call.RejectUnknownQueryParameters = false // senders may add some of their own
	call.MaxBodyBytes = registry.MaxEvent
	huma.Register(api, call, func(ctx context.Context, in *struct {
		ID            string `path:"id" maxLength:"64"`
		Authorization string `header:"Authorization" maxLength:"1024" doc:"Bearer SECRET, Basic with the secret as password, or the secret alone"`
		Header        string `header:"X-Crowsnest-Hook" maxLength:"1024" doc:"SECRET, where Authorization cannot be set"`
		Query         string `query:"secret" maxLength:"1024" doc:"SECRET, where no header can be set"`
		GitHub        string `header:"X-Hub-Signature-256" maxLength:"1024"`
		Artifactory   string `header:"X-JFrog-Event-Auth" maxLength:"1024"`
		Nexus         string `header:"X-Nexus-Webhook-Signature" maxLength:"1024"`
		RawBody       []byte
	}) (*struct{}, error) {
		proof := registry.Proof{Authorization: in.Authorization, Header: in.Header, Query: in.Query, GitHub: in.GitHub, Artifactory: in.Artifactory, Nexus: in.Nexus}
		return nil, s.told(ctx, in.ID, proof, in.RawBody)
	})
}

const hookPath = runtime.HookPrefix + "registries/"

func (s Deps) told(ctx context.Context, id string, proof registry.Proof, body []byte) error {
	unknown := huma.Error404NotFound("there is no such hook, or its secret is another")
	row, err := s.Store.HookedRegistry(ctx, id)
	if crowsnest.KindOf(err) == crowsnest.NotFound && err != nil {
		return unknown
	}
	if err != nil {
		return base.Fail(s.Log, err)
	}
	secret, err := s.Unseal(ctx, row.Hook)
	if err != nil {
		return base.Fail(s.Log, err)
	}
	if !proof.Holds(secret, body) {
		return unknown
	}
	pushes, err := registry.ParseEvent(body)
	if err != nil || len(pushes) == 0 {
		return base.Fail(s.Log, err)
	}
	for i := range pushes { // some name the registry as well
		for j, r := range pushes[i].Repositories {
			pushes[i].Repositories[j] = strings.TrimPrefix(r, row.Host+"/")
		}
	}
	return base.Fail(s.Log, s.Store.TellPush(ctx, id, pushes))
}
