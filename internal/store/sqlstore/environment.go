package sqlstore

import (
	"context"
	"database/sql"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// running is every distinct image that runs in the organisation ($1), per
// environment, with what its reported digest resolves to. An index digest names
// several images; the analysed one among them counts.
//
// Membership exists only here: it is derived from open occurrences, aliases and
// images at each call.
func running(where string) string {
	return `with running as (
		select o.environment_id, o.image_id, (
			select i.digest from alias as a join image as i on i.organisation_id = a.organisation_id and i.digest = a.image_digest
			where a.organisation_id = $1 and a.digest = o.image_id
			order by case i.state when 'analysed' then 0 when 'failed' then 1 else 2 end, i.digest limit 1) as digest
		from (select distinct o.environment_id, o.image_id from occurrence as o where o.organisation_id = $1 and o.closed_at is null and ` + where + `) as o
	), member as (
		select distinct r.environment_id, coalesce(r.digest, r.image_id) as image, r.digest, i.state, i.content_id
		from running as r left join image as i on i.organisation_id = $1 and i.digest = r.digest
	) `
}

// coverageOf counts distinct images by state; it wants a group by.
func coverageOf(where string) string {
	return running(where) + `select environment_id, count(*), count(*) filter (where state = 'analysed'), count(*) filter (where state = 'failed'),
		count(*) filter (where digest is null) from member`
}

type environmentCoverage struct {
	environment string
	coverage    crowsnest.Coverage
}

func scanCoverage(rows *sql.Rows) (environmentCoverage, error) {
	var c environmentCoverage
	err := rows.Scan(&c.environment, &c.coverage.Running, &c.coverage.Analysed, &c.coverage.Failed, &c.coverage.Unresolved)
	c.coverage.NotAnalysed = c.coverage.Running - c.coverage.Analysed - c.coverage.Failed - c.coverage.Unresolved
	return c, err
}

// everywhere is the filter of running that keeps all occurrences.
const everywhere = `true`

// Coverage implements store.Environments. An image that runs in two
// environments is one image.
func (s *Store) Coverage(ctx context.Context, org store.OrgID) (crowsnest.Coverage, error) {
	list, err := collect(ctx, s.reader, scanCoverage, running(everywhere)+`select '', count(*), count(*) filter (where state = 'analysed'), count(*) filter (where state = 'failed'),
		count(*) filter (where digest is null) from (select distinct image, digest, state from member) as distinct_member`, org)
	if err != nil || len(list) == 0 {
		return crowsnest.Coverage{}, s.storeError("count running images", "", err)
	}
	return list[0].coverage, nil
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
	list, err := s.environments(ctx, org, name)
	if err != nil {
		return store.EnvironmentRow{}, err
	}
	if len(list) == 0 {
		return store.EnvironmentRow{}, &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find environment", Subject: name, Hint: "an environment comes with the integration that feeds it"}
	}
	return list[0], nil
}

func (s *Store) environments(ctx context.Context, org store.OrgID, name string) ([]store.EnvironmentRow, error) {
	fail := func(err error) ([]store.EnvironmentRow, error) {
		return nil, s.storeError("list environments", name, err)
	}

	var ids []string
	index := make(map[string]int)
	list, err := collect(ctx, s.reader, func(rows *sql.Rows) (store.EnvironmentRow, error) {
		var e store.EnvironmentRow
		var id string
		var asOf sql.NullInt64
		err := rows.Scan(&id, &e.Name, &asOf)
		e.AsOf = fromNullMicros(asOf)
		index[id] = len(ids)
		ids = append(ids, id)
		return e, err
	}, `select e.id, e.name, (select min(g.complete_at) from integration as g where g.environment_id = e.id and g.deleted_at is null)
		from environment as e where e.organisation_id = $1 and ($2 = '' or e.name = $2) order by e.name`, org, name)
	if err != nil {
		return fail(err)
	}
	where, args := everywhere, []any{org}
	if name != "" && len(ids) == 1 {
		where, args = `o.environment_id = $2`, append(args, ids[0])
	}

	coverage, err := collect(ctx, s.reader, scanCoverage, coverageOf(where)+` group by environment_id`, args...)
	if err != nil {
		return fail(err)
	}
	for _, c := range coverage {
		if i, ok := index[c.environment]; ok {
			list[i].Coverage, list[i].Images = c.coverage, c.coverage.Analysed
		}
	}

	type count struct {
		environment string
		severity    crowsnest.Severity
		n           int
	}
	counts, err := collect(ctx, s.reader, func(rows *sql.Rows) (count, error) {
		var c count
		return c, rows.Scan(&c.environment, &c.severity, &c.n)
	}, running(where)+`select m.environment_id, f.severity, count(*) from member as m
		join content_package as cp on cp.content_id = m.content_id
		join finding as f on f.package_version_id = cp.package_version_id and f.closed_at is null and f.decides
		group by m.environment_id, f.severity`, args...)
	if err != nil {
		return fail(err)
	}
	for _, c := range counts {
		if i, ok := index[c.environment]; ok {
			list[i].Summary.Add(c.severity, c.n)
		}
	}

	type cluster struct{ environment, name string }
	clusters, err := collect(ctx, s.reader, func(rows *sql.Rows) (cluster, error) {
		var c cluster
		return c, rows.Scan(&c.environment, &c.name)
	}, `select distinct environment_id, cluster from integration where organisation_id = $1 and deleted_at is null order by environment_id, cluster`, org)
	if err != nil {
		return fail(err)
	}
	for _, c := range clusters {
		if i, ok := index[c.environment]; ok {
			list[i].Clusters = append(list[i].Clusters, c.name)
		}
	}
	return list, nil
}

// environmentID finds an environment of the organisation.
func (s *Store) environmentID(ctx context.Context, org store.OrgID, name string) (string, error) {
	var id string
	err := s.reader.QueryRowContext(ctx, `select id from environment where organisation_id = $1 and name = $2`, org, name).Scan(&id)
	return id, s.storeError("find environment", name, err)
}

// RunningImages implements store.Environments.
func (s *Store) RunningImages(ctx context.Context, org store.OrgID, environment string, page store.Page) (store.List[store.RunningImage], error) {
	var out store.List[store.RunningImage]
	images, err := s.Images(ctx, org, store.ImageFilter{Environment: environment}, page)
	if err != nil {
		return out, err
	}
	out.Next = images.Next
	digests := make([]crowsnest.Digest, len(images.Items))
	for i, img := range images.Items {
		digests[i] = img.Digest
	}
	id, err := s.environmentID(ctx, org, environment)
	if err != nil {
		return out, err
	}
	workloads, err := s.workloads(ctx, org, id, digests)
	if err != nil {
		return out, err
	}
	for _, img := range images.Items {
		out.Items = append(out.Items, store.RunningImage{ImageRow: img, Workloads: workloads[img.Digest]})
	}
	return out, nil
}

const workloadColumns = `g.name, o.cluster, o.namespace, o.kind, o.name, o.container`

func scanWorkload(rows *sql.Rows, before ...any) (crowsnest.Workload, error) {
	var w crowsnest.Workload
	return w, rows.Scan(append(before, &w.Integration, &w.Cluster, &w.Namespace, &w.Kind, &w.Name, &w.Container)...)
}

// workloads lists what runs the images in an environment, by image.
func (s *Store) workloads(ctx context.Context, org store.OrgID, environment string, digests []crowsnest.Digest) (map[crowsnest.Digest][]crowsnest.Workload, error) {
	out := make(map[crowsnest.Digest][]crowsnest.Workload)
	err := eachChunk(digests, func(args []any) error {
		_, err := collect(ctx, s.reader, func(rows *sql.Rows) (struct{}, error) {
			var d crowsnest.Digest
			w, err := scanWorkload(rows, &d)
			out[d] = append(out[d], w)
			return struct{}{}, err
		}, `select distinct a.image_digest, `+workloadColumns+` from alias as a
			join occurrence as o on o.organisation_id = a.organisation_id and o.image_id = a.digest and o.environment_id = $2 and o.closed_at is null
			join integration as g on g.id = o.integration_id
			where a.organisation_id = $1 and a.image_digest in `+placeholders(3, len(args))+`
			order by 1, 2, 3, 4, 5, 6, 7`, append([]any{org, environment}, args...)...)
		return err
	})
	return out, s.storeError("list workloads", "", err)
}

// gapWorkloads bounds how many workloads are named for one gap.
const gapWorkloads = 20

// Gaps implements store.Environments.
func (s *Store) Gaps(ctx context.Context, org store.OrgID, environment string, page store.Page) (store.List[store.Gap], error) {
	var out store.List[store.Gap]
	where, args := everywhere, []any{org}
	if environment != "" {
		id, err := s.environmentID(ctx, org, environment)
		if err != nil {
			return out, err
		}
		where, args = `o.environment_id = $2`, append(args, id)
	}
	var after string
	if _, err := readCursor(page.Cursor, &after); err != nil {
		return out, err
	}
	limit := limitOf(page)
	n := len(args)
	args = append(args, after, limit+1)
	gaps, err := collect(ctx, s.reader, func(rows *sql.Rows) (store.Gap, error) {
		var g store.Gap
		var state, reason, name sql.NullString
		err := rows.Scan(&g.ImageID, &name, &state, &reason)
		g.Name, g.State, g.Reason = name.String, "not-analysed", reason.String
		switch {
		case !state.Valid:
			g.State, g.Reason = "unresolved", "no image of this digest was pulled, pushed or uploaded by the organisation; analyse it from its registry"
		case state.String == string(store.Failed):
			g.State = "failed"
		default:
			g.Reason = "found, and waiting for its analysis"
		}
		return g, err
	}, running(where)+`select distinct m.image, i.name, i.state, i.reason from member as m
		left join image as i on i.organisation_id = $1 and i.digest = m.digest
		where (m.state is null or m.state <> 'analysed') and m.image > `+dollar(n+1)+` order by m.image limit `+dollar(n+2), args...)
	if err != nil {
		return out, s.storeError("list images that are not analysed", "", err)
	}
	out = pageOf(gaps, limit, func(g store.Gap) string { return cursorOf(string(g.ImageID)) })
	for i := range out.Items {
		w, err := collect(ctx, s.reader, func(rows *sql.Rows) (crowsnest.Workload, error) { return scanWorkload(rows) },
			`select distinct `+workloadColumns+` from occurrence as o join integration as g on g.id = o.integration_id
			where o.organisation_id = $1 and o.closed_at is null and ($2 = '' or o.environment_id = $2)
				and (o.image_id = $3 or o.image_id in (select digest from alias where organisation_id = $1 and image_digest = $3))
			order by 1, 2, 3, 4, 5, 6 limit $4`, org, whereEnvironment(environment, args), out.Items[i].ImageID, gapWorkloads)
		if err != nil {
			return out, s.storeError("list workloads", "", err)
		}
		out.Items[i].Workloads = w
	}
	return out, nil
}

// whereEnvironment returns the environment's ID if the list was narrowed to one.
func whereEnvironment(name string, args []any) any {
	if name == "" {
		return ""
	}
	return args[1]
}

// Occurrences implements store.Environments.
func (s *Store) Occurrences(ctx context.Context, org store.OrgID, digest crowsnest.Digest, environment string, page store.Page) (store.List[crowsnest.Occurrence], error) {
	var out store.List[crowsnest.Occurrence]
	var opened, id int64
	more, err := readCursor(page.Cursor, &opened, &id)
	if err != nil {
		return out, err
	}
	if !more {
		opened, id = 1<<62, 0
	}
	limit := limitOf(page)
	type row struct {
		crowsnest.Occurrence
		opened, id int64
	}
	rows, err := collect(ctx, s.reader, func(rows *sql.Rows) (row, error) {
		var r row
		var closed sql.NullInt64
		w, err := scanWorkload(rows, &r.id, &r.opened, &closed, &r.ImageID, &r.Environment)
		r.Workload, r.Opened, r.Closed = w, fromMicros(r.opened), fromNullMicros(closed)
		return r, err
	}, `select o.id, o.opened_at, o.closed_at, o.image_id, e.name, `+workloadColumns+` from occurrence as o
		join integration as g on g.id = o.integration_id
		join environment as e on e.id = o.environment_id
		where o.organisation_id = $1 and ($2 = '' or e.name = $2)
			and ($3 = '' or o.image_id = $3 or o.image_id in (select a.digest from alias as a where a.organisation_id = $1 and a.image_digest = $3))
			and (o.opened_at < $4 or o.opened_at = $4 and o.id > $5)
		order by o.opened_at desc, o.id limit $6`, org, environment, digest, opened, id, limit+1)
	if err != nil {
		return out, s.storeError("list occurrences", "", err)
	}
	part := pageOf(rows, limit, func(r row) string { return cursorOf(r.opened, r.id) })
	out.Next = part.Next
	for _, r := range part.Items {
		out.Items = append(out.Items, r.Occurrence)
	}
	return out, nil
}
