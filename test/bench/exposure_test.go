package bench_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/environment/exposure"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// benchmarkExposure measures what is derived from intervals: the first question about an environment
// after a change, those after it, and what ran at a past time.
func (in *installation) benchmarkExposure(b *testing.B) {
	ctx := context.Background()
	environment := func(rng *rand.Rand) string { return environmentNames[rng.IntN(in.size.environments)] }
	measure(b, "derived", func(rng *rand.Rand) error {
		_, err := exposure.NewBook(in.store, nil).Exposures(ctx, in.org, environment(rng))
		return err
	})
	book := exposure.NewBook(in.store, nil)
	measure(b, "kept", func(rng *rand.Rand) error {
		list, err := book.Exposures(ctx, in.org, environment(rng))
		if err == nil {
			exposure.Summarise(list, store.DefaultTargets(), time.Now(), 30)
		}
		return err
	})
	measure(b, "past-images", func(rng *rand.Rand) error {
		_, err := in.store.RunningImagesAt(ctx, in.org, environment(rng), time.Now(), store.Page{})
		return err
	})
}
