package member

import (
	"context"
	"database/sql"
	"strings"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// EachTag selects columns of what tags t of an organisation name now, by references such as
// registry/repository:tag; those that are none are passed over. from begins with "cross
// join" and where with "and", if they are not empty.
func EachTag(ctx context.Context, db *sqldb.DB, q sqldb.Querier, org store.OrgID, references []string, columns, from, where string, scan func(*sql.Rows) error) error {
	var tags [][2]string
	for _, r := range references {
		if i := strings.LastIndexByte(r, ':'); i > 0 && !strings.ContainsAny(r[i:], "/@") {
			tags = append(tags, [2]string{r[:i], r[i+1:]})
		}
	}
	for part := range sqldb.Chunks(tags) {
		args := make([]any, 0, 3*len(part))
		for _, t := range part {
			args = append(args, org, t[0], t[1])
		}
		rows, err := q.QueryContext(ctx, `with w (organisation_id, repository, name) as (values `+db.Values(len(part), "text", "text", "text")+`)
			select distinct `+columns+` from w cross join tag as t `+from+`
			where t.organisation_id = w.organisation_id and t.repository = w.repository and t.name = w.name and t.closed_at is null `+where, args...)
		if err != nil {
			return err
		}
		if err := each(rows, scan); err != nil {
			return err
		}
	}
	return nil
}

func each(rows *sql.Rows, scan func(*sql.Rows) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
