// Package job runs durable work: what must happen survives a restart, is shared
// by the replicas and is tried again when it fails. River keeps the jobs in the
// store's own database, so that work is enqueued in the transaction that causes it.
package job

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

// The lanes of work. Each has workers of its own, so that a slow registry never
// holds up a sweep.
const (
	analyseQueue = "analyse"
	fillQueue    = "backfill"
	watchQueue   = "watch"
	sweepQueue   = "sweep"
	feedQueue    = "feed"
	upkeepQueue  = "upkeep"
	retainQueue  = "retain"
	policyQueue  = "policy"
)

// Handlers do the work. An error means "try again later"; what can never
// succeed is recorded by the handler itself and is no error.
type Handlers struct {
	Analyse func(ctx context.Context, requestID string) error
	// GaveUp is told of an analysis that failed for the last time, so that nobody waits for it.
	GaveUp func(ctx context.Context, requestID string, err error) error
	Sweep  func(ctx context.Context, integrationID string) error
	// Watch does what is due at a connected registry.
	Watch func(ctx context.Context, registryID string) error
	// Feed brings one feed of advisories up to date.
	Feed func(ctx context.Context, name string) error
	// Match matches whatever is pending. It also picks up what a stopped process left behind.
	Match func(ctx context.Context) error
	// Schedule enqueues the sweeps, the looks at registries and the updates of feeds that are due, and the asking about policies.
	Schedule func(ctx context.Context) error
	// Policy asks about the images that are due whether they meet their policies. Cut off, it goes on with the next one.
	Policy func(ctx context.Context) error
	// Retain removes what is old in the organisations where that is due. Cut off, it goes on with the next one.
	Retain func(ctx context.Context) error
}

// Config of a Runner.
type Config struct {
	AnalyseWorkers int
	FillWorkers    int           // images at a time of those that nobody waits for, beside the others
	AnalyseTimeout time.Duration // of one image
	WatchWorkers   int           // registries at a time
	SweepWorkers   int
	SweepTimeout   time.Duration // of one integration
	FeedTimeout    time.Duration // of the update of one feed
	Log            *slog.Logger
}

// Runner enqueues and runs jobs.
type Runner struct {
	client *river.Client[*sql.Tx]
	alive  *alive // nil unless it works on PostgreSQL
}

