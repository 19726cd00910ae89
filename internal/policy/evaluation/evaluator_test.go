package evaluation_test

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/policy/evaluation"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/litekit"
)

// noQueue takes work and does nothing: these tests ask themselves.
type noQueue struct{}

func (noQueue) Enqueue(context.Context, *sql.Tx, store.Work) error { return nil }

var ctx = context.Background()

// place is a store with an evaluator over it, and one time for both.
type place struct {
	storetest.Fixture
	*evaluation.Evaluator
	org store.OrgID
	now func() time.Time
}

func open(t *testing.T) place {
	t.Helper()
	var mu sync.Mutex
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	now := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return at
	}
	s, err := sqlstore.Open(ctx, litekit.Database(t), sqldb.Options{Clock: now})
	storetest.Must(t, err)
	t.Cleanup(func() { s.Close() })
	s.SetEnqueuer(noQueue{})
	p := place{Fixture: storetest.Fixture{Store: s, Advance: func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		at = at.Add(d)
	}}, Evaluator: evaluation.New(s, now, nil), now: now}
	p.org = p.Organisation(t, "acme")
	return p
}

// run asks about all that is due.
func (p place) run(t *testing.T) int {
	t.Helper()
	n, err := p.Run(ctx)
	storetest.Must(t, err)
	return n
}

// says returns what a type of policy says of an image, by what is stored and by asking now, which must be the same.
func (p place) says(t *testing.T, typ string, img crowsnest.Image, environment string) string {
	t.Helper()
	report, err := p.Image(ctx, p.org, img.Digest, environment)
	storetest.Must(t, err)
	stored, err := p.Store.ImagePolicies(ctx, p.org, img.Digest, environment)
	storetest.Must(t, err)
	out := ""
	for _, a := range report.Answers {
		kept, ok := stored[a.Policy.ID]
		if !ok && (a.Policy.Environments == nil || environment != "") {
			t.Errorf("of %s nothing is stored in %q: %s", a.Policy.Name, environment, a.Reason)
		}
		if ok && (kept.Status != a.Status || kept.Violations != len(a.Violations) || kept.Reason != a.Reason) {
			t.Errorf("%s is stored in %q as %+v, and is %s (%s) with %d violations", a.Policy.Name, environment, kept, a.Status, a.Reason, len(a.Violations))
		}
		if a.Policy.Type == typ {
			out = a.Status.String()
		}
	}
	return out
}

func (p place) want(t *testing.T, when, typ string, img crowsnest.Image, environment, want string) {
	t.Helper()
	if got := p.says(t, typ, img, environment); got != want {
		t.Errorf("%s: %s is %q in %q, want %q", when, typ, got, environment, want)
	}
}

// advise imports an advisory on openssl and matches.
func (p place) advise(t *testing.T, fixed string, at int64) {
	t.Helper()
	_, err := p.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory("1", "openssl", fixed, time.Unix(at, 0))})
	storetest.Must(t, err)
	p.Match(t, storetest.AllAffected)
	storetest.Must(t, p.Store.PutAdvisoryStatus(ctx, store.AdvisoryStatus{Ecosystem: "Debian", Imported: time.Unix(at, 0)}))
}

func runs(img crowsnest.Image, loaded ...string) store.Snapshot {
	hash := strings.Join(loaded, " ")
	s := store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", img.ImageID, hash)}, Profiles: make(map[string][]crowsnest.LoadedPackage)}
	for _, name := range loaded {
		s.Profiles[hash] = append(s.Profiles[hash], crowsnest.LoadedPackage{Type: "deb", Name: name, Version: "3.0.1"})
	}
	return s
}

