package feed

import (
	"context"
	"database/sql"
	"strconv"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/shared"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// AdvisoryUpdates implements store.AdvisoryHistory.
func (s *Store) AdvisoryUpdates(ctx context.Context, filter store.UpdateFilter, page store.Page) (store.List[store.AdvisoryUpdate], error) {
	at, id := int64(1)<<62, int64(1)<<62
	if _, err := sqldb.ReadCursor(page.Cursor, &at, &id); err != nil {
		return store.List[store.AdvisoryUpdate]{}, err
	}
	until := int64(1) << 62
	if !filter.Until.IsZero() {
		until = filter.Until.UnixMicro()
	}
	since := int64(0)
	if !filter.Since.IsZero() {
		since = filter.Since.UnixMicro()
	}
	type row struct {
		store.AdvisoryUpdate
		at, id int64
	}
	limit := sqldb.Limit(page)
	args := []any{at, id, since, until, limit + 1}
	of := ``
	if filter.Feed != "" {
		args = append(args, filter.Feed)
		of = ` and feed = $6`
	}
	if filter.Changed {
		of += ` and reason = ''`
	}
	list, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (row, error) {
		var r row
		var names string
		if err := rows.Scan(&r.id, &r.Feed, &r.at, &r.Added, &r.Changed, &r.Withdrawn, &names, &r.Opened, &r.Closed, &r.Reason, &r.Tries); err != nil {
			return r, err
		}
		var n shared.NamedChanges
		err := sqldb.FromJSON(names, &n)
		r.ID, r.At = strconv.FormatInt(r.id, 10), sqldb.Time(r.at)
		r.AddedIDs, r.ChangedIDs, r.WithdrawnIDs = n.Added, n.Changed, n.Withdrawn
		return r, err
	}, `select id, feed, at, added, changed, withdrawn, names, opened, closed, reason, tries from advisory_update
		where (at, id) < ($1, $2) and at >= $3 and at <= $4`+of+` order by at desc, id desc limit $5`, args...)
	if err != nil {
		return store.List[store.AdvisoryUpdate]{}, s.db.Error("list updates of advisories", "", err)
	}
	part := sqldb.Cut(list, limit, func(r row) string { return sqldb.Cursor(r.at, r.id) })
	out := store.List[store.AdvisoryUpdate]{Next: part.Next, Items: make([]store.AdvisoryUpdate, len(part.Items))}
	for i, r := range part.Items {
		out.Items[i] = r.AdvisoryUpdate
	}
	return out, nil
}

const advisoryColumns = `id, aliases, upstream, related, summary, severity, word, published_at, modified_at, withdrawn_at, first_held_at, imported_at`

func scanAdvisory(rows *sql.Rows) (store.HeldAdvisory, error) {
	var a store.HeldAdvisory
	var aliases, upstream, related, severity string
	var published, withdrawn sql.NullInt64
	var modified, held, imported int64
	if err := rows.Scan(&a.ID, &aliases, &upstream, &related, &a.Summary, &severity, &a.Word, &published, &modified, &withdrawn, &held, &imported); err != nil {
		return a, err
	}
	a.Published, a.Modified, a.Withdrawn = sqldb.NullTime(published), sqldb.Time(modified), sqldb.NullTime(withdrawn)
	a.FirstHeld, a.Imported = sqldb.Time(held), sqldb.Time(imported)
	for _, f := range []struct {
		text string
		into any
	}{{aliases, &a.Aliases}, {upstream, &a.Upstream}, {related, &a.Related}, {severity, &a.Severity}} {
		if err := sqldb.FromJSON(f.text, f.into); err != nil {
			return a, err
		}
	}
	return a, nil
}

// advisories reads records by their IDs, in the order of these.
func (s *Store) advisories(ctx context.Context, ids []string) ([]store.HeldAdvisory, error) {
	var out []store.HeldAdvisory
	index := make(map[string]int)
	if err := sqldb.CollectIn(ctx, s.db, s.db.Reader, ids, nil, func(in string) string {
		return `select ` + advisoryColumns + ` from advisory where id in ` + in + ` order by id`
	}, func(rows *sql.Rows) error {
		a, err := scanAdvisory(rows)
		index[a.ID] = len(out)
		out = append(out, a)
		return err
	}); err != nil {
		return nil, err
	}
	err := sqldb.CollectIn(ctx, s.db, s.db.Reader, ids, nil, func(in string) string {
		return `select advisory_id, ecosystem, name, detail from advisory_affected where advisory_id in ` + in + ` order by advisory_id, position`
	}, func(rows *sql.Rows) error {
		var id, detail string
		var f crowsnest.Affected
		if err := rows.Scan(&id, &f.Ecosystem, &f.Name, &detail); err != nil {
			return err
		}
		err := shared.AffectedDetail(detail, &f)
		if i, ok := index[id]; ok { // else it was stored between the two reads
			out[i].Affected = append(out[i].Affected, f)
		}
		return err
	})
	return out, err
}

