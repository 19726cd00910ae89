// Package standing writes what policies say of what runs in two environments.
package standing

import (
	"fmt"
	"strings"

	"github.com/crowsnest-sec/crowsnest/internal/compare"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/report/markdown"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// shown is how many repositories are named of a policy.
const shown = 3

var head = []string{"POLICY", "BECOMES", "MET", "NOT MET", "NO DATA", "WHERE"}

// Write writes the policies with the repositories on both sides, those that stay the same last.
func Write(p report.Printer, r compliance.ComparedStandings) {
	fmt.Fprintf(p.W, "\nPolicies of %s, by repository: %s\n\n", report.Clean(r.ToEnvironment), counts(r))
	table := [][]string{append([]string{}, head...)}
	for _, row := range rows(r) {
		for i := range row {
			row[i] = report.Clean(row[i])
		}
		table = append(table, row)
	}
	p.Table(table)
	if r.NotAsked > 0 {
		fmt.Fprintf(p.W, "! %s\n", notAsked(r))
	}
}

// AddTo adds the same to a document.
func AddTo(d *markdown.Document, r compliance.ComparedStandings) {
	all := rows(r)
	for _, row := range all {
		for i := range row {
			row[i] = report.Markdown(row[i])
		}
	}
	d.Details("Policies of "+report.Markdown(r.ToEnvironment)+", by repository: "+counts(r), r.Worse > 0, []string{"Policy", "Becomes", "Met", "Not met", "No data", "Where"}, all)
	if r.NotAsked > 0 {
		d.Printf("**%s**.", notAsked(r))
	}
}

func rows(r compliance.ComparedStandings) (out [][]string) {
	for _, trend := range []compare.Trend{compare.Worse, compare.Better, compare.Unclear, compare.Alike} {
		for _, x := range r.Items {
			if x.Trend == string(trend) {
				became := func(before, after int) string { return fmt.Sprintf("%d → %d", before, after) }
				out = append(out, []string{x.Policy, x.Trend, became(x.Before.Met, x.After.Met), became(x.Before.NotMet, x.After.NotMet), became(x.Before.NoData, x.After.NoData), where(x)})
			}
		}
	}
	return out
}

// where names repositories that explain a trend.
func where(x compliance.ComparedStanding) string {
	list := map[compare.Trend][]string{compare.Worse: x.Worse, compare.Better: x.Better, compare.Unclear: x.Unclear}[compare.Trend(x.Trend)]
	if len(list) > shown {
		return strings.Join(list[:shown], ", ") + fmt.Sprintf(" and %d more", len(list)-shown)
	}
	return strings.Join(list, ", ")
}

func counts(r compliance.ComparedStandings) string {
	return fmt.Sprintf("%d worse, %d better, %d unclear, %d the same", r.Worse, r.Better, r.Unclear, r.Same)
}

func notAsked(r compliance.ComparedStandings) string {
	if r.NotAsked == 1 {
		return "policies say nothing of 1 image that is not analysed"
	}
	return fmt.Sprintf("policies say nothing of %d images that are not analysed", r.NotAsked)
}
