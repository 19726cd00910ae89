package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	exporting "github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// exportOperation describes the export of a list; its path is that of the list.
func exportOperation(path, id, summary string) huma.Operation {
	op := operation(http.MethodGet, "/export"+path, "Exports", id, summary)
	file := &huma.MediaType{Schema: &huma.Schema{Type: "string"}}
	op.Responses = map[string]*huma.Response{"200": {Description: "The file, streamed", Content: map[string]*huma.MediaType{"text/csv": file, "application/x-ndjson": file}}}
	return op
}

var imageColumns = slices.Concat([]exporting.Column[wire.Image]{
	{Name: "name", Value: func(i wire.Image) any { return i.Name }}, {Name: "digest", Value: func(i wire.Image) any { return string(i.Digest) }}, {Name: "imageId", Value: func(i wire.Image) any { return string(i.ImageID) }},
	{Name: "platform", Value: func(i wire.Image) any { return i.Platform }}, {Name: "distribution", Value: func(i wire.Image) any { return i.Distribution }}, {Name: "size", Value: func(i wire.Image) any { return i.Size }},
	{Name: "packages", Value: func(i wire.Image) any { return i.Packages }}, {Name: "state", Value: func(i wire.Image) any { return i.State }}, {Name: "reason", Value: func(i wire.Image) any { return i.Reason }},
	{Name: "recorded", Value: func(i wire.Image) any { return i.Recorded }}, {Name: "environments", Value: func(i wire.Image) any { return joined(i.Environments) }},
}, summaryColumns(func(i wire.Image) crowsnest.Summary { return i.Summary }))

var vulnerabilityColumns = []exporting.Column[wire.Vulnerability]{
	{Name: "id", Value: func(v wire.Vulnerability) any { return v.ID }}, {Name: "severity", Value: func(v wire.Vulnerability) any { return v.Severity.String() }}, {Name: "score", Value: func(v wire.Vulnerability) any { return v.Score }},
	{Name: "fixable", Value: func(v wire.Vulnerability) any { return v.Fixable }}, {Name: "images", Value: func(v wire.Vulnerability) any { return v.Images }}, {Name: "packages", Value: func(v wire.Vulnerability) any { return v.Packages }},
	{Name: "environments", Value: func(v wire.Vulnerability) any { return joined(v.Environments) }}, {Name: "since", Value: func(v wire.Vulnerability) any { return v.Since }}, {Name: "summary", Value: func(v wire.Vulnerability) any { return v.Summary }},
}

var packageColumns = slices.Concat([]exporting.Column[wire.PackageSummary]{
	{Name: "type", Value: func(p wire.PackageSummary) any { return p.Type }}, {Name: "name", Value: func(p wire.PackageSummary) any { return p.Name }}, {Name: "versions", Value: func(p wire.PackageSummary) any { return p.Versions }},
	{Name: "images", Value: func(p wire.PackageSummary) any { return p.Images }}, {Name: "environments", Value: func(p wire.PackageSummary) any { return joined(p.Environments) }},
}, summaryColumns(func(p wire.PackageSummary) crowsnest.Summary { return p.Summary }))

var findingColumns = []exporting.Column[wire.Finding]{
	{Name: "id", Value: func(f wire.Finding) any { return f.ID }}, {Name: "severity", Value: func(f wire.Finding) any { return f.Severity.String() }}, {Name: "score", Value: func(f wire.Finding) any { return scoreOf(f.CVSS) }},
	{Name: "type", Value: func(f wire.Finding) any { return f.Package.Type }}, {Name: "package", Value: func(f wire.Finding) any { return f.Package.Name }}, {Name: "version", Value: func(f wire.Finding) any { return f.Package.Version }},
	{Name: "fixedVersion", Value: func(f wire.Finding) any { return textOf(f.FixedVersion) }}, {Name: "inUse", Value: func(f wire.Finding) any { return f.InUse.String() }}, {Name: "source", Value: func(f wire.Finding) any { return f.Package.Source }},
	{Name: "purl", Value: func(f wire.Finding) any { return f.Package.PURL }}, {Name: "aliases", Value: func(f wire.Finding) any { return joined(f.Aliases) }},
}

var runningColumns = slices.Concat([]exporting.Column[wire.RunningImage]{
	{Name: "name", Value: func(i wire.RunningImage) any { return i.Name }}, {Name: "digest", Value: func(i wire.RunningImage) any { return string(i.Digest) }}, {Name: "imageId", Value: func(i wire.RunningImage) any { return string(i.ImageID) }},
	{Name: "workloads", Value: func(i wire.RunningImage) any { return workloadsCell(i.Workloads) }},
}, summaryColumns(func(i wire.RunningImage) crowsnest.Summary { return i.Summary }), []exporting.Column[wire.RunningImage]{
	{Name: "warnings", Value: func(i wire.RunningImage) any {
		return joined(wire.Each(i.Warnings, func(w wire.Warning) string { return string(w.Kind) + "=" + w.Reference }))
	}},
})

