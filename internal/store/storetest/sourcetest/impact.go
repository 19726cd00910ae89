package sourcetest

import (
	"fmt"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// Of many images that leave, the first are named and all are counted.
func testImpactNames(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	in := f.Connect(t, org, "eu", "production")
	var runs []crowsnest.Observation
	for i := range store.MaxListed + 3 {
		img := f.Analysed(t, org, fmt.Sprintf("app-%03d", i))
		runs = append(runs, storetest.Run(img.Name, img.ImageID, ""))
	}
	f.Sweep(t, in, store.Snapshot{Runs: runs})
	impact, err := f.Store.IntegrationImpact(ctx, org, "eu", "")
	must(t, err)
	got := impact.Leaves
	if got.Images != store.MaxListed+3 || len(got.Listed) != store.MaxListed {
		t.Fatalf("%d images, %d named", got.Images, len(got.Listed))
	}
	for i, image := range got.Listed {
		if want := fmt.Sprintf("app-%03d", i); image.Name != want || image.Digest == "" {
			t.Errorf("%d: %+v, want %s", i, image, want)
		}
	}
}
