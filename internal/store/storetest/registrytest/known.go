package registrytest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// What is known of a repository: what its tags name and named, its images, and how its registry watches it.
func testKnown(t *testing.T, f storetest.Fixture) {
	org, others := f.Organisation(t, "acme"), f.Organisation(t, "other")
	web := host + "/shop/web"
	record := func(name, repository, tag string, target crowsnest.Digest) crowsnest.Image {
		t.Helper()
		img := storetest.Image(name)
		if target == "" {
			target = img.Index
		}
		var named *store.Tag
		if tag != "" {
			named = &store.Tag{Repository: repository, Name: tag, Target: target}
		}
		_, err := f.Store.RecordImage(ctx, org, img, named, storetest.Analyser)
		must(t, err)
		f.Advance(time.Minute)
		return img
	}
	analysed := func(img crowsnest.Image) {
		t.Helper()
		must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: img}, storetest.Analyser))
	}
	_, err := f.Store.KnownRepository(ctx, org, web)
	wantKind(t, err, crowsnest.NotFound)

	one := record(web+":1", web, "1", "")
	analysed(one)
	two := record(web+":2", web, "2", "")
	byDigest := record(web+"@"+string(storetest.Digest("by digest")), "", "", "")
	analysed(record(host+"/shop/web2:1", host+"/shop/web2", "1", ""))
	analysed(record(host+"/shop/web/more:1", host+"/shop/web/more", "1", ""))
	moved := record("moved", web, "1", "") // the tag of one
	f.Sweep(t, f.Connect(t, org, "eu", "production"), store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", one.ImageID, "")}})

	known := func(want store.KnownRepository) {
		t.Helper()
		got, err := f.Store.KnownRepository(ctx, org, web)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("known (-want +got):\n%s", diff)
		}
	}
	known(store.KnownRepository{Name: web, Tags: 2, Images: 4, Running: 1})

	// Where a connected registry has it as well, that which watches it counts.
	aside := func(in *store.RegistryIntegration) { in.Name = "aside" }
	must(t, f.Store.SaveListing(ctx, connect(t, f, org, aside).ID, []string{"shop/web"}))
	in := connect(t, f, org)
	enable(t, f, org, "shop/web")
	must(t, f.Store.SaveListing(ctx, in.ID, []string{"shop/web"}))
	list, err := f.Store.Repositories(ctx, org, store.RepositoryFilter{State: "enabled"}, store.Page{})
	must(t, err)
	known(store.KnownRepository{Name: web, Watched: &list.Items[0], Tags: 2, Images: 4, Running: 1})
	_, err = f.Store.KnownRepository(ctx, others, web)
	wantKind(t, err, crowsnest.NotFound)

	intervals := func(repository string, past bool) (out []store.TagInterval) {
		t.Helper()
		for page := (store.Page{Limit: 2}); ; {
			list, err := f.Store.TagIntervals(ctx, org, repository, past, page)
			must(t, err)
			out = append(out, list.Items...)
			if list.Next == "" {
				return out
			}
			page.Cursor = list.Next
		}
	}
	type row struct {
		Tag, Image string
		State      store.State
		Over       bool
	}
	rows := func(list []store.TagInterval) (out []row) {
		for _, i := range list {
			name := map[crowsnest.Digest]string{one.Digest: "one", two.Digest: "two", moved.Digest: "moved"}[i.Image]
			out = append(out, row{i.Tag, name, i.State, !i.Until.IsZero()})
		}
		return out
	}
	if diff := cmp.Diff([]row{{"1", "moved", store.Found, false}, {"2", "two", store.Found, false}}, rows(intervals(web, false))); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	past := intervals(web, true)
	if diff := cmp.Diff([]row{{"1", "moved", store.Found, false}, {"2", "two", store.Found, false}, {"1", "one", store.Analysed, true}}, rows(past)); diff != "" {
		t.Errorf("with the past (-want +got):\n%s", diff)
	}
	if !past[2].Until.Equal(past[0].Since) || past[2].Target != one.Index {
		t.Errorf("what a tag named ends when it names something else: %+v, then %+v", past[2], past[0])
	}
	look(t, f, next(t, f, in, "shop/web"), "", map[string]string{"3": "pushed"}) // ends 1 and 2: they are not listed
	if diff := cmp.Diff([]row{{"3", "", "", false}}, rows(intervals(web, false)[:1])); diff != "" {
		t.Errorf("pushed (-want +got):\n%s", diff)
	}
	if list, err := f.Store.TagIntervals(ctx, others, web, true, store.Page{}); err != nil || len(list.Items) != 0 {
		t.Errorf("others see %+v, %v", list.Items, err)
	}

	var names []string
	for page := (store.Page{Limit: 3}); ; {
		list, err := f.Store.Images(ctx, org, store.ImageFilter{Repository: web, Sort: store.SortNewest}, page)
		must(t, err)
		for _, i := range list.Items {
			names = append(names, i.Name)
		}
		if list.Next == "" {
			break
		}
		page.Cursor = list.Next
	}
	if diff := cmp.Diff([]string{"moved", byDigest.Name, two.Name, one.Name}, names); diff != "" {
		t.Errorf("images, newest first (-want +got):\n%s", diff)
	}
	for what, filter := range map[string]store.ImageFilter{
		"that run":    {Repository: web, Environment: "production"},
		"with a text": {Repository: web, Query: "SHOP/WEB:1"},
	} {
		if list, err := f.Store.Images(ctx, org, filter, store.Page{}); err != nil || len(list.Items) != 1 || list.Items[0].Name != one.Name {
			t.Errorf("images %s: %+v, %v", what, list.Items, err)
		}
	}
}

// What tags name is kept of images that are elsewhere, too, and which analyser an image is known by.
func testKept(t *testing.T, f storetest.Fixture) {
	org, others := f.Organisation(t, "acme"), f.Organisation(t, "other")
	web := host + "/shop/web"
	keep := func(name, target string) {
		t.Helper()
		tag := store.Tag{Repository: web, Name: name}
		if target != "" {
			tag.Target = storetest.Digest(target)
		}
		must(t, f.Store.KeepTags(ctx, org, []store.Tag{tag}))
		f.Advance(time.Minute)
	}
	names := func(org store.OrgID, past bool) (all []string) {
		t.Helper()
		list, err := f.Store.TagIntervals(ctx, org, web, past, store.Page{})
		must(t, err)
		for _, i := range list.Items {
			all = append(all, i.Tag+" "+i.Target.Short())
		}
		return all
	}
	short := func(name string) string { return storetest.Digest(name).Short() }
	must(t, f.Store.KeepTags(ctx, org, nil))
	keep("1", "old")
	keep("1", "old")
	keep("2", "two")
	keep("1", "new")
	keep("2", "")
	if diff := cmp.Diff([]string{"1 " + short("new")}, names(org, false)); diff != "" {
		t.Errorf("now (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"1 " + short("new"), "2 " + short("two"), "1 " + short("old")}, names(org, true)); diff != "" {
		t.Errorf("ever (-want +got):\n%s", diff)
	}
	if got := names(others, true); got != nil {
		t.Errorf("others have %q", got)
	}
	img := f.Analysed(t, org, "web")
	for who, want := range map[store.OrgID]string{org: storetest.Analyser, others: ""} {
		if got, err := f.Store.Analyser(ctx, who, img.Digest); err != nil || got != want {
			t.Errorf("analysed by %q, %v; want %q", got, err, want)
		}
	}
	if got, err := f.Store.Analyser(ctx, org, storetest.Digest("none")); err != nil || got != "" {
		t.Errorf("an unknown one by %q, %v", got, err)
	}
}
