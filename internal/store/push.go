package store

import (
	"context"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// Lane says who waits for an analysis. A lower one goes first, and what is in FillLane never takes the
// place of the others.
type Lane int

// The lanes.
const (
	PeopleLane Lane = 1 // a person or a pipeline
	PushLane   Lane = 2 // somebody pushed an image
	FillLane   Lane = 3 // nobody in particular: what was in a repository before it was enabled
)

// Lanes are all of them by the names they have in the API.
var Lanes = map[Lane]string{PeopleLane: "people", PushLane: "push", FillLane: "backfill"}

// RegistryIntegration connects a registry: what is pushed to its enabled repositories is analysed. It has
// nothing to do with the list of KnownRegistries.
type RegistryIntegration struct {
	ID           string
	Org          OrgID
	Name         string
	Kind         string // one of those of package registry
	Host         string // as images are named: docker.io, registry.example.com:5000
	Namespace    string // whose repositories are listed, where the kind asks for it
	API          string // address of the registry's own API, where that is another
	Username     string
	Secret       []byte          // password or token, encrypted; empty without; never leaves the server
	CA           string          // certificates in PEM form trusted for it alone
	Identity     bool            // sign in as who the server is in its cloud
	Repositories []string        // given ones; empty where the registry lists them
	Include      crowsnest.Globs // only these, of those listed; empty for all
	Exclude      crowsnest.Globs
	Enabling     crowsnest.Globs // are enabled as they appear
	Interval     time.Duration   // between two readings of a repository's tags
	Created      time.Time
	Hook         []byte // the secret of whatever tells of pushes, encrypted; empty without
	Status       RegistryStatus
}

// RegistryStatus is how it goes with a connected registry.
type RegistryStatus struct {
	Connected    time.Time // when it last answered as it should
	Listed       time.Time // when its repositories were last listed to the end
	FailingSince time.Time // zero while it answers
	Reason       string    // why it does not
	Waits        time.Time // nothing is asked before; it may be over
	Paused       time.Time // since when nothing is asked of it; zero while it is not paused
	Looked       time.Time // when the last look at it began
	Next         time.Time // when the next one is due, which may be over; zero while it is paused
	NextListing  time.Time // when its repositories are to be listed again; zero while it is paused
	Found        int       // repositories that are there
	Enabled      int       // of which enabled
	Pulls        Pulls     // as it last said; zero where it says nothing
}

// Pulls is how much of a registry's limit on pulls is left, as of a time.
type Pulls struct {
	Limit, Left int
	Window      time.Duration // in which the limit counts
	At          time.Time
}

// RegistryChange says what of a connected registry becomes another; nil stays.
type RegistryChange struct {
	Username     *string
	Secret       []byte // empty and not nil removes it
	Namespace    *string
	API          *string
	CA           *string
	Identity     *bool
	Repositories *[]string
	Include      *crowsnest.Globs
	Exclude      *crowsnest.Globs
	Enabling     *crowsnest.Globs
	Interval     *time.Duration
	Paused       *bool
}

// Asks tells whether a change is of anything that the registry is asked with or for: of more than whether it is paused.
func (c RegistryChange) Asks() bool {
	return c.Username != nil || c.Secret != nil || c.CA != nil || c.Identity != nil || c.Namespace != nil || c.API != nil || c.Repositories != nil || c.Include != nil || c.Exclude != nil || c.Enabling != nil || c.Interval != nil
}

// RegistryImpact is what goes if a registry is disconnected, and what stays.
type RegistryImpact struct {
	Repositories int // known ones
	Enabled      int // of which enabled
	Waiting      int // analyses that wait, and tags that would be queued
	Images       int // analysed ones that its repositories have or had; they stay
}

// Repository is one of a connected registry.
type Repository struct {
	Registry string // the name of the integration
	Host     string
	Name     string // within the registry
	Found    time.Time
	Gone     time.Time // since when a complete listing has it no more
	Enabled  time.Time // zero while it is not
	Read     time.Time // when its tags were last read to the end
	Pushed   time.Time // the newest push that was seen or told of
	Tags     int
	Filling  int    // tags that wait to be filled up
	Reason   string // why its tags could not be read
}

// RepositoryFilter narrows a list of repositories.
type RepositoryFilter struct {
	Registry string // name of an integration; empty for all
	State    string // "enabled", "disabled" or empty
	Query    string // part of the name
}

// RepositoryScope names repositories of one connected registry: by name or by pattern.
type RepositoryScope struct {
	Registry string
	Names    []string
	Patterns crowsnest.Globs
}

// Backfill is what filling up would analyse, or what it was told to.
type Backfill struct {
	Repositories int // with something to fill up
	Images       int // tags whose image is not analysed, or of which that is not known yet
	Unread       int // enabled repositories whose tags were not read yet, so that they are not counted
}

// LaneCount counts what waits and runs in a lane.
type LaneCount struct {
	Lane            Lane
	Queued, Running int
	Coming          int // tags that will be queued when the registry has said what they name
}

// RegistryIntegrations keeps connected registries and their repositories.
type RegistryIntegrations interface {
	// ConnectRegistry stores a connected registry and enqueues the first look at it. A name in use is a Conflict.
	ConnectRegistry(ctx context.Context, org OrgID, in RegistryIntegration) (RegistryIntegration, error)
	// ChangeRegistry changes one and enqueues a look at it, which no earlier answer keeps waiting. With other credentials
	// the newest of what failed there is tried again. Of a paused one nothing is asked: neither is it looked at, nor is
	// what was pushed there analysed; what waits stays, and goes on when it is resumed.
	ChangeRegistry(ctx context.Context, org OrgID, name string, change RegistryChange) error
	// RegistryImpact tells what goes if it were disconnected.
	RegistryImpact(ctx context.Context, org OrgID, name string) (RegistryImpact, error)
	// DisconnectRegistry forgets its credentials and repositories; what was analysed stays.
	DisconnectRegistry(ctx context.Context, org OrgID, name string) error
	// ConnectedRegistry returns one by name.
	ConnectedRegistry(ctx context.Context, org OrgID, name string) (RegistryIntegration, error)
	// ConnectedRegistries lists them by name.
	ConnectedRegistries(ctx context.Context, org OrgID) ([]RegistryIntegration, error)
	// RegistryOf returns the one that a repository such as registry.example.com/shop/web belongs to. If several have
	// the host it is the one that found the repository, or else the first by name.
	RegistryOf(ctx context.Context, org OrgID, repository string) (RegistryIntegration, error)
	// SetRegistryHook keeps the encrypted secret of whatever tells of pushes; nil ends that.
	SetRegistryHook(ctx context.Context, org OrgID, name string, secret []byte) error

	// Repositories lists repositories by the name of the integration and their own.
	Repositories(ctx context.Context, org OrgID, filter RepositoryFilter, page Page) (List[Repository], error)
	// EnableRepositories enables or disables repositories and returns how many changed. One that is named and not
	// known yet is added. Of what is disabled, what waits is not analysed, and what is analysed stays.
	EnableRepositories(ctx context.Context, org OrgID, scope RepositoryScope, enable bool) (int, error)
	// PreviewBackfill counts what Fill would have analysed of the enabled repositories of a scope; a
	// scope without names and patterns is all of them.
	PreviewBackfill(ctx context.Context, org OrgID, scope RepositoryScope) (Backfill, error)
	// Fill has all of it analysed, after everything else.
	Fill(ctx context.Context, org OrgID, scope RepositoryScope) (Backfill, error)
	// Remedies says of images by name, as registry.example.com/shop/web:1, what makes them be analysed.
	Remedies(ctx context.Context, org OrgID, names []string) (map[string]Remedy, error)
	// LaneCounts counts what waits and runs, by lane.
	LaneCounts(ctx context.Context, org OrgID) ([]LaneCount, error)
}

// Push is what something outside told of: a tag that was pushed, in one of a few repositories, since not
// every registry says what its repositories are called from outside.
type Push struct {
	Repositories []string // within the registry; the likeliest first
	Tags         []string
}

// RepositoryWork is a repository whose tags are due.
type RepositoryWork struct {
	ID   int64
	Name string
	// List says that its tags are to be listed, and First that they never were since it was enabled.
	List, First bool
	// Told is when something last told of a push there; zero for never.
	Told time.Time
}

// TagWork is a tag that the registry is to be asked for.
type TagWork struct {
	Name string
	Told int64 // how often something told of a push of it
}

// Watching is for the workers that look at connected registries. Its methods take IDs that the store handed out.
type Watching interface {
	// EnqueueDueRegistries enqueues a look at every connected registry with something due, over all
	// organisations, and returns how many.
	EnqueueDueRegistries(ctx context.Context) (int, error)
	// RegistryByID returns one that is not disconnected, and whether its repositories are to be listed. One that is
	// waiting or paused is a Conflict.
	RegistryByID(ctx context.Context, id string) (in RegistryIntegration, list bool, err error)
	// NotePulls keeps what a registry says of its limit on pulls.
	NotePulls(ctx context.Context, id string, pulls Pulls) error
	// NoteLook notes that a look at a registry begins.
	NoteLook(ctx context.Context, id string) error
	// HookedRegistry returns one by ID for who told of a push: only with its secret that counts.
	HookedRegistry(ctx context.Context, id string) (RegistryIntegration, error)
	// SaveListing keeps what a complete listing found: what it has not is gone, and what was not there is new.
	SaveListing(ctx context.Context, id string, names []string) error
	// RegistryAnswers notes that a registry answers as it should.
	RegistryAnswers(ctx context.Context, id string) error
	// RegistryFails notes why it does not, and lets nothing be asked of it for so long; if it did not say for how long,
	// longer the longer it fails.
	RegistryFails(ctx context.Context, id, reason string, wait time.Duration) error
	// TellPush notes what something outside told of: the registry itself is asked what it is. Told twice, or of
	// what is not new, it changes nothing.
	TellPush(ctx context.Context, id string, pushes []Push) error

	// NextRepository returns the repository that is due first: one that was told of before others, and one that is to
	// be filled up last. NotFound if there is none.
	NextRepository(ctx context.Context, id string) (RepositoryWork, error)
	// SaveTags keeps a complete list of the tags of a repository: those it has not name nothing any more. Of those that
	// are new since the first list an analysis is wanted, and of newest.
	SaveTags(ctx context.Context, repository int64, names []string, newest string) error
	// TagsToCheck returns up to limit tags to ask for, most wanted first: all of them, or only those of which an
	// analysis is wanted.
	TagsToCheck(ctx context.Context, repository int64, wanted bool, limit int) ([]TagWork, error)
	// SaveTarget keeps what a tag names, in its history too, and requests an analysis if one is wanted and
	// there is none of it. An empty digest says that there is no such tag. If something told of a push of the tag
	// since TagsToCheck, it changes nothing: the registry is to be asked again.
	SaveTarget(ctx context.Context, repository int64, tag TagWork, target crowsnest.Digest) error
	// LeaveRepository says that a repository was looked at, or with a reason why it could not be. What was told of
	// meanwhile is still to be looked at.
	LeaveRepository(ctx context.Context, work RepositoryWork, reason string) error
	// AnalyseRunning requests, after everything else and once for each digest, the analysis of what an integration that
	// says so sees running and that leads nowhere, where a connected registry has it by name. It returns how many.
	AnalyseRunning(ctx context.Context, integrationID string) (int, error)
	// PostponeRequest puts a request that runs back into the queue with the reason why it waits.
	PostponeRequest(ctx context.Context, id, reason string) error
}

// Admits tells whether a repository that was found is to be known.
func (in RegistryIntegration) Admits(repository string) bool {
	return (len(in.Include) == 0 || in.Include.Match(repository)) && !in.Exclude.Match(repository)
}

// RemedyAction says what makes an image be analysed.
type RemedyAction string

// The remedies. An image without a name has none: no registry can be asked for it.
const (
	ConnectRemedy    RemedyAction = "connect-registry"    // no connected registry has this address
	EnableRemedy     RemedyAction = "enable-repository"   // the repository is not enabled
	CredentialRemedy RemedyAction = "replace-credentials" // the registry or the repository cannot be read with those it has
	ResumeRemedy     RemedyAction = "resume-registry"     // the repository is enabled, and its registry is paused
	WaitRemedy       RemedyAction = "wait"                // it is queued, or the registry is about to be asked
	AnalyseRemedy    RemedyAction = "request-analysis"    // nobody asked for this image, or it failed
)

// Remedy is the one thing to do about a running image that is not analysed.
type Remedy struct {
	Action     RemedyAction
	Registry   string // name of the connected one
	Host       string
	Repository string // within the registry
	Reason     string // why the registry or the repository cannot be read
}
