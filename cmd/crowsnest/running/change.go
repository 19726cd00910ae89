package running

import (
	"net/url"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/spf13/cobra"
)

func (c commands) changes() *cobra.Command {
	var since, until, environment, change string
	var causes, severities []string
	var limit int
	cmd := &cobra.Command{
		Use:   "changes",
		Short: "List what was found since a time, and what no longer, with the cause",
		Long: `List what was found since a time in packages of images, and what is found no longer, with the cause: an
advisory was published, changed or withdrawn, the package is new, or another version of the server
matches otherwise ("rule changed"). A vulnerability that another source speaks of as well is not found
anew by that. The newest first.`,
		Example: `  crowsnest changes --since 7d --env production
  crowsnest changes --since 2026-03-01 --cause "rule changed"`,
		Args: cli.AtMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			query := url.Values{}
			for flag, text := range map[string]string{"since": since, "until": until} {
				at, err := cli.ReadMoment("--"+flag, text)
				if err != nil {
					return err
				}
				if !at.IsZero() {
					query.Set(flag, at.UTC().Format(time.RFC3339Nano))
				}
			}
			chosen, err := cli.ReadSeverities(severities)
			if err != nil {
				return err
			}
			words := make([]string, len(chosen))
			for i, s := range chosen {
				words[i] = s.String()
			}
			for key, value := range map[string]string{"environment": environment, "change": change, "cause": strings.Join(causes, ","), "severity": strings.Join(words, ",")} {
				if value != "" {
					query.Set(key, value)
				}
			}
			remote, err := c.NeedServer("list what changed")
			if err != nil {
				return err
			}
			list, err := cli.Asking(c.CLI, "asking "+remote.Host(), func() ([]wire.FindingEvent, error) {
				return remote.FindingChanges(cmd.Context(), query)
			})
			if err != nil {
				return err
			}
			return c.Print(list, func(p report.Printer) { p.FindingEvents(list, limit) })
		},
	}
	cmd.Flags().StringVar(&since, "since", "24h", "from then on: 2026-03-01, 2026-03-01T12:00:00Z, or so long ago, as 24h or 7d")
	cmd.Flags().StringVar(&until, "until", "", "until then, in the same ways (default now)")
	cmd.Flags().StringVar(&environment, "env", "", "only in what runs in this environment")
	cmd.Flags().StringVar(&change, "only", "", "only what was found, or only what is gone")
	cmd.Flags().StringSliceVar(&causes, "cause", nil, `only for these causes: "package new", "advisory published", "… changed", "… withdrawn", "rule changed"`)
	cmd.Flags().StringSliceVar(&severities, "only-severity", nil, "only these severities, separated by commas")
	cmd.Flags().IntVar(&limit, "limit", 50, "lines of the list in text; 0 for all")
	c.Formats(cmd)
	return cmd
}
