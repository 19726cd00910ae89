package outpost

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/registry"
	"github.com/crowsnest-sec/crowsnest/internal/wire/connected"
	"github.com/crowsnest-sec/crowsnest/internal/wire/delivery"
)

// Server is whom is delivered to; *client.Client is one.
type Server interface {
	Deliver(ctx context.Context, d delivery.Delivery) (delivery.Receipt, error)
	DeliveredTags(ctx context.Context, repository string) ([]connected.TagInterval, error)
	DeliverTags(ctx context.Context, tags []delivery.Tag) error
}

// Image is one that was opened; *app.Found is one.
type Image interface {
	Offer() delivery.Delivery
	Look(ctx context.Context, stage func(stage string, done, total int)) (delivery.Delivery, error)
	Close() error
}

// Watch is what is watched, and how.
type Watch struct {
	Places   []Place
	Tag      *regexp.Regexp // only tags that fit; nil for all
	All      bool           // also what was there before
	Interval time.Duration  // between two looks at a registry
	Workers  int            // images at a time
	Refresh  bool           // look for new repositories each time
	Once     bool           // end after one look at everything
	Dry      bool           // look at no image and tell the server nothing

	Server  Server
	Connect func(ctx context.Context, cfg registry.Config) (registry.Source, error)
	// Options are those with which images of a registry are opened, and what it last asked for.
	Options func(ctx context.Context, cfg registry.Config) (image.Options, func() time.Duration, error)
	Find    func(ctx context.Context, reference, name string, opts image.Options) (Image, error)
	Log     *slog.Logger

	jobs   chan job
	failed atomic.Int64 // images and looks that failed
	stop   context.CancelCauseFunc
}

// job is an image to be looked at.
type job struct {
	*post
	repository string
	tag        string
	target     crowsnest.Digest
}

func (j job) full() string { return j.place.Host + "/" + j.repository }

// The waits after a failure: from the first to the longest.
const (
	firstWait = time.Second
	longest   = 5 * time.Minute
)

// after returns how long to wait after so many failures in a row, a little different each time lest all come at once.
func after(failures int) time.Duration {
	d := min(firstWait<<min(failures, 16), longest)
	return d/2 + rand.N(d/2+1)
}

// Run watches until ctx ends, which is no failure; with Once until everything was looked at. What is being delivered then is
// delivered to its end. A server that lets the token in no more ends it.
func (w *Watch) Run(ctx context.Context) error {
	ctx, w.stop = context.WithCancelCause(ctx)
	defer w.stop(nil)
	w.jobs = make(chan job)
	var posts, workers sync.WaitGroup
	for range max(w.Workers, 1) {
		workers.Go(func() {
			for j := range w.jobs {
				w.work(ctx, j)
			}
		})
	}
	for _, place := range w.Places {
		p := &post{place: place, watch: w, repositories: map[string]*repository{}, told: make(chan []told, 16), log: w.Log.With("registry", place.Host)}
		if place.Port != 0 && !w.Once {
			if err := p.listen(ctx, &posts); err != nil {
				w.stop(err)
				break
			}
		}
		posts.Go(func() { p.watchOn(ctx) })
	}
	posts.Wait()
	close(w.jobs)
	workers.Wait()
	var refused *refusal
	switch cause := context.Cause(ctx); {
	case errors.As(cause, &refused):
		return refused.error
	case w.Once && w.failed.Load() > 0 && cause == nil:
		return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "watch", Hint: "the lines above say why; run it again", Err: fmt.Errorf("%d images or looks failed", w.failed.Load())}
	}
	w.Log.Info("stopped")
	return nil
}

// refusal ends a watch: no other try can help.
type refusal struct{ error }

func (r *refusal) Unwrap() error { return r.error }

