package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// StartSweep implements store.Sweeps.
func (s *Store) StartSweep(ctx context.Context, integrationID string) error {
	return s.db.Write(ctx, "start sweep", integrationID, func(tx *sql.Tx, now int64) error {
		return changeSweep(ctx, tx, `update integration set attempt_at = $2, next_at = $2 + interval_us where id = $1 returning organisation_id`, integrationID, now)
	})
}

// FailSweep implements store.Sweeps.
func (s *Store) FailSweep(ctx context.Context, integrationID, reason string, requests int) error {
	return s.db.Write(ctx, "record failed sweep", integrationID, func(tx *sql.Tx, now int64) error {
		return changeSweep(ctx, tx, failSweep, integrationID, reason, requests, now)
	})
}

const failSweep = `update integration set reason = $2, requests = $3, failing_since = coalesce(failing_since, $4), ended_at = $4 where id = $1 returning organisation_id`

// changeSweep runs a statement that notes how a sweep goes; the integration may be gone.
func changeSweep(ctx context.Context, tx *sql.Tx, stmt string, args ...any) error {
	var org store.OrgID
	err := tx.QueryRowContext(ctx, stmt, args...).Scan(&org)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return revision.Raise(ctx, tx, org, store.IntegrationsResource)
}

// runKey is what makes two observations of one integration the same occurrence.
type runKey struct {
	namespace, kind, name, container string
	digest                           int64
}

// openRun is an open occurrence.
type openRun struct {
	id      int64
	profile sql.NullInt64
}

const insertOccurrences = `insert into occurrence (id, organisation_id, environment_id, integration_number, digest_id, profile_id, opened_at,
	cluster, namespace, kind, name, container) values `

// openRuns reads the open occurrences of an integration.
func openRuns(ctx context.Context, tx *sql.Tx, integration int64) (map[runKey]openRun, error) {
	rows, err := tx.QueryContext(ctx, `select id, namespace, kind, name, container, digest_id, profile_id from occurrence where integration_number = $1 and closed_at is null`, integration)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	open := make(map[runKey]openRun)
	for rows.Next() {
		var k runKey
		var r openRun
		if err := rows.Scan(&r.id, &k.namespace, &k.kind, &k.name, &k.container, &k.digest, &r.profile); err != nil {
			return nil, err
		}
		open[k] = r
	}
	return open, rows.Err()
}

// reportedDigests lists each digest of a snapshot once.
func reportedDigests(runs []store.ObservedRun) []string {
	seen := make(map[string]bool)
	for _, r := range runs {
		seen[string(r.ImageID)] = true
	}
	return slices.Collect(maps.Keys(seen))
}

const readIntegration = `select number, organisation_id, environment_id, cluster, complete_at, changed_at from integration where id = $1 and deleted_at is null`

// lockIntegration makes two sweeps of one integration apply one after the other. SQLite has a
// single writer, so reading the row is enough there.
var lockIntegration = sqldb.Text{SQLite: readIntegration, Postgres: readIntegration + ` for update`}

