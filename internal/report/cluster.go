package report

import "github.com/crowsnest-sec/crowsnest/internal/wire/source"

// Clusters writes the clusters of an account, one a line.
func (p Printer) Clusters(list source.Clusters) {
	for _, name := range list.Clusters {
		p.printf("%s\n", Clean(name))
	}
	if list.Hint != "" {
		p.printf("%s %s\n", p.paint(yellow, "!"), Clean(list.Hint))
	}
}
