package sqlstore_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest/attestationtest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest/comparisontest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest/decisiontest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest/envtest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest/feedtest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest/findingtest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest/historytest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest/identitytest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest/insighttest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest/policytest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest/publishtest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest/registrytest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest/retentiontest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest/sourcetest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/litekit"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/pgkit"
)

// recorder takes work as the job system would.
type recorder struct {
	mu   sync.Mutex
	work []store.Work
}

func (r *recorder) Enqueue(_ context.Context, _ *sql.Tx, w store.Work) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.work = append(r.work, w)
	return nil
}

func (r *recorder) take() []store.Work {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.work
	r.work = nil
	return w
}

// postgres is a database with the schema.
var postgres = pgkit.Template{Fill: func(url string) error {
	db, err := sqldb.Open(context.Background(), url, sqldb.Options{})
	if err != nil {
		return err
	}
	return db.Close()
}}

func fixture(t *testing.T, location string) storetest.Fixture {
	t.Helper()
	_, f := openStore(t, location)
	return f
}

func openStore(t *testing.T, location string) (*sqlstore.Store, storetest.Fixture) {
	t.Helper()
	var mu sync.Mutex
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s, err := sqlstore.Open(context.Background(), location, sqldb.Options{Clock: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	rec := &recorder{}
	s.SetEnqueuer(rec)
	return s, storetest.Fixture{
		Store: s,
		Advance: func(d time.Duration) {
			mu.Lock()
			defer mu.Unlock()
			now = now.Add(d)
		},
		Work: rec.take,
	}
}

func TestSQLite(t *testing.T) {
	storetest.Suite(t, func(t *testing.T) storetest.Fixture {
		return fixture(t, litekit.Database(t))
	})
}

func TestInsightSQLite(t *testing.T) {
	insighttest.Suite(t, func(t *testing.T) storetest.Fixture {
		return fixture(t, litekit.Database(t))
	})
}

func TestInsightPostgres(t *testing.T) {
	insighttest.Suite(t, func(t *testing.T) storetest.Fixture { return fixture(t, postgres.Database(t)) })
}

func TestFindingSQLite(t *testing.T) {
	findingtest.Suite(t, func(t *testing.T) storetest.Fixture {
		return fixture(t, litekit.Database(t))
	})
}

func TestFindingPostgres(t *testing.T) {
	findingtest.Suite(t, func(t *testing.T) storetest.Fixture { return fixture(t, postgres.Database(t)) })
}

func TestAttestationSQLite(t *testing.T) {
	attestationtest.Suite(t, func(t *testing.T) storetest.Fixture {
		return fixture(t, litekit.Database(t))
	})
}

func TestAttestationPostgres(t *testing.T) {
	attestationtest.Suite(t, func(t *testing.T) storetest.Fixture { return fixture(t, postgres.Database(t)) })
}

func TestPolicySQLite(t *testing.T) {
	policytest.Suite(t, func(t *testing.T) storetest.Fixture {
		return fixture(t, litekit.Database(t))
	})
}

func TestPolicyPostgres(t *testing.T) {
	policytest.Suite(t, func(t *testing.T) storetest.Fixture { return fixture(t, postgres.Database(t)) })
}

func TestDecisionSQLite(t *testing.T) {
	decisiontest.Suite(t, func(t *testing.T) storetest.Fixture {
		return fixture(t, litekit.Database(t))
	})
}

func TestDecisionPostgres(t *testing.T) {
	decisiontest.Suite(t, func(t *testing.T) storetest.Fixture { return fixture(t, postgres.Database(t)) })
}

func TestIdentitySQLite(t *testing.T) {
	identitytest.Suite(t, func(t *testing.T) storetest.Fixture {
		return fixture(t, litekit.Database(t))
	})
}

func TestIdentityPostgres(t *testing.T) {
	identitytest.Suite(t, func(t *testing.T) storetest.Fixture { return fixture(t, postgres.Database(t)) })
}

func TestHistorySQLite(t *testing.T) {
	historytest.Suite(t, func(t *testing.T) storetest.Fixture {
		return fixture(t, litekit.Database(t))
	})
}

func TestHistoryPostgres(t *testing.T) {
	historytest.Suite(t, func(t *testing.T) storetest.Fixture { return fixture(t, postgres.Database(t)) })
}

func TestEnvironmentSQLite(t *testing.T) {
	envtest.Suite(t, func(t *testing.T) storetest.Fixture {
		return fixture(t, litekit.Database(t))
	})
}

func TestEnvironmentPostgres(t *testing.T) {
	envtest.Suite(t, func(t *testing.T) storetest.Fixture { return fixture(t, postgres.Database(t)) })
}

func TestPostgres(t *testing.T) {
	storetest.Suite(t, func(t *testing.T) storetest.Fixture { return fixture(t, postgres.Database(t)) })
}

// Two servers on one file would each take the other's running jobs for cut off.
func TestExclusive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a folder", "crowsnest.db")
	first, err := sqlstore.Open(t.Context(), path, sqldb.Options{Exclusive: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := sqlstore.Open(ctx, path, sqldb.Options{Exclusive: true}); crowsnest.KindOf(err) != crowsnest.Conflict {
		t.Errorf("a second server got %v, want a conflict", err)
	}
	shared, err := sqlstore.Open(t.Context(), path, sqldb.Options{})
	if err != nil {
		t.Errorf("one that only reads along: %v", err)
	} else {
		shared.Close()
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := sqlstore.Open(t.Context(), path, sqldb.Options{Exclusive: true})
	if err != nil {
		t.Fatalf("after the first is gone: %v", err)
	}
	second.Close()
}

func TestRetentionSQLite(t *testing.T) {
	retentiontest.Suite(t, func(t *testing.T) storetest.Fixture {
		return fixture(t, litekit.Database(t))
	})
}

func TestRetentionPostgres(t *testing.T) {
	retentiontest.Suite(t, func(t *testing.T) storetest.Fixture { return fixture(t, postgres.Database(t)) })
}

func TestSourceSQLite(t *testing.T) {
	sourcetest.Suite(t, func(t *testing.T) storetest.Fixture {
		return fixture(t, litekit.Database(t))
	})
}

func TestSourcePostgres(t *testing.T) {
	sourcetest.Suite(t, func(t *testing.T) storetest.Fixture { return fixture(t, postgres.Database(t)) })
}

func TestComparisonSQLite(t *testing.T) {
	comparisontest.Suite(t, func(t *testing.T) storetest.Fixture {
		return fixture(t, litekit.Database(t))
	})
}

func TestComparisonPostgres(t *testing.T) {
	comparisontest.Suite(t, func(t *testing.T) storetest.Fixture { return fixture(t, postgres.Database(t)) })
}

func TestFeedSQLite(t *testing.T) {
	feedtest.Suite(t, func(t *testing.T) storetest.Fixture {
		return fixture(t, litekit.Database(t))
	})
}

func TestFeedPostgres(t *testing.T) {
	feedtest.Suite(t, func(t *testing.T) storetest.Fixture { return fixture(t, postgres.Database(t)) })
}

func TestPublishSQLite(t *testing.T) {
	publishtest.Suite(t, func(t *testing.T) storetest.Fixture {
		return fixture(t, litekit.Database(t))
	})
}

func TestPublishPostgres(t *testing.T) {
	publishtest.Suite(t, func(t *testing.T) storetest.Fixture { return fixture(t, postgres.Database(t)) })
}

func TestRegistrySQLite(t *testing.T) {
	registrytest.Suite(t, func(t *testing.T) storetest.Fixture {
		return fixture(t, litekit.Database(t))
	})
}

func TestRegistryPostgres(t *testing.T) {
	registrytest.Suite(t, func(t *testing.T) storetest.Fixture { return fixture(t, postgres.Database(t)) })
}
