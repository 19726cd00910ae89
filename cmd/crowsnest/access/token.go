package access

import (
	"fmt"
	"time"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/spf13/cobra"
)

func (c commands) token() *cobra.Command {
	cmd := cli.Group("token", "Make, list and revoke tokens")
	cmd.AddCommand(c.tokenList(), c.tokenCreate(), c.tokenRevoke())
	return cmd
}

func (c commands) tokenList() *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List your tokens, or, as an owner, all of the organisation", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			remote, err := c.NeedServer("list tokens")
			if err != nil {
				return err
			}
			list, err := remote.Tokens(cmd.Context())
			if err != nil {
				return err
			}
			return c.Print(list, func(p report.Printer) { p.Tokens(list) })
		},
	}
	c.Formats(cmd)
	return cmd
}

func (c commands) tokenCreate() *cobra.Command {
	var scope string
	var expires time.Duration
	var personal bool
	cmd := &cobra.Command{
		Use: "create NAME --scope SCOPE,…", Short: "Make a token; it is shown once",
		Long: `Make a token of the organisation, for a program, or a personal one, which ends with its person's
membership. It is shown once. The token you are logged in with must have the scope owner.`,
		Args: cli.ExactArgs(1, "a name that says what the token is for"),
		RunE: func(cmd *cobra.Command, args []string) error {
			scopes, err := cli.TokenTerms(scope, expires)
			if err != nil {
				return err
			}
			remote, err := c.NeedServer("make token")
			if err != nil {
				return err
			}
			request := wire.TokenRequest{Name: args[0], Kind: "organisation", Scopes: scopes}
			if personal {
				request.Kind = "personal"
			}
			if expires > 0 {
				request.Expires = time.Now().Add(expires)
			}
			made, err := remote.CreateToken(cmd.Context(), request)
			if err != nil {
				return err
			}
			return c.Print(made, func(p report.Printer) { p.NewToken(made) })
		},
	}
	cli.TokenFlags(cmd, &scope, &expires)
	cmd.Flags().BoolVar(&personal, "personal", false, "make a personal token")
	c.Formats(cmd)
	return cmd
}

func (c commands) tokenRevoke() *cobra.Command {
	return &cobra.Command{
		Use: "revoke ID", Short: "Revoke a token at once", Args: cli.ExactArgs(1, "the ID of a token, as crowsnest token list shows it"),
		RunE: func(cmd *cobra.Command, args []string) error {
			remote, err := c.NeedServer("revoke token")
			if err != nil {
				return err
			}
			if err := remote.RevokeToken(cmd.Context(), args[0]); err != nil {
				return err
			}
			fmt.Fprintf(c.Err, "revoked token %s\n", report.Clean(args[0]))
			return nil
		},
	}
}
