// Package registry keeps the registries that organisations connected, their repositories and tags, and turns what
// is pushed into requests for analyses. What a registry says about tags counts; what others say of pushes only
// makes it be asked.
package registry

import (
	"context"
	"database/sql"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Enqueue puts work into the job system inside the transaction that causes it.
type Enqueue func(ctx context.Context, tx *sql.Tx, work store.Work) error

// Store implements store.RegistryIntegrations and store.Watching.
type Store struct {
	db      *sqldb.DB
	enqueue Enqueue
}

// New returns the part of the store that keeps connected registries in db.
func New(db *sqldb.DB, enqueue Enqueue) *Store { return &Store{db: db, enqueue: enqueue} }
