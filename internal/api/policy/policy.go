// Package policy is the room of the API about policies: what an organisation asks of its images, how many meet it, what
// breaks it, and what changed.
package policy

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/policy/evaluation"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
	"github.com/danielgtaylor/huma/v2"
)

// Deps is what the routes need.
type Deps struct {
	Store    Store
	Log      *slog.Logger
	Language policy.Language
	// Try asks policies about an image although nothing keeps them.
	Try func(ctx context.Context, org store.OrgID, image string, request compliance.TrialRequest) (compliance.Trial, error)
}

// Store is what is read and written.
type Store interface {
	evaluation.Source
	store.Images
	store.Overviews
}

type routes struct {
	Deps
	evaluator *evaluation.Evaluator
}

// Name names a policy in a path.
type Name struct {
	Name string `path:"name" maxLength:"128"`
}

// Place narrows to an environment.
type Place struct {
	Environment string `query:"environment" maxLength:"128" doc:"Only images that run there"`
}

// Statuses narrows to what a policy says.
type Statuses struct {
	Status []string `query:"status" maxItems:"3" enum:"compliant,non-compliant,no-data" doc:"Only these, separated by commas"`
}

// Changes narrows what became another.
type Changes struct {
	Policy string    `query:"policy" maxLength:"128" doc:"Only of this one"`
	Since  time.Time `query:"since" doc:"Only after this time"`
}

func (c Changes) filter(environment string) subject.PolicyFilter {
	return subject.PolicyFilter{Policy: c.Policy, Environment: environment, Since: c.Since}
}

// Register adds the routes to the API, which checks who may call them.
func Register(api huma.API, deps Deps) {
	s := &routes{deps, evaluation.New(deps.Store, nil, deps.Language)}
	s.policies(api)
	s.results(api)
	s.exports(api)
}

const tag = "Policies"

func (s *routes) policies(api huma.API) {
	huma.Register(api, base.Operation(http.MethodGet, "/policy-types", tag, "list-policy-types", "List the sorts of policies, with their parameters"),
		func(context.Context, *struct{}) (*base.Answer[[]compliance.PolicyType], error) {
			return base.Reply(s.Log, wire.Each(policy.Types(), compliance.NewPolicyType), nil)
		})
	huma.Register(api, base.Operation(http.MethodPost, "/policy-checks", tag, "check-policy", "Check a policy without keeping it; a policy in Rego is compiled, and says what it is called and what it counts"),
		func(_ context.Context, in *struct{ Body compliance.PolicyCheck }) (*base.Answer[compliance.CheckedPolicy], error) {
			p, err := s.check(in.Body)
			return base.Reply(s.Log, p, err)
		})
	huma.Register(api, base.Operation(http.MethodPost, "/images/{digest}/policy-trials", tag, "try-policies", "Ask policies about an image, although nothing keeps them"),
		func(ctx context.Context, in *struct {
			base.ImageKey
			Body compliance.TrialRequest
		}) (*base.Answer[compliance.Trial], error) {
			out, err := s.Try(ctx, base.OrgOf(ctx), in.Digest, in.Body)
			return base.Reply(s.Log, out, invalid(err))
		})
	huma.Register(api, base.Operation(http.MethodGet, "/policies", tag, "list-policies", "List the policies, with how many images meet them"),
		func(ctx context.Context, in *struct {
			Place
			Since time.Time `query:"since" doc:"Also count what they said at this time"`
		}) (*base.Answer[compliance.PolicyList], error) {
			list, err := s.list(ctx, in.Environment, in.Since)
			return base.Reply(s.Log, list, err)
		})
	huma.Register(api, created(base.Operation(http.MethodPost, "/policies", tag, "create-policy", "Make a policy")),
		func(ctx context.Context, in *struct{ Body compliance.PolicyRequest }) (*base.Answer[compliance.Policy], error) {
			p, err := s.create(ctx, in.Body)
			return base.Reply(s.Log, s.shown(p), err)
		})
	huma.Register(api, base.Operation(http.MethodGet, "/policies/{name}", tag, "get-policy", "Get a policy"),
		func(ctx context.Context, in *Name) (*base.Answer[compliance.Policy], error) {
			err := s.evaluator.Ensure(ctx, base.OrgOf(ctx))
			if err != nil {
				return nil, base.Fail(s.Log, err)
			}
			p, err := s.Store.Policy(ctx, base.OrgOf(ctx), in.Name)
			return base.Reply(s.Log, s.shown(p), err)
		})
	huma.Register(api, base.Operation(http.MethodPatch, "/policies/{name}", tag, "change-policy", "Change, enable or disable a policy; its history stays, hidden while it is disabled"),
		func(ctx context.Context, in *struct {
			Name
			Body compliance.PolicyChange
		}) (*base.Answer[compliance.Policy], error) {
			p, err := s.change(ctx, in.Name.Name, in.Body)
			return base.Reply(s.Log, s.shown(p), err)
		})
	huma.Register(api, base.Operation(http.MethodDelete, "/policies/{name}", tag, "delete-policy", "Delete a policy with its history"),
		func(ctx context.Context, in *Name) (*struct{}, error) {
			err := s.evaluator.Ensure(ctx, base.OrgOf(ctx))
			if err == nil {
				err = s.Store.DeletePolicy(ctx, base.OrgOf(ctx), in.Name)
			}
			return nil, base.Fail(s.Log, err)
		})
}

