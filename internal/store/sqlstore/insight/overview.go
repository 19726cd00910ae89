package insight

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/decision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/use"
)

const (
	top = 10
	// candidates is among how many images, by all of their findings, the top ones are chosen
	// by what is in use: run time is asked of these alone.
	candidates = 50
	// urgent is the weight from which on a package version has something of high severity.
	urgent = int64(crowsnest.High) * 1000
)

// place is what an overview is about.
type place struct {
	scope
	org     store.OrgID
	members string // the table of what runs
	where   string // of occurrences o that are open
	args    []any
}

// vulnerable is a package version with findings within a place.
type vulnerable struct {
	state   crowsnest.InUse
	worst   int64 // weight of its worst finding
	sought  crowsnest.Sought
	all     crowsnest.Summary
	summary crowsnest.Summary // without what is suppressed wherever it is
}

// Overview implements store.Overviews.
func (s *Store) Overview(ctx context.Context, org store.OrgID, environment string, since time.Time) (store.Overview, error) {
	var out store.Overview
	of, err := s.scope(ctx, org, environment)
	if err != nil {
		return out, err
	}
	p := place{scope: of, org: org, args: of.args, members: member.Table(`0`, member.Everywhere), where: `o.environment_id in (select e.id from environment as e where e.organisation_id = $1)`}
	if environment != "" {
		// Every statement must name all of its arguments.
		p.members, p.where = member.Table(`0`, member.Within(of.environment)), `o.environment_id = $2 and $1 <> ''`
	}
	if out, err = s.standing(ctx, p, environment); err != nil {
		return out, s.db.Error("sum up", environment, err)
	}
	if err := s.oldestSweep(ctx, p, &out); err != nil {
		return out, s.db.Error("sum up", environment, err)
	}
	return out, s.db.Error("sum up", environment, s.news(ctx, p, since, &out.News))
}

// summed names a state of what an overview sums up.
type summed struct {
	org                  store.OrgID
	environment          string
	images, environments int64 // revisions
	hour                 int64 // by which profiles grow old
}

// maxSummed bounds the overviews that are kept.
const maxSummed = 200

// standing sums up everything but what goes by the time. It takes hundreds of milliseconds at
// ten thousand images and a hundred thousand containers, so it is kept until one of the
// revisions says that something changed.
func (s *Store) standing(ctx context.Context, p place, environment string) (store.Overview, error) {
	revisions, err := revision.Read(ctx, s.db.Reader, p.org, s.db.Now())
	if err != nil {
		return store.Overview{}, err
	}
	key := summed{p.org, environment, revisions[store.ImagesResource], revisions[store.EnvironmentsResource], use.Now(s.db)}
	s.mu.Lock()
	out, ok := s.summed[key]
	s.mu.Unlock()
	if ok {
		return out, nil
	}
	if out, err = s.sumUp(ctx, p, environment); err != nil {
		return store.Overview{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.summed) >= maxSummed {
		clear(s.summed)
	}
	s.summed[key] = out
	return out, nil
}

func (s *Store) sumUp(ctx context.Context, p place, environment string) (store.Overview, error) {
	var out store.Overview
	if err := s.overviewCoverage(ctx, p, &out); err != nil {
		return out, err
	}
	standing, err := s.decisions.Standing(ctx, s.db.Reader, p.org, p.environment)
	if err != nil {
		return out, err
	}
	found, err := s.vulnerable(ctx, p, standing)
	if err != nil {
		return out, err
	}
	if err := s.overviewImages(ctx, p, environment, found, standing, &out); err != nil {
		return out, err
	}
	if err := s.overviewVulnerabilities(ctx, p, environment, found, &out); err != nil {
		return out, err
	}
	for _, v := range found {
		out.InUse.Add(v.state, v.summary)
	}
	return out, nil
}

func (s *Store) overviewCoverage(ctx context.Context, p place, out *store.Overview) error {
	where := member.Everywhere
	if len(p.args) > 1 {
		where = member.Within(p.environment)
	}
	rows, err := member.Rows(ctx, s.db.Reader, `r.environment_id`, where, p.args...)
	if err != nil {
		return err
	}
	out.Coverage = member.Coverage(rows)
	if p.environment == member.LatestID { // nothing runs there
		out.Images, out.Coverage = out.Coverage.Analysed, crowsnest.Coverage{}
		return nil
	}
	running := make(map[int64]bool)
	for _, m := range rows {
		running[m.Place] = running[m.Place] || m.State == store.Analysed
	}
	for _, analysed := range running {
		if analysed {
			out.Environments++
		}
	}
	missing := []store.Missing{{Class: "unresolved", Images: out.Coverage.Unresolved}, {Class: "waiting", Images: out.Coverage.NotAnalysed}}
	if out.Coverage.Failed > 0 {
		failed, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (store.Missing, error) {
			var m store.Missing
			return m, rows.Scan(&m.Class, &m.Images)
		}, p.members+`select i.reason_kind, count(distinct i.id) from member as m join image as i on i.id = m.image_id where m.state = 'failed' group by i.reason_kind order by 1`, p.args...)
		if err != nil {
			return err
		}
		missing = append(missing, failed...)
	}
	out.Missing = slices.DeleteFunc(missing, func(m store.Missing) bool { return m.Images == 0 })
	slices.SortStableFunc(out.Missing, func(a, b store.Missing) int { return cmp.Compare(b.Images, a.Images) })

	out.Images = out.Coverage.Running - out.Coverage.Unresolved
	if len(p.args) > 1 {
		return nil
	}
	return s.db.Reader.QueryRowContext(ctx, `select count(*) from image where organisation_id = $1`, p.org).Scan(&out.Images)
}

