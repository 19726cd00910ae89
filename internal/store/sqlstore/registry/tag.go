package registry

import (
	"context"
	"database/sql"
	"errors"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// NextRepository implements store.Watching. Each of the three questions is answered by an index of its own.
func (s *Store) NextRepository(ctx context.Context, id string) (w store.RepositoryWork, err error) {
	now := s.db.Now()
	var told sql.NullInt64
	for _, question := range []string{
		`r.hinted_at is not null and $2 = $2 order by r.hinted_at, r.id`,
		`r.next_at <= $2 order by r.next_at, r.id`,
		`r.backfill_at is not null and $2 = $2 order by r.backfill_at, r.id`,
	} {
		err = s.db.Reader.QueryRowContext(ctx, `select r.id, r.name, r.next_at <= $2, r.read_at is null, r.hinted_at from registry_repository as r join registry as g on g.id = r.registry_id
			where r.registry_id = $1 and g.deleted_at is null and g.paused_at is null and coalesce(g.wait_until, 0) <= $2 and r.enabled_at is not null and `+question+` limit 1`, id, now).Scan(&w.ID, &w.Name, &w.List, &w.First, &told)
		if !errors.Is(err, sql.ErrNoRows) {
			break
		}
	}
	w.Told = sqldb.NullTime(told)
	return w, s.db.Error("find due repository of", id, err)
}

// place is where a repository is, as the transactions on its tags need it.
type place struct {
	registry, full string
	org            store.OrgID
	interval       int64
	read           bool
}

const readPlace = `select g.id, g.host || '/' || r.name, g.organisation_id, g.interval_us, r.read_at is not null from registry_repository as r join registry as g on g.id = r.registry_id
		where r.id = $1 and r.enabled_at is not null and g.deleted_at is null`

var lockPlace = sqldb.Text{SQLite: readPlace, Postgres: readPlace + ` for update of r`}

// place finds a repository that is enabled and keeps others from changing it or its tags until the transaction ends:
// whoever tells of a push, or has it filled up, would otherwise be overwritten by who looked a moment before.
func (s *Store) place(ctx context.Context, tx *sql.Tx, repository int64) (p place, err error) {
	err = tx.QueryRowContext(ctx, s.db.Choose(lockPlace), repository).Scan(&p.registry, &p.full, &p.org, &p.interval, &p.read)
	return p, err
}

// SaveTags implements store.Watching.
func (s *Store) SaveTags(ctx context.Context, repository int64, names []string, newest string) error {
	return s.db.Write(ctx, "keep tags", "", func(tx *sql.Tx, now int64) error {
		p, err := s.place(ctx, tx, repository)
		if errors.Is(err, sql.ErrNoRows) {
			return nil // disabled meanwhile
		}
		if err != nil {
			return err
		}
		listed := make(map[string]bool, len(names))
		for _, n := range names {
			listed[n] = true
		}
		known := make(map[string]bool)
		var missing []string
		if err := sqldb.Each(ctx, tx, func(rows *sql.Rows) error {
			var name, target string
			err := rows.Scan(&name, &target)
			known[name] = true
			// One that was only told of may have been pushed after the list was read; it is asked for by itself.
			if !listed[name] && target != "" {
				missing = append(missing, name)
			}
			return err
		}, `select name, target from registry_tag where repository_id = $1`, repository); err != nil {
			return err
		}
		for _, name := range missing {
			if err := s.endTag(ctx, tx, now, p, repository, name); err != nil {
				return err
			}
		}
		var rows [][]any
		for n := range listed {
			if known[n] {
				continue
			}
			var lane any
			if p.read || n == newest {
				lane = store.PushLane
			}
			rows = append(rows, []any{repository, n, "", 0, lane})
		}
		if err := s.db.InsertRows(ctx, tx, `insert into registry_tag (repository_id, name, target, checked_at, lane) values `, rows, ``); err != nil {
			return err
		}
		pushed := 0 // what is new since the first list
		if p.read && len(rows) > 0 {
			pushed = 1
		}
		if _, err := tx.ExecContext(ctx, `update registry_repository set read_at = $2, next_at = $3, pushed_at = case when $4 = 1 then $2 else pushed_at end where id = $1`, repository, now, now+p.interval, pushed); err != nil {
			return err
		}
		if p.read && len(rows)+len(missing) == 0 {
			return nil
		}
		raise := []store.Resource{store.RepositoriesResource}
		if len(missing) > 0 {
			raise = append(raise, store.ImagesResource) // a name of theirs ended, and what is decided goes by names
		}
		return revision.Raise(ctx, tx, p.org, raise...)
	})
}

// endTag ends what a tag named.
func (s *Store) endTag(ctx context.Context, tx *sql.Tx, now int64, p place, repository int64, name string) error {
	if _, err := tx.ExecContext(ctx, `delete from registry_tag where repository_id = $1 and name = $2`, repository, name); err != nil {
		return err
	}
	return endTag(ctx, tx, now, p.org, store.Tag{Repository: p.full, Name: name})
}

// TagsToCheck implements store.Watching.
func (s *Store) TagsToCheck(ctx context.Context, repository int64, wanted bool, limit int) ([]store.TagWork, error) {
	// The wanted ones come in the order of their index: of a hundred thousand that wait no more are read than are asked for.
	stmt := `select name, told from registry_tag where repository_id = $1 order by coalesce(lane, 9), checked_at, name limit $2`
	if wanted {
		stmt = `select name, told from registry_tag where repository_id = $1 and lane is not null order by lane, name limit $2`
	}
	tags, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (t store.TagWork, err error) {
		return t, rows.Scan(&t.Name, &t.Told)
	}, stmt, repository, limit)
	return tags, s.db.Error("find tags to check", "", err)
}

