package store

import (
	"cmp"
	"maps"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
)

// Omissions is what the findings of an image leave out: a short list must not look like a
// clean bill of health.
type Omissions struct {
	Problems          []crowsnest.Problem // parts that could not be analysed
	MissingAdvisories []MissingAdvisories
}

// MissingAdvisories counts the packages of a type and an ecosystem of which no whole set of
// advisories is held.
type MissingAdvisories struct {
	Ecosystem string // without a release
	Type      string
	Packages  int
}

// WithoutAdvisories returns, by ecosystem and type, what of counted no status stands for. Packages without
// an ecosystem do not count: nothing could be held for them.
func WithoutAdvisories(counted []MissingAdvisories, statuses []AdvisoryStatus) []MissingAdvisories {
	held := make(map[string]bool, len(statuses))
	for _, s := range statuses {
		held[crowsnest.EcosystemBase(s.Ecosystem)] = true
	}
	type key struct{ ecosystem, kind string }
	sums := make(map[key]int)
	for _, c := range counted {
		if base := crowsnest.EcosystemBase(c.Ecosystem); base != "" && !held[base] {
			sums[key{base, c.Type}] += c.Packages
		}
	}
	var out []MissingAdvisories
	for _, k := range slices.SortedFunc(maps.Keys(sums), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.ecosystem, b.ecosystem), cmp.Compare(a.kind, b.kind))
	}) {
		out = append(out, MissingAdvisories{Ecosystem: k.ecosystem, Type: k.kind, Packages: sums[k]})
	}
	return out
}
