// Package delivery is the room of the API that takes in what was found in images elsewhere: by a pipeline, or by a watch
// beside a registry that the server cannot reach.
package delivery

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/connected"
	"github.com/crowsnest-sec/crowsnest/internal/wire/delivery"
	"github.com/danielgtaylor/huma/v2"
)

// Deps is what the routes need.
type Deps struct {
	Store store.Store
	Log   *slog.Logger
	// Deliver keeps what was found in an image; reads says that the caller may read what the organisation knows.
	Deliver func(ctx context.Context, org store.OrgID, d delivery.Delivery, reads bool) (delivery.Receipt, error)
}

// slowLine is how long a large delivery may take over a slow line.
const slowLine = 5 * time.Minute

// Register adds the routes to the API, which checks who may call them.
func Register(api huma.API, s Deps) {
	const tag = "Deliveries"
	deliver := base.Operation(http.MethodPost, "/deliveries", tag, "deliver-image", "Deliver what was found in an image elsewhere, or ask whether that is needed; never its content")
	deliver.MaxBodyBytes, deliver.BodyReadTimeout = delivery.MaxBytes, slowLine
	huma.Register(api, deliver, func(ctx context.Context, in *struct{ Body delivery.Delivery }) (*base.Answer[delivery.Receipt], error) {
		receipt, err := s.Deliver(ctx, base.OrgOf(ctx), in.Body, base.CallerOf(ctx).Permissions.Has(auth.Read))
		return base.Reply(s.Log, receipt, err)
	})
	huma.Register(api, base.Operation(http.MethodGet, "/deliveries/tags", tag, "list-delivered-tags", "List what the tags of a repository are known to name, so that only what is new need be delivered"),
		func(ctx context.Context, in *struct {
			Repository string `query:"repository" required:"true" minLength:"1" maxLength:"512" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"As images are named, without a tag"`
			base.Paging
		}) (*base.Answer[wire.Page[connected.TagInterval]], error) {
			list, err := s.Store.TagIntervals(ctx, base.OrgOf(ctx), in.Repository, false, in.Page())
			return base.Reply(s.Log, wire.PageOf(list, connected.NewTagInterval), err)
		})
	huma.Register(api, base.Operation(http.MethodPost, "/deliveries/tags", tag, "deliver-tags", "Say what tags name of which no image is delivered, and which there are no more"),
		func(ctx context.Context, in *struct{ Body delivery.Tags }) (*struct{}, error) {
			tags := make([]store.Tag, len(in.Body.Tags))
			for i, t := range in.Body.Tags {
				var err error
				if tags[i], err = t.Stored(); err != nil {
					return nil, base.Fail(s.Log, err)
				}
			}
			return nil, base.Fail(s.Log, s.Store.KeepTags(ctx, base.OrgOf(ctx), tags))
		})
}
