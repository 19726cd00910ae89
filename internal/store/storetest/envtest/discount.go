package envtest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/google/go-cmp/cmp"
)

// testDiscount: where what is not seen loaded is taken as not affected it counts nowhere, and can be counted.
func testDiscount(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	libc, zlib, bash := storetest.Package("libc6", "2.36-9", "glibc"), storetest.Package("zlib1g", "1.2", "zlib"), storetest.Package("bash", "5", "bash")
	web, api := f.Analysed(t, org, "web:1", libc, zlib, bash), f.Analysed(t, org, "api:1", zlib)
	var advisories []*crowsnest.Advisory
	for id, source := range map[string]string{"1": "glibc", "2": "zlib", "3": "bash"} {
		advisories = append(advisories, storetest.Advisory(id, source, "9", time.Unix(1, 0)))
	}
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, advisories)
	must(t, err)
	f.Match(t, storetest.AllAffected)
	profile := map[string][]crowsnest.LoadedPackage{"libc": {{Type: libc.Type, Name: libc.Name, Version: libc.Version}}}
	for _, environment := range []string{"production", "staging"} {
		f.Sweep(t, f.Connect(t, org, environment, environment), store.Snapshot{
			Runs:     []crowsnest.Observation{storetest.Run("web", web.ImageID, "libc"), storetest.Run("api", api.ImageID, "")},
			Profiles: profile,
		})
	}
	type counts struct {
		Row                               crowsnest.Summary
		NotAffected, InUse                crowsnest.Summary // of the row
		Images, Packages, Vulnerabilities store.Counted
		Web, API, Worst                   crowsnest.Summary // of the images; of the first of the overview
		Findings, Discounted              int               // of web
	}
	count := func(environment string) (c counts) {
		t.Helper()
		row, err := f.Store.Environment(ctx, org, environment)
		must(t, err)
		c.Row, c.NotAffected, c.InUse = row.Summary, row.NotAffected, row.InUse
		for counting, into := range map[store.Counting]*store.Counted{store.CountImages: &c.Images, store.CountPackages: &c.Packages, store.CountVulnerabilities: &c.Vulnerabilities} {
			*into, err = f.Store.EnvironmentSummary(ctx, org, environment, counting)
			must(t, err)
		}
		list, err := f.Store.RunningImages(ctx, org, store.ImageFilter{Environment: environment}, store.Page{})
		must(t, err)
		for _, img := range list.Items {
			if img.Name == "web:1" {
				c.Web = img.Summary
			} else {
				c.API = img.Summary
			}
		}
		images, err := f.Store.Images(ctx, org, store.ImageFilter{Environment: environment}, store.Page{})
		must(t, err)
		for _, img := range images.Items {
			if img.Name == "web:1" && img.Summary != c.Web {
				t.Errorf("web in %s: %v among the images, %v among what runs", environment, img.Summary, c.Web)
			}
		}
		findings, err := f.Store.ImageFindings(ctx, org, web.Digest, environment)
		must(t, err)
		for _, finding := range findings {
			c.Findings++
			if finding.NotAffected {
				c.Discounted++
				if finding.InUse != crowsnest.NotSeen {
					t.Errorf("%s of %s is not affected, and %s", finding.Vulnerability, finding.Package.Name, finding.InUse)
				}
			}
		}
		overview, err := f.Store.Overview(ctx, org, environment, time.Unix(0, 0))
		must(t, err)
		for _, top := range overview.TopImages {
			if top.Name == "web:1" {
				c.Worst = top.Summary
			}
		}
		return c
	}
	set := func(discount bool) {
		t.Helper()
		must(t, f.Store.ChangeEnvironment(ctx, org, "production", store.EnvironmentChange{DiscountNotSeen: &discount}))
	}
	n := func(critical int) crowsnest.Summary { return crowsnest.Summary{Critical: critical} }
	by := func(sum, inUse, left int) store.Counted {
		return store.Counted{Summary: n(sum), InUse: n(inUse), NotAffected: n(left)}
	}
	all := counts{Row: n(4), InUse: n(1), Images: by(4, 1, 0), Packages: by(3, 1, 0), Vulnerabilities: by(3, 1, 0), Web: n(3), API: n(1), Worst: n(3), Findings: 3}
	// Neither zlib nor bash is seen in web; nothing watches api, so that zlib counts there.
	less := counts{Row: n(2), NotAffected: n(2), InUse: n(1), Images: by(2, 1, 2), Packages: by(2, 1, 1), Vulnerabilities: by(2, 1, 1), Web: n(1), API: n(1), Worst: n(1), Findings: 3, Discounted: 2}
	check := func(when string, production counts) {
		t.Helper()
		if diff := cmp.Diff(production, count("production")); diff != "" {
			t.Errorf("%s, production (-want +got):\n%s", when, diff)
		}
		if diff := cmp.Diff(all, count("staging")); diff != "" {
			t.Errorf("%s, staging (-want +got):\n%s", when, diff)
		}
	}
	check("as it comes", all)
	set(true)
	check("discounted", less)
	anywhere, err := f.Store.ImageFindings(ctx, org, web.Digest, "")
	must(t, err)
	for _, finding := range anywhere {
		if finding.NotAffected {
			t.Errorf("%s is not affected without an environment that says so", finding.Vulnerability)
		}
	}
	// Each call reads in one state of the database, and must not need a connection beside the one it keeps.
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			soon, cancel := context.WithTimeout(ctx, 30*time.Second)
			defer cancel()
			for range 20 {
				if _, err := f.Store.Environments(soon, org, true); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	set(false)
	check("counted again", all)
	set(true)
	f.Advance(store.DefaultProfileDays*day + 2*time.Hour)
	check("not watched any more", all)
}
