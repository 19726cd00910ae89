package environment

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/use"
)

// ran is an occurrence with the numbers beside what is shown.
type ran struct {
	running.Occurrence
	opened, id, digest, environment int64
	profile                         sql.NullInt64
}

// statement is a condition on occurrences o with its arguments. Each is bound where it is used: PostgreSQL takes none that is not.
type statement struct {
	where []string
	args  []any
}

// bind makes an argument and returns which parameter it is.
func (s *statement) bind(v any) int {
	s.args = append(s.args, v)
	return len(s.args)
}

// add adds conditions, in which each ? stands for the value.
func (s *statement) add(condition string, value any) {
	s.where = append(s.where, strings.ReplaceAll(condition, "?", sqldb.Dollar(s.bind(value))))
}

// Occurrences implements store.Environments. All of a page comes from one state of the database.
func (s *Store) Occurrences(ctx context.Context, org store.OrgID, filter running.Filter, page store.Page) (out store.List[running.Occurrence], err error) {
	stmt, err := s.narrowed(ctx, org, filter)
	if err != nil {
		return out, err
	}
	opened, id := int64(1<<62), int64(0)
	if _, err := sqldb.ReadCursor(page.Cursor, &opened, &id); err != nil {
		return out, err
	}
	stmt.where = append(stmt.where, `(o.opened_at, o.id) < (`+sqldb.Dollar(stmt.bind(opened))+`, `+sqldb.Dollar(stmt.bind(id))+`)`)
	err = s.db.Snapshot(ctx, func(q sqldb.Querier) error {
		out, err = s.occurrences(ctx, q, org, stmt, sqldb.Limit(page))
		return err
	})
	return out, s.db.Error("list occurrences", filter.Environment, err)
}

// narrowed makes the condition of a filter. Each way to begin has an index in the order of the list; an image has fewer rows
// than an environment, so the plus keeps SQLite from the index of the latter.
func (s *Store) narrowed(ctx context.Context, org store.OrgID, filter running.Filter) (*statement, error) {
	stmt := new(statement)
	var place int64
	if filter.Environment != "" {
		var err error
		if place, err = member.PastEnvironmentID(ctx, s.db, org, filter.Environment); err != nil {
			return nil, err
		}
	}
	if filter.Image != "" {
		stmt.where = append(stmt.where, `o.digest_id in (`+member.DigestsOf(stmt.bind(org), stmt.bind(filter.Image))+`)`)
	}
	switch {
	case filter.Environment == "" && filter.Image == "":
		stmt.add(`o.organisation_id = ?`, org)
	case filter.Environment == "": // the digests are the organisation's
	case filter.Image == "":
		stmt.add(`o.environment_id = ?`, place)
	default:
		stmt.add(`+o.environment_id = ?`, place)
	}
	if filter.Now {
		stmt.where = append(stmt.where, `o.closed_at is null`)
	}
	if filter.Cluster != "" {
		stmt.add(`o.cluster = ?`, filter.Cluster)
	}
	if filter.Namespace != "" {
		stmt.add(`o.namespace = ?`, filter.Namespace)
	}
	words := strings.Fields(filter.Query)
	for _, word := range words[:min(len(words), running.MaxWords)] {
		owner, pattern := sqldb.Dollar(stmt.bind(org)), sqldb.Dollar(stmt.bind(sqldb.Pattern(word)))
		var ways []string
		for _, column := range []string{`o.name`, `o.namespace`, `o.cluster`, `o.container`, `o.kind`} {
			ways = append(ways, sqldb.Contains(column, pattern))
		}
		// What is called so is found once: there are fewer images than occurrences.
		ways = append(ways, `o.digest_id in (
			select a.digest_id from image as i cross join alias as a where i.organisation_id = `+owner+` and `+sqldb.Contains(`i.name`, pattern)+` and a.image_id = i.id
			union select n.digest_id from reported_name as n cross join digest as d where d.id = n.digest_id and d.organisation_id = `+owner+` and `+sqldb.Contains(`n.name`, pattern)+`)`)
		stmt.where = append(stmt.where, `(`+strings.Join(ways, ` or `)+`)`)
	}
	return stmt, nil
}

