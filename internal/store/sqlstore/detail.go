package sqlstore

import (
	"context"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/lineage"
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
	d.Base, err = s.Base(ctx, org, lineage.Image{ID: id, Labels: config.Labels, Layers: config.Layers})
	return d, err
}
