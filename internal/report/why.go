package report

import (
	"fmt"
	"strings"

	"github.com/crowsnest-sec/crowsnest/internal/api/why"
	"github.com/crowsnest-sec/crowsnest/internal/report/suppressed"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/reason"
)

// shownSources is how many advisories the text tells of one package; the JSON has more.
const shownSources = 8

// Why writes why an image has a vulnerability, or has not.
func (p Printer) Why(w why.Why) {
	p.target(w.Image)
	p.printf("\n  %s\n", p.paint(bold, Clean(p.answer(w))))
	if len(w.Vulnerabilities) > 0 && (len(w.Vulnerabilities) > 1 || w.Vulnerabilities[0] != w.Name) {
		p.printf("  known as %s\n", Clean(strings.Join(w.Vulnerabilities, ", ")))
	}
	for _, pkg := range w.Packages {
		p.packageReason(pkg)
	}
	if w.More > 0 {
		p.printf("\n  and %s more\n", plural(w.More, "package"))
	}
	p.recorded(w)
	p.omissions(wire.CVEs{Problems: w.Problems, MissingAdvisories: w.MissingAdvisories})
}

// answer says in one sentence what the question comes to.
func (p Printer) answer(w why.Why) string {
	of := "the image"
	if w.Package != "" {
		of = w.Package
	}
	switch w.Answer {
	case why.Found:
		return w.Name + " was found in " + of
	case why.Suppressed:
		return w.Name + " was found in " + of + ", and does not count: decisions suppress it"
	case why.Discounted:
		return w.Name + " was found in " + of + ", and does not count: what has it was not seen loaded, and the environment takes that as not affected"
	case why.NotAffected:
		return w.Name + " was not found: the advisories about it do not affect what is installed"
	case why.NotMatched:
		return w.Name + " was not found: the advisories about it are of packages that are compared with nothing"
	case why.NotNamed:
		return w.Name + " was not found: " + of + " is installed, and no advisory about it speaks of that"
	case why.NotInstalled:
		if w.Package != "" {
			return w.Name + " was not found: " + of + " is not installed"
		}
		return w.Name + " was not found: no package that advisories about it speak of is installed"
	case why.OtherEcosystems:
		return w.Name + " was not found: the advisories held about it are of " + strings.Join(w.Ecosystems, ", ") + ", of which the image has no package"
	}
	return w.Name + " was not found: no advisory of that name is held"
}

func (p Printer) packageReason(r why.PackageReason) {
	p.printf("\n  %s  %s\n", p.paint(bold, Clean(r.Package.Name+" "+r.Package.Version)), p.paint(dim, Clean(r.Package.PURL)))
	var rows [][]string
	for _, f := range r.Findings {
		rows = append(rows, p.finding(f))
	}
	for i, line := range p.aligned(rows) {
		p.printf("      %s\n", line)
		if by := r.Findings[i].Suppressed; by != nil {
			p.printf("        suppressed: %s\n", Clean(suppressed.Told(by)))
		}
	}
	switch {
	case r.Answer == why.NotMatched && len(r.OwnedBy) > 0:
		owners := make([]string, len(r.OwnedBy))
		for i, o := range r.OwnedBy {
			owners[i] = o.Name + " " + o.Version
		}
		p.printf("      not compared: %s installed it, so its vulnerabilities are those of that package\n", Clean(strings.Join(owners, ", ")))
	case r.Answer == why.NotMatched:
		p.printf("      not compared: the image does not name a distribution for it of which advisories are known\n")
	case r.Answer == why.NotNamed:
		p.printf("      no advisory about it speaks of this package\n")
	}
	if r.Explanation != nil {
		p.explanation(*r.Explanation)
	}
}

// decidedWhy are the reasons why a source decides.
var decidedWhy = map[string]string{
	"only-source":       "no other affects the version",
	"ships-the-package": "it is of whoever ships the package",
	"best-founded":      "its severity is founded best",
	"first-by-id":       "nothing else tells the sources apart",
}

