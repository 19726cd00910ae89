package match

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
)

// FuzzRange checks one series against the order of versions it is made of.
func FuzzRange(f *testing.F) {
	for i, s := range [][3]string{
		{"1.0.0", "0", "2.0.0"}, {"1.0~rc1-1", "1.0-1", "1.1-1"}, {"1.1.1c_git1-r0", "1.0-r0", "1.1.1d-r0"}, {"0:1.0-1.el9", "0", "1:1.0-1.el9"},
		{"1.0.RC1", "1.0a1", "1!0"}, {"2.0.1.Final", "2.0.1-M1", "2.0.1-sp1"}, {"v1.0.0+incompatible", "1.0.0-0", "1.0.0"}, {"latest", "0", "x"}, {"1..0", "-", "~"},
	} {
		f.Add(uint8(i), s[0], s[1], s[2])
	}
	ecosystems := slices.Sorted(maps.Keys(orders))
	f.Fuzz(func(t *testing.T, n uint8, version, from, to string) {
		ecosystem := ecosystems[int(n)%len(ecosystems)]
		o := orders[ecosystem]
		at := place(ecosystem, version).version
		lower, lok := o.read(from)
		upper, uok := o.read(to)
		closed := InRange(ecosystem, version, eco(orZero(from), "<"+orZero(to)))
		last := InRange(ecosystem, version, eco(orZero(from), "<="+orZero(to)))
		limited := InRange(ecosystem, version, eco(orZero(from), "|"+orZero(to)))
		if at == nil {
			if closed || last || limited {
				t.Fatalf("%s %q cannot be placed and lies in a range", ecosystem, version)
			}
			return
		}
		if !lok || !uok || strings.TrimSpace(from) == "0" {
			return
		}
		below, ok1 := compare(at, lower)
		above, ok2 := compare(at, upper)
		width, ok3 := compare(lower, upper)
		if !ok1 || !ok2 || !ok3 {
			return
		}
		if back, ok := compare(lower, at); !ok || sign(back) != -sign(below) {
			t.Fatalf("%s: %q against %q is %d one way and %d the other", ecosystem, version, from, below, back)
		}
		if below < 0 && (closed || last || limited) {
			t.Errorf("%s %q is below introduced %q and affected", ecosystem, version, from)
		}
		if above >= 0 && width < 0 && (closed || limited) {
			t.Errorf("%s %q is at or after %q and affected", ecosystem, version, to)
		}
		if above > 0 && width <= 0 && last {
			t.Errorf("%s %q is after last affected %q and affected", ecosystem, version, to)
		}
		if below >= 0 && above < 0 && width < 0 && (!closed || !last || !limited) {
			t.Errorf("%s %q lies between %q and %q and is not affected", ecosystem, version, from, to)
		}
	})
}

func orZero(s string) string {
	if s == "" {
		return "0"
	}
	return s
}

// FuzzMatch looks for panics, and for a group without exactly one deciding finding.
func FuzzMatch(f *testing.F) {
	f.Add("Debian:12", "curl", "7.88.1-10", "DSA-1-1", "CVE-2024-0001", "0", "7.88.1-11", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")
	f.Add("SUSE:15.4", "zlib", "1.2-1", "SUSE-SU-2024:1", "", "0", "1.3-1", "CVSS:4.0/AV:N")
	f.Add("Red Hat:enterprise_linux:9", "a", "1", "GHSA-1", "PYSEC-1", "", "", "AV:N/AC:L/Au:N/C:N/I:N/A:P")
	f.Add("Ubuntu:Pro:18.04:LTS", "", "", "", "", "", "", "(")
	f.Fuzz(func(t *testing.T, ecosystem, name, version, id, alias, from, to, vector string) {
		a := advisory(id, affects(ecosystem, name, crowsnest.Range{Type: crowsnest.RangeEcosystem, Events: []crowsnest.Event{{Introduced: from}, {Fixed: to}}}))
		a.Aliases = []string{alias}
		a.Severity = []crowsnest.SeverityVector{{Type: "CVSS_V2", Vector: vector}}
		b := advisory(alias, affects(crowsnest.EcosystemBase(ecosystem), name, eco("0")), affects(to, name, sem("0")))
		b.Upstream, b.Related = []string{id, from}, []string{to}
		c := advisory("X-"+id, affects(ecosystem, name, eco("0")))
		pv := crowsnest.PackageVersion{Ecosystem: ecosystem, Name: name, Version: version, Source: name, SourceVersion: from}
		deciding := map[string]int{}
		candidates := []*crowsnest.Advisory{a, b, c}
		affecting := map[string]bool{}
		for _, j := range Judge(pv, candidates) {
			if affecting[j.Advisory.ID] = j.Affected; j.Affected != (j.Rule >= InsideRange) {
				t.Errorf("%s: affected %v by %s", j.Advisory.ID, j.Affected, j.Rule)
			}
		}
		hits := map[string]bool{}
		result := Match(pv, candidates)
		for _, f := range result.Findings {
			hits[f.Advisory] = true
			if !affecting[f.Advisory] {
				t.Errorf("%s is found, and judged not to affect", f.Advisory)
			}
			if f.Vulnerability == "" {
				t.Error("a finding without a vulnerability")
			}
			n := 0
			if f.Decides {
				n = 1
			}
			deciding[f.Vulnerability] += n
			if slices.Contains(f.Aliases, f.Vulnerability) || !slices.IsSorted(f.Aliases) {
				t.Errorf("aliases %q of %q", f.Aliases, f.Vulnerability)
			}
		}
		for id, affected := range affecting {
			if affected && !hits[id] {
				t.Errorf("%s is judged to affect, and not found", id)
			}
		}
		if result.Update.Leaves < 0 || result.Update.Version == "" && result.Update.Leaves > 0 {
			t.Errorf("an update to %+v", result.Update)
		}
		for v, n := range deciding {
			if n != 1 {
				t.Errorf("%d findings decide %q", n, v)
			}
		}
	})
}