// shown is a policy with what it says of itself if somebody wrote it; of one that this version cannot compile nothing is known.
func (s *routes) shown(p subject.Policy) compliance.Policy {
	out := compliance.NewPolicy(p)
	if p.Type == policy.Custom {
		if rule, err := s.evaluator.Rule(p.Type, p.Parameters); err == nil {
			out.Written = compliance.NewWritten(rule.Meta())
		}
	}
	return out
}

// check says what a policy would be, without keeping it.
func (s *routes) check(in compliance.PolicyCheck) (compliance.CheckedPolicy, error) {
	rule, err := s.evaluator.Rule(in.Type, in.Parameters)
	if err != nil {
		return compliance.CheckedPolicy{}, invalid(err)
	}
	t := rule.Type
	return compliance.CheckedPolicy{Name: t.Name, Description: t.Description, Weight: t.Weight, Parameters: rule.Parameters(), Written: compliance.NewWritten(rule.Meta())}, nil
}

func created(op huma.Operation) huma.Operation {
	op.DefaultStatus = http.StatusCreated
	return op
}

func (s *routes) list(ctx context.Context, environment string, since time.Time) (compliance.PolicyList, error) {
	org := base.OrgOf(ctx)
	if err := s.evaluator.Ensure(ctx, org); err != nil {
		return compliance.PolicyList{}, err
	}
	list, err := s.Store.Policies(ctx, org)
	if err != nil {
		return compliance.PolicyList{}, err
	}
	rates, err := s.Store.PolicyRates(ctx, org, environment, since)
	if err != nil {
		return compliance.PolicyList{}, err
	}
	due, err := s.Store.DuePolicyImages(ctx, org)
	return compliance.NewPolicyList(list, rates, environment, since, due), err
}

func (s *routes) create(ctx context.Context, in compliance.PolicyRequest) (subject.Policy, error) {
	org := base.OrgOf(ctx)
	rule, err := s.evaluator.Rule(in.Type, in.Parameters)
	if err != nil {
		return subject.Policy{}, invalid(err)
	}
	repositories, err := crowsnest.ParseGlobs(in.Repositories)
	if err != nil {
		return subject.Policy{}, crowsnest.InField("repositories", err)
	}
	if err := s.evaluator.Ensure(ctx, org); err != nil {
		return subject.Policy{}, err
	}
	p := subject.Policy{Name: in.Name, Description: in.Description, Type: in.Type, Parameters: rule.Parameters(), Repositories: repositories, Environments: in.Environments, Weight: rule.Type.Weight, Enabled: true}
	if in.Description == "" {
		p.Description = rule.Type.Description
	}
	if in.Weight != nil {
		p.Weight = *in.Weight
	}
	if in.Enabled != nil {
		p.Enabled = *in.Enabled
	}
	p, err = s.Store.CreatePolicy(ctx, org, p)
	return p, placed(err)
}

// placed names the field that the store refused: the name where there is one like it, else the environments, of which one is missing.
func placed(err error) error {
	switch crowsnest.KindOf(err) {
	case crowsnest.Conflict:
		return crowsnest.InField("name", err)
	case crowsnest.NotFound:
		return crowsnest.InField("environments", err)
	}
	return err
}

// invalid says of a type that there is not that the request is wrong: nothing of its path is missing.
func invalid(err error) error {
	own, ok := err.(*crowsnest.Error)
	if !ok || own.Kind != crowsnest.NotFound {
		return err
	}
	wrong := *own
	wrong.Kind, wrong.Field = crowsnest.Invalid, "type"
	return &wrong
}

func (s *routes) change(ctx context.Context, name string, in compliance.PolicyChange) (subject.Policy, error) {
	org := base.OrgOf(ctx)
	if err := s.evaluator.Ensure(ctx, org); err != nil {
		return subject.Policy{}, err
	}
	was, err := s.Store.Policy(ctx, org, name)
	if err != nil {
		return subject.Policy{}, err
	}
	change := subject.PolicyChange{Name: in.Name, Description: in.Description, Environments: in.Environments, Weight: in.Weight, Enabled: in.Enabled}
	if in.Parameters != nil {
		rule, err := s.evaluator.Rule(was.Type, in.Parameters)
		if err != nil {
			return subject.Policy{}, err
		}
		change.Parameters = rule.Parameters()
	}
	if in.Repositories != nil {
		repositories, err := crowsnest.ParseGlobs(*in.Repositories)
		if err != nil {
			return subject.Policy{}, crowsnest.InField("repositories", err)
		}
		change.Repositories = (*[]string)(&repositories)
	}
	if change.Name == nil && change.Description == nil && change.Parameters == nil && change.Repositories == nil && change.Environments == nil && change.Weight == nil && change.Enabled == nil {
		return subject.Policy{}, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "change policy", Subject: name, Hint: "say what is to change"}
	}
	p, err := s.Store.ChangePolicy(ctx, org, name, change)
	return p, placed(err)
}
