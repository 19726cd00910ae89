package access

import (
	"context"
	"database/sql"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

const insertOrganisation = `insert into organisation (id, name, created_at) values ($1, $2, $3)`

// EnsureOrganisation implements store.Organisations.
func (s *Store) EnsureOrganisation(ctx context.Context, name string) (store.Organisation, error) {
	org := store.Organisation{Name: name}
	err := s.db.Write(ctx, "make organisation", name, func(tx *sql.Tx, now int64) error {
		if _, err := tx.ExecContext(ctx, insertOrganisation+` on conflict (name) do nothing`, sqldb.NewUUID(), name, now); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `select id from organisation where name = $1`, name).Scan(&org.ID)
	})
	return org, err
}

// FirstOrganisation implements store.Organisations. Two that start together make the same
// one, since its name is unique.
func (s *Store) FirstOrganisation(ctx context.Context, name string) (store.Organisation, error) {
	var org store.Organisation
	find := func() error {
		return s.db.Error("find organisation", "", s.db.Reader.QueryRowContext(ctx, `select id, name from organisation order by created_at, id limit 1`).Scan(&org.ID, &org.Name))
	}
	err := find()
	if err != nil && crowsnest.KindOf(err) == crowsnest.NotFound {
		if _, err = s.EnsureOrganisation(ctx, name); err == nil {
			err = find()
		}
	}
	return org, err
}

// Organisation implements store.Organisations.
func (s *Store) Organisation(ctx context.Context, id store.OrgID) (store.Organisation, error) {
	org := store.Organisation{ID: id}
	err := s.db.Reader.QueryRowContext(ctx, `select name from organisation where id = $1`, id).Scan(&org.Name)
	return org, s.db.Error("find organisation", "", err)
}

// OrganisationByName implements store.Organisations.
func (s *Store) OrganisationByName(ctx context.Context, name string) (store.Organisation, error) {
	org := store.Organisation{Name: name}
	err := s.db.Reader.QueryRowContext(ctx, `select id from organisation where name = $1`, name).Scan(&org.ID)
	return org, s.db.Error("find organisation", name, err)
}

// CreateOrganisation implements store.Organisations.
func (s *Store) CreateOrganisation(ctx context.Context, name string, owner store.PersonID) (store.Organisation, error) {
	org := store.Organisation{ID: store.OrgID(sqldb.NewUUID()), Name: name}
	err := s.db.Write(ctx, "make organisation", name, func(tx *sql.Tx, now int64) error {
		if _, err := tx.ExecContext(ctx, insertOrganisation, org.ID, name, now); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, insertMembership, org.ID, owner, crowsnest.Owner, now); err != nil {
			return err
		}
		return Record(ctx, tx, now, org.ID, "organisation.create", name, nil)
	})
	return org, err
}

// RenameOrganisation implements store.Organisations.
func (s *Store) RenameOrganisation(ctx context.Context, org store.OrgID, name string) error {
	return s.db.Write(ctx, "rename organisation", name, func(tx *sql.Tx, now int64) error {
		var before string
		if err := tx.QueryRowContext(ctx, s.db.Choose(lockOrganisation), org).Scan(&before); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `update organisation set name = $2 where id = $1`, org, name); err != nil {
			return err
		}
		return Record(ctx, tx, now, org, "organisation.rename", name, map[string]string{"before": before})
	})
}
