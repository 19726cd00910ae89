package evaluation_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/policy/evaluation"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego/worker"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
)

// write stores a policy in Rego that breaks for each package of a name.
func (p place) write(t *testing.T, name, rules string) {
	t.Helper()
	parameters, err := json.Marshal(map[string]any{"source": "package docker.scout\ndefault pass := false\npass if count(violation) == 0\n" + rules})
	storetest.Must(t, err)
	storetest.Must(t, p.Ensure(ctx, p.org))
	_, err = p.Store.CreatePolicy(ctx, p.org, subject.Policy{Name: name, Type: policy.Custom, Parameters: parameters, Enabled: true, Weight: 10})
	storetest.Must(t, err)
}

// Policies in Rego are asked beside the others, and one that fails does not hold these up.
func TestWrittenPolicies(t *testing.T) {
	p := open(t)
	p.Evaluator = evaluation.New(p.Store, p.now, rego.New(rego.Limits{Time: 100 * time.Millisecond}))
	web := p.Analysed(t, p.org, "registry.example.com/shop/web:1", storetest.Package("libssl3", "3.0.1", "openssl"))
	p.Analysed(t, p.org, "registry.example.com/shop/api:1", storetest.Package("zlib1g", "1", "zlib"))
	p.write(t, "no openssl", "violation contains {\"message\": a.name, \"detail\": {\"purl\": a.purl}} if { some a in input.artifacts; a.name == \"libssl3\" }\n")
	p.write(t, "endless", "violation contains x if { r := numbers.range(1, 1000); some a in r; some b in r; some c in r; a + b + c < 0; x := a }\n")
	p.write(t, "damaged", "violation contains x if nothing(1)\n")
	p.write(t, "vulnerable", "violation contains {\"message\": \"some\"} if count(oci.referrer(\"https://scout.docker.com/vulnerabilities/v0.1\").statement.predicate) > 0\n")
	p.run(t)

	says := func(name string) evaluation.Answer {
		t.Helper()
		report, err := p.Image(ctx, p.org, web.Digest, "")
		storetest.Must(t, err)
		for _, a := range report.Answers {
			if a.Policy.Name == name {
				return a
			}
		}
		t.Fatalf("%s says nothing", name)
		return evaluation.Answer{}
	}
	stored := func(name string) subject.PolicyImage {
		t.Helper()
		list, err := p.Store.ImagePolicies(ctx, p.org, web.Digest, "")
		storetest.Must(t, err)
		return list[says(name).Policy.ID]
	}
	if a := says("no openssl"); a.Status != crowsnest.NonCompliant || len(a.Violations) != 1 || a.Violations[0].Detail["purl"] == "" || a.Since.IsZero() || a.Meta == nil {
		t.Errorf("it says %+v", a)
	}
	if s := stored("endless"); s.Status != crowsnest.NoData || !strings.Contains(s.Reason, "took longer than") {
		t.Errorf("what never ends is stored as %+v", s)
	}
	if s := stored("damaged"); s.Status != crowsnest.NoData || !strings.Contains(s.Reason, "undefined function nothing") {
		t.Errorf("what cannot be compiled is stored as %+v", s)
	}
	if s := stored("vulnerable"); s.Status != crowsnest.NoData || !strings.Contains(s.Reason, "no advisories are held") {
		t.Errorf("without advisories is stored %+v", s)
	}
	p.want(t, "beside them", policy.NonRoot, web, "", "non-compliant")

	p.advise(t, "3.0.2", 1)
	p.run(t)
	if s := stored("vulnerable"); s.Status != crowsnest.NonCompliant || s.Cause != subject.CauseOutside {
		t.Errorf("with advisories is stored %+v", s)
	}
	// What was stopped is asked about again after an hour, and nothing else is.
	if n := p.run(t); n != 0 {
		t.Errorf("asked again was about %d", n)
	}
	p.Advance(time.Hour + time.Minute)
	if n := p.run(t); n != 2 {
		t.Errorf("after an hour asked was about %d", n)
	}
	number, err := p.Store.ImageNumber(ctx, p.org, web.Digest)
	storetest.Must(t, err)
	list, err := p.Violations(ctx, p.org, "no openssl", "", []int64{number})
	if err != nil || len(list) != 1 {
		t.Errorf("what breaks it is %v, %v", list, err)
	}
}

// Where no process can be started, the policy has no data until one can.
func TestNoWorker(t *testing.T) {
	p := open(t)
	p.Evaluator = evaluation.New(p.Store, p.now, worker.NewPool(rego.Limits{}, "/nothing/is/here"))
	web := p.Analysed(t, p.org, "registry.example.com/shop/web:1")
	p.write(t, "none", "violation := set()\n")
	p.run(t)
	p.want(t, "without a process", policy.Custom, web, "", "no-data")
	p.want(t, "without a process", policy.NonRoot, web, "", "non-compliant")
	if n := p.run(t); n != 0 {
		t.Errorf("asked again at once was about %d", n)
	}
	p.Evaluator = evaluation.New(p.Store, p.now, rego.New(rego.Limits{}))
	p.Advance(11 * time.Minute)
	if n := p.run(t); n != 1 {
		t.Errorf("asked later was about %d", n)
	}
	p.want(t, "with one", policy.Custom, web, "", "compliant")
}
