// Package markdown lays out documents that forges take as comments of merge requests. A comment that is too long is refused
// as a whole, so a document is cut until it fits, and says how much is missing. What it is given is Markdown already: text of
// unknown origin has to be made harmless before.
package markdown

import (
	"fmt"
	"strings"
)

// Limit is below how many bytes a document stays. GitHub takes comments below 65,536 characters, GitLab longer ones; counted in bytes it
// fits however characters are counted, and there is room for the line by which a comment is found again.
const Limit = 65_000

// firstRows bounds each list: more is not read in a comment, even where it fits.
const firstRows = 60

// Document is what is written from top to bottom. The zero value is empty.
type Document struct {
	blocks []block
}

// block is a paragraph, or a table if it has a head.
type block struct {
	text string // of a table, the summary it is folded behind
	open bool
	head []string
	rows [][]string
}

// Printf adds a paragraph. It must be short: paragraphs are not cut.
func (d *Document) Printf(format string, args ...any) {
	d.blocks = append(d.blocks, block{text: fmt.Sprintf(format, args...)})
}

// Table adds a table of a few rows, which are not cut.
func (d *Document) Table(head []string, rows [][]string) { d.Printf("%s", table(head, rows)) }

// Details adds a table that is folded behind a summary, of which rows may be cut. Without rows it adds nothing.
func (d *Document) Details(summary string, open bool, head []string, rows [][]string) {
	if len(rows) > 0 {
		d.blocks = append(d.blocks, block{text: summary, open: open, head: head, rows: rows})
	}
}

func table(head []string, rows [][]string) string {
	lines := []string{"| " + strings.Join(head, " | ") + " |", "|" + strings.Repeat(" --- |", len(head))}
	for _, row := range rows {
		lines = append(lines, "| "+strings.Join(row, " | ")+" |")
	}
	return strings.Join(lines, "\n")
}

// String writes the document below the limit, with as many rows of each table as fit. If something is left out, it says how many rows
// and, with a link, where all of it is.
func (d *Document) String(link string) string {
	for rows := firstRows; ; rows /= 2 {
		out, left := d.with(rows)
		switch {
		case link != "" && left > 0:
			out += fmt.Sprintf("%d rows are left out: see the [full report](<%s>).\n", left, link)
		case link != "":
			out += fmt.Sprintf("See the [full report](<%s>).\n", link)
		}
		if len(out) < Limit {
			return out
		}
		if rows == 0 {
			// Only paragraphs are left, which are not of this length by their promise.
			return strings.ToValidUTF8(out[:Limit-100], "") + "\n\nThe rest is left out.\n"
		}
	}
}

// with writes at most a number of rows of each table, and counts the others.
func (d *Document) with(most int) (text string, left int) {
	var b strings.Builder
	for _, k := range d.blocks {
		if k.head == nil {
			b.WriteString(k.text + "\n\n")
			continue
		}
		tag := "<details>"
		if k.open {
			tag = "<details open>"
		}
		fmt.Fprintf(&b, "%s<summary>%s</summary>\n\n", tag, k.text)
		shown := k.rows[:min(len(k.rows), most)]
		if len(shown) > 0 {
			b.WriteString(table(k.head, shown) + "\n\n")
		}
		if more := len(k.rows) - len(shown); more > 0 {
			left += more
			fmt.Fprintf(&b, "%d more are not shown here.\n\n", more)
		}
		b.WriteString("</details>\n\n")
	}
	return b.String(), left
}
