package insight

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/decision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/use"
)

// packageKey is a package whatever its version.
type packageKey struct{ name, typ string }

func (k packageKey) String() string { return k.name + "\x00" + k.typ }

// packageQuery is what a list of packages asks for.
type packageQuery struct {
	scope
	args   []any     // those of the scope, then the filters'
	filter string    // of package versions v
	used   string    // the part of it that keeps those in use; of one package some versions are
	spent  exclusion // those of which all findings are suppressed
	unseen exclusion // those that are not seen loaded where that does not count
	worst  bool
}

// exclusion leaves package versions out.
type exclusion struct {
	versions  string // as a text
	condition string // a part of the filter that keeps the others of v; empty if they are asked for, or none
	none      string // as condition, and keeps all: PostgreSQL takes no parameter that nothing names
}

// only is the reverse of the condition.
func (e exclusion) only() string { return strings.Replace(e.condition, ` not in `, ` in `, 1) }

func (s *Store) packageQuery(ctx context.Context, org store.OrgID, filter store.PackageFilter) (packageQuery, error) {
	of, err := s.within(ctx, org, filter.Environment)
	q := packageQuery{scope: of, args: slices.Clip(of.args)}
	add := func(condition string, arg any) {
		q.args = append(q.args, arg)
		q.filter += strings.ReplaceAll(condition, "?", sqldb.Dollar(len(q.args)))
	}
	if filter.Type != "" {
		add(` and v.type = ?`, filter.Type)
	}
	if filter.Query != "" {
		add(` and `+sqldb.Contains(`v.name`, "?"), sqldb.Pattern(filter.Query))
	}
	switch filter.Sort {
	case store.PackagesByWorst:
		q.worst = true
	case store.PackagesByName, "":
	default:
		return q, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "sort packages by", Subject: string(filter.Sort), Hint: "use name or worst"}
	}
	if err != nil {
		return q, err
	}
	if filter.Vulnerable || q.worst {
		q.filter += ` and v.worst_first is not null`
		if q.spent.versions, q.unseen.versions, err = s.excluded(ctx, org, of.environment, filter); err != nil {
			return q, s.db.Error("list packages", "", err)
		}
	}
	for _, e := range []*exclusion{&q.spent, &q.unseen} {
		if e.versions != "" {
			q.args = append(q.args, e.versions)
			text := `cast(` + sqldb.Dollar(len(q.args)) + ` as text)`
			e.condition, e.none = ` and v.id not in (`+s.db.Numbers(text, `id`)+`)`, ` and `+text+` is not null`
			q.filter += e.condition
		}
	}
	if !filter.InUse {
		return q, nil
	}
	kind := use.Any
	if filter.Vulnerable || q.worst {
		kind = use.Vulnerable
	}
	seen, err := s.usage(ctx, org, of, kind)
	if err != nil {
		return q, s.db.Error("list packages", "", err)
	}
	q.args = append(q.args, seen.loaded)
	q.used = ` and ` + s.isUsed(sqldb.Dollar(len(q.args)))
	q.filter += q.used
	return q, nil
}

// excluded lists the package versions of which nothing counts in a place, each as a text: those of which all findings are suppressed in all
// images, and those that are not seen loaded where that does not count. What is asked for is in neither.
func (s *Store) excluded(ctx context.Context, org store.OrgID, environment int64, filter store.PackageFilter) (spent, unseen string, err error) {
	if !filter.Suppressed {
		standing, err := s.decisions.Standing(ctx, s.db.Reader, org, environment)
		if err != nil {
			return "", "", err
		}
		if spent, err = s.decisions.Spent(ctx, s.db.Reader, standing); err != nil {
			return "", "", err
		}
	}
	if !filter.NotSeen {
		left, err := s.unseen.LeftOut(ctx, org, environment)
		if err != nil {
			return "", "", err
		}
		unseen = left.Packages
	}
	return spent, unseen, nil
}

// LeftOutPackages implements running.Countable. What is suppressed is counted whatever is seen, as of vulnerabilities.
func (s *Store) LeftOutPackages(ctx context.Context, org store.OrgID, filter store.PackageFilter) (out running.LeftOut, err error) {
	q, err := s.packageQuery(ctx, org, filter)
	if err != nil {
		return out, err
	}
	// Of what is left out for one reason, that of which nothing else is listed.
	count := func(of exclusion, kept string) (n int) {
		if err == nil && of.condition != "" {
			rest := q.filter
			for _, e := range []exclusion{q.spent, q.unseen} {
				rest = strings.Replace(rest, e.condition, e.none, 1)
			}
			narrowed := strings.Replace(kept, of.condition, ``, 1)
			err = s.db.Reader.QueryRowContext(ctx, q.with+`select count(*) from (select distinct v.name, v.type from package_version as v where `+q.has(`v.id`)+rest+narrowed+of.only()+`
				and not exists (select 1 from package_version as w where w.name = v.name and w.type = v.type and w.worst_first is not null and `+q.has(`w.id`)+strings.ReplaceAll(q.used+kept, `v.id`, `w.id`)+`)) as p`, q.args...).Scan(&n)
		}
		return n
	}
	out.NotSeen = count(q.unseen, q.spent.condition+q.unseen.condition)
	out.Suppressed = count(q.spent, q.spent.condition)
	return out, s.db.Error("count packages that are left out", "", err)
}

