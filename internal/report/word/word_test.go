package word

import (
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

func TestTimes(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]string{
		0: "now", 30 * time.Second: "in 30 s", 90 * time.Second: "in 2 min", 59*time.Minute + 40*time.Second: "in 1 h", 119 * time.Minute: "in 2 h", 61 * time.Minute: "in 1 h",
	} {
		if got := Until(now, now.Add(d)); got != want {
			t.Errorf("%v from now is %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{0: "just now", 59 * time.Second: "59 s ago", 119 * time.Minute: "1 h ago", 72 * time.Hour: "3 days ago"} {
		if got := Ago(now, now.Add(-d)); got != want {
			t.Errorf("%v before is %q, want %q", d, got, want)
		}
	}
	if Until(now, time.Time{}) != "–" || Ago(now, time.Time{}) != "never" || Days(nil) != "–" {
		t.Error("a time that is none is told as one")
	}
	day := 2.04
	if got := Days(&day) + ", " + Span(47*time.Hour) + ", " + Span(49*time.Hour); got != "2 d, 47 h, 2 d" {
		t.Error(got)
	}
}

func TestPlaces(t *testing.T) {
	for want, w := range map[string]crowsnest.Workload{
		"eu/shop/deployment/web": {Cluster: "eu", Namespace: "shop", Kind: "deployment", Name: "web"},
		"recorded":               {Kind: "assigned", Name: "web:1"},
		"recorded as web:2":      {Kind: "assigned", Name: "web:2"},
	} {
		if got := Workload(w, "web:1"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if Source("assigned") != "recorded" || Source("sysdig") != "sysdig" {
		t.Error("sources are called otherwise than what they are")
	}
	if Plural(1, "registry") != "1 registry" || Plural(2, "registry") != "2 registries" || Plural(0, "day") != "0 days" {
		t.Error("counted wrongly")
	}
}
