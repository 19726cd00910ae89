package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Requests implements store.Analyses.
func (s *Store) Requests(ctx context.Context, org store.OrgID, state store.State, page store.Page) (store.List[store.AnalysisRequest], error) {
	created, id := int64(1)<<62, ""
	if _, err := sqldb.ReadCursor(page.Cursor, &created, &id); err != nil {
		return store.List[store.AnalysisRequest]{}, err
	}
	where, args := ``, []any{org, created, id, sqldb.Limit(page) + 1}
	if state != "" {
		where, args = ` and state = $5`, append(args, state)
	}
	rows, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (store.AnalysisRequest, error) { return scanRequest(rows) },
		selectRequest+` where organisation_id = $1`+where+` and (created_at, id) < ($2, $3) order by created_at desc, id desc limit $4`, args...)
	return sqldb.Cut(rows, sqldb.Limit(page), func(r store.AnalysisRequest) string { return sqldb.Cursor(r.Created.UnixMicro(), r.ID) }), s.db.Error("list analyses", "", err)
}

// RetryAnalysis implements store.Analyses.
func (s *Store) RetryAnalysis(ctx context.Context, org store.OrgID, id string) (req store.AnalysisRequest, err error) {
	err = s.db.Write(ctx, "try again analysis", id, func(tx *sql.Tx, now int64) error {
		req, err = scanRequest(tx.QueryRowContext(ctx, `update analysis_request set state = $3, reason = '', finished_at = null
			where organisation_id = $1 and id = $2 and state in ($4, $5)
			returning `+requestColumns, org, id, store.Queued, store.Done, store.Failed))
		if errors.Is(err, sql.ErrNoRows) {
			if err := tx.QueryRowContext(ctx, `select state from analysis_request where organisation_id = $1 and id = $2`, org, id).Scan(&req.State); err != nil {
				return err
			}
			return &crowsnest.Error{Kind: crowsnest.Conflict, Op: "try again analysis", Subject: id, Hint: "it is " + string(req.State) + " already"}
		}
		if err != nil {
			return err
		}
		if err := s.queue.Enqueue(ctx, tx, store.Work{Kind: store.AnalyseWork, ID: id, Lane: req.Lane}); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.AnalysesResource)
	})
	return req, err
}
