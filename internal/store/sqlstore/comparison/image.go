package comparison

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/decision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// repositoryOf returns the repository and the platform of one of the organisation's images.
func (s *Store) repositoryOf(ctx context.Context, org store.OrgID, digest crowsnest.Digest) (repository, platform string, err error) {
	err = s.db.Reader.QueryRowContext(ctx, `select repository, platform from image where organisation_id = $1 and digest = $2`, org, digest).Scan(&repository, &platform)
	if err == nil && repository == "" {
		err = &crowsnest.Error{Kind: crowsnest.Invalid, Op: "find the repository of image", Subject: string(digest), Hint: "its name says none, as it came from no registry; name the image to compare with"}
	}
	return repository, platform, s.db.Error("find image", string(digest), err)
}

// within returns the table of what runs in an environment, or ran there at a time, with its arguments.
func (s *Store) within(ctx context.Context, org store.OrgID, environment string, at time.Time) (head string, args []any, err error) {
	if !at.IsZero() {
		id, err := member.HistoryID(ctx, s.db, org, environment, at)
		return member.TableAt(), []any{org, id, at.UnixMicro()}, err
	}
	id, err := member.EnvironmentID(ctx, s.db, org, environment)
	return member.Table(`0`, member.Within(id)), []any{org, id}, err
}

// SiblingsIn implements store.Comparisons. Where one for the same platform runs, those for others are
// other images.
func (s *Store) SiblingsIn(ctx context.Context, org store.OrgID, digest crowsnest.Digest, environment string, at time.Time) (store.Siblings, error) {
	var out store.Siblings
	repository, platform, err := s.repositoryOf(ctx, org, digest)
	if err != nil {
		return out, err
	}
	out.Repository = repository
	head, args, err := s.within(ctx, org, environment, at)
	if err != nil {
		return out, err
	}
	type sibling struct {
		digest   crowsnest.Digest
		state    store.State
		platform string
	}
	list, err := sqldb.Collect(ctx, s.db.Reader, func(rows *sql.Rows) (v sibling, err error) {
		return v, rows.Scan(&v.digest, &v.state, &v.platform)
	}, head+`select distinct i.digest, i.state, i.platform from member as m join image as i on i.id = m.image_id
		where i.repository = `+sqldb.Dollar(len(args)+1)+` order by i.digest`, append(args, repository)...)
	same := slices.ContainsFunc(list, func(v sibling) bool { return v.platform == platform })
	for _, v := range list {
		switch {
		case same && v.platform != platform:
		case v.state == store.Analysed:
			out.Analysed = append(out.Analysed, v.digest)
		default:
			out.NotAnalysed++
		}
	}
	return out, s.db.Error("find images of the repository in", environment, err)
}

// LatestBeside implements store.Comparisons.
func (s *Store) LatestBeside(ctx context.Context, org store.OrgID, digest crowsnest.Digest) (crowsnest.Digest, error) {
	repository, platform, err := s.repositoryOf(ctx, org, digest)
	if err != nil {
		return "", err
	}
	found, err := sqldb.Collect(ctx, s.db.Reader, sqldb.ScanOne[crowsnest.Digest], `select digest from image
		where organisation_id = $1 and repository = $2 and platform = $3 and state = 'analysed' and repository <> '' and digest <> $4
		order by built_at desc, digest desc limit 1`, org, repository, platform, digest)
	if err == nil && len(found) == 0 {
		err = &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find another analysed image of", Subject: repository, Hint: "have one analysed, or name the image to compare with"}
	}
	if err != nil {
		return "", s.db.Error("find the newest image of", repository, err)
	}
	return found[0], nil
}

// RunningContents implements store.Comparisons.
func (s *Store) RunningContents(ctx context.Context, org store.OrgID, environment string, at time.Time) ([]store.RunningContent, error) {
	head, args, err := s.within(ctx, org, environment, at)
	if err != nil {
		return nil, err
	}
	standing := &decision.Standing{}
	if at.IsZero() {
		if standing, err = s.standing(ctx, org, environment); err != nil {
			return nil, err
		}
	}
	index := make(map[int64][]int) // by content
	var out []store.RunningContent
	err = sqldb.Each(ctx, s.db.Reader, func(rows *sql.Rows) error {
		var r store.RunningContent
		var built int64
		var content sql.NullInt64
		v := &r.Summary
		err := rows.Scan(&r.Image, &content, &r.Repository, &r.Platform, &r.Name, &r.Digest, &r.State, &built, &v.Critical, &v.High, &v.Medium, &v.Low, &v.Unspecified)
		r.Built = sqldb.Time(built)
		r.Summary = r.Summary.Minus(standing.Images[r.Image])
		if r.State == store.Analysed && content.Valid {
			index[content.Int64] = append(index[content.Int64], len(out))
		}
		out = append(out, r)
		return err
	}, head+`select i.id, i.content_id, i.repository, i.platform, i.name, i.digest, i.state, i.built_at,
			coalesce(c.critical, 0), coalesce(c.high, 0), coalesce(c.medium, 0), coalesce(c.low, 0), coalesce(c.unspecified, 0)
		from (select distinct image_id from member where image_id is not null) as m join image as i on i.id = m.image_id left join content as c on c.id = i.content_id
		where i.repository <> '' order by i.repository, i.name, i.digest`, args...)
	if err == nil {
		contents := make([]int64, 0, len(index))
		for content := range index {
			contents = append(contents, content)
		}
		slices.Sort(contents)
		err = sqldb.CollectIn(ctx, s.db, s.db.Reader, contents, nil, func(in string) string {
			return `select content_id, set_id from content_set where content_id in ` + in
		}, func(rows *sql.Rows) error {
			var content, set int64
			err := rows.Scan(&content, &set)
			for _, i := range index[content] {
				out[i].Sets = append(out[i].Sets, set)
			}
			return err
		})
	}
	return out, s.db.Error("read what runs in", environment, err)
}
