package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/report/word"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/source"
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
	rows := [][]string{{"ENVIRONMENT", "IMAGES", "VULNERABILITIES", "IN USE", "ANALYSED OF RUNNING", "SOURCES", "CLUSTERS", "AS OF", "DESCRIPTION"}}
	described := false
	for _, e := range list {
		asOf, sources := p.ago(e.AsOf), make([]string, len(e.Sources))
		for i, kind := range e.Sources {
			sources[i] = word.Source(kind)
		}
		if len(e.Clusters) == 0 { // nothing is swept
			asOf = "–"
		}
		rows = append(rows, []string{
			Clean(e.Name), strconv.Itoa(e.Images), p.Counts(e.Summary), p.usedOf(e.InUse, e.Summary, e.NotAffected, e.ProfilesAsOf.IsZero()), coverage(e.Coverage), Clean(OrDash(strings.Join(sources, ", "))),
			Clean(OrDash(strings.Join(e.Clusters, ", "))), asOf, clip(Clean(e.Description), 60),
		})
		described = described || e.Description != ""
	}
	if !described {
		for i := range rows {
			rows[i] = rows[i][:len(rows[i])-1]
		}
	}
	p.Table(rows)
}

// DeletedEnvironments writes the list of environments that were deleted.
func (p Printer) DeletedEnvironments(list []wire.DeletedEnvironment) {
	if len(list) == 0 {
		p.printf("no environment was deleted\n")
		return
	}
	rows := [][]string{{"ENVIRONMENT", "DELETED", "BY"}}
	for _, e := range list {
		rows = append(rows, []string{Clean(e.Name), p.ago(e.Deleted), Clean(OrDash(e.By))})
	}
	p.Table(rows)
}

// maxName is how much of a name is shown that a cluster gave: one that is longer would make each row of a list so wide.
const maxName = 120

