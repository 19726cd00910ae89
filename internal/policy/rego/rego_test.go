package rego_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego"
)

// vulnerable asks as the contract has it: for what was attested of vulnerabilities.
const vulnerable = `# METADATA
# title: Nothing severe that could be mended
# description: Severe vulnerabilities with a fix, older than the time there is for them.
# authors:
# - Somebody <somebody@example.com>
# custom:
#   name: severe
#   result_type: vulnerability
#   weight: 30
#   not_compliant_title: Something severe could be mended
#   details_order:
#   - purl
#   - vulnerability
#   - severity
#   - fixedBy
#   - cvssScore
` + head + `severities := object.get(data.config, "severities", ["CRITICAL"])

grace := object.get(data.config, "grace_period_days", 0) * 24 * 3600 * 1000000000

violation contains v if {
	some entry in oci.referrer("https://scout.docker.com/vulnerabilities/v0.1").statement.predicate
	some cve in entry.vulnerabilities
	cve.cvss.severity in severities
	cve.fixed_by
	scout.parse_purl(entry.purl).type == "deb"
	time.now_ns() - time.parse_rfc3339_ns(cve.published_at) >= grace
	not waived(cve, entry.purl)
	v := {
		"message": sprintf("%s has %s", [entry.purl, cve.source_id]),
		"detail": {"purl": entry.purl, "vulnerability": cve.source_id, "severity": cve.cvss.severity, "fixedBy": cve.fixed_by, "cvssScore": sprintf("%.1f", [cve.cvss.score])},
		"remediation": sprintf("take %s", [scout.package_recommendation(entry.purl)]),
	}
}

waived(cve, purl) if {
	some s in oci.referrer("https://openvex.dev/ns/v0.2.0").statement.predicate.statements
	s.vulnerability.name == cve.source_id
	s.status == "not_affected"
	some product in s.products
	product["@id"] == purl
}
`

const licensed = `# METADATA
# title: No copyleft
# custom:
#   name: copyleft
#   result_type: license
#   details_order: [purl, license]
` + head + `violation contains v if {
	some pkg in oci.referrer("https://scout.docker.com/sbom/v0.1").statement.predicate.artifacts
	some licence in pkg.licenses
	startswith(licence, "AGPL")
	v := {"message": sprintf("%s is under %s", [pkg.name, licence]), "detail": {"purl": pkg.purl, "license": licence}}
}
`

const user = `# METADATA
# title: Not as root
# custom:
#   name: user
#   result_type: boolean
#   weight: 0
#   not_compliant_title: Runs as root
` + head + `violation contains {"message": "it runs as root", "detail": {"user": user}} if {
	user := input.source.image.config.config.User
	user in ["", "root", "0"]
}
`

const labelled = `# METADATA
# title: Labelled
# custom:
#   details_order:
#   - label
#   - reason
` + head + `labels := input.source.image.config.config.Labels

violation contains v if {
	some label in data.config.labels
	not labels[label]
	v := {"message": sprintf("the label %s is missing from %s", [label, input.source.image.name]), "detail": {"label": label, "reason": ["a", "b"]}, "remediation": "add it"}
}
`

