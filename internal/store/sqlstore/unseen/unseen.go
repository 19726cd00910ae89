// Package unseen says what does not count in an environment that takes as not affected what is not seen loaded: lists, counts and
// exposure leave the same out. It reads what sums of environments, profiles and findings say; see docs/design/0010-in-use-settings.md.
package unseen

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/decision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/environment"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/use"
)

// Discounts says how much does not count in an environment.
type Discounts interface {
	// Sums sums up the findings of its images by what run time sees of their packages.
	Sums(ctx context.Context, q sqldb.Querier, org store.OrgID, environment int64) (environment.Sums, error)
}

// Store says what is left out. It is safe for concurrent use.
type Store struct {
	db        *sqldb.DB
	sums      Discounts
	decisions *decision.Store
	findings  findings

	Memory use.Memory // of what profiles say of sets of packages

	mu   sync.Mutex
	kept map[state]*Left
}

// New returns a Store of what db holds.
func New(db *sqldb.DB, sums Discounts, decisions *decision.Store) *Store {
	return &Store{db: db, sums: sums, decisions: decisions, kept: make(map[state]*Left)}
}

// Left is what is left out in an environment. It is read only; the zero value leaves nothing out.
type Left struct {
	// Versions are the package versions with findings that are not seen loaded in all images there that have them, as a text.
	Versions string
	// Findings are those that are not seen loaded in all images in which they are not suppressed, in some of which they are, as a text.
	Findings string
	// Packages are the package versions of which no finding counts for one of these two reasons, or is suppressed in all images, as a text.
	Packages string
	// Vulnerabilities are those of which something is left out, and nothing counts. What decisions suppress wherever it is counts for neither.
	Vulnerabilities map[string]bool

	notSeen  map[int64]bool              // Versions
	partly   map[int64]crowsnest.Summary // Findings, by package version
	unseen   *use.Unseen
	contents map[int64]int64   // by image
	images   map[int64][]int64 // by content
}

// Has reports whether a package version is not seen loaded in all images.
func (l *Left) Has(version int64) bool { return l.notSeen[version] }

// Of counts what is left out of a package version, of which n is not suppressed in all images.
func (l *Left) Of(version int64, n crowsnest.Summary) crowsnest.Summary {
	if l.notSeen[version] {
		return n
	}
	return l.partly[version]
}

// Images returns the images that do not see package versions loaded, by version.
func (l *Left) Images(versions []int64) map[int64]map[int64]bool {
	if l.unseen == nil {
		return nil
	}
	return l.unseen.Images(versions)
}

// Hidden returns the contents in which a finding does not count: all images of each do not see it loaded, or it is suppressed there. f is nil
// of one that is suppressed in none.
func (l *Left) Hidden(notSeen map[int64]bool, f *decision.Found) map[int64]bool {
	out := make(map[int64]bool)
	counts := func(image int64) bool { return !notSeen[image] && (f == nil || f.By[image] == nil) }
	look := func(image int64) {
		if content := l.contents[image]; !slices.ContainsFunc(l.images[content], counts) {
			out[content] = true
		}
	}
	for image := range notSeen {
		look(image)
	}
	if f != nil {
		for image := range f.By {
			look(image)
		}
	}
	return out
}

// state names a state of an environment.
type state struct {
	environment                int64
	images, environments, hour int64 // revisions, and by which profiles grow old
}

// maxKept bounds the environments of which it is kept what they leave out; of one that is some megabytes.
const maxKept = 16

// LeftOut returns what is left out in an environment, by its number; nothing where that is not one, or counts what is not seen.
func (s *Store) LeftOut(ctx context.Context, org store.OrgID, environment int64) (*Left, error) {
	discount, err := member.DiscountsNotSeen(ctx, s.db.Reader, environment)
	if err != nil || !discount {
		return &Left{}, err
	}
	revisions, err := revision.Read(ctx, s.db.Reader, org, s.db.Now())
	if err != nil {
		return nil, err
	}
	key := state{environment, revisions[store.ImagesResource], revisions[store.EnvironmentsResource], use.Now(s.db)}
	s.mu.Lock()
	kept := s.kept[key]
	s.mu.Unlock()
	if kept != nil {
		return kept, nil
	}
	var out *Left
	if err := s.db.Snapshot(ctx, func(q sqldb.Querier) error {
		out, err = s.read(ctx, q, org, environment)
		return err
	}); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for old := range s.kept {
		if old.environment == environment || len(s.kept) >= maxKept {
			delete(s.kept, old)
		}
	}
	s.kept[key] = out
	return out, nil
}

