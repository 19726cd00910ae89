package attestation

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	packageurl "github.com/package-url/packageurl-go"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/bounded"
	"github.com/crowsnest-sec/crowsnest/internal/image"
)

// material is something that went into a build.
type material struct {
	URI    string            `json:"uri"`
	Digest map[string]string `json:"digest"`
}

func (m material) revision() string { return cmp.Or(m.Digest["gitCommit"], m.Digest["sha1"]) }

// request is how BuildKit was asked to build.
type request struct {
	Args map[string]string `json:"args"`
}

// buildConfig are the steps of a build, which BuildKit tells with mode=max.
type buildConfig struct {
	Steps bounded.List[struct {
		ID string `json:"id"`
		Op struct {
			Op struct {
				Source struct {
					Identifier string `json:"identifier"`
				} `json:"source"`
			} `json:"Op"`
		} `json:"op"`
	}] `json:"llbDefinition"`
}

// buildMetadata is what BuildKit adds.
type buildMetadata struct {
	VCS    map[string]string                                       `json:"vcs"`
	Layers map[string]bounded.List[bounded.List[image.Descriptor]] `json:"layers"` // of what a step gave: by "STEP:OUTPUT"
}

// build is what the two versions of SLSA provenance have in common.
type build struct {
	builder, buildType string
	config             material // what the build began with
	request            request
	repository         string // of a workflow
	materials          []material
	steps              buildConfig
	metadata           buildMetadata
}

func readV02(raw []byte) (b build, err error) {
	var p struct {
		Builder struct {
			ID string `json:"id"`
		} `json:"builder"`
		BuildType  string `json:"buildType"`
		Invocation struct {
			ConfigSource material        `json:"configSource"`
			Parameters   json.RawMessage `json:"parameters"`
		} `json:"invocation"`
		BuildConfig json.RawMessage        `json:"buildConfig"`
		Materials   bounded.List[material] `json:"materials"`
		Metadata    struct {
			BuildKit json.RawMessage `json:"https://mobyproject.org/buildkit@v1#metadata"`
		} `json:"metadata"`
	}
	if err = json.Unmarshal(raw, &p); err != nil {
		return b, err
	}
	b = build{builder: p.Builder.ID, buildType: p.BuildType, config: p.Invocation.ConfigSource, materials: p.Materials}
	b.extend(p.Invocation.Parameters, p.BuildConfig, p.Metadata.BuildKit)
	return b, nil
}

func readV1(raw []byte) (b build, err error) {
	var p struct {
		Definition struct {
			BuildType string `json:"buildType"`
			External  struct {
				ConfigSource json.RawMessage `json:"configSource"`
				Request      json.RawMessage `json:"request"`
				Workflow     json.RawMessage `json:"workflow"`
			} `json:"externalParameters"`
			Internal struct {
				BuildConfig json.RawMessage `json:"buildConfig"`
			} `json:"internalParameters"`
			Dependencies bounded.List[material] `json:"resolvedDependencies"`
		} `json:"buildDefinition"`
		Run struct {
			Builder struct {
				ID string `json:"id"`
			} `json:"builder"`
			Metadata struct {
				BuildKit json.RawMessage `json:"buildkit_metadata"`
			} `json:"metadata"`
		} `json:"runDetails"`
	}
	if err = json.Unmarshal(raw, &p); err != nil {
		return b, err
	}
	b = build{builder: p.Run.Builder.ID, buildType: p.Definition.BuildType, materials: p.Definition.Dependencies}
	lenient(p.Definition.External.ConfigSource, &b.config)
	var workflow struct {
		Repository string `json:"repository"`
	}
	lenient(p.Definition.External.Workflow, &workflow)
	b.repository = workflow.Repository
	b.extend(p.Definition.External.Request, p.Definition.Internal.BuildConfig, p.Run.Metadata.BuildKit)
	return b, nil
}

// extend reads what is the builder's own affair: the specification leaves its form to them, so what is of another form is of
// another builder and no mistake.
func (b *build) extend(request, steps, metadata json.RawMessage) {
	lenient(request, &b.request)
	lenient(steps, &b.steps)
	lenient(metadata, &b.metadata)
}

func lenient[T any](raw json.RawMessage, v *T) {
	var read T
	if len(raw) > 0 && json.Unmarshal(raw, &read) == nil {
		*v = read
	}
}

