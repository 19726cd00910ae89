package envtest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// testUse splits the findings of running images by what run time sees of their packages in the environment: in
// use anywhere in it wins, and what no profile covers is not observed.
func testUse(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "ours")
	libc, zlib := storetest.Package("libc6", "2.36-9", "glibc"), storetest.Package("zlib1g", "1.2", "zlib")
	other := crowsnest.Package{PackageVersion: crowsnest.PackageVersion{PURL: "pkg:generic/tool@1", Type: "generic", Name: "tool", Version: "1", Ecosystem: "Debian:12", Source: "zlib"}}
	web, api := f.Analysed(t, org, "web:1", libc, zlib, other), f.Analysed(t, org, "api:1", libc)
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory("1", "glibc", "3", time.Unix(1, 0)), storetest.Advisory("2", "zlib", "3", time.Unix(1, 0))})
	must(t, err)
	f.Match(t, storetest.AllAffected)
	of := func(p crowsnest.Package) []crowsnest.LoadedPackage {
		return []crowsnest.LoadedPackage{{Type: p.Type, Name: p.Name, Version: p.Version}}
	}
	f.Sweep(t, f.Connect(t, org, "prod", "production"), store.Snapshot{
		Runs: []crowsnest.Observation{
			storetest.Run("a", web.ImageID, "libc"), storetest.Run("b", web.ImageID, "else"), storetest.Run("c", web.Digest, ""), storetest.Run("d", api.ImageID, ""),
		},
		Profiles: map[string][]crowsnest.LoadedPackage{"libc": of(libc), "else": of(storetest.Package("bash", "5", ""))},
	})
	f.Sweep(t, f.Connect(t, org, "test", "staging"), store.Snapshot{
		Runs:     []crowsnest.Observation{storetest.Run("a", web.ImageID, "zlib")},
		Profiles: map[string][]crowsnest.LoadedPackage{"zlib": of(zlib)},
	})
	f.Sweep(t, f.Connect(t, org, "qa", "qa"), store.Snapshot{
		Runs:     []crowsnest.Observation{storetest.Run("a", web.ImageID, "partly"), storetest.Run("b", web.ImageID, "else")},
		Profiles: map[string][]crowsnest.LoadedPackage{"partly": append(of(zlib), crowsnest.LoadedPackage{}), "else": of(storetest.Package("bash", "5", ""))},
	})
	one := crowsnest.Summary{Critical: 1}
	for environment, want := range map[string]map[string]running.Split{
		// Of one of its containers nobody knows what it loads.
		"production": {"web:1": {Loaded: one, NotObserved: crowsnest.Summary{Critical: 2}}, "api:1": {NotObserved: one}},
		"staging":    {"web:1": {Loaded: one, NotSeen: one, NotObserved: one}},
		// What could not be read of what was loaded may be the other.
		"qa": {"web:1": {Loaded: one, NotObserved: crowsnest.Summary{Critical: 2}}},
	} {
		list, err := f.Store.RunningImages(ctx, org, store.ImageFilter{Environment: environment}, store.Page{})
		must(t, err)
		got := make(map[string]running.Split)
		notSeen, err := f.Store.NotSeen(ctx, org, environment, []crowsnest.Digest{web.Digest, api.Digest, storetest.Digest("nothing")})
		must(t, err)
		for _, img := range list.Items {
			got[img.Name] = img.InUse
			if sum := img.InUse.Loaded.Plus(img.InUse.NotSeen).Plus(img.InUse.NotObserved); sum != img.Summary {
				t.Errorf("%s in %s: %v by use, %v in all", img.Name, environment, sum, img.Summary)
			}
			// The same as of the image alone.
			findings, err := f.Store.ImageFindings(ctx, org, img.Digest, environment)
			must(t, err)
			alone := make(map[crowsnest.InUse]crowsnest.Summary)
			var unseen []store.NotSeenFinding
			for _, finding := range findings {
				if finding.InUse == crowsnest.NotSeen {
					unseen = append(unseen, store.NotSeenFinding{Vulnerability: finding.Vulnerability, Aliases: finding.Aliases, PURL: finding.Package.PURL})
				}
				s := alone[finding.InUse]
				s.Add(finding.Severity, 1)
				alone[finding.InUse] = s
			}
			byName := cmpopts.SortSlices(func(a, b store.NotSeenFinding) bool { return a.Vulnerability+a.PURL < b.Vulnerability+b.PURL })
			if diff := cmp.Diff(unseen, notSeen[img.Digest], byName); diff != "" {
				t.Errorf("%s in %s (-its findings that are not seen +the list):\n%s", img.Name, environment, diff)
			}
			if diff := cmp.Diff(running.Split{Loaded: alone[crowsnest.Loaded], NotSeen: alone[crowsnest.NotSeen], NotObserved: alone[crowsnest.NotObserved]}, img.InUse); diff != "" {
				t.Errorf("%s in %s (-its findings +the list):\n%s", img.Name, environment, diff)
			}
		}
		if theirs, err := f.Store.NotSeen(ctx, org, environment, []crowsnest.Digest{storetest.Digest("nothing")}); err != nil || len(theirs) != 0 {
			t.Errorf("of no image: %v, %v", theirs, err)
		}
		overview, err := f.Store.Overview(ctx, org, environment, time.Unix(0, 0))
		must(t, err)
		if seen := got["web:1"]; overview.InUse.Loaded != seen.Loaded || overview.InUse.NotSeen != seen.NotSeen {
			t.Errorf("%s: the overview has %+v, the image %+v", environment, overview.InUse, seen)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", environment, diff)
		}
	}
}
