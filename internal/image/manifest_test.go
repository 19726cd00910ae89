package image

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/bounded"
)

// memory are blobs by digest.
type memory map[crowsnest.Digest][]byte

func (m memory) manifest(_ context.Context, d descriptor) ([]byte, error) {
	b, ok := m[d.Digest]
	if !ok {
		return nil, errMissing
	}
	return b, nil
}

func (m memory) config(ctx context.Context, d descriptor) ([]byte, error) { return m.manifest(ctx, d) }

const (
	someDigest = `"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"`
	goodConfig = `{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":[` + someDigest + `]}}`
)

// of resolves a manifest with one layer whose parts can be replaced.
func of(t *testing.T, manifest, config string) (*crowsnest.Image, error) {
	t.Helper()
	m := memory{crowsnest.DigestOf([]byte(config)): []byte(config)}
	raw := strings.NewReplacer("CONFIG", fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d}`, typeOCIConfig, crowsnest.DigestOf([]byte(config)), len(config)),
		"LAYER", `{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":`+someDigest+`,"size":10}`).Replace(manifest)
	img, _, err := resolve(t.Context(), m, crowsnest.DefaultPlatform, crowsnest.DigestOf([]byte(raw)), []byte(raw), "")
	if err != nil {
		return nil, err
	}
	return &img.Image, nil
}

func TestRefusedManifests(t *testing.T) {
	layer := func(mediaType string) string {
		return `{"schemaVersion":2,"config":CONFIG,"layers":[{"mediaType":"` + mediaType + `","digest":` + someDigest + `,"size":10}]}`
	}
	config := func(mediaType string) string {
		return `{"schemaVersion":2,"config":{"mediaType":"` + mediaType + `","digest":` + someDigest + `,"size":2},"layers":[]}`
	}
	sized := func(size string) string {
		return `{"config":CONFIG,"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":` + someDigest + `,"size":` + size + `}]}`
	}
	const good = `{"schemaVersion":2,"config":CONFIG,"layers":[LAYER]}`
	for _, tt := range []struct {
		name, manifest, config string
		kind                   crowsnest.Kind
		words                  string
	}{
		{"schema 1", `{"schemaVersion":1,"fsLayers":[]}`, goodConfig, crowsnest.Unsupported, "schema 1"},
		{"schema 1 by type", `{"mediaType":"` + typeSchema1Signed + `"}`, goodConfig, crowsnest.Unsupported, "schema 1"},
		{"both at once", `{"config":CONFIG,"layers":[LAYER],"manifests":[]}`, goodConfig, crowsnest.Corrupt, "image and an index at once"},
		{"neither", `{"schemaVersion":2,"mediaType":"application/x"}`, goodConfig, crowsnest.Unsupported, `"application/x"`},
		{"not JSON", `<html>`, goodConfig, crowsnest.Corrupt, "JSON"},
		{"Helm chart", config("application/vnd.cncf.helm.config.v1+json"), goodConfig, crowsnest.Unsupported, "a Helm chart"},
		{"artifact", `{"artifactType":"application/vnd.example.sbom","config":{"mediaType":"application/vnd.oci.empty.v1+json"}}`, goodConfig, crowsnest.Unsupported, "vnd.example.sbom"},
		{"untyped", config(""), goodConfig, crowsnest.Unsupported, "no stated type"},
		{"encrypted", layer("application/vnd.oci.image.layer.v1.tar+gzip+encrypted"), goodConfig, crowsnest.Unsupported, "layer 1 is encrypted"},
		{"foreign", layer("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"), goodConfig, crowsnest.Unsupported, "foreign layer"},
		{"not distributable", layer("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"), goodConfig, crowsnest.Unsupported, "foreign layer"},
		{"attestation", layer("application/vnd.in-toto+json"), goodConfig, crowsnest.Unsupported, "an attestation"},
		{"signature", layer("application/vnd.dev.cosign.simplesigning.v1+json"), goodConfig, crowsnest.Unsupported, "a signature"},
		{"Windows", good, `{"os":"windows","architecture":"amd64","rootfs":{"diff_ids":[` + someDigest + `]}}`, crowsnest.Unsupported, "Windows"},
		{"too many layers", `{"config":CONFIG,"layers":[LAYER` + strings.Repeat(",LAYER", maxLayers) + `]}`, goodConfig, crowsnest.TooLarge, "1001 layers"},
		{"endless list", `{"config":CONFIG,"layers":[{}` + strings.Repeat(",{}", bounded.Max) + `]}`, goodConfig, crowsnest.TooLarge, "more than 4096"},
		{"negative size", sized("-1"), goodConfig, crowsnest.Corrupt, "negative size"},
		{"absurd size", sized("9223372036854775807"), goodConfig, crowsnest.TooLarge, "claims"},
		{"layer digest", strings.ReplaceAll(sized("1"), "sha256:aaaa", "sha256:AAAA"), goodConfig, crowsnest.Corrupt, "layer 1 is named by"},
		{"fewer diff IDs", good, `{"rootfs":{"diff_ids":[]}}`, crowsnest.Corrupt, "names 0 layers, but it has 1"},
		{"more diff IDs", `{"config":CONFIG,"layers":[]}`, goodConfig, crowsnest.Corrupt, "names 1 layers, but it has 0"},
		{"diff ID", good, `{"rootfs":{"diff_ids":["../../x"]}}`, crowsnest.Corrupt, `"../../x", which is no digest`},
		{"configuration is no JSON", good, `]`, crowsnest.Corrupt, "configuration is not the JSON"},
		{"empty index", `{"schemaVersion":2,"manifests":[]}`, goodConfig, crowsnest.NotFound, "names no image"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := of(t, tt.manifest, tt.config)
			fails(t, describe(t.Context(), err, "open image", "x"), tt.kind, tt.words)
		})
	}
	if _, err := of(t, good, goodConfig); err != nil {
		t.Errorf("the manifest the others are made of: %v", err)
	}
}

