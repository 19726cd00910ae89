package job

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/litekit"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/pgkit"
)

// patience ends a test that would wait for ever; no result depends on it.
const patience = time.Minute

// logBuffer is a log that may be read while jobs write to it.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// place is a database with a job system in it.
type place struct {
	t        *testing.T
	db       *sql.DB
	postgres bool
	log      logBuffer
}

func openPlace(t *testing.T, location string) *place {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), location, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	db, engine := s.DB()
	return &place{t: t, db: db, postgres: engine == sqldb.Postgres}
}

// engines runs a test on both engines.
func engines(t *testing.T, test func(t *testing.T, p *place)) {
	t.Run("sqlite", func(t *testing.T) { test(t, openPlace(t, litekit.Database(t))) })
	t.Run("postgres", func(t *testing.T) { test(t, openPlace(t, pgkit.Database(t))) })
}

// idle are handlers of which a test replaces those it watches.
func idle() Handlers {
	return Handlers{
		Analyse:  func(context.Context, string) error { return nil },
		Sweep:    func(context.Context, string) error { return nil },
		Watch:    func(context.Context, string) error { return nil },
		Match:    func(context.Context) error { return nil },
		Schedule: func(context.Context) error { return nil },
		Retain:   func(context.Context) error { return nil },
	}
}

func (p *place) runner(h *Handlers) *Runner {
	p.t.Helper()
	cfg := Config{AnalyseWorkers: 2, FillWorkers: 1, WatchWorkers: 2, SweepWorkers: 2, AnalyseTimeout: patience, SweepTimeout: patience, Log: slog.New(slog.NewTextHandler(&p.log, nil))}
	r, err := New(p.t.Context(), p.db, p.postgres, cfg, h)
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

// start runs a runner until the function it returns, which waits for the jobs under way.
func (p *place) start(r *Runner) (stop func()) {
	p.t.Helper()
	if err := r.Start(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := r.Stop(ctx); err != nil {
			p.t.Errorf("stop: %v", err)
		}
	})
	p.t.Cleanup(stop)
	return stop
}

// enqueue puts work into the queue in one transaction.
func (p *place) enqueue(r *Runner, work ...store.Work) {
	p.t.Helper()
	tx, err := p.db.BeginTx(p.t.Context(), nil)
	if err != nil {
		p.t.Fatal(err)
	}
	defer tx.Rollback()
	for _, w := range work {
		if err := r.Enqueue(p.t.Context(), tx, w); err != nil {
			p.t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		p.t.Fatal(err)
	}
}

// jobs lists kind and state of the jobs that work made.
func (p *place) jobs() []string {
	p.t.Helper()
	rows, err := p.db.QueryContext(context.Background(), `select kind, state from river_job where kind in ('analyse', 'sweep') order by id`)
	if err != nil {
		p.t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var kind, state string
		if err := rows.Scan(&kind, &state); err != nil {
			p.t.Fatal(err)
		}
		out = append(out, kind+" "+state)
	}
	if err := rows.Err(); err != nil {
		p.t.Fatal(err)
	}
	return out
}

func (p *place) wantJobs(when string, want ...string) {
	p.t.Helper()
	if got := p.jobs(); !slices.Equal(got, want) {
		p.t.Errorf("jobs %s: %q, want %q", when, got, want)
	}
}

// receive waits for the next value of a signal.
func receive[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("no %s", what)
		panic("unreachable")
	}
}

func TestWorkOfACommittedTransactionRunsOnce(t *testing.T) {
	engines(t, func(t *testing.T, p *place) {
		ran := make(chan string, 10)
		h := idle()
		h.Analyse = func(_ context.Context, id string) error { ran <- "analyse " + id; return nil }
		h.Sweep = func(_ context.Context, id string) error { ran <- "sweep " + id; return nil }
		r := p.runner(&h)
		p.enqueue(r, store.Work{Kind: store.AnalyseWork, ID: "a"}, store.Work{Kind: store.SweepWork, ID: "b"})
		stop := p.start(r)
		got := []string{receive(t, ran, "first job"), receive(t, ran, "second job")}
		stop()
		slices.Sort(got)
		if !slices.Equal(got, []string{"analyse a", "sweep b"}) || len(ran) != 0 {
			t.Errorf("ran %q and %d more", got, len(ran))
		}
		p.wantJobs("after they ran", "analyse completed", "sweep completed")
	})
}

