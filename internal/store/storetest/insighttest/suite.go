// Package insighttest is the part of the store's suite about what is asked across all images:
// vulnerabilities, packages, the search and the overview, which is built on which, when to ask it
// again, and what the answers leave out.
package insighttest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// Suite runs every test against fresh stores that open makes.
func Suite(t *testing.T, open func(t *testing.T) storetest.Fixture) {
	storetest.Each(t, open, map[string]func(*testing.T, storetest.Fixture){
		"VulnerabilityByAnyName":   testVulnerabilityDetail,
		"NameOfSeveralIsRefused":   testAmbiguousName,
		"ImagesWithAVulnerability": testHolders,
		"PackagesOverAllImages":    testPackages,
		"PackagesFromEitherSide":   testPackagesOfMany,
		"SearchFindsEachKind":      testSearch,
		"OverviewSumsUp":           testOverview,
		"RevisionsTellWhatChanged": testRevisions,
		"OmissionsAreShown":        testOmissions,
		"ImagesByText":             testImageFilter,
		"VulnerabilitiesByText":    testVulnerabilityFilter,
		"PackagesInUse":            testPackagesInUse,
		"BaseIsFoundByItsLayers":   testBaseByLayers,
		"BaseImages":               testBaseImages,
		"BaseCandidates":           testBaseCandidates,
		"MinorFindingsAreKept":     testMinorFindings,
	})
}

var ctx = context.Background()

var must, wantKind = storetest.Must, storetest.WantKind

// town is an installation in which two images share a vulnerable package, one of them runs
// and loads it, and another organisation has the same content.
type town struct {
	storetest.Fixture
	org, other store.OrgID
	web, api   crowsnest.Image
	in         store.Integration
}

func newTown(t *testing.T, f storetest.Fixture) town {
	t.Helper()
	w := town{Fixture: f, org: f.Organisation(t, "acme"), other: f.Organisation(t, "other")}
	ssl, perl := storetest.Package("libssl3", "3.0.1", "openssl"), storetest.Package("perl-base", "5.36.0", "perl")
	w.web = f.Analysed(t, w.org, "registry.example/shop/web:1", ssl, perl, storetest.Package("zlib1g", "1.2", ""))
	w.api = f.Analysed(t, w.org, "registry.example/shop/api:1", ssl, storetest.Package("libssl3", "3.0.2", "openssl"))
	for i, a := range []*crowsnest.Advisory{storetest.Advisory("1", "openssl", "3.0.9", time.Unix(1, 0)), storetest.Advisory("2", "perl", "6", time.Unix(1, 0))} {
		second := *a
		second.ID = fmt.Sprintf("DSA-%d", i+1)
		_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{a, &second})
		must(t, err)
	}
	f.Match(t, func(p crowsnest.PackageVersion, candidates []*crowsnest.Advisory) []crowsnest.Finding {
		out := storetest.AllAffected(p, candidates)
		for i := range out {
			out[i].Decides = out[i].Advisory[0] != 'D'
			if p.Source == "perl" {
				out[i].Severity = crowsnest.High
			}
		}
		return out
	})
	w.in = f.Connect(t, w.org, "prod", "production")
	f.Sweep(t, w.in, store.Snapshot{
		Runs:     []crowsnest.Observation{storetest.Run("web", w.web.ImageID, "p"), storetest.Run("lost", storetest.Digest("lost"), "")},
		Profiles: map[string][]crowsnest.LoadedPackage{"p": {{Type: "deb", Name: "libssl3", Version: "3.0.1"}}},
	})
	return w
}

