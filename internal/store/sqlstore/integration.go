package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/access"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/source"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// CreateIntegration implements store.Integrations.
func (s *Store) CreateIntegration(ctx context.Context, in store.Integration) (store.Integration, error) {
	in.ID = sqldb.NewUUID()
	err := s.db.Write(ctx, "create integration", in.Name, func(tx *sql.Tx, now int64) error {
		in.Created = sqldb.Time(now)
		environment, err := member.EnsureEnvironment(ctx, tx, now, in.Org, in.Environment)
		if err != nil {
			return err
		}
		// The first sweep is enqueued here; the schedule takes over one interval later.
		if _, err := tx.ExecContext(ctx, `insert into integration (id, number, organisation_id, environment_id, name, kind, region, url, cluster, secret, interval_us, created_at, next_at, reason, requests, ca, own_analysis)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', 0, $14, $15)`,
			in.ID, sqldb.NewID(), in.Org, environment, in.Name, in.Kind, in.Region, in.URL, in.Cluster, in.Secret, in.Interval.Microseconds(), now, now+in.Interval.Microseconds(), in.CA, in.Analyse); err != nil {
			return err
		}
		if err := source.SaveAPIToken(ctx, tx, in.ID, in.APISecret); err != nil {
			return err
		}
		if err := access.Record(ctx, tx, now, in.Org, "integration.create", in.Name, map[string]string{"kind": in.Kind, "region": in.Region, "cluster": in.Cluster, "environment": in.Environment}); err != nil {
			return err
		}
		if err := s.queue.Enqueue(ctx, tx, store.Work{Kind: store.SweepWork, ID: in.ID}); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, in.Org, store.IntegrationsResource, store.EnvironmentsResource)
	})
	if err != nil && crowsnest.KindOf(err) == crowsnest.Conflict {
		err = &crowsnest.Error{Kind: crowsnest.Conflict, Op: "create integration", Subject: in.Name, Field: "name", Hint: "it exists already; change it with crowsnest integration update, or choose another name"}
	}
	return in, err
}

const selectIntegration = `select g.number, g.id, g.organisation_id, g.name, g.kind, g.region, g.url, g.cluster, e.name, g.secret, g.interval_us, g.created_at,
	g.attempt_at, g.ended_at, g.complete_at, g.next_at, g.failing_since, g.connected_since, g.paused_at, g.changed_at, g.reason, g.requests, g.hook is not null,
	g.ca, g.named_at, g.wait_until, g.own_analysis, g.names_refused, t.secret from integration as g left join integration_api_token as t on t.id = g.id join environment as e on e.id = g.environment_id`

type integrationRow struct {
	store.Integration
	number int64
}

func scanIntegration(row interface{ Scan(...any) error }) (integrationRow, error) {
	var in integrationRow
	var interval, created, next int64
	var attempt, ended, complete, failing, connected, paused, changed, named, waits sql.NullInt64
	err := row.Scan(&in.number, &in.ID, &in.Org, &in.Name, &in.Kind, &in.Region, &in.URL, &in.Cluster, &in.Environment, &in.Secret, &interval, &created,
		&attempt, &ended, &complete, &next, &failing, &connected, &paused, &changed, &in.Status.Reason, &in.Status.Requests, &in.Hook, &in.CA, &named, &waits, &in.Analyse, &in.Unnamed, &in.APISecret)
	in.Interval, in.Created = time.Duration(interval)*time.Microsecond, sqldb.Time(created)
	in.Status.LastAttempt, in.Status.LastEnd, in.Status.LastComplete = sqldb.NullTime(attempt), sqldb.NullTime(ended), sqldb.NullTime(complete)
	in.Status.Next, in.Status.FailingSince = sqldb.Time(next), sqldb.NullTime(failing)
	in.Status.Connected, in.Status.Paused, in.Changed = sqldb.NullTime(connected), sqldb.NullTime(paused), sqldb.NullTime(changed)
	in.Named, in.Status.Waits = sqldb.NullTime(named), sqldb.NullTime(waits)
	return in, err
}

// Integration implements store.Integrations.
func (s *Store) Integration(ctx context.Context, org store.OrgID, name string) (store.Integration, error) {
	list, err := s.snapshotIntegrations(ctx, org, ` and g.name = $2`, name)
	if err == nil && len(list) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		return store.Integration{}, s.db.Error("find integration", name, err)
	}
	return list[0], nil
}

// IntegrationByID implements store.Integrations.
func (s *Store) IntegrationByID(ctx context.Context, id string) (store.Integration, error) {
	in, err := scanIntegration(s.db.Reader.QueryRowContext(ctx, selectIntegration+` where g.id = $1 and `+member.Swept(`g`), id))
	return in.Integration, s.db.Error("find integration", id, err)
}

// Integrations implements store.Integrations.
func (s *Store) Integrations(ctx context.Context, org store.OrgID) ([]store.Integration, error) {
	list, err := s.snapshotIntegrations(ctx, org, ``)
	return list, s.db.Error("list integrations", "", err)
}

