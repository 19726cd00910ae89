package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// yard is a desk whose staging runs newer images than production: web:2 upgrades openssl, which clears a
// flaw, and brings curl, which has one; api is the same in both; old runs in production only, tool in staging only.
type yard struct {
	*desk
	images map[string]crowsnest.Image // by repository:tag
	then   time.Time                  // when production ran web:0
}

func newYard(t *testing.T) yard {
	t.Helper()
	d := newDesk(t)
	y := yard{desk: d, images: make(map[string]crowsnest.Image)}
	ago := func(days int) { d.frozen.Store(new(time.Now().Add(-time.Duration(days) * 24 * time.Hour))) }
	record := func(org store.OrgID, name string, built int) crowsnest.Image {
		repository, tag, _ := strings.Cut(name, ":")
		img := storetest.Image("registry.example.com/" + name)
		img.Created = time.Now().Add(-time.Duration(built) * 24 * time.Hour)
		img.User, img.Labels = tag, map[string]string{"version": tag}
		if _, err := d.store.RecordImage(t.Context(), org, img, &store.Tag{Repository: "registry.example.com/" + repository, Name: tag, Target: img.Index}, storetest.Analyser); err != nil {
			t.Fatal(err)
		}
		y.images[name] = img
		return img
	}
	analysed := func(org store.OrgID, name string, built int, packages ...crowsnest.Package) {
		img := record(org, name, built)
		if err := d.store.SaveAnalysis(t.Context(), org, crowsnest.Analysis{Image: img, Packages: packages}, storetest.Analyser); err != nil {
			t.Fatal(err)
		}
	}
	ssl, newer := storetest.Package("libssl3", "3.0.1", "openssl"), storetest.Package("libssl3", "3.0.2", "openssl")
	perl, perlToo, curl := storetest.Package("perl", "5.36", "perl"), storetest.Package("perl", "5.38", "perl"), storetest.Package("curl", "8", "curl")
	ago(60)
	analysed(d.org, "shop/web:0", 90, ssl)
	analysed(d.org, "shop/web:1", 80, ssl, perl, perlToo)
	analysed(d.org, "shop/web:2", 70, newer, perl, curl)
	analysed(d.org, "shop/api:1", 80, perl)
	analysed(d.org, "shop/old:1", 80, perl)
	analysed(d.org, "shop/tool:1", 80, curl, perl)
	record(d.org, "shop/web:3", 65)
	record(d.org, "shop/jobs:1", 65)
	y.images["web.tar"] = d.fixture.Analysed(t, d.org, "web.tar", ssl)
	analysed(d.otherOrg, "shop/foreign:1", 80, perl)
	fixed := storetest.Advisory("1", "openssl", "3.0.2", time.Unix(1, 0))
	for _, a := range []*crowsnest.Advisory{fixed, storetest.Advisory("2", "perl", "9", time.Unix(1, 0)), storetest.Advisory("3", "curl", "9", time.Unix(1, 0))} {
		if _, err := d.store.PutAdvisories(t.Context(), store.Update{}, []*crowsnest.Advisory{a}); err != nil {
			t.Fatal(err)
		}
	}
	d.fixture.Match(t, func(p crowsnest.PackageVersion, candidates []*crowsnest.Advisory) []crowsnest.Finding {
		if p.Version == newer.Version {
			return nil
		}
		return storetest.AllAffected(p, candidates)
	})
	run := func(profile string, names ...string) store.Snapshot {
		var s store.Snapshot
		for _, name := range names {
			s.Runs = append(s.Runs, storetest.Run(name, y.images[name].ImageID, profile))
		}
		if profile != "" {
			s.Profiles = map[string][]crowsnest.LoadedPackage{profile: {{Type: "deb", Name: "libssl3", Version: "3.0.1"}, {Type: "deb", Name: "curl", Version: "8"}}}
		}
		return s
	}
	production := d.fixture.Connect(t, d.org, "prod", "production")
	d.fixture.Sweep(t, production, run("", "shop/web:0"))
	y.then = production.Created.Add(time.Hour)
	ago(5)
	d.fixture.Sweep(t, production, run("p", "shop/web:1", "shop/api:1", "shop/old:1"))
	d.fixture.Sweep(t, d.fixture.Connect(t, d.org, "test", "staging"), run("p", "shop/web:2", "shop/api:1", "shop/tool:1", "shop/jobs:1", "web.tar"))
	d.fixture.Connect(t, d.org, "none", "empty")
	d.frozen.Store(nil)
	return y
}

