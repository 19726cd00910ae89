package registrytest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// What a registry answered before a push was told of is not taken for what was pushed.
func testToldMeanwhile(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := connect(t, f, org)
	enable(t, f, org, "shop/web")
	look(t, f, next(t, f, in, "shop/web"), "1", map[string]string{"1": "old"})
	push := func() {
		t.Helper()
		must(t, f.Store.TellPush(ctx, in.ID, []store.Push{{Repositories: []string{"shop/web"}, Tags: []string{"1"}}}))
	}
	push()
	w := next(t, f, in, "shop/web")
	ask, err := f.Store.TagsToCheck(ctx, w.ID, true, 10)
	must(t, err)
	push() // at the very same time, and after the registry was asked
	must(t, f.Store.SaveTarget(ctx, w.ID, ask[0], storetest.Digest("old")))
	must(t, f.Store.LeaveRepository(ctx, w, ""))

	look(t, f, next(t, f, in, "shop/web"), "", map[string]string{"1": "new"})
	next(t, f, in, "")
	wantRequests(t, f, org, map[string]store.Lane{of("1", "shop/web", "old"): store.PushLane, of("1", "shop/web", "new"): store.PushLane})
}

// Whoever chooses the rest of a repository while a worker looks at it gets all of it.
func testFillMeanwhile(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := connect(t, f, org)
	want := map[string]store.Lane{}
	for round := range 20 {
		name := fmt.Sprintf("shop/web%02d", round)
		enable(t, f, org, name)
		w := next(t, f, in, name)
		tags := make([]string, 8)
		for i := range tags {
			tags[i] = fmt.Sprintf("1.%d", i)
			want[of(tags[i], name, name+tags[i])] = store.FillLane
		}
		must(t, f.Store.SaveTags(ctx, w.ID, tags, ""))
		var both sync.WaitGroup
		both.Go(func() {
			if _, err := f.Store.Fill(ctx, org, store.RepositoryScope{Registry: "hub", Names: []string{name}}); err != nil {
				t.Error(err)
			}
		})
		both.Go(func() { // the list that was just read, then whatever is wanted
			for list := true; ; list = false {
				ask, err := f.Store.TagsToCheck(ctx, w.ID, !list, 100)
				if err != nil {
					t.Error(err)
				}
				for _, tag := range ask {
					if err := f.Store.SaveTarget(ctx, w.ID, tag, storetest.Digest(name+tag.Name)); err != nil {
						t.Error(err)
					}
				}
				if err := f.Store.LeaveRepository(ctx, w, ""); err != nil {
					t.Error(err)
				}
				if !list {
					return
				}
			}
		})
		both.Wait()
		for { // what was chosen too late for that worker is left to the next one
			w, err := f.Store.NextRepository(ctx, in.ID)
			if err != nil {
				wantKind(t, err, crowsnest.NotFound)
				break
			}
			ask, err := f.Store.TagsToCheck(ctx, w.ID, true, 100)
			must(t, err)
			for _, tag := range ask {
				must(t, f.Store.SaveTarget(ctx, w.ID, tag, storetest.Digest(name+tag.Name)))
			}
			must(t, f.Store.LeaveRepository(ctx, w, ""))
		}
	}
	wantRequests(t, f, org, want)
}
