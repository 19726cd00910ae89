package registrytest

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

func pause(t *testing.T, f storetest.Fixture, org store.OrgID, paused bool) {
	t.Helper()
	must(t, f.Store.ChangeRegistry(ctx, org, "hub", store.RegistryChange{Paused: &paused}))
}

// Of a paused registry nothing is asked, nothing of what waits is lost, and resumed it goes on where it was.
func testPaused(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := connect(t, f, org)
	enable(t, f, org, "shop/web")
	look(t, f, next(t, f, in, "shop/web"), "1", map[string]string{"1": "one"})
	f.Work()
	pause(t, f, org, true)
	pause(t, f, org, true)
	if work := f.Work(); len(work) != 0 {
		t.Errorf("paused, and there is work: %+v", work)
	}
	got, err := f.Store.ConnectedRegistry(ctx, org, "hub")
	must(t, err)
	if got.Status.Paused.IsZero() || !got.Status.Next.IsZero() || !got.Status.NextListing.IsZero() || string(got.Secret) != "sealed" {
		t.Errorf("paused: %+v", got)
	}
	f.Advance(time.Hour)
	if n, err := f.Store.EnqueueDueRegistries(ctx); err != nil || n != 0 {
		t.Errorf("%d are due, %v", n, err)
	}
	_, _, err = f.Store.RegistryByID(ctx, in.ID)
	wantKind(t, err, crowsnest.Conflict)
	next(t, f, in, "")
	must(t, f.Store.TellPush(ctx, in.ID, []store.Push{{Repositories: []string{"shop/web"}, Tags: []string{"2"}}}))
	if work := f.Work(); len(work) != 0 {
		t.Errorf("told of a push, and there is work: %+v", work)
	}
	list, err := f.Store.Requests(ctx, org, "", store.Page{})
	must(t, err)
	pushed := list.Items[0].ID
	for range 2 {
		_, err = f.Store.StartRequest(ctx, pushed) // by a job that was enqueued before
		wantKind(t, err, crowsnest.NotFound)
	}
	if r, err := f.Store.Request(ctx, org, pushed); err != nil || r.State != store.Queued || r.Reason == "" {
		t.Errorf("held back: %+v, %v", r, err)
	}
	// Who asks for an image by its name gets it all the same.
	asked, err := f.Store.RequestAnalysis(ctx, org, host+"/shop/web:1", "")
	must(t, err)
	_, err = f.Store.StartRequest(ctx, asked.ID)
	must(t, err)
	f.Work()

	pause(t, f, org, false)
	want := []store.Work{{Kind: store.AnalyseWork, ID: pushed, Lane: store.PushLane}, {Kind: store.WatchWork, ID: in.ID}}
	if diff := cmp.Diff(want, f.Work()); diff != "" {
		t.Errorf("resumed (-want +got):\n%s", diff)
	}
	if r, err := f.Store.StartRequest(ctx, pushed); err != nil || r.State != store.Running || r.Reason != "" {
		t.Errorf("resumed: %+v, %v", r, err)
	}
	pause(t, f, org, false)
	if work := f.Work(); len(work) != 1 {
		t.Errorf("resumed twice: %+v", work)
	}
	w := next(t, f, in, "shop/web") // the push that was told of
	look(t, f, w, "", map[string]string{"1": "one", "2": "two"})
	wantRequests(t, f, org, map[string]store.Lane{of("1", "shop/web", "one"): store.PushLane, of("2", "shop/web", "two"): store.PushLane, " " + host + "/shop/web:1": store.PeopleLane})

	actions := map[string]int{}
	log, err := f.Store.AuditLog(ctx, org, store.AuditFilter{}, store.Page{Limit: 100})
	must(t, err)
	for _, e := range log.Items {
		actions[e.Action]++
	}
	if actions["registry.pause"] != 1 || actions["registry.resume"] != 1 || actions["registry.change"] != 0 {
		t.Errorf("recorded: %v", actions)
	}
}