func (y yard) compare(query ...string) string {
	v := url.Values{}
	for i := 0; i < len(query); i += 2 {
		if img, ok := y.images[query[i+1]]; ok {
			query[i+1] = string(img.Digest)
		}
		v.Set(query[i], query[i+1])
	}
	return "/compare?" + v.Encode()
}

// changes writes what became of packages and findings, a word each.
func changes(c wire.Comparison) (out []string) {
	version := func(v *string) string {
		if v == nil {
			return "-"
		}
		return *v
	}
	for _, p := range c.Packages {
		out = append(out, fmt.Sprintf("%s %s %s→%s", p.Change, p.Name, version(p.Before), version(p.After)))
	}
	for _, f := range c.Findings {
		out = append(out, fmt.Sprintf("%s %s in %s %s, %s", f.Change, f.Finding.ID, f.Finding.Package.Name, f.Finding.Package.Version, f.Finding.InUse))
	}
	return out
}

func TestImagesAreCompared(t *testing.T) {
	y := newYard(t)
	upgrade := []string{
		"added curl -→8", "upgraded libssl3 3.0.1→3.0.2", "unchanged perl 5.36→5.36", "removed perl 5.38→-",
		"new CVE-2099-3 in curl 8, in-use", "fixed CVE-2099-1 in libssl3 3.0.1, in-use", "unchanged CVE-2099-2 in perl 5.36, not-seen", "fixed CVE-2099-2 in perl 5.38, not-seen",
	}
	for name, c := range map[string]struct {
		query []string
		want  []string
	}{
		"with another image":        {[]string{"image", "shop/web:2", "to", "shop/web:1"}, upgrade},
		"by their names":            {[]string{"image", "registry.example.com/shop/web:2", "to", "registry.example.com/shop/web:1"}, upgrade},
		"with what runs":            {[]string{"image", "shop/web:2", "toEnvironment", "production"}, upgrade},
		"with the latest":           {[]string{"image", "shop/web:2", "toLatest", "true"}, upgrade},
		"with itself":               {[]string{"image", "shop/api:1", "to", "shop/api:1"}, []string{"unchanged perl 5.36→5.36", "unchanged CVE-2099-2 in perl 5.36, not-seen"}},
		"with itself where it runs": {[]string{"image", "shop/api:1", "toEnvironment", "staging"}, []string{"unchanged perl 5.36→5.36", "unchanged CVE-2099-2 in perl 5.36, not-seen"}},
		"the same by another digest": {[]string{"image", "shop/api:1", "to", string(y.images["shop/api:1"].ImageID)},
			[]string{"unchanged perl 5.36→5.36", "unchanged CVE-2099-2 in perl 5.36, not-seen"}},
		"with what ran": {[]string{"image", "shop/web:2", "toEnvironment", "production", "at", y.then.Format(time.RFC3339Nano)},
			[]string{"added curl -→8", "upgraded libssl3 3.0.1→3.0.2", "added perl -→5.36", "new CVE-2099-3 in curl 8, in-use", "fixed CVE-2099-1 in libssl3 3.0.1, not-observed", "new CVE-2099-2 in perl 5.36, not-seen"}},
		"with the newest of all": {[]string{"image", "shop/web:1", "toEnvironment", "latest-indexed"}, []string{
			"removed curl 8→-", "downgraded libssl3 3.0.2→3.0.1", "unchanged perl 5.36→5.36", "added perl -→5.38",
			"fixed CVE-2099-3 in curl 8, not-observed", "new CVE-2099-1 in libssl3 3.0.1, in-use", "unchanged CVE-2099-2 in perl 5.36, not-observed", "new CVE-2099-2 in perl 5.38, not-seen"}},
		"a file": {[]string{"image", "web.tar", "to", "shop/web:0"}, []string{"unchanged libssl3 3.0.1→3.0.1", "unchanged CVE-2099-1 in libssl3 3.0.1, in-use"}},
	} {
		got := answered[wire.Comparison](t, y.desk, y.compare(c.query...))
		if diff := cmp.Diff(c.want, changes(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		// The counts of a side are those of its findings as every other list has them.
		for side, s := range map[string]wire.ComparedSide{"before": got.Before, "after": got.After} {
			if len(s.Images) != 1 {
				t.Fatalf("%s, %s: images %+v", name, side, s.Images)
			}
			alone := answered[wire.CVEs](t, y.desk, "/images/"+string(s.Images[0].Digest)+"/findings")
			packages := answered[wire.SBOM](t, y.desk, "/images/"+string(s.Images[0].Digest)+"/packages")
			if s.Summary != alone.Summary || s.Packages != len(packages.Packages) {
				t.Errorf("%s, %s: counts %v and %d packages, the image has %v and %d", name, side, s.Summary, s.Packages, alone.Summary, len(packages.Packages))
			}
		}
		if got.Fixed.Plus(got.Unchanged) != got.Before.Summary || got.New.Plus(got.Unchanged) != got.After.Summary {
			t.Errorf("%s: %v fixed, %v new and %v unchanged make no %v and %v", name, got.Fixed, got.New, got.Unchanged, got.Before.Summary, got.After.Summary)
		}
	}
	facts := answered[wire.Comparison](t, y.desk, y.compare("image", "shop/web:2", "to", "shop/web:1")).Facts
	want := []wire.FactChange{
		{Fact: "digest", Change: "changed", Before: string(y.images["shop/web:1"].Digest), After: string(y.images["shop/web:2"].Digest)},
		{Fact: "user", Change: "changed", Before: "1", After: "2"}, {Fact: "label", Name: "version", Change: "changed", Before: "1", After: "2"},
	}
	if diff := cmp.Diff(want, facts); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}

// During a rollout several images of a repository run, and are one side.
func TestSeveralRunningImagesAreOneSide(t *testing.T) {
	y := newYard(t)
	in := y.fixture.Connect(t, y.org, "rollout", "rollout")
	y.fixture.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{
		storetest.Run("a", y.images["shop/web:0"].ImageID, ""), storetest.Run("b", y.images["shop/web:1"].ImageID, ""), storetest.Run("c", y.images["shop/web:3"].ImageID, ""),
	}})
	got := answered[wire.Comparison](t, y.desk, y.compare("image", "shop/web:1", "toEnvironment", "rollout"))
	if len(got.Before.Images) != 2 || got.Before.NotAnalysed != 1 || got.Before.Complete() || got.Before.Repository != "registry.example.com/shop/web" || len(got.Facts) != 0 {
		t.Errorf("before is %+v with facts %v", got.Before, got.Facts)
	}
	if got.New.Total() != 0 || got.Fixed.Total() != 0 || got.Unchanged.Critical != 3 {
		t.Errorf("%v new, %v fixed, %v unchanged", got.New, got.Fixed, got.Unchanged)
	}
}

