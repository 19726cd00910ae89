package policy

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/lineage"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/use"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
)

// ImageNumber implements store.PolicyEvaluation.
func (s *Store) ImageNumber(ctx context.Context, org store.OrgID, digest crowsnest.Digest) (int64, error) {
	var id int64
	var state store.State
	var reason string
	if err := s.db.Reader.QueryRowContext(ctx, `select id, state, reason from image where organisation_id = $1 and digest = $2`, org, digest).Scan(&id, &state, &reason); err != nil {
		return 0, s.db.Error("find image", string(digest), err)
	}
	if state == store.Analysed {
		return id, nil
	}
	hint := "it waits for its analysis"
	switch {
	case state == store.Removed:
		hint = "its content was removed by retention; analyse it again"
	case reason != "":
		hint = "its analysis failed: " + reason
	}
	return 0, &crowsnest.Error{Kind: crowsnest.NotFound, Op: "evaluate policies of", Subject: string(digest), Hint: hint}
}

// PolicyFacts implements store.PolicyEvaluation. Images share most of their sets of packages, so that these are read by themselves and
// each once.
func (s *Store) PolicyFacts(ctx context.Context, org store.OrgID, images []int64, places bool) (subject.Facts, error) {
	r := reader{Store: s, org: org, index: make(map[int64]*subject.Image), out: subject.Facts{Sets: make(map[int64]subject.Set)}}
	if err := r.read(ctx, images, places); err != nil {
		return subject.Facts{}, s.db.Error("read what policies go by", "", err)
	}
	return r.out, nil
}

// manyImages is from how many on reading takes long enough for several connections. Of few, each step takes less than what a connection
// costs that has not prepared its statement yet.
const manyImages = 50

