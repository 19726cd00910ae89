package store

import (
	"context"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store/finding"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
)

// MaxVersions bounds the package versions that one answer about a vulnerability or a package holds.
const MaxVersions = 500

// VulnerabilityDetail is everything known of one vulnerability that images of the organisation have.
type VulnerabilityDetail struct {
	VulnerabilityRow
	Aliases  []string
	Sources  []VulnerabilitySource
	Affected []AffectedVersion // by type, name and version; MaxVersions at most, of Packages
}

// VulnerabilitySource is what one advisory says of a vulnerability.
type VulnerabilitySource struct {
	ID        string
	Summary   string
	Severity  []crowsnest.SeverityVector
	Word      string
	Published time.Time
	Modified  time.Time
	Withdrawn time.Time            // zero unless withdrawn
	Affected  []crowsnest.Affected // only of packages the organisation has
}

// AffectedVersion is a package version in an image of the organisation that has the vulnerability.
type AffectedVersion struct {
	Package    crowsnest.PackageVersion
	Findings   []crowsnest.Finding // one for each advisory that says so; the deciding one first
	Since      time.Time           // when the deciding one was opened
	Cause      string              // why it was opened
	Images     int
	Suppressed int // in how many images decisions suppress it; these are not among Images
}

// HolderFilter names what images have: a vulnerability, or a package, one of its versions or any.
type HolderFilter struct {
	Vulnerability string // by any of its names
	Type, Name    string
	Version       string
	Environment   string // only images that run there
}

// Holder is an image with those of its packages that a filter names.
type Holder struct {
	ImageRow
	Packages []HeldPackage
}

// HeldPackage is a package of an image, with where it lies, under which licences, and what run time saw of it.
type HeldPackage struct {
	Package    crowsnest.PackageVersion
	Locations  []crowsnest.Location
	Licences   []string
	InUse      map[string]crowsnest.InUse // by environment in which the image runs
	Finding    *crowsnest.Finding         // the deciding one, if a vulnerability was asked for
	Suppressed *crowsnest.Suppression     // the finding is
}

// Vulnerabilities reads what is known of single vulnerabilities.
type Vulnerabilities interface {
	// Vulnerability returns one by its identifier or any alias. One that no image of the
	// organisation has is not found.
	Vulnerability(ctx context.Context, org OrgID, name string) (VulnerabilityDetail, error)
	// FindingChanges lists what was found in packages of the organisation's images and what no longer, the newest first.
	FindingChanges(ctx context.Context, org OrgID, filter finding.Filter, page Page) (List[finding.Change], error)
	// Holders lists the images that have what the filter names, by name.
	Holders(ctx context.Context, org OrgID, filter HolderFilter, page Page) (List[Holder], error)
}

// PackageSort is an order packages can be listed in.
type PackageSort string

// The orders of packages. SortWorst lists only packages with a vulnerability.
const (
	PackagesByName  PackageSort = "name"
	PackagesByWorst PackageSort = "worst"
)

// PackageFilter narrows a list of packages.
type PackageFilter struct {
	Environment string
	Type        string
	Query       string // part of the name; ASCII letters in either case
	Vulnerable  bool
	Suppressed  bool // of those with a vulnerability also those of which decisions suppress all, in all images
	NotSeen     bool // and those of which nothing counts in the environment since it is not seen loaded
	InUse       bool // only those of which a version was seen loaded in what runs; with Vulnerable, a vulnerable one
	Sort        PackageSort
}

// PackageRow is one package, whatever its version, over all images of a filter.
type PackageRow struct {
	Type, Name   string
	Versions     int
	Images       int
	Environments []string
	Summary      crowsnest.Summary  // findings of its versions, each once
	Suppressed   crowsnest.Summary  // what decisions leave out of Summary, in all images
	NotSeen      crowsnest.Summary  // what else an environment leaves out of it, since it is not seen loaded
	InUse        *crowsnest.Summary // of lists of one environment, and of what is in use, the part of Summary in versions seen loaded; nil if run time watches none of them
}

// PackageVersionRow is one version of a package.
type PackageVersionRow struct {
	Package      crowsnest.PackageVersion
	Images       int
	Environments []string
	Findings     []crowsnest.Finding // deciding ones, worst first
}

// PackageDetail is a package with its versions.
type PackageDetail struct {
	PackageRow
	List []PackageVersionRow // by version as text; MaxVersions at most, of Versions
}

// Packages reads packages over all images of an organisation.
type Packages interface {
	// Packages lists them, one row for each type and name.
	Packages(ctx context.Context, org OrgID, filter PackageFilter, page Page) (List[PackageRow], error)
	// Package returns one. One that no image of the organisation has is not found.
	Package(ctx context.Context, org OrgID, typ, name string) (PackageDetail, error)
}

// SearchResult holds the first hits of each kind.
type SearchResult struct {
	Images          []ImageHit
	Packages        []PackageHit
	Vulnerabilities []VulnerabilityHit
	Workloads       []WorkloadHit
	Environments    []string
}

// ImageHit is an image that a search found.
type ImageHit struct {
	Name   string
	Digest crowsnest.Digest
	State  State
}

// PackageHit is a package that a search found.
type PackageHit struct{ Type, Name string }

// VulnerabilityHit is a vulnerability that a search found, by the name that matched.
type VulnerabilityHit struct {
	ID       string
	Name     string
	Severity crowsnest.Severity
}

// WorkloadHit is a workload that a search found, without its containers.
type WorkloadHit struct {
	Environment, Cluster, Namespace, Kind, Name string
}

// Overview is what the first page shows. What is counted is within one environment, or in
// the whole organisation.
type Overview struct {
	Coverage     crowsnest.Coverage
	Missing      []Missing
	InUse        running.Split
	Images       int // recorded, whether they run or not; of an environment those that run
	Environments int // in which something analysed runs
	News         News
	OldestSweep  time.Time // oldest last complete sweep of its integrations; zero if one has none or there are none
	TopImages    []TopImage
	TopFindings  []TopVulnerability
}

// Missing counts running images that are not analysed for one class of reasons.
type Missing struct {
	Class  string // "unresolved", "waiting", or why an analysis failed
	Images int
}

// NewsLimit is where the counts of News end.
const NewsLimit = 10_000

// News counts what happened since a time, each up to NewsLimit.
type News struct {
	Since             time.Time
	FindingsOpened    map[string]int // by cause
	ImagesRecorded    int
	OccurrencesOpened int
	OccurrencesClosed int
}

// TopImage is an image among the worst.
type TopImage struct {
	Name    string
	Digest  crowsnest.Digest
	Summary crowsnest.Summary
	InUse   crowsnest.Summary // the part of Summary in packages seen loaded
}

// TopVulnerability is a vulnerability among the worst.
type TopVulnerability struct {
	VulnerabilityRow
	InUse bool // in a package seen loaded
}

// Overviews reads across everything an organisation has.
type Overviews interface {
	// OrganisationName returns the name of an organisation, for files that leave the installation.
	OrganisationName(ctx context.Context, org OrgID) (string, error)
	// Search finds up to limit of each kind.
	Search(ctx context.Context, org OrgID, query string, limit int) (SearchResult, error)
	// Overview sums up an environment, or the whole organisation if it is empty.
	Overview(ctx context.Context, org OrgID, environment string, since time.Time) (Overview, error)
}
