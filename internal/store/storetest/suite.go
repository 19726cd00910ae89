package storetest

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Suite runs every test against fresh stores that open makes.
func Suite(t *testing.T, open func(t *testing.T) Fixture) {
	all := map[string]func(*testing.T, Fixture){
		"OrganisationsNeverMeet":            testScope,
		"EitherOrderFillsTheEnvironment":    testEitherOrder,
		"ThreeDigestsOneImage":              testAliases,
		"SweepIsADifference":                testSweep,
		"FailedSweepClosesNothing":          testFailedSweep,
		"OlderSweepIsRefused":               testOlderSweep,
		"DeletedIntegrationLeavesHistory":   testDelete,
		"CoverageCountsDistinctImages":      testCoverage,
		"InUseHasThreeValues":               testInUse,
		"ImageDetail":                       testImageDetail,
		"MatchedOnce":                       testMatchedOnce,
		"OwnedPackage":                      testOwnedPackage,
		"AdvisoryTouchesOnlyWhatItNames":    testAdvisoryDiff,
		"FindingsAreIntervals":              testFindingIntervals,
		"ConcurrentImportsAndMatches":       testConcurrentImports,
		"ConcurrentSweepsShareProfiles":     testConcurrentProfiles,
		"TextWithNUL":                       testNUL,
		"ListsPage":                         testPages,
		"RequestsAreWork":                   testRequests,
		"TagsMove":                          testTags,
		"LayersAreShared":                   testLayers,
		"AnalysedContentIsNotReadAgain":     testKnownContent,
		"FailureKeepsItsReason":             testFailure,
		"ConcurrentAnalysesShareVersions":   testConcurrentAnalyses,
		"ConcurrentSweepsAndMatchesAgree":   testConcurrentSweeps,
		"VulnerabilitiesCountImagesOnce":    testVulnerabilities,
		"DueSweepsAreEnqueuedOncePerPeriod": testDueSweeps,
		"IntegrationMoves":                  testMoveIntegration,
		"IntegrationOfAnotherCluster":       testAnotherCluster,
		"PausedIntegrationRests":            testPause,
		"ConnectedSinceTheLastFailure":      testConnectedSince,
		"RequestsAreListedAndRetried":       testRequestList,
	}
	maps.Copy(all, accessTests)
	Each(t, open, all)
}

var ctx = context.Background()

var must, wantKind = Must, WantKind

// An image of one organisation is invisible to another, by any digest, and also
// when the content is known from elsewhere.
func testScope(t *testing.T, f Fixture) {
	ours, theirs := f.Organisation(t, "ours"), f.Organisation(t, "theirs")
	img := f.Analysed(t, ours, "shop/web:1", Package("libssl3", "3.0.1", "openssl"))
	adv := Advisory("1", "openssl", "3.0.2", time.Unix(1, 0))
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{adv})
	must(t, err)
	f.Match(t, AllAffected)
	in := f.Connect(t, ours, "prod", "production")
	f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{Run("web", img.ImageID, "")}})
	req, err := f.Store.RequestAnalysis(ctx, ours, "shop/web:1", "")
	must(t, err)
	// They run the same image, but never brought it.
	theirIn := f.Connect(t, theirs, "prod", "production")
	f.Sweep(t, theirIn, store.Snapshot{Runs: []crowsnest.Observation{Run("web", img.ImageID, "")}})

	for _, key := range []string{string(img.Digest), string(img.ImageID), string(img.Index), img.Digest.Short(), img.Name} {
		_, err := f.Store.Image(ctx, ours, key)
		must(t, err)
		_, err = f.Store.Image(ctx, theirs, key)
		wantKind(t, err, crowsnest.NotFound)
	}
	_, err = f.Store.ImagePackages(ctx, theirs, img.Digest)
	wantKind(t, err, crowsnest.NotFound)
	_, err = f.Store.ImageFindings(ctx, theirs, img.Digest, "")
	wantKind(t, err, crowsnest.NotFound)
	_, err = f.Store.Request(ctx, theirs, req.ID)
	wantKind(t, err, crowsnest.NotFound)
	images, err := f.Store.Images(ctx, theirs, store.ImageFilter{}, store.Page{})
	must(t, err)
	vulnerabilities, err := f.Store.Vulnerabilities(ctx, theirs, store.VulnerabilityFilter{}, store.Page{})
	must(t, err)
	environments, err := f.Store.Environments(ctx, theirs, false)
	must(t, err)
	if len(images.Items)+len(vulnerabilities.Items)+len(environments) != 0 {
		t.Errorf("the other organisation sees %v, %v, %v", images.Items, vulnerabilities.Items, environments)
	}
	coverage, err := f.Store.Coverage(ctx, theirs)
	must(t, err)
	if diff := cmp.Diff(crowsnest.Coverage{Running: 1, Unresolved: 1}, coverage); diff != "" {
		t.Errorf("coverage of the other organisation (-want +got):\n%s", diff)
	}
	wantKind(t, f.Store.RequestSweep(ctx, theirs, "unknown"), crowsnest.NotFound)
	must(t, f.Store.DeleteIntegration(ctx, theirs, "prod"))
	row, err := f.Store.Environment(ctx, ours, "production")
	must(t, err)
	if row.Coverage.Analysed != 1 {
		t.Errorf("deleting their integration changed ours: %+v", row)
	}
}

