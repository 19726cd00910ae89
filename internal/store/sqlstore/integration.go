package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// CreateIntegration implements store.Integrations.
func (s *Store) CreateIntegration(ctx context.Context, in store.Integration) (store.Integration, error) {
	in.ID = newUUID()
	err := s.write(ctx, "create integration", in.Name, func(tx *sql.Tx, now int64) error {
		in.Created = fromMicros(now)
		if _, err := tx.ExecContext(ctx, `insert into environment (id, organisation_id, name, created_at) values ($1, $2, $3, $4) on conflict (organisation_id, name) do nothing`,
			newUUID(), in.Org, in.Environment, now); err != nil {
			return err
		}
		var environment string
		if err := tx.QueryRowContext(ctx, `select id from environment where organisation_id = $1 and name = $2`, in.Org, in.Environment).Scan(&environment); err != nil {
			return err
		}
		// The first sweep is enqueued here; the schedule takes over one interval later.
		if _, err := tx.ExecContext(ctx, `insert into integration (id, organisation_id, environment_id, name, kind, region, url, cluster, secret, interval_us, created_at, next_at, reason, requests)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '', 0)`,
			in.ID, in.Org, environment, in.Name, in.Kind, in.Region, in.URL, in.Cluster, in.Secret, in.Interval.Microseconds(), now, now+in.Interval.Microseconds()); err != nil {
			return err
		}
		return s.queue.Enqueue(ctx, tx, store.Work{Kind: store.SweepWork, ID: in.ID})
	})
	return in, err
}

const selectIntegration = `select g.id, g.organisation_id, g.name, g.kind, g.region, g.url, g.cluster, e.name, g.secret, g.interval_us, g.created_at,
	g.attempt_at, g.ended_at, g.complete_at, g.next_at, g.failing_since, g.reason, g.requests
	from integration as g join environment as e on e.id = g.environment_id`

func scanIntegration(row interface{ Scan(...any) error }) (store.Integration, error) {
	var in store.Integration
	var interval, created, next int64
	var attempt, ended, complete, failing sql.NullInt64
	err := row.Scan(&in.ID, &in.Org, &in.Name, &in.Kind, &in.Region, &in.URL, &in.Cluster, &in.Environment, &in.Secret, &interval, &created,
		&attempt, &ended, &complete, &next, &failing, &in.Status.Reason, &in.Status.Requests)
	in.Interval, in.Created = time.Duration(interval)*time.Microsecond, fromMicros(created)
	in.Status.LastAttempt, in.Status.LastEnd, in.Status.LastComplete = fromNullMicros(attempt), fromNullMicros(ended), fromNullMicros(complete)
	in.Status.Next, in.Status.FailingSince = fromMicros(next), fromNullMicros(failing)
	return in, err
}

// Integration implements store.Integrations.
func (s *Store) Integration(ctx context.Context, org store.OrgID, name string) (store.Integration, error) {
	in, err := scanIntegration(s.reader.QueryRowContext(ctx, selectIntegration+` where g.organisation_id = $1 and g.name = $2 and g.deleted_at is null`, org, name))
	if err != nil {
		return in, s.storeError("find integration", name, err)
	}
	return in, s.fillCoverage(ctx, &in)
}

// IntegrationByID implements store.Integrations.
func (s *Store) IntegrationByID(ctx context.Context, id string) (store.Integration, error) {
	in, err := scanIntegration(s.reader.QueryRowContext(ctx, selectIntegration+` where g.id = $1 and g.deleted_at is null`, id))
	return in, s.storeError("find integration", id, err)
}

// Integrations implements store.Integrations.
func (s *Store) Integrations(ctx context.Context, org store.OrgID) ([]store.Integration, error) {
	list, err := collect(ctx, s.reader, func(rows *sql.Rows) (store.Integration, error) { return scanIntegration(rows) },
		selectIntegration+` where g.organisation_id = $1 and g.deleted_at is null order by g.name`, org)
	if err != nil {
		return nil, s.storeError("list integrations", "", err)
	}
	for i := range list {
		if err := s.fillCoverage(ctx, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (s *Store) fillCoverage(ctx context.Context, in *store.Integration) error {
	rows, err := collect(ctx, s.reader, scanCoverage, coverageOf(`o.integration_id = $2`)+` group by environment_id`, in.Org, in.ID)
	if err != nil {
		return s.storeError("count images of integration", in.Name, err)
	}
	for _, r := range rows {
		in.Status.Coverage = in.Status.Coverage.Add(r.coverage)
	}
	err = s.reader.QueryRowContext(ctx, `select count(*) from occurrence where integration_id = $1 and closed_at is null`, in.ID).Scan(&in.Status.Occurrences)
	return s.storeError("count occurrences of integration", in.Name, err)
}

// DeleteIntegration implements store.Integrations.
func (s *Store) DeleteIntegration(ctx context.Context, org store.OrgID, name string) error {
	return s.write(ctx, "delete integration", name, func(tx *sql.Tx, now int64) error {
		// The encrypted token goes at once; the row stays for the history that points to it.
		var id string
		if err := tx.QueryRowContext(ctx, `update integration set deleted_at = $3, secret = $4 where organisation_id = $1 and name = $2 and deleted_at is null returning id`,
			org, name, now, []byte{}).Scan(&id); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `update occurrence set closed_at = $2 where integration_id = $1 and closed_at is null`, id, now)
		return err
	})
}

// EnqueueDueSweeps implements store.Integrations.
func (s *Store) EnqueueDueSweeps(ctx context.Context) (n int, err error) {
	err = s.write(ctx, "enqueue sweeps", "", func(tx *sql.Tx, now int64) error {
		due, err := collect(ctx, tx, scanOne[string], `update integration set next_at = $1 + interval_us where deleted_at is null and next_at <= $1 returning id`, now)
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
	return s.write(ctx, "request sweep of", name, func(tx *sql.Tx, now int64) error {
		var id string
		if err := tx.QueryRowContext(ctx, `select id from integration where organisation_id = $1 and name = $2 and deleted_at is null`, org, name).Scan(&id); err != nil {
			return err
		}
		return s.queue.Enqueue(ctx, tx, store.Work{Kind: store.SweepWork, ID: id})
	})
}
