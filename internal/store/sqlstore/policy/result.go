package policy

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// moment is when results are asked for: now or, unless it is 0, at a time.
type moment int64

// held tells that a result r lasts at the moment, whose time is in parameter.
func (m moment) held(parameter string) string {
	if m == 0 {
		return `r.closed_at is null and cast(` + parameter + ` as bigint) = 0`
	}
	return `r.opened_at <= ` + parameter + ` and (r.closed_at is null or r.closed_at > ` + parameter + `)`
}

// PolicyRates implements store.PolicyResults.
func (s *Store) PolicyRates(ctx context.Context, org store.OrgID, environment string, then time.Time) (map[int64]store.PolicyRate, error) {
	out := make(map[int64]store.PolicyRate)
	count := func(m moment, into func(*store.PolicyRate) *store.PolicyCount) error {
		counts, err := s.counts(ctx, org, environment, m)
		for id, c := range counts {
			rate := out[id]
			*into(&rate) = *c
			out[id] = rate
		}
		return err
	}
	err := count(0, func(r *store.PolicyRate) *store.PolicyCount { return &r.Now })
	if err == nil && !then.IsZero() && environment != store.LatestIndexed { // of which nobody kept what it was
		err = count(moment(then.UnixMicro()), func(r *store.PolicyRate) *store.PolicyCount { return &r.Then })
	}
	return out, s.db.Error("count what policies say of", environment, err)
}

func add(c *store.PolicyCount, rank, images, violations int) {
	switch rank {
	case compliant:
		c.Compliant += images
	case nonCompliant:
		c.NonCompliant += images
	default:
		c.NoData += images
	}
	c.Violations += violations
}

func (s *Store) counts(ctx context.Context, org store.OrgID, environment string, m moment) (map[int64]*store.PolicyCount, error) {
	out := make(map[int64]*store.PolicyCount)
	tally := func(policy int64, rank, images, violations int) {
		if out[policy] == nil {
			out[policy] = &store.PolicyCount{}
		}
		add(out[policy], rank, images, violations)
	}
	if environment != "" {
		images, place, err := s.within(ctx, org, environment, m)
		if err != nil {
			return nil, err
		}
		best, err := s.worst(ctx, org, images, place, m)
		for at, r := range best {
			tally(at.policy, r.status, 1, r.violations)
		}
		return out, err
	}
	// Of most policies there is a result of each image by itself; of those that hold in some environments alone there is none.
	return out, sqldb.Each(ctx, s.db.Reader, func(rows *sql.Rows) error {
		var policy int64
		var rank, images, violations int
		err := rows.Scan(&policy, &rank, &images, &violations)
		tally(policy, rank, images, violations)
		return err
	}, `select r.policy_id, r.status, count(*), sum(r.violations) from policy as p cross join policy_result as r
			where p.organisation_id = $1 and p.enabled and p.environments = '' and r.policy_id = p.id and r.environment_id = 0 and `+m.held(`$2`)+` group by r.policy_id, r.status
		union all
		select w.policy_id, w.status, count(*), sum(w.violations) from (
			select r.policy_id, r.image_id, max(r.status) as status, max(r.violations) as violations from policy as p cross join policy_result as r
			where p.organisation_id = $1 and p.enabled and p.environments <> '' and r.policy_id = p.id and `+m.held(`$2`)+` group by r.policy_id, r.image_id
		) as w group by w.policy_id, w.status`, org, int64(m))
}

// within returns the analysed images that run in an environment at a moment, and its number.
func (s *Store) within(ctx context.Context, org store.OrgID, environment string, m moment) ([]int64, int64, error) {
	find := member.EnvironmentID
	if m != 0 {
		find = member.HistoryID
	}
	id, err := find(ctx, s.db, org, environment)
	if err != nil {
		return nil, 0, err
	}
	var rows []member.Row
	if m == 0 {
		rows, err = member.Rows(ctx, s.db.Reader, `0`, member.Within(id), org, id)
	} else {
		rows, err = member.RowsAt(ctx, s.db.Reader, org, id, int64(m))
	}
	images := make(map[int64]bool, len(rows))
	for _, row := range rows {
		if row.Image.Valid && row.State == store.Analysed {
			images[row.Image.Int64] = true
		}
	}
	return slices.Sorted(maps.Keys(images)), id, err
}

