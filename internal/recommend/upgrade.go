package recommend

import (
	"cmp"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/match"
)

// Upgrades is the smallest set of upgrades that clears all critical and high vulnerabilities of which a fix is known.
type Upgrades struct {
	Total   crowsnest.Summary `json:"total" doc:"Critical and high findings of the image that count"`
	Cleared crowsnest.Summary `json:"cleared" doc:"Of these, what all steps together clear"`
	Steps   int               `json:"steps" doc:"How many upgrades those are, the base being one"`
	Base    *BaseUpgrade      `json:"base,omitempty" doc:"Building anew on what the tag of the base names now; absent where that clears nothing or is not known. It comes first: the packages are what is left to do after it"`

	Packages  []PackageUpgrade   `json:"packages" doc:"Those that clear most of critical severity first"`
	Remaining []RemainingFinding `json:"remaining" doc:"Critical and high findings that no step clears, the worst first; 200 at most"`
	More      int                `json:"moreRemaining,omitempty"`
}

// BaseUpgrade is what building anew on the base clears.
type BaseUpgrade struct {
	Reference string            `json:"reference"`
	Pin       crowsnest.Digest  `json:"pin,omitempty" doc:"What the tag names now"`
	Clears    crowsnest.Summary `json:"clears" doc:"Critical and high findings in the layers of the base that what the tag names now has not"`
	Brings    crowsnest.Summary `json:"brings" doc:"Critical and high findings that it has and the base of now has not"`
	Packages  []string          `json:"packages" doc:"Of which packages; 20 at most"`
}

// PackageUpgrade is one package to be upgraded: with all that a distribution builds from one source, as these are upgraded together.
type PackageUpgrade struct {
	Type      string                 `json:"type"`
	Name      string                 `json:"name" doc:"Of the source package, if the package is built from one"`
	From      string                 `json:"from" doc:"Installed version"`
	To        string                 `json:"to" doc:"The lowest version that clears its critical and high findings of which a fix is known"`
	Step      match.Step             `json:"step,omitempty" enum:"package,patch,minor,major" doc:"How far it is"`
	Installed []string               `json:"installed" doc:"PURLs of the installed packages; 20 at most"`
	Clears    crowsnest.Summary      `json:"clears" doc:"Critical and high findings that it clears"`
	Cleared   []ClearedVulnerability `json:"cleared" doc:"Which, the worst first; 50 at most"`
	Leaves    int                    `json:"leaves" doc:"Vulnerabilities that the version still has, of whatever severity"`
	InUse     crowsnest.InUse        `json:"inUse" enum:"in-use,not-seen,not-observed" doc:"What run time sees of the packages"`
	InBase    bool                   `json:"inBase" doc:"Whether a layer of the base brought it: another base may have it already"`
}

// ClearedVulnerability is a vulnerability that an upgrade clears.
type ClearedVulnerability struct {
	ID       string             `json:"id"`
	Severity crowsnest.Severity `json:"severity" enum:"critical,high,medium,low,unspecified"`
}

// RemainingFinding is a finding that stays.
type RemainingFinding struct {
	ID       string             `json:"id"`
	Severity crowsnest.Severity `json:"severity" enum:"critical,high,medium,low,unspecified"`
	Package  string             `json:"package" doc:"PURL"`
	Name     string             `json:"name"`
	Version  string             `json:"version"`
	InBase   bool               `json:"inBase"`
	Why      Staying            `json:"why" enum:"no-fix,not-cleared" doc:"No fix is known; or every version that is known to fix it has another one that is as bad, or clears not all"`
}

// Staying is why a finding is not cleared.
type Staying string

// Why findings stay.
const (
	NoFix      Staying = "no-fix"
	NotCleared Staying = "not-cleared"
)

// Installed is a package version of the image with its findings.
type Installed struct {
	Package  crowsnest.PackageVersion
	Findings []Found
	InBase   bool // only layers of the base brought it
	InUse    crowsnest.InUse
	To       string   // the lowest version that clears its critical and high ones; empty if no fix of any is known
	Left     []string // vulnerabilities that the version still has
}

// Found is a finding that counts.
type Found struct {
	Vulnerability string
	Severity      crowsnest.Severity
	Fixable       bool
}

// Urgent reports whether a severity is one that upgrades are to clear.
func Urgent(s crowsnest.Severity) bool { return s >= crowsnest.High }

// The bounds on what is told.
const (
	maxCleared   = 50
	maxRemaining = 200
)

