package vex

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
)

type csafProduct struct {
	ID     string `json:"product_id"`
	Name   string `json:"name"`
	Helper struct {
		PURL   string   `json:"purl"`
		PURLs  []string `json:"purls"`
		Hashes []struct {
			Files []struct {
				Algorithm string `json:"algorithm"`
				Value     string `json:"value"`
			} `json:"file_hashes"`
		} `json:"hashes"`
	} `json:"product_identification_helper"`
}

type csafBranch struct {
	Branches []csafBranch `json:"branches"`
	Product  *csafProduct `json:"product"`
}

type csafDocument struct {
	Document struct {
		Category  string `json:"category"`
		Title     string `json:"title"`
		Publisher struct {
			Name      string `json:"name"`
			Namespace string `json:"namespace"`
		} `json:"publisher"`
		Tracking struct {
			ID      string `json:"id"`
			Version string `json:"version"`
			Current string `json:"current_release_date"`
		} `json:"tracking"`
	} `json:"document"`
	Tree struct {
		Branches []csafBranch  `json:"branches"`
		Names    []csafProduct `json:"full_product_names"`
		Groups   []struct {
			ID       string   `json:"group_id"`
			Products []string `json:"product_ids"`
		} `json:"product_groups"`
		Relationships []struct {
			Product csafProduct `json:"full_product_name"`
			Part    string      `json:"product_reference"`
			Of      string      `json:"relates_to_product_reference"`
		} `json:"relationships"`
	} `json:"product_tree"`
	Vulnerabilities []struct {
		CVE string `json:"cve"`
		IDs []struct {
			Text string `json:"text"`
		} `json:"ids"`
		Status map[string][]string `json:"product_status"`
		Flags  []struct {
			Label    string   `json:"label"`
			Date     string   `json:"date"`
			Products []string `json:"product_ids"`
			Groups   []string `json:"group_ids"`
		} `json:"flags"`
		Threats []struct {
			Category string   `json:"category"`
			Details  string   `json:"details"`
			Products []string `json:"product_ids"`
			Groups   []string `json:"group_ids"`
		} `json:"threats"`
	} `json:"vulnerabilities"`
}

// csafStatus says what the product statuses of CSAF come to, in the order in which they are read. A version that is
// recommended or the last or first that is affected says the same as that it is fixed or affected.
var csafStatus = []struct {
	name string
	kind crowsnest.DecisionKind
}{
	{"known_not_affected", crowsnest.NotAffected}, {"fixed", crowsnest.Fixed}, {"first_fixed", crowsnest.Fixed}, {"recommended", crowsnest.Fixed},
	{"known_affected", crowsnest.StatedAffected}, {"first_affected", crowsnest.StatedAffected}, {"last_affected", crowsnest.StatedAffected}, {"under_investigation", crowsnest.UnderInvestigation},
}

