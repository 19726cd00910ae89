package retention

import (
	"cmp"
	"context"
	"database/sql"
	"strconv"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/access"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// stored is how the ages are kept; changing a name needs a migration.
type stored struct {
	Images   int `json:"images,omitempty"`
	Analyses int `json:"analyses,omitempty"`
	Audit    int `json:"audit,omitempty"`
}

// Retention implements store.Retentions.
func (s *Store) Retention(ctx context.Context, org store.OrgID) (store.Retention, error) {
	r, err := readRetention(ctx, s.db.Reader, org)
	return r, s.db.Error("read retention", "", err)
}

func readRetention(ctx context.Context, q sqldb.Querier, org store.OrgID) (store.Retention, error) {
	var text string
	if err := q.QueryRowContext(ctx, `select retention from organisation where id = $1`, org).Scan(&text); err != nil {
		return store.Retention{}, err
	}
	var r stored
	err := sqldb.FromJSON(text, &r)
	return store.Retention(r), err
}

// SetRetention implements store.Retentions.
func (s *Store) SetRetention(ctx context.Context, org store.OrgID, r store.Retention) error {
	if err := check(r); err != nil {
		return err
	}
	text := ""
	if !r.Off() {
		text = sqldb.JSON(stored(r))
	}
	return s.db.Write(ctx, "store retention", "", func(tx *sql.Tx, now int64) error {
		res, err := tx.ExecContext(ctx, `update organisation set retention = $2 where id = $1`, org, text)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return cmp.Or(err, sql.ErrNoRows)
		}
		return access.Record(ctx, tx, now, org, "organisation.retention", "",
			map[string]string{"images": days(r.Images), "analyses": days(r.Analyses), "audit": days(r.Audit)})
	})
}

func check(r store.Retention) error {
	for _, n := range []int{r.Images, r.Analyses, r.Audit} {
		if n < 0 || n > store.MaxRetention {
			return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "set retention of", Subject: strconv.Itoa(n) + " days",
				Hint: "give 1 to " + strconv.Itoa(store.MaxRetention) + " days, or 0 to keep for ever"}
		}
	}
	return nil
}

// days says an age in the audit log.
func days(n int) string {
	if n == 0 {
		return "for ever"
	}
	return strconv.Itoa(n) + " days"
}

// before returns the time that is so many days ago. Nothing is older than what is kept for ever.
func before(now int64, days int) int64 {
	if days == 0 {
		return 0
	}
	return now - int64(days)*24*int64(time.Hour/time.Microsecond)
}

// DueRetention implements store.Retentions.
func (s *Store) DueRetention(ctx context.Context, every time.Duration) ([]store.OrgID, error) {
	list, err := sqldb.Collect(ctx, s.db.Reader, sqldb.ScanOne[store.OrgID], `select o.id from organisation as o
		where exists (select 1 from retention_run as r where r.organisation_id = o.id and r.finished_at is null)
		or o.retention <> '' and not exists (select 1 from retention_run as r where r.organisation_id = o.id and r.started_at > $1)
		order by o.created_at, o.id`, s.db.Now()-every.Microseconds())
	return list, s.db.Error("find due retention", "", err)
}

const runColumns = `id, started_at, updated_at, finished_at, images, packages, versions, layers, profiles, analyses, audit, bytes, phase, position`

// run is a run with where it stands.
type run struct {
	store.RetentionRun
	phase    phase
	position int64 // in the order of the phase
}

func scanRun(row interface{ Scan(...any) error }) (run, error) {
	var r run
	var started, updated int64
	var finished sql.NullInt64
	n := &r.Removed
	err := row.Scan(&r.ID, &started, &updated, &finished, &n.Images, &n.Packages, &n.Versions, &n.Layers, &n.Profiles, &n.Analyses, &n.Audit, &n.Bytes, &r.phase, &r.position)
	r.Started, r.Updated, r.Finished = sqldb.Time(started), sqldb.Time(updated), sqldb.NullTime(finished)
	return r, err
}

// RetentionRuns implements store.Retentions.
func (s *Store) RetentionRuns(ctx context.Context, org store.OrgID, limit int) ([]store.RetentionRun, error) {
	list, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (store.RetentionRun, error) {
		r, err := scanRun(rows)
		return r.RetentionRun, err
	}, `select `+runColumns+` from retention_run where organisation_id = $1 order by started_at desc, id desc limit $2`, org, sqldb.Limit(store.Page{Limit: limit}))
	return list, s.db.Error("list runs of retention", "", err)
}
