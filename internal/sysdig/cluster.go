package sysdig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

const (
	maxClustersBody = 8 << 20
	maxClusters     = 100_000
)

// List is a list of clusters that Sysdig has.
type List string

// The lists of clusters, in the order they are asked for.
const (
	RiskSpotlight List = "risk-spotlight" // the one that belongs to the token: clusters that share what runs in them
	DataSources   List = "data-sources"   // clusters with a connected agent
	Inventory     List = "inventory"      // clusters that were seen, with an agent or without
)

// Listing is what is known of the clusters of an account.
type Listing struct {
	Names   []string // sorted, each once
	By      List     // whose names they are; empty if no list is to be had
	Refused error    // why the list of Risk Spotlight is not to be had; nil if it is
}

// Clusters lists the clusters of the account. It is also the
// call that shows whether address and token are right. An empty list means that no
// agent shares what it sees with integrations.
//
// The answer is read in every form it may have: names, or objects with clusterName
// or name, in a bare list or under data or clusters, in one page or more. An entry without a
// name that can be used is passed over; an answer without any is Corrupt. Where this list is not to be had,
// those of other parts of Sysdig are asked; what they do not tell either is the error of the first.
func (c *Client) Clusters(ctx context.Context) (Listing, error) {
	names, err := c.runtimeClusters(ctx)
	if err == nil {
		return Listing{Names: names, By: RiskSpotlight}, nil
	}
	if !Unlisted(err) {
		return Listing{}, err
	}
	for _, other := range []struct {
		by  List
		ask func(context.Context) ([]string, error)
	}{{DataSources, c.cloudClusters}, {Inventory, c.inventoryClusters}} {
		// That another list is empty does not mean that there are no clusters.
		if names, failed := other.ask(ctx); failed == nil && len(names) > 0 {
			return Listing{Names: names, By: other.by, Refused: err}, nil
		}
	}
	return Listing{Refused: err}, err
}

// Unlisted reports whether an error of Clusters says nothing against address and token: it may be that only
// the list is not to be had, and a cluster whose name is known is.
func Unlisted(err error) bool {
	if err == nil {
		return false
	}
	switch kind := crowsnest.KindOf(err); kind {
	case crowsnest.Corrupt, crowsnest.TooLarge:
		return true
	case crowsnest.NotFound, crowsnest.Forbidden:
		return statusOf(err) == http.StatusNotFound || statusOf(err) == http.StatusForbidden
	}
	return false
}

// runtimeClusters asks the list that belongs to the images.
func (c *Client) runtimeClusters(ctx context.Context) ([]string, error) {
	names := map[string]bool{}
	follow := cursors{max: c.maxPages}
	cursor := ""
	for {
		r := request{op: "list clusters at Sysdig", subject: c.base.Host, path: clustersPath, query: url.Values{}, maxBody: min(c.maxBody, maxClustersBody), tally: &tally{}}
		if cursor != "" {
			r.query.Set("cursor", cursor)
		}
		var got []string
		var next string
		err := c.get(ctx, r, func(body io.Reader) error {
			var err error
			got, next, err = readClusters(body)
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, n := range got {
			names[n] = true
		}
		if len(names) > maxClusters {
			return nil, &crowsnest.Error{Kind: crowsnest.TooLarge, Op: r.op, Subject: r.subject, Hint: "type the name of the cluster by hand", Err: fmt.Errorf("there are more than %d clusters", maxClusters)}
		}
		if next == "" {
			return slices.Sorted(maps.Keys(names)), nil
		}
		if err := follow.follow(next); err != nil {
			return nil, &crowsnest.Error{Kind: crowsnest.Corrupt, Op: r.op, Subject: r.subject, Hint: "type the name of the cluster by hand", Err: err}
		}
		cursor = next
	}
}

// readClusters reads one page.
func readClusters(r io.Reader) (names []string, next string, err error) {
	dec, err := newDecoder(r)
	if err != nil {
		return nil, "", err
	}
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return nil, "", notJSON(err)
	}
	if err := atEnd(dec); err != nil {
		return nil, "", err
	}
	list := raw
	if raw[0] == '{' {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(raw, &object); err != nil {
			return nil, "", notJSON(err)
		}
		var page *wirePage
		if p, ok := object["page"]; ok {
			if err := json.Unmarshal(p, &page); err != nil {
				return nil, "", fieldError("page", err)
			}
			if next, err = page.next(); err != nil {
				return nil, "", err
			}
		}
		if list = firstOf(object, "data", "clusters"); list == nil {
			if page == nil {
				return nil, "", noClusters()
			}
			return nil, next, nil
		}
		var inner map[string]json.RawMessage
		if json.Unmarshal(list, &inner) == nil {
			list = firstOf(inner, "clusters", "data")
		}
	}
	var entries []json.RawMessage
	if json.Unmarshal(list, &entries) != nil || entries == nil {
		return nil, "", noClusters()
	}
	for _, e := range entries {
		if name := clusterName(e); name != "" && unusable(name, maxField) == "" {
			names = append(names, name)
		}
	}
	if len(entries) > 0 && len(names) == 0 {
		return nil, "", noClusters()
	}
	return names, next, nil
}

// firstOf returns the first of the fields that is there and not null.
func firstOf(object map[string]json.RawMessage, fields ...string) json.RawMessage {
	for _, f := range fields {
		if v, ok := object[f]; ok && string(v) != "null" {
			return v
		}
	}
	return nil
}

func noClusters() error {
	return &crowsnest.Error{
		Kind: crowsnest.Corrupt, Op: "read clusters", Hint: "the form of this answer is not known: type the name of the cluster by hand",
		Err: errors.New("the answer is JSON but holds no cluster names"),
	}
}

func clusterName(entry json.RawMessage) string {
	var name string
	if json.Unmarshal(entry, &name) == nil {
		return strings.TrimSpace(name)
	}
	var object struct {
		ClusterName any `json:"clusterName"`
		Name        any `json:"name"`
		Cluster     any `json:"cluster"`
	}
	if json.Unmarshal(entry, &object) != nil {
		return ""
	}
	for _, v := range []any{object.ClusterName, object.Name, object.Cluster} {
		if s, ok := v.(string); ok && strings.TrimSpace(s) != "" {
			return strings.TrimSpace(s)
		}
	}
	return ""
}
