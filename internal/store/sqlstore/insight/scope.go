package insight

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// scope is what an answer is about: the images of an organisation, or those of them that
// run in one environment.
type scope struct {
	with        string // common table expressions
	args        []any  // theirs
	environment int64  // the one it is, if it is one
	// sets selects the sets of packages within.
	sets string
	// contains tells that the content cs.content_id is within.
	contains string
	// few says that there are few sets, so that it is quicker to start from them.
	few bool
	// bySet is what is within, if that was read and is given by its numbers: the contents by set.
	bySet map[int64][]int64
	// known is what was read before of all images, if it is about those.
	known *setContents
}

// setContents holds the contents of sets of packages as pages of lists asked for them.
type setContents struct {
	mu sync.Mutex
	of map[int64][]int64
}

// missing returns those of some sets that were not asked for yet, and puts the contents of the others in.
func (k *setContents) missing(contents map[int64][]int64) []int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []int64
	for set := range contents {
		of, ok := k.of[set]
		if !ok {
			out = append(out, set)
		}
		contents[set] = of
	}
	return out
}

// add keeps the contents of sets.
func (k *setContents) add(sets []int64, contents map[int64][]int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, set := range sets {
		k.of[set] = contents[set]
	}
}

// fewSets is how many sets of packages are few: reading all of their findings costs as
// much as a page of a list that starts from the worst findings.
const fewSets = 200

func (s *Store) scope(ctx context.Context, org store.OrgID, environment string) (scope, error) {
	v := scope{
		args:     []any{org},
		sets:     `select distinct cs.set_id from image as i join content_set as cs on cs.content_id = i.content_id where i.organisation_id = $1`,
		contains: `exists (select 1 from image as i where i.content_id = cs.content_id and i.organisation_id = $1)`,
	}
	if environment != "" {
		id, err := member.EnvironmentID(ctx, s.db, org, environment)
		if err != nil {
			return v, err
		}
		v.args = append(v.args, id)
		v.environment = id
		v.with = member.Table(`0`, member.Within(id)) + `, content_scope as (select distinct content_id from member where content_id is not null)
			, set_scope as (select distinct cs.set_id from content_scope as s join content_set as cs on cs.content_id = s.content_id) `
		v.sets = `select set_id from set_scope`
		// The pluses keep SQLite from looking up everything within for each row, rather than the row in what is within.
		v.contains = `+cs.content_id in (select content_id from content_scope)`
	}
	return v, nil
}

// has tells that a package version, given by its column, is within.
func (v scope) has(version string) string {
	if v.with == "" {
		return `exists (select 1 from package_set_package as p cross join content_set as cs cross join image as i
			where p.package_version_id = ` + version + ` and cs.set_id = p.set_id and i.content_id = cs.content_id and i.organisation_id = $1)`
	}
	if v.bySet != nil {
		// With an offset, and within "is true", PostgreSQL makes no joins of these: it would plan them by
		// a guess of how many numbers there are, and read all findings where that is wrong.
		return `exists (select 1 from package_set_package as p where p.package_version_id = ` + version + ` and (+p.set_id in (` + v.sets + `)) is true limit 1 offset 0)`
	}
	return `exists (select 1 from package_set_package as p where p.package_version_id = ` + version + ` and +p.set_id in (` + v.sets + `))`
}

