package sqlstore

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// PendingPackages implements store.Matching.
func (s *Store) PendingPackages(ctx context.Context, limit int) ([]store.Pending, error) {
	list, err := collect(ctx, s.reader, func(rows *sql.Rows) (store.Pending, error) {
		var p store.Pending
		err := rows.Scan(&p.ID, &p.Generation, &p.Package.PURL, &p.Package.Type, &p.Package.Name, &p.Package.Version,
			&p.Package.Ecosystem, &p.Package.Source, &p.Package.SourceVersion)
		return p, err
	}, `select id, generation, purl, type, name, version, ecosystem, source, source_version from package_version where generation <> matched_generation order by id limit $1`, limit)
	return list, s.storeError("read package versions to match", "", err)
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
	for part := range slices.Chunk(keys, chunk) {
		args := make([]any, 0, 2*len(part))
		values := ""
		for i, k := range part {
			if i > 0 {
				values += ","
			}
			values += placeholders(len(args)+1, 2)
			args = append(args, k.name, k.base)
		}
		rows, err := s.reader.QueryContext(ctx, `select f.match_base, f.match_name, f.ecosystem, f.name, f.detail,
				a.id, a.aliases, a.upstream, a.related, a.summary, a.severity, a.word, a.published_at, a.modified_at, a.withdrawn_at
			from advisory_affected as f join advisory as a on a.id = f.advisory_id
			where (f.match_name, f.match_base) in (values `+values+`)
			order by f.match_base, f.match_name, a.id, f.position`, args...)
		if err != nil {
			return nil, s.storeError("read advisories", "", err)
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
				var d affectedDetail
				if err := fromJSON(detail, &d); err != nil {
					return err
				}
				f.Ranges, f.Versions, f.Severity, f.Word = d.Ranges, d.Versions, d.Severity, d.Word
				if last != nil && current == k && last.ID == a.ID {
					last.Affected = append(last.Affected, f)
					continue
				}
				for _, field := range []struct {
					text string
					into any
				}{{aliases, &a.Aliases}, {upstream, &a.Upstream}, {related, &a.Related}, {severity, &a.Severity}} {
					if err := fromJSON(field.text, field.into); err != nil {
						return err
					}
				}
				a.Published, a.Modified, a.Withdrawn = fromNullMicros(published), fromMicros(modified), fromNullMicros(withdrawn)
				a.Affected = []crowsnest.Affected{f}
				last, current = &a, k
				for _, id := range asking[k] {
					out[id] = append(out[id], last)
				}
			}
			return rows.Err()
		}()
		if err != nil {
			return nil, s.storeError("read advisories", "", err)
		}
	}
	return out, nil
}

// The causes for which findings open and close.
const (
	causePackage   = "package new"
	causePublished = "advisory published"
	causeChanged   = "advisory changed"
	causeWithdrawn = "advisory withdrawn"
)

type openFinding struct {
	id int64
	crowsnest.Finding
}

type findingKey struct{ vulnerability, advisory string }

// SaveFindings implements store.Matching.
func (s *Store) SaveFindings(ctx context.Context, matched []store.Matched) error {
	return s.write(ctx, "store findings", "", func(tx *sql.Tx, now int64) error {
		matched, matchedBefore, err := s.current(ctx, tx, matched)
		if err != nil {
			return err
		}
		ids := make([]int64, len(matched))
		for i, m := range matched {
			ids[i] = m.ID
		}
		open, err := openFindings(ctx, tx, ids)
		if err != nil {
			return err
		}
		var closing []openFinding
		var inserts, updates [][]any
		advisories := make(map[string]bool)
		for _, m := range matched {
			was := open[m.ID]
			for _, f := range m.Findings {
				key := findingKey{f.Vulnerability, f.Advisory}
				cvss := crowsnest.CVSS{}
				if f.CVSS != nil {
					cvss = *f.CVSS
				}
				values := []any{toJSON(f.Aliases), f.Summary, f.Severity, cvss.Version, cvss.Score, cvss.Vector, f.FixedVersion, f.Decides}
				if old, ok := was[key]; ok {
					delete(was, key)
					if !sameFinding(old.Finding, f) {
						updates = append(updates, append(values, old.id))
					}
					continue
				}
				advisories[f.Advisory] = true
				inserts = append(inserts, append([]any{newID(), m.ID, f.Vulnerability, f.Advisory}, append(values, now, matchedBefore[m.ID])...))
			}
			for _, old := range was {
				closing = append(closing, old)
				advisories[old.Advisory] = true
			}
		}
		facts, err := advisoryFacts(ctx, tx, advisories)
		if err != nil {
			return err
		}

		for _, f := range closing {
			cause := causeChanged
			if fact, ok := facts[f.Advisory]; !ok || fact.withdrawn {
				cause = causeWithdrawn
			}
			if _, err := tx.ExecContext(ctx, `update finding set closed_at = $2, closed_by = $3 where id = $1`, f.id, now, cause); err != nil {
				return err
			}
		}
		for _, u := range updates {
			if _, err := tx.ExecContext(ctx, `update finding set aliases = $1, summary = $2, severity = $3, cvss_version = $4, cvss_score = $5, cvss_vector = $6,
				fixed_version = $7, decides = $8 where id = $9`, u...); err != nil {
				return err
			}
		}
		for _, row := range inserts {
			last := len(row) - 1
			before := row[last].(int64)
			cause := causePackage
			if before > 0 {
				cause = causeChanged
				if facts[row[3].(string)].firstHeld > before {
					cause = causePublished
				}
			}
			row[last] = cause
		}
		if err := insertRows(ctx, tx, `insert into finding (id, package_version_id, vulnerability, advisory_id, aliases, summary, severity,
			cvss_version, cvss_score, cvss_vector, fixed_version, decides, opened_at, opened_by) values `, inserts,
			` on conflict (package_version_id, vulnerability, advisory_id) where closed_at is null do nothing`); err != nil {
			return err
		}
		for _, m := range matched {
			if _, err := tx.ExecContext(ctx, `update package_version set matched_at = $3, matched_generation = $2 where id = $1`,
				m.ID, m.Generation, now); err != nil {
				return err
			}
		}
		return nil
	})
}

