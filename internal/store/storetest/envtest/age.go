package envtest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// seen is what run time saw of two packages of one image.
type seen struct{ Libc, Zlib crowsnest.InUse }

// watched is an image with two packages, of which each has one finding.
type watched struct {
	storetest.Fixture
	org   store.OrgID
	image crowsnest.Image
}

const day = 24 * time.Hour

func watch(t *testing.T, f storetest.Fixture) watched {
	w := watched{Fixture: f, org: f.Organisation(t, "ours")}
	w.image = f.Analysed(t, w.org, "web:1", storetest.Package("libc6", "2.36-9", "glibc"), storetest.Package("zlib1g", "1.2", "zlib"))
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory("1", "glibc", "3", time.Unix(1, 0)), storetest.Advisory("2", "zlib", "3", time.Unix(1, 0))})
	must(t, err)
	f.Match(t, storetest.AllAffected)
	return w
}

// sweep sees containers of the image by name, each with the packages it loaded or none.
func (w watched) sweep(t *testing.T, in store.Integration, containers map[string][]crowsnest.Package) {
	t.Helper()
	snap := store.Snapshot{Profiles: make(map[string][]crowsnest.LoadedPackage)}
	for name, loaded := range containers {
		profile := ""
		var reported []crowsnest.LoadedPackage
		for _, p := range loaded {
			profile += p.Name + " "
			reported = append(reported, crowsnest.LoadedPackage{Type: p.Type, Name: p.Name, Version: p.Version})
		}
		if profile != "" {
			snap.Profiles[profile] = reported
		}
		snap.Runs = append(snap.Runs, storetest.Run(name, w.image.ImageID, profile))
	}
	w.Sweep(t, in, snap)
}

// in returns what run time saw in an environment, which every answer must say alike: the image's
// findings, their split in the list, those who have a package, and the overview. Of an organisation with one environment
// that is what is said over all.
func (w watched) in(t *testing.T, environment string, everywhere bool) seen {
	t.Helper()
	places := []string{environment}
	if everywhere {
		places = append(places, "")
	}
	var first *seen
	for _, place := range places {
		findings, err := w.Store.ImageFindings(ctx, w.org, w.image.Digest, place)
		must(t, err)
		var got seen
		var split running.Split
		for _, finding := range findings {
			into := &got.Libc
			if finding.Package.Name == "zlib1g" {
				into = &got.Zlib
			}
			*into = finding.InUse
			split.Add(finding.InUse, crowsnest.Summary{Critical: 1})
		}
		if first == nil {
			first = &got
		}
		if got != *first {
			t.Errorf("%+v in %q, %+v in %q", *first, environment, got, place)
		}
		overview, err := w.Store.Overview(ctx, w.org, place, time.Unix(0, 0))
		must(t, err)
		if diff := cmp.Diff(split, overview.InUse); diff != "" {
			t.Errorf("in %q (-findings +overview):\n%s", place, diff)
		}
		for name, want := range map[string]crowsnest.InUse{"libc6": got.Libc, "zlib1g": got.Zlib} {
			holders, err := w.Store.Holders(ctx, w.org, store.HolderFilter{Type: "deb", Name: name, Environment: place}, store.Page{})
			must(t, err)
			if u := holders.Items[0].Packages[0].InUse[environment]; u != want {
				t.Errorf("%s in %q is %s, and %s where it is listed by package", name, place, want, u)
			}
		}
		if place == "" {
			continue
		}
		list, err := w.Store.RunningImages(ctx, w.org, store.ImageFilter{Environment: place}, store.Page{})
		must(t, err)
		if diff := cmp.Diff(split, list.Items[0].InUse); diff != "" {
			t.Errorf("in %q (-findings +list):\n%s", place, diff)
		}
	}
	return *first
}

func (w watched) want(t *testing.T, when string, want seen) {
	t.Helper()
	if got := w.in(t, "production", true); got != want {
		t.Errorf("%s: %+v, want %+v", when, got, want)
	}
}

