// Package suppressed writes what decisions suppress in an image, with who decided, why and until when.
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
