package match

import (
	"fmt"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
)

// Rule is why an advisory does or does not affect a package version.
type Rule uint8

// The rules. Of two entries that do not affect a version, the higher one says more.
const (
	// Those by which it does not.
	OtherRelease     Rule = iota // it speaks of the package in other releases only
	Withdrawn                    // it was taken back
	RangesNotOrdered             // its ranges are of commits, or hold what is no version
	NotListed                    // it lists versions one by one, and this one is not among them
	OtherStream                  // its ranges are of builds of another module stream
	OutsideRanges
	FixedBuild // it names this very build as fixed
	NotOrdered // the installed version has no place among those of its ecosystem, and is not listed

	// Those by which it does.
	InsideRange
	AllVersions     // it is about every version there is
	Listed          // it lists this version
	ListedOtherwise // it lists this version in another spelling, or its tag
)

var ruleNames = [...]string{
	OtherRelease: "other-release", Withdrawn: "withdrawn", RangesNotOrdered: "ranges-not-ordered", NotListed: "not-listed", OtherStream: "other-stream", OutsideRanges: "outside-ranges",
	FixedBuild: "fixed-build", NotOrdered: "not-ordered", InsideRange: "in-range", AllVersions: "all-versions", Listed: "listed", ListedOtherwise: "listed-otherwise",
}

// String returns the name that answers have.
func (r Rule) String() string {
	if int(r) < len(ruleNames) {
		return ruleNames[r]
	}
	return fmt.Sprintf("rule(%d)", uint8(r))
}

// Judgement is what one advisory says of one package version, and why.
type Judgement struct {
	Advisory        *crowsnest.Advisory
	Vulnerabilities []string // that it is about, sorted
	Affected        bool
	Rule            Rule
	Entry           *crowsnest.Affected // the first that decided; nil if it speaks of other releases only
	Name            string              // by which the advisory knows the package, normalised
	Version         string              // that was compared: of the source package, if Name is its name
	Ranges          []JudgedRange       // of the entries that speak of the release; MaxRanges at most
	Releases        []string            // the ecosystems it speaks of the package in, sorted
	Fix             string

	// What it says itself of how bad it is, if it affects the version.
	Severity crowsnest.Severity
	CVSS     *crowsnest.CVSS
	State    crowsnest.VendorState
}

// The bounds on what a judgement repeats of an advisory.
const (
	MaxRanges = 20
	MaxEvents = 40 // of one range
)

// JudgedRange is a range held against a version.
type JudgedRange struct {
	crowsnest.Range
	Ordered bool // whether its events could be read
	Within  bool
	Events  []JudgedEvent // in the order of versions; those around the version if there are more than MaxEvents
	More    int           // events left out
}

// JudgedEvent is an event of a range. Position is where the version is: -1 before it, 0 at it, 1 after it.
type JudgedEvent struct {
	crowsnest.Event
	Position int
	Compared bool // false if they could not be compared
}

// Judge says of every candidate that names a package, withdrawn ones too, why it affects a version or does not. It says the same as
// Match, advisory by advisory, in the order of their IDs.
func Judge(pv crowsnest.PackageVersion, candidates []*crowsnest.Advisory) []Judgement {
	subjects := subjectsOf(pv)
	if len(subjects) == 0 {
		return nil
	}
	all := distinct(candidates)
	var naming []*crowsnest.Advisory
	var out []Judgement
	for _, a := range all {
		o := opine(pv.Ecosystem, subjects, a)
		if !o.named {
			continue
		}
		if a.Withdrawn.IsZero() {
			naming = append(naming, a)
		}
		out = append(out, o.explain(pv.Ecosystem, subjects))
	}
	ids := identify(naming)
	for i := range out {
		a := out[i].Advisory
		own := ids.byAdvisory[a]
		if len(own) == 0 { // it was withdrawn
			if own = CVEsOf(a); len(own) == 0 {
				own = []string{a.ID}
			}
		}
		out[i].Vulnerabilities = slices.Sorted(slices.Values(own))
	}
	slices.SortFunc(out, func(a, b Judgement) int { return compareIDs(a.Advisory, b.Advisory) })
	return out
}

