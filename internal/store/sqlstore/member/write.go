package member

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/due"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Swept tells that the integration of an alias is one that people made and that is swept, and
// not one that keeps what was assigned to an environment.
func Swept(integration string) string {
	return integration + `.deleted_at is null and ` + integration + `.kind <> '` + store.AssignedKind + `'`
}

// Digests returns the numbers that stand for digests in an organisation; those not heard
// of before get one.
func Digests(ctx context.Context, db *sqldb.DB, tx *sql.Tx, org store.OrgID, digests []string) (map[string]int64, error) {
	numbers, _, err := db.Number(ctx, tx, sqldb.Numbering{
		Find:   `select id, digest from digest where organisation_id = $1 and digest in `,
		Before: []any{org},
		Insert: `insert into digest (id, organisation_id, digest) values `,
		Tail:   ` on conflict (organisation_id, digest) do nothing`,
	}, digests, func(id int64, digest string) []any { return []any{id, org, digest} })
	return numbers, err
}

// EnsureEnvironment returns an environment of the organisation, made if missing; one that was
// deleted goes on. Whoever ends it waits until the transaction is over.
func EnsureEnvironment(ctx context.Context, tx *sql.Tx, now int64, org store.OrgID, name string) (id int64, err error) {
	if err := Nameable(name); err != nil {
		return 0, err
	}
	err = tx.QueryRowContext(ctx, `insert into environment (id, organisation_id, name, created_at) values ($1, $2, $3, $4)
		on conflict (organisation_id, name) do update set deleted_at = null returning id`, sqldb.NewID(), org, name, now).Scan(&id)
	return id, err
}

// Nameable refuses the name of what is built in.
func Nameable(environment string) error {
	if environment == store.LatestIndexed {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "make environment", Subject: environment, Hint: "that is built in and holds the newest image of each repository; choose another name"}
	}
	return nil
}

// Run is what makes two observations of one integration the same occurrence.
type Run struct {
	Namespace, Kind, Name, Container string
	Digest                           int64
}

// OpenRun is an open occurrence.
type OpenRun struct {
	ID       int64
	Opened   int64
	Profile  sql.NullInt64
	Profiled sql.NullInt64 // when the profile was last reported; null while the newest sweep did
}

// OpenRuns reads the open occurrences of an integration.
func OpenRuns(ctx context.Context, tx *sql.Tx, integration int64) (map[Run]OpenRun, error) {
	rows, err := tx.QueryContext(ctx, `select id, namespace, kind, name, container, digest_id, opened_at, profile_id, profiled_at from occurrence where integration_number = $1 and closed_at is null`, integration)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	open := make(map[Run]OpenRun)
	for rows.Next() {
		var k Run
		var r OpenRun
		if err := rows.Scan(&r.ID, &k.Namespace, &k.Kind, &k.Name, &k.Container, &k.Digest, &r.Opened, &r.Profile, &r.Profiled); err != nil {
			return nil, err
		}
		open[k] = r
	}
	return open, rows.Err()
}

// InsertOccurrences opens occurrences, given by the columns in this order: id,
// organisation_id, environment_id, integration_number, digest_id, profile_id, profiled_at, opened_at, cluster,
// namespace, kind, name, container.
func InsertOccurrences(ctx context.Context, db *sqldb.DB, tx *sql.Tx, rows [][]any) error {
	return db.InsertRows(ctx, tx, `insert into occurrence (id, organisation_id, environment_id, integration_number, digest_id, profile_id, profiled_at, opened_at,
		cluster, namespace, kind, name, container) values `, rows, ``)
}

// Ending is why occurrences end.
type Ending bool

// Why they end: they ran no more, or nobody watches whether they do.
const (
	Stopped   Ending = false
	Unwatched Ending = true
)

// CloseOccurrences ends some of the open occurrences. One that was opened later than now, by a
// server with another clock or while this one waited for a lock, ends as it begins. What it loaded is asked of what runs
// alone, so that it lets go of its profile.
func CloseOccurrences(ctx context.Context, db *sqldb.DB, tx *sql.Tx, now int64, why Ending, ids []int64) error {
	return sqldb.EachChunk(ids, func(args []any) error {
		_, err := tx.ExecContext(ctx, `update occurrence set closed_at = case when opened_at > $1 then opened_at else $1 end, unwatched = $2, profile_id = null where id in `+db.Parameters(3, len(args)), append([]any{now, bool(why)}, args...)...)
		return err
	})
}

// CloseIntegration ends everything that an integration saw running: nobody watches it any more.
func CloseIntegration(ctx context.Context, tx *sql.Tx, now, number int64) error {
	if err := due.Integration(ctx, tx, number); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `delete from running where integration_number = $1`, number); err != nil {
		return err
	}
	return EndOccurrences(ctx, tx, now, number)
}

// EndOccurrences ends the open occurrences of an integration, which watches them no more, as CloseOccurrences does. The
// caller changes the counts.
func EndOccurrences(ctx context.Context, tx *sql.Tx, now, number int64) error {
	_, err := tx.ExecContext(ctx, `update occurrence set closed_at = case when opened_at > $2 then opened_at else $2 end, unwatched = true, profile_id = null where integration_number = $1 and closed_at is null`, number, now)
	return err
}

// ApplyChanges keeps the count of open occurrences by digest, a sum over another table that
// is changed with it (TestKeptCounts compares): it adds to the numbers of open occurrences of
// an integration by digest. The caller holds the integration's lock.
func ApplyChanges(ctx context.Context, db *sqldb.DB, tx *sql.Tx, integration, environment int64, changes map[int64]int) error {
	if err := due.Digests(ctx, db, tx, slices.Sorted(maps.Keys(changes))); err != nil {
		return err
	}
	var rows [][]any
	fewer := false
	for digest, n := range changes {
		if n != 0 {
			rows = append(rows, []any{integration, digest, environment, n})
			fewer = fewer || n < 0
		}
	}
	if err := db.InsertRows(ctx, tx, `insert into running (integration_number, digest_id, environment_id, occurrences) values `, rows,
		` on conflict (integration_number, digest_id) do update set occurrences = running.occurrences + excluded.occurrences`); err != nil || !fewer {
		return err
	}
	_, err := tx.ExecContext(ctx, `delete from running where integration_number = $1 and occurrences = 0`, integration)
	return err
}
