package advisory

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/osv"
	"github.com/crowsnest-sec/crowsnest/internal/match"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/litekit"
)

// record is an advisory in the making.
type record struct {
	ID        string
	Ecosystem string
	Name      string
	Fixed     string
	Word      string
	Revision  int  // orders the states of a record
	Withdrawn bool // since that revision
}

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func (r record) json() []byte {
	modified := epoch.Add(time.Duration(r.Revision) * time.Hour).Format(time.RFC3339)
	doc := map[string]any{
		"id": r.ID, "modified": modified, "summary": "a flaw in " + r.Name, "database_specific": map[string]any{"severity": r.Word},
		"affected": []any{map[string]any{
			"package": map[string]any{"ecosystem": r.Ecosystem, "name": r.Name},
			"ranges":  []any{map[string]any{"type": "ECOSYSTEM", "events": []any{map[string]any{"introduced": "0"}, map[string]any{"fixed": r.Fixed}}}},
		}},
	}
	if r.Withdrawn {
		doc["withdrawn"] = modified
	}
	b, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	return b
}

// source writes ECOSYSTEM/all.zip for each set and opens the folder.
func source(t *testing.T, sets map[string][]record) (dir string, src *osv.Source) {
	t.Helper()
	dir = t.TempDir()
	for ecosystem, records := range sets {
		writeZip(t, dir, ecosystem, records)
	}
	return dir, open(t, dir)
}

