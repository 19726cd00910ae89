package sqlstore

import (
	"context"
	"database/sql"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// digestNumbers returns the numbers that stand for digests in an organisation; those not
// heard of before get one.
func (s *Store) digestNumbers(ctx context.Context, tx *sql.Tx, org store.OrgID, digests []crowsnest.Digest) (map[crowsnest.Digest]int64, error) {
	numbers := make(map[crowsnest.Digest]int64, len(digests))
	find := func() error {
		return collectIn(ctx, tx, digests, []any{org}, func(in string) string {
			return `select digest, id from digest where organisation_id = $1 and digest in ` + in
		}, func(rows *sql.Rows) error {
			var digest crowsnest.Digest
			var id int64
			err := rows.Scan(&digest, &id)
			numbers[digest] = id
			return err
		})
	}
	// One order for all writers: on PostgreSQL two that insert the same rows wait for each other.
	slices.Sort(digests)
	if err := find(); err != nil || len(numbers) == len(digests) {
		return numbers, err
	}
	var rows [][]any
	for _, d := range digests {
		if _, ok := numbers[d]; !ok {
			rows = append(rows, []any{newID(), org, d})
		}
	}
	if err := s.insertRows(ctx, tx, `insert into digest (id, organisation_id, digest) values `, rows, ` on conflict (organisation_id, digest) do nothing`); err != nil {
		return nil, err
	}
	return numbers, find()
}

// digestsOf selects the numbers of a digest of an organisation, both given as
// parameters, and, if it is the manifest of an image, of every other digest of that image.
func digestsOf(org, digest int) string {
	return `select d.id from digest as d where d.organisation_id = ` + dollar(org) + ` and d.digest = ` + dollar(digest) + `
		union select a.digest_id from image as i join alias as a on a.image_id = i.id where i.organisation_id = ` + dollar(org) + ` and i.digest = ` + dollar(digest)
}
