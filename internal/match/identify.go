package match

import (
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// CVE returns s as a CVE identifier in upper case; false if it is none.
func CVE(s string) (string, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	rest, ok := strings.CutPrefix(s, "CVE-")
	if !ok {
		return "", false
	}
	year, number, ok := strings.Cut(rest, "-")
	if !ok || len(year) != 4 || !isDigits(year) || len(number) < 4 || !isDigits(number) {
		return "", false
	}
	return s, true
}

// cves returns the CVE identifiers of the lists, each once, sorted.
func cves(lists ...[]string) []string {
	var out []string
	for _, list := range lists {
		for _, s := range list {
			if id, ok := CVE(s); ok {
				out = append(out, id)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// notices are the prefixes of identifiers that name an update rather than a
// vulnerability; one notice bundles the CVEs that the update fixes and may name
// them as upstream (Debian, Ubuntu), as related (AlmaLinux, Rocky Linux, SUSE in older records) or as aliases.
var notices = []string{
	"DSA-", "DLA-", "DTSA-", "USN-", "LSN-",
	"ALSA-", "ALBA-", "ALEA-", "RLSA-", "RXSA-", "RLBA-", "RLEA-", "RHSA-", "RHBA-", "RHEA-",
	"SUSE-SU-", "SUSE-RU-", "SUSE-FU-", "SUSE-OU-", "openSUSE-SU-", "openSUSE-RU-", "openSUSE-FU-", "openSUSE-OU-",
	"MGASA-", "OESA-", "PHSA-", "ELSA-", "ALAS-", "ALAS2-", "BELL-SA-",
}

// IsNotice reports that an identifier is that of a notice.
func IsNotice(id string) bool {
	return slices.ContainsFunc(notices, func(p string) bool { return strings.HasPrefix(id, p) })
}

// CVEsOf returns the CVEs that an advisory itself says it is about: its own ID;
// else its aliases; else what it carries over from upstream; else the CVE its
// ID ends in, as in ALPINE-CVE-2024-1234. A notice is about all it names.
func CVEsOf(a *crowsnest.Advisory) []string {
	if id, ok := CVE(a.ID); ok {
		return []string{id}
	}
	if IsNotice(a.ID) {
		return cves(a.Aliases, a.Upstream, a.Related)
	}
	if out := cves(a.Aliases); len(out) > 0 {
		return out
	}
	var own string
	if i := strings.Index(a.ID, "-CVE-"); i > 0 {
		own, _ = CVE(a.ID[i+1:])
	}
	out := cves(a.Upstream)
	switch {
	case own == "":
		return out
	case len(out) == 0 || slices.Contains(out, own):
		return []string{own}
	}
	return out
}

// namesOf returns every identifier by which an advisory names its vulnerability,
// its own first. A notice names no vulnerability but by its own ID. What a record
// carries over from upstream is another name only if it is the one thing carried over.
func namesOf(a *crowsnest.Advisory) []string {
	names := []string{a.ID}
	if IsNotice(a.ID) {
		return names
	}
	names = append(names, a.Aliases...)
	if len(a.Upstream) == 1 {
		names = append(names, a.Upstream...)
	}
	for i, n := range names[1:] {
		names[i+1] = strings.TrimSpace(n)
		if id, ok := CVE(n); ok {
			names[i+1] = id
		}
	}
	return slices.DeleteFunc(names, func(n string) bool { return n == "" })
}

// identities knows which vulnerabilities each advisory is about, given all
// advisories that speak of a package, whether they affect its version or not.
type identities struct {
	byAdvisory map[*crowsnest.Advisory][]string
	byID       map[string]*crowsnest.Advisory
}

// identify works out the vulnerabilities of each advisory. Those that know no CVE
// themselves take it from the advisories they share a name with: a record named
// by one of theirs is believed first, records that merely list the same name
// next. Those that stay without one are joined by shared names, and each such group is
// called by its smallest GHSA identifier, else by its smallest name.
func identify(advisories []*crowsnest.Advisory) identities {
	ids := identities{make(map[*crowsnest.Advisory][]string, len(advisories)), make(map[string]*crowsnest.Advisory, len(advisories))}
	var open []*crowsnest.Advisory
	for _, a := range advisories {
		ids.byID[a.ID] = a
		switch known := CVEsOf(a); {
		case len(known) > 0:
			ids.byAdvisory[a] = known
		case IsNotice(a.ID):
			ids.byAdvisory[a] = []string{a.ID}
		default:
			open = append(open, a)
		}
	}
	if len(open) == 0 {
		return ids
	}
	open = ids.resolve(advisories, open)
	for a, id := range joined(open) {
		ids.byAdvisory[a] = []string{id}
	}
	return ids
}

// resolve gives CVEs to open advisories in rounds, until none is gained, and returns the
// rest. A round reads only what earlier rounds found, so the order of advisories
// does not matter.
func (ids identities) resolve(advisories, open []*crowsnest.Advisory) []*crowsnest.Advisory {
	for len(open) > 0 {
		listed := make(map[string][]string)
		for _, a := range advisories {
			if known := ids.byAdvisory[a]; len(known) > 0 && !IsNotice(a.ID) {
				for _, n := range namesOf(a) {
					listed[n] = append(listed[n], known...)
				}
			}
		}
		found := make(map[*crowsnest.Advisory][]string)
		var rest []*crowsnest.Advisory
		for _, a := range open {
			var own, shared []string
			for _, n := range namesOf(a) {
				if other := ids.byID[n]; other != nil && other != a {
					own = append(own, ids.byAdvisory[other]...)
				}
				shared = append(shared, listed[n]...)
			}
			switch {
			case len(own) > 0:
				found[a] = cves(own)
			case len(shared) > 0:
				found[a] = cves(shared)
			}
			if len(found[a]) == 0 {
				delete(found, a)
				rest = append(rest, a)
			}
		}
		if len(found) == 0 {
			return rest
		}
		for a, known := range found {
			ids.byAdvisory[a] = known
		}
		open = rest
	}
	return nil
}

// joined groups advisories by shared names and returns the name of each one's group.
func joined(advisories []*crowsnest.Advisory) map[*crowsnest.Advisory]string {
	parent := make(map[string]string)
	var root func(string) string
	root = func(n string) string {
		p, ok := parent[n]
		if !ok || p == n {
			parent[n] = n
			return n
		}
		r := root(p)
		parent[n] = r
		return r
	}
	for _, a := range advisories {
		for _, n := range namesOf(a) {
			parent[root(n)] = root(a.ID)
		}
	}
	best := make(map[string]string)
	for n := range parent {
		r := root(n)
		if b, ok := best[r]; !ok || before(n, b) {
			best[r] = n
		}
	}
	out := make(map[*crowsnest.Advisory]string, len(advisories))
	for _, a := range advisories {
		out[a] = best[root(a.ID)]
	}
	return out
}

// before orders names: GHSA identifiers first, then by text.
func before(a, b string) bool {
	ga, gb := strings.HasPrefix(a, "GHSA-"), strings.HasPrefix(b, "GHSA-")
	if ga != gb {
		return ga
	}
	return a < b
}

// aliases returns the other names that an advisory has for one of its vulnerabilities:
// not the CVEs that are vulnerabilities of their own, nor the names of records known to
// be about something else.
func (ids identities) aliases(a *crowsnest.Advisory, vulnerability string) []string {
	own := ids.byAdvisory[a]
	var out []string
	for _, n := range append(namesOf(a), a.Upstream...) {
		if n == vulnerability || n == "" || slices.Contains(own, n) {
			continue
		}
		if _, isCVE := CVE(n); isCVE && len(own) > 1 {
			continue
		}
		if other := ids.byID[n]; other != nil && other != a && !slices.Contains(ids.byAdvisory[other], vulnerability) {
			continue
		}
		out = append(out, n)
	}
	return out
}
