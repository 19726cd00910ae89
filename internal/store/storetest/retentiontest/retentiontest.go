// Package retentiontest is the part of the store's suite about what is removed when it is old: never
// what still runs, and without another answer about the past.
package retentiontest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/store/volume"
)

// Suite runs every test against fresh stores that open makes.
func Suite(t *testing.T, open func(t *testing.T) storetest.Fixture) {
	storetest.Each(t, open, map[string]func(*testing.T, storetest.Fixture){
		"WhatIsNeededStays":         testStays,
		"RemovedAndBroughtBack":     testBroughtBack,
		"OtherOrganisationKeeps":    testOtherOrganisation,
		"LayersNobodyNeeds":         testLayers,
		"OldRequestsAndAudit":       testRequestsAndAudit,
		"SettingsAreChecked":        testSettings,
		"DueOnceInAWhile":           testDue,
		"TwoAtOnceShareARun":        testTwoAtOnce,
		"ThePastStaysAsItWas":       testPast,
		"StorageByKind":             testStorage,
		"SupersededContentsAreLost": testSuperseded,
		"ProfilesNothingHas":        testProfiles,
		"InUseAfterBroughtBack":     testInUseBroughtBack,
	})
}

var ctx = context.Background()

var must, wantKind = storetest.Must, storetest.WantKind

const day = 24 * time.Hour

// Run runs retention to its end.
func Run(t testing.TB, s store.Store, org store.OrgID) store.RetentionRun {
	t.Helper()
	for range 10_000 {
		run, err := s.Retain(ctx, org)
		must(t, err)
		if !run.Finished.IsZero() {
			return run
		}
	}
	t.Fatal("retention does not end")
	return store.RetentionRun{}
}

// old lets everything so far become old and retention take what is older than a day, with what was foretold.
func old(t testing.TB, f storetest.Fixture, org store.OrgID) store.RetentionRun {
	t.Helper()
	f.Advance(100 * day)
	ages := store.Retention{Images: 1}
	must(t, f.Store.SetRetention(ctx, org, ages))
	told, err := f.Store.PreviewRetention(ctx, org, ages)
	must(t, err)
	run := Run(t, f.Store, org)
	got := run.Removed
	// What nothing has any more is found only when it is removed.
	if told.Images != got.Images || told.Packages != got.Packages || told.Layers != got.Layers || told.Profiles != got.Profiles || told.Bytes > got.Bytes {
		t.Errorf("the preview told of %+v, and %+v was removed", told, got)
	}
	return run
}

func state(t testing.TB, f storetest.Fixture, org store.OrgID, img crowsnest.Image) store.State {
	t.Helper()
	row, err := f.Store.Image(ctx, org, string(img.Digest))
	must(t, err)
	return row.State
}

var libc, zlib = storetest.Package("libc6", "2.36-9", "glibc"), storetest.Package("zlib1g", "1.2", "zlib")

// released records and analyses a version of a repository.
func released(t testing.TB, f storetest.Fixture, org store.OrgID, repository, tag string, packages ...crowsnest.Package) crowsnest.Image {
	t.Helper()
	img := storetest.Image(repository + ":" + tag)
	_, err := f.Store.RecordImage(ctx, org, img, &store.Tag{Repository: repository, Name: tag, Target: img.Index}, storetest.Analyser)
	must(t, err)
	must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: img, Packages: packages}, storetest.Analyser))
	return img
}