func testVulnerabilityDetail(t *testing.T, f storetest.Fixture) {
	w := newTown(t, f)
	for _, name := range []string{"CVE-2099-1", "cve-2099-1", "1"} {
		v, err := f.Store.Vulnerability(ctx, w.org, name)
		must(t, err)
		if v.ID != "CVE-2099-1" || v.Images != 2 || v.Packages != 2 || v.Severity != crowsnest.Critical || !v.FixedIn {
			t.Errorf("%s: %+v", name, v.VulnerabilityRow)
		}
		if diff := cmp.Diff([]string{"1", "DSA-1"}, v.Aliases); diff != "" {
			t.Errorf("aliases (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"production"}, v.Environments); diff != "" {
			t.Errorf("environments (-want +got):\n%s", diff)
		}
		if len(v.Affected) != 2 || v.Affected[0].Images != 2 || v.Affected[1].Images != 1 || len(v.Affected[0].Findings) != 2 || v.Affected[0].Findings[0].Advisory != "1" {
			t.Errorf("affected %+v", v.Affected)
		}
		if len(v.Sources) != 2 || v.Sources[0].ID != "1" || len(v.Sources[0].Affected) != 1 || v.Sources[0].Affected[0].Ranges[0].Events[1].Fixed != "3.0.9" {
			t.Errorf("sources %+v", v.Sources)
		}
	}
	for _, name := range []string{"CVE-2099-9", "", "CVE-2099-"} {
		_, err := f.Store.Vulnerability(ctx, w.org, name)
		wantKind(t, err, crowsnest.NotFound)
	}
	_, err := f.Store.Vulnerability(ctx, w.other, "CVE-2099-1")
	wantKind(t, err, crowsnest.NotFound)
	// The other organisation comes to have a part of it, and sees that part only.
	f.Analysed(t, w.other, "theirs", storetest.Package("libssl3", "3.0.2", "openssl"))
	theirs, err := f.Store.Vulnerability(ctx, w.other, "CVE-2099-1")
	must(t, err)
	if theirs.Images != 1 || len(theirs.Affected) != 1 || len(theirs.Environments) != 0 {
		t.Errorf("the other organisation sees %+v", theirs)
	}
	// A name that was taken back leads nowhere.
	gone := storetest.Advisory("1", "openssl", "3.0.9", time.Unix(2, 0))
	gone.Withdrawn = time.Unix(2, 0)
	_, err = f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{gone})
	must(t, err)
	f.Match(t, storetest.AllAffected)
	_, err = f.Store.Vulnerability(ctx, w.org, "1")
	wantKind(t, err, crowsnest.NotFound)
	v, err := f.Store.Vulnerability(ctx, w.org, "DSA-1")
	must(t, err)
	if v.ID != "CVE-2099-1" || v.Affected[0].Cause == "" {
		t.Errorf("by the advisory that is left: %+v", v)
	}
}

func testAmbiguousName(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	f.Analysed(t, org, "web", storetest.Package("libssl3", "3.0.1", "openssl"))
	a := storetest.Advisory("DSA-7", "openssl", "3.0.9", time.Unix(1, 0))
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{a})
	must(t, err)
	f.Match(t, func(_ crowsnest.PackageVersion, candidates []*crowsnest.Advisory) []crowsnest.Finding {
		one, two := storetest.Finding(candidates[0], crowsnest.High), storetest.Finding(candidates[0], crowsnest.Low)
		two.Vulnerability = "CVE-2099-8"
		return []crowsnest.Finding{one, two}
	})
	_, err = f.Store.Vulnerability(ctx, org, "DSA-7")
	wantKind(t, err, crowsnest.Conflict)
}

