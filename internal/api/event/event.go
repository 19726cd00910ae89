// Package event tells listeners which resources of an organisation change.
package event

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Limits bound what streams of events cost; what is zero has a default.
type Limits struct {
	Poll            time.Duration // between two looks at what changed, for each organisation with a listener
	Heartbeat       time.Duration // between signs of life, at which the credentials are checked again
	PerOrganisation int           // streams
	Total           int           // streams
}

func (l Limits) orDefaults() Limits {
	if l.Poll == 0 {
		l.Poll = time.Second
	}
	if l.Heartbeat == 0 {
		l.Heartbeat = 15 * time.Second
	}
	if l.PerOrganisation == 0 {
		l.PerOrganisation = 200
	}
	if l.Total == 0 {
		l.Total = 1000
	}
	return l
}

// Hub watches what changes on behalf of listeners: one query for each organisation that
// has any, however many they are, and none for the others. What it compares is in the
// database, so it does not matter which replica changes something.
type Hub struct {
	Limits
	revisions func(ctx context.Context, org store.OrgID) (map[store.Resource]int64, error)

	mu      sync.Mutex
	watches map[store.OrgID]*watch
	total   int
}

// NewHub returns a hub that asks revisions what changed.
func NewHub(limits Limits, revisions func(ctx context.Context, org store.OrgID) (map[store.Resource]int64, error)) *Hub {
	return &Hub{Limits: limits.orDefaults(), revisions: revisions, watches: make(map[store.OrgID]*watch)}
}

// watch is what is known of one organisation while somebody listens.
type watch struct {
	listeners map[*Listener]bool
	stop      context.CancelFunc
}

// Listener collects what changed until its stream writes it.
type Listener struct {
	Wake chan struct{}

	mu      sync.Mutex
	changed map[store.Resource]bool
	id      string
}

// eventID names a state of all resources: revisions only grow, so their sum does, and it is the
// same at every replica.
func eventID(revisions map[store.Resource]int64) string {
	var sum int64
	for _, n := range revisions {
		sum += n
	}
	return strconv.FormatInt(sum, 10)
}

// Listen begins to collect for a listener. state is that from which on nothing is missed.
func (h *Hub) Listen(ctx context.Context, org store.OrgID) (l *Listener, state string, err error) {
	now, err := h.revisions(ctx, org)
	if err != nil {
		return nil, "", err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	w := h.watches[org]
	if h.total >= h.Total || w != nil && len(w.listeners) >= h.PerOrganisation {
		return nil, "", &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "listen to events", Hint: "too many listen already; close other windows or try again later"}
	}
	if w == nil {
		watching, stop := context.WithCancel(context.WithoutCancel(ctx))
		w = &watch{listeners: make(map[*Listener]bool), stop: stop}
		h.watches[org] = w
		go h.watch(watching, org, w, now)
	}
	l = &Listener{Wake: make(chan struct{}, 1), changed: make(map[store.Resource]bool)}
	w.listeners[l] = true
	h.total++
	return l, eventID(now), nil
}

// Leave ends what Listen began.
func (h *Hub) Leave(org store.OrgID, l *Listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := h.watches[org]
	delete(w.listeners, l)
	h.total--
	if len(w.listeners) == 0 {
		w.stop()
		delete(h.watches, org)
	}
}

// watch looks again and again until nobody listens any more.
func (h *Hub) watch(ctx context.Context, org store.OrgID, w *watch, last map[store.Resource]int64) {
	ticker := time.NewTicker(h.Poll)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now, err := h.revisions(ctx, org)
		if err != nil {
			continue // the next look sees what this one would have
		}
		var changed []store.Resource
		for r, n := range now {
			if n != last[r] {
				changed = append(changed, r)
			}
		}
		last = now
		if len(changed) > 0 {
			h.tell(w, changed, eventID(now))
		}
	}
}

func (h *Hub) tell(w *watch, changed []store.Resource, id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range w.listeners {
		l.mu.Lock()
		l.id = id
		for _, r := range changed {
			l.changed[r] = true
		}
		l.mu.Unlock()
		select {
		case l.Wake <- struct{}{}:
		default: // it has not taken the last ones yet, and takes these with them
		}
	}
}

// Take returns what changed since the last call.
func (l *Listener) Take() (changed []store.Resource, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	changed = slices.Sorted(maps.Keys(l.changed))
	clear(l.changed)
	return changed, l.id
}
