package use

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Kind is which package versions are asked for.
type Kind string

// The kinds, as conditions on a package version v.
const (
	Vulnerable Kind = ` where v.worst_first is not null`
	Any        Kind = ``
)

// Memory keeps which sets of packages contents have, and what profiles say of these, which is so as long as there are both: after a sweep only what is new is read and
// compared. It is safe for concurrent use; the zero value is empty.
type Memory struct {
	mu   sync.Mutex
	kept *kept
}

// kept is what a Memory keeps until a set that retention emptied comes back, with the same number and other package versions.
type kept struct {
	refills int64 // the revision it is of

	mu       sync.Mutex
	size     int               // see maxKept
	index    map[int64]int32   // the place of a package version in versions
	versions []int64           // by place
	sets     map[int64][]int64 // by content
	said     map[asked]saying
}

// asked is a set of packages, and what saw it.
type asked struct {
	set      int64
	profiles string // their numbers
	stale    bool   // see Set
}

// saying tells, by their places, of the package versions in a set what is known of each.
type saying struct{ loaded, notSeen, notObserved []int32 }

// maxKept bounds what is kept, in the four bytes that a package version takes in a saying: enough for ten thousand watched images.
const maxKept = 8 << 20

// setsOverhead is what the sets of a content take beside themselves, in the same measure.
const setsOverhead = 16

// current returns what is kept, for one call.
func (m *Memory) current(refills int64) *kept {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil || m.kept.refills != refills || m.kept.isFull() {
		m.kept = &kept{refills: refills, index: make(map[int64]int32), sets: make(map[int64][]int64), said: make(map[asked]saying)}
	}
	return m.kept
}

func (k *kept) isFull() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.size > maxKept
}

// Versions says of package versions, by number, what run time sees of them in what runs in an organisation, or in
// one environment unless that is 0: in use in anything is in use, and not seen what is not seen in something.
// What is in nothing that is watched, or not observed wherever it is, is not in it. This is one answer for all, since
// spellings are compared here and not in the database.
func (m *Memory) Versions(ctx context.Context, db *sqldb.DB, q sqldb.Querier, org store.OrgID, environment int64, kind Kind) (map[int64]crowsnest.InUse, error) {
	if environment == member.LatestID {
		return nil, nil // nothing runs there
	}
	revisions, err := revision.Read(ctx, q, org, db.Now())
	if err != nil {
		return nil, err
	}
	k := m.current(revisions[store.PackageSetsResource])
	watched, err := contents(ctx, db, q, org, environment)
	if err != nil {
		return nil, err
	}
	contents := make(map[int64]bool, len(watched))
	for at := range watched {
		contents[at.Image] = true
	}
	sets, err := k.setsOf(ctx, db, q, contents)
	if err != nil {
		return nil, err
	}
	questions := make(map[asked][]int64)
	for at, w := range watched {
		profiles := fmt.Sprint(w.Profiles)
		for _, set := range sets[at.Image] {
			questions[asked{set, profiles, w.Stale}] = w.Profiles
		}
	}
	if err := k.ask(ctx, db, q, questions); err != nil {
		return nil, err
	}
	states := k.together(questions)
	if kind == Any {
		return states, nil
	}
	out := make(map[int64]crowsnest.InUse)
	return out, sqldb.Each(ctx, q, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		if state, ok := states[id]; ok {
			out[id] = state
		}
		return err
	}, `select v.id from package_version as v`+string(kind))
}

// Sets returns the sets of packages of contents of images of an organisation, by content.
func (m *Memory) Sets(ctx context.Context, db *sqldb.DB, q sqldb.Querier, org store.OrgID, contents map[int64]bool) (map[int64][]int64, error) {
	revisions, err := revision.Read(ctx, q, org, db.Now())
	if err != nil {
		return nil, err
	}
	return m.current(revisions[store.PackageSetsResource]).setsOf(ctx, db, q, contents)
}

// setsOf returns the sets of packages of contents.
func (k *kept) setsOf(ctx context.Context, db *sqldb.DB, q sqldb.Querier, contents map[int64]bool) (map[int64][]int64, error) {
	out := make(map[int64][]int64, len(contents))
	var unknown []int64
	k.mu.Lock()
	for content := range contents {
		sets, ok := k.sets[content]
		if !ok {
			unknown = append(unknown, content)
		}
		out[content] = sets
	}
	k.mu.Unlock()
	slices.Sort(unknown)
	err := sqldb.CollectIn(ctx, db, q, unknown, nil, func(in string) string {
		return `select content_id, ` + sqldb.ListOf(`set_id`) + ` from content_set where content_id in ` + in + ` group by content_id`
	}, func(rows *sql.Rows) error {
		var content int64
		list, err := sqldb.ScanList(rows, &content)
		out[content] = list
		return err
	})
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, content := range unknown {
		k.sets[content] = out[content]
		k.size += 2*len(out[content]) + setsOverhead
	}
	return out, nil
}

