package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/due"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/registry"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// RequestAnalysis implements store.Analyses.
func (s *Store) RequestAnalysis(ctx context.Context, org store.OrgID, reference, platform string) (store.AnalysisRequest, error) {
	req := store.AnalysisRequest{ID: sqldb.NewUUID(), Org: org, Reference: reference, Platform: platform, State: store.Queued, Lane: store.PeopleLane}
	err := s.db.Write(ctx, "request analysis of", reference, func(tx *sql.Tx, now int64) error {
		req.Created = sqldb.Time(now)
		if _, err := tx.ExecContext(ctx, `insert into analysis_request (id, organisation_id, reference, platform, state, reason, digest, created_at)
			values ($1, $2, $3, $4, $5, '', '', $6)`, req.ID, org, reference, platform, req.State, now); err != nil {
			return err
		}
		if err := s.queue.Enqueue(ctx, tx, store.Work{Kind: store.AnalyseWork, ID: req.ID, Lane: req.Lane}); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.AnalysesResource)
	})
	return req, err
}

const (
	requestColumns = `id, organisation_id, reference, platform, state, reason, digest, created_at, finished_at, lane, coalesce(registry_id, ''), tag`
	selectRequest  = `select ` + requestColumns + ` from analysis_request`
)

func scanRequest(row interface{ Scan(...any) error }) (store.AnalysisRequest, error) {
	var r store.AnalysisRequest
	var created int64
	var finished sql.NullInt64
	err := row.Scan(&r.ID, &r.Org, &r.Reference, &r.Platform, &r.State, &r.Reason, &r.Digest, &created, &finished, &r.Lane, &r.Registry, &r.Tag)
	r.Created, r.Finished = sqldb.Time(created), sqldb.NullTime(finished)
	return r, err
}

// Request implements store.Analyses.
func (s *Store) Request(ctx context.Context, org store.OrgID, id string) (store.AnalysisRequest, error) {
	r, err := scanRequest(s.db.Reader.QueryRowContext(ctx, selectRequest+` where id = $1 and organisation_id = $2`, id, org))
	return r, s.db.Error("find analysis", id, err)
}

// StartRequest implements store.Analyses.
func (s *Store) StartRequest(ctx context.Context, id string) (req store.AnalysisRequest, err error) {
	var held bool
	err = s.db.Write(ctx, "start analysis", id, func(tx *sql.Tx, now int64) error {
		if held, err = s.Hold(ctx, tx, now, id); err != nil || held {
			return err
		}
		req, err = scanRequest(tx.QueryRowContext(ctx, `update analysis_request set state = $2, reason = '', finished_at = null where id = $1 and (registry_id is null or state <> 'done')
			returning `+requestColumns, id, store.Running))
		if err != nil {
			return err
		}
		return revision.Raise(ctx, tx, req.Org, store.AnalysesResource)
	})
	if err == nil && held {
		err = &crowsnest.Error{Kind: crowsnest.NotFound, Op: "start analysis", Subject: id, Err: errors.New("the registry it was pushed to is paused")}
	}
	return req, err
}

// FinishRequest implements store.Analyses.
func (s *Store) FinishRequest(ctx context.Context, id string, digest crowsnest.Digest, reason string) error {
	state := store.Done
	if reason != "" {
		state = store.Failed
	}
	return s.db.Write(ctx, "finish analysis", id, func(tx *sql.Tx, now int64) error {
		var org store.OrgID
		err := tx.QueryRowContext(ctx, `update analysis_request set state = $2, reason = $3, digest = $4, finished_at = $5 where id = $1 returning organisation_id`,
			id, state, sqldb.NoNUL(reason), digest, now).Scan(&org)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.AnalysesResource)
	})
}

// imageConfig is the part of an image that no query filters by.
type imageConfig struct {
	Created time.Time         `json:"created,omitzero"`
	User    string            `json:"user,omitempty"`
	Labels  map[string]string `json:"labels,omitempty"`
	Config  crowsnest.Config  `json:"config,omitzero"`
	Layers  []crowsnest.Layer `json:"layers,omitempty"`
}

// repositoryOf returns the repository that an image's name says it is of, or nothing.
func repositoryOf(img crowsnest.Image, tag *store.Tag) string {
	if tag != nil {
		return tag.Repository
	}
	if repository, _, ok := strings.Cut(img.Name, "@"+crowsnest.DigestPrefix); ok {
		return repository
	}
	return ""
}

// earliest is the time before which no image was built: builds that are to be the same each
// time say they are from the beginning of time.
var earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

// builtAt returns when an image was built, as far as it can be believed, or else when it is recorded.
func builtAt(img crowsnest.Image, recorded int64) int64 {
	if at := img.Created.UnixMicro(); at >= earliest && at <= recorded {
		return at
	}
	return recorded
}

// heldContent keeps a content that was found from being removed until the transaction ends. SQLite
// has a single writer.
var heldContent = sqldb.Text{Postgres: ` for key share`}

// topLayer returns the diff ID of an image's last layer, or nothing.
func topLayer(img crowsnest.Image) crowsnest.Digest {
	if len(img.Layers) == 0 {
		return ""
	}
	return img.Layers[len(img.Layers)-1].DiffID
}

