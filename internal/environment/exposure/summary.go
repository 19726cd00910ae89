package exposure

import (
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

const day = int64(24 * time.Hour / time.Microsecond)

// Due returns when an open exposure of a severity should be remediated; false without a target.
func Due(x Exposure, targets store.Targets) (int64, bool) {
	days := targets[x.Severity]
	if days <= 0 || !x.Open() {
		return 0, false
	}
	return x.Last().From + int64(days)*day, true
}

// Overdue reports whether an exposure lasts longer than its target permits, whatever is decided about it.
func Overdue(x Exposure, targets store.Targets, now int64) bool {
	due, ok := Due(x, targets)
	return ok && due < now
}

// Figures are those of one severity.
type Figures struct {
	Severity   crowsnest.Severity
	Open       int // now, without those that are
	Suppressed int // open, and suppressed by decisions
	NotSeen    int // open, and not seen loaded where that is taken as not affected
	Overdue    int // of Open
	Target     int // days; 0 without
	Opened     int // episodes that began within the time looked at
	Remediated int // episodes that ended within it, but for those that
	Unwatched  int // ended because nobody watches any more what ran
	// Median and Percentile90 are how long the remediated ones had lasted; 0 without any. They are
	// by the nearest rank: values that occurred.
	Median, Percentile90 time.Duration
}

// Day counts a day, in UTC.
type Day struct {
	Date               time.Time
	Open               crowsnest.Summary // at its end, or now
	Opened, Remediated crowsnest.Summary
	Unwatched          crowsnest.Summary // as of Figures
}

// Summary sums up exposures.
type Summary struct {
	BySeverity []Figures // the worst first
	Days       []Day     // the oldest first
}

// Standing is whether an exposure that lasts counts now.
type Standing uint8

// The ways in which one does, or does not.
const (
	Counts     Standing = iota
	Suppressed          // by decisions
	NotSeen             // loaded, where that is taken as not affected
)

// Summarise sums up exposures over the days before now, the one of now included. standing says of which vulnerabilities nothing counts now.
// The days show what was, whatever is decided and seen now.
func Summarise(list []Exposure, targets store.Targets, now time.Time, days int, standing func(vulnerability string) Standing) Summary {
	end := now.UnixMicro()
	first := now.UTC().Truncate(24*time.Hour).UnixMicro() - int64(days-1)*day
	out := Summary{Days: make([]Day, days)}
	for i := range out.Days {
		out.Days[i].Date = time.UnixMicro(first + int64(i)*day).UTC()
	}
	at := func(t int64) (int, bool) { return int((t - first) / day), t >= first && t <= end }
	figures := make(map[crowsnest.Severity]*Figures)
	lasted := make(map[crowsnest.Severity][]int64)
	changes := make([]map[crowsnest.Severity]int, days+1) // of the open ones, by day
	for i := range changes {
		changes[i] = make(map[crowsnest.Severity]int)
	}
	for s := crowsnest.Unspecified; s <= crowsnest.Critical; s++ {
		figures[s] = &Figures{Severity: s, Target: targets[s]}
	}
	for _, x := range list {
		f := figures[x.Severity]
		if x.Open() {
			switch standing(x.Vulnerability) {
			case Suppressed:
				f.Suppressed++
			case NotSeen:
				f.NotSeen++
			default:
				f.Open++
				if Overdue(x, targets, end) {
					f.Overdue++
				}
			}
		}
		for _, e := range x.Episodes {
			if e.From > end {
				continue
			}
			from := 0
			if i, ok := at(e.From); ok {
				f.Opened++
				out.Days[i].Opened.Add(x.Severity, 1)
				from = i
			}
			if e.To < first {
				continue
			}
			changes[from][x.Severity]++
			i, ok := at(e.To)
			switch {
			case !ok:
				continue
			case e.Unwatched:
				f.Unwatched++
				out.Days[i].Unwatched.Add(x.Severity, 1)
			default:
				f.Remediated++
				out.Days[i].Remediated.Add(x.Severity, 1)
				lasted[x.Severity] = append(lasted[x.Severity], e.To-e.From)
			}
			changes[i][x.Severity]-- // open at the end of a day is what did not end within it
		}
	}
	var open crowsnest.Summary
	for i := range out.Days {
		for s, n := range changes[i] {
			open.Add(s, n)
		}
		out.Days[i].Open = open
	}
	for s := crowsnest.Critical; ; s-- {
		f := figures[s]
		f.Median, f.Percentile90 = percentile(lasted[s], 50), percentile(lasted[s], 90)
		out.BySeverity = append(out.BySeverity, *f)
		if s == crowsnest.Unspecified {
			return out
		}
	}
}

// percentile returns the value of the nearest rank.
func percentile(lasted []int64, p int) time.Duration {
	if len(lasted) == 0 {
		return 0
	}
	slices.Sort(lasted)
	return time.Duration(lasted[(len(lasted)*p+99)/100-1]) * time.Microsecond
}
