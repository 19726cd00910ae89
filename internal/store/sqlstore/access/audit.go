package access

import (
	"context"
	"database/sql"
	"math"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Record adds an entry to the audit log in the transaction of the change it is about,
// under the actor of the context.
func Record(ctx context.Context, tx *sql.Tx, now int64, org store.OrgID, action, subject string, detail map[string]string) error {
	return recordAs(ctx, tx, now, store.ActorOf(ctx), org, action, subject, detail)
}

func recordAs(ctx context.Context, tx *sql.Tx, now int64, a store.Actor, org store.OrgID, action, subject string, detail map[string]string) error {
	if detail == nil {
		detail = map[string]string{}
	}
	_, err := tx.ExecContext(ctx, `insert into audit (id, organisation_id, at, actor_kind, actor_id, actor_name, address, action, subject, detail) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		sqldb.NewID(), org, now, a.Kind, a.ID, crowsnest.Text(a.Name), a.Address, action, crowsnest.Text(subject), crowsnest.Text(sqldb.JSON(detail)))
	return err
}

// recordForPerson adds an entry in each organisation a person belongs to: what concerns
// the person concerns all of them.
func recordForPerson(ctx context.Context, tx *sql.Tx, now int64, person store.PersonID, action string, detail map[string]string) error {
	type place struct {
		org   store.OrgID
		email string
	}
	places, err := sqldb.Collect(ctx, tx, func(rows *sql.Rows) (p place, err error) {
		err = rows.Scan(&p.org, &p.email)
		return p, err
	}, `select m.organisation_id, p.email from membership as m join person as p on p.id = m.person_id where m.person_id = $1 order by m.organisation_id`, person)
	if err != nil {
		return err
	}
	for _, p := range places {
		if err := Record(ctx, tx, now, p.org, action, p.email, detail); err != nil {
			return err
		}
	}
	return nil
}

// RecordAudit implements store.Audit.
func (s *Store) RecordAudit(ctx context.Context, org store.OrgID, action, subject string, detail map[string]string) error {
	return s.db.Write(ctx, "record in the audit log", action, func(tx *sql.Tx, now int64) error {
		return Record(ctx, tx, now, org, action, subject, detail)
	})
}

// AuditLog implements store.Audit.
func (s *Store) AuditLog(ctx context.Context, org store.OrgID, f store.AuditFilter, page store.Page) (store.List[store.AuditEntry], error) {
	until := int64(math.MaxInt64)
	if !f.Until.IsZero() {
		until = f.Until.UnixMicro()
	}
	from := int64(0)
	if !f.From.IsZero() {
		from = f.From.UnixMicro()
	}
	where, args := `organisation_id = $1 and at >= $2 and at < $3`, []any{org, from, until}
	add := func(condition string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			condition = strings.Replace(condition, "?", sqldb.Dollar(len(args)), 1)
		}
		where += ` and ` + condition
	}
	if f.Actor != "" {
		add(`actor_name = ?`, f.Actor)
	}
	if family, ok := strings.CutSuffix(f.Action, "."); ok {
		add(`action >= ? and action < ?`, family+".", family+"/") // "/" follows "."
	} else if f.Action != "" {
		add(`action = ?`, f.Action)
	}
	var at, id int64
	if more, err := sqldb.ReadCursor(page.Cursor, &at, &id); err != nil {
		return store.List[store.AuditEntry]{}, err
	} else if more {
		add(`(at, id) < (?, ?)`, at, id)
	}
	limit := sqldb.Limit(page)
	args = append(args, limit+1)
	entries, err := sqldb.Collect(ctx, s.db.Reader, scanAudit,
		`select id, at, actor_kind, actor_id, actor_name, address, action, subject, detail from audit where `+where+` order by at desc, id desc limit `+sqldb.Dollar(len(args)), args...)
	if err != nil {
		return store.List[store.AuditEntry]{}, s.db.Error("read audit log", "", err)
	}
	return sqldb.Cut(entries, limit, func(e store.AuditEntry) string { return sqldb.Cursor(e.Time.UnixMicro(), e.ID) }), nil
}

func scanAudit(rows *sql.Rows) (store.AuditEntry, error) {
	var e store.AuditEntry
	var at int64
	var detail string
	if err := rows.Scan(&e.ID, &at, &e.Actor.Kind, &e.Actor.ID, &e.Actor.Name, &e.Actor.Address, &e.Action, &e.Subject, &detail); err != nil {
		return e, err
	}
	e.Time = sqldb.Time(at)
	return e, sqldb.FromJSON(detail, &e.Detail)
}
