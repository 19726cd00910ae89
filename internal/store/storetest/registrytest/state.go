package registrytest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

func testBackfill(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := connect(t, f, org)
	enable(t, f, org, "shop/api", "shop/web")
	tags := map[string]string{}
	for i := range 30 {
		tags[fmt.Sprint(i)] = fmt.Sprint("image ", i)
	}
	all := store.RepositoryScope{Registry: "hub"}
	preview := func(want store.Backfill) {
		t.Helper()
		got, err := f.Store.PreviewBackfill(ctx, org, all)
		if must(t, err); got != want {
			t.Errorf("preview %+v, want %+v", got, want)
		}
	}
	preview(store.Backfill{Unread: 2})
	next(t, f, in, "shop/api")
	look(t, f, next(t, f, in, "shop/api"), "29", tags)
	preview(store.Backfill{Unread: 1, Repositories: 1, Images: 29})
	did, err := f.Store.Fill(ctx, org, all)
	if must(t, err); did.Images != 29 {
		t.Errorf("fills %+v", did)
	}
	preview(store.Backfill{Unread: 1})
	counts, err := f.Store.LaneCounts(ctx, org)
	must(t, err)
	if diff := cmp.Diff([]store.LaneCount{{Lane: store.PeopleLane}, {Lane: store.PushLane, Queued: 1}, {Lane: store.FillLane, Coming: 29}}, counts); diff != "" {
		t.Errorf("lanes (-want +got):\n%s", diff)
	}
	f.Work()
	look(t, f, next(t, f, in, "shop/web"), "", nil) // what is due comes first
	look(t, f, next(t, f, in, "shop/api"), "", tags)
	next(t, f, in, "")
	work := f.Work()
	if len(work) != 29 || work[0].Lane != store.FillLane {
		t.Fatalf("%d jobs of lane %v", len(work), work)
	}
	// Somebody pushes one of these: it moves forward.
	must(t, f.Store.TellPush(ctx, in.ID, []store.Push{{Repositories: []string{"shop/api"}, Tags: []string{"7"}}}))
	f.Work()
	look(t, f, next(t, f, in, "shop/api"), "", tags)
	if work := f.Work(); len(work) != 1 || work[0].Lane != store.PushLane {
		t.Errorf("after a push: %+v", work)
	}
	if lane := requested(t, f, org)[of("7", "shop/api", "image 7")]; lane != store.PushLane {
		t.Errorf("it is in lane %d", lane)
	}
}

