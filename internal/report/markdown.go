package report

import (
	"fmt"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/report/markdown"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Markdown makes text of unknown origin fit for one cell of a table in Markdown: it can neither end the
// cell nor bring links, pictures, HTML or mentions of people along.
func Markdown(s string) string {
	var b strings.Builder
	for _, r := range clip(Clean(s), 200) {
		switch {
		case r == '@':
			b.WriteString("@\u200b") // a zero-width space keeps forges from notifying who is called so
		case r < 128 && strings.ContainsRune("\\`*_{}[]()<>#+!|~&$", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// ComparisonMarkdown writes what is different between two sides for a merge request.
func ComparisonMarkdown(r wire.Comparison, hidden int) (d markdown.Document) {
	d.Printf("## %s", verdict(r))
	var rows [][]string
	for _, row := range overview(r) {
		rows = append(rows, []string{row[0], Markdown(row[1]), Markdown(row[2])})
	}
	for _, kind := range kindsOfFindings {
		rows = append(rows, []string{kind.change, summaryOf(r, kind.change).String(), ""})
	}
	d.Table([]string{"", "This", "Compared with"}, rows)
	for _, kind := range kindsOfFindings {
		var rows [][]string
		for _, x := range r.Findings {
			if x.Change == kind.change {
				row := Printer{}.findingChange(x)
				for i := range row {
					row[i] = Markdown(row[i])
				}
				rows = append(rows, row)
			}
		}
		d.Details(fmt.Sprintf("%s %s", vulnerabilities(len(rows)), kind.change), kind.change == "new", []string{"Severity", "Vulnerability", "Package", "Fix", "In use"}, rows)
	}
	rows = nil
	for _, x := range r.Packages {
		if x.Change != "unchanged" {
			rows = append(rows, []string{x.Change, Markdown(x.Name), Markdown(versions(x)), Markdown(x.Type)})
		}
	}
	d.Details("Packages: "+packageCounts(r.PackageCounts), false, []string{"Change", "Package", "Version", "Type"}, rows)
	rows = nil
	for _, row := range policies(r) {
		for i := range row {
			row[i] = Markdown(row[i])
		}
		rows = append(rows, row)
	}
	if len(rows) > 0 {
		d.Details("Policies: "+policyCounts(r), r.Policies.Worse > 0, []string{"Change", "Policy", "Before and after", "Reason"}, rows)
	}
	rows = nil
	for _, f := range facts(r) {
		rows = append(rows, []string{f[0], Markdown(f[1]), Markdown(f[2])})
	}
	d.Details("Image", false, []string{"Change", "What", "Value"}, rows)
	if hidden > 0 {
		d.Printf("%d more hidden by the filters.", hidden)
	}
	if minor := minorOf(r); minor != "" {
		d.Printf("%s.", minor)
	}
	for _, s := range []wire.ComparedSide{r.After, r.Before} {
		if !s.Complete() {
			d.Printf("**Not all of %s could be judged**: %s not analysed, %s unread, packages of %s without advisories.", Markdown(sideName(s)),
				plural(s.NotAnalysed, "image"), plural(len(s.Problems), "part"), plural(len(s.MissingAdvisories), "ecosystem"))
		}
	}
	return d
}

// EnvironmentComparisonMarkdown writes what would change by repository for a merge request.
func EnvironmentComparisonMarkdown(r wire.EnvironmentComparison) (d markdown.Document) {
	d.Printf("## What changes if what runs in %s takes the place of what %s", Markdown(r.After.Name), Markdown(ranIn(r.Before)))
	d.Printf("%s.", repositoryCounts(r.States))
	d.Table([]string{"", "All", "In use"}, [][]string{
		{"new", r.Change.New.String(), r.Change.NewInUse.String()}, {"fixed", r.Change.Fixed.String(), r.Change.FixedInUse.String()},
	})
	var rows [][]string
	for _, i := range r.Items {
		row := []string{Markdown(i.Repository), stateWords[i.State], Markdown(tags(i.Repository, i.Before)), Markdown(tags(i.Repository, i.After)), "", "", ""}
		if none := (crowsnest.Summary{}); i.Change.New != none || i.Change.Fixed != none {
			row[4], row[5], row[6] = i.Change.New.String(), i.Change.Fixed.String(), i.Change.NewInUse.String()
		}
		rows = append(rows, row)
	}
	d.Details(plural(len(rows), "repository"), true, []string{"Repository", "State", "Before", "After", "New", "Fixed", "New in use"}, rows)
	for _, e := range []wire.ComparedEnvironment{r.After, r.Before} {
		if missing := e.Coverage.Running - e.Coverage.Analysed; missing > 0 {
			d.Printf("**%s**: %s not analysed, and not counted.", Markdown(e.Name), plural(missing, "running image"))
		}
	}
	return d
}
