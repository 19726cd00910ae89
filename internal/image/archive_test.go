package image

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/v1"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/bounded"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
)

// edit changes the content of the files of an archive that match.
func edit(files []imagekit.File, match func(imagekit.File) bool, change func([]byte) []byte) []imagekit.File {
	files = slices.Clone(files)
	for i, f := range files {
		if match(f) {
			files[i].Content = change(slices.Clone(f.Content))
		}
	}
	return files
}

func named(parts ...string) func(imagekit.File) bool {
	return func(f imagekit.File) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return strings.HasSuffix(f.Path, p) })
	}
}

func without(files []imagekit.File, match func(imagekit.File) bool) []imagekit.File {
	return slices.DeleteFunc(slices.Clone(files), match)
}

// layerHex is the hash in the digest of a layer of img.
func layerHex(t *testing.T, img v1.Image, i int) string {
	t.Helper()
	m, err := img.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	return m.Layers[i].Digest.Hex
}

func TestDamagedLayouts(t *testing.T) {
	img := imagekit.Build(t, app(crowsnest.DefaultPlatform))
	files := imagekit.Tree(t, imagekit.Layout(t, imagekit.Tag("1.0", img)))
	manifest, config := named(strings.TrimPrefix(string(imagekit.Digest(t, img)), "sha256:")), named(strings.TrimPrefix(string(imagekit.ImageID(t, img)), "sha256:"))
	flip := func(b []byte) []byte { b[len(b)/2] ^= 1; return b }
	cut := func(b []byte) []byte { return b[:len(b)-5] }
	contents := func(s string) []imagekit.File {
		return edit(files, named("index.json"), func([]byte) []byte { return []byte(s) })
	}
	descriptor := func(digest string) string {
		return fmt.Sprintf(`{"schemaVersion":2,"manifests":[{"mediaType":%q,"digest":%q,"size":10}]}`, typeOCIManifest, digest)
	}
	for _, tt := range []struct {
		name  string
		files []imagekit.File
		kind  crowsnest.Kind
		words []string
	}{
		{"manifest changed", edit(files, manifest, flip), crowsnest.Corrupt, []string{"digest of its manifest does not match"}},
		{"manifest cut", edit(files, manifest, cut), crowsnest.Corrupt, []string{"bytes where"}},
		{"manifest missing", without(files, manifest), crowsnest.Corrupt, []string{"incomplete", string(imagekit.Digest(t, img)) + " is not there"}},
		{"configuration changed", edit(files, config, flip), crowsnest.Corrupt, []string{"digest of its configuration does not match"}},
		{"configuration missing", without(files, config), crowsnest.Corrupt, []string{"incomplete", string(imagekit.ImageID(t, img))}},
		{"no index", without(files, named("index.json")), crowsnest.Invalid, []string{"holds no image"}},
		{"index is no JSON", contents("{"), crowsnest.Corrupt, []string{"JSON"}},
		{"index is empty", contents(`{"schemaVersion":2,"manifests":[]}`), crowsnest.Invalid, []string{"names no image"}},
		{"index is a manifest", contents(`{"schemaVersion":2,"config":{}}`), crowsnest.Corrupt, []string{"not an index"}},
		{"index is too large", contents(strings.Repeat(" ", maxManifest) + "{}"), crowsnest.TooLarge, []string{"index.json", "4 MiB"}},
		{"index has too many entries", contents(`{"manifests":[` + strings.Repeat("{},", bounded.Max) + "{}]}"), crowsnest.TooLarge, []string{"more than 4096"}},
		{"digest leads out", contents(descriptor("sha256:../../../../etc/passwd")), crowsnest.Corrupt, []string{"no digest"}},
		{"SHA-512", contents(descriptor("sha512:" + strings.Repeat("a", 128))), crowsnest.Unsupported, []string{"SHA-512"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Open(t.Context(), "archive://"+imagekit.Archive(t, tt.files), Options{})
			fails(t, err, tt.kind, tt.words...)
		})
	}
	for _, tt := range []struct {
		name  string
		files []imagekit.File
		words []string
	}{
		{"layer changed", edit(files, named(layerHex(t, img, 1)), flip), []string{"digest does not match"}},
		{"layer cut", edit(files, named(layerHex(t, img, 1)), cut), []string{"bytes where"}},
		{"layer missing", without(files, named(layerHex(t, img, 1))), []string{"incomplete"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opened := mustOpen(t, "archive://"+imagekit.Archive(t, tt.files), Options{})
			_, err := readLayer(t, opened, 1)
			fails(t, err, crowsnest.Corrupt, append(tt.words, "read layer 2 of 3 ("+opened.Layers[1].Digest.Short()+")")...)
			for _, i := range []int{0, 2} {
				if _, err := readLayer(t, opened, i); err != nil {
					t.Errorf("a sound layer suffers: %v", err)
				}
			}
		})
	}
}

