package app

import (
	"context"
	"fmt"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/environment"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/sysdig"
)

// connect makes the observer of a Sysdig integration.
func (a *App) connect(ctx context.Context, in store.Integration) (environment.Observer, error) {
	token, err := a.keeper.Open(ctx, in.Secret)
	if err != nil {
		return nil, err
	}
	client, err := sysdig.New(sysdig.Config{Region: in.Region, URL: in.URL, Token: token}, a.client)
	if err != nil {
		return nil, err
	}
	return Observe(client), nil
}

// Observe makes an observer of a client. What the client rejects runs all the same, so it is reported.
func Observe(client *sysdig.Client) environment.Observer {
	return func(ctx context.Context, cluster string, page func([]crowsnest.Observation) error) (environment.Report, error) {
		stats, err := client.RuntimeImages(ctx, cluster, page)
		// Of what was rejected beyond the listed ones nothing is known; it counts as containers.
		report := environment.Report{Requests: stats.Requests, Unusable: stats.Rejected - len(stats.Rejections)}
		for _, r := range stats.Rejections {
			if r.Package {
				continue
			}
			report.Unusable++
			if len(report.Reasons) < 3 {
				report.Reasons = append(report.Reasons, fmt.Sprintf("%s/%s %s: %s", r.Namespace, r.Name, r.Container, r.Reason))
			}
		}
		return report, err
	}
}

func (a *App) clusters(ctx context.Context, cfg sysdig.Config) ([]string, error) {
	client, err := sysdig.New(cfg, a.client)
	if err != nil {
		return nil, err
	}
	return client.Clusters(ctx)
}

func (a *App) probe(ctx context.Context, cfg sysdig.Config, cluster string) error {
	client, err := sysdig.New(cfg, a.client)
	if err != nil {
		return err
	}
	return client.Probe(ctx, cluster)
}