// csaf reads https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html, of whatever profile: what states the status of products counts.
func csaf(raw []byte) (decided.Document, error) {
	var d csafDocument
	if err := json.Unmarshal(raw, &d); err != nil {
		return decided.Document{}, errors.New("it is not the CSAF it should be")
	}
	t := d.Document.Tracking
	out := decided.Document{
		Format: decided.CSAF, Identifier: clip(t.ID, maxName), Version: clip(t.Version, 64), Title: clip(d.Document.Title, maxName), Author: clip(firstOf(d.Document.Publisher.Namespace, d.Document.Publisher.Name), maxName),
		Stated: moment(t.Current),
	}
	known, err := d.products()
	if err != nil {
		return out, err
	}
	groups := make(map[string][]string)
	for _, g := range d.Tree.Groups {
		groups[g.ID] = g.Products
	}
	var c collector
	left := maxProducts // of what flags and threats name
	for _, v := range d.Vulnerabilities {
		names := []string{v.CVE}
		for _, id := range v.IDs {
			names = append(names, id.Text)
		}
		names = slices.DeleteFunc(names, func(n string) bool { return n == "" })
		if len(names) == 0 {
			return out, errors.New("a vulnerability has neither a CVE nor another name")
		}
		flags, said := make(map[string]crowsnest.Justification), make(map[string]string)
		each := func(products, named []string, fn func(id string)) error {
			for _, group := range named {
				products = append(slices.Clip(products), groups[group]...)
			}
			if left -= len(products) + len(named); left < 0 {
				return errors.New("its flags and threats name too many products")
			}
			for _, id := range products {
				fn(id)
			}
			return nil
		}
		for _, f := range v.Flags {
			if err := each(f.Products, f.Groups, func(id string) { flags[id] = justified(f.Label) }); err != nil {
				return out, err
			}
		}
		for _, threat := range v.Threats {
			if threat.Category != "impact" {
				continue
			}
			if err := each(threat.Products, threat.Groups, func(id string) { said[id] = threat.Details }); err != nil {
				return out, err
			}
		}
		for _, status := range csafStatus {
			// Products that are not affected for different reasons are stated apart.
			type reason struct {
				why  crowsnest.Justification
				text string
			}
			by := make(map[reason][]product)
			var reasons []reason
			for _, id := range v.Status[status.name] {
				var r reason
				if status.kind == crowsnest.NotAffected {
					r = reason{flags[id], said[id]}
				}
				if by[r] == nil {
					reasons = append(reasons, r)
				}
				p, ok := known[id]
				if !ok {
					p = product{id: id}
				}
				by[r] = append(by[r], p)
			}
			for _, r := range reasons {
				if err := c.add(decided.Statement{Vulnerability: names[0], Aliases: slices.Clone(names[1:]), Kind: status.kind, Justification: r.why, Text: r.text}, by[r]); err != nil {
					return out, err
				}
			}
		}
	}
	if len(c.statements) == 0 {
		return out, errors.New("it states the status of no product")
	}
	out.Statements = c.statements
	return out, nil
}

// products reads the tree of products. One that is a part of another is that part, in the image that the other may be.
func (d csafDocument) products() (map[string]product, error) {
	known := make(map[string]product)
	add := func(p csafProduct) error {
		if len(known) > maxProducts {
			return errors.New("it has too many products")
		}
		known[p.ID] = p.product()
		return nil
	}
	var walk func(list []csafBranch, depth int) error
	walk = func(list []csafBranch, depth int) error {
		if depth > maxDepth {
			return errors.New("its products are nested too deep")
		}
		for _, b := range list {
			if b.Product != nil {
				if err := add(*b.Product); err != nil {
					return err
				}
			}
			if err := walk(b.Branches, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	if err := walk(d.Tree.Branches, 0); err != nil {
		return nil, err
	}
	for _, p := range d.Tree.Names {
		if err := add(p); err != nil {
			return nil, err
		}
	}
	for _, r := range d.Tree.Relationships {
		if err := add(r.Product); err != nil {
			return nil, err
		}
		if _, itself := known[r.Product.ID].scope(); itself {
			continue
		}
		part, of := known[r.Part], known[r.Of]
		if s, ok := of.scope(); ok && (s.Named()) {
			of.parts = append(slices.Clone(of.parts), firstOf(append([]string{""}, part.purls...)...))
			known[r.Product.ID] = of
		} else {
			part.id = firstOf(part.id, r.Product.ID)
			known[r.Product.ID] = part
		}
	}
	return known, nil
}

func (p csafProduct) product() product {
	out := product{id: firstOf(p.Name, p.ID), purls: p.Helper.PURLs}
	if p.Helper.PURL != "" {
		out.purls = append([]string{p.Helper.PURL}, out.purls...)
	}
	for _, h := range p.Helper.Hashes {
		for _, f := range h.Files {
			if f.Algorithm == "sha256" {
				out.digests = append(out.digests, f.Value)
			}
		}
	}
	return out
}
