package access

import (
	"context"
	"database/sql"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

const selectSession = `select id, person_id, organisation_id, address, agent, provider, created_at, used_at, deadline_at, expires_at from session`

func scanSession(row interface{ Scan(...any) error }) (store.Session, error) {
	var v store.Session
	var created, used, deadline, expires int64
	err := row.Scan(&v.ID, &v.Person, &v.Organisation, &v.Address, &v.Agent, &v.Provider, &created, &used, &deadline, &expires)
	v.Created, v.Used, v.Deadline, v.Expires = sqldb.Time(created), sqldb.Time(used), sqldb.Time(deadline), sqldb.Time(expires)
	return v, err
}

// Session implements store.Sessions.
func (s *Store) Session(ctx context.Context, hash string) (store.Session, error) {
	v, err := scanSession(s.db.Reader.QueryRowContext(ctx, selectSession+` where hash = $1 and expires_at > $2`, hash, s.db.Now()))
	return v, s.db.Error("find session", "", err)
}

// StartSession implements store.Sessions.
func (s *Store) StartSession(ctx context.Context, hash string, v store.Session) (store.Session, error) {
	v.ID = sqldb.NewUUID()
	err := s.db.Write(ctx, "start session", "", func(tx *sql.Tx, now int64) error {
		v.Created, v.Used = sqldb.Time(now), sqldb.Time(now)
		_, err := tx.ExecContext(ctx, `insert into session (hash, id, person_id, organisation_id, address, agent, provider, created_at, used_at, deadline_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			hash, v.ID, v.Person, v.Organisation, v.Address, crowsnest.Text(v.Agent), v.Provider, now, now, v.Deadline.UnixMicro(), v.Expires.UnixMicro())
		return err
	})
	return v, err
}

// TouchSession implements store.Sessions. It asks before it writes, since most uses follow
// the one before within the minute.
func (s *Store) TouchSession(ctx context.Context, hash string, expires time.Time) error {
	var due int
	if err := s.db.Reader.QueryRowContext(ctx, `select count(*) from session where hash = $1 and used_at <= $2`, hash, s.db.Now()-minute).Scan(&due); err != nil || due == 0 {
		return s.db.Error("note use of session", "", err)
	}
	s.note(ctx, `update session set used_at = $2, expires_at = $3 where hash = $1`, func(now int64) []any { return []any{hash, now, expires.UnixMicro()} })
	return nil
}

// EndSession implements store.Sessions.
func (s *Store) EndSession(ctx context.Context, hash string) error {
	return s.db.Write(ctx, "end session", "", func(tx *sql.Tx, _ int64) error {
		_, err := tx.ExecContext(ctx, `delete from session where hash = $1`, hash)
		return err
	})
}

// PersonSessions implements store.Sessions.
func (s *Store) PersonSessions(ctx context.Context, person store.PersonID) ([]store.Session, error) {
	list, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (store.Session, error) { return scanSession(rows) },
		selectSession+` where person_id = $1 and expires_at > $2 order by used_at desc, id desc`, person, s.db.Now())
	return list, s.db.Error("list sessions", "", err)
}

// EndPersonSession implements store.Sessions.
func (s *Store) EndPersonSession(ctx context.Context, person store.PersonID, id string) error {
	return s.db.Write(ctx, "end session", id, func(tx *sql.Tx, now int64) error {
		var org store.OrgID
		if err := tx.QueryRowContext(ctx, `delete from session where person_id = $1 and id = $2 returning organisation_id`, person, id).Scan(&org); err != nil {
			return err
		}
		return Record(ctx, tx, now, org, "session.end", id, nil)
	})
}

// endSessions ends all sessions of a person but the one kept.
func endSessions(ctx context.Context, tx *sql.Tx, person store.PersonID, keep string) error {
	_, err := tx.ExecContext(ctx, `delete from session where person_id = $1 and id <> $2`, person, keep)
	return err
}
