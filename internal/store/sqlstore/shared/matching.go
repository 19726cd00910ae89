package shared

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/due"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// PendingPackages implements store.Matching. Each part is read from an index of its own.
//
// What is to be matched is read on the connection that writes: of SQLite's connections those that only read forget all pages they hold
// whenever something was written, and matching writes between any two of its reads.
func (s *Store) PendingPackages(ctx context.Context, rules, limit int) ([]store.Pending, error) {
	list, err := sqldb.Collect(ctx, s.db.Writer, func(rows *sql.Rows) (store.Pending, error) {
		var p store.Pending
		err := rows.Scan(&p.ID, &p.Generation, &p.Package.PURL, &p.Package.Type, &p.Package.Name, &p.Package.Version,
			&p.Package.Ecosystem, &p.Package.Source, &p.Package.SourceVersion)
		return p, err
	}, `with marked as (select id from package_version where generation <> matched_generation and matched_rules <= $1 order by id limit $2),
			old as (select id from package_version where matched_rules < $1 order by matched_rules, id limit $2)
		select v.id, v.generation, v.purl, v.type, v.name, v.version, v.ecosystem, v.source, v.source_version
		from (select id from marked union select id from old) as p`+s.db.Lookup(`package_version`, `v`, `v.id = p.id`)+`
		order by case when v.generation <> v.matched_generation then 0 else 1 end, v.id limit $2`, rules, limit)
	return list, s.db.Error("read package versions to match", "", err)
}

// Candidates implements store.Matching.
func (s *Store) Candidates(ctx context.Context, pending []store.Pending) (map[int64][]*crowsnest.Advisory, error) {
	type key struct{ base, name string }
	asking := make(map[key][]int64)
	for _, p := range pending {
		for _, name := range p.Package.MatchNames() {
			k := key{crowsnest.EcosystemBase(p.Package.Ecosystem), name}
			asking[k] = append(asking[k], p.ID)
		}
	}
	keys := make([]key, 0, len(asking))
	for k := range asking {
		keys = append(keys, k)
	}

	out := make(map[int64][]*crowsnest.Advisory)
	for part := range sqldb.Chunks(keys) {
		args := make([]any, 0, 2*len(part))
		for _, k := range part {
			args = append(args, k.name, k.base)
		}
		rows, err := s.db.Writer.QueryContext(ctx, `select f.match_base, f.match_name, f.ecosystem, f.name, f.detail,
				a.id, a.aliases, a.upstream, a.related, a.summary, a.severity, a.word, a.published_at, a.modified_at, a.withdrawn_at
			from advisory_affected as f join advisory as a on a.id = f.advisory_id
			where (f.match_name, f.match_base) in (values `+s.db.Values(len(part), "", "")+`)
			order by f.match_base, f.match_name, a.id, f.position`, args...)
		if err != nil {
			return nil, s.db.Error("read advisories", "", err)
		}
		// Rows of one advisory and one name come together; they make one candidate.
		var current key
		var last *crowsnest.Advisory
		err = func() error {
			defer rows.Close()
			for rows.Next() {
				var k key
				var f crowsnest.Affected
				var a crowsnest.Advisory
				var detail, aliases, upstream, related, severity string
				var published, withdrawn sql.NullInt64
				var modified int64
				if err := rows.Scan(&k.base, &k.name, &f.Ecosystem, &f.Name, &detail, &a.ID, &aliases, &upstream, &related,
					&a.Summary, &severity, &a.Word, &published, &modified, &withdrawn); err != nil {
					return err
				}
				if err := AffectedDetail(detail, &f); err != nil {
					return err
				}
				if last != nil && current == k && last.ID == a.ID {
					last.Affected = append(last.Affected, f)
					continue
				}
				for _, field := range []struct {
					text string
					into any
				}{{aliases, &a.Aliases}, {upstream, &a.Upstream}, {related, &a.Related}, {severity, &a.Severity}} {
					if err := sqldb.FromJSON(field.text, field.into); err != nil {
						return err
					}
				}
				a.Published, a.Modified, a.Withdrawn = sqldb.NullTime(published), sqldb.Time(modified), sqldb.NullTime(withdrawn)
				a.Affected = []crowsnest.Affected{f}
				last, current = &a, k
				for _, id := range asking[k] {
					out[id] = append(out[id], last)
				}
			}
			return rows.Err()
		}()
		if err != nil {
			return nil, s.db.Error("read advisories", "", err)
		}
	}
	return out, nil
}

