// Package vex reads documents that state what is the matter with products: OpenVEX, CycloneDX with analyses, and the VEX profile of CSAF.
//
// What differs between them is how products are named, and that is why statements so often match nothing. Each product becomes a scope that
// decisions are made of: an image by its repository, tag or digest, or a package by its URL. What can be made neither is kept as it was
// written, to be shown. Documents are a stranger's: their size and counts are bounded.
package vex

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/attestation"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
)

// The bounds of a document.
const (
	MaxSize     = 16 << 20
	maxValues   = 300_000 // objects: a few bytes of each become hundreds in memory
	maxProducts = 200_000 // of all statements together
	maxText     = 4096    // bytes kept of what is said
	maxName     = 1024    // bytes kept of a name
	maxAliases  = 100
	maxDepth    = 64 // of branches of products
)

// Options says how a document came.
type Options struct {
	Name string // of the file
	// Attested says that it is attested of an image: what names no product is about that.
	Attested bool
}

// Read reads a document of any of the formats, or an in-toto statement or envelope around one, of which no signature is checked.
func Read(raw []byte, opts Options) (decided.Document, error) {
	doc, err := read(raw, opts, true)
	if err != nil {
		return decided.Document{}, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read VEX document", Subject: clip(opts.Name, 200), Hint: "it takes OpenVEX, CycloneDX with analyses, and CSAF, as JSON", Err: err}
	}
	doc.Name, doc.Size, doc.Digest = clip(opts.Name, maxName), len(raw), crowsnest.DigestOf(raw)
	if doc.Name == "" {
		doc.Name = doc.Identifier
	}
	return doc, nil
}

// outline tells the formats apart.
type outline struct {
	Context   json.RawMessage `json:"@context"`
	BOMFormat string          `json:"bomFormat"`
	Document  json.RawMessage `json:"document"`
	Type      string          `json:"_type"`
	Payload   *string         `json:"payload"`
	Envelope  json.RawMessage `json:"dsseEnvelope"`
}

func read(raw []byte, opts Options, wrapped bool) (decided.Document, error) {
	if len(raw) > MaxSize {
		return decided.Document{}, fmt.Errorf("it has more than %d MB", MaxSize>>20)
	}
	if bytes.Count(raw, []byte("{")) > maxValues {
		return decided.Document{}, fmt.Errorf("it holds more than %d objects", maxValues)
	}
	var o outline
	if err := json.Unmarshal(raw, &o); err != nil {
		return decided.Document{}, errors.New("it is not the JSON it should be")
	}
	var context string
	json.Unmarshal(o.Context, &context) // anything in other JSON-LD
	switch {
	case wrapped && (o.Type != "" || o.Payload != nil || len(o.Envelope) > 0):
		s, err := attestation.Parse(raw)
		if err != nil {
			return decided.Document{}, err
		}
		return read(s.Predicate, opts, false)
	case strings.HasPrefix(context, "https://openvex.dev/ns"):
		return openVEX(raw, opts)
	case o.BOMFormat == "CycloneDX":
		return cycloneDX(raw)
	case len(o.Document) > 0:
		return csaf(raw)
	}
	return decided.Document{}, errors.New("it is of no known format")
}

// collector takes statements within the bounds.
type collector struct {
	statements []decided.Statement
	products   int
}

func (c *collector) add(s decided.Statement, products []product) error {
	if s.Vulnerability == "" {
		return errors.New("a statement names no vulnerability")
	}
	if c.products += 1 + len(products); c.products > maxProducts {
		return fmt.Errorf("it names more than %d products", maxProducts)
	}
	if len(c.statements) >= decided.MaxStatements {
		return fmt.Errorf("it has more than %d statements", decided.MaxStatements)
	}
	s.Position = len(c.statements)
	s.Vulnerability = crowsnest.VulnerabilityName(clip(s.Vulnerability, 256))
	s.Text = clip(s.Text, maxText)
	for i, a := range s.Aliases[:min(len(s.Aliases), maxAliases)] {
		s.Aliases[i] = crowsnest.VulnerabilityName(clip(a, 256))
	}
	s.Aliases = s.Aliases[:min(len(s.Aliases), maxAliases)]
	for _, p := range products {
		scope, ok := p.scope()
		s.Products = append(s.Products, clip(p.name(), maxName))
		if !ok {
			s.Unread = append(s.Unread, clip(p.name(), maxName))
			continue
		}
		s.Scopes = append(s.Scopes, scope)
	}
	c.statements = append(c.statements, s)
	return nil
}

// justified keeps a justification that is one of OpenVEX's.
func justified(word string) crowsnest.Justification {
	for _, j := range crowsnest.Justifications() {
		if word == string(j) {
			return j
		}
	}
	return ""
}

// clip makes a stranger's words fit to be kept.
func clip(s string, most int) string {
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return crowsnest.Text(s)
}

// moment reads a time; one that cannot be read is none. Of years that no database keeps it is none either.
func moment(text string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() > 1970 && t.Year() < 3000 {
			return t.UTC()
		}
	}
	return time.Time{}
}

// firstOf returns the first text that is not empty.
func firstOf(texts ...string) string {
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" {
			return t
		}
	}
	return ""
}
