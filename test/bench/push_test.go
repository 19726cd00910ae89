package bench_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/crowsnest-sec/crowsnest/internal/app"
	"github.com/crowsnest-sec/crowsnest/internal/client"
	"github.com/crowsnest-sec/crowsnest/internal/config"
	"github.com/crowsnest-sec/crowsnest/internal/job"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// pulled is how many images are analysed in a round.
const pulled = 60

// noise is what does not compress, so that a layer weighs what it weighs.
func noise(seed uint64, bytes int) []byte {
	out := make([]byte, bytes)
	rng := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	_, _ = rng.Read(out)
	return out
}

// pulledImage is of three layers, 7 MB together: a distribution with 200 packages, an application's 150 libraries and the
// application. Images of the same seeds share the layers.
func pulledImage(tb testing.TB, distribution, libraries, application uint64) v1.Image {
	tb.Helper()
	status := ""
	for i := range 200 {
		status += fmt.Sprintf("Package: lib%d-%d\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.%d-1\nMaintainer: nobody\nDescription: a library\n\n", i, distribution, i)
	}
	base := []imagekit.File{
		imagekit.Text("etc/os-release", "ID=debian\nVERSION_ID=12\n"), imagekit.Text("var/lib/dpkg/status", status),
		{Path: "usr/lib/data", Content: noise(distribution, 4<<20)},
	}
	var modules []imagekit.File
	for i := range 150 {
		modules = append(modules, imagekit.Text(fmt.Sprintf("app/node_modules/m%d/package.json", i), fmt.Sprintf(`{"name":"m%d","version":"%d.%d.0"}`, i, libraries, i)))
	}
	modules = append(modules, imagekit.File{Path: "app/node_modules/data", Content: noise(libraries<<4, 2<<20)})
	own := []imagekit.File{imagekit.Text("app/package.json", fmt.Sprintf(`{"name":"app","version":"%d.0.0"}`, application)), {Path: "app/data", Content: noise(application<<8, 1<<20)}}
	return imagekit.Build(tb, imagekit.Image{Layers: []imagekit.Layer{{Files: base}, {Files: modules}, {Files: own}}})
}

