// Package findingtest is the part of the store's suite about findings in time: for what they open and close, what of that
// updates are the cause of, and what changed since a time.
package findingtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/finding"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// Suite runs every test against fresh stores that open makes.
func Suite(t *testing.T, open func(t *testing.T) storetest.Fixture) {
	storetest.Each(t, open, map[string]func(*testing.T, storetest.Fixture){
		"Causes":                        testCauses,
		"RulesOfOtherNumbers":           testRules,
		"FollowRulesAndChanges":         testFollow,
		"UpdatesCountFindings":          testCounts,
		"ChangesOfOrganisations":        testChangesScope,
		"MarkedDuringMatchStaysPending": testPendingGeneration,
		"OutdatedMatchIsDropped":        testOutdatedMatch,
	})
}

var ctx = context.Background()

var must, wantKind = storetest.Must, storetest.WantKind

// matcher says what a number of rules finds: what candidates affect a package version.
type matcher func(crowsnest.PackageVersion, []*crowsnest.Advisory) []crowsnest.Finding

// match matches what is pending by rules of a number, until nothing is, and returns how many package versions that were.
func match(t *testing.T, f storetest.Fixture, rules int, fn matcher) int {
	t.Helper()
	for n := 0; ; {
		pending, err := f.Store.PendingPackages(ctx, rules, 3)
		must(t, err)
		if len(pending) == 0 {
			return n
		}
		candidates, err := f.Store.Candidates(ctx, pending)
		must(t, err)
		matched := make([]store.Matched, len(pending))
		for i, p := range pending {
			matched[i] = store.Matched{Pending: p, Findings: fn(p.Package, candidates[p.ID])}
		}
		must(t, f.Store.SaveFindings(ctx, rules, matched))
		n += len(pending)
	}
}

func put(t *testing.T, f storetest.Fixture, update store.Update, list ...*crowsnest.Advisory) {
	t.Helper()
	_, err := f.Store.PutAdvisories(ctx, update, list)
	must(t, err)
}

// changes reads what changed since a time, the newest last, a line each.
func changes(t *testing.T, f storetest.Fixture, org store.OrgID, filter finding.Filter) []string {
	t.Helper()
	out := []string{}
	for cursor := ""; ; {
		list, err := f.Store.FindingChanges(ctx, org, filter, store.Page{Limit: 2, Cursor: cursor})
		must(t, err)
		for _, c := range list.Items {
			out = append(out, tell(c))
		}
		if cursor = list.Next; cursor == "" {
			slices.Reverse(out)
			return out
		}
	}
}

func tell(c finding.Change) string {
	return fmt.Sprintf("%s %s %s in %s %s (%d)", c.Change, c.Vulnerability, c.Cause, c.Package.Name, c.Package.Version, c.Images)
}

// except finds what AllAffected does but for what these advisories say.
func except(ids ...string) matcher {
	return func(p crowsnest.PackageVersion, candidates []*crowsnest.Advisory) []crowsnest.Finding {
		return slices.DeleteFunc(storetest.AllAffected(p, candidates), func(f crowsnest.Finding) bool { return slices.Contains(ids, f.Advisory) })
	}
}

