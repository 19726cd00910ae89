package match

import (
	"fmt"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
)

// BenchmarkMatch matches one version among the advisories of its package: a
// few as most packages have them, and thousands as a kernel has.
func BenchmarkMatch(b *testing.B) {
	set := func(n int, ecosystem, format string) []*crowsnest.Advisory {
		out := make([]*crowsnest.Advisory, n)
		for i := range out {
			out[i] = advisory(fmt.Sprintf("X-%d", i), affects(ecosystem, "p", eco("0", "<"+fmt.Sprintf(format, i+1))))
			out[i].Aliases = []string{fmt.Sprintf("CVE-2024-%04d", i)}
			out[i].Severity = []crowsnest.SeverityVector{{Type: "CVSS_V3", Vector: v31Crit}}
		}
		return out
	}
	for _, bb := range []struct {
		name string
		pv   crowsnest.PackageVersion
		set  []*crowsnest.Advisory
	}{
		{"npm 20", pkg("npm", "p", "1.15.0"), set(20, "npm", "1.%d.0")},
		{"PyPI 20", pkg("PyPI", "p", "1.15.0"), set(20, "PyPI", "1.%d.0")},
		{"Maven 20", pkg("Maven", "p", "1.15.0"), set(20, "Maven", "1.%d.0")},
		{"Alpine 20", pkg("Alpine:v3.19", "p", "1.15.0-r1"), set(20, "Alpine:v3.19", "1.%d.0-r1")},
		{"Debian 20", pkg("Debian:12", "p", "1.15.0-1"), set(20, "Debian:12", "1.%d.0-1")},
		{"Debian 5000", pkg("Debian:12", "p", "1.4900.0-1"), set(5000, "Debian:12", "1.%d.0-1")},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if len(Match(bb.pv, bb.set).Findings) == 0 {
					b.Fatal("no findings")
				}
			}
		})
	}
}
