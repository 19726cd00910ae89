package narrow

import (
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// A file has the rows that the page shows under the same filters.
func TestFindingFilters(t *testing.T) {
	layer := "sha256:" + strings.Repeat("a", 64)
	row := store.FindingRow{
		Finding:   crowsnest.Finding{Vulnerability: "CVE-2099-1", Aliases: []string{"GHSA-abcd"}, Severity: crowsnest.Critical, FixedVersion: "2"},
		Package:   crowsnest.PackageVersion{Name: "libssl3", Source: "openssl"},
		Locations: []crowsnest.Location{{Path: "a"}, {Path: "b", Layer: crowsnest.Digest(layer)}},
		InUse:     crowsnest.Loaded,
		Threat:    crowsnest.Threat{Exploited: &crowsnest.Exploited{}},
	}
	bare := store.FindingRow{Finding: crowsnest.Finding{Vulnerability: "CVE-2099-2", Severity: crowsnest.Low}, Package: crowsnest.PackageVersion{Name: "zlib1g"}}
	discounted := store.FindingRow{Finding: crowsnest.Finding{Vulnerability: "CVE-2099-3"}, NotAffected: true}
	for _, c := range []struct {
		name string
		q    FindingQuery
		want string
	}{
		{"none", FindingQuery{}, "1 2"},
		{"severity", FindingQuery{Severity: []string{"critical", "high"}}, "1"},
		{"use", FindingQuery{Use: "in-use"}, "1"},
		{"other use", FindingQuery{Use: "not-observed"}, "2"},
		{"fixable", FindingQuery{Fixable: true}, "1"},
		{"exploited", FindingQuery{KEV: true}, "1"},
		{"layer", FindingQuery{InLayer: InLayer{Layer: layer}}, "1"},
		{"text of an alias", FindingQuery{Q: "ghsa-ABCD"}, "1"},
		{"text of the source", FindingQuery{Q: "OpenSSL"}, "1"},
		{"text of the name", FindingQuery{Q: "zlib"}, "2"},
		{"discounted", FindingQuery{Discounted: true}, "3"},
		{"several", FindingQuery{Fixable: true, Severity: []string{"low"}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, f := range []store.FindingRow{row, bare, discounted} {
				if c.q.Passes(f) {
					got = append(got, strings.TrimPrefix(f.Vulnerability, "CVE-2099-"))
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%v, want %s", got, c.want)
			}
		})
	}
}
