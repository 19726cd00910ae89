package policy

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/crowsnest-sec/crowsnest"
)

// File is a text of a policy.
type File struct {
	Name string `json:"name" minLength:"1" maxLength:"256" doc:"For messages"`
	Text string `json:"text" maxLength:"65536"`
}

// Language compiles policies that somebody wrote. It is safe for concurrent use.
type Language interface {
	// Compile makes a program of a policy, of what else it imports, and of what it is configured with, a JSON object. What it cannot be
	// made of is Invalid, and says where.
	Compile(source File, libraries []File, config json.RawMessage) (Program, error)
}

// Program is a policy that somebody wrote. It is safe for concurrent use.
type Program interface {
	Meta() Meta
	// Evaluate asks about one image. A program that fails, or takes more than it may, gives no data with the reason.
	Evaluate(f *Facts) Result
}

// The kinds of what a policy that somebody wrote finds.
const (
	VulnerabilityResult = "vulnerability"
	LicenceResult       = "license" // as the contract spells it
	BooleanResult       = "boolean"
	GenericResult       = "generic"
)

// Meta is what a policy that somebody wrote says of itself.
type Meta struct {
	Name         string   // by which it is configured
	Title        string   // for people
	NotMet       string   // its title where it is not met
	Description  string   //
	ResultType   string   // one of the kinds
	Weight       int      // in the score
	DetailsOrder []string // the columns of what it finds
	Runtime      bool     // it asks how an image runs
}

// Document is what a policy that somebody wrote sees of an image, beside the facts.
type Document struct {
	Image    crowsnest.Image
	Packages []crowsnest.Package // without where they are
	// Statements returns what was attested of the image under a type of predicate, with the statements.
	Statements func(predicateType string) ([]crowsnest.Attestation, error)
	// Made is for the language, which keeps there what it makes of the document. So a document is of one goroutine.
	Made any
}

// Bounds of a policy that somebody wrote.
const (
	MaxSource = 64 << 10 // bytes of its text
	maxConfig = 32 << 10 // bytes of what it is configured with
)

// custom is a policy that somebody wrote.
type custom struct {
	Source string          `json:"source" doc:"The text of the policy: a module of the package docker.scout or crowsnest, with pass and violation"`
	Config json.RawMessage `json:"config" doc:"An object that the policy reads as data.config"`

	libraries []File
	program   Program
}

func (r *custom) check() error {
	switch {
	case len(bytes.TrimSpace([]byte(r.Source))) == 0:
		return wrongParameter{"source", "give the text of a policy"}
	case len(r.Source) > MaxSource:
		return wrongParameter{"source", fmt.Sprintf("it has %d bytes, and the most are %d", len(r.Source), MaxSource)}
	case len(r.Config) > maxConfig:
		return wrongParameter{"config", fmt.Sprintf("it has %d bytes, and the most are %d", len(r.Config), maxConfig)}
	}
	if b := bytes.TrimSpace(r.Config); len(b) == 0 || bytes.Equal(b, []byte("null")) {
		r.Config = json.RawMessage(`{}`)
	} else if b[0] != '{' {
		return wrongParameter{"config", "write a JSON object"}
	}
	return nil
}

func (r *custom) evaluate(f *Facts) Result { return r.program.Evaluate(f) }

// compile has the policy compiled, and returns its type with what it says of itself.
func (r *custom) compile(language Language, t Type) (Type, error) {
	if language == nil {
		return t, &crowsnest.Error{Kind: crowsnest.Unsupported, Op: "read policy", Subject: t.ID, Hint: "no policies in Rego are asked here"}
	}
	program, err := language.Compile(File{Name: "policy.rego", Text: r.Source}, r.libraries, r.Config)
	if err != nil {
		return t, err
	}
	r.program = program
	m := program.Meta()
	t.Weight, t.Runtime = m.Weight, m.Runtime
	if m.Title != "" {
		t.Name = m.Title
	}
	if m.Description != "" {
		t.Description = m.Description
	}
	return t, nil
}

// Meta returns what a policy that somebody wrote says of itself; nil of the others.
func (r Rule) Meta() *Meta {
	if p := r.Program(); p != nil {
		m := p.Meta()
		return &m
	}
	return nil
}

// Program returns the program of a policy that somebody wrote; nil of the others.
func (r Rule) Program() Program {
	if c, ok := r.rule.(*custom); ok {
		return c.program
	}
	return nil
}

// Answer puts together what a policy that somebody wrote says of an image: what breaks it, why it is not known, or why it is fine.
func Answer(list []crowsnest.Violation, unknown []string, fine string) Result {
	v := violations{list: list, n: len(list), other: true}
	for _, reason := range unknown {
		v.unknown(said{text: reason})
	}
	return v.result(nil, said{text: fine})
}
