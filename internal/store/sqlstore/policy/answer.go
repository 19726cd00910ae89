package policy

import (
	"context"
	"database/sql"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
)

// The numbers that stand for what a policy says. Of several the highest counts: what is not known is worse than what is fine.
const (
	compliant    = 0
	noData       = 1
	nonCompliant = 2
)

func rankOf(c crowsnest.Compliance) int {
	switch c {
	case crowsnest.Compliant:
		return compliant
	case crowsnest.NonCompliant:
		return nonCompliant
	}
	return noData
}

func statusOf(rank int) crowsnest.Compliance {
	switch rank {
	case compliant:
		return crowsnest.Compliant
	case nonCompliant:
		return crowsnest.NonCompliant
	}
	return crowsnest.NoData
}

// DuePolicies implements store.PolicyEvaluation.
func (s *Store) DuePolicies(ctx context.Context, limit int) (store.OrgID, []subject.DueImage, error) {
	type row struct {
		org store.OrgID
		subject.DueImage
	}
	rows, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (r row, err error) {
		return r, rows.Scan(&r.org, &r.Image, &r.Marks)
	}, `select i.organisation_id, d.image_id, d.marks from policy_due as d join image as i on i.id = d.image_id order by d.image_id limit $1`, limit)
	if err == nil && len(rows) == 0 {
		rows, err = sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (r row, err error) {
			return r, rows.Scan(&r.org, &r.Image)
		}, `select organisation_id, image_id from policy_image where again_at <= $1 order by again_at, image_id limit $2`, s.db.Now(), limit)
	}
	if err != nil || len(rows) == 0 {
		return "", nil, s.db.Error("find images to ask about", "", err)
	}
	var out []subject.DueImage
	for _, r := range rows {
		if r.org == rows[0].org {
			out = append(out, r.DueImage)
		}
	}
	return rows[0].org, out, nil
}

// EnqueueDuePolicies implements store.PolicyEvaluation.
func (s *Store) EnqueueDuePolicies(ctx context.Context) error {
	_, list, err := s.DuePolicies(ctx, 1)
	if err != nil || len(list) == 0 {
		return err
	}
	return s.db.Write(ctx, "enqueue policies", "", func(tx *sql.Tx, _ int64) error {
		return s.enqueue(ctx, tx, store.Work{Kind: store.PolicyWork})
	})
}

// DuePolicyImages implements store.PolicyResults.
func (s *Store) DuePolicyImages(ctx context.Context, org store.OrgID) (n int, err error) {
	err = s.db.Reader.QueryRowContext(ctx, `select count(*) from policy_due as d join image as i on i.id = d.image_id where i.organisation_id = $1`, org).Scan(&n)
	return n, s.db.Error("count images to ask about", "", err)
}

// place is what a result is of.
type place struct{ image, policy, environment int64 }

// open is a result that lasts.
type open struct {
	id                 int64
	status, violations int
	reason, says       string
}

// sayings writes the sentences of a reason for the database; nothing of none.
func sayings(list []crowsnest.Saying) string {
	if len(list) == 0 {
		return ""
	}
	return sqldb.NoNUL(sqldb.JSON(list))
}

// SavePolicyAnswers implements store.PolicyEvaluation. The difference is taken here and not in SQL, as of sweeps: where nothing
// became another, nothing but the marks is written.
func (s *Store) SavePolicyAnswers(ctx context.Context, org store.OrgID, answers []subject.PolicyAnswers) error {
	return s.db.Write(ctx, "store results of policies", "", func(tx *sql.Tx, now int64) error {
		answers, contents, err := s.asked(ctx, tx, org, answers)
		if err != nil || len(answers) == 0 {
			return err
		}
		images := make([]int64, len(answers))
		for i, a := range answers {
			images[i] = a.Image
		}
		was, err := s.openResults(ctx, tx, images)
		if err != nil {
			return err
		}
		enabled, err := sqldb.Collect(ctx, tx, sqldb.ScanOne[int64], s.db.Choose(lockPolicies), org)
		if err != nil {
			return err
		}
		var opened, reworded [][]any
		var ended []int64
		for _, a := range answers {
			cause := subject.CauseOutside
			if contents[a.Image] != a.Content {
				cause = subject.CauseImage
			}
			for _, r := range a.Results {
				if !slices.Contains(enabled, r.Policy) { // disabled or deleted since it was asked
					continue
				}
				at := place{a.Image, r.Policy, r.Environment}
				old, lasts := was[at]
				status, says := rankOf(r.Status), sayings(r.Says)
				if lasts && old.status == status && old.violations == r.Violations {
					delete(was, at)
					if old.reason != r.Reason || old.says != says {
						reworded = append(reworded, []any{old.id, r.Reason, says})
					}
					continue
				}
				opened = append(opened, []any{sqldb.NewID(), r.Policy, a.Image, r.Environment, status, r.Violations, now, cause, r.Reason, says})
			}
		}
		for _, o := range was {
			ended = append(ended, o.id)
		}
		slices.Sort(ended)
		if err := sqldb.EachChunk(ended, func(args []any) error {
			_, err := tx.ExecContext(ctx, `update policy_result set closed_at = case when opened_at > $1 then opened_at else $1 end where id in `+s.db.Parameters(2, len(args)), append([]any{now}, args...)...)
			return err
		}); err != nil {
			return err
		}
		if err := s.db.InsertRows(ctx, tx, `insert into policy_result (id, policy_id, image_id, environment_id, status, violations, opened_at, opened_by, reason, says) values `, opened, ``); err != nil {
			return err
		}
		if err := s.db.EachRows(ctx, tx, reworded, func(n int) string {
			return `with r (id, reason, says) as (values ` + s.db.Values(n, "bigint", "text", "text") + `) update policy_result set reason = r.reason, says = r.says from r where r.id = policy_result.id`
		}); err != nil {
			return err
		}
		if err := s.answered(ctx, tx, org, answers); err != nil || len(opened)+len(ended)+len(reworded) == 0 {
			return err
		}
		return revision.Raise(ctx, tx, org, store.PoliciesResource)
	})
}