func testEitherOrder(t *testing.T, f Fixture) {
	for _, first := range []string{"running", "analysed"} {
		t.Run(first+" first", func(t *testing.T) {
			org := f.Organisation(t, first)
			in := f.Connect(t, org, "prod", "production")
			run := func() {
				f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{Run("web", Image("web").ImageID, "")}})
			}
			environments := func() int {
				list, err := f.Store.Environments(ctx, org, false)
				must(t, err)
				return len(list)
			}
			if first == "running" {
				run()
			} else {
				f.Analysed(t, org, "web")
			}
			if n := environments(); n != 0 {
				t.Errorf("%d environments after the first step, want none", n)
			}
			if first == "running" {
				f.Analysed(t, org, "web")
			} else {
				run()
			}
			if n := environments(); n != 1 {
				t.Errorf("%d environments after both steps, want one", n)
			}
		})
	}
}

func testAliases(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	img := f.Analysed(t, org, "web")
	in := f.Connect(t, org, "prod", "production")
	f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{
		Run("by-config", img.ImageID, ""), Run("by-manifest", img.Digest, ""), Run("by-index", img.Index, ""),
	}})
	row, err := f.Store.Environment(ctx, org, "production")
	must(t, err)
	if diff := cmp.Diff(crowsnest.Coverage{Running: 1, Analysed: 1}, row.Coverage); diff != "" {
		t.Errorf("coverage (-want +got):\n%s", diff)
	}
	images, err := f.Store.RunningImages(ctx, org, store.ImageFilter{Environment: "production"}, store.Page{})
	must(t, err)
	if len(images.Items) != 1 || len(images.Items[0].Workloads) != 3 {
		t.Errorf("got %+v, want one image with three workloads", images.Items)
	}
}

func testCoverage(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	analysed := f.Analysed(t, org, "web")
	found, failed := Image("found"), Image("failed")
	for _, img := range []crowsnest.Image{found, failed} {
		_, err := f.Store.RecordImage(ctx, org, img, nil, Analyser)
		must(t, err)
	}
	must(t, f.Store.FailImage(ctx, org, failed.Digest, crowsnest.Corrupt, "layer 2 is truncated"))
	for _, cluster := range []string{"prod-1", "prod-2"} {
		f.Sweep(t, f.Connect(t, org, cluster, "production"), store.Snapshot{Runs: []crowsnest.Observation{
			Run("a", analysed.ImageID, ""), Run("b", analysed.Digest, ""), Run("c", found.ImageID, ""),
			Run("d", failed.ImageID, ""), Run("e", Digest("nobody knows"), ""),
		}})
	}
	f.Sweep(t, f.Connect(t, org, "test", "staging"), store.Snapshot{Runs: []crowsnest.Observation{Run("a", analysed.ImageID, "")}})

	want := crowsnest.Coverage{Running: 4, Analysed: 1, NotAnalysed: 1, Failed: 1, Unresolved: 1}
	row, err := f.Store.Environment(ctx, org, "production")
	must(t, err)
	if diff := cmp.Diff(want, row.Coverage); diff != "" {
		t.Errorf("production (-want +got):\n%s", diff)
	}
	all, err := f.Store.Coverage(ctx, org)
	must(t, err)
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	gaps, err := f.Store.Gaps(ctx, org, "production", store.Page{})
	must(t, err)
	states := map[string]string{}
	for _, g := range gaps.Items {
		states[g.State] = g.Cause.String()
		if len(g.Workloads) != 2 {
			t.Errorf("gap %s has workloads %v, want one of each cluster", g.State, g.Workloads)
		}
	}
	if len(states) != 3 || states["failed"] != "layer 2 is truncated" {
		t.Errorf("gaps %v, want not-analysed, failed with its reason, and unresolved", states)
	}
}

