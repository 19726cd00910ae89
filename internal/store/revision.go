package store

import "context"

// Resource is a part of what an organisation has that is shown and changes.
type Resource string

// The resources.
const (
	ImagesResource       Resource = "images"   // with their findings
	FindingsResource     Resource = "findings" // of packages; images change with them
	EnvironmentsResource Resource = "environments"
	IntegrationsResource Resource = "integrations"
	AnalysesResource     Resource = "analyses"
	AdvisoriesResource   Resource = "advisories"
	RepositoriesResource Resource = "repositories" // with the registries they are in
	PoliciesResource     Resource = "policies"     // with their results
	PackageSetsResource  Resource = "package-sets" // that retention emptied, when they come back
	DecisionsResource    Resource = "decisions"    // exceptions and documents; images change with them
)

// Revisions tells what changed.
type Revisions interface {
	// Revisions returns a number for each resource that ever changed, which grows with
	// every change. It is cheap enough to be asked every second.
	Revisions(ctx context.Context, org OrgID) (map[Resource]int64, error)
}
