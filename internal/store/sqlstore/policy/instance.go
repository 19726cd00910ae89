package policy

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"sync"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/access"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/decision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/due"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/lineage"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
)

// Store implements store.Policies, store.PolicyEvaluation and store.PolicyResults.
type Store struct {
	db        *sqldb.DB
	bases     *lineage.Store
	decisions *decision.Store
	enqueue   func(ctx context.Context, tx *sql.Tx, work store.Work) error

	mu   sync.Mutex
	kept map[keptOf]kept
}

// New returns the part of the store that keeps policies in db. bases tells what images are built on, decisions what is suppressed; enqueue
// puts work into the job system.
func New(db *sqldb.DB, bases *lineage.Store, decisions *decision.Store, enqueue func(ctx context.Context, tx *sql.Tx, work store.Work) error) *Store {
	return &Store{db: db, bases: bases, decisions: decisions, enqueue: enqueue, kept: make(map[keptOf]kept)}
}

const columns = `p.id, p.name, p.description, p.type, p.parameters, p.repositories, p.environments, p.weight, p.enabled, p.created_at, p.changed_at`

// read reads policies of an organisation ($1), the oldest first. An environment that was deleted keeps its name in them.
func (s *Store) read(ctx context.Context, q sqldb.Querier, where string, args ...any) ([]subject.Policy, error) {
	of := make(map[int64][]*subject.Policy)
	var ids []int64
	list, err := sqldb.Collect(ctx, q, func(rows *sql.Rows) (*subject.Policy, error) {
		p := &subject.Policy{}
		var repositories, environments string
		var created, changed int64
		if err := rows.Scan(&p.ID, &p.Name, &p.Description, &p.Type, &p.Parameters, &repositories, &environments, &p.Weight, &p.Enabled, &created, &changed); err != nil {
			return nil, err
		}
		p.Created, p.Changed = sqldb.Time(created), sqldb.Time(changed)
		var numbers []int64
		if err := errors.Join(sqldb.FromJSON(repositories, &p.Repositories), sqldb.FromJSON(environments, &numbers)); err != nil {
			return nil, err
		}
		for _, n := range numbers {
			of[n] = append(of[n], p)
		}
		ids = append(ids, numbers...)
		return p, nil
	}, `select `+columns+` from policy as p where p.organisation_id = $1`+where+` order by p.created_at, p.id`, args...)
	if err != nil {
		return nil, err
	}
	if err := sqldb.CollectIn(ctx, s.db, q, ids, args[:1], func(in string) string {
		return `select id, name from environment where organisation_id = $1 and id in ` + in + ` order by name`
	}, func(rows *sql.Rows) error {
		var id int64
		var name string
		err := rows.Scan(&id, &name)
		for _, p := range of[id] {
			p.Environments = append(p.Environments, name)
		}
		return err
	}); err != nil {
		return nil, err
	}
	out := make([]subject.Policy, len(list))
	for i, p := range list {
		out[i] = *p
	}
	return out, nil
}

// Policies implements store.Policies.
func (s *Store) Policies(ctx context.Context, org store.OrgID) ([]subject.Policy, error) {
	list, err := s.read(ctx, s.db.Reader, ``, org)
	return list, s.db.Error("list policies", "", err)
}

// Policy implements store.Policies.
func (s *Store) Policy(ctx context.Context, org store.OrgID, name string) (subject.Policy, error) {
	p, err := s.one(ctx, s.db.Reader, org, name)
	return p, s.db.Error("find policy", name, err)
}

func (s *Store) one(ctx context.Context, q sqldb.Querier, org store.OrgID, name string) (subject.Policy, error) {
	list, err := s.read(ctx, q, ` and p.name = $2`, org, name)
	if err == nil && len(list) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		return subject.Policy{}, err
	}
	return list[0], nil
}

var readOrganisation = `select policies_at from organisation where id = $1`

