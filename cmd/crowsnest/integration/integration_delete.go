package integration

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/client"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/source"
)

func (c commands) integrationDelete() *cobra.Command {
	var name string
	var yes, preview bool
	cmd := &cobra.Command{
		Use: "delete sysdig|registry --name NAME", Short: "Delete an integration; what it saw stays in the history",
		Long: `Delete an integration; what it saw stays in the history.

Which images leave the environment of a cluster is shown before, and whether to go on is asked. --yes answers
that; it is needed where nobody can be asked. A connected registry is deleted at once. --preview only says
what would leave or go.`,
		Args: kinds(sysdigKind, registryKind),
		RunE: func(cmd *cobra.Command, args []string) error {
			if preview {
				if of(args) != registryKind {
					return c.previewDeletion(cmd, name)
				}
				return c.previewDisconnection(cmd, name)
			}
			remote, err := c.NeedServer("delete integration")
			if err != nil {
				return err
			}
			remove := remote.DisconnectRegistry
			if of(args) != registryKind {
				remove = remote.DeleteIntegration
				if err := c.agreed(cmd.Context(), remote, cmd.InOrStdin(), name, yes); err != nil {
					return err
				}
			}
			if _, err := cli.Asking(c, "deleting "+name, func() (struct{}, error) { return struct{}{}, remove(cmd.Context(), name) }); err != nil {
				return err
			}
			fmt.Fprintf(c.Err, "deleted integration %s\n", name)
			return nil
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "name of the integration")
	cmd.Flags().BoolVar(&yes, "yes", false, "delete it without asking")
	cmd.Flags().BoolVar(&preview, "preview", false, "only say what leaves an environment, or goes with a registry, and what stays")
	cmd.MarkFlagRequired("name")
	c.Formats(cmd)
	return cmd
}

// previewDeletion says what leaves which environment if an integration were deleted.
func (c commands) previewDeletion(cmd *cobra.Command, name string) error {
	remote, err := c.NeedServer("delete integration")
	if err != nil {
		return err
	}
	impact, err := cli.Asking(c, "asking "+remote.Host(), func() (source.Impact, error) {
		return remote.IntegrationImpact(cmd.Context(), name, wire.IntegrationChange{})
	})
	if err != nil {
		return err
	}
	return c.Print(impact, func(p report.Printer) { writeImpact(p.W, name, impact.Leaves) })
}

// agreed shows what the deletion of an integration does, and is an error unless that is what is wanted.
func (c commands) agreed(ctx context.Context, remote *client.Client, stdin io.Reader, name string, yes bool) error {
	impact, err := cli.Asking(c, "asking "+remote.Host(), func() (source.Impact, error) { return remote.IntegrationImpact(ctx, name, wire.IntegrationChange{}) })
	if err != nil {
		return err
	}
	writeImpact(c.Err, name, impact.Leaves)
	if yes {
		return nil
	}
	return c.Confirm(stdin, "integration", name)
}
