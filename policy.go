package crowsnest

// Compliance says whether an image meets a policy. The zero value is NoData: what is not known is never taken for fine.
type Compliance uint8

// The three outcomes.
const (
	NoData Compliance = iota
	Compliant
	NonCompliant
)

var complianceNames = [...]string{"no-data", "compliant", "non-compliant"}

// String returns "no-data", "compliant" or "non-compliant".
func (c Compliance) String() string {
	if int(c) < len(complianceNames) {
		return complianceNames[c]
	}
	return complianceNames[NoData]
}

// MarshalText writes the name.
func (c Compliance) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads the name.
func (c *Compliance) UnmarshalText(b []byte) error {
	for i, n := range complianceNames {
		if string(b) == n {
			*c = Compliance(i)
			return nil
		}
	}
	return &Error{Kind: Invalid, Op: "read policy status", Subject: string(b), Hint: "use compliant, non-compliant or no-data"}
}

// Saying is a sentence of Crowsnest by its name, so that whoever reads in another language can be told the same.
type Saying struct {
	Code   string            `json:"code" doc:"Which sentence it is"`
	Values map[string]string `json:"values,omitempty" doc:"What is named in it, by name"`
}

// Violation is one thing in an image that breaks a policy.
type Violation struct {
	Message       string   `json:"message" doc:"What breaks the policy"`
	Says          []Saying `json:"says,omitempty" doc:"The sentences of the message; absent of a policy in Rego"`
	Remedy        string   `json:"remedy" doc:"What would mend it"`
	Mends         *Saying  `json:"mends,omitempty" doc:"The remedy likewise"`
	Vulnerability string   `json:"vulnerability,omitempty"`
	Severity      Severity `json:"severity,omitzero" enum:"critical,high,medium,low,unspecified" doc:"Of the vulnerability; absent where no source gives one"`
	Package       string   `json:"package,omitempty" doc:"The package as a package URL"`
	FixedVersion  string   `json:"fixedVersion,omitempty" doc:"The lowest version of the package that clears the vulnerability"`
	Licence       string   `json:"licence,omitempty" doc:"Of the package, as an SPDX expression"`

	Detail map[string]string `json:"detail,omitempty" doc:"What a policy in Rego says of it, by column"`
}
