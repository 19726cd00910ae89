package member

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Table is a common table expression, member, of what runs in an organisation ($1), by
// place: an environment, an integration or the whole. Each row is a reported digest with the
// image it resolves to, if any; several digests may name one image. An index digest names
// several images; the analysed one among them counts. place and where are of the rows r of running.
func Table(place, where string) string {
	if where == latest {
		return latestTable
	}
	return `with ` + table(`running`, place, where, now)
}

// TableAt is Table of what ran in an environment ($2) at a time ($3).
func TableAt() string {
	return `with past as (
		select o.digest_id, o.environment_id, count(*) as occurrences from occurrence as o
		where o.environment_id = $2 and o.opened_at <= $3 and (o.closed_at is null or o.closed_at > $3) group by o.digest_id, o.environment_id
	), ` + table(`past`, `r.environment_id`, Everywhere, past)
}

// The columns of an image as it is now, and as it counts for the past: there retention changes nothing.
const (
	now  = `i.state, i.content_id`
	past = `case i.state when 'removed' then 'analysed' else i.state end as state, coalesce(i.content_id, i.past_content_id) as content_id`
)

func table(running, place, where, columns string) string {
	return `member as (
		select ` + place + ` as place, r.digest_id, i.id as image_id, ` + columns + `, r.occurrences
		from ` + running + ` as r
		left join alias as a on a.digest_id = r.digest_id
		left join image as i on i.id = a.image_id
		where r.environment_id in (select e.id from environment as e where e.organisation_id = $1) and ` + where + `
		and not exists (
			select 1 from alias as b cross join image as j
			where b.digest_id = a.digest_id and b.image_id <> a.image_id and j.id = b.image_id
			and (` + StateOrder(`j`) + `, j.digest) < (` + StateOrder(`i`) + `, i.digest))
	) `
}

// StateOrder ranks the images that one digest names. One whose content retention removed ranks as
// before, so that the past is answered from the same image.
func StateOrder(image string) string {
	return `case ` + image + `.state when 'analysed' then 0 when 'removed' then 0 when 'failed' then 1 else 2 end`
}

// Everywhere is the filter of Table that keeps all.
const Everywhere = `true`

// LatestID stands for store.LatestIndexed, which is no row of environment.
const LatestID int64 = -1

// Within returns the filter of Table that keeps what runs in one environment, whose number, the
// one given, must be parameter $2. Of LatestID it keeps what belongs to that; nothing of it occurs.
func Within(environment int64) string {
	if environment == LatestID {
		return latest
	}
	return `r.environment_id = $2`
}

// latest stands for latestTable.
const latest = `latest`

// latestTable is Table for LatestID, which is also the place of its rows: the newest
// analysed image of each repository and platform. One walk over an index finds when each was
// built, and a step into it which image that is.
var latestTable = `with member as materialized (
		select cast($2 as bigint) as place, a.digest_id, i.id as image_id, i.state, i.content_id, 0 as occurrences from (
			select v.repository, v.platform, max(v.built_at) as built_at from image as v
			where v.organisation_id = $1 and v.state = 'analysed' and v.repository <> '' and cast($2 as bigint) = ` + strconv.FormatInt(LatestID, 10) + `
			group by v.repository, v.platform
		) as v cross join image as i cross join alias as a
		where i.id = (
			select j.id from image as j where j.organisation_id = $1 and j.repository = v.repository and j.platform = v.platform and j.built_at = v.built_at
			and j.state = 'analysed' and j.repository <> '' order by j.digest desc limit 1
		) and a.image_id = i.id and a.kind = 'manifest'
	) `

// Row is a row of Table. Image and Content are null while nothing is known of the digest.
type Row struct {
	Place, Digest  int64
	Image, Content sql.NullInt64
	State          store.State
	Occurrences    int
}

