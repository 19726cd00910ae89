package access

import (
	"context"
	"database/sql"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

const (
	personColumns = `p.id, p.email, p.name, p.language, p.password, p.created_at, p.seen_at,
	case when exists (select 1 from identity as i where i.person_id = p.id) then 1 else 0 end`
	insertPerson     = `insert into person (id, email, name, language, password, created_at) values ($1, $2, $3, '', $4, $5)`
	insertMembership = `insert into membership (organisation_id, person_id, role, given, created_at) values ($1, $2, $3, $3, $4)`
)

// scanPerson scans personColumns and whatever follows them.
func scanPerson(row interface{ Scan(...any) error }, more ...any) (store.Credentials, error) {
	var c store.Credentials
	var created int64
	var seen sql.NullInt64
	var external int
	err := row.Scan(append([]any{&c.ID, &c.Email, &c.Name, &c.Language, &c.Password, &created, &seen, &external}, more...)...)
	c.HasPassword, c.External, c.Created, c.Seen = c.Password != "", external > 0, sqldb.Time(created), sqldb.NullTime(seen)
	return c, err
}

// Person implements store.People.
func (s *Store) Person(ctx context.Context, id store.PersonID) (store.Person, error) {
	c, err := scanPerson(s.db.Reader.QueryRowContext(ctx, `select `+personColumns+` from person as p where p.id = $1`, id))
	return c.Person, s.db.Error("find person", "", err)
}

// CredentialsByEmail implements store.People.
func (s *Store) CredentialsByEmail(ctx context.Context, email string) (store.Credentials, error) {
	c, err := scanPerson(s.db.Reader.QueryRowContext(ctx, `select `+personColumns+` from person as p where p.email = $1`, email))
	return c, s.db.Error("find person", email, err)
}

// ChangePerson implements store.People.
func (s *Store) ChangePerson(ctx context.Context, id store.PersonID, change store.PersonChange, keep string) error {
	return s.db.Write(ctx, "change person", "", func(tx *sql.Tx, now int64) error {
		var what []string
		for _, c := range []struct {
			name, stmt string
			value      *string
		}{
			{"name", `update person set name = $2 where id = $1`, change.Name},
			{"language", `update person set language = $2 where id = $1`, change.Language},
			{"password", `update person set password = $2 where id = $1`, change.Password},
		} {
			if c.value == nil {
				continue
			}
			if err := one(tx.ExecContext(ctx, c.stmt, id, *c.value)); err != nil {
				return err
			}
			what = append(what, c.name)
		}
		if change.Password != nil {
			if err := endSessions(ctx, tx, id, keep); err != nil {
				return err
			}
		}
		return recordForPerson(ctx, tx, now, id, "person.change", map[string]string{"changed": strings.Join(what, ", ")})
	})
}

// SignedIn implements store.People.
func (s *Store) SignedIn(ctx context.Context, org store.OrgID, person store.PersonID) error {
	return s.db.Write(ctx, "note sign-in", "", func(tx *sql.Tx, now int64) error {
		var email string
		if err := tx.QueryRowContext(ctx, `update person set seen_at = $3 where id = $2 and id in (select person_id from membership where organisation_id = $1) returning email`,
			org, person, now).Scan(&email); err != nil {
			return err
		}
		return Record(ctx, tx, now, org, "session.start", email, nil)
	})
}

const selectMembers = `select ` + personColumns + `, m.role, m.created_at, o.id, o.name
	from membership as m join person as p on p.id = m.person_id join organisation as o on o.id = m.organisation_id`

func scanMember(row interface{ Scan(...any) error }) (store.Membership, error) {
	var m store.Membership
	var joined int64
	c, err := scanPerson(row, &m.Role, &joined, &m.Organisation.ID, &m.Organisation.Name)
	m.Person, m.Joined = c.Person, sqldb.Time(joined)
	return m, err
}

func scanMembers(rows *sql.Rows) (store.Membership, error) { return scanMember(rows) }

// Members implements store.People.
func (s *Store) Members(ctx context.Context, org store.OrgID) ([]store.Membership, error) {
	list, err := sqldb.Collect(ctx, s.db.Reader, scanMembers, selectMembers+` where m.organisation_id = $1 order by p.email`, org)
	return list, s.db.Error("list people", "", err)
}

// Member implements store.People.
func (s *Store) Member(ctx context.Context, org store.OrgID, person store.PersonID) (store.Membership, error) {
	m, err := scanMember(s.db.Reader.QueryRowContext(ctx, selectMembers+` where m.organisation_id = $1 and m.person_id = $2`, org, person))
	return m, s.db.Error("find person", "", err)
}

// Memberships implements store.People.
func (s *Store) Memberships(ctx context.Context, person store.PersonID) ([]store.Membership, error) {
	list, err := sqldb.Collect(ctx, s.db.Reader, scanMembers, selectMembers+` where m.person_id = $1 order by o.name`, person)
	return list, s.db.Error("list organisations", "", err)
}

// Join implements store.People.
func (s *Store) Join(ctx context.Context, org store.OrgID, person store.PersonID, role crowsnest.Role) error {
	return s.db.Write(ctx, "join organisation", "", func(tx *sql.Tx, now int64) error {
		return s.join(ctx, tx, now, store.ActorOf(ctx), org, person, role)
	})
}

func (s *Store) join(ctx context.Context, tx *sql.Tx, now int64, actor store.Actor, org store.OrgID, person store.PersonID, role crowsnest.Role) error {
	var email string
	if err := tx.QueryRowContext(ctx, `select email from person where id = $1`, person).Scan(&email); err != nil {
		return err
	}
	raised := one(tx.ExecContext(ctx, insertMembership+` on conflict (organisation_id, person_id) do update set given = excluded.given,
		role = case when membership.role < excluded.role then excluded.role else membership.role end where membership.given < excluded.given`, org, person, role, now))
	if raised == sql.ErrNoRows {
		return nil // was granted that role, or a higher one
	}
	if raised != nil {
		return raised
	}
	if err := forgetResetLinks(ctx, tx, person); err != nil {
		return err
	}
	return recordAs(ctx, tx, now, actor, org, "person.join", email, map[string]string{"role": role.String()})
}

// forgetResetLinks is for people who join: an owner may make a link that resets the
// password of somebody who belongs to no other organisation. From now on that may not be so.
func forgetResetLinks(ctx context.Context, tx *sql.Tx, person store.PersonID) error {
	_, err := tx.ExecContext(ctx, `delete from link where person_id = $1 and kind = $2 and used_at is null`, person, store.ResetLink)
	return err
}

// memberForChange locks an organisation and returns a member's role and address. It
// refuses if the change would leave the organisation without an owner.
func (s *Store) memberForChange(ctx context.Context, tx *sql.Tx, org store.OrgID, person store.PersonID, next crowsnest.Role) (before crowsnest.Role, email string, err error) {
	var name string
	if err := tx.QueryRowContext(ctx, s.db.Choose(lockOrganisation), org).Scan(&name); err != nil {
		return 0, "", err
	}
	if err := tx.QueryRowContext(ctx, `select m.role, p.email from membership as m join person as p on p.id = m.person_id where m.organisation_id = $1 and m.person_id = $2`,
		org, person).Scan(&before, &email); err != nil {
		return 0, "", err
	}
	if before == crowsnest.Owner && next != crowsnest.Owner {
		if last, err := lastOwner(ctx, tx, org, person); err != nil {
			return 0, "", err
		} else if last {
			return 0, "", conflict("change the role of", email, "this is the last owner; make somebody else an owner first")
		}
	}
	return before, email, nil
}

// lastOwner reports whether an organisation has no owner but a person. The caller has locked it.
func lastOwner(ctx context.Context, tx *sql.Tx, org store.OrgID, person store.PersonID) (bool, error) {
	var others int
	err := tx.QueryRowContext(ctx, `select count(*) from membership where organisation_id = $1 and role = $2 and person_id <> $3`, org, crowsnest.Owner, person).Scan(&others)
	return others == 0, err
}

// SetRole implements store.People.
func (s *Store) SetRole(ctx context.Context, org store.OrgID, person store.PersonID, role crowsnest.Role) error {
	return s.db.Write(ctx, "change role", "", func(tx *sql.Tx, now int64) error {
		before, email, err := s.memberForChange(ctx, tx, org, person, role)
		if err != nil || before == role {
			return err
		}
		err = one(tx.ExecContext(ctx, `update membership set role = $3, given = $3 where organisation_id = $1 and person_id = $2 and derived <= $3`, org, person, role))
		if err == sql.ErrNoRows {
			return conflict("change the role of", email, "it follows from a group of the identity provider; change it there")
		}
		if err != nil {
			return err
		}
		return Record(ctx, tx, now, org, "person.role", email, map[string]string{"before": before.String(), "role": role.String()})
	})
}

// RemoveMember implements store.People.
func (s *Store) RemoveMember(ctx context.Context, org store.OrgID, person store.PersonID) error {
	return s.db.Write(ctx, "remove person", "", func(tx *sql.Tx, now int64) error {
		_, email, err := s.memberForChange(ctx, tx, org, person, crowsnest.NoRole)
		if err != nil {
			return err
		}
		if err := removeMember(ctx, tx, org, person); err != nil {
			return err
		}
		return Record(ctx, tx, now, org, "person.remove", email, nil)
	})
}

func removeMember(ctx context.Context, tx *sql.Tx, org store.OrgID, person store.PersonID) error {
	for _, stmt := range []string{
		`delete from membership where organisation_id = $1 and person_id = $2`,
		`delete from session where organisation_id = $1 and person_id = $2`,
		`delete from token where organisation_id = $1 and person_id = $2`,
		`delete from link where organisation_id = $1 and person_id = $2 and used_at is null`,
	} {
		if _, err := tx.ExecContext(ctx, stmt, org, person); err != nil {
			return err
		}
	}
	return nil
}
