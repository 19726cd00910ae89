package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// The types of policies.
const (
	Fixable     = "fixable-vulnerabilities"
	HighProfile = "high-profile-vulnerabilities"
	Licences    = "licences"
	Outdated    = "up-to-date-base-image"
	Approved    = "approved-base-image"
	Attested    = "supply-chain-attestations"
	NonRoot     = "default-non-root-user"
	InUse       = "in-use-vulnerabilities"
	Overdue     = "overdue-vulnerabilities"
	Custom      = "rego" // somebody wrote it
)

// Type is a sort of policy.
type Type struct {
	ID          string
	Name        string // of the instance that an organisation begins with
	Description string
	Weight      int  // in the score; 0 does not count
	Runtime     bool // asks how an image runs: it says nothing of one that runs nowhere

	new func() rule // with the parameters that hold where none are given
}

// Types lists all types in the order in which they are shown.
func Types() []Type { return slices.Clone(types) }

// types has the weights of Docker Scout's score, so that a grade means the same in both; those about run time, which it does not have,
// count nothing unless somebody says so.
var types = []Type{
	{ID: Fixable, Name: "No fixable critical or high vulnerabilities", Description: "No vulnerability of the given severities has a fixed version, or has had for long enough.", Weight: 20, new: func() rule {
		return &fixable{Severities: worst(), FixableOnly: true, PackageTypes: []string{}}
	}},
	{ID: HighProfile, Name: "No high-profile vulnerabilities", Description: "No vulnerability is on the list of widely known ones or in CISA's catalogue of those that are exploited.", Weight: 20, new: func() rule {
		return &highProfile{CVEs: slices.Clone(famous), ExcludedCVEs: []string{}, KnownExploited: true}
	}},
	{ID: Attested, Name: "Supply chain attestations", Description: "The image has an SBOM and full provenance attested.", Weight: 15, new: func() rule { return &attested{} }},
	{ID: Approved, Name: "No unapproved base images", Description: "The base image fits one of the patterns, and the release of its distribution is still fixed.", Weight: 15, new: func() rule {
		return &approved{Patterns: []string{"*"}, SupportedDistributions: true}
	}},
	{ID: Outdated, Name: "No outdated base images", Description: "The tag that the image is built on still names the image it was built on.", Weight: 10, new: func() rule { return &outdated{} }},
	{ID: NonRoot, Name: "Default non-root user", Description: "The image does not run as root unless it is told to.", Weight: 5, new: func() rule { return &nonRoot{} }},
	{ID: Licences, Name: "No AGPL v3 licences", Description: "No package is only to be had under one of the listed licences.", Weight: 5, new: func() rule {
		return &licences{Licences: []string{"AGPL-3.0", "AGPL-3.0-only", "AGPL-3.0-or-later"}, AllowedPackages: []string{}}
	}},
	{ID: InUse, Name: "No critical or high vulnerabilities in use", Description: "No vulnerability of the given severities is in a package that was seen loaded.", Runtime: true, new: func() rule {
		return &inUse{Severities: worst()}
	}},
	{ID: Overdue, Name: "No overdue vulnerabilities", Description: "No vulnerability is exposed for longer than the organisation's targets for remediation permit.", Runtime: true, new: func() rule {
		return &overdue{Severities: []crowsnest.Severity{crowsnest.Critical, crowsnest.High, crowsnest.Medium, crowsnest.Low}}
	}},
	{ID: Custom, Name: "Policy in Rego", Description: "What a policy asks that was written in Rego, for Docker Scout's contract or for Crowsnest's.", Weight: 10, new: func() rule {
		return &custom{Config: json.RawMessage(`{}`)}
	}},
}

func worst() []crowsnest.Severity { return []crowsnest.Severity{crowsnest.Critical, crowsnest.High} }

// Find returns a type.
func Find(id string) (Type, error) {
	for _, t := range types {
		if t.ID == id {
			return t, nil
		}
	}
	return Type{}, &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find policy type", Subject: short(id), Hint: "use one of those that GET /api/v1/policy-types lists"}
}

// rule is a type with its parameters, which are its exported fields.
type rule interface {
	// check brings the parameters into their one form, or says what is wrong with them.
	check() error
	evaluate(f *Facts) Result
}

// Rule is a policy that can be asked about images. It is safe for concurrent use.
type Rule struct {
	Type Type
	rule rule
}

// MaxParameters bounds the parameters of a policy in bytes of JSON.
const MaxParameters = 256 << 10

// Parse makes a rule of a type that is built in. See ParseIn.
func Parse(id string, parameters []byte) (Rule, error) { return ParseIn(nil, id, parameters, nil) }

// ParseIn makes a rule of a type and parameters, a JSON object. What is not in it has its default; what no parameter is
// called, or cannot be one, is Invalid. A policy that somebody wrote is compiled in the language, without which it is Unsupported, together
// with the libraries that it imports.
func ParseIn(language Language, id string, parameters []byte, libraries []File) (Rule, error) {
	t, err := Find(id)
	if err != nil {
		return Rule{}, err
	}
	invalid := func(err error) (Rule, error) {
		out := &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read parameters of policy type", Subject: id, Hint: err.Error(), Field: "parameters"}
		if w, ok := err.(wrongParameter); ok {
			out.Field += "." + w.name
		}
		return Rule{}, out
	}
	r := t.new()
	if len(parameters) > MaxParameters {
		return invalid(errors.New("they are too long; give fewer or shorter ones"))
	}
	if len(bytes.TrimSpace(parameters)) > 0 {
		d := json.NewDecoder(bytes.NewReader(parameters))
		d.DisallowUnknownFields()
		if err := d.Decode(r); err != nil {
			return invalid(parameterError(id, err))
		}
		if _, err := d.Token(); err != io.EOF {
			return invalid(errors.New("something follows the JSON object"))
		}
	}
	if err := r.check(); err != nil {
		return invalid(err)
	}
	if c, ok := r.(*custom); ok {
		c.libraries = libraries
		if t, err = c.compile(language, t); err != nil {
			if own, ok := err.(*crowsnest.Error); ok && own.Field != "" {
				return Rule{}, err
			}
			return Rule{}, crowsnest.InField("parameters.source", err)
		}
	}
	return Rule{t, r}, nil
}

// Default returns the rule of a type with the parameters that hold where none are given.
func (t Type) Default() Rule { return Rule{t, t.new()} }

// Parameters returns all parameters as a JSON object.
func (r Rule) Parameters() []byte {
	b, err := json.Marshal(r.rule)
	if err != nil {
		panic("policy: parameters that JSON cannot write: " + err.Error())
	}
	return b
}

// Evaluate asks about one image where it is. The violations come the worst first.
func (r Rule) Evaluate(f *Facts) Result { return r.rule.evaluate(f) }

// Result is an answer.
type Result struct {
	Status     crowsnest.Compliance
	Reason     string             // in one sentence: why there is no data, or what was found
	Says       []crowsnest.Saying // the sentences of the reason; none if another wrote a part of it
	Violations []crowsnest.Violation
	Untold     int // how many more there are, if only their number was asked for
	// Again is when the answer may become another without anything being changed; zero for never.
	Again time.Time
}

// Count is how many violations there are.
func (r Result) Count() int { return len(r.Violations) + r.Untold }
