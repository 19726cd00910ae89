package images

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/images/written"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/input"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/output"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/report/ci"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
	"github.com/spf13/cobra"
)

func (c commands) policy() *cobra.Command {
	var t target
	var s written.Sources
	var exit, all bool
	cmd := &cobra.Command{
		Use:   "policy IMAGE",
		Short: "Tell whether an image meets the policies, and grade it",
		Long: `Ask the enabled policies about an image: what breaks them, what would mend it, and the health score. With a
server the policies are those of the organisation, and the image one of a registry or a digest; without one
they are those that every organisation begins with.

Policies in Rego take their place if some are named: files and folders (--policy-file, --policy-dir), and bundles in
registries (--policy-bundle), written for Docker Scout's contract or for Crowsnest's. They are asked on this machine or, of
an image that a server knows, there; nothing keeps them. --policy-config configures them, or else the built-in ones.

` + cli.KnownSources,
		Example: `  crowsnest policy registry.example.com/shop/web:1.3
  crowsnest policy registry.example.com/shop/web:1.3 --env production --exit-code
  crowsnest policy registry.example.com/shop/web:1.3 --policy-dir ./policies --policy-config policies.json
  crowsnest policy list --env production`,
		Args: cli.ExactArgs(1, "an image"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if s.Result != "" {
				if err := output.Check(s.Result); err != nil {
					return err
				}
			}
			r, err := c.imagePolicies(cmd.Context(), args[0], t, s)
			if err != nil {
				return err
			}
			if !s.Given() {
				if r, err = onlyPolicies(r, s.Only); err != nil {
					return err
				}
			}
			if err := c.Publish(r, func(p report.Printer) { p.ImagePolicies(r, all) }, c.forCI(ci.OfPolicies(r), ci.PoliciesMarkdown(r))); err != nil {
				return err
			}
			switch {
			case exit && r.NotMet > 0:
				return cli.FoundVulnerabilities
			case exit && r.NoData > 0:
				return cli.FoundIncomplete
			}
			return nil
		},
	}
	t.flags(cmd)
	t.decidingFlags(cmd)
	cmd.Flags().StringVar(&t.env, "env", "", "ask about the image as it runs in this environment")
	c.AdvisoriesFlags(cmd)
	c.Formats(cmd, formatSARIF, formatJUnit, formatMarkdown)
	c.Reports(cmd)
	s.Flags(cmd)
	cmd.Flags().StringVar(&s.Result, "result-file", "", "write all that policies in Rego say to this file as JSON")
	cmd.Flags().BoolVar(&all, "all", false, "write all violations, not only the first of each policy")
	cmd.Flags().BoolVarP(&exit, "exit-code", "e", false, "end with code 2 if a policy is not met, with 3 if all are met that could be judged but some could not")
	cmd.AddCommand(c.policyList(), c.policyShow(), c.policyTypes(), c.policyChanges(), c.policyCreate(), c.policyChange(), c.policyEnable(true), c.policyEnable(false), c.policyDelete(), written.Publish(c.CLI), written.Test(c.CLI))
	return cmd
}

// imagePolicies asks policies about an image. What cannot be asked is refused before the image is read.
func (c commands) imagePolicies(ctx context.Context, source string, t target, s written.Sources) (compliance.ImagePolicies, error) {
	var none compliance.ImagePolicies
	if err := c.askable(source); err != nil {
		return none, err
	}
	var request compliance.TrialRequest
	if s.Given() {
		var err error
		if request, err = s.Request(ctx, c.CLI); err != nil {
			return none, err
		}
		request.Environment = t.env
	}
	set, err := c.decisions(t.deciding)
	if err != nil {
		return none, err
	}
	a, err := c.analyseUndecided(ctx, source, t)
	if err != nil {
		return none, err
	}
	defer a.close()
	if s.Given() {
		a.policies = func(ctx context.Context) (compliance.ImagePolicies, error) { return c.tried(ctx, a, s, request) }
	} else if s.Result != "" {
		return none, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --result-file", Subject: s.Result, Hint: "name policies in Rego with --policy-file, --policy-dir or --policy-bundle", Err: errors.New("it is for policies in Rego")}
	}
	return a.decided(set, source, t.env).policies(ctx)
}

// askable refuses images that no policies can be asked about.
func (c commands) askable(source string) error {
	remote, err := c.Remote()
	if err != nil {
		return err
	}
	refused := func(hint, why string) error {
		return &crowsnest.Error{Kind: crowsnest.Unsupported, Op: "ask policies about", Subject: source, Hint: hint, Err: errors.New(why)}
	}
	switch scheme, _ := image.ParseSource(source); {
	case scheme == input.SchemeSBOM:
		return refused("name the image", "a bill of materials has no configuration, attestations or base image")
	case remote != nil && scheme != image.SchemeRegistry:
		return refused("push it and name it by its registry, or leave the server out for the policies that every organisation begins with", "the policies are those of "+remote.Host()+", which does not know it")
	}
	return nil
}

