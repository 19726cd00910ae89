package image

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/bounded"
	"github.com/crowsnest-sec/crowsnest/internal/image/redact"
)

// Media types of the OCI image specification and of Docker's schema 2.
const (
	typeOCIIndex       = "application/vnd.oci.image.index.v1+json"
	typeOCIManifest    = "application/vnd.oci.image.manifest.v1+json"
	typeOCIConfig      = "application/vnd.oci.image.config.v1+json"
	typeOCIEmpty       = "application/vnd.oci.empty.v1+json"
	typeDockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
	typeDockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	typeDockerConfig   = "application/vnd.docker.container.image.v1+json"
	typeSchema1        = "application/vnd.docker.distribution.manifest.v1+json"
	typeSchema1Signed  = "application/vnd.docker.distribution.manifest.v1+prettyjws"

	typeOCILayer        = "application/vnd.oci.image.layer.v1.tar" // alone, or with +gzip or +zstd
	typeOCIForeign      = "application/vnd.oci.image.layer.nondistributable.v1.tar"
	typeDockerLayer     = "application/vnd.docker.image.rootfs.diff.tar" // alone, or with .gzip or .zstd
	typeDockerForeign   = "application/vnd.docker.image.rootfs.foreign.diff.tar"
	typeDockerLayerGzip = typeDockerLayer + ".gzip"
	typeDockerLayerZstd = typeDockerLayer + ".zstd"
)

// descriptor points at a blob.
type descriptor struct {
	MediaType    string            `json:"mediaType"`
	ArtifactType string            `json:"artifactType"`
	Digest       crowsnest.Digest  `json:"digest"`
	Size         int64             `json:"size"`
	Platform     *platform         `json:"platform"`
	Annotations  map[string]string `json:"annotations"`
}

// check makes sure that the descriptor can be followed.
func (d descriptor) check(what string) error {
	if _, err := crowsnest.ParseDigest(string(d.Digest)); err != nil {
		if algorithm, _, ok := strings.Cut(string(d.Digest), ":"); ok && algorithm == "sha512" {
			return refuse(crowsnest.Unsupported, "build it with SHA-256 digests", "%s is named by a SHA-512 digest", what)
		}
		return refuse(crowsnest.Corrupt, hintDamaged, "%s is named by %q, which is no digest", what, clip(string(d.Digest)))
	}
	if d.Size < 0 {
		return refuse(crowsnest.Corrupt, hintDamaged, "%s has a negative size", what)
	}
	return nil
}

const hintDamaged = "the image is damaged; build, push or save it again"

// document is a manifest or an index, whichever it turns out to be.
type document struct {
	SchemaVersion int                      `json:"schemaVersion"`
	MediaType     string                   `json:"mediaType"`
	ArtifactType  string                   `json:"artifactType"`
	Config        *descriptor              `json:"config"`
	Layers        bounded.List[descriptor] `json:"layers"`
	Manifests     bounded.List[descriptor] `json:"manifests"`
	Subject       *descriptor              `json:"subject"`
}

// parseDocument reads a manifest or an index. declared is the media type its
// source gives it, used where the document does not say.
func parseDocument(b []byte, declared string) (*document, error) {
	var d document
	if err := unmarshal(b, &d, "manifest"); err != nil {
		return nil, err
	}
	if d.MediaType == "" {
		d.MediaType = declared
	}
	switch {
	case d.SchemaVersion == 1, d.MediaType == typeSchema1, d.MediaType == typeSchema1Signed:
		return nil, refuse(crowsnest.Unsupported, "push it again with a current tool, which writes schema 2", "its manifest has Docker's old schema 1")
	case d.Manifests != nil && (d.Config != nil || d.Layers != nil):
		// CVE-2021-41190: two readers would see two different things in it.
		return nil, refuse(crowsnest.Corrupt, hintDamaged, "its manifest is an image and an index at once")
	}
	return &d, nil
}

func (d *document) isIndex() bool {
	return d.Manifests != nil || isIndexType(d.MediaType) && d.Config == nil
}

