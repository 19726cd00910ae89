package match

import (
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

func TestWhy(t *testing.T) {
	debian := crowsnest.PackageVersion{Type: "deb", Name: "openssl", Version: "1", Ecosystem: "Debian:12"}
	advisory := func(id, vector string) *crowsnest.Advisory {
		a := &crowsnest.Advisory{ID: id, Upstream: []string{"CVE-2099-1"}, Modified: time.Unix(1, 0), Affected: []crowsnest.Affected{{
			Ecosystem: "Debian:12", Name: "openssl", Ranges: []crowsnest.Range{{Type: crowsnest.RangeEcosystem, Events: []crowsnest.Event{{Introduced: "0"}}}},
		}}}
		if vector != "" {
			a.Severity = []crowsnest.SeverityVector{{Type: "CVSS_V3", Vector: vector}}
		}
		return a
	}
	const scored = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
	for name, c := range map[string]struct {
		advisories []*crowsnest.Advisory
		decides    string
		want       string
	}{
		"alone":          {[]*crowsnest.Advisory{advisory("DSA-1", "")}, "DSA-1", OnlySource},
		"shipper":        {[]*crowsnest.Advisory{advisory("X-1", scored), advisory("DEBIAN-CVE-2099-1", "")}, "DEBIAN-CVE-2099-1", Shipper},
		"score":          {[]*crowsnest.Advisory{advisory("X-1", ""), advisory("X-2", scored)}, "X-2", Founded},
		"identifier":     {[]*crowsnest.Advisory{advisory("X-2", scored), advisory("X-1", scored)}, "X-1", FirstID},
		"two of shipper": {[]*crowsnest.Advisory{advisory("DEBIAN-1", ""), advisory("DEBIAN-2", scored)}, "DEBIAN-2", Founded},
	} {
		t.Run(name, func(t *testing.T) {
			var decides crowsnest.Finding
			var others []crowsnest.Finding
			for _, f := range Match(debian, c.advisories).Findings {
				if f.Decides {
					decides = f
				} else {
					others = append(others, f)
				}
			}
			if got := Why(debian, decides, others); decides.Advisory != c.decides || got != c.want {
				t.Errorf("%s decides because of %s; want %s because of %s", decides.Advisory, got, c.decides, c.want)
			}
		})
	}
}
