// Package unkept matches packages that are not kept: those of an image that was analysed elsewhere.
package unkept

import (
	"context"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/match"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Store is what is asked.
type Store interface {
	Candidates(ctx context.Context, pending []store.Pending) (map[int64][]*crowsnest.Advisory, error)
	Watch(ctx context.Context, org store.OrgID, image crowsnest.Digest, environment string) (crowsnest.Watch, error)
	DecisionsInForce(ctx context.Context, org store.OrgID) ([]crowsnest.Decision, error)
	AdvisoryStatuses(ctx context.Context) ([]store.AdvisoryStatus, error)
}

// batch is of how many packages the advisories are in memory at a time.
const batch = 500

// Find returns the deciding findings of packages, the worst first, with what an environment, or any, is seen to use of the image and what is decided
// about it, and which advisories are missing and how old those are that are held. Of the image nothing else counts. Texts of packages are made fit to be asked for.
func Find(ctx context.Context, s Store, org store.OrgID, image crowsnest.Image, packages []crowsnest.Package, environment string) ([]store.FindingRow, store.Omissions, error) {
	var none store.Omissions
	watch, err := s.Watch(ctx, org, image.ImageID, environment)
	if err != nil {
		return nil, none, err
	}
	held, err := s.DecisionsInForce(ctx, org)
	if err != nil {
		return nil, none, err
	}
	statuses, err := s.AdvisoryStatuses(ctx)
	if err != nil {
		return nil, none, err
	}
	decisions, names := crowsnest.NewDecisions(held, time.Now()), []crowsnest.ImageReference{crowsnest.NewImageReference(image.Name, image.Digest, image.ImageID)}
	counted := make([]store.MissingAdvisories, len(packages))
	for i := range packages {
		p := &packages[i]
		for _, s := range []*string{&p.PURL, &p.Type, &p.Name, &p.Version, &p.Ecosystem, &p.Source, &p.SourceVersion} {
			*s = crowsnest.Text(*s)
		}
		counted[i] = store.MissingAdvisories{Ecosystem: p.Ecosystem, Type: p.Type, Packages: 1}
	}
	var rows []store.FindingRow
	for part := range slices.Chunk(packages, batch) {
		pending := make([]store.Pending, len(part))
		for i, p := range part {
			pending[i] = store.Pending{ID: int64(i), Package: p.PackageVersion}
		}
		candidates, err := s.Candidates(ctx, pending)
		if err != nil {
			return nil, none, err
		}
		for i, p := range part {
			result := match.Match(p.PackageVersion, candidates[int64(i)])
			for _, f := range result.Findings {
				if !f.Decides {
					continue
				}
				state := watch.InUse(p.PackageVersion)
				row := store.FindingRow{Finding: f, Package: p.PackageVersion, Locations: p.Locations, InUse: state, NotAffected: !watch.Affects(state), Update: result.Update}
				if d := decisions.Of(p.PURL, append([]string{f.Vulnerability, f.Advisory}, f.Aliases...)...).Suppress(names, environment); d != nil {
					row.Suppressed = d.Suppression()
				}
				rows = append(rows, row)
			}
		}
	}
	store.SortFindings(rows)
	return rows, store.Omissions{MissingAdvisories: store.WithoutAdvisories(counted, statuses), Advisories: store.AgesOf(counted, statuses)}, nil
}
