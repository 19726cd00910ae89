package api

import (
	"encoding/json"
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
		} `json:"paths"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" || len(doc.Security) != 1 || len(doc.Security[0]["token"]) != 0 {
		t.Errorf("document is %s with security %v", doc.OpenAPI, doc.Security)
	}
	seen := map[string]bool{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if op.OperationID == "" || op.Summary == "" || seen[op.OperationID] {
				t.Errorf("%s %s has operation %q, summary %q", method, path, op.OperationID, op.Summary)
			}
			seen[op.OperationID] = true
		}
	}
	for _, id := range []string{"list-images", "get-image-findings", "list-environments", "create-integration", "get-coverage", "import-advisories"} {
		if !seen[id] {
			t.Errorf("operation %s is missing", id)
		}
	}
}
