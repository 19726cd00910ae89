package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// attestedImage is an index with an image that has left-pad, and attestations that tell of it and of right-pad.
func attestedImage(t *testing.T) imagekit.Ref {
	t.Helper()
	img := imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{{Files: []imagekit.File{
		imagekit.Text("app/node_modules/left-pad/package.json", `{"name":"left-pad","version":"1.0.0"}`),
		imagekit.Text("app/node_modules/pad/package.json", `{"name":"pad","version":"3.0.0"}`),
	}}}})
	digest := imagekit.Digest(t, img)
	component := func(name, version string) map[string]any {
		return map[string]any{"type": "library", "name": name, "version": version, "purl": "pkg:npm/" + name + "@" + version}
	}
	index := imagekit.Attest(t, imagekit.Index(t, img), digest,
		imagekit.Statement(t, digest, "https://cyclonedx.org/bom", map[string]any{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": []any{component("left-pad", "1.0.0"), component("right-pad", "2.0.0")}}),
		imagekit.Statement(t, digest, "https://slsa.dev/provenance/v0.2", map[string]any{
			"builder":    map[string]any{"id": "https://ci.example.com/7"},
			"invocation": map[string]any{"configSource": map[string]any{"uri": "https://git.example.com/shop/web.git", "digest": map[string]string{"sha1": "f00"}}},
			"materials":  []any{map[string]any{"uri": "pkg:docker/debian@12-slim?platform=linux%2Famd64", "digest": map[string]string{"sha256": strings.TrimPrefix(string(crowsnest.DigestOf([]byte("debian"))), "sha256:")}}},
		}),
		imagekit.Statement(t, crowsnest.DigestOf([]byte("another")), "https://example.com/tested/v1", map[string]any{}))
	return imagekit.Tag("1", index)
}

// The same attestations are read here and by a server.
func TestAttestationCommands(t *testing.T) {
	ref := attestedImage(t)
	host := imagekit.Registry(t)
	imagekit.Push(t, host+"/shop/web:1", ref.Content)
	source := host + "/shop/web:1"
	for _, with := range []string{"a layout", "a registry", "a server"} {
		t.Run("with "+with, func(t *testing.T) {
			p, source := newPerson(t), source
			switch with {
			case "a server":
				address, token := realServer(t)
				p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
			case "a layout":
				source = "oci-dir://" + imagekit.Layout(t, ref)
			}
			text := p.ok("attestation", "list", source)
			for _, says := range []string{"sbom", "https://cyclonedx.org/bom", "https://ci.example.com/7 https://git.example.com/shop/web.git f00", "it is about another image", "no signature is verified"} {
				if !strings.Contains(text, says) {
					t.Errorf("list does not say %q:\n%s", says, text)
				}
			}
			var list wire.Attestations
			if err := json.Unmarshal([]byte(p.ok("attestation", "list", source, "--format", "json")), &list); err != nil || len(list.Items) != 3 || list.Read.IsZero() {
				t.Fatalf("list: %v, %+v", err, list)
			}

			var statement struct {
				PredicateType string
				Predicate     struct{ BOMFormat string }
			}
			if err := json.Unmarshal([]byte(p.ok("attestation", "get", source, "--predicate-type", "sbom")), &statement); err != nil || statement.PredicateType != "https://cyclonedx.org/bom" || statement.Predicate.BOMFormat != "CycloneDX" {
				t.Errorf("get: %v, %+v", err, statement)
			}
			if got := p.ok("attestation", "get", source, "--digest", string(list.Items[1].Digest), "--predicate"); !strings.HasPrefix(got, `{"builder"`) {
				t.Errorf("get --predicate: %s", got)
			}
			var attested wire.Attested
			if err := json.Unmarshal([]byte(p.ok("attestation", "get", source, "--predicate-type", "https://slsa.dev/", "--format", "json")), &attested); err != nil || attested.Provenance.Builder != "https://ci.example.com/7" || len(attested.Statement) == 0 {
				t.Errorf("get --format json: %v, %+v", err, attested)
			}
			p.refused([]string{"attestation", "get", source}, "there are 2", "--predicate-type or --digest")
			p.refused([]string{"attestation", "get", source, "--predicate-type", "vex"}, "it is about another image")

			var sbom wire.SBOM
			if err := json.Unmarshal([]byte(p.ok("sbom", source, "--use-attested-sbom", "--format", "json")), &sbom); err != nil || sbom.Image.Attested != list.Items[0].Digest || sbom.Image.Digest != list.Image.Digest {
				t.Errorf("sbom --use-attested-sbom: %v, %+v", err, sbom.Image)
			}
			names := []string{}
			for _, pkg := range sbom.Packages {
				names = append(names, pkg.Name)
			}
			if diff := cmp.Diff([]string{"left-pad", "right-pad"}, names); diff != "" {
				t.Errorf("packages as attested (-want +got):\n%s", diff)
			}
			for _, command := range []string{"cves", "quickview"} {
				if got := p.ok(command, source, "--use-attested-sbom"); !strings.Contains(got, "packages are from the bill of materials "+list.Items[0].Digest.Short()) {
					t.Errorf("%s --use-attested-sbom does not say whose packages it has:\n%s", command, got)
				}
			}
			if got := p.ok("quickview", source, "--use-attested-sbom", "--format", "json"); !strings.Contains(got, `"attested": "`+string(list.Items[0].Digest)) {
				t.Errorf("quickview --use-attested-sbom --format json: %s", got)
			}
			if got := p.ok("quickview", source); !strings.Contains(got, "docker.io/library/debian:12-slim (by the provenance of its build)") {
				t.Errorf("quickview does not say what it is built on:\n%s", got)
			}

			var diff wire.AttestationDifferences
			if err := json.Unmarshal([]byte(p.ok("attestation", "diff", source, "--format", "json")), &diff); err != nil || diff.Same != 1 || len(diff.Analysis) != 1 || diff.Analysis[0].Name != "pad" || len(diff.Document) != 1 || diff.Document[0].Name != "right-pad" {
				t.Errorf("diff: %v, %+v", err, diff)
			}
			if got := p.ok("attestation", "diff", source); !strings.Contains(got, "only in the attestation  1") {
				t.Errorf("diff:\n%s", got)
			}
		})
	}
}

func TestNothingAttested(t *testing.T) {
	source, _ := leftPad(t)
	p := newPerson(t)
	if got := p.ok("attestation", "list", source); !strings.Contains(got, "docker buildx build --attest type=sbom") {
		t.Errorf("list:\n%s", got)
	}
	for _, args := range [][]string{{"attestation", "get", source}, {"attestation", "diff", source}, {"cves", source, "--use-attested-sbom"}} {
		p.refused(args, "the image has none", "docker buildx build --attest type=sbom")
	}
	p.refused([]string{"attestation", "list", "sbom://x.json"}, "name the image")
	p.refused([]string{"attestation", "list", "sha256:" + strings.Repeat("a", 64)}, "a server is needed")
}
