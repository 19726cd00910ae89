package api

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestSpecificationDescribesEveryRouteAndNeedsAToken(t *testing.T) {
	raw, err := OpenAPI("test")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		OpenAPI  string                `json:"openapi"`
		Security []map[string][]string `json:"security"`
		Paths    map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Summary     string `json:"summary"`
			Parameters  []struct {
				Name string `json:"name"`
				In   string `json:"in"`
			} `json:"parameters"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" || len(doc.Security) != 2 {
		t.Errorf("document is %s with security %v", doc.OpenAPI, doc.Security)
	}
	seen, lists := map[string]bool{}, map[string]bool{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if op.OperationID == "" || op.Summary == "" || seen[op.OperationID] {
				t.Errorf("%s %s has operation %q, summary %q", method, path, op.OperationID, op.Summary)
			}
			seen[op.OperationID] = true
			described := map[string]bool{}
			for _, p := range op.Parameters {
				described[p.In+" "+p.Name] = true
			}
			for part := range strings.SplitSeq(path, "/") {
				if name, ok := strings.CutPrefix(part, "{"); ok && !described["path "+strings.TrimSuffix(name, "}")] {
					t.Errorf("%s %s reads no %s", method, path, part)
				}
			}
			if described["query cursor"] != described["query limit"] {
				t.Errorf("%s %s has one of cursor and limit without the other", method, path)
			}
			lists[op.OperationID] = described["query cursor"]
		}
	}
	for _, id := range []string{"list-images", "get-image-findings", "list-environments", "create-integration", "get-coverage", "import-advisories"} {
		if !seen[id] {
			t.Errorf("operation %s is missing", id)
		}
	}
	for _, id := range []string{"list-images", "list-vulnerabilities", "list-environment-images", "list-environment-occurrences", "get-image-occurrences", "list-gaps"} {
		if !lists[id] {
			t.Errorf("%s has no pages", id)
		}
	}
}
