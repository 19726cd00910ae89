package store

import (
	"context"

	"github.com/crowsnest-sec/crowsnest"
)

// BaseImageFilter narrows a list of base images.
type BaseImageFilter struct {
	Environment string // only what is built upon by something that runs there
	Query       string // part of the name or the digest; in either case
}

// MaxBuilt is how many of the images on a base a row names.
const MaxBuilt = 20

// BaseImage is an image that others are built on.
type BaseImage struct {
	crowsnest.Base                       // as the first of Built has it; Layers is the most of any
	Images         int                   // that are built on it, within the filter
	Built          []crowsnest.ImageName // up to MaxBuilt of them, by name
	// Known is the image itself, if the organisation has it analysed; without its detail.
	Known *crowsnest.ImageName
	// Summary counts the vulnerabilities of the image itself; zero if it is not known.
	Summary crowsnest.Summary
	// InUse is the part of Summary in package versions that run time saw loaded in anything that runs, within the
	// filter's environment if it has one; nil if it watches none of them.
	InUse        *crowsnest.Summary
	Distribution string // of the image itself; empty if it is not known
}

// BaseImages reads what images are built on.
type BaseImages interface {
	// BaseImages lists what the organisation's analysed images are built on, the one with most images first.
	BaseImages(ctx context.Context, org OrgID, filter BaseImageFilter, page Page) (List[BaseImage], error)
}
