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

// written reports whether one of the policies was written by somebody: only such a policy sees more of an image than the facts.
func (s *session) written() bool {
	return slices.ContainsFunc(s.policies, func(h held) bool { return h.Type == policy.Custom && h.unknown == "" })
}

// documents reads what policies that somebody wrote see of images, if there are any.
func (s *session) documents(ctx context.Context, images []int64) (*subject.Documents, error) {
	if !s.written() {
		return nil, nil
	}
	d, err := s.store.PolicyDocuments(ctx, s.org, images)
	return &d, err
}

// document puts together what such policies see of one image. What was attested of it is read when a policy asks for it.
func (s *session) document(ctx context.Context, all *subject.Documents, p *subject.Image) *policy.Document {
	if all == nil {
		return nil
	}
	img, ok := all.Images[p.Number]
	if !ok {
		return nil
	}
	d := &policy.Document{Image: img}
	for _, set := range p.Sets {
		d.Packages = append(d.Packages, all.Sets[set]...)
	}
	var list []crowsnest.Attestation
	var failed error
	looked := false
	d.Statements = func(predicateType string) ([]crowsnest.Attestation, error) {
		if !looked {
			read, err := s.store.Attestations(ctx, s.org, img.Digest)
			list, failed, looked = read.Items, err, true
		}
		if failed != nil {
			return nil, failed
		}
		var out []crowsnest.Attestation
		for _, a := range list {
			if a.PredicateType != predicateType {
				continue
			}
			if a.Counts() {
				whole, err := s.store.Attestation(ctx, s.org, img.Digest, a.Digest)
				if err != nil {
					return nil, err
				}
				a = whole
			}
			if out = append(out, a); a.Counts() {
				break // the first counts
			}
		}
		return out, nil
	}
	return d
}

// Trial is a policy that is asked although nothing keeps it.
type Trial struct {
	Policy subject.Policy
	Rule   policy.Rule
	Ask    func(*policy.Facts) policy.Result // in the rule's place; nil for that
}

// Try asks policies that nobody keeps about an image, in an environment or, without one, by itself. Nothing is stored.
func (e *Evaluator) Try(ctx context.Context, org store.OrgID, digest crowsnest.Digest, environment string, trials []Trial) (Report, error) {
	number, err := e.store.ImageNumber(ctx, org, digest)
	if err != nil {
		return Report{}, err
	}
	// The environment must be one that there is, as of policies that are kept.
	if _, err := e.store.ImagePolicies(ctx, org, digest, environment); err != nil {
		return Report{}, err
	}
	s := &session{Evaluator: e, org: org, now: e.now(), due: make(map[string]map[string]time.Time)}
	for _, t := range trials {
		s.policies = append(s.policies, held{Policy: t.Policy, rule: t.Rule, ask: t.Ask})
	}
	return s.report(ctx, number, environment, nil)
}
