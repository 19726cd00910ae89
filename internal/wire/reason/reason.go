// Package reason is the form of why something was found, or was not, in answers.
package reason

import (
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/match"
)

// Explanation says why a package version has a vulnerability or does not. Its fields are a contract.
type Explanation struct {
	Ecosystem  string            `json:"ecosystem" doc:"Of the package, as OSV names it, with its release"`
	DecidedBy  string            `json:"decidedBy,omitempty" doc:"The advisory whose severity and fix are shown; absent if nothing was found"`
	DecidedWhy string            `json:"decidedWhy,omitempty" enum:"only-source,ships-the-package,best-founded,first-by-id"`
	Sources    []ExplainedSource `json:"sources" doc:"The advisories held that speak of the package and the vulnerability, the one that decides first, then those that affect the version; 50 at most"`
	More       int               `json:"moreSources,omitempty"`
}

// ExplainedSource is what one advisory says of a package version.
type ExplainedSource struct {
	Advisory        string                `json:"advisory"`
	Vulnerabilities []string              `json:"vulnerabilities" doc:"That it is about; 20 at most"`
	Affected        bool                  `json:"affected"`
	Rule            string                `json:"rule" enum:"in-range,all-versions,listed,listed-otherwise,outside-ranges,not-listed,fixed-build,other-stream,other-release,not-ordered,ranges-not-ordered,withdrawn"`
	Withdrawn       *time.Time            `json:"withdrawn,omitempty"`
	Ecosystem       string                `json:"ecosystem,omitempty" doc:"Of the entry that decided, as the advisory writes it; absent if it speaks of other releases only"`
	Name            string                `json:"name" doc:"By which it knows the package; of a distribution mostly the source package"`
	Version         string                `json:"version" doc:"That was compared: the source package's, if name is its name"`
	Releases        []string              `json:"releases" doc:"Ecosystems in which it speaks of the package; 50 at most"`
	Ranges          []ExplainedRange      `json:"ranges" doc:"Those in which the version lies first; 20 at most"`
	FixedVersion    string                `json:"fixedVersion,omitempty"`
	Severity        string                `json:"severity,omitempty" doc:"By this advisory alone; absent if it does not affect the version"`
	Score           float64               `json:"score,omitempty"`
	State           crowsnest.VendorState `json:"state,omitempty"`
}

// ExplainedRange is a range of an advisory with where the version lies.
type ExplainedRange struct {
	Type    crowsnest.RangeType `json:"type" enum:"SEMVER,ECOSYSTEM,GIT"`
	Ordered bool                `json:"ordered" doc:"False if it is of commits, or holds what is no version: then it says nothing of versions"`
	Within  bool                `json:"within"`
	Events  []ExplainedEvent    `json:"events" doc:"In the order of versions; of many those around the version"`
	More    int                 `json:"moreEvents,omitempty"`
}

// ExplainedEvent is one event of a range.
type ExplainedEvent struct {
	Kind    string `json:"kind" enum:"introduced,fixed,last-affected,limit"`
	Version string `json:"version" doc:"0 is before every version"`
	Is      string `json:"is,omitempty" enum:"below,at,above" doc:"Where the compared version is; absent if it was not compared"`
}

// The bounds on what is told.
const (
	maxSources  = 50
	maxNames    = 20
	maxReleases = 50
)

// New explains what was found of vulnerabilities in a package version, or that nothing was. Of judgements, those count that are about one of the
// vulnerabilities.
func New(p crowsnest.PackageVersion, judgements []match.Judgement, found []crowsnest.Finding, about func(match.Judgement) bool) Explanation {
	out := Explanation{Ecosystem: p.Ecosystem, Sources: []ExplainedSource{}}
	var others []crowsnest.Finding
	byAdvisory := make(map[string]crowsnest.Finding)
	for _, f := range found {
		byAdvisory[f.Advisory] = f
		if f.Decides && out.DecidedBy == "" {
			out.DecidedBy = f.Advisory
		} else {
			others = append(others, f)
		}
	}
	if out.DecidedBy != "" {
		out.DecidedWhy = match.Why(p, byAdvisory[out.DecidedBy], others)
	}
	for _, j := range judgements {
		if about(j) {
			out.Sources = append(out.Sources, newSource(j))
		}
	}
	rank := func(s ExplainedSource) int {
		switch {
		case s.Advisory == out.DecidedBy:
			return 0
		case s.Affected:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(out.Sources, func(a, b ExplainedSource) int { return rank(a) - rank(b) })
	n := min(len(out.Sources), maxSources)
	out.Sources, out.More = out.Sources[:n], len(out.Sources)-n
	return out
}

func newSource(j match.Judgement) ExplainedSource {
	s := ExplainedSource{
		Advisory: j.Advisory.ID, Vulnerabilities: cut(j.Vulnerabilities, maxNames), Affected: j.Affected, Rule: j.Rule.String(),
		Name: j.Name, Version: j.Version, Releases: cut(j.Releases, maxReleases), Ranges: make([]ExplainedRange, 0, len(j.Ranges)), FixedVersion: j.Fix,
	}
	if !j.Advisory.Withdrawn.IsZero() {
		s.Withdrawn = &j.Advisory.Withdrawn
	}
	if j.Entry != nil {
		s.Ecosystem = j.Entry.Ecosystem
	}
	if j.Affected {
		s.Severity, s.State = j.Severity.String(), j.State
		if j.CVSS != nil {
			s.Score = j.CVSS.Score
		}
	}
	for _, r := range j.Ranges {
		to := ExplainedRange{Type: r.Type, Ordered: r.Ordered, Within: r.Within, Events: make([]ExplainedEvent, 0, len(r.Events)), More: r.More}
		for _, e := range r.Events {
			to.Events = append(to.Events, newEvent(e))
		}
		s.Ranges = append(s.Ranges, to)
	}
	return s
}

func newEvent(e match.JudgedEvent) ExplainedEvent {
	var out ExplainedEvent
	switch {
	case e.Introduced != "":
		out = ExplainedEvent{Kind: "introduced", Version: e.Introduced}
	case e.Fixed != "":
		out = ExplainedEvent{Kind: "fixed", Version: e.Fixed}
	case e.LastAffected != "":
		out = ExplainedEvent{Kind: "last-affected", Version: e.LastAffected}
	default:
		out = ExplainedEvent{Kind: "limit", Version: e.Limit}
	}
	if e.Compared {
		out.Is = [...]string{"below", "at", "above"}[e.Position+1]
	}
	return out
}

// cut copies no more than n of a list.
func cut(list []string, n int) []string {
	return append([]string{}, list[:min(len(list), n)]...)
}

// Compared writes a range with where the version lies: "introduced 0 < 3.0.9-1 < fixed 3.0.11-1".
func (r ExplainedRange) Compared(version string) string {
	var parts []string
	placed := false
	for _, e := range r.Events {
		event := strings.ReplaceAll(e.Kind, "-", " ") + " " + e.Version
		if !placed && (e.Is == "below" || e.Is == "at") {
			if placed = true; e.Is == "at" {
				parts = append(parts, version+" = "+event)
				continue
			}
			parts = append(parts, version)
		}
		parts = append(parts, event)
	}
	if !placed && len(r.Events) > 0 && r.Events[0].Is != "" {
		parts = append(parts, version)
	}
	return strings.Join(parts, " < ")
}
