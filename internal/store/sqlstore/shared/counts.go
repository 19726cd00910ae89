package shared

import (
	"context"
	"database/sql"

	"github.com/crowsnest-sec/crowsnest"
)

// The findings of a content are counted by severity and kept: a sum over other tables, changed
// by the difference in the transaction that changes those. TestKeptCounts compares it with a
// fresh sum.

// countContent notes the number of packages of a new content and counts its findings, which are counted with each package
// version. The caller holds lockCounted.
func countContent(ctx context.Context, tx *sql.Tx, content int64, packages int) error {
	_, err := tx.ExecContext(ctx, `with n as (
			select coalesce(sum(v.critical), 0) as critical, coalesce(sum(v.high), 0) as high, coalesce(sum(v.medium), 0) as medium,
				coalesce(sum(v.low), 0) as low, coalesce(sum(v.unspecified), 0) as unspecified
			from content_set as cs cross join package_set_package as p cross join package_version as v
			where cs.content_id = $1 and p.set_id = cs.set_id and v.id = p.package_version_id)
		update content set packages = $2, critical = n.critical, high = n.high, medium = n.medium, low = n.low, unspecified = n.unspecified
		from n where id = $1`, content, packages)
	return err
}

// severities is the number of severities.
const severities = int(crowsnest.Critical) + 1

// findingChange says by how much the deciding findings of a package version became more
// or fewer, by severity.
type findingChange [severities]int

// add counts n of a finding, if it decides.
func (c *findingChange) add(f crowsnest.Finding, n int) {
	if f.Decides {
		c[f.Severity] += n
	}
}

// applyFindingChanges brings the counts of all contents with these package versions up to
// date. Those that were removed stay as they were that day. Sets come in between: thousands of contents share a few. The caller holds LockMatching.
func (s *Store) applyFindingChanges(ctx context.Context, tx *sql.Tx, changes map[int64]*findingChange) error {
	var rows [][]any
	for id, c := range changes {
		if *c != (findingChange{}) {
			rows = append(rows, []any{id, c[crowsnest.Critical], c[crowsnest.High], c[crowsnest.Medium], c[crowsnest.Low], c[crowsnest.Unspecified]})
		}
	}
	return s.db.WholeTable(ctx, tx, []string{"bigint", "bigint", "bigint", "bigint", "bigint", "bigint"}, rows, func(table string) string {
		return `with change (package_version_id, critical, high, medium, low, unspecified) as (` + table + `
			), by_set as (
				select p.set_id, sum(c.critical) as critical, sum(c.high) as high, sum(c.medium) as medium, sum(c.low) as low, sum(c.unspecified) as unspecified
				from change as c join package_set_package as p on p.package_version_id = c.package_version_id group by p.set_id
			), by_content as (
				select cs.content_id, sum(s.critical) as critical, sum(s.high) as high, sum(s.medium) as medium, sum(s.low) as low, sum(s.unspecified) as unspecified
				from by_set as s join content_set as cs on cs.set_id = s.set_id group by cs.content_id
			)
			update content set critical = content.critical + d.critical, high = content.high + d.high, medium = content.medium + d.medium,
				low = content.low + d.low, unspecified = content.unspecified + d.unspecified
			from by_content as d where d.content_id = content.id and content.removed_at is null`
	})
}
