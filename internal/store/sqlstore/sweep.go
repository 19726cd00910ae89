package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/due"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// jittered is the time to the next sweep of an integration: its interval, up to a tenth more or less. Which it is
// follows from the number of the integration, so that it is always the same; numbers of integrations that were made one after the other
// lie together, and the factor takes them apart.
const jittered = `(interval_us + interval_us / 10000 * (number % 1000003 * 7919 % 2001 - 1000))`

// waited is a time that is not before what the source asked for: what is planned is what comes.
func waited(at string) string {
	return `case when wait_until > ` + at + ` then wait_until else ` + at + ` end`
}

// StartSweep implements store.Sweeps.
func (s *Store) StartSweep(ctx context.Context, integrationID string) error {
	return s.db.Write(ctx, "start sweep", integrationID, func(tx *sql.Tx, now int64) error {
		return changeSweep(ctx, tx, `update integration set attempt_at = $2, next_at = `+waited(`$2 + `+jittered)+` where id = $1 returning organisation_id`, integrationID, now)
	})
}

// FailSweep implements store.Sweeps.
func (s *Store) FailSweep(ctx context.Context, integrationID, reason string, requests int) error {
	return s.db.Write(ctx, "record failed sweep", integrationID, func(tx *sql.Tx, now int64) error {
		return changeSweep(ctx, tx, failSweep, integrationID, reason, requests, now)
	})
}

