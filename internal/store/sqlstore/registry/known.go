package registry

import (
	"context"
	"database/sql"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// ImagesOf selects the numbers of the images of a repository: those that a tag of it names or named, and those that were
// asked for by its name. $1 is the organisation; name is the parameter of the repository.
func ImagesOf(name string) string {
	return strings.ReplaceAll(`select a.image_id from tag as t join digest as d on d.organisation_id = t.organisation_id and d.digest = t.target
			join alias as a on a.digest_id = d.id where t.organisation_id = $1 and t.repository = ?
		union select o.id from image as o where o.organisation_id = $1 and o.name > ? || ':' and o.name < ? || ';'
		union select o.id from image as o where o.organisation_id = $1 and o.name > ? || '@' and o.name < ? || 'A'`, `?`, name)
}

// KnownRepository implements store.KnownRepositories.
func (s *Store) KnownRepository(ctx context.Context, org store.OrgID, name string) (store.KnownRepository, error) {
	out := store.KnownRepository{Name: name}
	host, path, _ := strings.Cut(name, "/")
	err := s.db.Snapshot(ctx, func(q sqldb.Querier) error {
		watched, err := sqldb.Collect(ctx, q, scanRepository, selectRepository+` where r.organisation_id = $1 and r.name = $2 and g.host = $3 and g.deleted_at is null
			order by case when r.enabled_at is null then 1 else 0 end, g.name limit 1`, org, path, host)
		if err != nil {
			return err
		}
		if len(watched) > 0 {
			out.Watched = &watched[0]
		}
		if err := q.QueryRowContext(ctx, `select count(*) from tag where organisation_id = $1 and repository = $2 and closed_at is null`, org, name).Scan(&out.Tags); err != nil {
			return err
		}
		if err := q.QueryRowContext(ctx, `select count(*), coalesce(sum(case when exists (select 1 from alias as a join running as r on r.digest_id = a.digest_id where a.image_id = i.id) then 1 else 0 end), 0)
			from image as i where i.id in (`+ImagesOf(`$2`)+`)`, org, name).Scan(&out.Images, &out.Running); err != nil {
			return err
		}
		if out.Watched == nil && out.Tags+out.Images == 0 {
			return sql.ErrNoRows
		}
		return nil
	})
	return out, s.db.Error("find repository", name, err)
}

// TagIntervals implements store.KnownRepositories.
func (s *Store) TagIntervals(ctx context.Context, org store.OrgID, repository string, past bool, page store.Page) (store.List[store.TagInterval], error) {
	opened, id := int64(1)<<62, int64(0)
	if _, err := sqldb.ReadCursor(page.Cursor, &opened, &id); err != nil {
		return store.List[store.TagInterval]{}, err
	}
	now := ` and closed_at is null`
	if past {
		now = ``
	}
	type row struct {
		store.TagInterval
		id int64
	}
	rows, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (r row, err error) {
		var opened int64
		var closed sql.NullInt64
		err = rows.Scan(&r.id, &r.Tag, &r.Target, &opened, &closed)
		r.Since, r.Until = sqldb.Time(opened), sqldb.NullTime(closed)
		return r, err
	}, `select id, name, target, opened_at, closed_at from tag where organisation_id = $1 and repository = $2`+now+` and (opened_at, id) < ($3, $4) order by opened_at desc, id desc limit $5`,
		org, repository, opened, id, sqldb.Limit(page)+1)
	if err != nil {
		return store.List[store.TagInterval]{}, s.db.Error("list tags of", repository, err)
	}
	part := sqldb.Cut(rows, sqldb.Limit(page), func(r row) string { return sqldb.Cursor(r.Since.UnixMicro(), r.id) })
	out := store.List[store.TagInterval]{Next: part.Next, Items: make([]store.TagInterval, len(part.Items))}
	byTarget := make(map[crowsnest.Digest][]int)
	var targets []crowsnest.Digest
	for i, r := range part.Items {
		out.Items[i] = r.TagInterval
		if byTarget[r.Target] == nil {
			targets = append(targets, r.Target)
		}
		byTarget[r.Target] = append(byTarget[r.Target], i)
	}
	err = sqldb.CollectIn(ctx, s.db, s.db.Reader, targets, []any{org}, func(in string) string {
		return `select d.digest, i.digest, i.state, i.reason from digest as d join alias as a on a.digest_id = d.id join image as i on i.id = a.image_id
			where d.organisation_id = $1 and d.digest in ` + in + ` order by ` + member.StateOrder(`i`) + `, i.digest`
	}, func(rows *sql.Rows) error {
		var target, image crowsnest.Digest
		var state store.State
		var reason string
		err := rows.Scan(&target, &image, &state, &reason)
		for _, i := range byTarget[target] {
			if t := &out.Items[i]; t.Image == "" {
				t.Image, t.State, t.Reason = image, state, reason
			}
		}
		return err
	})
	return out, s.db.Error("find images of tags of", repository, err)
}
