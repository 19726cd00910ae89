package quality

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/match"
)

const matchingFile = "testdata/matching.txt"

// trap is a way in which matching goes wrong, with the facts of records that show it.
type trap struct {
	name    string
	line    int
	records []*crowsnest.Advisory
	checks  []check
}

// check is what a package version has among the records of its trap, and nothing else.
type check struct {
	line int
	pkg  crowsnest.PackageVersion
	want []string
}

// TestMatching holds every expected finding and every expected absence against what is matched, whatever the order of
// records and of the events in their ranges.
func TestMatching(t *testing.T) {
	traps := readTraps(t)
	findings, absences := 0, 0
	r := rand.New(rand.NewPCG(1, 2))
	for _, trap := range traps {
		t.Run(trap.name, func(t *testing.T) {
			for _, c := range trap.checks {
				for round := range 5 {
					if round > 0 {
						shuffle(r, trap.records)
					}
					got := said(match.Match(c.pkg, trap.records))
					if diff := cmp.Diff(c.want, got); diff != "" {
						t.Fatalf("%s:%d: %s %s of %s (-want +got):\n%s", matchingFile, c.line, c.pkg.Name, c.pkg.Version, c.pkg.Ecosystem, diff)
					}
				}
				if len(c.want) > 0 {
					findings++
				} else {
					absences++
				}
			}
		})
	}
	if t.Failed() {
		return
	}
	t.Logf("%d traps: %d package versions with findings, %d without", len(traps), findings, absences)
	if len(traps) < 20 || findings < 30 || absences < 30 {
		t.Error("there are fewer traps, findings or absences than there were")
	}
}

func shuffle(r *rand.Rand, records []*crowsnest.Advisory) {
	r.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
	for _, a := range records {
		for _, f := range a.Affected {
			for _, g := range f.Ranges {
				r.Shuffle(len(g.Events), func(i, j int) { g.Events[i], g.Events[j] = g.Events[j], g.Events[i] })
			}
		}
	}
}

// said writes what decides of each vulnerability: severity, score, by whom, and how it is mended.
func said(result match.Result) []string {
	var out []string
	for _, f := range result.Findings {
		if !f.Decides {
			continue
		}
		line := f.Vulnerability + " by " + f.Advisory + " " + f.Severity.String()
		if f.CVSS != nil {
			line += fmt.Sprintf(" %.1f", f.CVSS.Score)
		}
		if f.ScoreFrom != "" {
			line += " of " + f.ScoreFrom
		}
		if f.State != "" {
			line += " " + string(f.State)
		}
		if f.FixedVersion != "" {
			line += " fixed " + f.FixedVersion
		}
		out = append(out, line)
	}
	if u := result.Update; u.Version != "" {
		out = append(out, fmt.Sprintf("update %s leaves %d", u.Version, u.Leaves))
	}
	return out
}

// readTraps reads the file, whose head says how it is written.
func readTraps(t *testing.T) (traps []*trap) {
	t.Helper()
	f, err := os.Open(matchingFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	bad := func(n int, text string) { t.Fatalf("%s:%d: cannot be read: %q", matchingFile, n, text) }
	lines := bufio.NewScanner(f)
	sourced := false
	for n := 1; lines.Scan(); n++ {
		text := lines.Text()
		word, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
		if word == "trap" {
			traps = append(traps, &trap{name: rest, line: n})
			continue
		}
		if word == "" || strings.HasPrefix(word, "#") {
			continue
		}
		if len(traps) == 0 {
			bad(n, text)
		}
		at := traps[len(traps)-1]
		switch word {
		case "source":
			sourced = strings.HasPrefix(rest, "https://")
			continue
		case "record":
			if !sourced {
				t.Errorf("%s:%d: name the source of the record before it", matchingFile, n)
			}
			at.records, sourced = append(at.records, &crowsnest.Advisory{ID: rest}), false
			continue
		case "check":
			fields := strings.Split(rest, " | ")
			if len(fields) < 3 {
				bad(n, text)
			}
			c := check{line: n, pkg: crowsnest.PackageVersion{Ecosystem: fields[0], Name: fields[1], Version: fields[2]}}
			if len(fields) > 3 {
				c.pkg.Source, c.pkg.SourceVersion, _ = strings.Cut(fields[3], " ")
			}
			at.checks = append(at.checks, c)
			continue
		case "has":
			if len(at.checks) == 0 {
				bad(n, text)
			}
			c := &at.checks[len(at.checks)-1]
			c.want = append(c.want, rest)
			continue
		}
		if len(at.records) == 0 || !fact(at.records[len(at.records)-1], word, rest) {
			bad(n, text)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return traps
}

// fact adds one line of a record; false if it cannot be read.
func fact(a *crowsnest.Advisory, word, rest string) bool {
	last := func() *crowsnest.Affected { return &a.Affected[len(a.Affected)-1] }
	switch word {
	case "aliases":
		a.Aliases = strings.Fields(rest)
	case "upstream":
		a.Upstream = strings.Fields(rest)
	case "related":
		a.Related = strings.Fields(rest)
	case "title":
		a.Summary = rest
	case "withdrawn":
		day, err := time.Parse(time.DateOnly, rest)
		a.Withdrawn = day
		return err == nil
	case "severity":
		kind, vector, ok := strings.Cut(rest, " ")
		a.Severity = append(a.Severity, crowsnest.SeverityVector{Type: kind, Vector: vector})
		return ok
	case "word":
		a.Word = rest
	case "affects":
		ecosystem, name, ok := strings.Cut(rest, " | ")
		a.Affected = append(a.Affected, crowsnest.Affected{Ecosystem: ecosystem, Name: name})
		return ok
	case "urgency", "state", "versions", "SEMVER", "ECOSYSTEM", "GIT":
		if len(a.Affected) == 0 {
			return false
		}
		switch word {
		case "urgency":
			last().Word = rest
		case "state":
			last().State = crowsnest.VendorState(rest)
		case "versions":
			last().Versions = strings.Fields(rest)
		default:
			r := crowsnest.Range{Type: crowsnest.RangeType(word)}
			for _, e := range strings.Fields(rest) {
				kind, version, ok := strings.Cut(e, "=")
				event := crowsnest.Event{}
				to := map[string]*string{"introduced": &event.Introduced, "fixed": &event.Fixed, "last_affected": &event.LastAffected, "limit": &event.Limit}[kind]
				if !ok || to == nil {
					return false
				}
				*to = version
				r.Events = append(r.Events, event)
			}
			last().Ranges = append(last().Ranges, r)
		}
	default:
		return false
	}
	return true
}

// TestMatchingIsExplained holds the reasons against the findings: whatever is found has an advisory that affects the version, and
// whatever is not has none.
func TestMatchingIsExplained(t *testing.T) {
	for _, trap := range readTraps(t) {
		for _, c := range trap.checks {
			found := make(map[string]bool)
			for _, f := range match.Match(c.pkg, trap.records).Findings {
				found[f.Advisory] = true
			}
			for _, j := range match.Judge(c.pkg, trap.records) {
				if j.Affected != found[j.Advisory.ID] || j.Affected && j.Rule < match.InsideRange || !slices.IsSorted(j.Vulnerabilities) {
					t.Errorf("%s:%d: %s is %v by %s, and found: %v", matchingFile, c.line, j.Advisory.ID, j.Affected, j.Rule, found[j.Advisory.ID])
				}
			}
		}
	}
}
