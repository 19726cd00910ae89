// Package comparison is the room of the API that compares: an image with another one or with what an
// environment runs, and what runs in one environment with what runs in another.
package comparison

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/compare"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/policy/evaluation"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/sync/errgroup"
)

// Deps is what the routes need.
type Deps struct {
	Store    Store
	Log      *slog.Logger
	Language policy.Language
}

// Store is what is read.
type Store interface {
	store.Images
	store.Environments
	store.Exposures
	store.Comparisons
	store.Overviews
	evaluation.Source
}

// Comparer answers for the organisation that the caller in the context speaks for.
type Comparer struct {
	Deps
	evaluator *evaluation.Evaluator
}

// New returns a Comparer that asks policies as well.
func New(deps Deps) Comparer { return Comparer{deps, evaluation.New(deps.Store, nil, deps.Language)} }

// Register adds the routes to the API, which checks who may call them.
func Register(api huma.API, deps Deps) {
	s := New(deps)
	const tag = "Compare"
	huma.Register(api, base.Operation(http.MethodGet, "/compare", tag, "compare-images", "Compare an image with another one, with what an environment runs of its repository, or with the newest analysed of its repository"),
		func(ctx context.Context, in *ImagesQuery) (*base.Answer[wire.Comparison], error) {
			out, err := s.Images(ctx, *in)
			return base.Reply(s.Log, out, err)
		})
	huma.Register(api, base.Operation(http.MethodGet, "/compare/environments", tag, "compare-environments", "Tell by repository what would change if what runs in one environment took the place of what runs in another"),
		func(ctx context.Context, in *EnvironmentsQuery) (*base.Answer[wire.EnvironmentComparison], error) {
			out, err := s.Environments(ctx, *in)
			return base.Reply(s.Log, out, err)
		})
	huma.Register(api, base.Operation(http.MethodGet, "/compare/environments/policies", tag, "compare-environment-policies", "Tell what policies would say if what runs in one environment took the place of what runs in another"),
		func(ctx context.Context, in *StandingsQuery) (*base.Answer[compliance.ComparedStandings], error) {
			out, err := s.Standings(ctx, *in)
			return base.Reply(s.Log, out, err)
		})
	s.exports(api)
}

// ImagesQuery says what is compared with what: one of To, ToEnvironment and ToLatest.
type ImagesQuery struct {
	Image         string    `query:"image" required:"true" minLength:"1" maxLength:"1024" doc:"The image after: any digest of it, at least twelve digits of one, or a name"`
	To            string    `query:"to" maxLength:"1024" doc:"The image before, named in the same way"`
	ToEnvironment string    `query:"toEnvironment" maxLength:"128" doc:"Instead: the images of its repository that run there"`
	ToLatest      bool      `query:"toLatest" doc:"Instead: the newest analysed image of its repository and platform beside the image itself"`
	At            time.Time `query:"at" doc:"With toEnvironment: what ran there then, with what is known today"`
	IgnoreMinor   bool      `query:"ignoreMinor" doc:"Leave out of both sides what the distribution takes as minor; minorHidden of each counts it"`
}

func (q ImagesQuery) check() error {
	given := 0
	for _, is := range []bool{q.To != "", q.ToEnvironment != "", q.ToLatest} {
		if is {
			given++
		}
	}
	switch {
	case given != 1:
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "compare image", Subject: q.Image, Hint: "say with what: give one of to, toEnvironment and toLatest"}
	case !q.At.IsZero() && q.ToEnvironment == "":
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "compare image", Subject: q.Image, Hint: "at chooses a moment of an environment; give toEnvironment with it"}
	}
	return nil
}

// Images compares an image with what the query names.
func (s Comparer) Images(ctx context.Context, q ImagesQuery) (out wire.Comparison, err error) {
	if err := q.check(); err != nil {
		return out, err
	}
	row, err := s.Store.Image(ctx, base.OrgOf(ctx), q.Image)
	if err != nil {
		return out, err
	}
	others, siblings, err := s.others(ctx, row.Digest, q)
	if err != nil {
		return out, err
	}
	// Neither the sides nor the policies need each other, and there is more than one processor.
	var shownBefore, shownAfter wire.ComparedSide
	var before, after compare.Side
	var policies *wire.ComparedPolicies
	group, each := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		shownAfter, after, err = s.side(each, row, "", q.ToEnvironment)
		return err
	})
	group.Go(func() (err error) {
		shownBefore, before, err = s.before(each, others, siblings, q)
		return err
	})
	var unasked error
	group.Go(func() error {
		policies, unasked = s.policies(each, others, row.Digest, q.ToEnvironment)
		return nil // what is wrong with a side is told first
	})
	if err := cmp.Or(group.Wait(), unasked); err != nil {
		return out, err
	}
	if q.IgnoreMinor {
		before, shownBefore.MinorHidden = before.WithoutMinor()
		after, shownAfter.MinorHidden = after.WithoutMinor()
	}
	out = wire.NewComparison(shownBefore, shownAfter, compare.Compare(before, after))
	out.Policies = policies
	return out, nil
}