// CompleteSweep implements store.Sweeps. The difference of the two sets is taken
// here and not in SQL: an unchanged sweep of many thousand containers then
// costs one read and no write.
func (s *Store) CompleteSweep(ctx context.Context, integrationID string, snap store.Snapshot) (result store.SweepResult, err error) {
	err = s.db.Write(ctx, "apply sweep", integrationID, func(tx *sql.Tx, now int64) error {
		result = store.SweepResult{}
		var org store.OrgID
		var number, environment int64
		var cluster string
		var complete, changed sql.NullInt64
		if err := tx.QueryRowContext(ctx, s.db.Choose(lockIntegration), integrationID).Scan(&number, &org, &environment, &cluster, &complete, &changed); err != nil {
			return err
		}
		// Sweeps may finish in another order than they started: what an older one saw is no news.
		if started := snap.Started.UnixMicro(); complete.Valid && !snap.Started.IsZero() && started < complete.Int64 {
			return &crowsnest.Error{Kind: crowsnest.Conflict, Op: "apply sweep", Subject: integrationID, Hint: "a newer sweep was applied meanwhile"}
		}
		if !sqldb.NullTime(changed).Equal(snap.Changed) {
			return &crowsnest.Error{Kind: crowsnest.Conflict, Op: "apply sweep", Subject: integrationID, Hint: "the integration came to mean another cluster meanwhile"}
		}
		profiles, err := s.saveProfiles(ctx, tx, org, snap.Profiles)
		if err != nil {
			return err
		}

		digests, err := s.digestNumbers(ctx, tx, org, reportedDigests(snap.Runs))
		if err != nil {
			return err
		}
		open, err := openRuns(ctx, tx, number)
		if err != nil {
			return err
		}

		var opened, reprofiled [][]any
		changes := make(map[int64]int) // of open occurrences, by digest
		seen := make(map[runKey]bool, len(snap.Runs))
		for _, run := range snap.Runs {
			k := runKey{run.Namespace, run.Kind, run.Name, run.Container, digests[string(run.ImageID)]}
			if seen[k] {
				continue
			}
			seen[k] = true
			var profile any
			if id, ok := profiles[run.Profile]; ok {
				profile = id
			}
			old, ok := open[k]
			if !ok {
				opened = append(opened, []any{sqldb.NewID(), org, environment, number, k.digest, profile, now, cluster, k.namespace, k.kind, k.name, k.container})
				changes[k.digest]++
				continue
			}
			delete(open, k)
			result.Continued++
			// A profile that is not reported this time is not one that says "nothing was loaded": the last one stands.
			if id, ok := profile.(int64); ok && (!old.profile.Valid || old.profile.Int64 != id) {
				reprofiled = append(reprofiled, []any{old.id, id})
			}
		}
		if snap.Partial != "" {
			clear(open)
		}
		result.Opened, result.Closed = len(opened), len(open)

		if err := s.db.InsertRows(ctx, tx, insertOccurrences, opened, ``); err != nil {
			return err
		}
		if err := s.db.EachRows(ctx, tx, reprofiled, func(n int) string {
			return `with r (id, profile_id) as (values ` + s.db.Values(n, "bigint", "bigint") + `)
				update occurrence set profile_id = r.profile_id from r where r.id = occurrence.id`
		}); err != nil {
			return err
		}
		closed := make([]int64, 0, len(open))
		for k, r := range open {
			closed = append(closed, r.id)
			changes[k.digest]--
		}
		if err := sqldb.EachChunk(closed, func(args []any) error {
			_, err := tx.ExecContext(ctx, `update occurrence set closed_at = $1 where id in `+s.db.Parameters(2, len(args)), append([]any{now}, args...)...)
			return err
		}); err != nil {
			return err
		}
		if err := s.applyRunningChanges(ctx, tx, number, environment, changes); err != nil {
			return err
		}
		raised := []store.Resource{store.IntegrationsResource}
		if result.Opened+result.Closed+len(reprofiled) > 0 {
			raised = append(raised, store.EnvironmentsResource, store.ImagesResource)
		}
		if snap.Partial != "" {
			if err := changeSweep(ctx, tx, failSweep, integrationID, snap.Partial, snap.Requests, now); err != nil {
				return err
			}
			return revision.Raise(ctx, tx, org, raised...)
		}
		if _, err = tx.ExecContext(ctx, `update integration set complete_at = $2, ended_at = $2, reason = '', requests = $3, failing_since = null,
			connected_since = case when failing_since is null and connected_since is not null then connected_since else $2 end where id = $1`, integrationID, now, snap.Requests); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, raised...)
	})
	return result, err
}

// saveProfiles stores the sets of loaded packages that are new and returns the row of each by its hash.
func (s *Store) saveProfiles(ctx context.Context, tx *sql.Tx, org store.OrgID, profiles map[string][]crowsnest.LoadedPackage) (map[string]int64, error) {
	ids, made, err := s.db.Number(ctx, tx, sqldb.Numbering{
		Find:   `select id, hash from profile where organisation_id = $1 and hash in `,
		Before: []any{org},
		Insert: `insert into profile (id, organisation_id, hash) values `,
		Tail:   ` on conflict (organisation_id, hash) do nothing`,
	}, slices.Collect(maps.Keys(profiles)), func(id int64, hash string) []any { return []any{id, org, hash} })
	if err != nil {
		return nil, err
	}
	var packages [][]any
	for hash := range made {
		keys := make(map[string]bool)
		for _, p := range profiles[hash] {
			keys[p.Key()] = true
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			packages = append(packages, []any{ids[hash], key})
		}
	}
	return ids, s.db.InsertRows(ctx, tx, `insert into profile_package (profile_id, use_key) values `, packages, ``)
}

// applyRunningChanges keeps the count of open occurrences by digest, a sum over another table
// that is changed with it (TestKeptCounts compares): it adds to the numbers of open occurrences of an integration by digest.
// The caller holds the integration's lock.
func (s *Store) applyRunningChanges(ctx context.Context, tx *sql.Tx, integration, environment int64, changes map[int64]int) error {
	var rows [][]any
	fewer := false
	for digest, n := range changes {
		if n != 0 {
			rows = append(rows, []any{integration, digest, environment, n})
			fewer = fewer || n < 0
		}
	}
	if err := s.db.InsertRows(ctx, tx, `insert into running (integration_number, digest_id, environment_id, occurrences) values `, rows,
		` on conflict (integration_number, digest_id) do update set occurrences = running.occurrences + excluded.occurrences`); err != nil || !fewer {
		return err
	}
	_, err := tx.ExecContext(ctx, `delete from running where integration_number = $1 and occurrences = 0`, integration)
	return err
}
