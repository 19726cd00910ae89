package inventory

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/osv-scalibr/extractor/filesystem"
	"github.com/google/osv-scalibr/inventory"
	"github.com/google/osv-scalibr/plugin"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/filekind"
)

func TestFormatsAreDetectedByTheirBytes(t *testing.T) {
	plain := tarOf(t, npm("a/package.json", "a", "1.0.0"))
	skippable := append([]byte{0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0}, "meta"...)
	for name, stored := range map[string][]byte{
		"plain":                       plain,
		"gzip":                        gzipOf(t, plain),
		"gzip members":                append(gzipOf(t, plain[:700]), gzipOf(t, plain[700:])...),
		"zstd":                        zstdOf(t, plain),
		"zstd frames":                 append(zstdOf(t, plain[:700]), zstdOf(t, plain[700:])...),
		"zstd with a skippable frame": append(skippable, zstdOf(t, plain)...),
	} {
		t.Run(name, func(t *testing.T) {
			for _, r := range []io.Reader{bytes.NewReader(stored), iotest.OneByteReader(bytes.NewReader(stored)), iotest.DataErrReader(bytes.NewReader(stored))} {
				l, err := newAnalyser(t, nil).AnalyseLayer(context.Background(), crowsnest.Layer{DiffID: crowsnest.DigestOf(plain)}, r)
				if err != nil {
					t.Fatal(err)
				}
				if l.DiffID() != crowsnest.DigestOf(plain) {
					t.Errorf("diff ID %s", l.DiffID())
				}
				if diff := cmp.Diff([]string{"npm a 1.0.0"}, names(Merge(crowsnest.Image{}, []*Layer{l}))); diff != "" {
					t.Errorf("packages (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestEmptyLayers(t *testing.T) {
	for name, plain := range map[string][]byte{"no bytes": {}, "no entries": tarOf(t), "only the root": tarOf(t, dir("./"))} {
		t.Run(name, func(t *testing.T) {
			l, err := newAnalyser(t, nil).AnalyseLayer(context.Background(), crowsnest.Layer{DiffID: crowsnest.DigestOf(plain)}, bytes.NewReader(plain))
			if err != nil {
				t.Fatal(err)
			}
			if got := Merge(crowsnest.Image{}, []*Layer{l}); len(got.Packages)+len(got.Problems) != 0 {
				t.Errorf("found %+v", got)
			}
		})
	}
}

// What follows the archive belongs to the digest.
func TestBytesAfterTheArchiveCount(t *testing.T) {
	plain := append(tarOf(t, npm("a/package.json", "a", "1.0.0")), bytes.Repeat([]byte("x"), 2<<20)...)
	if _, err := newAnalyser(t, nil).AnalyseLayer(context.Background(), crowsnest.Layer{DiffID: crowsnest.DigestOf(plain)}, bytes.NewReader(gzipOf(t, plain))); err != nil {
		t.Error(err)
	}
}

func TestLayerErrors(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 1<<14) // 256 KiB
	plain := tarOf(t, npm("a/package.json", "a", "1.0.0"), file("big", big), file("big2", big))
	id := crowsnest.DigestOf(plain)
	zipped, zstded := gzipOf(t, plain), zstdOf(t, plain)
	zeros := tarOf(t, file("zeros", strings.Repeat("\x00", 4<<20)))
	damaged := bytes.Clone(zipped)
	damaged[len(damaged)/2] ^= 0xff
	broken := errors.New("connection reset by peer")
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	tests := []struct {
		name   string
		ctx    context.Context
		layer  crowsnest.Digest
		r      io.Reader
		limits func(*Limits)
		kind   crowsnest.Kind
		says   string
	}{
		{name: "wrong diff ID", layer: crowsnest.DigestOf([]byte("other")), r: bytes.NewReader(zipped), kind: crowsnest.Corrupt, says: string(id)},
		{name: "truncated gzip", layer: id, r: bytes.NewReader(zipped[:len(zipped)-20]), kind: crowsnest.Corrupt, says: "truncated"},
		{name: "truncated in the gzip header", layer: id, r: bytes.NewReader(zipped[:5]), kind: crowsnest.Corrupt, says: "truncated"},
		{name: "truncated zstd", layer: id, r: bytes.NewReader(zstded[:len(zstded)-20]), kind: crowsnest.Corrupt, says: "truncated"},
		{name: "truncated tar", layer: id, r: bytes.NewReader(plain[:1<<17]), kind: crowsnest.Corrupt, says: "truncated"},
		{name: "truncated between entries", layer: id, r: bytes.NewReader(plain[:1024]), kind: crowsnest.Corrupt, says: "digest"},
		{name: "damaged gzip", layer: id, r: bytes.NewReader(damaged), kind: crowsnest.Corrupt},
		{name: "no tar at all", layer: id, r: strings.NewReader(strings.Repeat("not a tar archive ", 100)), kind: crowsnest.Corrupt},
		{name: "source fails", layer: id, r: io.MultiReader(bytes.NewReader(zipped[:100]), iotest.ErrReader(broken)), kind: crowsnest.Unavailable, says: "connection reset"},
		{name: "source fails with a kind", layer: id, r: iotest.ErrReader(&crowsnest.Error{Kind: crowsnest.Unauthorized, Op: "read blob", Subject: "x"}), kind: crowsnest.Unauthorized},
		{name: "source is cut off", layer: id, r: io.MultiReader(bytes.NewReader(zipped[:100]), iotest.ErrReader(io.ErrUnexpectedEOF)), kind: crowsnest.Corrupt, says: "truncated"},
		{name: "canceled", ctx: canceled, layer: id, r: bytes.NewReader(zipped), kind: crowsnest.Canceled},
		{name: "too many bytes", layer: id, r: bytes.NewReader(zipped), limits: func(l *Limits) { l.UncompressedBytes = 100_000 }, kind: crowsnest.TooLarge, says: "100000 uncompressed bytes"},
		{name: "too many bytes stored", layer: id, r: bytes.NewReader(zipped), limits: func(l *Limits) { l.StoredBytes = 20 }, kind: crowsnest.TooLarge, says: "20 stored bytes"},
		{name: "too many entries", layer: id, r: bytes.NewReader(zipped), limits: func(l *Limits) { l.Entries = 2 }, kind: crowsnest.TooLarge, says: "2 entries"},
		{name: "too many packages", layer: id, r: bytes.NewReader(zipped), limits: func(l *Limits) { l.Packages = 0 }, kind: crowsnest.TooLarge, says: "0 packages"},
		{name: "path too long", layer: id, r: bytes.NewReader(zipped), limits: func(l *Limits) { l.PathLength = 3 }, kind: crowsnest.TooLarge, says: "3 bytes in a path"},
		{name: "gzip bomb", layer: crowsnest.DigestOf(zeros), r: bytes.NewReader(gzipOf(t, zeros)), limits: func(l *Limits) { l.RatioFloor = 1 << 20 }, kind: crowsnest.TooLarge, says: "200 uncompressed bytes per stored byte"},
		{name: "zstd bomb", layer: crowsnest.DigestOf(zeros), r: bytes.NewReader(zstdOf(t, zeros)), limits: func(l *Limits) { l.RatioFloor = 1 << 20 }, kind: crowsnest.TooLarge, says: "200 uncompressed bytes per stored byte"},
		{name: "out of time", layer: id, r: bytes.NewReader(zipped), limits: func(l *Limits) { l.Time = time.Nanosecond }, kind: crowsnest.TooLarge, says: "1ns"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx := tt.ctx
			if ctx == nil {
				ctx = context.Background()
			}
			l, err := newAnalyser(t, tt.limits).AnalyseLayer(ctx, crowsnest.Layer{DiffID: tt.layer}, tt.r)
			if err == nil || l != nil {
				t.Fatalf("no error, layer %v", l)
			}
			if got := crowsnest.KindOf(err); got != tt.kind {
				t.Errorf("kind %v, want %v: %v", got, tt.kind, err)
			}
			if !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), string(tt.layer)) {
				t.Errorf("the error does not name the layer and %q: %v", tt.says, err)
			}
		})
	}
}

// A reader must not be used after AnalyseLayer has returned.
func TestReaderIsLeftAlone(t *testing.T) {
	plain := tarOf(t, file("a", strings.Repeat("x", 8<<20)))
	r := &counting{r: bytes.NewReader(plain)}
	if _, err := newAnalyser(t, func(l *Limits) { l.PathLength = 0 }).AnalyseLayer(context.Background(), crowsnest.Layer{}, r); err == nil {
		t.Fatal("no error")
	}
	n := r.n
	runtime.Gosched()
	if r.n != n {
		t.Error("still being read")
	}
}

type counting struct {
	r io.Reader
	n int
}

func (c *counting) Read(p []byte) (int, error) {
	c.n++
	return c.r.Read(p)
}

func TestHostileEntriesAreHarmless(t *testing.T) {
	sparse := item{path: "usr/bin/sparse", body: "x", mode: 0o755, kind: tar.TypeReg}
	got := image(t, []item{
		{path: "../../etc/passwd", body: "x"},
		{path: "/abs/package.json", body: `{"name":"abs","version":"1.0.0"}`},
		{path: "a/../../b/package.json", body: `{"name":"up","version":"1.0.0"}`},
		{path: "dev/null", kind: tar.TypeChar}, {path: "dev/sda", kind: tar.TypeBlock}, {path: "run/pipe", kind: tar.TypeFifo},
		symlink("loop", "loop"), symlink("app.jar", "/etc/passwd"),
		hardlink("x/package.json", "nowhere"), hardlink("y/package.json", "y/package.json"),
		sparse,
		file("bin\xff/package.json", `{"name":"latin","version":"1.0.0"}`),
	})
	if diff := cmp.Diff([]string{"npm abs 1.0.0", "npm latin 1.0.0", "npm up 1.0.0"}, names(got)); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"abs/package.json"}, paths(got, "abs")); diff != "" {
		t.Errorf("path (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"b/package.json"}, paths(got, "up")); diff != "" {
		t.Errorf("path (-want +got):\n%s", diff)
	}
	if len(got.Problems) != 0 {
		t.Errorf("problems: %v", got.Problems)
	}
}

// A file with holes says it is huge while it stores nothing.
func TestSparseFilesAreNotRead(t *testing.T) {
	// GNU sparse format 1.0: the real size and the map are in PAX records and data.
	body := "1\n0\n0\n"
	body += strings.Repeat("\x00", 512-len(body))
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	record := func(k, v string) string {
		for n := len(k) + len(v) + 3; ; n++ {
			if s := fmt.Sprintf("%d %s=%s\n", n, k, v); len(s) == n {
				return s
			}
		}
	}
	pax := record("GNU.sparse.major", "1") + record("GNU.sparse.minor", "0") + record("GNU.sparse.name", "app/package.json") + record("GNU.sparse.realsize", "1099511627776")
	// archive/tar does not write sparse entries, so the headers are put together here.
	raw := func(h *tar.Header, kind byte, body string) {
		var one bytes.Buffer
		x := tar.NewWriter(&one)
		h.Size = int64(len(body))
		h.Typeflag, h.Mode, h.Format = tar.TypeReg, 0o644, tar.FormatUSTAR
		if err := x.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := x.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
		if err := x.Flush(); err != nil {
			t.Fatal(err)
		}
		block := one.Bytes()
		block[156] = kind
		copy(block[148:156], "        ")
		sum := 0
		for _, c := range block[:512] {
			sum += int(c)
		}
		copy(block[148:156], fmt.Sprintf("%06o\x00 ", sum))
		b.Write(block)
	}
	raw(&tar.Header{Name: "PaxHeaders/x"}, tar.TypeXHeader, pax)
	raw(&tar.Header{Name: "GNUSparseFile/package.json"}, tar.TypeReg, body)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := newAnalyser(t, nil).AnalyseLayer(context.Background(), crowsnest.Layer{}, &b)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.problems) != 0 || len(l.files) != 0 || len(l.written) != 1 {
		t.Errorf("sparse file: %+v", l)
	}
}

