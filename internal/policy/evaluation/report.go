package evaluation

import (
	"context"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
)

// Answer is what a policy says of an image now.
type Answer struct {
	Policy      subject.Policy
	Environment string // whose answer it is; empty for that of the image by itself
	policy.Result
	Since time.Time           // since when it has been so; zero if that is not stored yet
	Cause subject.PolicyCause // of that
	Meta  *policy.Meta        // of one that somebody wrote
}

// Report is what all policies say of an image.
type Report struct {
	Answers []Answer
	Score   *policy.Score // nil if no policy counts
}

// Image asks all enabled policies about an image in an environment or, without one, by itself. Nothing is stored.
func (e *Evaluator) Image(ctx context.Context, org store.OrgID, digest crowsnest.Digest, environment string) (Report, error) {
	number, err := e.store.ImageNumber(ctx, org, digest)
	if err != nil {
		return Report{}, err
	}
	known, err := e.store.ImagePolicies(ctx, org, digest, environment)
	if err != nil {
		return Report{}, err
	}
	s, err := e.session(ctx, org)
	if err != nil {
		return Report{}, err
	}
	return s.report(ctx, number, environment, known)
}

// report asks the policies of a session about an image. known is what was last stored of it, by policy.
func (s *session) report(ctx context.Context, number int64, environment string, known map[int64]subject.PolicyImage) (Report, error) {
	out := Report{Answers: []Answer{}}
	var weighed []policy.Weighed
	err := s.each(ctx, []int64{number}, true, func(p *asked) error {
		for i := range s.policies {
			h := &s.policies[i]
			r, where, ok, err := p.at(ctx, h, environment)
			if err != nil || !ok {
				if err != nil {
					return err
				}
				continue
			}
			a := Answer{Policy: h.Policy, Environment: where, Result: r, Meta: h.rule.Meta()}
			if was, ok := known[h.ID]; ok && was.Status == r.Status && was.Violations == r.Count() {
				a.Since, a.Cause = was.Since, was.Cause
			}
			out.Answers = append(out.Answers, a)
			weighed = append(weighed, policy.Weighed{Weight: h.Weight, Status: r.Status})
		}
		return nil
	})
	if score, ok := policy.Rate(weighed); ok {
		out.Score = &score
	}
	return out, err
}

// Candidates asks the enabled policies that hold in an environment or, without one, wherever an image is, about images by what is in them,
// whether they run there or not, and returns what they say by image, with how many violations there are and not which. Policies that ask how an image runs are left out, and nothing is
// discounted for not being seen in use: so what runs can be compared with what may take its place.
func (e *Evaluator) Candidates(ctx context.Context, org store.OrgID, digests []crowsnest.Digest, environment string) (map[crowsnest.Digest][]Answer, error) {
	numbers := make([]int64, len(digests))
	named := make(map[int64]crowsnest.Digest, len(digests))
	for i, d := range digests {
		var err error
		if numbers[i], err = e.store.ImageNumber(ctx, org, d); err != nil {
			return nil, err
		}
		named[numbers[i]] = d
	}
	s, err := e.session(ctx, org)
	if err != nil {
		return nil, err
	}
	out := make(map[crowsnest.Digest][]Answer, len(digests))
	err = s.each(ctx, numbers, false, func(p *asked) error {
		p.facts.Count = true // nobody looks at what breaks them
		for i := range s.policies {
			h := &s.policies[i]
			if h.rule.Type.Runtime || !fits(h.Repositories, p.Repository) || len(h.Environments) > 0 && !slices.Contains(h.Environments, environment) {
				continue
			}
			d := named[p.Number]
			out[d] = append(out[d], Answer{Policy: h.Policy, Result: p.one(h, p.facts, crowsnest.Watch{}, nil, false)})
		}
		return nil
	})
	return out, err
}

// Violations asks one policy about images, and returns what breaks it of each, by number.
func (e *Evaluator) Violations(ctx context.Context, org store.OrgID, name, environment string, images []int64) (map[int64][]crowsnest.Violation, error) {
	s, err := e.session(ctx, org)
	if err != nil {
		return nil, err
	}
	out := make(map[int64][]crowsnest.Violation)
	for i := range s.policies {
		if s.policies[i].Name != name {
			continue
		}
		err = s.each(ctx, images, true, func(p *asked) error {
			r, _, _, err := p.at(ctx, &s.policies[i], environment)
			out[p.Number] = r.Violations
			return err
		})
	}
	return out, err
}

// each hands out the images that are analysed, with the places where they run if these matter.
func (s *session) each(ctx context.Context, images []int64, places bool, fn func(p *asked) error) error {
	if len(images) == 0 {
		return nil
	}
	facts, err := s.store.PolicyFacts(ctx, s.org, images, places)
	if err != nil {
		return err
	}
	sets := convert(facts.Sets)
	documents, err := s.documents(ctx, images)
	if err != nil {
		return err
	}
	for i := range facts.Images {
		if p := &facts.Images[i]; p.Content != 0 {
			image := newAsked(p, sets, facts.KnownExploited, s)
			image.facts.Document = s.document(ctx, documents, p)
			if err := fn(image); err != nil {
				return err
			}
		}
	}
	return nil
}

// at asks a policy about the image in an environment: what it says of it there or, where that is nothing, of it by itself. Without
// an environment the worst counts of a policy that holds in some alone.
func (p *asked) at(ctx context.Context, h *held, environment string) (policy.Result, string, bool, error) {
	o, err := p.ask(ctx, h)
	if err != nil {
		return policy.Result{}, "", false, err
	}
	if environment == "" && o.everywhere != nil {
		return *o.everywhere, "", true, nil
	}
	worst := -1
	for i, place := range o.places {
		if environment != "" && place.Name == environment || environment == "" && (worst < 0 || rank(place.Status) > rank(o.places[worst].Status)) {
			worst = i
		}
	}
	switch {
	case worst >= 0:
		return o.places[worst].Result, o.places[worst].Name, true, nil
	case o.everywhere != nil && (!h.rule.Type.Runtime || environment == store.LatestIndexed):
		return *o.everywhere, "", true, nil
	}
	return policy.Result{}, "", false, nil
}

// rank orders answers from what is fine to what is not; what is not known lies between.
func rank(c crowsnest.Compliance) int {
	switch c {
	case crowsnest.Compliant:
		return 0
	case crowsnest.NoData:
		return 1
	}
	return 2
}
