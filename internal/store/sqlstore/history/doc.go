// Package history reads over time: what ran when, and what was known of it when. Every answer is
// scoped to the organisation.
package history

import "github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"

// Store implements store.Exposures but for what needs image rows.
type Store struct{ db *sqldb.DB }

// New returns the part of the store that reads what db holds.
func New(db *sqldb.DB) *Store { return &Store{db: db} }
