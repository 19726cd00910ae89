// Package comparisontest is the part of the store's suite about what is compared: which images of a
// repository run where, and which findings two sides do not share.
package comparisontest

import (
	"context"
	"fmt"
	"slices"
	"strings"
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
		"SiblingsRunThere":           testSiblings,
		"LatestIsAnother":            testLatest,
		"ContentsByRepository":       testContents,
		"OnlyDifferencesAreRead":     testDifferences,
		"InUseByImage":               testLoaded,
		"NothingOfAnotherIsCompared": testScope,
	})
}

var ctx = context.Background()

var must, wantKind = storetest.Must, storetest.WantKind

var amd, arm = crowsnest.DefaultPlatform, crowsnest.Platform{OS: "linux", Architecture: "arm64"}

// record records an image of a repository, built so many days into 2025.
func record(t *testing.T, f storetest.Fixture, org store.OrgID, repository, tag string, day int, platform crowsnest.Platform) crowsnest.Image {
	t.Helper()
	img := storetest.Image(repository + ":" + tag)
	img.Platform, img.Created = platform, time.Date(2025, 1, day, 0, 0, 0, 0, time.UTC)
	_, err := f.Store.RecordImage(ctx, org, img, &store.Tag{Repository: repository, Name: tag, Target: img.Index}, storetest.Analyser)
	must(t, err)
	return img
}

// analysed is record with packages.
func analysed(t *testing.T, f storetest.Fixture, org store.OrgID, repository, tag string, day int, platform crowsnest.Platform, packages ...crowsnest.Package) crowsnest.Image {
	t.Helper()
	img := record(t, f, org, repository, tag, day, platform)
	must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: img, Packages: packages}, storetest.Analyser))
	return img
}

func runs(images ...crowsnest.Image) store.Snapshot {
	var s store.Snapshot
	for i, img := range images {
		s.Runs = append(s.Runs, storetest.Run(fmt.Sprint("run-", i), img.ImageID, ""))
	}
	return s
}

