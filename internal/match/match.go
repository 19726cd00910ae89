package match

import (
	"cmp"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// Match returns the findings of one package version among candidate
// advisories: all that name the package by one of its MatchNames. Candidates that do not are
// passed over, as are withdrawn ones. Each advisory gives one finding for each
// vulnerability it is about. They are sorted by vulnerability, then from the
// source that decides to the last; exactly one for each vulnerability has Decides
// set. Neither candidates nor the advisories are changed, and nothing in the
// result is shared with them but strings.
func Match(pv crowsnest.PackageVersion, candidates []*crowsnest.Advisory) []crowsnest.Finding {
	subjects := subjectsOf(pv)
	if len(subjects) == 0 {
		return nil
	}
	var naming []*crowsnest.Advisory
	var hits []hit
	for _, a := range distinct(candidates) {
		h := hit{advisory: a}
		named := false
		for _, s := range subjects {
			st := stateOf(pv.Ecosystem, s.name, a)
			named = named || len(st.entries) > 0 || names(a, pv.Ecosystem, s.name)
			if len(h.entries) > 0 || len(st.entries) == 0 {
				continue
			}
			h.entries, h.fix = st.hits(s.version)
		}
		if named {
			naming = append(naming, a)
		}
		if len(h.entries) > 0 {
			hits = append(hits, h)
		}
	}
	if len(hits) == 0 {
		return nil
	}
	return findings(crowsnest.EcosystemBase(pv.Ecosystem), identify(naming), hits)
}

// hit is an advisory that affects the package version.
type hit struct {
	advisory *crowsnest.Advisory
	entries  []*crowsnest.Affected // by which it does
	fix      string
}

// names reports that an advisory speaks of a package, in whatever release.
func names(a *crowsnest.Advisory, ecosystem, name string) bool {
	base := crowsnest.EcosystemBase(ecosystem)
	return slices.ContainsFunc(a.Affected, func(aff crowsnest.Affected) bool {
		return crowsnest.EcosystemBase(aff.Ecosystem) == base && crowsnest.CanonicalName(base, aff.Name) == name
	})
}

// distinct returns the candidates that stand, one for each ID: the newest. Records of one ID
// and one time are parts of one record, as a store hands them out that looks for two names
// of a package, or the same record from two ecosystems' sets; their entries are put together.
func distinct(candidates []*crowsnest.Advisory) []*crowsnest.Advisory {
	out := make([]*crowsnest.Advisory, 0, len(candidates))
	at := make(map[string]int, len(candidates))
	for _, a := range candidates {
		if a == nil || strings.TrimSpace(a.ID) == "" {
			continue
		}
		i, seen := at[a.ID]
		if !seen {
			at[a.ID] = len(out)
			out = append(out, a)
			continue
		}
		switch c := a.Modified.Compare(out[i].Modified); {
		case c > 0:
			out[i] = a
		case c == 0 && a != out[i]:
			out[i] = together(a, out[i])
		}
	}
	return slices.DeleteFunc(out, func(a *crowsnest.Advisory) bool { return !a.Withdrawn.IsZero() })
}

// together joins the entries of two records. Should the rest differ, it is decided by
// content, so that the order of candidates does not matter.
func together(a, b *crowsnest.Advisory) *crowsnest.Advisory {
	c := cmp.Or(
		b.Withdrawn.Compare(a.Withdrawn),
		strings.Compare(a.Summary, b.Summary),
		strings.Compare(a.Word, b.Word),
		slices.Compare(a.Aliases, b.Aliases),
		slices.Compare(a.Upstream, b.Upstream),
		slices.Compare(a.Related, b.Related),
		slices.CompareFunc(a.Severity, b.Severity, func(x, y crowsnest.SeverityVector) int {
			return cmp.Or(strings.Compare(x.Type, y.Type), strings.Compare(x.Vector, y.Vector))
		}),
	)
	if c > 0 {
		a, b = b, a
	}
	joined := *a
	joined.Affected = slices.Concat(a.Affected, b.Affected)
	return &joined
}

// findings joins the hits by vulnerability and lets one of each group decide.
func findings(base string, ids identities, hits []hit) []crowsnest.Finding {
	groups := make(map[string][]source)
	for _, h := range hits {
		severity, cvss := severityOf(h.advisory, h.entries)
		s := source{
			own:   ships(base, h.advisory.ID),
			grade: gradeOf(severity, cvss),

			finding: crowsnest.Finding{
				Advisory: h.advisory.ID, Summary: h.advisory.Summary,
				Severity: severity, CVSS: cvss, FixedVersion: h.fix,
			},
		}
		for _, id := range ids.byAdvisory[h.advisory] {
			s.finding.Vulnerability = id
			s.names = ids.aliases(h.advisory, id)
			groups[id] = append(groups[id], s)
		}
	}
	out := make([]crowsnest.Finding, 0, len(hits))
	for id, group := range groups {
		slices.SortFunc(group, source.compare)
		var aliases []string
		for _, s := range group {
			aliases = append(aliases, s.names...)
		}
		slices.Sort(aliases)
		aliases = slices.Compact(aliases)
		aliases = slices.DeleteFunc(aliases, func(n string) bool { return n == id })
		for i, s := range group {
			f := s.finding
			f.Aliases = slices.Clone(aliases)
			if f.CVSS != nil {
				c := *f.CVSS
				f.CVSS = &c
			}
			if i == 0 {
				f.Decides = true
				borrow(&f, group[1:])
			}
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b crowsnest.Finding) int { return strings.Compare(a.Vulnerability, b.Vulnerability) })
	return out
}

// borrow fills what the deciding finding leaves open from the others of its group, best first.
func borrow(f *crowsnest.Finding, others []source) {
	severityOpen := f.Severity == crowsnest.Unspecified && f.CVSS == nil
	for _, s := range others {
		if severityOpen && s.grade != ungraded {
			f.Severity = s.finding.Severity
			if s.finding.CVSS != nil {
				c := *s.finding.CVSS
				f.CVSS = &c
			}
			severityOpen = false
		}
		f.FixedVersion = cmp.Or(f.FixedVersion, s.finding.FixedVersion)
		f.Summary = cmp.Or(f.Summary, s.finding.Summary)
	}
}
