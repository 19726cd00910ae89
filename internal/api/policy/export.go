package policy

import (
	"context"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	exporting "github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
	"github.com/danielgtaylor/huma/v2"
)

var policyColumns = []exporting.Column[compliance.PolicyRow]{
	{Name: "name", Value: func(p compliance.PolicyRow) any { return p.Name }}, {Name: "type", Value: func(p compliance.PolicyRow) any { return p.Type }},
	{Name: "enabled", Value: func(p compliance.PolicyRow) any { return p.Enabled }}, {Name: "weight", Value: func(p compliance.PolicyRow) any { return p.Weight }},
	{Name: "images", Value: func(p compliance.PolicyRow) any { return p.Count.Images }}, {Name: "compliant", Value: func(p compliance.PolicyRow) any { return p.Count.Compliant }},
	{Name: "nonCompliant", Value: func(p compliance.PolicyRow) any { return p.Count.NonCompliant }}, {Name: "noData", Value: func(p compliance.PolicyRow) any { return p.Count.NoData }},
	{Name: "violations", Value: func(p compliance.PolicyRow) any { return p.Count.Violations }}, {Name: "parameters", Value: func(p compliance.PolicyRow) any { return string(p.Parameters) }},
	{Name: "repositories", Value: func(p compliance.PolicyRow) any { return strings.Join(p.Repositories, " ") }}, {Name: "environments", Value: func(p compliance.PolicyRow) any { return strings.Join(p.Environments, " ") }},
}

var imageColumns = []exporting.Column[compliance.PolicyImage]{
	{Name: "image", Value: func(i compliance.PolicyImage) any { return i.Image }}, {Name: "digest", Value: func(i compliance.PolicyImage) any { return string(i.Digest) }},
	{Name: "environment", Value: func(i compliance.PolicyImage) any { return i.Environment }}, {Name: "status", Value: func(i compliance.PolicyImage) any { return i.Status.String() }},
	{Name: "reason", Value: func(i compliance.PolicyImage) any { return i.Reason }}, {Name: "violations", Value: func(i compliance.PolicyImage) any { return i.ViolationCount }},
	{Name: "since", Value: func(i compliance.PolicyImage) any { return i.Since }}, {Name: "cause", Value: func(i compliance.PolicyImage) any { return i.Cause }},
	{Name: "remedies", Value: func(i compliance.PolicyImage) any { return remedies(i.Violations) }},
}

var changeColumns = []exporting.Column[compliance.PolicyChanged]{
	{Name: "at", Value: func(c compliance.PolicyChanged) any { return c.At }}, {Name: "policy", Value: func(c compliance.PolicyChanged) any { return c.Policy }},
	{Name: "image", Value: func(c compliance.PolicyChanged) any { return c.Image }}, {Name: "digest", Value: func(c compliance.PolicyChanged) any { return string(c.Digest) }},
	{Name: "environment", Value: func(c compliance.PolicyChanged) any { return c.Environment }}, {Name: "cause", Value: func(c compliance.PolicyChanged) any { return c.Cause }},
	{Name: "statusBefore", Value: before(func(o compliance.PolicyOutcome) any { return o.Status.String() })}, {Name: "violationsBefore", Value: before(func(o compliance.PolicyOutcome) any { return o.ViolationCount })},
	{Name: "status", Value: func(c compliance.PolicyChanged) any { return c.After.Status.String() }}, {Name: "violations", Value: func(c compliance.PolicyChanged) any { return c.After.ViolationCount }},
}

// before is the column of what was said before; empty where nothing was.
func before(value func(compliance.PolicyOutcome) any) func(compliance.PolicyChanged) any {
	return func(c compliance.PolicyChanged) any {
		if c.Before == nil {
			return ""
		}
		return value(*c.Before)
	}
}

var judgedColumns = []exporting.Column[compliance.ImagePolicy]{
	{Name: "policy", Value: func(p compliance.ImagePolicy) any { return p.Name }}, {Name: "type", Value: func(p compliance.ImagePolicy) any { return p.Type }}, {Name: "weight", Value: func(p compliance.ImagePolicy) any { return p.Weight }},
	{Name: "environment", Value: func(p compliance.ImagePolicy) any { return p.Environment }}, {Name: "status", Value: func(p compliance.ImagePolicy) any { return p.Status.String() }},
	{Name: "reason", Value: func(p compliance.ImagePolicy) any { return p.Reason }}, {Name: "violations", Value: func(p compliance.ImagePolicy) any { return p.ViolationCount }},
	{Name: "since", Value: func(p compliance.ImagePolicy) any { return p.Since }}, {Name: "cause", Value: func(p compliance.ImagePolicy) any { return p.Cause }},
	{Name: "remedies", Value: func(p compliance.ImagePolicy) any { return remedies(p.Violations) }},
}

