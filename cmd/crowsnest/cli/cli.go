// Package cli is what all commands share: flags, formats, the way to a server or to the cache of this machine, and how a command
// line is refused.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/output"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/progress"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/bundle"
	"github.com/crowsnest-sec/crowsnest/internal/app"
	"github.com/crowsnest-sec/crowsnest/internal/client"
	"github.com/crowsnest-sec/crowsnest/internal/config"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/spf13/cobra"
)

// CLI is what all commands share.
type CLI struct {
	In       io.Reader
	Out, Err io.Writer
	Environ  []string // NAME=value
	Version  string   // of this build

	Server string // --server
	Format string // --format
	Output string // --output

	ReportURL string   // --report-url
	reports   []string // --report

	Quiet bool // --quiet

	AdvisoriesFrom string // --advisories-from
	AdvisoriesKey  string // --advisories-key

	warned bool // that the token travels unencrypted
}

// Group is a command that only holds others. It runs, so that a misspelt one below it
// is an error and not a request for help.
func Group(use, short string) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: NoCommand, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
}

// Usage is the error of a command line that cannot be read.
func Usage(cmd *cobra.Command, err error) error {
	return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "run " + cmd.CommandPath(), Hint: "see " + cmd.CommandPath() + " --help", Err: err}
}

// NoCommand refuses what is no command below cmd and names those that may be meant.
func NoCommand(cmd *cobra.Command, args []string) error {
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

// AtMost refuses more arguments than a command takes.
func AtMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= n {
			return nil
		}
		takes := "no arguments"
		if n > 0 {
			takes = fmt.Sprintf("at most %d", n)
		}
		return Usage(cmd, fmt.Errorf("it takes %s, and got %q as well", takes, args[n]))
	}
}

// Formats adds --format and --output to a command. Beside text and json it may take other formats.
func (c *CLI) Formats(cmd *cobra.Command, others ...string) {
	all := append([]string{"text", "json"}, others...)
	about := "text for people, json for programs"
	if len(others) > 0 {
		about += ", " + strings.Join(others, ", ")
	}
	cmd.Flags().StringVar(&c.Format, "format", all[0], about)
	cmd.Flags().SetAnnotation("format", formatValues, all)
	cmd.Flags().StringVarP(&c.Output, "output", "o", "", "write to this file instead of standard output")
	cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(all, cobra.ShellCompDirectiveNoFileComp))
}

// formatValues is the annotation with what --format takes.
const formatValues = "values"

// CheckFormat refuses what print could not write.
func (c *CLI) CheckFormat(cmd *cobra.Command) error {
	if flag := cmd.Flags().Lookup("format"); flag != nil {
		if all := flag.Annotations[formatValues]; !slices.Contains(all, c.Format) {
			return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "choose format", Subject: c.Format, Hint: "use " + either(all), Err: errors.New("there is no such format")}
		} else if err := c.checkReports(all); err != nil {
			return err
		}
	}
	return output.Check(c.Output)
}

// Print writes a result as text or JSON.
func (c *CLI) Print(value any, text func(report.Printer)) error {
	return c.Write(func(w io.Writer, color bool) error { return encode(w, c.Format, color, value, text) })
}

func encode(w io.Writer, format string, color bool, value any, text func(report.Printer)) error {
	if format == "json" {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(value)
	}
	buffered := &output.Collector{W: w}
	text(report.Printer{W: buffered, Color: color})
	return buffered.Err
}

// Write writes to standard output or to the file of --output.
func (c *CLI) Write(write func(w io.Writer, color bool) error) error {
	if c.Output == "" {
		return write(c.Out, output.IsTerminal(c.Out) && !c.NoColor())
	}
	return output.ToFile(c.Output, func(w io.Writer) error { return write(w, false) })
}

// Progress begins to show on standard error what is being done.
func (c *CLI) Progress() *progress.Progress {
	if c.Quiet {
		return progress.New(io.Discard, false)
	}
	return progress.New(c.Err, output.IsTerminal(c.Err))
}

// NoColor reports the wish of https://no-color.org.
func (c *CLI) NoColor() bool { return c.Lookup("NO_COLOR") != "" || c.Lookup("TERM") == "dumb" }

func (c *CLI) Lookup(name string) string {
	for _, e := range c.Environ {
		if len(e) > len(name) && e[:len(name)] == name && e[len(name)] == '=' {
			return e[len(name)+1:]
		}
	}
	return ""
}

