package decision

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/access"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

const documentColumns = `d.id, d.format, d.identifier, d.version, d.title, d.author, d.name, d.stated_at, d.digest, d.size, d.statements, d.added_by, d.added_at, coalesce(i.digest, ''), coalesce(i.name, ''),
	d.path, d.path <> '' and exists (select 1 from attestation as a where a.image_id = d.image_id)`

// documents reads documents of an organisation ($1), by what follows their condition.
func (s *Store) documents(ctx context.Context, q sqldb.Querier, org store.OrgID, rest string, args ...any) ([]decided.Document, error) {
	how, err := settings(ctx, q, readSettings, org)
	if err != nil {
		return nil, err
	}
	return sqldb.Collect(ctx, q, func(rows *sql.Rows) (d decided.Document, err error) {
		var stated sql.NullInt64
		var added int64
		err = rows.Scan(&d.ID, &d.Format, &d.Identifier, &d.Version, &d.Title, &d.Author, &d.Name, &stated, &d.Digest, &d.Size, &d.Count, &d.AddedBy, &added, &d.Image, &d.ImageName, &d.Path, &d.Ignored)
		d.Stated, d.Added, d.Trusted = sqldb.NullTime(stated), sqldb.Time(added), crowsnest.Globs(how.Authors).Match(d.Author)
		return d, err
	}, `select `+documentColumns+` from vex_document as d left join image as i on i.id = d.image_id where d.organisation_id = $1`+rest, args...)
}

// statement is what is stored of a statement beside its columns.
type statement struct {
	Aliases       []string                  `json:"aliases,omitempty"`
	Justification crowsnest.Justification   `json:"justification,omitempty"`
	Text          string                    `json:"text,omitempty"`
	Scopes        []crowsnest.DecisionScope `json:"scopes,omitempty"`
	Products      []string                  `json:"products,omitempty"`
	Unread        []string                  `json:"unread,omitempty"`
}

func scanStatement(rows *sql.Rows, before ...any) (decided.Statement, error) {
	var s decided.Statement
	var stated sql.NullInt64
	var text string
	var d statement
	if err := rows.Scan(append(before, &s.Position, &s.Vulnerability, &s.Kind, &stated, &text)...); err != nil {
		return s, err
	}
	err := sqldb.FromJSON(text, &d)
	s.Stated = sqldb.NullTime(stated)
	s.Aliases, s.Justification, s.Text, s.Scopes, s.Products, s.Unread = d.Aliases, d.Justification, d.Text, d.Scopes, d.Products, d.Unread
	return s, err
}

// stated reads what documents by trusted authors state.
func (s *Store) stated(ctx context.Context, q sqldb.Querier, org store.OrgID) ([]crowsnest.Decision, error) {
	documents, err := s.documents(ctx, q, org, ` order by d.added_at desc, d.id desc`, org)
	if err != nil {
		return nil, err
	}
	of := make(map[string]decided.Document)
	var ids []string
	for _, d := range documents {
		if d.Trusted && !d.Ignored {
			of[d.ID] = d
			ids = append(ids, d.ID)
		}
	}
	var out []crowsnest.Decision
	return out, sqldb.CollectIn(ctx, s.db, q, ids, nil, func(in string) string {
		return `select document_id, position, vulnerability, kind, stated_at, detail from vex_statement where document_id in ` + in + ` order by document_id, position`
	}, func(rows *sql.Rows) error {
		var id string
		st, err := scanStatement(rows, &id)
		out = append(out, decisionsOf(of[id], st)...)
		return err
	})
}

// decisionsOf makes a decision of each product of a statement.
func decisionsOf(doc decided.Document, st decided.Statement) []crowsnest.Decision {
	out := make([]crowsnest.Decision, len(st.Scopes))
	at := st.Stated
	if at.IsZero() {
		at = doc.Stated
	}
	if at.IsZero() {
		at = doc.Added
	}
	for i, scope := range st.Scopes {
		out[i] = crowsnest.Decision{
			ID: doc.ID, Source: crowsnest.ByVEX, Vulnerability: st.Vulnerability, Aliases: st.Aliases, Kind: st.Kind, Justification: st.Justification, Scope: scope, Within: within(doc),
			Text: st.Text, Author: doc.Author, Stated: at,
		}
	}
	return out
}

