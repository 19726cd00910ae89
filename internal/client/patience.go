package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/egress"
)

// The waits that are the same for every call.
const (
	connectTimeout   = 10 * time.Second
	handshakeTimeout = 10 * time.Second
	maxHeader        = 64 << 10
)

// patience is how long a server may be silent before a call is given up.
type patience struct {
	answer time.Duration // until an answer begins
	work   time.Duration // the same, where the server works or asks others first
	idle   time.Duration // between two parts of an answer, or of what is sent
}

// usual leaves an import the time to read the largest feed over a slow line; the server
// answers when it has.
var usual = patience{answer: time.Minute, work: time.Hour, idle: time.Minute}

// transport is that of net/http, with its proxies from the environment, and a bound on
// each step before a request is sent.
func transport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: connectTimeout}).DialContext
	t.TLSHandshakeTimeout = handshakeTimeout
	t.MaxResponseHeaderBytes = maxHeader
	return t
}

// silence is the cause a call ends with when the server says nothing for too long.
type silence struct {
	after  time.Duration
	within bool // an answer has begun
}

func (s *silence) Error() string {
	if s.within {
		return fmt.Sprintf("it stopped in the middle of its answer, and %s have passed", s.after)
	}
	return fmt.Sprintf("there is no answer after %s", s.after)
}

// watch ends a call when nothing is heard or sent for too long. An answer may begin while
// the request is still being sent, from another goroutine.
type watch struct {
	end    context.CancelCauseFunc
	mu     sync.Mutex
	timer  *time.Timer
	within bool // an answer has begun
	closed bool
}

func newWatch(ctx context.Context, first time.Duration) (context.Context, *watch) {
	ctx, end := context.WithCancelCause(ctx)
	w := &watch{end: end}
	w.expect(first, false)
	return ctx, w
}

// expect begins to wait anew. What is sent counts no longer once an answer has begun.
func (w *watch) expect(limit time.Duration, within bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || w.within && !within {
		return
	}
	w.within = within
	if w.timer != nil {
		w.timer.Stop()
	}
	w.timer = time.AfterFunc(limit, func() { w.end(&silence{limit, within}) })
}

func (w *watch) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.timer.Stop()
	w.end(nil)
}

// describe puts what came of a call into words; a server that was silent for too long is
// no call that was stopped.
func (c *Client) describe(ctx context.Context, op string, err error) error {
	var s *silence
	if errors.As(context.Cause(ctx), &s) {
		return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: op, Subject: c.base.Host, Hint: "check the address, that the server is well, and what stands between", Err: s}
	}
	return egress.Classify(op, c.base.Host, err)
}

// heard tells a watch of each part of a stream.
type heard struct {
	r     io.Reader
	alive func(err error)
}

func (h *heard) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	if n > 0 || err != nil {
		h.alive(err)
	}
	return n, err
}
