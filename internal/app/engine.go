package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/unkept"
	"github.com/crowsnest-sec/crowsnest/internal/api/why"
	"github.com/crowsnest-sec/crowsnest/internal/config"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/inventory"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/delivery"
)

// engine is the way of an image from its source to its findings. The server's
// workers and the command line share it.
type engine struct {
	store     store.Store
	inspector inventory.Inspector
}

func newEngine(s store.Store, layers int, limits config.Limits) (*engine, error) {
	analyser, err := inventory.New(limitsOf(limits))
	if err != nil {
		return nil, err
	}
	return &engine{store: s, inspector: inventory.Inspector{Analyser: analyser, Layers: s, Parallel: layers}}, nil
}

// limitsOf returns the caps of an analysis: those that are set, and the default ones.
func limitsOf(set config.Limits) inventory.Limits {
	l := inventory.DefaultLimits()
	for to, n := range map[*int64]int64{
		&l.StoredBytes: set.StoredBytes, &l.UncompressedBytes: set.UncompressedBytes, &l.Ratio: set.Ratio, &l.Entries: set.Entries,
		&l.FileBytes: set.FileBytes, &l.ArchiveBytes: set.ArchiveBytes, &l.Packages: set.Packages, (*int64)(&l.Time): int64(set.Time),
	} {
		if n > 0 {
			*to = n
		}
	}
	l.PathLength, l.ArchiveDepth = cmp.Or(set.PathBytes, l.PathLength), cmp.Or(set.ArchiveDepth, l.ArchiveDepth)
	return l
}

// Stage tells what an analysis is doing; done and total count layers.
type Stage func(stage string, done, total int)

// analyse opens an image, looks into it unless its content is known, and matches
// what is new. A failure after the image was opened is recorded with the image. It goes by the name it is given, or else
// by that of its source.
func (e *engine) analyse(ctx context.Context, org store.OrgID, source, name string, opts image.Options, stage Stage) (crowsnest.Digest, error) {
	if stage == nil {
		stage = func(string, int, int) {}
	}
	stage("opening", 0, 0)
	img, err := image.Open(ctx, source, opts)
	if err != nil {
		return "", err
	}
	defer img.Close()
	tag := tagOf(source, img.Image)
	if name != "" {
		img.Name = name
	}
	held, err := e.store.Analyser(ctx, org, img.Digest)
	if err != nil {
		return img.Digest, storeFailure{err}
	}
	known, err := e.store.RecordImage(ctx, org, img.Image, tag, inventory.Version)
	if err == nil && delivery.Delivered(held) { // what is read here takes the place of what was delivered
		err = e.forgetStated(ctx, org, img.Digest)
	}
	if err != nil {
		return img.Digest, storeFailure{err}
	}
	stage("reading attestations", 0, 0)
	list, err := e.attestations(ctx, org, img)
	if err != nil {
		return img.Digest, err
	}
	if !known {
		analyser := inventory.Version
		analysis, err := e.inspector.Inspect(ctx, org, img.Image, img.OpenLayer, func(done, total int) { stage("analysing layers", done, total) })
		if crowsnest.KindOf(err) == crowsnest.TooLarge {
			if a, by, ok := attested(org, img.Image, list, err); ok {
				analysis, analyser, err = a, by, nil
			}
		}
		if err == nil {
			if len(list) == 0 { // where something is attested of an image, that counts alone, as with Docker Scout
				if err := e.keepStated(ctx, org, &analysis); err != nil {
					return img.Digest, storeFailure{err}
				}
			}
			analysis.Problems = append(analysis.Problems, img.Problems...)
			if err = e.store.SaveAnalysis(ctx, org, analysis, analyser); crowsnest.KindOf(err) == crowsnest.Unavailable {
				return img.Digest, storeFailure{err}
			}
		}
		if err != nil {
			// An analysis that was stopped has not failed; it is made again.
			if ctx.Err() == nil {
				if ferr := e.store.FailImage(ctx, org, img.Digest, crowsnest.KindOf(err), crowsnest.Reason(err)); ferr != nil {
					return img.Digest, storeFailure{ferr}
				}
			}
			return img.Digest, fmt.Errorf("analyse %s: %w", img.Name, err)
		}
	}
	stage("matching", 0, 0)
	if _, err = (advisory.Matcher{Store: e.store}).Run(ctx); err != nil {
		return img.Digest, storeFailure{err}
	}
	return img.Digest, nil
}

