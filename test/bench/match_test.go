package bench_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
)

// newPackages is how many packages the new image of the design's goal has.
const newPackages = 400

// benchmarkMatch matches a new image, all of whose package versions are new to the installation: of products that it has, so that there
// are advisories about them. Analysing the image is not part of it.
func (in *installation) benchmarkMatch(b *testing.B) {
	ctx := context.Background()
	known := make(map[string]bool)
	var products []crowsnest.Package
	for _, g := range in.images {
		for _, p := range g.analysis().Packages {
			if key := p.Type + " " + p.Name + " " + p.Ecosystem; !known[key] && p.Ecosystem != "" && len(products) < newPackages {
				known[key] = true
				products = append(products, p)
			}
		}
	}
	var took []time.Duration
	matched, round := 0, 0
	for b.Loop() {
		round++
		packages := slices.Clone(products)
		for i := range packages {
			packages[i].Version += fmt.Sprint(".", round)
			packages[i].SourceVersion, packages[i].PURL = "", ""
		}
		img := in.images[0].Image
		img.Name = fmt.Sprint("registry.example/new/image:", round)
		img.Digest, img.ImageID, img.Index = crowsnest.DigestOf([]byte(img.Name)), crowsnest.DigestOf([]byte("config "+img.Name)), ""
		_, err := in.store.RecordImage(ctx, in.org, img, nil, analyser)
		if err == nil {
			err = in.store.SaveAnalysis(ctx, in.org, crowsnest.Analysis{Image: img, Packages: packages}, analyser)
		}
		if err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		n, err := (advisory.Matcher{Store: in.store}).Run(ctx)
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
		matched += n
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "median-ms")
	b.ReportMetric(float64(took[len(took)*19/20].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(matched)/float64(len(took)), "versions")
	b.ReportMetric(0, "ns/op")
}
