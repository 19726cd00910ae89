package vex

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
)

// component is how OpenVEX names a product or a part of one: by an object, or by its identifier alone in its first versions.
type component struct {
	ID          string `json:"@id"`
	Identifiers struct {
		PURL string `json:"purl"`
	} `json:"identifiers"`
	Hashes        map[string]string `json:"hashes"`
	Subcomponents []component       `json:"subcomponents"`
}

func (c *component) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &c.ID)
	}
	type plain component // without this method
	return json.Unmarshal(b, (*plain)(c))
}

// openVulnerability is an object, or a name alone in the first versions.
type openVulnerability struct {
	ID      string   `json:"@id"`
	Name    string   `json:"name"`
	Aliases []string `json:"aliases"`
}

func (v *openVulnerability) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &v.Name)
	}
	type plain openVulnerability
	return json.Unmarshal(b, (*plain)(v))
}

type openDocument struct {
	ID          string          `json:"@id"`
	Author      string          `json:"author"`
	Timestamp   string          `json:"timestamp"`
	LastUpdated string          `json:"last_updated"`
	Version     json.RawMessage `json:"version"` // a number; a text in the first versions
	Statements  []struct {
		Vulnerability openVulnerability `json:"vulnerability"`
		Products      []component       `json:"products"`
		Subcomponents []component       `json:"subcomponents"` // of all products, in the first versions
		Status        string            `json:"status"`
		Justification string            `json:"justification"`
		Impact        string            `json:"impact_statement"`
		Notes         string            `json:"status_notes"`
		Action        string            `json:"action_statement"`
		Timestamp     string            `json:"timestamp"`
		LastUpdated   string            `json:"last_updated"`
	} `json:"statements"`
}

var openStatus = map[string]crowsnest.DecisionKind{
	"not_affected": crowsnest.NotAffected, "fixed": crowsnest.Fixed, "affected": crowsnest.StatedAffected, "under_investigation": crowsnest.UnderInvestigation,
}

// openVEX reads https://github.com/openvex/spec, of version 0.2.0 and before.
func openVEX(raw []byte, opts Options) (decided.Document, error) {
	var d openDocument
	if err := json.Unmarshal(raw, &d); err != nil {
		return decided.Document{}, errors.New("it is not the OpenVEX it should be")
	}
	out := decided.Document{
		Format: decided.OpenVEX, Identifier: clip(d.ID, maxName), Author: clip(d.Author, maxName), Version: clip(scalar(d.Version), 64),
		Stated: moment(firstOf(d.LastUpdated, d.Timestamp)),
	}
	var c collector
	for i, s := range d.Statements {
		kind, ok := openStatus[s.Status]
		if !ok {
			return out, fmt.Errorf("statement %d has the status %q, which OpenVEX does not know", i+1, clip(s.Status, 40))
		}
		var products []product
		for _, p := range s.Products {
			products = append(products, p.product(s.Subcomponents))
		}
		if len(products) == 0 && opts.Attested { // the subject of the attestation is the product
			products = []product{component{}.product(s.Subcomponents)}
			products[0].self = true
		}
		err := c.add(decided.Statement{
			Vulnerability: firstOf(s.Vulnerability.Name, s.Vulnerability.ID), Aliases: s.Vulnerability.Aliases, Kind: kind, Justification: justified(s.Justification),
			Text: firstOf(s.Impact, s.Notes, s.Action), Stated: moment(firstOf(s.LastUpdated, s.Timestamp)),
		}, products)
		if err != nil {
			return out, err
		}
	}
	out.Statements = c.statements
	return out, nil
}

func (c component) product(more []component) product {
	p := product{id: c.ID}
	if c.Identifiers.PURL != "" {
		p.purls = append(p.purls, c.Identifiers.PURL)
	}
	if hex := c.Hashes["sha-256"]; hex != "" {
		p.digests = append(p.digests, hex)
	}
	for _, s := range append(c.Subcomponents, more...) {
		p.parts = append(p.parts, firstOf(s.Identifiers.PURL, s.ID))
	}
	return p
}

// scalar writes a number or a text.
func scalar(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		return n.String()
	}
	return ""
}
