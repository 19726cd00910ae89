// Package feedtest is the part of the store's suite about feeds: what is known of attacks, when feeds are
// brought up to date, and what each update changed.
package feedtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// Suite runs every test against fresh stores that open makes.
func Suite(t *testing.T, open func(t *testing.T) storetest.Fixture) {
	storetest.Each(t, open, map[string]func(*testing.T, storetest.Fixture){
		"ThreatsAreReplacedAsAWhole":    testThreats,
		"ThreatsAreShown":               testShown,
		"MostUrgentFirst":               testUrgency,
		"FeedsOfWhatIsThere":            testEcosystems,
		"DueFeedsAreEnqueuedOnce":       testDue,
		"OutcomesAreKept":               testOutcomes,
		"UpdatesTellWhatTheyChanged":    testUpdates,
		"RecordsAreReadAsTheyWereGiven": testRecords,
	})
}

var ctx = context.Background()

var must, wantKind = storetest.Must, storetest.WantKind

var day = time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)

func exploited(cve string) crowsnest.Exploited {
	return crowsnest.Exploited{CVE: cve, Vendor: "Example", Product: "Thing", Name: "A flaw", Action: "Update", Added: day, Due: day.AddDate(0, 0, 21), Ransomware: true}
}

func epss(cve string, score float64) crowsnest.EPSS {
	return crowsnest.EPSS{CVE: cve, Score: score, Percentile: score / 2}
}

func testThreats(t *testing.T, f storetest.Fixture) {
	put := func(want store.Changes, list ...crowsnest.EPSS) {
		t.Helper()
		got, err := f.Store.PutEPSS(ctx, list)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
		var all []crowsnest.EPSS
		must(t, f.Store.EachEPSS(ctx, func(e crowsnest.EPSS) error {
			all = append(all, e)
			return nil
		}))
		slices.SortFunc(list, func(a, b crowsnest.EPSS) int { return strings.Compare(a.CVE, b.CVE) })
		if diff := cmp.Diff(list, all); diff != "" {
			t.Errorf("held (-want +got):\n%s", diff)
		}
	}
	put(store.Changes{Added: 3, AddedIDs: []string{"CVE-1", "CVE-2", "CVE-4"}}, epss("CVE-4", 0.4), epss("CVE-1", 0.00043), epss("CVE-2", 0.2))
	put(store.Changes{}, epss("CVE-1", 0.00043), epss("CVE-2", 0.2), epss("CVE-4", 0.4))
	put(store.Changes{Added: 2, AddedIDs: []string{"CVE-0", "CVE-3"}, Changed: 1, ChangedIDs: []string{"CVE-2"}, Withdrawn: 1, WithdrawnIDs: []string{"CVE-4"}},
		epss("CVE-0", 1), epss("CVE-1", 0.00043), epss("CVE-2", 0.3), epss("CVE-3", 0))

	first, second := exploited("CVE-1"), exploited("CVE-9")
	second.Due, second.Ransomware = time.Time{}, false
	changes, err := f.Store.PutExploited(ctx, []crowsnest.Exploited{second, first})
	must(t, err)
	if changes.Added != 2 {
		t.Errorf("changes %+v", changes)
	}
	want := map[string]crowsnest.Threat{
		"CVE-1": {Exploited: &first, EPSS: &crowsnest.EPSS{CVE: "CVE-1", Score: 0.00043, Percentile: 0.000215}},
		"CVE-3": {EPSS: &crowsnest.EPSS{CVE: "CVE-3"}},
		"CVE-9": {Exploited: &second},
	}
	got, err := f.Store.Threats(ctx, []string{"CVE-9", "CVE-1", "CVE-1", "CVE-3", "GHSA-1", ""})
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("threats (-want +got):\n%s", diff)
	}
	var names []string
	must(t, f.Store.EachExploited(ctx, func(e crowsnest.Exploited) error {
		names = append(names, e.CVE)
		return nil
	}))
	if diff := cmp.Diff([]string{"CVE-1", "CVE-9"}, names); diff != "" {
		t.Errorf("exploited (-want +got):\n%s", diff)
	}
	enough := errors.New("enough")
	if err := f.Store.EachEPSS(ctx, func(crowsnest.EPSS) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("whoever has enough gets %v", err)
	}
}

