// Package recommended writes what to build an image on, and which packages to upgrade.
package recommended

import (
	"fmt"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/advice"
	"github.com/crowsnest-sec/crowsnest/internal/match"
	"github.com/crowsnest-sec/crowsnest/internal/recommend"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/report/markdown"
)

// Parts says what is written.
type Parts struct{ Refresh, Change, Packages bool }

// All are all parts.
var All = Parts{true, true, true}

// The bounds on what the text shows; the JSON has more.
const (
	shownIDs       = 3
	shownRemaining = 10
)

// Write writes it for people at a terminal.
func Write(p report.Printer, r advice.Recommendations, parts Parts) {
	line := func(format string, args ...any) { fmt.Fprintf(p.W, format+"\n", args...) }
	line("  %s", report.Clean(r.Image.Name))
	line("    digest    %s", report.Clean(string(r.Image.Digest)))
	if parts.Refresh || parts.Change {
		line("\n  Base image: %s", report.Clean(baseOf(r)))
		if b := r.Base; b != nil && b.Known != nil {
			line("    %s", report.Clean(described(*b.Known)))
		}
	}
	if parts.Refresh {
		line("\n  Refresh the base image")
		line("    %s", report.Clean(refresh(r)))
		if to := r.Refresh.To; to != nil {
			bases(p, []recommend.RankedBase{*to})
		}
	}
	if parts.Change {
		line("\n  Change the base image")
		line("    %s", report.Clean(changes(r)))
		bases(p, r.Changes)
	}
	if parts.Packages {
		line("\n  Upgrade")
		line("    %s", upgrades(r.Upgrades))
		for i, s := range steps(r.Upgrades) {
			line("    %2d. %s  clears %s%s", i+1, report.Clean(s.what), s.clears, report.Clean(s.more))
		}
		remaining(p, r.Upgrades)
	}
	for _, problem := range r.Problems[:min(len(r.Problems), shownIDs)] {
		line("! incomplete: %s", report.Clean(strings.TrimPrefix(problem.Path+": "+problem.Reason, ": ")))
	}
	for _, m := range r.MissingAdvisories {
		line("! not compared, as no whole set of advisories is held: packages, %d of %s", m.Packages, report.Clean(m.Ecosystem))
	}
}

// baseOf says what an image is built on.
func baseOf(r advice.Recommendations) string {
	b := r.Base
	if b == nil {
		return "not known; build it with provenance (mode=max), or have the base image analysed as well"
	}
	name := b.Reference
	for _, n := range []string{b.Name, string(b.Digest)} {
		if name == "" {
			name = n
		}
	}
	by := map[crowsnest.BaseBy]string{crowsnest.BaseByProvenance: "by the provenance of its build", crowsnest.BaseByLabel: "by its label", crowsnest.BaseByLayers: "by its layers; to be sure of the tag, build it with provenance (mode=max)"}[b.By]
	return name + " (" + by + ")"
}

// described says in one line what a base is.
func described(b recommend.BaseOption) string {
	parts := []string{b.Summary.String(), report.Size(b.Size), fmt.Sprintf("%d packages", b.Packages)}
	if b.Release != "" {
		parts = append(parts, b.Release)
	}
	parts = append(parts, b.Software...)
	if !b.Built.IsZero() {
		parts = append(parts, "built "+b.Built.UTC().Format("2006-01-02"))
	}
	return strings.Join(parts, ", ")
}

// refresh says what is known of the tag of the base.
func refresh(r advice.Recommendations) string {
	x := r.Refresh
	switch x.State {
	case advice.NoBase:
		return "what it is built on is not known"
	case advice.NoTag:
		return "by which tag it is built is not known; name it with --tag, or build it with provenance (mode=max)"
	case advice.UnknownTag:
		return "no tag " + r.Base.Reference + " is known here; connect its registry, or have it analysed"
	case advice.NoDigest:
		return "on which image of " + r.Base.Reference + " it is built is not known; build it with provenance (mode=max)"
	case advice.UpToDate:
		return r.Base.Reference + " is up to date"
	case advice.NotAnalysed:
		return r.Base.Reference + " names " + x.Names.Short() + " now, which is not analysed; have it analysed to see what it has"
	}
	return r.Base.Reference + " names another image since " + x.Since.UTC().Format("2006-01-02") + ": build anew"
}

