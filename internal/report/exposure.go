package report

import (
	"slices"
	"strconv"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/report/suppressed"
	"github.com/crowsnest-sec/crowsnest/internal/report/word"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Exposure writes what an environment is and was exposed to; of the list limit lines, or all if that is 0.
func (p Printer) Exposure(r wire.ExposureReport, list []wire.Exposure, limit int) {
	p.printf("%s: exposure over %s\n\n", p.paint(bold, Clean(r.Environment)), plural(len(r.Days), "day"))
	rows := [][]string{{"SEVERITY", "OPEN", "OVERDUE", "TARGET", "OPENED", "REMEDIATED", "UNWATCHED", "MEDIAN", "90 %"}}
	for _, f := range r.BySeverity {
		target := "–"
		if f.TargetDays > 0 {
			target = plural(f.TargetDays, "day")
		}
		overdue := strconv.Itoa(f.Overdue)
		if f.Overdue > 0 {
			overdue = p.paint(red, overdue)
		}
		rows = append(rows, []string{p.severity(f.Severity, f.Severity.String()), strconv.Itoa(f.Open), overdue, target,
			strconv.Itoa(f.Opened), strconv.Itoa(f.Remediated), strconv.Itoa(f.Unwatched), word.Days(f.MedianDays), word.Days(f.Percentile90Days)})
	}
	p.Table(rows)
	suppressed.Lasting(p.W, p.Counts, r.BySeverity)
	if len(list) == 0 {
		return
	}
	p.printf("\n")
	rows = [][]string{{"VULNERABILITY", "SEVERITY", "KNOWN SINCE", "EXPOSED SINCE", "FOR", "DUE", "UNTIL", "CAME WITH", "ENDED BY"}}
	shown := list
	if limit > 0 && len(list) > limit {
		shown = list[:limit]
	}
	open, over := false, false
	for _, x := range shown {
		last := x.Episodes[0]
		until, due, ended, by := r.AsOf, "–", "–", "–"
		switch {
		case last.Until != nil:
			until, ended, by = *last.Until, last.Until.Format(time.DateOnly), Clean(cause(*last.Went))
			if last.Unwatched {
				by += ", no longer watched"
			}
		case x.Suppressed != nil:
			due = "suppressed: " + Clean(suppressed.Told(x.Suppressed))
		case x.NotSeen:
			due = "not seen loaded"
		case x.Overdue:
			due = p.paint(red, "overdue by "+word.Span(r.AsOf.Sub(*x.Due)))
		case x.Due != nil:
			due = "in " + word.Span(x.Due.Sub(r.AsOf))
		}
		open, over = open || last.Until == nil, over || last.Until != nil
		rows = append(rows, []string{Clean(x.Vulnerability), p.severity(x.Severity, x.Severity.String()), x.KnownSince.Format(time.DateOnly), last.Since.Format(time.DateOnly),
			word.Span(until.Sub(last.Since)), due, ended, Clean(cause(last.Came)), by})
	}
	for i, row := range rows { // what is open has no end, and what is over is not due
		if !over {
			row = slices.Delete(slices.Delete(row, 8, 9), 6, 7)
		}
		if !open {
			row = slices.Delete(row, 5, 6)
		}
		rows[i] = row
	}
	p.Table(rows)
	if more := len(list) - len(shown); more > 0 {
		p.printf("and %d more; --limit 0 lists all\n", more)
	}
}

// cause names what began or ended an exposure.
func cause(c wire.ExposureCause) string {
	switch {
	case c.Kind == "finding":
		return "a finding"
	case c.Image == "":
		return "an image"
	}
	return c.Image
}
