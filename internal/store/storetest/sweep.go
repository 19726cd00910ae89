package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/google/go-cmp/cmp"
)

func testSweep(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	in := f.Connect(t, org, "prod", "production")
	first := store.Snapshot{Runs: []crowsnest.Observation{Run("web", Digest("1"), ""), Run("db", Digest("2"), ""), Run("web", Digest("1"), "")}, Requests: 3}
	steps := []struct {
		name string
		snap store.Snapshot
		want store.SweepResult
	}{
		{"first", first, store.SweepResult{Opened: 2}},
		{"unchanged", first, store.SweepResult{Continued: 2}},
		{"new version", store.Snapshot{Runs: []crowsnest.Observation{Run("web", Digest("3"), ""), Run("db", Digest("2"), "")}}, store.SweepResult{Opened: 1, Continued: 1, Closed: 1}},
		{"partly read", store.Snapshot{Runs: []crowsnest.Observation{Run("new", Digest("4"), "")}, Partial: "one container has no image ID"}, store.SweepResult{Opened: 1}},
		{"whole again", store.Snapshot{Runs: []crowsnest.Observation{Run("web", Digest("3"), ""), Run("db", Digest("2"), "")}}, store.SweepResult{Continued: 2, Closed: 1}},
		{"everything gone", store.Snapshot{}, store.SweepResult{Closed: 2}},
		{"back again", first, store.SweepResult{Opened: 2}},
	}
	for _, s := range steps {
		f.Advance(time.Minute)
		if diff := cmp.Diff(s.want, f.Sweep(t, in, s.snap)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.name, diff)
		}
	}
	history, err := f.Store.Occurrences(ctx, org, running.Filter{Image: Digest("1")}, store.Page{})
	must(t, err)
	if len(history.Items) != 2 || !history.Items[0].Closed.IsZero() || history.Items[1].Closed.IsZero() {
		t.Fatalf("history of the image: %+v, want one open and one closed interval", history.Items)
	}
	if old := history.Items[1]; old.Closed.Sub(old.Opened) != 2*time.Minute {
		t.Errorf("the closed interval lasts %v, want two minutes", old.Closed.Sub(old.Opened))
	}
	all, err := f.Store.Occurrences(ctx, org, running.Filter{Environment: "production"}, store.Page{Limit: 3})
	must(t, err)
	rest, err := f.Store.Occurrences(ctx, org, running.Filter{Environment: "production"}, store.Page{Limit: 3, Cursor: all.Next})
	must(t, err)
	if len(all.Items) != 3 || len(rest.Items) != 3 || rest.Next != "" {
		t.Errorf("pages of %d and %d occurrences, want 3 and 3", len(all.Items), len(rest.Items))
	}
}

func testFailedSweep(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	img := f.Analysed(t, org, "web")
	in := f.Connect(t, org, "prod", "production")
	f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{Run("web", img.ImageID, "")}})
	complete, err := f.Store.Integration(ctx, org, "prod")
	must(t, err)

	f.Advance(time.Minute)
	must(t, f.Store.StartSweep(ctx, in.ID))
	must(t, f.Store.FailSweep(ctx, in.ID, "page 2: garbage", 2))
	first, err := f.Store.Integration(ctx, org, "prod")
	must(t, err)
	f.Advance(time.Minute)
	must(t, f.Store.FailSweep(ctx, in.ID, "page 1: refused", 1))
	second, err := f.Store.Integration(ctx, org, "prod")
	must(t, err)

	if second.Status.Occurrences != 1 || second.Status.Coverage.Analysed != 1 {
		t.Errorf("a failed sweep changed what runs: %+v", second.Status)
	}
	if !second.Status.LastComplete.Equal(complete.Status.LastComplete) {
		t.Error("a failed sweep changed the age of what is shown")
	}
	if second.Status.Reason != "page 1: refused" || !second.Status.FailingSince.Equal(first.Status.FailingSince) || first.Status.FailingSince.IsZero() {
		t.Errorf("status %+v, want the newest reason and the time of the first failure", second.Status)
	}
	f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{Run("web", img.ImageID, "")}})
	healed, err := f.Store.Integration(ctx, org, "prod")
	must(t, err)
	if healed.Status.Reason != "" || !healed.Status.FailingSince.IsZero() {
		t.Errorf("a complete sweep must heal the status: %+v", healed.Status)
	}
}

