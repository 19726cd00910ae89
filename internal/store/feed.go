package store

import (
	"context"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// The names of feeds. An ecosystem of OSV is osvFeed and its name.
const (
	KEVFeed  = "kev"
	EPSSFeed = "epss"
	// BundleFeed is everything, from another server.
	BundleFeed = "bundle"
	osvFeed    = "osv/"
)

// OSVFeed names the feed of an ecosystem.
func OSVFeed(ecosystem string) string { return osvFeed + ecosystem }

// FeedEcosystem returns the ecosystem of which a feed is, and whether it is one of OSV's.
func FeedEcosystem(feed string) (string, bool) { return strings.CutPrefix(feed, osvFeed) }

// Feed is how the updates of a feed go.
type Feed struct {
	Name      string
	Validator string    // what its server said of the data last taken, for asking whether there is newer
	Cursor    time.Time // of OSV: up to which time of change its records were taken; zero if never as a whole
	Records   int       // of KEV and EPSS
	AsOf      time.Time // of KEV and EPSS: the time the data is of
	Imported  time.Time // when data was last taken; zero if never
	Checked   time.Time // when it was last taken or found unchanged; zero if never

	Attempted    time.Time // when an update last began; zero if never
	Next         time.Time // when the next one begins; zero if it is not kept up to date
	Failures     int       // updates that failed since the last good one
	FailingSince time.Time // zero unless failing
	Reason       string    // why the last one failed
}

// FeedOutcome is what came of an update.
type FeedOutcome struct {
	Reason    string // why it failed; empty if it did not. Then the others, but for Next, are not looked at.
	Changed   bool   // data was taken, which Records and AsOf tell of; otherwise it was found unchanged
	Validator string
	Cursor    time.Time
	Records   int
	AsOf      time.Time
	Checked   time.Time     // when it was known to be current; zero is now, and it never goes back
	Next      time.Duration // from now until the next one
}

// Feeds keeps how feeds are kept up to date. They belong to the whole installation.
type Feeds interface {
	// InventoryEcosystems lists the ecosystems, without releases, of all packages of all images.
	InventoryEcosystems(ctx context.Context) ([]string, error)
	// Feeds lists all that were ever taken or tried.
	Feeds(ctx context.Context) ([]Feed, error)
	// EnqueueDueFeeds takes these for the feeds to be kept up to date, and no others: it enqueues those that
	// are due or new, and returns how many. One that was enqueued is due again after the lease if nothing is heard of it.
	EnqueueDueFeeds(ctx context.Context, names []string, lease time.Duration) (int, error)
	// RetryFeed makes the update of a feed due now. One that is not kept up to date is NotFound.
	RetryFeed(ctx context.Context, name string) error
	// StartFeed notes that an update begins, and returns the feed.
	StartFeed(ctx context.Context, name string) (Feed, error)
	// FinishFeed notes what came of an update.
	FinishFeed(ctx context.Context, name string, outcome FeedOutcome) error
}

// Threats keeps what is known of attacks on vulnerabilities; it belongs to the whole installation.
type Threats interface {
	// PutExploited replaces the catalogue, and PutEPSS all estimates, in one transaction. Each CVE may be there once.
	PutExploited(ctx context.Context, list []crowsnest.Exploited) (Changes, error)
	PutEPSS(ctx context.Context, list []crowsnest.EPSS) (Changes, error)
	// Threats returns what is known of vulnerabilities, by their names. What nothing is known of is not in it.
	Threats(ctx context.Context, vulnerabilities []string) (map[string]crowsnest.Threat, error)
	// EachExploited and EachEPSS hand out everything, in the order of the CVEs.
	EachExploited(ctx context.Context, fn func(crowsnest.Exploited) error) error
	EachEPSS(ctx context.Context, fn func(crowsnest.EPSS) error) error
}

// MaxNamed bounds how many of each kind of changes are named.
const MaxNamed = 1000

// Changes is what an update changed: how many records, and the names of the first MaxNamed of each kind.
type Changes struct {
	Added, Changed, Withdrawn          int
	AddedIDs, ChangedIDs, WithdrawnIDs []string
}

// Any reports whether something changed.
func (c Changes) Any() bool { return c.Added+c.Changed+c.Withdrawn > 0 }

// Add counts more changes.
func (c *Changes) Add(d Changes) {
	c.Added, c.Changed, c.Withdrawn = c.Added+d.Added, c.Changed+d.Changed, c.Withdrawn+d.Withdrawn
	for _, l := range []struct {
		to   *[]string
		from []string
	}{{&c.AddedIDs, d.AddedIDs}, {&c.ChangedIDs, d.ChangedIDs}, {&c.WithdrawnIDs, d.WithdrawnIDs}} {
		*l.to = append(*l.to, l.from[:min(len(l.from), MaxNamed-len(*l.to))]...)
	}
}

// Update names one update of a feed. The zero Update is none, of which nothing is kept.
type Update struct {
	ID   int64
	Feed string
}

// AdvisoryUpdate is one update of a feed that changed something or failed.
type AdvisoryUpdate struct {
	ID   string
	Feed string
	At   time.Time // when it last changed something, or failed
	Changes
	Opened, Closed int    // vulnerabilities of package versions that were found, or no longer, for what it changed; as far as matched
	Reason         string // why it failed; empty if it did not
	Tries          int    // how often in a row it failed for that
}

// UpdateFilter narrows a list of updates.
type UpdateFilter struct {
	Feed         string
	Since, Until time.Time // zero is open
	Changed      bool      // only those that changed something, not those that failed
}

// AdvisoryHistory keeps what updates changed.
type AdvisoryHistory interface {
	// NewUpdate makes a name for an update of a feed. Of each feed the last ones that changed something or failed are kept.
	NewUpdate(feed string) Update
	// AdvisoryUpdates lists updates, newest first.
	AdvisoryUpdates(ctx context.Context, filter UpdateFilter, page Page) (List[AdvisoryUpdate], error)
	// Advisory returns one held record with everything that is kept of it, by its ID.
	Advisory(ctx context.Context, id string) (HeldAdvisory, error)
	// AdvisoriesNamed lists the IDs of the advisories held that bear a name: as their ID, or among their aliases or what they
	// carry over.
	AdvisoriesNamed(ctx context.Context, name string) ([]string, error)
	// AdvisoriesAbout returns the advisories that bear a name, or relate to it, as notices of some distributions name what they mend. Of
	// what they affect there are ecosystems and names alone. They are bounded, those that bear it first.
	AdvisoriesAbout(ctx context.Context, name string) ([]*crowsnest.Advisory, error)
	// EachAdvisory hands out the records about an ecosystem, without releases, in the order of their IDs. Of the empty ecosystem
	// are those that name no package, as some that were taken back.
	EachAdvisory(ctx context.Context, ecosystem string, fn func(*crowsnest.Advisory) error) error
}

// HeldAdvisory is a record with when it came here.
type HeldAdvisory struct {
	crowsnest.Advisory
	FirstHeld time.Time
	Imported  time.Time // in its present state
}
