package base

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"time"

	exporting "github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// ExportPage is how many rows of an export are in memory at a time.
const ExportPage = 500

// WriteTimeout is how long a client may take to take what is written to it.
const WriteTimeout = 30 * time.Second

// ExportOperation describes the export of a list; its path is that of the list.
func ExportOperation(path, id, summary string) huma.Operation {
	op := Operation(http.MethodGet, "/export"+path, "Exports", id, summary)
	file := &huma.MediaType{Schema: &huma.Schema{Type: "string"}}
	op.Responses = map[string]*huma.Response{"200": {Description: "The file, streamed", Content: map[string]*huma.MediaType{"text/csv": file, "application/x-ndjson": file}}}
	return op
}

// ExportFormat is the query of every export.
type ExportFormat struct {
	Format string `query:"format" enum:"csv,ndjson" default:"csv" doc:"csv, or ndjson: a line of JSON for each row, as the list has it"`
}

// Export is a whole list as a file.
type Export[T any] struct {
	List    string            // its name, for people and for programs
	Of      string            // what it is about, such as an environment, for the file's name
	Filter  map[string]string // by name; what is empty is none
	Columns []exporting.Column[T]
	Rows    func(ctx context.Context, page store.Page) ([]T, string, error)
}

// Paged makes the rows of an export from a list of the store.
func Paged[R, T any](list func(ctx context.Context, page store.Page) (store.List[R], error), convert func(R) T) func(context.Context, store.Page) ([]T, string, error) {
	return func(ctx context.Context, page store.Page) ([]T, string, error) {
		part, err := list(ctx, page)
		out := make([]T, len(part.Items))
		for i, r := range part.Items {
			out[i] = convert(r)
		}
		return out, part.Next, err
	}
}

// Serve answers with a whole list. The first page is read before anything is sent, so that
// what cannot be listed is refused as it is elsewhere.
func (e Export[T]) Serve(ctx context.Context, organisations store.Overviews, log *slog.Logger, format string) (*huma.StreamResponse, error) {
	organisation, err := organisations.OrganisationName(ctx, OrgOf(ctx))
	if err != nil {
		return nil, Fail(log, err)
	}
	first, next, err := e.Rows(ctx, store.Page{Limit: ExportPage})
	if err != nil {
		return nil, Fail(log, err)
	}
	about := exporting.About{Export: e.List, Organisation: organisation, Time: time.Now().UTC().Truncate(time.Second), Filter: maps.Clone(e.Filter)}
	maps.DeleteFunc(about.Filter, func(_, value string) bool { return value == "" })
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		r, w := humago.Unwrap(hctx)
		var out exporting.Writer[T]
		contentType := "text/csv; charset=utf-8"
		if format == "ndjson" {
			contentType, out = "application/x-ndjson", exporting.NewLines[T](w)
		} else {
			out = exporting.NewCSV(w, e.Columns)
		}
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Disposition", `attachment; filename="`+e.fileName(about.Time, format)+`"`)
		w.WriteHeader(http.StatusOK)
		if err := e.write(r.Context(), http.NewResponseController(w), out, about, first, next); err != nil {
			if r.Context().Err() == nil {
				log.Error("export broke off", "list", e.List, "error", err)
			}
			panic(http.ErrAbortHandler) // a clean end would make part of a list look like all of it
		}
	}}, nil
}

func (e Export[T]) write(ctx context.Context, w *http.ResponseController, out exporting.Writer[T], about exporting.About, rows []T, next string) error {
	if err := out.Begin(about); err != nil {
		return err
	}
	n := 0
	for {
		w.SetWriteDeadline(time.Now().Add(WriteTimeout)) // not every connection has one
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
		if rows, next, err = e.Rows(ctx, store.Page{Limit: ExportPage, Cursor: next}); err != nil {
			return err
		}
	}
}

// Moment writes a time that something was asked for by into a file; nothing if there is none.
func Moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339Nano)
}

// Mentions reports whether one of the texts of a row has the wanted part, in whatever case.
func Mentions(wanted string, texts ...string) bool {
	return strings.Contains(strings.ToLower(strings.Join(texts, " ")), strings.ToLower(wanted))
}

// fileName names the file: what it lists, of what, and when.
func (e Export[T]) fileName(at time.Time, format string) string {
	name := "crowsnest-" + e.List
	if e.Of != "" {
		name += "-" + e.Of
	}
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '-'
	}, name)
	return name + "-" + at.Format("20060102T150405Z") + "." + format
}