// others returns the images before, and of an environment what else runs there of the repository.
func (s Comparer) others(ctx context.Context, digest crowsnest.Digest, q ImagesQuery) ([]store.ImageRow, store.Siblings, error) {
	org := base.OrgOf(ctx)
	var siblings store.Siblings
	var err error
	keys := []string{q.To}
	switch {
	case q.ToEnvironment != "":
		siblings, err = s.Store.SiblingsIn(ctx, org, digest, q.ToEnvironment, q.At)
		if err == nil && len(siblings.Analysed) == 0 {
			err = noneRuns(siblings, q.ToEnvironment)
		}
		keys = wire.Each(siblings.Analysed, func(d crowsnest.Digest) string { return string(d) })
	case q.ToLatest:
		var latest crowsnest.Digest
		latest, err = s.Store.LatestBeside(ctx, org, digest)
		keys = []string{string(latest)}
	}
	if err != nil {
		return nil, siblings, err
	}
	rows := make([]store.ImageRow, len(keys))
	for i, key := range keys {
		if rows[i], err = s.Store.Image(ctx, org, key); err != nil {
			return nil, siblings, err
		}
	}
	return rows, siblings, nil
}

// policies asks about both sides what holds in the environment that is compared with.
func (s Comparer) policies(ctx context.Context, before []store.ImageRow, after crowsnest.Digest, environment string) (*wire.ComparedPolicies, error) {
	digests := []crowsnest.Digest{after}
	for _, row := range before {
		digests = append(digests, row.Digest)
	}
	answers, err := s.evaluator.Candidates(ctx, base.OrgOf(ctx), digests, environment)
	if err != nil {
		return nil, err
	}
	verdicts := func(d crowsnest.Digest) []compare.Verdict {
		return wire.Each(answers[d], verdict)
	}
	return wire.NewComparedPolicies(wire.Each(digests[1:], verdicts), verdicts(digests[0])), nil
}

// side reads what is compared of an image, with what is in use of it and what is decided about it, each anywhere or in one environment.
// What may take the place of what runs is judged by the decisions that hold there, or what is accepted there would be new.
func (s Comparer) side(ctx context.Context, row store.ImageRow, use, decided string) (shown wire.ComparedSide, side compare.Side, err error) {
	org := base.OrgOf(ctx)
	packages, err := s.Store.ImagePackages(ctx, org, row.Digest)
	if err != nil {
		return shown, side, err
	}
	findings, err := s.Store.ImageFindings(ctx, org, row.Digest, decided)
	if err != nil {
		return shown, side, err
	}
	var watch crowsnest.Watch
	if use != decided {
		if watch, err = s.Store.Watch(ctx, org, row.Digest, use); err != nil {
			return shown, side, err
		}
	}
	omissions, err := s.Store.ImageOmissions(ctx, org, row.Digest)
	if err != nil {
		return shown, side, err
	}
	for i := range findings {
		if use != decided {
			findings[i].InUse = watch.InUse(findings[i].Package)
		}
		// What runs counts whole: what is left out of it would be new in whatever is compared with it.
		findings[i].NotAffected = false
	}
	shown, side = wire.SideOf(wire.NewImage(row), packages, wire.NewCVEs(wire.NewTarget(row), findings, omissions))
	return shown, side, nil
}

// sidesAtATime bounds how many images of an environment are read at a time.
const sidesAtATime = 2

// before joins the images before. Of an environment at a time, what was in use then nobody kept.
func (s Comparer) before(ctx context.Context, others []store.ImageRow, siblings store.Siblings, q ImagesQuery) (wire.ComparedSide, compare.Side, error) {
	use := q.ToEnvironment
	if !q.At.IsZero() {
		use = ""
	}
	shown, sides := make([]wire.ComparedSide, len(others)), make([]compare.Side, len(others))
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(sidesAtATime)
	for i, row := range others {
		group.Go(func() (err error) {
			shown[i], sides[i], err = s.side(each, row, use, q.ToEnvironment)
			if !q.At.IsZero() {
				sides[i] = sides[i].Unobserved()
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return wire.ComparedSide{}, compare.Side{}, err
	}
	if q.ToEnvironment == "" {
		return shown[0], sides[0], nil
	}
	out := wire.Join(shown...)
	out.Environment, out.Repository, out.NotAnalysed = q.ToEnvironment, siblings.Repository, siblings.NotAnalysed
	if !q.At.IsZero() {
		out.At = &q.At
	}
	return out, compare.Join(sides...), nil
}

// noneRuns says that there is nothing to compare with: an empty side would make everything new, and
// what is not analysed look like nothing.
func noneRuns(siblings store.Siblings, environment string) error {
	hint := "nothing of " + siblings.Repository + " runs there"
	if siblings.NotAnalysed > 0 {
		hint = "what runs there of " + siblings.Repository + " is not analysed; see what is missing in the environment"
	}
	return &crowsnest.Error{Kind: crowsnest.NotFound, Op: "compare with", Subject: environment, Hint: hint}
}
