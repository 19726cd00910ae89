// Package lineage is the room of the API about what images are built on.
package lineage

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// Deps is what the routes need.
type Deps struct {
	Store store.Store
	Log   *slog.Logger
}

// Query filters base images.
type Query struct {
	Environment string `query:"environment" maxLength:"128" doc:"Only what is built upon by something that runs in this environment"`
	Q           string `query:"q" maxLength:"200" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Part of the name or of the digest, in either case"`
}

func (q Query) filter() store.BaseImageFilter {
	return store.BaseImageFilter{Environment: q.Environment, Query: q.Q}
}

var columns = []export.Column[wire.BaseImage]{
	{Name: "name", Value: func(b wire.BaseImage) any { return b.Name }}, {Name: "digest", Value: func(b wire.BaseImage) any { return string(b.Digest) }},
	{Name: "by", Value: func(b wire.BaseImage) any { return string(b.By) }}, {Name: "images", Value: func(b wire.BaseImage) any { return b.Images }},
	{Name: "distribution", Value: func(b wire.BaseImage) any { return b.Distribution }}, {Name: "known", Value: func(b wire.BaseImage) any { return b.Known != nil }},
	{Name: "critical", Value: func(b wire.BaseImage) any { return b.Summary.Critical }}, {Name: "high", Value: func(b wire.BaseImage) any { return b.Summary.High }},
	{Name: "medium", Value: func(b wire.BaseImage) any { return b.Summary.Medium }}, {Name: "low", Value: func(b wire.BaseImage) any { return b.Summary.Low }},
	{Name: "unspecified", Value: func(b wire.BaseImage) any { return b.Summary.Unspecified }},
	{Name: "inUse", Value: func(b wire.BaseImage) any {
		if b.InUse == nil {
			return "" // not watched is not none
		}
		return b.InUse.Total()
	}},
}

// Register adds the routes to the API, which checks who may call them.
func Register(api huma.API, s Deps) {
	list := func(ctx context.Context, q Query, page store.Page) (store.List[store.BaseImage], error) {
		return s.Store.BaseImages(ctx, base.OrgOf(ctx), q.filter(), page)
	}
	huma.Register(api, base.Operation(http.MethodGet, "/base-images", "Images", "list-base-images", "List what images are built on, the one with most images first"),
		func(ctx context.Context, in *struct {
			Query
			base.Paging
		}) (*base.Answer[wire.Page[wire.BaseImage]], error) {
			found, err := list(ctx, in.Query, in.Page())
			return base.Reply(s.Log, wire.PageOf(found, wire.NewBaseImage), err)
		})
	huma.Register(api, base.ExportOperation("/base-images", "export-base-images", "Export what images are built on"),
		func(ctx context.Context, in *struct {
			base.ExportFormat
			Query
		}) (*huma.StreamResponse, error) {
			return base.Export[wire.BaseImage]{List: "base-images", Of: in.Environment, Filter: map[string]string{"environment": in.Environment, "q": in.Q}, Columns: columns,
				Rows: base.Paged(func(ctx context.Context, page store.Page) (store.List[store.BaseImage], error) {
					return list(ctx, in.Query, page)
				}, wire.NewBaseImage),
			}.Serve(ctx, s.Store, s.Log, in.Format)
		})
}
