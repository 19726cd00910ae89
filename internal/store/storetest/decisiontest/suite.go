// Package decisiontest is the part of the store's suite about decisions: what people and documents decide about findings, what that takes out of
// counts, and that it reaches nothing that was not decided about.
package decisiontest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// Suite runs every test against fresh stores that open makes.
func Suite(t *testing.T, open func(t *testing.T) storetest.Fixture) {
	storetest.Each(t, open, map[string]func(*testing.T, storetest.Fixture){
		"SuppressedCountsNowhere":         testCounts,
		"NoNameDecidesForAnother":         testNames,
		"ExpiryTakesEffectByItself":       testExpiry,
		"ExceptionsLive":                  testLife,
		"WhatIsRefused":                   testRefused,
		"PreviewTellsWhatWillBe":          testPreview,
		"DocumentsState":                  testDocuments,
		"FateOfStatements":                testFates,
		"DocumentsInImages":               testImageFiles,
		"DecisionsMakeImagesDue":          testDue,
		"DecisionsOfAnImage":              testOfImage,
		"AllCountsAgreeWhateverIsDecided": testAgree,
	})
}

var ctx = store.WithActor(context.Background(), store.Actor{Kind: store.ActorPerson, Name: "editor@example.com"})

var must, wantKind = storetest.Must, storetest.WantKind

const host = "registry.example.com/"

// shop gives an organisation two images: shop/web with libssl3 (CVE-2099-1) and zlib1g (CVE-2099-2), and shop/api with libssl3.
// Both run in production, the first in staging too.
func shop(t *testing.T, f storetest.Fixture, name string) (org store.OrgID, web, api crowsnest.Image) {
	t.Helper()
	org = f.Organisation(t, name)
	ssl, zlib := storetest.Package("libssl3", "3.0.1", "openssl"), storetest.Package("zlib1g", "1.2", "zlib")
	web, api = tagged(t, f, org, "shop/web", "1", ssl, zlib), tagged(t, f, org, "shop/api", "1", ssl)
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{
		storetest.Advisory("1", "openssl", "3.0.2", time.Unix(1, 0)), storetest.Advisory("2", "zlib", "1.3", time.Unix(1, 0)),
	})
	must(t, err)
	f.Match(t, storetest.AllAffected)
	f.Sweep(t, f.Connect(t, org, name+"-prod", "production"), store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", web.ImageID, ""), storetest.Run("api", api.ImageID, "")}})
	f.Sweep(t, f.Connect(t, org, name+"-stage", "staging"), store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", web.ImageID, "")}})
	return org, web, api
}

// tagged analyses an image that a tag names.
func tagged(t *testing.T, f storetest.Fixture, org store.OrgID, repository, tag string, packages ...crowsnest.Package) crowsnest.Image {
	t.Helper()
	img := storetest.Image(host + repository + ":" + tag)
	_, err := f.Store.RecordImage(ctx, org, img, &store.Tag{Repository: host + repository, Name: tag, Target: img.Digest}, storetest.Analyser)
	must(t, err)
	must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: img, Packages: packages}, storetest.Analyser))
	return img
}

// except decides something at once.
func except(t *testing.T, f storetest.Fixture, org store.OrgID, vulnerability string, scope crowsnest.DecisionScope) decided.Exception {
	t.Helper()
	x, err := f.Store.CreateException(ctx, org, decided.Draft{Vulnerability: vulnerability, Kind: crowsnest.AcceptedRisk, Scope: scope, Text: "we know"}, true)
	must(t, err)
	return x
}

// suppressed lists what is suppressed of an image, as an environment or nobody in particular sees it.
func suppressed(t *testing.T, f storetest.Fixture, org store.OrgID, img crowsnest.Image, environment string) []string {
	t.Helper()
	rows, err := f.Store.ImageFindings(ctx, org, img.Digest, environment)
	must(t, err)
	var out []string
	for _, r := range rows {
		if r.Suppressed != nil {
			out = append(out, r.Vulnerability)
		}
	}
	return out
}

func want(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: suppressed is %q, want %q", what, got, want)
	}
}