type openFinding struct {
	id, version int64
	crowsnest.Finding
}

type findingKey struct{ vulnerability, advisory string }

// SaveFindings implements store.Matching.
func (s *Store) SaveFindings(ctx context.Context, rules int, matched []store.Matched) error {
	return s.db.Write(ctx, "store findings", "", func(tx *sql.Tx, now int64) error {
		if _, err := tx.ExecContext(ctx, s.db.Choose(LockMatching)); err != nil {
			return err
		}
		matched, before, err := s.current(ctx, tx, rules, matched)
		if err != nil {
			return err
		}
		ids := make([]int64, len(matched))
		for i, m := range matched {
			ids[i] = m.ID
		}
		open, err := s.openFindings(ctx, tx, ids)
		if err != nil {
			return err
		}
		diff := newFindingDiff(matched, open)
		facts, err := s.advisoryFacts(ctx, tx, diff.advisories)
		if err != nil {
			return err
		}
		c := causes{rules: rules, before: before, facts: facts}
		if err := s.closeFindings(ctx, tx, now, diff.gone, c); err != nil {
			return err
		}
		changed := make([][]any, len(diff.changed))
		for i, f := range diff.changed {
			changed[i] = append([]any{f.id}, findingValues(f.Finding)...)
		}
		if err := s.db.EachTable(ctx, tx, append([]string{"bigint"}, s.findingTypes()...), changed, func(table string) string {
			return `with c (id, aliases, summary, severity, cvss_version, cvss_score, cvss_vector, fixed_version, decides, state, score_from) as (` + table + `)
				update finding set aliases = c.aliases, summary = c.summary, severity = c.severity, cvss_version = c.cvss_version, cvss_score = c.cvss_score,
					cvss_vector = c.cvss_vector, fixed_version = c.fixed_version, decides = c.decides, state = c.state, score_from = c.score_from
				from c where c.id = finding.id`
		}); err != nil {
			return err
		}
		rows := make([][]any, len(diff.opened))
		for i, f := range diff.opened {
			rows[i] = append([]any{f.id, f.version, f.Vulnerability, f.Advisory, now, c.opening(f)}, findingValues(f.Finding)...)
		}
		types := append([]string{"bigint", "bigint", "text", "text", "bigint", "text"}, s.findingTypes()...)
		if err := s.db.InsertTable(ctx, tx, `insert into finding (id, package_version_id, vulnerability, advisory_id, opened_at, opened_by,
			aliases, summary, severity, cvss_version, cvss_score, cvss_vector, fixed_version, decides, state, score_from) `, types, rows, ``); err != nil {
			return err
		}
		if err := s.applyFindingChanges(ctx, tx, diff.counts); err != nil {
			return err
		}
		if err := s.saveNames(ctx, tx, slices.Concat(diff.opened, diff.changed)); err != nil {
			return err
		}
		if err := s.saveMatched(ctx, tx, now, rules, matched); err != nil || !diff.changes() {
			return err
		}
		if err := s.countOfUpdates(ctx, tx, diff, c); err != nil {
			return err
		}
		if err := due.Packages(ctx, s.db, tx, diff.versions()); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, revision.Shared, store.ImagesResource, store.EnvironmentsResource, store.FindingsResource)
	})
}

