package insight

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/decision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/feed"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/shared"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// maxMeanings bounds how many vulnerabilities are looked at behind one name.
const maxMeanings = 200

// VulnerabilityID returns the identifier of the vulnerability that a name means among those
// of the organisation's images.
func (s *Store) VulnerabilityID(ctx context.Context, org store.OrgID, name string) (string, error) {
	v, err := s.scope(ctx, org, "")
	if err != nil {
		return "", err
	}
	var bearers []string
	for _, spelling := range slices.Compact([]string{name, strings.ToUpper(name)}) {
		// A name may have been taken back since, so the findings are asked whether they still bear it.
		type finding struct{ vulnerability, advisory, aliases string }
		found, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (finding, error) {
			var f finding
			return f, rows.Scan(&f.vulnerability, &f.advisory, &f.aliases)
		}, `select distinct f.vulnerability, f.advisory_id, f.aliases from vulnerability_name as n cross join finding as f
			where n.name = `+v.after(1)+` and f.vulnerability = n.vulnerability and f.closed_at is null and f.decides and `+v.has(`f.package_version_id`)+`
			order by f.vulnerability limit `+strconv.Itoa(maxMeanings), v.followed(spelling)...)
		if err != nil {
			return "", s.db.Error("find vulnerability", name, err)
		}
		for _, f := range found {
			var aliases []string
			if err := sqldb.FromJSON(f.aliases, &aliases); err != nil {
				return "", s.db.Error("find vulnerability", name, err)
			}
			switch {
			case f.vulnerability == spelling:
				return spelling, nil
			case f.advisory == spelling || slices.Contains(aliases, spelling):
				bearers = append(bearers, f.vulnerability)
			}
		}
	}
	bearers = slices.Compact(bearers)
	switch len(bearers) {
	case 1:
		return bearers[0], nil
	case 0:
		return "", &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find vulnerability", Subject: name, Hint: "no image of the organisation has it"}
	}
	const most = 10
	return "", &crowsnest.Error{Kind: crowsnest.Conflict, Op: "find vulnerability", Subject: name,
		Hint: "it is about several, ask for one of them: " + strings.Join(bearers[:min(most, len(bearers))], ", ")}
}

// Vulnerability implements store.Vulnerabilities.
func (s *Store) Vulnerability(ctx context.Context, org store.OrgID, name string) (store.VulnerabilityDetail, error) {
	var out store.VulnerabilityDetail
	id, err := s.VulnerabilityID(ctx, org, name)
	if err != nil {
		return out, err
	}
	v, err := s.scope(ctx, org, "")
	if err != nil {
		return out, err
	}
	out.ID = id
	if err := s.vulnerability(ctx, org, v, &out); err != nil {
		return out, s.db.Error("read vulnerability", id, err)
	}
	return out, nil
}

func (s *Store) vulnerability(ctx context.Context, org store.OrgID, v scope, out *store.VulnerabilityDetail) error {
	affected, err := s.affected(ctx, v, out.ID)
	if err != nil {
		return err
	}
	threats, err := feed.Threats(ctx, s.db, []string{out.ID})
	if err != nil {
		return err
	}
	out.Threat = threats[out.ID]
	versions := make(map[int64][]string, len(affected))
	names := map[string]bool{out.ID: true}
	standing, err := s.decisions.Standing(ctx, s.db.Reader, org, v.environment)
	if err != nil {
		return err
	}
	hidden := make(map[spot]map[int64]bool)
	for id, a := range affected {
		out.Packages++
		versions[id] = []string{"", strconv.FormatInt(id, 10)}
		if f := standing.Found[decision.Pair{Version: id, Vulnerability: out.ID}]; f != nil {
			a.Suppressed = len(f.By)
			if f.Whole() {
				out.Packages--
				delete(versions, id)
			} else if len(f.By) > 0 {
				contents := standing.HiddenContents(f)
				hidden[spot{id, ""}], hidden[spot{id, strconv.FormatInt(id, 10)}] = contents, contents
			}
		}
		decides := a.Findings[0]
		out.Severity, out.Summary, out.FixedIn = max(out.Severity, decides.Severity), max(out.Summary, decides.Summary), out.FixedIn || decides.FixedVersion != ""
		if decides.CVSS != nil {
			out.Score = max(out.Score, decides.CVSS.Score)
		}
		if out.Since.IsZero() || a.Since.Before(out.Since) {
			out.Since = a.Since
		}
		for _, f := range a.Findings {
			names[f.Advisory] = true
			for _, alias := range f.Aliases {
				names[alias] = true
			}
		}
	}
	spreads, err := s.spread(ctx, org, v, versions, hidden)
	if err != nil {
		return err
	}
	for id, a := range affected {
		a.Images = spreads[strconv.FormatInt(id, 10)].images
		out.Affected = append(out.Affected, *a)
	}
	out.Images, out.Environments = spreads[""].images, spreads[""].environments
	slices.SortFunc(out.Affected, func(a, b store.AffectedVersion) int { return comparePackages(a.Package, b.Package) })
	if out.Sources, err = s.sources(ctx, slices.Sorted(maps.Keys(names)), out.Affected); err != nil {
		return err
	}
	out.Affected = out.Affected[:min(len(out.Affected), store.MaxVersions)]
	delete(names, out.ID)
	out.Aliases = slices.Sorted(maps.Keys(names))
	return nil
}

