package match

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

func withdrawn(a *crowsnest.Advisory) *crowsnest.Advisory {
	a.Withdrawn = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	return a
}

// inBrief writes a judgement in one line: rule, version and what decided, with the position of the version beside each event.
func inBrief(j Judgement) string {
	out := fmt.Sprintf("%s %s %s@%s", j.Advisory.ID, j.Rule, j.Name, j.Version)
	for _, r := range j.Ranges {
		out += fmt.Sprintf(" [within=%v", r.Within)
		for _, e := range r.Events {
			out += fmt.Sprintf(" %s%s%s%s:%+d", e.Introduced, strings.Repeat("<", len(e.Fixed)/max(1, len(e.Fixed)))+e.Fixed, e.LastAffected, e.Limit, e.Position)
		}
		out += "]"
	}
	return out
}

func TestJudge(t *testing.T) {
	commits := crowsnest.Range{Type: crowsnest.RangeGit, Events: []crowsnest.Event{{Introduced: "0"}}}
	listed := affects("npm", "p")
	listed.Versions = []string{"1.0.0", "1.0.1"}
	for _, tt := range []struct {
		name     string
		pv       crowsnest.PackageVersion
		advisory *crowsnest.Advisory
		want     string
	}{
		{"inside", pkg("npm", "p", "1.2.0"), advisory("GHSA-1", affects("npm", "p", sem("<2.0.0", "1.0.0"))), "GHSA-1 in-range p@1.2.0 [within=true 1.0.0:+1 <2.0.0:-1]"},
		{"outside", pkg("npm", "p", "2.0.0"), advisory("GHSA-1", affects("npm", "p", sem("1.0.0", "<2.0.0"))), "GHSA-1 outside-ranges p@2.0.0 [within=false 1.0.0:+1 <2.0.0:+0]"},
		{"in the second", pkg("npm", "p", "3.5.0"), advisory("GHSA-1", affects("npm", "p", sem("1.0.0", "<2.0.0")), affects("npm", "p", sem("3.0.0"))), "GHSA-1 in-range p@3.5.0 [within=true 3.0.0:+1] [within=false 1.0.0:+1 <2.0.0:+1]"},
		{"limit", pkg("npm", "p", "2.0.0"), advisory("GHSA-1", affects("npm", "p", sem("0", "|2.0.0"))), "GHSA-1 outside-ranges p@2.0.0 [within=false 0:+1 2.0.0:+0]"},
		{"every version", pkg("npm", "p", "latest"), advisory("MAL-1", affects("npm", "p", sem("0"))), "MAL-1 all-versions p@latest [within=false 0:+0]"},
		{"listed", pkg("npm", "p", "1.0.1"), advisory("GHSA-1", listed), "GHSA-1 listed p@1.0.1"},
		{"listed in another spelling", pkg("npm", "p", "v1.0.1"), advisory("GHSA-1", listed), "GHSA-1 listed-otherwise p@v1.0.1"},
		{"not listed", pkg("npm", "p", "1.0.2"), advisory("GHSA-1", listed), "GHSA-1 not-listed p@1.0.2"},
		{"no version", pkg("npm", "p", "latest"), advisory("GHSA-1", affects("npm", "p", sem("0", "<2.0.0"))), "GHSA-1 not-ordered p@latest [within=false 0:+0 <2.0.0:+0]"},
		{"commits", pkg("npm", "p", "1.0.0"), advisory("GHSA-1", affects("npm", "p", commits)), "GHSA-1 ranges-not-ordered p@1.0.0 [within=false 0:+0]"},
		{"withdrawn", pkg("npm", "p", "1.2.0"), withdrawn(advisory("GHSA-1", affects("npm", "p", sem("0")))), "GHSA-1 withdrawn p@1.2.0 [within=true 0:+1]"},
		{"another release", pkg("Debian:12", "p", "1-1"), advisory("DSA-1", affects("Debian:11", "p", eco("0", "<2-1"))), "DSA-1 other-release p@1-1"},
		{"source", crowsnest.PackageVersion{Ecosystem: "Debian:12", Name: "libp1", Version: "1-1+b1", Source: "p", SourceVersion: "1-1"}, advisory("DSA-1", affects("Debian:12", "p", eco("0", "<2-1"))), "DSA-1 in-range p@1-1 [within=true 0:+1 <2-1:-1]"},
		{"fixed build", pkg("AlmaLinux:8", "p", "1-1.module_el8.4.0+1"), advisory("ALSA-1", affects("AlmaLinux:8", "p", eco("0", "<1-1.module_el8.5.0+1")), affects("AlmaLinux:8", "p", eco("0", "<1-1.module_el8.4.0+1"))),
			"ALSA-1 fixed-build p@1-1.module_el8.4.0+1 [within=true 0:+1 <1-1.module_el8.5.0+1:-1] [within=false 0:+1 <1-1.module_el8.4.0+1:+0]"},
		{"another stream", pkg("AlmaLinux:8", "p", "1-1.el8"), advisory("ALSA-1", affects("AlmaLinux:8", "p", eco("0", "<1-2.module_el8.4.0+1"))), "ALSA-1 other-stream p@1-1.el8 [within=true 0:+1 <1-2.module_el8.4.0+1:-1]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, j := range Judge(tt.pv, []*crowsnest.Advisory{tt.advisory, advisory("OTHER-1", affects("npm", "another", sem("0"))), nil}) {
				got = append(got, inBrief(j))
			}
			if diff := cmp.Diff([]string{tt.want}, got); diff != "" {
				t.Errorf("judgements (-want +got):\n%s", diff)
			}
		})
	}
	if got := Judge(pkg("", "p", "1"), []*crowsnest.Advisory{advisory("GHSA-1", affects("npm", "p", sem("0")))}); got != nil {
		t.Errorf("of a package without an ecosystem: %v", got)
	}
}

// The events around a version are shown of a range that has many.
func TestJudgeShowsWhatIsNear(t *testing.T) {
	var events []string
	for i := range 500 {
		events = append(events, fmt.Sprintf("1.%d.0", i), fmt.Sprintf("<1.%d.5", i))
	}
	for _, installed := range []string{"0.1.0", "1.250.1", "9.0.0"} {
		r := Judge(pkg("npm", "p", installed), []*crowsnest.Advisory{advisory("GHSA-1", affects("npm", "p", sem(events...)))})[0].Ranges[0]
		before, after := 0, 0
		for _, e := range r.Events {
			if e.Position < 0 {
				before++
			} else {
				after++
			}
		}
		if len(r.Events) != MaxEvents || r.More != 1000-MaxEvents || installed == "1.250.1" && (before == 0 || after == 0) {
			t.Errorf("%s: %d events, %d before and %d after, %d more", installed, len(r.Events), before, after, r.More)
		}
	}
}
