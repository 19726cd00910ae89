package advisory

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/litekit"
)

// publisher is a server with OSV's bucket, CISA's catalogue and FIRST's scores, which has faults when asked to.
type publisher struct {
	*httptest.Server
	mu      sync.Mutex
	files   map[string][]byte
	asked   []string                    // "GET /path 200", in order
	answers map[string]http.HandlerFunc // instead of the file
}

func publish(t *testing.T) *publisher {
	t.Helper()
	p := &publisher{files: map[string][]byte{}, answers: map[string]http.HandlerFunc{}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		recorder := &status{w, http.StatusOK}
		defer func() { p.asked = append(p.asked, fmt.Sprintf("%s %s %d", r.Method, r.URL.Path, recorder.code)) }()
		if answer := p.answers[r.URL.Path]; answer != nil {
			answer(recorder, r)
			return
		}
		body, ok := p.files[r.URL.Path]
		if !ok {
			recorder.WriteHeader(http.StatusNotFound)
			return
		}
		recorder.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(body)))
		http.ServeContent(recorder, r, "", time.Time{}, bytes.NewReader(body))
	}))
	t.Cleanup(p.Close)
	return p
}

type status struct {
	http.ResponseWriter
	code int
}

func (s *status) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// put publishes the records of an ecosystem, newest first in the listing, as OSV's bucket has them.
func (p *publisher) put(t *testing.T, ecosystem string, records ...record) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	var zipped bytes.Buffer
	w := zip.NewWriter(&zipped)
	for _, r := range records {
		f, err := w.Create(r.ID + ".json")
		if err == nil {
			_, err = f.Write(r.json())
		}
		if err != nil {
			t.Fatal(err)
		}
		p.files["/osv/"+ecosystem+"/"+r.ID+".json"] = r.json()
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var listing strings.Builder
	slices.SortStableFunc(records, func(a, b record) int { return b.Revision - a.Revision })
	for _, r := range records {
		fmt.Fprintf(&listing, "%s,%s\n", epoch.Add(time.Duration(r.Revision)*time.Hour).Format(time.RFC3339), r.ID)
	}
	p.files["/osv/"+ecosystem+"/all.zip"], p.files["/osv/"+ecosystem+"/modified_id.csv"] = zipped.Bytes(), []byte(listing.String())
}

func (p *publisher) set(path string, body string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.files[path] = []byte(body)
}

func (p *publisher) answer(path string, h http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[path] = h
}

// requests returns what was asked for since it was asked last.
func (p *publisher) requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked := p.asked
	p.asked = nil
	return asked
}