// of is what a result is of, wherever.
type of struct{ image, policy int64 }

// worst reads what enabled policies say of images in a place: what they say of them there or, where that is nothing, of them by
// themselves.
func (s *Store) worst(ctx context.Context, org store.OrgID, images []int64, place int64, m moment) (map[of]result, error) {
	out := make(map[of]result)
	return out, sqldb.CollectIn(ctx, s.db, s.db.Reader, images, []any{org, int64(m), place}, func(in string) string {
		return `select r.image_id, r.policy_id, r.environment_id, r.status, r.violations, r.opened_at, r.opened_by, r.reason from policy_result as r join policy as p on p.id = r.policy_id
			where r.image_id in ` + in + ` and p.organisation_id = $1 and p.enabled and r.environment_id in (0, $3) and ` + m.held(`$2`)
	}, func(rows *sql.Rows) error {
		var at of
		var r result
		err := rows.Scan(&at.image, &at.policy, &r.environment, &r.status, &r.violations, &r.opened, &r.cause, &r.reason)
		if _, ok := out[at]; !ok || r.environment != store.Everywhere {
			out[at] = r
		}
		return err
	})
}

// result is a row of policy_result.
type result struct {
	environment        int64
	status, violations int
	opened             int64
	cause              store.PolicyCause
	reason             string
}

func (r result) image(environment string) store.PolicyImage {
	return store.PolicyImage{Environment: environment, Status: statusOf(r.status), Violations: r.violations, Reason: r.reason, Since: sqldb.Time(r.opened), Cause: r.cause}
}

// ImagePolicies implements store.PolicyResults.
func (s *Store) ImagePolicies(ctx context.Context, org store.OrgID, digest crowsnest.Digest, environment string) (map[int64]store.PolicyImage, error) {
	var image, place int64
	err := s.db.Reader.QueryRowContext(ctx, `select id from image where organisation_id = $1 and digest = $2`, org, digest).Scan(&image)
	if err == nil && environment != "" {
		place, err = member.EnvironmentID(ctx, s.db, org, environment)
	}
	if err != nil {
		return nil, s.db.Error("find image", string(digest), err)
	}
	best, err := s.worst(ctx, org, []int64{image}, place, 0)
	out := make(map[int64]store.PolicyImage, len(best))
	for at, r := range best {
		where := ""
		if r.environment != store.Everywhere {
			where = environment
		}
		out[at.policy] = r.image(where)
	}
	return out, s.db.Error("read what policies say of", string(digest), err)
}

// PolicyImages implements store.PolicyResults.
func (s *Store) PolicyImages(ctx context.Context, org store.OrgID, filter store.PolicyFilter, page store.Page) (store.List[store.PolicyImage], error) {
	var none store.List[store.PolicyImage]
	var name, digest string
	if _, err := sqldb.ReadCursor(page.Cursor, &name, &digest); err != nil {
		return none, err
	}
	p, err := s.Policy(ctx, org, filter.Policy)
	if err != nil || !p.Enabled {
		return none, err
	}
	args := []any{org, p.ID, name, digest, sqldb.Limit(page) + 1}
	// Of several results of an image the one counts that is of the place or, without one, of the image by itself, or else the worst.
	where := `(r.environment_id = 0 or not exists (select 1 from policy_result as o where o.image_id = r.image_id and o.policy_id = r.policy_id and o.closed_at is null
		and (o.environment_id = 0 or (o.status, o.environment_id) > (r.status, r.environment_id))))`
	if filter.Environment != "" {
		images, place, err := s.within(ctx, org, filter.Environment, 0)
		if err != nil {
			return none, s.db.Error("list images of policy", filter.Policy, err)
		}
		args = append(args, place, numbers(images))
		where = `r.image_id in (` + s.db.Numbers(`$7`, `id`) + `) and (r.environment_id = $6 or r.environment_id = 0 and not exists (
			select 1 from policy_result as o where o.image_id = r.image_id and o.policy_id = r.policy_id and o.closed_at is null and o.environment_id = $6))`
	}
	if len(filter.Statuses) > 0 {
		ranks := make([]string, len(filter.Statuses))
		for i, status := range filter.Statuses {
			ranks[i] = strconv.Itoa(rankOf(status))
		}
		where += ` and r.status in (` + strings.Join(ranks, ", ") + `)`
	}
	list, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (store.PolicyImage, error) {
		var r result
		var number int64
		var name, environment string
		var digest crowsnest.Digest
		err := rows.Scan(&number, &name, &digest, &environment, &r.status, &r.violations, &r.opened, &r.cause, &r.reason)
		img := r.image(environment)
		img.Number, img.Name, img.Digest = number, name, digest
		return img, err
	}, `select i.id, i.name, i.digest, coalesce(e.name, ''), r.status, r.violations, r.opened_at, r.opened_by, r.reason
		from policy_result as r join image as i on i.id = r.image_id left join environment as e on e.id = r.environment_id
		where r.policy_id = $2 and r.closed_at is null and i.organisation_id = $1 and (i.name, i.digest) > ($3, $4) and `+where+` order by i.name, i.digest limit $5`, args...)
	if err != nil {
		return none, s.db.Error("list images of policy", filter.Policy, err)
	}
	return sqldb.Cut(list, sqldb.Limit(page), func(i store.PolicyImage) string { return sqldb.Cursor(i.Name, string(i.Digest)) }), nil
}

