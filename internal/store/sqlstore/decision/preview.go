package decision

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// PreviewException implements decided.Decisions. It works out what is suppressed with the exception by what is asked for with every page, so
// that it cannot tell anything else than what will be.
func (s *Store) PreviewException(ctx context.Context, org store.OrgID, draft decided.Draft) (decided.Preview, error) {
	var out decided.Preview
	err := s.db.Snapshot(ctx, func(q sqldb.Querier) (err error) {
		out, err = s.preview(ctx, q, org, draft)
		return err
	})
	return out, s.db.Error("preview exception for", draft.Vulnerability, err)
}

// hit is a finding in an image.
type hit struct {
	Pair
	image int64
}

func (s *Store) preview(ctx context.Context, q sqldb.Querier, org store.OrgID, draft decided.Draft) (decided.Preview, error) {
	var out decided.Preview
	if _, err := environmentNumbers(ctx, q, org, draft.Scope.Environments); err != nil {
		return out, err
	}
	held, err := s.read(ctx, q, org, s.db.Now())
	if err != nil {
		return out, err
	}
	now := sqldb.Time(s.db.Now())
	alone := crowsnest.Decision{ID: "draft", Source: crowsnest.ByException, Vulnerability: draft.Vulnerability, Kind: draft.Kind, Scope: draft.Scope, Expires: draft.Expires}
	with := crowsnest.NewDecisions(append(slices.Clone(held), alone), now)
	without := crowsnest.NewDecisions(held, now)
	only := crowsnest.NewDecisions([]crowsnest.Decision{alone}, now)
	places := map[int64]bool{0: true}
	if len(draft.Scope.Environments) > 0 {
		names, err := environmentNames(ctx, q, org)
		if err != nil {
			return out, err
		}
		places = make(map[int64]bool)
		for id, name := range names {
			places[id] = slices.Contains(draft.Scope.Environments, name)
		}
	}
	found := make(map[hit]*Found)
	images := make(map[int64]bool)
	spared := make(map[int64][]crowsnest.ImageReference)
	already := make(map[hit]bool)
	for place, asked := range places {
		if !asked {
			continue
		}
		about, err := s.stand(ctx, q, org, place, only)
		if err != nil {
			return out, err
		}
		after, err := s.stand(ctx, q, org, place, with)
		if err != nil {
			return out, err
		}
		before, err := s.stand(ctx, q, org, place, without)
		if err != nil {
			return out, err
		}
		names, err := s.namesOf(ctx, q, org, versions(about))
		if err != nil {
			return out, err
		}
		for pair, f := range about.Found {
			out.Vulnerability = max(out.Vulnerability, pair.Vulnerability)
			for _, image := range f.Images {
				at := hit{pair, image}
				if b := before.Found[pair]; b != nil && b.By[image] != nil {
					already[at] = about.Found[pair].By[image] != nil || already[at]
					continue
				}
				if a := after.Found[pair]; a != nil && a.By[image] != nil {
					found[at], images[image] = f, true
					continue
				}
				if missing := uncovered(draft.Scope, names[image]); len(missing) > 0 && len(missing) < len(names[image]) {
					spared[image] = missing
				}
			}
		}
	}
	out.Findings, out.Images, out.Spared = len(found), len(images), len(spared)
	for _, is := range already {
		if is {
			out.Suppressed++
		}
	}
	return out, s.illustrate(ctx, q, org, found, spared, slices.Sorted(maps.Keys(images)), &out)
}

func versions(s *Standing) map[int64][]*Found {
	out := make(map[int64][]*Found)
	for _, f := range s.Found {
		out[f.Version] = append(out[f.Version], f)
	}
	return out
}

// uncovered returns the names that a scope is not about.
func uncovered(scope crowsnest.DecisionScope, names []crowsnest.ImageReference) []crowsnest.ImageReference {
	return slices.DeleteFunc(slices.Clone(names), scope.CoversImage)
}

// illustrate adds examples, and where the images run.
func (s *Store) illustrate(ctx context.Context, q sqldb.Querier, org store.OrgID, found map[hit]*Found, spared map[int64][]crowsnest.ImageReference, images []int64, out *decided.Preview) error {
	type known struct {
		name   string
		digest crowsnest.Digest
	}
	of := make(map[int64]known)
	if err := sqldb.CollectIn(ctx, s.db, q, slices.Concat(images, slices.Sorted(maps.Keys(spared))), []any{org}, func(in string) string {
		return `select id, name, digest from image where organisation_id = $1 and id in ` + in
	}, func(rows *sql.Rows) error {
		var id int64
		var k known
		err := rows.Scan(&id, &k.name, &k.digest)
		of[id] = k
		return err
	}); err != nil {
		return err
	}
	environments := make(map[string]bool)
	if err := sqldb.CollectIn(ctx, s.db, q, images, []any{org}, func(in string) string {
		return `select distinct e.name from alias as a cross join running as r cross join environment as e where a.image_id in ` + in + ` and r.digest_id = a.digest_id and e.id = r.environment_id and e.organisation_id = $1`
	}, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		environments[name] = true
		return err
	}); err != nil {
		return err
	}
	out.Environments = slices.Sorted(maps.Keys(environments))
	hits := slices.SortedFunc(maps.Keys(found), func(a, b hit) int {
		return cmp.Or(cmp.Compare(found[b].Severity, found[a].Severity), cmp.Compare(of[a.image].name, of[b.image].name), cmp.Compare(of[a.image].digest, of[b.image].digest), cmp.Compare(found[a].PURL, found[b].PURL))
	})
	for _, h := range hits[:min(len(hits), decided.MaxExamples)] {
		out.Examples = append(out.Examples, decided.Example{Image: of[h.image].name, Digest: of[h.image].digest, Vulnerability: h.Vulnerability, PURL: found[h].PURL, Severity: found[h].Severity})
	}
	left := slices.SortedFunc(maps.Keys(spared), func(a, b int64) int {
		return cmp.Or(cmp.Compare(of[a].name, of[b].name), cmp.Compare(of[a].digest, of[b].digest))
	})
	for _, image := range left[:min(len(left), decided.MaxExamples)] {
		out.SparedNames = append(out.SparedNames, decided.Spared{Image: of[image].name, Digest: of[image].digest, Names: written(spared[image])})
	}
	return nil
}

