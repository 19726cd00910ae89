// Package insight answers what an organisation's images have in common: vulnerabilities and
// packages over all of them, the search and the overview. It reads only; every answer is
// scoped to images the organisation brought.
package insight

import (
	"context"
	"sync"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/decision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/environment"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/use"
)

// Store implements the parts of store.Vulnerabilities that need no image rows,
// store.Packages and store.Overviews.
type Store struct {
	db        *sqldb.DB
	discounts Discounts
	decisions *decision.Store

	memory use.Memory

	mu       sync.Mutex
	summed   map[summed]store.Overview
	counted  map[counted]store.Counted
	ran      map[store.OrgID]runningState
	scopes   map[summed]scope // as within
	usages   map[usedKey]usage
	ranked   map[rankedKey][]ranked
	rankings int // vulnerabilities in all of ranked
}

// Discounts says what does not count in an environment where what is not seen loaded is taken as not affected.
type Discounts interface {
	// Sums sums up the findings of its images by what run time sees of their packages.
	Sums(ctx context.Context, q sqldb.Querier, org store.OrgID, environment int64) (environment.Sums, error)
	// Affected returns the numbers of the package versions whose findings count.
	Affected(ctx context.Context, org store.OrgID, environment int64) ([]int64, error)
}

// New returns the part of the store that reads what db holds; decisions tell what is suppressed.
func New(db *sqldb.DB, discounts Discounts, decisions *decision.Store) *Store {
	return &Store{db: db, discounts: discounts, decisions: decisions, summed: make(map[summed]store.Overview), counted: make(map[counted]store.Counted), ran: make(map[store.OrgID]runningState), scopes: make(map[summed]scope), usages: make(map[usedKey]usage), ranked: make(map[rankedKey][]ranked)}
}
