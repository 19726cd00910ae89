package runtime

import (
	"context"
	"net/http"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/retention"
	"github.com/danielgtaylor/huma/v2"
)

// shownRuns is how many runs of retention are listed: a month of them.
const shownRuns = 30

func (s *routes) data(api huma.API) {
	const tag = "Data"
	huma.Register(api, base.Operation(http.MethodGet, "/settings/retention", tag, "get-retention", "Get the days after which what is old is removed"),
		func(ctx context.Context, _ *struct{}) (*base.Answer[retention.Retention], error) {
			r, err := s.Store.Retention(ctx, base.OrgOf(ctx))
			return base.Reply(s.Log, retention.Retention(r), err)
		})
	huma.Register(api, base.Operation(http.MethodPatch, "/settings/retention", tag, "update-retention", "Change the days after which what is old is removed"),
		func(ctx context.Context, in *struct{ Body retention.RetentionChange }) (*base.Answer[retention.Retention], error) {
			if in.Body == (retention.RetentionChange{}) {
				return nil, base.Fail(s.Log, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "change retention", Hint: "say what is to change"})
			}
			r, err := s.Store.Retention(ctx, base.OrgOf(ctx))
			if err != nil {
				return nil, base.Fail(s.Log, err)
			}
			r = in.Body.Apply(r)
			return base.Reply(s.Log, retention.Retention(r), s.Store.SetRetention(ctx, base.OrgOf(ctx), r))
		})
	huma.Register(api, base.Operation(http.MethodGet, "/settings/retention/preview", tag, "preview-retention", "Tell what would be removed now, also by other ages than those that are set"),
		func(ctx context.Context, in *struct {
			Images   int `query:"images" minimum:"-1" maximum:"3650" default:"-1" doc:"Days, 0 for never; the default is what is set"`
			Analyses int `query:"analyses" minimum:"-1" maximum:"3650" default:"-1"`
			Audit    int `query:"audit" minimum:"-1" maximum:"3650" default:"-1"`
		}) (*base.Answer[retention.RetentionPreview], error) {
			r, err := s.Store.Retention(ctx, base.OrgOf(ctx))
			if err != nil {
				return nil, base.Fail(s.Log, err)
			}
			for to, asked := range map[*int]int{&r.Images: in.Images, &r.Analyses: in.Analyses, &r.Audit: in.Audit} {
				if asked >= 0 {
					*to = asked
				}
			}
			removal, err := s.Store.PreviewRetention(ctx, base.OrgOf(ctx), r)
			return base.Reply(s.Log, retention.RetentionPreview{Retention: retention.Retention(r), Removal: retention.Removal(removal)}, err)
		})
	huma.Register(api, base.Operation(http.MethodGet, "/settings/retention/runs", tag, "list-retention-runs", "List what retention removed of late, and what is under way"),
		func(ctx context.Context, _ *struct{}) (*base.Answer[[]retention.RetentionRun], error) {
			runs, err := s.Store.RetentionRuns(ctx, base.OrgOf(ctx), shownRuns)
			return base.Reply(s.Log, wire.Each(runs, func(r store.RetentionRun) retention.RetentionRun { return retention.NewRetentionRun(r) }), err)
		})
	huma.Register(api, base.Operation(http.MethodGet, "/storage", tag, "get-storage", "Tell how much is kept, by sort; of the whole installation, which shares most of it"),
		func(ctx context.Context, _ *struct{}) (*base.Answer[retention.Storage], error) {
			v, err := s.Store.Storage(ctx, base.OrgOf(ctx))
			return base.Reply(s.Log, retention.NewStorage(v), err)
		})
}
