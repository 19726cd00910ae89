package use

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Kind is which package versions are asked for.
type Kind string

// The kinds, as conditions on a package version v.
const (
	Vulnerable Kind = ` and v.worst_first is not null`
	Any        Kind = ``
)

// Versions says of package versions, by number, what run time sees of them in what runs in an organisation, or in
// one environment unless that is 0: in use in anything is in use, and not seen what is not seen in something.
// What is in nothing that is watched, or not observed wherever it is, is not in it. This is one answer for all, since
// spellings are compared here and not in the database.
func Versions(ctx context.Context, db *sqldb.DB, q sqldb.Querier, org store.OrgID, environment int64, kind Kind) (map[int64]crowsnest.InUse, error) {
	if environment == member.LatestID {
		return nil, nil // nothing runs there
	}
	watches, err := contents(ctx, db, q, org, environment)
	if err != nil {
		return nil, err
	}
	watched := make(map[int64][]crowsnest.Watch) // by content
	for at, w := range watches {
		watched[at.Image] = append(watched[at.Image], w)
	}
	contentsOf := make(map[int64][]int64) // by set
	if err := sqldb.CollectIn(ctx, db, q, slices.Sorted(maps.Keys(watched)), nil, func(in string) string {
		return `select set_id, ` + sqldb.ListOf(`content_id`) + ` from content_set where content_id in ` + in + ` group by set_id`
	}, func(rows *sql.Rows) error {
		var set int64
		list, err := sqldb.ScanList(rows, &set)
		contentsOf[set] = append(contentsOf[set], list...)
		return err
	}); err != nil {
		return nil, err
	}
	versionsOf, sought, err := sought(ctx, db, q, slices.Sorted(maps.Keys(contentsOf)), kind)
	if err != nil {
		return nil, err
	}
	out := make(map[int64]crowsnest.InUse)
	for set, versions := range versionsOf {
		for _, id := range versions {
			for _, content := range contentsOf[set] {
				for _, w := range watched[content] {
					if out[id] != crowsnest.Loaded {
						out[id] = max(out[id], w.InUseOf(sought[id]))
					}
				}
			}
		}
	}
	maps.DeleteFunc(out, func(_ int64, state crowsnest.InUse) bool { return state == crowsnest.NotObserved })
	return out, nil
}

// contents reads what run time sees of contents; the number of a place is that of the content.
func contents(ctx context.Context, db *sqldb.DB, q sqldb.Querier, org store.OrgID, environment int64) (map[Place]crowsnest.Watch, error) {
	where, args := member.Everywhere, []any{org}
	if environment != 0 {
		where, args = member.Within(environment), append(args, environment)
	}
	rows, err := member.Rows(ctx, q, `r.environment_id`, where, args...)
	if err != nil {
		return nil, err
	}
	contents := make(map[Place]int64, len(rows)) // by digest
	for _, m := range rows {
		if m.Content.Valid {
			contents[Place{m.Digest, m.Place}] = m.Content.Int64
		}
	}
	seen := make(map[Place][]profile)
	if err := sqldb.Each(ctx, q, func(rows *sql.Rows) error {
		var at Place
		p, err := scan(rows, &at.Image, &at.Environment)
		if content, ok := contents[at]; ok {
			at.Image = content
			seen[at] = append(seen[at], p)
		}
		return err
	}, `select distinct o.digest_id, o.environment_id, `+columns+` from running as r cross join occurrence as o`+Sources+`
		where r.environment_id in (select id from environment where organisation_id = $2 and (cast($3 as bigint) = 0 or id = cast($3 as bigint)))
		and o.digest_id = r.digest_id and o.environment_id = r.environment_id and `+Profiled, Now(db), org, environment); err != nil {
		return nil, err
	}
	return watches(ctx, db, q, together(seen))
}

// sought reads which package versions of a kind are in sets, and what to look for of each.
func sought(ctx context.Context, db *sqldb.DB, q sqldb.Querier, sets []int64, kind Kind) (map[int64][]int64, map[int64]crowsnest.Sought, error) {
	versionsOf, of := make(map[int64][]int64, len(sets)), make(map[int64]crowsnest.Sought)
	if err := sqldb.CollectIn(ctx, db, q, sets, nil, func(in string) string {
		return `select p.set_id, ` + sqldb.ListOf(`p.package_version_id`) + ` from package_set_package as p cross join package_version as v
			where p.set_id in ` + in + ` and v.id = p.package_version_id` + string(kind) + ` group by p.set_id`
	}, func(rows *sql.Rows) error {
		var set int64
		list, err := sqldb.ScanList(rows, &set)
		versionsOf[set] = list
		for _, id := range list {
			of[id] = crowsnest.Sought{}
		}
		return err
	}); err != nil {
		return nil, nil, err
	}
	return versionsOf, of, sqldb.CollectIn(ctx, db, q, slices.Sorted(maps.Keys(of)), nil, func(in string) string {
		return `select id, type, name, version, source, source_version from package_version where id in ` + in
	}, func(rows *sql.Rows) error {
		var id int64
		var p crowsnest.PackageVersion
		err := rows.Scan(&id, &p.Type, &p.Name, &p.Version, &p.Source, &p.SourceVersion)
		of[id] = p.Sought()
		return err
	})
}
