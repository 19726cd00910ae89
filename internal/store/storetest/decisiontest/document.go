package decisiontest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
)

// document makes one by an author.
func document(author, identifier string, statements ...decided.Statement) decided.Document {
	return decided.Document{Format: decided.OpenVEX, Identifier: identifier, Author: author, Name: identifier + ".json", Digest: storetest.Digest(author + identifier), Size: 1, Stated: time.Unix(100, 0).UTC(), Statements: statements}
}

// states makes a statement about products.
func states(kind crowsnest.DecisionKind, vulnerability string, scopes ...crowsnest.DecisionScope) decided.Statement {
	return decided.Statement{Vulnerability: vulnerability, Kind: kind, Justification: "component_not_present", Text: "not built in", Scopes: scopes}
}

func put(t *testing.T, f storetest.Fixture, org store.OrgID, doc decided.Document) decided.Document {
	t.Helper()
	out, err := f.Store.PutVEX(ctx, org, doc)
	must(t, err)
	return out
}

func trust(t *testing.T, f storetest.Fixture, org store.OrgID, authors ...string) {
	t.Helper()
	_, err := f.Store.ChangeDecisionSettings(ctx, org, decided.SettingsChange{Authors: &authors})
	must(t, err)
}

func testDocuments(t *testing.T, f storetest.Fixture) {
	org, web, api := shop(t, f, "acme")
	product := crowsnest.DecisionScope{Image: host + "shop/web:1"}
	doc := put(t, f, org, document("security@example.com", "one", states(crowsnest.NotAffected, "CVE-2099-1", product)))
	want(t, "by an author whom nobody trusts", suppressed(t, f, org, web, ""), nil)
	trust(t, f, org, "*@other.example.com", "security@*")
	want(t, "by one that is trusted", suppressed(t, f, org, web, ""), one)
	want(t, "of another product", suppressed(t, f, org, api, ""), nil)
	rows, err := f.Store.ImageFindings(ctx, org, web.Digest, "")
	must(t, err)
	told := &crowsnest.Suppression{By: crowsnest.ByVEX, ID: doc.ID, Type: crowsnest.NotAffected, Justification: "component_not_present", Text: "not built in", Author: "security@example.com", Since: doc.Stated}
	if i := slices.IndexFunc(rows, func(r store.FindingRow) bool { return r.Suppressed != nil }); !cmp.Equal(told, rows[i].Suppressed) {
		t.Errorf("told is %+v", rows[i].Suppressed)
	}
	how, err := f.Store.DecisionSettings(ctx, org)
	must(t, err)
	if diff := cmp.Diff(decided.Settings{Authors: []string{"*@other.example.com", "security@*"}}, how); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}

	// A newer version takes the place of the one before, and what it no longer states is gone.
	f.Advance(time.Second)
	newer := document("security@example.com", "one", states(crowsnest.Fixed, "CVE-2099-2", product))
	newer.Digest = storetest.Digest("newer")
	doc = put(t, f, org, newer)
	want(t, "by a newer version", suppressed(t, f, org, web, ""), []string{"CVE-2099-2"})
	again := put(t, f, org, newer)
	list, err := f.Store.VEXDocuments(ctx, org)
	must(t, err)
	if len(list) != 1 || list[0].ID != again.ID || !list[0].Trusted || list[0].Count != 1 || list[0].AddedBy != "editor@example.com" {
		t.Errorf("there are %+v", list)
	}
	// The newest statement counts, whoever made it.
	later := document("security@elsewhere.example.com", "two", states(crowsnest.UnderInvestigation, "CVE-2099-2", product))
	later.Stated = later.Stated.Add(time.Second)
	taken := put(t, f, org, later)
	want(t, "taken back by a later one", suppressed(t, f, org, web, ""), nil)
	must(t, f.Store.DeleteVEX(ctx, org, taken.ID))
	want(t, "when that is gone", suppressed(t, f, org, web, ""), []string{"CVE-2099-2"})
	trust(t, f, org)
	want(t, "when nobody is trusted any more", suppressed(t, f, org, web, ""), nil)
	must(t, f.Store.DeleteVEX(ctx, org, again.ID))
	wantKind(t, f.Store.DeleteVEX(ctx, org, again.ID), crowsnest.NotFound)

	// What was attested of an image holds for it in its repository, whatever it says that it is about.
	trust(t, f, org, "*")
	attested := document("security@example.com", "attested", states(crowsnest.NotAffected, "CVE-2099-1", crowsnest.DecisionScope{Packages: []string{"pkg:deb/debian/libssl3"}}))
	attested.Image = web.Digest
	put(t, f, org, attested)
	want(t, "attested", suppressed(t, f, org, web, ""), one)
	want(t, "attested of another image", suppressed(t, f, org, api, ""), nil)
	must(t, f.Store.KeepTags(ctx, org, []store.Tag{{Repository: host + "other/web", Name: "1", Target: web.Digest}}))
	want(t, "attested in another repository", suppressed(t, f, org, web, ""), nil)
	must(t, f.Store.KeepTags(ctx, org, []store.Tag{{Repository: host + "other/web", Name: "1"}}))
	want(t, "attested again", suppressed(t, f, org, web, ""), one)
	must(t, f.Store.SaveAttestations(ctx, org, web.Digest, nil))
	want(t, "when the attestation is gone", suppressed(t, f, org, web, ""), nil)
}