func testOlderSweep(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	in := f.Connect(t, org, "prod", "production")
	started := in.Created
	f.Advance(time.Minute)
	f.Sweep(t, in, store.Snapshot{Started: in.Created.Add(time.Minute), Runs: []crowsnest.Observation{Run("web", Digest("new"), "")}})
	_, err := f.Store.CompleteSweep(ctx, in.ID, store.Snapshot{Started: started, Runs: nil})
	wantKind(t, err, crowsnest.Conflict)
	got, err := f.Store.Integration(ctx, org, "prod")
	must(t, err)
	if got.Status.Occurrences != 1 {
		t.Errorf("an older sweep closed what a newer one saw: %+v", got.Status)
	}
}

func testDelete(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	img := f.Analysed(t, org, "web")
	in := f.Connect(t, org, "prod", "production")
	f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{Run("web", img.ImageID, "")}})
	_, err := f.Store.CreateIntegration(ctx, store.Integration{Org: org, Name: "prod", Environment: "production", Secret: []byte("x")})
	wantKind(t, err, crowsnest.Conflict)
	must(t, f.Store.DeleteIntegration(ctx, org, "prod"))
	wantKind(t, f.Store.DeleteIntegration(ctx, org, "prod"), crowsnest.NotFound)
	_, err = f.Store.IntegrationByID(ctx, in.ID)
	wantKind(t, err, crowsnest.NotFound)
	_, err = f.Store.CompleteSweep(ctx, in.ID, store.Snapshot{Runs: []crowsnest.Observation{Run("web", img.ImageID, "")}})
	wantKind(t, err, crowsnest.NotFound)
	environments, err := f.Store.Environments(ctx, org, false)
	must(t, err)
	if len(environments) != 0 {
		t.Errorf("environments %+v remain", environments)
	}
	history, err := f.Store.Occurrences(ctx, org, running.Filter{Image: img.Digest}, store.Page{})
	must(t, err)
	if len(history.Items) != 1 || history.Items[0].Closed.IsZero() {
		t.Errorf("history %+v, want one closed interval", history.Items)
	}
	f.Connect(t, org, "prod", "production")
}

func testDueSweeps(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	in := f.Connect(t, org, "prod", "production")
	work := []store.Work{{Kind: store.SweepWork, ID: in.ID}}
	if diff := cmp.Diff(work, f.Work()); diff != "" {
		t.Errorf("at creation (-want +got):\n%s", diff)
	}
	for _, step := range []struct {
		advance time.Duration
		want    int
	}{{time.Minute, 0}, {4 * time.Minute, 1}, {time.Second, 0}, {4*time.Minute + 28*time.Second, 0}, {62 * time.Second, 1}} { // within a tenth of the interval
		f.Advance(step.advance)
		n, err := f.Store.EnqueueDueSweeps(ctx)
		must(t, err)
		if n != step.want || len(f.Work()) != step.want {
			t.Errorf("after %v more: %d due, want %d", step.advance, n, step.want)
		}
	}
	must(t, f.Store.RequestSweep(ctx, org, "prod"))
	if diff := cmp.Diff(work, f.Work()); diff != "" {
		t.Errorf("on request (-want +got):\n%s", diff)
	}
	// A request during a sweep is dropped by the queue; it stands until a sweep begins after it.
	for i, want := range []int{1, 1, 0} {
		n, err := f.Store.EnqueueDueSweeps(ctx)
		must(t, err)
		if n != want || len(f.Work()) != want {
			t.Errorf("%d due after a request, want %d", n, want)
		}
		f.Advance(time.Second)
		if i == 1 {
			must(t, f.Store.StartSweep(ctx, in.ID))
		}
	}
}

