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
		Use: "hook [sysdig|registry] --name NAME", Short: "Make the webhook that asks for a sweep or tells of pushes, and show its secret once",
		Long: `Make the webhook that asks for a sweep, with a new secret: the one before ends. An event forwarder
calls it when something changed; a body is ignored. The secret is shown this once.

The webhook of a registry takes the events of the registry as they are.`,
		Example: `  crowsnest integration hook --name prod-eu
  crowsnest integration hook registry --name ghcr
  curl -X POST -H "Authorization: Bearer SECRET" https://crowsnest.example.com/api/v1/hooks/prod-eu`,
		Args: kinds(sysdigKind, registryKind),
		RunE: func(cmd *cobra.Command, args []string) error {
			remote, err := c.NeedServer("change hook")
			if err != nil {
				return err
			}
			create, remove := remote.CreateHook, remote.DeleteHook
			if of(args) == registryKind {
				create, remove = remote.CreateRegistryHook, remote.DeleteRegistryHook
			}
			if end {
				if err := remove(cmd.Context(), name); err != nil {
					return err
				}
				fmt.Fprintf(c.Err, "the webhook of %s ended\n", name)
				return nil
			}
			hook, err := cli.Asking(c, "asking "+remote.Host(), func() (wire.Hook, error) { return create(cmd.Context(), name) })
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
