package policytest

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
)

func facts(t *testing.T, f storetest.Fixture, org store.OrgID, images ...crowsnest.Image) subject.Facts {
	t.Helper()
	var ids []int64
	for _, img := range images {
		ids = append(ids, number(t, f, org, img))
	}
	out, err := f.Store.PolicyFacts(ctx, org, ids, true)
	must(t, err)
	if len(out.Images) != len(images) {
		t.Fatalf("of %d images there are facts of %d", len(images), len(out.Images))
	}
	return out
}

func testFacts(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	img := storetest.Image("r/web:1")
	img.User = "app"
	_, err := f.Store.RecordImage(ctx, org, img, &store.Tag{Repository: "r/web", Name: "1", Target: img.Index}, storetest.Analyser)
	must(t, err)
	_, err = f.Store.ImageNumber(ctx, org, img.Digest)
	wantKind(t, err, crowsnest.NotFound)
	bare := storetest.Package("zlib1g", "1", "zlib")
	bare.Licences = nil
	must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: img, Distribution: crowsnest.Distribution{ID: "debian", VersionID: "12"},
		Packages: []crowsnest.Package{storetest.Package("libssl3", "3.0.1", "openssl"), bare}}, storetest.Analyser))
	advisory := storetest.Advisory("1", "openssl", "3.0.2", time.Unix(9, 0))
	advisory.Published = time.Unix(5, 0).UTC()
	_, err = f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{advisory})
	must(t, err)
	f.Match(t, storetest.AllAffected)
	f.Sweep(t, f.Connect(t, org, "prod", "production"), store.Snapshot{
		Runs:     []crowsnest.Observation{storetest.Run("web", img.ImageID, "p")},
		Profiles: map[string][]crowsnest.LoadedPackage{"p": {{Type: "deb", Name: "libssl3", Version: "3.0.1"}}},
	})

	got := facts(t, f, org, img)
	p := got.Images[0]
	if p.Content == 0 || p.Repository != "r/web" || p.User != "app" || p.Distribution.VersionID != "12" || p.Attestations != nil || p.Base != nil || got.KnownExploited {
		t.Errorf("the image is %+v", p)
	}
	if len(p.Places) != 1 || p.Places[0].Name != "production" || !p.Places[0].Watch.Loaded[crowsnest.UseKey("deb", "libssl3", "3.0.1")] {
		t.Errorf("it runs in %+v", p.Places)
	}
	var findings []*subject.Finding
	var licensed []subject.Licences
	unlicensed := 0
	var missing []string
	for _, set := range p.Sets {
		s := got.Sets[set]
		findings, licensed, missing = append(findings, s.Findings...), append(licensed, s.Licences...), append(missing, s.Missing...)
		unlicensed += s.Unlicensed
	}
	ssl := storetest.Package("libssl3", "3.0.1", "").PackageVersion
	if len(findings) != 1 || findings[0].Vulnerability != "CVE-2099-1" || !cmp.Equal(findings[0].Aliases, []string{"1"}) || findings[0].Severity != crowsnest.Critical || findings[0].FixedVersion != "3.0.2" ||
		findings[0].Package.PURL != ssl.PURL || findings[0].Package.Name != "libssl3" || findings[0].Sought != findings[0].Package.Sought() || !findings[0].Published.Equal(advisory.Published) || findings[0].Exploited {
		t.Errorf("found is %+v", findings)
	}
	if want := []subject.Licences{{PURL: ssl.PURL, Licences: []string{"MIT"}}}; !cmp.Equal(licensed, want) || unlicensed != 1 {
		t.Errorf("licences are %v and %d without", licensed, unlicensed)
	}
	if !cmp.Equal(missing, []string{"Debian"}) {
		t.Errorf("without advisories are %q", missing)
	}

	must(t, f.Store.PutAdvisoryStatus(ctx, store.AdvisoryStatus{Ecosystem: "Debian", Imported: time.Unix(1, 0)}))
	_, err = f.Store.PutExploited(ctx, []crowsnest.Exploited{{CVE: "CVE-2099-1"}})
	must(t, err)
	must(t, f.Store.SaveAttestations(ctx, org, img.Digest, nil))
	got = facts(t, f, org, img)
	if p := got.Images[0]; !got.KnownExploited || !cmp.Equal(p.Attestations, &subject.Attestations{}) {
		t.Errorf("without attestations it is %+v", p.Attestations)
	}
	for _, set := range got.Images[0].Sets {
		if s := got.Sets[set]; len(s.Missing) != 0 || len(s.Findings) > 0 && !s.Findings[0].Exploited {
			t.Errorf("with advisories and a catalogue it is %+v", s)
		}
	}

	const buildKit = "https://mobyproject.org/buildkit@v1"
	for name, c := range map[string]struct {
		list []crowsnest.Attestation
		want subject.Attestations
	}{
		"SBOM and a problem": {[]crowsnest.Attestation{{Kind: crowsnest.AttestedSBOM, Digest: "1"}, {Kind: crowsnest.AttestedProvenance, Problem: "broken"}}, subject.Attestations{SBOM: true, Unread: 1}},
		"little":             {[]crowsnest.Attestation{{Kind: crowsnest.AttestedProvenance, Provenance: &crowsnest.Provenance{BuildType: buildKit, Mode: crowsnest.ProvenanceMin}}}, subject.Attestations{Provenance: true}},
		"all":                {[]crowsnest.Attestation{{Kind: crowsnest.AttestedProvenance, Provenance: &crowsnest.Provenance{BuildType: buildKit, Mode: crowsnest.ProvenanceMax}}}, subject.Attestations{Provenance: true, Full: true}},
		"not asked":          {[]crowsnest.Attestation{{Kind: crowsnest.AttestedProvenance, Provenance: &crowsnest.Provenance{BuildType: buildKit}}}, subject.Attestations{Provenance: true, Unclear: true}},
		"another builder":    {[]crowsnest.Attestation{{Kind: crowsnest.AttestedProvenance, Provenance: &crowsnest.Provenance{BuildType: "https://example.com/build"}}}, subject.Attestations{Provenance: true, Full: true}},
	} {
		must(t, f.Store.SaveAttestations(ctx, org, img.Digest, c.list))
		if got := facts(t, f, org, img).Images[0].Attestations; !cmp.Equal(got, &c.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func testBases(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	on := func(name string, digest crowsnest.Digest) crowsnest.Image {
		img := storetest.Image("r/" + name + string(digest.Short()) + ":1")
		img.Labels = map[string]string{crowsnest.LabelBaseName: name, crowsnest.LabelBaseDigest: string(digest)}
		_, err := f.Store.RecordImage(ctx, org, img, nil, storetest.Analyser)
		must(t, err)
		must(t, f.Store.SaveAnalysis(ctx, org, crowsnest.Analysis{Image: img}, storetest.Analyser))
		return img
	}
	tag := func(img crowsnest.Image, tag string) {
		_, err := f.Store.RecordImage(ctx, org, img, &store.Tag{Repository: "docker.io/library/debian", Name: tag, Target: img.Index}, storetest.Analyser)
		must(t, err)
	}
	old, current := storetest.Image("old"), storetest.Image("new")
	tag(old, "12")
	tag(old, "12.1")
	byIndex, byManifest, bare, unknown := on("debian:12", old.Index), on("docker.io/library/debian:12", old.Digest), on("", old.Index), on("debian:13", old.Index)
	all := []crowsnest.Image{byIndex, byManifest, bare, unknown}
	want := func(when, name string, img crowsnest.Image, base string, tags ...subject.Tag) {
		t.Helper()
		p := facts(t, f, org, img).Images[0]
		if p.Base == nil || p.Base.Name != base {
			t.Errorf("%s: %s is built on %+v, want %s", when, name, p.Base, base)
		}
		if diff := cmp.Diff(tags, p.BaseTags); diff != "" {
			t.Errorf("%s: tags of %s (-want +got):\n%s", when, name, diff)
		}
	}
	const debian = "docker.io/library/debian"
	same := subject.Tag{Reference: debian + ":12", Current: true, Names: old.Index}
	point := subject.Tag{Reference: debian + ":12.1", Current: true, Names: old.Index}
	want("first", "by index", byIndex, debian+":12", same)
	want("first", "by manifest", byManifest, debian+":12", same)
	want("first", "by digest alone", bare, "", same, point)
	want("first", "of a tag nobody knows", unknown, debian+":13")

	for _, img := range all { // as what asks notes it
		a := answer(number(t, f, org, img))
		if p := facts(t, f, org, img).Images[0]; p.Base != nil {
			a.Base = p.Base.Name
		}
		say(t, f, org, a)
	}
	due(t, f, org)
	for _, img := range all {
		a := answer(number(t, f, org, img))
		a.Base = facts(t, f, org, img).Images[0].Base.Name
		say(t, f, org, a)
	}
	tag(current, "12")
	if got := due(t, f, org, all...); len(got) != 2 {
		t.Errorf("the tag moved, and due is %q", got)
	}
	moved := subject.Tag{Reference: debian + ":12", Names: current.Index}
	want("moved", "by index", byIndex, debian+":12", moved)
	want("moved", "by manifest", byManifest, debian+":12", moved)
	want("moved", "by digest alone", bare, "", moved, point)
}

func revision(t *testing.T, f storetest.Fixture, org store.OrgID) int64 {
	t.Helper()
	all, err := f.Store.Revisions(ctx, org)
	must(t, err)
	return all[store.PoliciesResource]
}

func testIntervals(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	web := f.Analysed(t, org, "r/web:1")
	n := number(t, f, org, web)
	p, q := policy(t, f, org, "p"), policy(t, f, org, "q")
	begin := p.Created
	changes := func() (out []subject.PolicyChanged) {
		t.Helper()
		for page := (store.Page{Limit: 1}); ; {
			part, err := f.Store.PolicyChanges(ctx, org, subject.PolicyFilter{}, page)
			must(t, err)
			out = append(out, part.Items...)
			if page.Cursor = part.Next; part.Next == "" {
				return out
			}
		}
	}
	say(t, f, org, answer(n, result(p, 0, crowsnest.NonCompliant, 3), result(q, 0, crowsnest.NoData, 0)))
	was := revision(t, f, org)
	f.Advance(time.Hour)
	say(t, f, org, answer(n, result(p, 0, crowsnest.NonCompliant, 3), result(q, 0, crowsnest.NoData, 0)))
	if now := revision(t, f, org); now != was {
		t.Error("what is the same counts as a change")
	}
	f.Advance(time.Hour)
	say(t, f, org, answer(n, result(p, 0, crowsnest.NonCompliant, 2), result(q, 0, crowsnest.NoData, 0)))
	f.Advance(time.Hour)
	anew := answer(n, result(p, 0, crowsnest.Compliant, 0))
	anew.Content = 8
	say(t, f, org, anew) // and nothing of q any more

	at := func(p string, hours int, cause subject.PolicyCause, before *subject.PolicyOutcome, after subject.PolicyOutcome) subject.PolicyChanged {
		return subject.PolicyChanged{Policy: p, Name: web.Name, Digest: web.Digest, At: begin.Add(time.Duration(hours) * time.Hour), Cause: cause, Before: before, After: after}
	}
	three, two := subject.PolicyOutcome{Status: crowsnest.NonCompliant, Violations: 3}, subject.PolicyOutcome{Status: crowsnest.NonCompliant, Violations: 2}
	got := changes()
	want := []subject.PolicyChanged{
		at("p", 3, subject.CauseImage, &two, subject.PolicyOutcome{Status: crowsnest.Compliant}),
		at("p", 2, subject.CauseOutside, &three, two),
		at("q", 0, subject.CauseImage, nil, subject.PolicyOutcome{}),
		at("p", 0, subject.CauseImage, nil, three),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if part, err := f.Store.PolicyChanges(ctx, org, subject.PolicyFilter{Policy: "p", Since: begin.Add(2 * time.Hour)}, store.Page{}); err != nil || len(part.Items) != 1 || part.Items[0].At != want[0].At {
		t.Errorf("since then %+v changed, %v", part.Items, err)
	}
	rates, err := f.Store.PolicyRates(ctx, org, "", begin.Add(time.Hour))
	must(t, err)
	if diff := cmp.Diff(map[int64]subject.Rate{
		p.ID: {Now: subject.Count{Compliant: 1}, Then: subject.Count{NonCompliant: 1, Violations: 3}},
		q.ID: {Then: subject.Count{NoData: 1}},
	}, rates); diff != "" {
		t.Errorf("rates (-want +got):\n%s", diff)
	}

	off, on := false, true
	_, err = f.Store.ChangePolicy(ctx, org, "p", subject.PolicyChange{Enabled: &off})
	must(t, err)
	say(t, f, org, answer(n, result(p, 0, crowsnest.Compliant, 0))) // it was asked before
	if rates, err := f.Store.PolicyRates(ctx, org, "", begin); err != nil || rates[p.ID].Now.Images() != 0 {
		t.Errorf("while it is not enabled its rate is %+v, %v", rates[p.ID], err)
	}
	if list, err := f.Store.PolicyImages(ctx, org, subject.PolicyFilter{Policy: "p"}, store.Page{}); err != nil || len(list.Items) != 0 {
		t.Errorf("while it is not enabled it says %+v, %v", list, err)
	}
	_, err = f.Store.ChangePolicy(ctx, org, "p", subject.PolicyChange{Enabled: &on})
	must(t, err)
	if got := changes(); len(got) != len(want) {
		t.Errorf("enabled again its history has %d changes, want %d", len(got), len(want))
	}
	must(t, f.Store.DeletePolicy(ctx, org, "p"))
	if got := changes(); len(got) != 1 || got[0].Policy != "q" {
		t.Errorf("deleted it has %+v", got)
	}
}

func testPlaces(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	web, api, old := f.Analysed(t, org, "r/web:1"), f.Analysed(t, org, "r/api:1"), f.Analysed(t, org, "r/old:1")
	in, stage := f.Connect(t, org, "prod", "production"), f.Connect(t, org, "stage", "staging")
	f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", web.ImageID, ""), storetest.Run("api", api.ImageID, "")}})
	f.Sweep(t, stage, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", web.ImageID, "")}})
	w, a, o := number(t, f, org, web), number(t, f, org, api), number(t, f, org, old)
	place := make(map[string]int64)
	for _, p := range facts(t, f, org, web).Images[0].Places {
		place[p.Name] = p.ID
	}
	all, scoped := policy(t, f, org, "all"), policy(t, f, org, "scoped", "production", "staging")
	say(t, f, org,
		answer(w, result(all, 0, crowsnest.NonCompliant, 2), result(all, place["staging"], crowsnest.Compliant, 0), result(scoped, place["production"], crowsnest.Compliant, 0), result(scoped, place["staging"], crowsnest.NoData, 0)),
		answer(a, result(all, 0, crowsnest.Compliant, 0), result(scoped, place["production"], crowsnest.NonCompliant, 1)),
		answer(o, result(all, 0, crowsnest.NoData, 0)),
	)
	begin := all.Created
	f.Advance(time.Hour)
	type row struct {
		Name, Environment string
		Status            crowsnest.Compliance
		Violations        int
	}
	list := func(policy, environment string, statuses ...crowsnest.Compliance) (out []row) {
		t.Helper()
		for page := (store.Page{Limit: 1}); ; {
			part, err := f.Store.PolicyImages(ctx, org, subject.PolicyFilter{Policy: policy, Environment: environment, Statuses: statuses}, page)
			must(t, err)
			for _, i := range part.Items {
				out = append(out, row{i.Name, i.Environment, i.Status, i.Violations})
				if i.Reason != "because" || !reflect.DeepEqual(i.Says, because) || !i.Since.Equal(begin) || i.Cause != subject.CauseImage || i.Number == 0 {
					t.Errorf("an image is %+v", i)
				}
			}
			if page.Cursor = part.Next; part.Next == "" {
				return out
			}
		}
	}
	for _, c := range []struct {
		policy, environment string
		want                []row
		count               subject.Count
	}{
		{"all", "", []row{{api.Name, "", crowsnest.Compliant, 0}, {old.Name, "", crowsnest.NoData, 0}, {web.Name, "", crowsnest.NonCompliant, 2}}, subject.Count{Compliant: 1, NonCompliant: 1, NoData: 1, Violations: 2}},
		{"all", "production", []row{{api.Name, "", crowsnest.Compliant, 0}, {web.Name, "", crowsnest.NonCompliant, 2}}, subject.Count{Compliant: 1, NonCompliant: 1, Violations: 2}},
		{"all", "staging", []row{{web.Name, "staging", crowsnest.Compliant, 0}}, subject.Count{Compliant: 1}},
		{"scoped", "", []row{{api.Name, "production", crowsnest.NonCompliant, 1}, {web.Name, "staging", crowsnest.NoData, 0}}, subject.Count{NonCompliant: 1, NoData: 1, Violations: 1}},
		{"scoped", "production", []row{{api.Name, "production", crowsnest.NonCompliant, 1}, {web.Name, "production", crowsnest.Compliant, 0}}, subject.Count{Compliant: 1, NonCompliant: 1, Violations: 1}},
		{"scoped", "staging", []row{{web.Name, "staging", crowsnest.NoData, 0}}, subject.Count{NoData: 1}},
	} {
		if diff := cmp.Diff(c.want, list(c.policy, c.environment)); diff != "" {
			t.Errorf("%s in %q (-want +got):\n%s", c.policy, c.environment, diff)
		}
		rates, err := f.Store.PolicyRates(ctx, org, c.environment, begin)
		must(t, err)
		p := map[string]subject.Policy{"all": all, "scoped": scoped}[c.policy]
		if diff := cmp.Diff(subject.Rate{Now: c.count, Then: c.count}, rates[p.ID]); diff != "" {
			t.Errorf("rate of %s in %q (-want +got):\n%s", c.policy, c.environment, diff)
		}
		days, err := f.Store.PolicyTrend(ctx, org, c.policy, c.environment, 1)
		must(t, err)
		if len(days) != 1 || days[0].Count != c.count {
			t.Errorf("trend of %s in %q is %+v, want %+v", c.policy, c.environment, days, c.count)
		}
	}
	if got := list("all", "", crowsnest.NoData, crowsnest.Compliant); len(got) != 2 {
		t.Errorf("by status there are %+v", got)
	}
	states, err := f.Store.ImagePolicies(ctx, org, web.Digest, "staging")
	must(t, err)
	if states[all.ID].Status != crowsnest.Compliant || states[all.ID].Environment != "staging" || states[scoped.ID].Status != crowsnest.NoData {
		t.Errorf("of the image in staging they say %+v", states)
	}
	if part, err := f.Store.PolicyChanges(ctx, org, subject.PolicyFilter{Environment: "staging"}, store.Page{}); err != nil || len(part.Items) != 3 {
		t.Errorf("in staging %+v changed, %v", part.Items, err)
	}
	_, err = f.Store.PolicyRates(ctx, org, "nowhere", time.Time{})
	wantKind(t, err, crowsnest.NotFound)

	// What ends or begins to run makes a rate another as well.
	f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", web.ImageID, "")}})
	rates, err := f.Store.PolicyRates(ctx, org, "production", begin)
	must(t, err)
	if got := rates[all.ID]; got.Now.Images() != 1 || got.Then.Images() != 2 {
		t.Errorf("one runs no more, and the rate is %+v", got)
	}
}

func testTrend(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	web := f.Analysed(t, org, "r/web:1")
	n := number(t, f, org, web)
	in := f.Connect(t, org, "prod", "production")
	p := policy(t, f, org, "p")
	f.Advance(24 * time.Hour)
	f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", web.ImageID, "")}})
	say(t, f, org, answer(n, result(p, 0, crowsnest.NonCompliant, 4)))
	f.Advance(24 * time.Hour)
	say(t, f, org, answer(n, result(p, 0, crowsnest.Compliant, 0)))
	f.Sweep(t, in, store.Snapshot{})
	f.Advance(24 * time.Hour)
	bad, good := subject.Count{NonCompliant: 1, Violations: 4}, subject.Count{Compliant: 1}
	for environment, want := range map[string][]subject.Count{"": {{}, bad, good, good}, "production": {{}, bad, {}, {}}} {
		days, err := f.Store.PolicyTrend(ctx, org, "p", environment, 4)
		must(t, err)
		var got []subject.Count
		for i, d := range days {
			got = append(got, d.Count)
			if want := p.Created.Truncate(24*time.Hour).AddDate(0, 0, i); !d.Date.Equal(want) {
				t.Errorf("day %d is %s, want %s", i, d.Date, want)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("in %q (-want +got):\n%s", environment, diff)
		}
	}
	_, err := f.Store.PolicyTrend(ctx, org, "no such", "", 4)
	wantKind(t, err, crowsnest.NotFound)
}

func testScope(t *testing.T, f storetest.Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	web := f.Analysed(t, org, "r/web:1")
	n := number(t, f, org, web)
	p, theirs := policy(t, f, org, "p"), policy(t, f, other, "p")
	_, err := f.Store.ImageNumber(ctx, other, web.Digest)
	wantKind(t, err, crowsnest.NotFound)
	if got, err := f.Store.PolicyFacts(ctx, other, []int64{n}, true); err != nil || len(got.Images)+len(got.Sets) != 0 {
		t.Errorf("they are told %+v of ours, %v", got, err)
	}
	say(t, f, other, answer(n, result(theirs, 0, crowsnest.Compliant, 0), result(p, 0, crowsnest.Compliant, 0)))
	say(t, f, org, answer(n, result(theirs, 0, crowsnest.Compliant, 0)))
	for _, o := range []store.OrgID{org, other} {
		if rates, err := f.Store.PolicyRates(ctx, o, "", time.Time{}); err != nil || len(rates) != 0 {
			t.Errorf("answers across organisations count: %+v, %v", rates, err)
		}
	}
	say(t, f, org, answer(n, result(p, 0, crowsnest.NonCompliant, 1)))
	if rates, err := f.Store.PolicyRates(ctx, other, "", time.Time{}); err != nil || len(rates) != 0 {
		t.Errorf("they see %+v, %v", rates, err)
	}
	if part, err := f.Store.PolicyChanges(ctx, other, subject.PolicyFilter{}, store.Page{}); err != nil || len(part.Items) != 0 {
		t.Errorf("they see %+v, %v", part, err)
	}
	_, err = f.Store.ImagePolicies(ctx, other, web.Digest, "")
	wantKind(t, err, crowsnest.NotFound)
	wantKind(t, f.Store.DeletePolicy(ctx, other, "q"), crowsnest.NotFound)
	must(t, f.Store.DeletePolicy(ctx, other, "p"))
	if _, err := f.Store.Policy(ctx, org, "p"); err != nil {
		t.Errorf("with theirs ours is gone: %v", err)
	}
}
