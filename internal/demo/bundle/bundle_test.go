package bundle

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/crowsnest-sec/crowsnest"
)

// maxSize is what the bundle may add to the program.
const maxSize = 4 << 20

func TestSize(t *testing.T) {
	var size int64
	err := fs.WalkDir(files, ".", func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		size += info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if size > maxSize {
		t.Errorf("the bundle has %d bytes, want at most %d", size, maxSize)
	}
}

func TestImagesAreWhole(t *testing.T) {
	for _, image := range loadImages(t) {
		t.Run(image.Name(), func(t *testing.T) {
			if image.Index != nil {
				if err := validate.Index(image.Index); err != nil {
					t.Error(err)
				}
				return
			}
			if err := validate.Image(image.Image); err != nil {
				t.Error(err)
			}
		})
	}
}

// An altered blob must not come out of the layout under its old digest.
func TestLayoutRefusesAlteredBlobs(t *testing.T) {
	for _, image := range loadImages(t) {
		if image.Name() != "shop/web:1.0" {
			continue
		}
		manifest, err := image.Image.Manifest()
		if err != nil {
			t.Fatal(err)
		}
		altered := alteredFS{files, "layout/blobs/sha256/" + manifest.Layers[0].Digest.Hex}
		l, err := openLayout(altered, "layout")
		if err != nil {
			t.Fatal(err)
		}
		images, err := l.images()
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(images, func(i Image) bool { return i.Name() == "shop/web:1.0" })
		if err := validate.Image(images[i].Image); err == nil {
			t.Error("no error for a layer that was altered")
		}
		return
	}
	t.Fatal("no shop/web:1.0")
}

// alteredFS changes the first byte of one file.
type alteredFS struct {
	fs.FS
	path string
}

func (a alteredFS) ReadFile(name string) ([]byte, error) {
	b, err := fs.ReadFile(a.FS, name)
	if name == a.path && len(b) > 0 {
		b = append([]byte{b[0] ^ 1}, b[1:]...)
	}
	return b, err
}

func TestScenario(t *testing.T) {
	type state struct{ Pushed, Runs, Index bool }
	got := map[string]state{}
	nameOf := map[crowsnest.Digest]string{}
	for _, image := range loadImages(t) {
		got[image.Name()] = state{Pushed: image.Pushed, Index: image.Index != nil}
		nameOf[imageID(t, image)] = image.Name()
	}
	type run struct{ Cluster, Environment, Workload, Image string }
	var runs []run
	clusters, err := Clusters()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range clusters {
		for _, o := range c.Items {
			name, ok := nameOf[o.ImageID]
			if !ok {
				t.Errorf("%s/%s runs %s, which is no image of the bundle", o.Namespace, o.Name, o.ImageID)
			}
			s := got[name]
			s.Runs = true
			got[name] = s
			runs = append(runs, run{c.Name, c.Environment, strings.Join([]string{o.Namespace, o.Kind, o.Name, o.Container}, "/"), name})
		}
	}
	want := map[string]state{
		"shop/admin:1.0":    {Pushed: true},
		"shop/frontend:1.0": {Pushed: true, Runs: true},
		"shop/web:1.0":      {Pushed: true, Runs: true},
		"shop/web:2.0":      {Pushed: true, Runs: true},
		"shop/worker:1.0":   {Pushed: true, Runs: true, Index: true},
		"tools/debug:1.0":   {Runs: true},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("images (-want +got):\n%s", d)
	}
	wantRuns := []run{
		{"prod-eu", "production", "shop/deployment/web/web", "shop/web:1.0"},
		{"prod-eu", "production", "shop/deployment/frontend/frontend", "shop/frontend:1.0"},
		{"prod-eu", "production", "shop/statefulset/worker/worker", "shop/worker:1.0"},
		{"prod-eu", "production", "batch/cronjob/report/report", "shop/worker:1.0"},
		{"prod-eu", "production", "ops/deployment/debug/debug", "tools/debug:1.0"},
		{"staging-eu", "staging", "shop/deployment/web/web", "shop/web:2.0"},
		{"staging-eu", "staging", "shop/deployment/frontend/frontend", "shop/frontend:1.0"},
	}
	if d := cmp.Diff(wantRuns, runs); d != "" {
		t.Errorf("workloads (-want +got):\n%s", d)
	}
}

// Layers are shared, so that analysing one image spares work on the next.
func TestBaseLayersAreShared(t *testing.T) {
	base := map[string]v1.Hash{}
	for _, image := range loadImages(t) {
		layers, err := platformImage(t, image, "amd64").Layers()
		if err != nil {
			t.Fatal(err)
		}
		if len(layers) < 2 {
			t.Errorf("%s has %d layers, want several", image.Name(), len(layers))
		}
		if base[image.Name()], err = layers[0].DiffID(); err != nil {
			t.Fatal(err)
		}
	}
	for _, same := range [][2]string{
		{"shop/web:1.0", "shop/admin:1.0"}, {"shop/web:1.0", "tools/debug:1.0"}, {"shop/web:2.0", "shop/frontend:1.0"},
	} {
		if base[same[0]] != base[same[1]] {
			t.Errorf("%s and %s have different base layers", same[0], same[1])
		}
	}
	if base["shop/web:1.0"] == base["shop/web:2.0"] {
		t.Error("both versions of shop/web have the same base layer")
	}
}

func TestProgramsAreRealGoBinaries(t *testing.T) {
	type program struct{ Path, Arch, Main string }
	got := map[string][]program{}
	for _, image := range loadImages(t) {
		for _, arch := range []string{"amd64", "arm64"} {
			if image.Index == nil && arch == "arm64" {
				continue
			}
			for p, content := range merged(t, platformImage(t, image, arch)) {
				info, err := buildinfo.Read(bytes.NewReader(content))
				if err != nil {
					continue
				}
				for _, s := range info.Settings {
					if s.Key == "GOARCH" {
						got[image.Name()] = append(got[image.Name()], program{p, s.Value, info.Path})
					}
				}
				if len(info.Deps) == 0 {
					t.Errorf("%s in %s names no module", p, image.Name())
				}
			}
		}
	}
	want := map[string][]program{
		"shop/web:1.0":    {{"usr/local/bin/web", "amd64", "example.org/shop/web"}},
		"shop/web:2.0":    {{"usr/local/bin/web", "amd64", "example.org/shop/web"}},
		"shop/worker:1.0": {{"worker", "amd64", "example.org/shop/worker"}, {"worker", "arm64", "example.org/shop/worker"}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("programs (-want +got):\n%s", d)
	}
}

func TestAdvisoriesFollowTheSchema(t *testing.T) {
	dir, err := Advisories()
	if err != nil {
		t.Fatal(err)
	}
	list, err := fs.ReadFile(dir, "ecosystems.txt")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"Debian", "Go", "npm"}, strings.Fields(string(list))); d != "" {
		t.Errorf("ecosystems.txt (-want +got):\n%s", d)
	}
	for _, ecosystem := range strings.Fields(string(list)) {
		records := loadAdvisories(t, ecosystem)
		modified := map[string]string{}
		for _, r := range records {
			modified[r.ID] = r.Modified
			for _, stamp := range []string{r.Modified, r.Published} {
				if _, err := time.Parse(time.RFC3339, stamp); err != nil {
					t.Errorf("%s: %v", r.ID, err)
				}
			}
			if r.ID == "" || r.SchemaVersion == "" || r.Summary == "" || len(r.Affected) == 0 {
				t.Errorf("record %q lacks a required field: %+v", r.ID, r)
			}
			for _, a := range r.Affected {
				if name, _, _ := strings.Cut(a.Package.Ecosystem, ":"); name != ecosystem || a.Package.Name == "" || len(a.Ranges) == 0 {
					t.Errorf("%s: affected %+v is not complete or not of %s", r.ID, a, ecosystem)
				}
			}
		}
		b, err := fs.ReadFile(dir, ecosystem+"/modified_id.csv")
		if err != nil {
			t.Fatal(err)
		}
		listed := map[string]string{}
		newest := ""
		for line := range strings.Lines(string(b)) {
			stamp, id, _ := strings.Cut(strings.TrimSpace(line), ",")
			if newest != "" && stamp > newest {
				t.Errorf("%s/modified_id.csv: %s comes after an older one", ecosystem, id)
			}
			newest = stamp
			listed[id] = stamp
		}
		if d := cmp.Diff(modified, listed); d != "" {
			t.Errorf("%s: records against modified_id.csv (-zip +csv):\n%s", ecosystem, d)
		}
	}
}

