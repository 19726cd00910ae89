package decisiontest

import (
	"fmt"
	"math/rand/v2"
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

func testPreview(t *testing.T, f storetest.Fixture) {
	org, web, api := shop(t, f, "acme")
	preview := func(scope crowsnest.DecisionScope) decided.Preview {
		t.Helper()
		p, err := f.Store.PreviewException(ctx, org, decided.Draft{Vulnerability: "CVE-2099-1", Kind: crowsnest.AcceptedRisk, Scope: scope})
		must(t, err)
		return p
	}
	purl := storetest.Package("libssl3", "3.0.1", "openssl").PURL
	example := func(img crowsnest.Image) decided.Example {
		return decided.Example{Image: img.Name, Digest: img.Digest, Vulnerability: "CVE-2099-1", PURL: purl, Severity: crowsnest.Critical}
	}
	for name, c := range map[string]struct {
		scope crowsnest.DecisionScope
		want  decided.Preview
	}{
		"everything":      {crowsnest.DecisionScope{}, decided.Preview{Findings: 2, Images: 2, Environments: []string{"production", "staging"}, Examples: []decided.Example{example(api), example(web)}}},
		"one repository":  {crowsnest.DecisionScope{Repositories: []string{"shop/api"}}, decided.Preview{Findings: 1, Images: 1, Environments: []string{"production"}, Examples: []decided.Example{example(api)}}},
		"an environment":  {crowsnest.DecisionScope{Environments: []string{"staging"}}, decided.Preview{Findings: 1, Images: 1, Environments: []string{"production", "staging"}, Examples: []decided.Example{example(web)}}},
		"another package": {crowsnest.DecisionScope{Packages: []string{"pkg:deb/debian/zlib1g"}}, decided.Preview{}},
		"no image":        {crowsnest.DecisionScope{Repositories: []string{"other/*"}}, decided.Preview{}},
	} {
		got := preview(c.scope)
		if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(decided.Preview{}, "Vulnerability"), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	must(t, f.Store.KeepTags(ctx, org, []store.Tag{{Repository: host + "shop/web", Name: "latest", Target: web.Digest}}))
	got := preview(crowsnest.DecisionScope{Image: host + "shop/web:1"})
	if want := []decided.Spared{{Image: web.Name, Digest: web.Digest, Names: []string{host + "shop/web:latest"}}}; got.Findings != 0 || got.Spared != 1 || !cmp.Equal(got.SparedNames, want) {
		t.Errorf("of an image with another name: %+v", got)
	}
	except(t, f, org, "CVE-2099-1", crowsnest.DecisionScope{Repositories: []string{"shop/web"}})
	if got := preview(crowsnest.DecisionScope{}); got.Findings != 1 || got.Suppressed != 1 {
		t.Errorf("of what is suppressed already: %+v", got)
	}
	_, err := f.Store.PreviewException(ctx, org, decided.Draft{Vulnerability: "CVE-2099-1", Kind: crowsnest.AcceptedRisk, Scope: crowsnest.DecisionScope{Environments: []string{"nowhere"}}})
	wantKind(t, err, crowsnest.NotFound)
	other := f.Organisation(t, "globex")
	if p, err := f.Store.PreviewException(ctx, other, decided.Draft{Vulnerability: "CVE-2099-1", Kind: crowsnest.AcceptedRisk}); err != nil || p.Findings+p.Images+len(p.Examples)+len(p.Vulnerability) != 0 {
		t.Errorf("another organisation is told %+v, %v", p, err)
	}
}

// Whatever is decided, whatever images are called and wherever they run, every count is the count of the findings that are not suppressed,
// a preview tells by how much they change, and nothing changes in another organisation.
func testAgree(t *testing.T, f storetest.Fixture) {
	random := rand.New(rand.NewPCG(5, 6))
	a := agreement{Fixture: f, t: t, random: random}
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "globex")
	var advisories []*crowsnest.Advisory
	for i := range 6 {
		advisories = append(advisories, storetest.Advisory(fmt.Sprint(i), fmt.Sprintf("lib%d", i%4), "9", time.Unix(1, 0)))
	}
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, advisories)
	must(t, err)
	for _, o := range []store.OrgID{org, other} {
		var runs [2][]crowsnest.Observation
		for i := range 6 {
			var packages []crowsnest.Package
			for lib := range 4 {
				if (i+lib)%3 != 0 {
					packages = append(packages, storetest.Package(fmt.Sprintf("lib%d", lib), fmt.Sprint(1+i%2), ""))
				}
			}
			img := tagged(t, f, o, fmt.Sprintf("shop/app%d", i%3), fmt.Sprint(i), packages...)
			a.images = append(a.images, img)
			for e := range runs {
				if (i+e)%2 == 0 || i == 5 {
					runs[e] = append(runs[e], storetest.Run(fmt.Sprint("app", i), img.ImageID, fmt.Sprint("p", i%2)))
				}
			}
		}
		profiles := map[string][]crowsnest.LoadedPackage{"p0": {{Type: "deb", Name: "lib1", Version: "1"}, {Type: "deb", Name: "lib2", Version: "1"}}, "p1": {{Type: "deb", Name: "lib3", Version: "2"}}}
		for e, name := range []string{"production", "staging"} {
			f.Sweep(t, f.Connect(t, o, string(o)[:8]+name, name), store.Snapshot{Runs: runs[e], Profiles: profiles})
		}
		discount := true
		must(t, f.Store.ChangeEnvironment(ctx, o, "staging", store.EnvironmentChange{DiscountNotSeen: &discount}))
	}
	f.Match(t, storetest.AllAffected)
	untouched := a.state(other)
	var made []decided.Exception
	hidden := 0
	for range 25 {
		f.Advance(time.Second)
		switch step := random.IntN(4); {
		case step == 0 && len(made) > 0:
			i := random.IntN(len(made))
			_, err := f.Store.RevokeException(ctx, org, made[i].ID)
			must(t, err)
			made = slices.Delete(made, i, i+1)
		case step == 1:
			must(t, f.Store.KeepTags(ctx, org, []store.Tag{{Repository: fmt.Sprintf(host+"shop/app%d", random.IntN(3)), Name: "latest", Target: a.images[random.IntN(6)].Digest}}))
		default:
			draft := decided.Draft{Vulnerability: fmt.Sprintf("CVE-2099-%d", random.IntN(6)), Kind: crowsnest.AcceptedRisk, Scope: a.scope()}
			before := a.suppressed(org, draft.Scope.Environments)
			told, err := f.Store.PreviewException(ctx, org, draft)
			must(t, err)
			x, err := f.Store.CreateException(ctx, org, draft, true)
			must(t, err)
			made = append(made, x)
			if after := a.suppressed(org, draft.Scope.Environments); after-before != told.Findings {
				t.Fatalf("%+v suppresses %d more; the preview told %+v", draft, after-before, told)
			}
		}
		hidden += a.check(org)
	}
	if hidden == 0 {
		t.Error("nothing was ever suppressed")
	}
	if a.notSeen == 0 {
		t.Error("nothing was ever left out as not seen")
	}
	if diff := cmp.Diff(untouched, a.state(other)); diff != "" {
		t.Errorf("what one organisation decides changes another (-before +after):\n%s", diff)
	}
}

