package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/decision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/use"
)

// Holders implements store.Vulnerabilities. It goes from the package versions named, by the sets
// they are in, to contents and images, each read once: joined in the database they are
// hundreds of thousands of rows.
func (s *Store) Holders(ctx context.Context, org store.OrgID, filter store.HolderFilter, page store.Page) (store.List[store.Holder], error) {
	var out store.List[store.Holder]
	var after imageRow
	if _, err := sqldb.ReadCursor(page.Cursor, &after.Name, &after.Digest); err != nil {
		return out, err
	}
	h := holders{Store: s, org: org}
	if filter.Vulnerability != "" {
		var err error
		if h.vulnerability, err = s.VulnerabilityID(ctx, org, filter.Vulnerability); err != nil {
			return out, err
		}
	}
	rows, err := h.images(ctx, filter)
	if err != nil {
		return out, err
	}
	slices.SortFunc(rows, compareImages)
	rows = slices.DeleteFunc(rows, func(r imageRow) bool { return compareImages(r, after) <= 0 })
	part := sqldb.Cut(rows, sqldb.Limit(page), func(r imageRow) string { return sqldb.Cursor(r.Name, string(r.Digest)) })
	out.Next = part.Next
	out.Items, err = h.fill(ctx, part.Items)
	return out, s.db.Error("list packages of images", "", err)
}

func compareImages(a, b imageRow) int {
	return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(string(a.Digest), string(b.Digest)))
}

// holders finds the images that have some package versions.
type holders struct {
	*Store
	org           store.OrgID
	vulnerability string             // the one whose findings go with the packages, if any
	versions      []int64            // those named
	sets          map[int64][]heldIn // of those named, by set
}

// heldIn is a package version in a set.
type heldIn struct {
	version             int64
	locations, licences string
}

// images reads number, name and digest of all images that have what the filter names.
func (h *holders) images(ctx context.Context, filter store.HolderFilter) ([]imageRow, error) {
	var err error
	if h.vulnerability != "" {
		h.versions, err = sqldb.Collect(ctx, h.db.Reader, sqldb.ScanOne[int64], `select f.package_version_id from finding as f
			where f.vulnerability = $1 and f.closed_at is null and f.decides`, h.vulnerability)
	} else {
		h.versions, err = sqldb.Collect(ctx, h.db.Reader, sqldb.ScanOne[int64], `select v.id from package_version as v
			where v.name = $1 and v.type = $2 and ($3 = '' or v.version = $3)`, filter.Name, filter.Type, filter.Version)
	}
	if err != nil {
		return nil, h.db.Error("list images", "", err)
	}
	running, err := h.running(ctx, filter.Environment)
	if err != nil {
		return nil, err
	}
	h.sets = make(map[int64][]heldIn)
	if err := sqldb.CollectIn(ctx, h.db, h.db.Reader, h.versions, nil, func(in string) string {
		return `select set_id, package_version_id, locations, licences from package_set_package where package_version_id in ` + in
	}, func(rows *sql.Rows) error {
		var set int64
		var v heldIn
		err := rows.Scan(&set, &v.version, &v.locations, &v.licences)
		h.sets[set] = append(h.sets[set], v)
		return err
	}); err != nil {
		return nil, h.db.Error("list images", "", err)
	}
	contents := make(map[int64]bool)
	if err := sqldb.CollectIn(ctx, h.db, h.db.Reader, slices.Collect(maps.Keys(h.sets)), nil, func(in string) string {
		return `select set_id, ` + sqldb.ListOf(`content_id`) + ` from content_set where set_id in ` + in + ` group by set_id`
	}, func(rows *sql.Rows) error {
		var set int64
		list, err := sqldb.ScanList(rows, &set)
		for _, c := range list {
			contents[c] = true
		}
		return err
	}); err != nil {
		return nil, h.db.Error("list images", "", err)
	}
	var out []imageRow
	err = sqldb.CollectIn(ctx, h.db, h.db.Reader, slices.Collect(maps.Keys(contents)), []any{h.org}, func(in string) string {
		return `select id, name, digest from image where content_id in ` + in + ` and organisation_id = $1`
	}, func(rows *sql.Rows) error {
		var r imageRow
		err := rows.Scan(&r.id, &r.Name, &r.Digest)
		if running == nil || running[r.id] {
			out = append(out, r)
		}
		return err
	})
	return out, h.db.Error("list images", "", err)
}

// running returns the analysed images that run in an environment; nil means that all count.
func (h *holders) running(ctx context.Context, environment string) (map[int64]bool, error) {
	if environment == "" {
		return nil, nil
	}
	id, err := member.EnvironmentID(ctx, h.db, h.org, environment)
	if err != nil {
		return nil, err
	}
	rows, err := member.Rows(ctx, h.db.Reader, `0`, member.Within(id), h.org, id)
	out := make(map[int64]bool)
	for _, m := range rows {
		if m.State == store.Analysed {
			out[m.Image.Int64] = true
		}
	}
	return out, h.db.Error("list images", "", err)
}

