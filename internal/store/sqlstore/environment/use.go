package environment

import (
	"context"
	"database/sql"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/use"
)

// Used is what run time sees of an image in an environment.
type Used struct {
	Watch    crowsnest.Watch
	Findings store.UseSummary
}

// Used splits the findings of images, given by their numbers, by what run time sees of their packages in
// an environment. It reads the vulnerable packages of the images and what their profiles hold, each once.
func (s *Store) Used(ctx context.Context, environment int64, images []int64) (map[int64]Used, error) {
	out, err := s.used(ctx, environment, images)
	return out, s.db.Error("read what is in use of images", "", err)
}

func (s *Store) used(ctx context.Context, environment int64, images []int64) (map[int64]Used, error) {
	watches, err := use.Images(ctx, s.db, environment, images)
	if err != nil {
		return nil, err
	}
	out := make(map[int64]Used, len(images))
	for _, image := range images {
		out[image] = Used{Watch: watches[use.Place{Image: image, Environment: environment}]}
	}
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
		u.Findings.Add(u.Watch.InUseOfKey(kind, key), n)
		out[image] = u
		return nil
	})
}