// saveMatched notes that package versions were matched, and what was found by severity.
func (s *Store) saveMatched(ctx context.Context, tx *sql.Tx, now int64, rules int, matched []store.Matched) error {
	done := make([][]any, len(matched))
	for i, m := range matched {
		var count findingChange
		var worstFirst any
		seen := make(map[findingKey]bool, len(m.Findings))
		for _, f := range m.Findings {
			if key := (findingKey{f.Vulnerability, f.Advisory}); !seen[key] {
				seen[key] = true
				count.add(f, 1)
				if w, ok := worstFirst.(int64); f.Decides && (!ok || -weight(f) < w) {
					worstFirst = -weight(f)
				}
			}
		}
		done[i] = []any{m.ID, m.Generation, now, worstFirst, count[crowsnest.Critical], count[crowsnest.High], count[crowsnest.Medium], count[crowsnest.Low], count[crowsnest.Unspecified], sqldb.NoNUL(m.Update.Version), m.Update.Leaves, rules}
	}
	types := []string{"bigint", "bigint", "bigint", "bigint", "bigint", "bigint", "bigint", "bigint", "bigint", "text", "bigint", "bigint"}
	return s.db.EachTable(ctx, tx, types, done, func(table string) string {
		return `with m (id, generation, at, worst_first, critical, high, medium, low, unspecified, update_version, update_leaves, rules) as (` + table + `)
			update package_version set matched_at = m.at, matched_generation = m.generation, worst_first = m.worst_first,
				critical = m.critical, high = m.high, medium = m.medium, low = m.low, unspecified = m.unspecified,
				update_version = m.update_version, update_leaves = m.update_leaves, matched_rules = m.rules
			from m where m.id = package_version.id`
	})
}

// weight orders findings from bad to worse, as finding.weight does.
func weight(f crowsnest.Finding) int64 {
	w := int64(f.Severity) * 1000
	if f.CVSS != nil {
		w += int64(math.Round(f.CVSS.Score * 10))
	}
	return w
}

// saveNames keeps every name of what is found otherwise than before, for whoever asks by another than the finding's own. The names of
// what is found as it was are kept already.
func (s *Store) saveNames(ctx context.Context, tx *sql.Tx, found []openFinding) error {
	type pair struct{ name, vulnerability string }
	pairs := make(map[pair]bool)
	for _, f := range found {
		for _, name := range append([]string{f.Vulnerability, f.Advisory}, f.Aliases...) {
			pairs[pair{name, f.Vulnerability}] = true
		}
	}
	rows := make([][]any, 0, len(pairs))
	for _, p := range slices.SortedFunc(maps.Keys(pairs), func(a, b pair) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.vulnerability, b.vulnerability))
	}) {
		rows = append(rows, []any{p.name, p.vulnerability})
	}
	return s.db.InsertTable(ctx, tx, `insert into vulnerability_name (name, vulnerability) `, []string{"text", "text"}, rows, ` on conflict (name, vulnerability) do nothing`)
}

// findingDiff is what must be done to make the open findings those that were matched.
type findingDiff struct {
	opened     []openFinding
	gone       []openFinding
	changed    []openFinding // as they are now
	counts     map[int64]*findingChange
	advisories map[string]bool // of what is opened or gone
	was, is    map[ofVersion]bool
}

