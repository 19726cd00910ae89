package app

import (
	"context"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
)

// feedTimeout bounds the update of one feed. The first of npm takes some minutes over a slow line.
const feedTimeout = time.Hour

// feedLease is when an update of which nothing was heard is tried again: it was cut off with its process. One that still
// runs is not begun twice.
const feedLease = 10 * time.Minute

func (a *App) updater() advisory.Updater {
	c := a.cfg.Advisories
	return advisory.Updater{Store: a.store, HTTP: a.downloads, OSV: c.OSV, KEV: c.KEV, EPSS: c.EPSS, From: c.From, Token: c.Token, Key: a.verifyKey, Interval: c.Interval}
}

// scheduleFeeds enqueues the updates that are due, of the ecosystems of which there are packages now.
func (a *App) scheduleFeeds(ctx context.Context) error {
	var names []string
	if a.cfg.Advisories.Update {
		ecosystems, err := a.store.InventoryEcosystems(ctx)
		if err != nil {
			return err
		}
		names = a.updater().Names(ecosystems)
	}
	_, err := a.store.EnqueueDueFeeds(ctx, names, feedLease)
	return err
}

// updateFeed is the worker of updates. Why one failed is kept with the feed, and said once: a server without a way out fails
// every time.
func (a *App) updateFeed(ctx context.Context, name string) error {
	err := a.updater().Update(ctx, name)
	switch {
	case err == nil:
		a.log.Debug("advisories updated", "feed", name)
	case ctx.Err() != nil:
		a.log.Debug("update of advisories cut off", "feed", name)
	default:
		a.log.Info("advisories not updated", "feed", name, "reason", crowsnest.Reason(err))
	}
	return nil
}
