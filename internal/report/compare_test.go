package report

import (
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// What comes from images must not be able to write into a merge request.
func TestMarkdownIsHarmless(t *testing.T) {
	for text, want := range map[string]string{
		"libssl3 3.0.17-1~deb12u2": `libssl3 3.0.17-1\~deb12u2`,
		"a|b":                      `a\|b`,
		"a\n| b":                   "a\uFFFD\\| b",
		"<img src=x>":              `\<img src=x\>`,
		"[x](https://evil)":        `\[x\]\(https://evil\)`,
		"`code`":                   "\\`code\\`",
		"@everyone":                "@\u200beveryone",
		"&lt;":                     `\&lt;`,
	} {
		if got := Markdown(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	if got := Markdown(strings.Repeat("x", 5000)); len(got) > 210 {
		t.Errorf("a long text has %d bytes", len(got))
	}
}

// Forges refuse longer comments.
func TestMarkdownFitsIntoAComment(t *testing.T) {
	long := strings.Repeat("<>", 200)
	r := wire.Comparison{Before: wire.Join(), After: wire.Join()}
	for range 3000 {
		r.Packages = append(r.Packages, wire.PackageChange{Change: "added", Name: long, Type: "npm", After: &long})
		for _, change := range []string{"new", "fixed", "unchanged"} {
			r.Findings = append(r.Findings, wire.FindingChange{Change: change, Finding: wire.Finding{ID: "CVE-2099-0001", Severity: crowsnest.High, Package: wire.FindingPackage{Name: "some-package", Version: "1.2.3"}}})
		}
	}
	d := ComparisonMarkdown(r, 0)
	if got := d.String(""); !strings.Contains(got, "more are not shown here.") || strings.Count(got, "| HIGH |") < 30 || len(got) >= 65_536 {
		t.Errorf("%d bytes, of which the first are %s", len(got), got[:1000])
	}
}

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
