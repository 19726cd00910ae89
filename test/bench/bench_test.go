package bench_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/usage"
)

// BenchmarkInstallation builds the installation once on each engine and measures on it:
// the import of all advisories, every list, changed advisories, and sweeps.
func BenchmarkInstallation(b *testing.B) {
	p := makePlan(b)
	folder := writeArchives(b, p.flaws)
	for _, e := range engines {
		b.Run(e.name, func(b *testing.B) {
			ctx := context.Background()
			images := e.create(b)
			stage(b, "store images", func() error {
				s := open(b, images)
				if err := fillImages(ctx, s, organisation(b, s), p); err != nil {
					return err
				}
				if _, err := (advisory.Matcher{Store: s}).Run(ctx); err != nil {
					return err
				}
				return s.Close()
			})
			e.settle(b, images) // so many images are not analysed within minutes
			b.Run("import", func(b *testing.B) { benchmarkImport(b, e, images, folder) })

			stage(b, "import advisories", func() error { runImport(b, images, folder); return nil })
			s := open(b, images)
			defer s.Close()
			in := &installation{plan: p, store: s, org: organisation(b, s)}
			stage(b, "apply sweeps", func() error { return fillClusters(ctx, s, in.org, p) })
			e.settle(b, images)
			b.Run("list", in.benchmarkLists)
			b.Run("insight", in.benchmarkInsights)
			b.Run("exposure", in.benchmarkExposure)
			b.Run("compare", in.benchmarkCompare)
			b.Run("policy", in.benchmarkPolicies)
			b.Run("match", in.benchmarkMatch)
			b.Run("change", in.benchmarkChanges)
			b.Run("sweep", in.benchmarkSweeps)
		})
	}
}

// installation is a filled store.
type installation struct {
	*plan
	store *sqlstore.Store
	org   store.OrgID
}

// deepLimit is the size of the pages that are leafed through for cursors to start from.
const deepLimit = 500

// cursors returns the beginnings of pages all over a list, the first included.
func cursors[T any](b *testing.B, list func(store.Page) (store.List[T], error)) []string {
	b.Helper()
	out := []string{""}
	for {
		part, err := list(store.Page{Limit: deepLimit, Cursor: out[len(out)-1]})
		if err != nil {
			b.Fatal(err)
		}
		if part.Next == "" {
			return out
		}
		out = append(out, part.Next)
	}
}

// calls is how many calls make a round: enough that the slowest twentieth means something.
const calls = 40

// measure calls fn with numbers that choose among what may be asked, and reports how
// long the middle and the slowest twentieth of the calls take, and the processor time
// of one call in this process.
func measure(b *testing.B, name string, fn func(rng *rand.Rand) error) {
	measureAfter(b, name, func(*testing.B) {}, fn)
}

