package sqlstore

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/decision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/feed"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/registry"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/use"
)

// imageColumns selects what scanImage reads.
func (s *Store) imageColumns() string {
	return `i.id, i.name, i.digest, i.image_id, i.platform, i.size, i.state, i.reason, i.recorded_at, i.removed_at, coalesce(c.distribution, ''),
	coalesce(c.packages, 0), coalesce(c.critical, 0), coalesce(c.high, 0), coalesce(c.medium, 0), coalesce(c.low, 0), coalesce(c.unspecified, 0),
	` + s.db.Length(`c.problems`)
}

// imageRow carries the number beside what is shown.
type imageRow struct {
	store.ImageRow
	id int64
}

func scanImage(row interface{ Scan(...any) error }) (imageRow, error) {
	var r imageRow
	var platform, distribution string
	var recorded int64
	var removed sql.NullInt64
	v := &r.Summary
	if err := row.Scan(&r.id, &r.Name, &r.Digest, &r.ImageID, &platform, &r.Size, &r.State, &r.Reason, &recorded, &removed, &distribution,
		&r.Packages, &v.Critical, &v.High, &v.Medium, &v.Low, &v.Unspecified, &r.Problems); err != nil {
		return r, err
	}
	r.Recorded, r.Removed = sqldb.Time(recorded), sqldb.NullTime(removed)
	var err error
	if platform == "" {
		r.Platform = crowsnest.Platform{} // a folder is for none
	} else if r.Platform, err = crowsnest.ParsePlatform(platform); err != nil {
		return r, err
	}
	if err := sqldb.FromJSON(distribution, &r.Release); err != nil {
		return r, err
	}
	r.Distribution = r.Release.Name
	return r, nil
}

// Images implements store.Images.
func (s *Store) Images(ctx context.Context, org store.OrgID, filter store.ImageFilter, page store.Page) (store.List[store.ImageRow], error) {
	rows, next, err := s.imageRows(ctx, org, filter, page)
	if err != nil {
		return store.List[store.ImageRow]{}, err
	}
	place, err := placeOfFilter(ctx, s.db, org, filter)
	if err != nil {
		return store.List[store.ImageRow]{}, err
	}
	items, err := s.countImages(ctx, org, place, rows)
	if err == nil && filter.Environment != "" && filter.At.IsZero() {
		err = s.fillUse(ctx, org, filter.Environment, rows, items)
	}
	return store.List[store.ImageRow]{Items: items, Next: next}, err
}

// fillUse says of images that run in an environment what of their findings is in use there, and takes out of their counts
// what does not count.
func (s *Store) fillUse(ctx context.Context, org store.OrgID, environment string, rows []imageRow, counted []store.ImageRow) error {
	id, err := member.EnvironmentID(ctx, s.db, org, environment)
	if err != nil {
		return err
	}
	sums, err := s.Sums(ctx, s.db.Reader, org, id)
	if err != nil {
		return s.db.Error("read what is in use in", environment, err)
	}
	for i, row := range rows {
		used := sums.Images[row.id]
		counted[i].Summary = used.Counted(counted[i].Summary)
		if used.Findings.Loaded.Total()+used.Findings.NotSeen.Total() > 0 { // not observed is not none
			counted[i].InUse = &used.Findings.Loaded
		}
	}
	return nil
}