func testStays(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "ours")
	running := f.Analysed(t, org, "running:1", libc)
	byIndex := f.Analysed(t, org, "index:1", zlib)
	assigned := f.Analysed(t, org, "assigned:1", libc)
	stopped := f.Analysed(t, org, "stopped:1", libc)
	lookedAt := f.Analysed(t, org, "lookedat:1", libc)
	ranLately := f.Analysed(t, org, "lately:1", libc)
	previous := released(t, f, org, "shop/web", "1", zlib)
	f.Advance(time.Second)
	newest := released(t, f, org, "shop/web", "2", zlib)
	in := f.Connect(t, org, "prod", "production")
	runs := []crowsnest.Observation{storetest.Run("a", running.ImageID, ""), storetest.Run("b", byIndex.Index, ""), storetest.Run("c", stopped.ImageID, ""), storetest.Run("d", ranLately.ImageID, "")}
	f.Sweep(t, in, store.Snapshot{Runs: runs})
	_, err := f.Store.AssignImages(ctx, org, "staging", store.Assignment{Images: []store.ImageKey{{Digest: assigned.Digest}}, Create: true})
	must(t, err)
	f.Advance(time.Hour)
	f.Sweep(t, in, store.Snapshot{Runs: append(slices.Clone(runs[:2]), runs[3])})
	f.Advance(50 * day)
	f.Sweep(t, in, store.Snapshot{Runs: runs[:2]}) // within the age of 60 days
	_, err = f.Store.Image(ctx, org, lookedAt.Name)
	must(t, err)

	f.Advance(50 * day)
	must(t, f.Store.SetRetention(ctx, org, store.Retention{Images: 60}))
	run := Run(t, f.Store, org)
	if run.Removed.Images != 2 {
		t.Errorf("removed %d images, want 2", run.Removed.Images)
	}
	for _, c := range []struct {
		img  crowsnest.Image
		want store.State
	}{{running, store.Analysed}, {byIndex, store.Analysed}, {assigned, store.Analysed}, {lookedAt, store.Analysed}, {ranLately, store.Analysed}, {newest, store.Analysed},
		{stopped, store.Removed}, {previous, store.Removed}} {
		if got := state(t, f, org, c.img); got != c.want {
			t.Errorf("%s is %s, want %s", c.img.Name, got, c.want)
		}
	}
	// With the shortest age, after any time: what runs, is assigned and newest still stays.
	old(t, f, org)
	for _, img := range []crowsnest.Image{running, byIndex, assigned, newest} {
		if _, err := f.Store.ImagePackages(ctx, org, img.Digest); err != nil {
			t.Errorf("packages of %s after a retention of one day: %v", img.Name, err)
		}
	}
}

func testBroughtBack(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "ours")
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory("1", "glibc", "2.36-10", time.Unix(1, 0))})
	must(t, err)
	img := f.Analysed(t, org, "web:1", libc, zlib)
	f.Match(t, storetest.AllAffected)
	before, err := f.Store.ImageFindings(ctx, org, img.Digest, "")
	must(t, err)

	run := old(t, f, org)
	if n := run.Removed; n.Images != 1 || n.Packages != 2 || n.Versions != 2 || n.Bytes == 0 {
		t.Errorf("removed %+v, want 1 image with 2 packages of 2 versions", n)
	}
	row, err := f.Store.Image(ctx, org, "web:1")
	must(t, err)
	if row.State != store.Removed || row.Removed.IsZero() || row.Packages != 0 || row.Detail != nil {
		t.Errorf("the image is %+v, want it removed and without content", row)
	}
	_, err = f.Store.ImageFindings(ctx, org, img.Digest, "")
	wantKind(t, err, crowsnest.NotFound)
	if !strings.Contains(crowsnest.Reason(err), "retention") {
		t.Errorf("findings: %q does not say why", crowsnest.Reason(err))
	}
	if list, err := f.Store.Packages(ctx, org, store.PackageFilter{}, store.Page{}); err != nil || len(list.Items) != 0 {
		t.Errorf("packages over all images: %v, %v; want none", list.Items, err)
	}
	if list, err := f.Store.Vulnerabilities(ctx, org, store.VulnerabilityFilter{}, store.Page{}); err != nil || len(list.Items) != 0 {
		t.Errorf("vulnerabilities over all images: %v, %v; want none", list.Items, err)
	}
	if list, err := f.Store.Images(ctx, org, store.ImageFilter{}, store.Page{}); err != nil || len(list.Items) != 1 {
		t.Errorf("images: %v, %v; want the one that was", list.Items, err)
	}
	// It runs again: that it cannot be seen into is a gap with its reason.
	in := f.Connect(t, org, "prod", "production")
	f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", img.ImageID, "")}})
	gaps, err := f.Store.Gaps(ctx, org, "", store.Page{})
	must(t, err)
	if len(gaps.Items) != 1 || !strings.Contains(gaps.Items[0].Cause.String(), "retention") {
		t.Errorf("gaps %+v, want the image with its reason", gaps.Items)
	}

	// A failed analysis leaves it what it is, a successful one brings all back.
	if known, err := f.Store.RecordImage(ctx, org, img, nil, storetest.Analyser); err != nil || known {
		t.Fatalf("recorded: %v, %v; want its analysis not known", known, err)
	}
	must(t, f.Store.FailImage(ctx, org, img.Digest, crowsnest.Unavailable, "the registry is away"))
	if got := state(t, f, org, img); got != store.Removed {
		t.Errorf("after a failed analysis the image is %s", got)
	}
	f.Analysed(t, org, "web:1", libc, zlib)
	f.Match(t, storetest.AllAffected)
	after, err := f.Store.ImageFindings(ctx, org, img.Digest, "")
	must(t, err)
	for _, list := range [][]store.FindingRow{before, after} {
		for i := range list {
			list[i].Since, list[i].InUse = time.Time{}, crowsnest.NotObserved
		}
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("findings (-before +brought back):\n%s", diff)
	}
	packages, err := f.Store.ImagePackages(ctx, org, img.Digest)
	must(t, err)
	row, err = f.Store.Image(ctx, org, "web:1")
	must(t, err)
	if len(packages) != 2 || row.State != store.Analysed || !row.Removed.IsZero() || row.Packages != 2 || row.Summary.Critical != 1 || row.Detail == nil {
		t.Errorf("brought back: %d packages, %+v", len(packages), row)
	}
}

