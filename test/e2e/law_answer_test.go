package e2e

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/v1"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// TestLaw07InUseHasThreeValues follows one image: not observed while nothing is reported,
// in use and not seen once a profile is there, and never "not seen" for what no profile covers.
func TestLaw07InUseHasThreeValues(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		host := imagekit.Registry(t)
		img := shop(t)
		imagekit.Push(t, host+"/shop/web:1.0", img)
		id := imagekit.ImageID(t, img)
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
		sysdig, production, other := newSysdig(t), names(t, "production"), names(t, "test")
		for _, name := range []string{production, other} {
			sysdig.SetCluster(name, runs("web", id))
			s.connect(t, sysdig, name, name)
		}
		same("it runs without a profile", all("not-observed"), "")

		sysdig.SetCluster(production, runs("web", id, shopLoaded()))
		s.sync(t, production)
		seen := map[string]string{"libc6": "not-seen", "libssl3": "in-use", "lodash": "not-seen", "stdlib": "not-seen"}
		same("with a profile, there", seen, production)
		// Elsewhere it may load what it does not there.
		same("with a profile", map[string]string{"libc6": "not-observed", "libssl3": "in-use", "lodash": "not-observed", "stdlib": "not-observed"}, "")
		same("with a profile, elsewhere", all("not-observed"), other)

		// What was watched and not loaded is handed on as not affected, and nothing else.
		var doc struct {
			ID         string `json:"@id"`
			Author     string `json:"author"`
			Version    int    `json:"version"`
			Statements []struct {
				Vulnerability struct {
					Name string `json:"name"`
				} `json:"vulnerability"`
				Status        string `json:"status"`
				Justification string `json:"justification"`
				Notes         string `json:"status_notes"`
			} `json:"statements"`
		}
		stated := func(environment string) []string {
			m, out := at(t, s), []string{}
			text := m.ok(t, "vex", "export", "--env", environment)
			if text == "" {
				return out // what states nothing is no document
			}
			must(t, json.Unmarshal([]byte(text), &doc))
			for _, s := range doc.Statements {
				if !strings.HasPrefix(s.Notes, "Sysdig, cluster "+production+" (integration "+production+"), environment") {
					t.Errorf("nobody can tell who saw that: %q", s.Notes)
				}
				if s.Status != "not_affected" || s.Justification != "vulnerable_code_not_in_execute_path" {
					t.Errorf("statement %+v", s)
				}
				out = append(out, s.Vulnerability.Name)
			}
			return out
		}
		if diff := cmp.Diff([]string{"CVE-2099-0002", "CVE-2099-0003", "GO-2099-0004"}, stated(production)); diff != "" {
			t.Errorf("VEX (-want +got):\n%s", diff)
		}
		if doc.Author != s.url { // nobody gave the organisation a name
			t.Errorf("stated by %q", doc.Author)
		}
		first, version := doc.ID, doc.Version
		s.sync(t, production)
		if stated(production); doc.ID != first || doc.Version <= version {
			t.Errorf("after a sweep %s in version %d, before %s in version %d", doc.ID, doc.Version, first, version)
		}
		if got := stated(other); len(got) != 0 {
			t.Errorf("VEX of an environment without profiles: %v", got)
		}

		// A report without packages says nothing, and least of all that nothing is loaded.
		sysdig.SetCluster(production, runs("web", id))
		s.sync(t, production)
		same("the profile is not reported this time", seen, production)

		sysdig.SetCluster(production, runs("other", crowsnest.DigestOf([]byte(t.Name()))))
		s.sync(t, production)
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
		// The second layer is this test's own, and so not known already.
		img, whole := layered(t, "broken", base(libssl), imagekit.Layer{Files: []imagekit.File{imagekit.Text("etc/issue", t.Name())}}), small(t, "whole")
		imagekit.Push(t, host+"/shop/web:1.0", img)
		imagekit.Push(t, host+"/shop/api:1.0", whole)
		sysdig, name := newSysdig(t), names(t, "production")
		sysdig.SetCluster(name, runs("web", imagekit.ImageID(t, img)), runs("api", imagekit.ImageID(t, whole)), runs("debug", crowsnest.DigestOf([]byte(t.Name()))))
		s.connect(t, sysdig, name, name)
		gate.set(func(w http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, layerPath(t, img, 1)) {
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
		coverage := func() crowsnest.Coverage {
			t.Helper()
			e, _ := named(got(s.Coverage(ctx(t)))(t).Environments, environmentName, name)
			return e.Coverage
		}
		if c := coverage(); c != want {
			t.Errorf("coverage %+v, want %+v", c, want)
		}
		var failed []wire.Gap
		for _, g := range got(s.Gaps(ctx(t), name))(t) {
			if g.State == "failed" {
				failed = append(failed, g)
			}
		}
		if len(failed) != 1 || failed[0].Name != host+"/shop/web:1.0" || len(failed[0].Workloads) != 1 {
			t.Fatalf("failed images %+v, want web with its workload", failed)
		}
		oneSentence(t, "reason", failed[0].Reason, "layer", "push the image again")
		out := at(t, s).ok(t, "environment", name)
		for _, word := range []string{"1 of 3", "1 failed", "1 unresolved", "push the image again"} {
			if !strings.Contains(out, word) {
				t.Errorf("the command does not say %q:\n%s", word, out)
			}
		}

		s.analyse(t, host+"/shop/web:1.0")
		if c := coverage(); c != (crowsnest.Coverage{Running: 3, Analysed: 2, Unresolved: 1}) {
			t.Errorf("coverage after the image was pushed again: %+v", c)
		}
	})
}

// TestLaw10OneAnswerEverywhere reads the same numbers from every view.
func TestLaw10OneAnswerEverywhere(t *testing.T) {
	onNewServers(t, func(t *testing.T, s *server) {
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
	onNewServers(t, func(t *testing.T, s *server) {
		sysdig := newSysdig(t)
		sysdig.SetAPITokens(sysdigAPIToken)
		sysdig.SetCluster("prod-eu", runs("web", crowsnest.DigestOf([]byte("image"))))
		m := at(t, s)
		var seen bytes.Buffer // what the command says
		run := func(args ...string) {
			t.Helper()
			o := m.run(t, args...)
			seen.WriteString(o.stdout + o.stderr)
		}
		run("integration", "configure", "sysdig", "--name", "prod-eu", "--parameter", "region=custom", "--parameter", "url="+sysdig.url,
			"--parameter", "token="+sysdigToken, "--parameter", "api-token="+sysdigAPIToken, "--parameter", "cluster=prod-eu", "--parameter", "environment=production")
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
		heal := sysdig.Inject(sysdigkit.Fault{Match: sysdigkit.Match{Call: sysdigkit.Results}, Times: 4, Status: http.StatusUnauthorized, Body: "token " + sysdigAPIToken + " is unknown"})
		run("integration", "sync", "--name", "prod-eu")
		heal()
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
			for what, secret := range map[string]string{"Sysdig token": sysdigToken, "API token": sysdigAPIToken, "bearer token": s.token} {
				if strings.Contains(text, secret) {
					at := strings.Index(text, secret)
					t.Errorf("the %s stands in the %s: …%q…", what, name, text[max(0, at-80):min(len(text), at+len(secret))])
				}
			}
		}
	})
}