// town has three vulnerabilities: bash's is critical, glibc's loaded in what runs, zlib's neither.
type town struct {
	storetest.Fixture
	org, other store.OrgID
	web        crowsnest.Image
}

const bash, glibc, zlib = "CVE-2099-1", "CVE-2099-2", "CVE-2099-3"

func newTown(t *testing.T, f storetest.Fixture) town {
	t.Helper()
	w := town{Fixture: f, org: f.Organisation(t, "acme"), other: f.Organisation(t, "other")}
	w.web = f.Analysed(t, w.org, "web", storetest.Package("bash", "5", ""), storetest.Package("libc6", "2.36", "glibc"), storetest.Package("zlib1g", "1", ""))
	for i, name := range []string{"bash", "glibc", "zlib1g"} {
		_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory(fmt.Sprint(i+1), name, "99", time.Unix(1, 0))})
		must(t, err)
	}
	f.Match(t, func(p crowsnest.PackageVersion, candidates []*crowsnest.Advisory) []crowsnest.Finding {
		out := storetest.AllAffected(p, candidates)
		for i := range out {
			if p.Name != "bash" {
				out[i].Severity = crowsnest.Low
			}
		}
		return out
	})
	f.Sweep(t, f.Connect(t, w.org, "prod", "production"), store.Snapshot{
		Runs:     []crowsnest.Observation{storetest.Run("web", w.web.ImageID, "p")},
		Profiles: map[string][]crowsnest.LoadedPackage{"p": {{Type: "deb", Name: "libc6", Version: "2.36"}}},
	})
	return w
}

