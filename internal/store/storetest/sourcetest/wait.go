package sourcetest

import (
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// When the next sweep is said to come, it comes: until what the source asked for is over, or it answers before.
func testEndOfWait(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := f.Connect(t, org, "eu", "production")
	due := func(after time.Duration, want int) {
		t.Helper()
		f.Advance(after)
		n, err := f.Store.EnqueueDueSweeps(ctx)
		must(t, err)
		if n != want {
			t.Errorf("%d sweeps due, want %d", n, want)
		}
	}
	planned := func(least, most time.Duration, waits bool) {
		t.Helper()
		s := f.Status(t, org, "eu")
		if next := s.Next.Sub(s.LastAttempt); next < least || next > most || s.Waits.IsZero() == waits {
			t.Errorf("the next sweep is %s after the last, want %s to %s; it waits until %s", next, least, most, s.Waits)
		}
	}
	const least, most = 4*time.Minute + 30*time.Second, 5*time.Minute + 30*time.Second // within a tenth of the interval
	must(t, f.Store.StartSweep(ctx, in.ID))
	must(t, f.Store.PostponeSweeps(ctx, in.ID, time.Hour))

	// Somebody asks for a sweep while one is under way, and another one begins and fails: nothing comes before the time.
	f.Advance(10 * time.Minute)
	must(t, f.Store.RequestSweep(ctx, org, "eu"))
	due(0, 0)
	planned(time.Hour, time.Hour, true)
	must(t, f.Store.StartSweep(ctx, in.ID))
	planned(50*time.Minute, 50*time.Minute, true)
	must(t, f.Store.FailSweep(ctx, in.ID, "cut", 1))
	due(49*time.Minute, 0)
	due(time.Minute, 1)

	// Asked for again, and answered to the end: it goes on at its pace.
	must(t, f.Store.StartSweep(ctx, in.ID))
	must(t, f.Store.PostponeSweeps(ctx, in.ID, time.Hour))
	f.Advance(time.Minute)
	must(t, f.Store.StartSweep(ctx, in.ID))
	f.Sweep(t, in, store.Snapshot{})
	planned(least, most, false)
	due(least-time.Second, 0)
	due(most-least+time.Second, 1)

	// Neither a pause nor another interval is an answer.
	must(t, f.Store.StartSweep(ctx, in.ID))
	must(t, f.Store.PostponeSweeps(ctx, in.ID, time.Hour))
	yes, no, minute, cluster := true, false, time.Minute, "us"
	f.Work()
	for _, change := range []store.IntegrationChange{{Paused: &yes}, {Paused: &no}, {Interval: &minute}, {Cluster: &cluster}} {
		must(t, f.Store.UpdateIntegration(ctx, org, "eu", change))
		planned(time.Hour, time.Hour, true)
		due(time.Second, 0)
	}
	if work := f.Work(); len(work) != 0 {
		t.Errorf("%v while it waits", work)
	}
	due(time.Hour, 1)
	must(t, f.Store.PostponeSweeps(ctx, in.ID, time.Hour))
	f.Work()
	must(t, f.Store.UpdateIntegration(ctx, org, "eu", store.IntegrationChange{Secret: []byte("another")}))
	if work := f.Work(); len(work) != 1 || !f.Status(t, org, "eu").Waits.IsZero() {
		t.Errorf("another token leads to %v and waits until %s", work, f.Status(t, org, "eu").Waits)
	}
}