// record is an OSV record as far as the tests look into it.
type record struct {
	SchemaVersion string   `json:"schema_version"`
	ID            string   `json:"id"`
	Modified      string   `json:"modified"`
	Published     string   `json:"published"`
	Aliases       []string `json:"aliases"`
	Upstream      []string `json:"upstream"`
	Summary       string   `json:"summary"`
	Severity      []struct{ Type, Score string }
	Affected      []struct {
		Package struct{ Ecosystem, Name string }
		Ranges  []struct {
			Type   string
			Events []struct{ Introduced, Fixed string }
		}
		EcosystemSpecific struct{ Urgency string } `json:"ecosystem_specific"`
	}
	DatabaseSpecific struct{ Severity string } `json:"database_specific"`
}

func loadAdvisories(t *testing.T, ecosystem string) []record {
	t.Helper()
	dir, err := Advisories()
	if err != nil {
		t.Fatal(err)
	}
	b, err := fs.ReadFile(dir, ecosystem+"/all.zip")
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var records []record
	for _, f := range z.File {
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var r record
		if err := json.NewDecoder(rc).Decode(&r); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		if err := rc.Close(); err != nil {
			t.Fatal(err)
		}
		if f.Name != r.ID+".json" {
			t.Errorf("%s holds %s", f.Name, r.ID)
		}
		records = append(records, r)
	}
	return records
}

