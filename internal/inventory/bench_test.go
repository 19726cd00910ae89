package inventory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/crowsnest-sec/crowsnest"
	source "github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/usage"
)

// benchLayer is a stored layer with its name in the benchmark's output.
type benchLayer struct {
	name   string
	diffID crowsnest.Digest
	stored []byte
	plain  int64
}

// benchLayers makes the layers once for all benchmarks, or reads those of the image that CROWSNEST_BENCH_LAYOUT names: a folder
// with an OCI layout, or an archive, of which CROWSNEST_BENCH_REF chooses an image where it holds several.
var benchLayers = sync.OnceValues(func() ([]benchLayer, error) {
	if place := os.Getenv("CROWSNEST_BENCH_LAYOUT"); place != "" {
		return layersOf(place, os.Getenv("CROWSNEST_BENCH_REF"))
	}
	var out []benchLayer
	for _, g := range []struct {
		name  string
		items func(*rand.Rand) ([]item, error)
	}{{"distribution", distributionLayer}, {"node_modules", nodeLayer}, {"go", goLayer}, {"files", filesLayer}} {
		items, err := g.items(rand.New(rand.NewPCG(1, 2)))
		if err != nil {
			return nil, err
		}
		plain, err := tarItems(items)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(plain); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		out = append(out, benchLayer{g.name, crowsnest.DigestOf(plain), b.Bytes(), int64(len(plain))})
	}
	return out, nil
})

func layersOf(place, ref string) ([]benchLayer, error) {
	ctx := context.Background()
	from := source.SchemeArchive + "://" + place
	if info, err := os.Stat(place); err == nil && info.IsDir() {
		from = source.SchemeOCIDir + "://" + place
	}
	img, err := source.Open(ctx, from, source.Options{Reference: ref})
	if err != nil {
		return nil, err
	}
	defer img.Close()
	var out []benchLayer
	for i, l := range img.Layers {
		r, err := img.OpenLayer(ctx, i)
		if err != nil {
			return nil, err
		}
		stored, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		if err := r.Close(); err != nil {
			return nil, err
		}
		n, err := decompress(stored, io.Discard)
		if err != nil {
			return nil, err
		}
		out = append(out, benchLayer{fmt.Sprintf("layer%d", i), l.DiffID, stored, n})
	}
	return out, nil
}

// text is n bytes that compress about as well as source code and documents do.
func text(r *rand.Rand, n int) string {
	var b strings.Builder
	b.Grow(n + 16)
	for b.Len() < n {
		word := r.ExpFloat64() * 300
		fmt.Fprintf(&b, "%s%d ", words[int(word)%len(words)], int(word)%977)
		if r.IntN(9) == 0 {
			b.WriteString("\n")
		}
	}
	return b.String()[:n]
}

var words = strings.Fields("function return const value package license install library version require module exports object string number error index length default options callback promise async await buffer stream path file system process event handler request response server client header body type interface import")

// elf is an ELF file for amd64 without sections, of n bytes that compress to about
// a half, as machine code does.
func elf(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		if r.IntN(2) == 0 {
			b[i] = byte(r.ExpFloat64() * 24)
		}
	}
	copy(b, "\x7fELF\x02\x01\x01\x00")
	copy(b[8:64], make([]byte, 56))
	copy(b[16:], "\x03\x00\x3e\x00\x01\x00\x00\x00")
	b[52], b[54], b[58] = 64, 56, 64
	return b
}

func distributionLayer(r *rand.Rand) ([]item, error) {
	items := []item{file("etc/os-release", osReleaseOf("debian", "12"))}
	var status strings.Builder
	for i := range 420 {
		name := fmt.Sprintf("lib%s%d", words[i%len(words)], i)
		status.WriteString(deb(name, fmt.Sprintf("1.%d-%d", i%20, i%5), "Source: "+name+"-src", "Maintainer: Somebody <somebody@example.org>", "Depends: libc6 (>= 2.36)", "Description: "+text(r, 60), " "+strings.ReplaceAll(text(r, 400), "\n", "\n ")))
		var list strings.Builder
		for f := range 12 {
			p := fmt.Sprintf("usr/share/%s/%s%d", name, words[f], f)
			items = append(items, file(p, text(r, 200+r.IntN(9000))))
			fmt.Fprintf(&list, "/%s\n", p)
		}
		items = append(items, file("var/lib/dpkg/info/"+name+".list", list.String()), file("usr/share/doc/"+name+"/copyright", text(r, 3000)),
			program("usr/lib/x86_64-linux-gnu/"+name+".so."+fmt.Sprint(i%9), elf(r, 20_000+r.IntN(120_000))))
		if i%6 == 0 {
			items = append(items, program("usr/bin/"+name, elf(r, 10_000+r.IntN(90_000))), program("usr/bin/"+name+"-script", []byte("#!/bin/sh\n"+text(r, 900))))
		}
	}
	return append(items, file("var/lib/dpkg/status", status.String())), nil
}

