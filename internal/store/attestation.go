package store

import (
	"context"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// AttestationList is what was attested of an image.
type AttestationList struct {
	Read  time.Time // when they were last looked for; zero if never, which is not the same as none
	Items []crowsnest.Attestation
}

// Attestations keeps what was attested of an organisation's images. Two organisations that have the same image may
// have other attestations of it: they belong to the repository and not to the content.
type Attestations interface {
	// SaveAttestations puts what was found of a recorded image in the place of what was found before.
	SaveAttestations(ctx context.Context, org OrgID, image crowsnest.Digest, list []crowsnest.Attestation) error
	// Attestations lists what was found, without the statements. The image need not be analysed.
	Attestations(ctx context.Context, org OrgID, image crowsnest.Digest) (AttestationList, error)
	// Attestation returns one with its statement, by the digest of its blob. One that could not be read is a NotFound that says why.
	Attestation(ctx context.Context, org OrgID, image, digest crowsnest.Digest) (crowsnest.Attestation, error)
}