// RecordImage implements store.Analyses.
func (s *Store) RecordImage(ctx context.Context, org store.OrgID, img crowsnest.Image, tag *store.Tag, analyser string) (known bool, err error) {
	err = s.db.Write(ctx, "record image", img.Name, func(tx *sql.Tx, now int64) error {
		var content sql.NullInt64
		err := tx.QueryRowContext(ctx, `select c.id from content as c where c.digest = $1 and c.analyser = $2 and c.removed_at is null
			and (c.vex = 0 or exists (select 1 from image as i where i.organisation_id = $3 and i.digest = $1 and i.content_id = c.id))`+s.db.Choose(heldContent), img.Digest, analyser, org).Scan(&content)
		if err != nil && err != sql.ErrNoRows {
			return err
		}
		known = content.Valid
		state := store.Found
		if known {
			state = store.Analysed
		}
		config := imageConfig{Created: img.Created, User: img.User, Labels: img.Labels, Config: img.Config, Layers: img.Layers}
		// An image that is analysed stays so until an analysis by the newer analyser replaces it, and one
		// whose content was removed until there is an analysis again.
		var id int64
		if err := tx.QueryRowContext(ctx, `insert into image (id, organisation_id, digest, content_id, image_id, name, repository, platform, size, state, reason, recorded_at, built_at, used_at, layers, top_layer)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', $11, $12, $11, $13, $14)
			on conflict (organisation_id, digest) do update set
				content_id = coalesce(excluded.content_id, image.content_id),
				name = excluded.name, repository = excluded.repository, size = excluded.size, reason = '',
				layers = excluded.layers, top_layer = excluded.top_layer,
				state = case when image.state = 'analysed' or image.state = 'removed' and excluded.content_id is null then image.state else excluded.state end,
				past_content_id = case when excluded.content_id is null then image.past_content_id end,
				removed_at = case when excluded.content_id is null then image.removed_at end, used_at = excluded.used_at
			returning id`,
			sqldb.NewID(), org, img.Digest, content, img.ImageID, img.Name, repositoryOf(img, tag), img.Platform.String(), img.Size, state, now, builtAt(img, now), len(img.Layers), topLayer(img)).Scan(&id); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `insert into image_config (image_id, config) values ($1, $2) on conflict (image_id) do update set config = excluded.config`,
			id, sqldb.JSON(config)); err != nil {
			return err
		}
		kinds := map[string]string{string(img.Index): "index", string(img.ImageID): "config", string(img.Digest): "manifest"}
		delete(kinds, "") // not known
		numbers, err := member.Digests(ctx, s.db, tx, org, slices.Collect(maps.Keys(kinds)))
		if err != nil {
			return err
		}
		var aliases [][]any
		for digest, kind := range kinds {
			aliases = append(aliases, []any{numbers[digest], id, kind})
		}
		if err := s.db.InsertRows(ctx, tx, `insert into alias (digest_id, image_id, kind) values `, aliases,
			` on conflict (digest_id, image_id) do nothing`); err != nil {
			return err
		}
		// What runs may be of this image, so environments change with it.
		raise := func() error {
			if err := due.Images(ctx, s.db, tx, []int64{id}); err != nil {
				return err
			}
			return revision.Raise(ctx, tx, org, store.ImagesResource, store.EnvironmentsResource)
		}
		if tag == nil {
			return raise()
		}
		if err := registry.NameTag(ctx, tx, now, org, *tag); err != nil {
			return err
		}
		return raise()
	})
	return known, err
}

// SaveAnalysis implements store.Analyses.
func (s *Store) SaveAnalysis(ctx context.Context, org store.OrgID, a crowsnest.Analysis, analyser string) error {
	return s.db.Write(ctx, "store analysis of", a.Image.Name, func(tx *sql.Tx, now int64) error {
		content, err := s.SaveContent(ctx, tx, now, a, analyser)
		if err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `update image set content_id = $3, state = $4, reason = '', past_content_id = null, removed_at = null, used_at = $5
			where organisation_id = $1 and digest = $2`,
			org, a.Image.Digest, content, store.Analysed, now)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 1 {
			if err := due.Image(ctx, tx, org, a.Image.Digest); err != nil {
				return err
			}
			return revision.Raise(ctx, tx, org, store.ImagesResource, store.EnvironmentsResource)
		}
		return &crowsnest.Error{Kind: crowsnest.NotFound, Op: "store analysis of", Subject: a.Image.Name, Hint: "record the image first"}
	})
}

// Analyser implements store.Analyses.
func (s *Store) Analyser(ctx context.Context, org store.OrgID, digest crowsnest.Digest) (analyser string, err error) {
	err = s.db.Reader.QueryRowContext(ctx, `select c.analyser from image as i join content as c on c.id = i.content_id where i.organisation_id = $1 and i.digest = $2`, org, digest).Scan(&analyser)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return analyser, s.db.Error("find analysis of", string(digest), err)
}

// FailImage implements store.Analyses.
func (s *Store) FailImage(ctx context.Context, org store.OrgID, digest crowsnest.Digest, kind crowsnest.Kind, reason string) error {
	return s.db.Write(ctx, "record failure of", string(digest), func(tx *sql.Tx, now int64) error {
		if _, err := tx.ExecContext(ctx, `update image set state = case state when 'removed' then state else $3 end, reason = $4, reason_kind = $6 where organisation_id = $1 and digest = $2 and state <> $5`,
			org, digest, store.Failed, sqldb.NoNUL(reason), store.Analysed, kind.String()); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.ImagesResource, store.EnvironmentsResource)
	})
}
