package sqlstore

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

func dollar(n int) string { return "$" + strconv.Itoa(n) }

const imageColumns = `i.name, i.digest, i.image_id, i.platform, i.size, i.state, i.reason, i.recorded_at, i.content_id, coalesce(c.distribution, '')`

// imageRow carries the content beside what is shown, for the counts that follow.
type imageRow struct {
	store.ImageRow
	content sql.NullInt64
}

func scanImage(row interface{ Scan(...any) error }) (imageRow, error) {
	var r imageRow
	var platform, distribution string
	var recorded int64
	if err := row.Scan(&r.Name, &r.Digest, &r.ImageID, &platform, &r.Size, &r.State, &r.Reason, &recorded, &r.content, &distribution); err != nil {
		return r, err
	}
	r.Recorded = fromMicros(recorded)
	var err error
	if r.Platform, err = crowsnest.ParsePlatform(platform); err != nil {
		return r, err
	}
	var d crowsnest.Distribution
	if err := fromJSON(distribution, &d); err != nil {
		return r, err
	}
	r.Distribution = d.Name
	return r, nil
}

// Images implements store.Images.
func (s *Store) Images(ctx context.Context, org store.OrgID, filter store.ImageFilter, page store.Page) (store.List[store.ImageRow], error) {
	var out store.List[store.ImageRow]
	limit := limitOf(page)
	head, from, args := ``, `image as i`, []any{org}
	if filter.Environment != "" {
		id, err := s.environmentID(ctx, org, filter.Environment)
		if err != nil {
			return out, err
		}
		head, from, args = running(`o.environment_id = $2`), `member as m join image as i on i.organisation_id = $1 and i.digest = m.digest and i.state = 'analysed'`, append(args, id)
	}
	n := len(args)

	var order string
	var key func(imageRow) string
	switch filter.Sort {
	case store.SortNewest:
		var recorded int64
		var digest string
		more, err := readCursor(page.Cursor, &recorded, &digest)
		if err != nil {
			return out, err
		}
		if !more {
			recorded = 1 << 62
		}
		args = append(args, recorded, digest)
		order = `(i.recorded_at < ` + dollar(n+1) + ` or i.recorded_at = ` + dollar(n+1) + ` and i.digest > ` + dollar(n+2) + `) order by i.recorded_at desc, i.digest`
		key = func(r imageRow) string { return cursorOf(r.Recorded.UnixMicro(), string(r.Digest)) }
	case store.SortName, "":
		var name, digest string
		if _, err := readCursor(page.Cursor, &name, &digest); err != nil {
			return out, err
		}
		args = append(args, name, digest)
		order = `(i.name, i.digest) > (` + dollar(n+1) + `, ` + dollar(n+2) + `) order by i.name, i.digest`
		key = func(r imageRow) string { return cursorOf(r.Name, string(r.Digest)) }
	default:
		return out, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "sort images by", Subject: string(filter.Sort), Hint: "use name or newest"}
	}
	args = append(args, limit+1)
	rows, err := collect(ctx, s.reader, func(rows *sql.Rows) (imageRow, error) { return scanImage(rows) },
		head+`select `+imageColumns+` from `+from+` left join content as c on c.id = i.content_id
		where i.organisation_id = $1 and `+order+` limit `+dollar(n+3), args...)
	if err != nil {
		return out, s.storeError("list images", "", err)
	}
	part := pageOf(rows, limit, key)
	out.Next = part.Next
	out.Items, err = s.countImages(ctx, org, part.Items)
	return out, err
}

