package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strconv"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// gapWorkloads bounds how many workloads are named for one gap.
const gapWorkloads = 20

// gapRow carries the numbers beside what is shown; one of them is set.
type gapRow struct {
	store.Gap
	image, unknown sql.NullInt64
	asked          asked
}

// asked is what came of asking for an image because it runs. The state is empty if nobody did.
type asked struct {
	state             store.State
	reason, reference string
}

// tell says in a gap what came of asking for it.
func (a asked) tell(g *store.Gap) {
	switch a.state {
	case store.Queued, store.Running:
		g.Cause = running.Cause{Code: running.Asked, Reference: a.reference, Detail: a.reason}
		g.Remedy.Action, g.Remedy.Reason = store.WaitRemedy, ""
	case store.Failed:
		g.Cause = running.Cause{Code: running.AskedInVain, Reference: a.reference, Detail: a.reason}
	case store.Done: // nothing that a registry could be asked for is left
		g.Cause = running.Cause{Code: running.NameMoved, Reference: a.reference}
		g.Remedy = store.Remedy{}
	}
}

func scanGap(rows *sql.Rows) (gapRow, error) {
	var g gapRow
	var state, reason, name sql.NullString
	var removed sql.NullInt64
	err := rows.Scan(&g.ImageID, &name, &g.Reported, &state, &reason, &removed, &g.image, &g.unknown, &g.asked.state, &g.asked.reason, &g.asked.reference)
	g.Name, g.State = name.String, "not-analysed"
	switch {
	case !state.Valid:
		g.State, g.Cause.Code = "unresolved", running.UnknownImage
	case state.String == string(store.Failed):
		g.State, g.Cause = "failed", running.Cause{Code: running.AnalysisFails, Detail: reason.String}
	case removed.Valid:
		g.Cause = running.Cause{Code: running.TakenOut, Removed: sqldb.Time(removed.Int64)}
	default:
		g.Cause.Code = running.Waits
	}
	return g, err
}

// Gaps implements store.Environments.
func (s *Store) Gaps(ctx context.Context, org store.OrgID, environment string, page store.Page) (store.List[store.Gap], error) {
	return s.gaps(ctx, org, environment, time.Time{}, page)
}

// GapsAt implements store.Exposures.
func (s *Store) GapsAt(ctx context.Context, org store.OrgID, environment string, at time.Time, page store.Page) (store.List[store.Gap], error) {
	return s.gaps(ctx, org, environment, at, page)
}

// placeOf finds an environment, as it is or, at a time that is not zero, as it was.
func placeOf(ctx context.Context, db *sqldb.DB, org store.OrgID, environment string, at time.Time) (int64, error) {
	if at.IsZero() {
		return member.EnvironmentID(ctx, db, org, environment)
	}
	return member.HistoryID(ctx, db, org, environment, at)
}

func (s *Store) gaps(ctx context.Context, org store.OrgID, environment string, at time.Time, page store.Page) (store.List[store.Gap], error) {
	var out store.List[store.Gap]
	table, args, inEnvironment := member.Table(`0`, member.Everywhere), []any{org}, int64(0)
	if environment != "" || !at.IsZero() {
		id, err := placeOf(ctx, s.db, org, environment, at)
		if err != nil {
			return out, err
		}
		table, args, inEnvironment = member.Table(`0`, member.Within(id)), append(args, id), id
		if !at.IsZero() {
			table, args = member.TableAt(), append(args, at.UnixMicro())
		}
	}
	var after string
	if _, err := sqldb.ReadCursor(page.Cursor, &after); err != nil {
		return out, err
	}
	limit := sqldb.Limit(page)
	n := len(args)
	gaps, err := sqldb.Collect(ctx, s.db.Reader, scanGap, table+`select distinct coalesce(i.digest, d.digest), coalesce(i.name, n.name), i.id is null and n.name is not null, i.state, i.reason, i.removed_at, i.id, case when i.id is null then d.id end, coalesce(q.state, ''), coalesce(q.reason, ''), coalesce(q.reference, '')
		from member as m
		left join image as i on i.id = m.image_id
		left join digest as d on d.id = m.digest_id
		left join reported_name as n on n.digest_id = m.digest_id
		left join running_request as a on a.digest_id = m.digest_id
		left join analysis_request as q on q.id = a.request_id and i.id is null
		where (m.state is null or m.state <> 'analysed') and coalesce(i.digest, d.digest) > `+sqldb.Dollar(n+1)+` order by 1 limit `+sqldb.Dollar(n+2), append(args, after, limit+1)...)
	if err != nil {
		return out, s.db.Error("list images that are not analysed", "", err)
	}
	part := sqldb.Cut(gaps, limit, func(g gapRow) string { return sqldb.Cursor(string(g.ImageID)) })
	if err := s.fillWorkloads(ctx, part.Items, inEnvironment, at); err != nil {
		return out, s.db.Error("list workloads", "", err)
	}
	if at.IsZero() { // what it is to be warned of is of now
		if err := s.warnOfGaps(ctx, org, inEnvironment, part.Items); err != nil {
			return out, err
		}
	}
	names := make([]string, len(part.Items))
	for i, g := range part.Items {
		names[i] = g.Name
	}
	remedies, err := s.Remedies(ctx, org, names)
	if err != nil {
		return out, err
	}
	out.Next = part.Next
	for _, g := range part.Items {
		g.Remedy = remedies[g.Name]
		if at.IsZero() && g.State == "unresolved" && g.Name == "" {
			g.Cause = unnamed(g.Cause, g.Workloads)
		}
		if at.IsZero() {
			g.asked.tell(&g.Gap)
		}
		out.Items = append(out.Items, g.Gap)
	}
	return out, nil
}

