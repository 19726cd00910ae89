package decision

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Pair is a vulnerability of a package version.
type Pair struct {
	Version       int64
	Vulnerability string
}

// Found is a finding that something is decided about, in the images of a place.
type Found struct {
	Pair
	ID       int64 // of the finding
	Severity crowsnest.Severity
	PURL     string
	Images   []int64                       // that have it, in order
	By       map[int64]*crowsnest.Decision // what suppresses it, by image
	about    crowsnest.Decisions
}

// Whole reports whether it is suppressed in all images that have it.
func (f *Found) Whole() bool { return len(f.Images) > 0 && len(f.By) == len(f.Images) }

// HiddenIn reports whether it is suppressed in all of the given images that have it. Those that have it are among them.
func (f *Found) HiddenIn(images []int64) bool {
	has := false
	for _, image := range images {
		if _, found := slices.BinarySearch(f.Images, image); !found {
			continue
		}
		if has = true; f.By[image] == nil {
			return false
		}
	}
	return has
}

// Standing is what decisions suppress in a place: in all images of an organisation, or in those that are in one environment. It is read only.
type Standing struct {
	Found map[Pair]*Found
	// Images counts what is suppressed by image, and Versions what is suppressed of a package version in all images of the place.
	Images   map[int64]crowsnest.Summary
	Versions map[int64]crowsnest.Summary
	// Whole are the numbers of the findings that are suppressed in all images of the place, as a text.
	Whole string
	// Contents are the images of each content of the place that has something suppressed in some images only.
	Contents map[int64][]int64
}

// Empty reports whether nothing is suppressed.
func (s *Standing) Empty() bool { return len(s.Images) == 0 }

// Summary counts what is suppressed in all images of the place together.
func (s *Standing) Summary() (out crowsnest.Summary) {
	for _, n := range s.Images {
		out = out.Plus(n)
	}
	return out
}

// Of counts what is suppressed of a package version in an image.
func (s *Standing) Of(image, version int64, vulnerabilities map[int64][]Pair) (out crowsnest.Summary) {
	for _, pair := range vulnerabilities[version] {
		if f := s.Found[pair]; f.By[image] != nil {
			out.Add(f.Severity, 1)
		}
	}
	return out
}

// ByVersion lists what is decided about by package version.
func (s *Standing) ByVersion() map[int64][]Pair {
	out := make(map[int64][]Pair)
	for pair := range s.Found {
		out[pair.Version] = append(out[pair.Version], pair)
	}
	return out
}

// Partial lists what is suppressed in some images of the place and counts in others.
func (s *Standing) Partial() map[Pair]*Found {
	out := make(map[Pair]*Found)
	for pair, f := range s.Found {
		if len(f.By) > 0 && !f.Whole() {
			out[pair] = f
		}
	}
	return out
}

// HiddenContents are the contents in which a finding is suppressed: in all images that have the content.
func (s *Standing) HiddenContents(f *Found) map[int64]bool {
	out := make(map[int64]bool)
	for content, images := range s.Contents {
		if f.HiddenIn(images) {
			out[content] = true
		}
	}
	return out
}

// state names a state of a place.
type state struct {
	org                  store.OrgID
	environment          int64
	images, environments int64 // revisions
}

// maxKept bounds how many are kept; one of a large organisation with many decisions is some megabytes.
const maxKept = 32

// Standing returns what decisions suppress in an organisation, or in one environment unless that is 0. Where nothing is decided, that is
// known after one question; else it is kept until something changes.
func (s *Store) Standing(ctx context.Context, q sqldb.Querier, org store.OrgID, environment int64) (*Standing, error) {
	decisions, err := s.InForce(ctx, q, org)
	if err != nil || !decisions.Suppresses() {
		return &Standing{}, err
	}
	revisions, err := revision.Read(ctx, q, org, s.db.Now())
	if err != nil {
		return nil, err
	}
	key := state{org, environment, revisions[store.ImagesResource], revisions[store.EnvironmentsResource]}
	s.mu.Lock()
	kept := s.kept[key]
	s.mu.Unlock()
	if kept != nil {
		return kept, nil
	}
	out, err := s.stand(ctx, q, org, environment, decisions)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for old := range s.kept {
		if old.org == org && old.environment == environment || len(s.kept) >= maxKept {
			delete(s.kept, old)
		}
	}
	s.kept[key] = out
	return out, nil
}