// Advisory implements store.AdvisoryHistory.
func (s *Store) Advisory(ctx context.Context, id string) (store.HeldAdvisory, error) {
	list, err := s.advisories(ctx, []string{id})
	if err == nil && len(list) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		return store.HeldAdvisory{}, s.db.Error("read advisory", id, err)
	}
	return list[0], nil
}

// maxBearers bounds how many advisories are told of by one name.
const maxBearers = 200

// AdvisoriesNamed implements store.AdvisoryHistory. It reads all advisories: names that no image has are in no index.
func (s *Store) AdvisoriesNamed(ctx context.Context, name string) ([]string, error) {
	list, err := sqldb.Collect(ctx, s.db.Reader, sqldb.ScanOne[string], `select id from advisory where id = $1 or `+
		sqldb.Contains(`aliases`, `$2`)+` or `+sqldb.Contains(`upstream`, `$2`)+` order by id limit `+strconv.Itoa(maxBearers), name, sqldb.Pattern(sqldb.JSON(name)))
	return list, s.db.Error("find advisories of", name, err)
}

// maxAbout bounds how many packages are told of by one name; a record of a kernel names some in every release.
const maxAbout = 20_000

// AdvisoriesAbout implements store.AdvisoryHistory. It reads all advisories, as AdvisoriesNamed does.
func (s *Store) AdvisoriesAbout(ctx context.Context, name string) ([]*crowsnest.Advisory, error) {
	bears := `a.id = $1 or ` + sqldb.Contains(`a.aliases`, `$2`) + ` or ` + sqldb.Contains(`a.upstream`, `$2`)
	var out []*crowsnest.Advisory
	rows, err := s.db.Reader.QueryContext(ctx, `with about as (
			select a.id, a.aliases, a.upstream, a.related, a.withdrawn_at, case when `+bears+` then 0 else 1 end as rank from advisory as a
			where `+bears+` or `+sqldb.Contains(`a.related`, `$2`)+` order by rank, a.id limit `+strconv.Itoa(maxBearers)+`
		)
		select a.id, a.aliases, a.upstream, a.related, a.withdrawn_at, coalesce(f.ecosystem, ''), coalesce(f.name, '')
		from about as a left join advisory_affected as f on f.advisory_id = a.id
		order by a.rank, a.id, f.position limit `+strconv.Itoa(maxAbout), name, sqldb.Pattern(sqldb.JSON(name)))
	if err != nil {
		return nil, s.db.Error("find advisories about", name, err)
	}
	defer rows.Close()
	for rows.Next() {
		var a crowsnest.Advisory
		var f crowsnest.Affected
		var aliases, upstream, related string
		var withdrawn sql.NullInt64
		if err := rows.Scan(&a.ID, &aliases, &upstream, &related, &withdrawn, &f.Ecosystem, &f.Name); err != nil {
			return nil, s.db.Error("find advisories about", name, err)
		}
		if len(out) == 0 || out[len(out)-1].ID != a.ID {
			for _, f := range []struct {
				text string
				into *[]string
			}{{aliases, &a.Aliases}, {upstream, &a.Upstream}, {related, &a.Related}} {
				if err := sqldb.FromJSON(f.text, f.into); err != nil {
					return nil, s.db.Error("find advisories about", name, err)
				}
			}
			a.Withdrawn = sqldb.NullTime(withdrawn)
			out = append(out, &a)
		}
		if last := out[len(out)-1]; f.Name != "" {
			last.Affected = append(last.Affected, f)
		}
	}
	return out, s.db.Error("find advisories about", name, rows.Err())
}

// eachPart is how many records are read at once. The largest have megabytes each.
const eachPart = 200

// EachAdvisory implements store.AdvisoryHistory.
func (s *Store) EachAdvisory(ctx context.Context, ecosystem string, fn func(*crowsnest.Advisory) error) error {
	fail := func(err error) error { return s.db.Error("read advisories of", ecosystem, err) }
	// The IDs of one moment: what is stored meanwhile is read in its newest state, or in the next export.
	stmt, args := `select distinct advisory_id from advisory_affected where match_base = $1 order by advisory_id`, []any{ecosystem}
	if ecosystem == "" {
		stmt, args = `select a.id from advisory as a where not exists (select 1 from advisory_affected as f where f.advisory_id = a.id) order by a.id`, nil
	}
	ids, err := sqldb.Collect(ctx, s.db.Reader, sqldb.ScanOne[string], stmt, args...)
	if err != nil {
		return fail(err)
	}
	for len(ids) > 0 {
		n := min(eachPart, len(ids))
		part, err := s.advisories(ctx, ids[:n])
		if err != nil {
			return fail(err)
		}
		for i := range part {
			if err := fn(&part[i].Advisory); err != nil {
				return err
			}
		}
		ids = ids[n:]
	}
	return nil
}
