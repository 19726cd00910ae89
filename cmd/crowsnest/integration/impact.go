package integration

import (
	"fmt"
	"io"

	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire/source"
)

// writeImpact writes what leaves an environment with an integration, as a preview.
func writeImpact(w io.Writer, name string, leaves source.ImpactOn) {
	fmt.Fprintf(w, "Deleting %s ends %d running containers in %s: %d analysed images leave it, %d that are not analysed, and %d analysed ones remain.\n",
		report.Clean(name), leaves.Occurrences, report.Clean(leaves.Environment), leaves.Images, leaves.Unresolved, leaves.Remaining)
	for _, image := range leaves.Listed {
		fmt.Fprintf(w, "  %s  %s\n", report.Clean(image.Name), image.Digest.Short())
	}
	if more := leaves.Images - len(leaves.Listed); more > 0 {
		fmt.Fprintf(w, "  and %d more\n", more)
	}
}