// changes says what was looked at.
func changes(r advice.Recommendations) string {
	if r.Base == nil {
		return "what it is built on is not known"
	}
	text := fmt.Sprintf("of %s known here", plural(r.Tags, "tag"))
	if r.Tags == 0 {
		text = "no tag of its repository is known here"
	}
	if r.NotAnalysed > 0 {
		text += fmt.Sprintf(", %d not analysed", r.NotAnalysed)
	}
	switch {
	case r.Base.Known == nil && len(r.Changes) > 0:
		return text + "; the base itself is not analysed, so that nobody knows which are better"
	case len(r.Changes) == 0:
		return text + ", and of bases of the same kind, none has fewer vulnerabilities"
	}
	return text
}

// bases writes bases with what speaks for and against them.
func bases(p report.Printer, list []recommend.RankedBase) {
	for _, c := range list {
		name := c.Reference
		if name == "" {
			name = string(c.Digest)
		}
		fmt.Fprintf(p.W, "    %s  %s\n", report.Clean(name), report.Clean(described(c.BaseOption)))
		if len(c.Also) > 0 {
			fmt.Fprintf(p.W, "      also known as %s\n", report.Clean(some(c.Also)))
		}
		for _, reason := range c.Reasons {
			sign := "-"
			if reason.For {
				sign = "+"
			}
			fmt.Fprintf(p.W, "      %s %s\n", sign, report.Clean(Words(reason)))
		}
	}
}

// Words writes a reason.
func Words(r recommend.BaseReason) string {
	n := fmt.Sprint(r.Count)
	switch r.Name {
	case recommend.FewerCritical:
		return n + " fewer critical"
	case recommend.MoreCritical:
		return n + " more critical"
	case recommend.FewerHigh:
		return n + " fewer high"
	case recommend.MoreHigh:
		return n + " more high"
	case recommend.FewerOthers:
		return n + " fewer of lower severity"
	case recommend.BringsNone:
		return "brings no new vulnerability"
	case recommend.Brings:
		return "brings " + n + " that the base of now has not"
	case recommend.SameSoftware:
		return "same " + r.To
	case recommend.NewerSoftware:
		return r.To + " in place of " + r.From
	case recommend.SoftwareStep:
		return "another major version: " + r.To + " in place of " + r.From
	case recommend.OlderSoftware:
		return "older: " + r.To + " in place of " + r.From
	case recommend.SameRelease:
		return "same release, " + r.To
	case recommend.AnotherRelease:
		return "another release: " + r.To + " in place of " + r.From
	case recommend.AnotherSystem:
		return "another distribution: " + r.To + " in place of " + r.From
	case recommend.SupportedLonger:
		return "its release is fixed until " + r.To + ", not only until " + r.From
	case recommend.SupportedShorter:
		return "its release is fixed until " + r.To + " only, not until " + r.From
	case recommend.Unsupported:
		return "its release gets no fixes since " + r.To + ": what was found since is mostly not listed"
	case recommend.Smaller:
		return "smaller by " + report.Size(r.Count)
	case recommend.Larger:
		return "larger by " + report.Size(r.Count)
	case recommend.FewerPackages:
		return plural(int(r.Count), "package") + " fewer"
	case recommend.Lacks:
		return "lacks " + plural(int(r.Count), "package") + " of the base of now: " + r.To
	case recommend.NewerBuild:
		return "built " + r.To + ", the base of now " + r.From
	case recommend.OlderBuild:
		return "built " + r.To + " already, the base of now " + r.From
	case recommend.SameVariant:
		return "same variant, " + r.To
	case recommend.AnotherPlace:
		return "of another repository"
	case recommend.Incomplete:
		return "not all of it could be judged"
	}
	return string(r.Name)
}

// upgrades says what all steps together clear.
func upgrades(u recommend.Upgrades) string {
	switch {
	case u.Total.Total() == 0:
		return "nothing of critical or high severity is found"
	case u.Steps == 0:
		return fmt.Sprintf("no fix is known of any of %s", urgent(u.Total))
	}
	verb := "clear"
	if u.Steps == 1 {
		verb = "clears"
	}
	return fmt.Sprintf("%s %s %s of %s", plural(u.Steps, "upgrade"), verb, urgent(u.Cleared), urgent(u.Total))
}

func urgent(s crowsnest.Summary) string {
	return fmt.Sprintf("%d critical and %d high", s.Critical, s.High)
}

// step is one upgrade as it is written.
type step struct{ what, clears, more string }

