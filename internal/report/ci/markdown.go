package ci

import (
	"fmt"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/report/markdown"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// CVEsMarkdown writes the vulnerabilities of an image for a merge request; hidden is how many the filters hid.
func CVEsMarkdown(r wire.CVEs, hidden int) (d markdown.Document) {
	d.Printf("## Vulnerabilities of %s: %s", report.Markdown(r.Image.Name), r.Summary)
	var fixable, inUse crowsnest.Summary
	var rows, updates [][]string
	for _, f := range r.Findings {
		if f.FixedVersion != nil {
			fixable.Add(f.Severity, 1)
		}
		if f.InUse == crowsnest.Loaded {
			inUse.Add(f.Severity, 1)
		}
		exploited := ""
		if f.KEV != nil {
			exploited = "yes"
		}
		rows = append(rows, []string{strings.ToUpper(f.Severity.String()), report.Markdown(f.ID), report.Markdown(f.Package.Name + " " + f.Package.Version), report.Markdown(finding{Finding: f}.fix()), f.InUse.String(), exploited})
	}
	for _, u := range r.Updates {
		leaves := ""
		if u.Leaves > 0 {
			leaves = fmt.Sprint(u.Leaves)
		}
		updates = append(updates, []string{report.Markdown(u.Package.Name + " " + u.Package.Version), report.Markdown(u.Version), leaves})
	}
	d.Table([]string{"", ""}, [][]string{
		{"digest", "`" + r.Image.Digest.Short() + "`"}, {"platform", report.Markdown(r.Image.Platform)}, {"vulnerabilities", r.Summary.String()}, {"fixable", fixable.String()}, {"in use", inUse.String()},
	})
	d.Details(fmt.Sprintf("Vulnerabilities: %d", len(rows)), true, []string{"Severity", "Vulnerability", "Package", "Fix", "In use", "Exploited"}, rows)
	d.Details(fmt.Sprintf("Upgrades: %d", len(updates)), false, []string{"Package", "Upgrade to", "Leaves"}, updates)
	if hidden > 0 {
		d.Printf("%d more hidden by the filters.", hidden)
	}
	if r.MinorHidden > 0 {
		d.Printf("%d more hidden, which the distribution takes as minor.", r.MinorHidden)
	}
	notJudged(&d, OfCVEs(r, wire.SBOM{}).unjudged)
	return d
}

// notJudged says that a short list may not be a good sign.
func notJudged(d *markdown.Document, said []string) {
	var rows [][]string
	for _, s := range said {
		rows = append(rows, []string{report.Markdown(s)})
	}
	d.Details("<b>Not all could be judged</b>", true, []string{"What"}, rows)
}

// marks tell a status at a glance.
var marks = map[crowsnest.Compliance]string{crowsnest.Compliant: "✅ met", crowsnest.NonCompliant: "❌ not met", crowsnest.NoData: "❔ no data"}

// PoliciesMarkdown writes what policies say of an image for a merge request.
func PoliciesMarkdown(r compliance.ImagePolicies) (d markdown.Document) {
	d.Printf("## Policies: %s meets %d of %d", report.Markdown(r.Image.Name), r.Met, len(r.Policies))
	if r.Environment != "" {
		d.Printf("As it runs in %s.", report.Markdown(r.Environment))
	}
	var policies, violations [][]string
	more := 0
	for _, p := range r.Policies {
		name := report.Markdown(p.Name)
		if p.Environment != "" && p.Environment != r.Environment {
			name += " in " + report.Markdown(p.Environment)
		}
		policies = append(policies, []string{marks[p.Status], name, report.Markdown(p.Reason)})
		for _, v := range p.Violations {
			violations = append(violations, []string{name, report.Markdown(v.Message), report.Markdown(v.Remedy)})
		}
		more += p.ViolationCount - len(p.Violations)
	}
	d.Details(fmt.Sprintf("Policies: %d met, %d not met, %d without data", r.Met, r.NotMet, r.NoData), true, []string{"", "Policy", "Reason"}, policies)
	d.Details(fmt.Sprintf("Violations: %d", len(violations)+more), false, []string{"Policy", "What", "Remedy"}, violations)
	if more > 0 {
		d.Printf("%d more violations are not listed.", more)
	}
	if s := r.Score; s != nil {
		d.Printf("Health score **%s**, %d%%.", report.Markdown(s.Grade), s.Percent)
	}
	return d
}
