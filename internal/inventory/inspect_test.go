package inventory

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/litekit"
)

func layerCache(t *testing.T) store.Layers {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), litekit.Database(t), sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// shelfOrg is the organisation that brings the images of shelves.
func shelfOrg(t *testing.T, in Inspector) store.OrgID {
	t.Helper()
	org, err := in.Layers.(store.Organisations).EnsureOrganisation(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	return org.ID
}

// An image may claim any layer. What it claims is believed only of the very blob that was
// read before for the same organisation.
func TestClaimedLayersAreRead(t *testing.T) {
	in := Inspector{Analyser: newAnalyser(t, nil), Layers: layerCache(t)}
	good := newShelf(t, base)
	if _, err := good.inspect(t, in); err != nil {
		t.Fatal(err)
	}
	evil := newShelf(t, top)
	evil.img.Layers[0].DiffID = good.img.Layers[0].DiffID
	if got, err := evil.inspect(t, in); crowsnest.KindOf(err) != crowsnest.Corrupt || err == nil {
		t.Errorf("a blob with something else in it: %v, %v", got.Packages, err)
	}
	if evil.opened[0] != 1 {
		t.Errorf("the blob was opened %d times", evil.opened[0])
	}
	if _, err := good.inspect(t, in); err != nil || good.opened[0] != 1 {
		t.Errorf("the known blob was opened %d times: %v", good.opened[0], err)
	}
	other, err := in.Layers.(store.Organisations).EnsureOrganisation(t.Context(), "other")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Inspect(t.Context(), other.ID, good.img, good.open, nil); err != nil || good.opened[0] != 2 {
		t.Errorf("for another organisation the blob was opened %d times, want once more: %v", good.opened[0], err)
	}
}

// shelf holds the stored blobs of an image's layers and counts how often each is opened.
type shelf struct {
	img    crowsnest.Image
	blobs  [][]byte
	mu     sync.Mutex
	opened []int
	reader func(i int, r io.Reader) io.Reader // nil leaves it as it is
}

func newShelf(t *testing.T, layers ...[]item) *shelf {
	t.Helper()
	s := &shelf{img: crowsnest.Image{Name: "test", Digest: crowsnest.DigestOf([]byte("test"))}, opened: make([]int, len(layers))}
	for _, items := range layers {
		plain := tarOf(t, items...)
		blob := gzipOf(t, plain)
		s.img.Layers = append(s.img.Layers, crowsnest.Layer{DiffID: crowsnest.DigestOf(plain), Digest: crowsnest.DigestOf(blob)})
		s.blobs = append(s.blobs, blob)
	}
	return s
}

func (s *shelf) open(_ context.Context, i int) (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened[i]++
	var r io.Reader = bytes.NewReader(s.blobs[i])
	if s.reader != nil {
		r = s.reader(i, r)
	}
	return io.NopCloser(r), nil
}

func (s *shelf) inspect(t *testing.T, in Inspector) (crowsnest.Analysis, error) {
	t.Helper()
	return in.Inspect(t.Context(), shelfOrg(t, in), s.img, s.open, nil)
}

var (
	base = []item{npm("a/package.json", "a", "1.0.0"), npm("b/package.json", "b", "1.0.0")}
	top  = []item{npm("c/package.json", "c", "1.0.0"), file("a/.wh.package.json", "")}
)

func wantNames(t *testing.T, a crowsnest.Analysis, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, names(a)); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
}

func TestLayersAreReadOnce(t *testing.T) {
	in := Inspector{Analyser: newAnalyser(t, nil), Layers: layerCache(t), Parallel: 2}
	first := newShelf(t, base, top)
	got, err := first.inspect(t, in)
	if err != nil {
		t.Fatal(err)
	}
	wantNames(t, got, "npm b 1.0.0", "npm c 1.0.0")

	again, err := first.inspect(t, in)
	if diff := cmp.Diff(got, again); diff != "" || err != nil {
		t.Errorf("from the cache: %v (-read +cached):\n%s", err, diff)
	}
	if !slices.Equal(first.opened, []int{1, 1}) {
		t.Errorf("layers were opened %v times, want once each", first.opened)
	}

	// Another image on the same base reads only what is its own.
	second := newShelf(t, base, []item{npm("d/package.json", "d", "1.0.0")})
	got, err = second.inspect(t, in)
	if err != nil {
		t.Fatal(err)
	}
	wantNames(t, got, "npm a 1.0.0", "npm b 1.0.0", "npm d 1.0.0")
	if !slices.Equal(second.opened, []int{0, 1}) {
		t.Errorf("layers were opened %v times", second.opened)
	}
}