// oldestSweep reads the age of what is shown.
func (s *Store) oldestSweep(ctx context.Context, p place, out *store.Overview) error {
	var missing, oldest sql.NullInt64
	integrations := ``
	if len(p.args) > 1 {
		integrations = ` and g.environment_id = $2`
	}
	if err := s.db.Reader.QueryRowContext(ctx, `select count(*) filter (where g.complete_at is null), min(g.complete_at) from integration as g
		where g.organisation_id = $1 and `+member.Swept(`g`)+integrations, p.args...).Scan(&missing, &oldest); err != nil {
		return err
	}
	if missing.Int64 == 0 {
		out.OldestSweep = sqldb.NullTime(oldest)
	}
	return nil
}

// vulnerable reads the package versions within that have findings, with what run time saw of
// each in any of the images.
func (s *Store) vulnerable(ctx context.Context, p place, standing *decision.Standing) (map[int64]vulnerable, error) {
	seen, err := s.usage(ctx, p.org, p.scope, use.Vulnerable)
	if err != nil {
		return nil, err
	}
	out := make(map[int64]vulnerable)
	return out, sqldb.Each(ctx, s.db.Reader, func(rows *sql.Rows) error {
		var id int64
		var v vulnerable
		var of crowsnest.PackageVersion
		n := &v.all
		if err := rows.Scan(&id, &of.Type, &of.Name, &of.Version, &of.Source, &of.SourceVersion, &v.worst, &n.Critical, &n.High, &n.Medium, &n.Low, &n.Unspecified); err != nil {
			return err
		}
		v.sought, v.state, v.summary = of.Sought(), seen.states[id], v.all.Minus(standing.Versions[id])
		out[id] = v
		return nil
	}, p.with+`select v.id, v.type, v.name, v.version, v.source, v.source_version, -v.worst_first, v.critical, v.high, v.medium, v.low, v.unspecified
		from package_version as v where v.worst_first is not null and `+p.has(`v.id`), p.scope.args...)
}

