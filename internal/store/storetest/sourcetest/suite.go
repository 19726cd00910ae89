// Package sourcetest is the part of the store's suite about what sources say and who asks them: in which order
// sweeps count, and what asks for one.
package sourcetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// Suite runs every test against fresh stores that open makes.
func Suite(t *testing.T, open func(t *testing.T) storetest.Fixture) {
	storetest.Each(t, open, map[string]func(*testing.T, storetest.Fixture){
		"SweepOlderThanAPartialOne":        testOlderThanPartial,
		"IntervalsUnderAClockThatGoesBack": testClockGoesBack,
		"Hooks":                            testHooks,
		"ReportedNames":                    testNames,
		"SecondToken":                      testSecondToken,
		"PostponedSweeps":                  testPostponed,
		"JitterOfIntervals":                testJitter,
		"ImpactNamesImages":                testImpactNames,
		"EndOfAWait":                       testEndOfWait,
		"SparedPlaces":                     testSpared,
		"DoubtedEmptiness":                 testDoubt,
		"ProfilesKeptAhead":                testKeptAhead,
	})
}

var ctx = context.Background()

var must, wantKind = storetest.Must, storetest.WantKind

// What a newer sweep saw running is not gone because an older one, which ended later, did not see it yet.
func testOlderThanPartial(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := f.Connect(t, org, "prod", "production")
	older := in.Created.Add(time.Second)
	f.Advance(time.Minute)
	f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("new", storetest.Digest("new"), "")}, Started: in.Created.Add(30 * time.Second), Partial: "one container has no image ID"})
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
	snap := store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", storetest.Digest("web"), "")}}
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
	list, err := f.Store.Occurrences(ctx, org, running.Filter{Image: storetest.Digest("web")}, store.Page{})
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

// A name that a source reports says what a gap is, and resolves nothing.
func testNames(t *testing.T, f storetest.Fixture) {
	org, others := f.Organisation(t, "acme"), f.Organisation(t, "other")
	in, theirs := f.Connect(t, org, "eu", "production"), f.Connect(t, others, "eu", "production")
	known := f.Analysed(t, org, "known")
	_, err := f.Store.RecordImage(ctx, org, storetest.Image("recorded"), nil, storetest.Analyser)
	must(t, err)
	lost, recorded := storetest.Digest("lost"), storetest.Image("recorded").ImageID
	snap := store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("a", lost, ""), storetest.Run("b", storetest.Digest("nameless"), ""), storetest.Run("c", known.ImageID, ""), storetest.Run("d", recorded, "")}}
	f.Sweep(t, in, snap)
	f.Sweep(t, theirs, snap)
	names := map[crowsnest.Digest]string{lost: "registry.example.com/lost:1", known.ImageID: "wrong", recorded: "wrong", storetest.Digest("elsewhere"): "never seen"}
	must(t, f.Store.SaveReportedNames(ctx, in.ID, names, 0, ""))
	must(t, f.Store.SaveReportedNames(ctx, in.ID, names, 0, ""))
	gaps := func(org store.OrgID) (out []string) {
		list, err := f.Store.Gaps(ctx, org, "production", store.Page{})
		must(t, err)
		for _, g := range list.Items {
			out = append(out, fmt.Sprintf("%s %q %t", g.State, g.Name, g.Reported))
		}
		slices.Sort(out)
		return out
	}
	if diff := cmp.Diff([]string{`not-analysed "recorded" false`, `unresolved "" false`, `unresolved "registry.example.com/lost:1" true`}, gaps(org)); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	if got := strings.Join(gaps(others), " "); strings.Contains(got, "lost") {
		t.Errorf("another organisation is told %s", got)
	}
	coverage, err := f.Store.Coverage(ctx, org)
	must(t, err)
	if coverage.Unresolved != 2 || coverage.Analysed != 1 {
		t.Errorf("a name changes what is known: %+v", coverage)
	}
	f.Advance(time.Minute)
	must(t, f.Store.SaveReportedNames(ctx, in.ID, map[crowsnest.Digest]string{lost: "registry.example.com/lost:2"}, 0, ""))
	must(t, f.Store.SaveReportedNames(ctx, in.ID, nil, 0, ""))
	row, err := f.Store.IntegrationByID(ctx, in.ID)
	must(t, err)
	if got := strings.Join(gaps(org), " "); !strings.Contains(got, "lost:2") || !row.Named.Equal(in.Created.Add(time.Minute)) {
		t.Errorf("named at %s: %s", row.Named, got)
	}
	// What that took counts to the sweep it came after.
	before := row.Status.Requests
	must(t, f.Store.SaveReportedNames(ctx, in.ID, nil, 3, "401"))
	if row, err = f.Store.Integration(ctx, org, "eu"); err != nil || row.Unnamed != "401" || row.Status.Requests != before+3 {
		t.Errorf("refused: %q, %v, with %d requests", row.Unnamed, err, row.Status.Requests)
	}
	must(t, f.Store.SaveReportedNames(ctx, in.ID, nil, 0, ""))
	if row, err = f.Store.Integration(ctx, org, "eu"); err != nil || row.Unnamed != "" {
		t.Errorf("no longer refused: %q, %v", row.Unnamed, err)
	}
	must(t, f.Store.DeleteIntegration(ctx, org, "eu"))
	wantKind(t, f.Store.SaveReportedNames(ctx, in.ID, names, 0, ""), crowsnest.NotFound)
}

