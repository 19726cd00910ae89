package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// layout writes an image that is called by a reference and has npm packages, each as "name@version".
func layout(t *testing.T, reference string, packages ...string) string {
	t.Helper()
	var files []imagekit.File
	for _, p := range packages {
		name, version, _ := strings.Cut(p, "@")
		files = append(files, imagekit.Text("app/node_modules/"+name+"/package.json", `{"name":"`+name+`","version":"`+version+`"}`))
	}
	return "oci-dir://" + imagekit.Layout(t, imagekit.Tag(reference, imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{{Files: files}}})))
}

// ends runs a command line that must end with a code, 0 for success, and returns what it printed.
func (p *person) ends(code cli.ExitCode, args ...string) string {
	p.t.Helper()
	stdout, stderr, err := p.run(args...)
	var got cli.ExitCode
	if !errors.As(err, &got) && err != nil || got != code {
		p.t.Errorf("crowsnest %s: %v, want code %d\n%s%s", strings.Join(args, " "), err, code, stdout, stderr)
	}
	return stdout
}

// Two files are compared in the same way with a server and without one.
func TestCompareFiles(t *testing.T) {
	_, advisories := leftPad(t)
	bad, good, more := layout(t, "shop/web:1", "left-pad@1.0.0", "once@1.0.0"), layout(t, "shop/web:2", "left-pad@1.0.1", "once@1.0.0"), layout(t, "shop/web:3", "left-pad@1.0.0", "left-pad-two@1.0.0")
	for _, with := range []string{"a cache", "a server"} {
		t.Run("with "+with, func(t *testing.T) {
			p := newPerson(t)
			if with == "a server" {
				address, token := realServer(t)
				p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
			}
			// Nothing could be judged, and nothing is worse.
			p.ends(cli.FoundIncomplete, "compare", good, "--to", bad, "--exit-on", "vulnerability")
			p.ok("advisory", "import", advisories)

			var r wire.Comparison
			if err := json.Unmarshal([]byte(p.ends(0, "compare", good, "--to", bad, "--exit-on", "vulnerability,package", "--format", "json")), &r); err != nil {
				t.Fatal(err)
			}
			if r.Fixed.Critical != 1 || r.New.Total() != 0 || r.PackageCounts != (wire.PackageCounts{Upgraded: 1, Unchanged: 1}) || r.Before.Summary.Critical != 1 || r.After.Packages != 2 || len(r.Facts) == 0 {
				t.Errorf("better: %+v", r)
			}
			for _, says := range []string{"linux/amd64", "0C 0H 0M 0L", "1C 0H 0M 0L", "left-pad  1.0.0 → 1.0.1", "Fixed vulnerabilities", "CVE-2099-0001", "1 vulnerability fixed, none new"} {
				if got := p.ok("compare", good, "--to", bad); !strings.Contains(got, says) {
					t.Errorf("better does not say %q:\n%s", says, got)
				}
			}
			if got := p.ends(cli.FoundVulnerabilities, "diff", bad, "--to", good, "-x", "vulnerability"); !strings.Contains(got, "New vulnerabilities") || !strings.Contains(got, "↓") {
				t.Errorf("worse:\n%s", got)
			}
			p.ends(cli.FoundVulnerabilities, "compare", bad, "--to", good, "--exit-on", "package")
			if with == "a server" {
				p.refused([]string{"compare", bad, "--to", good, "--exit-on", "policy"}, "policies are the server's")
			} else {
				got := p.ends(cli.FoundVulnerabilities, "compare", bad, "--to", good, "--exit-on", "policy")
				for _, says := range []string{"health score", "1 worse", "No fixable critical or high vulnerabilities  met → 1 violation"} {
					if !strings.Contains(got, says) {
						t.Errorf("policies do not say %q:\n%s", says, got)
					}
				}
				// Nobody can tell of either image what it is built on.
				if got := p.ends(cli.FoundIncomplete, "compare", good, "--to", bad, "--exit-on", "policy", "--format", "markdown"); !strings.Contains(got, "Policies: 1 better") {
					t.Errorf("policies that are better:\n%s", got)
				}
			}
			p.ends(0, "compare", bad, "--to", good)
			for _, filter := range []string{"--only-severity=low", "--only-in-use", "--only-package-type=deb"} {
				if got := p.ends(0, "compare", bad, "--to", good, "-x", "vulnerability", filter); strings.Contains(got, "CVE-") || !strings.Contains(got, "1 more hidden") {
					t.Errorf("%s:\n%s", filter, got)
				}
			}
			if got := p.ok("compare", more, "--to", bad); !strings.Contains(got, "Unchanged vulnerabilities") || !strings.Contains(got, "1 added, 1 removed, 1 unchanged") {
				t.Errorf("with what is unchanged:\n%s", got)
			}
			if got := p.ok("compare", more, "--to", bad, "--ignore-unchanged"); strings.Contains(got, "Unchanged vulnerabilities") || !strings.Contains(got, "1 added, 1 removed, 1 unchanged") {
				t.Errorf("without what is unchanged:\n%s", got)
			}
			if got := p.ends(0, "compare", bad, "--to", bad, "-x", "vulnerability,package"); !strings.Contains(got, "no vulnerability new or fixed") {
				t.Errorf("with itself:\n%s", got)
			}
			for format, says := range map[string][]string{"sarif": {`"baselineState": "new"`, `"uri": "app/node_modules/left-pad/package.json"`}, "gitlab": {`"name": "CVE-2099-0001 in left-pad"`}, "junit": {`failures="1"`}} {
				got := p.ends(cli.FoundVulnerabilities, "compare", bad, "--to", good, "-x", "vulnerability", "--format", format)
				for _, s := range says {
					if !strings.Contains(got, s) {
						t.Errorf("as %s it does not say %q:\n%s", format, s, got)
					}
				}
				if got := p.ends(0, "compare", good, "--to", bad, "-x", "vulnerability", "--format", format); strings.Contains(got, "ruleId") || strings.Contains(got, "<failure") || strings.Contains(got, `"location"`) {
					t.Errorf("as %s what is better has\n%s", format, got)
				}
			}
			file := filepath.Join(t.TempDir(), "comment.md")
			p.ok("compare", bad, "--to", good, "--format", "markdown", "--output", file)
			b, err := os.ReadFile(file)
			for _, says := range []string{"## 1 vulnerability new, none fixed\n", "| CRITICAL | CVE-2099-0001 | left-pad 1.0.0 | fixed in 1.0.1 | not observed |", "<details open><summary>1 vulnerability new</summary>", "| downgraded | left-pad | 1.0.1 → 1.0.0 | npm |"} {
				if err != nil || !strings.Contains(string(b), says) {
					t.Errorf("Markdown does not say %q: %v\n%s", says, err, b)
				}
			}
		})
	}
}