func TestOddConfigurations(t *testing.T) {
	const good = `{"config":CONFIG,"layers":[LAYER]}`
	history := func(lines string) string {
		return `{"created":"yesterday","rootfs":{"diff_ids":[` + someDigest + `]},"history":[` + lines + `]}`
	}
	for _, tt := range []struct{ name, config, createdBy string }{
		{"empty layers are skipped", history(`{"created_by":"ENV a","empty_layer":true},{"created_by":"COPY a"}`), "COPY a"},
		{"too few lines", history(``), ""},
		{"too many lines", history(`{"created_by":"COPY a"},{"created_by":"COPY b"}`), ""},
		{"null", `{"rootfs":{"diff_ids":[` + someDigest + `]},"history":null,"config":null}`, ""},
	} {
		img, err := of(t, good, tt.config)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if img.Layers[0].CreatedBy != tt.createdBy || !img.Created.IsZero() {
			t.Errorf("%s: got %q, created %s", tt.name, img.Layers[0].CreatedBy, img.Created)
		}
	}
	img, err := of(t, good, `{"created":"2024-05-06T07:08:09.5+02:00","rootfs":{"diff_ids":[`+someDigest+`]}}`)
	if want := time.Date(2024, 5, 6, 5, 8, 9, 5e8, time.UTC); err != nil || !img.Created.Equal(want) || img.Created.Location() != time.UTC {
		t.Errorf("created: got %v and %v, want %s", img, err, want)
	}
}

func FuzzManifest(f *testing.F) {
	f.Add(`{"schemaVersion":2,"config":CONFIG,"layers":[LAYER]}`, goodConfig)
	f.Add(`{"schemaVersion":2,"manifests":[{"digest":`+someDigest+`,"platform":{"os":"linux","architecture":"amd64"}}]}`, goodConfig)
	f.Add(`{"schemaVersion":1}`, `{"rootfs":{"diff_ids":null},"history":[{"empty_layer":true}]}`)
	f.Add(`[]`, `{"config":{"Labels":{"a":"b"}}}`)
	f.Fuzz(func(t *testing.T, manifest, config string) {
		img, err := of(t, manifest, config)
		if err != nil {
			if err = describe(t.Context(), err, "open image", "x"); crowsnest.KindOf(err) == crowsnest.Internal && err.Error() != "open image x: "+errMissing.Error() {
				t.Errorf("an error nobody can act on: %v", err)
			}
			return
		}
		if len(img.Layers) > maxLayers || img.Size < 0 {
			t.Errorf("%d layers of %d bytes", len(img.Layers), img.Size)
		}
		for _, l := range img.Layers {
			if _, err := crowsnest.ParseDigest(string(l.DiffID)); err != nil {
				t.Error(err)
			}
		}
		if _, err := json.Marshal(img); err != nil {
			t.Error(err)
		}
	})
}

func FuzzSource(f *testing.F) {
	for _, s := range []string{"alpine", "registry://example.org/app:1", "user:pw@example.org/a", "https://x?y=z@", "example.org/a@" + strings.Trim(someDigest, `"`), "./a", "@", "://"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if shown := displayName(source); len(shown) > 200 {
			t.Errorf("%d bytes are shown of %q", len(shown), source)
		}
		if ref, err := parseReference(source); err == nil && fullName(ref) == "" {
			t.Errorf("%q has no name", source)
		}
	})
}

func TestConfiguration(t *testing.T) {
	img, err := of(t, `{"schemaVersion":2,"config":CONFIG,"layers":[LAYER]}`, `{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":[`+someDigest+`]},
		"history":[{"created_by":"ENV TOKEN=abc","empty_layer":true},{"created_by":"RUN --token=abc x"}],
		"config":{"User":"app","WorkingDir":"/srv","Entrypoint":["/bin/web"],"Cmd":["--secret","abc"],"ExposedPorts":{"9090/udp":{},"80/tcp":{}},"Env":["PATH=/bin","TOKEN=abc"],"Labels":{"a":"b"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	want := crowsnest.Config{Entrypoint: []string{"/bin/web"}, Command: []string{"--secret", "[hidden]"}, WorkingDir: "/srv", Ports: []string{"80/tcp", "9090/udp"},
		Env: []crowsnest.Variable{{Name: "PATH", Value: "/bin"}, {Name: "TOKEN", Hidden: true}}}
	if diff := cmp.Diff(want, img.Config); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
	if img.User != "app" || img.Layers[0].CreatedBy != "RUN --token=[hidden] x" {
		t.Errorf("user %q, command %q", img.User, img.Layers[0].CreatedBy)
	}
}
