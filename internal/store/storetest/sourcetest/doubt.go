package sourcetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// A container that cannot be used keeps what is open in its place, and nothing else.
func testSpared(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := f.Connect(t, org, "eu", "production")
	run := func(name string) crowsnest.Observation { return storetest.Run(name, storetest.Digest(name), "") }
	odd := run("odd")
	odd.Profile = "p"
	profiles := map[string][]crowsnest.LoadedPackage{"p": {{Type: "deb", Name: "x", Version: "1"}}}
	f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{odd, run("web"), run("cart")}, Profiles: profiles})
	place := func(name string) crowsnest.Observation {
		return crowsnest.Observation{Namespace: "shop", Kind: "deployment", Name: name, Container: "main"}
	}
	first := f.Status(t, org, "eu").LastComplete
	for _, step := range []struct {
		name   string
		seen   []crowsnest.Observation
		spared []crowsnest.Observation
		want   store.SweepResult
	}{
		{"one place", []crowsnest.Observation{run("web")}, []crowsnest.Observation{place("odd"), place("odd"), place("unheard of")}, store.SweepResult{Continued: 1, Closed: 1}},
		{"again", []crowsnest.Observation{run("web")}, []crowsnest.Observation{place("odd")}, store.SweepResult{Continued: 1}},
		{"a place of another name", []crowsnest.Observation{run("web"), run("cart")}, []crowsnest.Observation{place("odd"), {Namespace: "other", Name: "cart"}}, store.SweepResult{Opened: 1, Continued: 1}},
		{"a place known in part", nil, []crowsnest.Observation{place("odd"), {Namespace: "shop", Name: "cart"}}, store.SweepResult{Closed: 1}},
		{"one of which nothing is known", nil, []crowsnest.Observation{{}}, store.SweepResult{}},
	} {
		f.Advance(time.Minute)
		got := f.Sweep(t, in, store.Snapshot{Runs: step.seen, Spared: step.spared, Remark: "odd: no image", Doubt: "empty"})
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
		now := f.Status(t, org, "eu")
		if now.Reason != "odd: no image" || now.FailingSince.IsZero() || !now.LastComplete.After(first) || !now.LastEnd.Equal(now.LastComplete) {
			t.Errorf("%s: status %+v, want it complete and not well", step.name, now)
		}
	}
	// What is not reported any more grows old, although the sweeps around it are complete.
	open, err := f.Store.Occurrences(ctx, org, running.Filter{Image: storetest.Digest("odd")}, store.Page{})
	storetest.Must(t, err)
	row, err := f.Store.Environment(ctx, org, "production")
	storetest.Must(t, err)
	if len(open.Items) != 1 || !row.ProfilesAsOf.Equal(first) {
		t.Errorf("%+v; its profile is of %s, want %s", open.Items, row.ProfilesAsOf, first)
	}
	f.Advance(time.Minute)
	if got := f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{run("web")}}); got.Closed != 2 {
		t.Errorf("without anything odd: %+v", got)
	}
	if now := f.Status(t, org, "eu"); now.Reason != "" || !now.FailingSince.IsZero() {
		t.Errorf("afterwards %+v", now)
	}
}

// A cluster that suddenly tells of nothing is believed when it goes on to.
func testDoubt(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := f.Connect(t, org, "eu", "production")
	web := []crowsnest.Observation{storetest.Run("web", storetest.Digest("web"), "")}
	empty := store.Snapshot{Doubt: "it answered empty"}
	sweep := func(after time.Duration, snap store.Snapshot, want store.SweepResult) {
		t.Helper()
		f.Advance(after)
		if diff := cmp.Diff(want, f.Sweep(t, in, snap)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		now := f.Status(t, org, "eu")
		if want.Doubted != (now.Reason == "it answered empty") || want.Doubted == now.FailingSince.IsZero() {
			t.Errorf("doubted %t, status %+v", want.Doubted, now)
		}
	}
	doubted := store.SweepResult{Doubted: true}
	sweep(0, empty, store.SweepResult{}) // nothing is open yet
	sweep(time.Hour, store.Snapshot{Runs: web}, store.SweepResult{Opened: 1})
	sweep(time.Minute, empty, doubted)
	sweep(store.DoubtFor-time.Second, empty, doubted)
	sweep(0, store.Snapshot{Runs: web}, store.SweepResult{Continued: 1})
	sweep(time.Minute, empty, doubted) // from the beginning
	storetest.Must(t, f.Store.FailSweep(ctx, in.ID, "cut", 1))
	sweep(store.DoubtFor-time.Second, empty, doubted)
	sweep(time.Second, empty, store.SweepResult{Closed: 1})
	sweep(time.Minute, store.Snapshot{Runs: web}, store.SweepResult{Opened: 1})
	sweep(time.Minute, empty, doubted)
	// What another cluster answers is another matter.
	us := "us"
	storetest.Must(t, f.Store.UpdateIntegration(ctx, org, "eu", store.IntegrationChange{Cluster: &us}))
	row, err := f.Store.Integration(ctx, org, "eu")
	storetest.Must(t, err)
	of := func(snap store.Snapshot) store.Snapshot { snap.Changed = row.Changed; return snap }
	sweep(store.DoubtFor, of(store.Snapshot{Runs: web}), store.SweepResult{Opened: 1})
	sweep(0, of(empty), doubted)
}
