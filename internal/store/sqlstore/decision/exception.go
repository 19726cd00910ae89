package decision

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/access"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/due"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

const columns = `x.id, x.vulnerability, x.kind, x.justification, x.image, x.repositories, x.environments, x.packages, x.text, x.author, x.created_at, x.expires_at,
	x.approved_by, x.approved_at, x.revoked_by, x.revoked_at`

// exceptions reads exceptions of an organisation ($1), by what follows their condition.
func (s *Store) exceptions(ctx context.Context, q sqldb.Querier, org store.OrgID, rest string, args ...any) ([]decided.Exception, error) {
	now := sqldb.Time(s.db.Now())
	var numbers [][]int64
	list, err := sqldb.Collect(ctx, q, func(rows *sql.Rows) (x decided.Exception, err error) {
		var repositories, environments, packages string
		var created int64
		var expires, approved, revoked sql.NullInt64
		if err := rows.Scan(&x.ID, &x.Vulnerability, &x.Kind, &x.Justification, &x.Scope.Image, &repositories, &environments, &packages, &x.Text, &x.Author, &created, &expires,
			&x.ApprovedBy, &approved, &x.RevokedBy, &revoked); err != nil {
			return x, err
		}
		x.Created, x.Expires, x.Approved, x.Revoked = sqldb.Time(created), sqldb.NullTime(expires), sqldb.NullTime(approved), sqldb.NullTime(revoked)
		x.State = stateOf(x, now)
		var of []int64
		err = errors.Join(sqldb.FromJSON(repositories, &x.Scope.Repositories), sqldb.FromJSON(environments, &of), sqldb.FromJSON(packages, &x.Scope.Packages))
		numbers = append(numbers, of)
		return x, err
	}, `select `+columns+` from exception as x where x.organisation_id = $1`+rest, args...)
	if err != nil || !slices.ContainsFunc(numbers, func(of []int64) bool { return len(of) > 0 }) {
		return list, err
	}
	names, err := environmentNames(ctx, q, org)
	for i, of := range numbers {
		for _, n := range of {
			list[i].Scope.Environments = append(list[i].Scope.Environments, names[n])
		}
		slices.Sort(list[i].Scope.Environments)
	}
	return list, err
}

func stateOf(x decided.Exception, now time.Time) decided.State {
	switch {
	case !x.Revoked.IsZero():
		return decided.Revoked
	case !x.Expires.IsZero() && !now.Before(x.Expires):
		return decided.Expired
	case x.Approved.IsZero():
		return decided.Waiting
	}
	return decided.Active
}

// conditions tell of an exception in which state it is; $2 is the time.
var conditions = map[decided.State]string{
	decided.Revoked: `x.revoked_at is not null`,
	decided.Expired: `x.revoked_at is null and x.expires_at <= $2`,
	decided.Waiting: `x.revoked_at is null and x.approved_at is null and (x.expires_at is null or x.expires_at > $2)`,
	decided.Active:  `x.revoked_at is null and x.approved_at is not null and (x.expires_at is null or x.expires_at > $2)`,
}

