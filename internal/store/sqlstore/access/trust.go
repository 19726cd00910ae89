package access

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// CreateTrust implements store.Trusts.
func (s *Store) CreateTrust(ctx context.Context, t store.Trust) (store.Trust, error) {
	t.ID, t.CreatedBy, t.RepositoryID, t.Used = sqldb.NewUUID(), store.ActorOf(ctx).Name, "", time.Time{}
	err := s.db.Write(ctx, "make trust", t.Name, func(tx *sql.Tx, now int64) error {
		t.Created = sqldb.Time(now)
		if _, err := tx.ExecContext(ctx, `insert into trust (id, organisation_id, name, issuer, repository, repository_id, ref, environment, scopes, life, created_by, created_at) values ($1, $2, $3, $4, $5, '', $6, $7, $8, $9, $10, $11)`,
			t.ID, t.Organisation, t.Name, t.Issuer, t.Repository, t.Ref, t.Environment, joinScopes(t.Scopes), t.Life.Microseconds(), t.CreatedBy, now); err != nil {
			return err
		}
		return Record(ctx, tx, now, t.Organisation, "trust.create", t.Name, map[string]string{
			"id": t.ID, "issuer": t.Issuer, "repository": t.Repository, "ref": t.Ref, "environment": t.Environment, "scopes": joinScopes(t.Scopes), "life": t.Life.String(),
		})
	})
	return t, err
}

const selectTrust = `select id, organisation_id, name, issuer, repository, repository_id, ref, environment, scopes, life, created_by, created_at, used_at from trust`

func scanTrust(row interface{ Scan(...any) error }) (store.Trust, error) {
	var t store.Trust
	var scopes string
	var life, created int64
	var used sql.NullInt64
	err := row.Scan(&t.ID, &t.Organisation, &t.Name, &t.Issuer, &t.Repository, &t.RepositoryID, &t.Ref, &t.Environment, &scopes, &life, &t.CreatedBy, &created, &used)
	t.Scopes, t.Life, t.Created, t.Used = splitScopes(scopes), time.Duration(life)*time.Microsecond, sqldb.Time(created), sqldb.NullTime(used)
	return t, err
}

func scanTrusts(rows *sql.Rows) (store.Trust, error) { return scanTrust(rows) }

// Trusts implements store.Trusts.
func (s *Store) Trusts(ctx context.Context, org store.OrgID) ([]store.Trust, error) {
	list, err := sqldb.Collect(ctx, s.db.Reader, scanTrusts, selectTrust+` where organisation_id = $1 order by name`, org)
	return list, s.db.Error("list trusts", "", err)
}

// TrustsOf implements store.Trusts.
func (s *Store) TrustsOf(ctx context.Context, issuer, repository string) ([]store.Trust, error) {
	list, err := sqldb.Collect(ctx, s.db.Reader, scanTrusts, selectTrust+` where issuer = $1 and repository = $2 order by created_at, id`, issuer, repository)
	return list, s.db.Error("list trusts", "", err)
}

// DeleteTrust implements store.Trusts.
func (s *Store) DeleteTrust(ctx context.Context, org store.OrgID, id string) error {
	return s.db.Write(ctx, "delete trust", id, func(tx *sql.Tx, now int64) error {
		var name string
		if err := tx.QueryRowContext(ctx, `delete from trust where organisation_id = $1 and id = $2 returning name`, org, id).Scan(&name); err != nil {
			return err
		}
		return Record(ctx, tx, now, org, "trust.delete", name, map[string]string{"id": id})
	})
}

// ExchangeToken implements store.Trusts.
func (s *Store) ExchangeToken(ctx context.Context, id string, job store.Job, scopes []crowsnest.Scope, hash []byte) (store.Token, error) {
	token := store.Token{ID: sqldb.NewUUID(), Name: job.Repository + "@" + job.Ref, Scopes: scopes}
	err := s.db.Write(ctx, "exchange token of", job.Repository, func(tx *sql.Tx, now int64) error {
		// The first job says which repository it is; whoever takes over its name later does not.
		t, err := scanTrust(tx.QueryRowContext(ctx, `update trust set used_at = $2, repository_id = case when repository_id = '' then $3 else repository_id end
			where id = $1 returning id, organisation_id, name, issuer, repository, repository_id, ref, environment, scopes, life, created_by, created_at, used_at`, id, now, job.RepositoryID))
		if err != nil {
			return err
		}
		if t.RepositoryID != job.RepositoryID {
			return &crowsnest.Error{Kind: crowsnest.Forbidden, Op: "exchange token of", Subject: job.Repository, Hint: "if it was made anew on purpose, delete the trust and make it again", Err: errors.New("it is another repository than the one first trusted, under the same name")}
		}
		token.Organisation, token.CreatedBy, token.Created, token.Expires = t.Organisation, t.Name, sqldb.Time(now), sqldb.Time(now).Add(t.Life)
		if _, err := tx.ExecContext(ctx, `insert into token (id, organisation_id, name, hash, scopes, created_by, created_at, expires_at, trust_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			token.ID, token.Organisation, token.Name, hash, joinScopes(scopes), token.CreatedBy, now, token.Expires.UnixMicro(), t.ID); err != nil {
			return err
		}
		as := store.WithActor(ctx, store.Actor{Kind: store.ActorToken, ID: token.ID, Name: token.Name, Address: store.ActorOf(ctx).Address})
		return Record(as, tx, now, t.Organisation, "token.exchange", token.Name, map[string]string{
			"trust": t.Name, "issuer": job.Issuer, "environment": job.Environment, "by": job.By, "run": job.Run, "commit": job.Commit, "scopes": joinScopes(scopes), "id": token.ID,
		})
	})
	return token, err
}