// fill makes a page of images whole, with their packages of those that are named.
func (h *holders) fill(ctx context.Context, part []imageRow) ([]store.Holder, error) {
	out := make([]store.Holder, len(part))
	numbers := make([]int64, len(part))
	index := make(map[int64]*store.Holder, len(part))
	for i, r := range part {
		numbers[i] = r.id
		index[r.id] = &out[i]
	}
	var rows []imageRow
	if err := sqldb.CollectIn(ctx, h.db, h.db.Reader, numbers, nil, func(in string) string {
		return `select ` + h.imageColumns() + ` from image as i join content as c on c.id = i.content_id where i.id in ` + in
	}, func(r *sql.Rows) error {
		row, err := scanImage(r)
		rows = append(rows, row)
		return err
	}); err != nil {
		return nil, err
	}
	images, err := h.countImages(ctx, h.org, everywhere, rows)
	if err != nil {
		return nil, err
	}
	for i, row := range images {
		index[rows[i].id].ImageRow = row
	}
	versions, err := h.packages(ctx)
	if err != nil {
		return nil, err
	}
	standing, err := h.Standing(ctx, h.db.Reader, h.org, everywhere)
	if err != nil {
		return nil, err
	}
	if err := sqldb.CollectIn(ctx, h.db, h.db.Reader, numbers, nil, func(in string) string {
		return `select i.id, ` + sqldb.ListOf(`cs.set_id`) + ` from image as i cross join content_set as cs where i.id in ` + in + ` and cs.content_id = i.content_id group by i.id`
	}, func(r *sql.Rows) error {
		var image int64
		sets, err := sqldb.ScanList(r, &image)
		for _, set := range sets {
			for _, v := range h.sets[set] {
				held, ok := versions[v.version]
				if !ok {
					continue // its finding was closed between two reads
				}
				if err := sqldb.FromJSON(v.locations, &held.Locations); err != nil {
					return err
				}
				if err := sqldb.FromJSON(v.licences, &held.Licences); err != nil {
					return err
				}
				if f := standing.Found[decision.Pair{Version: v.version, Vulnerability: h.vulnerability}]; f != nil && f.By[image] != nil {
					held.Suppressed = f.By[image].Suppression()
				}
				index[image].Packages = append(index[image].Packages, held)
			}
		}
		return err
	}); err != nil {
		return nil, err
	}
	for i := range out {
		slices.SortFunc(out[i].Packages, func(a, b store.HeldPackage) int {
			return cmp.Or(strings.Compare(a.Package.Type, b.Package.Type), strings.Compare(a.Package.Name, b.Package.Name), strings.Compare(a.Package.Version, b.Package.Version), strings.Compare(a.Package.PURL, b.Package.PURL))
		})
	}
	return out, h.fillHeldUse(ctx, h.org, numbers, index)
}

// packages reads the package versions that are named, by number.
func (h *holders) packages(ctx context.Context) (map[int64]store.HeldPackage, error) {
	out := make(map[int64]store.HeldPackage, len(h.versions))
	err := sqldb.CollectIn(ctx, h.db, h.db.Reader, h.versions, []any{h.vulnerability}, func(in string) string {
		return `select v.id, v.purl, v.type, v.name, v.version, v.ecosystem, v.source, v.source_version,
				f.advisory_id, coalesce(f.severity, 0), coalesce(f.cvss_version, ''), coalesce(f.cvss_score, 0), coalesce(f.cvss_vector, ''), coalesce(f.fixed_version, '')
			from package_version as v
			left join finding as f on f.package_version_id = v.id and f.vulnerability = $1 and f.closed_at is null and f.decides
			where v.id in ` + in
	}, func(rows *sql.Rows) error {
		var id int64
		var held store.HeldPackage
		var advisory sql.NullString
		var f crowsnest.Finding
		var cvss crowsnest.CVSS
		p := &held.Package
		if err := rows.Scan(&id, &p.PURL, &p.Type, &p.Name, &p.Version, &p.Ecosystem, &p.Source, &p.SourceVersion,
			&advisory, &f.Severity, &cvss.Version, &cvss.Score, &cvss.Vector, &f.FixedVersion); err != nil {
			return err
		}
		if cvss.Vector != "" {
			f.CVSS = &cvss
		}
		if advisory.Valid {
			f.Vulnerability, f.Advisory, f.Decides = h.vulnerability, advisory.String, true
			held.Finding = &f
		}
		out[id] = held
		return nil
	})
	return out, err
}

// fillHeldUse says of the packages of a page of images what run time saw of them, by environment.
func (s *Store) fillHeldUse(ctx context.Context, org store.OrgID, numbers []int64, index map[int64]*store.Holder) error {
	watches, err := use.Images(ctx, s.db, s.db.Reader, 0, numbers)
	if err != nil {
		return err
	}
	return sqldb.CollectIn(ctx, s.db, s.db.Reader, numbers, []any{org}, func(in string) string {
		return `select distinct a.image_id, e.id, e.name from alias as a cross join running as r cross join environment as e
			where a.image_id in ` + in + ` and r.digest_id = a.digest_id and e.id = r.environment_id and e.organisation_id = $1`
	}, func(rows *sql.Rows) error {
		var at use.Place
		var environment string
		if err := rows.Scan(&at.Image, &at.Environment, &environment); err != nil {
			return err
		}
		for i := range index[at.Image].Packages {
			h := &index[at.Image].Packages[i]
			if h.InUse == nil {
				h.InUse = make(map[string]crowsnest.InUse)
			}
			h.InUse[environment] = watches[at].InUse(h.Package)
		}
		return nil
	})
}
