package inventory

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/rpmkit"
)

// item is an entry of a layer in the making.
type item struct {
	path string
	body string
	kind byte // a tar type flag; zero is a regular file
	link string
	mode int64 // zero is 0644
}

// file and the others name the kinds of entries tests need.
func file(path, body string) item { return item{path: path, body: body} }
func dir(path string) item        { return item{path: path, kind: tar.TypeDir, mode: 0o755} }
func symlink(path, to string) item {
	return item{path: path, kind: tar.TypeSymlink, link: to}
}
func hardlink(path, to string) item { return item{path: path, kind: tar.TypeLink, link: to} }
func program(path string, b []byte) item {
	return item{path: path, body: string(b), mode: 0o755}
}

// tarOf writes a layer.
func tarOf(t testing.TB, items ...item) []byte {
	t.Helper()
	b, err := tarItems(items)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func tarItems(items []item) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, i := range items {
		h := &tar.Header{Name: i.path, Typeflag: i.kind, Linkname: i.link, Mode: i.mode, Size: int64(len(i.body))}
		if h.Typeflag == 0 {
			h.Typeflag = tar.TypeReg
		}
		if h.Mode == 0 {
			h.Mode = 0o644
		}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(i.body)); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func gzipOf(t testing.TB, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstdOf(t testing.TB, plain []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(plain, nil)
}

func newAnalyser(t testing.TB, change func(*Limits)) *Analyser {
	t.Helper()
	limits := DefaultLimits()
	if change != nil {
		change(&limits)
	}
	a, err := New(limits)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// analyse reads a plain layer and sends the result through its stored form.
func analyse(t testing.TB, items ...item) *Layer {
	t.Helper()
	plain := tarOf(t, items...)
	l, err := newAnalyser(t, nil).AnalyseLayer(context.Background(), crowsnest.Layer{DiffID: crowsnest.DigestOf(plain)}, bytes.NewReader(plain))
	if err != nil {
		t.Fatal(err)
	}
	b, err := l.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// image analyses layers, lowest first, and merges them.
func image(t testing.TB, layers ...[]item) crowsnest.Analysis {
	t.Helper()
	var all []*Layer
	for _, l := range layers {
		all = append(all, analyse(t, l...))
	}
	return Merge(crowsnest.Image{Name: "test"}, all)
}

// names lists the packages of an analysis as "type name version".
func names(a crowsnest.Analysis) []string {
	out := []string{}
	for _, p := range a.Packages {
		out = append(out, strings.Join([]string{p.Type, p.Name, p.Version}, " "))
	}
	return out
}

// paths lists the paths at which a package lies.
func paths(a crowsnest.Analysis, name string) []string {
	var out []string
	for _, p := range a.Packages {
		if p.Name == name {
			for _, l := range p.Locations {
				out = append(out, l.Path)
			}
		}
	}
	return out
}

func osReleaseOf(id, version string) string {
	return fmt.Sprintf("ID=%s\nVERSION_ID=%q\nPRETTY_NAME=%q\n", id, version, id+" "+version)
}

// npm is a package.json.
func npm(path, name, version string) item {
	return file(path, fmt.Sprintf(`{"name":%q,"version":%q}`, name, version))
}

// deb is a stanza of a dpkg database; more holds further fields.
func deb(name, version string, more ...string) string {
	return fmt.Sprintf("Package: %s\nStatus: install ok installed\nArchitecture: amd64\nVersion: %s\n%s\n", name, version, lines(more))
}

func lines(l []string) string {
	if len(l) == 0 {
		return ""
	}
	return strings.Join(l, "\n") + "\n"
}

// jarOf is an archive with the given files.
func jarOf(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, body := range files {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pom(group, artifact, version string) map[string]string {
	return map[string]string{
		"META-INF/maven/" + group + "/" + artifact + "/pom.properties": fmt.Sprintf("groupId=%s\nartifactId=%s\nversion=%s\n", group, artifact, version),
	}
}

// rpmDB is an RPM database in SQLite.
func rpmDB(t testing.TB, packages ...rpmkit.Package) []byte {
	t.Helper()
	b, err := rpmkit.SQLite(t.TempDir(), packages...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
