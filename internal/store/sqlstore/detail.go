package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/attestation"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// imageDetail reads what is known of one of the organisation's images beyond its row.
func (s *Store) imageDetail(ctx context.Context, org store.OrgID, id int64) (*store.ImageDetail, error) {
	var text, changes string
	if err := s.db.Reader.QueryRowContext(ctx, `select f.config, coalesce(c.changes, '') from image as i
		join image_config as f on f.image_id = i.id left join content as c on c.id = i.content_id
		where i.id = $1 and i.organisation_id = $2`, id, org).Scan(&text, &changes); err != nil {
		return nil, err
	}
	var config imageConfig
	if err := sqldb.FromJSON(text, &config); err != nil {
		return nil, err
	}
	d := &store.ImageDetail{Created: config.Created, User: config.User, Labels: config.Labels, Config: config.Config, Layers: config.Layers}
	if err := sqldb.FromJSON(changes, &d.Changes); err != nil {
		return nil, err
	}
	if len(d.Changes) != len(d.Layers) {
		d.Changes = nil
	}
	var err error
	d.Base, err = s.base(ctx, org, id, config)
	return d, err
}

// base returns the image that one is built on; nil if it is not known.
func (s *Store) base(ctx context.Context, org store.OrgID, id int64, config imageConfig) (*crowsnest.Base, error) {
	if base, err := s.baseByProvenance(ctx, org, id, config.Layers); err != nil || base != nil {
		return base, err
	}
	name, digest := config.Labels[crowsnest.LabelBaseName], crowsnest.Digest(config.Labels[crowsnest.LabelBaseDigest])
	if cmp.Or(name, string(digest)) == "" {
		return s.baseByLayers(ctx, org, config.Layers)
	}
	n, _, err := s.baseLayers(ctx, org, id, digest, config.Layers)
	return &crowsnest.Base{By: crowsnest.BaseByLabel, Name: name, Digest: digest, Layers: n}, err
}

// baseByProvenance returns the image that an attestation of the build names. Where the statement leaves open which of several
// it is, or names one whose layers are known here and are not the first of these, the layers decide.
func (s *Store) baseByProvenance(ctx context.Context, org store.OrgID, id int64, layers []crowsnest.Layer) (*crowsnest.Base, error) {
	statements, err := attestation.Bases(ctx, s.db, id)
	if err != nil {
		return nil, err
	}
	for _, candidates := range statements {
		var best *crowsnest.Base
		for _, c := range candidates {
			n, known, err := s.baseLayers(ctx, org, id, c.Digest, layers)
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

// baseCandidate is an image that ends with one of the layers that are asked for, by one of its tags.
type baseCandidate struct {
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
func (c baseCandidate) compare(d baseCandidate) int {
	moved := func(c baseCandidate) int {
		if c.moved {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(d.layers, c.layers), moved(c)-moved(d), cmp.Compare(c.opened, d.opened),
		strings.Compare(c.repository, d.repository), strings.Compare(c.tag, d.tag), strings.Compare(string(c.digest), string(d.digest)))
}

// baseByLayers finds the analysed image with a tag whose layers are the longest beginning of
// these. It is looked for by its topmost layer, and then compared with all.
func (s *Store) baseByLayers(ctx context.Context, org store.OrgID, layers []crowsnest.Layer) (*crowsnest.Base, error) {
	if len(layers) < 2 {
		return nil, nil
	}
	tops := make([]crowsnest.Digest, len(layers)-1)
	for i := range tops {
		tops[i] = layers[i].DiffID
	}
	var candidates []baseCandidate
	err := sqldb.CollectIn(ctx, s.db, s.db.Reader, tops, []any{org}, func(in string) string {
		return `select i.id, i.digest, i.layers, i.top_layer, t.repository, t.name, t.closed_at is not null, t.opened_at
			from image as i join alias as a on a.image_id = i.id join digest as d on d.id = a.digest_id
				join tag as t on t.organisation_id = i.organisation_id and t.target = d.digest
			where i.organisation_id = $1 and i.state = 'analysed' and i.top_layer <> '' and i.top_layer in ` + in
	}, func(rows *sql.Rows) error {
		var c baseCandidate
		err := rows.Scan(&c.image, &c.digest, &c.layers, &c.top, &c.repository, &c.tag, &c.moved, &c.opened)
		if 0 < c.layers && c.layers < len(layers) && layers[c.layers-1].DiffID == c.top {
			candidates = append(candidates, c)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(candidates, baseCandidate.compare)
	fits := make(map[int64]bool)
	for _, c := range candidates {
		if _, compared := fits[c.image]; !compared {
			if fits[c.image], err = s.beginsWith(ctx, layers, c.image); err != nil {
				return nil, err
			}
		}
		if fits[c.image] {
			return &crowsnest.Base{By: crowsnest.BaseByLayers, Name: c.repository + ":" + c.tag, Digest: c.digest, Layers: c.layers}, nil
		}
	}
	return nil, nil
}

// beginsWith reports whether layers begin with all those of an image.
func (s *Store) beginsWith(ctx context.Context, layers []crowsnest.Layer, image int64) (bool, error) {
	var text string
	if err := s.db.Reader.QueryRowContext(ctx, `select config from image_config where image_id = $1`, image).Scan(&text); err != nil {
		return false, err
	}
	var base imageConfig
	if err := sqldb.FromJSON(text, &base); err != nil {
		return false, err
	}
	return len(base.Layers) > 0 && common(base.Layers, layers) == len(base.Layers), nil
}

// common returns with how many of the same layers two images begin.
func common(a, b []crowsnest.Layer) int {
	n := 0
	for n < len(a) && n < len(b) && a[n].DiffID == b[n].DiffID {
		n++
	}
	return n
}

// baseLayers returns how many of the lowest of an image's layers are those of the one that the
// digest names, of which an index may name several; 0 if none fits. known tells whether the organisation has the one
// for the image's platform.
func (s *Store) baseLayers(ctx context.Context, org store.OrgID, id int64, base crowsnest.Digest, layers []crowsnest.Layer) (most int, known bool, err error) {
	configs, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (c imageConfig, err error) {
		var text string
		var fits bool
		if err = rows.Scan(&text, &fits); err == nil {
			err = sqldb.FromJSON(text, &c)
		}
		known = known || fits
		return c, err
	}, `select f.config, i.platform = o.platform from digest as d join alias as a on a.digest_id = d.id
		join image as i on i.id = a.image_id join image_config as f on f.image_id = i.id cross join image as o
		where d.organisation_id = $1 and d.digest = $2 and o.id = $3`, org, base, id)
	for _, c := range configs {
		if n := common(c.Layers, layers); n == len(c.Layers) {
			most = max(most, n)
		}
	}
	return most, known, err
}
