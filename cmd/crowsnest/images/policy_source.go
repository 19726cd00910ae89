package images

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/output"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego/bundle"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// sourcing says where policies come from that are asked in place of those that are kept.
type sourcing struct {
	files, folders, bundles []string
	config                  string
	only                    []string
	result                  string // file for all that they say
}

func (s *sourcing) textFlags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&s.files, "policy-file", nil, "ask the policy in this file, written in Rego; may be given several times")
	cmd.Flags().StringArrayVar(&s.folders, "policy-dir", nil, "ask the policies in this folder and those below it; may be given several times")
}

func (s *sourcing) flags(cmd *cobra.Command) {
	s.textFlags(cmd)
	cmd.Flags().StringArrayVar(&s.bundles, "policy-bundle", nil, "ask the policies in this bundle of a registry; may be given several times")
	cmd.Flags().StringVar(&s.config, "policy-config", "", "JSON file that says which policies are asked, with what weight, and configures them")
	cmd.Flags().StringArrayVar(&s.only, "only-policy", nil, "only the policy of this name; may be given several times")
}

func (s *sourcing) given() bool {
	return len(s.files)+len(s.folders)+len(s.bundles) > 0 || s.config != ""
}

// sources reads what the flags name, in their order; the texts alone if there is to be no bundle.
func (c commands) sources(ctx context.Context, s sourcing) ([]bundle.Source, error) {
	var out []bundle.Source
	for _, name := range s.bundles {
		settings, err := c.Settings()
		if err != nil {
			return nil, err
		}
		source, err := cli.Asking(c, "reading policies from "+name, func() (bundle.Source, error) {
			source, _, err := bundle.Registry{Cache: filepath.Join(settings.Cache, "policies")}.Pull(ctx, name)
			return source, err
		})
		if err != nil {
			return nil, err
		}
		out = append(out, source)
	}
	for _, name := range s.folders {
		source, err := bundle.Folder(name)
		if err != nil {
			return nil, err
		}
		out = append(out, source)
	}
	for _, name := range s.files {
		source, err := bundle.File(name)
		if err != nil {
			return nil, err
		}
		out = append(out, source)
	}
	return out, nil
}

// request makes what is asked of the policies that the flags name. Where they name none, but configure some, these are the built-in ones.
func (c commands) request(ctx context.Context, s sourcing) (compliance.TrialRequest, error) {
	var out compliance.TrialRequest
	sources, err := c.sources(ctx, s)
	if err != nil {
		return out, err
	}
	if len(sources) == 0 {
		sources = []bundle.Source{{Name: "built-in", BuiltIn: bundle.BuiltIns()}}
	}
	var list []bundle.Policy
	for _, source := range sources {
		policies, err := source.Policies()
		if err != nil {
			return out, err
		}
		list = append(list, policies...)
	}
	if s.config != "" {
		config, err := bundle.ReadConfig(s.config)
		if err != nil {
			return out, err
		}
		var unknown []string
		if list, unknown, err = config.Apply(list); err != nil {
			return out, err
		}
		for _, name := range unknown {
			fmt.Fprintf(c.Err, "! %s says something of the policy %s, which is not among those that are asked\n", report.Clean(s.config), report.Clean(name))
		}
		out.Print = config.Debug
	}
	if list, err = chosen(list, s.only); err != nil {
		return out, err
	}
	out.Raw = s.result != ""
	groups := make(map[string]int)
	for _, p := range list {
		t := compliance.TrialPolicy{Name: p.Title, Type: p.Type, Parameters: p.Parameters, Weight: &p.Weight}
		if p.Type == policy.Custom && len(p.Libraries) > 0 {
			key := p.Libraries[0].Name + p.From
			if _, ok := groups[key]; !ok {
				groups[key] = len(out.Libraries)
				var group []compliance.File
				for _, f := range p.Libraries {
					group = append(group, compliance.File(f))
				}
				out.Libraries = append(out.Libraries, group)
			}
			n := groups[key]
			t.Libraries = &n
		}
		out.Policies = append(out.Policies, t)
	}
	switch {
	case len(out.Policies) == 0:
		return out, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "choose policies", Hint: "enable one in " + s.config, Err: errors.New("none is left to be asked")}
	case len(out.Policies) > compliance.MaxTrials:
		return out, &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "choose policies", Hint: "ask some of them with --only-policy", Err: fmt.Errorf("there are %d, and the most are %d", len(out.Policies), compliance.MaxTrials)}
	}
	return out, nil
}

// chosen leaves out all policies but those that are named, by their title or by the name that they are configured by.
func chosen(list []bundle.Policy, names []string) ([]bundle.Policy, error) {
	if len(names) == 0 {
		return list, nil
	}
	var out []bundle.Policy
	for _, name := range names {
		found := false
		for _, p := range list {
			if p.Title == name || p.Name == name {
				out, found = append(out, p), true
			}
		}
		if !found {
			var known []string
			for _, p := range list {
				known = append(known, p.Title)
			}
			return nil, &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find policy", Subject: name, Hint: "those that are asked are: " + strings.Join(known, "; ")}
		}
	}
	return out, nil
}

// asking gives an image the policies that are asked in place of those that are kept.
func (a analysed) asking(request compliance.TrialRequest) analysed {
	try := a.try
	if try == nil {
		a.policies = nil
		return a
	}
	a.policies = func(ctx context.Context) (compliance.ImagePolicies, error) {
		t, err := try(ctx, request)
		return t.ImagePolicies, err
	}
	a.apart = true
	return a
}

