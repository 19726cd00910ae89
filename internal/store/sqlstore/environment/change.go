package environment

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/access"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/due"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

const readEnvironment = `select id from environment where organisation_id = $1 and name = $2 and deleted_at is null`

// lockEnvironment keeps everything waiting that writes into the environment or connects
// something to it. SQLite has a single writer.
var lockEnvironment = sqldb.Text{SQLite: readEnvironment, Postgres: readEnvironment + ` for update`}

// lock returns an environment for as long as the transaction lasts.
func (s *Store) lock(ctx context.Context, tx *sql.Tx, org store.OrgID, name string) (id int64, err error) {
	err = tx.QueryRowContext(ctx, s.db.Choose(lockEnvironment), org, name).Scan(&id)
	return id, err
}

// changeable refuses what is built in: it can be read, so that not to find it would be odd.
func changeable(environment string) error {
	if environment == store.LatestIndexed {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "change environment", Subject: environment, Hint: "it is built in, and can be neither changed nor deleted"}
	}
	return nil
}

// ChangeEnvironment implements store.EnvironmentChanges.
func (s *Store) ChangeEnvironment(ctx context.Context, org store.OrgID, name string, change store.EnvironmentChange) error {
	if d := change.ProfileDays; d != nil && (*d < 0 || *d > store.MaxProfileDays) {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "change environment", Subject: name, Hint: "profiles count for 1 to " + strconv.Itoa(store.MaxProfileDays) + " days, or for ever with 0"}
	}
	err := s.db.Write(ctx, "change environment", name, func(tx *sql.Tx, now int64) error {
		if err := changeable(name); err != nil {
			return err
		}
		id, err := s.lock(ctx, tx, org, name)
		if err != nil {
			return err
		}
		detail := make(map[string]string)
		if change.Description != nil {
			detail["description"] = *change.Description
			if _, err := tx.ExecContext(ctx, `update environment set description = $2 where id = $1`, id, *change.Description); err != nil {
				return err
			}
		}
		if change.ProfileDays != nil {
			detail["profile-days"] = strconv.Itoa(*change.ProfileDays)
			if _, err := tx.ExecContext(ctx, `update environment set profile_days = $2 where id = $1`, id, *change.ProfileDays); err != nil {
				return err
			}
		}
		if change.DiscountNotSeen != nil {
			detail["discount-not-seen"] = strconv.FormatBool(*change.DiscountNotSeen)
			if _, err := tx.ExecContext(ctx, `update environment set discount_not_seen = $2 where id = $1`, id, *change.DiscountNotSeen); err != nil {
				return err
			}
		}
		if change.Name != nil && *change.Name != name {
			if err := member.Nameable(*change.Name); err != nil {
				return err
			}
			detail["name"] = *change.Name
			if _, err := tx.ExecContext(ctx, `update environment set name = $2 where id = $1`, id, *change.Name); err != nil {
				return err
			}
		}
		if len(detail) == 0 {
			return nil
		}
		if change.ProfileDays != nil || change.DiscountNotSeen != nil {
			if err := due.Environment(ctx, tx, id); err != nil {
				return err
			}
		}
		if err := access.Record(ctx, tx, now, org, "environment.update", name, detail); err != nil {
			return err
		}
		// The rows of integrations and images name their environments.
		return revision.Raise(ctx, tx, org, store.EnvironmentsResource, store.IntegrationsResource, store.ImagesResource)
	})
	if err != nil && crowsnest.KindOf(err) == crowsnest.Conflict {
		err = &crowsnest.Error{Kind: crowsnest.Conflict, Op: "rename environment", Subject: name,
			Hint: "the name " + *change.Name + " is in use, or was that of one that is deleted and whose history it names; choose another"}
	}
	return err
}

// DeleteEnvironment implements store.EnvironmentChanges.
func (s *Store) DeleteEnvironment(ctx context.Context, org store.OrgID, name string) error {
	return s.db.Write(ctx, "delete environment", name, func(tx *sql.Tx, now int64) error {
		if err := changeable(name); err != nil {
			return err
		}
		id, err := s.lock(ctx, tx, org, name)
		if err != nil {
			return err
		}
		feeding, err := sqldb.Collect(ctx, tx, sqldb.ScanOne[string], `select g.name from integration as g where g.environment_id = $1 and `+member.Swept(`g`)+` order by g.name`, id)
		if err != nil {
			return err
		}
		if len(feeding) > 0 {
			return &crowsnest.Error{Kind: crowsnest.Conflict, Op: "delete environment", Subject: name, Hint: "it is fed by " + some(feeding) + "; delete these integrations or move them first"}
		}
		assigned, err := sqldb.Collect(ctx, tx, sqldb.ScanOne[int64], `select number from integration where environment_id = $1 and kind = '`+store.AssignedKind+`'`, id)
		if err != nil {
			return err
		}
		for _, number := range assigned {
			if err := member.CloseIntegration(ctx, tx, now, number); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `update environment set deleted_at = $2, description = '', profile_days = $3, discount_not_seen = false where id = $1`, id, now, store.DefaultProfileDays); err != nil {
			return err
		}
		if err := access.Record(ctx, tx, now, org, "environment.delete", name, nil); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.EnvironmentsResource, store.ImagesResource)
	})
}

// DeletedEnvironments implements store.EnvironmentChanges. The audit entry of a deletion has its time: both are of one transaction.
func (s *Store) DeletedEnvironments(ctx context.Context, org store.OrgID) ([]store.DeletedEnvironment, error) {
	list, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (store.DeletedEnvironment, error) {
		var e store.DeletedEnvironment
		var at int64
		err := rows.Scan(&e.Name, &at, &e.By.Kind, &e.By.ID, &e.By.Name)
		e.Deleted = sqldb.Time(at)
		return e, err
	}, `select e.name, e.deleted_at, coalesce(a.actor_kind, ''), coalesce(a.actor_id, ''), coalesce(a.actor_name, '') from environment as e
		left join audit as a on a.organisation_id = e.organisation_id and a.action = 'environment.delete' and a.at = e.deleted_at and a.subject = e.name
		where e.organisation_id = $1 and e.deleted_at is not null order by e.deleted_at desc, e.name`, org)
	return list, s.db.Error("list deleted environments", "", err)
}

// some names a few of many.
func some(names []string) string {
	const most = 10
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " and more"
}
