package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/gofrs/flock"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Engine names a database engine.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// engine holds what differs between the two.
type engine struct {
	name    Engine
	dialect goose.Dialect
	// snapshot is the isolation in which all reads of a transaction see one state; in
	// SQLite they always do.
	snapshot sql.IsolationLevel
	// prepares says that a statement run several times is worth preparing. PostgreSQL's
	// driver prepares every statement by itself and keeps it.
	prepares bool
	// rowSizes are how many rows a statement writes, as in bulk.go. To PostgreSQL each statement is a way there and back, and one that
	// adds up over all of its rows writes what it adds to once; SQLite reads long ones slowly.
	rowSizes []int
	// insertSizes are the same of statements that do nothing but insert. Of those with several rows SQLite keeps a copy of each page they
	// change, in memory, so as to undo the rows before one that it refuses; a single row needs none, and a sweep took a third longer with them.
	insertSizes []int
	// arrays says that a statement takes columns as arrays.
	arrays bool
	// listed writes a parameter of a long list, and value one of a statement whose
	// parameters are all in rows of values. SQLite takes "$1" for a name and looks it up
	// among all others, so that a thousand of them cost a million comparisons; "?1" is a
	// number, and "?" the next one.
	listed, value func(n int) string
	// Length counts the entries of a list that is kept as JSON text, 0 where that is
	// null. The engines have a function of one name for it, for values of different types.
	Length func(column string) string
	// Text reads a text of an object that is kept as JSON text; null or empty without it.
	Text func(column, key string) string
	// Float and Boolean are the types of values in a cast.
	Float, Boolean string
	// conflict tells a violated unique constraint from other errors.
	conflict func(error) bool
}

var engines = map[Engine]engine{
	SQLite: {
		name:        SQLite,
		dialect:     goose.DialectSQLite3,
		prepares:    true,
		rowSizes:    []int{100, 30, 10, 3, 1},
		insertSizes: []int{1},
		listed:      func(n int) string { return "?" + strconv.Itoa(n) },
		value:       func(int) string { return "?" },
		Length:      func(column string) string { return `coalesce(json_array_length(` + column + `), 0)` },
		Text: func(column, key string) string {
			return `case when ` + column + ` like '{%' then json_extract(` + column + `, '$.` + key + `') end`
		},
		Float:   "real",
		Boolean: "integer",
		conflict: func(err error) bool {
			var e *sqlite.Error
			return errors.As(err, &e) && (e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
		},
	},
	Postgres: {
		name:        Postgres,
		dialect:     goose.DialectPostgres,
		snapshot:    sql.LevelRepeatableRead,
		rowSizes:    []int{500, 100, 30, 10, 3, 1},
		insertSizes: []int{500, 100, 30, 10, 3, 1},
		arrays:      true,
		listed:      Dollar,
		value:       Dollar,
		Length: func(column string) string {
			return `case when ` + column + ` like '[%' then json_array_length(` + column + `::json) else 0 end`
		},
		Text: func(column, key string) string {
			return `case when ` + column + ` like '{%' then ` + column + `::json ->> '` + key + `' end`
		},
		Float:   "double precision",
		Boolean: "boolean",
		conflict: func(err error) bool {
			var e *pgconn.PgError
			return errors.As(err, &e) && e.Code == "23505"
		},
	},
}

// readers is the size of SQLite's pool of reading connections. Reads are short;
// more connections than cores only cost memory.
const readers = 4

// connect opens the database that location names: its engine, the pool that
// writes and the pool that reads.
func connect(ctx context.Context, location string) (*DB, error) {
	if isPostgres(location) {
		cfg, err := pgx.ParseConfig(location)
		if err != nil {
			return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read database URL", Subject: redact(location),
				Hint: "write it as postgres://user:password@host:port/name"}
		}
		if cfg.ConnectTimeout == 0 {
			cfg.ConnectTimeout = 10 * time.Second
		}
		// Pages of lists stop early, which parallel workers cannot: they read on until each
		// has a page, and starting them takes longer than most statements. Compiling a
		// statement takes longer still. The URL may say otherwise.
		for name, value := range map[string]string{"max_parallel_workers_per_gather": "0", "jit": "off"} {
			if _, set := cfg.RuntimeParams[name]; !set {
				cfg.RuntimeParams[name] = value
			}
		}
		db := stdlib.OpenDB(*cfg)
		db.SetMaxOpenConns(20)
		db.SetMaxIdleConns(10)
		if err := db.PingContext(ctx); err != nil {
			db.Close()
			return nil, &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "open database", Subject: redact(location),
				Hint: "check that PostgreSQL runs there, that the database exists and that user and password are right", Err: postgresCause(err)}
		}
		return &DB{engine: engines[Postgres], Writer: db, Reader: db}, nil
	}

	path, err := filePath(location)
	if err != nil {
		return nil, err
	}
	open := func(extra string, conns int) (*sql.DB, error) {
		// A new file can give back what is removed, page by page; auto_vacuum says so only before the first table.
		dsn := "file:" + (&url.URL{Path: path}).EscapedPath() +
			"?_pragma=auto_vacuum(2)&_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(normal)&_pragma=foreign_keys(1)&_pragma=cache_size(-16000)&_pragma=temp_store(memory)" + extra
		db, err := sql.Open("sqlite", dsn)
		if err != nil {
			return nil, err
		}
		db.SetMaxOpenConns(conns)
		db.SetMaxIdleConns(conns)
		if err := db.PingContext(ctx); err != nil {
			db.Close()
			return nil, err
		}
		return db, nil
	}
	db := &DB{engine: engines[SQLite]}
	if db.Writer, err = open("&_txlock=immediate"+logPragmas, 1); err == nil {
		db.Reader, err = open("&_pragma=query_only(1)", readers)
	}
	var log *sql.DB
	if err == nil {
		log, err = open("", 1)
	}
	if err == nil {
		db.log = newCheckpointer(log, path)
		// The database holds everything the organisation knows; like the key beside it, it is the owner's.
		if err = os.Chmod(path, 0o600); err == nil {
			return db, nil
		}
	}
	db.Close()
	return nil, &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "open database", Subject: path,
		Hint: "check that the file is a SQLite database, that its folder can be written to and that the disk is not full", Err: err}
}