func compareIDs(a, b *crowsnest.Advisory) int {
	switch {
	case a.ID < b.ID:
		return -1
	case a.ID > b.ID:
		return 1
	}
	return 0
}

// explain puts an opinion into words.
func (o opinion) explain(ecosystem string, subjects []subject) Judgement {
	j := Judgement{Advisory: o.advisory, Affected: len(o.affected) > 0, Rule: o.rule, Fix: o.fix.text, Name: subjects[0].name, Version: subjects[0].version.text}
	base := crowsnest.EcosystemBase(ecosystem)
	for _, aff := range o.advisory.Affected {
		if crowsnest.EcosystemBase(aff.Ecosystem) == base && slices.ContainsFunc(subjects, func(s subject) bool { return crowsnest.CanonicalName(base, aff.Name) == s.name }) {
			j.Releases = append(j.Releases, aff.Ecosystem)
		}
	}
	slices.Sort(j.Releases)
	j.Releases = slices.Compact(j.Releases)
	if len(o.state.entries) > 0 {
		j.Name, j.Version, j.Entry = o.subject.name, o.subject.version.text, o.state.entries[0].affected
		if j.Affected {
			j.Entry = o.affected[0]
			j.Severity, j.CVSS = severityOf(base, o.advisory, o.affected)
			j.State = vendorState(o.affected)
		}
		j.Ranges = o.state.explain(o.subject.version)
	}
	if !o.advisory.Withdrawn.IsZero() {
		j.Affected, j.Rule, j.Fix = false, Withdrawn, ""
	}
	return j
}

// explain holds a version against the ranges of all entries, those it lies in first.
func (st statement) explain(at placed) []JudgedRange {
	var out []JudgedRange
	for _, e := range st.entries {
		for _, r := range e.affected.Ranges {
			j := JudgedRange{Range: r}
			var in interval
			if in, j.Ordered = readRange(st.ecosystem, r); j.Ordered {
				j.Within = at.version != nil && in.contains(at.version)
				j.Events, j.More = in.explain(at)
			} else {
				n := min(len(r.Events), MaxEvents)
				for _, ev := range r.Events[:n] {
					j.Events = append(j.Events, JudgedEvent{Event: ev})
				}
				j.More = len(r.Events) - n
			}
			out = append(out, j)
		}
	}
	slices.SortStableFunc(out, func(a, b JudgedRange) int {
		switch {
		case a.Within == b.Within:
			return 0
		case a.Within:
			return -1
		}
		return 1
	})
	return out[:min(len(out), MaxRanges)]
}

// explain holds a version against the events of a range, in order.
func (in interval) explain(at placed) (out []JudgedEvent, more int) {
	bounds := slices.Clone(in.bounds)
	for _, l := range in.limits {
		bounds = append(bounds, bound{l.version, l.text, limited})
	}
	slices.SortStableFunc(bounds, func(a, b bound) int {
		c, _ := compareBounds(a, b)
		return c
	})
	if len(bounds) > MaxEvents { // what decides lies beside the version
		i := 0
		for i < len(bounds) && at.version != nil && position(at, bounds[i]) >= 0 {
			i++
		}
		from := min(max(0, i-MaxEvents/2), len(bounds)-MaxEvents)
		bounds, more = bounds[from:from+MaxEvents], len(bounds)-MaxEvents
	}
	for _, b := range bounds {
		e := JudgedEvent{Compared: at.version != nil}
		switch b.kind {
		case introduced:
			e.Introduced = b.text
		case fixed:
			e.Fixed = b.text
		case lastAffected:
			e.LastAffected = b.text
		case limited:
			e.Limit = b.text
		}
		if e.Compared {
			e.Position = position(at, b)
		}
		out = append(out, e)
	}
	return out, more
}

// position is where a version is beside a bound.
func position(at placed, b bound) int {
	if b.version == nil {
		return 1
	}
	c, _ := compare(at.version, b.version)
	return min(1, max(-1, c))
}