func testOtherOrganisation(t *testing.T, f storetest.Fixture) {
	ours, theirs := f.Organisation(t, "ours"), f.Organisation(t, "theirs")
	img := f.Analysed(t, ours, "web:1", libc)
	f.Analysed(t, theirs, "web:1", libc)
	run := old(t, f, ours)
	if n := run.Removed; n.Images != 1 || n.Packages != 0 {
		t.Errorf("removed %+v, want an image and no package, which they need", n)
	}
	if got := state(t, f, ours, img); got != store.Removed {
		t.Errorf("ours is %s", got)
	}
	if list, err := f.Store.Packages(ctx, ours, store.PackageFilter{}, store.Page{}); err != nil || len(list.Items) != 0 {
		t.Errorf("packages of ours: %v, %v; want none", list.Items, err)
	}
	if packages, err := f.Store.ImagePackages(ctx, theirs, img.Digest); err != nil || len(packages) != 1 || state(t, f, theirs, img) != store.Analysed {
		t.Errorf("theirs lost something: %v, %v", packages, err)
	}
	if runs, err := f.Store.RetentionRuns(ctx, theirs, 10); err != nil || len(runs) != 0 {
		t.Errorf("they see %v, %v", runs, err)
	}
	// Their analysis makes ours known at once, as for any content.
	if known, err := f.Store.RecordImage(ctx, ours, img, nil, storetest.Analyser); err != nil || !known || state(t, f, ours, img) != store.Analysed {
		t.Errorf("recorded again: %v, %v", known, err)
	}
	// Now they let it go as well, and then nobody needs it.
	old(t, f, ours)
	if n := old(t, f, theirs).Removed; n.Images != 1 || n.Packages != 1 {
		t.Errorf("the last one removed %+v, want an image and its package", n)
	}
}

