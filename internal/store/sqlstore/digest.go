package sqlstore

import (
	"context"
	"database/sql"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// digestNumbers returns the numbers that stand for digests in an organisation; those not
// heard of before get one.
func (s *Store) digestNumbers(ctx context.Context, tx *sql.Tx, org store.OrgID, digests []string) (map[string]int64, error) {
	numbers, _, err := s.db.Number(ctx, tx, sqldb.Numbering{
		Find:   `select id, digest from digest where organisation_id = $1 and digest in `,
		Before: []any{org},
		Insert: `insert into digest (id, organisation_id, digest) values `,
		Tail:   ` on conflict (organisation_id, digest) do nothing`,
	}, digests, func(id int64, digest string) []any { return []any{id, org, digest} })
	return numbers, err
}

// digestsOf selects the numbers of a digest of an organisation, both given as
// parameters, and, if it is the manifest of an image, of every other digest of that image.
func digestsOf(org, digest int) string {
	return `select d.id from digest as d where d.organisation_id = ` + sqldb.Dollar(org) + ` and d.digest = ` + sqldb.Dollar(digest) + `
		union select a.digest_id from image as i join alias as a on a.image_id = i.id where i.organisation_id = ` + sqldb.Dollar(org) + ` and i.digest = ` + sqldb.Dollar(digest)
}