// overviewImages chooses among the images with the most urgent findings those with the most in use.
func (s *Store) overviewImages(ctx context.Context, p place, environment string, found map[int64]vulnerable, standing *decision.Standing, out *store.Overview) error {
	type candidate struct {
		store.TopImage
		id int64
	}
	from := `(select distinct image_id from member where state = 'analysed') as m cross join image as i cross join content as c where i.id = m.image_id and c.id = i.content_id`
	if out.Coverage.Analysed == 0 && environment == "" { // nothing runs, as far as is known
		from = `image as i cross join content as c where i.organisation_id = $1 and c.id = i.content_id`
	}
	list, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (candidate, error) {
		var c candidate
		n := &c.Summary
		return c, rows.Scan(&c.id, &c.Name, &c.Digest, &n.Critical, &n.High, &n.Medium, &n.Low, &n.Unspecified)
	}, p.members+`select i.id, i.name, i.digest, c.critical, c.high, c.medium, c.low, c.unspecified from `+from+`
		order by c.critical desc, c.high desc, i.name, i.digest limit `+strconv.Itoa(candidates), p.args...)
	if err != nil {
		return err
	}
	numbers := make([]int64, len(list))
	index := make(map[int64]*candidate, len(list))
	for i := range list {
		numbers[i], list[i].Summary = list[i].id, list[i].Summary.Minus(standing.Images[list[i].id])
		index[list[i].id] = &list[i]
	}
	watches, err := use.Images(ctx, s.db, s.db.Reader, p.environment, numbers)
	if err != nil {
		return err
	}
	of := make(map[int64][]crowsnest.Watch, len(list)) // by image, of each environment
	discount, err := member.DiscountsNotSeen(ctx, s.db.Reader, p.environment)
	if err != nil {
		return err
	}
	for at, w := range watches {
		of[at.Image] = append(of[at.Image], w)
	}
	suppressed := standing.ByVersion()
	if err := s.eachSetOf(ctx, numbers, func(image int64, versions []int64) {
		c := index[image]
		for _, id := range versions {
			v, ok := found[id]
			counts := v.all.Minus(standing.Of(image, id, suppressed))
			saw := func(state crowsnest.InUse) bool {
				return slices.ContainsFunc(of[image], func(w crowsnest.Watch) bool { return w.InUseOf(v.sought) == state })
			}
			switch {
			case !ok:
			case saw(crowsnest.Loaded):
				c.InUse = c.InUse.Plus(counts)
			case discount && saw(crowsnest.NotSeen): // there is one watch, of this environment
				c.Summary = c.Summary.Minus(counts)
			}
		}
	}); err != nil {
		return err
	}
	slices.SortStableFunc(list, func(a, b candidate) int {
		order := cmp.Or(cmp.Compare(b.InUse.Critical, a.InUse.Critical), cmp.Compare(b.InUse.High, a.InUse.High))
		if order == 0 && !standing.Empty() {
			order = cmp.Or(cmp.Compare(b.Summary.Critical, a.Summary.Critical), cmp.Compare(b.Summary.High, a.Summary.High))
		}
		return order
	})
	for _, c := range list[:min(top, len(list))] {
		out.TopImages = append(out.TopImages, c.TopImage)
	}
	return nil
}

// eachSetOf calls fn for each set of packages of each image with the vulnerable package
// versions in it. Images share sets, so each is read once.
func (s *Store) eachSetOf(ctx context.Context, images []int64, fn func(image int64, versions []int64)) error {
	imagesOf := make(map[int64][]int64) // by set
	var sets []int64
	if err := sqldb.CollectIn(ctx, s.db, s.db.Reader, images, nil, func(in string) string {
		return `select cs.set_id, ` + sqldb.ListOf(`i.id`) + ` from image as i cross join content_set as cs
			where i.id in ` + in + ` and cs.content_id = i.content_id group by cs.set_id`
	}, func(rows *sql.Rows) error {
		var set int64
		list, err := sqldb.ScanList(rows, &set)
		if imagesOf[set] == nil {
			sets = append(sets, set)
		}
		imagesOf[set] = append(imagesOf[set], list...)
		return err
	}); err != nil {
		return err
	}
	return sqldb.CollectIn(ctx, s.db, s.db.Reader, sets, nil, func(in string) string {
		return `select p.set_id, ` + sqldb.ListOf(`p.package_version_id`) + ` from package_set_package as p cross join package_version as v
			where p.set_id in ` + in + ` and v.id = p.package_version_id and v.worst_first is not null group by p.set_id`
	}, func(rows *sql.Rows) error {
		var set int64
		versions, err := sqldb.ScanList(rows, &set)
		for _, image := range imagesOf[set] {
			fn(image, versions)
		}
		return err
	})
}

