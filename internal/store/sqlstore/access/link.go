package access

import (
	"context"
	"database/sql"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// CreateLink implements store.Links.
func (s *Store) CreateLink(ctx context.Context, link store.Link, hash []byte) (store.Link, error) {
	link.ID, link.CreatedBy = sqldb.NewUUID(), store.ActorOf(ctx).Name
	err := s.db.Write(ctx, "make link", string(link.Kind), func(tx *sql.Tx, now int64) error {
		link.Created = sqldb.Time(now)
		if err := tx.QueryRowContext(ctx, s.db.Choose(lockOrganisation), link.Organisation.ID).Scan(&link.Organisation.Name); err != nil {
			return err
		}
		if link.Person != "" {
			if err := s.checkPersonOfLink(ctx, tx, &link); err != nil {
				return err
			}
		}
		if link.Kind == store.InvitationLink && link.Email != "" {
			if _, err := tx.ExecContext(ctx, `delete from link where organisation_id = $1 and kind = $2 and email = $3 and used_at is null`, link.Organisation.ID, link.Kind, link.Email); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `insert into link (id, hash, kind, organisation_id, person_id, email, role, created_by, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			link.ID, hash, link.Kind, link.Organisation.ID, null(link.Person), link.Email, link.Role, link.CreatedBy, now, link.Expires.UnixMicro()); err != nil {
			return err
		}
		return Record(ctx, tx, now, link.Organisation.ID, "link.create", link.Email, map[string]string{"kind": string(link.Kind), "role": link.Role.String()})
	})
	return link, err
}

// checkPersonOfLink fills in whom a link is for. A link that opens an account opens it in
// every organisation its person belongs to, so that an owner of one may make it only for
// people who belong to no other; who is at the machine may do anything anyway.
func (s *Store) checkPersonOfLink(ctx context.Context, tx *sql.Tx, link *store.Link) error {
	if err := tx.QueryRowContext(ctx, `select p.email, m.role from membership as m join person as p on p.id = m.person_id where m.organisation_id = $1 and m.person_id = $2`,
		link.Organisation.ID, link.Person).Scan(&link.Email, &link.Role); err != nil {
		return err
	}
	if store.ActorOf(ctx).Kind == store.ActorMachine {
		return nil
	}
	var external int
	if err := tx.QueryRowContext(ctx, `select count(*) from identity where person_id = $1`, link.Person).Scan(&external); err != nil {
		return err
	}
	if external > 0 {
		return conflict("make link for", link.Email, "the identity provider vouches for this person, who has no password here")
	}
	var others int
	if err := tx.QueryRowContext(ctx, `select count(*) from membership where person_id = $1 and organisation_id <> $2`, link.Person, link.Organisation.ID).Scan(&others); err != nil {
		return err
	}
	if others > 0 {
		return conflict("make link for", link.Email, "the person belongs to other organisations too; run crowsnest admin reset-password at the server")
	}
	return nil
}

const selectLink = `select l.id, l.kind, l.organisation_id, o.name, coalesce(l.person_id, ''), l.email, l.role, l.created_by, l.created_at, l.expires_at,
	case when exists (select 1 from person as p where p.email = l.email) then 1 else 0 end
	from link as l join organisation as o on o.id = l.organisation_id`

func scanLink(row interface{ Scan(...any) error }) (store.Link, error) {
	var l store.Link
	var created, expires int64
	var known int
	err := row.Scan(&l.ID, &l.Kind, &l.Organisation.ID, &l.Organisation.Name, &l.Person, &l.Email, &l.Role, &l.CreatedBy, &created, &expires, &known)
	l.Created, l.Expires, l.Known = sqldb.Time(created), sqldb.Time(expires), known > 0
	return l, err
}

// Invitations implements store.Links.
func (s *Store) Invitations(ctx context.Context, org store.OrgID) ([]store.Link, error) {
	list, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (store.Link, error) { return scanLink(rows) },
		selectLink+` where l.organisation_id = $1 and l.kind = $2 and l.used_at is null and l.expires_at > $3 order by l.created_at desc, l.id desc`, org, store.InvitationLink, s.db.Now())
	return list, s.db.Error("list invitations", "", err)
}

// RevokeInvitation implements store.Links.
func (s *Store) RevokeInvitation(ctx context.Context, org store.OrgID, id string) error {
	return s.db.Write(ctx, "revoke invitation", id, func(tx *sql.Tx, now int64) error {
		var email string
		if err := tx.QueryRowContext(ctx, `delete from link where organisation_id = $1 and kind = $2 and id = $3 and used_at is null returning email`, org, store.InvitationLink, id).Scan(&email); err != nil {
			return err
		}
		return Record(ctx, tx, now, org, "link.revoke", email, nil)
	})
}

const openLink = ` where l.hash = $1 and l.used_at is null and l.expires_at > $2`

// LinkByHash implements store.Links.
func (s *Store) LinkByHash(ctx context.Context, hash []byte) (store.Link, error) {
	l, err := scanLink(s.db.Reader.QueryRowContext(ctx, selectLink+openLink, hash, s.db.Now()))
	return l, s.db.Error("find link", "", err)
}

// HasPeople implements store.Links.
func (s *Store) HasPeople(ctx context.Context) (bool, error) {
	n, err := countPeople(ctx, s.db.Reader)
	return n > 0, s.db.Error("count people", "", err)
}

func countPeople(ctx context.Context, q sqldb.Querier) (n int, err error) {
	err = q.QueryRowContext(ctx, `select count(*) from person`).Scan(&n)
	return n, err
}

// RedeemLink implements store.Links.
func (s *Store) RedeemLink(ctx context.Context, hash []byte, r store.Redemption) (link store.Link, person store.PersonID, err error) {
	err = s.db.Write(ctx, "redeem link", "", func(tx *sql.Tx, now int64) error {
		// Who marks the link first has it; others wait here and then find it used.
		if err := one(tx.ExecContext(ctx, `update link set used_at = $2 where hash = $1 and used_at is null and expires_at > $2`, hash, now)); err != nil {
			return err
		}
		if link, err = scanLink(tx.QueryRowContext(ctx, selectLink+` where l.hash = $1`, hash)); err != nil {
			return err
		}
		if link.Email == "" {
			link.Email = r.Email
		}
		person, err = s.redeem(ctx, tx, now, link, r)
		if err != nil {
			return err
		}
		actor := store.Actor{Kind: store.ActorPerson, ID: string(person), Name: link.Email, Address: store.ActorOf(ctx).Address}
		return recordAs(ctx, tx, now, actor, link.Organisation.ID, "link.redeem", link.Email, map[string]string{"kind": string(link.Kind)})
	})
	return link, person, err
}

func (s *Store) redeem(ctx context.Context, tx *sql.Tx, now int64, link store.Link, r store.Redemption) (store.PersonID, error) {
	switch link.Kind {
	case store.SignInLink:
		return link.Person, nil
	case store.ResetLink:
		if _, err := tx.ExecContext(ctx, `update person set password = $2 where id = $1`, link.Person, r.Password); err != nil {
			return "", err
		}
		if _, err := tx.ExecContext(ctx, `delete from link where person_id = $1 and kind = $2 and used_at is null`, link.Person, link.Kind); err != nil {
			return "", err
		}
		return link.Person, endSessions(ctx, tx, link.Person, "")
	case store.FirstOwnerLink:
		var name string
		if err := tx.QueryRowContext(ctx, s.db.Choose(lockOrganisation), link.Organisation.ID).Scan(&name); err != nil {
			return "", err
		}
		if n, err := countPeople(ctx, tx); err != nil {
			return "", err
		} else if n > 0 {
			return "", conflict("make the first owner", "", "there is one already; sign in, or ask for an invitation")
		}
	}
	var id store.PersonID
	err := tx.QueryRowContext(ctx, `select id from person where email = $1`, link.Email).Scan(&id)
	switch {
	case err == sql.ErrNoRows && r.Password == "":
		return "", &crowsnest.Error{Kind: crowsnest.Invalid, Op: "redeem link", Hint: "choose a password"}
	case err == sql.ErrNoRows:
		id = store.PersonID(sqldb.NewUUID())
		if _, err := tx.ExecContext(ctx, insertPerson, id, link.Email, crowsnest.Text(r.Name), r.Password, now); err != nil {
			return "", err
		}
	case err != nil:
		return "", err
	case id != r.Person:
		return "", conflict("redeem link for", link.Email, "this person is known here: give the password of that account, or sign in first")
	}
	actor := store.Actor{Kind: store.ActorPerson, ID: string(id), Name: link.Email, Address: store.ActorOf(ctx).Address}
	return id, s.join(ctx, tx, now, actor, link.Organisation.ID, id, link.Role)
}
