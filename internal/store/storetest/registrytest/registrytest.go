// Package registrytest is the part of the store's suite about connected registries: what is found and enabled there,
// what a push leads to, and in which order.
package registrytest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// Suite runs every test against fresh stores that open makes.
func Suite(t *testing.T, open func(t *testing.T) storetest.Fixture) {
	storetest.Each(t, open, map[string]func(*testing.T, storetest.Fixture){
		"ConnectedRegistries":     testConnected,
		"Listings":                testListings,
		"Enabling":                testEnabling,
		"PushesBecomeRequests":    testPushes,
		"TagsHaveAHistory":        testHistory,
		"OneRequestForADigest":    testOnce,
		"ToldOfPushes":            testTold,
		"OrderOfRepositories":     testOrder,
		"Backfill":                testBackfill,
		"RegistryThatFails":       testFailing,
		"DisablingTakesBack":      testDisabling,
		"ToldMeanwhile":           testToldMeanwhile,
		"FilledUpMeanwhile":       testFillMeanwhile,
		"PushedAndNotYetAnalysed": testNotYet,
		"Remedies":                testRemedies,
		"Paused":                  testPaused,
		"ResumedMeanwhile":        testResumedMeanwhile,
		"NextLook":                testNextLook,
		"Impact":                  testImpact,
		"KnownRepository":         testKnown,
		"KeptTags":                testKept,
		"RunningIsAskedFor":       testRunning,
		"NamesThatMove":           testRunningMoved,
	})
}

var ctx = context.Background()

var must, wantKind = storetest.Must, storetest.WantKind

const host = "registry.example.com"

// connect makes a connected registry called hub.
func connect(t *testing.T, f storetest.Fixture, org store.OrgID, change ...func(*store.RegistryIntegration)) store.RegistryIntegration {
	t.Helper()
	in := store.RegistryIntegration{Name: "hub", Kind: "oci", Host: host, Username: "robot", Secret: []byte("sealed"), Interval: 5 * time.Minute}
	for _, c := range change {
		c(&in)
	}
	in, err := f.Store.ConnectRegistry(ctx, org, in)
	must(t, err)
	f.Work()
	return in
}

func repositories(t *testing.T, f storetest.Fixture, org store.OrgID, filter store.RepositoryFilter) (out []string) {
	t.Helper()
	for page := (store.Page{Limit: 2}); ; {
		list, err := f.Store.Repositories(ctx, org, filter, page)
		must(t, err)
		for _, r := range list.Items {
			state := ""
			if !r.Enabled.IsZero() {
				state += " enabled"
			}
			if !r.Gone.IsZero() {
				state += " gone"
			}
			out = append(out, r.Name+state)
		}
		if list.Next == "" {
			return out
		}
		page.Cursor = list.Next
	}
}

// next returns the work on the repository that is due, which must be the named one.
func next(t *testing.T, f storetest.Fixture, in store.RegistryIntegration, name string) store.RepositoryWork {
	t.Helper()
	w, err := f.Store.NextRepository(ctx, in.ID)
	if name == "" {
		wantKind(t, err, crowsnest.NotFound)
		return w
	}
	must(t, err)
	if w.Name != name {
		t.Fatalf("%s is due, want %s", w.Name, name)
	}
	return w
}

// look does with a repository what a worker does: tags name digests made of words.
func look(t *testing.T, f storetest.Fixture, w store.RepositoryWork, newest string, tags map[string]string) {
	t.Helper()
	if w.List {
		var names []string
		for n := range tags {
			names = append(names, n)
		}
		must(t, f.Store.SaveTags(ctx, w.ID, names, newest))
	}
	ask, err := f.Store.TagsToCheck(ctx, w.ID, !w.List, 100)
	must(t, err)
	for _, tag := range ask {
		target := crowsnest.Digest("")
		if word, ok := tags[tag.Name]; ok {
			target = storetest.Digest(word)
		}
		must(t, f.Store.SaveTarget(ctx, w.ID, tag, target))
	}
	must(t, f.Store.LeaveRepository(ctx, w, ""))
}