// Plan finds the smallest set of upgrades. now is the base as it is and anew what its tag names instead; either is nil if that is not
// known, or if there is nothing newer.
func Plan(installed []Installed, now, anew *Image, describe func(Image) BaseOption) Upgrades {
	out := Upgrades{Packages: []PackageUpgrade{}, Remaining: []RemainingFinding{}}
	after := func(Installed, Found) bool { return true } // whether a finding is still there after the base was built anew
	if anew != nil {
		has := keys(anew.Findings)
		after = func(p Installed, f Found) bool {
			return !p.InBase || has[Finding{Vulnerability: f.Vulnerability, Package: p.Package}.key()]
		}
	}
	type source struct{ kind, ecosystem, name, from, to string }
	upgrades := make(map[source]*PackageUpgrade)
	counted := make(map[source]map[string]bool)
	var byBase []string
	var clears crowsnest.Summary
	for _, p := range installed {
		for _, f := range p.Findings {
			if !Urgent(f.Severity) {
				continue
			}
			out.Total.Add(f.Severity, 1)
			if !after(p, f) {
				clears.Add(f.Severity, 1)
				byBase = append(byBase, p.Package.Name)
				continue
			}
			if p.To == "" || !f.Fixable || slices.Contains(p.Left, f.Vulnerability) {
				why := NoFix
				if f.Fixable {
					why = NotCleared
				}
				out.Remaining = append(out.Remaining, RemainingFinding{f.Vulnerability, f.Severity, p.Package.PURL, p.Package.Name, p.Package.Version, p.InBase, why})
				continue
			}
			out.Cleared.Add(f.Severity, 1)
			of := source{p.Package.Type, p.Package.Ecosystem, p.Package.MatchName(), p.Package.MatchVersion(), p.To}
			u := upgrades[of]
			if u == nil {
				u = &PackageUpgrade{Type: of.kind, Name: of.name, From: of.from, To: of.to, Step: match.StepOf(p.Package, of.to), InUse: p.InUse, InBase: p.InBase, Installed: []string{}, Cleared: []ClearedVulnerability{}}
				upgrades[of], counted[of] = u, make(map[string]bool)
			}
			u.Clears.Add(f.Severity, 1)
			u.Leaves, u.InUse, u.InBase = max(u.Leaves, len(p.Left)), used(u.InUse, p.InUse), u.InBase && p.InBase
			if !slices.Contains(u.Installed, p.Package.PURL) && len(u.Installed) < maxNames {
				u.Installed = append(u.Installed, p.Package.PURL)
			}
			if !counted[of][f.Vulnerability] {
				counted[of][f.Vulnerability] = true
				u.Cleared = append(u.Cleared, ClearedVulnerability{f.Vulnerability, f.Severity})
			}
		}
	}
	if clears.Total() > 0 {
		b := describe(*anew)
		out.Base = &BaseUpgrade{Reference: b.Reference, Pin: b.Pin, Clears: clears}
		slices.Sort(byBase)
		byBase = slices.Compact(byBase)
		out.Base.Packages = byBase[:min(len(byBase), maxNames)]
		if now != nil {
			out.Base.Brings = urgent(difference(anew.Findings, now.Findings))
		}
		out.Cleared = out.Cleared.Plus(clears)
		out.Steps++
	}
	for _, u := range upgrades {
		slices.Sort(u.Installed)
		slices.SortFunc(u.Cleared, func(a, b ClearedVulnerability) int {
			return cmp.Or(cmp.Compare(b.Severity, a.Severity), strings.Compare(a.ID, b.ID))
		})
		u.Cleared = u.Cleared[:min(len(u.Cleared), maxCleared)]
		out.Packages = append(out.Packages, *u)
	}
	out.Steps += len(out.Packages)
	slices.SortFunc(out.Packages, func(a, b PackageUpgrade) int {
		return cmp.Or(cmp.Compare(b.Clears.Critical, a.Clears.Critical), cmp.Compare(b.Clears.High, a.Clears.High), strings.Compare(a.Type, b.Type), strings.Compare(a.Name, b.Name), strings.Compare(a.From, b.From), strings.Compare(a.To, b.To))
	})
	slices.SortStableFunc(out.Remaining, func(a, b RemainingFinding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), strings.Compare(a.ID, b.ID), strings.Compare(a.Package, b.Package))
	})
	if n := len(out.Remaining); n > maxRemaining {
		out.Remaining, out.More = out.Remaining[:maxRemaining], n-maxRemaining
	}
	return out
}

// used is what run time sees of two packages together: that one is not observed is not hidden by the other not being seen.
func used(a, b crowsnest.InUse) crowsnest.InUse {
	for _, state := range []crowsnest.InUse{crowsnest.Loaded, crowsnest.NotObserved} {
		if a == state || b == state {
			return state
		}
	}
	return crowsnest.NotSeen
}

// urgent keeps what upgrades are to clear.
func urgent(s crowsnest.Summary) crowsnest.Summary {
	return crowsnest.Summary{Critical: s.Critical, High: s.High}
}