func steps(u recommend.Upgrades) []step {
	var out []step
	if b := u.Base; b != nil {
		s := step{what: "build anew on " + b.Reference, clears: urgent(b.Clears)}
		if b.Pin != "" {
			s.what += "@" + string(b.Pin)
		}
		s.more = " in " + some(b.Packages)
		if b.Brings.Total() > 0 {
			s.more += ", and brings " + urgent(b.Brings)
		}
		out = append(out, s)
	}
	for _, x := range u.Packages {
		s := step{what: x.Name + " " + x.From + " → " + x.To, clears: urgent(x.Clears)}
		if x.Step == match.StepMinor || x.Step == match.StepMajor {
			s.what += " (" + string(x.Step) + ")"
		}
		var ids []string
		for _, c := range x.Cleared {
			ids = append(ids, c.ID)
		}
		s.more = ": " + some(ids)
		if x.Leaves > 0 {
			s.more += "; leaves " + fmt.Sprint(x.Leaves)
		}
		if x.InUse == crowsnest.Loaded {
			s.more += "; in use"
		}
		if x.InBase {
			s.more += "; in the base"
		}
		out = append(out, s)
	}
	return out
}

// remaining writes what no upgrade clears.
func remaining(p report.Printer, u recommend.Upgrades) {
	if len(u.Remaining) == 0 {
		return
	}
	fmt.Fprintf(p.W, "    What stays:\n")
	for i, x := range u.Remaining {
		if i == shownRemaining {
			fmt.Fprintf(p.W, "      and %d more\n", len(u.Remaining)-i+u.More)
			return
		}
		fmt.Fprintf(p.W, "      %-8s  %s  %s  %s\n", strings.ToUpper(x.Severity.String()), report.Clean(x.ID), report.Clean(x.Name+" "+x.Version), staying[x.Why])
	}
}

var staying = map[recommend.Staying]string{recommend.NoFix: "no fix known", recommend.NotCleared: "not cleared by the version to go to"}

// some writes the first few of a list.
func some(list []string) string {
	if len(list) > shownIDs {
		return strings.Join(list[:shownIDs], ", ") + fmt.Sprintf(" and %d more", len(list)-shownIDs)
	}
	return strings.Join(list, ", ")
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// Markdown writes it for a merge request.
func Markdown(r advice.Recommendations, parts Parts) (d markdown.Document) {
	md := report.Markdown
	d.Printf("## Recommendations for %s", md(r.Image.Name))
	if parts.Refresh || parts.Change {
		d.Printf("Base image: %s.", md(baseOf(r)))
	}
	row := func(c recommend.RankedBase) []string {
		var pro, con []string
		for _, reason := range c.Reasons {
			if reason.For {
				pro = append(pro, md(Words(reason)))
			} else {
				con = append(con, md(Words(reason)))
			}
		}
		return []string{md(c.Reference), c.Summary.String(), strings.Join(pro, "<br>"), strings.Join(con, "<br>")}
	}
	head := []string{"Base", "Vulnerabilities", "For it", "Against it"}
	if parts.Refresh {
		d.Printf("**Refresh**: %s.", md(refresh(r)))
		if to := r.Refresh.To; to != nil {
			d.Details("What the tag names now", true, head, [][]string{row(*to)})
		}
	}
	if parts.Change {
		d.Printf("**Change**: %s.", md(changes(r)))
		var rows [][]string
		for _, c := range r.Changes {
			rows = append(rows, row(c))
		}
		d.Details("Other base images", true, head, rows)
	}
	if parts.Packages {
		d.Printf("**Upgrade**: %s.", md(upgrades(r.Upgrades)))
		var rows, left [][]string
		for _, s := range steps(r.Upgrades) {
			rows = append(rows, []string{md(s.what), s.clears, md(strings.TrimLeft(s.more, ":; "))})
		}
		d.Details("Upgrades", true, []string{"Upgrade", "Clears", ""}, rows)
		for _, x := range r.Upgrades.Remaining {
			left = append(left, []string{strings.ToUpper(x.Severity.String()), md(x.ID), md(x.Name + " " + x.Version), staying[x.Why]})
		}
		d.Details("What stays", false, []string{"Severity", "Vulnerability", "Package", "Why"}, left)
	}
	if n := len(r.Problems) + len(r.MissingAdvisories); n > 0 {
		d.Printf("**Not all of it could be judged**: see crowsnest cves.")
	}
	return d
}