// read reads in steps. Those that do not need each other take turns at the processors and the database, each with fields of its own.
func (r *reader) read(ctx context.Context, images []int64, places bool) error {
	if err := r.subjects(ctx, images); err != nil {
		return err
	}
	if images = slices.Sorted(maps.Keys(r.index)); len(images) == 0 {
		return nil
	}
	branches := [][]func(context.Context, []int64) error{{r.contents, r.packages, r.findings}, {r.built, r.tags}, {r.attestations}}
	if places {
		branches = append(branches, []func(context.Context, []int64) error{r.places})
	}
	group, all := errgroup.WithContext(ctx)
	if len(images) < manyImages {
		group.SetLimit(1)
	}
	for _, steps := range branches {
		group.Go(func() error {
			for _, step := range steps {
				if err := step(all, images); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return r.suppressed(ctx, images)
}

type reader struct {
	*Store
	org      store.OrgID
	out      subject.Facts
	index    map[int64]*subject.Image // those of out, by image
	lineage  []lineage.Image
	versions map[int64]*version
	sets     []int64
	entries  []entry // what is in the sets

	contained map[int64]*subject.Set // the same
}

// entry is a package version in a set.
type entry struct {
	set, version int64
	licences     string
}

// version is a package version with its name at run time.
type version struct {
	crowsnest.PackageVersion
	sought     crowsnest.Sought
	ecosystem  string
	vulnerable bool
}

// subjects reads the images.
func (r *reader) subjects(ctx context.Context, images []int64) error {
	if err := sqldb.CollectIn(ctx, r.db, r.db.Reader, images, []any{r.org}, func(in string) string {
		return `select i.id, case i.state when 'analysed' then coalesce(i.content_id, 0) else 0 end, i.repository, coalesce(c.distribution, ''), coalesce(f.config, '')
			from image as i left join content as c on c.id = i.content_id left join image_config as f on f.image_id = i.id where i.organisation_id = $1 and i.id in ` + in
	}, func(rows *sql.Rows) error {
		var p subject.Image
		var distribution, text string
		if err := rows.Scan(&p.Number, &p.Content, &p.Repository, &distribution, &text); err != nil || r.index[p.Number] != nil {
			return err
		}
		var config struct {
			User   string            `json:"user"`
			Labels map[string]string `json:"labels"`
			Layers []crowsnest.Layer `json:"layers"`
		}
		if strings.HasPrefix(distribution, "{") {
			if err := sqldb.FromJSON(distribution, &p.Distribution); err != nil {
				return err
			}
		}
		err := sqldb.FromJSON(text, &config)
		p.User = config.User
		r.index[p.Number] = &p
		r.lineage = append(r.lineage, lineage.Image{ID: p.Number, Labels: config.Labels, Layers: config.Layers})
		return err
	}); err != nil {
		return err
	}
	r.out.Images = make([]subject.Image, 0, len(r.index))
	for _, id := range slices.Sorted(maps.Keys(r.index)) {
		r.out.Images = append(r.out.Images, *r.index[id])
		r.index[id] = &r.out.Images[len(r.out.Images)-1]
	}
	return r.db.Reader.QueryRowContext(ctx, `select exists (select 1 from known_exploited)`).Scan(&r.out.KnownExploited)
}

// contents reads which sets images have.
func (r *reader) contents(ctx context.Context, _ []int64) error {
	of := make(map[int64][]*subject.Image)
	for _, p := range r.index {
		if p.Content != 0 {
			of[p.Content] = append(of[p.Content], p)
		}
	}
	sets := make(map[int64]bool)
	if err := sqldb.CollectIn(ctx, r.db, r.db.Reader, slices.Sorted(maps.Keys(of)), nil, func(in string) string {
		return `select content_id, ` + sqldb.ListOf(`set_id`) + ` from content_set where content_id in ` + in + ` group by content_id`
	}, func(rows *sql.Rows) error {
		var content int64
		list, err := sqldb.ScanList(rows, &content)
		for _, p := range of[content] {
			p.Sets = list
		}
		for _, set := range list {
			sets[set] = true
		}
		return err
	}); err != nil {
		return err
	}
	r.sets = slices.Sorted(maps.Keys(sets))
	return nil
}

// built reads what images are built on.
func (r *reader) built(ctx context.Context, _ []int64) error {
	bases, err := r.bases.Bases(ctx, r.org, r.lineage)
	for id, base := range bases {
		named := *base // which others may share
		named.Name = full(base.Name)
		r.index[id].Base = &named
	}
	return err
}

// full writes the name of an image the way tags are kept, wherever it was found: labels may leave out the registry.
func full(name string) string {
	repository := crowsnest.Repository(name)
	if repository == "" {
		return name
	}
	switch i := strings.LastIndexByte(name, ':'); {
	case strings.Contains(name, "@"):
		return repository + name[strings.IndexByte(name, '@'):]
	case i > strings.LastIndexByte(name, '/'):
		return repository + name[i:]
	}
	return repository
}

// attestations reads what was attested.
func (r *reader) attestations(ctx context.Context, images []int64) error {
	return sqldb.CollectIn(ctx, r.db, r.db.Reader, images, nil, func(in string) string {
		return `select r.image_id, coalesce(a.kind, ''), coalesce(a.provenance, ''), coalesce(a.problem, '') from attestation_reading as r left join attestation as a on a.image_id = r.image_id where r.image_id in ` + in
	}, func(rows *sql.Rows) error {
		var image int64
		var kind crowsnest.AttestationKind
		var text, problem string
		if err := rows.Scan(&image, &kind, &text, &problem); err != nil {
			return err
		}
		p := r.index[image]
		if p.Attestations == nil {
			p.Attestations = &subject.Attestations{}
		}
		a := p.Attestations
		switch {
		case problem != "":
			a.Unread++
		case kind == crowsnest.AttestedSBOM:
			a.SBOM = true
		case kind == crowsnest.AttestedProvenance:
			a.Provenance = true
			var told crowsnest.Provenance
			err := sqldb.FromJSON(text, &told)
			a.Full = a.Full || told.Mode == crowsnest.ProvenanceMax || text != "" && !told.ByBuildKit()
			a.Unclear = a.Unclear || told.Mode == "" && told.ByBuildKit()
			return err
		}
		return nil
	})
}

// tags reads what the tags of base images name now: the tag that a base is named by or, where it has none, those that its digest had.
func (r *reader) tags(ctx context.Context, _ []int64) error {
	named, digested := make(map[string][]*subject.Image), make(map[crowsnest.Digest][]*subject.Image)
	for _, p := range r.index {
		switch {
		case p.Base == nil || p.Base.Digest == "":
		case tagged(p.Base.Name):
			named[p.Base.Name] = append(named[p.Base.Name], p)
		default:
			digested[p.Base.Digest] = append(digested[p.Base.Digest], p)
		}
	}
	// What a tag names is an index or an image; the base may be known by either.
	type target struct {
		digest crowsnest.Digest
		images map[crowsnest.Digest]bool
	}
	now := make(map[string]*target)
	if err := member.EachTag(ctx, r.db, r.db.Reader, r.org, slices.Sorted(maps.Keys(named)), `t.repository, t.name, t.target, coalesce(i.digest, '')`,
		`left join digest as d on d.organisation_id = t.organisation_id and d.digest = t.target left join alias as a on a.digest_id = d.id left join image as i on i.id = a.image_id`, ``,
		func(rows *sql.Rows) error {
			var repository, tag string
			var names, image crowsnest.Digest
			err := rows.Scan(&repository, &tag, &names, &image)
			at := repository + ":" + tag
			if now[at] == nil {
				now[at] = &target{names, make(map[crowsnest.Digest]bool)}
			}
			now[at].images[image] = true
			return err
		}); err != nil {
		return err
	}
	for reference, subjects := range named {
		if t := now[reference]; t != nil {
			for _, p := range subjects {
				p.BaseTags = []subject.Tag{{Reference: reference, Current: t.digest == p.Base.Digest || t.images[p.Base.Digest], Names: t.digest}}
			}
		}
	}
	return sqldb.CollectIn(ctx, r.db, r.db.Reader, slices.Sorted(maps.Keys(digested)), []any{r.org}, func(in string) string {
		return `select distinct t.target, t.repository, t.name, n.target from tag as t join tag as n on n.organisation_id = t.organisation_id and n.repository = t.repository and n.name = t.name and n.closed_at is null
			where t.organisation_id = $1 and t.target in ` + in + ` order by 2, 3`
	}, func(rows *sql.Rows) error {
		var digest, names crowsnest.Digest
		var repository, tag string
		err := rows.Scan(&digest, &repository, &tag, &names)
		for _, p := range digested[digest] {
			p.BaseTags = append(p.BaseTags, subject.Tag{Reference: repository + ":" + tag, Current: names == digest, Names: names})
		}
		return err
	})
}

// tagged reports whether the name of an image has a tag and no digest.
func tagged(name string) bool {
	i := strings.LastIndexByte(name, ':')
	return i > strings.LastIndexByte(name, '/') && !strings.Contains(name, "@")
}

// places reads where images run, and what run time sees of them there.
func (r *reader) places(ctx context.Context, images []int64) error {
	watches, err := use.Images(ctx, r.db, r.db.Reader, 0, images)
	if err != nil {
		return err
	}
	return sqldb.CollectIn(ctx, r.db, r.db.Reader, images, []any{r.org}, func(in string) string {
		return `select distinct a.image_id, e.id, e.name from alias as a cross join running as r cross join environment as e
			where a.image_id in ` + in + ` and r.digest_id = a.digest_id and e.id = r.environment_id and e.organisation_id = $1 order by 1, 2`
	}, func(rows *sql.Rows) error {
		var image int64
		var p subject.Place
		err := rows.Scan(&image, &p.ID, &p.Name)
		p.Watch = watches[use.Place{Image: image, Environment: p.ID}]
		r.index[image].Places = append(r.index[image].Places, p)
		return err
	})
}

// packages reads what is in the sets, with licences, and of which ecosystems no advisories are held.
func (r *reader) packages(ctx context.Context, _ []int64) error {
	held := make(map[string]bool)
	if err := sqldb.Each(ctx, r.db.Reader, func(rows *sql.Rows) error {
		var ecosystem string
		err := rows.Scan(&ecosystem)
		held[crowsnest.EcosystemBase(ecosystem)] = true
		return err
	}, `select ecosystem from advisory_source`); err != nil {
		return err
	}
	r.versions = make(map[int64]*version)
	if err := sqldb.CollectIn(ctx, r.db, r.db.Reader, r.sets, nil, func(in string) string {
		return `select set_id, package_version_id, licences from package_set_package where set_id in ` + in
	}, func(rows *sql.Rows) error {
		var e entry
		err := rows.Scan(&e.set, &e.version, &e.licences)
		r.entries = append(r.entries, e)
		r.versions[e.version] = nil
		return err
	}); err != nil {
		return err
	}
	if err := sqldb.CollectIn(ctx, r.db, r.db.Reader, slices.Sorted(maps.Keys(r.versions)), nil, func(in string) string {
		return `select id, purl, type, name, version, ecosystem, source, source_version, match_base, worst_first is not null from package_version where id in ` + in
	}, func(rows *sql.Rows) error {
		var id int64
		var v version
		err := rows.Scan(&id, &v.PURL, &v.Type, &v.Name, &v.Version, &v.Ecosystem, &v.Source, &v.SourceVersion, &v.ecosystem, &v.vulnerable)
		v.sought = v.Sought()
		r.versions[id] = &v
		return err
	}); err != nil {
		return err
	}
	read := make(map[string][]string) // most packages say the same
	r.contained = make(map[int64]*subject.Set, len(r.sets))
	for _, e := range r.entries {
		v := r.versions[e.version]
		if v == nil {
			continue // retention took it since
		}
		set := r.contained[e.set]
		if set == nil {
			set = new(subject.Set)
			r.contained[e.set] = set
		}
		licences, err := sqldb.FromJSONOnce(e.licences, read)
		if err != nil {
			return err
		}
		if len(licences) > 0 {
			set.Licences = append(set.Licences, subject.Licences{PURL: v.PURL, Licences: licences})
		} else {
			set.Unlicensed++
		}
		if v.ecosystem != "" && !held[v.ecosystem] && !slices.Contains(set.Missing, v.ecosystem) {
			set.Missing = append(set.Missing, v.ecosystem)
		}
	}
	return nil
}

// findings reads what is found in the sets, of each package version once.
func (r *reader) findings(ctx context.Context, _ []int64) error {
	exploited := make(map[string]bool)
	if err := sqldb.Each(ctx, r.db.Reader, func(rows *sql.Rows) error {
		var cve string
		err := rows.Scan(&cve)
		exploited[cve] = true
		return err
	}, `select cve from known_exploited`); err != nil {
		return err
	}
	var vulnerable []int64
	for id, v := range r.versions {
		if v != nil && v.vulnerable {
			vulnerable = append(vulnerable, id)
		}
	}
	slices.Sort(vulnerable)
	of := make(map[int64][]*subject.Finding, len(vulnerable))
	published := make(map[string]time.Time) // by advisory
	names := make(map[string][]string)      // aliases by their text
	if err := sqldb.CollectIn(ctx, r.db, r.db.Reader, vulnerable, nil, func(in string) string {
		return `select package_version_id, vulnerability, aliases, severity, fixed_version, advisory_id, cvss_score, cvss_vector from finding where closed_at is null and decides and package_version_id in ` + in
	}, func(rows *sql.Rows) error {
		var id int64
		var f subject.Finding
		var aliases string
		if err := rows.Scan(&id, &f.Vulnerability, &aliases, &f.Severity, &f.FixedVersion, &f.Advisory, &f.Score, &f.Vector); err != nil {
			return err
		}
		list, err := sqldb.FromJSONOnce(aliases, names)
		if err != nil {
			return err
		}
		v := r.versions[id]
		f.Aliases, f.Package, f.Sought, f.Exploited = list, &v.PackageVersion, v.sought, exploited[f.Vulnerability]
		published[f.Advisory] = time.Time{}
		of[id] = append(of[id], &f)
		return nil
	}); err != nil {
		return err
	}
	if err := sqldb.CollectIn(ctx, r.db, r.db.Reader, slices.Sorted(maps.Keys(published)), nil, func(in string) string {
		return `select id, published_at from advisory where published_at is not null and id in ` + in
	}, func(rows *sql.Rows) error {
		var id string
		var at int64
		err := rows.Scan(&id, &at)
		published[id] = sqldb.Time(at)
		return err
	}); err != nil {
		return err
	}
	for _, list := range of {
		for _, f := range list {
			f.Published = published[f.Advisory]
		}
	}
	for _, e := range r.entries {
		if list := of[e.version]; len(list) > 0 {
			set := r.contained[e.set]
			set.Findings = append(set.Findings, list...)
		}
	}
	for id, set := range r.contained {
		r.out.Sets[id] = *set
	}
	return nil
}
