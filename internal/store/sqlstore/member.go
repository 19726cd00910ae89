package sqlstore

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// members is what runs in an organisation ($1), by place: an environment, an integration or
// the whole. Each row is a reported digest with the image it resolves to, if any; several
// digests may name one image. An index digest names several images; the analysed one
// among them counts.
//
// Membership exists only here: it is derived from open occurrences, aliases and images
// at each call.
func members(place, where string) string {
	return `with member as (
		select ` + place + ` as place, r.digest_id, i.id as image_id, i.state, i.content_id, r.occurrences
		from running as r
		left join alias as a on a.digest_id = r.digest_id
		left join image as i on i.id = a.image_id
		where r.environment_id in (select e.id from environment as e where e.organisation_id = $1) and ` + where + `
		and not exists (
			select 1 from alias as b cross join image as j
			where b.digest_id = a.digest_id and b.image_id <> a.image_id and j.id = b.image_id
			and (` + stateOrder(`j`) + `, j.digest) < (` + stateOrder(`i`) + `, i.digest))
	) `
}

// stateOrder ranks the images that one digest names.
func stateOrder(image string) string {
	return `case ` + image + `.state when 'analysed' then 0 when 'failed' then 1 else 2 end`
}

// everywhere is the filter of members that keeps all.
const everywhere = `true`

// memberRow is a row of members.
type memberRow struct {
	place, digest  int64
	image, content sql.NullInt64
	state          store.State
	occurrences    int
}

// members reads what runs by place. Rows are put together by the callers and not in SQL: SQLite
// takes longer to sort many thousand rows than to hand them over.
func (s *Store) members(ctx context.Context, q sqldb.Querier, place, where string, args ...any) ([]memberRow, error) {
	return sqldb.Collect(ctx, q, func(rows *sql.Rows) (memberRow, error) {
		var m memberRow
		return m, rows.Scan(&m.place, &m.digest, &m.image, &m.content, &m.state, &m.occurrences)
	}, members(place, where)+`select place, digest_id, image_id, content_id, coalesce(state, ''), occurrences from member`, args...)
}

// placeCount counts what runs in one place.
type placeCount struct {
	coverage    crowsnest.Coverage
	summary     crowsnest.Summary
	occurrences int
}

// countPlaces counts what runs in the organisation by place, each distinct image once. The
// findings are counted if asked for.
func (s *Store) countPlaces(ctx context.Context, q sqldb.Querier, findings bool, place, where string, args ...any) (map[int64]*placeCount, error) {
	rows, err := s.members(ctx, q, place, where, args...)
	if err != nil {
		return nil, err
	}
	var summaries map[int64]crowsnest.Summary
	if findings {
		if summaries, err = s.summaries(ctx, q, rows); err != nil {
			return nil, err
		}
	}
	type key struct {
		place, id int64
		known     bool
	}
	out := make(map[int64]*placeCount)
	seen := make(map[key]bool, len(rows))
	for _, m := range rows {
		p := out[m.place]
		if p == nil {
			p = &placeCount{}
			out[m.place] = p
		}
		p.occurrences += m.occurrences
		k := key{m.place, m.digest, false}
		if m.image.Valid {
			k = key{m.place, m.image.Int64, true}
		}
		if seen[k] {
			continue
		}
		seen[k] = true
		c := &p.coverage
		c.Running++
		switch {
		case !m.image.Valid:
			c.Unresolved++
		case m.state == store.Analysed:
			c.Analysed++
		case m.state == store.Failed:
			c.Failed++
		default:
			c.NotAnalysed++
		}
		p.summary = p.summary.Plus(summaries[m.content.Int64])
	}
	return out, nil
}

// summaries reads the findings of the contents of members.
func (s *Store) summaries(ctx context.Context, q sqldb.Querier, rows []memberRow) (map[int64]crowsnest.Summary, error) {
	out := make(map[int64]crowsnest.Summary, len(rows))
	for _, m := range rows {
		if m.content.Valid {
			out[m.content.Int64] = crowsnest.Summary{}
		}
	}
	err := sqldb.CollectIn(ctx, s.db, q, slices.Sorted(maps.Keys(out)), nil, func(in string) string {
		return `select id, critical, high, medium, low, unspecified from content where id in ` + in
	}, func(rows *sql.Rows) error {
		var id int64
		var v crowsnest.Summary
		err := rows.Scan(&id, &v.Critical, &v.High, &v.Medium, &v.Low, &v.Unspecified)
		out[id] = v
		return err
	})
	return out, err
}