// SaveTarget implements store.Watching.
func (s *Store) SaveTarget(ctx context.Context, repository int64, work store.TagWork, target crowsnest.Digest) error {
	tag := work.Name
	return s.db.Write(ctx, "keep target of tag", tag, func(tx *sql.Tx, now int64) error {
		p, err := s.place(ctx, tx, repository)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		var was crowsnest.Digest
		var wanted sql.NullInt64
		var told int64
		if err := tx.QueryRowContext(ctx, `select target, lane, told from registry_tag where repository_id = $1 and name = $2`, repository, tag).Scan(&was, &wanted, &told); errors.Is(err, sql.ErrNoRows) {
			return nil
		} else if err != nil {
			return err
		}
		if told != work.Told {
			return nil // it was pushed while the registry was asked: what it said may be the image of before
		}
		if target == "" {
			if err := s.endTag(ctx, tx, now, p, repository, tag); err != nil {
				return err
			}
			return revision.Raise(ctx, tx, p.org, store.RepositoriesResource, store.ImagesResource)
		}
		if _, err := tx.ExecContext(ctx, `update registry_tag set target = $3, checked_at = $4, lane = null where repository_id = $1 and name = $2`, repository, tag, target, now); err != nil {
			return err
		}
		lane := store.Lane(wanted.Int64)
		moved := was != "" && was != target
		if moved && lane != store.PushLane {
			lane = store.PushLane // it was pushed since
		}
		raise := []store.Resource{store.RepositoriesResource}
		if was != target {
			raise = append(raise, store.ImagesResource)
			if err := NameTag(ctx, tx, now, p.org, store.Tag{Repository: p.full, Name: tag, Target: target}); err != nil {
				return err
			}
		}
		if moved {
			if _, err := tx.ExecContext(ctx, `update registry_repository set pushed_at = $2 where id = $1`, repository, now); err != nil {
				return err
			}
		}
		if lane != 0 {
			if err := s.request(ctx, tx, now, p, tag, target, lane); err != nil {
				return err
			}
			raise = append(raise, store.AnalysesResource)
		}
		if was == target && lane == 0 {
			return nil
		}
		return revision.Raise(ctx, tx, p.org, raise...)
	})
}

// request has an image analysed unless it is, or somebody asked for that. One that waits in a later lane moves forward.
func (s *Store) request(ctx context.Context, tx *sql.Tx, now int64, p place, tag string, target crowsnest.Digest, lane store.Lane) error {
	var one int
	err := tx.QueryRowContext(ctx, `select 1 from digest as d join alias as a on a.digest_id = d.id join image as i on i.id = a.image_id
		where d.organisation_id = $1 and d.digest = $2 and i.state = 'analysed' limit 1`, p.org, target).Scan(&one)
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	var id string
	err = tx.QueryRowContext(ctx, `insert into analysis_request (id, organisation_id, reference, platform, state, reason, digest, created_at, lane, registry_id, tag)
		values ($1, $2, $3, '', 'queued', '', '', $4, $5, $6, $7)
		on conflict (organisation_id, reference) where registry_id is not null do update set lane = excluded.lane
			where analysis_request.state = 'queued' and analysis_request.lane > excluded.lane returning id`,
		sqldb.NewUUID(), p.org, p.full+"@"+string(target), now, lane, p.registry, tag).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.enqueue(ctx, tx, store.Work{Kind: store.AnalyseWork, ID: id, Lane: lane})
}

// LeaveRepository implements store.Watching.
func (s *Store) LeaveRepository(ctx context.Context, work store.RepositoryWork, reason string) error {
	repository := work.ID
	return s.db.Write(ctx, "leave repository", "", func(tx *sql.Tx, now int64) error {
		p, err := s.place(ctx, tx, repository)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if reason == "" {
			var mended bool
			if err := tx.QueryRowContext(ctx, `update registry_repository set
				hinted_at = case when exists (select 1 from registry_tag as t where t.repository_id = $1 and t.lane < 3) then hinted_at end,
				backfill_at = case when exists (select 1 from registry_tag as t where t.repository_id = $1 and t.lane = 3) then backfill_at end
				where id = $1 returning reason <> ''`, repository).Scan(&mended); err != nil || !mended {
				return err
			}
			if _, err := tx.ExecContext(ctx, `update registry_repository set reason = '' where id = $1`, repository); err != nil {
				return err
			}
			return revision.Raise(ctx, tx, p.org, store.RepositoriesResource)
		}
		told := int64(0)
		if !work.Told.IsZero() {
			told = work.Told.UnixMicro()
		}
		if _, err := tx.ExecContext(ctx, `update registry_repository set reason = $2, hinted_at = case when hinted_at > $4 then hinted_at end, backfill_at = null, next_at = $3 where id = $1`, repository, sqldb.NoNUL(reason), now+p.interval, told); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, p.org, store.RepositoriesResource)
	})
}

// PostponeRequest implements store.Watching.
func (s *Store) PostponeRequest(ctx context.Context, id, reason string) error {
	return s.db.Write(ctx, "postpone analysis", id, func(tx *sql.Tx, _ int64) error {
		var org store.OrgID
		if err := tx.QueryRowContext(ctx, `update analysis_request set state = 'queued', reason = $2 where id = $1 returning organisation_id`, id, sqldb.NoNUL(reason)).Scan(&org); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.AnalysesResource)
	})
}