// Rows reads what runs by place. Rows are put together by the callers and not in SQL: SQLite
// takes longer to sort many thousand rows than to hand them over.
func Rows(ctx context.Context, q sqldb.Querier, place, where string, args ...any) ([]Row, error) {
	return readRows(ctx, q, Table(place, where), args...)
}

func readRows(ctx context.Context, q sqldb.Querier, table string, args ...any) ([]Row, error) {
	return sqldb.Collect(ctx, q, func(rows *sql.Rows) (Row, error) {
		var m Row
		return m, rows.Scan(&m.Place, &m.Digest, &m.Image, &m.Content, &m.State, &m.Occurrences)
	}, table+`select place, digest_id, image_id, content_id, coalesce(state, ''), occurrences from member`, args...)
}

// RowsAt reads what ran in an environment at a time.
func RowsAt(ctx context.Context, q sqldb.Querier, org store.OrgID, environment, at int64) ([]Row, error) {
	return readRows(ctx, q, TableAt(), org, environment, at)
}

// Count counts what runs in one place.
type Count struct {
	Coverage    crowsnest.Coverage
	Summary     crowsnest.Summary
	Occurrences int
}

// Places counts what runs in the organisation by place, each distinct image once. The
// findings are counted if asked for.
func Places(ctx context.Context, db *sqldb.DB, q sqldb.Querier, findings bool, place, where string, args ...any) (map[int64]*Count, error) {
	rows, err := Rows(ctx, q, place, where, args...)
	if err != nil {
		return nil, err
	}
	var summaries map[int64]crowsnest.Summary
	if findings {
		if summaries, err = readSummaries(ctx, db, q, rows); err != nil {
			return nil, err
		}
	}
	return tally(rows, summaries), nil
}

// PlaceAt counts what ran in an environment at a time.
func PlaceAt(ctx context.Context, db *sqldb.DB, q sqldb.Querier, org store.OrgID, environment, at int64) (Count, error) {
	list, err := RowsAt(ctx, q, org, environment, at)
	if err != nil {
		return Count{}, err
	}
	summaries, err := readSummaries(ctx, db, q, list)
	if c := tally(list, summaries)[environment]; c != nil {
		return *c, err
	}
	return Count{}, err
}

// Coverage counts the distinct images of rows, wherever they run.
func Coverage(rows []Row) crowsnest.Coverage {
	anywhere := slices.Clone(rows)
	for i := range anywhere {
		anywhere[i].Place = 0
	}
	if c := tally(anywhere, nil)[0]; c != nil {
		return c.Coverage
	}
	return crowsnest.Coverage{}
}

// tally counts rows by place, with the findings of contents.
func tally(rows []Row, summaries map[int64]crowsnest.Summary) map[int64]*Count {
	type key struct {
		place, id int64
		known     bool
	}
	out := make(map[int64]*Count)
	seen := make(map[key]bool, len(rows))
	for _, m := range rows {
		p := out[m.Place]
		if p == nil {
			p = &Count{}
			out[m.Place] = p
		}
		p.Occurrences += m.Occurrences
		k := key{m.Place, m.Digest, false}
		if m.Image.Valid {
			k = key{m.Place, m.Image.Int64, true}
		}
		if seen[k] {
			continue
		}
		seen[k] = true
		c := &p.Coverage
		c.Running++
		switch {
		case !m.Image.Valid:
			c.Unresolved++
		case m.State == store.Analysed:
			c.Analysed++
		case m.State == store.Failed:
			c.Failed++
		default:
			c.NotAnalysed++
		}
		p.Summary = p.Summary.Plus(summaries[m.Content.Int64])
	}
	return out
}

