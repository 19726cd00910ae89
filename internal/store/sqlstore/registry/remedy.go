package registry

import (
	"context"
	"database/sql"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// known is what is known of a repository that may have an image.
type known struct {
	found, enabled, waits bool
	reason                string
}

// Remedies implements store.RegistryIntegrations.
func (s *Store) Remedies(ctx context.Context, org store.OrgID, names []string) (map[string]store.Remedy, error) {
	out := make(map[string]store.Remedy)
	paths := make(map[string]bool) // within registries
	for _, name := range names {
		if host, path, ok := strings.Cut(crowsnest.Repository(name), "/"); ok {
			out[name] = store.Remedy{Action: store.ConnectRemedy, Host: host, Repository: path}
			paths[path] = true
		}
	}
	if len(out) == 0 {
		return out, nil
	}
	registries, err := s.ConnectedRegistries(ctx, org)
	if err != nil || len(registries) == 0 {
		return out, err
	}
	list := make([]string, 0, len(paths))
	for p := range paths {
		list = append(list, p)
	}
	repositories := make(map[[2]string]known) // by registry and path
	if err := sqldb.CollectIn(ctx, s.db, s.db.Reader, list, []any{org}, func(in string) string {
		return `select r.registry_id, r.name, r.enabled_at is not null, r.reason, r.enabled_at is not null and r.read_at is null
			or exists (select 1 from registry_tag as t where t.repository_id = r.id and t.lane is not null)
			or exists (select 1 from analysis_request as q where q.organisation_id = $1 and q.registry_id is not null
				and q.reference >= g.host || '/' || r.name || '@' and q.reference < g.host || '/' || r.name || 'A' and q.state in ('queued', 'running'))
			from registry_repository as r join registry as g on g.id = r.registry_id where r.organisation_id = $1 and g.deleted_at is null and r.name in ` + in
	}, func(rows *sql.Rows) error {
		var id, name string
		k := known{found: true}
		err := rows.Scan(&id, &name, &k.enabled, &k.reason, &k.waits)
		repositories[[2]string{id, name}] = k
		return err
	}); err != nil {
		return nil, s.db.Error("find repositories of running images", "", err)
	}
	for name, r := range out {
		best := known{}
		for _, in := range registries {
			if in.Host != r.Host {
				continue
			}
			// Of several registries with one address the one that is furthest with it tells.
			k := repositories[[2]string{in.ID, r.Repository}]
			if r.Registry != "" && !(k.enabled && !best.enabled || k.found && !best.found) {
				continue
			}
			best = k
			r.Registry, r.Reason, r.Action = in.Name, "", store.EnableRemedy
			switch {
			case k.enabled && !in.Status.Paused.IsZero():
				r.Action = store.ResumeRemedy
			case in.Status.Reason != "":
				r.Action, r.Reason = store.CredentialRemedy, in.Status.Reason
			case k.enabled && k.reason != "":
				r.Action, r.Reason = store.CredentialRemedy, k.reason
			case k.enabled && k.waits:
				r.Action = store.WaitRemedy
			case k.enabled:
				r.Action = store.AnalyseRemedy
			}
		}
		out[name] = r
	}
	return out, nil
}
