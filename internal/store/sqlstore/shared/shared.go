package shared

import "github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"

// Store implements store.Layers, store.Advisories and store.Matching.
type Store struct{ db *sqldb.DB }

// New returns the shared part of the store that db holds.
func New(db *sqldb.DB) *Store { return &Store{db} }

// The lock that keeps apart what changes findings and what counts them: LockMatching is held by
// the former and by what takes packages away; lockCounted by what counts them for new packages, and waits for these
// only. SQLite has a single writer.
var (
	LockMatching = sqldb.Text{SQLite: `select 0`, Postgres: `select pg_advisory_xact_lock(7166188210)`}
	lockCounted  = sqldb.Text{SQLite: `select 0`, Postgres: `select pg_advisory_xact_lock_shared(7166188210)`}
)
