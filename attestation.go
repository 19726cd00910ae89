package crowsnest

import "strings"

// Attestation is a statement that somebody made about an image and put beside it. Whether a signature vouches for it is
// not checked: it says what whoever may write to the repository wants it to say.
type Attestation struct {
	Digest        Digest            `json:"digest,omitempty" doc:"Of the blob it was read from, by which it is asked for; absent where there is only a problem"`
	Manifest      Digest            `json:"manifest,omitempty" doc:"Of the manifest that carries it"`
	Source        AttestationSource `json:"source" enum:"index,referrer" doc:"Where it is: in the index of the image, or among what refers to it"`
	Kind          AttestationKind   `json:"kind" enum:"sbom,provenance,vex,other" doc:"What sort of statement it is, by its predicate type"`
	MediaType     string            `json:"mediaType,omitempty" doc:"Of the blob"`
	PredicateType string            `json:"predicateType,omitempty" doc:"As the statement says, or, if it could not be read, its manifest"`
	Size          int64             `json:"size" doc:"Bytes of the blob"`
	Provenance    *Provenance       `json:"provenance,omitempty" doc:"What a provenance statement tells of the build"`
	Problem       string            `json:"problem,omitempty" doc:"Why it could not be read, or does not count for this image"`

	// Statement is the in-toto statement, or the bare document where there is none around it, as JSON; nil where it
	// could not be read, and in lists.
	Statement []byte `json:"-"`
}

// Counts tells whether the attestation was read and is about its image.
func (a Attestation) Counts() bool { return a.Problem == "" }

// AttestationSource is where an attestation is kept.
type AttestationSource string

// BuildKit puts attestations into the index of the image; others push them as artifacts that refer to it.
const (
	AttestationInIndex  AttestationSource = "index"
	AttestationReferrer AttestationSource = "referrer"
)

// AttestationKind is what sort of statement an attestation is.
type AttestationKind string

// The kinds that are understood, and the rest.
const (
	AttestedSBOM       AttestationKind = "sbom"
	AttestedProvenance AttestationKind = "provenance"
	AttestedVEX        AttestationKind = "vex"
	AttestedOther      AttestationKind = "other"
)

// Provenance is what a SLSA provenance statement tells of a build.
type Provenance struct {
	Builder    string `json:"builder,omitempty" doc:"Who built it, as an identifier"`
	BuildType  string `json:"buildType,omitempty"`
	Repository string `json:"repository,omitempty" doc:"The source repository"`
	Revision   string `json:"revision,omitempty" doc:"The commit"`

	Mode ProvenanceMode `json:"mode,omitempty" enum:"min,max" doc:"How much BuildKit tells of the build; absent of other builders, and where it was read by a version that did not ask"`

	// Bases are the images that the build took and that this one may be built on: one where the statement
	// says which, several where it does not.
	Bases []ImageName `json:"bases,omitempty" doc:"The image it is built on; several where the statement does not tell which of them"`
}

// ProvenanceMode is how much of a build BuildKit tells.
type ProvenanceMode string

// With mode=max it tells its steps as well, and all arguments.
const (
	ProvenanceMin ProvenanceMode = "min"
	ProvenanceMax ProvenanceMode = "max"
)

// ByBuildKit reports whether BuildKit says that it built the image. Other builders know no modes.
func (p Provenance) ByBuildKit() bool { return strings.Contains(p.BuildType, "buildkit") }

// ImageName is an image as a statement names it.
type ImageName struct {
	Name   string `json:"name"`
	Digest Digest `json:"digest,omitempty"`
}
