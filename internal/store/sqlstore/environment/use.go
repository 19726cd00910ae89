package environment

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/use"
)

// Used is what run time sees of an image in an environment.
type Used struct {
	Watch    crowsnest.Watch // without what was loaded
	Old      bool            // see use.Set
	Since    time.Time       // see use.Set
	Findings running.Split

	Content  int64
	Profiles []int64
}

// Counted returns which of the findings of the image count in the environment, of all that it has and that are not suppressed. Where some do
// not, they are counted by what was read of its packages: what was read before may be of another state.
func (u Used) Counted(all crowsnest.Summary) crowsnest.Summary {
	if u.Watch.DiscountNotSeen {
		return u.Findings.Loaded.Plus(u.Findings.NotObserved)
	}
	return all
}

// state names what an environment was when something of it was summed up.
type state struct {
	environment                int64
	images, environments, hour int64 // revisions, and by which profiles grow old
}

// maxKept bounds the environments of which sums are kept.
const maxKept = 200

// Sums are the findings of the images of an environment by what run time sees of their packages there.
type Sums struct {
	Images   map[int64]Used // by number; read only
	Findings running.Split
	Discount bool // what is not seen does not count
}

// NotAffected counts the findings that do not count in the environment.
func (s Sums) NotAffected() crowsnest.Summary {
	if s.Discount {
		return s.Findings.NotSeen
	}
	return crowsnest.Summary{}
}

// Sums sums up the findings of all images of an environment. It finds the profiles of each, so the sums are
// kept until something changes. Whoever reads what they are part of in a transaction reads this in the same: what is
// left must fit, and a transaction keeps a connection.
func (s *Store) Sums(ctx context.Context, q sqldb.Querier, org store.OrgID, environment int64) (Sums, error) {
	if environment == member.LatestID {
		return Sums{}, nil // nothing runs there
	}
	revisions, err := revision.Read(ctx, q, org, s.db.Now())
	if err != nil {
		return Sums{}, err
	}
	key := state{environment, revisions[store.ImagesResource], revisions[store.EnvironmentsResource], use.Now(s.db)}
	s.mu.Lock()
	out, ok := s.sums[key]
	s.mu.Unlock()
	if ok {
		return out, nil
	}
	if out.Discount, err = member.DiscountsNotSeen(ctx, q, environment); err != nil {
		return out, err
	}
	images, err := s.analysed(ctx, q, org, environment)
	if err != nil {
		return out, err
	}
	if out.Images, err = s.used(ctx, q, org, environment, images); err != nil {
		return out, err
	}
	for _, u := range out.Images {
		out.Findings = out.Findings.Plus(u.Findings)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for old := range s.sums {
		if old.environment == environment || len(s.sums) >= maxKept {
			delete(s.sums, old)
		}
	}
	s.sums[key] = out
	return out, nil
}

// places is what runs in an organisation by environment, or all of it at 0, and of which state that is.
type places struct {
	images, environments int64 // revisions
	counts               map[int64]*member.Count
}

// placesOf names what is kept of an organisation, and by what it is counted.
type placesOf struct {
	org store.OrgID
	by  string // a column of what runs
}

// maxPlaces bounds how many of these are kept.
const maxPlaces = 64

// Places counts what runs by environment, with its findings, or in one unless that is 0. Of all it finds the image of each digest that
// runs, so it is kept until something changes, as sums are. What it returns is not to be changed.
func (s *Store) Places(ctx context.Context, q sqldb.Querier, org store.OrgID, environment int64) (map[int64]*member.Count, error) {
	key := placesOf{org, `r.environment_id`}
	kept, now, err := s.keptPlaces(ctx, q, key)
	switch {
	case err != nil || kept != nil:
		return kept, err
	case environment != 0:
		return member.Places(ctx, s.db, q, true, `r.environment_id`, `r.environment_id = $2`, org, environment)
	}
	now.counts, err = member.Places(ctx, s.db, q, true, key.by, member.Everywhere, org)
	return s.keepPlaces(key, now, err)
}

// Together counts what runs in all environments together, at 0, each image once and without its findings. It is kept as Places keeps.
func (s *Store) Together(ctx context.Context, q sqldb.Querier, org store.OrgID) (map[int64]*member.Count, error) {
	return s.placesBy(ctx, q, placesOf{org, `0`})
}

// Watched counts what runs by integration, without its findings. It is kept as Places keeps.
func (s *Store) Watched(ctx context.Context, q sqldb.Querier, org store.OrgID) (map[int64]*member.Count, error) {
	return s.placesBy(ctx, q, placesOf{org, `r.integration_number`})
}

func (s *Store) placesBy(ctx context.Context, q sqldb.Querier, key placesOf) (map[int64]*member.Count, error) {
	kept, now, err := s.keptPlaces(ctx, q, key)
	if err != nil || kept != nil {
		return kept, err
	}
	now.counts, err = member.Places(ctx, s.db, q, false, key.by, member.Everywhere, key.org)
	return s.keepPlaces(key, now, err)
}

// keptPlaces returns what is kept if it is still so, and else the state to keep it of.
func (s *Store) keptPlaces(ctx context.Context, q sqldb.Querier, key placesOf) (map[int64]*member.Count, places, error) {
	revisions, err := revision.Read(ctx, q, key.org, s.db.Now())
	if err != nil {
		return nil, places{}, err
	}
	now := places{images: revisions[store.ImagesResource], environments: revisions[store.EnvironmentsResource]}
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept := s.places[key]; kept.images == now.images && kept.environments == now.environments {
		return kept.counts, now, nil
	}
	return nil, now, nil
}

func (s *Store) keepPlaces(key placesOf, now places, err error) (map[int64]*member.Count, error) {
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.places) >= maxPlaces {
		clear(s.places)
	}
	s.places[key] = now
	return now.counts, nil
}

