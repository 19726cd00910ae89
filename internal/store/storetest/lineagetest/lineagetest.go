// Package lineagetest compares what a store says of what images are built on.
package lineagetest

import (
	"context"
	"testing"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/google/go-cmp/cmp"
)

// WantBases compares the list of base images with what each analysed image of the organisation, or of one environment of it,
// says of its own.
func WantBases(t testing.TB, f storetest.Fixture, org store.OrgID, environment string) {
	t.Helper()
	ctx := context.Background()
	want, got := make(map[string]int), make(map[string]int)
	images, err := f.Store.Images(ctx, org, store.ImageFilter{Environment: environment}, store.Page{Limit: store.MaxLimit})
	storetest.Must(t, err)
	for _, img := range images.Items {
		row, err := f.Store.Image(ctx, org, string(img.Digest))
		storetest.Must(t, err)
		if row.State == store.Analysed && row.Detail != nil && row.Detail.Base != nil {
			want[row.Detail.Base.Name+" "+string(row.Detail.Base.Digest)]++
		}
	}
	for page := (store.Page{Limit: 1}); ; {
		part, err := f.Store.BaseImages(ctx, org, store.BaseImageFilter{Environment: environment}, page)
		storetest.Must(t, err)
		for _, row := range part.Items {
			key := row.Name + " " + string(row.Digest)
			if got[key] != 0 {
				t.Errorf("%s comes twice", key)
			}
			if got[key] = row.Images; len(row.Built) != min(row.Images, store.MaxBuilt) {
				t.Errorf("%s: %d images, of which %d are named", key, row.Images, len(row.Built))
			}
		}
		if page.Cursor = part.Next; part.Next == "" {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("base images of %q (-by image +listed):\n%s", environment, diff)
	}
}
