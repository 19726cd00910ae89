package ci

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif" // for the schema in its source
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

func pkg(name, version string) crowsnest.PackageVersion {
	return crowsnest.PackageVersion{PURL: "pkg:npm/" + name + "@" + version, Type: "npm", Name: name, Version: version, Ecosystem: "npm"}
}

func found(id string, severity crowsnest.Severity, score float64, p crowsnest.PackageVersion, fixed string) wire.Finding {
	f := wire.Finding{ID: id, Aliases: []string{}, Severity: severity, Package: wire.NewFindingPackage(p)}
	if score > 0 {
		f.CVSS = &crowsnest.CVSS{Version: "3.1", Score: score}
	}
	if fixed != "" {
		f.FixedVersion = &fixed
	}
	return f
}

// example has two versions of a package with one vulnerability, one of a package with a hostile name, and what could not be judged.
func example() (wire.CVEs, wire.SBOM) {
	old, older, odd := pkg("left-pad", "1.0.0"), pkg("left-pad", "0.9.0"), pkg("a[b](c){0}\x1b<&", "1")
	exploited := found("CVE-2099-0001", crowsnest.Critical, 9.8, old, "1.0.1")
	exploited.Aliases, exploited.InUse, exploited.KEV = []string{"GHSA-2222-2222-2222"}, crowsnest.Loaded, &wire.KEV{}
	r := wire.CVEs{
		Image: wire.Target{Name: "registry.example.com/shop/web:1", Digest: crowsnest.DigestOf([]byte("web")), Platform: "linux/amd64"},
		Findings: []wire.Finding{
			exploited, found("CVE-2099-0001", crowsnest.Critical, 9.8, older, "1.0.1"),
			found("CVE-2099-0002", crowsnest.Low, 7.5, odd, ""), found("OSV-1", crowsnest.Unspecified, 0, odd, ""),
		},
		Problems:          []crowsnest.Problem{{Path: "var/lib/dpkg/status", Reason: "it is cut off"}},
		MissingAdvisories: []wire.MissingAdvisories{{Ecosystem: "Go", Type: "golang", Packages: 3}},
	}
	for _, f := range r.Findings {
		r.Summary.Add(f.Severity, 1)
	}
	sbom := wire.SBOM{Distribution: "Debian GNU/Linux 12", Packages: []crowsnest.Package{
		{PackageVersion: old, Locations: []crowsnest.Location{{Path: "app/node_modules/left-pad/package.json"}, {Path: "srv/with space/left-pad/package.json"}}},
	}}
	return r, sbom
}

func written(t *testing.T, write func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// schema is that of the standard. The library has it in its source alone, and its own types would check another document than the
// one that was written.
var schema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3").Output()
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(out)), "pkg/report/v210/sarif/schema.go"), nil, 0)
	if err != nil {
		return nil, err
	}
	var text string
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			text, err = strconv.Unquote(literal.Value)
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("https://example.com/sarif.json", value); err != nil {
		return nil, err
	}
	return c.Compile("https://example.com/sarif.json")
})

