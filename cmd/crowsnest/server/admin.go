package server

import (
	"errors"
	"fmt"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/app"
	"github.com/crowsnest-sec/crowsnest/internal/config"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/spf13/cobra"
)

// admin holds what repairs access at the server's machine.
type admin struct {
	commands
	load         func() (config.Config, error)
	organisation string
}

func (c commands) admin() *cobra.Command {
	a := &admin{commands: c}
	cmd := cli.Group("admin", "Repair access and clear away, on the machine of the server")
	cmd.Long = `Repair access and clear away, on the machine of the server. The commands open the database that the server's
configuration names; the server may run or not. Whatever they do is in the audit log.`
	a.load = c.serverSettings(cmd.PersistentFlags())
	cmd.PersistentFlags().StringVar(&a.organisation, "organisation", "", "name of the organisation (default the first one)")
	token := cli.Group("token", "Make tokens")
	token.AddCommand(a.createToken())
	cmd.AddCommand(a.link(), a.people(), a.resetPassword(), a.unlink(), token, a.rotateKey(), a.retention())
	return cmd
}

// do opens the database for one command.
func (a *admin) do(cmd *cobra.Command, work func(*app.Admin) error) error {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	opened, err := app.OpenAdmin(cmd.Context(), cfg, a.organisation, a.logger(cfg.Log))
	if err != nil {
		return err
	}
	return errors.Join(work(opened), opened.Close())
}

func (a *admin) link() *cobra.Command {
	var owner bool
	cmd := &cobra.Command{
		Use: "link --owner", Short: "Make a one-time link that makes an owner", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !owner {
				return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "make link", Hint: "say --owner: whoever has the link becomes one", Err: errors.New("it is not said what for")}
			}
			return a.do(cmd, func(opened *app.Admin) error {
				made, err := opened.OwnerLink(cmd.Context())
				return a.printLink(made, "makes whoever opens it an owner", err)
			})
		},
	}
	cmd.Flags().BoolVar(&owner, "owner", false, "whoever has the link becomes an owner")
	a.Formats(cmd)
	return cmd
}

func (a *admin) printLink(made wire.OneTimeLink, does string, err error) error {
	if err != nil {
		return err
	}
	return a.Print(made, func(p report.Printer) { p.OneTimeLink(made, does) })
}

func (a *admin) people() *cobra.Command {
	cmd := &cobra.Command{
		Use: "people", Short: "List the people of an organisation", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.do(cmd, func(opened *app.Admin) error {
				list, err := opened.People(cmd.Context())
				if err != nil {
					return err
				}
				return a.Print(list, func(p report.Printer) { p.People(list) })
			})
		},
	}
	a.Formats(cmd)
	return cmd
}

func (a *admin) resetPassword() *cobra.Command {
	cmd := &cobra.Command{
		Use: "reset-password EMAIL", Short: "Make a one-time link with which a person sets a new password", Args: cli.ExactArgs(1, "the e-mail address of a person"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.do(cmd, func(opened *app.Admin) error {
				made, err := opened.ResetPassword(cmd.Context(), args[0])
				return a.printLink(made, "sets a new password for "+report.Clean(made.Email), err)
			})
		},
	}
	a.Formats(cmd)
	return cmd
}

func (a *admin) unlink() *cobra.Command {
	return &cobra.Command{
		Use: "unlink EMAIL", Short: "Untie a person from the identity provider",
		Long: `Untie a person from the identity provider, for an account that was made anew there. The next one
with the person's verified e-mail address becomes that person's; until then nobody can sign in as the person.`,
		Args: cli.ExactArgs(1, "the e-mail address of a person"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.do(cmd, func(opened *app.Admin) error { return opened.Unlink(cmd.Context(), args[0]) })
		},
	}
}

func (a *admin) createToken() *cobra.Command {
	var name, scope string
	var expires time.Duration
	cmd := &cobra.Command{
		Use: "create --scope SCOPE,…", Short: "Make a token of the organisation; it is shown once", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			scopes, err := cli.TokenTerms(scope, expires)
			if err != nil {
				return err
			}
			return a.do(cmd, func(opened *app.Admin) error {
				made, err := opened.CreateToken(cmd.Context(), name, scopes, expires)
				if err != nil {
					return err
				}
				return a.Print(made, func(p report.Printer) { p.NewToken(made) })
			})
		},
	}
	cmd.Flags().StringVar(&name, "name", "crowsnest admin", "what the token is for")
	cli.TokenFlags(cmd, &scope, &expires)
	a.Formats(cmd)
	return cmd
}

func (a *admin) rotateKey() *cobra.Command {
	return &cobra.Command{
		Use: "rotate-key", Short: "Seal all stored secrets with a new key",
		Long: `Seal all stored secrets with a new key, or, with secrets.keeper, with the key of that URL. It may be
broken off and run again. Back up the key file afterwards.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.do(cmd, func(opened *app.Admin) error {
				n, err := opened.RotateKey(cmd.Context())
				if err == nil {
					fmt.Fprintf(a.Err, "%d secrets sealed anew\n", n)
				}
				return err
			})
		},
	}
}
