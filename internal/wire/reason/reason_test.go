package reason

import (
	"fmt"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/match"
)

func TestCompared(t *testing.T) {
	pv := crowsnest.PackageVersion{Type: "npm", Name: "p", Ecosystem: "npm"}
	events := []crowsnest.Event{{Fixed: "2.0.0"}, {Introduced: "1.0.0"}, {Introduced: "3.0.0"}, {LastAffected: "3.1.0"}, {Limit: "3.0.5"}}
	for version, want := range map[string]string{
		"0.5.0":  "0.5.0 < introduced 1.0.0 < fixed 2.0.0 < introduced 3.0.0 < limit 3.0.5 < last affected 3.1.0",
		"1.5.0":  "introduced 1.0.0 < 1.5.0 < fixed 2.0.0 < introduced 3.0.0 < limit 3.0.5 < last affected 3.1.0",
		"2.0.0":  "introduced 1.0.0 < 2.0.0 = fixed 2.0.0 < introduced 3.0.0 < limit 3.0.5 < last affected 3.1.0",
		"9.0.0":  "introduced 1.0.0 < fixed 2.0.0 < introduced 3.0.0 < limit 3.0.5 < last affected 3.1.0 < 9.0.0",
		"latest": "introduced 1.0.0 < fixed 2.0.0 < introduced 3.0.0 < limit 3.0.5 < last affected 3.1.0",
	} {
		pv.Version = version
		a := &crowsnest.Advisory{ID: "GHSA-1", Affected: []crowsnest.Affected{{Ecosystem: "npm", Name: "p", Ranges: []crowsnest.Range{{Type: crowsnest.RangeSemver, Events: events}}}}}
		e := New(pv, match.Judge(pv, []*crowsnest.Advisory{a}), nil, func(match.Judgement) bool { return true })
		if got := e.Sources[0].Ranges[0].Compared(version); got != want {
			t.Errorf("%s: %q, want %q", version, got, want)
		}
	}
}

func TestNewIsBounded(t *testing.T) {
	pv := crowsnest.PackageVersion{Type: "npm", Name: "p", Version: "1.0.0", Ecosystem: "npm"}
	var set []*crowsnest.Advisory
	for i := range 300 {
		set = append(set, &crowsnest.Advisory{ID: fmt.Sprintf("GHSA-%03d", i), Aliases: []string{"CVE-2024-0001"}, Affected: []crowsnest.Affected{{Ecosystem: "npm", Name: "p", Ranges: []crowsnest.Range{{Type: crowsnest.RangeSemver, Events: []crowsnest.Event{{Introduced: "0"}, {Fixed: fmt.Sprintf("0.%d.0", i+1)}}}}}}})
	}
	set[200].Affected[0].Ranges[0].Events[1].Fixed = "2.0.0"
	e := New(pv, match.Judge(pv, set), match.Match(pv, set).Findings, func(match.Judgement) bool { return true })
	if len(e.Sources) != maxSources || e.More != 300-maxSources || e.DecidedBy != "GHSA-200" || e.Sources[0].Advisory != "GHSA-200" || e.DecidedWhy != match.OnlySource {
		t.Errorf("%d sources, %d more, decided by %s (%s), first %s", len(e.Sources), e.More, e.DecidedBy, e.DecidedWhy, e.Sources[0].Advisory)
	}
}
