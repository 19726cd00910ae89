package policy

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
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
func (s *Store) PolicyRates(ctx context.Context, org store.OrgID, environment string, then time.Time) (map[int64]subject.Rate, error) {
	out := make(map[int64]subject.Rate)
	count := func(m moment, into func(*subject.Rate) *subject.Count) error {
		counts, err := s.counts(ctx, org, environment, m)
		for id, c := range counts {
			rate := out[id]
			*into(&rate) = *c
			out[id] = rate
		}
		return err
	}
	err := count(0, func(r *subject.Rate) *subject.Count { return &r.Now })
	if err == nil && !then.IsZero() && environment != store.LatestIndexed { // of which nobody kept what it was
		err = count(moment(then.UnixMicro()), func(r *subject.Rate) *subject.Count { return &r.Then })
	}
	return out, s.db.Error("count what policies say of", environment, err)
}

func add(c *subject.Count, rank, images, violations int) {
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

// tally counts by policy.
type tally map[int64]*subject.Count

func (t tally) add(policy int64, rank, images, violations int) {
	if t[policy] == nil {
		t[policy] = &subject.Count{}
	}
	add(t[policy], rank, images, violations)
}

// group counts what a query selects: policy, rank, how many, and their violations, times sign.
func (s *Store) group(ctx context.Context, t tally, sign int, query string, args ...any) error {
	return sqldb.Each(ctx, s.db.Reader, func(rows *sql.Rows) error {
		var policy int64
		var rank, images, violations int
		err := rows.Scan(&policy, &rank, &images, &violations)
		t.add(policy, rank, sign*images, sign*violations)
		return err
	}, query, args...)
}

func (s *Store) counts(ctx context.Context, org store.OrgID, environment string, m moment) (tally, error) {
	if environment == "" {
		return s.everywhere(ctx, org, m)
	}
	images, place, err := s.within(ctx, org, environment, m)
	if err != nil {
		return nil, err
	}
	return s.there(ctx, org, images, place, m)
}

// grouped selects what group reads, of results of enabled policies of the organisation ($1).
const grouped = `select r.policy_id, r.status, count(*), sum(r.violations) from policy as p cross join policy_result as r where p.organisation_id = $1 and p.enabled and r.policy_id = p.id`

// everywhere counts all images. Of most policies there is a result of each image by itself; of those that hold in some environments
// alone there is none. What was is what is, without what began since and with what ended.
func (s *Store) everywhere(ctx context.Context, org store.OrgID, m moment) (tally, error) {
	return s.remembered(ctx, keptOf{org, m, true}, func() (tally, error) { return s.countEverywhere(ctx, org, m) })
}

func (s *Store) countEverywhere(ctx context.Context, org store.OrgID, m moment) (tally, error) {
	out, err := s.unscoped(ctx, org)
	if err == nil && m != 0 {
		// From what began since by its time, whatever it is: there are indexes that lead to all that lasts.
		err = s.group(ctx, out, -1, grouped+` and p.environments = '' and r.environment_id + 0 = 0 and r.opened_at > $2 and coalesce(r.closed_at, 0) = 0 group by r.policy_id, r.status`, org, int64(m))
	}
	if err == nil && m != 0 {
		err = s.group(ctx, out, 1, grouped+` and p.environments = '' and r.environment_id + 0 = 0 and r.closed_at > $2 and r.opened_at - $2 <= 0 group by r.policy_id, r.status`, org, int64(m))
	}
	if err == nil {
		err = s.group(ctx, out, 1, `select w.policy_id, w.status, count(*), sum(w.violations) from (
				select r.policy_id, r.image_id, max(r.status) as status, max(r.violations) as violations from policy as p cross join policy_result as r
				where p.organisation_id = $1 and p.enabled and p.environments <> '' and r.policy_id = p.id and `+m.held(`$2`)+` group by r.policy_id, r.image_id
			) as w group by w.policy_id, w.status`, org, int64(m))
	}
	return out, err
}

// keptOf names what was counted: of an organisation at a moment, by the policies that hold everywhere or by all.
type keptOf struct {
	org    store.OrgID
	at     moment
	scoped bool
}

// kept is what was counted in one state of an organisation's policies.
type kept struct {
	revision int64
	counts   map[int64]subject.Count
}

// maxKept bounds how much is kept.
const maxKept = 256

// unscoped counts all images by the policies that hold everywhere.
func (s *Store) unscoped(ctx context.Context, org store.OrgID) (tally, error) {
	return s.remembered(ctx, keptOf{org: org}, func() (tally, error) {
		out := make(tally)
		return out, s.group(ctx, out, 1, grouped+` and p.environments = '' and r.environment_id = 0 and r.closed_at is null group by r.policy_id, r.status`, org)
	})
}

// remembered counts, or returns what was counted before: it goes over a result of each image, so it is kept until one changes.
func (s *Store) remembered(ctx context.Context, key keptOf, count func() (tally, error)) (tally, error) {
	revisions, err := revision.Read(ctx, s.db.Reader, key.org, s.db.Now())
	if err != nil {
		return nil, err
	}
	now := revisions[store.PoliciesResource]
	s.mu.Lock()
	have, ok := s.kept[key]
	s.mu.Unlock()
	if ok && have.revision == now {
		out := make(tally, len(have.counts))
		for id, c := range have.counts {
			out[id] = &c
		}
		return out, nil
	}
	out, err := count()
	if err != nil {
		return nil, err
	}
	counts := make(map[int64]subject.Count, len(out))
	for id, c := range out {
		counts[id] = *c
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.kept) >= maxKept {
		clear(s.kept)
	}
	s.kept[key] = kept{now, counts}
	return out, nil
}

// there counts images in a place. Few of them have results of their own there, and the others are counted by the database. What lasts is
// found by the images, and what ended since by the policies.
func (s *Store) there(ctx context.Context, org store.OrgID, images []int64, place int64, m moment) (tally, error) {
	lasting := `from (` + s.db.Numbers(`$1`, `id`) + `) as i cross join policy_result as r where r.image_id = i.id and r.environment_id = $2 and r.closed_at is null and (cast($3 as bigint) = 0 or r.opened_at <= $3)`
	ended := `from policy as p cross join policy_result as r where p.organisation_id = $4 and r.policy_id = p.id and r.closed_at > $3 and r.opened_at <= $3 and r.environment_id = $2
		and r.image_id in (` + s.db.Numbers(`$1`, `id`) + `)`
	each := func(columns, grouped string, images []int64, place int64, scan func(*sql.Rows) error) error {
		args := []any{numbers(images), place, int64(m)}
		err := sqldb.Each(ctx, s.db.Reader, scan, `select `+columns+lasting+grouped, args...)
		if err == nil && m != 0 {
			err = sqldb.Each(ctx, s.db.Reader, scan, `select `+columns+ended+grouped, append(args, org)...)
		}
		return err
	}
	enabled := make(map[int64]bool)
	if err := sqldb.Each(ctx, s.db.Reader, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		enabled[id] = true
		return err
	}, readEnabled, org); err != nil {
		return nil, err
	}
	own := make(map[int64]bool)
	if err := each(`distinct r.image_id `, ``, images, place, func(rows *sql.Rows) error {
		var image int64
		err := rows.Scan(&image)
		own[image] = true
		return err
	}); err != nil {
		return nil, err
	}
	out := make(tally)
	others := slices.DeleteFunc(slices.Clone(images), func(id int64) bool { return own[id] })
	if err := each(`r.policy_id, r.status, count(*), sum(r.violations) `, ` group by r.policy_id, r.status`, others, subject.Everywhere, func(rows *sql.Rows) error {
		var policy int64
		var rank, n, violations int
		err := rows.Scan(&policy, &rank, &n, &violations)
		if enabled[policy] {
			out.add(policy, rank, n, violations)
		}
		return err
	}); err != nil {
		return nil, err
	}
	best, err := s.worst(ctx, org, slices.Sorted(maps.Keys(own)), place, m)
	for at, r := range best {
		out.add(at.policy, r.status, 1, r.violations)
	}
	return out, err
}

