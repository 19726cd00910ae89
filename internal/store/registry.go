package store

import (
	"context"

	"github.com/crowsnest-sec/crowsnest"
)

// RegistryCheck compares what runs in an environment with the known registries. Each distinct running image counts
// once, those of which nothing is known but their digest too.
type RegistryCheck struct {
	Known   int // length of the list; without one nothing is compared, and the rest is 0
	Running int
	Unknown int // run under a name that fits nothing on the list
	Unnamed int // of which no name in a registry is known
}

// Registries keeps from where an organisation runs images, and compares what runs with that. What an
// image runs under is what its sources report and what it was assigned by; if neither is
// known, it is the name that it was analysed by.
type Registries interface {
	// KnownRegistries returns the list of the organisation; empty if it has none.
	KnownRegistries(ctx context.Context, org OrgID) (crowsnest.KnownRegistries, error)
	// SetKnownRegistries replaces it with what ParseKnownRegistries makes of a list, and returns that.
	// An empty one ends the warnings.
	SetKnownRegistries(ctx context.Context, org OrgID, list []string) (crowsnest.KnownRegistries, error)
	// CheckRegistries compares what runs in an environment now with the list.
	CheckRegistries(ctx context.Context, org OrgID, environment string) (RegistryCheck, error)
	// ImageWarnings tells what there is to know of one of the organisation's images because it runs, in
	// whatever environment; nothing if it does not run.
	ImageWarnings(ctx context.Context, org OrgID, digest crowsnest.Digest) ([]Warning, error)
}