func testSecondToken(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in, err := f.Store.CreateIntegration(ctx, store.Integration{Org: org, Name: "eu", Kind: "sysdig", Region: "custom", URL: "https://sysdig.example.com", Cluster: "eu", Environment: "production",
		Secret: []byte("first"), APISecret: []byte("second"), CA: "an authority", Interval: time.Minute})
	must(t, err)
	get := func() store.Integration {
		t.Helper()
		row, err := f.Store.IntegrationByID(ctx, in.ID)
		must(t, err)
		return row
	}
	sealed := func() (out []string) {
		list, err := f.Store.SealedSecrets(ctx)
		must(t, err)
		for _, s := range list {
			out = append(out, string(s.Sealed))
			if done, err := f.Store.Reseal(ctx, s, append([]byte("re"), s.Sealed...)); err != nil || !done {
				t.Errorf("seal %s anew: %t, %v", s.Kind, done, err)
			}
		}
		return out
	}
	if got := get(); string(got.APISecret) != "second" || got.CA != "an authority" {
		t.Errorf("made %+v", got)
	}
	if diff := cmp.Diff([]string{"first", "second"}, sealed()); diff != "" {
		t.Errorf("sealed (-want +got):\n%s", diff)
	}
	interval := time.Hour
	must(t, f.Store.UpdateIntegration(ctx, org, "eu", store.IntegrationChange{Interval: &interval}))
	if got := get(); string(got.APISecret) != "resecond" || got.CA != "an authority" {
		t.Errorf("another interval changed %+v", got)
	}
	none := ""
	must(t, f.Store.SaveReportedNames(ctx, in.ID, nil, 0, ""))
	must(t, f.Store.UpdateIntegration(ctx, org, "eu", store.IntegrationChange{APISecret: []byte("third"), CA: &none}))
	if got := get(); string(got.APISecret) != "third" || got.CA != "" || !got.Named.IsZero() {
		t.Errorf("replaced: %+v; names are asked for again with another token", got)
	}
	must(t, f.Store.UpdateIntegration(ctx, org, "eu", store.IntegrationChange{APISecret: []byte{}}))
	if got := get(); got.APISecret != nil {
		t.Errorf("removed: %q", got.APISecret)
	}
	must(t, f.Store.UpdateIntegration(ctx, org, "eu", store.IntegrationChange{APISecret: []byte("fourth")}))
	must(t, f.Store.DeleteIntegration(ctx, org, "eu"))
	if got := sealed(); len(got) != 0 {
		t.Errorf("a deleted integration leaves %q", got)
	}
}

