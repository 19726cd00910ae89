package sysdig

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// pace is what is left of the allowance of a token, by its last answer.
type pace struct {
	mu    sync.Mutex
	left  int
	until time.Time // by the own clock; zero while there is enough left, or nothing is said of it
}

// spared is the part of an allowance that is left to others who use it: one in so many.
const spared = 10

// note reads what an answer says is left: x-ratelimit-remaining of x-ratelimit-limit until x-ratelimit-reset, in Unix seconds by
// the clock of the other side, and one second more.
func (p *pace) note(res *http.Response, clock time.Time) {
	left, err := strconv.Atoi(strings.TrimSpace(res.Header.Get("X-Ratelimit-Remaining")))
	if err != nil || left < 0 {
		return // another answer said it, or none does
	}
	limit, _ := strconv.Atoi(strings.TrimSpace(res.Header.Get("X-Ratelimit-Limit")))
	now, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		now = clock
	}
	reset, err := strconv.ParseInt(strings.TrimSpace(res.Header.Get("X-Ratelimit-Reset")), 10, 64)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.until = left, time.Time{}
	if left <= max(0, limit)/spared && err == nil && reset >= now.Unix() {
		p.until = clock.Add(seconds(reset-now.Unix()) + time.Second)
	}
}

// wait returns how long a request waits so that it is not refused, and whether there is nothing left until then.
func (p *pace) wait(clock time.Time) (d time.Duration, spent bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d = p.until.Sub(clock); p.until.IsZero() || d <= 0 {
		return 0, false
	}
	return d, p.left == 0
}

// heldBack is the error of a request that was not sent, since it would be refused.
func heldBack(r request, d time.Duration) error {
	return postpone(&crowsnest.Error{Kind: crowsnest.RateLimited, Op: r.op, Subject: r.subject,
		Hint: "ask less often, or find what else uses the account's allowance", Err: errors.New("the allowance of requests is used up")}, d)
}
