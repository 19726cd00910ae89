package comparison

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/compare"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// EnvironmentsQuery asks for a part of what environments are compared in.
type EnvironmentsQuery struct {
	EnvironmentsFilter
	base.Paging
}

// EnvironmentsFilter says which environments are compared.
type EnvironmentsFilter struct {
	Environment   string    `query:"environment" required:"true" minLength:"1" maxLength:"128" doc:"The environment after, such as staging"`
	ToEnvironment string    `query:"toEnvironment" required:"true" minLength:"1" maxLength:"128" doc:"The environment before, such as production"`
	At            time.Time `query:"at" doc:"What ran in the environment before then, with what is known today; the two may then be the same"`
	State         []string  `query:"state" maxItems:"6" enum:"same,newer,older,different,only-before,only-after" doc:"Only repositories in these states, separated by commas"`
	IgnoreMinor   bool      `query:"ignoreMinor" doc:"Leave out of all counts what the distribution takes as minor; minorHidden counts it"`
}

// repository is what runs of one on both sides.
type repository struct {
	name          string
	state         compare.State
	before, after []store.RunningContent
	change        wire.FindingCounts
	minor         int // findings that come or go and were left out
}

func (q EnvironmentsFilter) check() error {
	if q.Environment == q.ToEnvironment && q.At.IsZero() {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "compare environment", Subject: q.Environment, Hint: "it is the same as itself; name another one, or a moment with at"}
	}
	return nil
}

// Environments tells by repository what would change, a page of it; counts are of all.
func (s Comparer) Environments(ctx context.Context, q EnvironmentsQuery) (out wire.EnvironmentComparison, err error) {
	if err := q.check(); err != nil {
		return out, err
	}
	after, err := readCursor(q.Cursor)
	if err != nil {
		return out, err
	}
	if out.After, err = s.environment(ctx, q.Environment, time.Time{}); err != nil {
		return out, err
	}
	if out.Before, err = s.environment(ctx, q.ToEnvironment, q.At); err != nil {
		return out, err
	}
	list, err := s.repositories(ctx, q)
	if err != nil {
		return out, err
	}
	out.Items = []wire.RepositoryComparison{}
	for _, r := range list {
		out.States.Add(r.state)
		out.Change = out.Change.Plus(r.change)
		out.MinorHidden += r.minor
		switch {
		case r.name <= after || len(q.State) > 0 && !slices.Contains(q.State, string(r.state)) || out.Next != "":
		case len(out.Items) == q.Limit:
			out.Next = cursor(out.Items[q.Limit-1].Repository)
		default:
			out.Items = append(out.Items, r.wire())
		}
	}
	return out, nil
}

// environment reads what an environment is, or was at a time.
func (s Comparer) environment(ctx context.Context, name string, at time.Time) (wire.ComparedEnvironment, error) {
	if at.IsZero() {
		row, err := s.Store.Environment(ctx, base.OrgOf(ctx), name)
		return wire.ComparedEnvironment{Name: name, Coverage: row.Coverage, AsOf: row.AsOf}, err
	}
	row, err := s.Store.EnvironmentAt(ctx, base.OrgOf(ctx), name, at)
	return wire.ComparedEnvironment{Name: name, At: &at, Coverage: row.Coverage}, err
}

// repositories compares what runs on both sides, by repository.
func (s Comparer) repositories(ctx context.Context, q EnvironmentsQuery) ([]*repository, error) {
	org := base.OrgOf(ctx)
	before, after, err := s.contents(ctx, q.EnvironmentsFilter)
	if err != nil {
		return nil, err
	}
	list := pair(before, after)
	var moved []*repository // those of which findings come or go
	var pairs []store.SetPair
	var imagesBefore, imagesAfter []int64
	for _, r := range list {
		if r.state == compare.Same || r.state == compare.OnlyBefore {
			continue
		}
		moved = append(moved, r)
		pairs = append(pairs, store.SetPair{Before: sets(r.before), After: sets(r.after), ImagesBefore: numbers(r.before), ImagesAfter: numbers(r.after)})
		imagesBefore, imagesAfter = append(imagesBefore, numbers(r.before)...), append(imagesAfter, numbers(r.after)...)
	}
	var differences []store.SetDifference
	var watchedBefore, watchedAfter map[int64]crowsnest.Watch // of the past nobody kept it
	group, each := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		differences, err = s.Store.DifferentFindings(each, org, current(q), q.Environment, pairs)
		return err
	})
	group.Go(func() (err error) {
		if watchedAfter, err = s.Store.WatchedIn(each, org, q.Environment, imagesAfter); err == nil && q.At.IsZero() {
			watchedBefore, err = s.Store.WatchedIn(each, org, q.ToEnvironment, imagesBefore)
		}
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i, r := range moved {
		before, after := findings(differences[i].Before, r.before, watchedBefore), findings(differences[i].After, r.after, watchedAfter)
		if q.IgnoreMinor {
			before, after = r.leaveMinor(before, after)
		}
		r.count(compare.PairFindings(before, after))
	}
	return list, nil
}

// contents reads what runs on both sides, at a time.
func (s Comparer) contents(ctx context.Context, q EnvironmentsFilter) (before, after []store.RunningContent, err error) {
	org := base.OrgOf(ctx)
	group, each := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		before, err = s.Store.RunningContents(each, org, q.ToEnvironment, q.At)
		return err
	})
	group.Go(func() (err error) {
		after, err = s.Store.RunningContents(each, org, q.Environment, time.Time{})
		return err
	})
	return before, after, group.Wait()
}

