// Package advisories holds the commands about what is known of vulnerabilities.
package advisories

import (
	"context"
	"errors"
	"strings"

	"aead.dev/minisign"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/progress"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/bundle"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/spf13/cobra"
)

// commands make the commands of this package.
type commands struct{ *cli.CLI }

// Command returns the command that holds all others about advisories.
func Command(shared *cli.CLI) *cobra.Command {
	c := commands{shared}
	cmd := cli.Group("advisory", "Import and export advisories, and see what is held")
	cmd.AddCommand(c.imports(), c.export(), c.status(), c.show(), c.diff())
	return cmd
}

func (c commands) imports() *cobra.Command {
	var ecosystems []string
	var verify string
	cmd := &cobra.Command{
		Use:   "import PATH|URL",
		Short: "Import advisories, CISA's catalogue, EPSS, or a bundle of all",
		Long: `Import one of
  OSV's format       a folder with ECOSYSTEM/all.zip in it, one zip of records, or the base URL of a bucket in
                     the same layout (https://osv-vulnerabilities.storage.googleapis.com is the public one)
  CISA's catalogue   of exploited vulnerabilities: its JSON file, or a URL that ends in .json
  EPSS               the CSV file of its scores, gzipped or not, or a URL that ends in .csv or .csv.gz
  a bundle           the file that crowsnest advisory export writes, or the URL of a server's
                     (https://crowsnest.example.com/api/v1/advisories/bundle)

What is the same as before is left alone; what a new or changed advisory names is matched again.
With a server all of it goes there, else into the cache of this machine.`,
		Args: cli.ExactArgs(1, "a path or a URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := bundle.PublicKey(verify)
			if err != nil {
				return err
			}
			p := c.Progress()
			defer p.End()
			results, err := c.importAdvisories(cmd.Context(), advisory.Place{Location: args[0], Ecosystems: ecosystems, Key: key, OnlySigned: key != nil}, p)
			p.End()
			if len(results) > 0 {
				err = errors.Join(err, c.Print(results, func(p report.Printer) { p.Imports(results) }))
			}
			return err
		},
	}
	cmd.Flags().StringSliceVar(&ecosystems, "ecosystem", nil, "only these ecosystems, separated by commas; of a single zip, those of which it is the whole set")
	cmd.Flags().StringVar(&verify, "verify-key", "", "only a bundle that is signed by this public key of minisign, or file with it")
	c.Formats(cmd)
	return cmd
}

func (c commands) status() *cobra.Command {
	cmd := &cobra.Command{
		Use: "status", Short: "List what is held, its age, and how updates go", Args: cli.AtMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := c.advisoryStatuses(cmd.Context())
			if err != nil {
				return err
			}
			return c.Print(list, func(p report.Printer) { p.AdvisoryStatuses(list) })
		},
	}
	c.Formats(cmd)
	return cmd
}

func isURL(s string) bool { return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") }

func (c commands) importAdvisories(ctx context.Context, from advisory.Place, p *progress.Progress) ([]advisory.Result, error) {
	remote, err := c.Remote()
	if err != nil {
		return nil, err
	}
	p.Say("importing %s", from.Location)
	switch {
	case remote != nil && isURL(from.Location):
		if from.Key != nil {
			return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "check the signature of", Subject: from.Location, Hint: "a server checks what it fetches by its own setting, advisories.verify_key; download the bundle and import the file", Err: errors.New("the server fetches it")}
		}
		return remote.ImportAdvisories(ctx, from.Location, from.Ecosystems)
	case remote != nil:
		if err := checkSigned(ctx, from.Location, from.Key); err != nil {
			return nil, err
		}
		return remote.UploadSets(ctx, from.Location, from.Ecosystems, func(file string) { p.Say("uploading %s", file) })
	}
	local, err := c.Local(ctx)
	if err != nil {
		return nil, err
	}
	defer local.Close()
	return local.ImportAdvisories(ctx, from, func(ecosystem string, records int) {
		p.Say("importing %s %s: %d records", from.Location, ecosystem, records)
	})
}

// checkSigned checks a bundle by a key, if there is one, before it is sent to a server.
func checkSigned(ctx context.Context, path string, key *minisign.PublicKey) error {
	if key == nil {
		return nil
	}
	b, err := bundle.Open(ctx, path, path, key)
	if err != nil {
		return err
	}
	return b.Close()
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