// New prepares the tables of the job system in db, which is SQLite or PostgreSQL,
// and returns a Runner. Without handlers it only enqueues.
func New(ctx context.Context, db *sql.DB, postgres bool, cfg Config, handlers *Handlers) (*Runner, error) {
	var driver riverdriver.Driver[*sql.Tx] = riversqlite.New(db)
	if postgres {
		// River can listen for new jobs only through a pgx pool; the store's own transactions
		// are database/sql's, and polling often costs less than a second way into the database.
		driver = riverdatabasesql.New(db)
	}
	wrap := func(err error) error {
		return &crowsnest.Error{Kind: crowsnest.Internal, Op: "prepare job queue", Err: err}
	}
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, wrap(err)
	}
	if err := migrate(ctx, db, postgres, migrator); err != nil {
		return nil, wrap(err)
	}

	config := &river.Config{
		Logger:            cfg.Log,
		JobTimeout:        scheduleTimeout,
		FetchCooldown:     20 * time.Millisecond,
		FetchPollInterval: 200 * time.Millisecond,
		// A job that ends neither in time nor with its process is another's after this time, or after its
		// own timeout if that is longer.
		RescueStuckJobsAfter: scheduleTimeout + rescueGrace,
		ErrorHandler:         logErrors{cfg.Log},
	}
	if handlers != nil {
		workers := river.NewWorkers()
		river.AddWorker(workers, &worker[analyseArgs]{timeout: cfg.AnalyseTimeout, work: func(ctx context.Context, j *river.Job[analyseArgs]) error {
			return analyse(ctx, handlers, j.Args.RequestID, j.Attempt)
		}})
		river.AddWorker(workers, &worker[sweepArgs]{timeout: cfg.SweepTimeout, work: func(ctx context.Context, j *river.Job[sweepArgs]) error {
			return handlers.Sweep(ctx, j.Args.IntegrationID)
		}})
		river.AddWorker(workers, &worker[feedArgs]{timeout: cfg.FeedTimeout, work: func(ctx context.Context, j *river.Job[feedArgs]) error {
			return handlers.Feed(ctx, j.Args.Name)
		}})
		river.AddWorker(workers, &worker[watchArgs]{timeout: watchTimeout, work: func(ctx context.Context, j *river.Job[watchArgs]) error {
			return handlers.Watch(ctx, j.Args.RegistryID)
		}})
		river.AddWorker(workers, &worker[matchArgs]{timeout: matchTimeout, work: func(ctx context.Context, _ *river.Job[matchArgs]) error { return handlers.Match(ctx) }})
		river.AddWorker(workers, &worker[scheduleArgs]{timeout: scheduleTimeout, work: func(ctx context.Context, _ *river.Job[scheduleArgs]) error { return handlers.Schedule(ctx) }})
		river.AddWorker(workers, &worker[policyArgs]{timeout: policyTimeout, work: func(ctx context.Context, _ *river.Job[policyArgs]) error { return handlers.Policy(ctx) }})
		river.AddWorker(workers, &worker[retainArgs]{timeout: retainTimeout, work: func(ctx context.Context, _ *river.Job[retainArgs]) error { return handlers.Retain(ctx) }})
		config.Workers = workers
		config.Queues = map[string]river.QueueConfig{
			analyseQueue: {MaxWorkers: cfg.AnalyseWorkers},
			fillQueue:    {MaxWorkers: cfg.FillWorkers},
			watchQueue:   {MaxWorkers: cfg.WatchWorkers},
			sweepQueue:   {MaxWorkers: cfg.SweepWorkers},
			feedQueue:    {MaxWorkers: 1},
			upkeepQueue:  {MaxWorkers: 2},
			retainQueue:  {MaxWorkers: 1},
			policyQueue:  {MaxWorkers: 1},
		}
		config.PeriodicJobs = []*river.PeriodicJob{
			river.NewPeriodicJob(river.PeriodicInterval(scheduleInterval), func() (river.JobArgs, *river.InsertOpts) { return scheduleArgs{}, nil },
				&river.PeriodicJobOpts{RunOnStart: true}),
			river.NewPeriodicJob(river.PeriodicInterval(time.Minute), func() (river.JobArgs, *river.InsertOpts) { return matchArgs{}, nil },
				&river.PeriodicJobOpts{RunOnStart: true}),
			// Whether a day has passed is asked of the database: a server that is restarted daily would wait for ever.
			river.NewPeriodicJob(river.PeriodicInterval(retainInterval), func() (river.JobArgs, *river.InsertOpts) { return retainArgs{}, nil },
				&river.PeriodicJobOpts{RunOnStart: true}),
		}
	}
	client, err := river.NewClient(driver, config)
	if err != nil {
		return nil, wrap(err)
	}
	r := &Runner{client: client}
	if postgres && handlers != nil {
		r.alive = &alive{db: db, id: client.ID(), lost: lostAfter, log: cfg.Log}
	}
	return r, nil
}

// The times one job may take. A match that is cut off goes on with the next one.
const (
	scheduleTimeout = time.Minute
	matchTimeout    = 10 * time.Minute
	watchTimeout    = 10 * time.Minute // of a long list; what is left then is taken up by the next look
	retainTimeout   = 20 * time.Minute
	policyTimeout   = 10 * time.Minute
	rescueGrace     = 30 * time.Second
)

// worker works with a time limit of its own kind.
type worker[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	timeout time.Duration
	work    func(ctx context.Context, j *river.Job[T]) error
}

func (w *worker[T]) Work(ctx context.Context, j *river.Job[T]) error {
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	return w.work(ctx, j)
}

