package policy

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
)

// spell is a result with the time it lasted.
type spell struct {
	environment        int64
	status, violations int
	store.Span
}

// PolicyTrend implements store.PolicyResults. The intervals are read once and laid over each other here: asked by day in the database,
// every day would go through all of them.
func (s *Store) PolicyTrend(ctx context.Context, org store.OrgID, policy, environment string, days int) ([]subject.PolicyDay, error) {
	p, err := s.Policy(ctx, org, policy)
	if err != nil {
		return nil, err
	}
	days = min(max(days, 1), subject.MaxPolicyDays)
	now := s.db.Now()
	today := sqldb.Time(now).Truncate(24 * time.Hour)
	out := make([]subject.PolicyDay, days)
	for i := range out {
		out[i].Date = today.AddDate(0, 0, i-days+1)
	}
	first := out[0].Date.UnixMicro()
	place := subject.Everywhere
	var runs map[int64][]store.Span
	if environment != "" {
		if place, err = member.HistoryID(ctx, s.db, org, environment, out[0].Date); err == nil {
			runs, err = s.runs(ctx, place, first)
		}
		if err != nil {
			return nil, s.db.Error("read trend of policy", policy, err)
		}
	}
	spells, err := s.spells(ctx, p.ID, place, environment != "", first)
	if err != nil {
		return nil, s.db.Error("read trend of policy", policy, err)
	}
	for image, list := range spells {
		ran := runs[image]
		if environment != "" && len(ran) == 0 {
			continue
		}
		for i := range out {
			at := min(now, out[i].Date.AddDate(0, 0, 1).UnixMicro()-1)
			if environment != "" && !slices.ContainsFunc(ran, func(r store.Span) bool { return r.From <= at && at < r.To }) {
				continue
			}
			if r, ok := counting(list, place, at); ok {
				add(&out[i].Count, r.status, 1, r.violations)
			}
		}
	}
	return out, nil
}

// counting returns the result that counts at a time: that of the place or of the image by itself, or else the worst.
func counting(list []spell, place, at int64) (best spell, ok bool) {
	better := func(s spell) bool {
		switch {
		case !ok || s.environment == place:
			return true
		case best.environment == place:
			return false
		}
		return s.status > best.status
	}
	for _, s := range list {
		if s.From <= at && at < s.To && better(s) {
			best, ok = s, true
		}
	}
	return best, ok
}

// spells reads the results of a policy that had not ended at a time, by image.
func (s *Store) spells(ctx context.Context, policy, place int64, one bool, since int64) (map[int64][]spell, error) {
	out := make(map[int64][]spell)
	return out, sqldb.Each(ctx, s.db.Reader, func(rows *sql.Rows) error {
		var image int64
		var r spell
		err := rows.Scan(&image, &r.environment, &r.status, &r.violations, &r.From, &r.To)
		out[image] = append(out[image], r)
		return err
	}, `select r.image_id, r.environment_id, r.status, r.violations, r.opened_at, cast($3 as bigint) from policy_result as r where r.policy_id = $1 and r.closed_at is null and (not $5 or r.environment_id in (0, $4))
		union all
		select r.image_id, r.environment_id, r.status, r.violations, r.opened_at, r.closed_at from policy_result as r where r.policy_id = $1 and r.closed_at > $2 and (not $5 or r.environment_id in (0, $4))`,
		policy, since, int64(store.Forever), place, one)
}

// runs reads when images ran in an environment. Of the open occurrences of a digest the oldest tells all.
func (s *Store) runs(ctx context.Context, environment, since int64) (map[int64][]store.Span, error) {
	spans := make(map[int64][]store.Span)
	if err := sqldb.Each(ctx, s.db.Reader, func(rows *sql.Rows) error {
		var digest int64
		var span store.Span
		err := rows.Scan(&digest, &span.From, &span.To)
		spans[digest] = append(spans[digest], span)
		return err
	}, `select digest_id, min(opened_at), cast($2 as bigint) from occurrence where environment_id = $1 and closed_at is null group by digest_id
		union all select digest_id, opened_at, closed_at from occurrence where environment_id = $1 and closed_at is not null and closed_at > $3`,
		environment, int64(store.Forever), since); err != nil {
		return nil, err
	}
	images, err := member.Images(ctx, s.db, s.db.Reader, slices.Sorted(maps.Keys(spans)))
	out := make(map[int64][]store.Span, len(images))
	for digest, image := range images {
		out[image] = append(out[image], spans[digest]...)
	}
	return out, err
}
