package narrow

import (
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

func TestComparisonIsFiltered(t *testing.T) {
	finding := func(change, kind string, severity, was crowsnest.Severity) wire.FindingChange {
		out := wire.FindingChange{Change: change, Finding: wire.Finding{Severity: severity, Package: wire.FindingPackage{Type: kind}}}
		if was != severity {
			out.Worse, out.Was = severity > was, &wire.FindingWas{Severity: was}
		}
		return out
	}
	high, low := crowsnest.High, crowsnest.Low
	one := "1"
	r := wire.Comparison{
		Before: wire.ComparedSide{MissingAdvisories: []wire.MissingAdvisories{{Type: "npm"}}}, After: wire.ComparedSide{MissingAdvisories: []wire.MissingAdvisories{{Type: "npm"}}},
		Packages: []wire.PackageChange{{Change: "added", Type: "npm", After: &one}, {Change: "unchanged", Type: "deb", Before: &one, After: &one}},
		Findings: []wire.FindingChange{finding("new", "deb", high, high), finding("fixed", "deb", low, low), finding("unchanged", "deb", low, low), finding("unchanged", "deb", high, low), finding("new", "npm", low, low)},
	}
	for name, c := range map[string]struct {
		filter             Filter
		ignore             bool
		findings, packages int
		hidden             int
		before, after      crowsnest.Summary
		complete           bool
	}{
		"all":              {Filter{}, false, 5, 2, 0, crowsnest.Summary{Low: 3}, crowsnest.Summary{High: 2, Low: 2}, false},
		"what changed":     {Filter{}, true, 4, 1, 0, crowsnest.Summary{Low: 3}, crowsnest.Summary{High: 2, Low: 2}, false},
		"high, or it was":  {Filter{Severities: []crowsnest.Severity{high}}, false, 2, 2, 3, crowsnest.Summary{Low: 1}, crowsnest.Summary{High: 2}, false},
		"low, or it was":   {Filter{Severities: []crowsnest.Severity{low}}, false, 4, 2, 1, crowsnest.Summary{Low: 3}, crowsnest.Summary{High: 1, Low: 2}, false},
		"packages of deb":  {Filter{PackageTypes: []string{"deb"}}, false, 4, 1, 1, crowsnest.Summary{Low: 3}, crowsnest.Summary{High: 2, Low: 1}, true},
		"what is in use":   {Filter{OnlyInUse: true}, false, 0, 2, 5, crowsnest.Summary{}, crowsnest.Summary{}, false},
		"what has a fix":   {Filter{OnlyFixed: true}, false, 0, 2, 5, crowsnest.Summary{}, crowsnest.Summary{}, false},
		"nothing of these": {Filter{PackageTypes: []string{"gem"}}, true, 0, 0, 5, crowsnest.Summary{}, crowsnest.Summary{}, true},
	} {
		got, hidden := c.filter.ApplyComparison(r, c.ignore)
		if len(got.Findings) != c.findings || len(got.Packages) != c.packages || hidden != c.hidden || got.Before.Summary != c.before || got.After.Summary != c.after || got.After.Complete() != c.complete {
			t.Errorf("%s: %d findings, %d packages, %d hidden, %v → %v, complete %t", name, len(got.Findings), len(got.Packages), hidden, got.Before.Summary, got.After.Summary, got.After.Complete())
		}
	}
	if len(r.Findings) != 5 || len(r.Packages) != 2 {
		t.Error("the comparison that was filtered is another")
	}
}
