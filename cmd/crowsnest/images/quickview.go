package images

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/images/written"
	"github.com/crowsnest-sec/crowsnest/internal/api/advice"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/report/glance"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

func (c commands) quickview() *cobra.Command {
	var t target
	var s written.Sources
	var ignoreMinor bool
	cmd := &cobra.Command{
		Use:     "quickview IMAGE",
		Aliases: []string{"qv"},
		Short:   "Count the vulnerabilities of an image, and tell which policies it meets",
		Long: `Count the vulnerabilities of an image by severity, and what is fixable and in use of them, beside those of its base
image and of bases that have fewer, and tell which policies it meets, with the health score. Which policies are asked, and
which --policy-* flags put others in their place, tells crowsnest policy --help, which also writes what breaks them.

` + cli.KnownSources,
		Args: cli.ExactArgs(1, "an image"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			var request compliance.TrialRequest
			if s.Given() {
				if t.attested {
					return cli.Usage(cmd, errors.New("an attested bill of materials has no configuration or base image that policies ask about; leave out --use-attested-sbom or the policies"))
				}
				if err := c.askable(args[0]); err != nil {
					return err
				}
				var err error
				if request, err = s.Request(ctx, c.CLI); err != nil {
					return err
				}
				request.Environment = t.env
			}
			a, err := c.analyse(ctx, args[0], t)
			if err != nil {
				return err
			}
			defer a.close()
			var out glance.View
			if out.Image, err = a.image(ctx); err != nil {
				return err
			}
			cves, err := a.cves(ctx, false)
			if err != nil {
				return err
			}
			if ignoreMinor {
				cves = cves.WithoutMinor()
			}
			out.Summary, out.Problems, out.MissingAdvisories, out.MinorHidden = cves.Summary, cves.Problems, cves.MissingAdvisories, cves.MinorHidden
			if a.recommend != nil {
				r, err := a.recommend(ctx, advice.Question{})
				if err != nil {
					return err
				}
				out.Bases = glance.BasesOf(r)
			}
			if out.Policies, err = c.glance(ctx, a, s, request); err != nil {
				return err
			}
			return c.Print(out, func(p report.Printer) {
				p.Quickview(out.Image, cves)
				glance.WriteBases(p, out.Bases)
				glance.Policies(p, out)
			})
		},
	}
	t.flags(cmd)
	t.attestedFlag(cmd)
	t.environmentFlag(cmd)
	minorFlag(cmd, &ignoreMinor)
	s.Flags(cmd)
	c.AdvisoriesFlags(cmd)
	c.Formats(cmd)
	return cmd
}

// glance asks policies about an image, without what breaks them; nil of what they say nothing of, such as a bill of materials.
func (c commands) glance(ctx context.Context, a analysed, s written.Sources, request compliance.TrialRequest) (*compliance.ImagePolicies, error) {
	ask := a.policies
	if s.Given() {
		ask = func(ctx context.Context) (compliance.ImagePolicies, error) { return c.tried(ctx, a, s, request) }
	}
	if ask == nil {
		return nil, nil
	}
	r, err := ask(ctx)
	if err == nil && !s.Given() {
		r, err = onlyPolicies(r, s.Only)
	}
	return new(glance.Of(r)), err
}
