package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego"
	"github.com/crowsnest-sec/crowsnest/internal/report/glance"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// noPad is a policy for Docker Scout's contract.
const noPad = `# METADATA
# title: No left-pad
# description: left-pad has no place here.
# custom:
#   name: no-left-pad
#   result_type: generic
#   weight: 40
#   not_compliant_title: left-pad found
#   details_order:
#   - purl
#   - why
package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

blocked := object.get(data.config, "blocked", "left-pad")

violation contains v if {
	some pkg in oci.referrer("https://scout.docker.com/sbom/v0.1").statement.predicate.artifacts
	print("looking at", pkg.name)
	pkg.name == blocked
	v := {"message": sprintf("%s is there", [pkg.name]), "detail": {"purl": pkg.purl, "why": "it is blocked"}, "remediation": "pad by yourself"}
}
`

// critical is one for Crowsnest's own package.
const critical = `# METADATA
# title: Nothing critical at all
# custom:
#   name: critical
#   result_type: vulnerability
#   details_order: [purl, vulnerability]
package crowsnest

import data.lib.levels

default pass := false

pass if count(violation) == 0

violation contains {"message": sprintf("%s is critical", [f.vulnerability]), "detail": {"purl": f.purl, "vulnerability": f.vulnerability, "severity": f.severity}} if {
	some f in crowsnest.findings()
	levels.worst(f.severity)
}
`

const levels = "package lib.levels\n\nworst(s) if s == \"critical\"\n"

const noPadTest = `package docker.scout_test

import rego.v1

import data.docker.scout

sbom(name) := {"statement": {"predicate": {"artifacts": [{"name": name, "purl": "pkg:npm/x@1"}]}}}

bad(_) := sbom("left-pad")

good(_) := sbom("right-pad")

test_found if count(scout.violation) == 1 with oci.referrer as bad

test_fine if scout.pass with oci.referrer as good

todo_test_later if false
`

