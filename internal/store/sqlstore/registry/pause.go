package registry

import (
	"context"
	"database/sql"
	"errors"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/access"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// pause pauses a registry or resumes it. What was held back meanwhile is enqueued again.
func (s *Store) pause(ctx context.Context, tx *sql.Tx, now int64, in store.RegistryIntegration, pause bool) error {
	if pause {
		if _, err := tx.ExecContext(ctx, `update registry set paused_at = $2 where id = $1`, in.ID, now); err != nil {
			return err
		}
		return access.Record(ctx, tx, now, in.Org, "registry.pause", in.Name, nil)
	}
	if _, err := tx.ExecContext(ctx, `update registry set paused_at = null, wait_until = null where id = $1`, in.ID); err != nil {
		return err
	}
	if err := s.enqueueAll(ctx, tx, `update analysis_request set held_at = null, reason = '' where registry_id = $1 and held_at is not null and state = 'queued' returning id, lane`, in.ID); err != nil {
		return err
	}
	return access.Record(ctx, tx, now, in.Org, "registry.resume", in.Name, nil)
}

// enqueueAll enqueues the requests that a statement returns.
func (s *Store) enqueueAll(ctx context.Context, tx *sql.Tx, stmt string, args ...any) error {
	type request struct {
		id   string
		lane store.Lane
	}
	list, err := sqldb.Collect(ctx, tx, func(rows *sql.Rows) (r request, err error) { return r, rows.Scan(&r.id, &r.lane) }, stmt, args...)
	if err != nil {
		return err
	}
	for _, r := range list {
		if err := s.enqueue(ctx, tx, store.Work{Kind: store.AnalyseWork, ID: r.id, Lane: r.lane}); err != nil {
			return err
		}
	}
	return nil
}

const readPaused = `select g.paused_at is not null, g.organisation_id from registry as g where g.id = (select registry_id from analysis_request where id = $1)`

// lockPaused keeps whoever resumes the registry waiting until the transaction ends: what is held back after the others
// were enqueued again would wait for ever.
var lockPaused = sqldb.Text{SQLite: readPaused, Postgres: readPaused + ` for share of g`}

// heldReason is why a request waits whose registry is paused.
const heldReason = "its registry is paused"

// Hold takes a request out of the hands of a worker if the registry it was pushed to is paused, within the transaction
// that would start it, and tells whether it did. Its job may end: resuming enqueues another.
func (s *Store) Hold(ctx context.Context, tx *sql.Tx, now int64, id string) (bool, error) {
	var paused bool
	var org store.OrgID
	if err := tx.QueryRowContext(ctx, s.db.Choose(lockPaused), id).Scan(&paused, &org); err != nil || !paused {
		if errors.Is(err, sql.ErrNoRows) { // nobody's push, or no request any more
			err = nil
		}
		return false, err
	}
	done, err := tx.ExecContext(ctx, `update analysis_request set state = 'queued', held_at = $2, reason = $3 where id = $1 and state <> 'done'`, id, now, heldReason)
	if err != nil {
		return false, err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	return true, revision.Raise(ctx, tx, org, store.AnalysesResource)
}

// RegistryImpact implements store.RegistryIntegrations.
func (s *Store) RegistryImpact(ctx context.Context, org store.OrgID, name string) (out store.RegistryImpact, err error) {
	err = s.db.Snapshot(ctx, func(q sqldb.Querier) error {
		var id, host string
		if err := q.QueryRowContext(ctx, `select id, host from registry where organisation_id = $1 and name = $2 and deleted_at is null`, org, name).Scan(&id, &host); err != nil {
			return err
		}
		if err := q.QueryRowContext(ctx, `select count(*), count(enabled_at) from registry_repository where registry_id = $1`, id).Scan(&out.Repositories, &out.Enabled); err != nil {
			return err
		}
		if err := q.QueryRowContext(ctx, `select (select count(*) from analysis_request where registry_id = $1 and state = 'queued')
			+ (select count(*) from registry_repository as r join registry_tag as t on t.repository_id = r.id where r.registry_id = $1 and t.lane is not null)`, id).Scan(&out.Waiting); err != nil {
			return err
		}
		return q.QueryRowContext(ctx, `select count(distinct i.id) from registry_repository as r
			join tag as t on t.organisation_id = $1 and t.repository = $3 || '/' || r.name
			join digest as d on d.organisation_id = $1 and d.digest = t.target
			join alias as a on a.digest_id = d.id
			join image as i on i.id = a.image_id and i.state = 'analysed' where r.registry_id = $2`, org, id, host).Scan(&out.Images)
	})
	return out, s.db.Error("find connected registry", name, err)
}
