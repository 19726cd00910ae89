package sourcetest

import (
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// A set of loaded packages may be kept before the sweep ends that saw it; it is of that organisation alone, and
// one that was never kept ends the sweep.
func testKeptAhead(t *testing.T, f storetest.Fixture) {
	org, them := f.Organisation(t, "acme"), f.Organisation(t, "other")
	libssl := storetest.Package("libssl3", "3.0.1", "openssl")
	img := f.Analysed(t, org, "web", libssl)
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{storetest.Advisory("1", "openssl", "3.0.2", time.Unix(1, 0))})
	must(t, err)
	f.Match(t, storetest.AllAffected)
	in, theirs := f.Connect(t, org, "eu", "production"), f.Connect(t, them, "eu", "production")
	snap := store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", img.ImageID, "p")}}

	_, err = f.Store.CompleteSweep(ctx, in.ID, snap)
	wantKind(t, err, crowsnest.Internal)
	if got := f.Status(t, org, "eu").Occurrences; got != 0 {
		t.Errorf("%d containers run after a sweep that broke off", got)
	}
	must(t, f.Store.KeepProfiles(ctx, in.ID, map[string][]crowsnest.LoadedPackage{"p": {{Type: "deb", Name: "libssl3", Version: "3.0.1"}}}))
	_, err = f.Store.CompleteSweep(ctx, theirs.ID, snap)
	wantKind(t, err, crowsnest.Internal)

	f.Sweep(t, in, snap)
	findings, err := f.Store.ImageFindings(ctx, org, img.Digest, "production")
	must(t, err)
	if len(findings) != 1 || findings[0].InUse != crowsnest.Loaded {
		t.Errorf("findings %+v, want one in use", findings)
	}
	wantKind(t, f.Store.KeepProfiles(ctx, "gone", nil), crowsnest.NotFound)
}
