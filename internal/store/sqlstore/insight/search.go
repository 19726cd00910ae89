package insight

import (
	"context"
	"database/sql"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// last sorts after every text that begins with what is before it.
const last = "\U0010FFFF"

// readAhead bounds the rows read for each hit where several rows may be one hit.
const readAhead = 20

// Search implements store.Overviews. Names of images and packages are searched for a part,
// which reads an index once at most; there are too many workloads and names of
// vulnerabilities for that, and these are searched by how they begin.
func (s *Store) Search(ctx context.Context, org store.OrgID, query string, limit int) (store.SearchResult, error) {
	var out store.SearchResult
	query = strings.TrimSpace(query)
	if query == "" {
		return out, nil
	}
	for _, part := range []func(context.Context, store.OrgID, string, int, *store.SearchResult) error{
		s.searchImages, s.searchPackages, s.searchVulnerabilities, s.searchWorkloads, s.searchEnvironments,
	} {
		if err := part(ctx, org, query, limit, &out); err != nil {
			return store.SearchResult{}, s.db.Error("search", "", err)
		}
	}
	return out, nil
}

// minDigits is how many digits of a digest are searched for.
const minDigits = 6

func (s *Store) searchImages(ctx context.Context, org store.OrgID, query string, limit int, out *store.SearchResult) error {
	scan := func(rows *sql.Rows) (store.ImageHit, error) {
		var h store.ImageHit
		return h, rows.Scan(&h.Name, &h.Digest, &h.State)
	}
	var err error
	digits := strings.TrimPrefix(strings.ToLower(query), crowsnest.DigestPrefix)
	if len(digits) >= minDigits && strings.Trim(digits, "0123456789abcdef") == "" {
		from := crowsnest.DigestPrefix + digits
		if out.Images, err = sqldb.Collect(ctx, s.db.Reader, scan, `select distinct i.name, i.digest, i.state from digest as d cross join alias as a cross join image as i
			where d.organisation_id = $1 and d.digest >= $2 and d.digest < $3 and a.digest_id = d.id and i.id = a.image_id
			order by i.name, i.digest limit $4`, org, from, from+last, limit); err != nil {
			return err
		}
	}
	if len(out.Images) > 0 {
		return nil
	}
	out.Images, err = sqldb.Collect(ctx, s.db.Reader, scan, `select i.name, i.digest, i.state from image as i
		where i.organisation_id = $1 and `+sqldb.Contains(`i.name`, `$2`)+` order by i.name, i.digest limit $3`, org, sqldb.Pattern(query), limit)
	return err
}

// searchPackages finds names that begin with the query before those that contain it.
func (s *Store) searchPackages(ctx context.Context, org store.OrgID, query string, limit int, out *store.SearchResult) error {
	v, err := s.scope(ctx, org, "")
	if err != nil {
		return err
	}
	seen := make(map[store.PackageHit]bool)
	find := func(where string, args ...any) error {
		hits, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (store.PackageHit, error) {
			var h store.PackageHit
			return h, rows.Scan(&h.Name, &h.Type)
		}, `select distinct v.name, v.type from package_version as v where `+where+` and `+v.has(`v.id`)+` order by v.name, v.type limit `+v.after(len(args)+1),
			v.followed(append(args, limit)...)...)
		for _, h := range hits {
			if !seen[h] && len(out.Packages) < limit {
				seen[h] = true
				out.Packages = append(out.Packages, h)
			}
		}
		return err
	}
	if err := find(`v.name >= `+v.after(1)+` and v.name < `+v.after(2), query, query+last); err != nil || len(out.Packages) == limit {
		return err
	}
	return find(sqldb.Contains(`v.name`, v.after(1)), sqldb.Pattern(query))
}

// vulnerabilityPrefix writes the beginning of a vulnerability's name as names are written.
func vulnerabilityPrefix(query string) string {
	upper := strings.ToUpper(query)
	switch {
	case strings.HasPrefix(upper, "GHSA-"): // the rest is in lower case
		return "GHSA-" + strings.ToLower(query[len("GHSA-"):])
	case query[0] >= '0' && query[0] <= '9':
		return "CVE-" + query
	}
	return upper
}

func (s *Store) searchVulnerabilities(ctx context.Context, org store.OrgID, query string, limit int, out *store.SearchResult) error {
	v, err := s.scope(ctx, org, "")
	if err != nil {
		return err
	}
	prefix := vulnerabilityPrefix(query)
	hits, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (store.VulnerabilityHit, error) {
		var h store.VulnerabilityHit
		return h, rows.Scan(&h.Name, &h.ID, &h.Severity)
	}, `select n.name, n.vulnerability, n.severity from (
			select n.name, n.vulnerability, (select max(f.severity) from finding as f
				where f.vulnerability = n.vulnerability and f.closed_at is null and f.decides and `+v.has(`f.package_version_id`)+`) as severity
			from vulnerability_name as n where n.name >= `+v.after(1)+` and n.name < `+v.after(2)+`
		) as n where n.severity is not null order by n.name, n.vulnerability limit `+v.after(3), v.followed(prefix, prefix+last, readAhead*limit)...)
	seen := make(map[string]bool)
	for _, h := range hits {
		if !seen[h.ID] && len(out.Vulnerabilities) < limit {
			seen[h.ID] = true
			out.Vulnerabilities = append(out.Vulnerabilities, h)
		}
	}
	return err
}

// searchWorkloads finds what runs now by the beginning of its name, then of its namespace.
func (s *Store) searchWorkloads(ctx context.Context, org store.OrgID, query string, limit int, out *store.SearchResult) error {
	seen := make(map[store.WorkloadHit]bool)
	for _, column := range []string{`name`, `namespace`} {
		hits, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (store.WorkloadHit, error) {
			var h store.WorkloadHit
			return h, rows.Scan(&h.Environment, &h.Cluster, &h.Namespace, &h.Kind, &h.Name)
		}, `select e.name, o.cluster, o.namespace, o.kind, o.name from (
				select o.environment_id, o.cluster, o.namespace, o.kind, o.name from occurrence as o
				where o.organisation_id = $1 and o.closed_at is null and o.`+column+` >= $2 and o.`+column+` < $3 order by o.`+column+` limit $4
			) as o join environment as e on e.id = o.environment_id order by o.name, o.namespace, o.kind, e.name, o.cluster`,
			org, sqldb.Lower(query), sqldb.Lower(query)+last, readAhead*limit)
		if err != nil {
			return err
		}
		for _, h := range hits {
			if !seen[h] && len(out.Workloads) < limit {
				seen[h] = true
				out.Workloads = append(out.Workloads, h)
			}
		}
	}
	return nil
}

func (s *Store) searchEnvironments(ctx context.Context, org store.OrgID, query string, limit int, out *store.SearchResult) (err error) {
	out.Environments, err = sqldb.Collect(ctx, s.db.Reader, sqldb.ScanOne[string], `select e.name from environment as e
		where e.organisation_id = $1 and e.deleted_at is null and `+sqldb.Contains(`e.name`, `$2`)+` order by e.name limit $3`, org, sqldb.Pattern(query), limit)
	return err
}

// OrganisationName implements store.Overviews.
func (s *Store) OrganisationName(ctx context.Context, org store.OrgID) (string, error) {
	var name string
	err := s.db.Reader.QueryRowContext(ctx, `select name from organisation where id = $1`, org).Scan(&name)
	return name, s.db.Error("find organisation", string(org), err)
}
