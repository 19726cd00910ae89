package insight

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/use"
)

// ranked is a vulnerability with all that tells how urgent it is.
type ranked struct {
	used, exploited bool // used is in a package seen loaded in what runs
	score           float64
	weight          int64
	id              string
}

func (u ranked) compare(v ranked) int {
	first := func(a, b bool) int {
		switch {
		case a == b:
			return 0
		case a:
			return -1
		}
		return 1
	}
	return cmp.Or(first(u.used, v.used), first(u.exploited, v.exploited), cmp.Compare(v.score, u.score), cmp.Compare(v.weight, u.weight), strings.Compare(v.id, u.id))
}

// rankedKey names a list by urgency and the state it is of.
type rankedKey struct {
	summed
	advisories int64 // revision
	filter     string
}

// maxRanked bounds how many vulnerabilities of such lists are kept together: about ten megabytes.
const maxRanked = 100_000

// byUrgency pages through vulnerabilities by urgency. No index has them in that order, so the whole
// list is made once and kept until something of it changes, as overviews are.
func (s *Store) byUrgency(ctx context.Context, org store.OrgID, filter store.VulnerabilityFilter, page store.Page) (ids []string, next string, err error) {
	var after ranked
	more, err := sqldb.ReadCursor(page.Cursor, &after.used, &after.exploited, &after.score, &after.weight, &after.id)
	if err != nil {
		return nil, "", err
	}
	list, err := s.urgency(ctx, org, filter)
	if err != nil {
		return nil, "", err
	}
	if more {
		i, found := slices.BinarySearchFunc(list, after, ranked.compare)
		if found {
			i++
		}
		list = list[i:]
	}
	limit := sqldb.Limit(page)
	part := sqldb.Cut(list[:min(len(list), limit+1)], limit, func(u ranked) string {
		return sqldb.Cursor(u.used, u.exploited, u.score, u.weight, u.id)
	})
	for _, u := range part.Items {
		ids = append(ids, u.id)
	}
	return ids, part.Next, nil
}

// MinorVulnerabilities implements store.Images. Both lists are kept as those by urgency are, so that the pages of one list count once.
func (s *Store) MinorVulnerabilities(ctx context.Context, org store.OrgID, filter store.VulnerabilityFilter) (int, error) {
	if !filter.IgnoreMinor {
		return 0, nil
	}
	kept, err := s.urgency(ctx, org, filter)
	if err != nil {
		return 0, err
	}
	filter.IgnoreMinor = false
	all, err := s.urgency(ctx, org, filter)
	return len(all) - len(kept), err
}

// LeftOutVulnerabilities implements running.Countable, as MinorVulnerabilities counts. What is suppressed is counted of all that is found, as it is everywhere;
// what of the rest is not seen comes first, so that the list and both counts are all there is.
func (s *Store) LeftOutVulnerabilities(ctx context.Context, org store.OrgID, filter store.VulnerabilityFilter) (out running.LeftOut, err error) {
	scope, err := s.vulnerabilityScope(ctx, org, filter, true)
	if err != nil {
		return out, err
	}
	count := func(filter store.VulnerabilityFilter) (n int) {
		if err == nil {
			var list []ranked
			list, err = s.urgency(ctx, org, filter)
			n = len(list)
		}
		return n
	}
	whole := filter
	whole.NotSeen = true
	switch asked := (store.VulnerabilityFilter{Environment: filter.Environment, Sort: filter.Sort}); {
	case scope.unseen.Packages == "" && scope.unseen.Findings == "":
	case reflect.DeepEqual(filter, asked): // as on most pages: no list is made for that
		out.NotSeen = len(scope.unseen.Vulnerabilities)
	default:
		out.NotSeen = count(whole) - count(filter)
	}
	if scope.standing.Whole != "" {
		all := whole
		all.Suppressed = true
		out.Suppressed = count(all) - count(whole)
	}
	return out, err
}

func (s *Store) urgency(ctx context.Context, org store.OrgID, filter store.VulnerabilityFilter) ([]ranked, error) {
	revisions, err := revision.Read(ctx, s.db.Reader, org, s.db.Now())
	if err != nil {
		return nil, s.db.Error("list vulnerabilities", "", err)
	}
	key := rankedKey{
		summed:     summed{org: org, environment: filter.Environment, images: revisions[store.ImagesResource], environments: revisions[store.EnvironmentsResource], hour: use.Now(s.db)},
		advisories: revisions[store.AdvisoriesResource],
		filter:     fmt.Sprintf("%v %q %t %t %t %g %t %t %t", filter.Severities, filter.Query, filter.Fixable, filter.Exploited, filter.InUse, filter.MinEPSS, filter.IgnoreMinor, filter.Suppressed, filter.NotSeen),
	}
	s.mu.Lock()
	list, ok := s.ranked[key]
	s.mu.Unlock()
	if ok {
		return list, nil
	}
	scope, err := s.vulnerabilityScope(ctx, org, filter, false)
	if err != nil {
		return nil, err
	}
	seen, err := s.usage(ctx, org, scope.scope, use.Vulnerable)
	if err != nil {
		return nil, s.db.Error("list vulnerabilities", "", err)
	}
	args := append(slices.Concat(scope.args, scope.filters), seen.loaded)
	within := `select v.id as id from package_version as v where v.worst_first is not null and ` + scope.has(`v.id`)
	if scope.few {
		within = `select v.id as id from (
			select distinct p.package_version_id as id from (` + scope.sets + `) as s join package_set_package as p on p.set_id = s.set_id
		) as q join package_version as v on v.id = q.id where v.worst_first is not null`
	}
	list, err = sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (ranked, error) {
		var u ranked
		return u, rows.Scan(&u.id, &u.weight, &u.used, &u.exploited, &u.score)
	}, scope.with+`select g.vulnerability, g.weight, g.used = 1, k.cve is not null, coalesce(e.score, -1) from (
			select f.vulnerability as vulnerability, max(f.weight) as weight, max(p.used) as used from (
				select v.id as id, case when `+s.isUsed(sqldb.Dollar(len(args)))+` then 1 else 0 end as used from (`+within+`) as v
			) as p cross join finding as f
			where f.package_version_id = p.id and f.closed_at is null and f.decides`+scope.severities+scope.filter+`
			group by f.vulnerability
		) as g left join known_exploited as k on k.cve = g.vulnerability left join epss as e on e.cve = g.vulnerability`, args...)
	if err != nil {
		return nil, s.db.Error("list vulnerabilities", "", err)
	}
	slices.SortFunc(list, ranked.compare)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rankings+len(list) > maxRanked {
		clear(s.ranked)
		s.rankings = 0
	}
	if _, kept := s.ranked[key]; !kept && len(list) <= maxRanked {
		s.ranked[key] = list
		s.rankings += len(list)
	}
	return list, nil
}
