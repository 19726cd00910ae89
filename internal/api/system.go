package api

import (
	"context"
	"net/http"

	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

func (s *server) system(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/version", "System", "get-version", "Say what answers"),
		func(context.Context, *struct{}) (*answer[wire.Version], error) { return reply(s, s.Version, nil) })
}
