package why

import (
	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/reason"
)

// Why is the report of "crowsnest why": why an image has a vulnerability, or has not. Its fields are a contract.
type Why struct {
	Image           wire.Target       `json:"image"`
	Name            string            `json:"name" doc:"What was asked about"`
	Vulnerabilities []string          `json:"vulnerabilities" doc:"What that is known as, by the advisories held; 20 at most"`
	Package         string            `json:"package,omitempty" doc:"The package that was asked about; absent for all"`
	Answer          Answer            `json:"answer" enum:"found,suppressed,discounted,not-affected,not-matched,not-named,not-installed,other-ecosystems,no-record"`
	Packages        []PackageReason   `json:"packages" doc:"Packages of the image that advisories about it speak of, or that were asked about, those that have it first; 200 at most"`
	More            int               `json:"morePackages,omitempty"`
	NotInstalled    []RecordedPackage `json:"notInstalled" doc:"Packages of the image's ecosystems that advisories about it speak of and the image has not; 50 at most"`
	MoreRecorded    int               `json:"moreNotInstalled,omitempty"`
	Ecosystems      []string          `json:"ecosystems" doc:"In which advisories about it are held, without releases"`
	Advisories      []string          `json:"advisories" doc:"The advisories held about it; 50 at most"`

	Problems          []crowsnest.Problem      `json:"problems" doc:"Parts of the image that could not be analysed: packages in them are not known"`
	MissingAdvisories []wire.MissingAdvisories `json:"missingAdvisories" doc:"Packages for which no whole set of advisories is held"`
}

// Answer is what a question comes to.
type Answer string

// The answers, for an image and for a package of it.
const (
	Found           Answer = "found"
	Suppressed      Answer = "suppressed"       // found, and not counted, as decisions suppress all of it
	Discounted      Answer = "discounted"       // found, and not counted in the environment, as it was not seen loaded
	NotAffected     Answer = "not-affected"     // what speaks of the package does not affect its version: the sources say why
	NotMatched      Answer = "not-matched"      // the package is matched with nothing: owned by one of the distribution, or of no known ecosystem
	NotNamed        Answer = "not-named"        // the package is there, and no advisory about the vulnerability speaks of it
	NotInstalled    Answer = "not-installed"    // no package that was asked about, or that advisories speak of, is there
	OtherEcosystems Answer = "other-ecosystems" // advisories speak of ecosystems of which the image has no package
	NoRecord        Answer = "no-record"        // no advisory with that name is held
)

// rank orders answers: the first that a package has is that of the image.
var rank = map[Answer]int{Found: 0, Suppressed: 1, Discounted: 2, NotAffected: 3, NotMatched: 4, NotNamed: 5}

// PackageReason says why a package has a vulnerability, or has not.
type PackageReason struct {
	Package     wire.FindingPackage      `json:"package"`
	Answer      Answer                   `json:"answer" enum:"found,suppressed,discounted,not-affected,not-matched,not-named"`
	OwnedBy     []crowsnest.PackageOwner `json:"ownedBy,omitempty" doc:"Packages of the distribution that installed it: its vulnerabilities are theirs to mend; 20 at most"`
	Findings    []wire.Finding           `json:"findings" doc:"What was found in it: several if the name is that of a notice with several vulnerabilities"`
	Explanation *reason.Explanation      `json:"explanation,omitempty" doc:"Absent if it is matched with nothing"`
}

// RecordedPackage is a package that advisories speak of.
type RecordedPackage struct {
	Ecosystem  string   `json:"ecosystem" doc:"Without a release"`
	Name       string   `json:"name"`
	Advisories []string `json:"advisories" doc:"5 at most"`
}

// WhyRequest asks about packages that the server does not keep.
type WhyRequest struct {
	Image    wire.Target         `json:"image"`
	Packages []crowsnest.Package `json:"packages" maxItems:"200000"`
	Question
}

// Question is what is asked of an image.
type Question struct {
	Vulnerability string `json:"vulnerability" query:"vulnerability" required:"true" minLength:"1" maxLength:"128" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"A CVE or any other name, such as GHSA-… or DSA-…"`
	Package       string `json:"package,omitempty" query:"package" required:"false" maxLength:"1024" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Only this package, by its name or that of its source package"`
	Environment   string `json:"environment,omitempty" query:"environment" required:"false" maxLength:"128" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Take in-use data from this environment only"`
	Reference     string `json:"-" query:"reference" required:"false" maxLength:"1024" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Suppress what is decided for this name of the image; without it, what is decided for each of its names"`
}
