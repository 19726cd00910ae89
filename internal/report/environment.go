package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

func coverage(c crowsnest.Coverage) string {
	s := fmt.Sprintf("%d of %d", c.Analysed, c.Running)
	var rest []string
	for _, r := range []struct {
		n    int
		word string
	}{{c.Failed, "failed"}, {c.NotAnalysed, "waiting"}, {c.Unresolved, "unresolved"}} {
		if r.n > 0 {
			rest = append(rest, fmt.Sprintf("%d %s", r.n, r.word))
		}
	}
	if len(rest) > 0 {
		s += " (" + strings.Join(rest, ", ") + ")"
	}
	return s
}

// Environments writes the list of environments.
func (p Printer) Environments(list []wire.EnvironmentSummary) {
	rows := [][]string{{"ENVIRONMENT", "IMAGES", "VULNERABILITIES", "ANALYSED OF RUNNING", "CLUSTERS", "AS OF"}}
	for _, e := range list {
		rows = append(rows, []string{Clean(e.Name), strconv.Itoa(e.Images), p.counts(e.Summary), coverage(e.Coverage), Clean(strings.Join(e.Clusters, ", ")), p.ago(e.AsOf)})
	}
	p.table(rows)
}

// Unseen names the environments in which images run of which none is analysed: they are not
// among those listed.
func (p Printer) Unseen(list []wire.EnvironmentSummary) {
	for _, e := range list {
		if e.Images == 0 && e.Coverage.Running > 0 {
			p.printf("%s %s: %s and none is analysed; see crowsnest environment %s\n", p.paint(yellow, "!"), Clean(e.Name),
				plural(e.Coverage.Running, "running image"), Clean(e.Name))
		}
	}
}

// Environment writes the images of one environment and what is missing.
func (p Printer) Environment(e wire.Environment, gaps []wire.Gap) {
	p.printf("%s: %s running images analysed\n\n", p.paint(bold, Clean(e.Name)), coverage(e.Coverage))
	rows := [][]string{{"IMAGE", "DIGEST", "VULNERABILITIES", "WORKLOADS"}}
	for _, img := range e.Images {
		rows = append(rows, []string{Clean(img.Name), short(img.Digest), p.counts(img.Summary), p.workloads(img.Workloads)})
	}
	p.table(rows)
	for _, img := range e.Images {
		p.problemCount(img.Name, img.ProblemCount)
	}
	p.Gaps(gaps)
}

// Gaps writes the running images that are not analysed.
func (p Printer) Gaps(gaps []wire.Gap) {
	if len(gaps) == 0 {
		return
	}
	p.printf("\nRunning and not analysed:\n")
	for _, g := range gaps {
		name := g.Name
		if name == "" {
			name = "image " + short(g.ImageID)
		}
		p.printf("  %s %s  %s\n      %s\n", p.paint(yellow, "!"), Clean(name), p.workloads(g.Workloads), Clean(g.Reason))
	}
}

// workloads names a few workloads, each once however many of its containers are meant.
func (p Printer) workloads(list []crowsnest.Workload) string {
	const most = 3
	var names []string
	seen := make(map[string]bool)
	for _, w := range list {
		name := Clean(fmt.Sprintf("%s/%s/%s/%s", w.Cluster, w.Namespace, w.Kind, w.Name))
		if !seen[name] && len(names) < most {
			names = append(names, name)
		}
		seen[name] = true
	}
	if more := len(seen) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

// Integrations writes the list of integrations.
func (p Printer) Integrations(list []wire.Integration) {
	rows := [][]string{{"NAME", "KIND", "REGION", "CLUSTER", "ENVIRONMENT", "STATE", "LAST COMPLETE SWEEP", "RUNNING", "ANALYSED OF RUNNING"}}
	for _, in := range list {
		state := Clean(in.State)
		switch state {
		case "connected":
			state = p.paint(green, state)
		case "degraded", "paused":
			state = p.paint(yellow, state)
		case "failing":
			state = p.paint(red, state)
		}
		rows = append(rows, []string{Clean(in.Name), Clean(in.Kind), Clean(in.Region), Clean(in.Cluster), Clean(in.Environment), state, p.ago(in.LastSweep), strconv.Itoa(in.Occurrences), coverage(in.Coverage)})
	}
	p.table(rows)
	for _, in := range list {
		if in.Reason != "" {
			p.printf("%s %s, since %s: %s\n", p.paint(yellow, "!"), Clean(in.Name), p.ago(in.Since), Clean(in.Reason))
		}
	}
}

// AdvisoryStatuses writes what is held of each ecosystem.
func (p Printer) AdvisoryStatuses(list []wire.AdvisoryStatus) {
	rows := [][]string{{"ECOSYSTEM", "RECORDS", "NEWEST RECORD", "IMPORTED", "CHECKED"}}
	for _, s := range list {
		newest := "–"
		if !s.Newest.IsZero() {
			newest = s.Newest.Format("2006-01-02")
		}
		rows = append(rows, []string{Clean(s.Ecosystem), strconv.Itoa(s.Records), newest, p.ago(s.Imported), p.ago(s.Checked)})
	}
	p.table(rows)
}

// Imports writes what an import did.
func (p Printer) Imports(list []advisory.Result) {
	rows := [][]string{{"ECOSYSTEM", "RECORDS", "NEW OR CHANGED", "SKIPPED"}}
	for _, r := range list {
		name, changed := orDash(r.Ecosystem), strconv.Itoa(r.Changed)
		if r.Unchanged {
			changed = "unchanged"
		}
		rows = append(rows, []string{Clean(name), strconv.Itoa(r.Records), changed, strconv.Itoa(r.Skipped)})
	}
	p.table(rows)
	for _, r := range list {
		for _, problem := range r.Problems {
			p.printf("%s %s: %s\n", p.paint(yellow, "!"), Clean(orDash(r.Ecosystem)), Clean(problem))
		}
	}
}

// Images writes a list of images.
func (p Printer) Images(list []wire.Image) {
	rows := [][]string{{"IMAGE", "DIGEST", "STATE", "PACKAGES", "VULNERABILITIES", "RUNS IN"}}
	for _, i := range list {
		packages, counts := "–", "–" // a zero would look like a clean bill
		if i.State == "analysed" {
			packages, counts = strconv.Itoa(i.Packages), p.counts(i.Summary)
		}
		rows = append(rows, []string{Clean(i.Name), short(i.Digest), Clean(i.State), packages, counts, Clean(orDash(strings.Join(i.Environments, ", ")))})
	}
	p.table(rows)
	for _, i := range list {
		if i.Reason != "" {
			p.printf("%s %s: %s\n", p.paint(yellow, "!"), Clean(i.Name), Clean(i.Reason))
		}
		p.problemCount(i.Name, i.ProblemCount)
	}
}