// overviewVulnerabilities lists the worst vulnerabilities, those of high severity that are in
// use before all others.
func (s *Store) overviewVulnerabilities(ctx context.Context, p place, environment string, found map[int64]vulnerable, out *store.Overview) error {
	var loaded []int64
	for id, v := range found {
		if v.state == crowsnest.Loaded && v.worst >= urgent {
			loaded = append(loaded, id)
		}
	}
	slices.SortFunc(loaded, func(a, b int64) int { return cmp.Or(cmp.Compare(found[b].worst, found[a].worst), cmp.Compare(a, b)) })
	// The top ten are among the findings of any so many package versions that are not better than the last.
	const most = 200
	d := vulnerabilityDetails{scope: vulnerabilityScope{scope: p.scope, own: len(p.scope.args), affects: ` and ` + p.has(`f.package_version_id`)}, index: make(map[string]*store.VulnerabilityRow)}
	if err := s.leaveOut(ctx, p.org, &d.scope, store.VulnerabilityFilter{}); err != nil {
		return err
	}
	weights := make(map[string]int64)
	if err := sqldb.CollectIn(ctx, s.db, s.db.Reader, loaded[:min(most, len(loaded))], []any{urgent, d.scope.standing.Whole}, func(in string) string {
		return `select f.vulnerability, max(f.weight) from finding as f where f.package_version_id in ` + in + ` and f.closed_at is null and f.decides and f.weight >= $1 and ` + s.counts(`f`, `$2`) + ` group by f.vulnerability`
	}, func(rows *sql.Rows) error {
		var id string
		var weight int64
		err := rows.Scan(&id, &weight)
		weights[id] = max(weights[id], weight)
		return err
	}); err != nil {
		return err
	}
	ids := make([]string, 0, len(weights))
	for id := range weights {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Or(cmp.Compare(weights[b], weights[a]), strings.Compare(b, a)) })
	ids = ids[:min(top, len(ids))]
	d.ids = ids
	out.TopFindings = make([]store.TopVulnerability, len(ids))
	for i, id := range ids {
		out.TopFindings[i].ID, out.TopFindings[i].InUse = id, true
		d.index[id] = &out.TopFindings[i].VulnerabilityRow
	}
	if len(ids) > 0 {
		if err := d.fill(ctx, s, p.org); err != nil {
			return err
		}
	}
	if len(ids) == top {
		return nil
	}
	rest, err := s.Vulnerabilities(ctx, p.org, store.VulnerabilityFilter{Environment: environment}, store.Page{Limit: 2 * top})
	for _, v := range rest.Items {
		if len(out.TopFindings) < top && d.index[v.ID] == nil {
			out.TopFindings = append(out.TopFindings, store.TopVulnerability{VulnerabilityRow: v})
		}
	}
	return err
}

// news counts what happened since a time.
func (s *Store) news(ctx context.Context, p place, since time.Time, out *store.News) error {
	out.Since, out.FindingsOpened = since, make(map[string]int)
	at, limit := p.after(1), ` limit `+strconv.Itoa(store.NewsLimit)
	args := p.followed(since.UnixMicro())
	if _, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (any, error) {
		var cause string
		var n int
		err := rows.Scan(&cause, &n)
		out.FindingsOpened[cause] = n
		return nil, err
	}, p.with+`select f.opened_by, count(*) from (
			select f.opened_by from finding as f where f.opened_at >= `+at+` and f.closed_at is null and f.decides and `+p.has(`f.package_version_id`)+limit+`
		) as f group by f.opened_by`, args...); err != nil {
		return err
	}
	from := `image as i where i.organisation_id = $1 and `
	if p.with != "" {
		from = `(select distinct image_id from member) as m join image as i on i.id = m.image_id where i.organisation_id = $1 and `
	}
	return s.db.Reader.QueryRowContext(ctx, p.members+`select
		(select count(*) from (select 1 from `+from+`i.recorded_at >= `+at+limit+`) as n),
		(select count(*) from (select 1 from occurrence as o where o.opened_at >= `+at+` and `+p.where+limit+`) as n),
		(select count(*) from (select 1 from occurrence as o where o.closed_at >= `+at+` and `+p.where+limit+`) as n)`, args...).
		Scan(&out.ImagesRecorded, &out.OccurrencesOpened, &out.OccurrencesClosed)
}