func loadImages(t *testing.T) []Image {
	t.Helper()
	images, err := Images()
	if err != nil {
		t.Fatal(err)
	}
	return images
}

// platformImage returns the image itself or the one of arch in its index.
func platformImage(t *testing.T, image Image, arch string) v1.Image {
	t.Helper()
	if image.Index == nil {
		return image.Image
	}
	found, err := partial.FindImages(image.Index, func(d v1.Descriptor) bool { return d.Platform.Architecture == arch })
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %d images for %s: %v", image.Name(), len(found), arch, err)
	}
	return found[0]
}

func imageID(t *testing.T, image Image) crowsnest.Digest {
	t.Helper()
	h, err := platformImage(t, image, crowsnest.DefaultPlatform.Architecture).ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	return crowsnest.Digest(h.String())
}

// mergedImages spares decompressing an image for every test. The tests are not parallel.
var mergedImages = map[v1.Hash]map[string][]byte{}

// merged returns the files that are left of an image's layers, by their path.
// The whiteouts are honoured here by the plain rule, layer for layer. Callers
// share the result and must not change it.
func merged(t *testing.T, image v1.Image) map[string][]byte {
	t.Helper()
	digest, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	if all, ok := mergedImages[digest]; ok {
		return all
	}
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	mergedImages[digest] = all
	hide := func(prefix string) {
		for p := range all {
			if p == strings.TrimSuffix(prefix, "/") || strings.HasPrefix(p, prefix) {
				delete(all, p)
			}
		}
	}
	for _, l := range layers {
		rc, err := l.Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		fresh := map[string][]byte{}
		for r := tar.NewReader(rc); ; {
			h, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if h.Typeflag != tar.TypeReg {
				continue
			}
			dir, base := h.Name[:strings.LastIndex(h.Name, "/")+1], h.Name[strings.LastIndex(h.Name, "/")+1:]
			switch hidden, whiteout := strings.CutPrefix(base, ".wh."); {
			case base == ".wh..wh..opq":
				hide(dir)
			case whiteout:
				hide(dir + hidden + "/")
			default:
				if fresh[h.Name], err = io.ReadAll(r); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := rc.Close(); err != nil {
			t.Fatal(err)
		}
		for p, b := range fresh {
			all[p] = b
		}
	}
	return all
}

// everyFile returns the paths of all files in all layers, hidden or not.
func everyFile(t *testing.T, image v1.Image) map[string]bool {
	t.Helper()
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, l := range layers {
		rc, err := l.Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		for r := tar.NewReader(rc); ; {
			h, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			all[h.Name] = true
		}
		if err := rc.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return all
}
