package e2e

import (
	"testing"

	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
)

// attestationsContract is that of "crowsnest attestation list --format json".
var attestationsContract = object(map[string]contract{
	"image": object(map[string]contract{"name": filled, "digest": digest, "imageId": digest, "platform": filled}),
	"read":  filled,
	"items": list(object(map[string]contract{
		"digest": digest, "manifest": digest, "source": oneOf("index", "referrer"), "kind": oneOf("sbom", "provenance", "vex", "other"),
		"mediaType": filled, "predicateType": filled, "size": number, "problem?": filled,
		"provenance?": object(map[string]contract{"builder": filled, "buildType": filled, "repository": filled, "revision": filled, "mode": text, "bases": list(object(map[string]contract{"name": filled, "digest?": digest}))}),
	})),
})

// attestationDiffContract is that of "crowsnest attestation diff --format json".
var attestationDiffContract = object(map[string]contract{
	"image":             object(map[string]contract{"name": filled, "digest": digest, "imageId": digest, "platform": filled}),
	"attested":          digest,
	"same":              number,
	"onlyInAnalysis":    list(object(map[string]contract{"purl": filled, "type": filled, "name": filled, "version": text, "ecosystem?": filled, "source?": filled, "sourceVersion?": filled})),
	"onlyInAttestation": list(object(map[string]contract{"purl": filled, "type": filled, "name": filled, "version": filled, "ecosystem": filled})),
	"problems":          list(object(map[string]contract{"reason": filled})),
})

// TestAttestations reads attestations on this machine and from a server: the same keys, the same answers.
func TestAttestations(t *testing.T) {
	t.Parallel()
	img := shop(t)
	about := imagekit.Digest(t, img)
	index := imagekit.Attest(t, imagekit.Index(t, img), about,
		imagekit.Statement(t, about, "https://cyclonedx.org/bom", obj{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": []any{obj{"type": "library", "name": "right-pad", "version": "1.0.0", "purl": "pkg:npm/right-pad@1.0.0"}}}),
		imagekit.Statement(t, about, "https://slsa.dev/provenance/v0.2", obj{
			"builder": obj{"id": "https://ci.example.com/7"}, "buildType": "https://mobyproject.org/buildkit@v1",
			"invocation": obj{"configSource": obj{"uri": "https://git.example.com/shop/web.git", "digest": obj{"sha1": "f00"}}},
			"materials":  []any{obj{"uri": "pkg:docker/debian@12-slim"}},
		}),
		imagekit.Blob{MediaType: imagekit.InToto, Content: []byte("{"), Annotations: map[string]string{"in-toto.io/predicate-type": "https://example.com/tested/v1"}})
	host := imagekit.Registry(t)
	imagekit.Push(t, host+"/shop/attested:1.0", index)
	s := shared(t, "sqlite")
	for name, m := range map[string]machine{"machine": newMachine(t), "server": at(t, s)} {
		var raw any
		m.jsons(t, []any{&raw}, "attestation", "list", host+"/shop/attested:1.0")
		check(t, name+": list", attestationsContract, raw)
		var diff any
		m.jsons(t, []any{&diff}, "attestation", "diff", host+"/shop/attested:1.0")
		check(t, name+": diff", attestationDiffContract, diff)
	}
}
