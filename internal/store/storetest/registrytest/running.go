package registrytest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// ask lets an integration ask for what runs, and returns the references of what was enqueued for it, all of it behind everything else.
func ask(t *testing.T, f storetest.Fixture, org store.OrgID, in store.Integration) (out []string) {
	t.Helper()
	f.Work()
	n, err := f.Store.AnalyseRunning(ctx, in.ID)
	must(t, err)
	for _, w := range f.Work() {
		if w.Kind != store.AnalyseWork || w.Lane != store.FillLane {
			t.Errorf("work %+v", w)
		}
		r, err := f.Store.Request(ctx, org, w.ID)
		must(t, err)
		out = append(out, r.Reference)
	}
	if n < len(out) {
		t.Errorf("%d are said to be asked for, of %q", n, out)
	}
	return out
}

// gap is what is said of a running image that is not analysed.
func gap(t *testing.T, f storetest.Fixture, org store.OrgID, image crowsnest.Digest) store.Gap {
	t.Helper()
	gaps, err := f.Store.Gaps(ctx, org, "production", store.Page{})
	must(t, err)
	for _, g := range gaps.Items {
		if g.ImageID == image {
			return g
		}
	}
	t.Fatalf("no gap of %s", image)
	panic("unreachable")
}

// switchOn has an integration ask for what runs, or no longer.
func switchOn(t *testing.T, f storetest.Fixture, org store.OrgID, name string, on bool) {
	t.Helper()
	must(t, f.Store.UpdateIntegration(ctx, org, name, store.IntegrationChange{Analyse: &on}))
}

// What runs is asked for once, where somebody switched that on and a registry can be asked; where not, the reason stands.
func testRunning(t *testing.T, f storetest.Fixture) {
	org, others := f.Organisation(t, "acme"), f.Organisation(t, "other")
	cluster := f.Connect(t, org, "eu", "production")
	theirs := f.Connect(t, others, "eu", "production")
	switchOn(t, f, others, "eu", true)
	known := f.Analysed(t, org, host+"/shop/known:1")
	names := map[crowsnest.Digest]string{}
	runs := []crowsnest.Observation{storetest.Run("known", known.ImageID, ""), storetest.Run("nameless", storetest.Digest("nameless"), "")}
	for _, name := range []string{host + "/shop/web:1", host + "/shop/web@" + string(storetest.Digest("web manifest")), host + "/hidden/tool:1", "ghcr.io/acme/tool:1"} {
		names[storetest.Digest(name)] = name
		runs = append(runs, storetest.Run(fmt.Sprint("w", len(runs)), storetest.Digest(name), ""))
	}
	for _, in := range []store.Integration{cluster, theirs} {
		f.Sweep(t, in, store.Snapshot{Runs: runs})
		must(t, f.Store.SaveReportedNames(ctx, in.ID, names, 0, ""))
	}
	hub := connect(t, f, org, func(in *store.RegistryIntegration) { in.Exclude = crowsnest.Globs{"hidden/*"} })

	if got := ask(t, f, org, cluster); got != nil {
		t.Errorf("asked for %q without being told to", got)
	}
	f.Work()
	switchOn(t, f, org, "eu", true)
	if diff := cmp.Diff([]store.Work{{Kind: store.SweepWork, ID: cluster.ID}}, f.Work()); diff != "" {
		t.Errorf("switched on (-want +got):\n%s", diff)
	}
	if in, err := f.Store.Integration(ctx, org, "eu"); err != nil || !in.Analyse {
		t.Errorf("read back %+v, %v", in, err)
	}
	// A registry that cannot be asked is not.
	must(t, f.Store.RegistryFails(ctx, hub.ID, "it asks for other credentials", 0))
	if got := ask(t, f, org, cluster); got != nil {
		t.Errorf("asked for %q at a registry that fails", got)
	}
	must(t, f.Store.RegistryAnswers(ctx, hub.ID))
	pause(t, f, org, true)
	if got := ask(t, f, org, cluster); got != nil {
		t.Errorf("asked for %q at a registry that is paused", got)
	}
	pause(t, f, org, false)

	want := map[string]bool{host + "/shop/web:1": true, host + "/shop/web@" + string(storetest.Digest("web manifest")): true}
	got := map[string]bool{}
	for _, reference := range ask(t, f, org, cluster) {
		got[reference] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
	if got := ask(t, f, org, cluster); got != nil {
		t.Errorf("asked for %q twice", got)
	}
	if got := ask(t, f, others, theirs); got != nil {
		t.Errorf("%q is asked for with the registry of another organisation", got)
	}
	web := storetest.Digest(host + "/shop/web:1")
	if g := gap(t, f, org, web); g.Remedy.Action != store.WaitRemedy || !strings.Contains(g.Cause.String(), "web:1 is to be analysed") {
		t.Errorf("while it waits: %+v", g)
	}
	for image, action := range map[crowsnest.Digest]store.RemedyAction{
		storetest.Digest("nameless"): "", storetest.Digest("ghcr.io/acme/tool:1"): store.ConnectRemedy, storetest.Digest(host + "/hidden/tool:1"): store.EnableRemedy,
	} {
		if g := gap(t, f, org, image); g.Remedy.Action != action || !strings.Contains(g.Cause.String(), "no image of this digest") {
			t.Errorf("of what cannot be asked for: %+v", g)
		}
	}

	// It failed, and is left to people; then it is another image than the one that runs.
	list, err := f.Store.Requests(ctx, org, "", store.Page{})
	must(t, err)
	for _, r := range list.Items {
		must(t, f.Store.FinishRequest(ctx, r.ID, "", "its layer is damaged"))
	}
	if g := gap(t, f, org, web); g.Remedy.Action != store.EnableRemedy || !strings.Contains(g.Cause.String(), "since it runs: its layer is damaged") {
		t.Errorf("failed: %+v", g)
	}
	if got := ask(t, f, org, cluster); got != nil {
		t.Errorf("asked for %q again, which failed", got)
	}
	for _, r := range list.Items {
		must(t, f.Store.FinishRequest(ctx, r.ID, storetest.Digest("another"), ""))
	}
	if g := gap(t, f, org, web); g.Remedy.Action != "" || !strings.Contains(g.Cause.String(), "another image now") {
		t.Errorf("of another image: %+v", g)
	}

	// Another registry may have what waited at one that was disconnected.
	f.Sweep(t, cluster, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("late", storetest.Digest("late"), "")}})
	must(t, f.Store.SaveReportedNames(ctx, cluster.ID, map[crowsnest.Digest]string{storetest.Digest("late"): host + "/shop/late:1"}, 0, ""))
	late := []string{host + "/shop/late:1"}
	if diff := cmp.Diff(late, ask(t, f, org, cluster)); diff != "" {
		t.Errorf("what came later (-want +got):\n%s", diff)
	}
	must(t, f.Store.DisconnectRegistry(ctx, org, "hub"))
	if got := ask(t, f, org, cluster); got != nil {
		t.Errorf("asked nobody for %q", got)
	}
	connect(t, f, org)
	if diff := cmp.Diff(late, ask(t, f, org, cluster)); diff != "" {
		t.Errorf("connected anew (-want +got):\n%s", diff)
	}
	off := false
	must(t, f.Store.UpdateIntegration(ctx, org, "eu", store.IntegrationChange{Analyse: &off}))
	f.Sweep(t, cluster, store.Snapshot{Runs: runs})
	if got := ask(t, f, org, cluster); got != nil {
		t.Errorf("asked for %q, switched off", got)
	}
}

