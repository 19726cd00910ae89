package publish

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/access"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/shared"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// The bounds of what is read to make or to show a share.
const (
	maxNaming  = 1000    // advisories that name a vulnerability
	maxAliases = 100     // names told of one vulnerability
	maxDetail  = 2 << 20 // bytes of ranges and versions of one share, as they are stored
)

// lockOrganisation makes those who share at the same time count one after the other. SQLite has a single writer.
var lockOrganisation = sqldb.Text{
	SQLite:   `select id from organisation where id = $1`,
	Postgres: `select id from organisation where id = $1 for update`,
}

// CreateShare implements store.Shares.
func (s *Store) CreateShare(ctx context.Context, org store.OrgID, request store.ShareRequest) (store.Share, error) {
	id, err := s.has.VulnerabilityID(ctx, org, request.Vulnerability)
	if err != nil {
		return store.Share{}, err
	}
	sources, err := s.naming(ctx, id)
	if err != nil {
		return store.Share{}, s.db.Error("find advisories of", id, err)
	}
	if len(sources) == 0 {
		return store.Share{}, conflict(id, "no advisory held here names it any more; there is nothing to show")
	}
	shown := sources[:min(len(sources), store.MaxSharedSources)]
	share := store.Share{ID: sqldb.NewUUID(), Vulnerability: id, CreatedBy: store.ActorOf(ctx).Name}
	err = s.db.Write(ctx, "share", id, func(tx *sql.Tx, now int64) error {
		share.Created, share.Expires = sqldb.Time(now), sqldb.Time(now+request.Life.Microseconds())
		var locked string
		if err := tx.QueryRowContext(ctx, s.db.Choose(lockOrganisation), org).Scan(&locked); err != nil {
			return err
		}
		var live int
		if err := tx.QueryRowContext(ctx, `select count(*) from share where organisation_id = $1 and vulnerability = $2 and expires_at > $3`, org, id, now).Scan(&live); err != nil {
			return err
		}
		if live >= store.MaxShares {
			return conflict(id, "it has as many links as one may have; revoke one first")
		}
		if _, err := tx.ExecContext(ctx, `insert into share (id, hash, organisation_id, vulnerability, sources, more_sources, created_by, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			share.ID, request.Hash, org, id, sqldb.JSON(shown), len(sources)-len(shown), crowsnest.Text(share.CreatedBy), now, share.Expires.UnixMicro()); err != nil {
			return err
		}
		return access.Record(ctx, tx, now, org, "share.create", id, map[string]string{"id": share.ID, "expires": share.Expires.Format("2006-01-02T15:04:05Z")})
	})
	return share, err
}

func conflict(id, hint string) error {
	return &crowsnest.Error{Kind: crowsnest.Conflict, Op: "share", Subject: id, Hint: hint}
}

// namesIt finds a quoted name in lists of names in JSON. No index has these lists: the table is read through,
// which only who may make a link can cause.
var namesIt = sqldb.Text{
	SQLite: `select id, aliases, instr(aliases, $2) > 0 from advisory
		where id = $1 or instr(aliases, $2) > 0 or instr(upstream, $2) > 0 order by id limit $3`,
	Postgres: `select id, aliases, strpos(aliases, $2) > 0 from advisory
		where id = $1 or strpos(aliases, $2) > 0 or strpos(upstream, $2) > 0 order by id limit $3`,
}

// naming lists the advisories that name a vulnerability, whatever packages anybody has: its own, those that have it
// as another name, those that carry it over to packages, and those whose ID is one of its other names.
func (s *Store) naming(ctx context.Context, id string) ([]string, error) {
	rank := make(map[string]int)
	names := make(map[string]bool)
	rows, err := s.db.Reader.QueryContext(ctx, s.db.Choose(namesIt), id, sqldb.JSON(id), maxNaming)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var advisory, list string
		var alias bool
		var aliases []string
		if err := rows.Scan(&advisory, &list, &alias); err != nil {
			return nil, err
		}
		if err := sqldb.FromJSON(list, &aliases); err != nil {
			return nil, err
		}
		rank[advisory] = 2
		switch {
		case advisory == id:
			rank[advisory] = 0
		case alias:
			rank[advisory] = 1
		}
		for _, name := range others(id, aliases) {
			names[name] = true
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if err := sqldb.CollectIn(ctx, s.db, s.db.Reader, slices.Sorted(maps.Keys(names)), nil, func(in string) string {
		return `select id from advisory where id in ` + in
	}, func(rows *sql.Rows) error {
		var advisory string
		err := rows.Scan(&advisory)
		if _, known := rank[advisory]; !known {
			rank[advisory] = 3
		}
		return err
	}); err != nil {
		return nil, err
	}
	return slices.SortedFunc(maps.Keys(rank), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank[a], rank[b]), strings.Compare(a, b))
	}), nil
}

// others are those of an advisory's aliases that may be other names of a vulnerability. Another CVE is another
// vulnerability: a notice of an update has those of all that it mends.
func others(id string, aliases []string) []string {
	return slices.DeleteFunc(slices.Clone(aliases), func(name string) bool { return name == id || strings.HasPrefix(strings.ToUpper(name), "CVE-") })
}

// Shares implements store.Shares.
func (s *Store) Shares(ctx context.Context, org store.OrgID, vulnerability string) ([]store.Share, error) {
	list, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (v store.Share, err error) {
		var created, expires int64
		err = rows.Scan(&v.ID, &v.Vulnerability, &v.CreatedBy, &created, &expires)
		v.Created, v.Expires = sqldb.Time(created), sqldb.Time(expires)
		return v, err
	}, `select id, vulnerability, created_by, created_at, expires_at from share
		where organisation_id = $1 and ($2 = '' or vulnerability = $2) and expires_at > $3 order by created_at desc, id desc`, org, vulnerability, s.db.Now())
	return list, s.db.Error("list shares", "", err)
}

// RevokeShare implements store.Shares.
func (s *Store) RevokeShare(ctx context.Context, org store.OrgID, id string) error {
	return s.db.Write(ctx, "revoke share", id, func(tx *sql.Tx, now int64) error {
		var vulnerability string
		if err := tx.QueryRowContext(ctx, `delete from share where organisation_id = $1 and id = $2 and expires_at > $3 returning vulnerability`, org, id, now).Scan(&vulnerability); err != nil {
			return err
		}
		return access.Record(ctx, tx, now, org, "share.revoke", vulnerability, map[string]string{"id": id})
	})
}

// Shared implements store.Shares.
func (s *Store) Shared(ctx context.Context, hash []byte) (store.SharedVulnerability, error) {
	var out store.SharedVulnerability
	err := s.db.Snapshot(ctx, func(q sqldb.Querier) error {
		var list string
		var expires int64
		if err := q.QueryRowContext(ctx, `select vulnerability, sources, more_sources, expires_at from share where hash = $1 and expires_at > $2`, hash, s.db.Now()).
			Scan(&out.ID, &list, &out.More, &expires); err != nil {
			return err
		}
		out.Expires = sqldb.Time(expires)
		var ids []string
		if err := sqldb.FromJSON(list, &ids); err != nil {
			return err
		}
		return s.show(ctx, q, ids, &out)
	})
	if err != nil {
		return store.SharedVulnerability{}, s.db.Error("read share", "", err)
	}
	return out, nil
}

// show reads the advisories of a share, in their order.
func (s *Store) show(ctx context.Context, q sqldb.Querier, ids []string, out *store.SharedVulnerability) error {
	found := make(map[string]*store.SharedSource, len(ids))
	names := make(map[string]bool)
	if err := sqldb.CollectIn(ctx, s.db, q, ids, nil, func(in string) string {
		return `select id, aliases, summary, severity, word, published_at, modified_at, withdrawn_at,
			(select coalesce(max(f.position) + 1, 0) from advisory_affected as f where f.advisory_id = advisory.id) from advisory where id in ` + in
	}, func(rows *sql.Rows) error {
		var a store.SharedSource
		var aliases, severity string
		var published, withdrawn sql.NullInt64
		var modified int64
		if err := rows.Scan(&a.ID, &aliases, &a.Summary, &severity, &a.Word, &published, &modified, &withdrawn, &a.More); err != nil {
			return err
		}
		a.Published, a.Modified, a.Withdrawn = sqldb.NullTime(published), sqldb.Time(modified), sqldb.NullTime(withdrawn)
		found[a.ID] = &a
		var list []string
		if err := sqldb.FromJSON(aliases, &list); err != nil {
			return err
		}
		for _, name := range others(out.ID, append(list, a.ID)) {
			names[name] = true
		}
		return sqldb.FromJSON(severity, &a.Severity)
	}); err != nil {
		return err
	}
	left := maxDetail
	if err := sqldb.CollectIn(ctx, s.db, q, ids, []any{store.MaxSharedAffected}, func(in string) string {
		return `select advisory_id, ecosystem, name, detail from advisory_affected where position < $1 and advisory_id in ` + in + ` order by advisory_id, position`
	}, func(rows *sql.Rows) error {
		var id, detail string
		var a crowsnest.Affected
		if err := rows.Scan(&id, &a.Ecosystem, &a.Name, &detail); err != nil {
			return err
		}
		if len(detail) > left {
			return nil // it stays among those that are not shown
		}
		left -= len(detail)
		source := found[id]
		source.Affected, source.More = append(source.Affected, a), source.More-1
		return shared.AffectedDetail(detail, &source.Affected[len(source.Affected)-1])
	}); err != nil {
		return err
	}
	for _, id := range ids {
		if source, ok := found[id]; ok {
			out.Sources = append(out.Sources, *source)
		}
	}
	out.Aliases = slices.Sorted(maps.Keys(names))
	out.Aliases = out.Aliases[:min(len(out.Aliases), maxAliases)]
	return nil
}
