// Package source keeps what integrations have beside their sweeps: the secrets that ask for one
// from outside.
package source

import "github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"

// Store implements store.Hooks.
type Store struct{ db *sqldb.DB }

// New returns the part of the store that keeps it in db.
func New(db *sqldb.DB) *Store { return &Store{db: db} }
