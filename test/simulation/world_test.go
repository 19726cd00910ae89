package simulation

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/app"
	"github.com/crowsnest-sec/crowsnest/internal/egress"
	"github.com/crowsnest-sec/crowsnest/internal/environment"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/sysdig"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
)

const token = "simulated-token"

// noQueue takes work and does nothing: the world starts sweeps itself, also such as the
// queue would not let run together.
type noQueue struct{}

func (noQueue) Enqueue(context.Context, *sql.Tx, store.Work) error { return nil }

// world is one history. Its sweeps run one at a time, each until it would send a request, wait or
// write; who goes on then is decided by chance alone, so a seed always makes the same history.
type world struct {
	t        *testing.T
	seed     uint64
	rng      *rand.Rand
	now      time.Time
	location string
	org      store.OrgID

	kit       *sysdigkit.Server
	url       string
	transport http.RoundTripper
	faults    int                // of a hundred requests
	clusters  map[string][]item  // what runs
	asked     map[string][]place // of each cluster, whatever ran there once, to come back

	replicas     []*sqlstore.Store
	sweeps       []*sweep
	integrations []*integration
	images       []crowsnest.Image // what may run; the first of them are analysed
	analysed     int

	called map[crowsnest.Digest]string   // what the source calls what may run, by what is reported
	said   map[crowsnest.Digest][]string // each name it ever gave
	names  map[crowsnest.Digest]string   // what must be kept of that
	named  int                           // names that were kept

	wrong    string         // what went wrong
	history  []string       // for people
	applied  int            // sweeps that were complete
	days     map[string]int // for which profiles count, by environment
	shifting bool           // whether lists are as they are by then on each page
	missed   int            // containers that ran all through a sweep and were not told, as the list had shifted
}

// sweep is one on its way.
type sweep struct {
	w       *world
	n       int
	replica int
	of      *integration
	epoch   int
	ctx     context.Context
	cancel  context.CancelFunc
	seen    []item   // what ran when page one was asked for
	views   [][]item // what ran when each page was

	resume chan bool // false ends it there, as a process that is killed
	halted chan struct{}
	done   chan struct{}
}

var (
	clusterNames     = []string{"eu", "us", "asia"}
	environmentNames = []string{"production", "staging"}
	packageNames     = []string{"openssl", "zlib", "bash", "express", "requests"}
)

func newWorld(t *testing.T, seed uint64, location string, replicas int) *world {
	w := &world{
		t: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 0)), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), location: location,
		kit: sysdigkit.New(token), clusters: map[string][]item{}, asked: map[string][]place{}, replicas: make([]*sqlstore.Store, replicas),
		days: map[string]int{}, called: map[crowsnest.Digest]string{}, said: map[crowsnest.Digest][]string{}, names: map[crowsnest.Digest]string{},
	}
	server := httptest.NewServer(w.kit)
	t.Cleanup(server.Close)
	w.url = server.URL
	w.kit.SetAPITokens(token) // opens the names too
	var err error
	if w.transport, err = egress.NewTransport(egress.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}); err != nil {
		t.Fatal(err)
	}
	for i := range w.replicas {
		w.open(i)
	}
	t.Cleanup(func() {
		for _, s := range slices.Clone(w.sweeps) {
			w.kill(s)
		}
		for _, s := range w.replicas {
			s.Close()
		}
	})
	org, err := w.replicas[0].EnsureOrganisation(t.Context(), fmt.Sprint("seed ", seed))
	w.must(err)
	w.org = org.ID
	for i := range 6 {
		w.images = append(w.images, storetest.Image(fmt.Sprint("image ", i)))
	}
	for range 2 * len(w.images) {
		w.rename()
	}
	w.faults = []int{0, 5, 15, 40}[w.rng.IntN(4)]
	pageSizes := 6
	if w.shifting = w.rng.IntN(3) > 0; w.shifting {
		pageSizes = 2 // many pages, so that much happens between them
	}
	w.kit.SetShifting(w.shifting)
	w.kit.SetPageSize(1 + w.rng.IntN(pageSizes))
	if w.rng.IntN(3) == 0 {
		w.kit.SetMaxLimit(250) // less than what is asked for first
	}
	for _, c := range clusterNames {
		for range w.rng.IntN(12) {
			w.change(c)
		}
		w.publish(c)
	}
	for range 2 {
		w.connect()
	}
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("seed %d: %v\n%s", w.seed, err, w.tail())
	}
}

