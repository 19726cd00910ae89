package sysdig

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/egress"
)

const (
	maxAttempts  = 4
	slowAttempts = 2 // of what took its time, or fails the same way each time more likely than not
	minBackoff   = time.Second
	maxBackoff   = time.Minute
	// DefaultPatience is how long a request waits inside a call, each time Sysdig asks for it, and in all otherwise. Sysdig may
	// ask for hours; then the call ends, and whoever planned it can plan the next one by RetryAfter.
	DefaultPatience = 2 * time.Minute
)

// retry says how a request that failed is sent again; the zero retry is that it is not.
type retry struct {
	tries int // in all, the one that failed included
	wait  func(attempt int) time.Duration
	asked bool // by the other side
}

type realClock struct{}

func (realClock) Now() time.Time { return time.Now() }

func (realClock) Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// retryable tells statuses that may pass by themselves.
func retryable(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= 500 && status != http.StatusNotImplemented
}

// passes says whether to try again after err, which came instead of an answer. A name that DNS does not know and a
// certificate that is not trusted do not mend themselves.
func (c *Client) passes(err error) retry {
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &dns):
		if dns.IsNotFound {
			return retry{}
		}
	case errors.As(err, &timeout) && timeout.Timeout():
		return retry{tries: slowAttempts, wait: c.backoff}
	case egress.IsReset(err), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
	default:
		return retry{}
	}
	return retry{tries: maxAttempts, wait: c.backoff}
}

// backoff doubles from a second to a minute, the upper half of it by chance so
// that many clients do not come back together.
func (c *Client) backoff(attempt int) time.Duration {
	d := min(minBackoff<<attempt, maxBackoff)
	return d/2 + time.Duration(c.jitter(int64(d/2)+1))
}

// waitFor reads how long the other side asks to wait: Retry-After in seconds or as
// a date, else one second past x-ratelimit-reset (Unix seconds). Times are taken relative to
// the Date of the answer, so that a wrong clock here does no harm.
func (c *Client) waitFor(res *http.Response) retry {
	now, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		now = c.clock.Now()
	}
	fixed := func(d time.Duration) retry {
		return retry{tries: maxAttempts, wait: func(int) time.Duration { return d }, asked: true}
	}
	after := strings.TrimSpace(res.Header.Get("Retry-After"))
	if s, err := strconv.ParseInt(after, 10, 64); err == nil && s > 0 {
		return fixed(seconds(s))
	}
	if at, err := http.ParseTime(after); err == nil && at.After(now) {
		return fixed(at.Sub(now))
	}
	if unix, err := strconv.ParseInt(strings.TrimSpace(res.Header.Get("X-Ratelimit-Reset")), 10, 64); err == nil && unix >= now.Unix() {
		return fixed(seconds(unix-now.Unix()) + time.Second)
	}
	return retry{tries: maxAttempts, wait: c.backoff}
}

// seconds is n seconds, a day at most: a hostile number must not overflow into a short wait.
func seconds(n int64) time.Duration {
	const day = 24 * 60 * 60
	return time.Duration(min(n, day)) * time.Second
}

// postponed is the cause of an error that asked for a longer wait than a call spends.
type postponed struct {
	err   error
	after time.Duration
}

func (p *postponed) Error() string {
	return p.err.Error() + ", and asks to wait " + p.after.String()
}
func (p *postponed) Unwrap() error { return p.err }

// RetryAfter is for those that see the error without knowing this package.
func (p *postponed) RetryAfter() time.Duration { return p.after }

func postpone(err error, after time.Duration) error {
	var e *crowsnest.Error
	if !errors.As(err, &e) {
		return err
	}
	out := *e
	out.Err = &postponed{e.Err, after}
	return &out
}

// RetryAfter returns how long Sysdig asked to wait, where that was too long to
// wait for within the call.
func RetryAfter(err error) (time.Duration, bool) {
	var p *postponed
	if errors.As(err, &p) {
		return p.after, true
	}
	return 0, false
}
