package sqlstore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// RequestAnalysis implements store.Analyses.
func (s *Store) RequestAnalysis(ctx context.Context, org store.OrgID, reference, platform string) (store.AnalysisRequest, error) {
	req := store.AnalysisRequest{ID: newUUID(), Org: org, Reference: reference, Platform: platform, State: store.Queued}
	err := s.write(ctx, "request analysis of", reference, func(tx *sql.Tx, now int64) error {
		req.Created = fromMicros(now)
		if _, err := tx.ExecContext(ctx, `insert into analysis_request (id, organisation_id, reference, platform, state, reason, digest, created_at)
			values ($1, $2, $3, $4, $5, '', '', $6)`, req.ID, org, reference, platform, req.State, now); err != nil {
			return err
		}
		return s.queue.Enqueue(ctx, tx, store.Work{Kind: store.AnalyseWork, ID: req.ID})
	})
	return req, err
}

const selectRequest = `select id, organisation_id, reference, platform, state, reason, digest, created_at, finished_at from analysis_request`

func scanRequest(row interface{ Scan(...any) error }) (store.AnalysisRequest, error) {
	var r store.AnalysisRequest
	var created int64
	var finished sql.NullInt64
	err := row.Scan(&r.ID, &r.Org, &r.Reference, &r.Platform, &r.State, &r.Reason, &r.Digest, &created, &finished)
	r.Created, r.Finished = fromMicros(created), fromNullMicros(finished)
	return r, err
}

// Request implements store.Analyses.
func (s *Store) Request(ctx context.Context, org store.OrgID, id string) (store.AnalysisRequest, error) {
	r, err := scanRequest(s.reader.QueryRowContext(ctx, selectRequest+` where id = $1 and organisation_id = $2`, id, org))
	return r, s.storeError("find analysis", id, err)
}

// StartRequest implements store.Analyses.
func (s *Store) StartRequest(ctx context.Context, id string) (req store.AnalysisRequest, err error) {
	err = s.write(ctx, "start analysis", id, func(tx *sql.Tx, now int64) error {
		req, err = scanRequest(tx.QueryRowContext(ctx, `update analysis_request set state = $2, reason = '', finished_at = null where id = $1
			returning id, organisation_id, reference, platform, state, reason, digest, created_at, finished_at`, id, store.Running))
		return err
	})
	return req, err
}

// FinishRequest implements store.Analyses.
func (s *Store) FinishRequest(ctx context.Context, id string, digest crowsnest.Digest, reason string) error {
	state := store.Done
	if reason != "" {
		state = store.Failed
	}
	return s.write(ctx, "finish analysis", id, func(tx *sql.Tx, now int64) error {
		_, err := tx.ExecContext(ctx, `update analysis_request set state = $2, reason = $3, digest = $4, finished_at = $5 where id = $1`,
			id, state, noNUL(reason), digest, now)
		return err
	})
}

// imageConfig is the part of an image that no query filters by.
type imageConfig struct {
	Created time.Time         `json:"created,omitzero"`
	User    string            `json:"user,omitempty"`
	Labels  map[string]string `json:"labels,omitempty"`
	Layers  []crowsnest.Layer `json:"layers,omitempty"`
}

// RecordImage implements store.Analyses.
func (s *Store) RecordImage(ctx context.Context, org store.OrgID, img crowsnest.Image, tag *store.Tag, analyser string) (known bool, err error) {
	err = s.write(ctx, "record image", img.Name, func(tx *sql.Tx, now int64) error {
		var content sql.NullInt64
		err := tx.QueryRowContext(ctx, `select id from content where digest = $1 and analyser = $2`, img.Digest, analyser).Scan(&content)
		if err != nil && err != sql.ErrNoRows {
			return err
		}
		known = content.Valid
		state := store.Found
		if known {
			state = store.Analysed
		}
		config := imageConfig{Created: img.Created, User: img.User, Labels: img.Labels, Layers: img.Layers}
		// An image that is analysed stays so until an analysis by the newer analyser replaces it.
		if _, err := tx.ExecContext(ctx, `insert into image (organisation_id, digest, content_id, image_id, name, platform, size, config, state, reason, recorded_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $10)
			on conflict (organisation_id, digest) do update set
				content_id = coalesce(excluded.content_id, image.content_id),
				name = excluded.name, size = excluded.size, config = excluded.config, reason = '',
				state = case when image.state = 'analysed' then image.state else excluded.state end`,
			org, img.Digest, content, img.ImageID, img.Name, img.Platform.String(), img.Size, toJSON(config), state, now); err != nil {
			return err
		}
		aliases := [][]any{{org, img.Digest, img.Digest, "manifest"}}
		if img.ImageID != "" && img.ImageID != img.Digest {
			aliases = append(aliases, []any{org, img.ImageID, img.Digest, "config"})
		}
		if img.Index != "" {
			aliases = append(aliases, []any{org, img.Index, img.Digest, "index"})
		}
		if err := insertRows(ctx, tx, `insert into alias (organisation_id, digest, image_digest, kind) values `, aliases,
			` on conflict (organisation_id, digest, image_digest) do nothing`); err != nil {
			return err
		}
		if tag == nil {
			return nil
		}
		if _, err := tx.ExecContext(ctx, `update tag set closed_at = $5 where organisation_id = $1 and repository = $2 and name = $3 and closed_at is null and target <> $4`,
			org, tag.Repository, tag.Name, tag.Target, now); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `insert into tag (id, organisation_id, repository, name, target, opened_at) values ($1, $2, $3, $4, $5, $6)
			on conflict (organisation_id, repository, name) where closed_at is null do nothing`,
			newID(), org, tag.Repository, tag.Name, tag.Target, now)
		return err
	})
	return known, err
}

