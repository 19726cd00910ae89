// Package suppressed writes what does not count: what decisions suppress, with who decided, why and until when, and how much of what lasts is left out.
package suppressed

import (
	"fmt"
	"io"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Style makes text fit for where it is written.
type Style struct {
	Clean  func(string) string            // of what strangers wrote
	Counts func(crowsnest.Summary) string // by severity
}

// Write writes how much is suppressed and, if it is to be listed, what.
func Write(w io.Writer, s Style, r wire.CVEs, list bool) {
	var n crowsnest.Summary
	for _, f := range r.Suppressed {
		n.Add(f.Severity, 1)
	}
	switch {
	case n.Total() == 0:
	case !list:
		fmt.Fprintf(w, "  %d more suppressed by decisions:%s (--show-suppressed lists them)\n", n.Total(), s.Counts(n))
	default:
		fmt.Fprintf(w, "\nSuppressed by decisions:%s\n\n", s.Counts(n))
		for _, f := range r.Suppressed {
			fmt.Fprintf(w, "  %-12s %s  %s\n      %s\n", f.Severity, s.Clean(f.ID), s.Clean(f.Package.Name+" "+f.Package.Version), s.Clean(Told(f.Suppressed)))
		}
	}
}

// Lasting writes how much of what an environment is exposed to does not count now, and why.
func Lasting(w io.Writer, counts func(crowsnest.Summary) string, figures []wire.ExposureFigures) {
	var decided, notSeen crowsnest.Summary
	for _, f := range figures {
		decided.Add(f.Severity, f.Suppressed)
		notSeen.Add(f.Severity, f.NotSeen)
	}
	if n := decided.Total(); n > 0 {
		fmt.Fprintf(w, "%d more last, and are not counted, as decisions suppress them:%s (--state suppressed lists them)\n", n, counts(decided))
	}
	if n := notSeen.Total(); n > 0 {
		fmt.Fprintf(w, "%d more last, and are left out as not seen:%s (--state not-seen lists them)\n", n, counts(notSeen))
	}
}

// Told says what was decided, by whom, why and until when. It is of unknown origin.
func Told(s *crowsnest.Suppression) string {
	if s == nil {
		return ""
	}
	out := strings.ReplaceAll(string(s.Type), "-", " ")
	if s.Author != "" {
		out += ", by " + s.Author
	}
	if s.ApprovedBy != "" {
		out += ", approved by " + s.ApprovedBy
	}
	if !s.Until.IsZero() {
		out += ", until " + crowsnest.FormatExpiry(s.Until)
	}
	if s.Justification != "" {
		out += " (" + string(s.Justification) + ")"
	}
	if s.Text != "" {
		out += ": " + s.Text
	}
	return out
}
