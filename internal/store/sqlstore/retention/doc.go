// Package retention removes what is old and keeps what it was. The content of an image goes: its packages,
// its configuration, the results of its layers. That there was the image stays, with when it ran and what
// was known of it then, so that no answer about the past changes.
package retention

import (
	"sync"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/volume"
)

// Store implements store.Retentions.
type Store struct {
	db *sqldb.DB

	measuring sync.Mutex
	measured  volume.Storage // of this process, for a while: measuring reads the whole file

	mu    sync.Mutex
	plans map[store.OrgID]*plan
}

var _ store.Retentions = (*Store)(nil)

// New returns the part of the store that removes from what db holds.
func New(db *sqldb.DB) *Store { return &Store{db: db, plans: make(map[store.OrgID]*plan)} }
