package access

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/input"
	"github.com/crowsnest-sec/crowsnest/internal/client"
	"github.com/crowsnest-sec/crowsnest/internal/config"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func (c commands) login() *cobra.Command {
	var token string
	cmd := &cobra.Command{
		Use: "login SERVER", Short: "Remember a server and its token on this machine",
		Long: `Remember a server and its token on this machine, in a file that only this user can read. The token
is asked for; --token takes it from a file (@FILE) or from standard input (-).`,
		Args: cli.ExactArgs(1, "the address of a server"),
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
			c.WarnExposed(remote)
			v, err := cli.Asking(c, "asking "+remote.Host(), func() (wire.Version, error) { return remote.Version(cmd.Context()) })
			if err != nil {
				return err
			}
			path, err := config.SaveLogin(args[0], secret)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.Err, "logged in to %s (Crowsnest %s); stored in %s\n", args[0], v.Version, path)
			return nil
		},
	}
	cmd.Flags().StringVar(&token, "token", "", "the token, @FILE or - for standard input")
	return cmd
}

func (c commands) askToken(stdin io.Reader) (string, error) {
	fmt.Fprint(c.Err, "Token: ")
	if f, ok := stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		b, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(c.Err)
		return strings.TrimSpace(string(b)), err
	}
	line, err := bufio.NewReader(io.LimitReader(stdin, input.MaxSecret)).ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return strings.TrimSpace(line), err
}

func (c commands) logout() *cobra.Command {
	return &cobra.Command{
		Use: "logout", Short: "Forget the server and its token", Args: cli.AtMost(0),
		RunE: func(*cobra.Command, []string) error { return config.RemoveLogin() },
	}
}
