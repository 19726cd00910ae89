package feed

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/due"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/shared"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

const exploitedColumns = `cve, vendor, product, name, action, added_at, due_at, ransomware`

func scanExploited(rows *sql.Rows) (crowsnest.Exploited, error) {
	var e crowsnest.Exploited
	var added int64
	var due sql.NullInt64
	err := rows.Scan(&e.CVE, &e.Vendor, &e.Product, &e.Name, &e.Action, &added, &due, &e.Ransomware)
	e.Added, e.Due = sqldb.Time(added), sqldb.NullTime(due)
	return e, err
}

func scanEPSS(rows *sql.Rows) (crowsnest.EPSS, error) {
	var e crowsnest.EPSS
	return e, rows.Scan(&e.CVE, &e.Score, &e.Percentile)
}

// PutExploited implements store.Threats.
func (s *Store) PutExploited(ctx context.Context, list []crowsnest.Exploited) (store.Changes, error) {
	return put(ctx, s, "store exploited vulnerabilities", table[crowsnest.Exploited]{
		feed:   store.KEVFeed,
		key:    func(e crowsnest.Exploited) string { return e.CVE },
		read:   `select ` + exploitedColumns + ` from known_exploited order by cve`,
		scan:   scanExploited,
		remove: `delete from known_exploited where cve in `,
		insert: `insert into known_exploited (` + exploitedColumns + `) values `,
		update: ` on conflict (cve) do update set vendor = excluded.vendor, product = excluded.product, name = excluded.name, action = excluded.action,
			added_at = excluded.added_at, due_at = excluded.due_at, ransomware = excluded.ransomware`,
		row: func(e crowsnest.Exploited) []any {
			return []any{e.CVE, e.Vendor, e.Product, e.Name, e.Action, e.Added.UnixMicro(), sqldb.Micros(e.Due), e.Ransomware}
		},
		changed: func(tx *sql.Tx, names []string, first bool) error {
			if first { // until then nobody knew of any image that it has none
				return due.Everything(ctx, tx)
			}
			return due.Vulnerabilities(ctx, s.db, tx, names)
		},
	}, list)
}

// PutEPSS implements store.Threats.
func (s *Store) PutEPSS(ctx context.Context, list []crowsnest.EPSS) (store.Changes, error) {
	return put(ctx, s, "store estimates of exploitation", table[crowsnest.EPSS]{
		feed:   store.EPSSFeed,
		key:    func(e crowsnest.EPSS) string { return e.CVE },
		read:   `select cve, score, percentile from epss order by cve`,
		scan:   scanEPSS,
		remove: `delete from epss where cve in `,
		insert: `insert into epss (cve, score, percentile) values `,
		update: ` on conflict (cve) do update set score = excluded.score, percentile = excluded.percentile`,
		row:    func(e crowsnest.EPSS) []any { return []any{e.CVE, e.Score, e.Percentile} },
	}, list)
}

// table is where a whole list is kept.
type table[T comparable] struct {
	feed                         string
	key                          func(T) string
	read, remove, insert, update string
	scan                         func(*sql.Rows) (T, error)
	row                          func(T) []any
	// changed is told the names of what becomes other, and whether there was nothing before; it may be nil.
	changed func(tx *sql.Tx, names []string, first bool) error
}

