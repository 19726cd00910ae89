package retention

import (
	"context"
	"database/sql"
	"errors"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// layersAtOnce bounds the layers of one plan: for each the configurations of all images that stay are read.
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

// plan is what is to be done about the layers of an organisation. It is made outside of the transactions that do it,
// since it takes as long as reading the configurations of all images, and can be lost at any time.
type plan struct {
	run        string
	drop, keep []crowsnest.Layer
	last       bool // there were no more
}

// planLayers makes a plan if the run of the organisation needs one.
func (s *Store) planLayers(ctx context.Context, org store.OrgID) error {
	r, err := scanRun(s.db.Reader.QueryRowContext(ctx, `select `+runColumns+` from retention_run where organisation_id = $1 and finished_at is null`, org))
	if errors.Is(err, sql.ErrNoRows) || err == nil && r.phase != removingLayers {
		return nil
	}
	if err != nil {
		return err
	}
	if s.planned(org, r.ID) {
		return nil
	}
	ages, err := readRetention(ctx, s.db.Reader, org)
	if err != nil {
		return err
	}
	p := &plan{run: r.ID}
	if p.drop, p.keep, err = s.unneeded(ctx, s.db.Reader, org, before(s.db.Now(), ages.Images), nil); err != nil {
		return err
	}
	p.last = len(p.drop)+len(p.keep) < layersAtOnce
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plans[org] = p
	return nil
}

// planned says whether there is a plan of a run with something left to do. Calls that share a run share its plan.
func (s *Store) planned(org store.OrgID, run string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.plans[org]
	return p != nil && p.run == run && len(p.drop)+len(p.keep) > 0
}

// take takes a part of the plan of a run, and says whether that was all there is to do. What is taken and
// then not done is found again by the next plan.
func (s *Store) take(org store.OrgID, run string) (drop, keep []crowsnest.Layer, last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.plans[org]
	if p == nil || p.run != run {
		return nil, nil, false // the run came here since; the next call has one
	}
	n := min(rowsAtOnce, len(p.drop))
	drop, p.drop = p.drop[:n], p.drop[n:]
	n = min(rowsAtOnce, len(p.keep))
	keep, p.keep = p.keep[:n], p.keep[n:]
	last = p.last && len(p.drop)+len(p.keep) == 0
	if len(p.drop)+len(p.keep) == 0 {
		delete(s.plans, org)
	}
	return drop, keep, last
}

// removeLayers removes results of layers that no image of the organisation has, but for those that another
// organisation has read: whatever that one decided, it is its own decision.
func (s *Store) removeLayers(ctx context.Context, tx *sql.Tx, w *work) (bool, error) {
	drop, keep, last := s.take(w.org, w.ID)
	cutoff := before(w.now, w.ages.Images)
	// What is needed is not asked about again before it is old once more.
	for _, l := range keep {
		if _, err := tx.ExecContext(ctx, `update layer_blob set used_at = $1 where organisation_id = $2 and digest = $3 and diff_id = $4`, w.now, w.org, l.Digest, l.DiffID); err != nil {
			return false, err
		}
	}
	for _, l := range drop {
		// One that was read meanwhile is needed.
		if _, err := tx.ExecContext(ctx, `delete from layer_blob where organisation_id = $1 and digest = $2 and diff_id = $3 and used_at < $4`, w.org, l.Digest, l.DiffID, cutoff); err != nil {
			return false, err
		}
		n, bytes, err := deleted(ctx, tx, `delete from layer_result where diff_id = $1 and not exists (select 1 from layer_blob as b where b.diff_id = $1) returning length(result)`, l.DiffID)
		if err != nil {
			return false, err
		}
		w.Removed.Layers += n
		w.Removed.Bytes += bytes
	}
	return !last, nil
}
