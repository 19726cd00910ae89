// Package insight answers what an organisation's images have in common: vulnerabilities and
// packages over all of them, the search and the overview. It reads only; every answer is
// scoped to images the organisation brought.
package insight

import (
	"sync"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/decision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/unseen"
)

// Store implements the parts of store.Vulnerabilities that need no image rows,
// store.Packages and store.Overviews.
type Store struct {
	db        *sqldb.DB
	discounts unseen.Discounts
	decisions *decision.Store
	unseen    *unseen.Store

	mu       sync.Mutex
	summed   map[summed]store.Overview
	counted  map[counted]store.Counted
	ran      map[store.OrgID]runningState
	scopes   map[summed]scope // as within
	usages   map[usedKey]usage
	ranked   map[rankedKey][]ranked
	rankings int // vulnerabilities in all of ranked
}

// New returns the part of the store that reads what db holds; decisions tell what is suppressed, and left
// what does not count since it is not seen loaded.
func New(db *sqldb.DB, discounts unseen.Discounts, decisions *decision.Store, left *unseen.Store) *Store {
	return &Store{db: db, discounts: discounts, decisions: decisions, unseen: left, summed: make(map[summed]store.Overview), counted: make(map[counted]store.Counted), ran: make(map[store.OrgID]runningState), scopes: make(map[summed]scope), usages: make(map[usedKey]usage), ranked: make(map[rankedKey][]ranked)}
}
