package envtest

import (
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// testUnseen: where what is not seen loaded is taken as not affected, lists and exposure leave it out, count it and show it, and leave out nothing
// that nobody observes: in another image, in a type that is not covered, or with a profile that is too old.
func testUnseen(t *testing.T, f storetest.Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "globex")
	libc, zlib, bash := storetest.Package("libc6", "2.36-9", "glibc"), storetest.Package("zlib1g", "1.2", "zlib"), storetest.Package("bash", "5", "bash")
	tool := storetest.Package("tool", "1", "tool") // no profile covers its type
	tool.Type, tool.PURL = "generic", "pkg:generic/tool@1"
	web := f.Analysed(t, org, "web:1", libc, zlib, bash, tool)
	twin := f.Analysed(t, org, "twin:1", libc, zlib, bash, tool)
	api := f.Analysed(t, org, "api:1", zlib)
	var advisories []*crowsnest.Advisory
	for id, source := range map[string]string{"1": "glibc", "2": "zlib", "3": "bash", "4": "tool"} {
		advisories = append(advisories, storetest.Advisory(id, source, "9", time.Unix(1, 0)))
	}
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, advisories)
	must(t, err)
	f.Match(t, storetest.AllAffected)
	profile := map[string][]crowsnest.LoadedPackage{"libc": {{Type: libc.Type, Name: libc.Name, Version: libc.Version}}}
	in := f.Connect(t, org, "production", "production")
	sweep := func(runs ...crowsnest.Observation) {
		t.Helper()
		f.Advance(time.Minute)
		f.Sweep(t, in, store.Snapshot{Runs: runs, Profiles: profile})
	}
	discount := true
	sweep(storetest.Run("web", web.ImageID, "libc"))
	must(t, f.Store.ChangeEnvironment(ctx, org, "production", store.EnvironmentChange{DiscountNotSeen: &discount}))

	const glibc, zlibFlaw, bashFlaw, toolFlaw = "CVE-2099-1", "CVE-2099-2", "CVE-2099-3", "CVE-2099-4"
	type lists struct {
		Vulnerabilities, Packages []string // listed
		NotSeen                   []string // vulnerabilities
		Left                      running.LeftOut
		LeftPackages              int
	}
	read := func(environment string, shown bool) (out lists) {
		t.Helper()
		filter := store.VulnerabilityFilter{Environment: environment, NotSeen: shown}
		list, err := f.Store.Vulnerabilities(ctx, org, filter, store.Page{})
		must(t, err)
		for _, v := range list.Items {
			out.Vulnerabilities = append(out.Vulnerabilities, v.ID)
		}
		out.Left, err = f.Store.LeftOutVulnerabilities(ctx, org, filter)
		must(t, err)
		packages := store.PackageFilter{Environment: environment, Vulnerable: true, NotSeen: shown}
		rows, err := f.Store.Packages(ctx, org, packages, store.Page{})
		must(t, err)
		for _, p := range rows.Items {
			out.Packages = append(out.Packages, p.Name)
		}
		left, err := f.Store.LeftOutPackages(ctx, org, packages)
		must(t, err)
		out.LeftPackages = left.NotSeen
		notSeen, err := f.Store.NotSeenIn(ctx, org, environment)
		must(t, err)
		for id := range notSeen {
			out.NotSeen = append(out.NotSeen, id)
		}
		return out
	}
	check := func(when, environment string, want lists, shown bool) {
		t.Helper()
		if diff := cmp.Diff(want, read(environment, shown), cmpopts.EquateEmpty(), cmpopts.SortSlices(func(a, b string) bool { return a < b })); diff != "" {
			t.Errorf("%s, in %s (-want +got):\n%s", when, environment, diff)
		}
	}
	vulnerabilities, packages := []string{glibc, zlibFlaw, bashFlaw, toolFlaw}, []string{"bash", "libc6", "tool", "zlib1g"}
	all := lists{Vulnerabilities: vulnerabilities, Packages: packages}
	less := lists{
		Vulnerabilities: []string{glibc, toolFlaw}, Packages: []string{"libc6", "tool"}, NotSeen: []string{zlibFlaw, bashFlaw},
		Left: running.LeftOut{NotSeen: 2}, LeftPackages: 2,
	}
	check("not seen in all that runs", "production", less, false)
	check("shown", "production", lists{Vulnerabilities: vulnerabilities, Packages: packages, NotSeen: less.NotSeen}, true)
	inventory, err := f.Store.Packages(ctx, org, store.PackageFilter{Environment: "production"}, store.Page{})
	must(t, err)
	for _, p := range inventory.Items {
		if out := p.Name == "zlib1g" || p.Name == "bash"; out == (p.NotSeen == crowsnest.Summary{}) || out == (p.Summary != crowsnest.Summary{}) {
			t.Errorf("in the list of all packages %s has %v, and %v is not seen", p.Name, p.Summary, p.NotSeen)
		}
	}
	anywhere, err := f.Store.Vulnerabilities(ctx, org, store.VulnerabilityFilter{}, store.Page{})
	must(t, err)
	if len(anywhere.Items) != 4 {
		t.Errorf("over all images %d vulnerabilities are listed", len(anywhere.Items))
	}
	for _, environment := range []string{"nowhere", store.LatestIndexed} {
		if got, err := f.Store.NotSeenIn(ctx, org, environment); err != nil || len(got) != 0 {
			t.Errorf("not seen in %s is %v, %v", environment, got, err)
		}
	}
	if got, err := f.Store.NotSeenIn(ctx, other, "production"); err != nil || len(got) != 0 {
		t.Errorf("another organisation is told %v, %v", got, err)
	}

	sweep(storetest.Run("web", web.ImageID, "libc"), storetest.Run("api", api.ImageID, ""))
	check("zlib in an image that nobody watches", "production", lists{
		Vulnerabilities: []string{glibc, zlibFlaw, toolFlaw}, Packages: []string{"libc6", "tool", "zlib1g"}, NotSeen: []string{bashFlaw},
		Left: running.LeftOut{NotSeen: 1}, LeftPackages: 1,
	}, false)
	list, err := f.Store.Vulnerabilities(ctx, org, store.VulnerabilityFilter{Environment: "production"}, store.Page{})
	must(t, err)
	for _, v := range list.Items {
		if v.Images != 1 {
			t.Errorf("%s counts in %d images; api alone has zlib that counts, and web all else", v.ID, v.Images)
		}
	}
	sweep(storetest.Run("web", web.ImageID, "libc"), storetest.Run("twin", twin.ImageID, ""))
	check("the same packages in an image that nobody watches", "production", all, false)
	sweep(storetest.Run("web", web.ImageID, "libc"), storetest.Run("twin", twin.ImageID, "libc"))
	check("both are watched", "production", less, false)
	f.Advance(store.DefaultProfileDays*day + 2*time.Hour)
	check("the profiles are too old", "production", all, false)
	sweep(storetest.Run("web", web.ImageID, "libc"))
	check("watched again", "production", less, false)
	discount = false
	must(t, f.Store.ChangeEnvironment(ctx, org, "production", store.EnvironmentChange{DiscountNotSeen: &discount}))
	check("counted again", "production", all, false)
}