func comparePackages(a, b crowsnest.PackageVersion) int {
	return cmp.Or(strings.Compare(a.Type, b.Type), strings.Compare(a.Name, b.Name), strings.Compare(a.Version, b.Version), strings.Compare(a.PURL, b.PURL))
}

const versionColumns = `v.purl, v.type, v.name, v.version, v.ecosystem, v.source, v.source_version`

// versionFields are where versionColumns are scanned to.
func versionFields(p *crowsnest.PackageVersion) []any {
	return []any{&p.PURL, &p.Type, &p.Name, &p.Version, &p.Ecosystem, &p.Source, &p.SourceVersion}
}

const findingColumns = `f.vulnerability, f.advisory_id, f.aliases, f.summary, f.severity, f.cvss_version, f.cvss_score, f.cvss_vector, f.fixed_version, f.decides, f.state, f.score_from`

// scanFinding scans findingColumns between other columns.
func scanFinding(rows *sql.Rows, before, after []any) (crowsnest.Finding, error) {
	var f crowsnest.Finding
	var aliases string
	var cvss crowsnest.CVSS
	if err := rows.Scan(slices.Concat(before, []any{&f.Vulnerability, &f.Advisory, &aliases, &f.Summary, &f.Severity, &cvss.Version, &cvss.Score, &cvss.Vector, &f.FixedVersion, &f.Decides, &f.State, &f.ScoreFrom}, after)...); err != nil {
		return f, err
	}
	if cvss.Vector != "" {
		f.CVSS = &cvss
	}
	return f, sqldb.FromJSON(aliases, &f.Aliases)
}

// affected reads the package versions within that have a vulnerability, by their numbers.
func (s *Store) affected(ctx context.Context, v scope, id string) (map[int64]*store.AffectedVersion, error) {
	out := make(map[int64]*store.AffectedVersion)
	rows, err := s.db.Reader.QueryContext(ctx, `select f.package_version_id, f.opened_at, f.opened_by, `+findingColumns+`, `+versionColumns+`
		from finding as d cross join finding as f cross join package_version as v
		where d.vulnerability = `+v.after(1)+` and d.closed_at is null and d.decides and `+v.has(`d.package_version_id`)+`
			and f.package_version_id = d.package_version_id and f.vulnerability = d.vulnerability and f.closed_at is null and v.id = f.package_version_id
		order by f.advisory_id`, v.followed(id)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var version, opened int64
		var cause string
		var p crowsnest.PackageVersion
		f, err := scanFinding(rows, []any{&version, &opened, &cause}, versionFields(&p))
		if err != nil {
			return nil, err
		}
		a := out[version]
		if a == nil {
			a = &store.AffectedVersion{Package: p}
			out[version] = a
		}
		if !f.Decides {
			a.Findings = append(a.Findings, f)
			continue
		}
		a.Since, a.Cause = sqldb.Time(opened), cause
		a.Findings = slices.Insert(a.Findings, 0, f)
	}
	return out, rows.Err()
}

// sources reads what the advisories of these names say of the affected packages.
func (s *Store) sources(ctx context.Context, names []string, affected []store.AffectedVersion) ([]store.VulnerabilitySource, error) {
	type key struct{ base, name string }
	ours := make(map[key]bool)
	for _, a := range affected {
		for _, name := range a.Package.MatchNames() {
			ours[key{crowsnest.EcosystemBase(a.Package.Ecosystem), name}] = true
		}
	}
	index := make(map[string]int)
	var out []store.VulnerabilitySource
	if err := sqldb.CollectIn(ctx, s.db, s.db.Reader, names, nil, func(in string) string {
		return `select id, summary, severity, word, published_at, modified_at, withdrawn_at from advisory where id in ` + in + ` order by id`
	}, func(rows *sql.Rows) error {
		var a store.VulnerabilitySource
		var severity string
		var published, withdrawn sql.NullInt64
		var modified int64
		if err := rows.Scan(&a.ID, &a.Summary, &severity, &a.Word, &published, &modified, &withdrawn); err != nil {
			return err
		}
		a.Published, a.Modified, a.Withdrawn = sqldb.NullTime(published), sqldb.Time(modified), sqldb.NullTime(withdrawn)
		index[a.ID] = len(out)
		err := sqldb.FromJSON(severity, &a.Severity)
		out = append(out, a)
		return err
	}); err != nil {
		return nil, err
	}
	err := sqldb.CollectIn(ctx, s.db, s.db.Reader, names, nil, func(in string) string {
		return `select advisory_id, match_base, match_name, ecosystem, name, detail from advisory_affected where advisory_id in ` + in + ` order by advisory_id, position`
	}, func(rows *sql.Rows) error {
		var id, detail string
		var k key
		var a crowsnest.Affected
		if err := rows.Scan(&id, &k.base, &k.name, &a.Ecosystem, &a.Name, &detail); err != nil || !ours[k] {
			return err
		}
		i, ok := index[id]
		if !ok {
			return nil // imported between the two reads
		}
		err := shared.AffectedDetail(detail, &a)
		out[i].Affected = append(out[i].Affected, a)
		return err
	})
	return out, err
}
