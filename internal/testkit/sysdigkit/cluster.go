package sysdigkit

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// Where else Sysdig lists clusters; API tokens open both, those of Risk Spotlight do not.
const (
	SourcesPath  = "/api/cloud/v2/" + Sources
	ResourcePath = "/secure/inventory/v1/resources"
)

// SetDetached replaces the clusters that only these other lists know, without an agent.
func (s *Server) SetDetached(names ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.detached = map[string]bool{}
	for _, n := range names {
		s.detached[n] = true
	}
}

// elsewhere are the names of all clusters. The caller holds the lock.
func (s *Server) elsewhere() []string {
	all := map[string]bool{}
	maps.Copy(all, s.detached)
	for name := range s.clusters {
		all[name] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// sources is the plain array of the clusters Sysdig has data of, cut where one asks for it.
func (s *Server) sources(limit int) answer {
	all := s.elsewhere()
	if limit > 0 {
		all = all[:min(limit, len(all))]
	}
	out := []json.RawMessage{}
	for _, name := range all {
		out = append(out, object(map[string]any{
			"customerID": 4711, "accountID": "123456789012", "provider": "aws", "name": name, "region": "eu-central-1", "zone": "", "agentConnected": !s.detached[name],
			"createdAt": "2026-01-01T00:00:00Z", "nodeCount": 3, "clusterResourceGroup": "", "version": "v1.34", "agentConnectString": "",
		}))
	}
	return success(list(out))
}

// resources is a page of the inventory, which counts pages by numbers.
func (s *Server) resources(query url.Values) answer {
	if query.Get("filter") != `type = "cluster"` {
		return failure(http.StatusBadRequest, "unknown filter")
	}
	number, err := strconv.Atoi(query.Get("pageNumber"))
	size, sizeErr := strconv.Atoi(query.Get("pageSize"))
	if err != nil || sizeErr != nil || number < 1 || size < 1 || size > MaxResults {
		return failure(http.StatusBadRequest, "invalid page")
	}
	all := s.elsewhere()
	from := min((number-1)*size, len(all))
	to := min(from+size, len(all))
	out := []json.RawMessage{}
	for _, name := range all[from:to] {
		out = append(out, object(map[string]any{
			"hash": "0f" + strconv.Itoa(len(name)), "name": name, "platform": "Kubernetes", "type": "Cluster", "lastSeen": 1767225600000,
			"metadata": map[string]string{"distribution": "EKS", "version": "v1.34"},
		}))
	}
	page := map[string]any{"total": len(all), "previous": number - 1}
	if to < len(all) {
		page["next"] = number + 1
	}
	return success(`{"data":` + list(out) + `,"page":` + string(object(page)) + `}`)
}

func object(fields map[string]any) json.RawMessage {
	b, err := marshal(fields)
	if err != nil {
		panic(fmt.Sprintf("%v: %v", fields, err)) // strings and numbers always marshal
	}
	return b
}
