package job

import (
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"time"
)

// lostAfter is how long nothing may be heard of a process before what it ran goes to another one: longer than a database is
// away for a moment, and short for somebody who waits.
const lostAfter = 30 * time.Second

// alive tells the other replicas that a process is there, and takes over what those ran of which nothing is heard any more. It
// is for PostgreSQL: a SQLite database has one process, which looks at what was cut off when it starts.
type alive struct {
	db   *sql.DB
	id   string // as jobs name who runs them
	lost time.Duration
	log  *slog.Logger

	cancel context.CancelFunc
	ended  sync.WaitGroup
}

// start tells until stop, a few times within the time after which a process counts as lost.
func (a *alive) start() {
	ctx, cancel := context.WithCancel(context.Background())
	a.cancel = cancel
	a.ended.Go(func() {
		ticker := time.NewTicker(a.lost / 6)
		defer ticker.Stop()
		for {
			if err := a.beat(ctx); err != nil && ctx.Err() == nil {
				a.log.Warn("other replicas could not be told that this one is there", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	})
}

func (a *alive) stop() {
	if a.cancel != nil {
		a.cancel()
		a.ended.Wait()
	}
}

// beat tells that this process is there. Who was there all the time itself may say of others that they were not: after the
// database was away nothing was heard of anybody.
//
// A process without a row is one of a version that tells nothing; what it ran waits for the time limit of its kind. What is
// given to another process counts as tried, since it may be what ended the process.
func (a *alive) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, a.lost/2)
	defer cancel()
	lost := a.lost.Microseconds()
	var since bool
	if err := a.db.QueryRowContext(ctx, `insert into job_process as p (id, seen_at, since) values ($1, now(), now())
		on conflict (id) do update set seen_at = now(), since = case when p.seen_at < now() - $2 * interval '1 microsecond' / 2 then now() else p.since end
		returning since < now() - $2 * interval '1 microsecond'`, a.id, lost).Scan(&since); err != nil || !since {
		return err
	}
	taken, err := a.db.ExecContext(ctx, `update river_job set state = 'available' where state = 'running'
		and attempted_by[array_length(attempted_by, 1)] in (select id from job_process where seen_at < now() - $1 * interval '1 microsecond')`, lost)
	if err != nil {
		return err
	}
	if n, err := taken.RowsAffected(); err == nil && n > 0 {
		a.log.Warn("jobs of a process that is gone were taken over", "jobs", n)
	}
	_, err = a.db.ExecContext(ctx, `delete from job_process where seen_at < now() - interval '1 day'`)
	return err
}
