package wire

import (
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Where everything comes from another server, how that goes is how all of it goes.
func TestStatusesOfABundle(t *testing.T) {
	next := time.Unix(100, 0)
	list := NewAdvisoryStatuses([]store.AdvisoryStatus{{Ecosystem: "Debian", Imported: time.Unix(1, 0)}, {Ecosystem: "npm", Imported: time.Unix(1, 0)}}, []store.Feed{
		{Name: store.BundleFeed, Next: next, Failures: 3, FailingSince: time.Unix(50, 0), Reason: "no way out"}, {Name: store.KEVFeed, Imported: time.Unix(1, 0)}, {Name: store.OSVFeed("npm")},
	})
	if len(list) != 3 {
		t.Fatalf("%d statuses: %+v", len(list), list)
	}
	for _, s := range list {
		if !s.NextUpdate.Equal(next) || s.Reason != "no way out" || s.Failures != 3 || !s.FailingSince.Equal(time.Unix(50, 0)) {
			t.Errorf("%s: %+v", s.Name(), s)
		}
	}
	list = NewAdvisoryStatuses([]store.AdvisoryStatus{{Ecosystem: "Debian"}}, []store.Feed{{Name: store.BundleFeed, Reason: "no way out"}, {Name: store.OSVFeed("Debian"), Next: next}})
	if len(list) != 1 || !list[0].NextUpdate.Equal(next) || list[0].Reason != "" {
		t.Errorf("of one that is no longer kept up to date: %+v", list)
	}
}