// requested lists tag and lane of the requests there are.
func requested(t *testing.T, f storetest.Fixture, org store.OrgID) map[string]store.Lane {
	t.Helper()
	list, err := f.Store.Requests(ctx, org, "", store.Page{Limit: 1000})
	must(t, err)
	out := map[string]store.Lane{}
	for _, r := range list.Items {
		out[r.Tag+" "+r.Reference] = r.Lane
	}
	return out
}

func of(tag, repository, word string) string {
	return fmt.Sprintf("%s %s/%s@%s", tag, host, repository, storetest.Digest(word))
}

func wantRequests(t *testing.T, f storetest.Fixture, org store.OrgID, want map[string]store.Lane) {
	t.Helper()
	if diff := cmp.Diff(want, requested(t, f, org)); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func enable(t *testing.T, f storetest.Fixture, org store.OrgID, names ...string) {
	t.Helper()
	_, err := f.Store.EnableRepositories(ctx, org, store.RepositoryScope{Registry: "hub", Names: names}, true)
	must(t, err)
}

func testConnected(t *testing.T, f storetest.Fixture) {
	org, others := f.Organisation(t, "acme"), f.Organisation(t, "other")
	in, err := f.Store.ConnectRegistry(ctx, org, store.RegistryIntegration{Name: "hub", Kind: "oci", Host: host, Username: "robot", Secret: []byte("sealed"), CA: "certificates",
		Include: crowsnest.Globs{"team/*"}, Exclude: crowsnest.Globs{"team/tmp*"}, Enabling: crowsnest.Globs{"team/prod-*"}, Repositories: []string{"team/web"}, Interval: time.Minute})
	must(t, err)
	if diff := cmp.Diff([]store.Work{{Kind: store.WatchWork, ID: in.ID}}, f.Work()); diff != "" {
		t.Errorf("work (-want +got):\n%s", diff)
	}
	_, err = f.Store.ConnectRegistry(ctx, org, store.RegistryIntegration{Name: "hub", Kind: "oci", Host: "other.example.com"})
	wantKind(t, err, crowsnest.Conflict)
	got, err := f.Store.ConnectedRegistry(ctx, org, "hub")
	must(t, err)
	if diff := cmp.Diff(in, got); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	_, err = f.Store.ConnectedRegistry(ctx, others, "hub")
	wantKind(t, err, crowsnest.NotFound)
	wantKind(t, f.Store.ChangeRegistry(ctx, others, "hub", store.RegistryChange{Secret: []byte("theirs")}), crowsnest.NotFound)
	wantKind(t, f.Store.DisconnectRegistry(ctx, others, "hub"), crowsnest.NotFound)

	user, patterns, own := "other", crowsnest.Globs{}, true
	must(t, f.Store.ChangeRegistry(ctx, org, "hub", store.RegistryChange{Username: &user, Secret: []byte("new"), Include: &patterns, Identity: &own}))
	got, err = f.Store.ConnectedRegistry(ctx, org, "hub")
	must(t, err)
	if got.Username != "other" || got.CA != "certificates" || !got.Identity || string(got.Secret) != "new" || got.Include != nil || got.Enabling == nil || len(got.Repositories) != 1 {
		t.Errorf("after the change: %+v", got)
	}
	pulls := store.Pulls{Limit: 100, Left: 7, Window: 6 * time.Hour, At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	must(t, f.Store.NotePulls(ctx, in.ID, pulls))
	if got, err = f.Store.ConnectedRegistry(ctx, org, "hub"); err != nil || got.Status.Pulls != pulls {
		t.Errorf("limit on pulls %+v, %v", got.Status.Pulls, err)
	}
	must(t, f.Store.SetRegistryHook(ctx, org, "hub", []byte("hook")))
	if got, err = f.Store.HookedRegistry(ctx, in.ID); err != nil || string(got.Hook) != "hook" {
		t.Errorf("hooked: %q, %v", got.Hook, err)
	}
	if got, err = f.Store.RegistryOf(ctx, org, host+"/team/web"); err != nil || got.Name != "hub" {
		t.Errorf("of a repository: %s, %v", got.Name, err)
	}
	_, err = f.Store.RegistryOf(ctx, others, host+"/team/web")
	wantKind(t, err, crowsnest.NotFound)

	must(t, f.Store.DisconnectRegistry(ctx, org, "hub"))
	_, err = f.Store.HookedRegistry(ctx, in.ID)
	wantKind(t, err, crowsnest.NotFound)
	_, _, err = f.Store.RegistryByID(ctx, in.ID)
	wantKind(t, err, crowsnest.NotFound)
	secrets, err := f.Store.SealedSecrets(ctx)
	must(t, err)
	if len(secrets) != 0 {
		t.Errorf("disconnected, and %d secrets are left", len(secrets))
	}
	connect(t, f, org, func(in *store.RegistryIntegration) { in.Username, in.Secret = "", nil }) // the name is free again
	must(t, f.Store.ChangeRegistry(ctx, org, "hub", store.RegistryChange{Include: &patterns}))   // which needs no credentials
}

func testListings(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := connect(t, f, org, func(in *store.RegistryIntegration) { in.Enabling = crowsnest.Globs{"prod/*"} })
	_, list, err := f.Store.RegistryByID(ctx, in.ID)
	if must(t, err); !list {
		t.Error("a new one is not to be listed")
	}
	must(t, f.Store.SaveListing(ctx, in.ID, []string{"prod/web", "dev/web", "dev/tool"}))
	if _, list, err = f.Store.RegistryByID(ctx, in.ID); err != nil || list {
		t.Errorf("right after a listing: %v, %v", list, err)
	}
	if diff := cmp.Diff([]string{"dev/tool", "dev/web", "prod/web enabled"}, repositories(t, f, org, store.RepositoryFilter{})); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	f.Advance(time.Hour)
	if _, list, err = f.Store.RegistryByID(ctx, in.ID); err != nil || !list {
		t.Errorf("an hour later: %v, %v", list, err)
	}
	must(t, f.Store.SaveListing(ctx, in.ID, []string{"dev/web", "prod/api"}))
	want := []string{"dev/tool gone", "dev/web", "prod/api enabled", "prod/web enabled gone"}
	if diff := cmp.Diff(want, repositories(t, f, org, store.RepositoryFilter{Registry: "hub"})); diff != "" {
		t.Errorf("after the second (-want +got):\n%s", diff)
	}
	must(t, f.Store.SaveListing(ctx, in.ID, []string{"dev/web", "prod/api", "prod/web"}))
	for filter, want := range map[store.RepositoryFilter][]string{
		{State: "enabled"}:   {"prod/api enabled", "prod/web enabled"},
		{State: "disabled"}:  {"dev/web"},
		{Query: "API"}:       {"prod/api enabled"},
		{Registry: "nobody"}: nil,
	} {
		if diff := cmp.Diff(want, repositories(t, f, org, filter)); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", filter, diff)
		}
	}
	if got := repositories(t, f, f.Organisation(t, "other"), store.RepositoryFilter{}); got != nil {
		t.Errorf("others see %q", got)
	}
}

func testEnabling(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := connect(t, f, org)
	must(t, f.Store.SaveListing(ctx, in.ID, []string{"a/1", "a/2", "b/1"}))
	for _, step := range []struct {
		scope  store.RepositoryScope
		enable bool
		n      int
	}{
		{store.RepositoryScope{Registry: "hub", Names: []string{"b/1"}}, true, 1},
		{store.RepositoryScope{Registry: "hub", Names: []string{"b/1"}}, true, 0},
		{store.RepositoryScope{Registry: "hub", Patterns: crowsnest.Globs{"a/*"}}, true, 2},
		{store.RepositoryScope{Registry: "hub", Names: []string{"hidden/one"}}, true, 1}, // no listing has it
		{store.RepositoryScope{Registry: "hub"}, false, 4},
	} {
		n, err := f.Store.EnableRepositories(ctx, org, step.scope, step.enable)
		if must(t, err); n != step.n {
			t.Errorf("%+v %v: %d changed, want %d", step.scope, step.enable, n, step.n)
		}
	}
	_, err := f.Store.EnableRepositories(ctx, f.Organisation(t, "other"), store.RepositoryScope{Registry: "hub"}, true)
	wantKind(t, err, crowsnest.NotFound)
}

func testPushes(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := connect(t, f, org)
	enable(t, f, org, "shop/web")
	w := next(t, f, in, "shop/web")
	if !w.List || !w.First {
		t.Errorf("just enabled: %+v", w)
	}
	f.Work()
	// Of what was there before only the newest is analysed.
	look(t, f, w, "2", map[string]string{"1": "one", "2": "two"})
	wantRequests(t, f, org, map[string]store.Lane{of("2", "shop/web", "two"): store.PushLane})
	if work := f.Work(); len(work) != 1 || work[0].Kind != store.AnalyseWork || work[0].Lane != store.PushLane {
		t.Errorf("work %+v", work)
	}
	next(t, f, in, "")
	if list, err := f.Store.Repositories(ctx, org, store.RepositoryFilter{}, store.Page{}); err != nil || !list.Items[0].Pushed.IsZero() {
		t.Errorf("what was there before counts as pushed: %+v, %v", list.Items, err)
	}
	f.Advance(time.Hour)
	if n, err := f.Store.EnqueueDueRegistries(ctx); err != nil || n != 1 {
		t.Errorf("%d are due, %v", n, err)
	}
	w = next(t, f, in, "shop/web")
	if !w.List || w.First {
		t.Errorf("an hour later: %+v", w)
	}
	look(t, f, w, "3", map[string]string{"1": "one again", "2": "two", "3": "three"})
	wantRequests(t, f, org, map[string]store.Lane{of("1", "shop/web", "one again"): store.PushLane, of("2", "shop/web", "two"): store.PushLane, of("3", "shop/web", "three"): store.PushLane})
	list, err := f.Store.Repositories(ctx, org, store.RepositoryFilter{}, store.Page{})
	if must(t, err); list.Items[0].Tags != 3 || list.Items[0].Pushed.IsZero() {
		t.Errorf("repository %+v", list.Items[0])
	}
}

func testHistory(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := connect(t, f, org)
	enable(t, f, org, "shop/web")
	newer, older := storetest.Image("newer"), storetest.Image("older")
	for _, img := range []crowsnest.Image{newer, older} {
		_, err := f.Store.RecordImage(ctx, org, img, nil, storetest.Analyser)
		must(t, err)
		must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: img}, storetest.Analyser))
	}
	names := func(want crowsnest.Image) {
		t.Helper()
		got, err := f.Store.Image(ctx, org, host+"/shop/web:1")
		if want.Digest == "" {
			wantKind(t, err, crowsnest.NotFound)
			return
		}
		if must(t, err); got.Digest != want.Digest {
			t.Errorf("the tag leads to %s, want %s", got.Name, want.Name)
		}
	}
	w := next(t, f, in, "shop/web")
	must(t, f.Store.SaveTags(ctx, w.ID, []string{"1"}, "1"))
	must(t, f.Store.SaveTarget(ctx, w.ID, store.TagWork{Name: "1"}, older.Index))
	names(older)
	f.Advance(time.Hour)
	must(t, f.Store.SaveTarget(ctx, w.ID, store.TagWork{Name: "1"}, newer.Index))
	must(t, f.Store.SaveTarget(ctx, w.ID, store.TagWork{Name: "1"}, newer.Index))
	names(newer)
	wantRequests(t, f, org, map[string]store.Lane{}) // both are analysed
	f.Advance(time.Hour)
	must(t, f.Store.SaveTags(ctx, w.ID, nil, ""))
	names(crowsnest.Image{})
}

