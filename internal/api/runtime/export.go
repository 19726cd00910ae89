package runtime

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// exposureColumns are those of a CSV file: of the episodes of an exposure the newest.
var exposureColumns = []export.Column[wire.Exposure]{
	{Name: "vulnerability", Value: func(x wire.Exposure) any { return x.Vulnerability }}, {Name: "severity", Value: func(x wire.Exposure) any { return x.Severity.String() }},
	{Name: "open", Value: func(x wire.Exposure) any { return x.Open }}, {Name: "overdue", Value: func(x wire.Exposure) any { return x.Overdue }},
	{Name: "knownSince", Value: func(x wire.Exposure) any { return x.KnownSince }}, {Name: "due", Value: func(x wire.Exposure) any { return timeCell(x.Due) }},
	{Name: "since", Value: func(x wire.Exposure) any { return newest(x).Since }}, {Name: "until", Value: func(x wire.Exposure) any { return timeCell(newest(x).Until) }},
	{Name: "came", Value: func(x wire.Exposure) any { return causeCell(newest(x).Came) }},
	{Name: "went", Value: func(x wire.Exposure) any {
		if went := newest(x).Went; went != nil {
			return causeCell(*went)
		}
		return ""
	}},
	{Name: "episodes", Value: func(x wire.Exposure) any { return x.EpisodeCount }}, {Name: "notSeen", Value: func(x wire.Exposure) any { return x.NotSeen }},
}

var environmentColumns = []export.Column[wire.EnvironmentSummary]{
	{Name: "name", Value: func(e wire.EnvironmentSummary) any { return e.Name }}, {Name: "description", Value: func(e wire.EnvironmentSummary) any { return e.Description }},
	{Name: "images", Value: func(e wire.EnvironmentSummary) any { return e.Images }}, {Name: "clusters", Value: func(e wire.EnvironmentSummary) any { return strings.Join(e.Clusters, " ") }},
	{Name: "sources", Value: func(e wire.EnvironmentSummary) any { return strings.Join(e.Sources, " ") }},
	{Name: "critical", Value: func(e wire.EnvironmentSummary) any { return e.Summary.Critical }}, {Name: "high", Value: func(e wire.EnvironmentSummary) any { return e.Summary.High }},
	{Name: "medium", Value: func(e wire.EnvironmentSummary) any { return e.Summary.Medium }}, {Name: "low", Value: func(e wire.EnvironmentSummary) any { return e.Summary.Low }},
	{Name: "unspecified", Value: func(e wire.EnvironmentSummary) any { return e.Summary.Unspecified }},
	{Name: "criticalInUse", Value: func(e wire.EnvironmentSummary) any { return e.InUse.Critical }}, {Name: "highInUse", Value: func(e wire.EnvironmentSummary) any { return e.InUse.High }},
	{Name: "inUse", Value: func(e wire.EnvironmentSummary) any { return e.InUse.Total() }}, {Name: "notAffected", Value: func(e wire.EnvironmentSummary) any { return e.NotAffected.Total() }},
	{Name: "running", Value: func(e wire.EnvironmentSummary) any { return e.Coverage.Running }}, {Name: "analysed", Value: func(e wire.EnvironmentSummary) any { return e.Coverage.Analysed }},
	{Name: "asOf", Value: func(e wire.EnvironmentSummary) any { return e.AsOf }},
}

var integrationColumns = []export.Column[wire.Integration]{
	{Name: "name", Value: func(i wire.Integration) any { return i.Name }}, {Name: "kind", Value: func(i wire.Integration) any { return i.Kind }},
	{Name: "region", Value: func(i wire.Integration) any { return i.Region }}, {Name: "url", Value: func(i wire.Integration) any { return i.URL }},
	{Name: "cluster", Value: func(i wire.Integration) any { return i.Cluster }}, {Name: "environment", Value: func(i wire.Integration) any { return i.Environment }},
	{Name: "state", Value: func(i wire.Integration) any { return i.State }}, {Name: "since", Value: func(i wire.Integration) any { return i.StateSince }},
	{Name: "reason", Value: func(i wire.Integration) any { return i.Reason }}, {Name: "lastCompleteSweep", Value: func(i wire.Integration) any { return i.LastSweep }},
	{Name: "nextSweep", Value: func(i wire.Integration) any { return i.NextSweep }}, {Name: "interval", Value: func(i wire.Integration) any { return i.Interval }},
	{Name: "occurrences", Value: func(i wire.Integration) any { return i.Occurrences }},
}