func (in *installation) updater(p *publisher) Updater {
	return Updater{
		Store: in.store, HTTP: p.Client(), OSV: p.URL + "/osv", KEV: p.URL + "/kev.json", EPSS: p.URL + "/epss.csv.gz", Interval: time.Hour,
		Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

func (in *installation) feed(name string) store.Feed {
	in.t.Helper()
	feeds, err := in.store.Feeds(context.Background())
	if err != nil {
		in.t.Fatal(err)
	}
	i := slices.IndexFunc(feeds, func(f store.Feed) bool { return f.Name == name })
	if i < 0 {
		in.t.Fatalf("no feed %s among %v", name, feeds)
	}
	return feeds[i]
}

func (in *installation) update(u Updater, name string) {
	in.t.Helper()
	if err := u.Update(context.Background(), name); err != nil {
		in.t.Fatal(err)
	}
}

func wantRequests(t *testing.T, when string, p *publisher, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, p.requests()); diff != "" {
		t.Errorf("requests %s (-want +got):\n%s", when, diff)
	}
}

const debian = "osv/Debian"

func TestUpdateTakesTheSetAndThenWhatChanged(t *testing.T) {
	in, p := testInstallation(t), publish(t)
	u := in.updater(p)
	p.put(t, "Debian", glibc, none)
	in.update(u, debian)
	in.want("after the first update", "libc6 2.36-9 DEBIAN-CVE-2099-1 high <2.36-10")
	wantRequests(t, "of the first update", p, "GET /osv/Debian/modified_id.csv 200", "HEAD /osv/Debian/all.zip 200", "GET /osv/Debian/all.zip 200")

	in.update(u, debian)
	wantRequests(t, "when nothing changed", p, "GET /osv/Debian/modified_id.csv 304")
	if s := in.statuses()["Debian"]; s.Records != 2 || !s.Checked.After(s.Imported) {
		t.Errorf("status %+v", s)
	}

	worse, more := glibc, bash
	worse.Word, worse.Revision, more.Revision = "critical", 5, 4
	p.put(t, "Debian", worse, more, none)
	in.update(u, debian)
	in.want("after two changed", "bash 5.2-1 DEBIAN-CVE-2099-2 low <5.2-2", "libc6 2.36-9 DEBIAN-CVE-2099-1 critical <2.36-10")
	got := p.requests()
	slices.Sort(got)
	// That of the cursor's time is read again: another may have had the same time.
	if diff := cmp.Diff([]string{"GET /osv/Debian/DEBIAN-CVE-2099-1.json 200", "GET /osv/Debian/DEBIAN-CVE-2099-2.json 200", "GET /osv/Debian/DEBIAN-CVE-2099-3.json 200", "GET /osv/Debian/modified_id.csv 200"}, got); diff != "" {
		t.Errorf("requests of what changed (-want +got):\n%s", diff)
	}
	if s := in.statuses()["Debian"]; s.Records != 3 || !s.Newest.Equal(epoch.Add(5*time.Hour)) {
		t.Errorf("status %+v", s)
	}

	gone := worse
	gone.Withdrawn, gone.Revision = true, 9
	p.put(t, "Debian", gone, more, none)
	in.update(u, debian)
	in.want("after one was withdrawn", "bash 5.2-1 DEBIAN-CVE-2099-2 low <5.2-2")

	list, err := in.store.AdvisoryUpdates(t.Context(), store.UpdateFilter{Feed: debian}, store.Page{})
	if err != nil {
		t.Fatal(err)
	}
	var changes []store.Changes
	for _, x := range list.Items {
		changes = append(changes, x.Changes)
	}
	if diff := cmp.Diff([]store.Changes{
		{Withdrawn: 1, WithdrawnIDs: []string{glibc.ID}}, {Added: 1, AddedIDs: []string{bash.ID}, Changed: 1, ChangedIDs: []string{glibc.ID}}, {Added: 2, AddedIDs: []string{glibc.ID, none.ID}},
	}, changes); diff != "" {
		t.Errorf("what updates changed (-want +got):\n%s", diff)
	}
}

// many are records enough that losing some is noticed, all of one time but the first.
func many(n int) []record {
	list := []record{glibc}
	for i := range n - 1 {
		list = append(list, record{ID: fmt.Sprintf("DEBIAN-CVE-2098-%d", i), Ecosystem: "Debian:12", Name: fmt.Sprint("nothing", i), Fixed: "1"})
	}
	return list
}

func TestUpdateOfManyChangesTakesTheSet(t *testing.T) {
	in, p := testInstallation(t), publish(t)
	u := in.updater(p)
	p.put(t, "Debian", many(30)...)
	in.update(u, debian)
	p.requests()
	changed := many(maxSingle + 40)
	for i := range changed {
		changed[i].Revision = 1 + i
	}
	p.put(t, "Debian", changed...)
	in.update(u, debian)
	wantRequests(t, "of many changes", p, "GET /osv/Debian/modified_id.csv 200", "HEAD /osv/Debian/all.zip 200", "GET /osv/Debian/all.zip 200")
	if s := in.statuses()["Debian"]; s.Records != maxSingle+40 {
		t.Errorf("status %+v", s)
	}
}

func TestUpdateFromAPlaceWithoutListing(t *testing.T) {
	in, p := testInstallation(t), publish(t)
	u := in.updater(p)
	p.put(t, "Debian", glibc)
	delete(p.files, "/osv/Debian/modified_id.csv")
	in.update(u, debian)
	in.want("after the update", "libc6 2.36-9 DEBIAN-CVE-2099-1 high <2.36-10")
	p.requests()
	in.update(u, debian)
	wantRequests(t, "when nothing changed", p, "GET /osv/Debian/modified_id.csv 404", "HEAD /osv/Debian/all.zip 200")
}

// Whatever goes wrong, what was held stands, the reason is kept, and the next good update makes it good.
func TestFailedUpdateLeavesWhatIsHeld(t *testing.T) {
	worse := many(30)
	worse[0].Word, worse[0].Revision = "critical", 3
	code := func(n int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(n) }
	}
	page := func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>sign in</html>") }
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, "2026-01-01T03:00:00Z,DEBIAN-CVE-2099-1\n")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	const listing, single = "/osv/Debian/modified_id.csv", "/osv/Debian/DEBIAN-CVE-2099-1.json"
	for _, c := range []struct {
		name   string
		fault  func(p *publisher)
		reason string
	}{
		{"the listing is refused", func(p *publisher) { p.answer(listing, code(500)) }, "500"},
		{"the listing breaks off", func(p *publisher) { p.answer(listing, cut) }, "ended before the end"},
		{"the listing is a page", func(p *publisher) { p.answer(listing, page) }, "line 1 is not"},
		{"the listing is empty", func(p *publisher) { p.set(listing, "") }, "names no record"},
		{"the listing shrank", func(p *publisher) { p.set(listing, "2026-01-01T03:00:00Z,DEBIAN-CVE-2099-1\n") }, "it has 1 records, and what is held has 30"},
		{"the listing leads elsewhere", func(p *publisher) { p.set(listing, "2026-01-01T03:00:00Z,../../kev\n") }, "line 1 is not"},
		{"a record is missing", func(p *publisher) { p.answer(single, code(404)) }, "404"},
		{"a record is refused", func(p *publisher) { p.answer(single, code(503)) }, "503"},
		{"nobody is there", func(p *publisher) { p.CloseClientConnections(); p.Close() }, "connection"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in, p := testInstallation(t), publish(t)
			u := in.updater(p)
			p.put(t, "Debian", many(30)...)
			in.update(u, debian)
			held, before := in.statuses()["Debian"], in.feed(debian)
			p.put(t, "Debian", worse...)
			c.fault(p)
			if err := u.Update(t.Context(), debian); err == nil {
				t.Error("the update is said to have worked")
			}
			in.want("after the update", "libc6 2.36-9 DEBIAN-CVE-2099-1 high <2.36-10")
			if diff := cmp.Diff(held, in.statuses()["Debian"]); diff != "" {
				t.Errorf("status (-before +after):\n%s", diff)
			}
			after := in.feed(debian)
			if !strings.Contains(after.Reason, c.reason) || after.Failures != 1 || after.FailingSince.IsZero() {
				t.Errorf("feed %+v does not say %q", after, c.reason)
			}
			if after.Validator != before.Validator || !after.Cursor.Equal(before.Cursor) || !after.Checked.Equal(before.Checked) {
				t.Errorf("feed %+v was %+v", after, before)
			}
			well := publish(t)
			well.put(t, "Debian", worse...)
			in.update(in.updater(well), debian)
			in.want("after a good one", "libc6 2.36-9 DEBIAN-CVE-2099-1 critical <2.36-10")
			if f := in.feed(debian); f.Reason != "" || f.Failures != 0 || !f.FailingSince.IsZero() {
				t.Errorf("feed %+v", f)
			}
		})
	}
}