// current names the environment before as it is now. What ran there at a time is shown by what is decided everywhere.
func current(q EnvironmentsQuery) string {
	if q.At.IsZero() {
		return q.ToEnvironment
	}
	return ""
}

// pair puts the images of both sides together by repository, in the order of their names.
func pair(before, after []store.RunningContent) []*repository {
	of := make(map[string]*repository)
	var out []*repository
	get := func(name string) *repository {
		r := of[name]
		if r == nil {
			r = &repository{name: name}
			of[name] = r
			out = append(out, r)
		}
		return r
	}
	for _, c := range before {
		r := get(c.Repository)
		r.before = append(r.before, c)
	}
	for _, c := range after {
		r := get(c.Repository)
		r.after = append(r.after, c)
	}
	for _, r := range out {
		r.state = compare.StateOf(versions(r.before), versions(r.after))
	}
	slices.SortFunc(out, func(a, b *repository) int { return strings.Compare(a.name, b.name) })
	return out
}

func versions(list []store.RunningContent) []compare.Version {
	out := make([]compare.Version, len(list))
	for i, c := range list {
		out[i] = compare.Version{Digest: c.Digest, Built: c.Built}
	}
	return out
}

func sets(list []store.RunningContent) []int64 {
	var out []int64
	for _, c := range list {
		out = append(out, c.Sets...)
	}
	return out
}

func numbers(list []store.RunningContent) []int64 {
	out := make([]int64, len(list))
	for i, c := range list {
		out[i] = c.Image
	}
	return out
}

// findings adds to findings what run time sees of their packages in the images of a side. That one of
// several images is not watched leaves open what it uses.
func findings(rows []store.FindingRow, images []store.RunningContent, watched map[int64]crowsnest.Watch) []compare.Finding {
	out := make([]compare.Finding, len(rows))
	for i := range rows {
		row := &rows[i]
		sought := row.Package.Sought()
		use := crowsnest.NotObserved
		for n, img := range images {
			if here := watched[img.Image].InUseOf(sought); n == 0 {
				use = here
			} else {
				use = compare.Seen(use, here)
			}
		}
		out[i] = compare.Finding{Finding: row.Finding, Package: row.Package, InUse: use, Threat: row.Threat}
	}
	return out
}

// leaveMinor takes the minor findings out of both sides, and counts those that come or go.
func (r *repository) leaveMinor(before, after []compare.Finding) (_, _ []compare.Finding) {
	split := func(list []compare.Finding) (minor, rest []compare.Finding) {
		for _, f := range list {
			if f.Minor() {
				minor = append(minor, f)
			} else {
				rest = append(rest, f)
			}
		}
		return minor, rest
	}
	minorBefore, before := split(before)
	minorAfter, after := split(after)
	for _, f := range compare.PairFindings(minorBefore, minorAfter) {
		if f.Change != compare.Unchanged {
			r.minor++
		}
	}
	return before, after
}

func (r *repository) count(list []compare.FindingChange) {
	for _, f := range list {
		if f.Change == compare.Unchanged {
			continue
		}
		shown := f.After
		if shown == nil {
			shown = f.Before
		}
		all, used := &r.change.New, &r.change.NewInUse
		if f.Change == compare.Fixed {
			all, used = &r.change.Fixed, &r.change.FixedInUse
		}
		all.Add(shown.Severity, 1)
		if shown.InUse == crowsnest.Loaded {
			used.Add(shown.Severity, 1)
		}
	}
}

func (r *repository) wire() wire.RepositoryComparison {
	missing := func(c store.RunningContent) bool { return c.State != store.Analysed }
	return wire.RepositoryComparison{
		Repository: r.name, State: string(r.state), Before: wire.Each(r.before, wire.NewRunningVersion), After: wire.Each(r.after, wire.NewRunningVersion),
		Complete: !slices.ContainsFunc(r.before, missing) && !slices.ContainsFunc(r.after, missing), Change: r.change,
	}
}

// cursor names the last repository of a page.
func cursor(repository string) string {
	b, _ := json.Marshal([]string{repository})
	return base64.RawURLEncoding.EncodeToString(b)
}

// readCursor returns the repository that a cursor names, which is empty without one.
func readCursor(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	var parts []string
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(b, &parts)
	}
	if err != nil || len(parts) != 1 {
		return "", &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read cursor", Hint: "pass the cursor exactly as the page before gave it, or none for the first page"}
	}
	return parts[0], nil
}
