// Package finding is the vocabulary of the store for findings in time: what was found, or no longer, and why.
package finding

import (
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// What becomes of a vulnerability of a package version.
const (
	Found = "found"
	Gone  = "gone"
)

// Causes are those for which findings open and close.
const (
	PackageNew        = "package new"
	AdvisoryPublished = "advisory published"
	AdvisoryChanged   = "advisory changed"
	AdvisoryWithdrawn = "advisory withdrawn"
	RuleChanged       = "rule changed"
)

// Filter narrows a list of changes.
type Filter struct {
	Environment  string // only in packages of images that run there
	Since, Until time.Time
	Change       string // Found or Gone; both if empty
	Causes       []string
	Severities   []crowsnest.Severity
}

// Change is that a vulnerability of a package version was found, or no longer, whichever sources say so.
type Change struct {
	At     time.Time
	Change string // Found or Gone
	Cause  string
	crowsnest.Finding
	Package      crowsnest.PackageVersion
	Images       int // that have the package version now
	Environments []string
}