func testHolders(t *testing.T, f storetest.Fixture) {
	w := newTown(t, f)
	list := func(org store.OrgID, filter store.HolderFilter) (names []string, all []store.Holder) {
		cursor := ""
		for {
			part, err := f.Store.Holders(ctx, org, filter, store.Page{Limit: 1, Cursor: cursor})
			must(t, err)
			for _, h := range part.Items {
				names = append(names, h.Name)
			}
			all = append(all, part.Items...)
			if cursor = part.Next; cursor == "" {
				return names, all
			}
		}
	}
	for _, c := range []struct {
		name   string
		filter store.HolderFilter
		want   []string
	}{
		{"vulnerability", store.HolderFilter{Vulnerability: "CVE-2099-1"}, []string{w.api.Name, w.web.Name}},
		{"by alias", store.HolderFilter{Vulnerability: "2"}, []string{w.web.Name}},
		{"where it runs", store.HolderFilter{Vulnerability: "CVE-2099-1", Environment: "production"}, []string{w.web.Name}},
		{"package", store.HolderFilter{Type: "deb", Name: "libssl3"}, []string{w.api.Name, w.web.Name}},
		{"version", store.HolderFilter{Type: "deb", Name: "libssl3", Version: "3.0.2"}, []string{w.api.Name}},
		{"another type", store.HolderFilter{Type: "npm", Name: "libssl3"}, nil},
	} {
		got, _ := list(w.org, c.filter)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	_, all := list(w.org, store.HolderFilter{Vulnerability: "2"})
	if len(all) != 1 || len(all[0].Packages) != 1 || all[0].Packages[0].Finding == nil || all[0].Packages[0].Finding.Severity != crowsnest.High ||
		all[0].Packages[0].Locations[0].Path != "var/lib/dpkg/status" || !slices.Equal(all[0].Packages[0].Licences, []string{"MIT"}) || all[0].Packages[0].InUse["production"] != crowsnest.NotSeen {
		t.Errorf("images with perl's: %+v", all)
	}
	_, all = list(w.org, store.HolderFilter{Type: "deb", Name: "libssl3", Version: "3.0.1"})
	if len(all) != 2 || all[1].Packages[0].InUse["production"] != crowsnest.Loaded || len(all[0].Packages[0].InUse) != 0 || all[0].Packages[0].Finding != nil {
		t.Errorf("images with openssl: %+v", all)
	}
	if got, _ := list(w.other, store.HolderFilter{Type: "deb", Name: "libssl3"}); len(got) != 0 {
		t.Errorf("the other organisation sees %v", got)
	}
	_, err := f.Store.Holders(ctx, w.other, store.HolderFilter{Vulnerability: "CVE-2099-1"}, store.Page{})
	wantKind(t, err, crowsnest.NotFound)
	_, err = f.Store.Holders(ctx, w.org, store.HolderFilter{Type: "deb", Name: "x", Environment: "nowhere"}, store.Page{})
	wantKind(t, err, crowsnest.NotFound)
}

func testPackages(t *testing.T, f storetest.Fixture) {
	w := newTown(t, f)
	list := func(org store.OrgID, filter store.PackageFilter) (got []string) {
		cursor := ""
		for {
			part, err := f.Store.Packages(ctx, org, filter, store.Page{Limit: 2, Cursor: cursor})
			must(t, err)
			for _, r := range part.Items {
				got = append(got, fmt.Sprintf("%s %s %d in %d %v %s", r.Type, r.Name, r.Versions, r.Images, r.Environments, r.Summary))
			}
			if cursor = part.Next; cursor == "" {
				return got
			}
		}
	}
	ssl, perl, zlib := "deb libssl3 2 in 2 [production] 2C 0H 0M 0L", "deb perl-base 1 in 1 [production] 0C 1H 0M 0L", "deb zlib1g 1 in 1 [production] 0C 0H 0M 0L"
	for _, c := range []struct {
		name   string
		filter store.PackageFilter
		want   []string
	}{
		{"all", store.PackageFilter{}, []string{ssl, perl, zlib}},
		{"vulnerable", store.PackageFilter{Vulnerable: true}, []string{ssl, perl}},
		{"worst first", store.PackageFilter{Sort: store.PackagesByWorst}, []string{ssl, perl}},
		{"part of the name", store.PackageFilter{Query: "LIB"}, []string{ssl, zlib}},
		{"a pattern is text", store.PackageFilter{Query: "l%b"}, nil},
		{"one character is not any", store.PackageFilter{Query: "l_b"}, nil},
		{"type", store.PackageFilter{Type: "npm"}, nil},
		{"environment", store.PackageFilter{Environment: "production", Sort: store.PackagesByWorst}, []string{"deb libssl3 1 in 1 [production] 1C 0H 0M 0L", perl}},
	} {
		if diff := cmp.Diff(c.want, list(w.org, c.filter)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	if got := list(w.other, store.PackageFilter{}); len(got) != 0 {
		t.Errorf("the other organisation sees %v", got)
	}
	_, err := f.Store.Packages(ctx, w.org, store.PackageFilter{Sort: "size"}, store.Page{})
	wantKind(t, err, crowsnest.Invalid)
	_, err = f.Store.Packages(ctx, w.org, store.PackageFilter{Environment: "nowhere"}, store.Page{})
	wantKind(t, err, crowsnest.NotFound)

	p, err := f.Store.Package(ctx, w.org, "deb", "libssl3")
	must(t, err)
	if p.Versions != 2 || p.Images != 2 || p.Summary.Critical != 2 || len(p.List) != 2 || p.List[0].Package.Version != "3.0.1" ||
		p.List[0].Images != 2 || p.List[1].Images != 1 || len(p.List[1].Environments) != 0 || len(p.List[0].Findings) != 1 || p.List[0].Findings[0].Vulnerability != "CVE-2099-1" {
		t.Errorf("package %+v", p)
	}
	_, err = f.Store.Package(ctx, w.other, "deb", "libssl3")
	wantKind(t, err, crowsnest.NotFound)
}

// The same list, whether it starts from few sets of packages or from all package versions.
func testPackagesOfMany(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	var packages []crowsnest.Package
	for i := range 260 {
		p := storetest.Package(fmt.Sprintf("lib%03d", i), "1", "")
		p.Locations[0].Layer = storetest.Digest(fmt.Sprint("layer ", i))
		packages = append(packages, p)
	}
	few := f.Analysed(t, org, "few", packages[:20]...)
	f.Analysed(t, org, "many", packages...)
	for i := range 40 {
		_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory(fmt.Sprint(i), fmt.Sprintf("lib%03d", i*3), "2", time.Unix(1, 0))})
		must(t, err)
	}
	f.Match(t, func(p crowsnest.PackageVersion, candidates []*crowsnest.Advisory) []crowsnest.Finding {
		out := storetest.AllAffected(p, candidates)
		for i := range out {
			out[i].Severity = crowsnest.Severity(1 + len(p.Name+out[i].Advisory)%4)
		}
		return out
	})
	f.Sweep(t, f.Connect(t, org, "prod", "production"), store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("few", few.ImageID, "")}})
	read := func(filter store.PackageFilter) (got []string) {
		cursor := ""
		for {
			part, err := f.Store.Packages(ctx, org, filter, store.Page{Limit: 7, Cursor: cursor})
			must(t, err)
			for _, r := range part.Items {
				got = append(got, r.Name)
			}
			if cursor = part.Next; cursor == "" {
				return got
			}
		}
	}
	for _, filter := range []store.PackageFilter{{}, {Sort: store.PackagesByWorst}, {Vulnerable: true}, {Query: "b01"}} {
		all := read(filter)
		filter.Environment = "production"
		var want []string
		for _, name := range all {
			if name < "lib020" {
				want = append(want, name)
			}
		}
		if diff := cmp.Diff(want, read(filter)); diff != "" || len(want) == 0 {
			t.Errorf("%+v (-part of all +environment):\n%s", filter, diff)
		}
	}
	if got := read(store.PackageFilter{}); len(got) != 260 {
		t.Errorf("%d packages, want 260", len(got))
	}
}

