package envtest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// warnings lists what is said of the images of production, by name.
func warnings(t *testing.T, f storetest.Fixture, org store.OrgID) map[string][]store.Warning {
	t.Helper()
	list, err := f.Store.RunningImages(ctx, org, store.ImageFilter{Environment: "production"}, store.Page{})
	must(t, err)
	out := make(map[string][]store.Warning)
	for _, i := range list.Items {
		if len(i.Warnings) > 0 {
			out[string(i.Digest)] = i.Warnings
		}
	}
	return out
}

func testTagMoved(t *testing.T, f storetest.Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	in := f.Connect(t, org, "eu", "production")
	// Made at the same time, so that none is newer.
	old := tagged(t, f, org, storetest.Image("old"), "r/web", "latest")
	both := tagged(t, f, org, storetest.Image("both"), "r/api", "1")
	next := tagged(t, f, org, storetest.Image("next"), "r/web", "2")
	f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", old.ImageID, ""), storetest.Run("api", both.Index, "")}})
	assign(t, f, org, store.ImageKey{Reference: "r/api:stable", Digest: both.Digest})
	if got := warnings(t, f, org); len(got) != 0 {
		t.Errorf("nothing moved, and it says %v", got)
	}
	f.Advance(time.Hour)
	now, err := f.Store.RequestAnalysis(ctx, org, "r/web:latest", "") // tells the time
	must(t, err)
	record := func(org store.OrgID, img crowsnest.Image, repository, tag string) {
		_, err := f.Store.RecordImage(ctx, org, img, &store.Tag{Repository: repository, Name: tag, Target: img.Index}, storetest.Analyser)
		must(t, err)
	}
	record(other, next, "r/api", "1") // theirs says nothing of ours
	record(org, next, "r/web", "latest")
	record(org, next, "r/api", "stable")
	want := map[string][]store.Warning{
		string(old.Digest):  {{Kind: store.TagMoved, Reference: "r/web:latest", Running: old.Digest, Digest: next.Index, Since: now.Created}},
		string(both.Digest): {{Kind: store.TagMoved, Reference: "r/api:stable", Running: both.Digest, Digest: next.Index, Since: now.Created}},
	}
	if diff := cmp.Diff(want, warnings(t, f, org)); diff != "" {
		t.Errorf("moved (-want +got):\n%s", diff)
	}
	f.Advance(time.Hour)
	record(org, old, "r/web", "latest")
	record(org, both, "r/api", "stable")
	if got := warnings(t, f, org); len(got) != 0 {
		t.Errorf("they moved back, and it says %v", got)
	}
}

// testMovedTo: a tag moved to an image that is newer, and known by its own tag as well or by none.
func testMovedTo(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	at := func(day int, word string) crowsnest.Image {
		img := storetest.Image(word)
		img.Created = time.Date(2025, 1, day, 0, 0, 0, 0, time.UTC)
		return img
	}
	old, older := tagged(t, f, org, at(2, "old"), "r/web", "1.0"), tagged(t, f, org, at(1, "older"), "r/web", "0.9")
	f.Sweep(t, f.Connect(t, org, "eu", "production"), store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("a", old.ImageID, ""), storetest.Run("b", older.ImageID, "")}})
	f.Advance(time.Hour)
	tagged(t, f, org, at(3, "next"), "r/web", "1.0") // and is called so
	said := func() map[string][]string {
		out := make(map[string][]string)
		for digest, list := range warnings(t, f, org) {
			for _, w := range list {
				out[digest] = append(out[digest], string(w.Kind)+" "+w.Reference)
			}
		}
		return out
	}
	want := map[string][]string{
		string(old.Digest):   {"tag-moved r/web:1.0"},
		string(older.Digest): {"newer-version r/web:1.0"},
	}
	if diff := cmp.Diff(want, said()); diff != "" {
		t.Errorf("moved to an image without a tag of its own (-want +got):\n%s", diff)
	}
	f.Advance(time.Hour)
	last := tagged(t, f, org, at(4, "last"), "r/web", "2.0")
	f.Advance(time.Hour)
	last.Name = "r/web:1.0" // as it was asked for last
	_, err := f.Store.RecordImage(ctx, org, last, &store.Tag{Repository: "r/web", Name: "1.0", Target: last.Index}, storetest.Analyser)
	must(t, err)
	want = map[string][]string{
		string(old.Digest):   {"tag-moved r/web:1.0", "newer-version r/web:2.0"},
		string(older.Digest): {"newer-version r/web:2.0"},
	}
	if diff := cmp.Diff(want, said()); diff != "" {
		t.Errorf("moved on to one with its own tag (-want +got):\n%s", diff)
	}
}

