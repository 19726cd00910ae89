package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
)

// An integration that moves takes with it what runs, and leaves what ran.
func testMoveIntegration(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	web, api := f.Analysed(t, org, "web"), f.Analysed(t, org, "api")
	in := f.Connect(t, org, "eu", "production")
	other := f.Connect(t, org, "us", "production")
	snap := store.Snapshot{Runs: []crowsnest.Observation{Run("web", web.ImageID, "p"), Run("api", api.ImageID, ""), Run("lost", Digest("lost"), "")},
		Profiles: map[string][]crowsnest.LoadedPackage{"p": {{Type: "deb", Name: "x", Version: "1"}}}}
	f.Sweep(t, in, snap)
	f.Sweep(t, other, store.Snapshot{Runs: []crowsnest.Observation{Run("web", web.ImageID, "")}})
	f.Work()

	impact, err := f.Store.IntegrationImpact(ctx, org, "eu", "staging")
	must(t, err)
	want := store.Impact{
		Leaves: store.ImpactOn{Environment: "production", Occurrences: 3, Images: 1, Unresolved: 1, Remaining: 1, Listed: []store.ImpactImage{{Name: api.Name, Digest: api.Digest}}},
		Enters: &store.ImpactOn{Environment: "staging", Occurrences: 3, Images: 2, Unresolved: 1, Remaining: 2, Listed: []store.ImpactImage{{Name: api.Name, Digest: api.Digest}, {Name: web.Name, Digest: web.Digest}}},
	}
	if diff := cmp.Diff(want, impact); diff != "" {
		t.Errorf("impact (-want +got):\n%s", diff)
	}
	f.Advance(time.Minute)
	staging := "staging"
	must(t, f.Store.UpdateIntegration(ctx, org, "eu", store.IntegrationChange{Environment: &staging}))
	if work := f.Work(); len(work) != 0 {
		t.Errorf("a move alone shows a sweep nothing new, but %v was enqueued", work)
	}
	for name, images := range map[string]int{"production": 1, "staging": 2} {
		row, err := f.Store.Environment(ctx, org, name)
		must(t, err)
		if row.Images != images {
			t.Errorf("%s has %d images, want %d", name, row.Images, images)
		}
	}
	past, err := f.Store.Occurrences(ctx, org, running.Filter{Image: api.Digest, Environment: "production"}, store.Page{})
	must(t, err)
	now, err := f.Store.Occurrences(ctx, org, running.Filter{Image: api.Digest, Environment: "staging"}, store.Page{})
	must(t, err)
	if len(past.Items) != 1 || past.Items[0].Closed.IsZero() || len(now.Items) != 1 || !now.Items[0].Closed.IsZero() || !now.Items[0].Opened.Equal(past.Items[0].Closed) {
		t.Errorf("history: %+v, then %+v", past.Items, now.Items)
	}
	watch, err := f.Store.Watch(ctx, org, web.Digest, "staging")
	must(t, err)
	if got := watch.InUse(crowsnest.PackageVersion{Type: "deb", Name: "x", Version: "1"}); got != crowsnest.Loaded {
		t.Errorf("in use after the move: %s", got)
	}
	if result := f.Sweep(t, in, snap); result.Continued != 3 || result.Opened != 0 {
		t.Errorf("the next sweep made %+v of what was moved", result)
	}
	again, err := f.Store.IntegrationImpact(ctx, org, "eu", "staging")
	must(t, err)
	if again.Leaves.Occurrences != 0 || again.Enters.Remaining != 2 {
		t.Errorf("a move to where it is: %+v", again)
	}
	gone, err := f.Store.IntegrationImpact(ctx, org, "eu", "")
	must(t, err)
	if gone.Enters != nil || gone.Leaves.Images != 2 || gone.Leaves.Remaining != 0 {
		t.Errorf("a deletion: %+v", gone)
	}
	theirs := f.Organisation(t, "other")
	_, err = f.Store.IntegrationImpact(ctx, theirs, "eu", "")
	wantKind(t, err, crowsnest.NotFound)
	wantKind(t, f.Store.UpdateIntegration(ctx, theirs, "eu", store.IntegrationChange{Environment: &staging}), crowsnest.NotFound)
}

// What a sweep saw of the cluster before must not become what runs in the one now.
func testAnotherCluster(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	in := f.Connect(t, org, "eu", "production")
	snap := store.Snapshot{Runs: []crowsnest.Observation{Run("web", Digest("web"), "")}}
	f.Sweep(t, in, snap)
	f.Advance(time.Minute)
	f.Work()
	cluster := "eu-2"
	must(t, f.Store.UpdateIntegration(ctx, org, "eu", store.IntegrationChange{Cluster: &cluster, Secret: []byte("sealed anew")}))
	if work := f.Work(); len(work) != 1 || work[0].ID != in.ID {
		t.Errorf("enqueued %v, want a sweep of the other cluster", work)
	}
	now, err := f.Store.Integration(ctx, org, "eu")
	must(t, err)
	if now.Status.Occurrences != 0 || !now.Status.LastComplete.IsZero() || now.Cluster != "eu-2" || string(now.Secret) != "sealed anew" || now.Changed.IsZero() {
		t.Errorf("after the change %+v", now)
	}
	_, err = f.Store.CompleteSweep(ctx, in.ID, snap)
	wantKind(t, err, crowsnest.Conflict)
	snap.Changed = now.Changed
	if result := f.Sweep(t, in, snap); result.Opened != 1 {
		t.Errorf("a sweep of the other cluster made %+v", result)
	}
	list, err := f.Store.Occurrences(ctx, org, running.Filter{Environment: "production"}, store.Page{})
	must(t, err)
	if len(list.Items) != 2 || list.Items[0].Cluster != "eu-2" || list.Items[1].Cluster != "eu" || list.Items[1].Closed.IsZero() {
		t.Errorf("history %+v", list.Items)
	}
}

