// Package narrow leaves out of reports what somebody does not want to see, and says what of the rest is worse.
package narrow

import (
	"cmp"
	"errors"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Filter narrows the findings of a report.
type Filter struct {
	Severities   []crowsnest.Severity // only these; all if empty
	OnlyFixed    bool                 // only those with a fixed version
	OnlyInUse    bool                 // only those seen loaded
	PackageTypes []string             // only packages of these purl types
	OnlyKEV      bool                 // only what CISA lists as exploited
	MinEPSS      float64              // only what has at least this estimate, if it is more than 0
	IgnoreMinor  bool                 // not what the distribution takes as minor
	ByUrgency    bool                 // what is in use first, then what CISA lists, then by the estimate
}

// Needs tells what the filter goes by that the report does not have: what is not known must not look like none.
func (f Filter) Needs(r wire.CVEs) error {
	missing := func(what, flag string) error {
		return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "read " + flag, Hint: "import it with crowsnest advisory import", Err: errors.New(what + " is not held")}
	}
	switch {
	case f.OnlyKEV && r.KEVAsOf.IsZero():
		return missing("CISA's catalogue of exploited vulnerabilities", "--only-kev")
	case f.MinEPSS > 0 && r.EPSSAsOf.IsZero():
		return missing("EPSS", "--min-epss")
	}
	return nil
}

// Apply returns the report with only what the filter lets through, and how many
// findings it hid beside those that are minor, which the report counts.
func (f Filter) Apply(r wire.CVEs) (wire.CVEs, int) {
	if f.IgnoreMinor {
		r = r.WithoutMinor()
	}
	all := len(r.Findings)
	r = r.Only(f.passes)
	hidden := all - len(r.Findings)
	if f.ByUrgency {
		used := func(x wire.Finding) int {
			if x.InUse == crowsnest.Loaded {
				return 0
			}
			return 1
		}
		slices.SortStableFunc(r.Findings, func(a, b wire.Finding) int { return cmp.Or(used(a)-used(b), a.Threat.Compare(b.Threat)) })
	}
	r.MissingAdvisories = f.missing(r.MissingAdvisories)
	return r, hidden
}

// Unobserved returns how many findings the filter hides for no other reason than that nothing is known of what their packages
// do at run time: that they are not in use is not said.
func (f Filter) Unobserved(r wire.CVEs) int {
	if !f.OnlyInUse {
		return 0
	}
	f.OnlyInUse = false
	r, _ = f.Apply(r)
	return len(slices.DeleteFunc(slices.Clone(r.Findings), func(x wire.Finding) bool { return x.InUse != crowsnest.NotObserved }))
}

// passes reports whether the filter lets a finding through.
func (f Filter) passes(x wire.Finding) bool {
	return (len(f.Severities) == 0 || slices.Contains(f.Severities, x.Severity)) &&
		(!f.OnlyFixed || x.FixedVersion != nil) &&
		(!f.OnlyInUse || x.InUse == crowsnest.Loaded) &&
		(!f.OnlyKEV || x.KEV != nil) &&
		(f.MinEPSS <= 0 || x.EPSS != nil && x.EPSS.Score >= f.MinEPSS) &&
		f.ofType(x.Package.Type)
}

func (f Filter) ofType(kind string) bool {
	return len(f.PackageTypes) == 0 || slices.Contains(f.PackageTypes, kind)
}

// missing returns what of the packages without advisories the filter lets through.
func (f Filter) missing(list []wire.MissingAdvisories) []wire.MissingAdvisories {
	return slices.DeleteFunc(slices.Clone(list), func(m wire.MissingAdvisories) bool { return !f.ofType(m.Type) })
}

// ApplyComparison returns the comparison with only what the filter lets through, and how many
// findings it hid. What is on both sides and the same can be left out; it is counted all the same.
func (f Filter) ApplyComparison(r wire.Comparison, ignoreUnchanged bool) (wire.Comparison, int) {
	kept := make([]wire.FindingChange, 0, len(r.Findings))
	for _, x := range r.Findings {
		was := x.Finding
		if x.Was != nil {
			was.Severity = x.Was.Severity
		}
		if f.passes(x.Finding) || f.passes(was) {
			kept = append(kept, x)
		}
	}
	hidden := len(r.Findings) - len(kept)
	r.Findings = kept
	r.Packages = slices.DeleteFunc(slices.Clone(r.Packages), func(p wire.PackageChange) bool { return !f.ofType(p.Type) })
	r.Before.MissingAdvisories, r.After.MissingAdvisories = f.missing(r.Before.MissingAdvisories), f.missing(r.After.MissingAdvisories)
	r.Count()
	if ignoreUnchanged {
		r.Findings = slices.DeleteFunc(r.Findings, func(x wire.FindingChange) bool {
			return x.Change == "unchanged" && (x.Was == nil || x.Was.Severity == x.Finding.Severity)
		})
		r.Packages = slices.DeleteFunc(r.Packages, func(p wire.PackageChange) bool { return p.Change == "unchanged" })
	}
	return r, hidden
}

// Worse reports whether something of these, "vulnerability", "policy" or "package", became worse, and whether
// that is not sure because not all could be judged.
func Worse(r wire.Comparison, of []string) (worse, unsure bool) {
	for _, what := range of {
		switch what {
		case "vulnerability":
			worse = worse || slices.ContainsFunc(r.Findings, func(f wire.FindingChange) bool { return f.Worse })
		case "policy":
			worse = worse || r.Policies.Worse > 0
			unsure = unsure || slices.ContainsFunc(r.Policies.Items, func(p wire.ComparedPolicy) bool { return p.After.Status == crowsnest.NoData })
		case "package":
			worse = worse || r.PackageCounts.Added+r.PackageCounts.Downgraded > 0
			unsure = unsure || r.PackageCounts.Changed > 0
		}
		unsure = unsure || !r.After.Complete()
	}
	return worse, unsure
}
