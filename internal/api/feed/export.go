package feed

import (
	"context"
	"strings"

	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

var updateColumns = []export.Column[wire.AdvisoryUpdate]{
	{Name: "at", Value: func(u wire.AdvisoryUpdate) any { return u.At }}, {Name: "feed", Value: func(u wire.AdvisoryUpdate) any { return u.Feed }}, {Name: "ecosystem", Value: func(u wire.AdvisoryUpdate) any { return u.Ecosystem }},
	{Name: "added", Value: func(u wire.AdvisoryUpdate) any { return u.Added.Count }}, {Name: "changed", Value: func(u wire.AdvisoryUpdate) any { return u.Changed.Count }}, {Name: "withdrawn", Value: func(u wire.AdvisoryUpdate) any { return u.Withdrawn.Count }},
	{Name: "opened", Value: func(u wire.AdvisoryUpdate) any { return u.Opened }}, {Name: "closed", Value: func(u wire.AdvisoryUpdate) any { return u.Closed }},
	{Name: "tries", Value: func(u wire.AdvisoryUpdate) any { return u.Tries }}, {Name: "reason", Value: func(u wire.AdvisoryUpdate) any { return u.Reason }},
	{Name: "addedIds", Value: func(u wire.AdvisoryUpdate) any { return strings.Join(u.Added.IDs, " ") }}, {Name: "changedIds", Value: func(u wire.AdvisoryUpdate) any { return strings.Join(u.Changed.IDs, " ") }}, {Name: "withdrawnIds", Value: func(u wire.AdvisoryUpdate) any { return strings.Join(u.Withdrawn.IDs, " ") }},
}

func exports(api huma.API, deps Deps) {
	huma.Register(api, base.ExportOperation("/advisories/updates", "export-advisory-updates", "Export what updates of advisories changed, newest first"), func(ctx context.Context, in *struct {
		base.ExportFormat
		UpdateQuery
	}) (*huma.StreamResponse, error) {
		filter, err := in.Filter()
		if err != nil {
			return nil, base.Fail(deps.Log, err)
		}
		return base.Export[wire.AdvisoryUpdate]{
			List: "advisory-updates", Of: in.Ecosystem, Columns: updateColumns,
			Filter: map[string]string{"feed": in.Feed, "ecosystem": in.Ecosystem, "since": base.Moment(in.Since), "until": base.Moment(in.Until)},
			Rows: base.Paged(func(ctx context.Context, page store.Page) (store.List[store.AdvisoryUpdate], error) {
				return deps.Store.AdvisoryUpdates(ctx, filter, page)
			}, wire.NewAdvisoryUpdate),
		}.Serve(ctx, deps.Organisations, deps.Log, in.Format)
	})
}
