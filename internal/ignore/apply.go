package ignore

import (
	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// names are those of an image that it is asked for by here: the one that was given, if any, else its own.
func names(reference string, image wire.Target) []crowsnest.ImageReference {
	if crowsnest.Repository(reference) == "" {
		reference = image.Name
	}
	return []crowsnest.ImageReference{crowsnest.NewImageReference(reference, image.Digest, image.ImageID)}
}

// Findings suppresses findings of an image, which was asked for by a reference, as an environment or nobody in particular sees it.
func (s Set) Findings(r wire.CVEs, reference, environment string) wire.CVEs {
	if s.Empty() {
		return r
	}
	of := names(reference, r.Image)
	decide := func(f wire.Finding) *crowsnest.Decision {
		return s.decisions.Of(f.Package.PURL, append([]string{f.ID}, f.Aliases...)...).Suppress(of, environment)
	}
	var suppressed []wire.Finding
	take := func(list []wire.Finding) {
		for _, f := range list {
			if d := decide(f); d != nil {
				f.Suppressed = d.Suppression()
				suppressed = append(suppressed, f)
			}
		}
	}
	take(r.Findings)
	take(r.NotAffected)
	r = r.Only(func(f wire.Finding) bool { return decide(f) == nil })
	r.Suppressed = append(append([]wire.Finding{}, r.Suppressed...), suppressed...)
	return r
}

// Policies leaves out of what policies say of an image the violations that are of suppressed vulnerabilities. A policy that nothing else
// breaks is met, and the score goes by that.
func (s Set) Policies(r compliance.ImagePolicies, reference string) compliance.ImagePolicies {
	if s.Empty() {
		return r
	}
	of := names(reference, r.Image)
	r.Policies = append([]compliance.ImagePolicy{}, r.Policies...)
	var weighed []policy.Weighed
	r.Met, r.NotMet, r.NoData = 0, 0, 0
	for i := range r.Policies {
		p := &r.Policies[i]
		left := []crowsnest.Violation{}
		for _, v := range p.Violations {
			if v.Vulnerability == "" || s.decisions.Of(v.Package, v.Vulnerability).Suppress(of, r.Environment) == nil {
				left = append(left, v)
			}
		}
		if fewer := len(p.Violations) - len(left); fewer > 0 {
			p.Violations, p.ViolationCount = left, p.ViolationCount-fewer
			if p.ViolationCount == 0 && p.Status == crowsnest.NonCompliant {
				p.Status, p.Reason = crowsnest.Compliant, "all that would break it is suppressed"
			}
		}
		switch p.Status {
		case crowsnest.Compliant:
			r.Met++
		case crowsnest.NonCompliant:
			r.NotMet++
		default:
			r.NoData++
		}
		weighed = append(weighed, policy.Weighed{Weight: p.Weight, Status: p.Status})
	}
	if r.Score != nil {
		if score, ok := policy.Rate(weighed); ok {
			r.Score = &compliance.PolicyScore{Grade: score.Grade, Percent: score.Percent(), Got: score.Got, Of: score.Of, Policies: score.Counts}
		}
	}
	return r
}