func validate(t *testing.T, raw []byte) error {
	t.Helper()
	s, err := schema()
	if err != nil {
		t.Fatalf("the schema: %v", err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(value)
}

// valid checks a document by the schema of SARIF 2.1.0.
func valid(t *testing.T, raw []byte) (out sarifLog) {
	t.Helper()
	if err := validate(t, raw); err != nil {
		t.Errorf("%v\n%s", err, raw)
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheSchemaRefuses(t *testing.T) {
	cves, sbom := example()
	raw := written(t, OfCVEs(cves, sbom).SARIF)
	for good, bad := range map[string]string{`"level": "error"`: `"level": "critical"`, `"ruleIndex"`: `"ruleNumber"`, `"version": "2.1.0"`: `"version": "2.2"`, `"startLine": 1`: `"startLine": 0`} {
		if validate(t, bytes.Replace(raw, []byte(good), []byte(bad), 1)) == nil {
			t.Errorf("%s passes", bad)
		}
	}
}

func TestSARIF(t *testing.T) {
	cves, sbom := example()
	r := OfCVEs(cves, sbom)
	r.Version = "1.2.3"
	raw := written(t, r.SARIF)
	if !bytes.Equal(raw, written(t, r.SARIF)) {
		t.Error("the same report is written in two ways")
	}
	run := valid(t, raw).Runs[0]
	if len(run.Results) != 4 || len(run.Tool.Driver.Rules) != 3 || run.AutomationDetails.ID != "crowsnest-cves/registry.example.com/shop/web/" {
		t.Fatalf("it is\n%s", raw)
	}
	for i, want := range []struct{ id, severity, level string }{{"CVE-2099-0001", "9.8", "error"}, {"CVE-2099-0001", "9.8", "error"}, {"CVE-2099-0002", "2.0", "note"}, {"OSV-1", "", "note"}} {
		got := run.Results[i]
		rule := run.Tool.Driver.Rules[got.RuleIndex]
		if got.RuleID != want.id || rule.ID != want.id || rule.Properties.SecuritySeverity != want.severity || got.Level != want.level || rule.Help.Text == "" || rule.Help.Markdown == "" || got.BaselineState != "" {
			t.Errorf("result %d is %+v of the rule %+v, want %+v", i, got, rule, want)
		}
	}
	if got := run.Results[0]; len(got.Locations) != 2 || got.Locations[1].PhysicalLocation.ArtifactLocation.URI != "srv/with%20space/left-pad/package.json" || got.Message.Text != "CVE-2099-0001 is in left-pad 1.0.0: critical, known to be exploited, fixed in 1.0.1, in use" {
		t.Errorf("the first is %+v", got)
	}
	if got := run.Results[2]; got.Locations[0].PhysicalLocation.ArtifactLocation.URI != "registry.example.com/shop/web" || !strings.Contains(got.Message.Text, `a\[b\](c){{0}}`+"\uFFFD<&") {
		t.Errorf("what has no place is %+v", got)
	}
	if tags := run.Tool.Driver.Rules[0].Properties.Tags; !slices.Contains(tags, "known-exploited") || !slices.Contains(tags, "security") {
		t.Errorf("the tags are %v", tags)
	}
	if said := run.Invocations[0].Notifications; len(said) != 2 || !strings.Contains(said[0].Message.Text, "var/lib/dpkg/status: it is cut off") || !strings.Contains(said[1].Message.Text, "of Go") {
		t.Errorf("it does not say what was not judged: %+v", said)
	}
}

// An alert stays the same from build to build: whatever tag, digest and version of the package.
func TestFingerprintsAreStable(t *testing.T) {
	cves, sbom := example()
	first := valid(t, written(t, OfCVEs(cves, sbom).SARIF)).Runs[0].Results
	cves.Image.Name, cves.Image.Digest = "registry.example.com/shop/web:2", crowsnest.DigestOf([]byte("another"))
	cves.Findings[0].Package.Version, cves.Findings[0].Package.PURL = "1.0.0-1", "pkg:npm/left-pad@1.0.0-1"
	second := valid(t, written(t, OfCVEs(cves, sbom).SARIF)).Runs[0].Results
	seen := make(map[string]bool)
	for i := range first {
		a, b := first[i].PartialFingerprints["primaryLocationLineHash"], second[i].PartialFingerprints["primaryLocationLineHash"]
		if a != b || seen[a] || !regexp.MustCompile(`^[0-9a-f]{32}:[12]$`).MatchString(a) {
			t.Errorf("result %d is %s, then %s", i, a, b)
		}
		seen[a] = true
	}
	for name, want := range map[string]string{"/builds/1/web.tar": "web.tar", "localhost:5000/web@" + string(cves.Image.Digest): "localhost:5000/web"} {
		r := OfCVEs(cves, sbom)
		r.image.Name = name
		if got := r.repository(); got != want {
			t.Errorf("%q is called %q from build to build, want %q", name, got, want)
		}
	}
	cves.Image.Name = "registry.example.com/shop/api:1"
	if other := valid(t, written(t, OfCVEs(cves, sbom).SARIF)).Runs[0].Results[0]; seen[other.PartialFingerprints["primaryLocationLineHash"]] {
		t.Error("another image has the same fingerprint")
	}
}

// GitHub refuses a file that has one more.
func TestSARIFStaysBelowTheLimits(t *testing.T) {
	cves, sbom := example()
	for i := range maxLocations {
		sbom.Packages[0].Locations = append(sbom.Packages[0].Locations, crowsnest.Location{Path: fmt.Sprint(i)})
	}
	if first := valid(t, written(t, OfCVEs(cves, sbom).SARIF)).Runs[0].Results[0]; len(first.Locations) != maxLocations {
		t.Errorf("the first has %d locations", len(first.Locations))
	}
	run := sarifRun{Results: make([]sarifResult, maxResults-1)}
	b := sarifBuilder{run: &run, report: OfPolicies(policies()), rules: make(map[string]int), seen: make(fingerprints)}
	for range 3 {
		b.finding(finding{Finding: cves.Findings[0]})
	}
	b.policy(b.report.policies[0])
	if said := b.invocation().Notifications; len(run.Results) != maxResults || len(run.Tool.Driver.Rules) != 1 || !strings.Contains(said[len(said)-1].Message.Text, "4 more results") {
		t.Errorf("it has %d results and %d rules, and says %+v", len(run.Results), len(run.Tool.Driver.Rules), said)
	}
}

func TestSeveritiesAreThoseOfGitHub(t *testing.T) {
	// The bands of https://docs.github.com/en/code-security/reference/code-scanning/sarif-support-for-code-scanning
	band := func(text string) string {
		var score float64
		fmt.Sscan(text, &score)
		switch {
		case score > 9:
			return "critical"
		case score >= 7:
			return "high"
		case score >= 4:
			return "medium"
		case score > 0:
			return "low"
		}
		return "unspecified"
	}
	for severity := crowsnest.Unspecified; severity <= crowsnest.Critical; severity++ {
		for score := 0; score <= 100; score++ {
			if got := securitySeverity(severity, &crowsnest.CVSS{Score: float64(score) / 10}); band(got) != severity.String() {
				t.Errorf("%s with the score %d / 10 becomes %q", severity, score, got)
			}
		}
	}
}

func comparison() wire.Comparison {
	cves, _ := example()
	r := wire.Comparison{Before: wire.Join(), After: wire.Join()}
	r.After.Images = []wire.ComparedImage{{Target: cves.Image, Distribution: "Debian GNU/Linux 12"}}
	for i, change := range []string{"new", "fixed", "unchanged", "unchanged"} {
		r.Findings = append(r.Findings, wire.FindingChange{Change: change, Worse: i == 0 || i == 3, Finding: cves.Findings[i]})
	}
	return r
}

// A comparison reports what the image has, with what became of it, and not what it got rid of.
func TestSARIFOfAComparison(t *testing.T) {
	_, sbom := example()
	run := valid(t, written(t, OfComparison(comparison(), sbom).SARIF)).Runs[0]
	var states []string
	for _, r := range run.Results {
		states = append(states, r.BaselineState)
	}
	if !slices.Equal(states, []string{"new", "unchanged", "updated"}) || len(run.Results[0].Locations) != 2 {
		t.Errorf("the states are %v", states)
	}
}

func policies() compliance.ImagePolicies {
	cves, _ := example()
	return compliance.ImagePolicies{Image: cves.Image, Met: 1, NotMet: 2, NoData: 1, Score: &compliance.PolicyScore{Grade: "C", Percent: 60}, Policies: []compliance.ImagePolicy{
		{Name: "No fixable critical or high vulnerabilities", Type: "fixable-vulnerabilities", Status: crowsnest.NonCompliant, Reason: "3 violations", ViolationCount: 3, Violations: []crowsnest.Violation{
			{Message: "CVE-2099-0001 is in left-pad 1.0.0", Remedy: "upgrade left-pad", Vulnerability: "CVE-2099-0001", Severity: crowsnest.Critical, Package: "pkg:npm/left-pad@1.0.0"},
			{Message: "CVE-2099-0003 is in left-pad 1.0.0", Remedy: "upgrade left-pad", Vulnerability: "CVE-2099-0003", Severity: crowsnest.High, Package: "pkg:npm/left-pad@1.0.0"},
		}},
		{Name: "No root", Type: "default-non-root-user", Status: crowsnest.NonCompliant, Reason: "it names no user", Environment: "production"},
		{Name: "No AGPL", Type: "licences", Status: crowsnest.Compliant, Reason: "none has one"},
		{Name: "No outdated", Type: "up-to-date-base-image", Status: crowsnest.NoData, Reason: "its base is not known"},
	}}
}

func TestSARIFOfPolicies(t *testing.T) {
	run := valid(t, written(t, OfPolicies(policies()).SARIF)).Runs[0]
	if len(run.Results) != 3 || len(run.Tool.Driver.Rules) != 2 || run.Tool.Driver.Rules[0].Properties.SecuritySeverity != "9.5" || run.Tool.Driver.Rules[1].Properties.SecuritySeverity != "" {
		t.Fatalf("it is %+v", run)
	}
	if got := run.Results[2]; got.Level != "warning" || got.Message.Text != "it names no user (in production)" {
		t.Errorf("what has no violation is %+v", got)
	}
	if said := run.Invocations[0].Notifications; len(said) != 2 || !strings.Contains(said[0].Message.Text, "1 more violations") || !strings.Contains(said[1].Message.Text, "its base is not known") {
		t.Errorf("it does not say what is missing: %+v", said)
	}
}

// The schema of GitLab is in no module; these are its facts in version 15.0.7: what is required at each place, the words of each
// enumeration, and the patterns and lengths of texts.
func TestGitLab(t *testing.T) {
	cves, sbom := example()
	r := OfCVEs(cves, sbom)
	r.Now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600))
	raw := written(t, r.GitLab)
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	at := func(v any, path string) any {
		for name := range strings.SplitSeq(path, ".") {
			m, _ := v.(map[string]any)
			v = m[name]
		}
		return v
	}
	text := func(v any, path, pattern string, most int) {
		t.Helper()
		s, ok := at(v, path).(string)
		if !ok || s == "" || len([]rune(s)) > most || !regexp.MustCompile(pattern).MatchString(s) {
			t.Errorf("%s is %v", path, at(v, path))
		}
	}
	text(doc, "version", `^15\.\d+\.\d+$`, 10)
	for _, tool := range []string{"scan.analyzer", "scan.scanner"} {
		for _, name := range []string{".id", ".name", ".version", ".vendor.name"} {
			text(doc, tool+name, `.`, 255)
		}
	}
	for _, name := range []string{"scan.start_time", "scan.end_time"} {
		text(doc, name, `^2026-03-01T11:00:00$`, 19)
	}
	text(doc, "scan.type", `^container_scanning$`, 20)
	text(doc, "scan.status", `^(success|failure)$`, 10)
	messages, _ := at(doc, "scan.messages").([]any)
	if len(messages) != 2 {
		t.Errorf("the messages are %v", messages)
	}
	for _, m := range messages {
		text(m, "level", `^(info|warn|fatal)$`, 5)
		text(m, "value", `.`, 1000)
	}
	list, _ := doc["vulnerabilities"].([]any)
	if len(list) != 4 {
		t.Fatalf("it is\n%s", raw)
	}
	ids := make(map[any]bool)
	for _, v := range list {
		if _, err := uuid.Parse(fmt.Sprint(at(v, "id"))); err != nil || ids[at(v, "id")] {
			t.Errorf("the identifier is %v", at(v, "id"))
		}
		ids[at(v, "id")] = true
		text(v, "name", `.`, 255)
		text(v, "description", `.`, 1_048_576)
		text(v, "severity", `^(Info|Unknown|Low|Medium|High|Critical)$`, 10)
		if at(v, "solution") != nil {
			text(v, "solution", `^Upgrade left-pad to 1\.0\.1 or later\.$`, 7000)
		}
		text(v, "location.dependency.package.name", `.`, 255)
		text(v, "location.dependency.version", `.`, 255)
		text(v, "location.operating_system", `^Debian GNU/Linux 12$`, 255)
		text(v, "location.image", `^[^:]+(:\d+[^:]*)?:[^:]+(:[^:]+)?$`, 1000)
		identifiers, _ := at(v, "identifiers").([]any)
		if len(identifiers) == 0 {
			t.Errorf("%v has no identifier", v)
		}
		for _, i := range identifiers {
			text(i, "type", `^(cve|ghsa|osv)$`, 255)
			text(i, "name", `.`, 255)
			text(i, "value", `.`, 255)
			text(i, "url", `^https?://.+`, 2048)
		}
		for _, l := range at(v, "links").([]any) {
			text(l, "url", `^https?://.+`, 2048)
		}
	}
	first := list[0]
	if at(first, "severity") != "Critical" || len(at(first, "identifiers").([]any)) != 2 || at(list[3], "severity") != "Unknown" {
		t.Errorf("it is\n%s", raw)
	}
	if n := strings.Count(string(written(t, OfComparison(comparison(), sbom).GitLab)), `"severity"`); n != 3 {
		t.Errorf("of a comparison %d are reported", n)
	}
	for name, want := range map[string]string{"localhost:5000/web": "localhost:5000/web@sha256:", "localhost:5000/web:1": "localhost:5000/web:1", "web.tar": "web.tar@sha256:"} {
		r.image.Name = name
		if got := r.gitlabImage(); !strings.HasPrefix(got, want) {
			t.Errorf("%s is named %s", name, got)
		}
	}
}

// JUnit has no schema that is binding, and none for Go; this is what the junit-10.xsd of Jenkins' plugin xUnit permits: the elements,
// their attributes, what is required of those, and counts that are those of the cases.
func TestJUnit(t *testing.T) {
	cves, sbom := example()
	met := policies()
	met.Policies = met.Policies[2:3]
	nothing := cves
	nothing.Findings, nothing.Problems, nothing.MissingAdvisories = nil, nil, nil
	for name, c := range map[string]struct {
		report                   Report
		tests, failures, skipped int
	}{
		"vulnerabilities":  {OfCVEs(cves, sbom), 5, 4, 1},
		"none":             {OfCVEs(nothing, sbom), 1, 0, 0},
		"a comparison":     {OfComparison(comparison(), sbom), 5, 2, 0},
		"policies":         {OfPolicies(policies()), 4, 2, 1},
		"policies all met": {OfPolicies(met), 1, 0, 0},
	} {
		raw := written(t, c.report.JUnit)
		tests, failures, skipped := allowed(t, name, raw)
		var got junitSuites
		if err := xml.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
		if tests != c.tests || failures != c.failures || skipped != c.skipped || got.Tests != tests || got.Failures != failures || got.Suite.Tests != tests || got.Suite.Failures != failures || got.Suite.Skipped != skipped {
			t.Errorf("%s: %d cases, %d failed, %d skipped:\n%s", name, tests, failures, skipped, raw)
		}
	}
	if raw := string(written(t, OfPolicies(policies()).JUnit)); !strings.Contains(raw, "CVE-2099-0003 is in left-pad 1.0.0: upgrade left-pad\nand 1 more</failure>") && !strings.Contains(raw, "CVE-2099-0003 is in left-pad 1.0.0: upgrade left-pad&#xA;and 1 more</failure>") {
		t.Errorf("it is\n%s", raw)
	}
}

// allowed walks a report and counts its cases, those with a failure and those that were skipped.
func allowed(t *testing.T, name string, raw []byte) (tests, failures, skipped int) {
	t.Helper()
	elements := map[string]struct{ parent, required, optional string }{
		"testsuites": {"", "", "name time tests failures disabled errors"},
		"testsuite":  {"testsuites", "name tests", "failures errors time disabled skipped timestamp hostname id package"},
		"properties": {"testsuite", "", ""},
		"property":   {"properties", "name value", ""},
		"testcase":   {"testsuite", "name", "assertions time classname status class file line"},
		"failure":    {"testcase", "", "type message"},
		"skipped":    {"testcase", "", "type message"},
	}
	open := []string{""}
	for d := xml.NewDecoder(bytes.NewReader(raw)); ; {
		next, err := d.Token()
		if err == io.EOF {
			return tests, failures, skipped
		}
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, raw)
		}
		switch e := next.(type) {
		case xml.StartElement:
			rule, ok := elements[e.Name.Local]
			if !ok || rule.parent != open[len(open)-1] {
				t.Errorf("%s: <%s> within <%s>", name, e.Name.Local, open[len(open)-1])
			}
			required := strings.Fields(rule.required)
			for _, a := range e.Attr {
				if !slices.Contains(append(strings.Fields(rule.optional), required...), a.Name.Local) {
					t.Errorf("%s: <%s %s>", name, e.Name.Local, a.Name.Local)
				}
				required = slices.DeleteFunc(required, func(r string) bool { return r == a.Name.Local })
			}
			if len(required) > 0 {
				t.Errorf("%s: <%s> is without %v", name, e.Name.Local, required)
			}
			switch e.Name.Local {
			case "testcase":
				tests++
			case "failure":
				failures++
			case "skipped":
				skipped++
			}
			open = append(open, e.Name.Local)
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
}

func TestMarkdown(t *testing.T) {
	cves, _ := example()
	cves.Updates = []wire.PackageUpdate{{Package: cves.Findings[0].Package, Version: "1.0.1", Leaves: 2}}
	d := CVEsMarkdown(cves, 7)
	got := d.String("https://example.com/r")
	for _, want := range []string{
		"## Vulnerabilities of registry.example.com/shop/web:1: 2C 0H 0M 1L 1?\n", "| CRITICAL | CVE-2099-0001 | left-pad 1.0.0 | fixed in 1.0.1 | in-use | yes |", `a\[b\]\(c\)\{0\}`, "| left-pad 1.0.0 | 1.0.1 | 2 |",
		"7 more hidden by the filters.", "Not all could be judged", "it is cut off", "See the [full report](<https://example.com/r>).",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q:\n%s", want, got)
		}
	}
	d = PoliciesMarkdown(policies())
	got = d.String("")
	for _, want := range []string{"meets 1 of 4\n", "| ❌ not met | No root in production | it names no user |", "| ❔ no data | No outdated |", "| No fixable critical or high vulnerabilities | CVE-2099-0001 is in left-pad 1.0.0 | upgrade left-pad |", "1 more violations are not listed.", "Health score **C**, 60%."} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q:\n%s", want, got)
		}
	}
	for range 2_000 {
		cves.Findings = append(cves.Findings, cves.Findings[2])
	}
	d = CVEsMarkdown(cves, 0)
	if got := d.String(""); len(got) >= 65_536 || !strings.Contains(got, "1944 more are not shown here.") {
		t.Errorf("%d bytes", len(got))
	}
}
