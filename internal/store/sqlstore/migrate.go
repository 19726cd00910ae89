package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"
	"log/slog"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// migrate brings the schema up to date. On PostgreSQL a lock lets one replica do
// it while the others wait; SQLite's write transactions exclude each other anyway.
func migrate(ctx context.Context, eng engine, db *sql.DB) error {
	wrap := func(err error) error {
		return &crowsnest.Error{Kind: crowsnest.Internal, Op: "bring database schema up to date", Subject: string(eng.name),
			Hint: "the database may belong to a newer version of Crowsnest or to another program", Err: err}
	}
	folder, err := fs.Sub(migrations, "migrations/"+string(eng.name))
	if err != nil {
		return wrap(err)
	}
	opts := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler))}
	if eng.name == Postgres {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return wrap(err)
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(eng.dialect, db, folder, opts...)
	if err != nil {
		return wrap(err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return wrap(err)
	}
	return nil
}