// What one layer deletes, a later copy of an earlier one brings back.
func TestLayerThatComesTwiceIsReadOnceAndCountsTwice(t *testing.T) {
	in := Inspector{Analyser: newAnalyser(t, nil), Layers: layerCache(t)}
	s := newShelf(t, base, top, base)
	for range 2 { // read, then from the cache
		got, err := s.inspect(t, in)
		if err != nil {
			t.Fatal(err)
		}
		wantNames(t, got, "npm a 1.0.0", "npm b 1.0.0", "npm c 1.0.0")
	}
	if n := s.opened[0] + s.opened[2]; n != 1 || s.opened[1] != 1 {
		t.Errorf("layers were opened %v times", s.opened)
	}
}

func TestResultsOutliveAFailureOfALaterLayer(t *testing.T) {
	in := Inspector{Analyser: newAnalyser(t, nil), Layers: layerCache(t), Parallel: 1}
	s := newShelf(t, base, top)
	s.reader = func(i int, r io.Reader) io.Reader {
		if i == 1 {
			return iotest.ErrReader(&crowsnest.Error{Kind: crowsnest.Unauthorized, Op: "read blob"})
		}
		return r
	}
	got, err := s.inspect(t, in)
	if crowsnest.KindOf(err) != crowsnest.Unauthorized || err == nil || !cmp.Equal(got, crowsnest.Analysis{}) {
		t.Errorf("got %+v, %v, want no part of an analysis and the error of the layer", got, err)
	}
	s.reader = nil
	if got, err = s.inspect(t, in); err != nil {
		t.Fatal(err)
	}
	wantNames(t, got, "npm b 1.0.0", "npm c 1.0.0")
	if !slices.Equal(s.opened, []int{1, 2}) {
		t.Errorf("layers were opened %v times, want the one that was read not again", s.opened)
	}
}

// The digest of a stored blob is known to be wrong only at its end; what was read until
// then may not become a cached result.
func TestNothingIsCachedOfALayerThatFails(t *testing.T) {
	for name, c := range map[string]struct {
		reader func(io.Reader) io.Reader
		kind   crowsnest.Kind
	}{
		"wrong blob digest": {func(r io.Reader) io.Reader {
			return io.MultiReader(r, iotest.ErrReader(&crowsnest.Error{Kind: crowsnest.Corrupt, Op: "read layer", Err: errors.New("the digest does not match")}))
		}, crowsnest.Corrupt},
		"truncated":        {func(r io.Reader) io.Reader { return io.LimitReader(r, 60) }, crowsnest.Corrupt},
		"other content":    {func(io.Reader) io.Reader { return bytes.NewReader(tarOf(t, npm("x/package.json", "x", "1.0.0"))) }, crowsnest.Corrupt},
		"connection reset": {func(r io.Reader) io.Reader { return iotest.TimeoutReader(iotest.OneByteReader(r)) }, crowsnest.Unavailable},
		"panic":            {func(io.Reader) io.Reader { return panics{} }, crowsnest.Corrupt},
	} {
		t.Run(name, func(t *testing.T) {
			in := Inspector{Analyser: newAnalyser(t, nil), Layers: layerCache(t)}
			s := newShelf(t, base)
			s.reader = func(_ int, r io.Reader) io.Reader { return c.reader(r) }
			if _, err := s.inspect(t, in); crowsnest.KindOf(err) != c.kind || err == nil {
				t.Errorf("got %v, want an error of kind %s", err, c.kind)
			}
			known, err := in.Layers.LayerResults(t.Context(), shelfOrg(t, in), Version, s.img.Layers[:1])
			if err != nil || len(known) != 0 {
				t.Errorf("cached: %d results, %v", len(known), err)
			}
		})
	}
}

type panics struct{}

func (panics) Read([]byte) (int, error) { panic("index out of range") }

func TestLayerThatCannotBeOpened(t *testing.T) {
	in := Inspector{Analyser: newAnalyser(t, nil), Layers: layerCache(t), Parallel: 4}
	s := newShelf(t, base, top)
	_, err := in.Inspect(t.Context(), shelfOrg(t, in), s.img, func(context.Context, int) (io.ReadCloser, error) {
		return nil, &crowsnest.Error{Kind: crowsnest.NotFound, Op: "open layer", Subject: "blob"}
	}, nil)
	if crowsnest.KindOf(err) != crowsnest.NotFound || err == nil || !strings.Contains(err.Error(), "open layer blob") {
		t.Errorf("got %v", err)
	}
}

