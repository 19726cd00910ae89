package inventory

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"golang.org/x/sync/errgroup"
)

// OpenLayer opens layer i of an image as it is stored; see image.Image.OpenLayer.
type OpenLayer func(ctx context.Context, i int) (io.ReadCloser, error)

// Inspector analyses images, each layer once: what Layers holds for an organisation is not
// read again.
type Inspector struct {
	Analyser *Analyser
	Layers   store.Layers
	Parallel int // layers at a time; 0 is one
}

// Inspect returns what is in an image that an organisation brought. The results of layers read on the way are
// stored even when a later layer fails, so that trying again is cheap; the
// analysis itself is all or nothing. progress, if not nil, is told of layers done.
func (in Inspector) Inspect(ctx context.Context, org store.OrgID, img crowsnest.Image, open OpenLayer, progress func(done, total int)) (crowsnest.Analysis, error) {
	ids := make([]crowsnest.Digest, len(img.Layers))
	for i, l := range img.Layers {
		ids[i] = l.DiffID
	}
	known, err := in.Layers.LayerResults(ctx, org, Version, img.Layers)
	if err != nil {
		return crowsnest.Analysis{}, err
	}

	layers := make([]*Layer, len(img.Layers))
	todo := make(map[crowsnest.Digest][]int) // the same layer may come twice in an image
	var order []crowsnest.Digest
	for i, id := range ids {
		if b, ok := known[id]; ok {
			// A result that cannot be read is of an older build with the same version; the layer is read anew.
			if layers[i], err = Decode(b); err == nil && layers[i].DiffID() == id {
				continue
			}
		}
		if todo[id] == nil {
			order = append(order, id)
		}
		todo[id] = append(todo[id], i)
	}

	var mu sync.Mutex
	done := len(ids) - len(order)
	report := func(more int) {
		mu.Lock()
		defer mu.Unlock()
		if done += more; progress != nil {
			progress(done, len(ids))
		}
	}
	report(0)
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(max(in.Parallel, 1))
	for _, id := range order {
		group.Go(func() error {
			layer, err := in.layer(gctx, org, img, todo[id][0], open)
			if err != nil {
				return err
			}
			for _, i := range todo[id] {
				layers[i] = layer
			}
			report(1)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return crowsnest.Analysis{}, err
	}
	return Merge(img, layers), nil
}

func (in Inspector) layer(ctx context.Context, org store.OrgID, img crowsnest.Image, i int, open OpenLayer) (_ *Layer, err error) {
	defer func() { // a hostile layer must not end the process
		if v := recover(); v != nil {
			err = &crowsnest.Error{Kind: crowsnest.Corrupt, Op: "analyse layer", Subject: string(img.Layers[i].DiffID), Err: fmt.Errorf("panic: %v", v)}
		}
	}()
	if err := in.Analyser.Refuse(img.Layers[i]); err != nil { // nothing of it is fetched
		return nil, err
	}
	r, err := open(ctx, i)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	layer, err := in.Analyser.AnalyseLayer(ctx, img.Layers[i], r)
	if err != nil {
		return nil, err
	}
	// Read to the end: only there the stored blob's own digest is checked.
	if _, err := io.Copy(io.Discard, r); err != nil {
		return nil, err
	}
	b, err := layer.Encode()
	if err != nil {
		return nil, fmt.Errorf("encode layer result: %w", err)
	}
	return layer, in.Layers.SaveLayerResult(ctx, org, Version, img.Layers[i], b)
}
