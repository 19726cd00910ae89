package retention

import (
	"context"
	"database/sql"
	"slices"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/due"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// old finds the analysed images of an organisation ($1) that nothing has needed since a time ($2): not
// recorded, analysed or looked up; not running then or later, assigned ones included, under any digest
// of theirs; and not the newest of their repository.
const old = `from image as i where i.organisation_id = $1 and i.state = 'analysed' and i.used_at < $2
	and (i.repository = '' or exists (
		select 1 from image as n where n.organisation_id = i.organisation_id and n.repository = i.repository and n.platform = i.platform
		and n.state = 'analysed' and n.repository <> '' and (n.built_at, n.digest) > (i.built_at, i.digest)))
	and not exists (select 1 from alias as a join running as r on r.digest_id = a.digest_id where a.image_id = i.id)
	and not exists (
		select 1 from alias as a join occurrence as o on o.digest_id = a.digest_id
		where a.image_id = i.id and (o.closed_at is null or o.closed_at >= $2))`

// removeImages removes the contents of a few images.
func (s *Store) removeImages(ctx context.Context, tx *sql.Tx, w *work) (bool, error) {
	type image struct{ id, content int64 }
	images, err := sqldb.Collect(ctx, tx, func(rows *sql.Rows) (i image, err error) {
		return i, rows.Scan(&i.id, &i.content)
	}, `select i.id, i.content_id `+old+` and i.content_id is not null and i.id > $3 order by i.id limit $4`, w.org, before(w.now, w.ages.Images), w.position, imagesAtOnce)
	if err != nil || len(images) == 0 {
		return false, err
	}
	ids, contents := make([]int64, len(images)), make([]int64, len(images))
	for i, image := range images {
		ids[i], contents[i] = image.id, image.content
	}
	slices.Sort(contents)
	contents = slices.Compact(contents)
	// Whoever found one of these contents and is about to say that an image has it comes first.
	if err := s.lockContents(ctx, tx, contents); err != nil {
		return false, err
	}
	if err := due.Images(ctx, s.db, tx, ids); err != nil {
		return false, err
	}
	if err := sqldb.EachChunk(ids, func(args []any) error {
		in := s.db.Parameters(2, len(args))
		if _, err := tx.ExecContext(ctx, `update image set state = 'removed', past_content_id = content_id, content_id = null, removed_at = $1 where id in `+in, append([]any{w.now}, args...)...); err != nil {
			return err
		}
		sizes, err := sqldb.Collect(ctx, tx, sqldb.ScanOne[int64], `delete from image_config where image_id in `+s.db.Parameters(1, len(args))+` returning length(config)`, args...)
		for _, n := range sizes {
			w.Removed.Bytes += n
		}
		if err != nil {
			return err
		}
		if sizes, err = sqldb.Collect(ctx, tx, sqldb.ScanOne[int64], `delete from attestation where image_id in `+s.db.Parameters(1, len(args))+`
			returning coalesce(length(statement), 0) + length(provenance) + 300`, args...); err != nil {
			return err
		}
		for _, n := range sizes {
			w.Removed.Bytes += n
		}
		_, err = tx.ExecContext(ctx, `delete from attestation_reading where image_id in `+s.db.Parameters(1, len(args)), args...)
		return err
	}); err != nil {
		return false, err
	}
	gone, err := s.removeContents(ctx, tx, w.now, contents)
	if err != nil {
		return false, err
	}
	if err := s.emptySets(ctx, tx, w, gone); err != nil {
		return false, err
	}
	w.Removed.Images += int64(len(images))
	w.position = images[len(images)-1].id
	return true, revision.Raise(ctx, tx, w.org, store.ImagesResource, store.EnvironmentsResource)
}

func (s *Store) lockContents(ctx context.Context, tx *sql.Tx, contents []int64) error {
	return sqldb.EachChunk(contents, func(args []any) error {
		_, err := sqldb.Collect(ctx, tx, sqldb.ScanOne[int64], `select id from content where id in `+s.db.Parameters(1, len(args))+` order by id`+s.db.Choose(forUpdate), args...)
		return err
	})
}

// removeContents marks those of the contents that no organisation has an image of any more, and returns them.
func (s *Store) removeContents(ctx context.Context, tx *sql.Tx, now int64, contents []int64) ([]int64, error) {
	var gone []int64
	err := sqldb.CollectIn(ctx, s.db, tx, contents, []any{now}, func(in string) string {
		return `update content set removed_at = $1, problems = '[]', changes = '[]'
			where id in ` + in + ` and removed_at is null and not exists (select 1 from image as i where i.content_id = content.id) returning id`
	}, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		gone = append(gone, id)
		return err
	})
	return gone, err
}

