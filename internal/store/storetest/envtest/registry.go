package envtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// strange lists what of an environment is said to come from no known registry: its images, its gaps, and the count.
func strange(t *testing.T, f storetest.Fixture, org store.OrgID, environment string) []string {
	t.Helper()
	var out []string
	add := func(of crowsnest.Digest, list []store.Warning) {
		for _, w := range list {
			if w.Kind != store.UnknownRegistry {
				continue
			}
			if w.Running != of || w.Digest != "" || !w.Since.IsZero() {
				t.Errorf("of %s: %+v", of, w)
			}
			out = append(out, w.Reference)
		}
	}
	images, err := f.Store.RunningImages(ctx, org, store.ImageFilter{Environment: environment}, store.Page{})
	must(t, err)
	for _, i := range images.Items {
		add(i.Digest, i.Warnings)
	}
	gaps, err := f.Store.Gaps(ctx, org, environment, store.Page{})
	must(t, err)
	for _, g := range gaps.Items {
		add(g.ImageID, g.Warnings)
	}
	slices.Sort(out)
	check, err := f.Store.CheckRegistries(ctx, org, environment)
	must(t, err)
	return append(out, fmt.Sprintf("%d of %d, %d unnamed", check.Unknown, check.Running, check.Unnamed))
}

func testKnownRegistries(t *testing.T, f storetest.Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	if known, err := f.Store.KnownRegistries(ctx, org); err != nil || len(known) != 0 {
		t.Errorf("at first: %v, %v", known, err)
	}
	before, err := f.Store.Revisions(ctx, org)
	must(t, err)
	set := func(list ...string) crowsnest.KnownRegistries {
		t.Helper()
		known, err := f.Store.SetKnownRegistries(ctx, org, list)
		must(t, err)
		return known
	}
	want := crowsnest.KnownRegistries{"docker.io/library/nginx", "registry.example.com"}
	if diff := cmp.Diff(want, set("Registry.example.com", "nginx", "docker.io/nginx")); diff != "" {
		t.Errorf("set (-want +got):\n%s", diff)
	}
	set("nginx", "registry.example.com") // no change
	_, err = f.Store.SetKnownRegistries(ctx, org, []string{"registry.example.com", "https://ghcr.io"})
	wantKind(t, err, crowsnest.Invalid)
	got, err := f.Store.KnownRegistries(ctx, org)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	after, err := f.Store.Revisions(ctx, org)
	must(t, err)
	if after[store.EnvironmentsResource] != before[store.EnvironmentsResource]+1 {
		t.Errorf("revisions: %v, and before %v", after, before)
	}
	if known, err := f.Store.KnownRegistries(ctx, other); err != nil || len(known) != 0 {
		t.Errorf("of another organisation: %v, %v", known, err)
	}
	set("ghcr.io", "registry.example.com")
	log, err := f.Store.AuditLog(ctx, org, store.AuditFilter{Action: "organisation.registries"}, store.Page{})
	must(t, err)
	var told []map[string]string
	for _, e := range log.Items {
		told = append(told, e.Detail)
	}
	if diff := cmp.Diff([]map[string]string{{"added": "ghcr.io", "removed": "docker.io/library/nginx"}, {"added": strings.Join(want, ", ")}}, told); diff != "" {
		t.Errorf("audited (-want +got):\n%s", diff)
	}
	_, err = f.Store.SetKnownRegistries(ctx, "nobody", want)
	wantKind(t, err, crowsnest.NotFound)
}