// numbers writes numbers as text, for sqldb.Numbers.
func numbers(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(texts, ",")
}

// PolicyChanges implements store.PolicyResults. What a result follows ended in the transaction that began it, and so at its time.
func (s *Store) PolicyChanges(ctx context.Context, org store.OrgID, filter store.PolicyFilter, page store.Page) (store.List[store.PolicyChanged], error) {
	var none store.List[store.PolicyChanged]
	var at, id int64
	more, err := sqldb.ReadCursor(page.Cursor, &at, &id)
	if err != nil {
		return none, err
	}
	since := int64(-1) << 62
	if !filter.Since.IsZero() {
		since = filter.Since.UnixMicro()
	}
	if !more {
		at = store.Forever
	}
	args := []any{org, filter.Policy, since, at, id, sqldb.Limit(page) + 1}
	where := ``
	if filter.Environment != "" {
		images, place, err := s.within(ctx, org, filter.Environment, 0)
		if err != nil {
			return none, s.db.Error("list changes of policies", filter.Policy, err)
		}
		args = append(args, place, numbers(images))
		where = ` and r.environment_id in (0, $7) and r.image_id in (` + s.db.Numbers(`$8`, `id`) + `)`
	}
	type row struct {
		store.PolicyChanged
		id, at int64
	}
	list, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (row, error) {
		var c row
		var status int
		var wasStatus, wasViolations sql.NullInt64
		err := rows.Scan(&c.id, &c.Policy, &c.Name, &c.Digest, &c.Environment, &c.at, &c.Cause, &status, &c.After.Violations, &wasStatus, &wasViolations)
		c.At, c.After.Status = sqldb.Time(c.at), statusOf(status)
		if wasStatus.Valid {
			c.Before = &store.PolicyOutcome{Status: statusOf(int(wasStatus.Int64)), Violations: int(wasViolations.Int64)}
		}
		return c, err
	}, `select r.id, p.name, i.name, i.digest, coalesce(e.name, ''), r.opened_at, r.opened_by, r.status, r.violations, b.status, b.violations
		from policy as p join policy_result as r on r.policy_id = p.id join image as i on i.id = r.image_id left join environment as e on e.id = r.environment_id
		left join policy_result as b on b.image_id = r.image_id and b.policy_id = r.policy_id and b.environment_id = r.environment_id and b.closed_at = r.opened_at and b.id <> r.id and b.opened_at < r.opened_at
		where p.organisation_id = $1 and p.enabled and ($2 = '' or p.name = $2) and r.opened_at > $3 and (r.opened_at, r.id) < ($4, $5)`+where+`
		order by r.opened_at desc, r.id desc limit $6`, args...)
	if err != nil {
		return none, s.db.Error("list changes of policies", filter.Policy, err)
	}
	part := sqldb.Cut(list, sqldb.Limit(page), func(c row) string { return sqldb.Cursor(c.at, c.id) })
	out := store.List[store.PolicyChanged]{Next: part.Next}
	for _, c := range part.Items {
		out.Items = append(out.Items, c.PolicyChanged)
	}
	return out, nil
}