func testSiblings(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	one, two := analysed(t, f, org, "r/web", "1", 1, amd), analysed(t, f, org, "r/web", "2", 2, amd)
	other, waiting := analysed(t, f, org, "r/web", "1-arm", 1, arm), record(t, f, org, "r/web", "3", 3, amd)
	api, file := analysed(t, f, org, "r/api", "1", 1, amd), f.Analysed(t, org, "web.tar")
	production := f.Connect(t, org, "prod", "production")
	f.Sweep(t, production, runs(one, other, waiting, api, file))
	f.Connect(t, org, "edge", "edge")
	then := production.Created.Add(time.Minute)
	f.Advance(time.Hour)
	f.Sweep(t, production, runs(two, api))
	f.Sweep(t, f.Connect(t, org, "eu", "arm"), runs(other))

	var past time.Time
	for name, c := range map[string]struct {
		image       crowsnest.Image
		environment string
		at          time.Time
		want        store.Siblings
	}{
		"now":                      {one, "production", past, store.Siblings{Repository: "r/web", Analysed: []crowsnest.Digest{two.Digest}}},
		"itself":                   {two, "production", past, store.Siblings{Repository: "r/web", Analysed: []crowsnest.Digest{two.Digest}}},
		"then, with one to come":   {two, "production", then, store.Siblings{Repository: "r/web", Analysed: []crowsnest.Digest{one.Digest}, NotAnalysed: 1}},
		"of another repository":    {api, "edge", past, store.Siblings{Repository: "r/api"}},
		"of another platform then": {other, "production", then, store.Siblings{Repository: "r/web", Analysed: []crowsnest.Digest{other.Digest}}},
		"of another platform only": {one, "arm", past, store.Siblings{Repository: "r/web", Analysed: []crowsnest.Digest{other.Digest}}},
		"not analysed itself":      {waiting, "production", past, store.Siblings{Repository: "r/web", Analysed: []crowsnest.Digest{two.Digest}}},
		"the newest of all":        {one, store.LatestIndexed, past, store.Siblings{Repository: "r/web", Analysed: []crowsnest.Digest{two.Digest}}},
		"before anything ran":      {one, "production", then.Add(-time.Hour), store.Siblings{Repository: "r/web"}},
	} {
		got, err := f.Store.SiblingsIn(ctx, org, c.image.Digest, c.environment, c.at)
		must(t, err)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for name, c := range map[string]struct {
		digest      crowsnest.Digest
		environment string
		at          time.Time
		want        crowsnest.Kind
	}{
		"unknown image":       {storetest.Digest("nothing"), "production", past, crowsnest.NotFound},
		"unknown environment": {one.Digest, "prodution", past, crowsnest.NotFound},
		"no repository":       {file.Digest, "production", past, crowsnest.Invalid},
		"nothing was kept":    {one.Digest, store.LatestIndexed, then, crowsnest.Invalid},
	} {
		if _, err := f.Store.SiblingsIn(ctx, org, c.digest, c.environment, c.at); err == nil || crowsnest.KindOf(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func testLatest(t *testing.T, f storetest.Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	two, one := analysed(t, f, org, "r/web", "2", 2, amd), analysed(t, f, org, "r/web", "1", 1, amd)
	alone := analysed(t, f, org, "r/web", "1-arm", 1, arm)
	waiting := record(t, f, org, "r/web", "3", 3, amd)
	analysed(t, f, other, "r/web", "9", 9, amd)
	for from, want := range map[crowsnest.Digest]crowsnest.Digest{one.Digest: two.Digest, two.Digest: one.Digest, waiting.Digest: two.Digest} {
		if got, err := f.Store.LatestBeside(ctx, org, from); err != nil || got != want {
			t.Errorf("beside %s: %s, %v, want %s", from.Short(), got.Short(), err, want.Short())
		}
	}
	_, err := f.Store.LatestBeside(ctx, org, alone.Digest)
	wantKind(t, err, crowsnest.NotFound)
	_, err = f.Store.LatestBeside(ctx, org, f.Analysed(t, org, "web.tar").Digest)
	wantKind(t, err, crowsnest.Invalid)
	_, err = f.Store.LatestBeside(ctx, other, one.Digest)
	wantKind(t, err, crowsnest.NotFound)
}

func testContents(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	lib := storetest.Package("libssl3", "3.0.1", "openssl")
	one, waiting := analysed(t, f, org, "r/web", "1", 1, amd, lib), record(t, f, org, "r/api", "3", 3, amd)
	again, file := analysed(t, f, org, "r/copy", "1", 1, amd, lib), f.Analysed(t, org, "web.tar", lib)
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory("1", "openssl", "9", time.Unix(1, 0))})
	must(t, err)
	f.Match(t, storetest.AllAffected)
	production := f.Connect(t, org, "prod", "production")
	f.Sweep(t, production, store.Snapshot{Runs: []crowsnest.Observation{
		// One image by two of its digests is one, and what has no repository or no image is not among them.
		storetest.Run("a", one.ImageID, ""), storetest.Run("b", one.Digest, ""), storetest.Run("c", waiting.ImageID, ""), storetest.Run("d", again.ImageID, ""),
		storetest.Run("e", file.ImageID, ""), storetest.Run("f", storetest.Digest("nobody's"), ""),
	}})
	want := []string{"r/api r/api:3 found 0 0", "r/copy r/copy:1 analysed 1 1", "r/web r/web:1 analysed 1 1"}
	for _, at := range []time.Time{{}, production.Created.Add(time.Minute)} {
		list, err := f.Store.RunningContents(ctx, org, "production", at)
		must(t, err)
		got := []string{}
		for _, r := range list {
			got = append(got, fmt.Sprintf("%s %s %s %d %d", r.Repository, r.Name, r.State, len(r.Sets), r.Summary.Total()))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("at %v (-want +got):\n%s", at, diff)
		}
		if built := list[2].Built; !built.Equal(one.Created) || list[2].Digest != one.Digest || list[2].Platform != "linux/amd64" {
			t.Errorf("it is %+v", list[2])
		}
	}
	empty, err := f.Store.RunningContents(ctx, org, "production", production.Created.Add(-time.Minute))
	if err != nil || len(empty) != 0 {
		t.Errorf("before anything ran: %v, %v", empty, err)
	}
	_, err = f.Store.RunningContents(ctx, org, "prodution", time.Time{})
	wantKind(t, err, crowsnest.NotFound)
}

// sets returns the package sets of an image that runs in production.
func sets(t *testing.T, f storetest.Fixture, org store.OrgID, img crowsnest.Image) []int64 {
	t.Helper()
	list, err := f.Store.RunningContents(ctx, org, "production", time.Time{})
	must(t, err)
	i := slices.IndexFunc(list, func(r store.RunningContent) bool { return r.Digest == img.Digest })
	if i < 0 {
		t.Fatalf("%s does not run", img.Name)
	}
	return list[i].Sets
}

// told writes findings, a word each.
func told(rows []store.FindingRow) []string {
	out := []string{}
	for _, r := range rows {
		out = append(out, strings.TrimSpace(r.Vulnerability+" "+r.Package.Name+" "+r.Package.Version+" "+r.Severity.String()+" "+string(r.State)))
	}
	slices.Sort(out)
	return out
}

func testDifferences(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	old, fresh := storetest.Package("libssl3", "3.0.1", "openssl"), storetest.Package("libssl3", "3.0.2", "openssl")
	same, clean := storetest.Package("perl", "5", "perl"), storetest.Package("zlib1g", "1", "zlib")
	one, two := analysed(t, f, org, "r/web", "1", 1, amd, old, same, clean), analysed(t, f, org, "r/web", "2", 2, amd, fresh, same)
	for id, source := range map[string]string{"1": "openssl", "2": "perl", "3": "openssl"} {
		_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory(id, source, "9", time.Unix(1, 0))})
		must(t, err)
	}
	f.Match(t, func(p crowsnest.PackageVersion, candidates []*crowsnest.Advisory) []crowsnest.Finding {
		out := storetest.AllAffected(p, candidates)
		for i := range out {
			if p.Source == "perl" {
				out[i].State = crowsnest.StateIgnored
			}
		}
		return out
	})
	f.Sweep(t, f.Connect(t, org, "prod", "production"), runs(one, two))
	a, b := sets(t, f, org, one), sets(t, f, org, two)
	got, err := f.Store.DifferentFindings(ctx, org, "", "", []store.SetPair{{Before: a, After: b}, {Before: a, After: a}, {After: b}, {}})
	must(t, err)
	before := []string{"CVE-2099-1 libssl3 3.0.1 critical", "CVE-2099-3 libssl3 3.0.1 critical"}
	after := []string{"CVE-2099-1 libssl3 3.0.2 critical", "CVE-2099-3 libssl3 3.0.2 critical"}
	want := [][2][]string{{before, after}, {{}, {}}, {{}, append(after, "CVE-2099-2 perl 5 critical ignored")}, {{}, {}}}
	slices.Sort(want[2][1])
	if len(got) != len(want) {
		t.Fatalf("%d answers to %d pairs", len(got), len(want))
	}
	for i, w := range want {
		if diff := cmp.Diff(w, [2][]string{told(got[i].Before), told(got[i].After)}); diff != "" {
			t.Errorf("pair %d (-want +got):\n%s", i, diff)
		}
	}
	if p := got[0].After[0].Package; p != fresh.PackageVersion {
		t.Errorf("the package is %+v, want %+v", p, fresh.PackageVersion)
	}
}

