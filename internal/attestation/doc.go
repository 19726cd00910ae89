// Package attestation reads what people and builders attest of an image: bills of materials, provenance, VEX.
//
// # Where they are
//
// BuildKit puts a manifest into the index of the image that names the platform manifest it is about
// (vnd.docker.reference.digest), with one layer for each statement. Everybody else pushes artifacts that refer to
// the image or to its index: found through the referrers of the distribution specification, the tag that stands in for them
// (sha256-…), or cosign's (sha256-….att).
//
// # What they are
//
// A blob is an in-toto statement, alone, in a DSSE envelope or in a bundle of Sigstore's, or it is a bare SPDX,
// CycloneDX or OpenVEX document. Which, shows in its content. Kinds that are not understood are kept under
// the name of their predicate type.
//
// # Trust
//
// No signature is verified. A statement must at least be about the image: one whose subjects are others does
// not count. Everything is capped before it is read, and whatever could not be read, and why, is a row of the result:
// reading never fails as a whole.
package attestation
