package store

import (
	"context"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// Siblings are the images of one repository that run in an environment.
type Siblings struct {
	Repository  string
	Analysed    []crowsnest.Digest // by digest
	NotAnalysed int                // how many run there that are known and not analysed
}

// RunningContent is an image of a repository that runs in an environment.
type RunningContent struct {
	Repository string
	Platform   string
	Name       string
	Digest     crowsnest.Digest
	State      State
	Built      time.Time // by its own word or, if that is none, when it was recorded
	Image      int64     // its number, for WatchedIn
	Sets       []int64   // its package sets; none unless it is analysed
	Summary    crowsnest.Summary
}

// SetPair are the package sets of two sides, and the numbers of the images that have them.
type SetPair struct{ Before, After, ImagesBefore, ImagesAfter []int64 }

// SetDifference holds the deciding findings of package versions that only one side has. Of each
// finding only what comparing needs is filled in: the vulnerability, its severity and state, and the package.
type SetDifference struct{ Before, After []FindingRow }

// Comparisons reads what is compared.
type Comparisons interface {
	// SiblingsIn returns the images of an image's repository that run in an environment or, unless
	// at is zero, ran there then. An image without a repository is Invalid.
	SiblingsIn(ctx context.Context, org OrgID, digest crowsnest.Digest, environment string, at time.Time) (Siblings, error)
	// LatestBeside returns the newest analysed image of an image's repository and platform
	// beside the image itself. An image without a repository is Invalid; that there is no other is NotFound.
	LatestBeside(ctx context.Context, org OrgID, digest crowsnest.Digest) (crowsnest.Digest, error)
	// RunningContents lists the images with a repository that run in an environment or, unless at
	// is zero, ran there then, by repository; analysed or not.
	RunningContents(ctx context.Context, org OrgID, environment string, at time.Time) ([]RunningContent, error)
	// DifferentFindings compares the package sets of pairs, which must be of the organisation's
	// images; what is of no image of it is as if it were empty. What is suppressed where a side runs, of which the environment may be empty, is left out.
	DifferentFindings(ctx context.Context, org OrgID, before, after string, pairs []SetPair) ([]SetDifference, error)
	// WatchedIn returns what run time sees of images in an environment, given by their numbers; an image
	// that is not watched is not in it.
	WatchedIn(ctx context.Context, org OrgID, environment string, images []int64) (map[int64]crowsnest.Watch, error)
}
