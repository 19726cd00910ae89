package environment

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/decision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/use"
)

// pair is a content and the profiles by which its findings are split, their numbers joined by commas.
type pair struct {
	content  int64
	profiles string
}

func newPair(content int64, profiles []int64) pair {
	text := make([]string, len(profiles))
	for i, id := range profiles {
		text[i] = strconv.FormatInt(id, 10)
	}
	return pair{content, strings.Join(text, ",")}
}

// numbers returns the profiles.
func (p pair) numbers() []int64 {
	var out []int64
	for text := range strings.SplitSeq(p.profiles, ",") {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil {
			out = append(out, id)
		}
	}
	return out
}

// aged is a split by profiles that may be too old to tell what is not loaded.
func aged(s running.Split, stale bool) running.Split {
	if stale {
		s.NotObserved, s.NotSeen = s.NotObserved.Plus(s.NotSeen), crowsnest.Summary{}
	}
	return s
}

// maxSplits bounds the splits that are kept: some ten megabytes.
const maxSplits = 50_000

// splits splits the findings of contents by profiles, none of which is taken as too old. A content and a profile never
// change, so that a split is kept until findings do: after a sweep only what it saw first is read. q should see one state
// of the database.
func (s *Store) splits(ctx context.Context, q sqldb.Querier, asked []pair) (map[pair]running.Split, error) {
	revisions, err := revision.Read(ctx, q, revision.Shared, s.db.Now())
	if err != nil {
		return nil, err
	}
	findings := revisions[store.FindingsResource]
	out := make(map[pair]running.Split, len(asked))
	missing := make(map[int64][]pair) // by content
	s.mu.Lock()
	known := s.split
	if s.splitAt != findings {
		known = nil
	}
	for _, p := range asked {
		if _, ok := out[p]; ok {
			continue
		}
		split, ok := known[p]
		if out[p] = split; !ok {
			missing[p.content] = append(missing[p.content], p)
		}
	}
	s.mu.Unlock()
	if len(missing) == 0 {
		return out, nil
	}
	read, err := s.readSplits(ctx, q, missing)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.splitAt < findings || len(s.split)+len(read) > maxSplits {
		s.split, s.splitAt = make(map[pair]running.Split), findings
	}
	for p, split := range read {
		out[p] = *split
		if s.splitAt == findings { // not of a state before the one of which others were kept meanwhile
			s.split[p] = *split
		}
	}
	return out, nil
}

// readSplits reads the vulnerable packages of contents and what profiles hold, each once.
func (s *Store) readSplits(ctx context.Context, q sqldb.Querier, missing map[int64][]pair) (map[pair]*running.Split, error) {
	type asked struct {
		watch crowsnest.Watch
		split *running.Split
	}
	var profiles []int64
	for _, pairs := range missing {
		for _, p := range pairs {
			profiles = append(profiles, p.numbers()...)
		}
	}
	loaded, err := use.Loaded(ctx, s.db, q, profiles)
	if err != nil {
		return nil, err
	}
	out, of, contents := make(map[pair]*running.Split), make(map[int64][]asked, len(missing)), make([]int64, 0, len(missing))
	for content, pairs := range missing {
		contents = append(contents, content)
		for _, p := range pairs {
			out[p] = new(running.Split)
			of[content] = append(of[content], asked{crowsnest.Watch{Loaded: use.Join(loaded, p.numbers())}, out[p]})
		}
	}
	slices.Sort(contents)
	return out, s.eachVulnerable(ctx, q, contents, func(content int64, v *vulnerable) {
		for _, a := range of[content] {
			a.split.Add(a.watch.InUseOf(v.sought), v.findings)
		}
	})
}

// place is an image in an environment with the profiles that are looked at.
type place struct {
	image, environment int64
	pair
}

// counted is splits of images in environments, without what is suppressed there. What decisions suppress is taken off what is kept
// of a content, since two images of one content may be decided about in different ways.
func (s *Store) counted(ctx context.Context, q sqldb.Querier, org store.OrgID, asked []place) (map[place]running.Split, error) {
	pairs := make([]pair, len(asked))
	for i, p := range asked {
		pairs[i] = p.pair
	}
	splits, err := s.splits(ctx, q, pairs)
	if err != nil {
		return nil, err
	}
	type spared struct {
		place
		watch      crowsnest.Watch
		standing   *decision.Standing
		suppressed map[int64][]decision.Pair
	}
	out := make(map[place]running.Split, len(asked))
	decided, of := make(map[int64]*decision.Standing), make(map[int64][]*spared) // by environment and by content
	byVersion := make(map[int64]map[int64][]decision.Pair)
	var profiles []int64
	for _, p := range asked {
		if _, ok := out[p]; ok {
			continue
		}
		out[p] = splits[p.pair]
		standing, ok := decided[p.environment]
		if !ok {
			if standing, err = s.decisions.Standing(ctx, q, org, p.environment); err != nil {
				return nil, err
			}
			decided[p.environment], byVersion[p.environment] = standing, standing.ByVersion()
		}
		if _, some := standing.Images[p.image]; some {
			of[p.content] = append(of[p.content], &spared{place: p, standing: standing, suppressed: byVersion[p.environment]})
			profiles = append(profiles, p.numbers()...)
		}
	}
	if len(of) == 0 {
		return out, nil
	}
	loaded, err := use.Loaded(ctx, s.db, q, profiles)
	if err != nil {
		return nil, err
	}
	for _, list := range of {
		for _, p := range list {
			p.watch.Loaded = use.Join(loaded, p.numbers())
		}
	}
	return out, s.eachVulnerable(ctx, q, slices.Sorted(maps.Keys(of)), func(content int64, v *vulnerable) {
		for _, p := range of[content] {
			if n := p.standing.Of(p.image, v.id, p.suppressed); n != (crowsnest.Summary{}) {
				var part running.Split
				part.Add(p.watch.InUseOf(v.sought), n)
				out[p.place] = out[p.place].Minus(part)
			}
		}
	})
}