// storeFailure is an error that says nothing about the image: trying again later may help.
type storeFailure struct{ error }

func (f storeFailure) Unwrap() error { return f.error }

// tagOf returns what a registry reference named; other sources have no tags, and a
// reference by digest moves none.
func tagOf(source string, img crowsnest.Image) *store.Tag {
	if scheme, _ := image.ParseSource(source); scheme != image.SchemeRegistry || strings.Contains(img.Name, "@") {
		return nil
	}
	i := strings.LastIndex(img.Name, ":")
	if i < 0 || strings.Contains(img.Name[i:], "/") {
		return nil
	}
	target := img.Digest
	if img.Index != "" {
		target = img.Index
	}
	return &store.Tag{Repository: img.Name[:i], Name: img.Name[i+1:], Target: target}
}

// evaluate matches packages without keeping anything, and adds what run time saw of the image.
func (e *engine) evaluate(ctx context.Context, org store.OrgID, request wire.EvaluationRequest) (wire.CVEs, error) {
	target := request.Image
	target.ImageID = crowsnest.Digest(crowsnest.Text(string(target.ImageID)))
	packages := wire.Each(request.Packages, func(p crowsnest.PackageVersion) crowsnest.Package { return crowsnest.Package{PackageVersion: p} })
	rows, omissions, err := unkept.Find(ctx, e.store, org, crowsnest.Image{Name: target.Name, Digest: target.Digest, ImageID: target.ImageID}, packages, request.Environment)
	if err != nil {
		return wire.CVEs{}, err
	}
	threats, err := e.store.Threats(ctx, wire.Each(rows, func(r store.FindingRow) string { return r.Vulnerability }))
	if err != nil {
		return wire.CVEs{}, err
	}
	for i, r := range rows {
		rows[i].Threat = threats[r.Vulnerability]
	}
	feeds, err := e.store.Feeds(ctx)
	if err != nil {
		return wire.CVEs{}, err
	}
	omissions.ThreatData = store.ThreatDataOf(feeds)
	report := wire.NewCVEs(target, rows, omissions)
	if request.Explain {
		err = why.Reader{Store: e.store}.Explain(ctx, rows, &report)
	}
	return report, err
}

// fileOwners says which packages brought files of an image, by the results of its layers.
func (e *engine) fileOwners(ctx context.Context, org store.OrgID, key string, paths []string) ([]wire.FileOwner, error) {
	row, err := e.store.Image(ctx, org, key)
	if err != nil {
		return nil, err
	}
	missing := &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find owners of files in", Subject: row.Name, Hint: "analyse the image again", Err: errors.New("what was read of its layers is not held any more")}
	if row.Detail == nil || len(row.Detail.Layers) == 0 {
		return nil, missing
	}
	results, err := e.store.LayerResults(ctx, org, inventory.Version, row.Detail.Layers)
	if err != nil {
		return nil, err
	}
	layers := make([]*inventory.Layer, len(row.Detail.Layers))
	for i, l := range row.Detail.Layers {
		result, ok := results[l.DiffID]
		if !ok {
			return nil, missing
		}
		if layers[i], err = inventory.Decode(result); err != nil {
			return nil, err
		}
	}
	return wire.Each(inventory.FileOwners(layers, paths), func(f inventory.FileOwner) wire.FileOwner {
		return wire.FileOwner{Path: f.Path, Exists: f.Layer != "", Layer: f.Layer, Owners: wire.List(f.Owners), Later: f.Later}
	}), nil
}
