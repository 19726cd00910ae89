package report

import (
	"fmt"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// maxMarkdownRows bounds each list in Markdown: forges refuse comments of more than 65,536 characters.
const maxMarkdownRows = 60

// md makes text of unknown origin fit for one cell of a table in Markdown: it can neither end the
// cell nor bring links, pictures, HTML or mentions of people along.
func md(s string) string {
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

func (p Printer) mdTable(head []string, rows [][]string) {
	p.printf("| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat(" --- |", len(head)))
	for i, row := range rows {
		if i == maxMarkdownRows {
			break
		}
		p.printf("| %s |\n", strings.Join(row, " | "))
	}
	if more := len(rows) - maxMarkdownRows; more > 0 {
		p.printf("\n%d more are not shown here.\n", more)
	}
	p.printf("\n")
}

// details writes a list that is folded in.
func (p Printer) details(title string, open bool, head []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	tag := "<details>"
	if open {
		tag = "<details open>"
	}
	p.printf("%s<summary>%s</summary>\n\n", tag, title)
	p.mdTable(head, rows)
	p.printf("</details>\n\n")
}

// comparisonMarkdown writes what is different between two sides for a merge request.
func (p Printer) comparisonMarkdown(r wire.Comparison, hidden int) {
	p.printf("## %s\n\n", verdict(r))
	var rows [][]string
	for _, row := range overview(r) {
		rows = append(rows, []string{row[0], md(row[1]), md(row[2])})
	}
	for _, kind := range kindsOfFindings {
		rows = append(rows, []string{kind.change, summaryOf(r, kind.change).String(), ""})
	}
	p.mdTable([]string{"", "This", "Compared with"}, rows)
	for _, kind := range kindsOfFindings {
		var rows [][]string
		for _, x := range r.Findings {
			if x.Change == kind.change {
				row := Printer{}.findingChange(x)
				for i := range row {
					row[i] = md(row[i])
				}
				rows = append(rows, row)
			}
		}
		p.details(fmt.Sprintf("%s %s", vulnerabilities(len(rows)), kind.change), kind.change == "new", []string{"Severity", "Vulnerability", "Package", "Fix", "In use"}, rows)
	}
	rows = nil
	for _, x := range r.Packages {
		if x.Change != "unchanged" {
			rows = append(rows, []string{x.Change, md(x.Name), md(versions(x)), md(x.Type)})
		}
	}
	p.details("Packages: "+packageCounts(r.PackageCounts), false, []string{"Change", "Package", "Version", "Type"}, rows)
	rows = nil
	for _, f := range facts(r) {
		rows = append(rows, []string{f[0], md(f[1]), md(f[2])})
	}
	p.details("Image", false, []string{"Change", "What", "Value"}, rows)
	if hidden > 0 {
		p.printf("%d more hidden by the filters.\n\n", hidden)
	}
	if minor := minorOf(r); minor != "" {
		p.printf("%s.\n\n", minor)
	}
	for _, s := range []wire.ComparedSide{r.After, r.Before} {
		if !s.Complete() {
			p.printf("**Not all of %s could be judged**: %s not analysed, %s unread, packages of %s without advisories.\n\n", md(sideName(s)),
				plural(s.NotAnalysed, "image"), plural(len(s.Problems), "part"), plural(len(s.MissingAdvisories), "ecosystem"))
		}
	}
}

// environmentComparisonMarkdown writes what would change by repository for a merge request.
func (p Printer) environmentComparisonMarkdown(r wire.EnvironmentComparison) {
	p.printf("## What changes if what runs in %s takes the place of what %s\n\n", md(r.After.Name), md(ranIn(r.Before)))
	p.printf("%s.\n\n", repositoryCounts(r.States))
	p.mdTable([]string{"", "All", "In use"}, [][]string{
		{"new", r.Change.New.String(), r.Change.NewInUse.String()}, {"fixed", r.Change.Fixed.String(), r.Change.FixedInUse.String()},
	})
	var rows [][]string
	for _, i := range r.Items {
		row := []string{md(i.Repository), stateWords[i.State], md(tags(i.Repository, i.Before)), md(tags(i.Repository, i.After)), "", "", ""}
		if none := (crowsnest.Summary{}); i.Change.New != none || i.Change.Fixed != none {
			row[4], row[5], row[6] = i.Change.New.String(), i.Change.Fixed.String(), i.Change.NewInUse.String()
		}
		rows = append(rows, row)
	}
	p.details(plural(len(rows), "repository"), true, []string{"Repository", "State", "Before", "After", "New", "Fixed", "New in use"}, rows)
	for _, e := range []wire.ComparedEnvironment{r.After, r.Before} {
		if missing := e.Coverage.Running - e.Coverage.Analysed; missing > 0 {
			p.printf("**%s**: %s not analysed, and not counted.\n\n", md(e.Name), plural(missing, "running image"))
		}
	}
}
