// Package report writes results for people: plain text in columns, colour only
// where it is wanted. What comes from images and servers is made harmless to
// terminals first.
package report

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/report/word"
)

// Printer writes reports to W.
type Printer struct {
	W     io.Writer
	Color bool             // terminal escape sequences may be written
	Now   func() time.Time // nil is the system's clock
}

func (p Printer) printf(format string, args ...any) { fmt.Fprintf(p.W, format, args...) }

// Clean makes a string of unknown origin fit for one line of a terminal: a
// package's name must not be able to move the cursor or hide a finding.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			return '\uFFFD'
		}
		return r
	}, s)
}

// short is the form of a digest people compare by eye, whatever a server sent as one.
func short(d crowsnest.Digest) string { return Clean(d.Short()) }

// The escape sequences used.
const (
	reset   = "\x1b[0m"
	bold    = "\x1b[1m"
	dim     = "\x1b[2m"
	red     = "\x1b[31m"
	magenta = "\x1b[1;35m"
	yellow  = "\x1b[33m"
	blue    = "\x1b[34m"
	green   = "\x1b[32m"
)

func (p Printer) paint(code, s string) string {
	if !p.Color || s == "" {
		return s
	}
	return code + s + reset
}

func (p Printer) severity(s crowsnest.Severity, text string) string {
	switch s {
	case crowsnest.Critical:
		return p.paint(magenta, text)
	case crowsnest.High:
		return p.paint(red, text)
	case crowsnest.Medium:
		return p.paint(yellow, text)
	case crowsnest.Low:
		return p.paint(blue, text)
	}
	return p.paint(dim, text)
}

// Counts writes a summary in columns of equal width: "  2C   5H   9M  20L   1?".
func (p Printer) Counts(s crowsnest.Summary) string {
	var b strings.Builder
	for _, c := range []struct {
		severity crowsnest.Severity
		n        int
		letter   string
	}{{crowsnest.Critical, s.Critical, "C"}, {crowsnest.High, s.High, "H"}, {crowsnest.Medium, s.Medium, "M"}, {crowsnest.Low, s.Low, "L"}, {crowsnest.Unspecified, s.Unspecified, "?"}} {
		text := fmt.Sprintf(" %3d%s", c.n, c.letter)
		if c.n == 0 {
			text = p.paint(dim, text)
		} else {
			text = p.severity(c.severity, text)
		}
		b.WriteString(text)
	}
	return b.String()
}

// Table writes rows in columns, the first row as a heading.
func (p Printer) Table(rows [][]string) {
	for i, cell := range rows[0] {
		rows[0][i] = p.paint(bold, cell)
	}
	p.columns("", rows)
}

// columns writes rows in columns behind a prefix. Cells may hold escape
// sequences, which take no width.
func (p Printer) columns(prefix string, rows [][]string) {
	for _, line := range p.aligned(rows) {
		p.printf("%s\n", strings.TrimRight(prefix+line, " "))
	}
}

// aligned makes a line of each row, with the cells in columns.
func (p Printer) aligned(rows [][]string) []string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], width(cell))
		}
	}
	lines := make([]string, 0, len(rows))
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			line += cell + strings.Repeat(" ", widths[i]-width(cell)+2)
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// width counts the runes of s that take room.
func width(s string) int {
	n, escape := 0, false
	for _, r := range s {
		switch {
		case r == '\x1b':
			escape = true
		case escape:
			escape = r != 'm'
		default:
			n++
		}
	}
	return n
}

func (p Printer) ago(t time.Time) string { return word.Ago(p.now(), t) }

func (p Printer) until(t time.Time) string { return word.Until(p.now(), t) }

func (p Printer) now() time.Time {
	if p.Now != nil {
		return p.Now()
	}
	return time.Now()
}

// Size writes bytes in decimal units.
func Size(n int64) string {
	const unit = 1000
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	value, i := float64(n)/unit, 0
	for value >= unit && i < 3 {
		value /= unit
		i++
	}
	return fmt.Sprintf("%.1f %cB", value, "kMGT"[i])
}

func plural(n int, thing string) string { return word.Plural(n, thing) }
