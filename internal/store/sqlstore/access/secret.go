package access

import (
	"context"
	"database/sql"
	"slices"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// sealedTables are the tables with a sealed secret in them: each has the columns id and secret.
var sealedTables = []string{"integration", "integration_api_token", "registry", "registry_hook"}

// SealedSecrets implements store.Secrets.
func (s *Store) SealedSecrets(ctx context.Context) ([]store.SealedSecret, error) {
	var all []store.SealedSecret
	for _, table := range sealedTables {
		list, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (store.SealedSecret, error) {
			v := store.SealedSecret{Kind: table}
			err := rows.Scan(&v.ID, &v.Sealed)
			return v, err
		}, `select id, secret from `+table+` where length(secret) > 0 order by id`)
		if err != nil {
			return nil, s.db.Error("list secrets", table, err)
		}
		all = append(all, list...)
	}
	return all, nil
}

// Reseal implements store.Secrets.
func (s *Store) Reseal(ctx context.Context, secret store.SealedSecret, sealed []byte) (done bool, err error) {
	if !slices.Contains(sealedTables, secret.Kind) {
		return false, s.db.Error("seal anew", secret.Kind, sql.ErrNoRows)
	}
	err = s.db.Write(ctx, "seal anew", secret.ID, func(tx *sql.Tx, _ int64) error {
		err := one(tx.ExecContext(ctx, `update `+secret.Kind+` set secret = $3 where id = $1 and secret = $2`, secret.ID, secret.Sealed, sealed))
		done = err == nil
		if err == sql.ErrNoRows {
			return nil
		}
		return err
	})
	return done, err
}
