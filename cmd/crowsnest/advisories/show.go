package advisories

import (
	"context"
	"net/url"
	"time"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/spf13/cobra"
)

func (c commands) show() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show everything that is held of an advisory, or of all that bear a name",
		Long: `Show everything that is held of the advisories with an ID, or that have it among their aliases or carry
it over, such as a CVE, whether any image has it or not; and whether CISA lists it and what EPSS says.`,
		Args: cli.ExactArgs(1, "an ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			found, err := c.named(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return c.Print(found, func(p report.Printer) { p.Advisories(found) })
		},
	}
	c.Formats(cmd)
	return cmd
}

func (c commands) named(ctx context.Context, name string) (wire.NamedAdvisories, error) {
	remote, err := c.Remote()
	if err != nil {
		return wire.NamedAdvisories{}, err
	}
	if remote != nil {
		return cli.Asking(c, "asking "+remote.Host(), func() (wire.NamedAdvisories, error) { return remote.Advisory(ctx, name) })
	}
	local, err := c.Local(ctx)
	if err != nil {
		return wire.NamedAdvisories{}, err
	}
	defer local.Close()
	return local.Advisory(ctx, name)
}

func (c commands) diff() *cobra.Command {
	var since, until, ecosystem string
	cmd := &cobra.Command{
		Use:   "diff",
		Short: "List what updates of advisories changed",
		Long: `List what each update or import changed between two times: which advisories are new, which changed, and
which their source took back, and how many vulnerabilities of packages were found for that and how many
are found no longer; of CISA's catalogue and of EPSS too. Of each kind the first thousand are named.
Updates that failed are listed with the reason.`,
		Args: cli.AtMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			from, err := cli.ReadMoment("--since", since)
			if err != nil {
				return err
			}
			to, err := cli.ReadMoment("--until", until)
			if err != nil {
				return err
			}
			list, err := c.updates(cmd.Context(), ecosystem, from, to)
			if err != nil {
				return err
			}
			return c.Print(list, func(p report.Printer) { p.AdvisoryUpdates(list) })
		},
	}
	cmd.Flags().StringVar(&since, "since", "24h", "from then on: a day as 2026-03-01, a time as 2026-03-01T12:00:00Z, or so long ago, as 24h or 7d")
	cmd.Flags().StringVar(&until, "until", "", "until then, in the same ways (default now)")
	cmd.Flags().StringVar(&ecosystem, "ecosystem", "", "only of this ecosystem, or kev or epss")
	c.Formats(cmd)
	return cmd
}

// mostUpdates is how many updates are listed; the newest ones.
const mostUpdates = store.MaxLimit

func (c commands) updates(ctx context.Context, ecosystem string, since, until time.Time) ([]wire.AdvisoryUpdate, error) {
	remote, err := c.Remote()
	if err != nil {
		return nil, err
	}
	threats := ecosystem == store.KEVFeed || ecosystem == store.EPSSFeed
	if remote != nil {
		query := url.Values{}
		for key, at := range map[string]time.Time{"since": since, "until": until} {
			if !at.IsZero() {
				query.Set(key, at.UTC().Format(time.RFC3339Nano))
			}
		}
		switch {
		case threats:
			query.Set("feed", ecosystem)
		case ecosystem != "":
			query.Set("ecosystem", ecosystem)
		}
		return cli.Asking(c, "asking "+remote.Host(), func() ([]wire.AdvisoryUpdate, error) { return remote.AdvisoryUpdates(ctx, query, mostUpdates) })
	}
	local, err := c.Local(ctx)
	if err != nil {
		return nil, err
	}
	defer local.Close()
	filter := store.UpdateFilter{Since: since, Until: until}
	switch {
	case threats:
		filter.Feed = ecosystem
	case ecosystem != "":
		filter.Feed = store.OSVFeed(ecosystem)
	}
	return local.AdvisoryUpdates(ctx, filter)
}
