package comparison

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/decision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/use"
)

// DifferentFindings implements store.Comparisons. Two versions of an image share most of their
// packages, and images most of what they are built on: what both sides of a pair have is passed
// over, and of the rest each set and each package version is read once.
func (s *Store) DifferentFindings(ctx context.Context, org store.OrgID, before, after string, pairs []store.SetPair) ([]store.SetDifference, error) {
	standingBefore, err := s.standing(ctx, org, before)
	if err != nil {
		return nil, err
	}
	standingAfter, err := s.standing(ctx, org, after)
	if err != nil {
		return nil, err
	}
	versions, err := s.vulnerable(ctx, org, pairs)
	if err != nil {
		return nil, s.db.Error("compare packages", "", err)
	}
	type sides struct{ before, after []int64 }
	only := make([]sides, len(pairs))
	wanted := make(map[int64][]store.FindingRow)
	for i, p := range pairs {
		before, after := union(versions, p.Before), union(versions, p.After)
		only[i] = sides{without(before, after), without(after, before)}
		for _, side := range [][]int64{only[i].before, only[i].after} {
			for _, version := range side {
				wanted[version] = nil
			}
		}
	}
	if err := s.findings(ctx, wanted); err != nil {
		return nil, s.db.Error("read findings of packages", "", err)
	}
	out := make([]store.SetDifference, len(pairs))
	for i, o := range only {
		for _, version := range o.before {
			out[i].Before = append(out[i].Before, counting(standingBefore, version, wanted[version], pairs[i].ImagesBefore)...)
		}
		for _, version := range o.after {
			out[i].After = append(out[i].After, counting(standingAfter, version, wanted[version], pairs[i].ImagesAfter)...)
		}
	}
	return out, nil
}

// standing reads what is suppressed in an environment or, without a name, everywhere.
func (s *Store) standing(ctx context.Context, org store.OrgID, environment string) (*decision.Standing, error) {
	place := int64(0)
	if environment != "" {
		var err error
		if place, err = member.EnvironmentID(ctx, s.db, org, environment); err != nil {
			return nil, err
		}
	}
	out, err := s.decisions.Standing(ctx, s.db.Reader, org, place)
	return out, s.db.Error("read what is suppressed in", environment, err)
}

// counting leaves out the findings of a package version that are suppressed in all images of a side that have it.
func counting(standing *decision.Standing, version int64, list []store.FindingRow, images []int64) []store.FindingRow {
	if standing.Empty() {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(f store.FindingRow) bool {
		found := standing.Found[decision.Pair{Version: version, Vulnerability: f.Vulnerability}]
		return found != nil && found.HiddenIn(images)
	})
}

// vulnerable reads which package versions with findings are in the sets that the sides of a pair do not share.
func (s *Store) vulnerable(ctx context.Context, org store.OrgID, pairs []store.SetPair) (map[int64][]int64, error) {
	sets := make(map[int64][]int64)
	for _, p := range pairs {
		for _, set := range p.Before {
			sets[set] = nil
		}
		for _, set := range p.After {
			sets[set] = nil
		}
	}
	err := sqldb.CollectIn(ctx, s.db, s.db.Reader, slices.Sorted(maps.Keys(sets)), []any{org}, func(in string) string {
		return `with own as (select s.id as set_id from package_set as s where s.id in ` + in + ` and exists (
				select 1 from content_set as cs cross join image as i where cs.set_id = s.id and i.content_id = cs.content_id and i.organisation_id = $1))
			select p.set_id, ` + sqldb.ListOf(`v.id`) + ` from own cross join package_set_package as p cross join package_version as v
			where p.set_id = own.set_id and v.id = p.package_version_id and v.worst_first is not null group by p.set_id`
	}, func(rows *sql.Rows) error {
		var set int64
		list, err := sqldb.ScanList(rows, &set)
		sets[set] = list
		return err
	})
	return sets, err
}

// union returns the package versions of sets, each once, in order.
func union(versions map[int64][]int64, sets []int64) []int64 {
	var out []int64
	for _, set := range sets {
		out = append(out, versions[set]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// without returns what is in one sorted list and not in another.
func without(list, other []int64) []int64 {
	var out []int64
	for _, v := range list {
		if _, found := slices.BinarySearch(other, v); !found {
			out = append(out, v)
		}
	}
	return out
}

// findings reads the deciding findings of package versions, given by their numbers.
func (s *Store) findings(ctx context.Context, versions map[int64][]store.FindingRow) error {
	packages := make(map[int64]crowsnest.PackageVersion, len(versions))
	numbers := slices.Sorted(maps.Keys(versions))
	if err := sqldb.CollectIn(ctx, s.db, s.db.Reader, numbers, nil, func(in string) string {
		return `select id, purl, type, name, version, ecosystem, source, source_version from package_version where id in ` + in
	}, func(rows *sql.Rows) error {
		var id int64
		var p crowsnest.PackageVersion
		err := rows.Scan(&id, &p.PURL, &p.Type, &p.Name, &p.Version, &p.Ecosystem, &p.Source, &p.SourceVersion)
		packages[id] = p
		return err
	}); err != nil {
		return err
	}
	return sqldb.CollectIn(ctx, s.db, s.db.Reader, numbers, nil, func(in string) string {
		return `select package_version_id, vulnerability, severity, state from finding where package_version_id in ` + in + ` and closed_at is null and decides`
	}, func(rows *sql.Rows) error {
		var id int64
		var f store.FindingRow
		err := rows.Scan(&id, &f.Vulnerability, &f.Severity, &f.State)
		f.Decides, f.Package = true, packages[id]
		versions[id] = append(versions[id], f)
		return err
	})
}

// WatchedIn implements store.Comparisons. Nothing that another organisation's images go by occurs in
// an environment of this one.
func (s *Store) WatchedIn(ctx context.Context, org store.OrgID, environment string, images []int64) (map[int64]crowsnest.Watch, error) {
	id, err := member.EnvironmentID(ctx, s.db, org, environment)
	if err != nil {
		return nil, err
	}
	watches, err := use.Images(ctx, s.db, s.db.Reader, id, images)
	if err != nil {
		return nil, s.db.Error("read what is in use in", environment, err)
	}
	out := make(map[int64]crowsnest.Watch, len(watches))
	for at, w := range watches {
		if !w.AsOf.IsZero() { // others that run there have no profile
			out[at.Image] = w
		}
	}
	return out, nil
}
