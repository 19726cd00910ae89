package insighttest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// leaf reads a list to its end in pages of two, each row in a word.
func leaf[T any](t *testing.T, list func(store.Page) (store.List[T], error), word func(T) string) (out []string) {
	t.Helper()
	for cursor := ""; ; {
		part, err := list(store.Page{Limit: 2, Cursor: cursor})
		must(t, err)
		for _, row := range part.Items {
			out = append(out, word(row))
		}
		if cursor = part.Next; cursor == "" {
			return out
		}
	}
}

func testImageFilter(t *testing.T, f storetest.Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	in := f.Connect(t, org, "prod", "production")
	var snap store.Snapshot
	for i, distribution := range []string{"Debian GNU/Linux 12", "Alpine Linux v3.19", "", "Debian GNU/Linux 13", "Alpine Linux v3.20"} {
		img := storetest.Image(fmt.Sprintf("registry.example/Shop/web_%d:1", i))
		_, err := f.Store.RecordImage(ctx, org, img, nil, storetest.Analyser)
		must(t, err)
		must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: img, Distribution: crowsnest.Distribution{ID: "x", VersionID: "linux", Name: distribution}}, storetest.Analyser))
		if i > 0 {
			snap.Runs = append(snap.Runs, storetest.Run(fmt.Sprint("w", i), img.ImageID, ""))
		}
		f.Advance(time.Hour)
	}
	waiting := storetest.Image("registry.example/shop/waiting:1") // of which no distribution is known
	_, err := f.Store.RecordImage(ctx, org, waiting, nil, storetest.Analyser)
	must(t, err)
	f.Sweep(t, in, snap)
	f.Advance(7 * time.Hour)
	third := storetest.Image("registry.example/Shop/web_3:1")

	for _, c := range []struct {
		name, query string
		sort        store.ImageSort
		all, run    []string // by what tells them apart
	}{
		{"part of the name", "SHOP/WEB", store.SortName, []string{"0", "1", "2", "3", "4"}, []string{"1", "2", "3", "4"}},
		{"newest first", "shop/web", store.SortNewest, []string{"4", "3", "2", "1", "0"}, []string{"4", "3", "2", "1"}},
		{"one character is not any", "web_3", store.SortName, []string{"3"}, []string{"3"}},
		{"a pattern is text", "web%3", store.SortName, nil, nil},
		{"distribution", "alpine", store.SortName, []string{"1", "4"}, []string{"1", "4"}},
		{"no other part of the distribution", "versionid", store.SortName, nil, nil},
		{"manifest", string(third.Digest), store.SortName, []string{"3"}, []string{"3"}},
		{"digits of the configuration", string(third.ImageID)[20:40], store.SortName, []string{"3"}, []string{"3"}},
		{"nothing", "no such text", store.SortName, nil, nil},
	} {
		name := func(name string) string { return name[len("registry.example/shop/web_"):][:1] }
		filter := store.ImageFilter{Query: c.query, Sort: c.sort}
		if diff := cmp.Diff(c.all, leaf(t, func(p store.Page) (store.List[store.ImageRow], error) { return f.Store.Images(ctx, org, filter, p) }, func(i store.ImageRow) string { return name(i.Name) })); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		filter.Environment = "production"
		if diff := cmp.Diff(c.run, leaf(t, func(p store.Page) (store.List[store.ImageRow], error) { return f.Store.Images(ctx, org, filter, p) }, func(i store.ImageRow) string { return name(i.Name) })); diff != "" {
			t.Errorf("%s in an environment (-want +got):\n%s", c.name, diff)
		}
		running := func(p store.Page) (store.List[store.RunningImage], error) {
			return f.Store.RunningImages(ctx, org, filter, p)
		}
		if diff := cmp.Diff(c.run, leaf(t, running, func(i store.RunningImage) string { return name(i.Name) })); diff != "" {
			t.Errorf("%s, running (-want +got):\n%s", c.name, diff)
		}
		filter.At = time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC) // the clock began at three, and stands at ten and later
		if diff := cmp.Diff(c.run, leaf(t, running, func(i store.RunningImage) string { return name(i.Name) })); diff != "" {
			t.Errorf("%s, that ran (-want +got):\n%s", c.name, diff)
		}
		filter.At = filter.At.AddDate(-1, 0, 0)
		if got := leaf(t, running, func(i store.RunningImage) string { return i.Name }); len(got) != 0 {
			t.Errorf("%s, before anything ran: %v", c.name, got)
		}
		if got, err := f.Store.Images(ctx, other, store.ImageFilter{Query: c.query}, store.Page{}); err != nil || len(got.Items) != 0 {
			t.Errorf("%s: the other organisation sees %v, %v", c.name, got.Items, err)
		}
	}
}

