package e2e

import (
	"bytes"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/v1"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

func TestLaw01TwoReferencesOfOneDigestAreOneContent(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		gate, host := newGate(t)
		img := small(t, "one content")
		imagekit.Push(t, host+"/shop/web:1.0", img)
		imagekit.Push(t, host+"/other/name:stable", img)
		first := s.analyse(t, host+"/shop/web:1.0")
		gate.reset()
		if second := s.analyse(t, host+"/other/name:stable"); second != first {
			t.Errorf("two references of one digest are %s and %s", first, second)
		}
		if layer := layerPath(t, img, 0); gate.count(layer) != 0 {
			t.Error("the content was analysed again for its second reference")
		}
		images := got(s.Images(ctx(t)))(t)
		if len(images) != 1 || images[0].Digest != first {
			t.Errorf("images %+v, want one", images)
		}
	})
}

// TestLaw01MovedTagLeavesRunningImageAlone moves a tag forth and back: what runs keeps
// its own content and findings, and the name always leads to what it names now.
func TestLaw01MovedTagLeavesRunningImageAlone(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		host := imagekit.Registry(t)
		reference := host + "/shop/web:latest"
		s.upload(t, advisories()...)
		old := imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{base(libssl)}})
		fixed := imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{base(strings.Replace(libssl, "3.0.17-1~deb12u2", "3.0.17-1~deb12u3", 1))}})
		oldDigest := imagekit.Push(t, reference, old)
		s.analyse(t, reference)
		sysdig := newSysdig(t)
		sysdig.SetCluster("prod-eu", runs("web", imagekit.ImageID(t, old)))
		s.connect(t, sysdig, "prod-eu", "production")

		fixedDigest := imagekit.Push(t, reference, fixed)
		if d := s.analyse(t, reference); d != fixedDigest {
			t.Errorf("the moved tag leads to %s, want %s", d, fixedDigest)
		}
		named := func() crowsnest.Digest {
			t.Helper()
			page := get[wire.Page[wire.Image]](t, s, "/images?name="+url.QueryEscape(reference))
			if len(page.Items) != 1 {
				t.Fatalf("%d images of that name, want the one asked for last", len(page.Items))
			}
			return page.Items[0].Digest
		}
		if d := named(); d != fixedDigest {
			t.Errorf("the name leads to %s, want %s", d, fixedDigest)
		}
		if n := got(s.CVEs(ctx(t), string(fixedDigest), ""))(t).Summary.Total(); n != 0 {
			t.Errorf("%d findings in the fixed image", n)
		}
		production := got(s.Environment(ctx(t), "production"))(t)
		if len(production.Images) != 1 || production.Images[0].Digest != oldDigest || production.Images[0].Summary.Critical != 1 {
			t.Errorf("production %+v, want the old image with its critical finding", production)
		}

		// Rolled back: the old content goes by the name again.
		imagekit.Push(t, reference, old)
		if d := s.analyse(t, reference); d != oldDigest {
			t.Errorf("the tag that was moved back leads to %s, want %s", d, oldDigest)
		}
		if d := named(); d != oldDigest {
			t.Errorf("after the tag was moved back the name leads to %s, want %s", d, oldDigest)
		}
	})
}

// TestLaw02AnyDigestFindsTheImage lets Sysdig report each of the three digests: they are
// one image of the environment, and what was seen in use counts whatever it was reported under.
func TestLaw02AnyDigestFindsTheImage(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		host := imagekit.Registry(t)
		img := small(t, "amd64")
		arm := imagekit.Build(t, imagekit.Image{Platform: crowsnest.Platform{OS: "linux", Architecture: "arm64"}, Layers: []imagekit.Layer{base(libc)}})
		index := imagekit.Push(t, host+"/shop/web:1.0", imagekit.Index(t, img, arm))
		s.upload(t, advisories()...)
		digest := s.analyse(t, host+"/shop/web:1.0")
		if want := imagekit.Digest(t, img); digest != want {
			t.Fatalf("analysed %s, want the manifest of linux/amd64, %s", digest, want)
		}
		digests := map[string]crowsnest.Digest{"config": imagekit.ImageID(t, img), "manifest": digest, "index": index}
		sysdig := newSysdig(t)
		var all []sysdigkit.Item
		for name, d := range digests {
			sysdig.SetCluster(name, runs(name, d, shopLoaded()))
			all = append(all, runs(name, d))
			in := s.connect(t, sysdig, name, name)
			if in.Coverage != (crowsnest.Coverage{Running: 1, Analysed: 1}) {
				t.Errorf("%s: coverage %+v, want it analysed", name, in.Coverage)
			}
			cves := got(s.CVEs(ctx(t), string(d), name))(t)
			if cves.Image.Digest != digest || len(cves.Findings) != 1 || cves.Findings[0].InUse != crowsnest.Loaded {
				t.Errorf("%s: findings %+v, want one in use", name, cves)
			}
		}
		sysdig.SetCluster("together", all...)
		if in := s.connect(t, sysdig, "together", "together"); in.Occurrences != 3 || in.Coverage != (crowsnest.Coverage{Running: 1, Analysed: 1}) {
			t.Errorf("%+v: three workloads of one image are not counted as one", in)
		}
		together := got(s.Environment(ctx(t), "together"))(t)
		if len(together.Images) != 1 || len(together.Images[0].Workloads) != 3 {
			t.Errorf("environment %+v, want one image with three workloads", together)
		}
	})
}

