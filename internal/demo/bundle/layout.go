package bundle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Annotations on the entries of the layout's index.json; the generator writes them.
const (
	AnnotationName   = "org.opencontainers.image.ref.name" // repository:tag
	AnnotationPushed = "dev.crowsnest.demo.pushed"         // "false" on an image that no registry has
)

// ociLayout reads an OCI image layout from a file system. go-containerregistry's
// own reader needs a directory on disk.
type ociLayout struct {
	files fs.FS
	dir   string
	index v1.IndexManifest
}

func openLayout(files fs.FS, dir string) (*ociLayout, error) {
	l := &ociLayout{files: files, dir: dir}
	b, err := fs.ReadFile(files, path.Join(dir, "index.json"))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, &l.index); err != nil {
		return nil, fmt.Errorf("read index.json: %w", err)
	}
	return l, nil
}

// blob returns the bytes of a blob and checks their digest.
func (l *ociLayout) blob(d v1.Descriptor) ([]byte, error) {
	b, err := fs.ReadFile(l.files, path.Join(l.dir, "blobs", d.Digest.Algorithm, d.Digest.Hex))
	if err != nil {
		return nil, err
	}
	got, size, err := v1.SHA256(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	if got != d.Digest || size != d.Size {
		return nil, fmt.Errorf("blob %s holds %s of %d bytes", d.Digest, got, size)
	}
	return b, nil
}

func (l *ociLayout) images() ([]Image, error) {
	images := make([]Image, 0, len(l.index.Manifests))
	for _, d := range l.index.Manifests {
		name := d.Annotations[AnnotationName]
		repository, tag, ok := strings.Cut(name, ":")
		if !ok {
			return nil, fmt.Errorf("index.json: %q is not repository:tag", name)
		}
		image := Image{Repository: repository, Tag: tag, Pushed: d.Annotations[AnnotationPushed] != "false"}
		var err error
		if d.MediaType.IsIndex() {
			image.Index, err = l.imageIndex(d)
		} else {
			image.Image, err = l.image(d)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		images = append(images, image)
	}
	slices.SortFunc(images, func(a, b Image) int { return strings.Compare(a.Name(), b.Name()) })
	return images, nil
}

func (l *ociLayout) image(d v1.Descriptor) (v1.Image, error) {
	raw, err := l.blob(d)
	if err != nil {
		return nil, err
	}
	manifest, err := v1.ParseManifest(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	return partial.CompressedToImage(&layoutImage{layout: l, descriptor: d, raw: raw, manifest: manifest})
}

// layoutImage is what go-containerregistry makes a v1.Image of.
type layoutImage struct {
	layout     *ociLayout
	descriptor v1.Descriptor
	raw        []byte
	manifest   *v1.Manifest
}

func (i *layoutImage) MediaType() (types.MediaType, error) { return i.descriptor.MediaType, nil }

func (i *layoutImage) RawManifest() ([]byte, error) { return i.raw, nil }

func (i *layoutImage) RawConfigFile() ([]byte, error) { return i.layout.blob(i.manifest.Config) }

func (i *layoutImage) LayerByDigest(h v1.Hash) (partial.CompressedLayer, error) {
	if h == i.manifest.Config.Digest {
		return layoutLayer{i.layout, i.manifest.Config}, nil
	}
	for _, d := range i.manifest.Layers {
		if d.Digest == h {
			return layoutLayer{i.layout, d}, nil
		}
	}
	return nil, fmt.Errorf("no layer %s", h)
}

type layoutLayer struct {
	layout     *ociLayout
	descriptor v1.Descriptor
}

func (l layoutLayer) Digest() (v1.Hash, error) { return l.descriptor.Digest, nil }

func (l layoutLayer) Size() (int64, error) { return l.descriptor.Size, nil }

func (l layoutLayer) MediaType() (types.MediaType, error) { return l.descriptor.MediaType, nil }

func (l layoutLayer) Compressed() (io.ReadCloser, error) {
	b, err := l.layout.blob(l.descriptor)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

func (l *ociLayout) imageIndex(d v1.Descriptor) (v1.ImageIndex, error) {
	raw, err := l.blob(d)
	if err != nil {
		return nil, err
	}
	manifest, err := v1.ParseIndexManifest(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	return &layoutIndex{layout: l, descriptor: d, raw: raw, manifest: manifest}, nil
}

// layoutIndex is an image index that stands in the layout.
type layoutIndex struct {
	layout     *ociLayout
	descriptor v1.Descriptor
	raw        []byte
	manifest   *v1.IndexManifest
}

var _ v1.ImageIndex = (*layoutIndex)(nil)

func (i *layoutIndex) MediaType() (types.MediaType, error) { return i.descriptor.MediaType, nil }

func (i *layoutIndex) Digest() (v1.Hash, error) { return i.descriptor.Digest, nil }

func (i *layoutIndex) Size() (int64, error) { return i.descriptor.Size, nil }

func (i *layoutIndex) RawManifest() ([]byte, error) { return i.raw, nil }

// IndexManifest returns a copy: callers of go-containerregistry change what they get.
func (i *layoutIndex) IndexManifest() (*v1.IndexManifest, error) { return i.manifest.DeepCopy(), nil }

func (i *layoutIndex) Image(h v1.Hash) (v1.Image, error) {
	d, err := i.entry(h)
	if err != nil {
		return nil, err
	}
	return i.layout.image(d)
}

func (i *layoutIndex) ImageIndex(h v1.Hash) (v1.ImageIndex, error) {
	d, err := i.entry(h)
	if err != nil {
		return nil, err
	}
	return i.layout.imageIndex(d)
}

func (i *layoutIndex) entry(h v1.Hash) (v1.Descriptor, error) {
	for _, d := range i.manifest.Manifests {
		if d.Digest == h {
			return d, nil
		}
	}
	return v1.Descriptor{}, fmt.Errorf("no image %s in index %s", h, i.descriptor.Digest)
}