// onlyPolicies leaves out all policies but those named, and the score, which is of all.
func onlyPolicies(r compliance.ImagePolicies, names []string) (compliance.ImagePolicies, error) {
	if len(names) == 0 {
		return r, nil
	}
	all := r.Policies
	r.Policies, r.Score, r.Met, r.NotMet, r.NoData = []compliance.ImagePolicy{}, nil, 0, 0, 0
	for _, name := range names {
		i := slices.IndexFunc(all, func(p compliance.ImagePolicy) bool { return p.Name == name })
		if i < 0 {
			known := make([]string, len(all))
			for j, p := range all {
				known[j] = p.Name
			}
			return r, &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find policy", Subject: name, Hint: "those that say something of the image are: " + strings.Join(known, "; ")}
		}
		p := all[i]
		r.Policies = append(r.Policies, p)
		switch p.Status {
		case crowsnest.Compliant:
			r.Met++
		case crowsnest.NonCompliant:
			r.NotMet++
		default:
			r.NoData++
		}
	}
	return r, nil
}

func (c commands) policyList() *cobra.Command {
	var environment string
	var since time.Duration
	cmd := &cobra.Command{
		Use: "list", Short: "List the policies, with how many images meet them", Args: cli.AtMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			remote, err := c.NeedServer("list policies")
			if err != nil {
				return err
			}
			list, err := cli.Asking(c, "asking "+remote.Host(), func() (compliance.PolicyList, error) {
				return remote.Policies(cmd.Context(), environment, before(since))
			})
			if err != nil {
				return err
			}
			return c.Print(list, func(p report.Printer) { p.Policies(list) })
		},
	}
	cmd.Flags().StringVar(&environment, "env", "", "count only what runs in this environment")
	cmd.Flags().DurationVar(&since, "since", 0, "also tell the difference to so long ago, such as 168h")
	c.Formats(cmd)
	return cmd
}

// before is the time so long ago; zero for none.
func before(d time.Duration) time.Time {
	if d <= 0 {
		return time.Time{}
	}
	return time.Now().Add(-d)
}

func (c commands) policyShow() *cobra.Command {
	var environment string
	var statuses []string
	var all bool
	cmd := &cobra.Command{
		Use: "show POLICY", Short: "Show a policy, and the images that do not meet it", Args: cli.ExactArgs(1, "the name of a policy"),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, word := range statuses {
				var status crowsnest.Compliance
				if err := status.UnmarshalText([]byte(word)); err != nil {
					return err
				}
			}
			remote, err := c.NeedServer("show policies")
			if err != nil {
				return err
			}
			d, err := cli.Asking(c, "asking "+remote.Host(), func() (d compliance.PolicyDetail, err error) {
				if d.Policy, err = remote.Policy(cmd.Context(), args[0]); err == nil {
					d.Images, err = remote.PolicyImages(cmd.Context(), args[0], environment, strings.Join(statuses, ","))
				}
				return d, err
			})
			if err != nil {
				return err
			}
			return c.Print(d, func(p report.Printer) { p.PolicyDetail(d, all) })
		},
	}
	cmd.Flags().StringVar(&environment, "env", "", "only images that run in this environment")
	cmd.Flags().StringSliceVar(&statuses, "only-status", []string{crowsnest.NonCompliant.String(), crowsnest.NoData.String()}, "only images with these: compliant, non-compliant, no-data")
	cmd.Flags().BoolVar(&all, "all", false, "write all violations that the server lists, not only the first of each image")
	c.Formats(cmd)
	return cmd
}

func (c commands) policyTypes() *cobra.Command {
	cmd := &cobra.Command{
		Use: "types", Short: "List the sorts of policies, with their parameters", Args: cli.AtMost(0),
		RunE: func(*cobra.Command, []string) error {
			list := wire.Each(policy.Types(), compliance.NewPolicyType)
			return c.Print(list, func(p report.Printer) { p.PolicyTypes(list) })
		},
	}
	c.Formats(cmd)
	return cmd
}

func (c commands) policyChanges() *cobra.Command {
	var environment string
	var since time.Duration
	cmd := &cobra.Command{
		Use: "changes", Short: "List what policies came to say otherwise, and why", Args: cli.AtMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			remote, err := c.NeedServer("list changes of policies")
			if err != nil {
				return err
			}
			list, err := cli.Asking(c, "asking "+remote.Host(), func() ([]compliance.PolicyChanged, error) {
				return remote.PolicyChanges(cmd.Context(), environment, before(since))
			})
			if err != nil {
				return err
			}
			return c.Print(list, func(p report.Printer) { p.PolicyChanges(list) })
		},
	}
	cmd.Flags().StringVar(&environment, "env", "", "only of what runs in this environment")
	cmd.Flags().DurationVar(&since, "since", 24*time.Hour, "only what changed since so long ago")
	c.Formats(cmd)
	return cmd
}
