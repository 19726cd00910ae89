package lineage

import (
	"context"
	"database/sql"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/attestation"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// queries looks up images one by one.
type queries struct {
	db  *sqldb.DB
	org store.OrgID
}

// config is what of an image's configuration counts here.
type config struct {
	Labels map[string]string `json:"labels"`
	Layers []crowsnest.Layer `json:"layers"`
}

func (q queries) topped(ctx context.Context, tops []crowsnest.Digest) ([]candidate, error) {
	var out []candidate
	return out, sqldb.CollectIn(ctx, q.db, q.db.Reader, tops, []any{q.org}, func(in string) string {
		return `select i.id, i.digest, i.layers, i.top_layer, t.repository, t.name, t.closed_at is not null, t.opened_at
			from image as i join alias as a on a.image_id = i.id join digest as d on d.id = a.digest_id
				join tag as t on t.organisation_id = i.organisation_id and t.target = d.digest
			where i.organisation_id = $1 and i.state = 'analysed' and i.top_layer <> '' and i.top_layer in ` + in
	}, func(rows *sql.Rows) error {
		var c candidate
		err := rows.Scan(&c.image, &c.digest, &c.layers, &c.top, &c.repository, &c.tag, &c.moved, &c.opened)
		out = append(out, c)
		return err
	})
}

func (q queries) layers(ctx context.Context, image int64) ([]crowsnest.Layer, error) {
	var text string
	if err := q.db.Reader.QueryRowContext(ctx, `select config from image_config where image_id = $1`, image).Scan(&text); err != nil {
		return nil, err
	}
	var c config
	err := sqldb.FromJSON(text, &c)
	return c.Layers, err
}

func (q queries) named(ctx context.Context, digest crowsnest.Digest, like int64) ([]namesake, error) {
	return sqldb.Collect(ctx, q.db.Reader, func(rows *sql.Rows) (n namesake, err error) {
		var text string
		var c config
		if err = rows.Scan(&text, &n.like); err == nil {
			err = sqldb.FromJSON(text, &c)
		}
		n.layers = c.Layers
		return n, err
	}, `select f.config, i.platform = o.platform from digest as d join alias as a on a.digest_id = d.id
		join image as i on i.id = a.image_id join image_config as f on f.image_id = i.id cross join image as o
		where d.organisation_id = $1 and d.digest = $2 and o.id = $3`, q.org, digest, like)
}

func (q queries) stated(ctx context.Context, image int64) ([][]crowsnest.ImageName, error) {
	return attestation.Bases(ctx, q.db, image)
}
