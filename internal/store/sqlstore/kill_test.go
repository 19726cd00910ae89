package sqlstore_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest/retentiontest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/litekit"
)

// killed names the database on which a child of the test runs retention until it is killed.
const killed = "CROWSNEST_TEST_RETAIN"

func TestKilledRetentionSQLite(t *testing.T) {
	testKilledRetention(t, litekit.Database(t))
}

func TestKilledRetentionPostgres(t *testing.T) { testKilledRetention(t, postgres.Database(t)) }

// testKilledRetention kills processes in the middle of a run, each a little later than the one before; the
// run that is left behind goes on, and at its end the numbers are those of all of its parts.
func testKilledRetention(t *testing.T, location string) {
	if at := os.Getenv(killed); at != "" {
		retainUntilKilled(t, at)
		return
	}
	s, f := openStore(t, location)
	org := f.Organisation(t, "ours")
	const images = 900
	for i := range images {
		f.Analysed(t, org, fmt.Sprintf("web:%d", i), storetest.Package(fmt.Sprintf("lib%d", i), "1", ""), storetest.Package("shared", "1", ""))
	}
	f.Match(t, storetest.AllAffected)
	f.Advance(100 * 24 * time.Hour)
	ctx := context.Background()
	storetest.Must(t, f.Store.SetRetention(ctx, org, store.Retention{Images: 1}))
	for parts := range 5 {
		killAfter(t, location, parts)
	}
	runs, err := f.Store.RetentionRuns(ctx, org, 10)
	storetest.Must(t, err)
	if len(runs) != 1 || !runs[0].Finished.IsZero() || runs[0].Removed.Images == 0 {
		t.Fatalf("after the children were killed the runs are %+v, want one under way", runs)
	}
	run := retentiontest.Run(t, f.Store, org)
	if run.ID != runs[0].ID || run.Removed.Images != images || run.Removed.Versions != images+1 {
		t.Errorf("the run ended with %+v, want the same one with %d images and %d versions", run, images, images+1)
	}
	db, engine := s.DB()
	if engine == sqldb.SQLite {
		if diff := cmp.Diff([]string{"2 0 "}, read(t, db, `select a.auto_vacuum, f.freelist_count from pragma_auto_vacuum as a, pragma_freelist_count as f`)); diff != "" {
			t.Errorf("mode and free pages of the file (-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff([]string{"0 0 0 "}, read(t, db, `select (select count(*) from package_version), (select count(*) from package_set_package), (select count(*) from image where state = 'analysed')`)); diff != "" {
		t.Errorf("left behind (-want +got):\n%s", diff)
	}
}

// killAfter starts a child and kills it once it has done some parts.
func killAfter(t *testing.T, location string, parts int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledRetentionSQLite$")
	cmd.Env = append(os.Environ(), killed+"="+location)
	out, err := cmd.StdoutPipe()
	storetest.Must(t, err)
	storetest.Must(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for n := 0; n <= parts && lines.Scan(); {
		if lines.Text() == "part" {
			n++
		}
	}
	storetest.Must(t, cmd.Process.Kill())
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child ended before it was killed")
	}
}

func retainUntilKilled(t *testing.T, location string) {
	s, err := sqlstore.Open(t.Context(), location, sqldb.Options{Clock: func() time.Time { return time.Date(2026, 4, 20, 0, 0, 0, 0, time.UTC) }})
	storetest.Must(t, err)
	db, _ := s.DB()
	var org store.OrgID
	storetest.Must(t, db.QueryRow(`select id from organisation`).Scan(&org))
	for {
		run, err := s.Retain(t.Context(), org)
		storetest.Must(t, err)
		fmt.Println("part")
		if !run.Finished.IsZero() {
			t.Fatal("the run ended: the child had too little to do")
		}
	}
}
