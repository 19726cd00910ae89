package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/google/go-cmp/cmp"
)

// WantBases compares the list of base images with what each analysed image of the organisation, or of one environment of it,
// says of its own.
func (f Fixture) WantBases(t testing.TB, org store.OrgID, environment string) {
	t.Helper()
	ctx := context.Background()
	want, got := make(map[string]int), make(map[string]int)
	images, err := f.Store.Images(ctx, org, store.ImageFilter{Environment: environment}, store.Page{Limit: store.MaxLimit})
	must(t, err)
	for _, img := range images.Items {
		row, err := f.Store.Image(ctx, org, string(img.Digest))
		must(t, err)
		if row.State == store.Analysed && row.Detail != nil && row.Detail.Base != nil {
			want[row.Detail.Base.Name+" "+string(row.Detail.Base.Digest)]++
		}
	}
	for page := (store.Page{Limit: 1}); ; {
		part, err := f.Store.BaseImages(ctx, org, store.BaseImageFilter{Environment: environment}, page)
		must(t, err)
		for _, row := range part.Items {
			key := row.Name + " " + string(row.Digest)
			if got[key] != 0 {
				t.Errorf("%s comes twice", key)
			}
			if got[key] = row.Images; len(row.Built) != min(row.Images, store.MaxBuilt) {
				t.Errorf("%s: %d images, of which %d are named", key, row.Images, len(row.Built))
			}
		}
		if page.Cursor = part.Next; part.Next == "" {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("base images of %q (-by image +listed):\n%s", environment, diff)
	}
}

// testBaseImages lists what images are built on, within environments and by name.
func testBaseImages(t *testing.T, f Fixture) {
	ctx := context.Background()
	org, theirs := f.Organisation(t, "acme"), f.Organisation(t, "other")
	base := Image("registry.example.com/base:1")
	_, err := f.Store.RecordImage(ctx, org, base, nil, Analyser)
	must(t, err)
	must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: base, Distribution: crowsnest.Distribution{ID: "debian", Name: "Debian 12"}, Packages: []crowsnest.Package{Package("libc6", "2.36-9", "glibc")}}, Analyser))
	child := func(name, label string) store.Name {
		img := Image(name)
		img.Labels = map[string]string{"org.opencontainers.image.base.name": label, "org.opencontainers.image.base.digest": string(base.Digest)}
		if label != "base" {
			delete(img.Labels, "org.opencontainers.image.base.digest")
		}
		_, err := f.Store.RecordImage(ctx, org, img, nil, Analyser)
		must(t, err)
		must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: img}, Analyser))
		return store.Name{Name: img.Name, Digest: img.Digest}
	}
	web, api := child("web", "base"), child("api", "base")
	for i := range store.MaxBuilt + 5 {
		child(fmt.Sprintf("job-%02d", i), "Elsewhere")
	}
	f.Sweep(t, f.Connect(t, org, "prod", "production"), store.Snapshot{Runs: []store.ObservedRun{Run("api", api.Digest, "")}})
	f.WantBases(t, org, "")
	f.WantBases(t, org, "production")

	list, err := f.Store.BaseImages(ctx, org, store.BaseImageFilter{Query: "BASE"}, store.Page{})
	must(t, err)
	if len(list.Items) != 1 || list.Items[0].Images != 2 || list.Items[0].Known == nil || list.Items[0].Known.Digest != base.Digest || list.Items[0].Distribution != "Debian 12" {
		t.Fatalf("by part of a name: %+v", list.Items)
	}
	if diff := cmp.Diff([]store.Name{api, web}, list.Items[0].Built); diff != "" {
		t.Errorf("built on it (-want +got):\n%s", diff)
	}
	list, err = f.Store.BaseImages(ctx, org, store.BaseImageFilter{Environment: "production"}, store.Page{})
	must(t, err)
	if len(list.Items) != 1 || list.Items[0].Images != 1 || list.Items[0].Built[0] != api {
		t.Errorf("in production: %+v", list.Items)
	}
	if list, err = f.Store.BaseImages(ctx, theirs, store.BaseImageFilter{}, store.Page{}); err != nil || len(list.Items) != 0 {
		t.Errorf("of another organisation: %+v, %v", list.Items, err)
	}
	_, err = f.Store.BaseImages(ctx, org, store.BaseImageFilter{Environment: "nowhere"}, store.Page{})
	WantKind(t, err, crowsnest.NotFound)
}
