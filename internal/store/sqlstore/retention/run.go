package retention

import (
	"context"
	"database/sql"
	"errors"
	"strconv"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/access"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/shared"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// phase is what a run does next.
type phase int

// The phases of a run, in order. A run that goes on in the middle of one finds what is left of it.
const (
	removingImages phase = iota
	removingSuperseded
	removingVersions
	removingLayers
	removingAnalyses
	removingAudit
	removingProfiles
	givingBack
	ended
)

// Sizes of one part of a run: each keeps the one writer of SQLite, and the lock of matching, for a
// fraction of a second.
const (
	imagesAtOnce = 20
	rowsAtOnce   = 1000
	pagesAtOnce  = 2000 // of a SQLite file that are given back
)

// part does one part of a phase.
type part func(ctx context.Context, tx *sql.Tx, w *work) (more bool, err error)

// work is one part of a run, in its transaction.
type work struct {
	run
	org  store.OrgID
	now  int64
	ages store.Retention
}

// Retain implements store.Retentions.
func (s *Store) Retain(ctx context.Context, org store.OrgID) (store.RetentionRun, error) {
	parts := map[phase]part{
		removingImages: s.removeImages, removingSuperseded: s.removeSuperseded, removingVersions: s.removeVersions, removingLayers: s.removeLayers,
		removingAnalyses: s.removeAnalyses, removingAudit: s.removeAudit, removingProfiles: s.removeProfiles,
	}
	if err := s.planLayers(ctx, org); err != nil {
		return store.RetentionRun{}, s.db.Error("find layers that nothing needs", "", err)
	}
	var out store.RetentionRun
	space := false
	err := s.db.Write(ctx, "remove what is old", "", func(tx *sql.Tx, now int64) error {
		w := &work{org: org, now: now}
		var err error
		if w.ages, err = readRetention(ctx, tx, org); err != nil {
			return err
		}
		if w.run, err = s.current(ctx, tx, org, now); err != nil {
			return err
		}
		if w.phase == givingBack {
			out, space = w.RetentionRun, true
			return nil
		}
		if w.phase < removingLayers { // the row of the run comes first for all that meet here
			if _, err := tx.ExecContext(ctx, s.db.Choose(shared.LockMatching)); err != nil {
				return err
			}
		}
		more, err := parts[w.phase](ctx, tx, w)
		if err != nil {
			return err
		}
		if !more {
			w.phase, w.position = w.phase+1, 0
		}
		out, space = w.RetentionRun, false
		return s.save(ctx, tx, w)
	})
	if err != nil || !space {
		return out, err
	}
	if more, err := s.giveBack(ctx); err != nil || more {
		return out, s.db.Error("give back space", "", err)
	}
	return s.end(ctx, org)
}

// current returns the run that is under way, or begins one.
func (s *Store) current(ctx context.Context, tx *sql.Tx, org store.OrgID, now int64) (run, error) {
	find := func() (run, error) {
		return scanRun(tx.QueryRowContext(ctx, `select `+runColumns+` from retention_run where organisation_id = $1 and finished_at is null`+s.db.Choose(forUpdate), org))
	}
	r, err := find()
	if !errors.Is(err, sql.ErrNoRows) {
		return r, err
	}
	if _, err := tx.ExecContext(ctx, `insert into retention_run (id, organisation_id, started_at, updated_at) values ($1, $2, $3, $3)
		on conflict (organisation_id) where finished_at is null do nothing`, sqldb.NewUUID(), org, now); err != nil {
		return r, err
	}
	return find()
}

// forUpdate locks rows. SQLite has a single writer.
var forUpdate = sqldb.Text{Postgres: ` for update`}

func (s *Store) save(ctx context.Context, tx *sql.Tx, w *work) error {
	n := w.Removed
	_, err := tx.ExecContext(ctx, `update retention_run set updated_at = $2, phase = $3, position = $4,
		images = $5, packages = $6, versions = $7, layers = $8, analyses = $9, audit = $10, bytes = $11, profiles = $12 where id = $1`,
		w.ID, w.now, w.phase, w.position, n.Images, n.Packages, n.Versions, n.Layers, n.Analyses, n.Audit, n.Bytes, n.Profiles)
	return err
}

// end ends the run that is under way, with an entry in the audit log if it removed anything. If another
// call ended it, that is the newest one.
func (s *Store) end(ctx context.Context, org store.OrgID) (store.RetentionRun, error) {
	var out store.RetentionRun
	err := s.db.Write(ctx, "end retention", "", func(tx *sql.Tx, now int64) error {
		r, err := scanRun(tx.QueryRowContext(ctx, `update retention_run set finished_at = $2, updated_at = $2, phase = $3
			where organisation_id = $1 and finished_at is null returning `+runColumns, org, now, ended))
		if errors.Is(err, sql.ErrNoRows) {
			r, err = scanRun(tx.QueryRowContext(ctx, `select `+runColumns+` from retention_run where organisation_id = $1 order by started_at desc, id desc limit 1`, org))
			out = r.RetentionRun
			return err
		}
		if err != nil {
			return err
		}
		out = r.RetentionRun
		if _, err := tx.ExecContext(ctx, `delete from retention_run where organisation_id = $1 and id not in (
			select id from retention_run where organisation_id = $1 order by started_at desc, id desc limit 100)`, org); err != nil {
			return err
		}
		n := out.Removed
		if n == (store.Removal{}) {
			return nil
		}
		detail := make(map[string]string)
		for name, count := range map[string]int64{"images": n.Images, "packages": n.Packages, "package versions": n.Versions, "layers": n.Layers, "profiles": n.Profiles,
			"analyses": n.Analyses, "audit": n.Audit, "bytes": n.Bytes} {
			if count > 0 {
				detail[name] = strconv.FormatInt(count, 10)
			}
		}
		if err := access.Record(ctx, tx, now, org, "retention.run", "", detail); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.AnalysesResource)
	})
	return out, err
}

