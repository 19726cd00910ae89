package integration

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/input"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/source"
)

// accountParameters are those of Parameters that say which account is meant.
var accountParameters = slices.DeleteFunc(slices.Clone(input.Parameters), func(p input.Parameter) bool {
	return p.Name == "cluster" || p.Name == "environment" || p.Name == "interval"
})

func (c commands) integrationClusters() *cobra.Command {
	var given []string
	cmd := &cobra.Command{
		Use: "clusters [sysdig] --parameter NAME=VALUE …", Short: "Try an account of Sysdig and list its clusters; nothing is saved",
		Long: "Try an account of Sysdig, both tokens at the same time if two are given, and list the names of its\nclusters. Nothing is saved.\n\nParameters:\n" +
			input.Help(accountParameters),
		Example: "  crowsnest integration clusters --parameter region=eu1 --parameter token=@token.txt",
		Args:    kinds(sysdigKind),
		RunE: func(cmd *cobra.Command, _ []string) error {
			values, err := input.Given(accountParameters, given, cmd.InOrStdin())
			if err != nil {
				return err
			}
			if err := input.Need(values, "list clusters", "region", "token"); err != nil {
				return err
			}
			remote, err := c.NeedServer("list clusters")
			if err != nil {
				return err
			}
			list, err := cli.Asking(c, "asking Sysdig", func() (source.Clusters, error) {
				return remote.SysdigClusters(cmd.Context(), wire.ClustersRequest{Region: values["region"], URL: values["url"], Token: values["token"], APIToken: values["api-token"], CA: values["ca"]})
			})
			if err != nil {
				return err
			}
			return c.Print(list, func(p report.Printer) { p.Clusters(list) })
		},
	}
	cmd.Flags().StringArrayVar(&given, "parameter", nil, "NAME=VALUE; may be given several times")
	c.Formats(cmd)
	return cmd
}