// Settings returns the client's configuration with --server applied.
func (c *CLI) Settings() (config.Client, error) {
	settings, err := config.LoadClient(c.Environ)
	if err != nil {
		return settings, err
	}
	return settings.At(c.Server)
}

// Remote returns the client of the server, or nil if there is none.
func (c *CLI) Remote() (*client.Client, error) {
	settings, err := c.Settings()
	if err != nil || settings.Server == "" {
		return nil, err
	}
	remote, err := client.New(settings.Server, settings.Token)
	if err == nil {
		c.WarnExposed(remote)
	}
	return remote, err
}

// WarnExposed says once in a command that its token can be read on the way to the server. It
// is no error: the way may be a trusted one, as that to a service within a cluster.
func (c *CLI) WarnExposed(remote *client.Client) {
	if remote.Exposed() && !c.warned {
		c.warned = true
		fmt.Fprintf(c.Err, "! the token travels unencrypted to %s, and whoever can read it there can use it; give the server an https:// address\n", report.Clean(remote.Host()))
	}
}

// Asking shows as progress that something is asked of a server, until it has answered.
func Asking[T any](c interface{ Progress() *progress.Progress }, what string, ask func() (T, error)) (T, error) {
	p := c.Progress()
	defer p.End()
	p.Say("%s", what)
	return ask()
}

// NeedServer is Remote for what only a server can answer.
func (c *CLI) NeedServer(what string) (*client.Client, error) {
	remote, err := c.Remote()
	if err == nil && remote == nil {
		err = &crowsnest.Error{Kind: crowsnest.Invalid, Op: what, Hint: "give its address with --server, CROWSNEST_SERVER or crowsnest login", Err: errors.New("a server is needed")}
	}
	return remote, err
}

// ExactArgs says in words what is missing.
func ExactArgs(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return Usage(cmd, fmt.Errorf("it takes %s, and got %d arguments", what, len(args)))
	}
}

// Exactly refuses another number of arguments than those named.
func Exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return Usage(cmd, errors.New("it needs "+strings.Join(names, " and ")))
		}
		return AtMost(len(names))(cmd, args)
	}
}

// ReadTime reads a day, which is its beginning in UTC, or a time. Without a text it is zero.
func ReadTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --at", Subject: text, Hint: "write a day as 2026-03-01 or a time as 2026-03-01T12:00:00Z"}
}

// ReadMoment reads a time, a day or how long ago it is, with days as 7d.
func ReadMoment(flag, text string) (time.Time, error) {
	ago, err := time.ParseDuration(text)
	if days, whole := strings.CutSuffix(text, "d"); whole && err != nil {
		var n int
		n, err = strconv.Atoi(days)
		ago = time.Duration(n) * 24 * time.Hour
	}
	if err == nil && ago >= 0 {
		return time.Now().Add(-ago), nil
	}
	at, err := ReadTime(text)
	if err != nil {
		err = &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read " + flag, Subject: text, Hint: "write a day as 2026-03-01, a time as 2026-03-01T12:00:00Z, or how long ago as 24h or 7d"}
	}
	return at, err
}

// AdvisoriesFlags adds the flags that say whence the advisories of this machine are kept up to date.
func (c *CLI) AdvisoriesFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.AdvisoriesFrom, "advisories-from", "", "without a server, first take advisories from this bundle: a file or a URL")
	cmd.Flags().StringVar(&c.AdvisoriesKey, "advisories-key", "", "public key of minisign, or file with it, that signed the bundle")
}

// Local opens the cache of this machine, and brings its advisories up to date if --advisories-from says whence.
func (c *CLI) Local(ctx context.Context) (*app.Local, error) {
	settings, err := c.Settings()
	if err != nil {
		return nil, err
	}
	limits, err := config.LoadLimits(c.Environ)
	if err != nil {
		return nil, err
	}
	local, err := app.OpenLocal(ctx, filepath.Join(settings.Cache, "cache.db"), limits)
	if err != nil || c.AdvisoriesFrom == "" || settings.Server != "" { // a server has its own
		return local, err
	}
	key, err := bundle.PublicKey(c.AdvisoriesKey)
	if err == nil {
		p := c.Progress()
		p.Say("looking for newer advisories at %s", c.AdvisoriesFrom)
		err = local.Refresh(ctx, advisory.Place{Location: c.AdvisoriesFrom, Token: settings.Token, Key: key})
		p.End()
	}
	if err != nil {
		local.Close()
		return nil, err
	}
	return local, nil
}

// DigestLike is text that means a digest: at least twelve digits of it.
var DigestLike = regexp.MustCompile(`^(sha256:)?[0-9a-f]{12,64}$`)