// BenchmarkPull has the whole server analyse images of a registry on this machine, with two workers: images of which no layer
// is known, images of which only the top layer is new, and images that are known.
func BenchmarkPull(b *testing.B) {
	for _, e := range engines {
		b.Run(e.name, func(b *testing.B) {
			host := imagekit.Registry(b)
			push := func(kind string, image func(i uint64) v1.Image) {
				for i := range uint64(pulled) {
					imagekit.Push(b, fmt.Sprintf("%s/bench/%s:%d", host, kind, i), image(i))
				}
			}
			push("cold", func(i uint64) v1.Image { return pulledImage(b, i, i, i) })
			push("warm", func(i uint64) v1.Image { return pulledImage(b, i%5, i%5, 1000+i) })
			took := map[string]time.Duration{}
			for b.Loop() {
				b.StopTimer()
				remote := startServer(b, e.create(b))
				b.StartTimer()
				for _, kind := range []string{"cold", "warm", "known"} {
					from := kind
					if kind == "known" {
						from = "warm"
					}
					start := time.Now()
					if err := pull(b.Context(), remote, host+"/bench/"+from); err != nil {
						b.Fatal(err)
					}
					took[kind] += time.Since(start)
				}
			}
			for kind, d := range took {
				b.ReportMetric(float64(pulled*b.N)/d.Minutes(), kind+"-images/min")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// startServer runs the whole server with two workers, and returns a client of it.
func startServer(b *testing.B, location string) *client.Client {
	b.Helper()
	cfg := config.Default()
	cfg.Advisories.Update = false
	cfg.Data, cfg.Egress.Allow, cfg.Database = b.TempDir(), []string{"127.0.0.0/8"}, location
	cfg.KeyFile, cfg.Analysis.Workers = filepath.Join(cfg.Data, "key"), 2
	a, err := app.New(b.Context(), cfg, "bench", slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { a.Close() })
	if err := a.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { a.Stop(context.Background()) })
	server := httptest.NewServer(a.Handler())
	b.Cleanup(server.Close)
	token, err := a.OwnerToken(b.Context(), "bench")
	if err != nil {
		b.Fatal(err)
	}
	remote, err := client.New(server.URL, token)
	if err != nil {
		b.Fatal(err)
	}
	return remote
}

// pull has all images of a repository analysed, and waits for the end.
func pull(ctx context.Context, remote *client.Client, repository string) error {
	asked := make([]wire.Analysis, pulled)
	for i := range asked {
		var err error
		if asked[i], err = remote.RequestAnalysis(ctx, fmt.Sprintf("%s:%d", repository, i), ""); err != nil {
			return err
		}
	}
	for _, a := range asked {
		if _, err := remote.WaitAnalysis(ctx, a.ID, func(string) {}); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkQueue measures a queue of 100,000 images that wait: how long it takes to put one in, how many a second are taken out
// by two workers that have nothing else to do, a page of the list and the counts by lane.
func BenchmarkQueue(b *testing.B) {
	waiting := sizeOf(b).advisories // 100,000 too, at full size
	for _, e := range engines {
		b.Run(e.name, func(b *testing.B) {
			ctx := b.Context()
			location := e.create(b)
			s := open(b, location)
			defer s.Close()
			org := organisation(b, s)
			db, kind := s.DB()
			done, enough := atomic.Int64{}, make(chan struct{})
			const taken = 500
			nothing := func(context.Context) error { return nil }
			about := func(context.Context, string) error { return nil }
			runner, err := job.New(ctx, db, kind == sqldb.Postgres, job.Config{
				AnalyseWorkers: 2, FillWorkers: 1, WatchWorkers: 1, SweepWorkers: 1, AnalyseTimeout: time.Minute, SweepTimeout: time.Minute, FeedTimeout: time.Minute, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
			}, &job.Handlers{
				Analyse: func(ctx context.Context, id string) error {
					if _, err := s.StartRequest(ctx, id); err != nil {
						return err
					}
					if done.Add(1) == taken {
						close(enough)
					}
					return s.FinishRequest(ctx, id, "", "")
				},
				GaveUp: func(context.Context, string, error) error { return nil }, Sweep: about, Watch: about, Feed: about, Match: nothing, Schedule: nothing, Policy: nothing, Retain: nothing,
			})
			if err != nil {
				b.Fatal(err)
			}
			s.SetEnqueuer(runner)
			start := time.Now()
			for i := range waiting {
				if _, err := s.RequestAnalysis(ctx, org, fmt.Sprintf("registry.example.com/bench/web:%d", i), ""); err != nil {
					b.Fatal(err)
				}
			}
			filled := time.Since(start)
			e.settle(b, location)
			b.Run("enqueue", func(b *testing.B) {
				for b.Loop() { // it was done once, before
				}
				b.ReportMetric(filled.Seconds()*1000/float64(waiting), "ms/image")
				b.ReportMetric(0, "ns/op")
			})
			measurePages(b, "list", 1, func(_ int, page store.Page) (store.List[store.AnalysisRequest], error) {
				return s.Requests(ctx, org, store.Queued, page)
			})
			measure(b, "lanes", func(*rand.Rand) error { _, err := s.LaneCounts(ctx, org); return err })
			b.Run("claim", func(b *testing.B) {
				if done.Load() > 0 {
					return // of a queue that is shorter than it was
				}
				start := time.Now()
				if err := runner.Start(ctx); err != nil {
					b.Fatal(err)
				}
				<-enough
				b.ReportMetric(taken/time.Since(start).Seconds(), "images/s")
				b.ReportMetric(0, "ns/op")
				if err := runner.Stop(context.WithoutCancel(ctx)); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}
