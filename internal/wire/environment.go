package wire

import (
	"fmt"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// RunningImage is an analysed image that runs in an environment.
type RunningImage struct {
	Name      string               `json:"name"`
	Digest    crowsnest.Digest     `json:"digest"`
	ImageID   crowsnest.Digest     `json:"imageId"`
	Workloads []crowsnest.Workload `json:"workloads" doc:"What runs it; what was assigned has the kind assigned, and the reference as its name"`
	Summary   crowsnest.Summary    `json:"summary"`

	Suppressed crowsnest.Summary `json:"suppressed" doc:"What decisions leave out of the summary here; of the past nothing is left out"`

	ProblemCount int       `json:"problemCount" doc:"Parts of the image that could not be analysed"`
	Warnings     []Warning `json:"warnings"`

	InUse UseSummary `json:"inUse" doc:"The vulnerabilities by what run time sees of the packages in this environment; where what is not seen does not count, it is here and not in the summary. All zero of the past"`

	ProfiledAt   time.Time `json:"profiledAt,omitzero" doc:"When a profile of what it loads here was last reported; missing if none was, and of the past"`
	ProfileStale bool      `json:"profileStale,omitempty" doc:"Whether that is longer ago than the environment's profileDays: what was not seen is then not observed"`
	Unprofiled   bool      `json:"unprofiled,omitempty" doc:"Whether some of what runs it has no profile, or one from longer ago than profileDays: what was not seen in the others is then not observed"`
}

// NewRunningImage converts a row.
func NewRunningImage(r store.RunningImage) RunningImage {
	return RunningImage{
		Name: r.Name, Digest: r.Digest, ImageID: r.ImageID, Workloads: List(r.Workloads), Summary: r.Summary, Suppressed: r.Suppressed, ProblemCount: r.Problems,
		Warnings: NewWarnings(r.Warnings), InUse: UseSummary(r.InUse),
		ProfiledAt: r.ProfiledAt, ProfileStale: r.ProfileStale, Unprofiled: r.Unprofiled,
	}
}

// Warning is something to know of an image because it runs.
type Warning struct {
	Kind      store.WarningKind `json:"kind" enum:"tag-moved,newer-version,unknown-registry" doc:"tag-moved: a tag it is known under names another image now. newer-version: a newer image of its repository is analysed. unknown-registry: it runs under a name that fits none of the organisation's known registries"`
	Reference string            `json:"reference" doc:"The tag that moved, the name of the newer image, or the name that fits nothing"`
	Running   crowsnest.Digest  `json:"running" doc:"The image that runs"`
	Digest    crowsnest.Digest  `json:"digest,omitempty" doc:"What the tag names now, an index or an image; or the newer image. Absent of an unknown registry"`
	Since     time.Time         `json:"since,omitzero" doc:"Since when the tag names it; when the newer image was built or, if it does not say, recorded. Absent of an unknown registry"`
}

// NewWarnings converts warnings.
func NewWarnings(list []store.Warning) []Warning {
	return Each(list, func(w store.Warning) Warning { return Warning(w) })
}

// EnvironmentSummary is an environment in a list.
type EnvironmentSummary struct {
	Name        string             `json:"name"`
	Description string             `json:"description"`
	BuiltIn     bool               `json:"builtIn" doc:"Whether it is latest-indexed, the newest analysed image of each repository and platform: nothing runs there, and nobody changes it"`
	Images      int                `json:"images" doc:"Analysed images that run there"`
	Clusters    []string           `json:"clusters"`
	Sources     []string           `json:"sources" doc:"Kinds of what feeds it: sysdig, or assigned for images recorded by hand or from CI"`
	Summary     crowsnest.Summary  `json:"summary" doc:"Vulnerabilities by severity"`
	InUse       crowsnest.Summary  `json:"inUse" doc:"The part of the summary in packages seen loaded there, counted in the same way"`
	Counting    store.Counting     `json:"counting" enum:"images,packages,vulnerabilities" doc:"What the summary counts; in lists the findings of each image, summed up"`
	Coverage    crowsnest.Coverage `json:"coverage" doc:"Distinct running images by what is known of them"`
	AsOf        time.Time          `json:"asOf,omitzero" doc:"Oldest last complete sweep of its integrations"`
	KnownSince  time.Time          `json:"knownSince,omitzero" doc:"Of a past time: when something was first seen there; of what was before, nothing is known"`

	ProfileDays  int       `json:"profileDays" doc:"After so many days a profile that its source did not report again no longer tells what was not seen, which is then not observed; 0 is never. What was seen in use stays that"`
	ProfilesAsOf time.Time `json:"profilesAsOf,omitzero" doc:"When the oldest profile of what runs there was last reported; missing without one"`

	DiscountNotSeen bool              `json:"discountNotSeen" doc:"Whether vulnerabilities of packages that were not seen loaded there are taken as not affected, and do not count"`
	NotAffected     crowsnest.Summary `json:"notAffected" doc:"What the summary leaves out for that, counted in the same way"`
	Suppressed      crowsnest.Summary `json:"suppressed" doc:"What the summary leaves out by decisions, counted in the same way"`
}

// NewEnvironmentSummary converts a row.
func NewEnvironmentSummary(r store.EnvironmentRow) EnvironmentSummary {
	return EnvironmentSummary{
		Name: r.Name, Description: r.Description, BuiltIn: r.Name == store.LatestIndexed, Images: r.Images, Clusters: List(r.Clusters), Sources: List(r.Sources),
		Summary: r.Summary, InUse: r.InUse, Counting: store.CountImages, Coverage: r.Coverage, AsOf: r.AsOf, KnownSince: r.KnownSince,
		ProfileDays: r.ProfileDays, ProfilesAsOf: r.ProfilesAsOf, DiscountNotSeen: r.DiscountNotSeen, NotAffected: r.NotAffected, Suppressed: r.Suppressed,
	}
}

// ImageKey names an image that runs in an environment.
type ImageKey struct {
	Reference string           `json:"reference,omitempty" maxLength:"1024" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"registry/repository:tag or @digest; by tag, it means what that names now among the images known"`
	Digest    crowsnest.Digest `json:"digest,omitempty" pattern:"^sha256:[0-9a-f]{64}$" doc:"Any digest of the image: manifest, configuration or index. One of which nothing is known is taken as well"`
	Platform  string           `json:"platform,omitempty" maxLength:"64" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"os/architecture[/variant], where several images are meant; default any, linux/amd64 before others"`
}

// UnknownImage is the place of an image in an AssignRequest or a ReplaceRequest, as errors name it when nothing is known of the image.
func UnknownImage(at int) string { return fmt.Sprintf("body.images[%d]", at) }

// ParseUnknownImage reads the place again.
func ParseUnknownImage(place string) (at int, ok bool) {
	n, err := fmt.Sscanf(place, "body.images[%d]", &at)
	return at, err == nil && n == 1
}

// AssignRequest names images to assign to an environment or to take out of it.
type AssignRequest struct {
	Images []ImageKey `json:"images" minItems:"1" maxItems:"10000"`
}

// ReplaceRequest names all images that are to be assigned to an environment.
type ReplaceRequest struct {
	Images     []ImageKey `json:"images" maxItems:"10000"`
	AllowEmpty bool       `json:"allowEmpty,omitempty" doc:"That no images take out all that were recorded; without it an empty list is refused"`
}

// Assigned says what an assignment changed.
type Assigned struct {
	Environment string          `json:"environment"`
	Opened      int             `json:"opened" doc:"Assigned now"`
	Continued   int             `json:"continued" doc:"Were assigned before"`
	Closed      int             `json:"closed" doc:"Taken out"`
	Images      []AssignedImage `json:"images" doc:"In the order asked for"`
}

// AssignedImage is an image that is assigned to an environment.
type AssignedImage struct {
	Reference string           `json:"reference" doc:"It is assigned under: a name, or a digest where none was given"`
	Digest    crowsnest.Digest `json:"digest" doc:"Of its manifest, or the one given while nothing is known of it"`
	State     string           `json:"state" enum:"analysed,found,failed,unresolved"`
}

// NewAssigned converts what an assignment changed.
func NewAssigned(environment string, a store.Assigned) Assigned {
	return Assigned{Environment: environment, Opened: a.Opened, Continued: a.Continued, Closed: a.Closed, Images: Each(a.Images, func(i store.AssignedImage) AssignedImage {
		state := string(i.State)
		if state == "" {
			state = "unresolved"
		}
		return AssignedImage{Reference: i.Reference, Digest: i.Digest, State: state}
	})}
}

// Unassigned says how many assignments ended.
type Unassigned struct {
	Environment string `json:"environment"`
	Closed      int    `json:"closed" doc:"Taken out; 0 if nothing of it was assigned"`
}

// EnvironmentChange says what of an environment becomes another; what is absent stays.
type EnvironmentChange struct {
	Name        *string `json:"name,omitempty" minLength:"1" maxLength:"128" pattern:"^[A-Za-z0-9]([A-Za-z0-9._ -]*[A-Za-z0-9._-])?$" patternDescription:"letters, digits, dots, dashes, underscores and blanks, a letter or digit first and no blank last"`
	Description *string `json:"description,omitempty" maxLength:"500" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters"`
	ProfileDays *int    `json:"profileDays,omitempty" minimum:"0" maximum:"3650" doc:"After so many days a profile that was not reported again no longer tells what was not seen; 0 is never"`

	DiscountNotSeen *bool `json:"discountNotSeen,omitempty" doc:"Take vulnerabilities of packages that were not seen loaded as not affected (VEX: vulnerable_code_not_in_execute_path): they do not count, and stay listed as such"`
}

// DeletedEnvironment is an environment of which there is only the history left.
type DeletedEnvironment struct {
	Name    string    `json:"name"`
	Deleted time.Time `json:"deleted"`
	By      string    `json:"by,omitempty" doc:"Who deleted it: an e-mail address, or the name of a token. Only for those who may read the audit log, and as far as that goes back"`
}

// NewDeletedEnvironment converts a row, with who it was if that may be told.
func NewDeletedEnvironment(e store.DeletedEnvironment, who bool) DeletedEnvironment {
	out := DeletedEnvironment{Name: e.Name, Deleted: e.Deleted}
	if who {
		out.By = e.By.Name
	}
	return out
}