// analysed returns the numbers of the analysed images of an environment.
func (s *Store) analysed(ctx context.Context, q sqldb.Querier, org store.OrgID, environment int64) ([]int64, error) {
	rows, err := member.Rows(ctx, q, `r.environment_id`, member.Within(environment), org, environment)
	if err != nil {
		return nil, err
	}
	images := make(map[int64]bool, len(rows))
	for _, m := range rows {
		if m.Image.Valid && m.State == store.Analysed {
			images[m.Image.Int64] = true
		}
	}
	return slices.Sorted(maps.Keys(images)), nil
}

// Used splits the findings of images, given by their numbers, by what run time sees of their packages in
// an environment, without what is suppressed there.
func (s *Store) Used(ctx context.Context, org store.OrgID, environment int64, images []int64) (out map[int64]Used, err error) {
	err = s.db.Snapshot(ctx, func(q sqldb.Querier) error {
		out, err = s.used(ctx, q, org, environment, images)
		return err
	})
	return out, s.db.Error("read what is in use of images", "", err)
}

func (s *Store) used(ctx context.Context, q sqldb.Querier, org store.OrgID, environment int64, images []int64) (map[int64]Used, error) {
	sets, err := use.Profiles(ctx, s.db, q, environment, images)
	if err != nil {
		return nil, err
	}
	contents, err := s.contents(ctx, q, images)
	if err != nil {
		return nil, err
	}
	asked := make(map[int64]place, len(contents))
	for image, content := range contents {
		asked[image] = place{image, environment, newPair(content, sets[use.Place{Image: image, Environment: environment}].Profiles)}
	}
	splits, err := s.counted(ctx, q, org, slices.Collect(maps.Values(asked)))
	if err != nil {
		return nil, err
	}
	out := make(map[int64]Used, len(images))
	for _, image := range images {
		set := sets[use.Place{Image: image, Environment: environment}]
		out[image] = Used{
			Watch: crowsnest.Watch{Stale: set.Stale, AsOf: set.AsOf, DiscountNotSeen: set.Discount},
			Old:   set.Old, Since: set.Since,
			Findings: aged(splits[asked[image]], set.Stale),
			Content:  contents[image], Profiles: set.Profiles,
		}
	}
	return out, nil
}

// vulnerable is a package version with findings.
type vulnerable struct {
	id       int64
	sought   crowsnest.Sought
	findings crowsnest.Summary
}

// contents returns the content of each image that has one.
func (s *Store) contents(ctx context.Context, q sqldb.Querier, images []int64) (map[int64]int64, error) {
	out := make(map[int64]int64, len(images))
	return out, sqldb.CollectIn(ctx, s.db, q, images, nil, func(in string) string {
		return `select id, content_id from image where content_id is not null and id in ` + in
	}, func(rows *sql.Rows) error {
		var image, content int64
		err := rows.Scan(&image, &content)
		out[image] = content
		return err
	})
}

