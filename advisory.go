package crowsnest

import "time"

// Advisory is what one source says of one or more vulnerabilities, in the terms
// of the OSV schema (https://ossf.github.io/osv-schema/), reduced to what
// matching and showing need.
type Advisory struct {
	ID        string
	Aliases   []string // other names of the same vulnerability
	Upstream  []string // vulnerabilities that this record carries over to its packages
	Related   []string
	Summary   string
	Published time.Time
	Modified  time.Time
	Withdrawn time.Time // zero unless withdrawn; then it matches nothing
	Severity  []SeverityVector
	Word      string // the source's own word for the severity, where it gives one
	Affected  []Affected
}

// SeverityVector is a CVSS vector with the kind that OSV names it by: CVSS_V4, CVSS_V3 or CVSS_V2.
type SeverityVector struct {
	Type   string `json:"type"`
	Vector string `json:"vector"`
}

// Affected names a package and which of its versions are affected.
type Affected struct {
	Ecosystem string           `json:"ecosystem"` // as written, with its suffix: "Debian:12"
	Name      string           `json:"name"`
	Ranges    []Range          `json:"ranges,omitempty"`
	Versions  []string         `json:"versions,omitempty"`
	Severity  []SeverityVector `json:"severity,omitempty"` // overrides the advisory's
	Word      string           `json:"word,omitempty"`     // overrides the advisory's
	State     VendorState      `json:"state,omitempty"`    // what the distribution does about it in this release
}

// VendorState is why a distribution does not mend a vulnerability in a release, in the words of Debian's security
// tracker; empty where it does, or says nothing of it.
type VendorState string

// The states of Debian. All of them are minor: a filter may hide what is in one, and then says so.
const (
	StateUnimportant VendorState = "unimportant" // no security impact on what Debian builds
	StateNoDSA       VendorState = "no-dsa"      // too minor for an update of its own
	StatePostponed   VendorState = "postponed"   // waits for the next update of the package
	StateIgnored     VendorState = "ignored"     // will not be mended in this release
	StateEndOfLife   VendorState = "end-of-life" // the package is not supported in this release any more
)

// RangeType says how the versions of a range are ordered.
type RangeType string

// The range types of OSV. Git ranges are read but match nothing by themselves.
const (
	RangeSemver    RangeType = "SEMVER"
	RangeEcosystem RangeType = "ECOSYSTEM"
	RangeGit       RangeType = "GIT"
)

// Range is a series of events on one version line.
type Range struct {
	Type   RangeType `json:"type"`
	Events []Event   `json:"events"`
}

// Event is one of introduced, fixed, last_affected or limit; exactly one field is set.
type Event struct {
	Introduced   string `json:"introduced,omitempty"`
	Fixed        string `json:"fixed,omitempty"`
	LastAffected string `json:"lastAffected,omitempty"`
	Limit        string `json:"limit,omitempty"`
}

// Finding says that a package version has a vulnerability, by the word of one advisory.
type Finding struct {
	Vulnerability string // the CVE where one is known, else the advisory's own ID
	Advisory      string
	Aliases       []string // every other known name of the vulnerability, sorted
	Summary       string
	Severity      Severity
	CVSS          *CVSS
	ScoreFrom     string // the advisory that CVSS, and Severity where the own source has none, are borrowed from; empty if they are its own
	State         VendorState
	FixedVersion  string // lowest version that clears it, which is on the installed release train if one there does; empty if none is known

	// Decides marks the one finding, among those of one package version and one
	// vulnerability, whose severity and fix are shown and counted.
	Decides bool
}

// Update is the lowest version of a package that clears all its vulnerabilities of which a fix is known.
type Update struct {
	Version string // empty if no fix of any is known
	Leaves  int    // how many vulnerabilities that version still has, as far as is known
}
