package worker

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego"
)

// TestMain makes this test a worker where it is started as one.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == Argument {
		Main()
		return
	}
	os.Exit(m.Run())
}

func pool(t *testing.T, limits rego.Limits) *Pool {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := NewPool(limits, path, Argument)
	t.Cleanup(p.Close)
	return p
}

const head = "package docker.scout\ndefault pass := false\npass if count(violation) == 0\n"

func facts() policy.Facts {
	p := &crowsnest.PackageVersion{PURL: "pkg:deb/debian/libssl3@3.0.1", Type: "deb", Name: "libssl3", Version: "3.0.1", Ecosystem: "Debian:12"}
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	return policy.Facts{
		Now: now, KnownExploited: true, Attestations: &policy.Attestations{}, Runs: true, Missing: []string{"npm"},
		Watch:    crowsnest.Watch{Loaded: map[string]bool{crowsnest.UseKey("deb", "libssl3", "3.0.1"): true}, AsOf: now},
		Due:      map[string]time.Time{"CVE-2026-1": now},
		Base:     &crowsnest.Base{Name: "docker.io/library/debian:12"},
		BaseTags: []policy.BaseTag{{Reference: "docker.io/library/debian:12", Names: "sha256:1"}},
		Findings: []*policy.Finding{{Vulnerability: "CVE-2026-1", Severity: crowsnest.High, FixedVersion: "3.0.2", Package: p, Sought: p.Sought(), Published: now, Exploited: true, Score: 7.5, Aliases: []string{"GHSA-1"}}},
		Document: &policy.Document{
			Image:    crowsnest.Image{Name: "registry.example.com/web:1", Digest: "sha256:2", User: "root", Labels: map[string]string{"a": "b"}},
			Packages: []crowsnest.Package{{PackageVersion: *p, Licences: []string{"MIT"}}},
			Statements: func(predicateType string) ([]crowsnest.Attestation, error) {
				if predicateType == "fails" {
					return nil, errors.New("the database does not answer")
				}
				return []crowsnest.Attestation{{PredicateType: predicateType, Statement: []byte(`{"predicate":{"n":1}}`)}}, nil
			},
		},
	}
}

// A worker says what would be said here.
func TestSame(t *testing.T) {
	here, there := New(rego.Limits{}), pool(t, rego.Limits{})
	for _, rules := range []string{
		"violation contains {\"message\": v.vulnerability, \"detail\": v} if some v in crowsnest.findings()\n",
		"violation contains {\"message\": \"x\", \"detail\": {\"all\": json.marshal(input)}}\n",
		"violation contains {\"message\": \"x\", \"detail\": oci.referrer(\"https://spdx.dev/Document\").statement.predicate}\n",
		"violation contains {\"message\": oci.image_digest(\"debian:12\"), \"detail\": data.config}\n",
		"violation contains x if { x := 1; x == 2 }\n",
		"violation contains 1 if oci.referrer(\"fails\")\n",
		"violation contains 1 if { r := numbers.range(1, 1000); some a in r; some b in r; count(concat(\"\", [\"\" | some c in r])) > a + b }\n",
		"violation contains 1 if count(oci.referrer(\"https://scout.docker.com/vulnerabilities/v0.1\").statement.predicate) == 0\n",
		"violation contains 1 if time.now_ns() < 0\n",
	} {
		source, config := policy.File{Name: "policy.rego", Text: head + rules}, json.RawMessage(`{"a":1}`)
		a, err := here.Program(source, nil, config)
		if err != nil {
			t.Fatal(err)
		}
		b, err := there.Program(source, nil, config)
		if err != nil {
			t.Fatal(err)
		}
		f := facts()
		want, got := a.Ask(t.Context(), &f, rego.Options{Print: true}), b.Ask(t.Context(), &f, rego.Options{Print: true})
		if strings.Contains(want.Reason, "took longer") && strings.Contains(got.Reason, "took longer") {
			continue
		}
		if diff := cmp.Diff(want.Result, got.Result); diff != "" {
			t.Errorf("%s says (-here +there):\n%s", rules, diff)
		}
		if diff := cmp.Diff(a.Meta(), b.Meta()); diff != "" {
			t.Errorf("%s says of itself (-here +there):\n%s", rules, diff)
		}
	}
	for _, text := range []string{"package x\n", head, "", head + "violation contains x if http.send({}, x)\n"} {
		_, want := here.Compile(policy.File{Name: "policy.rego", Text: text}, nil, nil)
		_, got := there.Compile(policy.File{Name: "policy.rego", Text: text}, nil, nil)
		if want == nil || got == nil || want.Error() != got.Error() || crowsnest.KindOf(want) != crowsnest.KindOf(got) {
			t.Errorf("%q gives %v there, want %v", text, got, want)
		}
	}
}

// What would end a process ends that of a worker, with a reason, and the next question is answered.
func TestEnds(t *testing.T) {
	p := pool(t, rego.Limits{Time: 5 * time.Second})
	chain := func(v, step string, n int) string {
		var b strings.Builder
		fmt.Fprintf(&b, "%s0 := [1]\n", v)
		for i := range n {
			fmt.Fprintf(&b, "%s%d := %s\n", v, i+1, strings.ReplaceAll(step, "X", fmt.Sprintf("%s%d", v, i)))
		}
		return b.String()
	}
	step := "[X | some i in [1, 2]; i > 0]"
	overflows, err := p.Compile(policy.File{Name: "policy.rego", Text: head + chain("x", step, 21) + chain("y", step, 21) + "violation contains 1 if x21 == y21\n"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	fine, err := p.Compile(policy.File{Name: "policy.rego", Text: head + "violation contains 1 if input.source.image.config.config.User == \"root\"\n"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		f := facts()
		if r := overflows.Evaluate(&f); r.Status != crowsnest.NoData || !strings.Contains(r.Reason, "the policy was stopped") || r.Again.IsZero() {
			t.Errorf("what overflows the stack says %+v", r)
		}
		if r := fine.Evaluate(&f); r.Status != crowsnest.NonCompliant {
			t.Errorf("then another says %+v", r)
		}
	}
}

// A worker that does not speak is ended.
func TestNoWorker(t *testing.T) {
	for name, command := range map[string][]string{"ends": {"/bin/true"}, "says nonsense": {"/bin/echo", "x"}} {
		p := NewPool(rego.Limits{Time: 10 * time.Millisecond}, command...)
		if _, err := p.Compile(policy.File{Name: "policy.rego", Text: head}, nil, nil); crowsnest.KindOf(err) != crowsnest.Invalid || !strings.Contains(err.Error(), "stopped") {
			t.Errorf("%s: %v", name, err)
		}
		p.Close()
	}
	p := NewPool(rego.Limits{}, "/nothing/is/here")
	if _, err := p.Compile(policy.File{Name: "policy.rego", Text: head}, nil, nil); crowsnest.KindOf(err) != crowsnest.Unavailable {
		t.Errorf("without a program it gives %v", err)
	}
}