func TestHardLinks(t *testing.T) {
	got := image(t, []item{
		npm("store/a/package.json", "a", "1.0.0"),
		hardlink("app/node_modules/a/package.json", "store/a/package.json"),
		hardlink("app/a.txt", "store/a/package.json"),
	})
	if diff := cmp.Diff([]string{"app/node_modules/a/package.json", "store/a/package.json"}, paths(got, "a")); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
}

func TestTheLastEntryOfAPathStays(t *testing.T) {
	got := image(t, []item{
		npm("a/package.json", "a", "1.0.0"), npm("a/package.json", "a", "2.0.0"),
		npm("b/package.json", "b", "1.0.0"), symlink("b/package.json", "x"),
	})
	if diff := cmp.Diff([]string{"npm a 2.0.0"}, names(got)); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
}

func TestABadFileIsAProblemOfThatFile(t *testing.T) {
	got := image(t, []item{
		file("a/package.json", "{"), npm("b/package.json", "b", "1.0.0"), file("app/bad.jar", "not a zip archive, but long enough to be tried"),
		file("lib/apk/db/installed", "P:x\nno colon\n"), file("var/lib/rpm/rpmdb.sqlite", "garbage"),
	})
	if diff := cmp.Diff([]string{"npm b 1.0.0"}, names(got)); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
	var at []string
	for _, p := range got.Problems {
		at = append(at, p.Path)
		if p.Reason == "" || p.Layer == "" {
			t.Errorf("problem without a reason or layer: %+v", p)
		}
	}
	if diff := cmp.Diff([]string{"a/package.json", "app/bad.jar", "lib/apk/db/installed", "var/lib/rpm/rpmdb.sqlite"}, at); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestProblemsAreCapped(t *testing.T) {
	var items []item
	for i := range maxProblems + 5 {
		items = append(items, file(fmt.Sprintf("p%d/package.json", i), "{"))
	}
	l := analyse(t, items...)
	if got := l.Problems(); len(got) != maxProblems+1 || !strings.Contains(got[maxProblems].Reason, "5 more") {
		t.Errorf("%d problems, last %+v", len(got), got[len(got)-1])
	}
}

func TestAFileAboveTheCapIsAProblem(t *testing.T) {
	plain := tarOf(t, npm("a/package.json", "a", strings.Repeat("1", 200)), npm("b/package.json", "b", "1.0.0"), file("large", strings.Repeat("x", 4000)))
	l, err := newAnalyser(t, func(l *Limits) { l.FileBytes = 100 }).AnalyseLayer(context.Background(), crowsnest.Layer{}, bytes.NewReader(plain))
	if err != nil {
		t.Fatal(err)
	}
	if len(l.problems) != 1 || l.problems[0].Path != "a/package.json" || !strings.Contains(l.problems[0].Reason, "100 bytes") {
		t.Errorf("problems: %+v", l.problems)
	}
	if len(l.files) != 1 {
		t.Errorf("files: %+v", l.files)
	}
}

// panicking stands in for an extractor with a fault.
type panicking struct{}

func (panicking) Name() string                             { return "test/panicking" }
func (panicking) Version() int                             { return 0 }
func (panicking) Requirements() *plugin.Capabilities       { return &plugin.Capabilities{} }
func (panicking) FileRequired(api filesystem.FileAPI) bool { return true }
func (panicking) Extract(context.Context, *filesystem.ScanInput) (inventory.Inventory, error) {
	panic("index out of range")
}

func TestAPanicIsAProblem(t *testing.T) {
	a := newAnalyser(t, nil)
	for i, e := range extractors {
		if e.name == "javascript/packagejson" {
			a.shared[i] = panicking{}
		}
	}
	plain := tarOf(t, npm("a/package.json", "a", "1.0.0"), file("etc/os-release", osReleaseOf("debian", "12")), file("var/lib/dpkg/status", deb("bash", "5.2")))
	l, err := a.AnalyseLayer(context.Background(), crowsnest.Layer{}, bytes.NewReader(plain))
	if err != nil {
		t.Fatal(err)
	}
	got := Merge(crowsnest.Image{}, []*Layer{l})
	if diff := cmp.Diff([]string{"deb bash 5.2"}, names(got)); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
	if len(got.Problems) != 1 || !strings.Contains(got.Problems[0].Reason, "index out of range") {
		t.Errorf("problems: %+v", got.Problems)
	}
}

// Large files go through a temporary file, which must not remain.
func TestSpooledFilesGiveTheSameAndLeaveNothing(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program1, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	plain := tarOf(t, program("app/server", program1), file("app/a.jar", string(jarOf(t, pom("org.x", "a", "1.0")))), npm("a/package.json", "a", "1.0.0"))
	var results []crowsnest.Analysis
	for _, memory := range []int64{1 << 30, 10} {
		l, err := newAnalyser(t, func(l *Limits) { l.MemoryBytes = memory }).AnalyseLayer(context.Background(), crowsnest.Layer{}, bytes.NewReader(plain))
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, Merge(crowsnest.Image{}, []*Layer{l}))
	}
	if diff := cmp.Diff(results[0], results[1]); diff != "" {
		t.Errorf("in memory and spooled differ:\n%s", diff)
	}
	if len(results[0].Packages) < 3 {
		t.Errorf("packages: %v", names(results[0]))
	}
	left, err := filepath.Glob(filepath.Join(tmp, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestNoPlaceToSpoolIsAProblem(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	got := image(t, []item{file("var/lib/rpm/rpmdb.sqlite", "x"), npm("a/package.json", "a", "1.0.0")})
	if diff := cmp.Diff([]string{"npm a 1.0.0"}, names(got)); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
	if len(got.Problems) != 1 || !strings.Contains(got.Problems[0].Reason, "temporary file") {
		t.Errorf("problems: %+v", got.Problems)
	}
}

// No extractor may look at a file that cannot be a program, and none that can may
// be passed over: both readers must agree with filekind.IsBinary.
func TestIsBinaryAgreesWithTheReaders(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	if !filekind.IsBinary(b) {
		t.Error("a real program is not taken for one")
	}
	for _, s := range []string{"#!/bin/sh\necho hello world\n", "", "\x7fELF", strings.Repeat("\x00", 32)} {
		if filekind.IsBinary([]byte(s)) {
			t.Errorf("%q is taken for a program", s)
		}
	}
	for _, m := range filekind.BinaryMagic {
		if !filekind.IsBinary([]byte(m + strings.Repeat("\x00", filekind.MagicLength))) {
			t.Errorf("%q is not taken for a program", m)
		}
	}
}

func TestLayersAreAnalysedAtOnce(t *testing.T) {
	a := newAnalyser(t, nil)
	const d = "nix/store/1ddf3x30m0z6kknmrmapsc7liz8npi1w-perl-5.38.2"
	plain := tarOf(t, file(d+"/bin/perl", "x"), npm("a/package.json", "a", "1.0.0"), file("etc/os-release", osReleaseOf("debian", "12")), file("var/lib/dpkg/status", deb("bash", "5.2")))
	want, err := a.AnalyseLayer(context.Background(), crowsnest.Layer{}, bytes.NewReader(plain))
	if err != nil {
		t.Fatal(err)
	}
	if len(want.files) != 3 {
		t.Fatalf("files: %+v", want.files)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			got, err := a.AnalyseLayer(context.Background(), crowsnest.Layer{}, bytes.NewReader(plain))
			if err != nil {
				t.Error(err)
				return
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(Layer{})); diff != "" {
				t.Errorf("a concurrent analysis differs:\n%s", diff)
			}
		})
	}
	wg.Wait()
}