func nodeLayer(r *rand.Rand) ([]item, error) {
	var items []item
	for i := range 1200 {
		dir := fmt.Sprintf("app/node_modules/%s-%d/", words[i%len(words)], i)
		items = append(items, file(dir+"package.json", fmt.Sprintf(`{"name":"%s-%d","version":"%d.%d.0","license":"MIT","description":%q,"dependencies":{"a":"^1.0.0"},"author":"x"}`, words[i%len(words)], i, i%9, i%7, strings.ReplaceAll(text(r, 900), "\n", " "))))
		for f := range 9 {
			items = append(items, file(fmt.Sprintf("%slib/%s%d.js", dir, words[f], f), text(r, 300+r.IntN(6000))))
		}
		items = append(items, file(dir+"README.md", text(r, 4000)), file(dir+"LICENSE", text(r, 1100)))
	}
	return items, nil
}

// goLayer holds the program that runs the benchmark.
func goLayer(*rand.Rand) ([]item, error) {
	name, err := os.Executable()
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return []item{program("usr/local/bin/server", b), file("etc/server.yaml", "port: 80\n")}, nil
}

func filesLayer(r *rand.Rand) ([]item, error) {
	var items []item
	for i := range 10 {
		items = append(items, file(fmt.Sprintf("srv/data/%d.csv", i), text(r, 6<<20)))
	}
	return items, nil
}

// unread hides that a layer is in memory: one from a registry or a file is not, and
// decompression is faster when it knows.
func unread(stored []byte) io.Reader { return struct{ io.Reader }{bytes.NewReader(stored)} }

