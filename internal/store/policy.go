package store

import (
	"context"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
)

// Policies keeps the policies of an organisation. Each change that people make makes all of its images due.
type Policies interface {
	// EnsurePolicies gives an organisation the policies that every one begins with, once: those that it
	// changes or deletes later do not come back.
	EnsurePolicies(ctx context.Context, org OrgID, first []subject.Policy) error
	// Policies lists them in the order in which they were made.
	Policies(ctx context.Context, org OrgID) ([]subject.Policy, error)
	// Policy returns one by name.
	Policy(ctx context.Context, org OrgID, name string) (subject.Policy, error)
	// CreatePolicy stores one. A name in use is a Conflict, and so is one more than MaxPolicies; an environment
	// that there is not is NotFound.
	CreatePolicy(ctx context.Context, org OrgID, p subject.Policy) (subject.Policy, error)
	// ChangePolicy changes one. While it is not enabled it has no results; those from before stay in its history.
	ChangePolicy(ctx context.Context, org OrgID, name string, change subject.PolicyChange) (subject.Policy, error)
	// DeletePolicy removes one with all of its results.
	DeletePolicy(ctx context.Context, org OrgID, name string) error
}

// PolicyEvaluation is what is asked and what was answered.
type PolicyEvaluation interface {
	// DuePolicies returns up to limit images of one organisation that are to be asked, and the organisation; none if nothing is due.
	DuePolicies(ctx context.Context, limit int) (OrgID, []subject.DueImage, error)
	// EnqueueDuePolicies enqueues the asking if anything is due.
	EnqueueDuePolicies(ctx context.Context) error
	// PolicyFacts reads what policies go by of images, given by their numbers, and with places how they run. Those that are not the organisation's are left out.
	PolicyFacts(ctx context.Context, org OrgID, images []int64, places bool) (subject.Facts, error)
	// PolicyDocuments reads what policies that somebody wrote see of the same images beside that; of those that are analysed.
	PolicyDocuments(ctx context.Context, org OrgID, images []int64) (subject.Documents, error)
	// ImageNumber returns the number of an image by the digest of its manifest. One that is not analysed is NotFound, with the reason.
	ImageNumber(ctx context.Context, org OrgID, digest crowsnest.Digest) (int64, error)
	// SavePolicyAnswers makes the open results of images those that were answered: what is the same goes on, what is another begins
	// with its cause, and what was not answered ends. An image marked again meanwhile stays due.
	SavePolicyAnswers(ctx context.Context, org OrgID, answers []subject.PolicyAnswers) error
}

// PolicyResults reads what policies say. Where they say something else of an image in an environment than of it by
// itself, the former counts there; without an environment the worst counts of a policy that holds in some alone.
type PolicyResults interface {
	// PolicyRates counts the images of an environment, or all, by policy, now and at a time.
	PolicyRates(ctx context.Context, org OrgID, environment string, then time.Time) (map[int64]subject.Rate, error)
	// PolicyImages lists the images that a policy says something of, by name.
	PolicyImages(ctx context.Context, org OrgID, filter subject.PolicyFilter, page Page) (List[subject.PolicyImage], error)
	// PolicyTrend counts by day, the oldest first, today included; MaxPolicyDays at most.
	PolicyTrend(ctx context.Context, org OrgID, policy, environment string, days int) ([]subject.PolicyDay, error)
	// PolicyChanges lists what became another, the newest first.
	PolicyChanges(ctx context.Context, org OrgID, filter subject.PolicyFilter, page Page) (List[subject.PolicyChanged], error)
	// ImagePolicies returns what enabled policies were last found to say of an image, by policy.
	ImagePolicies(ctx context.Context, org OrgID, digest crowsnest.Digest, environment string) (map[int64]subject.PolicyImage, error)
	// DuePolicyImages counts the images of the organisation of which something changed that was not looked at yet.
	DuePolicyImages(ctx context.Context, org OrgID) (int, error)
}
