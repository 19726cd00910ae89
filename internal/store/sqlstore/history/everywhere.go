package history

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// RanWith implements store.Exposures. It goes from the findings to the sets that have their packages, to the contents of
// these, to what they are called by and to when that ran; all of it in one state of the database.
func (s *Store) RanWith(ctx context.Context, org store.OrgID, vulnerability string, since time.Time) (runs map[string]store.Run, known map[int64][]store.KnownSpan, err error) {
	err = s.db.Snapshot(ctx, func(q sqldb.Querier) error {
		if known, err = s.knownAs(ctx, q, org, vulnerability, since.UnixMicro()); err != nil || len(known) == 0 {
			return err
		}
		sets, err := s.contentsOf(ctx, q, slices.Sorted(maps.Keys(known)))
		if err != nil {
			return err
		}
		contents, err := s.reportedAs(ctx, q, org, sets)
		if err != nil {
			return err
		}
		runs, err = s.runsOf(ctx, q, org, contents, sets, since.UnixMicro())
		return err
	})
	return runs, known, s.db.Error("read what ran with", vulnerability, err)
}

// knownAs reads when a vulnerability was found in sets of the organisation's images, as Known does.
func (s *Store) knownAs(ctx context.Context, q sqldb.Querier, org store.OrgID, vulnerability string, since int64) (map[int64][]store.KnownSpan, error) {
	const own = `(exists (select 1 from content_set as cs cross join image as i where cs.set_id = n.set_id and i.content_id = cs.content_id and i.organisation_id = $1)
			or exists (select 1 from content_set as cs cross join image as i where cs.set_id = n.set_id and i.past_content_id = cs.content_id and i.organisation_id = $1))`
	out := make(map[int64][]store.KnownSpan)
	_, err := sqldb.Collect(ctx, q, func(rows *sql.Rows) (struct{}, error) {
		var set int64
		k := store.KnownSpan{Vulnerability: vulnerability}
		err := rows.Scan(&set, &k.Severity, &k.Decides, &k.From, &k.To)
		out[set] = append(out[set], k)
		return struct{}{}, err
	}, `with found as (
			select f.package_version_id, f.severity, f.decides, f.opened_at, cast($3 as bigint) as closed_at from finding as f
			where f.vulnerability = $2 and f.closed_at is null and f.decides
			union all select f.package_version_id, f.severity, f.decides, f.opened_at, coalesce(f.closed_at, $3) from finding as f
			where f.vulnerability = $2 and (f.closed_at is not null or not f.decides) and (f.closed_at is null or f.closed_at > $4)
		), named as (
			select p.set_id, f.severity, f.decides, f.opened_at, f.closed_at from found as f cross join package_set_package as p where p.package_version_id = f.package_version_id
			union all select h.set_id, h.severity, h.decides, h.opened_at, h.closed_at from set_history as h where h.vulnerability = $2 and h.closed_at > $4
		) select n.set_id, n.severity, n.decides, n.opened_at, n.closed_at from named as n where `+own, org, vulnerability, int64(store.Forever), since)
	return out, err
}

// contentsOf reads which of the sets contents have, by content.
func (s *Store) contentsOf(ctx context.Context, q sqldb.Querier, sets []int64) (map[int64][]int64, error) {
	out := make(map[int64][]int64)
	return out, sqldb.CollectIn(ctx, s.db, q, sets, nil, func(in string) string {
		return `select content_id, set_id from content_set where set_id in ` + in
	}, func(rows *sql.Rows) error {
		var content, set int64
		err := rows.Scan(&content, &set)
		out[content] = append(out[content], set)
		return err
	})
}

// reportedAs finds the digests that lead to contents of the organisation's images, with the content of each. A digest of several
// images leads to that of one of them, which may be another content than those asked for.
func (s *Store) reportedAs(ctx context.Context, q sqldb.Querier, org store.OrgID, sets map[int64][]int64) (map[int64]int64, error) {
	digests := make(map[int64]bool)
	if err := sqldb.CollectIn(ctx, s.db, q, slices.Sorted(maps.Keys(sets)), []any{org}, func(in string) string {
		return `select a.digest_id from image as i cross join alias as a where i.organisation_id = $1 and i.content_id in ` + in + ` and a.image_id = i.id
			union select a.digest_id from image as i cross join alias as a where i.organisation_id = $1 and i.past_content_id in ` + in + ` and a.image_id = i.id`
	}, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		digests[id] = true
		return err
	}); err != nil {
		return nil, err
	}
	contents, err := member.Contents(ctx, s.db, q, slices.Sorted(maps.Keys(digests)))
	maps.DeleteFunc(contents, func(_, content int64) bool { return sets[content] == nil })
	return contents, err
}

// runsOf reads when digests ran in which environment, as runs does.
func (s *Store) runsOf(ctx context.Context, q sqldb.Querier, org store.OrgID, contents map[int64]int64, sets map[int64][]int64, since int64) (map[string]store.Run, error) {
	names := make(map[int64]string)
	if _, err := sqldb.Collect(ctx, q, func(rows *sql.Rows) (struct{}, error) {
		var id int64
		var name string
		err := rows.Scan(&id, &name)
		names[id] = name
		return struct{}{}, err
	}, `select id, name from environment where organisation_id = $1`, org); err != nil {
		return nil, err
	}
	out := make(map[string]store.Run)
	return out, sqldb.CollectIn(ctx, s.db, q, slices.Sorted(maps.Keys(contents)), []any{int64(store.Forever), since}, func(in string) string {
		return `select environment_id, digest_id, min(opened_at), cast($1 as bigint), false from occurrence where digest_id in ` + in + ` and closed_at is null group by environment_id, digest_id
			union all select environment_id, digest_id, opened_at, closed_at, unwatched from occurrence where digest_id in ` + in + ` and closed_at is not null and closed_at > $2`
	}, func(rows *sql.Rows) error {
		var environment, digest int64
		var r store.ContentSpan
		if err := rows.Scan(&environment, &digest, &r.From, &r.To, &r.Unwatched); err != nil {
			return err
		}
		r.Content = contents[digest]
		run := out[names[environment]]
		run.Spans, run.Sets = append(run.Spans, r), sets
		out[names[environment]] = run
		return nil
	})
}
