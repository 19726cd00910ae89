package comparison

import (
	"context"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// ChangeQuery filters what became of something.
type ChangeQuery struct {
	Change   []string `query:"change" maxItems:"3" enum:"new,fixed,unchanged" doc:"Only what became this, separated by commas"`
	Severity []string `query:"severity" maxItems:"5" enum:"critical,high,medium,low,unspecified" doc:"Only these severities, before or after, separated by commas"`
	Q        string   `query:"q" maxLength:"256" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Part of the identifier, of another of its names, of the package or of its version; letters in either case"`
}

func (q ChangeQuery) passes(f wire.FindingChange) bool {
	severity := func(of string) bool { return len(q.Severity) == 0 || slices.Contains(q.Severity, of) }
	return (len(q.Change) == 0 || slices.Contains(q.Change, f.Change)) &&
		(severity(f.Finding.Severity.String()) || f.Was != nil && severity(f.Was.Severity.String())) &&
		base.Mentions(q.Q, append([]string{f.Finding.ID, f.Finding.Package.Name, f.Finding.Package.Version}, f.Finding.Aliases...)...)
}

// filter writes what is compared with what into a file.
func (q ImagesQuery) filter() map[string]string {
	out := map[string]string{"image": q.Image, "to": q.To, "toEnvironment": q.ToEnvironment, "at": base.Moment(q.At)}
	if q.ToLatest {
		out["toLatest"] = "true"
	}
	if q.IgnoreMinor {
		out["ignoreMinor"] = "true"
	}
	return out
}

var findingColumns = []export.Column[wire.FindingChange]{
	{Name: "change", Value: func(f wire.FindingChange) any { return f.Change }}, {Name: "worse", Value: func(f wire.FindingChange) any { return f.Worse }}, {Name: "id", Value: func(f wire.FindingChange) any { return f.Finding.ID }},
	{Name: "severity", Value: func(f wire.FindingChange) any { return f.Finding.Severity.String() }},
	{Name: "severityBefore", Value: func(f wire.FindingChange) any {
		if f.Was == nil {
			return ""
		}
		return f.Was.Severity.String()
	}},
	{Name: "type", Value: func(f wire.FindingChange) any { return f.Finding.Package.Type }}, {Name: "package", Value: func(f wire.FindingChange) any { return f.Finding.Package.Name }},
	{Name: "version", Value: func(f wire.FindingChange) any { return f.Finding.Package.Version }}, {Name: "fixedVersion", Value: func(f wire.FindingChange) any { return text(f.Finding.FixedVersion) }},
	{Name: "inUse", Value: func(f wire.FindingChange) any { return f.Finding.InUse.String() }}, {Name: "purl", Value: func(f wire.FindingChange) any { return f.Finding.Package.PURL }},
}

var packageColumns = []export.Column[wire.PackageChange]{
	{Name: "change", Value: func(p wire.PackageChange) any { return p.Change }}, {Name: "type", Value: func(p wire.PackageChange) any { return p.Type }}, {Name: "name", Value: func(p wire.PackageChange) any { return p.Name }},
	{Name: "before", Value: func(p wire.PackageChange) any { return text(p.Before) }}, {Name: "after", Value: func(p wire.PackageChange) any { return text(p.After) }}, {Name: "purl", Value: func(p wire.PackageChange) any { return p.PURL }},
}

var repositoryColumns = []export.Column[wire.RepositoryComparison]{
	{Name: "repository", Value: func(r wire.RepositoryComparison) any { return r.Repository }}, {Name: "state", Value: func(r wire.RepositoryComparison) any { return r.State }},
	{Name: "before", Value: func(r wire.RepositoryComparison) any { return running(r.Before) }}, {Name: "after", Value: func(r wire.RepositoryComparison) any { return running(r.After) }},
	{Name: "newCritical", Value: func(r wire.RepositoryComparison) any { return r.Change.New.Critical }}, {Name: "newHigh", Value: func(r wire.RepositoryComparison) any { return r.Change.New.High }},
	{Name: "new", Value: func(r wire.RepositoryComparison) any { return r.Change.New.Total() }}, {Name: "newInUse", Value: func(r wire.RepositoryComparison) any { return r.Change.NewInUse.Total() }},
	{Name: "fixedCritical", Value: func(r wire.RepositoryComparison) any { return r.Change.Fixed.Critical }}, {Name: "fixedHigh", Value: func(r wire.RepositoryComparison) any { return r.Change.Fixed.High }},
	{Name: "fixed", Value: func(r wire.RepositoryComparison) any { return r.Change.Fixed.Total() }}, {Name: "fixedInUse", Value: func(r wire.RepositoryComparison) any { return r.Change.FixedInUse.Total() }},
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// running writes what runs of a repository into one cell.
func running(list []wire.RunningVersion) string {
	return strings.Join(wire.Each(list, func(v wire.RunningVersion) string {
		if v.Name != "" {
			return v.Name
		}
		return string(v.Digest)
	}), " ")
}

// exports adds the files of what is compared.
func (s Comparer) exports(api huma.API) {
	huma.Register(api, base.ExportOperation("/compare", "export-compared-findings", "Export what becomes of vulnerabilities from one image to another"), func(ctx context.Context, in *struct {
		base.ExportFormat
		ImagesQuery
		ChangeQuery
	}) (*huma.StreamResponse, error) {
		filter := in.ImagesQuery.filter()
		filter["change"], filter["severity"], filter["q"] = strings.Join(in.Change, " "), strings.Join(in.Severity, " "), in.Q
		return base.Export[wire.FindingChange]{List: "compared-findings", Filter: filter, Columns: findingColumns,
			Rows: func(ctx context.Context, _ store.Page) ([]wire.FindingChange, string, error) {
				out, err := s.Images(ctx, in.ImagesQuery)
				return slices.DeleteFunc(out.Findings, func(f wire.FindingChange) bool { return !in.passes(f) }), "", err
			},
		}.Serve(ctx, s.Store, s.Log, in.Format)
	})
	huma.Register(api, base.ExportOperation("/compare/packages", "export-compared-packages", "Export what becomes of packages from one image to another"), func(ctx context.Context, in *struct {
		base.ExportFormat
		ImagesQuery
		Unchanged bool   `query:"unchanged" doc:"Those that stay as they are as well"`
		Q         string `query:"q" maxLength:"256" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Part of the name or of a version; letters in either case"`
	}) (*huma.StreamResponse, error) {
		filter := in.ImagesQuery.filter()
		filter["q"] = in.Q
		if in.Unchanged {
			filter["unchanged"] = "true"
		}
		return base.Export[wire.PackageChange]{List: "compared-packages", Filter: filter, Columns: packageColumns,
			Rows: func(ctx context.Context, _ store.Page) ([]wire.PackageChange, string, error) {
				out, err := s.Images(ctx, in.ImagesQuery)
				return slices.DeleteFunc(out.Packages, func(p wire.PackageChange) bool {
					return !in.Unchanged && p.Change == "unchanged" || !base.Mentions(in.Q, p.Name, text(p.Before), text(p.After))
				}), "", err
			},
		}.Serve(ctx, s.Store, s.Log, in.Format)
	})
	huma.Register(api, base.ExportOperation("/compare/environments", "export-compared-environments", "Export what would change by repository if what runs in one environment took the place of what runs in another"), func(ctx context.Context, in *struct {
		base.ExportFormat
		EnvironmentsFilter
	}) (*huma.StreamResponse, error) {
		filter := map[string]string{"environment": in.Environment, "toEnvironment": in.ToEnvironment, "at": base.Moment(in.At), "state": strings.Join(in.State, " ")}
		if in.IgnoreMinor {
			filter["ignoreMinor"] = "true"
		}
		return base.Export[wire.RepositoryComparison]{List: "compared-environments", Of: in.Environment + "-" + in.ToEnvironment, Filter: filter, Columns: repositoryColumns,
			Rows: func(ctx context.Context, page store.Page) ([]wire.RepositoryComparison, string, error) {
				out, err := s.Environments(ctx, EnvironmentsQuery{EnvironmentsFilter: in.EnvironmentsFilter, Paging: base.Paging{Limit: page.Limit, Cursor: page.Cursor}})
				return out.Items, out.Next, err
			},
		}.Serve(ctx, s.Store, s.Log, in.Format)
	})
}
