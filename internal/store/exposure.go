package store

import (
	"context"
	"math"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// Forever is the end of what lasts.
const Forever = math.MaxInt64

// Span is the time from From to before To, in Unix microseconds; To is Forever while it lasts.
type Span struct{ From, To int64 }

// Run is what ran, from which, with what was known of it, exposure is derived.
type Run struct {
	Spans []ContentSpan
	Sets  map[int64][]int64 // the package sets of each content of Spans
}

// ContentSpan is a time in which a content ran, as far as somebody watched.
type ContentSpan struct {
	Content int64
	Span
	Unwatched bool // it ended because nobody watches any more; whether it still runs is not known
}

// KnownSpan is a time in which, by the word of one advisory, a package of a set had a vulnerability.
type KnownSpan struct {
	Vulnerability string
	Severity      crowsnest.Severity
	Decides       bool // of several advisories the one whose severity counts
	Span
}

// ContentName names a content by one of the organisation's images of it.
type ContentName struct {
	Name   string
	Digest crowsnest.Digest
}

// Targets are the days within which vulnerabilities of a severity should be remediated; 0 is no target.
type Targets map[crowsnest.Severity]int

// DefaultTargets hold until an organisation decides for itself. The first two are those of
// CISA's Binding Operational Directive 19-02.
func DefaultTargets() Targets {
	return Targets{crowsnest.Critical: 15, crowsnest.High: 30, crowsnest.Medium: 90, crowsnest.Low: 180}
}

// Exposures reads what exposure is derived from.
type Exposures interface {
	// Ran reads what ran in an environment and had not ended at a time.
	Ran(ctx context.Context, org OrgID, environment string, since time.Time) (Run, error)
	// Known reads what was found in package sets of the organisation's images and had not ended at
	// a time, by set. A set never changes, so that this is another only when findings change.
	Known(ctx context.Context, org OrgID, sets []int64, since time.Time) (map[int64][]KnownSpan, error)
	// RanWith reads what Ran and Known do of one vulnerability by the name it is listed under, in every environment
	// that ever was, by name: what ran of the contents that have, or had, a set in which it was found.
	RanWith(ctx context.Context, org OrgID, vulnerability string, since time.Time) (map[string]Run, map[int64][]KnownSpan, error)
	// ContentNames names contents of the organisation's images.
	ContentNames(ctx context.Context, org OrgID, contents []int64) (map[int64]ContentName, error)
	// Targets returns the organisation's targets for remediation.
	Targets(ctx context.Context, org OrgID) (Targets, error)
	// SetTargets replaces them.
	SetTargets(ctx context.Context, org OrgID, targets Targets) error
	// EnvironmentNames lists the names of all environments that ever were.
	EnvironmentNames(ctx context.Context, org OrgID) ([]string, error)
	// EnvironmentAt returns what an environment was at a time: its coverage, and the findings that
	// are known today of the images that ran then. Which images are analysed is of today too.
	// A time that is yet to come is Invalid, here as with everything that asks how it was.
	EnvironmentAt(ctx context.Context, org OrgID, environment string, at time.Time) (EnvironmentRow, error)
	// GapsAt lists what ran in an environment at a time and is not analysed, with what is known of it today.
	GapsAt(ctx context.Context, org OrgID, environment string, at time.Time, page Page) (List[Gap], error)
}