type agreement struct {
	storetest.Fixture
	t      *testing.T
	random *rand.Rand
	images []crowsnest.Image

	notSeen int // vulnerabilities that were left out as not seen
}

func (a *agreement) scope() crowsnest.DecisionScope {
	var s crowsnest.DecisionScope
	img := a.images[a.random.IntN(6)]
	switch a.random.IntN(4) {
	case 0:
		s.Image = img.Name
	case 1:
		s.Image = crowsnest.Repository(img.Name) + "@" + string(img.Digest)
	case 2:
		s.Repositories = []string{fmt.Sprintf("shop/app%d", a.random.IntN(3))}
	}
	if a.random.IntN(3) == 0 {
		s.Packages = []string{fmt.Sprintf("pkg:deb/debian/lib%d@%d", a.random.IntN(4), 1+a.random.IntN(2))}
	}
	if a.random.IntN(3) == 0 {
		s.Environments = []string{[]string{"production", "staging"}[a.random.IntN(2)]}
	}
	return s
}

// findings are those of the images that a list of an environment, or of everything, holds.
func (a *agreement) findings(org store.OrgID, environment string) map[string][]store.FindingRow {
	a.t.Helper()
	list, err := a.Store.Images(ctx, org, store.ImageFilter{Environment: environment}, store.Page{})
	must(a.t, err)
	out := make(map[string][]store.FindingRow)
	for _, img := range list.Items {
		rows, err := a.Store.ImageFindings(ctx, org, img.Digest, environment)
		must(a.t, err)
		out[img.Name] = rows
		var counts, suppressed crowsnest.Summary
		for _, r := range rows {
			switch {
			case r.Suppressed != nil:
				suppressed.Add(r.Severity, 1)
			case !r.NotAffected:
				counts.Add(r.Severity, 1)
			}
		}
		if img.Summary != counts || img.Suppressed != suppressed {
			a.t.Fatalf("%s in %q has %v and suppressed %v; its findings are %v and %v", img.Name, environment, img.Summary, img.Suppressed, counts, suppressed)
		}
	}
	return out
}

