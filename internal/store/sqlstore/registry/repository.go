package registry

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/access"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

const selectRepository = `select g.name, g.host, r.name, r.found_at, r.gone_at, r.enabled_at, r.read_at, r.pushed_at, r.reason,
	(select count(*) from registry_tag as t where t.repository_id = r.id), (select count(*) from registry_tag as t where t.repository_id = r.id and t.lane = 3)
	from registry_repository as r join registry as g on g.id = r.registry_id`

func scanRepository(rows *sql.Rows) (store.Repository, error) {
	var r store.Repository
	var found int64
	var gone, enabled, read, pushed sql.NullInt64
	err := rows.Scan(&r.Registry, &r.Host, &r.Name, &found, &gone, &enabled, &read, &pushed, &r.Reason, &r.Tags, &r.Filling)
	r.Found, r.Gone, r.Enabled, r.Read, r.Pushed = sqldb.Time(found), sqldb.NullTime(gone), sqldb.NullTime(enabled), sqldb.NullTime(read), sqldb.NullTime(pushed)
	return r, err
}

// Repositories implements store.RegistryIntegrations.
func (s *Store) Repositories(ctx context.Context, org store.OrgID, filter store.RepositoryFilter, page store.Page) (store.List[store.Repository], error) {
	var registry, name string
	if _, err := sqldb.ReadCursor(page.Cursor, &registry, &name); err != nil {
		return store.List[store.Repository]{}, err
	}
	where, args := ` where r.organisation_id = $1 and g.deleted_at is null and (g.name, r.name) > ($2, $3)`, []any{org, registry, name, sqldb.Limit(page) + 1}
	and := func(condition string, value any) {
		args = append(args, value)
		where += ` and ` + strings.ReplaceAll(condition, `?`, sqldb.Dollar(len(args)))
	}
	if filter.Registry != "" {
		and(`g.name = ?`, filter.Registry)
	}
	if filter.Query != "" {
		and(s.db.Choose(sqldb.Text{SQLite: `instr(r.name, ?) > 0`, Postgres: `strpos(r.name, ?) > 0`}), strings.ToLower(filter.Query))
	}
	switch filter.State {
	case "enabled":
		where += ` and r.enabled_at is not null`
	case "disabled":
		where += ` and r.enabled_at is null and r.gone_at is null`
	}
	rows, err := sqldb.Collect(ctx, s.db.Reader, scanRepository, selectRepository+where+` order by g.name, r.name limit $4`, args...)
	return sqldb.Cut(rows, sqldb.Limit(page), func(r store.Repository) string { return sqldb.Cursor(r.Registry, r.Name) }), s.db.Error("list repositories", "", err)
}

// repository is what is asked of one to change it.
type repository struct {
	id   int64
	name string
}

// scoped finds the connected registry of a scope and those of its repositories that a condition holds for.
func (s *Store) scoped(ctx context.Context, q sqldb.Querier, org store.OrgID, scope store.RepositoryScope, condition string) (in store.RegistryIntegration, found []repository, err error) {
	in, err = scan(q.QueryRowContext(ctx, selectRegistry+` where g.organisation_id = $1 and g.name = $2 and g.deleted_at is null`, org, scope.Registry))
	if err != nil {
		return in, nil, err
	}
	wanted := make(map[string]bool, len(scope.Names))
	for _, n := range scope.Names {
		wanted[n] = true
	}
	all := len(scope.Names) == 0 && len(scope.Patterns) == 0
	err = sqldb.Each(ctx, q, func(rows *sql.Rows) error {
		var r repository
		err := rows.Scan(&r.id, &r.name)
		if all || wanted[r.name] || scope.Patterns.Match(r.name) {
			found = append(found, r)
		}
		return err
	}, `select r.id, r.name from registry_repository as r where r.registry_id = $1 and `+condition+` order by r.name`, in.ID)
	return in, found, err
}

