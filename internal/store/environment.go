package store

import (
	"context"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
)

// Integration connects one cluster, as one source sees it, to one environment.
type Integration struct {
	ID          string
	Org         OrgID
	Name        string
	Kind        string // "sysdig"
	Region      string
	URL         string // only for region "custom"
	Cluster     string
	Environment string
	Secret      []byte        // the token, encrypted; never leaves the server
	APISecret   []byte        // a second token for what the first does not open, encrypted; nil for none
	CA          string        // PEM of certificates trusted beside the system's; only for region "custom"
	Interval    time.Duration // between sweeps
	Created     time.Time
	Changed     time.Time // when it last came to mean another cluster; zero if never
	Named       time.Time // when the source was last asked how images are called; zero if never
	Unnamed     string    // why it did not tell
	Hook        bool      // whether something outside may ask for a sweep
	Analyse     bool      // whether what runs there is analysed without anybody asking: see Watching.AnalyseRunning
	Status      IntegrationStatus
}

// IntegrationStatus is how an integration's sweeps go.
type IntegrationStatus struct {
	LastAttempt  time.Time // start of the newest sweep
	LastEnd      time.Time // end of the newest sweep that ended, complete or not
	LastComplete time.Time // end of the newest complete sweep: the age of what is shown
	Next         time.Time
	Waits        time.Time // until when the source asked to be left alone, if ever; it may be over
	FailingSince time.Time // zero while the newest sweep was complete
	Connected    time.Time // the first of the complete sweeps since the last failure
	Paused       time.Time // since when it is paused; zero unless it is
	Reason       string    // why the newest sweep was not complete
	Requests     int       // of the newest sweep
	Occurrences  int       // open now
	Coverage     crowsnest.Coverage
}

// Integrations keeps the organisation's connections to runtime sources.
type Integrations interface {
	// CreateIntegration stores an integration, makes its environment if needed,
	// and enqueues its first sweep in the same transaction. A name in use is a Conflict.
	CreateIntegration(ctx context.Context, in Integration) (Integration, error)
	// Integration returns one by name.
	Integration(ctx context.Context, org OrgID, name string) (Integration, error)
	// Integrations lists them by name.
	Integrations(ctx context.Context, org OrgID) ([]Integration, error)
	// DeleteIntegration closes all of its occurrences and removes it from
	// lists; its past occurrences stay in history.
	DeleteIntegration(ctx context.Context, org OrgID, name string) error
	// IntegrationByID is for workers.
	IntegrationByID(ctx context.Context, id string) (Integration, error)
	// EnqueueDueSweeps enqueues a sweep for each integration whose time has
	// come or for which one was requested that has not begun, over all
	// organisations, and returns how many. Those that are paused are passed over.
	EnqueueDueSweeps(ctx context.Context) (int, error)
	// RequestSweep enqueues a sweep of one integration now. The queue drops it while
	// one runs; EnqueueDueSweeps then makes up for it. While paused or asked to wait it is a Conflict.
	RequestSweep(ctx context.Context, org OrgID, name string) error
}

// Snapshot is everything one complete sweep saw.
type Snapshot struct {
	Runs     []crowsnest.Observation              // Loaded is not used
	Profiles map[string][]crowsnest.LoadedPackage // the sets that the runs name and that were not kept before
	Requests int
	Started  time.Time
	// Changed is that of the integration that was asked: what a sweep saw of another
	// cluster is no news.
	Changed time.Time

	// Partial says why part of the answer could not be used. What is seen is then
	// opened, but nothing is closed: absence is believed only from a whole answer.
	Partial string
	// Spared are places where something runs that could not be used, in an answer that is whole but for that: what
	// is open there is not closed. What is empty of a place is not known and stands for anything. Remark says why.
	Spared []crowsnest.Observation
	Remark string
	// Doubt says why an answer that is whole and holds nothing is not believed while something is open: as long as
	// such answers have not come for DoubtFor it is taken as partial. Without it nothing is doubted.
	Doubt string
}

// DoubtFor is how long a source must go on to tell of nothing where it told of something. Sysdig looks at clusters every 15
// minutes, so that what it says sooner may be the same once more.
const DoubtFor = 15 * time.Minute

// SweepResult counts what a snapshot changed.
type SweepResult struct {
	Opened    int `json:"opened"`
	Continued int `json:"continued"`
	Closed    int `json:"closed"`

	Doubted bool `json:"-"` // the answer held nothing and was not believed
}

// Sweeps turns what a source saw into occurrences.
type Sweeps interface {
	// StartSweep notes an attempt and plans the next one, not before the source allows it.
	StartSweep(ctx context.Context, integrationID string) error
	// KeepProfiles keeps sets of loaded packages ahead of the sweep that saw them, so that one of a large cluster need
	// not hold all of them until its end. Those that are kept already are left alone.
	KeepProfiles(ctx context.Context, integrationID string, profiles map[string][]crowsnest.LoadedPackage) error
	// CompleteSweep makes the open occurrences of the integration equal to the
	// snapshot: opened, continued, closed. A sweep that broke off may not come here.
	// Applying it again changes nothing. It ends a wait that the source asked for: it answered. One that is older than the newest complete
	// one, or of another cluster, is a Conflict. One with a Remark is complete, and noted as not well.
	CompleteSweep(ctx context.Context, integrationID string, snap Snapshot) (SweepResult, error)
	// FailSweep notes why a sweep was not complete. No occurrence is touched.
	FailSweep(ctx context.Context, integrationID, reason string, requests int) error
	// PostponeSweeps lets no sweep begin for so long, a day at most, whoever asks for one: the source asked for it.
	PostponeSweeps(ctx context.Context, integrationID string, wait time.Duration) error
}