func testInUse(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	loaded, idle := Package("libssl3", "3.0.1", "openssl"), Package("perl-base", "5.36.0", "perl")
	foreign := crowsnest.Package{PackageVersion: crowsnest.PackageVersion{PURL: "pkg:generic/nginx@1.2", Type: "generic", Name: "nginx", Version: "1.2"}}
	img := f.Analysed(t, org, "web", loaded, idle, foreign)
	in := f.Connect(t, org, "prod", "production")
	states := func(environment string) []crowsnest.InUse {
		watch, err := f.Store.Watch(ctx, org, img.Digest, environment)
		must(t, err)
		return []crowsnest.InUse{watch.InUse(loaded.PackageVersion), watch.InUse(idle.PackageVersion), watch.InUse(foreign.PackageVersion)}
	}
	unobserved := []crowsnest.InUse{crowsnest.NotObserved, crowsnest.NotObserved, crowsnest.NotObserved}
	profile := map[string][]crowsnest.LoadedPackage{"p": {{Type: "deb", Name: "libssl3", Version: "3.0.1"}}}

	f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{Run("web", img.ImageID, "")}})
	if diff := cmp.Diff(unobserved, states("")); diff != "" {
		t.Errorf("without a profile (-want +got):\n%s", diff)
	}
	f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{Run("web", img.ImageID, "p")}, Profiles: profile})
	want := []crowsnest.InUse{crowsnest.Loaded, crowsnest.NotSeen, crowsnest.NotObserved}
	if diff := cmp.Diff(want, states("production")); diff != "" {
		t.Errorf("with a profile (-want +got):\n%s", diff)
	}
	f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{Run("web", img.ImageID, "")}})
	if diff := cmp.Diff(want, states("")); diff != "" {
		t.Errorf("a sweep without the profile forgot it (-want +got):\n%s", diff)
	}
	f.Connect(t, org, "test", "staging")
	if diff := cmp.Diff(unobserved, states("staging")); diff != "" {
		t.Errorf("in another environment (-want +got):\n%s", diff)
	}
	_, err := f.Store.Watch(ctx, org, img.Digest, "prodution")
	wantKind(t, err, crowsnest.NotFound)
}

func testKnownContent(t *testing.T, f Fixture) {
	ours, theirs := f.Organisation(t, "ours"), f.Organisation(t, "theirs")
	img := f.Analysed(t, ours, "web", Package("libc6", "2.36", "glibc"))
	known, err := f.Store.RecordImage(ctx, theirs, img, nil, Analyser)
	must(t, err)
	if !known {
		t.Error("content analysed for one organisation is not known when another one brings it")
	}
	packages, err := f.Store.ImagePackages(ctx, theirs, img.Digest)
	must(t, err)
	if len(packages) != 1 || packages[0].Source != "glibc" || len(packages[0].Locations) != 1 || len(packages[0].Licences) != 1 {
		t.Errorf("packages %+v", packages)
	}
	newer, err := f.Store.RecordImage(ctx, ours, img, nil, "suite-2")
	must(t, err)
	if newer {
		t.Error("an analysis by an older analyser counts for a newer one")
	}
	row, err := f.Store.Image(ctx, ours, img.Name)
	must(t, err)
	if row.State != store.Analysed || row.Packages != 1 {
		t.Errorf("until it is analysed anew the old analysis must stand; got %+v", row)
	}
}