func TestContract(t *testing.T) {
	purl := "pkg:deb/debian/libssl3@3.0.1?arch=amd64"
	vex := `{"statements":[{"vulnerability":{"name":"CVE-2026-1"},"status":"not_affected","products":[{"@id":"` + purl + `"}]}]}`
	for name, c := range map[string]struct {
		source, config string
		facts          policy.Facts
		want           policy.Result
	}{
		"vulnerability found": {vulnerable, ``, image(found("CVE-2026-1", crowsnest.Critical), found("CVE-2026-2", crowsnest.High), found("CVE-2026-3", crowsnest.Critical, func(f *policy.Finding) { f.FixedVersion = "" })), policy.Result{
			Status: crowsnest.NonCompliant, Reason: purl + " has CVE-2026-1", Again: now.Add(24 * time.Hour),
			Violations: []crowsnest.Violation{{
				Message: purl + " has CVE-2026-1", Remedy: "take 3.0.2", Vulnerability: "CVE-2026-1", Severity: crowsnest.Critical, Package: purl, FixedVersion: "3.0.2",
				Detail: map[string]string{"purl": purl, "vulnerability": "CVE-2026-1", "severity": "CRITICAL", "fixedBy": "3.0.2", "cvssScore": "9.8"},
			}},
		}},
		"the highest fix is recommended": {vulnerable, `{"severities":["HIGH"]}`, image(found("CVE-2026-1", crowsnest.Critical, func(f *policy.Finding) { f.FixedVersion = "3.0.10" }), found("CVE-2026-2", crowsnest.High)), policy.Result{
			Status: crowsnest.NonCompliant, Reason: purl + " has CVE-2026-2", Again: now.Add(24 * time.Hour),
			Violations: []crowsnest.Violation{{
				Message: purl + " has CVE-2026-2", Remedy: "take 3.0.10", Vulnerability: "CVE-2026-2", Severity: crowsnest.High, Package: purl, FixedVersion: "3.0.2",
				Detail: map[string]string{"purl": purl, "vulnerability": "CVE-2026-2", "severity": "HIGH", "fixedBy": "3.0.2", "cvssScore": "9.8"},
			}},
		}},
		"vulnerability in time":    {vulnerable, `{"grace_period_days":101}`, image(found("CVE-2026-1", crowsnest.Critical)), policy.Result{Status: crowsnest.Compliant, Reason: "it is met", Again: now.Add(24 * time.Hour)}},
		"vulnerability waived":     {vulnerable, ``, attested(image(found("CVE-2026-1", crowsnest.Critical)), statement("https://openvex.dev/ns/v0.2.0", vex)), policy.Result{Status: crowsnest.Compliant, Reason: "it is met", Again: now.Add(24 * time.Hour)}},
		"vulnerability configured": {vulnerable, `{"severities":["LOW"]}`, image(found("CVE-2026-1", crowsnest.Critical)), policy.Result{Status: crowsnest.Compliant, Reason: "it is met", Again: now.Add(24 * time.Hour)}},
		"no advisories": {vulnerable, ``, with(image(), func(f *policy.Facts) { f.Missing = []string{"Debian"} }), policy.Result{
			Reason: "no advisories are held of Debian; import them", Again: now.Add(24 * time.Hour)}},
		"licence": {licensed, ``, image(), policy.Result{Status: crowsnest.NonCompliant, Reason: "tax is under AGPL-3.0-only", Violations: []crowsnest.Violation{{
			Message: "tax is under AGPL-3.0-only", Package: "pkg:npm/%40shop/tax@2.0.0", Licence: "AGPL-3.0-only", Detail: map[string]string{"purl": "pkg:npm/%40shop/tax@2.0.0", "license": "AGPL-3.0-only"},
		}}}},
		"boolean": {user, ``, image(), policy.Result{Status: crowsnest.NonCompliant, Reason: "it runs as root", Violations: []crowsnest.Violation{{Message: "it runs as root", Detail: map[string]string{"user": "root"}}}}},
		"generic": {labelled, `{"labels":["org.opencontainers.image.vendor","team"]}`, image(), policy.Result{Status: crowsnest.NonCompliant, Reason: "the label team is missing from registry.example.com/shop/web:1.3", Violations: []crowsnest.Violation{{
			Message: "the label team is missing from registry.example.com/shop/web:1.3", Remedy: "add it", Detail: map[string]string{"label": "team", "reason": "a, b"},
		}}}},
		"generic met":     {labelled, `{"labels":[]}`, image(), policy.Result{Status: crowsnest.Compliant, Reason: "it is met"}},
		"own package":     {strings.Replace(user, "package docker.scout", "package crowsnest", 1), ``, image(), policy.Result{Status: crowsnest.NonCompliant, Reason: "it runs as root", Violations: []crowsnest.Violation{{Message: "it runs as root", Detail: map[string]string{"user": "root"}}}}},
		"below a package": {strings.Replace(user, "package docker.scout", "package docker.scout.team", 1), ``, image(), policy.Result{Status: crowsnest.NonCompliant, Reason: "it runs as root", Violations: []crowsnest.Violation{{Message: "it runs as root", Detail: map[string]string{"user": "root"}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, c.source, c.config, c.facts)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("it says (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMetadata(t *testing.T) {
	got := compile(t, rego.New(rego.Limits{}), vulnerable, ``).Meta()
	want := policy.Meta{
		Name: "severe", Title: "Nothing severe that could be mended", NotMet: "Something severe could be mended", Description: "Severe vulnerabilities with a fix, older than the time there is for them.",
		ResultType: policy.VulnerabilityResult, Weight: 30, DetailsOrder: []string{"purl", "vulnerability", "severity", "fixedBy", "cvssScore"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("it says of itself (-want +got):\n%s", diff)
	}
	bare := compile(t, rego.New(rego.Limits{}), head+"violation := set()\n", ``).Meta()
	if diff := cmp.Diff(policy.Meta{Name: "docker.scout", Title: "docker.scout", NotMet: "docker.scout", ResultType: policy.GenericResult, Weight: 10}, bare); diff != "" {
		t.Errorf("without METADATA it says (-want +got):\n%s", diff)
	}
}

// What is not known never looks like what is fine.
func TestNoData(t *testing.T) {
	asks := func(expression string) string {
		return head + "violation contains {\"message\": \"broken\"} if { " + expression + " }\n"
	}
	unlooked := with(image(), func(f *policy.Facts) { f.Attestations = nil })
	for name, c := range map[string]struct {
		source string
		facts  policy.Facts
		status crowsnest.Compliance
		says   string
	}{
		"attestation missing":         {asks(`is_null(oci.referrer("https://spdx.dev/Document"))`), image(), crowsnest.NonCompliant, "broken"},
		"attestation there":           {asks(`is_null(oci.referrer("https://spdx.dev/Document"))`), attested(image(), statement("https://spdx.dev/Document", `{}`)), crowsnest.Compliant, "met"},
		"attestations not looked for": {asks(`is_null(oci.referrer("https://spdx.dev/Document"))`), unlooked, crowsnest.NoData, "never looked for"},
		"attestation that is damaged": {asks(`is_null(oci.referrer("x"))`), attested(image(), crowsnest.Attestation{PredicateType: "x", Problem: "it is cut off"}), crowsnest.NoData, "it is cut off"},
		"another one that is damaged": {asks(`not is_null(oci.referrer("x"))`), with(image(), func(f *policy.Facts) { f.Attestations = &policy.Attestations{Unread: 1} }), crowsnest.NoData, "could not be read"},
		"VEX without attestations":    {asks(`is_null(oci.referrer("https://openvex.dev/ns/v0.2.0"))`), unlooked, crowsnest.NonCompliant, "broken"},
		"a signature":                 {asks(`not cosign.verify_image("x", {})`), image(), crowsnest.NoData, "cosign.verify_image"},
		"a commit":                    {asks(`not gpg.verify_commit("a", "b", "c")`), image(), crowsnest.NoData, "gpg.verify_commit"},
		"an index":                    {asks(`oci.index("a", "b")`), image(), crowsnest.NoData, "indexes of images are not kept"},
		"what a tag names":            {asks(`oci.image_digest("debian:12") != "sha256:1"`), image(), crowsnest.NoData, "connect its registry"},
		"what a tag is known to name": {asks(`oci.image_digest("debian:12") != "sha256:1"`), with(image(), func(f *policy.Facts) {
			f.BaseTags = []policy.BaseTag{{Reference: "docker.io/library/debian:12", Names: "sha256:2"}}
		}), crowsnest.NonCompliant, "broken"},
		"no base image":                {asks(`some b in scout.base_image(); b.name == "x"`), image(), crowsnest.NoData, "what the image is built on is not known"},
		"no base image in provenance":  {asks(`oci.referrer("https://scout.docker.com/provenance/v0.1").statement.predicate.base_image.name == "x"`), image(), crowsnest.NoData, "what the image is built on is not known"},
		"a base image":                 {asks(`oci.referrer("https://scout.docker.com/provenance/v0.1").statement.predicate.base_image.name != "docker.io/library/debian"`), with(image(), func(f *policy.Facts) { f.Base = &crowsnest.Base{Name: "docker.io/library/debian:12"} }), crowsnest.Compliant, "met"},
		"what is exploited":            {asks(`some f in crowsnest.findings(); f.cisa_exploited`), with(image(), func(f *policy.Facts) { f.KnownExploited = false }), crowsnest.NoData, "CISA's catalogue"},
		"broken whatever is not known": {asks(`count(oci.referrer("https://scout.docker.com/vulnerabilities/v0.1").statement.predicate) == 1`), with(image(found("CVE-2026-1", crowsnest.Low)), func(f *policy.Facts) { f.Missing = []string{"npm"} }), crowsnest.NonCompliant, "broken"},
		"no document":                  {asks(`true`), with(image(), func(f *policy.Facts) { f.Document = nil }), crowsnest.NoData, "cannot be asked"},
		"pass that is no boolean":      {"package docker.scout\npass := 1\nviolation := set()\n", image(), crowsnest.NoData, "neither true nor false"},
		"pass without a value":         {"package docker.scout\npass if false\nviolation := set()\n", image(), crowsnest.NoData, "no value"},
		"violation that is no set":     {"package docker.scout\npass := true\nviolation := \"x\"\n", image(), crowsnest.NoData, "no set"},
		"rules that contradict":        {"package docker.scout\npass := x if x := [true, false][_]\nviolation := set()\n", image(), crowsnest.NoData, "line 2"},
		"failed without a violation":   {"package docker.scout\npass := false\nviolation := set()\n", image(), crowsnest.NonCompliant, "docker.scout"},
		"tolerated":                    {"package docker.scout\npass := true\nviolation := {{\"message\": \"x\"}}\n", image(), crowsnest.Compliant, "with 1 that it lets pass"},
	} {
		t.Run(name, func(t *testing.T) {
			r := ask(t, c.source, ``, c.facts)
			if r.Status != c.status || !strings.Contains(r.Reason, c.says) {
				t.Errorf("it is %s: %s; want %s with %q", r.Status, r.Reason, c.status, c.says)
			}
		})
	}
}

func TestFunctionsAndInput(t *testing.T) {
	f := with(image(found("CVE-2026-1", crowsnest.High)), func(f *policy.Facts) {
		f.Base, f.Runs = &crowsnest.Base{By: crowsnest.BaseByProvenance, Name: "docker.io/library/debian:12", Digest: "sha256:1"}, true
		f.Watch = crowsnest.Watch{Loaded: map[string]bool{crowsnest.UseKey("deb", "libssl3", "3.0.1"): true}, AsOf: now}
	})
	f = attested(f, statement("https://slsa.dev/provenance/v1", `{"runDetails":{}}`))
	for _, expression := range []string{
		`oci.canonical_name("node:25") == "docker.io/library/node"`,
		`oci.canonical_name("ghcr.io/a/b@sha256:` + strings.Repeat("1", 64) + `") == "ghcr.io/a/b"`,
		`is_null(oci.canonical_name("NOT A NAME"))`,
		`scout.parse_purl("pkg:deb/debian/a@1?arch=amd64") == {"type": "deb", "namespace": "debian", "name": "a", "version": "1", "qualifiers": {"arch": "amd64"}, "subpath": ""}`,
		`is_null(scout.parse_purl("x"))`,
		`count(scout.vulnerabilities(["pkg:deb/debian/libssl3@3.0.1?arch=amd64"])) == 1`,
		`count(scout.vulnerabilities({"pkg:npm/x@1"})) == 0`,
		`is_null(scout.package_recommendation("pkg:npm/x@1"))`,
		`scout.base_image() == [{"name": "docker.io/library/debian", "tag": "12", "digest": "sha256:1", "reference": "docker.io/library/debian:12", "known_by": "provenance"}]`,
		`crowsnest.findings()[0].in_use == "in-use"`,
		`crowsnest.findings()[0].vulnerability == "CVE-2026-1"`,
		`att := oci.referrer("https://slsa.dev/provenance/v1"); att.image == "registry.example.com/shop/web@sha256:` + strings.Repeat("3", 64) + `"; att.statement.predicate.runDetails == {}`,
		`some s in oci.referrer("https://scout.docker.com/sbom/v0.1").statement.subject; sprintf("sha256:%s", [s.digest.sha256]) == input.source.image.digest`,
		`input.source.image.config.config.Env == ["PATH=/bin", "TOKEN"]`,
		`input.source.image.config.config.Labels["org.opencontainers.image.vendor"] == "shop"`,
		`input.source.image.config.config.ExposedPorts == {"80/tcp": {}}`,
		`input.source.image.platform.architecture == "amd64"`,
		`{a.namespace | some a in input.artifacts} == {"debian", "@shop"}`,
		`input.crowsnest.runs; input.crowsnest.distribution.id == "debian"; input.crowsnest.base_image.tag == "12"`,
		`data.config == {}`,
		`time.now_ns() == time.parse_rfc3339_ns("2026-06-01T12:00:00Z")`,
	} {
		r := ask(t, "package crowsnest\ndefault pass := false\npass if {\n"+strings.ReplaceAll(expression, "; ", "\n")+"\n}\nviolation := set()\n", ``, f)
		if r.Status != crowsnest.Compliant {
			t.Errorf("%s: %s, %s", expression, r.Status, r.Reason)
		}
	}
}

func TestRefusedPolicies(t *testing.T) {
	meta := func(custom string) string {
		return "# METADATA\n# custom:\n#   " + custom + "\n" + head + "violation := set()\n"
	}
	for name, c := range map[string]struct{ source, says string }{
		"nothing":             {"", "empty"},
		"no module":           {"pass if {", "line 1"},
		"another package":     {"package other\npass := true\nviolation := set()\n", "docker.scout or crowsnest"},
		"a package like it":   {"package docker.scouting\npass := true\nviolation := set()\n", "docker.scout or crowsnest"},
		"no pass":             {"package docker.scout\nviolation := set()\n", "no pass"},
		"no violation":        {"package docker.scout\npass := true\n", "no violation"},
		"an unknown function": {head + "violation contains x if x := scout.nothing(1)\n", "undefined function scout.nothing"},
		"a wrong type":        {head + "violation contains x if x := count(1)\n", "line 9"},
		"an unsafe variable":  {head + "violation contains x if y := 1\n", "unsafe"},
		"not a text":          {head + "# \xff\n", "UTF-8"},
		"too long":            {head + strings.Repeat("#\n", 40_000), "the most are 65536"},
		"result type":         {meta("result_type: colour"), "result_type"},
		"weight":              {meta("weight: 1001"), "weight"},
		"weight with a point": {meta("weight: 1.5"), "weight"},
		"name":                {meta("name: [1]"), "custom.name"},
		"columns":             {meta("details_order: x"), "details_order"},
		"METADATA no YAML":    {"# METADATA\n# {\n" + head, "line"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := rego.New(rego.Limits{}).Compile(policy.File{Name: "policy.rego", Text: c.source}, nil, nil)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("it gives %v, want %q", err, c.says)
			}
		})
	}
	if _, err := rego.New(rego.Limits{}).Compile(policy.File{Name: "policy.rego", Text: labelled}, nil, []byte(`[]`)); err == nil || !strings.Contains(err.Error(), "JSON object") {
		t.Errorf("a list for configuration gives %v", err)
	}
}

func TestParameters(t *testing.T) {
	e := rego.New(rego.Limits{})
	typ, err := policy.Find(policy.Custom)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range typ.Describe() {
		names = append(names, p.Name+" "+p.Kind)
	}
	if diff := cmp.Diff([]string{"source source", "config object"}, names); diff != "" {
		t.Errorf("its parameters are (-want +got):\n%s", diff)
	}
	text, err := json.Marshal(vulnerable)
	if err != nil {
		t.Fatal(err)
	}
	rule, err := policy.ParseIn(e, policy.Custom, []byte(`{"source":`+string(text)+`}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if rule.Type.Name != "Nothing severe that could be mended" || rule.Type.Weight != 30 || rule.Meta().Name != "severe" || !strings.Contains(string(rule.Parameters()), `"config":{}`) {
		t.Errorf("read is %+v with %s", rule.Type, rule.Parameters())
	}
	again, err := policy.ParseIn(e, policy.Custom, rule.Parameters(), nil)
	if err != nil || string(again.Parameters()) != string(rule.Parameters()) {
		t.Errorf("read again it is %s, %v", again.Parameters(), err)
	}
	if _, err := policy.Parse(policy.Custom, rule.Parameters()); crowsnest.KindOf(err) != crowsnest.Unsupported {
		t.Errorf("without the language it gives %v", err)
	}
	for parameters, field := range map[string]string{
		`{}`: "parameters.source", `{"source":" "}`: "parameters.source", `{"source":"package x"}`: "parameters.source", `{"source":"` + strings.Repeat("#", policy.MaxSource+1) + `"}`: "parameters.source",
		`{"source":` + string(text) + `,"config":[]}`: "parameters.config", `{"source":` + string(text) + `,"config":{"a":1e600000000}}`: "parameters.config",
		`{"source":` + string(text) + `,"config":{"a":"` + strings.Repeat("a", 40_000) + `"}}`: "parameters.config",
	} {
		_, err := policy.ParseIn(e, policy.Custom, []byte(parameters), nil)
		if own, ok := err.(*crowsnest.Error); !ok || own.Field != field {
			t.Errorf("%.60s gives %v of %+v, want %s", parameters, err, own, field)
		}
	}
}

// What is asked for beside an answer does not change it.
func TestRaw(t *testing.T) {
	source := head + "violation contains {\"message\": \"bad\", \"detail\": {\"n\": [1, 2]}}\n\nnames := {a.name | some a in input.artifacts}\n\nf(x) := x\n"
	p, err := rego.New(rego.Limits{}).Program(policy.File{Name: "policy.rego", Text: source + "\nprints if print(\"hello\", 1)\n"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := image()
	out := p.Ask(t.Context(), &f, rego.Options{Raw: true, Print: true})
	text, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		Pass       *bool
		Status     string
		Violations []map[string]any
		Bindings   map[string]any
		Metrics    map[string]any
		Unsaid     string
	}
	if err := json.Unmarshal(text, &said); err != nil {
		t.Fatal(err)
	}
	if said.Pass == nil || *said.Pass || said.Status != "non-compliant" || len(said.Violations) != 1 || len(said.Metrics) == 0 || said.Unsaid != "" {
		t.Errorf("it says %s", text)
	}
	if diff := cmp.Diff([]any{"libssl3", "tax"}, said.Bindings["names"]); diff != "" {
		t.Errorf("its names are (-want +got):\n%s", diff)
	}
	p, err = rego.New(rego.Limits{}).Program(policy.File{Name: "policy.rego", Text: source + "\nsigned := cosign.verify_image(\"x\", {})\n"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if out := p.Ask(t.Context(), &f, rego.Options{Raw: true}); out.Status != crowsnest.NonCompliant || !strings.Contains(out.Unsaid, "cosign.verify_image") || out.Bindings != nil {
		t.Errorf("with a rule that nobody asks it says %+v", out)
	}
}

func TestLibraries(t *testing.T) {
	e := rego.New(rego.Limits{})
	source := policy.File{Name: "policy.rego", Text: "package docker.scout\nimport data.lib.names\npass if not names.bad(input.source.image.name)\nviolation contains {\"message\": \"bad\"} if names.bad(input.source.image.name)\n"}
	library := policy.File{Name: "lib.rego", Text: "package lib.names\nbad(n) if contains(n, \"/shop/\")\n"}
	p, err := e.Compile(source, []policy.File{library}, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := image()
	if r := p.Evaluate(&f); r.Status != crowsnest.NonCompliant {
		t.Errorf("it is %s: %s", r.Status, r.Reason)
	}
	if _, err := e.Compile(source, []policy.File{{Name: "policy.rego", Text: library.Text}}, nil); err == nil {
		t.Error("two files of one name are compiled together")
	}
}