// emptySets takes the packages out of those sets of removed contents that no other content has, and keeps
// what was known of those that ran.
func (s *Store) emptySets(ctx context.Context, tx *sql.Tx, w *work, contents []int64) error {
	sets := make(map[int64]bool)
	if err := sqldb.CollectIn(ctx, s.db, tx, contents, nil, func(in string) string {
		return `select distinct cs.set_id from content_set as cs where cs.content_id in ` + in + ` and not exists (
			select 1 from content_set as o join content as c on c.id = o.content_id where o.set_id = cs.set_id and c.removed_at is null)`
	}, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		sets[id] = true
		return err
	}); err != nil {
		return err
	}
	ids := make([]int64, 0, len(sets))
	for id := range sets {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return sqldb.EachChunk(ids, func(args []any) error {
		in := s.db.Parameters(2, len(args))
		with := append([]any{w.now}, args...)
		// What is known ends now: it did not run any more, so that no time it was exposed in is cut.
		if _, err := tx.ExecContext(ctx, `insert into set_history (set_id, vulnerability, severity, decides, opened_at, closed_at)
			select distinct p.set_id, f.vulnerability, f.severity, f.decides, f.opened_at, coalesce(f.closed_at, $1)
			from package_set_package as p cross join finding as f where f.package_version_id = p.package_version_id and p.set_id in `+in+` and exists (
				select 1 from content_set as cs join image as i on i.past_content_id = cs.content_id
				join alias as a on a.image_id = i.id join occurrence as o on o.digest_id = a.digest_id where cs.set_id = p.set_id)
			on conflict do nothing`, with...); err != nil {
			return err
		}
		sizes, err := sqldb.Collect(ctx, tx, sqldb.ScanOne[int64], `delete from package_set_package where set_id in `+s.db.Parameters(1, len(args))+` returning `+packageBytes, args...)
		if err != nil {
			return err
		}
		w.Removed.Packages += int64(len(sizes))
		for _, n := range sizes {
			w.Removed.Bytes += n
		}
		_, err = tx.ExecContext(ctx, `update package_set set emptied_at = $1 where id in `+in, with...)
		return err
	})
}

// packageBytes is the size of a package in a set, with its two numbers.
const packageBytes = `length(locations) + length(licences) + 16`

// removeSuperseded removes contents that no image has, as a newer analyser leaves them behind, their sets,
// and what is known of a past that nobody asks for any more.
func (s *Store) removeSuperseded(ctx context.Context, tx *sql.Tx, w *work) (bool, error) {
	if w.ages.Images == 0 {
		return false, nil
	}
	contents, err := sqldb.Collect(ctx, tx, sqldb.ScanOne[int64], `select c.id from content as c where c.id > $1
		and not exists (select 1 from image as i where i.content_id = c.id) and not exists (select 1 from image as i where i.past_content_id = c.id)
		order by c.id limit $2`, w.position, imagesAtOnce)
	if err != nil {
		return false, err
	}
	if err := s.lockContents(ctx, tx, contents); err != nil {
		return false, err
	}
	gone, err := s.removeContents(ctx, tx, w.now, contents)
	if err != nil {
		return false, err
	}
	if err := s.emptySets(ctx, tx, w, gone); err != nil {
		return false, err
	}
	if err := sqldb.EachChunk(gone, func(args []any) error {
		_, err := tx.ExecContext(ctx, `delete from content where id in `+s.db.Parameters(1, len(args)), args...)
		return err
	}); err != nil {
		return false, err
	}
	if len(contents) > 0 {
		w.position = contents[len(contents)-1]
		return true, nil
	}
	if _, err := tx.ExecContext(ctx, `delete from package_set where emptied_at is not null and not exists (select 1 from content_set as cs where cs.set_id = package_set.id)`); err != nil {
		return false, err
	}
	_, err = tx.ExecContext(ctx, `delete from set_history where closed_at < $1`, before(w.now, historyDays))
	return false, err
}

// historyDays is longer than exposure looks back.
const historyDays = 400

// removeVersions removes package versions that no set has, with their findings. What is asked of all
// images is asked from package versions, so these would be matched for nothing.
func (s *Store) removeVersions(ctx context.Context, tx *sql.Tx, w *work) (bool, error) {
	if w.ages.Images == 0 {
		return false, nil
	}
	ids, err := sqldb.Collect(ctx, tx, sqldb.ScanOne[int64], `select v.id from package_version as v where v.id > $1
		and not exists (select 1 from package_set_package as p where p.package_version_id = v.id) order by v.id limit $2`, w.position, rowsAtOnce)
	if err != nil || len(ids) == 0 {
		return false, err
	}
	if err := sqldb.EachChunk(ids, func(args []any) error {
		in := s.db.Parameters(1, len(args))
		_, bytes, err := deleted(ctx, tx, `delete from finding where package_version_id in `+in+`
			returning length(vulnerability) + length(advisory_id) + length(aliases) + length(summary) + length(cvss_vector) + length(fixed_version) + 80`, args...)
		if err != nil {
			return err
		}
		n, more, err := deleted(ctx, tx, `delete from package_version where id in `+in+` returning length(purl) + length(name) + length(version) + length(source) + length(use_key) + 80`, args...)
		w.Removed.Versions += n
		w.Removed.Bytes += bytes + more
		return err
	}); err != nil {
		return false, err
	}
	w.position = ids[len(ids)-1]
	return true, revision.Raise(ctx, tx, revision.Shared, store.FindingsResource)
}