// policies writes policies into a folder.
func policies(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestPolicyInRego(t *testing.T) {
	p := newPerson(t)
	source, advisories := leftPad(t)
	p.ok("advisory", "import", advisories)
	dir := policies(t, map[string]string{
		"no-left-pad.rego": noPad, "no-left-pad_test.rego": noPadTest, "more/critical.rego": critical, "lib/levels.rego": levels, ".hidden/x.rego": "no rego", "notes.txt": "nothing",
		"config.json": `{"debug": true, "policies": [{"name": "no-left-pad", "weight": 5, "config": {"blocked": "right-pad"}}, {"name": "critical", "enabled": false}, {"name": "another"}]}`,
		"scout.json":  `{"policies": [{"name": "fixable-vulnerabilities", "config": {"severities": ["LOW"], "grace_period_days": 3}}, {"name": "no-stale-base-images", "enabled": false}]}`,
		"wrong.json":  `{"policies": [{"name": "x", "wieght": 1}]}`,
	})
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }

	r := read[compliance.ImagePolicies](t, p.ends(cli.FoundVulnerabilities, "policy", source, "--policy-dir", dir, "--exit-code", "--format", "json"))
	if len(r.Policies) != 2 || r.NotMet != 2 || r.Score == nil || r.Score.Of != 50 || r.Policies[1].Written == nil || r.Policies[1].Written.NotMet != "left-pad found" {
		t.Errorf("of a folder it says %+v", r)
	}
	if v := r.Policies[0].Violations; len(v) != 1 || v[0].Vulnerability != "CVE-2099-0001" || v[0].Severity != crowsnest.Critical {
		t.Errorf("of a library's rule it says %+v", v)
	}
	got := p.ok("policy", source, "--policy-file", at("no-left-pad.rego"))
	for _, says := range []string{"! left-pad found", "left-pad is there", "why: it is blocked", "→ pad by yourself", "Policies FAILED: 0 of 1 met"} {
		if !strings.Contains(got, says) {
			t.Errorf("it does not say %q:\n%s", says, got)
		}
	}
	result := filepath.Join(p.home, "result.json")
	_, stderr, err := p.run("policy", source, "--policy-dir", dir, "--policy-config", at("config.json"), "--exit-code", "--result-file", result)
	if err != nil || !strings.Contains(stderr, "no-left-pad#24: looking at left-pad") || !strings.Contains(stderr, "the policy another, which is not among") {
		t.Errorf("configured it gives %v and prints\n%s", err, stderr)
	}
	text, err := os.ReadFile(result)
	if err != nil {
		t.Fatal(err)
	}
	all := read[map[string]struct {
		Pass       bool
		Violations []map[string]any
		Bindings   map[string]any
		Metrics    map[string]any
	}](t, string(text))
	if one, ok := all["no-left-pad"]; len(all) != 1 || !ok || !one.Pass || one.Bindings["blocked"] != "right-pad" || len(one.Metrics) == 0 {
		t.Errorf("the file with all that was said has %s", text)
	}
	p.ok("policy", source, "--policy-dir", dir, "--only-policy", "no-left-pad", "--only-policy", "Nothing critical at all")
	p.refused([]string{"policy", source, "--policy-dir", dir, "--only-policy", "nothing"}, "nothing", "No left-pad")
	web := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer web.Close()
	secret := strings.Replace(web.URL, "http://", "http://me:hunter2@", 1)
	if got := p.ok("policy", source, "--policy-file", secret+"/no-left-pad.rego?token=hunter2", "--policy-config", web.URL+"/config.json"); !strings.Contains(got, "No left-pad") {
		t.Errorf("of a URL it says\n%s", got)
	}
	for _, missing := range []string{"--policy-file", "--policy-config"} {
		if _, stderr, err := p.run("policy", source, missing, secret+"/missing?token=hunter2"); err == nil || strings.Contains(stderr+err.Error(), "hunter2") || !strings.Contains(err.Error(), "404") {
			t.Errorf("%s of a URL that names nothing: %v\n%s", missing, err, stderr)
		}
	}
	p.refused([]string{"policy", source, "--policy-file", "http://169.254.169.254/x.rego"}, "not permitted")
	p.refused([]string{"policy", source, "--policy-file", web.URL + "/"}, "mend the policy") // a page is no policy
	if got := p.ok("quickview", source, "--policy-file", at("no-left-pad.rego")); !strings.Contains(got, "left-pad found") || !strings.Contains(got, "Policies FAILED: 0 of 1 met") {
		t.Errorf("at a glance it says\n%s", got)
	}
	p.refused([]string{"quickview", "sbom://x", "--policy-file", at("no-left-pad.rego")}, "a bill of materials has no configuration")
	p.refused([]string{"quickview", source, "--use-attested-sbom", "--policy-file", at("no-left-pad.rego")}, "--use-attested-sbom")
	var view glance.View
	if view = read[glance.View](t, p.ok("quickview", source, "--policy-dir", dir, "--only-policy", "no-left-pad", "--format", "json")); view.Policies == nil || view.Policies.NotMet != 1 || view.Policies.Policies[0].ViolationCount != 1 || len(view.Policies.Policies[0].Violations) != 0 {
		t.Errorf("at a glance it is %+v", view.Policies)
	}
	p.refused([]string{"policy", source, "--policy-file", at("lib/levels.rego")}, "there is none", "docker.scout")
	p.refused([]string{"policy", source, "--policy-file", at("more/critical.rego")}, "Nothing critical at all", "lib.levels")
	p.refused([]string{"policy", source, "--policy-file", at("missing.rego")}, "missing.rego")
	p.refused([]string{"policy", source, "--policy-dir", at("lib/levels.rego/..") + "/../none"}, "none")
	p.refused([]string{"policy", source, "--policy-file", at("no-left-pad.rego"), "--policy-config", at("wrong.json")}, "wieght")
	p.refused([]string{"policy", source, "--result-file", result}, "policies in Rego")

	// The built-in ones, configured as Docker Scout names them.
	r = read[compliance.ImagePolicies](t, p.ok("policy", source, "--policy-config", at("scout.json"), "--format", "json"))
	if len(r.Policies) != 6 || r.Policies[0].Name != fixableName || r.Policies[0].Status != crowsnest.Compliant {
		t.Errorf("configured the built-in ones say %+v", r)
	}

	before := "oci-dir://" + imagekit.Layout(t, imagekit.Tag("left-pad:0", imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{{Files: []imagekit.File{
		imagekit.Text("app/node_modules/right-pad/package.json", `{"name":"right-pad","version":"1.0.0"}`),
	}}}})))
	c := read[wire.Comparison](t, p.ends(cli.FoundVulnerabilities, "compare", source, "--to", before, "--policy-file", at("no-left-pad.rego"), "--exit-on", "policy", "--format", "json"))
	if c.Policies == nil || len(c.Policies.Items) != 1 || c.Policies.Worse != 1 || c.Policies.Items[0].Policy != "No left-pad" {
		t.Errorf("compared they say %+v", c.Policies)
	}
	c = read[wire.Comparison](t, p.ok("compare", source, "--to", before, "--only-policy", fixableName, "--format", "json"))
	if c.Policies == nil || len(c.Policies.Items) != 1 {
		t.Errorf("compared one says %+v", c.Policies)
	}
}

