package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// harbour is a desk whose production ran web:1 from 40 to 10 days ago and web:2 since then. A flaw
// of glibc is in both, one of zlib only in the first.
func harbour(t *testing.T) *desk {
	d := newDesk(t)
	ago := func(days int) { d.frozen.Store(new(time.Now().Add(-time.Duration(days) * 24 * time.Hour))) }
	advise := func(a *crowsnest.Advisory) {
		if _, err := d.store.PutAdvisories(t.Context(), store.Update{}, []*crowsnest.Advisory{a}); err != nil {
			t.Fatal(err)
		}
		d.fixture.Match(t, storetest.AllAffected)
	}
	libc, zlib := storetest.Package("libc6", "2.36-9", "glibc"), storetest.Package("zlib1g", "1.2", "zlib")
	ago(50)
	old, next := d.fixture.Analysed(t, d.org, "web:1", libc, zlib), d.fixture.Analysed(t, d.org, "web:2", libc)
	advise(storetest.Advisory("1", "zlib", "1.3", time.Unix(1, 0)))
	in := d.fixture.Connect(t, d.org, "eu", "production")
	ago(40)
	d.fixture.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", old.ImageID, "")}})
	ago(20)
	advise(storetest.Advisory("2", "glibc", "3", time.Unix(1, 0)))
	ago(10)
	d.fixture.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", next.ImageID, "")}})
	d.frozen.Store(nil)
	return d
}

func answered[T any](t *testing.T, d *desk, path string) (v T) {
	t.Helper()
	w := d.get("/api/v1" + path)
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return v
}

func TestExposure(t *testing.T) {
	d := harbour(t)
	const env = "/environments/production"
	near := func(at time.Time, days int) bool {
		off := time.Since(at) - time.Duration(days)*24*time.Hour
		return off > -time.Minute && off < time.Minute
	}

	r := answered[wire.ExposureReport](t, d, env+"/exposure?days=30")
	critical := r.BySeverity[0]
	if critical.Severity != crowsnest.Critical || critical.Open != 1 || critical.Overdue != 1 || critical.TargetDays != 15 || critical.Opened != 1 || critical.Remediated != 1 ||
		critical.MedianDays == nil || *critical.MedianDays != 30 {
		t.Errorf("critical: %+v", critical)
	}
	if len(r.Days) != 30 || r.Days[0].Open.Critical != 1 || r.Days[15].Open.Critical != 2 || r.Days[29].Open.Critical != 1 {
		t.Errorf("days: %+v", r.Days)
	}

	all := answered[wire.Page[wire.Exposure]](t, d, env+"/exposures")
	if len(all.Items) != 2 || all.Next != "" {
		t.Fatalf("exposures: %+v", all)
	}
	closed, open := all.Items[0], all.Items[1]
	if e := closed.Episodes[0]; closed.Vulnerability != "CVE-2099-1" || closed.Open || closed.Due != nil || !near(e.Since, 40) || e.Until == nil || !near(*e.Until, 10) ||
		e.Came.Image != "web:1" || e.Went.Image != "web:1" || !near(closed.KnownSince, 50) {
		t.Errorf("closed: %+v", closed)
	}
	if e := open.Episodes[0]; open.Vulnerability != "CVE-2099-2" || !open.Open || !open.Overdue || open.Due == nil || !near(*open.Due, 5) || !near(e.Since, 20) || e.Until != nil || e.Came.Kind != "finding" || e.Went != nil {
		t.Errorf("open: %+v", open)
	}
	for state, want := range map[string]string{"open": "CVE-2099-2", "overdue": "CVE-2099-2", "closed": "CVE-2099-1"} {
		if got := answered[wire.Page[wire.Exposure]](t, d, env+"/exposures?state="+state).Items; len(got) != 1 || got[0].Vulnerability != want {
			t.Errorf("state %s: %+v", state, got)
		}
	}
	if got := answered[wire.Page[wire.Exposure]](t, d, env+"/exposures?severity=high,low").Items; len(got) != 0 {
		t.Errorf("of other severities: %+v", got)
	}
	first := answered[wire.Page[wire.Exposure]](t, d, env+"/exposures?limit=1")
	second := answered[wire.Page[wire.Exposure]](t, d, env+"/exposures?limit=1&cursor="+url.QueryEscape(first.Next))
	if len(first.Items) != 1 || len(second.Items) != 1 || second.Next != "" || first.Items[0].Vulnerability+second.Items[0].Vulnerability != "CVE-2099-1CVE-2099-2" {
		t.Errorf("by pages: %+v, %+v", first, second)
	}
	for _, bad := range []string{"nonsense", "W10", "WzEsMl0"} {
		if w := d.get("/api/v1" + env + "/exposures?cursor=" + bad); w.Code != http.StatusUnprocessableEntity || !strings.Contains(detail(t, w), "cursor") {
			t.Errorf("cursor %s: %d %s", bad, w.Code, w.Body)
		}
	}

	for name, open := range map[string]bool{"CVE-2099-1": false, "CVE-2099-2": true, "2": true} { // the last is the advisory's
		list := answered[[]wire.EnvironmentExposure](t, d, "/vulnerabilities/"+name+"/exposure")
		if len(list) != 1 || list[0].Environment != "production" || list[0].Open != open {
			t.Errorf("%s: %+v", name, list)
		}
	}
	if w := d.get("/api/v1/vulnerabilities/CVE-1999-0001/exposure"); w.Code != http.StatusNotFound {
		t.Errorf("one that nothing has: %d", w.Code)
	}
	if w := d.do(d.other, http.MethodGet, "/api/v1"+env+"/exposures", nil); w.Code != http.StatusNotFound {
		t.Errorf("another organisation: %d", w.Code)
	}
}

