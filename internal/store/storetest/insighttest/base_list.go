package insighttest

import (
	"fmt"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest/lineagetest"
	"github.com/google/go-cmp/cmp"
)

// testBaseImages lists what images are built on, within environments and by name.
func testBaseImages(t *testing.T, f storetest.Fixture) {
	org, theirs := f.Organisation(t, "acme"), f.Organisation(t, "other")
	base := storetest.Image("registry.example.com/base:1")
	_, err := f.Store.RecordImage(ctx, org, base, nil, storetest.Analyser)
	must(t, err)
	must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: base, Distribution: crowsnest.Distribution{ID: "debian", Name: "Debian 12"}, Packages: []crowsnest.Package{storetest.Package("libc6", "2.36-9", "glibc"), storetest.Package("zlib1g", "1", "zlib")}}, storetest.Analyser))
	_, err = f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory("1", "glibc", "9", time.Unix(1, 0)), storetest.Advisory("2", "zlib", "9", time.Unix(1, 0))})
	must(t, err)
	f.Match(t, storetest.AllAffected)
	child := func(name, label string) crowsnest.ImageName {
		img := storetest.Image(name)
		img.Labels = map[string]string{"org.opencontainers.image.base.name": label, "org.opencontainers.image.base.digest": string(base.Digest)}
		if label != "base" {
			delete(img.Labels, "org.opencontainers.image.base.digest")
		}
		_, err := f.Store.RecordImage(ctx, org, img, nil, storetest.Analyser)
		must(t, err)
		must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: img, Packages: []crowsnest.Package{storetest.Package("libc6", "2.36-9", "glibc"), storetest.Package("zlib1g", "1", "zlib")}}, storetest.Analyser))
		return crowsnest.ImageName{Name: img.Name, Digest: img.Digest}
	}
	web, api := child("web", "base"), child("api", "base")
	for i := range store.MaxBuilt + 5 {
		child(fmt.Sprintf("job-%02d", i), "Elsewhere")
	}
	in := f.Connect(t, org, "prod", "production")
	running := store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("api", api.Digest, "")}}
	f.Sweep(t, in, running)
	// What nothing watches is not "none in use".
	used := func(environment string) *crowsnest.Summary {
		t.Helper()
		list, err := f.Store.BaseImages(ctx, org, store.BaseImageFilter{Environment: environment, Query: "base"}, store.Page{})
		must(t, err)
		if len(list.Items) != 1 || list.Items[0].Summary.Critical != 2 {
			t.Fatalf("base images of %q: %+v", environment, list.Items)
		}
		return list.Items[0].InUse
	}
	if all, there := used(""), used("production"); all != nil || there != nil {
		t.Errorf("in use before anything is watched: %v, there %v", all, there)
	}
	running.Runs[0] = storetest.Run("api", api.Digest, "p")
	running.Profiles = map[string][]crowsnest.LoadedPackage{"p": {{Type: "deb", Name: "libc6", Version: "2.36-9"}}}
	f.Sweep(t, in, running)
	for _, environment := range []string{"", "production"} {
		if diff := cmp.Diff(&crowsnest.Summary{Critical: 1}, used(environment)); diff != "" {
			t.Errorf("in use in %q (-want +got):\n%s", environment, diff)
		}
	}
	lineagetest.WantBases(t, f, org, "")
	lineagetest.WantBases(t, f, org, "production")

	list, err := f.Store.BaseImages(ctx, org, store.BaseImageFilter{Query: "BASE"}, store.Page{})
	must(t, err)
	if len(list.Items) != 1 || list.Items[0].Images != 2 || list.Items[0].Known == nil || list.Items[0].Known.Digest != base.Digest || list.Items[0].Distribution != "Debian 12" {
		t.Fatalf("by part of a name: %+v", list.Items)
	}
	if diff := cmp.Diff([]crowsnest.ImageName{api, web}, list.Items[0].Built); diff != "" {
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
	storetest.WantKind(t, err, crowsnest.NotFound)
}