func testSearch(t *testing.T, f storetest.Fixture) {
	w := newTown(t, f)
	for _, c := range []struct {
		query string
		want  store.SearchResult
	}{
		{"SHOP/web", store.SearchResult{Images: []store.ImageHit{{Name: w.web.Name, Digest: w.web.Digest, State: store.Analysed}}}},
		{string(w.api.ImageID)[:20], store.SearchResult{Images: []store.ImageHit{{Name: w.api.Name, Digest: w.api.Digest, State: store.Analysed}}}},
		{w.api.Digest.Short(), store.SearchResult{Images: []store.ImageHit{{Name: w.api.Name, Digest: w.api.Digest, State: store.Analysed}}}},
		{"ssl", store.SearchResult{Packages: []store.PackageHit{{Type: "deb", Name: "libssl3"}}}},
		{"cve-2099-1", store.SearchResult{Vulnerabilities: []store.VulnerabilityHit{{ID: "CVE-2099-1", Name: "CVE-2099-1", Severity: crowsnest.Critical}}}},
		{"dsa-2", store.SearchResult{Vulnerabilities: []store.VulnerabilityHit{{ID: "CVE-2099-2", Name: "DSA-2", Severity: crowsnest.High}}}},
		{"2099-2", store.SearchResult{Vulnerabilities: []store.VulnerabilityHit{{ID: "CVE-2099-2", Name: "CVE-2099-2", Severity: crowsnest.High}}}},
		{"Los", store.SearchResult{Workloads: []store.WorkloadHit{{Environment: "production", Cluster: "prod", Namespace: "shop", Kind: "deployment", Name: "lost"}}}},
		{"duct", store.SearchResult{Environments: []string{"production"}}},
		{" ", store.SearchResult{}},
		{"%", store.SearchResult{}},
	} {
		got, err := f.Store.Search(ctx, w.org, c.query, 5)
		must(t, err)
		if diff := cmp.Diff(normal(c.want), normal(got)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.query, diff)
		}
		theirs, err := f.Store.Search(ctx, w.other, c.query, 5)
		must(t, err)
		if diff := cmp.Diff(store.SearchResult{}, normal(theirs)); diff != "" {
			t.Errorf("%q of another organisation (-want +got):\n%s", c.query, diff)
		}
	}
	got, err := f.Store.Search(ctx, w.org, "shop", 1)
	must(t, err)
	if len(got.Images) != 1 || len(got.Workloads) != 1 {
		t.Errorf("one of each was asked for: %+v", got)
	}
}

