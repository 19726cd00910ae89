package lineage

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// family is what the images of an organisation are built on, in one state of them.
type family struct {
	images int64 // revision
	// bases are by analysed image; names are those of the images.
	bases map[int64]*crowsnest.Base
	names map[int64]crowsnest.ImageName
	// known finds an analysed image by any of its digests.
	known map[crowsnest.Digest]int64
}

// maxKept bounds of how many organisations it is kept.
const maxKept = 16

// family derives what the images of an organisation are built on. It reads the configurations of all, so it is kept until
// images change.
func (s *Store) family(ctx context.Context, org store.OrgID) (family, error) {
	revisions, err := revision.Read(ctx, s.db.Reader, org, s.db.Now())
	if err != nil {
		return family{}, err
	}
	now := revisions[store.ImagesResource]
	s.mu.Lock()
	kept, ok := s.kept[org]
	s.mu.Unlock()
	if ok && kept.images == now {
		return kept, nil
	}
	var l *library
	if err := s.db.Snapshot(ctx, func(q sqldb.Querier) error {
		l, err = readLibrary(ctx, s.db, q, org)
		return err
	}); err != nil {
		return family{}, err
	}
	out := family{images: now, bases: make(map[int64]*crowsnest.Base), names: make(map[int64]crowsnest.ImageName), known: make(map[crowsnest.Digest]int64)}
	for id, h := range l.images {
		if !h.analysed {
			continue
		}
		out.names[id] = h.name
		base, err := decide(ctx, l, h.Image)
		if err != nil {
			return family{}, err
		}
		if base != nil {
			out.bases[id] = base
		}
	}
	for digest, ids := range l.byDigest {
		for _, id := range ids {
			if _, analysed := out.names[id]; analysed && (out.known[digest] == 0 || id < out.known[digest]) {
				out.known[digest] = id
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.kept) >= maxKept {
		clear(s.kept)
	}
	s.kept[org] = out
	return out, nil
}

// BaseImages implements store.BaseImages.
func (s *Store) BaseImages(ctx context.Context, org store.OrgID, filter store.BaseImageFilter, page store.Page) (store.List[store.BaseImage], error) {
	out, err := s.baseImages(ctx, org, filter, page)
	return out, s.db.Error("list base images", filter.Environment, err)
}

func (s *Store) baseImages(ctx context.Context, org store.OrgID, filter store.BaseImageFilter, page store.Page) (store.List[store.BaseImage], error) {
	var none store.List[store.BaseImage]
	var images int
	var name string
	var digest crowsnest.Digest
	more, err := sqldb.ReadCursor(page.Cursor, &images, &name, (*string)(&digest))
	if err != nil {
		return none, err
	}
	all, err := s.family(ctx, org)
	if err != nil {
		return none, err
	}
	var environment int64
	if filter.Environment != "" {
		if environment, err = member.EnvironmentID(ctx, s.db, org, filter.Environment); err != nil {
			return none, err
		}
	}
	within, err := s.within(ctx, org, environment)
	if err != nil {
		return none, err
	}
	type key struct {
		name   string
		digest crowsnest.Digest
	}
	rows := make(map[key]*store.BaseImage)
	for id, base := range all.bases {
		if within != nil && !within[id] {
			continue
		}
		at := key{base.Name, base.Digest}
		row := rows[at]
		if row == nil {
			if q := strings.ToLower(filter.Query); !strings.Contains(strings.ToLower(base.Name), q) && !strings.Contains(string(base.Digest), q) {
				continue
			}
			row = &store.BaseImage{Base: *base}
			rows[at] = row
		}
		row.Images++
		row.Layers = max(row.Layers, base.Layers)
		// One base may be known in several ways; the surest of them is shown.
		row.By = surer(row.By, base.By)
		row.Built = append(row.Built, all.names[id])
	}
	list := make([]*store.BaseImage, 0, len(rows))
	for _, row := range rows {
		list = append(list, row)
	}
	compare := func(a, b *store.BaseImage) int {
		return cmp.Or(cmp.Compare(b.Images, a.Images), strings.Compare(a.Name, b.Name), strings.Compare(string(a.Digest), string(b.Digest)))
	}
	slices.SortFunc(list, compare)
	if more {
		last := &store.BaseImage{Base: crowsnest.Base{Name: name, Digest: digest}, Images: images}
		list = slices.DeleteFunc(list, func(row *store.BaseImage) bool { return compare(row, last) <= 0 })
	}
	limit := sqldb.Limit(page)
	part := sqldb.Cut(list[:min(limit+1, len(list))], limit, func(row *store.BaseImage) string { return sqldb.Cursor(row.Images, row.Name, string(row.Digest)) })
	used, err := s.used(ctx, org, environment)
	if err != nil {
		return none, err
	}
	if err := s.describe(ctx, all, used, part.Items); err != nil {
		return none, err
	}
	out := store.List[store.BaseImage]{Next: part.Next}
	for _, row := range part.Items {
		slices.SortFunc(row.Built, func(a, b crowsnest.ImageName) int {
			return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(string(a.Digest), string(b.Digest)))
		})
		row.Built = row.Built[:min(store.MaxBuilt, len(row.Built))]
		out.Items = append(out.Items, *row)
	}
	return out, nil
}

// surer returns the better of two ways to know a base.
func surer(a, b crowsnest.BaseBy) crowsnest.BaseBy {
	order := []crowsnest.BaseBy{crowsnest.BaseByProvenance, crowsnest.BaseByLabel, crowsnest.BaseByLayers}
	if slices.Index(order, b) < slices.Index(order, a) {
		return b
	}
	return a
}

// within returns the images of an environment; nil is all, if it is 0.
func (s *Store) within(ctx context.Context, org store.OrgID, id int64) (map[int64]bool, error) {
	if id == 0 {
		return nil, nil
	}
	rows, err := member.Rows(ctx, s.db.Reader, `0`, member.Within(id), org, id)
	out := make(map[int64]bool, len(rows))
	for _, m := range rows {
		if m.Image.Valid {
			out[m.Image.Int64] = true
		}
	}
	return out, err
}

// describe says of those base images that the organisation has what they are themselves, and what of them is in use.
func (s *Store) describe(ctx context.Context, all family, used map[int64]crowsnest.InUse, rows []*store.BaseImage) error {
	of := make(map[int64][]*store.BaseImage)
	var numbers []int64
	for _, row := range rows {
		if id := all.known[row.Digest]; id != 0 {
			if of[id] == nil {
				numbers = append(numbers, id)
			}
			of[id] = append(of[id], row)
			name := all.names[id]
			row.Known = &name
		}
	}
	if err := sqldb.CollectIn(ctx, s.db, s.db.Reader, numbers, nil, func(in string) string {
		return `select i.id, c.critical, c.high, c.medium, c.low, c.unspecified, coalesce(` + s.db.Text(`c.distribution`, `name`) + `, '') from image as i join content as c on c.id = i.content_id where i.id in ` + in
	}, func(rows *sql.Rows) error {
		var id int64
		var n crowsnest.Summary
		var distribution string
		err := rows.Scan(&id, &n.Critical, &n.High, &n.Medium, &n.Low, &n.Unspecified, &distribution)
		for _, row := range of[id] {
			row.Summary, row.Distribution = n, distribution
		}
		return err
	}); err != nil || len(used) == 0 {
		return err
	}
	return sqldb.CollectIn(ctx, s.db, s.db.Reader, numbers, nil, func(in string) string {
		return `select distinct i.id, v.id, v.critical, v.high, v.medium, v.low, v.unspecified from image as i
			cross join content_set as cs cross join package_set_package as p cross join package_version as v
			where i.id in ` + in + ` and cs.content_id = i.content_id and p.set_id = cs.set_id and v.id = p.package_version_id and v.worst_first is not null`
	}, func(rows *sql.Rows) error {
		var id, version int64
		var n crowsnest.Summary
		err := rows.Scan(&id, &version, &n.Critical, &n.High, &n.Medium, &n.Low, &n.Unspecified)
		state, watched := used[version]
		for _, row := range of[id] {
			if watched && row.InUse == nil {
				row.InUse = new(crowsnest.Summary)
			}
			if state == crowsnest.Loaded {
				*row.InUse = row.InUse.Plus(n)
			}
		}
		return err
	})
}