// lockOrganisation lets changes of the policies of an organisation come one after the other. SQLite has a single writer.
var lockOrganisation = sqldb.Text{SQLite: readOrganisation, Postgres: readOrganisation + ` for update`}

// EnsurePolicies implements store.Policies.
func (s *Store) EnsurePolicies(ctx context.Context, org store.OrgID, first []subject.Policy) error {
	var given sql.NullInt64
	if err := s.db.Reader.QueryRowContext(ctx, readOrganisation, org).Scan(&given); err != nil || given.Valid {
		return s.db.Error("read policies", "", err)
	}
	return s.db.Write(ctx, "store first policies", "", func(tx *sql.Tx, now int64) error {
		if err := tx.QueryRowContext(ctx, s.db.Choose(lockOrganisation), org).Scan(&given); err != nil || given.Valid {
			return err
		}
		for _, p := range first {
			if err := s.insert(ctx, tx, now, org, &p); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `update organisation set policies_at = $2 where id = $1`, org, now); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.PoliciesResource) // no image was asked about anything before
	})
}

// changed makes all images due after a change of what is asked of them.
func (s *Store) changed(ctx context.Context, tx *sql.Tx, org store.OrgID) error {
	if err := due.Organisation(ctx, tx, org); err != nil {
		return err
	}
	return revision.Raise(ctx, tx, org, store.PoliciesResource)
}

func (s *Store) insert(ctx context.Context, tx *sql.Tx, now int64, org store.OrgID, p *subject.Policy) error {
	environments, err := environmentNumbers(ctx, tx, org, p.Environments)
	if err != nil {
		return err
	}
	p.ID, p.Created, p.Changed = sqldb.NewID(), sqldb.Time(now), sqldb.Time(now)
	_, err = tx.ExecContext(ctx, `insert into policy (id, organisation_id, name, description, type, parameters, repositories, environments, weight, enabled, created_at, changed_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)`,
		p.ID, org, p.Name, p.Description, p.Type, string(p.Parameters), list(p.Repositories), environments, p.Weight, p.Enabled, now)
	return err
}

// list writes a list as JSON, and none as nothing.
func list(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return sqldb.JSON(texts)
}

// environmentNumbers writes the numbers of environments as JSON, and none as nothing.
func environmentNumbers(ctx context.Context, tx *sql.Tx, org store.OrgID, names []string) (string, error) {
	if len(names) == 0 {
		return "", nil
	}
	ids := make([]int64, len(names))
	for i, name := range names {
		if err := tx.QueryRowContext(ctx, `select id from environment where organisation_id = $1 and name = $2 and deleted_at is null`, org, name).Scan(&ids[i]); err != nil {
			if errors.Is(err, sql.ErrNoRows) {
				return "", &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find environment", Subject: name, Hint: "a policy holds in environments that there are; list them, and check the name"}
			}
			return "", err
		}
	}
	return sqldb.JSON(ids), nil
}

// told is what the audit tells of parameters: of long ones, such as the text of a policy, which they are.
func told(parameters []byte) string {
	const most = 2_000
	if len(parameters) <= most {
		return string(parameters)
	}
	return string(crowsnest.DigestOf(parameters)) + ", " + strconv.Itoa(len(parameters)) + " bytes"
}

// detail says for the audit what a policy is.
func detail(p subject.Policy) map[string]string {
	out := map[string]string{"type": p.Type, "parameters": told(p.Parameters), "enabled": strconv.FormatBool(p.Enabled), "weight": strconv.Itoa(p.Weight)}
	for name, texts := range map[string][]string{"repositories": p.Repositories, "environments": p.Environments} {
		if len(texts) > 0 {
			out[name] = strings.Join(texts, ", ")
		}
	}
	return out
}

