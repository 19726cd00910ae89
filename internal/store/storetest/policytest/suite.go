// Package policytest is the part of the store's suite about policies: what organisations ask of their images, which
// images are to be asked about, what they are asked by, and what was answered over time.
package policytest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
)

// Suite runs every test against fresh stores that open makes.
func Suite(t *testing.T, open func(t *testing.T) storetest.Fixture) {
	storetest.Each(t, open, map[string]func(*testing.T, storetest.Fixture){
		"EveryOrganisationBeginsWithSome": testFirst,
		"PoliciesChange":                  testChange,
		"ChangesMakeImagesDue":            testDue,
		"MarksAreNotLost":                 testMarks,
		"TimeMakesImagesDue":              testAgain,
		"FactsOfImages":                   testFacts,
		"DocumentsOfImages":               testDocuments,
		"BasesAndTheirTags":               testBases,
		"ResultsAreIntervals":             testIntervals,
		"PlacesCount":                     testPlaces,
		"TrendOverDays":                   testTrend,
		"NothingOfAnotherIsAnswered":      testScope,
	})
}

var ctx = context.Background()

var must, wantKind = storetest.Must, storetest.WantKind

// policy makes a policy that is enabled.
func policy(t *testing.T, f storetest.Fixture, org store.OrgID, name string, environments ...string) subject.Policy {
	t.Helper()
	p, err := f.Store.CreatePolicy(ctx, org, subject.Policy{Name: name, Type: "type", Parameters: []byte(`{}`), Weight: 5, Enabled: true, Environments: environments})
	must(t, err)
	return p
}

// number returns that of an image.
func number(t *testing.T, f storetest.Fixture, org store.OrgID, img crowsnest.Image) int64 {
	t.Helper()
	n, err := f.Store.ImageNumber(ctx, org, img.Digest)
	must(t, err)
	return n
}

// due returns which of the images are due, by name, and answers them all with nothing.
func due(t *testing.T, f storetest.Fixture, org store.OrgID, images ...crowsnest.Image) []string {
	t.Helper()
	var names []string
	for {
		of, list, err := f.Store.DuePolicies(ctx, 2)
		must(t, err)
		if len(list) == 0 {
			slices.Sort(names)
			return names
		}
		var answers []subject.PolicyAnswers
		for _, d := range list {
			answers = append(answers, subject.PolicyAnswers{DueImage: d, Content: 1})
			for _, img := range images {
				if n, err := f.Store.ImageNumber(ctx, org, img.Digest); err == nil && n == d.Image {
					names = append(names, img.Name)
				}
			}
		}
		must(t, f.Store.SavePolicyAnswers(ctx, of, answers))
	}
}

// say answers about images what a policy says, in a place.
func say(t *testing.T, f storetest.Fixture, org store.OrgID, answers ...subject.PolicyAnswers) {
	t.Helper()
	must(t, f.Store.SavePolicyAnswers(ctx, org, answers))
}

func answer(image int64, results ...subject.PolicyResult) subject.PolicyAnswers {
	return subject.PolicyAnswers{DueImage: subject.DueImage{Image: image}, Content: 7, Results: results}
}

// because is what the reason of every result says.
var because = []crowsnest.Saying{{Code: "because", Values: map[string]string{"of": "that"}}}

func result(p subject.Policy, place int64, status crowsnest.Compliance, violations int) subject.PolicyResult {
	return subject.PolicyResult{Policy: p.ID, Environment: place, Status: status, Violations: violations, Reason: "because", Says: because}
}

func testFirst(t *testing.T, f storetest.Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	first := []subject.Policy{{Name: "one", Type: "a", Parameters: []byte(`{"n":1}`), Weight: 20, Enabled: true}, {Name: "two", Type: "b", Parameters: []byte(`{}`), Repositories: []string{"shop/*"}}}
	must(t, f.Store.EnsurePolicies(ctx, org, first))
	must(t, f.Store.EnsurePolicies(ctx, org, first))
	list, err := f.Store.Policies(ctx, org)
	must(t, err)
	if diff := cmp.Diff(first, list, cmpopts.IgnoreFields(subject.Policy{}, "ID", "Created", "Changed")); diff != "" {
		t.Errorf("it begins with (-want +got):\n%s", diff)
	}
	must(t, f.Store.DeletePolicy(ctx, org, "one"))
	must(t, f.Store.EnsurePolicies(ctx, org, first))
	if list, err := f.Store.Policies(ctx, org); err != nil || len(list) != 1 || list[0].Name != "two" {
		t.Errorf("what was deleted came back: %v, %v", list, err)
	}
	if list, err := f.Store.Policies(ctx, other); err != nil || len(list) != 0 {
		t.Errorf("another one was given %v, %v", list, err)
	}
}

