package sqlstore

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/decision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/environment"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/use"
)

// Coverage implements store.Environments. An image that runs in two
// environments is one image.
func (s *Store) Coverage(ctx context.Context, org store.OrgID) (crowsnest.Coverage, error) {
	places, err := s.Together(ctx, s.db.Reader, org)
	if err != nil || places[0] == nil {
		return crowsnest.Coverage{}, s.db.Error("count running images", "", err)
	}
	return places[0].Coverage, nil
}

// Environments implements store.Environments.
func (s *Store) Environments(ctx context.Context, org store.OrgID, empty bool) ([]store.EnvironmentRow, error) {
	list, err := s.environments(ctx, org, ``)
	if err != nil || empty {
		return list, err
	}
	return slices.DeleteFunc(list, func(e store.EnvironmentRow) bool { return e.Images == 0 }), nil
}

// Environment implements store.Environments.
func (s *Store) Environment(ctx context.Context, org store.OrgID, name string) (store.EnvironmentRow, error) {
	if name == store.LatestIndexed {
		return s.latestIndexed(ctx, org)
	}
	list, err := s.environments(ctx, org, name)
	if err != nil {
		return store.EnvironmentRow{}, err
	}
	if len(list) == 0 {
		return store.EnvironmentRow{}, &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find environment", Subject: name, Hint: "an environment comes with the integration that feeds it or the first image that is recorded in it"}
	}
	return list[0], nil
}

// latestIndexed is the environment that is built in.
func (s *Store) latestIndexed(ctx context.Context, org store.OrgID) (store.EnvironmentRow, error) {
	out := store.EnvironmentRow{Name: store.LatestIndexed, Description: "the newest analysed image of each repository"}
	places, err := member.Places(ctx, s.db, s.db.Reader, true, ``, member.Within(member.LatestID), org, member.LatestID)
	if p := places[member.LatestID]; p != nil {
		out.Images, out.Summary = p.Coverage.Analysed, p.Summary // and no coverage: nothing runs there
	}
	if err == nil {
		var standing *decision.Standing
		if standing, err = s.Standing(ctx, s.db.Reader, org, member.LatestID); err == nil {
			out.Suppressed = standing.Summary()
			out.Summary = out.Summary.Minus(out.Suppressed)
		}
	}
	return out, s.db.Error("sum up", store.LatestIndexed, err)
}

// environments lists all environments, or the one of a name. Counts and ages come from one
// state of the database, so that they fit each other.
func (s *Store) environments(ctx context.Context, org store.OrgID, name string) (list []store.EnvironmentRow, err error) {
	err = s.db.Snapshot(ctx, func(q sqldb.Querier) error {
		list, err = s.environmentRows(ctx, q, org, name)
		return err
	})
	return list, s.db.Error("list environments", name, err)
}

func (s *Store) environmentRows(ctx context.Context, q sqldb.Querier, org store.OrgID, name string) ([]store.EnvironmentRow, error) {
	var ids []int64
	index := make(map[int64]int)
	list, err := sqldb.Collect(ctx, q, func(rows *sql.Rows) (store.EnvironmentRow, error) {
		var e store.EnvironmentRow
		var id int64
		var asOf, profiled sql.NullInt64
		err := rows.Scan(&id, &e.Name, &e.Description, &e.ProfileDays, &e.DiscountNotSeen, &asOf, &profiled)
		e.AsOf, e.ProfilesAsOf = sqldb.NullTime(asOf), sqldb.NullTime(profiled)
		index[id] = len(ids)
		ids = append(ids, id)
		return e, err
	}, `select e.id, e.name, e.description, e.profile_days, e.discount_not_seen, (select min(g.complete_at) from integration as g where g.environment_id = e.id and `+member.Swept(`g`)+`), `+use.Oldest+`
		from environment as e where e.organisation_id = $1 and e.deleted_at is null and ($2 = '' or e.name = $2) order by e.name`, org, name)
	if err != nil {
		return nil, err
	}
	one := int64(0)
	if name != "" && len(ids) == 1 {
		one = ids[0]
	}
	places, err := s.Places(ctx, q, org, one)
	if err != nil {
		return nil, err
	}
	for i, id := range ids {
		if p := places[id]; p != nil {
			list[i].Coverage, list[i].Images, list[i].Summary = p.Coverage, p.Coverage.Analysed, p.Summary
		}
		sums, err := s.Sums(ctx, q, org, id)
		if err != nil {
			return nil, err
		}
		standing, err := s.Standing(ctx, q, org, id)
		if err != nil {
			return nil, err
		}
		list[i].InUse, list[i].NotAffected, list[i].Suppressed = sums.Findings.Loaded, sums.NotAffected(), standing.Summary()
		list[i].Summary = list[i].Summary.Minus(list[i].NotAffected).Minus(list[i].Suppressed)
	}

	type source struct {
		environment   int64
		kind, cluster string
	}
	sources, err := sqldb.Collect(ctx, q, func(rows *sql.Rows) (source, error) {
		var c source
		return c, rows.Scan(&c.environment, &c.kind, &c.cluster)
	}, `select distinct g.environment_id, g.kind, g.cluster from integration as g where g.organisation_id = $1 and (`+member.Swept(`g`)+`
		or g.kind = '`+store.AssignedKind+`' and exists (select 1 from running as r where r.integration_number = g.number)) order by 1, 2, 3`, org)
	if err != nil {
		return nil, err
	}
	for _, c := range sources {
		i, ok := index[c.environment]
		if !ok {
			continue
		}
		e := &list[i]
		if c.kind != store.AssignedKind {
			e.Clusters = append(e.Clusters, c.cluster)
		}
		if len(e.Sources) == 0 || e.Sources[len(e.Sources)-1] != c.kind {
			e.Sources = append(e.Sources, c.kind)
		}
	}
	return list, nil
}

