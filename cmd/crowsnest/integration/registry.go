package integration

import (
	"context"
	"errors"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/client"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/spf13/cobra"
)

func (c commands) registry() *cobra.Command {
	cmd := cli.Group("registry", "List and change the registries that the organisation runs images from")
	cmd.Long = `List and change the registries that the organisation runs images from. What runs under a name that
fits none of them is warned of; without a list, nothing is.

A registry, such as registry.example.com, stands for all that is in it. With a path it is one
repository, such as ghcr.io/acme/web; * stands for any characters, so that "ghcr.io/acme/*" is all of
ghcr.io/acme. A name without a registry is one of Docker Hub, as elsewhere: nginx is
docker.io/library/nginx. Changing the list is for owners.`
	list := c.registryCommand("list", "List the known registries", func(ctx context.Context, remote *client.Client, _ []string) (wire.KnownRegistries, error) {
		return remote.KnownRegistries(ctx)
	})
	list.Args = cli.AtMost(0)
	add := c.registryCommand("add REGISTRY…", "Add to the known registries", func(ctx context.Context, remote *client.Client, given []string) (wire.KnownRegistries, error) {
		return remote.AddRegistries(ctx, given)
	})
	add.Example = `  crowsnest registry add registry.example.com "ghcr.io/acme/*" nginx`
	remove := c.registryCommand("remove REGISTRY…", "Take registries out of the list", func(ctx context.Context, remote *client.Client, given []string) (wire.KnownRegistries, error) {
		return remote.RemoveRegistries(ctx, given)
	})
	for _, cmd := range []*cobra.Command{add, remove} {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cli.Usage(cmd, errors.New("it needs a registry"))
			}
			return nil
		}
	}
	set := c.registryCommand("set [REGISTRY…]", "Replace the list; without a registry there is none any more, and no warnings", func(ctx context.Context, remote *client.Client, given []string) (wire.KnownRegistries, error) {
		return remote.SetKnownRegistries(ctx, given)
	})
	set.Args = cobra.ArbitraryArgs
	cmd.AddCommand(list, add, remove, set)
	return cmd
}

// registryCommand is a command that prints the list that do returns.
func (c commands) registryCommand(use, short string, do func(ctx context.Context, remote *client.Client, given []string) (wire.KnownRegistries, error)) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short,
		RunE: func(cmd *cobra.Command, args []string) error {
			remote, err := c.NeedServer("ask for known registries")
			if err != nil {
				return err
			}
			known, err := do(cmd.Context(), remote, args)
			if err != nil {
				return err
			}
			return c.Print(known, func(p report.Printer) { p.KnownRegistries(known) })
		},
	}
	c.Formats(cmd)
	return cmd
}