// tail is the end of the history.
func (w *world) tail() string { return strings.Join(w.history[max(0, len(w.history)-40):], "\n") }

func (w *world) note(format string, args ...any) {
	w.history = append(w.history, fmt.Sprintf("%s ", w.now.Format("15:04:05.000"))+fmt.Sprintf(format, args...))
}

// fail keeps the first thing that went wrong; sweeps are not the goroutine of the test.
func (w *world) fail(format string, args ...any) {
	if w.wrong == "" {
		w.wrong = fmt.Sprintf(format, args...)
	}
}

// open begins a process.
func (w *world) open(replica int) {
	s, err := sqlstore.Open(context.Background(), w.location, sqldb.Options{Clock: func() time.Time { return w.now }})
	w.must(err)
	s.SetEnqueuer(noQueue{})
	w.replicas[replica] = s
}

// change makes a cluster run something else than before.
func (w *world) change(cluster string) {
	items := w.clusters[cluster]
	pick := func() int { return w.rng.IntN(len(items)) }
	loaded := func() (out []string) {
		for _, p := range packageNames {
			if w.rng.IntN(3) == 0 {
				out = append(out, p)
			}
		}
		slices.Sort(out)
		return out
	}
	image := func() crowsnest.Digest {
		img := w.images[w.rng.IntN(len(w.images))]
		return []crowsnest.Digest{img.ImageID, img.ImageID, img.Digest, img.Index}[w.rng.IntN(4)]
	}
	switch n := w.rng.IntN(10); {
	case n < 4 || len(items) == 0: // something new, or back again
		it := item{loaded: loaded(), place: place{"shop", "deployment", fmt.Sprint("app", w.rng.IntN(8)), fmt.Sprint("c", w.rng.IntN(2)), image()}}
		if old := w.asked[cluster]; len(old) > 0 && w.rng.IntN(2) == 0 {
			it.place = old[w.rng.IntN(len(old))]
		}
		w.asked[cluster] = append(w.asked[cluster], it.place)
		items = slices.Insert(items, w.rng.IntN(len(items)+1), it)
	case n < 6: // gone
		i := pick()
		items = slices.Delete(items, i, i+1)
	case n == 6: // another image in the same place
		items[pick()].image = image()
	case n == 7: // another profile, or none this time
		items[pick()].loaded = loaded()
	case n == 8: // broken, or whole again
		i := pick()
		items[i].broken = !items[i].broken && w.rng.IntN(2) == 0
	case w.rng.IntN(4) == 0: // everything is gone
		items = nil
	}
	w.clusters[cluster] = items
}

// rename makes the source call something that may run otherwise, or not at all.
func (w *world) rename() {
	i := w.rng.IntN(len(w.images))
	img := w.images[i]
	digest := []crowsnest.Digest{img.ImageID, img.ImageID, img.Digest, img.Index}[w.rng.IntN(4)]
	if w.rng.IntN(5) == 0 {
		delete(w.called, digest)
	} else {
		w.called[digest] = fmt.Sprintf("registry.example.com/shop/app%d:%d", i, w.rng.IntN(100))
		w.said[digest] = append(w.said[digest], w.called[digest])
	}
	names := make(map[string]string)
	for d, name := range w.called {
		names[string(d)] = name
	}
	w.kit.SetNames(names)
}

// publish lets the server tell what runs.
func (w *world) publish(cluster string) {
	var wire []sysdigkit.Item
	for _, it := range w.clusters[cluster] {
		id := string(it.image)
		if it.broken {
			id = "sha256:unreadable"
		}
		var packages []sysdigkit.Package
		for _, p := range it.loaded {
			if kind := kindOf(p); kind != "deb" {
				packages = append(packages, sysdigkit.AppPackage(kind, p, "1"))
				continue
			}
			// Every other one is reported without its epoch, which must not make it another package.
			version := [...]string{"1:1", "1"}[(len(p)+len(cluster))%2]
			packages = append(packages, sysdigkit.OSPackage("debian", "12.5", p, version, p))
		}
		wire = append(wire, sysdigkit.Item{Namespace: it.namespace, WorkloadKind: it.kind, WorkloadName: it.name, Container: it.container, ImageID: id, Packages: packages})
	}
	w.kit.SetCluster(cluster, wire...)
}

