package access

import (
	"context"
	"database/sql"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// CreateToken implements store.Tokens.
func (s *Store) CreateToken(ctx context.Context, token store.Token, hash []byte) (store.Token, error) {
	token.ID, token.CreatedBy = sqldb.NewUUID(), store.ActorOf(ctx).Name
	err := s.db.Write(ctx, "store token", token.Name, func(tx *sql.Tx, now int64) error {
		token.Created = sqldb.Time(now)
		kind := "organisation"
		if token.Person != "" {
			kind = "personal"
			if err := tx.QueryRowContext(ctx, `select p.email, m.role from membership as m join person as p on p.id = m.person_id where m.organisation_id = $1 and m.person_id = $2`,
				token.Organisation, token.Person).Scan(&token.Email, &token.Role); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `insert into token (id, organisation_id, person_id, name, hash, scopes, created_by, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			token.ID, token.Organisation, null(token.Person), token.Name, hash, joinScopes(token.Scopes), token.CreatedBy, now, sqldb.Micros(token.Expires)); err != nil {
			return err
		}
		return Record(ctx, tx, now, token.Organisation, "token.create", token.Name, map[string]string{"kind": kind, "scopes": joinScopes(token.Scopes), "id": token.ID})
	})
	return token, err
}

func joinScopes(scopes []crowsnest.Scope) string {
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = string(s)
	}
	return strings.Join(words, " ")
}

func splitScopes(words string) (scopes []crowsnest.Scope) {
	for word := range strings.FieldsSeq(words) {
		scopes = append(scopes, crowsnest.Scope(word))
	}
	return scopes
}

const selectToken = `select t.id, t.organisation_id, coalesce(t.person_id, ''), coalesce(p.email, ''), coalesce(m.role, 0), t.name, t.scopes, t.created_by, t.created_at, t.expires_at, t.used_at
	from token as t left join person as p on p.id = t.person_id
	left join membership as m on m.person_id = t.person_id and m.organisation_id = t.organisation_id`

func scanToken(row interface{ Scan(...any) error }) (store.Token, error) {
	var t store.Token
	var scopes string
	var created int64
	var expires, used sql.NullInt64
	err := row.Scan(&t.ID, &t.Organisation, &t.Person, &t.Email, &t.Role, &t.Name, &scopes, &t.CreatedBy, &created, &expires, &used)
	t.Scopes = splitScopes(scopes)
	t.Created, t.Expires, t.Used = sqldb.Time(created), sqldb.NullTime(expires), sqldb.NullTime(used)
	return t, err
}

// Tokens implements store.Tokens.
func (s *Store) Tokens(ctx context.Context, org store.OrgID, person store.PersonID) ([]store.Token, error) {
	list, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (store.Token, error) { return scanToken(rows) },
		selectToken+` where t.organisation_id = $1 and ($2 = '' or t.person_id = $2) and t.revoked_at is null and (t.trust_id is null or t.expires_at > $3) order by t.created_at desc, t.id desc`, org, string(person), s.db.Now())
	return list, s.db.Error("list tokens", "", err)
}

// RevokeToken implements store.Tokens.
func (s *Store) RevokeToken(ctx context.Context, org store.OrgID, person store.PersonID, id string) error {
	return s.db.Write(ctx, "revoke token", id, func(tx *sql.Tx, now int64) error {
		var name string
		if err := tx.QueryRowContext(ctx, `update token set revoked_at = $4 where organisation_id = $1 and ($2 = '' or person_id = $2) and id = $3 and revoked_at is null returning name`,
			org, string(person), id, now).Scan(&name); err != nil {
			return err
		}
		return Record(ctx, tx, now, org, "token.revoke", name, map[string]string{"id": id})
	})
}

// UseToken implements store.Tokens.
func (s *Store) UseToken(ctx context.Context, hash []byte) (store.Token, error) {
	now := s.db.Now()
	t, err := scanToken(s.db.Reader.QueryRowContext(ctx, selectToken+` where t.hash = $1 and t.revoked_at is null and (t.expires_at is null or t.expires_at > $2)
		and (t.person_id is null or m.role is not null)`, hash, now))
	if err != nil {
		return store.Token{}, s.db.Error("find token", "", err)
	}
	if t.Used.IsZero() || t.Used.UnixMicro() <= now-minute {
		s.note(ctx, `update token set used_at = $2 where id = $1 and coalesce(used_at, 0) <= $3`, func(now int64) []any { return []any{t.ID, now, now - minute} })
	}
	return t, nil
}
