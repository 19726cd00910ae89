package simulation

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/environment"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/litekit"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/pgkit"
)

var (
	oneSeed = flag.Uint64("seed", 0, "live through the history of this seed only")
	howLong = flag.Duration("simulate", 0, "go on with seeds by chance for so long")
)

const (
	steps         = 400
	sqliteSeeds   = 8
	postgresSeeds = 4
)

func TestSimulationSQLite(t *testing.T) {
	simulate(t, litekit.Database(t), 1, sqliteSeeds)
}

// Two replicas work on one database.
func TestSimulationPostgres(t *testing.T) { simulate(t, pgkit.Database(t), 2, postgresSeeds) }

func simulate(t *testing.T, location string, replicas, seeds int) {
	if *oneSeed != 0 {
		live(t, *oneSeed, location, replicas)
		return
	}
	named, missed := 0, 0
	for seed := range seeds {
		n, m := live(t, uint64(seed+1), location, replicas)
		named, missed = named+n, missed+m
	}
	if named < 10 {
		t.Errorf("%d names were kept in all, so they were hardly tried", named)
	}
	if missed == 0 && seeds >= sqliteSeeds { // fewer may well have none
		t.Error("no list that shifted left anything out, so that was not tried")
	}
	for end := time.Now().Add(*howLong); time.Now().Before(end) && !t.Failed(); {
		live(t, rand.Uint64(), location, replicas)
	}
}

// live is one history. It returns how many names were kept in it, and how many containers were left out by lists that shifted.
func live(t *testing.T, seed uint64, location string, replicas int) (named, missed int) {
	t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
		w := newWorld(t, seed, location, replicas)
		healthy := func(step int) {
			if w.wrong != "" {
				t.Fatalf("step %d: %s\n\nto see it again: go test ./test/simulation -run '%s' -args -seed %d\n\nthe last that happened:\n%s", step, w.wrong, testName(replicas), seed, w.tail())
			}
		}
		for step := range steps {
			w.now = w.now.Add(time.Millisecond + time.Duration(w.rng.IntN(10_000))*time.Microsecond)
			w.act()
			w.check()
			if w.analysed > 0 {
				w.checkInUse(w.images[w.rng.IntN(w.analysed)], w.any([]string{"", "production", "staging"}))
			}
			healthy(step)
		}
		w.calm()
		w.check()
		for _, img := range w.images[:w.analysed] {
			for _, environment := range []string{"", "production", "staging"} {
				w.checkInUse(img, environment)
			}
		}
		healthy(steps)
		if w.applied == 0 {
			t.Errorf("seed %d: no sweep was complete, so nothing was tried", seed)
		}
		named, missed = w.named, w.missed
	})
	return named, missed
}

func testName(replicas int) string {
	if replicas > 1 {
		return "Postgres"
	}
	return "SQLite"
}

// act lets one thing happen.
func (w *world) act() {
	live := w.live()
	sweep := func() *sweep { return w.sweeps[w.rng.IntN(len(w.sweeps))] }
	switch n := w.rng.IntN(100); {
	case n < 50 && len(w.sweeps) > 0:
		w.step(sweep())
	case n < 65 && len(live) > 0 && len(w.sweeps) < 4:
		w.begin(live[w.rng.IntN(len(live))], w.rng.IntN(len(w.replicas)))
	case n < 85:
		cluster := w.any(clusterNames)
		w.change(cluster)
		w.publish(cluster)
	case n < 88:
		w.analyse()
	case n < 91 && len(live) > 0:
		w.edit(live[w.rng.IntN(len(live))])
	case n < 92 && len(live) > 0:
		in := live[w.rng.IntN(len(live))]
		w.must(w.any1().DeleteIntegration(context.Background(), w.org, in.name))
		in.deleted = true
		in.end(w.now, everything)
		w.note("deleted %s", in.name)
	case n < 93 && len(live) < 3, len(live) == 0:
		w.connect()
	case n < 95 && len(w.sweeps) > 0:
		w.kill(sweep())
	case n < 96 && len(w.sweeps) > 0:
		s := sweep()
		w.note("sweep %d is told to end", s.n)
		s.cancel()
	case n < 97:
		w.age()
	case n < 98:
		w.restart(w.rng.IntN(len(w.replicas)))
	case n < 99:
		w.rename()
	default: // the sweeps that follow ask for names again
		w.now = w.now.Add(environment.NamesInterval)
	}
}

// restart kills a process with all that it does, and begins another.
func (w *world) restart(replica int) {
	w.note("replica %d is killed", replica)
	for _, s := range slices.Clone(w.sweeps) {
		if s.replica == replica {
			w.kill(s)
		}
	}
	w.must(w.replicas[replica].Close())
	w.open(replica)
}

// edit changes an integration.
func (w *world) edit(in *integration) {
	var change store.IntegrationChange
	cluster, environment, paused := w.any(clusterNames), w.any(environmentNames), !in.paused
	what := w.rng.IntN(5)
	if what == 0 || what == 3 {
		change.Environment = &environment
	}
	if what == 1 || what == 3 {
		change.Cluster = &cluster
	}
	if what == 2 {
		change.Paused = &paused
	}
	if what == 4 {
		change.Secret = []byte(token)
	}
	w.must(w.any1().UpdateIntegration(context.Background(), w.org, in.name, change))
	w.note("changed %s: environment %t, cluster %t, paused %t", in.name, change.Environment != nil, change.Cluster != nil, change.Paused != nil)
	if change.Cluster != nil && cluster != in.cluster {
		in.point(w.now, cluster)
		if change.Environment != nil {
			in.environment = environment
		}
	} else if change.Environment != nil {
		in.move(w.now, environment)
	}
	if change.Paused != nil {
		in.paused = paused
	}
}

// calm ends all trouble: one sweep more, and what is kept is what runs.
func (w *world) calm() {
	w.faults = 0
	for cluster, items := range w.clusters {
		for i := range items {
			items[i].broken = false
		}
		w.publish(cluster)
	}
	for len(w.sweeps) > 0 {
		w.step(w.sweeps[0])
	}
	for _, in := range w.live() {
		if in.paused {
			continue
		}
		for range 2 { // what tells of nothing is believed the second time
			w.now = w.now.Add(environment.NamesInterval)
			for s := w.begin(in, 0); slices.Contains(w.sweeps, s); {
				w.step(s)
			}
		}
		got, err := w.any1().Integration(context.Background(), w.org, in.name)
		w.must(err)
		if got.Status.Reason != "" || !got.Status.FailingSince.IsZero() || got.Status.LastComplete.Before(got.Status.LastAttempt) || got.Status.Occurrences != len(in.open) {
			w.fail("after a sweep without trouble %s says %+v, with %d open", in.name, got.Status, len(in.open))
		}
		for _, it := range w.clusters[in.cluster] {
			if _, ok := in.open[it.place]; !ok {
				w.fail("%s does not run, as %s knows it", it.place, in.name)
			}
			if name := w.called[it.image]; name != "" && w.names[it.image] != name {
				w.fail("%s is called %s, and kept is %q", it.place, name, w.names[it.image])
			}
		}
	}
}
