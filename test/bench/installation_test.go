package bench_test

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/pgkit"
)

const analyser = "bench-1"

// plan is everything generated, the same for all engines.
type plan struct {
	size       size
	images     []*generated
	unanalysed []*generated // recorded only, or failed
	flaws      []flaw
	clusters   []cluster
}

// makePlan generates once in a process.
func makePlan(tb testing.TB) *plan {
	tb.Helper()
	s := sizeOf(tb)
	planOnce.Do(func() {
		rng := rand.New(rand.NewPCG(20260102, 1))
		u := newUniverse(s, rng)
		p := &plan{size: s, images: images(u, rng), flaws: flaws(u, rng)}
		m := imageMaker{u: u, rng: rng}
		for i := range 3 * s.repositories / 20 {
			p.unanalysed = append(p.unanalysed, m.image(fmt.Sprintf("registry.example/waiting/%s-%d:1", word(i), i), 0))
		}
		p.clusters = clusters(s, p.images, p.unanalysed, rng)
		thePlan = p
	})
	return thePlan
}

var (
	planOnce sync.Once
	thePlan  *plan
)

// engine makes databases.
type engine struct {
	name string
	// create returns the location of an empty database that lasts as long as tb.
	create func(tb testing.TB) string
	// copy returns the location of a copy; nobody may be connected to the original.
	copy func(tb testing.TB, location string) string
	// settle does what the database does by itself in the minutes after much was written.
	settle func(tb testing.TB, location string)
}

var engines = []engine{
	{
		"sqlite",
		func(tb testing.TB) string { return filepath.Join(tb.TempDir(), "crowsnest.db") },
		func(tb testing.TB, location string) string {
			to := filepath.Join(tb.TempDir(), "crowsnest.db")
			if err := copyFile(to, location); err != nil {
				tb.Fatal(err)
			}
			return to
		},
		func(testing.TB, string) {},
	},
	{"postgres", func(tb testing.TB) string { return pgkit.Database(tb) }, copyPostgres, func(tb testing.TB, location string) {
		execute(tb, location, `vacuum (analyze)`)
	}},
}

// execute runs a statement on a PostgreSQL database.
func execute(tb testing.TB, location, statement string) {
	tb.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, location)
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		tb.Fatal(err)
	}
}

func copyFile(to, from string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(dst, src); err != nil {
		dst.Close()
		return err
	}
	return dst.Close()
}

func copyPostgres(tb testing.TB, location string) string {
	tb.Helper()
	u, err := url.Parse(location)
	if err != nil {
		tb.Fatal("the location of a test database is not a URL")
	}
	from := strings.TrimPrefix(u.Path, "/")
	to := fmt.Sprintf("%s_%d", from, time.Now().UnixNano())
	server := *u
	server.Path = "/postgres"
	execute(tb, server.String(), "create database "+to+" template "+from)
	tb.Cleanup(func() { execute(tb, server.String(), "drop database "+to+" with (force)") })
	u.Path = "/" + to
	return u.String()
}

// ignored takes work that nobody does: benchmarks call what jobs would.
type ignored struct{}

func (ignored) Enqueue(context.Context, *sql.Tx, store.Work) error { return nil }

func openStore(ctx context.Context, location string) (*sqlstore.Store, error) {
	s, err := sqlstore.Open(ctx, location, sqldb.Options{})
	if err == nil {
		s.SetEnqueuer(ignored{})
	}
	return s, err
}

func open(tb testing.TB, location string) *sqlstore.Store {
	tb.Helper()
	s, err := openStore(context.Background(), location)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func organisation(tb testing.TB, s *sqlstore.Store) store.OrgID {
	tb.Helper()
	org, err := s.EnsureOrganisation(context.Background(), "acme")
	if err != nil {
		tb.Fatal(err)
	}
	return org.ID
}

// stage times a part of building an installation and says so in the log.
func stage(tb testing.TB, what string, fn func() error) {
	tb.Helper()
	start := time.Now()
	if err := fn(); err != nil {
		tb.Fatalf("%s: %v", what, err)
	}
	tb.Logf("%s: %.1f s", what, time.Since(start).Seconds())
}

// analyses is how many images are stored at a time, as workers do.
const analyses = 4

// fillImages stores the images as analyses do.
func fillImages(ctx context.Context, s *sqlstore.Store, org store.OrgID, p *plan) error {
	var next atomic.Int64
	errs := make(chan error, analyses)
	for range analyses {
		go func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(p.images) {
					errs <- nil
					return
				}
				g := p.images[i]
				_, err := s.RecordImage(ctx, org, g.Image, g.tag(), analyser)
				if err == nil {
					err = s.SaveAnalysis(ctx, org, g.analysis(), analyser)
				}
				if err != nil {
					next.Store(int64(len(p.images))) // the others need not go on
					errs <- err
					return
				}
			}
		}()
	}
	var failed error
	for range analyses {
		failed = cmp.Or(failed, <-errs)
	}
	if failed != nil {
		return failed
	}
	for i, g := range p.unanalysed {
		if _, err := s.RecordImage(ctx, org, g.Image, nil, analyser); err != nil {
			return err
		}
		if i%3 == 0 {
			if err := s.FailImage(ctx, org, g.Digest, crowsnest.Corrupt, "layer 2 is truncated"); err != nil {
				return err
			}
		}
	}
	return nil
}

// connect makes an integration.
func connect(ctx context.Context, s *sqlstore.Store, org store.OrgID, name, environment string) (store.Integration, error) {
	return s.CreateIntegration(ctx, store.Integration{
		Org: org, Name: name, Kind: "sysdig", Region: "us1", Cluster: name, Environment: environment, Secret: []byte("sealed"), Interval: time.Hour,
	})
}

// fillClusters connects every cluster and applies its first sweep.
func fillClusters(ctx context.Context, s *sqlstore.Store, org store.OrgID, p *plan) error {
	for _, c := range p.clusters {
		in, err := connect(ctx, s, org, c.name, c.environment)
		if err != nil {
			return err
		}
		if _, err := s.CompleteSweep(ctx, in.ID, c.snapshot); err != nil {
			return err
		}
	}
	return nil
}