func testCauses(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	f.Connect(t, org, "clock", "test")
	f.Analysed(t, org, "web", storetest.Package("libssl3", "3.0.1", "openssl"))
	one, two := storetest.Advisory("1", "openssl", "9", time.Unix(1, 0)), storetest.Advisory("2", "openssl", "9", time.Unix(1, 0))
	put(t, f, store.Update{}, one)
	since := time.Time{}
	step := func(name string, rules int, fn matcher, want ...string) {
		t.Helper()
		match(t, f, rules, fn)
		news, err := f.Store.FindingChanges(ctx, org, finding.Filter{Since: since}, store.Page{})
		must(t, err)
		var got []string
		for _, c := range news.Items {
			got = append(got, tell(c))
			since = c.At.Add(time.Microsecond)
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		f.Advance(time.Hour)
	}
	at := int64(1)
	change := func(a *crowsnest.Advisory, how func(*crowsnest.Advisory)) {
		at++
		how(a)
		a.Modified = time.Unix(at, 0)
		put(t, f, store.Update{}, a)
	}
	line := func(change, cve, cause string) string {
		return change + " " + cve + " " + cause + " in libssl3 3.0.1 (1)"
	}
	step("the first match", 1, except(), line("found", "CVE-2099-1", "package new"))
	step("nothing", 1, except())
	put(t, f, store.Update{}, two)
	step("an advisory that is new", 1, except(), line("found", "CVE-2099-2", "advisory published"))
	step("rules that find less", 2, except("2"), line("gone", "CVE-2099-2", "rule changed"))
	step("rules that find more", 3, except(), line("found", "CVE-2099-2", "rule changed"))
	change(two, func(a *crowsnest.Advisory) { a.Summary = "worse" })
	step("rules and an advisory at once", 4, except("1", "2"), line("gone", "CVE-2099-1", "rule changed"), line("gone", "CVE-2099-2", "advisory changed"))
	change(one, func(a *crowsnest.Advisory) { a.Withdrawn = time.Unix(1, 0) })
	step("what is found again by rules, but for what was withdrawn", 5, except(), line("found", "CVE-2099-2", "rule changed"))
	change(two, func(a *crowsnest.Advisory) { a.Withdrawn = time.Unix(1, 0) })
	step("rules and a withdrawal at once", 6, except(), line("gone", "CVE-2099-2", "advisory withdrawn"))
	change(two, func(a *crowsnest.Advisory) { a.Withdrawn = time.Time{} })
	step("an advisory that is back", 6, except(), line("found", "CVE-2099-2", "advisory changed"))
	change(two, func(a *crowsnest.Advisory) { a.Upstream = []string{"CVE-2099-22"} })
	step("an advisory that is of another vulnerability", 6, except(), line("gone", "CVE-2099-2", "advisory changed"), line("found", "CVE-2099-22", "advisory changed"))
	three := storetest.Advisory("3", "openssl", "9", time.Unix(1, 0))
	three.Upstream = []string{"CVE-2099-22"}
	put(t, f, store.Update{}, three)
	step("another source of the same vulnerability", 6, except())
	change(two, func(a *crowsnest.Advisory) { a.Withdrawn = time.Unix(1, 0) })
	step("one of two sources less", 6, except())

	all := changes(t, f, org, finding.Filter{})
	if len(all) != 11 {
		t.Errorf("in all:\n%s", strings.Join(all, "\n"))
	}
	for name, c := range map[string]struct {
		filter finding.Filter
		want   int
	}{
		"found":            {finding.Filter{Change: finding.Found}, 6},
		"gone":             {finding.Filter{Change: finding.Gone}, 5},
		"for rules":        {finding.Filter{Causes: []string{"rule changed"}}, 4},
		"for two causes":   {finding.Filter{Causes: []string{"advisory withdrawn", "package new"}}, 2},
		"of a severity":    {finding.Filter{Severities: []crowsnest.Severity{crowsnest.High}}, 0},
		"of two":           {finding.Filter{Severities: []crowsnest.Severity{crowsnest.High, crowsnest.Critical}}, 11},
		"in what runs":     {finding.Filter{Environment: "test"}, 0},
		"until before all": {finding.Filter{Until: time.Unix(1, 0)}, 0},
	} {
		if got := changes(t, f, org, c.filter); len(got) != c.want {
			t.Errorf("%s: %d, want %d:\n%s", name, len(got), c.want, strings.Join(got, "\n"))
		}
	}
	_, err := f.Store.FindingChanges(ctx, org, finding.Filter{Environment: "nowhere"}, store.Page{})
	wantKind(t, err, crowsnest.NotFound)
	_, err = f.Store.FindingChanges(ctx, org, finding.Filter{}, store.Page{Cursor: "x"})
	wantKind(t, err, crowsnest.Invalid)
}

// What was matched by newer rules is left alone by older ones, which a replica may still have.
func testRules(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	img := f.Analysed(t, org, "web", storetest.Package("libssl3", "3.0.1", "openssl"))
	a := storetest.Advisory("1", "openssl", "9", time.Unix(1, 0))
	put(t, f, store.Update{}, a)
	late, err := f.Store.PendingPackages(ctx, 1, 10)
	must(t, err)
	if n := match(t, f, 2, except()); n != 1 {
		t.Fatalf("%d matched", n)
	}
	// Of the same generation, and of older rules.
	must(t, f.Store.SaveFindings(ctx, 1, []store.Matched{{Pending: late[0]}}))
	found := func() int {
		rows, err := f.Store.ImageFindings(ctx, org, img.Digest, "")
		must(t, err)
		return len(rows)
	}
	if found() != 1 {
		t.Error("older rules closed what newer ones found")
	}
	a.Modified, a.Summary = time.Unix(2, 0), "worse"
	put(t, f, store.Update{}, a)
	if pending, err := f.Store.PendingPackages(ctx, 1, 10); err != nil || len(pending) != 0 {
		t.Errorf("to be matched by older rules: %v, %v", pending, err)
	}
	if n := match(t, f, 2, except("1")); n != 1 || found() != 0 {
		t.Errorf("%d matched, %d found", n, found())
	}
	f.Analysed(t, org, "api", storetest.Package("curl", "8", "curl"))
	if n := match(t, f, 1, except()); n != 1 {
		t.Errorf("%d of what is new matched by older rules, which nobody has matched by newer ones", n)
	}
	if n := match(t, f, 2, except()); n != 1 {
		t.Errorf("%d of that matched again by newer ones", n)
	}
}

// Whatever changes together, in whatever order it is matched: what is found is what the newest rules find of the newest
// advisories, every interval that ends or begins has a cause, and that is the rules only where the advisory stayed as it was.
func testFollow(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	const packages, advisories, rounds = 9, 14, 20
	var list []crowsnest.Package
	for i := range packages {
		list = append(list, storetest.Package(fmt.Sprint("p", i), "1", fmt.Sprint("s", i%5)))
	}
	img := f.Analysed(t, org, "web", list...)
	r := rand.New(rand.NewPCG(20261130, 7))
	held := map[string]*crowsnest.Advisory{}
	found := map[string]bool{} // vulnerability and package, as the rules of a round find
	rules := 1
	hides := func(rules int, advisory, name string) bool { // each number of rules overlooks something else
		return (rules*31+len(advisory)*7+int(advisory[0])*3+int(advisory[len(advisory)-1])*13+int(name[1])*5)%4 == 0
	}
	by := func(rules int) matcher {
		return func(p crowsnest.PackageVersion, candidates []*crowsnest.Advisory) []crowsnest.Finding {
			return slices.DeleteFunc(storetest.AllAffected(p, candidates), func(f crowsnest.Finding) bool { return hides(rules, f.Advisory, p.Name) })
		}
	}
	since := time.Time{}
	for round := range rounds {
		touched := map[string]bool{}
		for range r.IntN(5) {
			id := fmt.Sprint(r.IntN(advisories))
			a := storetest.Advisory(id, fmt.Sprint("s", r.IntN(5)), "9", time.Unix(int64(10+round*10+len(touched)), 0))
			a.Summary = fmt.Sprint("round ", round)
			if r.IntN(4) == 0 {
				a.Withdrawn = time.Unix(1, 0)
			}
			if !touched[id] {
				held[id], touched[id] = a, true
				put(t, f, store.Update{}, a)
			}
		}
		raised := r.IntN(2) == 0
		if raised {
			rules++
		}
		match(t, f, rules, by(rules))
		now := map[string]bool{}
		for _, a := range held {
			for _, p := range list {
				if a.Withdrawn.IsZero() && a.Affected[0].Name == p.Source && !hides(rules, a.ID, p.Name) {
					now[a.Upstream[0]+" "+p.Name] = true
				}
			}
		}
		rows, err := f.Store.ImageFindings(ctx, org, img.Digest, "")
		must(t, err)
		got := map[string]bool{}
		for _, row := range rows {
			got[row.Vulnerability+" "+row.Package.Name] = true
		}
		if diff := cmp.Diff(now, got); diff != "" {
			t.Fatalf("round %d, what is found (-want +got):\n%s", round, diff)
		}
		told, err := f.Store.FindingChanges(ctx, org, finding.Filter{Since: since}, store.Page{Limit: 1000})
		must(t, err)
		follows := map[string]bool{}
		for key := range found {
			follows[key] = true
		}
		for _, c := range told.Items {
			key := c.Vulnerability + " " + c.Package.Name
			if c.Change == finding.Found {
				follows[key] = true
			} else {
				delete(follows, key)
			}
			id := strings.TrimPrefix(c.Vulnerability, "CVE-2099-")
			if (c.Cause == "rule changed") != (raised && !touched[id]) && c.Cause != "package new" {
				t.Errorf("round %d, rules raised %t, advisory %s touched %t: %s %s for %q", round, raised, id, touched[id], key, c.Change, c.Cause)
			}
		}
		if diff := cmp.Diff(now, follows); diff != "" {
			t.Fatalf("round %d, what follows from the changes (-want +got):\n%s", round, diff)
		}
		found = now
		f.Advance(time.Hour)
		if len(told.Items) > 0 {
			since = told.Items[0].At.Add(time.Microsecond)
		}
	}
	if rules < 4 {
		t.Fatal("the rules hardly changed")
	}
}

// What updates find and close is counted with them, once for each vulnerability of a package version, whoever matches it.
func testCounts(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	f.Analysed(t, org, "web", storetest.Package("libssl3", "3.0.1", "openssl"), storetest.Package("openssl", "3.0.1", "openssl"), storetest.Package("perl", "5", "perl"))
	match(t, f, 1, except())
	next := func() store.Update { f.Advance(time.Hour); return f.Store.NewUpdate(store.OSVFeed("Debian")) }
	one, two, same := storetest.Advisory("1", "openssl", "9", time.Unix(1, 0)), storetest.Advisory("2", "perl", "9", time.Unix(1, 0)), storetest.Advisory("3", "openssl", "9", time.Unix(1, 0))
	same.Upstream = one.Upstream
	first, second, third, fourth := next(), next(), next(), next()
	put(t, f, first, one, two)
	match(t, f, 1, except("2"))
	f.Advance(time.Hour)
	put(t, f, second, same) // says what is known
	match(t, f, 1, except("2"))
	f.Advance(time.Hour)
	two.Modified, two.Summary = time.Unix(2, 0), "otherwise"
	gone := *one
	gone.Modified, gone.Withdrawn = time.Unix(2, 0), time.Unix(2, 0)
	put(t, f, third, two, &gone) // of one there is another source
	match(t, f, 1, except())
	f.Advance(time.Hour)
	last := *same
	last.Modified, last.Withdrawn = time.Unix(3, 0), time.Unix(3, 0)
	put(t, f, fourth, &last)
	match(t, f, 2, except("2")) // what the rules close is not the update's
	f.Analysed(t, org, "api", storetest.Package("perl", "6", "perl"))
	match(t, f, 2, except()) // nor what a package brings
	list, err := f.Store.AdvisoryUpdates(ctx, store.UpdateFilter{}, store.Page{})
	must(t, err)
	var got []string
	for _, u := range list.Items {
		got = append(got, fmt.Sprintf("+%d ~%d -%d: %d found, %d gone", u.Added, u.Changed, u.Withdrawn, u.Opened, u.Closed))
	}
	want := []string{"+0 ~0 -1: 0 found, 2 gone", "+0 ~1 -1: 1 found, 0 gone", "+1 ~0 -0: 0 found, 0 gone", "+2 ~0 -0: 2 found, 0 gone"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("updates, newest first (-want +got):\n%s", diff)
	}
}

// An organisation is told of what its own images have.
func testChangesScope(t *testing.T, f storetest.Fixture) {
	ours, theirs := f.Organisation(t, "ours"), f.Organisation(t, "theirs")
	web := f.Analysed(t, ours, "web", storetest.Package("libssl3", "3.0.1", "openssl"), storetest.Package("perl", "5", "perl"))
	f.Analysed(t, theirs, "api", storetest.Package("libssl3", "3.0.1", "openssl"))
	idle := f.Analysed(t, ours, "idle", storetest.Package("perl", "5", "perl"))
	put(t, f, store.Update{}, storetest.Advisory("1", "openssl", "9", time.Unix(1, 0)), storetest.Advisory("2", "perl", "9", time.Unix(1, 0)))
	match(t, f, 1, except())
	f.Sweep(t, f.Connect(t, ours, "prod", "production"), store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", web.ImageID, "")}})
	f.Sweep(t, f.Connect(t, ours, "test", "staging"), store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("idle", idle.ImageID, "")}})
	for name, c := range map[string]struct {
		org    store.OrgID
		filter finding.Filter
		want   []string
	}{
		"ours":          {ours, finding.Filter{}, []string{"found CVE-2099-1 package new in libssl3 3.0.1 (1)", "found CVE-2099-2 package new in perl 5 (2)"}},
		"theirs":        {theirs, finding.Filter{}, []string{"found CVE-2099-1 package new in libssl3 3.0.1 (1)"}},
		"in staging":    {ours, finding.Filter{Environment: "staging"}, []string{"found CVE-2099-2 package new in perl 5 (1)"}},
		"in production": {ours, finding.Filter{Environment: "production"}, []string{"found CVE-2099-1 package new in libssl3 3.0.1 (1)", "found CVE-2099-2 package new in perl 5 (1)"}},
	} {
		got := changes(t, f, c.org, c.filter)
		slices.Sort(got)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func testPendingGeneration(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	img := f.Analysed(t, org, "a", storetest.Package("libssl3", "3.0.1", "openssl"))
	f.Match(t, storetest.AllAffected)
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory("1", "openssl", "3.0.2", time.Unix(10, 0))})
	must(t, err)
	pending, err := f.Store.PendingPackages(ctx, storetest.Rules, 10)
	must(t, err)
	// While this match is under way another advisory arrives.
	_, err = f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory("2", "openssl", "3.0.2", time.Unix(10, 0))})
	must(t, err)
	must(t, f.Store.SaveFindings(ctx, storetest.Rules, []store.Matched{{Pending: pending[0], Findings: nil}}))
	if n := f.Match(t, storetest.AllAffected); n != 1 {
		t.Fatalf("%d pending, want the package version that was marked again", n)
	}
	findings, err := f.Store.ImageFindings(ctx, org, img.Digest, "")
	must(t, err)
	if len(findings) != 2 {
		t.Errorf("%d findings, want both", len(findings))
	}
}

// A match that was slow must not undo what a later one found.
func testOutdatedMatch(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	img := f.Analysed(t, org, "a", storetest.Package("libssl3", "3.0.1", "openssl"))
	slow, err := f.Store.PendingPackages(ctx, storetest.Rules, 10)
	must(t, err)
	_, err = f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory("1", "openssl", "3.0.2", time.Unix(10, 0))})
	must(t, err)
	f.Match(t, storetest.AllAffected)
	must(t, f.Store.SaveFindings(ctx, storetest.Rules, []store.Matched{{Pending: slow[0]}}))
	findings, err := f.Store.ImageFindings(ctx, org, img.Digest, "")
	must(t, err)
	if len(findings) != 1 {
		t.Errorf("%d findings after the slow match was stored, want the one that was found meanwhile", len(findings))
	}
	if n := f.Match(t, storetest.AllAffected); n != 0 {
		t.Errorf("%d pending, want none", n)
	}
}
