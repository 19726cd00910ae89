package advisory

import (
	"context"
	"os"
	"strings"

	"aead.dev/minisign"

	"github.com/crowsnest-sec/crowsnest/internal/advisory/bundle"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/osv"
)

// Bundle takes everything that is in a bundle, a file; shown names it in messages. The whole of it is checked before
// anything is taken. With a key, it must be signed by it.
func (im Importer) Bundle(ctx context.Context, file, shown string, key *minisign.PublicKey, progress func(ecosystem string, records int)) ([]Result, error) {
	b, err := bundle.Open(ctx, file, shown, key)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	var results []Result
	for _, f := range b.Files {
		part := im
		part.Checked = f.Checked
		got, err := part.part(ctx, b, f, progress)
		results = append(results, got...)
		if err != nil {
			return results, err
		}
	}
	if b.Signed && key == nil && len(results) > 0 {
		results[0].Problems = append(results[0].Problems, "the bundle is signed, and nothing says whose signature to expect, so it was not checked")
	}
	return results, nil
}

func (im Importer) part(ctx context.Context, b *bundle.Bundle, f bundle.File, progress func(ecosystem string, records int)) ([]Result, error) {
	if f.Feed != "osv" {
		in, err := os.Open(b.Place(f))
		if err != nil {
			return nil, err
		}
		defer in.Close()
		result, err := im.ReadThreats(ctx, f.Feed, in)
		return []Result{result}, err
	}
	src, err := osv.Open(ctx, b.Place(f), nil)
	if err != nil {
		return nil, err
	}
	results, err := im.Import(ctx, src, []string{f.Ecosystem}, progress)
	for i := range results { // where it was unpacked is nobody's business
		for j, p := range results[i].Problems {
			results[i].Problems[j] = strings.ReplaceAll(p, b.Place(f), f.Path)
		}
	}
	return results, err
}