// within bounds what was attested of an image to that image, under the names of the repository that it was read from.
func within(doc decided.Document) *crowsnest.DecisionScope {
	if doc.Image == "" {
		return nil
	}
	r := crowsnest.NewImageReference(doc.ImageName)
	r.Tag, r.Digests = "", []crowsnest.Digest{doc.Image}
	return &crowsnest.DecisionScope{Image: r.String()}
}

// statedNames lists the vulnerabilities that any document is about.
func (s *Store) statedNames(ctx context.Context, q sqldb.Querier, org store.OrgID) ([]string, error) {
	return sqldb.Collect(ctx, q, sqldb.ScanOne[string], `select distinct s.vulnerability from vex_document as d join vex_statement as s on s.document_id = d.id where d.organisation_id = $1`, org)
}

// PutVEX implements decided.Decisions.
func (s *Store) PutVEX(ctx context.Context, org store.OrgID, doc decided.Document) (decided.Document, error) {
	fail := func(kind crowsnest.Kind, hint string) error {
		return &crowsnest.Error{Kind: kind, Op: "store VEX document", Subject: doc.Name, Hint: hint}
	}
	if len(doc.Statements) > decided.MaxStatements {
		return doc, fail(crowsnest.TooLarge, fmt.Sprintf("it has more than %d statements", decided.MaxStatements))
	}
	var out decided.Document
	err := s.db.Write(ctx, "store VEX document", doc.Name, func(tx *sql.Tx, now int64) error {
		if err := s.lock(ctx, tx, org); err != nil {
			return err
		}
		var image any
		if doc.Image != "" {
			id, err := s.named(ctx, tx, org, doc.Image)
			if err != nil {
				return err
			}
			image = id
		}
		names, err := s.replace(ctx, tx, org, doc)
		if err != nil {
			return err
		}
		var count int
		if err := tx.QueryRowContext(ctx, `select count(*) from vex_document where organisation_id = $1`, org).Scan(&count); err != nil {
			return err
		}
		if count >= decided.MaxDocuments {
			return fail(crowsnest.Conflict, fmt.Sprintf("there are %d documents already; delete some first", count))
		}
		id := sqldb.NewUUID()
		if _, err := tx.ExecContext(ctx, `insert into vex_document (id, organisation_id, image_id, format, identifier, version, title, author, name, stated_at, digest, size, statements, added_by, added_at, path)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
			id, org, image, doc.Format, doc.Identifier, doc.Version, doc.Title, doc.Author, doc.Name, sqldb.Micros(doc.Stated), doc.Digest, doc.Size, len(doc.Statements), crowsnest.Text(store.ActorOf(ctx).Name), now, doc.Path); err != nil {
			return err
		}
		rows := make([][]any, len(doc.Statements))
		for i, st := range doc.Statements {
			detail := statement{st.Aliases, st.Justification, st.Text, st.Scopes, st.Products, st.Unread}
			rows[i] = []any{id, i, st.Vulnerability, st.Kind, sqldb.Micros(st.Stated), sqldb.JSON(detail)}
			names = append(append(names, st.Vulnerability), st.Aliases...)
		}
		if err := s.db.InsertRows(ctx, tx, `insert into vex_statement (document_id, position, vulnerability, kind, stated_at, detail) values `, rows, ``); err != nil {
			return err
		}
		list, err := s.documents(ctx, tx, org, ` and d.id = $2`, org, id)
		if err != nil {
			return err
		}
		out = list[0]
		if doc.Image == "" { // what is attested follows from an analysis
			if err := access.Record(ctx, tx, now, org, "vex.import", out.Name, told(out)); err != nil {
				return err
			}
		}
		slices.Sort(names)
		return s.changed(ctx, tx, org, slices.Compact(names)...)
	})
	return out, err
}

func told(d decided.Document) map[string]string {
	return map[string]string{"id": d.ID, "author": d.Author, "identifier": d.Identifier, "statements": fmt.Sprint(d.Count)}
}

// replace removes what a document takes the place of, and returns the vulnerabilities that this was about.
func (s *Store) replace(ctx context.Context, tx *sql.Tx, org store.OrgID, doc decided.Document) ([]string, error) {
	ids, err := sqldb.Collect(ctx, tx, sqldb.ScanOne[string], `select d.id from vex_document as d left join image as i on i.id = d.image_id where d.organisation_id = $1 and coalesce(i.digest, '') = $2
		and (d.digest = $3 or $2 = '' and $4 <> '' and d.identifier = $4 and d.author = $5)`, org, doc.Image, doc.Digest, doc.Identifier, doc.Author)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, id := range ids {
		more, err := s.remove(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		names = append(names, more...)
	}
	return names, nil
}

// remove removes a document and returns the vulnerabilities that it was about.
func (s *Store) remove(ctx context.Context, tx *sql.Tx, id string) ([]string, error) {
	names, err := sqldb.Collect(ctx, tx, sqldb.ScanOne[string], `select distinct vulnerability from vex_statement where document_id = $1`, id)
	if err == nil {
		_, err = tx.ExecContext(ctx, `delete from vex_document where id = $1`, id)
	}
	return names, err
}

// VEXDocuments implements decided.Decisions.
func (s *Store) VEXDocuments(ctx context.Context, org store.OrgID) ([]decided.Document, error) {
	list, err := s.documents(ctx, s.db.Reader, org, ` order by d.added_at desc, d.id desc`, org)
	return list, s.db.Error("list VEX documents", "", err)
}

// VEXDocument implements decided.Decisions.
func (s *Store) VEXDocument(ctx context.Context, org store.OrgID, id string) (decided.Document, error) {
	d, err := s.document(ctx, s.db.Reader, org, id)
	return d, s.db.Error("find VEX document", id, err)
}

func (s *Store) document(ctx context.Context, q sqldb.Querier, org store.OrgID, id string) (decided.Document, error) {
	list, err := s.documents(ctx, q, org, ` and d.id = $2`, org, id)
	if err == nil && len(list) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		return decided.Document{}, err
	}
	return list[0], nil
}

// DeleteVEX implements decided.Decisions.
func (s *Store) DeleteVEX(ctx context.Context, org store.OrgID, id string) error {
	return s.db.Write(ctx, "delete VEX document", id, func(tx *sql.Tx, now int64) error {
		d, err := s.document(ctx, tx, org, id)
		if err != nil {
			return err
		}
		names, err := s.remove(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := access.Record(ctx, tx, now, org, "vex.delete", d.Name, told(d)); err != nil {
			return err
		}
		return s.changed(ctx, tx, org, names...)
	})
}

// VEXStatements implements decided.Decisions.
func (s *Store) VEXStatements(ctx context.Context, org store.OrgID, id string, from, limit int) ([]decided.StatementFate, error) {
	var out []decided.StatementFate
	err := s.db.Snapshot(ctx, func(q sqldb.Querier) error {
		doc, err := s.document(ctx, q, org, id)
		if err != nil {
			return err
		}
		list, err := sqldb.Collect(ctx, q, func(rows *sql.Rows) (decided.Statement, error) { return scanStatement(rows) },
			`select position, vulnerability, kind, stated_at, detail from vex_statement where document_id = $1 and position >= $2 order by position limit $3`, id, from, min(limit, store.MaxLimit+1))
		if err != nil {
			return err
		}
		out, err = s.fates(ctx, q, org, doc, list)
		return err
	})
	return out, s.db.Error("list statements of VEX document", id, err)
}

// fates tells what becomes of statements. What each is about is asked of all images that have its vulnerability, as if it held for
// every product and package; why it does not is what of it is the first not to fit.
func (s *Store) fates(ctx context.Context, q sqldb.Querier, org store.OrgID, doc decided.Document, list []decided.Statement) ([]decided.StatementFate, error) {
	var wide []crowsnest.Decision
	for _, st := range list {
		wide = append(wide, crowsnest.Decision{ID: doc.ID, Source: crowsnest.ByException, Vulnerability: st.Vulnerability, Aliases: st.Aliases, Kind: crowsnest.NotAffected,
			Scope: crowsnest.DecisionScope{Repositories: []string{"*"}}}) // so that names are read
	}
	now := sqldb.Time(s.db.Now())
	all, err := s.stand(ctx, q, org, 0, crowsnest.NewDecisions(wide, now))
	if err != nil {
		return nil, err
	}
	standing, err := s.Standing(ctx, q, org, 0)
	if err != nil {
		return nil, err
	}
	names, err := s.namesOf(ctx, q, org, versions(all))
	if err != nil {
		return nil, err
	}
	out := make([]decided.StatementFate, len(list))
	for i, st := range list {
		out[i] = decided.StatementFate{Statement: st}
		out[i].Fate, out[i].Findings = fate(doc, st, all, standing, names, now)
	}
	return out, nil
}

// fate tells what becomes of one statement, and of how many findings in images it is.
func fate(doc decided.Document, st decided.Statement, all, standing *Standing, names map[int64][]crowsnest.ImageReference, now time.Time) (decided.Fate, int) {
	// How near the best of the images came, from the farthest.
	order := []decided.Fate{decided.NoFinding, decided.OtherPackage, decided.OtherVersion, decided.OtherImage, decided.OutsideOfBounds, decided.OtherNames, decided.OutDated, decided.Applies}
	best, findings := decided.NoFinding, 0
	near := func(f decided.Fate) {
		if slices.Index(order, f) > slices.Index(order, best) {
			best = f
		}
	}
	own := crowsnest.NewDecisions(decisionsOf(doc, st), now)
	for pair, f := range all.Found {
		if !slices.ContainsFunc(f.about.List(), func(d crowsnest.Decision) bool { return d.Vulnerability == st.Vulnerability }) {
			continue
		}
		near(decided.OtherPackage)
		about := own.OfPackage(f.PURL)
		if about.Empty() {
			if slices.ContainsFunc(st.Scopes, func(scope crowsnest.DecisionScope) bool { return anyVersion(scope).CoversPackage(f.PURL) }) {
				near(decided.OtherVersion)
			}
			continue
		}
		for _, image := range f.Images {
			near(decided.OtherImage)
			covered, product := 0, false
			for _, name := range names[image] {
				for _, d := range about.List() {
					product = product || d.Scope.CoversImage(name)
				}
				if slices.ContainsFunc(about.List(), func(d crowsnest.Decision) bool { return d.CoversImage(name, "") }) {
					covered++
				}
			}
			switch {
			case covered == 0 && product:
				near(decided.OutsideOfBounds)
			case covered == 0:
			case !st.Kind.Suppresses() || !doc.Trusted || doc.Ignored:
				findings++
			case standing.by(pair, image, doc.ID):
				findings++
				near(decided.Applies)
			case covered < len(names[image]):
				near(decided.OtherNames)
			default:
				findings++
				near(decided.OutDated)
			}
		}
	}
	switch {
	case !st.Kind.Suppresses():
		return decided.SaysNothing, findings
	case len(st.Scopes) == 0:
		return decided.NoProduct, 0
	case !doc.Trusted:
		return decided.Untrusted, findings
	case doc.Ignored:
		return decided.ImageAttested, findings
	}
	return best, findings
}

// by reports whether a document suppresses a finding in an image.
func (s *Standing) by(pair Pair, image int64, document string) bool {
	f := s.Found[pair]
	return f != nil && f.By[image] != nil && f.By[image].ID == document
}

// anyVersion is a scope without the versions of its packages.
func anyVersion(scope crowsnest.DecisionScope) crowsnest.DecisionScope {
	out := crowsnest.DecisionScope{}
	for _, purl := range scope.Packages {
		out.Packages = append(out.Packages, crowsnest.WithoutVersion(purl))
	}
	return out
}
