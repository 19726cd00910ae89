package running

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/input"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

func (c commands) environmentSet() *cobra.Command {
	var file, platform string
	var empty bool
	cmd := &cobra.Command{
		Use: "set ENV --file FILE", Short: "Record which images run in an environment, in the place of all recorded before",
		Long: `Record which images run in an environment, in the place of all that were recorded there before.
What a cluster runs there is not touched.

The file has one reference or digest a line; empty lines do not count, nor what follows "#". What a tag
names that the server does not know yet, its registry is asked for. If one of them means nothing
there either, or a line cannot be read, each such line is told and nothing at all is changed. A list of no
images, as a pipe from something that failed is, changes nothing either, unless --allow-empty says that
all are to be taken out.`,
		Example: "  crowsnest environment set production --file images.txt\n  kubectl get pods -o jsonpath='{..image}' | tr ' ' '\\n' | crowsnest environment set test --file -",
		Args:    cli.Exactly("an environment"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if platform != "" {
				if _, err := crowsnest.ParsePlatform(platform); err != nil {
					return err
				}
			}
			remote, err := c.NeedServer("record images")
			if err != nil {
				return err
			}
			list, err := input.Images(file, cmd.InOrStdin())
			if err != nil {
				return err
			}
			if len(list.Images) == 0 && !empty {
				return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read list of images", Subject: list.Place, Hint: "it names no image, which would take out all that were recorded; say --allow-empty if that is meant"}
			}
			for i := range list.Images {
				list.Images[i].Platform = platform
			}
			p := c.Progress()
			defer p.End()
			p.Say("recording %d images in %s", len(list.Images), args[0])
			keys, err := spelled(cmd.Context(), remote, list.Images)
			if err != nil {
				p.End()
				return c.badLines(list, err)
			}
			done, err := record(cmd.Context(), p, keys, func(images []wire.ImageKey) (wire.Assigned, error) {
				return remote.ReplaceImages(cmd.Context(), args[0], images, empty)
			})
			if err != nil {
				p.End()
				return c.badLines(list, err)
			}
			e, err := remote.Environment(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			p.End()
			return c.Print([]wire.Environment{e}, func(p report.Printer) { p.Replaced(done, list.At) })
		},
	}
	cmd.Flags().StringVar(&file, "file", "", `the list of images; "-" is standard input`)
	cmd.MarkFlagRequired("file")
	cmd.Flags().StringVar(&platform, "platform", "", "which image of several each line means, as os/architecture[/variant]")
	cmd.Flags().BoolVar(&empty, "allow-empty", false, "let a list of no images take out all that were recorded")
	c.Formats(cmd)
	return cmd
}

// badLines tells each line of a list that cannot be recorded, and returns the error of them all; another error is returned as it is.
// The lines stand before the error, as that is one sentence.
func (c commands) badLines(list input.ImageList, err error) error {
	var bad *unusable
	if !errors.As(err, &bad) {
		return err
	}
	for _, f := range bad.failures[:min(report.MaxLines, len(bad.failures))] {
		fmt.Fprintf(c.Err, "%s: %s\n", report.Clean(list.At(f.at)), crowsnest.Reason(f.err))
	}
	if more := len(bad.failures) - report.MaxLines; more > 0 {
		fmt.Fprintf(c.Err, "and %d more\n", more)
	}
	out := *bad.whole
	out.Op, out.Subject, out.Err = "read list of images", list.Place, fmt.Errorf("%d of %d images cannot be recorded", len(bad.failures), len(list.Images))
	return &out
}