// imageRows reads a page of images and the cursor of the next.
func (s *Store) imageRows(ctx context.Context, org store.OrgID, filter store.ImageFilter, page store.Page) ([]imageRow, string, error) {
	limit := sqldb.Limit(page)
	head, from, content, args := ``, `image as i`, `i.content_id`, []any{org}
	if filter.Environment != "" {
		id, err := placeOf(ctx, s.db, org, filter.Environment, filter.At)
		if err != nil {
			return nil, "", err
		}
		head, args = member.Table(`0`, member.Within(id)), append(args, id)
		if !filter.At.IsZero() {
			head, args = member.TableAt(), append(args, filter.At.UnixMicro())
			content = `coalesce(i.content_id, i.past_content_id)`
		}
		from = `(select distinct image_id from member where state = 'analysed') as m join image as i on i.id = m.image_id`
	}
	text := ``
	if filter.Repository != "" {
		args = append(args, filter.Repository)
		text = ` and i.id in (` + registry.ImagesOf(sqldb.Dollar(len(args))) + `)`
	}
	if filter.Query != "" {
		args = append(args, sqldb.Pattern(filter.Query))
		contains := ``
		for _, column := range []string{`i.name`, `i.digest`, `i.image_id`, s.db.Text(`c.distribution`, `name`)} {
			contains += ` or ` + sqldb.Contains(column, sqldb.Dollar(len(args)))
		}
		text += ` and (false` + contains + `)`
	}
	n := len(args)

	var order string
	var key func(imageRow) string
	switch filter.Sort {
	case store.SortNewest:
		var recorded int64
		var digest string
		more, err := sqldb.ReadCursor(page.Cursor, &recorded, &digest)
		if err != nil {
			return nil, "", err
		}
		if !more {
			recorded = 1 << 62
		}
		args = append(args, recorded, digest)
		order = `(i.recorded_at, i.digest) < (` + sqldb.Dollar(n+1) + `, ` + sqldb.Dollar(n+2) + `) order by i.recorded_at desc, i.digest desc`
		key = func(r imageRow) string { return sqldb.Cursor(r.Recorded.UnixMicro(), string(r.Digest)) }
	case store.SortName, "":
		var name, digest string
		if _, err := sqldb.ReadCursor(page.Cursor, &name, &digest); err != nil {
			return nil, "", err
		}
		args = append(args, name, digest)
		order = `(i.name, i.digest) > (` + sqldb.Dollar(n+1) + `, ` + sqldb.Dollar(n+2) + `) order by i.name, i.digest`
		key = func(r imageRow) string { return sqldb.Cursor(r.Name, string(r.Digest)) }
	default:
		return nil, "", &crowsnest.Error{Kind: crowsnest.Invalid, Op: "sort images by", Subject: string(filter.Sort), Hint: "use name or newest"}
	}
	args = append(args, limit+1)
	rows, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (imageRow, error) { return scanImage(rows) },
		head+`select `+s.imageColumns()+` from `+from+` left join content as c on c.id = `+content+`
		where i.organisation_id = $1`+text+` and `+order+` limit `+sqldb.Dollar(n+3), args...)
	if err != nil {
		return nil, "", s.db.Error("list images", "", err)
	}
	part := sqldb.Cut(rows, limit, key)
	return part.Items, part.Next, nil
}

