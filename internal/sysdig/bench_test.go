package sysdig

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
)

// BenchmarkSweep reads a cluster of 50,000 containers that run 2,000 images with
// 100 loaded packages each. The server, in the same process, is part of it.
func BenchmarkSweep(b *testing.B) {
	const containers, images, packages = 50_000, 2_000, 100
	kit := sysdigkit.New(token)
	all := make([]sysdigkit.Item, containers)
	lists := make([][]sysdigkit.Package, images)
	for i := range lists {
		for j := range packages {
			lists[i] = append(lists[i], sysdigkit.OSPackage("debian", "12.5", fmt.Sprintf("lib%d", j), fmt.Sprintf("1:%d.%d-1+deb12u2", i, j), fmt.Sprintf("src%d", j/3)))
		}
	}
	for i := range all {
		all[i] = item(i%images, lists[i%images]...)
		all[i].WorkloadName = fmt.Sprintf("w%d", i)
	}
	kit.SetCluster("prod", all...)
	srv := httptest.NewServer(kit)
	defer srv.Close()
	c, err := New(Config{URL: srv.URL, Token: token}, srv.Client())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		stats, err := c.RuntimeImages(context.Background(), "prod", func([]crowsnest.Observation) error { return nil })
		if err != nil || stats.Items != containers || stats.Packages != containers*packages {
			b.Fatalf("%+v, %v", stats, err)
		}
	}
}