// EnvironmentRow is an environment as lists show it.
type EnvironmentRow struct {
	Name        string
	Description string
	Images      int // analysed images that run there
	Clusters    []string
	Sources     []string          // kinds of the integrations that feed it; AssignedKind if something is assigned now
	Summary     crowsnest.Summary // sum over the images, without what is discounted
	InUse       crowsnest.Summary // the part of Summary in packages seen loaded
	Coverage    crowsnest.Coverage
	AsOf        time.Time // oldest last complete sweep among its integrations
	KnownSince  time.Time // of a past one, when something was first seen there; zero if nothing was

	// ProfileDays is after how many days a profile that its source did not report again no
	// longer tells what was not seen; 0 is never.
	ProfileDays int
	// ProfilesAsOf is when the oldest of the profiles of what runs there was last reported; zero
	// without one.
	ProfilesAsOf time.Time

	// DiscountNotSeen says that findings in packages that were not seen loaded there do not count: they
	// are taken as not affected, as VEX has it of vulnerable code that is not in an execute path.
	DiscountNotSeen bool
	// NotAffected is what Summary leaves out for that, counted as Summary is.
	NotAffected crowsnest.Summary
	Suppressed  crowsnest.Summary // what Summary leaves out by decisions, counted in the same way
}

// Counted is what a way of counting finds in an environment, all of it counted in that way.
type Counted struct {
	Summary     crowsnest.Summary // without what is discounted
	InUse       crowsnest.Summary // the part of Summary that was seen loaded in something
	NotAffected crowsnest.Summary // what Summary leaves out, since it is not affected in anything
	Suppressed  crowsnest.Summary // what Summary leaves out by decisions
}

// RunningImage is an image that runs in an environment.
type RunningImage struct {
	ImageRow
	Workloads []crowsnest.Workload
	Warnings  []Warning
	InUse     running.Split // of its findings, those that are discounted and not in Summary included; empty of the past

	ProfiledAt, ProfiledSince time.Time // when the newest and the oldest of the profiles of it there were last reported; zero without one, and of the past
	ProfileStale, Unprofiled  bool      // whether each of them is too old to tell what was not seen; else, whether some of what runs it has none that could
}

// NotSeenFinding is a deciding finding of an image in a package that run time watched and never saw loaded.
type NotSeenFinding struct {
	Vulnerability string
	Aliases       []string // shared, and not to be changed
	PURL          string
}

// Gap is a running image that is not analysed, and why.
type Gap struct {
	ImageID   crowsnest.Digest
	Name      string // of the image; while unresolved what a source calls it, or empty
	Reported  bool   // whether the name is a source's and not the organisation's own
	State     string // "not-analysed", "failed" or "unresolved"
	Cause     running.Cause
	Workloads []crowsnest.Workload
	Warnings  []Warning // of unknown registries
	Remedy    Remedy
}

// Environments answers what runs where. Membership is derived at each call from
// open occurrences, aliases and analysed images; nothing of it is stored.
type Environments interface {
	// Environments lists the environments in which at least one analysed image
	// runs, or, with empty, all that are not deleted.
	Environments(ctx context.Context, org OrgID, empty bool) ([]EnvironmentRow, error)
	// Environment returns one, also while none of its images is analysed.
	Environment(ctx context.Context, org OrgID, name string) (EnvironmentRow, error)
	// EnvironmentSummary counts the vulnerabilities of what runs in an environment.
	EnvironmentSummary(ctx context.Context, org OrgID, name string, counting Counting) (Counted, error)
	// RunningImages lists the analysed images that run in the environment of a filter, or ran there
	// at its time, with the findings that are known today.
	RunningImages(ctx context.Context, org OrgID, filter ImageFilter, page Page) (List[RunningImage], error)
	// NotSeen lists the findings of images in packages that run time did not see loaded in an environment, by image
	// and in no order: those of ImageFindings that are not-seen. Images of which there are none, or that
	// are not the organisation's, are left out.
	NotSeen(ctx context.Context, org OrgID, environment string, digests []crowsnest.Digest) (map[crowsnest.Digest][]NotSeenFinding, error)
	// Gaps lists what runs in an environment (all of them if empty) and is not analysed.
	Gaps(ctx context.Context, org OrgID, environment string, page Page) (List[Gap], error)
	// Coverage counts over the whole organisation, each distinct image once.
	Coverage(ctx context.Context, org OrgID) (crowsnest.Coverage, error)
	// Occurrences lists what runs and ran, newest first. Of what runs it says what is in use of it.
	Occurrences(ctx context.Context, org OrgID, filter running.Filter, page Page) (List[running.Occurrence], error)
}