// decompress is what any analysis must do, by the same libraries.
func decompress(stored []byte, into io.Writer) (int64, error) {
	var r io.Reader
	switch {
	case bytes.HasPrefix(stored, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(unread(stored))
		if err != nil {
			return 0, err
		}
		defer z.Close()
		r = z
	case bytes.HasPrefix(stored, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(unread(stored), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return 0, err
		}
		defer z.Close()
		r = z
	default:
		r = unread(stored)
	}
	return io.Copy(into, r)
}

// each runs f for every layer, in turn or as many at once as there are processors,
// and returns the time it took.
func each(b *testing.B, layers []benchLayer, parallel bool, f func(benchLayer) error) time.Duration {
	b.Helper()
	workers := 1
	if parallel {
		workers = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make(chan error, len(layers))
	start := time.Now()
	for range workers {
		wg.Go(func() {
			for {
				n := next.Add(1) - 1
				if n >= int64(len(layers)) {
					return
				}
				if err := f(layers[n]); err != nil {
					errs <- err
				}
			}
		})
	}
	wg.Wait()
	took := time.Since(start)
	close(errs)
	for err := range errs {
		b.Fatal(err)
	}
	return took
}

func loadBench(b *testing.B) ([]benchLayer, *Analyser) {
	b.Helper()
	layers, err := benchLayers()
	if err != nil {
		b.Fatal(err)
	}
	return layers, newAnalyser(b, nil)
}

func totalBytes(layers []benchLayer) (n int64) {
	for _, l := range layers {
		n += l.plain
	}
	return n
}

// BenchmarkDecompress is the measure: the layers decompressed and nothing else.
func BenchmarkDecompress(b *testing.B) {
	layers, _ := loadBench(b)
	for _, l := range layers {
		b.Run(l.name, func(b *testing.B) {
			b.SetBytes(l.plain)
			for b.Loop() {
				if _, err := decompress(l.stored, io.Discard); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAnalyse analyses each layer, side by side in the same run with only decompressing it, and with decompressing it and
// computing the digest that it must have, which no analysis can do without. It reports
//
//   - limit-ms and ours-ms, by the clock, and x-decompress, the one against the other;
//   - x-digest, decompression with the digest against decompression alone: the floor;
//   - cpu-x-decompress and cpu-x-digest, the same in processor time, which other work on the machine changes less;
//   - peak-MiB, how much the heap grew.
func BenchmarkAnalyse(b *testing.B) {
	layers, a := loadBench(b)
	for _, l := range layers {
		b.Run(l.name, func(b *testing.B) { compare(b, a, []benchLayer{l}, false) })
	}
	b.Run("all-in-turn", func(b *testing.B) { compare(b, a, layers, false) })
	b.Run("all-in-parallel", func(b *testing.B) { compare(b, a, layers, true) })
}

// spent is time by the clock and of the processors.
type spent struct{ wall, cpu time.Duration }

func (s *spent) add(b *testing.B, layers []benchLayer, parallel bool, f func(benchLayer) error) {
	before, _ := usage.CPU()
	s.wall += each(b, layers, parallel, f)
	after, _ := usage.CPU()
	s.cpu += after - before
}

func compare(b *testing.B, a *Analyser, layers []benchLayer, parallel bool) {
	b.SetBytes(totalBytes(layers))
	var plain, digested, analysed spent
	var peak uint64
	for b.Loop() {
		b.StopTimer()
		plain.add(b, layers, parallel, func(l benchLayer) error {
			_, err := decompress(l.stored, io.Discard)
			return err
		})
		digested.add(b, layers, parallel, func(l benchLayer) error {
			_, err := decompress(l.stored, sha256.New())
			return err
		})
		runtime.GC()
		before, stop := heap(), make(chan struct{})
		var watch sync.WaitGroup
		var most uint64
		watch.Go(func() {
			tick := time.NewTicker(2 * time.Millisecond)
			defer tick.Stop()
			for {
				most = max(most, heap())
				select {
				case <-stop:
					return
				case <-tick.C:
				}
			}
		})
		b.StartTimer()
		analysed.add(b, layers, parallel, func(l benchLayer) error {
			_, err := a.AnalyseLayer(context.Background(), crowsnest.Layer{DiffID: l.diffID}, unread(l.stored))
			return err
		})
		b.StopTimer()
		close(stop)
		watch.Wait()
		if most > before {
			peak = max(peak, most-before)
		}
		b.StartTimer()
	}
	perRound := func(d time.Duration) float64 { return d.Seconds() * 1000 / float64(b.N) }
	b.ReportMetric(perRound(plain.wall), "limit-ms")
	b.ReportMetric(perRound(analysed.wall), "ours-ms")
	b.ReportMetric(float64(analysed.wall)/float64(plain.wall), "x-decompress")
	b.ReportMetric(float64(digested.wall)/float64(plain.wall), "x-digest")
	if plain.cpu > 0 {
		b.ReportMetric(float64(analysed.cpu)/float64(plain.cpu), "cpu-x-decompress")
		b.ReportMetric(float64(digested.cpu)/float64(plain.cpu), "cpu-x-digest")
	}
	b.ReportMetric(float64(peak)/(1<<20), "peak-MiB")
}

func heap() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// BenchmarkMerge is what an image costs whose layers are all known: decoding them
// and merging.
func BenchmarkMerge(b *testing.B) {
	layers, a := loadBench(b)
	var stored [][]byte
	for _, l := range layers {
		x, err := a.AnalyseLayer(context.Background(), crowsnest.Layer{DiffID: l.diffID}, unread(l.stored))
		if err != nil {
			b.Fatal(err)
		}
		e, err := x.Encode()
		if err != nil {
			b.Fatal(err)
		}
		stored = append(stored, e)
	}
	size := 0
	for b.Loop() {
		var all []*Layer
		size = 0
		for _, e := range stored {
			x, err := Decode(e)
			if err != nil {
				b.Fatal(err)
			}
			all = append(all, x)
			size += len(e)
		}
		Merge(crowsnest.Image{}, all)
	}
	b.ReportMetric(float64(size), "stored-B")
}
