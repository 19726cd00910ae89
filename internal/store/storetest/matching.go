package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/google/go-cmp/cmp"
)

func testMatchedOnce(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	for _, name := range []string{"a", "b", "c"} {
		f.Analysed(t, org, name, Package("libssl3", "3.0.1", "openssl"), Package("openssl", "3.0.1", "openssl"))
	}
	if n := f.Match(t, AllAffected); n != 2 {
		t.Errorf("matched %d package versions, want 2 for three images", n)
	}
	f.Analysed(t, org, "d", Package("libssl3", "3.0.1", "openssl"))
	if n := f.Match(t, AllAffected); n != 0 {
		t.Errorf("a fourth image with a known package version made %d of them pending", n)
	}
}

// testOwnedPackage has one npm package twice in an image, once as a file of a Debian package.
func testOwnedPackage(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	free := crowsnest.Package{PackageVersion: crowsnest.PackageVersion{PURL: "pkg:npm/semver@7.3.5", Type: "npm", Name: "semver", Version: "7.3.5", Ecosystem: "npm"},
		Locations: []crowsnest.Location{{Path: "app/node_modules/semver/package.json"}}}
	owned := free
	owned.Ecosystem = ""
	owned.Locations = []crowsnest.Location{{Path: "usr/share/nodejs/semver/package.json",
		OwnedBy: &crowsnest.PackageOwner{PURL: "pkg:deb/debian/node-semver@7.3.5-2", Name: "node-semver", Version: "7.3.5-2"}}}
	img := f.Analysed(t, org, "a", free, owned)
	record := Advisory("1", "semver", "7.5.2", time.Unix(10, 0))
	record.Affected[0].Ecosystem = "npm"
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{record})
	must(t, err)
	f.Match(t, AllAffected)
	packages, err := f.Store.ImagePackages(ctx, org, img.Digest)
	must(t, err)
	owners := map[string][]crowsnest.PackageOwner{}
	for _, p := range packages {
		owners[p.Ecosystem] = p.Owners()
	}
	if diff := cmp.Diff(map[string][]crowsnest.PackageOwner{"npm": nil, "": owned.Owners()}, owners); diff != "" {
		t.Errorf("owners by ecosystem (-want +got):\n%s", diff)
	}
	findings, err := f.Store.ImageFindings(ctx, org, img.Digest, "")
	must(t, err)
	if len(findings) != 1 || findings[0].Package.Ecosystem != "npm" {
		t.Errorf("findings %+v, want that of the package nobody owns", findings)
	}
}

