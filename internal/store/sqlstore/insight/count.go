package insight

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/decision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/unseen"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/use"
)

// counted names what a summary counts, and when.
type counted struct {
	summed
	counting store.Counting
}

// EnvironmentSummary implements store.Environments. Counting each thing once reads all
// findings within, so it is kept as overviews are.
func (s *Store) EnvironmentSummary(ctx context.Context, org store.OrgID, name string, counting store.Counting) (store.Counted, error) {
	if counting == store.CountImages {
		return s.countImages(ctx, org, name)
	}
	revisions, err := revision.Read(ctx, s.db.Reader, org, s.db.Now())
	if err != nil {
		return store.Counted{}, s.db.Error("count vulnerabilities of", name, err)
	}
	v, err := s.within(ctx, org, name)
	if err != nil {
		return store.Counted{}, err
	}
	key := counted{summed{org: org, environment: name, images: revisions[store.ImagesResource], environments: revisions[store.EnvironmentsResource], hour: use.Now(s.db)}, counting}
	s.mu.Lock()
	out, ok := s.counted[key]
	s.mu.Unlock()
	if ok {
		return out, nil
	}
	switch counting {
	case store.CountPackages:
		out, err = s.countOnce(ctx, org, v, s.ofPackages)
	case store.CountVulnerabilities:
		out, err = s.countOnce(ctx, org, v, s.ofVulnerabilities)
	default:
		return out, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "count by", Subject: string(counting), Hint: "use images, packages or vulnerabilities"}
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

// once is how things are counted once: those in package versions, without what is suppressed or left out, and without what was counted before.
type once func(ctx context.Context, versions []int64, standing *decision.Standing, left *unseen.Left, before *earlier) (crowsnest.Summary, error)

// earlier is what was counted before.
type earlier struct {
	sum   crowsnest.Summary
	named map[string]bool // vulnerabilities
}

// countOnce counts what is within, each thing once. Something counts that does in one image, and is in use where it is in use in
// one; what is left out counts in none.
func (s *Store) countOnce(ctx context.Context, org store.OrgID, v scope, of once) (store.Counted, error) {
	var out store.Counted
	seen, err := s.usage(ctx, org, v, use.Vulnerable)
	if err != nil {
		return out, err
	}
	standing, err := s.decisions.Standing(ctx, s.db.Reader, org, v.environment)
	if err != nil {
		return out, err
	}
	loaded := slices.Sorted(maps.Keys(seen.states))
	loaded = slices.DeleteFunc(loaded, func(id int64) bool { return seen.states[id] != crowsnest.Loaded })
	all, err := sqldb.Collect(ctx, s.db.Reader, sqldb.ScanOne[int64], v.with+`select v.id from package_version as v where v.worst_first is not null and `+v.has(`v.id`), v.args...)
	if err != nil {
		return out, err
	}
	left, err := s.unseen.LeftOut(ctx, org, v.environment)
	if err != nil {
		return out, err
	}
	counts := slices.DeleteFunc(slices.Clone(all), left.Has)
	if out.InUse, err = of(ctx, loaded, standing, &unseen.Left{}, &earlier{named: make(map[string]bool)}); err != nil {
		return out, err
	}
	before := earlier{named: make(map[string]bool)}
	if out.Summary, err = of(ctx, counts, standing, left, &before); err != nil {
		return out, err
	}
	before.sum = out.Summary
	if left.Packages != "" || left.Findings != "" {
		if out.NotAffected, err = of(ctx, all, standing, &unseen.Left{}, &before); err != nil {
			return out, err
		}
	}
	if standing.Empty() {
		return out, nil
	}
	// What is suppressed of what is counted so is what the same counts without decisions have more.
	counted, err := of(ctx, all, &decision.Standing{}, &unseen.Left{}, &earlier{named: make(map[string]bool)})
	out.Suppressed = counted.Minus(out.Summary).Minus(out.NotAffected)
	return out, err
}

// ofPackages counts the findings of package versions.
func (s *Store) ofPackages(ctx context.Context, versions []int64, standing *decision.Standing, left *unseen.Left, before *earlier) (out crowsnest.Summary, err error) {
	err = sqldb.CollectIn(ctx, s.db, s.db.Reader, versions, nil, func(in string) string {
		return `select id, critical, high, medium, low, unspecified from package_version where id in ` + in
	}, func(rows *sql.Rows) error {
		var id int64
		var n crowsnest.Summary
		err := rows.Scan(&id, &n.Critical, &n.High, &n.Medium, &n.Low, &n.Unspecified)
		n = n.Minus(standing.Versions[id])
		out = out.Plus(n.Minus(left.Of(id, n)))
		return err
	})
	return out.Minus(before.sum), err
}

// ofVulnerabilities counts the vulnerabilities of package versions, each by its worst severity, and names them.
func (s *Store) ofVulnerabilities(ctx context.Context, versions []int64, standing *decision.Standing, left *unseen.Left, before *earlier) (out crowsnest.Summary, err error) {
	worst := make(map[string]crowsnest.Severity)
	err = sqldb.CollectIn(ctx, s.db, s.db.Reader, versions, []any{standing.Whole, left.Findings}, func(in string) string {
		return `select f.vulnerability, max(f.severity) from finding as f where f.package_version_id in ` + in + ` and f.closed_at is null and f.decides and ` + s.counts(`f`, `$1`) + ` and ` + s.counts(`f`, `$2`) + ` group by f.vulnerability`
	}, func(rows *sql.Rows) error {
		var id string
		var severity crowsnest.Severity
		err := rows.Scan(&id, &severity)
		if !before.named[id] {
			worst[id] = max(worst[id], severity)
		}
		return err
	})
	for id, severity := range worst {
		before.named[id] = true
		out.Add(severity, 1)
	}
	return out, err
}

// countImages sums up what each image has.
func (s *Store) countImages(ctx context.Context, org store.OrgID, name string) (store.Counted, error) {
	var out store.Counted
	id, err := member.EnvironmentID(ctx, s.db, org, name)
	if err != nil {
		return out, err
	}
	err = s.db.Snapshot(ctx, func(q sqldb.Querier) error {
		places, err := member.Places(ctx, s.db, q, true, `r.environment_id`, member.Within(id), org, id)
		if err != nil || places[id] == nil {
			return err
		}
		sums, err := s.discounts.Sums(ctx, q, org, id)
		if err != nil {
			return err
		}
		standing, err := s.decisions.Standing(ctx, q, org, id)
		if err != nil {
			return err
		}
		out = store.Counted{Summary: places[id].Summary.Minus(sums.NotAffected()).Minus(standing.Summary()), InUse: sums.Findings.Loaded, NotAffected: sums.NotAffected(), Suppressed: standing.Summary()}
		return nil
	})
	return out, s.db.Error("count vulnerabilities of", name, err)
}