func testOnce(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := connect(t, f, org)
	enable(t, f, org, "shop/web")
	tags := map[string]string{"1": "one", "1.0": "one", "latest": "one"}
	for range 3 {
		look(t, f, next(t, f, in, "shop/web"), "latest", tags)
		must(t, f.Store.TellPush(ctx, in.ID, []store.Push{{Repositories: []string{"shop/web"}, Tags: []string{"1", "latest"}}}))
		look(t, f, next(t, f, in, "shop/web"), "", tags)
		f.Advance(time.Hour)
	}
	list, err := f.Store.Requests(ctx, org, "", store.Page{})
	if must(t, err); len(list.Items) != 1 {
		t.Fatalf("%d requests for one digest", len(list.Items))
	}
	id := list.Items[0].ID
	_, err = f.Store.StartRequest(ctx, id)
	must(t, err)
	must(t, f.Store.PostponeRequest(ctx, id, "the registry asks to slow down"))
	if r, err := f.Store.Request(ctx, org, id); err != nil || r.State != store.Queued || r.Reason == "" {
		t.Errorf("postponed: %+v, %v", r, err)
	}
	_, err = f.Store.StartRequest(ctx, id)
	must(t, err)
	must(t, f.Store.FinishRequest(ctx, id, storetest.Digest("one"), ""))
	_, err = f.Store.StartRequest(ctx, id) // a job that was enqueued twice
	wantKind(t, err, crowsnest.NotFound)
	_, err = f.Store.RetryAnalysis(ctx, org, id)
	must(t, err)
	_, err = f.Store.StartRequest(ctx, id)
	must(t, err)
}