// SaveAnalysis implements store.Analyses.
func (s *Store) SaveAnalysis(ctx context.Context, org store.OrgID, a crowsnest.Analysis, analyser string) error {
	return s.write(ctx, "store analysis of", a.Image.Name, func(tx *sql.Tx, now int64) error {
		id := newID()
		res, err := tx.ExecContext(ctx, `insert into content (id, digest, analyser, distribution, problems, analysed_at) values ($1, $2, $3, $4, $5, $6)
			on conflict (digest, analyser) do nothing`, id, a.Image.Digest, analyser, toJSON(a.Distribution), toJSON(a.Problems), now)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			// Another request analysed the same content meanwhile; the result is the same.
			if err := tx.QueryRowContext(ctx, `select id from content where digest = $1 and analyser = $2`, a.Image.Digest, analyser).Scan(&id); err != nil {
				return err
			}
		} else if err := savePackages(ctx, tx, id, a.Packages); err != nil {
			return err
		}
		res, err = tx.ExecContext(ctx, `update image set content_id = $3, state = $4, reason = '' where organisation_id = $1 and digest = $2`,
			org, a.Image.Digest, id, store.Analysed)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 1 {
			return err
		}
		return &crowsnest.Error{Kind: crowsnest.NotFound, Op: "store analysis of", Subject: a.Image.Name, Hint: "record the image first"}
	})
}

// identity is the hash under which a package version is one row.
func identity(p crowsnest.PackageVersion) []byte {
	sum := sha256.Sum256([]byte(toJSON(p)))
	return sum[:16]
}

// storable replaces the one character that PostgreSQL's text cannot hold; files in
// images may hold any.
func storable(p crowsnest.PackageVersion) crowsnest.PackageVersion {
	for _, field := range []*string{&p.PURL, &p.Type, &p.Name, &p.Version, &p.Ecosystem, &p.Source, &p.SourceVersion} {
		*field = noNUL(*field)
	}
	return p
}

func noNUL(s string) string { return strings.ReplaceAll(s, "\x00", "\uFFFD") }

// savePackages stores the package versions that are new, marks those as pending,
// and joins all of them to the content.
func savePackages(ctx context.Context, tx *sql.Tx, content int64, packages []crowsnest.Package) error {
	type row struct {
		pkg crowsnest.Package
		key string
	}
	distinct := make(map[string]row, len(packages))
	var identities []any
	for _, p := range packages {
		p.PackageVersion = storable(p.PackageVersion)
		ident := identity(p.PackageVersion)
		key := string(ident)
		if seen, ok := distinct[key]; ok {
			seen.pkg.Locations = append(seen.pkg.Locations, p.Locations...)
			distinct[key] = seen
			continue
		}
		distinct[key] = row{p, key}
		identities = append(identities, ident)
	}
	// In one order everywhere, so that two transactions never wait for each other.
	slices.SortFunc(identities, func(a, b any) int { return bytes.Compare(a.([]byte), b.([]byte)) })
	versions := make([][]any, 0, len(distinct))
	for _, ident := range identities {
		p := distinct[string(ident.([]byte))].pkg.PackageVersion
		names := append(p.MatchNames(), "", "")
		versions = append(versions, []any{newID(), ident, p.PURL, p.Type, p.Name, p.Version, p.Ecosystem, p.Source, p.SourceVersion,
			crowsnest.UseKey(p.Type, p.Name, p.Version), crowsnest.EcosystemBase(p.Ecosystem), names[0], names[1], 1, 0})
	}
	if err := insertRows(ctx, tx, `insert into package_version (id, identity, purl, type, name, version, ecosystem, source, source_version,
		use_key, match_base, match_name, match_binary, generation, matched_generation) values `, versions, ` on conflict (identity) do nothing`); err != nil {
		return err
	}
	var joins [][]any
	if err := eachChunk(identities, func(args []any) error {
		rows, err := tx.QueryContext(ctx, `select id, identity from package_version where identity in `+placeholders(1, len(args)), args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			var ident []byte
			if err := rows.Scan(&id, &ident); err != nil {
				return err
			}
			p := distinct[string(ident)].pkg
			joins = append(joins, []any{content, id, toJSON(p.Locations), toJSON(p.Licences)})
		}
		return rows.Err()
	}); err != nil {
		return err
	}
	return insertRows(ctx, tx, `insert into content_package (content_id, package_version_id, locations, licences) values `, joins, ``)
}

// FailImage implements store.Analyses.
func (s *Store) FailImage(ctx context.Context, org store.OrgID, digest crowsnest.Digest, reason string) error {
	return s.write(ctx, "record failure of", string(digest), func(tx *sql.Tx, now int64) error {
		_, err := tx.ExecContext(ctx, `update image set state = $3, reason = $4 where organisation_id = $1 and digest = $2 and state <> $5`,
			org, digest, store.Failed, noNUL(reason), store.Analysed)
		return err
	})
}
