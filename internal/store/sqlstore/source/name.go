package source

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// SaveAPIToken keeps the sealed second token of an integration, within the transaction that
// changes it: nil changes nothing, an empty one removes it. It is in a table of its own so that it is sealed anew with the others.
func SaveAPIToken(ctx context.Context, tx *sql.Tx, integrationID string, sealed []byte) error {
	switch {
	case sealed == nil:
		return nil
	case len(sealed) == 0:
		_, err := tx.ExecContext(ctx, `delete from integration_api_token where id = $1`, integrationID)
		return err
	}
	_, err := tx.ExecContext(ctx, `insert into integration_api_token (id, secret) values ($1, $2) on conflict (id) do update set secret = excluded.secret`, integrationID, sealed)
	return err
}

// SaveReportedNames implements store.ReportedNames. Of a name that stands already nothing is written.
func (s *Store) SaveReportedNames(ctx context.Context, integrationID string, names map[crowsnest.Digest]string, requests int, refused string) error {
	return s.db.Write(ctx, "save reported names", integrationID, func(tx *sql.Tx, now int64) error {
		var org store.OrgID
		if err := tx.QueryRowContext(ctx, `update integration set named_at = $2, names_refused = $3, requests = requests + $4 where id = $1 and deleted_at is null returning organisation_id`, integrationID, now, sqldb.NoNUL(refused), requests).Scan(&org); err != nil {
			return err
		}
		var rows [][]any
		if err := sqldb.CollectIn(ctx, s.db, tx, slices.Sorted(maps.Keys(names)), []any{org}, func(in string) string {
			return `select d.id, d.digest, coalesce(n.name, '') from digest as d left join reported_name as n on n.digest_id = d.id where d.organisation_id = $1 and d.digest in ` + in
		}, func(r *sql.Rows) error {
			var id int64
			var digest, known string
			err := r.Scan(&id, &digest, &known)
			if name := names[crowsnest.Digest(digest)]; name != known {
				rows = append(rows, []any{id, name})
			}
			return err
		}); err != nil {
			return err
		}
		return s.db.InsertRows(ctx, tx, `insert into reported_name (digest_id, name) values `, rows, ` on conflict (digest_id) do update set name = excluded.name`)
	})
}
