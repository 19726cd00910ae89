package environment

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Used splits the findings of images, given by their numbers, by what run time sees of their packages in
// an environment. It reads the vulnerable packages of the images and what their profiles hold, each once.
func (s *Store) Used(ctx context.Context, environment int64, images []int64) (map[int64]store.UseSummary, error) {
	out, err := s.used(ctx, environment, images)
	return out, s.db.Error("read what is in use of images", "", err)
}

func (s *Store) used(ctx context.Context, environment int64, images []int64) (map[int64]store.UseSummary, error) {
	profiles := make(map[int64][]int64) // by image
	all := make(map[int64]map[string]bool)
	if err := sqldb.CollectIn(ctx, s.db, s.db.Reader, images, []any{environment}, func(in string) string {
		return `select distinct a.image_id, o.profile_id from alias as a cross join occurrence as o
			where a.image_id in ` + in + ` and o.digest_id = a.digest_id and o.environment_id = $1 and o.closed_at is null and o.profile_id is not null`
	}, func(rows *sql.Rows) error {
		var image, profile int64
		err := rows.Scan(&image, &profile)
		profiles[image] = append(profiles[image], profile)
		all[profile] = make(map[string]bool)
		return err
	}); err != nil {
		return nil, err
	}
	if err := sqldb.CollectIn(ctx, s.db, s.db.Reader, slices.Sorted(maps.Keys(all)), nil, func(in string) string {
		return `select profile_id, use_key from profile_package where profile_id in ` + in
	}, func(rows *sql.Rows) error {
		var profile int64
		var key string
		err := rows.Scan(&profile, &key)
		all[profile][key] = true
		return err
	}); err != nil {
		return nil, err
	}
	loaded := make(map[int64]map[string]bool) // by image
	for image, list := range profiles {
		if len(list) == 1 {
			loaded[image] = all[list[0]]
			continue
		}
		loaded[image] = make(map[string]bool)
		for _, profile := range list {
			maps.Copy(loaded[image], all[profile])
		}
	}
	out := make(map[int64]store.UseSummary)
	return out, sqldb.CollectIn(ctx, s.db, s.db.Reader, images, nil, func(in string) string {
		return `select i.id, v.type, v.use_key, v.critical, v.high, v.medium, v.low, v.unspecified
			from image as i cross join content_set as cs cross join package_set_package as p cross join package_version as v
			where i.id in ` + in + ` and cs.content_id = i.content_id and p.set_id = cs.set_id and v.id = p.package_version_id and v.worst_first is not null`
	}, func(rows *sql.Rows) error {
		var image int64
		var kind, key string
		var n crowsnest.Summary
		if err := rows.Scan(&image, &kind, &key, &n.Critical, &n.High, &n.Medium, &n.Low, &n.Unspecified); err != nil {
			return err
		}
		u := out[image]
		switch crowsnest.InUseOfKey(kind, key, loaded[image]) {
		case crowsnest.Loaded:
			u.Loaded = u.Loaded.Plus(n)
		case crowsnest.NotSeen:
			u.NotSeen = u.NotSeen.Plus(n)
		default:
			u.NotObserved = u.NotObserved.Plus(n)
		}
		out[image] = u
		return nil
	})
}