// EnableRepositories implements store.RegistryIntegrations.
func (s *Store) EnableRepositories(ctx context.Context, org store.OrgID, scope store.RepositoryScope, enable bool) (n int, err error) {
	err = s.db.Write(ctx, "change repositories of", scope.Registry, func(tx *sql.Tx, now int64) error {
		condition := `r.enabled_at is not null`
		if enable {
			condition = `r.enabled_at is null and r.gone_at is null`
			if err := s.addNamed(ctx, tx, now, org, scope); err != nil {
				return err
			}
		}
		in, found, err := s.scoped(ctx, tx, org, scope, condition)
		if err != nil {
			return err
		}
		if n = len(found); n == 0 {
			return nil
		}
		action := "repository.enable"
		if enable {
			err = s.enable(ctx, tx, now, found)
		} else {
			action = "repository.disable"
			err = s.disable(ctx, tx, in, found)
		}
		if err != nil {
			return err
		}
		detail := map[string]string{"registry": in.Name}
		for _, r := range found[:min(n, mostRecorded)] { // of more than these the number is in the record
			if err := access.Record(ctx, tx, now, org, action, in.Host+"/"+r.name, detail); err != nil {
				return err
			}
		}
		if n > mostRecorded {
			if err := access.Record(ctx, tx, now, org, action, in.Host, map[string]string{"registry": in.Name, "patterns": strings.Join(scope.Patterns, " "), "more": sqldb.JSON(n - mostRecorded)}); err != nil {
				return err
			}
		}
		if err := s.enqueue(ctx, tx, store.Work{Kind: store.WatchWork, ID: in.ID}); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.RepositoriesResource, store.AnalysesResource)
	})
	return n, err
}

// mostRecorded bounds the entries of the audit log that one change makes.
const mostRecorded = 100

// addNamed adds the repositories that somebody names and no listing found yet, and takes those back that are gone.
func (s *Store) addNamed(ctx context.Context, tx *sql.Tx, now int64, org store.OrgID, scope store.RepositoryScope) error {
	if len(scope.Names) == 0 {
		return nil
	}
	var id string
	if err := tx.QueryRowContext(ctx, `select id from registry where organisation_id = $1 and name = $2 and deleted_at is null`, org, scope.Registry).Scan(&id); err != nil {
		return err
	}
	return s.add(ctx, tx, now, org, id, scope.Names)
}

func (s *Store) add(ctx context.Context, tx *sql.Tx, now int64, org store.OrgID, registryID string, names []string) error {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	rows := make([][]any, len(names))
	for i, name := range names {
		rows[i] = []any{sqldb.NewID(), registryID, org, name, now, ""}
	}
	return s.db.InsertRows(ctx, tx, `insert into registry_repository (id, registry_id, organisation_id, name, found_at, reason) values `, rows,
		` on conflict (registry_id, name) do update set gone_at = null where registry_repository.gone_at is not null`)
}

// lock keeps others from changing repositories or their tags until the transaction ends. SQLite has one writer at a
// time by itself.
func (s *Store) lock(ctx context.Context, tx *sql.Tx, ids []any) error {
	in := s.db.Parameters(1, len(ids))
	_, err := tx.ExecContext(ctx, s.db.Choose(sqldb.Text{
		SQLite:   `select 0 where 0 in ` + in,
		Postgres: `select id from registry_repository where id in ` + in + ` order by id for update`,
	}), ids...)
	return err
}

func ids(list []repository) []int64 {
	out := make([]int64, len(list))
	for i, r := range list {
		out[i] = r.id
	}
	return out
}

func (s *Store) enable(ctx context.Context, tx *sql.Tx, now int64, list []repository) error {
	return sqldb.EachChunk(ids(list), func(args []any) error {
		_, err := tx.ExecContext(ctx, `update registry_repository set enabled_at = $1, next_at = $1, read_at = null, reason = '' where id in `+s.db.Parameters(2, len(args)), append([]any{now}, args...)...)
		return err
	})
}

func (s *Store) disable(ctx context.Context, tx *sql.Tx, in store.RegistryIntegration, list []repository) error {
	for _, r := range list {
		if err := s.dropQueued(ctx, tx, in, r.name); err != nil {
			return err
		}
	}
	return sqldb.EachChunk(ids(list), func(args []any) error {
		if _, err := tx.ExecContext(ctx, `delete from registry_tag where repository_id in `+s.db.Parameters(1, len(args)), args...); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `update registry_repository set enabled_at = null, next_at = null, read_at = null, hinted_at = null, backfill_at = null, reason = '' where id in `+s.db.Parameters(1, len(args)), args...)
		return err
	})
}

// dropQueued takes back the requests for a repository that wait. Of one that runs already nothing is undone.
func (s *Store) dropQueued(ctx context.Context, tx *sql.Tx, in store.RegistryIntegration, name string) error {
	from := in.Host + "/" + name
	_, err := tx.ExecContext(ctx, `delete from analysis_request where organisation_id = $1 and registry_id = $2 and state = 'queued' and reference >= $3 and reference < $4`,
		in.Org, in.ID, from+"@", from+"A") // the character after @
	return err
}

// unanalysed is the condition on a tag t of repository r of registry g that there is something to analyse and nobody
// asked for it. What retention removed is not brought back by it. $1 is the organisation.
const unanalysed = `(t.target = '' or not exists (select 1 from digest as d join alias as a on a.digest_id = d.id join image as i on i.id = a.image_id
		where d.organisation_id = $1 and d.digest = t.target and i.state in ('analysed', 'removed'))
	and not exists (select 1 from analysis_request as q where q.organisation_id = $1 and q.registry_id is not null and q.reference = g.host || '/' || r.name || '@' || t.target))`