func testChange(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	f.Connect(t, org, "prod", "production")
	made, err := f.Store.CreatePolicy(ctx, org, subject.Policy{Name: "mine", Description: "d", Type: "t", Parameters: []byte(`{"a":1}`), Environments: []string{"production"}, Weight: 3, Enabled: true})
	must(t, err)
	if got, err := f.Store.Policy(ctx, org, "mine"); err != nil || !cmp.Equal(got, made) {
		t.Errorf("it is stored as %+v, %v, not as %+v", got, err, made)
	}
	_, err = f.Store.CreatePolicy(ctx, org, subject.Policy{Name: "mine"})
	wantKind(t, err, crowsnest.Conflict)
	_, err = f.Store.CreatePolicy(ctx, org, subject.Policy{Name: "other", Environments: []string{"nowhere"}})
	wantKind(t, err, crowsnest.NotFound)
	f.Advance(time.Hour)
	name, off, none, weight, repositories := "ours", false, []string{}, 0, []string{"shop/*"}
	changed, err := f.Store.ChangePolicy(ctx, org, "mine", subject.PolicyChange{Name: &name, Parameters: []byte(`{"a":2}`), Repositories: &repositories, Environments: &none, Weight: &weight, Enabled: &off})
	must(t, err)
	want := made
	want.Name, want.Parameters, want.Repositories, want.Environments, want.Weight, want.Enabled, want.Changed = "ours", []byte(`{"a":2}`), repositories, nil, 0, false, made.Changed.Add(time.Hour)
	got, err := f.Store.Policy(ctx, org, "ours")
	must(t, err)
	for _, p := range []subject.Policy{changed, got} {
		if diff := cmp.Diff(want, p, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("changed (-want +got):\n%s", diff)
		}
	}
	_, err = f.Store.Policy(ctx, org, "mine")
	wantKind(t, err, crowsnest.NotFound)
	_, err = f.Store.ChangePolicy(ctx, org, "mine", subject.PolicyChange{})
	wantKind(t, err, crowsnest.NotFound)
	wantKind(t, f.Store.DeletePolicy(ctx, org, "mine"), crowsnest.NotFound)
	must(t, f.Store.DeletePolicy(ctx, org, "ours"))

	log, err := f.Store.AuditLog(ctx, org, store.AuditFilter{Action: "policy."}, store.Page{})
	must(t, err)
	var told []string
	for _, e := range log.Items {
		told = append(told, e.Action+" "+e.Subject+" "+e.Detail["parameters"]+" "+e.Detail["enabled"])
	}
	if want := []string{"policy.delete ours  ", `policy.update mine {"a":2} false`, `policy.create mine {"a":1} true`}; !cmp.Equal(told, want) {
		t.Errorf("the audit log has %q, want %q", told, want)
	}
	for i := range subject.MaxPolicies {
		policy(t, f, org, strings.Repeat("x", i+1))
	}
	_, err = f.Store.CreatePolicy(ctx, org, subject.Policy{Name: "one more"})
	wantKind(t, err, crowsnest.Conflict)
}

