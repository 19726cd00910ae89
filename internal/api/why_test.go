package api

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/api/why"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// explained is an image with a package for each way in which one is found, or is not.
func explained(t *testing.T) (*desk, crowsnest.Image) {
	t.Helper()
	d := newDesk(t)
	of := func(p crowsnest.PackageVersion, owner ...crowsnest.PackageOwner) crowsnest.Package {
		p.PURL = "pkg:" + p.Type + "/" + p.Name + "@" + p.Version
		out := crowsnest.Package{PackageVersion: p}
		for _, o := range owner {
			out.Locations = append(out.Locations, crowsnest.Location{Path: "usr/share/" + p.Name, OwnedBy: &o})
		}
		return out
	}
	img := d.fixture.Analysed(t, d.org, "registry.example/shop/web:1",
		of(crowsnest.PackageVersion{Type: "deb", Name: "libssl3", Version: "3.0.9-1", Ecosystem: "Debian:12", Source: "openssl", SourceVersion: "3.0.9-1"}),
		of(crowsnest.PackageVersion{Type: "deb", Name: "zlib1g", Version: "1:1.2.13-1", Ecosystem: "Debian:12", Source: "zlib", SourceVersion: "1:1.2.13-1"}),
		of(crowsnest.PackageVersion{Type: "npm", Name: "semver", Version: "7.3.5"}, crowsnest.PackageOwner{Name: "node-semver", Version: "7.3.5-2"}),
		of(crowsnest.PackageVersion{Type: "deb", Name: "orphan", Version: "1-1"}),
		of(crowsnest.PackageVersion{Type: "npm", Name: "lodash", Version: "4.17.21", Ecosystem: "npm"}),
	)
	record := func(id, cve string, affected ...crowsnest.Affected) *crowsnest.Advisory {
		a := &crowsnest.Advisory{ID: id, Modified: time.Unix(10, 0), Upstream: []string{cve}, Affected: affected, Summary: "x"}
		if strings.HasPrefix(id, "GHSA-") {
			a.Aliases, a.Upstream = a.Upstream, nil
		}
		return a
	}
	below := func(ecosystem, name, fixed string) crowsnest.Affected {
		return crowsnest.Affected{Ecosystem: ecosystem, Name: name, Ranges: []crowsnest.Range{{Type: crowsnest.RangeEcosystem, Events: []crowsnest.Event{{Introduced: "0"}, {Fixed: fixed}}}}}
	}
	minor := below("Debian:12", "openssl", "3.0.20-1")
	minor.State = crowsnest.StateIgnored
	withdrawn := record("GHSA-4444-4444-4444", "CVE-2099-0004", below("npm", "lodash", "5.0.0"))
	withdrawn.Withdrawn = time.Unix(20, 0)
	_, err := d.store.PutAdvisories(t.Context(), store.Update{}, []*crowsnest.Advisory{
		record("DEBIAN-CVE-2099-0001", "CVE-2099-0001", below("Debian:12", "openssl", "3.0.11-1"), below("Debian:11", "zlib", "1:1.2.14-1"), below("Debian:12", "absent", "2-1"), below("Debian:12", "orphan", "2-1")),
		record("GHSA-1111-1111-1111", "CVE-2099-0001", below("npm", "lodash", "4.17.20"), below("npm", "semver", "7.5.2")),
		record("DEBIAN-CVE-2099-0002", "CVE-2099-0002", minor), record("DEBIAN-CVE-2099-0003", "CVE-2099-0003", below("Debian:12", "absent", "2-1")),
		withdrawn, record("GHSA-5555-5555-5555", "CVE-2099-0005", below("PyPI", "django", "4.0")),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.store.PutAdvisoryStatus(t.Context(), store.AdvisoryStatus{Ecosystem: "Debian", Records: 3, Imported: time.Unix(10, 0)}); err != nil {
		t.Fatal(err)
	}
	if _, err := (advisory.Matcher{Store: d.store}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d, img
}

// brief writes an answer with that of each package and the rules behind it.
func brief(w why.Why) []string {
	out := []string{string(w.Answer)}
	for _, p := range w.Packages {
		line := p.Package.Name + " " + string(p.Answer)
		if p.Explanation != nil {
			for _, s := range p.Explanation.Sources {
				line += " " + s.Advisory + "=" + s.Rule
			}
		}
		out = append(out, line)
	}
	for _, n := range w.NotInstalled {
		out = append(out, "not installed "+n.Ecosystem+" "+n.Name)
	}
	return out
}

func TestWhy(t *testing.T) {
	d, img := explained(t)
	packages, err := d.store.ImagePackages(t.Context(), d.org, img.Digest)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"vulnerability=CVE-2099-0001": {"found", "libssl3 found DEBIAN-CVE-2099-0001=in-range", "zlib1g not-affected DEBIAN-CVE-2099-0001=other-release", "lodash not-affected GHSA-1111-1111-1111=outside-ranges",
			"orphan not-matched", "semver not-matched", "not installed Debian absent"},
		"vulnerability=cve-2099-0001&package=libssl3": {"found", "libssl3 found DEBIAN-CVE-2099-0001=in-range"},
		"vulnerability=CVE-2099-0001&package=openssl": {"found", "libssl3 found DEBIAN-CVE-2099-0001=in-range"},
		"vulnerability=CVE-2099-0001&package=lodash":  {"not-affected", "lodash not-affected GHSA-1111-1111-1111=outside-ranges"},
		"vulnerability=CVE-2099-0001&package=semver":  {"not-matched", "semver not-matched"},
		"vulnerability=CVE-2099-0001&package=curl":    {"not-installed"},
		"vulnerability=CVE-2099-0002&package=zlib1g":  {"not-named", "zlib1g not-named"},
		"vulnerability=CVE-2099-0003":                 {"not-installed", "not installed Debian absent"},
		"vulnerability=CVE-2099-0004":                 {"not-affected", "lodash not-affected GHSA-4444-4444-4444=withdrawn"},
		"vulnerability=CVE-2099-0005":                 {"other-ecosystems"},
		"vulnerability=CVE-2099-9999":                 {"no-record"},
		// Another name leads to what other sources say under the CVE.
		"vulnerability=GHSA-1111-1111-1111&package=libssl3": {"found", "libssl3 found DEBIAN-CVE-2099-0001=in-range"},
	} {
		w := d.get("/api/v1/images/" + string(img.Digest) + "/why?" + name)
		var got why.Why
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
			t.Fatalf("%s: %d %s", name, w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), `"advisories":null`) {
			t.Errorf("%s: a list is null: %s", name, w.Body)
		}
		if diff := cmp.Diff(want, brief(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		// The same of packages that are sent along.
		query, err := url.ParseQuery(name)
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(why.WhyRequest{Image: got.Image, Packages: packages, Question: why.Question{Vulnerability: query.Get("vulnerability"), Package: query.Get("package")}})
		if err != nil {
			t.Fatal(err)
		}
		var sent why.Why
		if w := d.post("/api/v1/evaluations/why", string(body)); w.Code != 200 || json.Unmarshal(w.Body.Bytes(), &sent) != nil {
			t.Fatalf("%s, sent along: %d %s", name, w.Code, w.Body)
		}
		if diff := cmp.Diff(got, sent); diff != "" {
			t.Errorf("%s, of the image and sent along:\n%s", name, diff)
		}
	}
	for query, code := range map[string]int{"": 422, "vulnerability=": 422, "vulnerability=" + strings.Repeat("x", 200): 422, "vulnerability=CVE-1&environment=none": 404, "vulnerability=%20": 422} {
		if w := d.get("/api/v1/images/" + string(img.Digest) + "/why?" + query); w.Code != code {
			t.Errorf("%q: %d %s", query, w.Code, w.Body)
		}
	}
}

// Findings tell their reasons if asked, and leave out what is minor with a count.
func TestFindingsWithReasons(t *testing.T) {
	d, img := explained(t)
	for query, want := range map[string]struct {
		findings, hidden int
		explained        bool
	}{"": {2, 0, false}, "?explain=true": {2, 0, true}, "?ignoreMinor=true": {1, 1, false}, "?ignoreMinor=true&explain=true": {1, 1, true}} {
		w := d.get("/api/v1/images/" + string(img.Digest) + "/findings" + query)
		var got wire.CVEs
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
			t.Fatalf("%s: %d %s", query, w.Code, w.Body)
		}
		if len(got.Findings) != want.findings || got.MinorHidden != want.hidden {
			t.Errorf("%s: %d findings, %d hidden; want %+v", query, len(got.Findings), got.MinorHidden, want)
		}
		for _, f := range got.Findings {
			e := f.Explanation
			if (e != nil) != want.explained || e != nil && (e.DecidedBy != "DEBIAN-"+f.ID || e.Sources[0].Ranges[0].Compared("3.0.9-1") == "" || !e.Sources[0].Affected) {
				t.Errorf("%s: %s explained by %+v", query, f.ID, e)
			}
		}
		if u := got.Updates; len(u) != 1 || u[0].Version != "3.0.20-1" || u[0].Leaves != 0 {
			t.Errorf("%s: updates %+v", query, u)
		}
	}
}

// Lists and comparisons leave out what is minor with a count.
func TestListsWithoutWhatIsMinor(t *testing.T) {
	d, img := explained(t)
	other := d.fixture.Analysed(t, d.org, "registry.example/shop/web:2", crowsnest.Package{PackageVersion: crowsnest.PackageVersion{Type: "npm", Name: "lodash", Version: "4.17.21", Ecosystem: "npm"}})
	for tag, img := range map[string]crowsnest.Image{"1": img, "2": other} {
		if _, err := d.store.RecordImage(t.Context(), d.org, img, &store.Tag{Repository: "registry.example/shop/web", Name: tag, Target: img.Digest}, storetest.Analyser); err != nil {
			t.Fatal(err)
		}
	}
	d.fixture.Sweep(t, d.fixture.Connect(t, d.org, "test", "staging"), store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", img.ImageID, "")}})
	d.fixture.Sweep(t, d.fixture.Connect(t, d.org, "prod", "production"), store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", other.ImageID, "")}})
	type answer struct {
		Items         []struct{ ID string }
		MinorHidden   int
		After, Before struct{ MinorHidden int }
		New, Fixed    crowsnest.Summary
		Change        struct{ New, Fixed crowsnest.Summary }
	}
	for path, want := range map[string]struct{ listed, changed, hidden int }{
		"/vulnerabilities": {2, 0, 0}, "/vulnerabilities?ignoreMinor=true": {1, 0, 1}, "/vulnerabilities?ignoreMinor=true&sort=urgency&limit=1": {1, 0, 1},
		"/vulnerabilities?ignoreMinor=true&environment=production":                                        {0, 0, 0},
		"/compare?image=" + string(img.Digest) + "&to=" + string(other.Digest):                            {0, 2, 0},
		"/compare?image=" + string(img.Digest) + "&to=" + string(other.Digest) + "&ignoreMinor=true":      {0, 1, 1},
		"/compare?image=" + string(other.Digest) + "&toEnvironment=staging&ignoreMinor=true":              {0, 1, 1},
		"/compare/environments?environment=staging&toEnvironment=production":                              {1, 2, 0},
		"/compare/environments?environment=staging&toEnvironment=production&ignoreMinor=true":             {1, 1, 1},
		"/compare/environments?environment=production&toEnvironment=staging&ignoreMinor=true&state=newer": {1, 1, 1},
	} {
		var got answer
		if w := d.get("/api/v1" + path); w.Code != 200 || json.Unmarshal(w.Body.Bytes(), &got) != nil {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		changed, hidden := got.New.Total()+got.Fixed.Total()+got.Change.New.Total()+got.Change.Fixed.Total(), got.MinorHidden+got.After.MinorHidden+got.Before.MinorHidden
		if len(got.Items) != want.listed || changed != want.changed || hidden != want.hidden {
			t.Errorf("%s: %d listed, %d changed, %d hidden; want %+v", path, len(got.Items), changed, hidden, want)
		}
	}
	if w := d.get("/api/v1/export/vulnerabilities?ignoreMinor=true"); strings.Contains(w.Body.String(), "CVE-2099-0002") || !strings.Contains(w.Body.String(), "ignoreMinor") {
		t.Errorf("as a file: %s", w.Body)
	}
}

// However many packages are sent along, no more are told of than a reader could read, and the rest are counted.
func TestWhyIsBounded(t *testing.T) {
	d, _ := explained(t)
	packages := make([]crowsnest.Package, 2500)
	for i := range packages {
		packages[i].PackageVersion = crowsnest.PackageVersion{PURL: "pkg:npm/lodash@1." + strconv.Itoa(i), Type: "npm", Name: "lodash", Version: "1." + strconv.Itoa(i), Ecosystem: "npm"}
	}
	body, err := json.Marshal(why.WhyRequest{Packages: packages, Question: why.Question{Vulnerability: "CVE-2099-0001"}})
	if err != nil {
		t.Fatal(err)
	}
	var got why.Why
	if w := d.post("/api/v1/evaluations/why", string(body)); w.Code != 200 || json.Unmarshal(w.Body.Bytes(), &got) != nil {
		t.Fatalf("%d %.300s", w.Code, w.Body)
	}
	if len(got.Packages) != 200 || got.More != 2300 || got.Answer != why.Found {
		t.Errorf("%s in %d packages, and %d more", got.Answer, len(got.Packages), got.More)
	}
}

// A finding that decisions suppress is found, and why it does not count is told, under the name that is asked for.
func TestWhyTellsDecisions(t *testing.T) {
	d, img := explained(t)
	editor := d.newToken(d.org, "", crowsnest.ScopeWrite)
	ask := func(query string) why.Why {
		t.Helper()
		return answered[why.Why](t, d, "/images/"+string(img.Digest)+"/why?vulnerability=CVE-2099-0001"+query)
	}
	if w := ask(""); w.Answer != why.Found {
		t.Fatalf("before: %s", w.Answer)
	}
	for _, scope := range []string{`{"environments":["nowhere"]}`, `{"packages":["pkg:deb/libssl3"]}`} {
		d.do(editor, "POST", "/api/v1/exceptions", strings.NewReader(`{"vulnerability":"CVE-2099-0001","type":"accepted-risk","text":"behind a proxy","expires":"2099-12-31","scope":`+scope+`}`))
	}
	w := ask("")
	if w.Answer != why.Suppressed || w.Packages[0].Answer != why.Suppressed || len(w.Packages[0].Findings) != 1 {
		t.Fatalf("answer %s: %+v", w.Answer, w.Packages)
	}
	if by := w.Packages[0].Findings[0].Suppressed; by == nil || by.Text != "behind a proxy" || by.Until.IsZero() || w.Packages[0].Explanation == nil {
		t.Errorf("suppressed by %+v", by)
	}
}