// suppressed counts what is suppressed where a decision is shown: in some environments together or, without any, everywhere.
func (a *agreement) suppressed(org store.OrgID, environments []string) int {
	if len(environments) == 0 {
		environments = []string{""}
	}
	seen := make(map[[3]string]bool)
	for _, environment := range environments {
		for image, rows := range a.findings(org, environment) {
			for _, r := range rows {
				if r.Suppressed != nil {
					seen[[3]string{image, r.Package.PURL, r.Vulnerability}] = true
				}
			}
		}
	}
	return len(seen)
}

// check compares all counts with the findings, and returns how many are suppressed.
func (a *agreement) check(org store.OrgID) int {
	a.t.Helper()
	hidden := 0
	for _, environment := range []string{"", "production", "staging", store.LatestIndexed} {
		var images, suppressed crowsnest.Summary
		packages, vulnerabilities := make(map[[2]string]bool), make(map[string]map[string]bool)
		unseenPackages, unseen := make(map[[2]string]bool), make(map[string]map[string]bool) // those that are not suppressed, also where they are not seen
		for image, rows := range a.findings(org, environment) {
			for _, r := range rows {
				if r.Suppressed != nil {
					suppressed.Add(r.Severity, 1)
					hidden++
					continue
				}
				add := func(to map[string]map[string]bool) {
					if to[r.Vulnerability] == nil {
						to[r.Vulnerability] = make(map[string]bool)
					}
					to[r.Vulnerability][image] = true
				}
				add(unseen)
				unseenPackages[[2]string{r.Package.PURL, r.Vulnerability}] = true
				if !r.NotAffected {
					add(vulnerabilities)
					images.Add(r.Severity, 1)
					packages[[2]string{r.Package.PURL, r.Vulnerability}] = true
				}
			}
		}
		a.listed(org, store.VulnerabilityFilter{Environment: environment}, vulnerabilities)
		a.listed(org, store.VulnerabilityFilter{Environment: environment, NotSeen: true}, unseen)
		a.packages(org, environment, packages, unseenPackages)
		if environment == "" {
			continue
		}
		row, err := a.Store.Environment(ctx, org, environment)
		must(a.t, err)
		if row.Summary != images || row.Suppressed != suppressed {
			a.t.Fatalf("%s has %v and suppressed %v; its findings are %v and %v", environment, row.Summary, row.Suppressed, images, suppressed)
		}
		running, err := a.Store.RunningImages(ctx, org, store.ImageFilter{Environment: environment}, store.Page{})
		must(a.t, err)
		var sum crowsnest.Summary
		for _, r := range running.Items {
			sum = sum.Plus(r.Summary)
		}
		counted, err := a.Store.EnvironmentSummary(ctx, org, environment, store.CountImages)
		must(a.t, err)
		if sum != images || counted.Summary != images || counted.Suppressed != suppressed {
			a.t.Fatalf("what runs in %s has %v, and is counted as %+v; its findings are %v and %v", environment, sum, counted, images, suppressed)
		}
		counted, err = a.Store.EnvironmentSummary(ctx, org, environment, store.CountPackages)
		must(a.t, err)
		named, err := a.Store.EnvironmentSummary(ctx, org, environment, store.CountVulnerabilities)
		must(a.t, err)
		if counted.Summary.Total() != len(packages) || named.Summary.Total() != len(vulnerabilities) {
			a.t.Fatalf("%s is counted as %v and %v; its findings are in %d packages and of %d vulnerabilities", environment, counted.Summary, named.Summary, len(packages), len(vulnerabilities))
		}
		if counted.NotAffected.Total() != len(unseenPackages)-len(packages) || named.NotAffected.Total() != len(unseen)-len(vulnerabilities) {
			a.t.Fatalf("in %s %v and %v are not seen; there are %d of %d packages and %d of %d vulnerabilities", environment, counted.NotAffected, named.NotAffected, len(packages), len(unseenPackages), len(vulnerabilities), len(unseen))
		}
		left, err := a.Store.LeftOutVulnerabilities(ctx, org, store.VulnerabilityFilter{Environment: environment})
		must(a.t, err)
		if left.NotSeen != named.NotAffected.Total() || left.Suppressed != named.Suppressed.Total() {
			a.t.Fatalf("of %s %+v is left out; it is counted as %+v", environment, left, named)
		}
		notSeen, err := a.Store.NotSeenIn(ctx, org, environment)
		must(a.t, err)
		want := make(map[string]bool)
		for id := range unseen {
			if vulnerabilities[id] == nil {
				want[id] = true
			}
		}
		if diff := cmp.Diff(want, notSeen, cmpopts.EquateEmpty()); diff != "" {
			a.t.Fatalf("not seen in %s (-want +got):\n%s", environment, diff)
		}
		a.notSeen += len(want)
	}
	return hidden
}