// keys selects the packages of a page, with where each stands by its worst finding. The cursor
// and the limit follow the arguments.
func (q packageQuery) keys() string {
	n := len(q.args)
	after := `(` + sqldb.Dollar(n+1) + `, ` + sqldb.Dollar(n+2) + `, ` + sqldb.Dollar(n+3) + `)`
	limit := ` limit ` + sqldb.Dollar(n+4)
	if q.few {
		// From the few package versions within, all of which are read.
		worst, having := `0`, ``
		if q.worst {
			worst = `min(v.worst_first)`
		}
		having = ` having (` + worst + `, v.name, v.type) > ` + after
		return q.with + `select ` + worst + `, v.name, v.type from (
				select distinct p.package_version_id from (` + q.sets + `) as s join package_set_package as p on p.set_id = s.set_id
			) as p cross join package_version as v
			where v.id = p.package_version_id` + q.filter + ` group by v.name, v.type` + having + ` order by 1, v.name, v.type` + limit
	}
	if q.worst {
		// In the order of the index until the page is full. A package stands where its worst
		// version of those asked for is, so one with a worse version was there before.
		return q.with + `select distinct v.worst_first, v.name, v.type from package_version as v
			where (v.worst_first, v.name, v.type) > ` + after + q.filter + ` and ` + q.has(`v.id`) + `
			and not exists (select 1 from package_version as w where w.name = v.name and w.type = v.type and w.worst_first < v.worst_first and ` + q.has(`w.id`) + strings.ReplaceAll(q.used+q.spent.condition+q.unseen.condition, `v.id`, `w.id`) + `)
			order by v.worst_first, v.name, v.type` + limit
	}
	return q.with + `select distinct cast(` + sqldb.Dollar(n+1) + ` as bigint), v.name, v.type from package_version as v
		where (v.name, v.type) > (` + sqldb.Dollar(n+2) + `, ` + sqldb.Dollar(n+3) + `)` + q.filter + ` and ` + q.has(`v.id`) + `
		order by v.name, v.type` + limit
}

// Packages implements store.Packages.
func (s *Store) Packages(ctx context.Context, org store.OrgID, filter store.PackageFilter, page store.Page) (store.List[store.PackageRow], error) {
	var out store.List[store.PackageRow]
	q, err := s.packageQuery(ctx, org, filter)
	if err != nil {
		return out, err
	}
	var worst int64
	var after packageKey
	if more, err := sqldb.ReadCursor(page.Cursor, &worst, &after.name, &after.typ); err != nil {
		return out, err
	} else if !more && q.worst {
		worst = -1 << 62
	}
	type row struct {
		worst int64
		packageKey
	}
	limit := sqldb.Limit(page)
	rows, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (row, error) {
		var r row
		return r, rows.Scan(&r.worst, &r.name, &r.typ)
	}, q.keys(), append(slices.Clip(q.args), worst, after.name, after.typ, limit+1)...)
	if err != nil {
		return out, s.db.Error("list packages", "", err)
	}
	part := sqldb.Cut(rows, limit, func(r row) string { return sqldb.Cursor(r.worst, r.name, r.typ) })
	keys := make([]packageKey, len(part.Items))
	for i, r := range part.Items {
		keys[i] = r.packageKey
	}
	out.Next = part.Next
	var seen usage
	if filter.InUse || filter.Environment != "" {
		if seen, err = s.usage(ctx, org, q.scope, use.Vulnerable); err != nil {
			return out, s.db.Error("list packages", "", err)
		}
	}
	out.Items, err = s.packageRows(ctx, org, q.scope, seen, keys)
	return out, s.db.Error("list packages", "", err)
}

