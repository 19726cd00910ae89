package running

import (
	"errors"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/spf13/cobra"
)

func (c commands) environment() *cobra.Command {
	var show, platform, at, counting string
	var remove bool
	var limit int
	cmd := &cobra.Command{
		Use:     "environment [ENV [IMAGE]]",
		Aliases: []string{"env"},
		Short:   "List environments or the images of one, and record what runs there",
		Long: `Without arguments, list the environments in which an analysed image runs. With an environment, list
its images with their workloads and what is to know of them, and what runs there and is not
analysed; --image shows only one of them, named by its reference or by a digest.

With an image too, record that it runs there, as a pipeline does after a deployment; --remove takes
that back. A reference means what it names now among the images that the server knows or else, asked
with this machine's credentials, in its registry. A whole digest may be unknown; twelve digits of one
or more mean an image that the server knows. The environment is made if
it is missing, for which one must be an owner.

An environment that is called like a command below is reached with "--" before it.

--format json prints the same shape in each case: a list of environments with their images.`,
		Example: `  crowsnest environment production registry.example.com/shop/web:1.2
  crowsnest environment production registry.example.com/shop/web:1.1 --remove
  crowsnest environment -- list`,
		Args: cli.AtMost(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			then, err := cli.ReadTime(at)
			switch {
			case err != nil:
				return err
			case at == "" && cmd.Flags().Changed("at"):
				return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --at", Hint: "it is empty, which is no time; leave it out to see the present"}
			case at != "" && len(args) == 0:
				return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --at", Subject: at, Hint: "name the environment whose past you want to see"}
			case at != "" && len(args) > 1:
				return cli.Usage(cmd, errors.New("--at shows the past, in which nothing can be recorded"))
			case counting != "" && (len(args) != 1 || at != "" || show != ""):
				return cli.Usage(cmd, errors.New("--counting needs an environment as it is now, and counts all of it"))
			case counting != "" && !slices.Contains(countings, counting):
				return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --counting", Subject: counting, Hint: "use images, packages or vulnerabilities"}
			case show != "" && len(args) != 1:
				return cli.Usage(cmd, errors.New("--image needs an environment and no other image"))
			case (remove || platform != "") && len(args) < 2:
				return cli.Usage(cmd, errors.New("--remove and --platform need an environment and an image"))
			case len(args) == 0:
				return c.listEnvironments(cmd)
			case len(args) == 1:
				return c.showEnvironment(cmd, args[0], then, show, store.Counting(counting), limit)
			case remove:
				return c.removeImage(cmd, args[0], wire.ImageKey{Reference: args[1], Platform: platform})
			}
			return c.recordImage(cmd, args[0], wire.ImageKey{Reference: args[1], Platform: platform})
		},
	}
	cmd.Flags().StringVar(&at, "at", "", "show what ran at 2026-03-01T12:00:00Z or as 2026-03-01, a day, began (UTC), with what is known today")
	cmd.Flags().StringVar(&show, "image", "", "show only this image of the environment")
	cmd.Flags().StringVar(&counting, "counting", "", "also count all of it: images sums them up, packages and vulnerabilities take each once")
	cmd.Flags().BoolVar(&remove, "remove", false, "take the image out again")
	cmd.Flags().StringVar(&platform, "platform", "", "which image of several is meant, as os/architecture[/variant]")
	cmd.Flags().IntVar(&limit, "limit", 50, "how many of what is not analysed are listed in text; 0 for all")
	c.Formats(cmd)
	cmd.AddCommand(c.environmentList(), c.environmentWorkloads(), c.environmentSet(), c.environmentRename(), c.environmentDescribe(), c.environmentProfileAge(), c.environmentNotSeen(), c.environmentDelete())
	return cmd
}

func (c commands) environmentList() *cobra.Command {
	var deleted bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the environments in which an analysed image runs", Args: cli.AtMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if deleted {
				return c.listDeleted(cmd)
			}
			return c.listEnvironments(cmd)
		},
	}
	cmd.Flags().BoolVar(&deleted, "deleted", false, "list those that were deleted instead, when and, for owners, by whom")
	c.Formats(cmd)
	return cmd
}

func (c commands) listDeleted(cmd *cobra.Command) error {
	remote, err := c.NeedServer("list environments")
	if err != nil {
		return err
	}
	list, err := remote.DeletedEnvironments(cmd.Context())
	if err != nil {
		return err
	}
	return c.Print(list, func(p report.Printer) { p.DeletedEnvironments(list) })
}

func (c commands) listEnvironments(cmd *cobra.Command) error {
	ctx := cmd.Context()
	remote, err := c.NeedServer("list environments")
	if err != nil {
		return err
	}
	p := c.Progress()
	defer p.End()
	p.Say("asking %s", remote.Host())
	summaries, err := remote.Environments(ctx)
	if err != nil {
		return err
	}
	full := make([]wire.Environment, 0, len(summaries))
	if c.Format == "json" {
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
	p.End()
	return c.Print(full, func(p report.Printer) {
		p.Environments(summaries)
		p.Unseen(coverage.Environments)
	})
}

// countings are the ways of counting, as --counting takes them.
var countings = []string{string(store.CountImages), string(store.CountPackages), string(store.CountVulnerabilities)}

// showEnvironment shows an environment, or one image of it, now or at a time that is not zero; counted in a way that is not empty.
// Of what is not analysed it lists up to a limit.
func (c commands) showEnvironment(cmd *cobra.Command, name string, at time.Time, image string, counting store.Counting, limit int) error {
	remote, err := c.NeedServer("list environments")
	if err != nil {
		return err
	}
	p := c.Progress()
	defer p.End()
	p.Say("asking %s", remote.Host())
	e, err := remote.EnvironmentAt(cmd.Context(), name, at)
	if err != nil {
		return err
	}
	var gaps []wire.Gap
	var registries wire.RegistryCheck
	if gaps, err = remote.GapsAt(cmd.Context(), name, at); err != nil {
		return err
	}
	if at.IsZero() {
		if registries, err = remote.CheckRegistries(cmd.Context(), name); err != nil {
			return err
		}
	}
	if counting != "" {
		counts, err := remote.EnvironmentCounts(cmd.Context(), name, counting)
		if err != nil {
			return err
		}
		e.Counts = &counts
	}
	if image != "" {
		gaps, registries = nil, wire.RegistryCheck{}
		if e.Images = matching(e.Images, image); len(e.Images) == 0 {
			return &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find image", Subject: image, Hint: "no analysed image of this name or digest runs in " + name}
		}
	}
	p.End()
	return c.Print([]wire.Environment{e}, func(p report.Printer) {
		p.Environment(e, gaps, limit)
		p.RegistryCheck(registries)
	})
}

// matching returns the images that a name or a digest (at least twelve digits of it) means.
func matching(images []wire.RunningImage, key string) []wire.RunningImage {
	var out []wire.RunningImage
	for _, i := range images {
		if i.Name == key || cli.DigestLike.MatchString(key) && (i.Digest.HasPrefix(key) || i.ImageID.HasPrefix(key)) {
			out = append(out, i)
		}
	}
	return out
}