// listed compares a list of vulnerabilities, and what it leaves out, with the images in which each counts.
func (a *agreement) listed(org store.OrgID, filter store.VulnerabilityFilter, images map[string]map[string]bool) {
	a.t.Helper()
	for _, filter.Sort = range []store.VulnerabilitySort{store.VulnerabilitiesByWorst, store.VulnerabilitiesByUrgency} {
		list, err := a.Store.Vulnerabilities(ctx, org, filter, store.Page{})
		must(a.t, err)
		got, want := make(map[string]int), make(map[string]int)
		for _, v := range list.Items {
			got[v.ID] = v.Images
		}
		for id, in := range images {
			want[id] = len(in)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			a.t.Fatalf("vulnerabilities by %+v (-want +got):\n%s", filter, diff)
		}
		whole := filter
		whole.Suppressed, whole.NotSeen = true, true
		all, err := a.Store.Vulnerabilities(ctx, org, whole, store.Page{})
		must(a.t, err)
		left, err := a.Store.LeftOutVulnerabilities(ctx, org, filter)
		must(a.t, err)
		if len(list.Items)+left.NotSeen+left.Suppressed != len(all.Items) {
			a.t.Fatalf("of %d vulnerabilities by %+v %d are listed, and %+v left out", len(all.Items), filter, len(list.Items), left)
		}
	}
}

// packages compares the list of vulnerable packages, and what it leaves out, with the findings that count, and those that are not suppressed.
func (a *agreement) packages(org store.OrgID, environment string, counts, unseen map[[2]string]bool) {
	a.t.Helper()
	of := func(found map[[2]string]bool) map[string]int {
		out := make(map[string]int)
		for f := range found {
			out[strings.SplitN(strings.TrimPrefix(f[0], "pkg:deb/debian/"), "@", 2)[0]]++
		}
		return out
	}
	for _, sort := range []store.PackageSort{store.PackagesByName, store.PackagesByWorst} {
		filter := store.PackageFilter{Environment: environment, Vulnerable: true, Sort: sort}
		list, err := a.Store.Packages(ctx, org, filter, store.Page{})
		must(a.t, err)
		got := make(map[string]int)
		for _, p := range list.Items {
			got[p.Name] = p.Summary.Total()
		}
		if diff := cmp.Diff(of(counts), got); diff != "" {
			a.t.Fatalf("packages in %q by %s (-want +got):\n%s", environment, sort, diff)
		}
		left, err := a.Store.LeftOutPackages(ctx, org, filter)
		must(a.t, err)
		if n := len(of(unseen)) - len(of(counts)); left.NotSeen != n {
			a.t.Fatalf("packages in %q: %+v is left out, of which %d are not seen", environment, left, n)
		}
		filter.NotSeen = true
		list, err = a.Store.Packages(ctx, org, filter, store.Page{})
		must(a.t, err)
		shown := make(map[string]int)
		for _, p := range list.Items {
			shown[p.Name] = p.Summary.Plus(p.NotSeen).Total()
		}
		if diff := cmp.Diff(of(unseen), shown); diff != "" {
			a.t.Fatalf("packages in %q by %s, with what is not seen (-want +got):\n%s", environment, sort, diff)
		}
		filter.Suppressed = true
		all, err := a.Store.Packages(ctx, org, filter, store.Page{})
		must(a.t, err)
		if len(all.Items) != len(got)+left.NotSeen+left.Suppressed {
			a.t.Fatalf("of %d packages in %q %d are listed, and %+v left out", len(all.Items), environment, len(got), left)
		}
	}
}

// state is what is told of an organisation.
func (a *agreement) state(org store.OrgID) []any {
	a.t.Helper()
	images, err := a.Store.Images(ctx, org, store.ImageFilter{}, store.Page{})
	must(a.t, err)
	environments, err := a.Store.Environments(ctx, org, true)
	must(a.t, err)
	vulnerabilities, err := a.Store.Vulnerabilities(ctx, org, store.VulnerabilityFilter{}, store.Page{})
	must(a.t, err)
	return []any{images.Items, environments, vulnerabilities.Items}
}
