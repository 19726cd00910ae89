package insight

import (
	"context"
	"database/sql"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/use"
)

// counted names what a summary counts, and when.
type counted struct {
	summed
	counting store.Counting
}

// EnvironmentSummary implements store.Environments. Counting each thing once reads all
// findings within, so it is kept as overviews are.
func (s *Store) EnvironmentSummary(ctx context.Context, org store.OrgID, name string, counting store.Counting) (crowsnest.Summary, error) {
	if counting == store.CountImages {
		return s.countImages(ctx, org, name)
	}
	revisions, err := revision.Read(ctx, s.db.Reader, org)
	if err != nil {
		return crowsnest.Summary{}, s.db.Error("count vulnerabilities of", name, err)
	}
	v, err := s.within(ctx, org, name)
	if err != nil {
		return crowsnest.Summary{}, err
	}
	key := counted{summed{org: org, environment: name, images: revisions[store.ImagesResource], environments: revisions[store.EnvironmentsResource], hour: use.Now(s.db)}, counting}
	s.mu.Lock()
	out, ok := s.counted[key]
	s.mu.Unlock()
	if ok {
		return out, nil
	}
	discount, err := member.DiscountsNotSeen(ctx, s.db.Reader, v.environment)
	if err != nil {
		return out, s.db.Error("count vulnerabilities of", name, err)
	}
	switch {
	case counting != store.CountPackages && counting != store.CountVulnerabilities:
		return out, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "count by", Subject: string(counting), Hint: "use images, packages or vulnerabilities"}
	case discount:
		out, err = s.countAffected(ctx, org, v.environment, counting)
	case counting == store.CountPackages:
		err = s.db.Reader.QueryRowContext(ctx, v.with+`select coalesce(sum(v.critical), 0), coalesce(sum(v.high), 0), coalesce(sum(v.medium), 0), coalesce(sum(v.low), 0), coalesce(sum(v.unspecified), 0)
			from package_version as v where v.worst_first is not null and `+v.has(`v.id`), v.args...).Scan(&out.Critical, &out.High, &out.Medium, &out.Low, &out.Unspecified)
	default:
		err = s.countVulnerabilities(ctx, v, &out)
	}
	if err != nil {
		return out, s.db.Error("count vulnerabilities of", name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.counted) >= maxSummed {
		clear(s.counted)
	}
	s.counted[key] = out
	return out, nil
}

// countAffected counts what counts in an environment where what is not seen does not.
func (s *Store) countAffected(ctx context.Context, org store.OrgID, environment int64, counting store.Counting) (out crowsnest.Summary, err error) {
	affected, err := s.discounts.Affected(ctx, org, environment)
	if err != nil {
		return out, err
	}
	if counting == store.CountPackages {
		return out, sqldb.CollectIn(ctx, s.db, s.db.Reader, affected, nil, func(in string) string {
			return `select critical, high, medium, low, unspecified from package_version where id in ` + in
		}, func(rows *sql.Rows) error {
			var n crowsnest.Summary
			err := rows.Scan(&n.Critical, &n.High, &n.Medium, &n.Low, &n.Unspecified)
			out = out.Plus(n)
			return err
		})
	}
	worst := make(map[string]crowsnest.Severity) // by vulnerability
	err = sqldb.CollectIn(ctx, s.db, s.db.Reader, affected, nil, func(in string) string {
		return `select f.vulnerability, max(f.severity) from finding as f where f.package_version_id in ` + in + ` and f.closed_at is null and f.decides group by f.vulnerability`
	}, func(rows *sql.Rows) error {
		var id string
		var severity crowsnest.Severity
		err := rows.Scan(&id, &severity)
		worst[id] = max(worst[id], severity)
		return err
	})
	for _, severity := range worst {
		out.Add(severity, 1)
	}
	return out, err
}

// countImages sums up what each image has.
func (s *Store) countImages(ctx context.Context, org store.OrgID, name string) (crowsnest.Summary, error) {
	id, err := member.EnvironmentID(ctx, s.db, org, name)
	if err != nil {
		return crowsnest.Summary{}, err
	}
	var out crowsnest.Summary
	err = s.db.Snapshot(ctx, func(q sqldb.Querier) error {
		places, err := member.Places(ctx, s.db, q, true, `r.environment_id`, member.Within(id), org, id)
		if err != nil || places[id] == nil {
			return err
		}
		out = places[id].Summary
		discount, err := member.DiscountsNotSeen(ctx, q, id)
		if err != nil || !discount {
			return err
		}
		left, err := s.discounts.NotAffected(ctx, q, org, id)
		out = out.Minus(left)
		return err
	})
	return out, s.db.Error("count vulnerabilities of", name, err)
}

func (s *Store) countVulnerabilities(ctx context.Context, v scope, out *crowsnest.Summary) error {
	type class struct {
		severity crowsnest.Severity
		n        int
	}
	classes, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (class, error) {
		var c class
		return c, rows.Scan(&c.severity, &c.n)
	}, v.with+`select severity, count(*) from (
			select f.vulnerability, max(f.severity) as severity from package_version as v cross join finding as f
			where v.worst_first is not null and `+v.has(`v.id`)+` and f.package_version_id = v.id and f.closed_at is null and f.decides group by f.vulnerability
		) as f group by severity`, v.args...)
	for _, c := range classes {
		out.Add(c.severity, c.n)
	}
	return err
}
