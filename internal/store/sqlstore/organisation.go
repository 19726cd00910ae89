package sqlstore

import (
	"context"
	"database/sql"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// EnsureOrganisation implements store.Organisations.
func (s *Store) EnsureOrganisation(ctx context.Context, name string) (store.Organisation, error) {
	org := store.Organisation{Name: name}
	err := s.db.Write(ctx, "make organisation", name, func(tx *sql.Tx, now int64) error {
		if _, err := tx.ExecContext(ctx, `insert into organisation (id, name, created_at) values ($1, $2, $3) on conflict (name) do nothing`,
			sqldb.NewUUID(), name, now); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `select id from organisation where name = $1`, name).Scan(&org.ID)
	})
	return org, err
}

const insertToken = `insert into token (id, organisation_id, name, hash, created_at) values ($1, $2, $3, $4, $5)`

// CreateToken implements store.Organisations.
func (s *Store) CreateToken(ctx context.Context, org store.OrgID, name string, hash []byte) (store.Token, error) {
	token := store.Token{ID: sqldb.NewUUID(), Organisation: org, Name: name}
	err := s.db.Write(ctx, "store token", name, func(tx *sql.Tx, now int64) error {
		token.Created = sqldb.Time(now)
		_, err := tx.ExecContext(ctx, insertToken, token.ID, org, name, hash, now)
		return err
	})
	return token, err
}

// lockFirst makes two first starts agree on one token.
var lockFirst = sqldb.Text{
	SQLite:   `select count(*) from organisation`,
	Postgres: `select count(*) from (select id from organisation order by id for update) as locked`,
}

// CreateFirstToken implements store.Organisations.
func (s *Store) CreateFirstToken(ctx context.Context, org store.OrgID, name string, hash []byte) (created bool, err error) {
	err = s.db.Write(ctx, "store first token", name, func(tx *sql.Tx, now int64) error {
		created = false
		var n int
		if err := tx.QueryRowContext(ctx, s.db.Choose(lockFirst)).Scan(&n); err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, `select count(*) from token`).Scan(&n); err != nil || n > 0 {
			return err
		}
		created = true
		_, err := tx.ExecContext(ctx, insertToken, sqldb.NewUUID(), org, name, hash, now)
		return err
	})
	return created && err == nil, err
}

// TokenByHash implements store.Organisations.
func (s *Store) TokenByHash(ctx context.Context, hash []byte) (store.Token, error) {
	var t store.Token
	var created int64
	err := s.db.Reader.QueryRowContext(ctx, `select id, organisation_id, name, created_at from token where hash = $1`, hash).
		Scan(&t.ID, &t.Organisation, &t.Name, &created)
	t.Created = sqldb.Time(created)
	return t, s.db.Error("find token", "", err)
}
