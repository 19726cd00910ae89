package policy

import (
	"context"
	"net/http"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
	"github.com/danielgtaylor/huma/v2"
)

// maxDetailed bounds the images of a page whose violations are listed: they are found out anew for each.
const maxDetailed = 100

func (s *routes) results(api huma.API) {
	huma.Register(api, base.Operation(http.MethodGet, "/policies/{name}/images", tag, "list-policy-images", "List the images that a policy says something of, with what breaks it; 100 at most a page"),
		func(ctx context.Context, in *struct {
			Name
			Place
			Statuses
			base.Paging
		}) (*base.Answer[wire.Page[compliance.PolicyImage]], error) {
			page, err := s.images(ctx, in.Name.Name, in.Environment, in.Status, in.Page())
			return base.Reply(s.Log, page, err)
		})
	huma.Register(api, base.Operation(http.MethodGet, "/policies/{name}/trend", tag, "get-policy-trend", "Count by day what a policy said"),
		func(ctx context.Context, in *struct {
			Name
			Place
			Days int `query:"days" minimum:"1" maximum:"365" default:"30" doc:"How many days to look at, today included"`
		}) (*base.Answer[[]compliance.PolicyDay], error) {
			days, err := s.Store.PolicyTrend(ctx, base.OrgOf(ctx), in.Name.Name, in.Environment, in.Days)
			return base.Reply(s.Log, wire.Each(days, compliance.NewPolicyDay), err)
		})
	huma.Register(api, base.Operation(http.MethodGet, "/policy-changes", tag, "list-policy-changes", "List what policies came to say otherwise, the newest first"),
		func(ctx context.Context, in *struct {
			Place
			Changes
			base.Paging
		}) (*base.Answer[wire.Page[compliance.PolicyChanged]], error) {
			list, err := s.Store.PolicyChanges(ctx, base.OrgOf(ctx), in.filter(in.Environment), in.Page())
			return base.Reply(s.Log, wire.PageOf(list, compliance.NewPolicyChanged), err)
		})
	huma.Register(api, base.Operation(http.MethodGet, "/images/{digest}/policies", tag, "get-image-policies", "Ask all enabled policies about an image, with what breaks them, what would mend it, and the health score"),
		func(ctx context.Context, in *struct {
			base.ImageKey
			Environment string `query:"environment" maxLength:"128" doc:"What they say of the image there; without one, of the image by itself"`
		}) (*base.Answer[compliance.ImagePolicies], error) {
			out, err := s.image(ctx, in.Digest, in.Environment)
			return base.Reply(s.Log, out, err)
		})
}

func (s *routes) images(ctx context.Context, name, environment string, statuses []string, page store.Page) (wire.Page[compliance.PolicyImage], error) {
	var none wire.Page[compliance.PolicyImage]
	org := base.OrgOf(ctx)
	if err := s.evaluator.Ensure(ctx, org); err != nil {
		return none, err
	}
	filter := subject.PolicyFilter{Policy: name, Environment: environment}
	for _, word := range statuses {
		var status crowsnest.Compliance
		if err := status.UnmarshalText([]byte(word)); err != nil {
			return none, err
		}
		filter.Statuses = append(filter.Statuses, status)
	}
	page.Limit = min(page.Limit, maxDetailed)
	list, err := s.Store.PolicyImages(ctx, org, filter, page)
	if err != nil {
		return none, err
	}
	var broken []int64
	for _, i := range list.Items {
		if i.Status == crowsnest.NonCompliant {
			broken = append(broken, i.Number)
		}
	}
	violations, err := s.evaluator.Violations(ctx, org, name, environment, broken)
	return wire.PageOf(list, func(i subject.PolicyImage) compliance.PolicyImage {
		return compliance.NewPolicyImage(i, violations[i.Number])
	}), err
}

func (s *routes) image(ctx context.Context, key, environment string) (compliance.ImagePolicies, error) {
	row, err := s.Store.Image(ctx, base.OrgOf(ctx), key)
	if err != nil {
		return compliance.ImagePolicies{}, err
	}
	report, err := s.evaluator.Image(ctx, base.OrgOf(ctx), row.Digest, environment)
	return compliance.NewImagePolicies(wire.NewTarget(row), environment, report), err
}