// giveBack returns free pages of a SQLite file to the system, and says whether there may be more. A file
// that was made before Crowsnest asked for that keeps them for use again. PostgreSQL looks after itself.
func (s *Store) giveBack(ctx context.Context) (more bool, err error) {
	if s.db.Engine() != sqldb.SQLite {
		return false, nil
	}
	var mode, free, left int64
	if err := s.db.Writer.QueryRowContext(ctx, `select a.auto_vacuum, f.freelist_count from pragma_auto_vacuum as a, pragma_freelist_count as f`).Scan(&mode, &free); err != nil {
		return false, err
	}
	const incremental = 2
	if mode != incremental || free == 0 {
		return false, nil
	}
	if _, err := s.db.Writer.ExecContext(ctx, `pragma incremental_vacuum(`+strconv.Itoa(pagesAtOnce)+`)`); err != nil {
		return false, err
	}
	err = s.db.Writer.QueryRowContext(ctx, `select freelist_count from pragma_freelist_count`).Scan(&left)
	return left > 0 && left < free, err
}

func (s *Store) removeAnalyses(ctx context.Context, tx *sql.Tx, w *work) (bool, error) {
	n, bytes, err := deleted(ctx, tx, `delete from analysis_request where id in (
			select id from analysis_request where organisation_id = $1 and finished_at is not null and finished_at < $2 and state in ('done', 'failed') limit $3)
		returning length(reference) + length(reason) + length(digest)`, w.org, before(w.now, w.ages.Analyses), rowsAtOnce)
	w.Removed.Analyses += n
	w.Removed.Bytes += bytes
	return n == rowsAtOnce, err
}

func (s *Store) removeAudit(ctx context.Context, tx *sql.Tx, w *work) (bool, error) {
	n, bytes, err := deleted(ctx, tx, `delete from audit where id in (select id from audit where organisation_id = $1 and at < $2 limit $3)
		returning length(actor_name) + length(subject) + length(detail)`, w.org, before(w.now, w.ages.Audit), rowsAtOnce)
	w.Removed.Audit += n
	w.Removed.Bytes += bytes
	return n == rowsAtOnce, err
}

// deleted runs a statement that returns the size of each row it deletes.
func deleted(ctx context.Context, tx *sql.Tx, stmt string, args ...any) (n, bytes int64, err error) {
	sizes, err := sqldb.Collect(ctx, tx, sqldb.ScanOne[int64], stmt, args...)
	for _, size := range sizes {
		bytes += size
	}
	return int64(len(sizes)), bytes, err
}