// tried asks the policies that the flags name about an image, shows what they print, and writes all that they say to the file of --result-file.
func (c commands) tried(ctx context.Context, a analysed, s sourcing, request compliance.TrialRequest) (compliance.ImagePolicies, error) {
	t, err := a.try(ctx, request)
	if err != nil {
		return t.ImagePolicies, err
	}
	for _, o := range t.Outcomes {
		for _, line := range o.Printed {
			fmt.Fprintln(c.Err, report.Clean(line))
		}
	}
	if s.result == "" {
		return t.ImagePolicies, nil
	}
	all := make(map[string]json.RawMessage)
	for _, o := range t.Outcomes {
		key := o.Name
		for n := 2; all[key] != nil; n++ { // policies need not be called differently
			key = fmt.Sprintf("%s#%d", o.Name, n)
		}
		all[key] = o.Raw
	}
	return t.ImagePolicies, output.ToFile(s.result, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(all)
	})
}

// published is a bundle that was pushed.
type published struct {
	Reference string            `json:"reference"`
	Digest    crowsnest.Digest  `json:"digest"`
	Policies  []publishedPolicy `json:"policies"`
}

// publishedPolicy is a policy in it.
type publishedPolicy struct {
	Name  string `json:"name"` // by which it is configured
	Title string `json:"title"`
	From  string `json:"from"`
}

func (b published) print(p report.Printer) {
	fmt.Fprintf(p.W, "%s\n%s\n\n", report.Clean(b.Reference), b.Digest)
	rows := [][]string{{"NAME", "TITLE", "FROM"}}
	for _, one := range b.Policies {
		rows = append(rows, []string{report.Clean(one.Name), report.Clean(one.Title), report.Clean(one.From)})
	}
	p.Table(rows)
}

// printTests writes what came of tests, those that failed with what they printed.
func printTests(p report.Printer, tests []rego.Tested) {
	passed, failed, skipped := 0, 0, 0
	for _, t := range tests {
		mark := "✓"
		switch {
		case t.Skipped:
			mark, skipped = "–", skipped+1
		case bundle.Failed(t):
			mark, failed = "✗", failed+1
		default:
			passed++
		}
		fmt.Fprintf(p.W, "%s %s:%d  %s\n", mark, report.Clean(t.File), t.Line, report.Clean(t.Name))
		for _, line := range []string{t.Error, t.Printed} {
			if line != "" && bundle.Failed(t) {
				fmt.Fprintf(p.W, "    %s\n", report.Clean(line))
			}
		}
	}
	fmt.Fprintf(p.W, "\n%d passed, %d failed", passed, failed)
	if skipped > 0 {
		fmt.Fprintf(p.W, ", %d skipped", skipped)
	}
	fmt.Fprintln(p.W)
}

func (c commands) policyPublish() *cobra.Command {
	var s sourcing
	cmd := &cobra.Command{
		Use: "publish REFERENCE", Short: "Push policies in Rego to a registry as a bundle", Args: cli.ExactArgs(1, "a reference with a tag"),
		Long: `Check policies in Rego, and push them to a registry as an OCI artifact that policy --policy-bundle reads. Tests are left
out. Without a file or folder the built-in policies are pushed, with the parameters that they begin with: so they
can be asked together with others. The credentials are those of docker login.`,
		Example: `  crowsnest policy publish registry.example.com/policies:1 --policy-dir ./policies
  crowsnest policy publish registry.example.com/policies:built-in`,
		RunE: func(cmd *cobra.Command, args []string) error {
			sources, err := c.sources(cmd.Context(), s)
			if err != nil {
				return err
			}
			if len(sources) == 0 {
				sources = []bundle.Source{{Name: "built-in", BuiltIn: bundle.BuiltIns()}}
			}
			out := published{Reference: args[0], Policies: []publishedPolicy{}}
			for i := range sources {
				policies, err := bundle.Checked(sources[i])
				if err != nil {
					return err
				}
				for _, p := range policies {
					out.Policies = append(out.Policies, publishedPolicy{Name: p.Name, Title: p.Title, From: p.From})
				}
				sources[i] = sources[i].WithoutTests()
			}
			out.Digest, err = cli.Asking(c, "pushing "+args[0], func() (crowsnest.Digest, error) {
				return bundle.Registry{}.Push(cmd.Context(), args[0], sources)
			})
			if err != nil {
				return err
			}
			return c.Print(out, out.print)
		},
	}
	s.textFlags(cmd)
	c.Formats(cmd)
	return cmd
}

func (c commands) policyTest() *cobra.Command {
	cmd := &cobra.Command{
		Use: "test PATH...", Short: "Run the tests of policies in Rego", Args: cobra.MinimumNArgs(1),
		Long: `Run the tests in files that end with _test.rego, each with the policy beside it: foo_test.rego with foo.rego, or else the
only one in the folder. Rules that begin with test_ are tests; they say with "with" what the image is, and what functions
answer. The limits are those of policies. Ends with code 1 if a test fails.`,
		Example: `  crowsnest policy test ./policies`,
		RunE: func(cmd *cobra.Command, args []string) error {
			tests, err := bundle.Test(cmd.Context(), args)
			if err != nil {
				return err
			}
			if err := c.Print(tests, func(p report.Printer) { printTests(p, tests) }); err != nil {
				return err
			}
			if slices.ContainsFunc(tests, bundle.Failed) {
				return cli.ExitCode(1)
			}
			return nil
		},
	}
	c.Formats(cmd)
	return cmd
}
