// Package advisory takes advisories from their sources into the store and keeps
// the findings in step with them: whatever a new or changed advisory names, and
// whatever package version is new, is matched once.
package advisory

import (
	"context"
	"slices"

	"github.com/crowsnest-sec/crowsnest/internal/match"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// A batch is how many package versions are read and matched at a time, and a transaction stores what was found in several: what
// thousands of images share is brought up to date once in each, so that few are quick. Both are bounded, as other writers and memory are.
const (
	readBatch  = 500
	matchBatch = 4 * readBatch
	// findingBatch is with how many findings a transaction is full before that.
	findingBatch = 20_000
)

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
		var matched []store.Matched
		findings := 0
		for batch := range slices.Chunk(pending, readBatch) {
			candidates, err := m.Store.Candidates(ctx, batch)
			if err != nil {
				return total, err
			}
			for _, p := range batch {
				result := match.Match(p.Package, candidates[p.ID])
				matched = append(matched, store.Matched{Pending: p, Findings: result.Findings, Update: result.Update})
				findings += len(result.Findings)
			}
			if findings >= findingBatch {
				break // the others are still pending
			}
		}
		if err := m.Store.SaveFindings(ctx, match.Rules, matched); err != nil {
			return total, err
		}
		total += len(matched)
	}
}
