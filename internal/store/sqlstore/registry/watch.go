package registry

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// The time between two listings of a registry, and what it is left alone for while it fails.
const (
	listEvery  = 10 * time.Minute
	leastWait  = 15 * time.Second
	longestOff = 10 * time.Minute
	longestAsk = 24 * time.Hour // that a registry may ask to be left alone
)

// EnqueueDueRegistries implements store.Watching.
func (s *Store) EnqueueDueRegistries(ctx context.Context) (int, error) {
	now := s.db.Now()
	due, err := sqldb.Collect(ctx, s.db.Reader, sqldb.ScanOne[string], `select g.id from registry as g where g.deleted_at is null and g.paused_at is null and coalesce(g.wait_until, 0) <= $1 and (g.next_at <= $1
		or exists (select 1 from registry_repository as r where r.registry_id = g.id and r.hinted_at is not null)
		or exists (select 1 from registry_repository as r where r.registry_id = g.id and r.next_at <= $1)
		or exists (select 1 from registry_repository as r where r.registry_id = g.id and r.backfill_at is not null))`, now)
	if err != nil || len(due) == 0 {
		return 0, s.db.Error("find due registries", "", err)
	}
	return len(due), s.db.Write(ctx, "enqueue looks at registries", "", func(tx *sql.Tx, _ int64) error {
		for _, id := range due {
			if err := s.enqueue(ctx, tx, store.Work{Kind: store.WatchWork, ID: id}); err != nil {
				return err
			}
		}
		return nil
	})
}

// RegistryByID implements store.Watching.
func (s *Store) RegistryByID(ctx context.Context, id string) (in store.RegistryIntegration, list bool, err error) {
	in, err = scan(s.db.Reader.QueryRowContext(ctx, selectRegistry+` where g.id = $1 and g.deleted_at is null`, id))
	if err != nil {
		return in, false, s.db.Error("find connected registry", id, err)
	}
	now := s.db.Now()
	leave := func(why string) (store.RegistryIntegration, bool, error) {
		return in, false, &crowsnest.Error{Kind: crowsnest.Conflict, Op: "look at registry", Subject: in.Name, Err: errors.New(why)}
	}
	if !in.Status.Paused.IsZero() {
		return leave("it is paused")
	}
	if in.Status.Waits.After(sqldb.Time(now)) {
		return leave("it is left alone for a while")
	}
	err = s.db.Reader.QueryRowContext(ctx, `select next_at <= $2 from registry where id = $1`, id, now).Scan(&list)
	return in, list, s.db.Error("find connected registry", id, err)
}

// NotePulls implements store.Watching.
func (s *Store) NotePulls(ctx context.Context, id string, pulls store.Pulls) error {
	return s.db.Write(ctx, "keep limit on pulls of", id, func(tx *sql.Tx, _ int64) error {
		_, err := tx.ExecContext(ctx, `update registry set pulls = $2 where id = $1 and deleted_at is null`, id, sqldb.JSON(pulls))
		return err
	})
}

// NoteLook implements store.Watching.
func (s *Store) NoteLook(ctx context.Context, id string) error {
	return s.db.Write(ctx, "note look at registry", id, func(tx *sql.Tx, now int64) error {
		_, err := tx.ExecContext(ctx, `update registry set attempt_at = $2 where id = $1`, id, now)
		return err
	})
}

// HookedRegistry implements store.Watching.
func (s *Store) HookedRegistry(ctx context.Context, id string) (store.RegistryIntegration, error) {
	in, err := scan(s.db.Reader.QueryRowContext(ctx, selectRegistry+` where g.id = $1 and g.deleted_at is null and h.id is not null`, id))
	return in, s.db.Error("find hook", "", err)
}

// SaveListing implements store.Watching.
func (s *Store) SaveListing(ctx context.Context, id string, names []string) error {
	return s.db.Write(ctx, "keep repositories of registry", id, func(tx *sql.Tx, now int64) error {
		in, err := scan(tx.QueryRowContext(ctx, selectRegistry+` where g.id = $1 and g.deleted_at is null`, id))
		if err != nil {
			return err
		}
		listed := make(map[string]bool, len(names))
		for _, n := range names {
			listed[n] = true
		}
		known := make(map[string]bool)
		var gone []int64
		if err := sqldb.Each(ctx, tx, func(rows *sql.Rows) error {
			var rid int64
			var name string
			var missing bool
			err := rows.Scan(&rid, &name, &missing)
			if listed[name] && !missing {
				known[name] = true
			} else if !listed[name] && !missing {
				gone = append(gone, rid)
			}
			return err
		}, `select id, name, gone_at is not null from registry_repository where registry_id = $1`, id); err != nil {
			return err
		}
		fresh := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return known[n] })
		if err := s.add(ctx, tx, now, in.Org, id, fresh); err != nil {
			return err
		}
		// What somebody enabled stays so: a registry that hides it for a day does not end that.
		if err := sqldb.EachChunk(gone, func(args []any) error {
			_, err := tx.ExecContext(ctx, `update registry_repository set gone_at = $1 where id in `+s.db.Parameters(2, len(args)), append([]any{now}, args...)...)
			return err
		}); err != nil {
			return err
		}
		if err := s.enableNew(ctx, tx, now, in, fresh); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `update registry set listed_at = $2, next_at = $3 where id = $1`, id, now, now+listEvery.Microseconds()); err != nil {
			return err
		}
		if len(fresh)+len(gone) == 0 {
			return nil
		}
		return revision.Raise(ctx, tx, in.Org, store.RepositoriesResource)
	})
}

