package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"time"

	"github.com/gofrs/flock"
)

// DB is a database of one of the engines. It is safe for concurrent use.
type DB struct {
	engine
	Writer *sql.DB // on PostgreSQL the same pool as Reader
	Reader *sql.DB
	clock  func() time.Time
	lock   *flock.Flock  // nil unless opened exclusively
	log    *checkpointer // nil on PostgreSQL
}

// Options of a database.
type Options struct {
	// Clock tells the time; nil is the system's. One reading serves a whole transaction.
	Clock func() time.Time
	// Exclusive refuses a SQLite file that another process has opened in this way. Two
	// servers on one file would take each other's running jobs for ones cut off.
	Exclusive bool
}

// Open opens the database at location, a postgres:// URL or the path of a
// SQLite file (sqlite://PATH or plain), and brings its schema up to date.
func Open(ctx context.Context, location string, opts Options) (*DB, error) {
	var lock *flock.Flock
	if opts.Exclusive && !isPostgres(location) {
		var err error
		if lock, err = lockFile(ctx, location); err != nil {
			return nil, err
		}
	}
	db, err := connect(ctx, location)
	if err != nil {
		release(lock)
		return nil, err
	}
	db.clock, db.lock = opts.Clock, lock
	if db.clock == nil {
		db.clock = time.Now
	}
	if err := migrate(ctx, db.engine, db.Writer); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// Engine returns which engine this is.
func (db *DB) Engine() Engine { return db.name }

// Now returns the time as it is stored, for reads; Write hands out its own.
func (db *DB) Now() int64 { return db.clock().UnixMicro() }

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	return db.Error("reach database", "", db.Reader.PingContext(ctx))
}

// Close closes the database.
func (db *DB) Close() error {
	err := db.log.close()
	for _, pool := range []*sql.DB{db.Writer, db.Reader} {
		if pool != nil { // as where it could not be opened
			err = cmp.Or(err, pool.Close())
		}
	}
	return cmp.Or(err, release(db.lock))
}

// Text is a piece of SQL that differs between the engines.
type Text struct{ SQLite, Postgres string }

// Choose returns the text for this engine.
func (db *DB) Choose(t Text) string {
	if db.name == Postgres {
		return t.Postgres
	}
	return t.SQLite
}

// Querier is what a pool and a transaction share.
type Querier interface {
	QueryContext(ctx context.Context, stmt string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, stmt string, args ...any) *sql.Row
	ExecContext(ctx context.Context, stmt string, args ...any) (sql.Result, error)
}

// Write runs fn in a transaction with the one time it is to use. PostgreSQL may end
// a transaction that waits for another in a circle; it is then run again, so
// fn must set what it returns and not add to it.
func (db *DB) Write(ctx context.Context, op, subject string, fn func(tx *sql.Tx, now int64) error) error {
	const tries = 4
	for try := 1; ; try++ {
		err := db.tryWrite(ctx, fn)
		if try == tries || !deadlocked(err) {
			return db.Error(op, subject, err)
		}
	}
}

func (db *DB) tryWrite(ctx context.Context, fn func(tx *sql.Tx, now int64) error) error {
	tx, err := db.Writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit this does nothing
	if err := fn(tx, db.clock().UnixMicro()); err != nil {
		return err
	}
	err = tx.Commit()
	db.log.wrote()
	return err
}

// Snapshot runs fn with reads that all see the same state of the database.
func (db *DB) Snapshot(ctx context.Context, fn func(q Querier) error) error {
	tx, err := db.Reader.BeginTx(ctx, &sql.TxOptions{Isolation: db.snapshot, ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback() // nothing was written
	return fn(tx)
}

// Collect runs a query and scans every row.
func Collect[T any](ctx context.Context, q Querier, scan func(*sql.Rows) (T, error), stmt string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, stmt, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// Each runs a query and scans every row.
func Each(ctx context.Context, q Querier, scan func(*sql.Rows) error, stmt string, args ...any) error {
	rows, err := q.QueryContext(ctx, stmt, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// ScanOne scans a row of one column.
func ScanOne[T any](rows *sql.Rows) (T, error) {
	var v T
	err := rows.Scan(&v)
	return v, err
}
