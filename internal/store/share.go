package store

import (
	"context"
	"time"
)

// Share is the record of a link with which anybody reads what advisories say of one
// vulnerability; its secret is never stored.
type Share struct {
	ID            string
	Vulnerability string
	CreatedBy     string // name of who made it
	Created       time.Time
	Expires       time.Time
}

// ShareRequest asks for a share.
type ShareRequest struct {
	Vulnerability string        // by any of its names
	Life          time.Duration // until it expires
	Hash          []byte        // of its secret
}

// The bounds of what is shared.
const (
	MaxShares         = 20 // live ones of one vulnerability and one organisation
	MaxSharedSources  = 50 // advisories behind one share
	MaxSharedAffected = 20 // packages of one of them
)

// SharedVulnerability is what the holder of a share may read: advisories, which belong to the
// installation, and nothing of the organisation that made it.
type SharedVulnerability struct {
	ID      string
	Aliases []string
	Sources []SharedSource // MaxSharedSources at most
	More    int            // advisories beyond them when it was made
	Expires time.Time
}

// SharedSource is what one advisory says, of whatever packages.
type SharedSource struct {
	VulnerabilitySource
	More int // packages beyond those in Affected, of which there are MaxSharedAffected at most
}

// Shares keeps what organisations show to people outside.
type Shares interface {
	// CreateShare shares a vulnerability that images of the organisation have. The advisories that name it
	// now are written down with it: nothing else can be read with it. A vulnerability with MaxShares
	// live ones is a Conflict, and so is one that no advisory held here names.
	CreateShare(ctx context.Context, org OrgID, request ShareRequest) (Share, error)
	// Shares lists the live shares of an organisation, newest first; with the identifier of a vulnerability
	// those of it alone.
	Shares(ctx context.Context, org OrgID, vulnerability string) ([]Share, error)
	// RevokeShare ends one at once.
	RevokeShare(ctx context.Context, org OrgID, id string) error
	// Shared returns what a live share shows, by the hash of its secret, with what the advisories say
	// today. One that never was, has expired or was revoked is not found, all in the same words.
	Shared(ctx context.Context, hash []byte) (SharedVulnerability, error)
}