func TestLaw02UnresolvedStaysVisible(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		unknown := crowsnest.DigestOf([]byte("never pushed"))
		sysdig := newSysdig(t)
		sysdig.SetCluster("prod-eu", runs("debug", unknown))
		s.connect(t, sysdig, "prod-eu", "production")
		want := []wire.Gap{{
			ImageID: unknown, State: "unresolved",
			Workloads: []crowsnest.Workload{{Integration: "prod-eu", Cluster: "prod-eu", Namespace: "shop", Kind: "deployment", Name: "debug", Container: "main"}},
		}}
		for _, environment := range []string{"production", ""} {
			gaps := got(s.Gaps(ctx(t), environment))(t)
			for i := range gaps {
				oneSentence(t, "reason", gaps[i].Reason, "analyse it from its registry")
				gaps[i].Reason = ""
			}
			if diff := cmp.Diff(want, gaps); diff != "" {
				t.Errorf("gaps of %q (-want +got):\n%s", environment, diff)
			}
		}
		out := at(t, s).ok(t, "environment", "production")
		for _, word := range []string{"0 of 1", "1 unresolved", unknown.Short(), "deployment/debug"} {
			if !strings.Contains(out, word) {
				t.Errorf("the command does not say %q of the environment:\n%s", word, out)
			}
		}
	})
}

// TestLaw03BothOrdersGiveTheSameAnswer compares an environment that was seen running before its image
// was analysed with one that was seen afterwards.
func TestLaw03BothOrdersGiveTheSameAnswer(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		host := imagekit.Registry(t)
		img := small(t, "both orders")
		imagekit.Push(t, host+"/shop/web:1.0", img)
		sysdig := newSysdig(t)
		for _, name := range []string{"before", "after"} {
			sysdig.SetCluster(name, runs("web", imagekit.ImageID(t, img), shopLoaded()))
		}
		s.connect(t, sysdig, "before", "before")
		s.upload(t, advisories()...)
		s.analyse(t, host+"/shop/web:1.0")
		s.connect(t, sysdig, "after", "after")

		type answer struct {
			Environment wire.Environment
			CVEs        wire.CVEs
		}
		read := func(name string) answer {
			a := answer{got(s.Environment(ctx(t), name))(t), got(s.CVEs(ctx(t), string(imagekit.ImageID(t, img)), name))(t)}
			a.Environment.Name = ""
			for i := range a.Environment.Images {
				for j := range a.Environment.Images[i].Workloads {
					a.Environment.Images[i].Workloads[j].Cluster, a.Environment.Images[i].Workloads[j].Integration = "", ""
				}
			}
			return a
		}
		before := read("before")
		if len(before.Environment.Images) != 1 || before.CVEs.Summary.Critical != 1 {
			t.Errorf("running first: %+v", before)
		}
		if diff := cmp.Diff(before, read("after")); diff != "" {
			t.Errorf("the order matters (-running first +analysed first):\n%s", diff)
		}
	})
}

