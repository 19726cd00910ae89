// Package crowsnest is the vocabulary of Crowsnest: the domain types, identifiers
// and error kinds every other package speaks in. It imports the standard library
// only and knows no wire format, no database and no transport.
//
// Three identities are kept apart everywhere:
//
//   - Content is the digest of a platform manifest. Analysis, packages and
//     findings hang from it.
//   - A Reference is registry/repository:tag. What a tag names changes over time.
//   - An Occurrence is one container of one workload that ran an observed image
//     ID over an interval.
//
// The digest a runtime reports may be that of the image configuration ("image
// ID"), of a platform manifest or of an index; all of them are aliases of content.
package crowsnest
