// Package environment writes what people and pipelines say of environments: the images
// assigned to them, their names and their end; and tells what there is to know of an image
// because it runs, among it whether it comes from a registry that the organisation knows.
package environment

import (
	"sync"

	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/decision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Store implements store.Assignments, store.EnvironmentChanges and store.Registries.
type Store struct {
	db        *sqldb.DB
	decisions *decision.Store

	mu      sync.Mutex
	sums    map[state]Sums
	places  map[placesOf]places
	split   map[pair]running.Split
	splitAt int64 // the revision of the findings of split
}

// New returns the part of the store that writes into db; decisions tell what is suppressed.
func New(db *sqldb.DB, decisions *decision.Store) *Store {
	return &Store{db: db, decisions: decisions, sums: make(map[state]Sums), places: make(map[placesOf]places), split: make(map[pair]running.Split)}
}