// TestLaw05ChangedAdvisoryNeedsNoRegistry changes what an advisory says: the findings follow, and
// neither the registry nor Sysdig is asked anything.
func TestLaw05ChangedAdvisoryNeedsNoRegistry(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		gate, host := newGate(t)
		imagekit.Push(t, host+"/shop/web:1.0", small(t, "advisories"))
		digest := s.analyse(t, host+"/shop/web:1.0")
		gate.reset()
		withdrawn := openssl("2024-05-04T00:00:00Z", "3.0.17-1~deb12u4")
		withdrawn["withdrawn"] = "2024-05-04T00:00:00Z"
		lower := openssl("2024-05-05T00:00:00Z", "3.0.17-1~deb12u4")
		lower["severity"] = []any{obj{"type": "CVSS_V3", "score": "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"}}
		older := openssl("2024-05-01T00:00:00Z", "3.0.17-1~deb12u9")
		for _, step := range []struct {
			name   string
			record obj
			want   []string // severity and fix of each finding
		}{
			{"published", openssl("2024-05-01T00:00:00Z", "3.0.17-1~deb12u3"), []string{"critical 3.0.17-1~deb12u3"}},
			{"another fix", openssl("2024-05-02T00:00:00Z", "3.0.17-1~deb12u4"), []string{"critical 3.0.17-1~deb12u4"}},
			{"no longer affected", openssl("2024-05-03T00:00:00Z", "3.0.1"), nil},
			{"withdrawn", withdrawn, nil},
			{"published again, lower", lower, []string{"low 3.0.17-1~deb12u4"}},
			{"an older record", older, []string{"low 3.0.17-1~deb12u4"}},
		} {
			s.upload(t, step.record)
			var found []string
			for _, f := range got(s.CVEs(ctx(t), string(digest), ""))(t).Findings {
				found = append(found, f.Severity.String()+" "+*f.FixedVersion)
			}
			if diff := cmp.Diff(step.want, found); diff != "" {
				t.Errorf("%s (-want +got):\n%s", step.name, diff)
			}
		}
		if n := gate.count("/"); n != 0 {
			t.Errorf("the registry was asked %d times", n)
		}
	})
}

// layerPath is the path under which a registry serves a layer.
func layerPath(t testing.TB, img v1.Image, i int) string {
	t.Helper()
	layers := got(img.Layers())(t)
	return "/blobs/" + got(layers[i].Digest())(t).String()
}

// TestLaw06SharedLayerIsReadOnce has two images share a layer, restarts, and has both analysed
// again: no layer is read a second time.
func TestLaw06SharedLayerIsReadOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		gate, host := newGate(t)
		web := imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{base(libc + libssl), npm("lodash", "4.17.15")}})
		api := imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{base(libc + libssl), npm("ms", "2.1.3")}})
		imagekit.Push(t, host+"/shop/web:1.0", web)
		imagekit.Push(t, host+"/shop/api:1.0", api)
		gate.reset()
		s.analyse(t, host+"/shop/web:1.0")
		digest := s.analyse(t, host+"/shop/api:1.0")
		for path, want := range map[string]int{layerPath(t, web, 0): 1, layerPath(t, web, 1): 1, layerPath(t, api, 1): 1} {
			if n := gate.count(path); n != want {
				t.Errorf("layer %s was read %d times, want %d", path, n, want)
			}
		}
		names := packages(t, s, digest)
		if diff := cmp.Diff([]string{"libc6", "libssl3", "ms"}, names); diff != "" {
			t.Errorf("packages of the second image (-want +got):\n%s", diff)
		}

		s.restart()
		gate.reset()
		s.analyse(t, host+"/shop/web:1.0")
		s.analyse(t, host+"/shop/api:1.0")
		for _, path := range []string{layerPath(t, web, 0), layerPath(t, web, 1), layerPath(t, api, 1)} {
			if n := gate.count(path); n != 0 {
				t.Errorf("after the restart layer %s was read %d times", path, n)
			}
		}
	})
}

// packages returns the names of the packages in an image, sorted.
func packages(t testing.TB, s *server, digest crowsnest.Digest) []string {
	t.Helper()
	var names []string
	for _, p := range got(s.SBOM(ctx(t), string(digest)))(t).Packages {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	return names
}

func TestLaw06WhiteoutsAreHonoured(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		host := imagekit.Registry(t)
		lower := []imagekit.Layer{base(libc + libssl), npm("lodash", "4.17.15"), npm("ms", "2.1.3")}
		with := func(files ...imagekit.File) []string {
			img := imagekit.Build(t, imagekit.Image{Layers: append(slices.Clip(lower), imagekit.Layer{Files: files})})
			imagekit.Push(t, host+"/shop/web:1.0", img)
			return packages(t, s, s.analyse(t, host+"/shop/web:1.0"))
		}
		for _, c := range []struct {
			name  string
			files []imagekit.File
			want  []string
		}{
			{"a file", []imagekit.File{imagekit.Whiteout("app/node_modules/ms/package.json")}, []string{"libc6", "libssl3", "lodash"}},
			{"a folder", []imagekit.File{imagekit.Whiteout("app/node_modules/lodash")}, []string{"libc6", "libssl3", "ms"}},
			{"all within", []imagekit.File{imagekit.Dir("app"), imagekit.Opaque("app"), npmFile("app/node_modules/left", "left", "1.0.0")}, []string{"left", "libc6", "libssl3"}},
			{"replaced", []imagekit.File{imagekit.Text("var/lib/dpkg/status", libc)}, []string{"libc6", "lodash", "ms"}},
		} {
			if diff := cmp.Diff(c.want, with(c.files...)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.name, diff)
			}
		}
	})
}