// Two replicas that sweep and match at the same time must not double anything.
func testConcurrentSweeps(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	img := f.Analysed(t, org, "web", Package("libssl3", "3.0.1", "openssl"))
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{Advisory("1", "openssl", "3.0.2", time.Unix(1, 0))})
	must(t, err)
	in := f.Connect(t, org, "prod", "production")
	snap := store.Snapshot{Runs: []crowsnest.Observation{Run("web", img.ImageID, "p")}, Profiles: map[string][]crowsnest.LoadedPackage{"p": {{Type: "deb", Name: "libssl3", Version: "3.0.1"}}}}
	pending, err := f.Store.PendingPackages(ctx, Rules, 10)
	must(t, err)
	candidates, err := f.Store.Candidates(ctx, pending)
	must(t, err)
	matched := []store.Matched{{Pending: pending[0], Findings: AllAffected(pending[0].Package, candidates[pending[0].ID])}}

	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := f.Store.CompleteSweep(ctx, in.ID, snap); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if err := f.Store.SaveFindings(ctx, Rules, matched); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	history, err := f.Store.Occurrences(ctx, org, running.Filter{}, store.Page{})
	must(t, err)
	findings, err := f.Store.ImageFindings(ctx, org, img.Digest, "production")
	must(t, err)
	if len(history.Items) != 1 || len(findings) != 1 || findings[0].InUse != crowsnest.Loaded {
		t.Errorf("%d occurrences and findings %+v, want one of each, in use", len(history.Items), findings)
	}
}

func testConcurrentAnalyses(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	var packages []crowsnest.Package
	for i := range 600 { // more than one statement's worth
		packages = append(packages, Package(fmt.Sprintf("lib%d", i), "1", ""))
	}
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			img := Image(fmt.Sprintf("web:%d", i%3))
			if _, err := f.Store.RecordImage(ctx, org, img, nil, Analyser); err != nil {
				t.Error(err)
				return
			}
			if err := f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: img, Packages: packages}, Analyser); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	pending, err := f.Store.PendingPackages(ctx, Rules, 10000)
	must(t, err)
	if len(pending) != len(packages) {
		t.Errorf("%d package versions, want %d", len(pending), len(packages))
	}
	list, err := f.Store.Images(ctx, org, store.ImageFilter{}, store.Page{})
	must(t, err)
	for _, r := range list.Items {
		if r.Packages != len(packages) {
			t.Errorf("%s has %d packages, want %d", r.Name, r.Packages, len(packages))
		}
	}
}

// Clusters of one organisation are swept at the same time and report the same packages.
func testConcurrentProfiles(t *testing.T, f Fixture) {
	org := f.Organisation(t, "acme")
	profiles := make(map[string][]crowsnest.LoadedPackage)
	var runs []crowsnest.Observation
	for i := range 400 {
		hash := fmt.Sprint("profile ", i)
		profiles[hash] = []crowsnest.LoadedPackage{{Type: "npm", Name: fmt.Sprint("p", i), Version: "1"}, {Type: "npm", Name: "shared", Version: "1"}}
		runs = append(runs, Run(fmt.Sprint("w", i), Digest(hash), hash))
	}
	var integrations []store.Integration
	for i := range 5 {
		integrations = append(integrations, f.Connect(t, org, fmt.Sprint("cluster-", i), "production"))
	}
	var wg sync.WaitGroup
	for _, in := range integrations {
		wg.Go(func() {
			if _, err := f.Store.CompleteSweep(ctx, in.ID, store.Snapshot{Runs: runs, Profiles: profiles}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	watch, err := f.Store.Watch(ctx, org, Digest("profile 7"), "production")
	must(t, err)
	if got := watch.InUse(crowsnest.PackageVersion{Type: "npm", Name: "p7", Version: "1"}); got != crowsnest.Loaded {
		t.Errorf("a package of a shared profile is %v, want it in use", got)
	}
}
