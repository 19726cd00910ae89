// Package source keeps what integrations have beside their sweeps: the secrets that ask for one
// from outside, their second tokens, and what they call the images they see.
package source

import "github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"

// Store implements store.Hooks and store.ReportedNames.
type Store struct{ db *sqldb.DB }

// New returns the part of the store that keeps it in db.
func New(db *sqldb.DB) *Store { return &Store{db: db} }