func TestTargetsChangeWhatIsOverdue(t *testing.T) {
	d := harbour(t)
	if got := answered[wire.Targets](t, d, "/settings/remediation"); got != (wire.Targets{Critical: 15, High: 30, Medium: 90, Low: 180}) {
		t.Errorf("targets by default: %+v", got)
	}
	put := func(body string) int {
		return d.do(d.token, http.MethodPut, "/api/v1/settings/remediation", strings.NewReader(body)).Code
	}
	if code := put(`{"critical":25,"high":0,"medium":0,"low":0,"unspecified":0}`); code != http.StatusOK {
		t.Fatalf("set: %d", code)
	}
	if got := answered[wire.Page[wire.Exposure]](t, d, "/environments/production/exposures?state=overdue").Items; len(got) != 0 {
		t.Errorf("overdue with a longer target: %+v", got)
	}
	for _, bad := range []string{`{"critical":-1,"high":0,"medium":0,"low":0,"unspecified":0}`, `{"critical":4000,"high":0,"medium":0,"low":0,"unspecified":0}`, `{}`} {
		if code := put(bad); code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", bad, code)
		}
	}
	log, err := d.store.AuditLog(t.Context(), d.org, store.AuditFilter{}, store.Page{})
	if err != nil || !slices.ContainsFunc(log.Items, func(e store.AuditEntry) bool { return e.Action == "organisation.targets" }) {
		t.Errorf("audit: %+v, %v", log, err)
	}
}

func TestEnvironmentAtATime(t *testing.T) {
	d := harbour(t)
	at := func(days int) string {
		return "?at=" + url.QueryEscape(time.Now().Add(-time.Duration(days)*24*time.Hour).UTC().Format(time.RFC3339))
	}
	for days, want := range map[int]string{45: "", 30: "web:1", 5: "web:2"} {
		names := ""
		for _, img := range answered[wire.Page[wire.RunningImage]](t, d, "/environments/production/images"+at(days)).Items {
			names += img.Name
		}
		env := answered[wire.EnvironmentSummary](t, d, "/environments/production"+at(days))
		if names != want || env.Images != min(len(want), 1) {
			t.Errorf("%d days ago: %q, %+v, want %q", days, names, env, want)
		}
	}
	if w := d.get("/api/v1/environments/production/images?at=yesterday"); w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusBadRequest {
		t.Errorf("at=yesterday: %d", w.Code)
	}
}

// What is accepted is neither open nor overdue while the decision holds, and is counted by itself; what was stays as it was.
func TestAcceptedIsNotExposed(t *testing.T) {
	d := harbour(t)
	editor := d.newToken(d.org, "", crowsnest.ScopeWrite)
	const env = "/environments/production"
	critical := func() wire.ExposureFigures {
		return answered[wire.ExposureReport](t, d, env+"/exposure?days=30").BySeverity[0]
	}
	if f := critical(); f.Open != 1 || f.Suppressed != 0 {
		t.Fatalf("before: %+v", f)
	}
	days := answered[wire.ExposureReport](t, d, env+"/exposure?days=30").Days
	w := d.do(editor, "POST", "/api/v1/exceptions", strings.NewReader(`{"vulnerability":"CVE-2099-2","type":"accepted-risk","text":"behind a proxy","scope":{"environments":["production"]}}`))
	if w.Code != http.StatusOK && w.Code != http.StatusCreated {
		t.Fatalf("decide: %d %s", w.Code, w.Body)
	}
	if f := critical(); f.Open != 0 || f.Suppressed != 1 || f.Overdue != 0 {
		t.Errorf("in production: %+v", f)
	}
	if all := answered[wire.ExposureReport](t, d, "/exposure?days=30").BySeverity[0]; all.Open != 0 || all.Suppressed != 1 {
		t.Errorf("in all environments together: %+v", all)
	}
	if after := answered[wire.ExposureReport](t, d, env+"/exposure?days=30").Days; after[0].Open != days[0].Open || after[29].Open != days[29].Open {
		t.Errorf("the days became others: %+v, were %+v", after, days)
	}
	for state, want := range map[string]int{"open": 0, "overdue": 0, "suppressed": 1, "closed": 1} {
		list := answered[wire.Page[wire.Exposure]](t, d, env+"/exposures?state="+state).Items
		if len(list) != want {
			t.Errorf("%s: %+v", state, list)
		}
		if state == "suppressed" && len(list) == 1 && (list[0].Suppressed == nil || list[0].Suppressed.Text != "behind a proxy" || !list[0].Open || list[0].Overdue || list[0].Due != nil) {
			t.Errorf("what is suppressed: %+v", list[0])
		}
	}
	if one := answered[[]wire.EnvironmentExposure](t, d, "/vulnerabilities/CVE-2099-2/exposure"); len(one) != 1 || one[0].Suppressed == nil {
		t.Errorf("of the vulnerability: %+v", one)
	}
	// Where something that has it runs somewhere it is not accepted, it is exposed there and in all together.
	api := d.fixture.Analysed(t, d.org, "api:1", storetest.Package("libc6", "2.36-9", "glibc"))
	d.fixture.Match(t, storetest.AllAffected)
	d.fixture.Sweep(t, d.fixture.Connect(t, d.org, "us", "staging"), store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("api", api.ImageID, "")}})
	if all := answered[wire.ExposureReport](t, d, "/exposure?days=30").BySeverity[0]; all.Open != 1 || all.Suppressed != 0 {
		t.Errorf("in all, with staging: %+v", all)
	}
	if f := critical(); f.Suppressed != 1 {
		t.Errorf("in production, with staging: %+v", f)
	}
}