// Image implements store.Images.
func (s *Store) Image(ctx context.Context, org store.OrgID, key string) (store.ImageRow, error) {
	find := func(where, order string, args ...any) ([]imageRow, error) {
		return sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (imageRow, error) { return scanImage(rows) },
			`select `+s.imageColumns()+` from image as i left join content as c on c.id = i.content_id
			where i.organisation_id = $1 and `+where+` order by `+order+` limit 2`, append([]any{org}, args...)...)
	}
	byState := `case i.state when 'removed' then 1 else 0 end, ` + member.StateOrder(`i`) + `, i.digest`
	missing := &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find image", Subject: key, Hint: "list what is known with GET /api/v1/images, or have it analysed first"}

	var rows []imageRow
	var err error
	if digest, perr := crowsnest.ParseDigest(key); perr == nil {
		// What was read from a file of docker save goes by the digest of its configuration, which
		// other images may share: one's own digest comes first.
		rows, err = find(`i.id in (select a.image_id from digest as d join alias as a on a.digest_id = d.id where d.organisation_id = $1 and d.digest = $2)`,
			`case when i.digest = $2 then 0 else 1 end, `+byState, digest)
	} else if prefix := strings.TrimPrefix(key, crowsnest.DigestPrefix); len(prefix) >= 12 && isHex(prefix) {
		from := crowsnest.DigestPrefix + prefix
		rows, err = find(`i.id in (select a.image_id from digest as d join alias as a on a.digest_id = d.id where d.organisation_id = $1 and d.digest >= $2 and d.digest < $3)`, byState, from, from+"g")
		if err == nil && len(rows) > 1 && rows[0].Digest != rows[1].Digest {
			return store.ImageRow{}, &crowsnest.Error{Kind: crowsnest.Conflict, Op: "find image", Subject: key, Hint: "several images begin with these digits; give more of them"}
		}
	} else {
		// A tag names what it was last seen to name, whatever else was asked for under it: what was pushed and is
		// not analysed yet does not lead to what it named before.
		var pushed bool
		if i := strings.LastIndexByte(key, ':'); i > 0 {
			rows, err = find(`i.id in (select a.image_id from tag as t join digest as d on d.organisation_id = t.organisation_id and d.digest = t.target
				join alias as a on a.digest_id = d.id
				where t.organisation_id = $1 and t.repository = $2 and t.name = $3 and t.closed_at is null)`, byState, key[:i], key[i+1:])
			if err == nil && len(rows) == 0 {
				err = s.db.Reader.QueryRowContext(ctx, `select exists (select 1 from tag where organisation_id = $1 and repository = $2 and name = $3 and closed_at is null)`, org, key[:i], key[i+1:]).Scan(&pushed)
			}
		}
		if err == nil && len(rows) == 0 && !pushed {
			rows, err = find(`i.name = $2`, `i.recorded_at desc, i.digest`, key)
		}
	}
	if err != nil {
		return store.ImageRow{}, s.db.Error("find image", key, err)
	}
	if len(rows) == 0 {
		return store.ImageRow{}, missing
	}
	list, err := s.countImages(ctx, org, everywhere, rows[:1])
	if err != nil {
		return store.ImageRow{}, err
	}
	if err := s.NoteLookup(ctx, rows[0].id); err != nil {
		return store.ImageRow{}, err
	}
	if list[0].State == store.Removed {
		return list[0], nil // how it wants to run is part of the content
	}
	list[0].Detail, err = s.imageDetail(ctx, org, rows[0].id)
	return list[0], s.db.Error("read configuration of image", key, err)
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

// The places of countImages that are no environment.
const (
	everywhere int64 = 0
	past       int64 = -2 // decisions are of now: what was is shown as it was
)

// placeOfFilter returns the place in which images of a filter are shown.
func placeOfFilter(ctx context.Context, db *sqldb.DB, org store.OrgID, filter store.ImageFilter) (int64, error) {
	switch {
	case filter.Environment == "":
		return everywhere, nil
	case !filter.At.IsZero():
		return past, nil
	}
	return member.EnvironmentID(ctx, db, org, filter.Environment)
}

// countImages adds environments to a page of images, and takes out of their counts what is suppressed where they are shown.
func (s *Store) countImages(ctx context.Context, org store.OrgID, place int64, rows []imageRow) ([]store.ImageRow, error) {
	standing := &decision.Standing{}
	if place != past {
		var err error
		if standing, err = s.Standing(ctx, s.db.Reader, org, place); err != nil {
			return nil, s.db.Error("read what is suppressed of images", "", err)
		}
	}
	out := make([]store.ImageRow, len(rows))
	index := make(map[int64]int, len(rows))
	numbers := make([]int64, len(rows))
	for i, r := range rows {
		out[i], index[r.id], numbers[i] = r.ImageRow, i, r.id
		if r.State == store.Analysed {
			out[i].Suppressed = standing.Images[r.id]
			out[i].Summary = out[i].Summary.Minus(out[i].Suppressed)
		}
	}
	err := sqldb.CollectIn(ctx, s.db, s.db.Reader, numbers, []any{org}, func(in string) string {
		return `select distinct a.image_id, e.name from alias as a
			join running as r on r.digest_id = a.digest_id
			join environment as e on e.id = r.environment_id and e.organisation_id = $1
			where a.image_id in ` + in + ` order by 1, 2`
	}, func(rows *sql.Rows) error {
		var id int64
		var name string
		err := rows.Scan(&id, &name)
		row := &out[index[id]]
		row.Environments = append(row.Environments, name)
		return err
	})
	return out, s.db.Error("list environments of images", "", err)
}