// stand works out what decisions suppress. It starts from the vulnerabilities that they are about, of which there are few, and reads each set
// of packages once, since images share most of theirs.
func (s *Store) stand(ctx context.Context, q sqldb.Querier, org store.OrgID, environment int64, decisions crowsnest.Decisions) (*Standing, error) {
	out := &Standing{Found: make(map[Pair]*Found), Images: make(map[int64]crowsnest.Summary), Versions: make(map[int64]crowsnest.Summary), Contents: make(map[int64][]int64)}
	byVersion, err := s.found(ctx, q, out, decisions)
	if err != nil || len(byVersion) == 0 {
		return out, err
	}
	contents, err := s.images(ctx, q, org, environment, byVersion)
	if err != nil {
		return nil, err
	}
	name := ""
	if environment == member.LatestID {
		name = store.LatestIndexed
	} else if environment != 0 {
		if err := q.QueryRowContext(ctx, `select name from environment where organisation_id = $1 and id = $2`, org, environment).Scan(&name); err != nil {
			return nil, err
		}
	}
	names, err := s.namesOf(ctx, q, org, byVersion)
	if err != nil {
		return nil, err
	}
	var whole []string
	for pair, f := range out.Found {
		if len(f.Images) == 0 { // nobody here has it
			delete(out.Found, pair)
			continue
		}
		f.By = suppressed(f, names, name)
		for image := range f.By {
			n := out.Images[image]
			n.Add(f.Severity, 1)
			out.Images[image] = n
		}
		switch {
		case f.Whole():
			n := out.Versions[pair.Version]
			n.Add(f.Severity, 1)
			out.Versions[pair.Version] = n
			whole = append(whole, strconv.FormatInt(f.ID, 10))
		case len(f.By) > 0:
			for _, image := range f.Images {
				if c := contents[image]; !slices.Contains(out.Contents[c], image) {
					out.Contents[c] = append(out.Contents[c], image)
				}
			}
		}
	}
	slices.Sort(whole)
	out.Whole = strings.Join(whole, ",")
	return out, nil
}

// suppressed tells what suppresses a finding, by image.
func suppressed(f *Found, names map[int64][]crowsnest.ImageReference, environment string) map[int64]*crowsnest.Decision {
	by := make(map[int64]*crowsnest.Decision)
	if !f.about.Named() { // the same under every name
		if d := f.about.Suppress([]crowsnest.ImageReference{{}}, environment); d != nil {
			for _, image := range f.Images {
				by[image] = d
			}
		}
		return by
	}
	for _, image := range f.Images {
		if d := f.about.Suppress(names[image], environment); d != nil {
			by[image] = d
		}
	}
	return by
}

// found reads the findings that decisions which may suppress are about, by package version.
func (s *Store) found(ctx context.Context, q sqldb.Querier, out *Standing, decisions crowsnest.Decisions) (map[int64][]*Found, error) {
	vulnerabilities := make(map[string]bool)
	if err := sqldb.CollectIn(ctx, s.db, q, decisions.Names(), nil, func(in string) string {
		return `select vulnerability from vulnerability_name where name in ` + in
	}, func(rows *sql.Rows) error {
		var v string
		err := rows.Scan(&v)
		vulnerabilities[v] = true
		return err
	}); err != nil {
		return nil, err
	}
	byVersion := make(map[int64][]*Found)
	return byVersion, sqldb.CollectIn(ctx, s.db, q, slices.Sorted(maps.Keys(vulnerabilities)), nil, func(in string) string {
		return `select f.id, f.package_version_id, f.vulnerability, f.advisory_id, f.aliases, f.severity, v.purl from finding as f join package_version as v on v.id = f.package_version_id
			where f.vulnerability in ` + in + ` and f.closed_at is null and f.decides`
	}, func(rows *sql.Rows) error {
		f := &Found{}
		var advisory, text string
		var aliases []string
		if err := rows.Scan(&f.ID, &f.Version, &f.Vulnerability, &advisory, &text, &f.Severity, &f.PURL); err != nil {
			return err
		}
		if err := sqldb.FromJSON(text, &aliases); err != nil {
			return err
		}
		if f.about = decisions.Of(f.PURL, append(aliases, f.Vulnerability, advisory)...); f.about.Suppresses() && out.Found[f.Pair] == nil {
			out.Found[f.Pair] = f
			byVersion[f.Version] = append(byVersion[f.Version], f)
		}
		return nil
	})
}

