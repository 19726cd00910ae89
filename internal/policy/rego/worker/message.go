package worker

import (
	"encoding/json"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego"
)

// question is what a worker is asked: to compile a policy or, with facts, to say what it says of an image.
type question struct {
	Source    policy.File     `json:"source"`
	Libraries []policy.File   `json:"libraries,omitempty"`
	Config    json.RawMessage `json:"config,omitempty"`
	Limits    rego.Limits     `json:"limits"`

	Facts    *policy.Facts       `json:"facts,omitempty"`
	Image    *crowsnest.Image    `json:"image,omitempty"` // nil where there is no document
	Packages []crowsnest.Package `json:"packages,omitempty"`
	Options  rego.Options        `json:"options"`
}

// reply is an answer, or a question back if Want is not nil.
type reply struct {
	Want *string `json:"want,omitempty"` // the type of a predicate

	Meta    policy.Meta     `json:"meta"`
	Error   *refusal        `json:"error,omitempty"`
	Result  policy.Result   `json:"result"`
	Raw     json.RawMessage `json:"raw,omitempty"`
	Printed []string        `json:"printed,omitempty"`
}

// refusal is an error of compiling.
type refusal struct {
	Kind    crowsnest.Kind `json:"kind"`
	Op      string         `json:"op"`
	Subject string         `json:"subject"`
	Hint    string         `json:"hint"`
	Field   string         `json:"field"`
	Why     string         `json:"why"`
}

// attested answers what a worker asks back.
type attested struct {
	Error string      `json:"error,omitempty"`
	List  []statement `json:"list"`
}

type statement struct {
	crowsnest.Attestation
	Said []byte `json:"said"`
}
