package registry

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// mostAsked bounds what one sweep asks for; the next one goes on.
const mostAsked = 500

// nameless finds what an integration ($1) sees running that leads to no image, or to one that retention removed, and was not
// asked for since. What was removed is known by its digest, all else only by what the source calls it.
const nameless = `select d.id, coalesce(case when i.repository <> '' then i.repository || '@' || i.digest end, n.name)
	from running as r join digest as d on d.id = r.digest_id
	left join alias as a on a.digest_id = d.id left join image as i on i.id = a.image_id
	left join reported_name as n on n.digest_id = d.id
	where r.integration_number = $1 and (i.id is not null or n.name is not null)
	and not exists (select 1 from alias as b join image as j on j.id = b.image_id where b.digest_id = d.id and j.state <> 'removed')
	and not exists (select 1 from running_request as q where q.digest_id = d.id and q.asked_at >= coalesce(i.removed_at, 0))
	order by d.id`

// AnalyseRunning implements store.Watching.
func (s *Store) AnalyseRunning(ctx context.Context, integrationID string) (n int, err error) {
	var org store.OrgID
	var number int64
	var on bool
	if err := s.db.Reader.QueryRowContext(ctx, `select organisation_id, number, own_analysis and paused_at is null from integration where id = $1 and deleted_at is null`, integrationID).Scan(&org, &number, &on); err != nil || !on {
		return 0, s.db.Error("find integration", integrationID, err)
	}
	type candidate struct {
		digest int64
		name   string
	}
	list, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (c candidate, err error) { return c, rows.Scan(&c.digest, &c.name) }, nameless, number)
	if err != nil || len(list) == 0 {
		return 0, s.db.Error("find running images", "", err)
	}
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = c.name
	}
	remedies, err := s.Remedies(ctx, org, names)
	if err != nil {
		return 0, err
	}
	registries, err := s.ConnectedRegistries(ctx, org)
	if err != nil {
		return 0, err
	}
	able := make(map[string]store.RegistryIntegration, len(registries))
	for _, in := range registries {
		if in.Status.Paused.IsZero() && in.Status.Reason == "" {
			able[in.Name] = in
		}
	}
	err = s.db.Write(ctx, "ask for running images", "", func(tx *sql.Tx, now int64) error {
		n = 0
		for _, c := range list {
			r := remedies[c.name]
			in, ok := able[r.Registry]
			// Where the repository is enabled and about to be looked at, it may come by itself.
			if n == mostAsked {
				break
			}
			if !ok || !in.Admits(r.Repository) || r.Action != store.EnableRemedy && r.Action != store.AnalyseRemedy {
				continue
			}
			id, err := s.askRunning(ctx, tx, now, in, c.name)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `insert into running_request (digest_id, request_id, asked_at) values ($1, $2, $3)
				on conflict (digest_id) do update set request_id = excluded.request_id, asked_at = excluded.asked_at`, c.digest, id, now); err != nil {
				return err
			}
			n++
		}
		if n == 0 {
			return nil
		}
		return revision.Raise(ctx, tx, org, store.AnalysesResource, store.EnvironmentsResource)
	})
	return n, err
}

// askRunning requests the analysis of an image by its name, and returns the request. Several digests may go by one name, of
// which all but the newest are not to be had any more: what waits already is not asked for twice, and what was asked for once
// is again, since the name may mean another image now.
func (s *Store) askRunning(ctx context.Context, tx *sql.Tx, now int64, in store.RegistryIntegration, name string) (id string, err error) {
	reference := crowsnest.Repository(name) + ending(name)
	err = tx.QueryRowContext(ctx, `insert into analysis_request (id, organisation_id, reference, platform, state, reason, digest, created_at, lane, registry_id, tag)
		values ($1, $2, $3, '', 'queued', '', '', $4, $5, $6, '')
		on conflict (organisation_id, reference) where registry_id is not null do update set state = 'queued', reason = '', finished_at = null, lane = excluded.lane
			where analysis_request.state in ('done', 'failed') returning id`,
		sqldb.NewUUID(), in.Org, reference, now, store.FillLane, in.ID).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = tx.QueryRowContext(ctx, `select id from analysis_request where organisation_id = $1 and reference = $2 and registry_id is not null`, in.Org, reference).Scan(&id)
		return id, err
	}
	if err != nil {
		return "", err
	}
	return id, s.enqueue(ctx, tx, store.Work{Kind: store.AnalyseWork, ID: id, Lane: store.FillLane})
}

// ending is what the name of an image says beside its repository: a digest with its @, or a tag with its colon.
func ending(name string) string {
	if i := strings.IndexByte(name, '@'); i >= 0 {
		return name[i:]
	}
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		return name[i:]
	}
	return ""
}
