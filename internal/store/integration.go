package store

import (
	"context"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// IntegrationChange says what of an integration becomes another. What is nil stays.
type IntegrationChange struct {
	Environment *string
	Cluster     *string
	Region      *string
	URL         *string
	Secret      []byte
	APISecret   []byte // empty but not nil removes it
	CA          *string
	Interval    *time.Duration
	Paused      *bool
	Analyse     *bool // see Integration.Analyse
}

// Impact is what happens to environments when an integration is deleted or moved.
type Impact struct {
	Leaves ImpactOn
	Enters *ImpactOn // nil for a deletion
}

// ImpactOn is what happens to one environment.
type ImpactOn struct {
	Environment string
	Occurrences int // open ones that leave or enter
	Images      int // analysed ones that leave or enter: that no other integration runs there
	Unresolved  int // the same of what is not analysed
	Remaining   int // analysed images that run there afterwards

	Listed []ImpactImage // the first MaxListed of Images, by name
}

// ImpactImage is an image that leaves or enters.
type ImpactImage struct {
	Name   string
	Digest crowsnest.Digest
}

// MaxListed is how many images an impact names.
const MaxListed = 100

// IntegrationChanges changes integrations and tells beforehand what comes of it.
type IntegrationChanges interface {
	// UpdateIntegration changes an integration and enqueues a sweep if that may see
	// something else now. Moved to another environment, what runs is closed in the old one
	// and opened in the new one. Pointed at another cluster, what ran is closed, and it is pending again. What
	// the source asked for stays, and puts the sweep off, unless it is asked with another token or elsewhere.
	UpdateIntegration(ctx context.Context, org OrgID, name string, change IntegrationChange) error
	// IntegrationImpact tells what leaves which environment when the integration is
	// deleted, or, with an environment, moved there.
	IntegrationImpact(ctx context.Context, org OrgID, name, environment string) (Impact, error)
}

// Hooks lets others ask for a sweep, with a secret that is good for nothing else.
type Hooks interface {
	// SetHook keeps the hash of the secret of an integration's hook, in place of the one
	// before; nil ends the hook. It is audited.
	SetHook(ctx context.Context, org OrgID, name string, hash []byte) error
	// HookSweep plans a sweep of the integration of that name, of whatever organisation, whose
	// hook has this hash: at once, or a gap after the newest one began. While one is planned or
	// the integration is paused it changes nothing. An unknown name and another hash are
	// NotFound, in the same words.
	HookSweep(ctx context.Context, name string, hash []byte, gap time.Duration) error
}

// ReportedNames keeps what sources call the images they see running. A name is a hint for people
// where the digest leads nowhere; nothing is resolved by it.
type ReportedNames interface {
	// SaveReportedNames keeps names by the digests they were reported for, of those that the
	// integration's organisation knows, and notes that the source was asked, with how many requests, and why it refused if it did. None is fine.
	SaveReportedNames(ctx context.Context, integrationID string, names map[crowsnest.Digest]string, requests int, refused string) error
}
