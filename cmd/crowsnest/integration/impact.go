package integration

import (
	"fmt"
	"io"
	"slices"

	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/report/word"
	"github.com/crowsnest-sec/crowsnest/internal/wire/source"
)

// writeImpact writes what leaves an environment with an integration, as a preview.
func writeImpact(w io.Writer, name string, leaves source.ImpactOn) {
	fmt.Fprintf(w, "Deleting %s ends %s in %s: %s leave it, and %d analysed ones remain.\n",
		report.Clean(name), word.Plural(leaves.Occurrences, "running container"), report.Clean(leaves.Environment), moved(leaves), leaves.Remaining)
	writeListed(w, leaves)
}

// writeMove writes what leaves an environment and enters another with a change of an integration.
func writeMove(w io.Writer, name string, impact source.Impact) {
	leaves, enters := impact.Leaves, impact.Enters
	from := report.Clean(leaves.Environment)
	switch {
	case enters == nil:
		fmt.Fprintf(w, "Pointed at another cluster, %s ends %s in %s: %s leave it, and %d analysed ones remain.\n",
			report.Clean(name), word.Plural(leaves.Occurrences, "running container"), from, moved(leaves), leaves.Remaining)
		writeListed(w, leaves)
		fmt.Fprintf(w, "What runs in the other cluster enters %s with its first sweep, and is not known before.\n", report.Clean(impact.Fed))
	case enters.Environment == leaves.Environment:
		fmt.Fprintf(w, "%s stays in %s and goes on with the same cluster: nothing leaves or enters.\n", report.Clean(name), from)
	default:
		fmt.Fprintf(w, "Moving %s takes %s out of %s: %s leave it, and %d analysed ones remain.\n",
			report.Clean(name), word.Plural(leaves.Occurrences, "running container"), from, moved(leaves), leaves.Remaining)
		writeListed(w, leaves)
		fmt.Fprintf(w, "%s enter %s, which then has %s.\n", moved(*enters), report.Clean(enters.Environment), word.Plural(enters.Remaining, "analysed image"))
		if !slices.Equal(enters.Listed, leaves.Listed) {
			writeListed(w, *enters)
		}
	}
}

// moved counts the images that leave or enter.
func moved(on source.ImpactOn) string {
	return fmt.Sprintf("%s and %d not analysed", word.Plural(on.Images, "analysed image"), on.Unresolved)
}

// writeListed names the images that leave or enter.
func writeListed(w io.Writer, on source.ImpactOn) {
	for _, image := range on.Listed {
		fmt.Fprintf(w, "  %s  %s\n", report.Clean(image.Name), image.Digest.Short())
	}
	if more := on.Images - len(on.Listed); more > 0 {
		fmt.Fprintf(w, "  and %d more\n", more)
	}
}
