package images

import (
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/spf13/cobra"
)

func (c commands) bases() *cobra.Command {
	var environment string
	cmd := &cobra.Command{
		Use:   "base-images",
		Short: "List what images are built on",
		Long: `List what the analysed images are built on, the one with most images first: as provenance says or the
labels of an image, or the longest image with a tag that it begins with all layers of.`,
		Args: cli.AtMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			remote, err := c.NeedServer("list base images")
			if err != nil {
				return err
			}
			list, err := cli.Asking(c, "asking "+remote.Host(), func() ([]wire.BaseImage, error) { return remote.BaseImages(cmd.Context(), environment) })
			if err != nil {
				return err
			}
			return c.Print(list, func(p report.Printer) { p.BaseImages(list) })
		},
	}
	cmd.Flags().StringVar(&environment, "env", "", "only what is built upon by something that runs in this environment")
	c.Formats(cmd)
	return cmd
}