func testTold(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := connect(t, f, org, func(in *store.RegistryIntegration) {
		in.Exclude, in.Enabling = crowsnest.Globs{"tmp/*"}, crowsnest.Globs{"prod/*"}
	})
	must(t, f.Store.SaveListing(ctx, in.ID, []string{"dev/web", "shop/web"}))
	enable(t, f, org, "shop/web")
	look(t, f, next(t, f, in, "shop/web"), "", map[string]string{"1": "one"})
	tell := func(tag string, names ...string) {
		t.Helper()
		must(t, f.Store.TellPush(ctx, in.ID, []store.Push{{Repositories: names, Tags: []string{tag}}}))
	}
	tell("2", "docker/shop/web", "shop/web") // one of two names is known
	tell("1", "dev/web")                     // known, and not enabled
	tell("1", "tmp/web")                     // not let in
	tell("1", "prod/web")                    // new, and enabled as it appears
	want := []string{"dev/web", "prod/web enabled", "shop/web enabled"}
	if diff := cmp.Diff(want, repositories(t, f, org, store.RepositoryFilter{})); diff != "" {
		t.Errorf("repositories (-want +got):\n%s", diff)
	}
	tags := map[string]string{"1": "one", "2": "two"}
	w := next(t, f, in, "shop/web")
	if w.List {
		t.Error("the tags were just listed")
	}
	look(t, f, w, "", tags)
	look(t, f, next(t, f, in, "prod/web"), "1", map[string]string{"1": "prod"})
	want2 := map[string]store.Lane{of("2", "shop/web", "two"): store.PushLane, of("1", "prod/web", "prod"): store.PushLane}
	wantRequests(t, f, org, want2)
	// Told again, out of order, or of what never was: the registry is asked, and nothing new comes of it.
	tell("2", "shop/web")
	tell("2", "shop/web")
	tell("never", "shop/web")
	look(t, f, next(t, f, in, "shop/web"), "", tags)
	next(t, f, in, "")
	wantRequests(t, f, org, want2)
	list, err := f.Store.Repositories(ctx, org, store.RepositoryFilter{Query: "dev"}, store.Page{})
	if must(t, err); list.Items[0].Pushed.IsZero() {
		t.Error("the push to what is not enabled left no time")
	}
	wantKind(t, f.Store.TellPush(ctx, "another", nil), crowsnest.NotFound)
}

// A push is looked at before anything else, and what is filled up after everything else.
func testOrder(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := connect(t, f, org)
	enable(t, f, org, "filled", "told", "usual")
	for _, name := range []string{"filled", "told", "usual"} {
		look(t, f, next(t, f, in, name), "", map[string]string{"1": name, "2": name + " 2"})
	}
	if _, err := f.Store.Fill(ctx, org, store.RepositoryScope{Registry: "hub", Names: []string{"filled"}}); err != nil {
		t.Fatal(err)
	}
	next(t, f, in, "filled")
	f.Advance(time.Hour)
	must(t, f.Store.TellPush(ctx, in.ID, []store.Push{{Repositories: []string{"told"}, Tags: []string{"3"}}}))
	for _, name := range []string{"told", "filled", "usual"} { // the middle one is due as well
		look(t, f, next(t, f, in, name), "", map[string]string{"1": name, "2": name + " 2", "3": name + " 3"})
	}
}
