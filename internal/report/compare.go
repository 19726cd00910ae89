package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/compare"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// sideName says in a few words what a side is.
func sideName(s wire.ComparedSide) string {
	var names []string
	for _, i := range s.Images {
		names = append(names, i.Name)
	}
	name := strings.Join(names, ", ")
	if s.Environment != "" {
		name += " in " + s.Environment
	}
	if s.At != nil {
		name += " at " + s.At.UTC().Format("2006-01-02 15:04")
	}
	return name
}

// each joins what the images of a side say, each different word once.
func each(s wire.ComparedSide, of func(wire.ComparedImage) string) string {
	var out []string
	for _, i := range s.Images {
		if v := of(i); !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return strings.Join(out, ", ")
}

// overview are the rows that say what the sides are, the side after first.
func overview(r wire.Comparison) [][3]string {
	both := func(what string, of func(wire.ComparedSide) string) [3]string {
		return [3]string{what, of(r.After), of(r.Before)}
	}
	image := func(of func(wire.ComparedImage) string) func(wire.ComparedSide) string {
		return func(s wire.ComparedSide) string { return OrDash(each(s, of)) }
	}
	rows := [][3]string{
		both("image", sideName),
		both("digest", image(func(i wire.ComparedImage) string { return i.Digest.Short() })),
		both("platform", image(func(i wire.ComparedImage) string { return i.Platform })),
		both("system", image(func(i wire.ComparedImage) string { return i.Distribution })),
		both("size", image(func(i wire.ComparedImage) string { return Size(i.Size) })),
		both("packages", func(s wire.ComparedSide) string { return strconv.Itoa(s.Packages) }),
		both("vulnerabilities", func(s wire.ComparedSide) string { return s.Summary.String() }),
	}
	if p := r.Policies; p != nil && (p.ScoreAfter != nil || p.ScoreBefore != nil) {
		rows = append(rows, [3]string{"health score", grade(p.ScoreAfter), grade(p.ScoreBefore)})
	}
	return rows
}

func grade(s *wire.ComparedScore) string {
	if s == nil {
		return OrDash("")
	}
	return fmt.Sprintf("%s (%d %%)", s.Grade, s.Percent)
}

// kindsOfFindings are what findings become, in the order people want to read them, with a mark and its colour.
var kindsOfFindings = []struct{ change, mark, color string }{{"new", "+", red}, {"fixed", "-", green}, {"unchanged", "=", dim}}

func summaryOf(r wire.Comparison, change string) crowsnest.Summary {
	switch change {
	case "new":
		return r.New
	case "fixed":
		return r.Fixed
	}
	return r.Unchanged
}

// Comparison writes what is different between two sides.
func (p Printer) Comparison(r wire.Comparison, hidden int) {
	rows := [][]string{{"", p.paint(bold, "THIS"), p.paint(bold, "COMPARED WITH")}}
	for _, row := range overview(r) {
		rows = append(rows, []string{row[0], Clean(row[1]), Clean(row[2])})
	}
	p.columns("  ", rows)
	p.printf("\n")
	for _, kind := range kindsOfFindings {
		p.printf("  %s %-10s %s\n", p.paint(kind.color, kind.mark), kind.change, p.Counts(summaryOf(r, kind.change)))
	}
	if facts := facts(r); len(facts) > 0 {
		p.printf("\n  %s\n", p.paint(bold, "Image"))
		var rows [][]string
		for _, f := range facts {
			rows = append(rows, []string{p.changeMark(f[0]), Clean(f[1]), clip(Clean(f[2]), 100)})
		}
		p.columns("    ", rows)
	}
	if len(r.Packages) > 0 {
		p.printf("\n  %s  %s\n", p.paint(bold, "Packages"), packageCounts(r.PackageCounts))
		var rows [][]string
		for _, x := range r.Packages {
			if x.Change != "unchanged" {
				rows = append(rows, []string{p.changeMark(x.Change), x.Change, Clean(x.Name), Clean(versions(x)), p.paint(dim, Clean(x.Type))})
			}
		}
		p.columns("    ", rows)
	}
	for _, kind := range kindsOfFindings {
		var rows [][]string
		for _, x := range r.Findings {
			if x.Change == kind.change {
				rows = append(rows, p.findingChange(x))
			}
		}
		if len(rows) > 0 {
			p.printf("\n  %s\n", p.paint(bold, strings.ToUpper(kind.change[:1])+kind.change[1:]+" vulnerabilities"))
			p.columns("    ", rows)
		}
	}
	if rows := policies(r); len(rows) > 0 {
		p.printf("\n  %s  %s\n", p.paint(bold, "Policies"), policyCounts(r))
		for i, row := range rows {
			rows[i] = append([]string{p.trendMark(row[0])}, row...)
		}
		p.columns("    ", rows)
	}
	p.printf("\n  %s\n", verdict(r))
	if hidden > 0 {
		p.printf("  %d more hidden by the filters\n", hidden)
	}
	if minor := minorOf(r); minor != "" {
		p.printf("  %s\n", minor)
	}
	p.sideOmissions("this", r.After)
	p.sideOmissions("compared with", r.Before)
}

// minorOf says how many findings each side has beside those that are compared; nothing if there are none.
func minorOf(r wire.Comparison) string {
	if r.After.MinorHidden+r.Before.MinorHidden == 0 {
		return ""
	}
	return fmt.Sprintf("%d of this and %d of what it is compared with hidden, which the distribution takes as minor", r.After.MinorHidden, r.Before.MinorHidden)
}

func (p Printer) findingChange(x wire.FindingChange) []string {
	f := x.Finding
	severity := strings.ToUpper(f.Severity.String())
	pkg := f.Package.Name + " " + f.Package.Version
	if x.Was != nil {
		if x.Was.Severity != f.Severity {
			severity = strings.ToUpper(x.Was.Severity.String()) + " → " + severity
		}
		if x.Was.Package.Name != f.Package.Name {
			pkg = x.Was.Package.Name + " " + x.Was.Package.Version + " → " + pkg
		} else if x.Was.Package.Version != f.Package.Version {
			pkg = f.Package.Name + " " + x.Was.Package.Version + " → " + f.Package.Version
		}
	}
	fixed := "not fixed"
	if f.FixedVersion != nil {
		fixed = "fixed in " + *f.FixedVersion
	}
	if x.Change == "fixed" {
		fixed = ""
	}
	return []string{p.severity(f.Severity, severity), Clean(f.ID), Clean(pkg), Clean(fixed), p.inUse(f.InUse)}
}

func (p Printer) changeMark(change string) string {
	switch change {
	case "added":
		return p.paint(green, "+")
	case "removed":
		return p.paint(red, "-")
	case "upgraded":
		return "↑"
	case "downgraded":
		return p.paint(yellow, "↓")
	}
	return "~"
}

func (p Printer) trendMark(trend string) string {
	switch compare.Trend(trend) {
	case compare.Better:
		return p.paint(green, "-")
	case compare.Worse:
		return p.paint(red, "+")
	}
	return p.paint(yellow, "?")
}

// policies are the rows of the policies that say something else of the sides.
func policies(r wire.Comparison) [][]string {
	if r.Policies == nil {
		return nil
	}
	var out [][]string
	for _, x := range r.Policies.Items {
		if x.Trend != string(compare.Alike) {
			out = append(out, []string{x.Trend, Clean(x.Policy), verdictOf(x.Before) + " → " + verdictOf(x.After), Clean(x.After.Reason)})
		}
	}
	return out
}

// verdictOf writes what a policy says of a side.
func verdictOf(v wire.ComparedVerdict) string {
	switch v.Status {
	case crowsnest.Compliant:
		return "met"
	case crowsnest.NonCompliant:
		return plural(v.Violations, "violation")
	}
	return "no data"
}

// policyCounts says what becomes of the policies, and of the grade.
func policyCounts(r wire.Comparison) string {
	var out []string
	for _, n := range []struct {
		n    int
		word string
	}{{r.Policies.Worse, "worse"}, {r.Policies.Better, "better"}, {r.Policies.Unclear, "unclear"}, {r.Policies.Same, "the same"}} {
		if n.n > 0 {
			out = append(out, strconv.Itoa(n.n)+" "+n.word)
		}
	}
	return strings.Join(out, ", ")
}

func versions(x wire.PackageChange) string {
	switch {
	case x.Before == nil:
		return *x.After
	case x.After == nil:
		return *x.Before
	}
	return *x.Before + " → " + *x.After
}

// facts writes what the images say differently: the change, of what, and both values.
func facts(r wire.Comparison) (out [][3]string) {
	for _, f := range r.Facts {
		if slices.Contains([]string{"digest", "platform", "distribution", "size"}, f.Fact) {
			continue // in the overview
		}
		what := f.Fact
		if f.Name != "" {
			what += " " + f.Name
		}
		value := ""
		switch {
		case f.Fact == "port" || f.Before == "" && f.After == "":
		case f.Change == "added":
			value = f.After
		case f.Change == "removed":
			value = f.Before
		default:
			value = f.Before + " → " + f.After
		}
		out = append(out, [3]string{f.Change, what, value})
	}
	return out
}

func packageCounts(c wire.PackageCounts) string {
	var out []string
	for _, n := range []struct {
		n    int
		word string
	}{{c.Added, "added"}, {c.Removed, "removed"}, {c.Upgraded, "upgraded"}, {c.Downgraded, "downgraded"}, {c.Changed, "changed"}, {c.Unchanged, "unchanged"}} {
		if n.n > 0 {
			out = append(out, strconv.Itoa(n.n)+" "+n.word)
		}
	}
	return strings.Join(out, ", ")
}

// verdict says in a sentence whether the side after is worse.
func verdict(r wire.Comparison) string {
	worse := 0
	for _, x := range r.Findings {
		if x.Worse && x.Change == "unchanged" {
			worse++
		}
	}
	var out string
	switch n, fixed := r.New.Total(), r.Fixed.Total(); {
	case n > 0 && fixed > 0:
		out = fmt.Sprintf("%s new, %d fixed", vulnerabilities(n), fixed)
	case n > 0:
		out = vulnerabilities(n) + " new, none fixed"
	case fixed > 0:
		out = vulnerabilities(fixed) + " fixed, none new"
	default:
		out = "no vulnerability new or fixed"
	}
	if worse > 0 {
		out += fmt.Sprintf("; %d more severe than before", worse)
	}
	return out
}

func vulnerabilities(n int) string { return plural(n, "vulnerability") }

// sideOmissions writes what could not be judged of a side.
func (p Printer) sideOmissions(side string, s wire.ComparedSide) {
	if s.Complete() {
		return
	}
	p.printf("  %s:\n", side)
	if s.NotAnalysed > 0 {
		p.printf("%s %s of the repository in %s not analysed, and not part of this\n", p.paint(yellow, "!"), plural(s.NotAnalysed, "image"), Clean(s.Environment))
	}
	p.omissions(wire.CVEs{Problems: s.Problems, MissingAdvisories: s.MissingAdvisories})
}

// stateWords say what would become of a repository.
var stateWords = map[string]string{
	"same": "same", "newer": "newer", "older": "older", "different": "different", "only-before": "stays as it is", "only-after": "comes",
}

func repositoryCounts(c wire.RepositoryCounts) string {
	var out []string
	for _, n := range []struct {
		n    int
		word string
	}{{c.Newer, "newer"}, {c.Older, "older"}, {c.Different, "different"}, {c.OnlyAfter, "would come"}, {c.OnlyBefore, "would stay as they are"}, {c.Same, "the same"}} {
		if n.n > 0 {
			out = append(out, strconv.Itoa(n.n)+" "+n.word)
		}
	}
	if len(out) == 0 {
		return "nothing to compare"
	}
	return strings.Join(out, ", ")
}

// tags names the images of a repository by what stands behind its name.
func tags(repository string, list []wire.RunningVersion) string {
	var out []string
	for _, v := range list {
		name := strings.TrimPrefix(strings.TrimPrefix(v.Name, repository), ":")
		if name == v.Name || strings.HasPrefix(name, "@") {
			name = v.Digest.Short()
		}
		if v.State != "analysed" {
			name += " (not analysed)"
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return OrDash(strings.Join(out, ", "))
}

// EnvironmentComparison writes what would change by repository.
func (p Printer) EnvironmentComparison(r wire.EnvironmentComparison) {
	p.printf("If what runs in %s took the place of what %s:\n\n", p.paint(bold, Clean(r.After.Name)), p.paint(bold, Clean(ranIn(r.Before))))
	rows := [][]string{{"REPOSITORY", "STATE", "BEFORE", "AFTER", "NEW", "FIXED", "NEW IN USE"}}
	for _, i := range r.Items {
		row := []string{Clean(i.Repository), stateWords[i.State], Clean(tags(i.Repository, i.Before)), Clean(tags(i.Repository, i.After))}
		if i.State == "same" || i.State == "only-before" {
			rows = append(rows, row)
			continue
		}
		rows = append(rows, append(row, p.Counts(i.Change.New), p.Counts(i.Change.Fixed), p.Counts(i.Change.NewInUse)))
	}
	p.Table(rows)
	p.printf("\n  %s\n", repositoryCounts(r.States))
	p.printf("  %s new      %s\n", p.paint(red, "+"), p.Counts(r.Change.New))
	p.printf("    in use   %s\n", p.Counts(r.Change.NewInUse))
	p.printf("  %s fixed    %s\n", p.paint(green, "-"), p.Counts(r.Change.Fixed))
	p.printf("    in use   %s\n", p.Counts(r.Change.FixedInUse))
	if r.MinorHidden > 0 {
		p.printf("  %d more hidden, which the distribution takes as minor\n", r.MinorHidden)
	}
	for _, e := range []wire.ComparedEnvironment{r.After, r.Before} {
		if missing := e.Coverage.Running - e.Coverage.Analysed; missing > 0 {
			p.printf("%s %s: %s not analysed, and not counted\n", p.paint(yellow, "!"), Clean(e.Name), plural(missing, "running image"))
		}
	}
}

func ranIn(e wire.ComparedEnvironment) string {
	if e.At != nil {
		return "ran in " + e.Name + " at " + e.At.UTC().Format("2006-01-02 15:04")
	}
	return "runs in " + e.Name
}
