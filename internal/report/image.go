package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/match"
	"github.com/crowsnest-sec/crowsnest/internal/report/suppressed"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

func (p Printer) target(t wire.Target, rows ...[2]string) {
	p.printf("  %s\n", p.paint(bold, Clean(t.Name)))
	if t.Attested != "" {
		rows = append(rows, [2]string{"attested", "packages are from the bill of materials " + short(t.Attested) + ", whose signature is not verified"})
	}
	for _, r := range append([][2]string{{"digest", Clean(string(t.Digest))}, {"platform", OrDash(Clean(t.Platform))}}, rows...) {
		p.printf("    %-9s %s\n", r[0], r[1])
	}
}

// problems writes what of an image could not be read, a line each.
func (p Printer) problems(list []crowsnest.Problem) {
	const most = 5
	for i, problem := range list {
		if i == most {
			p.printf("%s and %d more\n", p.paint(yellow, "!"), len(list)-most)
			return
		}
		text := problem.Reason
		if problem.Path != "" {
			text = problem.Path + ": " + text
		}
		p.printf("%s incomplete: %s\n", p.paint(yellow, "!"), Clean(text))
	}
}

// omissions writes what the findings of an image leave out.
func (p Printer) omissions(r wire.CVEs) {
	p.problems(r.Problems)
	for _, a := range r.StaleAdvisories {
		p.printf("%s advisories of %s are old: last checked %s\n", p.paint(yellow, "!"), Clean(a.Ecosystem), p.ago(a.Checked))
	}
	if len(r.MissingAdvisories) == 0 {
		return
	}
	of := make([]string, len(r.MissingAdvisories))
	for i, m := range r.MissingAdvisories {
		of[i] = strconv.Itoa(m.Packages) + " of " + Clean(m.Ecosystem)
	}
	p.printf("%s not compared, as no whole set of advisories is held: packages, %s (see crowsnest advisory import --help)\n",
		p.paint(yellow, "!"), strings.Join(of, ", "))
}

// problemCount writes in a list of images that there is more to read of one.
func (p Printer) problemCount(name string, n int) {
	if n > 0 {
		p.printf("%s %s: %s of it could not be judged; see crowsnest cves\n", p.paint(yellow, "!"), Clean(name), plural(n, "part"))
	}
}

// base says what an image is built on, and how that is known.
func base(b crowsnest.Base) string {
	name := b.Name
	if name == "" {
		name = string(b.Digest)
	}
	switch {
	case b.By == crowsnest.BaseByLayers:
		return fmt.Sprintf("%s (begins with its %s)", name, plural(b.Layers, "layer"))
	}
	by := "by its label"
	if b.By == crowsnest.BaseByProvenance {
		by = "by the provenance of its build"
	}
	if b.Layers > 0 {
		by += "; " + plural(b.Layers, "layer")
	}
	return name + " (" + by + ")"
}

// Quickview writes the counts of an image and of what is in use of them.
func (p Printer) Quickview(img wire.Image, r wire.CVEs) {
	rows := [][2]string{{"system", Clean(OrDash(img.Distribution))}}
	if e := img.EndOfLife; e != nil {
		rows = append(rows, [2]string{"fixes to", Clean(e.Day)})
	}
	if b := img.Base; b != nil {
		rows = append(rows, [2]string{"base", Clean(base(*b))})
	}
	p.target(r.Image, append(rows, [2]string{"size", Size(img.Size)}, [2]string{"packages", strconv.Itoa(img.Packages)})...)
	if e := img.EndOfLife; e != nil && e.Past {
		p.printf("%s %s gets no fixes since %s (%s): what was found in it since is mostly not fixed, and may not be listed\n", p.paint(yellow, "!"), Clean(OrDash(img.Distribution)), Clean(e.Day), Clean(e.Source))
	}
	var inUse, fixable crowsnest.Summary
	unobserved := 0
	for _, f := range r.Findings {
		if f.InUse == crowsnest.NotObserved {
			unobserved++
		}
		if f.InUse == crowsnest.Loaded {
			inUse.Add(f.Severity, 1)
		}
		if f.FixedVersion != nil {
			fixable.Add(f.Severity, 1)
		}
	}
	p.printf("\n  %-16s %s\n", "vulnerabilities", p.Counts(r.Summary))
	p.printf("  %-16s %s\n", "  fixable", p.Counts(fixable))
	switch {
	case len(r.Findings) == 0:
	case unobserved == len(r.Findings):
		p.printf("  %-16s %s\n", "  in use", p.paint(dim, "    not observed"))
	case unobserved > 0:
		p.printf("  %-16s %s  %s\n", "  in use", p.Counts(inUse), p.paint(dim, fmt.Sprintf("%d not observed", unobserved)))
	default:
		p.printf("  %-16s %s\n", "  in use", p.Counts(inUse))
	}
	if n := r.Discounted(); n.Total() > 0 {
		p.printf("  %-16s %s  %s\n", "not affected", p.Counts(n), p.paint(dim, "not seen loaded, and not counted"))
	}
	if r.MinorHidden > 0 {
		p.printf("  %-16s %s\n", "minor", p.paint(dim, fmt.Sprintf("    %d, which the distribution does not mend here, not counted", r.MinorHidden)))
	}
	if !r.Complete() || len(r.StaleAdvisories) > 0 {
		p.printf("\n")
		p.omissions(r)
	}
}