// normal makes empty lists nil.
func normal(r store.SearchResult) store.SearchResult {
	if len(r.Images) == 0 {
		r.Images = nil
	}
	if len(r.Packages) == 0 {
		r.Packages = nil
	}
	if len(r.Vulnerabilities) == 0 {
		r.Vulnerabilities = nil
	}
	if len(r.Workloads) == 0 {
		r.Workloads = nil
	}
	if len(r.Environments) == 0 {
		r.Environments = nil
	}
	return r
}

func testOverview(t *testing.T, f storetest.Fixture) {
	w := newTown(t, f)
	broken := storetest.Image("registry.example/shop/broken:1")
	_, err := f.Store.RecordImage(ctx, w.org, broken, nil, storetest.Analyser)
	must(t, err)
	must(t, f.Store.FailImage(ctx, w.org, broken.Digest, crowsnest.TooLarge, "too large"))
	f.Advance(time.Hour)
	staging := f.Connect(t, w.org, "test", "staging")
	f.Sweep(t, staging, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("broken", broken.ImageID, ""), storetest.Run("api", w.api.ImageID, "")}})
	since := time.Date(2026, 1, 2, 3, 30, 0, 0, time.UTC)

	all, err := f.Store.Overview(ctx, w.org, "", since)
	must(t, err)
	if diff := cmp.Diff(crowsnest.Coverage{Running: 4, Analysed: 2, Failed: 1, Unresolved: 1}, all.Coverage); diff != "" {
		t.Errorf("coverage (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]store.Missing{{Class: "unresolved", Images: 1}, {Class: "too large", Images: 1}}, all.Missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	want := running.Split{Loaded: crowsnest.Summary{Critical: 1}, NotSeen: crowsnest.Summary{High: 1}, NotObserved: crowsnest.Summary{Critical: 1}}
	if diff := cmp.Diff(want, all.InUse); diff != "" {
		t.Errorf("in use (-want +got):\n%s", diff)
	}
	if all.Images != 3 || all.Environments != 2 || all.OldestSweep.IsZero() {
		t.Errorf("counts %+v", all)
	}
	if n := all.News; len(n.FindingsOpened) != 0 || n.ImagesRecorded != 0 || n.OccurrencesOpened != 2 || n.OccurrencesClosed != 0 {
		t.Errorf("news %+v", n)
	}
	if len(all.TopImages) != 2 || all.TopImages[0].Name != w.web.Name || all.TopImages[0].InUse.Critical != 1 || all.TopImages[1].InUse.Total() != 0 {
		t.Errorf("top images %+v", all.TopImages)
	}
	if len(all.TopFindings) != 2 || all.TopFindings[0].ID != "CVE-2099-1" || !all.TopFindings[0].InUse || all.TopFindings[0].Images != 2 || all.TopFindings[1].InUse {
		t.Errorf("top vulnerabilities %+v", all.TopFindings)
	}

	old, err := f.Store.Overview(ctx, w.org, "", since.Add(-24*time.Hour))
	must(t, err)
	if diff := cmp.Diff(map[string]int{"package new": 3}, old.News.FindingsOpened); diff != "" {
		t.Errorf("findings opened (-want +got):\n%s", diff)
	}
	one, err := f.Store.Overview(ctx, w.org, "staging", since.Add(-24*time.Hour))
	must(t, err)
	if one.Coverage.Running != 2 || one.Images != 2 || one.Environments != 1 || one.InUse.NotObserved.Critical != 2 || one.InUse.Loaded.Total() != 0 ||
		one.News.FindingsOpened["package new"] != 2 || one.News.ImagesRecorded != 2 || len(one.TopImages) != 1 {
		t.Errorf("staging %+v", one)
	}
	f.Sweep(t, staging, store.Snapshot{})
	gone, err := f.Store.Overview(ctx, w.org, "staging", since)
	must(t, err)
	if gone.Coverage.Running != 0 || gone.News.OccurrencesClosed != 2 {
		t.Errorf("after all is gone %+v", gone)
	}
	theirs, err := f.Store.Overview(ctx, w.other, "", since.Add(-24*time.Hour))
	must(t, err)
	if theirs.Images != 0 || theirs.InUse != (running.Split{}) || len(theirs.News.FindingsOpened) != 0 || len(theirs.TopFindings) != 0 {
		t.Errorf("the other organisation sees %+v", theirs)
	}
	_, err = f.Store.Overview(ctx, w.other, "production", since)
	wantKind(t, err, crowsnest.NotFound)
}
