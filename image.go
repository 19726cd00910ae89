package crowsnest

import "time"

// Image is what is known of one platform image without looking into its layers.
type Image struct {
	Name     string            `json:"name"`            // as asked for: registry/repository:tag, or a path
	Digest   Digest            `json:"digest"`          // platform manifest: the identity of the content
	ImageID  Digest            `json:"imageId"`         // configuration digest, what runtimes mostly report
	Index    Digest            `json:"index,omitempty"` // the index the platform was chosen from
	Platform Platform          `json:"platform"`
	Size     int64             `json:"size"` // compressed bytes of all layers
	Layers   []Layer           `json:"layers,omitempty"`
	Created  time.Time         `json:"created,omitzero"`
	User     string            `json:"user,omitempty"`
	Labels   map[string]string `json:"labels,omitempty"`
	Config   Config            `json:"config,omitzero"`
}

// Config is how an image says it wants to run. It has no secrets: what may be one was
// left out when it was read.
type Config struct {
	Entrypoint []string   `json:"entrypoint,omitempty"`
	Command    []string   `json:"command,omitempty"`
	WorkingDir string     `json:"workingDir,omitempty"`
	Ports      []string   `json:"ports,omitempty"` // "80/tcp", sorted
	Env        []Variable `json:"env,omitempty"`
}

// Variable is a variable of an image's environment.
type Variable struct {
	Name   string `json:"name"`
	Value  string `json:"value,omitempty"`
	Hidden bool   `json:"hidden,omitempty"` // the value may be a secret and is not kept
}

// Layer is one layer of an image, lowest first.
type Layer struct {
	DiffID    Digest `json:"diffId"`           // digest of the uncompressed tar: the key of its analysis
	Digest    Digest `json:"digest,omitempty"` // digest of the blob as stored; empty where the source keeps none
	MediaType string `json:"mediaType,omitempty"`
	Size      int64  `json:"size"`                // bytes as stored
	CreatedBy string `json:"createdBy,omitempty"` // the history line
}

// The labels by which an image names the one it is built on (OCI image specification,
// annotations).
const (
	LabelBaseName   = "org.opencontainers.image.base.name"
	LabelBaseDigest = "org.opencontainers.image.base.digest"
)

// Base is the image that another one is built on.
type Base struct {
	By     BaseBy `json:"by" enum:"provenance,label,layers" doc:"How it is known: an attestation of the build names it, the image says so, or it begins with all layers of that image"`
	Name   string `json:"name,omitempty" doc:"As the attestation or the label says, or a tag of the image"`
	Digest Digest `json:"digest,omitempty" doc:"As the attestation or the label says, or of the platform manifest"`
	Layers int    `json:"layers" doc:"How many of the lowest layers are its; 0 if it is not known here"`
}

// BaseBy is how a base image is known.
type BaseBy string

// By provenance an attestation of the build says what went into it; by a label the image itself says what it is built on; by its layers it begins with all those
// of another image that has a tag, of which the one with most is its base.
const (
	BaseByProvenance BaseBy = "provenance"
	BaseByLabel      BaseBy = "label"
	BaseByLayers     BaseBy = "layers"
)

// Distribution is the operating system an image is built on, from its os-release.
type Distribution struct {
	ID        string `json:"id,omitempty"`        // "debian", "alpine"
	VersionID string `json:"versionId,omitempty"` // "12", "3.19.1"
	Codename  string `json:"codename,omitempty"`
	Name      string `json:"name,omitempty"` // PRETTY_NAME
}

// Analysis is everything found in an image.
type Analysis struct {
	Image        Image        `json:"image"`
	Distribution Distribution `json:"distribution"`
	Packages     []Package    `json:"packages"`
	Changes      []Change     `json:"changes,omitempty"`  // of each layer, lowest first
	Problems     []Problem    `json:"problems,omitempty"` // what could not be read; the rest still counts
	VEX          []VEXFile    `json:"-"`                  // documents in its file system, by path
}

// VEXFile is a file of an image that is a document in the sense of VEX by its name, *.vex.json.
type VEXFile struct {
	Path    string
	Layer   Digest // diff ID of the layer that brought it
	Content []byte
}

// Change is what a layer does to the packages of the layers below it. A package that
// it brings in another version counts on both sides.
type Change struct {
	Layer   Digest `json:"layer"` // diff ID
	Added   int    `json:"added"`
	Removed int    `json:"removed"`
}

// Problem is a part of an image that could not be analysed.
type Problem struct {
	Layer  Digest `json:"layer,omitempty"`
	Path   string `json:"path,omitempty"`
	Reason string `json:"reason"`
}
