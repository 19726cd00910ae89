package imagekit

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/crowsnest-sec/crowsnest"
)

// Media types of attestations.
const (
	InToto = "application/vnd.in-toto+json"
	DSSE   = "application/vnd.dsse.envelope.v1+json"
	Bundle = "application/vnd.dev.sigstore.bundle.v0.3+json"
)

// ReferrersHandler is RegistryHandler of a registry that knows what refers to an image.
func ReferrersHandler() http.Handler {
	return registry.New(registry.Logger(log.New(io.Discard, "", 0)), registry.WithReferrersSupport(true))
}

// Blob is a layer of an artifact as it is stored.
type Blob struct {
	MediaType   string
	Content     []byte
	Annotations map[string]string
}

// Statement is an in-toto statement about the content with that digest.
func Statement(t testing.TB, about crowsnest.Digest, predicateType string, predicate any) Blob {
	t.Helper()
	b, err := json.Marshal(map[string]any{
		"_type": "https://in-toto.io/Statement/v0.1", "predicateType": predicateType,
		"subject":   []any{map[string]any{"name": "pkg:docker/app@1", "digest": map[string]string{"sha256": hex(about)}}},
		"predicate": predicate,
	})
	if err != nil {
		t.Fatalf("statement: %v", err)
	}
	return Blob{MediaType: InToto, Content: b, Annotations: map[string]string{"in-toto.io/predicate-type": predicateType}}
}

// Enveloped puts a statement into a DSSE envelope with a signature by nobody.
func Enveloped(t testing.TB, statement Blob) Blob {
	t.Helper()
	b, err := json.Marshal(map[string]any{
		"payloadType": InToto, "payload": base64.StdEncoding.EncodeToString(statement.Content),
		"signatures": []any{map[string]string{"sig": "MEUCIQ=="}},
	})
	if err != nil {
		t.Fatalf("envelope: %v", err)
	}
	return Blob{MediaType: DSSE, Content: b, Annotations: map[string]string{"predicateType": statement.Annotations["in-toto.io/predicate-type"]}}
}

// Artifact builds a manifest whose configuration is of a type and whose layers are the blobs.
func Artifact(t testing.TB, artifactType string, blobs ...Blob) v1.Image {
	t.Helper()
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.MediaType(artifactType))
	for _, b := range blobs {
		var err error
		if img, err = mutate.Append(img, mutate.Addendum{Layer: static.NewLayer(b.Content, types.MediaType(b.MediaType)), Annotations: b.Annotations}); err != nil {
			t.Fatalf("artifact: %v", err)
		}
	}
	return img
}

// Attest adds to an index what BuildKit does: a manifest with statements about one of its images.
func Attest(t testing.TB, index v1.ImageIndex, about crowsnest.Digest, statements ...Blob) v1.ImageIndex {
	t.Helper()
	return mutate.AppendManifests(index, mutate.IndexAddendum{Add: Artifact(t, string(types.OCIConfigJSON), statements...), Descriptor: v1.Descriptor{
		Platform:    &v1.Platform{OS: "unknown", Architecture: "unknown"},
		Annotations: map[string]string{"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": string(about)},
	}})
}

// Refer lets an artifact refer to an image or index.
func Refer(t testing.TB, artifact v1.Image, to mutate.Appendable) v1.Image {
	t.Helper()
	digest, err := to.Digest()
	if err != nil {
		t.Fatalf("refer: %v", err)
	}
	size, err := to.Size()
	if err != nil {
		t.Fatalf("refer: %v", err)
	}
	mediaType, err := to.MediaType()
	if err != nil {
		t.Fatalf("refer: %v", err)
	}
	referring, ok := mutate.Subject(artifact, v1.Descriptor{MediaType: mediaType, Digest: digest, Size: size}).(v1.Image)
	if !ok {
		t.Fatal("refer: what refers is no image any more")
	}
	return referring
}