// ask finds out what is not kept yet; each question comes with its profiles.
func (k *kept) ask(ctx context.Context, db *sqldb.DB, q sqldb.Querier, questions map[asked][]int64) error {
	var open []asked
	sets, profiles := make(map[int64]bool), make(map[int64]bool)
	k.mu.Lock()
	for a, of := range questions {
		if _, ok := k.said[a]; !ok {
			open = append(open, a)
			sets[a.set] = true
			for _, p := range of {
				profiles[p] = true
			}
		}
	}
	k.mu.Unlock()
	if len(open) == 0 {
		return nil
	}
	versionsOf, sought, err := sought(ctx, db, q, slices.Sorted(maps.Keys(sets)))
	if err != nil {
		return err
	}
	loaded, err := Loaded(ctx, db, q, slices.Sorted(maps.Keys(profiles)))
	if err != nil {
		return err
	}
	joined := make(map[string]map[string]bool) // by profiles
	for _, a := range open {
		if joined[a.profiles] == nil {
			joined[a.profiles] = Join(loaded, questions[a])
		}
		w := crowsnest.Watch{Loaded: joined[a.profiles], Stale: a.stale}
		var seen, notSeen, notObserved []int64
		for _, id := range versionsOf[a.set] {
			switch w.InUseOf(sought[id]) {
			case crowsnest.Loaded:
				seen = append(seen, id)
			case crowsnest.NotSeen:
				notSeen = append(notSeen, id)
			default:
				notObserved = append(notObserved, id)
			}
		}
		k.mu.Lock()
		k.said[a] = saying{k.places(seen), k.places(notSeen), k.places(notObserved)}
		k.size += len(versionsOf[a.set])
		k.mu.Unlock()
	}
	return nil
}

// places returns the places of package versions, which it gives to those that have none. The caller holds the lock.
func (k *kept) places(ids []int64) []int32 {
	out := make([]int32, len(ids))
	for i, id := range ids {
		at, ok := k.index[id]
		if !ok {
			at = int32(len(k.versions)) //nolint:gosec // there are not two billion package versions in memory
			k.index[id] = at
			k.versions = append(k.versions, id)
		}
		out[i] = at
	}
	return out
}

// together puts together what is said of the package versions in all sets.
func (k *kept) together(questions map[asked][]int64) map[int64]crowsnest.InUse {
	k.mu.Lock()
	defer k.mu.Unlock()
	states := make([]crowsnest.InUse, len(k.versions))
	for a := range questions {
		for _, at := range k.said[a].loaded {
			states[at] = crowsnest.Loaded
		}
		for _, at := range k.said[a].notSeen {
			states[at] = max(states[at], crowsnest.NotSeen)
		}
	}
	out := make(map[int64]crowsnest.InUse)
	for at, state := range states {
		if state != crowsnest.NotObserved {
			out[k.versions[at]] = state
		}
	}
	return out
}

// contents reads which profiles tell of contents; the number of a place is that of the content.
func contents(ctx context.Context, db *sqldb.DB, q sqldb.Querier, org store.OrgID, environment int64) (map[Place]Set, error) {
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
	err = sqldb.Each(ctx, q, func(rows *sql.Rows) error {
		var at Place
		p, err := scan(rows, &at.Image, &at.Environment)
		if content, ok := contents[at]; ok {
			at.Image = content
			seen[at] = append(seen[at], p)
		}
		return err
	}, `select distinct o.digest_id, o.environment_id, `+columns+` from running as r cross join occurrence as o`+Sources+`
		where r.environment_id in (select id from environment where organisation_id = $2 and (cast($3 as bigint) = 0 or id = cast($3 as bigint)))
		and o.digest_id = r.digest_id and o.environment_id = r.environment_id and `+Watched, Now(db), org, environment)
	sets := together(seen)
	maps.DeleteFunc(sets, func(_ Place, s Set) bool { return len(s.Profiles) == 0 })
	return sets, err
}

// sought reads which package versions are in sets, and what to look for of each.
func sought(ctx context.Context, db *sqldb.DB, q sqldb.Querier, sets []int64) (map[int64][]int64, map[int64]crowsnest.Sought, error) {
	versionsOf, of := make(map[int64][]int64, len(sets)), make(map[int64]crowsnest.Sought)
	if err := sqldb.CollectIn(ctx, db, q, sets, nil, func(in string) string {
		return `select set_id, ` + sqldb.ListOf(`package_version_id`) + ` from package_set_package where set_id in ` + in + ` group by set_id`
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
