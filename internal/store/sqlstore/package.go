package sqlstore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"maps"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
)

// member is a package of a set, as it is stored.
type member struct {
	identity            []byte
	version             crowsnest.PackageVersion
	locations, licences string
}

// packageSet is what one layer brought to a content.
type packageSet struct {
	id      int64
	hash    []byte
	members []member
}

// identity is the hash under which a package version is one row.
func identity(p crowsnest.PackageVersion) []byte {
	sum := sha256.Sum256([]byte(toJSON(p)))
	return sum[:16]
}

// storable replaces the one character that PostgreSQL's text cannot hold.
func storable(p crowsnest.PackageVersion) crowsnest.PackageVersion {
	for _, field := range []*string{&p.PURL, &p.Type, &p.Name, &p.Version, &p.Ecosystem, &p.Source, &p.SourceVersion} {
		*field = noNUL(*field)
	}
	return p
}

// packageSets divides packages by the layer of their first location. How they are divided
// only decides how much contents share: sets are told apart by all that is in them.
func packageSets(packages []crowsnest.Package) []*packageSet {
	type merged struct {
		crowsnest.Package
		identity []byte
	}
	byIdentity := make(map[string]*merged, len(packages))
	order := make([]*merged, 0, len(packages))
	for _, p := range packages {
		p.PackageVersion = storable(p.PackageVersion)
		ident := identity(p.PackageVersion)
		if seen, ok := byIdentity[string(ident)]; ok {
			seen.Locations = append(slices.Clip(seen.Locations), p.Locations...)
			continue
		}
		m := &merged{p, ident}
		byIdentity[string(ident)] = m
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
		set.members = append(set.members, member{m.identity, m.PackageVersion, toJSON(m.Locations), toJSON(m.Licences)})
	}
	sets := slices.Collect(maps.Values(byLayer))
	for _, set := range sets {
		slices.SortFunc(set.members, func(a, b member) int { return bytes.Compare(a.identity, b.identity) })
		h := sha256.New()
		for _, m := range set.members {
			h.Write(m.identity)
			for _, text := range []string{m.locations, m.licences} {
				h.Write([]byte(text))
				h.Write([]byte{0}) // JSON has no such byte
			}
		}
		set.hash = h.Sum(nil)
	}
	// One order for all writers: on PostgreSQL two that insert the same rows wait for each other.
	slices.SortFunc(sets, func(a, b *packageSet) int { return bytes.Compare(a.hash, b.hash) })
	return sets
}

// savePackages joins packages to a content: the sets that are known already, and new ones
// with the package versions that are new, marked as pending. The caller holds lockCounted.
func (s *Store) savePackages(ctx context.Context, tx *sql.Tx, content int64, packages []crowsnest.Package) error {
	sets := packageSets(packages)
	hashes := make([][]byte, len(sets))
	var rows [][]any
	made := make(map[string]int64, len(sets))
	for i, set := range sets {
		hashes[i] = set.hash
	}
	held, err := byBytes(ctx, tx, `select id, hash from package_set where hash in `, hashes)
	if err != nil {
		return err
	}
	for _, set := range sets {
		if _, ok := held[string(set.hash)]; !ok {
			id := newID()
			made[string(set.hash)] = id
			rows = append(rows, []any{id, set.hash})
		}
	}
	if len(made) > 0 {
		if err := s.insertRows(ctx, tx, `insert into package_set (id, hash) values `, rows, ` on conflict (hash) do nothing`); err != nil {
			return err
		}
		if held, err = byBytes(ctx, tx, `select id, hash from package_set where hash in `, hashes); err != nil {
			return err
		}
	}
	var joins [][]any
	var fresh []*packageSet
	for _, set := range sets {
		set.id = held[string(set.hash)]
		joins = append(joins, []any{content, set.id})
		// A set that another transaction made meanwhile is filled by that one.
		if made[string(set.hash)] == set.id {
			fresh = append(fresh, set)
		}
	}
	if err := s.fillSets(ctx, tx, fresh); err != nil {
		return err
	}
	if err := s.insertRows(ctx, tx, `insert into content_set (content_id, set_id) values `, joins, ``); err != nil {
		return err
	}
	return countContent(ctx, tx, content)
}

// fillSets stores the packages of new sets.
func (s *Store) fillSets(ctx context.Context, tx *sql.Tx, sets []*packageSet) error {
	var all []member
	for _, set := range sets {
		all = append(all, set.members...)
	}
	slices.SortFunc(all, func(a, b member) int { return bytes.Compare(a.identity, b.identity) })
	identities := make([][]byte, len(all))
	for i, m := range all {
		identities[i] = m.identity
	}
	const find = `select id, identity from package_version where identity in `
	held, err := byBytes(ctx, tx, find, identities)
	if err != nil {
		return err
	}
	var versions [][]any
	for _, m := range all {
		if _, ok := held[string(m.identity)]; ok {
			continue
		}
		p := m.version
		names := append(p.MatchNames(), "", "")
		versions = append(versions, []any{newID(), m.identity, p.PURL, p.Type, p.Name, p.Version, p.Ecosystem, p.Source, p.SourceVersion,
			crowsnest.UseKey(p.Type, p.Name, p.Version), crowsnest.EcosystemBase(p.Ecosystem), names[0], names[1], 1, 0})
	}
	if len(versions) > 0 {
		if err := s.insertRows(ctx, tx, `insert into package_version (id, identity, purl, type, name, version, ecosystem, source, source_version,
			use_key, match_base, match_name, match_binary, generation, matched_generation) values `, versions, ` on conflict (identity) do nothing`); err != nil {
			return err
		}
		if held, err = byBytes(ctx, tx, find, identities); err != nil {
			return err
		}
	}
	var rows [][]any
	for _, set := range sets {
		for _, m := range set.members {
			rows = append(rows, []any{set.id, held[string(m.identity)], m.locations, m.licences})
		}
	}
	return s.insertRows(ctx, tx, `insert into package_set_package (set_id, package_version_id, locations, licences) values `, rows, ``)
}

// byBytes maps keys to the numbers of their rows; query selects number and key and ends with "in".
func byBytes(ctx context.Context, tx *sql.Tx, query string, keys [][]byte) (map[string]int64, error) {
	out := make(map[string]int64, len(keys))
	err := collectIn(ctx, tx, keys, nil, func(in string) string { return query + in }, func(rows *sql.Rows) error {
		var id int64
		var key []byte
		err := rows.Scan(&id, &key)
		out[string(key)] = id
		return err
	})
	return out, err
}
