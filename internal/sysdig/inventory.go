package sysdig

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Where else Sysdig lists clusters: those it has data of, with whether an agent is connected, and those of its
// inventory. Both belong to other parts of the API, so that another token may be needed, and neither says whether a
// cluster shares what runs in it.
const (
	cloudClustersPath = "/api/cloud/v2/dataSources/clusters"
	inventoryPath     = "/secure/inventory/v1/resources"

	cloudClustersLimit = 150  // what Sysdig's own pages ask for, at first
	inventoryLimit     = 1000 // the largest that is documented
)

// Trial is what a test of a cluster found although nothing was refused.
type Trial struct {
	Others  []string // the clusters that are listed, if this one is not among them
	By      List     // whose list that is; empty if none is to be had
	Refused error    // why it is not that of Risk Spotlight; nil if it is
	Empty   bool     // nothing runs there, as far as is told
}

// cloudClusters lists the clusters with a connected agent. The list has no pages that are known of: one that is as long as
// what was asked for may have been cut, and is asked for again, longer.
func (c *Client) cloudClusters(ctx context.Context) ([]string, error) {
	var names []string
	for limit := cloudClustersLimit; ; limit *= 10 {
		longer, told, err := c.cloudClustersUpTo(ctx, limit)
		if err != nil && names != nil {
			return names, nil // a longer list is not to be had
		}
		if err != nil {
			return nil, err
		}
		names = longer
		if told < limit || limit >= maxClusters {
			return names, nil
		}
	}
}

// cloudClustersUpTo returns also how many clusters were told of, connected or not.
func (c *Client) cloudClustersUpTo(ctx context.Context, limit int) (names []string, told int, err error) {
	r := c.clusterRequest(cloudClustersPath, url.Values{"limit": {strconv.Itoa(limit)}, "filter": {""}, "connected": {""}})
	err = c.get(ctx, r, func(body io.Reader) error {
		var list []json.RawMessage
		if err := decodeWhole(body, &list); err != nil {
			return err
		}
		told = len(list)
		found := map[string]bool{}
		for _, raw := range list {
			entry := struct {
				Name           string `json:"name"`
				AgentConnected bool   `json:"agentConnected"`
			}{AgentConnected: true} // where nothing is said of it
			if json.Unmarshal(raw, &entry) == nil && entry.AgentConnected {
				addName(found, entry.Name)
			}
		}
		names = slices.Sorted(maps.Keys(found))
		return nil
	})
	return names, told, err
}

// inventoryClusters lists the clusters of the inventory, by pages that are numbers.
func (c *Client) inventoryClusters(ctx context.Context) ([]string, error) {
	found := map[string]bool{}
	for page := 1; page <= maxClusters/inventoryLimit; page++ {
		r := c.clusterRequest(inventoryPath, url.Values{"filter": {`type = "cluster"`}, "pageNumber": {strconv.Itoa(page)}, "pageSize": {strconv.Itoa(inventoryLimit)}})
		full := false
		err := c.get(ctx, r, func(body io.Reader) error {
			var list struct {
				Data []json.RawMessage `json:"data"`
			}
			if err := decodeWhole(body, &list); err != nil {
				return err
			}
			full = len(list.Data) >= inventoryLimit
			for _, raw := range list.Data {
				var entry struct {
					Name string `json:"name"`
				}
				if json.Unmarshal(raw, &entry) == nil {
					addName(found, entry.Name)
				}
			}
			return nil
		})
		if err != nil || !full {
			return slices.Sorted(maps.Keys(found)), err
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

func (c *Client) clusterRequest(path string, query url.Values) request {
	return request{op: "list clusters at Sysdig", subject: c.base.Host, path: path, query: query, maxBody: min(c.maxBody, maxClustersBody), tally: &tally{}, api: true}
}

// decodeWhole reads one JSON value and nothing after it.
func decodeWhole(r io.Reader, into any) error {
	dec, err := newDecoder(r)
	if err != nil {
		return err
	}
	if err := dec.Decode(into); err != nil {
		return notJSON(err)
	}
	return atEnd(dec)
}

func addName(found map[string]bool, name string) {
	if name = strings.TrimSpace(name); name != "" && unusable(name, maxField) == "" {
		found[name] = true
	}
}