func testLayers(t *testing.T, f storetest.Fixture) {
	ours, theirs := f.Organisation(t, "ours"), f.Organisation(t, "theirs")
	layer := func(name string) crowsnest.Layer {
		return crowsnest.Layer{DiffID: storetest.Digest("diff " + name), Digest: storetest.Digest("blob " + name)}
	}
	base, top, shared := layer("base"), layer("top"), layer("shared")
	analyse := func(name string, layers ...crowsnest.Layer) {
		img := storetest.Image(name)
		img.Layers = layers
		_, err := f.Store.RecordImage(ctx, ours, img, nil, storetest.Analyser)
		must(t, err)
		for _, l := range layers {
			must(t, f.Store.SaveLayerResult(ctx, ours, storetest.Analyser, l, []byte("a result")))
		}
		must(t, f.Store.SaveAnalysis(ctx, ours, crowsnest.Analysis{Image: img, Packages: []crowsnest.Package{libc}}, storetest.Analyser))
	}
	analyse("gone:1", base, top, shared)
	analyse("runs:1", base)
	must(t, f.Store.SaveLayerResult(ctx, theirs, storetest.Analyser, shared, []byte("a result")))
	f.Sweep(t, f.Connect(t, ours, "prod", "production"), store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("a", storetest.Image("runs:1").ImageID, "")}})
	if n := old(t, f, ours).Removed.Layers; n != 1 {
		t.Errorf("removed %d layers, want the one that nobody needs", n)
	}
	found := func(org store.OrgID) (names []string) {
		got, err := f.Store.LayerResults(ctx, org, storetest.Analyser, []crowsnest.Layer{base, top, shared})
		must(t, err)
		for name, l := range map[string]crowsnest.Layer{"base": base, "top": top, "shared": shared} {
			if got[l.DiffID] != nil {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		return names
	}
	if diff := cmp.Diff([]string{"base"}, found(ours)); diff != "" {
		t.Errorf("layers of ours (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"shared"}, found(theirs)); diff != "" {
		t.Errorf("layers of theirs (-want +got):\n%s", diff)
	}
}

func testRequestsAndAudit(t *testing.T, f storetest.Fixture) {
	ours, theirs := f.Organisation(t, "ours"), f.Organisation(t, "theirs")
	for _, org := range []store.OrgID{ours, theirs} {
		over, err := f.Store.RequestAnalysis(ctx, org, "web:1", "")
		must(t, err)
		must(t, f.Store.FinishRequest(ctx, over.ID, "", "no such tag"))
		_, err = f.Store.RequestAnalysis(ctx, org, "waits:1", "")
		must(t, err)
		must(t, f.Store.RecordAudit(ctx, org, "old.entry", "", nil))
	}
	f.Advance(100 * day)
	must(t, f.Store.RecordAudit(ctx, ours, "new.entry", "", nil))
	must(t, f.Store.SetRetention(ctx, ours, store.Retention{Analyses: 30}))
	if n := Run(t, f.Store, ours).Removed; n.Analyses != 1 || n.Audit != 0 {
		t.Errorf("removed %+v, want the request that is over", n)
	}
	must(t, f.Store.SetRetention(ctx, ours, store.Retention{Audit: 30}))
	told, err := f.Store.PreviewRetention(ctx, ours, store.Retention{Audit: 30})
	must(t, err)
	if n := Run(t, f.Store, ours).Removed; n.Audit == 0 || n.Audit != told.Audit || n.Bytes != told.Bytes || n.Images != 0 {
		t.Errorf("removed %+v, told %+v", n, told)
	}
	count := func(org store.OrgID) (requests int, actions []string) {
		list, err := f.Store.Requests(ctx, org, "", store.Page{})
		must(t, err)
		log, err := f.Store.AuditLog(ctx, org, store.AuditFilter{}, store.Page{})
		must(t, err)
		for _, e := range log.Items {
			actions = append(actions, e.Action)
		}
		return len(list.Items), actions
	}
	requests, actions := count(ours)
	if requests != 1 || slices.Contains(actions, "old.entry") || !slices.Contains(actions, "new.entry") || !slices.Contains(actions, "retention.run") {
		t.Errorf("ours has %d requests and %v", requests, actions)
	}
	if requests, actions := count(theirs); requests != 2 || !slices.Contains(actions, "old.entry") {
		t.Errorf("theirs has %d requests and %v", requests, actions)
	}
}

func testSettings(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "ours")
	if r, err := f.Store.Retention(ctx, org); err != nil || !r.Off() {
		t.Errorf("at first %+v, %v; want nothing removed", r, err)
	}
	want := store.Retention{Images: 90, Analyses: 30, Audit: 400}
	must(t, f.Store.SetRetention(ctx, org, want))
	if r, err := f.Store.Retention(ctx, org); err != nil || r != want {
		t.Errorf("got %+v, %v", r, err)
	}
	for _, bad := range []store.Retention{{Images: -1}, {Audit: store.MaxRetention + 1}} {
		wantKind(t, f.Store.SetRetention(ctx, org, bad), crowsnest.Invalid)
		_, err := f.Store.PreviewRetention(ctx, org, bad)
		wantKind(t, err, crowsnest.Invalid)
	}
	wantKind(t, f.Store.SetRetention(ctx, "nobody", want), crowsnest.NotFound)
	log, err := f.Store.AuditLog(ctx, org, store.AuditFilter{Action: "organisation.retention"}, store.Page{})
	must(t, err)
	if len(log.Items) != 1 || log.Items[0].Detail["images"] != "90 days" {
		t.Errorf("audit log: %+v", log.Items)
	}
}

func testDue(t *testing.T, f storetest.Fixture) {
	off, on := f.Organisation(t, "off"), f.Organisation(t, "on")
	must(t, f.Store.SetRetention(ctx, on, store.Retention{Images: 1}))
	due := func(want ...store.OrgID) {
		t.Helper()
		got, err := f.Store.DueRetention(ctx, day)
		must(t, err)
		if !slices.Equal(got, want) {
			t.Errorf("due are %v, want %v", got, want)
		}
	}
	due(on)
	_, err := f.Store.Retain(ctx, on)
	must(t, err)
	due(on) // it goes on
	Run(t, f.Store, on)
	due()
	f.Advance(day + time.Second)
	due(on)
	_, err = f.Store.Retain(ctx, on)
	must(t, err)
	must(t, f.Store.SetRetention(ctx, on, store.Retention{}))
	due(on) // what began ends
	Run(t, f.Store, on)
	f.Advance(2 * day)
	due()
	runs, err := f.Store.RetentionRuns(ctx, on, 10)
	must(t, err)
	if len(runs) != 2 || !runs[0].Started.After(runs[1].Started) {
		t.Errorf("runs %+v, want two, the newest first", runs)
	}
	_ = off
}

func testTwoAtOnce(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "ours")
	const images = 90
	for i := range images {
		f.Analysed(t, org, fmt.Sprintf("web:%d", i), storetest.Package(fmt.Sprintf("lib%d", i), "1", ""))
	}
	f.Advance(100 * day)
	must(t, f.Store.SetRetention(ctx, org, store.Retention{Images: 1}))
	var group sync.WaitGroup
	var mu sync.Mutex
	ended := make(map[string]store.Removal)
	for range 3 {
		group.Go(func() {
			for range 1000 {
				run, err := f.Store.Retain(ctx, org)
				if err != nil {
					t.Error(err)
					return
				}
				if !run.Finished.IsZero() {
					mu.Lock()
					ended[run.ID] = run.Removed
					mu.Unlock()
					return
				}
			}
		})
	}
	group.Wait()
	var sum int64
	for _, n := range ended {
		sum += n.Images
	}
	runs, err := f.Store.RetentionRuns(ctx, org, 10)
	must(t, err)
	if sum != images || runs[len(runs)-1].Removed.Images != images || runs[len(runs)-1].Removed.Versions != images {
		t.Errorf("counted %d images, want %d; runs %+v", sum, images, runs)
	}
}

