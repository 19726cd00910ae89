// Package app builds the whole program from a configuration. The command and the
// end-to-end tests use it; only here do the engines meet a concrete store.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"aead.dev/minisign"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/bundle"
	"github.com/crowsnest-sec/crowsnest/internal/api"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/api/intake"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/config"
	"github.com/crowsnest-sec/crowsnest/internal/egress"
	"github.com/crowsnest-sec/crowsnest/internal/environment"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/job"
	"github.com/crowsnest-sec/crowsnest/internal/policy/evaluation"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego/worker"
	"github.com/crowsnest-sec/crowsnest/internal/registry"
	"github.com/crowsnest-sec/crowsnest/internal/registry/identity"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/web"
)

// Organisation is the name of the organisation a new installation starts with.
const Organisation = base.Unnamed

// App is a server.
type App struct {
	cfg       config.Config
	log       *slog.Logger
	store     *sqlstore.Store
	keeper    *auth.Keeper
	engine    *engine
	runner    *job.Runner
	sweeper   *environment.Sweeper
	evaluator *evaluation.Evaluator
	registry  *registry.Connector
	watcher   *registry.Watcher
	policy    egress.Policy
	verifyKey *minisign.PublicKey // that must have signed bundles of advisories; nil is none
	client    *http.Client        // guarded; for short calls
	trusting  trusting
	downloads *http.Client // guarded; a download takes as long as it takes
	transport http.RoundTripper
	handler   http.Handler
	forgot    atomic.Int64 // when this process last removed what has expired; Unix seconds
	org       store.Organisation
	link      string        // secret of the link for the first owner, or empty
	stopping  chan struct{} // closed when the server stops
}

// New connects to the database, brings its schema up to date and assembles the
// server. Close must follow, also when Run was called.
func New(ctx context.Context, cfg config.Config, version string, log *slog.Logger) (*App, error) {
	a := &App{cfg: cfg, log: log, stopping: make(chan struct{})}
	if err := a.assemble(ctx, version); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

func (a *App) assemble(ctx context.Context, version string) (err error) {
	prefixes, err := a.cfg.Egress.Prefixes()
	if err != nil {
		return err
	}
	policy := egress.Policy{Allow: prefixes, CAFile: a.cfg.Egress.CAFile, ProxyFromEnvironment: a.cfg.Egress.Proxy}
	a.policy = policy
	if a.client, err = egress.New(policy); err != nil {
		return err
	}
	unbounded := policy
	unbounded.Timeout = egress.NoTimeout
	if a.downloads, err = egress.New(unbounded); err != nil {
		return err
	}
	if a.transport, err = egress.NewTransport(policy); err != nil {
		return err
	}
	if a.verifyKey, err = bundle.PublicKey(a.cfg.Advisories.VerifyKey); err != nil {
		return err
	}
	if a.store, err = sqlstore.Open(ctx, a.cfg.Database, sqldb.Options{Exclusive: true}); err != nil {
		return err
	}
	if a.keeper, err = openKeeper(ctx, a.cfg); err != nil {
		return err
	}
	if a.engine, err = newEngine(a.store, a.cfg.Analysis.Layers, a.cfg.Analysis.Limits); err != nil {
		return err
	}
	a.sweeper = &environment.Sweeper{Store: a.store, Connect: a.connect, Names: a.names, Log: a.log}
	language := worker.New(rego.Limits{})
	a.evaluator = evaluation.New(a.store, nil, language)
	a.registry = connector(a.transport, a.client, policy, &a.trusting)
	if a.cfg.Registry.Identity {
		a.registry.Identity = &identity.Source{API: a.client, Variable: config.Variable}
	}
	a.watcher = &registry.Watcher{Store: a.store, Connect: a.connectRegistry, Log: a.log}

	db, eng := a.store.DB()
	a.runner, err = job.New(ctx, db, eng == sqldb.Postgres, job.Config{
		AnalyseWorkers: a.cfg.Analysis.Workers, FillWorkers: a.cfg.Analysis.Backfill, AnalyseTimeout: a.cfg.Analysis.Timeout,
		WatchWorkers: a.cfg.Registry.Workers,
		SweepWorkers: a.cfg.Sweep.Workers, SweepTimeout: a.cfg.Sweep.Timeout, FeedTimeout: feedTimeout,
		Log: slog.New(quiet{a.log.Handler()}),
	}, &job.Handlers{
		Analyse: a.analyseRequest,
		GaveUp: func(ctx context.Context, id string, err error) error {
			return a.store.FinishRequest(ctx, id, "", "given up after several tries: "+crowsnest.Reason(err))
		},
		Sweep: a.sweep,
		Feed:  a.updateFeed,
		Watch: a.watcher.Watch,
		Match: func(ctx context.Context) error {
			_, err := advisory.Matcher{Store: a.store}.Run(ctx)
			return err
		},
		Schedule: func(ctx context.Context) error {
			_, sweeps := a.store.EnqueueDueSweeps(ctx)
			_, looks := a.store.EnqueueDueRegistries(ctx)
			return errors.Join(sweeps, looks, a.store.EnqueueDuePolicies(ctx), a.scheduleFeeds(ctx), a.forgetExpired(ctx))
		},
		Policy: func(ctx context.Context) error {
			_, err := a.evaluator.Run(ctx)
			return err
		},
		Retain: a.retain,
	})
	if err != nil {
		return err
	}
	a.store.SetEnqueuer(a.runner)

	if a.org, err = a.store.FirstOrganisation(ctx, Organisation); err != nil {
		return err
	}
	if a.cfg.FirstToken != "" {
		if err := a.keepFirstToken(ctx); err != nil {
			return err
		}
	}
	if a.link, err = a.door().FirstLink(ctx, a.org); err != nil {
		return err
	}
	proxies, err := a.cfg.Proxies()
	if err != nil {
		return err
	}
	signIn, err := a.signIn()
	if err != nil {
		return err
	}
	dashboard, err := web.Handler(a.cfg.BasePath)
	if err != nil {
		return err
	}
	a.handler = under(a.cfg.BasePath, api.New(api.Deps{
		Store: a.store, Version: VersionOf(version), Log: a.log, Clusters: a.clusters, TryCluster: a.tryCluster, TryRegistry: a.tryRegistry, Seal: a.keeper.Seal, Unseal: a.keeper.Open,
		FullName: image.FullName, Import: a.importAdvisories, DefaultInterval: a.cfg.Sweep.Interval, Evaluate: a.engine.evaluate, Deliver: a.engine.deliver, FileOwners: a.engine.fileOwners, Language: language, TryPolicies: newTrials(a.store, language).try,
		SignIn: signIn,
		Home:   a.org.ID, PublicURL: a.cfg.PublicURL, BasePath: a.cfg.BasePath, TrustedProxies: proxies, Dashboard: dashboard, Stopping: a.stopping,
	}))
	return nil
}

// under puts a handler below a path. The probes stay where they are as well: who asks
// them asks the server itself, not the proxy that knows the path.
func under(base string, h http.Handler) http.Handler {
	if base == "" {
		return h
	}
	mux := http.NewServeMux()
	mux.Handle(base+"/", http.StripPrefix(base, h)) // and base alone is redirected there
	mux.Handle("/healthz", h)
	mux.Handle("/readyz", h)
	return mux
}

// VersionOf describes the running build.
func VersionOf(version string) wire.Version {
	v := wire.Version{Version: version, Go: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v.Commit = s.Value
			}
		}
	}
	return v
}

