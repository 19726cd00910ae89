package sysdig

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
)

func TestWaits(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fault sysdigkit.Fault
		want  time.Duration
	}{
		{"seconds", sysdigkit.TooManyRequests("17", time.Time{}), 17 * time.Second},
		{"date", sysdigkit.TooManyRequests(start.Add(40*time.Second).Format("Mon, 02 Jan 2006 15:04:05 GMT"), time.Time{}), 40 * time.Second},
		{"reset", sysdigkit.TooManyRequests("", start.Add(39*time.Second)), 40 * time.Second},
		{"reset now", sysdigkit.TooManyRequests("", start), time.Second},
		{"seconds before reset", sysdigkit.TooManyRequests("5", start.Add(time.Minute)), 5 * time.Second},
		{"reset after unreadable seconds", sysdigkit.TooManyRequests("soon", start.Add(9*time.Second)), 10 * time.Second},
		{"with another status", sysdigkit.Fault{Status: 503, Header: map[string]string{"Retry-After": "3"}}, 3 * time.Second},
		// The server's own clock counts: here it is an hour behind.
		{"wrong clock", sysdigkit.Fault{Status: 429, Header: map[string]string{
			"Date": start.Add(-time.Hour).Format("Mon, 02 Jan 2006 15:04:05 GMT"), "X-Ratelimit-Reset": fmt.Sprint(start.Add(-time.Hour + 20*time.Second).Unix()),
		}}, 21 * time.Second},
		{"no date", sysdigkit.Fault{Status: 429, Header: map[string]string{"Date": "", "X-Ratelimit-Reset": fmt.Sprint(start.Add(30 * time.Second).Unix())}}, 31 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSite(t)
			s.Inject(tc.fault)
			if _, err := s.Clusters(context.Background()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]time.Duration{tc.want}, s.clock.slept); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBackoff(t *testing.T) {
	for _, tc := range []struct {
		name   string
		jitter func(int64) int64
		want   []time.Duration
	}{
		{"least", func(int64) int64 { return 0 }, []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}},
		{"most", func(n int64) int64 { return n - 1 }, []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSite(t)
			s.jitter = tc.jitter
			for _, f := range []sysdigkit.Fault{
				{Status: 502}, {CutAfter: 1},
				{Status: 429, Header: map[string]string{"Retry-After": "0", "X-Ratelimit-Reset": "12"}}, // nothing that can be followed
			} {
				s.Inject(f)
			}
			if _, err := s.Clusters(context.Background()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, s.clock.slept); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBackoffStaysInBounds(t *testing.T) {
	s := newSite(t)
	for attempt := 1; attempt < 30; attempt++ {
		if d := s.backoff(attempt); d < minBackoff || d > maxBackoff {
			t.Errorf("attempt %d waits %v", attempt, d)
		}
	}
}

// A wait of hours is left to whoever plans the next call.
func TestLongWait(t *testing.T) {
	for after, want := range map[string]time.Duration{
		"14400": 4 * time.Hour, fmt.Sprint(int64(math.MaxInt64)): 24 * time.Hour, "121": 121 * time.Second,
	} {
		t.Run(after, func(t *testing.T) {
			s := newSite(t)
			s.Inject(sysdigkit.TooManyRequests(after, time.Time{}))
			_, err := s.Clusters(context.Background())
			wantError(t, err, crowsnest.RateLimited, "too many requests", "asks to wait "+want.String())
			if d, ok := RetryAfter(err); !ok || d != want {
				t.Errorf("RetryAfter = %v, %t", d, ok)
			}
			if s.Count() != 1 || len(s.clock.slept) != 0 {
				t.Errorf("%d requests, waits %v", s.Count(), s.clock.slept)
			}
		})
	}
	if _, ok := RetryAfter(errors.New("other")); ok {
		t.Error("RetryAfter of another error")
	}
}

// Somebody who looks on is told at once; a sweep waits, and says so to whoever asked to hear of it.
func TestPatience(t *testing.T) {
	s := newSite(t)
	s.Inject(sysdigkit.TooManyRequests("42", time.Time{}))
	var told []time.Duration
	WithWaiting(func(_ context.Context, d time.Duration) { told = append(told, d) })(s.Client)
	if _, err := s.Clusters(context.Background()); err != nil || len(told) != 1 || told[0] != 42*time.Second {
		t.Errorf("told %v, %v", told, err)
	}
	s.Inject(sysdigkit.Fault{Status: 502})
	if _, err := s.Clusters(context.Background()); err != nil || len(told) != 1 {
		t.Errorf("told %v of what is no limit, %v", told, err)
	}
	WithPatience(3 * time.Second)(s.Client)
	slept := len(s.clock.slept)
	s.Inject(sysdigkit.TooManyRequests("42", time.Time{}))
	_, err := s.Clusters(context.Background())
	if d, ok := RetryAfter(err); !ok || d != 42*time.Second || len(s.clock.slept) != slept || len(told) != 1 {
		t.Errorf("waits %v, %t, %v", d, ok, s.clock.slept[slept:])
	}
}

func TestStoppedWhileWaiting(t *testing.T) {
	t.Run("canceled", func(t *testing.T) {
		s := newSite(t)
		s.Inject(sysdigkit.Fault{Status: 503, Times: -1})
		ctx, cancel := context.WithCancel(context.Background())
		s.clock.before = func(time.Duration) { cancel() }
		_, err := s.Clusters(ctx)
		wantError(t, err, crowsnest.Canceled, "stopped")
		if s.Count() != 1 {
			t.Errorf("%d requests", s.Count())
		}
	})
	// When time runs out during a wait, what went wrong before is the better reason.
	t.Run("deadline", func(t *testing.T) {
		s := newSite(t)
		s.Inject(sysdigkit.Fault{Status: 503, Times: -1})
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		s.Client.clock = endedClock{}
		_, err := s.Clusters(ctx)
		wantError(t, err, crowsnest.Unavailable, "503")
	})
}

// endedClock reports the end of the caller's time in each wait.
type endedClock struct{}

func (endedClock) Now() time.Time { return start }

func (endedClock) Sleep(context.Context, time.Duration) error { return context.DeadlineExceeded }

func TestRealClockStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := (realClock{}).Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
	if err := (realClock{}).Sleep(context.Background(), 0); err != nil {
		t.Errorf("err = %v", err)
	}
}
