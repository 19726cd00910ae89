package main

import (
	"fmt"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/spf13/cobra"
)

func (c *cli) token() *cobra.Command {
	cmd := group("token", "Make, list and revoke tokens")
	cmd.AddCommand(c.tokenList(), c.tokenCreate(), c.tokenRevoke())
	return cmd
}

// tokenFlags adds what a token is to permit and how long it lasts.
func tokenFlags(cmd *cobra.Command, scope *string, expires *time.Duration) {
	cmd.Flags().StringVar(scope, "scope", "", "what it permits: read, upload, write, owner, metrics, with commas between")
	cmd.Flags().DurationVar(expires, "expires", 0, "how long it lasts, such as 720h (default for ever)")
	cmd.MarkFlagRequired("scope")
}

// tokenTerms reads them.
func tokenTerms(scope string, expires time.Duration) ([]crowsnest.Scope, error) {
	if expires < 0 {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --expires", Subject: expires.String(), Hint: "write it as 720h"}
	}
	return crowsnest.ParseScopes(scope)
}

func (c *cli) tokenList() *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List your tokens, or, as an owner, all of the organisation", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			remote, err := c.needServer("list tokens")
			if err != nil {
				return err
			}
			list, err := remote.Tokens(cmd.Context())
			if err != nil {
				return err
			}
			return c.print(list, func(p report.Printer) { p.Tokens(list) })
		},
	}
	c.formats(cmd)
	return cmd
}

func (c *cli) tokenCreate() *cobra.Command {
	var scope string
	var expires time.Duration
	var personal bool
	cmd := &cobra.Command{
		Use: "create NAME --scope SCOPE,…", Short: "Make a token; it is shown once",
		Long: `Make a token of the organisation, for a program, or a personal one, which ends with its person's
membership. It is shown once. The token you are logged in with must have the scope owner.`,
		Args: exactArgs(1, "a name that says what the token is for"),
		RunE: func(cmd *cobra.Command, args []string) error {
			scopes, err := tokenTerms(scope, expires)
			if err != nil {
				return err
			}
			remote, err := c.needServer("make token")
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
			return c.print(made, func(p report.Printer) { p.NewToken(made) })
		},
	}
	tokenFlags(cmd, &scope, &expires)
	cmd.Flags().BoolVar(&personal, "personal", false, "make a personal token")
	c.formats(cmd)
	return cmd
}

func (c *cli) tokenRevoke() *cobra.Command {
	return &cobra.Command{
		Use: "revoke ID", Short: "Revoke a token at once", Args: exactArgs(1, "the ID of a token, as crowsnest token list shows it"),
		RunE: func(cmd *cobra.Command, args []string) error {
			remote, err := c.needServer("revoke token")
			if err != nil {
				return err
			}
			if err := remote.RevokeToken(cmd.Context(), args[0]); err != nil {
				return err
			}
			fmt.Fprintf(c.err, "revoked token %s\n", report.Clean(args[0]))
			return nil
		},
	}
}
