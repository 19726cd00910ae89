package bench_test

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/environment/exposure"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
)

// restless says each time that what runs has changed.
type restless struct {
	*sqlstore.Store
	n atomic.Int64
}

func (r *restless) Revisions(ctx context.Context, org store.OrgID) (map[store.Resource]int64, error) {
	out, err := r.Store.Revisions(ctx, org)
	if err == nil {
		out[store.EnvironmentsResource] += r.n.Add(1)
	}
	return out, err
}

// benchmarkExposure measures what is derived from intervals: the first question about an
// environment, one after a sweep that changed what runs, one while nothing changes, the same of all environments together,
// and what ran at a past time.
func (in *installation) benchmarkExposure(b *testing.B) {
	ctx := context.Background()
	environment := func(rng *rand.Rand) string { return environmentNames[rng.IntN(in.size.environments)] }
	measure(b, "first", func(rng *rand.Rand) error {
		_, err := exposure.NewBook(in.store, nil).Exposures(ctx, in.org, environment(rng))
		return err
	})
	prime := func(book *exposure.Book) func(*testing.B) {
		return func(b *testing.B) {
			for _, name := range environmentNames[:in.size.environments] {
				if _, err := book.Exposures(ctx, in.org, name); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	moved := exposure.NewBook(&restless{Store: in.store}, nil)
	measureAfter(b, "after-sweep", prime(moved), func(rng *rand.Rand) error {
		_, err := moved.Exposures(ctx, in.org, environment(rng))
		return err
	})
	book := exposure.NewBook(in.store, nil)
	measureAfter(b, "unchanged", prime(book), func(rng *rand.Rand) error {
		list, err := book.Exposures(ctx, in.org, environment(rng))
		if err == nil {
			exposure.Summarise(list, store.DefaultTargets(), time.Now(), 30, func(string) exposure.Standing { return exposure.Counts })
		}
		return err
	})
	measure(b, "everywhere-first", func(*rand.Rand) error {
		_, err := exposure.NewBook(in.store, nil).Exposures(ctx, in.org, "")
		return err
	})
	measureAfter(b, "everywhere-after-sweep", prime(moved), func(*rand.Rand) error {
		_, err := moved.Exposures(ctx, in.org, "")
		return err
	})
	measureAfter(b, "everywhere-unchanged", prime(book), func(*rand.Rand) error {
		list, err := book.Exposures(ctx, in.org, "")
		if err == nil {
			exposure.Summarise(list, store.DefaultTargets(), time.Now(), 30, func(string) exposure.Standing { return exposure.Counts })
		}
		return err
	})
	measure(b, "past-images", func(rng *rand.Rand) error {
		_, err := in.store.RunningImages(ctx, in.org, store.ImageFilter{Environment: environment(rng), At: time.Now()}, store.Page{})
		return err
	})
}