func testDue(t *testing.T, f storetest.Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	web := f.Analysed(t, org, "r/web:1", storetest.Package("libssl3", "3.0.1", "openssl"))
	api := f.Analysed(t, org, "r/api:1", storetest.Package("zlib1g", "1", "zlib"))
	theirs := f.Analysed(t, other, "r/web:1", storetest.Package("libssl3", "3.0.1", "openssl"))
	in := f.Connect(t, org, "prod", "production")
	steps := []struct {
		name string
		do   func()
		want string
	}{
		{"analysed", func() {}, "r/api:1 r/web:1"},
		{"nothing", func() {}, ""},
		{"recorded again", func() {
			_, err := f.Store.RecordImage(ctx, org, web, &store.Tag{Repository: "r/web", Name: "1", Target: web.Digest}, storetest.Analyser)
			must(t, err)
		}, "r/web:1"},
		{"advisories of a new ecosystem", func() {
			must(t, f.Store.PutAdvisoryStatus(ctx, store.AdvisoryStatus{Ecosystem: "Debian", Imported: time.Unix(1, 0)}))
		}, "r/api:1 r/web:1"},
		{"the same once more", func() {
			must(t, f.Store.PutAdvisoryStatus(ctx, store.AdvisoryStatus{Ecosystem: "Debian", Imported: time.Unix(2, 0)}))
		}, ""},
		{"found", func() {
			_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory("1", "openssl", "3.0.2", time.Unix(1, 0))})
			must(t, err)
			f.Match(t, storetest.AllAffected)
		}, "r/web:1"},
		{"found with another fix", func() {
			_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory("1", "openssl", "3.0.3", time.Unix(2, 0))})
			must(t, err)
			f.Match(t, storetest.AllAffected)
		}, "r/web:1"},
		{"matched as before", func() {
			changed := storetest.Advisory("1", "openssl", "3.0.3", time.Unix(3, 0))
			changed.Related = []string{"X"}
			_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{changed})
			must(t, err)
			f.Match(t, storetest.AllAffected)
		}, ""},
		{"not found any more", func() {
			withdrawn := storetest.Advisory("1", "openssl", "3.0.3", time.Unix(4, 0))
			withdrawn.Withdrawn = time.Unix(4, 0)
			_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{withdrawn})
			must(t, err)
			f.Match(t, storetest.AllAffected)
		}, "r/web:1"},
		{"found again", func() {
			_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory("1", "openssl", "3.0.3", time.Unix(5, 0))})
			must(t, err)
			f.Match(t, storetest.AllAffected)
		}, "r/web:1"},
		{"the first catalogue", func() {
			_, err := f.Store.PutExploited(ctx, []crowsnest.Exploited{{CVE: "CVE-2099-9"}})
			must(t, err)
		}, "r/api:1 r/web:1"},
		{"exploited", func() {
			_, err := f.Store.PutExploited(ctx, []crowsnest.Exploited{{CVE: "CVE-2099-9"}, {CVE: "CVE-2099-1"}})
			must(t, err)
		}, "r/web:1"},
		{"runs", func() {
			f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", web.ImageID, "")}})
		}, "r/web:1"},
		{"runs on", func() {
			f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", web.ImageID, "")}})
		}, ""},
		{"profiled", func() {
			f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", web.ImageID, "p")}, Profiles: map[string][]crowsnest.LoadedPackage{"p": {{Type: "deb", Name: "libssl3", Version: "3.0.1"}}}})
		}, "r/web:1"},
		{"what is not seen counts no more", func() {
			yes := true
			must(t, f.Store.ChangeEnvironment(ctx, org, "production", store.EnvironmentChange{DiscountNotSeen: &yes}))
		}, "r/web:1"},
		{"described", func() {
			text := "ours"
			must(t, f.Store.ChangeEnvironment(ctx, org, "production", store.EnvironmentChange{Description: &text}))
		}, ""},
		{"ended", func() { f.Sweep(t, in, store.Snapshot{}) }, "r/web:1"},
		{"assigned", func() {
			_, err := f.Store.AssignImages(ctx, org, "staging", store.Assignment{Images: []store.ImageKey{{Digest: api.Digest}}, Create: true})
			must(t, err)
		}, "r/api:1"},
		{"its environment deleted", func() { must(t, f.Store.DeleteEnvironment(ctx, org, "staging")) }, "r/api:1"},
		{"attested", func() { must(t, f.Store.SaveAttestations(ctx, org, api.Digest, nil)) }, "r/api:1"},
		{"other targets", func() { must(t, f.Store.SetTargets(ctx, org, store.Targets{crowsnest.High: 3})) }, "r/api:1 r/web:1"},
		{"a policy", func() { policy(t, f, org, "mine") }, "r/api:1 r/web:1"},
		{"another weight", func() {
			weight := 9
			_, err := f.Store.ChangePolicy(ctx, org, "mine", subject.PolicyChange{Weight: &weight})
			must(t, err)
		}, "r/api:1 r/web:1"},
		{"nothing of it", func() {
			weight := 9
			_, err := f.Store.ChangePolicy(ctx, org, "mine", subject.PolicyChange{Weight: &weight})
			must(t, err)
		}, ""},
	}
	for _, step := range steps {
		step.do()
		if got := strings.Join(due(t, f, org, web, api), " "); got != step.want {
			t.Errorf("%s: %q are due, want %q", step.name, got, step.want)
		}
	}
	must(t, f.Store.SaveAttestations(ctx, other, theirs.Digest, nil))
	if n, err := f.Store.DuePolicyImages(ctx, org); err != nil || n != 0 {
		t.Errorf("of theirs %d are ours, %v", n, err)
	}
	if n, err := f.Store.DuePolicyImages(ctx, other); err != nil || n != 1 {
		t.Errorf("%d of theirs are due, %v", n, err)
	}
	f.Work()
	must(t, f.Store.EnqueueDuePolicies(ctx))
	if got := f.Work(); len(got) != 1 || got[0].Kind != store.PolicyWork {
		t.Errorf("enqueued %v", got)
	}
	due(t, f, other)
	must(t, f.Store.EnqueueDuePolicies(ctx))
	if got := f.Work(); len(got) != 0 {
		t.Errorf("nothing is due, and enqueued is %v", got)
	}
}