func testFailing(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := connect(t, f, org)
	enable(t, f, org, "shop/web")
	wait := func() time.Duration {
		t.Helper()
		got, err := f.Store.ConnectedRegistry(ctx, org, "hub")
		must(t, err)
		if got.Status.Reason == "" || got.Status.FailingSince.IsZero() {
			t.Errorf("failing: %+v", got.Status)
		}
		next(t, f, in, "")
		_, _, err = f.Store.RegistryByID(ctx, in.ID)
		wantKind(t, err, crowsnest.Conflict)
		if n, err := f.Store.EnqueueDueRegistries(ctx); err != nil || n != 0 {
			t.Errorf("%d are due, %v", n, err)
		}
		d := time.Duration(0)
		for ; err == nil || crowsnest.KindOf(err) == crowsnest.Conflict; d += time.Second {
			if _, _, err = f.Store.RegistryByID(ctx, in.ID); err == nil {
				return d
			}
			f.Advance(time.Second)
		}
		t.Fatal(err)
		return 0
	}
	must(t, f.Store.RegistryFails(ctx, in.ID, "it asks for other credentials", 0))
	first := wait()
	f.Advance(time.Minute)
	must(t, f.Store.RegistryFails(ctx, in.ID, "it asks for other credentials", 0))
	if second := wait(); second <= first || second > 10*time.Minute {
		t.Errorf("it waits %s, then %s", first, second)
	}
	must(t, f.Store.RegistryFails(ctx, in.ID, "it asks to slow down", 20*time.Minute))
	if third := wait(); third != 20*time.Minute {
		t.Errorf("asked to wait 20 minutes it waits %s", third)
	}
	must(t, f.Store.RegistryFails(ctx, in.ID, "it asks to slow down", time.Hour))
	must(t, f.Store.ChangeRegistry(ctx, org, "hub", store.RegistryChange{Secret: []byte("better")})) // which no wait delays
	next(t, f, in, "shop/web")
	look(t, f, next(t, f, in, "shop/web"), "1", map[string]string{"1": "one"})
	list, err := f.Store.Requests(ctx, org, "", store.Page{})
	must(t, err)
	must(t, f.Store.FinishRequest(ctx, list.Items[0].ID, "", "it asks for other credentials"))
	f.Work()
	must(t, f.Store.ChangeRegistry(ctx, org, "hub", store.RegistryChange{Namespace: new(string)}))
	must(t, f.Store.ChangeRegistry(ctx, org, "hub", store.RegistryChange{Secret: []byte("right")}))
	again := []store.Work{{Kind: store.WatchWork, ID: in.ID}, {Kind: store.AnalyseWork, ID: list.Items[0].ID, Lane: store.PushLane}, {Kind: store.WatchWork, ID: in.ID}}
	if diff := cmp.Diff(again, f.Work()); diff != "" {
		t.Errorf("with other credentials (-want +got):\n%s", diff)
	}
	f.Advance(time.Hour)
	must(t, f.Store.RegistryFails(ctx, in.ID, "it refuses connections", 0))
	must(t, f.Store.RegistryAnswers(ctx, in.ID))
	if got, err := f.Store.ConnectedRegistry(ctx, org, "hub"); err != nil || got.Status.Reason != "" || !got.Status.FailingSince.IsZero() {
		t.Errorf("it answers: %+v, %v", got.Status, err)
	}
	w := next(t, f, in, "shop/web")
	// A push that is told of while a look fails is looked at all the same.
	f.Advance(time.Second)
	must(t, f.Store.TellPush(ctx, in.ID, []store.Push{{Repositories: []string{"shop/web"}, Tags: []string{"2"}}}))
	must(t, f.Store.LeaveRepository(ctx, w, "the account may not read it"))
	w = next(t, f, in, "shop/web")
	must(t, f.Store.LeaveRepository(ctx, w, "the account may not read it"))
	next(t, f, in, "")
	repositories, err := f.Store.Repositories(ctx, org, store.RepositoryFilter{}, store.Page{})
	if must(t, err); repositories.Items[0].Reason == "" {
		t.Error("why its tags could not be read is not kept")
	}
	f.Advance(time.Hour)
	look(t, f, next(t, f, in, "shop/web"), "", nil)
	if repositories, err = f.Store.Repositories(ctx, org, store.RepositoryFilter{}, store.Page{}); err != nil || repositories.Items[0].Reason != "" {
		t.Errorf("it could be read, and still: %q, %v", repositories.Items[0].Reason, err)
	}
}

func testDisabling(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := connect(t, f, org)
	enable(t, f, org, "shop/web", "shop/web2")
	w := next(t, f, in, "shop/web")
	look(t, f, w, "1", map[string]string{"1": "shop/web"})
	look(t, f, next(t, f, in, "shop/web2"), "1", map[string]string{"1": "shop/web2"})
	if _, err := f.Store.EnableRepositories(ctx, org, store.RepositoryScope{Registry: "hub", Names: []string{"shop/web"}}, false); err != nil {
		t.Fatal(err)
	}
	wantRequests(t, f, org, map[string]store.Lane{of("1", "shop/web2", "shop/web2"): store.PushLane})
	// What a worker that began before brings changes nothing.
	must(t, f.Store.SaveTags(ctx, w.ID, []string{"1"}, "1"))
	must(t, f.Store.SaveTarget(ctx, w.ID, store.TagWork{Name: "1"}, storetest.Digest("late")))
	enable(t, f, org, "shop/web")
	look(t, f, next(t, f, in, "shop/web"), "1", map[string]string{"1": "shop/web"})
	wantRequests(t, f, org, map[string]store.Lane{of("1", "shop/web", "shop/web"): store.PushLane, of("1", "shop/web2", "shop/web2"): store.PushLane})
}

