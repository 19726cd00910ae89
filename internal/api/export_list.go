package api

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/api/narrow"
	exporting "github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

var imageColumns = slices.Concat([]exporting.Column[wire.Image]{
	{Name: "name", Value: func(i wire.Image) any { return i.Name }}, {Name: "digest", Value: func(i wire.Image) any { return string(i.Digest) }}, {Name: "imageId", Value: func(i wire.Image) any { return string(i.ImageID) }},
	{Name: "platform", Value: func(i wire.Image) any { return i.Platform }}, {Name: "distribution", Value: func(i wire.Image) any { return i.Distribution }}, {Name: "size", Value: func(i wire.Image) any { return i.Size }},
	{Name: "packages", Value: func(i wire.Image) any { return i.Packages }}, {Name: "state", Value: func(i wire.Image) any { return i.State }}, {Name: "reason", Value: func(i wire.Image) any { return i.Reason }},
	{Name: "recorded", Value: func(i wire.Image) any { return i.Recorded }}, {Name: "environments", Value: func(i wire.Image) any { return joined(i.Environments) }},
}, summaryColumns(func(i wire.Image) crowsnest.Summary { return i.Summary }))

var vulnerabilityColumns = slices.Concat([]exporting.Column[wire.Vulnerability]{
	{Name: "id", Value: func(v wire.Vulnerability) any { return v.ID }}, {Name: "severity", Value: func(v wire.Vulnerability) any { return v.Severity.String() }}, {Name: "score", Value: func(v wire.Vulnerability) any { return v.Score }},
	{Name: "fixable", Value: func(v wire.Vulnerability) any { return v.Fixable }}, {Name: "images", Value: func(v wire.Vulnerability) any { return v.Images }}, {Name: "packages", Value: func(v wire.Vulnerability) any { return v.Packages }},
	{Name: "environments", Value: func(v wire.Vulnerability) any { return joined(v.Environments) }}, {Name: "since", Value: func(v wire.Vulnerability) any { return v.Since }}, {Name: "summary", Value: func(v wire.Vulnerability) any { return v.Summary }},
}, threatColumns(func(v wire.Vulnerability) wire.Threat { return v.Threat }))

var packageColumns = slices.Concat([]exporting.Column[wire.PackageSummary]{
	{Name: "type", Value: func(p wire.PackageSummary) any { return p.Type }}, {Name: "name", Value: func(p wire.PackageSummary) any { return p.Name }}, {Name: "versions", Value: func(p wire.PackageSummary) any { return p.Versions }},
	{Name: "images", Value: func(p wire.PackageSummary) any { return p.Images }}, {Name: "environments", Value: func(p wire.PackageSummary) any { return joined(p.Environments) }},
}, summaryColumns(func(p wire.PackageSummary) crowsnest.Summary { return p.Summary }))

var findingColumns = slices.Concat([]exporting.Column[wire.Finding]{
	{Name: "id", Value: func(f wire.Finding) any { return f.ID }}, {Name: "severity", Value: func(f wire.Finding) any { return f.Severity.String() }}, {Name: "score", Value: func(f wire.Finding) any { return scoreOf(f.CVSS) }},
	{Name: "type", Value: func(f wire.Finding) any { return f.Package.Type }}, {Name: "package", Value: func(f wire.Finding) any { return f.Package.Name }}, {Name: "version", Value: func(f wire.Finding) any { return f.Package.Version }},
	{Name: "fixedVersion", Value: func(f wire.Finding) any { return textOf(f.FixedVersion) }}, {Name: "inUse", Value: func(f wire.Finding) any { return f.InUse.String() }}, {Name: "source", Value: func(f wire.Finding) any { return f.Package.Source }},
	{Name: "purl", Value: func(f wire.Finding) any { return f.Package.PURL }}, {Name: "aliases", Value: func(f wire.Finding) any { return joined(f.Aliases) }}, {Name: "state", Value: func(f wire.Finding) any { return string(f.State) }},
	{Name: "suppressed", Value: func(f wire.Finding) any { return suppressedBy(f.Suppressed) }},
}, threatColumns(func(f wire.Finding) wire.Threat { return f.Threat }))

