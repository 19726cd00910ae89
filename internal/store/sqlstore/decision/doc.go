// Package decision keeps what organisations decide about findings, and says what that suppresses.
//
// Nothing that is suppressed is written anywhere: it follows, whenever something is read, from the decisions that hold then, from the findings
// that they are about and from the names of the images that have these. So no order of decision, analysis, tag and advisory matters, and a decision
// ends at its time without anybody doing anything. What follows for a whole organisation or environment is kept until something
// of it changes; docs/design/0020-decisions.md weighs that.
package decision

import (
	"context"
	"database/sql"
	"slices"
	"sync"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Store implements decided.Decisions.
type Store struct {
	db *sqldb.DB

	mu     sync.Mutex
	forces map[store.OrgID]force
	kept   map[state]*Standing
}

// New returns the part of the store that keeps decisions in db.
func New(db *sqldb.DB) *Store {
	return &Store{db: db, forces: make(map[store.OrgID]force), kept: make(map[state]*Standing)}
}

// force is what held in an organisation in a state of it.
type force struct {
	images    int64 // revision
	decisions crowsnest.Decisions
}

// maxForces bounds of how many organisations it is kept what holds.
const maxForces = 64

// InForce returns the decisions of an organisation that hold now. They are kept until something changes; a decision that
// expires is a change.
func (s *Store) InForce(ctx context.Context, q sqldb.Querier, org store.OrgID) (crowsnest.Decisions, error) {
	now := s.db.Now()
	revisions, err := revision.Read(ctx, q, org, now)
	if err != nil {
		return crowsnest.Decisions{}, err
	}
	s.mu.Lock()
	kept, ok := s.forces[org]
	s.mu.Unlock()
	if ok && kept.images == revisions[store.ImagesResource] {
		return kept.decisions, nil
	}
	list, err := s.read(ctx, q, org, now)
	if err != nil {
		return crowsnest.Decisions{}, err
	}
	out := crowsnest.NewDecisions(list, sqldb.Time(now))
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.forces) >= maxForces {
		clear(s.forces)
	}
	s.forces[org] = force{revisions[store.ImagesResource], out}
	return out, nil
}

// DecisionsInForce implements decided.Decisions.
func (s *Store) DecisionsInForce(ctx context.Context, org store.OrgID) ([]crowsnest.Decision, error) {
	list, err := s.read(ctx, s.db.Reader, org, s.db.Now())
	return list, s.db.Error("read decisions", "", err)
}

// read reads what holds at a time.
func (s *Store) read(ctx context.Context, q sqldb.Querier, org store.OrgID, now int64) ([]crowsnest.Decision, error) {
	exceptions, err := s.exceptions(ctx, q, org, ` and x.approved_at is not null and x.revoked_at is null and (x.expires_at is null or x.expires_at > $2) order by x.created_at desc, x.id desc`, org, now)
	if err != nil {
		return nil, err
	}
	var out []crowsnest.Decision
	for _, x := range exceptions {
		out = append(out, decisionOf(x))
	}
	stated, err := s.stated(ctx, q, org)
	return append(out, stated...), err
}

func decisionOf(x decided.Exception) crowsnest.Decision {
	return crowsnest.Decision{
		ID: x.ID, Source: crowsnest.ByException, Vulnerability: x.Vulnerability, Kind: x.Kind, Justification: x.Justification, Scope: x.Scope, Text: x.Text,
		Author: x.Author, Approver: x.ApprovedBy, Stated: x.Created, Expires: x.Expires,
	}
}

// References returns the names of images, given by their numbers: what they were last analysed as, and the tags that name
// them. Those that are not the organisation's are left out. A name by digest alone is none beside a tag of the same repository.
func (s *Store) References(ctx context.Context, q sqldb.Querier, org store.OrgID, images []int64) (map[int64][]crowsnest.ImageReference, error) {
	type names struct {
		list    []string
		digests []crowsnest.Digest
	}
	of := make(map[int64]*names, len(images))
	if err := sqldb.CollectIn(ctx, s.db, q, images, []any{org}, func(in string) string {
		return `select id, name from image where organisation_id = $1 and id in ` + in
	}, func(rows *sql.Rows) error {
		var id int64
		var name string
		err := rows.Scan(&id, &name)
		of[id] = &names{list: []string{name}}
		return err
	}); err != nil {
		return nil, err
	}
	if err := sqldb.CollectIn(ctx, s.db, q, images, []any{org}, func(in string) string {
		return `select a.image_id, d.digest, coalesce(t.repository, ''), coalesce(t.name, '') from alias as a join digest as d on d.id = a.digest_id and d.organisation_id = $1
			left join tag as t on t.organisation_id = d.organisation_id and t.target = d.digest and t.closed_at is null
			where a.image_id in ` + in + ` order by a.image_id, t.repository, t.name`
	}, func(rows *sql.Rows) error {
		var id int64
		var digest crowsnest.Digest
		var repository, tag string
		err := rows.Scan(&id, &digest, &repository, &tag)
		n := of[id]
		if n == nil {
			return err
		}
		if !slices.Contains(n.digests, digest) {
			n.digests = append(n.digests, digest)
		}
		if repository != "" {
			n.list = append(n.list, repository+":"+tag)
		}
		return err
	}); err != nil {
		return nil, err
	}
	out := make(map[int64][]crowsnest.ImageReference, len(of))
	for id, n := range of {
		out[id] = references(n.list, n.digests)
	}
	return out, nil
}

func references(names []string, digests []crowsnest.Digest) []crowsnest.ImageReference {
	var out []crowsnest.ImageReference
	same := func(r crowsnest.ImageReference) func(crowsnest.ImageReference) bool {
		return func(o crowsnest.ImageReference) bool { return o.Repository == r.Repository && o.Tag == r.Tag }
	}
	for _, name := range names {
		r := crowsnest.NewImageReference(name)
		r.Digests = digests
		if !slices.ContainsFunc(out, same(r)) {
			out = append(out, r)
		}
	}
	return slices.DeleteFunc(out, func(r crowsnest.ImageReference) bool {
		return r.Tag == "" && slices.ContainsFunc(out, func(o crowsnest.ImageReference) bool { return o.Repository == r.Repository && o.Tag != "" })
	})
}

// named finds an image of the organisation by the digest of its manifest.
func (s *Store) named(ctx context.Context, q sqldb.Querier, org store.OrgID, digest crowsnest.Digest) (int64, error) {
	var id int64
	err := q.QueryRowContext(ctx, `select id from image where organisation_id = $1 and digest = $2`, org, digest).Scan(&id)
	return id, err
}

// environmentNames names the environments of an organisation, those that were deleted included.
func environmentNames(ctx context.Context, q sqldb.Querier, org store.OrgID) (map[int64]string, error) {
	out := make(map[int64]string)
	return out, sqldb.Each(ctx, q, func(rows *sql.Rows) error {
		var id int64
		var name string
		err := rows.Scan(&id, &name)
		out[id] = name
		return err
	}, `select id, name from environment where organisation_id = $1`, org)
}
