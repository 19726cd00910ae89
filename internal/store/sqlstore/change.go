package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/access"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/due"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/source"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// heldIntegration is what an integration was before a change.
type heldIntegration struct {
	id                       string
	number, environment      int64
	cluster, region, url, ca string
	interval                 int64
	paused, waits            sql.NullInt64
}

var readHeld = `select id, number, environment_id, cluster, region, url, ca, interval_us, paused_at, wait_until from integration
	where organisation_id = $1 and name = $2 and ` + member.Swept(`integration`)

// lockHeld keeps sweeps and other changes of the integration waiting.
var lockHeld = sqldb.Text{SQLite: readHeld, Postgres: readHeld + ` for update`}

func (s *Store) lockHeld(ctx context.Context, tx *sql.Tx, org store.OrgID, name string) (heldIntegration, error) {
	var h heldIntegration
	err := tx.QueryRowContext(ctx, s.db.Choose(lockHeld), org, name).
		Scan(&h.id, &h.number, &h.environment, &h.cluster, &h.region, &h.url, &h.ca, &h.interval, &h.paused, &h.waits)
	return h, err
}

// UpdateIntegration implements store.IntegrationChanges.
func (s *Store) UpdateIntegration(ctx context.Context, org store.OrgID, name string, change store.IntegrationChange) error {
	return s.db.Write(ctx, "change integration", name, func(tx *sql.Tx, now int64) error {
		was, err := s.lockHeld(ctx, tx, org, name)
		if err != nil {
			return err
		}
		is, sweep := was, change.Secret != nil || change.CA != nil
		set(&is.ca, change.CA)
		set(&is.cluster, change.Cluster)
		set(&is.region, change.Region)
		set(&is.url, change.URL)
		if change.Interval != nil {
			is.interval = change.Interval.Microseconds()
		}
		if change.Paused != nil && *change.Paused != was.paused.Valid {
			is.paused = sql.NullInt64{Int64: now, Valid: *change.Paused}
			sweep = true
		}
		if change.Environment != nil {
			if is.environment, err = member.EnsureEnvironment(ctx, tx, now, org, *change.Environment); err != nil {
				return err
			}
		}
		if another := is.cluster != was.cluster || is.region != was.region || is.url != was.url; another {
			sweep = true
			if err := member.CloseIntegration(ctx, tx, now, was.number); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `update integration set complete_at = null, seen_at = null, emptied_at = null, connected_since = null, failing_since = null, reason = '', changed_at = $2 where id = $1`, was.id, now); err != nil {
				return err
			}
		} else if is.environment != was.environment {
			if err := s.moveOccurrences(ctx, tx, now, org, was.number, is.environment); err != nil {
				return err
			}
		}
		// Another account or place did not ask for anything; the same one goes on to, whatever else is changed.
		if change.Secret != nil || is.region != was.region || is.url != was.url {
			is.waits = sql.NullInt64{}
		}
		if _, err := tx.ExecContext(ctx, `update integration set environment_id = $2, cluster = $3, region = $4, url = $5, interval_us = $6, paused_at = $7, next_at = $8, ca = $9, wait_until = $10 where id = $1`,
			was.id, is.environment, is.cluster, is.region, is.url, is.interval, is.paused, max(now+is.interval, is.waits.Int64), is.ca, is.waits); err != nil {
			return err
		}
		if change.Analyse != nil {
			if _, err := tx.ExecContext(ctx, `update integration set own_analysis = $2 where id = $1`, was.id, *change.Analyse); err != nil {
				return err
			}
			sweep = sweep || *change.Analyse // which asks for what runs
		}
		if change.Secret != nil {
			if _, err := tx.ExecContext(ctx, `update integration set secret = $2 where id = $1`, was.id, change.Secret); err != nil {
				return err
			}
		}
		if err := source.SaveAPIToken(ctx, tx, was.id, change.APISecret); err != nil {
			return err
		}
		if sweep || change.APISecret != nil { // another token, another answer
			if _, err := tx.ExecContext(ctx, `update integration set named_at = null, names_refused = '' where id = $1`, was.id); err != nil {
				return err
			}
		}
		if sweep && !is.paused.Valid && is.waits.Int64 <= now {
			if _, err := tx.ExecContext(ctx, `update integration set requested_at = $2 where id = $1`, was.id, now); err != nil {
				return err
			}
			if err := s.queue.Enqueue(ctx, tx, store.Work{Kind: store.SweepWork, ID: was.id}); err != nil {
				return err
			}
		}
		if err := access.Record(ctx, tx, now, org, "integration.update", name, changed(change)); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.IntegrationsResource, store.EnvironmentsResource)
	})
}

// changed says for the audit what was changed, without the secret.
func changed(c store.IntegrationChange) map[string]string {
	out := make(map[string]string)
	for name, to := range map[string]*string{"environment": c.Environment, "cluster": c.Cluster, "region": c.Region, "url": c.URL} {
		if to != nil {
			out[name] = *to
		}
	}
	if c.Interval != nil {
		out["interval"] = c.Interval.String()
	}
	if c.Paused != nil {
		out["paused"] = strconv.FormatBool(*c.Paused)
	}
	if c.Analyse != nil {
		out["analyse"] = strconv.FormatBool(*c.Analyse)
	}
	if c.Secret != nil {
		out["token"] = "replaced"
	}
	switch {
	case c.APISecret != nil && len(c.APISecret) == 0:
		out["api-token"] = "removed"
	case c.APISecret != nil:
		out["api-token"] = "replaced"
	}
	if c.CA != nil {
		out["ca"] = "replaced"
	}
	return out
}