// clip cuts a text to a number of characters.
func clip(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return s
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

// countingTexts say what a way of counting counts.
var countingTexts = map[store.Counting]string{
	store.CountImages:          "all images, summed up",
	store.CountPackages:        "each package version once, however many images have it",
	store.CountVulnerabilities: "each vulnerability once, by its worst severity",
}

// Environment writes the images of one environment and what is missing, of that up to a limit; 0 is none.
func (p Printer) Environment(e wire.Environment, gaps []wire.Gap, limit int) {
	if e.Name == store.LatestIndexed {
		p.printf("%s: the newest analysed image of each repository\n\n", p.paint(bold, e.Name))
	} else if e.At.Before(e.Known) {
		p.printf("%s: nothing is known of %s; what is known begins on %s\n\n", p.paint(bold, Clean(e.Name)), e.At.UTC().Format("2006-01-02 15:04:05 UTC"), e.Known.UTC().Format("2006-01-02 15:04:05 UTC"))
		return
	} else if !e.At.IsZero() {
		p.printf("%s at %s: %s images that ran then are analysed today\n\n", p.paint(bold, Clean(e.Name)), e.At.UTC().Format("2006-01-02 15:04:05 UTC"), coverage(e.Coverage))
	} else {
		p.printf("%s: %s running images analysed\n", p.paint(bold, Clean(e.Name)), coverage(e.Coverage))
		if len(e.Clusters) > 0 {
			p.printf("of %s, as of %s\n", Clean(strings.Join(e.Clusters, ", ")), p.ago(e.AsOf))
		}
		p.printf("\n")
	}
	p.running(e.Images)
	if e.Counts != nil {
		p.printf("\n%s:%s, in use %s\n", countingTexts[e.Counts.Counting], p.Counts(e.Counts.Summary), p.usedOf(e.Counts.InUse, e.Counts.Summary, e.Counts.NotAffected, false))
		if e.Counts.Suppressed.Total() > 0 {
			p.printf("suppressed by decisions, counted in the same way:%s\n", p.Counts(e.Counts.Suppressed))
		}
	}
	if e.DiscountNotSeen {
		var left crowsnest.Summary
		for _, img := range e.Images {
			left = left.Plus(img.InUse.NotSeen)
		}
		p.printf("not affected, as it was not seen loaded, and not counted:%s\n", p.Counts(left))
	}
	var suppressed crowsnest.Summary
	for _, img := range e.Images {
		suppressed = suppressed.Plus(img.Suppressed)
	}
	if suppressed.Total() > 0 {
		p.printf("suppressed by decisions, and not counted:%s\n", p.Counts(suppressed))
	}
	for _, img := range e.Images {
		if img.ProfileStale {
			p.printf("%s %s: what it loads was last reported %s, which counts for %s: what was not seen is not observed now\n",
				p.paint(yellow, "!"), Clean(img.Name), p.ago(img.ProfiledAt), plural(e.ProfileDays, "day"))
		}
		if img.Unprofiled {
			p.printf("%s %s: of some of what runs it nobody reported of late what it loads: what the others did not load is not observed\n", p.paint(yellow, "!"), Clean(img.Name))
		}
	}
	if !e.At.IsZero() {
		p.gaps("Ran then, and is not analysed", gaps, limit)
		return
	}
	p.gaps("Running and not analysed", gaps, limit)
}

// running writes images that run, and what is to know of them.
func (p Printer) running(images []wire.RunningImage) {
	if len(images) == 0 {
		p.printf("no image of it is analysed\n")
		return
	}
	rows := [][]string{{"IMAGE", "DIGEST", "VULNERABILITIES", "IN USE", "WORKLOADS"}}
	for _, img := range images {
		rows = append(rows, []string{Clean(img.Name), short(img.Digest), p.Counts(img.Summary), p.used(img), p.workloads(img.Name, img.Workloads)})
	}
	p.Table(rows)
	for _, img := range images {
		p.problemCount(img.Name, img.ProblemCount)
		for _, w := range img.Warnings {
			p.warning(img.Name, w)
		}
	}
}

// Occurrences writes what runs and ran where, up to a limit that may have cut the list; 0 is none.
func (p Printer) Occurrences(list []wire.Occurrence, limit int) {
	rows := [][]string{{"WORKLOAD", "CONTAINER", "IMAGE", "IN USE", "NOT SEEN", "NOT OBSERVED", "SINCE", "UNTIL"}}
	for _, o := range list {
		image := o.Image
		if image == "" {
			image = short(o.ImageID)
		}
		until, used := "", []string{p.paint(dim, "–"), p.paint(dim, "–"), p.paint(dim, "–")}
		if o.Closed != nil {
			until = p.ago(*o.Closed)
		}
		if o.InUse != nil {
			used = []string{strconv.Itoa(o.InUse.Loaded.Total()), strconv.Itoa(o.InUse.NotSeen.Total()), strconv.Itoa(o.InUse.NotObserved.Total())}
		}
		rows = append(rows, slices.Concat([]string{clip(Clean(word.Workload(o.Workload, o.Image)), maxName), clip(Clean(OrDash(o.Container)), maxName), Clean(image)}, used, []string{p.ago(o.Opened), until}))
	}
	p.Table(rows)
	if limit > 0 && len(list) == limit {
		p.printf("\nthe newest %d; --limit 0 shows all\n", limit)
	}
}

// used counts what is in use of an image's vulnerabilities, if run time watches it.
func (p Printer) used(img wire.RunningImage) string {
	u := img.InUse
	all := u.Loaded.Plus(u.NotSeen).Plus(u.NotObserved)
	return p.usedOf(u.Loaded, img.Summary, all.Minus(img.Summary), u.Loaded.Total()+u.NotSeen.Total() == 0)
}

// usedOf says how many of what counts are in use, and how many do not count.
func (p Printer) usedOf(used, counted, left crowsnest.Summary, unwatched bool) string {
	switch {
	case unwatched:
		return p.paint(dim, "–")
	case left.Total() > 0:
		return fmt.Sprintf("%d of %d, and %d not affected", used.Total(), counted.Total(), left.Total())
	}
	return fmt.Sprintf("%d of %d", used.Total(), counted.Total())
}

func (p Printer) warning(name string, w wire.Warning) {
	at := w.Since.Format("2006-01-02")
	switch w.Kind {
	case store.TagMoved:
		p.printf("%s %s: the tag moved: since %s it names %s, and %s runs\n", p.paint(yellow, "!"), Clean(w.Reference), at, short(w.Digest), short(w.Running))
	case store.NewerVersion:
		p.printf("%s %s: a newer version is there: %s of %s (%s)\n", p.paint(yellow, "!"), Clean(name), Clean(w.Reference), at, short(w.Digest))
	case store.UnknownRegistry:
		p.printf("%s %s: not from a known registry (%s runs)\n", p.paint(yellow, "!"), Clean(w.Reference), short(w.Running))
	}
}

// RegistryCheck writes how what runs compares with the known registries, if there are any.
func (p Printer) RegistryCheck(c wire.RegistryCheck) {
	if c.Unknown+c.Unnamed == 0 {
		return
	}
	p.printf("\n%s not from a known registry: %d of %s; name unknown: %d\n", p.paint(yellow, "!"), c.Unknown, plural(c.Running, "running image"), c.Unnamed)
}

// KnownRegistries writes the list of known registries.
func (p Printer) KnownRegistries(k wire.KnownRegistries) {
	if len(k.Registries) == 0 {
		p.printf("%s\n", p.paint(dim, "No list of known registries: nothing is warned of."))
	}
	for _, r := range k.Registries {
		p.printf("%s\n", Clean(r))
	}
}

// Recorded writes what was recorded in an environment, and its rows of it.
func (p Printer) Recorded(done wire.Assigned, e wire.Environment) {
	for _, a := range done.Images {
		said := "runs in"
		if done.Opened == 0 {
			said = "was recorded before in"
		}
		p.printf("%s %s %s %s\n", p.paint(green, "✓"), Clean(a.Reference), said, Clean(done.Environment))
		switch a.State {
		case "unresolved":
			p.printf("%s nothing is known of %s: it is unresolved until it is analysed\n", p.paint(yellow, "!"), short(a.Digest))
		case "found":
			p.printf("%s it waits for its analysis\n", p.paint(yellow, "!"))
		case "failed":
			p.printf("%s its analysis failed; crowsnest environment %s says why\n", p.paint(yellow, "!"), Clean(done.Environment))
		}
	}
	if len(e.Images) > 0 {
		p.printf("\n")
		p.running(e.Images)
	}
}

// MaxLines is how many lines of a file are told one by one; the rest are counted.
const MaxLines = 10

// Replaced writes what became of the images recorded in an environment; at names the place of each in the list that was given.
func (p Printer) Replaced(done wire.Assigned, at func(image int) string) {
	p.printf("%s %s: %s recorded, %d kept, %d taken out\n", p.paint(green, "✓"), Clean(done.Environment), plural(done.Opened, "image"), done.Continued, done.Closed)
	rest := make(map[string]int)
	for _, a := range done.Images {
		rest[a.State]++
	}
	for _, r := range []struct{ state, word string }{{"failed", "could not be analysed"}, {"found", "not analysed yet"}, {"unresolved", "unresolved"}} {
		if n := rest[r.state]; n > 0 {
			p.printf("%s %s %s; see crowsnest environment %s\n", p.paint(yellow, "!"), plural(n, "image"), r.word, Clean(done.Environment))
			left := MaxLines
			for i, a := range done.Images {
				if a.State == r.state && left > 0 {
					p.printf("  %s: %s\n", Clean(at(i)), Clean(a.Reference))
					left--
				}
			}
			if n > MaxLines {
				p.printf("  and %d more\n", n-MaxLines)
			}
		}
	}
}

// Removed writes what was taken out of an environment.
func (p Printer) Removed(done wire.Unassigned, image string) {
	if done.Closed == 0 {
		p.printf("%s %s was not recorded in %s\n", p.paint(yellow, "!"), Clean(image), Clean(done.Environment))
		return
	}
	p.printf("%s %s is taken out of %s\n", p.paint(green, "✓"), Clean(image), Clean(done.Environment))
}

// gaps writes the images that run or ran and are not analysed, up to a limit; 0 is none.
func (p Printer) gaps(title string, gaps []wire.Gap, limit int) {
	if len(gaps) == 0 {
		return
	}
	shown := gaps
	if limit > 0 {
		shown = gaps[:min(limit, len(gaps))]
	}
	p.printf("\n%s:\n", title)
	for _, g := range shown {
		name := g.Name
		if name == "" {
			name = "image " + short(g.ImageID)
		}
		if g.Reported {
			name += " (reported by Sysdig)"
		}
		p.printf("  %s %s  %s\n      %s\n", p.paint(yellow, "!"), Clean(name), p.workloads(name, g.Workloads), Clean(g.Reason))
		p.remedy(g.Remedy)
		for _, w := range g.Warnings {
			p.printf("      ")
			p.warning(name, w)
		}
	}
	if more := len(gaps) - len(shown); more > 0 {
		p.printf("  and %d more that are not analysed; --limit 0 lists all\n", more)
	}
}

// workloads names a few workloads of an image, each once however many of its containers are
// meant.
func (p Printer) workloads(image string, list []crowsnest.Workload) string {
	const most = 3
	var names []string
	seen := make(map[string]bool)
	for _, w := range list {
		name := Clean(word.Workload(w, image))
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
	rows := [][]string{{"NAME", "KIND", "REGION", "CLUSTER", "ENVIRONMENT", "STATE", "LAST COMPLETE SWEEP", "NEXT", "REQUESTS", "RUNNING", "ANALYSED OF RUNNING"}}
	for _, in := range list {
		state, next := Clean(in.State), p.until(in.NextSweep)
		if state == "paused" {
			next = "–"
		}
		switch state {
		case "connected":
			state = p.paint(green, state)
		case "degraded", "paused":
			state = p.paint(yellow, state)
		case "failing":
			state = p.paint(red, state)
		}
		rows = append(rows, []string{Clean(in.Name), Clean(in.Kind), Clean(in.Region), Clean(in.Cluster), Clean(in.Environment), state, p.ago(in.LastSweep), next, strconv.Itoa(in.Requests), strconv.Itoa(in.Occurrences), coverage(in.Coverage)})
	}
	p.Table(rows)
	for _, in := range list {
		if in.Reason != "" {
			p.printf("%s %s, not well since %s; now: %s\n", p.paint(yellow, "!"), Clean(in.Name), p.ago(in.Since), Clean(in.Reason))
		}
		if in.Hint != "" {
			p.printf("%s %s: %s\n", p.paint(yellow, "!"), Clean(in.Name), Clean(in.Hint))
		}
		if in.Analyse {
			p.printf("%s: what runs there is analysed by itself, where a connected registry has it\n", Clean(in.Name))
		}
	}
}

// Hook writes the webhook of an integration.
func (p Printer) Hook(h wire.Hook) {
	p.printf("URL     %s\nsecret  %s\n\nIt is shown this once. Send it as Authorization: Bearer SECRET, or as X-Crowsnest-Hook: SECRET.\n", Clean(h.URL), Clean(h.Secret))
}

// AdvisoryStatuses writes what is held of each ecosystem.
func (p Printer) AdvisoryStatuses(list []wire.AdvisoryStatus) {
	rows := [][]string{{"ECOSYSTEM", "RECORDS", "NEWEST RECORD", "IMPORTED", "CHECKED", "NEXT UPDATE"}}
	for _, s := range list {
		newest, next := "–", "–"
		if !s.Newest.IsZero() {
			newest = s.Newest.Format("2006-01-02")
		}
		if !s.NextUpdate.IsZero() {
			next = s.NextUpdate.UTC().Format("2006-01-02 15:04Z")
		}
		rows = append(rows, []string{Clean(s.Name()), strconv.Itoa(s.Records), newest, p.ago(s.Imported), p.ago(s.Checked), next})
	}
	p.Table(rows)
	for _, s := range list {
		if s.Stale {
			p.printf("%s %s is old: last checked %s\n", p.paint(yellow, "!"), Clean(s.Name()), p.ago(s.Checked))
		}
		if s.Reason != "" {
			p.printf("%s %s: not updated since %s: %s\n", p.paint(yellow, "!"), Clean(s.Name()), s.FailingSince.UTC().Format("2006-01-02 15:04Z"), Clean(s.Reason))
		}
	}
}

// Imports writes what an import did.
func (p Printer) Imports(list []advisory.Result) {
	rows := [][]string{{"ECOSYSTEM", "RECORDS", "NEW OR CHANGED", "SKIPPED"}}
	for _, r := range list {
		name, changed := importName(r), strconv.Itoa(r.Changed)
		if r.Unchanged {
			changed = "unchanged"
		}
		rows = append(rows, []string{Clean(name), strconv.Itoa(r.Records), changed, strconv.Itoa(r.Skipped)})
	}
	p.Table(rows)
	for _, r := range list {
		for _, problem := range r.Problems {
			p.printf("%s %s: %s\n", p.paint(yellow, "!"), Clean(importName(r)), Clean(problem))
		}
	}
}

// importName names what was imported.
func importName(r advisory.Result) string {
	if r.Feed != "" {
		return strings.ToUpper(r.Feed)
	}
	return OrDash(r.Ecosystem)
}

// Images writes a list of images.
func (p Printer) Images(list []wire.Image) {
	rows := [][]string{{"IMAGE", "DIGEST", "STATE", "PACKAGES", "VULNERABILITIES", "RUNS IN"}}
	for _, i := range list {
		packages, counts := "–", "–" // a zero would look like a clean bill
		if i.State == "analysed" {
			packages, counts = strconv.Itoa(i.Packages), p.Counts(i.Summary)
		}
		rows = append(rows, []string{Clean(i.Name), short(i.Digest), Clean(i.State), packages, counts, Clean(OrDash(strings.Join(i.Environments, ", ")))})
	}
	p.Table(rows)
	for _, i := range list {
		if i.Reason != "" {
			p.printf("%s %s: %s\n", p.paint(yellow, "!"), Clean(i.Name), Clean(i.Reason))
		}
		p.problemCount(i.Name, i.ProblemCount)
	}
}

// Clusters writes the clusters of an account, one a line, and how they are connected already.
func (p Printer) Clusters(list source.Clusters) {
	widest := 0
	for _, name := range list.Clusters {
		widest = max(widest, utf8.RuneCountInString(Clean(name)))
	}
	for _, name := range list.Clusters {
		var by []string
		for _, f := range list.Connected {
			if f.Cluster == name {
				by = append(by, fmt.Sprintf("connected by %s, feeds %s", Clean(f.Integration), Clean(f.Environment)))
			}
		}
		name = Clean(name)
		if len(by) > 0 {
			name += strings.Repeat(" ", widest-utf8.RuneCountInString(name)+2) + p.paint(dim, strings.Join(by, "; "))
		}
		p.printf("%s\n", name)
	}
	if list.Hint != "" {
		p.printf("%s %s\n", p.paint(yellow, "!"), Clean(list.Hint))
	}
	if list.Refused != "" {
		p.printf("%s what it answers to the token: %s\n", p.paint(yellow, "!"), Clean(list.Refused))
	}
}