// contentOf finds the content of one of the organisation's images.
func (s *Store) contentOf(ctx context.Context, org store.OrgID, digest crowsnest.Digest) (int64, error) {
	var content sql.NullInt64
	var state, reason string
	var removed sql.NullInt64
	err := s.db.Reader.QueryRowContext(ctx, `select content_id, state, reason, removed_at from image where organisation_id = $1 and digest = $2`, org, digest).Scan(&content, &state, &reason, &removed)
	if err != nil {
		return 0, s.db.Error("find image", string(digest), err)
	}
	if !content.Valid {
		hint := "it waits for its analysis"
		switch {
		case removed.Valid:
			hint = running.RemovedHint(sqldb.Time(removed.Int64))
		case reason != "":
			hint = "its analysis failed: " + reason
		}
		return 0, &crowsnest.Error{Kind: crowsnest.NotFound, Op: "read analysis of", Subject: string(digest), Hint: hint}
	}
	return content.Int64, nil
}

// ImagePackages implements store.Images.
func (s *Store) ImagePackages(ctx context.Context, org store.OrgID, digest crowsnest.Digest) ([]crowsnest.Package, error) {
	content, err := s.contentOf(ctx, org, digest)
	if err != nil {
		return nil, err
	}
	said := make(map[string][]string) // most packages are under the same licences
	list, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (crowsnest.Package, error) {
		var p crowsnest.Package
		var locations, licences string
		if err := rows.Scan(&p.PURL, &p.Type, &p.Name, &p.Version, &p.Ecosystem, &p.Source, &p.SourceVersion, &locations, &licences); err != nil {
			return p, err
		}
		if err := sqldb.FromJSON(locations, &p.Locations); err != nil {
			return p, err
		}
		var err error
		p.Licences, err = sqldb.FromJSONOnce(licences, said)
		return p, err
	}, `select v.purl, v.type, v.name, v.version, v.ecosystem, v.source, v.source_version, cp.locations, cp.licences
		from content_set as cs
		cross join package_set_package as cp
		cross join package_version as v
		where cs.content_id = $1 and cp.set_id = cs.set_id and v.id = cp.package_version_id order by v.type, v.name, v.version, v.purl`, content)
	return list, s.db.Error("list packages of", string(digest), err)
}

// ImageOmissions implements store.Images.
func (s *Store) ImageOmissions(ctx context.Context, org store.OrgID, digest crowsnest.Digest) (store.Omissions, error) {
	var out store.Omissions
	content, err := s.contentOf(ctx, org, digest)
	if err != nil {
		return out, err
	}
	statuses, err := s.AdvisoryStatuses(ctx)
	if err != nil {
		return out, err
	}
	var problems string
	if err = s.db.Reader.QueryRowContext(ctx, `select problems from content where id = $1`, content).Scan(&problems); err == nil {
		err = sqldb.FromJSON(problems, &out.Problems)
	}
	if err != nil {
		return out, s.db.Error("list problems of", string(digest), err)
	}
	counted, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (m store.MissingAdvisories, err error) {
		return m, rows.Scan(&m.Ecosystem, &m.Type, &m.Packages)
	}, `select v.match_base, v.type, count(*)
		from content_set as cs
		cross join package_set_package as cp
		cross join package_version as v
		where cs.content_id = $1 and cp.set_id = cs.set_id and v.id = cp.package_version_id group by v.match_base, v.type`, content)
	if err != nil {
		return out, s.db.Error("count ecosystems of", string(digest), err)
	}
	out.MissingAdvisories, out.Advisories = store.WithoutAdvisories(counted, statuses), store.AgesOf(counted, statuses)
	feeds, err := s.Feeds(ctx)
	out.ThreatData = store.ThreatDataOf(feeds)
	return out, err
}