func (s *Store) read(ctx context.Context, q sqldb.Querier, org store.OrgID, environment int64) (*Left, error) {
	sums, err := s.sums.Sums(ctx, q, org, environment)
	if err != nil {
		return nil, err
	}
	out := &Left{
		Vulnerabilities: make(map[string]bool), notSeen: make(map[int64]bool), partly: make(map[int64]crowsnest.Summary),
		contents: make(map[int64]int64, len(sums.Images)), images: make(map[int64][]int64),
	}
	images := make([]use.Image, 0, len(sums.Images))
	for id, u := range sums.Images {
		images = append(images, use.Image{ID: id, Content: u.Content, Profiles: u.Profiles, Stale: u.Watch.Stale})
		out.contents[id] = u.Content
		out.images[u.Content] = append(out.images[u.Content], id)
	}
	if out.unseen, err = s.Memory.Unseen(ctx, s.db, q, org, images); err != nil {
		return nil, err
	}
	standing, err := s.decisions.Standing(ctx, q, org, environment)
	if err != nil {
		return nil, err
	}
	spent := out.partial(standing)
	for _, f := range standing.Found {
		if f.Whole() {
			spent[f.ID] = whole
		}
	}
	return out, s.findings.in(ctx, s.db, q, func(k *known) { out.tell(k, spent) }, out.unseen.NotSeen, out.unseen.Rest)
}

// why tells why a finding in a package version that counts in some image counts in none.
type why uint8

const (
	whole  why = 1 + iota // it is suppressed in all
	partly                // it is suppressed in some, and the others do not see it loaded
)

// partial finds what is suppressed in some images, and not seen loaded in the others.
func (l *Left) partial(standing *decision.Standing) map[int64]why {
	out := make(map[int64]why)
	some := standing.Partial()
	versions := make(map[int64]bool, len(some))
	for pair := range some {
		versions[pair.Version] = true
	}
	notSeen := l.unseen.Images(slices.Collect(maps.Keys(versions)))
	var text []string
	for pair, f := range some {
		if slices.ContainsFunc(f.Images, func(image int64) bool { return f.By[image] == nil && !notSeen[pair.Version][image] }) {
			continue
		}
		out[f.ID] = partly
		text = append(text, strconv.FormatInt(f.ID, 10))
		n := l.partly[pair.Version]
		n.Add(f.Severity, 1)
		l.partly[pair.Version] = n
	}
	slices.Sort(text)
	l.Findings = strings.Join(text, ",")
	return out
}

// tell puts in what is found in what is not seen, and in nothing that counts.
func (l *Left) tell(k *known, spent map[int64]why) {
	counts := make([]bool, len(k.names))
	var versions, packages []string
	for _, version := range l.unseen.Rest {
		list := k.byVersion[version]
		all := true
		for _, f := range list {
			if spent[f.id] == 0 {
				counts[f.name], all = true, false
			}
		}
		if _, some := l.partly[version]; some && all {
			packages = append(packages, strconv.FormatInt(version, 10))
		}
	}
	for _, version := range l.unseen.NotSeen {
		if list := k.byVersion[version]; len(list) > 0 {
			l.notSeen[version] = true
			versions = append(versions, strconv.FormatInt(version, 10))
			l.name(k, list, func(f found) bool { return !counts[f.name] && spent[f.id] != whole })
		}
	}
	for version := range l.partly {
		l.name(k, k.byVersion[version], func(f found) bool { return !counts[f.name] && spent[f.id] == partly })
	}
	slices.Sort(versions)
	slices.Sort(packages)
	l.Versions, l.Packages = strings.Join(versions, ","), strings.Join(append(versions, packages...), ",")
}

// name puts in the vulnerabilities of those findings that are left out.
func (l *Left) name(k *known, list []found, left func(found) bool) {
	for _, f := range list {
		if left(f) {
			l.Vulnerabilities[k.names[f.name]] = true
		}
	}
}

// NotSeenIn implements running.Countable.
func (s *Store) NotSeenIn(ctx context.Context, org store.OrgID, name string) (map[string]bool, error) {
	id, err := member.EnvironmentID(ctx, s.db, org, name)
	if crowsnest.KindOf(err) == crowsnest.NotFound {
		return nil, nil // of one that was deleted nothing is open
	}
	if err != nil {
		return nil, err
	}
	left, err := s.LeftOut(ctx, org, id)
	if err != nil {
		return nil, s.db.Error("read what is not seen loaded in", name, err)
	}
	return left.Vulnerabilities, nil
}
