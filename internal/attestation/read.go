package attestation

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/bounded"
	"github.com/crowsnest-sec/crowsnest/internal/image"
)

// Limits on what is read of one image.
const (
	MaxStatement  = 32 << 20 // bytes of a statement with what is around it
	maxStatements = 64
	maxTotal      = 64 << 20 // bytes of all statements
	maxManifest   = 4 << 20  // bytes of a manifest, as image allows
	maxManifests  = 64
	maxTime       = 2 * time.Minute
)

// Annotations that name the type of a predicate before it is read: of BuildKit and of cosign.
var predicateAnnotations = []string{"in-toto.io/predicate-type", "predicateType", "dev.sigstore.bundle.predicateType"}

// Source is where the attestations of an image are; *image.Image is one.
type Source interface {
	Beside() []image.Descriptor
	Referrers(ctx context.Context) ([]image.Descriptor, error)
	ReadBeside(ctx context.Context, d image.Descriptor, most int64, what string) ([]byte, error)
}

// Read reads the attestations of an image, first those of its index. What could not be read is in the result as well, with
// the problem. A caller whose ctx has ended must not believe it.
func Read(ctx context.Context, img crowsnest.Image, source Source) []crowsnest.Attestation {
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	r := reader{img: img, source: source, seen: map[crowsnest.Digest]bool{}}
	r.all(ctx, crowsnest.AttestationInIndex, source.Beside())
	referrers, err := source.Referrers(ctx)
	if err != nil {
		r.add(crowsnest.Attestation{Source: crowsnest.AttestationReferrer, Problem: reason(err)})
	}
	r.all(ctx, crowsnest.AttestationReferrer, slices.DeleteFunc(referrers, func(d image.Descriptor) bool { return !mayCarry(d.ArtifactType) }))
	return r.found
}

type reader struct {
	img       crowsnest.Image
	source    Source
	found     []crowsnest.Attestation
	seen      map[crowsnest.Digest]bool // manifests and blobs
	manifests int
	blobs     int
	bytes     int64
}

func (r *reader) add(a crowsnest.Attestation) {
	a.Kind = KindOf(a.PredicateType)
	a.MediaType, a.PredicateType = clip(a.MediaType), clip(a.PredicateType)
	r.found = append(r.found, a)
}

func (r *reader) all(ctx context.Context, from crowsnest.AttestationSource, manifests []image.Descriptor) {
	for _, d := range manifests {
		if r.seen[d.Digest] {
			continue
		}
		r.seen[d.Digest] = true
		if r.manifests == maxManifests {
			r.add(crowsnest.Attestation{Source: from, Problem: fmt.Sprintf("there are more than %d manifests of attestations; the rest was not read", maxManifests)})
			return
		}
		r.manifests++
		if err := r.manifest(ctx, from, d); err != nil {
			r.add(crowsnest.Attestation{Source: from, Manifest: digestOr(d.Digest), Problem: reason(err)})
		}
	}
}

// reason is what went wrong, without of which image: that is known where it is read.
func reason(err error) string {
	var e *crowsnest.Error
	if !errors.As(err, &e) || e.Err == nil {
		return crowsnest.Reason(err)
	}
	text := crowsnest.Reason(e.Err)
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text
}

// digestOr returns what is a digest, and nothing for what is none.
func digestOr(d crowsnest.Digest) crowsnest.Digest {
	d, _ = crowsnest.ParseDigest(string(d))
	return d
}

func (r *reader) manifest(ctx context.Context, from crowsnest.AttestationSource, d image.Descriptor) error {
	raw, err := r.source.ReadBeside(ctx, d, maxManifest, "manifest of an attestation")
	if err != nil {
		return err
	}
	var m struct {
		ArtifactType string                         `json:"artifactType"`
		Layers       bounded.List[image.Descriptor] `json:"layers"`
		Manifests    json.RawMessage                `json:"manifests"`
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		if errors.Is(err, bounded.ErrLong) {
			return fmt.Errorf("the manifest of an attestation is too long: %w", err)
		}
		return errors.New("the manifest of an attestation is not the JSON it should be")
	}
	if m.Manifests != nil {
		return errors.New("the manifest of an attestation is an index, which is not read")
	}
	for _, layer := range m.Layers {
		if !carries(layer.MediaType) {
			// A signature refers to an image too, but what an index names an attestation has to be one.
			if from == crowsnest.AttestationInIndex || carries(cmp.Or(m.ArtifactType, d.ArtifactType)) {
				a := r.row(from, d, layer)
				a.Problem = fmt.Sprintf("blobs of type %q are not read", clip(layer.MediaType))
				r.add(a)
			}
			continue
		}
		if r.seen[layer.Digest] {
			continue
		}
		r.seen[layer.Digest] = true
		a := r.row(from, d, layer)
		if err := r.statement(ctx, layer, &a); err != nil {
			a.Problem = reason(err)
		}
		r.add(a)
	}
	return nil
}