// connect makes an integration of a name that is free.
func (w *world) connect() {
	name := ""
	for i := 0; name == "" || slices.ContainsFunc(w.live(), func(in *integration) bool { return in.name == name }); i++ {
		name = fmt.Sprint("in", i)
	}
	in := &integration{name: name, cluster: w.any(clusterNames), environment: w.any(environmentNames), open: map[place]run{}}
	made, err := w.any1().CreateIntegration(context.Background(), store.Integration{
		Org: w.org, Name: in.name, Kind: "sysdig", Region: "custom", URL: w.url, Cluster: in.cluster, Environment: in.environment, Secret: []byte(token), Interval: 5 * time.Minute,
	})
	w.must(err)
	in.id = made.ID
	w.integrations = append(w.integrations, in)
	w.note("connected %s: %s in %s", in.name, in.cluster, in.environment)
}

func (w *world) any(names []string) string { return names[w.rng.IntN(len(names))] }

// any1 is any replica.
func (w *world) any1() *sqlstore.Store { return w.replicas[w.rng.IntN(len(w.replicas))] }

// live are the integrations that are not deleted.
func (w *world) live() (out []*integration) {
	for _, in := range w.integrations {
		if !in.deleted {
			out = append(out, in)
		}
	}
	return out
}

// begin starts a sweep and lets it run to its first halt.
func (w *world) begin(of *integration, replica int) *sweep {
	s := &sweep{w: w, n: len(w.history), replica: replica, of: of, epoch: of.epoch, resume: make(chan bool), halted: make(chan struct{}), done: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	w.note("sweep %d of %s begins on replica %d", s.n, of.name, replica)
	w.sweeps = append(w.sweeps, s)
	sweeper := &environment.Sweeper{Store: watched{w.replicas[replica], s}, Connect: s.connect, Names: s.names, Log: slog.New(slog.DiscardHandler), Clock: func() time.Time { return w.now }}
	go func() {
		defer close(s.done)
		_, err := sweeper.Sweep(s.ctx, of.id)
		w.note("sweep %d ends: %v", s.n, err)
	}()
	s.wait()
	return s
}

// wait returns when the sweep halts or has ended.
func (s *sweep) wait() {
	select {
	case <-s.halted:
	case <-s.done:
		s.cancel()
		s.w.sweeps = slices.DeleteFunc(s.w.sweeps, func(o *sweep) bool { return o == s })
	}
}

// step lets a sweep run to its next halt.
func (w *world) step(s *sweep) {
	s.resume <- true
	s.wait()
}

// kill ends a sweep where it is, as when the process is killed: it writes nothing any more.
func (w *world) kill(s *sweep) {
	w.note("sweep %d is killed", s.n)
	s.resume <- false
	s.wait()
}

// halt is where a sweep waits to be let on.
func (s *sweep) halt() {
	s.halted <- struct{}{}
	if !<-s.resume {
		runtime.Goexit()
	}
}

func (s *sweep) client(in store.Integration) (*sysdig.Client, error) {
	return sysdig.New(sysdig.Config{Region: in.Region, URL: in.URL, Token: string(in.Secret)}, &http.Client{Transport: s},
		sysdig.WithClock(s), sysdig.WithMaxPages(40))
}

func (s *sweep) names(ctx context.Context, in store.Integration) (map[crowsnest.Digest]string, int, error) {
	client, err := s.client(in)
	if err != nil {
		return nil, 0, err
	}
	return client.Names(ctx, in.Cluster)
}

func (s *sweep) connect(_ context.Context, in store.Integration) (environment.Observer, error) {
	client, err := s.client(in)
	if err != nil {
		return nil, err
	}
	return app.Observe(client), nil
}

// Now implements sysdig.Clock.
func (s *sweep) Now() time.Time { return s.w.now }

// Sleep implements sysdig.Clock.
func (s *sweep) Sleep(ctx context.Context, _ time.Duration) error {
	s.halt()
	s.w.now = s.w.now.Add(time.Second)
	return ctx.Err()
}

// RoundTrip implements http.RoundTripper.
func (s *sweep) RoundTrip(req *http.Request) (*http.Response, error) {
	s.halt()
	if q := req.URL.Query(); q.Has("clusterName") {
		now := slices.Clone(s.w.clusters[q.Get("clusterName")])
		if q.Get("cursor") == "" {
			s.seen, s.views = now, nil
		}
		s.views = append(s.views, now)
	}
	defer s.w.fault()()
	// A connection that is used again makes the transport try again by itself.
	req = req.Clone(req.Context())
	req.Close = true
	return s.w.transport.RoundTrip(req)
}

// fault has the next request go wrong, by chance. The function it returns takes back what was not used.
func (w *world) fault() func() {
	if w.rng.IntN(100) >= w.faults {
		return func() {}
	}
	kinds := []sysdigkit.Fault{
		{Drop: true}, {CutAfter: 1 + w.rng.IntN(200)}, {HalfData: true}, {OmitData: true}, {NullData: true}, {OmitPage: true},
		{EmptyNext: true}, {RepeatCursor: true}, {EndlessNext: true}, sysdigkit.LoginPage(),
		sysdigkit.TooManyRequests("1", time.Time{}), sysdigkit.TooManyRequests("86400", time.Time{}),
		{Status: http.StatusUnauthorized}, {Status: http.StatusForbidden}, {Status: http.StatusBadRequest}, {Status: http.StatusInternalServerError}, {Status: http.StatusBadGateway},
		{Body: "{"}, {Body: "[]"}, {Body: `{"data":[]}`}, {Body: `{"page":{"returned":1,"next":""},"data":[`}, {Body: "\x00\x01\x02"}, {Body: `{"page":{"returned":"many"},"data":{}}`},
	}
	i := w.rng.IntN(len(kinds) + 2)
	if i >= len(kinds) {
		w.now = w.now.Add(time.Duration(w.rng.IntN(600)) * time.Second) // slow
		w.note("a slow answer")
		return func() {}
	}
	w.note("fault %+v", kinds[i])
	kinds[i].Request = w.kit.Count() + 1
	return w.kit.Inject(kinds[i])
}

// watched is the store of a sweep, which halts around what it writes and tells the model.
type watched struct {
	*sqlstore.Store
	s *sweep
}

// CompleteSweep implements store.Sweeps.
func (d watched) CompleteSweep(ctx context.Context, id string, snap store.Snapshot) (store.SweepResult, error) {
	d.s.halt()
	result, err := d.Store.CompleteSweep(ctx, id, snap)
	d.s.judge(snap, err)
	d.s.halt()
	return result, err
}

// FailSweep implements store.Sweeps.
func (d watched) FailSweep(ctx context.Context, id, reason string, requests int) error {
	d.s.halt()
	return d.Store.FailSweep(ctx, id, reason, requests)
}

// SaveReportedNames implements store.ReportedNames.
func (d watched) SaveReportedNames(ctx context.Context, id string, names map[crowsnest.Digest]string, requests int, refused string) error {
	d.s.halt()
	err := d.Store.SaveReportedNames(ctx, id, names, requests, refused)
	d.s.judgeNames(names, err)
	d.s.halt()
	return err
}

// judgeNames wants names to be the source's own for what they name, and those of what ever ran or was analysed to be kept.
func (s *sweep) judgeNames(names map[crowsnest.Digest]string, err error) {
	w := s.w
	for digest, name := range names {
		if !slices.Contains(w.said[digest], name) {
			w.fail("sweep %d calls %s %s, as the source never did", s.n, digest.Short(), name)
		}
	}
	switch kind := crowsnest.KindOf(err); {
	case err == nil && s.of.deleted:
		w.fail("names of sweep %d were kept although %s is deleted", s.n, s.of.name)
	case err == nil:
		for digest, name := range names {
			if w.met(digest) {
				w.names[digest] = name
				w.named++
			}
		}
		w.note("sweep %d gives %d names", s.n, len(names))
	case kind == crowsnest.NotFound && s.of.deleted, kind == crowsnest.Canceled && s.ctx.Err() != nil:
		w.note("names of sweep %d are refused: %v", s.n, err)
	default:
		w.fail("the names of sweep %d are lost: %v", s.n, err)
	}
}

// met reports whether something of a digest ever ran or was analysed: of nothing else names are kept.
func (w *world) met(digest crowsnest.Digest) bool {
	for _, in := range w.integrations {
		for p := range in.open {
			if p.image == digest {
				return true
			}
		}
		for _, i := range in.past {
			if i.place.image == digest {
				return true
			}
		}
	}
	return slices.ContainsFunc(w.images[:w.analysed], func(img crowsnest.Image) bool {
		return digest == img.Digest || digest == img.ImageID || digest == img.Index
	})
}

// judge compares a snapshot with what the cluster ran, and what became of it with what had to.
func (s *sweep) judge(snap store.Snapshot, err error) {
	w, in := s.w, s.of
	if s.w.shifted(s) {
		s.judgeShifted(snap)
	}
	want, broken := usable(s.seen)
	if diff := cmp.Diff(want, told(snap)); diff != "" || broken != (snap.Remark != "") || snap.Partial != "" {
		w.fail("sweep %d is taken for read to the end, with %q left out, but (-ran +told):\n%s", s.n, snap.Remark+snap.Partial, diff)
	}
	stale := snap.Started.Before(in.applied) || s.epoch != in.epoch
	switch kind := crowsnest.KindOf(err); {
	case err == nil && (stale || in.deleted):
		w.fail("sweep %d was applied although it is of another cluster or older than what is known", s.n)
	case err == nil:
		believed := in.see(w.now, s.seen)
		if believed && !broken {
			w.applied++
		}
		w.note("sweep %d is applied, whole: %t, believed: %t", s.n, !broken, believed)
	case kind == crowsnest.Conflict && stale, kind == crowsnest.NotFound && in.deleted, kind == crowsnest.Canceled && s.ctx.Err() != nil:
		w.note("sweep %d is refused: %v", s.n, err)
	default:
		w.fail("what sweep %d saw is lost: %v", s.n, err)
	}
}

// shifted reports whether what runs changed between pages of a list that is not kept for who reads it.
func (w *world) shifted(s *sweep) bool {
	return w.shifting && slices.ContainsFunc(s.views, func(v []item) bool {
		return !slices.EqualFunc(v, s.seen, func(a, b item) bool {
			return a.broken == b.broken && line(a.place, a.loaded) == line(b.place, b.loaded)
		})
	})
}

// judgeShifted wants what was told to have run at some time of the sweep, and takes it for what was seen: what the list left out is back with the
// next sweep, which the model does not forget to ask for.
func (s *sweep) judgeShifted(snap store.Snapshot) {
	ran, always := map[string]bool{}, map[place]int{}
	for _, view := range s.views {
		here := map[place]bool{}
		for _, it := range view {
			ran[line(it.place, it.loaded)] = true
			here[it.place] = true
		}
		for p := range here {
			always[p]++
		}
	}
	s.seen = toldItems(snap)
	spared, seen := map[place]bool{}, map[place]bool{}
	for _, it := range s.seen {
		if it.broken {
			spared[it.place] = true
			continue
		}
		seen[it.place] = true
		if !ran[line(it.place, it.loaded)] {
			s.w.fail("sweep %d was told of %s, which never ran meanwhile", s.n, line(it.place, it.loaded))
		}
	}
	for p, n := range always {
		if n == len(s.views) && !seen[p] && !spared[p.without()] {
			s.w.missed++
		}
	}
}

// age lets days pass, or changes for how many days profiles count in an environment.
func (w *world) age() {
	if w.rng.IntN(2) == 0 {
		w.now = w.now.Add(time.Duration(1+w.rng.IntN(72)) * time.Hour)
		w.note("time passes")
		return
	}
	environment, days := w.any(environmentNames), []int{0, 1, 7}[w.rng.IntN(3)]
	err := w.any1().ChangeEnvironment(context.Background(), w.org, environment, store.EnvironmentChange{ProfileDays: &days})
	if crowsnest.KindOf(err) == crowsnest.NotFound {
		return // nothing was connected to it yet
	}
	w.must(err)
	w.days[environment] = days
	w.note("profiles count for %d days in %s", days, environment)
}

// check compares the store with the model.
func (w *world) check() {
	db, _ := w.replicas[0].DB()
	var want []string
	for _, in := range w.integrations {
		want = append(want, in.rows()...)
	}
	slices.Sort(want)
	got := w.read(db, `select g.name || ' ' || e.name || ' ' || o.cluster || ' ' || o.namespace || '/' || o.kind || '/' || o.name || '/' || o.container || '/' || d.digest
			|| ' ' || cast(o.opened_at as text) || ' ' || coalesce(cast(o.closed_at as text), 'open')
		from occurrence as o join integration as g on g.number = o.integration_number join environment as e on e.id = o.environment_id join digest as d on d.id = o.digest_id
		where o.organisation_id = $1`)
	if diff := cmp.Diff(want, got); diff != "" {
		w.fail("occurrences (-model +store):\n%s", diff)
	}
	var called []string
	for digest, name := range w.names {
		called = append(called, string(digest)+" "+name)
	}
	slices.Sort(called)
	if diff := cmp.Diff(called, w.read(db, `select d.digest || ' ' || n.name from reported_name as n join digest as d on d.id = n.digest_id where d.organisation_id = $1`)); diff != "" {
		w.fail("names (-model +store):\n%s", diff)
	}
	overlaps := w.read(db, `select g.name || ' ' || a.namespace || '/' || a.kind || '/' || a.name || '/' || a.container
		from occurrence as a join integration as g on g.number = a.integration_number
		join occurrence as b on b.integration_number = a.integration_number and b.cluster = a.cluster and b.namespace = a.namespace and b.kind = a.kind and b.name = a.name
			and b.container = a.container and b.digest_id = a.digest_id and b.id <> a.id
		where a.organisation_id = $1 and a.opened_at <= b.opened_at and (a.closed_at is null or a.closed_at > b.opened_at or a.closed_at < a.opened_at)`)
	if len(overlaps) > 0 {
		w.fail("intervals of one occurrence overlap: %q", overlaps)
	}
	kept := w.read(db, `select cast(r.integration_number as text) || ' ' || cast(r.environment_id as text) || ' ' || cast(r.digest_id as text) || ' ' || cast(r.occurrences as text)
		from running as r join integration as g on g.number = r.integration_number where g.organisation_id = $1`)
	fresh := w.read(db, `select cast(integration_number as text) || ' ' || cast(environment_id as text) || ' ' || cast(digest_id as text) || ' ' || cast(count(*) as text)
		from occurrence where organisation_id = $1 and closed_at is null group by integration_number, environment_id, digest_id`)
	if diff := cmp.Diff(fresh, kept); diff != "" {
		w.fail("the kept table running (-occurrences +kept):\n%s", diff)
	}
}

func (w *world) read(db *sql.DB, stmt string) (out []string) {
	rows, err := db.QueryContext(context.Background(), stmt, w.org)
	w.must(err)
	defer rows.Close()
	for rows.Next() {
		var text string
		w.must(rows.Scan(&text))
		out = append(out, text)
	}
	w.must(rows.Err())
	slices.Sort(out)
	return out
}

// checkInUse compares what is said of the packages of an analysed image.
func (w *world) checkInUse(img crowsnest.Image, environment string) {
	watch, err := w.any1().Watch(context.Background(), w.org, img.Digest, environment)
	if crowsnest.KindOf(err) == crowsnest.NotFound {
		return // an environment that nothing was connected to yet
	}
	w.must(err)
	digests := []crowsnest.Digest{img.Digest, img.ImageID, img.Index}
	for _, p := range packages() {
		if got, want := watch.InUse(p.PackageVersion), inUse(w.integrations, environment, w.now, w.days, digests, p.PackageVersion); got != want {
			w.fail("%s of %s in %q is %s, want %s", p.Name, img.Name, environment, got, want)
		}
	}
}

// kindOf is the type of a package: most are of the distribution, and some of languages.
func kindOf(name string) string {
	switch name {
	case "express":
		return "npm"
	case "requests":
		return "pypi"
	}
	return "deb"
}

// packages are those of every image; nothing watches the last one's kind.
func packages() (out []crowsnest.Package) {
	for _, name := range append(slices.Clone(packageNames), "unseen") {
		p := storetest.Package(name, "1:1", name)
		if kind := kindOf(name); kind != "deb" {
			p.PackageVersion = crowsnest.PackageVersion{PURL: "pkg:" + kind + "/" + name + "@1", Type: kind, Name: name, Version: "1", Ecosystem: map[string]string{"npm": "npm", "pypi": "PyPI"}[kind]}
		}
		out = append(out, p)
	}
	generic := storetest.Package("openssl", "1", "openssl")
	generic.Type, generic.PURL = "generic", "pkg:generic/openssl@1"
	return append(out, generic)
}

// analyse makes one more image known.
func (w *world) analyse() {
	if w.analysed == len(w.images) {
		return
	}
	img := w.images[w.analysed]
	w.analysed++
	s := w.any1()
	_, err := s.RecordImage(context.Background(), w.org, img, nil, storetest.Analyser)
	w.must(err)
	w.must(s.SaveAnalysis(context.Background(), w.org, crowsnest.Analysis{Image: img, Packages: packages()}, storetest.Analyser))
	w.note("analysed %s", img.Name)
}
