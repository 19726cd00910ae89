package shared

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// member is a package of a set, as it is stored.
type member struct {
	identity            string
	version             crowsnest.PackageVersion
	locations, licences string
}

// packageSet is what one layer brought to a content.
type packageSet struct {
	hash    string
	members []member
}

// identity is the hash under which a package version is one row.
func identity(p crowsnest.PackageVersion) string {
	sum := sha256.Sum256([]byte(sqldb.JSON(p)))
	return string(sum[:16])
}

// storable replaces the one character that PostgreSQL's text cannot hold.
func storable(p crowsnest.PackageVersion) crowsnest.PackageVersion {
	for _, field := range []*string{&p.PURL, &p.Type, &p.Name, &p.Version, &p.Ecosystem, &p.Source, &p.SourceVersion} {
		*field = sqldb.NoNUL(*field)
	}
	return p
}

// packageSets divides packages by the layer of their first location. How they are divided
// only decides how much contents share: sets are told apart by all that is in them.
func packageSets(packages []crowsnest.Package) []*packageSet {
	type merged struct {
		crowsnest.Package
		identity string
	}
	byIdentity := make(map[string]*merged, len(packages))
	order := make([]*merged, 0, len(packages))
	for _, p := range packages {
		p.PackageVersion = storable(p.PackageVersion)
		ident := identity(p.PackageVersion)
		if seen, ok := byIdentity[ident]; ok {
			seen.Locations = append(slices.Clip(seen.Locations), p.Locations...)
			continue
		}
		m := &merged{p, ident}
		byIdentity[ident] = m
		order = append(order, m)
	}
	byLayer := make(map[crowsnest.Digest]*packageSet)
	for _, m := range order {
		var layer crowsnest.Digest
		if len(m.Locations) > 0 {
			layer = m.Locations[0].Layer
		}
		set := byLayer[layer]
		if set == nil {
			set = &packageSet{}
			byLayer[layer] = set
		}
		set.members = append(set.members, member{m.identity, m.PackageVersion, sqldb.JSON(m.Locations), sqldb.JSON(m.Licences)})
	}
	sets := slices.Collect(maps.Values(byLayer))
	for _, set := range sets {
		slices.SortFunc(set.members, func(a, b member) int { return strings.Compare(a.identity, b.identity) })
		h := sha256.New()
		for _, m := range set.members {
			h.Write([]byte(m.identity))
			for _, text := range []string{m.locations, m.licences} {
				h.Write([]byte(text))
				h.Write([]byte{0}) // JSON has no such byte
			}
		}
		set.hash = string(h.Sum(nil))
	}
	return sets
}

// SaveContent stores what an analyser found in a content, unless that is stored already, and
// returns its number.
func (s *Store) SaveContent(ctx context.Context, tx *sql.Tx, now int64, a crowsnest.Analysis, analyser string) (int64, error) {
	if _, err := tx.ExecContext(ctx, s.db.Choose(lockCounted)); err != nil {
		return 0, err
	}
	id := sqldb.NewID()
	res, err := tx.ExecContext(ctx, `insert into content (id, digest, analyser, distribution, problems, changes, analysed_at, vex) values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (digest, analyser) do nothing`, id, a.Image.Digest, analyser, sqldb.JSON(a.Distribution), sqldb.JSON(a.Problems), sqldb.JSON(a.Changes), now, len(a.VEX))
	if err != nil {
		return 0, err
	}
	switch n, err := res.RowsAffected(); {
	case err != nil:
		return 0, err
	case n == 0:
		var removed sql.NullInt64
		err := tx.QueryRowContext(ctx, `select id, removed_at from content where digest = $1 and analyser = $2`, a.Image.Digest, analyser).Scan(&id, &removed)
		if err != nil || !removed.Valid {
			return id, err // another request analysed the same content meanwhile; the result is the same
		}
		if _, err := tx.ExecContext(ctx, `update content set removed_at = null, distribution = $2, problems = $3, changes = $4, analysed_at = $5, vex = $6 where id = $1`,
			id, sqldb.JSON(a.Distribution), sqldb.JSON(a.Problems), sqldb.JSON(a.Changes), now, len(a.VEX)); err != nil {
			return 0, err
		}
		if _, err := tx.ExecContext(ctx, `delete from content_set where content_id = $1`, id); err != nil {
			return 0, err
		}
		if err := s.savePackages(ctx, tx, id, a.Packages); err != nil {
			return 0, err
		}
		return id, revision.Raise(ctx, tx, revision.Shared, store.PackageSetsResource)
	}
	return id, s.savePackages(ctx, tx, id, a.Packages)
}

