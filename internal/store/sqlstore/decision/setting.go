package decision

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/access"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

const readSettings = `select decisions from organisation where id = $1`

// lockOrganisation lets changes of the decisions of an organisation come one after the other. SQLite has a single writer.
var lockOrganisation = sqldb.Text{SQLite: readSettings, Postgres: readSettings + ` for update`}

func (s *Store) lock(ctx context.Context, tx *sql.Tx, org store.OrgID) error {
	var text string
	return tx.QueryRowContext(ctx, s.db.Choose(lockOrganisation), org).Scan(&text)
}

// setting is how settings are stored.
type setting struct {
	Approval bool     `json:"approval,omitempty"`
	Authors  []string `json:"authors,omitempty"`
}

func settings(ctx context.Context, q sqldb.Querier, stmt string, org store.OrgID) (decided.Settings, error) {
	var text string
	var out setting
	err := q.QueryRowContext(ctx, stmt, org).Scan(&text)
	if err == nil {
		err = sqldb.FromJSON(text, &out)
	}
	return decided.Settings(out), err
}

// DecisionSettings implements decided.Decisions.
func (s *Store) DecisionSettings(ctx context.Context, org store.OrgID) (decided.Settings, error) {
	out, err := settings(ctx, s.db.Reader, readSettings, org)
	return out, s.db.Error("read how is decided", "", err)
}

// ChangeDecisionSettings implements decided.Decisions.
func (s *Store) ChangeDecisionSettings(ctx context.Context, org store.OrgID, change decided.SettingsChange) (decided.Settings, error) {
	var out decided.Settings
	err := s.db.Write(ctx, "change how is decided", "", func(tx *sql.Tx, now int64) error {
		was, err := settings(ctx, tx, s.db.Choose(lockOrganisation), org)
		if err != nil {
			return err
		}
		out = was
		told := make(map[string]string)
		if change.Approval != nil {
			out.Approval = *change.Approval
			told["approval"] = strconv.FormatBool(out.Approval)
		}
		if change.Authors != nil {
			out.Authors = *change.Authors
			told["authors"] = strings.Join(out.Authors, ", ")
		}
		if _, err := tx.ExecContext(ctx, `update organisation set decisions = $2 where id = $1`, org, sqldb.JSON(setting(out))); err != nil {
			return err
		}
		if err := access.Record(ctx, tx, now, org, "decisions.settings", "", told); err != nil {
			return err
		}
		var names []string
		if change.Authors != nil {
			if names, err = s.statedNames(ctx, tx, org); err != nil {
				return err
			}
		}
		return s.changed(ctx, tx, org, names...)
	})
	return out, err
}