// PostponeSweeps implements store.Sweeps.
func (s *Store) PostponeSweeps(ctx context.Context, integrationID string, wait time.Duration) error {
	return s.db.Write(ctx, "postpone sweeps", integrationID, func(tx *sql.Tx, now int64) error {
		until := now + min(wait, 24*time.Hour).Microseconds()
		return changeSweep(ctx, tx, `update integration set wait_until = $2, next_at = case when next_at > $2 then next_at else $2 end where id = $1 returning organisation_id`, integrationID, until)
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

// reportedDigests lists each digest of a snapshot once.
func reportedDigests(runs []crowsnest.Observation) []string {
	seen := make(map[string]bool)
	for _, r := range runs {
		seen[string(r.ImageID)] = true
	}
	return slices.Collect(maps.Keys(seen))
}

var readIntegration = `select number, organisation_id, environment_id, cluster, complete_at, seen_at, changed_at, emptied_at from integration where id = $1 and ` + member.Swept(`integration`)

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
		var complete, applied, changed, emptied sql.NullInt64
		if err := tx.QueryRowContext(ctx, s.db.Choose(lockIntegration), integrationID).Scan(&number, &org, &environment, &cluster, &complete, &applied, &changed, &emptied); err != nil {
			return err
		}
		// Sweeps may finish in another order than they started: what an older one saw is no news.
		if started := snap.Started.UnixMicro(); applied.Valid && !snap.Started.IsZero() && started < applied.Int64 {
			return &crowsnest.Error{Kind: crowsnest.Conflict, Op: "apply sweep", Subject: integrationID, Hint: "a newer sweep was applied meanwhile"}
		}
		if !sqldb.NullTime(changed).Equal(snap.Changed) {
			return &crowsnest.Error{Kind: crowsnest.Conflict, Op: "apply sweep", Subject: integrationID, Hint: "the integration came to mean another cluster meanwhile"}
		}
		// What this one opens or ends was begun before, whatever the clocks of two servers say.
		now = max(now, applied.Int64, changed.Int64)
		profiles, err := s.sweptProfiles(ctx, tx, now, org, snap)
		if err != nil {
			return err
		}

		digests, err := member.Digests(ctx, s.db, tx, org, reportedDigests(snap.Runs))
		if err != nil {
			return err
		}
		open, err := member.OpenRuns(ctx, tx, number)
		if err != nil {
			return err
		}

		switch told := len(snap.Runs)+len(snap.Spared) > 0; {
		case told:
			emptied = sql.NullInt64{}
		case !emptied.Valid:
			emptied = sql.NullInt64{Int64: now, Valid: true}
		}
		if snap.Partial == "" && emptied.Valid && len(open) > 0 && now-emptied.Int64 < store.DoubtFor.Microseconds() {
			snap.Partial, result.Doubted = snap.Doubt, snap.Doubt != ""
		}

		var opened, reprofiled [][]any
		insert := func() error {
			result.Opened += len(opened)
			err := member.InsertOccurrences(ctx, s.db, tx, opened)
			opened = opened[:0]
			return err
		}
		watched := make(map[int64]bool) // digests of which another profile was reported
		changes := make(map[int64]int)  // of open occurrences, by digest
		seen := make(map[member.Run]bool, len(snap.Runs))
		for _, run := range snap.Runs {
			k := member.Run{Namespace: run.Namespace, Kind: run.Kind, Name: run.Name, Container: run.Container, Digest: digests[string(run.ImageID)]}
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
				opened = append(opened, []any{sqldb.NewID(), org, environment, number, k.Digest, profile, nil, now, cluster, k.Namespace, k.Kind, k.Name, k.Container})
				changes[k.Digest]++
				if len(opened) == openedPart {
					if err := insert(); err != nil {
						return err
					}
				}
				continue
			}
			delete(open, k)
			result.Continued++
			// A profile that is not reported this time is not one that says "nothing was loaded": the last one
			// stands, and from the last sweep that reported it on it grows old.
			if id, ok := profile.(int64); ok {
				if !old.Profile.Valid || old.Profile.Int64 != id || old.Profiled.Valid {
					reprofiled = append(reprofiled, []any{old.ID, id, nil})
					watched[k.Digest] = true
				}
			} else if old.Profile.Valid && !old.Profiled.Valid {
				reprofiled = append(reprofiled, agingProfile(old, complete))
			}
		}
		if snap.Partial != "" {
			clear(open)
		}
		spared := newPlaces(snap.Spared)
		for k, old := range open {
			if !spared.have(k) {
				continue
			}
			delete(open, k)
			if old.Profile.Valid && !old.Profiled.Valid {
				reprofiled = append(reprofiled, agingProfile(old, complete))
			}
		}
		result.Closed = len(open)

		if err := insert(); err != nil {
			return err
		}
		if err := s.db.EachRows(ctx, tx, reprofiled, func(n int) string {
			return `with r (id, profile_id, profiled_at) as (values ` + s.db.Values(n, "bigint", "bigint", "bigint") + `)
				update occurrence set profile_id = r.profile_id, profiled_at = r.profiled_at from r where r.id = occurrence.id`
		}); err != nil {
			return err
		}
		if err := due.Digests(ctx, s.db, tx, slices.Sorted(maps.Keys(watched))); err != nil {
			return err
		}
		closed := make([]int64, 0, len(open))
		for k, r := range open {
			closed = append(closed, r.ID)
			changes[k.Digest]--
		}
		if err := member.CloseOccurrences(ctx, s.db, tx, now, member.Stopped, closed); err != nil {
			return err
		}
		if err := member.ApplyChanges(ctx, s.db, tx, number, environment, changes); err != nil {
			return err
		}
		// The source answered to the end, so that it may be asked again, at the usual pace.
		if _, err := tx.ExecContext(ctx, `update integration set wait_until = null, next_at = case when wait_until > $2 then coalesce(attempt_at, $2) + `+jittered+` else next_at end
			where id = $1 and wait_until is not null`, integrationID, now); err != nil {
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
			if _, err := tx.ExecContext(ctx, `update integration set seen_at = $2, emptied_at = $3 where id = $1`, integrationID, now, emptied); err != nil {
				return err
			}
			return revision.Raise(ctx, tx, org, raised...)
		}
		if snap.Remark != "" {
			if _, err := tx.ExecContext(ctx, `update integration set complete_at = $2, seen_at = $2, emptied_at = $3 where id = $1`, integrationID, now, emptied); err != nil {
				return err
			}
			if err := changeSweep(ctx, tx, failSweep, integrationID, snap.Remark, snap.Requests, now); err != nil {
				return err
			}
			return revision.Raise(ctx, tx, org, raised...)
		}
		if _, err = tx.ExecContext(ctx, `update integration set complete_at = $2, ended_at = $2, seen_at = $2, reason = '', requests = $3, failing_since = null, emptied_at = $4,
			connected_since = case when failing_since is null and connected_since is not null then connected_since else $2 end where id = $1`, integrationID, now, snap.Requests, emptied); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, raised...)
	})
	return result, err
}

