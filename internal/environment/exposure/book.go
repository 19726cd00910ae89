package exposure

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Window is how far back exposures are read: what ended before is left out.
const Window = 365 * 24 * time.Hour

// Bounds of what a Book keeps, in rows: exposures of environments, and what was found in package sets.
const (
	maxExposures = 500_000
	maxKnown     = 1_000_000
)

// Source is where a Book reads.
type Source interface {
	store.Exposures
	store.Revisions
}

// Book answers what environments were exposed to. What was found in a package set is read once for
// all environments and until findings change, which takes hundreds of milliseconds for five hundred
// images; a sweep that changed what runs costs a tenth of that. An answer is kept until anything
// it depends on changes.
type Book struct {
	store Source
	now   func() time.Time

	mu      sync.Mutex
	kept    map[page][]Exposure
	size    int
	known   map[store.OrgID]*findings
	volumes int
}

// page names a state of what is kept.
type page struct {
	org         store.OrgID
	environment string
	day         int64 // the window moves with the days
	revisions   [2]int64
}

// findings is what is known of the package sets of an organisation, in one state.
type findings struct {
	revision, day int64
	bySet         map[int64][]store.KnownSpan
}

// NewBook returns a book of what is in a store. now may be nil for the system's clock.
func NewBook(s Source, now func() time.Time) *Book {
	if now == nil {
		now = time.Now
	}
	return &Book{store: s, now: now, kept: make(map[page][]Exposure), known: make(map[store.OrgID]*findings)}
}

// Now is the time that open exposures are measured by.
func (b *Book) Now() time.Time { return b.now() }

// Exposures returns those of an environment in the order of Compare or, without one, those of all that ever were taken
// together: a vulnerability lasts while it runs in any of them. The slice is shared and must not be changed.
func (b *Book) Exposures(ctx context.Context, org store.OrgID, environment string) ([]Exposure, error) {
	revisions, err := b.store.Revisions(ctx, org)
	if err != nil {
		return nil, err
	}
	now := b.now()
	key := page{org, environment, now.UnixMicro() / day, [2]int64{revisions[store.ImagesResource], revisions[store.EnvironmentsResource]}}
	b.mu.Lock()
	list, ok := b.kept[key]
	b.mu.Unlock()
	if ok {
		return list, nil
	}
	since := now.Add(-Window)
	run, err := b.ran(ctx, org, environment, since)
	if err != nil {
		return nil, err
	}
	known, err := b.knownOf(ctx, key, revisions[store.FindingsResource], run, since)
	if err != nil {
		return nil, err
	}
	list = Derive(run, known)
	b.keep(key, list)
	return list, nil
}

// ran reads what ran in an environment or, without one, in any.
func (b *Book) ran(ctx context.Context, org store.OrgID, environment string, since time.Time) (store.Run, error) {
	if environment != "" {
		return b.store.Ran(ctx, org, environment, since)
	}
	out := store.Run{Sets: make(map[int64][]int64)}
	names, err := b.store.EnvironmentNames(ctx, org)
	if err != nil {
		return out, err
	}
	for _, name := range names {
		run, err := b.store.Ran(ctx, org, name, since)
		if err != nil {
			return out, err
		}
		out.Spans = append(out.Spans, run.Spans...)
		maps.Copy(out.Sets, run.Sets)
	}
	return out, nil
}

// Everywhere returns the exposure to one vulnerability, by the name it is listed under, of each environment that was exposed
// to it, by the names of these. It reads what concerns the vulnerability, and nothing of that is kept.
func (b *Book) Everywhere(ctx context.Context, org store.OrgID, vulnerability string) (map[string]Exposure, error) {
	runs, known, err := b.store.RanWith(ctx, org, vulnerability, b.now().Add(-Window))
	if err != nil {
		return nil, err
	}
	for set, spans := range known {
		known[set] = collapse(spans)
	}
	out := make(map[string]Exposure)
	for name, run := range runs {
		for _, x := range Derive(run, known) { // one at most
			out[name] = x
		}
	}
	return out, nil
}

// keep keeps an answer in the place of an older one about the same environment.
func (b *Book) keep(key page, list []Exposure) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for old, exposures := range b.kept {
		if old.org == key.org && old.environment == key.environment || b.size+len(list) > maxExposures {
			delete(b.kept, old)
			b.size -= len(exposures)
		}
	}
	b.kept[key] = list
	b.size += len(list)
}

// knownOf returns what was found in the package sets of what ran.
func (b *Book) knownOf(ctx context.Context, of page, revision int64, run store.Run, since time.Time) (map[int64][]store.KnownSpan, error) {
	out := make(map[int64][]store.KnownSpan)
	var missing []int64
	b.mu.Lock()
	have := b.known[of.org]
	if have == nil || have.revision != revision || have.day != of.day {
		have = &findings{revision, of.day, make(map[int64][]store.KnownSpan)}
	}
	for _, sets := range run.Sets {
		for _, set := range sets {
			if _, ok := out[set]; ok {
				continue
			}
			spans, ok := have.bySet[set]
			if !ok {
				missing = append(missing, set)
			}
			out[set] = spans
		}
	}
	b.mu.Unlock()
	if len(missing) == 0 {
		return out, nil
	}
	slices.Sort(missing)
	read, err := b.store.Known(ctx, of.org, missing, since)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.known[of.org] != have {
		if old := b.known[of.org]; old != nil {
			b.volumes -= old.rows()
		}
		b.known[of.org] = have
		b.volumes += have.rows()
	}
	for _, set := range missing {
		spans := collapse(read[set])
		if _, ok := have.bySet[set]; !ok {
			b.volumes += len(spans)
		}
		out[set], have.bySet[set] = spans, spans
	}
	if b.volumes > maxKnown {
		clear(b.known)
		b.volumes = 0
	}
	return out, nil
}

func (f *findings) rows() (n int) {
	for _, spans := range f.bySet {
		n += len(spans)
	}
	return n
}
