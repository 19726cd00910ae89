package wire

import (
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/compare"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Comparison is the report of "crowsnest compare". Its fields are a contract.
type Comparison struct {
	Before ComparedSide `json:"before" doc:"What is compared to"`
	After  ComparedSide `json:"after" doc:"What may take its place"`

	Facts    []FactChange    `json:"facts" doc:"What the images say differently of themselves; none if a side is several images"`
	Packages []PackageChange `json:"packages" doc:"By type and name"`
	Findings []FindingChange `json:"findings" doc:"The worst first"`

	PackageCounts PackageCounts     `json:"packageCounts"`
	New           crowsnest.Summary `json:"new" doc:"Findings that only the side after has"`
	Fixed         crowsnest.Summary `json:"fixed" doc:"Findings that only the side before has"`
	Unchanged     crowsnest.Summary `json:"unchanged" doc:"Findings that both sides have, by their severity after"`

	Policies *ComparedPolicies `json:"policies,omitempty" doc:"What policies say of both sides by what is in their images, those left out that ask how an image runs. Absent where they could not be asked about a side"`
}

// ComparedSide is one side of a comparison.
type ComparedSide struct {
	Environment string          `json:"environment,omitempty" doc:"If it is what runs there"`
	At          *time.Time      `json:"at,omitempty" doc:"If it is what ran there then"`
	Repository  string          `json:"repository,omitempty" doc:"If it is what runs in an environment: the repository whose images are meant"`
	Images      []ComparedImage `json:"images"`
	NotAnalysed int             `json:"notAnalysed,omitempty" doc:"Images of the repository that run in the environment and are not analysed, so that they are not part of the side"`

	MinorHidden       int                 `json:"minorHidden,omitempty" doc:"How many findings of the side were left out of everything because the distribution takes them as minor, as was asked for"`
	Packages          int                 `json:"packages" doc:"Package versions, each once"`
	Summary           crowsnest.Summary   `json:"summary" doc:"Findings by severity, each once"`
	Problems          []crowsnest.Problem `json:"problems" doc:"Parts of the images that could not be analysed"`
	MissingAdvisories []MissingAdvisories `json:"missingAdvisories" doc:"Packages for which no whole set of advisories is held"`
}

// Complete reports whether all of a side could be judged.
func (s ComparedSide) Complete() bool {
	return len(s.Problems) == 0 && len(s.MissingAdvisories) == 0 && s.NotAnalysed == 0
}

// ComparedImage is an image of a side.
type ComparedImage struct {
	Target
	Distribution string `json:"distribution"`
	Size         int64  `json:"size" doc:"Compressed bytes of all layers"`
}

// FactChange is something that two images say differently of themselves.
type FactChange struct {
	Fact   string `json:"fact" enum:"digest,platform,distribution,size,base,user,entrypoint,command,workingDir,port,label,env"`
	Name   string `json:"name,omitempty" doc:"Of a label, a variable or a port"`
	Change string `json:"change" enum:"added,removed,changed"`
	Before string `json:"before,omitempty" doc:"Absent if there was none, and of a variable, whose value is not told"`
	After  string `json:"after,omitempty" doc:"The same"`
}

// PackageChange is what became of one version of a package.
type PackageChange struct {
	Change string  `json:"change" enum:"added,removed,upgraded,downgraded,changed,unchanged" doc:"changed: another version, of which nobody can say whether it is newer"`
	Type   string  `json:"type"`
	Name   string  `json:"name"`
	PURL   string  `json:"purl" doc:"As it is after or, if it was removed, before"`
	Before *string `json:"before" nullable:"true" doc:"The version; null if it was added"`
	After  *string `json:"after" nullable:"true" doc:"The version; null if it was removed"`
}

// PackageCounts counts what became of packages.
type PackageCounts struct {
	Added      int `json:"added"`
	Removed    int `json:"removed"`
	Upgraded   int `json:"upgraded"`
	Downgraded int `json:"downgraded"`
	Changed    int `json:"changed"`
	Unchanged  int `json:"unchanged"`
}

// Add counts one more.
func (c *PackageCounts) Add(change string) {
	switch compare.Change(change) {
	case compare.Added:
		c.Added++
	case compare.Removed:
		c.Removed++
	case compare.Upgraded:
		c.Upgraded++
	case compare.Downgraded:
		c.Downgraded++
	case compare.Changed:
		c.Changed++
	default:
		c.Unchanged++
	}
}

// FindingChange is what became of a finding.
type FindingChange struct {
	Change  string      `json:"change" enum:"new,fixed,unchanged"`
	Worse   bool        `json:"worse" doc:"It is new, or more severe than it was"`
	Finding Finding     `json:"finding" doc:"As it is after or, if it is fixed, as it was; in use if either side saw its package in use"`
	Was     *FindingWas `json:"was,omitempty" doc:"What of an unchanged one was otherwise"`
}

// FindingWas is what an unchanged finding was on the side before.
type FindingWas struct {
	Package  FindingPackage     `json:"package"`
	Severity crowsnest.Severity `json:"severity" enum:"critical,high,medium,low,unspecified"`
}

// NewComparison makes the report. The sides say what they are; what was compared is counted here.
func NewComparison(before, after ComparedSide, r compare.Result) Comparison {
	out := Comparison{
		Before: before, After: after,
		Facts: Each(r.Facts, func(f compare.Fact) FactChange {
			return FactChange{Fact: f.Kind, Name: f.Name, Change: string(f.Change), Before: f.Before, After: f.After}
		}),
		Packages: Each(r.Packages, newPackageChange), Findings: Each(r.Findings, newFindingChange),
	}
	out.Count()
	return out
}

// Count counts the packages and findings that are listed.
func (c *Comparison) Count() {
	c.PackageCounts = PackageCounts{}
	c.Before.Packages, c.After.Packages = 0, 0
	for _, p := range c.Packages {
		c.PackageCounts.Add(p.Change)
		if p.Before != nil {
			c.Before.Packages++
		}
		if p.After != nil {
			c.After.Packages++
		}
	}
	var none crowsnest.Summary
	c.New, c.Fixed, c.Unchanged, c.Before.Summary, c.After.Summary = none, none, none, none, none
	for _, f := range c.Findings {
		severity, was := f.Finding.Severity, f.Finding.Severity
		if f.Was != nil {
			was = f.Was.Severity
		}
		switch compare.Change(f.Change) {
		case compare.New:
			c.New.Add(severity, 1)
			c.After.Summary.Add(severity, 1)
		case compare.Fixed:
			c.Fixed.Add(severity, 1)
			c.Before.Summary.Add(severity, 1)
		default:
			c.Unchanged.Add(severity, 1)
			c.Before.Summary.Add(was, 1)
			c.After.Summary.Add(severity, 1)
		}
	}
}

func newPackageChange(p compare.Package) PackageChange {
	shown := p.Shown()
	out := PackageChange{Change: string(p.Change), Type: shown.Type, Name: shown.Name, PURL: shown.PURL}
	if p.Before != nil {
		out.Before = &p.Before.Version
	}
	if p.After != nil {
		out.After = &p.After.Version
	}
	return out
}

func newFindingChange(f compare.FindingChange) FindingChange {
	finding := func(f compare.Finding) Finding {
		return NewFinding(store.FindingRow{Finding: f.Finding, Package: f.Package, InUse: f.InUse, Threat: f.Threat})
	}
	out := FindingChange{Change: string(f.Change), Worse: f.Worse(), Finding: finding(f.Shown())}
	if f.Change == compare.Unchanged {
		if was := (FindingWas{NewFindingPackage(f.Before.Package), f.Before.Severity}); was != (FindingWas{out.Finding.Package, out.Finding.Severity}) {
			out.Was = &was
		}
	}
	return out
}

// Join takes what several images are as one side.
func Join(sides ...ComparedSide) ComparedSide {
	out := ComparedSide{Images: []ComparedImage{}, Problems: []crowsnest.Problem{}, MissingAdvisories: []MissingAdvisories{}}
	missing := make(map[[2]string]int)
	for _, s := range sides {
		out.Images = append(out.Images, s.Images...)
		out.Problems = append(out.Problems, s.Problems...)
		for _, m := range s.MissingAdvisories {
			key := [2]string{m.Ecosystem, m.Type}
			n, ok := missing[key]
			if !ok {
				missing[key] = len(out.MissingAdvisories)
				out.MissingAdvisories = append(out.MissingAdvisories, m)
				continue
			}
			out.MissingAdvisories[n].Packages += m.Packages
		}
	}
	return out
}

// SideOf makes a side of an image, whoever knows it: what it is, and what is compared of it.
func SideOf(img Image, packages []crowsnest.Package, cves CVEs) (ComparedSide, compare.Side) {
	shown := ComparedSide{
		Images: []ComparedImage{{
			Target{Name: img.Name, Digest: img.Digest, ImageID: img.ImageID, Platform: img.Platform}, img.Distribution, img.Size,
		}},
		Problems: List(cves.Problems), MissingAdvisories: List(cves.MissingAdvisories),
	}
	facts := compare.Image{Name: img.Name, Digest: img.Digest, ImageID: img.ImageID, Platform: img.Platform, Distribution: img.Distribution, Size: img.Size, Base: img.Base}
	if c := img.Config; c != nil {
		facts.User, facts.Labels = c.User, c.Labels
		facts.Config = crowsnest.Config{Entrypoint: c.Entrypoint, Command: c.Command, WorkingDir: c.WorkingDir, Ports: c.Ports, Env: c.Env}
	}
	side := compare.Side{Images: []compare.Image{facts}, Packages: make([]crowsnest.PackageVersion, len(packages)), Findings: make([]compare.Finding, len(cves.Findings))}
	for i, p := range packages {
		side.Packages[i] = p.PackageVersion
	}
	versions := make(map[FindingPackage]crowsnest.PackageVersion, len(packages))
	for _, p := range side.Packages {
		// One that another package owns may be called alike; it has no ecosystem and no findings.
		if key := NewFindingPackage(p); versions[key].Ecosystem == "" {
			versions[key] = p
		}
	}
	for i, f := range cves.Findings {
		p, ok := versions[f.Package]
		if !ok {
			p = crowsnest.PackageVersion{PURL: f.Package.PURL, Name: f.Package.Name, Version: f.Package.Version, Type: f.Package.Type, Source: f.Package.Source}
		}
		side.Findings[i] = compare.Finding{Package: p, InUse: f.InUse, Threat: f.Threat.Domain(), Finding: crowsnest.Finding{
			Vulnerability: f.ID, Aliases: f.Aliases, Severity: f.Severity, CVSS: f.CVSS, Decides: true, State: f.State, ScoreFrom: f.ScoreFrom,
		}}
		if f.FixedVersion != nil {
			side.Findings[i].FixedVersion = *f.FixedVersion
		}
	}
	return shown, side
}

// EnvironmentComparison tells what would change if everything that runs in one environment took the
// place of what runs in another, by repository.
type EnvironmentComparison struct {
	Before ComparedEnvironment `json:"before"`
	After  ComparedEnvironment `json:"after"`
	States RepositoryCounts    `json:"states" doc:"Repositories by what would become of them, whatever part of the list this is"`
	Change FindingCounts       `json:"change" doc:"Over all repositories"`

	MinorHidden int `json:"minorHidden,omitempty" doc:"How many findings that would come or go were left out of all counts because the distribution takes them as minor, as was asked for"`

	Items []RepositoryComparison `json:"items" doc:"Part of the list, by repository"`
	Next  string                 `json:"next,omitempty" doc:"Cursor of the next part; absent on the last"`
}

// ComparedEnvironment is an environment on one side of a comparison.
type ComparedEnvironment struct {
	Name     string             `json:"name"`
	At       *time.Time         `json:"at,omitempty" doc:"If it is what ran there then"`
	Coverage crowsnest.Coverage `json:"coverage" doc:"What runs there and is not analysed, or has no repository, is not compared"`
	AsOf     time.Time          `json:"asOf,omitzero" doc:"Oldest last complete sweep of its integrations"`
}

// RepositoryCounts counts repositories by their state.
type RepositoryCounts struct {
	Same       int `json:"same"`
	Newer      int `json:"newer"`
	Older      int `json:"older"`
	Different  int `json:"different"`
	OnlyBefore int `json:"onlyBefore"`
	OnlyAfter  int `json:"onlyAfter"`
}

// Add counts one more.
func (c *RepositoryCounts) Add(state compare.State) {
	switch state {
	case compare.Same:
		c.Same++
	case compare.Newer:
		c.Newer++
	case compare.Older:
		c.Older++
	case compare.OnlyBefore:
		c.OnlyBefore++
	case compare.OnlyAfter:
		c.OnlyAfter++
	default:
		c.Different++
	}
}

// FindingCounts counts findings that would come and go.
type FindingCounts struct {
	New        crowsnest.Summary `json:"new"`
	Fixed      crowsnest.Summary `json:"fixed"`
	NewInUse   crowsnest.Summary `json:"newInUse" doc:"The part of new in packages seen in use where they run"`
	FixedInUse crowsnest.Summary `json:"fixedInUse" doc:"The same of fixed"`
}

// Plus returns the sum of both.
func (c FindingCounts) Plus(d FindingCounts) FindingCounts {
	return FindingCounts{c.New.Plus(d.New), c.Fixed.Plus(d.Fixed), c.NewInUse.Plus(d.NewInUse), c.FixedInUse.Plus(d.FixedInUse)}
}

// RepositoryComparison tells what would become of a repository.
type RepositoryComparison struct {
	Repository string           `json:"repository"`
	State      string           `json:"state" enum:"same,newer,older,different,only-before,only-after" doc:"newer: the newest image after is newer than the newest before. only-before: nothing of it runs after, so that nothing would become of it"`
	Before     []RunningVersion `json:"before"`
	After      []RunningVersion `json:"after"`
	Complete   bool             `json:"complete" doc:"Whether all of these images are analysed"`
	Change     FindingCounts    `json:"change"`
}

// RunningVersion is an image of a repository that runs in an environment.
type RunningVersion struct {
	Name     string            `json:"name"`
	Digest   crowsnest.Digest  `json:"digest"`
	Platform string            `json:"platform"`
	State    string            `json:"state" enum:"found,analysed,failed"`
	Built    time.Time         `json:"built" doc:"By its own word or, if that is none, when it was recorded"`
	Summary  crowsnest.Summary `json:"summary"`
}

// NewRunningVersion converts a row.
func NewRunningVersion(r store.RunningContent) RunningVersion {
	return RunningVersion{Name: r.Name, Digest: r.Digest, Platform: r.Platform, State: string(r.State), Built: r.Built, Summary: r.Summary}
}