func TestDamagedDockerArchives(t *testing.T) {
	img := imagekit.Build(t, app(crowsnest.DefaultPlatform))
	files := imagekit.DockerTree(t, imagekit.Tag("app:1", img))
	manifest := func(s string) []imagekit.File {
		return edit(files, named("manifest.json"), func([]byte) []byte { return []byte(s) })
	}
	config := strings.TrimPrefix(string(imagekit.ImageID(t, img)), "sha256:") + ".json"
	// What a trimmed archive looks like: the configuration still names three layers.
	trimmed := edit(files, named("manifest.json"), func(b []byte) []byte {
		var entries []dockerEntry
		if err := json.Unmarshal(b, &entries); err != nil {
			t.Fatal(err)
		}
		entries[0].Layers = entries[0].Layers[:1]
		b, err := json.Marshal(entries)
		if err != nil {
			t.Fatal(err)
		}
		return b
	})
	for _, tt := range []struct {
		name  string
		files []imagekit.File
		kind  crowsnest.Kind
		words []string
	}{
		{"more diff IDs than layers", trimmed, crowsnest.Corrupt, []string{"its configuration names 3 layers, but it has 1"}},
		{"layer missing", without(files, named("/layer.tar")), crowsnest.Corrupt, []string{"incomplete", "/layer.tar"}},
		{"configuration missing", without(files, named(config)), crowsnest.Corrupt, []string{"incomplete", config}},
		{"configuration is no JSON", edit(files, named(config), func([]byte) []byte { return []byte("[]") }), crowsnest.Corrupt, []string{"JSON"}},
		{"no entries", manifest("[]"), crowsnest.Invalid, []string{"names no image"}},
		{"null", manifest("null"), crowsnest.Invalid, []string{"names no image"}},
		{"no names", manifest("[{}]"), crowsnest.Corrupt, []string{"without a name"}},
		{"not a list", manifest(`{"Config":"x"}`), crowsnest.Corrupt, []string{"JSON"}},
		{"too many layers", manifest(`[{"Config":"` + config + `","Layers":[""` + strings.Repeat(`,""`, maxLayers) + `]}]`), crowsnest.TooLarge, []string{"1001 layers"}},
		{"old Docker", []imagekit.File{imagekit.Text("repositories", "{}")}, crowsnest.Unsupported, []string{"1.10", "save it again"}},
		{"some other archive", []imagekit.File{imagekit.Text("README", "")}, crowsnest.Invalid, []string{"holds no image"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Open(t.Context(), "archive://"+imagekit.Archive(t, tt.files), Options{})
			fails(t, err, tt.kind, tt.words...)
		})
	}
}

