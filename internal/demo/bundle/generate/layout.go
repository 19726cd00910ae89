package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/gzip"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/demo/bundle"
)

// fileTime is the time of every file in every layer: a layer's bytes depend on
// nothing but what is in it.
var fileTime = time.Date(2026, 5, 4, 6, 0, 0, 0, time.UTC)

// file is one entry of a layer. Folders above it are made as needed.
type file struct {
	path       string
	content    []byte
	executable bool
}

// whiteout hides what lower layers have at p.
func whiteout(p string) file { return file{path: path.Join(path.Dir(p), ".wh."+path.Base(p))} }

// opaque hides everything that lower layers have in dir.
func opaque(dir string) file { return file{path: path.Join(dir, ".wh..wh..opq")} }

// layerPlan is one layer and the command that made it.
type layerPlan struct {
	createdBy string
	files     []file
}

// imagePlan is what is to be in an image. With more than one architecture it
// becomes an index.
type imagePlan struct {
	name     string // repository:tag
	unpushed bool   // it runs, but no registry has it
	arches   []string
	created  time.Time
	config   v1.Config
	layers   func(arch string) []layerPlan
}

// layoutWriter collects an OCI image layout.
type layoutWriter struct {
	blobs map[string][]byte
	index v1.IndexManifest
}

func newLayoutWriter() *layoutWriter {
	return &layoutWriter{
		blobs: map[string][]byte{},
		index: v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex},
	}
}

// add makes an image and returns its configuration digest, that of the default
// platform if it has several.
func (w *layoutWriter) add(plan imagePlan) (imageID string, err error) {
	var manifests []v1.Descriptor
	for _, arch := range plan.arches {
		manifest, config, err := w.addPlatform(plan, arch)
		if err != nil {
			return "", err
		}
		if arch == crowsnest.DefaultPlatform.Architecture {
			imageID = config.Digest.String()
		}
		manifests = append(manifests, manifest)
	}
	entry := manifests[0]
	if len(manifests) > 1 {
		index := v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: manifests}
		if entry, err = w.putJSON(types.OCIImageIndex, index); err != nil {
			return "", err
		}
	}
	entry.Annotations = map[string]string{bundle.AnnotationName: plan.name}
	if plan.unpushed {
		entry.Annotations[bundle.AnnotationPushed] = "false"
	}
	w.index.Manifests = append(w.index.Manifests, entry)
	return imageID, nil
}

func (w *layoutWriter) addPlatform(plan imagePlan, arch string) (manifest, config v1.Descriptor, err error) {
	file := v1.ConfigFile{
		Architecture: arch,
		OS:           crowsnest.DefaultPlatform.OS,
		Created:      v1.Time{Time: plan.created},
		Config:       plan.config,
		RootFS:       v1.RootFS{Type: "layers"},
	}
	m := v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1}
	for _, l := range plan.layers(arch) {
		plain, err := tarball(l.files)
		if err != nil {
			return manifest, config, err
		}
		diffID, _, err := v1.SHA256(bytes.NewReader(plain))
		if err != nil {
			return manifest, config, err
		}
		compressed, err := compress(plain)
		if err != nil {
			return manifest, config, err
		}
		d, err := w.put(types.OCILayer, compressed)
		if err != nil {
			return manifest, config, err
		}
		m.Layers = append(m.Layers, d)
		file.RootFS.DiffIDs = append(file.RootFS.DiffIDs, diffID)
		file.History = append(file.History, v1.History{Created: v1.Time{Time: plan.created}, CreatedBy: l.createdBy})
	}
	file.History = append(file.History, v1.History{
		Created: v1.Time{Time: plan.created}, EmptyLayer: true, CreatedBy: fmt.Sprintf("ENTRYPOINT %q", plan.config.Entrypoint),
	})
	if config, err = w.putJSON(types.OCIConfigJSON, file); err != nil {
		return manifest, config, err
	}
	m.Config = config
	manifest, err = w.putJSON(types.OCIManifestSchema1, m)
	manifest.Platform = &v1.Platform{OS: file.OS, Architecture: arch}
	return manifest, config, err
}

func (w *layoutWriter) putJSON(media types.MediaType, v any) (v1.Descriptor, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return v1.Descriptor{}, err
	}
	return w.put(media, b)
}

func (w *layoutWriter) put(media types.MediaType, b []byte) (v1.Descriptor, error) {
	h, size, err := v1.SHA256(bytes.NewReader(b))
	if err != nil {
		return v1.Descriptor{}, err
	}
	w.blobs[path.Join("blobs", h.Algorithm, h.Hex)] = b
	return v1.Descriptor{MediaType: media, Size: size, Digest: h}, nil
}

// files returns the layout's files by their path.
func (w *layoutWriter) files() (map[string][]byte, error) {
	index, err := indented(w.index)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{"oci-layout": []byte(`{"imageLayoutVersion":"1.0.0"}` + "\n"), "index.json": index}
	for p, b := range w.blobs {
		files[p] = b
	}
	return files, nil
}

func tarball(files []file) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	made := map[string]bool{".": true}
	var mkdir func(dir string) error
	mkdir = func(dir string) error {
		if made[dir] {
			return nil
		}
		if err := mkdir(path.Dir(dir)); err != nil {
			return err
		}
		made[dir] = true
		return w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755, ModTime: fileTime, Format: tar.FormatUSTAR})
	}
	for _, f := range files {
		if err := mkdir(path.Dir(f.path)); err != nil {
			return nil, err
		}
		mode := int64(0o644)
		if f.executable {
			mode = 0o755
		}
		h := &tar.Header{Typeflag: tar.TypeReg, Name: f.path, Size: int64(len(f.content)), Mode: mode, ModTime: fileTime, Format: tar.FormatUSTAR}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// compress uses a library of a pinned version: the standard library's output
// may change with Go.
func compress(b []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