func TestRunFollowsWhatChanges(t *testing.T) {
	p := open(t)
	web := p.Analysed(t, p.org, "registry.example.com/shop/web:1", storetest.Package("libssl3", "3.0.1", "openssl"))
	other := p.Analysed(t, p.org, "registry.example.com/shop/api:1", storetest.Package("zlib1g", "1", "zlib"))
	if n := p.run(t); n != 2 {
		t.Errorf("asked about %d images, want both", n)
	}
	p.want(t, "without advisories", policy.Fixable, web, "", "no-data")
	p.want(t, "without a user", policy.NonRoot, web, "", "non-compliant")
	p.want(t, "while it runs nowhere", policy.InUse, web, "", "")

	p.advise(t, "3.0.2", 1)
	if n := p.run(t); n != 2 { // the first advisories of an ecosystem
		t.Errorf("asked about %d images, want both", n)
	}
	p.want(t, "with advisories", policy.Fixable, web, "", "non-compliant")
	p.want(t, "with advisories", policy.Fixable, other, "", "compliant")
	if n := p.run(t); n != 0 {
		t.Errorf("nothing changed, and asked was about %d", n)
	}

	prod, stage := p.Connect(t, p.org, "prod", "production"), p.Connect(t, p.org, "stage", "staging")
	p.Sweep(t, prod, runs(web, "libssl3"))
	p.Sweep(t, stage, runs(web, "zlib1g"))
	if n := p.run(t); n != 1 {
		t.Errorf("asked about %d images, want the one that runs", n)
	}
	p.want(t, "loaded in one of two", policy.InUse, web, "", "non-compliant")
	p.want(t, "loaded", policy.InUse, web, "production", "non-compliant")
	p.want(t, "not loaded", policy.InUse, web, "staging", "compliant")
	p.want(t, "in time", policy.Overdue, web, "production", "compliant")

	yes := true
	storetest.Must(t, p.Store.ChangeEnvironment(ctx, p.org, "staging", store.EnvironmentChange{DiscountNotSeen: &yes}))
	p.run(t)
	p.want(t, "where what is not seen does not count", policy.Fixable, web, "staging", "compliant")
	p.want(t, "where it counts", policy.Fixable, web, "production", "non-compliant")
	p.want(t, "by itself", policy.Fixable, web, "", "non-compliant")

	// Nothing changes but the time: the target for critical ones is fifteen days.
	p.Advance(15 * 24 * time.Hour)
	p.Sweep(t, prod, runs(web, "libssl3")) // sources are asked all the time
	p.Sweep(t, stage, runs(web, "zlib1g"))
	p.run(t)
	p.want(t, "at the last moment", policy.Overdue, web, "production", "compliant")
	p.Advance(time.Minute)
	if n := p.run(t); n != 1 {
		t.Errorf("what is overdue now was asked about %d times", n)
	}
	p.want(t, "too late", policy.Overdue, web, "production", "non-compliant")
	if n := p.run(t); n != 0 {
		t.Errorf("answered, and asked again was about %d", n)
	}

	changes, err := p.Store.PolicyChanges(ctx, p.org, subject.PolicyFilter{Policy: "No fixable critical or high vulnerabilities"}, store.Page{})
	storetest.Must(t, err)
	var causes []subject.PolicyCause
	for _, c := range changes.Items {
		if c.Digest == web.Digest && c.Environment == "" {
			causes = append(causes, c.Cause)
		}
	}
	if want := []subject.PolicyCause{subject.CauseOutside, subject.CauseImage}; !cmp.Equal(causes, want) {
		t.Errorf("the causes are %q, want %q", causes, want)
	}
}

func TestWhereAPolicyHolds(t *testing.T) {
	p := open(t)
	web := p.Analysed(t, p.org, "registry.example.com/shop/web:1", storetest.Package("libssl3", "3.0.1", "openssl"))
	_, err := p.Store.RecordImage(ctx, p.org, web, &store.Tag{Repository: "registry.example.com/shop/web", Name: "1", Target: web.Digest}, storetest.Analyser)
	storetest.Must(t, err)
	p.Sweep(t, p.Connect(t, p.org, "prod", "production"), runs(web, "libssl3"))
	p.Connect(t, p.org, "stage", "staging")
	storetest.Must(t, p.Ensure(ctx, p.org))
	for name, c := range map[string]struct {
		repositories, environments []string
		want                       map[string]string
	}{
		"everywhere":             {nil, nil, map[string]string{"": "non-compliant", "production": "non-compliant"}},
		"its repository":         {[]string{"registry.example.com/shop/*"}, nil, map[string]string{"": "non-compliant", "production": "non-compliant"}},
		"without the registry":   {[]string{"other/*", "shop/*"}, nil, map[string]string{"": "non-compliant", "production": "non-compliant"}},
		"another repository":     {[]string{"shop/api"}, nil, map[string]string{"": "", "production": ""}},
		"its environment":        {nil, []string{"production"}, map[string]string{"": "non-compliant", "production": "non-compliant"}},
		"another environment":    {nil, []string{"staging"}, map[string]string{"": "", "production": ""}},
		"another of the two":     {[]string{"shop/api"}, []string{"production"}, map[string]string{"": "", "production": ""}},
		"one of several of both": {[]string{"shop/api", "shop/web"}, []string{"staging", "production"}, map[string]string{"": "non-compliant", "production": "non-compliant"}},
	} {
		_, err := p.Store.ChangePolicy(ctx, p.org, "Default non-root user", subject.PolicyChange{Repositories: &c.repositories, Environments: &c.environments})
		storetest.Must(t, err)
		p.run(t)
		for environment, want := range c.want {
			p.want(t, name, policy.NonRoot, web, environment, want)
			rates, err := p.Store.PolicyRates(ctx, p.org, environment, time.Time{})
			storetest.Must(t, err)
			held, err := p.Store.Policy(ctx, p.org, "Default non-root user")
			storetest.Must(t, err)
			if got := rates[held.ID].Now.NonCompliant == 1; got != (want == "non-compliant") {
				t.Errorf("%s: the rate in %q is %+v", name, environment, rates[held.ID].Now)
			}
		}
	}
	_, err = p.Image(ctx, p.org, web.Digest, "nowhere")
	storetest.WantKind(t, err, crowsnest.NotFound)
}

