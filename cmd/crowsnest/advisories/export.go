package advisories

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/output"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/bundle"
	"github.com/spf13/cobra"
)

// signPassword is the variable with the password of a secret key.
const signPassword = "CROWSNEST_SIGN_PASSWORD"

func (c commands) export() *cobra.Command {
	var sign string
	cmd := &cobra.Command{
		Use:   "export FILE",
		Short: "Write everything that is held of advisories into one file",
		Long: `Write everything that is held of advisories, CISA's catalogue and EPSS into one file, with checksums,
to be carried to where there is no way out and imported there (crowsnest advisory import FILE).
With a server it is what the server holds, else what the cache of this machine holds.

With --sign-key it is signed with a secret key of minisign; ` + signPassword + ` has its password, if it has one.`,
		Args: cli.ExactArgs(1, "a file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := output.Check(args[0]); err != nil {
				return err
			}
			if sign == "" {
				return output.ToFile(args[0], func(w io.Writer) error { return c.writeBundle(cmd.Context(), w) })
			}
			key, err := bundle.PrivateKey(sign, c.Lookup(signPassword))
			if err != nil {
				return err
			}
			unsigned, err := os.CreateTemp("", "crowsnest-bundle-*")
			if err != nil {
				return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "make room for the bundle", Err: err}
			}
			defer os.Remove(unsigned.Name())
			if err := errors.Join(c.writeBundle(cmd.Context(), unsigned), unsigned.Close()); err != nil {
				return err
			}
			return output.ToFile(args[0], func(w io.Writer) error { return bundle.Sign(w, unsigned.Name(), key) })
		},
	}
	cmd.Flags().StringVar(&sign, "sign-key", "", "file of a secret key of minisign to sign it with")
	return cmd
}

// writeBundle writes the bundle of the server, or of this machine.
func (c commands) writeBundle(ctx context.Context, w io.Writer) error {
	remote, err := c.Remote()
	if err != nil {
		return err
	}
	p := c.Progress()
	defer p.End()
	if remote == nil {
		local, err := c.Local(ctx)
		if err != nil {
			return err
		}
		defer local.Close()
		return local.ExportAdvisories(ctx, w, "crowsnest "+c.Version, func(what string) { p.Say("writing %s", what) })
	}
	p.Say("downloading from %s", remote.Host())
	path, remove, err := remote.Bundle(ctx)
	if err != nil {
		return err
	}
	defer remove()
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}
