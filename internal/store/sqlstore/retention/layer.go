package retention

import (
	"context"
	"database/sql"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// layersAtOnce bounds the layers of one part: for each part the configurations of all images that stay are read.
const layersAtOnce = 20_000

// unneeded returns layers of an organisation that were read before a time and that no image of it
// has but those in gone, and those of the same age that one has.
func (s *Store) unneeded(ctx context.Context, q sqldb.Querier, org store.OrgID, cutoff int64, gone map[int64]bool) (drop, keep []crowsnest.Layer, err error) {
	list, err := sqldb.Collect(ctx, q, func(rows *sql.Rows) (l crowsnest.Layer, err error) {
		return l, rows.Scan(&l.Digest, &l.DiffID)
	}, `select digest, diff_id from layer_blob where organisation_id = $1 and used_at < $2 order by used_at, digest, diff_id limit $3`, org, cutoff, layersAtOnce)
	if err != nil || len(list) == 0 {
		return nil, nil, err
	}
	needed := make(map[crowsnest.Digest]bool, len(list))
	for _, l := range list {
		needed[l.DiffID] = false
	}
	rows, err := q.QueryContext(ctx, `select c.image_id, c.config from image as i join image_config as c on c.image_id = i.id where i.organisation_id = $1`, org)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var text string
		if err := rows.Scan(&id, &text); err != nil {
			return nil, nil, err
		}
		if gone[id] {
			continue
		}
		var config struct {
			Layers []crowsnest.Layer `json:"layers"`
		}
		if err := sqldb.FromJSON(text, &config); err != nil {
			return nil, nil, err
		}
		for _, l := range config.Layers {
			if _, asked := needed[l.DiffID]; asked {
				needed[l.DiffID] = true
			}
		}
	}
	for _, l := range list {
		if needed[l.DiffID] {
			keep = append(keep, l)
		} else {
			drop = append(drop, l)
		}
	}
	return drop, keep, rows.Err()
}

// removeLayers removes results of layers that no image of the organisation has, but for those that another
// organisation has read: whatever that one decided, it is its own decision.
func (s *Store) removeLayers(ctx context.Context, tx *sql.Tx, w *work) (bool, error) {
	drop, keep, err := s.unneeded(ctx, tx, w.org, before(w.now, w.ages.Images), nil)
	if err != nil {
		return false, err
	}
	// What is needed is not asked about again before it is old once more.
	for _, l := range keep {
		if _, err := tx.ExecContext(ctx, `update layer_blob set used_at = $1 where organisation_id = $2 and digest = $3 and diff_id = $4`, w.now, w.org, l.Digest, l.DiffID); err != nil {
			return false, err
		}
	}
	for _, l := range drop {
		if _, err := tx.ExecContext(ctx, `delete from layer_blob where organisation_id = $1 and digest = $2 and diff_id = $3`, w.org, l.Digest, l.DiffID); err != nil {
			return false, err
		}
		n, bytes, err := deleted(ctx, tx, `delete from layer_result where diff_id = $1 and not exists (select 1 from layer_blob as b where b.diff_id = $1) returning length(result)`, l.DiffID)
		if err != nil {
			return false, err
		}
		w.Removed.Layers += n
		w.Removed.Bytes += bytes
	}
	return len(drop)+len(keep) == layersAtOnce, nil
}
