package insighttest

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest/lineagetest"
)

// testBaseByLayers has images that do not say what they are built on.
func testBaseByLayers(t *testing.T, f storetest.Fixture) {
	ours, theirs := f.Organisation(t, "ours"), f.Organisation(t, "theirs")
	layers := make([]crowsnest.Layer, 5)
	for i := range layers {
		layers[i] = crowsnest.Layer{DiffID: storetest.Digest(strconv.Itoa(i)), Size: 10}
	}
	record := func(org store.OrgID, name string, layers []crowsnest.Layer, tags ...string) crowsnest.Image {
		t.Helper()
		img := storetest.Image(name)
		img.Layers = layers
		if len(tags) == 0 {
			_, err := f.Store.RecordImage(ctx, org, img, nil, storetest.Analyser)
			must(t, err)
		}
		for _, tag := range tags {
			repository, word, _ := strings.Cut(tag, ":")
			_, err := f.Store.RecordImage(ctx, org, img, &store.Tag{Repository: repository, Name: word, Target: img.Index}, storetest.Analyser)
			must(t, err)
		}
		return img
	}
	analyse := func(org store.OrgID, img crowsnest.Image) {
		t.Helper()
		must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: img}, storetest.Analyser))
	}
	baseOf := func(org store.OrgID, img crowsnest.Image) *crowsnest.Base {
		t.Helper()
		row, err := f.Store.Image(ctx, org, string(img.Digest))
		must(t, err)
		return row.Detail.Base
	}
	check := func(what string, img crowsnest.Image, want *crowsnest.Base) {
		t.Helper()
		if diff := cmp.Diff(want, baseOf(ours, img)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
		lineagetest.WantBases(t, f, ours, "")
	}
	by := func(img crowsnest.Image, name string) *crowsnest.Base {
		return &crowsnest.Base{By: crowsnest.BaseByLayers, Name: name, Digest: img.Digest, Layers: len(img.Layers)}
	}

	child := record(ours, "child", layers, "r/child:1")
	analyse(ours, child)
	check("no other image", child, nil)
	analyse(theirs, record(theirs, "distro", layers[:2], "r/distro:1"))
	check("the base is another organisation's", child, nil)

	distro := record(ours, "distro", layers[:2], "r/distro:1")
	check("the base is ours as well", child, by(distro, "r/distro:1"))
	runtime := record(ours, "runtime", layers[:3], "r/runtime:1")
	check("a longer one that is not analysed", child, by(distro, "r/distro:1"))
	analyse(ours, runtime)
	check("a longer one, analysed after the child", child, by(runtime, "r/runtime:1"))
	check("the base's own", runtime, by(distro, "r/distro:1"))
	check("the first of all", distro, nil)

	analyse(ours, record(ours, "untagged", layers[:4]))
	check("a longer one without a tag", child, by(runtime, "r/runtime:1"))
	analyse(ours, record(ours, "same", layers, "r/same:1"))
	check("one of the same layers", child, by(runtime, "r/runtime:1"))
	analyse(ours, record(ours, "longer", append(slices.Clip(layers), crowsnest.Layer{DiffID: storetest.Digest("9")}), "r/longer:1"))
	check("one with more layers", child, by(runtime, "r/runtime:1"))
	other := slices.Clone(layers[:4])
	other[0].DiffID = storetest.Digest("8")
	analyse(ours, record(ours, "other", other, "r/other:1"))
	check("one with another layer below", child, by(runtime, "r/runtime:1"))
	empty := record(ours, "empty", nil, "r/empty:1")
	analyse(ours, empty)
	check("without layers", empty, nil)

	// A tag that moved on still names what it was, if nothing has a tag that stays.
	newer := record(ours, "newer", []crowsnest.Layer{{DiffID: storetest.Digest("7")}}, "r/runtime:1")
	analyse(ours, newer)
	check("the tag moved on", child, by(runtime, "r/runtime:1"))
	record(ours, "runtime", layers[:3], "r/stable:1")
	check("another tag stays", child, by(runtime, "r/stable:1"))

	labelled := storetest.Image("labelled")
	labelled.Layers, labelled.Labels = layers, map[string]string{crowsnest.LabelBaseName: "elsewhere/base:1"}
	_, err := f.Store.RecordImage(ctx, ours, labelled, nil, storetest.Analyser)
	must(t, err)
	check("a label says another", labelled, &crowsnest.Base{By: crowsnest.BaseByLabel, Name: "elsewhere/base:1"})
}
