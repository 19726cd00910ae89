package sysdigkit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// results is the list of runtime results of a cluster: a row for each container whose image has a name.
func (s *Server) results(cluster string) (out []json.RawMessage) {
	for _, raw := range s.clusters[cluster] {
		var it Item
		// Items in the form of the wire may be anything.
		if json.Unmarshal(raw, &struct {
			*Item
			Packages json.RawMessage `json:"packages"`
		}{Item: &it}) != nil || s.names[it.ImageID] == "" {
			continue
		}
		id := sha256.Sum256(raw)
		severities := map[string]int{"critical": 0, "high": 0, "medium": 0, "low": 0, "negligible": 0}
		b, err := marshal(map[string]any{
			"resultId": hex.EncodeToString(id[:16]), "resourceId": it.ImageID, "sbomId": nil, "mainAssetName": s.names[it.ImageID],
			"scope": map[string]string{
				"asset.type": "workload", "kubernetes.cluster.name": cluster, "kubernetes.namespace.name": it.Namespace, "kubernetes.workload.type": it.WorkloadKind,
				"kubernetes.workload.name": it.WorkloadName, "kubernetes.pod.container.name": it.Container,
			},
			"vulnTotalBySeverity": severities, "runningVulnTotalBySeverity": severities, "policyEvaluationResult": "passed", "isRiskSpotlightEnabled": true,
		})
		if err != nil {
			panic(fmt.Sprintf("result of %s: %v", it.ImageID, err)) // strings and numbers always marshal
		}
		out = append(out, b)
	}
	return out
}

// filtered returns the cluster that a filter of the form kubernetes.cluster.name = "…" asks for.
func filtered(filter string) string {
	value, ok := strings.CutPrefix(filter, "kubernetes.cluster.name = ")
	if !ok {
		return ""
	}
	return strings.Trim(value, `"`)
}
