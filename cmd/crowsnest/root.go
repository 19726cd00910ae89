package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/access"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/advisories"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/decide"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/edge"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/images"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/integration"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/repository"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/running"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/server"
	"github.com/crowsnest-sec/crowsnest/internal/app"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/spf13/cobra"
)

func newRoot(out, errw io.Writer, environ []string) *cobra.Command {
	c := &cli.CLI{Out: out, Err: errw, Environ: environ, Version: version}
	root := &cobra.Command{
		Use:   "crowsnest",
		Short: "Know what every image contains, and what really runs where",
		Long: `Crowsnest analyses container images, matches what is in them against advisories, and
learns from Sysdig what runs in which environment and what of it is in use.

Without a server it works on this machine alone. With one (--server, CROWSNEST_SERVER or
crowsnest login) it asks the server.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cli.NoCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		// Before the work, not after it.
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			c.In = cmd.InOrStdin()
			if err := cmd.ValidateRequiredFlags(); err != nil {
				return cli.Usage(cmd, err)
			}
			if cmd.Flags().Lookup("output") == nil {
				return nil
			}
			return c.CheckFormat(cmd)
		},
	}
	root.SetOut(out)
	root.SetErr(errw)
	root.SetFlagErrorFunc(cli.Usage)
	flags := root.PersistentFlags()
	flags.StringVar(&c.Server, "server", "", "address of the Crowsnest server (CROWSNEST_SERVER)")
	flags.BoolVarP(&c.Quiet, "quiet", "q", false, "show no progress")
	root.AddGroup(&cobra.Group{ID: "image", Title: "Images:"}, &cobra.Group{ID: "run", Title: "What runs:"}, &cobra.Group{ID: "server", Title: "Server:"})
	for group, commands := range map[string][]*cobra.Command{
		"image":  slices.Concat(images.Commands(c), decide.Commands(c), edge.Commands(c), []*cobra.Command{advisories.Command(c), repository.Command(c)}),
		"run":    append(running.Commands(c), integration.Commands(c)...),
		"server": append(server.Commands(c), access.Commands(c)...),
	} {
		for _, cmd := range commands {
			cmd.GroupID = group
			root.AddCommand(cmd)
		}
	}
	root.AddCommand(printVersion(c))
	return root
}

func printVersion(c *cli.CLI) *cobra.Command {
	cmd := &cobra.Command{
		Use: "version", Short: "Say which build this is", Args: cli.AtMost(0),
		RunE: func(*cobra.Command, []string) error {
			v := app.VersionOf(c.Version)
			return c.Print(v, func(p report.Printer) { fmt.Fprintf(p.W, "crowsnest %s\n%s %s\n", v.Version, v.Go, v.Commit) })
		},
	}
	c.Formats(cmd)
	return cmd
}
