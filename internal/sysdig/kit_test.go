package sysdig

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/egress"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
)

const token = "0f9e8d7c-secret-token-ab12"

var start = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// fakeClock never waits; it notes how long it was asked to.
type fakeClock struct {
	mu     sync.Mutex
	slept  []time.Duration
	before func(d time.Duration) // called in each Sleep
}

func (c *fakeClock) Now() time.Time { return start }

func (c *fakeClock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	c.slept = append(c.slept, d)
	c.mu.Unlock()
	if c.before != nil {
		c.before(d)
	}
	return ctx.Err()
}

// site is a test server with a client for it.
type site struct {
	*sysdigkit.Server
	*Client
	clock *fakeClock
	url   string
}

// newSite serves over plain HTTP to a client that came from package egress.
func newSite(t *testing.T, opts ...Option) site {
	t.Helper()
	kit := sysdigkit.New(token)
	kit.SetClock(func() time.Time { return start })
	return newSiteOf(t, kit, kit, opts...)
}

func newSiteOf(t *testing.T, kit *sysdigkit.Server, h http.Handler, opts ...Option) site {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Start()
	t.Cleanup(srv.Close)
	hc, err := egress.New(egress.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(hc.CloseIdleConnections)
	clock := &fakeClock{}
	c, err := New(Config{Region: Custom, URL: srv.URL, Token: token}, hc, append([]Option{WithClock(clock)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return site{kit, c, clock, srv.URL}
}

// asked counts the requests of a call.
func (s site) asked(call string) (n int) {
	for _, r := range s.Requests() {
		if r.Call == call {
			n++
		}
	}
	return n
}

// item makes the n-th container of a cluster.
func item(n int, packages ...sysdigkit.Package) sysdigkit.Item {
	return sysdigkit.Item{
		Namespace: "shop", WorkloadKind: "deployment", WorkloadName: fmt.Sprintf("w%04d", n), Container: "main",
		ImageID: string(crowsnest.DigestOf([]byte{byte(n), byte(n >> 8)})), Packages: packages,
	}
}

func items(n int) []sysdigkit.Item {
	out := make([]sysdigkit.Item, n)
	for i := range out {
		out[i] = item(i)
	}
	return out
}

// profiled gives each observation the name of its set of packages.
func profiled(list []crowsnest.Observation) []crowsnest.Observation {
	for i, o := range list {
		if len(o.Loaded) > 0 {
			list[i].Profile = crowsnest.ProfileOf(o.Loaded)
		}
	}
	return list
}

// sweep reads a cluster to its end or to its error.
func (s site) sweep(cluster string) ([]crowsnest.Observation, Stats, error) {
	var all []crowsnest.Observation
	stats, err := s.RuntimeImages(context.Background(), cluster, func(page []crowsnest.Observation) error {
		all = append(all, page...)
		return nil
	})
	return all, stats, err
}

func wantError(t *testing.T, err error, kind crowsnest.Kind, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if got := crowsnest.KindOf(err); got != kind {
		t.Errorf("kind = %v, want %v: %v", got, kind, err)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("%q does not say %q", err, p)
		}
	}
	if strings.Contains(err.Error(), token) {
		t.Errorf("the token is shown: %v", err)
	}
}