// Exceptions implements decided.Decisions.
func (s *Store) Exceptions(ctx context.Context, org store.OrgID, filter decided.Filter) ([]decided.Exception, string, error) {
	created, id := int64(1)<<62, ""
	more, err := sqldb.ReadCursor(filter.Cursor, &created, &id)
	if err != nil {
		return nil, "", err
	}
	if !more {
		created = 1 << 62
	}
	limit := sqldb.Limit(store.Page{Limit: filter.Limit})
	args := []any{org, s.db.Now(), created, id, limit + 1}
	where := ``
	var states []string
	for _, state := range filter.States {
		condition, ok := conditions[state]
		if !ok {
			return nil, "", &crowsnest.Error{Kind: crowsnest.Invalid, Op: "list exceptions in state", Subject: string(state), Hint: "use waiting, active, expired or revoked"}
		}
		states = append(states, `(`+condition+`)`)
	}
	if len(states) > 0 {
		where += ` and (` + strings.Join(states, ` or `) + `)`
	}
	if filter.Kind != "" {
		args = append(args, filter.Kind)
		where += ` and x.kind = ` + sqldb.Dollar(len(args))
	}
	if filter.Query != "" {
		args = append(args, sqldb.Pattern(filter.Query))
		text := sqldb.Dollar(len(args))
		where += ` and (` + sqldb.Contains(`x.vulnerability`, text) + ` or ` + sqldb.Contains(`x.text`, text) + ` or ` + sqldb.Contains(`x.author`, text) + `)`
	}
	list, err := s.exceptions(ctx, s.db.Reader, org, ` and cast($2 as bigint) <> 0`+where+` and (x.created_at, x.id) < ($3, $4) order by x.created_at desc, x.id desc limit $5`, args...)
	if err != nil {
		return nil, "", s.db.Error("list exceptions", "", err)
	}
	part := sqldb.Cut(list, limit, func(x decided.Exception) string { return sqldb.Cursor(x.Created.UnixMicro(), x.ID) })
	return part.Items, part.Next, nil
}

// Exception implements decided.Decisions.
func (s *Store) Exception(ctx context.Context, org store.OrgID, id string) (decided.Exception, error) {
	x, err := s.one(ctx, s.db.Reader, org, id)
	return x, s.db.Error("find exception", id, err)
}

func (s *Store) one(ctx context.Context, q sqldb.Querier, org store.OrgID, id string) (decided.Exception, error) {
	list, err := s.exceptions(ctx, q, org, ` and x.id = $2`, org, id)
	if err == nil && len(list) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		return decided.Exception{}, err
	}
	return list[0], nil
}

// CreateException implements decided.Decisions.
func (s *Store) CreateException(ctx context.Context, org store.OrgID, draft decided.Draft, approved bool) (decided.Exception, error) {
	var out decided.Exception
	fail := func(field, hint string) error {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "make exception for", Subject: draft.Vulnerability, Hint: hint, Field: field}
	}
	if len(draft.Text) > decided.MaxText {
		return out, fail("text", fmt.Sprintf("say it in at most %d bytes", decided.MaxText))
	}
	id := sqldb.NewUUID()
	err := s.db.Write(ctx, "make exception for", draft.Vulnerability, func(tx *sql.Tx, now int64) error {
		if !draft.Expires.IsZero() && draft.Expires.UnixMicro() <= now {
			return fail("expires", "it would be over already; give a day that is to come")
		}
		if err := s.lock(ctx, tx, org); err != nil {
			return err
		}
		var open int
		if err := tx.QueryRowContext(ctx, `select count(*) from exception where organisation_id = $1 and revoked_at is null and (expires_at is null or expires_at > $2)`, org, now).Scan(&open); err != nil {
			return err
		}
		if open >= decided.MaxExceptions {
			return &crowsnest.Error{Kind: crowsnest.Conflict, Op: "make exception for", Subject: draft.Vulnerability, Hint: fmt.Sprintf("there are %d already; revoke some first", open)}
		}
		environments, err := environmentNumbers(ctx, tx, org, draft.Scope.Environments)
		if err != nil {
			return err
		}
		author := crowsnest.Text(store.ActorOf(ctx).Name)
		approver, approvedAt := "", any(nil)
		if approved {
			approvedAt = now
		}
		if _, err := tx.ExecContext(ctx, `insert into exception (id, organisation_id, vulnerability, kind, justification, image, repositories, environments, packages, text, author, created_at, expires_at,
				approved_by, approved_at, revoked_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, '')`,
			id, org, draft.Vulnerability, draft.Kind, draft.Justification, draft.Scope.Image, list(draft.Scope.Repositories), environments, list(draft.Scope.Packages),
			draft.Text, author, now, sqldb.Micros(draft.Expires), approver, approvedAt); err != nil {
			return err
		}
		if out, err = s.one(ctx, tx, org, id); err != nil {
			return err
		}
		if err := access.Record(ctx, tx, now, org, "exception.create", draft.Vulnerability, detail(out)); err != nil {
			return err
		}
		return s.changed(ctx, tx, org, draft.Vulnerability)
	})
	return out, err
}

