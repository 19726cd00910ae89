package attestation

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

// hexOf is a digest as materials write it.
func hexOf(s string) string {
	return strings.TrimPrefix(string(crowsnest.DigestOf([]byte(s))), crowsnest.DigestPrefix)
}

func TestReadProvenance(t *testing.T) {
	debian, golang := crowsnest.DigestOf([]byte("debian")), crowsnest.DigestOf([]byte("golang"))
	layers := []crowsnest.Layer{{Digest: crowsnest.DigestOf([]byte("1"))}, {Digest: crowsnest.DigestOf([]byte("2"))}}
	materials := `[{"uri":"pkg:docker/docker/dockerfile@1","digest":{"sha256":"` + hexOf("frontend") + `"}},
		{"uri":"pkg:docker/docker/buildkit-syft-scanner@stable-1","digest":{"sha256":"` + hexOf("scanner") + `"}},
		{"uri":"pkg:docker/golang@1.26?platform=linux%2Famd64","digest":{"sha256":"` + hexOf("golang") + `"}},
		{"uri":"pkg:docker/debian@12-slim?platform=linux%2Famd64","digest":{"sha256":"` + hexOf("debian") + `"}}]`
	steps := `{"llbDefinition":[
		{"id":"step0","op":{"Op":{"source":{"identifier":"docker-image://docker.io/library/golang:1.26@` + string(golang) + `"}}}},
		{"id":"step1","op":{"Op":{"exec":{"meta":{"args":["go","build"]}}}},"inputs":["step0:0"]},
		{"id":"step2","op":{"Op":{"source":{"identifier":"docker-image://docker.io/library/debian:12-slim@` + string(debian) + `"}}}}]}`
	told := func(of string) string {
		return `{"layers":{"step0:0":[[{"digest":"sha256:` + hexOf("go") + `"}]],"step2:0":[[{"digest":"sha256:` + hexOf(of) + `"}]]},
			"vcs":{"source":"https://user:secret@git.example.com/team/app.git","revision":"abc"}}`
	}
	debianName := crowsnest.ImageName{Name: "docker.io/library/debian:12-slim", Digest: debian}
	for name, tt := range map[string]struct {
		predicateType, predicate string
		want                     *crowsnest.Provenance
	}{
		"v0.2, mode=max": {typeV02, `{"builder":{"id":"b"},"buildType":"https://mobyproject.org/buildkit@v1","materials":` + materials + `,"buildConfig":` + steps + `,
			"metadata":{"https://mobyproject.org/buildkit@v1#metadata":` + told("1") + `}}`,
			&crowsnest.Provenance{Builder: "b", BuildType: "https://mobyproject.org/buildkit@v1", Mode: crowsnest.ProvenanceMax, Repository: "https://git.example.com/team/app.git", Revision: "abc", Bases: []crowsnest.ImageName{debianName}}},
		"v1, mode=max": {typeV1, `{"buildDefinition":{"buildType":"t","resolvedDependencies":` + materials + `,"internalParameters":{"buildConfig":` + steps + `}},
			"runDetails":{"builder":{"id":"b"},"metadata":{"buildkit_metadata":` + told("1") + `}}}`,
			&crowsnest.Provenance{Builder: "b", BuildType: "t", Repository: "https://git.example.com/team/app.git", Revision: "abc", Bases: []crowsnest.ImageName{debianName}}},
		"built on nothing": {typeV1, `{"buildDefinition":{"resolvedDependencies":` + materials + `,"internalParameters":{"buildConfig":` + steps + `}},
			"runDetails":{"metadata":{"buildkit_metadata":` + strings.Replace(told("x"), `"vcs"`, `"no"`, 1) + `}}}`, &crowsnest.Provenance{}},
		"mode=min": {typeV02, `{"buildType":"https://mobyproject.org/buildkit@v1","materials":` + materials + `}`,
			&crowsnest.Provenance{BuildType: "https://mobyproject.org/buildkit@v1", Mode: crowsnest.ProvenanceMin, Bases: []crowsnest.ImageName{{Name: "docker.io/library/golang:1.26", Digest: golang}, debianName}}},
		"own front end and scanner": {typeV02, `{"invocation":{"parameters":{"frontend":"gateway.v0","args":{"source":"registry.example.com/frontend:1","attest:sbom":"generator=registry.example.com/scan:2"}}},
			"materials":[{"uri":"pkg:docker/registry.example.com/frontend@1"},{"uri":"pkg:docker/registry.example.com/scan@2"},{"uri":"pkg:docker/registry.example.com/team/base@3?platform=linux%2Famd64"}]}`,
			&crowsnest.Provenance{Bases: []crowsnest.ImageName{{Name: "registry.example.com/team/base:3"}}}},
		"a repository": {typeV02, `{"invocation":{"configSource":{"uri":"https://github.com/team/app.git#refs/heads/main","digest":{"sha1":"f00"}}}}`,
			&crowsnest.Provenance{Repository: "https://github.com/team/app.git", Revision: "f00"}},
		"a workflow": {typeV1, `{"buildDefinition":{"externalParameters":{"workflow":{"ref":"refs/heads/main","repository":"https://github.com/team/app","path":".github/workflows/build.yml"}},
			"resolvedDependencies":[{"uri":"git+https://github.com/team/app@refs/heads/main","digest":{"gitCommit":"f00"}}]}}`,
			&crowsnest.Provenance{Repository: "https://github.com/team/app", Revision: "f00"}},
		"another builder's forms": {typeV1, `{"buildDefinition":{"externalParameters":{"configSource":"x","request":[],"workflow":1}},"runDetails":{"metadata":{"buildkit_metadata":"x"}}}`, &crowsnest.Provenance{}},
		"an unknown version":      {prefixSLSA + "v9", `{}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readProvenance(tt.predicateType, json.RawMessage(tt.predicate), layers)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestKindOf(t *testing.T) {
	for predicateType, want := range map[string]crowsnest.AttestationKind{
		"https://spdx.dev/Document":        crowsnest.AttestedSBOM,
		"https://spdx.dev/Document/v2.3":   crowsnest.AttestedSBOM,
		"https://cyclonedx.org/bom":        crowsnest.AttestedSBOM,
		"https://cyclonedx.org/bom/v1.4":   crowsnest.AttestedSBOM,
		"https://slsa.dev/provenance/v0.2": crowsnest.AttestedProvenance,
		"https://slsa.dev/provenance/v1":   crowsnest.AttestedProvenance,
		"https://openvex.dev/ns":           crowsnest.AttestedVEX,
		"https://openvex.dev/ns/v0.2.0":    crowsnest.AttestedVEX,
		"https://spdx.dev/Documentary":     crowsnest.AttestedOther,
		"https://example.com/x":            crowsnest.AttestedOther,
		"":                                 crowsnest.AttestedOther,
	} {
		if got := KindOf(predicateType); got != want {
			t.Errorf("KindOf(%q) = %s, want %s", predicateType, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	statement := `{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://slsa.dev/provenance/v1","subject":[{"name":"a","digest":{"sha256":"` + hexOf("a") + `"}}],"predicate":{"buildDefinition":{"resolvedDependencies":[{"uri":"pkg:docker/a/b@1?platform=linux%2Famd64","digest":{"sha256":"` + hexOf("b") + `"}}]}}}`
	for _, seed := range []string{
		statement, strings.ReplaceAll(statement, "provenance/v1", "provenance/v0.2"),
		`{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[]}`,
		`{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","dsseEnvelope":{"payloadType":"application/vnd.in-toto+json","payload":"e30="}}`,
		`{"spdxVersion":"SPDX-2.3"}`, `{"bomFormat":"CycloneDX"}`, `{"@context":"https://openvex.dev/ns/v0.2.0"}`, `{"@context":[]}`, `[]`, `null`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := Parse(raw)
		if err != nil {
			return
		}
		if !json.Valid(s.Raw) || !json.Valid(s.Predicate) || s.PredicateType == "" {
			t.Errorf("%q was taken for a statement: %+v", raw, s)
		}
		p, err := readProvenance(s.PredicateType, s.Predicate, nil)
		if err != nil || p == nil {
			return
		}
		for _, b := range p.Bases {
			if b.Name == "" {
				t.Errorf("a base has no name in %q", raw)
			}
		}
	})
}