func set[T any](into, to *T) {
	if to != nil {
		*into = *to
	}
}

// moveOccurrences ends what an integration sees running in its environment and begins it in
// another: where something ran before is history and stays true.
func (s *Store) moveOccurrences(ctx context.Context, tx *sql.Tx, now int64, org store.OrgID, number, to int64) error {
	moved, err := sqldb.Collect(ctx, tx, func(rows *sql.Rows) ([]any, error) {
		var digest, opened int64
		var profile, profiled sql.NullInt64
		var cluster, namespace, kind, name, container string
		err := rows.Scan(&opened, &digest, &profile, &profiled, &cluster, &namespace, &kind, &name, &container)
		return []any{sqldb.NewID(), org, to, number, digest, profile, profiled, max(now, opened), cluster, namespace, kind, name, container}, err
	}, `select opened_at, digest_id, profile_id, profiled_at, cluster, namespace, kind, name, container from occurrence where integration_number = $1 and closed_at is null`, number)
	if err != nil {
		return err
	}
	if err := due.Integration(ctx, tx, number); err != nil {
		return err
	}
	if err := member.EndOccurrences(ctx, tx, now, number); err != nil {
		return err
	}
	if err := member.InsertOccurrences(ctx, s.db, tx, moved); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `update running set environment_id = $2 where integration_number = $1`, number, to)
	return err
}

// IntegrationImpact implements store.IntegrationChanges.
func (s *Store) IntegrationImpact(ctx context.Context, org store.OrgID, name, environment string) (store.Impact, error) {
	var out store.Impact
	var number, from int64
	err := s.db.Reader.QueryRowContext(ctx, `select g.number, e.id, e.name from integration as g join environment as e on e.id = g.environment_id
		where g.organisation_id = $1 and g.name = $2 and `+member.Swept(`g`), org, name).Scan(&number, &from, &out.Leaves.Environment)
	if err != nil {
		return out, s.db.Error("find integration", name, err)
	}
	if out.Leaves, err = s.impactOn(ctx, org, number, from, from, out.Leaves.Environment); err != nil || environment == "" {
		return out, err
	}
	if environment == out.Leaves.Environment {
		out.Leaves = store.ImpactOn{Environment: environment, Remaining: out.Leaves.Remaining + out.Leaves.Images}
		enters := out.Leaves
		out.Enters = &enters
		return out, nil
	}
	var to int64 // none yet, if it is a new environment
	if err := s.db.Reader.QueryRowContext(ctx, `select coalesce(max(id), 0) from environment where organisation_id = $1 and name = $2`, org, environment).Scan(&to); err != nil {
		return out, s.db.Error("find environment", environment, err)
	}
	enters, err := s.impactOn(ctx, org, number, from, to, environment)
	enters.Remaining += enters.Images
	out.Enters = &enters
	return out, err
}

// impactOn compares what an integration runs in its environment with what others run in another.
func (s *Store) impactOn(ctx context.Context, org store.OrgID, number, from, in int64, name string) (store.ImpactOn, error) {
	out := store.ImpactOn{Environment: name}
	rows, err := member.Rows(ctx, s.db.Reader, `case when r.integration_number = $2 then 1 else 0 end`, `r.environment_id in ($3, $4)
		and (r.integration_number = $2 or r.environment_id = $4)`, org, number, from, in)
	if err != nil {
		return out, s.db.Error("compare what runs in", name, err)
	}
	type key struct{ image, digest int64 }
	of := func(m member.Row) key {
		if m.Image.Valid {
			return key{image: m.Image.Int64}
		}
		return key{digest: m.Digest}
	}
	others, own := make(map[key]bool), make(map[key]member.Row)
	for _, m := range rows {
		if m.Place == 1 {
			out.Occurrences += m.Occurrences
			own[of(m)] = m
			continue
		}
		if !others[of(m)] && m.State == store.Analysed {
			out.Remaining++
		}
		others[of(m)] = true
	}
	var images []int64
	for k, m := range own {
		switch {
		case others[k]:
		case m.State == store.Analysed:
			images = append(images, k.image)
		default:
			out.Unresolved++
		}
	}
	out.Images = len(images)
	err = sqldb.CollectIn(ctx, s.db, s.db.Reader, images, []any{org}, func(in string) string {
		return `select name, digest from image where organisation_id = $1 and id in ` + in
	}, func(rows *sql.Rows) error {
		var i store.ImpactImage
		err := rows.Scan(&i.Name, &i.Digest)
		out.Listed = append(out.Listed, i)
		return err
	})
	slices.SortFunc(out.Listed, func(a, b store.ImpactImage) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(string(a.Digest), string(b.Digest)))
	})
	out.Listed = out.Listed[:min(len(out.Listed), store.MaxListed)]
	return out, s.db.Error("name what runs in", name, err)
}