// testImageDetail has an image on a base that the organisation has, that is another
// organisation's, or that says nothing of a base.
func testImageDetail(t *testing.T, f Fixture) {
	ours, theirs := f.Organisation(t, "ours"), f.Organisation(t, "theirs")
	layers := []crowsnest.Layer{{DiffID: Digest("1"), Size: 10, CreatedBy: "ADD rootfs"}, {DiffID: Digest("2"), Size: 20, CreatedBy: "RUN apt-get install"}, {DiffID: Digest("3"), Size: 30}}
	base := Image("base")
	base.Layers = layers[:2]
	other := Image("other") // of the same index, for another platform
	other.Index, other.Layers = base.Index, []crowsnest.Layer{{DiffID: Digest("4")}}
	web := Image("web")
	web.Layers, web.User, web.Created = layers, "app", time.Unix(100, 0).UTC()
	web.Labels = map[string]string{crowsnest.LabelBaseName: "registry.example.com/base:1", crowsnest.LabelBaseDigest: string(base.Index)}
	web.Config = crowsnest.Config{Entrypoint: []string{"/web"}, Ports: []string{"80/tcp"}, Env: []crowsnest.Variable{{Name: "PATH", Value: "/bin"}, {Name: "TOKEN", Hidden: true}}}
	for _, img := range []crowsnest.Image{other, base} {
		_, err := f.Store.RecordImage(ctx, ours, img, nil, Analyser)
		must(t, err)
	}
	want := &store.ImageDetail{
		Created: web.Created, User: "app", Labels: web.Labels, Config: web.Config, Layers: layers,
		Base: &crowsnest.Base{By: crowsnest.BaseByLabel, Name: "registry.example.com/base:1", Digest: base.Index, Layers: 2},
	}
	check := func(what string, org store.OrgID) {
		t.Helper()
		row, err := f.Store.Image(ctx, org, string(web.Digest))
		must(t, err)
		if diff := cmp.Diff(want, row.Detail, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	_, err := f.Store.RecordImage(ctx, ours, web, nil, Analyser)
	must(t, err)
	check("before it is analysed", ours)
	changes := []crowsnest.Change{{Layer: Digest("1"), Added: 3}, {Layer: Digest("2"), Added: 1, Removed: 2}, {Layer: Digest("3")}}
	must(t, f.Store.SaveAnalysis(ctx, ours, crowsnest.Analysis{Image: web, Changes: changes}, Analyser))
	want.Changes = changes
	check("analysed", ours)
	_, err = f.Store.RecordImage(ctx, theirs, web, nil, Analyser)
	must(t, err)
	want.Base.Layers = 0
	check("the base is another organisation's", theirs)
	list, err := f.Store.Images(ctx, ours, store.ImageFilter{}, store.Page{})
	must(t, err)
	if len(list.Items) != 3 || list.Items[0].Detail != nil {
		t.Errorf("a list has %d images, with details %+v", len(list.Items), list.Items[0].Detail)
	}
}

func testFailure(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	img := Image("web")
	_, err := f.Store.RecordImage(ctx, org, img, nil, Analyser)
	must(t, err)
	must(t, f.Store.FailImage(ctx, org, img.Digest, crowsnest.TooLarge, "too large"))
	row, err := f.Store.Image(ctx, org, img.Name)
	must(t, err)
	if row.State != store.Failed || row.Reason != "too large" {
		t.Errorf("got %+v", row)
	}
	must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: img}, Analyser))
	must(t, f.Store.FailImage(ctx, org, img.Digest, crowsnest.Unavailable, "registry is down"))
	row, err = f.Store.Image(ctx, org, img.Name)
	must(t, err)
	if row.State != store.Analysed || row.Reason != "" {
		t.Errorf("a later failure displaced an analysis: %+v", row)
	}
	wantKind(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: Image("never recorded")}, Analyser), crowsnest.NotFound)
	_, err = f.Store.ImagePackages(ctx, org, Digest("nothing"))
	wantKind(t, err, crowsnest.NotFound)
}

func testLayers(t *testing.T, f Fixture) {
	us, them := f.Organisation(t, "ours"), f.Organisation(t, "theirs")
	a, b := crowsnest.Layer{DiffID: Digest("a"), Digest: Digest("blob a")}, crowsnest.Layer{DiffID: Digest("b"), Digest: Digest("blob b")}
	for _, l := range []crowsnest.Layer{a, a, b, {DiffID: Digest("no blob")}} {
		must(t, f.Store.SaveLayerResult(ctx, us, Analyser, l, []byte(l.DiffID)))
	}
	want := func(what string, org store.OrgID, analyser string, l crowsnest.Layer, known bool) {
		t.Helper()
		got, err := f.Store.LayerResults(ctx, org, analyser, []crowsnest.Layer{l, {DiffID: Digest("never read"), Digest: Digest("blob c")}})
		must(t, err)
		if string(got[l.DiffID]) == string(l.DiffID) != known || len(got) > 1 {
			t.Errorf("%s: got %q", what, got)
		}
	}
	want("read before", us, Analyser, a, true)
	want("by another analyser", us, "another", a, false)
	want("another blob that claims the layer", us, Analyser, crowsnest.Layer{DiffID: a.DiffID, Digest: b.Digest}, false)
	want("a source that keeps no blobs", us, Analyser, crowsnest.Layer{DiffID: Digest("no blob")}, false)
	want("an organisation that knows a digest", them, Analyser, a, false)
	must(t, f.Store.SaveLayerResult(ctx, them, Analyser, a, []byte(a.DiffID)))
	want("once it was read for them", them, Analyser, a, true)
}

