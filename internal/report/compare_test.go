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
