package compliance

import (
	"encoding/json"

	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Written is what a policy in Rego says of itself.
type Written struct {
	Name       string   `json:"name" doc:"By which it is configured"`
	Title      string   `json:"title"`
	NotMet     string   `json:"notMet" doc:"The title where it is not met"`
	ResultType string   `json:"resultType" enum:"vulnerability,license,boolean,generic"`
	Columns    []string `json:"columns" doc:"The columns of what it finds, in order"`
	Runtime    bool     `json:"runtime" doc:"It asks how an image runs, and says nothing of one that runs nowhere"`
}

// NewWritten converts what a policy says of itself; nil of one that is built in.
func NewWritten(m *policy.Meta) *Written {
	if m == nil {
		return nil
	}
	return &Written{m.Name, m.Title, m.NotMet, m.ResultType, wire.List(m.DetailsOrder), m.Runtime}
}

// PolicyCheck is a policy that is to be checked.
type PolicyCheck struct {
	Type       string          `json:"type" minLength:"1" maxLength:"64"`
	Parameters json.RawMessage `json:"parameters,omitempty" doc:"An object; what is not in it has its default"`
}

// CheckedPolicy is what a policy would be.
type CheckedPolicy struct {
	Name        string          `json:"name" doc:"Unless it is given another"`
	Description string          `json:"description"`
	Weight      int             `json:"weight"`
	Parameters  json.RawMessage `json:"parameters" doc:"All of them, as an object"`
	Written     *Written        `json:"written,omitempty" doc:"What a policy in Rego says of itself; absent of others"`
}

// MaxTrials bounds the policies of one trial.
const MaxTrials = 100

// TrialRequest names policies that are to be asked although nothing keeps them.
type TrialRequest struct {
	Environment string        `json:"environment,omitempty" maxLength:"128" doc:"What they say of the image there; without one, of the image by itself"`
	Policies    []TrialPolicy `json:"policies" minItems:"1" maxItems:"100"`
	Libraries   [][]File      `json:"libraries,omitempty" maxItems:"100" doc:"Texts in Rego that policies import, in groups"`
	Print       bool          `json:"print,omitempty" doc:"Answer as well what the policies print"`
	Raw         bool          `json:"raw,omitempty" doc:"Answer as well all that the policies say"`
}

// File is a text in Rego.
type File struct {
	Name string `json:"name" minLength:"1" maxLength:"256" doc:"For messages"`
	Text string `json:"text" maxLength:"65536"`
}

// TrialPolicy is a policy that nothing keeps.
type TrialPolicy struct {
	Name       string          `json:"name,omitempty" maxLength:"256" doc:"Of a policy in Rego its title, unless something else is said"`
	Type       string          `json:"type" minLength:"1" maxLength:"64"`
	Parameters json.RawMessage `json:"parameters,omitempty" doc:"An object; what is not in it has its default"`
	Libraries  *int            `json:"libraries,omitempty" minimum:"0" doc:"The group of texts that it may import"`
	Weight     *int            `json:"weight,omitempty" minimum:"0" maximum:"1000" doc:"The default is that of the type, or what the policy says"`
}

// Trial is what policies that nothing keeps say of an image.
type Trial struct {
	ImagePolicies
	Outcomes []TrialOutcome `json:"outcomes" doc:"Of the policies in Rego, what else was asked for"`
}

// TrialOutcome is what else a policy says.
type TrialOutcome struct {
	Name    string          `json:"name" doc:"By which the policy is configured"`
	Printed []string        `json:"printed,omitempty"`
	Raw     json.RawMessage `json:"raw,omitempty" doc:"An object with pass, violations, bindings and metrics"`
}
