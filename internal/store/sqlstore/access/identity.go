package access

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// BeginSignIn implements store.SignIns.
func (s *Store) BeginSignIn(ctx context.Context, hash []byte, next string, life time.Duration) error {
	return s.db.Write(ctx, "begin sign-in", "", func(tx *sql.Tx, now int64) error {
		_, err := tx.ExecContext(ctx, `insert into sign_in (hash, next, expires_at) values ($1, $2, $3)`, hash, crowsnest.Text(next), now+life.Microseconds())
		return err
	})
}

// TakeSignIn implements store.SignIns.
func (s *Store) TakeSignIn(ctx context.Context, hash []byte) (next string, err error) {
	err = s.db.Write(ctx, "find sign-in", "", func(tx *sql.Tx, now int64) error {
		return tx.QueryRowContext(ctx, `delete from sign_in where hash = $1 and expires_at > $2 returning next`, hash, now).Scan(&next)
	})
	return next, err
}

// EnterExternal implements store.People.
func (s *Store) EnterExternal(ctx context.Context, id store.Identity, derived map[store.OrgID]crowsnest.Role) (person store.Person, err error) {
	err = s.db.Write(ctx, "sign in", id.Email, func(tx *sql.Tx, now int64) error {
		known, err := s.identify(ctx, tx, now, id)
		if err != nil {
			return err
		}
		person = known.Person
		ctx := store.WithActor(ctx, store.Actor{Kind: store.ActorPerson, ID: string(person.ID), Name: person.Email, Address: store.ActorOf(ctx).Address})
		if err := s.acceptInvitations(ctx, tx, now, person.ID, id.Email); err != nil {
			return err
		}
		if err := s.derive(ctx, tx, now, person, derived); err != nil {
			return err
		}
		if !known.fresh {
			return nil
		}
		var places int
		if err := tx.QueryRowContext(ctx, `select count(*) from membership where person_id = $1`, person.ID).Scan(&places); err != nil {
			return err
		}
		if places == 0 {
			return &crowsnest.Error{Kind: crowsnest.Forbidden, Op: "sign in", Hint: "ask an owner for an invitation", Err: errors.New("you belong to no organisation here")}
		}
		return nil
	})
	return person, err
}

// identified is the person behind an identity; fresh says that nobody knew the person before.
type identified struct {
	store.Person
	fresh bool
}

// identify finds the person of an identity, or ties the two together.
func (s *Store) identify(ctx context.Context, tx *sql.Tx, now int64, id store.Identity) (identified, error) {
	c, err := scanPerson(tx.QueryRowContext(ctx, `select `+personColumns+` from identity as known join person as p on p.id = known.person_id where known.provider = $1 and known.subject = $2`, id.Provider, id.Subject))
	if err != sql.ErrNoRows {
		return identified{Person: c.Person}, err
	}
	c, err = scanPerson(tx.QueryRowContext(ctx, `select `+personColumns+` from person as p where p.email = $1`, id.Email))
	fresh := err == sql.ErrNoRows
	switch {
	case fresh:
		c.ID, c.Email, c.Name = store.PersonID(sqldb.NewUUID()), id.Email, crowsnest.Text(id.Name)
		_, err = tx.ExecContext(ctx, insertPerson, c.ID, c.Email, c.Name, "", now)
	case err == nil:
		err = s.takeOver(ctx, tx, c, id)
	}
	if err != nil {
		return identified{}, err
	}
	if _, err := tx.ExecContext(ctx, `insert into identity (provider, subject, person_id, created_at) values ($1, $2, $3, $4)`, id.Provider, id.Subject, c.ID, now); err != nil {
		return identified{}, err
	}
	c.External, c.HasPassword, c.Created = true, false, sqldb.Time(now)
	if fresh {
		return identified{c.Person, true}, nil
	}
	as := store.WithActor(ctx, store.Actor{Kind: store.ActorPerson, ID: string(c.ID), Name: c.Email, Address: store.ActorOf(ctx).Address})
	return identified{Person: c.Person}, recordForPerson(as, tx, now, c.ID, "person.link", map[string]string{"provider": id.Provider, "subject": id.Subject})
}

// takeOver makes an account ready to be that of an identity with its address. Nobody
// proved so far that the address is theirs: whoever was given an invitation could choose
// the password and wait for its person to come.
func (s *Store) takeOver(ctx context.Context, tx *sql.Tx, c store.Credentials, id store.Identity) error {
	var others int
	if err := tx.QueryRowContext(ctx, `select count(*) from identity where person_id = $1 and provider = $2`, c.ID, id.Provider).Scan(&others); err != nil {
		return err
	}
	if others > 0 {
		return conflict("sign in", id.Email, "the e-mail address belongs to another account of the identity provider; if both are one person, run crowsnest admin unlink at the server")
	}
	if _, err := tx.ExecContext(ctx, `update person set password = '' where id = $1`, c.ID); err != nil {
		return err
	}
	if err := forgetResetLinks(ctx, tx, c.ID); err != nil {
		return err
	}
	return endSessions(ctx, tx, c.ID, "")
}

