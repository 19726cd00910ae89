package environment

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/access"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// AssignImages implements store.Assignments. The difference of what is open and what is given
// is taken as a sweep does.
func (s *Store) AssignImages(ctx context.Context, org store.OrgID, environment string, a store.Assignment) (out store.Assigned, err error) {
	err = s.db.Write(ctx, "record images in environment", environment, func(tx *sql.Tx, now int64) error {
		out = store.Assigned{}
		found, err := s.find(ctx, tx, org, a.Images)
		if err != nil {
			return err
		}
		place, number, err := s.assignedTo(ctx, tx, now, org, environment, a.Create)
		if err != nil {
			return err
		}
		open, err := member.OpenRuns(ctx, tx, number)
		if err != nil {
			return err
		}
		digests := make([]string, len(found))
		for i, f := range found {
			digests[i] = string(f.assigned)
		}
		numbers, err := member.Digests(ctx, s.db, tx, org, digests)
		if err != nil {
			return err
		}
		var opened [][]any
		var names []string
		changes := make(map[int64]int) // of open occurrences, by digest
		kept := make(map[member.Run]bool, len(found))
		for _, f := range found {
			out.Images = append(out.Images, f.AssignedImage)
			run := member.Run{Kind: store.AssignedKind, Name: f.Reference, Digest: numbers[string(f.assigned)]}
			if kept[run] {
				continue
			}
			kept[run] = true
			if _, ok := open[run]; ok {
				out.Continued++
				continue
			}
			opened = append(opened, []any{sqldb.NewID(), org, place, number, run.Digest, nil, nil, now, "", "", run.Kind, run.Name, ""})
			names = append(names, f.Reference)
			changes[run.Digest]++
		}
		if !a.Replace {
			clear(kept)
			kept = nil
		}
		ended := closing(open, func(run member.Run) bool { return kept != nil && !kept[run] }, changes)
		out.Opened, out.Closed = len(opened), len(ended)
		if len(open)-len(ended)+len(opened) > store.MaxAssigned {
			return &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "record images in environment", Subject: environment, Hint: "10,000 images are the most that may be recorded in one; take some out, or replace the whole set"}
		}
		if err := member.InsertOccurrences(ctx, s.db, tx, opened); err != nil {
			return err
		}
		detail := map[string]string{"images": some(names)}
		if a.Replace {
			detail["replace"] = "true"
		}
		return s.settle(ctx, tx, now, org, environment, place, number, "environment.assign", detail, len(opened), ended, changes)
	})
	return out, err
}

// UnassignImages implements store.Assignments.
func (s *Store) UnassignImages(ctx context.Context, org store.OrgID, environment string, images []store.ImageKey) (n int, err error) {
	err = s.db.Write(ctx, "take images out of environment", environment, func(tx *sql.Tx, now int64) error {
		n = 0
		place, err := s.lock(ctx, tx, org, environment)
		if err != nil {
			return err
		}
		var number int64
		if err := tx.QueryRowContext(ctx, readAssigned, place).Scan(&number); errors.Is(err, sql.ErrNoRows) {
			return nil
		} else if err != nil {
			return err
		}
		open, err := member.OpenRuns(ctx, tx, number)
		if err != nil {
			return err
		}
		gone, err := s.meant(ctx, tx, org, open, images)
		if err != nil {
			return err
		}
		changes := make(map[int64]int)
		ended := closing(open, func(run member.Run) bool { return gone[run] }, changes)
		n = len(ended)
		var names []string
		for run := range gone {
			names = append(names, run.Name)
		}
		slices.Sort(names)
		return s.settle(ctx, tx, now, org, environment, place, number, unassign, map[string]string{"images": some(slices.Compact(names))}, 0, ended, changes)
	})
	return n, err
}

// unassign is how it is recorded that images were taken out.
const unassign = "environment.unassign"

const readAssigned = `select number from integration where environment_id = $1 and kind = '` + store.AssignedKind + `'`