// snapshotIntegrations reads integrations and their coverage from one state of the database.
func (s *Store) snapshotIntegrations(ctx context.Context, org store.OrgID, where string, args ...any) (list []store.Integration, err error) {
	err = s.db.Snapshot(ctx, func(q sqldb.Querier) error {
		list, err = s.integrations(ctx, q, org, where, args...)
		return err
	})
	return list, err
}

// integrations reads integrations with their coverage, that of all of them in one query.
func (s *Store) integrations(ctx context.Context, q sqldb.Querier, org store.OrgID, where string, args ...any) ([]store.Integration, error) {
	rows, err := sqldb.Collect(ctx, q, func(rows *sql.Rows) (integrationRow, error) { return scanIntegration(rows) },
		selectIntegration+` where g.organisation_id = $1 and `+member.Swept(`g`)+where+` order by g.name`, append([]any{org}, args...)...)
	if err != nil {
		return nil, err
	}
	var places map[int64]*member.Count
	switch len(rows) {
	case 0:
	case 1:
		places, err = member.Places(ctx, s.db, q, false, `r.integration_number`, `r.integration_number = $2`, org, rows[0].number)
	default:
		places, err = s.Watched(ctx, q, org)
	}
	if err != nil {
		return nil, err
	}
	list := make([]store.Integration, len(rows))
	for i, r := range rows {
		list[i] = r.Integration
		if p := places[r.number]; p != nil {
			list[i].Status.Coverage, list[i].Status.Occurrences = p.Coverage, p.Occurrences
		}
	}
	return list, nil
}

// DeleteIntegration implements store.Integrations.
func (s *Store) DeleteIntegration(ctx context.Context, org store.OrgID, name string) error {
	return s.db.Write(ctx, "delete integration", name, func(tx *sql.Tx, now int64) error {
		// The encrypted token goes at once; the row stays for the history that points to it.
		var id string
		var number int64
		if err := tx.QueryRowContext(ctx, `update integration set deleted_at = $3, secret = $4, hook = null where organisation_id = $1 and name = $2 and `+member.Swept(`integration`)+` returning number, id`,
			org, name, now, []byte{}).Scan(&number, &id); err != nil {
			return err
		}
		if err := source.SaveAPIToken(ctx, tx, id, []byte{}); err != nil {
			return err
		}
		if err := member.CloseIntegration(ctx, tx, now, number); err != nil {
			return err
		}
		if err := access.Record(ctx, tx, now, org, "integration.delete", name, nil); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.IntegrationsResource, store.EnvironmentsResource)
	})
}

// EnqueueDueSweeps implements store.Integrations.
func (s *Store) EnqueueDueSweeps(ctx context.Context) (n int, err error) {
	err = s.db.Write(ctx, "enqueue sweeps", "", func(tx *sql.Tx, now int64) error {
		due, err := sqldb.Collect(ctx, tx, sqldb.ScanOne[string], `update integration set next_at = `+waited(`$1 + `+jittered)+`
			where `+member.Swept(`integration`)+` and paused_at is null and coalesce(wait_until, 0) <= $1
				and (requested_at > coalesce(attempt_at, 0) or next_at <= $1 or hook_at > coalesce(attempt_at, 0) and hook_at <= $1) returning id`, now)
		if err != nil {
			return err
		}
		n = len(due)
		for _, id := range due {
			if err := s.queue.Enqueue(ctx, tx, store.Work{Kind: store.SweepWork, ID: id}); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// RequestSweep implements store.Integrations.
func (s *Store) RequestSweep(ctx context.Context, org store.OrgID, name string) error {
	return s.db.Write(ctx, "request sweep of", name, func(tx *sql.Tx, now int64) error {
		var id string
		var paused, waits sql.NullInt64
		var under bool // whether one is under way, which a request joins even while that one waits
		if err := tx.QueryRowContext(ctx, `update integration set requested_at = $3 where organisation_id = $1 and name = $2 and `+member.Swept(`integration`)+`
			returning id, paused_at, wait_until, coalesce(attempt_at, 0) > coalesce(ended_at, 0)`, org, name, now).Scan(&id, &paused, &waits, &under); err != nil {
			return err
		}
		if paused.Valid {
			return &crowsnest.Error{Kind: crowsnest.Conflict, Op: "request sweep of", Subject: name, Hint: "it is paused; resume it first"}
		}
		if waits.Int64 > now && !under {
			return &crowsnest.Error{Kind: crowsnest.Conflict, Op: "request sweep of", Subject: name,
				Hint: "Sysdig asked to be left alone until " + sqldb.Time(waits.Int64).UTC().Format("2006-01-02 15:04:05 MST") + "; the next sweep begins then, and at once with another token"}
		}
		return s.queue.Enqueue(ctx, tx, store.Work{Kind: store.SweepWork, ID: id})
	})
}
