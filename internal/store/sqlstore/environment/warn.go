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
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// runningImage is an image of which is told what there is to know because it runs.
type runningImage struct {
	digest               crowsnest.Digest
	repository, platform string
	built                int64
	also                 map[crowsnest.Digest]bool // every digest of it
}

// Warnings tells what there is to know of images, by number, because they run. references are
// the names that each is known under, environment where they run, or 0 for wherever. There are as many
// queries for many images as for one.
func (s *Store) Warnings(ctx context.Context, org store.OrgID, environment int64, references map[int64][]string) (map[int64][]store.Warning, error) {
	images, err := s.running(ctx, slices.Collect(maps.Keys(references)))
	if err != nil {
		return nil, s.db.Error("read what runs", "", err)
	}
	out := make(map[int64][]store.Warning)
	if err := s.moved(ctx, org, images, references, out); err != nil {
		return nil, s.db.Error("read tags of what runs", "", err)
	}
	if err := s.newer(ctx, org, images, references, out); err != nil {
		return nil, s.db.Error("read newer images", "", err)
	}
	return out, s.db.Error("compare registries", "", s.unlisted(ctx, org, environment, images, out))
}

func (s *Store) running(ctx context.Context, numbers []int64) (map[int64]*runningImage, error) {
	out := make(map[int64]*runningImage, len(numbers))
	err := sqldb.CollectIn(ctx, s.db, s.db.Reader, numbers, nil, func(in string) string {
		return `select i.id, i.digest, i.repository, i.platform, i.built_at, d.digest from image as i cross join alias as a cross join digest as d
			where i.id in ` + in + ` and a.image_id = i.id and d.id = a.digest_id`
	}, func(rows *sql.Rows) error {
		var id int64
		r := runningImage{also: make(map[crowsnest.Digest]bool)}
		var other crowsnest.Digest
		if err := rows.Scan(&id, &r.digest, &r.repository, &r.platform, &r.built, &other); err != nil {
			return err
		}
		if out[id] == nil {
			out[id] = &r
		}
		out[id].also[other] = true
		return nil
	})
	return out, err
}

// moved warns of references that name something else now.
func (s *Store) moved(ctx context.Context, org store.OrgID, images map[int64]*runningImage, references map[int64][]string, out map[int64][]store.Warning) error {
	of := make(map[string][]int64)
	for id, names := range references {
		for _, n := range names {
			if !slices.Contains(of[n], id) {
				of[n] = append(of[n], id)
			}
		}
	}
	if err := member.EachTag(ctx, s.db, s.db.Reader, org, slices.Sorted(maps.Keys(of)), `t.repository || ':' || t.name, t.target, t.opened_at`, ``, ``, func(rows *sql.Rows) error {
		w := store.Warning{Kind: store.TagMoved}
		var since int64
		if err := rows.Scan(&w.Reference, &w.Digest, &since); err != nil {
			return err
		}
		w.Since = sqldb.Time(since)
		for _, id := range of[w.Reference] {
			if img := images[id]; img != nil && !img.also[w.Digest] {
				w.Running = img.digest
				out[id] = append(out[id], w)
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for _, list := range out {
		slices.SortFunc(list, func(a, b store.Warning) int { return strings.Compare(a.Reference, b.Reference) })
	}
	return nil
}

// version names the images that are versions of each other.
type version struct{ repository, platform string }

// newer warns of images of which a newer version is analysed. Where what is newer goes by no other name than that under
// which the image runs, the tag moved, and that is all there is to say.
func (s *Store) newer(ctx context.Context, org store.OrgID, images map[int64]*runningImage, references map[int64][]string, out map[int64][]store.Warning) error {
	of := make(map[version][]int64)
	for id, img := range images {
		if img.repository != "" {
			v := version{img.repository, img.platform}
			of[v] = append(of[v], id)
		}
	}
	versions := slices.SortedFunc(maps.Keys(of), func(a, b version) int {
		return cmp.Or(strings.Compare(a.repository, b.repository), strings.Compare(a.platform, b.platform))
	})
	for part := range sqldb.Chunks(versions) {
		args := make([]any, 0, 3*len(part))
		for _, v := range part {
			args = append(args, org, v.repository, v.platform)
		}
		newest, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (newestImage, error) {
			var n newestImage
			return n, rows.Scan(&n.id, &n.repository, &n.platform, &n.digest, &n.built)
		}, `with w (organisation_id, repository, platform) as (values `+s.db.Values(len(part), "text", "text", "text")+`)
			select distinct i.id, i.repository, i.platform, i.digest, i.built_at from w cross join image as i
			where i.id = (select j.id from image as j where j.organisation_id = w.organisation_id and j.repository = w.repository and j.platform = w.platform
				and j.state = 'analysed' and j.repository <> '' order by j.built_at desc, j.digest desc limit 1)`, args...)
		if err != nil {
			return err
		}
		names, err := s.tagsOf(ctx, org, newest)
		if err != nil {
			return err
		}
		for _, n := range newest {
			for _, id := range of[n.version] {
				img := images[id]
				if n.built <= img.built {
					continue
				}
				list := names[n.id]
				if len(list) == 0 {
					list = []string{n.repository + "@" + string(n.digest)} // its tags name others now
				}
				other := slices.IndexFunc(list, func(name string) bool { return !slices.Contains(references[id], name) })
				if other >= 0 {
					out[id] = append(out[id], store.Warning{Kind: store.NewerVersion, Reference: list[other], Running: img.digest, Digest: n.digest, Since: sqldb.Time(n.built)})
				}
			}
		}
	}
	return nil
}

// newestImage is the newest analysed version of a repository for a platform.
type newestImage struct {
	version
	id     int64
	digest crowsnest.Digest
	built  int64
}

// tagsOf reads which tags of its repository name an image now, by number; first the one that has done so for longest,
// since tags that move, like latest, come to a new image after its own.
func (s *Store) tagsOf(ctx context.Context, org store.OrgID, images []newestImage) (map[int64][]string, error) {
	numbers := make([]int64, len(images))
	for i, n := range images {
		numbers[i] = n.id
	}
	out := make(map[int64][]string)
	return out, sqldb.CollectIn(ctx, s.db, s.db.Reader, numbers, []any{org}, func(in string) string {
		return `select i.id, t.repository || ':' || t.name, min(t.opened_at) from image as i cross join alias as a cross join digest as d cross join tag as t
			where i.id in ` + in + ` and a.image_id = i.id and d.id = a.digest_id and t.organisation_id = $1 and t.target = d.digest
			and t.closed_at is null and t.repository = i.repository group by i.id, t.repository, t.name order by 1, 3, 2`
	}, func(rows *sql.Rows) error {
		var id, opened int64
		var name string
		err := rows.Scan(&id, &name, &opened)
		out[id] = append(out[id], name)
		return err
	})
}
