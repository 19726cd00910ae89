package registry

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/access"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// ConnectRegistry implements store.RegistryIntegrations.
func (s *Store) ConnectRegistry(ctx context.Context, org store.OrgID, in store.RegistryIntegration) (store.RegistryIntegration, error) {
	in.ID, in.Org = sqldb.NewUUID(), org
	if in.Secret == nil {
		in.Secret = []byte{}
	}
	err := s.db.Write(ctx, "connect registry", in.Name, func(tx *sql.Tx, now int64) error {
		in.Created, in.Status.Connected = sqldb.Time(now), sqldb.Time(now) // it was tried before it came here
		in.Status.Next, in.Status.NextListing = in.Created, in.Created
		if _, err := tx.ExecContext(ctx, `insert into registry (id, organisation_id, name, kind, host, namespace, api, username, secret, repositories, include, exclude, enabling, interval_us, created_at, changed_at, connected_at, next_at, reason, ca, identity)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $15, $15, '', $16, $17)`,
			in.ID, org, in.Name, in.Kind, in.Host, in.Namespace, in.API, in.Username, in.Secret, list(in.Repositories), list(in.Include), list(in.Exclude), list(in.Enabling), in.Interval.Microseconds(), now, in.CA, in.Identity); err != nil {
			return err
		}
		if err := access.Record(ctx, tx, now, org, "registry.connect", in.Name, map[string]string{"kind": in.Kind, "host": in.Host}); err != nil {
			return err
		}
		if err := s.enqueue(ctx, tx, store.Work{Kind: store.WatchWork, ID: in.ID}); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.RepositoriesResource)
	})
	if err != nil && crowsnest.KindOf(err) == crowsnest.Conflict {
		err = &crowsnest.Error{Kind: crowsnest.Conflict, Op: "connect registry", Subject: in.Name, Field: "name", Hint: "it exists already; change that one, or choose another name"}
	}
	return in, err
}

// list is how a list of names is stored: as JSON, empty for none.
func list[T ~[]string](names T) string {
	if len(names) == 0 {
		return ""
	}
	return sqldb.JSON([]string(names))
}

// ChangeRegistry implements store.RegistryIntegrations.
func (s *Store) ChangeRegistry(ctx context.Context, org store.OrgID, name string, change store.RegistryChange) error {
	return s.db.Write(ctx, "change registry", name, func(tx *sql.Tx, now int64) error {
		in, err := scan(tx.QueryRowContext(ctx, selectRegistry+` where g.organisation_id = $1 and g.name = $2 and g.deleted_at is null`, org, name))
		if err != nil {
			return err
		}
		if change.Asks() {
			if err := s.ask(ctx, tx, now, in, change); err != nil {
				return err
			}
		}
		paused := !in.Status.Paused.IsZero()
		if change.Paused != nil && *change.Paused != paused {
			paused = *change.Paused
			if err := s.pause(ctx, tx, now, in, paused); err != nil {
				return err
			}
		}
		if !paused {
			if err := s.enqueue(ctx, tx, store.Work{Kind: store.WatchWork, ID: in.ID}); err != nil {
				return err
			}
		}
		return revision.Raise(ctx, tx, org, store.RepositoriesResource, store.AnalysesResource)
	})
}