// measureAfter is measure with something to prepare if the benchmark is chosen.
func measureAfter(b *testing.B, name string, prepare func(*testing.B), fn func(rng *rand.Rand) error) {
	b.Run(name, func(b *testing.B) {
		prepare(b)
		rng := rand.New(rand.NewPCG(7, uint64(b.N)))
		var took []time.Duration
		before, counted := usage.CPU()
		for b.Loop() {
			for range calls {
				start := time.Now()
				if err := fn(rng); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
		}
		if after, _ := usage.CPU(); counted {
			b.ReportMetric((after-before).Seconds()*1000/float64(len(took)), "cpu-ms")
		}
		slices.Sort(took)
		at := func(q float64) float64 {
			return float64(took[int(q*float64(len(took)-1))].Microseconds()) / 1000
		}
		b.ReportMetric(at(0.5), "p50-ms")
		b.ReportMetric(at(0.95), "p95-ms")
		b.ReportMetric(0, "ns/op")
	})
}

// measurePages measures random pages of the default size of the lists that list makes of
// a number.
func measurePages[T any](b *testing.B, name string, lists int, list func(n int, page store.Page) (store.List[T], error)) {
	var starts [][]string // by list; found when the benchmark is chosen
	measureAfter(b, name, func(b *testing.B) {
		if starts != nil {
			return
		}
		for n := range lists {
			starts = append(starts, cursors(b, func(page store.Page) (store.List[T], error) { return list(n, page) }))
		}
	}, func(rng *rand.Rand) error {
		n := rng.IntN(lists)
		_, err := list(n, store.Page{Cursor: starts[n][rng.IntN(len(starts[n]))]})
		return err
	})
}

func (in *installation) benchmarkLists(b *testing.B) {
	ctx, s, org := context.Background(), in.store, in.org
	environment := func(n int) string { return environmentNames[n%in.size.environments] }
	environments := in.size.environments

	for _, sort := range []store.ImageSort{store.SortName, store.SortNewest} {
		measurePages(b, "images-"+string(sort), 1, func(_ int, page store.Page) (store.List[store.ImageRow], error) {
			return s.Images(ctx, org, store.ImageFilter{Sort: sort}, page)
		})
	}
	measurePages(b, "images-of-environment", environments, func(n int, page store.Page) (store.List[store.ImageRow], error) {
		return s.Images(ctx, org, store.ImageFilter{Environment: environment(n)}, page)
	})
	measurePages(b, "images-of-latest-indexed", 1, func(_ int, page store.Page) (store.List[store.ImageRow], error) {
		return s.Images(ctx, org, store.ImageFilter{Environment: store.LatestIndexed}, page)
	})
	measurePages(b, "vulnerabilities-of-latest-indexed", 1, func(_ int, page store.Page) (store.List[store.VulnerabilityRow], error) {
		return s.Vulnerabilities(ctx, org, store.VulnerabilityFilter{Environment: store.LatestIndexed}, page)
	})
	measure(b, "environments", func(*rand.Rand) error { _, err := s.Environments(ctx, org, false); return err })
	measure(b, "environment", func(rng *rand.Rand) error {
		_, err := s.Environment(ctx, org, environment(rng.IntN(environments)))
		return err
	})
	// What was counted is remembered until something changes, so something does each time.
	for _, counting := range []store.Counting{store.CountPackages, store.CountVulnerabilities} {
		measure(b, "environment-by-"+string(counting), func(rng *rand.Rand) error {
			name, description := environment(rng.IntN(environments)), fmt.Sprint(rng.Uint64())
			if err := s.ChangeEnvironment(ctx, org, name, store.EnvironmentChange{Description: &description}); err != nil {
				return err
			}
			_, err := s.EnvironmentSummary(ctx, org, name, counting)
			return err
		})
	}
	measurePages(b, "running-images", environments, func(n int, page store.Page) (store.List[store.RunningImage], error) {
		return s.RunningImages(ctx, org, store.ImageFilter{Environment: environment(n)}, page)
	})
	measurePages(b, "gaps", 1, func(_ int, page store.Page) (store.List[store.Gap], error) { return s.Gaps(ctx, org, "", page) })
	measurePages(b, "gaps-of-environment", environments, func(n int, page store.Page) (store.List[store.Gap], error) {
		return s.Gaps(ctx, org, environment(n), page)
	})
	measure(b, "coverage", func(*rand.Rand) error { _, err := s.Coverage(ctx, org); return err })
	measure(b, "integrations", func(*rand.Rand) error { _, err := s.Integrations(ctx, org); return err })
	measure(b, "integration", func(rng *rand.Rand) error {
		_, err := s.Integration(ctx, org, in.clusters[rng.IntN(len(in.clusters))].name)
		return err
	})

	anyImage := func(rng *rand.Rand) *generated { return in.images[rng.IntN(len(in.images))] }
	measure(b, "image-by-digest", func(rng *rand.Rand) error { _, err := s.Image(ctx, org, string(anyImage(rng).ImageID)); return err })
	measure(b, "image-by-prefix", func(rng *rand.Rand) error { _, err := s.Image(ctx, org, anyImage(rng).ImageID.Short()); return err })
	measure(b, "image-by-name", func(rng *rand.Rand) error { _, err := s.Image(ctx, org, anyImage(rng).Name); return err })
	measure(b, "image-packages", func(rng *rand.Rand) error { _, err := s.ImagePackages(ctx, org, anyImage(rng).Digest); return err })
	measure(b, "image-findings", func(rng *rand.Rand) error { _, err := s.ImageFindings(ctx, org, anyImage(rng).Digest, ""); return err })
	measure(b, "image-findings-in-environment", func(rng *rand.Rand) error {
		_, err := s.ImageFindings(ctx, org, anyImage(rng).Digest, environment(rng.IntN(environments)))
		return err
	})

	for _, f := range []struct {
		name       string
		severities []crowsnest.Severity
	}{{"", nil}, {"-critical", []crowsnest.Severity{crowsnest.Critical}}, {"-low", []crowsnest.Severity{crowsnest.Low, crowsnest.Unspecified}}} {
		measurePages(b, "vulnerabilities"+f.name, 1, func(_ int, page store.Page) (store.List[store.VulnerabilityRow], error) {
			return s.Vulnerabilities(ctx, org, store.VulnerabilityFilter{Severities: f.severities}, page)
		})
		measurePages(b, "vulnerabilities-of-environment"+f.name, environments, func(n int, page store.Page) (store.List[store.VulnerabilityRow], error) {
			return s.Vulnerabilities(ctx, org, store.VulnerabilityFilter{Environment: environment(n), Severities: f.severities}, page)
		})
	}

	occurrences := func(filter running.Filter, of func(n int, filter *running.Filter)) func(int, store.Page) (store.List[running.Occurrence], error) {
		return func(n int, page store.Page) (store.List[running.Occurrence], error) {
			if of != nil {
				of(n, &filter)
			}
			return s.Occurrences(ctx, org, filter, page)
		}
	}
	measurePages(b, "occurrences", 1, occurrences(running.Filter{}, nil))
	inEnvironment := func(n int, filter *running.Filter) { filter.Environment = environment(n) }
	for name, filter := range map[string]running.Filter{
		"": {}, "-running": {Now: true}, "-containing": {Now: true, Query: "ra"}, "-of-namespace": {Now: true, Namespace: "no such"},
		"-none": {Now: true, Query: "no such workload"},
	} {
		measurePages(b, "occurrences-of-environment"+name, environments, occurrences(filter, inEnvironment))
	}
	measurePages(b, "occurrences-of-image", 200, occurrences(running.Filter{}, func(n int, filter *running.Filter) {
		filter.Image = in.images[len(in.images)*n/200].ImageID
	}))
}

// changedAdvisories is how many the design's goal speaks of.
const changedAdvisories = 1000

// benchmarkChanges stores changed advisories and matches what they name. A day's changes
// mostly name nothing installed; the other set is the worst case, in which all do.
func (in *installation) benchmarkChanges(b *testing.B) {
	all := slices.Clone(in.flaws)
	rand.New(rand.NewPCG(3, 3)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	installed := slices.DeleteFunc(slices.Clone(all), func(f flaw) bool { return !f.installed })
	for _, set := range []struct {
		name  string
		flaws []flaw
	}{{"any", all}, {"installed", installed}} {
		round := 0
		b.Run(fmt.Sprintf("%d-%s", changedAdvisories, set.name), func(b *testing.B) {
			ctx := context.Background()
			matched := 0
			for b.Loop() {
				b.StopTimer()
				round++
				var batch []*crowsnest.Advisory
				for i, f := range set.flaws[:min(changedAdvisories, len(set.flaws))] {
					// Half of them change what they affect, half only how bad it is said to be.
					if round%2 == 1 && i%2 == 0 {
						f.fixed = ""
					} else if round%2 == 1 {
						f.vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
					}
					batch = append(batch, f.advisory(b, published.Add(time.Duration(round)*time.Minute)))
				}
				b.StartTimer()
				for part := range slices.Chunk(batch, 500) {
					if _, err := in.store.PutAdvisories(ctx, store.Update{}, part); err != nil {
						b.Fatal(err)
					}
				}
				n, err := (advisory.Matcher{Store: in.store}).Run(ctx)
				if err != nil {
					b.Fatal(err)
				}
				matched += n
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms")
			b.ReportMetric(float64(matched)/float64(b.N), "versions")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// The size of the design's goal for one sweep.
const (
	sweptContainers = 50_000
	sweptImages     = 2_000
)

// benchmarkSweeps applies the answer of one large cluster: for the first time, again
// unchanged, and again with one container in twenty exchanged.
func (in *installation) benchmarkSweeps(b *testing.B) {
	ctx := context.Background()
	scale := float64(in.size.occurrences) / 100_000
	containers, images := int(sweptContainers*scale), int(sweptImages*scale)
	rng := rand.New(rand.NewPCG(4, 4))
	first := snapshot(containers, runningImages(in.size, images, in.images, in.unanalysed, rng), rng)
	other := first
	other.Runs = slices.Clone(first.Runs)
	for i := range other.Runs {
		if i%20 == 0 {
			other.Runs[i].ImageID = first.Runs[(i+1)%len(first.Runs)].ImageID
		}
	}
	connected := func() store.Integration {
		in, err := connect(ctx, in.store, in.org, "large", "production")
		if err != nil {
			b.Fatal(err)
		}
		return in
	}
	remove := func() {
		if err := in.store.DeleteIntegration(ctx, in.org, "large"); err != nil {
			b.Fatal(err)
		}
	}
	sweep := func(b *testing.B, id string, snap store.Snapshot) {
		if _, err := in.store.CompleteSweep(ctx, id, snap); err != nil {
			b.Fatal(err)
		}
	}
	report := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms")
		b.ReportMetric(0, "ns/op")
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			large := connected()
			b.StartTimer()
			sweep(b, large.ID, first)
			b.StopTimer()
			remove()
			b.StartTimer()
		}
		report(b)
	})
	large := connected()
	sweep(b, large.ID, first)
	b.Run("unchanged", func(b *testing.B) {
		for b.Loop() {
			sweep(b, large.ID, first)
		}
		report(b)
	})
	b.Run("changed", func(b *testing.B) {
		round := 0
		for b.Loop() {
			round++
			sweep(b, large.ID, []store.Snapshot{first, other}[round%2])
		}
		report(b)
	})
	remove()
}
