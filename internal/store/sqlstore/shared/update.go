package shared

import (
	"context"
	"database/sql"
	"errors"
	"strconv"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// keptUpdates is how many updates of each feed are kept: about a month of hourly ones that all changed something.
const keptUpdates = 750

// NamedChanges are the names of what an update changed, as advisory_update.names has them.
type NamedChanges struct {
	Added     []string `json:"a,omitempty"`
	Changed   []string `json:"c,omitempty"`
	Withdrawn []string `json:"w,omitempty"`
}

// NewUpdate implements store.AdvisoryHistory.
func (s *Store) NewUpdate(feed string) store.Update {
	return store.Update{ID: sqldb.NewID(), Feed: feed}
}

// NoteUpdate keeps, in the transaction that changes it, what a part of an update changed; nothing if it changed nothing.
func NoteUpdate(ctx context.Context, tx *sql.Tx, now int64, u store.Update, c store.Changes) error {
	if u.ID == 0 || !c.Any() {
		return nil
	}
	var text string
	all := store.Changes{}
	err := tx.QueryRowContext(ctx, `select added, changed, withdrawn, names from advisory_update where id = $1`, u.ID).Scan(&all.Added, &all.Changed, &all.Withdrawn, &text)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		if _, err := tx.ExecContext(ctx, `insert into advisory_update (id, feed, at, added, changed, withdrawn, names) values ($1, $2, $3, $4, $5, $6, $7)`,
			u.ID, u.Feed, now, c.Added, c.Changed, c.Withdrawn, sqldb.JSON(NamedChanges{c.AddedIDs, c.ChangedIDs, c.WithdrawnIDs})); err != nil {
			return err
		}
		return forgetUpdates(ctx, tx, u.Feed)
	case err != nil:
		return err
	}
	var n NamedChanges
	if err := sqldb.FromJSON(text, &n); err != nil {
		return err
	}
	all.AddedIDs, all.ChangedIDs, all.WithdrawnIDs = n.Added, n.Changed, n.Withdrawn
	all.Add(c)
	_, err = tx.ExecContext(ctx, `update advisory_update set at = $2, added = $3, changed = $4, withdrawn = $5, names = $6 where id = $1`,
		u.ID, now, all.Added, all.Changed, all.Withdrawn, sqldb.JSON(NamedChanges{all.AddedIDs, all.ChangedIDs, all.WithdrawnIDs}))
	return err
}

// NoteFailure keeps that an update of a feed failed. What fails again for the same reason, with nothing in between, is
// one: a server without a way out fails all the time.
func NoteFailure(ctx context.Context, tx *sql.Tx, now int64, feed, reason string) error {
	result, err := tx.ExecContext(ctx, `update advisory_update set at = $2, tries = tries + 1
		where id = (select id from advisory_update where feed = $1 order by at desc, id desc limit 1) and reason = $3`, feed, now, reason)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	if _, err := tx.ExecContext(ctx, `insert into advisory_update (id, feed, at, added, changed, withdrawn, names, reason, tries) values ($1, $2, $3, 0, 0, 0, $4, $5, 1)`,
		sqldb.NewID(), feed, now, sqldb.JSON(NamedChanges{}), reason); err != nil {
		return err
	}
	return forgetUpdates(ctx, tx, feed)
}

func forgetUpdates(ctx context.Context, tx *sql.Tx, feed string) error {
	_, err := tx.ExecContext(ctx, `delete from advisory_update where feed = $1 and (at, id) <= (
		select at, id from advisory_update where feed = $1 order by at desc, id desc limit 1 offset `+strconv.Itoa(keptUpdates)+`)`, feed)
	return err
}
