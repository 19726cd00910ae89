package shared

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/due"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// affectedDetail is the part of an affected entry that no query filters by.
type affectedDetail struct {
	Ranges   []crowsnest.Range          `json:"r,omitempty"`
	Versions []string                   `json:"v,omitempty"`
	Severity []crowsnest.SeverityVector `json:"s,omitempty"`
	Word     string                     `json:"w,omitempty"`
	State    crowsnest.VendorState      `json:"m,omitempty"`
}

// AffectedDetail reads advisory_affected.detail into an affected entry.
func AffectedDetail(text string, into *crowsnest.Affected) error {
	var d affectedDetail
	err := sqldb.FromJSON(text, &d)
	into.Ranges, into.Versions, into.Severity, into.Word, into.State = d.Ranges, d.Versions, d.Severity, d.Word, d.State
	return err
}

// PutAdvisories implements store.Advisories.
func (s *Store) PutAdvisories(ctx context.Context, update store.Update, batch []*crowsnest.Advisory) (stats store.ImportStats, err error) {
	stats.Records = len(batch)
	err = s.db.Write(ctx, "store advisories", "", func(tx *sql.Tx, now int64) error {
		// One batch may carry an ID twice; the newer one counts, as it would over two batches.
		newest := make(map[string]*crowsnest.Advisory, len(batch))
		var ids []string
		for _, a := range batch {
			if old, ok := newest[a.ID]; !ok {
				ids = append(ids, a.ID)
			} else if old.Modified.After(a.Modified) {
				continue
			}
			newest[a.ID] = a
		}
		if _, err := tx.ExecContext(ctx, s.db.Choose(LockMatching)); err != nil {
			return err
		}
		held, err := s.heldAdvisories(ctx, tx, ids)
		if err != nil {
			return err
		}
		slices.Sort(ids) // rows that are written together lie together
		var changed, replaced []string
		hashes := make(map[string][]byte)
		stats.Changes = store.Changes{}
		for _, id := range ids {
			a := newest[id]
			hash := advisoryHash(a)
			old, known := held[id]
			if known && (bytes.Equal(old.hash, hash) || old.modified > a.Modified.UnixMicro()) {
				continue
			}
			hashes[id] = hash
			switch {
			case !known:
				stats.Changes.Add(store.Changes{Added: 1, AddedIDs: []string{id}})
			case !a.Withdrawn.IsZero() && !old.withdrawn:
				stats.Changes.Add(store.Changes{Withdrawn: 1, WithdrawnIDs: []string{id}})
			default:
				stats.Changes.Add(store.Changes{Changed: 1, ChangedIDs: []string{id}})
			}
			if known {
				replaced = append(replaced, id)
			}
			changed = append(changed, id)
		}
		stats.Changed, stats.Unchanged = len(changed), len(ids)-len(changed)
		if len(changed) == 0 {
			return nil
		}

		if err := NoteUpdate(ctx, tx, now, update, stats.Changes); err != nil {
			return err
		}
		var of any
		if update.ID != 0 {
			of = update.ID
		}
		// What the old state named must be matched again as well as what the new one names.
		names, err := s.namesIn(ctx, tx, replaced)
		if err != nil {
			return err
		}
		var rows, affected [][]any
		for _, id := range changed {
			a := newest[id]
			rows = append(rows, []any{id, sqldb.JSON(a.Aliases), sqldb.JSON(a.Upstream), sqldb.JSON(a.Related), sqldb.NoNUL(a.Summary), sqldb.JSON(a.Severity), sqldb.NoNUL(a.Word),
				sqldb.Micros(a.Published), a.Modified.UnixMicro(), sqldb.Micros(a.Withdrawn), hashes[id], now, now, of})
			for i, f := range a.Affected {
				name := matchName{sqldb.NoNUL(crowsnest.CanonicalName(f.Ecosystem, f.Name)), sqldb.NoNUL(crowsnest.EcosystemBase(f.Ecosystem))}
				names[name] = true
				affected = append(affected, []any{id, i, name.base, name.name, sqldb.NoNUL(f.Ecosystem), sqldb.NoNUL(f.Name),
					sqldb.JSON(affectedDetail{f.Ranges, f.Versions, f.Severity, f.Word, f.State})})
			}
		}
		if err := s.db.InsertRows(ctx, tx, `insert into advisory (id, aliases, upstream, related, summary, severity, word, published_at, modified_at, withdrawn_at, content_hash, first_held_at, imported_at, update_id) values `,
			rows, ` on conflict (id) do update set aliases = excluded.aliases, upstream = excluded.upstream, related = excluded.related, summary = excluded.summary,
			severity = excluded.severity, word = excluded.word, published_at = excluded.published_at, modified_at = excluded.modified_at,
			withdrawn_at = excluded.withdrawn_at, content_hash = excluded.content_hash, imported_at = excluded.imported_at, update_id = excluded.update_id`); err != nil {
			return err
		}
		if err := sqldb.EachChunk(replaced, func(args []any) error {
			_, err := tx.ExecContext(ctx, `delete from advisory_affected where advisory_id in `+s.db.Parameters(1, len(args)), args...)
			return err
		}); err != nil {
			return err
		}
		if err := s.db.InsertRows(ctx, tx, `insert into advisory_affected (advisory_id, position, match_base, match_name, ecosystem, name, detail) values `, affected, ``); err != nil {
			return err
		}
		stats.Pending, err = s.markPending(ctx, tx, names)
		return err
	})
	return stats, err
}

type heldAdvisory struct {
	hash      []byte
	modified  int64
	withdrawn bool
}

