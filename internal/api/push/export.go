package push

import (
	"context"

	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/connected"
	"github.com/danielgtaylor/huma/v2"
)

var registryColumns = []export.Column[connected.RegistryIntegration]{
	{Name: "name", Value: func(r connected.RegistryIntegration) any { return r.Name }}, {Name: "kind", Value: func(r connected.RegistryIntegration) any { return r.Kind }},
	{Name: "host", Value: func(r connected.RegistryIntegration) any { return r.Host }}, {Name: "namespace", Value: func(r connected.RegistryIntegration) any { return r.Namespace }},
	{Name: "state", Value: func(r connected.RegistryIntegration) any { return r.State }}, {Name: "since", Value: func(r connected.RegistryIntegration) any { return r.StateSince }},
	{Name: "reason", Value: func(r connected.RegistryIntegration) any { return r.Reason }}, {Name: "found", Value: func(r connected.RegistryIntegration) any { return r.Found }},
	{Name: "enabled", Value: func(r connected.RegistryIntegration) any { return r.Enabled }}, {Name: "listed", Value: func(r connected.RegistryIntegration) any { return r.Listed }},
	{Name: "nextLook", Value: func(r connected.RegistryIntegration) any { return r.NextLook }}, {Name: "interval", Value: func(r connected.RegistryIntegration) any { return r.Interval }},
}

func (s Deps) exports(api huma.API) {
	huma.Register(api, base.ExportOperation("/registries", "export-registries", "Export connected registries with how it goes with them"), func(ctx context.Context, in *base.ExportFormat) (*huma.StreamResponse, error) {
		org := base.OrgOf(ctx)
		return base.Export[connected.RegistryIntegration]{List: "registries", Columns: registryColumns, Rows: func(ctx context.Context, _ store.Page) ([]connected.RegistryIntegration, string, error) {
			list, err := s.Store.ConnectedRegistries(ctx, org)
			return wire.Each(list, connected.NewRegistryIntegration), "", err
		}}.Serve(ctx, s.Store, s.Log, in.Format)
	})
}