// age returns when the oldest profile of production was reported, the image's newest, and whether it is too old.
func (w watched) age(t *testing.T) (oldest, newest time.Time, stale bool) {
	t.Helper()
	row, err := w.Store.Environment(ctx, w.org, "production")
	must(t, err)
	list, err := w.Store.RunningImages(ctx, w.org, store.ImageFilter{Environment: "production"}, store.Page{})
	must(t, err)
	return row.ProfilesAsOf, list.Items[0].ProfiledAt, list.Items[0].ProfileStale
}

// testProfileAge: what was not seen is believed only from a profile that the source reported of late. What was seen in
// use stays that, however old it is.
func testProfileAge(t *testing.T, f storetest.Fixture) {
	w := watch(t, f)
	in := f.Connect(t, w.org, "prod", "production")
	libc, bash := storetest.Package("libc6", "2.36-9", ""), storetest.Package("bash", "5", "")
	with, without := map[string][]crowsnest.Package{"a": {libc}}, map[string][]crowsnest.Package{"a": nil}
	known, unknown := seen{crowsnest.Loaded, crowsnest.NotSeen}, seen{crowsnest.Loaded, crowsnest.NotObserved}

	w.sweep(t, in, with)
	reported, _, _ := w.age(t)
	if row, err := f.Store.Environment(ctx, w.org, "production"); err != nil || row.ProfileDays != store.DefaultProfileDays || reported != row.AsOf || reported.IsZero() {
		t.Errorf("a new environment %+v, %v", row, err)
	}
	w.want(t, "just reported", known)
	f.Advance(store.DefaultProfileDays * day)
	w.want(t, "not swept for as long as it counts", known)
	f.Advance(time.Hour)
	w.want(t, "not swept for longer", unknown)
	w.sweep(t, in, without)
	w.want(t, "swept, and not reported", unknown)
	if oldest, newest, stale := w.age(t); oldest != reported || newest != reported || !stale {
		t.Errorf("the profile of %s is shown as of %s and %s, too old: %t", reported, oldest, newest, stale)
	}
	w.sweep(t, in, without)
	w.want(t, "swept again", unknown)

	for days, want := range map[int]seen{0: known, store.MaxProfileDays: known, 8: known, 7: unknown} {
		must(t, f.Store.ChangeEnvironment(ctx, w.org, "production", store.EnvironmentChange{ProfileDays: &days}))
		if got := w.in(t, "production", true); got != want {
			t.Errorf("counted for %d days: %+v, want %+v", days, got, want)
		}
	}
	for _, days := range []int{-1, store.MaxProfileDays + 1} {
		wantKind(t, f.Store.ChangeEnvironment(ctx, w.org, "production", store.EnvironmentChange{ProfileDays: &days}), crowsnest.Invalid)
	}
	week := 7
	must(t, f.Store.ChangeEnvironment(ctx, w.org, "production", store.EnvironmentChange{ProfileDays: &week}))
	if row, err := f.Store.Environment(ctx, w.org, "production"); err != nil || row.ProfileDays != week {
		t.Errorf("set to a week: %+v, %v", row, err)
	}
	log, err := f.Store.AuditLog(ctx, w.org, store.AuditFilter{Action: "environment.update"}, store.Page{Limit: 1})
	must(t, err)
	if len(log.Items) != 1 || log.Items[0].Detail["profile-days"] != "7" {
		t.Errorf("recorded: %+v", log.Items)
	}

	// Another container that is watched says nothing of what this one loads by now; what the old one saw counts with it.
	w.sweep(t, in, map[string][]crowsnest.Package{"a": nil, "b": {bash}})
	w.want(t, "reported of another container", unknown)
	if oldest, newest, stale := w.age(t); oldest != reported || !newest.After(reported) || stale {
		t.Errorf("one of %s and a new one are shown as of %s and %s, too old: %t", reported, oldest, newest, stale)
	}
	// Reported again, also when it is the same.
	w.sweep(t, in, with)
	w.want(t, "reported again", known)
	if oldest, _, stale := w.age(t); !oldest.After(reported) || stale {
		t.Errorf("reported again it is as of %s", oldest)
	}
	w.sweep(t, in, without)
	f.Advance(7*day - time.Hour)
	w.want(t, "not reported for less than a week", known)
}