func (s *Store) occurrences(ctx context.Context, q sqldb.Querier, org store.OrgID, stmt *statement, limit int) (store.List[running.Occurrence], error) {
	var out store.List[running.Occurrence]
	now := sqldb.Dollar(stmt.bind(use.Now(s.db)))
	rows, err := sqldb.Collect(ctx, q, func(rows *sql.Rows) (ran, error) {
		var r ran
		var closed sql.NullInt64
		var reported int64
		w := &r.Workload
		err := rows.Scan(&r.id, &r.opened, &closed, &r.digest, &r.ImageID, &r.environment, &r.Environment, &w.Integration, &w.Cluster, &w.Namespace, &w.Kind, &w.Name, &w.Container,
			&r.profile, &reported, &r.ProfileStale)
		r.Opened, r.Closed = sqldb.Time(r.opened), sqldb.NullTime(closed)
		if r.profile.Valid = r.profile.Valid && !closed.Valid; r.profile.Valid {
			r.ProfiledAt = sqldb.Time(reported)
		}
		r.ProfileStale = r.ProfileStale && r.profile.Valid
		return r, err
	}, `select o.id, o.opened_at, o.closed_at, d.id, d.digest, e.id, e.name, g.name, o.cluster, o.namespace, o.kind, o.name, o.container,
			o.profile_id, `+use.Reported+`, not `+use.Fresh(now)+`
		from occurrence as o
		join digest as d on d.id = o.digest_id
		join integration as g on g.number = o.integration_number
		join environment as e on e.id = o.environment_id
		where `+strings.Join(stmt.where, ` and `)+`
		order by o.opened_at desc, o.id desc limit `+sqldb.Dollar(stmt.bind(limit+1)), stmt.args...)
	if err != nil {
		return out, err
	}
	part := sqldb.Cut(rows, limit, func(r ran) string { return sqldb.Cursor(r.opened, r.id) })
	out.Next = part.Next
	if err := s.nameRan(ctx, q, org, part.Items); err != nil {
		return out, err
	}
	for _, r := range part.Items {
		out.Items = append(out.Items, r.Occurrence)
	}
	return out, nil
}

// nameRan says of occurrences what their images are called and, of what runs, what is in use of them.
func (s *Store) nameRan(ctx context.Context, q sqldb.Querier, org store.OrgID, list []ran) error {
	digests := make([]int64, len(list))
	for i, r := range list {
		digests[i] = r.digest
	}
	slices.Sort(digests)
	digests = slices.Compact(digests)
	images, err := member.Images(ctx, s.db, q, digests)
	if err != nil {
		return err
	}
	numbers := make([]int64, 0, len(images))
	for _, image := range images {
		numbers = append(numbers, image)
	}
	type known struct {
		name    string
		digest  crowsnest.Digest
		content sql.NullInt64
	}
	of := make(map[int64]known, len(images))
	if err := sqldb.CollectIn(ctx, s.db, q, numbers, nil, func(in string) string {
		return `select id, name, digest, content_id from image where id in ` + in
	}, func(rows *sql.Rows) error {
		var id int64
		var k known
		err := rows.Scan(&id, &k.name, &k.digest, &k.content)
		of[id] = k
		return err
	}); err != nil {
		return err
	}
	called := make(map[int64]string)
	if err := sqldb.CollectIn(ctx, s.db, q, digests, nil, func(in string) string {
		return `select digest_id, name from reported_name where digest_id in ` + in
	}, func(rows *sql.Rows) error {
		var digest int64
		var name string
		err := rows.Scan(&digest, &name)
		called[digest] = name
		return err
	}); err != nil {
		return err
	}

	places := make(map[int]place, len(list))
	var asked []place
	for i := range list {
		r := &list[i]
		image, ok := of[images[r.digest]]
		if r.Image, r.Digest = image.name, image.digest; !ok {
			r.Image = called[r.digest]
			continue
		}
		if !image.content.Valid || !r.Closed.IsZero() {
			continue
		}
		var profiles []int64
		if r.profile.Valid {
			profiles = []int64{r.profile.Int64}
		}
		places[i] = place{images[r.digest], r.environment, newPair(image.content.Int64, profiles)}
		asked = append(asked, places[i])
	}
	splits, err := s.counted(ctx, q, org, asked)
	if err != nil {
		return err
	}
	for i, p := range places {
		split := aged(splits[p], list[i].ProfileStale)
		list[i].InUse = &split
	}
	return nil
}