// readSummaries reads the findings of the contents of members.
func readSummaries(ctx context.Context, db *sqldb.DB, q sqldb.Querier, rows []Row) (map[int64]crowsnest.Summary, error) {
	out := make(map[int64]crowsnest.Summary, len(rows))
	for _, m := range rows {
		if m.Content.Valid {
			out[m.Content.Int64] = crowsnest.Summary{}
		}
	}
	err := sqldb.CollectIn(ctx, db, q, slices.Sorted(maps.Keys(out)), nil, func(in string) string {
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

// EnvironmentID finds an environment of an organisation that is not deleted, or LatestID.
func EnvironmentID(ctx context.Context, db *sqldb.DB, org store.OrgID, name string) (int64, error) {
	return environmentID(ctx, db, ` and deleted_at is null`, org, name)
}

// DiscountsNotSeen reads whether what is not seen loaded in an environment does not count there.
func DiscountsNotSeen(ctx context.Context, q sqldb.Querier, environment int64) (bool, error) {
	if environment == 0 || environment == LatestID {
		return false, nil
	}
	var discount bool
	err := q.QueryRowContext(ctx, `select discount_not_seen from environment where id = $1`, environment).Scan(&discount)
	return discount, err
}

// PastEnvironmentID finds an environment of an organisation, also one that was deleted.
func PastEnvironmentID(ctx context.Context, db *sqldb.DB, org store.OrgID, name string) (int64, error) {
	return environmentID(ctx, db, ``, org, name)
}

// skew is how far ahead of this one the clock of who asks for the past may be.
const skew = time.Minute

// HistoryID is PastEnvironmentID for what asks how it was at a time: nobody kept that of LatestID, and nobody knows what is
// to come; an answer, empty or of the present, would look like one.
func HistoryID(ctx context.Context, db *sqldb.DB, org store.OrgID, name string, at time.Time) (int64, error) {
	if at.UnixMicro() > db.Now()+skew.Microseconds() {
		return 0, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read the past of environment", Subject: name, Hint: at.UTC().Format(time.RFC3339) + " is yet to come; give a time that is past"}
	}
	if name == store.LatestIndexed {
		return 0, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read the past of environment", Subject: name, Hint: "nothing runs there, so it has none; ask what it is now"}
	}
	return PastEnvironmentID(ctx, db, org, name)
}

func environmentID(ctx context.Context, db *sqldb.DB, where string, org store.OrgID, name string) (int64, error) {
	if name == store.LatestIndexed {
		return LatestID, nil
	}
	var id int64
	err := db.Reader.QueryRowContext(ctx, `select id from environment where organisation_id = $1 and name = $2`+where, org, name).Scan(&id)
	return id, db.Error("find environment", name, err)
}

// Contents resolves reported digests to the contents of analysed images, as TableAt does.
func Contents(ctx context.Context, db *sqldb.DB, q sqldb.Querier, digests []int64) (map[int64]int64, error) {
	return resolve(ctx, db, q, digests, `coalesce(i.content_id, i.past_content_id)`)
}

// Images resolves reported digests to images, as TableAt does.
func Images(ctx context.Context, db *sqldb.DB, q sqldb.Querier, digests []int64) (map[int64]int64, error) {
	return resolve(ctx, db, q, digests, `i.id`)
}

// resolve returns a column of the image that each digest names, where it is not null.
func resolve(ctx context.Context, db *sqldb.DB, q sqldb.Querier, digests []int64, column string) (map[int64]int64, error) {
	type choice struct {
		content sql.NullInt64
		rank    int
		digest  string
	}
	best := make(map[int64]choice)
	err := sqldb.CollectIn(ctx, db, q, digests, nil, func(in string) string {
		return `select a.digest_id, ` + column + `, ` + StateOrder(`i`) + `, i.digest from alias as a cross join image as i where i.id = a.image_id and a.digest_id in ` + in
	}, func(rows *sql.Rows) error {
		var id int64
		var c choice
		if err := rows.Scan(&id, &c.content, &c.rank, &c.digest); err != nil {
			return err
		}
		if old, ok := best[id]; !ok || c.rank < old.rank || c.rank == old.rank && c.digest < old.digest {
			best[id] = c
		}
		return nil
	})
	out := make(map[int64]int64, len(best))
	for id, c := range best {
		if c.content.Valid {
			out[id] = c.content.Int64
		}
	}
	return out, err
}
