// Package advisory takes advisories from their sources into the store and keeps
// the findings in step with them: whatever a new or changed advisory names, and
// whatever package version is new, is matched once.
package advisory

import (
	"context"

	"github.com/crowsnest-sec/crowsnest/internal/match"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// matchBatch is how many package versions are matched in one transaction: large
// enough to make few of them, small enough not to hold up other writers.
const matchBatch = 500

// Matcher matches what is pending.
type Matcher struct{ Store store.Matching }

// Run matches until nothing is pending, what older rules matched among it, and returns how many package versions it
// matched. It may be stopped at any point and run by several replicas at once:
// what is not stored stays pending, and what is matched twice changes nothing.
func (m Matcher) Run(ctx context.Context) (int, error) {
	total := 0
	for {
		pending, err := m.Store.PendingPackages(ctx, match.Rules, matchBatch)
		if err != nil || len(pending) == 0 {
			return total, err
		}
		candidates, err := m.Store.Candidates(ctx, pending)
		if err != nil {
			return total, err
		}
		matched := make([]store.Matched, len(pending))
		for i, p := range pending {
			result := match.Match(p.Package, candidates[p.ID])
			matched[i] = store.Matched{Pending: p, Findings: result.Findings, Update: result.Update}
		}
		if err := m.Store.SaveFindings(ctx, match.Rules, matched); err != nil {
			return total, err
		}
		total += len(pending)
	}
}