// Timeout is when the job counts as stuck and goes to another process: later than when it is
// told to end, so that it does not run twice while it ends.
func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return w.timeout + rescueGrace }

// analyseTries is how often an image is tried.
const analyseTries = 5

// analyse does the work of an attempt. The last try says so if it fails, however it does. An
// attempt after it is made only if the process ended in the last try, as an image may do
// that takes more memory than there is; it is not tried again then.
func analyse(ctx context.Context, handlers *Handlers, requestID string, attempt int) error {
	if attempt < analyseTries {
		return wait(handlers.Analyse(ctx, requestID))
	}
	gaveUp := func(err error) error { return handlers.GaveUp(context.WithoutCancel(ctx), requestID, err) }
	if attempt > analyseTries {
		return gaveUp(errors.New("the server ended while it analysed this image; it may need more memory than the server has"))
	}
	defer func() {
		if fault := recover(); fault != nil {
			gaveUp(errors.New("a fault of Crowsnest itself; the log of the server says which"))
			panic(fault) // the queue logs it
		}
	}()
	err := wait(handlers.Analyse(ctx, requestID))
	if snooze := (*river.JobSnoozeError)(nil); err == nil || errors.As(err, &snooze) {
		return err
	}
	if failed := gaveUp(err); failed != nil {
		return errors.Join(err, failed) // nobody was told; the next attempt tells
	}
	return river.JobCancel(err)
}

// wait puts a job off whose error says when trying again may help. It costs none of its tries.
func wait(err error) error {
	var later interface{ RetryAfter() time.Duration }
	if errors.As(err, &later) {
		return river.JobSnooze(max(later.RetryAfter(), 0))
	}
	return err
}

// scheduleInterval bounds how long a sweep that was asked for waits when the queue
// dropped the request because one was running.
const scheduleInterval = 2 * time.Second

// retainInterval is how often it is asked whether retention is due or was cut off.
const retainInterval = 30 * time.Minute

// migrationLock is the key of the advisory lock under which replicas that start
// together migrate one after the other; River takes none itself.
const migrationLock = 0x63726f77736e6573

func migrate(ctx context.Context, db *sql.DB, postgres bool, migrator *rivermigrate.Migrator[*sql.Tx]) error {
	if postgres {
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		if _, err := conn.ExecContext(ctx, `select pg_advisory_lock($1)`, int64(migrationLock)); err != nil {
			return err
		}
		defer conn.ExecContext(context.WithoutCancel(ctx), `select pg_advisory_unlock($1)`, int64(migrationLock))
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil || postgres {
		return err
	}
	// A SQLite database has one process: what is marked as running when it starts was cut off
	// with the last one, and need not wait to be found stuck. The attempt counts: it may be
	// what ended the process.
	_, err := db.ExecContext(ctx, `update river_job set state = 'available' where state = 'running'`)
	return err
}

// Start begins to work. Stop must follow.
func (r *Runner) Start(ctx context.Context) error {
	if err := r.client.Start(ctx); err != nil {
		return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "start job queue", Err: err}
	}
	if r.alive != nil {
		r.alive.start()
	}
	return nil
}

// Stop lets running jobs finish until ctx ends, then cancels them; a cancelled job runs again later.
func (r *Runner) Stop(ctx context.Context) error {
	err := r.client.Stop(ctx)
	if err != nil && ctx.Err() != nil {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = r.client.StopAndCancel(hard)
	}
	if r.alive != nil {
		r.alive.stop() // it was there until its jobs had ended
	}
	return err
}

