package store

import (
	"context"
	"time"
)

// IntegrationChange says what of an integration becomes another. What is nil stays.
type IntegrationChange struct {
	Environment *string
	Cluster     *string
	Region      *string
	URL         *string
	Secret      []byte
	Interval    *time.Duration
	Paused      *bool
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
}

// IntegrationChanges changes integrations and tells beforehand what comes of it.
type IntegrationChanges interface {
	// UpdateIntegration changes an integration and enqueues a sweep if that may see
	// something else now. Moved to another environment, what runs is closed in the old one
	// and opened in the new one. Pointed at another cluster, what ran is closed, and it is pending again.
	UpdateIntegration(ctx context.Context, org OrgID, name string, change IntegrationChange) error
	// IntegrationImpact tells what leaves which environment when the integration is
	// deleted, or, with an environment, moved there.
	IntegrationImpact(ctx context.Context, org OrgID, name, environment string) (Impact, error)
}
