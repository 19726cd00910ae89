// Package revision counts how often the resources of an organisation change, in the
// transactions that change them, so that every replica can tell from one short query
// whether there is something new to show.
package revision

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Shared is the organisation of what all organisations share.
const Shared store.OrgID = ""

// Raise says that resources of an organisation changed. It goes last in a transaction: the
// rows stay locked until its end, and in one order for all.
func Raise(ctx context.Context, tx *sql.Tx, org store.OrgID, resources ...store.Resource) error {
	slices.Sort(resources)
	args := []any{org}
	var rows []string
	for _, r := range slices.Compact(resources) {
		args = append(args, r)
		rows = append(rows, `($1, `+sqldb.Dollar(len(args))+`, 1)`)
	}
	_, err := tx.ExecContext(ctx, `insert into revision (organisation_id, resource, value) values `+strings.Join(rows, ", ")+`
		on conflict (organisation_id, resource) do update set value = revision.value + 1`, args...)
	return err
}

// Read returns the revision of each resource, shared ones included; those that never changed have none. A decision that expires changes
// what counts of images and writes nothing, so how many have is a part of their revision: it only grows.
func Read(ctx context.Context, q sqldb.Querier, org store.OrgID, now int64) (map[store.Resource]int64, error) {
	rows, err := q.QueryContext(ctx, `select resource, sum(value) from (
			select resource, value from revision where organisation_id in ($1, $2)
			union all select cast($4 as text), count(*) from exception where organisation_id = $1 and expires_at <= $3 having count(*) > 0
		) as r group by resource`, org, Shared, now, store.ImagesResource)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := make(map[store.Resource]int64)
	for rows.Next() {
		var r store.Resource
		var n int64
		if err := rows.Scan(&r, &n); err != nil {
			return nil, err
		}
		out[r] = n
	}
	return out, rows.Err()
}
