package exposure

import (
	"context"
	"sync"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Window is how far back exposures are read: what ended before is left out.
const Window = 365 * 24 * time.Hour

// maxKept bounds the exposures that a Book keeps, over all environments.
const maxKept = 500_000

// Book answers what environments were exposed to. To derive it takes tens of milliseconds for a
// hundred images and seconds for tens of thousands, so what was derived is kept until something
// it depends on changes.
type Book struct {
	store interface {
		store.Exposures
		store.Revisions
	}
	now func() time.Time

	mu   sync.Mutex
	kept map[page][]Exposure
	size int
}

// page names a state of what is kept.
type page struct {
	org         store.OrgID
	environment string
	day         int64 // the window moves with the days
	revisions   [2]int64
}

// NewBook returns a book of what is in a store. now may be nil for the system's clock.
func NewBook(s interface {
	store.Exposures
	store.Revisions
}, now func() time.Time) *Book {
	if now == nil {
		now = time.Now
	}
	return &Book{store: s, now: now, kept: make(map[page][]Exposure)}
}

// Now is the time that open exposures are measured by.
func (b *Book) Now() time.Time { return b.now() }

// Exposures returns those of an environment in the order of Compare. The slice is shared and must not be changed.
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
	facts, err := b.store.ExposureFacts(ctx, org, environment, now.Add(-Window))
	if err != nil {
		return nil, err
	}
	list = Derive(facts)
	b.mu.Lock()
	defer b.mu.Unlock()
	for old, exposures := range b.kept {
		if old.org == org && old.environment == environment || b.size+len(list) > maxKept {
			delete(b.kept, old)
			b.size -= len(exposures)
		}
	}
	b.kept[key] = list
	b.size += len(list)
	return list, nil
}
