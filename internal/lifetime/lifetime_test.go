package lifetime

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

func TestTable(t *testing.T) {
	if !slices.IsSortedFunc(releases, func(a, b release) int {
		return cmp.Or(strings.Compare(a.id, b.id), slices.Compare(numbers(t, a.version), numbers(t, b.version)))
	}) {
		t.Error("the table is not sorted")
	}
	for i, r := range releases {
		if i > 0 && r.id == releases[i-1].id && r.version == releases[i-1].version {
			t.Errorf("%s %s is there twice", r.id, r.version)
		}
		if _, err := time.Parse(time.DateOnly, r.last); err != nil {
			t.Errorf("%s %s: %v", r.id, r.version, err)
		}
		if u, err := url.Parse(r.source); err != nil || u.Scheme != "https" || u.Host == "" {
			t.Errorf("%s %s has no source: %q", r.id, r.version, r.source)
		}
	}
}

func numbers(t *testing.T, version string) []int {
	t.Helper()
	var out []int
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			t.Fatalf("version %q: %v", version, err)
		}
		out = append(out, n)
	}
	return out
}

func TestOf(t *testing.T) {
	for _, tt := range []struct{ id, version, want string }{
		{"debian", "12", "2028-06-30"}, {"debian", "10.3", "2024-06-30"}, {"debian", "1", ""}, {"debian", "", ""}, {"debian", "120", ""},
		{"alpine", "3.19.1", "2025-11-01"}, {"alpine", "3.1", ""}, {"alpine", "3.21.0_alpha20240807", ""},
		{"rocky", "9.3", "2032-05-31"}, {"centos", "8", ""}, {"wolfi", "20230201", ""}, {"", "", ""}, {"", "12", ""},
	} {
		got := ""
		if e, ok := Of(crowsnest.Distribution{ID: tt.id, VersionID: tt.version}); ok {
			got = e.Day.Format(time.DateOnly)
		}
		if got != tt.want {
			t.Errorf("%s %s ends %q, want %q", tt.id, tt.version, got, tt.want)
		}
	}
}

// A release is fixed on its last day.
func TestPast(t *testing.T) {
	e, ok := Of(crowsnest.Distribution{ID: "debian", VersionID: "10"})
	if !ok {
		t.Fatal("the end of Debian 10 is not known")
	}
	for at, want := range map[string]bool{"2024-06-30T00:00:00Z": false, "2024-06-30T23:59:59Z": false, "2024-07-01T00:00:00Z": true, "2024-07-01T01:00:00+02:00": false} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.Past(now); got != want {
			t.Errorf("past at %s: %v, want %v", at, got, want)
		}
	}
}
