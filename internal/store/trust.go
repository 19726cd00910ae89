package store

import (
	"context"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// Trust lets jobs of a repository have tokens of an organisation, on the word of the
// issuer of their identity tokens.
type Trust struct {
	ID           string
	Organisation OrgID
	Name         string // unique in the organisation
	Issuer       string
	Repository   string // exactly, "owner/name"
	RepositoryID string // the issuer's own, from the first job on; empty before
	Ref          string // pattern of path.Match for full names such as "refs/heads/*"; empty for all
	Environment  string // exactly; empty for all
	Scopes       []crowsnest.Scope
	Life         time.Duration // of a token
	CreatedBy    string
	Created      time.Time
	Used         time.Time // zero for never
}

// Job is what an issuer says of a job; it must have been verified.
type Job struct {
	Issuer       string
	Repository   string
	RepositoryID string // empty if the issuer does not say
	Ref          string // "refs/heads/main"
	Environment  string
	// For the log alone: who started it, which run it is, of which commit.
	By, Run, Commit string
}

// Trusts keeps trusts, and gives tokens for them.
type Trusts interface {
	// CreateTrust stores a trust. All but ID, RepositoryID, CreatedBy and the times are the
	// caller's. A name that is taken is a Conflict.
	CreateTrust(ctx context.Context, trust Trust) (Trust, error)
	// Trusts lists those of an organisation by name.
	Trusts(ctx context.Context, org OrgID) ([]Trust, error)
	// DeleteTrust ends one at once, and with it the tokens that were given for it.
	DeleteTrust(ctx context.Context, org OrgID, id string) error
	// TrustsOf lists those of all organisations that name a repository of an issuer, the
	// oldest first.
	TrustsOf(ctx context.Context, issuer, repository string) ([]Trust, error)
	// ExchangeToken stores a token of the trust's organisation with the hash of its secret,
	// named after the job, which is recorded. It lasts as long as the trust says. A job of
	// another repository than the first one's, though it goes by the same name, is Forbidden.
	ExchangeToken(ctx context.Context, trust string, job Job, scopes []crowsnest.Scope, hash []byte) (Token, error)
}
