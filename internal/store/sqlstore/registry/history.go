package registry

import (
	"context"
	"database/sql"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/due"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// NameTag continues the history of a tag by what it names.
func NameTag(ctx context.Context, tx *sql.Tx, now int64, org store.OrgID, tag store.Tag) error {
	if _, err := tx.ExecContext(ctx, `update tag set closed_at = $5 where organisation_id = $1 and repository = $2 and name = $3 and closed_at is null and target <> $4`,
		org, tag.Repository, tag.Name, tag.Target, now); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `insert into tag (id, organisation_id, repository, name, target, opened_at) values ($1, $2, $3, $4, $5, $6)
		on conflict (organisation_id, repository, name) where closed_at is null do nothing`, sqldb.NewID(), org, tag.Repository, tag.Name, tag.Target, now); err != nil {
		return err
	}
	return due.BuiltOn(ctx, tx, org, tag.Repository+":"+tag.Name)
}

// endTag ends what a tag named.
func endTag(ctx context.Context, tx *sql.Tx, now int64, org store.OrgID, tag store.Tag) error {
	if _, err := tx.ExecContext(ctx, `update tag set closed_at = $4 where organisation_id = $1 and repository = $2 and name = $3 and closed_at is null`, org, tag.Repository, tag.Name, now); err != nil {
		return err
	}
	return due.BuiltOn(ctx, tx, org, tag.Repository+":"+tag.Name)
}

// KeepTags implements store.Analyses.
func (s *Store) KeepTags(ctx context.Context, org store.OrgID, tags []store.Tag) error {
	if len(tags) == 0 {
		return nil
	}
	return s.db.Write(ctx, "keep tags of", tags[0].Repository, func(tx *sql.Tx, now int64) error {
		for _, tag := range tags {
			keep := NameTag
			if tag.Target == "" {
				keep = endTag
			}
			if err := keep(ctx, tx, now, org, tag); err != nil {
				return err
			}
		}
		return revision.Raise(ctx, tx, org, store.RepositoriesResource)
	})
}
