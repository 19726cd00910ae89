package report

import (
	"fmt"
	"io"

	"github.com/crowsnest-sec/crowsnest/internal/wire/source"
)

// Deletion writes what leaves an environment with an integration, as a preview.
func Deletion(w io.Writer, name string, leaves source.ImpactOn) {
	fmt.Fprintf(w, "Deleting %s ends %d running containers in %s: %d analysed images leave it, %d that are not analysed, and %d analysed ones remain.\n",
		Clean(name), leaves.Occurrences, Clean(leaves.Environment), leaves.Images, leaves.Unresolved, leaves.Remaining)
	for _, image := range leaves.Listed {
		fmt.Fprintf(w, "  %s  %s\n", Clean(image.Name), image.Digest.Short())
	}
	if more := leaves.Images - len(leaves.Listed); more > 0 {
		fmt.Fprintf(w, "  and %d more\n", more)
	}
}

// Deletion writes what Deletion does.
func (p Printer) Deletion(name string, leaves source.ImpactOn) { Deletion(p.W, name, leaves) }

// Clusters writes the clusters of an account, one a line.
func (p Printer) Clusters(list source.Clusters) {
	for _, name := range list.Clusters {
		p.printf("%s\n", Clean(name))
	}
	if list.Hint != "" {
		p.printf("%s %s\n", p.paint(yellow, "!"), Clean(list.Hint))
	}
}