func TestCompareRefuses(t *testing.T) {
	p := newPerson(t)
	a := layout(t, "shop/web:1", "left-pad@1.0.0")
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"nothing":                   {[]string{}, "an image, or --env and --to-env"},
		"one environment":           {[]string{"--env", "staging"}, "an image, or --env and --to-env"},
		"environment and an image":  {[]string{"--env", "staging", "--to", a}, "an image, or --env and --to-env"},
		"an image alone":            {[]string{a}, "one of --to, --to-env and --to-latest"},
		"two others":                {[]string{a, "--to", a, "--to-latest"}, "one of --to, --to-env and --to-latest"},
		"two images":                {[]string{a, a}, "at most 1"},
		"image and environment":     {[]string{a, "--env", "staging", "--to-env", "production"}, "--to-env"},
		"a moment of an image":      {[]string{a, "--to", a, "--at", "2026-01-01"}, "--to-env"},
		"a moment that is none":     {[]string{a, "--to-env", "production", "--at", "yesterday"}, "2026-03-01"},
		"another reason":            {[]string{a, "--to", a, "--exit-on", "size"}, "vulnerability, policy or package"},
		"another format":            {[]string{a, "--to", a, "--format", "html"}, "text, json, sarif, gitlab, junit or markdown"},
		"another report":            {[]string{a, "--to", a, "--report", "html=x"}, "FORMAT=FILE"},
		"a report without a file":   {[]string{a, "--to", a, "--report", "sarif"}, "FORMAT=FILE"},
		"a report nowhere":          {[]string{a, "--to", a, "--report", "sarif=no/such/folder"}, "its folder does not exist"},
		"a link that is none":       {[]string{a, "--to", a, "--report-url", "javascript:x"}, "https://"},
		"SARIF of environments":     {[]string{"--env", "a", "--to-env", "b", "--format", "sarif"}, "text, JSON and Markdown"},
		"JUnit of environments":     {[]string{"--env", "a", "--to-env", "b", "--report", "junit=x"}, "text, JSON and Markdown"},
		"another severity":          {[]string{a, "--to", a, "--only-severity", "awful"}, "critical"},
		"ref of nothing":            {[]string{a, "--to-latest", "--to-ref", "x"}, "--to-ref needs --to"},
		"packages of environments":  {[]string{"--env", "a", "--to-env", "b", "--exit-on", "package"}, "compare an image"},
		"severity of environments":  {[]string{"--env", "a", "--to-env", "b", "--only-severity", "low"}, "compare an image"},
		"environment, no server":    {[]string{a, "--to-env", "production"}, "a server is needed"},
		"latest, no server":         {[]string{a, "--to-latest"}, "a server is needed"},
		"environments, no server":   {[]string{"--env", "a", "--to-env", "b"}, "a server is needed"},
		"a digest without a server": {[]string{a, "--to", "sha256:" + strings.Repeat("a", 64)}, "a server is needed"},
	} {
		t.Run(name, func(t *testing.T) { p.refused(append([]string{"compare"}, c.args...), c.says) })
	}
	p.refused([]string{"quickview", a, "--format", "markdown"}, "text or json")
	p.refused([]string{"policy", a, "--format", "gitlab"}, "text, json, sarif, junit or markdown")
}

