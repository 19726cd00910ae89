package demo

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/crowsnest-sec/crowsnest"
)

// attested is the image that its makers say something of.
const attested = "shop/web:1.0"

type object = map[string]any

// statements are what they say, by the type of the predicate. The bill of materials leaves out what the distribution brings.
var statements = map[string]object{
	"https://slsa.dev/provenance/v1": {
		"buildDefinition": object{
			"buildType":          "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md",
			"externalParameters": object{"configSource": object{"uri": "https://git.example.com/shop/web.git", "digest": object{"sha1": "4f2a9c1be07d35a8f6d0c2b14e5978a3d6b0e1c7"}, "path": "Dockerfile"}},
			"resolvedDependencies": []object{
				{"uri": "pkg:docker/docker/dockerfile@1?platform=linux%2Famd64"},
				{"uri": "pkg:docker/debian@12-slim?platform=linux%2Famd64"},
			},
		},
		"runDetails": object{"builder": object{"id": "https://ci.example.com/shop/web/builds/1042"}},
	},
	"https://cyclonedx.org/bom": {
		"bomFormat": "CycloneDX", "specVersion": "1.6",
		"components": []object{{"type": "library", "name": "minimist", "version": "1.2.5", "purl": "pkg:npm/minimist@1.2.5"}},
	},
}

// attest lets statements refer to an image in the registry.
func attest(ctx context.Context, ref name.Reference, img v1.Image) error {
	digest, err := img.Digest()
	if err != nil {
		return err
	}
	subject := v1.Descriptor{MediaType: types.OCIManifestSchema1, Digest: digest}
	if subject.Size, err = img.Size(); err != nil {
		return err
	}
	const inToto = "application/vnd.in-toto+json"
	for _, predicateType := range slices.Sorted(maps.Keys(statements)) {
		b, err := json.Marshal(object{
			"_type": "https://in-toto.io/Statement/v1", "predicateType": predicateType, "predicate": statements[predicateType],
			"subject": []object{{"name": ref.Name(), "digest": object{digest.Algorithm: digest.Hex}}},
		})
		if err != nil {
			return err
		}
		artifact, err := mutate.Append(mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), inToto), mutate.Addendum{
			Layer: static.NewLayer(b, inToto), Annotations: map[string]string{"in-toto.io/predicate-type": predicateType},
		})
		if err != nil {
			return err
		}
		referring, ok := mutate.Subject(artifact, subject).(v1.Image)
		if !ok {
			return &crowsnest.Error{Kind: crowsnest.Internal, Op: "attest", Subject: ref.String()}
		}
		refers, err := referring.Digest()
		if err != nil {
			return err
		}
		if err := remote.Write(ref.Context().Digest(refers.String()), referring, remote.WithContext(ctx)); err != nil {
			return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "push attestation of", Subject: ref.String(), Err: err}
		}
	}
	return nil
}