// patiently asks the server until it answers, for as long as it is only busy or away.
func (w *Watch) patiently(ctx context.Context, ask func(ctx context.Context) error) error {
	for failures := 0; ; failures++ {
		err := ask(ctx)
		switch kind := crowsnest.KindOf(err); {
		case err == nil || ctx.Err() != nil:
			return err
		case kind == crowsnest.Unauthorized || kind == crowsnest.Forbidden:
			w.stop(&refusal{err})
			return err
		case kind != crowsnest.Unavailable && kind != crowsnest.RateLimited || w.Once && failures == 3:
			return err
		}
		wait := after(failures)
		var asked interface{ RetryAfter() time.Duration }
		if errors.As(err, &asked) {
			wait = max(wait, asked.RetryAfter())
		}
		w.Log.Warn("the server is asked again", "in", wait.Round(time.Millisecond), "reason", crowsnest.Reason(err))
		if !sleep(ctx, wait) {
			return err
		}
	}
}

// sleep waits, and says whether it came to the end of that.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// post is a registry that is being watched.
type post struct {
	place Place
	watch *Watch
	log   *slog.Logger
	told  chan []told

	mu           sync.Mutex
	names        []string        // of the repositories, in order; nil before they were listed
	first        map[string]bool // those of the first list
	repositories map[string]*repository
	leave        time.Time // nothing is asked of it before
	failures     int       // in a row
}

// repository is what is known of one.
type repository struct {
	asked   bool                        // the server was
	fresh   bool                        // nobody ever looked at it
	seen    map[string]crowsnest.Digest // what tags name of which nothing is to be done any more
	pending map[string]crowsnest.Digest // what waits or is worked at
}

// told is what something else told of a push.
type told struct {
	repository string
	tags       []string
}