var readEnabled = `select id from policy where organisation_id = $1 and enabled`

// lockPolicies keeps the enabled policies from being disabled or deleted until their results are stored.
var lockPolicies = sqldb.Text{SQLite: readEnabled, Postgres: readEnabled + ` order by id for share`}

var readAsked = func(in string) string {
	return `select i.id, coalesce(p.content_id, 0) from image as i left join policy_image as p on p.image_id = i.id where i.organisation_id = $1 and i.id in ` + in + ` order by i.id`
}

// asked drops the answers about images that are not the organisation's, and returns the contents that the others were last
// asked about. Two who answer about the same images come one after the other.
func (s *Store) asked(ctx context.Context, tx *sql.Tx, org store.OrgID, answers []subject.PolicyAnswers) ([]subject.PolicyAnswers, map[int64]int64, error) {
	images := make([]int64, len(answers))
	for i, a := range answers {
		images[i] = a.Image
	}
	slices.Sort(images)
	contents := make(map[int64]int64, len(answers))
	err := sqldb.CollectIn(ctx, s.db, tx, images, []any{org}, func(in string) string {
		return readAsked(in) + s.db.Choose(sqldb.Text{Postgres: ` for no key update of i`})
	}, func(rows *sql.Rows) error {
		var image, content int64
		err := rows.Scan(&image, &content)
		contents[image] = content
		return err
	})
	return slices.DeleteFunc(slices.Clone(answers), func(a subject.PolicyAnswers) bool {
		_, ok := contents[a.Image]
		return !ok
	}), contents, err
}

func (s *Store) openResults(ctx context.Context, tx *sql.Tx, images []int64) (map[place]open, error) {
	out := make(map[place]open)
	return out, sqldb.CollectIn(ctx, s.db, tx, images, nil, func(in string) string {
		return `select id, image_id, policy_id, environment_id, status, violations, reason, says from policy_result where closed_at is null and image_id in ` + in
	}, func(rows *sql.Rows) error {
		var at place
		var o open
		err := rows.Scan(&o.id, &at.image, &at.policy, &at.environment, &o.status, &o.violations, &o.reason, &o.says)
		out[at] = o
		return err
	})
}

// answered notes what images were asked about, and takes away the marks that were answered.
func (s *Store) answered(ctx context.Context, tx *sql.Tx, org store.OrgID, answers []subject.PolicyAnswers) error {
	var rows, marks [][]any
	for _, a := range answers {
		rows = append(rows, []any{a.Image, org, a.Content, a.Base, sqldb.Micros(a.Again)})
		if a.Marks > 0 {
			marks = append(marks, []any{a.Image, a.Marks})
		}
	}
	if err := s.db.InsertRows(ctx, tx, `insert into policy_image (image_id, organisation_id, content_id, base, again_at) values `, rows,
		` on conflict (image_id) do update set content_id = excluded.content_id, base = excluded.base, again_at = excluded.again_at`); err != nil {
		return err
	}
	return s.db.EachRows(ctx, tx, marks, func(n int) string {
		return `delete from policy_due where (image_id, marks) in (values ` + s.db.Values(n, "bigint", "bigint") + `)`
	})
}