func TestDockerArchiveWithCompressedLayers(t *testing.T) {
	for compression, want := range map[imagekit.Compression]string{imagekit.Gzip: typeDockerLayerGzip, imagekit.Zstd: typeDockerLayerZstd, imagekit.Plain: typeDockerLayer} {
		img := imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{{Files: []imagekit.File{imagekit.Text("a", "a")}, Compression: compression}}})
		layers, err := img.Layers()
		if err != nil {
			t.Fatal(err)
		}
		rc, err := layers[0].Compressed()
		if err != nil {
			t.Fatal(err)
		}
		stored, err := io.ReadAll(rc)
		if err != nil {
			t.Fatal(err)
		}
		files := edit(imagekit.DockerTree(t, imagekit.Tag("", img)), named("/layer.tar"), func([]byte) []byte { return stored })
		got := mustOpen(t, "archive://"+imagekit.Archive(t, files), Options{})
		b, err := readLayer(t, got, 0)
		if err != nil || !bytes.Equal(b, stored) || got.Layers[0].MediaType != want {
			t.Errorf("got %d bytes of %s and %v, want %d of %s", len(b), got.Layers[0].MediaType, err, len(stored), want)
		}
	}
}

// A layer may be a link to another one: so "docker save" writes layers that are equal, and other tools theirs.
func TestLinksInArchives(t *testing.T) {
	img := imagekit.Build(t, app(crowsnest.DefaultPlatform))
	files := imagekit.DockerTree(t, imagekit.Tag("app:1", img))
	for i, f := range files {
		if strings.HasSuffix(f.Path, "/layer.tar") {
			files[i].Path = "real/" + strings.TrimSuffix(f.Path, "/layer.tar") + ".tar"
		}
	}
	link := func(make func(dir, real string) imagekit.File) string {
		linked := slices.Clone(files)
		for _, f := range files {
			if real, ok := strings.CutPrefix(f.Path, "real/"); ok {
				linked = append(linked, make(strings.TrimSuffix(real, ".tar"), real))
			}
		}
		return "archive://" + imagekit.Archive(t, linked)
	}
	for name, make := range map[string]func(dir, real string) imagekit.File{
		"symlink":  func(dir, real string) imagekit.File { return imagekit.Symlink(dir+"/layer.tar", "../real/"+real) },
		"hardlink": func(dir, real string) imagekit.File { return imagekit.Hardlink(dir+"/layer.tar", "real/"+real) },
	} {
		t.Run(name, func(t *testing.T) {
			got := mustOpen(t, link(make), Options{})
			for i, l := range got.Layers {
				if b, err := readLayer(t, got, i); err != nil || crowsnest.DigestOf(b) != l.DiffID {
					t.Errorf("layer %d: %d bytes and %v", i, len(b), err)
				}
			}
		})
	}
	for name, make := range map[string]func(dir, real string) imagekit.File{
		"in a circle": func(dir, _ string) imagekit.File { return imagekit.Symlink(dir+"/layer.tar", "layer.tar") },
		"out":         func(dir, _ string) imagekit.File { return imagekit.Symlink(dir+"/layer.tar", "../../../etc/passwd") },
		"absolute":    func(dir, _ string) imagekit.File { return imagekit.Symlink(dir+"/layer.tar", "/etc/passwd") },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(t.Context(), link(make), Options{})
			fails(t, err, crowsnest.Corrupt, "layer.tar")
		})
	}
}

func TestLayoutDirectoryIsNotLeft(t *testing.T) {
	img := imagekit.Build(t, app(crowsnest.DefaultPlatform))
	outside := filepath.Join(t.TempDir(), "layer")
	for name, replace := range map[string]func(path string) error{
		"link":       func(path string) error { return os.Symlink(outside, path) },
		"named pipe": func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"directory":  func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := imagekit.Layout(t, imagekit.Tag("", img))
			layer := filepath.Join(dir, "blobs", "sha256", layerHex(t, img, 0))
			if err := os.Rename(layer, outside); err != nil {
				t.Fatal(err)
			}
			if err := replace(layer); err != nil {
				t.Fatal(err)
			}
			if _, err := readLayer(t, mustOpen(t, "oci-dir://"+dir, Options{}), 0); err == nil {
				t.Error("it was read")
			}
		})
	}
}

// An archive that is a layout and a docker-save archive, as newer versions of Docker write it, is read as a layout.
func TestArchiveThatIsBoth(t *testing.T) {
	img := imagekit.Build(t, app(crowsnest.DefaultPlatform))
	files := append(imagekit.DockerTree(t, imagekit.Tag("app:1", img)), imagekit.Tree(t, imagekit.Layout(t, imagekit.Tag("1", img)))...)
	path := imagekit.Archive(t, files)
	if d := cmp.Diff(described(t, img, path), mustOpen(t, "archive://"+path, Options{}).Image); d != "" {
		t.Errorf("image (-want +got):\n%s", d)
	}
}

