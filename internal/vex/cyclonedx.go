package vex

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
)

type cycloneComponent struct {
	Ref    string `json:"bom-ref"`
	PURL   string `json:"purl"`
	Name   string `json:"name"`
	Hashes []struct {
		Algorithm string `json:"alg"`
		Content   string `json:"content"`
	} `json:"hashes"`
	Components []cycloneComponent `json:"components"`
}

type cycloneDocument struct {
	Serial   string          `json:"serialNumber"`
	Version  json.RawMessage `json:"version"`
	Metadata struct {
		Timestamp string `json:"timestamp"`
		Authors   []struct {
			Name  string `json:"name"`
			Email string `json:"email"`
		} `json:"authors"`
		Supplier     cycloneParty      `json:"supplier"`
		Manufacture  cycloneParty      `json:"manufacture"`
		Manufacturer cycloneParty      `json:"manufacturer"`
		Component    *cycloneComponent `json:"component"`
	} `json:"metadata"`
	Components      []cycloneComponent `json:"components"`
	Vulnerabilities []struct {
		ID         string `json:"id"`
		References []struct {
			ID string `json:"id"`
		} `json:"references"`
		Analysis *struct {
			State         string `json:"state"`
			Justification string `json:"justification"`
			Detail        string `json:"detail"`
			LastUpdated   string `json:"lastUpdated"`
		} `json:"analysis"`
		Affects []struct {
			Ref string `json:"ref"`
		} `json:"affects"`
		Updated string `json:"updated"`
	} `json:"vulnerabilities"`
}

type cycloneParty struct {
	Name string `json:"name"`
}

var cycloneState = map[string]crowsnest.DecisionKind{
	"not_affected": crowsnest.NotAffected, "false_positive": crowsnest.NotAffected, "resolved": crowsnest.Fixed, "resolved_with_pedigree": crowsnest.Fixed,
	"exploitable": crowsnest.StatedAffected, "in_triage": crowsnest.UnderInvestigation,
}

// cycloneReason gives the justifications of CycloneDX in the words of OpenVEX.
var cycloneReason = map[string]crowsnest.Justification{
	"code_not_present": "vulnerable_code_not_present", "code_not_reachable": "vulnerable_code_not_in_execute_path",
	"requires_configuration": "vulnerable_code_cannot_be_controlled_by_adversary", "requires_dependency": "vulnerable_code_cannot_be_controlled_by_adversary", "requires_environment": "vulnerable_code_cannot_be_controlled_by_adversary",
	"protected_by_compiler": "inline_mitigations_already_exist", "protected_at_runtime": "inline_mitigations_already_exist", "protected_at_perimeter": "inline_mitigations_already_exist", "protected_by_mitigating_control": "inline_mitigations_already_exist",
}

// cycloneDX reads the analyses of https://cyclonedx.org/capabilities/vex/. Vulnerabilities without one state nothing.
func cycloneDX(raw []byte) (decided.Document, error) {
	var d cycloneDocument
	if err := json.Unmarshal(raw, &d); err != nil {
		return decided.Document{}, errors.New("it is not the CycloneDX it should be")
	}
	m := d.Metadata
	out := decided.Document{Format: decided.CycloneDX, Identifier: clip(d.Serial, maxName), Version: clip(scalar(d.Version), 64), Stated: moment(m.Timestamp)}
	var names []string
	for _, a := range m.Authors {
		names = append(names, a.Email, a.Name)
	}
	out.Author = clip(firstOf(append(names, m.Supplier.Name, m.Manufacturer.Name, m.Manufacture.Name)...), maxName)
	known := make(map[string]cycloneComponent)
	if m.Component != nil {
		out.Title = clip(m.Component.Name, maxName)
		m.Component.index(known, 0)
	}
	for _, c := range d.Components {
		c.index(known, 0)
	}
	var c collector
	for _, v := range d.Vulnerabilities {
		if v.Analysis == nil {
			continue
		}
		kind, ok := cycloneState[v.Analysis.State]
		if !ok {
			continue // no state is no statement
		}
		var products []product
		for _, a := range v.Affects {
			products = append(products, affected(known, a.Ref))
		}
		s := decided.Statement{Vulnerability: v.ID, Kind: kind, Justification: cycloneReason[v.Analysis.Justification], Text: v.Analysis.Detail, Stated: moment(firstOf(v.Analysis.LastUpdated, v.Updated))}
		for _, r := range v.References {
			if r.ID != "" {
				s.Aliases = append(s.Aliases, r.ID)
			}
		}
		if err := c.add(s, products); err != nil {
			return out, err
		}
	}
	if len(c.statements) == 0 {
		return out, errors.New("none of its vulnerabilities has an analysis")
	}
	out.Statements = c.statements
	return out, nil
}

// index notes a component, and those in it, by their references.
func (c cycloneComponent) index(known map[string]cycloneComponent, depth int) {
	if depth > maxDepth || len(known) > maxProducts {
		return
	}
	if c.Ref != "" {
		known[c.Ref] = c
	}
	for _, part := range c.Components {
		part.index(known, depth+1)
	}
}

// affected is the product that a reference names: a component of the document, or of another one, whose own reference then is often a package
// URL, as in urn:cdx:serial/version#reference.
func affected(known map[string]cycloneComponent, ref string) product {
	if c, ok := known[ref]; ok {
		p := product{id: firstOf(c.PURL, ref)}
		for _, h := range c.Hashes {
			if h.Algorithm == "SHA-256" {
				p.digests = append(p.digests, h.Content)
			}
		}
		return p
	}
	if strings.HasPrefix(ref, "urn:cdx:") {
		if _, part, ok := strings.Cut(ref, "#"); ok {
			if decoded, err := url.PathUnescape(part); err == nil {
				if c, ok := known[decoded]; ok {
					return product{id: firstOf(c.PURL, ref)}
				}
				return product{id: ref, purls: []string{decoded}}
			}
		}
	}
	return product{id: ref}
}
