package app

import (
	"context"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// retainEvery is how often retention goes over an organisation: an hour less than a day, so that it does not
// wander through the hours.
const retainEvery = 23 * time.Hour

// retain is the worker of retention. One organisation after the other, each to its end: what a failing
// one left is under way for the next job.
func (a *App) retain(ctx context.Context) error {
	due, err := a.store.DueRetention(ctx, retainEvery)
	if err != nil {
		return err
	}
	for _, org := range due {
		run, err := retainAll(ctx, a.store, org, nil)
		if err != nil {
			return err
		}
		n := run.Removed
		a.log.Info("retention ended", "organisation", org, "seconds", run.Finished.Sub(run.Started).Seconds(), "images", n.Images, "packages", n.Packages,
			"versions", n.Versions, "layers", n.Layers, "analyses", n.Analyses, "audit", n.Audit, "bytes", n.Bytes)
	}
	return nil
}

// rest is how long a run waits between its parts, so that sweeps and requests get their turn at the one
// writer of SQLite.
const rest = 5 * time.Millisecond

// retainAll runs retention in an organisation to its end. tell, if not nil, is told of each part.
func retainAll(ctx context.Context, s store.Retentions, org store.OrgID, tell func(store.RetentionRun)) (store.RetentionRun, error) {
	for {
		run, err := s.Retain(ctx, org)
		if err != nil || !run.Finished.IsZero() {
			return run, err
		}
		if tell != nil {
			tell(run)
		}
		select {
		case <-ctx.Done():
			return run, ctx.Err()
		case <-time.After(rest):
		}
	}
}

// Retention runs retention in the organisation now, and returns what it removed. It may run beside the
// server's own: both do parts of one run.
func (a *Admin) Retention(ctx context.Context, tell func(store.RetentionRun)) (store.RetentionRun, error) {
	return retainAll(a.as(ctx), a.store, a.org.ID, tell)
}

// PreviewRetention tells what would be removed, with other ages than the organisation's where change sets them.
func (a *Admin) PreviewRetention(ctx context.Context, change func(*store.Retention)) (store.Retention, store.Removal, error) {
	ages, err := a.store.Retention(ctx, a.org.ID)
	if err != nil {
		return ages, store.Removal{}, err
	}
	if change != nil {
		change(&ages)
	}
	removal, err := a.store.PreviewRetention(ctx, a.org.ID, ages)
	return ages, removal, err
}
