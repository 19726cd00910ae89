package lineage

import (
	"context"
	"database/sql"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/attestation"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// library holds all images of an organisation, as far as bases are decided by them.
type library struct {
	images     map[int64]*held
	byDigest   map[crowsnest.Digest][]int64
	byTop      map[crowsnest.Digest][]candidate
	statements map[int64][][]crowsnest.ImageName
}

// held is an image of a library.
type held struct {
	Image
	name     crowsnest.ImageName
	platform string
	analysed bool
}

// readLibrary reads all images of an organisation: each of its tables once.
func readLibrary(ctx context.Context, db *sqldb.DB, q sqldb.Querier, org store.OrgID) (*library, error) {
	l := &library{images: make(map[int64]*held), byDigest: make(map[crowsnest.Digest][]int64), byTop: make(map[crowsnest.Digest][]candidate)}
	if err := sqldb.Each(ctx, q, func(rows *sql.Rows) error {
		var h held
		var text string
		if err := rows.Scan(&h.ID, &h.name.Name, &h.name.Digest, &h.platform, &h.analysed, &text); err != nil {
			return err
		}
		var c config
		err := sqldb.FromJSON(text, &c)
		h.Labels, h.Layers = c.Labels, c.Layers
		l.images[h.ID] = &h
		return err
	}, `select i.id, i.name, i.digest, i.platform, i.state = 'analysed', f.config from image as i join image_config as f on f.image_id = i.id where i.organisation_id = $1`, org); err != nil {
		return nil, err
	}
	if err := sqldb.Each(ctx, q, func(rows *sql.Rows) error {
		var digest crowsnest.Digest
		var id int64
		err := rows.Scan(&digest, &id)
		l.byDigest[digest] = append(l.byDigest[digest], id)
		return err
	}, `select d.digest, a.image_id from digest as d join alias as a on a.digest_id = d.id where d.organisation_id = $1`, org); err != nil {
		return nil, err
	}
	if err := sqldb.Each(ctx, q, func(rows *sql.Rows) error {
		var target crowsnest.Digest
		var c candidate
		err := rows.Scan(&target, &c.repository, &c.tag, &c.moved, &c.opened)
		for _, id := range l.byDigest[target] {
			h := l.images[id]
			if h == nil || !h.analysed || len(h.Layers) == 0 {
				continue
			}
			c.image, c.digest, c.layers, c.top = id, h.name.Digest, len(h.Layers), h.Layers[len(h.Layers)-1].DiffID
			l.byTop[c.top] = append(l.byTop[c.top], c)
		}
		return err
	}, `select target, repository, name, closed_at is not null, opened_at from tag where organisation_id = $1`, org); err != nil {
		return nil, err
	}
	var err error
	l.statements, err = attestation.BasesOf(ctx, q, org)
	return l, err
}

func (l *library) topped(_ context.Context, tops []crowsnest.Digest) ([]candidate, error) {
	var out []candidate
	seen := make(map[crowsnest.Digest]bool, len(tops)) // an image may have a layer twice
	for _, top := range tops {
		if !seen[top] {
			seen[top] = true
			out = append(out, l.byTop[top]...)
		}
	}
	return out, nil
}

func (l *library) layers(_ context.Context, image int64) ([]crowsnest.Layer, error) {
	return l.images[image].Layers, nil
}

func (l *library) named(_ context.Context, digest crowsnest.Digest, like int64) ([]namesake, error) {
	var out []namesake
	for _, id := range l.byDigest[digest] {
		if h := l.images[id]; h != nil {
			out = append(out, namesake{h.Layers, h.platform == l.images[like].platform})
		}
	}
	return out, nil
}

func (l *library) stated(_ context.Context, image int64) ([][]crowsnest.ImageName, error) {
	return l.statements[image], nil
}