// The same vulnerabilities, whether the list starts from few sets of packages or from all findings.
func testVulnerabilityFilter(t *testing.T, f storetest.Fixture) {
	for _, more := range []int{0, 250} {
		t.Run(fmt.Sprint("beside ", more), func(t *testing.T) {
			org := f.Organisation(t, fmt.Sprint("acme ", more))
			other := f.Organisation(t, fmt.Sprint("other ", more))
			ssl, perl := storetest.Package("libssl3", "3.0.1", "openssl"), storetest.Package("perl-base", "5.36.0", "perl")
			zlib, curl := storetest.Package("zlib1g", "1.2", "zlib"), storetest.Package("curl", "7", "curl")
			web := f.Analysed(t, org, "web", ssl, perl)
			f.Analysed(t, org, "api", zlib, ssl)
			f.Analysed(t, other, "theirs", curl)
			for i := range more {
				p := storetest.Package(fmt.Sprintf("lib%03d", i), "1", "")
				p.Locations[0].Layer = storetest.Digest(fmt.Sprint("layer ", i))
				f.Analysed(t, org, fmt.Sprint("image ", i), p)
			}
			for id, source := range map[string]string{"1": "openssl", "2": "perl", "3": "zlib", "4": "curl"} {
				_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory(id, source, "9", time.Unix(1, 0))})
				must(t, err)
			}
			f.Match(t, func(p crowsnest.PackageVersion, candidates []*crowsnest.Advisory) []crowsnest.Finding {
				out := storetest.AllAffected(p, candidates)
				for i := range out {
					switch p.Source {
					case "perl":
						out[i].Severity = crowsnest.High
					case "zlib":
						// The vulnerability of openssl, in another package and without a fix.
						out[i].Vulnerability, out[i].Severity, out[i].FixedVersion = "CVE-2099-1", crowsnest.Low, ""
						out[i].Aliases, out[i].State = []string{"GHSA-zzzz"}, crowsnest.StateUnimportant
					}
					if p.Source == "perl" {
						out[i].FixedVersion, out[i].State = "", crowsnest.StateIgnored
					}
				}
				return out
			})
			f.Sweep(t, f.Connect(t, org, fmt.Sprint("prod ", more), "production"), store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", web.ImageID, "")}})

			for _, c := range []struct {
				name   string
				filter store.VulnerabilityFilter
				want   []string
			}{
				{"all", store.VulnerabilityFilter{}, []string{"CVE-2099-1 2", "CVE-2099-2 1"}},
				{"identifier", store.VulnerabilityFilter{Query: "cve-2099-2"}, []string{"CVE-2099-2 1"}},
				{"another name", store.VulnerabilityFilter{Query: "ghsa-Z"}, []string{"CVE-2099-1 2"}},
				{"what one source says", store.VulnerabilityFilter{Query: "flaw in ZLIB"}, []string{"CVE-2099-1 2"}},
				{"what all say", store.VulnerabilityFilter{Query: "a flaw in"}, []string{"CVE-2099-1 2", "CVE-2099-2 1"}},
				{"of another organisation alone", store.VulnerabilityFilter{Query: "curl"}, nil},
				{"a pattern is text", store.VulnerabilityFilter{Query: "flaw%perl"}, nil},
				{"fixable", store.VulnerabilityFilter{Fixable: true}, []string{"CVE-2099-1 2"}},
				{"fixable among the low", store.VulnerabilityFilter{Fixable: true, Severities: []crowsnest.Severity{crowsnest.Low}}, nil},
				{"all together", store.VulnerabilityFilter{Fixable: true, Query: "openssl", Severities: []crowsnest.Severity{crowsnest.Critical, crowsnest.Low}, Environment: "production"}, []string{"CVE-2099-1 1"}},
				{"high in an environment", store.VulnerabilityFilter{Query: "perl", Severities: []crowsnest.Severity{crowsnest.High}, Environment: "production"}, []string{"CVE-2099-2 1"}},
				{"without what is minor", store.VulnerabilityFilter{IgnoreMinor: true}, []string{"CVE-2099-1 1"}},
				{"by urgency without what is minor", store.VulnerabilityFilter{IgnoreMinor: true, Sort: store.VulnerabilitiesByUrgency}, []string{"CVE-2099-1 1"}},
				{"minor where it is asked for", store.VulnerabilityFilter{IgnoreMinor: true, Severities: []crowsnest.Severity{crowsnest.Low, crowsnest.High}}, nil},
				{"fixable without what is minor", store.VulnerabilityFilter{IgnoreMinor: true, Fixable: true, Environment: "production"}, []string{"CVE-2099-1 1"}},
			} {
				got := leaf(t, func(p store.Page) (store.List[store.VulnerabilityRow], error) {
					return f.Store.Vulnerabilities(ctx, org, c.filter, p)
				}, func(v store.VulnerabilityRow) string { return fmt.Sprint(v.ID, " ", v.Packages) })
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", c.name, diff)
				}
				c.filter.IgnoreMinor = !c.filter.IgnoreMinor
				others := leaf(t, func(p store.Page) (store.List[store.VulnerabilityRow], error) {
					return f.Store.Vulnerabilities(ctx, org, c.filter, p)
				}, func(v store.VulnerabilityRow) string { return v.ID })
				c.filter.IgnoreMinor = true
				want := max(len(got), len(others)) - min(len(got), len(others))
				if hidden, err := f.Store.MinorVulnerabilities(ctx, org, c.filter); err != nil || hidden != want {
					t.Errorf("%s: %d hidden as minor, %v; the lists differ by %d", c.name, hidden, err, want)
				}
			}
			if hidden, err := f.Store.MinorVulnerabilities(ctx, org, store.VulnerabilityFilter{}); err != nil || hidden != 0 {
				t.Errorf("%d hidden where nobody asked for it, %v", hidden, err)
			}
		})
	}
}