// suppressedBy writes a decision into one cell: what it is, who made it, until when it holds, and why.
func suppressedBy(s *crowsnest.Suppression) string {
	if s == nil {
		return ""
	}
	parts := []string{string(s.Type), s.Author}
	if !s.Until.IsZero() {
		parts = append(parts, "until "+s.Until.UTC().Format(time.RFC3339))
	}
	return joined(slices.DeleteFunc(append(parts, string(s.Justification), s.Text), func(p string) bool { return p == "" }))
}

var imagePackageColumns = []exporting.Column[wire.UsedPackage]{
	{Name: "type", Value: func(p wire.UsedPackage) any { return p.Type }}, {Name: "name", Value: func(p wire.UsedPackage) any { return p.Name }}, {Name: "version", Value: func(p wire.UsedPackage) any { return p.Version }},
	{Name: "source", Value: func(p wire.UsedPackage) any { return p.Source }}, {Name: "purl", Value: func(p wire.UsedPackage) any { return p.PURL }}, {Name: "licences", Value: func(p wire.UsedPackage) any { return joined(p.Licences) }},
	{Name: "locations", Value: func(p wire.UsedPackage) any {
		return joined(wire.Each(p.Locations, func(l crowsnest.Location) string { return l.Path }))
	}},
	{Name: "owners", Value: func(p wire.UsedPackage) any {
		return joined(wire.Each(p.Owners(), func(o crowsnest.PackageOwner) string { return o.PURL }))
	}},
	{Name: "inUse", Value: func(p wire.UsedPackage) any { return p.InUse.String() }},
}

var holderColumns = []exporting.Column[wire.Holder]{
	{Name: "name", Value: func(h wire.Holder) any { return h.Name }}, {Name: "digest", Value: func(h wire.Holder) any { return string(h.Digest) }}, {Name: "platform", Value: func(h wire.Holder) any { return h.Platform }},
	{Name: "environments", Value: func(h wire.Holder) any { return joined(h.Environments) }},
	{Name: "packages", Value: held(func(p wire.HeldPackage) string { return p.Package.PURL })},
	{Name: "fixedVersions", Value: held(func(p wire.HeldPackage) string { return textOf(p.FixedVersion) })},
	{Name: "licences", Value: held(func(p wire.HeldPackage) string { return joined(p.Licences) })},
	{Name: "locations", Value: held(func(p wire.HeldPackage) string {
		return joined(wire.Each(p.Locations, func(l crowsnest.Location) string { return l.Path }))
	})},
	{Name: "inUse", Value: held(func(p wire.HeldPackage) string {
		var cells []string
		for _, environment := range slices.Sorted(maps.Keys(p.InUse)) {
			cells = append(cells, environment+"="+p.InUse[environment].String())
		}
		return joined(cells)
	})},
}

// held writes something of each package of an image into one cell.
func held(of func(wire.HeldPackage) string) func(wire.Holder) any {
	return func(h wire.Holder) any {
		return joined(slices.DeleteFunc(wire.Each(h.Holds, of), func(text string) bool { return text == "" }))
	}
}

var runningColumns = slices.Concat([]exporting.Column[wire.RunningImage]{
	{Name: "name", Value: func(i wire.RunningImage) any { return i.Name }}, {Name: "digest", Value: func(i wire.RunningImage) any { return string(i.Digest) }}, {Name: "imageId", Value: func(i wire.RunningImage) any { return string(i.ImageID) }},
	{Name: "workloads", Value: func(i wire.RunningImage) any { return workloadsCell(i.Workloads) }},
}, summaryColumns(func(i wire.RunningImage) crowsnest.Summary { return i.Summary }), []exporting.Column[wire.RunningImage]{
	{Name: "warnings", Value: func(i wire.RunningImage) any { return warningsCell(i.Warnings) }},
})

