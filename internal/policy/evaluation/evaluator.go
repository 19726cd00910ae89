// Package evaluation asks whether the images of organisations meet their policies. It brings together what the store holds of images
// and what package policy makes of it: for all images of which something changed, and for one that somebody looks at.
//
// What is stored is the status and how many violations there are. The violations themselves are not: whoever looks at them is
// told what the same rules say of what is known now, so that a list is never older than what it is about.
package evaluation

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/environment/exposure"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
)

// Source is what an Evaluator reads and writes.
type Source interface {
	store.Policies
	store.PolicyEvaluation
	store.PolicyResults
	store.Attestations
	exposure.Source
}

// Evaluator asks about images. It is safe for concurrent use.
type Evaluator struct {
	store    Source
	book     *exposure.Book
	now      func() time.Time
	language policy.Language
}

// New returns an evaluator of what is in a store. now may be nil for the system's clock, and language if no policies are asked that
// somebody wrote.
func New(s Source, now func() time.Time, language policy.Language) *Evaluator {
	if now == nil {
		now = time.Now
	}
	return &Evaluator{store: s, book: exposure.NewBook(s, now), now: now, language: language}
}

// Rule reads the rule of a policy.
func (e *Evaluator) Rule(typ string, parameters []byte) (policy.Rule, error) {
	return policy.ParseIn(e.language, typ, parameters, nil)
}

// First returns the policies that every organisation begins with: one of each type that is built in.
func First() []subject.Policy {
	var out []subject.Policy
	for _, t := range policy.Types() {
		if t.ID == policy.Custom {
			continue
		}
		out = append(out, subject.Policy{Name: t.Name, Description: t.Description, Type: t.ID, Parameters: t.Default().Parameters(), Weight: t.Weight, Enabled: true})
	}
	return out
}

// Ensure gives an organisation its first policies.
func (e *Evaluator) Ensure(ctx context.Context, org store.OrgID) error {
	return e.store.EnsurePolicies(ctx, org, First())
}

// batch is how many images are asked about in one go: they share most of what is read, and others that write do not wait for long.
const batch = 1000

// Run asks about all images that are due, and returns how many it asked about. It may be stopped at any point and run by several
// replicas at once: what is not stored stays due, and what is answered twice changes nothing.
func (e *Evaluator) Run(ctx context.Context) (int, error) {
	total := 0
	for {
		org, due, err := e.store.DuePolicies(ctx, batch)
		if err != nil || len(due) == 0 {
			return total, err
		}
		if err := e.answer(ctx, org, due); err != nil {
			return total, err
		}
		total += len(due)
	}
}