// row is what a manifest says of an attestation.
func (r *reader) row(from crowsnest.AttestationSource, manifest, blob image.Descriptor) crowsnest.Attestation {
	a := crowsnest.Attestation{Source: from, Manifest: digestOr(manifest.Digest), Digest: digestOr(blob.Digest), MediaType: blob.MediaType, Size: max(blob.Size, 0)}
	for _, annotations := range []map[string]string{blob.Annotations, manifest.Annotations} {
		for _, key := range predicateAnnotations {
			a.PredicateType = cmp.Or(a.PredicateType, annotations[key])
		}
	}
	return a
}

// statement reads the statement of a blob into a.
func (r *reader) statement(ctx context.Context, blob image.Descriptor, a *crowsnest.Attestation) error {
	switch {
	case r.blobs == maxStatements:
		return fmt.Errorf("it is one of more than %d attestations and was not read", maxStatements)
	case r.bytes+blob.Size > maxTotal && blob.Size <= MaxStatement:
		return fmt.Errorf("with it the attestations of the image have more than %d MiB, and it was not read", maxTotal>>20)
	}
	r.blobs++
	raw, err := r.source.ReadBeside(ctx, blob, MaxStatement, "attestation")
	if err != nil {
		return err
	}
	r.bytes += int64(len(raw))
	return judge(r.img, raw, a)
}

// judge reads what a statement says of an image into a.
func judge(img crowsnest.Image, raw []byte, a *crowsnest.Attestation) error {
	s, err := Parse(raw)
	if err != nil {
		return err
	}
	a.PredicateType, a.Statement = s.PredicateType, s.Raw
	isImage := func(d crowsnest.Digest) bool { return d == img.Digest || d == img.Index || d == img.ImageID }
	if len(s.Subjects) > 0 && !slices.ContainsFunc(s.Subjects, isImage) {
		return errors.New("it is about another image")
	}
	if KindOf(s.PredicateType) == crowsnest.AttestedProvenance {
		if a.Provenance, err = readProvenance(s.PredicateType, s.Predicate, img.Layers); err != nil {
			return errors.New("its provenance does not have the form it should have")
		}
	}
	return nil
}

// Again reads what attestations say that somebody else read: of what they were found in only the names are believed, and of
// what they say nothing but the statement.
func Again(img crowsnest.Image, list []crowsnest.Attestation) []crowsnest.Attestation {
	r := reader{img: img}
	for _, a := range list {
		own := crowsnest.Attestation{
			Digest: digestOr(a.Digest), Manifest: digestOr(a.Manifest), Source: crowsnest.AttestationReferrer,
			MediaType: a.MediaType, PredicateType: a.PredicateType, Size: max(a.Size, 0), Problem: crowsnest.Text(clip(a.Problem)),
		}
		if a.Source == crowsnest.AttestationInIndex {
			own.Source = a.Source
		}
		if len(a.Statement) > 0 {
			if err := judge(img, a.Statement, &own); err != nil {
				own.Problem = reason(err)
			}
		} else if own.Problem == "" {
			own.Problem = "its statement was not delivered"
		}
		r.add(own)
	}
	return r.found
}

// carries tells whether a blob of that media type, or an artifact of that type, is an attestation.
func carries(mediaType string) bool {
	return slices.ContainsFunc([]string{
		"application/vnd.in-toto", "application/vnd.dsse.envelope", "application/vnd.dev.sigstore.bundle", "application/vnd.dev.cosign.artifact.att",
		"application/spdx+json", "text/spdx+json", "application/vnd.cyclonedx+json", "application/vnd.openvex",
	}, func(prefix string) bool { return strings.HasPrefix(mediaType, prefix) })
}

// mayCarry tells whether an artifact of that type can hold an attestation: where the type is that of an image or none,
// only its manifest tells.
func mayCarry(artifactType string) bool {
	return carries(artifactType) || slices.Contains([]string{"", "application/vnd.oci.empty.v1+json", "application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"}, artifactType)
}
