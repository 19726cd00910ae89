// Package finding is the room of the API about findings in time: what was found since a time, what no longer, and why.
package finding

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/finding"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Store is what is read.
type Store interface {
	store.Vulnerabilities
	store.Overviews
}

// Query narrows the list of changes.
type Query struct {
	Environment string    `query:"environment" maxLength:"128" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Only in packages of images that run there"`
	Since       time.Time `query:"since" doc:"Only from then on"`
	Until       time.Time `query:"until" doc:"Only until then"`
	Change      string    `query:"change" enum:"found,gone" doc:"Only what was found, or only what no longer"`
	Cause       []string  `query:"cause" maxItems:"5" enum:"package new,advisory published,advisory changed,advisory withdrawn,rule changed" doc:"Only for these causes, separated by commas"`
	Severity    []string  `query:"severity" maxItems:"5" enum:"critical,high,medium,low,unspecified" doc:"Only these severities, separated by commas"`
}

func (q Query) filter() finding.Filter {
	f := finding.Filter{Environment: q.Environment, Since: q.Since, Until: q.Until, Change: q.Change, Causes: q.Cause}
	for _, word := range q.Severity {
		severity, _ := crowsnest.ParseSeverity(word)
		f.Severities = append(f.Severities, severity)
	}
	return f
}

// written writes the query into a file.
func (q Query) written() map[string]string {
	return map[string]string{"environment": q.Environment, "since": base.Moment(q.Since), "until": base.Moment(q.Until), "change": q.Change, "cause": strings.Join(q.Cause, ", "), "severity": strings.Join(q.Severity, " ")}
}

var columns = []export.Column[wire.FindingEvent]{
	{Name: "at", Value: func(e wire.FindingEvent) any { return e.At }}, {Name: "change", Value: func(e wire.FindingEvent) any { return e.Change }}, {Name: "cause", Value: func(e wire.FindingEvent) any { return e.Cause }},
	{Name: "id", Value: func(e wire.FindingEvent) any { return e.ID }}, {Name: "severity", Value: func(e wire.FindingEvent) any { return e.Severity.String() }}, {Name: "advisory", Value: func(e wire.FindingEvent) any { return e.Advisory }},
	{Name: "type", Value: func(e wire.FindingEvent) any { return e.Package.Type }}, {Name: "package", Value: func(e wire.FindingEvent) any { return e.Package.Name }}, {Name: "version", Value: func(e wire.FindingEvent) any { return e.Package.Version }},
	{Name: "fixedVersion", Value: func(e wire.FindingEvent) any {
		if e.FixedVersion == nil {
			return ""
		}
		return *e.FixedVersion
	}},
	{Name: "images", Value: func(e wire.FindingEvent) any { return e.Images }}, {Name: "environments", Value: func(e wire.FindingEvent) any { return strings.Join(e.Environments, " ") }},
	{Name: "state", Value: func(e wire.FindingEvent) any { return string(e.State) }}, {Name: "purl", Value: func(e wire.FindingEvent) any { return e.Package.PURL }},
}

// Register adds the routes to the API, which checks who may call them.
func Register(api huma.API, s Store, log *slog.Logger) {
	list := func(q Query) func(context.Context, store.Page) (store.List[finding.Change], error) {
		return func(ctx context.Context, page store.Page) (store.List[finding.Change], error) {
			return s.FindingChanges(ctx, base.OrgOf(ctx), q.filter(), page)
		}
	}
	huma.Register(api, base.Operation(http.MethodGet, "/findings/changes", "Vulnerabilities", "list-finding-changes", "List what was found in packages of images and what no longer, with the cause, newest first"),
		func(ctx context.Context, in *struct {
			base.Paging
			Query
		}) (*base.Answer[wire.Page[wire.FindingEvent]], error) {
			part, err := list(in.Query)(ctx, in.Page())
			return base.Reply(log, wire.PageOf(part, wire.NewFindingEvent), err)
		})
	huma.Register(api, base.ExportOperation("/findings/changes", "export-finding-changes", "Export what was found in packages of images and what no longer"), func(ctx context.Context, in *struct {
		base.ExportFormat
		Query
	}) (*huma.StreamResponse, error) {
		return base.Export[wire.FindingEvent]{List: "finding-changes", Of: in.Environment, Filter: in.written(), Columns: columns, Rows: base.Paged(list(in.Query), wire.NewFindingEvent)}.Serve(ctx, s, log, in.Format)
	})
}
