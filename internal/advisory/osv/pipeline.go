package osv

import (
	"context"
	"errors"
	"sync"

	"github.com/crowsnest-sec/crowsnest"
)

const (
	// workers decode. More than a few only help when fn is faster than they are, and fn mostly writes to a database.
	workers = 4
	// ahead is how many records may be read or decoded before fn takes them, and inFlight how many
	// bytes of JSON they may have together: records are mostly small, but each may have MaxRecord.
	ahead    = 64
	inFlight = 32 << 20
	unit     = 64 << 10 // in which inFlight is shared out
)

// item is a record still to be read.
type item struct {
	name string // for problems
	size uint64 // bytes of JSON
	read func() ([]byte, error)
}

// budget shares inFlight out. Only one goroutine takes, so taking piece by piece cannot lock up.
type budget chan struct{}

func (b budget) take(ctx context.Context, size uint64) (n int, ok bool) {
	want := int(min(size/unit+1, uint64(cap(b))))
	for n < want {
		select {
		case b <- struct{}{}:
			n++
		case <-ctx.Done():
			return n, false
		}
	}
	return n, true
}

func (b budget) give(n int) {
	for range n {
		<-b
	}
}

type outcome struct {
	name     string
	advisory *crowsnest.Advisory
	err      error
	taken    int // of the budget
}

// decodeAll runs the items that feed puts through the workers and hands the advisories to fn
// in the order of the items. put is false when there is no use in going on. An error of feed
// is returned after what came before it.
func decodeAll(ctx context.Context, shown string, feed func(ctx context.Context, put func(item) bool) error, fn func(*crowsnest.Advisory) error) (Stats, error) {
	type job struct {
		item  item
		taken int
		out   chan<- outcome
	}
	inner, stop := context.WithCancel(ctx)
	jobs := make(chan job)
	queue := make(chan (<-chan outcome), ahead) // in the order of the items
	share := make(budget, inFlight/unit)
	var fed error
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(queue)
		defer close(jobs)
		fed = feed(inner, func(it item) bool {
			taken, ok := share.take(inner, it.size)
			if !ok {
				return false
			}
			out := make(chan outcome, 1)
			select {
			case queue <- out:
			case <-inner.Done():
				return false
			}
			select {
			case jobs <- job{it, taken, out}:
				return true
			case <-inner.Done():
				close(out)
				return false
			}
		})
	})
	for range workers {
		wg.Go(func() {
			for j := range jobs {
				o := outcome{name: j.item.name, taken: j.taken}
				b, err := j.item.read()
				if err == nil {
					o.advisory, err = Decode(b)
				}
				o.err = err
				j.out <- o
			}
		})
	}
	var stats Stats
	var failed error
	for out := range queue {
		o, ok := <-out
		if ok {
			share.give(o.taken) // the record at hand is one more than counted; that is fine
		}
		if !ok || failed != nil {
			continue
		}
		if err := ctx.Err(); err != nil {
			failed = canceled(shown, err)
			stop()
			continue
		}
		if o.err != nil {
			stats.skip(printable(o.name), o.err)
			continue
		}
		if err := fn(o.advisory); err != nil {
			failed = err
			stop()
			continue
		}
		stats.Records++
	}
	stop()
	wg.Wait()
	switch {
	case failed != nil:
		return stats, failed
	case ctx.Err() != nil:
		return stats, canceled(shown, ctx.Err())
	case fed != nil:
		return stats, fed
	case stats.Records == 0:
		return stats, readError(crowsnest.Corrupt, shown, "give OSV records, as osv.dev publishes them", noRecord(stats))
	}
	return stats, nil
}

func noRecord(s Stats) error {
	if len(s.Problems) > 0 {
		return errors.New("none of its records can be used: " + s.Problems[0])
	}
	return errors.New("it holds no advisory")
}
