package store

import (
	"context"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
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

// Policies keeps the policies of an organisation. Each change that people make makes all of its images due.
type Policies interface {
	// EnsurePolicies gives an organisation the policies that every one begins with, once: those that it
	// changes or deletes later do not come back.
	EnsurePolicies(ctx context.Context, org OrgID, first []Policy) error
	// Policies lists them in the order in which they were made.
	Policies(ctx context.Context, org OrgID) ([]Policy, error)
	// Policy returns one by name.
	Policy(ctx context.Context, org OrgID, name string) (Policy, error)
	// CreatePolicy stores one. A name in use is a Conflict, and so is one more than MaxPolicies; an environment
	// that there is not is NotFound.
	CreatePolicy(ctx context.Context, org OrgID, p Policy) (Policy, error)
	// ChangePolicy changes one. While it is not enabled it has no results; those from before stay in its history.
	ChangePolicy(ctx context.Context, org OrgID, name string, change PolicyChange) (Policy, error)
	// DeletePolicy removes one with all of its results.
	DeletePolicy(ctx context.Context, org OrgID, name string) error
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
	Environment int64 // Everywhere, or a number from subject.Place
	Status      crowsnest.Compliance
	Violations  int
	Reason      string
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

// PolicyEvaluation is what is asked and what was answered.
type PolicyEvaluation interface {
	// DuePolicies returns up to limit images of one organisation that are to be asked, and the organisation; none if nothing is due.
	DuePolicies(ctx context.Context, limit int) (OrgID, []DueImage, error)
	// EnqueueDuePolicies enqueues the asking if anything is due.
	EnqueueDuePolicies(ctx context.Context) error
	// PolicyFacts reads what policies go by of images, given by their numbers. Those that are not the organisation's are left out.
	PolicyFacts(ctx context.Context, org OrgID, images []int64) (subject.Facts, error)
	// ImageNumber returns the number of an image by the digest of its manifest. One that is not analysed is NotFound, with the reason.
	ImageNumber(ctx context.Context, org OrgID, digest crowsnest.Digest) (int64, error)
	// SavePolicyAnswers makes the open results of images those that were answered: what is the same goes on, what is another begins
	// with its cause, and what was not answered ends. An image marked again meanwhile stays due.
	SavePolicyAnswers(ctx context.Context, org OrgID, answers []PolicyAnswers) error
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
	Since       time.Time
	Cause       PolicyCause
}

// PolicyDay counts at the end of a day, in UTC, or now.
type PolicyDay struct {
	Date time.Time
	subject.Count
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

// PolicyResults reads what policies say. Where they say something else of an image in an environment than of it by
// itself, the former counts there; without an environment the worst counts of a policy that holds in some alone.
type PolicyResults interface {
	// PolicyRates counts the images of an environment, or all, by policy, now and at a time.
	PolicyRates(ctx context.Context, org OrgID, environment string, then time.Time) (map[int64]subject.Rate, error)
	// PolicyImages lists the images that a policy says something of, by name.
	PolicyImages(ctx context.Context, org OrgID, filter PolicyFilter, page Page) (List[PolicyImage], error)
	// PolicyTrend counts by day, the oldest first, today included; MaxPolicyDays at most.
	PolicyTrend(ctx context.Context, org OrgID, policy, environment string, days int) ([]PolicyDay, error)
	// PolicyChanges lists what became another, the newest first.
	PolicyChanges(ctx context.Context, org OrgID, filter PolicyFilter, page Page) (List[PolicyChanged], error)
	// ImagePolicies returns what enabled policies were last found to say of an image, by policy.
	ImagePolicies(ctx context.Context, org OrgID, digest crowsnest.Digest, environment string) (map[int64]PolicyImage, error)
	// DuePolicyImages counts the images of the organisation of which something changed that was not looked at yet.
	DuePolicyImages(ctx context.Context, org OrgID) (int, error)
}
