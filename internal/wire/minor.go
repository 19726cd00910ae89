package wire

import (
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/match"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// PackageUpdate is the version of a package to go to.
type PackageUpdate struct {
	Package FindingPackage `json:"package"`
	Version string         `json:"version" doc:"Of the source package, as fixedVersion is"`
	Step    match.Step     `json:"step,omitempty" enum:"package,patch,minor,major" doc:"How far it is"`
	Leaves  int            `json:"leaves" doc:"Vulnerabilities that it still has as far as is known; 0 if it clears all"`
}

// newUpdates lists the update of each package once, in the order of the findings.
func newUpdates(rows []store.FindingRow) []PackageUpdate {
	out := []PackageUpdate{}
	seen := make(map[crowsnest.PackageVersion]bool)
	for _, r := range rows {
		if r.Update.Version == "" || seen[r.Package] {
			continue
		}
		seen[r.Package] = true
		out = append(out, PackageUpdate{NewFindingPackage(r.Package), r.Update.Version, match.StepOf(r.Package, r.Update.Version), r.Update.Leaves})
	}
	return out
}

// WithoutMinor leaves out what a distribution takes as minor, and counts it.
func (r CVEs) WithoutMinor() CVEs {
	minor := func(f Finding) bool { return f.State != "" }
	kept := r.Only(func(f Finding) bool { return !minor(f) })
	kept.MinorHidden = r.MinorHidden + len(r.Findings) - len(kept.Findings) + len(r.NotAffected) - len(kept.NotAffected)
	return kept
}

// VulnerabilityPage is part of a list of vulnerabilities.
type VulnerabilityPage struct {
	Page[Vulnerability]
	MinorHidden int `json:"minorHidden,omitempty" doc:"How many vulnerabilities the whole list leaves out because the distribution takes all that is found of them as minor, as was asked for"`

	SuppressedHidden int `json:"suppressedHidden,omitempty" doc:"How many vulnerabilities the whole list leaves out because decisions suppress all that is found of them"`
	NotSeenHidden    int `json:"notSeenHidden,omitempty" doc:"How many other vulnerabilities the whole list leaves out as not seen: nothing of them counts in the environment, which takes as not affected what is not seen loaded"`
}

// Only leaves out findings, and the updates of packages of which none is left.
func (r CVEs) Only(keep func(Finding) bool) CVEs {
	drop := func(f Finding) bool { return !keep(f) }
	r.Findings = append([]Finding{}, slices.DeleteFunc(slices.Clone(r.Findings), drop)...)
	r.NotAffected = append([]Finding{}, slices.DeleteFunc(slices.Clone(r.NotAffected), drop)...)
	r.Summary = crowsnest.Summary{}
	has := make(map[FindingPackage]bool)
	for _, f := range r.Findings {
		r.Summary.Add(f.Severity, 1)
		has[f.Package] = true
	}
	for _, f := range r.NotAffected {
		has[f.Package] = true
	}
	r.Updates = append([]PackageUpdate{}, slices.DeleteFunc(slices.Clone(r.Updates), func(u PackageUpdate) bool { return !has[u.Package] })...)
	return r
}