func writeZip(t *testing.T, dir, ecosystem string, records []record) {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, r := range records {
		f, err := w.Create(r.ID + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(r.json()); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, ecosystem), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ecosystem, "all.zip"), b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, dir string) *osv.Source {
	t.Helper()
	src, err := osv.Open(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// installation is a store with an image in it.
type installation struct {
	t     *testing.T
	store *sqlstore.Store
	org   store.OrgID
	image crowsnest.Image
}

func openStore(t *testing.T, path string) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), path, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// install makes a store that holds an image with these packages, each matched once.
func install(t *testing.T, path string, packages ...crowsnest.Package) *installation {
	t.Helper()
	in := &installation{t: t, store: openStore(t, path)}
	fixture := storetest.Fixture{Store: in.store}
	in.org = fixture.Organisation(t, "org")
	in.image = fixture.Analysed(t, in.org, "web", packages...)
	if _, err := (Matcher{in.store}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return in
}

func npm(name, version string) crowsnest.Package {
	return crowsnest.Package{PackageVersion: crowsnest.PackageVersion{PURL: "pkg:npm/" + name + "@" + version, Type: "npm", Name: name, Version: version, Ecosystem: "npm"}}
}

func (in *installation) importAll(src *osv.Source, only ...string) ([]Result, error) {
	return Importer{Store: in.store}.Import(in.t.Context(), src, only, nil)
}

// findings lists what is found in the image, "package version advisory severity <fix".
func (in *installation) findings() []string {
	in.t.Helper()
	rows, err := in.store.ImageFindings(context.Background(), in.org, in.image.Digest, "")
	if err != nil {
		in.t.Fatal(err)
	}
	out := []string{}
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%s %s %s %s <%s", r.Package.Name, r.Package.Version, r.Advisory, r.Severity, r.FixedVersion))
	}
	slices.Sort(out)
	return out
}

func (in *installation) want(when string, want ...string) {
	in.t.Helper()
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(want, in.findings()); diff != "" {
		in.t.Errorf("findings %s (-want +got):\n%s", when, diff)
	}
}

func (in *installation) statuses() map[string]store.AdvisoryStatus {
	in.t.Helper()
	list, err := in.store.AdvisoryStatuses(context.Background())
	if err != nil {
		in.t.Fatal(err)
	}
	out := map[string]store.AdvisoryStatus{}
	for _, s := range list {
		out[s.Ecosystem] = s
	}
	return out
}

func testInstallation(t *testing.T) *installation {
	t.Helper()
	return install(t, litekit.Database(t), storetest.Package("libc6", "2.36-9", "glibc"), storetest.Package("bash", "5.2-1", ""), npm("left-pad", "1.0.0"))
}

var (
	glibc = record{ID: "DEBIAN-CVE-2099-1", Ecosystem: "Debian:12", Name: "glibc", Fixed: "2.36-10", Word: "high"}
	bash  = record{ID: "DEBIAN-CVE-2099-2", Ecosystem: "Debian:12", Name: "bash", Fixed: "5.2-2", Word: "low"}
	pad   = record{ID: "GHSA-2222-2222-2222", Ecosystem: "npm", Name: "left-pad", Fixed: "1.0.1", Word: "moderate"}
	none  = record{ID: "DEBIAN-CVE-2099-3", Ecosystem: "Debian:12", Name: "zsh", Fixed: "9", Word: "low"}
)

func TestImportMatchesWhatIsThere(t *testing.T) {
	in := testInstallation(t)
	_, src := source(t, map[string][]record{"Debian": {glibc, bash, none}, "npm": {pad}})
	progress := map[string]int{}
	got, err := Importer{Store: in.store}.Import(t.Context(), src, nil, func(ecosystem string, records int) { progress[ecosystem] = records })
	if err != nil {
		t.Fatal(err)
	}
	want := []Result{{Ecosystem: "Debian", Records: 3, Changed: 3}, {Ecosystem: "npm", Records: 1, Changed: 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"Debian": 3, "npm": 1}, progress); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	in.want("after the import", "bash 5.2-1 DEBIAN-CVE-2099-2 low <5.2-2", "left-pad 1.0.0 GHSA-2222-2222-2222 medium <1.0.1", "libc6 2.36-9 DEBIAN-CVE-2099-1 high <2.36-10")
	s := in.statuses()["Debian"]
	if s.Records != 3 || s.Fingerprint == "" || !s.Newest.Equal(epoch) || s.Imported.IsZero() {
		t.Errorf("status %+v", s)
	}
}

// A set that counts as held has been matched: a report asked for in between would call an image clean.
func TestHeldSetsAreMatched(t *testing.T) {
	in := install(t, litekit.Database(t), npm("left", "1.0.0"))
	_, src := source(t, map[string][]record{"npm": {{ID: "A-1", Ecosystem: "npm", Name: "left", Fixed: "2.0.0"}}})
	held := &pendingWhenHeld{Store: in.store}
	if _, err := (Importer{Store: held}).Import(t.Context(), src, nil, nil); err != nil {
		t.Fatal(err)
	}
	if held.sets != 1 || held.pending != 0 {
		t.Errorf("%d sets are held, with %d package versions to be matched", held.sets, held.pending)
	}
}

// pendingWhenHeld counts what is not matched when a set is said to be held.
type pendingWhenHeld struct {
	Store
	sets, pending int
}

func (s *pendingWhenHeld) PutAdvisoryStatus(ctx context.Context, status store.AdvisoryStatus) error {
	pending, err := s.PendingPackages(ctx, match.Rules, 10)
	if err != nil {
		return err
	}
	s.sets, s.pending = s.sets+1, s.pending+len(pending)
	return s.Store.PutAdvisoryStatus(ctx, status)
}

func TestOnlyNamedEcosystemsAreImported(t *testing.T) {
	in := testInstallation(t)
	_, src := source(t, map[string][]record{"Debian": {glibc}, "npm": {pad}})
	if _, err := in.importAll(src, "npm"); err != nil {
		t.Fatal(err)
	}
	in.want("of npm", "left-pad 1.0.0 GHSA-2222-2222-2222 medium <1.0.1")
	if _, err := in.importAll(src, "Hackage"); crowsnest.KindOf(err) != crowsnest.NotFound || err == nil || !strings.Contains(err.Error(), "Hackage") {
		t.Errorf("an ecosystem that is not there gives %v", err)
	}
	if _, ok := in.statuses()["Debian"]; ok {
		t.Error("an ecosystem that was not asked for is held")
	}
}

func TestUnchangedDataIsLeftAlone(t *testing.T) {
	in := testInstallation(t)
	dir, src := source(t, map[string][]record{"Debian": {glibc}, "npm": {pad}})
	if _, err := in.importAll(src); err != nil {
		t.Fatal(err)
	}
	before := in.statuses()["Debian"]
	writeZip(t, dir, "npm", []record{pad, {ID: "GHSA-3333-3333-3333", Ecosystem: "npm", Name: "other", Fixed: "1", Word: "low"}})
	got, err := in.importAll(open(t, dir))
	want := []Result{{Ecosystem: "Debian", Unchanged: true}, {Ecosystem: "npm", Records: 2, Changed: 1}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("results: %v (-want +got):\n%s", err, diff)
	}
	after := in.statuses()["Debian"]
	if !after.Imported.Equal(before.Imported) || !after.Checked.After(before.Checked) || after.Fingerprint != before.Fingerprint || after.Records != 1 {
		t.Errorf("status %+v was %+v: only the time of the check may change", after, before)
	}
}

func TestChangedWithdrawnAndMovedRecords(t *testing.T) {
	in := testInstallation(t)
	dir, src := source(t, map[string][]record{"Debian": {glibc, bash}})
	if _, err := in.importAll(src); err != nil {
		t.Fatal(err)
	}
	update := func(changed int, records ...record) {
		t.Helper()
		writeZip(t, dir, "Debian", records)
		got, err := in.importAll(open(t, dir))
		if err != nil || len(got) != 1 || got[0].Changed != changed {
			t.Fatalf("got %+v, %v, want %d changed", got, err, changed)
		}
	}
	next := glibc
	next.Revision, next.Fixed, next.Word = 1, "2.36-11", "critical"
	update(1, next, bash)
	in.want("after a change", "bash 5.2-1 DEBIAN-CVE-2099-2 low <5.2-2", "libc6 2.36-9 DEBIAN-CVE-2099-1 critical <2.36-11")

	update(0, glibc, bash)
	in.want("after an older state", "bash 5.2-1 DEBIAN-CVE-2099-2 low <5.2-2", "libc6 2.36-9 DEBIAN-CVE-2099-1 critical <2.36-11")

	next.Revision, next.Withdrawn = 2, true
	update(1, next, bash)
	in.want("after it is withdrawn", "bash 5.2-1 DEBIAN-CVE-2099-2 low <5.2-2")

	next.Revision, next.Withdrawn = 3, false
	moved := bash
	moved.Revision, moved.Name = 1, "zsh"
	update(2, next, moved)
	in.want("after it is back, and another moved away", "libc6 2.36-9 DEBIAN-CVE-2099-1 critical <2.36-11")

	fixed := next
	fixed.Revision, fixed.Fixed = 4, "2.36-9"
	update(1, fixed, moved)
	in.want("when the installed version is the fixed one")
}

func TestBrokenArchiveChangesNothing(t *testing.T) {
	worse := glibc
	worse.Revision, worse.Word = 1, "critical"
	for name, damage := range map[string]func([]byte) []byte{
		"truncated":         func(b []byte) []byte { return b[:len(b)-40] },
		"a bit of a record": func(b []byte) []byte { b[60] ^= 0x40; return b },
		"no zip":            func([]byte) []byte { return []byte("<html>the mirror is down</html>") },
		"empty":             func([]byte) []byte { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			in := testInstallation(t)
			dir, src := source(t, map[string][]record{"Debian": {glibc}})
			if _, err := in.importAll(src); err != nil {
				t.Fatal(err)
			}
			before := in.statuses()["Debian"]
			writeZip(t, dir, "Debian", []record{worse, bash})
			file := filepath.Join(dir, "Debian", "all.zip")
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, damage(b), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := in.importAll(open(t, dir))
			if crowsnest.KindOf(err) != crowsnest.Corrupt || len(got) != 0 {
				t.Errorf("got %+v, %v, want an error of kind corrupt", got, err)
			}
			in.want("after the broken import", "libc6 2.36-9 DEBIAN-CVE-2099-1 high <2.36-10")
			if diff := cmp.Diff(before, in.statuses()["Debian"]); diff != "" {
				t.Errorf("status (-before +after):\n%s", diff)
			}
			// The whole file is taken at the next attempt.
			writeZip(t, dir, "Debian", []record{worse, bash})
			if _, err := in.importAll(open(t, dir)); err != nil {
				t.Fatal(err)
			}
			in.want("after the repair", "bash 5.2-1 DEBIAN-CVE-2099-2 low <5.2-2", "libc6 2.36-9 DEBIAN-CVE-2099-1 critical <2.36-10")
		})
	}
}