// TestLaw07InUseHasThreeValues follows one image: not observed while nothing is reported,
// in use and not seen once a profile is there, and never "not seen" for what no profile covers.
func TestLaw07InUseHasThreeValues(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		host := imagekit.Registry(t)
		img := shop(t)
		imagekit.Push(t, host+"/shop/web:1.0", img)
		id := imagekit.ImageID(t, img)
		s.upload(t, advisories()...)
		s.analyse(t, host+"/shop/web:1.0")
		read := func(environment string) map[string]string {
			t.Helper()
			out := map[string]string{}
			for _, f := range got(s.CVEs(ctx(t), string(id), environment))(t).Findings {
				out[f.Package.Name] = f.InUse.String()
			}
			return out
		}
		all := func(value string) map[string]string {
			return map[string]string{"libc6": value, "libssl3": value, "lodash": value, "stdlib": value}
		}
		same := func(what string, want map[string]string, environment string) {
			t.Helper()
			if diff := cmp.Diff(want, read(environment)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}
		same("nothing runs", all("not-observed"), "")
		sysdig := newSysdig(t)
		sysdig.SetCluster("prod-eu", runs("web", id))
		sysdig.SetCluster("test-eu", runs("web", id))
		s.connect(t, sysdig, "prod-eu", "production")
		s.connect(t, sysdig, "test-eu", "test")
		same("it runs without a profile", all("not-observed"), "")

		sysdig.SetCluster("prod-eu", runs("web", id, shopLoaded()))
		s.sync(t, "prod-eu")
		seen := map[string]string{"libc6": "not-seen", "libssl3": "in-use", "lodash": "not-seen", "stdlib": "not-seen"}
		same("with a profile", seen, "")
		same("with a profile, there", seen, "production")
		same("with a profile, elsewhere", all("not-observed"), "test")

		// A report without packages says nothing, and least of all that nothing is loaded.
		sysdig.SetCluster("prod-eu", runs("web", id))
		s.sync(t, "prod-eu")
		same("the profile is not reported this time", seen, "production")

		sysdig.SetCluster("prod-eu")
		s.sync(t, "prod-eu")
		same("it runs there no more", all("not-observed"), "")

		out := at(t, s).ok(t, "cves", string(id))
		if !strings.Contains(out, "not observed") || strings.Contains(out, "not seen") {
			t.Errorf("the command shows what was not observed as something else:\n%s", out)
		}
	})
}

// TestLaw07FilteredFindingsAreCounted wants hidden rows to be counted.
func TestLaw07FilteredFindingsAreCounted(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	dir := imagekit.Layout(t, imagekit.Tag("web:1.0", shop(t)))
	m.importAdvisories(t)
	for _, c := range []struct {
		flag string
		want string
	}{{"--only-fixed", "1 more hidden"}, {"--only-severity=critical", "3 more hidden"}, {"--only-in-use", "4 more hidden"}, {"--only-package-type=deb", "2 more hidden"}} {
		if out := m.ok(t, "cves", "oci-dir://"+dir, c.flag); !strings.Contains(out, c.want) {
			t.Errorf("%s does not say %q:\n%s", c.flag, c.want, out)
		}
	}
}

