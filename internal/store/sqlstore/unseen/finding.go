package unseen

import (
	"context"
	"database/sql"
	"sync"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// findings keeps what is found in package versions until findings change: after a sweep only what is new is read. The zero value is empty.
type findings struct {
	mu   sync.Mutex
	kept *known
}

// known is what is found in package versions, in one state.
type known struct {
	revision  int64
	byVersion map[int64][]found // those in which nothing is found included
	names     []string
	index     map[string]int32 // in names
	rows      int
}

type found struct {
	id   int64
	name int32
}

// maxFound bounds what is kept, in package versions and findings: some thirty megabytes.
const maxFound = 1_000_000

// in gives fn what is found in package versions, and maybe in others. Nobody else reads or changes that before it returns: who asks at the
// same time waits, and finds it read.
func (f *findings) in(ctx context.Context, db *sqldb.DB, q sqldb.Querier, fn func(*known), versions ...[]int64) error {
	revisions, err := revision.Read(ctx, q, revision.Shared, db.Now())
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.kept == nil || f.kept.revision != revisions[store.FindingsResource] || f.kept.rows > maxFound {
		f.kept = &known{revision: revisions[store.FindingsResource], byVersion: make(map[int64][]found), index: make(map[string]int32)}
	}
	if err := f.kept.read(ctx, db, q, versions); err != nil {
		f.kept = nil // a part of it was not read
		return err
	}
	fn(f.kept)
	return nil
}

// read reads what is found in those package versions of which that is not kept.
func (k *known) read(ctx context.Context, db *sqldb.DB, q sqldb.Querier, versions [][]int64) error {
	var missing []int64
	for _, list := range versions {
		for _, id := range list {
			if _, ok := k.byVersion[id]; !ok {
				k.byVersion[id] = nil
				missing = append(missing, id)
			}
		}
	}
	k.rows += len(missing)
	return sqldb.CollectIn(ctx, db, q, missing, nil, func(in string) string {
		return `select package_version_id, id, vulnerability from finding where package_version_id in ` + in + ` and closed_at is null and decides`
	}, func(rows *sql.Rows) error {
		var version int64
		var at found
		var name sql.RawBytes
		if err := rows.Scan(&version, &at.id, &name); err != nil {
			return err
		}
		n, ok := k.index[string(name)]
		if !ok {
			n = int32(len(k.names)) //nolint:gosec // there are not two billion vulnerabilities
			text := string(name)
			k.index[text] = n
			k.names = append(k.names, text)
		}
		at.name = n
		k.byVersion[version] = append(k.byVersion[version], at)
		k.rows++
		return nil
	})
}
