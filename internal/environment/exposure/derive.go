package exposure

import (
	"cmp"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Exposure is a vulnerability that an environment was exposed to: something that had it ran there.
type Exposure struct {
	Vulnerability string
	Severity      crowsnest.Severity
	KnownSince    int64     // when it was first found in anything that ran; Unix microseconds
	Episodes      []Episode // in order of time, apart from each other, at least one
}

// Episode is a time of uninterrupted exposure.
type Episode struct {
	store.Span
	// Came is the content whose start began it, and Went the one whose end ended it; 0 if a finding
	// did: what ran became known to be vulnerable, or no longer was.
	Came, Went int64
	// Unwatched says that it ended because nobody watches any more what ran: nothing was remediated, as far as is known.
	Unwatched bool
}

// Open reports whether the exposure lasts.
func (x *Exposure) Open() bool { return x.Last().To == store.Forever }

// Last returns the newest episode.
func (x *Exposure) Last() Episode { return x.Episodes[len(x.Episodes)-1] }

// Derive lays what ran over what was known of the package sets in it. The result is ordered
// from the worst severity down, then by the beginning of the newest episode, then by name.
func Derive(run store.Run, known map[int64][]store.KnownSpan) []Exposure {
	type exposed struct {
		Exposure
		decided bool
	}
	found := make(map[string]*exposed)
	for set, spans := range setSpans(run) {
		for _, k := range known[set] {
			var x *exposed
			for _, r := range spans {
				e, ok := overlap(r, k.Span)
				if !ok {
					continue
				}
				if x == nil {
					if x = found[k.Vulnerability]; x == nil {
						x = &exposed{Exposure: Exposure{Vulnerability: k.Vulnerability, KnownSince: k.From}}
						found[k.Vulnerability] = x
					}
				}
				x.add(e)
			}
			if x == nil {
				continue
			}
			x.KnownSince = min(x.KnownSince, k.From)
			x.Severity, x.decided = worse(x.Severity, x.decided, k)
		}
	}
	order := make([]*exposed, 0, len(found))
	for _, x := range found {
		x.Episodes = merge(x.Episodes)
		order = append(order, x)
	}
	slices.SortFunc(order, func(a, b *exposed) int { return compare(&a.Exposure, &b.Exposure) })
	out := make([]Exposure, len(order))
	for i, x := range order {
		out[i] = x.Exposure
	}
	return out
}

// add adds an episode. Most are a part of the one before, as many sets have the vulnerability at once; those that are not may still
// overlap with others.
func (x *Exposure) add(e Episode) {
	if last := len(x.Episodes) - 1; last >= 0 && e.From <= x.Episodes[last].To && x.Episodes[last].From <= e.To {
		x.Episodes[last].join(e)
		return
	}
	x.Episodes = append(x.Episodes, e)
}

// Compare orders exposures as Derive does.
func Compare(a, b Exposure) int { return compare(&a, &b) }

// compare copies nothing, as there are many to put in order, and looks at names only where the rest is equal.
func compare(a, b *Exposure) int {
	if c := cmp.Compare(b.Severity, a.Severity); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Last().From, b.Last().From); c != 0 {
		return c
	}
	return cmp.Compare(a.Vulnerability, b.Vulnerability)
}

// setSpans says when anything ran that has a set of packages, with the content that began each
// time and the one that ended it.
func setSpans(f store.Run) map[int64][]Episode {
	byContent := make(map[int64][]Episode)
	for _, r := range f.Spans {
		if r.From < r.To {
			byContent[r.Content] = append(byContent[r.Content], Episode{r.Span, r.Content, r.Content, r.Unwatched})
		}
	}
	out := make(map[int64][]Episode)
	for content, spans := range byContent {
		spans = merge(spans)
		for _, set := range f.Sets[content] {
			out[set] = append(out[set], spans...)
		}
	}
	for set, spans := range out {
		out[set] = merge(spans)
	}
	return out
}

// overlap is the time in which something both ran and was known.
func overlap(run Episode, known store.Span) (Episode, bool) {
	e := run
	if known.From > run.From {
		e.From, e.Came = known.From, 0
	}
	if known.To < run.To {
		e.To, e.Went, e.Unwatched = known.To, 0, false
	}
	return e, e.From < e.To
}

// merge joins the times that overlap or touch. Of several that begin or end one together, a content
// explains more than a finding, and the lowest number makes the choice a fixed one.
func merge(list []Episode) []Episode {
	if len(list) > 1 {
		slices.SortFunc(list, func(a, b Episode) int { return cmp.Compare(a.From, b.From) })
	}
	out := list[:0]
	for _, e := range list {
		if len(out) == 0 || out[len(out)-1].To < e.From {
			out = append(out, e)
			continue
		}
		out[len(out)-1].join(e)
	}
	for i := range out {
		if out[i].To == store.Forever {
			out[i].Went, out[i].Unwatched = 0, false
		}
	}
	return slices.Clip(out)
}

// join makes one of two episodes that overlap or touch; the order in which several are joined is all the same.
func (e *Episode) join(o Episode) {
	switch {
	case o.From < e.From:
		e.From, e.Came = o.From, o.Came
	case o.From == e.From:
		e.Came = explain(e.Came, o.Came)
	}
	switch {
	case o.To > e.To:
		e.To, e.Went, e.Unwatched = o.To, o.Went, o.Unwatched
	case o.To == e.To:
		e.Went, e.Unwatched = explain(e.Went, o.Went), e.Unwatched || o.Unwatched
	}
}

func explain(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
