package sysdig

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
)

// allowance is an answer that says what is left.
func allowance(left int, reset time.Time) sysdigkit.Fault {
	return sysdigkit.Fault{Header: map[string]string{
		"X-Ratelimit-Limit": "60", "X-Ratelimit-Remaining": fmt.Sprint(left), "X-Ratelimit-Reset": fmt.Sprint(reset.Unix()), "Date": start.Format("Mon, 02 Jan 2006 15:04:05 GMT"),
	}}
}

// A request waits before the allowance is used up, not after it was refused.
func TestAllowanceIsNotUsedUp(t *testing.T) {
	for _, c := range []struct {
		name     string
		left     int
		reset    time.Duration
		patience time.Duration
		want     []time.Duration // waits before the second request
		held     time.Duration   // how long it asks to wait in place of being sent
	}{
		{"plenty", 40, 39 * time.Second, DefaultPatience, nil, 0},
		{"little", 6, 39 * time.Second, DefaultPatience, []time.Duration{40 * time.Second}, 0},
		{"nothing", 0, 39 * time.Second, DefaultPatience, []time.Duration{40 * time.Second}, 0},
		{"little for hours", 6, time.Hour, DefaultPatience, nil, 0},
		{"nothing for hours", 0, time.Hour, DefaultPatience, nil, time.Hour + time.Second},
		{"nothing while somebody looks on", 0, 39 * time.Second, 3 * time.Second, nil, 40 * time.Second},
		{"over already", 0, -time.Second, DefaultPatience, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var told []time.Duration
			s := newSite(t, WithPatience(c.patience), WithWaiting(func(_ context.Context, d time.Duration) { told = append(told, d) }))
			now := start
			s.Client.clock = movingClock{&now}
			s.Inject(allowance(c.left, start.Add(c.reset)))
			if _, err := s.Clusters(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, err := s.Clusters(t.Context())
			if diff := cmp.Diff(c.want, told); diff != "" {
				t.Errorf("waits (-want +got):\n%s", diff)
			}
			if d, ok := RetryAfter(err); ok != (c.held > 0) || d != c.held {
				t.Errorf("asks to wait %s, %v; want %s", d, err, c.held)
			}
			want := 2
			if c.held > 0 {
				want = 1
				wantError(t, err, crowsnest.RateLimited, "allowance", "used up")
			}
			if s.Count() != want {
				t.Errorf("%d requests, want %d", s.Count(), want)
			}
		})
	}
}

// The tokens of an account have an allowance each, and what says nothing of it changes nothing.
func TestAllowanceIsOfAToken(t *testing.T) {
	s := newSite(t)
	s.Inject(allowance(0, start.Add(time.Minute)))
	if _, err := s.Clusters(t.Context()); err != nil {
		t.Fatal(err)
	}
	_ = s.ProbeNames(t.Context(), "prod")
	if len(s.clock.slept) != 0 {
		t.Errorf("the other token waits %v", s.clock.slept)
	}
	for range 2 {
		if _, err := s.Clusters(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]time.Duration{61 * time.Second, 61 * time.Second}, s.clock.slept); diff != "" {
		t.Errorf("waits of a clock that stands (-want +got):\n%s", diff)
	}
}
