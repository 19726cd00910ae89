package advisory

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
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
