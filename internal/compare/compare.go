package compare

import (
	"cmp"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/match"
)

// Change says what became of something.
type Change string

// What becomes of packages and of facts, which have no order and so are never upgraded. A package is
// changed if it is another version of which nobody can say whether it is newer.
const (
	Added      Change = "added"
	Removed    Change = "removed"
	Upgraded   Change = "upgraded"
	Downgraded Change = "downgraded"
	Changed    Change = "changed"
	Unchanged  Change = "unchanged" // of findings too
)

// What becomes of findings.
const (
	New   Change = "new"
	Fixed Change = "fixed"
)

// Result is what is different between two sides, and what is not.
type Result struct {
	Facts    []Fact // only what is different
	Packages []Package
	Findings []FindingChange
}

// Package is what became of one version of a package. One of the sides is nil if it was added or removed.
type Package struct {
	Change        Change
	Before, After *crowsnest.PackageVersion
}

// Shown returns the package as it is after or, if it was removed, as it was.
func (p Package) Shown() crowsnest.PackageVersion {
	if p.After != nil {
		return *p.After
	}
	return *p.Before
}

// FindingChange is what became of a finding. One of the sides is nil if it is new or fixed.
type FindingChange struct {
	Change        Change
	Before, After *Finding
}

// Shown returns the finding as it is after or, if it is fixed, as it was, with what run time saw
// of its package on both sides.
func (f FindingChange) Shown() Finding {
	switch {
	case f.After == nil:
		return *f.Before
	case f.Before == nil:
		return *f.After
	}
	out := *f.After
	out.InUse = Seen(f.Before.InUse, f.After.InUse)
	return out
}

// Worse reports whether a finding makes the side after worse: it is new, or more severe than it was.
func (f FindingChange) Worse() bool {
	return f.Change == New || f.Change == Unchanged && f.After.Severity > f.Before.Severity
}

// Compare tells what is different on the side after. Facts are compared only of sides of one image.
func Compare(before, after Side) Result {
	out := Result{Packages: Packages(before.Packages, after.Packages), Findings: Findings(before.Findings, after.Findings)}
	if len(before.Images) == 1 && len(after.Images) == 1 {
		out.Facts = facts(before.Images[0], after.Images[0])
	}
	return out
}

// Packages tells what became of packages, by type and name.
func Packages(before, after []crowsnest.PackageVersion) []Package {
	name := func(p crowsnest.PackageVersion) string { return crowsnest.UseKey(p.Type, p.Name, "") }
	pairs := pairUp(before, after, newest,
		identity,
		func(p crowsnest.PackageVersion) string { return name(p) + "|" + p.Version },
		name,
	)
	out := make([]Package, 0, len(pairs))
	for _, p := range pairs {
		out = append(out, Package{packageChange(p.before, p.after), p.before, p.after})
	}
	slices.SortFunc(out, func(a, b Package) int {
		x, y := a.Shown(), b.Shown()
		return cmp.Or(
			cmp.Compare(x.Type, y.Type), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Version, y.Version), cmp.Compare(identity(x), identity(y)),
			cmp.Compare(a.Change, b.Change),
		)
	})
	return out
}

func packageChange(before, after *crowsnest.PackageVersion) Change {
	switch {
	case before == nil:
		return Added
	case after == nil:
		return Removed
	case before.Version == after.Version:
		return Unchanged // another build of it, such as for another platform
	}
	switch c, ok := match.Compare(order(*after), before.Version, after.Version); {
	case ok && c < 0:
		return Upgraded
	case ok && c > 0:
		return Downgraded
	}
	return Changed
}

// Findings tells what became of findings, by vulnerability and package; the worst first.
func Findings(before, after []Finding) []FindingChange {
	pairs := PairFindings(before, after)
	// What is compared is made once for each and not with each comparison.
	type placed struct {
		severity                     crowsnest.Severity
		score                        float64
		name, version, vulnerability string
		identity                     string
		FindingChange
	}
	list := make([]placed, len(pairs))
	for i, p := range pairs {
		f := p.After
		if f == nil {
			f = p.Before
		}
		list[i] = placed{f.Severity, 0, f.Package.Name, f.Package.Version, f.Vulnerability, identity(f.Package), p}
		if f.CVSS != nil {
			list[i].score = f.CVSS.Score
		}
	}
	slices.SortFunc(list, func(a, b placed) int {
		return cmp.Or(
			cmp.Compare(b.severity, a.severity), cmp.Compare(b.score, a.score), cmp.Compare(a.name, b.name), cmp.Compare(a.version, b.version),
			cmp.Compare(a.vulnerability, b.vulnerability), cmp.Compare(a.identity, b.identity), cmp.Compare(a.Change, b.Change),
		)
	})
	out := make([]FindingChange, len(list))
	for i, p := range list {
		out[i] = p.FindingChange
	}
	return out
}