// Handler returns the server's HTTP handler, for callers that listen themselves.
func (a *App) Handler() http.Handler { return a.handler }

// Start begins to work on jobs, and clears away what uploads to a server that was cut off
// left on this machine. Stop must follow.
func (a *App) Start(ctx context.Context) error {
	if err := intake.RemoveOld(time.Now()); err != nil {
		a.log.Warn("old uploads could not be removed", "error", err)
	}
	return a.runner.Start(ctx)
}

// stopTimeout is how long running jobs may go on when the server stops; what is
// cut off then runs again at the next start.
const stopTimeout = 10 * time.Second

// Stop ends the work on jobs.
func (a *App) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	return a.runner.Stop(ctx)
}

// Run serves until ctx ends. ready is called with the address once the server listens.
func (a *App) Run(ctx context.Context, ready func(net.Addr)) error {
	listener, err := net.Listen("tcp", a.cfg.Listen)
	if err != nil {
		return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "listen on", Subject: a.cfg.Listen, Hint: "another program may use the address; choose one with --listen", Err: errors.Unwrap(err)}
	}
	if err := a.Start(ctx); err != nil {
		listener.Close()
		return err
	}
	defer a.Stop(ctx)
	server := &http.Server{
		Handler:           a.handler,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	server.RegisterOnShutdown(sync.OnceFunc(func() { close(a.stopping) }))
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	if ready != nil {
		ready(listener.Addr())
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := server.Shutdown(shutdown); err != nil {
		// A request that goes on longer, such as an upload, is cut off; it stored nothing half.
		a.log.Warn("requests were cut off", "error", err)
		return server.Close()
	}
	return nil
}

// Close releases the database and the key.
func (a *App) Close() error {
	var errs []error
	if a.keeper != nil {
		errs = append(errs, a.keeper.Close())
	}
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	return errors.Join(errs...)
}

// sweep is the worker of sweeps. Why one failed is kept with the integration.
func (a *App) sweep(ctx context.Context, integrationID string) error {
	_, err := a.sweeper.Sweep(ctx, integrationID)
	if err == nil {
		_, err = a.store.AnalyseRunning(ctx, integrationID)
		if err != nil && crowsnest.KindOf(err) != crowsnest.NotFound {
			a.log.Warn("running images not asked for", "integration", integrationID, "reason", crowsnest.Reason(err))
		}
		return nil
	}
	if crowsnest.KindOf(err) != crowsnest.NotFound { // deleted since it was enqueued
		a.log.Warn("sweep not complete", "integration", integrationID, "reason", crowsnest.Reason(err))
	}
	return nil
}

func (a *App) importAdvisories(ctx context.Context, location string, ecosystems []string) ([]advisory.Result, error) {
	return advisory.Importer{Store: a.store}.From(ctx, advisory.Place{Location: location, Ecosystems: ecosystems, HTTP: a.downloads, Key: a.verifyKey}, nil)
}

// quiet passes on what the job system says from warnings upwards: its notes on each poll are not the operator's.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