func testPause(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	in := f.Connect(t, org, "eu", "production")
	f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{Run("web", Digest("web"), "")}})
	f.Work()
	yes, no, hour := true, false, time.Hour
	must(t, f.Store.UpdateIntegration(ctx, org, "eu", store.IntegrationChange{Paused: &yes, Interval: &hour}))
	paused, err := f.Store.Integration(ctx, org, "eu")
	must(t, err)
	if paused.Status.Paused.IsZero() || paused.Interval != time.Hour || paused.Status.Occurrences != 1 {
		t.Errorf("paused %+v", paused)
	}
	f.Advance(24 * time.Hour)
	must(t, f.Store.UpdateIntegration(ctx, org, "eu", store.IntegrationChange{Paused: &yes, Secret: []byte("anew")}))
	still, err := f.Store.Integration(ctx, org, "eu")
	must(t, err)
	if !still.Status.Paused.Equal(paused.Status.Paused) {
		t.Errorf("paused again, it is so since %s and not %s", still.Status.Paused, paused.Status.Paused)
	}
	n, err := f.Store.EnqueueDueSweeps(ctx)
	must(t, err)
	wantKind(t, f.Store.RequestSweep(ctx, org, "eu"), crowsnest.Conflict)
	if work := f.Work(); n != 0 || len(work) != 0 {
		t.Errorf("%d sweeps due, enqueued %v while paused", n, work)
	}
	must(t, f.Store.UpdateIntegration(ctx, org, "eu", store.IntegrationChange{Paused: &no}))
	if work := f.Work(); len(work) != 1 || work[0].ID != in.ID {
		t.Errorf("enqueued %v when resumed, want a sweep", work)
	}
}

func testConnectedSince(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	in := f.Connect(t, org, "eu", "production")
	since := func() time.Time {
		row, err := f.Store.Integration(ctx, org, "eu")
		must(t, err)
		return row.Status.Connected
	}
	f.Sweep(t, in, store.Snapshot{})
	first := since()
	f.Advance(time.Minute)
	f.Sweep(t, in, store.Snapshot{})
	if first.IsZero() || !since().Equal(first) {
		t.Errorf("connected since %s after the first and %s after the second sweep", first, since())
	}
	must(t, f.Store.FailSweep(ctx, in.ID, "refused", 1))
	f.Advance(time.Minute)
	f.Sweep(t, in, store.Snapshot{})
	if want := first.Add(2 * time.Minute); !since().Equal(want) {
		t.Errorf("after a failure connected since %s, want %s", since(), want)
	}
}

func testRequestList(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	var ids []string
	for _, name := range []string{"a", "b", "c"} {
		f.Advance(time.Second)
		req, err := f.Store.RequestAnalysis(ctx, org, name, "linux/amd64")
		must(t, err)
		ids = append(ids, req.ID)
	}
	must(t, f.Store.FinishRequest(ctx, ids[1], "", "no such tag"))
	list := func(org store.OrgID, state store.State) (got []string) {
		cursor := ""
		for {
			part, err := f.Store.Requests(ctx, org, state, store.Page{Limit: 1, Cursor: cursor})
			must(t, err)
			for _, r := range part.Items {
				got = append(got, r.Reference+r.Reason)
			}
			if cursor = part.Next; cursor == "" {
				return got
			}
		}
	}
	for state, want := range map[store.State][]string{"": {"c", "bno such tag", "a"}, store.Failed: {"bno such tag"}, store.Queued: {"c", "a"}, store.Done: nil} {
		if diff := cmp.Diff(want, list(org, state)); diff != "" {
			t.Errorf("state %q (-want +got):\n%s", state, diff)
		}
	}
	if got := list(f.Organisation(t, "other"), ""); len(got) != 0 {
		t.Errorf("another organisation sees %v", got)
	}
	f.Work()
	_, err := f.Store.RetryAnalysis(ctx, org, ids[0])
	wantKind(t, err, crowsnest.Conflict)
	_, err = f.Store.RetryAnalysis(ctx, f.Organisation(t, "other"), ids[1])
	wantKind(t, err, crowsnest.NotFound)
	again, err := f.Store.RetryAnalysis(ctx, org, ids[1])
	must(t, err)
	if again.State != store.Queued || again.Reason != "" || !again.Finished.IsZero() {
		t.Errorf("tried again: %+v", again)
	}
	if diff := cmp.Diff([]store.Work{{Kind: store.AnalyseWork, ID: ids[1], Lane: store.PeopleLane}}, f.Work()); diff != "" {
		t.Errorf("work (-want +got):\n%s", diff)
	}
}
