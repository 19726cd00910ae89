package main

import (
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/spf13/cobra"
)

func (c *cli) environment() *cobra.Command {
	var at string
	cmd := &cobra.Command{
		Use:     "environment [ENV [IMAGE]]",
		Aliases: []string{"env"},
		Short:   "List environments, the images of one, or the workloads of an image in it",
		Long: `Without arguments, list the environments in which an analysed image runs. With an environment, list
its images with their workloads, and what runs there and is not analysed. With an image too, only
that image; it is named by its reference or by a digest.

--format json prints the same shape in each case: a list of environments with their images.`,
		Args: atMost(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			then, err := readTime(at)
			switch {
			case err != nil:
				return err
			case at != "" && len(args) == 0:
				return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --at", Subject: at, Hint: "name the environment whose past you want to see"}
			}
			remote, err := c.needServer("list environments")
			if err != nil {
				return err
			}
			p := c.progress()
			defer p.end()
			p.say("asking %s", remote.Host())
			if len(args) == 0 {
				summaries, err := remote.Environments(ctx)
				if err != nil {
					return err
				}
				full := make([]wire.Environment, 0, len(summaries))
				if c.format == "json" {
					for _, s := range summaries {
						e, err := remote.Environment(ctx, s.Name)
						if err != nil {
							return err
						}
						full = append(full, e)
					}
				}
				coverage, err := remote.Coverage(ctx)
				if err != nil {
					return err
				}
				p.end()
				return c.print(full, func(p report.Printer) {
					p.Environments(summaries)
					p.Unseen(coverage.Environments)
				})
			}
			e, err := remote.EnvironmentAt(ctx, args[0], then)
			if err != nil {
				return err
			}
			var gaps []wire.Gap
			if at == "" { // why something was not analysed then is not kept
				if gaps, err = remote.Gaps(ctx, args[0]); err != nil {
					return err
				}
			}
			if len(args) == 2 {
				gaps = nil
				if e.Images = matching(e.Images, args[1]); len(e.Images) == 0 {
					return &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find image", Subject: args[1], Hint: "no analysed image of this name or digest runs in " + args[0]}
				}
			}
			p.end()
			return c.print([]wire.Environment{e}, func(p report.Printer) { p.Environment(e, gaps) })
		},
	}
	cmd.Flags().StringVar(&at, "at", "", "show what ran at this time, as 2026-03-01 or 2026-03-01T12:00:00Z, with what is known today")
	c.formats(cmd)
	return cmd
}

// readTime reads a day, which is its beginning in UTC, or a time. Without a text it is zero.
func readTime(text string) (time.Time, error) {
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

// matching returns the images that a name or a digest (at least twelve digits of it) means.
func matching(images []wire.RunningImage, key string) []wire.RunningImage {
	var out []wire.RunningImage
	for _, i := range images {
		if i.Name == key || digestLike.MatchString(key) && (i.Digest.HasPrefix(key) || i.ImageID.HasPrefix(key)) {
			out = append(out, i)
		}
	}
	return out
}
