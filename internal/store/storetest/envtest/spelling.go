package envtest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// testSpelling asks everything that says whether a package is in use, of packages that run time reports otherwise
// than they are in the image.
func testSpelling(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "ours")
	zlib, libc, perl := storetest.Package("zlib1g", "1:1.2", "zlib"), storetest.Package("libc6", "2.36-9", "glibc"), storetest.Package("perl-base", "5.36", "perl")
	curl := storetest.Package("curl", "7", "curl")
	f.Analysed(t, org, "web:1", zlib, libc, perl, curl)
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{
		storetest.Advisory("1", "zlib", "3", time.Unix(1, 0)), storetest.Advisory("2", "glibc", "3", time.Unix(1, 0)),
		storetest.Advisory("3", "perl", "9", time.Unix(1, 0)), storetest.Advisory("4", "curl", "9", time.Unix(1, 0)),
	})
	must(t, err)
	f.Match(t, storetest.AllAffected)
	img, err := f.Store.Images(ctx, org, store.ImageFilter{}, store.Page{})
	must(t, err)
	web := img.Items[0]
	f.Sweep(t, f.Connect(t, org, "prod", "production"), store.Snapshot{
		Runs: []crowsnest.Observation{storetest.Run("a", web.ImageID, "p")},
		Profiles: map[string][]crowsnest.LoadedPackage{"p": {
			{Type: "deb", Name: "zlib1g", Version: "1.2", Source: "zlib"}, // without its epoch
			{Type: "deb", Name: "glibc", Version: "2.36-9"},               // the source
			{Type: "deb", Name: "perl", Version: "5.36", Source: "perl"},  // the source, or another one built from it
		}},
	})
	want := map[string]crowsnest.InUse{"zlib1g": crowsnest.Loaded, "libc6": crowsnest.Loaded, "perl-base": crowsnest.NotObserved, "curl": crowsnest.NotSeen}

	findings, err := f.Store.ImageFindings(ctx, org, web.Digest, "production")
	must(t, err)
	got := make(map[string]crowsnest.InUse)
	for _, finding := range findings {
		got[finding.Package.Name] = finding.InUse
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	notSeen, err := f.Store.NotSeen(ctx, org, "production", []crowsnest.Digest{web.Digest})
	must(t, err)
	if list := notSeen[web.Digest]; len(list) != 1 || list[0].PURL != curl.PURL {
		t.Errorf("not seen is %+v", list)
	}
	for _, environment := range []string{"", "production"} {
		overview, err := f.Store.Overview(ctx, org, environment, time.Unix(0, 0))
		must(t, err)
		if n := overview.InUse; n.Loaded.Total() != 2 || n.NotObserved.Total() != 1 || n.NotSeen.Total() != 1 {
			t.Errorf("the overview of %q has %+v", environment, n)
		}
		for _, vulnerable := range []bool{false, true} {
			packages, err := f.Store.Packages(ctx, org, store.PackageFilter{Environment: environment, InUse: true, Vulnerable: vulnerable}, store.Page{})
			must(t, err)
			var names []string
			for _, p := range packages.Items {
				names = append(names, p.Name)
			}
			if diff := cmp.Diff([]string{"libc6", "zlib1g"}, names); diff != "" {
				t.Errorf("packages in use of %q (-want +got):\n%s", environment, diff)
			}
		}
		urgent, err := f.Store.Vulnerabilities(ctx, org, store.VulnerabilityFilter{Environment: environment, Sort: store.VulnerabilitiesByUrgency}, store.Page{Limit: 2})
		must(t, err)
		for _, v := range urgent.Items {
			if v.ID != "CVE-2099-1" && v.ID != "CVE-2099-2" {
				t.Errorf("urgent in %q is %s", environment, v.ID)
			}
		}
	}
	running, err := f.Store.RunningImages(ctx, org, store.ImageFilter{Environment: "production"}, store.Page{})
	must(t, err)
	if n := running.Items[0].InUse; n.Loaded.Total() != 2 || n.NotObserved.Total() != 1 || n.NotSeen.Total() != 1 {
		t.Errorf("the running image has %+v", n)
	}
}