func TestPolicyTest(t *testing.T) {
	p := newPerson(t)
	dir := policies(t, map[string]string{"no-left-pad.rego": noPad, "no-left-pad_test.rego": noPadTest, "lib/levels.rego": levels, "lib/levels_test.rego": "package lib.levels_test\nimport data.lib.levels\ntest_worst if levels.worst(\"critical\")\n"})
	got := p.ok("policy", "test", dir)
	for _, says := range []string{"✓ no-left-pad_test.rego:13  data.docker.scout_test.test_found", "– no-left-pad_test.rego", "✓ lib/levels_test.rego:3", "3 passed, 0 failed, 1 skipped"} {
		if !strings.Contains(got, says) {
			t.Errorf("it does not say %q:\n%s", says, got)
		}
	}
	failing := policies(t, map[string]string{"a.rego": noPad, "a_test.rego": strings.Replace(noPadTest, "== 1", "== 2", 1) + "\ntest_unmocked if scout.pass\n\ntest_endless if { r := numbers.range(1, 2000); some a in r; some b in r; some c in r; a + b + c < 0 }\n"})
	tests := read[[]rego.Tested](t, p.ends(1, "policy", "test", failing, "--format", "json"))
	says := make(map[string]string)
	for _, one := range tests {
		if !one.Passed && !one.Skipped {
			says[strings.TrimPrefix(one.Name, "data.docker.scout_test.")] = one.Error
		}
	}
	if len(says) != 3 || says["test_found"] != "" || !strings.Contains(says["test_unmocked"], "replace it in the test") || !strings.Contains(says["test_endless"], "took longer than") {
		t.Errorf("what failed is %q", says)
	}
	p.refused([]string{"policy", "test", policies(t, map[string]string{"a.rego": noPad})}, "there are none")
	p.refused([]string{"policy", "test", policies(t, map[string]string{"a.rego": noPad, "b.rego": noPad, "x_test.rego": noPadTest})}, "there are 2")
	p.refused([]string{"policy", "test", policies(t, map[string]string{"a.rego": noPad, "a_test.rego": "package docker.scout_test\ntest_x if nothing()\n"})}, "undefined function nothing")
}