func testAdvisoryDiff(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	f.Analysed(t, org, "a", Package("libssl3", "3.0.1", "openssl"), Package("libc6", "2.36", "glibc"))
	f.Match(t, AllAffected)
	put := func(what string, want store.ImportStats, batch ...*crowsnest.Advisory) {
		t.Helper()
		got, err := f.Store.PutAdvisories(ctx, store.Update{}, batch)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	one := Advisory("1", "openssl", "3.0.2", time.Unix(10, 0))
	put("new", store.ImportStats{Records: 2, Changed: 2, Pending: 1, Changes: store.Changes{Added: 2, AddedIDs: []string{"1", "2"}}}, one, Advisory("2", "nothing-we-have", "1", time.Unix(10, 0)))
	f.Match(t, AllAffected)
	put("same", store.ImportStats{Records: 1, Unchanged: 1}, one)
	touched := *one
	touched.Modified = time.Unix(11, 0)
	put("same with another time", store.ImportStats{Records: 1, Unchanged: 1}, &touched)
	put("older", store.ImportStats{Records: 1, Unchanged: 1}, Advisory("1", "openssl", "9", time.Unix(5, 0)))
	// It names glibc now: both what it named and what it names are matched again.
	changed := store.Changes{Changed: 1, ChangedIDs: []string{"1"}}
	put("moved", store.ImportStats{Records: 1, Changed: 1, Pending: 2, Changes: changed}, Advisory("1", "glibc", "2.37", time.Unix(12, 0)))
	if n := f.Match(t, AllAffected); n != 2 {
		t.Errorf("%d package versions matched again, want 2", n)
	}
	put("twice in a batch", store.ImportStats{Records: 2, Changed: 1, Pending: 1, Changes: changed},
		Advisory("1", "glibc", "2.39", time.Unix(14, 0)), Advisory("1", "glibc", "2.38", time.Unix(13, 0)))
	findings := f.Match(t, func(_ crowsnest.PackageVersion, c []*crowsnest.Advisory) []crowsnest.Finding {
		if len(c) != 1 || c[0].Affected[0].Ranges[0].Events[1].Fixed != "2.39" {
			t.Errorf("candidates %+v, want the newer record", c)
		}
		return nil
	})
	if findings != 1 {
		t.Errorf("%d matched", findings)
	}
	must(t, f.Store.PutAdvisoryStatus(ctx, store.AdvisoryStatus{Ecosystem: "Debian", Fingerprint: "x", Records: 2, Imported: time.Unix(1, 0), Newest: time.Unix(14, 0)}))
	must(t, f.Store.PutAdvisoryStatus(ctx, store.AdvisoryStatus{Ecosystem: "Debian"}))
	statuses, err := f.Store.AdvisoryStatuses(ctx)
	must(t, err)
	if len(statuses) != 1 || statuses[0].Fingerprint != "x" || statuses[0].Records != 2 || statuses[0].Imported.IsZero() {
		t.Errorf("statuses %+v", statuses)
	}
}

func testFindingIntervals(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	img := f.Analysed(t, org, "a", Package("libssl3", "3.0.1", "openssl"))
	adv := Advisory("1", "openssl", "3.0.2", time.Unix(10, 0))
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{adv})
	must(t, err)
	f.Match(t, AllAffected)
	read := func() []store.FindingRow {
		list, err := f.Store.ImageFindings(ctx, org, img.Digest, "")
		must(t, err)
		return list
	}
	first := read()
	if len(first) != 1 {
		t.Fatalf("findings %+v, want one", first)
	}
	want := Finding(adv, crowsnest.Critical)
	if diff := cmp.Diff(want, first[0].Finding); diff != "" {
		t.Errorf("finding (-want +got):\n%s", diff)
	}

	f.Advance(time.Hour)
	higher := Advisory("1", "openssl", "3.0.3", time.Unix(11, 0))
	_, err = f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{higher})
	must(t, err)
	f.Match(t, func(p crowsnest.PackageVersion, c []*crowsnest.Advisory) []crowsnest.Finding {
		out := AllAffected(p, c)
		out[0].Aliases = append(out[0].Aliases, "GHSA-later")
		return out
	})
	if v, err := f.Store.Vulnerability(ctx, org, "GHSA-later"); err != nil || v.ID != want.Vulnerability {
		t.Errorf("by a name it got while it was open: %q, %v", v.ID, err)
	}
	second := read()
	if len(second) != 1 || second[0].FixedVersion != "3.0.3" || !second[0].Since.Equal(first[0].Since) {
		t.Errorf("a changed advisory must change the finding and not its beginning: %+v", second)
	}

	withdrawn := *higher
	withdrawn.Modified, withdrawn.Withdrawn = time.Unix(12, 0), time.Unix(12, 0)
	_, err = f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{&withdrawn})
	must(t, err)
	f.Match(t, AllAffected)
	if rest := read(); len(rest) != 0 {
		t.Errorf("findings of a withdrawn advisory remain: %+v", rest)
	}
	row, err := f.Store.Image(ctx, org, img.Name)
	must(t, err)
	if row.Summary.Total() != 0 {
		t.Errorf("summary %v, want nothing", row.Summary)
	}
}

