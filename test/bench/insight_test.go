package bench_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// benchmarkInsights measures what is asked across all images: packages, single
// vulnerabilities, the search and the overview.
func (in *installation) benchmarkInsights(b *testing.B) {
	ctx, s, org := context.Background(), in.store, in.org
	environment := func(n int) string { return environmentNames[n%in.size.environments] }
	environments := in.size.environments

	for name, filter := range map[string]store.PackageFilter{
		"packages":            {},
		"packages-vulnerable": {Vulnerable: true},
		"packages-worst":      {Sort: store.PackagesByWorst},
		"packages-containing": {Query: "ra"},
		"packages-rare":       {Query: "rare-"},
		"packages-none":       {Query: "no such name"},
	} {
		measurePages(b, name, 1, func(_ int, page store.Page) (store.List[store.PackageRow], error) {
			return s.Packages(ctx, org, filter, page)
		})
		measurePages(b, name+"-of-environment", environments, func(n int, page store.Page) (store.List[store.PackageRow], error) {
			filter.Environment = environment(n)
			return s.Packages(ctx, org, filter, page)
		})
	}

	worst, err := s.Vulnerabilities(ctx, org, store.VulnerabilityFilter{}, store.Page{Limit: 500})
	if err != nil {
		b.Fatal(err)
	}
	packages, err := s.Packages(ctx, org, store.PackageFilter{Sort: store.PackagesByWorst}, store.Page{Limit: 500})
	if err != nil {
		b.Fatal(err)
	}
	measure(b, "vulnerability", func(rng *rand.Rand) error {
		_, err := s.Vulnerability(ctx, org, worst.Items[rng.IntN(len(worst.Items))].ID)
		return err
	})
	measure(b, "package", func(rng *rand.Rand) error {
		p := packages.Items[rng.IntN(len(packages.Items))]
		_, err := s.Package(ctx, org, p.Type, p.Name)
		return err
	})
	for name, env := range map[string]string{"": "", "-of-environment": environment(0)} {
		measurePages(b, "images-with-vulnerability"+name, 10, func(n int, page store.Page) (store.List[store.Holder], error) {
			return s.Holders(ctx, org, store.HolderFilter{Vulnerability: worst.Items[n%len(worst.Items)].ID, Environment: env}, page)
		})
		measurePages(b, "images-with-package"+name, 10, func(n int, page store.Page) (store.List[store.Holder], error) {
			p := packages.Items[n%len(packages.Items)]
			return s.Holders(ctx, org, store.HolderFilter{Type: p.Type, Name: p.Name, Environment: env}, page)
		})
	}
	for name, query := range map[string]string{"letter": "e", "word": word(17), "nothing": "no such name", "digest": in.images[0].ImageID.Short(), "cve": "CVE-20", "registry": "registry.example"} {
		measure(b, "search-"+name, func(*rand.Rand) error { _, err := s.Search(ctx, org, query, 5); return err })
	}
	change := func() error {
		return s.FailImage(ctx, org, in.unanalysed[0].Digest, crowsnest.Corrupt, "layer 2 is truncated")
	}
	measure(b, "overview-after-a-change", func(*rand.Rand) error {
		if err := change(); err != nil {
			return err
		}
		_, err := s.Overview(ctx, org, "", time.Now().Add(-time.Hour))
		return err
	})
	measure(b, "overview", func(*rand.Rand) error { _, err := s.Overview(ctx, org, "", time.Now().Add(-time.Hour)); return err })
	measurePages(b, "analyses", 1, func(_ int, page store.Page) (store.List[store.AnalysisRequest], error) {
		return s.Requests(ctx, org, "", page)
	})
	measurePages(b, "analyses-failed", 1, func(_ int, page store.Page) (store.List[store.AnalysisRequest], error) {
		return s.Requests(ctx, org, store.Failed, page)
	})
	measure(b, "revisions", func(*rand.Rand) error { _, err := s.Revisions(ctx, org); return err })
	measure(b, "overview-of-environment", func(rng *rand.Rand) error {
		_, err := s.Overview(ctx, org, environment(rng.IntN(environments)), time.Now().Add(-time.Hour))
		return err
	})
}