// What the server knows is compared there, and a file with what it knows of the file's repository.
func TestCompareWithWhatRuns(t *testing.T) {
	address, token := realServer(t)
	p := newPerson(t)
	p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
	host := imagekit.Registry(t)
	_, advisories := leftPad(t)
	p.ok("advisory", "import", advisories)
	bad, good, api := host+"/shop/web:1", host+"/shop/web:2", host+"/shop/api:1"
	pushed(t, p, bad, "1.0.0")
	p.ok("environment", "production", bad)
	then := time.Now()
	pushed(t, p, good, "1.0.1")
	pushed(t, p, api, "0.9.0")
	p.ok("environment", "staging", good)
	p.ok("environment", "staging", api)

	fixed := func(args ...string) {
		t.Helper()
		var r wire.Comparison
		if err := json.Unmarshal([]byte(p.ends(0, append(args, "--exit-on", "vulnerability", "--format", "json")...)), &r); err != nil || r.Fixed.Critical != 1 || r.New.Total() != 0 || r.Before.Images[0].Name != bad {
			t.Errorf("%v: %v %+v", args, err, r)
		}
	}
	fixed("compare", good, "--to", bad)
	fixed("compare", good, "--to-env", "production")
	fixed("compare", good, "--to-latest")
	p.ends(cli.FoundVulnerabilities, "compare", bad, "--to-env", "staging", "-x", "vulnerability")
	if got := p.ok("compare", good, "--to-env", "production", "--at", then.UTC().Format(time.RFC3339Nano)); !strings.Contains(got, "in production at ") {
		t.Errorf("at a time:\n%s", got)
	}
	p.ok("policy", "create", "Production only", "--type", "fixable-vulnerabilities", "--env", "production")
	for to, count := range map[string]int{"production": 2, "staging": 1} { // the image does not run there, and a policy of the environment is asked all the same
		var r wire.Comparison
		if err := json.Unmarshal([]byte(p.ok("compare", good, "--to-env", to, "--format", "json")), &r); err != nil || r.Policies == nil {
			t.Fatalf("policies: %v %+v", err, r)
		}
		met := 0
		for _, x := range r.Policies.Items {
			if x.Type == "fixable-vulnerabilities" && x.After.Status == crowsnest.Compliant {
				met++
			}
			if x.Type == "in-use-vulnerabilities" || x.Type == "overdue-vulnerabilities" {
				t.Errorf("a policy that asks how an image runs is compared: %+v", x)
			}
		}
		if want := map[string]int{"production": 2, "staging": 0}[to]; met != count || r.Policies.Better != want || r.Policies.Worse != 0 || r.Policies.ScoreBefore == nil || r.Policies.ScoreAfter.Percent < r.Policies.ScoreBefore.Percent {
			t.Errorf("policies compared with %s: %+v", to, r.Policies)
		}
	}
	p.ends(cli.FoundVulnerabilities, "compare", bad, "--to-env", "staging", "-x", "policy")
	// What is accepted where it runs is not new in what may take its place, in its findings or in what policies say of them.
	p.ok("exception", "add", "CVE-2099-0001", "--env", "production", "--text", "behind a proxy")
	var same wire.Comparison
	if err := json.Unmarshal([]byte(p.ok("compare", bad, "--to-env", "production", "--format", "json")), &same); err != nil || same.New.Total() != 0 || same.Before.Summary.Total() != 0 || same.Policies.Worse != 0 || same.Policies.Better != 0 {
		t.Errorf("with what is accepted in the environment: %v %+v %+v", err, same.Findings, same.Policies)
	}
	for line, says := range map[string]string{
		"environment production":                            "suppressed by decisions, and not counted:",
		"environment production --counting vulnerabilities": "suppressed by decisions, counted in the same way:",
		"why CVE-2099-0001 " + bad + " --env production":    "suppressed: accepted risk",
		"exposure production":                               "last, and are not counted, as decisions suppress them:",
		"exposure production --state suppressed":            "suppressed: accepted risk",
	} {
		if got := p.ok(strings.Fields(line)...); !strings.Contains(got, says) {
			t.Errorf("%s does not say %q:\n%s", line, says, got)
		}
	}
	if got := p.ok("why", "CVE-2099-0001", bad); !strings.Contains(got, "was found in the image\n") || strings.Contains(got, "suppressed") {
		t.Errorf("why, where it is not accepted:\n%s", got)
	}
	var list []struct{ ID string }
	if err := json.Unmarshal([]byte(p.ok("exception", "list", "--format", "json")), &list); err != nil || len(list) != 1 {
		t.Fatalf("%v: %+v", err, list)
	}
	p.ok("exception", "revoke", list[0].ID)
	build := layout(t, good, "left-pad@1.0.1")
	fixed("compare", build, "--to", bad)
	fixed("compare", build, "--ref", good, "--to-env", "production")
	p.ends(0, "compare", build, "--ref", good, "--to-latest", "-x", "vulnerability")
	p.refused([]string{"compare", build, "--to-env", "production"}, "with --ref")
	jobs := host + "/shop/jobs"
	p.refused([]string{"compare", layout(t, jobs+":1", "once@1.0.0"), "--ref", jobs + ":1", "--to-env", "production"}, "no analysed image of "+jobs+" is there")
	p.refused([]string{"compare", api, "--to-env", "production"}, "nothing of "+host+"/shop/api runs there")
	p.refused([]string{"compare", good, "--to-env", "prodution"}, "prodution")

	var r wire.EnvironmentComparison
	if err := json.Unmarshal([]byte(p.ends(cli.FoundVulnerabilities, "compare", "--env", "staging", "--to-env", "production", "-x", "vulnerability", "--format", "json")), &r); err != nil ||
		len(r.Items) != 2 || r.Items[0].State != "only-after" || r.Items[1].State != "different" || r.Change.New.Critical != 1 || r.Change.Fixed.Critical != 1 {
		t.Errorf("environments: %v %+v", err, r)
	}
	for format, says := range map[string][]string{
		"text":     {"If what runs in staging took the place of what runs in production", host + "/shop/web", "1 different, 1 would come", "Policies of production, by repository: 4 worse", host + "/shop/api"},
		"markdown": {"## What changes if", "| different | 1 | 2 |", "1 different, 1 would come.", "Policies of production, by repository: 4 worse"},
	} {
		got := p.ok("compare", "--env", "staging", "--to-env", "production", "--format", format)
		for _, s := range says {
			if !strings.Contains(got, s) {
				t.Errorf("%s does not say %q:\n%s", format, s, got)
			}
		}
	}
	var standings struct{ Policies compliance.ComparedStandings }
	if err := json.Unmarshal([]byte(p.ends(cli.FoundVulnerabilities, "compare", "--env", "staging", "--to-env", "production", "-x", "policy", "--format", "json")), &standings); err != nil || standings.Policies.Worse == 0 || standings.Policies.NotAsked != 0 {
		t.Errorf("policies of environments: %v %+v", err, standings)
	}
	for _, x := range standings.Policies.Items {
		if x.Type == "fixable-vulnerabilities" && (x.Trend != "worse" || len(x.Worse) != 1 || x.Worse[0] != host+"/shop/api" || x.After.NotMet != 1) {
			t.Errorf("policy: %+v", x)
		}
	}
	p.refused([]string{"compare", "--env", "staging", "--to-env", "staging"}, "the same as itself")
	if got := p.ok("compare", "--env", "staging", "--to-env", "staging", "--at", "2020-01-01", "--ignore-unchanged"); !strings.Contains(got, "2 would come") {
		t.Errorf("with its past:\n%s", got)
	}
}
