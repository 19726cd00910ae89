package match

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
)

// The lowest version that clears all is not the highest of the fixes where that one has another vulnerability.
func TestUpdate(t *testing.T) {
	a := func(id string, events ...string) *crowsnest.Advisory {
		x := advisory(id, affects("npm", "p", sem(events...)))
		x.Aliases = []string{"CVE-2024-000" + id[len(id)-1:]}
		return x
	}
	for _, tt := range []struct {
		name, installed string
		advisories      []*crowsnest.Advisory
		want            crowsnest.Update
	}{
		{"nothing found", "3.0.0", []*crowsnest.Advisory{a("GHSA-1", "0", "<2.0.0")}, crowsnest.Update{}},
		{"one", "1.2.5", []*crowsnest.Advisory{a("GHSA-1", "0", "<1.2.9", "1.3.0", "<1.3.4")}, crowsnest.Update{Version: "1.2.9"}},
		{"the highest", "1.2.5", []*crowsnest.Advisory{a("GHSA-1", "0", "<1.2.9"), a("GHSA-2", "0", "<1.2.7")}, crowsnest.Update{Version: "1.2.9"}},
		{"another one holds at the highest", "1.2.5", []*crowsnest.Advisory{a("GHSA-1", "0", "<1.2.9", "1.3.0", "<1.3.4"), a("GHSA-2", "0", "<1.3.1")}, crowsnest.Update{Version: "1.3.4"}},
		{"one that is not installed holds there", "1.2.5", []*crowsnest.Advisory{a("GHSA-1", "0", "<1.3.0"), a("GHSA-2", "1.3.0", "<1.3.9")}, crowsnest.Update{Version: "1.3.9"}},
		{"one has no fix", "1.2.5", []*crowsnest.Advisory{a("GHSA-1", "0", "<1.2.9"), a("GHSA-2", "0")}, crowsnest.Update{Version: "1.2.9", Leaves: 1}},
		{"none has", "1.2.5", []*crowsnest.Advisory{a("GHSA-2", "0")}, crowsnest.Update{}},
		{"every later one has another", "1.2.5", []*crowsnest.Advisory{a("GHSA-1", "0", "<1.2.9"), a("GHSA-2", "1.2.6")}, crowsnest.Update{Version: "1.2.9", Leaves: 1}},
		{"withdrawn", "1.2.5", []*crowsnest.Advisory{a("GHSA-1", "0", "<1.2.9"), withdrawn(a("GHSA-2", "1.2.6"))}, crowsnest.Update{Version: "1.2.9"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Match(pkg("npm", "p", tt.installed), tt.advisories).Update; got != tt.want {
				t.Errorf("update %+v, want %+v", got, tt.want)
			}
		})
	}
}

// Who wants some cleared alone gets the version that does that, though a higher one clears more, and is told what stays.
func TestUpdateForSome(t *testing.T) {
	a := func(n string, events ...string) *crowsnest.Advisory {
		x := advisory("GHSA-"+n, affects("npm", "p", sem(events...)))
		x.Aliases = []string{"CVE-2024-000" + n}
		return x
	}
	for _, tt := range []struct {
		name       string
		advisories []*crowsnest.Advisory
		wanted     []string
		want       string
		left       []string
	}{
		{"the lower fix", []*crowsnest.Advisory{a("1", "0", "<1.2.9"), a("2", "0", "<2.0.0")}, []string{"CVE-2024-0001"}, "1.2.9", []string{"CVE-2024-0002"}},
		{"the higher fix", []*crowsnest.Advisory{a("1", "0", "<1.2.9"), a("2", "0", "<2.0.0")}, []string{"CVE-2024-0002"}, "2.0.0", nil},
		{"both", []*crowsnest.Advisory{a("1", "0", "<1.2.9"), a("2", "0", "<2.0.0")}, []string{"CVE-2024-0001", "CVE-2024-0002"}, "2.0.0", nil},
		{"none", []*crowsnest.Advisory{a("1", "0", "<1.2.9")}, nil, "", nil},
		{"without a fix", []*crowsnest.Advisory{a("1", "0", "<1.2.9"), a("2", "0")}, []string{"CVE-2024-0002"}, "", nil},
		{"one that is not installed holds there", []*crowsnest.Advisory{a("1", "0", "<1.3.0"), a("2", "1.3.0", "<1.3.9"), a("3", "0", "<3.0.0")}, []string{"CVE-2024-0001"}, "1.3.9", []string{"CVE-2024-0003"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			to, left := UpdateFor(pkg("npm", "p", "1.2.5"), tt.advisories, func(v string) bool { return slices.Contains(tt.wanted, v) })
			if to.Version != tt.want || !slices.Equal(left, tt.left) || to.Leaves != len(tt.left) {
				t.Errorf("update %+v, left %v, want %s and %v", to, left, tt.want, tt.left)
			}
		})
	}
}