// detail is what the audit log has of an exception.
func detail(x decided.Exception) map[string]string {
	out := map[string]string{"id": x.ID, "type": string(x.Kind), "state": string(x.State)}
	for key, value := range map[string]string{
		"justification": string(x.Justification), "image": x.Scope.Image, "repositories": strings.Join(x.Scope.Repositories, " "), "environments": strings.Join(x.Scope.Environments, ", "),
		"packages": strings.Join(x.Scope.Packages, " "), "text": x.Text,
	} {
		if value != "" {
			out[key] = value
		}
	}
	if !x.Expires.IsZero() {
		out["expires"] = x.Expires.Format(time.RFC3339)
	}
	return out
}

// changed says that something is decided otherwise about vulnerabilities, by their names.
func (s *Store) changed(ctx context.Context, tx *sql.Tx, org store.OrgID, names ...string) error {
	if err := due.Decided(ctx, s.db, tx, org, names); err != nil {
		return err
	}
	return revision.Raise(ctx, tx, org, store.DecisionsResource, store.ImagesResource, store.EnvironmentsResource)
}

// ApproveException implements decided.Decisions.
func (s *Store) ApproveException(ctx context.Context, org store.OrgID, id string) (decided.Exception, error) {
	return s.end(ctx, org, id, "approve", func(x decided.Exception) bool { return x.State == decided.Waiting }, `update exception set approved_by = $3, approved_at = $4 where organisation_id = $1 and id = $2`)
}

// RevokeException implements decided.Decisions.
func (s *Store) RevokeException(ctx context.Context, org store.OrgID, id string) (decided.Exception, error) {
	return s.end(ctx, org, id, "revoke", func(x decided.Exception) bool { return x.State == decided.Waiting || x.State == decided.Active }, `update exception set revoked_by = $3, revoked_at = $4 where organisation_id = $1 and id = $2`)
}

// end takes a step of the life of an exception.
func (s *Store) end(ctx context.Context, org store.OrgID, id, step string, may func(decided.Exception) bool, stmt string) (decided.Exception, error) {
	var out decided.Exception
	err := s.db.Write(ctx, step+" exception", id, func(tx *sql.Tx, now int64) error {
		if err := s.lock(ctx, tx, org); err != nil {
			return err
		}
		x, err := s.one(ctx, tx, org, id)
		if err != nil {
			return err
		}
		if !may(x) {
			return &crowsnest.Error{Kind: crowsnest.Conflict, Op: step + " exception", Subject: id, Hint: "it is " + string(x.State) + "; make another one if it is still needed"}
		}
		if _, err := tx.ExecContext(ctx, stmt, org, id, crowsnest.Text(store.ActorOf(ctx).Name), now); err != nil {
			return err
		}
		if out, err = s.one(ctx, tx, org, id); err != nil {
			return err
		}
		if err := access.Record(ctx, tx, now, org, "exception."+step, x.Vulnerability, detail(out)); err != nil {
			return err
		}
		return s.changed(ctx, tx, org, x.Vulnerability)
	})
	return out, err
}

// list writes a list as JSON, and none as nothing.
func list(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return sqldb.JSON(texts)
}

// environmentNumbers writes the numbers of environments as JSON, and none as nothing.
func environmentNumbers(ctx context.Context, q sqldb.Querier, org store.OrgID, names []string) (string, error) {
	if len(names) == 0 {
		return "", nil
	}
	ids := make([]int64, len(names))
	for i, name := range names {
		if err := q.QueryRowContext(ctx, `select id from environment where organisation_id = $1 and name = $2 and deleted_at is null`, org, name).Scan(&ids[i]); err != nil {
			if errors.Is(err, sql.ErrNoRows) {
				err = &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find environment", Subject: name, Hint: "name one that there is, or leave it out", Field: "environments"}
			}
			return "", err
		}
	}
	return sqldb.JSON(ids), nil
}
