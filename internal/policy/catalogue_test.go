package policy

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The dashboard translates the policies that every organisation begins with, by their words: in its English catalogue are those
// that are shipped here, so that nothing is called otherwise than in the command and in reports.
func TestFirstPoliciesAreCalledAsInTheDashboard(t *testing.T) {
	raw, err := os.ReadFile("../../web/src/i18n/en.json")
	if err != nil {
		t.Fatal(err)
	}
	type words struct{ Name, About string }
	var catalogue struct {
		Policy struct{ First map[string]words }
	}
	if err := json.Unmarshal(raw, &catalogue); err != nil {
		t.Fatal(err)
	}
	shipped := make(map[string]words)
	for _, typ := range Types() {
		if typ.ID != Custom { // nobody begins with one
			shipped[typ.ID] = words{typ.Name, typ.Description}
		}
	}
	if diff := cmp.Diff(shipped, catalogue.Policy.First); diff != "" {
		t.Errorf("policy.first of web/src/i18n/en.json (-shipped +catalogue):\n%s", diff)
	}
}