// EnvironmentAt implements store.Exposures.
func (s *Store) EnvironmentAt(ctx context.Context, org store.OrgID, environment string, at time.Time) (store.EnvironmentRow, error) {
	row := store.EnvironmentRow{Name: environment, AsOf: at}
	id, err := member.HistoryID(ctx, s.db, org, environment, at)
	if err != nil {
		return row, err
	}
	err = s.db.Snapshot(ctx, func(q sqldb.Querier) error {
		count, err := member.PlaceAt(ctx, s.db, q, org, id, at.UnixMicro())
		if err != nil {
			return err
		}
		row.Coverage, row.Images, row.Summary = count.Coverage, count.Coverage.Analysed, count.Summary
		row.Clusters, err = sqldb.Collect(ctx, q, sqldb.ScanOne[string], `select distinct cluster from occurrence
			where environment_id = $1 and cluster <> '' and opened_at <= $2 and (closed_at is null or closed_at > $2) order by cluster`, id, at.UnixMicro())
		if err != nil {
			return err
		}
		var first sql.NullInt64
		err = q.QueryRowContext(ctx, `select min(opened_at) from occurrence where environment_id = $1`, id).Scan(&first)
		row.KnownSince = sqldb.NullTime(first)
		return err
	})
	return row, s.db.Error("read the past of environment", environment, err)
}

// RunningImages implements store.Environments.
func (s *Store) RunningImages(ctx context.Context, org store.OrgID, filter store.ImageFilter, page store.Page) (store.List[store.RunningImage], error) {
	var out store.List[store.RunningImage]
	images, next, err := s.imageRows(ctx, org, filter, page)
	if err != nil {
		return out, err
	}
	out.Next = next
	id, err := member.PastEnvironmentID(ctx, s.db, org, filter.Environment)
	if err != nil {
		return out, err
	}
	place := id
	if !filter.At.IsZero() {
		place = past
	}
	rows, err := s.countImages(ctx, org, place, images)
	if err != nil {
		return out, err
	}
	numbers := make([]int64, len(images))
	for i, img := range images {
		numbers[i] = img.id
	}
	workloads, err := s.workloads(ctx, id, filter.At, numbers)
	if err != nil {
		return out, err
	}
	references, used := make(map[int64][]string, len(images)), map[int64]environment.Used(nil)
	if now := id != member.LatestID && filter.At.IsZero(); now {
		if used, err = s.Used(ctx, org, id, numbers); err != nil {
			return out, err
		}
	}
	for i, row := range rows {
		if used == nil {
			break // it does not run, so that nothing is to know of it
		}
		references[numbers[i]] = []string{row.Name}
		for _, w := range workloads[numbers[i]] {
			if w.Kind == store.AssignedKind {
				references[numbers[i]] = append(references[numbers[i]], w.Name)
			}
		}
	}
	warnings, err := s.Warnings(ctx, org, id, references)
	if err != nil {
		return out, err
	}
	for i, row := range rows {
		u := used[numbers[i]]
		row.Summary = u.Counted(row.Summary)
		out.Items = append(out.Items, store.RunningImage{
			ImageRow: row, Workloads: workloads[numbers[i]], Warnings: warnings[numbers[i]], InUse: u.Findings, ProfiledAt: u.Watch.AsOf, ProfiledSince: u.Since, ProfileStale: u.Old, Unprofiled: u.Watch.Stale && !u.Old && !u.Watch.AsOf.IsZero(),
		})
	}
	return out, nil
}

const workloadColumns = `g.name, o.cluster, o.namespace, o.kind, o.name, o.container`

func scanWorkload(rows *sql.Rows, before ...any) (crowsnest.Workload, error) {
	var w crowsnest.Workload
	return w, rows.Scan(append(before, &w.Integration, &w.Cluster, &w.Namespace, &w.Kind, &w.Name, &w.Container)...)
}

// workloads lists what runs the images in an environment, or ran them at a time, by image.
func (s *Store) workloads(ctx context.Context, environment int64, at time.Time, images []int64) (map[int64][]crowsnest.Workload, error) {
	out := make(map[int64][]crowsnest.Workload)
	then, args := `o.closed_at is null`, []any{environment}
	if !at.IsZero() {
		then, args = `o.opened_at <= $2 and (o.closed_at is null or o.closed_at > $2)`, append(args, at.UnixMicro())
	}
	err := sqldb.CollectIn(ctx, s.db, s.db.Reader, images, args, func(in string) string {
		// From the few digests, and not from all that runs in the environment.
		return `select distinct a.image_id, ` + workloadColumns + ` from alias as a cross join occurrence as o cross join integration as g
			where a.image_id in ` + in + ` and o.digest_id = a.digest_id and o.environment_id = $1 and ` + then + `
			and g.number = o.integration_number order by 1, 2, 3, 4, 5, 6, 7`
	}, func(rows *sql.Rows) error {
		var id int64
		w, err := scanWorkload(rows, &id)
		out[id] = append(out[id], w)
		return err
	})
	return out, s.db.Error("list workloads", "", err)
}
