package retentiontest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/environment/exposure"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// testPast lives through histories made up at random, and compares every answer about the past before
// and after what is old was removed, and once more after it was brought back.
func testPast(t *testing.T, f storetest.Fixture) {
	removed, exposures := int64(0), 0
	for seed := range uint64(12) {
		h := &life{Fixture: f, t: t, rng: rand.New(rand.NewPCG(seed, 9)), org: f.Organisation(t, fmt.Sprintf("organisation %d", seed)), prefix: fmt.Sprintf("s%d-", seed)}
		h.begin()
		for range 60 {
			h.pass(time.Duration(1+h.rng.IntN(20)) * time.Hour)
			h.step()
		}
		h.pass(30 * day)
		f.Match(t, storetest.AllAffected)
		h.sweep()
		before := h.past()
		for _, list := range before.Exposures {
			exposures += len(list)
		}
		must(t, f.Store.SetRetention(ctx, h.org, store.Retention{Images: 1 + h.rng.IntN(40)}))
		removed += Run(t, f.Store, h.org).Removed.Images
		if diff := cmp.Diff(before, h.past()); diff != "" {
			t.Fatalf("seed %d: the past (-before +after retention):\n%s", seed, diff)
		}
		for i := range h.images {
			h.analyse(i)
		}
		f.Match(t, storetest.AllAffected)
		if diff := cmp.Diff(before, h.past()); diff != "" {
			t.Fatalf("seed %d: the past (-before +after all was analysed again):\n%s", seed, diff)
		}
	}
	if removed < 12 || exposures < 12 {
		t.Errorf("compared %d exposures after %d images were removed, want more", exposures, removed)
	}
}

// life does at random what happens to an organisation.
type life struct {
	storetest.Fixture
	t        *testing.T
	rng      *rand.Rand
	org      store.OrgID
	prefix   string
	start    time.Time
	images   [][]crowsnest.Package
	clusters []store.Integration
	now      time.Time // about: every call moves the clock a little
	made     int
}

func (h *life) pass(d time.Duration) {
	h.Advance(d)
	h.now = h.now.Add(d)
}

func (h *life) image(i int) crowsnest.Image {
	return storetest.Image(fmt.Sprintf("%simage:%d", h.prefix, i))
}

func (h *life) begin() {
	for i := range 2 {
		h.clusters = append(h.clusters, h.Connect(h.t, h.org, fmt.Sprintf("cluster %d", i), fmt.Sprintf("environment %d", i)))
	}
	h.start, h.now = h.clusters[0].Created, h.clusters[1].Created
	for range 6 {
		h.bring()
	}
}

// bring brings an image whose packages come from up to three layers, shared with others or not.
func (h *life) bring() {
	var packages []crowsnest.Package
	for l := range 1 + h.rng.IntN(3) {
		layer := fmt.Sprintf("%slayer %d %d", h.prefix, l, h.rng.IntN(2))
		for n := range 3 {
			p := storetest.Package(fmt.Sprintf("%slib%d", h.prefix, 3*l+n), "1", "")
			p.Locations[0].Layer = storetest.Digest(layer)
			packages = append(packages, p)
		}
	}
	h.images = append(h.images, packages)
	h.analyse(len(h.images) - 1)
}

func (h *life) analyse(i int) { h.Analysed(h.t, h.org, h.image(i).Name, h.images[i]...) }

func (h *life) step() {
	switch h.rng.IntN(6) {
	case 0:
		h.bring()
	case 1:
		h.made++
		a := storetest.Advisory(fmt.Sprintf("%s%d", h.prefix, h.made), fmt.Sprintf("%slib%d", h.prefix, h.rng.IntN(9)), "9", time.Unix(int64(h.made), 0))
		if h.rng.IntN(4) == 0 && h.made > 1 { // an earlier one is withdrawn
			a.ID = fmt.Sprintf("%s%d", h.prefix, 1+h.rng.IntN(h.made-1))
			a.Upstream[0], a.Withdrawn = "CVE-2099-"+a.ID, time.Unix(int64(h.made), 0)
		}
		_, err := h.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{a})
		must(h.t, err)
	case 2:
		h.Match(h.t, storetest.AllAffected)
	default:
		h.sweep()
	}
}