// remedies writes what would mend violations into one cell, each once.
func remedies(list []crowsnest.Violation) string {
	seen := make(map[string]bool, len(list))
	var out []string
	for _, v := range list {
		if v.Remedy != "" && !seen[v.Remedy] {
			seen[v.Remedy] = true
			out = append(out, v.Remedy)
		}
	}
	return strings.Join(out, "; ")
}

func (s *routes) exports(api huma.API) {
	huma.Register(api, base.ExportOperation("/policies", "export-policies", "Export the policies, with how many images meet them"), func(ctx context.Context, in *struct {
		base.ExportFormat
		Place
	}) (*huma.StreamResponse, error) {
		return base.Export[compliance.PolicyRow]{List: "policies", Of: in.Environment, Filter: map[string]string{"environment": in.Environment}, Columns: policyColumns,
			Rows: func(ctx context.Context, _ store.Page) ([]compliance.PolicyRow, string, error) {
				list, err := s.list(ctx, in.Environment, time.Time{})
				return list.Items, "", err
			}}.Serve(ctx, s.Store, s.Log, in.Format)
	})
	huma.Register(api, base.ExportOperation("/policies/{name}/images", "export-policy-images", "Export the images that a policy says something of, with the first of what would mend each"), func(ctx context.Context, in *struct {
		base.ExportFormat
		Name
		Place
		Statuses
	}) (*huma.StreamResponse, error) {
		filter := map[string]string{"policy": in.Name.Name, "environment": in.Environment, "status": strings.Join(in.Status, " ")}
		return base.Export[compliance.PolicyImage]{List: "policy-images", Of: in.Name.Name, Filter: filter, Columns: imageColumns,
			Rows: func(ctx context.Context, page store.Page) ([]compliance.PolicyImage, string, error) {
				part, err := s.images(ctx, in.Name.Name, in.Environment, in.Status, page)
				return part.Items, part.Next, err
			}}.Serve(ctx, s.Store, s.Log, in.Format)
	})
	huma.Register(api, base.ExportOperation("/policy-changes", "export-policy-changes", "Export what policies came to say otherwise"), func(ctx context.Context, in *struct {
		base.ExportFormat
		Place
		Changes
	}) (*huma.StreamResponse, error) {
		org := base.OrgOf(ctx)
		filter := map[string]string{"policy": in.Policy, "environment": in.Environment}
		if !in.Since.IsZero() {
			filter["since"] = in.Since.UTC().Format(time.RFC3339Nano)
		}
		return base.Export[compliance.PolicyChanged]{List: "policy-changes", Of: in.Policy, Filter: filter, Columns: changeColumns,
			Rows: base.Paged(func(ctx context.Context, page store.Page) (store.List[subject.PolicyChanged], error) {
				return s.Store.PolicyChanges(ctx, org, in.filter(in.Environment), page)
			}, compliance.NewPolicyChanged)}.Serve(ctx, s.Store, s.Log, in.Format)
	})
	huma.Register(api, base.ExportOperation("/images/{digest}/policies", "export-image-policies", "Export what policies say of an image, with what would mend it"), func(ctx context.Context, in *struct {
		base.ExportFormat
		base.ImageKey
		Place
	}) (*huma.StreamResponse, error) {
		report, err := s.image(ctx, in.Digest, in.Environment)
		if err != nil {
			return nil, base.Fail(s.Log, err)
		}
		filter := map[string]string{"image": report.Image.Name, "digest": string(report.Image.Digest), "environment": in.Environment}
		return base.Export[compliance.ImagePolicy]{List: "image-policies", Of: report.Image.Digest.Short(), Filter: filter, Columns: judgedColumns,
			Rows: func(context.Context, store.Page) ([]compliance.ImagePolicy, string, error) {
				return report.Policies, "", nil
			}}.Serve(ctx, s.Store, s.Log, in.Format)
	})
}
