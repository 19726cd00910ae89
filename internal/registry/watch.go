package registry

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Source is what a watcher asks of a registry. Client is one.
type Source interface {
	// Repositories lists them all, or fails.
	Repositories(ctx context.Context) ([]string, error)
	// Tags lists all tags of a repository, or fails: NotFound if there is no such repository.
	Tags(ctx context.Context, repository string) ([]string, error)
	// Target is what a tag names; empty if there is no such tag.
	Target(ctx context.Context, repository, tag string) (crowsnest.Digest, error)
	// Wait is how long the registry last asked to be left alone.
	Wait() time.Duration
	// Pulls is how much of a limit on pulls is left; zero if it says nothing of one.
	Pulls() store.Pulls
}

// Watcher looks at connected registries.
type Watcher struct {
	Store   store.Watching
	Connect func(ctx context.Context, in store.RegistryIntegration) (Source, error)
	Log     *slog.Logger
}

// How many tags are asked for before it is seen whether something is more urgent: few where somebody waits for
// none of them.
const (
	tagsOfAList = 100
	tagsAtATime = 20
)

// Watch does what is due at one connected registry, the most urgent first, one request at a time. Why it could not
// is kept with the registry or the repository; the error is that of the store.
func (w *Watcher) Watch(ctx context.Context, id string) error {
	in, list, err := w.Store.RegistryByID(ctx, id)
	if kind := crowsnest.KindOf(err); err != nil && (kind == crowsnest.NotFound || kind == crowsnest.Conflict) {
		return nil // disconnected or paused since, or it is to be left alone
	}
	if err == nil {
		err = w.Store.NoteLook(ctx, id)
	}
	if err != nil {
		return err
	}
	source, err := w.Connect(ctx, in)
	if err != nil {
		return w.fails(ctx, in, 0, err)
	}
	defer func() {
		if p := source.Pulls(); p.Limit > 0 {
			if err := w.Store.NotePulls(context.WithoutCancel(ctx), id, p); err != nil {
				w.Log.Warn("limit on pulls not kept", "registry", in.Name, "reason", crowsnest.Reason(err))
			}
		}
	}()
	if list {
		names, err := source.Repositories(ctx)
		if err != nil {
			return w.fails(ctx, in, source.Wait(), err)
		}
		names = slices.DeleteFunc(names, func(n string) bool { return !in.Admits(n) })
		slices.Sort(names)
		if err := w.Store.SaveListing(ctx, id, slices.Compact(names)); err != nil {
			return err
		}
		if err := w.Store.RegistryAnswers(ctx, id); err != nil {
			return err
		}
	}
	for ctx.Err() == nil {
		due, err := w.Store.NextRepository(ctx, id)
		if crowsnest.KindOf(err) == crowsnest.NotFound && err != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if err := w.look(ctx, source, due); err != nil {
			if stored := (storeError{}); asStore(err, &stored) {
				return stored.error
			}
			if ctx.Err() != nil {
				return nil // its time is over, or the server stops: the next look goes on
			}
			switch crowsnest.KindOf(err) {
			case crowsnest.RateLimited, crowsnest.Unavailable, crowsnest.Internal:
				return w.fails(ctx, in, source.Wait(), err)
			}
			if err := w.Store.LeaveRepository(ctx, due, crowsnest.Reason(err)); err != nil {
				return err
			}
			continue
		}
		if err := w.Store.LeaveRepository(ctx, due, ""); err != nil {
			return err
		}
		if err := w.Store.RegistryAnswers(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// storeError is one that says nothing about the registry.
type storeError struct{ error }

func asStore(err error, into *storeError) bool {
	s, ok := err.(storeError)
	*into = s
	return ok
}

func kept(err error) error {
	if err == nil {
		return nil
	}
	return storeError{err}
}

func (w *Watcher) look(ctx context.Context, source Source, due store.RepositoryWork) error {
	limit := tagsAtATime
	if due.List {
		names, err := source.Tags(ctx, due.Name)
		if err != nil {
			return err
		}
		if err := w.Store.SaveTags(ctx, due.ID, names, Newest(names)); err != nil {
			return kept(err)
		}
		limit = tagsOfAList
	}
	tags, err := w.Store.TagsToCheck(ctx, due.ID, !due.List, limit)
	if err != nil {
		return kept(err)
	}
	for _, tag := range tags {
		target, err := source.Target(ctx, due.Name, tag.Name)
		if err != nil {
			return err
		}
		if err := w.Store.SaveTarget(ctx, due.ID, tag, target); err != nil {
			return kept(err)
		}
	}
	return nil
}

// fails keeps why a registry could not be looked at. A server that stops says nothing about it.
func (w *Watcher) fails(ctx context.Context, in store.RegistryIntegration, wait time.Duration, err error) error {
	if ctx.Err() == context.Canceled {
		return nil
	}
	w.Log.Warn("registry could not be looked at", "registry", in.Name, "host", in.Host, "reason", crowsnest.Reason(err))
	return w.Store.RegistryFails(context.WithoutCancel(ctx), in.ID, crowsnest.Reason(err), wait)
}

// Newest guesses which of the tags of a repository is the newest image, since registries do not tell: latest, or else
// the highest version, or else the last in order. It is empty for none.
func Newest(tags []string) string {
	if slices.Contains(tags, "latest") {
		return "latest"
	}
	best := ""
	for _, t := range tags {
		if best == "" || compareTags(t, best) > 0 {
			best = t
		}
	}
	return best
}

// compareTags orders tags: versions after others, higher ones after lower ones, and one with something behind the
// version, such as 1.2-rc1, before the one without.
func compareTags(a, b string) int {
	va, resta, oka := version(a)
	vb, restb, okb := version(b)
	switch {
	case oka != okb && oka:
		return 1
	case oka != okb:
		return -1
	case !oka:
		return strings.Compare(a, b)
	}
	for i := range max(len(va), len(vb)) {
		x, y := "", ""
		if i < len(va) {
			x = va[i]
		}
		if i < len(vb) {
			y = vb[i]
		}
		if len(x) != len(y) {
			return len(x) - len(y)
		}
		if x != y {
			return strings.Compare(x, y)
		}
	}
	if (resta == "") != (restb == "") {
		if resta == "" {
			return 1
		}
		return -1
	}
	return strings.Compare(resta, restb)
}

// version parts a tag such as v1.20.3-alpine into the numbers, without leading zeros, and what follows.
func version(tag string) (numbers []string, rest string, ok bool) {
	rest = strings.TrimPrefix(tag, "v")
	for {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		if digits == 0 {
			return numbers, rest, len(numbers) > 0
		}
		numbers = append(numbers, strings.TrimLeft(rest[:digits], "0"))
		rest = rest[digits:]
		if next := strings.TrimPrefix(rest, "."); next != rest && next != "" && next[0] >= '0' && next[0] <= '9' {
			rest = next
			continue
		}
		return numbers, rest, true
	}
}