// ImageFindings implements store.Images.
func (s *Store) ImageFindings(ctx context.Context, org store.OrgID, digest crowsnest.Digest, environment string) ([]store.FindingRow, error) {
	content, err := s.contentOf(ctx, org, digest)
	if err != nil {
		return nil, err
	}
	watch, err := s.Watch(ctx, org, digest, environment)
	if err != nil {
		return nil, err
	}
	suppress, err := s.Suppressing(ctx, s.db.Reader, org, digest, environment)
	if err != nil {
		return nil, s.db.Error("read what is suppressed of", string(digest), err)
	}
	names, places := make(map[string][]string), make(map[string][]crowsnest.Location) // what many findings share
	list, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (store.FindingRow, error) {
		var f store.FindingRow
		var cvss crowsnest.CVSS
		var aliases, locations string
		var opened int64
		p := &f.Package
		if err := rows.Scan(&f.Vulnerability, &f.Advisory, &aliases, &f.Finding.Summary, &f.Severity, &cvss.Version, &cvss.Score, &cvss.Vector, &f.FixedVersion, &f.State, &f.ScoreFrom, &opened,
			&p.PURL, &p.Type, &p.Name, &p.Version, &p.Ecosystem, &p.Source, &p.SourceVersion, &f.Update.Version, &f.Update.Leaves, &locations); err != nil {
			return f, err
		}
		if cvss.Vector != "" {
			f.CVSS = &cvss
		}
		f.Decides, f.Since = true, sqldb.Time(opened)
		f.InUse = watch.InUse(*p)
		f.NotAffected = !watch.Affects(f.InUse)
		var err error
		if f.Aliases, err = sqldb.FromJSONOnce(aliases, names); err != nil {
			return f, err
		}
		f.Suppressed = suppress(p.PURL, append(slices.Clone(f.Aliases), f.Vulnerability, f.Advisory))
		f.Locations, err = sqldb.FromJSONOnce(locations, places)
		return f, err
	}, `select f.vulnerability, f.advisory_id, f.aliases, f.summary, f.severity, f.cvss_version, f.cvss_score, f.cvss_vector, f.fixed_version, f.state, f.score_from, f.opened_at,
			v.purl, v.type, v.name, v.version, v.ecosystem, v.source, v.source_version, v.update_version, v.update_leaves, cp.locations
		from content_set as cs
		cross join package_set_package as cp
		cross join finding as f
		cross join package_version as v
		where cs.content_id = $1 and cp.set_id = cs.set_id and f.package_version_id = cp.package_version_id and f.closed_at is null and f.decides
			and v.id = cp.package_version_id
		order by f.severity desc, f.cvss_score desc, v.name, v.version, f.vulnerability, v.purl`, content)
	if err != nil {
		return nil, s.db.Error("list findings of", string(digest), err)
	}
	found := make([]string, len(list))
	for i, f := range list {
		found[i] = f.Vulnerability
	}
	threats, err := feed.Threats(ctx, s.db, found)
	for i, f := range list {
		list[i].Threat = threats[f.Vulnerability]
	}
	return list, s.db.Error("list findings of", string(digest), err)
}

// Watch implements store.Images.
func (s *Store) Watch(ctx context.Context, org store.OrgID, digest crowsnest.Digest, environment string) (crowsnest.Watch, error) {
	place := int64(0)
	if environment != "" { // a mistyped name must not look like "not observed"
		var err error
		if place, err = member.EnvironmentID(ctx, s.db, org, environment); err != nil {
			return crowsnest.Watch{}, err
		}
	}
	watch, err := s.watch(ctx, org, digest, place)
	return watch, s.db.Error("read what is in use of", string(digest), err)
}

func (s *Store) watch(ctx context.Context, org store.OrgID, digest crowsnest.Digest, environment int64) (crowsnest.Watch, error) {
	digests, err := sqldb.Collect(ctx, s.db.Reader, sqldb.ScanOne[int64], member.DigestsOf(1, 2), org, digest)
	if err != nil {
		return crowsnest.Watch{}, err
	}
	return use.Digests(ctx, s.db, environment, digests)
}