func TestUpdateOfRPM(t *testing.T) {
	pv := crowsnest.PackageVersion{Ecosystem: "AlmaLinux:9", Name: "openssl-libs", Version: "1:3.0.7-16.el9", Source: "openssl", SourceVersion: "3.0.7-16.el9"}
	one := advisory("ALSA-2023:1", affects("AlmaLinux:9", "openssl-libs", eco("0", "<1:3.0.7-18.el9")))
	two := advisory("ALSA-2023:2", affects("AlmaLinux:9", "openssl-libs", eco("0", "<1:3.0.7-25.el9_3")))
	if got, want := Match(pv, []*crowsnest.Advisory{one, two}).Update, (crowsnest.Update{Version: "1:3.0.7-25.el9_3"}); got != want {
		t.Errorf("update %+v, want %+v: what one notice names as fixed is not fixed for another", got, want)
	}
	source := advisory("ALSA-2023:3", affects("AlmaLinux:9", "openssl", eco("0", "<1:3.0.8-1.el9")))
	if got := Match(pv, []*crowsnest.Advisory{one, source}).Update; got != (crowsnest.Update{}) {
		t.Errorf("update %+v of a source package and a binary one", got)
	}
}

// A fix on the installed release train goes before a lower number of another one.
func TestFixStaysOnItsTrain(t *testing.T) {
	for _, ecosystem := range []string{"npm", "PyPI", "Maven", "Go", "crates.io", "RubyGems", "NuGet", "Packagist", "Debian:12"} {
		suffix := ""
		if ecosystem == "Debian:12" {
			suffix = "-1"
		}
		events := []string{"0", "<1.1.9" + suffix, "1.2.0" + suffix, "<1.2.8" + suffix, "2.0.0" + suffix, "<2.0.3" + suffix, "2.1.0" + suffix, "<2.1.1" + suffix}
		for installed, want := range map[string]string{"1.0.5": "1.1.9", "1.1.8": "1.1.9", "1.2.0": "1.2.8", "1.2.7": "1.2.8", "2.0.1": "2.0.3", "2.1.0": "2.1.1"} {
			got := Match(pkg(ecosystem, "p", installed+suffix), []*crowsnest.Advisory{advisory("CVE-2024-0001", affects(ecosystem, "p", eco(events...)))})
			if len(got.Findings) != 1 || got.Findings[0].FixedVersion != want+suffix {
				t.Errorf("%s %s: %v, want a fix in %s", ecosystem, installed, got.Findings, want+suffix)
			}
		}
	}
}

