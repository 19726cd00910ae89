package imagekit

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/crowsnest-sec/crowsnest"
)

// Ref is an image or index with the name it goes by in a layout or an archive;
// an empty name leaves it unnamed.
type Ref struct {
	Name    string
	Content mutate.Appendable
}

// Tag names an image or index.
func Tag(name string, content mutate.Appendable) Ref { return Ref{Name: name, Content: content} }

// Layout writes an OCI layout into a new directory and returns its path.
func Layout(t testing.TB, refs ...Ref) string {
	t.Helper()
	dir := t.TempDir()
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		t.Fatalf("write layout: %v", err)
	}
	for _, ref := range refs {
		var options []layout.Option
		if ref.Name != "" {
			options = append(options, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": ref.Name}))
		}
		switch content := ref.Content.(type) {
		case v1.Image:
			err = path.AppendImage(content, options...)
		case v1.ImageIndex:
			err = path.AppendIndex(content, options...)
		default:
			err = fmt.Errorf("%T is neither an image nor an index", content)
		}
		if err != nil {
			t.Fatalf("write layout: %v", err)
		}
	}
	return dir
}

// OCIArchive writes an OCI layout into a tar file and returns its path.
func OCIArchive(t testing.TB, refs ...Ref) string {
	t.Helper()
	return Archive(t, Tree(t, Layout(t, refs...)))
}

// DockerArchive writes images the way "docker save" does, with uncompressed
// layers and a manifest.json, into a tar file and returns its path. References
// to the same image share one entry.
func DockerArchive(t testing.TB, refs ...Ref) string {
	t.Helper()
	return Archive(t, DockerTree(t, refs...))
}

// Tree reads a directory as the list of files an archive can be written of, so that a
// test can change or drop some.
func Tree(t testing.TB, dir string) []File {
	t.Helper()
	var files []File
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(dir, path))
		files = append(files, File{Path: path, Content: content})
		return err
	})
	if err != nil {
		t.Fatalf("read %s: %v", dir, err)
	}
	return files
}

// DockerTree is the content of DockerArchive as a list of files.
func DockerTree(t testing.TB, refs ...Ref) []File {
	t.Helper()
	type entry struct {
		Config   string
		RepoTags []string
		Layers   []string
	}
	var (
		entries []*entry
		files   []File
		byID    = map[crowsnest.Digest]*entry{}
	)
	add := func(path string, content []byte) {
		if !slices.ContainsFunc(files, func(f File) bool { return f.Path == path }) {
			files = append(files, File{Path: path, Content: content})
		}
	}
	for _, ref := range refs {
		img, ok := ref.Content.(v1.Image)
		if !ok {
			t.Fatalf("write docker archive: %T is not an image", ref.Content)
		}
		id := ImageID(t, img)
		e := byID[id]
		if e == nil {
			config, err := img.RawConfigFile()
			if err != nil {
				t.Fatalf("write docker archive: %v", err)
			}
			e = &entry{Config: hex(id) + ".json"}
			add(e.Config, config)
			for _, l := range layers(t, img) {
				path := hex(crowsnest.DigestOf(l)) + "/layer.tar"
				e.Layers = append(e.Layers, path)
				add(path, l)
			}
			byID[id] = e
			entries = append(entries, e)
		}
		if ref.Name != "" {
			e.RepoTags = append(e.RepoTags, ref.Name)
		}
	}
	manifest, err := json.Marshal(entries)
	if err != nil {
		t.Fatalf("write docker archive: %v", err)
	}
	return append(files, File{Path: "manifest.json", Content: manifest})
}

// layers returns an image's layers uncompressed.
func layers(t testing.TB, img v1.Image) [][]byte {
	t.Helper()
	ls, err := img.Layers()
	if err != nil {
		t.Fatalf("layers: %v", err)
	}
	out := make([][]byte, 0, len(ls))
	for _, l := range ls {
		r, err := l.Uncompressed()
		if err != nil {
			t.Fatalf("layers: %v", err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("layers: %v", err)
		}
		out = append(out, b)
	}
	return out
}

// Archive writes files into a tar file of their own and returns its path.
func Archive(t testing.TB, files []File) string {
	t.Helper()
	b, err := Layer{Files: files}.Tar()
	if err != nil {
		t.Fatalf("write archive: %v", err)
	}
	return write(t, "image.tar", b)
}

// Gzipped writes a gzipped copy of a file under the same base name, as many
// tools do, and returns its path.
func Gzipped(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("compress: %v", err)
	}
	packed, err := Gzip.compress(b)
	if err != nil {
		t.Fatalf("compress: %v", err)
	}
	return write(t, filepath.Base(path), packed)
}

func write(t testing.TB, base string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), base)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatalf("write %s: %v", base, err)
	}
	return path
}

// Push uploads an image or index to a registry on loopback under
// host/repository:tag and returns the digest of its manifest.
func Push(t testing.TB, ref string, content mutate.Appendable) crowsnest.Digest {
	t.Helper()
	parsed, err := name.ParseReference(ref)
	if err != nil {
		t.Fatalf("push: %v", err)
	}
	switch content := content.(type) {
	case v1.Image:
		err = remote.Write(parsed, content, remote.WithContext(t.Context()))
	case v1.ImageIndex:
		err = remote.WriteIndex(parsed, content, remote.WithContext(t.Context()))
	default:
		err = fmt.Errorf("%T is neither an image nor an index", content)
	}
	if err != nil {
		t.Fatalf("push %s: %v", ref, err)
	}
	return Digest(t, content)
}

// Untar lists a layer's entries by name and type, for tests of the builder and of its users.
func Untar(t testing.TB, b []byte) []string {
	t.Helper()
	var out []string
	for r := tar.NewReader(bytes.NewReader(b)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatalf("read tar: %v", err)
		}
		out = append(out, fmt.Sprintf("%c %s", h.Typeflag, h.Name))
	}
}

func hex(d crowsnest.Digest) string { return strings.TrimPrefix(string(d), crowsnest.DigestPrefix) }
