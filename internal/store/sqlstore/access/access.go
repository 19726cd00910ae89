package access

import (
	"context"
	"database/sql"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Store implements store.Organisations and store.Access.
type Store struct{ db *sqldb.DB }

var (
	_ store.Organisations = (*Store)(nil)
	_ store.Access        = (*Store)(nil)
)

// New returns the part of the store that guards the rest.
func New(db *sqldb.DB) *Store { return &Store{db} }

// lockOrganisation keeps apart what changes who is in an organisation: two owners that
// demote each other at the same moment would leave none. SQLite has a single writer.
var lockOrganisation = sqldb.Text{
	SQLite:   `select name from organisation where id = $1`,
	Postgres: `select name from organisation where id = $1 for update`,
}

// minute is how exact times of use are, in microseconds: noting each use would make every
// read a write.
const minute = 60_000_000

// noteWithin bounds how long a request waits to note that something was used: on SQLite
// an import may have the one writer for seconds.
const noteWithin = 2 * time.Second

// note runs a statement that only notes a use. One that cannot be noted now is noted by
// the next; no request fails for it.
func (s *Store) note(ctx context.Context, stmt string, args func(now int64) []any) {
	ctx, cancel := context.WithTimeout(ctx, noteWithin)
	defer cancel()
	_ = s.db.Write(ctx, "note use", "", func(tx *sql.Tx, now int64) error {
		_, err := tx.ExecContext(ctx, stmt, args(now)...)
		return err
	})
}

// one reports a miss unless a statement changed a row.
func one(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return sql.ErrNoRows
}

// null is how an empty identifier is stored.
func null[T ~string](s T) any {
	if s == "" {
		return nil
	}
	return string(s)
}

func conflict(op, subject, hint string) error {
	return &crowsnest.Error{Kind: crowsnest.Conflict, Op: op, Subject: subject, Hint: hint}
}