// enableNew enables those of repositories that were just found that the integration says so of.
func (s *Store) enableNew(ctx context.Context, tx *sql.Tx, now int64, in store.RegistryIntegration, names []string) error {
	names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !in.Enabling.Match(n) })
	var found []repository
	if err := sqldb.CollectIn(ctx, s.db, tx, names, []any{in.ID}, func(list string) string {
		return `select id, name from registry_repository where registry_id = $1 and enabled_at is null and name in ` + list
	}, func(rows *sql.Rows) error {
		var r repository
		err := rows.Scan(&r.id, &r.name)
		found = append(found, r)
		return err
	}); err != nil || len(found) == 0 {
		return err
	}
	return s.enable(ctx, tx, now, found)
}

// RegistryAnswers implements store.Watching. While nothing changes nothing is written.
func (s *Store) RegistryAnswers(ctx context.Context, id string) error {
	var well bool
	if err := s.db.Reader.QueryRowContext(ctx, `select failing_since is null and connected_at is not null from registry where id = $1`, id).Scan(&well); err != nil || well {
		return s.db.Error("find connected registry", id, err)
	}
	return s.db.Write(ctx, "note answer of registry", id, func(tx *sql.Tx, now int64) error {
		var org store.OrgID
		if err := tx.QueryRowContext(ctx, `update registry set failing_since = null, reason = '', wait_until = null, connected_at = $2 where id = $1 returning organisation_id`, id, now).Scan(&org); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.RepositoriesResource)
	})
}

// RegistryFails implements store.Watching.
func (s *Store) RegistryFails(ctx context.Context, id, reason string, wait time.Duration) error {
	return s.db.Write(ctx, "note failure of registry", id, func(tx *sql.Tx, now int64) error {
		var org store.OrgID
		var since int64
		if err := tx.QueryRowContext(ctx, `update registry set failing_since = coalesce(failing_since, $2), reason = $3 where id = $1 and deleted_at is null returning organisation_id, failing_since`,
			id, now, sqldb.NoNUL(reason)).Scan(&org, &since); err != nil {
			return err
		}
		// Unless it says for how long, the wait doubles, more or less, with each look that fails.
		off := min(wait, longestAsk)
		if wait <= 0 {
			off = max(leastWait, min(time.Duration(now-since)*time.Microsecond, longestOff))
		}
		if _, err := tx.ExecContext(ctx, `update registry set wait_until = $2 where id = $1`, id, now+off.Microseconds()); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.RepositoriesResource)
	})
}

// TellPush implements store.Watching.
func (s *Store) TellPush(ctx context.Context, id string, pushes []store.Push) error {
	return s.db.Write(ctx, "note push to registry", id, func(tx *sql.Tx, now int64) error {
		in, err := scan(tx.QueryRowContext(ctx, selectRegistry+` where g.id = $1 and g.deleted_at is null`, id))
		if err != nil {
			return err
		}
		told := false
		for _, p := range pushes {
			r, enabled, err := s.told(ctx, tx, now, in, p)
			if err != nil {
				return err
			}
			if r.id == 0 {
				continue
			}
			told = true
			if _, err := tx.ExecContext(ctx, `update registry_repository set pushed_at = cast($2 as bigint), hinted_at = case when enabled_at is null then null else cast($2 as bigint) end where id = $1`, r.id, now); err != nil {
				return err
			}
			if !enabled {
				continue
			}
			rows := make([][]any, 0, len(p.Tags))
			for _, tag := range slices.Compact(slices.Sorted(slices.Values(p.Tags))) {
				rows = append(rows, []any{r.id, tag, "", 0, store.PushLane, 1})
			}
			if err := s.db.InsertRows(ctx, tx, `insert into registry_tag (repository_id, name, target, checked_at, lane, told) values `, rows, ` on conflict (repository_id, name) do update set lane = excluded.lane, told = registry_tag.told + 1`); err != nil {
				return err
			}
		}
		if !told {
			return nil
		}
		if in.Status.Paused.IsZero() { // a paused one is looked at when it is resumed
			if err := s.enqueue(ctx, tx, store.Work{Kind: store.WatchWork, ID: id}); err != nil {
				return err
			}
		}
		return revision.Raise(ctx, tx, in.Org, store.RepositoriesResource)
	})
}

// told finds which repository a push was to: one that is known, or else one that the integration lets in. Its
// number is 0 if there is none.
func (s *Store) told(ctx context.Context, tx *sql.Tx, now int64, in store.RegistryIntegration, p store.Push) (r repository, enabled bool, err error) {
	find := func(name string) error {
		return tx.QueryRowContext(ctx, `select id, name, enabled_at is not null from registry_repository where registry_id = $1 and name = $2`, in.ID, name).Scan(&r.id, &r.name, &enabled)
	}
	for _, name := range p.Repositories {
		if err := find(name); err == nil || !errors.Is(err, sql.ErrNoRows) {
			return r, enabled, err
		}
	}
	if len(p.Repositories) == 0 || !in.Admits(p.Repositories[0]) {
		return repository{}, false, nil
	}
	names := p.Repositories[:1]
	if err := s.add(ctx, tx, now, in.Org, in.ID, names); err != nil {
		return r, false, err
	}
	if err := s.enableNew(ctx, tx, now, in, names); err != nil {
		return r, false, err
	}
	return r, enabled, find(names[0])
}
