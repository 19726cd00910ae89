package source

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/access"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// SetHook implements store.Hooks.
func (s *Store) SetHook(ctx context.Context, org store.OrgID, name string, hash []byte) error {
	return s.db.Write(ctx, "change hook of", name, func(tx *sql.Tx, now int64) error {
		var id string
		if err := tx.QueryRowContext(ctx, `update integration set hook = $3 where organisation_id = $1 and name = $2 and `+member.Swept(`integration`)+` returning id`, org, name, hash).Scan(&id); err != nil {
			return err
		}
		action := "integration.hook.create"
		if hash == nil {
			action = "integration.hook.delete"
		}
		if err := access.Record(ctx, tx, now, org, action, name, nil); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.IntegrationsResource)
	})
}

// HookSweep implements store.Hooks. The schedule, which looks every few seconds, begins the sweep:
// whatever is asked meanwhile finds it planned and writes nothing.
func (s *Store) HookSweep(ctx context.Context, name string, hash []byte, gap time.Duration) error {
	type candidate struct {
		id   string
		hook []byte
	}
	all, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (c candidate, err error) { return c, rows.Scan(&c.id, &c.hook) },
		`select id, hook from integration where name = $1 and `+member.Swept(`integration`)+` and hook is not null`, name)
	if err != nil {
		return s.db.Error("find hook", "", err)
	}
	id := ""
	for _, c := range all {
		if subtle.ConstantTimeCompare(c.hook, hash) == 1 {
			id = c.id
		}
	}
	if id == "" {
		return s.db.Error("find hook", "", sql.ErrNoRows)
	}
	const planned = `(paused_at is not null or coalesce(hook_at, 0) > coalesce(attempt_at, 0))`
	var done bool
	if err := s.db.Reader.QueryRowContext(ctx, `select `+planned+` from integration where id = $1`, id).Scan(&done); err != nil || done {
		return s.db.Error("plan sweep", "", err)
	}
	return s.db.Write(ctx, "plan sweep", "", func(tx *sql.Tx, now int64) error {
		_, err := tx.ExecContext(ctx, `update integration set hook_at = case when attempt_at + $3 > $2 then attempt_at + $3 else $2 end where id = $1 and not `+planned, id, now, gap.Microseconds())
		return err
	})
}
