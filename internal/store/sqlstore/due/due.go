// Package due marks the images that are to be asked again whether they meet their policies, in the transactions that change what
// policies go by. A mark is raised and never only set: who asks takes away the marks that it read before it began, so that what
// changed meanwhile stays marked, and nothing is lost whatever process stops wherever.
package due

import (
	"context"
	"database/sql"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// raise marks the images that a query selects. They are in one order for all: two that mark the same ones wait for each
// other, but never in a circle.
func raise(query string) string {
	return `insert into policy_due (image_id, marks) select image_id, 1 from (` + query + `) as changed where true order by image_id
		on conflict (image_id) do update set marks = policy_due.marks + 1`
}

func each[K any](ctx context.Context, db *sqldb.DB, tx *sql.Tx, list []K, query func(in string) string) error {
	return sqldb.EachChunk(list, func(args []any) error {
		_, err := tx.ExecContext(ctx, raise(query(db.Parameters(1, len(args)))), args...)
		return err
	})
}

// Image marks an image of an organisation.
func Image(ctx context.Context, tx *sql.Tx, org store.OrgID, digest crowsnest.Digest) error {
	_, err := tx.ExecContext(ctx, raise(`select id as image_id from image where organisation_id = $1 and digest = $2`), org, digest)
	return err
}

// Images marks images, given by their numbers.
func Images(ctx context.Context, db *sqldb.DB, tx *sql.Tx, images []int64) error {
	return each(ctx, db, tx, images, func(in string) string { return `select id as image_id from image where id in ` + in })
}

// Packages marks the images with some package versions.
//
// Many of them are in the same sets and many sets in the same contents: each step leaves out what it found twice, or a changed advisory of
// a common package would be a join of millions of rows. It is one statement for all, so that an image is marked once.
func Packages(ctx context.Context, db *sqldb.DB, tx *sql.Tx, versions []int64) error {
	if len(versions) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, raise(`select i.id as image_id from (
			select distinct cs.content_id from (
				select distinct p.set_id from (`+db.Numbers(`cast($1 as text)`, `id`)+`) as v cross join package_set_package as p where p.package_version_id = v.id
			) as s cross join content_set as cs where cs.set_id = s.set_id
		) as c cross join image as i where i.content_id = c.content_id`), sqldb.Join(versions))
	return err
}

// Ecosystem marks the images with packages of an ecosystem, without its release.
func Ecosystem(ctx context.Context, tx *sql.Tx, base string) error {
	_, err := tx.ExecContext(ctx, raise(`select distinct i.id as image_id from package_version as v cross join package_set_package as p cross join content_set as cs cross join image as i
		where v.match_base = $1 and p.package_version_id = v.id and cs.set_id = p.set_id and i.content_id = cs.content_id`), base)
	return err
}

// Vulnerabilities marks the images that have some vulnerabilities, by any of their names.
func Vulnerabilities(ctx context.Context, db *sqldb.DB, tx *sql.Tx, names []string) error {
	return each(ctx, db, tx, names, func(in string) string {
		return `select distinct i.id as image_id from vulnerability_name as n cross join finding as f cross join package_set_package as p cross join content_set as cs cross join image as i
			where n.name in ` + in + ` and f.vulnerability = n.vulnerability and f.closed_at is null and f.decides
				and p.package_version_id = f.package_version_id and cs.set_id = p.set_id and i.content_id = cs.content_id`
	})
}

// Digests marks the images that some reported digests name, given by the numbers of these.
func Digests(ctx context.Context, db *sqldb.DB, tx *sql.Tx, digests []int64) error {
	return each(ctx, db, tx, digests, func(in string) string { return `select distinct image_id from alias where digest_id in ` + in })
}

// Integration marks what an integration sees running.
func Integration(ctx context.Context, tx *sql.Tx, number int64) error {
	_, err := tx.ExecContext(ctx, raise(`select distinct a.image_id from running as r cross join alias as a where r.integration_number = $1 and a.digest_id = r.digest_id`), number)
	return err
}

// Environment marks what runs in an environment.
func Environment(ctx context.Context, tx *sql.Tx, environment int64) error {
	_, err := tx.ExecContext(ctx, raise(`select distinct a.image_id from running as r cross join alias as a where r.environment_id = $1 and a.digest_id = r.digest_id`), environment)
	return err
}

// BuiltOn marks the images that are built on one by its name.
func BuiltOn(ctx context.Context, tx *sql.Tx, org store.OrgID, reference string) error {
	_, err := tx.ExecContext(ctx, raise(`select image_id from policy_image where organisation_id = $1 and base = $2 and base <> ''`), org, reference)
	return err
}

// decides tells that an organisation ($1) ever decided anything about findings.
const decides = `(exists (select 1 from exception where organisation_id = $1) or exists (select 1 from vex_document where organisation_id = $1))`

// Named marks the images that a tag names, if the organisation decides anything: what it decided may hold for that name.
func Named(ctx context.Context, tx *sql.Tx, org store.OrgID, repository, tag string) error {
	_, err := tx.ExecContext(ctx, raise(`select distinct a.image_id from tag as t cross join digest as d cross join alias as a
		where t.organisation_id = $1 and t.repository = $2 and t.name = $3 and t.closed_at is null and d.organisation_id = t.organisation_id and d.digest = t.target
		and a.digest_id = d.id and `+decides), org, repository, tag)
	return err
}

// Decided marks the images of an organisation that have some vulnerabilities, by any of their names.
func Decided(ctx context.Context, db *sqldb.DB, tx *sql.Tx, org store.OrgID, names []string) error {
	return sqldb.EachChunk(names, func(args []any) error {
		_, err := tx.ExecContext(ctx, raise(`select distinct i.id as image_id from vulnerability_name as n cross join finding as f cross join package_set_package as p cross join content_set as cs cross join image as i
			where n.name in `+db.Parameters(2, len(args))+` and f.vulnerability = n.vulnerability and f.closed_at is null and f.decides
				and p.package_version_id = f.package_version_id and cs.set_id = p.set_id and i.content_id = cs.content_id and i.organisation_id = $1`), append([]any{org}, args...)...)
		return err
	})
}

// Organisation marks all analysed images of an organisation.
func Organisation(ctx context.Context, tx *sql.Tx, org store.OrgID) error {
	_, err := tx.ExecContext(ctx, raise(`select id as image_id from image where organisation_id = $1 and state = 'analysed'`), org)
	return err
}

// Everything marks all analysed images.
func Everything(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, raise(`select id as image_id from image where state = 'analysed'`))
	return err
}
