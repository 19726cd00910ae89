// Package feed keeps how advisories are kept up to date, what each update changed, and what is
// known of attacks on vulnerabilities. All of it belongs to the whole installation.
package feed

import (
	"context"
	"database/sql"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/shared"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Store implements store.Feeds, store.Threats and store.AdvisoryHistory.
type Store struct {
	db    *sqldb.DB
	queue func() Enqueuer
}

// Enqueuer puts work into the job system inside the transaction that causes it.
type Enqueuer interface {
	Enqueue(ctx context.Context, tx *sql.Tx, work store.Work) error
}

// New returns the part of the store that reads and writes what db holds. queue is asked when work is to be enqueued.
func New(db *sqldb.DB, queue func() Enqueuer) *Store { return &Store{db, queue} }

// InventoryEcosystems implements store.Feeds. It goes through the index from each to the next: there
// may be a million package versions, and this is asked all the time.
func (s *Store) InventoryEcosystems(ctx context.Context) ([]string, error) {
	list, err := sqldb.Collect(ctx, s.db.Reader, sqldb.ScanOne[string], `with recursive e (base) as (
			select min(match_base) from package_version where match_base > ''
			union all
			select (select min(v.match_base) from package_version as v where v.match_base > e.base) from e where e.base is not null
		)
		select base from e where base is not null order by base`)
	return list, s.db.Error("list ecosystems of packages", "", err)
}

const feedColumns = `name, validator, cursor_at, records, as_of, imported_at, checked_at, attempt_at, next_at, failures, failing_since, reason`

func scanFeed(rows interface{ Scan(...any) error }) (store.Feed, error) {
	var f store.Feed
	var cursor, asOf, imported, checked, attempt, next, failing sql.NullInt64
	err := rows.Scan(&f.Name, &f.Validator, &cursor, &f.Records, &asOf, &imported, &checked, &attempt, &next, &f.Failures, &failing, &f.Reason)
	for _, t := range []struct {
		to   *time.Time
		from sql.NullInt64
	}{{&f.Cursor, cursor}, {&f.AsOf, asOf}, {&f.Imported, imported}, {&f.Checked, checked}, {&f.Attempted, attempt}, {&f.Next, next}, {&f.FailingSince, failing}} {
		*t.to = sqldb.NullTime(t.from)
	}
	return f, err
}

// Feeds implements store.Feeds.
func (s *Store) Feeds(ctx context.Context) ([]store.Feed, error) {
	list, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (store.Feed, error) { return scanFeed(rows) },
		`select `+feedColumns+` from feed order by name`)
	return list, s.db.Error("list feeds", "", err)
}

// EnqueueDueFeeds implements store.Feeds. It is asked every few seconds, so it only reads while nothing is due.
func (s *Store) EnqueueDueFeeds(ctx context.Context, names []string, lease time.Duration) (n int, err error) {
	feeds, err := s.Feeds(ctx)
	if err != nil {
		return 0, err
	}
	now := sqldb.Time(s.db.Now())
	kept := make(map[string]bool, len(names))
	for _, name := range names {
		kept[name] = true
	}
	var due, rest []string
	for _, f := range feeds {
		switch {
		case !kept[f.Name] && !f.Next.IsZero():
			rest = append(rest, f.Name)
		case kept[f.Name] && (f.Next.IsZero() || !f.Next.After(now)):
			due = append(due, f.Name)
		}
		delete(kept, f.Name)
	}
	for _, name := range names {
		if kept[name] {
			due = append(due, name)
			delete(kept, name)
		}
	}
	if len(due)+len(rest) == 0 {
		return 0, nil
	}
	err = s.db.Write(ctx, "enqueue updates of advisories", "", func(tx *sql.Tx, now int64) error {
		n = 0
		for _, name := range rest {
			if _, err := tx.ExecContext(ctx, `update feed set next_at = null where name = $1`, name); err != nil {
				return err
			}
		}
		for _, name := range due {
			// Another replica may have been here since: one of the two finds it no longer due.
			result, err := tx.ExecContext(ctx, `insert into feed (name, next_at) values ($1, $3)
				on conflict (name) do update set next_at = excluded.next_at where feed.next_at is null or feed.next_at <= $2`, name, now, now+lease.Microseconds())
			if err != nil {
				return err
			}
			if written, err := result.RowsAffected(); err != nil || written == 0 {
				if err != nil {
					return err
				}
				continue
			}
			if err := s.queue().Enqueue(ctx, tx, store.Work{Kind: store.FeedWork, ID: name}); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

// RetryFeed implements store.Feeds. The schedule, which looks every few seconds, begins the update.
func (s *Store) RetryFeed(ctx context.Context, name string) error {
	return s.db.Write(ctx, "try again update of", name, func(tx *sql.Tx, now int64) error {
		var kept string
		if err := tx.QueryRowContext(ctx, `update feed set next_at = $2 where name = $1 and next_at is not null returning name`, name, now).Scan(&kept); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, revision.Shared, store.AdvisoriesResource)
	})
}

// StartFeed implements store.Feeds.
func (s *Store) StartFeed(ctx context.Context, name string) (f store.Feed, err error) {
	err = s.db.Write(ctx, "begin update of", name, func(tx *sql.Tx, now int64) error {
		f, err = scanFeed(tx.QueryRowContext(ctx, `insert into feed (name, attempt_at) values ($1, $2)
			on conflict (name) do update set attempt_at = excluded.attempt_at returning `+feedColumns, name, now))
		return err
	})
	return f, err
}

// FinishFeed implements store.Feeds.
func (s *Store) FinishFeed(ctx context.Context, name string, o store.FeedOutcome) error {
	return s.db.Write(ctx, "end update of", name, func(tx *sql.Tx, now int64) error {
		next, checked := now+o.Next.Microseconds(), now
		if !o.Checked.IsZero() {
			checked = min(now, o.Checked.UnixMicro())
		}
		stmt, args := `update feed set next_at = case when next_at is null then null else cast($2 as bigint) end, failures = 0, failing_since = null, reason = '', checked_at = case when checked_at > $3 then checked_at else $3 end, validator = $4, cursor_at = coalesce($5, cursor_at),
			imported_at = coalesce($6, imported_at), records = coalesce($7, records), as_of = coalesce($8, as_of) where name = $1`,
			[]any{name, next, checked, o.Validator, sqldb.Micros(o.Cursor), nil, nil, nil}
		switch {
		case o.Reason != "":
			stmt = `update feed set next_at = case when next_at is null then null else cast($2 as bigint) end, failures = failures + 1, failing_since = coalesce(failing_since, $3), reason = $4 where name = $1`
			args = []any{name, next, now, o.Reason}
		case o.Changed:
			args = append(args[:5], now, o.Records, sqldb.Micros(o.AsOf))
		}
		if _, err := tx.ExecContext(ctx, stmt, args...); err != nil {
			return err
		}
		if o.Reason != "" {
			if err := shared.NoteFailure(ctx, tx, now, name, o.Reason); err != nil {
				return err
			}
		}
		return revision.Raise(ctx, tx, revision.Shared, store.AdvisoriesResource)
	})
}
