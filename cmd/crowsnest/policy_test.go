package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/report/glance"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// read reads what a command printed as JSON.
func read[T any](t *testing.T, printed string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(printed), &v); err != nil {
		t.Fatalf("%v: %s", err, printed)
	}
	return v
}

func compact(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const fixableName = "No fixable critical or high vulnerabilities"

// Without a server the policies are those that every organisation begins with.
func TestPolicyWithoutServer(t *testing.T) {
	p := newPerson(t)
	source, advisories := leftPad(t)
	if r := read[compliance.ImagePolicies](t, p.ends(cli.FoundIncomplete, "policy", source, "--only-policy", fixableName, "--exit-code", "--format", "json")); r.NoData != 1 || r.Score != nil {
		t.Errorf("without advisories: %+v", r)
	}
	p.ok("advisory", "import", advisories)
	r := read[compliance.ImagePolicies](t, p.ends(cli.FoundVulnerabilities, "policy", source, "--exit-code", "--format", "json"))
	if len(r.Policies) != 7 || r.Score == nil || r.Score.Of != 90 || r.Policies[0].Name != fixableName || r.Policies[0].ViolationCount != 1 || r.Policies[0].Violations[0].Remedy != "upgrade left-pad to 1.0.1 or later" {
		t.Errorf("it is %+v", r)
	}
	got := p.ok("policy", source)
	for _, says := range []string{"! " + fixableName + "  one violation", "CRITICAL CVE-2099-0001 is in left-pad 1.0.0", "→ upgrade left-pad to 1.0.1 or later", "? No high-profile vulnerabilities", "it names no user, and so runs as root", "✓ No AGPL v3 licences", "Health score F", "Policies FAILED: 1 of 7 met, "} {
		if !strings.Contains(got, says) {
			t.Errorf("it does not say %q:\n%s", says, got)
		}
	}
	got = p.ok("quickview", source)
	for _, says := range []string{"vulnerabilities     1C", "Health score F", "Policies FAILED: 1 of 7 met, ", "POLICY", "!  " + fixableName + "  ", "one violation"} {
		if !strings.Contains(got, says) {
			t.Errorf("at a glance it does not say %q:\n%s", says, got)
		}
	}
	if strings.Contains(got, "→ upgrade") {
		t.Errorf("at a glance it tells what breaks policies:\n%s", got)
	}
	if got := p.ok("quickview", source, "--only-policy", "No AGPL v3 licences"); !strings.Contains(got, "1 of 1 met") || strings.Contains(got, "Health") {
		t.Errorf("of one policy it says\n%s", got)
	}
	p.refused([]string{"quickview", source, "--only-policy", "no such"}, "no such", fixableName)
	for format, says := range map[string]string{"sarif": `"ruleId": "` + fixableName + `"`, "junit": `name="` + fixableName + `" classname="policy.fixable-vulnerabilities"`, "markdown": "| ❌ not met | " + fixableName + " |"} {
		if got := p.ends(cli.FoundVulnerabilities, "policy", source, "--exit-code", "--format", format); !strings.Contains(got, says) {
			t.Errorf("as %s it does not say %q:\n%s", format, says, got)
		}
	}
	p.ends(0, "policy", source, "--exit-code", "--only-policy", "No AGPL v3 licences")
	p.refused([]string{"policy", source, "--only-policy", "no such"}, "no such", fixableName)
	p.refused([]string{"policy", "sbom://x"}, "a bill of materials has no configuration")
	if got := p.ok("policy", "types"); !strings.Contains(got, `{"severities":["critical","high"],"fixableOnly":true,"packageTypes":[],"ageDays":0}`) {
		t.Errorf("the types are:\n%s", got)
	}
}

func TestPolicyWithServer(t *testing.T) {
	address, token := realServer(t)
	p := newPerson(t)
	p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
	_, advisories := leftPad(t)
	p.ok("advisory", "import", advisories)
	bad, good := imagekit.Registry(t)+"/shop/web:1", imagekit.Registry(t)+"/shop/api:1"
	pushed(t, p, bad, "1.0.0")
	pushed(t, p, good, "1.0.1")
	p.ok("environment", "production", bad)

	p.ends(cli.FoundVulnerabilities, "policy", bad, "--exit-code")
	p.ends(0, "policy", good, "--exit-code", "--only-policy", fixableName)
	if r := read[compliance.ImagePolicies](t, p.ok("policy", bad, "--env", "production", "--format", "json")); r.Environment != "production" || len(r.Policies) != 9 {
		t.Errorf("in production it is %+v", r)
	}
	p.refused([]string{"policy", bad, "--env", "nowhere"}, "nowhere")
	if v := read[glance.View](t, p.ok("quickview", bad, "--env", "production", "--format", "json")); v.Policies == nil || v.Policies.Environment != "production" || len(v.Policies.Policies) != 9 || v.Name != bad {
		t.Errorf("at a glance in production it is %+v", v)
	}
	if got := p.ok("quickview", layout(t, "x:1", "left-pad@1.0.0")); !strings.Contains(got, "Policies cannot be asked about it") {
		t.Errorf("of what the server does not know it says\n%s", got)
	}
	p.refused([]string{"policy", layout(t, "x:1", "left-pad@1.0.0")}, "push it", "does not know it")

	var list compliance.PolicyList
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) { // what changed is asked about by a job
		list = read[compliance.PolicyList](t, p.ok("policy", "list", "--env", "production", "--since", "1h", "--format", "json"))
		if list.Due == 0 && list.Items[0].Count.Images == 1 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("nobody asked: %+v", list)
		}
	}
	if got := list.Items[0]; got.Name != fixableName || got.Count.NonCompliant != 1 || got.Count.Violations != 1 || got.Before == nil || got.Before.Images != 0 {
		t.Errorf("the rate in production is %+v", got)
	}
	if got := p.ok("policy", "list"); !strings.Contains(got, "1 of 2 (50%)") || !strings.Contains(got, "all repositories") {
		t.Errorf("the list is:\n%s", got)
	}
	if got := p.ok("policy", "show", fixableName); !strings.Contains(got, bad) || strings.Contains(got, good) || !strings.Contains(got, "→ upgrade left-pad") {
		t.Errorf("it is shown as:\n%s", got)
	}
	if d := read[compliance.PolicyDetail](t, p.ok("policy", "show", fixableName, "--only-status", "compliant", "--format", "json")); len(d.Images) != 1 || d.Images[0].Image != good || d.Images[0].Status != crowsnest.Compliant {
		t.Errorf("what meets it is %+v", d)
	}
	p.refused([]string{"policy", "show", fixableName, "--only-status", "fine"}, "fine", "compliant")
	if got := p.ok("policy", "changes"); !strings.Contains(got, "! non-compliant (1)") || !strings.Contains(got, "image") {
		t.Errorf("what changed is:\n%s", got)
	}

	made := read[compliance.Policy](t, p.ok("policy", "create", "Ours", "--type", "fixable-vulnerabilities", "--parameter", "severities=low,critical", "--parameter", "fixableOnly=false", "--parameter", "ageDays=3",
		"--repository", "shop/*", "--env", "production", "--weight", "7", "--disabled", "--format", "json"))
	if got, want := compact(t, made.Parameters), `{"severities":["critical","low"],"fixableOnly":false,"packageTypes":[],"ageDays":3}`; got != want {
		t.Errorf("its parameters are %s, want %s", got, want)
	}
	if made.Enabled || made.Weight != 7 || made.Repositories[0] != "shop/*" || made.Environments[0] != "production" {
		t.Errorf("made is %+v", made)
	}
	if got := p.ok("policy", "enable", "Ours"); got != "policy Ours enabled\n" {
		t.Errorf("it says %q", got)
	}
	changed := read[compliance.Policy](t, p.ok("policy", "change", "Ours", "--parameter", "ageDays=0", "--env", "", "--name", "Theirs", "--format", "json"))
	if !changed.Enabled || len(changed.Environments) != 0 || len(changed.Repositories) != 1 || changed.Name != "Theirs" || compact(t, changed.Parameters) != `{"severities":["critical","low"],"fixableOnly":false,"packageTypes":[],"ageDays":0}` {
		t.Errorf("changed is %+v with %s", changed, changed.Parameters)
	}
	if got := p.ok("policy", "disable", "Theirs"); got != "policy Theirs disabled\n" {
		t.Errorf("it says %q", got)
	}
	p.ok("policy", "delete", "Theirs")
	p.refused([]string{"policy", "delete", "Theirs"}, "Theirs")
	p.refused([]string{"policy", "create", "x", "--type", "none"}, "none", "crowsnest policy types")
	p.refused([]string{"policy", "create", "x", "--type", "licences", "--parameter", "ageDays=1"}, "ageDays", "allowedPackages")
	p.refused([]string{"policy", "create", "x", "--type", "fixable-vulnerabilities", "--parameter", "ageDays=soon"}, "ageDays", "a number")
	p.refused([]string{"policy", "create", "x", "--type", "fixable-vulnerabilities", "--parameter", "ageDays=-1"}, "ageDays", "3650")
	p.refused([]string{"policy", "change", "Theirs", "--weight", "3"}, "Theirs")
}