func TestBrokenEcosystemLeavesTheOnesBefore(t *testing.T) {
	in := testInstallation(t)
	dir, _ := source(t, map[string][]record{"Debian": {glibc}, "npm": {pad}})
	if err := os.WriteFile(filepath.Join(dir, "npm", "all.zip"), []byte("PK damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := in.importAll(open(t, dir))
	if diff := cmp.Diff([]Result{{Ecosystem: "Debian", Records: 1, Changed: 1}}, got); diff != "" || crowsnest.KindOf(err) != crowsnest.Corrupt {
		t.Errorf("results: %v (-want +got):\n%s", err, diff)
	}
	in.want("of the ecosystem before", "libc6 2.36-9 DEBIAN-CVE-2099-1 high <2.36-10")
	statuses := in.statuses()
	if _, ok := statuses["npm"]; ok || statuses["Debian"].Records != 1 {
		t.Errorf("statuses %+v", statuses)
	}
}

// A single file says nothing about an ecosystem as a whole, so it makes no status
// and is never taken as unchanged.
func TestSingleArchive(t *testing.T) {
	in := testInstallation(t)
	dir, _ := source(t, map[string][]record{"some": {glibc, pad}})
	for i, changed := range []int{2, 0} {
		got, err := in.importAll(open(t, filepath.Join(dir, "some", "all.zip")))
		if diff := cmp.Diff([]Result{{Records: 2, Changed: changed}}, got); diff != "" || err != nil {
			t.Errorf("import %d: %v (-want +got):\n%s", i, err, diff)
		}
	}
	in.want("of both ecosystems", "left-pad 1.0.0 GHSA-2222-2222-2222 medium <1.0.1", "libc6 2.36-9 DEBIAN-CVE-2099-1 high <2.36-10")
	if s := in.statuses(); len(s) != 0 {
		t.Errorf("statuses %+v", s)
	}

	// Unless its giver says of which it is the whole set, and it can be.
	src := open(t, filepath.Join(dir, "some", "all.zip"))
	got, err := in.importAll(src, "npm", "Hackage")
	if err != nil || len(got) != 2 || len(got[0].Problems) != 0 || len(got[1].Problems) != 1 {
		t.Errorf("as the set of npm and Hackage: %+v, %v", got, err)
	}
	if s := in.statuses(); len(s) != 1 || s["npm"].Records != 2 {
		t.Errorf("statuses %+v, want npm alone", s)
	}
}

// interrupted is a store whose caller gives up at a chosen step.
type interrupted struct {
	*sqlstore.Store
	left   int // steps that go through
	cancel context.CancelFunc
}

func (s *interrupted) step() {
	if s.left == 0 {
		s.cancel()
	}
	s.left--
}

func (s *interrupted) PutAdvisories(ctx context.Context, update store.Update, batch []*crowsnest.Advisory) (store.ImportStats, error) {
	s.step()
	return s.Store.PutAdvisories(ctx, update, batch)
}

func (s *interrupted) PutAdvisoryStatus(ctx context.Context, status store.AdvisoryStatus) error {
	s.step()
	return s.Store.PutAdvisoryStatus(ctx, status)
}

func (s *interrupted) PendingPackages(ctx context.Context, rules, limit int) ([]store.Pending, error) {
	s.step()
	return s.Store.PendingPackages(ctx, rules, limit)
}

func (s *interrupted) Candidates(ctx context.Context, pending []store.Pending) (map[int64][]*crowsnest.Advisory, error) {
	s.step()
	return s.Store.Candidates(ctx, pending)
}

func (s *interrupted) SaveFindings(ctx context.Context, rules int, matched []store.Matched) error {
	s.step()
	return s.Store.SaveFindings(ctx, rules, matched)
}

// world makes packages, and two states of the advisories on them. Every record of the
// first is in the second, as sources never delete one.
func world(r *rand.Rand) (packages []crowsnest.Package, before, after map[string][]record) {
	const names = 20
	name := func() string { return fmt.Sprint("p", r.IntN(names)) }
	for i := range names {
		packages = append(packages, storetest.Package(fmt.Sprint("p", i), fmt.Sprint(1+r.IntN(9)), ""), npm(fmt.Sprint("p", i), fmt.Sprintf("%d.0.0", 1+r.IntN(9))))
	}
	before, after = map[string][]record{}, map[string][]record{}
	words := []string{"low", "medium", "high", "critical"}
	add := func(folder, ecosystem, format string, n int) {
		for i := range n {
			a := record{ID: fmt.Sprintf("%s-%d", strings.ToUpper(folder), i), Ecosystem: ecosystem, Name: name(), Fixed: fmt.Sprintf(format, 1+r.IntN(9)), Word: words[r.IntN(4)], Withdrawn: r.IntN(8) == 0}
			b := a
			switch r.IntN(8) {
			case 0:
				b.Word = words[r.IntN(4)]
			case 1:
				b.Fixed = fmt.Sprintf(format, 1+r.IntN(9))
			case 2:
				b.Withdrawn = !b.Withdrawn
			case 3:
				b.Name = name()
			}
			b.Revision = r.IntN(2) // a change without a new time, and a new time without a change, occur too
			after[folder] = append(after[folder], b)
			if r.IntN(4) > 0 {
				before[folder] = append(before[folder], a)
			}
		}
		r.Shuffle(len(after[folder]), func(i, j int) { after[folder][i], after[folder][j] = after[folder][j], after[folder][i] })
	}
	add("Debian", "Debian:12", "%d", 80)
	add("npm", "npm", "%d.0.0", 60)
	return packages, before, after
}

// A set of several batches is imported whole, and progress is told of each.
func TestSetsOfSeveralBatches(t *testing.T) {
	in := testInstallation(t)
	var records []record
	for i := range importBatch {
		records = append(records, record{ID: fmt.Sprint("X-", i), Ecosystem: "npm", Name: "other", Fixed: "1.0.0", Word: "low"})
	}
	_, src := source(t, map[string][]record{"npm": append(records, pad)})
	var told []int
	if _, err := (Importer{Store: in.store}).Import(t.Context(), src, nil, func(_ string, n int) { told = append(told, n) }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(told, []int{importBatch, importBatch + 1}) {
		t.Errorf("progress %v", told)
	}
	in.want("of the last batch", "left-pad 1.0.0 GHSA-2222-2222-2222 medium <1.0.1")
}

// TestInterruptedUpdatesEndWhereAFreshImportDoes updates an installation, gives up
// at a random step and goes on later; and it imports the same into a new one. The
// findings must be those of the new one.
func TestInterruptedUpdatesEndWhereAFreshImportDoes(t *testing.T) {
	const cuts = 3 // of each world
	for _, seed := range []uint64{1, 20260301, 99} {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { interruptUpdates(t, rand.New(rand.NewPCG(seed, seed)), cuts) })
	}
}

func interruptUpdates(t *testing.T, r *rand.Rand, cuts int) {
	packages, before, after := world(r)
	dir, src := source(t, after)

	fresh := install(t, litekit.Database(t), packages...)
	if _, err := fresh.importAll(src); err != nil {
		t.Fatal(err)
	}
	want := fresh.findings()
	if len(want) < 30 {
		t.Fatalf("only %d findings: the data says little", len(want))
	}

	base := litekit.Database(t)
	old := install(t, base, packages...)
	_, oldSource := source(t, before)
	if _, err := old.importAll(oldSource); err != nil {
		t.Fatal(err)
	}
	if cmp.Equal(want, old.findings()) {
		t.Fatal("the update changes nothing")
	}
	if err := old.store.Close(); err != nil { // nothing is left outside the file
		t.Fatal(err)
	}

	update := func(t *testing.T, cut int) (steps int, in *installation, err error) {
		path := litekit.Database(t)
		copyFile(t, base, path)
		in = &installation{t: t, store: openStore(t, path), org: old.org, image: old.image}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		cutting := &interrupted{Store: in.store, left: cut, cancel: cancel}
		_, err = Importer{Store: cutting}.Import(ctx, src, nil, nil)
		return cut - cutting.left, in, err
	}

	steps, in, err := update(t, -1)
	if err != nil {
		t.Fatal(err)
	}
	in.want("of an update that went through", want...)
	for _, cut := range r.Perm(steps)[:cuts] {
		t.Run(fmt.Sprintf("cut at step %d of %d", cut, steps), func(t *testing.T) {
			_, in, err := update(t, cut)
			if crowsnest.KindOf(err) != crowsnest.Canceled {
				t.Fatalf("the import ends with %v, want it canceled", err)
			}
			if _, err := in.importAll(open(t, dir)); err != nil {
				t.Fatal(err)
			}
			in.want("after it went on", want...)
		})
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
}

// More package versions than one transaction takes are matched too, and once only.
func TestMatcherGoesOnUntilNothingIsPending(t *testing.T) {
	var packages []crowsnest.Package
	for i := range matchBatch + 1 {
		packages = append(packages, npm(fmt.Sprint("p", i), "1.0.0"))
	}
	s := openStore(t, litekit.Database(t))
	fixture := storetest.Fixture{Store: s}
	fixture.Analysed(t, fixture.Organisation(t, "org"), "web", packages...)
	for i, want := range []int{len(packages), 0} {
		if got, err := (Matcher{s}).Run(t.Context()); err != nil || got != want {
			t.Errorf("run %d matched %d, %v, want %d", i, got, err, want)
		}
	}
}

// crowd is a store of package versions that all have as many findings.
type crowd struct {
	pending, findings int
	saved             []int // package versions of each transaction
}

func (c *crowd) PendingPackages(_ context.Context, _, limit int) ([]store.Pending, error) {
	out := make([]store.Pending, min(limit, c.pending))
	for i := range out {
		out[i] = store.Pending{ID: int64(i + 1), Generation: 1, Package: npm("p", "1.0.0").PackageVersion}
	}
	return out, nil
}

func (c *crowd) Candidates(_ context.Context, pending []store.Pending) (map[int64][]*crowsnest.Advisory, error) {
	list := make([]*crowsnest.Advisory, c.findings)
	for i := range list {
		list[i] = &crowsnest.Advisory{ID: fmt.Sprint("GHSA-", i), Affected: []crowsnest.Affected{{Ecosystem: "npm", Name: "p", Versions: []string{"1.0.0"}}}}
	}
	out := make(map[int64][]*crowsnest.Advisory)
	for _, p := range pending {
		out[p.ID] = list
	}
	return out, nil
}

func (c *crowd) SaveFindings(_ context.Context, _ int, matched []store.Matched) error {
	c.pending -= len(matched)
	c.saved = append(c.saved, len(matched))
	return nil
}

// A transaction is full with so many findings, however few package versions they are of, and with so many package versions.
func TestMatcherStoresInParts(t *testing.T) {
	const packages = 2*matchBatch + 1
	for findings, want := range map[int][]int{1: {matchBatch, matchBatch, 1}, findingBatch / readBatch: {readBatch, readBatch, readBatch, readBatch, readBatch, readBatch, readBatch, readBatch, 1}} {
		s := &crowd{pending: packages, findings: findings}
		if got, err := (Matcher{s}).Run(t.Context()); err != nil || got != packages {
			t.Errorf("matched %d, %v", got, err)
		}
		if diff := cmp.Diff(want, s.saved); diff != "" {
			t.Errorf("stored of %d findings each (-want +got):\n%s", findings, diff)
		}
	}
}
