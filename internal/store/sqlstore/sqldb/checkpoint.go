package sqldb

import (
	"context"
	"database/sql"
	"os"
	"strconv"
)

// Sizes of SQLite's log, to which is written first. From a size on it is copied into the database beside those who write: where that is
// left to SQLite it is the end of the transaction that fills the log, which then takes about twice as long. Only what writes without
// a pause lets the log grow to the size at which that is done all the same.
const (
	logSize  = 4 << 20
	logLimit = 16 * logSize
	pageSize = 4 << 10
)

// logPragmas are those of the connection that writes. The log is cut back to its size when it begins anew, so that a
// longer one is one that is to be copied.
var logPragmas = "&_pragma=wal_autocheckpoint(" + strconv.Itoa(logLimit/pageSize) + ")&_pragma=journal_size_limit(" + strconv.Itoa(logSize) + ")"

// checkpointer copies what was written from SQLite's log into the database.
type checkpointer struct {
	db    *sql.DB // a connection of its own
	log   string  // its path
	wake  chan struct{}
	stop  context.CancelFunc
	ended chan struct{}
}

func newCheckpointer(db *sql.DB, path string) *checkpointer {
	ctx, stop := context.WithCancel(context.Background())
	c := &checkpointer{db: db, log: path + "-wal", wake: make(chan struct{}, 1), stop: stop, ended: make(chan struct{})}
	go c.run(ctx)
	return c
}

// wrote says that something was written. It does not wait.
func (c *checkpointer) wrote() {
	if c == nil {
		return
	}
	select {
	case c.wake <- struct{}{}:
	default: // it looks again anyway
	}
}

func (c *checkpointer) run(ctx context.Context) {
	defer close(c.ended)
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
		}
		if log, err := os.Stat(c.log); err == nil && log.Size() > logSize {
			// What cannot be copied now is after the next write, or at its limit by what writes, to whom an error then matters.
			_, _ = c.db.ExecContext(ctx, "pragma wal_checkpoint(passive)")
		}
	}
}

func (c *checkpointer) close() error {
	if c == nil {
		return nil
	}
	c.stop()
	<-c.ended
	return c.db.Close()
}