func isIndexType(mediaType string) bool {
	return mediaType == typeOCIIndex || mediaType == typeDockerList
}

// checkImage refuses what is well-formed but not a Linux container image whose layers can be read.
func (d *document) checkImage() error {
	if d.Config == nil {
		return refuse(crowsnest.Unsupported, "name a container image", "its manifest of type %q is not that of an image", clip(d.MediaType))
	}
	if t := d.Config.MediaType; t != typeOCIConfig && t != typeDockerConfig {
		if t == typeOCIEmpty && d.ArtifactType != "" {
			t = d.ArtifactType
		}
		return refuse(crowsnest.Unsupported, "name a container image", "it is %s, not a container image", artifactName(t))
	}
	if err := d.Config.check("its configuration"); err != nil {
		return err
	}
	if len(d.Layers) > maxLayers {
		return refuse(crowsnest.TooLarge, "rebuild it with fewer layers", "it has %d layers, more than %d", len(d.Layers), maxLayers)
	}
	for i, l := range d.Layers {
		if err := checkLayer(i, l); err != nil {
			return err
		}
	}
	return nil
}

func checkLayer(i int, l descriptor) error {
	what := fmt.Sprintf("layer %d", i+1)
	switch t := l.MediaType; {
	case strings.HasSuffix(t, "+encrypted"):
		return refuse(crowsnest.Unsupported, "analyse the image before it is encrypted", "%s is encrypted", what)
	case strings.HasPrefix(t, typeOCIForeign), strings.HasPrefix(t, typeDockerForeign):
		return refuse(crowsnest.Unsupported, "push the image with all of its layers", "%s is a foreign layer, which the image does not carry itself", what)
	case t == typeOCILayer, t == typeOCILayer+"+gzip", t == typeOCILayer+"+zstd",
		t == typeDockerLayer, t == typeDockerLayerGzip, t == typeDockerLayerZstd:
	default:
		return refuse(crowsnest.Unsupported, "name a container image", "%s is %s, not part of a file system", what, artifactName(t))
	}
	if l.Size > maxLayer {
		return refuse(crowsnest.TooLarge, "rebuild the image with smaller layers", "%s claims %d bytes", what, l.Size)
	}
	return l.check(what)
}

// artifactName puts the media type of something that is not an image into words.
func artifactName(mediaType string) string {
	for _, known := range []struct{ prefix, name string }{
		{"application/vnd.cncf.helm.", "a Helm chart"},
		{"application/vnd.in-toto", "an attestation"},
		{"application/vnd.dev.cosign.", "a signature"},
		{"application/vnd.dsse.envelope", "a signed attestation"},
		{"application/vnd.wasm.", "a WebAssembly module"},
		{"application/spdx+json", "an SBOM"},
		{"application/vnd.cyclonedx", "an SBOM"},
		{"application/vnd.ollama.", "a language model"},
	} {
		if strings.HasPrefix(mediaType, known.prefix) {
			return known.name
		}
	}
	if mediaType == "" {
		return "something of no stated type"
	}
	return fmt.Sprintf("something of type %q", clip(mediaType))
}

// configuration is what is needed of an image's configuration.
type configuration struct {
	platform
	Created string `json:"created"`
	Config  struct {
		User         string               `json:"User"`
		Labels       map[string]string    `json:"Labels"`
		ExposedPorts map[string]struct{}  `json:"ExposedPorts"`
		Env          bounded.List[string] `json:"Env"`
		Entrypoint   bounded.List[string] `json:"Entrypoint"`
		Cmd          bounded.List[string] `json:"Cmd"`
		WorkingDir   string               `json:"WorkingDir"`
	} `json:"config"`
	RootFS struct {
		DiffIDs bounded.List[crowsnest.Digest] `json:"diff_ids"`
	} `json:"rootfs"`
	History bounded.List[history] `json:"history"`
}

type history struct {
	CreatedBy  string `json:"created_by"`
	EmptyLayer bool   `json:"empty_layer"`
}