func TestFailedFirstUpdateHoldsNothing(t *testing.T) {
	whole := func(p *publisher) []byte { return p.files["/osv/Debian/all.zip"] }
	for name, fault := range map[string]func(t *testing.T, p *publisher){
		"truncated": func(_ *testing.T, p *publisher) { p.set("/osv/Debian/all.zip", string(whole(p)[:len(whole(p))/2])) },
		"damaged": func(_ *testing.T, p *publisher) {
			b := bytes.Clone(whole(p))
			b[60] ^= 0xff
			p.set("/osv/Debian/all.zip", string(b))
		},
		"a bomb": func(t *testing.T, p *publisher) {
			var b bytes.Buffer
			w := zip.NewWriter(&b)
			f, err := w.Create("X-1.json")
			if err == nil {
				_, err = f.Write(make([]byte, 64<<20))
			}
			if err = errors.Join(err, w.Close()); err != nil {
				t.Fatal(err)
			}
			p.set("/osv/Debian/all.zip", b.String())
		},
		"absent": func(_ *testing.T, p *publisher) {
			p.set("/osv/Debian/all.zip", "")
			p.answer("/osv/Debian/all.zip", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) })
		},
		"mostly unreadable": func(t *testing.T, p *publisher) {
			var b bytes.Buffer
			w := zip.NewWriter(&b)
			for i := range 10 {
				f, err := w.Create(fmt.Sprintf("X-%d.json", i))
				if err == nil {
					_, err = io.WriteString(f, "{}")
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			f, err := w.Create("X.json")
			if err == nil {
				_, err = f.Write(none.json())
			}
			if err = errors.Join(err, w.Close()); err != nil {
				t.Fatal(err)
			}
			p.set("/osv/Debian/all.zip", b.String())
		},
	} {
		t.Run(name, func(t *testing.T) {
			in, p := testInstallation(t), publish(t)
			p.put(t, "Debian", many(30)...)
			fault(t, p)
			err := in.updater(p).Update(t.Context(), debian)
			if err == nil {
				t.Error("the update is said to have worked")
			}
			in.want("after the update")
			if _, ok := in.statuses()["Debian"]; ok {
				t.Error("the ecosystem is said to be held")
			}
			if f := in.feed(debian); f.Reason == "" || !f.Cursor.IsZero() || !f.Imported.IsZero() {
				t.Errorf("feed %+v", f)
			}
			// Twice in a row must not make it good.
			if err := in.updater(p).Update(t.Context(), debian); err == nil {
				t.Error("the second update is said to have worked")
			}
		})
	}
}

