package lineage

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	offered "github.com/crowsnest-sec/crowsnest/internal/store/candidate"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// BaseOf implements candidate.Finder.
func (s *Store) BaseOf(ctx context.Context, org store.OrgID, labels map[string]string, layers []crowsnest.Layer) (*crowsnest.Base, error) {
	base, err := s.Base(ctx, org, Image{Labels: labels, Layers: layers})
	return base, s.db.Error("find what an image is built on", "", err)
}

// BaseCandidates implements candidate.Finder.
func (s *Store) BaseCandidates(ctx context.Context, org store.OrgID, of offered.Query) (offered.Found, error) {
	f := finder{s: s, org: org, of: of, tags: make(map[int64][]offered.Tag)}
	for _, step := range []func(context.Context) error{f.begin, f.named, f.read} {
		if err := step(ctx); err != nil {
			return offered.Found{}, s.db.Error("find what could be the base of", string(of.Image), err)
		}
	}
	return f.out, nil
}

// finder makes one answer.
type finder struct {
	s        *Store
	org      store.OrgID
	of       offered.Query
	image    int64
	platform string
	base     int64 // 0 if it is not analysed
	wanted   int64 // the image that the tag of the query names; 0 if none is analysed
	all      family
	tags     map[int64][]offered.Tag // by analysed image of the platform
	out      offered.Found
}

// begin finds the image, its base and the repository of that.
func (f *finder) begin(ctx context.Context) (err error) {
	db := f.s.db
	if f.platform = f.of.Platform; f.of.Image == "" {
		// Nobody keeps it, so that nothing is built on it.
	} else if err = db.Reader.QueryRowContext(ctx, `select id, platform from image where organisation_id = $1 and digest = $2`, f.org, f.of.Image).Scan(&f.image, &f.platform); err != nil {
		return err
	}
	if f.all, err = f.s.family(ctx, f.org); err != nil {
		return err
	}
	f.out.Repository = f.of.Repository
	if f.of.Base == "" {
		return nil
	}
	// A file of docker save goes by the digest of its configuration, which others may share: one's own digest comes first.
	err = db.Reader.QueryRowContext(ctx, `select i.id from digest as d join alias as a on a.digest_id = d.id join image as i on i.id = a.image_id
		where d.organisation_id = $1 and d.digest = $2 and i.state = 'analysed' and i.platform = $3 order by case when i.digest = $2 then 0 else 1 end, i.id limit 1`, f.org, f.of.Base, f.platform).Scan(&f.base)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if err != nil || f.out.Repository != "" {
		return err
	}
	err = db.Reader.QueryRowContext(ctx, `select t.repository from tag as t where t.organisation_id = $1 and (t.target = $2 or t.target in (
			select d.digest from alias as a join digest as d on d.id = a.digest_id where a.image_id = $3 and d.organisation_id = $1))
		order by case when t.closed_at is null then 0 else 1 end, t.opened_at, t.id limit 1`, f.org, f.of.Base, f.base).Scan(&f.out.Repository)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return err
}

// named reads which analysed images tags name: those of the repository of the base, and of what else images are built on.
func (f *finder) named(ctx context.Context) error {
	db := f.s.db
	repositories := make(map[string]bool)
	for _, base := range f.all.bases {
		if r := crowsnest.Repository(base.Name); r != "" {
			repositories[r] = true
		}
	}
	delete(repositories, f.out.Repository)
	var list []offered.Tag
	collect := func(names []string) error {
		return sqldb.CollectIn(ctx, db, db.Reader, names, []any{f.org, offered.MaxTags}, func(in string) string {
			return `select repository, name, target, opened_at from tag where organisation_id = $1 and closed_at is null and repository in ` + in + ` order by opened_at desc, repository, name limit $2`
		}, func(rows *sql.Rows) error {
			var t offered.Tag
			var opened int64
			err := rows.Scan(&t.Repository, &t.Name, &t.Target, &opened)
			t.Since = sqldb.Time(opened)
			list = append(list, t)
			return err
		})
	}
	if f.out.Repository != "" {
		if err := collect([]string{f.out.Repository}); err != nil {
			return err
		}
		f.out.Tags = len(list)
	}
	if err := collect(slices.Sorted(maps.Keys(repositories))); err != nil {
		return err
	}
	targets := make(map[crowsnest.Digest]int64)
	for _, t := range list {
		targets[t.Target] = 0
	}
	if err := sqldb.CollectIn(ctx, db, db.Reader, slices.Sorted(maps.Keys(targets)), []any{f.org, f.platform}, func(in string) string {
		return `select d.digest, i.id from digest as d join alias as a on a.digest_id = d.id join image as i on i.id = a.image_id
			where d.organisation_id = $1 and i.state = 'analysed' and i.platform = $2 and d.digest in ` + in + ` order by i.id desc`
	}, func(rows *sql.Rows) error {
		var digest crowsnest.Digest
		var id int64
		err := rows.Scan(&digest, &id)
		targets[digest] = id
		return err
	}); err != nil {
		return err
	}
	for _, t := range list {
		id := targets[t.Target]
		switch {
		case id == 0 && t.Repository == f.out.Repository:
			f.out.Unread = append(f.out.Unread, t)
		case id != 0 && (id == f.base || !f.grows(id)):
			f.tags[id] = append(f.tags[id], t)
			if t.Repository == f.out.Repository && t.Name == f.of.Tag {
				f.wanted = id
			}
		}
	}
	return nil
}

