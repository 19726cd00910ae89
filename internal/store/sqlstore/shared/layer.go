package shared

import (
	"context"
	"database/sql"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// LayerResults implements store.Layers.
func (s *Store) LayerResults(ctx context.Context, analyser string, diffIDs []crowsnest.Digest) (map[crowsnest.Digest][]byte, error) {
	found := make(map[crowsnest.Digest][]byte, len(diffIDs))
	err := sqldb.CollectIn(ctx, s.db, s.db.Reader, diffIDs, []any{analyser}, func(in string) string {
		return `select diff_id, result from layer_result where analyser = $1 and diff_id in ` + in
	}, func(rows *sql.Rows) error {
		var id crowsnest.Digest
		var result []byte
		err := rows.Scan(&id, &result)
		found[id] = result
		return err
	})
	return found, s.db.Error("read layer results", "", err)
}

// SaveLayerResult implements store.Layers.
func (s *Store) SaveLayerResult(ctx context.Context, analyser string, diffID crowsnest.Digest, result []byte) error {
	return s.db.Write(ctx, "store layer result", string(diffID), func(tx *sql.Tx, now int64) error {
		_, err := tx.ExecContext(ctx, `insert into layer_result (diff_id, analyser, result, created_at) values ($1, $2, $3, $4) on conflict (diff_id, analyser) do update set result = excluded.result`,
			diffID, analyser, result, now)
		return err
	})
}