// A cache is no authority: what cannot be read from it, or is about another layer, is
// read from the image.
func TestUnfitResultIsReadAnew(t *testing.T) {
	other, err := analyse(t, npm("x/package.json", "x", "1.0.0")).Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, stored := range map[string][]byte{"unreadable": []byte("of an older build"), "empty": {}, "of another layer": other} {
		t.Run(name, func(t *testing.T) {
			in := Inspector{Analyser: newAnalyser(t, nil), Layers: layerCache(t)}
			s := newShelf(t, base)
			if err := in.Layers.SaveLayerResult(t.Context(), shelfOrg(t, in), Version, s.img.Layers[0], stored); err != nil {
				t.Fatal(err)
			}
			got, err := s.inspect(t, in)
			if err != nil {
				t.Fatal(err)
			}
			wantNames(t, got, "npm a 1.0.0", "npm b 1.0.0")
		})
	}
}

func TestResultsOfAnotherAnalyserDoNotCount(t *testing.T) {
	in := Inspector{Analyser: newAnalyser(t, nil), Layers: layerCache(t)}
	s := newShelf(t, base)
	other, err := analyse(t, npm("x/package.json", "x", "1.0.0")).Encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Layers.SaveLayerResult(t.Context(), shelfOrg(t, in), Version+"-next", s.img.Layers[0], other); err != nil {
		t.Fatal(err)
	}
	got, err := s.inspect(t, in)
	if err != nil {
		t.Fatal(err)
	}
	wantNames(t, got, "npm a 1.0.0", "npm b 1.0.0")
}

func TestCanceledInspection(t *testing.T) {
	in := Inspector{Analyser: newAnalyser(t, nil), Layers: layerCache(t), Parallel: 2}
	s := newShelf(t, base, top)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.reader = func(_ int, r io.Reader) io.Reader { return &canceling{r, cancel} }
	_, err := in.Inspect(ctx, shelfOrg(t, in), s.img, s.open, nil)
	if crowsnest.KindOf(err) != crowsnest.Canceled || err == nil {
		t.Errorf("got %v, want an error of kind canceled", err)
	}
	s.reader = nil
	if got, err := s.inspect(t, in); err != nil {
		t.Error(err)
	} else {
		wantNames(t, got, "npm b 1.0.0", "npm c 1.0.0")
	}
}

// canceling gives up as soon as it is read.
type canceling struct {
	r      io.Reader
	cancel context.CancelFunc
}

func (c *canceling) Read(p []byte) (int, error) {
	c.cancel()
	return c.r.Read(p)
}

func TestProgressOfAnInspection(t *testing.T) {
	in := Inspector{Analyser: newAnalyser(t, nil), Layers: layerCache(t), Parallel: 2}
	if _, err := newShelf(t, base).inspect(t, in); err != nil {
		t.Fatal(err)
	}
	s := newShelf(t, base, top, []item{npm("d/package.json", "d", "1.0.0")}, top)
	var mu sync.Mutex
	var told []int
	_, err := in.Inspect(t.Context(), shelfOrg(t, in), s.img, s.open, func(done, total int) {
		mu.Lock()
		defer mu.Unlock()
		if told = append(told, done); total != 4 {
			t.Errorf("%d layers in all, want 4", total)
		}
	})
	// One is known and one comes twice; two are to be read.
	if err != nil || !slices.Equal(told, []int{2, 3, 4}) {
		t.Errorf("told of %v layers, %v", told, err)
	}
}

// Two layers at a time means two: the first ones wait for each other, and no third joins them.
func TestLayersAreReadInParallel(t *testing.T) {
	in := Inspector{Analyser: newAnalyser(t, nil), Layers: layerCache(t), Parallel: 2}
	s := newShelf(t, base, top, []item{npm("d/package.json", "d", "1.0.0")}, []item{npm("e/package.json", "e", "1.0.0")})
	var mu sync.Mutex
	open, most := 0, 0
	together := make(chan struct{})
	got, err := in.Inspect(t.Context(), shelfOrg(t, in), s.img, func(ctx context.Context, i int) (io.ReadCloser, error) {
		mu.Lock()
		if open++; open > most {
			if most = open; most == 2 {
				close(together)
			}
		}
		mu.Unlock()
		<-together
		r, err := s.open(ctx, i)
		return &counted{r, func() { mu.Lock(); open--; mu.Unlock() }}, err
	}, nil)
	if err != nil || most != 2 || open != 0 {
		t.Errorf("%v: %d layers at a time, %d left open", err, most, open)
	}
	wantNames(t, got, "npm b 1.0.0", "npm c 1.0.0", "npm d 1.0.0", "npm e 1.0.0")
}

type counted struct {
	io.ReadCloser
	closed func()
}

func (c *counted) Close() error {
	c.closed()
	return c.ReadCloser.Close()
}

func TestImageWithoutLayers(t *testing.T) {
	in := Inspector{Analyser: newAnalyser(t, nil), Layers: layerCache(t)}
	got, err := newShelf(t).inspect(t, in)
	if err != nil || len(got.Packages) != 0 || got.Image.Name != "test" {
		t.Errorf("got %+v, %v", got, err)
	}
}