func newFindingDiff(matched []store.Matched, open map[int64]map[findingKey]openFinding) findingDiff {
	d := findingDiff{counts: make(map[int64]*findingChange), advisories: make(map[string]bool), was: make(map[ofVersion]bool), is: make(map[ofVersion]bool)}
	for _, m := range matched {
		change := &findingChange{}
		d.counts[m.ID] = change
		was := open[m.ID]
		seen := make(map[findingKey]bool, len(m.Findings))
		for _, f := range m.Findings {
			key := findingKey{f.Vulnerability, f.Advisory}
			if seen[key] {
				continue
			}
			seen[key], d.is[ofVersion{m.ID, f.Vulnerability}] = true, true
			change.add(f, 1)
			old, ok := was[key]
			if !ok {
				d.advisories[f.Advisory] = true
				d.opened = append(d.opened, openFinding{sqldb.NewID(), m.ID, f})
				continue
			}
			change.add(old.Finding, -1)
			if !sameFinding(old.Finding, f) {
				d.changed = append(d.changed, openFinding{old.id, m.ID, f})
			}
		}
		for key, old := range was {
			d.was[ofVersion{m.ID, old.Vulnerability}] = true
			if !seen[key] {
				change.add(old.Finding, -1)
				d.advisories[old.Advisory] = true
				d.gone = append(d.gone, old)
			}
		}
	}
	return d
}

// versions returns the package versions of which something is found otherwise, each once.
func (d findingDiff) versions() []int64 {
	var out []int64
	for _, list := range [][]openFinding{d.opened, d.gone, d.changed} {
		for _, f := range list {
			out = append(out, f.version)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// changes reports whether there is anything to be done.
func (d findingDiff) changes() bool { return len(d.opened)+len(d.gone)+len(d.changed) > 0 }

// findingValues are the columns of a finding that may change while it is open.
func findingValues(f crowsnest.Finding) []any {
	var cvss crowsnest.CVSS
	if f.CVSS != nil {
		cvss = *f.CVSS
	}
	return []any{sqldb.JSON(f.Aliases), f.Summary, f.Severity, cvss.Version, cvss.Score, cvss.Vector, f.FixedVersion, f.Decides, string(f.State), f.ScoreFrom}
}

// findingTypes are the types of findingValues.
func (s *Store) findingTypes() []string {
	return []string{"text", "text", "bigint", "text", s.db.Float, "text", "text", s.db.Boolean, "text", "text"}
}

func sameFinding(a, b crowsnest.Finding) bool {
	if (a.CVSS == nil) != (b.CVSS == nil) || a.CVSS != nil && *a.CVSS != *b.CVSS {
		return false
	}
	return slices.Equal(a.Aliases, b.Aliases) && a.Summary == b.Summary && a.Severity == b.Severity && a.FixedVersion == b.FixedVersion && a.Decides == b.Decides &&
		a.State == b.State && a.ScoreFrom == b.ScoreFrom
}

func (s *Store) openFindings(ctx context.Context, tx *sql.Tx, packageVersions []int64) (map[int64]map[findingKey]openFinding, error) {
	out := make(map[int64]map[findingKey]openFinding)
	err := sqldb.Each(ctx, tx, func(rows *sql.Rows) error {
		var f openFinding
		var aliases string
		var cvss crowsnest.CVSS
		if err := rows.Scan(&f.id, &f.version, &f.Vulnerability, &f.Advisory, &aliases, &f.Summary, &f.Severity, &cvss.Version, &cvss.Score, &cvss.Vector,
			&f.FixedVersion, &f.Decides, &f.State, &f.ScoreFrom); err != nil {
			return err
		}
		if err := sqldb.FromJSON(aliases, &f.Aliases); err != nil {
			return err
		}
		if cvss.Vector != "" {
			f.CVSS = &cvss
		}
		if out[f.version] == nil {
			out[f.version] = make(map[findingKey]openFinding)
		}
		out[f.version][findingKey{f.Vulnerability, f.Advisory}] = f
		return nil
	}, `select f.id, f.package_version_id, f.vulnerability, f.advisory_id, f.aliases, f.summary, f.severity, f.cvss_version, f.cvss_score, f.cvss_vector,
			f.fixed_version, f.decides, f.state, f.score_from
		from (`+s.db.Numbers(`cast($1 as text)`, `id`)+`) as v`+s.db.Lookup(`finding`, `f`, `f.package_version_id = v.id and f.closed_at is null`), sqldb.Join(packageVersions))
	return out, err
}
