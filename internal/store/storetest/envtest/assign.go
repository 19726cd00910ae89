package envtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

func testAssign(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	web := f.Analysed(t, org, "registry.example/web:1")
	got := assign(t, f, org, references(web.Name, web.Name)...)
	want := store.Assigned{SweepResult: store.SweepResult{Opened: 1}, Images: slices.Repeat([]store.AssignedImage{{Reference: web.Name, Digest: web.Digest, State: store.Analysed}}, 2)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("first (-want +got):\n%s", diff)
	}
	f.Advance(time.Minute)
	before, err := f.Store.Revisions(ctx, org)
	must(t, err)
	if got := assign(t, f, org, references(web.Name)...).SweepResult; got != (store.SweepResult{Continued: 1}) {
		t.Errorf("again: %+v, want it continued", got)
	}
	after, err := f.Store.Revisions(ctx, org)
	must(t, err)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("assigning again says that something changed:\n%s", diff)
	}

	row, err := f.Store.Environment(ctx, org, "production")
	must(t, err)
	wantRow := store.EnvironmentRow{Name: "production", Images: 1, Sources: []string{"assigned"}, Coverage: crowsnest.Coverage{Running: 1, Analysed: 1}, ProfileDays: store.DefaultProfileDays}
	if diff := cmp.Diff(wantRow, row); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	images, err := f.Store.RunningImages(ctx, org, store.ImageFilter{Environment: "production"}, store.Page{})
	must(t, err)
	workload := crowsnest.Workload{Integration: "assigned", Kind: "assigned", Name: web.Name}
	if len(images.Items) != 1 || !slices.Equal(images.Items[0].Workloads, []crowsnest.Workload{workload}) {
		t.Errorf("running %+v, want the image with one assigned workload", images.Items)
	}
	history, err := f.Store.Occurrences(ctx, org, running.Filter{Image: web.Digest}, store.Page{})
	must(t, err)
	if len(history.Items) != 1 || history.Items[0].Workload != workload || history.Items[0].ImageID != web.Digest || !history.Items[0].Closed.IsZero() {
		t.Errorf("history %+v, want one open occurrence", history.Items)
	}
	log, err := f.Store.AuditLog(ctx, org, store.AuditFilter{Action: "environment."}, store.Page{})
	must(t, err)
	var actions []string
	for _, e := range log.Items {
		actions = append(actions, e.Action+" "+e.Subject+" "+e.Detail["images"])
	}
	if diff := cmp.Diff([]string{"environment.assign production " + web.Name, "environment.create production "}, actions); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}

	_, err = f.Store.AssignImages(ctx, org, "nowhere", store.Assignment{Images: references(web.Name)})
	wantKind(t, err, crowsnest.NotFound)
}

func testReplace(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	for _, name := range []string{"r/a:1", "r/b:1", "r/c:1"} {
		f.Analysed(t, org, name)
	}
	in := f.Connect(t, org, "eu", "production")
	f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("a", storetest.Image("r/a:1").ImageID, "")}})
	for _, step := range []struct {
		set  []string
		want store.SweepResult
		runs []string
	}{
		{[]string{"r/b:1", "r/c:1"}, store.SweepResult{Opened: 2}, []string{"r/a:1", "r/b:1", "r/c:1"}},
		{[]string{"r/b:1"}, store.SweepResult{Continued: 1, Closed: 1}, []string{"r/a:1", "r/b:1"}},
		{[]string{"r/a:1"}, store.SweepResult{Opened: 1, Closed: 1}, []string{"r/a:1"}},
		{nil, store.SweepResult{Closed: 1}, []string{"r/a:1"}}, // the cluster still runs it
		{nil, store.SweepResult{}, []string{"r/a:1"}},
	} {
		f.Advance(time.Minute)
		got, err := f.Store.AssignImages(ctx, org, "production", store.Assignment{Images: references(step.set...), Replace: true})
		must(t, err)
		if got.SweepResult != step.want {
			t.Errorf("set to %v: %+v, want %+v", step.set, got.SweepResult, step.want)
		}
		if diff := cmp.Diff(step.runs, runs(t, f, org, "production")); diff != "" {
			t.Errorf("set to %v (-want +got):\n%s", step.set, diff)
		}
	}
	f.Sweep(t, in, store.Snapshot{})
	assign(t, f, org, references("r/c:1")...)
	f.Sweep(t, in, store.Snapshot{}) // closes nothing of what is assigned
	if diff := cmp.Diff([]string{"r/c:1"}, runs(t, f, org, "production")); diff != "" {
		t.Errorf("after a sweep (-want +got):\n%s", diff)
	}
}

