package sysdig

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"os"
	"syscall"
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

// What passes by itself is outlived: an answer that is damaged, a connection that is refused, a hiccup of DNS. What does not is
// said at once.
func TestPassingFaults(t *testing.T) {
	for _, body := range []string{"%&", `{"page":{"returned":2},"data":[`, `{"page":{"returned":2},"data":[{}]}`, `{"page":{}}{}`} {
		s := newSite(t)
		s.SetCluster("prod", items(3)...)
		s.Inject(sysdigkit.Fault{Status: 200, Body: body})
		if got, stats, err := s.sweep("prod"); err != nil || len(got) != 3 || stats.Retries != 1 {
			t.Errorf("after %q: %d containers, %+v, %v", body, len(got), stats, err)
		}
	}
	for name, c := range map[string]struct {
		err  error
		want int
	}{
		"refused":    {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, 2},
		"no route":   {&net.OpError{Op: "dial", Err: syscall.ENETUNREACH}, 2},
		"DNS down":   {&net.DNSError{Err: "server misbehaving", Name: "x", IsTemporary: true}, 2},
		"DNS silent": {&net.DNSError{Err: "i/o timeout", Name: "x", IsTimeout: true}, 2},
		"no name":    {&net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}, 1},
		"timeout":    {os.ErrDeadlineExceeded, 2},
		"TLS":        {x509.UnknownAuthorityError{}, 1},
		"guarded":    {&crowsnest.Error{Kind: crowsnest.Forbidden, Op: "connect to"}, 1},
	} {
		s := newSite(t)
		sent, through := 0, s.Client.http.Transport
		s.Client.http.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
			if sent++; sent == 1 {
				return nil, c.err
			}
			return through.RoundTrip(req)
		})
		if _, err := s.Clusters(t.Context()); sent != c.want || (err == nil) != (c.want > 1) {
			t.Errorf("%s: %d requests, %v", name, sent, err)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// However a request fails, trying it again has an end, in number and in time.
func TestRetriesAreBounded(t *testing.T) {
	for _, c := range []struct {
		name           string
		took, patience time.Duration // of one answer; in all
		want           int
	}{
		{"quick", time.Second, DefaultPatience, maxAttempts}, {"slow", 70 * time.Second, DefaultPatience, 2}, {"very slow", 3 * time.Minute, DefaultPatience, 1},
		{"while somebody looks on", 0, 3 * time.Second, 2},
	} {
		s := newSite(t)
		WithPatience(c.patience)(s.Client)
		now := start
		s.Client.clock = movingClock{&now}
		s.Client.http.Transport = roundTripper(func(*http.Request) (*http.Response, error) {
			now = now.Add(c.took)
			return nil, syscall.ECONNREFUSED
		})
		_, stats, err := s.sweep("prod")
		if stats.Requests != c.want || crowsnest.KindOf(err) != crowsnest.Unavailable {
			t.Errorf("%s: %+v, %v", c.name, stats, err)
		}
	}
}

// movingClock goes on while it sleeps.
type movingClock struct{ now *time.Time }

func (c movingClock) Now() time.Time { return *c.now }

func (c movingClock) Sleep(_ context.Context, d time.Duration) error {
	*c.now = c.now.Add(d)
	return nil
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
