package history

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/access"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/due"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Ran implements store.Exposures. All of it comes from one state of the database.
func (s *Store) Ran(ctx context.Context, org store.OrgID, environment string, since time.Time) (store.Run, error) {
	var out store.Run
	id, err := member.HistoryID(ctx, s.db, org, environment, time.Time{})
	if err != nil {
		return out, err
	}
	err = s.db.Snapshot(ctx, func(q sqldb.Querier) error {
		if out.Spans, err = s.runs(ctx, q, id, since.UnixMicro()); err != nil {
			return err
		}
		contents := make(map[int64]bool)
		for _, r := range out.Spans {
			contents[r.Content] = true
		}
		out.Sets, err = s.memory.Sets(ctx, s.db, q, org, contents)
		return err
	})
	return out, s.db.Error("read what ran in", environment, err)
}

// runs reads when contents ran. Of the open occurrences of a digest the oldest tells all: it is asked of an
// index for each of the few digests. The sum keeps both engines from walking through all that runs in the environment, the oldest first, to find it.
func (s *Store) runs(ctx context.Context, q sqldb.Querier, environment, since int64) ([]store.ContentSpan, error) {
	type run struct {
		digest int64
		store.Span
		unwatched bool
	}
	runs, err := sqldb.Collect(ctx, q, func(rows *sql.Rows) (r run, err error) {
		return r, rows.Scan(&r.digest, &r.From, &r.To, &r.unwatched)
	}, `select r.digest_id, (select min(o.opened_at + 0) from occurrence as o where o.digest_id = r.digest_id and o.environment_id = $1 and o.closed_at is null), cast($2 as bigint), false
		from (select distinct digest_id from running where environment_id = $1) as r
		union all select digest_id, opened_at, closed_at, unwatched from occurrence where environment_id = $1 and closed_at is not null and closed_at > $3`,
		environment, int64(store.Forever), since)
	if err != nil {
		return nil, err
	}
	digests := make(map[int64]bool)
	for _, r := range runs {
		digests[r.digest] = true
	}
	contents, err := member.Contents(ctx, s.db, q, slices.Sorted(maps.Keys(digests)))
	if err != nil {
		return nil, err
	}
	out := make([]store.ContentSpan, 0, len(runs))
	for _, r := range runs {
		if content, ok := contents[r.digest]; ok {
			out = append(out, store.ContentSpan{Content: content, Span: r.Span, Unwatched: r.unwatched})
		}
	}
	return out, nil
}

// Known implements store.Exposures. What was known of a set when retention emptied it is kept beside what is
// known of those that have packages. A vulnerability is named by many rows, which share one copy of its name.
func (s *Store) Known(ctx context.Context, org store.OrgID, sets []int64, since time.Time) (map[int64][]store.KnownSpan, error) {
	names := make(map[string]string)
	out := make(map[int64][]store.KnownSpan, len(sets))
	columns := `select p.set_id, f.vulnerability, f.severity, f.decides, f.opened_at, coalesce(f.closed_at, $2)
		from own cross join package_set_package as p cross join finding as f where p.set_id = own.set_id and f.package_version_id = p.package_version_id and `
	err := sqldb.CollectIn(ctx, s.db, s.db.Reader, sets, []any{org, int64(store.Forever), since.UnixMicro()}, func(in string) string {
		return `with own as (select s.id as set_id from package_set as s where s.id in ` + in + ` and exists (
				select 1 from content_set as cs cross join image as i where cs.set_id = s.id and i.content_id = cs.content_id and i.organisation_id = $1)
				or s.id in ` + in + ` and exists (
				select 1 from content_set as cs cross join image as i where cs.set_id = s.id and i.past_content_id = cs.content_id and i.organisation_id = $1))
			` + columns + `f.closed_at is null union all ` + columns + `f.closed_at is not null and f.closed_at > $3
			union all select h.set_id, h.vulnerability, h.severity, h.decides, h.opened_at, h.closed_at
			from own cross join set_history as h where h.set_id = own.set_id and h.closed_at > $3`
	}, func(rows *sql.Rows) error {
		var set int64
		var k store.KnownSpan
		var name sql.RawBytes
		if err := rows.Scan(&set, &name, &k.Severity, &k.Decides, &k.From, &k.To); err != nil {
			return err
		}
		shared, ok := names[string(name)]
		if !ok {
			shared = string(name)
			names[shared] = shared
		}
		k.Vulnerability = shared
		out[set] = append(out[set], k)
		return nil
	})
	return out, s.db.Error("read what was found", "", err)
}

// ContentNames implements store.Exposures. Of several images of a content the one recorded last names it.
func (s *Store) ContentNames(ctx context.Context, org store.OrgID, contents []int64) (map[int64]store.ContentName, error) {
	out := make(map[int64]store.ContentName)
	err := sqldb.CollectIn(ctx, s.db, s.db.Reader, contents, []any{org}, func(in string) string {
		return `select content_id, name, digest from (
				select content_id, name, digest, recorded_at from image where organisation_id = $1 and content_id in ` + in + `
				union all select past_content_id, name, digest, recorded_at from image where organisation_id = $1 and past_content_id in ` + in + `
			) as named order by recorded_at, digest`
	}, func(rows *sql.Rows) error {
		var id int64
		var n store.ContentName
		err := rows.Scan(&id, &n.Name, &n.Digest)
		out[id] = n
		return err
	})
	return out, s.db.Error("name contents", "", err)
}

// EnvironmentNames implements store.Exposures.
func (s *Store) EnvironmentNames(ctx context.Context, org store.OrgID) ([]string, error) {
	list, err := sqldb.Collect(ctx, s.db.Reader, sqldb.ScanOne[string], `select name from environment where organisation_id = $1 order by name`, org)
	return list, s.db.Error("list environments", "", err)
}

// Targets implements store.Exposures.
func (s *Store) Targets(ctx context.Context, org store.OrgID) (store.Targets, error) {
	var text string
	if err := s.db.Reader.QueryRowContext(ctx, `select targets from organisation where id = $1`, org).Scan(&text); err != nil {
		return nil, s.db.Error("read targets for remediation", "", err)
	}
	if text == "" {
		return store.DefaultTargets(), nil
	}
	var byName map[string]int
	if err := sqldb.FromJSON(text, &byName); err != nil {
		return nil, s.db.Error("read targets for remediation", "", err)
	}
	out := make(store.Targets, len(byName))
	for name, days := range byName {
		severity, _ := crowsnest.ParseSeverity(name)
		out[severity] = days
	}
	return out, nil
}

// SetTargets implements store.Exposures.
func (s *Store) SetTargets(ctx context.Context, org store.OrgID, targets store.Targets) error {
	byName, told := make(map[string]int, len(targets)), make(map[string]string, len(targets))
	for severity, days := range targets {
		byName[severity.String()], told[severity.String()] = days, strconv.Itoa(days)
	}
	return s.db.Write(ctx, "store targets for remediation", "", func(tx *sql.Tx, now int64) error {
		res, err := tx.ExecContext(ctx, `update organisation set targets = $2 where id = $1`, org, sqldb.JSON(byName))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return cmp.Or(err, sql.ErrNoRows)
		}
		if err := access.Record(ctx, tx, now, org, "organisation.targets", "", told); err != nil {
			return err
		}
		if err := due.Organisation(ctx, tx, org); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.EnvironmentsResource)
	})
}