// maxGrowth bounds how many bases of bases are followed.
const maxGrowth = 20

// grows reports whether an image is the one that is asked for, or is built on it.
func (f *finder) grows(id int64) bool {
	for range maxGrowth {
		if id == f.image {
			return true
		}
		base := f.all.bases[id]
		if base == nil || f.all.known[base.Digest] == 0 {
			return false
		}
		id = f.all.known[base.Digest]
	}
	return true
}

// read reads what the images are.
func (f *finder) read(ctx context.Context) error {
	db := f.s.db
	ids := slices.Sorted(maps.Keys(f.tags))
	if f.base != 0 && f.tags[f.base] == nil {
		ids = append(ids, f.base)
	}
	images := make(map[int64]*offered.Image, len(ids))
	if err := sqldb.CollectIn(ctx, db, db.Reader, ids, nil, func(in string) string {
		return `select i.id, i.digest, i.size, i.built_at, c.distribution, c.packages, c.critical, c.high, c.medium, c.low, c.unspecified, ` + db.Length(`c.problems`) + `
			from image as i join content as c on c.id = i.content_id where i.id in ` + in
	}, func(rows *sql.Rows) error {
		var id, built int64
		var distribution string
		i := &offered.Image{}
		v := &i.Summary
		if err := rows.Scan(&id, &i.Digest, &i.Size, &built, &distribution, &i.Packages, &v.Critical, &v.High, &v.Medium, &v.Low, &v.Unspecified, &i.Problems); err != nil {
			return err
		}
		i.Built, i.Tags = sqldb.Time(built), f.tags[id]
		images[id] = i
		return sqldb.FromJSON(distribution, &i.Release)
	}); err != nil {
		return err
	}
	ids = slices.Collect(maps.Keys(images)) // retention may have taken some since
	rank := func(id int64) int {
		switch id {
		case f.base:
			return 0
		case f.wanted:
			return 1
		}
		return 2
	}
	slices.SortFunc(ids, func(a, b int64) int {
		x, y := images[a], images[b]
		return cmp.Or(rank(a)-rank(b), cmp.Compare(x.Summary.Critical, y.Summary.Critical), cmp.Compare(x.Summary.High, y.Summary.High), cmp.Compare(x.Summary.Total(), y.Summary.Total()),
			y.Built.Compare(x.Built), strings.Compare(string(x.Digest), string(y.Digest)))
	})
	ids = ids[:min(len(ids), offered.MaxImages)]
	if err := sqldb.CollectIn(ctx, db, db.Reader, ids, nil, func(in string) string {
		return `select distinct i.id, v.name, v.version from image as i cross join content_set as cs cross join package_set_package as p cross join package_version as v
			where i.id in ` + in + ` and cs.content_id = i.content_id and p.set_id = cs.set_id and v.id = p.package_version_id and v.type = 'generic' order by 1, 2, 3`
	}, func(rows *sql.Rows) error {
		var id int64
		var w offered.Software
		err := rows.Scan(&id, &w.Name, &w.Version)
		images[id].Software = append(images[id].Software, w)
		return err
	}); err != nil {
		return err
	}
	for _, id := range ids {
		if id == f.base {
			f.out.Base = images[id]
		} else {
			f.out.Images = append(f.out.Images, *images[id])
		}
	}
	return nil
}
