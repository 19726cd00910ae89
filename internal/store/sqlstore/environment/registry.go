package environment

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/access"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// KnownRegistries implements store.Registries.
func (s *Store) KnownRegistries(ctx context.Context, org store.OrgID) (crowsnest.KnownRegistries, error) {
	known, err := readRegistries(ctx, s.db.Reader, org)
	return known, s.db.Error("read known registries", "", err)
}

func readRegistries(ctx context.Context, q sqldb.Querier, org store.OrgID) (crowsnest.KnownRegistries, error) {
	var text string
	if err := q.QueryRowContext(ctx, `select registries from organisation where id = $1`, org).Scan(&text); err != nil || text == "" {
		return nil, err
	}
	var known crowsnest.KnownRegistries
	err := sqldb.FromJSON(text, &known)
	return known, err
}

// SetKnownRegistries implements store.Registries. A list that stands already is no change.
func (s *Store) SetKnownRegistries(ctx context.Context, org store.OrgID, list []string) (crowsnest.KnownRegistries, error) {
	known, err := crowsnest.ParseKnownRegistries(list)
	if err != nil {
		return nil, err
	}
	text := ""
	if len(known) > 0 {
		text = sqldb.JSON(known)
	}
	return known, s.db.Write(ctx, "store known registries", "", func(tx *sql.Tx, now int64) error {
		before, err := readRegistries(ctx, tx, org)
		if err != nil {
			return err
		}
		detail := make(map[string]string)
		for word, change := range map[string][2]crowsnest.KnownRegistries{"added": {known, before}, "removed": {before, known}} {
			rest := slices.DeleteFunc(slices.Clone(change[0]), func(r string) bool { return slices.Contains(change[1], r) })
			if len(rest) > 0 {
				detail[word] = strings.Join(rest, ", ")
			}
		}
		if len(detail) == 0 {
			return nil
		}
		if _, err := tx.ExecContext(ctx, `update organisation set registries = $2 where id = $1`, org, text); err != nil {
			return err
		}
		if err := access.Record(ctx, tx, now, org, "organisation.registries", "", detail); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.EnvironmentsResource, store.ImagesResource)
	})
}

// CheckRegistries implements store.Registries.
func (s *Store) CheckRegistries(ctx context.Context, org store.OrgID, environment string) (store.RegistryCheck, error) {
	id, err := member.EnvironmentID(ctx, s.db, org, environment)
	if err != nil {
		return store.RegistryCheck{}, err
	}
	out, err := s.checkRegistries(ctx, org, id)
	return out, s.db.Error("compare registries of", environment, err)
}

func (s *Store) checkRegistries(ctx context.Context, org store.OrgID, environment int64) (out store.RegistryCheck, err error) {
	known, err := readRegistries(ctx, s.db.Reader, org)
	if err != nil || len(known) == 0 || environment == member.LatestID {
		return store.RegistryCheck{Known: len(known)}, err
	}
	rows, err := member.Rows(ctx, s.db.Reader, `0`, member.Within(environment), org, environment)
	if err != nil {
		return out, err
	}
	images, digests := make(map[int64]bool), make(map[int64]bool)
	for _, r := range rows {
		if r.Image.Valid {
			images[r.Image.Int64] = true
		} else {
			digests[r.Digest] = true
		}
	}
	out.Known, out.Running = len(known), len(images)+len(digests)
	byImage, err := s.imageNames(ctx, environment, slices.Sorted(maps.Keys(images)))
	if err != nil {
		return out, err
	}
	byDigest, err := s.digestNames(ctx, environment, slices.Sorted(maps.Keys(digests)))
	count := func(running map[int64]bool, names map[int64][]string) {
		for id := range running {
			switch {
			case len(names[id]) == 0:
				out.Unnamed++
			case len(strangers(known, names[id])) > 0:
				out.Unknown++
			}
		}
	}
	count(images, byImage)
	count(digests, byDigest)
	return out, err
}

// strangers returns the names that fit none of the known registries, in order.
func strangers(known crowsnest.KnownRegistries, names []string) []string {
	out := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return known.Know(crowsnest.Repository(n)) })
	slices.Sort(out)
	return slices.Compact(out)
}

// reportedWhere keeps reported names n of what a cluster runs in an environment ($1), or in any if that is 0: of what is
// only assigned there, the name that a cluster elsewhere pulls it by says nothing.
const reportedWhere = `and exists (select 1 from running as r cross join integration as g where r.digest_id = n.digest_id and cast($1 as bigint) in (0, r.environment_id)
	and g.number = r.integration_number and g.kind <> '` + store.AssignedKind + `')`

const assignedWhere = `and o.closed_at is null and o.kind = '` + store.AssignedKind + `' and cast($1 as bigint) in (0, o.environment_id)`