// Enqueue puts work into the queue in tx. A sweep that waits already is not
// enqueued twice.
func (r *Runner) Enqueue(ctx context.Context, tx *sql.Tx, work store.Work) error {
	var args river.JobArgs
	var opts *river.InsertOpts
	switch work.Kind {
	case store.AnalyseWork:
		args = analyseArgs{work.ID}
		switch work.Lane {
		case store.PushLane: // behind people, in the same queue
			opts = &river.InsertOpts{Priority: 2}
		case store.FillLane: // workers of its own, so that however much there is takes no place of the others
			opts = &river.InsertOpts{Queue: fillQueue}
		}
	case store.WatchWork:
		args = watchArgs{work.ID}
	case store.SweepWork:
		args = sweepArgs{work.ID}
	case store.FeedWork:
		args = feedArgs{work.ID}
	case store.PolicyWork:
		args = policyArgs{}
	default:
		return &crowsnest.Error{Kind: crowsnest.Internal, Op: "enqueue", Subject: string(work.Kind), Err: errors.New("unknown kind of work")}
	}
	if _, err := r.client.InsertTx(ctx, tx, args, opts); err != nil {
		return fmt.Errorf("enqueue %s: %w", work.Kind, err)
	}
	return nil
}

type analyseArgs struct {
	RequestID string `json:"request_id"`
}

func (analyseArgs) Kind() string { return string(store.AnalyseWork) }

// InsertOpts allows one attempt more than tries, for telling that the last one ended the process.
func (analyseArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: analyseQueue, MaxAttempts: analyseTries + 1}
}

type sweepArgs struct {
	IntegrationID string `json:"integration_id"`
}

func (sweepArgs) Kind() string { return string(store.SweepWork) }

// InsertOpts allows one sweep of an integration at a time over all replicas. A sweep is
// not tried again by the queue: the next one comes by schedule, and within a sweep
// the client has retried already.
func (sweepArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: sweepQueue, MaxAttempts: 1, UniqueOpts: unfinished}
}

type feedArgs struct {
	Name string `json:"name"`
}

func (feedArgs) Kind() string { return string(store.FeedWork) }

// InsertOpts allows one update of a feed at a time over all replicas. The next try comes by schedule.
func (feedArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: feedQueue, MaxAttempts: 1, UniqueOpts: unfinished}
}

type watchArgs struct {
	RegistryID string `json:"registry_id"`
}

func (watchArgs) Kind() string { return string(store.WatchWork) }

func (watchArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: watchQueue, MaxAttempts: 1, UniqueOpts: unfinished}
}

type matchArgs struct{}

func (matchArgs) Kind() string { return "match" }

func (matchArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: upkeepQueue, MaxAttempts: 1, UniqueOpts: unfinished}
}

type scheduleArgs struct{}

func (scheduleArgs) Kind() string { return "schedule" }

func (scheduleArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: upkeepQueue, MaxAttempts: 1, UniqueOpts: unfinished}
}

type policyArgs struct{}

func (policyArgs) Kind() string { return string(store.PolicyWork) }

// InsertOpts allows one at a time over all replicas. What becomes due while it runs it takes up itself.
func (policyArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: policyQueue, MaxAttempts: 1, UniqueOpts: unfinished}
}

type retainArgs struct{}

func (retainArgs) Kind() string { return "retain" }

// InsertOpts allows one at a time over all replicas.
func (retainArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: retainQueue, MaxAttempts: 1, UniqueOpts: unfinished}
}

// unfinished makes a job unique while one like it waits or runs.
var unfinished = river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled,
}}

// logErrors writes failures of jobs to the log; their reasons are kept where people look for them by the handlers.
type logErrors struct{ log *slog.Logger }

func (l logErrors) HandleError(_ context.Context, j *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	l.log.Warn("job failed", "kind", j.Kind, "attempt", j.Attempt, "error", crowsnest.Reason(err))
	return nil
}

func (l logErrors) HandlePanic(_ context.Context, j *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	l.log.Error("job panicked", "kind", j.Kind, "attempt", j.Attempt, "panic", fmt.Sprint(value), "trace", trace)
	// The last try said so itself.
	return &river.ErrorHandlerResult{SetCancelled: j.Kind == analyseArgs{}.Kind() && j.Attempt >= analyseTries}
}