func sameFinding(a, b crowsnest.Finding) bool {
	if (a.CVSS == nil) != (b.CVSS == nil) || a.CVSS != nil && *a.CVSS != *b.CVSS {
		return false
	}
	return slices.Equal(a.Aliases, b.Aliases) && a.Summary == b.Summary && a.Severity == b.Severity && a.FixedVersion == b.FixedVersion && a.Decides == b.Decides
}

func openFindings(ctx context.Context, tx *sql.Tx, packageVersions []int64) (map[int64]map[findingKey]openFinding, error) {
	out := make(map[int64]map[findingKey]openFinding)
	err := eachChunk(packageVersions, func(args []any) error {
		rows, err := tx.QueryContext(ctx, `select id, package_version_id, vulnerability, advisory_id, aliases, summary, severity, cvss_version, cvss_score, cvss_vector,
			fixed_version, decides from finding where closed_at is null and package_version_id in `+placeholders(1, len(args)), args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var pv int64
			var f openFinding
			var aliases string
			var cvss crowsnest.CVSS
			if err := rows.Scan(&f.id, &pv, &f.Vulnerability, &f.Advisory, &aliases, &f.Summary, &f.Severity, &cvss.Version, &cvss.Score, &cvss.Vector,
				&f.FixedVersion, &f.Decides); err != nil {
				return err
			}
			if err := fromJSON(aliases, &f.Aliases); err != nil {
				return err
			}
			if cvss.Vector != "" {
				f.CVSS = &cvss
			}
			if out[pv] == nil {
				out[pv] = make(map[findingKey]openFinding)
			}
			out[pv][findingKey{f.Vulnerability, f.Finding.Advisory}] = f
		}
		return rows.Err()
	})
	return out, err
}

// current locks the package versions and drops the results that are of an older
// generation than what is known now: they would close findings that a newer match
// opened. It also returns when each was matched before, in microseconds.
func (s *Store) current(ctx context.Context, tx *sql.Tx, matched []store.Matched) ([]store.Matched, map[int64]int64, error) {
	byID := make(map[int64]store.Matched, len(matched))
	for _, m := range matched {
		byID[m.ID] = m
	}
	var fresh []store.Matched
	before := make(map[int64]int64, len(matched))
	err := eachChunk(slices.Sorted(maps.Keys(byID)), func(args []any) error {
		in := placeholders(1, len(args))
		if err := s.lock(ctx, tx, in, args); err != nil {
			return err
		}
		_, err := collect(ctx, tx, func(rows *sql.Rows) (struct{}, error) {
			var id, generation, at int64
			err := rows.Scan(&id, &generation, &at)
			if m := byID[id]; m.Generation == generation {
				fresh = append(fresh, m)
				before[id] = at
			}
			return struct{}{}, err
		}, `select id, generation, coalesce(matched_at, 0) from package_version where id in `+in+` order by id`, args...)
		return err
	})
	return fresh, before, err
}

type advisoryFact struct {
	firstHeld int64 // when this installation first held it
	withdrawn bool
}

func advisoryFacts(ctx context.Context, tx *sql.Tx, ids map[string]bool) (map[string]advisoryFact, error) {
	out := make(map[string]advisoryFact, len(ids))
	list := make([]string, 0, len(ids))
	for id := range ids {
		list = append(list, id)
	}
	err := eachChunk(list, func(args []any) error {
		rows, err := tx.QueryContext(ctx, `select id, first_held_at, withdrawn_at is not null from advisory where id in `+placeholders(1, len(args)), args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			var f advisoryFact
			if err := rows.Scan(&id, &f.firstHeld, &f.withdrawn); err != nil {
				return err
			}
			out[id] = f
		}
		return rows.Err()
	})
	return out, err
}
