package bench_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/pprof"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/environment/exposure"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

func cpu() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func TestZZ(t *testing.T) {
	ctx := context.Background()
	s := open(t, os.Getenv("ZZ_DB"))
	defer s.Close()
	org := organisation(t, s)
	rng := rand.New(rand.NewPCG(1, 2))
	env := func() string { return environmentNames[rng.IntN(10)] }
	moved := exposure.NewBook(&restless{Store: s}, nil)
	for _, n := range environmentNames {
		if _, err := moved.Exposures(ctx, org, n); err != nil {
			t.Fatal(err)
		}
	}
	what := map[string]func() error{
		"after-sweep":  func() error { _, err := moved.Exposures(ctx, org, env()); return err },
		"everywhere":   func() error { _, err := moved.Exposures(ctx, org, ""); return err },
		"environments": func() error { _, err := s.Environments(ctx, org, false); return err },
		"one":          func() error { _, err := s.Environment(ctx, org, env()); return err },
		"coverage":     func() error { _, err := s.Coverage(ctx, org); return err },
		"ran":          func() error { _, err := s.Ran(ctx, org, env(), time.Now().Add(-exposure.Window)); return err },
		"gaps":         func() error { _, err := s.Gaps(ctx, org, env(), store.Page{}); return err },
	}
	for _, name := range []string{"after-sweep", "everywhere", "environments", "one", "coverage", "ran"} {
		if w := os.Getenv("ZZ"); w != "" && w != name {
			continue
		}
		fn := what[name]
		fn()
		if p := os.Getenv("ZZ_PROF"); p != "" {
			f, _ := os.Create(p + name)
			_ = pprof.StartCPUProfile(f)
		}
		var each []time.Duration
		start, wall := cpu(), time.Now()
		const n = 30
		for range n {
			a := cpu()
			if err := fn(); err != nil {
				t.Fatal(err)
			}
			each = append(each, cpu()-a)
		}
		slices.Sort(each)
		fmt.Printf("%-14s cpu %v mean, median %v, p90 %v; wall %v\n", name, (cpu()-start)/n, each[n/2], each[n*9/10], time.Since(wall)/n)
		pprof.StopCPUProfile()
	}
}
