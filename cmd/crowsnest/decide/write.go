package decide

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire/verdict"
)

// scopeOf writes what a decision holds for.
func scopeOf(s crowsnest.DecisionScope) string {
	var parts []string
	for _, part := range []string{s.Image, strings.Join(s.Repositories, " "), strings.Join(s.Packages, " ")} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if len(s.Environments) > 0 {
		parts = append(parts, "in "+strings.Join(s.Environments, ", "))
	}
	if len(parts) == 0 {
		return "the organisation"
	}
	return strings.Join(parts, ", ")
}

// writeExceptions writes exceptions.
func writeExceptions(p report.Printer, list []verdict.Exception) {
	rows := [][]string{{"ID", "VULNERABILITY", "STATE", "UNTIL", "TYPE", "BY", "HOLDS FOR", "WHY"}}
	for _, x := range list {
		until := "–"
		if !x.Expires.IsZero() {
			until = crowsnest.FormatExpiry(x.Expires)
		}
		rows = append(rows, []string{x.ID, report.Clean(x.Vulnerability), x.State, until, string(x.Type), report.Clean(report.OrDash(x.Author)), report.Clean(scopeOf(x.Scope)), report.Clean(x.Text)})
	}
	p.Table(rows)
}

// writePreview writes what an exception would suppress.
func writePreview(p report.Printer, r verdict.ExceptionPreview) {
	fmt.Fprintf(p.W, "it would suppress %s in %s", report.Count(r.Findings, "finding", "findings"), report.Count(r.Images, "image", "images"))
	if len(r.Environments) > 0 {
		fmt.Fprintf(p.W, ", which run in %s", report.Clean(strings.Join(r.Environments, ", ")))
	}
	fmt.Fprintf(p.W, "\n")
	for _, e := range r.Examples {
		fmt.Fprintf(p.W, "  %-12s %s  %s  %s\n", e.Severity, report.Clean(e.Vulnerability), report.Clean(e.Image), report.Clean(e.Package))
	}
	if r.Suppressed > 0 {
		fmt.Fprintf(p.W, "%s suppressed already\n", report.Count(r.Suppressed, "more is", "more are"))
	}
	for _, s := range r.SparedImages {
		fmt.Fprintf(p.W, "%s %s goes on counting: it is %s as well\n", "!", report.Clean(s.Image), report.Clean(strings.Join(s.Names, ", ")))
	}
	if r.Waits {
		fmt.Fprintf(p.W, "%s it would wait for the approval of an owner\n", "!")
	}
}

// writeVEXDocuments writes documents, and writeVEXStatements what became of the statements of one.
func writeVEXDocuments(p report.Printer, list []verdict.VEXDocument) {
	rows := [][]string{{"ID", "DOCUMENT", "AUTHOR", "TRUSTED", "STATEMENTS", "FORMAT", "STATED"}}
	for _, d := range list {
		name := report.Clean(d.Name)
		switch {
		case d.Ignored:
			name += " in image " + report.Clean(d.Image.Short()) + ", not counted, as something is attested of that"
		case d.Path != "":
			name += " in image " + report.Clean(d.Image.Short())
		}
		rows = append(rows, []string{d.ID, name, report.Clean(report.OrDash(d.Author)), strconv.FormatBool(d.Trusted), strconv.Itoa(d.Statements), d.Format, d.Stated.UTC().Format(time.DateOnly)})
	}
	p.Table(rows)
}

// writeVEXStatements writes statements.
func writeVEXStatements(p report.Printer, list []verdict.VEXStatement) {
	rows := [][]string{{"VULNERABILITY", "STATUS", "FATE", "FINDINGS", "PRODUCTS"}}
	for _, s := range list {
		rows = append(rows, []string{report.Clean(s.Vulnerability), string(s.Status), s.Fate, strconv.Itoa(s.Findings), report.Clean(strings.Join(s.Products[:min(len(s.Products), 3)], ", "))})
	}
	p.Table(rows)
}