func testVulnerabilities(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	web := f.Analysed(t, org, "web", Package("libssl3", "3.0.1", "openssl"), Package("openssl", "3.0.1", "openssl"))
	f.Analysed(t, org, "api", Package("libssl3", "3.0.1", "openssl"), Package("libc6", "2.36", "glibc"))
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{Advisory("1", "openssl", "3.0.2", time.Unix(1, 0)), Advisory("2", "glibc", "2.37", time.Unix(1, 0))})
	must(t, err)
	f.Match(t, func(p crowsnest.PackageVersion, c []*crowsnest.Advisory) []crowsnest.Finding {
		out := AllAffected(p, c)
		for i := range out {
			if p.Source == "glibc" {
				out[i].Severity, out[i].CVSS, out[i].FixedVersion = crowsnest.Unspecified, nil, ""
			}
		}
		return out
	})
	f.Sweep(t, f.Connect(t, org, "prod", "production"), store.Snapshot{Runs: []crowsnest.Observation{Run("web", web.ImageID, "")}})

	all, err := f.Store.Vulnerabilities(ctx, org, store.VulnerabilityFilter{}, store.Page{Limit: 1})
	must(t, err)
	if len(all.Items) != 1 || all.Next == "" {
		t.Fatalf("first page %+v", all)
	}
	v := all.Items[0]
	if v.ID != "CVE-2099-1" || v.Images != 2 || v.Packages != 2 || !v.FixedIn || v.Severity != crowsnest.Critical || !cmp.Equal(v.Environments, []string{"production"}) {
		t.Errorf("worst vulnerability %+v", v)
	}
	rest, err := f.Store.Vulnerabilities(ctx, org, store.VulnerabilityFilter{}, store.Page{Limit: 1, Cursor: all.Next})
	must(t, err)
	if len(rest.Items) != 1 || rest.Items[0].ID != "CVE-2099-2" || rest.Items[0].FixedIn || rest.Items[0].Images != 1 || rest.Next != "" {
		t.Errorf("second page %+v", rest)
	}
	production, err := f.Store.Vulnerabilities(ctx, org, store.VulnerabilityFilter{Environment: "production"}, store.Page{})
	must(t, err)
	if len(production.Items) != 1 || production.Items[0].Images != 1 {
		t.Errorf("in production %+v", production.Items)
	}
	low, err := f.Store.Vulnerabilities(ctx, org, store.VulnerabilityFilter{Severities: []crowsnest.Severity{crowsnest.Low, crowsnest.Unspecified}}, store.Page{})
	must(t, err)
	if len(low.Items) != 1 || low.Items[0].ID != "CVE-2099-2" {
		t.Errorf("low and unspecified %+v", low.Items)
	}
	row, err := f.Store.Environment(ctx, org, "production")
	must(t, err)
	image, err := f.Store.Image(ctx, org, "web")
	must(t, err)
	if row.Summary != image.Summary || row.Summary.Critical != 2 || !cmp.Equal(image.Environments, []string{"production"}) {
		t.Errorf("environment %+v and image %+v disagree", row, image)
	}
}

func testConcurrentImports(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	var packages []crowsnest.Package
	var advisories []*crowsnest.Advisory
	for i := range 300 {
		name := fmt.Sprintf("lib%03d", i)
		packages = append(packages, Package(name, "1", ""))
		advisories = append(advisories, Advisory(fmt.Sprint(i), name, "2", time.Unix(1, 0)))
	}
	img := f.Analysed(t, org, "web", packages...)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			batch := slices.Clone(advisories)
			if i%2 == 1 {
				slices.Reverse(batch)
			}
			for j, a := range batch {
				later := *a
				later.Modified, later.Summary = a.Modified.Add(time.Duration(i)*time.Second), fmt.Sprint("word of ", i)
				batch[j] = &later
			}
			if _, err := f.Store.PutAdvisories(ctx, store.Update{}, batch); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			pending, err := f.Store.PendingPackages(ctx, Rules, 1000)
			if err != nil {
				t.Error(err)
				return
			}
			candidates, err := f.Store.Candidates(ctx, pending)
			if err != nil {
				t.Error(err)
				return
			}
			matched := make([]store.Matched, len(pending))
			for j, p := range pending {
				matched[j] = store.Matched{Pending: p, Findings: AllAffected(p.Package, candidates[p.ID])}
			}
			if err := f.Store.SaveFindings(ctx, Rules, matched); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	f.Match(t, AllAffected)
	findings, err := f.Store.ImageFindings(ctx, org, img.Digest, "")
	must(t, err)
	if len(findings) != len(advisories) {
		t.Errorf("%d findings, want %d", len(findings), len(advisories))
	}
}

// What a package or an advisory says may hold any character; none may break an
// import or an analysis, or tell the engines apart by more than being refused.
func testNUL(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	img := f.Analysed(t, org, "web", Package("lib\x00x", "1\x00", "src\x00"), Package("libc6", "2.36", "glibc"))
	adv := Advisory("1", "glibc", "2.37", time.Unix(1, 0))
	adv.Summary = "a \x00 flaw"
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{adv})
	must(t, err)
	f.Match(t, AllAffected)
	findings, err := f.Store.ImageFindings(ctx, org, img.Digest, "")
	must(t, err)
	if len(findings) != 1 {
		t.Errorf("%d findings, want one", len(findings))
	}
	if _, err := f.Store.Image(ctx, org, "a\x00b"); err == nil || crowsnest.KindOf(err) == crowsnest.Internal {
		t.Errorf("a name with NUL: %v, want it not found or refused", err)
	}
}
