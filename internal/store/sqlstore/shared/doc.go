// Package shared keeps what all organisations of an installation share: results of layers,
// the packages of contents, advisories, and the findings that follow from both. Nothing here
// says which organisation has an image, so nothing here may be shown without asking that first.
package shared
