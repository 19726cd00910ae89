package advice

import (
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/recommend"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Recommendations is the report of "crowsnest recommendations". Its fields are a contract.
type Recommendations struct {
	Image    wire.Target            `json:"image"`
	Base     *RecommendedFrom       `json:"base,omitempty" doc:"What it is built on; absent if that is not known"`
	Refresh  Refresh                `json:"refresh" doc:"Whether the tag of the base names another image now"`
	Changes  []recommend.RankedBase `json:"changes" doc:"Other bases with fewer vulnerabilities, the best first; 10 at most"`
	More     int                    `json:"moreChanges,omitempty"`
	Upgrades recommend.Upgrades     `json:"upgrades" doc:"The smallest set of upgrades that clears all critical and high vulnerabilities of which a fix is known"`

	Tags        int `json:"tags" doc:"Tags of the repository of the base that are known here; 2000 at most"`
	NotAnalysed int `json:"notAnalysed" doc:"Of these, how many name an image that is not analysed for the platform, so that nothing is known of it"`

	Problems          []crowsnest.Problem      `json:"problems" doc:"Parts of the image that could not be analysed: findings in them are not known"`
	MissingAdvisories []wire.MissingAdvisories `json:"missingAdvisories" doc:"Packages for which no whole set of advisories is held: findings of them are missing"`
}

// RecommendedFrom is what an image is built on.
type RecommendedFrom struct {
	crowsnest.Base
	Reference string                `json:"reference,omitempty" doc:"Registry, repository and tag that it is taken to be built from; absent if no tag is known"`
	Known     *recommend.BaseOption `json:"known,omitempty" doc:"The base itself; absent if it is not analysed here, and then nobody knows what is better"`
}

// Refresh says whether the tag of a base names another image now.
type Refresh struct {
	State RefreshState          `json:"state" enum:"no-base,no-tag,unknown-tag,no-digest,up-to-date,not-analysed,newer"`
	Names crowsnest.Digest      `json:"names,omitempty" doc:"What the tag names now"`
	Since time.Time             `json:"since,omitzero" doc:"Since when, as far as was seen"`
	To    *recommend.RankedBase `json:"to,omitempty" doc:"What the tag names now; present if it is another image than the base, and analysed"`
}

// RefreshState is what is known of the tag of a base.
type RefreshState string

// The states.
const (
	NoBase      RefreshState = "no-base"      // what the image is built on is not known
	NoTag       RefreshState = "no-tag"       // by which tag is not known
	UnknownTag  RefreshState = "unknown-tag"  // no such tag was seen here
	NoDigest    RefreshState = "no-digest"    // which image of that name is not known
	UpToDate    RefreshState = "up-to-date"   // it names the base
	NotAnalysed RefreshState = "not-analysed" // it names another image, of which nothing is known
	Newer       RefreshState = "newer"        // it names another image
)

// Question is what is asked of an image.
type Question struct {
	Environment string `json:"environment,omitempty" query:"environment" maxLength:"128" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Take in-use data, and what does not count, from this environment only"`
	Reference   string `json:"reference,omitempty" query:"reference" maxLength:"1024" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Leave out what is decided for this name of the image; without it, what is decided for each of its names"`
	Tag         string `json:"tag,omitempty" query:"tag" maxLength:"128" pattern:"^[A-Za-z0-9_][A-Za-z0-9._-]*$" patternDescription:"a tag" doc:"Tag of the base, where it is another one than is known"`
}
