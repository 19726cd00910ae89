package advice

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/match"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// maxLayers bounds what is told of an image that is not kept.
const maxLayers = 4_096

// Sent is an image that is not kept, and what is asked of it.
type Sent struct {
	Image    wire.Target         `json:"image"`
	Layers   []crowsnest.Digest  `json:"layers" maxItems:"4096" doc:"Their diff IDs, lowest first, by which its base is known"`
	Labels   map[string]string   `json:"labels,omitempty" doc:"Of its configuration: some name the base"`
	Packages []crowsnest.Package `json:"packages" maxItems:"200000" doc:"With the layer of each place, to tell what the base brought"`
	Question
}

// OfSent answers a question about an image that is not kept: by its layers and labels the bases are found that the organisation knows, and by its packages
// what to upgrade. The answer depends on nothing that is known of an image of that name or digest but decisions and what is in use.
func (r Reader) OfSent(ctx context.Context, org store.OrgID, in Sent) (Recommendations, error) {
	clean(&in)
	findings, omissions, err := r.matched(ctx, org, in)
	if err != nil {
		return Recommendations{}, err
	}
	layers := make([]crowsnest.Layer, min(len(in.Layers), maxLayers))
	for i := range layers {
		layers[i].DiffID = in.Layers[i]
	}
	about := asked{target: in.Image, layers: layers, platform: in.Image.Platform}
	if about.base, err = r.Store.BaseOf(ctx, org, in.Labels, layers); err != nil {
		return Recommendations{}, err
	}
	return r.answer(ctx, org, about, findings, omissions, in.Tag)
}

// clean makes texts fit to be asked for and told.
func clean(in *Sent) {
	for _, s := range []*string{&in.Image.Name, &in.Image.Platform, (*string)(&in.Image.Digest), (*string)(&in.Image.ImageID)} {
		*s = crowsnest.Text(*s)
	}
	for i := range in.Layers {
		in.Layers[i] = crowsnest.Digest(crowsnest.Text(string(in.Layers[i])))
	}
	labels := make(map[string]string, len(in.Labels))
	for name, value := range maps.All(in.Labels) {
		labels[crowsnest.Text(name)] = crowsnest.Text(value)
	}
	in.Labels = labels
	for i := range in.Packages {
		p := &in.Packages[i]
		for _, s := range []*string{&p.PURL, &p.Type, &p.Name, &p.Version, &p.Ecosystem, &p.Source, &p.SourceVersion} {
			*s = crowsnest.Text(*s)
		}
	}
}

// matched returns the deciding findings of packages that are not kept, with those that count, and what is missing of them.
func (r Reader) matched(ctx context.Context, org store.OrgID, in Sent) ([]store.FindingRow, store.Omissions, error) {
	var none store.Omissions
	watch, err := r.Store.Watch(ctx, org, in.Image.ImageID, in.Environment)
	if err != nil {
		return nil, none, err
	}
	held, err := r.Store.DecisionsInForce(ctx, org)
	if err != nil {
		return nil, none, err
	}
	statuses, err := r.Store.AdvisoryStatuses(ctx)
	if err != nil {
		return nil, none, err
	}
	decisions, names := crowsnest.NewDecisions(held, time.Now()), []crowsnest.ImageReference{crowsnest.NewImageReference(in.Image.Name, in.Image.Digest, in.Image.ImageID)}
	counted := make([]store.MissingAdvisories, len(in.Packages))
	for i, p := range in.Packages {
		counted[i] = store.MissingAdvisories{Ecosystem: p.Ecosystem, Type: p.Type, Packages: 1}
	}
	var rows []store.FindingRow
	for part := range slices.Chunk(in.Packages, matchBatch) {
		pending := make([]store.Pending, len(part))
		for i, p := range part {
			pending[i] = store.Pending{ID: int64(i), Package: p.PackageVersion}
		}
		candidates, err := r.Store.Candidates(ctx, pending)
		if err != nil {
			return nil, none, err
		}
		for i, p := range part {
			for _, f := range match.Match(p.PackageVersion, candidates[int64(i)]).Findings {
				if !f.Decides {
					continue
				}
				state := watch.InUse(p.PackageVersion)
				row := store.FindingRow{Finding: f, Package: p.PackageVersion, Locations: p.Locations, InUse: state, NotAffected: !watch.Affects(state)}
				if d := decisions.Of(p.PURL, append([]string{f.Vulnerability, f.Advisory}, f.Aliases...)...).Suppress(names, in.Environment); d != nil {
					row.Suppressed = d.Suppression()
				}
				rows = append(rows, row)
			}
		}
	}
	store.SortFindings(rows)
	return rows, store.Omissions{MissingAdvisories: store.WithoutAdvisories(counted, statuses)}, nil
}
