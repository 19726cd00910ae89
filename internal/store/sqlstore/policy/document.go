package policy

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
)

// PolicyDocuments implements store.PolicyEvaluation. What is in a set is read once, however many images have it.
func (s *Store) PolicyDocuments(ctx context.Context, org store.OrgID, images []int64) (subject.Documents, error) {
	out := subject.Documents{Images: make(map[int64]crowsnest.Image), Sets: make(map[int64][]crowsnest.Package)}
	err := sqldb.CollectIn(ctx, s.db, s.db.Reader, images, []any{org}, func(in string) string {
		return `select i.id, i.name, i.digest, i.image_id, i.platform, i.size, f.config from image as i join image_config as f on f.image_id = i.id
			where i.organisation_id = $1 and i.state = 'analysed' and i.id in ` + in
	}, func(rows *sql.Rows) error {
		var id int64
		var img crowsnest.Image
		var platform, text string
		if err := rows.Scan(&id, &img.Name, &img.Digest, &img.ImageID, &platform, &img.Size, &text); err != nil {
			return err
		}
		var config struct {
			Created time.Time         `json:"created"`
			User    string            `json:"user"`
			Labels  map[string]string `json:"labels"`
			Config  crowsnest.Config  `json:"config"`
			Layers  []crowsnest.Layer `json:"layers"`
		}
		if err := sqldb.FromJSON(text, &config); err != nil {
			return err
		}
		img.Created, img.User, img.Labels, img.Config, img.Layers = config.Created, config.User, config.Labels, config.Config, config.Layers
		if p, err := crowsnest.ParsePlatform(platform); err == nil { // what says nothing of its platform has none
			img.Platform = p
		}
		out.Images[id] = img
		return nil
	})
	if err != nil {
		return out, s.db.Error("read what policies see of images", "", err)
	}
	sets := make(map[int64]bool)
	if err := sqldb.CollectIn(ctx, s.db, s.db.Reader, images, []any{org}, func(in string) string {
		return `select distinct c.set_id from image as i join content_set as c on c.content_id = i.content_id where i.organisation_id = $1 and i.state = 'analysed' and i.id in ` + in
	}, func(rows *sql.Rows) error {
		var set int64
		err := rows.Scan(&set)
		sets[set] = true
		return err
	}); err != nil {
		return out, s.db.Error("read what policies see of images", "", err)
	}
	read := make(map[string][]string) // most packages say the same
	err = sqldb.CollectIn(ctx, s.db, s.db.Reader, slices.Sorted(maps.Keys(sets)), nil, func(in string) string {
		return `select p.set_id, v.purl, v.type, v.name, v.version, v.ecosystem, v.source, v.source_version, p.licences
			from package_set_package as p join package_version as v on v.id = p.package_version_id where p.set_id in ` + in + ` order by p.set_id, v.purl, v.id`
	}, func(rows *sql.Rows) error {
		var set int64
		var p crowsnest.Package
		var licences string
		if err := rows.Scan(&set, &p.PURL, &p.Type, &p.Name, &p.Version, &p.Ecosystem, &p.Source, &p.SourceVersion, &licences); err != nil {
			return err
		}
		var err error
		p.Licences, err = sqldb.FromJSONOnce(licences, read)
		out.Sets[set] = append(out.Sets[set], p)
		return err
	})
	return out, s.db.Error("read what policies see of images", "", err)
}
