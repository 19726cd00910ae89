package api

import (
	"context"

	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/danielgtaylor/huma/v2"
)

// What all rooms of the API share, by the short names that each route uses.
type (
	Caller        = base.Caller
	Paging        = base.Paging
	answer[T any] = base.Answer[T]

	EnvironmentName = base.EnvironmentName
	ImageKey        = base.ImageKey
	IntegrationName = base.IntegrationName
)

func callerOf(ctx context.Context) Caller   { return base.CallerOf(ctx) }
func orgOf(ctx context.Context) store.OrgID { return base.OrgOf(ctx) }
func addressOf(ctx context.Context) string  { return base.AddressOf(ctx) }
func (s *server) fail(err error) error      { return base.Fail(s.Log, err) }

func reply[T any](s *server, body T, err error) (*answer[T], error) {
	return base.Reply(s.Log, body, err)
}

func operation(method, path, tag, id, summary string) huma.Operation {
	return base.Operation(method, path, tag, id, summary)
}