func TestTruncatedArchives(t *testing.T) {
	img := imagekit.Build(t, app(crowsnest.DefaultPlatform))
	for _, whole := range []string{imagekit.OCIArchive(t, imagekit.Tag("", img)), imagekit.DockerArchive(t, imagekit.Tag("", img))} {
		for _, packed := range []bool{false, true} {
			path := whole
			if packed {
				path = imagekit.Gzipped(t, path)
			}
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(path, info.Size()*2/3); err != nil {
				t.Fatal(err)
			}
			_, err = Open(t.Context(), "archive://"+path, Options{})
			fails(t, err, crowsnest.Corrupt, "cut off", "again")
		}
	}
}

func TestPackedArchives(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	path := imagekit.Gzipped(t, imagekit.DockerArchive(t, imagekit.Tag("", imagekit.Build(t, app(crowsnest.DefaultPlatform)))))
	empty := func() {
		t.Helper()
		left, err := os.ReadDir(temp)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range left {
			if ok, err := filepath.Match(tempPattern, e.Name()); ok || err != nil {
				t.Errorf("%s is left behind", e.Name())
			}
		}
	}
	img, err := Open(t.Context(), "archive://"+path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readLayer(t, img, 0); err != nil {
		t.Error(err)
	}
	if err := img.Close(); err != nil {
		t.Error(err)
	}
	empty()

	_, err = Open(t.Context(), "archive://"+path, Options{MaxUnpacked: 1000})
	fails(t, err, crowsnest.TooLarge, "more than 1000 bytes")
	empty()

	_, err = Open(t.Context(), "archive://"+path, Options{Reference: "none"})
	fails(t, err, crowsnest.NotFound)
	empty()

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Open(ctx, "archive://"+path, Options{})
	fails(t, err, crowsnest.Canceled)
	empty()

	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-6] ^= 1 // the checksum
	write(t, path, string(b))
	_, err = Open(t.Context(), "archive://"+path, Options{})
	fails(t, err, crowsnest.Corrupt, "gzipped archive is damaged")
	empty()

	t.Setenv("TMPDIR", filepath.Join(temp, "none"))
	_, err = Open(t.Context(), "archive://"+path, Options{})
	fails(t, err, crowsnest.Unavailable, "TMPDIR")
}

func TestOtherFormats(t *testing.T) {
	for magic, word := range map[string]string{"\x28\xb5\x2f\xfd....": "zstd", "BZh9....": "bzip2", "\xfd7zXZ\x00....": "xz", "PK\x03\x04....": "zip"} {
		path := filepath.Join(t.TempDir(), "image.tar")
		write(t, path, magic)
		_, err := Open(t.Context(), "archive://"+path, Options{})
		fails(t, err, crowsnest.Unsupported, word, "unpack it first")
	}
	for content, word := range map[string]string{"": "empty", "short": "not an image archive", strings.Repeat("\x00", 1024): "empty", "\x1f\x8b": "cut off"} {
		path := filepath.Join(t.TempDir(), "image.tar")
		write(t, path, content)
		_, err := Open(t.Context(), "archive://"+path, Options{})
		if kind := crowsnest.KindOf(err); kind != crowsnest.Invalid && kind != crowsnest.Corrupt || !strings.Contains(err.Error(), word) {
			t.Errorf("%q: %s: %v", content, kind, err)
		}
	}
}

// counting counts the bytes read through it.
type counting struct {
	io.ReaderAt
	n int64
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, off)
	c.n += int64(n)
	return n, err
}

