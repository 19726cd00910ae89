package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// In an environment that takes as not affected what is not seen loaded, exposure and lists agree with its counts; what was stays as it was, and nothing
// is left out of other environments and of all together.
func TestNotSeenIsLeftOut(t *testing.T) {
	d := newDesk(t)
	d.frozen.Store(new(time.Now().Add(-40 * 24 * time.Hour)))
	web := d.fixture.Analysed(t, d.org, "web:1", storetest.Package("libc6", "2.36-9", "glibc"), storetest.Package("zlib1g", "1.2", "zlib"))
	if _, err := d.store.PutAdvisories(t.Context(), store.Update{}, []*crowsnest.Advisory{storetest.Advisory("1", "glibc", "3", time.Unix(1, 0)), storetest.Advisory("2", "zlib", "3", time.Unix(1, 0))}); err != nil {
		t.Fatal(err)
	}
	d.fixture.Match(t, storetest.AllAffected)
	runs := store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", web.ImageID, "libc")}, Profiles: map[string][]crowsnest.LoadedPackage{"libc": {{Type: "deb", Name: "libc6", Version: "2.36-9"}}}}
	production, staging := d.fixture.Connect(t, d.org, "eu", "production"), d.fixture.Connect(t, d.org, "us", "staging")
	d.fixture.Sweep(t, production, runs)
	d.fixture.Sweep(t, staging, runs)
	d.frozen.Store(nil)
	d.fixture.Sweep(t, production, runs)
	const env = "/environments/production"
	figures := func(path string) wire.ExposureFigures {
		return answered[wire.ExposureReport](t, d, path+"/exposure?days=30").BySeverity[0]
	}
	days := answered[wire.ExposureReport](t, d, env+"/exposure?days=30").Days
	if f := figures(env); f.Open != 2 || f.NotSeen != 0 || f.Overdue != 2 {
		t.Fatalf("before: %+v", f)
	}
	if w := d.do(d.token, http.MethodPatch, "/api/v1"+env, strings.NewReader(`{"discountNotSeen":true}`)); w.Code != http.StatusOK {
		t.Fatalf("set: %d %s", w.Code, w.Body)
	}

	counts := answered[wire.EnvironmentSummary](t, d, env)
	if f := figures(env); f.Open != 1 || f.NotSeen != 1 || f.Overdue != 1 || f.Open != counts.Summary.Critical || f.NotSeen != counts.NotAffected.Critical {
		t.Errorf("in production: %+v; the environment counts %+v and %+v", f, counts.Summary, counts.NotAffected)
	}
	for _, path := range []string{"/environments/staging", ""} {
		if f := figures(path); f.Open != 2 || f.NotSeen != 0 {
			t.Errorf("in %q: %+v", path, f)
		}
	}
	for i, day := range answered[wire.ExposureReport](t, d, env+"/exposure?days=30").Days {
		if day.Open != days[i].Open {
			t.Errorf("%s became %+v, was %+v", day.Date, day.Open, days[i].Open)
		}
	}
	for state, want := range map[string]int{"open": 1, "overdue": 1, "not-seen": 1, "suppressed": 0, "closed": 0} {
		list := answered[wire.Page[wire.Exposure]](t, d, env+"/exposures?state="+state).Items
		if len(list) != want {
			t.Errorf("%s: %+v", state, list)
		}
		for _, x := range list {
			if out := state == "not-seen"; x.NotSeen != out || (x.Vulnerability == "CVE-2099-2") != out || x.Overdue == out || (x.Due == nil) != out || !x.Open {
				t.Errorf("%s: %+v", state, x)
			}
		}
	}
	for _, one := range answered[[]wire.EnvironmentExposure](t, d, "/vulnerabilities/CVE-2099-2/exposure") {
		if one.NotSeen != (one.Environment == "production") {
			t.Errorf("of the vulnerability: %+v", one)
		}
	}
	for query, want := range map[string][2]int{"environment=production": {1, 1}, "environment=production&notSeen=true": {2, 0}, "environment=production&sort=urgency": {1, 1}, "environment=staging": {2, 0}, "": {2, 0}} {
		if page := answered[wire.VulnerabilityPage](t, d, "/vulnerabilities?"+query); len(page.Items) != want[0] || page.NotSeenHidden != want[1] {
			t.Errorf("vulnerabilities by %q: %+v", query, page)
		}
	}
	for query, want := range map[string][2]int{"environment=production": {1, 1}, "environment=production&notSeen=true": {2, 0}, "environment=staging": {2, 0}, "": {2, 0}} {
		if page := answered[wire.PackagePage](t, d, "/packages?vulnerable=true&"+query); len(page.Items) != want[0] || page.NotSeenHidden != want[1] {
			t.Errorf("packages by %q: %+v", query, page)
		}
	}
	for list, asked := range map[string]string{"vulnerabilities": "", "packages": "vulnerable=true&"} {
		for shown, rows := range map[string]string{"": "# end: 1 rows", "&notSeen=true": "# end: 2 rows"} {
			if w := d.get("/api/v1/export/" + list + "?format=csv&environment=production&" + asked + shown); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), rows) {
				t.Errorf("%s%s in a file: %d, want %q\n%s", list, shown, w.Code, rows, w.Body)
			}
		}
	}
}
