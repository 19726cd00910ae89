// Package advisories holds the commands about what is known of vulnerabilities.
package advisories

import (
	"context"
	"errors"
	"strings"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/progress"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/spf13/cobra"
)

// commands make the commands of this package.
type commands struct{ *cli.CLI }

// Command returns the command that holds all others about advisories.
func Command(shared *cli.CLI) *cobra.Command {
	c := commands{shared}
	cmd := cli.Group("advisory", "Import advisories and see what is held")
	var ecosystems []string
	imports := &cobra.Command{
		Use:   "import PATH|URL",
		Short: "Import advisories in OSV's format",
		Long: `Import advisories in OSV's format: a folder with ECOSYSTEM/all.zip in it, one zip of records,
or the base URL of a bucket in the same layout (https://osv-vulnerabilities.storage.googleapis.com
is the public one).

What is the same as before is left alone; what a new or changed advisory names is matched again.
With a server the advisories go to it, else into the cache of this machine.`,
		Args: cli.ExactArgs(1, "a path or a URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p := c.Progress()
			defer p.End()
			results, err := c.importAdvisories(cmd.Context(), args[0], ecosystems, p)
			p.End()
			if len(results) > 0 {
				err = errors.Join(err, c.Print(results, func(p report.Printer) { p.Imports(results) }))
			}
			return err
		},
	}
	imports.Flags().StringSliceVar(&ecosystems, "ecosystem", nil, "only these ecosystems, separated by commas; of a single zip, those of which it is the whole set")
	c.Formats(imports)
	status := &cobra.Command{
		Use: "status", Short: "List the ecosystems held and the age of each", Args: cli.AtMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := c.advisoryStatuses(cmd.Context())
			if err != nil {
				return err
			}
			return c.Print(list, func(p report.Printer) { p.AdvisoryStatuses(list) })
		},
	}
	c.Formats(status)
	cmd.AddCommand(imports, status)
	return cmd
}

func isURL(s string) bool { return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") }

func (c commands) importAdvisories(ctx context.Context, location string, ecosystems []string, p *progress.Progress) ([]advisory.Result, error) {
	remote, err := c.Remote()
	if err != nil {
		return nil, err
	}
	p.Say("importing %s", location)
	switch {
	case remote != nil && isURL(location):
		return remote.ImportAdvisories(ctx, location, ecosystems)
	case remote != nil:
		return remote.UploadSets(ctx, location, ecosystems, func(file string) { p.Say("uploading %s", file) })
	}
	local, err := c.Local(ctx)
	if err != nil {
		return nil, err
	}
	defer local.Close()
	return local.ImportAdvisories(ctx, location, ecosystems, func(ecosystem string, records int) {
		p.Say("importing %s %s: %d records", location, ecosystem, records)
	})
}

func (c commands) advisoryStatuses(ctx context.Context) ([]wire.AdvisoryStatus, error) {
	remote, err := c.Remote()
	if err != nil {
		return nil, err
	}
	if remote != nil {
		return cli.Asking(c, "asking "+remote.Host(), func() ([]wire.AdvisoryStatus, error) { return remote.AdvisoryStatuses(ctx) })
	}
	local, err := c.Local(ctx)
	if err != nil {
		return nil, err
	}
	defer local.Close()
	return local.AdvisoryStatuses(ctx)
}
