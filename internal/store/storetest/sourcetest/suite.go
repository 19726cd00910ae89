// Package sourcetest is the part of the store's suite about what sources say and who asks them: in which order
// sweeps count, and what asks for one.
package sourcetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// Suite runs every test against fresh stores that open makes.
func Suite(t *testing.T, open func(t *testing.T) storetest.Fixture) {
	for name, test := range map[string]func(*testing.T, storetest.Fixture){
		"SweepOlderThanAPartialOne":        testOlderThanPartial,
		"IntervalsUnderAClockThatGoesBack": testClockGoesBack,
		"Hooks":                            testHooks,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

var ctx = context.Background()

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantKind(t *testing.T, err error, want crowsnest.Kind) {
	t.Helper()
	if err == nil || crowsnest.KindOf(err) != want {
		t.Fatalf("got error %v, want one of kind %q", err, want)
	}
}

// What a newer sweep saw running is not gone because an older one, which ended later, did not see it yet.
func testOlderThanPartial(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := f.Connect(t, org, "prod", "production")
	older := in.Created.Add(time.Second)
	f.Advance(time.Minute)
	f.Sweep(t, in, store.Snapshot{Runs: []store.ObservedRun{storetest.Run("new", storetest.Digest("new"), "")}, Started: in.Created.Add(30 * time.Second), Partial: "one container has no image ID"})
	f.Advance(time.Second)
	_, err := f.Store.CompleteSweep(ctx, in.ID, store.Snapshot{Started: older})
	wantKind(t, err, crowsnest.Conflict)
	now, err := f.Store.Integration(ctx, org, "prod")
	must(t, err)
	if now.Status.Occurrences != 1 {
		t.Errorf("%d containers run, want the one that the newer sweep saw", now.Status.Occurrences)
	}
}

// Clocks of two servers differ, and one that waits for a lock looks at its own before. No interval
// ends before it begins, nor begins before the last of the same container ended.
func testClockGoesBack(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	snap := store.Snapshot{Runs: []store.ObservedRun{storetest.Run("web", storetest.Digest("web"), "")}}
	staging, us := "staging", "us"
	for name, then := range map[string]func(in store.Integration){
		"sweep":  func(in store.Integration) { f.Sweep(t, in, store.Snapshot{}); f.Sweep(t, in, snap) },
		"delete": func(in store.Integration) { must(t, f.Store.DeleteIntegration(ctx, org, in.Name)) },
		"move": func(in store.Integration) {
			must(t, f.Store.UpdateIntegration(ctx, org, in.Name, store.IntegrationChange{Environment: &staging}))
		},
		"replace": func(in store.Integration) {
			must(t, f.Store.UpdateIntegration(ctx, org, in.Name, store.IntegrationChange{Cluster: &us}))
		},
	} {
		in := f.Connect(t, org, name, "production")
		f.Sweep(t, in, snap)
		f.Advance(-time.Second)
		then(in)
		f.Advance(time.Minute)
	}
	list, err := f.Store.Occurrences(ctx, org, storetest.Digest("web"), "", store.Page{})
	must(t, err)
	if len(list.Items) != 6 {
		t.Errorf("%d intervals, want 6", len(list.Items))
	}
	for _, o := range list.Items {
		if !o.Closed.IsZero() && o.Closed.Before(o.Opened) {
			t.Errorf("%s of %s begins at %s and ends at %s", o.Name, o.Integration, o.Opened, o.Closed)
		}
		for _, p := range list.Items {
			if p.Integration == o.Integration && p.Closed.IsZero() && !o.Closed.IsZero() && p.Opened.Before(o.Closed) {
				t.Errorf("%s of %s begins at %s, before it ended at %s", o.Name, o.Integration, p.Opened, o.Closed)
			}
		}
	}
}

func testHooks(t *testing.T, f storetest.Fixture) {
	org, others := f.Organisation(t, "acme"), f.Organisation(t, "other")
	const gap = 30 * time.Second
	in, theirs := f.Connect(t, org, "eu", "production"), f.Connect(t, others, "eu", "production")
	hash := []byte("hash of ours")
	wantKind(t, f.Store.HookSweep(ctx, "eu", hash, gap), crowsnest.NotFound)
	must(t, f.Store.SetHook(ctx, org, "eu", hash))
	must(t, f.Store.SetHook(ctx, others, "eu", []byte("hash of theirs")))
	wantKind(t, f.Store.SetHook(ctx, others, "us", hash), crowsnest.NotFound)
	unknown, wrong := f.Store.HookSweep(ctx, "nothing", hash, gap), f.Store.HookSweep(ctx, "eu", []byte("another"), gap)
	wantKind(t, unknown, crowsnest.NotFound)
	wantKind(t, wrong, crowsnest.NotFound)
	wantKind(t, f.Store.HookSweep(ctx, "eu", nil, gap), crowsnest.NotFound)
	if unknown.Error() != wrong.Error() {
		t.Errorf("an unknown name says %q, another secret %q", unknown, wrong)
	}
	f.Work()
	due := func() []store.Work {
		t.Helper()
		_, err := f.Store.EnqueueDueSweeps(ctx)
		must(t, err)
		return f.Work()
	}
	want := []store.Work{{Kind: store.SweepWork, ID: in.ID}}
	for range 3 { // a flood
		must(t, f.Store.HookSweep(ctx, "eu", hash, gap))
	}
	if diff := cmp.Diff(want, due()); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
	must(t, f.Store.StartSweep(ctx, in.ID))
	f.Advance(time.Second)
	must(t, f.Store.HookSweep(ctx, "eu", hash, gap)) // what this sweep may have missed
	if work := due(); len(work) != 0 {
		t.Errorf("%v right after one began", work)
	}
	f.Advance(gap)
	if diff := cmp.Diff(want, due()); diff != "" {
		t.Errorf("after the gap (-want +got):\n%s", diff)
	}
	must(t, f.Store.StartSweep(ctx, in.ID))
	f.Advance(2 * gap)
	if work := due(); len(work) != 0 {
		t.Errorf("%v without anybody asking", work)
	}
	yes := true
	must(t, f.Store.UpdateIntegration(ctx, org, "eu", store.IntegrationChange{Paused: &yes}))
	must(t, f.Store.HookSweep(ctx, "eu", hash, gap))
	if work := due(); len(work) != 0 {
		t.Errorf("%v while paused", work)
	}
	row, err := f.Store.Integration(ctx, org, "eu")
	must(t, err)
	must(t, f.Store.SetHook(ctx, org, "eu", nil))
	wantKind(t, f.Store.HookSweep(ctx, "eu", hash, gap), crowsnest.NotFound)
	after, err := f.Store.Integration(ctx, org, "eu")
	must(t, err)
	if !row.Hook || after.Hook {
		t.Errorf("hook: %t while there was one, %t after", row.Hook, after.Hook)
	}
	must(t, f.Store.DeleteIntegration(ctx, others, theirs.Name))
	wantKind(t, f.Store.HookSweep(ctx, "eu", []byte("hash of theirs"), gap), crowsnest.NotFound)
}
