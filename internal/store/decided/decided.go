// Package decided is the vocabulary of the store for what an organisation decides about findings: exceptions that people make, and
// what documents in the sense of VEX state. It is a part of the store's contract.
package decided

import (
	"context"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// State is how an exception stands.
type State string

// The states. Only what is active suppresses anything.
const (
	Waiting State = "waiting" // for the approval of an owner
	Active  State = "active"
	Expired State = "expired"
	Revoked State = "revoked"
)

// Bounds of what an organisation may keep.
const (
	MaxExceptions = 10_000 // that wait or are active
	MaxDocuments  = 1_000
	MaxStatements = 50_000 // of one document
	MaxAuthors    = 100
	MaxText       = 4_096 // bytes of what an exception says
	MaxExamples   = 10
)

// Draft is an exception before it is made.
type Draft struct {
	Vulnerability string
	Kind          crowsnest.DecisionKind
	Justification crowsnest.Justification
	Scope         crowsnest.DecisionScope // as crowsnest.ReadDecisionScope returns it
	Text          string
	Expires       time.Time // zero for never
}

// Exception is a decision that somebody made. It is never changed, only approved and revoked: what suppressed something, and until when,
// stays as it was.
type Exception struct {
	ID string
	Draft
	State      State
	Author     string
	Created    time.Time
	ApprovedBy string
	Approved   time.Time // zero while it waits
	RevokedBy  string
	Revoked    time.Time
}

// Filter narrows a list of exceptions. The newest come first.
type Filter struct {
	States []State
	Query  string // part of the vulnerability, of the text or of the author; ASCII letters in either case
	Kind   crowsnest.DecisionKind
	Limit  int
	Cursor string
}

// Settings is how an organisation decides.
type Settings struct {
	Approval bool     // what an editor decides waits for an owner
	Authors  []string // patterns of the authors of documents that count; a * stands for any characters
}

// SettingsChange says what of the settings becomes another. What is nil stays.
type SettingsChange struct {
	Approval *bool
	Authors  *[]string
}

// Preview is what an exception would suppress that counts now.
type Preview struct {
	Vulnerability string // as the findings know it; empty if no image has it
	Findings      int    // package versions, in each image
	Suppressed    int    // of those it is about, how many are suppressed already
	Images        int
	Environments  []string // in which one of the images runs
	Examples      []Example
	Spared        int // images that it is about by one of their names and that have another one it is not about, so that they go on counting
	SparedNames   []Spared
}

// Example is one finding in one image.
type Example struct {
	Image         string
	Digest        crowsnest.Digest
	Vulnerability string
	PURL          string
	Severity      crowsnest.Severity
}

// Spared is an image under the names that keep it counting.
type Spared struct {
	Image  string
	Digest crowsnest.Digest
	Names  []string
}

// ImageDecision is a decision about findings of an image.
type ImageDecision struct {
	crowsnest.Decision
	Findings     int      // of the image that it is about
	Suppressed   int      // of those, how many are suppressed by whatever decision
	Names        []string // of the image that it is about
	Undecided    []string // names of the image that it is not about: while there are some, and nothing is decided for them, the findings count
	Environments []string // if it holds in these alone
}

// Format is a format of documents.
type Format string

// The formats.
const (
	OpenVEX   Format = "openvex"
	CycloneDX Format = "cyclonedx"
	CSAF      Format = "csaf"
)

// Document states what is the matter with products.
type Document struct {
	ID         string
	Format     Format
	Identifier string // that its author gave it
	Version    string
	Title      string
	Author     string
	Name       string // of the file, or what else it was known by
	Stated     time.Time
	Digest     crowsnest.Digest // of its bytes
	Size       int
	Image      crowsnest.Digest // that it was attested of; empty of what was uploaded
	ImageName  string
	Path       string // in the file system of the image, if it was found there and is not attested
	Ignored    bool   // it was found there, and something is attested of the image: then that alone counts
	AddedBy    string
	Added      time.Time

	Statements []Statement // nil in lists
	Count      int         // of them
	Trusted    bool        // its author is
}

// Statement is one about one vulnerability. Of the products each scope stands for one.
type Statement struct {
	Position      int
	Vulnerability string
	Aliases       []string
	Kind          crowsnest.DecisionKind
	Justification crowsnest.Justification
	Text          string
	Stated        time.Time
	Scopes        []crowsnest.DecisionScope
	Products      []string // as the document names them
	Unread        []string // products that are named by nothing that could be an image or a package
}

// StatementFate is what became of a statement.
type StatementFate struct {
	Statement
	Fate     Fate
	Findings int // in images, of its vulnerability and its products
}

// Fate is what becomes of a statement, or why nothing does.
type Fate string

// The fates.
const (
	Applies         Fate = "applies"
	SaysNothing     Fate = "not-suppressing"  // its status takes nothing out of counts
	Untrusted       Fate = "author-untrusted" // nobody trusts its author
	ImageAttested   Fate = "image-attested"   // found in the file system of an image of which something is attested
	NoFinding       Fate = "no-finding"       // no image has the vulnerability
	NoProduct       Fate = "no-product"       // its products are named by nothing that could be an image or a package
	OtherImage      Fate = "other-image"      // images have the vulnerability, and none is a product
	OtherPackage    Fate = "other-package"    // packages have the vulnerability, and none is a product
	OtherVersion    Fate = "other-version"    // the package has it in other versions than the product's
	OutsideOfBounds Fate = "outside-of-image" // attested of one image and about another one
	OutDated        Fate = "superseded"       // a newer statement, or an exception, counts in its place
	OtherNames      Fate = "other-names"      // every image it is about has another name that it is not about
)

// Settled tells of what decisions leave nothing.
type Settled[Org ~string] interface {
	// SuppressedIn returns the vulnerabilities of which everything is suppressed that is found of them in what runs in an environment, each
	// with the decision that ends first. An environment that there is not, or no more, has none.
	SuppressedIn(ctx context.Context, org Org, environment string) (map[string]crowsnest.Suppression, error)
}

// Decisions keeps what an organisation decides. Whatever changes it makes the images it is about due for their policies.
type Decisions[Org ~string] interface {
	// DecisionSettings returns how an organisation decides; at first nothing waits and no author is trusted.
	DecisionSettings(ctx context.Context, org Org) (Settings, error)
	// ChangeDecisionSettings changes that. What waits goes on waiting when approval is no longer asked for.
	ChangeDecisionSettings(ctx context.Context, org Org, change SettingsChange) (Settings, error)
	// CreateException stores one; unless it is approved it waits for that. An environment that there is not is NotFound, an expiry
	// that is past Invalid, one more than MaxExceptions a Conflict.
	CreateException(ctx context.Context, org Org, draft Draft, approved bool) (Exception, error)
	// PreviewException tells what one would suppress.
	PreviewException(ctx context.Context, org Org, draft Draft) (Preview, error)
	// Exceptions lists them, and returns the cursor of the next page.
	Exceptions(ctx context.Context, org Org, filter Filter) ([]Exception, string, error)
	// Exception returns one.
	Exception(ctx context.Context, org Org, id string) (Exception, error)
	// ApproveException lets one that waits hold; any other is a Conflict.
	ApproveException(ctx context.Context, org Org, id string) (Exception, error)
	// RevokeException ends one at once, or refuses one that waits. One that is over is a Conflict.
	RevokeException(ctx context.Context, org Org, id string) (Exception, error)
	// DecisionsInForce lists what holds now: active exceptions, and the statements of documents by trusted authors.
	DecisionsInForce(ctx context.Context, org Org) ([]crowsnest.Decision, error)
	// ImageDecisions lists what holds now and is about findings of an image.
	ImageDecisions(ctx context.Context, org Org, image crowsnest.Digest) ([]ImageDecision, error)

	// PutVEX stores a document in the place of the one of the same bytes or, of what is uploaded, of the same author and identifier. An
	// image that there is not is NotFound; one more than MaxDocuments is a Conflict.
	PutVEX(ctx context.Context, org Org, doc Document) (Document, error)
	// VEXDocuments lists all documents, the newest first.
	VEXDocuments(ctx context.Context, org Org) ([]Document, error)
	// VEXDocument returns one without its statements.
	VEXDocument(ctx context.Context, org Org, id string) (Document, error)
	// VEXStatements lists statements of a document from a position on, with what became of each, limit at most.
	VEXStatements(ctx context.Context, org Org, id string, from, limit int) ([]StatementFate, error)
	// DeleteVEX removes a document.
	DeleteVEX(ctx context.Context, org Org, id string) error
}
