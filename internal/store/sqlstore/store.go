package sqlstore

import (
	"context"
	"database/sql"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/access"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/attestation"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/comparison"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/decision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/environment"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/feed"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/history"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/insight"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/lineage"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/policy"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/publish"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/registry"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/retention"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/shared"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/source"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/unseen"
)

// Enqueuer puts work into the job system inside the transaction that causes it.
type Enqueuer = feed.Enqueuer

// The parts that Store embeds; their names are for here alone.
type (
	sharedStore      = shared.Store
	accessStore      = access.Store
	insightStore     = insight.Store
	historyStore     = history.Store
	environmentStore = environment.Store
	sourceStore      = source.Store
	retentionStore   = retention.Store
	comparisonStore  = comparison.Store
	publishStore     = publish.Store
	attestationStore = attestation.Store
	lineageStore     = lineage.Store
	feedStore        = feed.Store
	registryStore    = registry.Store
	policyStore      = policy.Store
	decisionStore    = decision.Store
	unseenStore      = unseen.Store
)

// Store implements store.Store. It is safe for concurrent use.
type Store struct {
	*sharedStore
	*accessStore
	*insightStore
	*unseenStore
	*historyStore
	*environmentStore
	*sourceStore
	*retentionStore
	*comparisonStore
	*publishStore
	*attestationStore
	*lineageStore
	*feedStore
	*registryStore
	*policyStore
	*decisionStore
	db    *sqldb.DB
	queue Enqueuer
}

var _ store.Store = (*Store)(nil)

// Open opens the store in the database at location; see sqldb.Open.
func Open(ctx context.Context, location string, opts sqldb.Options) (*Store, error) {
	db, err := sqldb.Open(ctx, location, opts)
	if err != nil {
		return nil, err
	}
	decisions := decision.New(db)
	runs := environment.New(db, decisions)
	left := unseen.New(db, runs, decisions)
	has := insight.New(db, runs, decisions, left)
	bases := lineage.New(db, has.VersionsUsed)
	s := &Store{sharedStore: shared.New(db), accessStore: access.New(db), insightStore: has, unseenStore: left, publishStore: publish.New(db, has), historyStore: history.New(db, &left.Memory), environmentStore: runs, sourceStore: source.New(db), retentionStore: retention.New(db), comparisonStore: comparison.New(db, decisions), attestationStore: attestation.New(db), lineageStore: bases, decisionStore: decisions, db: db}
	s.feedStore = feed.New(db, func() feed.Enqueuer { return s.queue })
	// The job system comes later: it needs the database first.
	enqueue := func(ctx context.Context, tx *sql.Tx, work store.Work) error { return s.queue.Enqueue(ctx, tx, work) }
	s.registryStore = registry.New(db, enqueue)
	s.policyStore = policy.New(db, bases, decisions, enqueue)
	return s, nil
}

// SetEnqueuer connects the job system. It must be called before any method that
// enqueues work; the job system needs the store's database first.
func (s *Store) SetEnqueuer(q Enqueuer) { s.queue = q }

// DB returns the pool that writes and the engine, for the job system that shares the database.
func (s *Store) DB() (*sql.DB, sqldb.Engine) { return s.db.Writer, s.db.Engine() }

// Revisions implements store.Revisions.
func (s *Store) Revisions(ctx context.Context, org store.OrgID) (map[store.Resource]int64, error) {
	out, err := revision.Read(ctx, s.db.Reader, org, s.db.Now())
	return out, s.db.Error("read revisions", "", err)
}

// Ping implements store.Store.
func (s *Store) Ping(ctx context.Context) error { return s.db.Ping(ctx) }

// Close implements store.Store.
func (s *Store) Close() error { return s.db.Close() }
