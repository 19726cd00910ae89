package app

import (
	"context"
	"encoding/json"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/policy/evaluation"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego/worker"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// trials asks policies that nobody keeps. The server and the command line share it.
type trials struct {
	store     store.Store
	evaluator *evaluation.Evaluator
	engine    worker.Language
}

func newTrials(s store.Store, engine worker.Language) trials {
	return trials{s, evaluation.New(s, nil, engine), engine}
}

// outcome is what a policy in Rego said while it was asked, wherever that was.
type outcome struct {
	name string
	said []rego.Outcome
}

// try asks policies about an image of an organisation.
func (t trials) try(ctx context.Context, org store.OrgID, key string, request compliance.TrialRequest) (compliance.Trial, error) {
	var none compliance.Trial
	row, err := t.store.Image(ctx, org, key)
	if err != nil {
		return none, err
	}
	var asked []evaluation.Trial
	outcomes := make(map[int64]*outcome)
	for i, p := range request.Policies {
		one, err := t.trial(ctx, int64(i+1), p, request, outcomes)
		if err != nil {
			return none, err
		}
		asked = append(asked, one)
	}
	report, err := t.evaluator.Try(ctx, org, row.Digest, request.Environment, asked)
	if err != nil {
		return none, err
	}
	out := compliance.Trial{ImagePolicies: compliance.NewImagePolicies(wire.NewTarget(row), request.Environment, report), Outcomes: []compliance.TrialOutcome{}}
	for _, a := range report.Answers {
		o := outcomes[a.Policy.ID]
		if o == nil {
			continue
		}
		for _, said := range o.said {
			if said.Status != a.Status || said.Reason != a.Reason || len(said.Result.Violations) != len(a.Violations) {
				continue // of another place
			}
			told := compliance.TrialOutcome{Name: o.name, Printed: said.Printed}
			if request.Raw {
				if told.Raw, err = json.Marshal(said); err != nil {
					return none, err
				}
			}
			out.Outcomes = append(out.Outcomes, told)
			break
		}
	}
	return out, ctx.Err()
}

// trial makes one policy ready to be asked.
func (t trials) trial(ctx context.Context, id int64, p compliance.TrialPolicy, request compliance.TrialRequest, outcomes map[int64]*outcome) (evaluation.Trial, error) {
	var libraries []policy.File
	if p.Libraries != nil {
		if *p.Libraries >= len(request.Libraries) {
			return evaluation.Trial{}, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read policies", Hint: "name one of the groups of libraries, from 0 on", Field: "policies"}
		}
		for _, f := range request.Libraries[*p.Libraries] {
			libraries = append(libraries, policy.File(f))
		}
	}
	rule, err := policy.ParseIn(t.engine, p.Type, p.Parameters, libraries)
	if err != nil {
		return evaluation.Trial{}, named(p.Name, err)
	}
	out := evaluation.Trial{Rule: rule, Policy: subject.Policy{ID: id, Name: p.Name, Type: p.Type, Weight: rule.Type.Weight, Enabled: true}}
	if out.Policy.Name == "" {
		out.Policy.Name = rule.Type.Name
	}
	if p.Weight != nil {
		out.Policy.Weight = *p.Weight
	}
	if program, ok := rule.Program().(rego.Asker); ok {
		o := &outcome{name: program.Meta().Name}
		outcomes[id] = o
		out.Ask = func(f *policy.Facts) policy.Result {
			said := program.Ask(ctx, f, rego.Options{Print: request.Print, Raw: request.Raw})
			o.said = append(o.said, said)
			return said.Result
		}
	}
	return out, nil
}

// named says of which policy an error is, and that it is the request's: nothing of its path is missing.
func named(name string, err error) error {
	e, ok := err.(*crowsnest.Error)
	if !ok {
		return err
	}
	out := *e
	out.Field = "policies"
	if name != "" {
		out.Subject = name
	}
	if out.Kind == crowsnest.NotFound {
		out.Kind = crowsnest.Invalid
	}
	return &out
}

// Try asks policies about an image that was analysed here.
func (l *Local) Try(ctx context.Context, digest crowsnest.Digest, request compliance.TrialRequest) (compliance.Trial, error) {
	return newTrials(l.store, worker.New(rego.Limits{})).try(ctx, l.org, string(digest), request)
}
