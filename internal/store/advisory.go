package store

import (
	"context"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// AdvisoryStatus describes what is held of one ecosystem.
type AdvisoryStatus struct {
	Ecosystem   string
	Fingerprint string    // of the data last imported; equal means unchanged
	Records     int       // records of the last import
	Imported    time.Time // when it was last imported
	Checked     time.Time // when it was last found unchanged or imported; given to be stored, when that was said elsewhere
	Newest      time.Time // the newest modification time within
}

// ImportStats counts what an import did.
type ImportStats struct {
	Records   int // read
	Changed   int // new or changed
	Unchanged int
	Pending   int // package versions that must be matched again

	// Changes tells the new ones from those that were held in another state, and from those that a source took back since.
	Changes Changes
}

// Advisories keeps advisories; they belong to the whole installation.
type Advisories interface {
	// PutAdvisories stores those of the batch that are new or differ from what
	// is held, and marks every package version that an old or new state of a
	// changed advisory names as pending. An older record never replaces a newer one.
	// The update that the batch is part of is kept with what it changes, in the same transaction.
	PutAdvisories(ctx context.Context, update Update, batch []*crowsnest.Advisory) (ImportStats, error)
	// AdvisoryStatuses lists the ecosystems held.
	AdvisoryStatuses(ctx context.Context) ([]AdvisoryStatus, error)
	// PutAdvisoryStatus records a finished import.
	PutAdvisoryStatus(ctx context.Context, status AdvisoryStatus) error
}

// Pending is a package version that is to be matched. Generation tells a later
// mark from the one this match answers.
type Pending struct {
	ID         int64
	Generation int64
	Package    crowsnest.PackageVersion
}

// Matched is the whole set of findings of one package version.
type Matched struct {
	Pending
	Findings []crowsnest.Finding
	Update   crowsnest.Update
}

// Matching carries package versions through matching, once each for the whole installation.
type Matching interface {
	// PendingPackages returns up to limit package versions that are to be matched by rules of this number: those that were
	// marked, and then those last matched by older ones. What was matched by newer ones is left to whoever has them.
	PendingPackages(ctx context.Context, rules, limit int) ([]Pending, error)
	// Candidates returns the advisories that name the package of any of these,
	// keyed by the ID of the Pending.
	Candidates(ctx context.Context, pending []Pending) (map[int64][]*crowsnest.Advisory, error)
	// SaveFindings replaces the open findings of each package version: what is
	// no longer found is closed with its cause, what is new is opened, what is
	// the same goes on. A package version marked again meanwhile stays pending. What is opened and closed is counted
	// with the update that brought its advisory.
	SaveFindings(ctx context.Context, rules int, matched []Matched) error
}
