package image

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/image/network"
)

// Descriptor points at something that a source keeps beside an image, such as an attestation.
type Descriptor struct {
	MediaType    string            `json:"mediaType"`
	ArtifactType string            `json:"artifactType"`
	Digest       crowsnest.Digest  `json:"digest"`
	Size         int64             `json:"size"`
	Annotations  map[string]string `json:"annotations"`
}

func (d descriptor) outside() Descriptor {
	return Descriptor{MediaType: d.MediaType, ArtifactType: d.ArtifactType, Digest: d.Digest, Size: d.Size, Annotations: d.Annotations}
}

func (d Descriptor) inside() descriptor {
	return descriptor{MediaType: d.MediaType, Digest: d.Digest, Size: d.Size}
}

// isArtifact tells whether an index says of an entry that it is no image.
func (d descriptor) isArtifact() bool {
	return d.ArtifactType != "" && d.ArtifactType != typeOCIConfig && d.ArtifactType != typeDockerConfig
}

// referenceDigest is the annotation with which BuildKit says of which image an attestation is.
const referenceDigest = "vnd.docker.reference.digest"

// Beside returns the manifests that the index the image was chosen from names as attestations of it.
func (m *Image) Beside() []Descriptor {
	return slices.DeleteFunc(slices.Clone(m.beside), func(d Descriptor) bool {
		return d.Annotations[referenceDigest] != string(m.Digest)
	})
}

// Referrers asks the source for the manifests that refer to the image or to the index it was chosen from. A
// registry that does not know the question is asked for the tags that stand in for an answer, cosign's for attestations
// among them. With the error, whose kind is as Open's, may come what was found all the same; where a source has no place for any
// it is Unsupported.
func (m *Image) Referrers(ctx context.Context) ([]Descriptor, error) {
	if m.referrers == nil {
		err := refuse(crowsnest.Unsupported, "name the image in its registry, or an OCI layout of it", "neither a file of docker save nor a folder has a place for attestations")
		return nil, describe(ctx, err, "ask what refers to", m.Name)
	}
	var all []Descriptor
	var failed error
	for _, subject := range []crowsnest.Digest{m.Digest, m.Index} {
		if subject == "" {
			continue
		}
		found, err := m.referrers(ctx, subject)
		for _, d := range found {
			if !slices.ContainsFunc(all, func(have Descriptor) bool { return have.Digest == d.Digest }) {
				all = append(all, d)
			}
		}
		if err != nil && failed == nil {
			failed = describe(ctx, err, "ask what refers to", m.Name)
		}
	}
	return all, failed
}

// ReadBeside reads something beside the image whole and verifies it, if it has at most that many
// bytes; what names it in errors, whose kinds are as Open's.
func (m *Image) ReadBeside(ctx context.Context, d Descriptor, most int64, what string) ([]byte, error) {
	if m.read == nil {
		return nil, &crowsnest.Error{Kind: crowsnest.NotFound, Op: "read " + what + " of", Subject: m.Name, Err: errMissing}
	}
	err := d.inside().check("the " + what)
	if err == nil && d.Size > most {
		err = refuse(crowsnest.TooLarge, "", "the %s has %d bytes, more than %d", what, d.Size, most)
	}
	var b []byte
	if err == nil {
		b, err = m.read(ctx, d, most, what)
	}
	if errors.Is(err, errMissing) {
		err = refuse(crowsnest.Corrupt, "push or save the image again", "the %s is missing", what)
	}
	if err != nil {
		return nil, describe(ctx, err, "read "+what+" of", m.Name)
	}
	return b, nil
}

// attach gives an image what its layout has beside it: contents are all entries of the index.json.
func (m *Image) attach(b layoutBlobs, contents []descriptor) {
	for _, d := range contents {
		if d.isAttestation() {
			m.beside = append(m.beside, d.outside())
		}
	}
	m.read = func(ctx context.Context, d Descriptor, most int64, what string) ([]byte, error) {
		rc, err := b.open(d.inside())
		if err != nil {
			return nil, err
		}
		defer rc.Close()
		return readBlob(rc, d.Digest, d.Size, most, what)
	}
	m.referrers = func(ctx context.Context, subject crowsnest.Digest) (found []Descriptor, err error) {
		for n, d := range slices.DeleteFunc(slices.Clone(contents), func(d descriptor) bool { return !d.isArtifact() }) {
			if n == maxFetched {
				return found, refuse(crowsnest.TooLarge, "", "its index.json names more than %d artifacts", maxFetched)
			}
			raw, failed := b.manifest(ctx, d)
			var doc *document
			if failed == nil {
				doc, failed = parseDocument(raw, d.MediaType)
			}
			switch {
			case failed != nil:
				err = whole(failed)
			case doc.Subject != nil && doc.Subject.Digest == subject:
				found = append(found, d.outside())
			}
		}
		return found, err
	}
}

// read fetches a manifest, where the media type is one, or else a blob.
func (r *repository) read(ctx context.Context, d Descriptor, most int64, what string) ([]byte, error) {
	kind := "blobs"
	if slices.Contains(strings.Split(Accepted, ","), d.MediaType) {
		kind = "manifests"
	}
	resp, err := r.get(ctx, kind, string(d.Digest))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := readBlob(resp.Body, d.Digest, d.Size, most, what)
	return b, network.Explain(err, r.host)
}

// referrers asks the registry, or reads the tags in its stead.
func (r *repository) referrers(ctx context.Context, subject crowsnest.Digest) ([]Descriptor, error) {
	tag := strings.Replace(string(subject), ":", "-", 1)
	raw, more, err := r.listReferrers(ctx, subject)
	if errors.Is(err, errMissing) {
		raw, _, err = r.small(ctx, "manifests", tag, "", -1, "list of referrers")
	}
	var found []Descriptor
	if err == nil {
		var doc *document
		if doc, err = parseDocument(raw, typeOCIIndex); err == nil && !doc.isIndex() {
			err = refuse(crowsnest.Corrupt, "", "the list of referrers is not an index")
		}
		if err == nil {
			for _, d := range doc.Manifests {
				found = append(found, d.outside())
			}
			if more {
				err = refuse(crowsnest.TooLarge, "", "the registry has more referrers than the %d it lists at once", len(found))
			}
		}
	}
	if errors.Is(err, errMissing) {
		err = nil
	}
	attested, mediaType, failed := r.small(ctx, "manifests", tag+".att", "", -1, "manifest")
	switch {
	case failed == nil:
		found = append(found, Descriptor{MediaType: mediaType, Digest: crowsnest.DigestOf(attested), Size: int64(len(attested))})
	case !errors.Is(failed, errMissing) && err == nil:
		err = failed
	}
	return found, err
}

// listReferrers makes the request of the distribution specification. Where the registry
// does not know it the error wraps errMissing.
func (r *repository) listReferrers(ctx context.Context, subject crowsnest.Digest) (raw []byte, more bool, err error) {
	resp, err := r.ask(ctx, http.MethodGet, "referrers", string(subject))
	if err != nil {
		return nil, false, err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusNotImplemented:
		return nil, false, errMissing
	default:
		return nil, false, network.Explain(transport.CheckError(resp, http.StatusOK), r.host)
	}
	if mediaType, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";"); !isIndexType(mediaType) {
		return nil, false, errMissing // what answers every path with a page of its own
	}
	raw, err = readSmall(resp.Body, "", -1, "list of referrers")
	return raw, strings.Contains(resp.Header.Get("Link"), `rel="next"`), network.Explain(err, r.host)
}
