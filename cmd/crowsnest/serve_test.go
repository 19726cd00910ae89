package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestServerClearsOldUploadsAwayWhenItStarts(t *testing.T) {
	spool := t.TempDir()
	t.Setenv("TMPDIR", spool)
	left := filepath.Join(spool, "crowsnest-upload-1234")
	old := time.Now().Add(-72 * time.Hour)
	if err := errors.Join(os.Mkdir(left, 0o700), os.Chtimes(left, old, old)); err != nil {
		t.Fatal(err)
	}
	realServer(t)
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}
