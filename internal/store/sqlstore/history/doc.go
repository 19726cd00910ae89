// Package history reads over time: what ran when, and what was known of it when. Every answer is
// scoped to the organisation.
package history

import (
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/use"
)

// Store implements store.Exposures but for what needs image rows.
type Store struct {
	db     *sqldb.DB
	memory *use.Memory
}

// New returns the part of the store that reads what db holds; memory keeps which sets of packages contents have.
func New(db *sqldb.DB, memory *use.Memory) *Store { return &Store{db: db, memory: memory} }
