package decide

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire/verdict"
)

func (c commands) list() *cobra.Command {
	var states []string
	var text string
	cmd := &cobra.Command{
		Use: "list", Short: "List exceptions, the newest first", Args: cli.AtMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			remote, err := c.NeedServer("list exceptions")
			if err != nil {
				return err
			}
			list, err := cli.Asking(c, "asking "+remote.Host(), func() ([]verdict.Exception, error) { return remote.Exceptions(cmd.Context(), states, text) })
			if err != nil {
				return err
			}
			return c.Print(list, func(p report.Printer) { writeExceptions(p, list) })
		},
	}
	cmd.Flags().StringSliceVar(&states, "only-state", []string{"waiting", "active"}, "only those in these states: waiting, active, expired, revoked")
	cmd.Flags().StringVar(&text, "search", "", "only those with this in the vulnerability, the text or the author")
	c.Formats(cmd)
	return cmd
}

// requestFlags adds the flags that say what is decided.
func requestFlags(cmd *cobra.Command, r *verdict.ExceptionRequest) {
	cmd.Flags().StringVar(&r.Type, "type", "accepted-risk", "accepted-risk or false-positive")
	cmd.Flags().StringVar(&r.Justification, "justification", "", "of a false positive why, in the words of OpenVEX, such as component_not_present")
	cmd.Flags().StringVar(&r.Scope.Image, "image", "", "only this reference: registry/repository:tag, or registry/repository@sha256:…")
	cmd.Flags().StringSliceVar(&r.Scope.Repositories, "repository", nil, "only repositories that fit these patterns, such as shop/*")
	cmd.Flags().StringSliceVar(&r.Scope.Environments, "env", nil, "only in what is shown of these environments")
	cmd.Flags().StringSliceVar(&r.Scope.Packages, "package", nil, "only these packages, by package URL, with a version or without")
	cmd.Flags().StringVar(&r.Text, "text", "", "why it is decided so")
	cmd.Flags().StringVar(&r.Expires, "expires", "", "the last day on which it holds, as 2026-12-31, or a time; for ever without")
}

func (c commands) add() *cobra.Command {
	var r verdict.ExceptionRequest
	cmd := &cobra.Command{
		Use:   "add VULNERABILITY",
		Short: "Decide that a vulnerability does not count",
		Long: `Decide that a vulnerability does not count in what the flags name; without any, in the whole organisation. It is
left out of counts, lists and policies at once, and shown with who decided, why and until when wherever what is
suppressed is asked for. A decision for one name of an image holds for no other name of the same digest.

Where the organisation asks for it, what an editor decides waits for the approval of an owner.`,
		Example: `  crowsnest exception add CVE-2026-1234 --repository 'shop/*' --expires 2026-12-31 --text 'no untrusted input'
  crowsnest exception add CVE-2026-1234 --type false-positive --justification component_not_present \
    --image registry.example.com/shop/web:1.3 --package pkg:deb/debian/openssl --text 'not built in'`,
		Args: cli.ExactArgs(1, "a vulnerability"),
		RunE: func(cmd *cobra.Command, args []string) error {
			remote, err := c.NeedServer("make an exception")
			if err != nil {
				return err
			}
			r.Vulnerability = args[0]
			x, err := cli.Asking(c, "asking "+remote.Host(), func() (verdict.Exception, error) { return remote.CreateException(cmd.Context(), r) })
			return c.one(x, err)
		},
	}
	requestFlags(cmd, &r)
	cmd.MarkFlagRequired("text")
	c.Formats(cmd)
	return cmd
}

// one writes an exception.
func (c commands) one(x verdict.Exception, err error) error {
	if err != nil {
		return err
	}
	return c.Print(x, func(p report.Printer) { writeExceptions(p, []verdict.Exception{x}) })
}

func (c commands) preview() *cobra.Command {
	var r verdict.ExceptionRequest
	cmd := &cobra.Command{
		Use: "preview VULNERABILITY", Short: "Tell what an exception would suppress, and keep nothing", Args: cli.ExactArgs(1, "a vulnerability"),
		RunE: func(cmd *cobra.Command, args []string) error {
			remote, err := c.NeedServer("preview an exception")
			if err != nil {
				return err
			}
			r.Vulnerability = args[0]
			p, err := cli.Asking(c, "asking "+remote.Host(), func() (verdict.ExceptionPreview, error) { return remote.PreviewException(cmd.Context(), r) })
			if err != nil {
				return err
			}
			return c.Print(p, func(to report.Printer) { writePreview(to, p) })
		},
	}
	requestFlags(cmd, &r)
	c.Formats(cmd)
	return cmd
}

func (c commands) approve() *cobra.Command {
	cmd := &cobra.Command{
		Use: "approve ID", Short: "Let an exception that waits hold", Args: cli.ExactArgs(1, "the ID of an exception"),
		RunE: func(cmd *cobra.Command, args []string) error {
			remote, err := c.NeedServer("approve an exception")
			if err != nil {
				return err
			}
			x, err := remote.ApproveException(cmd.Context(), args[0])
			return c.one(x, err)
		},
	}
	c.Formats(cmd)
	return cmd
}

func (c commands) revoke() *cobra.Command {
	cmd := &cobra.Command{
		Use: "revoke ID", Short: "End an exception at once, or refuse one that waits", Args: cli.ExactArgs(1, "the ID of an exception"),
		RunE: func(cmd *cobra.Command, args []string) error {
			remote, err := c.NeedServer("revoke an exception")
			if err != nil {
				return err
			}
			x, err := remote.RevokeException(cmd.Context(), args[0])
			return c.one(x, err)
		},
	}
	c.Formats(cmd)
	return cmd
}

func (c commands) settings() *cobra.Command {
	var approval bool
	var authors []string
	cmd := &cobra.Command{
		Use: "settings", Short: "Show or change how the organisation decides, and whose VEX it trusts", Args: cli.AtMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			remote, err := c.NeedServer("show how is decided")
			if err != nil {
				return err
			}
			var change verdict.DecisionSettingsChange
			if cmd.Flags().Changed("approval") {
				change.Approval = &approval
			}
			if cmd.Flags().Changed("vex-author") {
				authors = append([]string{}, authors...)
				change.VEXAuthors = &authors
			}
			s, err := cli.Asking(c, "asking "+remote.Host(), func() (verdict.DecisionSettings, error) {
				if change == (verdict.DecisionSettingsChange{}) {
					return remote.DecisionSettings(cmd.Context())
				}
				return remote.ChangeDecisionSettings(cmd.Context(), change)
			})
			if err != nil {
				return err
			}
			return c.Print(s, func(p report.Printer) {
				waits := "hold at once"
				if s.Approval {
					waits = "wait for an owner"
				}
				fmt.Fprintf(p.W, "decisions of editors %s\n", waits)
				for _, a := range s.VEXAuthors {
					fmt.Fprintf(p.W, "trusted: %s\n", report.Clean(a))
				}
			})
		},
	}
	cmd.Flags().BoolVar(&approval, "approval", false, "whether decisions of editors wait for the approval of an owner")
	cmd.Flags().StringSliceVar(&authors, "vex-author", nil, "the authors of VEX documents to trust, in the place of those before; * stands for any characters")
	c.Formats(cmd)
	return cmd
}