// testUnprofiled: what one container does not load another one may, of which there is no profile. What is recorded by a name is
// nothing that could have one, and hides nothing.
func testUnprofiled(t *testing.T, f storetest.Fixture) {
	w := watch(t, f)
	in := f.Connect(t, w.org, "prod", "production")
	_, err := f.Store.AssignImages(ctx, w.org, "production", store.Assignment{Images: references("web:1")})
	must(t, err)
	libc, bash := storetest.Package("libc6", "2.36-9", ""), storetest.Package("bash", "5", "")
	for _, c := range []struct {
		when       string
		containers map[string][]crowsnest.Package
		want       crowsnest.InUse
	}{
		{"profiled wherever it runs", map[string][]crowsnest.Package{"a": {libc}, "b": {bash}}, crowsnest.NotSeen},
		{"beside one that nobody profiled", map[string][]crowsnest.Package{"a": {libc}, "b": {bash}, "c": nil}, crowsnest.NotObserved},
		{"that is gone", map[string][]crowsnest.Package{"a": {libc}, "b": {bash}}, crowsnest.NotSeen},
	} {
		w.sweep(t, in, c.containers)
		w.want(t, c.when, seen{crowsnest.Loaded, c.want})
		list, err := f.Store.RunningImages(ctx, w.org, store.ImageFilter{Environment: "production"}, store.Page{})
		must(t, err)
		if img := list.Items[0]; img.Unprofiled != (c.want == crowsnest.NotObserved) || img.ProfileStale {
			t.Errorf("%s: unprofiled %t, too old %t", c.when, img.Unprofiled, img.ProfileStale)
		}
	}
}

// testEvidence: what containers together do not load is known as of the one that was reported longest ago.
func testEvidence(t *testing.T, f storetest.Fixture) {
	w := watch(t, f)
	libc := storetest.Package("libc6", "2.36-9", "")
	w.sweep(t, f.Connect(t, w.org, "first", "production"), map[string][]crowsnest.Package{"a": {libc}})
	first, _, _ := w.age(t)
	f.Advance(day)
	w.sweep(t, f.Connect(t, w.org, "second", "production"), map[string][]crowsnest.Package{"b": {libc}})
	list, err := f.Store.RunningImages(ctx, w.org, store.ImageFilter{Environment: "production"}, store.Page{})
	must(t, err)
	if img := list.Items[0]; !img.ProfiledSince.Equal(first) || !img.ProfiledAt.Equal(first.Add(day)) {
		t.Errorf("profiles of %s and a day later are shown as of %s to %s", first, img.ProfiledSince, img.ProfiledAt)
	}
}

// testProfileMoved: the age of a profile goes along with an integration that is moved.
func testProfileMoved(t *testing.T, f storetest.Fixture) {
	w := watch(t, f)
	in := f.Connect(t, w.org, "prod", "old")
	w.sweep(t, in, map[string][]crowsnest.Package{"a": {storetest.Package("libc6", "2.36-9", "")}})
	f.Advance(8 * day)
	w.sweep(t, in, map[string][]crowsnest.Package{"a": nil})
	to := "production"
	must(t, f.Store.UpdateIntegration(ctx, w.org, "prod", store.IntegrationChange{Environment: &to}))
	w.want(t, "moved", seen{crowsnest.Loaded, crowsnest.NotObserved})
}

// testUnreadIsUnknown: where one container loaded what could not be read, it may be anything, whatever the profile of another
// one says.
func testUnreadIsUnknown(t *testing.T, f storetest.Fixture) {
	w := watch(t, f)
	libc, bash := storetest.Package("libc6", "2.36-9", ""), storetest.Package("bash", "5", "")
	w.sweep(t, f.Connect(t, w.org, "prod", "production"), map[string][]crowsnest.Package{"a": {libc, {}}, "b": {bash}})
	w.want(t, "partly read", seen{crowsnest.Loaded, crowsnest.NotObserved})
}
