package shared

import (
	"context"
	"database/sql"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// LayerResults implements store.Layers.
func (s *Store) LayerResults(ctx context.Context, org store.OrgID, analyser string, layers []crowsnest.Layer) (map[crowsnest.Digest][]byte, error) {
	blobs := make([]crowsnest.Digest, 0, len(layers))
	claimed := make(map[crowsnest.Layer]bool, len(layers))
	for _, l := range layers {
		if l.Digest != "" { // a source that keeps no blobs says nothing that could be known
			blobs = append(blobs, l.Digest)
			claimed[crowsnest.Layer{DiffID: l.DiffID, Digest: l.Digest}] = true
		}
	}
	found := make(map[crowsnest.Digest][]byte, len(layers))
	err := sqldb.CollectIn(ctx, s.db, s.db.Reader, blobs, []any{org, analyser}, func(in string) string {
		return `select b.digest, r.diff_id, r.result from layer_blob as b join layer_result as r on r.diff_id = b.diff_id
			where b.organisation_id = $1 and r.analyser = $2 and b.digest in ` + in
	}, func(rows *sql.Rows) error {
		var l crowsnest.Layer
		var result []byte
		err := rows.Scan(&l.Digest, &l.DiffID, &result)
		if claimed[l] {
			found[l.DiffID] = result
		}
		return err
	})
	return found, s.db.Error("read layer results", "", err)
}

// SaveLayerResult implements store.Layers.
func (s *Store) SaveLayerResult(ctx context.Context, org store.OrgID, analyser string, layer crowsnest.Layer, result []byte) error {
	return s.db.Write(ctx, "store layer result", string(layer.DiffID), func(tx *sql.Tx, now int64) error {
		if _, err := tx.ExecContext(ctx, `insert into layer_result (diff_id, analyser, result, created_at) values ($1, $2, $3, $4) on conflict (diff_id, analyser) do update set result = excluded.result`,
			layer.DiffID, analyser, result, now); err != nil || layer.Digest == "" {
			return err
		}
		_, err := tx.ExecContext(ctx, `insert into layer_blob (organisation_id, digest, diff_id, used_at) values ($1, $2, $3, $4)
			on conflict (organisation_id, digest, diff_id) do update set used_at = excluded.used_at`,
			org, layer.Digest, layer.DiffID, now)
		return err
	})
}
