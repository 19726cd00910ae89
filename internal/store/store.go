// Package store is the contract between the engines and whatever keeps their
// data. It names roles of a few methods each; an engine asks for the roles it
// needs. Package storetest holds the suite every implementation must pass.
//
// Promises common to all roles:
//
//   - Every method that takes an OrgID reads and writes rows of that
//     organisation only. What belongs to another one is reported as not found.
//   - A miss is a *crowsnest.Error of kind NotFound. A driver's error never
//     leaves the store as it is.
//   - A method that writes does so in one transaction: all of it or none.
//   - Times are kept in microseconds, UTC. Lists are ordered by bytes.
package store

import (
	"context"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store/candidate"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
)

// Store is every role together; only the program's assembly needs it whole.
type Store interface {
	Organisations
	Access
	Layers
	Analyses
	Images
	Attestations
	BaseImages
	Vulnerabilities
	Packages
	Overviews
	Advisories
	AdvisoryHistory
	Feeds
	Threats
	Matching
	Integrations
	IntegrationChanges
	Hooks
	ReportedNames
	Sweeps
	Environments
	Exposures
	Assignments
	EnvironmentChanges
	Revisions
	Retentions
	Comparisons
	Shares
	Registries
	RegistryIntegrations
	KnownRepositories
	Watching
	Policies
	PolicyEvaluation
	PolicyResults
	decided.Decisions[OrgID]
	decided.Settled[OrgID]
	running.Countable[OrgID, VulnerabilityFilter, PackageFilter]
	candidate.Finder[OrgID]

	// Ping reports whether the database answers.
	Ping(ctx context.Context) error
	// Close releases the connections; nothing may be called after it.
	Close() error
}

// OrgID identifies an organisation.
type OrgID string

// Organisation owns images, environments and integrations.
type Organisation struct {
	ID   OrgID
	Name string
}

// Organisations keeps organisations.
type Organisations interface {
	// EnsureOrganisation returns the organisation of that name, made if missing.
	EnsureOrganisation(ctx context.Context, name string) (Organisation, error)
	// FirstOrganisation returns the oldest organisation, made under that name if there is
	// none. Its owners look after what all organisations share.
	FirstOrganisation(ctx context.Context, name string) (Organisation, error)
	// Organisation returns one by ID.
	Organisation(ctx context.Context, id OrgID) (Organisation, error)
	// OrganisationByName returns one by name.
	OrganisationByName(ctx context.Context, name string) (Organisation, error)
	// CreateOrganisation makes an organisation with a person as its owner. A name in use is a Conflict.
	CreateOrganisation(ctx context.Context, name string, owner PersonID) (Organisation, error)
	// RenameOrganisation gives an organisation another name. One in use is a Conflict.
	RenameOrganisation(ctx context.Context, org OrgID, name string) error
}

// Layers is the cache of analysed layers. A result is kept once for its diff ID, whoever read
// the layer; only what the installation's own analyser read from verified bytes goes in.
// An organisation is given a result only for a blob that it brought and that was read to
// its end: an image may claim any diff ID, and who knows one must not learn what is in it.
type Layers interface {
	// LayerResults returns the stored results, by diff ID, for those of the layers whose
	// blob the organisation has had read and found to be that layer.
	LayerResults(ctx context.Context, org OrgID, analyser string, layers []crowsnest.Layer) (map[crowsnest.Digest][]byte, error)
	// SaveLayerResult stores the result of a layer that was read and verified for an
	// organisation; saving it again changes nothing.
	SaveLayerResult(ctx context.Context, org OrgID, analyser string, layer crowsnest.Layer, result []byte) error
}

// Page asks for part of a list. Cursor is empty for the first part, else the
// Next of the part before.
type Page struct {
	Limit  int
	Cursor string
}

// DefaultLimit and MaxLimit bound a page.
const (
	DefaultLimit = 50
	MaxLimit     = 1000
)

// List is part of a list. Next is empty on the last part.
type List[T any] struct {
	Items []T
	Next  string
}
