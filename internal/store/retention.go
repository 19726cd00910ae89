package store

import (
	"context"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/store/volume"
)

// MaxRetention is the most days that can be asked for: ten years.
const MaxRetention = 3650

// Retention says after how many days an organisation removes what is old; 0 keeps it for ever.
type Retention struct {
	// Images counts from when an image was last recorded, analysed or looked up, and from when it last
	// ran. What runs, is assigned, or is the newest of its repository stays whatever its age.
	Images   int
	Analyses int // requests for analyses, from when they ended
	Audit    int // entries of the audit log
}

// Off reports whether nothing is ever removed.
func (r Retention) Off() bool { return r == Retention{} }

// Removal counts what retention removes.
type Removal struct {
	Images   int64 // whose content goes; that there was such an image, and when it ran, stays
	Packages int64 // in layers of images, with where they lie; a layer that images share counts once
	Versions int64 // package versions that nothing has any more, with what was found in them
	Layers   int64 // results of layers that no organisation needs
	Profiles int64 // sets of packages that were seen loaded, in nothing that runs
	Analyses int64
	Audit    int64
	Bytes    int64 // of what is counted, as it was stored; indexes and pages come on top
}

// RetentionRun is one time that retention went over an organisation.
type RetentionRun struct {
	ID       string
	Started  time.Time
	Updated  time.Time // when it last removed something
	Finished time.Time // zero while it is under way, or waits to go on
	Removed  Removal
}

// Retentions removes what is old, never what still runs, and keeps the intervals: exposure and what ran
// when are answered as before (docs/design/0011-retention.md).
type Retentions interface {
	// Retention returns what the organisation decided.
	Retention(ctx context.Context, org OrgID) (Retention, error)
	// SetRetention replaces it. The next run begins at the next turn of the schedule.
	SetRetention(ctx context.Context, org OrgID, r Retention) error
	// PreviewRetention tells what would be removed now. Versions, and what a newer analyser left
	// behind, are not counted: that is found when it is removed.
	PreviewRetention(ctx context.Context, org OrgID, r Retention) (Removal, error)
	// RetentionRuns returns the newest runs, the newest first.
	RetentionRuns(ctx context.Context, org OrgID, limit int) ([]RetentionRun, error)
	// DueRetention returns the organisations that decided on ages, and of which a run is under
	// way or the newest one began at least so long ago.
	DueRetention(ctx context.Context, every time.Duration) ([]OrgID, error)
	// Retain does one bounded part of the run that is under way, or begins one. It has ended when
	// the run it returns is finished. Each part is a transaction: whoever stops it where, the next
	// call goes on. Calls for one organisation may meet; they share the run. What ended is audited.
	Retain(ctx context.Context, org OrgID) (RetentionRun, error)
	// Storage tells how much is kept.
	Storage(ctx context.Context, org OrgID) (volume.Storage, error)
}
