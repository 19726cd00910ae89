package app

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/egress"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/registry"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// connector makes what connects registries, those with authorities of their own through clients that trusting keeps.
func connector(rt http.RoundTripper, api *http.Client, policy egress.Policy, kept *trusting) *registry.Connector {
	return &registry.Connector{Transport: rt, API: api, Trusting: func(ca string) (http.RoundTripper, *http.Client, error) {
		hc, err := kept.client(ca, policy)
		if err != nil {
			return nil, nil, err
		}
		return hc.Transport, hc, nil
	}}
}

// registryConfig opens the secret of a connected registry.
func (a *App) registryConfig(ctx context.Context, in store.RegistryIntegration) (registry.Config, error) {
	cfg := registry.Config{Kind: in.Kind, Host: in.Host, Namespace: in.Namespace, API: in.API, Username: in.Username, Repositories: in.Repositories, CA: in.CA, Identity: in.Identity}
	if len(in.Secret) == 0 {
		return cfg, nil
	}
	var err error
	cfg.Secret, err = a.keeper.Open(ctx, in.Secret)
	return cfg, err
}

func (a *App) connectRegistry(ctx context.Context, in store.RegistryIntegration) (registry.Source, error) {
	cfg, err := a.registryConfig(ctx, in)
	if err != nil {
		return nil, err
	}
	return a.registry.New(ctx, cfg)
}

// tryRegistry asks a registry for its repositories before it is connected.
func (a *App) tryRegistry(ctx context.Context, cfg registry.Config, admits func(string) bool) (registry.Trial, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	client, err := a.registry.New(ctx, cfg)
	if err != nil {
		return registry.Trial{}, err
	}
	return client.Test(ctx, admits)
}

// pull is how an image is pulled: with the account of the connected registry it is in, if there is one.
type pull struct {
	options image.Options
	in      store.RegistryIntegration // without an ID for none
	cfg     registry.Config
	said    *registry.Patience // what the registry said while it was asked
}

func (a *App) pull(ctx context.Context, req store.AnalysisRequest) (pull, error) {
	var p pull
	through := func(rt http.RoundTripper) { p.said = registry.Patient(rt); p.options.Transport = p.said }
	through(a.transport)
	var err error
	if p.in, err = a.store.RegistryOf(ctx, req.Org, crowsnest.Repository(req.Reference)); crowsnest.KindOf(err) == crowsnest.NotFound && err != nil {
		return p, nil
	} else if err != nil {
		return p, storeFailure{err}
	}
	if p.cfg, err = a.registryConfig(ctx, p.in); err != nil {
		return p, err
	}
	rt, err := a.registry.Transporting(p.cfg)
	if err != nil {
		return p, err
	}
	through(rt)
	chain, err := a.registry.Keychain(ctx, p.cfg)
	p.options.Keychain = authn.NewMultiKeychain(chain, authn.DefaultKeychain)
	return p, err
}

// analyseRequest is the worker of analyses. What went wrong with an image is the
// answer to the request; only a failing store makes the job run again. What was pushed has nobody who waits for the
// answer, so a registry that cannot be reached or asks to slow down is tried again as well.
func (a *App) analyseRequest(ctx context.Context, id string) error {
	req, err := a.store.StartRequest(ctx, id)
	if crowsnest.KindOf(err) == crowsnest.NotFound && err != nil {
		return nil // taken back, or done by a job before
	}
	if err != nil {
		return err
	}
	digest, err := a.open(ctx, req)
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err() // the server stops; the next start takes the job up again
	}
	if failure := (storeFailure{}); errors.As(err, &failure) {
		return err
	}
	reason := crowsnest.Reason(err)
	if err != nil {
		a.log.Warn("analysis failed", "reference", req.Reference, "reason", reason)
	}
	if kind := crowsnest.KindOf(err); req.Registry != "" && err != nil && (kind == crowsnest.RateLimited || kind == crowsnest.Unavailable) {
		return errors.Join(err, a.store.PostponeRequest(context.WithoutCancel(ctx), id, reason))
	}
	return a.store.FinishRequest(context.WithoutCancel(ctx), id, digest, reason)
}

// open analyses the image of a request.
func (a *App) open(ctx context.Context, req store.AnalysisRequest) (crowsnest.Digest, error) {
	var platform crowsnest.Platform // none asked for
	var err error
	if req.Platform != "" {
		if platform, err = crowsnest.ParsePlatform(req.Platform); err != nil {
			return "", err
		}
	}
	p, err := a.pull(ctx, req)
	if err != nil {
		return "", err
	}
	if wait := time.Until(p.in.Status.Waits); req.Registry != "" && wait > 0 {
		return "", later{&crowsnest.Error{Kind: crowsnest.RateLimited, Op: "open image", Subject: req.Reference, Err: errors.New("its registry is left alone for a while: " + p.in.Status.Reason)}, wait}
	}
	name := "" // its own
	if req.Tag != "" {
		repository, _, _ := strings.Cut(req.Reference, "@")
		name = repository + ":" + req.Tag
	}
	p.options.Platform = platform
	digest, err := a.engine.analyse(ctx, req.Org, "registry://"+req.Reference, name, p.options, nil)
	if pulls := p.said.Pulls(); p.in.ID != "" && pulls.Limit > 0 {
		if err := a.store.NotePulls(context.WithoutCancel(ctx), p.in.ID, pulls); err != nil {
			return digest, storeFailure{err}
		}
	}
	if err == nil || p.in.ID == "" {
		return digest, err
	}
	err = registry.Explain(err, p.cfg)
	if req.Registry == "" || crowsnest.KindOf(err) != crowsnest.RateLimited {
		return digest, err
	}
	// All that is asked of it waits, or each of a thousand images would be refused by itself.
	wait := cmp.Or(p.said.Wait(), leastWait)
	if ferr := a.store.RegistryFails(ctx, p.in.ID, crowsnest.Reason(err), wait); ferr != nil {
		return digest, storeFailure{ferr}
	}
	return digest, later{err, wait}
}

// leastWait is how long a registry is left alone that asks to slow down and does not say for how long.
const leastWait = 30 * time.Second

// later is a failure that may be none after a while.
type later struct {
	error
	after time.Duration
}

// Unwrap returns the failure.
func (l later) Unwrap() error { return l.error }

// RetryAfter says after which while.
func (l later) RetryAfter() time.Duration { return l.after }