// parseConfiguration reads the configuration of an image that has the given number of layers.
func parseConfiguration(b []byte, layers int) (*configuration, error) {
	var c configuration
	if err := unmarshal(b, &c, "configuration"); err != nil {
		return nil, err
	}
	if strings.EqualFold(c.OS, "windows") {
		return nil, refuse(crowsnest.Unsupported, "only Linux images are analysed", "it is a Windows image")
	}
	if n := len(c.RootFS.DiffIDs); n != layers {
		return nil, refuse(crowsnest.Corrupt, hintDamaged, "its configuration names %d layers, but it has %d", n, layers)
	}
	for i, d := range c.RootFS.DiffIDs {
		if _, err := crowsnest.ParseDigest(string(d)); err != nil {
			return nil, refuse(crowsnest.Corrupt, hintDamaged, "its configuration names layer %d by %q, which is no digest", i+1, clip(string(d)))
		}
	}
	return &c, nil
}

// fill puts what the configuration says into m, whose layers are complete but for it.
func (c *configuration) fill(m *crowsnest.Image) {
	m.Platform = crowsnest.Platform(c.platform.words())
	m.User = redact.Line(c.Config.User)
	m.Labels = redact.Labels(c.Config.Labels)
	m.Config = crowsnest.Config{Entrypoint: redact.Lines(c.Config.Entrypoint), Command: redact.Lines(c.Config.Cmd), WorkingDir: redact.Line(c.Config.WorkingDir)}
	m.Config.Ports = redact.Lines(slices.Sorted(maps.Keys(c.Config.ExposedPorts)))
	for _, v := range c.Config.Env[:min(len(c.Config.Env), redact.MaxList)] {
		m.Config.Env = append(m.Config.Env, redact.Variable(v))
	}
	// A creation time nobody can read is no reason to refuse the image.
	if created, err := time.Parse(time.RFC3339Nano, c.Created); err == nil {
		m.Created = created.UTC()
	}
	var lines []string
	for _, h := range c.History {
		if !h.EmptyLayer {
			lines = append(lines, h.CreatedBy)
		}
	}
	for i := range m.Layers {
		m.Layers[i].DiffID = c.RootFS.DiffIDs[i]
		m.Size += m.Layers[i].Size
		// Some builders write fewer lines than layers; then no line can be given to any layer.
		if len(lines) == len(m.Layers) {
			m.Layers[i].CreatedBy = redact.Line(lines[i])
		}
	}
}

func unmarshal(b []byte, v any, what string) error {
	err := json.Unmarshal(b, v)
	switch {
	case errors.Is(err, bounded.ErrLong):
		return refuse(crowsnest.TooLarge, "rebuild the image with fewer parts", "its %s is too long: %w", what, err)
	case err != nil:
		return refuse(crowsnest.Corrupt, hintDamaged, "its %s is not the JSON it should be", what)
	}
	return nil
}

// readSmall reads a manifest or configuration whole and verifies it. The size is
// checked where it is known (not negative); an empty digest is not checked.
func readSmall(r io.Reader, digest crowsnest.Digest, size int64, what string) ([]byte, error) {
	if size > maxManifest {
		return nil, tooLarge(what)
	}
	return readBlob(r, digest, size, maxManifest, what)
}

// readBlob is readSmall for what may have another number of bytes at most.
func readBlob(r io.Reader, digest crowsnest.Digest, size, most int64, what string) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(b)) > most:
		return nil, tooLarge(what)
	case size >= 0 && int64(len(b)) != size:
		return nil, refuse(crowsnest.Corrupt, hintDamaged, "its %s has %d bytes where %d are announced", what, len(b), size)
	case digest != "" && crowsnest.DigestOf(b) != digest:
		return nil, refuse(crowsnest.Corrupt, hintDamaged, "the digest of its %s does not match: %s was asked for, %s is there", what, digest, crowsnest.DigestOf(b))
	}
	return b, nil
}

func tooLarge(what string) error {
	return refuse(crowsnest.TooLarge, "an image's should be some kilobytes", "its %s has more than %d MiB", what, maxManifest>>20)
}

// clip shortens a stranger's words for an error.
func clip(s string) string {
	const most = 100
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
