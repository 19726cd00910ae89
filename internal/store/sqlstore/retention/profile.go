package retention

import (
	"context"
	"database/sql"

	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// profilesAtOnce is how many sets of loaded packages one part removes: each has some hundred.
const profilesAtOnce = 50

// unused tells of a set of loaded packages p of an organisation ($1) that no sweep named since a time ($2) and nothing that runs
// has. A sweep keeps the sets it will name ahead of naming them, and says each half day that it did: no age is shorter.
const unused = `p.organisation_id = $1 and p.named_at < $2 and not exists (
	select 1 from occurrence as o where o.profile_id = p.id and o.closed_at is null)`

// profileBytes is the size of a package in a set, with its number.
const profileBytes = `length(use_key) + 8`

// removeProfiles removes a few sets of loaded packages. When what had one ran is kept; what is in use is only ever asked
// of what runs.
func (s *Store) removeProfiles(ctx context.Context, tx *sql.Tx, w *work) (bool, error) {
	if w.ages.Images == 0 {
		return false, nil
	}
	cutoff := before(w.now, w.ages.Images)
	ids, err := sqldb.Collect(ctx, tx, sqldb.ScanOne[int64], `select p.id from profile as p where `+unused+` and p.id > $3 order by p.id limit $4`, w.org, cutoff, w.position, profilesAtOnce)
	if err != nil || len(ids) == 0 {
		return false, err
	}
	w.position = ids[len(ids)-1]
	if err := sqldb.EachChunk(ids, func(args []any) error {
		if _, err := tx.ExecContext(ctx, `update occurrence set profile_id = null where closed_at is not null and profile_id in `+s.db.Parameters(1, len(args)), args...); err != nil {
			return err
		}
		// One that a sweep names meanwhile is found by the second look that PostgreSQL takes at a row it waited for.
		gone, err := sqldb.Collect(ctx, tx, sqldb.ScanOne[int64], `select p.id from profile as p where `+unused+` and p.id in `+s.db.Parameters(3, len(args))+` order by p.id`+s.db.Choose(forUpdate),
			append([]any{w.org, cutoff}, args...)...)
		if err != nil || len(gone) == 0 {
			return err
		}
		return sqldb.EachChunk(gone, func(args []any) error {
			in := s.db.Parameters(1, len(args))
			_, bytes, err := deleted(ctx, tx, `delete from profile_package where profile_id in `+in+` returning `+profileBytes, args...)
			if err != nil {
				return err
			}
			n, _, err := deleted(ctx, tx, `delete from profile where id in `+in+` returning 0`, args...)
			w.Removed.Profiles += n
			w.Removed.Bytes += bytes
			return err
		})
	}); err != nil {
		return false, err
	}
	return true, nil
}

// previewProfiles counts the sets of loaded packages that would go.
func previewProfiles(ctx context.Context, q sqldb.Querier, org any, cutoff int64) (profiles, bytes int64, err error) {
	err = q.QueryRowContext(ctx, `with gone as materialized (select p.id from profile as p where `+unused+`)
		select (select count(*) from gone), (select coalesce(sum(`+profileBytes+`), 0) from profile_package where profile_id in (select id from gone))`, org, cutoff).Scan(&profiles, &bytes)
	return profiles, bytes, err
}