// ask changes what a registry is asked with and for.
func (s *Store) ask(ctx context.Context, tx *sql.Tx, now int64, in store.RegistryIntegration, change store.RegistryChange) error {
	detail := map[string]string{}
	if change.Username != nil {
		in.Username, detail["username"] = *change.Username, *change.Username
	}
	if change.Secret != nil {
		in.Secret, detail["credentials"] = change.Secret, "replaced"
	}
	if change.Identity != nil && *change.Identity {
		detail["credentials"] = "the server's own identity"
	}
	if change.CA != nil {
		detail["certificates"] = "replaced"
	}
	in.CA, in.Identity = *cmp.Or(change.CA, &in.CA), *cmp.Or(change.Identity, &in.Identity)
	if in.Secret == nil { // one without credentials, as it was read
		in.Secret = []byte{}
	}
	in.Namespace, in.API = *cmp.Or(change.Namespace, &in.Namespace), *cmp.Or(change.API, &in.API)
	in.Interval = *cmp.Or(change.Interval, &in.Interval)
	in.Repositories = *cmp.Or(change.Repositories, &in.Repositories)
	in.Include, in.Exclude, in.Enabling = *cmp.Or(change.Include, &in.Include), *cmp.Or(change.Exclude, &in.Exclude), *cmp.Or(change.Enabling, &in.Enabling)
	if _, err := tx.ExecContext(ctx, `update registry set username = $2, secret = $3, namespace = $4, api = $5, repositories = $6, include = $7, exclude = $8, enabling = $9, interval_us = $10,
		changed_at = $11, next_at = $11, wait_until = null, failing_since = null, connected_at = $11, reason = '', ca = $12, identity = $13 where id = $1`,
		in.ID, in.Username, in.Secret, in.Namespace, in.API, list(in.Repositories), list(in.Include), list(in.Exclude), list(in.Enabling), in.Interval.Microseconds(), now, in.CA, in.Identity); err != nil {
		return err
	}
	// What could not be read may be now.
	if _, err := tx.ExecContext(ctx, `update registry_repository set next_at = $2 where registry_id = $1 and next_at is not null and reason <> ''`, in.ID, now); err != nil {
		return err
	}
	if change.Secret != nil || change.Identity != nil || change.CA != nil {
		if err := s.retryFailed(ctx, tx, in.ID); err != nil {
			return err
		}
	}
	return access.Record(ctx, tx, now, in.Org, "registry.change", in.Name, detail)
}

// mostRetried bounds what is tried again with other credentials; the newest failures count.
const mostRetried = 1000

// retryFailed has what failed at a registry tried again.
func (s *Store) retryFailed(ctx context.Context, tx *sql.Tx, registryID string) error {
	return s.enqueueAll(ctx, tx, `update analysis_request set state = 'queued', reason = '', finished_at = null where id in (
		select id from analysis_request where registry_id = $1 and state = 'failed' order by created_at desc, id desc limit $2) returning id, lane`, registryID, mostRetried)
}

// DisconnectRegistry implements store.RegistryIntegrations. The row stays for the requests that point to it.
func (s *Store) DisconnectRegistry(ctx context.Context, org store.OrgID, name string) error {
	return s.db.Write(ctx, "disconnect registry", name, func(tx *sql.Tx, now int64) error {
		var id string
		if err := tx.QueryRowContext(ctx, `update registry set deleted_at = $3, secret = $4 where organisation_id = $1 and name = $2 and deleted_at is null returning id`, org, name, now, []byte{}).Scan(&id); err != nil {
			return err
		}
		for _, stmt := range []string{
			`delete from registry_hook where id = $1`,
			`delete from registry_repository where registry_id = $1`,
			`delete from running_request where request_id in (select id from analysis_request where registry_id = $1 and state = 'queued')`, // another registry may have it
			`delete from analysis_request where registry_id = $1 and state = 'queued'`,
		} {
			if _, err := tx.ExecContext(ctx, stmt, id); err != nil {
				return err
			}
		}
		if err := access.Record(ctx, tx, now, org, "registry.disconnect", name, nil); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.RepositoriesResource, store.AnalysesResource)
	})
}

const selectRegistry = `select g.id, g.organisation_id, g.name, g.kind, g.host, g.namespace, g.api, g.username, g.secret, g.ca, g.identity, g.pulls, g.repositories, g.include, g.exclude, g.enabling, g.interval_us,
	g.created_at, g.connected_at, g.listed_at, g.failing_since, g.reason, g.wait_until, g.paused_at, g.attempt_at, g.next_at,
	(select min(r.next_at) from registry_repository as r where r.registry_id = g.id and r.next_at is not null),
	(select min(r.hinted_at) from registry_repository as r where r.registry_id = g.id and r.hinted_at is not null),
	(select min(r.backfill_at) from registry_repository as r where r.registry_id = g.id and r.backfill_at is not null), h.secret,
	(select count(*) from registry_repository as r where r.registry_id = g.id and r.gone_at is null),
	(select count(*) from registry_repository as r where r.registry_id = g.id and r.gone_at is null and r.enabled_at is not null)
	from registry as g left join registry_hook as h on h.id = g.id`

