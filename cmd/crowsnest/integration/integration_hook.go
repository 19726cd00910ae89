package integration

import (
	"fmt"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/spf13/cobra"
)

func (c commands) integrationHook() *cobra.Command {
	var name string
	var end bool
	cmd := &cobra.Command{
		Use: "hook --name NAME", Short: "Make the webhook that asks for a sweep, and show its secret once",
		Long: `Make the webhook that asks for a sweep, with a new secret: the one before ends. An event forwarder
calls it when something changed; a body is ignored. The secret is shown this once.`,
		Example: `  crowsnest integration hook --name prod-eu
  curl -X POST -H "Authorization: Bearer SECRET" https://crowsnest.example.com/api/v1/hooks/prod-eu`,
		Args: cli.AtMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			remote, err := c.NeedServer("change hook")
			if err != nil {
				return err
			}
			if end {
				if err := remote.DeleteHook(cmd.Context(), name); err != nil {
					return err
				}
				fmt.Fprintf(c.Err, "the webhook of %s ended\n", name)
				return nil
			}
			hook, err := cli.Asking(c, "asking "+remote.Host(), func() (wire.Hook, error) { return remote.CreateHook(cmd.Context(), name) })
			if err != nil {
				return err
			}
			return c.Print(hook, func(p report.Printer) { p.Hook(hook) })
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "name of the integration")
	cmd.Flags().BoolVar(&end, "end", false, "end the webhook instead")
	cmd.MarkFlagRequired("name")
	c.Formats(cmd)
	return cmd
}
