// Package compliance is the form of policies, and of what they say of images, in answers.
package compliance

import (
	"encoding/json"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/compare"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/policy/evaluation"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Bounds of what is listed of the violations of one policy by one image. All of them are counted.
const (
	MaxListedViolations = 20   // in a list of images
	MaxViolations       = 1000 // of one image
)

// PolicyType is a sort of policy.
type PolicyType struct {
	ID          string            `json:"id"`
	Name        string            `json:"name" doc:"Of the policy of this type that an organisation begins with"`
	Description string            `json:"description"`
	Weight      int               `json:"weight" doc:"In the score, unless a policy says otherwise"`
	Runtime     bool              `json:"runtime" doc:"It asks how an image runs, and says nothing of one that runs nowhere"`
	Parameters  json.RawMessage   `json:"parameters" doc:"All parameters with their defaults, as an object"`
	Fields      []PolicyParameter `json:"fields" doc:"What the parameters mean and what they may be"`
}

// PolicyParameter describes a parameter of a type.
type PolicyParameter struct {
	Name        string `json:"name"`
	Kind        string `json:"kind" enum:"severities,flag,days,texts,source,object" doc:"severities and texts are lists, source is the text of a policy in Rego, object one of JSON"`
	Description string `json:"description"`
	Example     string `json:"example,omitempty" doc:"Of one text"`
	Least       int    `json:"least" doc:"Of days, or in the list"`
	Most        int    `json:"most" doc:"The same"`
	Longest     int    `json:"longest,omitempty" doc:"Bytes of one text, of a source or of an object"`
}

// NewPolicyType converts a type.
func NewPolicyType(t policy.Type) PolicyType {
	return PolicyType{ID: t.ID, Name: t.Name, Description: t.Description, Weight: t.Weight, Runtime: t.Runtime, Parameters: t.Default().Parameters(),
		Fields: wire.Each(t.Describe(), func(p policy.Parameter) PolicyParameter { return PolicyParameter(p) })}
}

// Policy is what an organisation asks of its images.
type Policy struct {
	Name         string          `json:"name"`
	Description  string          `json:"description"`
	Type         string          `json:"type"`
	Parameters   json.RawMessage `json:"parameters" doc:"All parameters of the type, as an object"`
	Repositories []string        `json:"repositories" doc:"Patterns of the repositories it holds for, with their registry or without; none is all"`
	Environments []string        `json:"environments" doc:"The environments it holds in, for what runs there; none is wherever an image is"`
	Weight       int             `json:"weight" doc:"In the score; 0 does not count"`
	Enabled      bool            `json:"enabled"`
	Created      time.Time       `json:"created"`
	Changed      time.Time       `json:"changed"`
	Written      *Written        `json:"written,omitempty" doc:"What a policy in Rego says of itself; absent of others"`
}

// NewPolicy converts a row.
func NewPolicy(p subject.Policy) Policy {
	return Policy{Name: p.Name, Description: p.Description, Type: p.Type, Parameters: p.Parameters, Repositories: wire.List(p.Repositories), Environments: wire.List(p.Environments),
		Weight: p.Weight, Enabled: p.Enabled, Created: p.Created, Changed: p.Changed}
}

// PolicyCount counts images by what a policy says of them.
type PolicyCount struct {
	Images       int `json:"images" doc:"That it says something of"`
	Compliant    int `json:"compliant"`
	NonCompliant int `json:"nonCompliant"`
	NoData       int `json:"noData"`
	Violations   int `json:"violations" doc:"Over all images"`
}

func newPolicyCount(c subject.Count) PolicyCount {
	return PolicyCount{c.Images(), c.Compliant, c.NonCompliant, c.NoData, c.Violations}
}

// PolicyRow is a policy with its rate.
type PolicyRow struct {
	Policy
	Count  PolicyCount  `json:"count"`
	Before *PolicyCount `json:"before,omitempty" doc:"The count at the time that was asked for; absent without one"`
}

// PolicyList is all policies with their rates.
type PolicyList struct {
	Items       []PolicyRow `json:"items" doc:"In the order in which they were made"`
	Environment string      `json:"environment,omitempty" doc:"Whose images are counted; absent for all"`
	Since       time.Time   `json:"since,omitzero" doc:"When the counts before are of"`
	Due         int         `json:"due" doc:"Images of the organisation of which something changed that was not looked at yet"`
}

// NewPolicyList puts policies and their rates together.
func NewPolicyList(list []subject.Policy, rates map[int64]subject.Rate, environment string, since time.Time, due int) PolicyList {
	return PolicyList{Environment: environment, Since: since, Due: due, Items: wire.Each(list, func(p subject.Policy) PolicyRow {
		row := PolicyRow{Policy: NewPolicy(p), Count: newPolicyCount(rates[p.ID].Now)}
		if !since.IsZero() && environment != store.LatestIndexed {
			before := newPolicyCount(rates[p.ID].Then)
			row.Before = &before
		}
		return row
	})}
}

// PolicyRequest makes a policy.
type PolicyRequest struct {
	Name         string          `json:"name" minLength:"1" maxLength:"128" pattern:"^[A-Za-z0-9][A-Za-z0-9 ._,()&+-]*$" patternDescription:"letters, digits, blanks and . _ , ( ) & + -" doc:"Unique in the organisation"`
	Description  string          `json:"description,omitempty" maxLength:"1000" pattern:"^[^\\x00]*$" patternDescription:"text without NUL"`
	Type         string          `json:"type" minLength:"1" maxLength:"64"`
	Parameters   json.RawMessage `json:"parameters,omitempty" doc:"An object; what is not in it has its default"`
	Repositories []string        `json:"repositories,omitempty" maxItems:"200"`
	Environments []string        `json:"environments,omitempty" maxItems:"200"`
	Weight       *int            `json:"weight,omitempty" minimum:"0" maximum:"1000" doc:"The default is that of the type"`
	Enabled      *bool           `json:"enabled,omitempty" doc:"The default is true"`
}

// PolicyChange changes what is given of a policy.
type PolicyChange struct {
	Name         *string         `json:"name,omitempty" minLength:"1" maxLength:"128" pattern:"^[A-Za-z0-9][A-Za-z0-9 ._,()&+-]*$" patternDescription:"letters, digits, blanks and . _ , ( ) & + -"`
	Description  *string         `json:"description,omitempty" maxLength:"1000" pattern:"^[^\\x00]*$" patternDescription:"text without NUL"`
	Parameters   json.RawMessage `json:"parameters,omitempty" doc:"All of them, as an object; what is not in it has its default"`
	Repositories *[]string       `json:"repositories,omitempty" maxItems:"200" doc:"All of them; an empty list is every repository"`
	Environments *[]string       `json:"environments,omitempty" maxItems:"200" doc:"All of them; an empty list is wherever an image is"`
	Weight       *int            `json:"weight,omitempty" minimum:"0" maximum:"1000"`
	Enabled      *bool           `json:"enabled,omitempty"`
}

// PolicyImage is an image with what a policy says of it.
type PolicyImage struct {
	Image          string                `json:"image"`
	Digest         crowsnest.Digest      `json:"digest"`
	Environment    string                `json:"environment,omitempty" doc:"What is said is of the image there; absent where it is of the image by itself"`
	Status         crowsnest.Compliance  `json:"status" enum:"compliant,non-compliant,no-data"`
	Reason         string                `json:"reason"`
	Says           []crowsnest.Saying    `json:"says,omitempty" doc:"The sentences of the reason; absent of a policy in Rego"`
	ViolationCount int                   `json:"violationCount"`
	Violations     []crowsnest.Violation `json:"violations" doc:"The first of them, the worst first, as of now"`
	Since          time.Time             `json:"since" doc:"Since when it has been so"`
	Cause          string                `json:"cause" enum:"image,outside" doc:"What made it so: the image came or was analysed anew, or something outside of it changed"`
}

// NewPolicyImage converts a row, with the violations that there are now.
func NewPolicyImage(i subject.PolicyImage, violations []crowsnest.Violation) PolicyImage {
	return PolicyImage{Image: i.Name, Digest: i.Digest, Environment: i.Environment, Status: i.Status, Reason: i.Reason, Says: i.Says, ViolationCount: i.Violations,
		Violations: wire.List(violations[:min(len(violations), MaxListedViolations)]), Since: i.Since, Cause: string(i.Cause)}
}

// PolicyDetail is a policy with what it says of images, as the command line prints it.
type PolicyDetail struct {
	Policy Policy        `json:"policy"`
	Images []PolicyImage `json:"images"`
}

// PolicyDay counts at the end of a day.
type PolicyDay struct {
	Date string `json:"date" doc:"UTC; of the last one the count is that of now"`
	PolicyCount
}

// NewPolicyDay converts a day.
func NewPolicyDay(d subject.PolicyDay) PolicyDay {
	return PolicyDay{d.Date.Format(time.DateOnly), newPolicyCount(d.Count)}
}

// PolicyOutcome is what a policy said of an image.
type PolicyOutcome struct {
	Status         crowsnest.Compliance `json:"status" enum:"compliant,non-compliant,no-data"`
	ViolationCount int                  `json:"violationCount"`
}

func newPolicyOutcome(o subject.PolicyOutcome) PolicyOutcome {
	return PolicyOutcome{o.Status, o.Violations}
}

// PolicyChanged is a result that became another.
type PolicyChanged struct {
	Policy      string           `json:"policy"`
	Image       string           `json:"image"`
	Digest      crowsnest.Digest `json:"digest"`
	Environment string           `json:"environment,omitempty"`
	At          time.Time        `json:"at"`
	Cause       string           `json:"cause" enum:"image,outside"`
	Before      *PolicyOutcome   `json:"before,omitempty" doc:"Absent if nothing was said before"`
	After       PolicyOutcome    `json:"after"`
}

// NewPolicyChanged converts a row.
func NewPolicyChanged(c subject.PolicyChanged) PolicyChanged {
	out := PolicyChanged{Policy: c.Policy, Image: c.Name, Digest: c.Digest, Environment: c.Environment, At: c.At, Cause: string(c.Cause), After: newPolicyOutcome(c.After)}
	if c.Before != nil {
		before := newPolicyOutcome(*c.Before)
		out.Before = &before
	}
	return out
}

// ImagePolicy is what a policy says of an image.
type ImagePolicy struct {
	Name           string                `json:"name"`
	Type           string                `json:"type"`
	Weight         int                   `json:"weight"`
	Environment    string                `json:"environment,omitempty" doc:"What is said is of the image there; absent where it is of the image by itself"`
	Status         crowsnest.Compliance  `json:"status" enum:"compliant,non-compliant,no-data"`
	Reason         string                `json:"reason"`
	Says           []crowsnest.Saying    `json:"says,omitempty" doc:"The sentences of the reason; absent of a policy in Rego"`
	ViolationCount int                   `json:"violationCount"`
	Violations     []crowsnest.Violation `json:"violations" doc:"The worst first, 1,000 at most"`
	Since          time.Time             `json:"since,omitzero" doc:"Since when it has been so; absent if that is not kept yet"`
	Cause          string                `json:"cause,omitempty" enum:"image,outside"`
	Written        *Written              `json:"written,omitempty" doc:"What a policy in Rego says of itself; absent of others"`
}

// Title is how the policy is called to people who look at an environment or, without one, at the image by itself.
func (p ImagePolicy) Title(environment string) string {
	title := p.Name
	if p.Written != nil && p.Status == crowsnest.NonCompliant {
		title = p.Written.NotMet
	}
	if p.Environment != "" && p.Environment != environment {
		title += " in " + p.Environment
	}
	return title
}

// PolicyScore is the health score of an image.
type PolicyScore struct {
	Grade    string `json:"grade" enum:"A,B,C,D,E,F"`
	Percent  int    `json:"percent" doc:"Rounded; the grade goes by the exact share"`
	Got      int    `json:"got" doc:"Weight of the policies that are met"`
	Of       int    `json:"of" doc:"Weight of all, those without data included"`
	Policies int    `json:"policies" doc:"How many count"`
}

// ImagePolicies is what all enabled policies say of an image.
type ImagePolicies struct {
	Image       wire.Target   `json:"image"`
	Environment string        `json:"environment,omitempty"`
	Met         int           `json:"met" doc:"How many policies are met"`
	NotMet      int           `json:"notMet"`
	NoData      int           `json:"noData"`
	Score       *PolicyScore  `json:"score,omitempty" doc:"Absent if no policy counts"`
	Policies    []ImagePolicy `json:"policies" doc:"In the order in which they were made"`
}

// NewImagePolicies converts a report.
func NewImagePolicies(image wire.Target, environment string, r evaluation.Report) ImagePolicies {
	out := ImagePolicies{Image: image, Environment: environment, Policies: wire.Each(r.Answers, func(a evaluation.Answer) ImagePolicy {
		return ImagePolicy{Name: a.Policy.Name, Type: a.Policy.Type, Weight: a.Policy.Weight, Environment: a.Environment, Status: a.Status, Reason: a.Reason, Says: a.Says,
			ViolationCount: len(a.Violations), Violations: wire.List(a.Violations[:min(len(a.Violations), MaxViolations)]), Since: a.Since, Cause: string(a.Cause), Written: NewWritten(a.Meta)}
	})}
	for _, p := range out.Policies {
		switch p.Status {
		case crowsnest.Compliant:
			out.Met++
		case crowsnest.NonCompliant:
			out.NotMet++
		default:
			out.NoData++
		}
	}
	if s := r.Score; s != nil {
		out.Score = &PolicyScore{s.Grade, s.Percent(), s.Got, s.Of, s.Counts}
	}
	return out
}

// Verdicts returns what policies say of the image by what is in it, to be compared with what they say of another.
func (p ImagePolicies) Verdicts() []compare.Verdict {
	var out []compare.Verdict
	for _, a := range p.Policies {
		if t, err := policy.Find(a.Type); err != nil || !t.Runtime {
			out = append(out, compare.Verdict{Policy: a.Name, Type: a.Type, Weight: a.Weight, Status: a.Status, Violations: a.ViolationCount, Reason: a.Reason, Says: a.Says})
		}
	}
	return out
}
