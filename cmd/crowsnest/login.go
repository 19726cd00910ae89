package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/input"
	"github.com/crowsnest-sec/crowsnest/internal/app"
	"github.com/crowsnest-sec/crowsnest/internal/client"
	"github.com/crowsnest-sec/crowsnest/internal/config"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func (c *cli) login() *cobra.Command {
	var token string
	cmd := &cobra.Command{
		Use: "login SERVER", Short: "Remember a server and its token on this machine",
		Long: `Remember a server and its token on this machine, in a file that only this user can read. The token
is asked for; --token takes it from a file (@FILE) or from standard input (-).`,
		Args: exactArgs(1, "the address of a server"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if token == "" {
				var err error
				if token, err = c.askToken(cmd.InOrStdin()); err != nil {
					return err
				}
			}
			secret, err := input.Secret(token, cmd.InOrStdin())
			if err != nil {
				return err
			}
			if secret == "" {
				return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "log in to", Subject: args[0], Hint: "type it when asked, or give --token @FILE", Err: errors.New("no token was given")}
			}
			remote, err := client.New(args[0], secret)
			if err != nil {
				return err
			}
			c.warnExposed(remote)
			v, err := asking(c, "asking "+remote.Host(), func() (wire.Version, error) { return remote.Version(cmd.Context()) })
			if err != nil {
				return err
			}
			path, err := config.SaveLogin(args[0], secret)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.err, "logged in to %s (Crowsnest %s); stored in %s\n", args[0], v.Version, path)
			return nil
		},
	}
	cmd.Flags().StringVar(&token, "token", "", "the token, @FILE or - for standard input")
	return cmd
}

func (c *cli) askToken(stdin io.Reader) (string, error) {
	fmt.Fprint(c.err, "Token: ")
	if f, ok := stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		b, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(c.err)
		return strings.TrimSpace(string(b)), err
	}
	line, err := bufio.NewReader(io.LimitReader(stdin, input.MaxSecret)).ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return strings.TrimSpace(line), err
}

func (c *cli) logout() *cobra.Command {
	return &cobra.Command{
		Use: "logout", Short: "Forget the server and its token", Args: atMost(0),
		RunE: func(*cobra.Command, []string) error { return config.RemoveLogin() },
	}
}

func (c *cli) version() *cobra.Command {
	cmd := &cobra.Command{
		Use: "version", Short: "Say which build this is", Args: atMost(0),
		RunE: func(*cobra.Command, []string) error {
			v := app.VersionOf(version)
			return c.print(v, func(p report.Printer) { fmt.Fprintf(p.W, "crowsnest %s\n%s %s\n", v.Version, v.Go, v.Commit) })
		},
	}
	c.formats(cmd)
	return cmd
}