func testReferences(t *testing.T, f storetest.Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	first := tagged(t, f, org, storetest.Image("first"), "r/web", "latest")
	f.Advance(time.Minute)
	second := tagged(t, f, org, storetest.Image("second"), "r/web", "latest")
	arm := storetest.Image("second for arm")
	arm.Index, arm.Platform = second.Index, crowsnest.Platform{OS: "linux", Architecture: "arm64"}
	arm = tagged(t, f, org, arm, "r/web", "latest")
	unfinished := storetest.Image("r/unfinished:1")
	_, err := f.Store.RecordImage(ctx, org, unfinished, nil, storetest.Analyser)
	must(t, err)

	for name, c := range map[string]struct {
		key  store.ImageKey
		want store.AssignedImage
	}{
		"tag that moved":            {store.ImageKey{Reference: "r/web:latest"}, store.AssignedImage{Reference: "r/web:latest", Digest: second.Digest, State: store.Analysed}},
		"tag for a platform":        {store.ImageKey{Reference: "r/web:latest", Platform: "linux/arm64"}, store.AssignedImage{Reference: "r/web:latest", Digest: arm.Digest, State: store.Analysed}},
		"tag and digest":            {store.ImageKey{Reference: "r/web:latest", Digest: first.ImageID}, store.AssignedImage{Reference: "r/web:latest", Digest: first.Digest, State: store.Analysed}},
		"manifest":                  {store.ImageKey{Digest: first.Digest}, store.AssignedImage{Reference: string(first.Digest), Digest: first.Digest, State: store.Analysed}},
		"index for a platform":      {store.ImageKey{Digest: second.Index, Platform: "linux/arm64"}, store.AssignedImage{Reference: string(second.Index), Digest: arm.Digest, State: store.Analysed}},
		"name without a tag's word": {store.ImageKey{Reference: unfinished.Name}, store.AssignedImage{Reference: unfinished.Name, Digest: unfinished.Digest, State: store.Found}},
	} {
		got, err := f.Store.AssignImages(ctx, org, name, store.Assignment{Images: []store.ImageKey{c.key}, Create: true})
		must(t, err)
		if diff := cmp.Diff([]store.AssignedImage{c.want}, got.Images); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for name, key := range map[string]store.ImageKey{
		"another platform":  {Reference: "r/web:latest", Platform: "linux/s390x"},
		"digest of another": {Digest: first.Digest, Platform: "linux/arm64"},
		"no tag":            {Reference: "r/web"},
		"nothing":           {},
	} {
		_, err := f.Store.AssignImages(ctx, org, "none", store.Assignment{Images: []store.ImageKey{key}, Create: true})
		if err == nil || crowsnest.KindOf(err) != crowsnest.NotFound {
			t.Errorf("%s: %v, want it not found", name, err)
		}
	}
	_, err = f.Store.AssignImages(ctx, other, "production", store.Assignment{Images: references("r/web:latest"), Create: true})
	wantKind(t, err, crowsnest.NotFound)
}

func testUnknown(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	web := f.Analysed(t, org, "r/web:1")
	assign(t, f, org, references(web.Name)...)
	for _, replace := range []bool{true, false} {
		_, err := f.Store.AssignImages(ctx, org, "production", store.Assignment{Images: append(references("r/gone:1", "r/gone:2"), store.ImageKey{Digest: storetest.Digest("new")}), Replace: replace, Create: true})
		wantKind(t, err, crowsnest.NotFound)
		if got := err.Error(); got != "find image r/gone:1 and 1 more: not found (give its digest as well, or have it analysed first with crowsnest cves IMAGE or POST /api/v1/analyses; nothing was changed)" {
			t.Errorf("it says %q", got)
		}
	}
	_, err := f.Store.AssignImages(ctx, org, "staging", store.Assignment{Images: references("r/gone:1"), Create: true})
	wantKind(t, err, crowsnest.NotFound)
	all, err := f.Store.Environments(ctx, org, true)
	must(t, err)
	if len(all) != 1 || all[0].Coverage != (crowsnest.Coverage{Running: 1, Analysed: 1}) {
		t.Errorf("environments %+v, want production as it was", all)
	}
}

func testUnresolved(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	img := storetest.Image("r/later:1")
	for _, digest := range []crowsnest.Digest{img.Digest, img.ImageID, img.Index} {
		got := assign(t, f, org, store.ImageKey{Reference: img.Name, Digest: digest})
		if diff := cmp.Diff([]store.AssignedImage{{Reference: img.Name, Digest: digest}}, got.Images); diff != "" {
			t.Errorf("assigned (-want +got):\n%s", diff)
		}
	}
	gaps, err := f.Store.Gaps(ctx, org, "production", store.Page{})
	must(t, err)
	if len(gaps.Items) != 3 || gaps.Items[0].State != "unresolved" || len(gaps.Items[0].Workloads) != 1 || gaps.Items[0].Workloads[0].Name != img.Name {
		t.Errorf("gaps %+v, want three unresolved under the reference", gaps.Items)
	}
	f.Analysed(t, org, img.Name)
	row, err := f.Store.Environment(ctx, org, "production")
	must(t, err)
	if diff := cmp.Diff(crowsnest.Coverage{Running: 1, Analysed: 1}, row.Coverage); diff != "" {
		t.Errorf("coverage once it is analysed (-want +got):\n%s", diff)
	}
	// Known or not, the same digest is the same assignment.
	if got := assign(t, f, org, store.ImageKey{Reference: img.Name, Digest: img.Index}).SweepResult; got != (store.SweepResult{Continued: 1}) {
		t.Errorf("assigned again: %+v", got)
	}
}

func testUnassign(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	a, b, c := f.Analysed(t, org, "r/a:1"), f.Analysed(t, org, "r/b:1"), tagged(t, f, org, storetest.Image("c"), "r/c", "1")
	_, err := f.Store.UnassignImages(ctx, org, "production", references(a.Name))
	wantKind(t, err, crowsnest.NotFound)
	f.Connect(t, org, "eu", "production")
	n, err := f.Store.UnassignImages(ctx, org, "production", references(a.Name))
	if err != nil || n != 0 {
		t.Errorf("nothing was ever assigned: %d, %v", n, err)
	}
	for name, key := range map[string]store.ImageKey{
		"reference": {Reference: a.Name}, "manifest": {Digest: a.Digest}, "configuration": {Digest: a.ImageID}, "index": {Digest: a.Index},
		"reference for its platform": {Reference: a.Name, Platform: "linux/amd64"}, "digest for its platform": {Digest: a.Index, Platform: "linux/amd64"},
	} {
		assign(t, f, org, append(references(a.Name, b.Name), store.ImageKey{Digest: a.Index})...)
		f.Advance(time.Minute)
		want := 2 // under the name and by the index
		if name == "reference" {
			want = 1
		}
		n, err := f.Store.UnassignImages(ctx, org, "production", []store.ImageKey{key})
		must(t, err)
		if n != want {
			t.Errorf("by %s: %d ended, want %d", name, n, want)
		}
		again, err := f.Store.UnassignImages(ctx, org, "production", []store.ImageKey{{Digest: a.Digest}})
		must(t, err)
		if again != 2-want || !slices.Equal(runs(t, f, org, "production"), []string{b.Name}) {
			t.Errorf("by %s: %d more ended, and %v runs", name, again, runs(t, f, org, "production"))
		}
	}
	// Under another name than it was assigned.
	assign(t, f, org, store.ImageKey{Digest: c.Digest}, store.ImageKey{Reference: "r/gone:1", Digest: storetest.Digest("gone")})
	for _, key := range []store.ImageKey{{Reference: c.Name}, {Reference: "r/gone:1"}} {
		if n, err := f.Store.UnassignImages(ctx, org, "production", []store.ImageKey{key}); err != nil || n != 1 {
			t.Errorf("%v: %d ended, %v", key, n, err)
		}
	}
	if n, err := f.Store.UnassignImages(ctx, org, "production", []store.ImageKey{{Reference: b.Name, Platform: "linux/arm64"}, {Reference: "r/none:1"}, {}}); err != nil || n != 0 {
		t.Errorf("what is not there: %d ended, %v", n, err)
	}
	history, err := f.Store.Occurrences(ctx, org, running.Filter{Image: c.Digest, Environment: "production"}, store.Page{})
	must(t, err)
	if len(history.Items) != 1 || history.Items[0].Closed.IsZero() {
		t.Errorf("history %+v, want one closed interval", history.Items)
	}
}

func testLimit(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	var keys []store.ImageKey
	for i := range store.MaxAssigned {
		keys = append(keys, store.ImageKey{Digest: storetest.Digest(fmt.Sprint(i))})
	}
	if got := assign(t, f, org, keys...); got.Opened != store.MaxAssigned {
		t.Fatalf("opened %d", got.Opened)
	}
	_, err := f.Store.AssignImages(ctx, org, "production", store.Assignment{Images: []store.ImageKey{{Digest: storetest.Digest("one more")}}})
	wantKind(t, err, crowsnest.TooLarge)
	keys[0].Digest = storetest.Digest("one other")
	got, err := f.Store.AssignImages(ctx, org, "production", store.Assignment{Images: keys, Replace: true})
	if err != nil || got.SweepResult != (store.SweepResult{Opened: 1, Continued: store.MaxAssigned - 1, Closed: 1}) {
		t.Errorf("as many others: %+v, %v", got.SweepResult, err)
	}
}

// What holds assignments is nowhere to be seen, and nothing that is done to integrations reaches it.
func testNoIntegration(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	web := f.Analysed(t, org, "r/web:1")
	in := f.Connect(t, org, "eu", "production")
	f.Advance(time.Minute)
	f.Sweep(t, in, store.Snapshot{})
	swept, err := f.Store.Integration(ctx, org, "eu")
	must(t, err)
	assign(t, f, org, references(web.Name)...)
	f.Advance(24 * time.Hour)
	f.Work()
	if n, err := f.Store.EnqueueDueSweeps(ctx); err != nil || n != 1 {
		t.Errorf("%d sweeps are due, want that of the cluster alone: %v", n, err)
	}
	list, err := f.Store.Integrations(ctx, org)
	must(t, err)
	if len(list) != 1 || list[0].Name != "eu" || list[0].Status.Occurrences != 0 {
		t.Errorf("integrations %+v, want the cluster alone", list)
	}
	_, err = f.Store.Integration(ctx, org, "assigned")
	wantKind(t, err, crowsnest.NotFound)
	wantKind(t, f.Store.DeleteIntegration(ctx, org, "assigned"), crowsnest.NotFound)
	wantKind(t, f.Store.RequestSweep(ctx, org, "assigned"), crowsnest.NotFound)
	wantKind(t, f.Store.UpdateIntegration(ctx, org, "assigned", store.IntegrationChange{}), crowsnest.NotFound)
	_, err = f.Store.IntegrationImpact(ctx, org, "assigned", "")
	wantKind(t, err, crowsnest.NotFound)
	row, err := f.Store.Environment(ctx, org, "production")
	must(t, err)
	want := store.EnvironmentRow{Name: "production", Images: 1, Clusters: []string{"eu"}, Sources: []string{"assigned", "sysdig"}, Coverage: crowsnest.Coverage{Running: 1, Analysed: 1}, AsOf: swept.Status.LastComplete, ProfileDays: store.DefaultProfileDays}
	if diff := cmp.Diff(want, row); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	overview, err := f.Store.Overview(ctx, org, "production", time.Unix(0, 0))
	must(t, err)
	if !overview.OldestSweep.Equal(swept.Status.LastComplete) {
		t.Errorf("the oldest sweep is %v, want that of the cluster", overview.OldestSweep)
	}
	secrets, err := f.Store.SealedSecrets(ctx)
	must(t, err)
	if len(secrets) != 1 {
		t.Errorf("%d secrets, want that of the cluster", len(secrets))
	}
	// The impact of the cluster's end counts what stays.
	f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", web.ImageID, "")}})
	impact, err := f.Store.IntegrationImpact(ctx, org, "eu", "")
	must(t, err)
	if impact.Leaves.Images != 0 || impact.Leaves.Remaining != 1 {
		t.Errorf("impact %+v, want nothing to leave", impact.Leaves)
	}
	// The name is free for people.
	f.Connect(t, org, "assigned", "production")
	must(t, f.Store.DeleteIntegration(ctx, org, "assigned"))
	if diff := cmp.Diff([]string{web.Name}, runs(t, f, org, "production")); diff != "" {
		t.Errorf("after the end of an integration of that name (-want +got):\n%s", diff)
	}
}

// Whatever comes first of being analysed, swept and assigned: in the end the same belongs to
// the environment.
func testAnyOrder(t *testing.T, f storetest.Fixture) {
	var images []crowsnest.Image
	for i := range 6 {
		images = append(images, storetest.Image(fmt.Sprintf("r/%d:1", i)))
	}
	for seed := range uint64(12) {
		rng := rand.New(rand.NewPCG(seed, 1))
		org := f.Organisation(t, fmt.Sprint("acme ", seed))
		in := f.Connect(t, org, fmt.Sprint("eu ", seed), "production")
		aliases := func(i int) crowsnest.Digest {
			return []crowsnest.Digest{images[i].Digest, images[i].ImageID, images[i].Index}[rng.IntN(3)]
		}
		sweep := func(of ...int) func() {
			var snap store.Snapshot
			for _, i := range of {
				snap.Runs = append(snap.Runs, storetest.Run(fmt.Sprint(i), aliases(i), ""))
			}
			return func() { f.Sweep(t, in, snap) }
		}
		give := func(replace bool, of ...int) func() {
			var keys []store.ImageKey
			for _, i := range of {
				keys = append(keys, store.ImageKey{Reference: images[i].Name, Digest: aliases(i)})
			}
			return func() {
				_, err := f.Store.AssignImages(ctx, org, "production", store.Assignment{Images: keys, Replace: replace})
				must(t, err)
			}
		}
		analyse := func(i int) func() {
			return func() { f.Analysed(t, org, images[i].Name) }
		}
		// Each line keeps its order; between the lines it is at random. Image 5 is never
		// analysed, 4 and 3 do not run in the end.
		lines := [][]func(){
			{sweep(3), sweep(0, 1, 3), sweep(0, 5)},
			{give(false, 4), give(true, 2, 4), give(true, 1, 2)},
			{analyse(0), analyse(3)}, {analyse(1), analyse(4)}, {analyse(2)},
		}
		for len(lines) > 0 {
			i := rng.IntN(len(lines))
			f.Advance(time.Second)
			lines[i][0]()
			if lines[i] = lines[i][1:]; len(lines[i]) == 0 {
				lines = slices.Delete(lines, i, i+1)
			}
		}
		row, err := f.Store.Environment(ctx, org, "production")
		must(t, err)
		if diff := cmp.Diff(crowsnest.Coverage{Running: 4, Analysed: 3, Unresolved: 1}, row.Coverage); diff != "" {
			t.Errorf("seed %d, coverage (-want +got):\n%s", seed, diff)
		}
		if diff := cmp.Diff([]string{"r/0:1", "r/1:1", "r/2:1"}, runs(t, f, org, "production")); diff != "" {
			t.Errorf("seed %d (-want +got):\n%s", seed, diff)
		}
	}
}

func testConcurrent(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			keys := []store.ImageKey{{Digest: storetest.Digest("shared")}, {Digest: storetest.Digest(fmt.Sprint(i))}}
			if _, err := f.Store.AssignImages(ctx, org, "production", store.Assignment{Images: keys, Create: true}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	row, err := f.Store.Environment(ctx, org, "production")
	must(t, err)
	history, err := f.Store.Occurrences(ctx, org, running.Filter{Environment: "production"}, store.Page{})
	must(t, err)
	if row.Coverage.Running != 9 || len(history.Items) != 9 {
		t.Errorf("%d run and %d ran, want 9 of each", row.Coverage.Running, len(history.Items))
	}
}