// Unobserved says how many findings are hidden that may as well be in use, and in which environment the image does not run, if that is asked.
func (p Printer) Unobserved(hidden int, elsewhere string) {
	if hidden > 0 {
		p.printf("%s %d of what is hidden may be in use: nothing profiled its package\n", p.paint(yellow, "!"), hidden)
	}
	if name := Clean(elsewhere); name != "" { // as when its tag names another image since
		p.printf("%s this image does not run in %s, and nothing is seen of it there; what does run is told by crowsnest environment %s\n", p.paint(yellow, "!"), name, name)
	}
}

type Shown struct{ NotAffected, Suppressed bool } // what is listed of findings that do not count; it is counted in any case

// CVEs writes the findings grouped by package, the worst package first; those that do not count as well if
// they are asked for.
func (p Printer) CVEs(r wire.CVEs, hidden int, shown Shown) {
	p.target(r.Image)
	p.printf("\n")
	packages := p.findings(r.Findings, r.Updates)
	switch {
	case packages == 0 && hidden+r.MinorHidden > 0:
		p.printf("  nothing passes the filters\n")
	case packages == 0:
		if !r.Complete() {
			p.printf("  no vulnerable package found, but not all of the image could be judged\n")
			break
		}
		p.printf("  %s\n", p.paint(green, "no vulnerable package found"+counted(r)))
	default:
		noun := "vulnerabilities"
		if len(r.Findings) == 1 {
			noun = "vulnerability"
		}
		p.printf("  %d %s in %s:%s\n", len(r.Findings), noun, plural(packages, "package"), p.Counts(r.Summary))
	}
	if hidden > 0 {
		p.printf("  %d more hidden by the filters\n", hidden)
	}
	if r.MinorHidden > 0 {
		p.printf("  %d more hidden, which the distribution takes as minor\n", r.MinorHidden)
	}
	switch n := r.Discounted(); {
	case n.Total() == 0:
	case shown.NotAffected:
		p.printf("\nNot affected, as their packages were not seen loaded:%s\n\n", p.Counts(n))
		p.findings(r.NotAffected, r.Updates)
	default:
		p.printf("  %d more not affected, as their packages were not seen loaded:%s (--not-affected lists them)\n", n.Total(), p.Counts(n))
	}
	suppressed.Write(p.W, suppressed.Style{Clean: Clean, Counts: p.Counts}, r, shown.Suppressed)
	p.omissions(r)
}

// counted says of an image without findings that some were left out of the count.
func counted(r wire.CVEs) string {
	if len(r.NotAffected)+len(r.Suppressed) > 0 {
		return " among what counts"
	}
	return ""
}

// findings writes findings grouped by package, with the update of each, and returns of how many packages they are.
func (p Printer) findings(list []wire.Finding, updates []wire.PackageUpdate) int {
	var order []wire.FindingPackage
	groups := make(map[wire.FindingPackage][]wire.Finding)
	for _, f := range list { // the groups come in the order of their first
		if groups[f.Package] == nil {
			order = append(order, f.Package)
		}
		groups[f.Package] = append(groups[f.Package], f)
	}
	for _, pkg := range order {
		var s crowsnest.Summary
		for _, f := range groups[pkg] {
			s.Add(f.Severity, 1)
		}
		p.printf("%s  %s\n", p.Counts(s), p.paint(bold, Clean(pkg.Name+" "+pkg.Version)))
		detail := pkg.PURL
		if pkg.Source != "" && pkg.Source != pkg.Name {
			detail += "  built from " + pkg.Source
		}
		p.printf("      %s\n", p.paint(dim, Clean(detail)))
		if i := slices.IndexFunc(updates, func(u wire.PackageUpdate) bool { return u.Package == pkg }); i >= 0 {
			p.update(updates[i])
		}
		rows := make([][]string, 0, len(groups[pkg]))
		for _, f := range groups[pkg] {
			rows = append(rows, p.finding(f))
		}
		for i, line := range p.aligned(rows) {
			p.printf("      %s\n", line)
			if e := groups[pkg][i].Explanation; e != nil {
				p.explanation(*e)
			}
		}
		p.printf("\n")
	}
	return len(order)
}

