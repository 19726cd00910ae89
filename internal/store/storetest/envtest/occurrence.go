package envtest

import (
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

// testOccurrenceUse splits the findings of each container by its own profile: what another container of the image loads is not
// in use here, though it is in the image as a whole.
func testOccurrenceUse(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "ours")
	libc, zlib := storetest.Package("libc6", "2.36-9", "glibc"), storetest.Package("zlib1g", "1.2", "zlib")
	web := f.Analysed(t, org, "web:1", libc, zlib)
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory("1", "glibc", "3", time.Unix(1, 0)), storetest.Advisory("2", "zlib", "3", time.Unix(1, 0))})
	must(t, err)
	f.Match(t, storetest.AllAffected)
	of := func(p crowsnest.Package) []crowsnest.LoadedPackage {
		return []crowsnest.LoadedPackage{{Type: p.Type, Name: p.Name, Version: p.Version}}
	}
	in := f.Connect(t, org, "prod", "production")
	snap := store.Snapshot{
		Runs: []crowsnest.Observation{
			storetest.Run("a", web.ImageID, "libc"), storetest.Run("b", web.ImageID, "zlib"), storetest.Run("c", web.Digest, ""),
			storetest.Run("d", storetest.Digest("stranger"), ""), storetest.Run("gone", web.ImageID, "libc"),
		},
		Profiles: map[string][]crowsnest.LoadedPackage{"libc": of(libc), "zlib": of(zlib)},
	}
	f.Sweep(t, in, snap)
	snap.Runs = snap.Runs[:4]
	f.Advance(time.Minute)
	f.Sweep(t, in, snap)
	must(t, f.Store.SaveReportedNames(ctx, in.ID, map[crowsnest.Digest]string{storetest.Digest("stranger"): "registry.example.com/odd:1"}, 0, ""))

	one, two := crowsnest.Summary{Critical: 1}, crowsnest.Summary{Critical: 2}
	want := map[string]*running.Split{"a": {Loaded: one, NotSeen: one}, "b": {Loaded: one, NotSeen: one}, "c": {NotObserved: two}, "d": nil, "gone": nil}
	check := func(want map[string]*running.Split, stale bool) {
		t.Helper()
		list, err := f.Store.Occurrences(ctx, org, running.Filter{Environment: "production"}, store.Page{})
		must(t, err)
		got := make(map[string]*running.Split)
		for _, o := range list.Items {
			got[o.Name] = o.InUse
			if profiled := o.Name == "a" || o.Name == "b"; o.ProfiledAt.IsZero() == profiled || o.ProfileStale != (stale && profiled) {
				t.Errorf("%s: profiled at %v, stale %v", o.Name, o.ProfiledAt, o.ProfileStale)
			}
			name, digest := "web:1", web.Digest
			if o.Name == "d" {
				name, digest = "registry.example.com/odd:1", ""
			}
			if o.Image != name || o.Digest != digest {
				t.Errorf("%s runs %q %q, want %q %q", o.Name, o.Image, o.Digest, name, digest)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	check(want, false)

	// Findings of another state, and profiles that grew old.
	_, err = f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory("3", "zlib", "3", time.Unix(1, 0))})
	must(t, err)
	f.Match(t, storetest.AllAffected)
	check(map[string]*running.Split{"a": {Loaded: one, NotSeen: two}, "b": {Loaded: two, NotSeen: one}, "c": {NotObserved: crowsnest.Summary{Critical: 3}}, "d": nil, "gone": nil}, false)
	f.Advance(60 * 24 * time.Hour)
	check(map[string]*running.Split{"a": {Loaded: one, NotObserved: two}, "b": {Loaded: two, NotObserved: one}, "c": {NotObserved: crowsnest.Summary{Critical: 3}}, "d": nil, "gone": nil}, true)
}

