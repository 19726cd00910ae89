package sqlstore

import (
	"cmp"
	"context"
	"database/sql"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
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
	name, digest := config.Labels[crowsnest.LabelBaseName], crowsnest.Digest(config.Labels[crowsnest.LabelBaseDigest])
	if cmp.Or(name, string(digest)) == "" {
		return d, nil
	}
	d.Base = &crowsnest.Base{Name: name, Digest: digest}
	var err error
	d.Base.Layers, err = s.baseLayers(ctx, org, digest, d.Layers)
	return d, err
}

// baseLayers returns how many of the lowest of the layers are those of the image that the
// digest names, of which an index may name several; 0 if none fits or none is known.
func (s *Store) baseLayers(ctx context.Context, org store.OrgID, base crowsnest.Digest, layers []crowsnest.Layer) (int, error) {
	configs, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (c imageConfig, err error) {
		var text string
		if err = rows.Scan(&text); err == nil {
			err = sqldb.FromJSON(text, &c)
		}
		return c, err
	}, `select f.config from digest as d join alias as a on a.digest_id = d.id join image_config as f on f.image_id = a.image_id
		where d.organisation_id = $1 and d.digest = $2`, org, base)
	most := 0
	for _, c := range configs {
		n := 0
		for n < len(c.Layers) && n < len(layers) && c.Layers[n].DiffID == layers[n].DiffID {
			n++
		}
		if n == len(c.Layers) {
			most = max(most, n)
		}
	}
	return most, err
}
