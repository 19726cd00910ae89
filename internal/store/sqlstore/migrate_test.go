package sqlstore_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/pgkit"
)

func TestMigratedImagesSQLite(t *testing.T) {
	testMigratedImages(t, filepath.Join(t.TempDir(), "crowsnest.db"), "sqlite")
}

func TestMigratedImagesPostgres(t *testing.T) { testMigratedImages(t, pgkit.Database(t), "postgres") }

// Images that were recorded before their repository, age and layers were kept get what they would be
// recorded with.
func testMigratedImages(t *testing.T, location, engine string) {
	s, f := openStore(t, location)
	db, _ := s.DB()
	org := f.Organisation(t, "acme")
	for name, created := range map[string]time.Time{
		"r/web:1": time.Date(2025, 3, 4, 5, 6, 7, 0, time.UTC), "r/web:2": time.Date(2025, 3, 4, 5, 6, 7, 890_000_000, time.FixedZone("", 7200)),
		"r/zero:1": time.Unix(0, 0), "r/none:1": {}, "r/future:1": time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC), "local": time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		img := storetest.Image(name)
		if name != "r/none:1" {
			img.Layers = []crowsnest.Layer{{DiffID: storetest.Digest("lowest")}, {DiffID: storetest.Digest(name)}}
		}
		img.Created, img.Labels = created, map[string]string{"created": "2020-01-01", "quoted": `"created":"2020`}
		var tag *store.Tag
		if repository, word, ok := strings.Cut(name, ":"); ok {
			tag = &store.Tag{Repository: repository, Name: word, Target: img.Index}
		}
		if _, err := s.RecordImage(context.Background(), org, img, tag, storetest.Analyser); err != nil {
			t.Fatal(err)
		}
	}
	const kept = `select name, repository, built_at, layers, top_layer from image order by name`
	want := read(t, db, kept)
	if _, err := db.Exec(`update image set repository = '', built_at = 0, layers = 0, top_layer = ''`); err != nil {
		t.Fatal(err)
	}
	statements := 0
	for _, name := range []string{"0007_environment.sql", "0014_layers.sql"} {
		file, err := os.ReadFile(filepath.Join("sqldb", "migrations", engine, name))
		if err != nil {
			t.Fatal(err)
		}
		for part := range strings.SplitSeq(string(file), ";") {
			if i := strings.Index(part, "update image"); i >= 0 {
				statements++
				if _, err := db.Exec(part[i:]); err != nil {
					t.Fatalf("%s: %v", part[i:], err)
				}
			}
		}
	}
	if diff := cmp.Diff(want, read(t, db, kept)); diff != "" || statements != 4 {
		t.Errorf("%d statements make (-recorded +migrated):\n%s", statements, diff)
	}
}
