package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// text is a policy in Rego, as a JSON string.
func text(t *testing.T, rules string) string {
	t.Helper()
	b, err := json.Marshal("# METADATA\n# title: No left-pad\n# custom:\n#   name: pad\n#   weight: 7\n#   details_order: [purl]\npackage docker.scout\ndefault pass := false\npass if count(violation) == 0\n" + rules)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPoliciesInRego(t *testing.T) {
	d := newDesk(t)
	good := text(t, "violation contains {\"message\": \"bad\", \"detail\": {\"purl\": \"x\"}} if input.source.image.config.config.User == \"\"\n")
	bad := text(t, "violation contains x if x := http.send({})\n")

	checked := answers[compliance.CheckedPolicy](t, d, http.MethodPost, "/policy-checks", `{"type":"rego","parameters":{"source":`+good+`}}`, http.StatusOK)
	if checked.Name != "No left-pad" || checked.Weight != 7 || checked.Written == nil || checked.Written.Columns[0] != "purl" {
		t.Errorf("checked is %+v", checked)
	}
	for path, body := range map[string]string{"/policy-checks": `{"type":"rego","parameters":{"source":` + bad + `}}`, "/policies": `{"name":"x","type":"rego","parameters":{"source":` + bad + `}}`} {
		w := d.do(d.token, http.MethodPost, "/api/v1"+path, strings.NewReader(body))
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "a policy has no network") || !strings.Contains(w.Body.String(), "parameters.source") {
			t.Errorf("%s gives %d %s", path, w.Code, w.Body)
		}
	}

	made := answers[compliance.Policy](t, d, http.MethodPost, "/policies", `{"name":"pads","type":"rego","parameters":{"source":`+good+`,"config":{"a":1}}}`, http.StatusCreated)
	if made.Weight != 7 || made.Written == nil || made.Written.Title != "No left-pad" || !strings.Contains(string(made.Parameters), `"config":{"a":1}`) {
		t.Errorf("made is %+v with %s", made, made.Parameters)
	}
	if got := answers[compliance.Policy](t, d, http.MethodGet, "/policies/pads", "", http.StatusOK); got.Written == nil || got.Written.Name != "pad" {
		t.Errorf("it is %+v", got)
	}
	if w := d.do(d.token, http.MethodPatch, "/api/v1/policies/pads", strings.NewReader(`{"parameters":{"source":`+bad+`}}`)); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("changed to what cannot be compiled it gives %d %s", w.Code, w.Body)
	}
	types := answers[[]compliance.PolicyType](t, d, http.MethodGet, "/policy-types", "", http.StatusOK)
	if last := types[len(types)-1]; last.ID != "rego" || len(last.Fields) != 2 || last.Fields[0].Kind != "source" {
		t.Errorf("its type is %+v", types[len(types)-1])
	}
}