// within returns the analysed images that run in an environment at a moment, and its number.
func (s *Store) within(ctx context.Context, org store.OrgID, environment string, m moment) ([]int64, int64, error) {
	var id int64
	var err error
	if m == 0 {
		id, err = member.EnvironmentID(ctx, s.db, org, environment)
	} else {
		id, err = member.HistoryID(ctx, s.db, org, environment, sqldb.Time(int64(m)))
	}
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
		return `select r.image_id, r.policy_id, r.environment_id, r.status, r.violations, r.opened_at, r.opened_by, r.reason, r.says from policy_result as r join policy as p on p.id = r.policy_id
			where r.image_id in ` + in + ` and p.organisation_id = $1 and p.enabled and r.environment_id in (0, $3) and ` + m.held(`$2`)
	}, func(rows *sql.Rows) error {
		var at of
		var r result
		err := rows.Scan(&at.image, &at.policy, &r.environment, &r.status, &r.violations, &r.opened, &r.cause, &r.reason, &r.says)
		if _, ok := out[at]; !ok || r.environment != subject.Everywhere {
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
	cause              subject.PolicyCause
	reason, says       string
}

func (r result) image(environment string) (subject.PolicyImage, error) {
	img := subject.PolicyImage{Environment: environment, Status: statusOf(r.status), Violations: r.violations, Reason: r.reason, Since: sqldb.Time(r.opened), Cause: r.cause}
	return img, sqldb.FromJSON(r.says, &img.Says)
}

// ImagePolicies implements store.PolicyResults.
func (s *Store) ImagePolicies(ctx context.Context, org store.OrgID, digest crowsnest.Digest, environment string) (map[int64]subject.PolicyImage, error) {
	var image, place int64
	err := s.db.Reader.QueryRowContext(ctx, `select id from image where organisation_id = $1 and digest = $2`, org, digest).Scan(&image)
	if err == nil && environment != "" {
		place, err = member.EnvironmentID(ctx, s.db, org, environment)
	}
	if err != nil {
		return nil, s.db.Error("find image", string(digest), err)
	}
	best, err := s.worst(ctx, org, []int64{image}, place, 0)
	out := make(map[int64]subject.PolicyImage, len(best))
	for at, r := range best {
		where := ""
		if r.environment != subject.Everywhere {
			where = environment
		}
		img, unread := r.image(where)
		out[at.policy], err = img, errors.Join(err, unread)
	}
	return out, s.db.Error("read what policies say of", string(digest), err)
}

// PolicyImages implements store.PolicyResults.
func (s *Store) PolicyImages(ctx context.Context, org store.OrgID, filter subject.PolicyFilter, page store.Page) (store.List[subject.PolicyImage], error) {
	var none store.List[subject.PolicyImage]
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
	list, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (subject.PolicyImage, error) {
		var r result
		var number int64
		var name, environment string
		var digest crowsnest.Digest
		err := rows.Scan(&number, &name, &digest, &environment, &r.status, &r.violations, &r.opened, &r.cause, &r.reason, &r.says)
		if err != nil {
			return subject.PolicyImage{}, err
		}
		img, err := r.image(environment)
		img.Number, img.Name, img.Digest = number, name, digest
		return img, err
	}, `select i.id, i.name, i.digest, coalesce(e.name, ''), r.status, r.violations, r.opened_at, r.opened_by, r.reason, r.says
		from policy_result as r join image as i on i.id = r.image_id left join environment as e on e.id = r.environment_id
		where r.policy_id = $2 and r.closed_at is null and i.organisation_id = $1 and (i.name, i.digest) > ($3, $4) and `+where+` order by i.name, i.digest limit $5`, args...)
	if err != nil {
		return none, s.db.Error("list images of policy", filter.Policy, err)
	}
	return sqldb.Cut(list, sqldb.Limit(page), func(i subject.PolicyImage) string { return sqldb.Cursor(i.Name, string(i.Digest)) }), nil
}

// numbers writes numbers as text, for sqldb.Numbers.
func numbers(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(texts, ",")
}