func TestStepOf(t *testing.T) {
	for _, tt := range []struct {
		ecosystem, installed, fixed string
		want                        Step
	}{
		{"npm", "1.2.3", "1.2.9", StepPatch}, {"npm", "1.2.3", "1.3.0", StepMinor}, {"npm", "1.2.3", "2.0.0", StepMajor}, {"npm", "0.2.3", "0.3.0", StepMajor}, {"npm", "0.2.3", "0.2.4", StepPatch},
		{"Go", "v1.2.3", "1.2.4", StepPatch}, {"Go", "go1.21.0", "1.21.5", StepPatch}, {"Go", "go1.22rc1", "1.22.0", StepPatch}, {"Go", "v0.0.0-20210921155107-089bfa567519", "0.17.0", StepMajor},
		{"PyPI", "1!2.3", "1!2.4", StepMinor}, {"PyPI", "2.3", "1!2.3", StepMajor}, {"PyPI", "2024.1", "2024.2", StepMinor}, {"PyPI", "2", "2.0.1", StepPatch}, {"PyPI", "1.02", "1.2.1", StepPatch},
		{"Maven", "2.14.1", "2.15.0", StepMinor}, {"Maven", "5.3.17.RELEASE", "5.3.18", StepPatch}, {"Bitnami", "1.2.3-4", "1.2.4", StepPatch}, {"CRAN", "1.2-3", "1.2-4", StepPatch},
		{"Debian:12", "1.2.3-1", "1.2.3-1+deb12u1", StepPackage}, {"Alpine:v3.19", "1.36.1-r14", "1.36.1-r16", StepPackage}, {"Rocky Linux:9", "5.1.8-5.el9", "5.1.8-6.el9", StepPackage},
		{"npm", "1.2.3", "", ""}, {"Unknown", "1", "2", ""}, {"", "1", "2", ""},
	} {
		if got := StepOf(pkg(tt.ecosystem, "p", tt.installed), tt.fixed); got != tt.want {
			t.Errorf("%s: from %s to %s is %q, want %q", tt.ecosystem, tt.installed, tt.fixed, got, tt.want)
		}
	}
}

// Many ranges of one record must not make the search for an update slow.
func BenchmarkUpdate(b *testing.B) {
	set := make([]*crowsnest.Advisory, 2000)
	for i := range set {
		set[i] = advisory(fmt.Sprintf("X-%d", i), affects("npm", "p", sem(fmt.Sprintf("1.%d.0", i), fmt.Sprintf("<1.%d.5", i+1))))
	}
	for b.Loop() {
		Match(pkg("npm", "p", "1.0.0"), set)
	}
}

// Whatever the ranges are, the update leaves what a match of its version finds, and no lower fix does as well.
func TestUpdateAgainstMatch(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	version := func(n int) string { return fmt.Sprintf("1.%d.0", n) }
	found := func(at string, set []*crowsnest.Advisory) map[string]bool {
		out := make(map[string]bool)
		for _, f := range Match(pkg("npm", "p", at), set).Findings {
			out[f.Vulnerability] = f.FixedVersion == ""
		}
		return out
	}
	updates := 0
	for range 2000 {
		var set []*crowsnest.Advisory
		var fixes []int
		for i := range 1 + r.IntN(5) {
			var events []string
			at := 0
			for range 1 + r.IntN(3) {
				from := at + r.IntN(4)
				at = from + 1 + r.IntN(4)
				if events = append(events, version(from)); from == 0 {
					events[len(events)-1] = "0"
				}
				if r.IntN(6) == 0 {
					break // no fix
				}
				events, fixes = append(events, "<"+version(at)), append(fixes, at)
			}
			a := advisory(fmt.Sprintf("GHSA-%d", i), affects("npm", "p", sem(events...)))
			a.Aliases = []string{fmt.Sprintf("CVE-2024-100%d", i)}
			set = append(set, a)
		}
		installed := r.IntN(10)
		update := Match(pkg("npm", "p", version(installed)), set).Update
		if update.Version == "" {
			continue
		}
		updates++
		before, after := found(version(installed), set), found(update.Version, set)
		if len(after) != update.Leaves {
			t.Fatalf("%+v from %s, where %d are found, by %v", update, version(installed), len(after), brief(set))
		}
		clears := func(at string) bool {
			for v := range found(at, set) {
				if !before[v] {
					return false
				}
			}
			return true
		}
		for _, n := range fixes {
			if c, _ := Compare("npm", version(n), update.Version); n > installed && clears(version(n)) && (c < 0 || !clears(update.Version)) {
				t.Fatalf("%+v from %s, where %s clears all, by %v", update, version(installed), version(n), brief(set))
			}
		}
	}
	if updates < 500 {
		t.Errorf("only %d of the sets have an update", updates)
	}
}

func brief(set []*crowsnest.Advisory) (out []string) {
	for _, a := range set {
		out = append(out, fmt.Sprint(a.Affected[0].Ranges[0].Events))
	}
	return out
}