// PreviewBackfill implements store.RegistryIntegrations.
func (s *Store) PreviewBackfill(ctx context.Context, org store.OrgID, scope store.RepositoryScope) (out store.Backfill, err error) {
	err = s.db.Snapshot(ctx, func(q sqldb.Querier) error {
		_, found, err := s.scoped(ctx, q, org, scope, `r.enabled_at is not null`)
		if err != nil {
			return err
		}
		out, err = s.count(ctx, q, org, found, `t.lane is null`)
		return err
	})
	return out, s.db.Error("preview backfill of", scope.Registry, err)
}

func (s *Store) count(ctx context.Context, q sqldb.Querier, org store.OrgID, found []repository, condition string) (out store.Backfill, err error) {
	err = sqldb.CollectIn(ctx, s.db, q, ids(found), []any{org}, func(in string) string {
		return `select r.read_at is null, (select count(*) from registry_tag as t where t.repository_id = r.id and ` + condition + ` and ` + unanalysed + `)
			from registry_repository as r join registry as g on g.id = r.registry_id where r.organisation_id = $1 and r.id in ` + in
	}, func(rows *sql.Rows) error {
		var unread bool
		var n int
		if err := rows.Scan(&unread, &n); err != nil {
			return err
		}
		if unread {
			out.Unread++
		}
		if n > 0 {
			out.Repositories++
			out.Images += n
		}
		return nil
	})
	return out, err
}

// Fill implements store.RegistryIntegrations.
func (s *Store) Fill(ctx context.Context, org store.OrgID, scope store.RepositoryScope) (out store.Backfill, err error) {
	err = s.db.Write(ctx, "backfill", scope.Registry, func(tx *sql.Tx, now int64) error {
		in, found, err := s.scoped(ctx, tx, org, scope, `r.enabled_at is not null`)
		if err != nil {
			return err
		}
		if out, err = s.count(ctx, tx, org, found, `t.lane is null`); err != nil {
			return err
		}
		if out.Images == 0 {
			return nil
		}
		if err := sqldb.EachChunk(ids(found), func(args []any) error {
			if err := s.lock(ctx, tx, args); err != nil {
				return err
			}
			list := s.db.Parameters(2, len(args))
			if _, err := tx.ExecContext(ctx, `update registry_tag as t set lane = 3 from registry_repository as r join registry as g on g.id = r.registry_id
				where r.id = t.repository_id and r.organisation_id = $1 and t.lane is null and t.repository_id in `+list+` and `+unanalysed, append([]any{org}, args...)...); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, `update registry_repository set backfill_at = $1 where id in `+list+` and exists (select 1 from registry_tag as t where t.repository_id = registry_repository.id and t.lane = 3)`, append([]any{now}, args...)...)
			return err
		}); err != nil {
			return err
		}
		if err := access.Record(ctx, tx, now, org, "registry.backfill", in.Name, map[string]string{"images": sqldb.JSON(out.Images)}); err != nil {
			return err
		}
		if err := s.enqueue(ctx, tx, store.Work{Kind: store.WatchWork, ID: in.ID}); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.RepositoriesResource)
	})
	return out, err
}

// LaneCounts implements store.RegistryIntegrations.
func (s *Store) LaneCounts(ctx context.Context, org store.OrgID) ([]store.LaneCount, error) {
	out := []store.LaneCount{{Lane: store.PeopleLane}, {Lane: store.PushLane}, {Lane: store.FillLane}}
	err := s.db.Snapshot(ctx, func(q sqldb.Querier) error {
		if err := sqldb.Each(ctx, q, func(rows *sql.Rows) error {
			var lane, n int
			var state store.State
			if err := rows.Scan(&lane, &state, &n); err != nil {
				return err
			}
			if state == store.Queued {
				out[lane-1].Queued = n
			} else {
				out[lane-1].Running = n
			}
			return nil
		}, `select lane, state, count(*) from analysis_request where organisation_id = $1 and lane between 1 and 3 and state in ('queued', 'running') group by lane, state`, org); err != nil {
			return err
		}
		return sqldb.Each(ctx, q, func(rows *sql.Rows) error {
			var lane, n int
			err := rows.Scan(&lane, &n)
			out[max(lane, 1)-1].Coming = n
			return err
		}, `select t.lane, count(*) from registry_repository as r join registry_tag as t on t.repository_id = r.id where r.organisation_id = $1 and t.lane is not null group by t.lane`, org)
	})
	return out, s.db.Error("count lanes", "", err)
}