func TestWhatCannotBeCompared(t *testing.T) {
	y := newYard(t)
	foreign := string(y.images["shop/foreign:1"].Digest)
	for name, c := range map[string]struct {
		path string
		code int
		says string
	}{
		"with nothing":              {y.compare("image", "shop/web:2"), 422, "one of to, toEnvironment and toLatest"},
		"with two":                  {y.compare("image", "shop/web:2", "to", "shop/web:1", "toLatest", "true"), 422, "one of to, toEnvironment and toLatest"},
		"nothing":                   {y.compare("to", "shop/web:2"), 422, "image"},
		"a moment of an image":      {y.compare("image", "shop/web:2", "to", "shop/web:1", "at", "2026-01-01T00:00:00Z"), 422, "toEnvironment"},
		"a moment that is none":     {y.compare("image", "shop/web:2", "toEnvironment", "production", "at", "yesterday"), 422, "at"},
		"unknown image":             {y.compare("image", "shop/web:9", "to", "shop/web:1"), 404, "shop/web:9"},
		"unknown other image":       {y.compare("image", "shop/web:2", "to", "shop/web:9"), 404, "shop/web:9"},
		"unknown environment":       {y.compare("image", "shop/web:2", "toEnvironment", "prodution"), 404, "prodution"},
		"empty environment":         {y.compare("image", "shop/web:2", "toEnvironment", "empty"), 404, "nothing of registry.example.com/shop/web runs there"},
		"not in the environment":    {y.compare("image", "shop/tool:1", "toEnvironment", "production"), 404, "nothing of registry.example.com/shop/tool runs there"},
		"before it ran":             {y.compare("image", "shop/web:2", "toEnvironment", "production", "at", "2020-01-01T00:00:00Z"), 404, "nothing of"},
		"not analysed":              {y.compare("image", "shop/web:3", "to", "shop/web:1"), 404, "waits for its analysis"},
		"not analysed, other":       {y.compare("image", "shop/web:1", "to", "shop/web:3"), 404, "waits for its analysis"},
		"the only one":              {y.compare("image", "shop/tool:1", "toLatest", "true"), 404, "registry.example.com/shop/tool"},
		"a file with what runs":     {y.compare("image", "web.tar", "toEnvironment", "production"), 422, "name the image to compare with"},
		"past of what is built in":  {y.compare("image", "shop/web:2", "toEnvironment", "latest-indexed", "at", "2026-01-01T00:00:00Z"), 422, "nothing runs there"},
		"another's image":           {y.compare("image", "shop/foreign:1", "to", "shop/web:1"), 404, foreign},
		"with another's image":      {y.compare("image", "shop/web:1", "to", "shop/foreign:1"), 404, foreign},
		"environment with itself":   {"/compare/environments?environment=staging&toEnvironment=staging", 422, "the same as itself"},
		"policies with itself":      {"/compare/environments/policies?environment=staging&toEnvironment=staging", 422, "the same as itself"},
		"policies, unknown":         {"/compare/environments/policies?environment=stagin&toEnvironment=production", 404, "stagin"},
		"environment with nothing":  {"/compare/environments?environment=staging", 422, "toEnvironment"},
		"environment, unknown":      {"/compare/environments?environment=stagin&toEnvironment=production", 404, "stagin"},
		"environment, other one":    {"/compare/environments?environment=staging&toEnvironment=prodution", 404, "prodution"},
		"environment, wrong state":  {"/compare/environments?environment=staging&toEnvironment=production&state=better", 422, "state"},
		"environment, wrong cursor": {"/compare/environments?environment=staging&toEnvironment=production&cursor=W10", 422, "cursor"},
	} {
		w := y.get("/api/v1" + c.path)
		if said := detail(t, w); w.Code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("%s: %d %q, want %d and %q", name, w.Code, said, c.code, c.says)
		}
	}
	w := y.do(y.other, http.MethodGet, "/api/v1/compare/environments?environment=staging&toEnvironment=production", nil)
	if w.Code != http.StatusNotFound {
		t.Errorf("another organisation gets %d %s", w.Code, w.Body)
	}
}

