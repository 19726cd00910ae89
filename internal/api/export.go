package api

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	exporting "github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// exportPage is how many rows of an export are in memory at a time.
const exportPage = 500

// ExportFormat is the query of every export.
type ExportFormat struct {
	Format string `query:"format" enum:"csv,ndjson" default:"csv" doc:"csv, or ndjson: a line of JSON for each row, as the list has it"`
}

// export is a whole list as a file.
type export[T any] struct {
	list    string // its name, for people and for programs
	of      string // what it is about, such as an environment, for the file's name
	filter  map[string]string
	columns []exporting.Column[T]
	rows    func(ctx context.Context, page store.Page) ([]T, string, error)
}

// paged makes the rows of an export from a list of the store.
func paged[R, T any](list func(ctx context.Context, page store.Page) (store.List[R], error), convert func(R) T) func(context.Context, store.Page) ([]T, string, error) {
	return func(ctx context.Context, page store.Page) ([]T, string, error) {
		part, err := list(ctx, page)
		out := make([]T, len(part.Items))
		for i, r := range part.Items {
			out[i] = convert(r)
		}
		return out, part.Next, err
	}
}

// serveExport answers with a whole list. The first page is read before anything is sent, so that
// what cannot be listed is refused as it is elsewhere.
func serveExport[T any](ctx context.Context, s *server, format string, e export[T]) (*huma.StreamResponse, error) {
	organisation, err := s.Store.OrganisationName(ctx, orgOf(ctx))
	if err != nil {
		return nil, s.fail(err)
	}
	first, next, err := e.rows(ctx, store.Page{Limit: exportPage})
	if err != nil {
		return nil, s.fail(err)
	}
	about := exporting.About{Export: e.list, Organisation: organisation, Time: time.Now().UTC().Truncate(time.Second), Filter: e.filter}
	maps.DeleteFunc(about.Filter, func(_, value string) bool { return value == "" })
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		r, w := humago.Unwrap(hctx)
		var out exporting.Writer[T]
		contentType := "text/csv; charset=utf-8"
		if format == "ndjson" {
			contentType, out = "application/x-ndjson", exporting.NewLines[T](w)
		} else {
			out = exporting.NewCSV(w, e.columns)
		}
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Disposition", `attachment; filename="`+e.fileName(about.Time, format)+`"`)
		w.WriteHeader(http.StatusOK)
		if err := e.write(r.Context(), http.NewResponseController(w), out, about, first, next); err != nil {
			if r.Context().Err() == nil {
				s.Log.Error("export broke off", "list", e.list, "error", err)
			}
			panic(http.ErrAbortHandler) // a clean end would make part of a list look like all of it
		}
	}}, nil
}

func (e export[T]) write(ctx context.Context, w *http.ResponseController, out exporting.Writer[T], about exporting.About, rows []T, next string) error {
	if err := out.Begin(about); err != nil {
		return err
	}
	n := 0
	for {
		w.SetWriteDeadline(time.Now().Add(writeTimeout)) // not every connection has one
		for _, row := range rows {
			if err := out.Row(row); err != nil {
				return err
			}
		}
		n += len(rows)
		if next == "" {
			if err := out.End(n); err != nil {
				return err
			}
			return out.Flush()
		}
		if err := out.Flush(); err != nil {
			return err
		}
		var err error
		if rows, next, err = e.rows(ctx, store.Page{Limit: exportPage, Cursor: next}); err != nil {
			return err
		}
	}
}

// fileName names the file: what it lists, of what, and when.
func (e export[T]) fileName(at time.Time, format string) string {
	name := "crowsnest-" + e.list
	if e.of != "" {
		name += "-" + e.of
	}
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '-'
	}, name)
	return name + "-" + at.Format("20060102T150405Z") + "." + format
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