var gapColumns = []exporting.Column[wire.Gap]{
	{Name: "imageId", Value: func(g wire.Gap) any { return string(g.ImageID) }}, {Name: "name", Value: func(g wire.Gap) any { return g.Name }}, {Name: "reported", Value: func(g wire.Gap) any { return g.Reported }}, {Name: "state", Value: func(g wire.Gap) any { return g.State }},
	{Name: "reason", Value: func(g wire.Gap) any { return g.Reason }}, {Name: "workloads", Value: func(g wire.Gap) any { return workloadsCell(g.Workloads) }},
}

var occurrenceColumns = []exporting.Column[wire.Occurrence]{
	{Name: "environment", Value: func(o wire.Occurrence) any { return o.Environment }}, {Name: "integration", Value: func(o wire.Occurrence) any { return o.Integration }}, {Name: "cluster", Value: func(o wire.Occurrence) any { return o.Cluster }},
	{Name: "namespace", Value: func(o wire.Occurrence) any { return o.Namespace }}, {Name: "kind", Value: func(o wire.Occurrence) any { return o.Kind }}, {Name: "name", Value: func(o wire.Occurrence) any { return o.Name }},
	{Name: "container", Value: func(o wire.Occurrence) any { return o.Container }}, {Name: "imageId", Value: func(o wire.Occurrence) any { return string(o.ImageID) }}, {Name: "opened", Value: func(o wire.Occurrence) any { return o.Opened }},
	{Name: "closed", Value: func(o wire.Occurrence) any {
		if o.Closed == nil {
			return ""
		}
		return *o.Closed
	}},
}

var analysisColumns = []exporting.Column[wire.Analysis]{
	{Name: "id", Value: func(a wire.Analysis) any { return a.ID }}, {Name: "reference", Value: func(a wire.Analysis) any { return a.Reference }}, {Name: "platform", Value: func(a wire.Analysis) any { return a.Platform }},
	{Name: "state", Value: func(a wire.Analysis) any { return a.State }}, {Name: "reason", Value: func(a wire.Analysis) any { return a.Reason }}, {Name: "digest", Value: func(a wire.Analysis) any { return string(a.Digest) }},
	{Name: "created", Value: func(a wire.Analysis) any { return a.Created }}, {Name: "finished", Value: func(a wire.Analysis) any { return a.Finished }},
}