// testImageFiles has documents in the file system of an image: they hold for it alone, and while nothing is attested of it.
func testImageFiles(t *testing.T, f storetest.Fixture) {
	org, web, api := shop(t, f, "acme")
	trust(t, f, org, "*")
	found := document("security@example.com", "found", states(crowsnest.NotAffected, "CVE-2099-1", crowsnest.DecisionScope{Packages: []string{"pkg:deb/debian/libssl3"}}))
	found.Image, found.Path = web.Digest, "usr/share/app.vex.json"
	doc := put(t, f, org, found)
	if doc.Path != found.Path || doc.Ignored {
		t.Errorf("the document is %+v", doc)
	}
	want(t, "found in the image", suppressed(t, f, org, web, ""), one)
	want(t, "found in another image", suppressed(t, f, org, api, ""), nil)
	must(t, f.Store.SaveAttestations(ctx, org, web.Digest, nil))
	want(t, "when attestations were looked for", suppressed(t, f, org, web, ""), one)
	must(t, f.Store.SaveAttestations(ctx, org, web.Digest, []crowsnest.Attestation{{Digest: storetest.Digest("provenance"), Manifest: storetest.Digest("m"), Source: crowsnest.AttestationInIndex, Kind: crowsnest.AttestedProvenance}}))
	want(t, "when something is attested", suppressed(t, f, org, web, ""), nil)
	list, err := f.Store.VEXDocuments(ctx, org)
	must(t, err)
	if len(list) != 1 || !list[0].Ignored {
		t.Errorf("documents are %+v", list)
	}
	fates, err := f.Store.VEXStatements(ctx, org, doc.ID, 0, 10)
	must(t, err)
	if len(fates) != 1 || fates[0].Fate != decided.ImageAttested || fates[0].Findings != 1 {
		t.Errorf("fates are %+v", fates)
	}
	must(t, f.Store.SaveAttestations(ctx, org, web.Digest, nil))
	want(t, "when it is attested no more", suppressed(t, f, org, web, ""), one)

	// Whoever brings a content with documents reads its own copy of them, though somebody else had it analysed.
	theirs := f.Organisation(t, "theirs")
	img := storetest.Image(host + "shop/stated:1")
	record := func(org store.OrgID) bool {
		t.Helper()
		known, err := f.Store.RecordImage(ctx, org, img, nil, storetest.Analyser)
		must(t, err)
		return known
	}
	analysis := crowsnest.Analysis{Image: img, VEX: []crowsnest.VEXFile{{Path: "a.vex.json"}}}
	if record(org) {
		t.Error("known before it was analysed")
	}
	must(t, f.Store.SaveAnalysis(ctx, org, analysis, storetest.Analyser))
	if !record(org) || record(theirs) {
		t.Error("it is known to another organisation, or not to its own")
	}
	must(t, f.Store.SaveAnalysis(ctx, theirs, analysis, storetest.Analyser))
	if !record(theirs) || !record(org) {
		t.Error("it is not known to who had it analysed")
	}
}

