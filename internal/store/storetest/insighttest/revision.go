package insighttest

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// Whoever shows something learns when it changes, and is left alone otherwise.
func testRevisions(t *testing.T, f storetest.Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	in := f.Connect(t, org, "eu", "production")
	var req store.AnalysisRequest
	img := storetest.Image("web")
	snap := store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", img.ImageID, "")}}
	last, lastOther := map[store.Resource]int64{}, map[store.Resource]int64{}
	changed := func(org store.OrgID, last map[store.Resource]int64) []store.Resource {
		now, err := f.Store.Revisions(ctx, org)
		must(t, err)
		var out []store.Resource
		for r, n := range now {
			if n != last[r] {
				out = append(out, r)
			}
			if n < last[r] {
				t.Errorf("%s went from %d back to %d", r, last[r], n)
			}
		}
		clear(last)
		maps.Copy(last, now)
		slices.Sort(out)
		return out
	}
	changed(org, last)
	advise := func() {
		_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory("1", "openssl", "3", time.Unix(1, 0))})
		must(t, err)
		must(t, f.Store.PutAdvisoryStatus(ctx, store.AdvisoryStatus{Ecosystem: "Debian", Imported: time.Unix(1, 0)}))
	}
	const environments, findings, images, integrations, analyses, advisories = store.EnvironmentsResource, store.FindingsResource, store.ImagesResource, store.IntegrationsResource, store.AnalysesResource, store.AdvisoriesResource
	for _, step := range []struct {
		name   string
		do     func()
		want   []store.Resource
		shared bool
	}{
		{"request", func() { var err error; req, err = f.Store.RequestAnalysis(ctx, org, "web", ""); must(t, err) }, []store.Resource{analyses}, false},
		{"start", func() { _, err := f.Store.StartRequest(ctx, req.ID); must(t, err) }, []store.Resource{analyses}, false},
		{"record", func() { _, err := f.Store.RecordImage(ctx, org, img, nil, storetest.Analyser); must(t, err) }, []store.Resource{environments, images}, false},
		{"fail", func() { must(t, f.Store.FailImage(ctx, org, img.Digest, crowsnest.Corrupt, "broken")) }, []store.Resource{environments, images}, false},
		{"save", func() {
			must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: img, Packages: []crowsnest.Package{storetest.Package("libssl3", "1", "openssl")}}, storetest.Analyser))
		}, []store.Resource{environments, images}, false},
		{"finish", func() { must(t, f.Store.FinishRequest(ctx, req.ID, img.Digest, "")) }, []store.Resource{analyses}, false},
		{"retry", func() { _, err := f.Store.RetryAnalysis(ctx, org, req.ID); must(t, err) }, []store.Resource{analyses}, false},
		{"start of a sweep", func() { must(t, f.Store.StartSweep(ctx, in.ID)) }, []store.Resource{integrations}, false},
		{"first sweep", func() { f.Sweep(t, in, snap) }, []store.Resource{environments, images, integrations}, false},
		{"unchanged sweep", func() { f.Sweep(t, in, snap) }, []store.Resource{integrations}, false},
		{"failed sweep", func() { must(t, f.Store.FailSweep(ctx, in.ID, "refused", 1)) }, []store.Resource{integrations}, false},
		{"nothing", func() {}, nil, false},
		{"match of nothing", func() { f.Match(t, storetest.AllAffected) }, nil, true},
		{"advisories", advise, []store.Resource{advisories}, true},
		{"match", func() { f.Match(t, storetest.AllAffected) }, []store.Resource{environments, findings, images}, true},
		{"deletion", func() { must(t, f.Store.DeleteIntegration(ctx, org, "eu")) }, []store.Resource{environments, integrations}, false},
	} {
		step.do()
		if diff := cmp.Diff(step.want, changed(org, last)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
		want := step.want
		if !step.shared {
			want = nil
		}
		if diff := cmp.Diff(want, changed(other, lastOther)); diff != "" {
			t.Errorf("%s, seen by another organisation (-want +got):\n%s", step.name, diff)
		}
	}
}