var one = []string{"CVE-2099-1"}

func testCounts(t *testing.T, f storetest.Fixture) {
	org, web, api := shop(t, f, "acme")
	x, err := f.Store.CreateException(ctx, org, decided.Draft{
		Vulnerability: "CVE-2099-1", Kind: crowsnest.FalsePositive, Justification: "component_not_present", Text: "not built in", Scope: crowsnest.DecisionScope{Repositories: []string{"shop/web"}},
	}, true)
	must(t, err)
	want(t, "where it is decided", suppressed(t, f, org, web, ""), one)
	want(t, "elsewhere", suppressed(t, f, org, api, ""), nil)
	rows, err := f.Store.ImageFindings(ctx, org, web.Digest, "production")
	must(t, err)
	i := slices.IndexFunc(rows, func(r store.FindingRow) bool { return r.Suppressed != nil })
	told := &crowsnest.Suppression{By: crowsnest.ByException, ID: x.ID, Type: crowsnest.FalsePositive, Justification: "component_not_present", Text: "not built in", Author: "editor@example.com", Since: x.Created}
	if diff := cmp.Diff(told, rows[i].Suppressed); diff != "" {
		t.Errorf("what is told of it (-want +got):\n%s", diff)
	}

	critical := func(n int) crowsnest.Summary { return crowsnest.Summary{Critical: n} }
	img, err := f.Store.Image(ctx, org, string(web.Digest))
	must(t, err)
	if img.Summary != critical(1) || img.Suppressed != critical(1) {
		t.Errorf("the image has %v, and suppressed %v", img.Summary, img.Suppressed)
	}
	for environment, w := range map[string][2]int{"production": {2, 1}, "staging": {1, 1}, store.LatestIndexed: {2, 1}} {
		e, err := f.Store.Environment(ctx, org, environment)
		must(t, err)
		if e.Summary != critical(w[0]) || e.Suppressed != critical(w[1]) {
			t.Errorf("%s has %v, and suppressed %v", environment, e.Summary, e.Suppressed)
		}
	}
	list := func(filter store.VulnerabilityFilter) []string {
		t.Helper()
		page, err := f.Store.Vulnerabilities(ctx, org, filter, store.Page{})
		must(t, err)
		var out []string
		for _, v := range page.Items {
			out = append(out, fmt.Sprintf("%s in %d images and %d packages of %s", v.ID, v.Images, v.Packages, strings.Join(v.Environments, " ")))
		}
		return out
	}
	for _, sort := range []store.VulnerabilitySort{store.VulnerabilitiesByWorst, store.VulnerabilitiesByUrgency} {
		if diff := cmp.Diff([]string{"CVE-2099-2 in 1 images and 1 packages of production staging", "CVE-2099-1 in 1 images and 1 packages of production"}, list(store.VulnerabilityFilter{Sort: sort})); diff != "" {
			t.Errorf("over all images (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"CVE-2099-2 in 1 images and 1 packages of production staging"}, list(store.VulnerabilityFilter{Sort: sort, Environment: "staging"})); diff != "" {
			t.Errorf("in staging (-want +got):\n%s", diff)
		}
		if got := list(store.VulnerabilityFilter{Sort: sort, Environment: "staging", Suppressed: true}); len(got) != 2 {
			t.Errorf("in staging with what is suppressed: %q", got)
		}
	}
	for environment, n := range map[string]int{"": 0, "production": 0, "staging": 1} {
		if got, err := f.Store.LeftOutVulnerabilities(ctx, org, store.VulnerabilityFilter{Environment: environment}); err != nil || got.Suppressed != n {
			t.Errorf("left out of %q are %+v, %v; want %d", environment, got, err, n)
		}
	}
	for environment, w := range map[string]int{"production": 0, "staging": 1, "nowhere": 0} {
		settled, err := f.Store.SuppressedIn(ctx, org, environment)
		must(t, err)
		if len(settled) != w || w == 1 && (settled["CVE-2099-1"].ID != x.ID || settled["CVE-2099-1"].Author != "editor@example.com") {
			t.Errorf("suppressed as a whole in %s: %+v", environment, settled)
		}
	}
	packages := func(filter store.PackageFilter) (out []string) {
		t.Helper()
		page, err := f.Store.Packages(ctx, org, filter, store.Page{})
		must(t, err)
		for _, p := range page.Items {
			out = append(out, fmt.Sprintf("%s %s and %s", p.Name, p.Summary, p.Suppressed))
		}
		return out
	}
	zlib := "zlib1g 1C 0H 0M 0L and 0C 0H 0M 0L"
	for _, filter := range []store.PackageFilter{{Vulnerable: true}, {Sort: store.PackagesByWorst}, {Vulnerable: true, Query: "L"}} {
		if diff := cmp.Diff([]string{"libssl3 1C 0H 0M 0L and 0C 0H 0M 0L", zlib}, packages(filter)); diff != "" {
			t.Errorf("vulnerable packages of all images, one of which counts (-want +got):\n%s", diff)
		}
		filter.Environment = "staging"
		if diff := cmp.Diff([]string{zlib}, packages(filter)); diff != "" {
			t.Errorf("vulnerable packages where all of one is suppressed (-want +got):\n%s", diff)
		}
		if got, err := f.Store.LeftOutPackages(ctx, org, filter); err != nil || got.Suppressed != 1 {
			t.Errorf("left out are %+v packages, %v; want 1", got, err)
		}
		filter.Suppressed = true
		if diff := cmp.Diff([]string{"libssl3 0C 0H 0M 0L and 1C 0H 0M 0L", zlib}, packages(filter)); diff != "" {
			t.Errorf("with what is suppressed (-want +got):\n%s", diff)
		}
		if got, err := f.Store.LeftOutPackages(ctx, org, filter); err != nil || got.Suppressed != 0 {
			t.Errorf("left out although it is shown: %+v, %v", got, err)
		}
	}
	if got := packages(store.PackageFilter{Environment: "staging"}); len(got) != 2 {
		t.Errorf("all packages, whatever is found in them: %q", got)
	}
	if got, err := f.Store.LeftOutPackages(ctx, org, store.PackageFilter{Vulnerable: true}); err != nil || got.Suppressed != 0 {
		t.Errorf("left out of all images: %+v, %v", got, err)
	}
	v, err := f.Store.Vulnerability(ctx, org, "CVE-2099-1")
	must(t, err)
	if v.Images != 1 || v.Packages != 1 || len(v.Affected) != 1 || v.Affected[0].Images != 1 || v.Affected[0].Suppressed != 1 {
		t.Errorf("the vulnerability is in %d images and %d packages: %+v", v.Images, v.Packages, v.Affected)
	}
	holders, err := f.Store.Holders(ctx, org, store.HolderFilter{Vulnerability: "CVE-2099-1"}, store.Page{})
	must(t, err)
	for _, h := range holders.Items {
		if got := h.Packages[0].Suppressed != nil; got != (h.Digest == web.Digest) {
			t.Errorf("in %s it is suppressed: %t", h.Name, got)
		}
	}
	overview, err := f.Store.Overview(ctx, org, "staging", time.Unix(0, 0))
	must(t, err)
	if len(overview.TopFindings) != 1 || overview.TopImages[0].Summary != critical(1) || overview.InUse.NotObserved != critical(1) {
		t.Errorf("the overview of staging is %+v", overview)
	}

	_, err = f.Store.RevokeException(ctx, org, x.ID)
	must(t, err)
	want(t, "after it was revoked", suppressed(t, f, org, web, ""), nil)
	if e, err := f.Store.Environment(ctx, org, "staging"); err != nil || e.Summary != critical(2) || e.Suppressed != critical(0) {
		t.Errorf("staging has %v again, %v", e.Summary, err)
	}
}

// A digest has several names; what is decided for one of them holds for no other.
func testNames(t *testing.T, f storetest.Fixture) {
	org, web, _ := shop(t, f, "acme")
	other, theirs, _ := shop(t, f, "globex")
	exact := except(t, f, org, "CVE-2099-1", crowsnest.DecisionScope{Image: host + "shop/web:1"})
	want(t, "its only name", suppressed(t, f, org, web, ""), one)
	want(t, "the same content in another organisation", suppressed(t, f, other, theirs, ""), nil)
	name := func(repository, tag string, target crowsnest.Digest) {
		must(t, f.Store.KeepTags(ctx, org, []store.Tag{{Repository: host + repository, Name: tag, Target: target}}))
	}
	name("shop/web", "latest", web.Index) // any digest of the image is a name of it
	want(t, "another tag of the repository", suppressed(t, f, org, web, ""), nil)
	if e, err := f.Store.Environment(ctx, org, "staging"); err != nil || e.Suppressed.Total() != 0 {
		t.Errorf("staging leaves out %v, %v", e.Suppressed, err)
	}
	digest := except(t, f, org, "CVE-2099-1", crowsnest.DecisionScope{Image: host + "shop/web@" + string(web.Digest)})
	want(t, "the digest in the repository", suppressed(t, f, org, web, ""), one)
	_, err := f.Store.RevokeException(ctx, org, exact.ID)
	must(t, err)
	want(t, "the digest alone", suppressed(t, f, org, web, ""), one)
	name("other/web", "1", web.Digest)
	want(t, "another repository", suppressed(t, f, org, web, ""), nil)
	third := except(t, f, org, "CVE-2099-1", crowsnest.DecisionScope{Repositories: []string{"other/*"}})
	want(t, "decided for that one as well", suppressed(t, f, org, web, ""), one)
	_, err = f.Store.RevokeException(ctx, org, third.ID)
	must(t, err)
	name("other/web", "1", "")
	want(t, "a name that ended", suppressed(t, f, org, web, ""), one)
	name("other/web", "1", storetest.Digest("another image"))
	want(t, "a name of another image", suppressed(t, f, org, web, ""), one)
	_, err = f.Store.RevokeException(ctx, org, digest.ID)
	must(t, err)

	except(t, f, org, "CVE-2099-2", crowsnest.DecisionScope{Environments: []string{"staging"}})
	want(t, "by itself", suppressed(t, f, org, web, ""), nil)
	want(t, "in another environment", suppressed(t, f, org, web, "production"), nil)
	want(t, "in the environment", suppressed(t, f, org, web, "staging"), []string{"CVE-2099-2"})
	renamed := "pre-production"
	must(t, f.Store.ChangeEnvironment(ctx, org, "staging", store.EnvironmentChange{Name: &renamed}))
	want(t, "in the environment by its new name", suppressed(t, f, org, web, renamed), []string{"CVE-2099-2"})
}

func testExpiry(t *testing.T, f storetest.Fixture) {
	org, web, _ := shop(t, f, "acme")
	start, err := f.Store.Exception(ctx, org, except(t, f, org, "CVE-2099-9", crowsnest.DecisionScope{}).ID)
	must(t, err)
	before, err := f.Store.Revisions(ctx, org)
	must(t, err)
	x, err := f.Store.CreateException(ctx, org, decided.Draft{Vulnerability: "CVE-2099-1", Kind: crowsnest.AcceptedRisk, Expires: start.Created.Add(time.Hour)}, true)
	must(t, err)
	after, err := f.Store.Revisions(ctx, org)
	must(t, err)
	if after[store.ImagesResource] == before[store.ImagesResource] || after[store.DecisionsResource] == before[store.DecisionsResource] {
		t.Error("nobody is told of the decision")
	}
	f.Advance(time.Hour - time.Microsecond)
	want(t, "a moment before", suppressed(t, f, org, web, ""), one)
	read := func(want int) {
		t.Helper()
		e, err := f.Store.Environment(ctx, org, "production")
		must(t, err)
		counted, err := f.Store.EnvironmentSummary(ctx, org, "production", store.CountPackages)
		must(t, err)
		list, err := f.Store.Vulnerabilities(ctx, org, store.VulnerabilityFilter{Sort: store.VulnerabilitiesByUrgency}, store.Page{})
		must(t, err)
		if e.Summary.Total() != []int{1, 3}[want-1] || counted.Summary.Total() != want || len(list.Items) != want {
			t.Errorf("production has %v and %v, listed are %d; want %d vulnerabilities", e.Summary, counted.Summary, len(list.Items), want)
		}
	}
	read(1)
	f.Advance(time.Microsecond)
	want(t, "at that moment", suppressed(t, f, org, web, ""), nil)
	read(2) // although it was kept a moment ago
	told, err := f.Store.Revisions(ctx, org)
	must(t, err)
	if told[store.ImagesResource] == after[store.ImagesResource] {
		t.Error("nobody is told that it expired")
	}
	x, err = f.Store.Exception(ctx, org, x.ID)
	must(t, err)
	if x.State != decided.Expired {
		t.Errorf("it is %s", x.State)
	}
	_, err = f.Store.RevokeException(ctx, org, x.ID)
	wantKind(t, err, crowsnest.Conflict)
}

func testLife(t *testing.T, f storetest.Fixture) {
	org, web, _ := shop(t, f, "acme")
	draft := decided.Draft{Vulnerability: "CVE-2099-1", Kind: crowsnest.AcceptedRisk, Text: "until the next release", Scope: crowsnest.DecisionScope{
		Image: host + "shop/web:1", Repositories: []string{"shop/*"}, Environments: []string{"production", "staging"}, Packages: []string{"pkg:deb/debian/libssl3"},
	}}
	waits, err := f.Store.CreateException(ctx, org, draft, false)
	must(t, err)
	if diff := cmp.Diff(decided.Exception{Draft: draft, State: decided.Waiting, Author: "editor@example.com"}, waits, cmpopts.IgnoreFields(decided.Exception{}, "ID", "Created")); diff != "" {
		t.Errorf("what waits (-want +got):\n%s", diff)
	}
	want(t, "while it waits", suppressed(t, f, org, web, "production"), nil)
	owner := store.WithActor(ctx, store.Actor{Kind: store.ActorPerson, Name: "owner@example.com"})
	approved, err := f.Store.ApproveException(owner, org, waits.ID)
	must(t, err)
	if approved.State != decided.Active || approved.ApprovedBy != "owner@example.com" || approved.Approved.IsZero() {
		t.Errorf("approved is %+v", approved)
	}
	want(t, "when it is approved", suppressed(t, f, org, web, "production"), one)
	_, err = f.Store.ApproveException(owner, org, waits.ID)
	wantKind(t, err, crowsnest.Conflict)
	revoked, err := f.Store.RevokeException(owner, org, waits.ID)
	must(t, err)
	if revoked.State != decided.Revoked || revoked.RevokedBy != "owner@example.com" {
		t.Errorf("revoked is %+v", revoked)
	}
	for _, step := range []func(context.Context, store.OrgID, string) (decided.Exception, error){f.Store.ApproveException, f.Store.RevokeException} {
		_, err = step(owner, org, waits.ID)
		wantKind(t, err, crowsnest.Conflict)
		_, err = step(owner, org, "nothing")
		wantKind(t, err, crowsnest.NotFound)
	}
	refused, err := f.Store.CreateException(ctx, org, draft, false)
	must(t, err)
	_, err = f.Store.RevokeException(owner, org, refused.ID)
	must(t, err)
	_, err = f.Store.ApproveException(owner, org, refused.ID)
	wantKind(t, err, crowsnest.Conflict)

	for i := range 5 {
		f.Advance(time.Second)
		except(t, f, org, fmt.Sprintf("CVE-2100-%d", i), crowsnest.DecisionScope{})
	}
	page := func(filter decided.Filter) (out []string) {
		t.Helper()
		for {
			list, next, err := f.Store.Exceptions(ctx, org, filter)
			must(t, err)
			for _, x := range list {
				out = append(out, x.Vulnerability)
			}
			if filter.Cursor = next; next == "" {
				return out
			}
		}
	}
	active := []string{"CVE-2100-4", "CVE-2100-3", "CVE-2100-2", "CVE-2100-1", "CVE-2100-0"}
	for name, c := range map[string]struct {
		filter decided.Filter
		want   []string
	}{
		"all in pages":   {decided.Filter{Limit: 2}, append(slices.Clone(active), "CVE-2099-1", "CVE-2099-1")},
		"active":         {decided.Filter{States: []decided.State{decided.Active}}, active},
		"waiting":        {decided.Filter{States: []decided.State{decided.Waiting}}, nil},
		"two states":     {decided.Filter{States: []decided.State{decided.Revoked, decided.Expired}}, []string{"CVE-2099-1", "CVE-2099-1"}},
		"vulnerability":  {decided.Filter{Query: "cve-2100-3"}, active[1:2]},
		"text":           {decided.Filter{Query: "NEXT release"}, []string{"CVE-2099-1", "CVE-2099-1"}},
		"author":         {decided.Filter{Query: "editor@"}, append(slices.Clone(active), "CVE-2099-1", "CVE-2099-1")},
		"no pattern":     {decided.Filter{Query: "%"}, nil},
		"false positive": {decided.Filter{Kind: crowsnest.FalsePositive}, nil},
	} {
		if got := page(c.filter); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	log, err := f.Store.AuditLog(ctx, org, store.AuditFilter{}, store.Page{Limit: 100})
	must(t, err)
	var actions []string
	for _, e := range log.Items {
		if strings.HasPrefix(e.Action, "exception.") && e.Subject == "CVE-2099-1" {
			actions = append(actions, e.Action+" by "+e.Actor.Name)
		}
	}
	if want := []string{"exception.revoke by owner@example.com", "exception.create by editor@example.com", "exception.revoke by owner@example.com", "exception.approve by owner@example.com", "exception.create by editor@example.com"}; !slices.Equal(actions, want) {
		t.Errorf("the log has %q, want %q", actions, want)
	}
}

func testRefused(t *testing.T, f storetest.Fixture) {
	org, _, _ := shop(t, f, "acme")
	other := f.Organisation(t, "globex")
	f.Connect(t, other, "theirs", "elsewhere")
	draft := decided.Draft{Vulnerability: "CVE-2099-1", Kind: crowsnest.AcceptedRisk}
	for name, c := range map[string]struct {
		change func(*decided.Draft)
		kind   crowsnest.Kind
	}{
		"an environment that there is not": {func(d *decided.Draft) { d.Scope.Environments = []string{"nowhere"} }, crowsnest.NotFound},
		"an environment of another":        {func(d *decided.Draft) { d.Scope.Environments = []string{"elsewhere"} }, crowsnest.NotFound},
		"an expiry that is past":           {func(d *decided.Draft) { d.Expires = time.Unix(1, 0) }, crowsnest.Invalid},
		"a long text":                      {func(d *decided.Draft) { d.Text = strings.Repeat("x", decided.MaxText+1) }, crowsnest.Invalid},
	} {
		d := draft
		c.change(&d)
		_, err := f.Store.CreateException(ctx, org, d, true)
		if crowsnest.KindOf(err) != c.kind {
			t.Errorf("%s: %v, want %s", name, err, c.kind)
		}
	}
	_, _, err := f.Store.Exceptions(ctx, org, decided.Filter{States: []decided.State{"other"}})
	wantKind(t, err, crowsnest.Invalid)
	_, _, err = f.Store.Exceptions(ctx, org, decided.Filter{Cursor: "x"})
	wantKind(t, err, crowsnest.Invalid)
	_, err = f.Store.PutVEX(ctx, org, decided.Document{Name: "long", Statements: make([]decided.Statement, decided.MaxStatements+1)})
	wantKind(t, err, crowsnest.TooLarge)
	_, err = f.Store.PutVEX(ctx, org, decided.Document{Name: "of no image", Image: storetest.Digest("nothing")})
	wantKind(t, err, crowsnest.NotFound)
	if list, err := f.Store.DecisionsInForce(ctx, org); err != nil || len(list) != 0 {
		t.Errorf("what was refused holds: %+v, %v", list, err)
	}
}
