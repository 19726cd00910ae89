package registry

import (
	"context"
	"database/sql"
	"errors"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/due"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// NameTag continues the history of a tag by what it names. Images that get or lose a name by that are due, since what is decided goes by
// names; the caller says that images changed.
func NameTag(ctx context.Context, tx *sql.Tx, now int64, org store.OrgID, tag store.Tag) error {
	var named string
	switch err := tx.QueryRowContext(ctx, `select target from tag where organisation_id = $1 and repository = $2 and name = $3 and closed_at is null`, org, tag.Repository, tag.Name).Scan(&named); {
	case err == nil && named == string(tag.Target):
		return due.BuiltOn(ctx, tx, org, tag.Repository+":"+tag.Name)
	case err == nil:
		if err := endTag(ctx, tx, now, org, tag); err != nil {
			return err
		}
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	if _, err := tx.ExecContext(ctx, `insert into tag (id, organisation_id, repository, name, target, opened_at) values ($1, $2, $3, $4, $5, $6)
		on conflict (organisation_id, repository, name) where closed_at is null do nothing`, sqldb.NewID(), org, tag.Repository, tag.Name, tag.Target, now); err != nil {
		return err
	}
	if err := due.Named(ctx, tx, org, tag.Repository, tag.Name); err != nil {
		return err
	}
	return due.BuiltOn(ctx, tx, org, tag.Repository+":"+tag.Name)
}

// endTag ends what a tag named.
func endTag(ctx context.Context, tx *sql.Tx, now int64, org store.OrgID, tag store.Tag) error {
	if err := due.Named(ctx, tx, org, tag.Repository, tag.Name); err != nil {
		return err
	}
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
		return revision.Raise(ctx, tx, org, store.RepositoriesResource, store.ImagesResource)
	})
}