func testRequests(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	req, err := f.Store.RequestAnalysis(ctx, org, "shop/web:1", "linux/arm64")
	must(t, err)
	if diff := cmp.Diff([]store.Work{{Kind: store.AnalyseWork, ID: req.ID, Lane: store.PeopleLane}}, f.Work()); diff != "" {
		t.Errorf("work (-want +got):\n%s", diff)
	}
	started, err := f.Store.StartRequest(ctx, req.ID)
	must(t, err)
	if started.State != store.Running || started.Org != org || started.Platform != "linux/arm64" {
		t.Errorf("started %+v", started)
	}
	must(t, f.Store.FinishRequest(ctx, req.ID, "", "no such tag"))
	got, err := f.Store.Request(ctx, org, req.ID)
	must(t, err)
	if got.State != store.Failed || got.Reason != "no such tag" || got.Finished.IsZero() {
		t.Errorf("finished %+v", got)
	}
	_, err = f.Store.StartRequest(ctx, "nothing")
	wantKind(t, err, crowsnest.NotFound)
}

func testTags(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	tag := func(target string) *store.Tag {
		return &store.Tag{Repository: "registry.example/shop/web", Name: "latest", Target: Digest(target)}
	}
	for _, target := range []string{"one", "one", "two", "one"} {
		f.Advance(time.Second)
		img := Image("shop/web:latest")
		img.Digest, img.ImageID = Digest(target), Digest("config "+target)
		_, err := f.Store.RecordImage(ctx, org, img, tag(target), Analyser)
		must(t, err)
	}
	now, err := f.Store.Image(ctx, org, "registry.example/shop/web:latest")
	must(t, err)
	if now.Digest != Digest("one") {
		t.Errorf("after the tag came back the name means %s, want what it names now", now.Digest)
	}
	// The same content under another name: the first one still means it.
	second := Image("registry.example/shop/web:stable")
	second.Digest, second.ImageID = Digest("one"), Digest("config one")
	_, err = f.Store.RecordImage(ctx, org, second, &store.Tag{Repository: "registry.example/shop/web", Name: "stable", Target: Digest("one")}, Analyser)
	must(t, err)
	for _, name := range []string{"latest", "stable"} {
		got, err := f.Store.Image(ctx, org, "registry.example/shop/web:"+name)
		must(t, err)
		if got.Digest != Digest("one") {
			t.Errorf("%s means %s", name, got.Digest)
		}
	}
	row, err := f.Store.Image(ctx, org, string(Digest("two")))
	must(t, err)
	if row.Name != "shop/web:latest" {
		t.Errorf("the image a tag left lost its name: %+v", row)
	}
}

func testPages(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	for _, n := range []string{"a", "B", "b", "c", "é"} {
		f.Advance(time.Second)
		f.Analysed(t, org, n)
	}
	list := func(sort store.ImageSort) (got []string) {
		cursor := ""
		for {
			part, err := f.Store.Images(ctx, org, store.ImageFilter{Sort: sort}, store.Page{Limit: 2, Cursor: cursor})
			must(t, err)
			for _, r := range part.Items {
				got = append(got, r.Name)
			}
			if cursor = part.Next; cursor == "" {
				return got
			}
		}
	}
	if diff := cmp.Diff([]string{"B", "a", "b", "c", "é"}, list(store.SortName)); diff != "" {
		t.Errorf("by name, in byte order (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"é", "c", "b", "B", "a"}, list(store.SortNewest)); diff != "" {
		t.Errorf("newest first (-want +got):\n%s", diff)
	}
	for _, bad := range []string{"!", "bm9uc2Vuc2U", "W10"} {
		_, err := f.Store.Images(ctx, org, store.ImageFilter{}, store.Page{Cursor: bad})
		wantKind(t, err, crowsnest.Invalid)
	}
	_, err := f.Store.Images(ctx, org, store.ImageFilter{Sort: "colour"}, store.Page{})
	wantKind(t, err, crowsnest.Invalid)
	_, err = f.Store.Images(ctx, org, store.ImageFilter{Environment: "nowhere"}, store.Page{})
	wantKind(t, err, crowsnest.NotFound)
}