// packageRows fills a page of packages with what is counted over their versions within.
func (s *Store) packageRows(ctx context.Context, org store.OrgID, v scope, seen usage, keys []packageKey) ([]store.PackageRow, error) {
	out := make([]store.PackageRow, len(keys))
	index := make(map[packageKey]*store.PackageRow, len(keys))
	names := make([]string, 0, len(keys))
	for i, k := range keys {
		out[i].Name, out[i].Type = k.name, k.typ
		index[k] = &out[i]
		if i == 0 || k.name != keys[i-1].name {
			names = append(names, k.name)
		}
	}
	standing, err := s.decisions.Standing(ctx, s.db.Reader, org, v.environment)
	if err != nil {
		return nil, err
	}
	unseen, err := s.unseen.LeftOut(ctx, org, v.environment)
	if err != nil {
		return nil, err
	}
	versions := make(map[int64][]string)
	if err := sqldb.CollectIn(ctx, s.db, s.db.Reader, names, v.args, func(in string) string {
		return v.with + `select v.id, v.name, v.type, v.critical, v.high, v.medium, v.low, v.unspecified from package_version as v
			where v.name in ` + in + ` and ` + v.has(`v.id`)
	}, func(rows *sql.Rows) error {
		var id int64
		var k packageKey
		var n crowsnest.Summary
		if err := rows.Scan(&id, &k.name, &k.typ, &n.Critical, &n.High, &n.Medium, &n.Low, &n.Unspecified); err != nil {
			return err
		}
		if row := index[k]; row != nil && versions[id] == nil {
			row.Versions++
			hidden := standing.Versions[id]
			n = n.Minus(hidden)
			row.Suppressed = row.Suppressed.Plus(hidden)
			left := unseen.Of(id, n)
			n = n.Minus(left)
			row.Summary, row.NotSeen = row.Summary.Plus(n), row.NotSeen.Plus(left)
			if state, watched := seen.states[id]; watched {
				if row.InUse == nil {
					row.InUse = new(crowsnest.Summary)
				}
				if state == crowsnest.Loaded {
					*row.InUse = row.InUse.Plus(n)
				}
			}
			versions[id] = []string{k.String()}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	spreads, err := s.spread(ctx, org, v, versions, nil)
	for k, row := range index {
		sp := spreads[k.String()]
		row.Images, row.Environments = sp.images, sp.environments
	}
	return out, err
}

// Package implements store.Packages.
func (s *Store) Package(ctx context.Context, org store.OrgID, typ, name string) (store.PackageDetail, error) {
	var out store.PackageDetail
	v, err := s.scope(ctx, org, "")
	if err != nil {
		return out, err
	}
	out.Type, out.Name = typ, name
	if err := s.packageDetail(ctx, org, v, &out); err != nil {
		return out, s.db.Error("read package", name, err)
	}
	if out.Versions == 0 {
		return out, &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find package", Subject: name, Hint: "no image of the organisation has one of this type and name"}
	}
	return out, nil
}

func (s *Store) packageDetail(ctx context.Context, org store.OrgID, v scope, out *store.PackageDetail) error {
	versions := make(map[int64][]string)
	rows := make(map[int64]*store.PackageVersionRow)
	type found struct {
		id      int64
		version crowsnest.PackageVersion
		summary crowsnest.Summary
	}
	list, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (found, error) {
		var f found
		n := &f.summary
		return f, rows.Scan(append(versionFields(&f.version), &f.id, &n.Critical, &n.High, &n.Medium, &n.Low, &n.Unspecified)...)
	}, `select `+versionColumns+`, v.id, v.critical, v.high, v.medium, v.low, v.unspecified from package_version as v
		where v.name = `+v.after(1)+` and v.type = `+v.after(2)+` and `+v.has(`v.id`)+` order by v.version, v.purl, v.id`, v.followed(out.Name, out.Type)...)
	if err != nil {
		return err
	}
	standing, err := s.decisions.Standing(ctx, s.db.Reader, org, v.environment)
	if err != nil {
		return err
	}
	var shown []int64
	for _, f := range list {
		out.Versions++
		hidden := standing.Versions[f.id]
		out.Summary, out.Suppressed = out.Summary.Plus(f.summary.Minus(hidden)), out.Suppressed.Plus(hidden)
		versions[f.id] = []string{"", strconv.FormatInt(f.id, 10)}
		if len(shown) < store.MaxVersions {
			shown = append(shown, f.id)
			rows[f.id] = &store.PackageVersionRow{Package: f.version}
		}
	}
	spreads, err := s.spread(ctx, org, v, versions, nil)
	if err != nil {
		return err
	}
	out.Images, out.Environments = spreads[""].images, spreads[""].environments
	if err := sqldb.CollectIn(ctx, s.db, s.db.Reader, shown, nil, func(in string) string {
		return `select f.package_version_id, ` + findingColumns + ` from finding as f where f.package_version_id in ` + in + ` and f.closed_at is null and f.decides`
	}, func(r *sql.Rows) error {
		var id int64
		f, err := scanFinding(r, []any{&id}, nil)
		suppressed := standing.Found[decision.Pair{Version: id, Vulnerability: f.Vulnerability}]
		if row := rows[id]; row != nil && (suppressed == nil || !suppressed.Whole()) {
			row.Findings = append(row.Findings, f)
		}
		return err
	}); err != nil {
		return err
	}
	for _, id := range shown {
		row := rows[id]
		sp := spreads[strconv.FormatInt(id, 10)]
		row.Images, row.Environments = sp.images, sp.environments
		slices.SortFunc(row.Findings, func(a, b crowsnest.Finding) int {
			return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(score(b), score(a)), strings.Compare(a.Vulnerability, b.Vulnerability))
		})
		out.List = append(out.List, *row)
	}
	return nil
}

func score(f crowsnest.Finding) float64 {
	if f.CVSS == nil {
		return 0
	}
	return f.CVSS.Score
}