// A tag that was pushed anew does not lead to what it named before, also while its image is not analysed.
func testNotYet(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := connect(t, f, org)
	old := storetest.Image(host + "/shop/web:1")
	_, err := f.Store.RecordImage(ctx, org, old, &store.Tag{Repository: host + "/shop/web", Name: "1", Target: old.Index}, storetest.Analyser)
	must(t, err)
	must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: old}, storetest.Analyser))
	enable(t, f, org, "shop/web")
	look(t, f, next(t, f, in, "shop/web"), "1", map[string]string{"1": "new"})
	_, err = f.Store.Image(ctx, org, old.Name)
	wantKind(t, err, crowsnest.NotFound)
}

// Of each running image that is not analysed it is told what would make it so.
func testRemedies(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	cluster := f.Connect(t, org, "eu", "production")
	names := map[crowsnest.Digest]string{}
	var runs []crowsnest.Observation
	for _, name := range []string{host + "/shop/web:1", "ghcr.io/acme/tool:1", ""} {
		digest := storetest.Digest("running " + name)
		runs = append(runs, storetest.Run("w"+fmt.Sprint(len(runs)), digest, ""))
		if name != "" {
			names[digest] = name
		}
	}
	f.Sweep(t, cluster, store.Snapshot{Runs: runs})
	must(t, f.Store.SaveReportedNames(ctx, cluster.ID, names, 0, ""))
	want := func(when string, action store.RemedyAction, reason string) {
		t.Helper()
		gaps, err := f.Store.Gaps(ctx, org, "production", store.Page{})
		must(t, err)
		got := map[string]store.Remedy{}
		for _, g := range gaps.Items {
			got[g.Name] = g.Remedy
		}
		web := store.Remedy{Action: action, Host: host, Repository: "shop/web", Reason: reason}
		if action != store.ConnectRemedy {
			web.Registry = "hub"
		}
		if diff := cmp.Diff(map[string]store.Remedy{
			"": {}, "ghcr.io/acme/tool:1": {Action: store.ConnectRemedy, Host: "ghcr.io", Repository: "acme/tool"}, host + "/shop/web:1": web,
		}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	want("not connected", store.ConnectRemedy, "")
	in := connect(t, f, org)
	want("connected, and not found yet", store.EnableRemedy, "")
	enable(t, f, org, "shop/web")
	want("enabled", store.WaitRemedy, "")
	w := next(t, f, in, "shop/web")
	must(t, f.Store.SaveTags(ctx, w.ID, []string{"1", "2"}, "2"))
	must(t, f.Store.LeaveRepository(ctx, w, "the account may not read it"))
	want("not readable", store.CredentialRemedy, "the account may not read it")
	f.Advance(time.Hour)
	look(t, f, next(t, f, in, "shop/web"), "", map[string]string{"1": "one", "2": "two"})
	want("queued", store.WaitRemedy, "")
	list, err := f.Store.Requests(ctx, org, "", store.Page{})
	must(t, err)
	for _, r := range list.Items {
		must(t, f.Store.FinishRequest(ctx, r.ID, "", "it is no image"))
	}
	want("over, and the image that runs was not among them", store.AnalyseRemedy, "")
	must(t, f.Store.RegistryFails(ctx, in.ID, "it asks for other credentials", 0))
	want("failing", store.CredentialRemedy, "it asks for other credentials")
	pause(t, f, org, true)
	want("paused", store.ResumeRemedy, "")
}
