package report

import (
	"strings"

	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// FindingEvents writes what was found and what no longer; limit bounds the lines, 0 does not.
func (p Printer) FindingEvents(list []wire.FindingEvent, limit int) {
	if len(list) == 0 {
		p.printf("  nothing was found or mended\n")
		return
	}
	found := 0
	for _, e := range list {
		if e.Change == "found" {
			found++
		}
	}
	p.printf("  %d found, %d gone\n\n", found, len(list)-found)
	shown := list
	if limit > 0 {
		shown = list[:min(limit, len(list))]
	}
	var rows [][]string
	for _, e := range shown {
		mark := p.paint(red, "+")
		if e.Change == "gone" {
			mark = p.paint(green, "-")
		}
		rows = append(rows, []string{
			mark, e.At.UTC().Format("2006-01-02 15:04Z"), p.severity(e.Severity, strings.ToUpper(e.Severity.String())), Clean(e.ID), Clean(e.Package.Name + " " + e.Package.Version), e.Cause,
			plural(e.Images, "image"), Clean(strings.Join(e.Environments, ", ")),
		})
	}
	p.columns("  ", rows)
	if more := len(list) - len(shown); more > 0 {
		p.printf("\n  %d more; --limit 0 shows all\n", more)
	}
}