// CreatePolicy implements store.Policies.
func (s *Store) CreatePolicy(ctx context.Context, org store.OrgID, p subject.Policy) (subject.Policy, error) {
	err := s.db.Write(ctx, "create policy", p.Name, func(tx *sql.Tx, now int64) error {
		var given sql.NullInt64
		if err := tx.QueryRowContext(ctx, s.db.Choose(lockOrganisation), org).Scan(&given); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRowContext(ctx, `select count(*) from policy where organisation_id = $1`, org).Scan(&n); err != nil {
			return err
		}
		if n >= subject.MaxPolicies {
			return &crowsnest.Error{Kind: crowsnest.Conflict, Op: "create policy", Subject: p.Name, Hint: "there are " + strconv.Itoa(n) + " already, which is the most; delete one that is not needed"}
		}
		if err := s.insert(ctx, tx, now, org, &p); err != nil {
			return err
		}
		if err := access.Record(ctx, tx, now, org, "policy.create", p.Name, detail(p)); err != nil {
			return err
		}
		return s.changed(ctx, tx, org)
	})
	return p, err
}

// ChangePolicy implements store.Policies.
func (s *Store) ChangePolicy(ctx context.Context, org store.OrgID, name string, change subject.PolicyChange) (p subject.Policy, err error) {
	err = s.db.Write(ctx, "change policy", name, func(tx *sql.Tx, now int64) error {
		var given sql.NullInt64
		if err := tx.QueryRowContext(ctx, s.db.Choose(lockOrganisation), org).Scan(&given); err != nil {
			return err
		}
		was, err := s.one(ctx, tx, org, name)
		if err != nil {
			return err
		}
		p = was
		set(&p.Name, change.Name)
		set(&p.Description, change.Description)
		set(&p.Repositories, change.Repositories)
		set(&p.Environments, change.Environments)
		set(&p.Weight, change.Weight)
		set(&p.Enabled, change.Enabled)
		if change.Parameters != nil {
			p.Parameters = change.Parameters
		}
		p.Changed = sqldb.Time(now)
		// What names an environment that was deleted stays until somebody says otherwise.
		if change.Environments != nil {
			environments, err := environmentNumbers(ctx, tx, org, p.Environments)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `update policy set environments = $2 where id = $1`, p.ID, environments); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `update policy set name = $2, description = $3, parameters = $4, repositories = $5, weight = $6, enabled = $7, changed_at = $8 where id = $1`,
			p.ID, p.Name, p.Description, string(p.Parameters), list(p.Repositories), p.Weight, p.Enabled, now); err != nil {
			return err
		}
		if was.Enabled && !p.Enabled {
			if _, err := tx.ExecContext(ctx, `update policy_result set closed_at = case when opened_at > $2 then opened_at else $2 end where policy_id = $1 and closed_at is null`, p.ID, now); err != nil {
				return err
			}
		}
		changes := make(map[string]string)
		before, after := detail(was), detail(p)
		before["name"], after["name"] = was.Name, p.Name
		before["description"], after["description"] = was.Description, p.Description
		for key, text := range after {
			if text != before[key] {
				changes[key] = text
			}
		}
		for key := range before {
			if _, ok := after[key]; !ok {
				changes[key] = ""
			}
		}
		if len(changes) == 0 {
			return nil
		}
		if err := access.Record(ctx, tx, now, org, "policy.update", name, changes); err != nil {
			return err
		}
		return s.changed(ctx, tx, org)
	})
	return p, err
}

func set[T any](into, to *T) {
	if to != nil {
		*into = *to
	}
}

// DeletePolicy implements store.Policies.
func (s *Store) DeletePolicy(ctx context.Context, org store.OrgID, name string) error {
	return s.db.Write(ctx, "delete policy", name, func(tx *sql.Tx, now int64) error {
		var id int64
		if err := tx.QueryRowContext(ctx, `delete from policy where organisation_id = $1 and name = $2 returning id`, org, name).Scan(&id); err != nil {
			return err
		}
		if err := access.Record(ctx, tx, now, org, "policy.delete", name, nil); err != nil {
			return err
		}
		return revision.Raise(ctx, tx, org, store.PoliciesResource)
	})
}