// put makes what is kept equal to a list. Only what differs is written: of EPSS's hundreds of thousands
// a fraction changes from one day to the next, and SQLite has a single writer.
func put[T comparable](ctx context.Context, s *Store, op string, in table[T], list []T) (changes store.Changes, err error) {
	list = slices.SortedFunc(slices.Values(list), func(a, b T) int { return strings.Compare(in.key(a), in.key(b)) })
	err = s.db.Write(ctx, op, "", func(tx *sql.Tx, now int64) error {
		changes = store.Changes{}
		var gone, names []string
		var write [][]any
		first := true
		added := func(v T) {
			names = append(names, in.key(v))
			changes.Add(store.Changes{Added: 1, AddedIDs: []string{in.key(v)}})
			write = append(write, in.row(v))
		}
		left := list
		if err := sqldb.Each(ctx, tx, func(rows *sql.Rows) error {
			old, err := in.scan(rows)
			if err != nil {
				return err
			}
			first = false
			for len(left) > 0 && in.key(left[0]) < in.key(old) {
				added(left[0])
				left = left[1:]
			}
			switch {
			case len(left) == 0 || in.key(left[0]) != in.key(old):
				gone = append(gone, in.key(old))
				changes.Add(store.Changes{Withdrawn: 1, WithdrawnIDs: []string{in.key(old)}})
				return nil
			case left[0] != old:
				changes.Add(store.Changes{Changed: 1, ChangedIDs: []string{in.key(old)}})
				write = append(write, in.row(left[0]))
			}
			left = left[1:]
			return nil
		}, in.read); err != nil {
			return err
		}
		for _, v := range left {
			added(v)
		}
		if err := sqldb.EachChunk(gone, func(args []any) error {
			_, err := tx.ExecContext(ctx, in.remove+s.db.Parameters(1, len(args)), args...)
			return err
		}); err != nil {
			return err
		}
		if err := s.db.InsertRows(ctx, tx, in.insert, write, in.update); err != nil || !changes.Any() {
			return err
		}
		if err := shared.NoteUpdate(ctx, tx, now, store.Update{ID: sqldb.NewID(), Feed: in.feed}, changes); err != nil {
			return err
		}
		if in.changed != nil {
			if err := in.changed(tx, append(names, gone...), first || len(list) == 0); err != nil {
				return err
			}
		}
		// Lists of vulnerabilities show it, and what is kept of overviews.
		return revision.Raise(ctx, tx, revision.Shared, store.AdvisoriesResource, store.FindingsResource, store.ImagesResource)
	})
	return changes, err
}

// Threats implements store.Threats.
func (s *Store) Threats(ctx context.Context, vulnerabilities []string) (map[string]crowsnest.Threat, error) {
	out, err := Threats(ctx, s.db, vulnerabilities)
	return out, s.db.Error("read threats", "", err)
}

// Threats reads what is known of vulnerabilities, by their names, of which one may be there several times.
func Threats(ctx context.Context, db *sqldb.DB, vulnerabilities []string) (map[string]crowsnest.Threat, error) {
	out := make(map[string]crowsnest.Threat)
	names := slices.Clone(vulnerabilities)
	slices.Sort(names)
	names = slices.Compact(names)
	if err := sqldb.CollectIn(ctx, db, db.Reader, names, nil, func(in string) string {
		return `select ` + exploitedColumns + ` from known_exploited where cve in ` + in
	}, func(rows *sql.Rows) error {
		e, err := scanExploited(rows)
		t := out[e.CVE]
		t.Exploited = &e
		out[e.CVE] = t
		return err
	}); err != nil {
		return nil, err
	}
	err := sqldb.CollectIn(ctx, db, db.Reader, names, nil, func(in string) string { return `select cve, score, percentile from epss where cve in ` + in },
		func(rows *sql.Rows) error {
			e, err := scanEPSS(rows)
			t := out[e.CVE]
			t.EPSS = &e
			out[e.CVE] = t
			return err
		})
	return out, err
}

// EachExploited implements store.Threats.
func (s *Store) EachExploited(ctx context.Context, fn func(crowsnest.Exploited) error) error {
	return each(ctx, s, "read exploited vulnerabilities", scanExploited, fn, `select `+exploitedColumns+` from known_exploited where cve > $1 order by cve limit 5000`,
		func(e crowsnest.Exploited) string { return e.CVE })
}

// EachEPSS implements store.Threats.
func (s *Store) EachEPSS(ctx context.Context, fn func(crowsnest.EPSS) error) error {
	return each(ctx, s, "read estimates of exploitation", scanEPSS, fn, `select cve, score, percentile from epss where cve > $1 order by cve limit 5000`,
		func(e crowsnest.EPSS) string { return e.CVE })
}

// each hands rows out part by part, so that no statement stays open while somebody takes them slowly.
func each[T any](ctx context.Context, s *Store, op string, scan func(*sql.Rows) (T, error), fn func(T) error, stmt string, key func(T) string) error {
	for after := ""; ; {
		part, err := sqldb.Collect(ctx, s.db.Reader, scan, stmt, after)
		if err != nil || len(part) == 0 {
			return s.db.Error(op, "", err)
		}
		for _, v := range part {
			if err := fn(v); err != nil {
				return err
			}
		}
		after = key(part[len(part)-1])
	}
}