// A name that many deployments run under in turn is asked for again with each digest that comes, and what retention removed by its digest.
func testRunningMoved(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	cluster := f.Connect(t, org, "eu", "production")
	switchOn(t, f, org, "eu", true)
	connect(t, f, org)
	name := host + "/shop/web:latest"
	runs := func(words ...string) {
		t.Helper()
		var list []crowsnest.Observation
		names := map[crowsnest.Digest]string{}
		for _, w := range words {
			list = append(list, storetest.Run(w, storetest.Digest(w), ""))
			names[storetest.Digest(w)] = name
		}
		f.Sweep(t, cluster, store.Snapshot{Runs: list})
		must(t, f.Store.SaveReportedNames(ctx, cluster.ID, names, 0, ""))
	}
	finish := func() {
		t.Helper()
		list, err := f.Store.Requests(ctx, org, "", store.Page{})
		must(t, err)
		for _, r := range list.Items {
			must(t, f.Store.FinishRequest(ctx, r.ID, storetest.Digest("what the name means"), ""))
		}
	}
	runs("first", "second")
	if diff := cmp.Diff([]string{name}, ask(t, f, org, cluster)); diff != "" {
		t.Errorf("two digests of one name (-want +got):\n%s", diff)
	}
	finish()
	if got := ask(t, f, org, cluster); got != nil {
		t.Errorf("asked for %q again", got)
	}
	f.Advance(time.Minute)
	runs("second", "third")
	if diff := cmp.Diff([]string{name}, ask(t, f, org, cluster)); diff != "" {
		t.Errorf("a third one (-want +got):\n%s", diff)
	}
}