// A package is in use by any of its versions, in what runs of the organisation or in the environment.
func testPackagesInUse(t *testing.T, f storetest.Fixture) {
	for _, more := range []int{0, 250} {
		t.Run(fmt.Sprint("beside ", more), func(t *testing.T) {
			org := f.Organisation(t, fmt.Sprint("acme ", more))
			other := f.Organisation(t, fmt.Sprint("other ", more))
			web := f.Analysed(t, org, "web", storetest.Package("libssl3", "3.0.1", "openssl"), storetest.Package("perl-base", "5.36.0", "perl"), storetest.Package("zlib1g", "1.2", ""))
			api := f.Analysed(t, org, "api", storetest.Package("libssl3", "3.0.2", "openssl"), storetest.Package("curl", "7", "curl"))
			f.Analysed(t, other, "theirs", storetest.Package("libssl3", "3.0.1", "openssl"))
			for i := range more {
				p := storetest.Package(fmt.Sprintf("lib%03d", i), "1", "")
				p.Locations[0].Layer = storetest.Digest(fmt.Sprint("layer ", i))
				f.Analysed(t, org, fmt.Sprint("image ", i), p)
			}
			for id, source := range map[string]string{"1": "openssl", "2": "perl", "3": "curl"} {
				_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory(id, source, "9", time.Unix(1, 0))})
				must(t, err)
			}
			f.Match(t, func(p crowsnest.PackageVersion, candidates []*crowsnest.Advisory) []crowsnest.Finding {
				out := storetest.AllAffected(p, candidates)
				for i := range out {
					if p.Version == "3.0.1" {
						out[i].Severity = crowsnest.Medium // that in use is not the worst
					}
				}
				return slices.DeleteFunc(out, func(crowsnest.Finding) bool { return p.Name == "perl-base" })
			})
			in := f.Connect(t, org, fmt.Sprint("prod ", more), "production")
			f.Sweep(t, in, store.Snapshot{
				Runs:     []crowsnest.Observation{storetest.Run("web", web.ImageID, "p")},
				Profiles: map[string][]crowsnest.LoadedPackage{"p": {{Type: "deb", Name: "libssl3", Version: "3.0.1"}, {Type: "deb", Name: "perl-base", Version: "5.36.0"}}},
			})
			staging := f.Connect(t, org, fmt.Sprint("staging ", more), "staging")
			snap := store.Snapshot{
				Runs:     []crowsnest.Observation{storetest.Run("api", api.ImageID, "q")},
				Profiles: map[string][]crowsnest.LoadedPackage{"q": {{Type: "deb", Name: "curl", Version: "7"}}},
			}
			f.Sweep(t, staging, snap)

			list := func(org store.OrgID, filter store.PackageFilter) []string {
				return leaf(t, func(p store.Page) (store.List[store.PackageRow], error) { return f.Store.Packages(ctx, org, filter, p) },
					func(p store.PackageRow) string { return fmt.Sprint(p.Name, " ", p.Versions) })
			}
			for _, c := range []struct {
				name   string
				filter store.PackageFilter
				want   []string
			}{
				{"anywhere", store.PackageFilter{InUse: true}, []string{"curl 1", "libssl3 2", "perl-base 1"}},
				{"there", store.PackageFilter{InUse: true, Environment: "production"}, []string{"libssl3 1", "perl-base 1"}},
				{"elsewhere", store.PackageFilter{InUse: true, Environment: "staging"}, []string{"curl 1"}},
				{"nothing runs there", store.PackageFilter{InUse: true, Environment: store.LatestIndexed}, nil},
				{"and vulnerable", store.PackageFilter{InUse: true, Vulnerable: true}, []string{"curl 1", "libssl3 2"}},
				{"worst first, by what is in use", store.PackageFilter{InUse: true, Sort: store.PackagesByWorst}, []string{"curl 1", "libssl3 2"}},
				{"and called so", store.PackageFilter{InUse: true, Query: "perl"}, []string{"perl-base 1"}},
			} {
				if diff := cmp.Diff(c.want, list(org, c.filter)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", c.name, diff)
				}
			}
			// How much of each is in use; nothing is said of what is not watched.
			parts := leaf(t, func(p store.Page) (store.List[store.PackageRow], error) {
				return f.Store.Packages(ctx, org, store.PackageFilter{Environment: "production"}, p)
			}, func(p store.PackageRow) string {
				if p.InUse == nil {
					return p.Name + " –"
				}
				return fmt.Sprint(p.Name, " ", p.InUse.Total(), "/", p.Summary.Total())
			})
			if diff := cmp.Diff([]string{"libssl3 1/1", "perl-base –", "zlib1g –"}, parts); diff != "" {
				t.Errorf("in use there (-want +got):\n%s", diff)
			}
			if got := list(other, store.PackageFilter{InUse: true}); len(got) != 0 {
				t.Errorf("the other organisation, of which nothing runs, sees %v", got)
			}
			snap.Runs, snap.Profiles = nil, nil
			f.Sweep(t, staging, snap)
			if diff := cmp.Diff([]string{"libssl3 2", "perl-base 1"}, list(org, store.PackageFilter{InUse: true})); diff != "" {
				t.Errorf("once staging runs nothing (-want +got):\n%s", diff)
			}
		})
	}
}
