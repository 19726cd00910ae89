package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/crowsnest-sec/crowsnest/internal/report"
)

func (c *cli) vex() *cobra.Command {
	cmd := group("vex", "Export what does not affect as VEX")
	cmd.AddCommand(c.vexExport())
	return cmd
}

func (c *cli) vexExport() *cobra.Command {
	var environment string
	cmd := &cobra.Command{
		Use:   "export --env ENV",
		Short: "Export as OpenVEX what run time never saw loaded in an environment",
		Long: `Write an OpenVEX document that states, for each image that runs in an environment and each finding in
a package that run time watched and never saw loaded, that the image is not affected, since the
vulnerable code is not in the execute path. What no profile covers is not in it.

The statements hold for this environment, and until something loads the package.`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			remote, err := c.needServer("export VEX")
			if err != nil {
				return err
			}
			doc, err := asking(c, "asking "+remote.Host(), func() (json.RawMessage, error) { return remote.VEX(cmd.Context(), environment) })
			if err != nil {
				return err
			}
			c.format = "json"
			return c.print(doc, func(report.Printer) {})
		},
	}
	cmd.Flags().StringVar(&environment, "env", "", "the environment")
	cmd.MarkFlagRequired("env")
	cmd.Flags().StringVarP(&c.output, "output", "o", "", "write to this file instead of standard output")
	return cmd
}