func TestRolledBackTransactionLeavesNoWork(t *testing.T) {
	engines(t, func(t *testing.T, p *place) {
		r := p.runner(nil)
		tx, err := p.db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range []store.WorkKind{store.AnalyseWork, store.SweepWork} {
			if err := r.Enqueue(t.Context(), tx, store.Work{Kind: kind, ID: "x"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		p.wantJobs("after the rollback")
		// And what was rolled back does not count as waiting.
		p.enqueue(r, store.Work{Kind: store.SweepWork, ID: "x"})
		p.wantJobs("after another try", "sweep available")
	})
}

func TestOneSweepOfAnIntegrationAtATime(t *testing.T) {
	engines(t, func(t *testing.T, p *place) {
		started, release := make(chan string), make(chan struct{})
		h := idle()
		h.Sweep = func(_ context.Context, id string) error {
			started <- id
			<-release
			return nil
		}
		r := p.runner(&h)
		x := store.Work{Kind: store.SweepWork, ID: "x"}
		p.enqueue(r, x, x)
		p.enqueue(r, x, store.Work{Kind: store.AnalyseWork, ID: "x"}, store.Work{Kind: store.AnalyseWork, ID: "x"})
		p.wantJobs("while a sweep waits", "sweep available", "analyse available", "analyse available")

		stop := p.start(r)
		receive(t, started, "sweep")
		p.enqueue(r, x)
		if n := len(slices.DeleteFunc(p.jobs(), func(j string) bool { return !strings.HasPrefix(j, "sweep") })); n != 1 {
			t.Errorf("%d sweeps while one runs, want 1", n)
		}
		p.enqueue(r, store.Work{Kind: store.SweepWork, ID: "y"})
		if id := receive(t, started, "sweep of another integration"); id != "y" {
			t.Errorf("swept %s, want y beside x", id)
		}
		close(release)
		stop()
		p.enqueue(r, x)
		p.wantJobs("after the sweep", "sweep completed", "analyse completed", "analyse completed", "sweep completed", "sweep available")
	})
}

func TestUnknownWorkIsRefused(t *testing.T) {
	p := openPlace(t, litekit.Database(t))
	r := p.runner(nil)
	tx, err := p.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if err := r.Enqueue(t.Context(), tx, store.Work{Kind: "dance", ID: "x"}); crowsnest.KindOf(err) != crowsnest.Internal || err == nil || !strings.Contains(err.Error(), "dance") {
		t.Errorf("got %v", err)
	}
}

func TestUpkeepRunsFromTheStart(t *testing.T) {
	engines(t, func(t *testing.T, p *place) {
		matched, scheduled := make(chan bool, 10), make(chan bool, 10)
		h := idle()
		h.Match = func(context.Context) error { matched <- true; return nil }
		h.Schedule = func(context.Context) error { scheduled <- true; return nil }
		p.start(p.runner(&h))
		receive(t, matched, "matching")
		receive(t, scheduled, "scheduling")
	})
}

func TestPanicsAndErrorsStayWithTheirJob(t *testing.T) {
	engines(t, func(t *testing.T, p *place) {
		ran := make(chan string, 10)
		h := idle()
		h.Analyse = func(_ context.Context, id string) error {
			defer func() { ran <- id }()
			switch id {
			case "panics":
				panic("index out of range")
			case "fails":
				return errors.New("the store is away")
			}
			return nil
		}
		h.Sweep = func(context.Context, string) error {
			defer func() { ran <- "sweep" }()
			panic("nil map")
		}
		r := p.runner(&h)
		stop := p.start(r)
		for _, w := range []store.Work{{Kind: store.AnalyseWork, ID: "panics"}, {Kind: store.AnalyseWork, ID: "fails"}, {Kind: store.SweepWork, ID: "s"}, {Kind: store.AnalyseWork, ID: "works"}} {
			p.enqueue(r, w)
			receive(t, ran, "job "+w.ID)
		}
		stop()
		jobs := p.jobs()
		// The first try of an analysis is not the last; the next sweep comes by schedule. A second
		// try may have begun before the stop, and then ended the same way.
		for i, want := range []string{"analyse retryable", "analyse retryable", "sweep discarded", "analyse completed"} {
			if jobs[i] != want && !(strings.HasSuffix(want, "retryable") && jobs[i] == "analyse available") {
				t.Errorf("job %d is %q, want %q", i, jobs[i], want)
			}
		}
		log := p.log.String()
		for _, part := range []string{"job panicked", "index out of range", "nil map", "job failed", "the store is away"} {
			if !strings.Contains(log, part) {
				t.Errorf("the log does not say %q:\n%s", part, log)
			}
		}
	})
}

// Nobody may wait for an analysis that is not tried again, whether it failed or panicked.
func TestLastAttemptSaysSo(t *testing.T) {
	engines(t, func(t *testing.T, p *place) {
		gaveUp := make(chan string, 10)
		h := idle()
		h.Analyse = func(_ context.Context, id string) error {
			if id == "panics" {
				panic("index out of range")
			}
			return errors.New("the store is away")
		}
		h.GaveUp = func(ctx context.Context, id string, err error) error {
			gaveUp <- id + ": " + err.Error()
			return ctx.Err()
		}
		r := p.runner(&h)
		p.enqueue(r, store.Work{Kind: store.AnalyseWork, ID: "fails"}, store.Work{Kind: store.AnalyseWork, ID: "panics"})
		if _, err := p.db.ExecContext(t.Context(), `update river_job set attempt = max_attempts - 2 where kind = 'analyse'`); err != nil {
			t.Fatal(err)
		}
		p.enqueue(r, store.Work{Kind: store.AnalyseWork, ID: "is tried again"})
		stop := p.start(r)
		got := []string{receive(t, gaveUp, "word of the first"), receive(t, gaveUp, "word of the second")}
		stop()
		slices.Sort(got)
		if got[0] != "fails: the store is away" || !strings.HasPrefix(got[1], "panics: ") || strings.Contains(got[1], "index") || len(gaveUp) != 0 {
			t.Errorf("got %q and %d more", got, len(gaveUp))
		}
		if !strings.Contains(p.log.String(), "index out of range") {
			t.Errorf("the log does not tell of the panic:\n%s", p.log.String())
		}
		if jobs := p.jobs(); jobs[0] != "analyse cancelled" || jobs[1] != "analyse cancelled" {
			t.Errorf("jobs %q", jobs)
		}
	})
}

// An image that takes the process with it is not tried for ever.
func TestAnImageThatEndsTheProcessIsGivenUp(t *testing.T) {
	p := openPlace(t, litekit.Database(t))
	gaveUp := make(chan string, 2)
	h := idle()
	h.Analyse = func(_ context.Context, id string) error {
		t.Errorf("%s is analysed once more", id)
		return nil
	}
	h.GaveUp = func(_ context.Context, id string, err error) error {
		gaveUp <- id + ": " + err.Error()
		return nil
	}
	p.enqueue(p.runner(&h), store.Work{Kind: store.AnalyseWork, ID: "greedy"})
	// Five tries, the last of them cut off with the process.
	if _, err := p.db.ExecContext(t.Context(), `update river_job set attempt = 5, state = 'running' where kind = 'analyse'`); err != nil {
		t.Fatal(err)
	}
	stop := p.start(p.runner(&h))
	if got := receive(t, gaveUp, "word of it"); !strings.HasPrefix(got, "greedy: the server ended") {
		t.Errorf("got %q", got)
	}
	stop()
	p.wantJobs("afterwards", "analyse completed")
}

// What ran when a process died is in its file as running. The next process takes it up at once.
func TestJobsCutOffWithTheProcessRunAgain(t *testing.T) {
	first := openPlace(t, litekit.Database(t))
	started, release := make(chan string, 2), make(chan struct{})
	blocked := func(_ context.Context, id string) error {
		started <- id
		<-release
		return nil
	}
	h := idle()
	h.Analyse, h.Sweep = blocked, blocked
	r := first.runner(&h)
	first.start(r)
	defer close(release)
	first.enqueue(r, store.Work{Kind: store.AnalyseWork, ID: "a"}, store.Work{Kind: store.SweepWork, ID: "s"})
	receive(t, started, "first job")
	receive(t, started, "second job")

	// A copy of the file now is what a process that dies now leaves behind.
	left := filepath.Join(t.TempDir(), "left.db")
	if _, err := first.db.ExecContext(t.Context(), `vacuum into $1`, left); err != nil {
		t.Fatal(err)
	}
	second := openPlace(t, left)
	second.wantJobs("that were left behind", "analyse running", "sweep running")
	again := make(chan string, 2)
	h2 := idle()
	h2.Analyse = func(_ context.Context, id string) error { again <- id; return nil }
	h2.Sweep = h2.Analyse
	stop := second.start(second.runner(&h2))
	got := []string{receive(t, again, "first job after the restart"), receive(t, again, "second job after the restart")}
	slices.Sort(got)
	if !slices.Equal(got, []string{"a", "s"}) {
		t.Errorf("after the restart %q ran, want a and s", got)
	}
	stop()
	second.wantJobs("after the restart", "analyse completed", "sweep completed")
}

// lose marks jobs as run by a process of which a replica last heard long ago, and by one that never told of itself.
func (p *place) lose(gone, silent string) {
	p.t.Helper()
	if _, err := p.db.ExecContext(p.t.Context(), `insert into job_process (id, seen_at, since) values ('gone', now() - interval '1 hour', now() - interval '2 hours')`); err != nil {
		p.t.Fatal(err)
	}
	for by, ids := range map[string]string{"gone": gone, "silent": silent} {
		if _, err := p.db.ExecContext(p.t.Context(), `update river_job set state = 'running', attempt = 1, attempted_at = now(), attempted_by = array['before', $1]
			where args::text ~ $2`, by, ids); err != nil {
			p.t.Fatal(err)
		}
	}
}

// What ran in a replica of which nothing is heard any more is taken over by another within moments; a sweep too, which
// is tried once otherwise.
func TestJobsOfALostReplicaAreTakenOver(t *testing.T) {
	p := openPlace(t, pgkit.Database(t))
	p.enqueue(p.runner(nil), store.Work{Kind: store.AnalyseWork, ID: "lost"}, store.Work{Kind: store.SweepWork, ID: "lost"}, store.Work{Kind: store.AnalyseWork, ID: "older"})
	p.lose("lost", "older")
	again := make(chan string, 10)
	h := idle()
	h.Analyse = func(_ context.Context, id string) error { again <- "analyse " + id; return nil }
	h.Sweep = func(_ context.Context, id string) error { again <- "sweep " + id; return nil }
	r := p.runner(&h)
	r.alive.lost = time.Second
	stop := p.start(r)
	got := []string{receive(t, again, "first job"), receive(t, again, "second job")}
	stop()
	slices.Sort(got)
	if !slices.Equal(got, []string{"analyse lost", "sweep lost"}) || len(again) != 0 {
		t.Errorf("ran %q and %d more", got, len(again))
	}
	p.wantJobs("afterwards", "analyse completed", "sweep completed", "analyse running")
}

// What runs in a replica that is there stays there, however long it takes.
func TestJobsOfABusyReplicaStay(t *testing.T) {
	p := openPlace(t, pgkit.Database(t))
	started, release := make(chan string, 10), make(chan struct{})
	defer close(release)
	h := idle()
	h.Analyse = func(_ context.Context, id string) error {
		started <- id
		<-release
		return nil
	}
	busy := p.runner(&h)
	busy.alive.lost = time.Second
	p.start(busy)
	p.enqueue(busy, store.Work{Kind: store.AnalyseWork, ID: "one"}, store.Work{Kind: store.AnalyseWork, ID: "two"}) // which is all that it does at a time
	receive(t, started, "first job")
	receive(t, started, "second job")

	p.enqueue(busy, store.Work{Kind: store.AnalyseWork, ID: "lost"})
	p.lose("lost", "nothing")
	again := make(chan string, 10)
	h2 := idle()
	h2.Analyse = func(_ context.Context, id string) error { again <- id; return nil }
	other := p.runner(&h2)
	other.alive.lost = time.Second
	p.start(other)
	if id := receive(t, again, "job of the lost one"); id != "lost" || len(again) != 0 {
		t.Errorf("the other replica ran %s and %d more", id, len(again))
	}
}

// A job that does not end in time is cancelled, and runs again later.
func TestStopCancelsWhatDoesNotEnd(t *testing.T) {
	engines(t, func(t *testing.T, p *place) {
		for name, stopped := range map[string]func() (context.Context, context.CancelFunc){
			"out of time": func() (context.Context, context.CancelFunc) {
				return context.WithDeadline(context.Background(), time.Now().Add(-time.Second))
			},
			"given up": func() (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(context.Background())
				cancel()
				return ctx, cancel
			},
		} {
			t.Run(name, func(t *testing.T) {
				started, ended := make(chan string, 1), make(chan error, 1)
				h := idle()
				h.Analyse = func(ctx context.Context, id string) error {
					started <- id
					<-ctx.Done()
					ended <- ctx.Err()
					return ctx.Err()
				}
				r := p.runner(&h)
				if err := r.Start(t.Context()); err != nil {
					t.Fatal(err)
				}
				p.enqueue(r, store.Work{Kind: store.AnalyseWork, ID: name})
				receive(t, started, "job")
				ctx, cancel := stopped()
				defer cancel()
				if err := r.Stop(ctx); err != nil {
					t.Errorf("stop: %v", err)
				}
				if err := receive(t, ended, "end of the job"); !errors.Is(err, context.Canceled) {
					t.Errorf("the job's context ended with %v", err)
				}
				jobs := p.jobs()
				if last := jobs[len(jobs)-1]; last != "analyse retryable" && last != "analyse available" {
					t.Errorf("the cancelled job is %q, want it to run again", last)
				}
				if _, err := p.db.ExecContext(t.Context(), `delete from river_job`); err != nil {
					t.Fatal(err)
				}
			})
		}
	})
}

// Replicas start together, and each finds the tables whole.
func TestReplicasPrepareOneDatabase(t *testing.T) {
	p := openPlace(t, pgkit.Database(t))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			h := idle()
			if _, err := New(t.Context(), p.db, true, Config{AnalyseWorkers: 1, FillWorkers: 1, WatchWorkers: 1, SweepWorkers: 1, AnalyseTimeout: patience, SweepTimeout: patience, Log: slog.New(slog.DiscardHandler)}, &h); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// What nobody waits for takes no place of what somebody waits for, however much of it there is, and people go before pushes.
func TestLanes(t *testing.T) {
	engines(t, func(t *testing.T, p *place) {
		started, release := make(chan string, 100), make(chan struct{})
		h := idle()
		h.Analyse = func(_ context.Context, id string) error {
			started <- id
			<-release
			return nil
		}
		r := p.runner(&h)
		var work []store.Work
		for i := range 50 {
			work = append(work, store.Work{Kind: store.AnalyseWork, ID: fmt.Sprint("fill ", i), Lane: store.FillLane})
		}
		for i := range 3 {
			work = append(work, store.Work{Kind: store.AnalyseWork, ID: fmt.Sprint("push ", i), Lane: store.PushLane})
		}
		work = append(work, store.Work{Kind: store.AnalyseWork, ID: "people 0", Lane: store.PeopleLane}, store.Work{Kind: store.AnalyseWork, ID: "people 1", Lane: store.PeopleLane})
		p.enqueue(r, work...)
		p.start(r)
		var first []string
		for range 3 {
			first = append(first, receive(t, started, "analysis"))
		}
		slices.Sort(first)
		if want := []string{"fill 0", "people 0", "people 1"}; !slices.Equal(first, want) {
			t.Errorf("%q run first, want %q: two workers for people and pushes, one for the rest", first, want)
		}
		close(release)
		pushes := 0
		for i := 0; pushes < 3; i++ {
			if id := receive(t, started, "analysis"); strings.HasPrefix(id, "push") {
				pushes++
			}
		}
	})
}

type slowDown struct{ error }

func (slowDown) RetryAfter() time.Duration { return 0 }

// A registry that asks to slow down, for as long as it likes, costs none of the tries.
func TestWhatWaitsIsNotGivenUp(t *testing.T) {
	engines(t, func(t *testing.T, p *place) {
		const waits = 2 * analyseTries
		ran := make(chan int, 100)
		n := 0
		h := idle()
		h.Analyse = func(context.Context, string) error {
			n++
			ran <- n
			if n <= waits {
				return slowDown{errors.New("slow down")}
			}
			return nil
		}
		h.GaveUp = func(_ context.Context, id string, err error) error {
			t.Errorf("%s is given up: %v", id, err)
			return nil
		}
		r := p.runner(&h)
		p.enqueue(r, store.Work{Kind: store.AnalyseWork, ID: "a", Lane: store.PushLane})
		stop := p.start(r)
		for range waits + 1 {
			receive(t, ran, "another try")
		}
		stop()
		p.wantJobs("afterwards", "analyse completed")
	})
}

func TestOneLookAtARegistryAtATime(t *testing.T) {
	engines(t, func(t *testing.T, p *place) {
		started, release := make(chan string, 10), make(chan struct{})
		h := idle()
		h.Watch = func(_ context.Context, id string) error {
			started <- id
			<-release
			return nil
		}
		r := p.runner(&h)
		x := store.Work{Kind: store.WatchWork, ID: "x"}
		p.enqueue(r, x, x)
		stop := p.start(r)
		receive(t, started, "look")
		p.enqueue(r, x, store.Work{Kind: store.WatchWork, ID: "y"})
		if id := receive(t, started, "look at another"); id != "y" {
			t.Errorf("%s is looked at twice", id)
		}
		close(release)
		stop()
		if len(started) != 0 {
			t.Errorf("%d more looks", len(started))
		}
	})
}