func TestEnvironmentsAreCompared(t *testing.T) {
	y := newYard(t)
	tell := func(c wire.EnvironmentComparison) (out []string) {
		for _, r := range c.Items {
			out = append(out, fmt.Sprintf("%s %s %d→%d +%d(%d) -%d(%d) %t", strings.TrimPrefix(r.Repository, "registry.example.com/shop/"), r.State, len(r.Before), len(r.After),
				r.Change.New.Total(), r.Change.NewInUse.Total(), r.Change.Fixed.Total(), r.Change.FixedInUse.Total(), r.Complete))
		}
		return out
	}
	const promote = "/compare/environments?environment=staging&toEnvironment=production"
	all := []string{"api same 1→1 +0(0) -0(0) true", "jobs only-after 0→1 +0(0) -0(0) false", "old only-before 1→0 +0(0) -0(0) true", "tool only-after 0→1 +2(1) -0(0) true", "web newer 1→1 +1(1) -2(1) true"}
	got := answered[wire.EnvironmentComparison](t, y.desk, promote)
	if diff := cmp.Diff(all, tell(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if want := (wire.RepositoryCounts{Same: 1, Newer: 1, OnlyBefore: 1, OnlyAfter: 2}); got.States != want {
		t.Errorf("states %+v, want %+v", got.States, want)
	}
	want := wire.FindingCounts{New: crowsnest.Summary{Critical: 3}, Fixed: crowsnest.Summary{Critical: 2}, NewInUse: crowsnest.Summary{Critical: 2}, FixedInUse: crowsnest.Summary{Critical: 1}}
	if got.Change != want {
		t.Errorf("change %+v, want %+v", got.Change, want)
	}
	if got.After.Coverage.Running != 5 || got.After.Coverage.NotAnalysed != 1 || got.After.AsOf.IsZero() || got.Before.Name != "production" {
		t.Errorf("sides %+v and %+v", got.Before, got.After)
	}
	// A row says what comparing its images says.
	alone := answered[wire.Comparison](t, y.desk, y.compare("image", "shop/web:2", "toEnvironment", "production"))
	if row := got.Items[4].Change; row.New != alone.New || row.Fixed != alone.Fixed {
		t.Errorf("web: %+v, alone %v new and %v fixed", row, alone.New, alone.Fixed)
	}

	file := y.get("/api/v1/export" + promote + "&state=newer,only-after").Body.String()
	if !strings.Contains(file, ", state=newer only-after, toEnvironment=production\n") || !strings.HasSuffix(file, "\n# end: 3 rows\n") {
		t.Errorf("exported: %s", file)
	}

	var paged []string
	for path, next := promote+"&limit=2", ""; ; {
		part := answered[wire.EnvironmentComparison](t, y.desk, path+"&cursor="+next)
		if part.States != got.States || part.Change != got.Change || len(part.Items) > 2 {
			t.Errorf("a page has %+v, %+v and %d rows", part.States, part.Change, len(part.Items))
		}
		paged = append(paged, tell(part)...)
		if next = part.Next; next == "" {
			break
		}
	}
	if diff := cmp.Diff(all, paged); diff != "" {
		t.Errorf("in pages (-want +got):\n%s", diff)
	}
	some := answered[wire.EnvironmentComparison](t, y.desk, promote+"&state=newer,only-before")
	if diff := cmp.Diff([]string{all[2], all[4]}, tell(some)); diff != "" || some.States != got.States {
		t.Errorf("of two states, of %+v (-want +got):\n%s", some.States, diff)
	}
	past := answered[wire.EnvironmentComparison](t, y.desk, "/compare/environments?environment=production&toEnvironment=production&at="+url.QueryEscape(y.then.Format(time.RFC3339Nano)))
	if diff := cmp.Diff([]string{"api only-after 0→1 +1(0) -0(0) true", "old only-after 0→1 +1(0) -0(0) true", "web newer 1→1 +2(0) -0(0) true"}, tell(past)); diff != "" {
		t.Errorf("since then (-want +got):\n%s", diff)
	}
	back := answered[wire.EnvironmentComparison](t, y.desk, "/compare/environments?environment=production&toEnvironment=staging")
	if i := slices.IndexFunc(back.Items, func(r wire.RepositoryComparison) bool { return r.State == "older" }); i < 0 || back.Items[i].Change.New != got.Items[4].Change.Fixed {
		t.Errorf("turned: %v", tell(back))
	}
	empty := answered[json.RawMessage](t, y.desk, "/compare/environments?environment=empty&toEnvironment=empty&at=2020-01-01T00:00:00Z")
	if !strings.Contains(string(empty), `"items":[]`) {
		t.Errorf("nothing is %s", empty)
	}
}