// eachVulnerable calls fn for each package version with findings of each of the contents. Contents share sets of
// packages; what is in each is read once.
func (s *Store) eachVulnerable(ctx context.Context, q sqldb.Querier, contents []int64, fn func(content int64, v *vulnerable)) error {
	contentsOf := make(map[int64][]int64) // by set
	if err := sqldb.CollectIn(ctx, s.db, q, contents, nil, func(in string) string {
		return `select content_id, set_id from content_set where content_id in ` + in
	}, func(rows *sql.Rows) error {
		var content, set int64
		err := rows.Scan(&content, &set)
		contentsOf[set] = append(contentsOf[set], content)
		return err
	}); err != nil {
		return err
	}
	return sqldb.CollectIn(ctx, s.db, q, slices.Sorted(maps.Keys(contentsOf)), nil, func(in string) string {
		return `select p.set_id, v.id, v.type, v.name, v.version, v.source, v.source_version, v.critical, v.high, v.medium, v.low, v.unspecified
			from package_set_package as p cross join package_version as v
			where p.set_id in ` + in + ` and v.id = p.package_version_id and v.worst_first is not null`
	}, func(rows *sql.Rows) error {
		var set int64
		var v vulnerable
		var p crowsnest.PackageVersion
		n := &v.findings
		if err := rows.Scan(&set, &v.id, &p.Type, &p.Name, &p.Version, &p.Source, &p.SourceVersion, &n.Critical, &n.High, &n.Medium, &n.Low, &n.Unspecified); err != nil {
			return err
		}
		v.sought = p.Sought()
		for _, content := range contentsOf[set] {
			fn(content, &v)
		}
		return nil
	})
}

// NotSeen implements store.Environments. It reads the findings of the images that are watched.
func (s *Store) NotSeen(ctx context.Context, org store.OrgID, environment string, digests []crowsnest.Digest) (map[crowsnest.Digest][]store.NotSeenFinding, error) {
	place, err := member.EnvironmentID(ctx, s.db, org, environment)
	if err != nil {
		return nil, err
	}
	out, err := s.notSeen(ctx, org, place, digests)
	return out, s.db.Error("read what was not seen loaded in", environment, err)
}

func (s *Store) notSeen(ctx context.Context, org store.OrgID, environment int64, digests []crowsnest.Digest) (map[crowsnest.Digest][]store.NotSeenFinding, error) {
	images := make(map[int64]crowsnest.Digest, len(digests))
	if err := sqldb.CollectIn(ctx, s.db, s.db.Reader, digests, []any{org}, func(in string) string {
		return `select id, digest from image where organisation_id = $1 and digest in ` + in
	}, func(rows *sql.Rows) error {
		var id int64
		var digest crowsnest.Digest
		err := rows.Scan(&id, &digest)
		images[id] = digest
		return err
	}); err != nil {
		return nil, err
	}
	watches, err := use.Images(ctx, s.db, s.db.Reader, environment, slices.Sorted(maps.Keys(images)))
	if err != nil {
		return nil, err
	}
	watched := make(map[int64]crowsnest.Watch, len(watches))
	for place, watch := range watches {
		if !watch.Stale {
			watched[place.Image] = watch
		}
	}
	out := make(map[crowsnest.Digest][]store.NotSeenFinding)
	aliases := make(map[string][]string) // many findings share their text
	return out, sqldb.CollectIn(ctx, s.db, s.db.Reader, slices.Sorted(maps.Keys(watched)), nil, func(in string) string {
		return `select i.id, v.type, v.name, v.version, v.source, v.source_version, v.purl, f.vulnerability, f.aliases
			from image as i cross join content_set as cs cross join package_set_package as p cross join finding as f cross join package_version as v
			where i.id in ` + in + ` and cs.content_id = i.content_id and p.set_id = cs.set_id and f.package_version_id = p.package_version_id
			and f.closed_at is null and f.decides and v.id = p.package_version_id`
	}, func(rows *sql.Rows) error {
		var image int64
		var text string
		var p crowsnest.PackageVersion
		var f store.NotSeenFinding
		if err := rows.Scan(&image, &p.Type, &p.Name, &p.Version, &p.Source, &p.SourceVersion, &f.PURL, &f.Vulnerability, &text); err != nil {
			return err
		}
		if watched[image].InUse(p) != crowsnest.NotSeen {
			return nil
		}
		list, ok := aliases[text]
		if !ok {
			if err := sqldb.FromJSON(text, &list); err != nil {
				return err
			}
			aliases[text] = list
		}
		f.Aliases = list
		out[images[image]] = append(out[images[image]], f)
		return nil
	})
}
