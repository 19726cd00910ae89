// Package attestation keeps what was attested of images.
package attestation

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/due"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Store implements store.Attestations.
type Store struct{ db *sqldb.DB }

// New returns the part of the store that keeps them in db.
func New(db *sqldb.DB) *Store { return &Store{db: db} }

// maxStatement bounds what a stored statement may unpack to; what is read of an image is smaller.
const maxStatement = 64 << 20

// Both are safe for concurrent use.
var (
	packer, _   = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	unpacker, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxStatement))
)

// columns are those of everything but the statement.
const columns = `a.source, a.kind, a.manifest, a.digest, a.media_type, a.predicate_type, a.size, a.provenance, a.problem`

func scan(rows interface{ Scan(...any) error }, more ...any) (a crowsnest.Attestation, err error) {
	var provenance string
	if err = rows.Scan(append([]any{&a.Source, &a.Kind, &a.Manifest, &a.Digest, &a.MediaType, &a.PredicateType, &a.Size, &provenance, &a.Problem}, more...)...); err == nil {
		err = sqldb.FromJSON(provenance, &a.Provenance)
	}
	return a, err
}

// SaveAttestations implements store.Attestations.
func (s *Store) SaveAttestations(ctx context.Context, org store.OrgID, image crowsnest.Digest, list []crowsnest.Attestation) error {
	rows := make([][]any, len(list))
	for i, a := range list { // packed before the transaction, which others wait for
		provenance, statement := "", any(nil)
		if a.Provenance != nil {
			provenance = sqldb.JSON(a.Provenance)
		}
		if a.Statement != nil {
			statement = packer.EncodeAll(a.Statement, nil)
		}
		rows[i] = []any{nil, i, a.Source, a.Kind, a.Manifest, a.Digest, a.MediaType, a.PredicateType, a.Size, provenance, sqldb.NoNUL(a.Problem), statement}
	}
	return s.db.Write(ctx, "store attestations of", string(image), func(tx *sql.Tx, now int64) error {
		// The row is taken first, so that two who read the same image at once come one after the other.
		var id int64
		if err := tx.QueryRowContext(ctx, `update image set used_at = used_at where organisation_id = $1 and digest = $2 returning id`, org, image).Scan(&id); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `delete from attestation where image_id = $1`, id); err != nil {
			return err
		}
		// Documents that were attested come back with what is read of these.
		if _, err := tx.ExecContext(ctx, `delete from vex_document where image_id = $1 and path = ''`, id); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `insert into attestation_reading (image_id, read_at) values ($1, $2) on conflict (image_id) do update set read_at = excluded.read_at`, id, now); err != nil {
			return err
		}
		for _, row := range rows { // one by one: statements are large
			row[0] = id
			if _, err := tx.ExecContext(ctx, `insert into attestation (image_id, position, source, kind, manifest, digest, media_type, predicate_type, size, provenance, problem, statement)
				values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, row...); err != nil {
				return err
			}
		}
		if err := due.Images(ctx, s.db, tx, []int64{id}); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.ImagesResource, store.DecisionsResource)
	})
}

// Attestations implements store.Attestations.
func (s *Store) Attestations(ctx context.Context, org store.OrgID, image crowsnest.Digest) (store.AttestationList, error) {
	var list store.AttestationList
	var id int64
	var read sql.NullInt64
	err := s.db.Reader.QueryRowContext(ctx, `select i.id, r.read_at from image as i left join attestation_reading as r on r.image_id = i.id
		where i.organisation_id = $1 and i.digest = $2`, org, image).Scan(&id, &read)
	if err == nil {
		list.Read = sqldb.NullTime(read)
		list.Items, err = sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (crowsnest.Attestation, error) { return scan(rows) },
			`select `+columns+` from attestation as a where a.image_id = $1 order by a.position`, id)
	}
	return list, s.db.Error("list attestations of", string(image), err)
}

// Attestation implements store.Attestations. Of several with the digest the one that was read comes first.
func (s *Store) Attestation(ctx context.Context, org store.OrgID, image, digest crowsnest.Digest) (crowsnest.Attestation, error) {
	var packed []byte
	a, err := scan(s.db.Reader.QueryRowContext(ctx, `select `+columns+`, a.statement from image as i join attestation as a on a.image_id = i.id
		where i.organisation_id = $1 and i.digest = $2 and a.digest = $3 and a.digest <> '' order by case when a.statement is null then 1 else 0 end, a.position limit 1`, org, image, digest), &packed)
	if err == nil && packed == nil {
		return a, &crowsnest.Error{Kind: crowsnest.NotFound, Op: "read attestation", Subject: string(digest), Hint: "it could not be read: " + a.Problem}
	}
	if err == nil {
		if a.Statement, err = unpacker.DecodeAll(packed, nil); err != nil {
			err = fmt.Errorf("unpack statement: %w", err)
		}
	}
	return a, s.db.Error("read attestation", string(digest), err)
}

// Bases returns what provenance of an image says that it may be built on, by one entry for each statement that counts and names any.
func Bases(ctx context.Context, db *sqldb.DB, image int64) ([][]crowsnest.ImageName, error) {
	found, err := bases(ctx, db.Reader, `where a.image_id = $1`, image)
	return found[image], err
}

// BasesOf returns what Bases does of each image of an organisation.
func BasesOf(ctx context.Context, q sqldb.Querier, org store.OrgID) (map[int64][][]crowsnest.ImageName, error) {
	return bases(ctx, q, `join image as i on i.id = a.image_id where i.organisation_id = $1`, org)
}

func bases(ctx context.Context, q sqldb.Querier, of string, arg any) (map[int64][][]crowsnest.ImageName, error) {
	out := make(map[int64][][]crowsnest.ImageName)
	return out, sqldb.Each(ctx, q, func(rows *sql.Rows) error {
		var image int64
		var text string
		var p crowsnest.Provenance
		if err := rows.Scan(&image, &text); err != nil {
			return err
		}
		err := sqldb.FromJSON(text, &p)
		out[image] = append(out[image], p.Bases)
		return err
	}, `select a.image_id, a.provenance from attestation as a `+of+` and a.kind = 'provenance' and a.provenance <> '' and a.problem = '' order by a.image_id, a.position`, arg)
}
