package server

import (
	"fmt"
	"log/slog"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/demo"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/spf13/cobra"
)

func (c commands) demo() *cobra.Command {
	var once bool
	var listen, database string
	cmd := &cobra.Command{
		Use: "demo", Short: "Run the main job on bundled input, without network or account",
		Long: `Run the main job on bundled input: a server, an OCI registry and a Sysdig-compatible server
in this process, on loopback. Images are pushed and analysed, advisories imported, two clusters
connected to staging and production. It ends with a summary and keeps running until Ctrl-C.`,
		Args: cli.AtMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			if once && !cmd.Flags().Changed("listen") {
				listen = "127.0.0.1:0" // nobody will call it, so it need not be the known port
			}
			d, err := demo.Start(ctx, demo.Options{
				Listen: listen, Database: database, Version: c.Version, Log: slog.New(slog.NewTextHandler(c.Err, &slog.HandlerOptions{Level: slog.LevelWarn})),
				Say: func(format string, args ...any) {
					if !c.Quiet {
						fmt.Fprintf(c.Err, "· "+format+"\n", args...)
					}
				},
			})
			if err != nil {
				return err
			}
			defer d.Close()
			summary, err := d.Summary(ctx)
			if err != nil {
				return err
			}
			if err := c.Print(summary, func(p report.Printer) {
				p.Demo(summary.Environments, summary.Images, summary.Summary, summary.Coverage, summary.Gaps)
			}); err != nil || once {
				return err
			}
			fmt.Fprintf(c.Err, `
The server runs at %s until Ctrl-C. Try it in another terminal:

    export CROWSNEST_SERVER=%s CROWSNEST_TOKEN=%s
    bin/crowsnest environment production
    bin/crowsnest cves %s/shop/web:1.0 --env production

The dashboard, signed in as its owner (the link works once, within an hour):

    %s

Later sign in as %s with the password %s

To connect the cluster "%s", which waits: region custom, URL %s,
token %s
and, for the names of images, as API token under Advanced %s
`, d.Server, d.Server, d.Token, d.Registry, d.SignIn, d.Email, d.Password, demo.Playground, d.Sysdig, d.SysdigToken, d.SysdigAPIToken)
			return d.Wait(ctx)
		},
	}
	cmd.Flags().BoolVar(&once, "once", false, "print the summary and exit")
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "address of the server")
	cmd.Flags().StringVar(&database, "database", "", "postgres:// URL of an empty database; without one a SQLite file that goes with the demo")
	c.Formats(cmd)
	return cmd
}
