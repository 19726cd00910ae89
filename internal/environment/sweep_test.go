package environment

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/litekit"
)

// noQueue takes work and does nothing: these tests start sweeps themselves.
type noQueue struct{}

func (noQueue) Enqueue(context.Context, *sql.Tx, store.Work) error { return nil }

// bench is a store with one integration of cluster "eu" to "production", and a clock for all.
type bench struct {
	t     *testing.T
	store *sqlstore.Store
	now   time.Time
	org   store.OrgID
	in    store.Integration
	names func(context.Context, store.Integration) (map[crowsnest.Digest]string, int, error)
	log   bytes.Buffer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	s, err := sqlstore.Open(t.Context(), litekit.Database(t), sqldb.Options{Clock: func() time.Time { return b.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	s.SetEnqueuer(noQueue{})
	b.store = s
	fixture := storetest.Fixture{Store: s}
	b.org = fixture.Organisation(t, "org")
	b.in = fixture.Connect(t, b.org, "eu", "production")
	return b
}

// script is an observer that hands out pages and then ends with err.
func script(report Report, err error, pages ...[]crowsnest.Observation) Observer {
	return func(_ context.Context, _ string, page func([]crowsnest.Observation) error) (Report, error) {
		for _, p := range pages {
			if err := page(p); err != nil {
				return report, err
			}
		}
		return report, err
	}
}

// sweep runs one sweep a minute after the last.
func (b *bench) sweep(ctx context.Context, o Observer) (store.SweepResult, error) {
	b.t.Helper()
	return b.connect(ctx, func(context.Context, store.Integration) (Observer, error) { return o, nil })
}

func (b *bench) connect(ctx context.Context, connect func(context.Context, store.Integration) (Observer, error)) (store.SweepResult, error) {
	b.t.Helper()
	b.now = b.now.Add(time.Minute)
	s := &Sweeper{Store: b.store, Connect: connect, Names: b.names, Log: slog.New(slog.NewTextHandler(&b.log, nil)), Clock: func() time.Time { return b.now }}
	return s.Sweep(ctx, b.in.ID)
}

// running lists the open occurrences, "name image".
func (b *bench) running() []string {
	b.t.Helper()
	list, err := b.store.Occurrences(context.Background(), b.org, running.Filter{Environment: "production"}, store.Page{Limit: store.MaxLimit})
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, o := range list.Items {
		if o.Closed.IsZero() {
			out = append(out, o.Name+" "+o.ImageID.Short())
		}
	}
	slices.Sort(out)
	return out
}

func (b *bench) status() store.IntegrationStatus {
	b.t.Helper()
	in, err := b.store.Integration(context.Background(), b.org, "eu")
	if err != nil {
		b.t.Fatal(err)
	}
	return in.Status
}

func runs(name string, loaded ...crowsnest.LoadedPackage) crowsnest.Observation {
	o := crowsnest.Observation{Namespace: "shop", Kind: "deployment", Name: name, Container: "main", ImageID: storetest.Digest(name), Loaded: loaded}
	if len(loaded) > 0 {
		o.Profile = crowsnest.ProfileOf(loaded)
	}
	return o
}

func shown(names ...string) []string {
	var out []string
	for _, n := range names {
		out = append(out, n+" "+storetest.Digest(n).Short())
	}
	return out
}

func TestCompleteSweepOpensContinuesAndCloses(t *testing.T) {
	b := newBench(t)
	got, err := b.sweep(t.Context(), script(Report{Requests: 2}, nil, []crowsnest.Observation{runs("cart"), runs("web")}, []crowsnest.Observation{runs("worker")}))
	if diff := cmp.Diff(store.SweepResult{Opened: 3}, got); diff != "" || err != nil {
		t.Errorf("first sweep: %v (-want +got):\n%s", err, diff)
	}
	got, err = b.sweep(t.Context(), script(Report{Requests: 1}, nil, []crowsnest.Observation{runs("web"), runs("new"), runs("new")}))
	if diff := cmp.Diff(store.SweepResult{Opened: 1, Continued: 1, Closed: 2}, got); diff != "" || err != nil {
		t.Errorf("second sweep: %v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff(shown("new", "web"), b.running()); diff != "" {
		t.Errorf("running (-want +got):\n%s", diff)
	}
	s := b.status()
	if !s.LastComplete.Equal(b.now) || !s.FailingSince.IsZero() || s.Reason != "" || s.Requests != 1 {
		t.Errorf("status %+v", s)
	}
}

// An answer without containers is believed when it is still so after a while: a cluster that is empty all
// of a sudden is mostly one that shares nothing any more, or has another name.
func TestEmptyAnswerIsBelievedLater(t *testing.T) {
	b := newBench(t)
	if _, err := b.sweep(t.Context(), script(Report{}, nil, []crowsnest.Observation{runs("web")})); err != nil {
		t.Fatal(err)
	}
	complete := b.now
	for range 15 {
		got, err := b.sweep(t.Context(), script(Report{Requests: 1}, nil))
		if err != nil || got != (store.SweepResult{Doubted: true}) || !cmp.Equal(b.running(), shown("web")) {
			t.Fatalf("got %+v, %v, still running %v", got, err, b.running())
		}
		if s := b.status(); !strings.HasPrefix(s.Reason, "the cluster answered empty: sharing may be switched off, or it was renamed") || !s.LastComplete.Equal(complete) {
			t.Errorf("status %+v", s)
		}
	}
	if strings.Count(b.log.String(), "complete=false") != 15 {
		t.Errorf("the log takes it for complete: %s", b.log.String())
	}
	got, err := b.sweep(t.Context(), script(Report{Requests: 1}, nil))
	if err != nil || got.Closed != 1 || len(b.running()) != 0 {
		t.Errorf("got %+v, %v, still running %v", got, err, b.running())
	}
	if s := b.status(); s.Reason != "" || !s.LastComplete.Equal(b.now) {
		t.Errorf("status %+v", s)
	}
}

func TestBrokenSweepsCloseNothing(t *testing.T) {
	half := []crowsnest.Observation{runs("web")}
	tests := map[string]struct {
		ctx     func(*testing.T) context.Context
		connect func(context.Context, store.Integration) (Observer, error)
		kind    crowsnest.Kind
		reason  string
	}{
		"broken off after a page": {
			connect: answers(script(Report{Requests: 4}, &crowsnest.Error{Kind: crowsnest.RateLimited, Op: "list containers at Sysdig", Hint: "wait"}, half)),
			kind:    crowsnest.RateLimited, reason: "list containers at Sysdig: rate limited (wait)",
		},
		"broken off before any page": {
			connect: answers(script(Report{Requests: 4}, errors.New("connection reset"))),
			kind:    crowsnest.Internal, reason: "connection reset",
		},
		"broken off, and part not usable": {
			connect: answers(script(Report{Requests: 4, Unusable: 2, Reasons: []string{"x"}}, errors.New("connection reset"), half)),
			kind:    crowsnest.Internal, reason: "connection reset",
		},
		"secret cannot be opened": {
			connect: func(context.Context, store.Integration) (Observer, error) {
				return nil, &crowsnest.Error{Kind: crowsnest.Internal, Op: "open secret", Hint: "restore the key file", Err: errors.New("authentication failed")}
			},
			kind: crowsnest.Internal, reason: "open secret: authentication failed (restore the key file)",
		},
		"more containers than a sweep may hold": {
			connect: answers(script(Report{Requests: 4}, nil, half, make([]crowsnest.Observation, maxRuns))),
			kind:    crowsnest.TooLarge, reason: fmt.Sprintf("more than %d containers", maxRuns),
		},
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			if _, err := b.sweep(t.Context(), script(Report{Requests: 1}, nil, []crowsnest.Observation{runs("cart"), runs("web")})); err != nil {
				t.Fatal(err)
			}
			complete := b.now
			for range 2 { // the second failure does not move the beginning of failing
				got, err := b.connect(t.Context(), c.connect)
				if err == nil || crowsnest.KindOf(err) != c.kind || got != (store.SweepResult{}) {
					t.Errorf("got %+v, %v, want an error of kind %s", got, err, c.kind)
				}
			}
			if diff := cmp.Diff(shown("cart", "web"), b.running()); diff != "" {
				t.Errorf("running (-want +got):\n%s", diff)
			}
			s := b.status()
			if !strings.Contains(s.Reason, c.reason) {
				t.Errorf("the reason is %q, want %q", s.Reason, c.reason)
			}
			if !s.LastComplete.Equal(complete) || !s.FailingSince.Equal(complete.Add(time.Minute)) || !s.LastEnd.Equal(b.now) || !s.LastAttempt.Equal(b.now) {
				t.Errorf("status %+v, complete at %s, now %s", s, complete, b.now)
			}
			// And a complete one heals it.
			if _, err := b.sweep(t.Context(), script(Report{}, nil, half)); err != nil {
				t.Fatal(err)
			}
			if s := b.status(); s.Reason != "" || !s.FailingSince.IsZero() || !cmp.Equal(shown("web"), b.running()) {
				t.Errorf("after a complete sweep: %+v, running %v", s, b.running())
			}
		})
	}
}

func answers(o Observer) func(context.Context, store.Integration) (Observer, error) {
	return func(context.Context, store.Integration) (Observer, error) { return o, nil }
}

func TestCanceledSweepIsRecordedAndClosesNothing(t *testing.T) {
	for name, observe := range map[string]func(cancel func()) Observer{
		"while it observes": func(cancel func()) Observer {
			return func(ctx context.Context, _ string, page func([]crowsnest.Observation) error) (Report, error) {
				if err := page([]crowsnest.Observation{runs("web")}); err != nil {
					return Report{}, err
				}
				cancel()
				return Report{Requests: 3}, &crowsnest.Error{Kind: crowsnest.Canceled, Op: "list containers", Err: ctx.Err()}
			}
		},
		// The answer is whole, but it can no longer be stored.
		"before it is stored": func(cancel func()) Observer {
			return func(_ context.Context, _ string, page func([]crowsnest.Observation) error) (Report, error) {
				cancel()
				return Report{Requests: 3}, page([]crowsnest.Observation{runs("web")})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			if _, err := b.sweep(t.Context(), script(Report{}, nil, []crowsnest.Observation{runs("cart"), runs("web")})); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			_, err := b.sweep(ctx, observe(cancel))
			if crowsnest.KindOf(err) != crowsnest.Canceled {
				t.Errorf("got %v, want an error of kind canceled", err)
			}
			if diff := cmp.Diff(shown("cart", "web"), b.running()); diff != "" {
				t.Errorf("running (-want +got):\n%s", diff)
			}
			if s := b.status(); s.Reason == "" || !s.LastEnd.Equal(b.now) || s.Requests != 3 {
				t.Errorf("the failure is not recorded: %+v", s)
			}
		})
	}
}

// One container that is odd for ever protects its own place and no other.
func TestUnusableContainerSparesItsPlace(t *testing.T) {
	b := newBench(t)
	if _, err := b.sweep(t.Context(), script(Report{}, nil, []crowsnest.Observation{runs("cart"), runs("odd"), runs("web")})); err != nil {
		t.Fatal(err)
	}
	odd := runs("odd")
	odd.ImageID = ""
	report := Report{Requests: 2, Unusable: 1, Places: []crowsnest.Observation{odd}, Reasons: []string{"shop/odd main: no image ID"}}
	for _, want := range []store.SweepResult{{Opened: 1, Continued: 1, Closed: 1}, {Continued: 2}} {
		got, err := b.sweep(t.Context(), script(report, nil, []crowsnest.Observation{runs("web"), runs("new")}))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	if diff := cmp.Diff(shown("new", "odd", "web"), b.running()); diff != "" {
		t.Errorf("running (-want +got):\n%s", diff)
	}
	if s := b.status(); !strings.HasPrefix(s.Reason, "1 of the reported containers") || !strings.Contains(s.Reason, "shop/odd main: no image ID") || !s.LastComplete.Equal(b.now) || s.FailingSince.IsZero() {
		t.Errorf("status %+v", s)
	}
	// Nothing else came, so there is something to doubt only where nothing came at all.
	if got, err := b.sweep(t.Context(), script(report, nil)); err != nil || got.Closed != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestPartialAnswerOpensButClosesNothing(t *testing.T) {
	b := newBench(t)
	if _, err := b.sweep(t.Context(), script(Report{}, nil, []crowsnest.Observation{runs("cart"), runs("web")})); err != nil {
		t.Fatal(err)
	}
	complete := b.now
	got, err := b.sweep(t.Context(), script(Report{Requests: 2, Unusable: 7, Unplaced: 1, Reasons: []string{"shop/x main: no image ID", "shop/y main: no image ID"}}, nil, []crowsnest.Observation{runs("web"), runs("new")}))
	if diff := cmp.Diff(store.SweepResult{Opened: 1, Continued: 1}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff(shown("cart", "new", "web"), b.running()); diff != "" {
		t.Errorf("running (-want +got):\n%s", diff)
	}
	if log := b.log.String(); !strings.Contains(log, "complete=true") || !strings.Contains(log, "complete=false") {
		t.Errorf("the log tells no difference between a whole and a partial answer:\n%s", log)
	}
	s := b.status()
	if !strings.HasPrefix(s.Reason, "7 of the reported containers") || !strings.Contains(s.Reason, "shop/y main: no image ID") {
		t.Errorf("the reason is %q", s.Reason)
	}
	if !s.LastComplete.Equal(complete) || !s.FailingSince.Equal(b.now) {
		t.Errorf("a partial answer counts as complete: %+v", s)
	}
}

// A source decides what its reasons say; what is stored stays a sentence.
func TestReasonsOfASourceStaySmall(t *testing.T) {
	b := newBench(t)
	long := strings.Repeat("line\n", 10_000)
	if _, err := b.sweep(t.Context(), script(Report{Unusable: 1, Reasons: []string{long}}, nil)); err != nil {
		t.Fatal(err)
	}
	if r := b.status().Reason; len(r) > 1000 || strings.Contains(r, "\n") {
		t.Errorf("the reason of a partial answer has %d bytes and %d line breaks", len(r), strings.Count(r, "\n"))
	}
	if _, err := b.sweep(t.Context(), script(Report{}, errors.New(long))); err == nil {
		t.Fatal("a broken sweep succeeds")
	}
	if r := b.status().Reason; len(r) > 1000 || strings.Contains(r, "\n") {
		t.Errorf("the reason of a broken sweep has %d bytes and %d line breaks", len(r), strings.Count(r, "\n"))
	}
}

func TestUnknownIntegration(t *testing.T) {
	b := newBench(t)
	if err := b.store.DeleteIntegration(t.Context(), b.org, "eu"); err != nil {
		t.Fatal(err)
	}
	asked := false
	_, err := b.connect(t.Context(), func(context.Context, store.Integration) (Observer, error) {
		asked = true
		return nil, errors.New("asked")
	})
	if crowsnest.KindOf(err) != crowsnest.NotFound || err == nil || asked {
		t.Errorf("got %v, source asked: %t, want not found and no call", err, asked)
	}
}

func TestConnectGetsTheSealedSecretAndObserverTheCluster(t *testing.T) {
	b := newBench(t)
	var in store.Integration
	var cluster string
	_, err := b.connect(t.Context(), func(_ context.Context, got store.Integration) (Observer, error) {
		in = got
		return func(_ context.Context, c string, _ func([]crowsnest.Observation) error) (Report, error) {
			cluster = c
			return Report{}, nil
		}, nil
	})
	if err != nil || string(in.Secret) != "sealed" || in.Environment != "production" || cluster != "eu" {
		t.Errorf("%v: connect got %+v, the observer cluster %q", err, in, cluster)
	}
	if strings.Contains(b.log.String(), "sealed") {
		t.Errorf("the secret is in the log: %s", b.log.String())
	}
}

// Thousands of containers share a few sets of loaded packages, whatever order those are reported in.
func TestEqualSetsOfLoadedPackagesAreOneProfile(t *testing.T) {
	a := crowsnest.LoadedPackage{Type: "npm", Name: "a", Version: "1"}
	c := crowsnest.LoadedPackage{Type: "golang", Name: "example.com/c", Version: "v2"}
	sameC := crowsnest.LoadedPackage{Type: "golang", Name: "example.com/c", Version: "2", PURL: "pkg:golang/example.com/c@2"}
	s := newSnapper(time.Time{}, time.Time{}, nil)
	for _, page := range [][]crowsnest.Observation{{runs("1", a, c), runs("2", c, a)}, {runs("3", a, sameC, a), runs("4", a), runs("5")}, nil} {
		if err := s.add(page); err != nil {
			t.Fatal(err)
		}
	}
	profile := func(i int) string { return s.snap.Runs[i].Profile }
	if len(s.snap.Profiles) != 2 || profile(0) != profile(1) || profile(0) != profile(2) || profile(0) == profile(3) || profile(3) == "" {
		t.Errorf("%d profiles: %q", len(s.snap.Profiles), []string{profile(0), profile(1), profile(2), profile(3)})
	}
	if profile(4) != "" {
		t.Errorf("nothing reported has the profile %q: it would look like \"not seen\"", profile(4))
	}
	for i, r := range s.snap.Runs {
		if r.Loaded != nil {
			t.Errorf("run %d keeps its own list", i)
		}
	}
}

func TestPagesOfEverySizeGiveTheSameSnapshot(t *testing.T) {
	var all []crowsnest.Observation
	for i := range 300 {
		o := runs(fmt.Sprint("w", i), crowsnest.LoadedPackage{Type: "npm", Name: fmt.Sprint("p", i%7), Version: "1"})
		if i >= 7 && i%2 == 0 {
			o.Loaded = nil // as of a source that has given this set before
		}
		all = append(all, o)
	}
	whole := newSnapper(time.Time{}, time.Time{}, nil)
	if err := whole.add(all); err != nil || len(whole.snap.Runs) != 300 || len(whole.snap.Profiles) != 7 {
		t.Fatalf("%v, %d runs, %d profiles", err, len(whole.snap.Runs), len(whole.snap.Profiles))
	}
	for _, size := range []int{1, 7, 299} {
		s := newSnapper(time.Time{}, time.Time{}, nil)
		for page := range slices.Chunk(all, size) {
			if err := s.add(page); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(whole.snap, s.snap); diff != "" {
			t.Errorf("pages of %d differ from one (-one +pages):\n%s", size, diff)
		}
	}
}

// A cluster with more sets of loaded packages than are held at once ends as one with few.
func TestManySetsAreKeptBeforeTheEnd(t *testing.T) {
	b := newBench(t)
	const sets, each = 9, maxLoaded / 4
	var pages [][]crowsnest.Observation
	for i := range 2 * sets { // each set with two containers, the second far from the first and without the packages
		o := runs(fmt.Sprint("w", i))
		loaded := make([]crowsnest.LoadedPackage, each)
		for j := range loaded {
			loaded[j] = crowsnest.LoadedPackage{Type: "npm", Name: fmt.Sprint("p", j), Version: fmt.Sprint(i % sets)}
		}
		o.Profile = crowsnest.ProfileOf(loaded)
		if i < sets {
			o.Loaded = loaded
		}
		pages = append(pages, []crowsnest.Observation{o})
	}
	for _, want := range []store.SweepResult{{Opened: 2 * sets}, {Continued: 2 * sets}} {
		got, err := b.sweep(t.Context(), script(Report{}, nil, pages...))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	// One that was never given is no reason to forget that something is observed.
	unknown := runs("w0")
	unknown.Profile = "never given"
	if _, err := b.sweep(t.Context(), script(Report{}, nil, []crowsnest.Observation{unknown})); err == nil || b.status().Reason == "" {
		t.Errorf("a set that was never given is taken as none: %v, %+v", err, b.status())
	}
	if got := len(b.running()); got != 2*sets {
		t.Errorf("%d containers run after a sweep that broke off, want %d", got, 2*sets)
	}
}