func testFates(t *testing.T, f storetest.Fixture) {
	org, web, _ := shop(t, f, "acme")
	trust(t, f, org, "trusted")
	here, elsewhere := crowsnest.DecisionScope{Image: host + "shop/web:1"}, crowsnest.DecisionScope{Image: host + "shop/web:2"}
	of := func(purl string) crowsnest.DecisionScope { return crowsnest.DecisionScope{Packages: []string{purl}} }
	at := func(s decided.Statement, seconds int64) decided.Statement {
		s.Stated = time.Unix(seconds, 0).UTC()
		return s
	}
	doc := put(t, f, org, document("trusted", "doc",
		states(crowsnest.NotAffected, "CVE-2099-1", here),
		states(crowsnest.StatedAffected, "CVE-2099-1", elsewhere),
		states(crowsnest.NotAffected, "CVE-2099-404", here),
		states(crowsnest.NotAffected, "CVE-2099-2"),
		states(crowsnest.NotAffected, "CVE-2099-2", elsewhere),
		states(crowsnest.NotAffected, "CVE-2099-2", of("pkg:deb/debian/perl")),
		states(crowsnest.NotAffected, "CVE-2099-2", of("pkg:deb/debian/zlib1g@1.1")),
		at(states(crowsnest.NotAffected, "CVE-2099-2", of("pkg:deb/debian/zlib1g")), 50),
		at(states(crowsnest.UnderInvestigation, "CVE-2099-2", here), 60),
	))
	fates := func(id string) (out []decided.Fate) {
		t.Helper()
		for from := 0; ; from += 4 {
			list, err := f.Store.VEXStatements(ctx, org, id, from, 4)
			must(t, err)
			for _, s := range list {
				out = append(out, s.Fate)
			}
			if len(list) < 4 {
				return out
			}
		}
	}
	wanted := []decided.Fate{decided.Applies, decided.SaysNothing, decided.NoFinding, decided.NoProduct, decided.OtherImage, decided.OtherPackage, decided.OtherVersion, decided.OutDated, decided.SaysNothing}
	if diff := cmp.Diff(wanted, fates(doc.ID)); diff != "" {
		t.Errorf("fates (-want +got):\n%s", diff)
	}
	list, err := f.Store.VEXStatements(ctx, org, doc.ID, 0, 1)
	must(t, err)
	if diff := cmp.Diff([]decided.StatementFate{{Statement: doc1(), Fate: decided.Applies, Findings: 1}}, list, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("a statement (-want +got):\n%s", diff)
	}
	must(t, f.Store.KeepTags(ctx, org, []store.Tag{{Repository: host + "shop/web", Name: "latest", Target: web.Digest}}))
	if got := fates(doc.ID); got[0] != decided.OtherNames {
		t.Errorf("of an image with another name it is %s", got[0])
	}
	stranger := put(t, f, org, document("stranger", "doc", states(crowsnest.NotAffected, "CVE-2099-1", crowsnest.DecisionScope{})))
	if got := fates(stranger.ID); got[0] != decided.Untrusted {
		t.Errorf("by a stranger it is %s", got[0])
	}
	attested := document("trusted", "attested", states(crowsnest.NotAffected, "CVE-2099-1", crowsnest.DecisionScope{Image: host + "shop/api:1"}))
	attested.Image = web.Digest
	if got := fates(put(t, f, org, attested).ID); got[0] != decided.OutsideOfBounds {
		t.Errorf("attested of one image and about another it is %s", got[0])
	}
	other := f.Organisation(t, "globex")
	_, err = f.Store.VEXStatements(ctx, other, doc.ID, 0, 10)
	wantKind(t, err, crowsnest.NotFound)
}

// doc1 is the first statement of testFates.
func doc1() decided.Statement {
	return states(crowsnest.NotAffected, "CVE-2099-1", crowsnest.DecisionScope{Image: host + "shop/web:1"})
}

