// Package audit is the room of the API that tells who did what: the log as a list, and whole as a file.
package audit

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/export"
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
type Store interface {
	store.Audit
	store.Overviews
}

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
	op := base.ExportOperation("/audit", "export-audit", "Export the audit log, newest first")
	op.Path, op.Tags = "/api/v1/audit/export", []string{tag}
	huma.Register(api, op, func(ctx context.Context, in *struct {
		Query
		Format string `query:"format" enum:"csv,ndjson" default:"ndjson"`
	}) (*huma.StreamResponse, error) {
		org := base.OrgOf(ctx)
		return base.Export[wire.AuditEntry]{
			List: "audit", Columns: columns,
			Filter: map[string]string{"actor": in.Actor, "action": in.Action, "from": base.Moment(in.From), "until": base.Moment(in.Until)},
			Rows: func(ctx context.Context, page store.Page) ([]wire.AuditEntry, string, error) {
				list, err := s.Store.AuditLog(ctx, org, in.filter(), page)
				if err == nil && page.Cursor == "" { // it has begun; what is recorded now is not in it
					err = s.Store.RecordAudit(ctx, org, "audit.export", in.Format, nil)
				}
				return wire.Each(list.Items, wire.NewAuditEntry), list.Next, err
			},
		}.Serve(ctx, s.Store, s.Log, in.Format)
	})
}

var columns = []export.Column[wire.AuditEntry]{
	{Name: "time", Value: func(e wire.AuditEntry) any { return e.Time }}, {Name: "actor", Value: func(e wire.AuditEntry) any { return e.Actor.Kind }},
	{Name: "name", Value: func(e wire.AuditEntry) any { return e.Actor.Name }}, {Name: "address", Value: func(e wire.AuditEntry) any { return e.Actor.Address }},
	{Name: "action", Value: func(e wire.AuditEntry) any { return e.Action }}, {Name: "subject", Value: func(e wire.AuditEntry) any { return e.Subject }},
	{Name: "detail", Value: func(e wire.AuditEntry) any { return detail(e.Detail) }},
}

// detail writes what else is known into one cell, as JSON.
func detail(of map[string]string) string {
	text, err := json.Marshal(of)
	if err != nil { // of texts there is none that cannot be written
		return ""
	}
	return string(text)
}
