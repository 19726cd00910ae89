package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// State is where an image or a request stands.
type State string

// States of requests and images. Requests go queued → running → done or failed;
// images go found → analysed or failed, and from failed back to found when tried again. What retention took the
// content of is removed, until it is analysed again.
const (
	Queued   State = "queued"
	Running  State = "running"
	Done     State = "done"
	Found    State = "found"
	Analysed State = "analysed"
	Failed   State = "failed"
	Removed  State = "removed"
)

// AnalysisRequest is a person's or a program's wish to have an image analysed.
type AnalysisRequest struct {
	ID        string
	Org       OrgID
	Reference string
	Platform  string // as asked for; empty is the default, or whatever platform a single image has
	State     State
	Reason    string           // why it failed
	Digest    crowsnest.Digest // of the image, once known
	Created   time.Time
	Finished  time.Time // zero until done or failed
	Lane      Lane
	Registry  string // ID of the connected registry it was pushed to; empty if somebody asked
	Tag       string // it had when it was pushed
}

// Tag is what a reference named when it was opened.
type Tag struct {
	Repository string // registry/repository
	Name       string
	Target     crowsnest.Digest // what the tag names: an index or a manifest
}

// Analyses keeps requests and what came of them.
type Analyses interface {
	// RequestAnalysis stores a request and enqueues the work in the same transaction.
	RequestAnalysis(ctx context.Context, org OrgID, reference, platform string) (AnalysisRequest, error)
	// Request returns one of the organisation's requests.
	Request(ctx context.Context, org OrgID, id string) (AnalysisRequest, error)
	// Requests lists them, newest first, those in one state if it is not empty.
	Requests(ctx context.Context, org OrgID, state State, page Page) (List[AnalysisRequest], error)
	// RetryAnalysis queues a request that is done or failed again. One that waits or
	// runs is a Conflict.
	RetryAnalysis(ctx context.Context, org OrgID, id string) (AnalysisRequest, error)
	// StartRequest marks a request as running and returns it. It is for workers:
	// the organisation comes with the request. NotFound if there is nothing to do any more, or not
	// before the registry it was pushed to is resumed: then the work is enqueued anew.
	StartRequest(ctx context.Context, id string) (AnalysisRequest, error)
	// FinishRequest ends a request; reason is empty for success.
	FinishRequest(ctx context.Context, id string, digest crowsnest.Digest, reason string) error

	// RecordImage says that the organisation's own registry, push or upload
	// brought this image: its digests become aliases, and tag, if not nil, is
	// noted in the history of the reference. It returns whether an analysis of
	// the content by this analyser exists; if so the image counts as analysed at once. A content with VEX documents in its file system is known to
	// who had it analysed before alone: what they state is taken from one's own copy.
	RecordImage(ctx context.Context, org OrgID, img crowsnest.Image, tag *Tag, analyser string) (known bool, err error)
	// SaveAnalysis stores what was found in a recorded image.
	SaveAnalysis(ctx context.Context, org OrgID, analysis crowsnest.Analysis, analyser string) error
	// Analyser says which analyser the analysis of an image of the organisation is by; empty while there is none.
	Analyser(ctx context.Context, org OrgID, digest crowsnest.Digest) (string, error)
	// KeepTags continues the history of tags by what they name, whether or not an image of that is known. One
	// without a target names nothing any more.
	KeepTags(ctx context.Context, org OrgID, tags []Tag) error
	// FailImage records why a recorded image could not be analysed. An image
	// that is analysed already stays so. kind is what sort of failure it was.
	FailImage(ctx context.Context, org OrgID, digest crowsnest.Digest, kind crowsnest.Kind, reason string) error
}

// ImageRow is an image as lists show it.
type ImageRow struct {
	Name         string
	Digest       crowsnest.Digest
	ImageID      crowsnest.Digest
	Platform     crowsnest.Platform
	Distribution string
	Release      crowsnest.Distribution // the same in parts
	Size         int64
	Packages     int
	Problems     int // parts of the image that could not be analysed
	State        State
	Reason       string
	Recorded     time.Time
	Removed      time.Time // when retention removed the content; zero unless the state is Removed
	Summary      crowsnest.Summary
	Suppressed   crowsnest.Summary // what decisions leave out of Summary
	Environments []string
	InUse        *crowsnest.Summary // of lists of one environment, the part of Summary in packages seen loaded there; nil if run time watches none of them
	Detail       *ImageDetail       // nil in lists
}

// ImageDetail is what is shown of one image and not in lists.
type ImageDetail struct {
	Created time.Time // zero if the image does not say
	User    string
	Labels  map[string]string
	Config  crowsnest.Config
	Layers  []crowsnest.Layer

	// Changes are what each layer does to the packages; nil unless this analyser
	// counted them.
	Changes []crowsnest.Change

	// Base is the image this one is built on, by provenance that was attested of it or else by its labels; its layers are counted if the
	// organisation has that image itself. Where neither says, it is the analysed image of the
	// organisation, of those that have or had a tag, whose layers are the longest beginning of
	// this one's, with at least one missing. Nil if there is none.
	Base *crowsnest.Base
}