func testUnknownRegistry(t *testing.T, f storetest.Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	in, theirs := f.Connect(t, org, "eu", "production"), f.Connect(t, other, "eu", "production")
	good := tagged(t, f, org, storetest.Image("good"), "registry.example.com/shop/web", "1")
	bad := tagged(t, f, org, storetest.Image("bad"), "docker.io/someone/web", "1")
	mirrored := tagged(t, f, org, storetest.Image("mirrored"), "docker.io/library/nginx", "1") // and runs from our mirror
	swapped := tagged(t, f, org, storetest.Image("swapped"), "registry.example.com/shop/db", "1")
	plain := f.Analysed(t, org, "image.tar")
	recorded := storetest.Image("recorded")
	recorded.Name = "quay.io/they/api:1"
	_, err := f.Store.RecordImage(ctx, org, recorded, &store.Tag{Repository: "quay.io/they/api", Name: "1", Target: recorded.Index}, storetest.Analyser)
	must(t, err)
	lost, nameless, fine := storetest.Digest("lost"), storetest.Digest("nameless"), storetest.Digest("fine")
	var snap store.Snapshot
	for i, id := range []crowsnest.Digest{good.ImageID, bad.ImageID, mirrored.ImageID, swapped.ImageID, plain.ImageID, recorded.ImageID, lost, nameless, fine} {
		snap.Runs = append(snap.Runs, storetest.Run(fmt.Sprintf("w%d", i), id, ""))
	}
	f.Sweep(t, in, snap)
	f.Sweep(t, theirs, snap)
	names := map[crowsnest.Digest]string{
		mirrored.ImageID: "registry.example.com/mirror/nginx:1", swapped.ImageID: "evil.example/shop/db:1", lost: "evil.example/lost:1", fine: "registry.example.com/fine:1", nameless: string(nameless),
	}
	must(t, f.Store.SaveReportedNames(ctx, in.ID, names, 0, ""))
	must(t, f.Store.SaveReportedNames(ctx, theirs.ID, map[crowsnest.Digest]string{good.ImageID: "evil.example/theirs:1"}, 0, ""))
	compare := func(when string, org store.OrgID, environment string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, strange(t, f, org, environment)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	compare("without a list", org, "production", "0 of 0, 0 unnamed")
	_, err = f.Store.SetKnownRegistries(ctx, org, []string{"registry.example.com"})
	must(t, err)
	seen := []string{"docker.io/someone/web:1", "evil.example/lost:1", "evil.example/shop/db:1", "quay.io/they/api:1", "4 of 9, 2 unnamed"}
	compare("with a list", org, "production", seen...)
	compare("of another organisation", other, "production", "0 of 0, 0 unnamed")

	// What a pipeline says runs elsewhere is called by what it says, whatever a cluster calls it here.
	_, err = f.Store.AssignImages(ctx, org, "staging", store.Assignment{Create: true, Images: []store.ImageKey{
		{Reference: "registry.example.com/shop/db:1"}, {Reference: "ghcr.io/shop/web:1", Digest: good.Digest}, {Digest: storetest.Digest("assigned")}, {Digest: bad.Digest},
	}})
	must(t, err)
	compare("assigned", org, "staging", "docker.io/someone/web:1", "ghcr.io/shop/web:1", "2 of 4, 1 unnamed")
	compare("after that", org, "production", seen...)

	for digest, want := range map[crowsnest.Digest][]string{good.Digest: {"ghcr.io/shop/web:1"}, swapped.Digest: {"evil.example/shop/db:1"}, mirrored.Digest: nil, plain.Digest: nil} {
		list, err := f.Store.ImageWarnings(ctx, org, digest)
		must(t, err)
		var got []string
		for _, w := range list {
			if w.Kind == store.UnknownRegistry {
				got = append(got, w.Reference)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("of image %s (-want +got):\n%s", digest, diff)
		}
	}
	if list, err := f.Store.ImageWarnings(ctx, other, swapped.Digest); err != nil || len(list) != 0 {
		t.Errorf("another organisation is told %v, %v", list, err)
	}
	if check, err := f.Store.CheckRegistries(ctx, org, store.LatestIndexed); err != nil || check != (store.RegistryCheck{Known: 1}) {
		t.Errorf("where nothing runs: %+v, %v", check, err)
	}
	_, err = f.Store.CheckRegistries(ctx, org, "nowhere")
	wantKind(t, err, crowsnest.NotFound)
	f.Sweep(t, in, store.Snapshot{})
	if list, err := f.Store.ImageWarnings(ctx, org, swapped.Digest); err != nil || len(slices.DeleteFunc(list, func(w store.Warning) bool { return w.Reference != "evil.example/shop/db:1" })) != 0 {
		t.Errorf("it runs no more: %v, %v", list, err)
	}
	_, err = f.Store.SetKnownRegistries(ctx, org, nil)
	must(t, err)
	compare("the list is gone", org, "staging", "0 of 0, 0 unnamed")
}