// savePackages joins packages to a content: the sets that are known already, and new ones
// with the package versions that are new, marked as pending. The caller holds lockCounted.
func (s *Store) savePackages(ctx context.Context, tx *sql.Tx, content int64, packages []crowsnest.Package) error {
	sets := packageSets(packages)
	hashes := make([]string, len(sets))
	count := 0
	for i, set := range sets {
		hashes[i] = set.hash
		count += len(set.members)
	}
	numbers, made, err := s.db.Number(ctx, tx, sqldb.Numbering{
		Find:   `select id, hash from package_set where hash in `,
		Insert: `insert into package_set (id, hash) values `,
		Tail:   ` on conflict (hash) do nothing`,
		Bytes:  true,
	}, hashes, func(id int64, hash string) []any { return []any{id, []byte(hash)} })
	if err != nil {
		return err
	}
	if err := s.refill(ctx, tx, numbers, made); err != nil {
		return err
	}
	if err := s.fillSets(ctx, tx, slices.DeleteFunc(slices.Clone(sets), func(set *packageSet) bool { return !made[set.hash] }), numbers); err != nil {
		return err
	}
	joins := make([][]any, len(sets))
	for i, set := range sets {
		joins[i] = []any{content, numbers[set.hash]}
	}
	if err := s.db.InsertRows(ctx, tx, `insert into content_set (content_id, set_id) values `, joins, ``); err != nil {
		return err
	}
	return countContent(ctx, tx, content, count)
}

// refill adds the sets that retention emptied to those that were made, since their packages are missing too.
// Two that refill one set wait for each other at its row. It is then the same set of other package versions.
func (s *Store) refill(ctx context.Context, tx *sql.Tx, numbers map[string]int64, made map[string]bool) error {
	came := false
	if err := sqldb.CollectIn(ctx, s.db, tx, slices.Sorted(maps.Values(numbers)), nil, func(in string) string {
		return `update package_set set emptied_at = null where emptied_at is not null and id in ` + in + ` returning hash`
	}, func(rows *sql.Rows) error {
		var hash string
		err := rows.Scan(&hash)
		made[hash], came = true, true
		return err
	}); err != nil || !came {
		return err
	}
	return revision.Raise(ctx, tx, revision.Shared, store.PackageSetsResource)
}

// fillSets stores the packages of new sets.
func (s *Store) fillSets(ctx context.Context, tx *sql.Tx, sets []*packageSet, numbers map[string]int64) error {
	versions := make(map[string]crowsnest.PackageVersion)
	for _, set := range sets {
		for _, m := range set.members {
			versions[m.identity] = m.version
		}
	}
	ids, _, err := s.db.Number(ctx, tx, sqldb.Numbering{
		Find: `select id, identity from package_version where identity in `,
		Insert: `insert into package_version (id, identity, purl, type, name, version, ecosystem, source, source_version,
			use_key, match_base, match_name, match_binary, generation, matched_generation) values `,
		Tail:  ` on conflict (identity) do nothing`,
		Bytes: true,
	}, slices.Collect(maps.Keys(versions)), func(id int64, identity string) []any {
		p := versions[identity]
		names := append(p.MatchNames(), "", "")
		return []any{id, []byte(identity), p.PURL, p.Type, p.Name, p.Version, p.Ecosystem, p.Source, p.SourceVersion,
			crowsnest.UseKey(p.Type, p.Name, p.Version), crowsnest.EcosystemBase(p.Ecosystem), names[0], names[1], 1, 0}
	})
	if err != nil {
		return err
	}
	var rows [][]any
	for _, set := range sets {
		for _, m := range set.members {
			rows = append(rows, []any{numbers[set.hash], ids[m.identity], m.locations, m.licences})
		}
	}
	return s.db.InsertRows(ctx, tx, `insert into package_set_package (set_id, package_version_id, locations, licences) values `, rows, ``)
}