// What the source asked for holds for the schedule, for hooks and for people, who are told until when.
func testPostponed(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := f.Connect(t, org, "eu", "production")
	must(t, f.Store.SetHook(ctx, org, "eu", []byte("hash")))
	must(t, f.Store.StartSweep(ctx, in.ID))
	must(t, f.Store.PostponeSweeps(ctx, in.ID, time.Hour))
	if row, err := f.Store.Integration(ctx, org, "eu"); err != nil || row.Status.Waits.Sub(row.Status.LastAttempt) < time.Hour {
		t.Errorf("it waits until %s, %v", row.Status.Waits, err)
	}
	f.Work()
	f.Advance(time.Hour - time.Second)
	must(t, f.Store.HookSweep(ctx, "eu", []byte("hash"), time.Second))
	n, err := f.Store.EnqueueDueSweeps(ctx)
	must(t, err)
	if work := f.Work(); n != 0 || len(work) != 0 {
		t.Errorf("%v before the time", work)
	}
	// A sweep is under way: one that waits is joined, and what is asked for comes when the wait is over.
	must(t, f.Store.RequestSweep(ctx, org, "eu"))
	if work := f.Work(); len(work) != 1 {
		t.Errorf("a person asks while a sweep is under way and gets %v", work)
	}
	if n, err = f.Store.EnqueueDueSweeps(ctx); err != nil || n != 0 {
		t.Errorf("%d sweeps that a person asked for, before the time, %v", n, err)
	}
	must(t, f.Store.FailSweep(ctx, in.ID, "rate limit", 1))
	err = f.Store.RequestSweep(ctx, org, "eu")
	if crowsnest.KindOf(err) != crowsnest.Conflict || !strings.Contains(err.Error(), "left alone until") {
		t.Errorf("a person asks before the time and is told %v", err)
	}
	if work := f.Work(); len(work) != 0 {
		t.Errorf("%v before the time", work)
	}
	must(t, f.Store.StartSweep(ctx, in.ID))
	must(t, f.Store.PostponeSweeps(ctx, in.ID, time.Second))
	must(t, f.Store.HookSweep(ctx, "eu", []byte("hash"), time.Second))
	f.Advance(2 * time.Second)
	if n, err = f.Store.EnqueueDueSweeps(ctx); err != nil || n != 1 {
		t.Errorf("%d sweeps when the time is over, %v", n, err)
	}
	must(t, f.Store.PostponeSweeps(ctx, in.ID, 1000*time.Hour))
	row, err := f.Store.Integration(ctx, org, "eu")
	must(t, err)
	if wait := row.Status.Next.Sub(in.Created); wait > 26*time.Hour {
		t.Errorf("the next sweep is in %s; a day is the most that a source may ask for", wait)
	}
	must(t, f.Store.PostponeSweeps(ctx, "gone", time.Hour))
}

// Sweeps of many integrations drift apart, each at a pace of its own that is within a tenth of what was asked for.
func testJitter(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	paces := make(map[time.Duration]bool)
	for i := range 20 {
		in := f.Connect(t, org, fmt.Sprint("in", i), "production")
		pace := func() time.Duration {
			must(t, f.Store.StartSweep(ctx, in.ID))
			row, err := f.Store.IntegrationByID(ctx, in.ID)
			must(t, err)
			return row.Status.Next.Sub(row.Status.LastAttempt)
		}
		first := pace()
		f.Advance(time.Minute)
		if again := pace(); again != first {
			t.Errorf("the pace changes from %s to %s", first, again)
		}
		if tenth := in.Interval / 10; first < in.Interval-tenth || first > in.Interval+tenth {
			t.Errorf("a pace of %s for an interval of %s", first, in.Interval)
		}
		paces[first.Round(time.Second)] = true
	}
	if len(paces) < 10 {
		t.Errorf("20 integrations have only %d paces", len(paces))
	}
}