// Whatever is held back while somebody resumes the registry is enqueued by one of the two.
func testResumedMeanwhile(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := connect(t, f, org)
	enable(t, f, org, "shop/web")
	look(t, f, next(t, f, in, "shop/web"), "1", map[string]string{"1": "one"})
	list, err := f.Store.Requests(ctx, org, "", store.Page{})
	must(t, err)
	id := list.Items[0].ID
	for range 20 {
		pause(t, f, org, true)
		f.Work()
		var started error
		var together sync.WaitGroup
		together.Go(func() { _, started = f.Store.StartRequest(ctx, id) })
		pause(t, f, org, false)
		together.Wait()
		enqueued := 0
		for _, w := range f.Work() {
			if w.Kind == store.AnalyseWork {
				enqueued++
			}
		}
		if (started == nil) == (enqueued == 1) {
			t.Fatalf("started: %v, and enqueued %d times", started, enqueued)
		}
	}
}

// When a registry is looked at next is when the first of what is to be asked is due.
func testNextLook(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := connect(t, f, org)
	status := func() store.RegistryStatus {
		t.Helper()
		got, err := f.Store.ConnectedRegistry(ctx, org, "hub")
		must(t, err)
		return got.Status
	}
	begun := in.Created
	if s := status(); !s.Looked.IsZero() || !s.Next.Equal(begun) || !s.NextListing.Equal(begun) {
		t.Errorf("just connected: %+v", s)
	}
	f.Advance(time.Second)
	must(t, f.Store.NoteLook(ctx, in.ID))
	must(t, f.Store.SaveListing(ctx, in.ID, []string{"shop/web"}))
	listed := status()
	if !listed.Looked.After(begun) || !listed.Next.Equal(listed.NextListing) || listed.Next.Sub(listed.Looked) < 9*time.Minute {
		t.Errorf("listed: %+v", listed)
	}
	enable(t, f, org, "shop/web")
	look(t, f, next(t, f, in, "shop/web"), "", map[string]string{"1": "one"})
	read := status()
	if wait := read.Next.Sub(listed.Looked); wait < 4*time.Minute || wait > 6*time.Minute || !read.NextListing.Equal(listed.NextListing) {
		t.Errorf("tags are read every five minutes: %+v", read)
	}
	f.Advance(time.Minute)
	must(t, f.Store.TellPush(ctx, in.ID, []store.Push{{Repositories: []string{"shop/web"}, Tags: []string{"1"}}}))
	if s := status(); !s.Next.Before(read.Next) {
		t.Errorf("told of a push it is looked at at %s", s.Next)
	}
	must(t, f.Store.RegistryFails(ctx, in.ID, "it asks to slow down", 20*time.Minute))
	if s := status(); !s.Next.Equal(s.Waits) || !s.NextListing.Equal(s.Waits) {
		t.Errorf("it waits, and still: %+v", s)
	}
}

func testImpact(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := connect(t, f, org)
	img := storetest.Image(host + "/shop/web:1")
	_, err := f.Store.RecordImage(ctx, org, img, &store.Tag{Repository: host + "/shop/web", Name: "1", Target: img.Index}, storetest.Analyser)
	must(t, err)
	must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: img}, storetest.Analyser))
	must(t, f.Store.SaveListing(ctx, in.ID, []string{"shop/web", "shop/api"}))
	enable(t, f, org, "shop/web")
	look(t, f, next(t, f, in, "shop/web"), "2", map[string]string{"2": "two", "3": "three"})
	_, err = f.Store.Fill(ctx, org, store.RepositoryScope{Registry: "hub"})
	must(t, err)
	got, err := f.Store.RegistryImpact(ctx, org, "hub")
	must(t, err)
	if want := (store.RegistryImpact{Repositories: 2, Enabled: 1, Waiting: 2, Images: 1}); got != want {
		t.Errorf("impact %+v, want %+v", got, want)
	}
	_, err = f.Store.RegistryImpact(ctx, f.Organisation(t, "other"), "hub")
	wantKind(t, err, crowsnest.NotFound)
	must(t, f.Store.DisconnectRegistry(ctx, org, "hub"))
	if got, err := f.Store.Image(ctx, org, string(img.Digest)); err != nil || got.State != store.Analysed {
		t.Errorf("the image did not stay: %+v, %v", got.State, err)
	}
	if left := requested(t, f, org); len(left) != 0 {
		t.Errorf("analyses still wait: %v", left)
	}
}