func TestReport(t *testing.T) {
	p := open(t)
	web := p.Analysed(t, p.org, "registry.example.com/shop/web:1", storetest.Package("libssl3", "3.0.1", "openssl"))
	p.advise(t, "3.0.2", 1)
	report, err := p.Image(ctx, p.org, web.Digest, "")
	storetest.Must(t, err)
	var names []string
	for _, a := range report.Answers {
		names = append(names, a.Policy.Type)
		if !a.Since.IsZero() {
			t.Errorf("%s was never stored, and is so since %s", a.Policy.Name, a.Since)
		}
		if a.Policy.Type == policy.Fixable && (len(a.Violations) != 1 || a.Violations[0].Vulnerability != "CVE-2099-1" || a.Violations[0].Remedy != "upgrade libssl3 to 3.0.2 or later") {
			t.Errorf("what breaks it is %+v", a.Violations)
		}
	}
	if want := []string{policy.Fixable, policy.HighProfile, policy.Attested, policy.Approved, policy.Outdated, policy.NonRoot, policy.Licences}; !slices.Equal(names, want) {
		t.Errorf("asked was %q, want %q", names, want)
	}
	// Of ninety only licences are met.
	if report.Score == nil || report.Score.Grade != "F" || report.Score.Got != 5 || report.Score.Of != 90 {
		t.Errorf("the score is %+v", report.Score)
	}
	p.run(t)
	report, err = p.Image(ctx, p.org, web.Digest, "")
	storetest.Must(t, err)
	for _, a := range report.Answers {
		if !a.Since.Equal(p.now()) || a.Cause != subject.CauseImage {
			t.Errorf("%s is so since %s by %s", a.Policy.Name, a.Since, a.Cause)
		}
	}
	number, err := p.Store.ImageNumber(ctx, p.org, web.Digest)
	storetest.Must(t, err)
	got, err := p.Violations(ctx, p.org, "No fixable critical or high vulnerabilities", "", []int64{number})
	if err != nil || len(got[number]) != 1 {
		t.Errorf("what breaks it is %v, %v", got, err)
	}
}

// What a newer version stored is not known here, which is not the same as being met.
func TestUnknownTypes(t *testing.T) {
	p := open(t)
	web := p.Analysed(t, p.org, "registry.example.com/shop/web:1")
	_, err := p.Store.CreatePolicy(ctx, p.org, subject.Policy{Name: "new", Type: "from-the-future", Parameters: []byte(`{}`), Enabled: true, Weight: 1})
	storetest.Must(t, err)
	p.run(t)
	p.want(t, "unknown", "from-the-future", web, "", "no-data")
}

// Images of many organisations are asked about in more than one go.
func TestManyImages(t *testing.T) {
	p := open(t)
	for i := range 510 {
		p.Analysed(t, p.org, "registry.example.com/shop/web:"+string(rune('a'+i%26))+string(rune('a'+i/26)))
	}
	other := p.Organisation(t, "other")
	p.Analysed(t, other, "registry.example.com/shop/web:1")
	if n := p.run(t); n != 511 {
		t.Errorf("asked about %d images", n)
	}
	for org, want := range map[store.OrgID]int{p.org: 510, other: 1} {
		rates, err := p.Store.PolicyRates(ctx, org, "", time.Time{})
		storetest.Must(t, err)
		for id, r := range rates {
			if r.Now.Images() != want {
				t.Errorf("policy %d of %s says something of %d images, want %d", id, org, r.Now.Images(), want)
			}
		}
		if len(rates) != 7 {
			t.Errorf("%d policies of %s say something", len(rates), org)
		}
	}
}
