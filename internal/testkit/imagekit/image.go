package imagekit

import (
	"cmp"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/crowsnest-sec/crowsnest"
)

// Image is an image to build. The zero value is a valid image without layers.
type Image struct {
	Platform crowsnest.Platform // zero = crowsnest.DefaultPlatform
	Layers   []Layer
	User     string
	Labels   map[string]string
	Created  time.Time // zero = Epoch
	Docker   bool      // Docker's media types (schema 2) instead of OCI's
}

// Build assembles the image.
func (i Image) Build() (v1.Image, error) {
	platform := cmp.Or(i.Platform, crowsnest.DefaultPlatform)
	created := i.Created
	if created.IsZero() {
		created = Epoch
	}
	img, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{
		OS: platform.OS, Architecture: platform.Architecture, Variant: platform.Variant,
		Created: v1.Time{Time: created},
		Config:  v1.Config{User: i.User, Labels: i.Labels},
		RootFS:  v1.RootFS{Type: "layers", DiffIDs: []v1.Hash{}},
	})
	if err != nil {
		return nil, err
	}
	if !i.Docker {
		img = mutate.ConfigMediaType(mutate.MediaType(img, types.OCIManifestSchema1), types.OCIConfigJSON)
	}
	for n, l := range i.Layers {
		built, err := l.build(i.Docker)
		if err != nil {
			return nil, fmt.Errorf("layer %d: %w", n, err)
		}
		img, err = mutate.Append(img, mutate.Addendum{
			Layer: built, MediaType: built.mediaType,
			History: v1.History{Created: v1.Time{Time: created}, CreatedBy: cmp.Or(l.CreatedBy, fmt.Sprintf("layer %d", n))},
		})
		if err != nil {
			return nil, fmt.Errorf("layer %d: %w", n, err)
		}
	}
	return img, nil
}

// Build assembles the image or ends the test.
func Build(t testing.TB, i Image) v1.Image {
	t.Helper()
	img, err := i.Build()
	if err != nil {
		t.Fatalf("build image: %v", err)
	}
	return img
}

// Index puts images, or other indexes, into an OCI index. The platform of each
// image is read from its configuration; an index in an index has none.
func Index(t testing.TB, parts ...mutate.Appendable) v1.ImageIndex {
	t.Helper()
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, part := range parts {
		add := mutate.IndexAddendum{Add: part}
		if img, ok := part.(v1.Image); ok {
			config, err := img.ConfigFile()
			if err != nil {
				t.Fatalf("index: %v", err)
			}
			add.Descriptor.Platform = config.Platform()
		}
		index = mutate.AppendManifests(index, add)
	}
	return index
}

// WithAttestation adds to an index what builders add beside an image: a
// manifest for the platform unknown/unknown that holds a provenance statement.
func WithAttestation(t testing.TB, index v1.ImageIndex) v1.ImageIndex {
	t.Helper()
	statement := Build(t, Image{
		Platform: crowsnest.Platform{OS: "unknown", Architecture: "unknown"},
		Layers:   []Layer{{Files: []File{Text("statement.json", "{}")}, Compression: Plain, MediaType: "application/vnd.in-toto+json"}},
	})
	return mutate.AppendManifests(index, mutate.IndexAddendum{Add: statement, Descriptor: v1.Descriptor{
		Platform:    &v1.Platform{OS: "unknown", Architecture: "unknown"},
		Annotations: map[string]string{"vnd.docker.reference.type": "attestation-manifest"},
	}})
}

// Digest returns the digest of an image's or an index's manifest.
func Digest(t testing.TB, content mutate.Appendable) crowsnest.Digest {
	t.Helper()
	h, err := content.Digest()
	if err != nil {
		t.Fatalf("digest: %v", err)
	}
	return crowsnest.Digest(h.String())
}

// ImageID returns the digest of an image's configuration.
func ImageID(t testing.TB, img v1.Image) crowsnest.Digest {
	t.Helper()
	h, err := img.ConfigName()
	if err != nil {
		t.Fatalf("image ID: %v", err)
	}
	return crowsnest.Digest(h.String())
}
