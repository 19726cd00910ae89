package sqldb

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

// migrationTries bounds how often processes that open a new SQLite file together try.
const migrationTries = 5

// migrate brings the schema up to date. On PostgreSQL a lock lets one replica do
// it while the others wait. On SQLite the version is read before the transaction that
// migrates: of processes that start together all but one find the work done by
// then, and fail; when they try again they find the version as well.
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
	for try := 1; ; try++ {
		if _, err = provider.Up(ctx); err == nil {
			return nil
		}
		if eng.name == Postgres || try == migrationTries || ctx.Err() != nil {
			return wrap(err)
		}
	}
}