// TestLaw09FailedAnalysisIsCounted wants a running image whose analysis failed to be
// counted with its reason, and to heal when it can be analysed.
func TestLaw09FailedAnalysisIsCounted(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		gate, host := newGate(t)
		img, whole := small(t, "broken"), small(t, "whole")
		imagekit.Push(t, host+"/shop/web:1.0", img)
		imagekit.Push(t, host+"/shop/api:1.0", whole)
		sysdig := newSysdig(t)
		sysdig.SetCluster("prod-eu", runs("web", imagekit.ImageID(t, img)), runs("api", imagekit.ImageID(t, whole)), runs("debug", crowsnest.DigestOf([]byte("never pushed"))))
		s.connect(t, sysdig, "prod-eu", "production")
		gate.set(func(w http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, layerPath(t, img, 0)) {
				http.Error(w, "gone", http.StatusNotFound)
				return true
			}
			return false
		})
		if _, err := s.tryAnalyse(t, host+"/shop/web:1.0"); err == nil {
			t.Fatal("an image without its layer is analysed")
		}
		gate.set(nil)
		s.analyse(t, host+"/shop/api:1.0")

		want := crowsnest.Coverage{Running: 3, Analysed: 1, Failed: 1, Unresolved: 1}
		coverage := got(s.Coverage(ctx(t)))(t)
		if coverage.Coverage != want || len(coverage.Environments) != 1 || coverage.Environments[0].Coverage != want {
			t.Errorf("coverage %+v, want %+v in all and in production", coverage, want)
		}
		var failed []wire.Gap
		for _, g := range got(s.Gaps(ctx(t), "production"))(t) {
			if g.State == "failed" {
				failed = append(failed, g)
			}
		}
		if len(failed) != 1 || failed[0].Name != host+"/shop/web:1.0" || len(failed[0].Workloads) != 1 {
			t.Fatalf("failed images %+v, want web with its workload", failed)
		}
		oneSentence(t, "reason", failed[0].Reason, "layer", "push the image again")
		out := at(t, s).ok(t, "environment", "production")
		for _, word := range []string{"1 of 3", "1 failed", "1 unresolved", "push the image again"} {
			if !strings.Contains(out, word) {
				t.Errorf("the command does not say %q:\n%s", word, out)
			}
		}

		s.analyse(t, host+"/shop/web:1.0")
		if c := got(s.Coverage(ctx(t)))(t).Coverage; c != (crowsnest.Coverage{Running: 3, Analysed: 2, Unresolved: 1}) {
			t.Errorf("coverage after the image was pushed again: %+v", c)
		}
	})
}

// TestLaw10OneAnswerEverywhere reads the same numbers from every view.
func TestLaw10OneAnswerEverywhere(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		host := imagekit.Registry(t)
		web, api := shop(t), small(t, "api")
		for name, img := range map[string]v1.Image{"web": web, "api": api} {
			imagekit.Push(t, host+"/shop/"+name+":1.0", img)
			s.analyse(t, host+"/shop/"+name+":1.0")
		}
		s.upload(t, advisories()...)
		sysdig := newSysdig(t)
		sysdig.SetCluster("prod-eu", runs("web", imagekit.ImageID(t, web), shopLoaded()), runs("api", imagekit.ImageID(t, api)), runs("debug", crowsnest.DigestOf([]byte("never pushed"))))
		s.connect(t, sysdig, "prod-eu", "production")
		m := at(t, s)
		same := func(what string, want, got any) {
			t.Helper()
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-API +other):\n%s", what, diff)
			}
		}

		environment := got(s.Environment(ctx(t), "production"))(t)
		var listed []wire.Environment
		m.json(t, &listed, "environment")
		same("environment of the command", []wire.Environment{environment}, listed)

		var sum crowsnest.Summary
		for _, running := range environment.Images {
			sum = sum.Plus(running.Summary)
			cves := got(s.CVEs(ctx(t), string(running.Digest), "production"))(t)
			same("cves and environment", cves.Summary, running.Summary)
			same("list of images and environment", running.Summary, got(s.Image(ctx(t), string(running.Digest)))(t).Summary)
			var report wire.CVEs
			m.json(t, &report, "cves", running.Name, "--env", "production")
			same("cves of the command", cves, report)
			var quick wire.Image
			m.json(t, &quick, "quickview", running.Name)
			same("quickview", got(s.Image(ctx(t), string(running.Digest)))(t), quick)
			var sbom wire.SBOM
			m.json(t, &sbom, "sbom", running.Name)
			same("sbom", got(s.SBOM(ctx(t), string(running.Digest)))(t), sbom)
			same("packages in sbom and quickview", len(sbom.Packages), quick.Packages)
		}
		summaries := got(s.Environments(ctx(t)))(t)
		if len(summaries) != 1 {
			t.Fatalf("environments %+v", summaries)
		}
		same("summary of the environment", sum, summaries[0].Summary)
		same("images of the environment", len(environment.Images), summaries[0].Images)
		same("coverage of the environment", environment.Coverage, summaries[0].Coverage)
		same("coverage of all", environment.Coverage, got(s.Coverage(ctx(t)))(t).Coverage)
		integration := got(s.Integration(ctx(t), "prod-eu"))(t)
		same("coverage of the integration", environment.Coverage, integration.Coverage)
		var integrations []wire.Integration
		m.json(t, &integrations, "integration", "list")
		same("integration list", []wire.Integration{integration}, integrations)

		worst := map[string]string{}
		for _, v := range get[wire.Page[wire.Vulnerability]](t, s, "/vulnerabilities?environment=production").Items {
			worst[v.ID] = v.Severity.String()
		}
		same("vulnerabilities", map[string]string{"CVE-2099-0001": "critical", "CVE-2099-0002": "high", "CVE-2099-0003": "low", "GO-2099-0004": "unspecified"}, worst)

		// The report of an image that is analysed here and matched there is that of the server.
		var local wire.CVEs
		m.json(t, &local, "cves", "oci-dir://"+imagekit.Layout(t, imagekit.Tag("web:1.0", web)), "--env", "production")
		remote := got(s.CVEs(ctx(t), string(imagekit.Digest(t, web)), "production"))(t)
		same("findings of a file matched by the server", remote.Findings, local.Findings)
	})
}

