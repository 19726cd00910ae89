package retention

import (
	"context"
	"database/sql"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// PreviewRetention implements store.Retentions. It finds images by the same statement as a run.
func (s *Store) PreviewRetention(ctx context.Context, org store.OrgID, r store.Retention) (store.Removal, error) {
	var out store.Removal
	if err := check(r); err != nil {
		return out, err
	}
	now := s.db.Now()
	err := s.db.Snapshot(ctx, func(q sqldb.Querier) error {
		if err := s.previewImages(ctx, q, org, before(now, r.Images), &out); err != nil {
			return err
		}
		var analyses, audit int64
		if err := q.QueryRowContext(ctx, `select count(*), coalesce(sum(length(reference) + length(reason) + length(digest)), 0) from analysis_request
			where organisation_id = $1 and finished_at is not null and finished_at < $2 and state in ('done', 'failed')`, org, before(now, r.Analyses)).Scan(&out.Analyses, &analyses); err != nil {
			return err
		}
		if err := q.QueryRowContext(ctx, `select count(*), coalesce(sum(length(actor_name) + length(subject) + length(detail)), 0) from audit
			where organisation_id = $1 and at < $2`, org, before(now, r.Audit)).Scan(&out.Audit, &audit); err != nil {
			return err
		}
		out.Bytes += analyses + audit
		if r.Images == 0 {
			return nil
		}
		profiles, bytes, err := previewProfiles(ctx, q, org, before(now, r.Images))
		out.Profiles = profiles
		out.Bytes += bytes
		return err
	})
	return out, s.db.Error("preview retention", "", err)
}

func (s *Store) previewImages(ctx context.Context, q sqldb.Querier, org store.OrgID, cutoff int64, out *store.Removal) error {
	if cutoff == 0 {
		return nil
	}
	gone := make(map[int64]bool)
	ids, err := sqldb.Collect(ctx, q, sqldb.ScanOne[int64], `select i.id `+old+` and i.content_id is not null`, org, cutoff)
	if err != nil {
		return err
	}
	for _, id := range ids {
		gone[id] = true
	}
	out.Images = int64(len(ids))
	var configs, packages int64
	if err := q.QueryRowContext(ctx, `with gone as materialized (
			select i.id, i.content_id `+old+` and i.content_id is not null
		), dead as materialized (
			select distinct g.content_id from gone as g where not exists (
				select 1 from image as i where i.content_id = g.content_id and i.id not in (select id from gone))
		), emptied as materialized (
			select distinct cs.set_id from content_set as cs join dead as d on d.content_id = cs.content_id where not exists (
				select 1 from content_set as o join content as c on c.id = o.content_id
				where o.set_id = cs.set_id and c.removed_at is null and c.id not in (select content_id from dead))
		)
		select (select coalesce(sum(length(c.config)), 0) from image_config as c where c.image_id in (select id from gone)),
			(select count(*) from package_set_package where set_id in (select set_id from emptied)),
			(select coalesce(sum(`+packageBytes+`), 0) from package_set_package where set_id in (select set_id from emptied))`, org, cutoff).Scan(&configs, &out.Packages, &packages); err != nil {
		return err
	}
	drop, _, err := s.unneeded(ctx, q, org, cutoff, gone)
	if err != nil {
		return err
	}
	diffs := make(map[crowsnest.Digest]bool, len(drop))
	for _, l := range drop {
		diffs[l.DiffID] = true
	}
	list := make([]crowsnest.Digest, 0, len(diffs))
	for d := range diffs {
		list = append(list, d)
	}
	out.Bytes += configs + packages
	return sqldb.CollectIn(ctx, s.db, q, list, []any{org}, func(in string) string {
		return `select length(r.result) from layer_result as r where r.diff_id in ` + in + ` and not exists (
			select 1 from layer_blob as b where b.diff_id = r.diff_id and b.organisation_id <> $1)`
	}, func(rows *sql.Rows) error {
		var n int64
		err := rows.Scan(&n)
		out.Layers++
		out.Bytes += n
		return err
	})
}

// lookupDay is how exact the time of a look-up is, in microseconds: retention counts days.
const lookupDay = 24 * 60 * 60 * 1_000_000

// noteWithin bounds how long a request waits to note a look-up: on SQLite an import may have the one writer for seconds.
const noteWithin = 2 * time.Second

// NoteLookup notes that an image was asked for, at most once a day, and later if the database is busy: no
// request waits long for it, and none fails.
func (s *Store) NoteLookup(ctx context.Context, image int64) error {
	var due int
	if err := s.db.Reader.QueryRowContext(ctx, `select count(*) from image where id = $1 and used_at <= $2`, image, s.db.Now()-lookupDay).Scan(&due); err != nil || due == 0 {
		return s.db.Error("note look-up of image", "", err)
	}
	ctx, cancel := context.WithTimeout(ctx, noteWithin)
	defer cancel()
	_ = s.db.Write(ctx, "note look-up of image", "", func(tx *sql.Tx, now int64) error {
		_, err := tx.ExecContext(ctx, `update image set used_at = $2 where id = $1`, image, now)
		return err
	})
	return nil
}