func testDue(t *testing.T, f storetest.Fixture) {
	org, web, api := shop(t, f, "acme")
	other, _, _ := shop(t, f, "globex")
	drain := func() []string {
		t.Helper()
		var names []string
		for {
			o, list, err := f.Store.DuePolicies(ctx, 100)
			must(t, err)
			if len(list) == 0 {
				slices.Sort(names)
				return names
			}
			answers := make([]subject.PolicyAnswers, len(list))
			for i, d := range list {
				answers[i].DueImage = d
				if o != org {
					names = append(names, "of another")
				}
				for name, img := range map[string]crowsnest.Image{"web": web, "api": api} {
					if n, err := f.Store.ImageNumber(ctx, org, img.Digest); err == nil && n == d.Image {
						names = append(names, name)
					}
				}
			}
			must(t, f.Store.SavePolicyAnswers(ctx, o, answers))
		}
	}
	drain()
	step := func(what string, want ...string) {
		t.Helper()
		if got := drain(); !slices.Equal(got, want) {
			t.Errorf("%s: due are %q, want %q", what, got, want)
		}
	}
	x, err := f.Store.CreateException(ctx, org, decided.Draft{Vulnerability: "CVE-2099-2", Kind: crowsnest.AcceptedRisk}, false)
	must(t, err)
	step("an exception", "web")
	_, err = f.Store.ApproveException(ctx, org, x.ID)
	must(t, err)
	step("its approval", "web")
	facts := func() []string {
		t.Helper()
		n, err := f.Store.ImageNumber(ctx, org, web.Digest)
		must(t, err)
		facts, err := f.Store.PolicyFacts(ctx, org, []int64{n}, true)
		must(t, err)
		var out []string
		for s := range facts.Images[0].Suppressed {
			out = append(out, s.Vulnerability)
		}
		for _, p := range facts.Images[0].Places {
			for s := range p.Suppressed {
				out = append(out, p.Name+" "+s.Vulnerability)
			}
		}
		slices.Sort(out)
		return out
	}
	want(t, "to policies", facts(), []string{"CVE-2099-2"})
	_, err = f.Store.RevokeException(ctx, org, x.ID)
	must(t, err)
	step("its end", "web")
	want(t, "to policies", facts(), nil)
	except(t, f, org, "CVE-2099-1", crowsnest.DecisionScope{Environments: []string{"production"}})
	step("one about both", "api", "web")
	want(t, "to policies", facts(), []string{"production CVE-2099-1"})
	must(t, f.Store.KeepTags(ctx, org, []store.Tag{{Repository: host + "shop/api", Name: "latest", Target: api.Digest}}))
	step("a name", "api")
	must(t, f.Store.KeepTags(ctx, org, []store.Tag{{Repository: host + "shop/api", Name: "latest", Target: web.Digest}}))
	step("a name that moves", "api", "web")
	must(t, f.Store.KeepTags(ctx, org, []store.Tag{{Repository: host + "shop/api", Name: "latest", Target: web.Digest}}))
	step("the same name again")
	put(t, f, org, document("a", "1", states(crowsnest.NotAffected, "CVE-2099-2", crowsnest.DecisionScope{})))
	step("a document", "web")
	trust(t, f, org, "a")
	step("trust", "web")
	must(t, f.Store.KeepTags(ctx, other, []store.Tag{{Repository: host + "shop/api", Name: "latest", Target: web.Digest}}))
	step("a name where nothing is decided")
	n, err := f.Store.ImageNumber(ctx, org, web.Digest)
	must(t, err)
	later, err := f.Store.CreateException(ctx, org, decided.Draft{Vulnerability: "CVE-2099-1", Kind: crowsnest.AcceptedRisk, Expires: x.Created.Add(time.Hour)}, true)
	must(t, err)
	facted, err := f.Store.PolicyFacts(ctx, org, []int64{n}, true)
	must(t, err)
	if !facted.Images[0].Again.Equal(later.Expires) {
		t.Errorf("policies are to be asked again at %s, want %s", facted.Images[0].Again, later.Expires)
	}
}

func testOfImage(t *testing.T, f storetest.Fixture) {
	org, web, api := shop(t, f, "acme")
	must(t, f.Store.KeepTags(ctx, org, []store.Tag{{Repository: host + "shop/web", Name: "latest", Target: web.Digest}}))
	except(t, f, org, "CVE-2099-1", crowsnest.DecisionScope{Image: host + "shop/web:1"})
	f.Advance(time.Second)
	except(t, f, org, "CVE-2099-2", crowsnest.DecisionScope{Environments: []string{"staging"}})
	f.Advance(time.Second)
	except(t, f, org, "CVE-2099-404", crowsnest.DecisionScope{})
	list, err := f.Store.ImageDecisions(ctx, org, web.Digest)
	must(t, err)
	type row struct {
		Vulnerability           string
		Findings, Suppressed    int
		Undecided, Environments []string
	}
	var got []row
	for _, d := range list {
		got = append(got, row{d.Vulnerability, d.Findings, d.Suppressed, d.Undecided, d.Environments})
	}
	if diff := cmp.Diff([]row{{"CVE-2099-2", 1, 1, nil, []string{"staging"}}, {"CVE-2099-1", 1, 0, []string{host + "shop/web:latest"}, nil}}, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("decisions about the image (-want +got):\n%s", diff)
	}
	if list, err := f.Store.ImageDecisions(ctx, org, api.Digest); err != nil || len(list) != 0 {
		t.Errorf("about the other one there are %+v, %v", list, err)
	}
	_, err = f.Store.ImageDecisions(ctx, f.Organisation(t, "globex"), web.Digest)
	wantKind(t, err, crowsnest.NotFound)
}
