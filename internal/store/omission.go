package store

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// Omissions is what the findings of an image leave out: a short list must not look like a
// clean bill of health.
type Omissions struct {
	Problems          []crowsnest.Problem // parts that could not be analysed
	MissingAdvisories []MissingAdvisories
	Advisories        []AdvisoryAge // of what advisories are held of ecosystems of its packages
	ThreatData        ThreatData
}

// AdvisoryAge is when what is held of an ecosystem was last taken or found unchanged.
type AdvisoryAge struct {
	Ecosystem string
	Checked   time.Time
}

// ThreatData is of when what is known of attacks is; zero where nothing is held, which means no vulnerability is known to be
// free of them.
type ThreatData struct{ KEV, EPSS time.Time }

// ThreatDataOf finds the feeds of threats among all.
func ThreatDataOf(feeds []Feed) (out ThreatData) {
	for _, f := range feeds {
		switch f.Name {
		case KEVFeed:
			out.KEV = f.AsOf
		case EPSSFeed:
			out.EPSS = f.AsOf
		}
	}
	return out
}

// AgesOf returns the ages of what is held of the ecosystems of counted packages.
func AgesOf(counted []MissingAdvisories, statuses []AdvisoryStatus) []AdvisoryAge {
	asked := make(map[string]bool, len(counted))
	for _, c := range counted {
		asked[crowsnest.EcosystemBase(c.Ecosystem)] = true
	}
	var out []AdvisoryAge
	for _, s := range statuses {
		if asked[crowsnest.EcosystemBase(s.Ecosystem)] {
			out = append(out, AdvisoryAge{s.Ecosystem, s.Checked})
		}
	}
	return out
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
