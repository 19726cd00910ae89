package running

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/spf13/cobra"
)

func (c commands) recordImage(cmd *cobra.Command, environment string, image wire.ImageKey) error {
	remote, err := c.NeedServer("record image")
	if err != nil {
		return err
	}
	p := c.Progress()
	defer p.End()
	p.Say("recording %s in %s", image.Reference, environment)
	keys, err := spelled(cmd.Context(), remote, []wire.ImageKey{image})
	if err != nil {
		return only(err)
	}
	done, err := record(cmd.Context(), p, keys, func(images []wire.ImageKey) (wire.Assigned, error) {
		return remote.AssignImages(cmd.Context(), environment, images)
	})
	if err != nil {
		return only(err)
	}
	e, err := remote.Environment(cmd.Context(), environment)
	if err != nil {
		return err
	}
	e.Images = slices.DeleteFunc(e.Images, func(i wire.RunningImage) bool {
		return !slices.ContainsFunc(done.Images, func(a wire.AssignedImage) bool { return a.Digest == i.Digest })
	})
	p.End()
	return c.Print([]wire.Environment{e}, func(p report.Printer) { p.Recorded(done, e) })
}

func (c commands) removeImage(cmd *cobra.Command, environment string, image wire.ImageKey) error {
	remote, err := c.NeedServer("take image out")
	if err != nil {
		return err
	}
	p := c.Progress()
	defer p.End()
	p.Say("taking %s out of %s", image.Reference, environment)
	keys, err := spelled(cmd.Context(), remote, []wire.ImageKey{image})
	if err != nil {
		return only(err)
	}
	done, err := remote.UnassignImages(cmd.Context(), environment, keys)
	if err != nil {
		return err
	}
	e, err := remote.Environment(cmd.Context(), environment)
	if err != nil {
		return err
	}
	p.End()
	return c.Print([]wire.Environment{e}, func(p report.Printer) { p.Removed(done, image.Reference) })
}

func (c commands) environmentRename() *cobra.Command {
	return &cobra.Command{
		Use: "rename ENV NAME", Short: "Give an environment another name", Args: cli.Exactly("an environment", "its new name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.changeEnvironment(cmd, args[0], wire.EnvironmentChange{Name: &args[1]}, fmt.Sprintf("environment %s is called %s now", args[0], args[1]))
		},
	}
}

func (c commands) environmentDescribe() *cobra.Command {
	return &cobra.Command{
		Use: "describe ENV TEXT", Short: "Say in a few words what an environment is for", Args: cli.Exactly("an environment", "a text"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.changeEnvironment(cmd, args[0], wire.EnvironmentChange{Description: &args[1]}, "described environment "+args[0])
		},
	}
}

func (c commands) environmentProfileAge() *cobra.Command {
	return &cobra.Command{
		Use: "profile-age ENV DAYS", Short: "Set after how many days what was not seen in use is not observed",
		Long: `Set after how many days a profile that its source did not report again no longer tells what was
not seen in use: that is then not observed. What was seen in use stays that while it runs. 0 is
never.`,
		Example: "  crowsnest environment profile-age production 14",
		Args:    cli.Exactly("an environment", "a number of days"),
		RunE: func(cmd *cobra.Command, args []string) error {
			days, err := strconv.Atoi(args[1])
			if err != nil {
				return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read days", Subject: args[1], Hint: "give a whole number of days, 0 for never"}
			}
			said := fmt.Sprintf("profiles of environment %s count for ever", args[0])
			if days != 0 {
				said = fmt.Sprintf("profiles of environment %s count for %d days", args[0], days)
			}
			return c.changeEnvironment(cmd, args[0], wire.EnvironmentChange{ProfileDays: &days}, said)
		},
	}
}

func (c commands) environmentNotSeen() *cobra.Command {
	affected, not := "affected", "not-affected"
	return &cobra.Command{
		Use: "not-seen ENV affected|not-affected", Short: "Set whether vulnerabilities of packages that were not seen loaded count",
		Long: `Set whether vulnerabilities of packages that were not seen loaded in an environment count there. Taken
as not affected (in VEX: vulnerable_code_not_in_execute_path) they are in no count of the environment and
of its images; crowsnest cves --env says how many there are and lists them with --not-affected, and
crowsnest vex export tells others. What is in use, or not observed, always counts.`,
		Example:   "  crowsnest environment not-seen production not-affected",
		ValidArgs: []string{affected, not},
		Args:      cli.Exactly("an environment", affected+" or "+not),
		RunE: func(cmd *cobra.Command, args []string) error {
			discount := args[1] == not
			if !discount && args[1] != affected {
				return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "change environment", Subject: args[0], Hint: "say " + affected + " or " + not, Err: fmt.Errorf("not-seen cannot be %q", args[1])}
			}
			return c.changeEnvironment(cmd, args[0], wire.EnvironmentChange{DiscountNotSeen: &discount}, fmt.Sprintf("what is not seen loaded in environment %s is taken as %s", args[0], args[1]))
		},
	}
}

func (c commands) changeEnvironment(cmd *cobra.Command, name string, change wire.EnvironmentChange, said string) error {
	remote, err := c.NeedServer("change environment")
	if err != nil {
		return err
	}
	if _, err := cli.Asking(c, "changing "+name, func() (wire.EnvironmentSummary, error) { return remote.ChangeEnvironment(cmd.Context(), name, change) }); err != nil {
		return err
	}
	fmt.Fprintln(c.Err, report.Clean(said))
	return nil
}
