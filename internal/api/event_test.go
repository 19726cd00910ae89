package api

import (
	"bufio"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/event"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/litekit"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/pgkit"
)

// replica is one server on a database that others may share.
type replica struct {
	storetest.Fixture
	url      string
	stopping chan struct{}
	db       *sqlstore.Store
	looks    *atomic.Int64 // how often it was asked what changed
}

// counting counts how often it is asked what changed.
type counting struct {
	store.Store
	looks atomic.Int64
}

func (c *counting) Revisions(ctx context.Context, org store.OrgID) (map[store.Resource]int64, error) {
	c.looks.Add(1)
	return c.Store.Revisions(ctx, org)
}

func newReplica(t *testing.T, location string, limits event.Limits) replica {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), location, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	s.SetEnqueuer(&queue{})
	counted := &counting{Store: s}
	r := replica{Fixture: storetest.Fixture{Store: s}, stopping: make(chan struct{}), db: s, looks: &counted.looks}
	if limits.Poll == 0 {
		limits.Poll = 20 * time.Millisecond
	}
	server := httptest.NewServer(New(Deps{Store: counted, Log: slog.New(slog.DiscardHandler), Stopping: r.stopping, Events: limits}))
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// member makes an organisation and a token of it.
func (r replica) member(t *testing.T, name string) (store.OrgID, string) {
	t.Helper()
	org := r.Organisation(t, name)
	token, hash := auth.NewToken()
	if _, err := r.Store.CreateToken(t.Context(), store.Token{Organisation: org, Name: "test", Scopes: []crowsnest.Scope{crowsnest.ScopeOwner}}, hash); err != nil {
		t.Fatal(err)
	}
	return org, token
}

// stream is an open connection; lines is closed when it ends.
type stream struct {
	code  int
	lines chan string
	close context.CancelFunc
}

func (r replica) listen(t *testing.T, token, last string) stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	s := stream{code: res.StatusCode, lines: make(chan string, 1000), close: cancel}
	go func() {
		defer close(s.lines)
		for scanner := bufio.NewScanner(res.Body); scanner.Scan(); {
			s.lines <- scanner.Text()
		}
	}()
	return s
}

// next returns the next event as "kind data" with its id, or a comment.
func (s stream) next(t *testing.T) (what, id string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case line, ok := <-s.lines:
			name, value, _ := strings.Cut(line, ": ")
			switch {
			case !ok:
				return "end", ""
			case strings.HasPrefix(line, ":"):
				return line, id
			case name == "id":
				id = value
			case name == "event":
				what = value
			case name == "data":
				return what + " " + value, id
			}
		case <-deadline:
			t.Fatal("no event came")
		}
	}
}

// calm is a heartbeat too slow to come into the way.
const calm = time.Hour

func TestEventsSQLite(t *testing.T) {
	r := newReplica(t, litekit.Database(t), event.Limits{Heartbeat: calm})
	testEvents(t, r, r)
}

// What one replica changes is told by the other.
func TestEventsPostgres(t *testing.T) {
	location := pgkit.Database(t)
	testEvents(t, newReplica(t, location, event.Limits{Heartbeat: calm}), newReplica(t, location, event.Limits{Heartbeat: calm}))
}

func testEvents(t *testing.T, changer, teller replica) {
	org, token := changer.member(t, "acme")
	_, foreign := changer.member(t, "other")
	mine, theirs := teller.listen(t, token, ""), teller.listen(t, foreign, "")
	all := `ready {"resources":["advisories","analyses","decisions","environments","images","integrations","policies","repositories"]}`
	got, _ := mine.next(t)
	other, _ := theirs.next(t)
	if got != all || other != all {
		t.Errorf("first comes %q and %q", got, other)
	}
	changer.Connect(t, org, "eu", "production")
	got, id := mine.next(t)
	if got != `changed {"resources":["environments","integrations"]}` {
		t.Errorf("got %q", got)
	}
	if got, _ := teller.listen(t, token, id).next(t); got != `ready {"resources":[]}` {
		t.Errorf("who missed nothing is told %q", got)
	}
	if got, _ := changer.listen(t, token, "0").next(t); got != all {
		t.Errorf("who missed something is told %q", got)
	}
	// What all share comes to the other organisation too, and what is not its own did not come before.
	if err := changer.Store.PutAdvisoryStatus(t.Context(), store.AdvisoryStatus{Ecosystem: "npm", Imported: time.Unix(1, 0)}); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]stream{"mine": mine, "theirs": theirs} {
		if got, _ := s.next(t); got != `changed {"resources":["advisories"]}` {
			t.Errorf("%s: %q", name, got)
		}
	}
	close(teller.stopping)
	for name, s := range map[string]stream{"mine": mine, "theirs": theirs} {
		if got, _ := s.next(t); got != "end" {
			t.Errorf("%s: %q after the server stopped", name, got)
		}
	}
}

func TestEventsAreBounded(t *testing.T) {
	r := newReplica(t, litekit.Database(t), event.Limits{Heartbeat: 20 * time.Millisecond, PerOrganisation: 2, Total: 3})
	_, a := r.member(t, "a")
	_, b := r.member(t, "b")
	r.listen(t, a, "")
	second := r.listen(t, a, "")
	if s := r.listen(t, a, ""); s.code != http.StatusServiceUnavailable {
		t.Errorf("a third of one organisation: %d", s.code)
	}
	if s := r.listen(t, b, ""); s.code != http.StatusOK {
		t.Errorf("one of another: %d", s.code)
	}
	if s := r.listen(t, b, ""); s.code != http.StatusServiceUnavailable {
		t.Errorf("a fourth of all: %d", s.code)
	}
	second.next(t)
	if got, _ := second.next(t); got != ": still here" {
		t.Errorf("a sign of life is %q", got)
	}
}

func TestEventsEndWithTheCredentials(t *testing.T) {
	r := newReplica(t, litekit.Database(t), event.Limits{Heartbeat: 20 * time.Millisecond})
	_, token := r.member(t, "acme")
	s := r.listen(t, token, "")
	s.next(t)
	s.next(t)
	db, _ := r.db.DB()
	if _, err := db.Exec(`delete from token`); err != nil {
		t.Fatal(err)
	}
	for {
		switch got, _ := s.next(t); got {
		case "end":
			return
		case ": still here": // sent before
		default:
			t.Fatalf("got %q", got)
		}
	}
}

// However many listen, what changed is looked up once, and not at all for nobody.
func TestNobodyListeningCostsNothing(t *testing.T) {
	r := newReplica(t, litekit.Database(t), event.Limits{Heartbeat: calm, Poll: 50 * time.Millisecond})
	_, token := r.member(t, "acme")
	var all []stream
	for range 10 {
		s := r.listen(t, token, "")
		s.next(t)
		all = append(all, s)
	}
	before := r.looks.Load()
	start := time.Now()
	for r.looks.Load() < before+4 {
		time.Sleep(time.Millisecond)
	}
	if took := time.Since(start); took < 100*time.Millisecond {
		t.Errorf("ten listeners caused four looks within %s, want one each 50ms", took)
	}
	for _, s := range all {
		s.close()
		for range s.lines { // until the server has ended it as well
		}
	}
	quiet := 0
	for last := r.looks.Load(); quiet < 5; {
		time.Sleep(60 * time.Millisecond) // longer than between two looks
		if now := r.looks.Load(); now != last {
			last, quiet = now, 0
			if time.Since(start) > 10*time.Second {
				t.Fatal("it is still looked up though nobody listens")
			}
		} else {
			quiet++
		}
	}
}