// ImageFilter narrows a list of images.
type ImageFilter struct {
	Environment string    // only images that run there
	At          time.Time // with an environment: those that ran there at that time
	Repository  string    // only images that a tag of this one names or named, or that were asked for by its name, without a tag
	Query       string    // part of the name, of the digest of manifest or configuration, or of the distribution; ASCII letters in either case
	Sort        ImageSort
}

// ImageSort is an order images can be listed in.
type ImageSort string

// The orders of images.
const (
	SortName   ImageSort = "name"
	SortNewest ImageSort = "newest"
)

// FindingRow is a finding of one package of one image.
type FindingRow struct {
	crowsnest.Finding
	Package   crowsnest.PackageVersion
	Locations []crowsnest.Location
	Since     time.Time // when the finding was opened
	InUse     crowsnest.InUse
	// NotAffected says that the finding does not count in the environment asked about: see
	// EnvironmentRow.DiscountNotSeen.
	NotAffected bool
	Suppressed  *crowsnest.Suppression // by a decision: it counts nowhere; nil if it counts
	Threat      crowsnest.Threat
	Update      crowsnest.Update // of the package, for all its findings
}

// VulnerabilityRow is one vulnerability over all images of a filter.
type VulnerabilityRow struct {
	ID           string
	Severity     crowsnest.Severity // the worst among its packages
	Score        float64            // the highest CVSS score among its packages, 0 without one
	Summary      string
	FixedIn      bool // a fix is known for at least one of the packages
	Images       int
	Packages     int  // distinct package versions
	InUse        *int // of lists of one environment, and of what is in use, how many of Packages are; nil if run time watches none of them
	Environments []string
	Since        time.Time
	Threat       crowsnest.Threat
}

// VulnerabilitySort is an order vulnerabilities can be listed in.
type VulnerabilitySort string

// The orders of vulnerabilities. By urgency, those come first that are in a package seen loaded in what runs, then those known
// to be exploited, then those more likely to be, then the worst.
const (
	VulnerabilitiesByWorst   VulnerabilitySort = "worst"
	VulnerabilitiesByUrgency VulnerabilitySort = "urgency"
)

// VulnerabilityFilter narrows a list of vulnerabilities.
type VulnerabilityFilter struct {
	Environment string
	Severities  []crowsnest.Severity
	Query       string            // part of the identifier, of another name or of what a source says in short; ASCII letters in either case
	Fixable     bool              // only those of which a fix is known for a package
	Exploited   bool              // only those known to be exploited
	InUse       bool              // only those in a package seen loaded in what runs
	MinEPSS     float64           // only those with at least this estimate, if it is more than 0
	Suppressed  bool              // also what decisions suppress in all images
	NotSeen     bool              // also what does not count in the environment since it is not seen loaded
	IgnoreMinor bool              // not what the distribution takes as minor: only findings without a state count
	Sort        VulnerabilitySort // VulnerabilitiesByWorst if empty
}

// Images reads what an organisation has.
type Images interface {
	// Images lists the organisation's images.
	Images(ctx context.Context, org OrgID, filter ImageFilter, page Page) (List[ImageRow], error)
	// Image finds one image: by any of its digests, by a unique prefix of at
	// least twelve digits of one, by a tag that names it now, or, for sources
	// without tags, by the name it was last asked for under. Being asked for keeps an image from
	// retention; it is noted once a day.
	Image(ctx context.Context, org OrgID, key string) (ImageRow, error)
	// ImagePackages lists what is in an image, ordered by type and name.
	ImagePackages(ctx context.Context, org OrgID, digest crowsnest.Digest) ([]crowsnest.Package, error)
	// ImageOmissions says what the findings of an image leave out.
	ImageOmissions(ctx context.Context, org OrgID, digest crowsnest.Digest) (Omissions, error)
	// ImageFindings lists the deciding findings of an image, worst first. In
	// use is taken from all of the organisation's occurrences of the image, or
	// from those of one environment.
	ImageFindings(ctx context.Context, org OrgID, digest crowsnest.Digest, environment string) ([]FindingRow, error)
	// Watch returns what run time saw of an image, over all of the organisation's
	// open occurrences of it or those of one environment. The image need not be analysed.
	Watch(ctx context.Context, org OrgID, digest crowsnest.Digest, environment string) (crowsnest.Watch, error)
	// Vulnerabilities lists vulnerabilities over the organisation's images.
	Vulnerabilities(ctx context.Context, org OrgID, filter VulnerabilityFilter, page Page) (List[VulnerabilityRow], error)
	// MinorVulnerabilities counts what the filter leaves out for IgnoreMinor alone: none without it.
	MinorVulnerabilities(ctx context.Context, org OrgID, filter VulnerabilityFilter) (int, error)
}

// SortFindings puts findings into the order in which ImageFindings returns them.
func SortFindings(rows []FindingRow) {
	score := func(f FindingRow) float64 {
		if f.CVSS == nil {
			return 0
		}
		return f.CVSS.Score
	}
	slices.SortFunc(rows, func(a, b FindingRow) int {
		return cmp.Or(
			cmp.Compare(b.Severity, a.Severity),
			cmp.Compare(score(b), score(a)),
			cmp.Compare(a.Package.Name, b.Package.Name),
			cmp.Compare(a.Package.Version, b.Package.Version),
			cmp.Compare(a.Vulnerability, b.Vulnerability),
			cmp.Compare(a.Package.PURL, b.Package.PURL),
		)
	})
}
