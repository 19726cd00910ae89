package retentiontest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// testProfiles removes what was seen loaded in nothing that runs any more. What runs keeps its own, when what ended ran stays
// as it was, and a set that is named again is kept again.
func testProfiles(t *testing.T, f storetest.Fixture) {
	org, theirs := f.Organisation(t, "ours"), f.Organisation(t, "theirs")
	img := f.Analysed(t, org, "web:1", libc, zlib)
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory("1", "glibc", "3", time.Unix(1, 0)), storetest.Advisory("2", "zlib", "3", time.Unix(1, 0))})
	must(t, err)
	f.Match(t, storetest.AllAffected)
	of := func(p crowsnest.Package) []crowsnest.LoadedPackage {
		return []crowsnest.LoadedPackage{{Type: p.Type, Name: p.Name, Version: p.Version}}
	}
	profiles := map[string][]crowsnest.LoadedPackage{"libc": of(libc), "zlib": of(zlib), "else": of(storetest.Package("bash", "5", ""))}
	in, other := f.Connect(t, org, "prod", "production"), f.Connect(t, theirs, "theirs", "production")
	must(t, f.Store.KeepProfiles(ctx, in.ID, profiles)) // "else" is named by nothing
	runs := []crowsnest.Observation{storetest.Run("a", img.ImageID, "libc"), storetest.Run("b", img.ImageID, "zlib")}
	f.Sweep(t, in, store.Snapshot{Runs: runs})
	f.Sweep(t, other, store.Snapshot{Runs: runs, Profiles: profiles})
	f.Advance(time.Hour)
	f.Sweep(t, in, store.Snapshot{Runs: runs[:1]})

	occurrences := func() map[string]running.Occurrence {
		t.Helper()
		list, err := f.Store.Occurrences(ctx, org, running.Filter{Environment: "production"}, store.Page{})
		must(t, err)
		out := make(map[string]running.Occurrence)
		for _, o := range list.Items {
			o.ProfileStale, o.InUse = false, nil
			out[o.Name] = o
		}
		return out
	}
	inUse := func() crowsnest.Summary {
		t.Helper()
		list, err := f.Store.RunningImages(ctx, org, store.ImageFilter{Environment: "production"}, store.Page{})
		must(t, err)
		return list.Items[0].InUse.Loaded
	}
	ran := occurrences()
	one := crowsnest.Summary{Critical: 1}
	if got := inUse(); got != one {
		t.Fatalf("in use %v, want %v", got, one)
	}
	// Before a day is over a sweep may be about to name them.
	must(t, f.Store.SetRetention(ctx, org, store.Retention{Images: 1}))
	f.Advance(time.Hour)
	if run := Run(t, f.Store, org); run.Removed.Profiles != 0 {
		t.Errorf("removed %d profiles that were just kept", run.Removed.Profiles)
	}
	if run := old(t, f, org); run.Removed.Profiles != 2 || run.Removed.Bytes == 0 {
		t.Errorf("removed %+v, want 2 profiles", run.Removed)
	}
	if diff := cmp.Diff(ran, occurrences()); diff != "" {
		t.Errorf("what ran when (-before +after):\n%s", diff)
	}
	if got := inUse(); got != one {
		t.Errorf("in use of what runs: %v, want %v", got, one)
	}
	if list, err := f.Store.RunningImages(ctx, theirs, store.ImageFilter{Environment: "production"}, store.Page{}); err != nil || len(list.Items) != 0 {
		t.Errorf("theirs: %+v, %v", list, err)
	}

	// One that comes again is kept again; one that is only named is no longer old.
	must(t, f.Store.KeepProfiles(ctx, in.ID, profiles))
	if run := Run(t, f.Store, org); run.Removed.Profiles != 0 {
		t.Errorf("removed %d profiles that a sweep is about to name", run.Removed.Profiles)
	}
	f.Sweep(t, in, store.Snapshot{Runs: runs})
	if got := inUse(); got != (crowsnest.Summary{Critical: 2}) {
		t.Errorf("in use after both run again: %v", got)
	}
	must(t, f.Store.SetRetention(ctx, theirs, store.Retention{Images: 1}))
	if run := Run(t, f.Store, theirs); run.Removed.Profiles != 1 {
		t.Errorf("removed %d profiles of theirs, want the one that nothing has", run.Removed.Profiles)
	}
}

// testInUseBroughtBack asks what is in use before an image is removed, while it runs without its content, and after it is analysed again,
// when its packages are others by number.
func testInUseBroughtBack(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "ours")
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory("1", "glibc", "3", time.Unix(1, 0)), storetest.Advisory("2", "zlib", "3", time.Unix(1, 0))})
	must(t, err)
	in := f.Connect(t, org, "prod", "production")
	var img crowsnest.Image
	analyse := func() {
		img = f.Analysed(t, org, "web:1", libc, zlib)
		f.Match(t, storetest.AllAffected)
	}
	stays := storetest.Run("b", f.Analysed(t, org, "db:1", storetest.Package("bash", "5", "")).ImageID, "libc") // and with it the profile
	sweep := func(runs ...crowsnest.Observation) {
		f.Sweep(t, in, store.Snapshot{Runs: append(runs, stays), Profiles: map[string][]crowsnest.LoadedPackage{
			"libc": {{Type: libc.Type, Name: libc.Name, Version: libc.Version}},
		}})
	}
	check := func(when string, want ...string) {
		t.Helper()
		list, err := f.Store.Vulnerabilities(ctx, org, store.VulnerabilityFilter{InUse: true}, store.Page{})
		must(t, err)
		var got []string
		for _, v := range list.Items {
			got = append(got, v.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("in use %s: %v, want %v", when, got, want)
		}
	}
	analyse()
	web := storetest.Run("a", img.ImageID, "libc")
	sweep(web)
	check("at first", "CVE-2099-1")
	sweep()
	if run := old(t, f, org); run.Removed.Images != 1 || run.Removed.Versions != 2 {
		t.Fatalf("removed %+v, want the image with its versions", run.Removed)
	}
	sweep(web)
	check("without content")
	analyse()
	check("brought back", "CVE-2099-1")
}
