// Package litekit makes SQLite databases for tests. The schema is made once for a process and copied: to bring each new file up to
// date takes longer than most tests, above all under the race detector.
package litekit

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Database returns the path of a new database that holds the schema and nothing else. Its folder goes with the test.
func Database(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "crowsnest.db")
	At(t, path)
	return path
}

// At makes such a database at a path whose folder exists.
func At(t testing.TB, path string) {
	t.Helper()
	schema, err := template()
	if err == nil {
		err = os.WriteFile(path, schema, 0o600)
	}
	if err != nil {
		t.Fatalf("make a test database: %v", err)
	}
}

var template = sync.OnceValues(func() (schema []byte, err error) {
	dir, err := os.MkdirTemp("", "crowsnest-schema")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "crowsnest.db")
	db, err := sqldb.Open(context.Background(), path, sqldb.Options{})
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil { // and write what the log holds into the file
		return nil, err
	}
	return os.ReadFile(path)
})