func TestLayersAreNotReadToOpen(t *testing.T) {
	const layer = 8 << 20
	img := imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{{Files: []imagekit.File{{Path: "big", Content: make([]byte, layer)}}, Compression: imagekit.Plain}}})
	for _, path := range []string{imagekit.OCIArchive(t, imagekit.Tag("", img)), imagekit.DockerArchive(t, imagekit.Tag("", img))} {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		c := &counting{ReaderAt: f}
		list, err := readTar(t.Context(), c, info.Size())
		if err != nil {
			t.Fatal(err)
		}
		opened, err := openTree(t.Context(), list, path, Options{Platform: crowsnest.DefaultPlatform})
		if err != nil {
			t.Fatal(err)
		}
		if opened.Size < layer || c.n > 32<<10 {
			t.Errorf("%d bytes were read to open an image of %d", c.n, opened.Size)
		}
	}
}

// repeated is a tar file of the same header again and again.
type repeated [512]byte

func (r *repeated) ReadAt(p []byte, off int64) (int, error) {
	for i := range p {
		p[i] = r[(off+int64(i))%int64(len(r))]
	}
	return len(p), nil
}

func TestArchiveWithTooManyEntries(t *testing.T) {
	b, err := imagekit.Layer{Files: []imagekit.File{imagekit.Dir("a")}}.Tar()
	if err != nil {
		t.Fatal(err)
	}
	// The PAX record for the time comes first; the plain header follows.
	var r repeated
	copy(r[:], b[len(b)-1024-512:])
	_, err = readTar(t.Context(), &r, (maxEntries+2)*512)
	if crowsnest.KindOf(err) != crowsnest.TooLarge {
		t.Errorf("got %v", err)
	}
}

func TestTarEntries(t *testing.T) {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, h := range []tar.Header{
		{Name: "./a", Size: 3, Typeflag: tar.TypeReg},
		{Name: "a", Size: 4, Typeflag: tar.TypeReg},
		{Name: "/b", Size: 1, Typeflag: tar.TypeReg},
		{Name: "../../c", Size: 2, Typeflag: tar.TypeReg},
		{Name: "d/", Typeflag: tar.TypeDir},
		{Name: strings.Repeat("n", maxName+1), Size: 1, Typeflag: tar.TypeReg},
		{Name: "device", Typeflag: tar.TypeBlock},
	} {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(bytes.Repeat([]byte("x"), int(h.Size))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	list, err := readTar(t.Context(), bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for name, e := range list.entries {
		got[name] = e.size
	}
	if d := cmp.Diff(map[string]int64{"a": 4, "b": 1, "c": 2}, got); d != "" {
		t.Errorf("entries (-want +got):\n%s", d)
	}
	if got := clean("../../etc/passwd"); got != "etc/passwd" {
		t.Errorf("a name leads out: %q", got)
	}
}

func FuzzArchive(f *testing.F) {
	// Small, so that most changes hit something that is read.
	img, err := imagekit.Image{Layers: []imagekit.Layer{{Files: []imagekit.File{imagekit.Text("a", "a")}}}}.Build()
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range []string{
		imagekit.OCIArchive(f, imagekit.Tag("1", img)), imagekit.DockerArchive(f, imagekit.Tag("1", img)),
		imagekit.OCIArchive(f, imagekit.Tag("1", imagekit.WithAttestation(f, imagekit.Index(f, img)))),
	} {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := readTar(t.Context(), bytes.NewReader(b), int64(len(b)))
		var opened *Image
		if err == nil {
			opened, err = openTree(t.Context(), list, "x", Options{Platform: crowsnest.DefaultPlatform})
		}
		if err != nil {
			if crowsnest.KindOf(err) == crowsnest.Internal {
				t.Errorf("an error nobody can act on: %v", err)
			}
			return
		}
		if len(opened.Layers) > maxLayers {
			t.Errorf("%d layers", len(opened.Layers))
		}
		for i, l := range opened.Layers {
			rc, err := opened.OpenLayer(t.Context(), i)
			if err != nil {
				continue
			}
			got, err := io.ReadAll(rc)
			if err == nil && (int64(len(got)) != l.Size || l.Digest != "" && crowsnest.DigestOf(got) != l.Digest) {
				t.Errorf("layer %d is not what it is said to be", i)
			}
			rc.Close()
		}
	})
}