func testNewer(t *testing.T, f storetest.Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	day := func(n int) time.Time { return time.Date(2025, 1, n, 0, 0, 0, 0, time.UTC) }
	made := func(org store.OrgID, word, repository, tag string, created time.Time, platform crowsnest.Platform) crowsnest.Image {
		img := storetest.Image(word)
		img.Created, img.Platform = created, platform
		return tagged(t, f, org, img, repository, tag)
	}
	amd, arm := crowsnest.DefaultPlatform, crowsnest.Platform{OS: "linux", Architecture: "arm64"}
	second := made(org, "second", "r/web", "2", day(2), amd)
	f.Advance(time.Minute)
	first := made(org, "first", "r/web", "1", day(1), amd) // analysed later, built earlier
	f.Advance(time.Minute)
	made(org, "arm", "r/web", "3-arm", day(9), arm)
	made(org, "elsewhere", "r/web2", "9", day(9), amd)
	made(other, "theirs", "r/web", "9", day(9), amd)
	waiting := storetest.Image("waiting")
	waiting.Name, waiting.Created = "r/web:9", day(9)
	_, err := f.Store.RecordImage(ctx, org, waiting, &store.Tag{Repository: "r/web", Name: "9", Target: waiting.Index}, storetest.Analyser)
	must(t, err)
	assign(t, f, org, references("r/web:1", "r/web:2")...)
	newer := func(of, than crowsnest.Image, since time.Time) []store.Warning {
		return []store.Warning{{Kind: store.NewerVersion, Reference: than.Name, Running: of.Digest, Digest: than.Digest, Since: since}}
	}
	if diff := cmp.Diff(map[string][]store.Warning{string(first.Digest): newer(first, second, day(2))}, warnings(t, f, org)); diff != "" {
		t.Errorf("by the time it was built (-want +got):\n%s", diff)
	}

	// What says that it was built at the beginning of time, or tomorrow, goes by when it was recorded.
	zero := made(org, "zero", "r/job", "1", time.Unix(0, 0), amd)
	f.Advance(time.Minute)
	future := made(org, "future", "r/job", "2", time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), amd)
	f.Advance(time.Minute)
	last := made(org, "last", "r/job", "3", time.Time{}, amd)
	row, err := f.Store.Image(ctx, org, string(last.Digest))
	must(t, err)
	_, err = f.Store.AssignImages(ctx, org, "production", store.Assignment{Images: references("r/job:1", "r/job:2", "r/job:3"), Replace: true})
	must(t, err)
	want := map[string][]store.Warning{string(zero.Digest): newer(zero, last, row.Recorded), string(future.Digest): newer(future, last, row.Recorded)}
	if diff := cmp.Diff(want, warnings(t, f, org)); diff != "" {
		t.Errorf("by the time it was recorded (-want +got):\n%s", diff)
	}
}

// Two images share a package, and two packages a vulnerability.
func testCounting(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	ssl, tool := storetest.Package("libssl3", "3.0.1", "openssl"), storetest.Package("openssl", "3.0.1", "openssl")
	other := storetest.Package("zlib1g", "1.2", "zlib")
	f.Analysed(t, org, "r/web:1", ssl, tool)
	f.Analysed(t, org, "r/api:1", ssl, other)
	f.Analysed(t, org, "r/idle:1", storetest.Package("perl", "5", "perl"))
	for id, source := range map[string]string{"1": "openssl", "2": "zlib", "3": "perl"} {
		_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory(id, source, "9", time.Unix(1, 0))})
		must(t, err)
	}
	f.Match(t, func(p crowsnest.PackageVersion, candidates []*crowsnest.Advisory) []crowsnest.Finding {
		out := storetest.AllAffected(p, candidates)
		for i := range out {
			if p.Name == "openssl" {
				out[i].Severity = crowsnest.Low
			}
		}
		return out
	})
	assign(t, f, org, references("r/web:1", "r/api:1")...)
	check := func(want map[store.Counting]crowsnest.Summary) {
		t.Helper()
		for counting, sum := range want {
			for range 2 { // counted, and remembered
				got, err := f.Store.EnvironmentSummary(ctx, org, "production", counting)
				must(t, err)
				if got != (store.Counted{Summary: sum}) {
					t.Errorf("by %s: %+v, want %+v", counting, got, sum)
				}
			}
		}
	}
	check(map[store.Counting]crowsnest.Summary{
		store.CountImages:          {Critical: 3, Low: 1},
		store.CountPackages:        {Critical: 2, Low: 1},
		store.CountVulnerabilities: {Critical: 2},
	})
	row, err := f.Store.Environment(ctx, org, "production")
	must(t, err)
	if row.Summary != (crowsnest.Summary{Critical: 3, Low: 1}) {
		t.Errorf("the environment counts %+v", row.Summary)
	}
	_, err = f.Store.UnassignImages(ctx, org, "production", references("r/api:1"))
	must(t, err)
	check(map[store.Counting]crowsnest.Summary{
		store.CountImages: {Critical: 1, Low: 1}, store.CountPackages: {Critical: 1, Low: 1}, store.CountVulnerabilities: {Critical: 1},
	})
	_, err = f.Store.UnassignImages(ctx, org, "production", references("r/web:1"))
	must(t, err)
	check(map[store.Counting]crowsnest.Summary{store.CountImages: {}, store.CountPackages: {}, store.CountVulnerabilities: {}})
	_, err = f.Store.EnvironmentSummary(ctx, org, "production", "layers")
	wantKind(t, err, crowsnest.Invalid)
	for _, counting := range []store.Counting{store.CountImages, store.CountPackages, store.CountVulnerabilities} {
		_, err = f.Store.EnvironmentSummary(ctx, org, "nowhere", counting)
		wantKind(t, err, crowsnest.NotFound)
	}
}