func TestPolicyBundles(t *testing.T) {
	p := newPerson(t)
	source, advisories := leftPad(t)
	p.ok("advisory", "import", advisories)
	registry := imagekit.Registry(t)
	dir := policies(t, map[string]string{"no-left-pad.rego": noPad, "no-left-pad_test.rego": noPadTest, "more/critical.rego": critical, "lib/levels.rego": levels})

	got := p.ok("policy", "publish", registry+"/policies:1", "--policy-dir", dir)
	for _, says := range []string{"sha256:", "no-left-pad", "No left-pad", "Nothing critical at all", "critical.rego"} {
		if !strings.Contains(got, says) {
			t.Errorf("it does not say %q:\n%s", says, got)
		}
	}
	digest := read[struct{ Digest string }](t, p.ok("policy", "publish", registry+"/policies:2", "--policy-dir", dir, "--format", "json")).Digest
	if !strings.Contains(got, digest) {
		t.Errorf("the same policies have another digest: %s, and\n%s", digest, got)
	}
	p.ok("policy", "publish", registry+"/policies:built-in")
	for _, reference := range []string{registry + "/policies:1", registry + "/policies@" + digest} {
		r := read[compliance.ImagePolicies](t, p.ok("policy", source, "--policy-bundle", reference, "--policy-bundle", registry+"/policies:built-in", "--format", "json"))
		if len(r.Policies) != 2+7 || r.Policies[0].Name != "Nothing critical at all" || r.Policies[0].Status != crowsnest.NonCompliant || r.Policies[2].Name != fixableName {
			t.Errorf("of %s it says %+v", reference, r)
		}
	}
	p.refused([]string{"policy", "publish", registry + "/policies:3", "--policy-file", filepath.Join(dir, "lib", "levels.rego")}, "there is none")
	p.refused([]string{"policy", "publish", registry + "/policies@" + digest}, "with a tag")
	p.refused([]string{"policy", source, "--policy-bundle", registry + "/none:1"}, "none")
	imagekit.Push(t, registry+"/shop/web:1", imagekit.Build(t, imagekit.Image{}))
	p.refused([]string{"policy", source, "--policy-bundle", registry + "/shop/web:1"}, "no text in Rego")
}

func TestPolicyInRegoWithServer(t *testing.T) {
	address, token := realServer(t)
	p := newPerson(t)
	p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
	_, advisories := leftPad(t)
	p.ok("advisory", "import", advisories)
	web := imagekit.Registry(t) + "/shop/web:1"
	pushed(t, p, web, "1.0.0")
	dir := policies(t, map[string]string{"no-left-pad.rego": noPad, "critical.rego": critical, "lib/levels.rego": levels, "wrong.rego.txt": noPad + "violation contains x if { x := http.send({}) }\n"})
	file := filepath.Join(dir, "no-left-pad.rego")

	// What nothing keeps is asked there as well.
	r := read[compliance.ImagePolicies](t, p.ends(cli.FoundVulnerabilities, "policy", web, "--policy-dir", dir, "--exit-code", "--format", "json"))
	if len(r.Policies) != 2 || r.NotMet != 2 || r.Policies[1].Violations[0].Detail["why"] != "it is blocked" {
		t.Errorf("there it says %+v", r)
	}
	p.refused([]string{"policy", web, "--policy-dir", dir, "--env", "nowhere"}, "nowhere")

	made := read[compliance.Policy](t, p.ok("policy", "create", "No padding", "--type", "rego", "--policy-file", file, "--format", "json"))
	if made.Weight != 40 || made.Description != "left-pad has no place here." || made.Written == nil || made.Written.Name != "no-left-pad" || len(made.Written.Columns) != 2 {
		t.Errorf("made is %+v", made)
	}
	p.refused([]string{"policy", "create", "Wrong", "--type", "rego", "--policy-file", filepath.Join(dir, "wrong.rego.txt")}, "http.send", "no network")
	p.refused([]string{"policy", "create", "Wrong", "--type", "licences", "--policy-file", file}, "the type rego")
	p.refused([]string{"policy", "create", "Wrong", "--type", "rego", "--parameter", "source=x"}, "--policy-file")
	p.refused([]string{"policy", "create", "Wrong", "--type", "rego"}, "give the text")
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) { // what changed is asked about by a job
		if got := p.ok("policy", "show", "No padding"); strings.Contains(got, "left-pad is there") {
			if !strings.Contains(got, "no-left-pad in Rego") || !strings.Contains(got, "why: it is blocked") {
				t.Errorf("it is shown as:\n%s", got)
			}
			break
		}
		if time.Now().After(end) {
			t.Fatal("nobody asked")
		}
	}
	changed := read[compliance.Policy](t, p.ok("policy", "change", "No padding", "--config", `{"blocked":"right-pad"}`, "--format", "json"))
	if !strings.Contains(compact(t, changed.Parameters), `"config":{"blocked":"right-pad"}`) || !strings.Contains(string(changed.Parameters), "not_compliant_title") {
		t.Errorf("changed its parameters are %s", changed.Parameters)
	}
	p.ok("policy", web, "--only-policy", "No padding", "--exit-code")
	p.refused([]string{"policy", "change", "No padding", "--config", `[]`}, "JSON object")
}