// within is the scope of lists. What is within is read once, until something changes: each statement of a
// page would find it again, and each takes longer for that than for all else.
func (s *Store) within(ctx context.Context, org store.OrgID, environment string) (scope, error) {
	v, err := s.scope(ctx, org, environment)
	if err != nil {
		return v, err
	}
	revisions, err := revision.Read(ctx, s.db.Reader, org, s.db.Now())
	if err != nil {
		return v, s.db.Error("read what runs in", environment, err)
	}
	key := summed{org: org, environment: environment, images: revisions[store.ImagesResource]}
	if environment != "" {
		key.environments = revisions[store.EnvironmentsResource]
	}
	s.mu.Lock()
	kept, ok := s.scopes[key]
	s.mu.Unlock()
	if ok {
		return kept, nil
	}
	if environment == "" {
		v, err = s.allScope(ctx, v)
	} else {
		v, err = s.readScope(ctx, v)
	}
	if err != nil {
		return v, s.db.Error("read what runs in", environment, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.scopes) >= maxScopes {
		clear(s.scopes)
	}
	s.scopes[key] = v
	return v, nil
}

// allScope reads of all images no more than how to ask for them.
func (s *Store) allScope(ctx context.Context, v scope) (scope, error) {
	var n int
	err := s.db.Reader.QueryRowContext(ctx, `select count(*) from (`+v.sets+` limit `+strconv.Itoa(fewSets+1)+`) as s`, v.args...).Scan(&n)
	v.few, v.known = n <= fewSets, &setContents{of: make(map[int64][]int64)}
	return v, err
}

// maxScopes bounds the scopes that are kept; one of all images of a large organisation is a few megabytes.
const maxScopes = 32

// readScope reads what is within an environment. The arguments become the numbers of contents and of sets.
func (s *Store) readScope(ctx context.Context, v scope) (scope, error) {
	var contents []string
	v.bySet = make(map[int64][]int64)
	if err := sqldb.Each(ctx, s.db.Reader, func(rows *sql.Rows) error {
		var content int64
		sets, err := sqldb.ScanList(rows, &content)
		contents = append(contents, strconv.FormatInt(content, 10))
		for _, set := range sets {
			v.bySet[set] = append(v.bySet[set], content)
		}
		return err
	}, v.with+`select s.content_id, `+sqldb.ListOf(`cs.set_id`)+`
		from content_scope as s join content_set as cs on cs.content_id = s.content_id group by s.content_id`, v.args...); err != nil {
		return v, err
	}
	slices.Sort(contents)
	sets := make([]string, 0, len(v.bySet))
	for _, set := range slices.Sorted(maps.Keys(v.bySet)) {
		sets = append(sets, strconv.FormatInt(set, 10))
	}
	v.args = []any{strings.Join(contents, ","), strings.Join(sets, ",")}
	v.with = `with content_scope as (` + s.db.Numbers(`$1`, `content_id`) + `), set_scope as (` + s.db.Numbers(`$2`, `set_id`) + `), given as (select cast($1 as text) as a, cast($2 as text) as b) `
	v.few = len(v.bySet) <= fewSets
	return v, nil
}

// after returns the n-th parameter after those of the scope.
func (v scope) after(n int) string { return sqldb.Dollar(len(v.args) + n) }

// followed returns the arguments of the scope followed by others.
func (v scope) followed(by ...any) []any { return append(slices.Clip(v.args), by...) }

// spot is a package version as far as it counts for a key of spread.
type spot struct {
	version int64
	key     string
}

// spread says how far something is spread.
type spread struct {
	images       int
	environments []string
}

// spread counts the images that have the package versions of each key, and names the
// environments in which one of them runs. Keys share package versions, these sets, and sets
// contents; each is read once and they are put together here, since joined in the database
// they are hundreds of thousands of rows.
//
// hidden are the contents in which a package version does not count for a key.
func (s *Store) spread(ctx context.Context, org store.OrgID, v scope, versions map[int64][]string, hidden map[spot]map[int64]bool) (map[string]spread, error) {
	setsOf := make(map[string]map[int64]bool)            // by key
	partsOf := make(map[string]map[spot][]int64)         // by key, the sets of which some contents are hidden
	contentsIn := make(map[int64][]int64, len(versions)) // by set
	if err := sqldb.CollectIn(ctx, s.db, s.db.Reader, slices.Collect(maps.Keys(versions)), nil, func(in string) string {
		return `select package_version_id, ` + sqldb.ListOf(`set_id`) + ` from package_set_package where package_version_id in ` + in + ` group by package_version_id`
	}, func(rows *sql.Rows) error {
		var version int64
		sets, err := sqldb.ScanList(rows, &version)
		for _, key := range versions[version] {
			if setsOf[key] == nil {
				setsOf[key], partsOf[key] = make(map[int64]bool), make(map[spot][]int64)
			}
			for _, set := range sets {
				contentsIn[set] = nil
			}
			if at := (spot{version, key}); len(hidden[at]) > 0 {
				partsOf[key][at] = append(partsOf[key][at], sets...)
				continue
			}
			for _, set := range sets {
				setsOf[key][set] = true
			}
		}
		return err
	}); err != nil {
		return nil, err
	}

	if v.bySet != nil {
		for set := range contentsIn {
			contentsIn[set] = v.bySet[set]
		}
	} else if err := s.contents(ctx, v, contentsIn); err != nil {
		return nil, err
	}
	numbers := make(map[int64]int) // of contents, from 0
	contentsOf := make(map[int64][]int, len(contentsIn))
	for set, contents := range contentsIn {
		of := make([]int, len(contents))
		for i, c := range contents {
			n, ok := numbers[c]
			if !ok {
				n = len(numbers)
				numbers[c] = n
			}
			of[i] = n
		}
		contentsOf[set] = of
	}
	running, err := s.running(ctx, org)
	if err != nil {
		return nil, err
	}
	environments := make([][]string, len(numbers))
	for content, n := range numbers {
		environments[n] = running[content]
	}

	out := make(map[string]spread, len(setsOf))
	for key, sets := range setsOf {
		var sp spread
		counted := make([]bool, len(numbers))
		in := make(map[string]bool)
		count := func(n int) {
			if counted[n] {
				return
			}
			counted[n] = true
			sp.images++
			for _, name := range environments[n] {
				in[name] = true
			}
		}
		for set := range sets {
			for _, n := range contentsOf[set] {
				count(n)
			}
		}
		for at, sets := range partsOf[key] {
			for _, set := range sets {
				for _, content := range contentsIn[set] {
					if !hidden[at][content] {
						count(numbers[content])
					}
				}
			}
		}
		sp.environments = slices.Sorted(maps.Keys(in))
		out[key] = sp
	}
	return out, nil
}

// contents reads the contents within of sets, which are the keys.
func (s *Store) contents(ctx context.Context, v scope, of map[int64][]int64) error {
	ask := slices.Collect(maps.Keys(of))
	if v.known != nil {
		ask = v.known.missing(of)
	}
	err := sqldb.CollectIn(ctx, s.db, s.db.Reader, ask, v.args, func(in string) string {
		return v.with + `select cs.set_id, ` + sqldb.ListOf(`cs.content_id`) + ` from content_set as cs
			where cs.set_id in ` + in + ` and ` + v.contains + ` group by cs.set_id`
	}, func(rows *sql.Rows) error {
		var set int64
		contents, err := sqldb.ScanList(rows, &set)
		of[set] = contents
		return err
	})
	if err == nil && v.known != nil {
		v.known.add(ask, of)
	}
	return err
}

// running names the environments in which contents run, in order, by content. It is the same for
// every page of every list until what runs, or what is known of it, changes: so it is kept, one
// state of each organisation.
func (s *Store) running(ctx context.Context, org store.OrgID) (map[int64][]string, error) {
	revisions, err := revision.Read(ctx, s.db.Reader, org, s.db.Now())
	if err != nil {
		return nil, err
	}
	of := summed{org: org, images: revisions[store.ImagesResource], environments: revisions[store.EnvironmentsResource]}
	s.mu.Lock()
	kept := s.ran[org]
	s.mu.Unlock()
	if kept.environments != nil && kept.of == of {
		return kept.environments, nil
	}
	out, err := s.readRunning(ctx, org)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.ran) >= maxRunning {
		clear(s.ran)
	}
	s.ran[org] = runningState{of, out}
	return out, nil
}

// maxRunning bounds of how many organisations it is kept what runs.
const maxRunning = 8

// runningState is what runs in an organisation, and when that was so.
type runningState struct {
	of           summed
	environments map[int64][]string // by content; read only
}

func (s *Store) readRunning(ctx context.Context, org store.OrgID) (map[int64][]string, error) {
	out := make(map[int64][]string)
	rows, err := s.db.Reader.QueryContext(ctx, member.Table(`r.environment_id`, member.Everywhere)+`select e.name, `+sqldb.ListOf(`m.content_id`)+`
		from member as m join environment as e on e.id = m.place where m.content_id is not null group by e.name order by e.name`, org)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		contents, err := sqldb.ScanList(rows, &name)
		if err != nil {
			return nil, err
		}
		for _, c := range contents {
			// Several digests may name one content.
			if in := out[c]; len(in) == 0 || in[len(in)-1] != name {
				out[c] = append(in, name)
			}
		}
	}
	return out, rows.Err()
}
