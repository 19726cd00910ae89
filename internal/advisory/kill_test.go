package advisory

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/osv"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/pgkit"
)

// killed names the database in which a child of the test replaces the scores again and again until it is killed.
const killed = "CROWSNEST_TEST_SCORES"

// The scores that a child writes in turn: all of a round have the same, so that half of one shows.
const rounds, scores = 40, 20_000

// A process that is killed while it replaces the scores leaves all of one day or all of the day before.
func TestKilledUpdateLeavesNothingHalf(t *testing.T) {
	if path := os.Getenv(killed); path != "" {
		replaceUntilKilled(t, path)
		return
	}
	path := filepath.Join(t.TempDir(), "crowsnest.db")
	openStore(t, path).Close()
	seen := map[float64]bool{}
	for n := range 6 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledUpdateLeavesNothingHalf$")
		cmd.Env = append(os.Environ(), killed+"="+path)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for range n/2 + 1 {
			lines.Scan()
		}
		time.Sleep(time.Duration(n) * 15 * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the child was done before it was killed")
		}
		s := openStore(t, path)
		count, found := 0, map[float64]int{}
		if err := s.EachEPSS(t.Context(), func(e crowsnest.EPSS) error {
			count++
			found[e.Score]++
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if count != scores || len(found) != 1 {
			t.Errorf("after %d: %d scores of the rounds %v", n, count, found)
		}
		for score := range found {
			seen[score] = true
		}
		s.Close()
	}
	if len(seen) < 2 {
		t.Errorf("the children were killed in the same round each: %v", seen)
	}
}

func replaceUntilKilled(t *testing.T, path string) {
	s := openStore(t, path)
	put := func(s *sqlstore.Store, round int) {
		list := make([]crowsnest.EPSS, scores)
		for i := range list {
			list[i] = crowsnest.EPSS{CVE: fmt.Sprintf("CVE-2099-%d", i), Score: float64(round) / rounds}
		}
		if _, err := s.PutEPSS(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	for round := range rounds {
		put(s, round)
		fmt.Println("round", round)
	}
	time.Sleep(time.Minute)
}

// cutOff names the database into which, and fromSource the folder from which, a child of the test imports until it is killed.
const (
	cutOff     = "CROWSNEST_TEST_CUT_OFF"
	fromSource = "CROWSNEST_TEST_CUT_OFF_SOURCE"
)

// telling is a store that says each step before it is done.
type telling struct{ *sqlstore.Store }

func (s telling) PutAdvisories(ctx context.Context, update store.Update, batch []*crowsnest.Advisory) (store.ImportStats, error) {
	fmt.Println("put")
	return s.Store.PutAdvisories(ctx, update, batch)
}

func (s telling) PutAdvisoryStatus(ctx context.Context, status store.AdvisoryStatus) error {
	fmt.Println("status")
	return s.Store.PutAdvisoryStatus(ctx, status)
}

func (s telling) SaveFindings(ctx context.Context, rules int, matched []store.Matched) error {
	fmt.Println("save")
	return s.Store.SaveFindings(ctx, rules, matched)
}

// An import that is killed, wherever it is, leaves of each package what was found before or what is found after, and nothing in between;
// what runs next ends where a fresh import does, and the history of updates tells of every record once.
func TestKilledImportIsCompletedAtTheNextStart(t *testing.T) {
	if location := os.Getenv(cutOff); location != "" {
		src, err := osv.Open(t.Context(), os.Getenv(fromSource), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := (Importer{Store: telling{openStore(t, location)}}).Import(t.Context(), src, nil, nil); err != nil {
			t.Fatal(err)
		}
		fmt.Println("done")
		time.Sleep(time.Minute)
		return
	}
	for engine, location := range map[string]func(*testing.T) string{
		"SQLite":     func(t *testing.T) string { return filepath.Join(t.TempDir(), "crowsnest.db") },
		"PostgreSQL": func(t *testing.T) string { return pgkit.Database(t) },
	} {
		t.Run(engine, func(t *testing.T) {
			packages, before, after := world(rand.New(rand.NewPCG(6, 6)))
			_, old := source(t, before)
			dir, next := source(t, after)
			fresh := install(t, location(t), packages...)
			if _, err := fresh.importAll(next); err != nil {
				t.Fatal(err)
			}
			want := byPackage(fresh.findings())
			// The steps are put, save and status of two sets; each is cut off at once, and some time after it began.
			for step := range 6 {
				t.Run(fmt.Sprint("step ", step+1), func(t *testing.T) {
					place := location(t)
					in := install(t, place, packages...)
					if _, err := in.importAll(old); err != nil {
						t.Fatal(err)
					}
					was := byPackage(in.findings())
					updates := in.updates()
					if err := in.store.Close(); err != nil {
						t.Fatal(err)
					}
					killAt(t, place, dir, step+1, time.Duration(step%3)*2*time.Millisecond)

					in.store = openStore(t, place)
					for name, got := range byPackage(in.findings()) {
						if !slices.Equal(got, was[name]) && !slices.Equal(got, want[name]) {
							t.Errorf("after the kill %s has %v: neither %v nor %v", name, got, was[name], want[name])
						}
					}
					// The job that runs at every start, and then the update that is due again.
					if _, err := (Matcher{in.store}).Run(t.Context()); err != nil {
						t.Fatal(err)
					}
					if _, err := in.importAll(open(t, dir)); err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(want, byPackage(in.findings())); diff != "" {
						t.Errorf("after the next start (-fresh +got):\n%s", diff)
					}
					told := map[string]int{}
					for _, u := range in.updates()[len(updates):] {
						for _, id := range slices.Concat(u.AddedIDs, u.ChangedIDs, u.WithdrawnIDs) {
							told[id]++
						}
					}
					changed := 0
					for id, n := range told {
						if changed++; n != 1 {
							t.Errorf("the history of updates tells %d times of %s", n, id)
						}
					}
					if changed < 30 {
						t.Errorf("the history of updates tells of %d records", changed)
					}
				})
			}
		})
	}
}

// killAt has a child import into a database, and kills it some time after a step began.
func killAt(t *testing.T, location, dir string, step int, after time.Duration) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledImportIsCompletedAtTheNextStart$")
	cmd.Env = append(os.Environ(), cutOff+"="+location, fromSource+"="+dir)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for range step {
		if !lines.Scan() || lines.Text() == "done" {
			t.Fatalf("there is no step %d, after %q", step, lines.Text())
		}
	}
	time.Sleep(after)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child was done before it was killed")
	}
}

// byPackage sorts findings by the package they begin with.
func byPackage(findings []string) map[string][]string {
	out := make(map[string][]string)
	for _, f := range findings {
		words := strings.Fields(f)
		name := words[0] + " " + words[1]
		out[name] = append(out[name], f)
	}
	return out
}

// updates reads the history of updates, the oldest first.
func (in *installation) updates() []store.AdvisoryUpdate {
	in.t.Helper()
	list, err := in.store.AdvisoryUpdates(context.Background(), store.UpdateFilter{}, store.Page{Limit: store.MaxLimit})
	if err != nil {
		in.t.Fatal(err)
	}
	slices.Reverse(list.Items)
	return list.Items
}
