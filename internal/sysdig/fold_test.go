package sysdig

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

// answers makes pages of containers whose images report one of a few lists of packages, some of them in odd forms.
func answers(rng *rand.Rand, pages, containers int) (out [][]byte) {
	one := func(i int) string {
		return fmt.Sprintf(`{"purl":"pkg:npm/a%d@1","name":"a%d [\"x\"]","version":"%d","type":"npm"}`, i, i, i)
	}
	list := func() string {
		switch rng.IntN(12) {
		case 0:
			return `[]`
		case 1:
			return `null`
		case 2:
			return `7`
		case 3:
			return `"\"imageID\":\"x\",\"packages\":["`
		case 4:
			return `[ ` + one(rng.IntN(3)) + "\n]"
		case 5:
			return `[{"nested":{"imageID":"x","packages":[1]},"name":"n","version":"1"}]`
		}
		var parts []string
		for i := range rng.IntN(4) {
			parts = append(parts, one(i+rng.IntN(2)))
		}
		return `[` + strings.Join(parts, ",") + `]`
	}
	for range pages {
		var items []string
		for i := range containers {
			image := crowsnest.DigestOf([]byte{byte(rng.IntN(3))})
			between := []string{`,`, ` , `, `,"x":"[",`}[rng.IntN(3)]
			items = append(items, fmt.Sprintf(`{"namespace":"n","workloadKind":"deployment","workloadName":"w%d","container":"c","imageID":"%s"%s"packages"%s%s}`,
				i, image, between, []string{":", ": ", " :\n"}[rng.IntN(3)], list()))
		}
		out = append(out, []byte(`{"page":{"returned":`+fmt.Sprint(containers)+`},"data":[`+strings.Join(items, ",")+`]}`))
	}
	return out
}

// read reads pages with or without what was learned of the ones before.
func read(t *testing.T, pages [][]byte, through func(io.Reader) io.Reader, learns bool) (out []*imagesPage) {
	t.Helper()
	cache := &loadedCache{}
	for n, page := range pages {
		p, err := readImages(through(bytes.NewReader(page)), n+1, cache, same)
		if err != nil {
			t.Fatalf("page %d: %v\n%s", n+1, err, page)
		}
		if !learns {
			cache.folds = folds{}
		}
		out = append(out, p)
	}
	return out
}

// What is folded reads as what it stands for, however the bytes come.
func TestFoldedListsReadAsTheyStand(t *testing.T) {
	folded := 0
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 0))
		pages := answers(rng, 3, 1+rng.IntN(12))
		plain := read(t, pages, func(r io.Reader) io.Reader { return r }, false)
		for name, through := range map[string]func(io.Reader) io.Reader{"whole": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader, "in halves": iotest.HalfReader, "with the end": iotest.DataErrReader} {
			got := read(t, pages, through, true)
			for i, p := range got {
				want := plain[i]
				if diff := cmp.Diff(want.items, p.items); diff != "" || want.packages != p.packages || want.rejectedItems != p.rejectedItems || want.rejectedPackages != p.rejectedPackages || !cmp.Equal(want.rejections, p.rejections) {
					t.Fatalf("seed %d, page %d, %s (-plain +folded):\n%s\n%d and %d packages, %d and %d rejected", seed, i+1, name, diff, want.packages, p.packages, want.rejectedPackages, p.rejectedPackages)
				}
				folded += len(p.cache.folds.lists)
			}
		}
	}
	if folded == 0 {
		t.Error("nothing was learned, so nothing was folded")
	}
}

// What is cut off is told of where it would be without.
func TestFoldedAnswersBreakOffAsOthers(t *testing.T) {
	pages := answers(rand.New(rand.NewPCG(7, 0)), 2, 6)
	for at := range pages[1] {
		cache := &loadedCache{}
		if _, err := readImages(bytes.NewReader(pages[0]), 1, cache, same); err != nil {
			t.Fatal(err)
		}
		if p, err := readImages(bytes.NewReader(pages[1][:at]), 2, cache, same); err == nil {
			t.Fatalf("the first %d of %d bytes are taken for a page of %d items", at, len(pages[1]), len(p.items))
		}
	}
}

// The same list of the same image is handed to the decoder once; another one of that image is read.
func TestFolder(t *testing.T) {
	image := string(crowsnest.DigestOf(nil))
	first, second := `[{"purl":"pkg:npm/a@1"}]`, `[{"purl":"pkg:npm/b@1"}]`
	item := func(list string) string { return `{"imageID":"` + image + `","packages":` + list + `}` }
	cache := &loadedCache{}
	one := cache.read(image, []byte(first))
	out, err := io.ReadAll(newFolder(strings.NewReader(item(first)+item(second)+item(first)), &cache.folds))
	if want := item(cache.folds.mark+`0"`) + item(second) + item(cache.folds.mark+`0"`); err != nil || string(out) != want {
		t.Errorf("%s, %v, want %s", out, err, want)
	}
	if l := cache.read(image, []byte(cache.folds.mark+`0"`)); l != one {
		t.Errorf("it stands for %+v", l)
	}
	for _, forged := range []string{cache.folds.mark + `1"`, cache.folds.mark + `-1"`, cache.folds.mark + `x"`, `"` + first + `"`} {
		if l := cache.folds.unfold([]byte(forged)); l != nil {
			t.Errorf("%s stands for %+v", forged, l)
		}
	}
	// Many lists of one image: the newest are known.
	for i := range 3 * maxFolds {
		cache.read(image, fmt.Appendf(nil, `[{"purl":"pkg:npm/a@%d"}]`, i))
	}
	if n := len(cache.folds.byImage[image]); n != maxFolds {
		t.Errorf("%d lists of one image are kept", n)
	}
	long := []byte(`[{"purl":"pkg:npm/` + strings.Repeat("a", foldBuffer) + `@1"}]`)
	cache.read("long", long)
	if len(cache.folds.byImage["long"]) != 0 {
		t.Error("a list is kept that cannot be looked at as a whole")
	}
}
