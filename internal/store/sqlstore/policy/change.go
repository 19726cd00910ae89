package policy

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
)

// began is where a result stands in the order of changes.
type began struct{ at, id int64 }

func (a began) compare(b began) int { return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(b.id, a.id)) }

// PolicyChanges implements store.PolicyResults. The newest results of each policy come from an index; what they are of is read of those
// alone that make the page.
func (s *Store) PolicyChanges(ctx context.Context, org store.OrgID, filter subject.PolicyFilter, page store.Page) (store.List[subject.PolicyChanged], error) {
	var out store.List[subject.PolicyChanged]
	var after began
	more, err := sqldb.ReadCursor(page.Cursor, &after.at, &after.id)
	if err != nil {
		return out, err
	}
	if !more {
		after.at = store.Forever
	}
	part, err := s.newest(ctx, org, filter, after, sqldb.Limit(page))
	if err != nil {
		return out, s.db.Error("list changes of policies", filter.Policy, err)
	}
	ids := make([]int64, len(part.Items))
	for i, b := range part.Items {
		ids[i] = b.id
	}
	rows, err := s.changes(ctx, ids)
	for _, id := range ids {
		if c, ok := rows[id]; ok { // else it was deleted since
			out.Items = append(out.Items, c)
		}
	}
	out.Next = part.Next
	return out, s.db.Error("list changes of policies", filter.Policy, err)
}

// newest finds the results that began last.
func (s *Store) newest(ctx context.Context, org store.OrgID, filter subject.PolicyFilter, after began, limit int) (store.List[began], error) {
	var none store.List[began]
	policies, err := sqldb.Collect(ctx, s.db.Reader, sqldb.ScanOne[int64], readEnabled+` and ($2 = '' or name = $2)`, org, filter.Policy)
	if err != nil {
		return none, err
	}
	since := int64(-1) << 62
	if !filter.Since.IsZero() {
		since = filter.Since.UnixMicro()
	}
	args := []any{nil, since, after.at, after.id, limit + 1}
	where := ``
	if filter.Environment != "" {
		images, place, err := s.within(ctx, org, filter.Environment, 0)
		if err != nil {
			return none, err
		}
		args = append(args, place, numbers(images))
		where = ` and r.environment_id in (0, $6) and r.image_id in (` + s.db.Numbers(`$7`, `id`) + `)`
	}
	var list []began
	for _, id := range policies {
		args[0] = id
		found, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (b began, err error) { return b, rows.Scan(&b.at, &b.id) },
			`select r.opened_at, r.id from policy_result as r where r.policy_id = $1 and r.opened_at > $2 and (r.opened_at, r.id) < ($3, $4)`+where+`
			order by r.opened_at desc, r.id desc limit $5`, args...)
		if err != nil {
			return none, err
		}
		list = append(list, found...)
	}
	slices.SortFunc(list, began.compare)
	return sqldb.Cut(list, limit, func(b began) string { return sqldb.Cursor(b.at, b.id) }), nil
}

// changes reads what results are of and what they follow: that ended in the transaction that began it, and so at its time. The last condition
// is one that no index answers: it would be taken for the better one.
func (s *Store) changes(ctx context.Context, ids []int64) (map[int64]subject.PolicyChanged, error) {
	out := make(map[int64]subject.PolicyChanged, len(ids))
	return out, sqldb.CollectIn(ctx, s.db, s.db.Reader, ids, nil, func(in string) string {
		return `select r.id, p.name, i.name, i.digest, coalesce(e.name, ''), r.opened_at, r.opened_by, r.status, r.violations, b.status, b.violations
			from policy_result as r join policy as p on p.id = r.policy_id join image as i on i.id = r.image_id left join environment as e on e.id = r.environment_id
			left join policy_result as b on b.policy_id = r.policy_id and b.closed_at = r.opened_at and b.closed_at is not null and b.image_id = r.image_id and b.environment_id = r.environment_id
				and b.opened_at - r.opened_at < 0
			where r.id in ` + in
	}, func(rows *sql.Rows) error {
		var c subject.PolicyChanged
		var id, at int64
		var status int
		var wasStatus, wasViolations sql.NullInt64
		err := rows.Scan(&id, &c.Policy, &c.Name, &c.Digest, &c.Environment, &at, &c.Cause, &status, &c.After.Violations, &wasStatus, &wasViolations)
		c.At, c.After.Status = sqldb.Time(at), statusOf(status)
		if wasStatus.Valid {
			c.Before = &subject.PolicyOutcome{Status: statusOf(int(wasStatus.Int64)), Violations: int(wasViolations.Int64)}
		}
		out[id] = c
		return err
	})
}
