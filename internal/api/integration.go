package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/runtime"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/sysdig"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/source"
	"github.com/danielgtaylor/huma/v2"
)

// minInterval keeps a mistyped interval from using up the source's rate limit, maxInterval from what is shown being
// older than anybody thinks.
const (
	minInterval = 10 * time.Second
	maxInterval = 24 * time.Hour
)

func (s *server) integrations(api huma.API) {
	const tag = "Integrations"
	huma.Register(api, operation(http.MethodGet, "/integrations", tag, "list-integrations", "List integrations"),
		func(ctx context.Context, in *runtime.IntegrationQuery) (*answer[[]wire.Integration], error) {
			list, err := s.Store.Integrations(ctx, orgOf(ctx))
			return reply(s, wire.Each(in.Of(list), wire.NewIntegration), err)
		})
	huma.Register(api, operation(http.MethodGet, "/integrations/{name}", tag, "get-integration", "Get an integration and how its sweeps go"),
		func(ctx context.Context, in *IntegrationName) (*answer[wire.Integration], error) {
			row, err := s.Store.Integration(ctx, orgOf(ctx), in.Name)
			return reply(s, wire.NewIntegration(row), err)
		})
	create := operation(http.MethodPost, "/integrations", tag, "create-integration", "Connect a cluster to an environment; nothing is saved unless Sysdig answers")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, func(ctx context.Context, in *struct{ Body wire.IntegrationRequest }) (*answer[wire.Integration], error) {
		made, err := s.createIntegration(ctx, in.Body)
		return reply(s, made, err)
	})
	huma.Register(api, operation(http.MethodDelete, "/integrations/{name}", tag, "delete-integration", "Delete an integration; what it saw stays in the history"),
		func(ctx context.Context, in *IntegrationName) (*struct{}, error) {
			return nil, s.fail(s.Store.DeleteIntegration(ctx, orgOf(ctx), in.Name))
		})
	sync := operation(http.MethodPost, "/integrations/{name}/sync", tag, "sync-integration", "Sweep now")
	sync.DefaultStatus = http.StatusAccepted
	huma.Register(api, sync, func(ctx context.Context, in *IntegrationName) (*answer[wire.Integration], error) {
		if err := s.Store.RequestSweep(ctx, orgOf(ctx), in.Name); err != nil {
			return nil, s.fail(err)
		}
		row, err := s.Store.Integration(ctx, orgOf(ctx), in.Name)
		return reply(s, wire.NewIntegration(row), err)
	})
	huma.Register(api, operation(http.MethodPost, "/sysdig/clusters", tag, "list-sysdig-clusters", "Ask Sysdig for its cluster names: the test of region and tokens; nothing is saved"),
		func(ctx context.Context, in *struct{ Body wire.ClustersRequest }) (*answer[source.Clusters], error) {
			cfg := sysdig.Config{Region: strings.TrimSpace(in.Body.Region), URL: strings.TrimSpace(in.Body.URL), Token: in.Body.Token, APIToken: strings.TrimSpace(in.Body.APIToken), CA: in.Body.CA}
			list, err := s.Clusters(ctx, cfg)
			if err != nil {
				return nil, s.fail(err)
			}
			connected, err := s.Store.Integrations(ctx, orgOf(ctx))
			return reply(s, source.NewClusters(list, cfg, connected), err)
		})
	huma.Register(api, operation(http.MethodGet, "/sysdig/regions", tag, "list-sysdig-regions", "List Sysdig's regions"),
		func(_ context.Context, _ *struct{}) (*answer[[]sysdig.Region], error) {
			return reply(s, sysdig.Regions(), nil)
		})
}

func (s *server) createIntegration(ctx context.Context, in wire.IntegrationRequest) (wire.Integration, error) {
	for _, pasted := range []*string{&in.Region, &in.URL, &in.Token, &in.APIToken, &in.Cluster} {
		*pasted = strings.TrimSpace(*pasted)
	}
	interval := s.DefaultInterval
	if in.Interval != "" {
		var err error
		if interval, err = parseInterval(in.Interval); err != nil {
			return wire.Integration{}, err
		}
	}
	trial, err := s.TryCluster(ctx, sysdig.Config{Region: in.Region, URL: in.URL, Token: in.Token, APIToken: in.APIToken, CA: in.CA}, in.Cluster)
	if err != nil {
		return wire.Integration{}, err
	}
	if trial.Empty && !in.AllowEmpty {
		return wire.Integration{}, source.Refused(in.Cluster, trial)
	}
	sealed, err := s.Seal(ctx, in.Token)
	if err != nil {
		return wire.Integration{}, err
	}
	var apiSecret []byte
	if in.APIToken != "" {
		if apiSecret, err = s.Seal(ctx, in.APIToken); err != nil {
			return wire.Integration{}, err
		}
	}
	created, err := s.Store.CreateIntegration(ctx, store.Integration{
		Org: orgOf(ctx), Name: in.Name, Kind: in.Kind, Region: in.Region, URL: in.URL, Cluster: in.Cluster, Environment: in.Environment,
		Secret: sealed, APISecret: apiSecret, CA: in.CA, Interval: interval, Analyse: in.Analyse,
	})
	if err != nil {
		return wire.Integration{}, err
	}
	return s.hinted(ctx, created.Name, trial)
}

// hinted is an integration with what its test found.
func (s *server) hinted(ctx context.Context, name string, trial sysdig.Trial) (wire.Integration, error) {
	row, err := s.Store.Integration(ctx, orgOf(ctx), name)
	out := wire.NewIntegration(row)
	if hint := source.Hint(row.Cluster, trial); hint != "" {
		out.Hint = hint
	}
	return out, err
}

// parseInterval reads the time between sweeps.
func parseInterval(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < minInterval || d > maxInterval {
		return 0, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read interval", Subject: text, Field: "interval", Hint: "write it as 5m or 30s; at least 10s, and 24h at most"}
	}
	return d, nil
}
