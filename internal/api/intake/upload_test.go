package intake

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A server that is killed removes nothing; the next one does, but only what is its own and
// what no other server on the machine may still be writing.
func TestOldUploadsAreRemoved(t *testing.T) {
	spool := t.TempDir()
	t.Setenv("TMPDIR", spool)
	now := time.Now()
	elsewhere := filepath.Join(t.TempDir(), "crowsnest-upload-7")
	age := func(d time.Duration, paths ...string) {
		t.Helper()
		for _, p := range paths {
			if err := os.Chtimes(p, now.Add(-d), now.Add(-d)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, old := range map[string][2]time.Duration{ // of the folder and of the file in it
		"crowsnest-upload-1":       {48 * time.Hour, 48 * time.Hour},
		"crowsnest-upload-2":       {48 * time.Hour, time.Minute}, // still written to
		"crowsnest-upload-3":       {time.Minute, time.Minute},
		"crowsnest-upload-x":       {48 * time.Hour, 48 * time.Hour},
		"crowsnest-upload-":        {48 * time.Hour, 48 * time.Hour},
		"other-crowsnest-upload-1": {48 * time.Hour, 48 * time.Hour},
	} {
		dir := filepath.Join(spool, name, "npm")
		file := filepath.Join(dir, "all.zip")
		if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(file, []byte("x"), 0o600)); err != nil {
			t.Fatal(err)
		}
		age(old[1], file, dir)
		age(old[0], filepath.Dir(dir))
	}
	if err := errors.Join(os.Mkdir(elsewhere, 0o700), os.Symlink(elsewhere, filepath.Join(spool, "crowsnest-upload-8")),
		os.WriteFile(filepath.Join(spool, "crowsnest-upload-9"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	age(48*time.Hour, elsewhere, filepath.Join(spool, "crowsnest-upload-9"))
	if err := RemoveOld(now); err != nil {
		t.Fatal(err)
	}
	var left []string
	entries, err := os.ReadDir(spool)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		left = append(left, e.Name())
	}
	want := []string{"crowsnest-upload-", "crowsnest-upload-2", "crowsnest-upload-3", "crowsnest-upload-8", "crowsnest-upload-9", "crowsnest-upload-x", "other-crowsnest-upload-1"}
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	if _, err := os.Stat(elsewhere); err != nil {
		t.Errorf("a link was followed: %v", err)
	}
}

func TestWithoutPath(t *testing.T) {
	const dir, path = "/var/spool/x-1", "/var/spool/x-1/npm/all.zip"
	for s, want := range map[string]string{
		"read /var/spool/x-1/npm/all.zip: broken": "read the upload: broken",
		"read /var/spool/x-1: broken":             "read the upload: broken",
		"record 2 of /var/spool/x-1/np…: broken":  "record 2 of the upload: broken",
		"record 2 of /var/…: broken":              "record 2 of the upload: broken",
		"record X-1.json: a/b is no version":      "record X-1.json: a/b is no version",
		"read /var/spool/x-1/npm/all.zip and a/…": "read the upload and a/…",
		"": "",
	} {
		if got := withoutPath(s, dir, path); got != want {
			t.Errorf("%q becomes %q, want %q", s, got, want)
		}
	}
}