// What changes while something is asked stays due.
func testMarks(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	web := f.Analysed(t, org, "r/web:1")
	_, before, err := f.Store.DuePolicies(ctx, 10)
	must(t, err)
	must(t, f.Store.SaveAttestations(ctx, org, web.Digest, nil))
	say(t, f, org, subject.PolicyAnswers{DueImage: before[0], Content: 1})
	_, after, err := f.Store.DuePolicies(ctx, 10)
	must(t, err)
	if len(after) != 1 || after[0].Image != before[0].Image || after[0].Marks <= before[0].Marks {
		t.Fatalf("%v was answered after it was marked again, and due is %v", before, after)
	}
	say(t, f, org, subject.PolicyAnswers{DueImage: after[0], Content: 1})
	if _, list, err := f.Store.DuePolicies(ctx, 10); err != nil || len(list) != 0 {
		t.Errorf("all is answered, and due is %v, %v", list, err)
	}
}

func testAgain(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	web := f.Analysed(t, org, "r/web:1")
	due(t, f, org)
	a := answer(number(t, f, org, web))
	in := f.Connect(t, org, "prod", "production")
	a.Again = in.Created.Add(time.Hour)
	say(t, f, org, a)
	f.Advance(time.Hour - time.Second)
	if _, list, err := f.Store.DuePolicies(ctx, 10); err != nil || len(list) != 0 {
		t.Errorf("before its time due is %v, %v", list, err)
	}
	f.Advance(time.Second)
	of, list, err := f.Store.DuePolicies(ctx, 10)
	if err != nil || of != org || len(list) != 1 || list[0].Image != a.Image || list[0].Marks != 0 {
		t.Errorf("at its time due is %v of %s, %v", list, of, err)
	}
	a.Again = time.Time{}
	say(t, f, org, a)
	if _, list, err := f.Store.DuePolicies(ctx, 10); err != nil || len(list) != 0 {
		t.Errorf("never again is %v, %v", list, err)
	}
}

// What policies that somebody wrote see is that of the organisation's own images.
func testDocuments(t *testing.T, f storetest.Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	packages := []crowsnest.Package{storetest.Package("libssl3", "3.0.1", "openssl"), storetest.Package("zlib1g", "1", "zlib")}
	packages[0].Licences = []string{"Apache-2.0"}
	web := f.Analysed(t, org, "registry.example.com/shop/web:1", packages...)
	api := f.Analysed(t, org, "registry.example.com/shop/api:1", packages...)
	images := []int64{number(t, f, org, web), number(t, f, org, api)}
	d, err := f.Store.PolicyDocuments(ctx, org, images)
	must(t, err)
	if len(d.Images) != 2 || d.Images[images[0]].Name != web.Name || d.Images[images[0]].Digest != web.Digest || d.Images[images[1]].Platform != api.Platform {
		t.Errorf("of the images is told %+v", d.Images)
	}
	n := 0
	for _, set := range d.Sets {
		for _, p := range set {
			n++
			if p.Name == "libssl3" && (len(p.Licences) != 1 || p.Source != "openssl" || p.Ecosystem != packages[0].Ecosystem) {
				t.Errorf("of a package is told %+v", p)
			}
		}
	}
	if n != 2 {
		t.Errorf("%d packages are in the sets, want each once: %+v", n, d.Sets)
	}
	if d, err := f.Store.PolicyDocuments(ctx, other, images); err != nil || len(d.Images)+len(d.Sets) != 0 {
		t.Errorf("another organisation is told %+v, %v", d, err)
	}
}