// assignedTo returns an environment and the integration that holds what is assigned to it, made if
// missing. The environment stays locked.
func (s *Store) assignedTo(ctx context.Context, tx *sql.Tx, now int64, org store.OrgID, environment string, create bool) (place, number int64, err error) {
	place, err = s.lock(ctx, tx, org, environment)
	if create && errors.Is(err, sql.ErrNoRows) {
		if place, err = member.EnsureEnvironment(ctx, tx, now, org, environment); err == nil {
			err = access.Record(ctx, tx, now, org, "environment.create", environment, nil)
		}
	}
	if err != nil {
		return 0, 0, err
	}
	if _, err := tx.ExecContext(ctx, `insert into integration (id, number, organisation_id, environment_id, name, kind, region, url, cluster, secret, interval_us, created_at, next_at, reason, requests)
		values ($1, $2, $3, $4, $5, $5, '', '', '', $6, 0, $7, $7, '', 0) on conflict (environment_id) where kind = '`+store.AssignedKind+`' do nothing`,
		sqldb.NewUUID(), sqldb.NewID(), org, place, store.AssignedKind, []byte{}, now); err != nil {
		return 0, 0, err
	}
	err = tx.QueryRowContext(ctx, readAssigned, place).Scan(&number)
	return place, number, err
}

// closing lists the open occurrences that end, and counts them by digest.
func closing(open map[member.Run]member.OpenRun, ends func(member.Run) bool, changes map[int64]int) (ids []int64) {
	for run, r := range open {
		if ends(run) {
			ids = append(ids, r.ID)
			changes[run.Digest]--
		}
	}
	return ids
}

// settle ends occurrences, counts what changed and says so, if anything did.
func (s *Store) settle(ctx context.Context, tx *sql.Tx, now int64, org store.OrgID, environment string, place, number int64, action string, detail map[string]string, opened int, ended []int64, changes map[int64]int) error {
	if opened+len(ended) == 0 {
		return nil
	}
	why := member.Stopped // who says all that runs says what does not
	if action == unassign {
		why = member.Unwatched
	}
	if err := member.CloseOccurrences(ctx, s.db, tx, now, why, ended); err != nil {
		return err
	}
	if err := member.ApplyChanges(ctx, s.db, tx, number, place, changes); err != nil {
		return err
	}
	if err := access.Record(ctx, tx, now, org, action, environment, detail); err != nil {
		return err
	}
	return revision.Raise(ctx, tx, org, store.EnvironmentsResource, store.ImagesResource)
}

// meant returns the open occurrences that keys mean: those under a key's reference, or else
// those of the image that it names, by whatever digest they were assigned.
func (s *Store) meant(ctx context.Context, tx *sql.Tx, org store.OrgID, open map[member.Run]member.OpenRun, keys []store.ImageKey) (map[member.Run]bool, error) {
	named := make(map[string][]member.Run)
	for run := range open {
		named[run.Name] = append(named[run.Name], run)
	}
	out := make(map[member.Run]bool)
	candidates, err := s.candidates(ctx, tx, org, keys)
	if err != nil {
		return nil, err
	}
	byDigest := make(map[crowsnest.Digest]bool)
	for _, k := range keys {
		if k.Digest == "" && k.Platform == "" && len(named[k.Reference]) > 0 {
			for _, run := range named[k.Reference] {
				out[run] = true
			}
			continue
		}
		if k.Digest != "" && k.Platform == "" {
			byDigest[k.Digest] = true
		}
		for _, c := range candidates[k] {
			if k.Platform == "" || c.platform == k.Platform {
				byDigest[c.digest] = true
			}
		}
	}
	numbers, err := s.numbersOf(ctx, tx, org, slices.Collect(maps.Keys(byDigest)))
	if err != nil {
		return nil, err
	}
	for run := range open {
		if numbers[run.Digest] {
			out[run] = true
		}
	}
	return out, nil
}

// numbersOf returns the numbers of digests and, where they are manifests of images, of all other digests of these.
func (s *Store) numbersOf(ctx context.Context, tx *sql.Tx, org store.OrgID, digests []crowsnest.Digest) (map[int64]bool, error) {
	out := make(map[int64]bool)
	err := sqldb.CollectIn(ctx, s.db, tx, digests, []any{org}, func(in string) string {
		return `select d.id, coalesce(a.digest_id, d.id) from digest as d
			left join image as i on i.organisation_id = d.organisation_id and i.digest = d.digest
			left join alias as a on a.image_id = i.id where d.organisation_id = $1 and d.digest in ` + in
	}, func(rows *sql.Rows) error {
		var id, other int64
		err := rows.Scan(&id, &other)
		out[id], out[other] = true, true
		return err
	})
	return out, err
}
