package store

import (
	"context"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// KnownRepository is what is known of one repository by its whole name, whether its registry is connected or not.
type KnownRepository struct {
	Name    string      // as images are named, without a tag: registry.example.com/shop/web
	Watched *Repository // as a connected registry has it; nil if none does
	Tags    int         // that name something now
	Images  int         // that a tag of it names or named, or that were asked for by it
	Running int         // of these, run somewhere now
}

// TagInterval is what a tag named from then until then.
type TagInterval struct {
	Tag    string
	Target crowsnest.Digest // an index or a manifest
	Since  time.Time
	Until  time.Time // zero while it still does
	// Image is the image of the target that is furthest with its analysis, State how far that is and Reason why it
	// failed; empty if the target is of no image that is known.
	Image  crowsnest.Digest
	State  State
	Reason string
}

// KnownRepositories tells of single repositories.
type KnownRepositories interface {
	// KnownRepository returns what is known of a repository. NotFound if no connected registry has it, and it has
	// neither a tag nor an image.
	KnownRepository(ctx context.Context, org OrgID, name string) (KnownRepository, error)
	// TagIntervals lists what the tags of a repository name, and with past also what they named before; what was
	// tagged last comes first.
	TagIntervals(ctx context.Context, org OrgID, repository string, past bool, page Page) (List[TagInterval], error)
}
