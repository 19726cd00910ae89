// Package comparison reads what is compared: which images of a repository run where, and which
// findings two sides do not share. It reads only, a set at a time.
package comparison

import (
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/decision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Store implements store.Comparisons.
type Store struct {
	db        *sqldb.DB
	decisions *decision.Store
}

// New returns the part of the store that reads what db holds; decisions tell what is suppressed.
func New(db *sqldb.DB, decisions *decision.Store) *Store { return &Store{db, decisions} }
