package written

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego/bundle"
	"github.com/crowsnest-sec/crowsnest/internal/report"
)

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

// Publish returns the command that pushes policies to a registry.
func Publish(c *cli.CLI) *cobra.Command {
	var s Sources
	cmd := &cobra.Command{
		Use: "publish REFERENCE", Short: "Push policies in Rego to a registry as a bundle", Args: cli.ExactArgs(1, "a reference with a tag"),
		Long: `Check policies in Rego, and push them to a registry as an OCI artifact that policy --policy-bundle reads. Tests are left
out. Without a file or folder the built-in policies are pushed, with the parameters that they begin with: so they
can be asked together with others. The credentials are those of docker login.`,
		Example: `  crowsnest policy publish registry.example.com/policies:1 --policy-dir ./policies
  crowsnest policy publish registry.example.com/policies:built-in`,
		RunE: func(cmd *cobra.Command, args []string) error {
			sources, err := s.read(cmd.Context(), c)
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

// Test returns the command that runs the tests of policies.
func Test(c *cli.CLI) *cobra.Command {
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
