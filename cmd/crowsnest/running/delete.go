package running

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/report/word"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

func (c commands) environmentDelete() *cobra.Command {
	var yes, preview bool
	cmd := &cobra.Command{
		Use: "delete ENV", Short: "Delete an environment that no integration feeds; what ran there stays in the history",
		Long: `Delete an environment that no integration feeds; what ran there stays in the history.

Which recorded images leave it is shown before, and whether to go on is asked. --yes answers that; it is
needed where nobody can be asked. --preview only says what would leave.`,
		Args: cli.Exactly("an environment"),
		RunE: func(cmd *cobra.Command, args []string) error {
			remote, err := c.NeedServer("delete environment")
			if err != nil {
				return err
			}
			if args[0] == store.LatestIndexed {
				return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "delete environment", Subject: args[0], Hint: "it is built in and cannot be deleted"}
			}
			e, err := cli.Asking(c, "asking "+remote.Host(), func() (wire.Environment, error) { return remote.Environment(cmd.Context(), args[0]) })
			if err != nil {
				return err
			}
			if preview {
				return c.Print([]wire.Environment{e}, func(p report.Printer) { writeLeaving(p.W, e) })
			}
			if fed(e) {
				return &crowsnest.Error{Kind: crowsnest.Conflict, Op: "delete environment", Subject: e.Name, Hint: "an integration feeds it; delete that first, or move it to another environment"}
			}
			writeLeaving(c.Err, e)
			if !yes {
				if err := c.Confirm(cmd.InOrStdin(), "environment", args[0]); err != nil {
					return err
				}
			}
			if _, err := cli.Asking(c, "deleting "+args[0], func() (struct{}, error) { return struct{}{}, remote.DeleteEnvironment(cmd.Context(), args[0]) }); err != nil {
				return err
			}
			fmt.Fprintf(c.Err, "deleted environment %s\n", report.Clean(args[0]))
			return nil
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "delete it without asking")
	cmd.Flags().BoolVar(&preview, "preview", false, "only say which images leave it")
	c.Formats(cmd)
	return cmd
}

// leaving is how many images are named that leave an environment; the rest are counted.
const leaving = 20

// fed tells whether an integration feeds an environment.
func fed(e wire.Environment) bool {
	return slices.ContainsFunc(e.Sources, func(kind string) bool { return kind != store.AssignedKind })
}

// writeLeaving says what the deletion of an environment ends.
func writeLeaving(w io.Writer, e wire.Environment) {
	if fed(e) {
		fmt.Fprintf(w, "An integration feeds %s, so it cannot be deleted before that is deleted or moved to another environment.\n", report.Clean(e.Name))
		return
	}
	fmt.Fprintf(w, "Deleting %s takes out %s and %d not analysed; what ran there stays in the history.\n", report.Clean(e.Name), word.Plural(len(e.Images), "analysed image"), e.Coverage.Running-e.Coverage.Analysed)
	for _, image := range e.Images[:min(leaving, len(e.Images))] {
		fmt.Fprintf(w, "  %s  %s\n", report.Clean(image.Name), image.Digest.Short())
	}
	if more := len(e.Images) - leaving; more > 0 {
		fmt.Fprintf(w, "  and %d more\n", more)
	}
}