func scoreOf(c *crowsnest.CVSS) any {
	if c == nil {
		return ""
	}
	return c.Score
}

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (s *server) exports(api huma.API) {
	huma.Register(api, exportOperation("/images", "export-images", "Export images"), func(ctx context.Context, in *struct {
		ExportFormat
		ImageQuery
	}) (*huma.StreamResponse, error) {
		org := orgOf(ctx)
		return serveExport(ctx, s, in.Format, export[wire.Image]{"images", in.Environment, map[string]string{"environment": in.Environment, "sort": in.Sort}, imageColumns,
			paged(func(ctx context.Context, page store.Page) (store.List[store.ImageRow], error) {
				return s.Store.Images(ctx, org, in.filter(), page)
			}, wire.NewImage)})
	})
	huma.Register(api, exportOperation("/images/{digest}/findings", "export-image-findings", "Export the vulnerabilities of an image"), func(ctx context.Context, in *struct {
		ExportFormat
		ImageKey
		InEnvironment
	}) (*huma.StreamResponse, error) {
		org := orgOf(ctx)
		row, err := s.Store.Image(ctx, org, in.Digest)
		if err != nil {
			return nil, s.fail(err)
		}
		return serveExport(ctx, s, in.Format, export[wire.Finding]{"findings", row.Digest.Short(), map[string]string{"image": row.Name, "digest": string(row.Digest), "environment": in.Environment}, findingColumns,
			paged(func(ctx context.Context, _ store.Page) (store.List[store.FindingRow], error) {
				rows, err := s.Store.ImageFindings(ctx, org, row.Digest, in.Environment)
				return store.List[store.FindingRow]{Items: rows}, err
			}, wire.NewFinding)})
	})
	huma.Register(api, exportOperation("/images/{digest}/occurrences", "export-image-occurrences", "Export where an image runs and ran"), func(ctx context.Context, in *struct {
		ExportFormat
		ImageKey
	}) (*huma.StreamResponse, error) {
		row, err := s.Store.Image(ctx, orgOf(ctx), in.Digest)
		if err != nil {
			return nil, s.fail(err)
		}
		return serveExport(ctx, s, in.Format, s.exportOccurrences(ctx, row.Digest, "", row.Digest.Short(), map[string]string{"image": row.Name, "digest": string(row.Digest)}))
	})
	huma.Register(api, exportOperation("/vulnerabilities", "export-vulnerabilities", "Export vulnerabilities over all images"), func(ctx context.Context, in *struct {
		ExportFormat
		VulnerabilityQuery
	}) (*huma.StreamResponse, error) {
		org := orgOf(ctx)
		return serveExport(ctx, s, in.Format, export[wire.Vulnerability]{"vulnerabilities", in.Environment, map[string]string{"environment": in.Environment, "severity": strings.Join(in.Severity, " ")}, vulnerabilityColumns,
			paged(func(ctx context.Context, page store.Page) (store.List[store.VulnerabilityRow], error) {
				return s.Store.Vulnerabilities(ctx, org, in.filter(), page)
			}, wire.NewVulnerability)})
	})
	huma.Register(api, exportOperation("/packages", "export-packages", "Export packages over all images"), func(ctx context.Context, in *struct {
		ExportFormat
		PackageQuery
	}) (*huma.StreamResponse, error) {
		org := orgOf(ctx)
		filter := map[string]string{"environment": in.Environment, "type": in.Type, "q": in.Q, "sort": in.Sort, "vulnerable": strconv.FormatBool(in.Vulnerable)}
		return serveExport(ctx, s, in.Format, export[wire.PackageSummary]{"packages", in.Environment, filter, packageColumns,
			paged(func(ctx context.Context, page store.Page) (store.List[store.PackageRow], error) {
				return s.Store.Packages(ctx, org, in.filter(), page)
			}, wire.NewPackageSummary)})
	})
	huma.Register(api, exportOperation("/environments/{name}/images", "export-environment-images", "Export the analysed images that run in an environment"), func(ctx context.Context, in *struct {
		ExportFormat
		EnvironmentName
	}) (*huma.StreamResponse, error) {
		org := orgOf(ctx)
		return serveExport(ctx, s, in.Format, export[wire.RunningImage]{"running-images", in.Name, map[string]string{"environment": in.Name}, runningColumns,
			paged(func(ctx context.Context, page store.Page) (store.List[store.RunningImage], error) {
				return s.Store.RunningImages(ctx, org, in.Name, page)
			}, wire.NewRunningImage)})
	})
	huma.Register(api, exportOperation("/environments/{name}/occurrences", "export-environment-occurrences", "Export what runs and ran in an environment"), func(ctx context.Context, in *struct {
		ExportFormat
		EnvironmentName
	}) (*huma.StreamResponse, error) {
		return serveExport(ctx, s, in.Format, s.exportOccurrences(ctx, "", in.Name, in.Name, map[string]string{"environment": in.Name}))
	})
	huma.Register(api, exportOperation("/coverage/gaps", "export-gaps", "Export running images that are not analysed"), func(ctx context.Context, in *struct {
		ExportFormat
		InEnvironment
	}) (*huma.StreamResponse, error) {
		org := orgOf(ctx)
		return serveExport(ctx, s, in.Format, export[wire.Gap]{"gaps", in.Environment, map[string]string{"environment": in.Environment}, gapColumns,
			paged(func(ctx context.Context, page store.Page) (store.List[store.Gap], error) {
				return s.Store.Gaps(ctx, org, in.Environment, page)
			}, wire.NewGap)})
	})
	huma.Register(api, exportOperation("/analyses", "export-analyses", "Export requests for analyses"), func(ctx context.Context, in *struct {
		ExportFormat
		AnalysisQuery
	}) (*huma.StreamResponse, error) {
		org := orgOf(ctx)
		return serveExport(ctx, s, in.Format, export[wire.Analysis]{"analyses", in.State, map[string]string{"state": in.State}, analysisColumns,
			paged(func(ctx context.Context, page store.Page) (store.List[store.AnalysisRequest], error) {
				return s.Store.Requests(ctx, org, store.State(in.State), page)
			}, wire.NewAnalysis)})
	})
}

func (s *server) exportOccurrences(ctx context.Context, digest crowsnest.Digest, environment, of string, filter map[string]string) export[wire.Occurrence] {
	org := orgOf(ctx)
	return export[wire.Occurrence]{"occurrences", of, filter, occurrenceColumns,
		paged(func(ctx context.Context, page store.Page) (store.List[crowsnest.Occurrence], error) {
			return s.Store.Occurrences(ctx, org, digest, environment, page)
		}, wire.NewOccurrence)}
}
