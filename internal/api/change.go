package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/runtime"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/sysdig"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/source"
	"github.com/danielgtaylor/huma/v2"
)

func (s *server) integrationChanges(api huma.API) {
	const tag = "Integrations"
	huma.Register(api, operation(http.MethodPatch, "/integrations/{name}", tag, "update-integration", "Change an integration, pause or resume it; nothing is saved unless Sysdig answers"),
		func(ctx context.Context, in *struct {
			IntegrationName
			Body wire.IntegrationChange
		}) (*answer[wire.Integration], error) {
			changed, err := s.changeIntegration(ctx, in.Name, in.Body)
			return reply(s, changed, err)
		})
	huma.Register(api, operation(http.MethodGet, "/integrations/{name}/impact", tag, "get-integration-impact", "Tell what leaves which environment if an integration were deleted, moved or pointed at another cluster"),
		func(ctx context.Context, in *struct {
			IntegrationName
			runtime.ImpactQuery
		}) (*answer[source.Impact], error) {
			impact, err := in.Of(ctx, s.Store, orgOf(ctx), in.Name)
			return reply(s, impact, err)
		})
}

func (s *server) changeIntegration(ctx context.Context, name string, in wire.IntegrationChange) (none wire.Integration, err error) {
	invalid := func(hint string) error {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "change integration", Subject: name, Hint: hint}
	}
	was, err := s.Store.Integration(ctx, orgOf(ctx), name)
	if err != nil {
		return none, err
	}
	if in == (wire.IntegrationChange{AllowEmpty: in.AllowEmpty}) {
		return none, invalid("say what is to change")
	}
	for _, pasted := range []*string{in.Region, in.URL, in.Token, in.APIToken, in.Cluster} {
		if pasted != nil {
			*pasted = strings.TrimSpace(*pasted)
		}
	}
	change := store.IntegrationChange{Environment: in.Environment, Cluster: in.Cluster, Region: in.Region, URL: in.URL, Paused: in.Paused, Analyse: in.Analyse}
	if in.Interval != nil {
		interval, err := parseInterval(*in.Interval)
		if err != nil {
			return none, err
		}
		change.Interval = &interval
	}
	cfg, cluster := sysdig.Config{Region: was.Region, URL: was.URL, CA: was.CA}, was.Cluster
	if in.Region != nil && *in.Region != was.Region {
		cfg = sysdig.Config{Region: *in.Region}
		change.URL, change.CA = new(string), new(string) // these are the region custom's
	}
	if in.URL != nil {
		cfg.URL = *in.URL
		change.URL = in.URL
	}
	if in.Cluster != nil {
		cluster = *in.Cluster
	}
	if in.CA != nil {
		cfg.CA = *in.CA
		change.CA = in.CA
	}
	elsewhere := cfg.Region != was.Region || cfg.URL != was.URL || cfg.CA != was.CA
	if in.Token == nil && elsewhere {
		return none, crowsnest.InField("token", invalid("give the token too; one is never sent to a place it was not given for"))
	}
	if in.APIToken != nil {
		cfg.APIToken = *in.APIToken
	}
	if elsewhere || in.APIToken != nil {
		change.APISecret = []byte{} // the same holds for the second one
	}
	var trial sysdig.Trial
	if in.Token != nil || cluster != was.Cluster || cfg.APIToken != "" {
		if in.Token != nil {
			cfg.Token = *in.Token
		} else if cfg.Token, err = s.Unseal(ctx, was.Secret); err != nil {
			return none, err
		}
		if trial, err = s.TryCluster(ctx, cfg, cluster); err != nil {
			return none, err
		}
		if trial.Empty && cluster != was.Cluster && !in.AllowEmpty {
			return none, source.Refused(cluster, trial)
		}
	}
	if in.Token != nil {
		if change.Secret, err = s.Seal(ctx, cfg.Token); err != nil {
			return none, err
		}
	}
	if cfg.APIToken != "" {
		if change.APISecret, err = s.Seal(ctx, cfg.APIToken); err != nil {
			return none, err
		}
	}
	if err := s.Store.UpdateIntegration(ctx, orgOf(ctx), name, change); err != nil {
		return none, err
	}
	return s.hinted(ctx, name, trial)
}
