// Package insight answers what an organisation's images have in common: vulnerabilities and
// packages over all of them, the search and the overview. It reads only; every answer is
// scoped to images the organisation brought.
package insight

import (
	"sync"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Store implements the parts of store.Vulnerabilities that need no image rows,
// store.Packages and store.Overviews.
type Store struct {
	db *sqldb.DB

	mu      sync.Mutex
	summed  map[summed]store.Overview
	counted map[counted]crowsnest.Summary
	ran     map[store.OrgID]runningState
}

// New returns the part of the store that reads what db holds.
func New(db *sqldb.DB) *Store {
	return &Store{db: db, summed: make(map[summed]store.Overview), counted: make(map[counted]crowsnest.Summary), ran: make(map[store.OrgID]runningState)}
}
