package integration

import (
	"fmt"
	"io"

	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/report/word"
	"github.com/crowsnest-sec/crowsnest/internal/wire/source"
)

// writeImpact writes what leaves an environment with an integration, as a preview.
func writeImpact(w io.Writer, name string, leaves source.ImpactOn) {
	fmt.Fprintf(w, "Deleting %s ends %s in %s: %s and %d not analysed leave it, and %d analysed ones remain.\n",
		report.Clean(name), word.Plural(leaves.Occurrences, "running container"), report.Clean(leaves.Environment), word.Plural(leaves.Images, "analysed image"), leaves.Unresolved, leaves.Remaining)
	for _, image := range leaves.Listed {
		fmt.Fprintf(w, "  %s  %s\n", report.Clean(image.Name), image.Digest.Short())
	}
	if more := leaves.Images - len(leaves.Listed); more > 0 {
		fmt.Fprintf(w, "  and %d more\n", more)
	}
}
