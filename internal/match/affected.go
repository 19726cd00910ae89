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
	st := statement{ecosystem: ecosystem}
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

// hits returns the entries by which a version is affected and the lowest version that
// clears it: one after which none of the advisory's entries holds. Empty if no fix of a
// range that holds does so.
func (st statement) hits(installed placed) (affected []*crowsnest.Affected, fix string) {
	var after []bound
	fixedBuild := crowsnest.IsRPM(st.ecosystem) && st.isFixedBuild(installed)
	for _, e := range st.entries {
		hit := e.every || slices.Contains(e.affected.Versions, installed.text)
		for _, in := range e.intervals {
			if installed.version == nil || fixedBuild || !in.contains(installed.version) {
				continue
			}
			hit = true
			after = append(after, in.fixes(installed.version)...)
		}
		if hit || e.lists(st.ecosystem, installed) {
			affected = append(affected, e.affected)
		}
	}
	// Advisories have few fixes; a bound on how many are tried keeps a hostile one from costing its square.
	const most = 64
	slices.SortFunc(after, func(a, b bound) int {
		c, _ := compareBounds(a, b)
		return cmp.Or(c, strings.Compare(a.text, b.text))
	})
	for i, b := range after {
		if i == most {
			break
		}
		if !st.holds(b) {
			return affected, b.text
		}
	}
	return affected, ""
}

// isFixedBuild reports that a version is itself named as fixed. RPM distributions
// with modules list the same package once for each build that has the fix
// ("…module_el8.4.0+2249", "…module_el8.5.0+71"); the older of them is fixed
// although it sorts below the newer.
func (st statement) isFixedBuild(installed placed) bool {
	if installed.version == nil {
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