// Image implements store.Images.
func (s *Store) Image(ctx context.Context, org store.OrgID, key string) (store.ImageRow, error) {
	find := func(where, order string, args ...any) ([]imageRow, error) {
		return collect(ctx, s.reader, func(rows *sql.Rows) (imageRow, error) { return scanImage(rows) },
			`select `+imageColumns+` from image as i left join content as c on c.id = i.content_id
			where i.organisation_id = $1 and `+where+` order by `+order+` limit 2`, append([]any{org}, args...)...)
	}
	const byState = `case i.state when 'analysed' then 0 when 'failed' then 1 else 2 end, i.digest`
	missing := &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find image", Subject: key, Hint: "list what is known with GET /api/v1/images, or have it analysed first"}

	var rows []imageRow
	var err error
	if digest, perr := crowsnest.ParseDigest(key); perr == nil {
		rows, err = find(`i.digest in (select image_digest from alias where organisation_id = $1 and digest = $2)`, byState, digest)
	} else if prefix := strings.TrimPrefix(key, crowsnest.DigestPrefix); len(prefix) >= 12 && isHex(prefix) {
		from := crowsnest.DigestPrefix + prefix
		rows, err = find(`i.digest in (select image_digest from alias where organisation_id = $1 and digest >= $2 and digest < $3)`, byState, from, from+"g")
		if err == nil && len(rows) > 1 && rows[0].Digest != rows[1].Digest {
			return store.ImageRow{}, &crowsnest.Error{Kind: crowsnest.Conflict, Op: "find image", Subject: key, Hint: "several images begin with these digits; give more of them"}
		}
	} else {
		// A tag names what it was last seen to name, whatever else was asked for under it.
		if i := strings.LastIndexByte(key, ':'); i > 0 {
			rows, err = find(`i.digest in (select a.image_digest from tag as t join alias as a on a.organisation_id = t.organisation_id and a.digest = t.target
				where t.organisation_id = $1 and t.repository = $2 and t.name = $3 and t.closed_at is null)`, byState, key[:i], key[i+1:])
		}
		if err == nil && len(rows) == 0 {
			rows, err = find(`i.name = $2`, `i.recorded_at desc, i.digest`, key)
		}
	}
	if err != nil {
		return store.ImageRow{}, s.storeError("find image", key, err)
	}
	if len(rows) == 0 {
		return store.ImageRow{}, missing
	}
	list, err := s.countImages(ctx, org, rows[:1])
	if err != nil {
		return store.ImageRow{}, err
	}
	return list[0], nil
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

// countImages adds packages, findings by severity and environments to a page of images.
func (s *Store) countImages(ctx context.Context, org store.OrgID, rows []imageRow) ([]store.ImageRow, error) {
	out := make([]store.ImageRow, len(rows))
	byContent := make(map[int64][]int)
	byDigest := make(map[crowsnest.Digest]int)
	var contents []int64
	var digests []crowsnest.Digest
	for i, r := range rows {
		out[i] = r.ImageRow
		byDigest[r.Digest] = i
		digests = append(digests, r.Digest)
		if r.content.Valid {
			if byContent[r.content.Int64] == nil {
				contents = append(contents, r.content.Int64)
			}
			byContent[r.content.Int64] = append(byContent[r.content.Int64], i)
		}
	}
	err := eachChunk(contents, func(args []any) error {
		if _, err := collect(ctx, s.reader, func(rows *sql.Rows) (struct{}, error) {
			var content int64
			var n int
			err := rows.Scan(&content, &n)
			for _, i := range byContent[content] {
				out[i].Packages = n
			}
			return struct{}{}, err
		}, `select content_id, count(*) from content_package where content_id in `+placeholders(1, len(args))+` group by content_id`, args...); err != nil {
			return err
		}
		_, err := collect(ctx, s.reader, func(rows *sql.Rows) (struct{}, error) {
			var content int64
			var severity crowsnest.Severity
			var n int
			err := rows.Scan(&content, &severity, &n)
			for _, i := range byContent[content] {
				out[i].Summary.Add(severity, n)
			}
			return struct{}{}, err
		}, `select cp.content_id, f.severity, count(*) from content_package as cp
			join finding as f on f.package_version_id = cp.package_version_id and f.closed_at is null and f.decides
			where cp.content_id in `+placeholders(1, len(args))+` group by cp.content_id, f.severity`, args...)
		return err
	})
	if err == nil {
		err = eachChunk(digests, func(args []any) error {
			_, err := collect(ctx, s.reader, func(rows *sql.Rows) (struct{}, error) {
				var digest crowsnest.Digest
				var name string
				err := rows.Scan(&digest, &name)
				if i, ok := byDigest[digest]; ok {
					out[i].Environments = append(out[i].Environments, name)
				}
				return struct{}{}, err
			}, `select distinct a.image_digest, e.name from alias as a
				join occurrence as o on o.organisation_id = a.organisation_id and o.image_id = a.digest and o.closed_at is null
				join environment as e on e.id = o.environment_id
				where a.organisation_id = $1 and a.image_digest in `+placeholders(2, len(args))+` order by 1, 2`, append([]any{org}, args...)...)
			return err
		})
	}
	return out, s.storeError("count packages and findings", "", err)
}

// contentOf finds the content of one of the organisation's images.
func (s *Store) contentOf(ctx context.Context, org store.OrgID, digest crowsnest.Digest) (int64, error) {
	var content sql.NullInt64
	var state, reason string
	err := s.reader.QueryRowContext(ctx, `select content_id, state, reason from image where organisation_id = $1 and digest = $2`, org, digest).Scan(&content, &state, &reason)
	if err != nil {
		return 0, s.storeError("find image", string(digest), err)
	}
	if !content.Valid {
		hint := "it waits for its analysis"
		if reason != "" {
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
	list, err := collect(ctx, s.reader, func(rows *sql.Rows) (crowsnest.Package, error) {
		var p crowsnest.Package
		var locations, licences string
		if err := rows.Scan(&p.PURL, &p.Type, &p.Name, &p.Version, &p.Ecosystem, &p.Source, &p.SourceVersion, &locations, &licences); err != nil {
			return p, err
		}
		if err := fromJSON(locations, &p.Locations); err != nil {
			return p, err
		}
		return p, fromJSON(licences, &p.Licences)
	}, `select v.purl, v.type, v.name, v.version, v.ecosystem, v.source, v.source_version, cp.locations, cp.licences
		from content_package as cp join package_version as v on v.id = cp.package_version_id
		where cp.content_id = $1 order by v.type, v.name, v.version, v.purl`, content)
	return list, s.storeError("list packages of", string(digest), err)
}

// ImageFindings implements store.Images.
func (s *Store) ImageFindings(ctx context.Context, org store.OrgID, digest crowsnest.Digest, environment string) ([]store.FindingRow, error) {
	content, err := s.contentOf(ctx, org, digest)
	if err != nil {
		return nil, err
	}
	inUse, err := s.InUse(ctx, org, digest, environment)
	if err != nil {
		return nil, err
	}
	list, err := collect(ctx, s.reader, func(rows *sql.Rows) (store.FindingRow, error) {
		var f store.FindingRow
		var cvss crowsnest.CVSS
		var aliases, locations string
		var opened int64
		p := &f.Package
		if err := rows.Scan(&f.Vulnerability, &f.Advisory, &aliases, &f.Finding.Summary, &f.Severity, &cvss.Version, &cvss.Score, &cvss.Vector, &f.FixedVersion, &opened,
			&p.PURL, &p.Type, &p.Name, &p.Version, &p.Ecosystem, &p.Source, &p.SourceVersion, &locations); err != nil {
			return f, err
		}
		if cvss.Vector != "" {
			f.CVSS = &cvss
		}
		f.Decides, f.Since = true, fromMicros(opened)
		f.InUse = inUse(*p)
		if err := fromJSON(aliases, &f.Aliases); err != nil {
			return f, err
		}
		return f, fromJSON(locations, &f.Locations)
	}, `select f.vulnerability, f.advisory_id, f.aliases, f.summary, f.severity, f.cvss_version, f.cvss_score, f.cvss_vector, f.fixed_version, f.opened_at,
			v.purl, v.type, v.name, v.version, v.ecosystem, v.source, v.source_version, cp.locations
		from content_package as cp
		join package_version as v on v.id = cp.package_version_id
		join finding as f on f.package_version_id = v.id and f.closed_at is null and f.decides
		where cp.content_id = $1
		order by f.severity desc, f.cvss_score desc, v.name, v.version, f.vulnerability, v.purl`, content)
	return list, s.storeError("list findings of", string(digest), err)
}

// InUse implements store.Images.
func (s *Store) InUse(ctx context.Context, org store.OrgID, digest crowsnest.Digest, environment string) (func(crowsnest.PackageVersion) crowsnest.InUse, error) {
	if environment != "" { // a mistyped name must not look like "not observed"
		if _, err := s.environmentID(ctx, org, environment); err != nil {
			return nil, err
		}
	}
	keys, err := collect(ctx, s.reader, scanOne[string], `select distinct k.use_key from (
			select distinct o.profile_id from occurrence as o join environment as e on e.id = o.environment_id
			where o.organisation_id = $1 and o.closed_at is null and ($3 = '' or e.name = $3)
				and (o.image_id = $2 or o.image_id in (select a.digest from alias as a where a.organisation_id = $1 and a.image_digest = $2))
		) as p join profile_package as k on k.profile_id = p.profile_id`, org, digest, environment)
	if err != nil {
		return nil, s.storeError("read what is in use of", string(digest), err)
	}
	loaded := make(map[string]bool, len(keys))
	for _, k := range keys {
		loaded[k] = true
	}
	return func(p crowsnest.PackageVersion) crowsnest.InUse {
		switch {
		case loaded[crowsnest.UseKey(p.Type, p.Name, p.Version)]:
			return crowsnest.Loaded
		case len(loaded) > 0 && crowsnest.Profilable(p.Type):
			return crowsnest.NotSeen
		}
		return crowsnest.NotObserved
	}, nil
}

// Vulnerabilities implements store.Images. It starts from the open findings, not
// from the images: there are far fewer package versions than packages in images.
func (s *Store) Vulnerabilities(ctx context.Context, org store.OrgID, filter store.VulnerabilityFilter, page store.Page) (store.List[store.VulnerabilityRow], error) {
	var out store.List[store.VulnerabilityRow]
	fail := func(err error) (store.List[store.VulnerabilityRow], error) {
		return store.List[store.VulnerabilityRow]{}, s.storeError("list vulnerabilities", "", err)
	}
	scope, args := `with scope as (select distinct content_id from image where organisation_id = $1 and content_id is not null) `, []any{org}
	if filter.Environment != "" {
		id, err := s.environmentID(ctx, org, filter.Environment)
		if err != nil {
			return out, err
		}
		scope, args = running(`o.environment_id = $2`)+`, scope as (select distinct content_id from member where content_id is not null) `, append(args, id)
	}
	scopeArgs := len(args)
	severities := ``
	if len(filter.Severities) > 0 {
		severities = ` and f.severity in ` + placeholders(len(args)+1, len(filter.Severities))
		for _, v := range filter.Severities {
			args = append(args, v)
		}
	}
	var severity crowsnest.Severity
	var score float64
	var id string
	more, err := readCursor(page.Cursor, &severity, &score, &id)
	if err != nil {
		return out, err
	}
	having := ``
	if more {
		n := len(args)
		having = ` having max(f.severity) < ` + dollar(n+1) + ` or max(f.severity) = ` + dollar(n+1) +
			` and (max(f.cvss_score) < ` + dollar(n+2) + ` or max(f.cvss_score) = ` + dollar(n+2) + ` and f.vulnerability > ` + dollar(n+3) + `)`
		args = append(args, severity, score, id)
	}
	limit := limitOf(page)
	args = append(args, limit+1)
	rows, err := collect(ctx, s.reader, func(rows *sql.Rows) (store.VulnerabilityRow, error) {
		var v store.VulnerabilityRow
		var since int64
		err := rows.Scan(&v.ID, &v.Severity, &v.Score, &v.Summary, &since, &v.Packages, &v.FixedIn)
		v.Since = fromMicros(since)
		return v, err
	}, scope+`select f.vulnerability, max(f.severity), max(f.cvss_score), max(f.summary), min(f.opened_at), count(*), max(f.fixed_version) <> ''
		from finding as f
		where f.closed_at is null and f.decides`+severities+` and exists (
			select 1 from content_package as cp join scope as s on s.content_id = cp.content_id where cp.package_version_id = f.package_version_id)
		group by f.vulnerability`+having+`
		order by max(f.severity) desc, max(f.cvss_score) desc, f.vulnerability limit `+dollar(len(args)), args...)
	if err != nil {
		return fail(err)
	}
	out = pageOf(rows, limit, func(v store.VulnerabilityRow) string { return cursorOf(v.Severity, v.Score, v.ID) })

	index := make(map[string]int, len(out.Items))
	ids := make([]string, len(out.Items))
	for i, v := range out.Items {
		index[v.ID], ids[i] = i, v.ID
	}
	err = eachChunk(ids, func(part []any) error {
		all := append(append([]any{}, args[:scopeArgs]...), part...)
		in := placeholders(scopeArgs+1, len(part))
		if _, err := collect(ctx, s.reader, func(rows *sql.Rows) (struct{}, error) {
			var id string
			var n int
			err := rows.Scan(&id, &n)
			out.Items[index[id]].Images = n
			return struct{}{}, err
		}, scope+`select f.vulnerability, count(distinct cp.content_id) from finding as f
			join content_package as cp on cp.package_version_id = f.package_version_id
			join scope as s on s.content_id = cp.content_id
			where f.closed_at is null and f.decides and f.vulnerability in `+in+` group by f.vulnerability`, all...); err != nil {
			return err
		}
		_, err := collect(ctx, s.reader, func(rows *sql.Rows) (struct{}, error) {
			var id, name string
			err := rows.Scan(&id, &name)
			i := index[id]
			out.Items[i].Environments = append(out.Items[i].Environments, name)
			return struct{}{}, err
		}, running(everywhere)+`select distinct f.vulnerability, e.name from finding as f
			join content_package as cp on cp.package_version_id = f.package_version_id
			join member as m on m.content_id = cp.content_id
			join environment as e on e.id = m.environment_id
			where f.closed_at is null and f.decides and f.vulnerability in `+placeholders(2, len(part))+` order by 1, 2`, append([]any{org}, part...)...)
		return err
	})
	if err != nil {
		return fail(err)
	}
	return out, nil
}
