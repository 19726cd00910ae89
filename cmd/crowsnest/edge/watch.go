package edge

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/input"
	"github.com/crowsnest-sec/crowsnest/internal/app"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/outpost"
	"github.com/crowsnest-sec/crowsnest/internal/registry"
	"github.com/spf13/cobra"
)

// watched is what is asked for on the command line.
type watched struct {
	repositories, registries []string
	tag, platform            string
	watch                    outpost.Watch
}

func (c commands) watch() *cobra.Command {
	w := &watched{}
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Watch registries from here, and deliver what is in pushed images to the server",
		Long: `Watch registries that the server cannot reach. Images that are pushed are looked into on this machine, and what
is in them is delivered: packages, where they are, and what the image says of itself. Files stay here. A token with the scope
upload is enough.

The first time the newest image of each repository is delivered, and from then on what is pushed; --all-images delivers
everything. What was delivered the server knows: whatever stops a watch, the next one goes on where it stopped. Layers and images
that are known are neither downloaded nor delivered again.

--registry takes an address, whose catalogue must list its repositories, or key=value with commas between:
  type         oci (the default) or another kind of registry, as crowsnest integration configure registry takes it
  registry     the address; api, namespace, username, password, identity and ca are as there
  repository   only this one, instead of a list; may come several times
  include      only repositories that fit, such as team/*; exclude leaves out; both may come several times
  port         where the registry tells of pushes, with hook-secret; without it is asked each --interval
password, ca and hook-secret take @FILE. Without a user, the accounts of docker login and its helpers sign in.`,
		Example: `  crowsnest watch --repository registry.example.com/shop/web --repository registry.example.com/shop/api
  crowsnest watch --registry "type=harbor,registry=harbor.example.com,include=shop/*,username=robot,password=@robot.txt" --all-images`,
		Args: cli.AtMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.watchOn(cmd.Context(), cmd, w) },
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&w.repositories, "repository", nil, "a repository, such as registry.example.com/shop/web; may be given several times")
	flags.StringArrayVar(&w.registries, "registry", nil, "a registry; may be given several times")
	flags.StringVar(&w.tag, "tag", "", "only tags that fit this regular expression as a whole")
	flags.StringVar(&w.platform, "platform", "", "platform that is chosen of several, as os/architecture[/variant] (default linux/amd64)")
	flags.BoolVar(&w.watch.All, "all-images", false, "also deliver what was in the repositories before")
	flags.DurationVar(&w.watch.Interval, "interval", time.Minute, "time between two looks at a registry")
	flags.IntVar(&w.watch.Workers, "workers", 3, "images at a time")
	flags.BoolVar(&w.watch.Refresh, "refresh-registry", false, "look for new repositories each time, not only at the start")
	flags.BoolVar(&w.watch.Once, "once", false, "end after one look at everything, with an error if something failed")
	flags.BoolVar(&w.watch.Dry, "dry-run", false, "say what would be delivered, and look into no image")
	return cmd
}

// The bounds of what is asked for.
const (
	leastInterval = 5 * time.Second
	mostWorkers   = 64
)

func (c commands) watchOn(ctx context.Context, cmd *cobra.Command, w *watched) error {
	if len(w.repositories)+len(w.registries) == 0 {
		return cli.Usage(cmd, errors.New("it needs --repository or --registry"))
	}
	if w.watch.Interval < leastInterval {
		return cli.Usage(cmd, errors.New("--interval is 5s at least"))
	}
	if w.watch.Workers < 1 || w.watch.Workers > mostWorkers {
		return cli.Usage(cmd, errors.New("--workers is from 1 to 64"))
	}
	var platform crowsnest.Platform
	var err error
	if w.platform != "" {
		if platform, err = crowsnest.ParsePlatform(w.platform); err != nil {
			return err
		}
	}
	if w.watch.Tag, err = outpost.ParseTag(w.tag); err != nil {
		return err
	}
	if w.watch.Places, err = outpost.ParseRepositories(w.repositories); err != nil {
		return err
	}
	for _, text := range w.registries {
		place, err := outpost.ParsePlace(text, func(v string) (string, error) { return input.Secret(v, c.In) })
		if err != nil {
			return err
		}
		w.watch.Places = append(w.watch.Places, place)
	}
	remote, err := c.NeedServer("watch registries")
	if err != nil {
		return err
	}
	local, err := c.Local(ctx)
	if err != nil {
		return err
	}
	defer local.Close()
	connect, err := app.Outpost()
	if err != nil {
		return err
	}
	level := slog.LevelInfo
	if c.Quiet {
		level = slog.LevelWarn
	}
	w.watch.Log = slog.New(slog.NewTextHandler(c.Err, &slog.HandlerOptions{Level: level}))
	w.watch.Server = remote
	w.watch.Connect = func(ctx context.Context, cfg registry.Config) (registry.Source, error) { return connect.New(ctx, cfg) }
	w.watch.Options = func(ctx context.Context, cfg registry.Config) (image.Options, func() time.Duration, error) {
		opts, asked, err := app.Opening(ctx, connect, cfg)
		opts.Platform = platform
		return opts, asked, err
	}
	w.watch.Find = func(ctx context.Context, reference, name string, opts image.Options) (outpost.Image, error) {
		return local.Find(ctx, reference, name, opts)
	}
	done := make(chan struct{})
	defer func() { <-done }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer close(done)
		tidy(ctx, local, w.watch.Log)
	}()
	return w.watch.Run(ctx)
}

// tidy removes what is old from the cache each day, for as long as the watch goes on.
func tidy(ctx context.Context, local *app.Local, log *slog.Logger) {
	for {
		if err := local.Tidy(ctx); err != nil && ctx.Err() == nil {
			log.Warn("the cache could not be tidied", "reason", crowsnest.Reason(err))
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(24 * time.Hour):
		}
	}
}
