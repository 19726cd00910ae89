// Package use reads what run time saw of images, for every answer that says whether something is
// in use: which profiles count, and which of them are too old, is said here and nowhere else.
// What follows for a package is crowsnest.Watch's to decide.
package use

import (
	"context"
	"database/sql"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Place is an image in an environment, both by number.
type Place struct{ Image, Environment int64 }

// Now is the time by which profiles are too old. It goes by whole hours, so that answers that are
// kept until something changes, and those that are not, agree: who keeps one keeps it for this hour.
func Now(db *sqldb.DB) int64 {
	now := db.Now()
	return now - now%time.Hour.Microseconds()
}

// Sources joins what says how old the profile of an open occurrence o is.
const Sources = ` cross join integration as g cross join environment as e `

// Watched tells of an occurrence o with its Sources that something watches it. What is recorded nobody does, and it hides nothing of what is.
const Watched = `o.closed_at is null and g.number = o.integration_number and g.kind <> '` + store.AssignedKind + `' and e.id = o.environment_id`

// Reported is when the source last reported the profile of an occurrence. One that the newest
// sweep reported is as old as that sweep: while a source cannot be asked its profiles grow old too.
const Reported = `coalesce(o.profiled_at, g.complete_at, g.seen_at, 0)`

// Oldest selects, for an environment e, when the oldest of the profiles of what runs there was last
// reported. It asks each integration for the first entry of an index.
const Oldest = `(select min(p.at) from (
		select (select min(o.profiled_at) from occurrence as o where o.integration_number = g.number and o.closed_at is null and o.profile_id is not null) as at
			from integration as g where g.environment_id = e.id
		union all
		select coalesce(g.complete_at, g.seen_at) from integration as g where g.environment_id = e.id and exists (
			select 1 from occurrence as o where o.integration_number = g.number and o.closed_at is null and o.profile_id is not null and o.profiled_at is null)
	) as p)`

// Fresh tells that the profile of an occurrence may say what is not loaded at a time given by its parameter.
func Fresh(now string) string {
	return `(e.profile_days = 0 or ` + Reported + ` >= ` + now + ` - e.profile_days * 86400000000)`
}

// Images reads what run time sees of images, given by their numbers, in one environment or, if
// that is 0, in each. Images that nothing watched are not in it.
func Images(ctx context.Context, db *sqldb.DB, q sqldb.Querier, environment int64, images []int64) (map[Place]crowsnest.Watch, error) {
	seen, err := Profiles(ctx, db, q, environment, images)
	if err != nil {
		return nil, err
	}
	return watches(ctx, db, q, seen)
}

// Profiles is Images without what was loaded.
func Profiles(ctx context.Context, db *sqldb.DB, q sqldb.Querier, environment int64, images []int64) (map[Place]Set, error) {
	where, before := within(environment)
	seen := make(map[Place][]profile)
	if err := sqldb.CollectIn(ctx, db, q, images, append([]any{Now(db)}, before...), func(in string) string {
		return `select distinct a.image_id, o.environment_id, ` + columns + ` from alias as a cross join occurrence as o` + Sources + `
			where a.image_id in ` + in + ` and o.digest_id = a.digest_id and ` + Watched + where
	}, func(rows *sql.Rows) error {
		var at Place
		p, err := scan(rows, &at.Image, &at.Environment)
		seen[at] = append(seen[at], p)
		return err
	}); err != nil {
		return nil, err
	}
	return together(seen), nil
}

// Digests reads what run time sees of everything that runs under any of the digests, given by their numbers.
// From the few digests to profiles and keys, each is read by itself: in one statement PostgreSQL takes the
// digests for many and reads all that runs.
func Digests(ctx context.Context, db *sqldb.DB, environment int64, digests []int64) (crowsnest.Watch, error) {
	where, before := within(environment)
	seen := make(map[Place][]profile)
	if err := sqldb.CollectIn(ctx, db, db.Reader, digests, append([]any{Now(db)}, before...), func(in string) string {
		return `select distinct ` + columns + ` from occurrence as o` + Sources + `where o.digest_id in ` + in + ` and ` + Watched + where
	}, func(rows *sql.Rows) error {
		p, err := scan(rows)
		p.discount = p.discount && environment != 0 // one environment says so of itself only
		seen[Place{}] = append(seen[Place{}], p)
		return err
	}); err != nil {
		return crowsnest.Watch{}, err
	}
	out, err := watches(ctx, db, db.Reader, together(seen))
	return out[Place{}], err
}

// within narrows to an environment, the second parameter after the time.
func within(environment int64) (string, []any) {
	if environment == 0 {
		return ``, nil
	}
	return ` and o.environment_id = $2`, []any{environment}
}

// profile is one that was reported of a container, or that none was.
type profile struct {
	id       sql.NullInt64
	reported int64
	fresh    bool
	discount bool // of the environment; see crowsnest.Watch
}

var columns = `o.profile_id, ` + Reported + `, case when ` + Fresh(`$1`) + ` then 1 else 0 end, e.discount_not_seen`

func scan(rows *sql.Rows, before ...any) (profile, error) {
	var p profile
	var fresh int
	err := rows.Scan(append(before, &p.id, &p.reported, &fresh, &p.discount)...)
	p.fresh = fresh == 1 && p.id.Valid
	return p, err
}

// Set is the profiles of one place, which tell of it together.
type Set struct {
	Profiles []int64 // in order, each once
	Stale    bool    // see crowsnest.Watch
	Old      bool    // whether each of them is too old to tell what is not loaded
	AsOf     time.Time
	Since    time.Time // when the oldest of them was last reported: so old is what they tell together
	Discount bool      // see crowsnest.Watch
}

// together puts the profiles of each place together.
func together(seen map[Place][]profile) map[Place]Set {
	out := make(map[Place]Set, len(seen))
	for at, list := range seen {
		set := Set{Old: true, Discount: list[0].discount}
		newest, oldest := int64(0), int64(math.MaxInt64)
		for _, p := range list {
			set.Stale = set.Stale || !p.fresh
			set.Old = set.Old && !p.fresh
			if p.id.Valid {
				set.Profiles = append(set.Profiles, p.id.Int64)
				newest, oldest = max(newest, p.reported), min(oldest, p.reported)
			}
		}
		if len(set.Profiles) == 0 {
			out[at] = Set{Stale: true, Discount: set.Discount}
			continue
		}
		slices.Sort(set.Profiles)
		set.Profiles, set.AsOf, set.Since = slices.Compact(set.Profiles), sqldb.Time(newest), sqldb.Time(oldest)
		out[at] = set
	}
	return out
}

// watches reads what the profiles of each place saw loaded.
func watches(ctx context.Context, db *sqldb.DB, q sqldb.Querier, sets map[Place]Set) (map[Place]crowsnest.Watch, error) {
	var profiles []int64
	for _, set := range sets {
		profiles = append(profiles, set.Profiles...)
	}
	loaded, err := Loaded(ctx, db, q, profiles)
	if err != nil {
		return nil, err
	}
	out := make(map[Place]crowsnest.Watch, len(sets))
	for at, set := range sets {
		out[at] = crowsnest.Watch{Loaded: Join(loaded, set.Profiles), Stale: set.Stale, AsOf: set.AsOf, DiscountNotSeen: set.Discount}
	}
	return out, nil
}

// Loaded reads what each of some profiles saw loaded, as crowsnest.Watch keeps it.
func Loaded(ctx context.Context, db *sqldb.DB, q sqldb.Querier, profiles []int64) (map[int64]map[string]bool, error) {
	out := make(map[int64]map[string]bool)
	for _, id := range profiles {
		out[id] = make(map[string]bool)
	}
	return out, sqldb.CollectIn(ctx, db, q, slices.Sorted(maps.Keys(out)), nil, func(in string) string {
		return `select profile_id, use_key from profile_package where profile_id in ` + in
	}, func(rows *sql.Rows) error {
		var id int64
		var key string
		err := rows.Scan(&id, &key)
		crowsnest.AddLoaded(out[id], key)
		return err
	})
}

// Join puts together what profiles saw loaded. What it returns may be shared, and is not to be changed.
func Join(loaded map[int64]map[string]bool, profiles []int64) map[string]bool {
	if len(profiles) == 1 { // as most images have
		return loaded[profiles[0]]
	}
	out := make(map[string]bool)
	for _, id := range profiles {
		maps.Copy(out, loaded[id])
	}
	return out
}