func (e *Evaluator) answer(ctx context.Context, org store.OrgID, due []subject.DueImage) error {
	s, err := e.session(ctx, org)
	if err != nil {
		return err
	}
	images := make([]int64, len(due))
	for i, d := range due {
		images[i] = d.Image
	}
	facts, err := e.store.PolicyFacts(ctx, org, images, true)
	if err != nil {
		return err
	}
	sets := convert(facts.Sets)
	documents, err := s.documents(ctx, images)
	if err != nil {
		return err
	}
	subjects := make(map[int64]*subject.Image, len(facts.Images))
	for i := range facts.Images {
		subjects[facts.Images[i].Number] = &facts.Images[i]
	}
	answers := make([]subject.PolicyAnswers, len(due))
	group, all := errgroup.WithContext(ctx)
	parts := runtime.GOMAXPROCS(0)
	for part := range parts {
		group.Go(func() error {
			for i := part; i < len(due); i += parts {
				answers[i].DueImage = due[i]
				p := subjects[due[i].Image]
				if p == nil || p.Content == 0 {
					continue
				}
				image := newAsked(p, sets, facts.KnownExploited, s)
				image.facts.Document = s.document(all, documents, p)
				image.facts.Count = true // what breaks a policy is not kept
				if err := image.answer(all, &answers[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return e.store.SavePolicyAnswers(ctx, org, answers)
}

// answer asks all policies about the image.
func (p *asked) answer(ctx context.Context, a *subject.PolicyAnswers) error {
	s := p.session
	a.Content, a.Base = p.Content, baseOf(p.Image)
	if p.Again.After(s.now) { // a decision ends
		a.Again = p.Again
	}
	for i := range s.policies {
		o, err := p.ask(ctx, &s.policies[i])
		if err != nil {
			return err
		}
		a.Results = append(a.Results, o.results(s.policies[i].ID)...)
		if a.Again.IsZero() || !o.again.IsZero() && o.again.Before(a.Again) {
			a.Again = o.again
		}
	}
	if !a.Again.IsZero() && !a.Again.After(s.now) { // never now, or it would be asked for ever
		a.Again = s.now.Add(time.Minute)
	}
	return nil
}

// baseOf names what an image is built on, so that it is due when that name comes to mean another image.
func baseOf(p *subject.Image) string {
	switch {
	case p.Base == nil:
		return ""
	case p.Base.Name == "" && len(p.BaseTags) > 0:
		return p.BaseTags[0].Reference
	}
	return p.Base.Name
}

// session is what is the same for all images of an organisation.
type session struct {
	*Evaluator
	org      store.OrgID
	now      time.Time
	policies []held // those that are enabled

	mu      sync.Mutex
	targets store.Targets
	due     map[string]map[string]time.Time // by environment and vulnerability
}

// later is when a policy is asked again that cannot be now.
const later = 10 * time.Minute

// held is a policy that can be asked.
type held struct {
	subject.Policy
	rule    policy.Rule
	unknown string                            // why it cannot be asked
	again   time.Time                         // when it may be asked, if that passes; zero if it does not
	ask     func(*policy.Facts) policy.Result // in the rule's place; nil for that
}

func (e *Evaluator) session(ctx context.Context, org store.OrgID) (*session, error) {
	if err := e.Ensure(ctx, org); err != nil {
		return nil, err
	}
	list, err := e.store.Policies(ctx, org)
	if err != nil {
		return nil, err
	}
	s := &session{Evaluator: e, org: org, now: e.now(), due: make(map[string]map[string]time.Time)}
	for _, p := range list {
		if !p.Enabled {
			continue
		}
		h := held{Policy: p}
		if h.rule, err = e.Rule(p.Type, p.Parameters); err != nil { // of another version of Crowsnest
			h.unknown = "this version cannot ask it: " + crowsnest.Reason(err)
			if crowsnest.KindOf(err) == crowsnest.Unavailable {
				h.unknown, h.again = "it cannot be asked now: "+crowsnest.Reason(err), s.now.Add(later)
			}
		}
		s.policies = append(s.policies, h)
	}
	return s, nil
}

// dueIn returns by when what an environment is exposed to should be remediated.
func (s *session) dueIn(ctx context.Context, environment string) (map[string]time.Time, error) {
	s.mu.Lock() // until it is read: who asks about another image asks for the same
	defer s.mu.Unlock()
	if due, ok := s.due[environment]; ok {
		return due, nil
	}
	if s.targets == nil {
		var err error
		if s.targets, err = s.store.Targets(ctx, s.org); err != nil {
			return nil, err
		}
	}
	list, err := s.book.Exposures(ctx, s.org, environment)
	due := make(map[string]time.Time)
	for _, x := range list {
		if at, ok := exposure.Due(x, s.targets); ok {
			due[x.Vulnerability] = time.UnixMicro(at).UTC()
		}
	}
	s.due[environment] = due
	return due, err
}

// set is what is in a set of packages, in the words of policies.
type set struct {
	findings   []*policy.Finding
	licences   []policy.Licensed
	unlicensed int
	missing    []string
}

func convert(sets map[int64]subject.Set) map[int64]*set {
	out := make(map[int64]*set, len(sets))
	for id, s := range sets {
		c := &set{unlicensed: s.Unlicensed, missing: s.Missing}
		for _, f := range s.Findings {
			c.findings = append(c.findings, (*policy.Finding)(f))
		}
		for _, l := range s.Licences {
			c.licences = append(c.licences, policy.Licensed(l))
		}
		out[id] = c
	}
	return out
}

// asked is an image that is asked about.
type asked struct {
	*subject.Image
	session *session
	facts   policy.Facts // of it by itself
	sets    map[int64]*set
}

func newAsked(p *subject.Image, sets map[int64]*set, exploited bool, s *session) *asked {
	f := policy.Facts{Now: s.now, User: p.User, Distribution: p.Distribution, KnownExploited: exploited, Base: p.Base}
	for _, id := range p.Sets {
		c := sets[id]
		if c == nil { // nothing is in it
			continue
		}
		if len(f.Licences) == 0 {
			f.Licences = slices.Clip(c.licences) // which others share: what is added is added to a copy
		} else {
			f.Licences = append(f.Licences, c.licences...)
		}
		f.Unlicensed += c.unlicensed
		f.Missing = append(f.Missing, c.missing...)
	}
	f.Findings = counting(p, sets, p.Suppressed)
	slices.Sort(f.Missing)
	f.Missing = slices.Compact(f.Missing)
	if p.Attestations != nil {
		a := policy.Attestations(*p.Attestations)
		f.Attestations = &a
	}
	for _, t := range p.BaseTags {
		f.BaseTags = append(f.BaseTags, policy.BaseTag(t))
	}
	return &asked{p, s, f, sets}
}

// counting returns what is found in an image, without what is suppressed.
func counting(p *subject.Image, sets map[int64]*set, suppressed map[subject.Suppressed]bool) []*policy.Finding {
	n := 0
	for _, id := range p.Sets {
		if c := sets[id]; c != nil {
			n += len(c.findings)
		}
	}
	out := make([]*policy.Finding, 0, n)
	for _, id := range p.Sets {
		if c := sets[id]; c != nil {
			out = append(out, c.findings...)
		}
	}
	if len(suppressed) == 0 {
		return out
	}
	return slices.DeleteFunc(out, func(f *policy.Finding) bool {
		return suppressed[subject.Suppressed{PURL: f.Package.PURL, Vulnerability: f.Vulnerability}]
	})
}

// factsIn returns the facts of the image in a place, where other findings may be suppressed than of the image by itself.
func (p *asked) factsIn(place subject.Place) policy.Facts {
	f := p.facts
	if place.Suppressed == nil {
		return f
	}
	f.Findings = counting(p.Image, p.sets, place.Suppressed)
	return f
}

// outcome is what a policy says of an image, by place. Where it says nothing, it does not hold.
type outcome struct {
	everywhere *policy.Result
	places     []placed
	again      time.Time
}

// placed is what it says of an image in an environment.
type placed struct {
	subject.Place
	policy.Result
}

// ask asks a policy about the image wherever it holds.
func (p *asked) ask(ctx context.Context, h *held) (outcome, error) {
	var out outcome
	if !fits(h.Repositories, p.Repository) {
		return out, nil
	}
	note := func(r policy.Result) policy.Result {
		if out.again.IsZero() || !r.Again.IsZero() && r.Again.Before(out.again) {
			out.again = r.Again
		}
		return r
	}
	if len(h.Environments) == 0 && (!h.rule.Type.Runtime || len(p.Places) > 0) {
		due, err := p.due(ctx, h, p.Places)
		if err != nil {
			return out, err
		}
		r := note(p.one(h, p.facts, merged(p.Places), due, len(p.Places) > 0))
		out.everywhere = &r
	}
	for _, place := range p.Places {
		if len(h.Environments) > 0 && !slices.Contains(h.Environments, place.Name) || len(h.Environments) == 0 && !h.rule.Type.Runtime && !place.Watch.DiscountNotSeen && place.Suppressed == nil {
			continue
		}
		due, err := p.due(ctx, h, []subject.Place{place})
		if err != nil {
			return out, err
		}
		out.places = append(out.places, placed{place, note(p.one(h, p.factsIn(place), place.Watch, due, true))})
	}
	return out, nil
}

// due returns by when what places are exposed to should be remediated, for the policies that ask it.
func (p *asked) due(ctx context.Context, h *held, places []subject.Place) (map[string]time.Time, error) {
	if h.Type != policy.Overdue && (h.Type != policy.Custom || !h.rule.Type.Runtime) || len(places) == 0 {
		return nil, nil
	}
	first, err := p.session.dueIn(ctx, places[0].Name)
	if err != nil || len(places) == 1 {
		return first, err
	}
	out := make(map[string]time.Time)
	for _, place := range places {
		due, err := p.session.dueIn(ctx, place.Name)
		if err != nil {
			return nil, err
		}
		for i := range p.facts.Findings { // of which there are fewer than in an environment
			name := p.facts.Findings[i].Vulnerability
			if at, ok := due[name]; ok && (out[name].IsZero() || at.Before(out[name])) {
				out[name] = at
			}
		}
	}
	return out, nil
}

func (p *asked) one(h *held, f policy.Facts, watch crowsnest.Watch, due map[string]time.Time, runs bool) policy.Result {
	if h.unknown != "" {
		return policy.Result{Reason: h.unknown, Again: h.again}
	}
	f.Watch, f.Due, f.Runs = watch, due, runs
	if h.ask != nil {
		return h.ask(&f)
	}
	return h.rule.Evaluate(&f)
}

// merged is what run time saw of an image over all places that are watched. What does not count in one of them counts in others.
func merged(places []subject.Place) crowsnest.Watch {
	var out crowsnest.Watch
	for _, p := range places {
		out.Stale = out.Stale || p.Watch.Stale
		if len(p.Watch.Loaded) == 0 {
			continue
		}
		if out.Loaded == nil {
			out.Loaded = make(map[string]bool, len(p.Watch.Loaded))
		}
		for key := range p.Watch.Loaded {
			out.Loaded[key] = true
		}
		if p.Watch.AsOf.After(out.AsOf) {
			out.AsOf = p.Watch.AsOf
		}
	}
	return out
}

// fits reports whether a repository is one of those that patterns name, with the registry or without.
func fits(patterns []string, repository string) bool {
	if len(patterns) == 0 {
		return true
	}
	_, path, _ := strings.Cut(repository, "/")
	return repository != "" && (crowsnest.Globs(patterns).Match(repository) || crowsnest.Globs(patterns).Match(path))
}

// results returns what is to be stored. What is said of a place is left out where it is what is said of the image by itself.
func (o outcome) results(id int64) []subject.PolicyResult {
	var out []subject.PolicyResult
	as := func(place int64, r policy.Result) subject.PolicyResult {
		return subject.PolicyResult{Policy: id, Environment: place, Status: r.Status, Violations: r.Count(), Reason: r.Reason, Says: r.Says}
	}
	if o.everywhere != nil {
		out = append(out, as(subject.Everywhere, *o.everywhere))
	}
	for _, p := range o.places {
		r := as(p.ID, p.Result)
		if o.everywhere == nil || r.Status != out[0].Status || r.Violations != out[0].Violations || r.Reason != out[0].Reason {
			out = append(out, r)
		}
	}
	return out
}
