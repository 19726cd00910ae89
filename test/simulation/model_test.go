package simulation

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// place is what makes two observations of one integration the same occurrence.
type place struct {
	namespace, kind, name, container string
	image                            crowsnest.Digest
}

// item is a container of a cluster as it is told on the wire. One that is broken is told with
// an image ID that is no digest.
type item struct {
	place
	loaded []string // names of packages of version 1
	broken bool
}

// run is an open occurrence: the packages are those that were last seen loaded.
type run struct {
	environment, cluster string
	opened               time.Time
	loaded               []string
	aged                 time.Time // when that was last reported; zero while the newest sweep did
}

// interval is a closed occurrence.
type interval struct {
	integration, environment, cluster string
	place                             place
	opened, closed                    time.Time
}

// String is the row of the same occurrence in the store.
func (i interval) String() string {
	closed := "open"
	if !i.closed.IsZero() {
		closed = fmt.Sprint(i.closed.UnixMicro())
	}
	return strings.Join([]string{i.integration, i.environment, i.cluster, i.place.String(), fmt.Sprint(i.opened.UnixMicro()), closed}, " ")
}

func (p place) String() string {
	return strings.Join([]string{p.namespace, p.kind, p.name, p.container, string(p.image)}, "/")
}

// integration is what the store must know of one.
type integration struct {
	id, name, cluster, environment string
	paused, deleted                bool
	epoch                          int       // counts the clusters it has meant
	applied                        time.Time // when a sweep last changed what runs
	complete                       time.Time // when one was last believed
	emptied                        time.Time // since when its cluster tells of nothing
	open                           map[place]run
	past                           []interval
}

// see applies what a sweep of the items saw. What is broken runs all the same, so nothing ends in its place; and a
// cluster that suddenly tells of nothing is believed when it goes on to. It reports whether it is.
func (in *integration) see(now time.Time, items []item) (believed bool) {
	in.applied = now
	if len(items) > 0 {
		in.emptied = time.Time{}
	} else if in.emptied.IsZero() {
		in.emptied = now
	}
	if len(items) == 0 && len(in.open) > 0 && now.Sub(in.emptied) < store.DoubtFor {
		return false
	}
	seen, spared := make(map[place]bool), make(map[place]bool)
	grow := func(p place, r run) { // what is not reported any more is as old as the last sweep that did
		if r.aged.IsZero() && len(r.loaded) > 0 {
			if r.aged = in.complete; r.aged.Before(r.opened) {
				r.aged = r.opened
			}
		}
		in.open[p] = r
	}
	for _, it := range items {
		if it.broken {
			spared[it.without()] = true
			continue
		}
		if seen[it.place] {
			continue // told twice, the first counts
		}
		seen[it.place] = true
		r, ok := in.open[it.place]
		if !ok {
			r = run{environment: in.environment, cluster: in.cluster, opened: now}
		}
		if len(it.loaded) > 0 { // nothing reported does not mean nothing loaded
			r.loaded, r.aged = it.loaded, time.Time{}
			in.open[it.place] = r
		} else {
			grow(it.place, r)
		}
	}
	for p, r := range in.open {
		if !seen[p] && spared[p.without()] {
			grow(p, r)
		}
	}
	in.complete = now
	in.end(now, func(p place) bool { return !seen[p] && !spared[p.without()] })
	return true
}

// without leaves the image out.
func (p place) without() place { p.image = ""; return p }

// end closes the open occurrences that which picks.
func (in *integration) end(now time.Time, which func(place) bool) {
	for p, r := range in.open {
		if which(p) {
			in.past = append(in.past, interval{in.name, r.environment, r.cluster, p, r.opened, now})
			delete(in.open, p)
		}
	}
}

func everything(place) bool { return true }

// move ends what runs in one environment and begins it in another.
func (in *integration) move(now time.Time, environment string) {
	if environment == in.environment {
		return
	}
	in.environment = environment
	moved := maps.Clone(in.open)
	in.end(now, everything)
	for p, r := range moved {
		r.environment, r.opened = environment, now
		in.open[p] = r
	}
}

// point makes it mean another cluster.
func (in *integration) point(now time.Time, cluster string) {
	if cluster != in.cluster {
		in.cluster = cluster
		in.epoch++
		in.applied, in.complete, in.emptied = time.Time{}, time.Time{}, time.Time{}
		in.end(now, everything)
	}
}

// rows are all occurrences, as the store's.
func (in *integration) rows() []string {
	var out []string
	for _, i := range in.past {
		out = append(out, i.String())
	}
	for p, r := range in.open {
		out = append(out, interval{in.name, r.environment, r.cluster, p, r.opened, time.Time{}}.String())
	}
	return out
}

// told is a snapshot in the words of the model, to compare with what the cluster ran.
func told(snap store.Snapshot) (out []string) {
	for _, r := range snap.Runs {
		var loaded []string
		for _, p := range snap.Profiles[r.Profile] {
			loaded = append(loaded, p.Name)
		}
		slices.Sort(loaded)
		out = append(out, line(place{r.Namespace, r.Kind, r.Name, r.Container, r.ImageID}, loaded))
	}
	slices.Sort(out)
	return out
}

// toldItems are the items that a snapshot holds, in their order.
func toldItems(snap store.Snapshot) (out []item) {
	for _, r := range snap.Runs {
		it := item{place: place{r.Namespace, r.Kind, r.Name, r.Container, r.ImageID}}
		for _, p := range snap.Profiles[r.Profile] {
			it.loaded = append(it.loaded, p.Name)
		}
		slices.Sort(it.loaded)
		out = append(out, it)
	}
	for _, o := range snap.Spared {
		out = append(out, item{broken: true, place: place{namespace: o.Namespace, kind: o.Kind, name: o.Name, container: o.Container}})
	}
	return out
}

// usable is what a client can make of items, in the same words.
func usable(items []item) (out []string, broken bool) {
	for _, it := range items {
		if it.broken {
			broken = true
			continue
		}
		out = append(out, line(it.place, it.loaded))
	}
	slices.Sort(out)
	return out, broken
}

func line(p place, loaded []string) string { return p.String() + " " + strings.Join(loaded, ",") }

// inUse is what must be said of a package of an image that is reported under some digests: in use in one of the open occurrences is in
// use, and not seen is what each of them says so of, in words that are not too old by the days of its environment.
func inUse(all []*integration, environment string, now time.Time, days map[string]int, digests []crowsnest.Digest, pkg crowsnest.PackageVersion) crowsnest.InUse {
	watched, unwatched := false, false
	now = now.Truncate(time.Hour)
	for _, in := range all {
		for p, r := range in.open {
			if environment != "" && r.environment != environment || !slices.Contains(digests, p.image) {
				continue
			}
			if len(r.loaded) == 0 {
				unwatched = true
				continue
			}
			reported := r.aged
			if reported.IsZero() {
				reported = in.complete
			}
			n, ok := days[r.environment]
			if !ok {
				n = store.DefaultProfileDays
			}
			if n == 0 || !reported.Before(now.AddDate(0, 0, -n)) {
				watched = true
			} else {
				unwatched = true
			}
			if slices.Contains(r.loaded, pkg.Name) && pkg.Type == kindOf(pkg.Name) {
				return crowsnest.Loaded
			}
		}
	}
	if watched && !unwatched && pkg.Type != "generic" {
		return crowsnest.NotSeen
	}
	return crowsnest.NotObserved
}