// images finds the images of a place that have each of some findings, and returns the contents of these images.
func (s *Store) images(ctx context.Context, q sqldb.Querier, org store.OrgID, environment int64, byVersion map[int64][]*Found) (map[int64]int64, error) {
	setsOf := make(map[int64][]int64) // by version
	imagesOf := make(map[int64][]int64)
	if err := sqldb.CollectIn(ctx, s.db, q, slices.Sorted(maps.Keys(byVersion)), nil, func(in string) string {
		return `select package_version_id, ` + sqldb.ListOf(`set_id`) + ` from package_set_package where package_version_id in ` + in + ` group by package_version_id`
	}, func(rows *sql.Rows) error {
		var version int64
		sets, err := sqldb.ScanList(rows, &version)
		setsOf[version] = append(setsOf[version], sets...)
		for _, set := range sets {
			imagesOf[set] = nil
		}
		return err
	}); err != nil {
		return nil, err
	}
	var within map[int64]bool
	if environment != 0 {
		rows, err := member.Rows(ctx, q, `0`, member.Within(environment), org, environment)
		if err != nil {
			return nil, err
		}
		within = make(map[int64]bool, len(rows))
		for _, m := range rows {
			if m.Image.Valid && m.State == store.Analysed {
				within[m.Image.Int64] = true
			}
		}
	}
	contents := make(map[int64]int64)
	if err := sqldb.CollectIn(ctx, s.db, q, slices.Sorted(maps.Keys(imagesOf)), []any{org}, func(in string) string {
		return `select cs.set_id, i.id, i.content_id from content_set as cs cross join image as i where cs.set_id in ` + in + ` and i.content_id = cs.content_id and i.organisation_id = $1`
	}, func(rows *sql.Rows) error {
		var set, image, content int64
		err := rows.Scan(&set, &image, &content)
		if within == nil || within[image] {
			imagesOf[set] = append(imagesOf[set], image)
			contents[image] = content
		}
		return err
	}); err != nil {
		return nil, err
	}
	for version, list := range byVersion {
		var images []int64
		for _, set := range setsOf[version] {
			images = append(images, imagesOf[set]...)
		}
		slices.Sort(images)
		images = slices.Compact(images)
		for _, f := range list {
			f.Images = images
		}
	}
	return contents, nil
}

// namesOf reads the names of the images that have findings about which is decided by name.
func (s *Store) namesOf(ctx context.Context, q sqldb.Querier, org store.OrgID, byVersion map[int64][]*Found) (map[int64][]crowsnest.ImageReference, error) {
	asked := make(map[int64]bool)
	for _, list := range byVersion {
		for _, f := range list {
			if f.about.Named() {
				for _, image := range f.Images {
					asked[image] = true
				}
			}
		}
	}
	return s.References(ctx, q, org, slices.Sorted(maps.Keys(asked)))
}

// EndsBefore reports whether a decision ends earlier than one that is told of; of those that end together the one with the lowest ID is told, so that the
// answer is always the same.
func EndsBefore(d crowsnest.Decision, known crowsnest.Suppression) bool {
	switch {
	case d.Expires.Equal(known.Until):
		return d.ID < known.ID
	case d.Expires.IsZero():
		return false
	}
	return known.Until.IsZero() || d.Expires.Before(known.Until)
}

// Spent lists the package versions of which all findings are suppressed in all images of a place, as a text.
func (s *Store) Spent(ctx context.Context, q sqldb.Querier, standing *Standing) (string, error) {
	var spent []string
	err := sqldb.CollectIn(ctx, s.db, q, slices.Sorted(maps.Keys(standing.Versions)), nil, func(in string) string {
		return `select distinct id, critical + high + medium + low + unspecified from package_version where id in ` + in
	}, func(rows *sql.Rows) error {
		var id int64
		var all int
		err := rows.Scan(&id, &all)
		if standing.Versions[id].Total() >= all {
			spent = append(spent, strconv.FormatInt(id, 10))
		}
		return err
	})
	return strings.Join(spent, ","), err
}
