package store

import (
	"context"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// AssignedKind is the kind of the integrations, one for each environment, that hold what people
// and pipelines say runs there; it is also the kind of their workloads. They are made when
// they are first needed, never swept, and not among those that Integrations lists.
const AssignedKind = "assigned"

// LatestIndexed names the environment that is built in: the newest analysed image of each
// repository and platform. It can be read as any other and is among no list; nothing is said
// to run there.
const LatestIndexed = "latest-indexed"

// MaxAssigned bounds the images that may be assigned to one environment.
const MaxAssigned = 10_000

// ImageKey names an image that is to be assigned to an environment. One of Reference and
// Digest may be empty; with both, the digest says what the reference names.
type ImageKey struct {
	Reference string // as images are named: registry/repository:tag
	Digest    crowsnest.Digest
	Platform  string // which image of several the key names; empty for any, linux/amd64 before others
}

// Assignment is what becomes of the images assigned to an environment.
type Assignment struct {
	Images  []ImageKey
	Replace bool // what else was assigned there is taken out
	Create  bool // make the environment if there is none
}

// Assigned says what an assignment changed.
type Assigned struct {
	SweepResult
	Images []AssignedImage // in the order of the keys
}

// AssignedImage is an image that is assigned to an environment.
type AssignedImage struct {
	Reference string           // it is assigned under: that of the key, or else its digest
	Digest    crowsnest.Digest // of the image's manifest, or that of the key while no image is known of it
	State     State            // of the image; empty while none is known
}

// Assignments says by hand or from CI what runs in an environment. What is assigned counts
// from then on as what a sweep saw; AssignedKind says what it is.
type Assignments interface {
	// AssignImages assigns images to an environment, all of them or none. A reference names
	// what it names now among the organisation's images; if that is nothing, and no digest
	// is given, it is NotFound, with a method UnknownImages that gives the positions of all such keys. A digest that nothing is known of is taken, and is unresolved
	// until an image of it comes. Doing it again changes nothing.
	AssignImages(ctx context.Context, org OrgID, environment string, a Assignment) (Assigned, error)
	// UnassignImages takes images out again and returns how many assignments that ended. A
	// key means what is assigned under its reference or, if nothing is, the image it names.
	UnassignImages(ctx context.Context, org OrgID, environment string, images []ImageKey) (int, error)
}

// EnvironmentChange says what of an environment becomes another. What is nil stays.
type EnvironmentChange struct {
	Name, Description *string
	ProfileDays       *int // see EnvironmentRow; 0 to MaxProfileDays
	DiscountNotSeen   *bool
}

// Bounds of EnvironmentChange.ProfileDays, and what a new environment has.
const (
	DefaultProfileDays = 7
	MaxProfileDays     = 3650
)

// DeletedEnvironment is an environment of which there is only the history left.
type DeletedEnvironment struct {
	Name    string
	Deleted time.Time
	By      Actor // who deleted it, without an address; empty if the audit log does not go back so far
}

// EnvironmentChanges changes environments.
type EnvironmentChanges interface {
	// ChangeEnvironment renames or describes an environment, or sets how long its profiles count. A name in use, also by one
	// that was deleted, whose history it names, is a Conflict.
	ChangeEnvironment(ctx context.Context, org OrgID, name string, change EnvironmentChange) error
	// DeleteEnvironment ends what is assigned to an environment and removes it from lists;
	// what ran there stays in the history, and one made again under the name goes on with it.
	// While an integration feeds it, it is a Conflict.
	DeleteEnvironment(ctx context.Context, org OrgID, name string) error
	// DeletedEnvironments lists those that were deleted and not made again, the last one first.
	DeletedEnvironments(ctx context.Context, org OrgID) ([]DeletedEnvironment, error)
}

// WarningKind is a sort of warning about a running image.
type WarningKind string

// The kinds of warnings.
const (
	TagMoved     WarningKind = "tag-moved"     // a tag it is known under names another image now
	NewerVersion WarningKind = "newer-version" // a newer image of its repository is analysed

	UnknownRegistry WarningKind = "unknown-registry" // it runs under a name that fits none of the known registries
)

// Warning is something to know of an image because it runs.
type Warning struct {
	Kind      WarningKind
	Reference string           // the tag that moved, the name of the newer image, or the name that fits nothing
	Running   crowsnest.Digest // of the image that runs
	Digest    crowsnest.Digest // what the tag names now, or the newer image; empty of an unknown registry
	Since     time.Time        // since when the tag names it; when the newer image was built or, if it does not say, recorded; zero of an unknown registry
}

// Counting is a way of counting the vulnerabilities of many images.
type Counting string

// The ways of counting.
const (
	CountImages          Counting = "images"          // those of each image, summed up: one in two images counts twice
	CountPackages        Counting = "packages"        // those of each package version once, however many images have it
	CountVulnerabilities Counting = "vulnerabilities" // each vulnerability once, by its worst severity
)