// PairFindings is Findings in no order, for who only counts.
func PairFindings(before, after []Finding) []FindingChange {
	name := func(f Finding) string {
		return f.Vulnerability + "|" + crowsnest.UseKey(f.Package.Type, f.Package.Name, "")
	}
	pairs := pairUp(before, after, func(a, b Finding) int { return newest(a.Package, b.Package) },
		func(f Finding) string { return f.Vulnerability + "|" + identity(f.Package) },
		func(f Finding) string { return name(f) + "|" + f.Package.Version },
		name,
		func(f Finding) string {
			return f.Vulnerability + "|" + crowsnest.UseKey(f.Package.Type, f.Package.MatchName(), "")
		},
	)
	out := make([]FindingChange, 0, len(pairs))
	for _, p := range pairs {
		change := Unchanged
		switch {
		case p.before == nil:
			change = New
		case p.after == nil:
			change = Fixed
		}
		out = append(out, FindingChange{change, p.before, p.after})
	}
	return out
}

// identity is what makes a package version the same row wherever it is found.
func identity(p crowsnest.PackageVersion) string {
	return strings.Join([]string{p.PURL, p.Ecosystem, p.Source, p.SourceVersion, p.Type, p.Name, p.Version}, "\x00")
}

// pair is what two sides have of one thing.
type pair[T any] struct{ before, after *T }

// pairUp pairs what is on both sides: in each step what has the same key and is left of the steps
// before. Of several with one key, order says which are paired first.
func pairUp[T any](before, after []T, order func(a, b T) int, keys ...func(T) string) []pair[T] {
	var out []pair[T]
	for _, key := range keys {
		if len(before) == 0 || len(after) == 0 {
			break
		}
		type group struct{ before, after []T }
		groups := make(map[string]*group)
		var names []string
		of := func(v T) *group {
			k := key(v)
			if groups[k] == nil {
				groups[k] = &group{}
				names = append(names, k)
			}
			return groups[k]
		}
		for _, v := range before {
			g := of(v)
			g.before = append(g.before, v)
		}
		for _, v := range after {
			g := of(v)
			g.after = append(g.after, v)
		}
		before, after = nil, nil
		for _, k := range names {
			g := groups[k]
			both := min(len(g.before), len(g.after))
			if both > 0 {
				slices.SortStableFunc(g.before, order)
				slices.SortStableFunc(g.after, order)
			}
			for i := range both {
				out = append(out, pair[T]{&g.before[i], &g.after[i]})
			}
			before, after = append(before, g.before[both:]...), append(after, g.after[both:]...)
		}
	}
	for i := range before {
		out = append(out, pair[T]{before: &before[i]})
	}
	for i := range after {
		out = append(out, pair[T]{after: &after[i]})
	}
	return out
}

// newest puts newer versions first. What has no place among the versions of its ecosystem comes
// after all that have one, by its text: so the order is whole, whatever it is given.
func newest(a, b crowsnest.PackageVersion) int {
	in := order(a)
	_, aPlaced := match.Compare(in, a.Version, a.Version)
	_, bPlaced := match.Compare(in, b.Version, b.Version)
	c := 0
	switch {
	case aPlaced && bPlaced:
		c, _ = match.Compare(in, b.Version, a.Version)
	case aPlaced:
		c = -1
	case bPlaced:
		c = 1
	}
	return cmp.Or(c, cmp.Compare(b.Version, a.Version), cmp.Compare(identity(b), identity(a)))
}

// orders names an ecosystem in whose order the versions of a purl type stand. A package that the
// operating system owns has no ecosystem, and two sides may have different ones; their versions
// are written alike all the same.
var orders = map[string]string{
	"deb": "Debian", "apk": "Alpine", "rpm": "Red Hat", "npm": "npm", "pypi": "PyPI", "golang": "Go", "cargo": "crates.io", "gem": "RubyGems",
	"maven": "Maven", "nuget": "NuGet", "composer": "Packagist", "hex": "Hex", "pub": "Pub", "cran": "CRAN", "hackage": "Hackage", "conan": "ConanCenter",
	"swift": "SwiftURL", "julia": "Julia", "opam": "opam", "bitnami": "Bitnami",
}

func order(p crowsnest.PackageVersion) string {
	if in, ok := orders[strings.ToLower(p.Type)]; ok {
		return in
	}
	return p.Ecosystem
}