func scan(row interface{ Scan(...any) error }) (store.RegistryIntegration, error) {
	var in store.RegistryIntegration
	var interval, created int64
	var connected, listed, failing, waits, paused, looked sql.NullInt64
	var due [4]sql.NullInt64
	var pulls, repositories, include, exclude, enabling string
	if err := row.Scan(&in.ID, &in.Org, &in.Name, &in.Kind, &in.Host, &in.Namespace, &in.API, &in.Username, &in.Secret, &in.CA, &in.Identity, &pulls, &repositories, &include, &exclude, &enabling, &interval,
		&created, &connected, &listed, &failing, &in.Status.Reason, &waits, &paused, &looked, &due[0], &due[1], &due[2], &due[3], &in.Hook, &in.Status.Found, &in.Status.Enabled); err != nil {
		return in, err
	}
	in.Interval, in.Created = time.Duration(interval)*time.Microsecond, sqldb.Time(created)
	in.Status.Connected, in.Status.Listed = sqldb.NullTime(connected), sqldb.NullTime(listed)
	in.Status.FailingSince, in.Status.Waits = sqldb.NullTime(failing), sqldb.NullTime(waits)
	in.Status.Paused, in.Status.Looked = sqldb.NullTime(paused), sqldb.NullTime(looked)
	if !paused.Valid {
		next := due[0].Int64
		for _, d := range due[1:] {
			if d.Valid {
				next = min(next, d.Int64)
			}
		}
		in.Status.NextListing = sqldb.Time(max(due[0].Int64, waits.Int64))
		in.Status.Next = sqldb.Time(max(next, waits.Int64))
	}
	return in, errors.Join(sqldb.FromJSON(pulls, &in.Status.Pulls), sqldb.FromJSON(repositories, &in.Repositories), sqldb.FromJSON(include, &in.Include), sqldb.FromJSON(exclude, &in.Exclude), sqldb.FromJSON(enabling, &in.Enabling))
}

// ConnectedRegistry implements store.RegistryIntegrations.
func (s *Store) ConnectedRegistry(ctx context.Context, org store.OrgID, name string) (store.RegistryIntegration, error) {
	in, err := scan(s.db.Reader.QueryRowContext(ctx, selectRegistry+` where g.organisation_id = $1 and g.name = $2 and g.deleted_at is null`, org, name))
	return in, s.db.Error("find connected registry", name, err)
}

// ConnectedRegistries implements store.RegistryIntegrations.
func (s *Store) ConnectedRegistries(ctx context.Context, org store.OrgID) ([]store.RegistryIntegration, error) {
	all, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (store.RegistryIntegration, error) { return scan(rows) },
		selectRegistry+` where g.organisation_id = $1 and g.deleted_at is null order by g.name`, org)
	return all, s.db.Error("list connected registries", "", err)
}

// RegistryOf implements store.RegistryIntegrations.
func (s *Store) RegistryOf(ctx context.Context, org store.OrgID, repository string) (store.RegistryIntegration, error) {
	host, path, _ := strings.Cut(repository, "/")
	in, err := scan(s.db.Reader.QueryRowContext(ctx, selectRegistry+` left join registry_repository as f on f.registry_id = g.id and f.name = $3
		where g.organisation_id = $1 and g.host = $2 and g.deleted_at is null order by case when f.id is null then 1 else 0 end, g.name limit 1`, org, host, path))
	return in, s.db.Error("find connected registry of", repository, err)
}

// SetRegistryHook implements store.RegistryIntegrations.
func (s *Store) SetRegistryHook(ctx context.Context, org store.OrgID, name string, secret []byte) error {
	return s.db.Write(ctx, "change hook of registry", name, func(tx *sql.Tx, now int64) error {
		var id string
		if err := tx.QueryRowContext(ctx, `select id from registry where organisation_id = $1 and name = $2 and deleted_at is null`, org, name).Scan(&id); err != nil {
			return err
		}
		action := "registry.hook.create"
		if secret == nil {
			action = "registry.hook.delete"
			if _, err := tx.ExecContext(ctx, `delete from registry_hook where id = $1`, id); err != nil {
				return err
			}
		} else if _, err := tx.ExecContext(ctx, `insert into registry_hook (id, secret) values ($1, $2) on conflict (id) do update set secret = excluded.secret`, id, secret); err != nil {
			return err
		}
		if err := access.Record(ctx, tx, now, org, action, name, nil); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.RepositoriesResource)
	})
}