// openedPart is how many occurrences are written at a time: a first sweep opens all of a cluster, as rows several times the size of what was observed.
const openedPart = 5000

// agingProfile keeps the profile of an open occurrence that is not reported this time, with when it last was.
func agingProfile(old member.OpenRun, complete sql.NullInt64) []any {
	return []any{old.ID, old.Profile.Int64, max(old.Opened, complete.Int64)}
}

// KeepProfiles implements store.Sweeps.
func (s *Store) KeepProfiles(ctx context.Context, integrationID string, profiles map[string][]crowsnest.LoadedPackage) error {
	return s.db.Write(ctx, "keep profiles", integrationID, func(tx *sql.Tx, now int64) error {
		var org store.OrgID
		if err := tx.QueryRowContext(ctx, `select organisation_id from integration where id = $1`, integrationID).Scan(&org); err != nil {
			return err
		}
		_, err := s.saveProfiles(ctx, tx, now, org, profiles)
		return err
	})
}

// findProfiles selects sets of loaded packages by their hashes.
const findProfiles = `select id, hash from profile where organisation_id = $1 and hash in `

// sweptProfiles stores the sets that come with a snapshot and returns the row of each that a run names, by its hash.
func (s *Store) sweptProfiles(ctx context.Context, tx *sql.Tx, now int64, org store.OrgID, snap store.Snapshot) (map[string]int64, error) {
	profiles, err := s.saveProfiles(ctx, tx, now, org, snap.Profiles)
	if err != nil {
		return nil, err
	}
	kept := make(map[string]bool)
	for _, run := range snap.Runs {
		if _, ok := profiles[run.Profile]; !ok && run.Profile != "" {
			kept[run.Profile] = true
		}
	}
	err = sqldb.CollectIn(ctx, s.db, tx, slices.Collect(maps.Keys(kept)), []any{org}, func(in string) string { return findProfiles + in }, func(rows *sql.Rows) error {
		var id int64
		var hash string
		err := rows.Scan(&id, &hash)
		profiles[hash] = id
		delete(kept, hash)
		return err
	})
	if err == nil && len(kept) > 0 {
		// Taken as not reported, it would look like a source that no longer observes.
		err = &crowsnest.Error{Kind: crowsnest.Internal, Op: "apply sweep", Err: fmt.Errorf("%d sets of loaded packages are named that were never kept", len(kept))}
	}
	return profiles, err
}

// namedAgain is after how long it is noted again that a sweep names a set of loaded packages, in microseconds: less than the least
// age of what retention removes, and seldom enough to cost nothing.
const namedAgain = 12 * 60 * 60 * 1_000_000

// saveProfiles stores the sets of loaded packages that are new and returns the row of each by its hash.
func (s *Store) saveProfiles(ctx context.Context, tx *sql.Tx, now int64, org store.OrgID, profiles map[string][]crowsnest.LoadedPackage) (map[string]int64, error) {
	ids, made, err := s.db.Number(ctx, tx, sqldb.Numbering{
		Find:   findProfiles,
		Before: []any{org},
		Insert: `insert into profile (id, organisation_id, hash, named_at) values `,
		Tail:   ` on conflict (organisation_id, hash) do nothing`,
	}, slices.Collect(maps.Keys(profiles)), func(id int64, hash string) []any { return []any{id, org, hash, now} })
	if err != nil {
		return nil, err
	}
	var packages [][]any
	var known []int64
	for hash, id := range ids {
		if !made[hash] {
			known = append(known, id)
		}
	}
	slices.Sort(known) // one order for all writers
	if err := sqldb.EachChunk(known, func(args []any) error {
		_, err := tx.ExecContext(ctx, `update profile set named_at = $1 where named_at < $2 and id in `+s.db.Parameters(3, len(args)), append([]any{now, now - namedAgain}, args...)...)
		return err
	}); err != nil {
		return nil, err
	}
	for hash := range made {
		keys := make(map[string]bool)
		for _, p := range profiles[hash] {
			for _, key := range p.Keys() {
				keys[key] = true
			}
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			packages = append(packages, []any{ids[hash], key})
		}
	}
	return ids, s.db.InsertRows(ctx, tx, `insert into profile_package (profile_id, use_key) values `, packages, ``)
}
