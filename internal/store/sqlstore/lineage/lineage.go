// Package lineage tells what images are built on: of one image, and of all of an organisation at once. Both decide by the
// same rules, from what the one reads by queries and the other all together.
package lineage

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Store implements store.BaseImages.
type Store struct {
	db   *sqldb.DB
	used Used

	mu   sync.Mutex
	kept map[store.OrgID]family
}

var _ store.BaseImages = (*Store)(nil)

// Used says of vulnerable package versions, by number, what run time saw of them in what runs in an organisation, or in one
// environment unless that is 0. What nothing watches is not in it.
type Used func(ctx context.Context, org store.OrgID, environment int64) (map[int64]crowsnest.InUse, error)

// New returns the part of the store that reads what db holds.
func New(db *sqldb.DB, used Used) *Store {
	return &Store{db: db, used: used, kept: make(map[store.OrgID]family)}
}

// Image is what the base of an image is decided by.
type Image struct {
	ID     int64
	Labels map[string]string
	Layers []crowsnest.Layer // lowest first; only their diff IDs count
}

// Base returns what one of the organisation's images is built on; nil if that is not known.
func (s *Store) Base(ctx context.Context, org store.OrgID, img Image) (*crowsnest.Base, error) {
	return decide(ctx, queries{s.db, org}, img)
}

// maxAsked is up to how many images are looked up one by one: of more, it takes less time to read all once.
const maxAsked = 50

// Bases returns what Base does of several images, by image; those of which it is not known are not in it. What it returns is shared
// and must not be changed.
func (s *Store) Bases(ctx context.Context, org store.OrgID, images []Image) (map[int64]*crowsnest.Base, error) {
	out := make(map[int64]*crowsnest.Base, len(images))
	if len(images) > maxAsked {
		all, err := s.family(ctx, org)
		for _, img := range images {
			if base := all.bases[img.ID]; base != nil {
				out[img.ID] = base
			}
		}
		return out, err
	}
	for _, img := range images {
		base, err := s.Base(ctx, org, img)
		if err != nil {
			return nil, err
		}
		if base != nil {
			out[img.ID] = base
		}
	}
	return out, nil
}

// shelf is where images of an organisation are looked up.
type shelf interface {
	// topped finds the analysed images with a tag whose topmost layer is one of these.
	topped(ctx context.Context, tops []crowsnest.Digest) ([]candidate, error)
	// layers returns those of an image.
	layers(ctx context.Context, image int64) ([]crowsnest.Layer, error)
	// named finds the images that a digest names, of which an index may name several.
	named(ctx context.Context, digest crowsnest.Digest, like int64) ([]namesake, error)
	// stated returns what provenance of an image says that it may be built on, by statement.
	stated(ctx context.Context, image int64) ([][]crowsnest.ImageName, error)
}

// namesake is an image that a digest names.
type namesake struct {
	layers []crowsnest.Layer
	like   bool // it is for the platform of the image that is asked for
}

// candidate is an image that ends with one of the layers that are asked for, by one of its tags.
type candidate struct {
	image           int64
	digest          crowsnest.Digest
	layers          int
	top             crowsnest.Digest
	repository, tag string
	moved           bool // the tag names another image now
	opened          int64
}

// compare puts first what is rather the base: more layers, then a tag that is still its, then
// the one it had first.
func (c candidate) compare(d candidate) int {
	moved := func(c candidate) int {
		if c.moved {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(d.layers, c.layers), moved(c)-moved(d), cmp.Compare(c.opened, d.opened),
		strings.Compare(c.repository, d.repository), strings.Compare(c.tag, d.tag), strings.Compare(string(c.digest), string(d.digest)))
}

// decide returns what an image is built on: what provenance says, then what its labels say, then the image that it begins with.
func decide(ctx context.Context, from shelf, img Image) (*crowsnest.Base, error) {
	if base, err := byProvenance(ctx, from, img); err != nil || base != nil {
		return base, err
	}
	name, digest := img.Labels[crowsnest.LabelBaseName], crowsnest.Digest(img.Labels[crowsnest.LabelBaseDigest])
	if cmp.Or(name, string(digest)) == "" {
		return byLayers(ctx, from, img.Layers)
	}
	n, _, err := lowest(ctx, from, img, digest)
	return &crowsnest.Base{By: crowsnest.BaseByLabel, Name: name, Digest: digest, Layers: n}, err
}

// byProvenance returns the image that an attestation of the build names. Where the statement leaves open which of several
// it is, or names one whose layers are known here and are not the first of these, the layers decide.
func byProvenance(ctx context.Context, from shelf, img Image) (*crowsnest.Base, error) {
	statements, err := from.stated(ctx, img.ID)
	if err != nil {
		return nil, err
	}
	for _, candidates := range statements {
		var best *crowsnest.Base
		for _, c := range candidates {
			n, known, err := lowest(ctx, from, img, c.Digest)
			if err != nil {
				return nil, err
			}
			if n > 0 && (best == nil || n > best.Layers) || !known && len(candidates) == 1 {
				best = &crowsnest.Base{By: crowsnest.BaseByProvenance, Name: c.Name, Digest: c.Digest, Layers: n}
			}
		}
		if best != nil {
			return best, nil
		}
	}
	return nil, nil
}

// byLayers finds the analysed image with a tag whose layers are the longest beginning of
// these. It is looked for by its topmost layer, and then compared with all.
func byLayers(ctx context.Context, from shelf, layers []crowsnest.Layer) (*crowsnest.Base, error) {
	if len(layers) < 2 {
		return nil, nil
	}
	tops := make([]crowsnest.Digest, len(layers)-1)
	for i := range tops {
		tops[i] = layers[i].DiffID
	}
	found, err := from.topped(ctx, tops)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(c candidate) bool {
		return c.layers <= 0 || c.layers >= len(layers) || layers[c.layers-1].DiffID != c.top
	})
	slices.SortFunc(found, candidate.compare)
	fits := make(map[int64]bool)
	for _, c := range found {
		if _, compared := fits[c.image]; !compared {
			base, err := from.layers(ctx, c.image)
			if err != nil {
				return nil, err
			}
			fits[c.image] = len(base) > 0 && common(base, layers) == len(base)
		}
		if fits[c.image] {
			return &crowsnest.Base{By: crowsnest.BaseByLayers, Name: c.repository + ":" + c.tag, Digest: c.digest, Layers: c.layers}, nil
		}
	}
	return nil, nil
}

// lowest returns how many of the lowest of an image's layers are those of the one that the digest names; 0 if none fits.
// known tells whether the organisation has the one for the image's platform.
func lowest(ctx context.Context, from shelf, img Image, base crowsnest.Digest) (most int, known bool, err error) {
	list, err := from.named(ctx, base, img.ID)
	for _, l := range list {
		known = known || l.like
		if n := common(l.layers, img.Layers); n == len(l.layers) {
			most = max(most, n)
		}
	}
	return most, known, err
}

// common returns with how many of the same layers two images begin.
func common(a, b []crowsnest.Layer) int {
	n := 0
	for n < len(a) && n < len(b) && a[n].DiffID == b[n].DiffID {
		n++
	}
	return n
}
