package insight

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/finding"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// A vulnerability of a package version is found when the first of its sources says so, and gone when the last one
// no longer does. Of several that begin or end at once, one stands for all: one that decides, or else the first. Each condition
// looks up the few findings of one package version in an index.
const (
	begins = ` and not exists (select 1 from finding as o where o.package_version_id = f.package_version_id and o.vulnerability = f.vulnerability and o.closed_at is null
			and (o.opened_at < f.opened_at or o.opened_at = f.opened_at and (o.decides and not f.decides or o.decides = f.decides and o.id < f.id)))
		and not exists (select 1 from finding as o where o.package_version_id = f.package_version_id and o.closed_at >= f.opened_at and o.vulnerability = f.vulnerability
			and (o.opened_at < f.opened_at or o.opened_at = f.opened_at and (o.decides and not f.decides or o.decides = f.decides and o.id < f.id)))`
	ends = ` and not exists (select 1 from finding as o where o.package_version_id = f.package_version_id and o.vulnerability = f.vulnerability and o.closed_at is null
			and o.opened_at <= f.closed_at)
		and not exists (select 1 from finding as o where o.package_version_id = f.package_version_id and o.closed_at >= f.closed_at and o.vulnerability = f.vulnerability
			and (o.closed_at > f.closed_at and o.opened_at <= f.closed_at or o.closed_at = f.closed_at and (o.decides and not f.decides or o.decides = f.decides and o.id < f.id)))`
)

// changedFinding is a change with what the store knows it by.
type changedFinding struct {
	finding.Change
	at, id, version int64
}

// FindingChanges implements store.Vulnerabilities.
func (s *Store) FindingChanges(ctx context.Context, org store.OrgID, filter finding.Filter, page store.Page) (store.List[finding.Change], error) {
	var out store.List[finding.Change]
	fail := func(err error) (store.List[finding.Change], error) {
		return out, s.db.Error("list what changed of findings", filter.Environment, err)
	}
	at, id := int64(1)<<62, int64(1)<<62
	if _, err := sqldb.ReadCursor(page.Cursor, &at, &id); err != nil {
		return out, err
	}
	v, err := s.within(ctx, org, filter.Environment)
	if err != nil {
		return out, err
	}
	since, until := int64(0), int64(1)<<62
	if !filter.Since.IsZero() {
		since = filter.Since.UnixMicro()
	}
	if !filter.Until.IsZero() {
		until = filter.Until.UnixMicro()
	}
	limit := sqldb.Limit(page)
	args := v.followed(at, id, since, until, limit+1)
	parameter := func(value any) string {
		args = append(args, value)
		return sqldb.Dollar(len(args))
	}
	var causes, severities []string
	for _, cause := range filter.Causes {
		causes = append(causes, parameter(cause))
	}
	for _, severity := range filter.Severities {
		severities = append(severities, parameter(severity))
	}
	of := ` and ` + v.has(`f.package_version_id`)
	if len(severities) > 0 {
		of += ` and f.severity in (` + strings.Join(severities, ",") + `)`
	}
	event := func(kind, at, by, first string) string {
		where := of
		if len(causes) > 0 {
			where += ` and f.` + by + ` in (` + strings.Join(causes, ",") + `)`
		}
		return `select * from (select f.id, f.package_version_id, f.` + at + ` as at, cast('` + kind + `' as text) as kind, f.` + by + ` as cause from finding as f
			where f.` + at + ` >= ` + v.after(3) + ` and f.` + at + ` <= ` + v.after(4) + ` and (f.` + at + `, f.id) < (` + v.after(1) + `, ` + v.after(2) + `)` + where + first + `
			order by f.` + at + ` desc, f.id desc limit ` + v.after(5) + `) as e`
	}
	var events []string
	if filter.Change != finding.Gone {
		events = append(events, event(finding.Found, "opened_at", "opened_by", begins))
	}
	if filter.Change != finding.Found {
		events = append(events, event(finding.Gone, "closed_at", "closed_by", ends))
	}
	list, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (changedFinding, error) {
		var c changedFinding
		var err error
		c.Finding, err = scanFinding(rows, []any{&c.id, &c.version, &c.at, &c.Change.Change, &c.Cause}, versionFields(&c.Package))
		c.At = sqldb.Time(c.at)
		return c, err
	}, v.with+`select e.id, e.package_version_id, e.at, e.kind, e.cause, `+findingColumns+`, `+versionColumns+`
		from (`+strings.Join(events, ` union all `)+`) as e cross join finding as f cross join package_version as v
		where f.id = e.id and v.id = e.package_version_id
		order by e.at desc, e.id desc limit `+v.after(5), args...)
	if err != nil {
		return fail(err)
	}
	part := sqldb.Cut(list, limit, func(c changedFinding) string { return sqldb.Cursor(c.at, c.id) })
	versions := make(map[int64][]string)
	for _, c := range part.Items {
		versions[c.version] = []string{strconv.FormatInt(c.version, 10)}
	}
	spreads, err := s.spread(ctx, org, v, versions, nil)
	if err != nil {
		return fail(err)
	}
	out.Next, out.Items = part.Next, make([]finding.Change, len(part.Items))
	for i, c := range part.Items {
		sp := spreads[strconv.FormatInt(c.version, 10)]
		c.Images, c.Environments = sp.images, sp.environments
		out.Items[i] = c.Change
	}
	return out, nil
}
