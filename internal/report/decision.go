package report

import (
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Shown says what is listed of findings that do not count; it is counted in any case.
type Shown struct{ NotAffected, Suppressed bool }

// suppressed tells what decisions suppress.
func (p Printer) suppressed(r wire.CVEs, list bool) {
	var n crowsnest.Summary
	for _, f := range r.Suppressed {
		n.Add(f.Severity, 1)
	}
	switch {
	case n.Total() == 0:
	case !list:
		p.printf("  %d more suppressed by decisions:%s (--show-suppressed lists them)\n", n.Total(), p.counts(n))
	default:
		p.printf("\nSuppressed by decisions:%s\n\n", p.counts(n))
		for _, f := range r.Suppressed {
			p.printf("  %-12s %s  %s\n      %s\n", f.Severity, Clean(f.ID), p.paint(bold, Clean(f.Package.Name+" "+f.Package.Version)), p.paint(dim, Clean(decision(*f.Suppressed))))
		}
	}
}

// decision says what was decided, by whom, why and until when.
func decision(s crowsnest.Suppression) string {
	out := strings.ReplaceAll(string(s.Type), "-", " ") + ", by " + orDash(s.Author)
	if s.ApprovedBy != "" {
		out += ", approved by " + s.ApprovedBy
	}
	if !s.Until.IsZero() {
		out += ", until " + s.Until.UTC().Format("2006-01-02 15:04")
	}
	if s.Justification != "" {
		out += " (" + string(s.Justification) + ")"
	}
	if s.Text != "" {
		out += ": " + s.Text
	}
	return out
}
