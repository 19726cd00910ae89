package wire

import (
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/compare"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
)

// ComparedPolicies is what policies say of two sides by what is in their images.
type ComparedPolicies struct {
	Worse   int `json:"worse" doc:"How many are not met and were, or are broken in more places"`
	Better  int `json:"better"`
	Same    int `json:"same"`
	Unclear int `json:"unclear" doc:"How many could be told of one side alone"`

	ScoreBefore *ComparedScore   `json:"scoreBefore,omitempty" doc:"Absent if no policy counts; of several images that which reaches least"`
	ScoreAfter  *ComparedScore   `json:"scoreAfter,omitempty"`
	Items       []ComparedPolicy `json:"items" doc:"The policies that say something of both sides, in the order in which they were made"`
}

// ComparedPolicy is what one policy says of two sides.
type ComparedPolicy struct {
	Policy string          `json:"policy"`
	Type   string          `json:"type"`
	Trend  string          `json:"trend" enum:"better,worse,same,unclear" doc:"unclear: it could be told of one side alone"`
	Before ComparedVerdict `json:"before" doc:"Of several images that which it likes least"`
	After  ComparedVerdict `json:"after"`
}

// ComparedVerdict is what a policy says of a side.
type ComparedVerdict struct {
	Status     crowsnest.Compliance `json:"status" enum:"compliant,non-compliant,no-data"`
	Violations int                  `json:"violations"`
	Reason     string               `json:"reason"`
	Says       []crowsnest.Saying   `json:"says,omitempty" doc:"The sentences of the reason; absent of a policy in Rego"`
}

// ComparedScore is a health score.
type ComparedScore struct {
	Grade   string `json:"grade" enum:"A,B,C,D,E,F"`
	Percent int    `json:"percent"`
}

// NewComparedPolicies compares what policies say of the images of a side with what they say of one.
func NewComparedPolicies(before [][]compare.Verdict, after []compare.Verdict) *ComparedPolicies {
	out := &ComparedPolicies{Items: []ComparedPolicy{}, ScoreAfter: score(after)}
	for _, image := range before {
		if s := score(image); out.ScoreBefore == nil || s != nil && s.Percent < out.ScoreBefore.Percent {
			out.ScoreBefore = s
		}
	}
	for _, c := range compare.Policies(before, after) {
		c.Trend.Count(&out.Worse, &out.Better, &out.Same, &out.Unclear)
		verdict := func(v compare.Verdict) ComparedVerdict {
			return ComparedVerdict{v.Status, v.Violations, v.Reason, v.Says}
		}
		out.Items = append(out.Items, ComparedPolicy{c.After.Policy, c.After.Type, string(c.Trend), verdict(c.Before), verdict(c.After)})
	}
	return out
}

// Only leaves out all policies but those named, and the scores, which are of all; what it returns beside is a name that none has.
func (p ComparedPolicies) Only(names []string) (*ComparedPolicies, string) {
	out := &ComparedPolicies{Items: []ComparedPolicy{}}
	for _, name := range names {
		i := slices.IndexFunc(p.Items, func(c ComparedPolicy) bool { return c.Policy == name })
		if i < 0 {
			return out, name
		}
		out.Items = append(out.Items, p.Items[i])
		compare.Trend(p.Items[i].Trend).Count(&out.Worse, &out.Better, &out.Same, &out.Unclear)
	}
	return out, ""
}

func score(verdicts []compare.Verdict) *ComparedScore {
	var weighed []policy.Weighed
	for _, v := range verdicts {
		weighed = append(weighed, policy.Weighed{Weight: v.Weight, Status: v.Status})
	}
	if s, ok := policy.Rate(weighed); ok {
		return &ComparedScore{s.Grade, s.Percent()}
	}
	return nil
}