// written writes references without their digests.
func written(list []crowsnest.ImageReference) []string {
	var out []string
	for _, r := range list {
		if r.Tag != "" {
			r.Digests = nil
		} else if len(r.Digests) > 1 {
			r.Digests = r.Digests[:1]
		}
		out = append(out, r.String())
	}
	return out
}

// Suppressing returns what tells of findings of an image, shown in an environment or by itself, by which decision they are suppressed.
func (s *Store) Suppressing(ctx context.Context, q sqldb.Querier, org store.OrgID, digest crowsnest.Digest, environment string) (func(purl string, names []string) *crowsnest.Suppression, error) {
	none := func(string, []string) *crowsnest.Suppression { return nil }
	decisions, err := s.InForce(ctx, q, org)
	if err != nil || !decisions.Suppresses() {
		return none, err
	}
	image, err := s.named(ctx, q, org, digest)
	if err != nil {
		return none, err
	}
	references, err := s.References(ctx, q, org, []int64{image})
	return func(purl string, names []string) *crowsnest.Suppression {
		if d := decisions.Of(purl, names...).Suppress(references[image], environment); d != nil {
			return d.Suppression()
		}
		return nil
	}, err
}

// ImageDecisions implements decided.Decisions.
func (s *Store) ImageDecisions(ctx context.Context, org store.OrgID, image crowsnest.Digest) ([]decided.ImageDecision, error) {
	var out []decided.ImageDecision
	err := s.db.Snapshot(ctx, func(q sqldb.Querier) (err error) {
		out, err = s.ofImage(ctx, q, org, image)
		return err
	})
	return out, s.db.Error("list decisions about", string(image), err)
}

func (s *Store) ofImage(ctx context.Context, q sqldb.Querier, org store.OrgID, digest crowsnest.Digest) ([]decided.ImageDecision, error) {
	image, err := s.named(ctx, q, org, digest)
	if err != nil {
		return nil, err
	}
	held, err := s.read(ctx, q, org, s.db.Now())
	if err != nil || len(held) == 0 {
		return nil, err
	}
	refs, err := s.References(ctx, q, org, []int64{image})
	if err != nil {
		return nil, err
	}
	names := refs[image]
	type finding struct {
		purl  string
		names []string
		about crowsnest.Decisions
	}
	all := crowsnest.NewDecisions(held, sqldb.Time(s.db.Now()))
	var findings []finding
	if err := sqldb.Each(ctx, q, func(rows *sql.Rows) error {
		var vulnerability, advisory, text, purl string
		var aliases []string
		if err := rows.Scan(&vulnerability, &advisory, &text, &purl); err != nil {
			return err
		}
		err := sqldb.FromJSON(text, &aliases)
		f := finding{purl: purl, names: append(aliases, vulnerability, advisory)}
		if f.about = all.Of(purl, f.names...); !f.about.Empty() {
			findings = append(findings, f)
		}
		return err
	}, `select f.vulnerability, f.advisory_id, f.aliases, v.purl from image as i cross join content_set as cs cross join package_set_package as p cross join finding as f cross join package_version as v
		where i.id = $1 and cs.content_id = i.content_id and p.set_id = cs.set_id and f.package_version_id = p.package_version_id and f.closed_at is null and f.decides and v.id = p.package_version_id`, image); err != nil {
		return nil, err
	}
	var out []decided.ImageDecision
	for _, d := range held {
		row := decided.ImageDecision{Decision: d, Environments: d.Scope.Environments}
		var undecided []crowsnest.ImageReference
		var about []crowsnest.ImageReference
		for _, name := range names {
			if d.Scope.CoversImage(name) && (d.Within == nil || d.Within.CoversImage(name)) {
				about = append(about, name)
			} else {
				undecided = append(undecided, name)
			}
		}
		if len(about) == 0 {
			continue
		}
		one := crowsnest.NewDecisions([]crowsnest.Decision{d}, sqldb.Time(s.db.Now()))
		for _, f := range findings {
			if one.Of(f.purl, f.names...).Empty() {
				continue
			}
			row.Findings++
			environment := ""
			if len(d.Scope.Environments) > 0 {
				environment = d.Scope.Environments[0]
			}
			if f.about.Suppress(names, environment) != nil {
				row.Suppressed++
			}
		}
		if row.Findings > 0 {
			row.Names, row.Undecided = written(about), written(undecided)
			out = append(out, row)
		}
	}
	return out, nil
}
