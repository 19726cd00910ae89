package insighttest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/candidate"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// testBaseCandidates has a base whose tag moved on, other tags of it, and what else is known as a base.
func testBaseCandidates(t *testing.T, f storetest.Fixture) {
	org, theirs := f.Organisation(t, "acme"), f.Organisation(t, "other")
	layer := func(words ...string) (out []crowsnest.Layer) {
		for _, w := range words {
			out = append(out, crowsnest.Layer{DiffID: storetest.Digest(w), Size: 10})
		}
		return out
	}
	record := func(org store.OrgID, name string, layers []crowsnest.Layer, packages ...crowsnest.Package) crowsnest.Image {
		t.Helper()
		img := storetest.Image(name)
		img.Layers = layers
		repository, tag, _ := strings.Cut(name, ":")
		tag, _, _ = strings.Cut(tag, " ") // what comes after a space tells images of one tag apart
		_, err := f.Store.RecordImage(ctx, org, img, &store.Tag{Repository: repository, Name: tag, Target: img.Index}, storetest.Analyser)
		must(t, err)
		must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: img, Distribution: crowsnest.Distribution{ID: "debian", VersionID: "12"}, Packages: packages}, storetest.Analyser))
		f.Advance(time.Minute)
		return img
	}
	node := storetest.Package("node", "20.1.0", "")
	node.Type, node.PURL, node.Ecosystem = "generic", "pkg:generic/node@20.1.0", crowsnest.EcosystemGit
	ssl := storetest.Package("libssl3", "3.0.1", "openssl")
	const base = "r.example.com/base/node"
	old := record(org, base+":20 old", layer("a", "b"), ssl, node)
	web := record(org, "r.example.com/shop/web:1", layer("a", "b", "c"), ssl, node)
	newer := record(org, base+":20 new", layer("a", "d"), ssl)
	latest := record(org, base+":latest", layer("a", "e"))
	record(org, base+":latest-too", layer("a", "e2"))
	must(t, f.Store.KeepTags(ctx, org, []store.Tag{{Repository: base, Name: "slim", Target: latest.Index}, {Repository: base, Name: "unread", Target: storetest.Digest("unread")}}))
	debug := record(org, "r.example.com/shop/debug:1", layer("a", "b", "c", "f")) // built on web
	record(org, "r.example.com/shop/debug-too:1", layer("a", "b", "c", "f", "g")) // and on debug: so both are known as bases
	tools := record(org, "r.example.com/base/tools:1", layer("x"))
	record(org, "r.example.com/shop/job:1", layer("x", "y"))
	record(org, "r.example.com/shop/alone:1", layer("z"))
	record(theirs, base+":theirs", layer("a", "t"))
	arm := storetest.Image(base + ":arm")
	arm.Platform = crowsnest.Platform{OS: "linux", Architecture: "arm64"}
	_, err := f.Store.RecordImage(ctx, org, arm, &store.Tag{Repository: base, Name: "arm", Target: arm.Index}, storetest.Analyser)
	must(t, err)
	must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: arm}, storetest.Analyser))
	_, err = f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory("1", "openssl", "9", time.Unix(1, 0))})
	must(t, err)
	f.Match(t, storetest.AllAffected)

	query := candidate.Query{Image: web.Digest, Base: old.Digest, Repository: base, Tag: "20"}
	found, err := f.Store.BaseCandidates(ctx, org, query)
	must(t, err)
	names := func(list []candidate.Tag) (out []string) {
		for _, t := range list {
			out = append(out, t.Reference())
		}
		return out
	}
	var got [][]string
	for _, i := range found.Images {
		got = append(got, names(i.Tags))
	}
	// What the tag names comes first, then those with fewest findings, then the newest.
	want := [][]string{{base + ":20"}, {"r.example.com/base/tools:1"}, {base + ":latest-too"}, {base + ":slim", base + ":latest"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("images by their tags (-want +got):\n%s", diff)
	}
	if found.Images[0].Digest != newer.Digest || found.Images[0].Summary.Critical != 1 || found.Images[0].Packages != 1 || found.Images[0].Release.VersionID != "12" || found.Images[0].Size != 1000 || found.Images[1].Digest != tools.Digest {
		t.Errorf("what the tag names: %+v", found.Images[0])
	}
	if b := found.Base; b == nil || b.Digest != old.Digest || len(b.Tags) != 0 || !slices.Equal(b.Software, []candidate.Software{{Name: "node", Version: "20.1.0"}}) || b.Summary.Critical != 1 {
		t.Errorf("the base: %+v", b)
	}
	if diff := cmp.Diff([]string{base + ":arm", base + ":unread"}, slices.Sorted(slices.Values(names(found.Unread)))); diff != "" || found.Tags != 6 || found.Repository != base {
		t.Errorf("%d tags of %s, not analysed for the platform (-want +got):\n%s", found.Tags, found.Repository, diff)
	}

	// Of an image that nobody keeps it is the same, for its platform; only what is kept of these layers is another image then.
	sent, err := f.Store.BaseCandidates(ctx, org, candidate.Query{Platform: web.Platform.String(), Base: old.Digest, Repository: base, Tag: "20"})
	must(t, err)
	sent.Images = slices.DeleteFunc(sent.Images, func(i candidate.Image) bool {
		return !slices.ContainsFunc(found.Images, func(k candidate.Image) bool { return k.Digest == i.Digest })
	})
	if diff := cmp.Diff(found, sent); diff != "" {
		t.Errorf("of an image that is not kept it differs (-kept +sent):\n%s", diff)
	}
	if sent, err = f.Store.BaseCandidates(ctx, org, candidate.Query{Platform: "linux/s390x", Base: old.Digest, Repository: base}); err != nil || len(sent.Images) != 0 || sent.Base != nil {
		t.Errorf("of another platform: %+v, %v", sent, err)
	}
	kept, err := f.Store.Image(ctx, org, string(web.Digest))
	must(t, err)
	told, err := f.Store.BaseOf(ctx, org, web.Labels, web.Layers)
	must(t, err)
	if diff := cmp.Diff(kept.Detail.Base, told); diff != "" {
		t.Errorf("the base of the same layers (-kept +sent):\n%s", diff)
	}
	if elsewhere, err := f.Store.BaseOf(ctx, f.Organisation(t, "base of others"), nil, web.Layers); err != nil || elsewhere != nil {
		t.Errorf("to another organisation the base is %+v, %v", elsewhere, err)
	}

	// By its digest alone, of the manifest or of the index, the repository is that of a tag which names or named it.
	for _, digest := range []crowsnest.Digest{old.Digest, old.Index} {
		found, err = f.Store.BaseCandidates(ctx, org, candidate.Query{Image: web.Digest, Base: digest})
		must(t, err)
		if found.Repository != base || found.Base == nil || len(found.Images) != 4 {
			t.Errorf("by %s: %+v", digest, found)
		}
	}
	// Nothing is known of a base, and what is built on debug is still not what it could be built on.
	found, err = f.Store.BaseCandidates(ctx, org, candidate.Query{Image: debug.Digest, Base: storetest.Digest("nobody's"), Repository: "r.example.com/shop/debug"})
	must(t, err)
	if found.Base != nil || slices.ContainsFunc(found.Images, func(i candidate.Image) bool { return i.Digest == debug.Digest }) {
		t.Errorf("of a base that nobody has: %+v", found)
	}
	_, err = f.Store.BaseCandidates(ctx, theirs, query)
	wantKind(t, err, crowsnest.NotFound)
	found, err = f.Store.BaseCandidates(ctx, theirs, candidate.Query{Image: storetest.Digest("manifest " + base + ":theirs"), Base: old.Digest, Repository: base})
	must(t, err)
	if found.Base != nil || len(found.Images) != 0 {
		t.Errorf("another organisation sees %+v", found)
	}
}