var gapColumns = []exporting.Column[wire.Gap]{
	{Name: "imageId", Value: func(g wire.Gap) any { return string(g.ImageID) }}, {Name: "name", Value: func(g wire.Gap) any { return g.Name }}, {Name: "reported", Value: func(g wire.Gap) any { return g.Reported }}, {Name: "state", Value: func(g wire.Gap) any { return g.State }},
	{Name: "reason", Value: func(g wire.Gap) any { return g.Reason }}, {Name: "workloads", Value: func(g wire.Gap) any { return workloadsCell(g.Workloads) }},
	{Name: "warnings", Value: func(g wire.Gap) any { return warningsCell(g.Warnings) }},
	{Name: "remedy", Value: func(g wire.Gap) any {
		if g.Remedy == nil {
			return ""
		}
		return g.Remedy.Action
	}},
}

func warningsCell(list []wire.Warning) any {
	return joined(wire.Each(list, func(w wire.Warning) string { return string(w.Kind) + "=" + w.Reference }))
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
	{Name: "image", Value: func(o wire.Occurrence) any { return o.Image }}, {Name: "digest", Value: func(o wire.Occurrence) any { return string(o.Digest) }},
	{Name: "inUse", Value: splitCell(func(u *wire.UseSummary) int { return u.Loaded.Total() })},
	{Name: "notSeen", Value: splitCell(func(u *wire.UseSummary) int { return u.NotSeen.Total() })},
	{Name: "notObserved", Value: splitCell(func(u *wire.UseSummary) int { return u.NotObserved.Total() })},
}

// splitCell counts vulnerabilities of what runs; of what does not, and of images that are not analysed, there is nothing to count.
func splitCell(count func(*wire.UseSummary) int) func(wire.Occurrence) any {
	return func(o wire.Occurrence) any {
		if o.InUse == nil {
			return ""
		}
		return count(o.InUse)
	}
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

// serve answers with a whole list.
func serve[T any](ctx context.Context, s *server, format string, e base.Export[T]) (*huma.StreamResponse, error) {
	return e.Serve(ctx, s.Store, s.Log, format)
}

// chosen writes into a file that only something was asked for; nothing if it was not.
func chosen(only bool) string {
	if !only {
		return ""
	}
	return "true"
}

// joined writes a list into one cell.
func joined(list []string) string { return strings.Join(list, " ") }

// workloadsCell writes workloads into one cell.
func workloadsCell(list []crowsnest.Workload) string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = strings.Join([]string{w.Cluster, w.Namespace, w.Kind, w.Name, w.Container}, "/")
	}
	return joined(out)
}

// summaryColumns are the columns of findings by severity.
func summaryColumns[T any](of func(T) crowsnest.Summary) []exporting.Column[T] {
	return []exporting.Column[T]{
		{Name: "critical", Value: func(t T) any { return of(t).Critical }}, {Name: "high", Value: func(t T) any { return of(t).High }}, {Name: "medium", Value: func(t T) any { return of(t).Medium }},
		{Name: "low", Value: func(t T) any { return of(t).Low }}, {Name: "unspecified", Value: func(t T) any { return of(t).Unspecified }},
	}
}

// threatColumns are the columns of what is known of attacks; empty where nothing is.
func threatColumns[T any](of func(T) wire.Threat) []exporting.Column[T] {
	kev := func(value func(*wire.KEV) any) func(T) any {
		return func(t T) any {
			if k := of(t).KEV; k != nil {
				return value(k)
			}
			return ""
		}
	}
	epss := func(value func(*wire.EPSS) float64) func(T) any {
		return func(t T) any {
			if e := of(t).EPSS; e != nil {
				return value(e)
			}
			return ""
		}
	}
	return []exporting.Column[T]{
		{Name: "kevAdded", Value: kev(func(k *wire.KEV) any { return k.Added })}, {Name: "kevDue", Value: kev(func(k *wire.KEV) any { return k.Due })}, {Name: "kevRansomware", Value: kev(func(k *wire.KEV) any { return k.Ransomware })},
		{Name: "epss", Value: epss(func(e *wire.EPSS) float64 { return e.Score })}, {Name: "epssPercentile", Value: epss(func(e *wire.EPSS) float64 { return e.Percentile })},
	}
}

