package shared

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/finding"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// before is how a package version was last matched.
type before struct {
	at    int64 // microseconds; 0 for never
	rules int   // 0 where that is not known
}

// advisoryFact is what tells whether an advisory is the cause.
type advisoryFact struct {
	firstHeld int64 // when this installation first held it, in microseconds
	imported  int64 // when its present state came
	withdrawn bool
	update    int64 // that brought its present state; 0 where that is not known
}

// causes tells for what findings open and close. An advisory that came or changed since the last match is the cause where there is
// one: it would have been matched again whatever the rules are.
type causes struct {
	rules  int
	before map[int64]before
	facts  map[string]advisoryFact
}

func (c causes) opening(f openFinding) string {
	was, fact := c.before[f.version], c.facts[f.Advisory]
	switch {
	case was.at == 0:
		return finding.PackageNew
	case fact.firstHeld > was.at:
		return finding.AdvisoryPublished
	}
	return c.changed(was, fact)
}

func (c causes) closing(f openFinding) string {
	fact, held := c.facts[f.Advisory]
	if !held || fact.withdrawn {
		return finding.AdvisoryWithdrawn
	}
	return c.changed(c.before[f.version], fact)
}

// changed is the cause if the advisory is held and was before: it changed, or the rules did. If neither did, another advisory about
// the same package changed which vulnerability it is of.
func (c causes) changed(was before, fact advisoryFact) string {
	if fact.imported <= was.at && was.rules < c.rules {
		return finding.RuleChanged
	}
	return finding.AdvisoryChanged
}

// current drops the results that are of an older generation than what is known now, or of older rules: they
// would close findings that a newer match opened. It also returns how each was matched before.
func (s *Store) current(ctx context.Context, tx *sql.Tx, rules int, matched []store.Matched) ([]store.Matched, map[int64]before, error) {
	byID := make(map[int64]store.Matched, len(matched))
	for _, m := range matched {
		byID[m.ID] = m
	}
	var fresh []store.Matched
	last := make(map[int64]before, len(matched))
	err := sqldb.Each(ctx, tx, func(rows *sql.Rows) error {
		var id, generation int64
		var b before
		err := rows.Scan(&id, &generation, &b.at, &b.rules)
		if m := byID[id]; m.Generation == generation && b.rules <= rules {
			fresh = append(fresh, m)
			last[id] = b
		}
		return err
	}, `select p.id, p.generation, coalesce(p.matched_at, 0), p.matched_rules
		from (`+s.db.Numbers(`cast($1 as text)`, `id`)+`) as v`+s.db.Lookup(`package_version`, `p`, `p.id = v.id`)+` order by p.id`, sqldb.Join(slices.Collect(maps.Keys(byID))))
	return fresh, last, err
}

func (s *Store) advisoryFacts(ctx context.Context, tx *sql.Tx, ids map[string]bool) (map[string]advisoryFact, error) {
	out := make(map[string]advisoryFact, len(ids))
	err := sqldb.CollectIn(ctx, s.db, tx, slices.Collect(maps.Keys(ids)), nil, func(in string) string {
		return `select id, first_held_at, imported_at, withdrawn_at is not null, coalesce(update_id, 0) from advisory where id in ` + in
	}, func(rows *sql.Rows) error {
		var id string
		var f advisoryFact
		err := rows.Scan(&id, &f.firstHeld, &f.imported, &f.withdrawn, &f.update)
		out[id] = f
		return err
	})
	return out, err
}

// closeFindings ends findings, each with its cause.
func (s *Store) closeFindings(ctx context.Context, tx *sql.Tx, now int64, gone []openFinding, c causes) error {
	byCause := make(map[string][]int64)
	for _, f := range gone {
		cause := c.closing(f)
		byCause[cause] = append(byCause[cause], f.id)
	}
	for cause, ids := range byCause {
		if err := sqldb.EachChunk(ids, func(args []any) error {
			_, err := tx.ExecContext(ctx, `update finding set closed_at = $1, closed_by = $2 where id in `+s.db.Parameters(3, len(args)), append([]any{now, cause}, args...)...)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// ofVersion is a vulnerability of a package version.
type ofVersion struct {
	version       int64
	vulnerability string
}

// countOfUpdates counts, with the updates that are the cause, the vulnerabilities of package versions that are found now and were not,
// and those that are no longer: whichever sources say so.
func (s *Store) countOfUpdates(ctx context.Context, tx *sql.Tx, d findingDiff, c causes) error {
	// What only goes by another vulnerability now, as another record names it so, came with the newest change about the package.
	newest := make(map[int64]advisoryFact)
	seen := func(version int64, advisory string) {
		if f := c.facts[advisory]; f.imported > c.before[version].at && f.imported > newest[version].imported {
			newest[version] = f
		}
	}
	opened, closed := make(map[ofVersion]int64), make(map[ofVersion]int64)
	for _, f := range d.opened {
		seen(f.version, f.Advisory)
	}
	for _, f := range d.gone {
		seen(f.version, f.Advisory)
	}
	note := func(of map[ofVersion]int64, v ofVersion, advisory string, decides bool) {
		update := newest[v.version].update
		if f := c.facts[advisory]; f.imported > c.before[v.version].at {
			update = f.update
		}
		if _, ok := of[v]; !ok || decides {
			of[v] = update
		}
	}
	for _, f := range d.opened {
		if cause := c.opening(f); cause != finding.PackageNew && cause != finding.RuleChanged && !d.was[ofVersion{f.version, f.Vulnerability}] {
			note(opened, ofVersion{f.version, f.Vulnerability}, f.Advisory, f.Decides)
		}
	}
	for _, f := range d.gone {
		if c.closing(f) != finding.RuleChanged && !d.is[ofVersion{f.version, f.Vulnerability}] {
			note(closed, ofVersion{f.version, f.Vulnerability}, f.Advisory, f.Decides)
		}
	}
	type counts struct{ opened, closed int64 }
	byUpdate := make(map[int64]counts)
	for _, update := range opened {
		n := byUpdate[update]
		n.opened++
		byUpdate[update] = n
	}
	for _, update := range closed {
		n := byUpdate[update]
		n.closed++
		byUpdate[update] = n
	}
	delete(byUpdate, 0)
	for _, update := range slices.Sorted(maps.Keys(byUpdate)) {
		n := byUpdate[update]
		if _, err := tx.ExecContext(ctx, `update advisory_update set opened = opened + $2, closed = closed + $3 where id = $1`, update, n.opened, n.closed); err != nil {
			return err
		}
	}
	return nil
}
