package running

import "context"

// LeftOut counts what a list leaves out that it can show.
type LeftOut struct {
	NotSeen    int // nothing of it counts in the environment, which takes as not affected what is not seen loaded
	Suppressed int // by decisions, whatever is seen
}

// Countable tells of what is left out, so that nothing is lost: by filters of vulnerabilities, of packages, and in an environment.
type Countable[Org ~string, Vulnerabilities, Packages any] interface {
	// LeftOutVulnerabilities counts what the filter leaves out that is suppressed, or not seen loaded.
	LeftOutVulnerabilities(ctx context.Context, org Org, filter Vulnerabilities) (LeftOut, error)
	// LeftOutPackages counts what the filter leaves out since all that is found of it is suppressed, or not seen loaded.
	LeftOutPackages(ctx context.Context, org Org, filter Packages) (LeftOut, error)
	// NotSeenIn returns the vulnerabilities of which something is found in what runs in an environment, and nothing that counts there, since it takes
	// as not affected what is not seen loaded. One that decisions alone leave nothing of is not among them. An environment that counts what is not seen,
	// that there is not, or no more, has none.
	NotSeenIn(ctx context.Context, org Org, environment string) (map[string]bool, error)
}
