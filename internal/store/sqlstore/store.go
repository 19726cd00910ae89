package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"sync"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/google/uuid"
)

// Enqueuer puts work into the job system inside the transaction that causes it.
type Enqueuer interface {
	Enqueue(ctx context.Context, tx *sql.Tx, work store.Work) error
}

// Options of a store.
type Options struct {
	// Clock tells the time; nil is the system's. One reading serves a whole transaction.
	Clock func() time.Time
}

// Store implements store.Store. It is safe for concurrent use.
type Store struct {
	engine engine
	writer *sql.DB
	reader *sql.DB
	clock  func() time.Time
	queue  Enqueuer
}

var _ store.Store = (*Store)(nil)

// Open opens the database at location, a postgres:// URL or the path of a
// SQLite file (sqlite://PATH or plain), and brings its schema up to date.
func Open(ctx context.Context, location string, opts Options) (*Store, error) {
	eng, writer, reader, err := connect(ctx, location)
	if err != nil {
		return nil, err
	}
	s := &Store{engine: eng, writer: writer, reader: reader, clock: opts.Clock}
	if s.clock == nil {
		s.clock = time.Now
	}
	if err := migrate(ctx, eng, writer); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// SetEnqueuer connects the job system. It must be called before any method that
// enqueues work; the job system needs the store's database first.
func (s *Store) SetEnqueuer(q Enqueuer) { s.queue = q }

// DB returns the pool that writes and the engine, for the job system that shares the database.
func (s *Store) DB() (*sql.DB, Engine) { return s.writer, s.engine.name }

// Ping implements store.Store.
func (s *Store) Ping(ctx context.Context) error {
	return s.storeError("reach database", "", s.reader.PingContext(ctx))
}

// Close implements store.Store.
func (s *Store) Close() error {
	err := s.writer.Close()
	if s.reader != s.writer {
		if rerr := s.reader.Close(); err == nil {
			err = rerr
		}
	}
	return err
}

// querier is what a pool and a transaction share.
type querier interface {
	QueryContext(ctx context.Context, stmt string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, stmt string, args ...any) *sql.Row
	ExecContext(ctx context.Context, stmt string, args ...any) (sql.Result, error)
}

// write runs fn in a transaction with the one time it is to use. PostgreSQL may end
// a transaction that waits for another in a circle; it is then run again, so
// fn must set what it returns and not add to it.
func (s *Store) write(ctx context.Context, op, subject string, fn func(tx *sql.Tx, now int64) error) error {
	const tries = 4
	for try := 1; ; try++ {
		err := s.tryWrite(ctx, fn)
		if try == tries || !deadlocked(err) {
			return s.storeError(op, subject, err)
		}
	}
}

func (s *Store) tryWrite(ctx context.Context, fn func(tx *sql.Tx, now int64) error) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit this does nothing
	if err := fn(tx, s.clock().UnixMicro()); err != nil {
		return err
	}
	return tx.Commit()
}

// collect runs a query and scans every row.
func collect[T any](ctx context.Context, q querier, scan func(*sql.Rows) (T, error), stmt string, args ...any) ([]T, error) {
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

func scanOne[T any](rows *sql.Rows) (T, error) {
	var v T
	err := rows.Scan(&v)
	return v, err
}

// ids hands out numbers in blocks with a random beginning.
var ids struct {
	sync.Mutex
	next, left int64
}

// newID returns a positive 63-bit number: made here so that rows can be written in bulk
// without asking the database. The numbers follow each other within a random block of
// a million, so no two replicas collide, and rows that are written together lie together.
func newID() int64 {
	ids.Lock()
	defer ids.Unlock()
	if ids.left == 0 {
		const block = 1 << 20
		var b [8]byte
		rand.Read(b[:])
		ids.next, ids.left = int64(binary.LittleEndian.Uint64(b[:])>>1)&^(block-1)|1, block-1
	}
	id := ids.next
	ids.next++
	ids.left--
	return id
}

func newUUID() string { return uuid.Must(uuid.NewV7()).String() }

func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("sqlstore: a domain type that JSON cannot write: " + err.Error())
	}
	return string(b)
}

func fromJSON(s string, v any) error {
	if s == "" {
		return nil
	}
	return json.Unmarshal([]byte(s), v)
}

func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }

func fromNullMicros(us sql.NullInt64) time.Time {
	if !us.Valid {
		return time.Time{}
	}
	return fromMicros(us.Int64)
}

// limitOf returns the size of a page within bounds.
func limitOf(p store.Page) int {
	switch {
	case p.Limit <= 0:
		return store.DefaultLimit
	case p.Limit > store.MaxLimit:
		return store.MaxLimit
	}
	return p.Limit
}

// cursorOf and readCursor carry the sort key of the last row of a page.
func cursorOf(key ...any) string {
	return base64.RawURLEncoding.EncodeToString([]byte(toJSON(key)))
}

func readCursor(cursor string, into ...any) (bool, error) {
	if cursor == "" {
		return false, nil
	}
	bad := &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read cursor", Hint: "pass the cursor exactly as the page before gave it, or none for the first page"}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return false, bad
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil || len(parts) != len(into) {
		return false, bad
	}
	for i, p := range parts {
		if err := json.Unmarshal(p, into[i]); err != nil {
			return false, bad
		}
	}
	return true, nil
}

// pageOf cuts a list that was read with one row more than asked for.
func pageOf[T any](items []T, limit int, key func(T) string) store.List[T] {
	if len(items) <= limit {
		return store.List[T]{Items: items}
	}
	items = items[:limit]
	return store.List[T]{Items: items, Next: key(items[limit-1])}
}
