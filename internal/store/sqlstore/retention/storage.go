package retention

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/volume"
)

// kinds says which tables are of which sort, the one whose rows count first. Those not named are other.
var kinds = []struct {
	kind   volume.Kind
	tables []string
}{
	{volume.Images, []string{"image", "image_config", "attestation", "attestation_reading", "alias", "digest", "tag", "reported_name"}},
	{volume.Layers, []string{"layer_result", "layer_blob"}},
	{volume.Packages, []string{"package_set_package", "package_version", "package_set", "content_set", "content"}},
	{volume.Findings, []string{"finding", "vulnerability_name"}},
	{volume.Advisories, []string{"advisory", "advisory_affected", "advisory_source", "advisory_update", "epss", "known_exploited"}},
	{volume.History, []string{"occurrence", "running", "profile", "profile_package", "set_history", "policy_result", "policy_image", "policy_due"}},
	{volume.Jobs, []string{"analysis_request", "running_request", "river_job", "job_process", "retention_run"}},
	{volume.Audit, []string{"audit"}},
}

// measureEvery is how long a measurement is shown. SQLite reads the first bytes of every page for one.
const measureEvery = 5 * time.Minute

// Storage implements store.Retentions.
func (s *Store) Storage(ctx context.Context, org store.OrgID) (volume.Storage, error) {
	s.measuring.Lock() // one at a time, and the others have its answer
	defer s.measuring.Unlock()
	now := sqldb.Time(s.db.Now())
	if s.measured.Measured.IsZero() || now.Sub(s.measured.Measured) >= measureEvery || now.Before(s.measured.Measured) {
		measured, err := s.measure(ctx)
		if err != nil {
			return volume.Storage{}, s.db.Error("measure storage", "", err)
		}
		measured.Measured = now
		s.measured = measured
	}
	return s.measured, nil
}

// tablesOf reads name, rows and bytes of each table with its indexes. SQLite counts the cells of the leaves,
// which are the rows of a table; those of a table without row numbers are in an index, where some are in inner pages.
var tablesOf = sqldb.Text{
	SQLite: `select m.tbl_name, sum(case when m.type = 'table' then d.cells else 0 end), sum(d.bytes)
		from (select name, sum(pgsize) as bytes, sum(case when pagetype = 'leaf' or pagetype = 'internal' and name in (
				select name from pragma_table_list where wr = 1) then ncell else 0 end) as cells from dbstat group by name) as d
		join sqlite_schema as m on m.name = d.name group by m.tbl_name`,
	Postgres: `select c.relname, cast(greatest(c.reltuples, 0) as bigint), pg_total_relation_size(c.oid) from pg_class as c
		where c.relkind = 'r' and c.relnamespace = (select oid from pg_namespace where nspname = current_schema())`,
}

var sizeOf = sqldb.Text{
	SQLite:   `select p.page_count * s.page_size, f.freelist_count * s.page_size from pragma_page_count as p, pragma_page_size as s, pragma_freelist_count as f`,
	Postgres: `select pg_database_size(current_database()), 0`,
}

func (s *Store) measure(ctx context.Context) (volume.Storage, error) {
	out := volume.Storage{Engine: string(s.db.Engine())}
	if err := s.db.Reader.QueryRowContext(ctx, s.db.Choose(sizeOf)).Scan(&out.Bytes, &out.Free); err != nil {
		return out, err
	}
	type size struct{ rows, bytes int64 }
	tables := make(map[string]size)
	if _, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (struct{}, error) {
		var name string
		var n size
		err := rows.Scan(&name, &n.rows, &n.bytes)
		tables[name] = n
		return struct{}{}, err
	}, s.db.Choose(tablesOf)); err != nil {
		return out, err
	}
	for name, n := range tables {
		if strings.HasPrefix(name, "river_") && name != "river_job" {
			jobs := tables["river_job"]
			tables["river_job"] = size{jobs.rows, jobs.bytes + n.bytes}
			delete(tables, name)
		}
	}
	for _, k := range kinds {
		use := volume.Use{Kind: k.kind, Rows: tables[k.tables[0]].rows}
		for _, name := range k.tables {
			use.Bytes += tables[name].bytes
			delete(tables, name)
		}
		out.Kinds = append(out.Kinds, use)
	}
	rest := volume.Use{Kind: volume.Other}
	for name, n := range tables {
		rest.Bytes += n.bytes
		if !strings.HasPrefix(name, "sqlite_") {
			rest.Rows += n.rows
		}
	}
	out.Kinds = append(out.Kinds, rest)
	return out, nil
}
