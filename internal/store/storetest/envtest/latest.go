package envtest

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

// testLatest asks every question that takes an environment of the one that is built in.
func testLatest(t *testing.T, f storetest.Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	day := func(n int) time.Time { return time.Date(2025, 1, n, 0, 0, 0, 0, time.UTC) }
	made := func(org store.OrgID, repository, tag string, created time.Time, platform crowsnest.Platform, packages ...crowsnest.Package) crowsnest.Image {
		img := storetest.Image(repository + tag)
		img.Name, img.Created, img.Platform = repository+":"+tag, created, platform
		_, err := f.Store.RecordImage(ctx, org, img, &store.Tag{Repository: repository, Name: tag, Target: img.Index}, storetest.Analyser)
		must(t, err)
		must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: img, Packages: packages}, storetest.Analyser))
		return img
	}
	amd, arm := crowsnest.DefaultPlatform, crowsnest.Platform{OS: "linux", Architecture: "arm64"}
	now, before := storetest.Package("libssl3", "3.0.1", "openssl"), storetest.Package("perl", "5", "perl")
	web := made(org, "r/web", "2", day(2), amd, now)
	f.Advance(time.Minute)
	old := made(org, "r/web", "1", day(1), amd, before)
	made(org, "r/web", "1-arm", day(1), arm)
	made(org, "r/api", "1", day(1), amd, now)
	made(other, "r/web", "9", day(9), amd, before)
	f.Analysed(t, org, "no repository", before)
	waiting := storetest.Image("r/web:3")
	waiting.Created = day(3)
	_, err := f.Store.RecordImage(ctx, org, waiting, &store.Tag{Repository: "r/web", Name: "3", Target: waiting.Index}, storetest.Analyser)
	must(t, err)
	for id, source := range map[string]string{"1": "openssl", "2": "perl"} {
		_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory(id, source, "9", time.Unix(1, 0))})
		must(t, err)
	}
	f.Match(t, storetest.AllAffected)
	assign(t, f, org, store.ImageKey{Digest: old.Digest})

	const latest = store.LatestIndexed
	want := []string{"r/api:1", "r/web:1-arm", "r/web:2"}
	if diff := cmp.Diff(want, runs(t, f, org, latest)); diff != "" {
		t.Errorf("images (-want +got):\n%s", diff)
	}
	images, err := f.Store.Images(ctx, org, store.ImageFilter{Environment: latest}, store.Page{})
	must(t, err)
	names := []string{}
	for _, i := range images.Items {
		names = append(names, i.Name)
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("list of images (-want +got):\n%s", diff)
	}
	row, err := f.Store.Environment(ctx, org, latest)
	must(t, err)
	wantRow := store.EnvironmentRow{Name: latest, Description: "the newest analysed image of each repository", Images: 3, Summary: crowsnest.Summary{Critical: 2}}
	if diff := cmp.Diff(wantRow, row); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	for counting, n := range map[store.Counting]int{store.CountImages: 2, store.CountPackages: 1, store.CountVulnerabilities: 1} {
		if got, err := f.Store.EnvironmentSummary(ctx, org, latest, counting); err != nil || got != (store.Counted{Summary: crowsnest.Summary{Critical: n}}) {
			t.Errorf("by %s: %+v, %v", counting, got, err)
		}
	}
	vulnerabilities, err := f.Store.Vulnerabilities(ctx, org, store.VulnerabilityFilter{Environment: latest}, store.Page{})
	must(t, err)
	if len(vulnerabilities.Items) != 1 || vulnerabilities.Items[0].Images != 2 {
		t.Errorf("vulnerabilities %+v, want one in two images", vulnerabilities.Items)
	}
	packages, err := f.Store.Packages(ctx, org, store.PackageFilter{Environment: latest}, store.Page{})
	must(t, err)
	if len(packages.Items) != 1 || packages.Items[0].Name != "libssl3" {
		t.Errorf("packages %+v", packages.Items)
	}
	holders, err := f.Store.Holders(ctx, org, store.HolderFilter{Type: "deb", Name: "libssl3", Environment: latest}, store.Page{})
	must(t, err)
	if len(holders.Items) != 2 {
		t.Errorf("holders %+v", holders.Items)
	}
	overview, err := f.Store.Overview(ctx, org, latest, day(1))
	must(t, err)
	if overview.Images != 3 || overview.Coverage != (crowsnest.Coverage{}) || overview.Environments != 0 || len(overview.Missing) != 0 || overview.InUse.NotObserved.Critical != 1 || overview.News.OccurrencesOpened != 0 || !overview.OldestSweep.IsZero() {
		t.Errorf("overview %+v", overview)
	}
	gaps, err := f.Store.Gaps(ctx, org, latest, store.Page{})
	must(t, err)
	history, err := f.Store.Occurrences(ctx, org, running.Filter{Environment: latest}, store.Page{})
	must(t, err)
	if len(gaps.Items)+len(history.Items) != 0 {
		t.Errorf("nothing runs there, and it says %+v and %+v", gaps.Items, history.Items)
	}
	findings, err := f.Store.ImageFindings(ctx, org, web.Digest, latest)
	must(t, err)
	if len(findings) != 1 || findings[0].InUse != crowsnest.NotObserved {
		t.Errorf("findings %+v", findings)
	}

	_, err = f.Store.EnvironmentAt(ctx, org, latest, day(1))
	wantKind(t, err, crowsnest.Invalid)
	_, err = f.Store.RunningImages(ctx, org, store.ImageFilter{Environment: latest, At: day(1)}, store.Page{})
	wantKind(t, err, crowsnest.Invalid)
	_, err = f.Store.Ran(ctx, org, latest, day(1))
	wantKind(t, err, crowsnest.Invalid)

	// It is nobody's to change, and in no list.
	name := latest
	_, err = f.Store.AssignImages(ctx, org, latest, store.Assignment{Images: references("r/web:1"), Create: true})
	wantKind(t, err, crowsnest.Invalid)
	_, err = f.Store.AssignImages(ctx, org, latest, store.Assignment{Images: references("r/web:1")})
	wantKind(t, err, crowsnest.NotFound)
	_, err = f.Store.CreateIntegration(ctx, store.Integration{Org: org, Name: "eu", Kind: "sysdig", Environment: latest, Secret: []byte("x"), Interval: time.Minute})
	wantKind(t, err, crowsnest.Invalid)
	f.Connect(t, org, "eu", "production")
	wantKind(t, f.Store.UpdateIntegration(ctx, org, "eu", store.IntegrationChange{Environment: &name}), crowsnest.Invalid)
	wantKind(t, f.Store.ChangeEnvironment(ctx, org, "production", store.EnvironmentChange{Name: &name}), crowsnest.Invalid)
	wantKind(t, f.Store.DeleteEnvironment(ctx, org, latest), crowsnest.Invalid)
	all, err := f.Store.Environments(ctx, org, true)
	must(t, err)
	if slices.ContainsFunc(all, func(e store.EnvironmentRow) bool { return e.Name == latest }) {
		t.Errorf("it is among %+v", all)
	}
	image, err := f.Store.Image(ctx, org, string(web.Digest))
	must(t, err)
	if len(image.Environments) != 0 {
		t.Errorf("the image runs in %v", image.Environments)
	}
}
