package policy

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The dashboard says what policies that are built in say, by code: its English catalogue has the sentences of the server.
func TestSentencesAreThoseOfTheDashboard(t *testing.T) {
	var catalogue struct {
		Policy struct{ Sentence, Remedy map[string]string }
	}
	readCatalogue(t, &catalogue)
	if diff := cmp.Diff(sentences, catalogue.Policy.Sentence); diff != "" {
		t.Errorf("policy.sentence of web/src/i18n/en.json (-said +catalogue):\n%s", diff)
	}
	if diff := cmp.Diff(remedies, catalogue.Policy.Remedy); diff != "" {
		t.Errorf("policy.remedy of web/src/i18n/en.json (-said +catalogue):\n%s", diff)
	}
}

// The dashboard translates the policies that every organisation begins with, by their words: in its English catalogue are those
// that are shipped here, so that nothing is called otherwise than in the command and in reports.
func TestFirstPoliciesAreCalledAsInTheDashboard(t *testing.T) {
	type words struct{ Name, About string }
	var catalogue struct {
		Policy struct{ First map[string]words }
	}
	readCatalogue(t, &catalogue)
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

func readCatalogue(t *testing.T, into any) {
	t.Helper()
	raw, err := os.ReadFile("../../web/src/i18n/en.json")
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}
