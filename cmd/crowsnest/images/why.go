package images

import (
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/api/why"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/spf13/cobra"
)

func (c commands) why() *cobra.Command {
	var t target
	var q why.Question
	cmd := &cobra.Command{
		Use:   "why CVE IMAGE",
		Short: "Tell why an image has a vulnerability, or has not",
		Long: `Tell why an image has a vulnerability, or has not: which advisories held speak of its packages, what version was
compared with what, and by which rule each of them counts or does not. CVE is any name of a vulnerability, also
that of a single advisory. Where nothing was found it tells what stands in the way: no such package, a version outside of
what is affected, an advisory that was taken back or speaks of other releases, a package that one of the
distribution owns, or no advisory held.

` + cli.KnownSources,
		Example: `  crowsnest why CVE-2021-44228 registry.example.com/shop/web:1.0
  crowsnest why CVE-2023-0464 archive://web.tar --package libssl3`,
		Args: cli.Exactly("a vulnerability", "an image"),
		RunE: func(cmd *cobra.Command, args []string) error {
			q.Vulnerability = args[0]
			a, err := c.analyse(cmd.Context(), args[1], t)
			if err != nil {
				return err
			}
			defer a.close()
			answer, err := a.why(cmd.Context(), q)
			if err != nil {
				return err
			}
			return c.Print(answer, func(p report.Printer) { p.Why(answer) })
		},
	}
	t.flags(cmd)
	t.attestedFlag(cmd)
	t.environmentFlag(cmd)
	cmd.Flags().StringVar(&q.Package, "package", "", "only about this package, by its name or that of its source package")
	c.AdvisoriesFlags(cmd)
	c.Formats(cmd)
	return cmd
}
