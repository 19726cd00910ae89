package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// writtenBy returns what a report writes.
func writtenBy(write func(Printer)) string {
	var b bytes.Buffer
	write(Printer{W: &b, Now: func() time.Time { return time.Unix(1000, 0) }})
	return b.String()
}

func TestImagePolicies(t *testing.T) {
	r := compliance.ImagePolicies{Met: 1, NotMet: 1, NoData: 1, Environment: "production", Score: &compliance.PolicyScore{Grade: "C", Percent: 60, Got: 3, Of: 5, Policies: 3}, Policies: []compliance.ImagePolicy{
		{Name: "one", Status: crowsnest.Compliant, Reason: "fine"},
		{Name: "two\x1b[2J", Status: crowsnest.NonCompliant, Reason: "9 violations", ViolationCount: 9},
		{Name: "three", Status: crowsnest.NoData, Reason: "nobody knows"},
	}}
	r.Image.Name = "web:1"
	for range 7 {
		r.Policies[1].Violations = append(r.Policies[1].Violations, crowsnest.Violation{Message: "CVE-1 is in x\ny", Remedy: "upgrade", Vulnerability: "CVE-1", Severity: crowsnest.High})
	}
	short, all := writtenBy(func(p Printer) { p.ImagePolicies(r, false) }), writtenBy(func(p Printer) { p.ImagePolicies(r, true) })
	for _, want := range []string{"as it runs in production", "✓ one  fine\n", "! two\uFFFD[2J  9 violations\n    HIGH CVE-1 is in x\uFFFDy\n      → upgrade\n", "and 4 more; --all writes them", "? three  nobody knows", "Health score C, 60%: 3 of 5 points of 3 policies", "Policies FAILED: 1 of 3 met, 1 without data"} {
		if !strings.Contains(short, want) {
			t.Errorf("it does not say %q:\n%s", want, short)
		}
	}
	if strings.Count(all, "→") != 7 || !strings.Contains(all, "and 2 more\n") {
		t.Errorf("with all it says:\n%s", all)
	}
	r.NotMet, r.Score = 0, nil
	if got := writtenBy(func(p Printer) { p.ImagePolicies(r, false) }); !strings.Contains(got, "Policies NOT KNOWN: 1 of 3 met") || strings.Contains(got, "Health") {
		t.Errorf("without what is not met it says:\n%s", got)
	}
	r.NoData = 0
	if got := writtenBy(func(p Printer) { p.ImagePolicies(r, false) }); !strings.Contains(got, "Policies PASSED: 1 of 3 met\n") {
		t.Errorf("met it says:\n%s", got)
	}
}

func TestPolicyLists(t *testing.T) {
	list := compliance.PolicyList{Due: 2, Since: time.Unix(0, 0).UTC(), Items: []compliance.PolicyRow{
		{Policy: compliance.Policy{Name: "one", Enabled: true, Repositories: []string{"shop/*"}, Environments: []string{"production"}}, Count: compliance.PolicyCount{Images: 3, Compliant: 2, NonCompliant: 1, Violations: 4}, Before: &compliance.PolicyCount{Images: 3, Compliant: 3}},
		{Policy: compliance.Policy{Name: "two"}},
	}}
	got := writtenBy(func(p Printer) { p.Policies(list) })
	for _, want := range []string{"SINCE 1970-01-01 00:00", "!    one     2 of 3 (66%)  1        0        4           shop/* in production  -1 met, +1 not met, +0 without data", "off  two     –", "all repositories", "of 2 images something changed"} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q:\n%s", want, got)
		}
	}
	changes := []compliance.PolicyChanged{{Policy: "one", Image: "web:1", At: time.Unix(0, 0), Cause: "outside", Before: &compliance.PolicyOutcome{Status: crowsnest.Compliant}, After: compliance.PolicyOutcome{Status: crowsnest.NonCompliant, ViolationCount: 3}}, {After: compliance.PolicyOutcome{Status: crowsnest.NoData}}}
	got = writtenBy(func(p Printer) { p.PolicyChanges(changes) })
	for _, want := range []string{"16 min ago", "✓ compliant", "! non-compliant (3)", "outside", "? no-data"} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q:\n%s", want, got)
		}
	}
	got = writtenBy(func(p Printer) {
		p.PolicyDetail(compliance.PolicyDetail{Policy: compliance.Policy{Name: "one", Type: "licences", Parameters: []byte(`{}`)}, Images: []compliance.PolicyImage{{Image: "web:1", Environment: "production", Status: crowsnest.NonCompliant, Since: time.Unix(0, 0), Reason: "because"}}}, false)
		p.PolicyDetail(compliance.PolicyDetail{}, false)
		p.PolicyTypes([]compliance.PolicyType{{ID: "licences", Weight: 5, Parameters: []byte(`{"licences":[]}`)}, {ID: "none", Parameters: []byte(`{}`)}})
	})
	for _, want := range []string{"one  disabled", "type        licences", "! web:1   in production  because, since 16 min ago", "it says nothing of any image", "licences  weight 5", `{"licences":[]}`} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q:\n%s", want, got)
		}
	}
}
