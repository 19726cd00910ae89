package attestation

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
)

const (
	typeSPDX = "https://spdx.dev/Document"
	typeV02  = "https://slsa.dev/provenance/v0.2"
	typeV1   = "https://slsa.dev/provenance/v1"
)

func app(t *testing.T) v1.Image {
	t.Helper()
	return imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{{Files: []imagekit.File{imagekit.Text("app", "app")}}}})
}

var spdx = map[string]any{"spdxVersion": "SPDX-2.3", "name": "app"}

func provenance(materials ...any) map[string]any {
	return map[string]any{"builder": map[string]any{"id": "https://ci.example.com/1"}, "materials": materials}
}

// read opens a source and reads its attestations.
func read(t *testing.T, source string) (crowsnest.Image, []crowsnest.Attestation) {
	t.Helper()
	img, err := image.Open(t.Context(), source, image.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	return img.Image, Read(t.Context(), img.Image, img)
}

// row is what a test compares of an attestation.
type row struct {
	Source  crowsnest.AttestationSource
	Kind    crowsnest.AttestationKind
	Type    string
	Problem string
}

func rows(list []crowsnest.Attestation) []row {
	out := []row{}
	for _, a := range list {
		out = append(out, row{a.Source, a.Kind, a.PredicateType, a.Problem})
	}
	return out
}

func expect(t *testing.T, got []crowsnest.Attestation, want ...row) {
	t.Helper()
	if want == nil {
		want = []row{}
	}
	if diff := cmp.Diff(want, rows(got)); diff != "" {
		t.Errorf("attestations (-want +got):\n%s", diff)
	}
}

// attested is an index of two images with attestations of both, and the digest of the first.
func attested(t *testing.T) (v1.ImageIndex, crowsnest.Digest) {
	t.Helper()
	img := app(t)
	other := imagekit.Build(t, imagekit.Image{Platform: crowsnest.Platform{OS: "linux", Architecture: "arm64"}})
	digest, otherDigest := imagekit.Digest(t, img), imagekit.Digest(t, other)
	index := imagekit.Index(t, img, other)
	index = imagekit.Attest(t, index, digest, imagekit.Statement(t, digest, typeSPDX, spdx), imagekit.Statement(t, digest, typeV02, provenance()))
	return imagekit.Attest(t, index, otherDigest, imagekit.Statement(t, otherDigest, typeV1, map[string]any{})), digest
}

func TestReadFromIndex(t *testing.T) {
	index, digest := attested(t)
	host := imagekit.Serve(t, imagekit.RegistryHandler())
	imagekit.Push(t, host+"/team/app:1", index)
	for name, source := range map[string]string{
		"registry": host + "/team/app:1",
		"layout":   "oci-dir://" + imagekit.Layout(t, imagekit.Tag("1", index)),
		"archive":  "archive://" + imagekit.OCIArchive(t, imagekit.Tag("1", index)),
	} {
		t.Run(name, func(t *testing.T) {
			img, got := read(t, source)
			if img.Digest != digest {
				t.Fatalf("opened %s, not %s", img.Digest, digest)
			}
			expect(t, got,
				row{crowsnest.AttestationInIndex, crowsnest.AttestedSBOM, typeSPDX, ""},
				row{crowsnest.AttestationInIndex, crowsnest.AttestedProvenance, typeV02, ""})
			if got[1].Provenance == nil || got[1].Provenance.Builder != "https://ci.example.com/1" {
				t.Errorf("provenance %+v", got[1].Provenance)
			}
			if d := crowsnest.DigestOf(got[0].Statement); d != got[0].Digest || int64(len(got[0].Statement)) != got[0].Size {
				t.Errorf("the statement has digest %s and %d bytes, its blob %s and %d", d, len(got[0].Statement), got[0].Digest, got[0].Size)
			}
		})
	}
}

func TestReadReferrers(t *testing.T) {
	img := app(t)
	index := imagekit.Index(t, img)
	digest := imagekit.Digest(t, img)
	statement := imagekit.Statement(t, digest, typeSPDX, spdx)
	onIndex := imagekit.Statement(t, imagekit.Digest(t, index), "https://example.com/tested/v1", map[string]any{"passed": true})
	document := imagekit.Blob{MediaType: "application/vnd.cyclonedx+json", Content: []byte(`{"bomFormat":"CycloneDX","specVersion":"1.5"}`)}
	for name, start := range map[string]func(t *testing.T) (host string){
		"with referrers": func(t *testing.T) string { return imagekit.Serve(t, imagekit.ReferrersHandler()) },
		"by tag":         func(t *testing.T) string { return imagekit.Serve(t, imagekit.RegistryHandler()) },
		"distribution":   func(t *testing.T) string { return imagekit.DockerRegistry(t) },
	} {
		t.Run(name, func(t *testing.T) {
			host := start(t)
			repository := host + "/team/app"
			imagekit.Push(t, repository+":1", index)
			for i, artifact := range []v1.Image{
				imagekit.Refer(t, imagekit.Artifact(t, imagekit.InToto, statement), img),
				imagekit.Refer(t, imagekit.Artifact(t, imagekit.DSSE, imagekit.Enveloped(t, onIndex)), index),
				imagekit.Refer(t, imagekit.Artifact(t, document.MediaType, document), img),
				imagekit.Refer(t, imagekit.Artifact(t, "application/vnd.dev.cosign.artifact.sig.v1+json", imagekit.Blob{MediaType: "application/vnd.dev.cosign.simplesigning.v1+json", Content: []byte("{}")}), img),
			} {
				imagekit.Push(t, fmt.Sprintf("%s:artifact%d", repository, i), artifact)
			}
			openVEX := imagekit.Statement(t, digest, "https://openvex.dev/ns/v0.2.0", map[string]any{})
			imagekit.Push(t, repository+":"+strings.Replace(string(digest), ":", "-", 1)+".att", imagekit.Artifact(t, string(types.OCIConfigJSON), imagekit.Enveloped(t, openVEX)))

			_, got := read(t, repository+":1")
			for _, a := range got {
				if a.Kind == crowsnest.AttestedOther && a.MediaType == imagekit.DSSE && string(a.Statement) != string(onIndex.Content) {
					t.Errorf("the statement of the envelope is %s", a.Statement)
				}
			}
			want := map[row]int{
				{crowsnest.AttestationReferrer, crowsnest.AttestedSBOM, typeSPDX, ""}:                         1,
				{crowsnest.AttestationReferrer, crowsnest.AttestedSBOM, "https://cyclonedx.org/bom", ""}:      1,
				{crowsnest.AttestationReferrer, crowsnest.AttestedOther, "https://example.com/tested/v1", ""}: 1,
				{crowsnest.AttestationReferrer, crowsnest.AttestedVEX, "https://openvex.dev/ns/v0.2.0", ""}:   1,
			}
			have := map[row]int{}
			for _, r := range rows(got) {
				have[r]++
			}
			if diff := cmp.Diff(want, have); diff != "" {
				t.Errorf("attestations (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadReferrersOfLayout(t *testing.T) {
	img := app(t)
	digest := imagekit.Digest(t, img)
	artifact := imagekit.Refer(t, imagekit.Artifact(t, imagekit.InToto, imagekit.Statement(t, digest, typeSPDX, spdx)), img)
	_, got := read(t, "oci-dir://"+imagekit.Layout(t, imagekit.Tag("1", img), imagekit.Tag("", artifact)))
	expect(t, got, row{crowsnest.AttestationReferrer, crowsnest.AttestedSBOM, typeSPDX, ""})
}

func TestReadNothing(t *testing.T) {
	img := app(t)
	host := imagekit.Serve(t, imagekit.ReferrersHandler())
	imagekit.Push(t, host+"/team/app:1", img)
	for _, source := range []string{host + "/team/app:1", "oci-dir://" + imagekit.Layout(t, imagekit.Tag("1", img))} {
		_, got := read(t, source)
		expect(t, got)
	}
	// Where there is no place for attestations nobody knows whether there are any.
	_, got := read(t, "archive://"+imagekit.DockerArchive(t, imagekit.Tag("app:1", img)))
	if len(got) != 1 || got[0].Counts() || !strings.Contains(got[0].Problem, "name the image in its registry") {
		t.Errorf("of a file of docker save: %+v", rows(got))
	}
}

// TestProblemsAreRows holds that whatever is wrong with an attestation is told, and the others are read.
func TestProblemsAreRows(t *testing.T) {
	img := app(t)
	digest := imagekit.Digest(t, img)
	good := imagekit.Statement(t, digest, typeSPDX, spdx)
	blob := func(content string) imagekit.Blob {
		return imagekit.Blob{MediaType: imagekit.InToto, Content: []byte(content), Annotations: map[string]string{"in-toto.io/predicate-type": typeV1}}
	}
	many := strings.TrimSuffix(strings.Repeat(`{"name":"a"},`, 5000), ",")
	for name, tt := range map[string]struct {
		blob imagekit.Blob
		want row
	}{
		"no JSON":          {blob("{"), row{Type: typeV1, Kind: crowsnest.AttestedProvenance, Problem: "not the JSON"}},
		"no statement":     {blob(`{"a":1}`), row{Type: typeV1, Kind: crowsnest.AttestedProvenance, Problem: "no statement"}},
		"other statement":  {blob(`{"_type":"x","predicateType":"y","predicate":{}}`), row{Type: typeV1, Kind: crowsnest.AttestedProvenance, Problem: `type "x"`}},
		"no predicate":     {blob(`{"_type":"https://in-toto.io/Statement/v1","predicateType":"y"}`), row{Type: typeV1, Kind: crowsnest.AttestedProvenance, Problem: "no predicate"}},
		"odd digest":       {blob(`{"_type":"https://in-toto.io/Statement/v1","predicateType":"y","predicate":{},"subject":[{"digest":{"sha256":"../x"}}]}`), row{Type: typeV1, Kind: crowsnest.AttestedProvenance, Problem: "named by no digest"}},
		"endless subjects": {blob(`{"_type":"https://in-toto.io/Statement/v1","predicateType":"y","predicate":{},"subject":[` + many + `]}`), row{Type: typeV1, Kind: crowsnest.AttestedProvenance, Problem: "more than 4096"}},
		"another image":    {imagekit.Statement(t, crowsnest.DigestOf([]byte("x")), typeSPDX, spdx), row{Type: typeSPDX, Kind: crowsnest.AttestedSBOM, Problem: "about another image"}},
		"odd provenance":   {imagekit.Statement(t, digest, typeV02, map[string]any{"materials": 1}), row{Type: typeV02, Kind: crowsnest.AttestedProvenance, Problem: "form it should have"}},
		"odd envelope":     {blob(`{"payloadType":"text/plain","payload":"eA=="}`), row{Type: typeV1, Kind: crowsnest.AttestedProvenance, Problem: `"text/plain"`}},
		"damaged envelope": {blob(`{"payloadType":"application/vnd.in-toto+json","payload":"%"}`), row{Type: typeV1, Kind: crowsnest.AttestedProvenance, Problem: "payload"}},
		"nested too deep":  {blob(`{"_type":"https://in-toto.io/Statement/v1","predicateType":"y","predicate":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`), row{Type: typeV1, Kind: crowsnest.AttestedProvenance, Problem: "not the JSON"}},
		"wrapped for ever": {wrapped(t, 5), row{Kind: crowsnest.AttestedOther, Problem: "wrapped too often"}},
		"odd media type":   {imagekit.Blob{MediaType: "text/html", Content: []byte("<p>")}, row{Kind: crowsnest.AttestedOther, Problem: `"text/html"`}},
	} {
		t.Run(name, func(t *testing.T) {
			index := imagekit.Attest(t, imagekit.Index(t, img), digest, tt.blob, good)
			_, got := read(t, "oci-dir://"+imagekit.Layout(t, imagekit.Tag("1", index)))
			if len(got) != 2 || !strings.Contains(got[0].Problem, tt.want.Problem) || got[0].Problem == "" {
				t.Fatalf("got %+v", rows(got))
			}
			tt.want.Source, tt.want.Problem = crowsnest.AttestationInIndex, got[0].Problem
			expect(t, got, tt.want, row{crowsnest.AttestationInIndex, crowsnest.AttestedSBOM, typeSPDX, ""})
		})
	}
}

// wrapped is a statement in as many envelopes, each of which says it holds a statement.
func wrapped(t *testing.T, times int) imagekit.Blob {
	t.Helper()
	b := imagekit.Statement(t, crowsnest.DigestOf(nil), typeSPDX, spdx)
	for range times {
		b = imagekit.Enveloped(t, b)
	}
	return b
}

func TestReadFromFailingRegistry(t *testing.T) {
	img := app(t)
	digest := imagekit.Digest(t, img)
	for name, tt := range map[string]struct {
		status int
		want   string
	}{
		"forbidden":   {http.StatusForbidden, "does not allow it"},
		"unknown API": {http.StatusMethodNotAllowed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			registry := imagekit.RegistryHandler()
			host := imagekit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.URL.Path, "/referrers/") {
					w.WriteHeader(tt.status)
					return
				}
				registry.ServeHTTP(w, r)
			}))
			imagekit.Push(t, host+"/team/app:1", imagekit.Attest(t, imagekit.Index(t, img), digest, imagekit.Statement(t, digest, typeSPDX, spdx)))
			_, got := read(t, host+"/team/app:1")
			if len(got) == 0 || got[0].PredicateType != typeSPDX {
				t.Fatalf("got %+v", rows(got))
			}
			problem := ""
			for _, a := range got[1:] {
				problem += a.Problem
			}
			if !strings.Contains(problem, tt.want) || (problem == "") != (tt.want == "") {
				t.Errorf("problem %q, want %q", problem, tt.want)
			}
		})
	}
}

// endless is a source that never comes to an end.
type endless struct{ manifest []byte }

func (endless) Beside() []image.Descriptor {
	var all []image.Descriptor
	for i := range 10_000 {
		all = append(all, image.Descriptor{Digest: crowsnest.DigestOf([]byte{byte(i), byte(i >> 8)})})
	}
	return all
}
func (endless) Referrers(context.Context) ([]image.Descriptor, error) { return nil, nil }
func (s endless) ReadBeside(_ context.Context, _ image.Descriptor, _ int64, what string) ([]byte, error) {
	if what == "attestation" {
		return []byte(`{"bomFormat":"CycloneDX"}`), nil
	}
	return s.manifest, nil
}

func TestLimits(t *testing.T) {
	got := Read(t.Context(), crowsnest.Image{}, endless{[]byte(`{"layers":[]}`)})
	if len(got) != 1 || !strings.Contains(got[0].Problem, "more than 64 manifests") {
		t.Errorf("manifests: %+v", rows(got))
	}
	var layers []string
	for i := range 1000 {
		layers = append(layers, fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":10}`, imagekit.InToto, crowsnest.DigestOf([]byte{1, byte(i), byte(i >> 8)})))
	}
	got = Read(t.Context(), crowsnest.Image{}, endless{[]byte(`{"layers":[` + strings.Join(layers, ",") + `]}`)})
	counted := 0
	for _, a := range got {
		if a.Counts() {
			counted++
		} else if !strings.Contains(a.Problem, "more than 64") {
			t.Fatalf("problem %q", a.Problem)
		}
	}
	if counted != maxStatements || len(got) != 1001 {
		t.Errorf("%d of %d rows were read", counted, len(got))
	}
	large := fmt.Sprintf(`{"layers":[{"mediaType":%q,"digest":%q,"size":%d}]}`, imagekit.InToto, crowsnest.DigestOf(nil), MaxStatement)
	r := reader{source: endless{[]byte(large)}, seen: map[crowsnest.Digest]bool{}, bytes: maxTotal}
	r.all(t.Context(), crowsnest.AttestationInIndex, []image.Descriptor{{}})
	if len(r.found) != 1 || !strings.Contains(r.found[0].Problem, "more than 64 MiB") {
		t.Errorf("bytes: %+v", rows(r.found))
	}
}