func (s *Store) warnOfGaps(ctx context.Context, org store.OrgID, environment int64, gaps []gapRow) error {
	images, digests := make(map[int64]crowsnest.Digest), make(map[int64]crowsnest.Digest)
	for _, g := range gaps {
		if g.image.Valid {
			images[g.image.Int64] = g.ImageID
		} else {
			digests[g.unknown.Int64] = g.ImageID
		}
	}
	byImage, byDigest, err := s.WarnOfGaps(ctx, org, environment, images, digests)
	for i := range gaps {
		g := &gaps[i]
		if g.Warnings = byDigest[g.unknown.Int64]; g.image.Valid {
			g.Warnings = byImage[g.image.Int64]
		}
	}
	return err
}

// fillWorkloads names some of the workloads of each gap, in one environment unless it is 0, as they are or were at a time.
func (s *Store) fillWorkloads(ctx context.Context, gaps []gapRow, environment int64, at time.Time) error {
	then, args := `o.closed_at is null`, []any{environment}
	if !at.IsZero() {
		then, args = `o.opened_at <= $2 and (o.closed_at is null or o.closed_at > $2)`, append(args, at.UnixMicro())
	}
	byDigest := make(map[int64][]int) // number of a digest to the gaps it stands for
	byImage := make(map[int64]int)
	var images, digests []int64
	for i, g := range gaps {
		if g.image.Valid {
			byImage[g.image.Int64] = i
			images = append(images, g.image.Int64)
			continue
		}
		byDigest[g.unknown.Int64] = []int{i}
		digests = append(digests, g.unknown.Int64)
	}
	if err := sqldb.CollectIn(ctx, s.db, s.db.Reader, images, nil, func(in string) string {
		return `select image_id, digest_id from alias where image_id in ` + in
	}, func(rows *sql.Rows) error {
		var image, digest int64
		err := rows.Scan(&image, &digest)
		byDigest[digest] = append(byDigest[digest], byImage[image])
		digests = append(digests, digest)
		return err
	}); err != nil {
		return err
	}
	if err := sqldb.CollectIn(ctx, s.db, s.db.Reader, digests, args, func(in string) string {
		return `select digest_id, integration, cluster, namespace, kind, name, container from (
				select o.digest_id, g.name as integration, o.cluster, o.namespace, o.kind, o.name, o.container,
					row_number() over (partition by o.digest_id order by g.name, o.cluster, o.namespace, o.kind, o.name, o.container) as n
				from occurrence as o join integration as g on g.number = o.integration_number
				where ` + then + ` and cast($1 as bigint) in (0, o.environment_id) and o.digest_id in ` + in + `
			) as ranked where n <= ` + strconv.Itoa(gapWorkloads)
	}, func(rows *sql.Rows) error {
		var digest int64
		w, err := scanWorkload(rows, &digest)
		for _, i := range byDigest[digest] {
			gaps[i].Workloads = append(gaps[i].Workloads, w)
		}
		return err
	}); err != nil {
		return err
	}
	for i := range gaps {
		g := &gaps[i]
		slices.SortFunc(g.Workloads, compareWorkloads)
		g.Workloads = slices.Compact(g.Workloads)
		g.Workloads = g.Workloads[:min(len(g.Workloads), gapWorkloads)]
	}
	return nil
}

func compareWorkloads(a, b crowsnest.Workload) int {
	return cmp.Or(cmp.Compare(a.Integration, b.Integration), cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.Namespace, b.Namespace),
		cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Container, b.Container))
}

// unnamed is the cause of which not even the name of an image is known: many tokens that tell what runs do not tell how it is called.
func unnamed(cause running.Cause, workloads []crowsnest.Workload) running.Cause {
	for _, w := range workloads {
		if w.Kind != store.AssignedKind {
			return running.Cause{Code: running.UnnamedImage, Detail: w.Integration}
		}
	}
	return cause
}
