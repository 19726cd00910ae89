// Package candidate is the vocabulary of the store for images that another one could be built on. It is a part of the store's contract.
package candidate

import (
	"context"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// Bounds of an answer.
const (
	MaxTags   = 2_000 // of the repository of the base, and of each hundred others, the newest
	MaxImages = 60    // those with the fewest critical and high vulnerabilities
)

// Query asks what an analysed image could be built on.
type Query struct {
	Image      crowsnest.Digest // manifest of the image; empty of one that is not kept
	Platform   string           // of an image that is not kept
	Base       crowsnest.Digest // what it is built on now, an index or a manifest; empty if that is not known
	Repository string           // of the base, with its registry; empty if only the digest is known
	Tag        string           // of the base: what it names is in the answer, however many others are better
}

// Tag is what a tag names now.
type Tag struct {
	Repository string
	Name       string
	Target     crowsnest.Digest // an index or a manifest
	Since      time.Time        // since when, as far as was seen
}

// Reference is the tag in full.
func (t Tag) Reference() string { return t.Repository + ":" + t.Name }

// Software is a program that no package manager brought.
type Software struct{ Name, Version string }

// Image is an analysed image of the platform that is asked for.
type Image struct {
	Digest   crowsnest.Digest
	Tags     []Tag // that name it now, the newest first; those of the repository of the base before others
	Release  crowsnest.Distribution
	Size     int64 // compressed bytes of all layers
	Built    time.Time
	Packages int
	Problems int               // parts of it that could not be analysed
	Summary  crowsnest.Summary // of all that is found, whatever is decided
	Software []Software        // by name
}

// Found is what an image could be built on.
type Found struct {
	Repository string  // of the base: as asked, or that of a tag that names or named it
	Base       *Image  // the base itself; nil if it is not analysed
	Images     []Image // others with a tag: of the repository of the base, and of those that other images are built on
	Tags       int     // of the repository of the base
	Unread     []Tag   // of these, those of which no image for the platform is analysed
}

// Finder finds what images could be built on. Org is the type of an organisation's ID.
type Finder[Org ~string] interface {
	// BaseOf tells what an image that is not kept is built on, by its labels and the diff IDs of its layers; nil if that is not known.
	BaseOf(ctx context.Context, org Org, labels map[string]string, layers []crowsnest.Layer) (*crowsnest.Base, error)
	// BaseCandidates returns what one of the organisation's analysed images could be built on. The image itself, and what is
	// built on it, are not among that.
	BaseCandidates(ctx context.Context, org Org, of Query) (Found, error)
}