// EnvironmentQuery says which environments to list.
type EnvironmentQuery struct {
	Empty bool `query:"empty" doc:"Also those in which nothing analysed runs"`
}

// IntegrationQuery narrows the list of integrations.
type IntegrationQuery struct {
	Environment string `query:"environment" maxLength:"128" doc:"Only those that feed this environment"`
}

// Of leaves what was asked for.
func (q IntegrationQuery) Of(list []store.Integration) []store.Integration {
	if q.Environment == "" {
		return list
	}
	return slices.DeleteFunc(list, func(i store.Integration) bool { return i.Environment != q.Environment })
}

// newest returns the last episode of an exposure; every exposure has one.
func newest(x wire.Exposure) wire.ExposureEpisode { return x.Episodes[0] }

func timeCell(at *time.Time) any {
	if at == nil {
		return ""
	}
	return *at
}

// causeCell names the image that was the cause, by its digest where it has no name, or says that
// what is known of one was.
func causeCell(c wire.ExposureCause) string {
	switch {
	case c.Image != "":
		return c.Image
	case c.Digest != "":
		return string(c.Digest)
	}
	return c.Kind
}

func (s *routes) exports(api huma.API) {
	huma.Register(api, base.ExportOperation("/environments", "export-environments", "Export environments"), func(ctx context.Context, in *struct {
		base.ExportFormat
		EnvironmentQuery
	}) (*huma.StreamResponse, error) {
		org, filter := base.OrgOf(ctx), map[string]string{}
		if in.Empty {
			filter["empty"] = "true"
		}
		return base.Export[wire.EnvironmentSummary]{List: "environments", Filter: filter, Columns: environmentColumns, Rows: func(ctx context.Context, _ store.Page) ([]wire.EnvironmentSummary, string, error) {
			rows, err := s.Store.Environments(ctx, org, in.Empty)
			return wire.Each(rows, wire.NewEnvironmentSummary), "", err
		}}.Serve(ctx, s.Store, s.Log, in.Format)
	})
	huma.Register(api, base.ExportOperation("/integrations", "export-integrations", "Export integrations with how their sweeps go"), func(ctx context.Context, in *struct {
		base.ExportFormat
		IntegrationQuery
	}) (*huma.StreamResponse, error) {
		org := base.OrgOf(ctx)
		return base.Export[wire.Integration]{List: "integrations", Of: in.Environment, Filter: map[string]string{"environment": in.Environment}, Columns: integrationColumns, Rows: func(ctx context.Context, _ store.Page) ([]wire.Integration, string, error) {
			list, err := s.Store.Integrations(ctx, org)
			return wire.Each(in.Of(list), wire.NewIntegration), "", err
		}}.Serve(ctx, s.Store, s.Log, in.Format)
	})
	huma.Register(api, base.ExportOperation("/environments/{name}/exposures", "export-environment-exposures", "Export what an environment is and was exposed to within a year"),
		func(ctx context.Context, in *struct {
			base.ExportFormat
			base.EnvironmentName
			ExposureQuery
		}) (*huma.StreamResponse, error) {
			return base.Export[wire.Exposure]{
				List: "exposures", Of: in.Name, Columns: exposureColumns,
				Filter: map[string]string{"environment": in.Name, "state": in.State, "severity": strings.Join(in.Severity, " ")},
				Rows: func(ctx context.Context, page store.Page) ([]wire.Exposure, string, error) {
					part, err := s.page(ctx, in.Name, in.ExposureQuery, page)
					return part.Items, part.Next, err
				},
			}.Serve(ctx, s.Store, s.Log, in.Format)
		})
}