// TestLaw11SecretsStayIn looks for the Sysdig token and the bearer token wherever they
// must not be: in everything logged at the most talkative level, in every answer and
// in the bytes of the database.
func TestLaw11SecretsStayIn(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		sysdig := newSysdig(t)
		sysdig.SetCluster("prod-eu", runs("web", crowsnest.DigestOf([]byte("image"))))
		m := at(t, s)
		var seen bytes.Buffer // what the command says
		run := func(args ...string) {
			t.Helper()
			o := m.run(t, args...)
			seen.WriteString(o.stdout + o.stderr)
		}
		run("integration", "configure", "sysdig", "--name", "prod-eu", "--parameter", "region=custom", "--parameter", "url="+sysdig.url,
			"--parameter", "token="+sysdigToken, "--parameter", "cluster=prod-eu", "--parameter", "environment=production")
		// A Sysdig, or something between, that sends the token back.
		for _, f := range []sysdigkit.Fault{
			{Status: http.StatusBadRequest, Body: `{"message":"bad token ` + sysdigToken + `"}`},
			{Status: http.StatusUnauthorized, Body: "token " + sysdigToken + " is unknown"},
			{Body: `{"page":{"next":"` + sysdigToken + `"},"data":[{"namespace":"` + sysdigToken + `","imageID":"` + sysdigToken + `"}]}`},
			{Body: sysdigToken},
		} {
			f.Match, f.Times = sysdigkit.Match{Call: sysdigkit.Images}, 4
			heal := sysdig.Inject(f)
			run("integration", "sync", "--name", "prod-eu")
			heal()
		}
		run("integration", "list", "--format", "json")
		for _, bad := range []string{"wrong-" + s.token, "x"} {
			other := newMachine(t, "CROWSNEST_SERVER="+s.url, "CROWSNEST_TOKEN="+bad)
			o := other.run(t, "environment")
			seen.WriteString(o.stdout + o.stderr)
		}
		s.restart()
		if in := s.sync(t, "prod-eu"); in.State != "connected" {
			t.Errorf("the sealed token does not open: %+v", in)
		}

		s.shut() // so that all is written
		places := map[string]string{"log": s.log.String(), "answers": s.said.String(), "command": seen.String()}
		for name, text := range places {
			if text == "" {
				t.Errorf("nothing was recorded of the %s", name)
			}
		}
		must(t, filepath.WalkDir(s.cfg.Data, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			places[filepath.Base(path)] = string(b)
			return err
		}))
		if _, ok := places["key"]; !ok || len(places) < 4 {
			t.Errorf("looked at %d places only", len(places))
		}
		for name, text := range places {
			for what, secret := range map[string]string{"Sysdig token": sysdigToken, "bearer token": s.token} {
				if strings.Contains(text, secret) {
					at := strings.Index(text, secret)
					t.Errorf("the %s stands in the %s: …%q…", what, name, text[max(0, at-80):min(len(text), at+len(secret))])
				}
			}
		}
	})
}
