package running

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/decide"
	"github.com/crowsnest-sec/crowsnest/internal/report"
)

func (c commands) vex() *cobra.Command {
	cmd := cli.Group("vex", "Export what does not affect as VEX, and import what others state")
	cmd.AddCommand(c.vexExport())
	cmd.AddCommand(decide.VEX(c.CLI)...)
	return cmd
}

func (c commands) vexExport() *cobra.Command {
	var environment, author string
	cmd := &cobra.Command{
		Use:   "export --env ENV",
		Short: "Export as OpenVEX what run time never saw loaded in an environment",
		Long: `Write an OpenVEX document that states, for each image that runs in an environment and each finding in
a package that run time watched and never saw loaded, that the image is not affected, since the
vulnerable code is not in the execute path. What no profile covers is not in it. Where there is
nothing to state, that is said and nothing is written.

The statements hold for this environment, and until something loads the package. Each is as old as what
it rests on and names who reported that. All documents of an environment and author have one identifier:
a later one takes the place of the one before.`,
		Args: cli.AtMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			remote, err := c.NeedServer("export VEX")
			if err != nil {
				return err
			}
			doc, err := cli.Asking(c, "asking "+remote.Host(), func() (json.RawMessage, error) { return remote.VEX(cmd.Context(), environment, author) })
			if err != nil {
				return err
			}
			if len(doc) == 0 {
				fmt.Fprintf(c.Err, "there is nothing to state of %s: run time watched no vulnerable package there that it did not see loaded\n", report.Clean(environment))
				return nil
			}
			c.Format = "json"
			return c.Print(doc, func(report.Printer) {})
		},
	}
	cmd.Flags().StringVar(&environment, "env", "", "the environment")
	cmd.MarkFlagRequired("env")
	cmd.Flags().StringVar(&author, "author", "", "who states it, by name or address; by default the organisation or, while it has no name, the server's address")
	cmd.Flags().StringVarP(&c.Output, "output", "o", "", "write to this file instead of standard output")
	return cmd
}