// explanation writes what each advisory says, the one that decides first.
func (p Printer) explanation(e reason.Explanation) {
	for i, s := range e.Sources {
		if i == shownSources {
			p.printf("        and %s more\n", plural(len(e.Sources)-i+e.More, "advisory"))
			return
		}
		head := Clean(s.Advisory)
		if s.Advisory == e.DecidedBy {
			head += " decides (" + decidedWhy[e.DecidedWhy] + ")"
		}
		p.printf("        %s: %s\n", head, Clean(said(s, e.Ecosystem)))
		for _, r := range deciding(s) {
			line := r.Compared(s.Version)
			if r.More > 0 {
				line += fmt.Sprintf(" (%d more events)", r.More)
			}
			p.printf("          %s\n", p.paint(dim, Clean(line)))
		}
	}
}

// deciding returns the ranges worth showing: those the version lies in, else the first few.
func deciding(s reason.ExplainedSource) []reason.ExplainedRange {
	const most = 3
	var within, all []reason.ExplainedRange
	for _, r := range s.Ranges {
		if r.Ordered && len(r.Events) > 0 {
			if all = append(all, r); r.Within {
				within = append(within, r)
			}
		}
	}
	if s.Rule == "in-range" {
		all = within
	}
	if s.Rule == "withdrawn" || s.Rule == "listed" || s.Rule == "all-versions" {
		return nil
	}
	return all[:min(len(all), most)]
}

// said tells by which rule an advisory counts or does not.
func said(s reason.ExplainedSource, ecosystem string) string {
	what := s.Name + " " + s.Version
	switch s.Rule {
	case "in-range":
		return what + " lies in a range for " + s.Ecosystem
	case "all-versions":
		return "every version of " + s.Name + " is affected in " + s.Ecosystem
	case "listed":
		return what + " is listed for " + s.Ecosystem
	case "listed-otherwise":
		return what + " is listed for " + s.Ecosystem + " in another spelling"
	case "outside-ranges":
		return what + " lies in none of the ranges for " + s.Ecosystem
	case "not-listed":
		return what + " is not among the versions listed for " + s.Ecosystem
	case "fixed-build":
		return what + " is itself named as fixed for " + s.Ecosystem
	case "other-stream":
		return what + " is of another module stream, or of none"
	case "not-ordered":
		return s.Version + " is no version that can be compared, and is not listed"
	case "ranges-not-ordered":
		return "its ranges are of commits, or hold what is no version"
	case "withdrawn":
		if s.Withdrawn != nil {
			return "it was withdrawn on " + s.Withdrawn.Format("2006-01-02")
		}
		return "it was withdrawn"
	case "other-release":
		return "it speaks of " + s.Name + " in " + some(s.Releases) + ", and not in " + ecosystem
	}
	return s.Rule
}

// some writes the first few of a list.
func some(list []string) string {
	const most = 4
	if len(list) > most {
		return strings.Join(list[:most], ", ") + fmt.Sprintf(" and %d more", len(list)-most)
	}
	return strings.Join(list, ", ")
}

// recorded writes which packages advisories speak of that are not there.
func (p Printer) recorded(w why.Why) {
	const most = 10
	if len(w.NotInstalled) == 0 || w.Answer == why.Found || w.Answer == why.Suppressed {
		return
	}
	p.printf("\n  Not installed, and spoken of:\n")
	var rows [][]string
	for i, r := range w.NotInstalled {
		if i == most {
			break
		}
		rows = append(rows, []string{Clean(r.Ecosystem), Clean(r.Name), p.paint(dim, Clean(some(r.Advisories)))})
	}
	p.columns("    ", rows)
	if n := len(w.NotInstalled) + w.MoreRecorded - most; n > 0 {
		p.printf("    and %d more\n", n)
	}
}
