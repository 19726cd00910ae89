package insighttest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

func testOmissions(t *testing.T, f storetest.Fixture) {
	ours, theirs := f.Organisation(t, "ours"), f.Organisation(t, "theirs")
	whole, damaged := f.Analysed(t, ours, "whole", storetest.Package("libc6", "2.36-9", "glibc")), storetest.Image("damaged")
	problems := []crowsnest.Problem{
		{Layer: storetest.Digest("layer"), Path: "var/lib/dpkg/status", Reason: "it is damaged"}, {Reason: "[2 more files\" could not be read"},
	}
	_, err := f.Store.RecordImage(ctx, ours, damaged, nil, storetest.Analyser)
	must(t, err)
	_, err = f.Store.ImageOmissions(ctx, ours, damaged.Digest)
	wantKind(t, err, crowsnest.NotFound) // not analysed is not "none"
	must(t, f.Store.SaveAnalysis(ctx, ours, crowsnest.Analysis{Image: damaged, Problems: problems}, storetest.Analyser))
	f.Sweep(t, f.Connect(t, ours, "prod", "production"), store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("a", whole.ImageID, ""), storetest.Run("b", damaged.ImageID, "")}})

	got, err := f.Store.ImageOmissions(ctx, ours, damaged.Digest)
	must(t, err)
	if diff := cmp.Diff(store.Omissions{Problems: problems}, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	got, err = f.Store.ImageOmissions(ctx, ours, whole.Digest)
	must(t, err)
	if diff := cmp.Diff(store.Omissions{MissingAdvisories: []store.MissingAdvisories{{Ecosystem: "Debian", Type: "deb", Packages: 1}}}, got); diff != "" {
		t.Errorf("omissions of a whole image (-want +got):\n%s", diff)
	}
	must(t, f.Store.PutAdvisoryStatus(ctx, store.AdvisoryStatus{Ecosystem: "Debian", Imported: time.Now()}))
	if got, err = f.Store.ImageOmissions(ctx, ours, whole.Digest); err != nil || len(got.MissingAdvisories) > 0 {
		t.Errorf("omissions with its advisories held: %+v, %v", got, err)
	}
	statuses, err := f.Store.AdvisoryStatuses(ctx)
	must(t, err)
	if diff := cmp.Diff([]store.AdvisoryAge{{Ecosystem: "Debian", Checked: statuses[0].Checked}}, got.Advisories); diff != "" || got.ThreatData != (store.ThreatData{}) {
		t.Errorf("ages of what is held of its ecosystems, and of threats %+v (-want +got):\n%s", got.ThreatData, diff)
	}
	for _, feed := range []string{store.KEVFeed, store.EPSSFeed} {
		_, err := f.Store.StartFeed(ctx, feed)
		must(t, err)
		must(t, f.Store.FinishFeed(ctx, feed, store.FeedOutcome{Changed: true, AsOf: time.Unix(5, 0)}))
	}
	got, err = f.Store.ImageOmissions(ctx, ours, whole.Digest)
	must(t, err)
	if diff := cmp.Diff(store.ThreatData{KEV: time.Unix(5, 0).UTC(), EPSS: time.Unix(5, 0).UTC()}, got.ThreatData); diff != "" {
		t.Errorf("of when threats are (-want +got):\n%s", diff)
	}
	_, err = f.Store.ImageOmissions(ctx, theirs, damaged.Digest)
	wantKind(t, err, crowsnest.NotFound)

	want := map[string]int{"whole": 0, "damaged": 2}
	list, err := f.Store.Images(ctx, ours, store.ImageFilter{}, store.Page{})
	must(t, err)
	running, err := f.Store.RunningImages(ctx, ours, store.ImageFilter{Environment: "production"}, store.Page{})
	must(t, err)
	counts, counted := map[string]int{}, map[string]int{}
	for _, row := range list.Items {
		counts[row.Name] = row.Problems
	}
	for _, row := range running.Items {
		counted[row.Name] = row.Problems
	}
	if diff := cmp.Diff([]map[string]int{want, want}, []map[string]int{counts, counted}); diff != "" {
		t.Errorf("counts in lists (-want +got):\n%s", diff)
	}
}
