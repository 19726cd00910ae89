package match

import (
	"cmp"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// Result is what is known of one package version.
type Result struct {
	Findings []crowsnest.Finding
	Update   crowsnest.Update
}

// Match returns the findings of one package version among candidate
// advisories: all that name the package by one of its MatchNames. Candidates that do not are
// passed over, as are withdrawn ones. Each advisory gives one finding for each
// vulnerability it is about. They are sorted by vulnerability, then from the
// source that decides to the last; exactly one for each vulnerability has Decides
// set. Neither candidates nor the advisories are changed, and nothing in the
// result is shared with them but strings.
func Match(pv crowsnest.PackageVersion, candidates []*crowsnest.Advisory) Result {
	ids, all, list := opinions(pv, candidates)
	if len(list) == 0 {
		return Result{}
	}
	to, _ := update(ids, all, list, func(string) bool { return true })
	return Result{list, to}
}

// opinions asks each candidate about a package version, and makes the findings of those that affect it.
func opinions(pv crowsnest.PackageVersion, candidates []*crowsnest.Advisory) (identities, []opinion, []crowsnest.Finding) {
	subjects := subjectsOf(pv)
	if len(subjects) == 0 {
		return identities{}, nil, nil
	}
	var naming []*crowsnest.Advisory
	var all, hits []opinion
	for _, a := range standing(distinct(candidates)) {
		o := opine(pv.Ecosystem, subjects, a)
		if !o.named {
			continue
		}
		naming = append(naming, a)
		all = append(all, o)
		if len(o.affected) > 0 {
			hits = append(hits, o)
		}
	}
	if len(hits) == 0 {
		return identities{}, nil, nil
	}
	ids := identify(naming)
	return ids, all, findings(crowsnest.EcosystemBase(pv.Ecosystem), ids, hits)
}

// opinion is what an advisory says of a package version.
type opinion struct {
	advisory *crowsnest.Advisory
	named    bool      // it speaks of the package, in whatever release
	state    statement // of the release; without entries if it says nothing of that
	subject  subject   // of which it says that
	verdict
}

// opine asks an advisory about each name of a package; the first that is affected counts, else the first it speaks of.
func opine(ecosystem string, subjects []subject, a *crowsnest.Advisory) opinion {
	o := opinion{advisory: a}
	for _, s := range subjects {
		st := stateOf(ecosystem, s.name, a)
		o.named = o.named || len(st.entries) > 0 || names(a, ecosystem, s.name)
		if len(st.entries) == 0 {
			continue
		}
		v := st.judge(s.version)
		if len(o.state.entries) == 0 || len(v.affected) > 0 {
			o.state, o.subject, o.verdict = st, s, v
		}
		if len(v.affected) > 0 {
			break
		}
	}
	return o
}

// names reports that an advisory speaks of a package, in whatever release.
func names(a *crowsnest.Advisory, ecosystem, name string) bool {
	base := crowsnest.EcosystemBase(ecosystem)
	return slices.ContainsFunc(a.Affected, func(aff crowsnest.Affected) bool {
		return crowsnest.EcosystemBase(aff.Ecosystem) == base && crowsnest.CanonicalName(base, aff.Name) == name
	})
}

// standing leaves out what was withdrawn.
func standing(advisories []*crowsnest.Advisory) []*crowsnest.Advisory {
	return slices.DeleteFunc(advisories, func(a *crowsnest.Advisory) bool { return !a.Withdrawn.IsZero() })
}

// distinct returns one candidate for each ID: the newest. Records of one ID
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
	return out
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
func findings(base string, ids identities, hits []opinion) []crowsnest.Finding {
	groups := make(map[string][]source)
	for _, h := range hits {
		severity, cvss := severityOf(base, h.advisory, h.affected)
		s := source{
			own:   ships(base, h.advisory.ID),
			grade: gradeOf(severity, cvss),

			finding: crowsnest.Finding{
				Advisory: h.advisory.ID, Summary: h.advisory.Summary,
				Severity: severity, CVSS: cvss, FixedVersion: h.fix.text, State: vendorState(h.affected),
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

// borrow fills what the deciding finding leaves open from the others of its group, best first. A word of the deciding
// source stays its word, whatever the score that is borrowed says.
func borrow(f *crowsnest.Finding, others []source) {
	for _, s := range others {
		if f.CVSS == nil && f.ScoreFrom == "" && (s.finding.CVSS != nil || f.Severity == crowsnest.Unspecified && s.grade != ungraded) {
			f.ScoreFrom = s.finding.Advisory
			if f.Severity == crowsnest.Unspecified {
				f.Severity = s.finding.Severity
			}
			if s.finding.CVSS != nil {
				c := *s.finding.CVSS
				f.CVSS = &c
			}
		}
		f.FixedVersion = cmp.Or(f.FixedVersion, s.finding.FixedVersion)
		f.Summary = cmp.Or(f.Summary, s.finding.Summary)
		f.State = cmp.Or(f.State, s.finding.State)
	}
}

// vendorState returns what the distribution does about a vulnerability, by the first of the entries that says so. Entries that were
// stored before states were read have Debian's urgency as their word.
func vendorState(affected []*crowsnest.Affected) crowsnest.VendorState {
	for _, a := range affected {
		switch {
		case a.State != "":
			return a.State
		case crowsnest.EcosystemBase(a.Ecosystem) == "Debian" && a.Word == string(crowsnest.StateUnimportant):
			return crowsnest.StateUnimportant
		}
	}
	return ""
}
