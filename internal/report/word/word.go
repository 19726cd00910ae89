// Package word puts numbers, times and places into the words of reports. It does not make them fit for a terminal: what strangers wrote is
// as they wrote it.
package word

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Plural counts things: "1 day", "2 days".
func Plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	if strings.HasSuffix(word, "y") && !strings.HasSuffix(word, "ay") {
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(word, "y"))
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// Ago says how long before now a time was, in the largest fitting unit.
func Ago(now, t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	d := now.Sub(t)
	switch {
	case d < time.Second:
		return "just now"
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}

// Until says in how long after now a time comes, to the nearest of the largest fitting unit.
func Until(now, t time.Time) string {
	d := t.Sub(now)
	switch {
	case t.IsZero():
		return "–"
	case d < time.Second:
		return "now"
	case d < time.Minute:
		return fmt.Sprintf("in %d s", int(d.Seconds()))
	case d.Round(time.Minute) < time.Hour:
		return fmt.Sprintf("in %d min", int(math.Round(d.Minutes())))
	}
	return fmt.Sprintf("in %d h", int(math.Round(d.Hours())))
}

// Span says how long something takes, in its largest unit.
func Span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "a moment"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(math.Round(d.Hours())))
	}
	return fmt.Sprintf("%d d", int(math.Round(d.Hours()/24)))
}

// Days writes a number of days, or that there is none.
func Days(days *float64) string {
	if days == nil {
		return "–"
	}
	return strings.TrimSuffix(strconv.FormatFloat(*days, 'f', 1, 64), ".0") + " d"
}

// Workload names where an image runs: a workload, or that people recorded it, under another name than the image's if so.
func Workload(w crowsnest.Workload, image string) string {
	switch {
	case w.Kind != store.AssignedKind:
		return fmt.Sprintf("%s/%s/%s/%s", w.Cluster, w.Namespace, w.Kind, w.Name)
	case w.Name == image:
		return "recorded"
	}
	return "recorded as " + w.Name
}

// Source names what feeds an environment.
func Source(kind string) string {
	if kind == store.AssignedKind {
		return "recorded"
	}
	return kind
}