func testShown(t *testing.T, f storetest.Fixture) {
	w := newTown(t, f)
	listed := exploited(glibc)
	_, err := f.Store.PutExploited(ctx, []crowsnest.Exploited{listed, exploited("CVE-1999-1")})
	must(t, err)
	_, err = f.Store.PutEPSS(ctx, []crowsnest.EPSS{epss(glibc, 0.5)})
	must(t, err)
	want := crowsnest.Threat{Exploited: &listed, EPSS: &crowsnest.EPSS{CVE: glibc, Score: 0.5, Percentile: 0.25}}
	findings, err := f.Store.ImageFindings(ctx, w.org, w.web.Digest, "")
	must(t, err)
	for _, x := range findings {
		of := crowsnest.Threat{}
		if x.Vulnerability == glibc {
			of = want
		}
		if diff := cmp.Diff(of, x.Threat); diff != "" {
			t.Errorf("finding %s (-want +got):\n%s", x.Vulnerability, diff)
		}
	}
	detail, err := f.Store.Vulnerability(ctx, w.org, glibc)
	must(t, err)
	if diff := cmp.Diff(want, detail.Threat); diff != "" {
		t.Errorf("detail (-want +got):\n%s", diff)
	}
	for _, c := range []struct {
		name   string
		filter store.VulnerabilityFilter
		want   []string
	}{
		{"all", store.VulnerabilityFilter{}, []string{bash, zlib, glibc}},
		{"exploited", store.VulnerabilityFilter{Exploited: true}, []string{glibc}},
		{"likely", store.VulnerabilityFilter{MinEPSS: 0.5}, []string{glibc}},
		{"likelier", store.VulnerabilityFilter{MinEPSS: 0.51}, nil},
		{"both of an environment with a text", store.VulnerabilityFilter{Environment: "production", Query: "2099", Exploited: true, MinEPSS: 0.1, Severities: []crowsnest.Severity{crowsnest.Low}}, []string{glibc}},
	} {
		list, err := f.Store.Vulnerabilities(ctx, w.org, c.filter, store.Page{})
		must(t, err)
		var got []string
		for _, v := range list.Items {
			got = append(got, v.ID)
			if (v.ID == glibc) != (v.Threat.Exploited != nil && v.Threat.EPSS != nil) {
				t.Errorf("%s: %s has %+v", c.name, v.ID, v.Threat)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func testUrgency(t *testing.T, f storetest.Fixture) {
	w := newTown(t, f)
	order := func(what string, org store.OrgID, filter store.VulnerabilityFilter, want ...string) {
		t.Helper()
		filter.Sort = store.VulnerabilitiesByUrgency
		var got []string
		for cursor := ""; ; {
			list, err := f.Store.Vulnerabilities(ctx, org, filter, store.Page{Limit: 1, Cursor: cursor})
			must(t, err)
			for _, v := range list.Items {
				got = append(got, v.ID)
				if v.Images != 1 || v.Packages != 1 || v.Severity == crowsnest.Unspecified {
					t.Errorf("%s: %+v", what, v)
				}
			}
			if cursor = list.Next; cursor == "" {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	order("in use first, then the worst", w.org, store.VulnerabilityFilter{}, glibc, bash, zlib)
	_, err := f.Store.PutEPSS(ctx, []crowsnest.EPSS{epss(zlib, 0.1), epss(bash, 0.05)})
	must(t, err)
	order("the estimate before severity", w.org, store.VulnerabilityFilter{}, glibc, zlib, bash)
	_, err = f.Store.PutExploited(ctx, []crowsnest.Exploited{exploited(bash)})
	must(t, err)
	order("exploited before the estimate", w.org, store.VulnerabilityFilter{}, glibc, bash, zlib)
	order("of an environment", w.org, store.VulnerabilityFilter{Environment: "production"}, glibc, bash, zlib)
	order("of one severity", w.org, store.VulnerabilityFilter{Severities: []crowsnest.Severity{crowsnest.Low}}, glibc, zlib)
	order("by what is known", w.org, store.VulnerabilityFilter{Environment: "production", MinEPSS: 0.1}, zlib)
	order("of those who have none", w.other, store.VulnerabilityFilter{})
	f.Analysed(t, w.other, "theirs", storetest.Package("libc6", "2.36", "glibc"))
	order("of others, who run nothing", w.other, store.VulnerabilityFilter{}, glibc)
	_, err = f.Store.Vulnerabilities(ctx, w.org, store.VulnerabilityFilter{Sort: store.VulnerabilitiesByUrgency}, store.Page{Cursor: "x"})
	wantKind(t, err, crowsnest.Invalid)
	_, err = f.Store.Vulnerabilities(ctx, w.org, store.VulnerabilityFilter{Sort: store.VulnerabilitiesByUrgency, Environment: "nowhere"}, store.Page{})
	wantKind(t, err, crowsnest.NotFound)
}

func testEcosystems(t *testing.T, f storetest.Fixture) {
	list := func(want ...string) {
		t.Helper()
		got, err := f.Store.InventoryEcosystems(ctx)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ecosystems (-want +got):\n%s", diff)
		}
	}
	list()
	owned := storetest.Package("left-pad", "1", "")
	owned.Ecosystem, owned.Type = "", "npm"
	npm := owned
	npm.Ecosystem, npm.PURL = "npm", "pkg:npm/left-pad@1"
	f.Analysed(t, f.Organisation(t, "ours"), "web", storetest.Package("bash", "5", ""), storetest.Package("zlib1g", "1", ""), owned)
	list("Debian")
	f.Analysed(t, f.Organisation(t, "theirs"), "api", npm)
	list("Debian", "npm")
}

func testDue(t *testing.T, f storetest.Fixture) {
	enqueue := func(want []string, names ...string) {
		t.Helper()
		n, err := f.Store.EnqueueDueFeeds(ctx, names, 10*time.Minute)
		must(t, err)
		var got []string
		for _, w := range f.Work() {
			if w.Kind == store.FeedWork {
				got = append(got, w.ID)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || n != len(want) {
			t.Errorf("%d enqueued (-want +got):\n%s", n, diff)
		}
	}
	enqueue([]string{"kev", "osv/npm"}, "kev", "osv/npm", "kev")
	enqueue(nil, "kev", "osv/npm")
	enqueue([]string{"osv/Debian"}, "kev", "osv/npm", "osv/Debian")
	_, err := f.Store.StartFeed(ctx, "kev")
	must(t, err)
	must(t, f.Store.FinishFeed(ctx, "kev", store.FeedOutcome{Changed: true, Next: time.Hour}))
	enqueue(nil, "kev", "osv/npm", "osv/Debian")
	must(t, f.Store.RetryFeed(ctx, "kev")) // long before it is due
	wantKind(t, f.Store.RetryFeed(ctx, "osv/Go"), crowsnest.NotFound)
	enqueue([]string{"kev"}, "kev", "osv/npm", "osv/Debian")
	must(t, f.Store.FinishFeed(ctx, "kev", store.FeedOutcome{Changed: true, Next: time.Hour}))
	f.Advance(11 * time.Minute)
	enqueue([]string{"osv/Debian", "osv/npm"}, "kev", "osv/npm", "osv/Debian") // nothing was heard of these
	f.Advance(time.Hour)
	enqueue([]string{"kev"}, "kev") // the others have gone from what is to be kept
	wantKind(t, f.Store.RetryFeed(ctx, "osv/npm"), crowsnest.NotFound)
	feeds, err := f.Store.Feeds(ctx)
	must(t, err)
	for _, x := range feeds {
		if x.Next.IsZero() != (x.Name != "kev") {
			t.Errorf("%+v", x)
		}
	}
	enqueue([]string{"osv/npm"}, "kev", "osv/npm")
}

func testOutcomes(t *testing.T, f storetest.Fixture) {
	_, err := f.Store.EnqueueDueFeeds(ctx, []string{"osv/npm"}, time.Hour)
	must(t, err)
	before, err := f.Store.StartFeed(ctx, "osv/npm")
	must(t, err)
	if before.Name != "osv/npm" || before.Attempted.IsZero() || !before.Checked.IsZero() {
		t.Errorf("at the beginning %+v", before)
	}
	one := func() store.Feed {
		t.Helper()
		feeds, err := f.Store.Feeds(ctx)
		must(t, err)
		if len(feeds) != 1 {
			t.Fatalf("feeds %+v", feeds)
		}
		return feeds[0]
	}
	now := before.Attempted
	must(t, f.Store.FinishFeed(ctx, "osv/npm", store.FeedOutcome{Changed: true, Validator: "etag:1", Cursor: day, Records: 7, AsOf: day, Next: time.Hour}))
	good := store.Feed{Name: "osv/npm", Validator: "etag:1", Cursor: day, Records: 7, AsOf: day, Imported: now, Checked: now, Attempted: now, Next: now.Add(time.Hour)}
	if diff := cmp.Diff(good, one()); diff != "" {
		t.Errorf("after data was taken (-want +got):\n%s", diff)
	}
	f.Advance(time.Hour)
	for n := 1; n <= 2; n++ {
		must(t, f.Store.FinishFeed(ctx, "osv/npm", store.FeedOutcome{Reason: "no way out", Next: time.Minute}))
		failing := good
		failing.Failures, failing.FailingSince, failing.Reason, failing.Next = n, now.Add(time.Hour), "no way out", now.Add(time.Hour+time.Duration(n-1)*time.Minute+time.Minute)
		if diff := cmp.Diff(failing, one()); diff != "" {
			t.Errorf("after failure %d (-want +got):\n%s", n, diff)
		}
		f.Advance(time.Minute)
	}
	must(t, f.Store.FinishFeed(ctx, "osv/npm", store.FeedOutcome{Validator: "etag:1", Next: time.Hour}))
	same := good
	same.Checked, same.Next = now.Add(time.Hour+2*time.Minute), now.Add(2*time.Hour+2*time.Minute)
	if diff := cmp.Diff(same, one()); diff != "" {
		t.Errorf("after nothing was new (-want +got):\n%s", diff)
	}
}

func testUpdates(t *testing.T, f storetest.Fixture) {
	old, other := storetest.Advisory("1", "bash", "6", time.Unix(1, 0)), storetest.Advisory("2", "zlib1g", "2", time.Unix(1, 0))
	put := func(want store.Changes, list ...*crowsnest.Advisory) {
		t.Helper()
		var all store.Changes
		update := f.Store.NewUpdate("osv/Debian")
		for _, a := range list { // of several batches one update is made
			stats, err := f.Store.PutAdvisories(ctx, update, []*crowsnest.Advisory{a})
			must(t, err)
			all.Add(stats.Changes)
		}
		if diff := cmp.Diff(want, all); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
		f.Advance(time.Hour)
	}
	first, second := store.Changes{Added: 2, AddedIDs: []string{"1", "2"}}, store.Changes{Changed: 1, ChangedIDs: []string{"2"}, Withdrawn: 1, WithdrawnIDs: []string{"1"}}
	put(first, old, other)
	put(store.Changes{}, old, other)
	gone, changed := *old, *other
	gone.Modified, gone.Withdrawn, changed.Modified, changed.Summary = time.Unix(2, 0), time.Unix(2, 0), time.Unix(2, 0), "worse than it looked"
	put(second, &gone, &changed)
	gone.Modified, gone.Summary = time.Unix(3, 0), "still"
	third := store.Changes{Changed: 1, ChangedIDs: []string{"1"}}
	put(third, &gone)
	catalogue := make([]crowsnest.Exploited, store.MaxNamed+1)
	for i := range catalogue {
		catalogue[i] = crowsnest.Exploited{CVE: fmt.Sprint("CVE-", i), Added: time.Unix(0, 0).UTC()}
	}
	for range 2 { // the second time nothing changes
		_, err := f.Store.PutExploited(ctx, catalogue)
		must(t, err)
	}

	read := func(filter store.UpdateFilter) (out []store.AdvisoryUpdate) {
		t.Helper()
		for cursor := ""; ; {
			list, err := f.Store.AdvisoryUpdates(ctx, filter, store.Page{Limit: 1, Cursor: cursor})
			must(t, err)
			out = append(out, list.Items...)
			if cursor = list.Next; cursor == "" {
				return out
			}
		}
	}
	all := read(store.UpdateFilter{Feed: "osv/Debian"})
	var got []store.Changes
	for _, u := range all {
		got = append(got, u.Changes)
	}
	if diff := cmp.Diff([]store.Changes{third, second, first}, got); diff != "" {
		t.Errorf("updates, newest first (-want +got):\n%s", diff)
	}
	if some := read(store.UpdateFilter{}); len(some) != 4 || some[0].Feed != "kev" || some[0].Added != store.MaxNamed+1 || len(some[0].AddedIDs) != store.MaxNamed {
		t.Errorf("of all feeds %+v", some)
	}
	if some := read(store.UpdateFilter{Feed: "osv/Debian", Since: all[1].At, Until: all[1].At}); len(some) != 1 || some[0].ID != all[1].ID {
		t.Errorf("at one time %+v", some)
	}

	// What fails again and again for one reason is one, until something else happens.
	fail := func(reason string) {
		t.Helper()
		f.Advance(time.Hour)
		must(t, f.Store.FinishFeed(ctx, "osv/Debian", store.FeedOutcome{Reason: reason, Next: time.Hour}))
	}
	fail("no way out")
	fail("no way out")
	fail("half a page")
	gone.Modified, gone.Summary = time.Unix(4, 0), "and still"
	put(store.Changes{Changed: 1, ChangedIDs: []string{"1"}}, &gone)
	fail("half a page")
	var told []string
	for _, u := range read(store.UpdateFilter{Feed: "osv/Debian"})[:4] {
		told = append(told, fmt.Sprint(u.Reason, " ", u.Tries, " ", u.Changed))
	}
	if diff := cmp.Diff([]string{"half a page 1 0", " 0 1", "half a page 1 0", "no way out 2 0"}, told); diff != "" {
		t.Errorf("failures among updates (-want +got):\n%s", diff)
	}
	if some := read(store.UpdateFilter{Feed: "osv/Debian", Changed: true}); len(some) != 4 {
		t.Errorf("%d updates changed something, want 4", len(some))
	}
}

func testRecords(t *testing.T, f storetest.Fixture) {
	a := &crowsnest.Advisory{
		ID: "GHSA-1", Aliases: []string{"CVE-1"}, Upstream: []string{"CVE-2"}, Related: []string{"X"}, Summary: "a flaw", Published: time.Unix(1, 0).UTC(), Modified: time.Unix(5, 0).UTC(),
		Severity: []crowsnest.SeverityVector{{Type: "CVSS_V3", Vector: "CVSS:3.1/…"}}, Word: "HIGH",
		Affected: []crowsnest.Affected{
			{Ecosystem: "npm", Name: "@scope/Name", Ranges: []crowsnest.Range{{Type: crowsnest.RangeSemver, Events: []crowsnest.Event{{Introduced: "0"}, {Fixed: "2"}}}}, Versions: []string{"1"}},
			{Ecosystem: "Debian:12", Name: "name", Word: "low"},
		},
	}
	empty := &crowsnest.Advisory{ID: "GHSA-2", Modified: time.Unix(5, 0).UTC(), Withdrawn: time.Unix(6, 0).UTC()}
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{a, empty})
	must(t, err)
	for _, want := range []*crowsnest.Advisory{a, empty} {
		got, err := f.Store.Advisory(ctx, want.ID)
		must(t, err)
		if diff := cmp.Diff(*want, got.Advisory); diff != "" || got.FirstHeld.IsZero() || got.Imported.IsZero() {
			t.Errorf("held at %v, %v (-want +got):\n%s", got.FirstHeld, got.Imported, diff)
		}
	}
	_, err = f.Store.Advisory(ctx, "GHSA-9")
	wantKind(t, err, crowsnest.NotFound)
	for name, want := range map[string][]string{"CVE-1": {"GHSA-1"}, "cve-2": {"GHSA-1"}, "GHSA-2": {"GHSA-2"}, "CVE": nil, `%`: nil} {
		got, err := f.Store.AdvisoriesNamed(ctx, name)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("advisories of %s (-want +got):\n%s", name, diff)
		}
	}
	notice := &crowsnest.Advisory{ID: "A-NOTICE", Modified: time.Unix(5, 0).UTC(), Related: []string{"CVE-1"}, Affected: []crowsnest.Affected{{Ecosystem: "AlmaLinux:9", Name: "name"}}}
	_, err = f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{notice})
	must(t, err)
	names := func(a *crowsnest.Advisory) *crowsnest.Advisory {
		out := &crowsnest.Advisory{ID: a.ID, Aliases: a.Aliases, Upstream: a.Upstream, Related: a.Related, Withdrawn: a.Withdrawn}
		for _, f := range a.Affected {
			out.Affected = append(out.Affected, crowsnest.Affected{Ecosystem: f.Ecosystem, Name: f.Name})
		}
		return out
	}
	for name, want := range map[string][]*crowsnest.Advisory{"CVE-1": {names(a), names(notice)}, "cve-2": {names(a)}, "GHSA-2": {names(empty)}, "CVE": nil, `%`: nil} {
		got, err := f.Store.AdvisoriesAbout(ctx, name)
		must(t, err)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("advisories about %s (-want +got):\n%s", name, diff)
		}
	}
	for ecosystem, want := range map[string][]string{"npm": {"GHSA-1"}, "Debian": {"GHSA-1"}, "": {"GHSA-2"}, "Go": nil} {
		var got []string
		must(t, f.Store.EachAdvisory(ctx, ecosystem, func(a *crowsnest.Advisory) error {
			got = append(got, a.ID)
			return nil
		}))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("advisories about %q (-want +got):\n%s", ecosystem, diff)
		}
	}
}
