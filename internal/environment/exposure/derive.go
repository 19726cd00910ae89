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
func (e *Exposure) Open() bool { return e.Last().To == store.Forever }

// Last returns the newest episode.
func (e *Exposure) Last() Episode { return e.Episodes[len(e.Episodes)-1] }

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
				x.Episodes = append(x.Episodes, e)
			}
			if x == nil {
				continue
			}
			x.KnownSince = min(x.KnownSince, k.From)
			x.Severity, x.decided = worse(x.Severity, x.decided, k)
		}
	}
	out := make([]Exposure, 0, len(found))
	for _, x := range found {
		x.Episodes = merge(x.Episodes)
		out = append(out, x.Exposure)
	}
	slices.SortFunc(out, Compare)
	return out
}

// Compare orders exposures as Derive does.
func Compare(a, b Exposure) int {
	return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Last().From, b.Last().From), cmp.Compare(a.Vulnerability, b.Vulnerability))
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
	slices.SortFunc(list, func(a, b Episode) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Came, b.Came), cmp.Compare(a.Went, b.Went))
	})
	out := list[:0]
	for _, e := range list {
		if len(out) == 0 || out[len(out)-1].To < e.From {
			out = append(out, e)
			continue
		}
		last := &out[len(out)-1]
		if e.From == last.From {
			last.Came = explain(last.Came, e.Came)
		}
		switch {
		case e.To > last.To:
			last.To, last.Went, last.Unwatched = e.To, e.Went, e.Unwatched
		case e.To == last.To:
			last.Went, last.Unwatched = explain(last.Went, e.Went), last.Unwatched || e.Unwatched
		}
	}
	for i := range out {
		if out[i].To == store.Forever {
			out[i].Went, out[i].Unwatched = 0, false
		}
	}
	return slices.Clip(out)
}

func explain(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
