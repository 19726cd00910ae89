// Package audit is the room of the API that tells who did what: the log as a list, and whole as a file.
package audit

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// Deps is what the routes need.
type Deps struct {
	Store Store
	Log   *slog.Logger
}

// Store is what is read and written.
type Store interface{ store.Audit }

// Query narrows the audit log.
type Query struct {
	Actor  string    `query:"actor" maxLength:"254" doc:"Only what was done under exactly this name"`
	Action string    `query:"action" maxLength:"64" doc:"Only this action; with a dot at its end, all that begin so: token."`
	From   time.Time `query:"from" doc:"Only from then on"`
	Until  time.Time `query:"until" doc:"Only before then"`
}

func (q Query) filter() store.AuditFilter {
	return store.AuditFilter{Actor: q.Actor, Action: q.Action, From: q.From, Until: q.Until}
}

// Register adds the routes to the API, which checks who may call them.
func Register(api huma.API, s Deps) {
	const tag = "Audit"
	huma.Register(api, base.Operation(http.MethodGet, "/audit", tag, "list-audit", "List who did what, newest first"),
		func(ctx context.Context, in *struct {
			Query
			base.Paging
		}) (*base.Answer[wire.Page[wire.AuditEntry]], error) {
			list, err := s.Store.AuditLog(ctx, base.OrgOf(ctx), in.filter(), in.Page())
			return base.Reply(s.Log, wire.PageOf(list, wire.NewAuditEntry), err)
		})
	export := base.Operation(http.MethodGet, "/audit/export", tag, "export-audit", "Export the audit log, newest first")
	text := &huma.MediaType{Schema: &huma.Schema{Type: "string"}}
	export.Responses = map[string]*huma.Response{"200": {Description: "One entry a line", Content: map[string]*huma.MediaType{"text/csv": text, "application/x-ndjson": text}}}
	huma.Register(api, export, func(ctx context.Context, in *struct {
		Query
		Format string `query:"format" enum:"csv,ndjson" default:"ndjson"`
	}) (*huma.StreamResponse, error) {
		// The first page before the answer begins: what goes wrong then can still be said.
		first, err := s.Store.AuditLog(ctx, base.OrgOf(ctx), in.filter(), store.Page{Limit: store.MaxLimit})
		if err != nil {
			return nil, base.Fail(s.Log, err)
		}
		if err := s.Store.RecordAudit(ctx, base.OrgOf(ctx), "audit.export", in.Format, nil); err != nil {
			return nil, base.Fail(s.Log, err)
		}
		return &huma.StreamResponse{Body: func(hctx huma.Context) {
			contentType := "application/x-ndjson"
			if in.Format == "csv" {
				contentType = "text/csv; charset=utf-8"
			}
			hctx.SetHeader("Content-Type", contentType)
			hctx.SetHeader("Content-Disposition", `attachment; filename="crowsnest-audit.`+in.Format+`"`)
			if err := s.write(ctx, hctx.BodyWriter(), in.Format, in.filter(), first); err != nil {
				s.Log.Warn("the export of the audit log broke off", "error", err)
				panic(http.ErrAbortHandler) // so that the client does not take a part for the whole
			}
		}}, nil
	})
}

// writeAudit writes all entries, a page at a time.
func (s Deps) write(ctx context.Context, w io.Writer, format string, filter store.AuditFilter, page store.List[store.AuditEntry]) error {
	write, flush := ndjson(w)
	if format == "csv" {
		write, flush = table(w)
	}
	for {
		for _, e := range page.Items {
			if err := write(wire.NewAuditEntry(e)); err != nil {
				return err
			}
		}
		if err := flush(); err != nil || page.Next == "" {
			return err
		}
		var err error
		if page, err = s.Store.AuditLog(ctx, base.OrgOf(ctx), filter, store.Page{Limit: store.MaxLimit, Cursor: page.Next}); err != nil {
			return err
		}
	}
}

func ndjson(w io.Writer) (write func(wire.AuditEntry) error, flush func() error) {
	enc := json.NewEncoder(w)
	return func(e wire.AuditEntry) error { return enc.Encode(e) }, func() error { return nil }
}

func table(w io.Writer) (write func(wire.AuditEntry) error, flush func() error) {
	out := csv.NewWriter(w)
	first := out.Write([]string{"time", "actor", "name", "address", "action", "subject", "detail"})
	write = func(e wire.AuditEntry) error {
		detail, err := json.Marshal(e.Detail)
		if err != nil {
			return err
		}
		row := []string{e.Time.Format(time.RFC3339Nano), e.Actor.Kind, e.Actor.Name, e.Actor.Address, e.Action, e.Subject, string(detail)}
		for i := range row {
			row[i] = inert(row[i])
		}
		return out.Write(row)
	}
	return write, func() error {
		out.Flush()
		return errors.Join(first, out.Error())
	}
}

// inert keeps a spreadsheet from taking a cell for a formula.
func inert(cell string) string {
	if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
		return "'" + cell
	}
	return cell
}
