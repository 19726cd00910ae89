package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/output"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/progress"
	"github.com/crowsnest-sec/crowsnest/internal/client"
	"github.com/crowsnest-sec/crowsnest/internal/config"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/spf13/cobra"
)

// cli is what all commands share.
type cli struct {
	in       io.Reader
	out, err io.Writer
	environ  []string

	server string // --server
	format string // --format
	output string // --output
	quiet  bool   // --quiet

	warned bool // that the token travels unencrypted
}

func newRoot(out, errw io.Writer, environ []string) *cobra.Command {
	c := &cli{out: out, err: errw, environ: environ}
	root := &cobra.Command{
		Use:   "crowsnest",
		Short: "Know what every image contains, and what really runs where",
		Long: `Crowsnest analyses container images, matches what is in them against advisories, and
learns from Sysdig what runs in which environment and what of it is in use.

Without a server it works on this machine alone. With one (--server, CROWSNEST_SERVER or
crowsnest login) it asks the server.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          noCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		// Before the work, not after it.
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			c.in = cmd.InOrStdin()
			if err := cmd.ValidateRequiredFlags(); err != nil {
				return usage(cmd, err)
			}
			if cmd.Flags().Lookup("output") == nil {
				return nil
			}
			return c.checkFormat(cmd)
		},
	}
	root.SetOut(out)
	root.SetErr(errw)
	root.SetFlagErrorFunc(usage)
	flags := root.PersistentFlags()
	flags.StringVar(&c.server, "server", "", "address of the Crowsnest server (CROWSNEST_SERVER)")
	flags.BoolVarP(&c.quiet, "quiet", "q", false, "show no progress")
	root.AddGroup(&cobra.Group{ID: "image", Title: "Images:"}, &cobra.Group{ID: "run", Title: "What runs:"}, &cobra.Group{ID: "server", Title: "Server:"})
	for group, commands := range map[string][]*cobra.Command{
		"image":  {c.sbom(), c.cves(), c.quickview(), c.compare(), c.advisory()},
		"run":    {c.environment(), c.exposure(), c.vex(), c.integration(), c.registry()},
		"server": {c.serve(), c.demo(), c.login(), c.logout(), c.token(), c.admin()},
	} {
		for _, cmd := range commands {
			cmd.GroupID = group
			root.AddCommand(cmd)
		}
	}
	root.AddCommand(c.version())
	return root
}

// group is a command that only holds others. It runs, so that a misspelt one below it
// is an error and not a request for help.
func group(use, short string) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: noCommand, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
}

// usage is the error of a command line that cannot be read.
func usage(cmd *cobra.Command, err error) error {
	return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "run " + cmd.CommandPath(), Hint: "see " + cmd.CommandPath() + " --help", Err: err}
}

// noCommand refuses what is no command below cmd and names those that may be meant.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	cmd.SuggestionsMinimumDistance = 2
	hint := "see " + cmd.CommandPath() + " --help"
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "? " + hint
	}
	return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "run " + cmd.CommandPath(), Hint: hint, Err: fmt.Errorf("unknown command %q", args[0])}
}

// atMost refuses more arguments than a command takes.
func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= n {
			return nil
		}
		takes := "no arguments"
		if n > 0 {
			takes = fmt.Sprintf("at most %d", n)
		}
		return usage(cmd, fmt.Errorf("it takes %s, and got %q as well", takes, args[n]))
	}
}

// formats adds --format and --output to a command. Beside text and json it may take other formats.
func (c *cli) formats(cmd *cobra.Command, others ...string) {
	all := append([]string{"text", "json"}, others...)
	about := "text for people, json for programs"
	if len(others) > 0 {
		about += ", " + strings.Join(others, ", ")
	}
	cmd.Flags().StringVar(&c.format, "format", all[0], about)
	cmd.Flags().SetAnnotation("format", formatValues, all)
	cmd.Flags().StringVarP(&c.output, "output", "o", "", "write to this file instead of standard output")
	cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(all, cobra.ShellCompDirectiveNoFileComp))
}

// formatValues is the annotation with what --format takes.
const formatValues = "values"

// checkFormat refuses what print could not write.
func (c *cli) checkFormat(cmd *cobra.Command) error {
	if flag := cmd.Flags().Lookup("format"); flag != nil {
		if all := flag.Annotations[formatValues]; !slices.Contains(all, c.format) {
			hint := "use " + strings.Join(all[:len(all)-1], ", ") + " or " + all[len(all)-1]
			return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "choose format", Subject: c.format, Hint: hint, Err: errors.New("there is no such format")}
		}
	}
	return output.Check(c.output)
}

// print writes a result as text or JSON.
func (c *cli) print(value any, text func(report.Printer)) error {
	return c.write(func(w io.Writer, color bool) error {
		if c.format == "json" {
			enc := json.NewEncoder(w)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			return enc.Encode(value)
		}
		buffered := &output.Collector{W: w}
		text(report.Printer{W: buffered, Color: color})
		return buffered.Err
	})
}

// write writes to standard output or to the file of --output.
func (c *cli) write(write func(w io.Writer, color bool) error) error {
	if c.output == "" {
		return write(c.out, output.IsTerminal(c.out) && !c.noColor())
	}
	return output.ToFile(c.output, func(w io.Writer) error { return write(w, false) })
}

// progress begins to show on standard error what is being done.
func (c *cli) progress() *progress.Progress {
	if c.quiet {
		return progress.New(io.Discard, false)
	}
	return progress.New(c.err, output.IsTerminal(c.err))
}

// noColor reports the wish of https://no-color.org.
func (c *cli) noColor() bool { return c.lookup("NO_COLOR") != "" || c.lookup("TERM") == "dumb" }

func (c *cli) lookup(name string) string {
	for _, e := range c.environ {
		if len(e) > len(name) && e[:len(name)] == name && e[len(name)] == '=' {
			return e[len(name)+1:]
		}
	}
	return ""
}

// settings returns the client's configuration with --server applied.
func (c *cli) settings() (config.Client, error) {
	settings, err := config.LoadClient(c.environ)
	if err != nil {
		return settings, err
	}
	return settings.At(c.server)
}

// remote returns the client of the server, or nil if there is none.
func (c *cli) remote() (*client.Client, error) {
	settings, err := c.settings()
	if err != nil || settings.Server == "" {
		return nil, err
	}
	remote, err := client.New(settings.Server, settings.Token)
	if err == nil {
		c.warnExposed(remote)
	}
	return remote, err
}

// warnExposed says once in a command that its token can be read on the way to the server. It
// is no error: the way may be a trusted one, as that to a service within a cluster.
func (c *cli) warnExposed(remote *client.Client) {
	if remote.Exposed() && !c.warned {
		c.warned = true
		fmt.Fprintf(c.err, "! the token travels unencrypted to %s, and whoever can read it there can use it; give the server an https:// address\n", report.Clean(remote.Host()))
	}
}

// asking shows as progress that something is asked of a server, until it has answered.
func asking[T any](c *cli, what string, ask func() (T, error)) (T, error) {
	p := c.progress()
	defer p.End()
	p.Say("%s", what)
	return ask()
}

// needServer is remote for what only a server can answer.
func (c *cli) needServer(what string) (*client.Client, error) {
	remote, err := c.remote()
	if err == nil && remote == nil {
		err = &crowsnest.Error{Kind: crowsnest.Invalid, Op: what, Hint: "give its address with --server, CROWSNEST_SERVER or crowsnest login", Err: errors.New("a server is needed")}
	}
	return remote, err
}