// sweep sees other images run than before, mostly the newer ones.
func (h *life) sweep() {
	for _, in := range h.clusters {
		var snap store.Snapshot
		for i := range 1 + h.rng.IntN(3) {
			n := len(h.images) - 1 - min(h.rng.IntN(4), len(h.images)-1)
			img := h.image(n)
			snap.Runs = append(snap.Runs, storetest.Run(fmt.Sprint(i), []crowsnest.Digest{img.ImageID, img.Digest, img.Index}[h.rng.IntN(3)], ""))
		}
		h.Sweep(h.t, in, snap)
	}
}

// answers are all answers about the past of an organisation.
type answers struct {
	Exposures map[string][]exposure.Exposure
	Coverage  map[string][]string
	Images    map[string][]string
}

func (h *life) past() answers {
	h.t.Helper()
	out := answers{map[string][]exposure.Exposure{}, map[string][]string{}, map[string][]string{}}
	names, err := h.Store.EnvironmentNames(ctx, h.org)
	must(h.t, err)
	for _, name := range names {
		book := exposure.NewBook(h.Store, func() time.Time { return h.now })
		out.Exposures[name], err = book.Exposures(ctx, h.org, name)
		must(h.t, err)
		for at := h.start; at.Before(h.now); at = at.Add(3 * day) {
			row, err := h.Store.EnvironmentAt(ctx, h.org, name, at)
			must(h.t, err)
			out.Coverage[name] = append(out.Coverage[name], fmt.Sprint(row.Coverage, row.Summary, row.Clusters))
			list, err := h.Store.RunningImages(ctx, h.org, store.ImageFilter{Environment: name, At: at}, store.Page{Limit: 1000})
			must(h.t, err)
			for _, img := range list.Items {
				out.Images[name] = append(out.Images[name], fmt.Sprint(at.Unix(), img.Name, img.Digest, img.Packages, img.Summary, len(img.Workloads)))
			}
		}
	}
	h.everywhere(out.Exposures)
	return out
}

// together compares the exposure of all environments together with the union of that of each.
func (h *life) together(book *exposure.Book, each map[string]map[string]exposure.Exposure) {
	h.t.Helper()
	list, err := book.Exposures(ctx, h.org, "")
	must(h.t, err)
	got, want := make(map[string][]store.Span), make(map[string][]store.Span)
	for _, x := range list {
		for _, e := range x.Episodes {
			got[x.Vulnerability] = append(got[x.Vulnerability], e.Span)
		}
	}
	for id, environments := range each {
		var spans []store.Span
		for _, x := range environments {
			for _, e := range x.Episodes {
				spans = append(spans, e.Span)
			}
		}
		slices.SortFunc(spans, func(a, b store.Span) int { return int(a.From - b.From) })
		for _, s := range spans {
			if union := want[id]; len(union) > 0 && s.From <= union[len(union)-1].To {
				union[len(union)-1].To = max(union[len(union)-1].To, s.To)
				continue
			}
			want[id] = append(want[id], s)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		h.t.Fatalf("%sall environments together (-union of each +derived):\n%s", h.prefix, diff)
	}
}

// everywhere compares what one vulnerability did in all environments with what all did in each.
func (h *life) everywhere(byEnvironment map[string][]exposure.Exposure) {
	h.t.Helper()
	want := map[string]map[string]exposure.Exposure{"CVE-2099-none": {}}
	for name, list := range byEnvironment {
		for _, x := range list {
			if want[x.Vulnerability] == nil {
				want[x.Vulnerability] = make(map[string]exposure.Exposure)
			}
			want[x.Vulnerability][name] = x
		}
	}
	book := exposure.NewBook(h.Store, func() time.Time { return h.now })
	got := make(map[string]map[string]exposure.Exposure)
	var err error
	for id := range want {
		got[id], err = book.Everywhere(ctx, h.org, id)
		must(h.t, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		h.t.Fatalf("%severywhere (-each environment +one pass):\n%s", h.prefix, diff)
	}
	h.together(book, want)
	for id := range want {
		if theirs, err := book.Everywhere(ctx, "nobody", id); err != nil || len(theirs) != 0 {
			h.t.Fatalf("another organisation reads of %s: %v, %v", id, theirs, err)
		}
	}
}