func testLoaded(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	web, api := analysed(t, f, org, "r/web", "1", 1, amd), analysed(t, f, org, "r/api", "1", 1, amd)
	loaded := func(name string) []crowsnest.LoadedPackage {
		return []crowsnest.LoadedPackage{{Type: "deb", Name: name, Version: "1"}}
	}
	f.Sweep(t, f.Connect(t, org, "prod", "production"), store.Snapshot{
		Runs:     []crowsnest.Observation{storetest.Run("a", web.ImageID, "one"), storetest.Run("b", web.Digest, "two"), storetest.Run("c", api.ImageID, "")},
		Profiles: map[string][]crowsnest.LoadedPackage{"one": loaded("libc6"), "two": loaded("perl")},
	})
	f.Sweep(t, f.Connect(t, org, "test", "staging"), store.Snapshot{
		Runs: []crowsnest.Observation{storetest.Run("c", api.ImageID, "three")}, Profiles: map[string][]crowsnest.LoadedPackage{"three": loaded("bash")},
	})
	list, err := f.Store.RunningContents(ctx, org, "production", time.Time{})
	must(t, err)
	numbers := map[string]int64{}
	for _, r := range list {
		numbers[r.Name] = r.Image
	}
	got, err := f.Store.WatchedIn(ctx, org, "production", []int64{numbers["r/web:1"], numbers["r/api:1"]})
	must(t, err)
	production, err := f.Store.Environment(ctx, org, "production")
	must(t, err)
	both := make(map[string]bool)
	for _, p := range append(loaded("libc6"), loaded("perl")...) {
		for _, key := range p.Keys() {
			crowsnest.AddLoaded(both, key)
		}
	}
	want := map[int64]crowsnest.Watch{numbers["r/web:1"]: {Loaded: both, AsOf: production.AsOf}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err = f.Store.WatchedIn(ctx, org, "prodution", nil)
	wantKind(t, err, crowsnest.NotFound)
}

// Sets and images are named by numbers, which others may guess.
func testScope(t *testing.T, f storetest.Fixture) {
	us, them := f.Organisation(t, "us"), f.Organisation(t, "them")
	img := analysed(t, f, us, "r/web", "1", 1, amd, storetest.Package("libssl3", "3.0.1", "openssl"))
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory("1", "openssl", "9", time.Unix(1, 0))})
	must(t, err)
	f.Match(t, storetest.AllAffected)
	f.Sweep(t, f.Connect(t, us, "prod", "production"), store.Snapshot{
		Runs: []crowsnest.Observation{storetest.Run("a", img.ImageID, "p")}, Profiles: map[string][]crowsnest.LoadedPackage{"p": {{Type: "deb", Name: "libssl3", Version: "3.0.1"}}},
	})
	f.Connect(t, them, "prod", "production")
	pairs := []store.SetPair{{After: sets(t, f, us, img)}}
	ours, err := f.Store.DifferentFindings(ctx, us, "", "", pairs)
	must(t, err)
	theirs, err := f.Store.DifferentFindings(ctx, them, "", "", pairs)
	must(t, err)
	if len(ours[0].After) != 1 || len(theirs[0].After) != 0 {
		t.Errorf("we see %v and they %v", ours, theirs)
	}
	list, err := f.Store.RunningContents(ctx, us, "production", time.Time{})
	must(t, err)
	for org, want := range map[store.OrgID]int{us: 1, them: 0} {
		if got, err := f.Store.WatchedIn(ctx, org, "production", []int64{list[0].Image}); err != nil || len(got) != want {
			t.Errorf("%s sees %v, %v", org, got, err)
		}
	}
	_, err = f.Store.SiblingsIn(ctx, them, img.Digest, "production", time.Time{})
	wantKind(t, err, crowsnest.NotFound)
}
