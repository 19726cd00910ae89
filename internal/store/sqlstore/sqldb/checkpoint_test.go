package sqldb

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What was written goes from the log into the database long before the log is at its limit, and then the log is cut back.
func TestLogIsCopied(t *testing.T) {
	path := filepath.Join(t.TempDir(), "crowsnest.db")
	db, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const written = 2 * logSize
	write := func(bytes int) {
		t.Helper()
		if err := db.Write(t.Context(), "write", "", func(tx *sql.Tx, _ int64) error {
			_, err := tx.Exec(`insert into vulnerability_name (name, vulnerability) values (hex(randomblob($1)), 'v')`, bytes/2)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	size := func(name string) int64 {
		t.Helper()
		file, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		return file.Size()
	}
	write(written)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for size(path) < written || size(path+"-wal") > logSize {
		select {
		case <-ctx.Done():
			t.Fatalf("the database has %d bytes and its log %d", size(path), size(path+"-wal"))
		case <-time.After(time.Millisecond):
			write(64) // the log begins anew with what is written next
		}
	}
}
