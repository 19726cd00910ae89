package running

import (
	"fmt"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/spf13/cobra"
)

// exposed is what --format json prints.
type exposed struct {
	wire.ExposureReport
	Exposures []wire.Exposure `json:"exposures"`
}

func (c commands) exposure() *cobra.Command {
	var days, limit int
	var state string
	var severities []string
	cmd := &cobra.Command{
		Use:   "exposure ENV",
		Short: "Show how long an environment has been exposed to which vulnerabilities",
		Long: `Show how long an environment has been exposed to which vulnerabilities: from when something that has
one runs there, and it is known, until neither is so. Of a year back; the worst severity first, the
longest exposure first.

--state chooses those that are open, overdue by the organisation's targets, suppressed by decisions although
they last, not-seen, or closed; it is open unless given, and all shows each. What is suppressed is neither open nor
overdue while the decision holds. What is not seen loaded is neither in an environment that takes that as not
affected (crowsnest environment not-seen). The past is shown as it was, whatever is decided or seen now.`,
		Args: cli.ExactArgs(1, "an environment"),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch state {
			case "open", "overdue", "suppressed", "not-seen", "closed", "all":
			default:
				return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --state", Subject: state, Hint: "use open, overdue, suppressed, not-seen, closed or all"}
			}
			chosen, err := cli.ReadSeverities(severities)
			if err != nil {
				return err
			}
			remote, err := c.NeedServer("show exposure")
			if err != nil {
				return err
			}
			p := c.Progress()
			defer p.End()
			p.Say("asking %s", remote.Host())
			var out exposed
			if out.ExposureReport, err = remote.Exposure(cmd.Context(), args[0], days); err != nil {
				return err
			}
			if out.Exposures, err = remote.Exposures(cmd.Context(), args[0], state, chosen); err != nil {
				return err
			}
			p.End()
			return c.Print(out, func(p report.Printer) {
				p.Exposure(out.ExposureReport, out.Exposures, limit)
				if len(out.Exposures) == 0 {
					fmt.Fprintln(p.W, "\n"+none(state, len(chosen) > 0))
				}
			})
		},
	}
	cmd.Flags().IntVar(&days, "days", 30, "days to count over, up to 365")
	cmd.Flags().IntVar(&limit, "limit", 25, "lines of the list in text; 0 for all")
	cmd.Flags().StringVar(&state, "state", "open", "list those that are open, overdue, suppressed, not-seen, closed, or all")
	cmd.Flags().StringSliceVar(&severities, "only-severity", nil, "list only these severities, separated by commas")
	c.Formats(cmd)
	return cmd
}

// none says that a list of exposures is empty, and which one.
func none(state string, narrowed bool) string {
	what := "none"
	if narrowed {
		what = "none of these severities"
	}
	switch state {
	case "closed":
		return what + " was over within a year; --state open lists what lasts"
	case "not-seen":
		return what + " is left out as not seen loaded"
	case "all":
		return what + " lasted within a year"
	}
	return what + " is " + state
}