// filePath returns the path of a SQLite file, in a folder that exists.
func filePath(location string) (string, error) {
	path := strings.TrimPrefix(location, "sqlite://")
	if strings.Contains(path, "://") {
		return "", &crowsnest.Error{Kind: crowsnest.Invalid, Op: "open database", Subject: redact(location),
			Hint: "use postgres://… or the path of a SQLite file", Err: errors.New("there is no such kind of database here")}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "make folder of database", Subject: path, Hint: "choose a folder this user may write to", Err: err}
	}
	return path, nil
}

// lockWait is how long a process waits for the one before it to end.
const lockWait = 5 * time.Second

// lockFile takes the lock beside a SQLite file. The system drops it with the process.
func lockFile(ctx context.Context, location string) (*flock.Flock, error) {
	path, err := filePath(location)
	if err != nil {
		return nil, err
	}
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	if locked, err := lock.TryLockContext(ctx, 100*time.Millisecond); !locked {
		refused := &crowsnest.Error{Kind: crowsnest.Conflict, Op: "open database", Subject: path,
			Hint: "stop the other server, or use PostgreSQL, which several may share", Err: errors.New("another server uses this file")}
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			refused.Kind, refused.Hint, refused.Err = crowsnest.Unavailable, "check that its folder can be written to", err
		}
		return nil, refused
	}
	return lock, nil
}

func release(lock *flock.Flock) error {
	if lock == nil {
		return nil
	}
	return lock.Close()
}

func isPostgres(location string) bool {
	return strings.HasPrefix(location, "postgres://") || strings.HasPrefix(location, "postgresql://")
}

// redact removes the password from a database URL.
func redact(location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return "the given URL"
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	u.RawQuery = ""
	return u.String()
}

// postgresCause drops the connection string pgx puts into its errors.
func postgresCause(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return errors.New(pg.Message)
	}
	// pgx joins one error for each address it tried; they mostly say the same.
	for err != nil {
		inner := errors.Unwrap(err)
		if joined, ok := err.(interface{ Unwrap() []error }); ok && len(joined.Unwrap()) > 0 {
			inner = joined.Unwrap()[0]
		}
		if inner == nil {
			break
		}
		err = inner
	}
	return err
}

// deadlocked reports that PostgreSQL ended a transaction in favour of another.
func deadlocked(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40P01" || pg.Code == "40001")
}

// Error makes a driver's error one of the contract's.
func (db *DB) Error(op, subject string, err error) error {
	if err == nil {
		return nil
	}
	var known *crowsnest.Error
	if errors.As(err, &known) {
		return err
	}
	kind, hint := crowsnest.Internal, ""
	var pg *pgconn.PgError
	var lite *sqlite.Error
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return &crowsnest.Error{Kind: crowsnest.NotFound, Op: op, Subject: subject, Hint: "list what there is, and check the name"}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		kind = crowsnest.Canceled
	case db.engine.conflict(err):
		return &crowsnest.Error{Kind: crowsnest.Conflict, Op: op, Subject: subject, Hint: "it exists already"}
	case errors.As(err, &pg) && pg.Code == "22021":
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: op, Hint: "remove the NUL character", Err: errors.New("the text holds a character that cannot be stored")}
	case errors.As(err, &lite):
		if lite.Code()&0xff == sqlite3.SQLITE_FULL {
			kind, hint = crowsnest.Unavailable, "the disk is full"
		}
	case !errors.As(err, &pg):
		kind, hint = crowsnest.Unavailable, "the database cannot be reached"
	}
	return &crowsnest.Error{Kind: kind, Op: op, Subject: subject, Hint: hint, Err: fmt.Errorf("database: %w", err)}
}