func (p *post) watchOn(ctx context.Context) {
	var pushes []told
	for {
		wait := p.watch.Interval
		if err := p.look(ctx, pushes); err != nil && ctx.Err() == nil {
			p.watch.failed.Add(1)
			wait = p.fails(0)
			p.log.Warn("registry could not be looked at", "reason", crowsnest.Reason(err), "again in", wait.Round(time.Millisecond))
		}
		if p.watch.Once {
			return
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case pushes = <-p.told:
		case <-timer.C:
			pushes = nil
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

// fails notes that a registry does not answer as it should, and returns how long it is left alone: as long as it asked, or longer
// the longer it fails.
func (p *post) fails(asked time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	wait := max(after(p.failures), asked, time.Until(p.leave))
	p.failures++
	p.leave = time.Now().Add(wait)
	return wait
}

// patience waits for as long as the registry is to be left alone.
func (p *post) patience(ctx context.Context) bool {
	p.mu.Lock()
	wait := time.Until(p.leave)
	p.mu.Unlock()
	return wait <= 0 || sleep(ctx, wait)
}

// look looks at the repositories of a registry, or only at what was told of.
func (p *post) look(ctx context.Context, pushes []told) (err error) {
	if !p.patience(ctx) {
		return ctx.Err()
	}
	source, err := p.watch.Connect(ctx, p.place.Config)
	if err != nil {
		return err
	}
	defer func() {
		if wait := source.Wait(); err != nil && wait > 0 {
			p.mu.Lock()
			p.leave = time.Now().Add(wait)
			p.mu.Unlock()
		}
	}()
	first := p.names == nil
	if first || p.watch.Refresh && pushes == nil {
		names, err := source.Repositories(ctx)
		if err != nil {
			return err
		}
		names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !p.place.admits(n) })
		slices.Sort(names)
		p.mu.Lock()
		p.names = slices.Compact(names)
		if first {
			p.first = make(map[string]bool, len(p.names))
			for _, n := range p.names {
				p.first[n] = true
			}
		}
		p.mu.Unlock()
		p.log.Info("repositories listed", "found", len(p.names))
	}
	work := pushes
	if first || work == nil { // the first look is at everything
		work = nil
		for _, n := range p.names {
			work = append(work, told{n, nil})
		}
	}
	for _, t := range work {
		if at, listed := slices.BinarySearch(p.names, t.repository); !listed { // it was told of, and is looked at from now on
			p.mu.Lock()
			p.names = slices.Insert(slices.Clone(p.names), at, t.repository)
			p.mu.Unlock()
		}
		err := p.repository(ctx, source, t)
		if err == nil {
			continue
		}
		if kind := crowsnest.KindOf(err); ctx.Err() != nil || kind == crowsnest.RateLimited || kind == crowsnest.Unavailable {
			return err
		}
		p.watch.failed.Add(1)
		p.log.Warn("repository could not be looked at", "repository", t.repository, "reason", crowsnest.Reason(err))
	}
	p.mu.Lock()
	p.failures = 0
	p.mu.Unlock()
	return nil
}

// known asks the server what is known of a repository, once.
func (p *post) known(ctx context.Context, name string) (*repository, error) {
	p.mu.Lock()
	r := p.repositories[name]
	if r == nil {
		r = &repository{seen: map[string]crowsnest.Digest{}, pending: map[string]crowsnest.Digest{}}
		p.repositories[name] = r
	}
	p.mu.Unlock()
	if r.asked {
		return r, nil
	}
	var list []connected.TagInterval
	if err := p.watch.patiently(ctx, func(ctx context.Context) (err error) {
		list, err = p.watch.Server.DeliveredTags(ctx, p.place.Host+"/"+name)
		return err
	}); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range list {
		// Of what was only seen, everything may be wanted now; what failed or was removed is not tried again by itself.
		if !p.watch.All || t.State != "" && t.State != "found" {
			r.seen[t.Tag] = t.Target
		}
	}
	// A repository that appears while its registry is watched has nothing in it that was there before.
	r.asked, r.fresh = true, len(list) == 0 && p.first[name]
	return r, nil
}

// repository looks at the tags of a repository, or at those that were told of.
func (p *post) repository(ctx context.Context, source registry.Source, t told) error {
	r, err := p.known(ctx, t.repository)
	if err != nil {
		return err
	}
	tags := t.tags
	if tags == nil {
		if tags, err = source.Tags(ctx, t.repository); err != nil {
			return err
		}
	}
	full := p.place.Host + "/" + t.repository
	var keep []delivery.Tag
	if t.tags == nil {
		listed := make(map[string]bool, len(tags))
		for _, tag := range tags {
			listed[tag] = true
		}
		p.mu.Lock()
		for _, tag := range slices.Sorted(maps.Keys(r.seen)) {
			if !listed[tag] {
				keep = append(keep, delivery.Tag{Repository: full, Name: tag})
			}
		}
		p.mu.Unlock()
	}
	if p.watch.Tag != nil {
		tags = slices.DeleteFunc(slices.Clone(tags), func(tag string) bool { return !p.watch.Tag.MatchString(tag) })
	}
	newest := registry.Newest(tags)
	for _, tag := range tags {
		target, err := source.Target(ctx, t.repository, tag)
		if err != nil {
			return err
		}
		p.mu.Lock()
		known := target == "" || r.seen[tag] == target || r.pending[tag] == target
		p.mu.Unlock()
		switch {
		case known:
		case r.fresh && !p.watch.All && t.tags == nil && tag != newest:
			keep = append(keep, delivery.Tag{Repository: full, Name: tag, Target: target})
		default:
			if !p.watch.queue(ctx, job{p, t.repository, tag, target}, r) {
				return ctx.Err()
			}
		}
	}
	if err := p.keep(ctx, r, keep); err != nil {
		return err
	}
	if t.tags == nil {
		r.fresh = false
	}
	return nil
}

// keep tells the server what tags name of which nothing is to be done.
func (p *post) keep(ctx context.Context, r *repository, tags []delivery.Tag) error {
	if len(tags) > 0 && !p.watch.Dry {
		if err := p.watch.patiently(ctx, func(ctx context.Context) error { return p.watch.Server.DeliverTags(ctx, tags) }); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range tags {
		if t.Target == "" {
			delete(r.seen, t.Name)
		} else {
			r.seen[t.Name] = t.Target
		}
	}
	return nil
}

// queue gives an image to a worker, as soon as there is one. It returns false if ctx ended before.
func (w *Watch) queue(ctx context.Context, j job, r *repository) bool {
	if w.Dry {
		w.Log.Info("would be delivered", "image", j.full()+":"+j.tag, "digest", j.target)
		j.done(r, true)
		return true
	}
	j.mu.Lock()
	r.pending[j.tag] = j.target
	j.mu.Unlock()
	select {
	case <-ctx.Done():
		return false
	case w.jobs <- j:
		return true
	}
}

// done notes what became of an image: whether anything is left to do about it.
func (j job) done(r *repository, over bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if r.pending[j.tag] == j.target {
		delete(r.pending, j.tag)
	}
	if over {
		r.seen[j.tag] = j.target
	}
}

// work delivers an image. What was refused for a while is news again at the next look.
func (w *Watch) work(ctx context.Context, j job) {
	j.mu.Lock()
	r := j.repositories[j.repository]
	j.mu.Unlock()
	log := w.Log.With("image", j.full()+":"+j.tag, "digest", j.target)
	if !j.patience(ctx) {
		return
	}
	began := time.Now()
	said, asked, err := w.deliver(ctx, j, log)
	switch {
	case err == nil:
		j.done(r, true)
		log.Info(said, "took", time.Since(began).Round(time.Millisecond))
		return
	case ctx.Err() != nil:
		return // it is news to the next watch
	}
	w.failed.Add(1)
	again := slices.Contains([]crowsnest.Kind{crowsnest.RateLimited, crowsnest.Unavailable, crowsnest.Unauthorized, crowsnest.Forbidden}, crowsnest.KindOf(err))
	j.done(r, !again)
	if again {
		j.fails(asked)
	}
	log.Warn("image could not be delivered", "reason", crowsnest.Reason(err), "again", again)
}

// deliverTime is how long what is being delivered may take when the watch is told to stop.
const deliverTime = time.Minute

// deliver looks at an image and delivers what is in it, unless the server needs nothing. It returns what it did, and how long
// the registry asked to be left alone.
func (w *Watch) deliver(ctx context.Context, j job, log *slog.Logger) (said string, asked time.Duration, err error) {
	opts, wait, err := w.Options(ctx, j.place.Config)
	if err != nil {
		return "", 0, err
	}
	img, err := w.Find(ctx, j.full()+"@"+string(j.target), j.full()+":"+j.tag, opts)
	if err != nil {
		return "", wait(), registry.Explain(err, j.place.Config)
	}
	defer img.Close()
	tag := &delivery.Tag{Repository: j.full(), Name: j.tag, Target: j.target}
	send := func(ctx context.Context, d delivery.Delivery) (r delivery.Receipt, err error) {
		d.Tag = tag
		err = w.patiently(ctx, func(ctx context.Context) (err error) { r, err = w.Server.Deliver(ctx, d); return err })
		return r, err
	}
	receipt, err := send(ctx, img.Offer())
	if err != nil {
		return "", 0, err
	}
	if receipt.Known {
		return "known", 0, nil
	}
	d, err := img.Look(ctx, func(stage string, done, total int) { log.Debug(stage, "done", done, "of", total) })
	if err != nil {
		return "", wait(), registry.Explain(err, j.place.Config)
	}
	last, cancel := outliving(ctx, deliverTime)
	defer cancel()
	if _, err = send(last, d); err != nil {
		return "", 0, err
	}
	if d.Failure != nil {
		w.failed.Add(1)
		return "could not be analysed: " + d.Failure.Reason, 0, nil
	}
	return fmt.Sprintf("delivered %d packages", len(d.Content.Packages)), 0, nil
}

// outliving returns a context that ends a while after another: what was worked out is not lost because the watch is to stop.
func outliving(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	last, cancel := context.WithCancel(context.WithoutCancel(ctx))
	forget := context.AfterFunc(ctx, func() { time.AfterFunc(d, cancel) })
	return last, func() { forget(); cancel() }
}