// ForgetIdentities implements store.People.
func (s *Store) ForgetIdentities(ctx context.Context, person store.PersonID) error {
	return s.db.Write(ctx, "forget identities of person", "", func(tx *sql.Tx, now int64) error {
		if err := one(tx.ExecContext(ctx, `delete from identity where person_id = $1`, person)); err != nil {
			return err
		}
		if err := endSessions(ctx, tx, person, ""); err != nil {
			return err
		}
		return recordForPerson(ctx, tx, now, person, "person.unlink", nil)
	})
}

// acceptInvitations makes a person a member where the address was invited.
func (s *Store) acceptInvitations(ctx context.Context, tx *sql.Tx, now int64, person store.PersonID, email string) error {
	links, err := sqldb.Collect(ctx, tx, func(rows *sql.Rows) (store.Link, error) { return scanLink(rows) },
		selectLink+` where l.email = $1 and l.kind = $2 and l.used_at is null and l.expires_at > $3 order by l.organisation_id, l.id`, email, store.InvitationLink, now)
	if err != nil {
		return err
	}
	for _, l := range links {
		err := one(tx.ExecContext(ctx, `update link set used_at = $2 where id = $1 and used_at is null`, l.ID, now))
		if err == sql.ErrNoRows {
			continue // redeemed at this moment in another way
		}
		if err != nil {
			return err
		}
		if err := s.join(ctx, tx, now, store.ActorOf(ctx), l.Organisation.ID, person, l.Role); err != nil {
			return err
		}
		if err := Record(ctx, tx, now, l.Organisation.ID, "link.redeem", email, map[string]string{"kind": string(l.Kind)}); err != nil {
			return err
		}
	}
	return nil
}

// derive gives a person the roles that follow from groups, in the organisations they
// name, and takes away those that followed before.
func (s *Store) derive(ctx context.Context, tx *sql.Tx, now int64, person store.Person, derived map[store.OrgID]crowsnest.Role) error {
	orgs, err := sqldb.Collect(ctx, tx, func(rows *sql.Rows) (org store.OrgID, err error) {
		err = rows.Scan(&org)
		return org, err
	}, `select organisation_id from membership where person_id = $1 and derived > 0`, person.ID)
	if err != nil {
		return err
	}
	orgs = slices.AppendSeq(orgs, maps.Keys(derived))
	slices.Sort(orgs) // one order for all, so that none waits for another in a circle
	for _, org := range slices.Compact(orgs) {
		if err := s.deriveIn(ctx, tx, now, person, org, derived[org]); err != nil {
			return err
		}
	}
	return nil
}

// deriveIn does it in one organisation, whose owners cannot change meanwhile.
func (s *Store) deriveIn(ctx context.Context, tx *sql.Tx, now int64, person store.Person, org store.OrgID, derived crowsnest.Role) error {
	var name string
	if err := tx.QueryRowContext(ctx, s.db.Choose(lockOrganisation), org).Scan(&name); err != nil {
		return err
	}
	var role, given, before crowsnest.Role // none where there is no membership
	err := tx.QueryRowContext(ctx, `select role, given, derived from membership where organisation_id = $1 and person_id = $2`, org, person.ID).Scan(&role, &given, &before)
	if err != nil && err != sql.ErrNoRows {
		return err
	}
	next := max(given, derived)
	if role == next && before == derived {
		return nil
	}
	detail := map[string]string{"before": role.String(), "role": next.String(), "by": "groups"}
	if role == crowsnest.Owner && next != crowsnest.Owner {
		last, err := lastOwner(ctx, tx, org, person.ID)
		if err != nil {
			return err
		}
		if last {
			return Record(ctx, tx, now, org, "person.keep-owner", person.Email, detail)
		}
	}
	if next == crowsnest.NoRole {
		if err := removeMember(ctx, tx, org, person.ID); err != nil {
			return err
		}
		return Record(ctx, tx, now, org, "person.remove", person.Email, detail)
	}
	if _, err := tx.ExecContext(ctx, `insert into membership (organisation_id, person_id, role, given, derived, created_at) values ($1, $2, $3, $4, $5, $6)
		on conflict (organisation_id, person_id) do update set role = excluded.role, derived = excluded.derived`, org, person.ID, next, given, derived, now); err != nil {
		return err
	}
	switch role {
	case next:
		return nil
	case crowsnest.NoRole:
		if err := forgetResetLinks(ctx, tx, person.ID); err != nil {
			return err
		}
		return Record(ctx, tx, now, org, "person.join", person.Email, detail)
	}
	return Record(ctx, tx, now, org, "person.role", person.Email, detail)
}
