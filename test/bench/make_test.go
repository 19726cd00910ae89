package bench_test

import (
	"context"
	"os"
	"testing"

	"github.com/crowsnest-sec/crowsnest/internal/advisory"
)

// databaseVariable names the environment variable that holds where TestMakeInstallation makes its
// database: the path of a SQLite file that does not exist, or the URL of an empty PostgreSQL database.
const databaseVariable = "CROWSNEST_BENCH_DATABASE"

// TestMakeInstallation makes the installation of the benchmarks and keeps it, for what measures the
// whole program: scripts/web.sh scale.
func TestMakeInstallation(t *testing.T) {
	location := os.Getenv(databaseVariable)
	if location == "" {
		t.Skip("set " + databaseVariable + " to where the installation is to be made")
	}
	ctx := context.Background()
	p := makePlan(t)
	s := open(t, location)
	org := organisation(t, s)
	if err := fillImages(ctx, s, org, p); err != nil {
		t.Fatal(err)
	}
	if _, err := (advisory.Matcher{Store: s}).Run(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	runImport(t, location, writeArchives(t, p.flaws))
	s = open(t, location)
	defer s.Close()
	if err := fillClusters(ctx, s, org, p); err != nil {
		t.Fatal(err)
	}
}
