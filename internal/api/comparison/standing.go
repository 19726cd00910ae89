package comparison

import (
	"context"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/compare"
	"github.com/crowsnest-sec/crowsnest/internal/policy/evaluation"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// StandingsQuery says of which environments policies are compared.
type StandingsQuery struct {
	Environment   string    `query:"environment" required:"true" minLength:"1" maxLength:"128" doc:"The environment after, such as staging"`
	ToEnvironment string    `query:"toEnvironment" required:"true" minLength:"1" maxLength:"128" doc:"The environment before, such as production: its policies are asked about both sides"`
	At            time.Time `query:"at" doc:"What ran in toEnvironment then, with what is known today"`
}

// Standings asks the policies that hold in the environment before about what runs on both sides, by what is in the images, as they are asked about images
// that are compared.
func (s Comparer) Standings(ctx context.Context, q StandingsQuery) (out compliance.ComparedStandings, err error) {
	if err := q.filter().check(); err != nil {
		return out, err
	}
	org := base.OrgOf(ctx)
	before, after, err := s.contents(ctx, q.filter())
	if err != nil {
		return out, err
	}
	list := pair(before, after)
	var digests []crowsnest.Digest
	seen, missing := make(map[crowsnest.Digest]bool), 0
	for _, r := range list {
		if len(r.after) == 0 {
			continue
		}
		for _, c := range slices.Concat(r.before, r.after) {
			if seen[c.Digest] {
				continue
			}
			seen[c.Digest] = true
			switch _, err := s.Store.ImageNumber(ctx, org, c.Digest); {
			case err == nil:
				digests = append(digests, c.Digest)
			case crowsnest.KindOf(err) == crowsnest.NotFound: // it waits for its analysis, or retention removed its content
				missing++
			default:
				return out, err
			}
		}
	}
	answers, err := s.evaluator.Candidates(ctx, org, digests, q.ToEnvironment)
	if err != nil {
		return out, err
	}
	verdicts := func(list []store.RunningContent) (all [][]compare.Verdict) {
		for _, c := range list {
			if said := answers[c.Digest]; len(said) > 0 {
				all = append(all, wire.Each(said, verdict))
			}
		}
		return all
	}
	sides := make([]compare.RepositoryVerdicts, len(list))
	for i, r := range list {
		sides[i] = compare.RepositoryVerdicts{Repository: r.name, Before: verdicts(r.before), After: verdicts(r.after)}
	}
	out = compliance.NewComparedStandings(q.Environment, q.ToEnvironment, compare.Standings(sides))
	out.NotAsked = missing
	return out, nil
}

func (q StandingsQuery) filter() EnvironmentsFilter {
	return EnvironmentsFilter{Environment: q.Environment, ToEnvironment: q.ToEnvironment, At: q.At}
}

// verdict is what a policy answered, as it is compared.
func verdict(a evaluation.Answer) compare.Verdict {
	return compare.Verdict{Policy: a.Policy.Name, Type: a.Policy.Type, Weight: a.Policy.Weight, Status: a.Status, Violations: a.Count(), Reason: a.Reason, Says: a.Says}
}
