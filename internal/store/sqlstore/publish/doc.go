// Package publish keeps what organisations show to people outside: links with which anybody reads
// what advisories say of one vulnerability. Of a link's secret only a hash is here. What is shown is
// read from the link's own row and from advisories, which belong to no organisation.
package publish

import (
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/insight"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Store implements store.Shares.
type Store struct {
	db *sqldb.DB
	// has tells which vulnerability of an organisation a name means.
	has *insight.Store
}

var _ store.Shares = (*Store)(nil)

// New returns the part of the store that keeps it in db.
func New(db *sqldb.DB, has *insight.Store) *Store { return &Store{db, has} }
