package subject

import (
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// Policy is what an organisation asks of its images: a type with parameters, where it holds, and what it counts.
type Policy struct {
	ID          int64
	Name        string // unique in the organisation
	Description string
	Type        string
	Parameters  []byte // a JSON object, of which the type knows the form
	// Repositories are patterns of the repositories it holds for, with their registry or without; none is all, and what has no repository.
	Repositories []string
	// Environments are those it holds in, for what runs there; none is wherever an image is.
	Environments []string
	Weight       int // in the score; 0 does not count
	Enabled      bool
	Created      time.Time
	Changed      time.Time
}

// MaxPolicies bounds those of an organisation.
const MaxPolicies = 100

// PolicyChange says what of a policy becomes another. What is nil stays.
type PolicyChange struct {
	Name, Description *string
	Parameters        []byte
	Repositories      *[]string
	Environments      *[]string
	Weight            *int
	Enabled           *bool
}

// PolicyCause is what made a result another.
type PolicyCause string

// The causes.
const (
	CauseImage   PolicyCause = "image"   // it came, or was analysed anew
	CauseOutside PolicyCause = "outside" // what is known of it, where it runs, or the policy
)

// DueImage is an image that is to be asked whether it meets its policies. Marks tells a later change from what this
// asking answers; it is 0 of one that only the passing of time made due.
type DueImage struct {
	Image int64
	Marks int64
}

// PolicyResult is the answer for an image in one place. Everywhere is the image by itself.
type PolicyResult struct {
	Policy      int64
	Environment int64 // Everywhere, or a number from Place
	Status      crowsnest.Compliance
	Violations  int
	Reason      string
	Says        []crowsnest.Saying // the sentences of the reason; none if another wrote a part of it
}

// Everywhere stands for no environment.
const Everywhere int64 = 0

// PolicyAnswers are all results of an image.
type PolicyAnswers struct {
	DueImage
	Content int64
	Base    string    // by name, where it is known
	Again   time.Time // when the passing of time may change an answer; zero for never
	Results []PolicyResult
}

// PolicyFilter narrows results.
type PolicyFilter struct {
	Policy      string // by name; empty for all where that may be
	Environment string // only what runs there
	Statuses    []crowsnest.Compliance
	Since       time.Time // only what changed after it
}

// PolicyImage is an image with what a policy says of it.
type PolicyImage struct {
	Number      int64
	Name        string
	Digest      crowsnest.Digest
	Environment string // whose result it is; empty for that of the image by itself
	Status      crowsnest.Compliance
	Violations  int
	Reason      string
	Says        []crowsnest.Saying // the sentences of the reason; none if another wrote a part of it
	Since       time.Time
	Cause       PolicyCause
}

// PolicyDay counts at the end of a day, in UTC, or now.
type PolicyDay struct {
	Date time.Time
	Count
}

// MaxPolicyDays bounds a trend.
const MaxPolicyDays = 365

// PolicyChanged is a result that became another.
type PolicyChanged struct {
	Policy      string
	Name        string // of the image
	Digest      crowsnest.Digest
	Environment string
	At          time.Time
	Cause       PolicyCause
	Before      *PolicyOutcome // nil if there was none
	After       PolicyOutcome
}

// PolicyOutcome is a result with how far it is from being met.
type PolicyOutcome struct {
	Status     crowsnest.Compliance
	Violations int
}