// finding is the row of a finding.
func (p Printer) finding(f wire.Finding) []string {
	fixed := "not fixed"
	if f.FixedVersion != nil {
		fixed = "fixed in " + Clean(*f.FixedVersion)
		if f.FixStep == match.StepMinor || f.FixStep == match.StepMajor {
			fixed += " (" + string(f.FixStep) + ")"
		}
	}
	score := ""
	if f.CVSS != nil {
		score = strconv.FormatFloat(f.CVSS.Score, 'f', 1, 64)
		if f.ScoreFrom != "" {
			score += " by " + Clean(f.ScoreFrom)
		}
	}
	last := p.threat(f.Threat)
	if f.State != "" {
		last = strings.TrimPrefix(last+"  "+p.paint(dim, Clean(string(f.State))), "  ")
	}
	return []string{p.severity(f.Severity, strings.ToUpper(f.Severity.String())), Clean(f.ID), score, fixed, p.inUse(f.InUse), last}
}

// update says which version of a package to go to.
func (p Printer) update(u wire.PackageUpdate) {
	text := Clean(u.Version)
	if u.Step == match.StepMinor || u.Step == match.StepMajor {
		text += " (" + string(u.Step) + ")"
	}
	if u.Leaves == 0 {
		p.printf("      %s %s\n", p.paint(green, text), "clears all")
		return
	}
	p.printf("      %s clears all that have a fix, and leaves %s\n", p.paint(green, text), plural(u.Leaves, "vulnerability"))
}

// threat says what is known of attacks.
func (p Printer) threat(t wire.Threat) string {
	var parts []string
	if k := t.KEV; k != nil {
		text := "exploited"
		if k.Due != "" {
			text += ", due " + Clean(k.Due)
		}
		if k.Ransomware {
			text += ", ransomware"
		}
		parts = append(parts, p.paint(red, text))
	}
	if e := t.EPSS; e != nil {
		parts = append(parts, fmt.Sprintf("EPSS %.2f%%", 100*e.Score))
	}
	return strings.Join(parts, "  ")
}

func (p Printer) inUse(u crowsnest.InUse) string {
	switch u {
	case crowsnest.Loaded:
		return p.paint(red, "in use")
	case crowsnest.NotSeen:
		return "not seen in use"
	}
	return p.paint(dim, "not observed")
}

// FileOwners writes which packages brought files, one in a line.
func (p Printer) FileOwners(list []wire.FileOwner) {
	rows := [][]string{{"PATH", "PACKAGE", "LAYER"}}
	for _, f := range list {
		owner := Clean(f.String())
		switch {
		case !f.Exists:
			owner = p.paint(yellow, "no such file")
		case owner == "":
			owner = p.paint(dim, "no package known")
		case f.Later:
			owner += p.paint(yellow, " (written again by a later layer)")
		}
		rows = append(rows, []string{Clean(f.Path), owner, short(f.Layer)})
	}
	p.Table(rows)
}

// BaseImages writes what images are built on.
func (p Printer) BaseImages(list []wire.BaseImage) {
	if len(list) == 0 {
		p.printf("  of no image is known what it is built on\n")
		return
	}
	rows := [][]string{{"BASE IMAGE", "DIGEST", "KNOWN BY", "IMAGES", "ITS VULNERABILITIES", "IN USE"}}
	for _, b := range list {
		counts, used := p.paint(dim, "not analysed here"), OrDash("")
		if b.Known != nil {
			counts = p.Counts(b.Summary)
		}
		if b.InUse != nil {
			used = p.usedOf(*b.InUse, b.Summary, crowsnest.Summary{}, false)
		}
		rows = append(rows, []string{Clean(OrDash(b.Name)), short(b.Digest), string(b.By), strconv.Itoa(b.Images), counts, used})
	}
	p.Table(rows)
}

// SBOM writes the packages in a list.
func (p Printer) SBOM(s wire.SBOM) {
	rows := [][]string{{"NAME", "VERSION", "TYPE", "OWNED BY", "LICENCES"}}
	for _, pkg := range s.Packages {
		var owners []string
		for _, o := range pkg.Owners() {
			owners = append(owners, o.Name+" "+o.Version)
		}
		rows = append(rows, []string{Clean(pkg.Name), Clean(pkg.Version), Clean(pkg.Type), Clean(strings.Join(owners, ", ")), Clean(strings.Join(pkg.Licences, ", "))})
	}
	p.Table(rows)
	if s.Image.Attested != "" {
		p.printf("%s as attested in %s, whose signature is not verified\n", p.paint(yellow, "!"), short(s.Image.Attested))
	}
	p.problems(s.Problems)
}

// OrDash is a text, or a dash where there is none.
func OrDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
