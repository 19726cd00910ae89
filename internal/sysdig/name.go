package sysdig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

const (
	maxNames     = 100_000
	maxNamesBody = 16 << 20
	namesLimit   = 1000 // the largest that is documented
	maxName      = 512  // bytes
)

// Names reads what Sysdig calls the images that run in a cluster, registry and tag included, by the
// digest it reports them with. It is of the Vulnerability Management API, which a Risk Spotlight token does not
// open everywhere: Config.APIToken does. What cannot be used is passed over. An error means that the names
// are not all; those that were read are returned with it, for they are only told to people.
func (c *Client) Names(ctx context.Context, cluster string) (names map[crowsnest.Digest]string, requests int, err error) {
	return c.names(ctx, cluster, namesLimit, c.maxPages)
}

// ProbeNames asks for one name, of a cluster or of any if that is empty: the test that a token opens the list.
func (c *Client) ProbeNames(ctx context.Context, cluster string) error {
	_, _, err := c.names(ctx, cluster, 1, 0)
	return err
}

// names reads pages to the last one, or, with 0 pages, only the first.
func (c *Client) names(ctx context.Context, cluster string, limit, pages int) (map[crowsnest.Digest]string, int, error) {
	names := map[crowsnest.Digest]string{}
	if cluster != "" && (strings.ContainsAny(cluster, "\"\\") || unusable(cluster, maxField) != "") {
		return names, 0, &crowsnest.Error{Kind: crowsnest.Unsupported, Op: "read names of images at Sysdig", Err: errors.New("the name of the cluster does not fit into a filter")}
	}
	follow := cursors{max: pages}
	var counted tally
	cursor, subject := "", c.base.Host
	if cluster != "" {
		subject += fmt.Sprintf(", cluster %q", cluster)
	}
	for {
		r := request{
			op: "read names of images at Sysdig", subject: subject, path: resultsPath,
			query: url.Values{"limit": {strconv.Itoa(limit)}}, maxBody: min(c.maxBody, maxNamesBody), tally: &counted, api: true,
		}
		if cluster != "" {
			r.query.Set("filter", `kubernetes.cluster.name = "`+cluster+`"`)
		}
		if cursor != "" {
			r.query.Set("cursor", cursor)
		}
		next := ""
		if err := c.get(ctx, r, func(body io.Reader) (err error) {
			next, err = readNames(body, names)
			return err
		}); err != nil {
			return names, counted.requests, err
		}
		if next == "" || pages == 0 {
			return names, counted.requests, nil
		}
		err := follow.follow(next)
		if err == nil && len(names) > maxNames {
			err = fmt.Errorf("there are more than %d", maxNames)
		}
		if err != nil {
			return names, counted.requests, &crowsnest.Error{Kind: crowsnest.Corrupt, Op: r.op, Subject: r.subject, Err: err}
		}
		cursor = next
	}
}

// readNames adds the names of a page.
func readNames(r io.Reader, names map[crowsnest.Digest]string) (next string, err error) {
	dec, err := newDecoder(r)
	if err != nil {
		return "", err
	}
	var list struct {
		Page *wirePage         `json:"page"`
		Data []json.RawMessage `json:"data"`
	}
	if err := dec.Decode(&list); err != nil {
		return "", notJSON(err)
	}
	if err := atEnd(dec); err != nil {
		return "", err
	}
	if list.Page == nil {
		return "", errors.New("the answer has no page")
	}
	for _, raw := range list.Data {
		var result struct {
			ResourceID    string         `json:"resourceId"`
			MainAssetName string         `json:"mainAssetName"`
			Scope         map[string]any `json:"scope"`
		}
		if json.Unmarshal(raw, &result) != nil || result.Scope["asset.type"] == "host" {
			continue
		}
		digest, err := imageID(result.ResourceID)
		name := strings.TrimSpace(result.MainAssetName)
		if err != nil || name == "" || unusable(name, maxName) != "" {
			continue
		}
		// The same image under two names: the first in the order of bytes, so that it does not change by itself.
		if known, ok := names[digest]; !ok || name < known {
			names[digest] = name
		}
	}
	return list.Page.next()
}
