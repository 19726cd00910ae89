package images

import (
	"errors"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/spf13/cobra"
)

func (c commands) files() *cobra.Command {
	var t target
	cmd := &cobra.Command{
		Use:   "files IMAGE PATH…",
		Short: "Tell which packages brought files of an image",
		Long: `Tell which packages brought files of an image: the package of the distribution whose record has the
path, or those of languages that the file names, as a Java archive does, or in whose folder it lies.

` + cli.KnownSources,
		Example: "  crowsnest files registry.example.com/shop/web:1.0 /usr/lib/x86_64-linux-gnu/libssl.so.3 /srv/app/node_modules/a/index.js",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return cli.Usage(cmd, errors.New("it needs an image and a path in it"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := c.analyse(cmd.Context(), args[0], t)
			if err != nil {
				return err
			}
			defer a.close()
			if a.owners == nil {
				return &crowsnest.Error{Kind: crowsnest.Unsupported, Op: "find owners of files in", Subject: args[0], Hint: "give the image itself", Err: errors.New("a bill of materials has no files")}
			}
			list, err := a.owners(cmd.Context(), args[1:])
			if err != nil {
				return err
			}
			return c.Print(list, func(p report.Printer) { p.FileOwners(list) })
		},
	}
	t.flags(cmd)
	c.Formats(cmd)
	return cmd
}