func TestUpdatesAreDueLaterTheMoreTheyFail(t *testing.T) {
	in, p := testInstallation(t), publish(t)
	u := in.updater(p)
	if _, err := in.store.EnqueueDueFeeds(t.Context(), nil, time.Hour); err != nil {
		t.Fatal(err)
	}
	in.store.SetEnqueuer(nowhere{})
	if _, err := in.store.EnqueueDueFeeds(t.Context(), []string{debian, "kev"}, time.Hour); err != nil {
		t.Fatal(err)
	}
	until := func(name string) time.Duration {
		f := in.feed(name)
		return f.Next.Sub(f.Attempted).Round(time.Second)
	}
	within := func(what string, got, want time.Duration) {
		t.Helper()
		if got < want*9/10-time.Second || got > want*11/10+10*time.Second {
			t.Errorf("%s: due after %v, want about %v", what, got, want)
		}
	}
	p.answer("/kev.json", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	for _, want := range []time.Duration{firstRetry, 2 * firstRetry, 4 * firstRetry, 8 * firstRetry, time.Hour, time.Hour} {
		if err := u.Update(t.Context(), "kev"); err == nil {
			t.Error("the update is said to have worked")
		}
		within("after failures", until("kev"), want)
	}
	if err := u.Update(t.Context(), debian); crowsnest.KindOf(err) != crowsnest.NotFound || err == nil {
		t.Errorf("an ecosystem that is not there: %v", err)
	}
	within("an ecosystem that is not there", until(debian), absentRetry)
	p.put(t, "Debian", glibc)
	in.update(u, debian)
	within("after a good one", until(debian), time.Hour)
}

type nowhere struct{}

func (nowhere) Enqueue(context.Context, *sql.Tx, store.Work) error { return nil }

// An update that is cut off by the end of the server is no failure.
func TestCutOffUpdateIsNoFailure(t *testing.T) {
	in, p := testInstallation(t), publish(t)
	ctx, stop := context.WithCancel(t.Context())
	p.answer("/osv/Debian/modified_id.csv", func(http.ResponseWriter, *http.Request) { stop() })
	if err := in.updater(p).Update(ctx, debian); err == nil {
		t.Error("it is said to have worked")
	}
	if f := in.feed(debian); f.Reason != "" || f.Failures != 0 {
		t.Errorf("feed %+v", f)
	}
}

const catalogue = `{"dateReleased": "2026-03-0%dT17:04:19Z", "count": 1, "vulnerabilities": [{"cveID": "%s", "dateAdded": "2026-03-01", "dueDate": "2026-03-22", "knownRansomwareCampaignUse": "Unknown"}]}`

func TestUpdateOfThreats(t *testing.T) {
	in, p := testInstallation(t), publish(t)
	u := in.updater(p)
	p.set("/kev.json", fmt.Sprintf(catalogue, 4, "CVE-2099-1"))
	p.set("/epss.csv.gz", "#model_version:v1,score_date:2026-03-04T00:00:00+0000\ncve,epss,percentile\nCVE-2099-1,0.5,0.9\n")
	for range 2 {
		in.update(u, "kev")
		in.update(u, "epss")
	}
	wantRequests(t, "of two updates each", p, "GET /kev.json 200", "GET /epss.csv.gz 200", "GET /kev.json 304", "GET /epss.csv.gz 304")
	held := func(when string, exploited, score bool) {
		t.Helper()
		got, err := in.store.Threats(t.Context(), []string{"CVE-2099-1"})
		if err != nil {
			t.Fatal(err)
		}
		if threat := got["CVE-2099-1"]; (threat.Exploited != nil) != exploited || (threat.EPSS != nil) != score {
			t.Errorf("%s: %+v", when, threat)
		}
	}
	held("after the updates", true, true)
	if f := in.feed("kev"); f.Records != 1 || !f.AsOf.Equal(time.Date(2026, 3, 4, 17, 4, 19, 0, time.UTC)) {
		t.Errorf("feed %+v", f)
	}
	p.set("/kev.json", fmt.Sprintf(catalogue, 3, "CVE-2099-7"))
	in.update(u, "kev")
	held("after an older catalogue", true, true)
	for _, body := range []string{"", `{"title"`, `{"dateReleased": "2026-03-05T00:00:00Z", "count": 0, "vulnerabilities": []}`} {
		p.set("/kev.json", body)
		if err := u.Update(t.Context(), "kev"); err == nil {
			t.Errorf("%q is said to have worked", body)
		}
		held("after a catalogue that is none", true, true)
	}
	p.set("/kev.json", fmt.Sprintf(catalogue, 5, "CVE-2099-7"))
	in.update(u, "kev")
	held("after a newer catalogue", false, true)
	p.set("/epss.csv.gz", "#model_version:v1,score_date:2026-03-05T00:00:00+0000\ncve,epss,percentile\nCVE-2099-1,0.5")
	if err := u.Update(t.Context(), "epss"); err == nil {
		t.Error("half a file is said to have worked")
	}
	held("after half a file", false, true)
}

func TestScoresMayNotShrink(t *testing.T) {
	in, p := testInstallation(t), publish(t)
	u := in.updater(p)
	file := func(day, n int) string {
		out := fmt.Sprintf("#model_version:v1,score_date:2026-03-0%dT00:00:00+0000\ncve,epss,percentile\n", day)
		for i := range n {
			out += fmt.Sprintf("CVE-2099-%d,0.1,0.2\n", i)
		}
		return out
	}
	p.set("/epss.csv.gz", file(1, 100))
	in.update(u, "epss")
	p.set("/epss.csv.gz", file(2, 80))
	if err := u.Update(t.Context(), "epss"); err == nil || !strings.Contains(in.feed("epss").Reason, "it has 80 records, and what is held has 100") {
		t.Errorf("%v: %+v", err, in.feed("epss"))
	}
	p.set("/epss.csv.gz", file(3, 95))
	in.update(u, "epss")
}

func TestNamesOfFeeds(t *testing.T) {
	u := Updater{OSV: "x", KEV: "x"}
	if diff := cmp.Diff([]string{"osv/Debian", "osv/npm", "kev"}, u.Names([]string{"Debian", "npm"})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestImportOfThreatsFromAFile(t *testing.T) {
	in := install(t, litekit.Database(t), storetest.Package("bash", "5", ""))
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	from := func(path string) Result {
		t.Helper()
		results, err := Importer{Store: in.store}.From(t.Context(), Place{Location: path}, nil)
		if err != nil || len(results) != 1 {
			t.Fatalf("%v, %v", results, err)
		}
		return results[0]
	}
	newer, older := write("kev.json", fmt.Sprintf(catalogue, 4, "CVE-2099-1")), write("old.json", fmt.Sprintf(catalogue, 3, "CVE-2099-2"))
	if diff := cmp.Diff(Result{Feed: "kev", Records: 1, Changed: 1}, from(newer)); diff != "" {
		t.Errorf("catalogue (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Result{Feed: "kev", Records: 1, Unchanged: true}, from(newer)); diff != "" {
		t.Errorf("the same (-want +got):\n%s", diff)
	}
	if got := from(older); !got.Unchanged || len(got.Problems) != 1 {
		t.Errorf("an older one: %+v", got)
	}
	scores := write("scores", "#model_version:v1,score_date:2026-03-04T00:00:00+0000\ncve,epss,percentile\nCVE-2099-1,0.5,0.9\n")
	if diff := cmp.Diff(Result{Feed: "epss", Records: 1, Changed: 1}, from(scores)); diff != "" {
		t.Errorf("scores (-want +got):\n%s", diff)
	}
	if _, err := (Importer{Store: in.store}).From(t.Context(), Place{Location: filepath.Join(dir, "nothing.json")}, nil); crowsnest.KindOf(err) != crowsnest.NotFound || err == nil {
		t.Errorf("a file that is not there: %v", err)
	}
}