// imageNames returns the names under which images run in an environment, or in any if it is 0.
func (s *Store) imageNames(ctx context.Context, environment int64, images []int64) (map[int64][]string, error) {
	out := make(map[int64][]string, len(images))
	if err := sqldb.CollectIn(ctx, s.db, s.db.Reader, images, []any{environment}, func(in string) string {
		return `select a.image_id, n.name from alias as a cross join reported_name as n where a.image_id in ` + in + ` and n.digest_id = a.digest_id ` + reportedWhere + `
			union select a.image_id, o.name from alias as a cross join occurrence as o where a.image_id in ` + in + ` and o.digest_id = a.digest_id ` + assignedWhere
	}, collectNames(out)); err != nil {
		return nil, err
	}
	nameless := slices.DeleteFunc(slices.Clone(images), func(id int64) bool { return len(out[id]) > 0 })
	return out, sqldb.CollectIn(ctx, s.db, s.db.Reader, nameless, nil, func(in string) string {
		return `select id, name from image where repository <> '' and id in ` + in
	}, collectNames(out))
}

// digestNames is imageNames of digests that lead to no image.
func (s *Store) digestNames(ctx context.Context, environment int64, digests []int64) (map[int64][]string, error) {
	out := make(map[int64][]string, len(digests))
	return out, sqldb.CollectIn(ctx, s.db, s.db.Reader, digests, []any{environment}, func(in string) string {
		return `select n.digest_id, n.name from reported_name as n where n.digest_id in ` + in + ` ` + reportedWhere + `
			union select o.digest_id, o.name from occurrence as o where o.digest_id in ` + in + ` ` + assignedWhere
	}, collectNames(out))
}

// collectNames passes over what is no name in a registry: what was assigned by a digest is called like it.
func collectNames(out map[int64][]string) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var id int64
		var name string
		err := rows.Scan(&id, &name)
		if crowsnest.Repository(name) != "" {
			out[id] = append(out[id], name)
		}
		return err
	}
}

// unlisted warns of images that run under names which fit none of the known registries.
func (s *Store) unlisted(ctx context.Context, org store.OrgID, environment int64, images map[int64]*runningImage, out map[int64][]store.Warning) error {
	if len(images) == 0 {
		return nil
	}
	known, err := readRegistries(ctx, s.db.Reader, org)
	if err != nil || len(known) == 0 {
		return err
	}
	names, err := s.imageNames(ctx, environment, slices.Sorted(maps.Keys(images)))
	for id, img := range images {
		out[id] = append(out[id], warnOf(strangers(known, names[id]), img.digest)...)
	}
	return err
}

func warnOf(names []string, running crowsnest.Digest) []store.Warning {
	out := make([]store.Warning, len(names))
	for i, n := range names {
		out[i] = store.Warning{Kind: store.UnknownRegistry, Reference: n, Running: running}
	}
	return out
}

// WarnOfGaps returns the names of what runs without being analysed that fit none of the known registries, as warnings
// by the numbers of images and of digests that lead to none.
func (s *Store) WarnOfGaps(ctx context.Context, org store.OrgID, environment int64, images, digests map[int64]crowsnest.Digest) (byImage, byDigest map[int64][]store.Warning, err error) {
	known, err := readRegistries(ctx, s.db.Reader, org)
	if err != nil || len(known) == 0 {
		return nil, nil, s.db.Error("read known registries", "", err)
	}
	byImage, byDigest = make(map[int64][]store.Warning), make(map[int64][]store.Warning)
	ofImages, err := s.imageNames(ctx, environment, slices.Sorted(maps.Keys(images)))
	if err != nil {
		return nil, nil, s.db.Error("read names of what runs", "", err)
	}
	ofDigests, err := s.digestNames(ctx, environment, slices.Sorted(maps.Keys(digests)))
	for id, digest := range images {
		byImage[id] = warnOf(strangers(known, ofImages[id]), digest)
	}
	for id, digest := range digests {
		byDigest[id] = warnOf(strangers(known, ofDigests[id]), digest)
	}
	return byImage, byDigest, s.db.Error("read names of what runs", "", err)
}

// ImageWarnings implements store.Registries.
func (s *Store) ImageWarnings(ctx context.Context, org store.OrgID, digest crowsnest.Digest) ([]store.Warning, error) {
	names := make(map[int64][]string)
	add := func(rows *sql.Rows) (struct{}, error) {
		var id int64
		var name, assigned string
		err := rows.Scan(&id, &name, &assigned)
		names[id] = append(names[id], cmp.Or(assigned, name))
		return struct{}{}, err
	}
	if _, err := sqldb.Collect(ctx, s.db.Reader, add, `select i.id, i.name, '' from image as i where i.organisation_id = $1 and i.digest = $2 and i.state = 'analysed'
			and exists (select 1 from alias as a cross join running as r where a.image_id = i.id and r.digest_id = a.digest_id)
		union select i.id, i.name, o.name from image as i cross join alias as a cross join occurrence as o
			where i.organisation_id = $1 and i.digest = $2 and i.state = 'analysed' and a.image_id = i.id and o.digest_id = a.digest_id and o.closed_at is null and o.kind = '`+store.AssignedKind+`'`,
		org, digest); err != nil {
		return nil, s.db.Error("read what runs of", string(digest), err)
	}
	warnings, err := s.Warnings(ctx, org, 0, names)
	for id := range names { // one at most
		return warnings[id], err
	}
	return nil, err
}
