package exposure

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

const open = store.Forever

// facts is what exposures are derived from, in one.
type facts struct {
	Runs  []store.ContentSpan
	Sets  map[int64][]int64
	Known []found
}

type found struct {
	Set int64
	store.KnownSpan
}

func (f facts) derive() []Exposure {
	known := make(map[int64][]store.KnownSpan)
	for _, k := range f.Known {
		known[k.Set] = append(known[k.Set], k.KnownSpan)
	}
	return Derive(store.Run{Spans: f.Runs, Sets: f.Sets}, known)
}

func ran(content, from, to int64) store.ContentSpan {
	return store.ContentSpan{Content: content, Span: store.Span{From: from, To: to}}
}

func unwatched(content, from, to int64) store.ContentSpan {
	r := ran(content, from, to)
	r.Unwatched = true
	return r
}

func known(set int64, id string, from, to int64) found {
	return found{set, store.KnownSpan{Vulnerability: id, Severity: crowsnest.High, Decides: true, Span: store.Span{From: from, To: to}}}
}

func TestDerive(t *testing.T) {
	old, next := map[int64][]int64{1: {10}}, map[int64][]int64{1: {10}, 2: {10, 20}}
	for _, c := range []struct {
		name  string
		facts facts
		want  []Episode
	}{
		{"known before it ran", facts{Runs: []store.ContentSpan{ran(1, 5, 9)}, Sets: old, Known: []found{known(10, "CVE-1", 1, open)}},
			[]Episode{{store.Span{From: 5, To: 9}, 1, 1, false}}},
		{"became known while it ran", facts{Runs: []store.ContentSpan{ran(1, 5, open)}, Sets: old, Known: []found{known(10, "CVE-1", 7, open)}},
			[]Episode{{store.Span{From: 7, To: open}, 0, 0, false}}},
		{"withdrawn while it ran", facts{Runs: []store.ContentSpan{ran(1, 5, open)}, Sets: old, Known: []found{known(10, "CVE-1", 1, 8)}},
			[]Episode{{store.Span{From: 5, To: 8}, 1, 0, false}}},
		{"replaced by an image that has it too", facts{Runs: []store.ContentSpan{ran(1, 5, 9), ran(2, 9, 12)}, Sets: next, Known: []found{known(10, "CVE-1", 1, open)}},
			[]Episode{{store.Span{From: 5, To: 12}, 1, 2, false}}},
		{"came back", facts{Runs: []store.ContentSpan{ran(1, 5, 9), ran(1, 11, open)}, Sets: old, Known: []found{known(10, "CVE-1", 1, open)}},
			[]Episode{{store.Span{From: 5, To: 9}, 1, 1, false}, {store.Span{From: 11, To: open}, 1, 0, false}}},
		{"known before and after, by two advisories", facts{Runs: []store.ContentSpan{ran(1, 5, open)}, Sets: old,
			Known: []found{known(10, "CVE-1", 1, 7), known(10, "CVE-1", 7, 8)}}, []Episode{{store.Span{From: 5, To: 8}, 1, 0, false}}},
		{"not watched any more", facts{Runs: []store.ContentSpan{unwatched(1, 5, 9)}, Sets: old, Known: []found{known(10, "CVE-1", 1, open)}},
			[]Episode{{store.Span{From: 5, To: 9}, 1, 1, true}}},
		{"withdrawn before it was not watched any more", facts{Runs: []store.ContentSpan{unwatched(1, 5, 9)}, Sets: old, Known: []found{known(10, "CVE-1", 1, 8)}},
			[]Episode{{store.Span{From: 5, To: 8}, 1, 0, false}}},
		{"stopped in one place, not watched any more in another", facts{Runs: []store.ContentSpan{ran(1, 5, 9), unwatched(2, 6, 9)}, Sets: next, Known: []found{known(10, "CVE-1", 1, open)}},
			[]Episode{{store.Span{From: 5, To: 9}, 1, 1, true}}},
		{"not watched any more, and watched by another at once", facts{Runs: []store.ContentSpan{unwatched(1, 5, 9), ran(1, 9, 12)}, Sets: old, Known: []found{known(10, "CVE-1", 1, open)}},
			[]Episode{{store.Span{From: 5, To: 12}, 1, 1, false}}},
		{"over before it was known", facts{Runs: []store.ContentSpan{ran(1, 5, 9)}, Sets: old, Known: []found{known(10, "CVE-1", 9, open)}}, nil},
		{"of a package that is in nothing that ran", facts{Runs: []store.ContentSpan{ran(1, 5, 9)}, Sets: old, Known: []found{known(20, "CVE-1", 1, open)}}, nil},
	} {
		var got []Episode
		for _, x := range c.facts.derive() {
			got = append(got, x.Episodes...)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestSeverityIsThatOfWhatDecides(t *testing.T) {
	f := facts{Runs: []store.ContentSpan{ran(1, 1, open)}, Sets: map[int64][]int64{1: {10, 20}}, Known: []found{
		{10, store.KnownSpan{Vulnerability: "CVE-1", Severity: crowsnest.Critical, Span: store.Span{From: 1, To: open}}},
		{10, store.KnownSpan{Vulnerability: "CVE-1", Severity: crowsnest.Low, Decides: true, Span: store.Span{From: 2, To: open}}},
		{20, store.KnownSpan{Vulnerability: "CVE-1", Severity: crowsnest.Medium, Decides: true, Span: store.Span{From: 3, To: open}}},
	}}
	for range 3 {
		got := f.derive()
		if len(got) != 1 || got[0].Severity != crowsnest.Medium || got[0].KnownSince != 1 {
			t.Errorf("%+v, want medium and known since 1", got)
		}
		f.Known = append(f.Known[1:], f.Known[0])
	}
}

// TestDeriveEqualsLookingAtEachMoment compares with what is true at each moment by itself.
func TestDeriveEqualsLookingAtEachMoment(t *testing.T) {
	const horizon = 24
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		span := func() store.Span {
			s := store.Span{From: r.Int64N(horizon), To: r.Int64N(horizon + 6)}
			if s.To >= horizon {
				s.To = open
			}
			return s
		}
		f := facts{Sets: map[int64][]int64{}}
		for c := range int64(1 + r.IntN(4)) {
			for s := range int64(4) {
				if r.IntN(2) == 0 {
					f.Sets[c+1] = append(f.Sets[c+1], s)
				}
			}
			for range r.IntN(4) {
				f.Runs = append(f.Runs, store.ContentSpan{Content: c + 1, Span: span()})
			}
		}
		for range r.IntN(12) {
			f.Known = append(f.Known, found{r.Int64N(4), store.KnownSpan{Vulnerability: fmt.Sprintf("CVE-%d", r.IntN(3)), Decides: r.IntN(2) == 0, Span: span()}})
		}
		exposures := f.derive()
		collapsed := facts{Runs: f.Runs, Sets: f.Sets}
		for set := range int64(4) {
			var list []store.KnownSpan
			for _, k := range f.Known {
				if k.Set == set && k.From < k.To {
					list = append(list, k.KnownSpan)
				}
			}
			for _, k := range collapse(list) {
				collapsed.Known = append(collapsed.Known, found{set, k})
			}
		}
		times := func(list []Exposure) map[string][]Episode {
			out := make(map[string][]Episode)
			for _, x := range list {
				out[x.Vulnerability] = x.Episodes
			}
			return out
		}
		if diff := cmp.Diff(times(exposures), times(collapsed.derive())); diff != "" {
			t.Fatalf("seed %d (-derived +after collapse):\n%s", seed, diff)
		}
		got := make(map[string][]bool)
		for _, x := range exposures {
			exposed := make([]bool, horizon)
			before := int64(-1)
			for _, e := range x.Episodes {
				if e.From <= before || e.From >= e.To {
					t.Fatalf("seed %d: episodes of %s are not apart: %+v", seed, x.Vulnerability, x.Episodes)
				}
				before = e.To
				for at := e.From; at < min(e.To, horizon); at++ {
					exposed[at] = true
				}
				if at := e.Came; at != 0 && !slices.ContainsFunc(f.Runs, func(r store.ContentSpan) bool { return r.Content == at && r.From == e.From }) {
					t.Fatalf("seed %d: %s came with content %d, which did not start at %d", seed, x.Vulnerability, at, e.From)
				}
				if gone := e.Went; gone != 0 && !slices.ContainsFunc(f.Runs, func(r store.ContentSpan) bool { return r.Content == gone && r.To == e.To }) {
					t.Fatalf("seed %d: %s went with content %d, which did not end at %d", seed, x.Vulnerability, gone, e.To)
				}
			}
			got[x.Vulnerability] = exposed
		}
		within := func(s store.Span, at int64) bool { return s.From <= at && at < s.To }
		want := make(map[string][]bool)
		for _, k := range f.Known {
			for _, run := range f.Runs {
				for at := range int64(horizon) {
					if within(k.Span, at) && within(run.Span, at) && slices.Contains(f.Sets[run.Content], k.Set) {
						if want[k.Vulnerability] == nil {
							want[k.Vulnerability] = make([]bool, horizon)
						}
						want[k.Vulnerability][at] = true
					}
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d (-moment by moment +derived):\n%s\n%+v", seed, diff, f)
		}
	}
}

func TestSummarise(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	ago := func(days int, hours int) int64 {
		return now.Add(-time.Duration(days)*24*time.Hour - time.Duration(hours)*time.Hour).UnixMicro()
	}
	of := func(id string, s crowsnest.Severity, spans ...store.Span) Exposure {
		x := Exposure{Vulnerability: id, Severity: s}
		for _, span := range spans {
			x.Episodes = append(x.Episodes, Episode{Span: span})
		}
		return x
	}
	list := []Exposure{
		of("old and overdue", crowsnest.Critical, store.Span{From: ago(40, 0), To: open}),
		of("new", crowsnest.Critical, store.Span{From: ago(1, 0), To: open}),
		of("came back", crowsnest.High, store.Span{From: ago(9, 0), To: ago(2, 0)}, store.Span{From: ago(0, 1), To: open}),
		of("short", crowsnest.High, store.Span{From: ago(2, 6), To: ago(2, 5)}),
		of("before", crowsnest.High, store.Span{From: ago(30, 0), To: ago(20, 0)}),
		of("of no target", crowsnest.Unspecified, store.Span{From: ago(900, 0), To: open}),
		of("accepted", crowsnest.Critical, store.Span{From: ago(40, 0), To: open}),
		of("not seen", crowsnest.Critical, store.Span{From: ago(40, 0), To: open}),
		of("accepted when it was over", crowsnest.High, store.Span{From: ago(30, 0), To: ago(25, 0)}),
	}
	// What nobody watches any more is neither open nor remediated.
	list[4].Episodes = append(list[4].Episodes, Episode{Span: store.Span{From: ago(4, 0), To: ago(2, 2)}, Unwatched: true})
	got := Summarise(list, store.Targets{crowsnest.Critical: 15, crowsnest.High: 30}, now, 4, func(v string) Standing {
		switch {
		case strings.HasPrefix(v, "accepted"):
			return Suppressed
		case v == "not seen":
			return NotSeen
		}
		return Counts
	})
	want := []Figures{
		{Severity: crowsnest.Critical, Open: 2, Suppressed: 1, NotSeen: 1, Overdue: 1, Target: 15, Opened: 1},
		{Severity: crowsnest.High, Open: 1, Target: 30, Opened: 2, Remediated: 2, Unwatched: 1, Median: time.Hour, Percentile90: 7 * 24 * time.Hour},
		{Severity: crowsnest.Medium}, {Severity: crowsnest.Low}, {Severity: crowsnest.Unspecified, Open: 1},
	}
	if diff := cmp.Diff(want, got.BySeverity); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
	// The days show what was: what is accepted now, or not seen, was open all the same.
	date := func(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC) }
	days := []Day{
		{Date: date(7), Open: crowsnest.Summary{Critical: 3, High: 2, Unspecified: 1}},
		{Date: date(8), Open: crowsnest.Summary{Critical: 3, Unspecified: 1}, Opened: crowsnest.Summary{High: 1}, Remediated: crowsnest.Summary{High: 2}, Unwatched: crowsnest.Summary{High: 1}},
		{Date: date(9), Open: crowsnest.Summary{Critical: 4, Unspecified: 1}, Opened: crowsnest.Summary{Critical: 1}},
		{Date: date(10), Open: crowsnest.Summary{Critical: 4, High: 1, Unspecified: 1}, Opened: crowsnest.Summary{High: 1}},
	}
	if diff := cmp.Diff(days, got.Days); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
}
