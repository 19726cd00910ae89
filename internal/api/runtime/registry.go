package runtime

import (
	"context"
	"net/http"

	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

func (s *routes) registries(api huma.API) {
	huma.Register(api, base.Operation(http.MethodGet, "/settings/registries", "Environments", "get-known-registries", "Get the registries that the organisation runs images from"),
		func(ctx context.Context, _ *struct{}) (*base.Answer[wire.KnownRegistries], error) {
			known, err := s.Store.KnownRegistries(ctx, base.OrgOf(ctx))
			return base.Reply(s.Log, wire.KnownRegistries{Registries: wire.Each(known, func(r string) string { return r })}, err)
		})
	huma.Register(api, base.Operation(http.MethodPut, "/settings/registries", "Environments", "set-known-registries", "Set the registries that the organisation runs images from; what runs under another name is warned of"),
		func(ctx context.Context, in *struct{ Body wire.KnownRegistries }) (*base.Answer[wire.KnownRegistries], error) {
			known, err := s.Store.SetKnownRegistries(ctx, base.OrgOf(ctx), in.Body.Registries)
			return base.Reply(s.Log, wire.KnownRegistries{Registries: known}, err)
		})
	huma.Register(api, base.Operation(http.MethodGet, "/environments/{name}/registries", "Environments", "check-environment-registries", "Compare the names of what runs in an environment with the known registries"),
		func(ctx context.Context, in *base.EnvironmentName) (*base.Answer[wire.RegistryCheck], error) {
			check, err := s.Store.CheckRegistries(ctx, base.OrgOf(ctx), in.Name)
			return base.Reply(s.Log, wire.NewRegistryCheck(check), err)
		})
}
