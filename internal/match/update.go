package match

import (
	"maps"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
)

// UpdateFor returns the lowest version that clears those vulnerabilities of a package version that are wanted and of which a fix is
// known, and brings no other one that is known; what else the installed version has may stay. left are the vulnerabilities that it
// has, as far as is known, sorted. Candidates are as for Match.
func UpdateFor(pv crowsnest.PackageVersion, candidates []*crowsnest.Advisory, wanted func(vulnerability string) bool) (to crowsnest.Update, left []string) {
	ids, all, list := opinions(pv, candidates)
	if len(list) == 0 {
		return to, nil
	}
	return update(ids, all, list, wanted)
}

// update finds the lowest version that clears every wanted vulnerability of which a fix is known and brings no other one that is
// known; or, if each version tried brings one, the lowest that clears those of the installed version.
func update(ids identities, all []opinion, list []crowsnest.Finding, wanted func(vulnerability string) bool) (crowsnest.Update, []string) {
	deciding := make(map[string]string, len(list)) // vulnerability to the advisory whose word counts
	unfixed, counted := make(map[string]bool), make(map[string]bool)
	stays := make(map[string]bool)     // what has no fix, or is not wanted
	fixes := make(map[string]bound, 1) // by text, as they were read
	var at subject
	for _, o := range all {
		if len(o.affected) == 0 {
			continue
		}
		if at.name != "" && at.name != o.subject.name {
			return crowsnest.Update{}, nil // versions of the source package and of the binary one cannot be told to be of one update
		}
		at = o.subject
		if o.fix.text != "" {
			fixes[o.fix.text] = o.fix
		}
	}
	var first bound // no lower one can clear all: below the highest of the fixes, that one's vulnerability is left
	for _, f := range list {
		if !f.Decides {
			continue
		}
		deciding[f.Vulnerability] = f.Advisory
		b, fixable := fixes[f.FixedVersion]
		if !fixable || !wanted(f.Vulnerability) {
			unfixed[f.Vulnerability], stays[f.Vulnerability] = !fixable, true
			continue
		}
		if counted[b.text] {
			continue
		}
		if counted[b.text] = true; first.version == nil || compareFixes(b, first) > 0 {
			first = b
		}
	}
	if first.version == nil {
		return crowsnest.Update{}, nil
	}
	// Most advisories end with a fix that was counted, or before the installed version, and need not be asked about later ones.
	var asked []opinion
	for _, o := range all {
		if o.subject.name == at.name && len(o.state.entries) > 0 && !o.over(counted) {
			asked = append(asked, o)
		}
	}
	// left returns what a version has: of the vulnerabilities found by the word of the source that decides, of others by anybody's.
	left := func(b bound) (has map[string]bool, clears bool) {
		has = make(map[string]bool)
		for _, o := range asked {
			if !o.state.affects(placed{b.text, b.version}) {
				continue
			}
			for _, v := range ids.byAdvisory[o.advisory] {
				if by := deciding[v]; by == "" || by == o.advisory.ID || unfixed[v] {
					has[v] = true
				}
			}
		}
		clears = true
		for v := range has {
			clears = clears && stays[v]
		}
		return has, clears
	}
	chosen := func(b bound, has map[string]bool) (crowsnest.Update, []string) {
		return crowsnest.Update{Version: b.text, Leaves: len(has)}, slices.Sorted(maps.Keys(has))
	}
	leaves, clears := left(first)
	if clears {
		return chosen(first, leaves)
	}
	const most = 16 // versions are tried one after the other, each against all that is known of the package
	for i, b := range fixesAfter(all, at, first) {
		if i == most {
			break
		}
		if has, clears := left(b); clears {
			return chosen(b, has)
		}
	}
	return chosen(first, leaves)
}

// over reports that an advisory cannot affect a version at or after the counted fixes, by the look of its ranges alone: each ends with the
// fix that was counted or, if it does not affect the installed version, is everything before a fix, which is then behind.
func (o opinion) over(counted map[string]bool) bool {
	if len(o.affected) == 0 && o.rule != OutsideRanges || len(o.affected) > 0 && !counted[o.fix.text] {
		return false
	}
	return !slices.ContainsFunc(o.state.entries, func(e entry) bool {
		return e.every || len(e.affected.Versions) > 0 || len(e.intervals) == 0 || slices.ContainsFunc(e.intervals, func(in interval) bool {
			n := len(in.bounds)
			switch {
			case n == 0 || in.bounds[n-1].kind != fixed:
				return true
			case len(o.affected) > 0:
				return in.bounds[n-1].text != o.fix.text
			}
			return n != 2 || in.bounds[0].version != nil || len(in.limits) > 0
		})
	})
}

// fixesAfter returns the fixed versions after one that advisories name, oldest first, each once.
func fixesAfter(all []opinion, of subject, after bound) []bound {
	var out []bound
	for _, o := range all {
		if o.subject.name != of.name {
			continue
		}
		for _, e := range o.state.entries {
			for _, in := range e.intervals {
				if !o.state.stream.differs(in, of.version.text) {
					out = append(out, in.fixes(after.version)...)
				}
			}
		}
	}
	slices.SortFunc(out, compareFixes)
	return slices.CompactFunc(out, func(a, b bound) bool { return compareFixes(a, b) == 0 })
}

// Step is how far an update goes.
type Step string

// The steps. What goes up within a release train keeps its promises to those who use it.
const (
	StepPackage Step = "package" // another build in the same release of a distribution
	StepPatch   Step = "patch"   // on the installed release train
	StepMinor   Step = "minor"   // to another one of the same major version
	StepMajor   Step = "major"
)

// StepOf says how far it is from an installed version to a fixed one; empty if either is empty or the ecosystem's order is not known.
func StepOf(p crowsnest.PackageVersion, fixed string) Step {
	installed := p.MatchVersion()
	o, ok := orderOf(p.Ecosystem)
	if fixed == "" || installed == "" || !ok {
		return ""
	}
	switch o.as {
	case "Debian", "Ubuntu", "Alpine", "Red Hat":
		return StepPackage // advisories speak of one release, so that is what it stays in
	}
	if o.clean != nil {
		installed = o.clean(installed)
	}
	from, to := train(installed), train(fixed)
	switch {
	case from.epoch != to.epoch || from.major != to.major:
		return StepMajor
	case from.minor == to.minor:
		return StepPatch
	case from.major == "0":
		return StepMajor // before 1.0 the second number is what promises hang on
	}
	return StepMinor
}

// line is the beginning of a version that names its release train: "1.2" of 1.2.3, "2!1.2" of PyPI's 2!1.2.3.
type line struct{ epoch, major, minor string }

func train(version string) (l line) {
	rest := version
	for i := range len(version) {
		if version[i] == '!' {
			l.epoch, rest = version[:i], version[i+1:]
			break
		}
		if !isDigit(version[i]) {
			break
		}
	}
	if rest != "" && (rest[0] == 'v' || rest[0] == 'V') {
		rest = rest[1:]
	}
	l.major, rest = number(rest)
	l.minor = "0"
	if len(rest) > 1 && (rest[0] == '.' || rest[0] == '-') && isDigit(rest[1]) {
		l.minor, _ = number(rest[1:])
	}
	return l
}

// number cuts a number off, without leading zeros.
func number(s string) (digits, rest string) {
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	start := 0
	for start < i-1 && s[start] == '0' {
		start++
	}
	return s[start:i], s[i:]
}