// number writes into a file from which number on something was asked for; nothing if it was not.
func number(n float64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatFloat(n, 'g', -1, 64)
}

func (s *server) exports(api huma.API) {
	huma.Register(api, base.ExportOperation("/images", "export-images", "Export images"), func(ctx context.Context, in *struct {
		base.ExportFormat
		ImageQuery
	}) (*huma.StreamResponse, error) {
		org := orgOf(ctx)
		return serve(ctx, s, in.Format, base.Export[wire.Image]{List: "images", Of: in.Environment, Filter: map[string]string{"environment": in.Environment, "repository": in.Repository, "q": in.Q, "sort": in.Sort}, Columns: imageColumns,
			Rows: base.Paged(func(ctx context.Context, page store.Page) (store.List[store.ImageRow], error) {
				return s.Store.Images(ctx, org, in.filter(), page)
			}, wire.NewImage)})
	})
	huma.Register(api, base.ExportOperation("/images/{digest}/findings", "export-image-findings", "Export the vulnerabilities of an image"), func(ctx context.Context, in *struct {
		base.ExportFormat
		ImageKey
		InEnvironment
		narrow.FindingQuery
	}) (*huma.StreamResponse, error) {
		org := orgOf(ctx)
		row, err := s.Store.Image(ctx, org, in.Digest)
		if err != nil {
			return nil, s.fail(err)
		}
		filter := map[string]string{"image": row.Name, "digest": string(row.Digest), "environment": in.Environment}
		in.Describe(filter)
		return serve(ctx, s, in.Format, base.Export[wire.Finding]{List: "findings", Of: row.Digest.Short(), Filter: filter, Columns: findingColumns,
			Rows: base.Paged(func(ctx context.Context, _ store.Page) (store.List[store.FindingRow], error) {
				rows, err := s.Store.ImageFindings(ctx, org, row.Digest, in.Environment)
				return store.List[store.FindingRow]{Items: slices.DeleteFunc(rows, func(f store.FindingRow) bool { return !in.Passes(f) })}, err
			}, wire.NewFinding)})
	})
	huma.Register(api, base.ExportOperation("/images/{digest}/packages", "export-image-packages", "Export the packages in an image"), func(ctx context.Context, in *struct {
		base.ExportFormat
		ImageKey
		InEnvironment
		narrow.PackageQuery
	}) (*huma.StreamResponse, error) {
		org := orgOf(ctx)
		row, err := s.Store.Image(ctx, org, in.Digest)
		if err != nil {
			return nil, s.fail(err)
		}
		filter := map[string]string{"image": row.Name, "digest": string(row.Digest), "environment": in.Environment, "type": in.Type, "use": in.Use, "q": in.Q, "layer": in.Layer}
		return serve(ctx, s, in.Format, base.Export[wire.UsedPackage]{List: "image-packages", Of: row.Digest.Short(), Filter: filter, Columns: imagePackageColumns,
			Rows: func(ctx context.Context, _ store.Page) ([]wire.UsedPackage, string, error) {
				packages, err := s.packageUse(ctx, org, row.Digest, in.Environment)
				return slices.DeleteFunc(packages, func(p wire.UsedPackage) bool { return !in.Passes(p) }), "", err
			}})
	})
	huma.Register(api, base.ExportOperation("/images/{digest}/occurrences", "export-image-occurrences", "Export where an image runs and ran"), func(ctx context.Context, in *struct {
		base.ExportFormat
		ImageKey
	}) (*huma.StreamResponse, error) {
		row, err := s.Store.Image(ctx, orgOf(ctx), in.Digest)
		if err != nil {
			return nil, s.fail(err)
		}
		return serve(ctx, s, in.Format, s.exportOccurrences(ctx, running.Filter{Image: row.Digest}, row.Digest.Short(), map[string]string{"image": row.Name, "digest": string(row.Digest)}))
	})
	huma.Register(api, base.ExportOperation("/vulnerabilities", "export-vulnerabilities", "Export vulnerabilities over all images"), func(ctx context.Context, in *struct {
		base.ExportFormat
		VulnerabilityQuery
	}) (*huma.StreamResponse, error) {
		org := orgOf(ctx)
		filter := map[string]string{"environment": in.Environment, "severity": joined(in.Severity), "q": in.Q, "fixable": chosen(in.Fixable), "kev": chosen(in.KEV), "inUse": chosen(in.InUse), "ignoreMinor": chosen(in.IgnoreMinor), "suppressed": chosen(in.Suppressed), "notSeen": chosen(in.NotSeen), "minEpss": number(in.MinEPSS)}
		if in.Sort != string(store.VulnerabilitiesByWorst) {
			filter["sort"] = in.Sort
		}
		return serve(ctx, s, in.Format, base.Export[wire.Vulnerability]{List: "vulnerabilities", Of: in.Environment, Filter: filter, Columns: vulnerabilityColumns,
			Rows: base.Paged(func(ctx context.Context, page store.Page) (store.List[store.VulnerabilityRow], error) {
				return s.Store.Vulnerabilities(ctx, org, in.filter(), page)
			}, wire.NewVulnerability)})
	})
	huma.Register(api, base.ExportOperation("/vulnerabilities/{id}/images", "export-vulnerability-images", "Export the images that have a vulnerability"), func(ctx context.Context, in *struct {
		base.ExportFormat
		VulnerabilityName
		InEnvironment
	}) (*huma.StreamResponse, error) {
		filter := map[string]string{"vulnerability": in.ID, "environment": in.Environment}
		return serve(ctx, s, in.Format, s.exportHolders(ctx, in.ID, filter, store.HolderFilter{Vulnerability: in.ID, Environment: in.Environment}))
	})
	huma.Register(api, base.ExportOperation("/packages/{type}/images", "export-package-images", "Export the images that have a package"), func(ctx context.Context, in *struct {
		base.ExportFormat
		HeldPackageQuery
	}) (*huma.StreamResponse, error) {
		filter := map[string]string{"type": in.Type, "name": in.Name, "version": in.Version, "environment": in.Environment}
		return serve(ctx, s, in.Format, s.exportHolders(ctx, in.Name, filter, in.filter()))
	})
	huma.Register(api, base.ExportOperation("/packages", "export-packages", "Export packages over all images"), func(ctx context.Context, in *struct {
		base.ExportFormat
		PackageQuery
	}) (*huma.StreamResponse, error) {
		org := orgOf(ctx)
		filter := map[string]string{"environment": in.Environment, "type": in.Type, "q": in.Q, "sort": in.Sort, "vulnerable": chosen(in.Vulnerable), "suppressed": chosen(in.Suppressed), "notSeen": chosen(in.NotSeen), "inUse": chosen(in.InUse)}
		return serve(ctx, s, in.Format, base.Export[wire.PackageSummary]{List: "packages", Of: in.Environment, Filter: filter, Columns: packageColumns,
			Rows: base.Paged(func(ctx context.Context, page store.Page) (store.List[store.PackageRow], error) {
				return s.Store.Packages(ctx, org, in.filter(), page)
			}, wire.NewPackageSummary)})
	})
	huma.Register(api, base.ExportOperation("/environments/{name}/images", "export-environment-images", "Export the analysed images that run in an environment, or ran there"), func(ctx context.Context, in *struct {
		base.ExportFormat
		EnvironmentName
		RunningQuery
	}) (*huma.StreamResponse, error) {
		org := orgOf(ctx)
		filter := map[string]string{"environment": in.Name, "q": in.Q}
		if !in.At.IsZero() {
			filter["at"] = in.At.UTC().Format(time.RFC3339Nano)
		}
		return serve(ctx, s, in.Format, base.Export[wire.RunningImage]{List: "running-images", Of: in.Name, Filter: filter, Columns: runningColumns,
			Rows: base.Paged(func(ctx context.Context, page store.Page) (store.List[store.RunningImage], error) {
				return s.Store.RunningImages(ctx, org, in.filter(in.Name), page)
			}, wire.NewRunningImage)})
	})
	huma.Register(api, base.ExportOperation("/environments/{name}/occurrences", "export-environment-occurrences", "Export what runs and ran in an environment"), func(ctx context.Context, in *struct {
		base.ExportFormat
		EnvironmentName
		OccurrenceQuery
	}) (*huma.StreamResponse, error) {
		filter := map[string]string{"environment": in.Name, "q": in.Q, "namespace": in.Namespace, "cluster": in.Cluster}
		if in.Running {
			filter["running"] = "true"
		}
		return serve(ctx, s, in.Format, s.exportOccurrences(ctx, in.filter(in.Name), in.Name, filter))
	})
	huma.Register(api, base.ExportOperation("/coverage/gaps", "export-gaps", "Export running images that are not analysed"), func(ctx context.Context, in *struct {
		base.ExportFormat
		InEnvironment
	}) (*huma.StreamResponse, error) {
		org := orgOf(ctx)
		return serve(ctx, s, in.Format, base.Export[wire.Gap]{List: "gaps", Of: in.Environment, Filter: map[string]string{"environment": in.Environment}, Columns: gapColumns,
			Rows: base.Paged(func(ctx context.Context, page store.Page) (store.List[store.Gap], error) {
				return s.Store.Gaps(ctx, org, in.Environment, page)
			}, wire.NewGap)})
	})
	huma.Register(api, base.ExportOperation("/analyses", "export-analyses", "Export requests for analyses"), func(ctx context.Context, in *struct {
		base.ExportFormat
		AnalysisQuery
	}) (*huma.StreamResponse, error) {
		org := orgOf(ctx)
		return serve(ctx, s, in.Format, base.Export[wire.Analysis]{List: "analyses", Of: in.State, Filter: map[string]string{"state": in.State}, Columns: analysisColumns,
			Rows: base.Paged(func(ctx context.Context, page store.Page) (store.List[store.AnalysisRequest], error) {
				return s.Store.Requests(ctx, org, store.State(in.State), page)
			}, wire.NewAnalysis)})
	})
}

// exportHolders exports the images that have a vulnerability or a package.
func (s *server) exportHolders(ctx context.Context, of string, filter map[string]string, asked store.HolderFilter) base.Export[wire.Holder] {
	org := orgOf(ctx)
	return base.Export[wire.Holder]{List: "images-with", Of: of, Filter: filter, Columns: holderColumns,
		Rows: base.Paged(func(ctx context.Context, page store.Page) (store.List[store.Holder], error) {
			return s.Store.Holders(ctx, org, asked, page)
		}, wire.NewHolder)}
}

func (s *server) exportOccurrences(ctx context.Context, asked running.Filter, of string, filter map[string]string) base.Export[wire.Occurrence] {
	org := orgOf(ctx)
	return base.Export[wire.Occurrence]{List: "occurrences", Of: of, Filter: filter, Columns: occurrenceColumns,
		Rows: base.Paged(func(ctx context.Context, page store.Page) (store.List[running.Occurrence], error) {
			return s.Store.Occurrences(ctx, org, asked, page)
		}, wire.NewOccurrence)}
}