func (s *Store) heldAdvisories(ctx context.Context, tx *sql.Tx, ids []string) (map[string]heldAdvisory, error) {
	held := make(map[string]heldAdvisory)
	err := sqldb.CollectIn(ctx, s.db, tx, ids, nil, func(in string) string {
		return `select id, content_hash, modified_at, withdrawn_at is not null from advisory where id in ` + in
	}, func(rows *sql.Rows) error {
		var id string
		var h heldAdvisory
		err := rows.Scan(&id, &h.hash, &h.modified, &h.withdrawn)
		held[id] = h
		return err
	})
	return held, err
}

// matchName is what an advisory names a package by.
type matchName struct{ name, base string }

// namesIn reads what the advisories name as they are held.
func (s *Store) namesIn(ctx context.Context, tx *sql.Tx, ids []string) (map[matchName]bool, error) {
	out := make(map[matchName]bool)
	err := sqldb.CollectIn(ctx, s.db, tx, ids, nil, func(in string) string {
		return `select distinct match_name, match_base from advisory_affected where advisory_id in ` + in
	}, func(rows *sql.Rows) error {
		var n matchName
		err := rows.Scan(&n.name, &n.base)
		out[n] = true
		return err
	})
	return out, err
}

// markPending marks the package versions of these names, and returns how many were not marked before. One that has two of them may be
// marked twice, which counts once.
func (s *Store) markPending(ctx context.Context, tx *sql.Tx, names map[matchName]bool) (int, error) {
	marked := 0
	list := slices.SortedFunc(maps.Keys(names), func(a, b matchName) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.base, b.base))
	})
	for part := range sqldb.Chunks(list) {
		args := make([]any, 0, 2*len(part))
		for _, n := range part {
			args = append(args, n.name, n.base)
		}
		// From the few names to the package versions that have them, never the other way round.
		if err := sqldb.Each(ctx, tx, func(rows *sql.Rows) error {
			var pending int64
			err := rows.Scan(&pending)
			if pending == 1 {
				marked++
			}
			return err
		}, `with named (match_name, match_base) as (values `+s.db.Values(len(part), "text", "text")+`)
			update package_version set generation = generation + 1 where id in (
				select p.id from named as a cross join package_version as p where p.match_name = a.match_name and p.match_base = a.match_base
				union
				select p.id from named as a cross join package_version as p where p.match_binary = a.match_name and p.match_base = a.match_base and p.match_binary <> ''
			) returning generation - matched_generation`, args...); err != nil {
			return marked, err
		}
	}
	return marked, nil
}

// advisoryHash covers everything matching and showing use, so that a record
// whose time alone changed counts as unchanged.
func advisoryHash(a *crowsnest.Advisory) []byte {
	b, err := json.Marshal(struct {
		A, U, R, S, V, W any
		WD               time.Time
		Aff              any
	}{a.Aliases, a.Upstream, a.Related, a.Summary, a.Severity, a.Word, a.Withdrawn, a.Affected})
	if err != nil {
		panic("shared: an advisory that JSON cannot write: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return sum[:16]
}

// AdvisoryStatuses implements store.Advisories.
func (s *Store) AdvisoryStatuses(ctx context.Context) ([]store.AdvisoryStatus, error) {
	list, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (store.AdvisoryStatus, error) {
		var a store.AdvisoryStatus
		var imported, checked int64
		var newest sql.NullInt64
		err := rows.Scan(&a.Ecosystem, &a.Fingerprint, &a.Records, &imported, &checked, &newest)
		a.Imported, a.Checked, a.Newest = sqldb.Time(imported), sqldb.Time(checked), sqldb.NullTime(newest)
		return a, err
	}, `select ecosystem, fingerprint, records, imported_at, checked_at, newest_at from advisory_source order by ecosystem`)
	return list, s.db.Error("read advisory status", "", err)
}

// PutAdvisoryStatus implements store.Advisories. A zero Imported keeps the time
// of the last import: the data was only found unchanged.
func (s *Store) PutAdvisoryStatus(ctx context.Context, status store.AdvisoryStatus) error {
	return s.db.Write(ctx, "store advisory status", status.Ecosystem, func(tx *sql.Tx, now int64) error {
		checked := now
		if !status.Checked.IsZero() { // data that was carried here does not become younger on the way
			checked = min(now, status.Checked.UnixMicro())
		}
		if status.Imported.IsZero() {
			_, err := tx.ExecContext(ctx, `update advisory_source set checked_at = $2 where ecosystem = $1 and checked_at < $2`, status.Ecosystem, checked)
			if err != nil {
				return err
			}
			return revision.Raise(ctx, tx, revision.Shared, store.AdvisoriesResource)
		}
		// Of what an ecosystem has no advisories of, nobody knows that nothing is found in it.
		var held bool
		if err := tx.QueryRowContext(ctx, `select exists (select 1 from advisory_source where ecosystem = $1)`, status.Ecosystem).Scan(&held); err != nil {
			return err
		}
		if !held {
			if err := due.Ecosystem(ctx, tx, crowsnest.EcosystemBase(status.Ecosystem)); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `insert into advisory_source (ecosystem, fingerprint, records, imported_at, checked_at, newest_at) values ($1, $2, $3, $4, $5, $6)
			on conflict (ecosystem) do update set fingerprint = excluded.fingerprint, records = excluded.records,
			imported_at = excluded.imported_at, newest_at = excluded.newest_at,
			checked_at = case when excluded.checked_at > advisory_source.checked_at then excluded.checked_at else advisory_source.checked_at end`,
			status.Ecosystem, status.Fingerprint, status.Records, now, checked, sqldb.Micros(status.Newest))
		if err != nil {
			return err
		}
		return revision.Raise(ctx, tx, revision.Shared, store.AdvisoriesResource)
	})
}