func testSuperseded(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "ours")
	img := f.Analysed(t, org, "web:1", libc)
	f.Sweep(t, f.Connect(t, org, "prod", "production"), store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("a", img.ImageID, "")}})
	must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: img, Packages: []crowsnest.Package{zlib}}, "suite-2"))
	f.Advance(100 * day)
	must(t, f.Store.SetRetention(ctx, org, store.Retention{Images: 1}))
	if n := Run(t, f.Store, org).Removed; n.Images != 0 || n.Packages != 1 || n.Versions != 1 {
		t.Errorf("removed %+v, want the package version that only the older analyser found", n)
	}
	if packages, err := f.Store.ImagePackages(ctx, org, img.Digest); err != nil || len(packages) != 1 || packages[0].Name != zlib.Name {
		t.Errorf("packages %v, %v", packages, err)
	}
}

func testStorage(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "ours")
	f.Analysed(t, org, "web:1", libc, zlib)
	got, err := f.Store.Storage(ctx, org)
	must(t, err)
	var sum int64
	kinds := make(map[volume.Kind]volume.Use)
	for _, k := range got.Kinds {
		kinds[k.Kind] = k
		sum += k.Bytes
		if k.Bytes <= 0 {
			t.Errorf("%s takes %d bytes", k.Kind, k.Bytes)
		}
	}
	if len(kinds) != 9 || sum > got.Bytes || got.Engine == "" {
		t.Errorf("storage %+v: %d kinds of %d bytes in %d", got, len(kinds), sum, got.Bytes)
	}
	if got.Engine == "sqlite" && (kinds[volume.Images].Rows != 1 || kinds[volume.Packages].Rows != 2) {
		t.Errorf("rows %+v", kinds)
	}
}
