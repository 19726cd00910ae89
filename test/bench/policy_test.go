package bench_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy/evaluation"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/usage"
)

// touchedImages is how many the design's goal speaks of.
const touchedImages = 1000

// benchmarkPolicies measures asking all policies about images of which something changed, and what is read of the answers.
func (in *installation) benchmarkPolicies(b *testing.B) {
	ctx := context.Background()
	evaluator := evaluation.New(in.store, nil, nil)
	stage(b, "ask about all images", func() error { _, err := evaluator.Run(ctx); return err })

	b.Run("touched-1000", func(b *testing.B) {
		rng := rand.New(rand.NewPCG(5, 5))
		asked, spent := 0, time.Duration(0)
		for b.Loop() {
			b.StopTimer()
			for _, i := range rng.Perm(len(in.images))[:min(touchedImages, len(in.images))] {
				if err := in.store.SaveAttestations(ctx, in.org, in.images[i].Digest, nil); err != nil {
					b.Fatal(err)
				}
			}
			before, _ := usage.CPU()
			b.StartTimer()
			n, err := evaluator.Run(ctx)
			if err != nil {
				b.Fatal(err)
			}
			asked += n
			after, _ := usage.CPU()
			spent += after - before
		}
		b.ReportMetric(spent.Seconds()*1000/float64(b.N), "cpu-ms/op")
		b.ReportMetric(float64(asked)/float64(b.N), "images/op")
	})
	environment := func(n int) string { return environmentNames[n%in.size.environments] }
	first := evaluation.First()
	then := time.Now().Add(-time.Minute)
	measure(b, "rates", func(*rand.Rand) error { _, err := in.store.PolicyRates(ctx, in.org, "", then); return err })
	measure(b, "rates-of-environment", func(rng *rand.Rand) error {
		_, err := in.store.PolicyRates(ctx, in.org, environment(rng.IntN(in.size.environments)), then)
		return err
	})
	measurePages(b, "images", len(first)-2, func(n int, page store.Page) (store.List[subject.PolicyImage], error) {
		return in.store.PolicyImages(ctx, in.org, subject.PolicyFilter{Policy: first[n].Name}, page)
	})
	measurePages(b, "images-of-environment", len(first), func(n int, page store.Page) (store.List[subject.PolicyImage], error) {
		return in.store.PolicyImages(ctx, in.org, subject.PolicyFilter{Policy: first[n].Name, Environment: environment(n), Statuses: []crowsnest.Compliance{crowsnest.NonCompliant}}, page)
	})
	measure(b, "changes", func(*rand.Rand) error {
		_, err := in.store.PolicyChanges(ctx, in.org, subject.PolicyFilter{Since: then}, store.Page{})
		return err
	})
	measure(b, "trend", func(rng *rand.Rand) error {
		_, err := in.store.PolicyTrend(ctx, in.org, first[rng.IntN(len(first))].Name, environment(rng.IntN(in.size.environments)), 30)
		return err
	})
	measure(b, "image", func(rng *rand.Rand) error {
		_, err := evaluator.Image(ctx, in.org, in.images[rng.IntN(len(in.images))].Digest, "")
		return err
	})
}
