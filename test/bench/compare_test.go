package bench_test

import (
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"testing"

	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/api/comparison"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// benchmarkCompare measures what is compared: two images of a repository, an image with what runs, and
// all that runs in one environment with all that runs in another.
func (in *installation) benchmarkCompare(b *testing.B) {
	ctx := base.WithCaller(context.Background(), base.Caller{Org: in.org})
	c := comparison.New(comparison.Deps{Store: in.store, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	tags := in.size.tags
	measure(b, "images", func(rng *rand.Rand) error {
		repository := rng.IntN(in.size.repositories) * tags
		_, err := c.Images(ctx, comparison.ImagesQuery{Image: string(in.images[repository+rng.IntN(tags)].Digest), To: string(in.images[repository+rng.IntN(tags)].Digest)})
		return err
	})
	measure(b, "latest", func(rng *rand.Rand) error {
		_, err := c.Images(ctx, comparison.ImagesQuery{Image: string(in.images[rng.IntN(len(in.images))].Digest), ToLatest: true})
		return err
	})
	running, err := in.store.RunningImages(ctx, in.org, store.ImageFilter{Environment: environmentNames[0]}, store.Page{Limit: 500})
	if err != nil {
		b.Fatal(err)
	}
	measure(b, "running", func(rng *rand.Rand) error {
		_, err := c.Images(ctx, comparison.ImagesQuery{Image: string(running.Items[rng.IntN(len(running.Items))].Digest), ToEnvironment: environmentNames[0]})
		return err
	})
	b.Run("environments", func(b *testing.B) {
		repositories := 0
		measure(b, "all", func(rng *rand.Rand) error {
			from := rng.IntN(in.size.environments)
			to := (from + 1 + rng.IntN(in.size.environments-1)) % in.size.environments
			out, err := c.Environments(ctx, comparison.EnvironmentsQuery{EnvironmentsFilter: comparison.EnvironmentsFilter{Environment: environmentNames[from], ToEnvironment: environmentNames[to]}, Paging: base.Paging{Limit: 50}})
			n := out.States
			repositories = n.Same + n.Newer + n.Older + n.Different + n.OnlyBefore + n.OnlyAfter
			return err
		})
		b.Logf("%d repositories in the last two", repositories)
	})
}