// testOccurrenceFilter narrows what runs and ran, page by page.
func testOccurrenceFilter(t *testing.T, f storetest.Fixture) {
	org, theirs := f.Organisation(t, "ours"), f.Organisation(t, "theirs")
	web := f.Analysed(t, org, "registry.example.com/shop/web:1")
	f.Analysed(t, theirs, "registry.example.com/shop/web:1")
	at := func(namespace, name string, image crowsnest.Digest) crowsnest.Observation {
		o := storetest.Run(name, image, "")
		o.Namespace = namespace
		return o
	}
	prod, edge := f.Connect(t, org, "prod-eu", "production"), f.Connect(t, org, "edge", "production")
	odd := storetest.Digest("odd")
	snap := store.Snapshot{Runs: []crowsnest.Observation{
		at("shop", "front", web.ImageID), at("shop", "cart", odd), at("monitoring", "front_agent", odd), at("shop", "old", web.ImageID),
	}}
	f.Sweep(t, prod, snap)
	f.Sweep(t, edge, store.Snapshot{Runs: []crowsnest.Observation{at("shop", "front", odd)}})
	f.Sweep(t, f.Connect(t, theirs, "theirs", "production"), store.Snapshot{Runs: []crowsnest.Observation{at("shop", "front", web.ImageID)}})
	must(t, f.Store.SaveReportedNames(ctx, prod.ID, map[crowsnest.Digest]string{odd: "registry.example.com/odd/thing:2"}, 0, ""))
	f.Advance(time.Minute)
	snap.Runs = snap.Runs[:3]
	f.Sweep(t, prod, snap)

	for name, test := range map[string]struct {
		filter running.Filter
		want   string
	}{
		"all":                      {running.Filter{}, "edge/shop/front prod-eu/monitoring/front_agent prod-eu/shop/cart prod-eu/shop/front prod-eu/shop/old"},
		"runs now":                 {running.Filter{Now: true}, "edge/shop/front prod-eu/monitoring/front_agent prod-eu/shop/cart prod-eu/shop/front"},
		"namespace":                {running.Filter{Namespace: "monitoring"}, "prod-eu/monitoring/front_agent"},
		"part of a namespace":      {running.Filter{Namespace: "sho"}, ""},
		"cluster":                  {running.Filter{Cluster: "edge"}, "edge/shop/front"},
		"name":                     {running.Filter{Query: "FRONT"}, "edge/shop/front prod-eu/monitoring/front_agent prod-eu/shop/front"},
		"each word":                {running.Filter{Query: "front  monitor"}, "prod-eu/monitoring/front_agent"},
		"words of none":            {running.Filter{Query: "front nowhere"}, ""},
		"no pattern":               {running.Filter{Query: "front_"}, "prod-eu/monitoring/front_agent"},
		"an image":                 {running.Filter{Query: "shop/web"}, "prod-eu/shop/front prod-eu/shop/old"},
		"what a source calls it":   {running.Filter{Query: "odd/thing"}, "edge/shop/front prod-eu/monitoring/front_agent prod-eu/shop/cart"},
		"all of it":                {running.Filter{Query: "front", Namespace: "shop", Cluster: "prod-eu", Now: true}, "prod-eu/shop/front"},
		"an image by its digest":   {running.Filter{Image: web.Digest, Now: true}, "prod-eu/shop/front"},
		"an image of no such name": {running.Filter{Image: web.Digest, Query: "cart"}, ""},
	} {
		test.filter.Environment = "production"
		var got []string
		for page := (store.Page{Limit: 1}); ; {
			list, err := f.Store.Occurrences(ctx, org, test.filter, page)
			must(t, err)
			for _, o := range list.Items {
				got = append(got, o.Cluster+"/"+o.Namespace+"/"+o.Name)
			}
			if page.Cursor = list.Next; page.Cursor == "" || len(got) > 10 {
				break
			}
		}
		slices.Sort(got)
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: %v, want %s", name, got, test.want)
		}
	}
}
