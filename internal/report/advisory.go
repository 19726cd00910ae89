package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Advisories writes the advisories that bear one name.
func (p Printer) Advisories(n wire.NamedAdvisories) {
	p.printf("  %s\n", p.paint(bold, Clean(n.Name)))
	if k := n.KEV; k != nil {
		p.printf("    %-10s listed by CISA on %s%s\n", p.paint(red, "exploited"), Clean(k.Added), due(k))
		if k.Action != "" {
			p.printf("    %-10s %s\n", "action", Clean(k.Action))
		}
	}
	if e := n.EPSS; e != nil {
		p.printf("    %-10s %.2f%% within 30 days, percentile %.1f\n", "EPSS", 100*e.Score, 100*e.Percentile)
	}
	for _, a := range n.Advisories {
		p.printf("\n")
		p.advisory(a)
	}
	if len(n.Others) > 0 {
		p.printf("\n  %d more: %s\n", len(n.Others), Clean(strings.Join(n.Others, ", ")))
	}
}

func due(k *wire.KEV) string {
	out := ""
	if k.Due != "" {
		out += ", due " + Clean(k.Due)
	}
	if k.Ransomware {
		out += ", known from campaigns of ransomware"
	}
	return out
}

func (p Printer) advisory(a wire.Advisory) {
	p.printf("  %s  %s\n", p.paint(bold, Clean(a.ID)), Clean(a.Summary))
	if a.Withdrawn != nil {
		p.printf("    %s on %s: it matches nothing\n", p.paint(yellow, "withdrawn"), a.Withdrawn.UTC().Format(time.DateOnly))
	}
	for _, row := range []struct {
		name string
		list []string
	}{{"aliases", a.Aliases}, {"upstream", a.Upstream}, {"related", a.Related}, {"severity", severities(a.Severity, a.Word)}} {
		if len(row.list) > 0 {
			p.printf("    %-10s %s\n", row.name, Clean(strings.Join(row.list, ", ")))
		}
	}
	published := ""
	if !a.Published.IsZero() {
		published = "published " + a.Published.UTC().Format(time.DateOnly) + ", "
	}
	p.printf("    %-10s %schanged %s, held since %s\n", "times", published, a.Modified.UTC().Format(time.DateOnly), a.FirstHeld.UTC().Format(time.DateOnly))
	rows := make([][]string, 0, len(a.Affected))
	for _, f := range a.Affected {
		rows = append(rows, []string{Clean(f.Ecosystem), Clean(f.Name), Clean(affected(f)), Clean(strings.Join(severities(f.Severity, f.Word), ", "))})
	}
	p.columns("    ", rows)
}

func severities(vectors []crowsnest.SeverityVector, word string) []string {
	var out []string
	for _, v := range vectors {
		out = append(out, v.Vector)
	}
	if word != "" {
		out = append(out, word)
	}
	return out
}

// affected says which versions a package is affected in.
func affected(f wire.AffectedRange) string {
	var out []string
	for _, r := range f.Ranges {
		var events []string
		for _, e := range r.Events {
			switch {
			case e.Introduced != "":
				events = append(events, "from "+e.Introduced)
			case e.Fixed != "":
				events = append(events, "fixed in "+e.Fixed)
			case e.LastAffected != "":
				events = append(events, "up to "+e.LastAffected)
			}
		}
		out = append(out, strings.Join(events, " "))
	}
	if n := len(f.Versions) + f.More; n > 0 {
		out = append(out, plural(n, "listed version"))
	}
	return strings.Join(out, "; ")
}

// namedUpdates is how many of each kind are written of one update.
const namedUpdates = 20

// AdvisoryUpdates writes what updates changed, what was found for that, and which failed.
func (p Printer) AdvisoryUpdates(list []wire.AdvisoryUpdate) {
	if len(list) == 0 {
		p.printf("  no update changed anything, and none failed\n")
	}
	for _, u := range list {
		name := u.Ecosystem
		if u.Feed != wire.FeedOSV {
			name = strings.ToUpper(u.Feed)
		}
		p.printf("%s  %s\n", u.At.UTC().Format("2006-01-02 15:04Z"), p.paint(bold, Clean(OrDash(name))))
		for _, kind := range []struct {
			sign  string
			named wire.Named
		}{{"+", u.Added}, {"~", u.Changed}, {"-", u.Withdrawn}} {
			if kind.named.Count == 0 {
				continue
			}
			shown := kind.named.IDs[:min(namedUpdates, len(kind.named.IDs))]
			text := strings.Join(shown, ", ")
			if more := kind.named.Count - len(shown); more > 0 {
				text += fmt.Sprintf(" and %d more", more)
			}
			p.printf("  %s %s  %s\n", kind.sign, strconv.Itoa(kind.named.Count), Clean(text))
		}
		if u.Opened+u.Closed > 0 {
			p.printf("  %s found, %d gone, each once for a version of a package\n", vulnerabilities(u.Opened), u.Closed)
		}
		if u.Reason != "" {
			again := ""
			if u.Tries > 1 {
				again = fmt.Sprintf(", %d times in a row", u.Tries)
			}
			p.printf("  %s%s: %s\n", p.paint(yellow, "failed"), again, Clean(u.Reason))
		}
	}
}