// readProvenance reads what a predicate tells of the build of an image with these layers. It is nil for a version of
// SLSA that is not known.
func readProvenance(predicateType string, raw []byte, layers []crowsnest.Layer) (*crowsnest.Provenance, error) {
	var b build
	var err error
	switch predicateType {
	case prefixSLSA + "v0.2":
		b, err = readV02(raw)
	case prefixSLSA + "v1", prefixSLSA + "v1.0", prefixSLSA + "v1.1", prefixSLSA + "v1.2":
		b, err = readV1(raw)
	default:
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p := &crowsnest.Provenance{Builder: clip(b.builder), BuildType: clip(b.buildType)}
	repository, revision := b.source()
	p.Repository, p.Revision = clip(withoutUser(repository)), clip(revision)
	p.Bases = b.bases(layers)
	if p.ByBuildKit() {
		if p.Mode = crowsnest.ProvenanceMin; len(b.steps.Steps) > 0 {
			p.Mode = crowsnest.ProvenanceMax
		}
	}
	return p, nil
}

// source returns repository and revision: what the build began with, if that is a repository, or the first one among what went
// into it, or else what the client said of the folder it built from.
func (b build) source() (repository, revision string) {
	candidates := append([]material{b.config}, b.materials...)
	for _, m := range candidates {
		if m.revision() != "" && isRepository(m.URI) {
			return cmp.Or(b.repository, strings.TrimPrefix(m.URI, "git+")), m.revision()
		}
	}
	return cmp.Or(b.repository, b.metadata.VCS["source"]), b.metadata.VCS["revision"]
}

func isRepository(uri string) bool {
	return !strings.HasPrefix(uri, "pkg:") && (strings.HasPrefix(uri, "git") || strings.HasPrefix(uri, "ssh://") || strings.HasPrefix(uri, "https://") || strings.HasPrefix(uri, "http://"))
}

// withoutUser takes credentials out of a URL, and what names a branch: the revision says more.
func withoutUser(repository string) string {
	repository, _, _ = strings.Cut(repository, "#")
	if u, err := url.Parse(repository); err == nil && u.Host != "" {
		if i := strings.LastIndexByte(u.Path, '@'); i > 0 {
			u.Path = u.Path[:i]
		}
		u.User, u.RawQuery, u.RawPath = nil, "", ""
		return u.String()
	}
	return repository
}

// helpers are images that builds use and no image is built on: front ends of BuildKit and scanners.
var helpers = []string{
	"docker.io/docker/dockerfile", "docker.io/docker/dockerfile-upstream", "docker.io/docker/buildkit-syft-scanner",
	"docker.io/docker/scout-sbom-indexer", "docker.io/moby/buildkit", "docker.io/tonistiigi/binfmt", "docker.io/tonistiigi/xx",
}

// bases returns the images the one with these layers may be built on. With mode=max BuildKit tells which layers each image brought: then
// it is the one whose layers are the longest beginning of these, or none. Without, all that went into the build may be it.
func (b build) bases(layers []crowsnest.Layer) []crowsnest.ImageName {
	unfit := slices.Clone(helpers)
	for _, named := range []string{b.request.Args["source"], generator(b.request.Args["attest:sbom"])} {
		if repository := image.Repository(named); named != "" && repository != "" {
			unfit = append(unfit, repository)
		}
	}
	var all []crowsnest.ImageName
	for _, m := range b.materials {
		named, ok := m.image()
		if ok && !slices.Contains(unfit, image.Repository(named.Name)) && !slices.Contains(all, named) {
			all = append(all, named)
		}
	}
	const most = 64
	all = all[:min(len(all), most)]
	proven, told := b.proven(layers)
	if !told {
		return all
	}
	for _, named := range all {
		if proven != "" && named.Digest == proven {
			return []crowsnest.ImageName{named}
		}
	}
	return nil
}

// proven returns the digest of the image whose layers, as BuildKit tells them, are the longest beginning of these, and whether
// it tells any.
func (b build) proven(layers []crowsnest.Layer) (digest crowsnest.Digest, told bool) {
	most := 0
	for _, step := range b.steps.Steps {
		named, ok := strings.CutPrefix(step.Op.Op.Source.Identifier, "docker-image://")
		if !ok {
			continue
		}
		_, at, _ := strings.Cut(named, "@")
		for _, list := range b.metadata.Layers[step.ID+":0"] {
			told = true
			if n := len(list); n > most && n <= len(layers) && slices.EqualFunc(list, layers[:n], func(d image.Descriptor, l crowsnest.Layer) bool { return d.Digest == l.Digest }) {
				digest, most = crowsnest.Digest(at), n
			}
		}
	}
	return digest, told
}

// generator returns the image that made a bill of materials, out of the argument of BuildKit that says so.
func generator(argument string) string {
	for _, part := range strings.Split(argument, ",") {
		if name, ok := strings.CutPrefix(part, "generator="); ok {
			return name
		}
	}
	return ""
}

// image returns the image that a material is.
func (m material) image() (crowsnest.ImageName, bool) {
	if !strings.HasPrefix(m.URI, "pkg:docker/") {
		return crowsnest.ImageName{}, false
	}
	p, err := packageurl.FromString(m.URI)
	if err != nil {
		return crowsnest.ImageName{}, false
	}
	name, version := p.Name, p.Version
	if p.Namespace != "" {
		name = p.Namespace + "/" + name
	}
	hex := m.Digest["sha256"]
	if rest, ok := strings.CutPrefix(version, crowsnest.DigestPrefix); ok {
		hex, version = cmp.Or(hex, rest), ""
	}
	digest, _ := crowsnest.ParseDigest(crowsnest.DigestPrefix + hex)
	switch {
	case version != "":
		name += ":" + version
	case digest != "":
		name += "@" + string(digest)
	}
	full, err := image.FullName(name)
	return crowsnest.ImageName{Name: full, Digest: digest}, err == nil
}
