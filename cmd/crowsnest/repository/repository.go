// Package repository holds the commands about the repositories of connected registries.
package repository

import (
	"errors"
	"fmt"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/client"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire/connected"
	"github.com/spf13/cobra"
)

type commands struct{ *cli.CLI }

// Command returns the group of commands of this package.
func Command(shared *cli.CLI) *cobra.Command {
	c := commands{shared}
	cmd := cli.Group("repo", "List the repositories of connected registries, and choose which of them are analysed")
	cmd.Long = `List the repositories of connected registries, and choose which of them are analysed. A registry is connected
with crowsnest integration configure registry.

Of an enabled repository the newest image is analysed at once, and what is pushed from then on. What was in
it before is analysed by crowsnest repo backfill, after everything else.`
	cmd.AddCommand(c.list(), c.enable(true), c.enable(false), c.backfill(), c.queue())
	return cmd
}

func (c commands) list() *cobra.Command {
	var registry, filter string
	var enabled, disabled bool
	cmd := &cobra.Command{
		Use: "list", Short: "List repositories, whether they are enabled, and their last push", Args: cli.AtMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			state := ""
			switch {
			case enabled && disabled:
				return cli.Usage(cmd, errors.New("--only-enabled and --only-disabled leave nothing together"))
			case enabled:
				state = "enabled"
			case disabled:
				state = "disabled"
			}
			remote, err := c.NeedServer("list repositories")
			if err != nil {
				return err
			}
			list, err := cli.Asking(c, "asking "+remote.Host(), func() ([]connected.Repository, error) {
				return remote.Repositories(cmd.Context(), registry, state, filter)
			})
			if err != nil {
				return err
			}
			return c.Print(list, func(p report.Printer) { p.Repositories(list) })
		},
	}
	cmd.Flags().StringVar(&registry, "registry", "", "only those of this connected registry, by its name")
	cmd.Flags().StringVar(&filter, "filter", "", "only those with this in their name")
	cmd.Flags().BoolVar(&enabled, "only-enabled", false, "only those that are enabled")
	cmd.Flags().BoolVar(&disabled, "only-disabled", false, "only those that are not")
	c.Formats(cmd)
	return cmd
}

// chosen are the flags with which repositories are chosen.
type chosen struct {
	registry string
	patterns []string
	all      bool
}

func (s *chosen) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.registry, "registry", "", "name of the connected registry; not needed where names tell, or where there is one")
	cmd.Flags().StringArrayVar(&s.patterns, "pattern", nil, `those that fit, such as "team/*"; may be given several times`)
	cmd.Flags().BoolVar(&s.all, "all", false, "all of the registry")
}

// scope finds out which repositories are meant. A name may be whole, as registry.example.com/team/web.
func (s *chosen) scope(cmd *cobra.Command, remote *client.Client, args []string) (connected.RepositoryScope, error) {
	scope := connected.RepositoryScope{Registry: s.registry, Patterns: s.patterns, All: s.all}
	some := len(args)+len(s.patterns) > 0
	if some == s.all {
		return scope, cli.Usage(cmd, errors.New("name repositories, or give --pattern or --all"))
	}
	list, err := remote.ConnectedRegistries(cmd.Context())
	if err != nil {
		return scope, err
	}
	for _, arg := range args {
		host, name, _ := strings.Cut(arg, "/")
		for _, in := range list {
			if in.Host != host || name == "" || s.registry != "" && in.Name != s.registry {
				continue
			}
			if scope.Registry == "" {
				scope.Registry = in.Name
			}
			if scope.Registry == in.Name {
				arg = name
			}
			break
		}
		scope.Names = append(scope.Names, arg)
	}
	if scope.Registry == "" && len(list) == 1 {
		scope.Registry = list[0].Name
	}
	if scope.Registry == "" {
		hint := "connect one with crowsnest integration configure registry"
		if len(list) > 0 {
			names := make([]string, len(list))
			for i, in := range list {
				names[i] = in.Name
			}
			hint = "say with --registry which: " + strings.Join(names, ", ")
		}
		return scope, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "choose repositories", Hint: hint, Err: errors.New("it is not clear of which registry")}
	}
	return scope, nil
}

func (c commands) enable(enable bool) *cobra.Command {
	use, short, did := "enable", "Have the newest image of repositories analysed, and what is pushed from now on", "enabled"
	if !enable {
		use, short, did = "disable", "Analyse no more of repositories; what was analysed stays", "disabled"
	}
	var s chosen
	cmd := &cobra.Command{
		Use: use + " [REPOSITORY…]", Short: short, Args: cobra.ArbitraryArgs,
		Example: "  crowsnest repo " + use + " ghcr.io/acme/web\n  crowsnest repo " + use + ` --registry ghcr --pattern "acme/*"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			remote, err := c.NeedServer(use + " repositories")
			if err != nil {
				return err
			}
			scope, err := s.scope(cmd, remote, args)
			if err != nil {
				return err
			}
			n, err := cli.Asking(c, "asking "+remote.Host(), func() (int, error) { return remote.EnableRepositories(cmd.Context(), scope, enable) })
			if err != nil {
				return err
			}
			what := "repositories"
			if n == 1 {
				what = "repository"
			}
			fmt.Fprintf(c.Err, "%s %d %s of %s\n", did, n, what, report.Clean(scope.Registry))
			return nil
		},
	}
	s.flags(cmd)
	return cmd
}

func (c commands) backfill() *cobra.Command {
	var s chosen
	var preview bool
	cmd := &cobra.Command{
		Use: "backfill [REPOSITORY…]", Short: "Have everything in enabled repositories analysed, after everything else", Args: cobra.ArbitraryArgs,
		Example: "  crowsnest repo backfill --registry ghcr --all --preview\n  crowsnest repo backfill ghcr.io/acme/web",
		RunE: func(cmd *cobra.Command, args []string) error {
			remote, err := c.NeedServer("backfill repositories")
			if err != nil {
				return err
			}
			scope, err := s.scope(cmd, remote, args)
			if err != nil {
				return err
			}
			do := remote.Backfill
			if preview {
				do = remote.PreviewBackfill
			}
			b, err := cli.Asking(c, "asking "+remote.Host(), func() (connected.Backfill, error) { return do(cmd.Context(), scope) })
			if err != nil {
				return err
			}
			return c.Print(b, func(p report.Printer) { p.Backfill(b, preview) })
		},
	}
	s.flags(cmd)
	cmd.Flags().BoolVar(&preview, "preview", false, "only say how many images that would be")
	c.Formats(cmd)
	return cmd
}

func (c commands) queue() *cobra.Command {
	cmd := &cobra.Command{
		Use: "queue", Short: "Count what waits for its analysis, by who waits for it", Args: cli.AtMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			remote, err := c.NeedServer("count what waits")
			if err != nil {
				return err
			}
			list, err := cli.Asking(c, "asking "+remote.Host(), func() ([]connected.Lane, error) { return remote.Lanes(cmd.Context()) })
			if err != nil {
				return err
			}
			return c.Print(list, func(p report.Printer) { p.Lanes(list) })
		},
	}
	c.Formats(cmd)
	return cmd
}
