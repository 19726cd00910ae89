package match

import (
	"cmp"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// statement is all that one advisory says of one package in one release.
type statement struct {
	ecosystem string // the package's
	entries   []entry
	stream    stream
}

// entry is an affected entry of an advisory with its ranges read.
type entry struct {
	affected  *crowsnest.Affected
	intervals []interval
	every     bool // all versions, whether they can be placed or not
}

// stateOf collects the entries of an advisory that speak of a name in a release; the best
// fit counts alone. Empty if there is none.
func stateOf(ecosystem, name string, a *crowsnest.Advisory) statement {
	st := statement{ecosystem: ecosystem, stream: streamOf(ecosystem, a)}
	best := fitsNot
	for i := range a.Affected {
		aff := &a.Affected[i]
		f := fits(aff.Ecosystem, ecosystem)
		if f == fitsNot || f < best || crowsnest.CanonicalName(aff.Ecosystem, aff.Name) != name {
			continue
		}
		if f > best {
			best, st.entries = f, nil
		}
		st.entries = append(st.entries, entry{affected: aff})
	}
	for i := range st.entries {
		e := &st.entries[i]
		for _, r := range e.affected.Ranges {
			e.every = e.every || isEvery(r)
			if in, ok := readRange(ecosystem, r); ok {
				e.intervals = append(e.intervals, in)
			}
		}
	}
	return st
}

// isEvery reports that a range begins before all versions and never ends. No version needs to
// be placed for that: malicious packages are recorded so.
func isEvery(r crowsnest.Range) bool {
	if r.Type != crowsnest.RangeSemver && r.Type != crowsnest.RangeEcosystem {
		return false
	}
	begins := false
	for _, e := range r.Events {
		switch e {
		case crowsnest.Event{Introduced: "0"}:
			begins = true
		case crowsnest.Event{Limit: "*"}:
		default:
			return false
		}
	}
	return begins
}

// verdict is what a statement says of a version.
type verdict struct {
	affected []*crowsnest.Affected // by which entries it is affected; none if it is not
	rule     Rule                  // of the first of them, or why there is none
	fix      bound                 // lowest version after which none of the entries holds; without a text if no fix of a range that holds does so
}

// judge holds a version against every entry.
func (st statement) judge(installed placed) (v verdict) {
	var after []bound
	fixedBuild := st.isFixedBuild(installed)
	for _, e := range st.entries {
		rule, affected := st.rule(e, installed, fixedBuild, &after)
		if affected {
			if len(v.affected) == 0 {
				v.rule = rule
			}
			v.affected = append(v.affected, e.affected)
		} else if len(v.affected) == 0 {
			v.rule = max(v.rule, rule)
		}
	}
	v.fix = st.lowest(after)
	return v
}

// rule says by which rule an entry affects a version, or why it does not. The fixed versions after it, of the ranges it
// lies in, are added to after, unless that is nil.
func (st statement) rule(e entry, installed placed, fixedBuild bool, after *[]bound) (Rule, bool) {
	other, inside := 0, false
	for _, in := range e.intervals {
		switch {
		case st.stream.differs(in, installed.text):
			other++
		case installed.version == nil || fixedBuild || !in.contains(installed.version):
		default:
			if inside = true; after != nil {
				*after = append(*after, in.fixes(installed.version)...)
			}
		}
	}
	switch {
	case e.every:
		return AllVersions, true
	case slices.Contains(e.affected.Versions, installed.text):
		return Listed, true
	case inside:
		return InsideRange, true
	case e.lists(st.ecosystem, installed):
		return ListedOtherwise, true
	case installed.version == nil:
		return NotOrdered, false
	case fixedBuild:
		return FixedBuild, false
	case other > 0 && other == len(e.intervals):
		return OtherStream, false
	case len(e.intervals) > 0:
		return OutsideRanges, false
	case len(e.affected.Versions) > 0:
		return NotListed, false
	}
	return RangesNotOrdered, false
}

// lowest returns the lowest of fixed versions at which no entry holds.
func (st statement) lowest(after []bound) bound {
	// Advisories have few fixes; a bound on how many are tried keeps a hostile one from costing its square.
	const most = 64
	slices.SortFunc(after, compareFixes)
	for i, b := range after {
		if i == most {
			break
		}
		if !st.holds(b) {
			return b
		}
	}
	return bound{}
}

// compareFixes orders fixed versions; the text tells spellings of one apart.
func compareFixes(a, b bound) int {
	c, _ := compareBounds(a, b)
	return cmp.Or(c, strings.Compare(a.text, b.text))
}

// isFixedBuild reports that a version is itself named as fixed. RPM distributions
// with modules list the same package once for each build that has the fix
// ("…module_el8.4.0+2249", "…module_el8.5.0+71"); the older of them is fixed
// although it sorts below the newer.
func (st statement) isFixedBuild(installed placed) bool {
	if installed.version == nil || !crowsnest.IsRPM(st.ecosystem) {
		return false
	}
	for _, e := range st.entries {
		for _, in := range e.intervals {
			if in.fixedAt(installed.version) {
				return true
			}
		}
	}
	return false
}

// affects reports that an entry affects a version.
func (st statement) affects(at placed) bool {
	fixedBuild := st.isFixedBuild(at)
	return slices.ContainsFunc(st.entries, func(e entry) bool {
		_, affected := st.rule(e, at, fixedBuild, nil)
		return affected
	})
}

// holds reports that an entry still affects a fixed version.
func (st statement) holds(at bound) bool {
	rpm := crowsnest.IsRPM(st.ecosystem)
	for _, e := range st.entries {
		if e.every || slices.Contains(e.affected.Versions, at.text) {
			return true
		}
		if rpm {
			continue // a version named as fixed is a fixed build
		}
		for _, in := range e.intervals {
			if in.contains(at.version) {
				return true
			}
		}
	}
	return false
}

// lists reports that an entry without usable ranges lists the version in another
// spelling ("v1.0" for "1.0"). With ranges there is no need to look: they say it all.
func (e entry) lists(ecosystem string, installed placed) bool {
	if ecosystem == crowsnest.EcosystemGit {
		return e.listsTag(installed)
	}
	if len(e.intervals) > 0 || installed.version == nil {
		return false
	}
	o, ok := orderOf(ecosystem)
	if !ok {
		return false
	}
	return slices.ContainsFunc(e.affected.Versions, func(listed string) bool {
		v, ok := o.read(listed)
		if !ok {
			return false
		}
		c, ok := compare(installed.version, v)
		return ok && c == 0
	})
}

// listsTag reports that an entry lists the tag of a version. Ranges that speak of versions say
// it all where they can place this one; those that speak of commits say nothing here.
func (e entry) listsTag(installed placed) bool {
	if len(e.intervals) > 0 && installed.version != nil {
		return false
	}
	want, ok := tagVersion(installed.text)
	return ok && slices.ContainsFunc(e.affected.Versions, func(tag string) bool {
		v, ok := tagVersion(tag)
		return ok && v == want
	})
}

// tagVersion returns the version that a tag of a repository names: "3.0.7" for "openssl-3.0.7",
// "1.1.1k" for "OpenSSL_1_1_1k", "17.0.7+7" for "jdk-17.0.7+7". Before the version there may
// be one word, no more: "mysql-cluster-8.0.33" is a version of something else.
func tagVersion(tag string) (string, bool) {
	tag = strings.ToLower(strings.TrimSpace(tag))
	i := 0
	for i < len(tag) && tag[i] >= 'a' && tag[i] <= 'z' {
		i++
	}
	if 0 < i && i < len(tag) && strings.IndexByte("-_/.", tag[i]) >= 0 {
		i++
	}
	if i == len(tag) || !isDigit(tag[i]) || len(tag) > maxVersion {
		return "", false
	}
	return strings.ReplaceAll(tag[i:], "_", "."), true
}
