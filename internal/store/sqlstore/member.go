package sqlstore

import (
	"context"
	"database/sql"

	"github.com/crowsnest-sec/crowsnest"
)

// members is what runs in an organisation ($1) by place (an environment, an integration
// or the whole): each distinct image with its state and content or, where the reported
// digest resolves to none, that digest as unknown. An index digest names several images;
// the analysed one among them counts.
//
// Membership exists only here: it is derived from open occurrences, aliases and images
// at each call.
func members(place, where string) string {
	return `with reported as (
		select ` + place + ` as place, r.digest_id, r.occurrences from running as r
		where r.environment_id in (select e.id from environment as e where e.organisation_id = $1) and ` + where + `
	), member as (
		select distinct r.place, i.id as image_id, i.state, i.content_id, case when i.id is null then r.digest_id end as unknown
		from reported as r
		left join alias as a on a.digest_id = r.digest_id
		left join image as i on i.id = a.image_id
		where not exists (
			select 1 from alias as b join image as j on j.id = b.image_id
			where b.digest_id = a.digest_id and b.image_id <> a.image_id and (` + stateOrder(`j`) + `, j.digest) < (` + stateOrder(`i`) + `, i.digest))
	) `
}

// stateOrder ranks the images that one digest names.
func stateOrder(image string) string {
	return `case ` + image + `.state when 'analysed' then 0 when 'failed' then 1 else 2 end`
}

// everywhere is the filter of members that keeps all.
const everywhere = `true`

// placeCount counts what runs in one place.
type placeCount struct {
	coverage    crowsnest.Coverage
	summary     crowsnest.Summary
	occurrences int
}

// countPlaces counts what runs in the organisation by place.
func (s *Store) countPlaces(ctx context.Context, place, where string, args ...any) (map[int64]placeCount, error) {
	out := make(map[int64]placeCount)
	_, err := collect(ctx, s.reader, func(rows *sql.Rows) (struct{}, error) {
		var id int64
		var p placeCount
		c, v := &p.coverage, &p.summary
		err := rows.Scan(&id, &c.Running, &c.Analysed, &c.Failed, &c.Unresolved, &v.Critical, &v.High, &v.Medium, &v.Low, &v.Unspecified, &p.occurrences)
		c.NotAnalysed = c.Running - c.Analysed - c.Failed - c.Unresolved
		out[id] = p
		return struct{}{}, err
	}, members(place, where)+`, counted as (
			select m.place, count(*) as running, count(*) filter (where m.state = 'analysed') as analysed, count(*) filter (where m.state = 'failed') as failed,
				count(*) filter (where m.image_id is null) as unresolved, coalesce(sum(c.critical), 0) as critical, coalesce(sum(c.high), 0) as high,
				coalesce(sum(c.medium), 0) as medium, coalesce(sum(c.low), 0) as low, coalesce(sum(c.unspecified), 0) as unspecified
			from member as m left join content as c on c.id = m.content_id group by m.place
		), reports as (
			select place, sum(occurrences) as occurrences from reported group by place
		)
		select n.place, n.running, n.analysed, n.failed, n.unresolved, n.critical, n.high, n.medium, n.low, n.unspecified, r.occurrences
		from counted as n join reports as r on r.place = n.place`, args...)
	return out, err
}
