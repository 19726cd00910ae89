// Package comparison reads what is compared: which images of a repository run where, and which
// findings two sides do not share. It reads only, a set at a time.
package comparison

import "github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"

// Store implements store.Comparisons.
type Store struct{ db *sqldb.DB }

// New returns the part of the store that reads what db holds.
func New(db *sqldb.DB) *Store { return &Store{db} }
